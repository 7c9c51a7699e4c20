//! `migrate.toml` from outside: what it sets, what wins over it, what is wrong with it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// An app with this configuration.
fn app(config: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ncu-python-task = \"1.3\"\n",
        ),
        (
            "copperconfig.ron",
            "(tasks: [(id: \"py\", type: \"tasks::Py\", config: {\"script\": \"python/py.py\"})])",
        ),
        ("src/main.rs", "mod tasks;\nfn main() {}\n"),
        (
            "src/tasks.rs",
            "use cu_python_task::PyTask;\npub struct S { pub n: u32 }\n\
             pub type Py = PyTask<(S,), S, (S,)>;\n",
        ),
        (
            "python/py.py",
            "def process(ctx, input, state, output):\n    print(1)\n    state.n += 1\n",
        ),
        ("migrate.toml", config),
    ];
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// The exit code, stdout, stderr.
fn migrate(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
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
fn the_file_sets_options_and_the_command_line_wins() {
    let dir = app("[check]\nformat = \"github\"\ndeny-warnings = true\npaths = [\"python\"]\n");
    let (code, out, err) = migrate(dir.path(), &["check"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.starts_with("::warning "), "{out}");
    // From below the app, and of a path that is named.
    let (code, out, _) = migrate(
        &dir.path().join("python"),
        &["check", "py.py", "--format", "json"],
    );
    assert_eq!(code, 1);
    assert!(out.starts_with('{'), "{out}");
    let (code, out, _) = migrate(dir.path(), &["translate", "python/py.py", "--stdout"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_configuration_is_shown_with_the_origin_of_each_value() {
    let dir = app(
        "color = \"never\"\n[verify]\nlog = [\"logs/a.copper\"]\nmin-coverage = 80\n\
        [verify.compare]\n\"*.tov\" = { ignore = \"own clock\" }\n",
    );
    let (code, out, err) = migrate(dir.path(), &["verify", "--task", "py", "--print-config"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let log = dir.path().canonicalize().unwrap().join("logs/a.copper");
    for line in [
        "color = \"never\"  # migrate.toml:1",
        &format!("log = [{log:?}]  # migrate.toml:3"),
        "min-coverage = 80  # migrate.toml:4",
        "task = \"py\"  # command line",
        "against = \"python\"  # default",
        "# mission: not set",
        "\"*.tov\" = { ignore = \"own clock\" }  # migrate.toml:6",
    ] {
        assert!(out.lines().any(|l| l == line), "no {line:?} in\n{out}");
    }
    // A path that the command line names takes the place of the file's.
    let (_, out, _) = migrate(dir.path(), &["verify", "--cases", "--print-config"]);
    assert!(out.contains("# log: not set"), "{out}");
}

#[test]
fn what_is_not_understood_is_an_error_with_its_line() {
    for (config, parts) in [
        (
            "[check]\nformt = \"json\"\n",
            [
                "line 2: `formt` of `[check]` is not known",
                "did you mean `format`?",
            ],
        ),
        (
            "\n[chek]\nformat = \"json\"\n",
            ["line 3: `[chek]` is not known", "did you mean `check`?"],
        ),
        (
            "colour = \"never\"\n",
            ["line 1: `colour` is not known", "did you mean `color`?"],
        ),
        (
            "[check]\nformat = \"xml\"\n",
            ["line 2: invalid value 'xml'", "possible values"],
        ),
        (
            "[verify]\nmin-cover = 1\n",
            [
                "line 2: `min-cover` of `[verify]`",
                "did you mean `min-coverage`?",
            ],
        ),
        (
            "[verify.compair]\na = \"exact\"\n",
            ["line 2: `compair` of `[verify]`", "did you mean `compare`?"],
        ),
        ("[check]\nformat = 1.5.2\n", ["line 2: ", "TOML"]),
        (
            "[check]\nformat = 2026-01-01\n",
            ["line 2: `format` is no text", "docs/configuration.md"],
        ),
    ] {
        let dir = app(config);
        let (code, out, err) = migrate(dir.path(), &["check"]);
        assert_eq!((code, out.as_str()), (2, ""), "{config}: {err}");
        assert!(
            err.starts_with("error: ") && err.contains("migrate.toml: "),
            "{err}"
        );
        for part in parts {
            assert!(err.contains(part), "no {part:?} in {err}");
        }
        // Of a command that is about no app nothing is asked.
        assert_eq!(migrate(dir.path(), &["explain", "MIG0411"]).0, 0);
        assert_eq!(migrate(dir.path(), &["check", "--help"]).0, 0);
    }
}

#[test]
fn the_manifest_may_say_it_instead() {
    let dir = app("");
    fs::remove_file(dir.path().join("migrate.toml")).unwrap();
    let manifest = dir.path().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let ours = "\n[package.metadata.other]\nx = 1\n\n[package.metadata.migrate.check]\ndeny-warnings = true\n";
    fs::write(&manifest, text + ours).unwrap();
    assert_eq!(migrate(dir.path(), &["check"]).0, 1);
    let (_, out, _) = migrate(dir.path(), &["check", "--print-config"]);
    assert!(
        out.contains("deny-warnings = true  # Cargo.toml:13"),
        "{out}"
    );
}

#[test]
fn the_documented_example_is_understood() {
    let docs = include_str!("../docs/configuration.md");
    let example = docs
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let dir = app(example);
    for command in ["translate", "check", "stubs", "verify", "bench"] {
        let (code, out, err) = migrate(dir.path(), &[command, "--print-config"]);
        assert_eq!((code, err.as_str()), (0, ""), "{command}");
        assert!(out.contains("# migrate.toml:"), "{out}");
    }
}

#[test]
fn completions_and_man_pages_are_made() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, _) = migrate(dir.path(), &["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("deny-warnings"), "{shell}");
    }
    let (code, out, _) = migrate(dir.path(), &["man"]);
    assert_eq!(code, 0);
    assert!(out.contains(".TH migrate 1"), "{out}");
    let (code, _, _) = migrate(dir.path(), &["man", "-o", "man1"]);
    assert_eq!(code, 0);
    let page = fs::read_to_string(dir.path().join("man1/migrate-report-merge.1")).unwrap();
    assert!(page.contains("JSON reports"), "{page}");
}
