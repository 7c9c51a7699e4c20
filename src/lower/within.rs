//! Indices that a loop keeps within a list: `for i in range(1, len(xs) - 1)`.
//!
//! Enters: a loop over a range whose end is the length of a list that keeps its length in
//! the body. Leaves: which `xs[i + c]` in the body need no check. This module must not know
//! how elements are read or written.

use super::function::FnLower;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::catalog::Told;
use crate::infer::Path;
use crate::infer::scope::{BlockRef, plain_name};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// `start <= i` and `i + slack < len(list)`, for a variable that counts.
#[derive(Debug, Clone)]
pub(super) struct Within {
    version: String,
    list: Path,
    start: i128,
    slack: i128,
}

impl<'a> FnLower<'_, 'a> {
    /// What the loop says of its variable in the body.
    pub(super) fn loop_bound(
        &self,
        stmt: &PyStmt,
        target: &PyExpr,
        iter: &'a PyExpr,
        body: &'a ast::Block,
    ) -> Option<Within> {
        let ExprKind::Call { args, .. } = &iter.kind else {
            return None;
        };
        let (start, stop) = match args.as_slice() {
            [stop] => (0, stop),
            [start, stop] => (self.fact(start.id).range.int().lo?, stop),
            _ => return None,
        };
        let (list, slack) = self.length_less(stop)?;
        let version = self.scope.names.get(&target.id)?.clone();
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let info = self.scope.vars.get(&version)?;
        let counts_only = info.home == inner && info.bindings == 1;
        (counts_only && self.keeps_length(body, &list)).then_some(Within {
            version,
            list,
            start,
            slack,
        })
    }

    /// `len(xs) - c` as the path of `xs` and `c`.
    fn length_less(&self, e: &'a PyExpr) -> Option<(Path, i128)> {
        match &e.kind {
            ExprKind::Binary {
                left,
                op: ast::BinaryOp::Sub,
                right,
            } => {
                let by = self.fact(right.id).range.int().constant()?;
                let (path, slack) = self.length_less(left)?;
                Some((path, slack + by))
            }
            ExprKind::Call { args, .. } => match (self.builtin_call(e), args.as_slice()) {
                (Some(("len", _, _)), [list]) => {
                    let is_list = matches!(self.fact(list.id).ty, Ty::List { .. });
                    Some((self.path_of(list).filter(|_| is_list)?, 0))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `xs.len() - c` for a range's end, which is empty where Python's is negative.
    pub(super) fn length_less_expr(&mut self, e: &'a PyExpr) -> Option<Expr> {
        let (path, slack) = self.length_less(e)?;
        let (list, _) = self.path_place(&path, false)?;
        let less = Expr::atom(slack.to_string());
        (slack > 0).then(|| {
            list.method("len", vec![])
                .method("saturating_sub", vec![less])
        })
    }

    /// The index of `base[index]` as a `usize`, where a loop around keeps it within the list.
    fn within(&mut self, base: &PyExpr, index: &'a PyExpr) -> Option<Expr> {
        let (name, offset) = self.counter(index)?;
        let version = self.scope.names.get(&name.id)?.clone();
        let path = self.path_of(base)?;
        let proven = |w: &Within| {
            w.version == version && w.list == path && w.start + offset >= 0 && offset <= w.slack
        };
        if !self.withins.iter().any(proven) {
            return None;
        }
        let variable = Expr::atom(self.var_name(&version));
        let moved = |e: Expr| match offset {
            0 => e,
            1.. => e.binary(BinOp::Add, Expr::atom(offset.to_string())),
            _ => e.binary(BinOp::Sub, Expr::atom((-offset).to_string())),
        };
        Some(match self.var_type(&version)? {
            RTy::Int(IntTy::Usize) => moved(variable),
            _ => Expr::Cast(Box::new(moved(variable)), RTy::USIZE),
        })
    }

    /// The place of an element that a loop around keeps within the list; `lent` says whether the
    /// list is lent to be changed.
    pub(super) fn item_within(
        &mut self,
        list: &Val,
        base: &PyExpr,
        index: &'a PyExpr,
        lent: bool,
    ) -> Option<(Expr, RTy)> {
        let at = self.fact(index.id).ty.narrowed();
        let elem = match list.rty.peel() {
            RTy::Vec(elem) | RTy::Slice(elem) => (**elem).clone(),
            RTy::Array(elem, _) if at == Ty::Position => (**elem).clone(),
            _ => return None,
        };
        let i = match at {
            Ty::Position => {
                let found = self.expr(index).ok()?;
                let found = match &found.rty {
                    RTy::Option(inner) => {
                        let error = self.error("AttributeError (None)");
                        self.tell(error.clone(), Told::Unknown);
                        let inner = (**inner).clone();
                        let fact = Fact::of(Ty::Position);
                        Val::new(found.expr.ok_or(&error), inner, &fact)
                    }
                    _ => found,
                };
                // The list is not lent yet while the position is found.
                let asks = lent && looks_into(index);
                match asks || self.changes_within(index) {
                    true if self.conditional > 0 => return None,
                    true => self.hoist(found, "at", index.span).expr,
                    false => found.expr,
                }
            }
            _ => self.within(base, index)?,
        };
        Some((Expr::Index(Box::new(list.expr.clone()), Box::new(i)), elem))
    }

    /// `i`, `i + 1`, `i - 1`: the name and what is added.
    fn counter(&self, index: &'a PyExpr) -> Option<(&'a PyExpr, i128)> {
        match &index.kind {
            ExprKind::Name(_) => Some((index, 0)),
            ExprKind::Binary { left, op, right } => {
                let by = self.fact(right.id).range.int().constant()?;
                let by = match op {
                    ast::BinaryOp::Add => by,
                    ast::BinaryOp::Sub => -by,
                    _ => return None,
                };
                matches!(left.kind, ExprKind::Name(_)).then_some((left, by))
            }
            _ => None,
        }
    }

    /// Whether a loop's variable does nothing in the body but index within bounds that are
    /// proven, so that it can be a `usize`.
    pub(super) fn only_within(&self, body: &'a ast::Block, bound: &Within) -> bool {
        struct Uses<'f, 'l, 'a> {
            this: &'f FnLower<'l, 'a>,
            bound: &'f Within,
            others: usize,
        }
        impl<'a> Visitor<'a> for Uses<'_, '_, 'a> {
            fn visit_expr(&mut self, e: &'a PyExpr) {
                let is_it =
                    |n: &PyExpr| self.this.scope.names.get(&n.id) == Some(&self.bound.version);
                match &e.kind {
                    ExprKind::Subscript { value, index }
                        if self.this.counter(index).is_some_and(|(name, by)| {
                            is_it(name)
                                && self.this.path_of(value).as_ref() == Some(&self.bound.list)
                                && self.bound.start + by >= 0
                                && by <= self.bound.slack
                        }) =>
                    {
                        self.visit_expr(value);
                    }
                    ExprKind::Name(_) if is_it(e) => self.others += 1,
                    _ => visit::walk_expr(self, e),
                }
            }
        }
        let mut uses = Uses {
            this: self,
            bound,
            others: 0,
        };
        uses.visit_block(body);
        uses.others == 0
    }

    /// Whether a call changes no list: a builtin's, or one of a module's functions.
    fn keeps_lengths(&self, call: &'a PyExpr) -> bool {
        const PURE: [&str; 18] = [
            "abs",
            "all",
            "any",
            "bool",
            "divmod",
            "enumerate",
            "float",
            "int",
            "len",
            "list",
            "max",
            "min",
            "pow",
            "range",
            "reversed",
            "round",
            "sum",
            "zip",
        ];
        match (self.builtin_call(call), &call.kind) {
            (Some((name, _, _)), _) => PURE.contains(&name),
            (None, ExprKind::Call { func, .. }) => match &func.kind {
                ExprKind::Attribute { value, .. } => {
                    matches!(&self.fact(value.id).ty, Ty::Module(name) if name == "math")
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether nothing in a block gives a list another length, or its name another list.
    fn keeps_length(&self, body: &'a ast::Block, list: &Path) -> bool {
        struct Changes<'f, 'l, 'a> {
            this: &'f FnLower<'l, 'a>,
            list: &'f Path,
            changed: bool,
        }
        impl Changes<'_, '_, '_> {
            fn touches(&self, e: &PyExpr) -> bool {
                match self.this.root_path(e) {
                    Some(path) => self.list.starts_with(&path) || path.starts_with(self.list),
                    None => false,
                }
            }
            fn target(&mut self, target: &PyExpr) {
                match &target.kind {
                    ExprKind::Tuple(items) | ExprKind::List(items) => {
                        items.iter().for_each(|item| self.target(item));
                    }
                    ExprKind::Starred(inner) => self.target(inner),
                    // An element has changed, not how many there are.
                    ExprKind::Subscript { value, index }
                        if !matches!(index.kind, ExprKind::Slice { .. })
                            && self.this.path_of(value).as_ref() == Some(self.list) => {}
                    _ => self.changed |= self.touches(target),
                }
            }
        }
        impl<'a> Visitor<'a> for Changes<'_, '_, 'a> {
            fn visit_stmt(&mut self, stmt: &'a PyStmt) {
                match &stmt.kind {
                    PyKind::Assign { targets, .. } => {
                        targets.iter().for_each(|target| self.target(target));
                    }
                    PyKind::AugAssign { target, .. }
                    | PyKind::AnnAssign { target, .. }
                    | PyKind::For { target, .. } => self.target(target),
                    PyKind::Delete(targets) => {
                        self.changed |= targets.iter().any(|target| self.touches(target));
                    }
                    _ => {}
                }
                visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'a PyExpr) {
                if let ExprKind::Named { target, .. } = &e.kind {
                    self.changed |= plain_name(&self.list.root) == target.name;
                }
                if let ExprKind::Call { func, args, .. } = &e.kind
                    && !self.this.keeps_lengths(e)
                {
                    // A function of the file may change what it is given and what outlives
                    // the call, a closure what is around it, a method its receiver.
                    let own = match &func.kind {
                        ExprKind::Name(name) => {
                            self.this.lw.functions.contains_key(name)
                                && !self.this.scope.names.contains_key(&func.id)
                        }
                        _ => false,
                    };
                    let local = self.this.scope.vars.contains_key(&self.list.root)
                        && self.list.segs.is_empty();
                    self.changed |= !own || !local || args.iter().any(|arg| self.touches(arg));
                }
                visit::walk_expr(self, e);
            }
        }
        let mut changes = Changes {
            this: self,
            list,
            changed: false,
        };
        changes.visit_block(body);
        !changes.changed
    }
}

/// Whether an expression looks into a list.
fn looks_into(e: &PyExpr) -> bool {
    matches!(e.kind, ExprKind::Subscript { .. } | ExprKind::Call { .. })
        || crate::ast::visit::children(e).into_iter().any(looks_into)
}
