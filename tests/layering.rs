//! The direction of flow: a module imports only what is listed before it in `src/lib.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proc_macro2::{TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};

/// Crates that only `src/parse` may name.
const PARSERS: [&str; 3] = ["rustpython_parser", "tree_sitter", "tree_sitter_python"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `dir`, sorted.
fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The top-level modules in the order of `src/lib.rs`.
fn order() -> Vec<String> {
    let file = syn::parse_file(&fs::read_to_string(src().join("lib.rs")).unwrap()).unwrap();
    file.items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// The top-level module that a file belongs to; none for `lib.rs` and `main.rs`.
fn module_of(file: &Path) -> Option<String> {
    let path = file.strip_prefix(src()).unwrap().with_extension("");
    let first = path.components().next()?.as_os_str().to_str()?.to_owned();
    (first != "lib" && first != "main").then_some(first)
}

/// The tokens of a file, comments gone and groups opened.
fn tokens(file: &Path) -> Vec<TokenTree> {
    fn flatten(stream: TokenStream, into: &mut Vec<TokenTree>) {
        for token in stream {
            let group = match &token {
                TokenTree::Group(group) => Some(group.stream()),
                _ => None,
            };
            into.push(token);
            if let Some(stream) = group {
                flatten(stream, into);
            }
        }
    }
    let text = fs::read_to_string(file).unwrap();
    let mut flat = Vec::new();
    flatten(text.parse().unwrap(), &mut flat);
    flat
}

/// The line and first segment of each `crate::x`, of `use crate::{x, y}` each one.
fn crate_paths(tokens: &[TokenTree]) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Ident(word) = token else {
            continue;
        };
        if word != "crate" {
            continue;
        }
        let line = word.span().start().line;
        match (tokens.get(index + 1), tokens.get(index + 3)) {
            (Some(TokenTree::Punct(colon)), Some(next)) if colon.as_char() == ':' => match next {
                TokenTree::Ident(first) => paths.push((line, first.to_string())),
                TokenTree::Group(group) => {
                    let mut at_start = true;
                    for token in group.stream() {
                        match token {
                            TokenTree::Ident(first) if at_start => {
                                paths.push((line, first.to_string()));
                                at_start = false;
                            }
                            TokenTree::Punct(comma) if comma.as_char() == ',' => at_start = true,
                            _ => {}
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    paths
}

#[test]
fn modules_import_only_what_is_listed_before_them() {
    let order = order();
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for file in rust_files(&src()) {
        let Some(module) = module_of(&file) else {
            continue;
        };
        let Some(own) = place(&module) else {
            // A file that is not part of the crate yet.
            continue;
        };
        for (line, imported) in crate_paths(&tokens(&file)) {
            if place(&imported).is_some_and(|there| there > own) {
                wrong.push(format!(
                    "{}:{line}: `{module}` imports `{imported}`, which is listed after it",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_parse_names_a_parser_crate() {
    for file in rust_files(&src()) {
        if module_of(&file).as_deref() == Some("parse") {
            continue;
        }
        for token in tokens(&file) {
            let name = token.to_string();
            assert!(
                !PARSERS.contains(&name.as_str()),
                "{} names `{name}`",
                file.display()
            );
        }
    }
}

#[test]
fn there_is_no_mod_rs() {
    for file in rust_files(&src()) {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{}", file.display());
    }
}

#[test]
fn imports_in_groups_are_seen() {
    let tokens: TokenStream = "use crate::{a, b::{c, d}}; fn f() { crate::e::g(); }"
        .parse()
        .unwrap();
    let mut flat = Vec::new();
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            flat.push(token.clone());
            flat.extend(inner);
        } else {
            flat.push(token);
        }
    }
    let names: Vec<String> = crate_paths(&flat)
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names, ["a", "b", "e"]);
}
