//! Objects that are made ready where they are made: `robot = Robot()`, `robot.robotInit()`.
//!
//! Enters: the module. Leaves: the same, where a class all of whose objects are asked for one
//! method of it as soon as they are made has that call at the end of its `__init__`, or what the
//! method does, where nobody else calls it: what it sets, an object has from the start. Nothing
//! that the call runs may name the variable that the object is given to. This module must not
//! know types.

use super::build::{Build, method};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Class, Expr, ExprKind, Module, ParamKind, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

const INIT: &str = "__init__";

/// Rewrites the module.
pub(super) fn made_ready(module: &mut Module, next_id: &mut u32) {
    let bound = super::callables::times_bound(module);
    let classes = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) => Some(class),
            _ => None,
        });
    let ready: BTreeMap<String, String> = classes
        .filter(|class| bound.get(&class.name.name) == Some(&1))
        .filter_map(|class| Some((class.name.name.clone(), readied(module, class)?)))
        .collect();
    if ready.is_empty() {
        return;
    }
    without_calls(&mut module.body, &ready);
    let asked: BTreeSet<String> = ready
        .values()
        .filter(|name| is_asked(module, name))
        .cloned()
        .collect();
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(name) = ready.get(&class.name.name)
        {
            at_the_end_of_init(class, name, asked.contains(name), next_id);
        }
    }
}

/// The method that all objects of a class are asked for as soon as they are made.
fn readied(module: &Module, class: &Class) -> Option<String> {
    let name = &class.name.name;
    let is_base = |stmt: &Stmt| {
        let StmtKind::Class(other) = &stmt.kind else {
            return false;
        };
        other.bases.iter().any(|base| mentions(base).contains(name))
    };
    let plain_init = match method(&class.body, INIT) {
        Some(init) => init.decorators.is_empty() && !returns(&init.body),
        // What a base has there is not known.
        None => class.bases.is_empty(),
    };
    if !plain_init || !class.decorators.is_empty() || module.body.stmts.iter().any(is_base) {
        return None;
    }
    let mut made = Made {
        class: name,
        pairs: Vec::new(),
    };
    made.block(&module.body);
    let mut named = Named {
        class: name,
        count: 0,
    };
    named.visit_block(&module.body);
    let (_, asked) = made.pairs.first()?;
    let asked = asked.clone();
    let function = method(&class.body, &asked)?;
    let plain = |p: &ast::Param| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly);
    let fits = function.decorators.is_empty()
        && !function.is_async
        && function.params.list.len() == 1
        && function.params.list.iter().all(plain)
        && !super::names::Names::of(function).refuses
        && sets_new(class, &asked);
    let all = made.pairs.len() == named.count && made.pairs.iter().all(|(_, m)| *m == asked);
    let reached = reached(module, class);
    let unseen = made
        .pairs
        .iter()
        .all(|(target, _)| !reached.contains(target));
    (fits && all && unseen).then_some(asked)
}

/// Whether a method sets an attribute that `__init__` does not: else nothing is won.
fn sets_new(class: &Class, name: &str) -> bool {
    let set = |name: &str| {
        let mut out = BTreeSet::new();
        if let Some(function) = method(&class.body, name)
            && let Some(own) = function.params.list.first()
        {
            let mut targets = Targets {
                own: &own.name.name,
                set: BTreeSet::new(),
            };
            targets.visit_block(&function.body);
            out = targets.set;
        }
        out
    };
    let before = set(INIT);
    !set(name).is_subset(&before)
}

/// The attributes that are assigned.
struct Targets<'o> {
    own: &'o str,
    set: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Targets<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let mut leaves = Vec::new();
        stmt.targets()
            .iter()
            .for_each(|t| ast::leaves(t, &mut leaves));
        for target in leaves {
            if let ExprKind::Attribute { value, attr } = &target.kind
                && matches!(&value.kind, ExprKind::Name(n) if n == self.own)
            {
                self.set.insert(attr.name.clone());
            }
        }
        visit::walk_stmt(self, stmt);
    }
}

fn returns(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| {
        matches!(stmt.kind, StmtKind::Return(_)) || ast::branches(stmt).into_iter().any(returns)
    })
}

/// `x = Class(…)` with `x.method()` right behind it: `x` and the method.
fn pair(first: &Stmt, second: &Stmt, class: &str) -> Option<(String, String)> {
    let (target, value) = first.assigned()?;
    let (ExprKind::Name(target), ExprKind::Call { func, .. }) = (&target.kind, &value.kind) else {
        return None;
    };
    if !matches!(&func.kind, ExprKind::Name(name) if name == class) {
        return None;
    }
    let StmtKind::Expr(call) = &second.kind else {
        return None;
    };
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &call.kind
    else {
        return None;
    };
    let ExprKind::Attribute { value, attr } = &func.kind else {
        return None;
    };
    let same = matches!(&value.kind, ExprKind::Name(name) if name == target);
    (same && args.is_empty() && keywords.is_empty()).then(|| (target.clone(), attr.name.clone()))
}

/// The places where objects of a class are made and made ready.
struct Made<'c> {
    class: &'c str,
    pairs: Vec<(String, String)>,
}

impl Made<'_> {
    fn block(&mut self, block: &Block) {
        for two in block.stmts.windows(2) {
            if let [first, second] = two {
                self.pairs.extend(pair(first, second, self.class));
            }
        }
        for stmt in &block.stmts {
            match &stmt.kind {
                // A handler could see an object that is not ready.
                StmtKind::Try { .. } => {}
                StmtKind::Function(function) => self.block(&function.body),
                StmtKind::Class(class) => self.block(&class.body),
                _ => ast::branches(stmt).into_iter().for_each(|b| self.block(b)),
            }
        }
    }
}

/// How often a class is named but to say a type.
struct Named<'c> {
    class: &'c str,
    count: usize,
}

impl<'ast> Visitor<'ast> for Named<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::AnnAssign { target, value, .. } => {
                self.visit_expr(target);
                value.iter().for_each(|value| self.visit_expr(value));
            }
            StmtKind::Function(function) => {
                function.decorators.iter().for_each(|d| self.visit_expr(d));
                for param in &function.params.list {
                    param.default.iter().for_each(|e| self.visit_expr(e));
                }
                self.visit_block(&function.body);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if matches!(&e.kind, ExprKind::Name(name) if name == self.class) {
            self.count += 1;
        }
        visit::walk_expr(self, e);
    }
}

/// The names that stand in an expression.
fn mentions(e: &Expr) -> BTreeSet<String> {
    let mut names = Names(BTreeSet::new());
    names.visit_expr(e);
    names.0
}

struct Names(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Names {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.0.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

/// The names that a class names, and the functions and classes that it names.
fn reached(module: &Module, class: &Class) -> BTreeSet<String> {
    let mut by_name: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let (name, body) = match &stmt.kind {
            StmtKind::Function(function) => (&function.name.name, &function.body),
            StmtKind::Class(class) => (&class.name.name, &class.body),
            _ => continue,
        };
        let mut names = Names(BTreeSet::new());
        names.visit_block(body);
        by_name.entry(name).or_default().extend(names.0);
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![class.name.name.clone()];
    while let Some(name) = open.pop() {
        for named in by_name.get(name.as_str()).into_iter().flatten() {
            if reached.insert(named.clone()) {
                open.push(named.clone());
            }
        }
    }
    reached
}

/// Takes the calls away that stand behind what makes an object.
fn without_calls(block: &mut Block, ready: &BTreeMap<String, String>) {
    let mut out: Vec<Stmt> = Vec::new();
    let mut comments = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        let asked = out.last().is_some_and(|before| {
            let known = |(class, name): (&String, &String)| {
                pair(before, &stmt, class).is_some_and(|(_, asked)| asked == *name)
            };
            ready.iter().any(known)
        });
        if asked {
            comments.append(&mut stmt.comments);
            continue;
        }
        comments.append(&mut stmt.comments);
        stmt.comments = std::mem::take(&mut comments);
        for inner in ast::blocks_mut(&mut stmt) {
            without_calls(inner, ready);
        }
        out.push(stmt);
    }
    block.stmts = out;
    comments.append(&mut block.trailing);
    block.trailing = comments;
}

/// Whether anything is called by that name, or handed on.
fn is_asked(module: &Module, name: &str) -> bool {
    struct Asked<'n>(&'n str, bool);
    impl<'ast> Visitor<'ast> for Asked<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= match &e.kind {
                ExprKind::Attribute { attr, .. } => attr.name == self.0,
                // `getattr(robot, "robotInit")`
                ExprKind::Str(text) => text == self.0,
                _ => false,
            };
            visit::walk_expr(self, e);
        }
    }
    let mut asked = Asked(name, false);
    asked.visit_block(&module.body);
    asked.1
}

/// What the method does at the end of the `__init__`, or its call.
fn at_the_end_of_init(class: &mut Class, name: &str, asked: bool, next_id: &mut u32) {
    let place = |class: &Class, name: &str| {
        let is_it = |s: &Stmt| matches!(&s.kind, StmtKind::Function(f) if f.name.name == name);
        class.body.stmts.iter().position(is_it)
    };
    let whole = !asked && method(&class.body, name).is_some_and(|f| !returns(&f.body));
    let mut build = Build {
        next_id,
        span: class.name.span,
    };
    let Some(init) = place(class, INIT) else {
        if whole
            && let Some(at) = place(class, name)
            && let Some(StmtKind::Function(f)) = class.body.stmts.get_mut(at).map(|s| &mut s.kind)
        {
            f.name.name = INIT.to_string();
            return;
        }
        let method = build.of("self", name);
        let call = build.call(method, Vec::new());
        let call = build.stmt(StmtKind::Expr(call));
        let own = build.param("self", ParamKind::Normal, None);
        let init = build.function(INIT, vec![own], vec![call]);
        class.body.stmts.insert(0, init);
        return;
    };
    let body = match place(class, name).filter(|_| whole && has_own_names(class, name)) {
        Some(at) => class.body.stmts.get(at).cloned(),
        None => None,
    };
    let Some(Stmt {
        kind: StmtKind::Function(function),
        ..
    }) = class.body.stmts.get_mut(init)
    else {
        return;
    };
    match body {
        Some(Stmt {
            kind: StmtKind::Function(mut taken),
            comments,
            ..
        }) => {
            if let Some(first) = taken.body.stmts.first_mut() {
                first.comments.splice(0..0, comments);
            }
            function.body.stmts.append(&mut taken.body.stmts);
            function.body.trailing.append(&mut taken.body.trailing);
            class
                .body
                .stmts
                .retain(|s| !matches!(&s.kind, StmtKind::Function(f) if f.name.name == name));
        }
        _ => {
            let own = function.params.list.first().map(|p| p.name.name.clone());
            build.span = function.name.span;
            let method = build.of(own.as_deref().unwrap_or("self"), name);
            let call = build.call(method, Vec::new());
            let call = build.stmt(StmtKind::Expr(call));
            function.body.stmts.push(call);
        }
    }
}

/// Whether what a method binds is not named in `__init__`, but for the object itself.
fn has_own_names(class: &Class, name: &str) -> bool {
    let (Some(init), Some(function)) = (method(&class.body, INIT), method(&class.body, name))
    else {
        return false;
    };
    let own = |f: &ast::Function| f.params.list.first().map(|p| p.name.name.clone());
    let mut bound = super::names::Names::of(function).bound;
    if let Some(own) = own(function) {
        bound.remove(&own);
    }
    let taken = super::names::Names::of(init).all();
    own(init) == own(function) && bound.keys().all(|name| !taken.contains(name))
}
