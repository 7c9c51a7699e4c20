//! Edits of a text that leave every other byte as it is.
//!
//! Enters: a text and byte ranges in it. Leaves: the text without them, or with others in
//! their place. This module must not know what the text is written in.

use std::ops::Range;

/// The text with something else in a range.
pub(super) fn replace(text: &str, range: Range<usize>, with: &str) -> String {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    format!("{before}{with}{after}")
}

/// A member of a list, such as a field: where it is, and where the comma behind it ends.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// From its first byte to its last.
    pub span: Range<usize>,
    /// The comma behind it.
    pub comma: Option<Range<usize>>,
}

impl Member {
    fn end(&self) -> usize {
        let comma = self.comma.as_ref();
        comma.map_or(self.span.end, |comma| comma.end)
    }
}

/// The text without one of the members of a list. Where it has lines of its own, they go,
/// with a comment that stands behind it; comments in lines of their own stay.
pub(super) fn without(text: &str, members: &[Member], index: usize, comment: &str) -> String {
    let Some(member) = members.get(index) else {
        return text.to_owned();
    };
    let (start, end) = (member.span.start, member.end());
    if let Some(lines) = own_lines(text, start..end, comment) {
        return replace(text, lines, "");
    }
    let between = |range: Range<usize>| {
        let text = text.get(range).unwrap_or_default();
        text.chars().all(|c| c == ' ' || c == '\t')
    };
    let spaces = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.len() - rest.trim_start_matches([' ', '\t']).len()
    };
    let previous = index.checked_sub(1).and_then(|before| members.get(before));
    let is_last = index + 1 == members.len();
    let range = match previous {
        _ if !is_last => start..end + spaces(end),
        // The last of a line: the space before it goes, and a comma that is too much.
        Some(previous) if between(previous.end()..start) => match member.comma {
            Some(_) => previous.end()..end,
            // What stands between the one before and its comma is not ours.
            None => previous.comma.as_ref().map_or(start, |comma| comma.start)..end,
        },
        Some(_) => start..end,
        None => start..end + spaces(end),
    };
    replace(text, range, "")
}

/// The whole lines of a range, with the line break at the end, where nothing else stands in
/// them but a comment behind it.
pub(super) fn own_lines(text: &str, range: Range<usize>, comment: &str) -> Option<Range<usize>> {
    let before = text.get(..range.start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    if !text.get(start..range.start)?.trim().is_empty() {
        return None;
    }
    let after = text.get(range.end..)?;
    let len = after.find('\n').map_or(after.len(), |at| at + 1);
    let rest = after.get(..len)?.trim();
    let is_whole = rest.is_empty() || rest.starts_with(comment);
    is_whole.then_some(start..range.end + len)
}

/// The text without whole lines; of two blank lines that would meet, one goes as well.
pub(super) fn without_lines(text: &str, lines: Range<usize>) -> String {
    let before = text.get(..lines.start).unwrap_or_default();
    let after = text.get(lines.end..).unwrap_or_default();
    let blank = |line: Option<&str>| line.is_some_and(|line| line.trim().is_empty());
    let above = before.is_empty() || blank(before.lines().next_back());
    let below = after.split_inclusive('\n').next();
    let end = match below {
        Some(line) if above && blank(Some(line)) => lines.end + line.len(),
        _ => lines.end,
    };
    replace(text, lines.start..end, "")
}

/// The line break that a text has.
pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The line, from 1, of a place in a text.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}
