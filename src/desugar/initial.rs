//! Loops at the level of the module that build up one variable: functions that return it.
//!
//! Enters: the module of a task. Leaves: the same, where
//!
//! ```text
//! table = []                    def initial_table():
//! for i in range(8):                table = []
//!     table.append(i * i)           for i in range(8):
//!                                       table.append(i * i)
//!                                   return table
//!
//!                               table = initial_table()
//! ```
//!
//! Nothing else may look at the variable, or at what the loop binds, in between. This module
//! must not know types.

use super::is_main_guard;
use super::keywords::is_literal;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, rewrite};
use crate::ast::{Block, Expr, ExprKind, Function, Ident, Module, NodeId, Params, Stmt, StmtKind};
use crate::source::Span;
use std::collections::BTreeSet;

/// Rewrites the loops.
pub fn initial(module: &mut Module) {
    let mut at = 0;
    while at < module.body.stmts.len() {
        match group(&module.body.stmts, at) {
            Some(group) => at = rewrite(module, &group),
            None => at += 1,
        }
    }
}

/// The statements that build up a variable.
struct Group {
    name: String,
    /// Where they stand: the first one gives it its first value.
    places: Vec<usize>,
}

/// The group whose first code stands at a place.
fn group(stmts: &[Stmt], at: usize) -> Option<Group> {
    let code = stmts.get(at).filter(|stmt| is_code(stmt))?;
    let made = |stmt: &Stmt, name: &str| match &stmt.kind {
        StmtKind::Assign { targets, .. } => {
            matches!(targets.as_slice(), [t] if matches!(&t.kind, ExprKind::Name(n) if n == name))
        }
        StmtKind::AnnAssign {
            target,
            value: Some(_),
            ..
        } => matches!(&target.kind, ExprKind::Name(n) if n == name),
        _ => false,
    };
    let before = stmts.get(..at)?;
    let changed = Changed::of(code).0;
    // What only this code reads, such as a running offset, is its own.
    let at_home = |name: &String| {
        // It is moved: its first value must be the same at another place.
        let literal = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Assign { value, .. } => match &value.kind {
                ExprKind::Name(_) | ExprKind::Tuple(_) => false,
                _ => is_literal(value),
            },
            _ => false,
        };
        let mut first = before.iter().enumerate().filter(|(_, s)| made(s, name));
        let (Some((first, _)), None) = (first.next(), first.next()) else {
            return None;
        };
        if !before.get(first).is_some_and(literal) {
            return None;
        }
        let elsewhere = |(i, stmt): (usize, &Stmt)| {
            let mut mentions = Mentions::default();
            mentions.visit_stmt(stmt);
            i != first && i != at && mentions.free.contains(name)
        };
        (!stmts.iter().enumerate().any(elsewhere)).then_some(first)
    };
    let (mut built, mut helpers) = (Vec::new(), Vec::new());
    for name in &changed {
        if before.iter().any(|stmt| made(stmt, name)) {
            match at_home(name) {
                Some(first) => helpers.push((name, first)),
                None => built.push(name),
            }
        }
    }
    if let ([], Some(_)) = (built.as_slice(), helpers.first()) {
        built.extend(helpers.pop().map(|(name, _)| name));
    }
    let [name] = built.as_slice() else {
        return None;
    };
    let name = (*name).clone();
    let first = before.iter().rposition(|stmt| made(stmt, &name))?;
    let mut places: Vec<usize> = helpers.iter().map(|(_, first)| *first).collect();
    places.extend([first, at]);
    places.sort_unstable();
    for (i, stmt) in stmts.iter().enumerate().skip(at + 1) {
        let changes = Changed::of(stmt).0;
        if !is_code(stmt) || !changes.contains(&name) {
            break;
        }
        places.push(i);
    }
    // What the code binds for itself is nobody else's.
    let mut own = BTreeSet::new();
    for i in places.iter().skip(1) {
        own.extend(Changed::of(stmts.get(*i)?).0);
    }
    own.remove(&name);
    for (i, stmt) in stmts.iter().enumerate() {
        if places.contains(&i) {
            continue;
        }
        let mut mentions = Mentions::default();
        mentions.visit_stmt(stmt);
        let between = i > first && i < *places.last()?;
        let defined = matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
        if own
            .iter()
            .any(|n| mentions.free.contains(n) && !binds_first(stmt, n))
            || (between && !defined && mentions.free.contains(&name))
            || (i < first && made(stmt, &name))
        {
            return None;
        }
    }
    Some(Group { name, places })
}

/// Whether a loop gives a name a value before anything reads it, in each of its turns.
pub(super) fn binds_first(stmt: &Stmt, name: &str) -> bool {
    let StmtKind::For {
        target,
        iter,
        orelse,
        ..
    } = &stmt.kind
    else {
        return false;
    };
    let mut bound = Vec::new();
    ast::leaves(target, &mut bound);
    let mut before = Mentions::default();
    before.visit_expr(iter);
    before.visit_block(orelse);
    let binds = |e: &&Expr| matches!(&e.kind, ExprKind::Name(n) if n == name);
    bound.iter().any(binds) && !before.free.contains(name)
}

/// Whether a statement is neither a definition nor the value of a name.
fn is_code(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::For { .. } | StmtKind::While { .. } | StmtKind::AugAssign { .. } => true,
        StmtKind::If { test, .. } => !is_main_guard(test),
        StmtKind::Expr(e) => matches!(&e.kind, ExprKind::Call { func, .. }
            if matches!(func.kind, ExprKind::Attribute { .. })),
        StmtKind::Assign { targets, .. } => targets.iter().any(changes_an_object),
        StmtKind::AnnAssign { target, .. } => changes_an_object(target),
        _ => false,
    }
}

/// Whether a target is, or has in it, an item or an attribute.
pub fn changes_an_object(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(changes_an_object),
        ExprKind::Starred(value) => changes_an_object(value),
        _ => false,
    }
}

fn rewrite(module: &mut Module, group: &Group) -> usize {
    let mut names = Mentions::default();
    names.visit_block(&module.body);
    let mut function = format!("initial_{}", group.name.to_lowercase());
    while names.all.contains(&function) {
        function.push('_');
    }
    let stmts = std::mem::take(&mut module.body.stmts);
    let mut body = Vec::new();
    let mut kept = Vec::new();
    let mut place = 0;
    for (i, stmt) in stmts.into_iter().enumerate() {
        if group.places.contains(&i) {
            body.push(stmt);
            place = kept.len();
        } else {
            kept.push(stmt);
        }
    }
    // Inside it is no constant, and is not called like one.
    let mut local = group.name.to_lowercase();
    if names.all.contains(&local) {
        local.clone_from(&group.name);
    }
    for stmt in &mut body {
        rewrite::stmt(stmt, &mut |e| {
            if let ExprKind::Name(name) = &mut e.kind
                && *name == group.name
            {
                name.clone_from(&local);
            }
        });
    }
    let span = body.first().map_or_else(Span::default, |s| s.span);
    let end = body.last().map_or(span, |s| s.span);
    let mut next = module.node_count;
    let mut id = || {
        next += 1;
        NodeId(next - 1)
    };
    let mut name = |text: &str| Expr {
        id: id(),
        span,
        kind: ExprKind::Name(text.to_string()),
    };
    let (returned, mut target, func) = (name(&local), name(&group.name), name(&function));
    if let Some(StmtKind::Assign { targets, .. }) = body.first().map(|s| &s.kind) {
        target.span = targets.first().map_or(span, |t| t.span);
    }
    let mut stmt = |span: Span, kind: StmtKind| Stmt {
        id: id(),
        span,
        blank_before: false,
        comments: Vec::new(),
        line_comment: None,
        kind,
    };
    body.push(stmt(end, StmtKind::Return(Some(returned))));
    let comments = match body.first_mut() {
        Some(first) => {
            first.blank_before = false;
            std::mem::take(&mut first.comments)
        }
        None => Vec::new(),
    };
    let mut defined = stmt(
        span,
        StmtKind::Function(Function {
            name: Ident {
                span: Span::new(span.start, span.start),
                name: function.clone(),
            },
            decorators: Vec::new(),
            params: Params::default(),
            returns: None,
            doc: None,
            body: Block {
                stmts: body,
                trailing: Vec::new(),
            },
            is_async: false,
        }),
    );
    defined.comments = comments;
    let mut assigned = stmt(span, StmtKind::Pass);
    assigned.kind = StmtKind::Assign {
        targets: vec![target],
        value: Expr {
            id: id(),
            span,
            kind: ExprKind::Call {
                func: Box::new(func),
                args: Vec::new(),
                keywords: Vec::new(),
            },
        },
    };
    module.node_count = next;
    kept.splice(place..place, [defined, assigned]);
    module.body.stmts = kept;
    place + 2
}

/// The names that a statement of the module binds, or changes what they hold.
struct Changed(BTreeSet<String>);

impl Changed {
    fn of(stmt: &Stmt) -> Changed {
        let mut changed = Changed(BTreeSet::new());
        changed.visit_stmt(stmt);
        changed
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.0.insert(name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(value)
            | ExprKind::Attribute { value, .. }
            | ExprKind::Subscript { value, .. } => self.target(value),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Changed {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::Function(_) | StmtKind::Class(_) => return,
            // `xs.append(x)`: what is called for its effect changes what it is called on.
            StmtKind::Expr(e) => {
                if let ExprKind::Call { func, .. } = &e.kind
                    && let ExprKind::Attribute { value, .. } = &func.kind
                {
                    self.target(value);
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Named { target, .. } = &e.kind {
            self.0.insert(target.name.clone());
        }
        visit::walk_expr(self, e);
    }
}

/// The names of the module that are mentioned, and all names that are in use.
#[derive(Default)]
pub(super) struct Mentions {
    /// Those that mean the module's.
    pub(super) free: BTreeSet<String>,
    pub(super) all: BTreeSet<String>,
    /// What functions and comprehensions around the place have for themselves.
    hidden: Vec<BTreeSet<String>>,
}

impl Mentions {
    fn name(&mut self, name: &str) {
        if !self.hidden.iter().any(|own| own.contains(name)) {
            self.free.insert(name.to_string());
        }
        self.all.insert(name.to_string());
    }
}

impl<'ast> Visitor<'ast> for Mentions {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(f) => {
                self.all.insert(f.name.name.clone());
                let own = Names::of(f);
                let mut globals = Globals::default();
                globals.visit_block(&f.body);
                let bound = own.bound.into_keys().filter(|n| !globals.0.contains(n));
                self.hidden.push(bound.collect());
                globals.0.iter().for_each(|name| self.name(name));
                visit::walk_stmt(self, stmt);
                let own = self.hidden.pop();
                self.all.extend(own.unwrap_or_default());
                return;
            }
            StmtKind::Class(c) => {
                self.all.insert(c.name.name.clone());
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.name(name),
            ExprKind::Comprehension { clauses, .. } => {
                let mut own = Changed(BTreeSet::new());
                clauses.iter().for_each(|c| own.target(&c.target));
                self.hidden.push(own.0);
                visit::walk_expr(self, e);
                self.hidden.pop();
                return;
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// The names that a function says are the module's.
#[derive(Default)]
struct Globals(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Globals {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Global(names) = &stmt.kind {
            self.0.extend(names.iter().cloned());
        }
        visit::walk_stmt(self, stmt);
    }
}
