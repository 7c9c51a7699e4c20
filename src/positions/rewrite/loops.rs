//! Loops over containers: which they are, and the names that count in them.
//!
//! Enters: a function. Leaves: its loops over containers; `for t_index, t in
//! enumerate(tracks)` where the index is asked for. This module must not know positions.

use super::*;

/// How a loop that gives objects runs over their container.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    /// The container, as the loop names it.
    pub(super) container: Expr,
    /// The name that counts already.
    pub(super) counted: Option<String>,
    /// Whether a name that counts can be added.
    pub(super) countable: bool,
}

impl Rewrite<'_, '_> {
    /// Adds the names that count to the loops that are asked for them.
    pub(super) fn with_indices(&mut self, block: &mut Block, indices: &BTreeMap<String, String>) {
        for stmt in &mut block.stmts {
            if let StmtKind::For { target, iter, .. } = &mut stmt.kind {
                self.count(target, iter, indices);
            }
            own_exprs(stmt, &mut |e| self.count_within(e, indices));
            for inner in blocks_mut(stmt) {
                self.with_indices(inner, indices);
            }
        }
    }

    pub(super) fn count_within(&mut self, e: &mut Expr, indices: &BTreeMap<String, String>) {
        if let ExprKind::Comprehension { clauses, .. } = &mut e.kind {
            for clause in clauses {
                self.count(&mut clause.target, &mut clause.iter, indices);
            }
        }
        children(e, &mut |child| self.count_within(child, indices));
    }

    /// `for t in tracks` as `for t_index, t in enumerate(tracks)`.
    pub(super) fn count(
        &mut self,
        target: &mut Expr,
        iter: &mut Expr,
        indices: &BTreeMap<String, String>,
    ) {
        let mut leaves = Vec::new();
        homes::names_of(target, &mut leaves);
        let names = &self.own.scope.names;
        let versions = leaves.iter().filter_map(|leaf| names.get(&leaf.id));
        let Some(name) = versions.filter_map(|v| indices.get(v)).next() else {
            return;
        };
        let counter = self.name(target, name);
        let pair = ExprKind::Tuple(vec![counter, target.clone()]);
        *target = self.expr(target, pair);
        let counted = match homes::values_of(iter) {
            Some(dict) => {
                let func = self.attr(dict.clone(), "items");
                self.call(func, Vec::new())
            }
            None => {
                let func = self.name(iter, "enumerate");
                self.call(func, vec![iter.clone()])
            }
        };
        *iter = counted;
    }
}

/// Calls `f` on the expressions of a statement, and not on those of its blocks.
pub(super) fn own_exprs(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Expr)) {
    let blocks: Vec<Block> = blocks_mut(stmt).into_iter().map(std::mem::take).collect();
    crate::ast::rewrite::roots(stmt, f);
    for (slot, block) in blocks_mut(stmt).into_iter().zip(blocks) {
        *slot = block;
    }
}

/// The loops over containers of a function, by the version of the target that is the object.
pub(super) fn elements(block: &Block, own: &Own<'_>) -> BTreeMap<String, Loop> {
    use crate::ast::visit::{self, Visitor};
    struct Search<'s> {
        own: &'s Own<'s>,
        found: BTreeMap<String, Loop>,
    }
    impl Search<'_> {
        fn looped(&mut self, target: &Expr, iter: &Expr, counted: Option<&str>, countable: bool) {
            let called = match &iter.kind {
                ExprKind::Call { func, args, .. } => match &func.kind {
                    ExprKind::Name(name) => Some((name.as_str(), args.as_slice())),
                    ExprKind::Attribute { value, attr } if attr.name == "items" => {
                        if let ExprKind::Tuple(targets) = &target.kind
                            && let [key, value_target] = targets.as_slice()
                            && let ExprKind::Name(key) = &key.kind
                        {
                            self.looped(value_target, value, Some(key), false);
                        }
                        return;
                    }
                    _ => None,
                },
                _ => None,
            };
            match (&target.kind, called) {
                (ExprKind::Tuple(targets), Some(("enumerate", [list]))) => {
                    if let [index, item] = targets.as_slice() {
                        let index = match &index.kind {
                            ExprKind::Name(name) => Some(name.as_str()),
                            _ => None,
                        };
                        self.looped(item, list, index, false);
                    }
                }
                (ExprKind::Tuple(targets), Some(("zip", lists)))
                    if targets.len() == lists.len() =>
                {
                    for (target, list) in targets.iter().zip(lists) {
                        self.looped(target, list, counted, countable);
                    }
                }
                (ExprKind::Name(_), _) => {
                    if let Some(version) = self.own.scope.names.get(&target.id) {
                        let around = Loop {
                            container: iter.clone(),
                            counted: counted.map(str::to_string),
                            countable,
                        };
                        self.found.insert(version.clone(), around);
                    }
                }
                _ => {}
            }
        }
    }
    impl<'ast> Visitor<'ast> for Search<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::For { target, iter, .. } = &stmt.kind {
                self.looped(target, iter, None, true);
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Comprehension { clauses, .. } = &e.kind {
                for clause in clauses {
                    self.looped(&clause.target, &clause.iter, None, true);
                }
            }
            visit::walk_expr(self, e);
        }
    }
    let mut search = Search {
        own,
        found: BTreeMap::new(),
    };
    search.visit_block(block);
    search.found
}
