//! What Python makes of dataclasses and named tuples beside the constructor: copies with
//! other fields, their fields as a tuple or a dict, items by place.
//!
//! Enters: a call or an item of such an instance. Leaves: its fact. This module must not
//! know Rust.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Model, Problem};
use crate::ast::{Expr, ExprKind, Keyword};
use crate::diagnostic::Code;
use crate::ranges::IntRange;
use crate::ty::Ty;

/// A function of `dataclasses` or `copy`, or the method of a named tuple that does the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copying {
    /// `replace(x, …)`, `x._replace(…)`
    Replace,
    /// `asdict(x)`, `x._asdict()`
    Dict,
    /// `astuple(x)`
    Tuple,
    /// `copy.copy(x)`
    Shallow,
    /// `copy.deepcopy(x)`
    Deep,
}

impl Copying {
    /// The function of that full name.
    pub fn of(full: &str) -> Option<Copying> {
        Some(match full {
            "dataclasses.replace" => Copying::Replace,
            "dataclasses.asdict" => Copying::Dict,
            "dataclasses.astuple" => Copying::Tuple,
            "copy.copy" => Copying::Shallow,
            "copy.deepcopy" => Copying::Deep,
            _ => return None,
        })
    }

    /// The method of a named tuple.
    pub fn of_method(name: &str) -> Option<Copying> {
        Some(match name {
            "_replace" => Copying::Replace,
            "_asdict" => Copying::Dict,
            _ => return None,
        })
    }
}

impl Model {
    /// The fields of a dataclass's or named tuple's instance, in order.
    pub fn made_fields(&self, ty: &Ty) -> Option<Vec<(String, Fact)>> {
        let Ty::Instance(class) = ty else {
            return None;
        };
        let fields = self.classes.made(class)?.fields.iter();
        let model = self.classes.get(class)?;
        fields
            .map(|name| Some((name.clone(), model.field(name)?.clone())))
            .collect()
    }

    /// Why values of that type are no keys; nothing where they are.
    pub fn unfit_key(&self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Instance(_) if self.is_key(ty, 0) => None,
            Ty::Tuple(items) => items.iter().find_map(|ty| self.unfit_key(ty)),
            other => other.unfit_key(),
        }
    }

    /// Whether a value is a key that is told apart by what it holds, which nobody changes:
    /// a frozen dataclass, a named tuple. What is not known yet may be one.
    pub fn is_key(&self, key: &Ty, depth: usize) -> bool {
        let Ty::Instance(class) = key else {
            return matches!(
                key,
                Ty::Unknown | Ty::Bool | Ty::Int | Ty::Str | Ty::Member(_)
            );
        };
        let model = self.classes.get(class);
        let made = model.and_then(|m| m.made.as_ref());
        let fields = self.made_fields(key);
        depth < 8
            && made.is_some_and(|made| made.equal && (made.frozen || made.is_tuple))
            && model.is_some_and(|m| !m.mutated)
            && fields.is_none_or(|f| f.iter().all(|(_, f)| self.is_key(&f.ty, depth + 1)))
    }

    /// The fields of a named tuple.
    pub fn tuple_fields(&self, ty: &Ty) -> Option<Vec<(String, Fact)>> {
        let Ty::Instance(class) = ty else {
            return None;
        };
        let made = self.classes.made(class)?;
        made.is_tuple.then(|| self.made_fields(ty))?
    }

    /// The field of a named tuple at a place, from the end where negative.
    pub fn tuple_field(&self, ty: &Ty, place: i128) -> Option<(String, Fact)> {
        let fields = self.tuple_fields(ty)?;
        let len = fields.len() as i128;
        let place = if place < 0 { place + len } else { place };
        fields.into_iter().nth(usize::try_from(place).ok()?)
    }

    /// A named tuple's type as the tuple that it is.
    pub fn as_tuple(&self, ty: &Ty) -> Ty {
        match self.tuple_fields(ty) {
            Some(fields) => Ty::Tuple(fields.into_iter().map(|(_, fact)| fact.ty).collect()),
            None => ty.clone(),
        }
    }

    /// Whether an instance is a value: nobody can change it, nor what it holds.
    pub fn is_value(&self, ty: &Ty, depth: usize) -> bool {
        let Ty::Instance(class) = ty.narrowed() else {
            return match ty {
                Ty::Option(inner) => self.is_value(inner, depth),
                Ty::Tuple(items) => items.iter().all(|ty| self.is_value(ty, depth)),
                other => !other.is_shared(),
            };
        };
        if !self.classes.made(&class).is_some_and(|made| made.frozen) {
            return false;
        }
        let Some(model) = self.classes.get(&class) else {
            return false;
        };
        !model.mutated
            && depth < 8
            && model
                .fields
                .iter()
                .all(|(_, f)| self.is_value(&f.ty, depth + 1))
    }

    /// What `asdict` and `astuple` make of a value: instances within it too.
    fn copied(&self, ty: &Ty, how: Copying, depth: usize) -> Option<Ty> {
        if depth > 8 {
            return None;
        }
        match ty {
            Ty::Instance(_) => {
                if self.tuple_fields(ty).is_some() && depth > 0 {
                    return None;
                }
                let fields = self.made_fields(ty)?;
                let fields = fields
                    .into_iter()
                    .map(|(name, fact)| Some((name, self.copied(&fact.ty, how, depth + 1)?)));
                Some(match how {
                    Copying::Dict => Ty::Record(fields.collect::<Option<_>>()?),
                    Copying::Tuple | Copying::Replace | Copying::Shallow | Copying::Deep => {
                        let items: Option<Vec<(String, Ty)>> = fields.collect();
                        Ty::Tuple(items?.into_iter().map(|(_, ty)| ty).collect())
                    }
                })
            }
            Ty::List { elem, .. } if !matches!(**elem, Ty::Instance(_)) => Some(ty.clone()),
            Ty::None
            | Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Member(_) => Some(ty.clone()),
            Ty::Option(inner) => {
                let plain = !matches!(**inner, Ty::Instance(_));
                plain.then(|| ty.clone())
            }
            Ty::Tuple(items) => {
                let plain = items.iter().all(|t| !matches!(t, Ty::Instance(_)));
                plain.then(|| ty.clone())
            }
            Ty::Unknown
            | Ty::List { .. }
            | Ty::Range
            | Ty::Position
            | Ty::Record(_)
            | Ty::Dict { .. }
            | Ty::Set(_)
            | Ty::Deque { .. }
            | Ty::Struct(_)
            | Ty::Tagged(_)
            | Ty::Enum(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Tov
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Exception(_)
            | Ty::Mixed(_)
            | Ty::Conflict(_) => None,
        }
    }
}

impl Inference<'_> {
    /// `replace(x, …)`, `asdict(x)`, `astuple(x)`.
    pub(super) fn copying_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        how: Copying,
        of: &Expr,
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let base = self.eval(scope, of, env);
        if base.ty.is_unusable() {
            for keyword in keywords {
                let _ = self.eval(scope, &keyword.value, env);
            }
            return base;
        }
        if matches!(how, Copying::Shallow | Copying::Deep) {
            return self.duplicated(e, how, base, keywords);
        }
        let made = match &base.ty {
            Ty::Instance(class) => self.model.classes.made(class).cloned(),
            _ => None,
        };
        let (Ty::Instance(class), Some(made)) = (&base.ty, made) else {
            let what = format!("this copy of {}", base.ty.describe());
            return self.unsupported(e, &what);
        };
        if how != Copying::Replace {
            return match self.model.copied(&base.ty, how, 0) {
                Some(ty) if keywords.is_empty() => Fact::of(ty),
                _ if self.is_early() => Fact::unknown(),
                _ => self.unsupported(e, &format!("the fields of `{class}` as a dict or tuple")),
            };
        }
        let info = self.classes.get(class);
        let hooked =
            info.is_some_and(|i| i.find("__init__").is_some() || i.find("__post_init__").is_some());
        if hooked || made.params.len() != made.fields.len() {
            let what =
                format!("`replace()` of a `{class}`, whose constructor does more than to store");
            return self.unsupported(e, &what);
        }
        for keyword in keywords {
            let fact = self.eval(scope, &keyword.value, env);
            let name = keyword.name.as_ref().map_or("", |n| n.name.as_str());
            if !made.fields.iter().any(|f| f == name) {
                let message = format!("`{class}` has no field `{name}`");
                let problem = Problem::new(Code::TypeMismatch, message.clone())
                    .with_help("Python raises a TypeError here");
                self.problem(e.id, e.span, problem);
                return self.no_fact(&message);
            }
            let fact = Fact {
                unbound: false,
                ..fact
            };
            self.absorb_field(class, name, &fact);
        }
        Fact::of(base.ty.clone())
    }

    /// `p[0]` of a named tuple.
    pub(super) fn tuple_item(&self, base: &Fact, at: &Fact) -> Option<Fact> {
        let place = at.range.int().constant()?;
        self.model
            .tuple_field(&base.ty, place)
            .map(|(_, fact)| fact)
    }

    /// `len(p)` of a named tuple.
    pub(super) fn tuple_len(&self, fact: &Fact) -> Option<Fact> {
        let fields = self.model.tuple_fields(&fact.ty)?;
        Some(Fact::int(IntRange::exactly(fields.len() as i128)))
    }
}

/// The place that an index names.
pub fn literal_place(index: &Expr) -> Option<i128> {
    use crate::ast::UnaryOp;
    use num_traits::ToPrimitive;
    match &index.kind {
        ExprKind::Int(i) => i.to_i128(),
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => literal_place(operand).map(|i| -i),
        _ => None,
    }
}
