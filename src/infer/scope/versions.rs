//! Versions: where a variable that is assigned anew becomes another one.

use super::walk::{Occurrence, Use};
use super::{BODY, Frame, VarInfo};

/// The innermost block that holds all occurrences.
fn common_block(occurrences: &[&Occurrence]) -> usize {
    let Some(first) = occurrences.first() else {
        return 0;
    };
    let mut depth = first.stack.len();
    for occurrence in occurrences {
        let same = occurrence
            .stack
            .iter()
            .zip(&first.stack)
            .take_while(|(a, b)| a.0 == b.0)
            .count();
        depth = depth.min(same);
    }
    let depth = depth.max(1);
    // A value that a loop carries from one turn to the next lives outside the loop.
    let starts_bound = |depth: usize| first.kind == Use::Bind && first.stack.len() == depth;
    let mut depth = depth;
    while depth > 1
        && first
            .stack
            .iter()
            .take(depth)
            .any(|(block, _)| block.is_loop)
        && !starts_bound(depth)
        && carried(occurrences, depth)
    {
        depth -= 1;
    }
    depth - 1
}

/// Whether the first occurrence inside the innermost loop may read the value of an earlier turn.
fn carried(occurrences: &[&Occurrence], depth: usize) -> bool {
    occurrences.first().is_some_and(|first| {
        first
            .stack
            .iter()
            .take(depth)
            .any(|(block, _)| block.is_loop)
    })
}

/// Splits the occurrences of a name into versions.
pub(super) fn versions(occurrences: &[Occurrence], split: bool) -> Vec<Vec<&Occurrence>> {
    let mut versions: Vec<Vec<&Occurrence>> = Vec::new();
    // Where each version's value can be seen, where that is not everywhere after it.
    let mut reaches: Vec<Option<&[Frame]>> = Vec::new();
    let mut previous_stmt = None;
    // `_, _, x = f()`: of a name that nobody reads, each binding is by itself.
    let unread = occurrences.iter().all(|o| o.kind == Use::Bind);
    for (i, occurrence) in occurrences.iter().enumerate() {
        let stmt = occurrence.stack.last().map(|(block, stmt)| (*block, *stmt));
        // `x, x = …` and `x = x = …` bind twice in one statement: still one version.
        let anew = split
            && occurrence.kind == Use::Bind
            && (unread || previous_stmt != Some(stmt) && starts_version(occurrences, i));
        if versions.is_empty() || anew {
            versions.push(Vec::new());
            reaches.push(
                occurrence
                    .returns
                    .and_then(|depth| occurrence.stack.get(..=depth)),
            );
        }
        if occurrence.kind == Use::Bind {
            previous_stmt = Some(stmt);
        }
        let seen =
            |reach: &Option<&[Frame]>| reach.is_none_or(|reach| is_within(occurrence, reach));
        let reaching = reaches.iter().rposition(seen).unwrap_or(0);
        if let Some(version) = versions.get_mut(reaching) {
            version.push(occurrence);
        }
    }
    versions
}

/// Whether `inner` lies in the block that `outer` ends with.
fn is_within(inner: &Occurrence, outer: &[Frame]) -> bool {
    inner.stack.len() >= outer.len() && inner.stack.iter().zip(outer).all(|(a, b)| a.0 == b.0)
}

/// Whether no earlier value can be read past the binding at `index`, and its own value
/// is not carried back to an earlier read by a loop.
fn starts_version(occurrences: &[Occurrence], index: usize) -> bool {
    let Some(binding) = occurrences.get(index) else {
        return false;
    };
    let mut covers: Vec<&[Frame]> = vec![&binding.stack];
    // What is bound in a block that ends the call is not seen outside of it.
    let reach = binding
        .returns
        .and_then(|depth| binding.stack.get(..=depth));
    for later in occurrences.iter().skip(index + 1) {
        if reach.is_some_and(|reach| !is_within(later, reach)) {
            continue;
        }
        if covers.iter().any(|cover| is_within(later, cover)) {
            continue;
        }
        if later.kind != Use::Bind {
            return false;
        }
        if is_within(binding, &later.stack) {
            break;
        }
        covers.push(&later.stack);
    }
    // In every loop around it, the first occurrence must bind on the way to it, and no test
    // of the loop may read it.
    binding
        .stack
        .iter()
        .enumerate()
        .filter(|(_, (block, _))| block.is_loop)
        .all(|(depth, (block, _))| {
            let Some(in_loop) = binding.stack.get(..=depth) else {
                return false;
            };
            let leaves = binding.returns.is_some_and(|returns| returns > depth);
            if !leaves
                && occurrences
                    .iter()
                    .any(|o| o.tests.is_some() && o.tests == block.owner)
            {
                return false;
            }
            occurrences
                .iter()
                .find(|o| is_within(o, in_loop))
                .is_some_and(|first| first.kind == Use::Bind && is_within(binding, &first.stack))
        })
}

pub(super) fn describe(name: &str, occurrences: &[&Occurrence], is_param: bool) -> VarInfo {
    let home = common_block(occurrences);
    let first = occurrences.first();
    let (block, first_stmt) = first
        .and_then(|o| o.stack.get(home).copied())
        .unwrap_or((BODY, None));
    VarInfo {
        name: name.to_string(),
        home: block,
        first_stmt,
        first_is_binding: first.is_some_and(|o| o.kind == Use::Bind && o.stack.len() == home + 1),
        bindings: occurrences.iter().filter(|o| o.kind != Use::Read).count(),
        reads: occurrences.iter().filter(|o| o.kind == Use::Read).count(),
        is_param,
    }
}
