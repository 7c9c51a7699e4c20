//! Which errors follow from others.
//!
//! Enters: the diagnostics of a file. Leaves: for each the one it follows from. An error whose
//! message quotes the whole reason of another says why through it: whoever mends that one
//! need not look at this one. This module must not know how either is shown.

use crate::diagnostic::{Diagnostic, Severity};

/// The index of the error that each diagnostic follows from; of several the shortest, which
/// quotes none itself.
pub(super) fn followers(diagnostics: &[Diagnostic]) -> Vec<Option<usize>> {
    let errors = || {
        let is_error = |(_, d): &(usize, &Diagnostic)| d.severity() == Severity::Error;
        diagnostics.iter().enumerate().filter(is_error)
    };
    diagnostics
        .iter()
        .enumerate()
        .map(|(i, found)| {
            if found.severity() != Severity::Error {
                return None;
            }
            errors()
                .filter(|(at, root)| follows(found, root) && (*at < i || !follows(root, found)))
                .min_by_key(|(at, root)| (reason(root).len(), root.message.len(), *at))
                .map(|(at, _)| at)
                .filter(|at| *at != i)
        })
        .collect()
}

/// Whether a message quotes the reason of another.
fn follows(found: &Diagnostic, root: &Diagnostic) -> bool {
    // What a value is stands at each of its uses.
    let again = found.message == root.message && found.message.starts_with("the value of ");
    let quotes = found.message.contains(reason(root));
    again || quotes && found.message.len() > reason(root).len()
}

/// What a message says of a value, whichever value it is.
fn reason(found: &Diagnostic) -> &str {
    let message = found.message.as_str();
    message.strip_prefix("this is ").unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    fn of(messages: &[(Code, &str)]) -> Vec<Option<usize>> {
        let found: Vec<Diagnostic> = messages
            .iter()
            .map(|(code, message)| Diagnostic::new(*code, Span::new(0, 1), *message))
            .collect();
        followers(&found)
    }

    #[test]
    fn what_quotes_another_follows_from_it() {
        let found = of(&[
            (
                Code::UnknownType,
                "the type of `x` is not known: `P` has no method `m`",
            ),
            (Code::UnknownType, "this is `P` has no method `m`"),
            (Code::UnknownField, "`P` has no method `m`"),
            (
                Code::PartlyHandled,
                "`f` returns tuple (`P` has no method `m`)",
            ),
        ]);
        assert_eq!(found, [Some(2), Some(2), None, Some(2)]);
    }

    #[test]
    fn of_equal_reasons_the_first_is_shown() {
        let message = "this is int on one path, str on another";
        let found = of(&[(Code::UnknownType, message), (Code::UnknownType, message)]);
        assert_eq!(found, [None, Some(0)]);
    }

    #[test]
    fn equal_faults_at_two_places_are_two() {
        let message = "`*` in a call is not translated";
        let found = of(&[
            (Code::UnsupportedSyntax, message),
            (Code::UnsupportedSyntax, message),
        ]);
        assert_eq!(found, [None, None]);
    }

    #[test]
    fn warnings_follow_from_nothing() {
        let found = of(&[
            (Code::GlobalState, "`x` lives outside"),
            (Code::GlobalState, "`x` lives outside `state`"),
        ]);
        assert_eq!(found, [None, None]);
    }
}
