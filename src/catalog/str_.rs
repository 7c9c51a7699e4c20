//! Methods of strings.

use super::{Known, Special};
use crate::ty::Ty;
use crate::value::Fact;

pub(super) const ALL: &[Known] = &[Known {
    name: "<str>.format",
    doc: "`\"…\".format(…)` of a literal, by place: as an f-string",
    infer: |args| match args.iter().find_map(|a| a.keyword.as_ref()) {
        Some(keyword) => Err(format!("`format({keyword}=…)` is not translated yet")),
        None => Ok(Fact::of(Ty::Str)),
    },
    lower: |_, _| Err("the format of a computed string is not translated".into()),
    special: Special {
        formats: true,
        ..Special::NONE
    },
}];
