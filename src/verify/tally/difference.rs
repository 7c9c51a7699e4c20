//! How two versions of a call differ.
//!
//! Enters: two [`Outcome`]s or lists of [`Message`]s. Leaves: every [`Difference`] that the
//! rules do not let pass, the state's before the outputs', because a wrong state is where a
//! wrong output starts. This module must not count.

use crate::verify::compare::{Path, differences, shown, text};
use crate::verify::protocol::{CallEnd, Message, Outcome};
use crate::verify::rules::Rules;
use crate::verify::value::Value;
use crate::verify::verdict::{Place, Shown};

/// One difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What differs.
    pub place: Place,
    /// Which output it is; `None` for the state and the call itself.
    pub output: Option<usize>,
    /// The path of the field.
    pub path: String,
    /// The same with every place in a sequence or map left open.
    pub pattern: String,
    /// What is inside.
    inner: Inner,
    /// What the left version has there.
    pub left: Option<Shown>,
    /// What the right version has there.
    pub right: Option<Shown>,
}

#[derive(Debug, Clone)]
enum Inner {
    Call,
    State(Path),
    Presence,
    Payload(Path),
    Tov,
    Status,
}

/// The rules, and the cycle that they are applied in.
pub struct Ruled<'r> {
    /// The rules.
    pub rules: &'r mut Rules,
    /// The CopperList.
    pub cycle: u64,
    /// Whether what they let pass is counted.
    pub counts: bool,
}

/// How two calls differ: in their end, or else in the state and the outputs that they leave.
pub fn of_outcomes(
    left: &Outcome,
    right: &Outcome,
    names: &[String],
    ruled: &mut Ruled<'_>,
) -> Vec<Difference> {
    if let Some(ends) = of_ends(&left.end, &right.end) {
        return vec![ends];
    }
    let mut found = Vec::new();
    // A native task without a field `state` keeps none: nothing to compare it with.
    if let (Some(left), Some(right)) = (&left.state, &right.state) {
        found.extend(of_states(left, right, ruled));
    }
    found.extend(of_messages(&left.outputs, &right.outputs, names, ruled));
    found
}

fn of_ends(left: &CallEnd, right: &CallEnd) -> Option<Difference> {
    let place = match (left, right) {
        (_, CallEnd::Panicked(_)) => Place::Panic,
        (CallEnd::Done, CallEnd::Failed(_))
        | (CallEnd::Failed(_) | CallEnd::Panicked(_), CallEnd::Done) => Place::Error,
        (CallEnd::Done, CallEnd::Done)
        | (CallEnd::Failed(_) | CallEnd::Panicked(_), CallEnd::Failed(_)) => return None,
    };
    let words = |end: &CallEnd| {
        Some(Shown::plain(match end {
            CallEnd::Done => "returned".into(),
            CallEnd::Failed(text) => format!("error: {text}"),
            CallEnd::Panicked(text) => format!("panic: {text}"),
        }))
    };
    Some(Difference {
        place,
        output: None,
        path: String::new(),
        pattern: String::new(),
        inner: Inner::Call,
        left: words(left),
        right: words(right),
    })
}

/// How two states differ.
pub fn of_states(left: &Value, right: &Value, ruled: &mut Ruled<'_>) -> Vec<Difference> {
    let mut judge = ruled.rules.judge("state", ruled.cycle, ruled.counts);
    let paths = differences(left, right, &mut judge);
    paths
        .into_iter()
        .map(|path| Difference {
            place: Place::State,
            output: None,
            path: format!("state{path}"),
            pattern: format!("state{}", path.pattern()),
            left: path.of(left).map(shown),
            right: path.of(right).map(shown),
            inner: Inner::State(path),
        })
        .collect()
}

/// How two lists of outputs differ.
pub fn of_messages(
    left: &[Message],
    right: &[Message],
    names: &[String],
    ruled: &mut Ruled<'_>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let pairs = left.iter().zip(right).zip(names).enumerate();
    for (output, ((left, right), name)) in pairs {
        let mut add = |place, below: String, pattern: String, inner: Inner| {
            found.push(Difference {
                place,
                output: Some(output),
                path: format!("{name}{below}"),
                pattern: format!("{name}{pattern}"),
                left: inner.of_message(left),
                right: inner.of_message(right),
                inner,
            });
        };
        match (&left.payload, &right.payload) {
            (None, None) => {}
            (Some(a), Some(b)) => {
                let mut judge = ruled.rules.judge(name, ruled.cycle, ruled.counts);
                for path in differences(a, b, &mut judge) {
                    let (below, pattern) = (path.to_string(), path.pattern());
                    add(Place::Output, below, pattern, Inner::Payload(path));
                }
            }
            (None, Some(_)) | (Some(_), None) => {
                if ruled.rules.differs(name, ruled.cycle, ruled.counts) {
                    add(
                        Place::Presence,
                        String::new(),
                        String::new(),
                        Inner::Presence,
                    );
                }
            }
        }
        let tov = format!("{name}.tov");
        let mut judge = ruled.rules.judge(&tov, ruled.cycle, ruled.counts);
        if !differences(&left.tov, &right.tov, &mut judge).is_empty() {
            add(Place::Tov, ".tov".into(), ".tov".into(), Inner::Tov);
        }
        let below = ".metadata.status_txt";
        if left.status != right.status
            && ruled
                .rules
                .differs(&format!("{name}{below}"), ruled.cycle, ruled.counts)
        {
            add(Place::Status, below.into(), below.into(), Inner::Status);
        }
    }
    found
}

impl Difference {
    /// What stands at this place in another version's outputs and state.
    pub fn elsewhere(&self, outputs: &[Message], state: Option<&Value>) -> Option<Shown> {
        match (&self.inner, self.output) {
            (Inner::State(path), _) => path.of(state?).map(shown),
            (_, Some(output)) => self.inner.of_message(outputs.get(output)?),
            (_, None) => None,
        }
    }
}

impl Difference {
    /// Whether it is of a field, or of the presence of a payload, and not of the call itself.
    pub fn is_of_a_field(&self) -> bool {
        match self.inner {
            Inner::State(_) | Inner::Presence | Inner::Payload(_) | Inner::Tov => true,
            Inner::Call | Inner::Status => false,
        }
    }

    /// Whether it is of the presence of a payload.
    pub fn is_of_presence(&self) -> bool {
        matches!(self.inner, Inner::Presence)
    }

    /// Whether these outputs have the payload that it is about.
    pub fn has_payload(&self, outputs: &[Message]) -> Option<bool> {
        Some(outputs.get(self.output?)?.payload.is_some())
    }

    /// The value of the field in these outputs and this state.
    pub fn value<'v>(&self, outputs: &'v [Message], state: Option<&'v Value>) -> Option<&'v Value> {
        match (&self.inner, self.output) {
            (Inner::State(path), _) => path.of(state?),
            (Inner::Payload(path), Some(output)) => {
                path.of(outputs.get(output)?.payload.as_ref()?)
            }
            (Inner::Tov, Some(output)) => Some(&outputs.get(output)?.tov),
            (Inner::Call | Inner::Presence | Inner::Payload(_) | Inner::Tov | Inner::Status, _) => {
                None
            }
        }
    }
}

impl Inner {
    fn of_message(&self, message: &Message) -> Option<Shown> {
        match self {
            Inner::Call | Inner::State(_) => None,
            Inner::Presence => Some(shown_payload(message)),
            Inner::Payload(path) => message.payload.as_ref().and_then(|p| path.of(p)).map(shown),
            Inner::Tov => Some(shown(&message.tov)),
            Inner::Status => Some(shown(&Value::Str(message.status.clone()))),
        }
    }
}

/// A payload for the reader, or that there is none.
pub fn shown_payload(message: &Message) -> Shown {
    let payload = message.payload.as_ref();
    Shown::plain(payload.map_or_else(|| "no payload".into(), text))
}
