//! Calls of classes: `__init__`, and what a dataclass makes of its fields.
//!
//! Enters: a call of a class of the file. Leaves: the fact of the new instance, its fields
//! joined with the arguments. This module must not know how a class is defined.

use super::Inference;
use super::class_info::{ClassInfo, ClassKind};
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{Expr, ExprKind, Keyword, Made, NodeId};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::ty::Ty;

/// How many classes may stand in one another before nobody looks further.
const MOST_LAYERS: usize = 8;

impl<'a> Inference<'a> {
    /// `Class(…)`
    pub(super) fn construct(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        class: &str,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let Some(info) = self.classes.get(class).cloned() else {
            return Fact::unknown();
        };
        if let Some(why) = &info.refused {
            let message = format!("the class `{class}` is not translated: {why}");
            self.problem(
                e.id,
                e.span,
                Problem::new(Code::UnsupportedSyntax, message.clone()),
            );
            return Fact::of(Ty::Conflict(message));
        }
        if let Some(method) = info.class.abstracts.first() {
            let message = format!("`{class}` is abstract: no `{method}`");
            let problem = Problem::new(Code::TypeMismatch, message.clone())
                .with_help("Python raises a TypeError here");
            self.problem(e.id, e.span, problem);
            return self.no_fact(&message);
        }
        let instance = Fact::of(Ty::Instance(class.to_string()));
        match info.kind {
            ClassKind::Enum => {
                for arg in args {
                    let _ = self.eval(scope, arg, env);
                }
                Fact::of(Ty::Member(class.to_string()))
            }
            ClassKind::Flags => {
                let facts: Vec<Fact> = args.iter().map(|a| self.eval(scope, a, env)).collect();
                match facts.as_slice() {
                    [fact]
                        if fact.ty == Ty::Int && fact.range.int().lo.is_some_and(|lo| lo >= 0) =>
                    {
                        fact.clone()
                    }
                    _ => {
                        let message = format!("`{class}()` of this value is not translated");
                        let problem = Problem::new(Code::PartlyHandled, message.clone());
                        self.problem(e.id, e.span, problem);
                        self.no_fact(&message)
                    }
                }
            }
            ClassKind::Dataclass if info.find("__init__").is_none() => {
                self.construct_dataclass(scope, e, &info, args, keywords, env);
                instance
            }
            ClassKind::Dataclass | ClassKind::Plain => {
                if let Some((function, _)) = info.find("__init__") {
                    let callee = super::call::Callee {
                        function,
                        key: &format!("{class}.__init__"),
                        receiver: Some((e, instance.clone())),
                    };
                    let _ = self.user_call(scope, e, callee, args, keywords, env);
                } else if !args.is_empty() || !keywords.is_empty() {
                    let message = format!("`{class}()` takes no arguments");
                    self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
                }
                instance
            }
        }
    }

    fn construct_dataclass(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        info: &ClassInfo<'a>,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) {
        let class = info.class.name.name.clone();
        let made = info.class.made.clone().unwrap_or_default();
        for (name, default) in &info.attributes {
            if !made.fields.contains(name) {
                continue;
            }
            let (place, keyword) = argument_of(&made, name, keywords);
            let given = place.and_then(|i| args.get(i)).or(keyword);
            let fact = match (given, default) {
                (Some(value), _) => self.eval(scope, value, env),
                (None, Some(default)) => {
                    let fact = self.eval(scope, default, &mut Env::new());
                    let module = scope.facts.get(&default.id).cloned();
                    self.model
                        .module
                        .facts
                        .extend(module.map(|f| (default.id, f)));
                    fact
                }
                (None, None) => {
                    let message = format!("`{class}()`: the argument `{name}` is missing");
                    self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
                    continue;
                }
            };
            let at = given.map_or((e.id, e.span), |value| (value.id, value.span));
            if self.is_linked(&fact.ty, &class, name, at) {
                continue;
            }
            self.absorb_field(
                &class,
                name,
                &Fact {
                    unbound: false,
                    ..fact
                },
            );
        }
        let known = |n: &str| made.params.iter().any(|(name, _)| name == n);
        let by_place = made.params.iter().filter(|(_, by_name)| !by_name).count();
        let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
        if args.len() > by_place
            || args.iter().any(starred)
            || keywords
                .iter()
                .any(|k| k.name.as_ref().is_none_or(|n| !known(&n.name)))
        {
            let message = format!("`{class}()`: an argument that it does not take");
            self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
        }
    }

    /// Whether an attribute would hold an object that can hold another such in the same way:
    /// a problem, but where just that is looked for.
    pub(super) fn is_linked(
        &mut self,
        ty: &Ty,
        class: &str,
        name: &str,
        (node, span): (NodeId, Span),
    ) -> bool {
        if !self.is_within(ty, class, 0) {
            return false;
        }
        self.model.links.insert(class.to_string());
        if self.linked {
            return false;
        }
        let message = format!(
            "`{name}` of `{}` would hold an object that can hold another such in the same way",
            crate::ty::shown_class(class)
        );
        let problem = Problem::new(Code::PartlyHandled, message).with_help("keep it in a list");
        self.problem(node, span, problem);
        true
    }

    /// Whether a value of a type has an instance of a class in itself, not behind a list.
    pub(super) fn is_within(&self, ty: &Ty, class: &str, depth: usize) -> bool {
        if depth > MOST_LAYERS {
            return false;
        }
        match ty {
            Ty::Option(inner) => self.is_within(inner, class, depth),
            Ty::Tuple(items) => items.iter().any(|ty| self.is_within(ty, class, depth)),
            Ty::Instance(held) if held == class => true,
            Ty::Instance(held) => self.model.classes.kind(held).is_some_and(|model| {
                let variants = model.variants.iter();
                let mut variants = variants.map(|v| Ty::Instance(v.clone()));
                variants.any(|ty| self.is_within(&ty, class, depth + 1))
                    || model
                        .fields
                        .iter()
                        .any(|(_, f)| self.is_within(&f.ty, class, depth + 1))
            }),
            _ => false,
        }
    }
}

/// Where a call gives a field its value: the place among the arguments, or the keyword.
pub fn argument_of<'k>(
    made: &Made,
    field: &str,
    keywords: &'k [Keyword],
) -> (Option<usize>, Option<&'k Expr>) {
    let by_place = made.params.iter().filter(|(_, by_name)| !by_name);
    let place = by_place.map(|(name, _)| name).position(|n| n == field);
    let takes = made.params.iter().any(|(name, _)| name == field);
    let keyword = keywords
        .iter()
        .find(|k| takes && k.name.as_ref().is_some_and(|n| n.name == field));
    (place, keyword.map(|k| &k.value))
}
