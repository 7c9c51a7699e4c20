use super::*;
use crate::verify::{
    Against, Call, Count, Coverage, Divergence, Errors, FieldCount, Keyframes, Lines, LogFacts,
    NeverTaken, Nondeterministic, OutputCount, Place, PythonUsed, RuleUse, Series, Shown, Source,
    Spent, Three, Verdict,
};

fn shown(text: &str) -> Shown {
    Shown {
        text: text.into(),
        bits: Some("0x3f800000".into()),
    }
}

fn divergence() -> Divergence {
    Divergence {
        call: Call::Process(7),
        place: Place::Output,
        path: "command.gains[2]".into(),
        values: Three {
            recorded: None,
            python: Some(shown("1.0")),
            rust: Some(shown("<2.0> & \"3\"\n::x")),
        },
        lockstep_only: false,
        inputs: vec![(
            "sensor (Measurement)".into(),
            Shown::plain("{ a: 1 }".into()),
        )],
        state_before: Some(Shown::plain("{ b: 2 }".into())),
    }
}

fn verification(verdict: Verdict) -> Verification {
    let different = verdict == Verdict::Different;
    Verification {
        task: "pid".into(),
        script: "python/pid.py".into(),
        script_hash: "0123456789ab".into(),
        generated: "src/tasks/pid.rs".into(),
        lines: Lines {
            python: Some(48),
            rust: Some(71),
        },
        log: "logs/run.copper".into(),
        against: Against::Python,
        verdict,
        cycles: 400,
        range: Some((0, 399)),
        log_facts: LogFacts {
            mission: Some("default".into()),
            resumed: vec![200],
            ..LogFacts::default()
        },
        errors: Errors::default(),
        outputs: vec![OutputCount {
            name: "command".into(),
            message: "Command".into(),
            payloads: Three::default(),
            recorded_python: Count::default(),
            python_rust: Count::default(),
            recorded_rust: Count::default(),
        }],
        state: Some(Count::default()),
        lockstep: None,
        keyframes: Keyframes::default(),
        fields: vec![FieldCount {
            path: "command.gains[*]".into(),
            place: Place::Output,
            recorded_python: 0,
            python_rust: 12,
            recorded_rust: 12,
            first: different.then(divergence),
        }],
        nondeterministic: vec![Nondeterministic {
            path: "state.noise".into(),
            cycles: 3,
            first: Call::Start,
            values: (Some(shown("1.0")), None),
        }],
        sources: vec![Source {
            line: 3,
            kind: "random".into(),
            what: "random.random".into(),
        }],
        rules: vec![RuleUse {
            place: "command.throttle".into(),
            rule: "ulps = 2".into(),
            accepted: 1,
            cycles: 1,
        }],
        coverage: Some(Coverage {
            branches: (31, 34),
            lines: (70, 80),
            never: vec![NeverTaken {
                file: "python/pid.py".into(),
                line: 48,
                text: "a < b".into(),
                outcome: "true".into(),
            }],
            missed_lines: vec![("python/pid.py".into(), vec![49])],
            executed_lines: vec![("python/pid.py".into(), vec![47, 48])],
        }),
        divergence: different.then(divergence),
        series: vec![Series {
            path: "command.gains[2]".into(),
            first: 7,
            labels: vec!["Idle".into()],
            cycles: vec![6, 7],
            recorded: vec![None, None],
            python: vec![Some(0.5), Some(1.0)],
            rust: vec![Some(0.5), Some(2.0)],
        }],
        recording_divergence: None,
        notes: vec!["a | note".into()],
        python: Some(PythonUsed {
            mode: "embedded".into(),
            executable: "/usr/bin/python3".into(),
            version: "3.11.7".into(),
        }),
        spent: Spent::default(),
    }
}

fn all() -> (Vec<Verification>, Vec<Fault>) {
    let verdicts = [
        Verdict::Equal,
        Verdict::Different,
        Verdict::Inconclusive("no CopperList".into()),
    ];
    let fault = Fault {
        task: "motor".into(),
        log: "logs/b.copper".into(),
        message: "cargo is missing\n  help: install it".into(),
        exit_code: 2,
    };
    (verdicts.map(verification).into(), vec![fault])
}

fn rendered(render: fn(&Report<'_>) -> String) -> String {
    let (verifications, faults) = all();
    render(&Report {
        verifications: &verifications,
        faults: &faults,
    })
}

/// Checks a value against as much of JSON Schema as ours uses.
fn check(
    schema: &serde_json::Value,
    value: &serde_json::Value,
    at: &str,
    root: &serde_json::Value,
) {
    use serde_json::Value;
    if let Some(Value::String(to)) = schema.get("$ref") {
        let name = to.rsplit('/').next().unwrap();
        return check(&root["$defs"][name], value, at, root);
    }
    if let Some(Value::Array(any)) = schema.get("anyOf") {
        if value.is_null() {
            assert!(any.iter().any(|s| s["type"] == "null"), "{at} is null");
            return;
        }
        return check(&any[0], value, at, root);
    }
    if let Some(Value::Array(one)) = schema.get("enum") {
        assert!(one.contains(value), "{at}: {value}");
    }
    match (schema["type"].as_str(), value) {
        (Some("object"), Value::Object(fields)) => {
            let known = schema["properties"].as_object().unwrap();
            for (key, value) in fields {
                let inner = known
                    .get(key)
                    .unwrap_or_else(|| panic!("{at}.{key} is not there"));
                check(inner, value, &format!("{at}.{key}"), root);
            }
            for key in schema["required"].as_array().unwrap() {
                assert!(
                    fields.contains_key(key.as_str().unwrap()),
                    "{at} lacks {key}"
                );
            }
        }
        (Some("array"), Value::Array(items)) => {
            let prefix = schema.get("prefixItems").and_then(Value::as_array);
            for (i, item) in items.iter().enumerate() {
                let inner = prefix.map_or(&schema["items"], |prefix| &prefix[i]);
                check(inner, item, &format!("{at}[{i}]"), root);
            }
        }
        (Some("string"), Value::String(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("number"), Value::Number(_))
        | (None, _) => {}
        (Some("integer"), Value::Number(n)) => assert!(n.is_u64(), "{at}"),
        (kind, value) => panic!("{at} is no {kind:?}: {value}"),
    }
}

#[test]
fn the_json_fits_its_schema_and_can_be_read_back() {
    let schema = include_str!("../../docs/verify.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let text = rendered(json::render);
    check(&schema, &serde_json::from_str(&text).unwrap(), "$", &schema);
    let back = json::read(&text).unwrap();
    let report = Report {
        verifications: &back.tasks,
        faults: &back.faults,
    };
    assert_eq!(json::render(&report), text);
    assert!(json::read("{}").is_err());
    let other = text.replacen("\"schema\": 1", "\"schema\": 9", 1);
    assert!(json::read(&other).unwrap_err().contains("schema 9"));
}

#[test]
fn a_divergence_counts_more_than_a_fault_and_that_more_than_no_verdict() {
    let (v, faults) = all();
    let code = |verifications: &[Verification], faults: &[Fault]| {
        Report {
            verifications,
            faults,
        }
        .exit_code()
    };
    assert_eq!(code(&v, &faults), 1);
    assert_eq!(code(&v[2..], &faults), 2);
    assert_eq!(code(&[v[0].clone(), v[2].clone()], &[]), 3);
    assert_eq!(code(&v[..1], &[]), 0);
    assert_eq!(code(&[], &[]), 3);
}

#[test]
fn junit_counts_failures_and_errors_and_escapes() {
    let xml = rendered(junit::render);
    assert!(
        xml.contains("tests=\"4\" failures=\"1\" errors=\"2\""),
        "{xml}"
    );
    assert!(
        xml.contains("Rust: &lt;2.0&gt; &amp; &quot;3&quot;\n::x"),
        "{xml}"
    );
    assert_eq!(xml.matches("<testcase").count(), 4);
    assert!(!xml.contains('\u{1b}'));
}

#[test]
fn github_gets_a_command_for_the_rust_and_one_for_the_python() {
    let text = rendered(github::render);
    let errors: Vec<&str> = text.lines().filter(|l| l.starts_with("::error")).collect();
    assert_eq!(errors.len(), 3, "{text}");
    assert!(errors[0].starts_with(
        "::error file=src/tasks/pid.rs,line=71,title=pid%3A different::`pid` diverges at"
    ));
    assert!(errors[1].starts_with("::error file=python/pid.py,line=48,"));
    assert!(errors[0].contains("%0ARust: <2.0>"), "{}", errors[0]);
    assert_eq!(
        text.lines().filter(|l| l.starts_with("::notice")).count(),
        1
    );
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
}

#[test]
fn sarif_points_to_both_files() {
    let text = rendered(sarif::render);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &json["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/tasks/pid.rs");
    assert_eq!(place["region"]["startLine"], 71);
    let related = &results[0]["relatedLocations"][0]["physicalLocation"];
    assert_eq!(related["region"]["startLine"], 48);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    }
}

#[test]
fn markdown_says_the_verdict_first_and_folds_the_frames() {
    let text = rendered(markdown::render);
    let row = "| `pid` | logs/run.copper | ❌ different | 400 | 31 of 34 branches |";
    assert!(text.lines().nth(3).unwrap() == row, "{text}");
    assert_eq!(text.matches("<details>").count(), 1);
    assert_eq!(text.matches("```").count() % 2, 0);
    assert!(
        text.contains("12 cycles (3.0 %), first at CopperList 7"),
        "{text}"
    );
}

/// nextest's reader.
#[test]
fn another_reader_understands_the_junit() {
    use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
    let report = Report::deserialize_from_str(&rendered(junit::render)).unwrap();
    let suite = &report.test_suites[0];
    assert_eq!((suite.tests, suite.failures, suite.errors), (4, 1, 2));
    let kinds: Vec<Option<NonSuccessKind>> = suite
        .test_cases
        .iter()
        .map(|case| match &case.status {
            TestCaseStatus::NonSuccess { kind, .. } => Some(*kind),
            TestCaseStatus::Success { .. } | TestCaseStatus::Skipped { .. } => None,
        })
        .collect();
    let (failure, error) = (NonSuccessKind::Failure, NonSuccessKind::Error);
    assert_eq!(kinds, [None, Some(failure), Some(error), Some(error)]);
    let TestCaseStatus::NonSuccess { description, .. } = &suite.test_cases[1].status else {
        panic!("{:?}", suite.test_cases[1])
    };
    let text = description.as_ref().unwrap().as_str();
    assert!(text.contains("Rust: <2.0> & \"3\"\n::x"), "{text}");
}

/// Types that were made of the official schema.
#[test]
fn another_reader_understands_the_sarif() {
    use serde_sarif::sarif::{ResultLevel, Sarif};
    let read: Sarif = serde_json::from_str(&rendered(sarif::render)).unwrap();
    let results = read.runs[0].results.as_ref().unwrap();
    let levels: Vec<Option<ResultLevel>> = results.iter().map(|r| r.level).collect();
    let (error, warning) = (Some(ResultLevel::Error), Some(ResultLevel::Warning));
    assert_eq!(levels, [error, warning, error]);
    let place = results[0].locations.as_ref().unwrap()[0]
        .physical_location
        .as_ref()
        .unwrap();
    assert_eq!(place.region.as_ref().unwrap().start_line, Some(71));
    let written: serde_json::Value = serde_json::from_str(&rendered(sarif::render)).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}

/// A command, its properties, its message.
type WorkflowCommand<'a> = (&'a str, Vec<(&'a str, String)>, String);

/// A workflow command, as the runner of GitHub Actions takes it apart.
fn command(line: &str) -> Option<WorkflowCommand<'_>> {
    let (info, data) = line.strip_prefix("::")?.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let plain = |text: &str, codes: &[(&str, &str)]| {
        let replaced = |text: String, (code, c): &(&str, &str)| text.replace(code, c);
        codes.iter().fold(text.to_owned(), replaced)
    };
    let breaks = [("%0D", "\r"), ("%0A", "\n")];
    let marks = [("%3A", ":"), ("%2C", ",")];
    let percent = [("%25", "%")];
    let properties = properties
        .split(',')
        .filter(|p| !p.is_empty())
        .map(|property| {
            let (key, value) = property.split_once('=')?;
            Some((key, plain(value, &[&breaks[..], &marks, &percent].concat())))
        });
    let data = plain(data, &[&breaks[..], &percent].concat());
    Some((name, properties.collect::<Option<_>>()?, data))
}

#[test]
fn the_runner_of_github_finds_files_lines_titles_and_words() {
    let (mut verifications, faults) = all();
    verifications[1].generated = "src/50%, a:b.rs".into();
    let text = github::render(&Report {
        verifications: &verifications,
        faults: &faults,
    });
    let commands: Vec<_> = text.lines().map(|line| command(line).unwrap()).collect();
    let names: Vec<&str> = commands.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names[..3], ["notice", "error", "error"]);
    let known = ["file", "line", "title"];
    for (_, properties, data) in &commands {
        assert!(
            properties.iter().all(|(key, _)| known.contains(key)),
            "{properties:?}"
        );
        assert!(!data.is_empty());
    }
    let (_, properties, data) = &commands[1];
    assert_eq!(properties[0], ("file", "src/50%, a:b.rs".to_owned()));
    assert_eq!(properties[1], ("line", "71".to_owned()));
    assert_eq!(properties[2], ("title", "pid: different".to_owned()));
    assert!(data.contains("Rust: <2.0> & \"3\"\n::x"), "{data}");
}
