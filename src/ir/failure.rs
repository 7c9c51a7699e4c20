//! What the text of an error says: where, which exception of Python, and its message.
//!
//! Enters: the text that the generated Rust fails with. Leaves: a [`Failure`]. Texts are
//! - `python/task.py:12: ValueError: math domain error`: a class, and what `str(e)` gives;
//! - `python/task.py:12: ValueError or OverflowError (int() of …)`: classes, and what we
//!   say of it;
//! - `python/task.py:12: an int leaves 64 bits`: no exception of Python, where the Rust
//!   ends the call (see [`is_limit`]).
//!
//! This module must not know the syntax tree.

/// A text that the Rust fails with, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `python/task.py:12`
    pub at: String,
    /// The classes of Python's exception, where one of several is raised more than one.
    pub classes: Vec<String>,
    /// What `str(e)` gives, where the text says it.
    pub message: Option<String>,
    /// What we say of it where the text does not say that.
    pub note: Option<String>,
}

impl Failure {
    /// Takes a text apart; none where it names no exception.
    pub fn of(text: &str) -> Option<Failure> {
        let (at, what) = text.split_once(": ")?;
        let end = what
            .find(": ")
            .into_iter()
            .chain(what.find(" ("))
            .min()
            .unwrap_or(what.len());
        let (names, rest) = what.split_at_checked(end)?;
        let classes: Vec<String> = names.split(" or ").map(str::to_string).collect();
        let named = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !classes.iter().all(named) {
            return None;
        }
        let message = match rest.strip_prefix(": ") {
            Some(message) => Some(message.to_string()),
            None => rest.is_empty().then(String::new),
        };
        Some(Failure {
            at: at.to_string(),
            classes,
            note: match message {
                Some(_) => None,
                None => rest
                    .strip_prefix(" (")
                    .and_then(|rest| rest.strip_suffix(')'))
                    .map(str::to_string),
            },
            message,
        })
    }
}

/// Whether a text is about what Rust's types hold, or what PyTask converts after the call:
/// nothing that a handler of the Python could see.
pub fn is_limit(text: &str) -> bool {
    let what = text.split_once(": ").map_or(text, |(_, what)| what);
    what.contains(" leaves ")
        || what.starts_with("a NaN among ")
        || what.starts_with("a NaN in ")
        || what.starts_with("None for `")
        || what.starts_with("no variant of")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_classes_and_message() {
        let one = Failure::of("python/task.py:12: ValueError: math domain error").unwrap();
        assert_eq!(one.classes, ["ValueError"]);
        assert_eq!(one.message.as_deref(), Some("math domain error"));
        let bare = Failure::of("python/task.py:12: AssertionError").unwrap();
        assert_eq!(bare.message.as_deref(), Some(""));
        let two = Failure::of("t.py:1: ValueError or OverflowError (int() of NaN)").unwrap();
        assert_eq!(two.classes, ["ValueError", "OverflowError"]);
        assert_eq!(two.message, None);
        assert_eq!(Failure::of("t.py:1: an int leaves 64 bits"), None);
        assert!(is_limit("t.py:1: `count` leaves u8"));
        assert!(!is_limit("t.py:1: IndexError: list index out of range"));
    }
}
