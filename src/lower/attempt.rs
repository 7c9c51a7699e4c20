//! `try`: the body in place, and at each operation that raises the way to its handler.
//!
//! The body is lowered as it would leave the function; then `sites` finds what fails in it
//! and which handler that is for. The plainest of these forms is written:
//! - handlers that leave (`return`, `continue`, `raise`) stand at the failure, in the
//!   `else` of a `let … else` or behind a plain test;
//! - one operation that raises: `if let Some(x) = … { … } else { handler }`;
//! - else a labelled block, which a failure leaves to the handler behind it.

mod finally;
mod handler;
mod kinds;
mod measure;
pub(super) mod raised;
pub(super) mod sites;
mod text;

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, Handler, Stmt as PyStmt};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::infer::scope::BlockRef;
use crate::ir::{Arm, Block, Expr, Stmt, StmtKind};
use crate::ty::Ty;
pub(super) use finally::Final;
use handler::Asked;
pub(super) use handler::again;
use measure::{size_of, tidy_holes};
use sites::{Callees, Caught, Choice, Rewrite, Way};
use std::collections::BTreeSet;

/// How many statements of handlers may stand more than once.
const REPEATED: usize = 4;

impl<'a> FnLower<'_, 'a> {
    /// `try: body except …: handlers else: orelse finally: finalbody`
    pub(super) fn try_(
        &mut self,
        stmt: &'a PyStmt,
        body: &'a ast::Block,
        handlers: &'a [Handler],
        orelse: &'a ast::Block,
        finalbody: &'a ast::Block,
    ) -> Result<(), Expr> {
        if finalbody.stmts.is_empty() {
            let mut stmts = self.attempt(stmt, body, handlers, orelse)?;
            self.out.append(&mut stmts);
            return Ok(());
        }
        let of = BlockRef {
            owner: Some(stmt.id),
            slot: 2,
            is_loop: false,
        };
        self.finals.push(Final {
            block: finalbody,
            of,
            loops: self.loops.len(),
        });
        let part = self.attempt(stmt, body, handlers, orelse);
        self.finals.pop();
        let mut part = part?;
        let ends = Block::of(part.clone()).diverges();
        let last = match ends {
            true => self.final_copy(finalbody, of),
            false => {
                let mut copy = Vec::new();
                if self.final_shows(finalbody) {
                    copy = self.final_copy(finalbody, of);
                }
                let normal = self.block(finalbody, of).stmts;
                if copy.is_empty() {
                    copy.clone_from(&normal);
                }
                part = self.raising_through(stmt, part, finalbody, copy)?;
                self.out.append(&mut part);
                self.out.extend(normal);
                return Ok(());
            }
        };
        part = self.raising_through(stmt, part, finalbody, last)?;
        self.out.append(&mut part);
        Ok(())
    }

    /// The body with its handlers.
    fn attempt(
        &mut self,
        stmt: &'a PyStmt,
        body: &'a ast::Block,
        handlers: &'a [Handler],
        orelse: &'a ast::Block,
    ) -> Result<Vec<Stmt>, Expr> {
        let slot = |slot: u32| BlockRef {
            owner: Some(stmt.id),
            slot,
            is_loop: false,
        };
        let tried = u32::from(!handlers.is_empty());
        self.tries += tried;
        let lowered = self.block(body, slot(0)).stmts;
        self.tries -= tried;
        self.forget_changed(body);
        let mut rest = self.block(orelse, slot(1)).stmts;
        if handlers.is_empty() {
            let mut stmts = lowered;
            stmts.append(&mut rest);
            return Ok(stmts);
        }
        self.forget_changed(orelse);
        let asked: Vec<Asked> = handlers.iter().map(|h| self.asked(h)).collect();
        let survey = |way: &dyn Fn(usize) -> Way, bodies: &[Block], owned: &[bool]| {
            let pairs = asked.iter().zip(bodies).zip(owned).enumerate();
            pairs
                .map(|(i, ((asked, body), owned))| Caught {
                    classes: asked.classes.clone(),
                    body: body.clone(),
                    name: asked.name.clone(),
                    silent: asked.silent,
                    reads: asked.reads.clone(),
                    owned: *owned,
                    again: asked.again,
                    way: way(i),
                })
                .collect::<Vec<Caught>>()
        };
        let none = vec![Block::default(); handlers.len()];
        let plain = vec![false; handlers.len()];
        let found = self.survey(&lowered, survey(&|_| Way::Here, &none, &plain));
        let holes = tidy_holes(&lowered);
        let (found, wanted) = match found {
            Ok(found) => found,
            Err(why) if holes => {
                let _ = why;
                (Vec::new(), BTreeSet::new())
            }
            Err(why) => return Err(self.no_try(stmt, &why)),
        };
        self.lw.typed_wanted.extend(wanted);
        // Handlers that bind one name have one variable.
        let name_of = |i: usize| asked.get(i).and_then(|a| a.name.as_ref());
        let owned: Vec<bool> = (0..handlers.len())
            .map(|i| {
                let same = |s: &&sites::Site| {
                    s.handler == i || name_of(i).is_some() && name_of(i) == name_of(s.handler)
                };
                found.iter().filter(same).any(|s| s.computed)
            })
            .collect();
        let mut bodies = Vec::new();
        for (i, handler) in handlers.iter().enumerate() {
            let reached = found.iter().any(|s| s.handler == i);
            bodies.push(match reached {
                true => match asked.get(i) {
                    Some(asked) => {
                        let owned = owned.get(i) == Some(&true);
                        self.handler(handler, asked, slot(3 + i as u32), owned)
                    }
                    None => Block::default(),
                },
                false => Block::default(),
            });
            if !reached && !holes {
                self.note_unreached(handler);
            }
        }
        for handler in handlers {
            self.forget_changed(&handler.body);
        }
        for (i, body) in bodies.iter_mut().enumerate() {
            // What stands within a loop of the body jumps in the one around the `try`.
            if found.iter().any(|s| s.handler == i && s.in_loop) {
                self.label_jumps(&mut body.stmts);
            }
        }
        let sites_of = |i: usize| found.iter().filter(|s| s.handler == i).count();
        let reached: Vec<usize> = (0..handlers.len()).filter(|i| sites_of(*i) > 0).collect();
        if reached.is_empty() {
            let mut stmts = lowered;
            stmts.append(&mut rest);
            return Ok(stmts);
        }
        // One operation raises, at a place from which the rest of the body can be parted.
        let one_place = found
            .first()
            .is_some_and(|first| found.iter().all(|s| s.ahead && s.place == first.place));
        let all_leave = reached
            .iter()
            .all(|i| bodies.get(*i).is_some_and(Block::diverges));
        if one_place && (!all_leave || found.len() > 1 || found.iter().any(|s| s.outcome)) {
            let caught = survey(&|_| Way::Else, &bodies, &owned);
            return self.one_branch(stmt, lowered, caught, rest);
        }
        let repeated = |i: &usize| {
            let size = bodies.get(*i).map_or(0, size_of);
            let count = sites_of(*i);
            count == 1 || size * count <= REPEATED
        };
        let leaves = |i: &usize| bodies.get(*i).is_some_and(Block::diverges);
        let here: BTreeSet<usize> = reached
            .iter()
            .copied()
            .filter(|i| leaves(i) && repeated(i))
            .collect();
        let labelled: Vec<usize> = reached
            .iter()
            .copied()
            .filter(|i| !here.contains(i))
            .collect();
        let count = self.labels;
        self.labels += usize::from(!labelled.is_empty());
        let suffix = match count {
            0 => String::new(),
            n => format!("_{}", n + 1),
        };
        let label = |i: usize| match labelled.len() {
            1 => format!("failed{suffix}"),
            _ => format!("failed_{}{suffix}", i + 1),
        };
        let way = |i: usize| match here.contains(&i) {
            true => Way::Here,
            false => Way::To(label(i)),
        };
        let caught = survey(&way, &bodies, &owned);
        let (mut inner, refused) = self.rewritten(lowered, caught);
        if let Some(why) = refused {
            return Err(self.no_try(stmt, &why));
        }
        inner.append(&mut rest);
        if labelled.is_empty() {
            return Ok(inner);
        }
        self.label_jumps(&mut inner);
        let done = format!("tried{suffix}");
        let leave = |stmts: &mut Vec<Stmt>| {
            if !Block::of(stmts.clone()).diverges() {
                stmts.push(Stmt::new(StmtKind::Break(Some(done.clone()))));
                return true;
            }
            false
        };
        let single = labelled.len() == 1
            && labelled
                .first()
                .and_then(|i| bodies.get(*i))
                .is_some_and(|b| size_of(b) == 0);
        let mut out = Vec::new();
        // The messages stand outside of the blocks that set them.
        for i in &labelled {
            let asked = asked.get(*i).into_iter();
            let names = asked.flat_map(|a| {
                let name = a.name.iter().filter(|_| !a.silent);
                name.chain(a.reads.iter().map(|(_, n)| n))
            });
            for name in names.cloned().collect::<Vec<String>>() {
                let declared =
                    |s: &Stmt| matches!(&s.kind, StmtKind::Let { name: n, .. } if *n == name);
                if out.iter().any(declared) {
                    continue;
                }
                out.push(Stmt::new(StmtKind::Let {
                    name,
                    mutable: false,
                    ty: None,
                    init: None,
                }));
            }
        }
        let mut jumps = false;
        for i in labelled.iter().copied() {
            if !single {
                jumps |= leave(&mut inner);
            }
            let block = StmtKind::Block {
                label: Some(label(i)),
                body: Block::of(inner),
            };
            inner = vec![Stmt::new(block)];
            let mut handler = bodies.get(i).cloned().unwrap_or_default().stmts;
            self.label_jumps(&mut handler);
            inner.append(&mut handler);
        }
        if jumps {
            out.push(Stmt::new(StmtKind::Block {
                label: Some(done),
                body: Block::of(inner),
            }));
        } else {
            out.append(&mut inner);
        }
        Ok(out)
    }

    /// `if let Some(x) = … { rest of the body } else { handler }`
    fn one_branch(
        &mut self,
        stmt: &PyStmt,
        body: Vec<Stmt>,
        caught: Vec<Caught>,
        mut rest: Vec<Stmt>,
    ) -> Result<Vec<Stmt>, Expr> {
        let (taken, settled) = self.known_names();
        let callees = self.callees();
        let typed = self.is_typed();
        let is_taken = |n: &str| taken.contains(n);
        let is_settled = |n: &str| settled.contains(n);
        let mut rewrite = Rewrite::new(callees, caught, typed, &is_taken, &is_settled);
        let mut before = rewrite.stmts(body);
        let (Some(choice), Some(split), None) =
            (rewrite.chosen, rewrite.split, rewrite.refused.clone())
        else {
            let why = rewrite
                .refused
                .unwrap_or_else(|| "this `try` around one operation".into());
            return Err(self.no_try(stmt, &why));
        };
        let mut then = before.split_off(split.min(before.len()));
        then.append(&mut rest);
        let mut fallback = rewrite.fallback.unwrap_or_default().stmts;
        let cond = match choice {
            Choice::If(cond) => cond,
            Choice::Tests(mut tests) if tests.len() == 1 => match tests.pop() {
                Some((cond, block)) => {
                    fallback = block.stmts;
                    cond.negate(false)
                }
                None => Expr::atom("true"),
            },
            Choice::Tests(tests) => {
                let mut otherwise = Block::of(then);
                for (cond, block) in tests.into_iter().rev() {
                    otherwise = Block::of(vec![Stmt::new(StmtKind::Expr(Expr::If {
                        cond: Box::new(cond),
                        then: block,
                        otherwise: Some(otherwise),
                    }))]);
                }
                before.append(&mut otherwise.stmts);
                return Ok(before);
            }
            Choice::Match(call, name, errors) => {
                before.push(Stmt::new(StmtKind::Expr(by_outcome(
                    call, &name, then, errors,
                ))));
                return Ok(before);
            }
        };
        let acts = |stmts: &[Stmt]| size_of(&Block::of(stmts.to_vec())) > 0;
        let branch = |cond: Expr, then: Vec<Stmt>, otherwise: Option<Vec<Stmt>>| {
            Stmt::new(StmtKind::Expr(Expr::If {
                cond: Box::new(cond),
                then: Block::of(then),
                otherwise: otherwise.map(Block::of),
            }))
        };
        if Block::of(then.clone()).diverges() {
            before.push(branch(cond, then, None));
            before.append(&mut fallback);
        } else if !acts(&then) {
            let cond = match cond {
                Expr::Let(pattern, value) if pattern.starts_with("Some") => {
                    value.method("is_none", vec![])
                }
                Expr::Let(_, value) => value.method("is_err", vec![]),
                Expr::Method(value, name, args) if name == "is_ok" => {
                    Expr::Method(value, "is_err".into(), args)
                }
                other => other.negate(false),
            };
            if acts(&fallback) {
                before.push(branch(cond, fallback, None));
            } else {
                before.push(Stmt::new(StmtKind::Expr(cond)));
            }
        } else {
            let otherwise = (!fallback.is_empty()).then_some(fallback);
            before.push(branch(cond, then, otherwise));
        }
        Ok(before)
    }

    /// What fails in a body, and the functions that must say which exception it is.
    fn survey(
        &mut self,
        body: &[Stmt],
        caught: Vec<Caught>,
    ) -> Result<(Vec<sites::Site>, BTreeSet<String>), String> {
        let typed = self.is_typed();
        let nothing = |_: &str| false;
        let mut rewrite = Rewrite::new(self.callees(), caught, typed, &nothing, &nothing);
        let _ = rewrite.stmts(body.to_vec());
        match rewrite.refused {
            Some(why) => Err(why),
            None => Ok((rewrite.sites, rewrite.wants_typed)),
        }
    }

    /// A body in which every failure goes to its handler.
    fn rewritten(&mut self, body: Vec<Stmt>, caught: Vec<Caught>) -> (Vec<Stmt>, Option<String>) {
        let (taken, settled) = self.known_names();
        let typed = self.is_typed();
        let is_taken = |n: &str| taken.contains(n);
        let is_settled = |n: &str| settled.contains(n);
        let mut rewrite = Rewrite::new(self.callees(), caught, typed, &is_taken, &is_settled);
        let out = rewrite.stmts(body);
        let wanted = std::mem::take(&mut rewrite.wants_typed);
        let refused = rewrite.refused;
        self.lw.typed_wanted.extend(wanted);
        (out, refused)
    }

    fn callees(&self) -> Callees<'_> {
        self.lw.callees()
    }

    /// Whether the function under construction returns `Result<_, Raised>`.
    pub(super) fn is_typed(&self) -> bool {
        self.own_id.is_some_and(|id| self.lw.is_typed(id))
    }

    /// The names that are in use, and those of variables that are bound once to what can
    /// be copied.
    fn known_names(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut taken: BTreeSet<String> = self.taken.iter().cloned().collect();
        let mut settled = BTreeSet::new();
        let mut unsettled = BTreeSet::new();
        for (version, info) in &self.scope.vars {
            let name = self.var_name(version);
            let copy = self
                .var_type(version)
                .is_some_and(|ty| self.lw.is_copy(&ty));
            if info.bindings == 1 && copy && !info.is_param && !self.unbound.contains(version) {
                settled.insert(name.clone());
            } else {
                unsettled.insert(name.clone());
            }
            taken.insert(name);
        }
        taken.extend(self.messages.values().cloned());
        taken.extend(self.shadows.all_names());
        settled.retain(|name| !unsettled.contains(name));
        (taken, settled)
    }

    /// Whether evaluating an expression may raise, as far as its syntax and types tell.
    pub(super) fn may_raise(&self, e: &PyExpr) -> bool {
        struct Raises<'f, 'l, 'a>(&'f FnLower<'l, 'a>, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Raises<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                use ast::BinaryOp as B;
                let partial =
                    |op: &B| matches!(op, B::Div | B::FloorDiv | B::Mod | B::Pow | B::Shl | B::Shr);
                self.1 |= matches!(&e.kind, ExprKind::Call { .. } | ExprKind::Subscript { .. })
                    || matches!(&e.kind, ExprKind::Binary { op, .. } if partial(op))
                    || matches!(self.0.fact(e.id).ty, Ty::Option(_))
                    || self.0.fact(e.id).unbound;
                ast::visit::walk_expr(self, e);
            }
        }
        let mut raises = Raises(self, false);
        ast::visit::Visitor::visit_expr(&mut raises, e);
        raises.1
    }

    fn no_try(&mut self, stmt: &PyStmt, why: &str) -> Expr {
        let problem = Problem::new(
            Code::PartlyHandled,
            format!("this `try` is not translated: {why}"),
        );
        let span = self.lw.first_line(stmt.span);
        Expr::Hole(self.lw.hole_text(span, &problem))
    }
}

/// `match call { Ok(name) => { then } errors }`
fn by_outcome(call: Expr, name: &str, then: Vec<Stmt>, errors: Vec<Arm>) -> Expr {
    let then = Block::of(then);
    let pattern = match crate::ir::uses::mentions(&then, name) {
        true => format!("Ok({name})"),
        false => "Ok(_)".to_string(),
    };
    let mut arms = vec![Arm::of(pattern, then)];
    arms.extend(errors);
    Expr::Match {
        subject: Box::new(call),
        arms,
    }
}
