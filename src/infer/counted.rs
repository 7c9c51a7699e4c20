//! `defaultdict`, `Counter` and `OrderedDict`: dicts with a word on keys that are not there.
//!
//! Enters: a call of such a constructor, or an item that is read. Leaves: the fact. This module
//! must not know how a dict lies in Rust.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{Expr, ExprKind, Keyword};
use crate::ty::{Maxlen, Missing, Ty};
use num_traits::Zero;

impl Inference<'_> {
    /// The fact of a call of one of these constructors; nothing where it is another call.
    pub(super) fn counted_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        full: &str,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Option<Fact> {
        let known = matches!(
            full,
            "collections.defaultdict" | "collections.Counter" | "collections.OrderedDict"
        );
        if !known {
            return None;
        }
        let name = full.rsplit('.').next().unwrap_or(full);
        let refused = format!("`{name}()` with these arguments");
        Some(match (name, args) {
            _ if !keywords.is_empty() => self.unsupported(e, &refused),
            ("OrderedDict", []) => Fact::of(Ty::dict(Ty::Unknown, Ty::Unknown)),
            ("Counter", []) => Fact::of(Ty::dict(Ty::Unknown, Ty::Int).with_missing(Missing::Zero)),
            ("Counter", [items]) => {
                let fact = self.eval(scope, items, env);
                if matches!(fact.ty.narrowed(), Ty::Dict { .. } | Ty::Record(_)) {
                    return Some(self.unsupported(e, "`Counter()` of a dict"));
                }
                let elem = self.element(items, &fact, scope).ty;
                match self.model.unfit_key(&elem) {
                    Some(why) if !matches!(elem, Ty::Enum(_)) => self.unsupported(e, &why),
                    _ => Fact::of(Ty::dict(elem, Ty::Int).with_missing(Missing::Zero)),
                }
            }
            ("defaultdict", [factory]) => match self.empty_value(scope, factory) {
                Some(value) => Fact::of(Ty::dict(Ty::Unknown, value).with_missing(Missing::Made)),
                None => self.unsupported(e, "`defaultdict()` of what is not empty or zero"),
            },
            _ => self.unsupported(e, &refused),
        })
    }

    /// The type of the empty value that a factory makes.
    fn empty_value(&self, scope: &Scope<'_>, factory: &Expr) -> Option<Ty> {
        match &factory.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                if scope.names.names.contains_key(&factory.id) {
                    return None;
                }
                self.empty_of(factory)
            }
            ExprKind::Lambda { params, body } if params.list.is_empty() => match &body.kind {
                ExprKind::Int(value) if value.is_zero() => Some(Ty::Int),
                ExprKind::Float(value) if value.to_bits() == 0 => Some(Ty::Float),
                ExprKind::Bool(false) => Some(Ty::Bool),
                ExprKind::Str(text) if text.is_empty() => Some(Ty::Str),
                ExprKind::List(items) if items.is_empty() => Some(Ty::list(Ty::Unknown)),
                ExprKind::Dict(items) if items.is_empty() => {
                    Some(Ty::dict(Ty::Unknown, Ty::Unknown))
                }
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if args.is_empty() && keywords.is_empty() => self.empty_of(func),
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if keywords.is_empty() => match args.as_slice() {
                    [inner] if self.full_callee(func) == "collections.defaultdict" => {
                        let value = self.empty_value(scope, inner)?;
                        Some(Ty::dict(Ty::Unknown, value).with_missing(Missing::Made))
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The type of what a constructor makes of nothing.
    fn empty_of(&self, constructor: &Expr) -> Option<Ty> {
        Some(match self.full_callee(constructor).as_str() {
            "int" => Ty::Int,
            "float" => Ty::Float,
            "bool" => Ty::Bool,
            "str" => Ty::Str,
            "list" => Ty::list(Ty::Unknown),
            "dict" => Ty::dict(Ty::Unknown, Ty::Unknown),
            "set" => Ty::set(Ty::Unknown),
            "collections.deque" => Ty::Deque {
                elem: Box::new(Ty::Unknown),
                maxlen: Maxlen::Unbounded,
            },
            "collections.Counter" => Ty::dict(Ty::Unknown, Ty::Int).with_missing(Missing::Zero),
            _ => return None,
        })
    }

    /// The full name of what is called, unless the file has something of that name.
    fn full_callee(&self, callee: &Expr) -> String {
        let own = |name: &str| {
            self.functions.contains_key(name)
                || self.classes.contains_key(name)
                || self.model.globals.contains_key(name)
        };
        self.model.full_name(callee, own).unwrap_or_default()
    }

    /// What reading `base[at]` puts into a `defaultdict`.
    pub(super) fn reads_default(
        &mut self,
        scope: &mut Scope<'_>,
        base: &Expr,
        at: &Fact,
        env: &mut Env,
    ) {
        let ty = scope.fact(base.id).ty.narrowed();
        if ty.missing() == Missing::Made {
            let grown = ty.with_entry(&at.ty, &Ty::Unknown);
            self.grow(scope, base, &grown);
            self.changed_in_place(scope, base, env);
        }
    }
}
