//! Text under construction: what stands in it as it is, and the values between.
//!
//! Enters: pieces of text and Rust values in the order of the Python. Leaves: the text as
//! one Rust value, a literal, a `format!`, or the one text that it consists of. This
//! module must not know how a value is formatted.

use super::spec::Count;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A text in parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::lower) struct Text {
    parts: Vec<Part>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::lower) enum Part {
    /// Text as it is.
    Literal(String),
    /// A value that Rust's `format!` prints under a spec of its own.
    Value {
        /// What follows the colon.
        spec: String,
        /// The value.
        arg: Expr,
        /// Its type.
        rty: RTy,
        /// What the marks in the spec stand for.
        counts: Vec<Expr>,
    },
}

impl Text {
    /// A text that is one literal.
    pub(in crate::lower) fn literal(text: impl Into<String>) -> Text {
        let mut out = Text::default();
        out.push_literal(&text.into());
        out
    }

    /// A text that is one value.
    pub(in crate::lower) fn value(arg: Expr, rty: RTy) -> Text {
        Text::spec(String::new(), arg, rty)
    }

    /// A text that is one value under a spec of Rust's.
    pub(in crate::lower) fn spec(spec: String, arg: Expr, rty: RTy) -> Text {
        if let (Expr::Macro(name, args), true) = (&arg, spec.is_empty())
            && name == "format"
            && let Some(text) = flattened(args)
        {
            return text;
        }
        let literal = match &arg {
            Expr::Atom(text) if spec.is_empty() && text.starts_with('"') => unquoted(text),
            _ => None,
        };
        let part = match literal {
            Some(text) => Part::Literal(text),
            None => value(spec, arg, rty),
        };
        Text { parts: vec![part] }
    }

    /// The parts in order.
    pub(in crate::lower) fn parts(self) -> Vec<Part> {
        self.parts
    }

    /// The values that are more than a name or a literal, with their types.
    pub(in crate::lower) fn computed(&mut self) -> impl Iterator<Item = (&mut Expr, &mut RTy)> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Value { arg, rty, .. } if !arg.is_simple() => Some((arg, rty)),
            _ => None,
        })
    }

    /// Appends text as it is.
    pub(in crate::lower) fn push_literal(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(last)) => last.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_string())),
        }
    }

    /// Appends another text.
    pub(in crate::lower) fn push(&mut self, other: Text) {
        for part in other.parts {
            match part {
                Part::Literal(text) => self.push_literal(&text),
                value @ Part::Value { .. } => self.parts.push(value),
            }
        }
    }

    /// Gives the marks of computed widths and precisions their values.
    pub(in crate::lower) fn counted(mut self, counts: &[Expr]) -> Text {
        for part in &mut self.parts {
            if let Part::Value {
                spec,
                arg,
                counts: own,
                ..
            } = part
            {
                if spec.contains(|c| Count::marked(c).is_some()) {
                    *own = counts.to_vec();
                }
                unmark(arg, counts);
            }
        }
        self
    }

    /// Whether it is the text that a helper makes.
    pub(in crate::lower) fn is_helped(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Value { spec, .. }] if spec.is_empty())
    }

    /// Whether evaluating one of its values can leave the function.
    pub(in crate::lower) fn can_fail(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Literal(_) => false,
            Part::Value { arg, .. } => arg.can_fail(),
        })
    }

    /// The text as one value.
    pub(in crate::lower) fn into_val(self) -> Val {
        let fact = Fact::of(Ty::Str);
        if let [part] = self.parts.as_slice() {
            match part {
                Part::Literal(text) => {
                    return Val::new(Expr::Atom(format!("{text:?}")), RTy::Str, &fact);
                }
                Part::Value { spec, arg, rty, .. } if spec.is_empty() => {
                    // A format of one value stays one: its type is not known here.
                    if *rty == RTy::Never {
                        let format = vec![Expr::atom("\"{}\""), arg.clone()];
                        return Val::new(Expr::Macro("format".into(), format), RTy::String, &fact);
                    }
                    let text = matches!(rty.peel(), RTy::Str | RTy::String);
                    return match text {
                        true => Val::new(arg.clone(), rty.clone(), &fact),
                        false => {
                            let arg = arg.clone().method("to_string", vec![]);
                            Val::new(arg, RTy::String, &fact)
                        }
                    };
                }
                Part::Value { .. } => {}
            }
        }
        let (format, args) = self.format();
        if args.is_empty() {
            return Val::new(Expr::atom("\"\""), RTy::Str, &fact);
        }
        let mut all = vec![Expr::Atom(format)];
        all.extend(args);
        Val::new(Expr::Macro("format".into(), all), RTy::String, &fact)
    }

    /// The text as an owned `String`.
    pub(in crate::lower) fn into_string(self) -> Expr {
        let val = self.into_val();
        match &val.rty {
            RTy::String if !val.expr.is_place() => val.expr,
            _ => val.expr.method("to_string", vec![]),
        }
    }

    /// The format string, in its quotes, and the values.
    pub(in crate::lower) fn format(self) -> (String, Vec<Expr>) {
        let mut format = String::from("\"");
        let mut args = Vec::new();
        // Widths and precisions come behind all values.
        let is_value = |p: &&Part| matches!(p, Part::Value { .. });
        let values = self.parts.iter().filter(is_value).count();
        let mut behind = Vec::new();
        for part in self.parts {
            match part {
                Part::Literal(text) => format.push_str(&escape(&text)),
                Part::Value {
                    spec, arg, counts, ..
                } => {
                    let spec = placed(&spec, counts, values, &mut behind);
                    match spec.is_empty() {
                        true => format.push_str("{}"),
                        false => format.push_str(&format!("{{:{spec}}}")),
                    }
                    args.push(match arg {
                        // What prints a value needs no text of it first; numbers stand on the
                        // right where texts stand on the left.
                        Expr::Method(value, name, none)
                            if name == "to_string"
                                && none.is_empty()
                                && (spec.is_empty() || is_aligned(&spec)) =>
                        {
                            *value
                        }
                        other => other,
                    });
                }
            }
        }
        format.push('"');
        args.extend(behind);
        (format, args)
    }
}

/// Whether a spec only says where in its width a value stands.
fn is_aligned(spec: &str) -> bool {
    let mut chars = spec.chars();
    let align = |c: Option<char>| matches!(c, Some('<' | '>' | '^'));
    let (first, second) = (chars.next(), chars.next());
    (align(first) || align(second)) && !spec.contains('.')
}

/// A spec with the places of its computed counts: `>3$.4$`.
fn placed(spec: &str, counts: Vec<Expr>, values: usize, behind: &mut Vec<Expr>) -> String {
    let mut out = String::new();
    for c in spec.chars() {
        let count = Count::marked(c).and_then(|place| counts.get(place as usize));
        match count {
            Some(count) => {
                out.push_str(&format!("{}$", values + behind.len()));
                behind.push(count.clone());
            }
            None => out.push(c),
        }
    }
    out
}

fn value(spec: String, arg: Expr, rty: RTy) -> Part {
    Part::Value {
        spec,
        arg,
        rty,
        counts: Vec::new(),
    }
}

/// Puts the values in the place of their marks.
fn unmark(e: &mut Expr, counts: &[Expr]) {
    if let Expr::Atom(text) = e {
        let mut chars = text.chars();
        let mark = chars.next().and_then(Count::marked);
        if let (Some(place), None) = (mark, chars.next())
            && let Some(count) = counts.get(place as usize)
        {
            *e = count.clone();
        }
        return;
    }
    e.for_each_child_mut(&mut |child| unmark(child, counts), &mut |block| {
        if let Some(value) = &mut block.value {
            unmark(value, counts);
        }
    });
}

/// The parts of a `format!`, which need not be put together twice.
fn flattened(args: &[Expr]) -> Option<Text> {
    let (Expr::Atom(format), args) = args.split_first()? else {
        return None;
    };
    let format = unquoted(format)?;
    let mut args = args.iter();
    let mut text = Text::default();
    let mut rest = format.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        text.push_literal(before);
        if let Some(brace) = after.get(..2).filter(|b| matches!(*b, "{{" | "}}")) {
            text.push_literal(brace.get(1..)?);
            rest = after.get(2..)?;
            continue;
        }
        let (field, tail) = after.strip_prefix('{')?.split_once('}')?;
        let spec = field.strip_prefix(':').unwrap_or(field);
        if spec.contains('$') {
            return None;
        }
        text.parts.push(Part::Value {
            spec: spec.to_string(),
            arg: args.next()?.clone(),
            rty: RTy::Never,
            counts: Vec::new(),
        });
        rest = tail;
    }
    text.push_literal(rest);
    args.next().is_none().then_some(text)
}

/// The text of a Rust literal that has no escapes but the plain ones.
fn unquoted(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '0' => out.push('\0'),
                same @ ('\\' | '"' | '\'') => out.push(same),
                _ => return None,
            },
            other => out.push(other),
        }
    }
    Some(out)
}

/// Text as it stands within the quotes of a Rust format string.
fn escape(text: &str) -> String {
    let quoted = format!("{text:?}");
    let inner = quoted
        .strip_prefix('"')
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(&quoted);
    // `\u{301}` is Rust's own escape, not a brace of the text.
    let mut out = String::new();
    let mut rest = inner;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match (ends_in_escape(before), after.find('}')) {
            (true, Some(end)) => {
                let (code, tail) = after.split_at(end + 1);
                out.push_str(code);
                rest = tail;
            }
            _ => {
                let (brace, tail) = after.split_at(1);
                out.push_str(brace);
                out.push_str(brace);
                rest = tail;
            }
        }
    }
    out + rest
}

/// Whether a `\u` at the end is an escape: its backslash is not itself escaped.
fn ends_in_escape(text: &str) -> bool {
    text.strip_suffix('u')
        .map(|t| t.len() - t.trim_end_matches('\\').len())
        .is_some_and(|slashes| slashes % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::print::expr;

    #[test]
    fn a_text_is_as_plain_as_it_can_be() {
        let name = || Text::value(Expr::atom("name"), RTy::Str);
        assert_eq!(expr(&Text::literal("a\"{").into_val().expr), "\"a\\\"{\"");
        assert_eq!(expr(&name().into_val().expr), "name");
        let number = Text::value(Expr::atom("n"), RTy::I64);
        assert_eq!(expr(&number.into_val().expr), "n.to_string()");
        let mut both = Text::literal("\\u{x}: ");
        both.push(Text::spec(
            ">8".into(),
            Expr::atom("a").field("b"),
            RTy::Str,
        ));
        assert_eq!(
            expr(&both.into_val().expr),
            "format!(\"\\\\u{{x}}: {:>8}\", a.b)"
        );
    }
}
