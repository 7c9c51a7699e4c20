//! Values in another shape: in an `Option`, as an enum or a struct, element by element.
//!
//! Enters: a value whose Rust type has another shape than the place it goes to. Leaves: its
//! Rust in that shape, or a hole. This module must not know the Python expression that the
//! value comes from.

use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Arm, Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::project::{FieldDef, FloatTy, IntTy, Variant, VariantKind};
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;
use crate::value::f32_literal;

impl<'a> FnLower<'_, 'a> {
    pub(super) fn as_option(
        &mut self,
        val: Val,
        inner: &RTy,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        match &val.rty {
            RTy::Ref(held) if matches!(&**held, RTy::Option(from) if **from == *inner) => {
                Ok(val.expr.method("clone", vec![]))
            }
            RTy::Option(from) if **from == RTy::Never => Ok(none_of(val.expr)),
            RTy::Option(from) => {
                let x = Val {
                    expr: Expr::atom("x"),
                    rty: (**from).clone(),
                    ty: val.ty.narrowed(),
                    literal: false,
                    ..val.clone()
                };
                if **from == *inner {
                    return Ok(if self.lw.is_copy(inner) || !val.expr.is_place() {
                        val.expr
                    } else {
                        val.expr.method("clone", vec![])
                    });
                }
                if let Some(method) = lends(from, inner) {
                    return Ok(val.expr.method(method, vec![]));
                }
                // What nobody else holds is handed on.
                let owned = !val.expr.is_place() && !from.is_ref();
                let fresh = owned && self.handed_on.insert("x".to_string());
                let mapped = self.coerce(x, inner, at, name);
                if fresh {
                    self.handed_on.remove("x");
                }
                let mapped = mapped?;
                if mapped.can_fail() {
                    let some = Block::value(Expr::call("Some", vec![mapped]));
                    let arms = vec![
                        Arm {
                            pattern: "Some(x)".into(),
                            guard: None,
                            body: some,
                        },
                        Arm {
                            pattern: "None".into(),
                            guard: None,
                            body: Block::value(Expr::atom("None")),
                        },
                    ];
                    return Ok(Expr::Match {
                        subject: Box::new(val.expr),
                        arms,
                    });
                }
                if let Expr::Call(path, args) = &mapped
                    && matches!(args.as_slice(), [Expr::Atom(x)] if x == "x")
                {
                    return Ok(val.expr.method("map", vec![Expr::atom(path.clone())]));
                }
                if matches!(&mapped, Expr::Deref(x) if **x == Expr::atom("x")) {
                    return Ok(val.expr.method("copied", vec![]));
                }
                Ok(val
                    .expr
                    .method("map", vec![Expr::Closure("x".into(), Box::new(mapped))]))
            }
            RTy::Unit => Ok(none_of(val.expr)),
            _ => Ok(Expr::call("Some", vec![self.coerce(val, inner, at, name)?])),
        }
    }

    pub(super) fn as_named(
        &mut self,
        val: Val,
        key: &str,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        if let RTy::Ref(held) | RTy::RefMut(held) = &val.rty
            && **held == RTy::Named(key.to_string())
        {
            return Ok(if self.lw.is_copy_type(key) {
                Expr::Deref(Box::new(val.expr))
            } else {
                val.expr.method("clone", vec![])
            });
        }
        let to = RTy::Named(key.to_string());
        if let (Ty::Record(_), true) = (&val.ty, self.lw.input.types.struct_def(key).is_some()) {
            return self.record_as_struct(&val, key, at, name);
        }
        let Some(def) = self.lw.input.types.enum_def(key) else {
            return Err(self.misfit(&val, &to, at, name));
        };
        let type_name = self.lw.use_type(key);
        match &val.expr {
            Expr::Atom(text) if text.starts_with('"') => {
                let wanted = text.trim_matches('"');
                let unit = |v: &&Variant| v.kind == VariantKind::Unit;
                match def
                    .variants
                    .iter()
                    .filter(unit)
                    .find(|v| v.python_name == wanted)
                {
                    Some(variant) => Ok(Expr::atom(format!("{type_name}::{}", variant.name))),
                    None => {
                        let known: Vec<&str> = def
                            .variants
                            .iter()
                            .filter(unit)
                            .map(|v| v.python_name.as_str())
                            .collect();
                        let problem = Problem::new(
                            Code::TypeMismatch,
                            format!(
                                "`{type_name}` has no variant {wanted:?}: PyTask fails the cycle"
                            ),
                        )
                        .with_help(format!("it has {}", known.join(", ")));
                        Err(Expr::Hole(
                            self.lw.hole_text(self.lw.first_line(at), &problem),
                        ))
                    }
                }
            }
            _ if val.ty == Ty::Str => {
                let mut arms: Vec<Arm> = def
                    .variants
                    .iter()
                    .filter(|v| v.kind == VariantKind::Unit)
                    .map(|v| Arm {
                        pattern: format!("{:?}", v.python_name),
                        guard: None,
                        body: Block::value(Expr::atom(format!("{type_name}::{}", v.name))),
                    })
                    .collect();
                let error = format!("no variant of `{type_name}` for `{name}`");
                arms.push(Arm::of("_", Block::of(vec![self.error_return(&error, at)])));
                Ok(Expr::Match {
                    subject: Box::new(val.as_str()),
                    arms,
                })
            }
            _ => Err(self.misfit(&val, &to, at, name)),
        }
    }

    /// A dict with literal keys as the payload that it becomes.
    fn record_as_struct(
        &mut self,
        val: &Val,
        key: &str,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let to = RTy::Named(key.to_string());
        let (Ty::Record(entries), Some(class), true) = (
            val.ty.clone(),
            self.lw.class_of(&val.rty),
            val.expr.is_simple(),
        ) else {
            return Err(self.misfit(val, &to, at, name));
        };
        let fields: &[FieldDef] = self.lw.fields(key);
        let known = |n: &str| fields.iter().any(|f| f.python_name == n && !f.skipped);
        if entries.is_partial()
            || fields.iter().any(|f| f.skipped || f.has_default)
            || entries.iter().any(|(entry, _)| !known(entry))
        {
            return Err(self.misfit(val, &to, at, name));
        }
        let type_name = self.lw.use_type(key);
        let mut out: Vec<(String, Expr)> = Vec::new();
        for field in fields {
            let rty = crate::lower::types::rty_of(&field.ty);
            let entry = entries
                .iter()
                .find(|(entry, _)| *entry == field.python_name);
            let optional = matches!(field.ty, crate::project::RustTy::Option(_));
            let expr = match (entry, optional) {
                (Some((entry, ty)), _) => {
                    let Some(held) = self.lw.class_field(&class, entry) else {
                        return Err(self.misfit(val, &to, at, name));
                    };
                    let place = val.expr.clone().field(crate::lower::records::field(entry));
                    let part = Val::new(place, held, &crate::value::Fact::of(ty.clone()));
                    let part = self.int_for_float(part, &rty, entry);
                    let outer = std::mem::replace(&mut self.copied_by_pytask, true);
                    let expr = self.coerce(part, &rty, at, entry);
                    self.copied_by_pytask = outer;
                    expr?
                }
                (None, true) => Expr::atom("None"),
                (None, false) => return Err(self.misfit(val, &to, at, name)),
            };
            out.push((field.name.clone(), expr));
        }
        Ok(Expr::Struct {
            name: type_name,
            fields: out,
            base: None,
        })
    }

    pub(super) fn map_elements(
        &mut self,
        val: &Val,
        from: &RTy,
        to: &RTy,
        how: &str,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let elem = match &val.ty {
            Ty::List { elem, .. } => (**elem).clone(),
            _ => Ty::Unknown,
        };
        let x = Val {
            // Whose elements they are was judged with the whole.
            node: val.node,
            ..Val::new(Expr::atom("x"), from.clone(), &crate::value::Fact::of(elem))
        };
        let mapped = self.coerce(x, to, at, name)?;
        if let Expr::Try(inner) = &mapped
            && !inner.can_fail()
            && how == "iter"
            && self.tries == 0
        {
            let (iter, item) = self.items_of_list(val, from);
            return Ok(iter
                .method("map", vec![Expr::Closure(item.into(), inner.clone())])
                .method("collect::<Result<Vec<_>, _>>", vec![])
                .try_());
        }
        if mapped.can_fail() {
            return Err(self.misfit(val, &RTy::Vec(Box::new(to.clone())), at, name));
        }
        let closure = |params: &str| match &mapped {
            Expr::Call(path, args)
                if params == "x" && matches!(args.as_slice(), [Expr::Atom(x)] if x == "x") =>
            {
                Expr::atom(path.clone())
            }
            other => Expr::Closure(params.into(), Box::new(other.clone())),
        };
        if how == "map" {
            return Ok(val.expr.clone().method("map", vec![closure("x")]));
        }
        let (iter, item) = self.items_of_list(val, from);
        Ok(iter
            .method("map", vec![closure(item)])
            .method("collect", vec![]))
    }

    /// The iterator over a list, and the pattern of its elements: copies of what can be copied.
    fn items_of_list(&self, val: &Val, elem: &RTy) -> (Expr, &'static str) {
        let (iter, item) = val.expr.clone().items();
        match self.lw.is_copy(elem) {
            true => (iter, item),
            false => (iter, item.trim_start_matches('&')),
        }
    }

    /// PyTask takes an int of 64 bits for a float field, no wider one.
    pub(in crate::lower) fn int_for_float(&self, val: Val, to: &RTy, name: &str) -> Val {
        if val.ty != Ty::Int || !matches!(to, RTy::Float(_)) || val.rty != RTy::I128 {
            return val;
        }
        let error = self.error(&format!("`{name}` leaves 64 bits"));
        let positive = val.range.int().lo.is_some_and(|lo| lo >= 0);
        if !positive {
            // PyTask takes what an i64 or a u64 holds.
            let ends = IntRange::new(i128::from(i64::MIN), i128::from(u64::MAX));
            if val.range.int().within(ends) {
                return val;
            }
            let within = "(i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(x)";
            let within = Expr::Closure("x".into(), Box::new(Expr::atom(within)));
            let range = val.range.int().meet(ends);
            let kept = Expr::call("Some", vec![val.expr]).method("filter", vec![within]);
            return Val::int(kept.ok_or(&error), IntTy::I128, range);
        }
        let int = IntTy::U64;
        let range = val.range.int().meet(crate::value::int_type_range(int));
        Val::int(val.to_int_checked(int, &error), int, range)
    }
}

/// An `f64` rounded to `f32`, a literal as it stands where that is the same.
pub(super) fn narrow_float(val: &Val) -> Expr {
    match (&val.rty, val.range) {
        (RTy::Float(FloatTy::F32), _) => val.expr.clone(),
        (RTy::Int(int), _) if int.bits() <= 16 && !val.literal => {
            Expr::call("f32::from", vec![val.expr.clone()])
        }
        _ => {
            let wide = val.to_f64();
            let literal = match &wide {
                Expr::Atom(text) | Expr::NegLit(text) => {
                    text.parse::<f64>().ok().map(|v| (text, v))
                }
                _ => None,
            };
            match literal {
                Some((text, value))
                    if text.parse::<f32>().is_ok_and(|f| {
                        f.is_finite() && f.to_bits() == (value as f32).to_bits()
                    }) && short(text) =>
                {
                    wide
                }
                Some((_, value)) => f32_literal(value),
                None => wide.cast(RTy::F32),
            }
        }
    }
}

/// Whether an `f32` literal is not longer than an `f32` is precise.
fn short(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() <= 8
}

/// Whether it is a reference that may be absent.
pub(super) fn holds_ref(rty: &RTy) -> bool {
    matches!(rty, RTy::Option(inner) if inner.is_ref() && **inner != RTy::Str)
}

/// None, after what was computed for it.
fn none_of(done: Expr) -> Expr {
    let none = Expr::atom("None");
    match &done {
        Expr::Atom(_) => none,
        Expr::Tuple(items) if items.is_empty() => none,
        _ => Expr::Block(Block {
            stmts: vec![Stmt::new(StmtKind::Expr(done))],
            value: Some(Box::new(none)),
        }),
    }
}

/// The method that lends what an `Option<from>` holds as an `Option<to>`, a reference.
pub(in crate::lower) fn lends(from: &RTy, to: &RTy) -> Option<&'static str> {
    let part = |slice: &RTy| match (slice, from) {
        (RTy::Slice(wanted), RTy::Vec(elem)) => wanted == elem,
        _ => false,
    };
    match to {
        RTy::Str => (*from == RTy::String).then_some("as_deref"),
        RTy::Ref(inner) if **inner == *from => Some("as_ref"),
        RTy::Ref(inner) => part(inner).then_some("as_deref"),
        RTy::RefMut(inner) if **inner == *from => Some("as_mut"),
        RTy::RefMut(inner) => part(inner).then_some("as_deref_mut"),
        _ => None,
    }
}
