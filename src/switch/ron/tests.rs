use super::super::random::Random;
use super::*;
use ::ron::Value as Ron;

fn switched(text: &str) -> String {
    to_rust(text, "pid", &to("tasks::pid::Pid", None)).unwrap_or_else(|e| panic!("{e} in\n{text}"))
}

#[test]
fn a_node_is_edited_and_nothing_else() {
    let text = "// The graph.\n(\n    tasks: [\n        (id: \"a\", type: \"tasks::A\"), // first\n        (\n            // The controller.\n            id: \"pid\",\n            type: \"tasks::PidTask\", // Python\n            config: {\n                \"script\": \"python/pid.py\", // tuned\n                \"mode\": \"embedded\",\n            },\n            background: false,\n        ),\n    ],\n)\n";
    let expected = "// The graph.\n(\n    tasks: [\n        (id: \"a\", type: \"tasks::A\"), // first\n        (\n            // The controller.\n            id: \"pid\",\n            type: \"tasks::pid::Pid\", // Python\n            background: false,\n        ),\n    ],\n)\n";
    assert_eq!(switched(text), expected);
    let remarked = to_rust(text, "pid", &to("tasks::pid::Pid", Some("not verified"))).unwrap();
    let line = "            type: \"tasks::pid::Pid\" /* migrate: not verified */, // Python\n";
    assert_eq!(
        remarked,
        expected.replace("            type: \"tasks::pid::Pid\", // Python\n", line)
    );
    // The remark goes with a proof, and nothing else changes.
    assert_eq!(switched(&remarked), expected);
    assert_eq!(type_of(&remarked, "pid").unwrap(), "tasks::pid::Pid");
}

#[test]
fn every_layout_is_kept() {
    for (text, expected) in [
        (
            "(tasks:[(id:\"pid\",type:\"T\",config:{\"script\":\"p\"})])",
            "(tasks:[(id:\"pid\",type:\"tasks::pid::Pid\")])",
        ),
        (
            "(tasks: [(id: \"pid\", type: \"T\", config: {\"script\": \"p\", \"mode\": \"embedded\"}, logging: (enabled: true))])",
            "(tasks: [(id: \"pid\", type: \"tasks::pid::Pid\", logging: (enabled: true))])",
        ),
        (
            "(tasks: [(config: {\"gain\": 2.5, \"script\": \"p\"}, type: \"T\", id: \"pid\",),],)",
            "(tasks: [(config: {\"gain\": 2.5}, type: \"tasks::pid::Pid\", id: \"pid\",),],)",
        ),
        (
            "(tasks: [(config: {\"mode\": \"process\", \"gain\": 1,}, type: r#\"T\"#, id: \"pid\")])",
            "(tasks: [(config: {\"gain\": 1,}, type: \"tasks::pid::Pid\", id: \"pid\")])",
        ),
        (
            "#![enable(implicit_some)]\nConfig(tasks: Some([Node(id: \"pid\", type: Some(\"T\"))]))",
            "#![enable(implicit_some)]\nConfig(tasks: Some([Node(id: \"pid\", type: Some(\"tasks::pid::Pid\"))]))",
        ),
        (
            "(tasks: [(id: \"pid\", type: \"T\", config: {\n  // why so\n  \"script\": \"p\",\n})])",
            "(tasks: [(id: \"pid\", type: \"tasks::pid::Pid\", config: {\n  // why so\n})])",
        ),
        (
            "(tasks: [(id: \"x)]\\\"\", type: '(', n: {{count}}, m: \"{{name}}\"), (id: \"pid\", /* a /* b */ \"c */ type: \"T\")])",
            "(tasks: [(id: \"x)]\\\"\", type: '(', n: {{count}}, m: \"{{name}}\"), (id: \"pid\", /* a /* b */ \"c */ type: \"tasks::pid::Pid\")])",
        ),
        (
            "(tasks: [\r\n  (\r\n    id: \"pid\",\r\n    type: \"T\",\r\n    config: {\"script\": \"p\"},\r\n  ),\r\n])",
            "(tasks: [\r\n  (\r\n    id: \"pid\",\r\n    type: \"tasks::pid::Pid\",\r\n  ),\r\n])",
        ),
    ] {
        assert_eq!(switched(text), expected);
    }
}

#[test]
fn what_cannot_be_edited_is_named_with_its_line() {
    for (text, words) in [
        (
            "(tasks: [\n(id: \"{{n}}\", type: \"T\")])",
            "no node is written as `id: \"pid\"`",
        ),
        (
            "(tasks: [\n(id: \"pid\")])",
            "line 2: the node `pid` has no `type`",
        ),
        (
            "(tasks: [\n(id: \"pid\", type: {{t}})])",
            "line 2: the `type` of `pid` is no string",
        ),
        (
            "(tasks: [(id: \"pid\", type: \"T\"), \n(id: \"pid\", type: \"T\")])",
            "several nodes",
        ),
        (
            "(tasks: [(id: \"pid\" type: \"T\")])",
            "line 1: neither a comma",
        ),
        ("(cnx: [])", "no list `tasks"),
        ("[]", "no struct"),
        ("(tasks: [", "line 1: no value"),
        ("(tasks: /* ", "no end"),
    ] {
        let error = to_rust(text, "pid", &to("x", None)).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    let deep = format!("(tasks: {}", "[".repeat(100_000));
    assert!(
        to_rust(&deep, "pid", &to("x", None))
            .unwrap_err()
            .contains("too deep")
    );
}

/// A configuration with random comments, spaces, orders and commas.
struct Layout<'a> {
    random: &'a mut Random,
    text: String,
}

impl Layout<'_> {
    fn gap(&mut self) {
        for _ in 0..self.random.below(3) {
            let gap = self.random.of(&[
                " ",
                "\n",
                "\n    ",
                "\t",
                "  ",
                "\r\n",
                " // tasks: [(id: \"pid\")]\n",
                "\n// \"script\": \"x\",\n",
                "/* type: \"T\", */",
                " /* a /* ) */ b */ ",
            ]);
            self.text.push_str(gap);
        }
    }

    fn put(&mut self, token: &str) {
        self.gap();
        self.text.push_str(token);
    }

    fn list(&mut self, open: &str, close: &str, members: &[String]) {
        let mut members: Vec<&String> = members.iter().collect();
        self.put(open);
        while !members.is_empty() {
            let at = self.random.below(members.len());
            let member = members.remove(at);
            self.gap();
            self.text.push_str(member);
            if !members.is_empty() || self.random.below(2) == 0 {
                self.put(",");
            }
        }
        self.put(close);
    }

    fn written(random: &mut Random, write: impl FnOnce(&mut Layout<'_>)) -> String {
        let mut layout = Layout {
            random,
            text: String::new(),
        };
        write(&mut layout);
        layout.text
    }
}

fn field(random: &mut Random, key: &str, value: &str) -> String {
    Layout::written(random, |layout| {
        layout.text.push_str(key);
        layout.put(":");
        layout.put(value);
    })
}

fn node(random: &mut Random, id: &str) -> String {
    let mut config = Vec::new();
    for (key, value) in [
        ("\"script\"", "\"python/p,}.py\""),
        ("\"mode\"", "\"embedded\""),
        ("\"gain\"", "-1.5e3"),
        ("\"of\"", "[1, (2), 'x', true]"),
    ] {
        if random.below(3) > 0 {
            config.push(field(random, key, value));
        }
    }
    let config = Layout::written(random, |layout| layout.list("{", "}", &config));
    let mut fields = vec![
        field(random, "id", &format!("{id:?}")),
        field(random, "type", random_type(id)),
    ];
    if random.below(4) > 0 {
        fields.push(field(random, "config", &config));
    }
    if random.below(2) > 0 {
        fields.push(field(random, "logging", "(enabled: false)"));
    }
    Layout::written(random, |layout| layout.list("(", ")", &fields))
}

fn random_type(id: &str) -> &str {
    match id {
        "pid" => "r##\"tasks::Old\"#::\"##",
        _ => "\"tasks::Other\"",
    }
}

/// What a text says after the switch, by its meaning.
fn expected(text: &str) -> Ron {
    let mut value: Ron = ::ron::from_str(text).unwrap();
    let key = |key: &str| Ron::String(key.into());
    let Ron::Map(top) = &mut value else { panic!() };
    let Ron::Seq(tasks) = &mut top[&key("tasks")] else {
        panic!()
    };
    for task in tasks {
        let Ron::Map(fields) = task else { panic!() };
        if fields[&key("id")] != key("pid") {
            continue;
        }
        fields[&key("type")] = key("tasks::pid::Pid");
        let mut empty = false;
        if let Some(Ron::Map(config)) = fields.get_mut(&key("config")) {
            let before = config.len();
            config.remove(&key("script"));
            config.remove(&key("mode"));
            empty = config.is_empty() && before > 0;
        }
        if empty {
            fields.remove(&key("config"));
        }
    }
    value
}

#[test]
fn random_layouts_keep_their_meaning_and_their_comments() {
    let random = &mut Random(7);
    for _ in 0..400 {
        let nodes = ["a", "pid", "z"].map(|id| node(random, id));
        let tasks = Layout::written(random, |layout| layout.list("[", "]", &nodes));
        let fields = [
            field(random, "tasks", &tasks),
            field(random, "cnx", "[(src: \"pid\", dst: \"z\", msg: \"M\")]"),
        ];
        let text = Layout::written(random, |layout| layout.list("(", ")", &fields));
        let edited = switched(&text);
        let meaning: Ron =
            ::ron::from_str(&edited).unwrap_or_else(|e| panic!("{e}\n{text}\n=====\n{edited}"));
        let mut wanted = expected(&text);
        if meaning != wanted {
            // A map that is kept for the comment in it.
            let Ron::Map(top) = &mut wanted else { panic!() };
            let Ron::Seq(tasks) = &mut top[&Ron::String("tasks".into())] else {
                panic!()
            };
            for task in tasks {
                let Ron::Map(fields) = task else { panic!() };
                if fields[&Ron::String("id".into())] == Ron::String("pid".into()) {
                    let empty = Ron::Map(::ron::Map::new());
                    fields.insert(Ron::String("config".into()), empty);
                }
            }
        }
        assert_eq!(meaning, wanted, "{text}\n=====\n{edited}");
        assert_eq!(switched(&edited), edited);
        // Nothing was put in but the type: the rest is what is left of the text.
        let rest = edited.replacen("\"tasks::pid::Pid\"", "", 1);
        let mut left = text.chars();
        assert!(
            rest.chars().all(|c| left.any(|other| other == c)),
            "{text}\n=====\n{edited}"
        );
    }
}

#[test]
fn a_remark_stays_where_the_rest_of_the_line_goes() {
    let text = "(tasks: [(id: \"pid\", type: \"T\" /* mine */, config: {\"script\": \"p\"})])";
    let expected = "(tasks: [(id: \"pid\", type: \"x\" /* migrate: why */ /* mine */)])";
    assert_eq!(
        to_rust(text, "pid", &to("x", Some("why"))).unwrap(),
        expected
    );
    let text = "(tasks: [(id: \"pid\", config: {\"script\": \"p\"}, type: \"T\")])";
    let expected = "(tasks: [(id: \"pid\", type: \"x\" /* migrate: why */)])";
    assert_eq!(
        to_rust(text, "pid", &to("x", Some("why"))).unwrap(),
        expected
    );
}

fn to<'t>(new_type: &'t str, remark: Option<&'t str>) -> To<'t> {
    To {
        new_type,
        remark,
        stateless: false,
    }
}

#[test]
fn a_task_without_state_gets_its_kind() {
    let of = |text: &str| {
        let to = To {
            stateless: true,
            ..to("x", Some("why"))
        };
        to_rust(text, "pid", &to).unwrap()
    };
    let text = "(tasks: [(id: \"pid\", type: \"Py\", config: {\"gain\": 1})])";
    assert_eq!(
        of(text),
        format!(
            "(tasks: [(id: \"pid\", type: \"x\" {REMARK}why */, kind: stateless_task, config: {{\"gain\": 1}})])"
        )
    );
    let text = "(tasks: [(id: \"pid\", kind: task, type: \"Py\")])";
    assert_eq!(
        of(text),
        format!("(tasks: [(id: \"pid\", kind: stateless_task, type: \"x\" {REMARK}why */)])")
    );
}
