use super::deliver::deliver;
use super::*;
use crate::cli::Color;
use crate::header::{Header, seal};
use crate::source::SourceFile;
use crate::translation::Coverage;
use std::fs;

/// An app with one PyTask, and the console of a test.
fn app() -> (tempfile::TempDir, Project, Console) {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\ncu-python-task = \"1.3\"\n";
    fs::create_dir_all(dir.path().join("src")).unwrap();
    fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.path().join("src/main.rs"), "mod tasks {}\n").unwrap();
    fs::write(
        dir.path().join("copperconfig.ron"),
        "(tasks: [(id: \"py\", type: \"cu_python_task::PyTask<(), (), ()>\")])",
    )
    .unwrap();
    let project = Project::load(dir.path()).unwrap();
    (dir, project, Console::new(Color::Never))
}

fn args() -> TranslateArgs {
    TranslateArgs {
        file: None,
        app: None,
        task: None,
        diff: false,
        stdout: false,
        output: None,
        module: false,
        main: false,
        python: None,
    }
}

fn translation(body: &str) -> Translation {
    let header = Header {
        version: "0.1.0".to_owned(),
        task: "py".to_owned(),
        mode: "process".to_owned(),
        ..Header::default()
    };
    Translation {
        source: SourceFile::new("python/py.py", "python/py.py", "x = 1\n"),
        files: vec![GeneratedFile {
            stateless: false,
            path: PathBuf::from("src/deep/er/py.rs"),
            module: vec!["py".to_owned()],
            type_name: "Py".to_owned(),
            text: seal(&format!("{}\n{body}\n", header.render())),
            lines: Vec::new(),
        }],
        diagnostics: Vec::new(),
        coverage: Coverage {
            translated: 1,
            total: 1,
        },
    }
}

#[test]
fn a_file_is_written_then_up_to_date_then_updated() {
    let (dir, project, console) = app();
    let target = dir.path().join("src/deep/er/py.rs");
    let old = translation("fn a() {}");
    let done = deliver(&args(), &project.root, &old, &console)
        .unwrap()
        .done;
    assert!(done[0].starts_with("wrote"), "{done:?}");
    assert_eq!(fs::read_to_string(&target).unwrap(), old.files[0].text);
    let done = deliver(&args(), &project.root, &old, &console)
        .unwrap()
        .done;
    assert!(done[0].ends_with("is up to date"), "{done:?}");
    let new = translation("fn b() {}");
    let done = deliver(&args(), &project.root, &new, &console)
        .unwrap()
        .done;
    assert!(done[0].starts_with("updated"), "{done:?}");
    assert_eq!(fs::read_to_string(&target).unwrap(), new.files[0].text);
}

#[test]
fn an_edited_file_is_merged_and_the_second_run_changes_nothing() {
    let (dir, project, console) = app();
    let target = dir.path().join("src/deep/er/py.rs");
    let old = translation("fn a() {}\n\nfn b() {}");
    deliver(&args(), &project.root, &old, &console).unwrap();
    let base = dir.path().join(".migrate/base/src/deep/er/py.rs");
    assert_eq!(fs::read_to_string(&base).unwrap(), old.files[0].text);
    assert!(dir.path().join(".migrate/README.md").is_file());
    fs::write(&target, old.files[0].text.replace("fn a", "fn mine")).unwrap();
    let new = translation("fn a() {}\n\nfn c() {}");
    for run in 0..2 {
        let delivered = deliver(&args(), &project.root, &new, &console).unwrap();
        assert_eq!(delivered.conflicts, 0);
        let words = ["was merged with", "up to date, with"][run];
        assert!(delivered.done[0].contains(words), "{delivered:?}");
        let expected = new.files[0].text.replace("fn a", "fn mine");
        assert_eq!(fs::read_to_string(&target).unwrap(), expected);
        assert_eq!(fs::read_to_string(&base).unwrap(), new.files[0].text);
    }
    let clash = translation("fn z() {}\n\nfn c() {}");
    let delivered = deliver(&args(), &project.root, &clash, &console).unwrap();
    assert_eq!(delivered.conflicts, 1);
    let text = fs::read_to_string(&target).unwrap();
    assert!(
        text.contains("fn mine() {}\n=======\nfn z() {}\n"),
        "{text}"
    );
    let error = deliver(&args(), &project.root, &clash, &console).unwrap_err();
    assert!(
        error.to_string().contains("unresolved conflict in line"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&target).unwrap(), text);
}

#[test]
fn an_edited_file_without_a_base_and_a_foreign_one_are_left_as_they_are() {
    let (dir, project, console) = app();
    let target = dir.path().join("src/deep/er/py.rs");
    let old = translation("fn a() {}");
    deliver(&args(), &project.root, &old, &console).unwrap();
    fs::remove_dir_all(dir.path().join(".migrate")).unwrap();
    let edited = old.files[0].text.replace("fn a", "fn mine");
    for (text, why) in [
        (edited.as_str(), "was edited since migrate wrote it"),
        ("fn foreign() {}\n", "was not written by migrate"),
    ] {
        fs::write(&target, text).unwrap();
        let error =
            deliver(&args(), &project.root, &translation("fn b() {}"), &console).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let error = error.to_string();
        assert!(error.contains(why) && error.contains("--stdout"), "{error}");
        assert_eq!(fs::read_to_string(&target).unwrap(), text);
        assert!(!dir.path().join(".migrate").exists());
    }
}

#[test]
fn all_files_are_written_or_none() {
    let (dir, project, console) = app();
    let mut two = translation("fn a() {}");
    two.files.push(GeneratedFile {
        stateless: false,
        path: PathBuf::from("src/main.rs"),
        ..two.files[0].clone()
    });
    deliver(&args(), &project.root, &two, &console).unwrap_err();
    assert!(!dir.path().join("src/deep").exists());
    let with = |diff: bool| TranslateArgs {
        diff,
        stdout: !diff,
        ..args()
    };
    deliver(&with(true), &project.root, &two, &console).unwrap_err();
    deliver(&with(false), &project.root, &two, &console).unwrap();
    assert!(!dir.path().join("src/deep").exists());
}

#[test]
fn an_output_file_takes_the_place_of_the_one_in_the_app() {
    let (dir, project, console) = app();
    let output = dir.path().join("new/elsewhere.rs");
    let args = TranslateArgs {
        output: Some(output.clone()),
        ..args()
    };
    let translation = translation("fn a() {}");
    deliver(&args, &project.root, &translation, &console).unwrap();
    assert_eq!(
        fs::read_to_string(output).unwrap(),
        translation.files[0].text
    );
    assert!(!dir.path().join("src/deep").exists());
}

#[test]
fn the_next_steps_name_edits_and_a_log() {
    let (dir, project, _) = app();
    fs::create_dir(dir.path().join("logs")).unwrap();
    fs::write(dir.path().join("logs/run_0.copper"), "").unwrap();
    let translation = translation("fn a() {}");
    let text = next_steps(&args(), &project, &project.nodes[0], &translation.files[0]);
    assert!(text.contains("src/main.rs: add `pub mod py;`"), "{text}");
    assert!(
        text.contains("copperconfig.ron: in node `py` write `type: \"py::Py\"`"),
        "{text}"
    );
    assert!(text.contains("logs/run.copper"), "{text}");
}
