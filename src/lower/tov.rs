//! Times of validity: what Python writes as `"None"`, `{"Time": ns}` or `{"Range": …}`.
//!
//! Enters: the target and value of an assignment to an output's `tov`. Leaves: Copper's
//! `Tov`, set at once, or in a variable until nothing can fail any more.

use super::function::FnLower;
use super::shadow::Plan;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem, Role};
use crate::ir::{Expr, RTy, StmtKind};
use crate::source::Span;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// A literal that stands for a time of validity.
    pub(super) fn tov_literal(&mut self, e: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let value = match &e.kind {
            ExprKind::Str(text) if text == "None" => Ok(Expr::atom("Tov::None")),
            ExprKind::Dict(items) => match single(items)? {
                ("Time", ns) => self.instant(ns).map(|t| Expr::call("Tov::Time", vec![t])),
                ("Range", range) => {
                    let ExprKind::Dict(ends) = &range.kind else {
                        return None;
                    };
                    let (start, end) = ends_of(ends)?;
                    self.instant(start).and_then(|start| {
                        let end = self.instant(end)?;
                        let fields = vec![("start".into(), start), ("end".into(), end)];
                        let range = Expr::Struct {
                            name: "CuTimeRange".into(),
                            fields,
                            base: None,
                        };
                        Ok(Expr::call("Tov::Range", vec![range]))
                    })
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(value.map(|expr| Val::new(expr, RTy::Tov, &self.fact(e.id))))
    }

    /// Nanoseconds as a time.
    fn instant(&mut self, ns: &'a PyExpr) -> Result<Expr, Expr> {
        let val = self.expr(ns)?;
        self.coerce(val, &RTy::CuTime, ns.span, "tov")
    }

    /// Stores the `tov` of an output.
    pub(super) fn store_tov(
        &mut self,
        target: &'a PyExpr,
        base: &'a PyExpr,
        path: &Path,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if !matches!(val.rty, RTy::Tov | RTy::Never) {
            let message = format!("{} as a `tov` is not translated", val.ty.describe());
            let problem = Problem::new(Code::PartlyHandled, message).with_help(
                "assign another message's `tov`, \"None\", {\"Time\": ns} or {\"Range\": {\"start\": ns, \"end\": ns}}",
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        if self.model.role == Role::Helper && self.lw.rollback.of(Role::Process).lost_tov {
            let message = "something can fail after this function has set the `tov`: PyTask would then leave the old one";
            let problem =
                Problem::new(Code::PartlyHandled, message).with_help("set the `tov` in `process`");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        if let Plan::Deferred { shadow, fresh } = self.shadows.write(target.id) {
            let kind = if fresh {
                StmtKind::Let {
                    name: shadow.name,
                    mutable: true,
                    ty: None,
                    init: Some(val.expr),
                }
            } else {
                StmtKind::Assign {
                    place: Expr::atom(shadow.name),
                    op: None,
                    value: val.expr,
                }
            };
            self.emit(at, kind);
            return Ok(());
        }
        if let Some(message) = self.path_of(base) {
            self.release(&message);
        }
        let Some((place, _)) = self.path_place(path, true) else {
            return Err(self.hole(target));
        };
        self.emit(
            at,
            StmtKind::Assign {
                place,
                op: None,
                value: val.expr,
            },
        );
        Ok(())
    }
}

/// An entry of a dict; without a key it is `**other`.
type Entry = (Option<PyExpr>, PyExpr);

/// The key and value of a dict with one literal key.
fn single(items: &[Entry]) -> Option<(&str, &PyExpr)> {
    match items {
        [item] => entry(item),
        _ => None,
    }
}

/// `{"start": …, "end": …}`
fn ends_of(items: &[Entry]) -> Option<(&PyExpr, &PyExpr)> {
    match items {
        [first, second] => match (entry(first)?, entry(second)?) {
            (("start", start), ("end", end)) => Some((start, end)),
            _ => None,
        },
        _ => None,
    }
}

fn entry((key, value): &Entry) -> Option<(&str, &PyExpr)> {
    let ExprKind::Str(key) = &key.as_ref()?.kind else {
        return None;
    };
    Some((key, value))
}
