//! `print` and `logging`, which become Copper's log macros.
//!
//! Copper's logs are structured: the values go in as they are, without Python's format.

use super::{Arg, Call, Known, Site, Special};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn nothing(args: &[Arg]) -> Result<Fact, String> {
    let odd = args.iter().find_map(|a| {
        a.keyword
            .as_deref()
            .filter(|k| !matches!(*k, "flush" | "end" | "sep"))
    });
    match odd {
        Some(keyword) => Err(format!("`{keyword}=` of `print()` is not translated")),
        None => Ok(Fact::of(Ty::None)),
    }
}

/// A logger is the module itself: its methods are the module's functions.
fn logger(_: &[Arg]) -> Result<Fact, String> {
    Ok(Fact::of(Ty::Module("logging".into())))
}

fn no_logger(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("a logger as a value is not translated".into())
}

/// The format string and values of what is printed.
fn message(args: Vec<Val>) -> Result<(String, Vec<Expr>), String> {
    let mut text = String::new();
    let mut values = Vec::new();
    for (i, arg) in args.into_iter().enumerate() {
        if i > 0 {
            text.push(' ');
        }
        part(arg, &mut text, &mut values)?;
    }
    Ok((text, values))
}

fn part(arg: Val, text: &mut String, values: &mut Vec<Expr>) -> Result<(), String> {
    match arg.expr {
        Expr::Macro(name, mut parts) if name == "format" => {
            let Some(Expr::Atom(format)) = parts.first().cloned() else {
                return Err("this text is not translated".into());
            };
            text.push_str(format.trim_matches('"'));
            values.extend(parts.drain(1..));
        }
        Expr::Atom(literal) if literal.starts_with('"') => {
            let inner = literal
                .strip_prefix('"')
                .and_then(|t| t.strip_suffix('"'))
                .unwrap_or(&literal);
            text.push_str(&inner.replace('{', "{{").replace('}', "}}"));
        }
        expr => {
            let plain = matches!(
                arg.rty.peel(),
                RTy::Bool | RTy::Int(_) | RTy::Float(_) | RTy::String | RTy::Str
            ) || matches!(&arg.rty, RTy::Option(inner) if matches!(**inner, RTy::Bool | RTy::Int(_) | RTy::Float(_)));
            if !plain {
                return Err(format!("logging {} is not translated", arg.ty.describe()));
            }
            text.push_str("{}");
            // The macros take their values.
            values.push(match arg.rty {
                RTy::String => Expr::Ref(Box::new(expr)),
                _ => expr,
            });
        }
    }
    Ok(())
}

fn log(call: Call, level: &str) -> Result<Val, String> {
    let (text, values) = message(call.args)?;
    let mut args = vec![Expr::Atom(format!("\"{}\"", unformatted(&text)))];
    args.extend(values);
    Ok(Val::new(
        Expr::Macro(level.into(), args),
        RTy::Unit,
        &Fact::of(Ty::None),
    ))
}

/// `print(…)`, which in process mode would go into the protocol's own stream.
fn print(call: Call, site: &mut Site) -> Result<Val, String> {
    if call.keywords.iter().any(|(name, _)| name == "sep") {
        return Err("`sep=` of `print()` is not translated".into());
    }
    if site.process_mode {
        let note = "`print` in process mode corrupts PyTask's protocol: the Python fails here, the Rust logs";
        site.notes
            .push((crate::diagnostic::Code::PrintInProcessMode, note.into()));
    }
    log(call, "info")
}

/// `logger.info("x %d", x)`: the placeholders are Copper's.
fn log_with_arguments(mut call: Call, level: &str) -> Result<Val, String> {
    if call.args.len() < 2 {
        return log(call, level);
    }
    let first = call.args.remove(0);
    let Expr::Atom(format) = &first.expr else {
        return Err("a computed log format is not translated".into());
    };
    let mut text = String::new();
    let mut rest = format
        .trim_matches('"')
        .replace('{', "{{")
        .replace('}', "}}");
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let end = after
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.is_alphabetic() || *c == '%')
            .map_or(after.len(), |(i, c)| i + c.len_utf8());
        text.push_str(if after.get(..end) == Some("%%") {
            "%"
        } else {
            "{}"
        });
        rest = after.get(end..).unwrap_or("").to_string();
    }
    text.push_str(&rest);
    let mut values = Vec::new();
    for arg in call.args {
        part(arg, &mut String::new(), &mut values)?;
    }
    let mut args = vec![Expr::Atom(format!("\"{text}\""))];
    args.extend(values);
    Ok(Val::new(
        Expr::Macro(level.into(), args),
        RTy::Unit,
        &Fact::of(Ty::None),
    ))
}

/// Copper's placeholders take no format spec.
fn unformatted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{:") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match after.find('}') {
            Some(end) if !before.ends_with('{') => {
                out.push_str("{}");
                rest = after.get(end + 1..).unwrap_or("");
            }
            _ => {
                out.push_str("{:");
                rest = after.get(2..).unwrap_or("");
            }
        }
    }
    out + rest
}

macro_rules! levels {
    ($($name:literal => $macro:literal),*) => {
        &[
            Known { name: "print", doc: "`print(…)`: `info!`", infer: nothing, lower: print, special: Special::NONE, },
            Known { name: "logging.getLogger", doc: "`logging.getLogger(…)`: none is needed", infer: logger, lower: no_logger, special: Special::NONE, },
            $(Known {
                name: concat!("logging.", $name),
                doc: concat!("`logging.", $name, "(…)`: `", $macro, "!`"),
                infer: nothing,
                lower: |call, _| log_with_arguments(call, $macro),
                special: Special::NONE,
            },)*
        ]
    };
}

pub(super) const ALL: &[Known] = levels! {
    "debug" => "debug", "info" => "info", "warning" => "warning", "warn" => "warning", "error" => "error", "critical" => "critical"
};
