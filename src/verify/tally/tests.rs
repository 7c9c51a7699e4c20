use super::*;
use crate::verify::protocol::{Graph, GraphTask};
use crate::verify::value::to_value;
use serde::Serialize;

#[derive(Serialize)]
struct Command {
    throttle: f32,
    on: bool,
}

fn message(throttle: Option<f32>) -> Message {
    Message {
        payload: throttle.map(|throttle| to_value(&Command { throttle, on: true })),
        tov: Value::None,
        status: String::new(),
    }
}

fn outcome(end: CallEnd, throttle: Option<f32>, state: u32) -> Outcome {
    Outcome {
        end,
        outputs: vec![message(throttle)],
        state: Some(to_value(&state)),
    }
}

fn done(throttle: f32) -> Outcome {
    outcome(CallEnd::Done, Some(throttle), 0)
}

fn failed() -> Outcome {
    outcome(CallEnd::Failed("ValueError: no".into()), None, 0)
}

fn cycle(id: u64, recorded: Option<f32>, python: Outcome, rust: Outcome) -> Event {
    Event::Cycle(Box::new(Cycle {
        id,
        now: id,
        inputs: vec![message(Some(0.5))],
        recorded: vec![message(recorded)],
        rust: (rust != python).then_some(rust),
        python,
    }))
}

fn tally(events: Vec<Event>) -> Tally {
    let mut tally = Tally::new(Labels {
        task: "pid".into(),
        senders: vec!["sensor".into()],
        inputs: vec!["sensor (Measurement)".into()],
        outputs: vec![("command".into(), "Command".into())],
        holes: vec![],
    });
    for event in events {
        if tally.take(event).is_break() {
            break;
        }
    }
    tally
}

fn stopped() -> Event {
    Event::Stopped {
        python: done(0.0),
        rust: done(0.0),
    }
}

fn reason(tally: &Tally) -> String {
    match tally.verdict() {
        Verdict::Inconclusive(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn equal_needs_a_whole_log_with_cycles_that_do_not_all_fail() {
    let equal = tally(vec![cycle(0, Some(1.0), done(1.0), done(1.0)), stopped()]);
    assert_eq!(equal.verdict(), Verdict::Equal);
    assert_eq!((equal.cycles, equal.range), (1, Some((0, 0))));

    assert!(reason(&tally(vec![stopped()])).contains("no CopperList"));
    let broken = tally(vec![cycle(0, Some(1.0), done(1.0), done(1.0))]);
    assert!(reason(&broken).contains("broke off after CopperList 0"));
    let failing = tally(vec![cycle(0, None, failed(), failed()), stopped()]);
    assert!(reason(&failing).contains("every one of the 1 cycles: ValueError"));
    assert_eq!(failing.errors.recorded, 1);
}

#[test]
fn a_fault_of_the_log_is_no_verdict() {
    for (kind, words) in [
        (FaultKind::Damaged, "damaged after CopperList 0"),
        (FaultKind::Gap, "missing"),
        (FaultKind::Unreadable, "cannot be read"),
    ] {
        let found = tally(vec![
            cycle(0, Some(1.0), done(1.0), done(1.0)),
            Event::Fault {
                kind,
                message: "m".into(),
                id: None,
            },
        ]);
        assert!(reason(&found).contains(words), "{words}");
    }
}

#[test]
fn the_first_divergence_stays_and_later_ones_are_counted() {
    let found = tally(vec![
        cycle(0, Some(1.0), done(1.0), done(1.0)),
        cycle(1, Some(2.0), done(2.0), done(2.5)),
        cycle(2, Some(3.0), done(3.0), done(3.5)),
        stopped(),
    ]);
    assert_eq!(found.verdict(), Verdict::Different);
    let divergence = found.divergence.unwrap();
    assert_eq!(divergence.call, Call::Process(1));
    assert_eq!(divergence.path, "command.throttle");
    assert_eq!(divergence.values.rust.unwrap().text, "2.5");
    assert_eq!(divergence.inputs[0].0, "sensor (Measurement)");
    assert_eq!(divergence.state_before.unwrap().text, "0");
    let python_rust = found.outputs[0].python_rust;
    assert_eq!((python_rust.equal, python_rust.different), (1, 2));
}

#[test]
fn state_presence_and_errors_are_compared() {
    let place = |python: Outcome, rust: Outcome| {
        let found = tally(vec![cycle(0, None, python, rust), stopped()]);
        let divergence = found.divergence.unwrap();
        (divergence.place, divergence.path)
    };
    let one = || outcome(CallEnd::Done, Some(1.0), 1);
    assert_eq!(place(done(1.0), one()), (Place::State, "state".into()));
    let absent = || outcome(CallEnd::Done, None, 0);
    assert_eq!(
        place(done(1.0), absent()),
        (Place::Presence, "command".into())
    );
    assert_eq!(place(failed(), absent()).0, Place::Error);
    assert_eq!(place(absent(), failed()).0, Place::Error);
    let mut worded = done(1.0);
    worded.outputs[0].status = "slow".into();
    let path = "command.metadata.status_txt".to_owned();
    assert_eq!(place(done(1.0), worded), (Place::Status, path));
    let panicked = outcome(CallEnd::Panicked("p".into()), None, 0);
    assert_eq!(place(failed(), panicked).0, Place::Panic);
}

#[test]
fn a_nan_equals_another_nan_and_minus_zero_differs() {
    let nan = f32::from_bits(0xffc0_0001);
    let same = tally(vec![
        cycle(0, Some(nan), done(f32::NAN), done(nan)),
        stopped(),
    ]);
    assert_eq!(same.verdict(), Verdict::Equal);
    let zero = tally(vec![cycle(0, Some(0.0), done(0.0), done(-0.0)), stopped()]);
    assert_eq!(zero.divergence.unwrap().values.rust.unwrap().text, "-0.0");
}

#[test]
fn a_recording_that_differs_is_not_blamed_on_rust() {
    let found = tally(vec![cycle(0, Some(9.0), done(1.0), done(1.0)), stopped()]);
    assert_eq!(found.verdict(), Verdict::Equal);
    assert_eq!(found.recording_divergence.unwrap().place, Place::Output);
}

fn graph() -> Graph {
    let task = |id: &str| GraphTask {
        id: id.into(),
        type_path: "T".into(),
        logging: true,
        background: false,
        script: None,
    };
    Graph {
        task_logging: true,
        tasks: vec![task("sensor"), task("pid"), task("motor")],
        connections: vec![("sensor".into(), "pid".into(), "Measurement".into())],
    }
}

#[test]
fn logs_that_lack_what_a_replay_needs_are_refused() {
    let refused = |change: &dyn Fn(&mut Graph)| {
        let mut recorded = graph();
        change(&mut recorded);
        let info = LogInfo {
            recorded: Some(recorded),
            current: graph(),
            missions: vec!["default".into()],
            clean_close: true,
        };
        let found = tally(vec![Event::Log(info)]);
        match found.refusal {
            Some(_) => reason(&found),
            None => String::new(),
        }
    };
    assert_eq!(refused(&|_| {}), "");
    assert!(refused(&|g| g.task_logging = false).contains("enable_task_logging"));
    assert!(refused(&|g| g.tasks[0].logging = false).contains("`sensor` was not logged"));
    assert!(refused(&|g| g.tasks[1].logging = false).contains("`pid` was not logged"));
    assert_eq!(refused(&|g| g.tasks[2].logging = false), "");
    assert!(refused(&|g| g.tasks[1].background = true).contains("background"));
    assert!(refused(&|g| g.tasks[0].id = "imu".into()).contains("its tasks are imu"));
    let other = |g: &mut Graph| g.connections[0].2 = "Speed".into();
    assert!(refused(&other).contains("only the log connects sensor to pid with Speed"));
}
