//! The nodes of a `copperconfig.ron`, edited in place.
//!
//! Enters: the text of the file and the id of a node. Leaves: the text with another `type`,
//! and without what only Python needs; every other byte stays. This module must not know
//! what a type is.
//!
//! RON's crate keeps no positions: the text is read here, to the end of every value, as far
//! as that takes. Places that an include fills in, `{{name}}`, are values like others.

use super::spans::{Member, line_of, replace, without};
use std::ops::Range;

/// What nests deeper is no configuration.
const DEEPEST: usize = 128;
/// The keys of a node's `config` that Copper's PyTask reads.
const OF_PYTHON: [&str; 2] = ["script", "mode"];
/// How a comment behind a type starts that says what is not proved.
const REMARK: &str = "/* migrate: ";

/// The `kind` of a node whose task implements `CuStatelessTask`.
const STATELESS: &str = "stateless_task";

/// What a node is to run.
pub(super) struct To<'t> {
    /// The path of the Rust task.
    pub(super) new_type: &'t str,
    /// What is to be said behind it.
    pub(super) remark: Option<&'t str>,
    /// Whether it keeps no state: the node's `kind` has to say so.
    pub(super) stateless: bool,
}

/// The text with the node `id` running a Rust task.
///
/// # Errors
/// In words, what of the text is not understood, and where.
pub(super) fn to_rust(text: &str, id: &str, to: &To<'_>) -> Result<String, String> {
    let found = node(text, id)?;
    let new_type = to.new_type;
    let mut literal = match to.remark {
        Some(remark) => format!("\"{new_type}\" {REMARK}{remark} */"),
        None => format!("\"{new_type}\""),
    };
    if to.stateless && found.kind_span.is_none() {
        literal.push_str(", kind: ");
        literal.push_str(STATELESS);
    }
    let mut text = replace(text, found.type_span, &literal);
    if let (true, Some(span)) = (to.stateless, node(&text, id)?.kind_span) {
        text = replace(&text, span, STATELESS);
    }
    // A place in the text is good for one edit.
    while let Some(shorter) = without_python(&text, id)? {
        text = shorter;
    }
    Ok(text)
}

/// The `type` of a node.
///
/// # Errors
/// As [`to_rust`].
pub(super) fn type_of(text: &str, id: &str) -> Result<String, String> {
    let node = node(text, id)?;
    let literal = text.get(node.type_span.clone()).unwrap_or_default();
    string(literal).ok_or_else(|| format!("line {}: `type` is no string", node.line))
}

/// The text with one key of PyTask less, or without a `config` that is empty then.
fn without_python(text: &str, id: &str) -> Result<Option<String>, String> {
    let node = node(text, id)?;
    let Some((index, Value { span, kind })) = node.config else {
        return Ok(None);
    };
    let Kind::Map(entries) = kind else {
        return Ok(None);
    };
    let of_python = |entry: &Entry| OF_PYTHON.contains(&entry.key.as_str());
    if let Some(at) = entries.iter().position(of_python) {
        let members: Vec<Member> = entries.into_iter().map(|entry| entry.member).collect();
        let rest = members.len() > 1 || has_comment(text, &span, &members);
        return Ok(Some(match rest {
            true => without(text, &members, at, "//"),
            false => without(text, &node.members, index, "//"),
        }));
    }
    Ok(None)
}

/// Whether a map would have a line of comment left if its members were gone.
fn has_comment(text: &str, span: &Range<usize>, members: &[Member]) -> bool {
    let mut inner = text.get(span.clone()).unwrap_or_default().to_owned();
    for index in (0..members.len()).rev() {
        let shifted: Vec<Member> = members
            .iter()
            .map(|member| Member {
                span: member.span.start - span.start..member.span.end - span.start,
                comma: member
                    .comma
                    .as_ref()
                    .map(|comma| comma.start - span.start..comma.end - span.start),
            })
            .collect();
        inner = without(
            &inner,
            shifted.get(..=index).unwrap_or_default(),
            index,
            "//",
        );
    }
    inner.contains("//") || inner.contains("/*")
}

/// A node of the graph.
struct Node {
    line: usize,
    /// The literal behind `type:`, with a remark of ours.
    type_span: Range<usize>,
    /// What stands behind `kind:`.
    kind_span: Option<Range<usize>>,
    members: Vec<Member>,
    /// Which member is the `config`, and what it holds.
    config: Option<(usize, Value)>,
}

/// Finds a node.
fn node(text: &str, id: &str) -> Result<Node, String> {
    let mut reader = Reader { text, at: 0 };
    reader.attributes()?;
    let top = reader.value(0)?;
    let Kind::Struct(fields) = top.kind else {
        return Err("the configuration is no struct `( … )`".into());
    };
    let tasks = fields.into_iter().find(|field| field.key == "tasks");
    let Some(Kind::Seq(nodes)) = tasks.map(|tasks| tasks.value.kind) else {
        return Err("there is no list `tasks: [ … ]`".into());
    };
    let mut found = nodes.into_iter().filter_map(|node| match node.kind {
        Kind::Struct(fields) => {
            let of = fields.iter().find(|field| field.key == "id")?;
            let literal = text.get(of.value.span.clone())?;
            (string(literal)? == id).then_some((node.span, fields))
        }
        _ => None,
    });
    let Some((span, fields)) = found.next() else {
        return Err(format!(
            "no node is written as `id: \"{id}\"`; one that an include fills in is to be edited \
             by hand"
        ));
    };
    let line = line_of(text, span.start);
    if found.next().is_some() {
        return Err(format!("line {line}: there are several nodes `{id}`"));
    }
    let Some(of_type) = fields.iter().find(|field| field.key == "type") else {
        return Err(format!("line {line}: the node `{id}` has no `type`"));
    };
    let mut type_span = of_type.value.span.clone();
    if string(text.get(type_span.clone()).unwrap_or_default()).is_none() {
        return Err(format!("line {line}: the `type` of `{id}` is no string"));
    }
    let behind = text.get(type_span.end..).unwrap_or_default();
    if let Some(remark) = behind.strip_prefix(' ').filter(|b| b.starts_with(REMARK)) {
        type_span.end += 1 + remark.find("*/").map_or(0, |at| at + 2);
    }
    let kind = fields.iter().find(|field| field.key == "kind");
    let kind_span = kind.map(|field| field.value.span.clone());
    let config = fields.iter().position(|field| field.key == "config");
    let members = fields.iter().map(|field| field.member.clone()).collect();
    let config = config.and_then(|at| Some((at, fields.into_iter().nth(at)?.value)));
    Ok(Node {
        line,
        type_span,
        kind_span,
        members,
        config,
    })
}

/// What a literal says, where it is a string.
fn string(literal: &str) -> Option<String> {
    ron::from_str(literal).ok()
}

/// A value and where it is.
#[derive(Debug)]
struct Value {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `( … )`, with or without a name before it.
    Struct(Vec<Entry>),
    /// `{ … }`
    Map(Vec<Entry>),
    /// `[ … ]`
    Seq(Vec<Value>),
    /// Anything else.
    Plain,
}

/// A member of a struct or map; one without a key has an empty one.
#[derive(Debug)]
struct Entry {
    key: String,
    value: Value,
    member: Member,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fail<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", line_of(self.text, self.at)))
    }

    /// Spaces and comments.
    fn skip(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.at += block_comment(trimmed)
                    .map_or_else(|| self.fail("a comment `/*` has no end"), Ok)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Takes a token, if it is the next.
    fn take(&mut self, token: &str) -> Result<bool, String> {
        self.skip()?;
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        Ok(found)
    }

    /// `#![enable(…)]`
    fn attributes(&mut self) -> Result<(), String> {
        while self.take("#")? {
            let rest = self.rest();
            let end = rest.find(']');
            self.at += end.map_or_else(|| self.fail("`#` without `]`"), |at| Ok(at + 1))?;
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return self.fail("nested too deep");
        }
        self.skip()?;
        let start = self.at;
        let kind = if self.placeholder() {
            Kind::Plain
        } else if self.take("(")? {
            Kind::Struct(self.entries(")", depth)?)
        } else if self.take("{")? {
            Kind::Map(self.entries("}", depth)?)
        } else if self.take("[")? {
            let entries = self.entries("]", depth)?;
            Kind::Seq(entries.into_iter().map(|entry| entry.value).collect())
        } else if let Some(len) = quoted(self.rest()) {
            self.at += len;
            Kind::Plain
        } else {
            let word = self.word();
            if word.is_empty() {
                return self.fail("no value");
            }
            let end = self.at;
            if self.take("(")? {
                let mut entries = self.entries(")", depth)?;
                match (word, entries.len(), entries.pop()) {
                    // What is in it, where it is.
                    ("Some", 1, Some(entry)) => return Ok(entry.value),
                    (_, _, last) => {
                        entries.extend(last);
                        Kind::Struct(entries)
                    }
                }
            } else {
                self.at = end;
                Kind::Plain
            }
        };
        Ok(Value {
            span: start..self.at,
            kind,
        })
    }

    /// The members of a list up to its end.
    fn entries(&mut self, end: &str, depth: usize) -> Result<Vec<Entry>, String> {
        let mut entries: Vec<Entry> = Vec::new();
        while !self.take(end)? {
            if entries
                .last()
                .is_some_and(|last| last.member.comma.is_none())
            {
                return self.fail(&format!("neither a comma nor `{end}`"));
            }
            let start = self.at;
            let first = self.value(depth + 1)?;
            let first_end = self.at;
            let (key, value) = if end != "]" && self.take(":")? {
                let key = self.text.get(first.span.clone()).unwrap_or_default();
                let key = string(key).unwrap_or_else(|| key.trim_start_matches("r#").to_owned());
                (key, self.value(depth + 1)?)
            } else {
                self.at = first_end;
                (String::new(), first)
            };
            let after = self.at;
            let span = start..after;
            let comma = self.take(",")?.then(|| self.at - 1..self.at);
            if comma.is_none() {
                self.at = after;
            }
            let member = Member { span, comma };
            entries.push(Entry { key, value, member });
        }
        Ok(entries)
    }

    /// `{{name}}`
    fn placeholder(&mut self) -> bool {
        let Some(inner) = self.rest().strip_prefix("{{") else {
            return false;
        };
        let Some(len) = inner.find("}}") else {
            return false;
        };
        let name = inner.get(..len).unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name {
            self.at += len + 4;
        }
        is_name
    }

    /// A name or a number.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let rest = rest.strip_prefix("r#").unwrap_or(rest);
        let skipped = self.rest().len() - rest.len();
        let part = |c: char| c.is_alphanumeric() || "_.+-".contains(c);
        let len = rest.len() - rest.trim_start_matches(part).len();
        self.at += skipped + len;
        rest.get(..len).unwrap_or_default()
    }
}

/// The length of a comment `/* … */`, which may hold others.
fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next()?.len_utf8();
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The length of a string or character that a text starts with.
fn quoted(text: &str) -> Option<usize> {
    let byte = usize::from(text.starts_with('b'));
    let inner = text.get(byte..)?;
    if let Some(raw) = inner.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let open = raw.get(hashes..)?.strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = open.find(&close)?;
        return Some(byte + 1 + hashes + 1 + end + close.len());
    }
    let quote = inner.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let mut escaped = false;
    for (at, c) in inner.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(byte + at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
