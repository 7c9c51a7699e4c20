//! F-strings, those of Python 3.12 too.

use super::{Census, expr, file, messages, module};
use copper_migrate::ast::{Conversion, ExprKind, FStringPart};
use copper_migrate::parse::parse;

/// An f-string in a short notation: `text`, `{name!r:spec}`.
fn shown(text: &str) -> String {
    match expr(text).kind {
        ExprKind::FString(parts) => show(&parts),
        other => panic!("{text}: {other:?}"),
    }
}

fn show(parts: &[FStringPart]) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            FStringPart::Literal(text) => out.push_str(text),
            FStringPart::Value {
                value,
                conversion,
                spec,
            } => {
                let kind = match &value.kind {
                    ExprKind::Name(name) => name.clone(),
                    ExprKind::Str(text) => format!("'{text}'"),
                    ExprKind::Int(value) => value.to_string(),
                    ExprKind::FString(parts) => format!("f<{}>", show(parts)),
                    ExprKind::Subscript { .. } => "[]".to_owned(),
                    ExprKind::Call { .. } => "()".to_owned(),
                    ExprKind::Lambda { .. } => "lambda".to_owned(),
                    ExprKind::Dict(_) => "dict".to_owned(),
                    ExprKind::Named { .. } => ":=".to_owned(),
                    ExprKind::Tuple(_) => "tuple".to_owned(),
                    ExprKind::Compare { .. } => "compare".to_owned(),
                    ExprKind::Binary { .. } => "binary".to_owned(),
                    other => format!("{other:?}"),
                };
                let conversion = match conversion {
                    None => "",
                    Some(Conversion::Str) => "!s",
                    Some(Conversion::Repr) => "!r",
                    Some(Conversion::Ascii) => "!a",
                };
                let spec = show(spec);
                let colon = if spec.is_empty() { "" } else { ":" };
                out.push_str(&format!("{{{kind}{conversion}{colon}{spec}}}"));
            }
        }
    }
    out
}

#[test]
fn pieces_conversions_and_specs() {
    assert_eq!(shown("f'a{b}c'"), "a{b}c");
    assert_eq!(shown("f'{x!r}{x!s:>10}{x!a}'"), "{x!r}{x!s:>10}{x!a}");
    assert_eq!(shown("f'{x:{w}.{p}f}'"), "{x:{w}.{p}f}");
    assert_eq!(shown("f'{{{x}}}'"), "{{x}}");
    assert_eq!(shown("f''"), "");
    assert_eq!(shown("f'{x:%H:%M}'"), "{x:%H:%M}");
    assert_eq!(shown("f'{y:=3}'"), "{y:=3}");
}

#[test]
fn the_equals_sign_keeps_the_source() {
    assert_eq!(shown("f'{x=}'"), "x={x!r}");
    assert_eq!(shown("f'{ x  = }'"), " x  = {x!r}");
    assert_eq!(shown("f'{x=!s}'"), "x={x!s}");
    assert_eq!(shown("f'{x=:>5}'"), "x={x:>5}");
    assert_eq!(shown("f'{x+1=}'"), "x+1={binary!r}");
    assert_eq!(shown("f'{x= # note\n}'"), "x= \n{x!r}");
}

#[test]
fn operators_with_equals_signs_are_no_debug_fields() {
    for text in [
        "f'{a==b}'",
        "f'{a!=b}'",
        "f'{a<=b}'",
        "f'{a>=b}'",
        "f'{a != b}'",
    ] {
        assert_eq!(shown(text), "{compare}", "{text}");
    }
    assert_eq!(shown("f'{f(a=1)}'"), "{()}");
}

#[test]
fn escapes_count_in_literal_text_unless_raw() {
    assert_eq!(shown(r"f'\t{x}\x41\N{EM DASH}'"), "\t{x}A—");
    assert_eq!(shown(r"rf'\t{x}\n'"), "\\t{x}\\n");
    assert_eq!(shown(r"f'\{x}'"), "\\{x}");
    assert_eq!(shown(r"rf'\N{x}'"), "\\N{x}");
    assert_eq!(shown("f'a\\\nb'"), "ab");
    assert_eq!(shown("f'''a\r\nb'''"), "a\nb");
}

#[test]
fn literals_side_by_side_are_joined() {
    assert_eq!(shown("'a' f'{b}' \"c\" r'\\d' f'{e}f'"), "a{b}c\\d{e}f");
    assert_eq!(shown("('a'\n f'{b}'  # c\n 'd')"), "a{b}d");
    assert!(matches!(expr("'a' 'b' u'c'").kind, ExprKind::Str(text) if text == "abc"));
}

#[test]
fn fields_may_hold_any_expression() {
    assert_eq!(shown("f'{(lambda x: x)}'"), "{lambda}");
    assert_eq!(shown("f'{ {1: 2} }'"), "{dict}");
    assert_eq!(shown("f'{(y := 3)}'"), "{:=}");
    assert_eq!(shown("f'{a, b}'"), "{tuple}");
    assert_eq!(shown("f'{*a, b}'"), "{tuple}");
}

#[test]
fn python_3_12_reads_quotes_backslashes_and_line_breaks_in_fields() {
    assert_eq!(shown("f'{d['k']}'"), "{[]}");
    assert_eq!(shown("f\"{f\"{f\"{1}\"}\"}\""), "{f<{f<{1}>}>}");
    assert_eq!(shown(r"f'{'\n'.join(x)}'"), "{()}");
    assert_eq!(shown("f'{\n  x  # comment }\n}'"), "{x}");
    assert_eq!(shown("f'{x:{'>'}{w}}'"), "{x:{'>'}{w}}");
    assert_eq!(shown("f'''{\"\"\"a\"\"\"}'''"), "{'a'}");
}

#[test]
fn names_in_fields_have_their_place_in_the_file() {
    let text = "é = f'ü{ alpha:{beta}}' f\"\"\"\n{ f'{gamma}' }\"\"\"\n";
    let file = file(text);
    let module = parse(&file).module;
    for expr in Census::of(&module).exprs {
        if let ExprKind::Name(name) = &expr.kind {
            assert_eq!(file.slice(expr.span), name);
        }
    }
}

#[test]
fn an_fstring_is_no_docstring_and_bytes_are_untouched() {
    assert!(module("f'a'\n").doc.is_none());
    assert!(module("'a' f'b'\n").doc.is_none());
    assert!(matches!(expr("rb'\\{x}'").kind, ExprKind::Bytes(bytes) if bytes == b"\\{x}"));
}

#[test]
fn what_no_rust_string_can_hold_is_unsupported() {
    for text in [r"x = '\ud800'", r"f'\udfff{x}'", r"f'{x:\ud800}'"] {
        let module = module(text);
        let census = Census::of(&module);
        assert_eq!(
            census.unsupported(),
            ["a string with a lone surrogate"],
            "{text}"
        );
        assert_eq!(module.node_count as usize, census.ids.len(), "{text}");
    }
    assert_eq!(
        Census::of(&module("t'{x}'")).unsupported(),
        ["a template string (Python 3.14)"]
    );
}

#[test]
fn faults_in_fstrings_are_shown_in_place() {
    let cases = [
        (
            "x = f'{a b}'",
            "MIG0001 1:10 f-string: invalid syntax: unexpected `b` [b]",
        ),
        (
            "f'{}'",
            "MIG0001 1:4 f-string: an expression is required here [}]",
        ),
        (
            "f'{x!z}'",
            "MIG0001 1:6 f-string: the conversion after `!` must be `s`, `r` or `a` [z]",
        ),
        (
            "f'}'",
            "MIG0001 1:3 f-string: single `}` is not allowed [}]",
        ),
        ("f'{x'", "MIG0001 1:5 unterminated string literal [']"),
        ("f'{x:'", "MIG0001 1:6 f-string: expecting `}` [']"),
        (
            "f'{(x}'",
            "MIG0001 1:6 closing `}` does not match opening `(` [}]",
        ),
        ("f'abc", "MIG0001 1:1 unterminated string literal [f']"),
        ("f'''{x", "MIG0001 1:5 f-string: `{` was never closed [{]"),
        (
            "f'\\N{NO SUCH}'",
            "MIG0001 1:3 unknown Unicode character name in `\\N{NO SUCH}` [\\N]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(messages(text), [expected], "{text}");
    }
}
