//! Operators of instances: `impl Add for Vec2` where the Rust operator says the same, else
//! a call of the method.
//!
//! Enters: an expression whose operator inference found to be a method of the file. Leaves:
//! the Rust operator, or the call. This module must not know how a method is lowered.

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::infer::FnId;
use crate::ir::{Block, Expr, Function, RTy, UnOp};
use crate::ty::Ty;
use crate::value::Val;

/// A method of Rust's operators: Python's name, the trait, its method, how it is written.
struct Operator {
    python: &'static str,
    rust_trait: &'static str,
    method: &'static str,
    symbol: &'static str,
}

const OPERATORS: [Operator; 7] = [
    operator("__add__", "Add", "add", "+"),
    operator("__sub__", "Sub", "sub", "-"),
    operator("__mul__", "Mul", "mul", "*"),
    operator("__truediv__", "Div", "div", "/"),
    operator("__mod__", "Rem", "rem", "%"),
    operator("__neg__", "Neg", "neg", "-"),
    operator("__eq__", "PartialEq", "eq", "=="),
];

const fn operator(
    python: &'static str,
    rust_trait: &'static str,
    method: &'static str,
    symbol: &'static str,
) -> Operator {
    Operator {
        python,
        rust_trait,
        method,
        symbol,
    }
}

/// What a special method is called in Rust.
pub(super) fn method_name(python: &str) -> Option<&'static str> {
    Some(match python {
        "__init__" => "new",
        "__call__" => "call",
        "__add__" => "add",
        "__radd__" => "radd",
        "__iadd__" => "add_assign",
        "__isub__" => "sub_assign",
        "__imul__" => "mul_assign",
        "__itruediv__" => "div_assign",
        "__ifloordiv__" => "floor_div_assign",
        "__sub__" => "sub",
        "__rsub__" => "rsub",
        "__mul__" => "mul",
        "__rmul__" => "rmul",
        "__matmul__" => "matmul",
        "__truediv__" => "div",
        "__rtruediv__" => "rdiv",
        "__floordiv__" => "floor_div",
        "__mod__" => "rem",
        "__pow__" => "pow",
        "__and__" => "and",
        "__or__" => "or",
        "__xor__" => "xor",
        "__lshift__" => "shl",
        "__rshift__" => "shr",
        "__neg__" => "neg",
        "__pos__" => "pos",
        "__abs__" => "abs",
        "__invert__" => "invert",
        "__eq__" => "eq",
        "__lt__" => "lt",
        "__le__" => "le",
        "__gt__" => "gt",
        "__ge__" => "ge",
        "__len__" => "len",
        "__bool__" => "is_true",
        "__contains__" => "contains",
        "__getitem__" => "get",
        "__setitem__" => "set",
        "__iter__" => "items",
        "__next__" => "advance",
        "__enter__" => "enter",
        "__exit__" => "exit",
        "__str__" => "to_text",
        "__repr__" => "to_repr",
        "__float__" => "to_f64",
        "__int__" => "to_int",
        _ => return None,
    })
}

impl<'a> Lowerer<'a> {
    /// The Rust operator that a lowered method is written as.
    fn rust_operator(&self, id: FnId, function: &Function) -> Option<&'static Operator> {
        let model = self.input.model.functions.get(id.0)?;
        let (class, method) = model.python_name.split_once('.')?;
        let found = OPERATORS.iter().find(|o| o.python == method)?;
        let plain = !function.fallible
            && model.mutated.is_empty()
            && model.globals.is_empty()
            && !self.recursive.contains(&id)
            && !function
                .attributes
                .iter()
                .any(|a| a.contains("unreachable"));
        let own = self.class_type(class);
        let fits = match (found.method, function.params.as_slice()) {
            ("eq", [(_, other)]) => *other == RTy::Ref(Box::new(own)) && function.ret == RTy::Bool,
            ("neg", []) => self.is_copy(&own) && function.ret != RTy::Unit,
            ("eq" | "neg", _) => false,
            (_, [(_, other)]) => {
                self.is_copy(&own)
                    && function.ret != RTy::Unit
                    && matches!(
                        other,
                        RTy::Float(_) | RTy::Int(_) | RTy::Bool | RTy::Named(_)
                    )
                    && self.is_copy(other)
            }
            _ => false,
        };
        (plain && fits).then_some(found)
    }

    /// Whether an `__eq__` is what `==` does in the Rust.
    pub(super) fn is_rust_equality(&mut self, id: FnId) -> bool {
        self.ensure(id);
        let lowered = self.lowered.get(&id);
        let found = lowered.and_then(|function| self.rust_operator(id, function));
        found.is_some_and(|operator| operator.symbol == "==")
    }

    /// Makes the trait's method of one that is written as an operator.
    pub(super) fn as_operator(&self, id: FnId, function: &mut Function) -> Option<String> {
        let found = self.rust_operator(id, function)?;
        function.name = found.method.into();
        if found.method == "eq" {
            return Some("PartialEq".into());
        }
        function.receiver = Some("self".into());
        own_self(&mut function.body);
        let arg = match function.params.as_slice() {
            [(_, ty)] => {
                let model = self.input.model.functions.get(id.0)?;
                let (class, _) = model.python_name.split_once('.')?;
                if *ty == self.class_type(class) {
                    String::new()
                } else {
                    format!("<{ty}>")
                }
            }
            _ => String::new(),
        };
        Some(format!("std::ops::{}{arg}", found.rust_trait))
    }
}

impl<'a> FnLower<'_, 'a> {
    /// `a + b`, `-a`, `a < b`, `a[i]` by a method of the file.
    pub(super) fn operator(&mut self, e: &'a PyExpr, id: FnId) -> Result<Val, Expr> {
        let Some(model) = self.lw.input.model.functions.get(id.0) else {
            return Err(self.hole(e));
        };
        let (class, method) = model.python_name.split_once('.').unwrap_or(("", ""));
        let is_own =
            |this: &Self, e: &PyExpr| matches!(this.fact(e.id).ty, Ty::Instance(c) if c == class);
        let none: &'a [PyExpr] = &[];
        let (receiver, args, negated): (&'a PyExpr, &'a [PyExpr], bool) = match &e.kind {
            ExprKind::Binary { left, right, .. } => {
                let reflected = crate::infer::is_reflected(method) || !is_own(self, left);
                if reflected {
                    return self.reflected(e, id, left, right);
                }
                (&**left, std::slice::from_ref(&**right), false)
            }
            ExprKind::Unary { operand, .. } => (&**operand, none, false),
            ExprKind::Subscript { value, index } => {
                (&**value, std::slice::from_ref(&**index), false)
            }
            ExprKind::Compare { left, ops, rest } => {
                let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return Err(self.hole(e));
                };
                let negated = matches!(op, CompareOp::NotEq | CompareOp::NotIn);
                let mirrored = crate::infer::is_mirrored(*op, method);
                if method == "__contains__" || mirrored || !is_own(self, left) {
                    let val = self.reflected(e, id, left, right)?;
                    return self.decided(e, val, negated);
                }
                (&**left, std::slice::from_ref(right), negated)
            }
            _ => return Err(self.hole(e)),
        };
        let val = self.operator_call(e, id, receiver, args)?;
        if matches!(e.kind, ExprKind::Compare { .. }) {
            return self.decided(e, val, negated);
        }
        Ok(val)
    }

    /// What a comparison's method says, or its contrary.
    fn decided(&mut self, e: &PyExpr, val: Val, negated: bool) -> Result<Val, Expr> {
        if val.rty != RTy::Bool {
            return Err(self.partly(e, "a comparison whose method gives no bool"));
        }
        Ok(match (negated, val.expr) {
            (false, expr) => Val::bool(expr),
            (true, Expr::Method(a, symbol, b)) if symbol == "==" => {
                Val::bool(Expr::Method(a, "!=".into(), b))
            }
            (true, expr) => Val::bool(Expr::Unary(UnOp::Not, Box::new(expr))),
        })
    }

    /// `a op b` by a method of `b`: `a` is computed first.
    fn reflected(
        &mut self,
        e: &'a PyExpr,
        id: FnId,
        left: &'a PyExpr,
        right: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let plain = |e: &PyExpr| {
            matches!(
                e.kind,
                ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_)
            ) || matches!(&e.kind, ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)))
        };
        if !plain(left) && !plain(right) {
            // What nothing changes may be computed after the object, where only one may fail.
            let calls = super::unpack::contains_call(left) || self.changes_within(right);
            if calls || self.may_fail(left)? && self.may_fail(right)? {
                return Err(self.partly(e, "this operator of computed values"));
            }
        }
        self.operator_call(e, id, right, std::slice::from_ref(left))
    }

    /// Whether computing a value may end the function.
    fn may_fail(&mut self, e: &'a PyExpr) -> Result<bool, Expr> {
        let (out, bounds) = (self.out.len(), self.bounds.len());
        let val = self.expr(e);
        let hoisted = self.out.len() != out;
        self.out.truncate(out);
        self.bounds.truncate(bounds);
        Ok(hoisted || val?.expr.can_fail())
    }

    /// A call of the method that an operator stands for.
    pub(super) fn operator_call(
        &mut self,
        e: &'a PyExpr,
        id: FnId,
        receiver: &'a PyExpr,
        args: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        let val = self.user_call(e, id, Some(receiver), args, &[])?;
        let symbol = self
            .lw
            .lowered
            .get(&id)
            .and_then(|f| self.lw.rust_operator(id, f))
            .map(|o| o.symbol);
        let (Some(symbol), Expr::Method(held, _, args)) = (symbol, &val.expr) else {
            return Ok(val);
        };
        // The operators take values: what is behind a reference is copied.
        let of_ref = |this: &Self, e: &PyExpr| {
            let path = this.path_of(e);
            let bound = path.and_then(|p| {
                this.bounds
                    .iter()
                    .rev()
                    .find(|b| b.path == p)
                    .map(|b| b.rty.clone())
                    .or_else(|| this.path_type(&p))
            });
            bound.is_some_and(|ty| ty.is_ref())
        };
        let is_self = matches!(&**held, Expr::Atom(name) if name == "self");
        // What is looked up in a list is a reference.
        let found = matches!(&**held, Expr::Try(found) if matches!(&**found, Expr::Method(..)))
            && matches!(receiver.kind, ExprKind::Subscript { .. });
        let own = if is_self || found || of_ref(self, receiver) {
            Expr::Deref(held.clone())
        } else {
            (**held).clone()
        };
        let args = args
            .iter()
            .map(|arg| match (symbol, arg) {
                ("==", Expr::Ref(inner)) => (**inner).clone(),
                ("==", other) => Expr::Deref(Box::new(other.clone())),
                (_, other) => other.clone(),
            })
            .collect();
        Ok(Val {
            expr: Expr::Method(Box::new(own), symbol.into(), args),
            ..val
        })
    }

    /// What a text shows of an instance whose class says so.
    pub(super) fn instance_text(&mut self, e: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let key = crate::infer::dunder::text_of(e.id);
        if !matches!(self.fact(e.id).ty, Ty::Instance(_) | Ty::Member(_)) {
            return None;
        }
        let id = self.model.calls.get(&key).copied()?;
        let name = &self.lw.input.model.functions.get(id.0)?.python_name;
        let shown = name.ends_with(".__str__") || name.ends_with(".__repr__");
        shown.then(|| {
            // The name stands for the instance; what is shown is the text.
            let val = self.user_call(e, id, Some(e), &[], &[])?;
            Ok(Val { ty: Ty::Str, ..val })
        })
    }

    /// The text of an instance that has no expression of its own: an item, or what may be None.
    pub(super) fn item_text(&mut self, val: Val, class: &str, shown: bool) -> Option<Val> {
        let methods: &[&str] = match shown {
            true => &["__str__", "__repr__"],
            false => &["__repr__"],
        };
        let model = self.lw.input.model;
        let of = |method: &str| format!("{class}.{method}");
        let method = methods
            .iter()
            .find(|m| self.lw.functions.contains_key(&of(m)))?;
        let mut made = model
            .functions
            .iter()
            .enumerate()
            .filter(|(_, f)| f.python_name == of(method));
        let (Some((id, callee)), None) = (made.next(), made.next()) else {
            return None;
        };
        if !callee.mutated.is_empty() || !callee.globals_changed.is_empty() {
            return None;
        }
        let id = crate::infer::FnId(id);
        self.lw.ensure(id);
        if !self.lw.lowered.contains_key(&id) || self.lw.is_fallible(id) {
            return None;
        }
        let name = self.lw.function_name(id);
        let text = val.expr.method(name, self.global_args(callee));
        let rty = self.lw.lowered.get(&id).map(|f| f.ret.clone())?;
        Some(Val::new(text, rty, &crate::value::Fact::of(Ty::Str)))
    }

    /// The truth of an instance whose class decides about it.
    pub(super) fn instance_truth(&mut self, test: &'a PyExpr) -> Option<Result<Expr, Expr>> {
        let fact = self.fact(test.id);
        let Ty::Instance(class) = &fact.ty else {
            return None;
        };
        let has = |method: &str| {
            let key = format!("{class}.{method}");
            self.lw.functions.contains_key(&key)
        };
        if !has("__bool__") && !has("__len__") {
            return None;
        }
        let truth = crate::infer::dunder::truth_of(test.id);
        let call = self
            .model
            .calls
            .get(&truth)
            .or_else(|| self.model.calls.get(&test.id));
        let Some(id) = call.copied() else {
            return Some(Err(self.hole(test)));
        };
        Some(
            self.user_call(test, id, Some(test), &[], &[])
                .and_then(|val| {
                    let truth = val.truth();
                    truth.ok_or_else(|| self.hole(test))
                }),
        )
    }
}

/// `to_…` of what is copied takes it by value.
pub(super) fn by_value(function: &mut Function) {
    if function.receiver.as_deref() == Some("&self") {
        function.receiver = Some("self".into());
        own_self(&mut function.body);
    }
}

/// `self` for `*self`, where it is taken by value.
fn own_self(block: &mut Block) {
    fn in_expr(e: &mut Expr) {
        if matches!(e, Expr::Deref(inner) if **inner == Expr::atom("self")) {
            *e = Expr::atom("self");
        }
        e.for_each_child_mut(&mut |c| in_expr(c), &mut own_self);
    }
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut |c| in_expr(c), &mut own_self);
    }
    if let Some(value) = &mut block.value {
        in_expr(value);
    }
}
