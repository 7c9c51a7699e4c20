//! The walk over a function that notes every occurrence of a name.

use super::module_names::global_names;
use super::versions::{describe, versions};
use super::{BODY, BlockRef, FnScope, Frame, PathHook, VarInfo};
use crate::ast::{self, Block, ComprehensionKind, Expr, ExprKind, NodeId, NodeMap, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Use {
    /// A plain assignment that stands directly as a statement.
    Bind,
    /// Any other binding: a loop target, a walrus, `+=`.
    Rebind,
    Read,
}

#[derive(Debug, Clone)]
pub(super) struct Occurrence {
    pub(super) node: Option<NodeId>,
    pub(super) name: String,
    pub(super) kind: Use,
    /// The blocks around it, outermost first.
    pub(super) stack: Vec<Frame>,
    /// The depth of the outermost block around it that always ends the call.
    pub(super) returns: Option<usize>,
    /// The `while` whose test it stands in, which is evaluated again after each turn.
    pub(super) tests: Option<NodeId>,
}

struct Walker<'h> {
    /// Where set, attributes count as variables too.
    hook: Option<PathHook<'h>>,
    stack: Vec<Frame>,
    /// The depths of the blocks on the stack that always end the call.
    returning: Vec<usize>,
    /// How many `try` stand around the place.
    tries: usize,
    occurrences: Vec<Occurrence>,
    globals: Vec<String>,
    captured: Vec<String>,
    names: NodeMap<String>,
    /// Names bound by comprehensions around the current place.
    local: Vec<(String, String)>,
    vars: BTreeMap<String, VarInfo>,
    /// The names that stand elsewhere than in handlers that bind them.
    elsewhere: BTreeSet<String>,
}

/// Resolves the variables of comprehensions at the level of the module, and of its classes.
pub fn resolve_level(module: &ast::Module) -> FnScope {
    let mut walker = Walker::new(None, Vec::new());
    let mut blocks = vec![&module.body];
    while let Some(block) = blocks.pop() {
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Assign { value, .. }
                | StmtKind::AnnAssign {
                    value: Some(value), ..
                } => walker.expr(value),
                StmtKind::Class(class) => blocks.push(&class.body),
                _ => {}
            }
        }
    }
    walker.finish(&[])
}

/// Resolves the names, and the attributes that `hook` names.
pub(super) fn resolve_with(
    function: &ast::Function,
    hook: Option<PathHook<'_>>,
    paths: &[String],
) -> FnScope {
    let mut walker = Walker::new(hook, global_names(&function.body));
    walker.elsewhere = Elsewhere::of(function);
    let mut params: Vec<String> = function
        .params
        .list
        .iter()
        .map(|p| p.name.name.clone())
        .collect();
    params.extend(paths.iter().cloned());
    for param in &params {
        walker.occurrences.push(Occurrence {
            node: None,
            name: param.clone(),
            kind: Use::Bind,
            stack: vec![(BODY, None)],
            returns: None,
            tests: None,
        });
    }
    walker.block(&function.body);
    walker.finish(&params)
}

impl<'h> Walker<'h> {
    fn new(hook: Option<PathHook<'h>>, globals: Vec<String>) -> Self {
        Walker {
            hook,
            stack: vec![(BODY, None)],
            returning: Vec::new(),
            tries: 0,
            occurrences: Vec::new(),
            globals,
            captured: Vec::new(),
            names: NodeMap::default(),
            local: Vec::new(),
            vars: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    fn finish(self, params: &[String]) -> FnScope {
        let mut scope = FnScope {
            names: self.names,
            written: NodeMap::default(),
            vars: self.vars,
            globals: self.globals,
            captured: self.captured,
        };
        let mut by_name: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
        for occurrence in self.occurrences {
            match by_name.get_mut(&occurrence.name) {
                Some(known) => known.push(occurrence),
                None => {
                    by_name.insert(occurrence.name.clone(), vec![occurrence]);
                }
            }
        }
        for (name, occurrences) in by_name {
            let is_local = occurrences.iter().any(|o| o.kind != Use::Read);
            if !is_local || scope.globals.contains(&name) {
                continue;
            }
            let split = !scope.captured.contains(&name);
            for (i, version) in versions(&occurrences, split).into_iter().enumerate() {
                let key = if i == 0 {
                    name.clone()
                } else {
                    format!("{name}#{}", i + 1)
                };
                let is_param = i == 0 && params.contains(&name);
                let info = describe(&name, &version, is_param);
                for occurrence in &version {
                    let Some(node) = occurrence.node else {
                        continue;
                    };
                    let is_path = self.hook.is_some() && name.contains(['.', '[']);
                    if is_path && occurrence.kind == Use::Bind {
                        scope.written.insert(node, key.clone());
                    } else {
                        scope.names.insert(node, key.clone());
                    }
                }
                scope.vars.insert(key, info);
            }
        }
        scope
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            if let Some(top) = self.stack.last_mut() {
                top.1 = Some(stmt.id);
            }
            self.stmt(stmt);
        }
    }

    fn child(&mut self, owner: NodeId, slot: u32, is_loop: bool, block: &Block) {
        self.stack.push((
            BlockRef {
                owner: Some(owner),
                slot,
                is_loop,
            },
            None,
        ));
        let returns = self.tries == 0 && block.ends_call();
        if returns {
            self.returning.push(self.stack.len() - 1);
        }
        self.block(block);
        if returns {
            self.returning.pop();
        }
        self.stack.pop();
    }

    /// `except types as name: body`
    fn handler(&mut self, owner: NodeId, slot: u32, handler: &crate::ast::Handler) {
        let Some(name) = &handler.name else {
            return self.child(owner, slot, false, &handler.body);
        };
        let block = BlockRef {
            owner: Some(owner),
            slot,
            is_loop: false,
        };
        self.stack.push((block, None));
        let depth = self.local.len();
        let shared = self.elsewhere.contains(&name.name) || self.captured.contains(&name.name);
        match shared || binds(&handler.body, &name.name) {
            true => self.push(Some(handler.id), &name.name, Use::Bind),
            // Python unbinds it at the end: no other handler has the same.
            false => self.bind_own(&name.name, handler.id),
        }
        self.block(&handler.body);
        self.local.truncate(depth);
        self.stack.pop();
    }

    fn push(&mut self, node: Option<NodeId>, name: &str, kind: Use) {
        if let Some((_, version)) = self.local.iter().rev().find(|(n, _)| n == name) {
            if let Some(node) = node {
                self.names.insert(node, version.clone());
            }
            return;
        }
        self.occurrences.push(Occurrence {
            node,
            name: name.to_string(),
            kind,
            stack: self.stack.clone(),
            returns: self.returning.first().copied(),
            tests: None,
        });
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                targets.iter().for_each(|t| self.target(t, &Use::Bind));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    self.expr(value);
                    self.target(target, &Use::Bind);
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(value);
                self.target(target, &Use::Rebind);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(iter);
                self.stack.push((
                    BlockRef {
                        owner: Some(stmt.id),
                        slot: 0,
                        is_loop: true,
                    },
                    None,
                ));
                self.target(target, &Use::Bind);
                self.block(body);
                self.stack.pop();
                self.child(stmt.id, 1, false, orelse);
            }
            StmtKind::While { test, body, orelse } => {
                let before = self.occurrences.len();
                self.expr(test);
                for occurrence in self.occurrences.iter_mut().skip(before) {
                    occurrence.tests = Some(stmt.id);
                }
                self.child(stmt.id, 0, true, body);
                self.child(stmt.id, 1, false, orelse);
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test);
                self.child(stmt.id, 0, false, body);
                self.child(stmt.id, 1, false, orelse);
            }
            StmtKind::With { items, body, .. } => {
                for (item, target) in items {
                    self.expr(item);
                    if let Some(target) = target {
                        self.target(target, &Use::Rebind);
                    }
                }
                self.child(stmt.id, 0, false, body);
            }
            StmtKind::Return(value) => value.iter().for_each(|v| self.expr(v)),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t, &Use::Rebind)),
            StmtKind::Raise { exc, cause } => exc.iter().chain(cause).for_each(|e| self.expr(e)),
            StmtKind::Assert { test, message } => {
                self.expr(test);
                message.iter().for_each(|m| self.expr(m));
            }
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for (case, slot) in cases.iter().zip(0..) {
                    let of = BlockRef {
                        owner: Some(stmt.id),
                        slot,
                        is_loop: false,
                    };
                    self.stack.push((of, None));
                    let returns = case.body.ends_call();
                    if returns {
                        self.returning.push(self.stack.len() - 1);
                    }
                    self.pattern(&case.pattern);
                    if let Some(guard) = &case.guard {
                        self.expr(guard);
                    }
                    self.block(&case.body);
                    if returns {
                        self.returning.pop();
                    }
                    self.stack.pop();
                }
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                // What is bound before something raises is seen by what comes after.
                self.tries += 1;
                self.child(stmt.id, 0, false, body);
                for (handler, slot) in handlers.iter().zip(3..) {
                    self.handler(stmt.id, slot, handler);
                }
                self.child(stmt.id, 1, false, orelse);
                self.tries -= 1;
                self.child(stmt.id, 2, false, finalbody);
            }
            StmtKind::Function(function) => {
                self.push(None, &function.name.name, Use::Rebind);
                self.capture(&function.body);
            }
            StmtKind::Class(class) => self.push(None, &class.name.name, Use::Rebind),
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    let name = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                    self.push(None, name, Use::Rebind);
                }
            }
            StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Unsupported(_) => {}
        }
    }

    /// The names that a pattern binds, and those that it reads.
    fn pattern(&mut self, pattern: &ast::Pattern) {
        use ast::PatternKind as P;
        match &pattern.kind {
            P::Value(e) | P::Singleton(e) => self.expr(e),
            P::Sequence(items) | P::Or(items) => items.iter().for_each(|p| self.pattern(p)),
            P::Mapping { items, rest } => {
                for (key, p) in items {
                    self.expr(key);
                    self.pattern(p);
                }
                if let Some(name) = rest {
                    self.push(Some(pattern.id), name, Use::Rebind);
                }
            }
            P::Class {
                class,
                positional,
                keywords,
            } => {
                self.expr(class);
                positional.iter().for_each(|p| self.pattern(p));
                keywords.iter().for_each(|(_, p)| self.pattern(p));
            }
            P::Star(Some(name)) => self.push(Some(pattern.id), name, Use::Bind),
            P::Star(None) => {}
            P::As {
                pattern: inner,
                name,
            } => {
                if let Some(inner) = inner {
                    self.pattern(inner);
                }
                if let Some(name) = name {
                    self.push(Some(pattern.id), name, Use::Bind);
                }
            }
        }
    }

    /// Everything that a nested function mentions counts as captured.
    fn capture(&mut self, body: &Block) {
        struct Names(Vec<String>);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Names {
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Name(name) = &e.kind {
                    self.0.push(name.clone());
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut names = Names(Vec::new());
        crate::ast::visit::Visitor::visit_block(&mut names, body);
        for name in names.0 {
            self.push(None, &name, Use::Read);
            self.captured.push(name);
        }
    }

    fn target(&mut self, target: &Expr, kind: &Use) {
        match &target.kind {
            ExprKind::Name(name) => self.push(Some(target.id), name, kind.clone()),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item, kind))
            }
            ExprKind::Starred(inner) => self.target(inner, kind),
            ExprKind::Attribute { value, .. } if self.path(target).is_some() => {
                if let Some(path) = self.path(target) {
                    // `x.f += 1` reads one version and binds the next.
                    if *kind == Use::Rebind {
                        self.push(Some(target.id), &path, Use::Read);
                    }
                    self.push(Some(target.id), &path, Use::Bind);
                }
                self.expr(value);
            }
            _ => self.expr(target),
        }
    }

    fn path(&self, e: &Expr) -> Option<String> {
        self.hook.and_then(|hook| hook(e))
    }

    fn expr(&mut self, e: &Expr) {
        if let (ExprKind::Attribute { .. }, Some(path)) = (&e.kind, self.path(e)) {
            self.push(Some(e.id), &path, Use::Read);
        }
        match &e.kind {
            ExprKind::Name(name) => self.push(Some(e.id), name, Use::Read),
            ExprKind::Named { target, value } => {
                self.expr(value);
                self.push(Some(e.id), &target.name, Use::Rebind);
            }
            ExprKind::Comprehension {
                kind:
                    ComprehensionKind::List
                    | ComprehensionKind::Set
                    | ComprehensionKind::Dict
                    | ComprehensionKind::Generator,
                element,
                value,
                clauses,
            } => {
                let depth = self.local.len();
                for clause in clauses {
                    self.expr(&clause.iter);
                    self.bind_comprehension(&clause.target);
                    clause.ifs.iter().for_each(|test| self.expr(test));
                }
                self.expr(element);
                value.iter().for_each(|v| self.expr(v));
                self.local.truncate(depth);
            }
            // Its parameters are its own, as those of a comprehension.
            ExprKind::Lambda { params, body } => {
                let depth = self.local.len();
                for param in &params.list {
                    if let Some(default) = &param.default {
                        self.expr(default);
                    }
                    self.bind_own(&param.name.name, param.id);
                }
                self.expr(body);
                self.local.truncate(depth);
            }
            _ => {
                let mut walk = Children { walker: self };
                crate::ast::visit::walk_expr(&mut walk, e);
            }
        }
    }

    /// A variable that a part of an expression has for itself.
    fn bind_own(&mut self, name: &str, node: NodeId) {
        let version = format!("{name}#c{}", node.0);
        self.local.push((name.to_string(), version.clone()));
        self.names.insert(node, version.clone());
        self.vars.insert(
            version,
            VarInfo {
                name: name.to_string(),
                home: BODY,
                first_stmt: None,
                first_is_binding: false,
                bindings: 2,
                reads: 1,
                is_param: false,
            },
        );
    }

    /// A comprehension's variables are its own: `name#<node>`.
    fn bind_comprehension(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind_own(name, target.id),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.bind_comprehension(item))
            }
            _ => self.expr(target),
        }
    }
}

/// Visits the direct children of an expression with the walker.
struct Children<'w, 'h> {
    walker: &'w mut Walker<'h>,
}

impl<'ast> crate::ast::visit::Visitor<'ast> for Children<'_, '_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.walker.expr(e);
    }
}

/// The names of a function that stand elsewhere than in handlers that bind them.
struct Elsewhere {
    names: BTreeSet<String>,
    /// What the handlers around bind.
    bound: Vec<String>,
}

impl Elsewhere {
    fn of(function: &ast::Function) -> BTreeSet<String> {
        let mut elsewhere = Elsewhere {
            names: BTreeSet::new(),
            bound: Vec::new(),
        };
        for param in &function.params.list {
            elsewhere.names.insert(param.name.name.clone());
        }
        crate::ast::visit::Visitor::visit_block(&mut elsewhere, &function.body);
        elsewhere.names
    }

    fn mention(&mut self, name: &str) {
        if !self.bound.iter().any(|bound| bound == name) {
            self.names.insert(name.to_string());
        }
    }
}

impl<'ast> crate::ast::visit::Visitor<'ast> for Elsewhere {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.visit_block(body);
                for handler in handlers {
                    handler.types.iter().for_each(|e| self.visit_expr(e));
                    let name = handler.name.as_ref().map(|n| n.name.clone());
                    let depth = self.bound.len();
                    self.bound.extend(name);
                    self.visit_block(&handler.body);
                    self.bound.truncate(depth);
                }
                self.visit_block(orelse);
                self.visit_block(finalbody);
                return;
            }
            StmtKind::Function(inner) => self.mention(&inner.name.name),
            StmtKind::Class(inner) => self.mention(&inner.name.name),
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                names.iter().for_each(|name| self.mention(name));
            }
            _ => {}
        }
        crate::ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.mention(name),
            ExprKind::Named { target, .. } => self.mention(&target.name),
            _ => {}
        }
        crate::ast::visit::walk_expr(self, e);
    }
}

/// Whether a block binds a name, or has a function in it that may mention it.
fn binds(block: &Block, name: &str) -> bool {
    struct Binds<'n>(&'n str, bool);
    impl<'ast> crate::ast::visit::Visitor<'ast> for Binds<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut bound = Vec::new();
            for target in stmt.targets() {
                crate::ast::leaves(target, &mut bound);
            }
            match &stmt.kind {
                StmtKind::For { target, .. } => crate::ast::leaves(target, &mut bound),
                StmtKind::Delete(targets) => {
                    targets
                        .iter()
                        .for_each(|t| crate::ast::leaves(t, &mut bound));
                }
                StmtKind::Try { handlers, .. } => {
                    let mut names = handlers.iter().filter_map(|h| h.name.as_ref());
                    self.1 |= names.any(|n| n.name == self.0);
                }
                StmtKind::Function(_)
                | StmtKind::Class(_)
                | StmtKind::Import(_)
                | StmtKind::ImportFrom { .. }
                | StmtKind::With { .. }
                | StmtKind::Match { .. } => self.1 = true,
                _ => {}
            }
            self.1 |= bound.iter().any(|e| self.is_it(e));
            crate::ast::visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Named { target, .. } = &e.kind {
                self.1 |= target.name == self.0;
            }
            crate::ast::visit::walk_expr(self, e);
        }
    }
    impl Binds<'_> {
        fn is_it(&self, e: &Expr) -> bool {
            let e = match &e.kind {
                ExprKind::Starred(inner) => inner,
                _ => e,
            };
            matches!(&e.kind, ExprKind::Name(n) if n == self.0)
        }
    }
    let mut binds = Binds(name, false);
    crate::ast::visit::Visitor::visit_block(&mut binds, block);
    binds.1
}
