//! `"…" % …`: a literal with percent formats.

use super::Show;
use super::late::Made;
use super::parts::Text;
use super::pieces::{Field, Piece, Take};
use super::printed::Style;
use super::spec::Spec;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `"…%d…" % values`
    pub(in crate::lower) fn percent_format(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        values: &'a PyExpr,
        show: Show,
    ) -> Result<Text, Expr> {
        let args: Vec<&'a PyExpr> = match &values.kind {
            ExprKind::Tuple(items) => items.iter().collect(),
            _ if self.fact(values.id).ty.is_tuple() => {
                return Err(self.partly(e, "`%` with a computed tuple"));
            }
            _ => vec![values],
        };
        let literal = matches!(&e.kind, ExprKind::Binary { left, .. } if matches!(left.kind, ExprKind::Str(_)));
        let made = match values.kind {
            ExprKind::Tuple(_) if literal && only_texts(format) => Made::ByVersion,
            _ => Made::AfterAll,
        };
        self.percent(e, format, &args, made, show)
    }

    /// The text of a `%` format.
    pub(in crate::lower) fn percent(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        args: &[&'a PyExpr],
        made: Made,
        show: Show,
    ) -> Result<Text, Expr> {
        let mut args = args.iter();
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            let end = after.char_indices().skip(1).find(|(_, c)| {
                !matches!(c, '-' | '+' | ' ' | '#' | '.' | '0'..='9' | 'h' | 'l' | 'L')
            });
            let Some((end, kind)) = end else {
                return Err(self.partly(e, "this format"));
            };
            let flags = after.get(1..end).unwrap_or("");
            rest = after.get(end + kind.len_utf8()..).unwrap_or("");
            if kind == '%' && flags.is_empty() {
                text.push('%');
                continue;
            }
            let Some(&value) = args.next() else {
                return Err(self.partly(e, "this format, with too few values,"));
            };
            let ty = self.fact(value.id).ty.narrowed();
            let cut = ty.is_float() || ty == Ty::IntOrFloat;
            let whole = matches!(kind, 'd' | 'i' | 'u') && cut;
            let found = match show {
                // A log takes the value as it is.
                Show::Logged(_) => Some((None, Spec::default())),
                Show::Printed => self.percent_spec(flags, kind, value, whole),
            };
            let Some((conversion, spec)) = found else {
                let what = format!("`%{flags}{kind}` of {}", self.fact(value.id).ty.describe());
                return Err(self.partly(e, &what));
            };
            pieces.push(Piece::Literal(std::mem::take(&mut text)));
            pieces.push(Piece::Field(Field {
                value,
                conversion,
                spec,
                counts: Vec::new(),
                take: match kind {
                    'c' => Take::Char,
                    _ if whole => Take::Whole,
                    _ => Take::AsIs,
                },
            }));
        }
        text.push_str(rest);
        pieces.push(Piece::Literal(text));
        if args.next().is_some() {
            return Err(self.partly(e, "this format, with too many values,"));
        }
        self.pieces(pieces, made, show)
    }

    /// A `%` placeholder as the format spec that prints the same.
    fn percent_spec(
        &self,
        flags: &str,
        kind: char,
        value: &PyExpr,
        truncated: bool,
    ) -> Option<(Option<Style>, Spec)> {
        let mut spec = Spec::percent(flags, kind)?;
        // None is no number: that is asked where the text is made.
        let ty = match self.fact(value.id).ty {
            Ty::Option(inner) if inner.is_number() => *inner,
            Ty::Member(class) if self.is_shown_as_int(&class) => Ty::Int,
            ty => ty,
        };
        let whole = truncated || matches!(ty, Ty::Int | Ty::Bool);
        match kind {
            's' | 'r' | 'a' => {
                if spec.alternate || spec.sign.is_some() || spec.zero {
                    return None;
                }
                spec.kind = None;
                // A text stands at the right where nothing else is said.
                if spec.width.is_some() {
                    spec.align = spec.align.or(Some('>'));
                }
                let style = match kind {
                    's' => Style::Str,
                    'r' => Style::Repr,
                    _ => Style::Ascii,
                };
                Some((Some(style), spec))
            }
            'd' | 'i' | 'u' if whole && spec.precision.is_none() && !spec.alternate => {
                spec.kind = Some('d');
                Some((None, spec))
            }
            'c' if matches!(self.fact(value.id).ty, Ty::Int | Ty::Str)
                && spec.precision.is_none()
                && spec.sign.is_none()
                && !spec.alternate
                && !spec.zero =>
            {
                spec.kind = None;
                if spec.width.is_some() {
                    spec.align = spec.align.or(Some('>'));
                }
                Some((None, spec))
            }
            'x' | 'X' | 'o' if whole && spec.precision.is_none() => Some((None, spec)),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' if whole || ty.is_number() => Some((None, spec)),
            _ => None,
        }
    }

    /// What `%c` shows: a text of one character, or the character of a code.
    pub(super) fn one_character(&mut self, value: &PyExpr, val: Val) -> Result<Val, String> {
        let fact = Fact::of(Ty::Str);
        let error = self.error("TypeError: %c requires int or char");
        let expr = match (&val.ty, &val.rty, &value.kind) {
            (_, RTy::Char, _) => return Ok(val),
            (Ty::Str, _, ExprKind::Str(text)) if text.chars().count() == 1 => return Ok(val),
            (Ty::Str, ..) => {
                let helper = self.helper(Helper::SingleChar);
                Expr::call(helper, vec![val.lent_str()]).ok_or(&error)
            }
            (Ty::Int, ..) if val.range.int().within(IntRange::new(0, 255)) => {
                let byte = val.to_int(IntTy::U8).ok_or("`%c` of this int")?;
                Expr::call("char::from", vec![byte])
            }
            _ => return Err(format!("`%c` of {} beyond 255", val.ty.describe())),
        };
        Ok(Val::new(expr, RTy::Char, &fact))
    }
}

/// Whether a `%` format has no placeholders but `%s`, `%r` and `%a`.
fn only_texts(format: &str) -> bool {
    let pieces = format.replace("%%", "");
    pieces.split('%').skip(1).all(|piece| {
        let kind =
            piece.trim_start_matches(['-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        kind.starts_with(['s', 'r', 'a'])
    })
}
