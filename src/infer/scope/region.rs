//! How long a variable is in use.
//!
//! Enters: a function's body and names. Leaves: the stretch of the source in which a variable
//! may hold a value that somebody asks for. This module must not know types.

use super::FnScope;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::source::Span;
use std::collections::BTreeSet;

/// From the first to the last time that a variable is named, with every loop that may carry
/// its value from one turn to the next.
pub fn in_use(body: &ast::Block, scope: &FnScope, version: &str) -> Span {
    struct Occurrences<'s>(&'s FnScope, &'s str, Option<Span>);
    impl Occurrences<'_> {
        fn seen(&mut self, span: Span) {
            let seen = self.2.unwrap_or(span);
            self.2 = Some(Span {
                start: seen.start.min(span.start),
                end: seen.end.max(span.end),
            });
        }
    }
    impl<'ast> Visitor<'ast> for Occurrences<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let targets = match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.as_slice(),
                StmtKind::AugAssign { target, .. } => std::slice::from_ref(target),
                _ => &[],
            };
            // A part of it is stored to when the value is there.
            for target in targets
                .iter()
                .filter(|t| !matches!(t.kind, ExprKind::Name(_)))
            {
                let mut named = Occurrences(self.0, self.1, None);
                named.visit_expr(target);
                if let Some(at) = named.2 {
                    let end = stmt.span.end.max(at.end);
                    self.seen(Span { end, ..at });
                }
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            if self.0.names.get(&e.id).is_some_and(|v| v == self.1) {
                self.seen(e.span);
            }
            visit::walk_expr(self, e);
        }
    }
    struct Loops {
        home: Option<NodeId>,
        fresh: bool,
        /// The loops around the block that holds all occurrences.
        around: BTreeSet<NodeId>,
        stack: Vec<NodeId>,
        found: Vec<(NodeId, Span)>,
    }
    impl<'ast> Visitor<'ast> for Loops {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let is_loop = matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. });
            self.stack.push(stmt.id);
            if self.home == Some(stmt.id) {
                self.around.extend(self.stack.iter().copied());
            }
            if is_loop {
                self.found.push((stmt.id, stmt.span));
            }
            visit::walk_stmt(self, stmt);
            self.stack.pop();
        }
    }
    let mut occurrences = Occurrences(scope, version, None);
    occurrences.visit_block(body);
    let mut region = occurrences.2.unwrap_or(Span {
        start: 0,
        end: u32::MAX,
    });
    let info = scope.vars.get(version);
    let mut loops = Loops {
        home: info.and_then(|i| i.home.owner),
        fresh: info.is_some_and(|i| i.first_is_binding),
        around: BTreeSet::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    loops.visit_block(body);
    let mut more = true;
    while more {
        more = false;
        for (id, span) in &loops.found {
            let skipped = loops.fresh && loops.around.contains(id);
            let overlaps = span.start < region.end && region.start < span.end;
            let within = region.start <= span.start && span.end <= region.end;
            if !skipped && overlaps && !within {
                region.start = region.start.min(span.start);
                region.end = region.end.max(span.end);
                more = true;
            }
        }
    }
    region
}
