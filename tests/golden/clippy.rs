//! The golden Rust, compiled in a copy of its app with all of clippy's warnings as errors.

use super::apps::{APPS, translations};
use super::{below, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fixtures whose Rust rustc or clippy does not take yet.
const NOT_CLEAN_YET: &[&str] = &[];

/// The directory of the copies; the harnesses of `tests/verify/` are built beside it.
fn tmp() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Copies what is below a directory of the repository, but for what was built there.
fn copy(from: &str, to: &Path) {
    for path in below(from) {
        let relative = path.strip_prefix(from).unwrap();
        if relative.starts_with("target") || relative.starts_with("logs") {
            continue;
        }
        let target = to.join(relative);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root().join(&path), target).unwrap();
    }
}

fn fresh(name: &str) -> PathBuf {
    let dir = tmp().join("golden-apps").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, change(text)).unwrap();
}

fn clippy(app: &Path) {
    let python = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    let python = String::from_utf8(python.stdout).unwrap();
    let output = Command::new("cargo")
        .args(["clippy", "--quiet", "--", "-D", "warnings"])
        .current_dir(app)
        .env("CARGO_TARGET_DIR", tmp().join("verify-target"))
        // As `verify` builds: another value would build PyO3 anew.
        .env("PYO3_PYTHON", python.trim())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}:\n{said}", app.display());
}

#[test]
fn the_rust_of_the_apps_is_clean() {
    for name in APPS {
        let app = fresh(name);
        copy(&format!("fixtures/apps/{name}"), &app);
        copy(&format!("golden/apps/{name}/src"), &app.join("src"));
        for (id, translation) in translations(name) {
            if translation.holes() > 0 {
                continue;
            }
            let own = &translation.files[0].type_name;
            let kind = match translation.files[0].stateless {
                true => ", kind: stateless_task",
                false => "",
            };
            edit(&app.join("copperconfig.ron"), |text| {
                let (before, after) = text
                    .split_once(&format!(
                        "(\n            id: \"{id}\",\n            type: \"tasks::"
                    ))
                    .unwrap();
                let (_, after) = after.split_once('"').unwrap();
                format!(
                    "{before}(\n            id: \"{id}\",\n            type: \"tasks::{id}::{own}\"{kind}{after}"
                )
            });
            edit(&app.join("src/tasks.rs"), |text| {
                let (docs, items) = text.split_at(text.find("use ").unwrap());
                format!("{docs}pub mod {id};\n{items}")
            });
        }
        clippy(&app);
    }
}

/// Compiles the Rust of all fixtures of a folder in a copy of their app.
fn folder_is_clean(folder: &str) {
    let app = fresh(folder);
    copy(&format!("fixtures/{folder}"), &app);
    copy(&format!("golden/{folder}"), &app.join("src/tasks"));
    let lock = root().join("fixtures/apps/pid/Cargo.lock");
    fs::copy(lock, app.join("Cargo.lock")).unwrap();
    let mut modules = String::new();
    for path in below(&format!("golden/{folder}")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust && !NOT_CLEAN_YET.contains(&name) {
            modules += &format!(
                "#[path = \"tasks/{name}.rs\"]\npub mod {};\n",
                name.to_lowercase()
            );
        }
    }
    edit(&app.join("src/tasks.rs"), |text| modules + &text);
    clippy(&app);
}

#[test]
fn the_rust_of_the_diagnostics_is_clean() {
    folder_is_clean("diagnostics");
}

#[test]
fn the_rust_of_the_constructs_is_clean() {
    folder_is_clean("constructs");
}

#[test]
fn the_rust_of_the_payloads_is_clean() {
    folder_is_clean("payloads");
}
