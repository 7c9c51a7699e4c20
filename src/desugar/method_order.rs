//! The order in which Python looks for an attribute among the bases of a class (C3).
//!
//! Enters: the bases of a class, each with its own order. Leaves: the order of the class,
//! itself left out, or nothing where Python refuses the class. This module must not know
//! what the classes have.

use std::collections::BTreeMap;

/// The orders of the classes that were looked at: for each, its bases, the nearest first.
pub(super) type Orders = BTreeMap<String, Vec<String>>;

/// The order of a class with these bases.
pub(super) fn order(bases: &[String], orders: &Orders) -> Option<Vec<String>> {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for base in bases {
        let above = orders.get(base)?;
        rows.push(
            std::iter::once(base)
                .chain(above)
                .map(String::as_str)
                .collect(),
        );
    }
    rows.push(bases.iter().map(String::as_str).collect());
    let mut out = Vec::new();
    loop {
        rows.retain(|row| !row.is_empty());
        if rows.is_empty() {
            return Some(out);
        }
        // The first head that no other row has behind its own.
        let next = rows.iter().filter_map(|row| row.first()).find(|head| {
            rows.iter()
                .all(|row| !row.iter().skip(1).any(|name| name == *head))
        })?;
        let next = (*next).to_string();
        for row in &mut rows {
            row.retain(|name| *name != next);
        }
        out.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::{Orders, order};

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_string).collect()
    }

    #[test]
    fn a_diamond_is_looked_at_from_left_to_right_and_its_base_last() {
        let mut orders = Orders::new();
        orders.insert("Base".into(), Vec::new());
        orders.insert("Left".into(), names("Base"));
        orders.insert("Right".into(), names("Base"));
        let found = order(&names("Left Right"), &orders);
        assert_eq!(found, Some(names("Left Right Base")));
    }

    #[test]
    fn bases_that_contradict_each_other_have_no_order() {
        let mut orders = Orders::new();
        orders.insert("Base".into(), Vec::new());
        orders.insert("Left".into(), names("Base"));
        assert_eq!(order(&names("Base Left"), &orders), None);
    }
}
