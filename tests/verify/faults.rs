//! What goes wrong in the Python, in the Rust, and around them: each ends with clear words,
//! nothing is left running, and the app's files stay as they are (`try_verify` looks).

use super::*;
use std::time::{Duration, Instant};

/// Puts a statement at the start of the Python's `process`.
fn python(app: &App, statement: &str) {
    let start = "def process(ctx, input, state, output):\n";
    app.edit("python/pid.py", start, &format!("{start}    {statement}\n"));
}

fn reason(app: &mut App, options: &Options) -> String {
    match app.try_verify(options).unwrap().verdict {
        Verdict::Inconclusive(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_python_that_does_not_come_back_is_ended() {
    for (statement, words) in [
        (
            "while ctx.cl_id == 31: pass",
            "the Python did not return within 1.0 s in CopperList 31",
        ),
        (
            "import os; ctx.cl_id < 31 or os._exit(0)",
            "the Python ended the process: exit with 0",
        ),
        (
            "import ctypes; ctx.cl_id < 31 or ctypes.string_at(0)",
            "the Python ended the process: segmentation fault",
        ),
        (
            "global kept; kept = bytearray(1 << (30 if ctx.cl_id == 31 else 1)); kept[::4096] = \
             b'x' * len(kept[::4096])",
            "MiB of memory in CopperList 31",
        ),
    ] {
        let mut app = App::new("pid");
        python(&app, statement);
        let options = Options {
            cycle_timeout: Some(Duration::from_secs(if words.contains("MiB") {
                30
            } else {
                1
            })),
            max_memory: Some(700),
            ..app.options()
        };
        let begin = Instant::now();
        let reason = reason(&mut app, &options);
        assert!(reason.contains(words), "{statement}: {reason}");
        assert!(begin.elapsed() < Duration::from_secs(100));
    }
}

#[test]
fn a_python_that_exits_prints_or_fails_to_start_is_told() {
    let mut app = App::new("pid");
    python(
        &app,
        "print('x' * 10000); import sys; ctx.cl_id != 31 or sys.exit(3)",
    );
    let v = app.verify();
    let d = v.divergence.as_ref().unwrap();
    assert_eq!((d.call, d.place), (Call::Process(31), Place::Error));
    assert_eq!(v.errors.python, 1);
    drop(app);

    let mut app = App::new("pid");
    app.edit(
        "python/pid.py",
        "    state.integral = 0.0\n",
        "    raise OSError('no sensor')\n",
    );
    let reason = app.inconclusive();
    assert!(
        reason.contains("the Python cannot be started") && reason.contains("no sensor"),
        "{reason}"
    );

    drop(app);
    let mut app = App::new("pid");
    app.edit("python/pid.py", "KP = 0.9", "KP = 1 / 0");
    let reason = app.inconclusive();
    assert!(reason.contains("division by zero"), "{reason}");
}

#[test]
fn a_native_task_that_does_not_come_back_is_different() {
    for (statement, words) in [
        (
            "while ctx.cl_id() == 31 { std::hint::spin_loop(); }",
            "did not return within 1.0 s",
        ),
        (
            "if ctx.cl_id() == 31 { std::process::exit(0); }",
            "the process ended: exit with 0",
        ),
        (
            "if ctx.cl_id() == 31 { std::process::abort(); }",
            "the process ended: abort",
        ),
    ] {
        let mut app = App::new("pid");
        app.bug_at_start(statement);
        let options = Options {
            cycle_timeout: Some(Duration::from_secs(1)),
            ..app.options()
        };
        let v = app.try_verify(&options).unwrap();
        assert_eq!(v.verdict, Verdict::Different, "{statement}");
        let d = v.divergence.as_ref().unwrap();
        assert_eq!((d.call, d.place), (Call::Process(31), Place::Panic));
        assert!(
            d.values.rust.as_ref().unwrap().text.contains(words),
            "{d:?}"
        );
    }
}

/// The processes whose command line holds `text`.
#[cfg(target_os = "linux")]
pub fn processes(text: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .filter(|line| String::from_utf8_lossy(line).contains(text))
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn when_migrate_is_ended_nothing_is_left_running() {
    let app = App::new("pid");
    python(&app, "import time; time.sleep(0.2)");
    for signal in ["-INT", "-KILL"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(["verify", "--app"])
            .arg(&app.root)
            .arg("--log")
            .arg(app.root.join("logs/run.copper"))
            .arg("--target-dir")
            .arg(app.options().target_dir.unwrap())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let harness = "debug/migrate-pid-pid";
        let begin = Instant::now();
        while processes(harness) < 2 {
            assert!(begin.elapsed() < Duration::from_secs(200));
            std::thread::sleep(Duration::from_millis(20));
        }
        let killed = std::process::Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let status = child.wait().unwrap();
        assert!(!status.success());
        if signal == "-INT" {
            assert_eq!(status.code(), Some(130), "{status}");
        }
        let begin = Instant::now();
        while processes(harness) > 0 {
            assert!(begin.elapsed() < Duration::from_secs(5), "left running");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A program that stands first on the `PATH`.
#[cfg(unix)]
pub fn stand_in(dir: &Path, name: &str, script: &str) -> std::ffi::OsString {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(dir).unwrap();
    let path = dir.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let rest = std::env::var_os("PATH").unwrap();
    let all = std::iter::once(dir.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap()
}

#[cfg(unix)]
pub fn verify_command(app: &App) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"));
    command
        .args(["verify", "--color", "never", "--app"])
        .arg(&app.root)
        .arg("--log")
        .arg(app.root.join("logs/run.copper"))
        .arg("--target-dir")
        .arg(app.options().target_dir.unwrap());
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_build_that_is_interrupted_leaves_nothing_behind() {
    let app = App::new("pid");
    let dir = tempfile::tempdir().unwrap();
    // As cargo, it waits for what it has started.
    let script = format!(
        "sleep 1917 & echo $! > {0}/child; wait",
        dir.path().display()
    );
    let path = stand_in(&dir.path().join("bin"), "cargo", &script);
    for signal in ["-INT", "-TERM"] {
        let report = dir.path().join("report.json");
        let mut command = verify_command(&app);
        command.args(["--format", "json", "--output"]).arg(&report);
        let stderr = std::process::Stdio::piped();
        let child = command.env("PATH", &path).stderr(stderr).spawn().unwrap();
        let begin = Instant::now();
        while processes("sleep\x001917") == 0 {
            assert!(begin.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        let id = child.id().to_string();
        let killed = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(killed.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.contains("interrupted: nothing was concluded"),
            "{text}"
        );
        let begin = Instant::now();
        while processes("sleep\x001917") > 0 {
            assert!(begin.elapsed() < Duration::from_secs(5), "left running");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!report.exists());
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told() {
    let app = App::new("pid");
    let dir = tempfile::tempdir().unwrap();
    let script = "echo 'error: No space left on device (os error 28)' >&2; exit 101";
    let path = stand_in(&dir.path().join("bin"), "cargo", script);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["verify", "--color", "never", "--app"])
        .arg(&app.root)
        .arg("--log")
        .arg(app.root.join("logs/run.copper"))
        .arg("--target-dir")
        .arg(dir.path().join("new"))
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("building the harness and Copper itself"),
        "{text}"
    );
    assert!(text.contains("the disk is full"), "{text}");
    assert!(text.contains("--target-dir"), "{text}");

    // A small disk of one's own, where the machine allows it.
    let disk = dir.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let report = disk.join("report.json");
    let mut command = std::process::Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]).arg(format!(
        "mount -t tmpfs -o size=4k none {0} || exit 77; head -c 4096 /dev/zero > {0}/full; \"$@\"; code=$?; ls -A {0} >&2; exit $code",
        disk.display()
    ));
    command.arg("sh").arg(env!("CARGO_BIN_EXE_migrate"));
    let inner = verify_command(&app);
    command.args(inner.get_args());
    command.args(["--format", "json", "--output"]).arg(&report);
    let Ok(output) = command.output() else { return };
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || text.contains("unshare: ") {
        println!("no disk of one's own: {text}");
        return;
    }
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("No space left on device"), "{text}");
    assert!(!text.contains("partial\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_virtual_environment_is_used_and_another_python_is_told() {
    let mut app = App::new("pid");
    let dir = tempfile::tempdir().unwrap();
    let venv = dir.path().join("venv");
    let made = std::process::Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&venv)
        .status();
    assert!(made.unwrap().success());
    let python = venv.join("bin/python");
    let output = std::process::Command::new(&python)
        .args([
            "-c",
            "import sysconfig; print(sysconfig.get_path('purelib'))",
        ])
        .output()
        .unwrap();
    let packages = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    fs::write(packages.join("of_the_environment.py"), "KP = 0.9\n").unwrap();
    let import = "from of_the_environment import KP";
    app.edit("python/pid.py", "KP = 0.9", import);

    let reason = app.inconclusive();
    assert!(
        reason.contains("No module named 'of_the_environment'"),
        "{reason}"
    );
    let options = Options {
        python: Some(python.clone()),
        ..app.options()
    };
    let v = app.try_verify(&options).unwrap();
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));
    assert_eq!(v.python.unwrap().executable, python);

    // One that is not the one whose library is linked.
    let bin = dir.path().join("bin");
    let _ = stand_in(
        &bin,
        "python3",
        "python3.real \"$@\" | sed 's/\"version\": \"3\\.[0-9.]*\"/\"version\": \"3.99.1\"/'",
    );
    let real = std::process::Command::new("sh")
        .args(["-c", "command -v python3"])
        .output();
    let real = PathBuf::from(String::from_utf8(real.unwrap().stdout).unwrap().trim());
    let text = fs::read_to_string(bin.join("python3")).unwrap();
    let text = text.replace("python3.real", &real.display().to_string());
    fs::write(bin.join("python3"), text).unwrap();
    let options = Options {
        python: Some(bin.join("python3")),
        ..app.options()
    };
    app.edit("python/pid.py", import, "KP = 0.9");
    let error = app.try_verify(&options).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let text = error.to_string();
    assert!(
        text.contains("the harness embeds Python 3.") && text.contains("is 3.99.1"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_missing_tool_is_named() {
    let app = App::new("pid");
    let dir = tempfile::tempdir().unwrap();
    for (tool, words) in [
        ("rustc", "Rust is missing: `rustc --version` does not run"),
        ("python3", "Python is missing"),
    ] {
        let bin = dir.path().join(tool);
        let path = stand_in(&bin, tool, "exit 127");
        let _ = stand_in(&bin, "python", "exit 127");
        let output = verify_command(&app).env("PATH", path).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.contains(words) && text.contains("help: install"),
            "{text}"
        );
    }
    // A PATH on which there is no cargo.
    let python = logs::python("sys.executable");
    let bin = dir.path().join("only");
    let _ = stand_in(&bin, "python3", &format!("exec {python} \"$@\""));
    let _ = stand_in(&bin, "rustc", "echo 'rustc 1.95.0 (x)'");
    let output = verify_command(&app).env("PATH", &bin).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("cargo is missing") && text.contains("help: install"),
        "{text}"
    );
}
