//! A value under a format spec: `{x:8.2f}`, `format(x, ",")`, `"%5d" % n`.
//!
//! Enters: a lowered value and a [`Spec`]. Leaves: its text, in Rust's own formats where
//! they print the same, else through helpers. This module must not know where spec and
//! value stand in the Python.

use super::parts::Text;
use super::printed::Style;
use super::spec::{Count, Spec};
use crate::catalog::Helper;
use crate::ir::{BinOp, Block, Expr, RTy};
use crate::lower::function::FnLower;
use crate::ranges::{FloatRange, IntRange};
use crate::ty::Ty;
use crate::value::{Fact, Val, float_literal};

impl<'a> FnLower<'_, 'a> {
    /// The text of a value under a spec; in words, why it has none.
    pub(super) fn formatted(&mut self, val: Val, spec: Spec) -> Result<Text, String> {
        if spec == Spec::default() {
            return self.printed(val, Style::Str);
        }
        let val = self.present(val);
        let spec = spec.settled();
        if val.rty == RTy::Never {
            return Ok(Text::value(val.expr, RTy::Str));
        }
        match &val.ty {
            Ty::Str => self.formatted_str(val, spec),
            Ty::Enum(_) => {
                let text = self.enum_text(val)?;
                let val = Val::new(text, RTy::Str, &Fact::of(Ty::Str));
                self.formatted_str(val, spec)
            }
            Ty::Member(_) => {
                let text = self.printed(val, Style::Str)?.into_val();
                self.formatted_str(text, spec)
            }
            Ty::Bool => {
                let int = Expr::call("i64::from", vec![val.expr]);
                let int = Val::int(int, crate::project::IntTy::I64, IntRange::new(0, 1));
                self.formatted_int(int, spec)
            }
            Ty::Int => self.formatted_int(val, spec),
            Ty::Float => self.formatted_float(val, spec),
            Ty::IntOrFloat => match spec.kind {
                Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => self.formatted_float(val, spec),
                Some('d' | 'x' | 'X' | 'o' | 'b') => {
                    let mut site = self.site();
                    let error = "ValueError: this format of a float";
                    let int = crate::catalog::telling::int(&val, error, &mut site);
                    self.absorb(site, self.current_span());
                    self.formatted_int(int, spec)
                }
                None if spec.precision.is_none() && !spec.zero && spec.align != Some('=') => {
                    let text = self.printed(val, Style::Str)?;
                    self.padded(text, spec)
                }
                _ => Err("this format of an int or a float".into()),
            },
            Ty::Number => match spec.kind {
                // Both are printed as floats.
                Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => self.formatted_float(val, spec),
                _ => Err("a format of an int on one path and a float on another".into()),
            },
            other => Err(format!(
                "a format spec for {}, where Python raises a TypeError,",
                other.describe()
            )),
        }
    }

    fn formatted_str(&mut self, val: Val, spec: Spec) -> Result<Text, String> {
        let fits = matches!(spec.kind, None | Some('s'))
            && spec.sign.is_none()
            && !spec.alternate
            && spec.grouping.is_none()
            && spec.align != Some('=');
        if !fits {
            return Err("this format spec of a str, where Python raises a ValueError,".into());
        }
        let mut spec = spec;
        if spec.zero {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some('<'));
        }
        let mut rust = spec.padding(None, "");
        if let Some(precision) = spec.precision {
            rust.push_str(&format!(".{precision}"));
        }
        Ok(Text::spec(rust, val.expr, val.rty))
    }

    fn formatted_int(&mut self, val: Val, spec: Spec) -> Result<Text, String> {
        if let Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') = spec.kind {
            let exact = IntRange::new(-(1 << 53), 1 << 53);
            if !val.range.int().within(exact) && !matches!(val.rty, RTy::Int(i) if i.bits() <= 64) {
                return Err("an int beyond 64 bits as a float".into());
            }
            return self.formatted_float(val, spec);
        }
        if spec.precision.is_some() {
            return Err("a precision for an int, where Python raises a ValueError,".into());
        }
        let radix = match spec.kind {
            None | Some('d') => "",
            Some('x') => "x",
            Some('X') => "X",
            Some('o') => "o",
            Some('b') => "b",
            Some(other) => return Err(format!("the format type `{other}` of an int")),
        };
        if spec.align == Some('=') {
            return Err("the alignment `=` with another fill than `0`".into());
        }
        let prefix = spec.alternate && !radix.is_empty();
        if spec.grouping.is_some() && !radix.is_empty() {
            return Err("digits of this base in groups".into());
        }
        let unsigned = matches!(val.rty, RTy::Int(int) if !int.is_signed());
        let never_negative = unsigned || val.range.int().lo.is_some_and(|lo| lo >= 0);
        let signed = radix.is_empty() || never_negative;
        let plain = signed
            && spec.grouping.is_none()
            && spec.sign != Some(' ')
            && !(prefix && radix == "X");
        let sign = if spec.sign == Some('+') { "+" } else { "" };
        if plain {
            let alternate = if prefix { "#" } else { "" };
            return Ok(match spec.zero {
                true => {
                    let width = spec.width.map_or(String::new(), |w| w.to_string());
                    let zero = if width.is_empty() { "" } else { "0" };
                    Text::spec(
                        format!("{sign}{alternate}{zero}{width}{radix}"),
                        val.expr,
                        val.rty,
                    )
                }
                // Between alignment and width, in Rust as in Python.
                false => Text::spec(
                    spec.padding(None, &format!("{sign}{alternate}")) + radix,
                    val.expr,
                    val.rty,
                ),
            });
        }
        let text = if signed {
            let kind = if radix.is_empty() { "" } else { radix };
            let mut text = Text::default();
            if prefix {
                text.push_literal("0X");
            }
            text.push(Text::spec(kind.into(), val.expr, val.rty));
            text
        } else {
            if val.literal || (!val.expr.is_simple() && self.conditional > 0) {
                return Err("digits of a computed int in this place".into());
            }
            let at = self.current_span();
            let val = match val.expr.is_simple() {
                true => val,
                false => self.hoist(val, "number", at),
            };
            let mut text = Text::value(minus(&val), RTy::Str);
            // A loop's variable may be of a type that its literals leave open.
            let digits = match (&val.expr, &val.rty) {
                (Expr::Atom(_), RTy::Int(int)) => {
                    Expr::call(format!("{}::unsigned_abs", int.name()), vec![val.expr])
                }
                _ => val.expr.method("unsigned_abs", vec![]),
            };
            if prefix && radix == "X" {
                text.push_literal("0X");
            }
            let alternate = if prefix && radix != "X" { "#" } else { "" };
            text.push(Text::spec(format!("{alternate}{radix}"), digits, val.rty));
            text
        };
        self.padded(text, spec)
    }

    fn formatted_float(&mut self, val: Val, spec: Spec) -> Result<Text, String> {
        if spec.alternate {
            return Err("`#` for a float".into());
        }
        if spec.align == Some('=') {
            return Err("the alignment `=` with another fill than `0`".into());
        }
        let digits = spec.precision.unwrap_or(Count::Fixed(6));
        let range = val.range.float();
        let finite = range.is_finite();
        let count = Expr::atom(digits.to_string());
        let x = val.to_f64();
        let text = match spec.kind {
            Some('f') if !range.nan && (finite || !spec.zero) && spec.grouping.is_none() => {
                // Rust rounds the exact value, ties to even, as CPython does.
                match spec.sign {
                    Some(' ') => Text::spec(format!(".{digits}"), x, RTy::F64),
                    sign => {
                        let sign = sign.map_or("", |_| "+");
                        let rust = match (spec.zero, spec.width) {
                            (true, Some(width)) => format!("{sign}0{width}.{digits}"),
                            _ => spec.padding(None, sign) + &format!(".{digits}"),
                        };
                        return Ok(Text::spec(rust, x, RTy::F64));
                    }
                }
            }
            Some('f') if !range.nan => Text::spec(format!(".{digits}"), x, RTy::F64),
            Some('f') => {
                let helper = self.helper(Helper::FixedText);
                Text::value(Expr::call(helper, vec![x, count]), RTy::String)
            }
            Some('F') => {
                let helper = self.helper(Helper::FixedText);
                let text = Expr::call(helper, vec![x, count]).method("to_uppercase", vec![]);
                Text::value(text, RTy::String)
            }
            Some('e') => {
                let helper = self.helper(Helper::ExponentText);
                Text::value(Expr::call(helper, vec![x, count]), RTy::String)
            }
            Some('E') => {
                let helper = self.helper(Helper::ExponentText);
                let text = Expr::call(helper, vec![x, count]).method("to_uppercase", vec![]);
                Text::value(text, RTy::String)
            }
            Some('g') => {
                let helper = self.helper(Helper::GeneralText);
                Text::value(Expr::call(helper, vec![x, count]), RTy::String)
            }
            Some('G') => {
                let helper = self.helper(Helper::GeneralText);
                let text = Expr::call(helper, vec![x, count]).method("to_uppercase", vec![]);
                Text::value(text, RTy::String)
            }
            Some('%') => {
                let hundred = FloatRange::exactly(100.0);
                let percent = range.mul(hundred);
                let x = x.binary(BinOp::Mul, float_literal(100.0));
                let mut text = if percent.nan {
                    let helper = self.helper(Helper::FixedText);
                    Text::value(Expr::call(helper, vec![x, count]), RTy::String)
                } else {
                    Text::spec(format!(".{digits}"), x, RTy::F64)
                };
                text.push_literal("%");
                text
            }
            None if spec.precision.is_none() => {
                let helper = self.helper(Helper::FloatText);
                Text::value(Expr::call(helper, vec![x]), RTy::String)
            }
            None => {
                let helper = self.helper(Helper::ShortText);
                Text::value(Expr::call(helper, vec![x, count]), RTy::String)
            }
            Some(other) => return Err(format!("the format type `{other}` of a float")),
        };
        self.padded(text, spec)
    }

    /// A number's text with grouping, sign, and what fills it up to its width.
    fn padded(&mut self, text: Text, spec: Spec) -> Result<Text, String> {
        let mut text = text;
        if spec.is_computed() && !text.is_helped() {
            return Err("this format with a computed width or precision".into());
        }
        if let Some(separator) = spec.grouping {
            if spec.zero && spec.width.is_some() {
                return Err("grouping together with zeros in front".into());
            }
            let helper = self.helper(Helper::Grouped);
            let args = vec![
                text.into_val().lent_str(),
                Expr::Atom(format!("{separator:?}")),
            ];
            text = Text::value(Expr::call(helper, args), RTy::String);
        }
        if let Some(sign) = spec.sign {
            if spec.zero && sign == ' ' {
                return Err("a space as sign together with zeros in front".into());
            }
            let helper = self.helper(Helper::WithSign);
            let args = vec![text.into_val().lent_str(), Expr::Atom(format!("{sign:?}"))];
            text = Text::value(Expr::call(helper, args), RTy::String);
        }
        let Some(width) = spec.width else {
            return Ok(text);
        };
        if spec.zero {
            let prefixed = spec.alternate && !matches!(spec.kind, None | Some('d'));
            let helper = self.helper(match prefixed {
                true => Helper::PrefixFilled,
                false => Helper::ZeroFilled,
            });
            let args = vec![text.into_val().lent_str(), Expr::atom(width.to_string())];
            return Ok(Text::value(Expr::call(helper, args), RTy::String));
        }
        let val = text.into_val();
        Ok(Text::spec(spec.padding(Some('>'), ""), val.expr, val.rty))
    }
}

/// `-` where an int is negative.
fn minus(val: &Val) -> Expr {
    Expr::If {
        cond: Box::new(val.expr.clone().binary(BinOp::Lt, Expr::atom("0"))),
        then: Block::value(Expr::atom("\"-\"")),
        otherwise: Some(Block::value(Expr::atom("\"\""))),
    }
}
