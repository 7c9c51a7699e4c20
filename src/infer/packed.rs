//! What is known of the values that `struct.unpack` gives.
//!
//! Enters: an expression. Leaves: the fact of each value, where it is such a call: that of the
//! tuple says less. This module must not know how a format is read.

use super::model::Fact;
use crate::ast::{Expr, ExprKind};
use crate::catalog;
use crate::desugar::packed::{UNPACK, UNPACK_FROM};

/// The facts of the values of `struct.unpack("<BH", data)`; nothing of other expressions.
pub(super) fn unpacked(e: &Expr) -> Option<Vec<Fact>> {
    let ExprKind::Call { func, args, .. } = &e.kind else {
        return None;
    };
    let (ExprKind::Name(name), ExprKind::Str(format)) = (&func.kind, &args.first()?.kind) else {
        return None;
    };
    match [UNPACK, UNPACK_FROM].contains(&name.as_str()) {
        true => catalog::unpacked(format),
        false => None,
    }
}
