//! Reads and cuts Rust source for the harness.
//!
//! Enters: the text of a Rust file. Leaves: what the harness must know of a generated
//! task ([`native_task`]), or the text without the items that cannot live in the harness
//! ([`without_runtime`]). Line numbers never change. This module must not read files.

use crate::error::Error;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeSet;
use std::path::Path;
use syn::spanned::Spanned;

/// What the harness must know of a native task's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeTask {
    /// The type that implements `CuTask` or `CuStatelessTask`.
    pub type_name: String,
    /// Whether it is a `CuStatelessTask`.
    pub stateless: bool,
    /// The type of its field `state`, as the file spells it.
    pub state: Option<String>,
    /// Its other fields.
    pub others: Vec<String>,
    /// Its holes: the line of each `todo!` and its text.
    pub holes: Vec<(usize, String)>,
}

/// Reads a native task's file; `wanted` is the type's name where there are several.
///
/// # Errors
/// The text is not Rust, or no type in it is a task.
pub fn native_task(path: &Path, text: &str, wanted: &str) -> Result<NativeTask, Error> {
    let file = parse(path, text)?;
    let mut tasks: Vec<(String, bool)> = Vec::new();
    for item in &file.items {
        let syn::Item::Impl(item) = item else {
            continue;
        };
        let Some((_, of, _)) = &item.trait_ else {
            continue;
        };
        let stateless = match of.segments.last() {
            Some(last) if last.ident == "CuTask" => false,
            Some(last) if last.ident == "CuStatelessTask" => true,
            _ => continue,
        };
        if let syn::Type::Path(ty) = item.self_ty.as_ref()
            && let Some(last) = ty.path.segments.last()
        {
            tasks.push((last.ident.to_string(), stateless));
        }
    }
    let found = tasks
        .iter()
        .find(|(name, _)| name == wanted)
        .or_else(|| tasks.first());
    let Some((type_name, stateless)) = found.cloned() else {
        return Err(Error::RustSource {
            path: path.to_owned(),
            line: None,
            message: "no type in this file implements `CuTask`".into(),
            help: "`migrate translate` writes such a file".into(),
        });
    };
    let mut holes = Vec::new();
    find_holes(file.to_token_stream(), &mut holes);
    Ok(NativeTask {
        state: state_type(&file, &type_name),
        others: other_fields(&file, &type_name),
        type_name,
        stateless,
        holes,
    })
}

/// The holes of a generated file: the line of each `todo!` and its text.
///
/// # Errors
/// The text is not Rust.
pub fn holes(path: &Path, text: &str) -> Result<Vec<(usize, String)>, Error> {
    let mut holes = Vec::new();
    find_holes(parse(path, text)?.to_token_stream(), &mut holes);
    Ok(holes)
}

fn parse(path: &Path, text: &str) -> Result<syn::File, Error> {
    syn::parse_file(text).map_err(|error| Error::RustSource {
        path: path.to_owned(),
        line: Some(error.span().start().line),
        message: format!("not valid Rust: {error}"),
        help: "correct the file, or translate the Python anew".into(),
    })
}

fn state_type(file: &syn::File, type_name: &str) -> Option<String> {
    file.items.iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == type_name => item
            .fields
            .iter()
            .find(|field| field.ident.as_ref().is_some_and(|name| name == "state"))
            .map(|field| field.ty.to_token_stream().to_string()),
        _ => None,
    })
}

fn other_fields(file: &syn::File, type_name: &str) -> Vec<String> {
    let fields = file.items.iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == type_name => Some(&item.fields),
        _ => None,
    });
    let named = fields.into_iter().flatten().enumerate();
    named
        .map(|(i, field)| {
            field
                .ident
                .as_ref()
                .map_or(i.to_string(), ToString::to_string)
        })
        .filter(|name| name != "state")
        .collect()
}

fn find_holes(tokens: TokenStream, holes: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if name == "todo" => {
                if let (Some(TokenTree::Punct(bang)), Some(TokenTree::Group(group))) =
                    (tokens.get(i + 1), tokens.get(i + 2))
                    && bang.as_char() == '!'
                {
                    let text = group.stream().to_string();
                    holes.push((name.span().start().line, text.trim_matches('"').to_owned()));
                }
            }
            TokenTree::Group(group) => find_holes(group.stream(), holes),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The text without `fn main`, without what `#[copper_runtime]` and `gen_cumsgs!` make,
/// without items that mention any of it, and without lint levels for the whole file.
///
/// # Errors
/// The text is not Rust.
pub fn without_runtime(path: &Path, text: &str) -> Result<String, Error> {
    let file = parse(path, text)?;
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut cut: BTreeSet<usize> = BTreeSet::new();
    for (i, item) in file.items.iter().enumerate() {
        if let Some(names) = runtime_item(item) {
            gone.extend(names);
            cut.insert(i);
        }
    }
    loop {
        let before = cut.len();
        for (i, item) in file.items.iter().enumerate() {
            if cut.contains(&i) || !may_mention(item) {
                continue;
            }
            if mentions(item.to_token_stream(), &gone) {
                cut.insert(i);
                gone.extend(name_of(item));
            }
        }
        if cut.len() == before {
            break;
        }
    }
    let items = file.items.iter().enumerate();
    let mut ranges: Vec<_> = items
        .filter(|(i, _)| cut.contains(i))
        .map(|(_, item)| item.span().byte_range())
        .collect();
    let lints = file.attrs.iter().filter(|attribute| {
        ["deny", "forbid", "warn"]
            .iter()
            .any(|level| attribute.path().is_ident(level))
    });
    ranges.extend(lints.map(|attribute| attribute.span().byte_range()));
    Ok(blank(text, &ranges))
}

/// The names that an item of the runtime takes with it; `None` for any other item.
fn runtime_item(item: &syn::Item) -> Option<Vec<String>> {
    let is_runtime = |attribute: &syn::Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "copper_runtime")
    };
    match item {
        syn::Item::Fn(item) if item.sig.ident == "main" => Some(vec![]),
        syn::Item::Struct(item) if item.attrs.iter().any(is_runtime) => Some(vec![
            item.ident.to_string(),
            format!("{}Builder", item.ident),
        ]),
        syn::Item::Macro(item) => {
            let last = item.mac.path.segments.last()?;
            (last.ident == "gen_cumsgs").then(|| vec!["CuStampedDataSet".into(), "CuMsgs".into()])
        }
        _ => None,
    }
}

/// Modules and `use` stay whatever they mention.
fn may_mention(item: &syn::Item) -> bool {
    !matches!(
        item,
        syn::Item::Mod(_) | syn::Item::Use(_) | syn::Item::ExternCrate(_)
    )
}

fn name_of(item: &syn::Item) -> Option<String> {
    Some(match item {
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Const(item) => item.ident.to_string(),
        syn::Item::Static(item) => item.ident.to_string(),
        _ => return None,
    })
}

fn mentions(tokens: TokenStream, names: &BTreeSet<String>) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => names.contains(&name.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Replaces each range by its line breaks.
fn blank(text: &str, ranges: &[std::ops::Range<usize>]) -> String {
    text.char_indices()
        .filter(|(i, c)| *c == '\n' || !ranges.iter().any(|range| range.contains(i)))
        .map(|(_, c)| c)
        .collect()
}

/// Whether the text declares the child module `name`.
///
/// # Errors
/// The text is not Rust.
pub fn declares(path: &Path, text: &str, name: &str) -> Result<bool, Error> {
    Ok(parse(path, text)?.items.iter().any(|item| match item {
        syn::Item::Mod(item) => item.ident == name,
        _ => false,
    }))
}

/// The places that a task's keyframe holds, in order, such as `state.x`; `None` where its
/// `freeze` does anything but encode such places.
pub fn frozen(path: &Path, text: &str, task: &str) -> Option<Vec<String>> {
    let file = parse(path, text).ok()?;
    let freeze = file.items.iter().find_map(|item| match item {
        syn::Item::Impl(item) if is_freezable(item, task) => item.items.iter().find_map(freeze),
        _ => None,
    })?;
    let mut places = Vec::new();
    for statement in &freeze.block.stmts {
        let syn::Stmt::Expr(mut expr, _) = statement.clone() else {
            return None;
        };
        if let syn::Expr::Try(tried) = expr {
            expr = *tried.expr;
        }
        let words: String = expr
            .to_token_stream()
            .to_string()
            .split_whitespace()
            .collect();
        if words == "Ok(())" {
            continue;
        }
        let place = words.strip_prefix("Encode::encode(&self.")?;
        let place = place.strip_suffix(",encoder)")?;
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        if !place.chars().all(plain) {
            return None;
        }
        places.push(place.to_owned());
    }
    Some(places)
}

fn is_freezable(item: &syn::ItemImpl, task: &str) -> bool {
    let of = item
        .trait_
        .as_ref()
        .and_then(|(_, of, _)| of.segments.last());
    of.is_some_and(|last| last.ident == "Freezable")
        && matches!(item.self_ty.as_ref(), syn::Type::Path(ty) if ty.path.is_ident(task))
}

fn freeze(item: &syn::ImplItem) -> Option<&syn::ImplItemFn> {
    match item {
        syn::ImplItem::Fn(function) if function.sig.ident == "freeze" => Some(function),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = "#![deny(missing_docs)]\npub mod tasks;\nuse clap::Parser;\n\n\
        /// É\n#[copper_runtime(config = \"c.ron\")]\nstruct App {}\n\n\
        fn build() -> App { App::new() }\nfn other() -> u8 { 1 }\n\
        fn twice() { build(); }\nfn main() {\n    twice();\n}\n";

    #[test]
    fn the_runtime_and_what_mentions_it_is_cut_and_lines_stay() {
        let text = without_runtime(Path::new("main.rs"), MAIN).unwrap();
        assert_eq!(text.lines().count(), MAIN.lines().count());
        let left: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(
            left,
            [
                "pub mod tasks;",
                "use clap::Parser;",
                "fn other() -> u8 { 1 }"
            ]
        );
    }

    #[test]
    fn a_native_task_shows_its_type_state_and_holes() {
        let text = "struct Helper { state: u8 }\npub struct Pid {\n    state: super::S<u8>,\n}\n\
            impl CuTask for Pid {\n    fn process() {\n        // todo!(\"no\")\n        \
            if a { todo!(\"MIG0203 t.py:12: eval\") }\n    }\n}\n";
        let task = native_task(Path::new("pid.rs"), text, "Pid").unwrap();
        assert_eq!(task.type_name, "Pid");
        assert_eq!(task.state.as_deref(), Some("super :: S < u8 >"));
        assert!(task.others.is_empty());
        assert_eq!(task.holes, [(8, "MIG0203 t.py:12: eval".to_owned())]);
        assert!(native_task(Path::new("x.rs"), "struct A;", "A").is_err());
    }

    #[test]
    fn the_places_of_a_keyframe_are_read_in_order() {
        let of = |body: &str| {
            let text = format!(
                "impl Freezable for T {{ fn freeze<E: Encoder>(&self, encoder: &mut E) -> R {{ \
                 {body} }} }}"
            );
            frozen(Path::new("t.rs"), &text, "T")
        };
        let whole = of("Encode::encode(&self.state, encoder)");
        assert_eq!(whole.unwrap(), ["state"]);
        let parts = of("Encode::encode(&self.state.x, encoder)?; \
                        Encode::encode(&self.state.pose.y, encoder)?; Ok(())");
        assert_eq!(parts.unwrap(), ["state.x", "state.pose.y"]);
        assert_eq!(of("for x in &self.state.xs { encode(x)?; } Ok(())"), None);
        assert_eq!(frozen(Path::new("t.rs"), "struct T;", "T"), None);
    }
}
