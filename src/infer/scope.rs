//! Names: which variable each occurrence means, and where Rust would declare it.
//!
//! A Python variable that is assigned anew in a straight line becomes several versions:
//! Rust shadows it with another `let`, and each version has a type of its own. A version
//! is written `name` or `name#2`.

use crate::ast::{self, Block, ComprehensionKind, Expr, ExprKind, NodeId, Stmt, StmtKind};
use std::collections::{BTreeMap, HashMap};

/// A block of a function: the statement that owns it and which of its blocks it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// The owner; none for the function's body.
    pub owner: Option<NodeId>,
    /// 0 the body, 1 the `else`, 2 and up handlers, cases, `finally`.
    pub slot: u32,
    /// Whether it is a loop's body.
    pub is_loop: bool,
}

/// A block around an occurrence, and the statement in it that holds the occurrence.
type Frame = (BlockRef, Option<NodeId>);

const BODY: BlockRef = BlockRef {
    owner: None,
    slot: 0,
    is_loop: false,
};

/// A version of a variable.
#[derive(Debug, Clone)]
pub struct VarInfo {
    /// Its name in Python.
    pub name: String,
    /// The innermost block that holds all its occurrences.
    pub home: BlockRef,
    /// The statement directly in `home` in or at which it occurs first.
    pub first_stmt: Option<NodeId>,
    /// Whether that statement itself binds it.
    pub first_is_binding: bool,
    /// How often it is bound.
    pub bindings: usize,
    /// How often it is read.
    pub reads: usize,
    /// Whether it is a parameter.
    pub is_param: bool,
}

/// The names of a function.
#[derive(Debug, Clone, Default)]
pub struct FnScope {
    /// The version that each `Name` (or walrus) node means; of an attribute, the version
    /// that is read there.
    pub names: HashMap<NodeId, String>,
    /// The version that each attribute node binds (see [`resolve_paths`]).
    pub written: HashMap<NodeId, String>,
    /// The versions.
    pub vars: BTreeMap<String, VarInfo>,
    /// `global` names.
    pub globals: Vec<String>,
    /// Names that a nested function or lambda uses or binds.
    pub captured: Vec<String>,
}

/// A module-level name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Global {
    /// How often it is assigned at module level.
    pub assigned: usize,
    /// Whether a function assigns it (`global`) or changes it.
    pub changed_in_function: bool,
}

/// `x` of `x#2`.
pub fn plain_name(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}

/// Counts the assignments of module-level names.
pub fn module_names(module: &ast::Module) -> BTreeMap<String, Global> {
    let mut names: BTreeMap<String, Global> = BTreeMap::new();
    count_assigned(&module.body, &mut names);
    for stmt in &module.body.stmts {
        let bodies: Vec<&Block> = match &stmt.kind {
            StmtKind::Function(function) => vec![&function.body],
            StmtKind::Class(class) => class
                .body
                .stmts
                .iter()
                .filter_map(|s| match &s.kind {
                    StmtKind::Function(method) => Some(&method.body),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for name in bodies.into_iter().flat_map(global_names) {
            names.entry(name).or_default().changed_in_function = true;
        }
    }
    names
}

fn count_assigned(block: &Block, names: &mut BTreeMap<String, Global>) {
    for stmt in &block.stmts {
        let mut targets = Vec::new();
        match &stmt.kind {
            StmtKind::Assign { targets: list, .. } => {
                list.iter().for_each(|t| target_names(t, &mut targets))
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                target_names(target, &mut targets)
            }
            StmtKind::For {
                target,
                body,
                orelse,
                ..
            } => {
                target_names(target, &mut targets);
                count_assigned(body, names);
                count_assigned(orelse, names);
            }
            StmtKind::If { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                count_assigned(body, names);
                count_assigned(orelse, names);
            }
            _ => {}
        }
        for name in targets {
            names.entry(name).or_default().assigned += 1;
        }
    }
}

fn target_names(target: &Expr, names: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| target_names(item, names))
        }
        ExprKind::Starred(inner) => target_names(inner, names),
        _ => {}
    }
}

fn global_names(block: &Block) -> Vec<String> {
    let mut names = Vec::new();
    for stmt in &block.stmts {
        if let StmtKind::Global(list) = &stmt.kind {
            names.extend(list.iter().cloned());
        }
        for (inner, _, _) in child_blocks(stmt) {
            names.extend(global_names(inner));
        }
    }
    names
}

/// The blocks of a compound statement, with their slot and whether they are a loop's body.
pub fn child_blocks(stmt: &Stmt) -> Vec<(&Block, u32, bool)> {
    match &stmt.kind {
        StmtKind::If { body, orelse, .. } => vec![(body, 0, false), (orelse, 1, false)],
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => {
            vec![(body, 0, true), (orelse, 1, false)]
        }
        StmtKind::With { body, .. } => vec![(body, 0, false)],
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            // In the order in which they may run.
            let mut blocks = vec![(body, 0, false)];
            blocks.extend(
                handlers
                    .iter()
                    .zip(3..)
                    .map(|(h, slot)| (&h.body, slot, false)),
            );
            blocks.extend([(orelse, 1, false), (finalbody, 2, false)]);
            blocks
        }
        StmtKind::Match { cases, .. } => cases
            .iter()
            .zip(0..)
            .map(|(c, slot)| (&c.body, slot, false))
            .collect(),
        StmtKind::Function(_)
        | StmtKind::Class(_)
        | StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Assign { .. }
        | StmtKind::AugAssign { .. }
        | StmtKind::AnnAssign { .. }
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Expr(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => Vec::new(),
    }
}

/// Whether a block always returns or raises.
pub fn ends_call(block: &Block) -> bool {
    match block.stmts.last().map(|s| &s.kind) {
        Some(StmtKind::Return(_) | StmtKind::Raise { .. }) => true,
        Some(StmtKind::If { body, orelse, .. }) => ends_call(body) && ends_call(orelse),
        Some(StmtKind::Match { cases, .. }) => {
            cases.iter().all(|c| ends_call(&c.body)) && cases.last().is_some_and(takes_all)
        }
        _ => false,
    }
}

/// `case _:`, `case name:`
pub fn takes_all(case: &ast::Case) -> bool {
    case.guard.is_none()
        && matches!(
            case.pattern.kind,
            ast::PatternKind::As { pattern: None, .. }
        )
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Use {
    /// A plain assignment that stands directly as a statement.
    Bind,
    /// Any other binding: a loop target, a walrus, `+=`.
    Rebind,
    Read,
}

#[derive(Debug, Clone)]
struct Occurrence {
    node: Option<NodeId>,
    name: String,
    kind: Use,
    /// The blocks around it, outermost first.
    stack: Vec<Frame>,
    /// The depth of the outermost block around it that always ends the call.
    returns: Option<usize>,
}

/// Gives the stable path that an attribute expression reads or writes, as text.
pub type PathHook<'h> = &'h dyn Fn(&Expr) -> Option<String>;

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
    names: HashMap<NodeId, String>,
    /// Names bound by comprehensions around the current place.
    local: Vec<(String, String)>,
    vars: BTreeMap<String, VarInfo>,
}

/// Resolves the names of a function.
pub fn resolve(function: &ast::Function) -> FnScope {
    resolve_with(function, None, &[])
}

/// Resolves the attributes that `hook` names, as if each were a variable that is bound
/// when the function is entered: its versions tell which reads see which write.
pub fn resolve_paths(function: &ast::Function, hook: PathHook<'_>, paths: &[String]) -> FnScope {
    resolve_with(function, Some(hook), paths)
}

fn resolve_with(function: &ast::Function, hook: Option<PathHook<'_>>, paths: &[String]) -> FnScope {
    let mut walker = Walker {
        hook,
        stack: vec![(BODY, None)],
        returning: Vec::new(),
        tries: 0,
        occurrences: Vec::new(),
        globals: global_names(&function.body),
        captured: Vec::new(),
        names: HashMap::new(),
        local: Vec::new(),
        vars: BTreeMap::new(),
    };
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
        });
    }
    walker.block(&function.body);
    walker.finish(&params)
}

impl Walker<'_> {
    fn finish(self, params: &[String]) -> FnScope {
        let mut scope = FnScope {
            names: self.names,
            written: HashMap::new(),
            vars: self.vars,
            globals: self.globals,
            captured: self.captured,
        };
        let mut by_name: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
        for occurrence in self.occurrences {
            by_name
                .entry(occurrence.name.clone())
                .or_default()
                .push(occurrence);
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
        let returns = self.tries == 0 && ends_call(block);
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
        self.push(Some(handler.id), &name.name, Use::Bind);
        self.block(&handler.body);
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
                self.expr(test);
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
                    let returns = ends_call(&case.body);
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

/// The innermost block that holds all occurrences.
fn common_block(occurrences: &[Occurrence]) -> usize {
    let Some(first) = occurrences.first() else {
        return 0;
    };
    let mut depth = first.stack.len();
    for occurrence in occurrences {
        let same = occurrence
            .stack
            .iter()
            .zip(&first.stack)
            .take_while(|(a, b)| a.0 == b.0)
            .count();
        depth = depth.min(same);
    }
    let depth = depth.max(1);
    // A value that a loop carries from one turn to the next lives outside the loop.
    let starts_bound = |depth: usize| first.kind == Use::Bind && first.stack.len() == depth;
    let mut depth = depth;
    while depth > 1
        && first
            .stack
            .iter()
            .take(depth)
            .any(|(block, _)| block.is_loop)
        && !starts_bound(depth)
        && carried(occurrences, depth)
    {
        depth -= 1;
    }
    depth - 1
}

/// Whether the first occurrence inside the innermost loop may read the value of an earlier turn.
fn carried(occurrences: &[Occurrence], depth: usize) -> bool {
    occurrences.first().is_some_and(|first| {
        first
            .stack
            .iter()
            .take(depth)
            .any(|(block, _)| block.is_loop)
    })
}

/// Splits the occurrences of a name into versions.
fn versions(occurrences: &[Occurrence], split: bool) -> Vec<Vec<Occurrence>> {
    let mut versions: Vec<Vec<Occurrence>> = Vec::new();
    // Where each version's value can be seen, where that is not everywhere after it.
    let mut reaches: Vec<Option<&[Frame]>> = Vec::new();
    let mut previous_stmt = None;
    for (i, occurrence) in occurrences.iter().enumerate() {
        let stmt = occurrence.stack.last().map(|(block, stmt)| (*block, *stmt));
        // `x, x = …` and `x = x = …` bind twice in one statement: still one version.
        let anew = split
            && occurrence.kind == Use::Bind
            && previous_stmt != Some(stmt)
            && starts_version(occurrences, i);
        if versions.is_empty() || anew {
            versions.push(Vec::new());
            reaches.push(
                occurrence
                    .returns
                    .and_then(|depth| occurrence.stack.get(..=depth)),
            );
        }
        if occurrence.kind == Use::Bind {
            previous_stmt = Some(stmt);
        }
        let seen =
            |reach: &Option<&[Frame]>| reach.is_none_or(|reach| is_within(occurrence, reach));
        let reaching = reaches.iter().rposition(seen).unwrap_or(0);
        if let Some(version) = versions.get_mut(reaching) {
            version.push(occurrence.clone());
        }
    }
    versions
}

/// Whether `inner` lies in the block that `outer` ends with.
fn is_within(inner: &Occurrence, outer: &[Frame]) -> bool {
    inner.stack.len() >= outer.len() && inner.stack.iter().zip(outer).all(|(a, b)| a.0 == b.0)
}

/// Whether no earlier value can be read past the binding at `index`, and its own value
/// is not carried back to an earlier read by a loop.
fn starts_version(occurrences: &[Occurrence], index: usize) -> bool {
    let Some(binding) = occurrences.get(index) else {
        return false;
    };
    let mut covers: Vec<&[Frame]> = vec![&binding.stack];
    // What is bound in a block that ends the call is not seen outside of it.
    let reach = binding
        .returns
        .and_then(|depth| binding.stack.get(..=depth));
    for later in occurrences.iter().skip(index + 1) {
        if reach.is_some_and(|reach| !is_within(later, reach)) {
            continue;
        }
        if covers.iter().any(|cover| is_within(later, cover)) {
            continue;
        }
        if later.kind != Use::Bind {
            return false;
        }
        if is_within(binding, &later.stack) {
            break;
        }
        covers.push(&later.stack);
    }
    // In every loop around it, the first occurrence must bind on the way to it.
    binding
        .stack
        .iter()
        .enumerate()
        .filter(|(_, (block, _))| block.is_loop)
        .all(|(depth, _)| {
            let Some(in_loop) = binding.stack.get(..=depth) else {
                return false;
            };
            occurrences
                .iter()
                .find(|o| is_within(o, in_loop))
                .is_some_and(|first| first.kind == Use::Bind && is_within(binding, &first.stack))
        })
}

fn describe(name: &str, occurrences: &[Occurrence], is_param: bool) -> VarInfo {
    let home = common_block(occurrences);
    let first = occurrences.first();
    let (block, first_stmt) = first
        .and_then(|o| o.stack.get(home).copied())
        .unwrap_or((BODY, None));
    VarInfo {
        name: name.to_string(),
        home: block,
        first_stmt,
        first_is_binding: first.is_some_and(|o| o.kind == Use::Bind && o.stack.len() == home + 1),
        bindings: occurrences.iter().filter(|o| o.kind != Use::Read).count(),
        reads: occurrences.iter().filter(|o| o.kind == Use::Read).count(),
        is_param,
    }
}
