//! Enums: their variants, and what a member has beside itself: value, name, place.
//!
//! Enters: uses of members. Leaves: the Rust, and for each enum the methods that it uses.
//! This module must not know how other classes are lowered.

use super::Lowerer;
use super::classes::variant;
use super::function::FnLower;
use crate::ast::Expr as PyExpr;
use crate::catalog::Told;
use crate::infer::Class;
use crate::infer::class_info::{MemberValue, Mixin};
use crate::ir::{self, Arm, Block, Expr, Function, RTy};
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{Fact, Val, float_literal, int_literal};

/// The variants of an enum; those of an `IntEnum` with their values.
pub(super) fn variants(model: &Class, name: &dyn Fn(&str) -> String) -> Vec<String> {
    if !model.variants.is_empty() {
        let names = model.variants.iter().map(|v| name(v));
        return names.map(|v| format!("{v}({v})")).collect();
    }
    model
        .members
        .iter()
        .map(|(member, value)| match (value, model.mixin) {
            (MemberValue::Int(n), Mixin::Int) => format!("{} = {n}", variant(member)),
            _ => variant(member),
        })
        .collect()
}

fn literal(value: &MemberValue) -> Expr {
    match value {
        MemberValue::Int(n) => int_literal(*n),
        MemberValue::Str(text) => Expr::Atom(format!("{text:?}")),
        MemberValue::Float(bits) => float_literal(f64::from_bits(*bits)),
        MemberValue::Tuple(items) => Expr::Tuple(items.iter().map(literal).collect()),
    }
}

fn type_of(value: &MemberValue) -> RTy {
    match value {
        MemberValue::Int(_) => RTy::I64,
        MemberValue::Str(_) => RTy::Str,
        MemberValue::Float(_) => RTy::F64,
        MemberValue::Tuple(items) => RTy::Tuple(items.iter().map(type_of).collect()),
    }
}

/// The Rust type of an enum's values, where they have one.
pub(super) fn value_type(model: &Class) -> Option<RTy> {
    let mut types = model.members.iter().map(|(_, value)| type_of(value));
    let first = types.next()?;
    types.all(|ty| ty == first).then_some(first)
}

/// A method of an enum that Python's enums have by themselves.
fn method(name: &str, doc: &str, param: Option<RTy>, ret: RTy, body: Expr) -> Function {
    Function {
        span: None,
        doc: vec![doc.to_string()],
        comments: Vec::new(),
        attributes: Vec::new(),
        name: name.into(),
        receiver: param.is_none().then(|| "self".to_string()),
        params: param.into_iter().map(|ty| ("value".into(), ty)).collect(),
        ret,
        fallible: false,
        error: "",
        body: Block::value(body),
    }
}

impl Lowerer<'_> {
    /// Adds the methods that are used.
    pub(super) fn enum_methods(&mut self, class: &str, out: &mut ir::Class) {
        let Some(model) = self.input.model.classes.get(class) else {
            return;
        };
        let used = |what: &str| {
            self.enum_uses
                .contains(&(class.to_string(), what.to_string()))
        };
        let path = |member: &str| format!("Self::{}", variant(member));
        let of_member = |f: &dyn Fn(&str, &MemberValue) -> Expr| Expr::Match {
            subject: Box::new(Expr::atom("self")),
            arms: model
                .members
                .iter()
                .map(|(member, value)| Arm::of(path(member), Block::value(f(member, value))))
                .collect(),
        };
        let to_member = |f: &dyn Fn(&str, &MemberValue) -> Expr| {
            let some = |member: &str| Expr::call("Some", vec![Expr::Atom(path(member))]);
            let mut arms: Vec<Arm> = model
                .members
                .iter()
                .map(|(member, value)| {
                    let pattern = crate::ir::print::expr(&f(member, value));
                    Arm::of(pattern, Block::value(some(member)))
                })
                .collect();
            arms.push(Arm::of("_", Block::value(Expr::atom("None"))));
            Expr::Match {
                subject: Box::new(Expr::atom("value")),
                arms,
            }
        };
        let name_of = |member: &str, _: &MemberValue| Expr::Atom(format!("{member:?}"));
        let value_of = |_: &str, value: &MemberValue| literal(value);
        let option = RTy::Option(Box::new(RTy::Named("<class>::Self".into())));
        let mut methods = Vec::new();
        if let (true, Some(ty)) = (used("value"), value_type(model)) {
            let body = of_member(&value_of);
            methods.push(method("value", "The member's value.", None, ty, body));
        }
        if used("name") {
            let body = of_member(&name_of);
            methods.push(method("name", "The member's name.", None, RTy::Str, body));
        }
        if let (true, Some(ty)) = (used("from_value"), value_type(model)) {
            let body = to_member(&value_of);
            let doc = "The member of that value.";
            methods.push(method("from_value", doc, Some(ty), option.clone(), body));
        }
        if used("from_name") {
            let body = to_member(&name_of);
            let doc = "The member of that name.";
            methods.push(method("from_name", doc, Some(RTy::Str), option, body));
        }
        // A method of the Python may have one of these names.
        for function in &mut methods {
            if out.methods.iter().any(|m| m.name == function.name) {
                function.name.push('_');
            }
        }
        methods.append(&mut out.methods);
        out.methods = methods;
    }
}

impl<'a> FnLower<'_, 'a> {
    fn enum_method(&mut self, class: &str, name: &str) -> String {
        self.lw
            .enum_uses
            .insert((class.to_string(), name.to_string()));
        let own = self.lw.functions.contains_key(&format!("{class}.{name}"));
        if own { format!("{name}_") } else { name.into() }
    }

    /// `Mode(value)`
    pub(super) fn member_of_value(
        &mut self,
        e: &'a PyExpr,
        class: &str,
        args: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let model = self.lw.input.model.classes.get(class);
        let (Some(want), [value]) = (model.and_then(value_type), args) else {
            return Err(self.hole(e));
        };
        if matches!(want, RTy::F64 | RTy::Tuple(_)) {
            return Err(self.partly(e, "an enum's member by a float or a tuple"));
        }
        let val = self.expr(value)?;
        if val.ty == fact.ty {
            // A member of the enum is its own value's member.
            return Ok(val);
        }
        let val = self.decayed(val);
        let arg = self.coerce(val.clone(), &want, value.span, "the value")?;
        self.found_member(e, class, "from_value", (arg, val))
    }

    /// `Mode[name]`
    pub(super) fn member_of_name(
        &mut self,
        e: &'a PyExpr,
        class: &str,
        name: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let val = self.expr(name)?;
        let arg = self.coerce(val.clone(), &RTy::Str, name.span, "the name")?;
        self.found_member(e, class, "from_name", (arg, val))
    }

    fn found_member(
        &mut self,
        e: &PyExpr,
        class: &str,
        how: &str,
        (arg, asked): (Expr, Val),
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        self.lw.used_classes.insert(class.to_string());
        let (raised, what) = match how {
            "from_name" => ("KeyError", "name"),
            _ => ("ValueError", "value"),
        };
        let error = self.error(&format!(
            "{raised} (no member of `{class}` has that {what})"
        ));
        if asked.expr.is_simple() && !asked.expr.can_fail() {
            let rest = match how {
                "from_name" => String::new(),
                _ => format!(" is not a valid {class}"),
            };
            self.tell(error.clone(), Told::Repr(Box::new(asked), rest));
        }
        let function = self.enum_method(class, how);
        let found = Expr::call(format!("{}::{function}", self.class_path(class)), vec![arg]);
        Ok(Val::new(
            found.ok_or(&error),
            self.lw.class_type(class),
            &fact,
        ))
    }

    /// `member.value`, `member.name`
    pub(super) fn member_attribute(
        &mut self,
        value: &'a PyExpr,
        class: &str,
        name: &str,
        fact: &Fact,
    ) -> Result<Val, Expr> {
        let val = self.expr(value)?;
        let val = match val.rty {
            RTy::Option(_) => {
                let error = self.error(&format!("AttributeError (None has no `{name}`)"));
                let Val { expr, rty, .. } = val.clone();
                let RTy::Option(inner) = rty else {
                    return Err(self.hole(value));
                };
                Val {
                    expr: expr.ok_or(&error),
                    rty: *inner,
                    ..val
                }
            }
            _ => val,
        };
        let mixin = self.lw.input.model.classes.get(class).map(|m| m.mixin);
        if name == "value" && mixin == Some(Mixin::Int) {
            return Ok(as_int(val, fact));
        }
        let method = self.enum_method(class, name);
        let expr = val.expr.method(method, vec![]);
        Ok(match fact.ty {
            Ty::Int => Val::int(expr, IntTy::I64, fact.range.int()),
            Ty::Float => Val::f64(expr, fact.range.float()),
            Ty::Tuple(_) => {
                let model = self.lw.input.model.classes.get(class);
                let Some(ty) = model.and_then(value_type) else {
                    return Err(self.hole(value));
                };
                Val::new(expr, ty, fact)
            }
            _ => Val::new(expr, RTy::Str, fact),
        })
    }

    /// A member of an `IntEnum` as the int that it is, one of a `StrEnum` as its text.
    pub(super) fn decayed(&mut self, val: Val) -> Val {
        let Ty::Member(class) = val.ty.clone() else {
            return val;
        };
        let Some(model) = self.lw.input.model.classes.get(&class) else {
            return val;
        };
        if matches!(val.rty, RTy::Option(_)) {
            return val;
        }
        match model.mixin {
            Mixin::None => val,
            Mixin::Int => {
                let ints = model.members.iter().filter_map(|(_, value)| match value {
                    MemberValue::Int(n) => Some(*n),
                    MemberValue::Str(_) | MemberValue::Float(_) | MemberValue::Tuple(_) => None,
                });
                let (mut lo, mut hi) = (0, 0);
                for (i, n) in ints.enumerate() {
                    lo = if i == 0 { n } else { n.min(lo) };
                    hi = if i == 0 { n } else { n.max(hi) };
                }
                as_int(val, &Fact::int(crate::ranges::IntRange::new(lo, hi)))
            }
            Mixin::Str => {
                let method = self.enum_method(&class, "value");
                let expr = val.expr.method(method, vec![]);
                Val::new(expr, RTy::Str, &Fact::of(Ty::Str))
            }
        }
    }

    /// Whether a member counts as true: a plain one always does.
    pub(super) fn member_truth(&mut self, val: &Val) -> Option<Expr> {
        let Ty::Member(class) = &val.ty else {
            return None;
        };
        let mixin = self.lw.input.model.classes.get(class)?.mixin;
        match (mixin, &val.rty) {
            (Mixin::None, RTy::Option(_)) => Some(val.expr.clone().method("is_some", vec![])),
            (_, RTy::Option(_)) => None,
            (Mixin::None, _) => Some(Expr::atom("true")),
            (Mixin::Int | Mixin::Str, _) => self.decayed(val.clone()).truth(),
        }
    }

    /// A member as texts show it: one of an `IntEnum` or `StrEnum` as its value.
    pub(super) fn shown_member(&mut self, val: Val) -> Val {
        let plain = match &val.ty {
            Ty::Member(class) => {
                let model = self.lw.input.model.classes.get(class);
                model.is_none_or(|m| !m.shown_as_value)
            }
            _ => true,
        };
        if plain { val } else { self.decayed(val) }
    }

    /// Whether texts show the members of an enum as the ints that they are.
    pub(super) fn is_shown_as_int(&self, class: &str) -> bool {
        let model = self.lw.input.model.classes.get(class);
        model.is_some_and(|m| m.shown_as_value && m.mixin == Mixin::Int)
    }

    /// Notes that the members within values of a type are compared by their order.
    pub(super) fn ordered_within(&mut self, ty: &Ty) {
        if let Ty::Member(class) = ty {
            self.ordered(class);
        }
        for part in ty.parts() {
            self.ordered_within(part);
        }
    }

    /// Notes that members of an enum are compared by their order.
    pub(super) fn ordered(&mut self, class: &str) {
        self.lw
            .enum_uses
            .insert((class.to_string(), "order".into()));
    }
}

fn as_int(val: Val, fact: &Fact) -> Val {
    let expr = match val.rty {
        RTy::Ref(_) | RTy::RefMut(_) => Expr::Deref(Box::new(val.expr)),
        _ => val.expr,
    };
    Val::int(expr.cast(RTy::I64), IntTy::I64, fact.range.int())
}
