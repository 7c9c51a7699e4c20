//! The metadata of messages: `status_txt` and `process_time`.
//!
//! Enters: an attribute of a message's metadata, or an assignment to one. Leaves: Copper's
//! field as Python sees it. A time that is not set is `2**64 - 1` to Python.

use super::function::FnLower;
use crate::ast::Expr as PyExpr;
use crate::infer::{Path, Seg};
use crate::ir::{Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Val, int_type_range};

impl<'a> FnLower<'_, 'a> {
    /// The metadata that a path leads through, and what of it.
    fn metadata_at(&mut self, path: &Path) -> Option<(Expr, Vec<String>)> {
        let at = path
            .segs
            .iter()
            .position(|seg| matches!(seg, Seg::Attr(name) if name == "metadata"))?;
        let message = Path::new(&path.root, path.segs.get(..at)?.to_vec());
        let (message, rty) = self.path_place(&message, false)?;
        let names = path.segs.get(at + 1..)?.iter().map(|seg| match seg {
            Seg::Attr(name) => Some(name.clone()),
            Seg::Index(_) => None,
        });
        let names: Option<Vec<String>> = names.collect();
        matches!(rty.peel(), RTy::Msg(_)).then_some((message.field("metadata"), names?))
    }

    /// `msg.metadata.status_txt`, `msg.metadata.process_time.start`
    pub(super) fn metadata(&mut self, e: &'a PyExpr, name: &str) -> Result<Val, Expr> {
        let found = self.path_of(e).and_then(|path| self.metadata_at(&path));
        let Some((metadata, names)) = found else {
            return Err(self.partly(e, "the metadata of this"));
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let fact = self.fact(e.id);
        match names.as_slice() {
            ["status_txt"] => {
                let text = metadata.field("status_txt").field("0");
                Ok(Val::new(text.method("as_str", vec![]), RTy::Str, &fact))
            }
            ["process_time", "start" | "end"] => {
                let time = metadata.field("process_time").field(name);
                let time = Expr::call("Option::<CuTime>::from", vec![time]);
                let nanos = Expr::atom("time").method("as_nanos", vec![]);
                let nanos = Expr::Closure("time".into(), Box::new(nanos));
                let expr = time.method("map_or", vec![Expr::atom("u64::MAX"), nanos]);
                Ok(Val::int(expr, IntTy::U64, int_type_range(IntTy::U64)))
            }
            _ => Err(self.partly(e, "this of message metadata")),
        }
    }

    /// `output.metadata.status_txt = text`
    pub(super) fn store_status(
        &mut self,
        target: &PyExpr,
        path: &Path,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if !matches!(val.ty, Ty::Str | Ty::Enum(_)) {
            return Err(self.partly(target, "a status that is no text"));
        }
        let text = self.as_text(target, val)?;
        let text = match text.expr.is_simple() {
            true => text.lent_str(),
            false => text.expr,
        };
        let Some((metadata, _)) = self.metadata_at(path) else {
            return Err(self.partly(target, "the metadata of this"));
        };
        let set = metadata.method("set_status", vec![text]);
        self.emit(at, StmtKind::Expr(set));
        Ok(())
    }
}
