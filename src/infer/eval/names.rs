//! Names, and the paths that expressions are known by.

use super::Scope;
use crate::ast::{Expr, ExprKind};
use crate::catalog;
use crate::diagnostic::Code;
use crate::infer::Inference;
use crate::infer::env::{Env, Path, Seg};
use crate::infer::model::{Fact, Problem};
use crate::ranges::{FloatRange, Range};
use crate::ty::Ty;
use num_traits::ToPrimitive;

impl<'a> Inference<'a> {
    pub(super) fn name(&mut self, scope: &mut Scope<'_>, e: &Expr, name: &str, env: &Env) -> Fact {
        if let Some(version) = scope.names.names.get(&e.id) {
            let Some(var) = scope.vars.get(version) else {
                return Fact::unknown();
            };
            let mut fact = var.fact.clone();
            fact.unbound = !env.bound.contains(version);
            let path = var
                .alias
                .clone()
                .unwrap_or_else(|| Path::root(version.clone()));
            self.narrow(&mut fact, Some(&path), env);
            return fact;
        }
        if let Some(fact) = self.model.variables.get(name) {
            let mut fact = fact.clone();
            scope.globals.insert(name.to_string());
            self.narrow(&mut fact, Some(&Path::global(name)), env);
            return fact;
        }
        if let Some(constant) = self.model.consts.get(name) {
            return constant.fact.clone();
        }
        if self.classes.contains_key(name) {
            return Fact::of(Ty::Class(name.to_string()));
        }
        if self.functions.contains_key(name) {
            return Fact::of(Ty::Function(name.to_string()));
        }
        if let Some(module) = self.model.modules.get(name) {
            return Fact::of(Ty::Module(module.clone()));
        }
        if let Some(fact) = self
            .model
            .imported
            .get(name)
            .and_then(|full| catalog::constant(full))
        {
            return fact;
        }
        if name == "__name__" {
            return Fact::of(Ty::Str);
        }
        let problem = if self
            .model
            .globals
            .get(name)
            .is_some_and(|g| g.changed_in_function || g.assigned > 1)
        {
            Problem::new(
                Code::PartlyHandled,
                format!("`{name}` is a module variable that changes"),
            )
            .with_help("keep it in `state`: Copper's keyframes hold that")
        } else if self.model.globals.contains_key(name) {
            Problem::new(
                Code::PartlyHandled,
                format!("the value of the module variable `{name}` is not translated"),
            )
        } else if catalog::is_builtin(name) {
            Problem::new(
                Code::PartlyHandled,
                format!("the builtin `{name}` as a value"),
            )
        } else if let Some(full) = self.model.imported.get(name) {
            Problem::new(Code::UnsupportedModule, format!("`{full}` is not known"))
        } else {
            Problem::new(
                Code::UnknownType,
                format!("the name `{name}` is not defined"),
            )
            .with_help("Python raises a NameError here")
        };
        self.problem(e.id, e.span, problem);
        self.no_fact(&format!("`{name}`"))
    }

    /// A class of Python's own whose method is called on itself: `int.from_bytes`.
    pub(in crate::infer) fn builtin_class(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        method: &str,
    ) -> Option<Fact> {
        let ExprKind::Name(name) = &e.kind else {
            return None;
        };
        let known = matches!(
            (name.as_str(), method),
            ("int", "from_bytes") | ("bytes" | "bytearray", "fromhex")
        );
        if !known || !self.is_free(scope, e) {
            return None;
        }
        let class = Fact::of(Ty::Module(name.clone()));
        scope.record(e.id, class.clone());
        Some(class)
    }

    /// Applies what the flow knows of `path`.
    pub(in crate::infer) fn narrow(&self, fact: &mut Fact, path: Option<&Path>, env: &Env) {
        let Some(path) = path else { return };
        if let (Ty::Option(inner), true) = (&fact.ty, env.some.contains(path)) {
            fact.ty = (**inner).clone();
        } else if fact.ty == Ty::None && env.some.contains(path) && !self.recording {
            // What it is where it is something, a later round finds.
            fact.ty = Ty::Unknown;
        }
        self.narrow_kinds(fact, path, env);
        if fact.ty == Ty::Float && env.ints.contains(path) {
            fact.ty = Ty::Number;
            fact.range = Range::NUMBER;
        }
        if let (Some(range), true) = (env.ranges.get(path), fact.ty.narrowed().is_number()) {
            fact.range = *range;
            // On this path it is always a float.
            if let (Ty::Number, Range::Float(FloatRange { ints: None, .. })) = (&fact.ty, range) {
                fact.ty = Ty::Float;
            }
        }
    }

    /// The way to the object that `e`, or what it is an element of, is a part of.
    pub(in crate::infer) fn holder_of(&self, scope: &Scope<'_>, e: &Expr) -> Option<Path> {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self
                .path_of(scope, e)
                .or_else(|| self.holder_of(scope, value)),
            ExprKind::Attribute { value, attr } => {
                Some(self.holder_of(scope, value)?.attr(&attr.name))
            }
            ExprKind::Call { func, args, .. } => self.lender_of(scope, func, args),
            _ => self.path_of(scope, e),
        }
    }

    /// The way to the container whose objects a method of it gives, as `values()` does, or a
    /// builtin as `sorted()`.
    fn lender_of(&self, scope: &Scope<'_>, func: &Expr, args: &[Expr]) -> Option<Path> {
        let container = match (&func.kind, args) {
            (ExprKind::Attribute { value, .. }, _) => value,
            (ExprKind::Name(name), [only]) if crate::catalog::lookup(name).is_some() => only,
            _ => return None,
        };
        match scope.fact(container.id).ty.narrowed() {
            Ty::List { .. } | Ty::Dict { .. } | Ty::Deque { .. } | Ty::Record(_) => {
                self.holder_of(scope, container)
            }
            _ => None,
        }
    }

    /// The stable way to what `e` reads, aliases resolved.
    pub(in crate::infer) fn path_of(&self, scope: &Scope<'_>, e: &Expr) -> Option<Path> {
        match &e.kind {
            ExprKind::Name(name) => {
                let Some(version) = scope.names.names.get(&e.id) else {
                    return self
                        .model
                        .globals
                        .contains_key(name)
                        .then(|| Path::global(name));
                };
                match scope.vars.get(version).and_then(|v| v.alias.clone()) {
                    Some(path) => Some(path),
                    None => Some(Path::root(version.clone())),
                }
            }
            ExprKind::Named { .. } => Some(Path::root(scope.names.names.get(&e.id)?.clone())),
            ExprKind::Attribute { value, attr } => {
                Some(self.path_of(scope, value)?.attr(&attr.name))
            }
            ExprKind::Subscript { value, index } => {
                // An entry of a dict with literal keys is like an attribute.
                if let (ExprKind::Str(key), Ty::Record(fields)) =
                    (&index.kind, scope.fact(value.id).ty.narrowed())
                {
                    let known = fields.entry(key).is_some() && !fields.may_lack(key);
                    return known.then_some(self.path_of(scope, value)?.attr(key));
                }
                if let Some((field, _)) = crate::infer::made::literal_place(index)
                    .and_then(|i| self.model.tuple_field(&scope.fact(value.id).ty, i))
                {
                    return Some(self.path_of(scope, value)?.attr(&field));
                }
                let ExprKind::Int(i) = &index.kind else {
                    return None;
                };
                let base = self.path_of(scope, value)?;
                match scope.fact(value.id).ty {
                    Ty::Messages { .. } | Ty::List { len: Some(_), .. } | Ty::Tuple(_) => {
                        Some(base.then(Seg::Index(i.to_usize()?)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Why `module.name` is not known.
pub(in crate::infer) fn unknown_module_item(module: &str, name: &str) -> Problem {
    let problem = if catalog::is_module(module) {
        Problem::new(
            Code::UnsupportedCall,
            format!("`{module}.{name}` is not translated"),
        )
    } else {
        Problem::new(
            Code::UnsupportedModule,
            format!("the module `{module}` is not translated"),
        )
    };
    match catalog::advice(module, name) {
        Some(advice) => problem.with_help(advice),
        None => problem,
    }
}
