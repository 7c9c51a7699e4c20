//! `migrate check` from outside: what it looks at, what it says in each format, exit codes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use serde_sarif::sarif::{ResultLevel, Sarif};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const TASKS: &str = "use cu_python_task::PyTask;
pub struct Scan { pub ranges: Vec<f32>, pub count: u32 }
pub struct Report { pub nearest: f32 }
pub struct Memory { pub n: u32 }
pub type Py = PyTask<(Scan,), Memory, (Report,)>;
";

const CONFIG: &str = "(tasks: [
  (id: \"near\", type: \"tasks::Py\", config: {\"script\": \"python/near.py\"}),
  (id: \"far\", type: \"tasks::Py\", config: {\"script\": \"python/near.py\", \"mode\": \"embedded\"}),
])";

const WHOLE: &str = "def process(ctx, input, state, output):\n    state.n += 1\n";
const PRINTS: &str =
    "def process(ctx, input, state, output):\n    print(state.n)\n    state.n += 1\n";
const HOLE: &str =
    "def process(ctx, input, state, output):\n    x = eval(\"2\")\n    state.n += 1\n";

/// A sound app with these scripts.
fn app(scripts: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
        [dependencies]\ncu29 = \"1.3\"\ncu-python-task = \"1.3\"\n";
    let sound = [
        ("Cargo.toml", manifest),
        ("copperconfig.ron", CONFIG),
        ("src/main.rs", "mod tasks;\nfn main() {}\n"),
        ("src/tasks.rs", TASKS),
        (".git/HEAD", ""),
    ];
    for (name, text) in sound.iter().chain(scripts) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// The exit code, stdout, stderr.
fn check(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .arg("check")
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn the_exit_code_says_what_was_found() {
    let dir = app(&[("python/near.py", WHOLE)]);
    let before = fs::read_dir(dir.path()).unwrap().count();
    let (code, out, err) = check(dir.path(), &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("(`near`, process; `far`, embedded) 1 of 1 statements translate"),
        "{out}"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before);

    let dir = app(&[("python/near.py", PRINTS)]);
    let (code, out, _) = check(dir.path(), &["python"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains("warning[MIG0303]") && out.contains("1 warning"),
        "{out}"
    );
    assert_eq!(check(dir.path(), &["--deny-warnings"]).0, 1);

    let dir = app(&[("python/near.py", HOLE)]);
    let (code, out, _) = check(dir.path(), &["python/near.py"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("error[MIG0203]") && out.contains("1 of 2 statements"),
        "{out}"
    );
    let allowed = HOLE.replace(
        "\n    state",
        "  # migrate: allow(MIG0203) by hand\n    state",
    );
    let dir = app(&[("python/near.py", &allowed)]);
    let (code, out, _) = check(dir.path(), &[]);
    assert_eq!(code, 1, "a hole that is not shown is a hole: {out}");
    assert!(
        out.contains("1 allowed") && !out.contains("error["),
        "{out}"
    );
}

#[test]
fn what_cannot_be_looked_at_is_told_beside_the_rest() {
    let dir = app(&[("python/near.py", WHOLE)]);
    let (code, out, err) = check(dir.path(), &["python/none.py"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("cannot read python/none.py"), "{err}");
    let (code, out, err) = check(dir.path(), &["python/near.py", "python/none.py"]);
    assert_eq!(code, 2);
    assert!(
        out.contains("python/near.py") && err.contains("python/none.py"),
        "{out}{err}"
    );
    let (code, _, err) = check(dir.path(), &["src"]);
    assert_eq!(code, 2);
    assert!(err.contains("src holds no Python file"), "{err}");
    fs::write(
        dir.path().join("src/tasks.rs"),
        TASKS.replace("pub struct Memory", "struct X"),
    )
    .unwrap();
    let (code, _, err) = check(dir.path(), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("src/tasks.rs:5: no type `Memory`"), "{err}");
}

#[test]
fn other_python_files_are_looked_at_as_far_as_they_can_be() {
    let helper = "def twice(x: float) -> float:\n    return x * 2.0\n";
    let typed = "def process(ctx: Ctx, input: Msg[Scan], state: Memory, output: Out[Report]):\n    \
        state.n = -1\n";
    let untyped = "import sys\n\n\ndef process(ctx, input, state, output):\n    \
        sys.exit(1)\n    return 3\n";
    let dir = app(&[
        ("python/near.py", WHOLE),
        ("python/helper.py", helper),
        ("python/typed.py", typed),
        ("python/untyped.py", untyped),
        ("python/venv/pyvenv.cfg", ""),
        ("python/venv/lib.py", HOLE),
        ("python/.hidden/x.py", HOLE),
    ]);
    let (code, out, err) = check(dir.path(), &["python"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("python/helper.py has no `process` and no task runs it: skipped"),
        "{out}"
    );
    assert!(out.contains("-1 does not fit `n`, a u32"), "{out}");
    assert!(
        out.contains("its types are those of its annotations"),
        "{out}"
    );
    assert!(out.contains("looked at for traps alone"), "{out}");
    assert!(out.contains("MIG0408") && out.contains("MIG0403"), "{out}");
    assert!(!out.contains("venv") && !out.contains("hidden"), "{out}");
    let (code, out, _) = check(dir.path(), &["python/helper.py"]);
    assert_eq!(code, 0);
    assert!(out.contains("looked at as a module of functions"), "{out}");
}

#[test]
fn without_an_app_a_script_is_looked_at_for_traps() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("t.py"),
        "def process(ctx, *args):\n    pass\n",
    )
    .unwrap();
    let (code, out, err) = check(dir.path(), &["t.py"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(
        out.contains("error[MIG0401]") && out.contains("no Copper app around"),
        "{out}"
    );
    let (code, _, err) = check(dir.path(), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("no Copper app found"), "{err}");
}

#[test]
fn the_fixture_apps_raise_no_false_alarm() {
    for app in ["pid", "robot", "summary"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/apps")
            .join(app);
        let (_, out, err) = check(&dir, &["--format", "json"]);
        assert_eq!(err, "");
        let report: Value = serde_json::from_str(&out).unwrap();
        for script in report["scripts"].as_array().unwrap() {
            for found in script["diagnostics"].as_array().unwrap() {
                let code = found["code"].as_str().unwrap();
                let is_note = found["severity"] == "note";
                assert!(code < "MIG0400" || is_note, "{app}: {found}");
            }
        }
    }
}

/// Whether a value is what a schema of docs/ says, as far as those schemas go.
fn fits(schema: &Value, root: &Value, value: &Value) -> Result<(), String> {
    let fail = |why: &str| Err(format!("{why}: {value}"));
    if let Some(name) = schema["$ref"].as_str() {
        return fits(
            root.pointer(name.trim_start_matches('#')).unwrap(),
            root,
            value,
        );
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices
            .iter()
            .filter(|choice| fits(choice, root, value).is_ok());
        return if fitting.count() == 1 {
            Ok(())
        } else {
            fail("not one of them")
        };
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return fail("another constant");
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|all| !all.contains(value))
    {
        return fail("not in the enum");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => vec![kind],
    };
    if !types.contains(&kind) {
        return fail("another type");
    }
    if let Some(fields) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                return fail(&format!("lacks {name}"));
            }
        }
        for (name, field) in fields {
            let Some(inner) = schema["properties"].get(name) else {
                return fail(name);
            };
            fits(inner, root, field)?;
        }
    }
    for item in value.as_array().into_iter().flatten() {
        fits(&schema["items"], root, item)?;
    }
    Ok(())
}

#[test]
fn the_json_fits_its_schema() {
    let schema = include_str!("../docs/check.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let dir = app(&[
        ("python/near.py", HOLE),
        ("python/x.py", PRINTS),
        ("python/y.py", "A = 1\n"),
    ]);
    let (code, out, _) = check(dir.path(), &["python", "--format", "json"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    fits(&schema, &schema, &report).unwrap();
    let near = &report["scripts"][0];
    assert_eq!(near["file"], "python/near.py");
    assert_eq!(
        (&near["holes"], &near["statements"]["total"]),
        (&1.into(), &2.into())
    );
    assert_eq!(near["diagnostics"][0]["line"], 2);
    assert_eq!(report["skipped"][0], "python/y.py");
    let mut wrong = report.clone();
    wrong["scripts"][0]["holes"] = "one".into();
    assert!(fits(&schema, &schema, &wrong).is_err());
}

#[test]
fn another_reader_understands_the_sarif() {
    let dir = app(&[(
        "python/near.py",
        &HOLE.replace("state.n", "print(\"é\"); state.n"),
    )]);
    let (_, out, _) = check(dir.path(), &["--format", "sarif"]);
    let read: Sarif = serde_json::from_str(&out).unwrap();
    let run = &read.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
        assert_eq!(Some(&rule.id), result.rule_id.as_ref());
        let place = result.locations.as_ref().unwrap()[0]
            .physical_location
            .as_ref()
            .unwrap();
        let file = place.artifact_location.as_ref().unwrap().uri.as_deref();
        assert_eq!(file, Some("python/near.py"));
    }
    assert_eq!(results[0].level, Some(ResultLevel::Error));
    let written: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        written,
        "every property is one of SARIF's"
    );
}

#[test]
fn github_gets_one_command_for_each_finding() {
    let dir = app(&[("python/near.py", HOLE)]);
    let inner = dir.path().join("python");
    let (code, out, _) = check(&inner, &["near.py", "--format", "github"]);
    assert_eq!(code, 1);
    let expected = "::error file=python/near.py,line=2,col=9,endColumn=18,title=MIG0203::";
    assert!(out.starts_with(expected), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn a_report_goes_to_a_file() {
    let dir = app(&[("python/near.py", PRINTS)]);
    let (code, out, err) = check(dir.path(), &["--output", "check.txt", "--color", "always"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("check.txt"), "{err}");
    let text = fs::read_to_string(dir.path().join("check.txt")).unwrap();
    assert!(text.contains("MIG0303") && !text.contains('\x1b'), "{text}");
}
