//! Cases as Rust tests: no log, no Python, no JSON.
//!
//! Enters: the cases of a task. Leaves: a module with a `#[test]` for each, which stands
//! beside the native task. What is compared is what `Debug` shows: floats by their bits but
//! for NaNs, as in a verdict. This module must not write files.

use super::inspect;
use super::literal::Literals;
use super::plan::Plan;
use super::protocol::{CallEnd, Case, CaseCall, Message};
use super::value::Value;
use crate::emit::format_rust;
use crate::error::Error;
use crate::project::{Binding, Project, RustTy};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many calls a test may make.
const MOST_CALLS: usize = 200;

/// The module's text, or why no case can be written in Rust.
///
/// # Errors
/// rustfmt is missing.
pub fn write(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    cases: &[(String, Case)],
) -> Result<Result<String, String>, Error> {
    let native = &plan.native.type_name;
    let frozen = inspect::frozen(&plan.generated, &plan.generated_text, native);
    let keeps_only_state = plan.native.state.is_some() && plan.native.others.is_empty();
    let places = match &frozen {
        Some(places) => places.as_slice(),
        None if keeps_only_state => {
            return Ok(Err("its `freeze` does more than encode its fields".into()));
        }
        None => &[],
    };
    let mut literals = Literals::new(&project.types, &binding.module);
    let (mut body, mut written) = (String::new(), 0);
    let mut reason = String::new();
    for (name, case) in cases {
        let mut test = Test {
            binding,
            plan,
            literals,
        };
        let text = test.case(name, case);
        literals = test.literals;
        match text {
            Ok(text) => {
                written += 1;
                let _ = write!(body, "\n{text}");
            }
            Err(why) => {
                let _ = writeln!(body, "\n// {name} is not written in Rust: {why}.");
                reason = why;
            }
        }
    }
    if written == 0 {
        return Ok(Err(reason));
    }
    let text = module(plan, places, &literals.uses, &body);
    let beside = plan.generated.parent().unwrap_or(&plan.generated);
    Ok(Ok(format_rust(&text, beside)?))
}

fn module(plan: &Plan, places: &[String], uses: &BTreeMap<String, String>, body: &str) -> String {
    let mut text = format!(
        "//! What the Python of `{}` did, taken from recorded logs.\n//!\n//! Written by `migrate \
         verify --emit-test` from the files in\n//! `cases/`, which `migrate verify \
         --cases` replays; the next one replaces it.\n\n",
        plan.task
    );
    let _ = writeln!(
        text,
        "use super::{}::{};",
        plan.module, plan.native.type_name
    );
    let mut rest = body.to_owned();
    helpers(plan, places, &mut rest);
    let bincode = [
        ("Decode", "T: Decode<"),
        ("decode_from_slice", "decode_from_slice("),
        ("encode_to_vec", "encode_to_vec("),
    ];
    let bincode = bincode.iter().filter(|(_, used)| rest.contains(used));
    let bincode: Vec<&str> = bincode.map(|(name, _)| *name).collect();
    if !bincode.is_empty() {
        let _ = writeln!(text, "use cu29::bincode::config::standard;");
        let _ = writeln!(text, "use cu29::bincode::{{{}}};", bincode.join(", "));
    }
    for (path, used) in [
        (
            "cu29::curuntime::thaw_keyframe_component",
            "thaw_keyframe_component(",
        ),
        ("cu29::cutask::BincodeAdapter", "BincodeAdapter("),
    ] {
        if rest.contains(used) {
            let _ = writeln!(text, "use {path};");
        }
    }
    text.push_str("use cu29::prelude::*;\n");
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in uses.values() {
        if let Some((module, name)) = path.rsplit_once("::") {
            modules.entry(module).or_default().push(name);
        }
    }
    for (module, names) in modules {
        let _ = writeln!(text, "use {module}::{{{}}};", names.join(", "));
    }
    text.push_str(&rest);
    text
}

/// The functions that the tests share, those that are used.
fn helpers(plan: &Plan, places: &[String], text: &mut String) {
    let ids: Vec<String> = plan.ids.iter().map(|id| format!("{id:?}")).collect();
    let (ids, index) = (ids.join(", "), plan.index);
    let native = &plan.native.type_name;
    let state = plan.native.state.as_deref().unwrap_or("()");
    let state = state.rsplit("::").next().unwrap_or(state);
    let all = [
        (
            "context(",
            format!(
                "/// What the runtime tells the task in CopperList `id`, at `now` ns.\nfn \
                 context(id: u64, now: u64) -> CuContext {{\n    let (clock, mock) = \
                 RobotClock::mock();\n    mock.set_value(now);\n    let mut ctx = \
                 CuContext::builder(clock).cl_id(id).task_ids(&[{ids}]).build();\n    \
                 ctx.set_current_task({index});\n    ctx\n}}\n"
            ),
        ),
        (
            "message(",
            "fn message<T: CuMsgPayload>(payload: Option<T>, tov: Tov) -> CuMsg<T> {\n    let mut \
             message = CuMsg::new(payload);\n    message.tov = tov;\n    message\n}\n"
                .into(),
        ),
        ("with_state(", with_state(native, state, places)),
        ("state(&task)", state_of(native, state, places)),
        ("next(", NEXT.to_owned()),
        (
            "assert_same(",
            "#[track_caller]\nfn assert_same<T: std::fmt::Debug>(rust: T, python: T) {\n    \
             assert_eq!(format!(\"{rust:#?}\"), format!(\"{python:#?}\"));\n}\n"
                .into(),
        ),
    ];
    for (used, function) in all {
        if text.contains(used) {
            let _ = write!(text, "\n{function}");
        }
    }
}

/// The rest of a keyframe, read place by place.
const NEXT: &str = "fn next<T: Decode<()>>(frame: &[u8]) -> (T, &[u8]) {\n    let (value, used) = \
                    decode_from_slice(frame, standard()).expect(\"a state\");\n    (value, \
                    &frame[used..])\n}\n";

fn with_state(native: &str, state: &str, places: &[String]) -> String {
    let frame = match places {
        [whole] if whole == "state" => {
            "let frame = encode_to_vec(state, standard()).expect(\"a keyframe\");\n".to_owned()
        }
        places => {
            let fields = places
                .iter()
                .map(|p| format!("encode_to_vec(&{p}, standard()),\n"));
            let fields: String = fields.collect();
            format!(
                "let frame = [\n{fields}].into_iter().flat_map(|field| field.expect(\"a \
                 keyframe\")).collect::<Vec<u8>>();\n"
            )
        }
    };
    format!(
        "/// The task as a keyframe with `state` brings it back.\nfn with_state(state: &{state}) -> \
         {native} {{\n    let mut task = {native}::new(None, ()).expect(\"a task\");\n    \
         {frame}thaw_keyframe_component(&mut task, &frame).expect(\"its state\");\n    \
         task\n}}\n"
    )
}

fn state_of(native: &str, state: &str, places: &[String]) -> String {
    let read = match places {
        [whole] if whole == "state" => {
            "decode_from_slice(&frame, standard()).expect(\"a state\").0\n".to_owned()
        }
        places => {
            let fields = places
                .iter()
                .map(|p| format!("({p}, rest) = next(rest);\n"));
            let fields: String = fields.collect();
            format!(
                "let mut state = {state}::default();\nlet mut rest = \
                 frame.as_slice();\n{fields}assert!(rest.is_empty());\nstate\n"
            )
        }
    };
    format!(
        "/// The state that a keyframe of the task would hold.\nfn state(task: &{native}) -> {state} \
         {{\n    let frame = encode_to_vec(BincodeAdapter(task), standard()).expect(\"a \
         keyframe\");\n    {read}}}\n"
    )
}

struct Test<'a> {
    binding: &'a Binding,
    plan: &'a Plan,
    literals: Literals<'a>,
}

impl Test<'_> {
    fn case(&mut self, name: &str, case: &Case) -> Result<String, String> {
        if case.calls.len() > MOST_CALLS {
            return Err(format!("it has {} calls", case.calls.len()));
        }
        let keeps_more = !self.plan.native.others.is_empty();
        let has_state = self.plan.native.state.is_some();
        if has_state && !keeps_more {
            // The helpers name its type.
            if let RustTy::Named(key) = &self.binding.state {
                self.literals.type_name(key);
            }
        }
        let native = &self.plan.native.type_name;
        let mutable = if self.plan.native.stateless {
            ""
        } else {
            "mut "
        };
        let mut text = format!(
            "/// {}; the script had the hash {}.\n#[test]\nfn {name}() {{\n",
            case.origin, case.script_hash
        );
        let state = case
            .before
            .as_ref()
            .and_then(|before| before.state.as_ref());
        match (&case.before, state) {
            (None, _) => {
                let now = case
                    .calls
                    .first()
                    .map_or((0, 0), |call| (call.id, call.now));
                let _ = write!(
                    text,
                    "let {mutable}task = {native}::new(None, ()).expect(\"a task\");\n\
                     task.start(&context({}, {})).expect(\"it starts\");\n",
                    now.0, now.1
                );
            }
            (Some(_), Some(state)) if has_state => {
                let state = self.literals.write(state, &self.binding.state)?;
                let _ = writeln!(text, "let {mutable}task = with_state(&{state});");
            }
            (Some(_), _) => {
                let _ = writeln!(
                    text,
                    "let {mutable}task = {native}::new(None, ()).expect(\"a task\");"
                );
            }
        }
        if let (None, Some(started)) = (case.calls.first(), &case.started) {
            self.check_state(started.state.as_ref(), keeps_more, &mut text)?;
        }
        let slots = case.before.as_ref().map(|before| before.outputs.clone());
        if !case.calls.is_empty() {
            let types = self.binding.outputs.clone();
            let empty = Message {
                payload: None,
                tov: Value::Variant("None".into(), Box::new(Value::Unit)),
                status: String::new(),
            };
            let slots = slots.unwrap_or_else(|| vec![empty; types.len()]);
            let outputs = self.messages(&slots, &types)?;
            let _ = writeln!(text, "let mut output = {};", tuple(&outputs, "()"));
        }
        for (place, call) in case.calls.iter().enumerate() {
            self.call(call, place + 1 == case.calls.len(), keeps_more, &mut text)?;
        }
        text.push_str("}\n");
        Ok(text)
    }

    fn call(
        &mut self,
        call: &CaseCall,
        is_last: bool,
        keeps_more: bool,
        text: &mut String,
    ) -> Result<(), String> {
        let types = self.binding.inputs.clone();
        let inputs = self.messages(&call.inputs, &types)?;
        let places = match inputs.len() {
            0 => "&()".to_owned(),
            1 => "&input".to_owned(),
            n => {
                let places: Vec<String> = (0..n).map(|i| format!("&input.{i}")).collect();
                format!("&({})", places.join(", "))
            }
        };
        if !inputs.is_empty() {
            let _ = writeln!(text, "let input = {};", tuple(&inputs, "()"));
        }
        let _ = writeln!(
            text,
            "let result = task.process(&context({}, {}), {places}, &mut output);",
            call.id, call.now
        );
        let outputs: Vec<(usize, String)> = match call.expected.outputs.len() {
            1 => vec![(0, "output".into())],
            n => (0..n).map(|i| (i, format!("output.{i}"))).collect(),
        };
        match &call.expected.end {
            CallEnd::Done => text.push_str("assert!(result.is_ok(), \"{result:?}\");\n"),
            CallEnd::Failed(words) | CallEnd::Panicked(words) => {
                let words = words.lines().last().unwrap_or_default();
                let _ = writeln!(text, "// Python: {words}\nassert!(result.is_err());");
                // What the runtime does then.
                for (_, output) in &outputs {
                    let _ = writeln!(text, "{output}.clear_payload();");
                }
            }
        }
        if !is_last {
            return Ok(());
        }
        self.check_state(call.expected.state.as_ref(), keeps_more, text)?;
        let types = self.binding.outputs.clone();
        let pairs = call.expected.outputs.iter().zip(&types);
        for ((message, ty), (_, output)) in pairs.zip(&outputs) {
            let payload = match &message.payload {
                Some(payload) => format!("Some(&{})", self.literals.write(payload, ty)?),
                None => "None".into(),
            };
            let _ = write!(
                text,
                "assert_same({output}.payload(), {payload});\nassert_same({output}.tov, \
                 {});\nassert_eq!({output}.metadata.status_txt.0, {:?});\n",
                tov(&message.tov)?,
                message.status
            );
        }
        Ok(())
    }

    /// A keyframe holds the state alone where the task keeps nothing else.
    fn check_state(
        &mut self,
        state: Option<&Value>,
        keeps_more: bool,
        text: &mut String,
    ) -> Result<(), String> {
        let (Some(state), true, false) = (state, self.plan.native.state.is_some(), keeps_more)
        else {
            return Ok(());
        };
        let state = self.literals.write(state, &self.binding.state)?;
        let _ = writeln!(text, "assert_same(state(&task), {state});");
        Ok(())
    }

    fn messages(&mut self, messages: &[Message], types: &[RustTy]) -> Result<Vec<String>, String> {
        let pairs = messages.iter().zip(types);
        pairs
            .map(|(message, ty)| {
                let payload = match &message.payload {
                    Some(payload) => format!("Some({})", self.literals.write(payload, ty)?),
                    None => format!("None::<{}>", self.spelled(ty)),
                };
                Ok(format!("message({payload}, {})", tov(&message.tov)?))
            })
            .collect()
    }

    fn spelled(&mut self, ty: &RustTy) -> String {
        match ty {
            RustTy::Named(key) => self.literals.type_name(key),
            other => self.literals.spell(other),
        }
    }
}

fn tuple(items: &[String], none: &str) -> String {
    match items {
        [] => none.to_owned(),
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

fn tov(value: &Value) -> Result<String, String> {
    let unknown = || "its time of validity is of a form that is not known".to_owned();
    let Value::Variant(name, data) = value else {
        return Err(unknown());
    };
    let time = |value: &Value| match value {
        Value::Int(ns) => Ok(format!("CuTime::from_nanos({ns})")),
        _ => Err(unknown()),
    };
    match (name.as_str(), data.as_ref()) {
        ("None", _) => Ok("Tov::None".into()),
        ("Time", at) => Ok(format!("Tov::Time({})", time(at)?)),
        ("Range", Value::Record(_, fields)) => match fields.as_slice() {
            [(_, start), (_, end)] => Ok(format!(
                "Tov::Range(CuTimeRange {{ start: {}, end: {} }})",
                time(start)?,
                time(end)?
            )),
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}
