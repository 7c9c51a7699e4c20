//! The files of an app in which some tasks run in Rust, from those in which none does.
//!
//! Enters: the texts, the tasks, and what else the app's sources name. Leaves: the texts.
//! The order of the tasks does not matter: whoever switches one back gets what would be
//! there had it never been switched. This module must not read or write files.

use super::state::{Switched, Texts};
use super::world::World;
use super::{manifest, ron, rust};
use crate::merge::{Chunk, chunks};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::collections::BTreeMap;

/// The file that all tasks share.
pub(super) const MANIFEST: &str = "Cargo.toml";

/// What is wrong with which file.
pub(super) type Fault = (String, String);

/// Switches `tasks` to Rust, where `all` run in Rust afterwards. What could not be done, and
/// does no harm, is pushed to `notes`.
pub(super) fn apply(
    texts: &Texts,
    tasks: &[&Switched],
    all: &[Switched],
    world: &World,
    notes: &mut Vec<String>,
) -> Result<Texts, Fault> {
    let mut texts = texts.clone();
    let mut tasks = tasks.to_vec();
    tasks.sort();
    for task in &tasks {
        edit(&mut texts, &task.config, |text| {
            let to = ron::To {
                new_type: &task.new_type,
                remark: task.remark.as_deref(),
                stateless: task.stateless,
            };
            ron::to_rust(text, &task.task, &to)
        })?;
        edit(&mut texts, &task.file, |text| {
            rust::with_module(text, &task.module, task.alias.as_deref(), &task.inline)
        })?;
    }
    let is_switched = |id: &str| all.iter().any(|task| task.task == id);
    let mut python = world.python.iter().filter(|(id, _)| !is_switched(id));
    let needed: Vec<&str> = python.clone().map(|(_, of)| last_segment(of)).collect();
    for task in &tasks {
        let Some(alias) = task
            .alias
            .as_deref()
            .filter(|alias| !needed.contains(alias))
        else {
            continue;
        };
        let below = world.below.get(&task.file).cloned().unwrap_or_default();
        edit(&mut texts, &task.file, |text| {
            rust::without_alias(text, alias, &below, &world.globs)
        })?;
    }
    let crate_name = manifest::crate_name(texts.get(MANIFEST).map_or("", String::as_str));
    let names_it = |task: &Switched| {
        let text = texts.get(&task.file).map_or("", String::as_str);
        rust::names(text).contains_key(&crate_name)
    };
    let is_last = python.next().is_none() && !all.is_empty();
    if is_last && !world.names_python && !all.iter().any(names_it) {
        let shared = texts.get(MANIFEST).cloned().unwrap_or_default();
        match manifest::without_python(&shared) {
            Ok(text) if text != shared => {
                texts.insert(MANIFEST.into(), text);
            }
            Ok(_) => {}
            Err(why) => notes.push(format!("Cargo.toml is left as it is: {why}")),
        }
    }
    Ok(texts)
}

fn edit(
    texts: &mut Texts,
    name: &str,
    how: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), Fault> {
    let fault = |why: String| (name.to_owned(), why);
    let Some(text) = texts.get_mut(name) else {
        return Err(fault("does not exist".into()));
    };
    *text = how(text).map_err(fault)?;
    Ok(())
}

/// The name of a type, without its path.
pub(super) fn last_segment(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// Texts merged line by line, and within lines that both changed token by token: where both
/// put something in at one place, both are kept, theirs first. What both changed is as in
/// `ours`, and named.
pub(super) fn merged(base: &Texts, ours: &Texts, theirs: &Texts) -> (Texts, Vec<Fault>) {
    let mut conflicts = Vec::new();
    let mut texts = BTreeMap::new();
    let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    for (name, own) in ours {
        let (Some(from), Some(other)) = (base.get(name), theirs.get(name)) else {
            texts.insert(name.clone(), own.clone());
            continue;
        };
        let mut text = String::new();
        for chunk in chunks(&lines(from), &lines(own), &lines(other)) {
            let is_clear = resolve(chunk, &mut text, |base, ours, theirs, text| {
                let [base, ours, theirs] = [base, ours, theirs].map(|lines| lines.concat());
                let mut is_clear = true;
                for chunk in chunks(&tokens(&base), &tokens(&ours), &tokens(&theirs)) {
                    is_clear &= resolve(chunk, text, |_, ours, _, text| {
                        text.extend(ours.iter().copied());
                        false
                    });
                }
                is_clear
            });
            if !is_clear {
                let line = text.trim_end().matches('\n').count() + 1;
                conflicts.push((name.clone(), format!("line {line}")));
            }
        }
        texts.insert(name.clone(), text);
    }
    (texts, conflicts)
}

/// Writes a stretch of a merge; what is in conflict as `otherwise` does it. Whether all of it
/// is clear.
fn resolve(
    chunk: Chunk<'_>,
    text: &mut String,
    otherwise: impl FnOnce(&[&str], &[&str], &[&str], &mut String) -> bool,
) -> bool {
    match chunk {
        Chunk::Clean(tokens) => text.extend(tokens),
        Chunk::Conflict { base, ours, theirs } => {
            // What was only put into what the other side changed stays.
            match added(&base, &ours) {
                Some(added) => text.extend(theirs.into_iter().chain(added)),
                None => return otherwise(&base, &ours, &theirs, text),
            }
        }
    }
    true
}

/// What was put into tokens; `None` where something was taken out as well.
fn added<'a>(from: &[&'a str], to: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut added = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, from, to) {
        match op.tag() {
            DiffTag::Equal => {}
            DiffTag::Insert => added.extend(to.get(op.new_range())?),
            DiffTag::Delete | DiffTag::Replace => return None,
        }
    }
    Some(added)
}

/// The lines of a text; within a line, words, spaces, and whatever else one by one.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '\n' => 0,
        c if c.is_whitespace() => 1,
        c if c.is_alphanumeric() || c == '_' => 2,
        _ => 3,
    };
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if last.is_some_and(|last| last != now || now == 0 || now == 3) {
            tokens.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
        last = Some(now);
    }
    if start < text.len() {
        tokens.push(text.get(start..).unwrap_or_default());
    }
    tokens
}

#[cfg(test)]
mod tests;
