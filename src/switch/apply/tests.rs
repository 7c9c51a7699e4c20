use super::super::random::Random;
use super::*;

const TYPES: [&str; 4] = ["Alpha", "Mid", "Pid", "Zeta"];

/// An app with four Python tasks, laid out at random.
fn app(random: &mut Random) -> Texts {
    let mut order: Vec<&str> = TYPES.to_vec();
    let (mut nodes, mut aliases) = (String::new(), String::new());
    while !order.is_empty() {
        let name = order.remove(random.below(order.len()));
        let id = name.to_lowercase();
        nodes.push_str(random.of(&["", "        // A node.\n", "\n"]));
        nodes.push_str(&match random.below(3) {
            0 => format!("        (id: \"{id}\", type: \"tasks::{name}Task\", config: {{\"script\": \"python/{id}.py\"}}),\n"),
            1 => format!("        (\n            id: \"{id}\", // {id}\n            type: \"tasks::{name}Task\",\n            config: {{\n                \"script\": \"python/{id}.py\", // s\n                \"mode\": \"embedded\",\n            }},\n        ),\n"),
            _ => format!("        (id: \"{id}\", type: \"tasks::{name}Task\", config: {{\"gain\": 1, \"mode\": \"process\"}}),\n"),
        });
        aliases.push_str(random.of(&["", "\n", "// About it.\n", "/// In Python.\n"]));
        aliases.push_str(&format!(
            "pub type {name}Task = PyTask<({name}In,), {name}State, ()>;{}\n",
            random.of(&["", " // now"])
        ));
    }
    let head = random.of(&[
        "",
        "//! Tasks.\n\n",
        "// Licence\n\n",
        "pub mod beta;\n\n",
        "pub mod zz;\npub mod b;\n\n",
    ]);
    let imports = random.of(&[
        "use crate::messages::{AlphaIn, AlphaState, MidIn, MidState, PidIn, PidState, ZetaIn, ZetaState};\nuse cu_python_task::PyTask;\n",
        "use crate::messages::*;\nuse cu_python_task::{PyTask};\nuse cu29::prelude::*;\n",
        "use cu_python_task::PyTask;\nuse crate::messages::*;\n\n",
    ]);
    let manifest = random.of(&[
        "[package]\nname = \"app\"\n\n[dependencies]\ncu29 = \"1.3\"\ncu-python-task = \"1.3\" # py\nserde = \"1\"\n",
        "[dependencies.cu-python-task]\nversion = \"1.3\"\n\n[dependencies]\ncu29 = \"1.3\"\n",
    ]);
    BTreeMap::from([
        (
            "copperconfig.ron".into(),
            format!("(\n    tasks: [\n{nodes}    ],\n)\n"),
        ),
        (
            "src/tasks.rs".into(),
            format!("{head}{imports}{aliases}\npub struct Motor;\n"),
        ),
        (MANIFEST.into(), manifest.to_owned()),
    ])
}

fn task(name: &str) -> Switched {
    let id = name.to_lowercase();
    Switched {
        old_type: format!("tasks::{name}Task"),
        new_type: format!("tasks::{id}::{name}"),
        config: "copperconfig.ron".into(),
        file: "src/tasks.rs".into(),
        inline: vec!["tasks".into()],
        alias: Some(format!("{name}Task")),
        remark: (name == "Mid").then(|| "not verified".to_owned()),
        module: id.clone(),
        stateless: name == "Low" || name == "Mid",
        task: id,
    }
}

fn world() -> World {
    World {
        python: TYPES
            .iter()
            .map(|name| (name.to_lowercase(), format!("tasks::{name}Task")))
            .collect(),
        ..World::default()
    }
}

fn applied(texts: &Texts, tasks: &[Switched], all: &[Switched]) -> Texts {
    let each: Vec<&Switched> = tasks.iter().collect();
    apply(texts, &each, all, &world(), &mut Vec::new()).unwrap()
}

#[test]
fn the_order_of_the_switches_does_not_matter() {
    let random = &mut Random(11);
    for _ in 0..60 {
        let original = app(random);
        let mut left: Vec<&str> = TYPES.to_vec();
        let mut all: Vec<Switched> = Vec::new();
        let mut texts = original.clone();
        while !left.is_empty() {
            let next = task(left.remove(random.below(left.len())));
            all.push(next.clone());
            texts = applied(&texts, &[next], &all);
            all.sort();
            let at_once = applied(&original, &all, &all);
            assert_eq!(texts, at_once, "{all:?}");
        }
        let rust = &texts["src/tasks.rs"];
        assert!(
            !rust.contains("PyTask") && rust.contains("pub mod mid;"),
            "{rust}"
        );
        assert!(!texts[MANIFEST].contains("python"), "{}", texts[MANIFEST]);
        assert!(!texts["copperconfig.ron"].contains("\"script\":"));
    }
}

#[test]
fn what_the_user_changes_meanwhile_is_kept_both_ways() {
    let random = &mut Random(5);
    let mut exact = 0;
    for _ in 0..60 {
        let original = app(random);
        let mut all: Vec<Switched> = TYPES[..1 + random.below(4)]
            .iter()
            .map(|n| task(n))
            .collect();
        all.sort();
        let switched = applied(&original, &all, &all);
        // A line somewhere, in each file.
        let mut edited = switched.clone();
        for (name, line) in [
            ("copperconfig.ron", "// mine\n"),
            ("src/tasks.rs", "// mine\n"),
            (MANIFEST, "# mine\n"),
        ] {
            let text = edited.get_mut(name).unwrap();
            let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            text.insert_str(starts[random.below(starts.len())], line);
        }
        let (with_edits, conflicts) = merged(&switched, &edited, &original);
        assert!(conflicts.is_empty(), "{conflicts:?}");
        for (name, text) in &with_edits {
            let back = text
                .replacen("// mine\n", "", 1)
                .replacen("# mine\n", "", 1);
            assert_eq!(back, original[name], "{edited:?}");
            assert_ne!(text, &original[name]);
        }
        exact += usize::from(applied(&with_edits, &all, &all) == edited);
    }
    // Where a line is beside what was put in, it may be put in on its other side.
    assert!(exact > 40, "{exact}");
}

#[test]
fn tokens_are_the_whole_text() {
    for text in ["", "a", "a b\n  c_d(1)\r\n", "\n\n", "é=ü"] {
        assert_eq!(tokens(text).concat(), text);
    }
    assert_eq!(tokens("ab  c;;\n"), ["ab", "  ", "c", ";", ";", "\n"]);
}
