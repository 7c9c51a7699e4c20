//! The names of the app's types in Python.

use crate::project::TypeTable;
use crate::ty::last_segment;
use std::collections::{BTreeMap, BTreeSet};

/// Names that the stubs have from elsewhere.
const TAKEN: [&str; 26] = [
    "Any",
    "Ctx",
    "Generic",
    "Iterator",
    "Literal",
    "Mapping",
    "Metadata",
    "Msg",
    "NotRequired",
    "Out",
    "ProcessTime",
    "Protocol",
    "Sequence",
    "final",
    "Tov",
    "TovRange",
    "TovTime",
    "TypeAlias",
    "TypeVar",
    "TypedDict",
    "bool",
    "float",
    "int",
    "list",
    "overload",
    "str",
];

/// The name of each type in the stubs, by its key: that of the struct, with its module before
/// it where two have one name.
pub fn names(types: &TypeTable) -> BTreeMap<String, String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for key in types.defs.keys() {
        *count.entry(last_segment(key)).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    let mut names = BTreeMap::new();
    for key in types.defs.keys() {
        let last = last_segment(key);
        let mut name = match count.get(last) {
            Some(2..) => {
                let parts: Vec<&str> = key.split("::").collect();
                let from = parts.len().saturating_sub(2);
                parts.get(from..).unwrap_or_default().join("_")
            }
            _ => last.to_owned(),
        };
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        names.insert(key.clone(), name);
    }
    names
}
