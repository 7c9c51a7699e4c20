use super::super::random::Random;
use super::*;
use toml::Table;

#[test]
fn the_dependency_goes_and_every_other_byte_stays() {
    for (text, expected) in [
        (
            "[dependencies]\n# Copper\ncu29 = \"1.3\" # the runtime\ncu-python-task = \"1.3\" # Python\nserde = \"1\"\n",
            "[dependencies]\n# Copper\ncu29 = \"1.3\" # the runtime\nserde = \"1\"\n",
        ),
        (
            "[dependencies]\r\n\"cu-python-task\" = { version = \"1.3\", features = [\r\n  \"x\",\r\n] }\r\na = \"1\"",
            "[dependencies]\r\na = \"1\"",
        ),
        (
            "[dependencies]\npy = { package = \"cu-python-task\", version = \"1.3\" }\n\n[features]\nfast = [\"py/fast\", \"a/b\"]\n",
            "[dependencies]\n\n[features]\nfast = [\"a/b\"]\n",
        ),
        (
            "[dependencies]\ncu-python-task.workspace = true\ncu29.workspace = true\n",
            "[dependencies]\ncu29.workspace = true\n",
        ),
        (
            "[dependencies]\ncu-python-task.version = \"1.3\"\ncu29 = \"1.3\"\ncu-python-task.default-features = false\n",
            "[dependencies]\ncu29 = \"1.3\"\n",
        ),
        (
            "[package]\nname = \"a\"\n\n[dependencies.cu-python-task]\nversion = \"1.3\" # new\n# why\nfeatures = []\n\n[features]\nx = []\n",
            "[package]\nname = \"a\"\n\n[features]\nx = []\n",
        ),
        (
            "[target.'cfg(unix)'.dependencies]\ncu-python-task = \"1.3\"\n[dependencies]\ncu-python-task = \"1.3\"\n",
            "[target.'cfg(unix)'.dependencies]\n[dependencies]\n",
        ),
        (
            "[features]\ndefault = [\n    \"a\", # a\n    \"cu-python-task/embedded\", # p\n    \"b\",\n]\n[dependencies]\ncu-python-task = \"1.3\"\n",
            "[features]\ndefault = [\n    \"a\", # a\n    \"b\",\n]\n[dependencies]\n",
        ),
        (
            "[dependencies]\ncu29 = \"1.3\"\n",
            "[dependencies]\ncu29 = \"1.3\"\n",
        ),
        (
            "[dev-dependencies]\ncu-python-task = \"1.3\"\n",
            "[dev-dependencies]\ncu-python-task = \"1.3\"\n",
        ),
    ] {
        assert_eq!(without_python(text).unwrap(), expected);
    }
}

#[test]
fn what_is_left_is_said() {
    let optional = "[dependencies]\ncu-python-task = { version = \"1\", optional = true }\n";
    assert!(
        without_python(optional)
            .unwrap_err()
            .contains("optional dependency")
    );
    let inline = "dependencies = { cu-python-task = \"1\", cu29 = \"1\" }\n";
    assert!(
        without_python(inline)
            .unwrap_err()
            .contains("in a way that migrate does not edit")
    );
    assert!(without_python("[dependencies").is_err());
    assert_eq!(
        crate_name("[dependencies]\nmy-py = { package = \"cu-python-task\" }\n"),
        "my_py"
    );
    assert_eq!(crate_name(""), "cu_python_task");
}

#[test]
fn random_layouts_keep_their_meaning_and_their_lines() {
    let random = &mut Random(3);
    for _ in 0..400 {
        let mut text = String::new();
        let gap = |random: &mut Random, text: &mut String| {
            for _ in 0..random.below(3) {
                text.push_str(random.of(&[
                    "\n",
                    "# cu-python-task = \"1\"\n",
                    "  # [dependencies]\n",
                    "\t\n",
                ]));
            }
        };
        let tail = |random: &mut Random| random.of(&["", "  # why", " #", "\t"]).to_owned();
        gap(random, &mut text);
        text.push_str(&format!("[package]{}\nname = \"a\"\n", tail(random)));
        gap(random, &mut text);
        text.push_str(&format!("[dependencies]{}\n", tail(random)));
        let forms = [
            "cu-python-task = \"~1.3\"",
            "cu-python-task = { version = \"1\", features = [\"a\", \"b\"] }",
            "'cu-python-task' = '1'",
            "  cu-python-task.version = \"1\"",
            "cu-python-task = { version = \"1\", features = [ # f\n  \"a\", # ]\n] }",
        ];
        let mut lines = vec![
            random.of(&forms).to_owned(),
            "cu29 = \"1\"".into(),
            "serde = { version = \"1\" }".into(),
        ];
        while !lines.is_empty() {
            gap(random, &mut text);
            let line = lines.remove(random.below(lines.len()));
            text.push_str(&format!("{line}{}\n", tail(random)));
        }
        gap(random, &mut text);
        if random.below(2) == 0 {
            let list = random.of(&[
                "[\"cu-python-task/x\"]",
                "[\"x\", \"cu-python-task/x\"]",
                "[ \"cu-python-task?/x\" , \"x\", ]",
                "[\n  \"x\", # cu-python-task/x\n  \"dep:cu-python-task\", # p\n]",
            ]);
            text.push_str(&format!("[features]\nf = {list}{}\n", tail(random)));
        }
        let edited = without_python(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let mut wanted: Table = text.parse().unwrap();
        wanted["dependencies"]
            .as_table_mut()
            .unwrap()
            .remove("cu-python-task");
        if let Some(features) = wanted.get_mut("features") {
            let list = features["f"].as_array_mut().unwrap();
            list.retain(|f| !f.as_str().unwrap().contains("cu-python-task"));
        }
        let found: Table = edited
            .parse()
            .unwrap_or_else(|e| panic!("{e}\n{text}\n=====\n{edited}"));
        assert_eq!(found, wanted, "{text}\n=====\n{edited}");
        let mut left = text.chars();
        assert!(
            edited.chars().all(|c| left.any(|other| other == c)),
            "{text}\n=====\n{edited}"
        );
        // Comments in lines of their own stay.
        let comments = |text: &str| {
            text.lines()
                .filter(|l| l.trim_start().starts_with('#'))
                .count()
        };
        assert_eq!(
            comments(&edited),
            comments(&text),
            "{text}\n=====\n{edited}"
        );
    }
}
