//! Where the tasks of an app stand, from first translation to the last switch.

use super::app::App;
use serde_json::{Value, json};

fn status(app: &App) -> Value {
    let said = app.says(&["status", "--format", "json"], 0, &[]);
    assert_eq!(said.err, "");
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["schema"], 1);
    document["tasks"][0].clone()
}

#[test]
fn a_task_goes_from_python_to_rust() {
    let app = App::of("pid");
    let task = status(&app);
    assert_eq!(
        (&task["task"], &task["runs"]),
        (&json!("pid"), &json!("python"))
    );
    assert_eq!(task["python"], "44a914fa886f");
    assert_eq!(
        (&task["rust"], &task["verdict"]),
        (&Value::Null, &Value::Null)
    );
    app.says(
        &["status"],
        0,
        &["pid   Python  44a914fa886f  -", "not verified"],
    );

    app.says(&["translate", "python/pid.py"], 0, &[]);
    let rust = status(&app)["rust"].clone();
    assert_eq!(
        (&rust["translated"], &rust["statements"]),
        (&json!(29), &json!(29))
    );
    assert_eq!(
        (&rust["holes"], &rust["edited"]),
        (&json!(0), &json!(false))
    );
    app.edit("src/tasks/pid.rs", "// hold the", "// Hold the");
    assert_eq!(status(&app)["rust"]["edited"], true);

    let equal = json!({"is": "equal"});
    app.verdict("pid", "python/pid.py", "src/tasks/pid.rs", &equal);
    let verdict = status(&app)["verdict"].clone();
    assert_eq!(
        (&verdict["is"], &verdict["fresh"]),
        (&json!("equal"), &json!(true))
    );
    assert_eq!(verdict["branches"], json!([6, 8]));
    app.says(&["switch", "pid", "--to", "rust"], 0, &[]);
    app.says(
        &["status", "pid"],
        0,
        &[
            "pid   Rust",
            "29 of 29    0      yes     equal, just now  6 of 8",
        ],
    );

    app.edit("python/pid.py", "KP = 0.9", "KP = 1.0");
    let task = status(&app);
    assert_eq!(
        (&task["runs"], &task["rust"]["outdated"]),
        (&json!("rust"), &json!(true))
    );
    let changes = json!(["python/pid.py was changed since"]);
    assert_eq!(task["verdict"]["changes"], changes);
    app.says(
        &["status"],
        0,
        &["migrate translate python/pid.py", "out of date"],
    );
}

#[test]
fn what_is_in_the_way_is_named() {
    let app = App::of("pid");
    app.says(&["translate", "python/pid.py"], 0, &[]);
    app.edit("src/tasks/pid.rs", "const KP", "<<<<<<< a\nconst KP");
    app.says(
        &["status"],
        0,
        &["pid: src/tasks/pid.rs:14 is no Rust, or a conflict"],
    );
    app.put("target/migrate/verdicts/pid.json", "{}");
    app.says(
        &["status"],
        0,
        &["pid: ", "verdicts/pid.json", "not verified"],
    );
    app.says(&["status", "pad"], 2, &["did you mean `pid`"]);
    let script = app.root().join("python/pid.py");
    std::fs::remove_file(script).unwrap();
    std::fs::remove_file(app.root().join("target/migrate/verdicts/pid.json")).unwrap();
    app.says(&["status"], 0, &["pid: python/pid.py: "]);
}
