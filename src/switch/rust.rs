//! The Rust file that declares a task's module, edited in place.
//!
//! Enters: the text of the file, the module to declare and the `PyTask` alias that goes.
//! Leaves: the text with `pub mod pid;` in the order of the names, without the alias, and
//! without the imports that only the alias needed; every other byte stays. This module must
//! not know the graph.

use super::spans::{newline, own_lines, replace, without_lines};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::{Item, ItemMod, ItemUse, UseTree, Visibility};

/// The names that each `use path::*` brings.
pub(super) type Globs = BTreeMap<String, BTreeSet<String>>;

/// Whether a file declares the type alias `name`, in the file itself or in an inline module.
pub(super) fn declares_alias(text: &str, name: &str) -> bool {
    let alias = |item: &Item| matches!(item, Item::Type(item) if item.ident == name);
    parse(text)
        .is_ok_and(|file| file.items.iter().any(alias) || holder(&file.items, &alias).is_some())
}

/// How often each name stands in a text; none in one that is not Rust.
pub(super) fn names(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    if let Ok(stream) = text.parse::<TokenStream>() {
        count(stream, &mut counts);
    }
    counts
}

/// The text with a declaration of the module `name`, beside the alias where there is one,
/// else at the top or in the inline module of that path.
///
/// # Errors
/// The text is not Rust.
pub(super) fn with_module(
    text: &str,
    name: &str,
    alias: Option<&str>,
    inline: &[String],
) -> Result<String, String> {
    let file = parse(text)?;
    let beside =
        |item: &Item| matches!(item, Item::Type(item) if alias.is_some_and(|a| item.ident == a));
    let place = holder(&file.items, &beside);
    let place = place.or_else(|| inline_module(&file.items, inline));
    let items = place
        .as_ref()
        .map_or(file.items.as_slice(), |place| place.items);
    let declared = |item: &Item| matches!(item, Item::Mod(item) if item.ident == name);
    if items.iter().any(declared) {
        return Ok(text.to_owned());
    }
    let mods: Vec<&ItemMod> = first_run(items);
    let newline = newline(text);
    let is_public = |item: &&ItemMod| !matches!(item.vis, Visibility::Inherited);
    // A root whose modules are private has private modules.
    let private = place.is_none() && !mods.is_empty() && !mods.iter().any(is_public);
    let declaration = match private {
        true => format!("mod {name};"),
        false => format!("pub mod {name};"),
    };
    let next = mods
        .iter()
        .find(|item| item.ident.to_string().as_str() > name);
    if let Some(next) = next {
        let at = with_comments(text, line_start(text, next.span().byte_range().start));
        let indent = indent_of(text, next.span().byte_range().start);
        return Ok(replace(
            text,
            at..at,
            &format!("{indent}{declaration}{newline}"),
        ));
    }
    if let Some(last) = mods.last() {
        let range = last.span().byte_range();
        let indent = indent_of(text, range.start);
        let at = line_end(text, range.end);
        let line = match text.get(..at).is_some_and(|text| text.ends_with('\n')) {
            true => format!("{indent}{declaration}{newline}"),
            false => format!("{newline}{indent}{declaration}"),
        };
        return Ok(replace(text, at..at, &line));
    }
    if let Some(first) = items.first() {
        let start = first.span().byte_range().start;
        let indent = indent_of(text, start);
        let at = with_comments(text, line_start(text, start));
        // A comment at the very top is the file's.
        let at = if at == 0 { line_start(text, start) } else { at };
        let lines = format!("{indent}{declaration}{newline}{newline}");
        return Ok(replace(text, at..at, &lines));
    }
    match place {
        Some(place) => Ok(replace(
            text,
            place.end..place.end,
            &format!(" {declaration} "),
        )),
        None => {
            let gap = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                newline
            };
            Ok(format!("{text}{gap}{declaration}{newline}"))
        }
    }
}

/// The text without an alias, and without the imports of what only the alias named; as it
/// is where something else in the file names the alias. `elsewhere` are names that modules
/// below may have from this one, `globs` the names that a `use path::*` brings.
///
/// # Errors
/// The text is not Rust.
pub(super) fn without_alias(
    text: &str,
    alias: &str,
    elsewhere: &BTreeMap<String, usize>,
    globs: &Globs,
) -> Result<String, String> {
    let file = parse(text)?;
    let is_alias = |item: &Item| matches!(item, Item::Type(item) if item.ident == alias);
    let place = holder(&file.items, &is_alias);
    let items = place
        .as_ref()
        .map_or(file.items.as_slice(), |place| place.items);
    let Some(item) = items.iter().find(|item| is_alias(item)) else {
        return Ok(text.to_owned());
    };
    let mut all = BTreeMap::new();
    count(file.to_token_stream(), &mut all);
    if all.get(alias).is_some_and(|times| *times > 1) {
        return Ok(text.to_owned());
    }
    let mut of_alias = BTreeMap::new();
    count(item.to_token_stream(), &mut of_alias);
    let range = item.span().byte_range();
    let mut text = match own_lines(text, range.clone(), "//") {
        Some(lines) => without_lines(text, lines),
        None => replace(text, range, ""),
    };
    for name in of_alias.keys() {
        if !elsewhere.contains_key(name) {
            text = without_import(&text, name)?;
        }
    }
    for (path, names) in globs {
        let brings = |name: &String| names.contains(name);
        if of_alias.keys().any(brings) && !elsewhere.keys().any(brings) {
            text = without_glob(&text, path, names)?;
        }
    }
    Ok(text)
}

/// The text without a private `use path::*` that brings no name which is used.
fn without_glob(text: &str, path: &str, names: &BTreeSet<String>) -> Result<String, String> {
    let file = parse(text)?;
    let is_glob =
        |item: &Item| matches!(item, Item::Use(item) if glob(item).as_deref() == Some(path));
    let Some(item) = file.items.iter().find(|item| is_glob(item)) else {
        return Ok(text.to_owned());
    };
    let mut used = BTreeMap::new();
    let others = file.items.iter().filter(|item| !is_glob(item));
    others.for_each(|item| count(item.to_token_stream(), &mut used));
    if used.keys().any(|name| names.contains(name)) {
        return Ok(text.to_owned());
    }
    let range = item.span().byte_range();
    Ok(match own_lines(text, range.clone(), "//") {
        Some(lines) => without_lines(text, lines),
        None => replace(text, range, ""),
    })
}

/// The paths of the private `use crate::…::*` of a file.
pub(super) fn globs(text: &str) -> Vec<String> {
    let file = parse(text).ok();
    let items = file.map_or_else(Vec::new, |file| file.items);
    let uses = items.iter().filter_map(|item| match item {
        Item::Use(item) => glob(item),
        _ => None,
    });
    uses.filter(|path| path.starts_with("crate::")).collect()
}

/// The path of a private `use path::*`.
fn glob(item: &ItemUse) -> Option<String> {
    let plain = matches!(item.vis, Visibility::Inherited) && item.attrs.is_empty();
    let mut path: Vec<String> = Vec::new();
    let mut tree = Some(&item.tree).filter(|_| plain && item.leading_colon.is_none())?;
    while let UseTree::Path(part) = tree {
        path.push(part.ident.to_string());
        tree = &part.tree;
    }
    matches!(tree, UseTree::Glob(_)).then(|| path.join("::"))
}

/// All names that a module gives to a glob import; `None` where they cannot be told from its
/// text, or where one may be needed without being named, as a trait is.
pub(super) fn names_given(text: &str) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for item in parse(text).ok()?.items {
        let name = match &item {
            Item::Struct(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Const(item) => &item.ident,
            Item::Static(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Mod(item) => &item.ident,
            Item::Use(item) if matches!(item.vis, Visibility::Inherited) => continue,
            Item::Impl(_) => continue,
            _ => return None,
        };
        names.insert(name.to_string());
    }
    Some(names)
}

/// The text without the private imports of `name` that nothing needs.
fn without_import(text: &str, name: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    loop {
        let file = parse(&text)?;
        match needless(&text, &file.items, name) {
            Some(shorter) => text = shorter,
            None => return Ok(text),
        }
    }
}

/// The text without one such import, of the inline modules first.
fn needless(text: &str, items: &[Item], name: &str) -> Option<String> {
    let inner = items.iter().find_map(|item| match item {
        Item::Mod(item) => needless(text, &item.content.as_ref()?.1, name),
        _ => None,
    });
    if inner.is_some() {
        return inner;
    }
    let mut used = BTreeMap::new();
    count_but_imports(items, &mut used);
    if used.contains_key(name) {
        return None;
    }
    items.iter().find_map(|item| {
        let Item::Use(item) = item else { return None };
        let plain = matches!(item.vis, Visibility::Inherited) && item.attrs.is_empty();
        let path = leaf(&item.tree, name).filter(|_| plain)?;
        let group = path
            .iter()
            .rev()
            .find_map(|tree| smaller(text, tree, &path));
        Some(match group {
            Some((range, with)) => replace(text, range, &with),
            None => {
                let range = item.span().byte_range();
                match own_lines(text, range.clone(), "//") {
                    Some(lines) => without_lines(text, lines),
                    None => replace(text, range, ""),
                }
            }
        })
    })
}

/// The trees from an import down to the leaf that binds `name`.
fn leaf<'a>(tree: &'a UseTree, name: &str) -> Option<Vec<&'a UseTree>> {
    let rest = match tree {
        UseTree::Path(path) => leaf(&path.tree, name)?,
        UseTree::Group(group) => group.items.iter().find_map(|tree| leaf(tree, name))?,
        UseTree::Name(leaf) => (leaf.ident == name).then(Vec::new)?,
        UseTree::Rename(leaf) => (leaf.rename == name).then(Vec::new)?,
        UseTree::Glob(_) => return None,
    };
    Some(std::iter::once(tree).chain(rest).collect())
}

/// A group without the member that leads to the leaf: the range to change, and its new text;
/// `None` for what is no group, or has no other member.
fn smaller(text: &str, tree: &UseTree, path: &[&UseTree]) -> Option<(Range<usize>, String)> {
    let UseTree::Group(group) = tree else {
        return None;
    };
    let on_path = |item: &UseTree| path.iter().any(|tree| std::ptr::eq(*tree, item));
    let at = group.items.iter().position(on_path)?;
    let range = |item: &UseTree| item.span().byte_range();
    let kept: Vec<&UseTree> = group.items.iter().filter(|item| !on_path(item)).collect();
    let whole = group.span().byte_range();
    match kept.as_slice() {
        [] => None,
        [UseTree::Name(only)] if only.ident == "self" => Some((whole, "{self}".to_owned())),
        [only] => Some((whole, text.get(range(only))?.to_owned())),
        _ => {
            let removed = range(group.items.get(at)?);
            Some(match group.items.get(at + 1) {
                Some(next) => (removed.start..range(next).start, String::new()),
                None => {
                    let before = range(group.items.get(at.checked_sub(1)?)?);
                    (before.end..removed.end, String::new())
                }
            })
        }
    }
}

/// An inline module that is looked into: its items, and where its `}` stands.
struct Place<'a> {
    items: &'a [Item],
    end: usize,
}

/// The inline module that holds such an item; `None` where the file itself holds it, or
/// nothing does.
fn holder<'a>(items: &'a [Item], wanted: &dyn Fn(&Item) -> bool) -> Option<Place<'a>> {
    if items.iter().any(wanted) {
        return None;
    }
    items.iter().find_map(|item| {
        let Item::Mod(item) = item else { return None };
        let (brace, inner) = item.content.as_ref()?;
        if inner.iter().any(wanted) {
            return Some(Place {
                items: inner,
                end: brace.span.close().byte_range().start,
            });
        }
        holder(inner, wanted)
    })
}

/// The inline module at the end of a path, as much of it as is inline.
fn inline_module<'a>(items: &'a [Item], path: &[String]) -> Option<Place<'a>> {
    (0..path.len()).find_map(|skipped| {
        let mut place: Option<Place<'a>> = None;
        for name in path.get(skipped..)? {
            let items = place.as_ref().map_or(items, |place| place.items);
            place = Some(items.iter().find_map(|item| match item {
                Item::Mod(item) if item.ident == name => {
                    let (brace, items) = item.content.as_ref()?;
                    let end = brace.span.close().byte_range().start;
                    Some(Place { items, end })
                }
                _ => None,
            })?);
        }
        place
    })
}

/// The first declarations `mod x;` that stand beside each other.
fn first_run(items: &[Item]) -> Vec<&ItemMod> {
    let declaration = |item: &Item| matches!(item, Item::Mod(item) if item.content.is_none() && !is_for_tests(item));
    items
        .iter()
        .skip_while(|item| !declaration(item))
        .take_while(|item| declaration(item))
        .filter_map(|item| match item {
            Item::Mod(item) => Some(item),
            _ => None,
        })
        .collect()
}

fn is_for_tests(item: &ItemMod) -> bool {
    item.attrs.iter().any(|attr| attr.path().is_ident("cfg"))
}

fn parse(text: &str) -> Result<syn::File, String> {
    syn::parse_file(text).map_err(|error| {
        let line = error.span().start().line;
        format!("line {line}: not valid Rust: {error}; make `cargo check` pass first")
    })
}

fn count(stream: TokenStream, counts: &mut BTreeMap<String, usize>) {
    for token in stream {
        match token {
            TokenTree::Ident(name) => *counts.entry(name.to_string()).or_default() += 1,
            TokenTree::Group(group) => count(group.stream(), counts),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn count_but_imports(items: &[Item], counts: &mut BTreeMap<String, usize>) {
    for item in items {
        match item {
            // What is imported for others counts.
            Item::Use(item) if matches!(item.vis, Visibility::Inherited) => {}
            Item::Mod(item) if item.content.is_some() => {
                let inner = item.content.as_ref().map(|(_, items)| items.as_slice());
                // There, an import may be of what is imported here.
                for item in inner.unwrap_or_default() {
                    count(item.to_token_stream(), counts);
                }
            }
            item => count(item.to_token_stream(), counts),
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |at| at + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').map_or(rest.len(), |at| at + 1)
}

fn indent_of(text: &str, at: usize) -> String {
    let line = text.get(line_start(text, at)..at).unwrap_or_default();
    line.chars().take_while(|c| c.is_whitespace()).collect()
}

/// The start of the comments directly above a line.
fn with_comments(text: &str, line: usize) -> usize {
    let mut at = line;
    while at > 0 {
        let above = line_start(text, at - 1);
        let is_comment = text.get(above..at).is_some_and(|line| {
            let line = line.trim_start();
            line.starts_with("//") && !line.starts_with("//!")
        });
        if !is_comment {
            break;
        }
        at = above;
    }
    at
}

#[cfg(test)]
mod tests;
