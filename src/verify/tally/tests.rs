use super::*;
use crate::verify::protocol::{BranchCoverage, Cycle, Graph, GraphTask};
use crate::verify::rules::{Rule, RulePlace, Tolerance};
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
        at: id,
        now: id,
        inputs: vec![message(Some(0.5))],
        recorded: vec![message(recorded)],
        expected: None,
        keyframe: None,
        rust: (rust != python).then_some(rust),
        lockstep: None,
        python: Some(python),
    }))
}

fn tally(events: Vec<Event>) -> Tally {
    ruled(Rules::default(), events)
}

fn ruled(rules: Rules, events: Vec<Event>) -> Tally {
    let events = events.into_iter().map(|event| (event, None)).collect();
    twins(Against::Python, rules, events)
}

fn twins(against: Against, rules: Rules, events: Vec<(Event, Option<Event>)>) -> Tally {
    let labels = Labels {
        task: "pid".into(),
        senders: vec!["sensor".into()],
        inputs: vec!["sensor (Measurement)".into()],
        outputs: vec![("command".into(), "Command".into())],
        holes: vec![],
    };
    let mut tally = Tally::new(labels, against, rules);
    for (event, twin) in events {
        if tally.take(event, twin).is_break() {
            break;
        }
    }
    tally
}

fn stopped() -> Event {
    Event::Stopped {
        python: Some(done(0.0)),
        rust: Some(done(0.0)),
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
            ..LogInfo::default()
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
    let nothing = tally(vec![Event::Log(LogInfo {
        no_configuration: Some("there is none".into()),
        ..LogInfo::default()
    })]);
    assert!(reason(&nothing).contains("nothing shows that all of it was logged"));
    let other = |g: &mut Graph| g.connections[0].2 = "Speed".into();
    assert!(refused(&other).contains("only the log connects sensor to pid with Speed"));
}

#[test]
fn what_two_runs_of_the_python_do_not_agree_on_is_not_blamed_on_rust() {
    let of = |id, python: f32, again: f32, rust: f32| {
        let twin = cycle(id, None, done(again), done(again));
        (
            cycle(id, Some(python), done(python), done(rust)),
            Some(twin),
        )
    };
    let end = || (stopped(), Some(stopped()));
    let found = |cycles: Vec<_>| {
        let events = cycles.into_iter().chain([end()]).collect();
        twins(Against::Python, Rules::default(), events)
    };
    let noise = found(vec![of(0, 1.0, 2.0, 3.0), of(1, 1.0, 1.0, 4.0)]);
    assert!(reason(&noise).contains("not deterministic: `command.throttle`"));
    assert_eq!(noise.nondeterministic.values().next().unwrap().cycles, 1);
    // It differed from Python before Python differed from itself.
    let bug = found(vec![of(0, 1.0, 1.0, 3.0), of(1, 1.0, 2.0, 1.0)]);
    assert_eq!(bug.verdict(), Verdict::Different);
    // Equal by chance is not equal.
    let chance = found(vec![of(0, 1.0, 2.0, 1.0)]);
    assert!(reason(&chance).contains("not deterministic"));
    assert_eq!(found(vec![of(0, 1.0, 1.0, 1.0)]).verdict(), Verdict::Equal);
}

#[test]
fn a_rule_lets_pass_what_it_says_and_is_counted() {
    let rules = || {
        Rules::new(vec![Rule {
            place: RulePlace::Field("command.throttle".into()),
            tolerance: Tolerance::Within { abs: 0.1, rel: 0.0 },
        }])
    };
    let with = |rust: f32| {
        ruled(
            rules(),
            vec![cycle(0, Some(1.0), done(1.0), done(rust)), stopped()],
        )
    };
    let near = with(1.05);
    assert_eq!(near.verdict(), Verdict::Equal);
    assert_eq!(near.rules.used()[0].accepted, 1);
    assert_eq!(with(1.2).verdict(), Verdict::Different);
}

#[test]
fn against_the_recording_only_rust_counts() {
    let of = |recorded: f32, rust: f32| {
        let mut event = cycle(0, Some(recorded), done(0.0), done(rust));
        if let Event::Cycle(cycle) = &mut event {
            cycle.python = None;
            cycle.rust = Some(done(rust));
        }
        let end = Event::Stopped {
            python: None,
            rust: Some(done(rust)),
        };
        let events = vec![(event, None), (end, None)];
        twins(Against::Recorded, Rules::default(), events)
    };
    assert_eq!(of(1.0, 1.0).verdict(), Verdict::Equal);
    let mut different = of(1.0, 2.0);
    different.reads_clock = true;
    assert!(reason(&different).contains("reads the clock"));
    different.reads_clock = false;
    assert_eq!(different.verdict(), Verdict::Different);
    let values = different.divergence.unwrap().values;
    assert_eq!(
        (values.recorded.unwrap().text, values.python),
        ("1.0".into(), None)
    );
}

#[test]
fn a_difference_from_pythons_state_alone_is_a_difference() {
    let mut event = cycle(0, Some(1.0), done(1.0), done(1.0));
    if let Event::Cycle(cycle) = &mut event {
        cycle.lockstep = Some(done(2.0));
    }
    let start = Event::Started {
        python: Some(done(0.0)),
        rust: Some(done(0.0)),
        lockstep: true,
    };
    let found = tally(vec![
        start,
        event,
        cycle(1, Some(1.0), done(1.0), done(1.0)),
        stopped(),
    ]);
    assert_eq!(found.verdict(), Verdict::Different);
    assert!(found.divergence.as_ref().unwrap().lockstep_only);
    let lockstep = found.lockstep.unwrap();
    assert_eq!((lockstep.equal, lockstep.different), (1, 1));
}

#[test]
fn a_keyframe_is_compared_with_both_states_before_its_cycle() {
    let mut second = cycle(1, Some(1.0), done(1.0), done(1.0));
    if let Event::Cycle(cycle) = &mut second {
        cycle.keyframe = Some(to_value(&7_u32));
    }
    let found = tally(vec![
        cycle(0, Some(1.0), done(1.0), done(1.0)),
        second,
        stopped(),
    ]);
    assert_eq!(found.keyframes.recorded_python.different, 1);
    assert_eq!(found.keyframes.recorded_rust.different, 1);
    assert_eq!(found.recording_divergence.unwrap().path, "state");
    assert_eq!(found.divergence.map(|d| d.path), None);
}

#[test]
fn a_native_task_that_does_not_come_back_is_different() {
    let whole = || vec![cycle(0, Some(1.0), done(1.0), done(1.0))];
    let mut hangs = tally(whole());
    let fault = |kind| Event::Fault {
        kind,
        message: "2.0 s".into(),
        id: Some(1),
    };
    let _ = hangs.take(fault(FaultKind::RustHangs), None);
    assert_eq!(hangs.verdict(), Verdict::Different);
    assert_eq!(hangs.divergence.unwrap().call, Call::Process(1));
    let mut slow = tally(whole());
    let _ = slow.take(fault(FaultKind::PythonHangs), None);
    assert!(reason(&slow).contains("the Python did not return within 2.0 s in CopperList 1"));
    for (phase, verdict) in [
        (Phase::Rust, true),
        (Phase::Python, false),
        (Phase::Own, false),
    ] {
        let mut dead = tally(whole());
        dead.died(phase, 1, "segmentation fault".into());
        assert_eq!(dead.verdict() == Verdict::Different, verdict);
        assert_ne!(dead.verdict(), Verdict::Equal);
    }
}

#[test]
fn a_coverage_below_what_is_wanted_is_not_equal() {
    let mut found = tally(vec![cycle(0, Some(1.0), done(1.0), done(1.0)), stopped()]);
    found.min_coverage = Some(80.0);
    assert!(reason(&found).contains("none was measured"));
    let branch = |missed: &[&str]| BranchCoverage {
        line: 1,
        text: String::new(),
        outcomes: vec!["false".into(), "true".into()],
        missed: missed.iter().map(ToString::to_string).collect(),
    };
    let with = |missed: &[&str]| {
        vec![FileCoverage {
            path: "a.py".into(),
            lines: vec![1],
            missed: vec![],
            branches: vec![branch(&[]), branch(missed)],
        }]
    };
    found.coverage = Some(with(&["true"]));
    assert!(reason(&found).contains("3 of 4 branches"));
    found.coverage = Some(with(&[]));
    assert_eq!(found.verdict(), Verdict::Equal);
}

#[test]
fn a_case_expects_the_state_and_the_end_of_the_call_too() {
    let call = |expected: Outcome| {
        let Event::Cycle(mut call) = cycle(7, Some(1.0), done(1.0), done(1.0)) else {
            panic!("no cycle")
        };
        call.expected = Some(expected);
        let mut of_case = tally(vec![]);
        of_case.is_case = true;
        of_case.min_coverage = Some(100.0);
        of_case.against = Against::Recorded;
        of_case.ended = true;
        let _ = of_case.take(Event::Cycle(call), None);
        let divergence = of_case.divergence.as_ref();
        let divergence = divergence.map(|d| (d.place, d.path.clone()));
        (divergence, of_case.verdict())
    };
    assert_eq!(call(done(1.0)), (None, Verdict::Equal));
    let other_state = outcome(CallEnd::Done, Some(1.0), 3);
    let state = (Place::State, "state".to_owned());
    assert_eq!(call(other_state), (Some(state), Verdict::Different));
    let error = (Place::Error, String::new());
    assert_eq!(call(failed()), (Some(error), Verdict::Different));
}
