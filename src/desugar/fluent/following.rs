//! What a method gives is compared with its own instance.
//!
//! Enters: the methods that give None for their own instance from now on. Leaves: the same
//! module, where
//!
//! ```text
//! new = self.state.on(event)            new = self.state.on(event)
//! if new is not self.state:             if new is not None:
//!     new.enter()                           new.enter()
//!     self.state = new                      self.state = new
//! ```
//!
//! `self.state = new` may stand behind the `if` as well. This module must not know types.

use super::{Kind, method_call};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, CompareOp, Expr, ExprKind, Function, Ident, Module, NodeId, Stmt, StmtKind,
};
use crate::desugar::build::Build;
use std::collections::{BTreeMap, BTreeSet};

/// The statements `new = …` of which the next one asks whether `new` is another object.
pub(super) fn asked(module: &Module, kinds: &BTreeMap<String, Kind>) -> BTreeSet<NodeId> {
    let mut stored = Stored::default();
    stored.visit_block(&module.body);
    let mut functions = Functions::default();
    functions.visit_block(&module.body);
    let mut found = BTreeSet::new();
    for function in functions.0 {
        let mut search = Search {
            kinds,
            function,
            stored: &stored,
            found: &mut found,
        };
        search.visit_block(&function.body);
    }
    found
}

/// Asks for None instead, behind those statements.
pub(super) fn rewrite(block: &mut Block, asked: &BTreeSet<NodeId>, next_id: &mut u32) {
    let mut left: Option<(String, usize)> = None;
    for stmt in &mut block.stmts {
        match (&mut stmt.kind, left.take()) {
            (StmtKind::If { test, .. }, Some((name, 0))) => {
                let mut build = Build {
                    next_id,
                    span: test.span,
                };
                let (of, none) = (build.name(&name), build.expr(ExprKind::None));
                *test = build.compare(of, CompareOp::IsNot, none);
                left = Some((name, 1));
            }
            (StmtKind::Assign { value, .. }, Some((name, 1))) if matches!(&value.kind, ExprKind::Name(n) if *n == name) =>
            {
                let mut build = Build {
                    next_id,
                    span: stmt.span,
                };
                let (of, none) = (build.name(&name), build.expr(ExprKind::None));
                let test = build.compare(of, CompareOp::IsNot, none);
                let mut store = build.stmt(StmtKind::Pass);
                store.kind = std::mem::replace(&mut stmt.kind, StmtKind::Pass);
                stmt.kind = StmtKind::If {
                    test,
                    body: Block {
                        stmts: vec![store],
                        trailing: Vec::new(),
                    },
                    orelse: Block::default(),
                };
            }
            (StmtKind::Assign { targets, .. }, _) if asked.contains(&stmt.id) => {
                if let Some(ExprKind::Name(name)) = targets.first().map(|t| &t.kind) {
                    left = Some((name.clone(), 0));
                }
            }
            _ => {}
        }
        for inner in ast::blocks_mut(stmt) {
            rewrite(inner, asked, next_id);
        }
    }
}

/// All functions.
#[derive(Default)]
struct Functions<'m>(Vec<&'m Function>);

impl<'m> Visitor<'m> for Functions<'m> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            self.0.push(function);
        }
        visit::walk_stmt(self, stmt);
    }
}

/// Where each attribute gets a value, and which are computed.
#[derive(Default)]
struct Stored {
    /// The names of the functions around.
    within: Vec<String>,
    /// By attribute: the functions that assign it.
    by: BTreeMap<String, BTreeSet<String>>,
    /// What the functions of each name mention: all that they may call.
    mentioned: BTreeMap<String, BTreeSet<String>>,
    /// Whether a class says itself what is equal.
    compares: bool,
}

impl Stored {
    /// Whether a method of that name, or what it calls, may give the attribute a value; that of
    /// a new object is another one.
    fn may_store(&self, method: &str, attr: &str) -> bool {
        let Some(by) = self.by.get(attr) else {
            return false;
        };
        let mut seen = BTreeSet::from([method]);
        let mut open = vec![method];
        while let Some(name) = open.pop() {
            if by.contains(name) {
                return true;
            }
            let mentioned = self.mentioned.get(name).into_iter().flatten();
            open.extend(
                mentioned
                    .map(String::as_str)
                    .filter(|name| seen.insert(name)),
            );
        }
        false
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                let by = self.within.last().cloned().unwrap_or_default();
                self.by.entry(attr.name.clone()).or_default().insert(by);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Stored {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let name = &function.name.name;
                self.mentioned.entry(name.clone()).or_default();
                self.compares |= matches!(name.as_str(), "__eq__" | "__ne__");
                self.within.push(name.clone());
                visit::walk_stmt(self, stmt);
                self.within.pop();
                return;
            }
            StmtKind::Class(class) => self.compares |= !class.decorators.is_empty(),
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.target(t));
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let (
            ExprKind::Name(name)
            | ExprKind::Attribute {
                attr: Ident { name, .. },
                ..
            },
            Some(by),
        ) = (&e.kind, self.within.last())
        {
            let mentioned = self.mentioned.entry(by.clone()).or_default();
            mentioned.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

/// Finds the statements in one function.
struct Search<'s> {
    kinds: &'s BTreeMap<String, Kind>,
    function: &'s Function,
    stored: &'s Stored,
    found: &'s mut BTreeSet<NodeId>,
}

impl Search<'_> {
    /// Whether a statement and those behind it are such.
    fn is_asked(&self, stmts: &[Stmt]) -> bool {
        let [first, second, rest @ ..] = stmts else {
            return false;
        };
        let StmtKind::Assign { targets, value } = &first.kind else {
            return false;
        };
        let ([target], Some((receiver, method))) = (targets.as_slice(), method_call(value)) else {
            return false;
        };
        let (ExprKind::Name(name), ExprKind::Attribute { attr, .. }) =
            (&target.kind, &receiver.kind)
        else {
            return false;
        };
        let StmtKind::If { test, orelse, .. } = &second.kind else {
            return false;
        };
        if self.kinds.get(method) != Some(&Kind::Next)
            || !receiver.is_path()
            || !orelse.stmts.is_empty()
            || !self.is_other(test, name, receiver)
        {
            return false;
        }
        // The method does not replace the instance, and a property does not make a new one.
        if self.stored.may_store(method, &attr.name)
            || self.stored.mentioned.contains_key(&attr.name)
        {
            return false;
        }
        let last = rest.first().filter(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                matches!(targets.as_slice(), [t] if t.same_path(receiver))
                    && matches!(&value.kind, ExprKind::Name(n) if n == name)
            }
            _ => false,
        });
        let mut here = Mentions::of(name);
        here.visit_stmt(first);
        here.visit_stmt(second);
        if let Some(last) = last {
            here.visit_stmt(last);
        }
        let mut all = Mentions::of(name);
        all.visit_block(&self.function.body);
        let is_param = self
            .function
            .params
            .list
            .iter()
            .any(|p| p.name.name == *name);
        here.count == all.count && !all.declared && !is_param
    }

    /// `name is not receiver`, either way round.
    fn is_other(&self, test: &Expr, name: &str, receiver: &Expr) -> bool {
        let ExprKind::Compare { left, ops, rest } = &test.kind else {
            return false;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
            return false;
        };
        let differ = match op {
            CompareOp::IsNot => true,
            CompareOp::NotEq => !self.stored.compares,
            _ => false,
        };
        let is_name = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == name);
        differ
            && (is_name(left) && right.same_path(receiver)
                || is_name(right) && left.same_path(receiver))
    }
}

impl<'ast> Visitor<'ast> for Search<'_> {
    fn visit_block(&mut self, block: &'ast Block) {
        for (i, stmt) in block.stmts.iter().enumerate() {
            if self.is_asked(block.stmts.get(i..).unwrap_or(&[])) {
                self.found.insert(stmt.id);
            }
        }
        visit::walk_block(self, block);
    }
}

/// How often a name stands somewhere.
struct Mentions<'n> {
    name: &'n str,
    count: usize,
    /// Whether it is said to be another function's, or the module's.
    declared: bool,
}

impl<'n> Mentions<'n> {
    fn of(name: &'n str) -> Self {
        Self {
            name,
            count: 0,
            declared: false,
        }
    }
}

impl<'ast> Visitor<'ast> for Mentions<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
            self.declared |= names.iter().any(|n| n == self.name);
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.count += usize::from(matches!(&e.kind, ExprKind::Name(n) if n == self.name));
        visit::walk_expr(self, e);
    }
}
