//! Methods of lists.

use super::{lowered, Arg, Call, Known, Site};
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn no_value(_: &[Arg]) -> Result<Fact, String> {
    Ok(Fact::of(Ty::None))
}

fn clear(call: Call, _: &mut Site) -> Result<Val, String> {
    let [list] = lowered(call)?;
    Ok(Val::new(list.expr.method("clear", vec![]), crate::ir::RTy::Unit, &Fact::of(Ty::None)))
}

pub(super) const ALL: &[Known] =
    &[Known { name: "<list>.clear", doc: "`list.clear()`", infer: no_value, lower: clear, mutates: true }];
