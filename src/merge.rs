//! Merges two versions of a text that come from one: three ways, as git does.
//!
//! Enters: the base, and two texts that were made from it. Leaves: [`Merged`], with conflict
//! markers only where both changed the same. Nothing is read or written here. This module
//! must not know what the texts say.
//!
//! A line that one side changed beside a line that the other changed is no conflict.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// How a conflict starts, in a line of its own.
const OURS: &str = "<<<<<<< ";
/// What stands between its sides.
const MIDDLE: &str = "=======";
/// How it ends.
const THEIRS: &str = ">>>>>>> ";

/// The result of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// The lines, from 1, at which its conflicts start.
    pub conflicts: Vec<usize>,
}

/// A stretch of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// What both agree on, or one of them changed alone.
    Clean(Vec<&'a str>),
    /// What both changed, each in its own way.
    Conflict {
        /// What it was.
        base: Vec<&'a str>,
        /// The one.
        ours: Vec<&'a str>,
        /// The other.
        theirs: Vec<&'a str>,
    },
}

/// Merges line by line; the labels name the sides of a conflict.
pub fn lines(base: &str, ours: &str, theirs: &str, labels: (&str, &str)) -> Merged {
    let split = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    let crlf = ours.contains("\r\n");
    let newline = if crlf { "\r\n" } else { "\n" };
    let mut merged = Merged {
        text: String::new(),
        conflicts: Vec::new(),
    };
    let (base, ours, theirs) = (split(base), split(ours), split(theirs));
    for chunk in chunks(&base, &ours, &theirs) {
        match chunk {
            Chunk::Clean(lines) => merged.text.extend(lines),
            Chunk::Conflict { ours, theirs, .. } => {
                end_line(&mut merged.text, newline);
                let line = merged.text.matches('\n').count() + 1;
                merged.conflicts.push(line);
                merged
                    .text
                    .push_str(&format!("{OURS}{}{newline}", labels.0));
                merged.text.extend(ours);
                end_line(&mut merged.text, newline);
                merged.text.push_str(&format!("{MIDDLE}{newline}"));
                merged.text.extend(theirs);
                end_line(&mut merged.text, newline);
                merged
                    .text
                    .push_str(&format!("{THEIRS}{}{newline}", labels.1));
            }
        }
    }
    merged
}

fn end_line(text: &mut String, newline: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(newline);
    }
}

/// The line, from 1, of the first conflict that nobody has resolved.
pub fn unresolved(text: &str) -> Option<usize> {
    let is_marker = |line: &str| {
        line.starts_with(OURS) || line.starts_with(THEIRS) || line.trim_end() == MIDDLE
    };
    // A line of equals signs alone may be a comment's underline.
    let has_sides = text.lines().any(|line| line.starts_with(OURS))
        || text.lines().any(|line| line.starts_with(THEIRS));
    let first = text.lines().position(is_marker).filter(|_| has_sides)?;
    Some(first + 1)
}

/// Merges token by token.
pub fn chunks<'a>(base: &[&'a str], ours: &[&'a str], theirs: &[&'a str]) -> Vec<Chunk<'a>> {
    let ours = Side::new(base, ours);
    let theirs = Side::new(base, theirs);
    let mut merge = Merge {
        base,
        sides: [ours, theirs],
        at: 0,
        chunks: Vec::new(),
    };
    while let Some(region) = merge.region() {
        merge.take(region);
    }
    merge.same(base.len());
    merge.chunks
}

/// A change of the base: which of its tokens became which.
#[derive(Debug, Clone)]
struct Change {
    base: Range<usize>,
    new: Range<usize>,
}

/// One of the two texts.
struct Side<'a, 's> {
    tokens: &'s [&'a str],
    changes: std::collections::VecDeque<Change>,
    /// Where it is, when the merge is at its place in the base.
    at: usize,
}

impl<'a, 's> Side<'a, 's> {
    fn new(base: &[&'a str], tokens: &'s [&'a str]) -> Self {
        let mut changes: Vec<Change> = Vec::new();
        for op in capture_diff_slices(Algorithm::Patience, base, tokens) {
            if op.tag() == DiffTag::Equal {
                continue;
            }
            let (base, new) = (op.old_range(), op.new_range());
            match changes.last_mut() {
                Some(last) if last.base.end == base.start && last.new.end == new.start => {
                    last.base.end = base.end;
                    last.new.end = new.end;
                }
                _ => changes.push(Change { base, new }),
            }
        }
        Side {
            tokens,
            changes: changes.into(),
            at: 0,
        }
    }
}

/// A merge under way.
struct Merge<'a, 's> {
    base: &'s [&'a str],
    sides: [Side<'a, 's>; 2],
    at: usize,
    chunks: Vec<Chunk<'a>>,
}

/// A part of the base that was changed, and the changes of each side to it.
struct Region {
    base: Range<usize>,
    changes: [Vec<Change>; 2],
}

impl<'a> Merge<'a, '_> {
    /// The next part that somebody changed, widened until no change goes beyond it.
    fn region(&mut self) -> Option<Region> {
        // Of two at one place, what is put in there comes before what is changed there.
        let start = |side: &Side<'_, '_>| {
            let change = side.changes.front()?;
            Some((change.base.start, change.base.end))
        };
        let [a, b] = [start(&self.sides[0]), start(&self.sides[1])];
        let first = match (a, b) {
            (None, None) => return None,
            (Some(a), Some(b)) if b < a => 1,
            (Some(_), _) => 0,
            (None, Some(_)) => 1,
        };
        let change = self.sides.get_mut(first)?.changes.pop_front()?;
        let mut region = Region {
            base: change.base.clone(),
            changes: [Vec::new(), Vec::new()],
        };
        region.changes.get_mut(first)?.push(change);
        loop {
            let mut grown = false;
            for (side, changes) in self.sides.iter_mut().zip(&mut region.changes) {
                while let Some(next) = side.changes.front()
                    && meets(&region.base, &next.base)
                {
                    region.base.end = region.base.end.max(next.base.end);
                    changes.extend(side.changes.pop_front());
                    grown = true;
                }
            }
            if !grown {
                return Some(region);
            }
        }
    }

    /// What nobody changed, up to a place in the base.
    fn same(&mut self, end: usize) {
        let tokens = self.base.get(self.at..end).unwrap_or_default().to_vec();
        for side in &mut self.sides {
            side.at += tokens.len();
        }
        self.at = end;
        self.clean(tokens);
    }

    fn clean(&mut self, tokens: Vec<&'a str>) {
        if tokens.is_empty() {
            return;
        }
        match self.chunks.last_mut() {
            Some(Chunk::Clean(last)) => last.extend(tokens),
            _ => self.chunks.push(Chunk::Clean(tokens)),
        }
    }

    fn take(&mut self, region: Region) {
        self.same(region.base.start);
        let [ours, theirs] = [0, 1].map(|index| {
            let (Some(side), Some(changes)) =
                (self.sides.get_mut(index), region.changes.get(index))
            else {
                return (Vec::new(), false);
            };
            let removed: usize = changes.iter().map(|change| change.base.len()).sum();
            let added: usize = changes.iter().map(|change| change.new.len()).sum();
            let len = region.base.len() - removed + added;
            let tokens = side.tokens.get(side.at..side.at + len).unwrap_or_default();
            side.at += len;
            (tokens.to_vec(), !changes.is_empty())
        });
        let base = self.base.get(region.base.clone()).unwrap_or_default();
        self.at = region.base.end;
        match (ours, theirs) {
            ((ours, true), (theirs, true)) => self.both(base.to_vec(), ours, theirs),
            ((ours, true), _) => self.clean(ours),
            (_, (theirs, _)) => self.clean(theirs),
        }
    }

    /// What both changed: a conflict where they did not do the same.
    fn both(&mut self, base: Vec<&'a str>, ours: Vec<&'a str>, theirs: Vec<&'a str>) {
        let pairs = || ours.iter().zip(&theirs);
        let start = pairs().take_while(|(a, b)| a == b).count();
        let most = ours.len().min(theirs.len()) - start;
        let ends = ours.iter().rev().zip(theirs.iter().rev());
        let end = ends.take(most).take_while(|(a, b)| a == b).count();
        let part = |tokens: &[&'a str], range: Range<usize>| {
            tokens.get(range).unwrap_or_default().to_vec()
        };
        self.clean(part(&ours, 0..start));
        let (a, b) = (ours.len() - end, theirs.len() - end);
        if start < a || start < b {
            self.chunks.push(Chunk::Conflict {
                base,
                ours: part(&ours, start..a),
                theirs: part(&theirs, start..b),
            });
        }
        self.clean(part(&ours, a..ours.len()));
    }
}

/// Whether a change is to what a region holds: one beside it is not.
fn meets(region: &Range<usize>, change: &Range<usize>) -> bool {
    match (region.is_empty(), change.is_empty()) {
        (true, true) => region.start == change.start,
        (true, false) => change.start < region.start,
        (false, true) => change.start < region.end,
        (false, false) => change.start < region.end,
    }
}

#[cfg(test)]
mod tests;
