//! How two versions of a call differ.
//!
//! Enters: two [`Outcome`]s or [`Message`]s. Leaves: the first difference with its path
//! and values. This module must not count.

use crate::verify::compare::{Path, first_difference, shown, text};
use crate::verify::protocol::{CallEnd, Message, Outcome};
use crate::verify::value::Value;
use crate::verify::verdict::{Place, Shown};

/// Place, path, Python's value, Rust's value.
pub type Found = (Place, String, Option<Shown>, Option<Shown>);

/// How two calls differ in their end or in the state that they leave. The state comes
/// first among what a call writes: a wrong state is where a wrong output starts.
pub fn call_difference(python: &Outcome, rust: &Outcome) -> Option<Found> {
    let plain = |text: &str| {
        Some(Shown {
            text: text.to_owned(),
            bits: None,
        })
    };
    let words = |end: &CallEnd| match end {
        CallEnd::Done => plain("returned"),
        CallEnd::Failed(text) => plain(&format!("error: {text}")),
        CallEnd::Panicked(text) => plain(&format!("panic: {text}")),
    };
    let ends = |place| Some((place, String::new(), words(&python.end), words(&rust.end)));
    match (&python.end, &rust.end) {
        (_, CallEnd::Panicked(_)) => return ends(Place::Panic),
        (CallEnd::Done, CallEnd::Failed(_))
        | (CallEnd::Failed(_) | CallEnd::Panicked(_), CallEnd::Done) => return ends(Place::Error),
        (CallEnd::Done, CallEnd::Done)
        | (CallEnd::Failed(_) | CallEnd::Panicked(_), CallEnd::Failed(_)) => {}
    }
    let (path, python, rust) = state_difference(python, rust)?;
    Some((Place::State, path, python, rust))
}

/// How two states differ: path, Python's value, Rust's value.
pub fn state_difference(
    python: &Outcome,
    rust: &Outcome,
) -> Option<(String, Option<Shown>, Option<Shown>)> {
    // A native task without a field `state` keeps none: nothing to compare it with.
    let (Some(python), Some(rust)) = (&python.state, &rust.state) else {
        return None;
    };
    let path = first_difference(python, rust)?;
    Some((
        format!("state{path}"),
        path.of(python).map(shown),
        path.of(rust).map(shown),
    ))
}

/// How two messages differ.
pub enum MessageDifference {
    /// One has a payload.
    Presence,
    /// The payloads differ there.
    Payload(Path),
    /// The times of validity differ.
    Tov,
    /// The status texts differ.
    Status,
}

impl MessageDifference {
    /// What differs.
    pub fn place(&self) -> Place {
        match self {
            MessageDifference::Presence => Place::Presence,
            MessageDifference::Payload(_) => Place::Output,
            MessageDifference::Tov => Place::Tov,
            MessageDifference::Status => Place::Status,
        }
    }

    /// The path from the output's name.
    pub fn path(&self) -> String {
        match self {
            MessageDifference::Presence => String::new(),
            MessageDifference::Payload(path) => path.to_string(),
            MessageDifference::Tov => ".tov".into(),
            MessageDifference::Status => ".metadata.status_txt".into(),
        }
    }

    /// What stands there in a message.
    pub fn value(&self, message: &Message) -> Option<Shown> {
        match self {
            MessageDifference::Presence => Some(shown_payload(message)),
            MessageDifference::Payload(path) => {
                message.payload.as_ref().and_then(|p| path.of(p)).map(shown)
            }
            MessageDifference::Tov => Some(shown(&message.tov)),
            MessageDifference::Status => Some(shown(&Value::Str(message.status.clone()))),
        }
    }
}

/// How two messages differ first.
pub fn message_difference(a: Option<&Message>, b: Option<&Message>) -> Option<MessageDifference> {
    let (a, b) = (a?, b?);
    match (&a.payload, &b.payload) {
        (None, None) => {}
        (Some(a), Some(b)) => {
            if let Some(path) = first_difference(a, b) {
                return Some(MessageDifference::Payload(path));
            }
        }
        (None, Some(_)) | (Some(_), None) => return Some(MessageDifference::Presence),
    }
    if first_difference(&a.tov, &b.tov).is_some() {
        return Some(MessageDifference::Tov);
    }
    (a.status != b.status).then_some(MessageDifference::Status)
}

/// A payload for the reader, or that there is none.
pub fn shown_payload(message: &Message) -> Shown {
    message.payload.as_ref().map_or_else(
        || Shown {
            text: "no payload".into(),
            bits: None,
        },
        |payload| Shown {
            text: text(payload),
            bits: None,
        },
    )
}
