//! F-strings.

use super::function::FnLower;
use crate::ast::{Conversion, Expr as PyExpr, FStringPart};
use crate::catalog::Helper;
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `f"…"` as `format!`, with what Python prints for each value.
    pub(super) fn f_string(
        &mut self,
        e: &'a PyExpr,
        parts: &'a [FStringPart],
    ) -> Result<Val, Expr> {
        let mut format = String::new();
        let mut args = Vec::new();
        for part in parts {
            match part {
                FStringPart::Literal(text) => format.push_str(&escape(text)),
                FStringPart::Value {
                    value,
                    conversion,
                    spec,
                } => {
                    let spec = self.plain_spec(e, spec)?;
                    let val = self.expr(value)?;
                    let (placeholder, arg) = self.field(value, val, *conversion, &spec)?;
                    format.push_str(&placeholder);
                    args.push(arg);
                }
            }
        }
        let fact = self.fact(e.id);
        if args.is_empty() {
            let text = format.replace("{{", "{").replace("}}", "}");
            return Ok(Val::new(Expr::Atom(format!("\"{text}\"")), RTy::Str, &fact));
        }
        let mut all = vec![Expr::Atom(format!("\"{format}\""))];
        all.extend(args);
        Ok(Val::new(
            Expr::Macro("format".into(), all),
            RTy::String,
            &fact,
        ))
    }

    /// `"…{}…".format(…)`
    pub(super) fn brace_format(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        args: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut next = 0;
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            if after.starts_with("{{") || after.starts_with("}}") {
                text.push_str(after.get(..1).unwrap_or(""));
                rest = after.get(2..).unwrap_or("");
                continue;
            }
            let Some(end) = after.find('}').filter(|_| after.starts_with('{')) else {
                return Err(self.partly(e, "this format"));
            };
            let field = after.get(1..end).unwrap_or("");
            let (place, spec) = field.split_once(':').unwrap_or((field, ""));
            let index = match place {
                "" => {
                    next += 1;
                    Some(next - 1)
                }
                number => number.parse::<usize>().ok(),
            };
            let Some(arg) = index.and_then(|i| args.get(i)) else {
                return Err(self.partly(e, "this field of a format"));
            };
            pieces.push((std::mem::take(&mut text), arg, spec.to_string()));
            rest = after.get(end + 1..).unwrap_or("");
        }
        text.push_str(rest);
        self.pieces(e, pieces, &text)
    }

    /// `"…%d…" % values`
    pub(super) fn percent_format(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        values: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let args: Vec<&'a PyExpr> = match &values.kind {
            crate::ast::ExprKind::Tuple(items) => items.iter().collect(),
            _ => vec![values],
        };
        let mut args = args.into_iter();
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            let end = after
                .char_indices()
                .skip(1)
                .find(|(_, c)| c.is_alphabetic() || *c == '%');
            let Some((end, kind)) = end else {
                return Err(self.partly(e, "this format"));
            };
            let spec = after.get(1..end).unwrap_or("");
            rest = after.get(end + kind.len_utf8()..).unwrap_or("");
            if kind == '%' {
                text.push('%');
                continue;
            }
            let Some(arg) = args.next() else {
                return Err(self.partly(e, "this format"));
            };
            let is_int = self.fact(arg.id).ty == Ty::Int;
            let spec = match kind {
                's' if spec.is_empty() => String::new(),
                'd' if is_int => spec.to_string(),
                'f' if spec.is_empty() => ".6f".to_string(),
                'f' => format!("{spec}f"),
                'x' if is_int && spec.is_empty() => "x".to_string(),
                _ => return Err(self.partly(e, "this format")),
            };
            pieces.push((std::mem::take(&mut text), arg, spec));
        }
        text.push_str(rest);
        if args.next().is_some() {
            return Err(self.partly(e, "this format"));
        }
        self.pieces(e, pieces, &text)
    }

    /// Texts and values in turn, and the text after the last value.
    fn pieces(
        &mut self,
        e: &'a PyExpr,
        pieces: Vec<(String, &'a PyExpr, String)>,
        tail: &str,
    ) -> Result<Val, Expr> {
        let mut format = String::new();
        let mut args = Vec::new();
        for (text, value, spec) in pieces {
            format.push_str(&escape(&text));
            let val = self.expr(value)?;
            let (placeholder, arg) = self.field(value, val, None, &spec)?;
            format.push_str(&placeholder);
            args.push(arg);
        }
        format.push_str(&escape(tail));
        let mut all = vec![Expr::Atom(format!("\"{format}\""))];
        all.extend(args);
        Ok(Val::new(
            Expr::Macro("format".into(), all),
            RTy::String,
            &self.fact(e.id),
        ))
    }

    fn plain_spec(&mut self, e: &PyExpr, spec: &[FStringPart]) -> Result<String, Expr> {
        match spec {
            [] => Ok(String::new()),
            [FStringPart::Literal(text)] => Ok(text.clone()),
            _ => Err(self.partly(e, "a computed format spec")),
        }
    }

    /// The placeholder and argument for one value.
    pub(super) fn field(
        &mut self,
        value: &PyExpr,
        val: Val,
        conversion: Option<Conversion>,
        spec: &str,
    ) -> Result<(String, Expr), Expr> {
        let refuse = |this: &mut Self, what: String| {
            let problem =
                Problem::new(Code::PartlyHandled, format!("{what} is not translated yet"));
            Err(Expr::Hole(this.lw.hole_text(value.span, &problem)))
        };
        if matches!(conversion, Some(Conversion::Repr | Conversion::Ascii)) && val.ty == Ty::Str {
            return refuse(self, "`!r` of a str".into());
        }
        if matches!(val.rty, RTy::Option(_)) {
            return refuse(self, format!("formatting {}", val.ty.describe()));
        }
        let digits = spec
            .strip_prefix('.')
            .and_then(|s| s.strip_suffix('f'))
            .and_then(|s| s.parse::<usize>().ok());
        match (&val.ty, spec) {
            (Ty::Int, "" | "d") => Ok(("{}".into(), val.expr)),
            // Copper's log macros take their values.
            (Ty::Str, "" | "s") if val.rty == RTy::String => {
                Ok(("{}".into(), Expr::Ref(Box::new(val.expr))))
            }
            (Ty::Str, "" | "s") => Ok(("{}".into(), val.expr)),
            (Ty::Bool, "") => {
                let text = Expr::If {
                    cond: Box::new(val.expr),
                    then: crate::ir::Block::value(Expr::atom("\"True\"")),
                    otherwise: Some(crate::ir::Block::value(Expr::atom("\"False\""))),
                };
                Ok(("{}".into(), text))
            }
            (Ty::Float, "") => {
                let helper = self.helper(Helper::FloatText);
                Ok(("{}".into(), Expr::call(helper, vec![val.to_f64()])))
            }
            (Ty::Float | Ty::Number, _) if digits.is_some() => {
                let digits = digits.unwrap_or(6);
                if val.range.float().nan {
                    let helper = self.helper(Helper::FixedText);
                    return Ok((
                        "{}".into(),
                        Expr::call(helper, vec![val.to_f64(), Expr::atom(digits.to_string())]),
                    ));
                }
                Ok((format!("{{:.{digits}}}"), val.to_f64()))
            }
            (Ty::Int, _)
                if spec
                    .strip_prefix('0')
                    .is_some_and(|s| s.trim_end_matches('d').parse::<usize>().is_ok()) =>
            {
                let width = spec.trim_end_matches('d');
                Ok((format!("{{:{width}}}"), val.expr))
            }
            (Ty::Int, _)
                if !spec.is_empty() && spec.trim_end_matches('d').parse::<usize>().is_ok() =>
            {
                Ok((format!("{{:{}}}", spec.trim_end_matches('d')), val.expr))
            }
            (Ty::Enum(_), "") => {
                let text = self.coerce(val, &RTy::Str, value.span, "the text")?;
                Ok(("{}".into(), text))
            }
            (Ty::Int, "x") if val.range.int().lo.is_some_and(|lo| lo >= 0) => {
                Ok(("{:x}".into(), val.expr))
            }
            (ty, "") => refuse(self, format!("formatting {}", ty.describe())),
            (ty, spec) => refuse(
                self,
                format!("the format spec `{spec}` of {}", ty.describe()),
            ),
        }
    }
}

/// Text as it stands within the quotes of a Rust format string.
pub(super) fn escape(text: &str) -> String {
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
        match (before.ends_with("\\u"), after.find('}')) {
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
