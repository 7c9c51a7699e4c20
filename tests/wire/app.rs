//! A copy of a fixture app, and `migrate` run in it.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What a run of `migrate` said.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// What machines read.
    pub out: String,
    /// What people read.
    pub err: String,
}

/// A copy of a fixture app.
pub struct App {
    dir: TempDir,
}

impl App {
    /// Copies `fixtures/apps/<name>`, without its logs.
    pub fn of(name: &str) -> App {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/apps")
            .join(name);
        let app = App {
            dir: tempfile::tempdir().unwrap(),
        };
        copy(&from, app.root());
        app
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Writes a file.
    pub fn put(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes a file, as somebody would in an editor.
    #[track_caller]
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        assert!(text.contains(old), "no {old:?} in:\n{text}");
        self.put(name, &text.replacen(old, new, 1));
    }

    /// Runs `migrate` in it.
    pub fn migrate(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(args)
            .current_dir(self.root())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs `migrate`, which has to end with this code, and to say this.
    #[track_caller]
    pub fn says(&self, args: &[&str], code: i32, parts: &[&str]) -> Said {
        let said = self.migrate(args);
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        for part in parts {
            let all = format!("{}{}", said.out, said.err);
            assert!(all.contains(part), "no {part:?} in:\n{all}");
        }
        said
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == "target" || name == "logs" {
            continue;
        }
        if path.is_dir() {
            fs::create_dir_all(to.join(name)).unwrap();
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
