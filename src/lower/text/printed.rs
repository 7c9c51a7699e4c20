//! What `str()` and `repr()` give for each type: the one place that knows.
//!
//! Enters: a lowered value. Leaves: its text in parts, or in words why it has none. This
//! module must not know where the text goes.

use super::parts::Text;
use crate::catalog::Helper;
use crate::ir::{Arm, Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val};

/// Which of Python's texts of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lower) enum Style {
    /// `str(x)`, which `print` and `{x}` show too.
    Str,
    /// `repr(x)`, also of what stands in a list or a tuple.
    Repr,
    /// `ascii(x)`
    Ascii,
}

impl<'a> FnLower<'_, 'a> {
    /// The text of a value.
    pub(in crate::lower) fn printed(&mut self, val: Val, style: Style) -> Result<Text, String> {
        if style == Style::Ascii {
            let repr = self.printed(val, Style::Repr)?.into_val();
            let helper = self.helper(Helper::AsciiText);
            return Ok(Text::value(
                Expr::call(helper, vec![repr.lent_str()]),
                RTy::String,
            ));
        }
        if let RTy::Option(inner) = &val.rty
            && val.ty != Ty::None
        {
            let inner = (**inner).clone();
            return self.printed_option(val, inner, style);
        }
        if let RTy::Ref(held) = &val.rty
            && let RTy::Option(inner) = &**held
        {
            // A `match` looks through the reference.
            let lent = match (&**inner, style) {
                (RTy::String, Style::Str) => RTy::String,
                _ => RTy::Ref(inner.clone()),
            };
            let val = Val {
                rty: RTy::Option(Box::new(lent.clone())),
                ..val
            };
            return self.printed_option(val, lent, style);
        }
        if let Some(text) = self.union_text(&val, style) {
            return Ok(Text::value(text?, RTy::String));
        }
        match val.ty.clone() {
            _ if val.rty == RTy::Never => Ok(Text::value(val.expr, RTy::Str)),
            Ty::None if self.calls_own(&val.expr) || val.expr.can_fail() => {
                let called = match val.rty {
                    RTy::Unit => StmtKind::Expr(val.expr),
                    _ => StmtKind::LetPattern {
                        pattern: "_".into(),
                        names: vec![],
                        init: val.expr,
                        otherwise: None,
                    },
                };
                let mut block = Block::value(Expr::atom("\"None\""));
                block.stmts.push(Stmt::new(called));
                Ok(Text::value(Expr::Block(block), RTy::Str))
            }
            Ty::None => Ok(Text::literal("None")),
            Ty::Bool => Ok(Text::value(true_or_false(val.expr), RTy::Str)),
            Ty::Int
                if style == Style::Repr
                    && !val.literal
                    && !matches!(&val.expr, Expr::Method(_, name, _) if name == "value")
                    && self.lw.has_flags() =>
            {
                Err("the repr of what may be a member of an `IntFlag`".into())
            }
            Ty::Int => Ok(Text::value(val.expr, val.rty)),
            Ty::Float => {
                let helper = self.helper(Helper::FloatText);
                Ok(Text::value(
                    Expr::call(helper, vec![val.to_f64()]),
                    RTy::String,
                ))
            }
            Ty::Str => Ok(self.printed_str(val, style)),
            Ty::IntOrFloat => {
                self.helper(Helper::FloatText);
                self.helper(Helper::NumberText);
                Ok(Text::value(val.expr, val.rty))
            }
            Ty::Enum(_) => {
                let text = self.enum_text(val)?;
                Ok(quoted_name(text, style))
            }
            Ty::Tuple(items) => self.printed_tuple(val, &items),
            Ty::List {
                elem,
                kind: ListKind::Tuple,
                ..
            } => self.printed_long_tuple(val, &elem),
            Ty::List { kind, .. } if kind.is_octets() => self.printed_octets(val, kind),
            Ty::List { elem, .. } => self.printed_list(val, &elem),
            Ty::Deque { elem, maxlen } => self.printed_deque(val, &elem, &maxlen),
            Ty::Dict { key, value, .. } => self.printed_dict(val, &key, &value),
            Ty::Record(fields) if fields.is_fixed() => self.printed_record(val, &fields),
            Ty::Record(_) => Err("the text of a dict that may lack some of its keys".into()),
            Ty::Member(class) => self.printed_member(val, &class, style),
            Ty::Instance(class) if style != Style::Ascii => {
                let refused = format!("the text of {}", val.ty.describe());
                let text = self.item_text(val, &class, style == Style::Str);
                let text = text.ok_or(refused)?;
                Ok(Text::value(text.expr, text.rty))
            }
            other @ (Ty::Number
            | Ty::Unknown
            | Ty::Option(_)
            | Ty::Range
            | Ty::Position
            | Ty::Set(_)
            | Ty::Struct(_)
            | Ty::Tagged(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Tov
            | Ty::Metadata
            | Ty::Exception(_)
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Instance(_)
            | Ty::Mixed(_)
            | Ty::Conflict(_)) => Err(format!("the text of {}", other.describe())),
        }
    }

    fn printed_str(&mut self, val: Val, style: Style) -> Text {
        if style == Style::Str {
            return Text::value(val.expr, val.rty);
        }
        let helper = self.helper(Helper::StrRepr);
        Text::value(Expr::call(helper, vec![val.lent_str()]), RTy::String)
    }

    /// The name of an enum's variant, which is what Python sees.
    pub(in crate::lower) fn enum_text(&mut self, val: Val) -> Result<Expr, String> {
        let at = self.current_span();
        let what = val.ty.describe();
        self.coerce(val, &RTy::Str, at, "the text")
            .map_err(|_| format!("the text of {what}"))
    }

    fn printed_option(&mut self, val: Val, inner: RTy, style: Style) -> Result<Text, String> {
        let narrowed = val.ty.narrowed();
        if inner == RTy::String && style == Style::Str {
            let text = val.expr.method("as_deref", vec![]);
            let text = text.method("unwrap_or", vec![Expr::atom("\"None\"")]);
            return Ok(Text::value(text, RTy::Str));
        }
        if !val.expr.is_simple() && self.conditional > 0 {
            return Err(format!("the text of {} in this place", val.ty.describe()));
        }
        let copied = inner.is_ref() || self.lw.is_copy(&inner);
        let (subject, rty) = match copied {
            true => (val.expr, inner),
            false => (val.expr.method("as_ref", vec![]), RTy::Ref(Box::new(inner))),
        };
        let x = Val {
            range: val.range,
            ..Val::new(Expr::atom("x"), rty, &Fact::of(narrowed.clone()))
        };
        let text = self.printed(x, style)?;
        if text.can_fail() {
            return Err(format!("the text of {}", narrowed.describe()));
        }
        let arm = |pattern: &str, text: Text| Arm::of(pattern, Block::value(text.into_string()));
        let matched = Expr::Match {
            subject: Box::new(subject),
            arms: vec![arm("Some(x)", text), arm("None", Text::literal("None"))],
        };
        Ok(Text::value(matched, RTy::String))
    }

    fn printed_tuple(&mut self, val: Val, items: &[Ty]) -> Result<Text, String> {
        let at = self.current_span();
        let parts: Vec<Val> = match (val.expr.clone(), val.rty.peel().clone()) {
            (Expr::Tuple(exprs), RTy::Tuple(tys)) => exprs
                .into_iter()
                .zip(tys)
                .zip(items)
                .map(|((expr, rty), ty)| {
                    let (expr, rty) = match expr {
                        // What is only looked at needs no copy.
                        Expr::Method(place, name, _) if name == "clone" => (*place, rty),
                        Expr::Method(text, name, _)
                            if name == "to_string"
                                && matches!(&*text, Expr::Atom(t) if t.starts_with('"')) =>
                        {
                            (*text, RTy::Str)
                        }
                        other => (other, rty),
                    };
                    Val::new(expr, rty, &Fact::of(ty.clone()))
                })
                .collect(),
            (_, RTy::Tuple(tys)) => {
                if !val.expr.is_simple() && self.conditional > 0 {
                    return Err("the text of a computed tuple in this place".into());
                }
                let base = match val.expr.is_simple() {
                    true => val,
                    false => self.hoist(val, "values", at),
                };
                let part = |(i, (rty, ty)): (usize, (RTy, &Ty))| {
                    Val::new(
                        base.expr.clone().field(i.to_string()),
                        rty,
                        &Fact::of(ty.clone()),
                    )
                };
                tys.into_iter().zip(items).enumerate().map(part).collect()
            }
            (_, RTy::Array(..)) => {
                // A constant tuple of one type is an array.
                let elem = items.iter().fold(Ty::Unknown, |a, b| a.join(b));
                return self.printed_items(val, &elem, ("(", ")"));
            }
            _ => return Err(format!("the text of {}", val.ty.describe())),
        };
        let mut text = Text::literal("(");
        let single = parts.len() == 1;
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                text.push_literal(", ");
            }
            text.push(self.printed(part, Style::Repr)?);
        }
        text.push_literal(if single { ",)" } else { ")" });
        Ok(text)
    }

    /// `b'\x55'`, `bytearray(b'\x55')`
    fn printed_octets(&mut self, val: Val, kind: ListKind) -> Result<Text, String> {
        let helper = self.helper(Helper::BytesRepr);
        let lent = match val.rty.is_ref() {
            true => val.expr,
            false => val.expr.lent(),
        };
        let bytes = Text::value(Expr::call(helper, vec![lent]), RTy::String);
        match kind {
            ListKind::Bytes => Ok(bytes),
            ListKind::Bytearray => {
                let mut text = Text::literal("bytearray(");
                text.push(bytes);
                text.push_literal(")");
                Ok(text)
            }
            _ => Err(format!("the text of {}", val.ty.describe())),
        }
    }

    fn printed_list(&mut self, val: Val, elem: &Ty) -> Result<Text, String> {
        let shows_bytes = elem.any(&|ty| ty.is_octets());
        if debug_is_repr(val.rty.peel()) && !self.lw.has_flags() && !shows_bytes {
            // Rust's `{:?}` of ints in lists and tuples is Python's.
            let list = match val.expr.looked_at() {
                // A part of a list has no size.
                part @ Expr::Index(..) if part.is_part() => Expr::Ref(Box::new(part)),
                other => other,
            };
            return Ok(Text::spec("?".into(), list, val.rty));
        }
        self.printed_items(val, elem, ("[", "]"))
    }

    /// A tuple of any length.
    fn printed_long_tuple(&mut self, val: Val, elem: &Ty) -> Result<Text, String> {
        self.printed_items(val, elem, ("(", ")"))
    }

    /// The texts of the elements, between brackets.
    pub(super) fn printed_items(
        &mut self,
        val: Val,
        elem: &Ty,
        (open, close): (&str, &str),
    ) -> Result<Text, String> {
        let Some(rty) = val.element().cloned() else {
            return Err(format!("the text of {}", val.ty.describe()));
        };
        if rty == RTy::Never {
            return Ok(Text::literal(format!("{open}{close}")));
        }
        let copied = self.lw.is_copy(&rty);
        // What is run through once need not be collected first.
        let run = match &val.expr {
            Expr::Method(inner, name, _) if name == "collect" => Some((**inner).clone()),
            _ => None,
        };
        let (pattern, item) = match (copied, &run) {
            (_, Some(_)) => ("x", rty),
            (true, None) => ("&x", rty),
            (false, None) => ("x", RTy::Ref(Box::new(rty))),
        };
        let x = Val::new(Expr::atom("x"), item, &Fact::of(elem.clone()));
        self.conditional += 1;
        let text = self.printed(x, Style::Repr);
        self.conditional -= 1;
        let text = text?;
        if text.can_fail() {
            return Err(format!("the text of {}", val.ty.describe()));
        }
        let list = match val.expr.looked_at() {
            Expr::Macro(name, items)
                if name == "vec" && !matches!(items.as_slice(), [Expr::Repeat(..)]) =>
            {
                Expr::Array(items)
            }
            other => other,
        };
        let items = run
            .unwrap_or_else(|| list.method("iter", vec![]))
            .method(
                "map",
                vec![Expr::Closure(pattern.into(), Box::new(text.into_string()))],
            )
            .method("collect::<Vec<_>>", vec![]);
        if val.ty.is_long_tuple() {
            // One item has a comma behind it.
            let helper = self.helper(Helper::TupleText);
            let text = Expr::call(helper, vec![Expr::Ref(Box::new(items))]);
            return Ok(Text::value(text, RTy::String));
        }
        let items = items.method("join", vec![Expr::atom("\", \"")]);
        let mut out = Text::literal(open);
        out.push(Text::value(items, RTy::String));
        out.push_literal(close);
        Ok(out)
    }

    /// `Mode.IDLE`, `<Mode.IDLE: 1>`
    fn printed_member(&mut self, val: Val, class: &str, style: Style) -> Result<Text, String> {
        let own = self.lw.functions.contains_key(&format!("{class}.__str__"));
        if own && style == Style::Str {
            return Err(format!("the text of a `{class}` in this place"));
        }
        let value_ty = self
            .lw
            .input
            .model
            .classes
            .get(class)
            .and_then(crate::lower::enums::value_type);
        let at = self.current_span();
        if style != Style::Str && !val.expr.is_simple() && self.conditional > 0 {
            return Err(format!("`repr()` of {} in this place", val.ty.describe()));
        }
        let member = match style != Style::Str && !val.expr.is_simple() {
            true => self.hoist(val, "member", at).expr,
            false => val.expr,
        };
        let mut read = |what: &str| {
            let used = (class.to_string(), what.to_string());
            self.lw.enum_uses.insert(used);
            member.clone().method(what, vec![])
        };
        let mut out = Text::literal(match style {
            Style::Str => format!("{class}."),
            Style::Repr | Style::Ascii => format!("<{class}."),
        });
        out.push(Text::value(read("name"), RTy::Str));
        if style == Style::Str {
            return Ok(out);
        }
        let (rty, ty) = match value_ty {
            Some(rty @ RTy::Int(_)) => (rty, Ty::Int),
            Some(rty @ RTy::Float(_)) => (rty, Ty::Float),
            Some(rty @ RTy::Str) => (rty, Ty::Str),
            _ => return Err(format!("`repr()` of a `{class}`")),
        };
        let value = Val::new(read("value"), rty, &Fact::of(ty));
        out.push_literal(": ");
        out.push(self.printed(value, style)?);
        out.push_literal(">");
        Ok(out)
    }
}

/// Whether Rust's `{:?}` prints what Python's `repr` does.
fn debug_is_repr(rty: &RTy) -> bool {
    match rty {
        RTy::Int(_) => true,
        RTy::Vec(elem) | RTy::Slice(elem) | RTy::Array(elem, _) => debug_is_repr(elem),
        RTy::Tuple(items) => items.iter().all(debug_is_repr),
        RTy::Unit
        | RTy::ArrayVec(..)
        | RTy::Bool
        | RTy::Float(_)
        | RTy::Char
        | RTy::String
        | RTy::Str
        | RTy::Option(_)
        | RTy::Ref(_)
        | RTy::RefMut(_)
        | RTy::Named(_)
        | RTy::Msg(_)
        | RTy::Context
        | RTy::Tov
        | RTy::CuTime
        | RTy::CuDuration
        | RTy::Number
        | RTy::Map { .. }
        | RTy::Set(_)
        | RTy::Deque(_)
        | RTy::Never => false,
    }
}

/// `True` or `False`
pub(in crate::lower) fn true_or_false(flag: Expr) -> Expr {
    Expr::If {
        cond: Box::new(flag),
        then: Block::value(Expr::atom("\"True\"")),
        otherwise: Some(Block::value(Expr::atom("\"False\""))),
    }
}

/// The name of a variant as `str` or `repr` give it: it has nothing to escape.
fn quoted_name(name: Expr, style: Style) -> Text {
    let name = Text::value(name, RTy::Str);
    if style == Style::Str {
        return name;
    }
    let mut out = Text::literal("'");
    out.push(name);
    out.push_literal("'");
    out
}
