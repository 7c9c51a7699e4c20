//! The page of a review: one HTML file that needs nothing else.
//!
//! Enters: [`Subject`]s. Leaves: HTML, through `templates/report/page.html`, which escapes all
//! that is written into it. The policy in its head allows the page's own style and script by
//! their hashes, and nothing from anywhere. This module must not read or judge anything.

pub mod highlight;
mod lines;
pub mod plot;
mod view;

use crate::review::Subject;
use askama::Template;
use highlight::Class;
use sha2::{Digest, Sha256};
use view::TaskView;

const CSS: &str = include_str!("../../templates/report/page.css");
const JS: &str = include_str!("../../templates/report/page.js");
/// How many points are shown at once.
const TOP: usize = 12;

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page<'a> {
    title: String,
    app: &'a str,
    version: &'static str,
    csp: String,
    css: &'static str,
    js: &'static str,
    /// Where the content starts.
    first: String,
    width: f64,
    height: f64,
    tasks: Vec<TaskView>,
}

/// The page; `app` is the app's name.
pub fn render(app: &str, subjects: &[Subject]) -> String {
    let tasks = view::tasks(subjects);
    let title = match subjects {
        [one] => format!("{}: review", one.task),
        _ => format!("{app}: review"),
    };
    let page = Page {
        title,
        app,
        version: env!("CARGO_PKG_VERSION"),
        csp: format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
             base-uri 'none'; form-action 'none'",
            digest(CSS),
            digest(JS)
        ),
        css: CSS,
        js: JS,
        first: match tasks.as_slice() {
            [one] => one.slug.clone(),
            _ => "tasks".into(),
        },
        width: plot::WIDTH,
        height: plot::HEIGHT,
        tasks,
    };
    // Only a `Display` that fails could fail, and there is none.
    page.render().unwrap_or_default()
}

/// The parts of a sentence; those that stand in backticks are code.
fn spoken(text: &str) -> Vec<(bool, &str)> {
    // A lone backtick is one.
    let whole = text.matches('`').count().is_multiple_of(2);
    if !whole {
        return vec![(false, text)];
    }
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(i, part)| (i % 2 == 1, part));
    parts.filter(|(_, part)| !part.is_empty()).collect()
}

/// The SHA-256 of a text in base 64, as a content policy spells it.
fn digest(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = Sha256::digest(text.as_bytes());
    let letters = bytes.chunks(3).flat_map(|chunk| {
        let bits = (0..3).fold(0_usize, |bits, i| {
            bits << 8 | usize::from(chunk.get(i).copied().unwrap_or(0))
        });
        (0..4).map(move |i| match i <= chunk.len() {
            true => LETTERS
                .get(bits >> (18 - 6 * i) & 63)
                .copied()
                .unwrap_or(b'A'),
            false => b'=',
        })
    });
    letters.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_in_base_64() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn code_in_a_sentence_is_told_apart() {
        let parts = [(true, "a"), (false, " and "), (true, "b")];
        assert_eq!(spoken("`a` and `b`"), parts);
        assert_eq!(spoken("it's `odd"), [(false, "it's `odd")]);
    }

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        assert!(!CSS.contains("</"));
        assert!(!JS.contains("</"));
        assert!(!CSS.contains("url(") && !CSS.contains("@import"));
    }
}
