//! The app's `Cargo.toml` without Copper's Python, edited in place.
//!
//! Enters: the text. Leaves: the text without the dependency `cu-python-task` and without
//! the features of it that other features turn on; every other byte stays. This module must
//! not know why.

use super::spans::{Member, own_lines, without, without_lines};
use std::ops::Range;
use toml_edit::{Document, Item, TableLike, Value};

/// The package.
pub(super) const PY_TASK: &str = "cu-python-task";

/// The text without the dependency; as it is where there is none.
///
/// # Errors
/// In words, why it is left.
pub(super) fn without_python(text: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    // A place in the text is good for one edit.
    while let Some((names, shorter)) = without_one(&text)? {
        text = shorter;
        for name in names {
            while let Some(shorter) = without_feature(&text, &name)? {
                text = shorter;
            }
        }
    }
    Ok(text)
}

/// The name by which Rust code knows the package; the package's own where the manifest does
/// not have it.
pub(super) fn crate_name(text: &str) -> String {
    let found = parse(text).ok().and_then(|document| {
        let dependencies = document.as_table().get("dependencies")?.as_table_like()?;
        let mut names = dependencies.iter();
        names.find_map(|(name, item)| {
            let package = item.get("package").and_then(Item::as_str);
            (package == Some(PY_TASK)).then(|| name.to_owned())
        })
    });
    found
        .unwrap_or_else(|| PY_TASK.to_owned())
        .replace('-', "_")
}

fn parse(text: &str) -> Result<Document<&str>, String> {
    Document::parse(text).map_err(|error| error.message().to_owned())
}

/// The text without one declaration of the dependency, and the name that it had.
fn without_one(text: &str) -> Result<Option<(Vec<String>, String)>, String> {
    let document = parse(text)?;
    let root = document.as_table();
    let mut sections: Vec<&dyn TableLike> = Vec::new();
    sections.extend(root.get("dependencies").and_then(Item::as_table_like));
    if let Some(targets) = root.get("target").and_then(Item::as_table_like) {
        for (_, target) in targets.iter() {
            let dependencies = target.get("dependencies");
            sections.extend(dependencies.and_then(Item::as_table_like));
        }
    }
    for section in sections {
        for (name, item) in section.iter() {
            let package = item.get("package").and_then(Item::as_str);
            if package.unwrap_or(name) != PY_TASK {
                continue;
            }
            if item.get("optional").and_then(Item::as_bool) == Some(true) {
                return Err(format!(
                    "`{name}` is an optional dependency: take it and its features out by hand"
                ));
            }
            let mut lines = Vec::new();
            entry_lines(text, section, name, item, &mut lines)?;
            lines.sort_by_key(|range| range.start);
            let mut shorter = text.to_owned();
            for range in lines.into_iter().rev() {
                shorter = without_lines(&shorter, range);
            }
            return Ok(Some((vec![name.to_owned()], shorter)));
        }
    }
    Ok(None)
}

/// The lines of an entry, in whichever of TOML's forms it is written.
fn entry_lines(
    text: &str,
    section: &dyn TableLike,
    name: &str,
    item: &Item,
    lines: &mut Vec<Range<usize>>,
) -> Result<(), String> {
    let strange = || format!("`{name}` is written in a way that migrate does not edit");
    match item {
        // `[dependencies.cu-python-task]`
        Item::Table(table) if !table.is_dotted() => {
            let header = table.span().ok_or_else(strange)?;
            let mut end = header.end;
            for (key, item) in table.iter() {
                let mut own = Vec::new();
                entry_lines(text, table, key, item, &mut own)?;
                end = own.iter().map(|range| range.end).fold(end, usize::max);
            }
            let start = header.start;
            let whole = own_lines(text, start..end.max(header.end), "#");
            lines.push(whole.ok_or_else(strange)?);
        }
        // `cu-python-task.version = "1.3"`, a line each
        Item::Table(table) => {
            for (key, item) in table.iter() {
                entry_lines(text, table, key, item, lines)?;
            }
        }
        Item::Value(Value::InlineTable(table)) if table.is_dotted() => {
            for (key, item) in table.iter() {
                let end = item.span().ok_or_else(strange)?.end;
                let key = table.get_key_value(key).and_then(|(key, _)| key.span());
                let start = key.ok_or_else(strange)?.start;
                lines.push(whole_line(text, start, end).ok_or_else(strange)?);
            }
        }
        Item::Value(value) => {
            let end = value.span().ok_or_else(strange)?.end;
            let key = section.get_key_value(name).and_then(|(key, _)| key.span());
            let start = key.ok_or_else(strange)?.start;
            lines.push(whole_line(text, start, end).ok_or_else(strange)?);
        }
        Item::None | Item::ArrayOfTables(_) => return Err(strange()),
    }
    Ok(())
}

/// The lines of a key and its value; the key may be the last part of a dotted one.
fn whole_line(text: &str, key: usize, end: usize) -> Option<Range<usize>> {
    let before = text.get(..key)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let first = text.get(start..key)?;
    let dotted = first.trim_end().is_empty() || first.trim_end().ends_with('.');
    let start = start + (first.len() - first.trim_start().len());
    if !dotted || first.contains('{') {
        return None;
    }
    own_lines(text, start..end, "#")
}

/// The text without one entry of a feature that needs the dependency `name`.
fn without_feature(text: &str, name: &str) -> Result<Option<String>, String> {
    let document = parse(text)?;
    let features = document.as_table().get("features");
    let of_dependency = |value: &Value| {
        value.as_str().is_some_and(|feature| {
            let (of, _) = feature.split_once('/').unwrap_or((feature, ""));
            of.trim_start_matches("dep:").trim_end_matches('?') == name
                && (feature.contains('/') || feature.starts_with("dep:"))
        })
    };
    for (_, feature) in features
        .and_then(Item::as_table_like)
        .into_iter()
        .flat_map(|f| f.iter())
    {
        let Some(list) = feature.as_array() else {
            continue;
        };
        let Some(index) = list.iter().position(of_dependency) else {
            continue;
        };
        let members: Option<Vec<Member>> = list
            .iter()
            .map(|value| {
                let span = value.span()?;
                let comma = comma(text, span.end);
                Some(Member { span, comma })
            })
            .collect();
        let members = members.ok_or("a feature is written in a way that migrate does not edit")?;
        return Ok(Some(without(text, &members, index, "#")));
    }
    Ok(None)
}

/// The comma behind a member of an array.
fn comma(text: &str, end: usize) -> Option<Range<usize>> {
    let mut at = end;
    loop {
        let rest = text.get(at..)?;
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with('#') {
            at += trimmed.find('\n').unwrap_or(trimmed.len());
        } else {
            return trimmed.starts_with(',').then_some(at..at + 1);
        }
    }
}

#[cfg(test)]
mod tests;
