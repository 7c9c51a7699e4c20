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

    fn plain_spec(&mut self, e: &PyExpr, spec: &[FStringPart]) -> Result<String, Expr> {
        match spec {
            [] => Ok(String::new()),
            [FStringPart::Literal(text)] => Ok(text.clone()),
            _ => Err(self.partly(e, "a computed format spec")),
        }
    }

    /// The placeholder and argument for one value.
    fn field(
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
