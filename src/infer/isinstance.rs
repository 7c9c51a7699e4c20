//! `isinstance(x, T)` and its kin: decided by the types, or a test for None.
//!
//! Enters: the type of a value, and the classes that are asked for. Leaves: an [`Instance`].

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::exceptions::class_names;
use super::model::{Fact, Problem};
use super::type_tests::{Asks, type_test};
use crate::ast::{BinaryOp, Expr, ExprKind};
use crate::desugar::TYPE_IS;
use crate::diagnostic::Code;
use crate::ty::{ListKind, Ty};

/// What is known of `isinstance(x, T)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instance {
    /// It holds.
    Always,
    /// It does not.
    Never,
    /// It holds where the value is not None.
    Present,
    /// It depends on which class of its family the value is of.
    Variant,
    /// It depends on whether the number is an int.
    Int,
    /// It depends on whether the number is a float.
    Float,
    /// It depends on which kind of its union the value is of.
    Kinds,
    /// It depends on the value.
    Open,
}

/// The value and the classes of a call of `isinstance`.
pub fn arguments(e: &Expr) -> Option<(&Expr, Vec<&Expr>)> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    match (&func.kind, args.as_slice()) {
        (ExprKind::Name(name), [value, classes]) if name == "isinstance" && keywords.is_empty() => {
            Some((
                value,
                class_names(classes).into_iter().flat_map(union).collect(),
            ))
        }
        _ => None,
    }
}

/// The classes of `int | float`.
pub(super) fn union(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Binary {
            op: BinaryOp::BitOr,
            left,
            right,
        } => union(left).into_iter().chain(union(right)).collect(),
        _ => vec![e],
    }
}

/// Whether a value of type `ty` is an instance of one of the classes.
pub fn instance(ty: &Ty, classes: &[String]) -> Instance {
    match ty {
        Ty::Option(inner) => match instance(inner, classes) {
            Instance::Always if classes.iter().any(|c| c == "object") => Instance::Always,
            Instance::Always => Instance::Present,
            other => other,
        },
        Ty::Number => {
            let (int, float) = (is_one(&Ty::Int, classes), is_one(&Ty::Float, classes));
            match (int, float) {
                (true, true) => Instance::Always,
                (false, false) => Instance::Never,
                _ => Instance::Open,
            }
        }
        Ty::IntOrFloat => {
            let (int, float) = (is_one(&Ty::Int, classes), is_one(&Ty::Float, classes));
            match (int, float) {
                (true, true) => Instance::Always,
                (false, false) => Instance::Never,
                (true, false) => Instance::Int,
                (false, true) => Instance::Float,
            }
        }
        Ty::Mixed(kinds) => {
            let answers = kinds.iter().map(|kind| instance(kind, classes));
            of_kinds(answers)
        }
        Ty::List {
            kind: ListKind::Octets,
            ..
        } => match [ListKind::Bytes, ListKind::Bytearray]
            .map(|kind| is_one(&Ty::octets(kind), classes))
        {
            [true, true] => Instance::Always,
            [false, false] => Instance::Never,
            _ => Instance::Open,
        },
        Ty::None
        | Ty::Bool
        | Ty::Int
        | Ty::Float
        | Ty::Str
        | Ty::Enum(_)
        | Ty::List { .. }
        | Ty::Tuple(_) => match is_one(ty, classes) {
            true => Instance::Always,
            false => Instance::Never,
        },
        // A text, or a dict.
        Ty::Tov | Ty::Tagged(_) => {
            let of = |class: &str| classes.iter().any(|c| c == class || c == "object");
            match (of("dict"), of("str")) {
                (true, true) => Instance::Always,
                (false, false) if classes.iter().all(|c| is_builtin(c)) => Instance::Never,
                _ => Instance::Open,
            }
        }
        Ty::Instance(own) | Ty::Member(own) => {
            if classes.iter().any(|c| c == own || c == "object") {
                Instance::Always
            } else if classes.iter().all(|c| is_builtin(c))
                && !(matches!(ty, Ty::Member(_)) && classes.iter().any(|c| is_mixed_in(c)))
            {
                Instance::Never
            } else {
                // It may derive from the other, as a member of an `IntEnum` does from `int`.
                Instance::Open
            }
        }
        _ => Instance::Open,
    }
}

/// Whether an enum's members may be of that class as well.
fn is_mixed_in(class: &str) -> bool {
    matches!(class, "int" | "str" | "numbers.Number" | "numbers.Real")
}

/// The answer for a union, of those for its kinds.
pub(super) fn of_kinds(mut answers: impl Iterator<Item = Instance>) -> Instance {
    let first = answers.next().unwrap_or(Instance::Open);
    answers.fold(first, |all, answer| match (all, answer) {
        (a, b) if a == b => a,
        (
            Instance::Always | Instance::Never | Instance::Kinds,
            Instance::Always | Instance::Never | Instance::Kinds,
        ) => Instance::Kinds,
        _ => Instance::Open,
    })
}

/// The classes that Python has, as far as they are told apart here.
pub(super) fn is_builtin(class: &str) -> bool {
    matches!(
        class,
        "int"
            | "float"
            | "str"
            | "bool"
            | "list"
            | "tuple"
            | "dict"
            | "set"
            | "bytes"
            | "bytearray"
            | "complex"
            | "numbers.Number"
            | "numbers.Real"
    )
}

fn is_one(ty: &Ty, classes: &[String]) -> bool {
    classes.iter().any(|class| {
        class == "object"
            || super::is_builtin_class(class, ty)
            || (matches!(class.as_str(), "numbers.Number" | "numbers.Real")
                && (ty.is_number() || *ty == Ty::Bool))
    })
}

impl Inference<'_> {
    /// `isinstance(x, T)`: the value is evaluated, the classes are names.
    pub(super) fn instance_test(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        env: &mut Env,
    ) -> Option<Instance> {
        let test = type_test(e)?;
        if self.functions.contains_key(test.builtin) {
            return None;
        }
        let fact = self.eval(scope, test.value, env);
        let full_name = |e: &Expr| self.full_name(e);
        let mut answer = self.model.answer(&fact.ty, &test, &full_name);
        if let Asks::Of(classes) = &test.asks {
            let known = |c: &Expr| {
                let name = self.full_name(c);
                !scope.names.names.contains_key(&c.id)
                    && (is_builtin(&name)
                        || name == "object"
                        || self.model.classes.contains_key(&name))
            };
            let all_known = classes.iter().all(|c| known(c));
            answer = match (all_known, answer, fact.ty.narrowed()) {
                (false, ..) => Instance::Open,
                (true, Instance::Open, Ty::Instance(own)) => {
                    let names: Vec<String> = classes.iter().map(|c| self.full_name(c)).collect();
                    self.in_family(&own, &names)
                }
                (true, answer, _) => answer,
            };
        }
        let text_or_dict = matches!(fact.ty.narrowed(), Ty::Tov | Ty::Tagged(_));
        if answer == Instance::Open && !fact.ty.is_unusable() && !text_or_dict {
            self.tells_of(scope, test.value);
            let message = format!(
                "`{}` of {} is not decided by its type",
                match test.builtin {
                    TYPE_IS => "type()",
                    builtin => builtin,
                },
                fact.ty.describe()
            );
            self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
        }
        scope.record(e.id, Fact::of(Ty::Bool));
        Some(answer)
    }

    /// Whether an instance of a class, or of a family, is one of certain classes.
    fn in_family(&self, own: &str, names: &[String]) -> Instance {
        let variants = self.model.classes.kind(own).map(|c| c.variants.as_slice());
        match variants {
            Some([]) | None => match self.classes.get(own) {
                Some(info) if info.class.ancestors.iter().any(|a| names.contains(a)) => {
                    Instance::Always
                }
                Some(_) => Instance::Never,
                None => Instance::Open,
            },
            Some(_) => Instance::Variant,
        }
    }

    /// What holds where `isinstance(x, T)` does, and where it does not.
    pub(super) fn instance_condition(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        env: &mut Env,
    ) -> Option<(Env, Env)> {
        let answer = self.instance_test(scope, e, env)?;
        let asked = type_test(e).map(|test| test.value);
        let value = asked.map(|value| scope.fact(value.id).ty);
        if answer == Instance::Open && value == Some(Ty::Unknown) && !self.recording {
            // Nothing is known yet: both ways would be taken for possible.
            return Some((Env::unreachable(), Env::unreachable()));
        }
        let path = asked.and_then(|value| self.path_of(scope, value));
        self.settled_by_type(scope, e, answer);
        let mut yes = env.clone();
        let no = env.clone();
        Some(match answer {
            Instance::Always => (yes, Env::unreachable()),
            Instance::Never => (Env::unreachable(), no),
            Instance::Present => {
                yes.some.extend(path);
                (yes, no)
            }
            Instance::Kinds | Instance::Int | Instance::Float => {
                self.parted_by_kind(scope, e, (yes, no))
            }
            Instance::Open | Instance::Variant => (yes, no),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_decide_where_they_can() {
        let of = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(instance(&Ty::Bool, &of(&["int"])), Instance::Always);
        assert_eq!(instance(&Ty::Int, &of(&["float", "str"])), Instance::Never);
        assert_eq!(instance(&Ty::Number, &of(&["float"])), Instance::Open);
        assert_eq!(
            instance(&Ty::Float.optional(), &of(&["int", "float"])),
            Instance::Present
        );
    }
}
