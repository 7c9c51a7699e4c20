//! Operators of instances: the methods of a class that Python calls for `+`, `==`, `len()`.
//!
//! Enters: an expression whose operand is an instance. Leaves: the call of the method that
//! Python would choose, recorded for the expression. This module must not know Rust.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, NodeId, UnaryOp};
use crate::diagnostic::Code;
use crate::ty::Ty;

/// The key of the text of an expression's value, beside that of the expression.
pub fn text_of(e: NodeId) -> NodeId {
    NodeId(u32::MAX - e.0)
}

/// The key of the truth of an expression's value.
pub fn truth_of(e: NodeId) -> NodeId {
    NodeId(u32::MAX / 2 - e.0)
}

/// The method that Python looks for first: `__add__`.
fn binary_method(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "__add__",
        BinaryOp::Sub => "__sub__",
        BinaryOp::Mul => "__mul__",
        BinaryOp::MatMul => "__matmul__",
        BinaryOp::Div => "__truediv__",
        BinaryOp::Mod => "__mod__",
        BinaryOp::Pow => "__pow__",
        BinaryOp::Shl => "__lshift__",
        BinaryOp::Shr => "__rshift__",
        BinaryOp::BitOr => "__or__",
        BinaryOp::BitXor => "__xor__",
        BinaryOp::BitAnd => "__and__",
        BinaryOp::FloorDiv => "__floordiv__",
    }
}

/// Whether a method is the right operand's: `__radd__`.
pub fn is_reflected(method: &str) -> bool {
    matches!(
        method,
        "__radd__" | "__rsub__" | "__rmul__" | "__rtruediv__" | "__rfloordiv__" | "__rmod__"
    )
}

/// Whether a method is an operator of two that gives another object: `__add__`, `__radd__`.
pub fn makes_another(method: &str) -> bool {
    let plain = ["add", "sub", "mul", "truediv", "floordiv", "mod"];
    let name = method.strip_prefix("__").and_then(|m| m.strip_suffix("__"));
    name.is_some_and(|name| {
        let of = |op: &&str| name == *op || name.strip_prefix('r') == Some(*op);
        plain.iter().any(of)
    })
}

/// `__radd__` of `__add__`, `__iadd__` with `i`.
fn variant(method: &str, letter: char) -> String {
    format!("__{letter}{}", method.trim_start_matches('_'))
}

/// The one class of the instances that a container holds.
fn one_class(ty: &Ty) -> Option<String> {
    let found = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let _ = ty.any(&|part| {
        if let Ty::Instance(class) = part {
            found.borrow_mut().insert(class.clone());
        }
        false
    });
    let found = found.into_inner();
    match found.len() {
        1 => found.into_iter().next(),
        _ => None,
    }
}

fn compare_method(op: CompareOp) -> Option<&'static str> {
    Some(match op {
        CompareOp::Eq | CompareOp::NotEq => "__eq__",
        CompareOp::Lt => "__lt__",
        CompareOp::LtE => "__le__",
        CompareOp::Gt => "__gt__",
        CompareOp::GtE => "__ge__",
        CompareOp::In | CompareOp::NotIn => "__contains__",
        CompareOp::Is | CompareOp::IsNot => return None,
    })
}

/// The method of the right operand that Python tries next.
fn mirrored(op: CompareOp) -> Option<&'static str> {
    Some(match op {
        CompareOp::Lt => "__gt__",
        CompareOp::LtE => "__ge__",
        CompareOp::Gt => "__lt__",
        CompareOp::GtE => "__le__",
        CompareOp::Eq | CompareOp::NotEq => "__eq__",
        CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot => return None,
    })
}

/// Whether a comparison is by the method for the contrary order, which the right operand has:
/// `b.__lt__(a)` for `a > b`.
pub fn is_mirrored(op: CompareOp, method: &str) -> bool {
    compare_method(op) != Some(method) && mirrored(op) == Some(method)
}

impl Inference<'_> {
    /// The class of an instance that has a method of that name.
    fn class_with(&self, fact: &Fact, method: &str) -> Option<String> {
        let (Ty::Instance(class) | Ty::Member(class)) = &fact.ty else {
            return None;
        };
        self.classes.get(class)?.find(method)?;
        Some(class.clone())
    }

    /// Whether a value is an instance, or may be one.
    pub(super) fn is_instance(fact: &Fact) -> bool {
        matches!(fact.ty.narrowed(), Ty::Instance(_))
    }

    /// A call of a method that an operator stands for.
    pub(super) fn operator(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        method: &str,
        receiver: (&Expr, &Fact),
        args: &[Expr],
        env: &mut Env,
    ) -> Option<Fact> {
        let class = self.class_with(receiver.1, method)?;
        let key = format!("{class}.{method}");
        let function = self.functions.get(&key).copied()?;
        let site = super::call::Callee {
            function,
            key: &key,
            receiver: Some((receiver.0, receiver.1.clone())),
        };
        Some(self.user_call(scope, e, site, args, &[], env))
    }

    /// `a op b` where one of them is an instance.
    pub(super) fn instance_binary(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        op: BinaryOp,
        (left, a): (&Expr, &Fact),
        (right, b): (&Expr, &Fact),
        env: &mut Env,
    ) -> Option<Fact> {
        if !Self::is_instance(a) && !Self::is_instance(b) {
            return None;
        }
        let method = binary_method(op);
        let args = std::slice::from_ref(right);
        if let Some(fact) = self.operator(scope, e, method, (left, a), args, env) {
            return Some(fact);
        }
        let args = std::slice::from_ref(left);
        self.operator(scope, e, &variant(method, 'r'), (right, b), args, env)
    }

    /// `a op= b` where `a` is an instance: `__iadd__`, else `__add__`.
    pub(super) fn instance_augmented(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        op: BinaryOp,
        (target, a): (&Expr, &Fact),
        (value, b): (&Expr, &Fact),
        env: &mut Env,
    ) -> Option<Fact> {
        let in_place = variant(binary_method(op), 'i');
        if self.changes_itself(a, &in_place) {
            let args = std::slice::from_ref(value);
            let _ = self.operator(scope, e, &in_place, (target, a), args, env);
            return Some(a.clone());
        }
        if self.class_with(a, &in_place).is_some() {
            let what = format!("`{}=` by `{in_place}`", op.symbol());
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("{what} is not translated: it changes the object for all its owners"),
            );
            self.problem(e.id, e.span, problem);
            return Some(self.no_fact(&what));
        }
        self.instance_binary(scope, e, op, (target, a), (value, b), env)
    }

    /// Whether a method changes the instance and gives it back: no more is left of it here
    /// than the change.
    fn changes_itself(&self, fact: &Fact, method: &str) -> bool {
        struct Returns(bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Returns {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                self.0 |= matches!(stmt.kind, crate::ast::StmtKind::Return(_));
                crate::ast::visit::walk_stmt(self, stmt);
            }
        }
        let Some(class) = self.class_with(fact, method) else {
            return false;
        };
        let Some((function, _)) = self.classes.get(&class).and_then(|c| c.find(method)) else {
            return false;
        };
        let ends = function.body.stmts.last();
        let mut returns = Returns(false);
        crate::ast::visit::Visitor::visit_block(&mut returns, &function.body);
        !returns.0 && ends.is_some_and(|s| matches!(s.kind, crate::ast::StmtKind::Pass))
    }

    /// `-a` where `a` is an instance.
    pub(super) fn instance_unary(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        op: UnaryOp,
        operand: (&Expr, &Fact),
        env: &mut Env,
    ) -> Option<Fact> {
        let method = match op {
            UnaryOp::Neg => "__neg__",
            UnaryOp::Pos => "__pos__",
            UnaryOp::Invert => "__invert__",
            UnaryOp::Not => return None,
        };
        self.operator(scope, e, method, operand, &[], env)
    }

    /// `a == b`, `a < b`, `x in a` where a method of an instance decides.
    pub(super) fn instance_compare(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        op: CompareOp,
        (left, a): (&Expr, &Fact),
        (right, b): (&Expr, &Fact),
        env: &mut Env,
    ) -> Option<Fact> {
        let method = compare_method(op)?;
        if matches!(op, CompareOp::In | CompareOp::NotIn) {
            let args = std::slice::from_ref(left);
            return self.operator(scope, e, method, (right, b), args, env);
        }
        // An `__eq__` sees None as well: it is not asked here.
        let none = |f: &Fact| matches!(f.ty, Ty::None | Ty::Option(_));
        if none(a) || none(b) {
            return None;
        }
        if self.compares_by_fields(op, a, b) {
            return Some(Fact::of(Ty::Bool));
        }
        let args = std::slice::from_ref(right);
        if let Some(fact) = self.operator(scope, e, method, (left, a), args, env) {
            return Some(fact);
        }
        let args = std::slice::from_ref(left);
        self.operator(scope, e, mirrored(op)?, (right, b), args, env)
    }

    /// Whether two instances of one class compare as tuples of their fields.
    pub(super) fn compares_by_fields(&self, op: CompareOp, a: &Fact, b: &Fact) -> bool {
        let (Ty::Instance(class), Ty::Instance(other)) = (&a.ty, &b.ty) else {
            return false;
        };
        let made = self.model.classes.made(class);
        class == other
            && made.is_some_and(|made| match op {
                CompareOp::Eq | CompareOp::NotEq => made.equal,
                CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => made.ordered,
                CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot => false,
            })
    }

    /// `a[i]` of an instance.
    pub(super) fn instance_item(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        base: (&Expr, &Fact),
        index: &Expr,
        env: &mut Env,
    ) -> Option<Fact> {
        let args = std::slice::from_ref(index);
        self.operator(scope, e, "__getitem__", base, args, env)
    }

    /// `len(a)`, `abs(a)`, `bool(a)`, `str(a)` of an instance.
    pub(super) fn instance_builtin(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        name: &str,
        args: &[Expr],
        env: &mut Env,
    ) -> Option<Fact> {
        let [arg] = args else { return None };
        let methods: &[&str] = match name {
            "len" => &["__len__"],
            "abs" => &["__abs__"],
            "bool" => &["__bool__", "__len__"],
            "str" => &["__str__", "__repr__"],
            "repr" => &["__repr__"],
            "float" => &["__float__"],
            "int" => &["__int__"],
            _ => return None,
        };
        let fact = self.eval(scope, arg, env);
        if !Self::is_instance(&fact) && !matches!(fact.ty, Ty::Member(_)) {
            return None;
        }
        if let ("len", Some(len)) = (name, self.tuple_len(&fact)) {
            return Some(len);
        }
        let method = methods
            .iter()
            .find(|m| self.class_with(&fact, m).is_some())?;
        let fact = self.operator(scope, e, method, (arg, &fact), &[], env)?;
        // `bool(a)` of what `__len__` gives is no int.
        Some(if name == "bool" && *method == "__len__" {
            Fact::of(Ty::Bool)
        } else {
            fact
        })
    }

    /// What an f-string shows of an instance: `__str__`, else `__repr__`.
    pub(super) fn instance_text(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        fact: &Fact,
        conversion: Option<crate::ast::Conversion>,
        env: &mut Env,
    ) {
        let methods: &[&str] = match conversion {
            None | Some(crate::ast::Conversion::Str) => &["__str__", "__repr__"],
            Some(crate::ast::Conversion::Repr) => &["__repr__"],
            Some(crate::ast::Conversion::Ascii) => return,
        };
        let method = methods.iter().find(|m| self.class_with(fact, m).is_some());
        if let Some(method) = method {
            // The expression may be a call itself: its text is under a key of its own.
            let shown = Expr {
                id: text_of(e.id),
                ..e.clone()
            };
            let _ = self.operator(scope, &shown, method, (e, fact), &[], env);
            return;
        }
        // What may be None is shown as itself; what a list holds, by its `__repr__`.
        let within = match &fact.ty {
            Ty::Option(inner) => Fact::of((**inner).clone()),
            Ty::List { .. } | Ty::Tuple(_) | Ty::Dict { .. } | Ty::Deque { .. } => {
                let Some(class) = one_class(&fact.ty) else {
                    return;
                };
                Fact::of(Ty::Instance(class))
            }
            _ => return,
        };
        let methods = match fact.ty {
            Ty::Option(_) => methods,
            _ => &["__repr__"],
        };
        if let Some(method) = methods
            .iter()
            .find(|m| self.class_with(&within, m).is_some())
        {
            let shown = Expr {
                id: text_of(e.id),
                ..e.clone()
            };
            let _ = self.operator(scope, &shown, method, (e, &within), &[], env);
        }
    }

    /// What `format % values` shows of instances.
    pub(super) fn percent_texts(
        &mut self,
        scope: &mut Scope<'_>,
        format: &str,
        values: &Expr,
        env: &mut Env,
    ) {
        let values = match &values.kind {
            ExprKind::Tuple(items) => items.as_slice(),
            _ => std::slice::from_ref(values),
        };
        let conversion = match (format.contains("%r"), format.contains("%s")) {
            (true, false) => Some(crate::ast::Conversion::Repr),
            (false, true) => None,
            _ => return,
        };
        for value in values {
            let fact = scope.fact(value.id);
            self.instance_text(scope, value, &fact, conversion, env);
        }
    }

    /// The truth of an instance, where a method of its class decides: a problem where it is
    /// not a plain name.
    pub(super) fn instance_truth(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        fact: &Fact,
        env: &mut Env,
    ) {
        let class = match fact.ty.narrowed() {
            Ty::Instance(class) => class,
            _ => return,
        };
        let has = |m: &str| {
            self.classes
                .get(&class)
                .is_some_and(|c| c.find(m).is_some())
        };
        let Some(method) = ["__bool__", "__len__"].into_iter().find(|m| has(m)) else {
            return;
        };
        let plain = matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. })
            && !scope.calls.contains_key(&e.id);
        let asked = matches!(fact.ty, Ty::Instance(_)) && (plain || self.is_truth_call(scope, e));
        let made = matches!(fact.ty, Ty::Instance(_))
            && matches!(
                e.kind,
                ExprKind::Binary { .. }
                    | ExprKind::Unary { .. }
                    | ExprKind::Call { .. }
                    | ExprKind::Subscript { .. }
            );
        if asked {
            let _ = self.operator(scope, e, method, (e, fact), &[], env);
        } else if made {
            // The expression is a call itself: its truth is under a key of its own.
            let truth = Expr {
                id: truth_of(e.id),
                ..e.clone()
            };
            let _ = self.operator(scope, &truth, method, (e, fact), &[], env);
        } else {
            let message = format!("the truth of a `{class}` by `{method}` is not translated here");
            let problem = Problem::new(Code::PartlyHandled, message)
                .with_help("compare it with None, or call the method");
            self.problem(e.id, e.span, problem);
        }
    }

    /// Whether the call recorded for a name is one that asks for its truth.
    fn is_truth_call(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        let id = scope.calls.get(&e.id);
        let callee = id.and_then(|id| self.model.functions.get(id.0));
        callee.is_some_and(|f| {
            f.python_name.ends_with(".__bool__") || f.python_name.ends_with(".__len__")
        })
    }
}
