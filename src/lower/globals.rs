//! Variables of the module that change: fields of the task.
//!
//! Enters: the variables that the task's functions use. Leaves: the fields with their first
//! values, and the places and arguments by which functions reach them. This module must not
//! know classes.

mod unread;

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, StmtKind as PyKind};
use crate::diagnostic::Code;
use crate::infer::{FnId, Problem, Role};
use crate::ir::{Expr, Kept, RTy, TaskField};
use crate::source::Span;

impl<'a> Lowerer<'a> {
    /// The module variables that the Rust uses, as fields of the task.
    pub(super) fn build_fields(&mut self) {
        let mut used: Vec<String> = Vec::new();
        for (i, f) in self.input.model.functions.iter().enumerate() {
            if self.lowered.contains_key(&FnId(i)) && f.role != Role::Helper {
                used.extend(f.globals.iter().cloned());
            }
        }
        used.sort();
        used.dedup();
        let read = used.clone();
        self.with_what_they_read(&mut used);
        self.build_fields_of(used);
        for field in &mut self.task.fields {
            if matches!(field.kept, Kept::Unread | Kept::Unpacked(_)) {
                continue;
            }
            let named = |names: &[String], ident: &str| {
                names
                    .iter()
                    .any(|name| self.names_of_globals.get(name).is_some_and(|i| i == ident))
            };
            if !named(&read, &field.name) {
                field.kept = Kept::New;
            }
        }
    }

    /// Adds the module variables that the first values of others are computed from, and those
    /// that values are computed from which nobody reads, but which change others.
    fn with_what_they_read(&self, used: &mut Vec<String>) {
        let mut next = 0;
        loop {
            self.with_what_is_read_from(used, next);
            next = used.len();
            for (_, _, value) in unread::unread(self, used) {
                self.reads_of(value, used);
            }
            if used.len() == next {
                return;
            }
        }
    }

    /// Adds the module variables that a value is computed from.
    fn reads_of(&self, value: &PyExpr, used: &mut Vec<String>) {
        struct Reads<'m, 'l, 'a>(&'m Lowerer<'a>, &'l mut Vec<String>);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Reads<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                let model = self.0.input.model;
                if let ExprKind::Name(name) = &e.kind
                    && model.variables.contains_key(name)
                {
                    self.1.push(name.clone());
                }
                if let Some(id) = model.module.calls.get(&e.id)
                    && let Some(callee) = model.functions.get(id.0)
                {
                    self.1.extend(callee.globals.iter().cloned());
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut more = Vec::new();
        crate::ast::visit::Visitor::visit_expr(&mut Reads(self, &mut more), value);
        for name in more {
            if !used.contains(&name) {
                used.push(name);
            }
        }
    }

    /// Adds what the first values of those from a place on are computed from.
    fn with_what_is_read_from(&self, used: &mut Vec<String>, mut next: usize) {
        while let Some(name) = used.get(next).cloned() {
            next += 1;
            if let Some(value) = self.const_value(&name) {
                self.reads_of(value, used);
            }
        }
    }

    /// The name of a module variable in Rust: what is written like a constant is none.
    pub(super) fn global_ident(&self, name: &str) -> String {
        self.names_of_globals
            .get(name)
            .cloned()
            .unwrap_or_else(|| super::vars::rust_ident(name))
    }

    /// Names the module variables.
    pub(super) fn name_globals(&mut self) {
        let model = self.input.model;
        // A function that is lent the variable has names of its own.
        let taken = |ident: &str, name: &str| {
            let own = |f: &crate::infer::FnModel| {
                let mut vars = f.vars.keys().map(|v| crate::infer::scope::plain_name(v));
                f.globals.contains(name) && vars.any(|v| v == ident)
            };
            model.globals.contains_key(ident)
                || self.functions.contains_key(ident)
                || model.functions.iter().any(own)
        };
        for name in model.variables.keys() {
            let lower = name.to_lowercase();
            let ident = match name.chars().any(char::is_lowercase) {
                true => name.clone(),
                false => [
                    lower.clone(),
                    format!("all_{lower}"),
                    format!("module_{lower}"),
                ]
                .into_iter()
                .find(|ident| !taken(ident, name))
                .unwrap_or_else(|| name.clone()),
            };
            self.names_of_globals
                .insert(name.clone(), super::vars::rust_ident(&ident));
        }
    }

    /// Module variables as fields, in the order of the Python.
    /// Gives the first values of the fields the form that the bodies of functions have.
    pub(super) fn tidy_fields(&mut self) {
        let mut fields = std::mem::take(&mut self.task.fields);
        let known = crate::ir::tidy::Known {
            references: Vec::new(),
            is_own: &|name| self.is_own_function(name),
            is_helper: &super::function::is_helper,
            constant: &|name| self.number_constant(name),
            clamps_by_hand: false.into(),
        };
        for field in &mut fields {
            crate::ir::tidy::value(&mut field.init, &known);
        }
        self.task.fields = fields;
    }

    pub(super) fn build_fields_of(&mut self, used: Vec<String>) {
        let unread = unread::unread(self, &used);
        for stmt in &self.input.module.body.stmts {
            let (targets, value): (Vec<&'a PyExpr>, &'a PyExpr) = match &stmt.kind {
                PyKind::Assign { targets, value } => (targets.iter().collect(), value),
                PyKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (vec![target], value),
                _ => continue,
            };
            if let [target] = targets.as_slice()
                && self.build_unpacked(target, value, &used)
            {
                continue;
            }
            let mut pairs = Vec::new();
            for target in targets {
                target_values(target, value, &mut pairs);
            }
            let mut pairs: Vec<_> = pairs
                .into_iter()
                .filter(|(_, name, _)| used.iter().any(|u| u == name))
                .map(|(target, name, value)| (target, Some(name), value))
                .collect();
            let own = unread.iter().filter(|(id, ..)| *id == stmt.id);
            pairs.extend(own.map(|(_, target, value)| (*target, None, *value)));
            pairs.sort_by_key(|(_, _, value)| value.span.start);
            for (target, name, value) in pairs {
                match name {
                    Some(name) => self.build_field(target, name, value),
                    None => self.build_unread(target, value),
                }
            }
        }
        // A variable that gets its first value in another way.
        for name in used {
            let ident = self.global_ident(&name);
            let Some(fact) = self.input.model.variables.get(&name) else {
                continue;
            };
            if self.task.fields.iter().any(|f| f.name == ident) {
                continue;
            }
            let Some(ty) = self.natural(fact) else {
                continue;
            };
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("the first value of the module variable `{name}` is not translated"),
            );
            let text = self.hole_text(self.bound_at(&name), &problem);
            self.task.fields.push(TaskField {
                name: ident,
                ty,
                init: Expr::Hole(text),
                kept: Kept::Frozen,
            });
        }
    }

    /// Module variables that get the items of a tuple: `path, length = plan(start)`.
    fn build_unpacked(&mut self, target: &PyExpr, value: &'a PyExpr, used: &[String]) -> bool {
        let (ExprKind::Tuple(targets), false) =
            (&target.kind, matches!(value.kind, ExprKind::Tuple(_)))
        else {
            return false;
        };
        let name = |target: &PyExpr| match &target.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        };
        let Some(names) = targets.iter().map(name).collect::<Option<Vec<String>>>() else {
            return false;
        };
        let fact = self.input.model.module.fact(value.id);
        let Some(ty @ RTy::Tuple(_)) = self.natural(&fact) else {
            return false;
        };
        let RTy::Tuple(items) = &ty else { return false };
        let read: Vec<Option<String>> = names
            .iter()
            .map(|name| used.contains(name).then(|| self.global_ident(name)))
            .collect();
        let fits = |(name, item): (&String, &RTy)| {
            let fact = self.input.model.variables.get(name);
            !used.contains(name) || fact.and_then(|f| self.natural(f)).as_ref() == Some(item)
        };
        let distinct = names.iter().collect::<std::collections::BTreeSet<_>>();
        let known = |ident: &Option<String>| {
            let ident = ident.as_ref();
            ident.is_some_and(|ident| self.task.fields.iter().any(|f| f.name == *ident))
        };
        if items.len() != names.len()
            || distinct.len() != names.len()
            || !names.iter().zip(items).all(fits)
            || read.iter().all(Option::is_none)
            || read.iter().any(known)
        {
            return false;
        }
        let init = super::function::module_value(self, value, &ty);
        self.task.fields.push(TaskField {
            name: "_".into(),
            ty: ty.clone(),
            init,
            kept: Kept::Unpacked(read),
        });
        let named = targets.iter().zip(names).filter(|(_, n)| used.contains(n));
        for (target, name) in named {
            self.build_field_of(target, &name, |this, _| {
                Expr::atom(this.global_ident(&name))
            });
        }
        true
    }

    /// Where the module gives a name a value.
    fn bound_at(&self, name: &str) -> Span {
        let binds = |stmt: &&crate::ast::Stmt| {
            let mut leaves = Vec::new();
            if let PyKind::Assign { targets, .. } = &stmt.kind {
                targets.iter().for_each(|t| ast::leaves(t, &mut leaves));
            }
            let named = |e: &&PyExpr| matches!(&e.kind, ExprKind::Name(n) if n == name);
            leaves.iter().any(named)
        };
        let stmt = self.input.module.body.stmts.iter().find(binds);
        stmt.map_or(Span::new(0, 0), |stmt| stmt.span)
    }

    /// A module variable as a field of the task.
    fn build_field(&mut self, target: &PyExpr, name: &str, value: &'a PyExpr) {
        self.build_field_of(target, name, |this, ty| {
            super::function::module_value(this, value, ty)
        });
    }

    /// A module variable as a field of the task, with what gives its first value.
    fn build_field_of(
        &mut self,
        target: &PyExpr,
        name: &str,
        init: impl FnOnce(&mut Self, &RTy) -> Expr,
    ) {
        let Some(fact) = self.input.model.variables.get(name) else {
            return;
        };
        let ident = self.global_ident(name);
        if self.task.fields.iter().any(|f| f.name == ident) {
            let message = format!("the module variable `{name}` is assigned twice at module level");
            self.report(Code::PartlyHandled, target.span, &message, None);
            return;
        }
        let Some(ty) = self.natural(fact) else {
            let message = format!(
                "the module variable `{name}` has no one type: {}",
                fact.ty.describe()
            );
            self.report(Code::UnknownType, target.span, &message, None);
            return;
        };
        let init = init(self, &ty);
        let model = self.input.model;
        let changes = |f: &crate::infer::FnModel| f.globals_changed.contains(name);
        let is_fixed = model.computed.contains(name) && !model.functions.iter().any(changes);
        self.use_types(&ty);
        self.task.fields.push(TaskField {
            name: ident,
            ty,
            init,
            kept: match is_fixed {
                true => Kept::Made,
                false => Kept::Frozen,
            },
        });
        if self.input.binding.form.is_plain() || is_fixed {
            return;
        }
        let message = format!(
            "`{name}` lives outside `state`: Copper's keyframes did not hold it; here it is frozen with the task"
        );
        self.report(Code::GlobalState, target.span, &message, None);
    }
}

/// The names that an assignment gives values, each with its own: `x, y = 0, 1`.
fn target_values<'t>(
    target: &'t PyExpr,
    value: &'t PyExpr,
    out: &mut Vec<(&'t PyExpr, &'t str, &'t PyExpr)>,
) {
    match (&target.kind, &value.kind) {
        (ExprKind::Name(name), _) => out.push((target, name, value)),
        (ExprKind::Tuple(targets), ExprKind::Tuple(values)) if targets.len() == values.len() => {
            for (target, value) in targets.iter().zip(values) {
                target_values(target, value, out);
            }
        }
        _ => {}
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The place of a module variable, and its type.
    pub(super) fn global_place(&self, name: &str) -> Option<(Expr, RTy)> {
        let ty = self.lw.natural(self.lw.input.model.variables.get(name)?)?;
        let ident = self.lw.global_ident(name);
        if self.is_local_of_module() {
            return Some((Expr::atom(ident), ty));
        }
        if self.model.role != Role::Helper {
            return Some((Expr::atom("self").field(ident), ty));
        }
        let changed = self.model.globals_changed.contains(name);
        let lent = match &ty {
            RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_) => true,
            RTy::Vec(_) | RTy::String => !changed,
            _ => false,
        };
        if lent {
            let ty = match changed {
                true => RTy::RefMut(Box::new(ty)),
                false => ty.by_ref(),
            };
            return Some((Expr::atom(ident), ty));
        }
        let copy = self.lw.is_copy(&ty);
        // A reference to an object is used as the object is.
        let instance = matches!(ty, RTy::Named(_) | RTy::Vec(_)) && !copy;
        let place = if (changed || !copy) && !instance {
            Expr::Deref(Box::new(Expr::atom(ident)))
        } else {
            Expr::atom(ident)
        };
        Some((place, ty))
    }

    /// Whether module variables are variables here: in `main`, and in `new`, where they get
    /// their first values.
    pub(super) fn is_local_of_module(&self) -> bool {
        self.is_main() || self.model.python_name == "<module>"
    }

    /// Whether a path is a module variable that a function is lent, to change it.
    pub(super) fn is_lent_global(&self, path: &crate::infer::Path) -> bool {
        let global = path.global_name().filter(|_| path.segs.is_empty());
        global.is_some_and(|name| self.model.globals_changed.contains(name))
            && self.model.role == Role::Helper
            && !self.is_main()
    }

    /// The parameters that pass module variables on.
    pub(super) fn global_params(&self) -> Vec<(String, RTy)> {
        let mut params = Vec::new();
        for name in &self.model.globals {
            let Some(fact) = self.lw.input.model.variables.get(name) else {
                continue;
            };
            let Some(ty) = self.lw.natural(fact) else {
                continue;
            };
            let ty = match (
                self.model.globals_changed.contains(name),
                self.lw.is_copy(&ty),
            ) {
                (true, _) => RTy::RefMut(Box::new(ty)),
                (false, true) => ty,
                (false, false) => ty.by_ref(),
            };
            params.push((self.lw.global_ident(name), ty));
        }
        params
    }

    /// Whether a parameter of that name is a module variable.
    pub(super) fn is_global_param(&self, name: &str) -> bool {
        let mut globals = self.model.globals.iter();
        self.model.role == Role::Helper && globals.any(|g| self.lw.global_ident(g) == name)
    }

    /// Whether an expression is a literal, or a variable that no call changes.
    pub(super) fn is_fixed(&self, e: &Expr) -> bool {
        match e {
            Expr::NegLit(_) => true,
            Expr::Atom(name) => {
                let globals = &self.lw.input.model.globals;
                let mut changed = globals.iter().filter(|(_, g)| g.changed_in_function);
                !changed.any(|(global, _)| self.lw.global_ident(global) == *name)
            }
            _ => false,
        }
    }

    /// The arguments that pass module variables to a callee.
    pub(super) fn global_args(&self, callee: &crate::infer::FnModel) -> Vec<Expr> {
        let mut args = Vec::new();
        for name in &callee.globals {
            let Some(fact) = self.lw.input.model.variables.get(name) else {
                continue;
            };
            let Some(ty) = self.lw.natural(fact) else {
                continue;
            };
            let changed = callee.globals_changed.contains(name);
            let ident = self.lw.global_ident(name);
            let copy = self.lw.is_copy(&ty);
            let local = self.is_local_of_module();
            let arg = if self.model.role != Role::Helper || local {
                let place = match local {
                    true => Expr::atom(ident),
                    false => Expr::atom("self").field(ident),
                };
                match (changed, copy) {
                    (true, _) => Expr::RefMut(Box::new(place)),
                    (false, true) => place,
                    (false, false) => Expr::Ref(Box::new(place)),
                }
            } else {
                let own = self.model.globals_changed.contains(name);
                match (changed, own, copy) {
                    (false, true, true) => Expr::Deref(Box::new(Expr::atom(ident))),
                    _ => Expr::atom(ident),
                }
            };
            args.push(arg);
        }
        args
    }
}
