//! Where comments and blank lines go.

use super::{Census, corpus, module, parsed};
use copper_migrate::ast::{Stmt, StmtKind};

/// The texts before, the one at the end of the line.
fn around(stmt: &Stmt) -> (Vec<&str>, Option<&str>) {
    let before = stmt.comments.iter().map(|c| c.text.as_str()).collect();
    (before, stmt.line_comment.as_ref().map(|c| c.text.as_str()))
}

#[test]
fn own_lines_go_before_and_line_ends_to_their_statement() {
    let module = module("# a\n#b\nx = 1  # c\ny = 2  #  d  \n# e\n");
    let stmts = &module.body.stmts;
    assert_eq!(around(&stmts[0]), (vec!["a", "b"], Some("c")));
    assert_eq!(around(&stmts[1]), (vec![], Some(" d")));
    assert_eq!(module.body.trailing[0].text, "e");
}

#[test]
fn a_line_end_belongs_to_the_last_statement_of_the_line() {
    let module = module("a; b  # c\n");
    assert_eq!(around(&module.body.stmts[0]), (vec![], None));
    assert_eq!(around(&module.body.stmts[1]), (vec![], Some("c")));
}

#[test]
fn comments_within_an_expression_stay_with_the_statement() {
    let module = module("x = {  # open\n  # own\n  1: 2,  # end\n}  # close\n");
    assert_eq!(
        around(&module.body.stmts[0]),
        (vec!["own", "end", "close"], Some("open"))
    );
    let text = "x = [\n  1,  # end\n]  # close\n";
    assert_eq!(
        around(&self::module(text).body.stmts[0]),
        (vec!["end"], Some("close"))
    );
}

#[test]
fn headers_keep_their_comment_and_blocks_their_own() {
    let text = "\
@dec  # dec
# between
def f(
    a,  # param
):  # header
    # before doc
    '''doc'''  # after doc
    # first
    x = 1  # line
    # trailing
# next
y = 1
";
    let module = module(text);
    let [def, next] = &module.body.stmts[..] else {
        panic!()
    };
    assert_eq!(
        around(def),
        (vec!["between", "param", "header"], Some("dec"))
    );
    let StmtKind::Function(function) = &def.kind else {
        panic!()
    };
    assert_eq!(function.doc.as_ref().unwrap().text, "doc");
    assert_eq!(
        around(&function.body.stmts[0]),
        (vec!["before doc", "after doc", "first"], Some("line"))
    );
    assert_eq!(function.body.trailing[0].text, "trailing");
    assert_eq!(around(next), (vec!["next"], None));
}

#[test]
fn comments_before_and_after_else_start_its_block() {
    let text = "\
if a:  # if
    pass
    # trailing
# before elif
elif b:  # elif
    pass
# before else
else:  # else
    # in else
    pass  # last
";
    let module = module(text);
    let outer = &module.body.stmts[0];
    assert_eq!(around(outer), (vec![], Some("if")));
    let StmtKind::If { body, orelse, .. } = &outer.kind else {
        panic!()
    };
    assert_eq!(body.trailing[0].text, "trailing");
    let elif = &orelse.stmts[0];
    assert_eq!(around(elif), (vec![], Some("elif")));
    let StmtKind::If { body, orelse, .. } = &elif.kind else {
        panic!()
    };
    assert_eq!(around(&body.stmts[0]), (vec!["before elif"], None));
    assert_eq!(
        around(&orelse.stmts[0]),
        (vec!["before else", "else", "in else"], Some("last"))
    );
}

#[test]
fn comments_of_handlers_and_cases_start_their_blocks() {
    let text = "\
try:  # try
    pass
# before except
except E:  # except
    pass
finally:  # finally
    pass
match x:  # match
    # before case
    case 1:  # case
        pass
        # trailing
";
    let module = module(text);
    let StmtKind::Try {
        handlers,
        finalbody,
        ..
    } = &module.body.stmts[0].kind
    else {
        panic!()
    };
    assert_eq!(around(&module.body.stmts[0]), (vec![], Some("try")));
    assert_eq!(
        around(&handlers[0].body.stmts[0]),
        (vec!["before except", "except"], None)
    );
    assert_eq!(around(&finalbody.stmts[0]), (vec!["finally"], None));
    let StmtKind::Match { cases, .. } = &module.body.stmts[1].kind else {
        panic!()
    };
    assert_eq!(around(&module.body.stmts[1]), (vec![], Some("match")));
    let body = &cases[0].body;
    assert_eq!(around(&body.stmts[0]), (vec!["before case", "case"], None));
    assert_eq!(body.trailing[0].text, "trailing");
}

#[test]
fn a_function_with_only_a_docstring_keeps_its_comments() {
    let module = module("def f():  # a\n    'd'  # b\n    # c\n# d\n");
    let def = &module.body.stmts[0];
    assert_eq!(around(def), (vec![], Some("a")));
    let StmtKind::Function(function) = &def.kind else {
        panic!()
    };
    let texts: Vec<_> = function.body.trailing.iter().map(|c| &c.text).collect();
    assert_eq!(texts, ["b", "c"]);
    assert_eq!(module.body.trailing[0].text, "d");
}

#[test]
fn blank_lines_are_seen_before_the_comments() {
    let text = "a\n\n# c\nb\n# d\n\nc\nif x:\n\n    d\n    e\n\n\n\nf; g\n";
    let module = module(text);
    let blank: Vec<bool> = Census::of(&module)
        .stmts
        .iter()
        .map(|stmt| stmt.blank_before)
        .collect();
    assert_eq!(blank, [false, true, false, false, true, false, true, false]);
}

#[test]
fn comments_in_unread_statements_and_fstrings_are_kept() {
    let text = "try:\n  # a\n  pass\nexcept* E:  # b\n  pass  # c\nf'''{\n  x  # d\n}'''  # e\n";
    let module = module(text);
    let texts: Vec<_> = Census::of(&module)
        .comments
        .iter()
        .map(|c| c.text.clone())
        .collect();
    assert_eq!(texts, ["a", "b", "c", "d", "e"]);
}

/// The comments that a text has by construction: `#` and a number, on ends of lines
/// and on lines of their own, at every place of the corpus where one can stand.
#[test]
fn no_comment_is_lost_or_doubled_wherever_it_stands() {
    for (path, text) in corpus() {
        if text.contains('\r') {
            continue;
        }
        let lines: Vec<&str> = text.split('\n').collect();
        for offset in 0..3 {
            for indent in ["", "    ", "        "] {
                let mut out = String::new();
                for (number, line) in lines.iter().enumerate() {
                    if number % 3 == offset {
                        out.push_str(&format!("{indent}#own{number}\n"));
                    }
                    out.push_str(line);
                    if number + 1 < lines.len() {
                        out.push('\n');
                    }
                }
                check(&path.display().to_string(), &out);
            }
        }
    }
}

fn check(name: &str, text: &str) {
    let parsed = parsed(text);
    if !parsed.diagnostics.is_empty() {
        // A comment after a backslash.
        return;
    }
    let census = Census::of(&parsed.module);
    let mut spans: Vec<_> = census.comments.iter().map(|c| c.span).collect();
    let kept = spans.len();
    spans.dedup();
    assert_eq!(spans.len(), kept, "{name}: a comment is doubled");
    for comment in &census.comments {
        let source = &text[comment.span.start as usize..comment.span.end as usize];
        assert!(
            source.starts_with('#') && source.contains(&comment.text),
            "{name}: {source}"
        );
    }
    // Those that stand in strings are no comments.
    let in_strings = |number: &str| !census.comments.iter().any(|c| c.text == number);
    let lost: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("#own"))
        .filter(|number| in_strings(&format!("own{number}")))
        .collect();
    assert!(lost.len() <= 4, "{name}: lost {lost:?}");
}
