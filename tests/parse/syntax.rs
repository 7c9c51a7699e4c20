//! The shape of the tree, where CPython's tree does not say it.

use super::{Census, corpus, expr, file, module, tree};
use copper_migrate::ast::dump::dump;
use copper_migrate::ast::{ExprKind, ParamKind, StmtKind};
use copper_migrate::parse::parse;

#[test]
fn docstrings_are_cleaned_and_later_strings_stay() {
    let text = "'''  One.\n\n    Two.\n    '''\n'not a doc'\nclass A:\n  'doc'\n  'more'\n";
    let module = module(text);
    let doc = module.doc.as_ref().unwrap();
    assert_eq!(doc.text, "One.\n\nTwo.");
    assert_eq!(doc.span.start, 0);
    assert_eq!(module.body.stmts.len(), 2);
    let StmtKind::Class(class) = &module.body.stmts[1].kind else {
        panic!()
    };
    assert_eq!(class.doc.as_ref().unwrap().text, "doc");
    assert_eq!(class.body.stmts.len(), 1);
}

#[test]
fn integers_have_any_size_and_base() {
    for (text, expected) in [
        ("0xFFFF_FFFF_FFFF_FFFF_FF", "4722366482869645213695"),
        ("0o1_7", "15"),
        ("0b1_01", "5"),
        ("1_000_000_000_000_000_000_000", "1000000000000000000000"),
    ] {
        match expr(text).kind {
            ExprKind::Int(value) => assert_eq!(value.to_string(), expected),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(expr("2.5J").kind, ExprKind::Imaginary(x) if x == 2.5));
    assert!(matches!(expr("1e400").kind, ExprKind::Float(x) if x.is_infinite()));
}

#[test]
fn parameters_keep_the_order_of_the_source() {
    let module = module("def f(a, b=1, /, c=2, *d, e, f=3, **g): pass\n");
    let StmtKind::Function(function) = &module.body.stmts[0].kind else {
        panic!()
    };
    let params: Vec<_> = function
        .params
        .list
        .iter()
        .map(|p| (p.name.name.as_str(), p.kind, p.default.is_some()))
        .collect();
    assert_eq!(
        params,
        [
            ("a", ParamKind::PositionalOnly, false),
            ("b", ParamKind::PositionalOnly, true),
            ("c", ParamKind::Normal, true),
            ("d", ParamKind::VarArgs, false),
            ("e", ParamKind::KeywordOnly, false),
            ("f", ParamKind::KeywordOnly, true),
            ("g", ParamKind::KwArgs, false),
        ]
    );
}

#[test]
fn unread_statements_are_nodes_and_the_rest_is_read() {
    let module = module("type X = int\ntry: pass\nexcept* E: pass\nx = 1\n");
    assert_eq!(
        Census::of(&module).unsupported(),
        ["a `type` statement (Python 3.12)", "`except*`"]
    );
    assert_eq!(module.body.stmts.len(), 3);
}

#[test]
fn soft_keywords_are_names_elsewhere() {
    assert_eq!(
        tree("type = 1\ntype(x)\nmatch = 2\nmatch(x)\n_ = case\nprint(match, type)\n")
            .matches("unsupported")
            .count(),
        0
    );
}

/// Names of functions, attributes, keywords and so on point at their own text.
#[test]
fn names_have_exact_spans() {
    let text = "@d\nasync  \\\n def fé(x, *ys: int, **k): pass\n\
                class \tC(B, m=1): pass\n\
                a . b  .cé; f(k = 1, ** z); (n := 1)\n\
                import a.b as q, c\nfrom x import (y as z, w)\n\
                try: pass\nexcept (A, B)  as  e: pass\nexcept (A) as e2: pass\n";
    let file = file(text);
    let module = parse(&file).module;
    let mut names = Vec::new();
    let census = Census::of(&module);
    for stmt in &census.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => {
                assert!(file.slice(stmt.span).starts_with('@'));
                names.push(f.name.clone());
                names.extend(f.params.list.iter().map(|p| p.name.clone()));
            }
            StmtKind::Class(c) => {
                names.push(c.name.clone());
                names.extend(c.keywords.iter().filter_map(|k| k.name.clone()));
            }
            StmtKind::Import(aliases) | StmtKind::ImportFrom { names: aliases, .. } => {
                for alias in aliases {
                    names.push(alias.name.clone());
                    names.extend(alias.alias.clone());
                }
            }
            StmtKind::Try { handlers, .. } => {
                names.extend(handlers.iter().filter_map(|h| h.name.clone()));
            }
            _ => {}
        }
    }
    for expr in &census.exprs {
        match &expr.kind {
            ExprKind::Attribute { attr, .. } => names.push(attr.clone()),
            ExprKind::Named { target, .. } => names.push(target.clone()),
            ExprKind::Call { keywords, .. } => {
                names.extend(keywords.iter().filter_map(|k| k.name.clone()));
            }
            _ => {}
        }
    }
    assert_eq!(names.len(), 18);
    for name in names {
        assert_eq!(file.slice(name.span), name.name);
    }
}

#[test]
fn the_span_of_a_name_is_the_name() {
    for (path, text) in corpus() {
        let file = file(&text);
        let module = parse(&file).module;
        for expr in Census::of(&module).exprs {
            if let ExprKind::Name(name) = &expr.kind {
                assert_eq!(file.slice(expr.span), name, "{}", path.display());
            }
        }
    }
}

#[test]
fn line_ends_marks_tabs_and_form_feeds_do_not_shift_anything() {
    let text = "\u{feff}# c\r\nif x:\r\n\ty = 1  # t\r\n  \t\r\n\u{c}\r\nelse:\r\n\tz\r\n";
    let file = file(text);
    let module = parse(&file).module;
    let lines: Vec<_> = Census::of(&module)
        .stmts
        .iter()
        .map(|s| (file.line(s.span.start), file.slice(s.span).to_owned()))
        .collect();
    assert_eq!(lines[1], (3, "y = 1".to_owned()));
    assert_eq!(lines[2], (7, "z".to_owned()));
    let mixed = "if x:\n  \ta\n  \tif y:\n  \t  b\n";
    assert_eq!(super::module(mixed).body.stmts.len(), 1);
    assert_eq!(super::module("x = 1\ry = 2").body.stmts.len(), 2);
}

#[test]
fn an_empty_file_is_an_empty_module() {
    for text in ["", "\n\n", "# only\n", "\u{feff}", "   ", "\\\n\n"] {
        assert!(module(text).body.stmts.is_empty(), "{text:?}");
    }
}

#[test]
fn a_dump_shows_structure_and_comments() {
    let text = "# c\nx = a.b + 1  # d\n\nif x: pass\n";
    let expected = "\
module
  body
    comment: # \"c\"
    assign
      line: # \"d\"
      target: name x
      value: binary +
        left: attribute b
          value: name a
        right: int 0x1
    blank
    if
      test: name x
      body
        pass
";
    assert_eq!(dump(&module(text)), expected);
}
