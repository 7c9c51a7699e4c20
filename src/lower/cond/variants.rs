//! `if request == "Hold": … elif "Cruise" in request: …` as a `match`.
//!
//! Enters: an `if` whose conditions all ask which variant one value is. Leaves: a `match`
//! whose arms name the data that they read. This module must not know the data's types.

use crate::ast::{self, Expr as PyExpr, Stmt as PyStmt, StmtKind as PyKind};
use crate::infer::scope::BlockRef;
use crate::ir::{Arm, Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::lower::tagged::{DataPattern, VariantTest, unread};
use std::collections::BTreeSet;

/// One branch: for which variants, and its block.
struct Branch<'a> {
    test: VariantTest<'a>,
    body: &'a ast::Block,
    of: BlockRef,
    comments: &'a [ast::Comment],
}

impl<'a> FnLower<'_, 'a> {
    /// Lowers a chain of tests of one value; false where it is none.
    pub(super) fn match_variants(
        &mut self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<bool, Expr> {
        let Some((branches, last)) = self.variant_chain(stmt, test, body, orelse) else {
            return Ok(false);
        };
        let Some(first) = branches.first() else {
            return Ok(false);
        };
        let (place, rty) = self.tagged_place(first.test.value)?;
        let types = self.lw.input.types;
        let (Some(def), RTy::Named(_)) = (types.enum_def(&first.test.key), rty) else {
            return Ok(false);
        };
        let at = self.lw.first_line(stmt.span);
        let mut open: BTreeSet<String> = def.variants.iter().map(|v| v.name.clone()).collect();
        let mut arms = Vec::new();
        let name = self.lw.use_type(&first.test.key);
        let pattern = |held: &BTreeSet<String>| {
            let held = def.variants.iter().filter(|v| held.contains(&v.name));
            let patterns: Vec<String> = held.map(|v| format!("{name}::{}", unread(v))).collect();
            patterns.join(" | ")
        };
        for branch in &branches {
            let holds: BTreeSet<String> = branch.test.holds.intersection(&open).cloned().collect();
            open.retain(|variant| !holds.contains(variant));
            if holds.is_empty() {
                continue;
            }
            let test = VariantTest {
                holds,
                ..branch.test.clone()
            };
            let data = self.data_of(&test, &branch.body.stmts, &[]);
            let body = self.branch_block(branch.body, branch.of, data.as_ref());
            let comments = branch.comments.iter();
            let mut stmts: Vec<Stmt> = comments
                .map(|c| Stmt::new(StmtKind::Comment(c.text.clone())))
                .collect();
            stmts.extend(body.stmts);
            let pattern = data.map_or_else(|| pattern(&test.holds), |data| data.pattern);
            arms.push(Arm::of(pattern, Block::of(stmts)));
        }
        if !open.is_empty() {
            let (data, body) = match last {
                Some((body, of)) => {
                    let test = VariantTest {
                        holds: open.clone(),
                        ..first.test.clone()
                    };
                    let data = self.data_of(&test, &body.stmts, &[]);
                    let block = self.branch_block(body, of, data.as_ref());
                    (data, block)
                }
                None => (None, Block::default()),
            };
            let only_one = open.len() == 1 && !body.stmts.is_empty();
            let pattern = match data {
                Some(data) => data.pattern,
                None if only_one => pattern(&open),
                None => "_".to_string(),
            };
            arms.push(Arm::of(pattern, body));
        }
        for branch in &branches {
            self.forget_changed(branch.body);
        }
        if let Some((body, _)) = last {
            self.forget_changed(body);
        }
        let subject = Box::new(place);
        self.emit(at, StmtKind::Expr(Expr::Match { subject, arms }));
        Ok(true)
    }

    fn branch_block(
        &mut self,
        body: &'a ast::Block,
        of: BlockRef,
        data: Option<&DataPattern>,
    ) -> Block {
        let depth = self.bounds.len();
        if let Some(data) = data {
            self.bind_data(data);
        }
        let block = self.block(body, of);
        self.bounds.truncate(depth);
        block
    }

    /// The branches of a chain of at least two tests of one value, and what is left.
    #[allow(clippy::type_complexity)]
    fn variant_chain(
        &self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Option<(Vec<Branch<'a>>, Option<(&'a ast::Block, BlockRef)>)> {
        let block = |id, slot| BlockRef {
            owner: Some(id),
            slot,
            is_loop: false,
        };
        let first = self.tag_test(test).filter(|test| !test.optional)?;
        let path = self.path_of(first.value)?;
        let mut branches = vec![Branch {
            test: first,
            body,
            of: block(stmt.id, 0),
            comments: &[],
        }];
        let (mut id, mut rest) = (stmt.id, orelse);
        while let [only] = rest.stmts.as_slice()
            && let PyKind::If { test, body, orelse } = &only.kind
            && let Some(test) = self.tag_test(test).filter(|test| !test.optional)
            && self.path_of(test.value).as_ref() == Some(&path)
            && rest.trailing.is_empty()
            // A variable that belongs to the block between the two has no place in a `match`.
            && !self.scope.vars.values().any(|var| var.home == block(id, 1))
        {
            branches.push(Branch {
                test,
                body,
                of: block(only.id, 0),
                comments: &only.comments,
            });
            (id, rest) = (only.id, orelse);
        }
        let last = (!rest.stmts.is_empty()).then(|| (rest, block(id, 1)));
        (branches.len() > 1).then_some((branches, last))
    }
}
