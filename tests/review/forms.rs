//! Text, Markdown and HTML, and what is said of records that are stale or not there.

use super::{App, OTHER};

#[test]
fn without_records_it_says_which_command_to_run() {
    let app = App::new();
    let said = app.migrate(&["review", "other"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "other: python/other.py -> src/tasks/other.rs (new file)\n",
        "verdict     not verified\n",
        "run `migrate verify --log logs/run.copper --task other`",
        "--- /dev/null\n+++ b/src/tasks/other.rs\n",
        "speed       not measured",
        "`migrate switch other --to rust` would change:\n\n--- a/copperconfig.ron\n",
        "+++ b/src/tasks.rs\n",
    ] {
        assert!(said.out.contains(part), "no {part:?} in:\n{}", said.out);
    }
    assert!(
        !app.root().join("src/tasks/other.rs").exists(),
        "nothing is written"
    );
    assert!(!app.root().join(".migrate").exists());
}

#[test]
fn what_is_known_is_summed_up_and_the_gravest_comes_first() {
    let app = App::known();
    let said = app.migrate(&["review"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let order = [
        "py: python/py.py -> src/tasks/py.rs (no change)",
        "verdict     different; 300 cycles of logs/run.copper",
        "executed    10 of 12 lines",
        "speed       1500 times as fast",
        "python/py.py:17 divergence: `state.last` differs from CopperList 20 on",
        "python/py.py:16 hole: ",
        "python/py.py:3 state: `seen` lives outside `state`",
        "python/py.py:14 not executed: lines 14 to 15 never run in the log",
        "python/py.py:13 one way only: `value > 100.0` is never true in the log",
        "other: python/other.py -> src/tasks/other.rs (no change)",
        "verdict     equal; 300 cycles of logs/run.copper",
    ];
    let mut from = 0;
    for part in order {
        let at = said.out[from..].find(part);
        let at = at.unwrap_or_else(|| panic!("no {part:?} in its place in:\n{}", said.out));
        from += at;
    }
    assert_eq!(app.migrate(&["review", "other"]).code, 0);
    assert_eq!(app.migrate(&["review", "python/other.py"]).code, 0);
}

#[test]
fn a_verdict_about_other_files_is_stale() {
    let app = App::known();
    app.put("python/other.py", &OTHER.replace("1.0", "2.0"));
    let said = app.migrate(&["review", "other"]);
    assert!(
        said.out
            .contains("verdict     stale; python/other.py was changed since")
    );
    assert!(said.out.contains("run `migrate verify"), "{}", said.out);
    assert!(said.out.contains("executed    unknown"), "{}", said.out);
    assert!(
        said.out.contains("+        output.payload"),
        "the diff: {}",
        said.out
    );

    // The Python is as it was verified, but the Rust would be another.
    let app = App::known();
    let rust = app.text("src/tasks/other.rs");
    app.put("src/tasks/other.rs", &rust.replace("1.0", "1.5"));
    app.store("other", super::equal());
    let said = app.migrate(&["review", "other"]);
    assert!(
        said.out.contains("(no change, edited by hand)"),
        "{}",
        said.out
    );
    assert!(said.out.contains("verdict     equal"), "{}", said.out);
}

#[test]
fn markdown_is_a_table_a_list_and_what_is_folded() {
    let app = App::known();
    let said = app.migrate(&["review", "--format", "markdown"]);
    let text = &said.out;
    assert!(text.starts_with("| task | verdict |"), "{text}");
    for part in [
        "| `py` | different (300 cycles of logs/run.copper) |",
        "- **divergence**: `python/py.py:17` `state.last` differs from CopperList 20 on",
        "Rust &lt;/script>&amp;3.5",
        "- **hole**: `python/py.py:16` ",
        "<details><summary>Verdicts</summary>",
        "| Python, embedded | 400 | 150.0 µs | 300.0 µs | 1.4 ms | 0 | 3 | 1500 |",
        "Nothing stands out.",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
    app.put("python/other.py", &OTHER.replace("1.0", "2.0"));
    let said = app.migrate(&["review", "--format", "markdown", "-o", "pr.md"]);
    assert_eq!(said.out, "");
    assert!(
        app.text("pr.md")
            .contains("```diff\n--- a/src/tasks/other.rs\n")
    );
}

#[test]
fn the_page_holds_no_markup_of_the_users() {
    let app = App::known();
    let (html, _) = app.page(&[]);
    assert_eq!(html.matches("<script>").count(), 1);
    assert_eq!(html.matches("</script>").count(), 1);
    assert!(
        !html.contains("<b>&amp;") && !html.contains("<i>never"),
        "escaped"
    );
    assert!(html.contains("&#60;/script&#62;") || html.contains("&lt;/script&gt;"));
    assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(!html.contains(" style="), "the policy forbids it");
}

#[test]
fn slips_are_named() {
    let app = App::new();
    let said = app.migrate(&["review", "nothing"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("nothing"), "{}", said.err);
    let said = app.migrate(&["review", "--list", "--format", "html"]);
    assert_eq!(said.code, 2);
}
