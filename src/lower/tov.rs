//! Times of validity: what Python writes as `"None"`, `{"Time": ns}` or `{"Range": …}`.
//!
//! Enters: the target and value of an assignment to an output's `tov`. Leaves: Copper's
//! `Tov`, set at once, or in a variable until nothing can fail any more.

use super::function::FnLower;
use super::shadow::Plan;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::tov::{TovItem, tov_part, tov_test};
use crate::infer::{Path, Problem, Role};
use crate::ir::{Block, Expr, RTy, StmtKind};
use crate::source::Span;
use crate::ty::Ty;
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

/// The variant that holds one time.
pub(super) const TIME: &str = "Tov::Time";

/// The step of a path that leads to it.
pub(super) const FIELD: &str = "time";

/// Whether a time of validity has that form: `"None"`, `"Time"`, `"Range"`.
pub(super) fn is(tov: Expr, form: &str) -> Expr {
    let pattern = match form {
        "None" => "Tov::None".to_string(),
        other => format!("Tov::{other}(_)"),
    };
    Expr::Macro("matches".into(), vec![tov, Expr::Atom(pattern)])
}

impl<'a> FnLower<'_, 'a> {
    /// The test of a time of validity that a comparison is.
    pub(super) fn tov_test(
        &self,
        left: &'a PyExpr,
        ops: &[CompareOp],
        rest: &'a [PyExpr],
    ) -> Option<(&'a PyExpr, &'a str, bool)> {
        tov_test(left, ops, rest).filter(|(tov, ..)| self.fact(tov.id).ty == Ty::Tov)
    }

    /// `tov["Time"]`, `tov["Range"]["start"]`: an int of nanoseconds.
    pub(super) fn tov_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Option<Result<Val, Expr>> {
        let (tov, item) =
            tov_part(value, index).filter(|(tov, _)| self.fact(tov.id).ty == Ty::Tov)?;
        let path = self.path_of(e);
        let mut bounds = self.bounds.iter().rev();
        let bound = bounds.find(|b| Some(&b.path) == path.as_ref()).cloned();
        let fact = self.fact(e.id);
        let time = match bound {
            Some(bound) => Ok(Val::new(bound.expr, bound.rty, &fact)),
            None => self.tov_instant(e, tov, item, path),
        };
        Some(time.map(|time| self.time_as_int(time)))
    }

    /// The time that is asked for, or Python's error where there is none.
    fn tov_instant(
        &mut self,
        e: &'a PyExpr,
        tov: &'a PyExpr,
        item: TovItem,
        path: Option<Path>,
    ) -> Result<Val, Expr> {
        if self.conditional > 0 {
            return Err(self.partly(e, "a time of validity in this place"));
        }
        let value = self.expr(tov)?;
        let at = self.current_span();
        let (variant, other, key) = match item {
            TovItem::Time => (TIME, "Tov::Range(_)", "Time"),
            TovItem::Start | TovItem::End => ("Tov::Range", "Tov::Time(_)", "Range"),
        };
        if self.lw.has_handlers() {
            // Handlers may tell the two errors apart.
            let test = Expr::Let(other.into(), Box::new(value.expr.clone()));
            let error = self.error_return(&format!("KeyError: '{key}'"), at);
            self.emit(
                at,
                StmtKind::Expr(Expr::If {
                    cond: Box::new(test),
                    then: Block::of(vec![error]),
                    otherwise: None,
                }),
            );
        }
        let name = match (&path, item) {
            (Some(path), TovItem::Time) => self.bound_name(path),
            _ => self.free_name("range"),
        };
        let error = self.error_return("TypeError (the time of validity is not of this form)", at);
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern: format!("{variant}({name})"),
                names: vec![name.clone()],
                init: value.expr,
                otherwise: Some(Block::of(vec![error])),
            },
        );
        let fact = self.fact(e.id);
        let instant = match item {
            TovItem::Time => Expr::atom(name.clone()),
            TovItem::Start => Expr::atom(name).field("start"),
            TovItem::End => Expr::atom(name).field("end"),
        };
        Ok(Val::new(instant, RTy::CuTime, &fact))
    }
}
