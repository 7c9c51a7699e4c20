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
fn processes(text: &str) -> usize {
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
