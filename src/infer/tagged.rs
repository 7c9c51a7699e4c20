//! Enums with data as Python reads them: `"Hold"`, `{"Cruise": 1.0}`, `{"GoTo": {"x": …}}`.
//!
//! Enters: a condition, or an expression on such a value. Leaves: the variants for which the
//! condition holds, the fact of the data. This module must not know how an enum lies in
//! Rust.

use super::Inference;
use super::eval::Scope;
use super::isinstance;
use super::model::{Fact, Problem};
use crate::ast::{BoolOp, CompareOp, Expr, ExprKind, Pattern, PatternKind, UnaryOp};
use crate::diagnostic::Code;
use crate::project::{EnumDef, TypeTable, Variant, VariantKind};
use crate::ty::Ty;
use crate::value::stored_range;
use std::collections::BTreeSet;

/// A condition that asks only which variant a value is.
#[derive(Debug, Clone)]
pub struct VariantTest<'e> {
    /// The value.
    pub value: &'e Expr,
    /// The names in Rust of the variants for which it holds.
    pub holds: BTreeSet<String>,
}

/// What an expression is, where it is an enum with data: the enum, and whether it may be None.
pub type TaggedAt<'t> = dyn Fn(&Expr) -> Option<(&'t EnumDef, bool)> + 't;

/// Whether a variant is a `str` in Python.
fn is_text(variant: &Variant) -> bool {
    variant.kind == VariantKind::Unit
}

fn names(def: &EnumDef, holds: impl Fn(&Variant) -> bool) -> BTreeSet<String> {
    let variants = def.variants.iter().filter(|v| holds(v));
    variants.map(|v| v.name.clone()).collect()
}

/// The test of a variant that a condition is; `same` says whether two expressions are one
/// value.
pub fn variant_test<'e, 't>(
    e: &'e Expr,
    tagged: &'t TaggedAt<'t>,
    same: &dyn Fn(&Expr, &Expr) -> bool,
) -> Option<VariantTest<'e>> {
    let opposite = |test: VariantTest<'e>| {
        let (def, optional) = tagged(test.value)?;
        let holds = names(def, |v| !test.holds.contains(&v.name));
        (!optional).then_some(VariantTest { holds, ..test })
    };
    match &e.kind {
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => opposite(variant_test(operand, tagged, same)?),
        ExprKind::Logical { op, values } => {
            let mut tests = values.iter().map(|v| variant_test(v, tagged, same));
            let first = tests.next()??;
            tests.try_fold(first, |all, test| {
                let test = test?;
                let holds = match op {
                    BoolOp::And => all.holds.intersection(&test.holds).cloned().collect(),
                    BoolOp::Or => all.holds.union(&test.holds).cloned().collect(),
                };
                same(all.value, test.value).then_some(VariantTest { holds, ..all })
            })
        }
        ExprKind::Compare { left, ops, rest } => {
            let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                return None;
            };
            let test = compared(left, *op, right, tagged)?;
            match op {
                CompareOp::NotEq | CompareOp::NotIn => opposite(test),
                _ => Some(test),
            }
        }
        ExprKind::Call { .. } => {
            let (value, classes) = isinstance::arguments(e)?;
            let (def, _) = tagged(value)?;
            let asked: Option<Vec<&str>> = classes
                .iter()
                .map(|class| match &class.kind {
                    ExprKind::Name(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            let asked = asked?;
            if !asked.iter().all(|c| isinstance::is_builtin(c)) {
                return None;
            }
            let holds = names(def, |v| {
                asked.contains(&if is_text(v) { "str" } else { "dict" })
            });
            Some(VariantTest { value, holds })
        }
        _ => None,
    }
}

/// `v == "Hold"`, `"GoTo" in v`, `v in ("Hold", "Stop")`, and their opposites as such.
fn compared<'e, 't>(
    left: &'e Expr,
    op: CompareOp,
    right: &'e Expr,
    tagged: &'t TaggedAt<'t>,
) -> Option<VariantTest<'e>> {
    let text = |e: &'e Expr| match &e.kind {
        ExprKind::Str(text) => Some(text.as_str()),
        _ => None,
    };
    match op {
        CompareOp::Eq | CompareOp::NotEq => {
            let (value, wanted) = match (text(left), text(right)) {
                (None, Some(wanted)) => (left, wanted),
                (Some(wanted), None) => (right, wanted),
                _ => return None,
            };
            let (def, _) = tagged(value)?;
            let holds = names(def, |v| is_text(v) && v.python_name == wanted);
            Some(VariantTest { value, holds })
        }
        CompareOp::In | CompareOp::NotIn => {
            if let Some(key) = text(left) {
                let (def, optional) = tagged(right)?;
                // A part of a text, or a dict's one key.
                let holds = names(def, |v| match is_text(v) {
                    true => v.python_name.contains(key),
                    false => v.python_name == key,
                });
                return (!optional).then_some(VariantTest {
                    value: right,
                    holds,
                });
            }
            let (def, _) = tagged(left)?;
            let (ExprKind::Tuple(items) | ExprKind::List(items)) = &right.kind else {
                return None;
            };
            let items: Option<Vec<&str>> = items.iter().map(text).collect();
            let items = items?;
            let holds = names(def, |v| {
                is_text(v) && items.contains(&v.python_name.as_str())
            });
            Some(VariantTest { value: left, holds })
        }
        CompareOp::Lt
        | CompareOp::LtE
        | CompareOp::Gt
        | CompareOp::GtE
        | CompareOp::Is
        | CompareOp::IsNot => None,
    }
}

/// The variants that a pattern takes, whatever their data: `"Hold"`, `{"GoTo": _}`, `str()`.
pub fn covered(def: &EnumDef, pattern: &Pattern) -> BTreeSet<String> {
    match &pattern.kind {
        PatternKind::Value(e) => match &e.kind {
            ExprKind::Str(text) => names(def, |v| is_text(v) && v.python_name == *text),
            _ => BTreeSet::new(),
        },
        PatternKind::Mapping { items, rest: None } => match items.as_slice() {
            [] => names(def, |v| !is_text(v)),
            [(key, sub)] => match &key.kind {
                ExprKind::Str(key) => {
                    names(def, |v| v.python_name == *key && takes_all(&v.kind, sub))
                }
                _ => BTreeSet::new(),
            },
            _ => BTreeSet::new(),
        },
        PatternKind::Class {
            class,
            positional,
            keywords,
        } => match &class.kind {
            ExprKind::Name(name) if positional.is_empty() && keywords.is_empty() => {
                names(def, |v| name == if is_text(v) { "str" } else { "dict" })
            }
            _ => BTreeSet::new(),
        },
        PatternKind::Or(parts) => parts.iter().flat_map(|part| covered(def, part)).collect(),
        PatternKind::As { pattern, .. } => match pattern {
            Some(inner) => covered(def, inner),
            None => names(def, |_| true),
        },
        PatternKind::Singleton(_)
        | PatternKind::Sequence(_)
        | PatternKind::Mapping { rest: Some(_), .. }
        | PatternKind::Star(_) => BTreeSet::new(),
    }
}

/// Whether a pattern takes all data of a variant.
fn takes_all(data: &VariantKind, pattern: &Pattern) -> bool {
    fn any(pattern: &Pattern) -> bool {
        matches!(&pattern.kind, PatternKind::As { pattern: None, .. })
    }
    match (&pattern.kind, data) {
        (_, VariantKind::Unit) => false,
        (PatternKind::Mapping { items, rest: None }, VariantKind::Record(fields)) => {
            items.iter().all(|(key, sub)| {
                let name = match &key.kind {
                    ExprKind::Str(name) => name,
                    _ => return false,
                };
                fields.iter().any(|f| f.python_name == *name) && any(sub)
            })
        }
        (PatternKind::Sequence(items), VariantKind::Tuple(types)) => {
            items.len() == types.len() && items.iter().all(any)
        }
        _ => any(pattern),
    }
}

/// Whether an enum derives `PartialEq`.
pub fn has_equality(types: &TypeTable, key: &str) -> bool {
    let def = types.enum_def(key);
    def.is_some_and(|def| def.derives.iter().any(|d| d == "PartialEq"))
}

/// The data of a variant as Python sees it; nothing where there is none.
pub fn data(types: &TypeTable, key: &str, variant: &Variant) -> Option<Fact> {
    match &variant.kind {
        VariantKind::Unit => None,
        VariantKind::Newtype(held) => Some(Fact {
            range: stored_range(held),
            ..Fact::of(Ty::of_rust(held, types))
        }),
        VariantKind::Tuple(_) | VariantKind::Record(_) => {
            Some(Fact::of(Ty::Struct(format!("{key}::{}", variant.name))))
        }
    }
}

impl Inference<'_> {
    /// Whether a condition asks only which variant a value is; its operands are evaluated.
    pub(super) fn asks_variant(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        let tagged = |e: &Expr| match scope.fact(e.id).ty {
            Ty::Tagged(key) => Some((self.types.enum_def(&key)?, false)),
            Ty::Option(inner) => match *inner {
                Ty::Tagged(key) => Some((self.types.enum_def(&key)?, true)),
                _ => None,
            },
            _ => None,
        };
        variant_test(e, &tagged, &|_, _| false).is_some()
    }

    /// Whether two enums with data compare in Rust as in Python.
    pub(super) fn compares_variants(&self, a: &Ty, b: &Ty) -> bool {
        match (a, b) {
            (Ty::Tagged(a), Ty::Tagged(b)) => a == b && has_equality(self.types, a),
            _ => false,
        }
    }

    /// The variant of that name with data.
    pub(super) fn variant_with_data(&self, key: &str, name: &str) -> Option<&Variant> {
        let def = self.types.enum_def(key)?;
        let found = def.variants.iter().find(|v| v.python_name == name);
        found.filter(|v| !is_text(v))
    }

    /// `value.GoTo`
    pub(super) fn variant_data(&mut self, e: &Expr, key: &str, name: &str) -> Fact {
        let fact = self.variant_with_data(key, name);
        match fact.and_then(|variant| data(self.types, key, variant)) {
            Some(fact) => fact,
            None => {
                let shown = crate::ty::last_segment(key);
                let message = format!("no variant `{name}` of `{shown}` has data");
                self.problem(e.id, e.span, Problem::new(Code::UnknownField, message));
                Fact::of(Ty::Conflict(format!("`.{name}`")))
            }
        }
    }
}
