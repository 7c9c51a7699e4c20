//! What several formats say alike.
//!
//! Enters: parts of a [`Verification`]. Leaves: short plain text. This module must not
//! know any format.

use crate::verify::{Call, Divergence, Place, Verdict, Verification};

/// The verdict in one word.
pub fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Equal => "equal",
        Verdict::Different => "different",
        Verdict::Inconclusive(_) => "inconclusive",
    }
}

/// Where a call stands, such as `at CopperList 7`.
pub fn call(call: Call) -> String {
    match call {
        Call::Start => "in `start`".into(),
        Call::Process(id) => format!("at CopperList {id}"),
        Call::Stop => "in `stop`".into(),
    }
}

/// What differs.
pub fn what(d: &Divergence) -> String {
    match d.place {
        Place::Output | Place::Tov | Place::Status | Place::State => format!("`{}`", d.path),
        Place::Presence => format!("the presence of `{}`", d.path),
        Place::Error => "whether the call fails".into(),
        Place::Panic => "the native task does not return".into(),
    }
}

/// The verdict in one sentence.
pub fn sentence(v: &Verification) -> String {
    match &v.verdict {
        Verdict::Equal => format!("`{}` is equal in all {} cycles", v.task, v.cycles),
        Verdict::Different => match &v.divergence {
            Some(d) => format!("`{}` diverges {}: {}", v.task, call(d.call), what(d)),
            None => format!("`{}` diverges", v.task),
        },
        Verdict::Inconclusive(reason) => format!("`{}` is inconclusive: {reason}", v.task),
    }
}

/// The three values of a divergence, those that there are.
pub fn values(d: &Divergence) -> Vec<(&'static str, String)> {
    let three = [
        ("recorded", &d.values.recorded),
        ("Python", &d.values.python),
        ("Rust", &d.values.rust),
    ];
    let shown = three.into_iter().filter_map(|(who, value)| {
        let value = value.as_ref()?;
        Some(match &value.bits {
            Some(bits) => (who, format!("{} ({bits})", value.text)),
            None => (who, value.text.clone()),
        })
    });
    shown.collect()
}

/// All that there is to say of a verification that is not equal, in lines.
pub fn details(v: &Verification) -> Vec<String> {
    let mut lines = vec![sentence(v)];
    if let Some(d) = &v.divergence {
        lines.extend(
            values(d)
                .iter()
                .map(|(who, value)| format!("{who}: {value}")),
        );
        let inputs = d.inputs.iter();
        lines.extend(inputs.map(|(name, value)| format!("input {name}: {}", value.text)));
        let state = d.state_before.iter();
        lines.extend(state.map(|state| format!("state before: {}", state.text)));
    }
    lines.extend(v.notes.iter().map(|note| format!("note: {note}")));
    lines
}
