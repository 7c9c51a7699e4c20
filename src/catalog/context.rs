//! Methods of Copper's context.

use super::{Call, Known, Site, Special, lowered, positional};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::value::{Fact, Val};

/// The clock, in nanoseconds; below 2**63, that is 292 years.
fn clock(args: &[super::Arg]) -> Result<Fact, String> {
    positional::<1>(args, "ctx.now")?;
    Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
}

fn lower_clock(call: Call, method: &str) -> Result<Val, String> {
    let [ctx] = lowered(call)?;
    let time = ctx.expr.method(method, vec![]).method("as_nanos", vec![]);
    Ok(Val::int(
        time,
        IntTy::U64,
        IntRange::new(0, i64::MAX as i128),
    ))
}

fn lower_now(call: Call, _: &mut Site) -> Result<Val, String> {
    lower_clock(call, "now")
}

fn lower_recent(call: Call, _: &mut Site) -> Result<Val, String> {
    lower_clock(call, "recent")
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<context>.now",
        doc: "`ctx.now().as_nanos()`",
        infer: clock,
        lower: lower_now,
        special: Special::NONE,
    },
    Known {
        name: "<context>.recent",
        doc: "`ctx.recent().as_nanos()`",
        infer: clock,
        lower: lower_recent,
        special: Special::NONE,
    },
];
