//! `@contextmanager`: a generator around the body of a `with`.
//!
//! Enters: the module. Leaves: the same, where `with section("a") as x: body` is what the
//! generator does up to its `yield`, the body, and what it does from there on: an exception of
//! the body is raised where the generator yields, so its `try` stands around the body. A body
//! that is left in another way stays, unless all that follows the `yield` is in `finally`. What
//! cannot be written so stays, and is refused later. This module must not know types.

use super::build::Build;
use super::callables::{full_name, imports};
use super::copies;
use super::inherit::argument_of;
use super::names::{Names, free};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Keyword, Module, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The decorator.
const DECORATOR: &str = "contextlib.contextmanager";

/// Rewrites the module.
pub(super) fn context_managers(module: &mut Module, next_id: &mut u32) {
    let imports = imports(module);
    let is = |f: &Function| match f.decorators.as_slice() {
        [decorator] => full_name(decorator, &imports) == DECORATOR,
        _ => false,
    };
    let mut work = Managers {
        functions: BTreeMap::new(),
        methods: BTreeMap::new(),
        next_id,
    };
    let mut methods: BTreeMap<String, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) if is(f) => {
                work.functions.insert(f.name.name.clone(), f.clone());
            }
            StmtKind::Class(class) => {
                for f in class.body.stmts.iter().filter_map(Stmt::function) {
                    *methods.entry(f.name.name.clone()).or_default() += 1;
                    if is(f) {
                        work.methods.insert(f.name.name.clone(), f.clone());
                    }
                }
            }
            _ => {}
        }
    }
    work.methods
        .retain(|name, _| methods.get(name) == Some(&1) && name != "__init__");
    if work.functions.is_empty() && work.methods.is_empty() {
        return;
    }
    // The level of the module is a function of its own.
    let mut taken = names_of(&module.body);
    work.block(&mut module.body, &mut taken, &BTreeSet::new());
    forget(module, &work);
}

/// Leaves out the generators that nobody names any more.
fn forget(module: &mut Module, work: &Managers<'_>) {
    struct Named(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Named {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Name(name) => self.0.insert(name.clone()),
                ExprKind::Attribute { attr, .. } => self.0.insert(attr.name.clone()),
                _ => false,
            };
            visit::walk_expr(self, e);
        }
    }
    let mut named = Named(BTreeSet::new());
    named.visit_block(&module.body);
    let gone = |stmt: &Stmt, known: &BTreeMap<String, Function>| {
        stmt.function()
            .is_some_and(|f| known.contains_key(&f.name.name) && !named.0.contains(&f.name.name))
    };
    module.body.stmts.retain(|s| !gone(s, &work.functions));
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            class.body.stmts.retain(|s| !gone(s, &work.methods));
            if class.body.stmts.is_empty() {
                // A class is never without a body.
                let mut next = *work.next_id;
                let mut build = Build {
                    next_id: &mut next,
                    span: class.name.span,
                };
                class.body.stmts.push(build.stmt(StmtKind::Pass));
            }
        }
    }
}

/// What a generator is called on, and with.
type Called<'e> = (Option<&'e Expr>, &'e [Expr], &'e [Keyword]);

struct Managers<'n> {
    functions: BTreeMap<String, Function>,
    methods: BTreeMap<String, Function>,
    next_id: &'n mut u32,
}

/// All names that stand in a block.
fn names_of(block: &Block) -> BTreeSet<String> {
    let mut names = Names::default();
    block.stmts.iter().for_each(|s| names.stmt(s));
    names.all()
}

impl Managers<'_> {
    /// `bound` are the names of the function around, which hide the module's.
    fn block(&mut self, block: &mut Block, taken: &mut BTreeSet<String>, bound: &BTreeSet<String>) {
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            match &mut stmt.kind {
                StmtKind::Function(f) => {
                    let names = Names::of(f);
                    let globals = globals_of(&f.body);
                    let mut hides: BTreeSet<String> = names.bound.keys().cloned().collect();
                    hides.retain(|name| !globals.contains(name));
                    hides.extend(bound.iter().cloned());
                    self.block(&mut f.body, &mut names.all(), &hides);
                }
                StmtKind::Class(class) => self.block(&mut class.body, taken, bound),
                _ => {
                    self.split(&mut stmt);
                    for inner in ast::branches_mut(&mut stmt) {
                        self.block(inner, taken, bound);
                    }
                }
            }
            match self.written_out(&stmt, taken, bound) {
                Some(stmts) => out.extend(stmts),
                None => out.push(stmt),
            }
        }
        block.stmts = out;
    }

    /// `with a, b:` as one in the other.
    fn split(&mut self, stmt: &mut Stmt) {
        let StmtKind::With {
            items,
            body,
            is_async: false,
        } = &mut stmt.kind
        else {
            return;
        };
        let ours = |this: &Self, items: &[(Expr, Option<Expr>)]| {
            items.iter().any(|(e, _)| this.called(e).is_some())
        };
        if items.len() < 2 || !ours(self, items) {
            return;
        }
        let rest = items.split_off(1);
        let mut build = Build {
            next_id: self.next_id,
            span: stmt.span,
        };
        let inner = build.stmt(StmtKind::With {
            items: rest,
            body: std::mem::take(body),
            is_async: false,
        });
        body.stmts.push(inner);
    }

    /// The generator that a call names, with what it is called on.
    fn called<'e>(&self, e: &'e Expr) -> Option<(&Function, Called<'e>)> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return None;
        };
        match &func.kind {
            ExprKind::Name(name) => {
                let function = self.functions.get(name)?;
                Some((function, (None, args, keywords)))
            }
            ExprKind::Attribute { value, attr } => {
                let function = self.methods.get(&attr.name)?;
                Some((function, (Some(value), args, keywords)))
            }
            _ => None,
        }
    }

    /// A `with` over a generator of the file.
    fn written_out(
        &mut self,
        stmt: &Stmt,
        taken: &mut BTreeSet<String>,
        bound: &BTreeSet<String>,
    ) -> Option<Vec<Stmt>> {
        let StmtKind::With {
            items,
            body,
            is_async: false,
        } = &stmt.kind
        else {
            return None;
        };
        let [(context, target)] = items.as_slice() else {
            return None;
        };
        let (function, (of, args, keywords)) = self.called(context)?;
        let shape = Shape::of(function)?;
        if leaves(body) && !shape.ends_in_finally {
            return None;
        }
        let function = function.clone();
        let names = Names::of(&function);
        let own: BTreeSet<String> = names.bound.keys().cloned().collect();
        let globals = globals_of(&function.body);
        // What the generator reads of the module must be that here too.
        let free_in = |name: &&String| !own.contains(*name) || globals.contains(*name);
        let read = Names::of(&function).read;
        if read
            .iter()
            .chain(&globals)
            .filter(free_in)
            .any(|n| bound.contains(n))
        {
            return None;
        }
        let mut renamed: BTreeMap<String, Expr> = BTreeMap::new();
        let mut out = Vec::new();
        let mut params = function.params.list.as_slice();
        let mut build = Build {
            next_id: self.next_id,
            span: stmt.span,
        };
        if let Some(of) = of {
            let (this, rest) = params.split_first()?;
            params = rest;
            if !of.is_path() {
                return None;
            }
            renamed.insert(this.name.name.clone(), of.clone());
        }
        for (place, param) in params.iter().enumerate() {
            if matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs) {
                return None;
            }
            let name = &param.name.name;
            let arg = argument_of(param, place, args, keywords)?;
            if matches!(arg.kind, ExprKind::Starred(_)) {
                return None;
            }
            let constant = matches!(
                arg.kind,
                ExprKind::Str(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_)
            );
            if constant && names.bound.get(name) == Some(&1) {
                renamed.insert(name.clone(), arg.clone());
                continue;
            }
            let local = free(name, taken);
            let target = build.name(&local);
            let value = build.again(arg);
            out.push(build.assign(target, value));
            renamed.insert(name.clone(), build.name(&local));
        }
        for name in own.iter().filter(|n| !globals.contains(*n)) {
            if !renamed.contains_key(name) {
                let local = free(name, taken);
                renamed.insert(name.clone(), build.name(&local));
            }
        }
        let mut inner = function.body.clone();
        copies::block(&mut inner, build.next_id);
        let next_id = &mut *build.next_id;
        ast::rewrite::block(&mut inner, &mut |e| {
            if let ExprKind::Name(name) = &e.kind
                && let Some(with) = renamed.get(name)
            {
                let span = e.span;
                let mut build = Build { next_id, span };
                let mut with = build.again(with);
                with.span = span;
                *e = with;
            }
        });
        names_of_handlers(&mut inner, &renamed);
        let mut given = Some((body.clone(), target.clone()));
        put(&mut inner, &mut given, next_id);
        if given.is_some() {
            return None;
        }
        out.extend(inner.stmts);
        if let Some(first) = out.first_mut() {
            let mut comments = stmt.comments.clone();
            comments.append(&mut first.comments);
            first.comments = comments;
            first.blank_before = stmt.blank_before;
        }
        Some(out)
    }
}

/// The names of handlers, which are no expressions.
fn names_of_handlers(block: &mut Block, renamed: &BTreeMap<String, Expr>) {
    for stmt in &mut block.stmts {
        if let StmtKind::Try { handlers, .. } = &mut stmt.kind {
            for name in handlers.iter_mut().filter_map(|h| h.name.as_mut()) {
                if let Some(Expr {
                    kind: ExprKind::Name(to),
                    ..
                }) = renamed.get(&name.name)
                {
                    name.name.clone_from(to);
                }
            }
        }
        for inner in ast::branches_mut(stmt) {
            names_of_handlers(inner, renamed);
        }
    }
}

/// The names that a block declares `global`.
fn globals_of(block: &Block) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for stmt in &block.stmts {
        if let StmtKind::Global(names) = &stmt.kind {
            out.extend(names.iter().cloned());
        }
        for inner in ast::branches(stmt) {
            out.extend(globals_of(inner));
        }
    }
    out
}

/// Puts the body in the place of the `yield`.
fn put(block: &mut Block, given: &mut Option<(Block, Option<Expr>)>, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        if let StmtKind::Expr(e) = &stmt.kind
            && let ExprKind::Yield(value) = &e.kind
            && let Some((body, target)) = given.take()
        {
            let mut build = Build {
                next_id,
                span: stmt.span,
            };
            match (target, value) {
                (Some(target), value) => {
                    let value = match value {
                        Some(value) => (**value).clone(),
                        None => build.expr(ExprKind::None),
                    };
                    out.push(build.assign(target, value));
                }
                (None, Some(value))
                    if !matches!(value.kind, ExprKind::Name(_) | ExprKind::None) =>
                {
                    out.push(build.stmt(StmtKind::Expr((**value).clone())));
                }
                (None, _) => {}
            }
            out.extend(body.stmts);
            continue;
        }
        for inner in ast::branches_mut(&mut stmt) {
            put(inner, given, next_id);
        }
        out.push(stmt);
    }
    block.stmts = out;
}

/// Whether a body is left by anything but an exception.
fn leaves(body: &Block) -> bool {
    fn within(body: &Block, in_loop: bool) -> bool {
        body.stmts.iter().any(|stmt| match &stmt.kind {
            StmtKind::Return(_) => true,
            StmtKind::Break | StmtKind::Continue => !in_loop,
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                within(body, true) || within(orelse, in_loop)
            }
            _ => ast::branches(stmt).into_iter().any(|b| within(b, in_loop)),
        })
    }
    within(body, false)
}

/// What a generator is like.
struct Shape {
    /// Whether all that runs behind the `yield` is in `finally`.
    ends_in_finally: bool,
}

impl Shape {
    fn of(function: &Function) -> Option<Shape> {
        struct Look {
            yields: usize,
            fine: bool,
        }
        impl<'ast> Visitor<'ast> for Look {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                match &stmt.kind {
                    StmtKind::Return(_)
                    | StmtKind::Function(_)
                    | StmtKind::Class(_)
                    | StmtKind::Nonlocal(_)
                    | StmtKind::Match { .. } => self.fine = false,
                    StmtKind::For { .. } | StmtKind::While { .. } => {
                        let before = self.yields;
                        visit::walk_stmt(self, stmt);
                        // A loop may yield again.
                        self.fine &= self.yields == before;
                        return;
                    }
                    StmtKind::Expr(e) => {
                        if let ExprKind::Yield(value) = &e.kind {
                            self.yields += 1;
                            value.iter().for_each(|v| self.visit_expr(v));
                            return;
                        }
                    }
                    _ => {}
                }
                visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.fine &= !matches!(
                    e.kind,
                    ExprKind::Yield(_)
                        | ExprKind::YieldFrom(_)
                        | ExprKind::Lambda { .. }
                        | ExprKind::Named { .. }
                );
                visit::walk_expr(self, e);
            }
        }
        let mut look = Look {
            yields: 0,
            fine: true,
        };
        look.visit_block(&function.body);
        (look.fine && look.yields == 1).then(|| Shape {
            ends_in_finally: ends_in_finally(&function.body),
        })
    }
}

/// Whether a block ends in its `yield`, or in a `try` that ends so.
fn ends_in_finally(block: &Block) -> bool {
    let Some(last) = block.stmts.last() else {
        return false;
    };
    match &last.kind {
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Yield(_)),
        StmtKind::Try { body, orelse, .. } => orelse.stmts.is_empty() && ends_in_finally(body),
        StmtKind::With { body, .. } => ends_in_finally(body),
        _ => false,
    }
}
