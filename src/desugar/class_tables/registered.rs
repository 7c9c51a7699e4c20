//! Classes that are registered where they are defined.
//!
//! Enters: the module. Leaves: the same, where `@register("wander")` above a class is what the
//! decorator does with it, behind the class, and so is `__init_subclass__` of a class above it;
//! `TABLE["wander"] = Wander` and `TABLE.append(Wander)` stand in the table's display then. This
//! module must not know types.

use crate::ast::{
    self, Class, Expr, ExprKind, Function, Keyword, MethodKind, Module, Stmt, StmtKind,
};
use crate::desugar::build::{Build, method};
use crate::desugar::callables::times_bound;
use crate::desugar::copies;
use crate::desugar::inherit::argument_of;
use std::collections::{BTreeMap, BTreeSet};

/// What Python calls for each subclass.
pub(super) const HOOK: &str = "__init_subclass__";

/// The name of a decorator, and what it is called with.
pub(super) fn called(decorator: &Expr) -> Option<(&Expr, &[Expr], &[Keyword], bool)> {
    match &decorator.kind {
        ExprKind::Name(_) | ExprKind::Attribute { .. } => Some((decorator, &[], &[], false)),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => Some((func, args, keywords, true)),
        _ => None,
    }
}

/// Rewrites the module.
pub(super) fn registered(
    module: &mut Module,
    classes: &BTreeMap<String, Class>,
    next_id: &mut u32,
) {
    let functions: BTreeMap<String, Function> = module
        .body
        .stmts
        .iter()
        .filter_map(Stmt::function)
        .map(|f| (f.name.name.clone(), f.clone()))
        .collect();
    let mut work = Work {
        functions,
        classes,
        used: BTreeSet::new(),
        next_id,
    };
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut after = Vec::new();
        if let StmtKind::Class(class) = &mut stmt.kind
            && classes.contains_key(&class.name.name)
        {
            after = work.class(class);
        }
        out.push(stmt);
        out.extend(after);
    }
    module.body.stmts = out;
    work.forget(module);
    tables(module, classes);
}

struct Work<'w> {
    functions: BTreeMap<String, Function>,
    classes: &'w BTreeMap<String, Class>,
    /// Functions and methods that were decorators.
    used: BTreeSet<String>,
    next_id: &'w mut u32,
}

impl Work<'_> {
    /// What registers a class, to stand behind it.
    fn class(&mut self, class: &mut Class) -> Vec<Stmt> {
        let mut after = Vec::new();
        let name = class.name.name.clone();
        if let Some((hook, base)) = self.hook(class) {
            let args: Vec<Expr> = Vec::new();
            let plain = class.keywords.iter().all(|k| k.name.is_some());
            if plain
                && let Some(stmts) = self.done(&hook, &args, &class.keywords, &name, Some(&base))
            {
                class.keywords.clear();
                after.extend(stmts);
                self.used.insert(format!("{base}.{HOOK}"));
            }
        }
        // The nearest is the first that is called.
        while let Some(decorator) = class.decorators.last() {
            let Some((function, args, keywords, is_made, key)) = self.decorator(decorator) else {
                break;
            };
            let (args, keywords) = (args.to_vec(), keywords.to_vec());
            let stmts = match is_made {
                true => self.made(&function, &args, &keywords, &name, &key),
                false => self.done(&function, &[], &[], &name, class_of(&key)),
            };
            let Some(stmts) = stmts else { break };
            self.used.insert(key);
            class.decorators.pop();
            after.extend(stmts);
        }
        after
    }

    /// The `__init_subclass__` that Python calls for a class, and whose it is.
    fn hook(&self, class: &Class) -> Option<(Function, String)> {
        let mut at = class;
        for _ in 0..super::MOST_CLASSES {
            let mut bases = at.bases.iter().filter_map(|b| match &b.kind {
                ExprKind::Name(name) => self.classes.get(name),
                _ => None,
            });
            let base = bases.next()?;
            if let Some(hook) = method(&base.body, HOOK) {
                return Some((hook.clone(), base.name.name.clone()));
            }
            at = base;
        }
        None
    }

    /// The function of a decorator: of the module, or `@Registry.register`.
    #[allow(clippy::type_complexity)]
    fn decorator<'d>(
        &self,
        decorator: &'d Expr,
    ) -> Option<(Function, &'d [Expr], &'d [Keyword], bool, String)> {
        let (func, args, keywords, is_made) = called(decorator)?;
        match &func.kind {
            ExprKind::Name(name) => {
                let function = self.functions.get(name)?;
                let plain = function.decorators.is_empty();
                plain.then(|| (function.clone(), args, keywords, is_made, name.clone()))
            }
            ExprKind::Attribute { value, attr } => {
                let ExprKind::Name(class) = &value.kind else {
                    return None;
                };
                let of = self.classes.get(class)?;
                let function = method(&of.body, &attr.name)?;
                let kind = function.method_kind();
                if !matches!(kind, Ok(MethodKind::Class | MethodKind::Static)) {
                    return None;
                }
                let mut plain = function.clone();
                if matches!(kind, Ok(MethodKind::Class)) {
                    let own = plain.params.list.first()?.name.name.clone();
                    plain.params.list.remove(0);
                    named(&mut plain, &own, class);
                }
                let key = format!("{class}.{}", attr.name);
                Some((plain, args, keywords, is_made, key))
            }
            _ => None,
        }
    }

    /// What `@register("name")` does: the function within it, with its arguments.
    fn made(
        &mut self,
        function: &Function,
        args: &[Expr],
        keywords: &[Keyword],
        class: &str,
        key: &str,
    ) -> Option<Vec<Stmt>> {
        let (last, before) = function.body.stmts.split_last()?;
        let StmtKind::Return(Some(back)) = &last.kind else {
            return None;
        };
        let [inner] = before else { return None };
        let inner = inner.function()?;
        if !matches!(&back.kind, ExprKind::Name(n) if *n == inner.name.name) {
            return None;
        }
        let mut given = inner.clone();
        for (place, param) in function.params.list.iter().enumerate() {
            let arg = argument_of(param, place, args, keywords)?;
            if !is_plain(arg) {
                return None;
            }
            substitute(&mut given.body, &param.name.name, arg);
        }
        self.done(&given, &[], &[], class, class_of(key))
    }

    /// What a decorator does with a class, or `__init_subclass__`.
    fn done(
        &mut self,
        function: &Function,
        args: &[Expr],
        keywords: &[Keyword],
        class: &str,
        base: Option<&str>,
    ) -> Option<Vec<Stmt>> {
        let (own, rest) = function.params.list.split_first()?;
        let mut body = function.body.clone();
        for (place, param) in rest.iter().enumerate() {
            if matches!(param.kind, ast::ParamKind::VarArgs | ast::ParamKind::KwArgs) {
                continue;
            }
            let arg = argument_of(param, place, args, keywords)?;
            if !is_plain(arg) {
                return None;
            }
            substitute(&mut body, &param.name.name, arg);
        }
        let mut span = own.name.span;
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let this = build.name(class);
        // `cls.registry` is that of the class above.
        if let Some(base) = base {
            let above = build.name(base);
            ast::rewrite::block(&mut body, &mut |e| {
                if let ExprKind::Attribute { value, attr } = &mut e.kind
                    && matches!(&value.kind, ExprKind::Name(n) if *n == own.name.name)
                    && !attr.name.starts_with("__")
                    && self
                        .classes
                        .get(base)
                        .is_some_and(|c| has_container(c, &attr.name))
                {
                    **value = above.clone();
                }
            });
        }
        substitute(&mut body, &own.name.name, &this);
        let mut out = Vec::new();
        for mut stmt in body.stmts {
            span = stmt.span;
            let fine = match &stmt.kind {
                StmtKind::Return(Some(value)) => {
                    if matches!(&value.kind, ExprKind::Name(n) if n == class) {
                        break;
                    }
                    false
                }
                StmtKind::Expr(e) if is_super(e) || matches!(e.kind, ExprKind::Str(_)) => continue,
                StmtKind::Pass => continue,
                StmtKind::Assign { .. } | StmtKind::Expr(_) => true,
                _ => false,
            };
            if !fine {
                return None;
            }
            copies::stmt(&mut stmt, self.next_id);
            ast::rewrite::stmt(&mut stmt, &mut |e| {
                if let ExprKind::Attribute { value, attr } = &e.kind
                    && attr.name == "__name__"
                    && matches!(&value.kind, ExprKind::Name(n) if n == class)
                {
                    e.kind = ExprKind::Str(class.to_string());
                }
            });
            stmt.comments.clear();
            stmt.blank_before = false;
            out.push(stmt);
        }
        let _ = span;
        Some(out)
    }

    /// Leaves out what registered classes, where nothing else names it.
    fn forget(&self, module: &mut Module) {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        struct Named<'n>(&'n mut BTreeMap<String, usize>);
        impl<'ast> ast::visit::Visitor<'ast> for Named<'_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                if let StmtKind::Class(class) = &stmt.kind {
                    class.decorators.iter().for_each(|d| self.visit_expr(d));
                }
                ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast Expr) {
                let name = match &e.kind {
                    ExprKind::Name(name) => Some(name),
                    ExprKind::Attribute { attr, .. } => Some(&attr.name),
                    _ => None,
                };
                if let Some(name) = name {
                    *self.0.entry(name.clone()).or_default() += 1;
                }
                ast::visit::walk_expr(self, e);
            }
        }
        ast::visit::Visitor::visit_block(&mut Named(&mut names), &module.body);
        let gone = |key: &str, name: &str| {
            self.used.contains(key) && (name == HOOK || !names.contains_key(name))
        };
        module.body.stmts.retain(|s| {
            s.function()
                .is_none_or(|f| !gone(&f.name.name, &f.name.name))
        });
        for stmt in &mut module.body.stmts {
            if let StmtKind::Class(class) = &mut stmt.kind {
                let own = class.name.name.clone();
                class.body.stmts.retain(|s| {
                    s.function()
                        .is_none_or(|f| !gone(&format!("{own}.{}", f.name.name), &f.name.name))
                });
            }
        }
    }
}

/// The class in `Registry.register`.
fn class_of(key: &str) -> Option<&str> {
    key.split_once('.').map(|(class, _)| class)
}

/// Whether a class has a display as that attribute.
fn has_container(class: &Class, attr: &str) -> bool {
    class.body.stmts.iter().any(|s| {
        super::value_of(s).is_some_and(|(name, value)| {
            name == attr && matches!(value.kind, ExprKind::List(_) | ExprKind::Dict(_))
        })
    })
}

/// `super().__init_subclass__(…)`
fn is_super(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Call { func, .. }
        if matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == HOOK))
}

fn is_plain(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Attribute { value, .. } => matches!(value.kind, ExprKind::Name(_)),
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Name(_)
        | ExprKind::Str(_) => true,
        _ => false,
    }
}

fn named(function: &mut Function, own: &str, class: &str) {
    ast::rewrite::block(&mut function.body, &mut |e| {
        if let ExprKind::Name(name) = &mut e.kind
            && name == own
        {
            *name = class.to_string();
        }
    });
}

fn substitute(body: &mut ast::Block, name: &str, with: &Expr) {
    ast::rewrite::block(body, &mut |e| {
        if matches!(&e.kind, ExprKind::Name(n) if n == name) {
            e.kind = with.kind.clone();
        }
    });
}

/// Puts what is registered into the displays of the tables, and the tables behind the classes.
fn tables(module: &mut Module, classes: &BTreeMap<String, Class>) {
    let bound = times_bound(module);
    // What is added to each table, and by which statements.
    let mut added: BTreeMap<String, Vec<(Option<Expr>, Expr)>> = BTreeMap::new();
    let mut by: Vec<usize> = Vec::new();
    for (at, stmt) in module.body.stmts.iter().enumerate() {
        if let Some((table, key, value)) = addition(stmt, classes) {
            added.entry(table).or_default().push((key, value));
            by.push(at);
        }
    }
    let mut moved: Vec<Stmt> = Vec::new();
    let mut filled: BTreeSet<String> = BTreeSet::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (at, stmt) in module.body.stmts.iter_mut().enumerate() {
        if let StmtKind::Class(class) = &mut stmt.kind {
            let own = class.name.name.clone();
            for inner in &mut class.body.stmts {
                let Some((name, _)) = super::value_of(inner) else {
                    continue;
                };
                let key = format!("{own}.{name}");
                if fill(inner, added.get(&key)) {
                    filled.insert(key);
                }
            }
            continue;
        }
        let Some((name, _)) = super::value_of(stmt) else {
            continue;
        };
        let name = name.to_string();
        if bound.get(&name) == Some(&1) && fill(stmt, added.get(&name)) {
            filled.insert(name);
            moved.push(stmt.clone());
            gone.insert(at);
        }
    }
    let is_added = |at: usize, stmt: &Stmt| {
        by.contains(&at)
            && addition(stmt, classes).is_some_and(|(table, ..)| filled.contains(&table))
    };
    let last = by.last().copied();
    let mut out = Vec::new();
    for (at, stmt) in std::mem::take(&mut module.body.stmts)
        .into_iter()
        .enumerate()
    {
        if !is_added(at, &stmt) && !gone.contains(&at) {
            out.push(stmt);
        }
        if Some(at) == last {
            out.append(&mut moved);
        }
    }
    module.body.stmts = out;
}

/// Adds entries to an empty display.
fn fill(stmt: &mut Stmt, added: Option<&Vec<(Option<Expr>, Expr)>>) -> bool {
    let Some(added) = added else { return false };
    let value = match &mut stmt.kind {
        StmtKind::Assign { value, .. }
        | StmtKind::AnnAssign {
            value: Some(value), ..
        } => value,
        _ => return false,
    };
    match &mut value.kind {
        ExprKind::List(items) if items.is_empty() && added.iter().all(|(k, _)| k.is_none()) => {
            items.extend(added.iter().map(|(_, v)| v.clone()));
            true
        }
        ExprKind::Dict(entries) if entries.is_empty() && added.iter().all(|(k, _)| k.is_some()) => {
            entries.extend(added.iter().cloned());
            true
        }
        _ => false,
    }
}

/// `TABLE["wander"] = Wander`, `TABLE.append(Wander)`: the table, the key, and the class.
fn addition(
    stmt: &Stmt,
    classes: &BTreeMap<String, Class>,
) -> Option<(String, Option<Expr>, Expr)> {
    let is_class = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if classes.contains_key(n));
    let path = |e: &Expr| match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { value, attr } => match &value.kind {
            ExprKind::Name(class) if classes.contains_key(class) => {
                Some(format!("{class}.{}", attr.name))
            }
            _ => None,
        },
        _ => None,
    };
    match &stmt.kind {
        StmtKind::Assign { targets, value } if is_class(value) => {
            let [target] = targets.as_slice() else {
                return None;
            };
            let ExprKind::Subscript { value: of, index } = &target.kind else {
                return None;
            };
            Some((path(of)?, Some((**index).clone()), value.clone()))
        }
        StmtKind::Expr(e) => {
            let ExprKind::Call { func, args, .. } = &e.kind else {
                return None;
            };
            let ExprKind::Attribute { value, attr } = &func.kind else {
                return None;
            };
            let [arg] = args.as_slice() else { return None };
            (attr.name == "append" && is_class(arg))
                .then(|| path(value))
                .flatten()
                .map(|table| (table, None, arg.clone()))
        }
        _ => None,
    }
}
