//! What a translation changes in a file, piece by piece.
//!
//! Enters: the text that is there and the one that would be. Leaves: [`Hunk`]s, each with an
//! id that stays the same while its text does, and the text with those applied that were
//! accepted. This module must not read, write or ask.

use crate::catalog::helpers::Helper;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use similar::{DiffTag, TextDiff};
use std::collections::BTreeMap;
use std::ops::Range;

/// Lines that change together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its id: hexadecimal digits.
    pub id: String,
    /// What it is about.
    pub kind: HunkKind,
    /// The lines of the old text that it replaces, from 0.
    pub old: Range<usize>,
    /// Its first line in the new text, from 1.
    pub line: usize,
    /// What stands there.
    pub before: String,
    /// What would stand there.
    pub after: String,
}

/// What a hunk is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HunkKind {
    /// A conflict with edits by hand.
    Conflict,
    /// A hole of the translation.
    Hole,
    /// Comments alone.
    Comment,
    /// Spaces and line breaks alone.
    Formatting,
    /// `use` lines.
    Import,
    /// A helper function that `migrate` brings along.
    Helper,
    /// Code that goes.
    Removed,
    /// Code that comes.
    New,
    /// Code that becomes other code.
    Changed,
}

impl HunkKind {
    /// All kinds.
    pub const ALL: [HunkKind; 9] = [
        HunkKind::Conflict,
        HunkKind::Hole,
        HunkKind::Comment,
        HunkKind::Formatting,
        HunkKind::Import,
        HunkKind::Helper,
        HunkKind::Removed,
        HunkKind::New,
        HunkKind::Changed,
    ];

    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            HunkKind::Conflict => "conflict",
            HunkKind::Hole => "hole",
            HunkKind::Comment => "comment",
            HunkKind::Formatting => "formatting",
            HunkKind::Import => "import",
            HunkKind::Helper => "helper",
            HunkKind::Removed => "removed",
            HunkKind::New => "new",
            HunkKind::Changed => "changed",
        }
    }
}

/// What was decided about a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is applied.
    Accepted,
    /// What is there stays.
    Rejected,
    /// This is put there.
    Edited(String),
}

/// The hunks from one text to another; a text that is not there yet comes item by item.
pub fn hunks(old: Option<&str>, new: &str) -> Vec<Hunk> {
    let mut hunks = match old {
        None => items(new),
        Some(old) => changes(old, new),
    };
    let lines: Vec<&str> = new.lines().collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for hunk in &mut hunks {
        hunk.kind = kind(hunk, &lines);
        let text = format!("{}\0{}", hunk.before, hunk.after).replace("\r\n", "\n");
        let digest = Sha256::digest(text.as_bytes());
        let id: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        let times = seen.entry(id.clone()).or_default();
        *times += 1;
        hunk.id = match *times {
            1 => id,
            n => format!("{id}.{n}"),
        };
    }
    hunks
}

/// The old text with what was decided; what is undecided stays as it is.
pub fn apply(old: &str, hunks: &[Hunk], decisions: &BTreeMap<String, Decision>) -> String {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut out = String::with_capacity(old.len());
    let mut at = 0;
    for hunk in hunks {
        out.extend(
            lines
                .get(at..hunk.old.start)
                .unwrap_or_default()
                .iter()
                .copied(),
        );
        at = hunk.old.end;
        let put = match decisions.get(&hunk.id) {
            Some(Decision::Accepted) => hunk.accepted(),
            Some(Decision::Edited(text)) => text.clone(),
            Some(Decision::Rejected) | None => hunk.before.clone(),
        };
        // What ends without a line break must not run into what follows.
        if !put.is_empty() && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&put);
    }
    let rest = lines.get(at..).unwrap_or_default();
    if !rest.is_empty() && !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.extend(rest.iter().copied());
    out
}

impl Hunk {
    /// What stands there when it is accepted: of a conflict, the new translation's side.
    pub fn accepted(&self) -> String {
        if self.kind != HunkKind::Conflict {
            return self.after.clone();
        }
        let mut own = false;
        let mut inside = false;
        let kept = self.after.split_inclusive('\n').filter(|line| {
            if line.starts_with("<<<<<<< ") {
                (own, inside) = (true, true);
                return false;
            }
            if inside && own && line.trim_end() == "=======" {
                own = false;
                return false;
            }
            if line.starts_with(">>>>>>> ") {
                (own, inside) = (false, false);
                return false;
            }
            !own
        });
        kept.collect()
    }

    /// Whether `name` means this hunk: its id or the start of it, its kind, or `all`.
    pub fn is_named(&self, name: &str) -> bool {
        let is_id = name.len() >= 4 && self.id.starts_with(name);
        name == "all" || name == self.kind.word() || is_id
    }

    /// The hunk as a diff shows it, without the head.
    pub fn lines(&self) -> Vec<(char, &str)> {
        let before = self.before.lines().map(|line| ('-', line));
        before
            .chain(self.after.lines().map(|line| ('+', line)))
            .collect()
    }
}

fn changes(old: &str, new: &str) -> Vec<Hunk> {
    let diff = TextDiff::from_lines(old, new);
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let text = |lines: &[&str], range: Range<usize>| -> String {
        lines.get(range).unwrap_or_default().concat()
    };
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in diff.ops() {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let (before, after) = (text(&old, old_range.clone()), text(&new, new_range.clone()));
        // A deletion and an insertion side by side are one change.
        match hunks.last_mut() {
            Some(last) if last.old.end == old_range.start && !opens(last) => {
                last.old.end = old_range.end;
                last.before.push_str(&before);
                last.after.push_str(&after);
            }
            _ => hunks.push(hunk(old_range, new_range.start + 1, before, after)),
        }
    }
    joined(hunks, &old)
}

/// Whether a hunk is a conflict of which the end is still to come.
fn opens(hunk: &Hunk) -> bool {
    let count = |mark: &str| hunk.after.lines().filter(|l| l.starts_with(mark)).count();
    count("<<<<<<< ") > count(">>>>>>> ")
}

/// A conflict's markers are one hunk, with the lines between them that did not change.
fn joined(hunks: Vec<Hunk>, old: &[&str]) -> Vec<Hunk> {
    let mut out: Vec<Hunk> = Vec::new();
    for hunk in hunks {
        match out.last_mut() {
            Some(last) if opens(last) => {
                let between = old.get(last.old.end..hunk.old.start);
                let between = between.unwrap_or_default().concat();
                last.before.push_str(&between);
                last.after.push_str(&between);
                last.before.push_str(&hunk.before);
                last.after.push_str(&hunk.after);
                last.old.end = hunk.old.end;
            }
            _ => out.push(hunk),
        }
    }
    out
}

/// The items of a new file, each with the comments above and the empty lines below it.
fn items(new: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut was_blank = true;
    for (number, line) in (1..).zip(new.split_inclusive('\n')) {
        let is_blank = line.trim().is_empty();
        let starts = was_blank && !is_blank && !line.starts_with([' ', '\t', '}', ')']);
        match hunks.last_mut() {
            Some(last) if !starts => last.after.push_str(line),
            _ => hunks.push(hunk(0..0, number, String::new(), line.to_owned())),
        }
        was_blank = is_blank;
    }
    hunks
}

fn hunk(old: Range<usize>, line: usize, before: String, after: String) -> Hunk {
    Hunk {
        id: String::new(),
        kind: HunkKind::Changed,
        old,
        line,
        before,
        after,
    }
}

fn kind(hunk: &Hunk, new: &[&str]) -> HunkKind {
    let (before, after) = (hunk.before.as_str(), hunk.after.as_str());
    let all = |is: &dyn Fn(&str) -> bool| {
        let lines = before.lines().chain(after.lines()).map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty()).peekable();
        lines.peek().is_some() && lines.all(is)
    };
    let bare = |text: &str| -> String {
        let text = text.chars().filter(|c| !c.is_whitespace());
        text.collect::<String>()
            .replace(",)", ")")
            .replace(",}", "}")
    };
    if after.lines().any(|line| line.starts_with("<<<<<<< ")) {
        HunkKind::Conflict
    } else if after.contains("todo!(\"MIG") {
        HunkKind::Hole
    } else if bare(before) == bare(after) {
        HunkKind::Formatting
    } else if all(&|line| line.starts_with("//")) {
        HunkKind::Comment
    } else if all(&|line| line.starts_with("use ")) {
        HunkKind::Import
    } else if is_in_helper(hunk, new) {
        HunkKind::Helper
    } else if after.trim().is_empty() {
        HunkKind::Removed
    } else if before.trim().is_empty() {
        HunkKind::New
    } else {
        HunkKind::Changed
    }
}

/// Whether the hunk lies in, or starts with, one of the functions that `migrate` brings along.
fn is_in_helper(hunk: &Hunk, new: &[&str]) -> bool {
    let name = |line: &&str| {
        let rest = line
            .strip_prefix("pub ")
            .unwrap_or(line)
            .strip_prefix("fn ")?;
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .map(str::to_owned)
    };
    let is_helper = |name: String| Helper::ALL.iter().any(|helper| helper.name() == name);
    let own: Vec<&str> = hunk.after.lines().collect();
    let is_item = |line: &&&str| !line.is_empty() && !line.starts_with([' ', '/', '#', '}', ')']);
    match own.iter().find(is_item) {
        Some(first) => name(first).is_some_and(is_helper),
        None => {
            let above = new.get(..hunk.line.saturating_sub(1)).unwrap_or_default();
            let item = above
                .iter()
                .rev()
                .find(|line| is_item(line) || line.starts_with('}'));
            item.and_then(name).is_some_and(is_helper)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "//! head\nuse a;\n\nfn f() {\n    one();\n    two();\n}\n";

    fn only(old: &str, new: &str) -> Hunk {
        let mut found = hunks(Some(old), new);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn decided(hunks: &[Hunk], decision: &Decision) -> BTreeMap<String, Decision> {
        let ids = hunks.iter().map(|hunk| hunk.id.clone());
        ids.map(|id| (id, decision.clone())).collect()
    }

    #[test]
    fn a_hunk_is_told_by_what_it_changes() {
        let kind = |from: &str, to: &str| only(OLD, &OLD.replace(from, to)).kind;
        assert_eq!(kind("head", "foot"), HunkKind::Comment);
        assert_eq!(kind("use a;", "use b;"), HunkKind::Import);
        assert_eq!(kind("one();", "one(\n    );"), HunkKind::Formatting);
        assert_eq!(kind("one();", "todo!(\"MIG0203\");"), HunkKind::Hole);
        assert_eq!(kind("    one();\n", ""), HunkKind::Removed);
        assert_eq!(kind("one();", "one();\n    more();"), HunkKind::New);
        assert_eq!(kind("one()", "three()"), HunkKind::Changed);
        let helper = "}\n\nfn floor_div(a: i64) -> i64 {\n    a\n}\n";
        assert_eq!(kind("}\n", helper), HunkKind::Helper);
        let old = OLD.replace("}\n", helper);
        assert_eq!(
            only(&old, &old.replace("    a\n", "    a + 1\n")).kind,
            HunkKind::Helper
        );
    }

    #[test]
    fn accepting_all_gives_the_new_text_and_rejecting_all_the_old() {
        let new = OLD.replace("use a;", "use b;").replace("    two();\n", "") + "// end";
        let found = hunks(Some(OLD), &new);
        assert_eq!(found.len(), 3);
        assert_eq!(
            apply(OLD, &found, &decided(&found, &Decision::Accepted)),
            new
        );
        assert_eq!(
            apply(OLD, &found, &decided(&found, &Decision::Rejected)),
            OLD
        );
        assert_eq!(apply(OLD, &found, &BTreeMap::new()), OLD);
        let one = BTreeMap::from([(found[0].id.clone(), Decision::Edited("use c;\n".into()))]);
        assert_eq!(apply(OLD, &found, &one), OLD.replace("use a;", "use c;"));
    }

    #[test]
    fn a_new_file_comes_item_by_item() {
        let found = hunks(None, OLD);
        let firsts: Vec<&str> = found
            .iter()
            .filter_map(|h| h.after.lines().next())
            .collect();
        assert_eq!(firsts, ["//! head", "fn f() {"]);
        assert_eq!(
            apply("", &found, &decided(&found, &Decision::Accepted)),
            OLD
        );
    }

    #[test]
    fn ids_stay_while_the_text_does() {
        let new = OLD.replace("one()", "three()");
        let moved = |text: &str| text.replace("use a;", "use a;\nuse z;");
        let id = only(OLD, &new).id;
        assert_eq!(only(&moved(OLD), &moved(&new)).id, id);
        let twice = hunks(Some("a\nb\na\n"), "x\nb\nx\n");
        assert_ne!(twice[0].id, twice[1].id);
        assert!(twice[0].is_named(&twice[0].id) && twice[0].is_named("all"));
        assert!(!twice[0].is_named("c") && twice[0].is_named("changed"));
    }

    #[test]
    fn a_conflict_is_one_hunk_whose_new_side_is_accepted() {
        let new = OLD.replace(
            "    one();\n",
            "<<<<<<< f.rs, edited by hand\n    one();\n=======\n    uno();\n>>>>>>> anew\n",
        );
        let hunk = only(OLD, &new);
        assert_eq!(hunk.kind, HunkKind::Conflict);
        let decided = BTreeMap::from([(hunk.id.clone(), Decision::Accepted)]);
        assert_eq!(apply(OLD, &[hunk], &decided), OLD.replace("one", "uno"));
    }

    #[test]
    fn any_two_texts_can_be_applied() {
        let texts = [
            "",
            "a",
            "a\n",
            "a\nb",
            "a\r\nb\r\n",
            "b\n\n\na",
            "<<<<<<< \n",
            "é\n",
        ];
        for old in texts {
            for new in texts {
                let found = hunks(Some(old), new);
                let accepted = decided(&found, &Decision::Accepted);
                if !new.contains("<<<") {
                    assert_eq!(apply(old, &found, &accepted), new, "{old:?} to {new:?}");
                }
                let rejected = decided(&found, &Decision::Rejected);
                assert_eq!(apply(old, &found, &rejected), old, "{old:?} to {new:?}");
            }
        }
    }
}
