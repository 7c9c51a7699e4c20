//! Any text gives a module or a diagnostic.

use super::{Census, corpus, module, parsed};

#[test]
fn nesting_is_bounded_and_said() {
    let deep = 100_000;
    let texts = [
        "(".repeat(deep),
        format!("{}x{}", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}1\n", "-".repeat(deep)),
        format!("x = {}1\n", "not ".repeat(deep)),
        format!("x = {}1\n", "lambda a, b: ".repeat(deep)),
        format!("x = 1{}\n", " + 1".repeat(deep)),
        format!("x = a{}\n", "[1, 2]".repeat(deep)),
        format!("x = a{}\n", ".b".repeat(deep)),
        format!("x = a{}\n", " if b else c".repeat(deep)),
        format!("x = 1{}\n", " ** 1".repeat(deep)),
        format!("if a: pass\n{}", "elif b: pass\n".repeat(deep)),
        (0..1000)
            .map(|n| format!("{}if x:\n", " ".repeat(n)))
            .collect(),
        "f'{".repeat(deep),
        "f'{x:".repeat(deep),
        "f\"{f'{".repeat(deep),
        "match x:\n case ".to_owned() + &"[".repeat(deep),
        "9".repeat(deep),
    ];
    for text in texts {
        let diagnostics = parsed(&text).diagnostics;
        let start: String = text.chars().take(40).collect();
        assert_eq!(diagnostics.len(), 1, "{start}: {diagnostics:?}");
    }
}

#[test]
fn what_nests_deeper_than_later_stages_can_walk_is_a_hole() {
    for text in [
        format!("x = 1{}\ny = 2\n", " + 1".repeat(20_000)),
        format!("x = {}1\ny = 2\n", "-".repeat(20_000)),
        format!("if a: pass\n{}y = 2\n", "elif b: pass\n".repeat(20_000)),
        format!("x = {}1{}\ny = 2\n", "[".repeat(199), "]".repeat(199)),
    ] {
        let module = module(&text);
        let census = Census::of(&module);
        assert_eq!(module.body.stmts.len(), 2);
        assert!(matches!(census.unsupported().len(), 1..=3), "{text:.40}");
        assert!(census.deepest <= 201, "{}", census.deepest);
        assert_eq!(module.node_count as usize, census.ids.len());
    }
}

#[test]
fn wide_is_not_deep() {
    let text = format!(
        "x = [{}]\ny = {{{}}}\nf({})\n",
        "1 + 2, ".repeat(10_000),
        "'k': -1, ".repeat(10_000),
        "a.b, ".repeat(10_000)
    );
    assert_eq!(module(&text).body.stmts.len(), 3);
}

#[test]
fn node_ids_are_dense_and_unique() {
    for (path, text) in corpus() {
        let module = module(&text);
        let mut ids = Census::of(&module).ids;
        ids.sort_unstable();
        let expected: Vec<u32> = (0..module.node_count).collect();
        assert_eq!(ids, expected, "{}", path.display());
    }
}

#[test]
fn damaged_files_give_a_module_or_a_diagnostic_within_the_text() {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let pieces = [
        "(", ")", "{", "}", "'", "\"\"\"", "f'{", "#", "\\", "\n", "\r", "\t", " ", "é",
        "\u{feff}", "\0", ":", "=", "*", "lambda ", "match ", "b'", "\\N{", "0x", "async ",
        "\u{c}",
    ];
    for (path, text) in corpus() {
        for _ in 0..60 {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..=random(3) {
                let at = random(chars.len());
                if random(2) == 0 {
                    let end = (at + random(8)).min(chars.len());
                    chars.drain(at..end);
                } else {
                    let piece = pieces[random(pieces.len())].chars();
                    chars.splice(at..at, piece);
                }
            }
            let damaged: String = chars.into_iter().collect();
            let parsed = parsed(&damaged);
            for diagnostic in &parsed.diagnostics {
                let (start, end) = (diagnostic.span.start, diagnostic.span.end);
                assert!(
                    damaged.get(start as usize..end as usize).is_some(),
                    "{}: {diagnostic:?}\n{damaged}",
                    path.display()
                );
                assert!(!diagnostic.message.contains("defect"), "{damaged}");
            }
        }
    }
}
