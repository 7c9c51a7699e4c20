//! How large Rust blocks are, whether they have holes, and their jumps.

use crate::ir::{Block, Expr, Stmt, StmtKind};
use crate::lower::function::FnLower;

impl FnLower<'_, '_> {
    /// Names the loop in `break` and `continue`: Rust asks for that in a labelled block.
    pub(in crate::lower) fn label_jumps(&mut self, stmts: &mut [Stmt]) {
        fn in_block(stmts: &mut [Stmt], found: &mut dyn FnMut(bool) -> Option<String>) {
            for stmt in stmts {
                match &mut stmt.kind {
                    StmtKind::Break(label @ None) => *label = found(true),
                    StmtKind::Continue(label @ None) => *label = found(false),
                    StmtKind::While { .. } | StmtKind::Loop { .. } | StmtKind::For { .. } => {}
                    _ => {
                        let found = std::cell::RefCell::new(&mut *found);
                        stmt.for_each_child_mut(
                            &mut |e| in_expr(e, &mut **found.borrow_mut()),
                            &mut |b| in_block(&mut b.stmts, &mut **found.borrow_mut()),
                        );
                    }
                }
            }
        }
        fn in_expr(e: &mut Expr, found: &mut dyn FnMut(bool) -> Option<String>) {
            let found = std::cell::RefCell::new(found);
            e.for_each_child_mut(&mut |c| in_expr(c, &mut **found.borrow_mut()), &mut |b| {
                in_block(&mut b.stmts, &mut **found.borrow_mut())
            });
        }
        let loops = &mut self.loops;
        let mut label = |leaves: bool| Some(loops.last_mut()?.for_block(leaves));
        in_block(stmts, &mut label);
    }
}

/// How many statements a block has, blocks within it counted through.
pub(in crate::lower) fn size_of(block: &Block) -> usize {
    block
        .stmts
        .iter()
        .map(|stmt| match &stmt.kind {
            StmtKind::Comment(_) | StmtKind::LineComment(_) | StmtKind::Blank => 0,
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                let inner: usize = blocks.into_iter().map(size_of).sum();
                1 + inner + exprs.into_iter().map(size_in).sum::<usize>()
            }
        })
        .sum()
}

pub(in crate::lower) fn size_in(e: &Expr) -> usize {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    blocks.into_iter().map(size_of).sum::<usize>() + exprs.into_iter().map(size_in).sum::<usize>()
}

/// Whether there is a hole in the statements.
pub(in crate::lower) fn tidy_holes(stmts: &[Stmt]) -> bool {
    fn in_expr(e: &Expr) -> bool {
        if matches!(e, Expr::Hole(_)) {
            return true;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(in_expr) || blocks.into_iter().any(in_block)
    }
    fn in_block(block: &Block) -> bool {
        tidy_holes(&block.stmts) || block.value.as_ref().is_some_and(|v| in_expr(v))
    }
    stmts.iter().any(|stmt| {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(in_expr) || blocks.into_iter().any(in_block)
    })
}
