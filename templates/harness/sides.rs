//! The versions of a task: Copper's own `PyTask` and the native task, each with its output
//! slots, and what one call of them did.

use super::bench::Samples;
use super::protocol::{CallEnd, Message, Outcome, Phase};
use super::restore::from_value;
use super::value::{Value, to_value};
use super::watch;
use cu29::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// One version of the task.
pub trait Side<D, O> {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()>;
    fn process(&mut self, ctx: &CuContext, data: &D, output: &mut O) -> CuResult<()>;
    /// `process` on the inputs of a case.
    fn call(&mut self, ctx: &CuContext, inputs: &[Message], output: &mut O) -> CuResult<()>;
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()>;
    /// The state, for the report.
    fn state(&self) -> Option<Value>;
    /// The state itself.
    fn state_any(&self) -> Option<&dyn Any>;
    /// Takes over a state; `false` where it is of another type.
    fn set_state(&mut self, state: &dyn Any) -> bool;
    /// Takes over the state of a case.
    fn restore(&mut self, state: &Value) -> Result<(), String>;
    /// The state as a keyframe holds it.
    fn frame(&self) -> Result<Vec<u8>, String>;
    /// Takes over the state of a keyframe.
    fn thaw(&mut self, frame: &[u8]) -> CuResult<()>;
}

/// The output slots of a task, which Copper reuses from cycle to cycle.
pub trait Slots: Default + Clone {
    /// What `reset_for_runtime_use` and the runtime do before `process`.
    fn begin(&mut self, now: u64);
    /// What the runtime does after an error: the payload goes, the tov stays.
    fn clear(&mut self);
    fn messages(&self) -> Vec<Message>;
    /// Puts back what `messages` has shown.
    fn restore(&mut self, messages: &[Message]) -> CuResult<()>;
}

impl<T: CuMsgPayload> Slots for CuMsg<T> {
    fn begin(&mut self, now: u64) {
        self.metadata = CuMsgMetadata::default();
        self.metadata.process_time.start = CuTime::from_nanos(now).into();
    }
    fn clear(&mut self) {
        self.clear_payload();
    }
    fn messages(&self) -> Vec<Message> {
        vec![message(self)]
    }
    fn restore(&mut self, messages: &[Message]) -> CuResult<()> {
        *self = restored(messages, 0)?;
        Ok(())
    }
}

impl Slots for () {
    fn begin(&mut self, _: u64) {}
    fn clear(&mut self) {}
    fn messages(&self) -> Vec<Message> {
        Vec::new()
    }
    fn restore(&mut self, _: &[Message]) -> CuResult<()> {
        Ok(())
    }
}

macro_rules! slots {
    ($($name:ident),+) => {
        #[allow(non_snake_case)]
        impl<$($name: CuMsgPayload),+> Slots for ($(CuMsg<$name>,)+) {
            fn begin(&mut self, now: u64) {
                let ($($name,)+) = self;
                $($name.begin(now);)+
            }
            fn clear(&mut self) {
                let ($($name,)+) = self;
                $($name.clear_payload();)+
            }
            fn messages(&self) -> Vec<Message> {
                let ($($name,)+) = self;
                vec![$(message($name)),+]
            }
            fn restore(&mut self, messages: &[Message]) -> CuResult<()> {
                let ($($name,)+) = self;
                let mut place = 0..;
                $(*$name = restored(messages, place.next().unwrap_or_default())?;)+
                Ok(())
            }
        }
    };
}
slots!(A, B);
slots!(A, B, C);
slots!(A, B, C, D);
slots!(A, B, C, D, E);
slots!(A, B, C, D, E, F);
slots!(A, B, C, D, E, F, G);
slots!(A, B, C, D, E, F, G, H);
slots!(A, B, C, D, E, F, G, H, I);
slots!(A, B, C, D, E, F, G, H, I, J);
slots!(A, B, C, D, E, F, G, H, I, J, K);
slots!(A, B, C, D, E, F, G, H, I, J, K, L);

pub fn message<T: CuMsgPayload>(msg: &CuMsg<T>) -> Message {
    Message {
        payload: msg.payload().map(to_value),
        tov: to_value(&msg.tov),
        status: msg.metadata.status_txt.0.to_string(),
    }
}

/// The message that `message` has shown.
pub fn restored<T: CuMsgPayload>(messages: &[Message], place: usize) -> CuResult<CuMsg<T>> {
    let fails = |error: String| CuError::from(format!("message {place} of the case: {error}"));
    let shown = messages.get(place);
    let shown = shown.ok_or_else(|| fails("it is missing".into()))?;
    let payload = shown.payload.as_ref().map(from_value::<T>).transpose();
    let mut message = CuMsg::new(payload.map_err(fails)?);
    message.tov = from_value(&shown.tov).map_err(fails)?;
    message.metadata.set_status(&shown.status);
    Ok(message)
}

pub fn started_at<T: CuMsgPayload>(msg: &CuMsg<T>) -> Option<u64> {
    Option::<CuTime>::from(msg.metadata.process_time.start).map(|time| time.as_nanos())
}

/// A task as a keyframe holds it.
pub fn frame(task: &impl Freezable) -> Result<Vec<u8>, String> {
    use cu29::bincode::{config::standard, encode_to_vec};
    let task = cu29::cutask::BincodeAdapter(task);
    encode_to_vec(task, standard()).map_err(|error| error.to_string())
}

/// Puts `value` where it is of the type of `target`.
pub fn assign<S: Clone + 'static>(target: &mut S, value: &dyn Any) -> bool {
    match value.downcast_ref::<S>() {
        Some(value) => {
            target.clone_from(value);
            true
        }
        None => false,
    }
}

/// One version with its slots.
pub struct Version<D, O> {
    pub side: Box<dyn Side<D, O>>,
    pub slots: O,
    pub phase: Phase,
}

impl<D, O: Slots> Version<D, O> {
    pub fn new(side: Box<dyn Side<D, O>>, phase: Phase) -> Self {
        Self {
            side,
            slots: O::default(),
            phase,
        }
    }

    pub fn call(
        &mut self,
        id: u64,
        act: impl FnOnce(&mut dyn Side<D, O>, &mut O) -> CuResult<()>,
    ) -> Outcome {
        let end = self.end_of(id, act);
        Outcome {
            end,
            outputs: self.slots.messages(),
            state: self.side.state(),
        }
    }

    fn end_of(
        &mut self,
        id: u64,
        act: impl FnOnce(&mut dyn Side<D, O>, &mut O) -> CuResult<()>,
    ) -> CallEnd {
        let Self { side, slots, phase } = self;
        watch::enter(*phase, id);
        let result = catch_unwind(AssertUnwindSafe(|| act(side.as_mut(), slots)));
        watch::enter(Phase::Own, id);
        match result {
            Ok(Ok(())) => CallEnd::Done,
            Ok(Err(error)) => {
                slots.clear();
                CallEnd::Failed(words(&error))
            }
            Err(_) => CallEnd::Panicked(take_panic()),
        }
    }

    pub fn process(&mut self, ctx: &CuContext, id: u64, now: u64, data: &D) -> Outcome {
        self.slots.begin(now);
        self.call(id, |side, slots| side.process(ctx, data, slots))
    }

    /// As `process`, measured; what it leaves is not looked at.
    pub fn measured(
        &mut self,
        ctx: &CuContext,
        id: u64,
        now: u64,
        data: &D,
        samples: &mut Samples,
    ) -> CallEnd {
        self.slots.begin(now);
        let end = self.end_of(id, |side, slots| {
            samples.measure(|| side.process(ctx, data, slots))
        });
        samples.ended(&end);
        end
    }
}

/// The error's text without the line about its missing cause.
fn words(error: &CuError) -> String {
    let text = error.to_string();
    let end = text
        .rfind("\n")
        .filter(|at| text[*at..].trim() == "context:None");
    text[..end.unwrap_or(text.len())].trim_end().to_string()
}

static PANIC: Mutex<String> = Mutex::new(String::new());

pub fn take_panic() -> String {
    PANIC
        .lock()
        .map_or_else(|_| String::new(), |mut text| std::mem::take(&mut *text))
}

pub fn keep_panics() {
    std::panic::set_hook(Box::new(|info| {
        let words = info.payload_as_str().unwrap_or("panic");
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        if let Ok(mut text) = PANIC.lock() {
            *text = format!("{words}{place}");
        }
        eprintln!("{info}");
    }));
}
