//! Conversions into the type of a variable, field or parameter, as PyTask converts.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem};
use crate::ir::{Arm, Block, Expr, RTy, StmtKind};
use crate::project::{FieldDef, FloatTy, IntTy, Wrapper};
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::{Side, Ty};
use crate::value::Val;
use crate::value::f32_literal;

impl<'a> FnLower<'_, 'a> {
    /// The value as Rust type `to`: exact, rounded as PyTask rounds, or checked with
    /// Python's error. `name` is what the value goes to.
    pub(super) fn coerce(
        &mut self,
        val: Val,
        to: &RTy,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        if val.rty == RTy::Never || matches!(to, RTy::Never) {
            return Ok(val.expr);
        }
        let val = match to {
            RTy::Int(_) | RTy::Float(_) | RTy::String | RTy::Str => self.decayed(val),
            _ => val,
        };
        if val.rty == *to && matches!(to, RTy::Ref(_) | RTy::RefMut(_)) {
            return Ok(val.expr);
        }
        if let (RTy::Option(inner), false) = (&val.rty, matches!(to, RTy::Option(_) | RTy::Unit)) {
            if val.expr == Expr::atom("None") {
                let message = format!("None does not fit `{name}`: PyTask refuses it");
                let problem = Problem::new(Code::TypeMismatch, message);
                return Err(Expr::Hole(self.lw.hole_text(at, &problem)));
            }
            let error = format!("{}: None for `{name}`", self.lw.input.source.at(at));
            let inner = (**inner).clone();
            let option = if inner.is_ref() || self.lw.is_copy(&inner) {
                val.expr.clone()
            } else {
                val.expr.clone().method("clone", vec![])
            };
            let val = Val {
                expr: option.ok_or(&error),
                rty: inner,
                ty: val.ty.narrowed(),
                ..val
            };
            return self.coerce(val, to, at, name);
        }
        if val.rty == *to && !self.lw.is_copy(to) && self.moves(&val.expr) {
            return Ok(val.expr);
        }
        if is_place(&val.expr) || val.rty.is_ref() || holds_ref(&val.rty) {
            self.one_object(&val, to, at)?;
        }
        if val.rty == *to {
            return Ok(if self.lw.is_copy(to) || !is_place(&val.expr) {
                val.expr
            } else {
                val.expr.method("clone", vec![])
            });
        }
        if let (RTy::String | RTy::Str, Ty::Enum(key)) = (to, &val.ty) {
            // An enum is the name of its variant.
            let Some(def) = self.lw.input.types.enum_def(key) else {
                return Err(self.misfit(&val, to, at, name));
            };
            let type_name = self.lw.use_type(key);
            let arms = def
                .variants
                .iter()
                .map(|v| Arm {
                    pattern: format!("{type_name}::{}", v.name),
                    guard: None,
                    body: Block::value(Expr::Atom(format!("{:?}", v.python_name))),
                })
                .collect();
            let text = Expr::Match {
                subject: Box::new(val.expr),
                arms,
            };
            return Ok(if *to == RTy::Str {
                text
            } else {
                text.method("to_string", vec![])
            });
        }
        match to {
            RTy::Float(FloatTy::F64) if val.ty.is_number() => Ok(val.to_f64()),
            RTy::Float(FloatTy::F32) if val.ty.is_number() => Ok(narrow_float(&val)),
            RTy::Int(int) if val.ty == Ty::Int => {
                let error = format!(
                    "{}: `{name}` leaves {}",
                    self.lw.input.source.at(at),
                    int.name()
                );
                Ok(val.to_int_checked(*int, &error))
            }
            RTy::CuTime if val.ty == Ty::Int => {
                let error = format!("{}: `{name}` leaves u64", self.lw.input.source.at(at));
                Ok(Expr::call(
                    "CuTime::from_nanos",
                    vec![val.to_int_checked(IntTy::U64, &error)],
                ))
            }
            RTy::String => match (&val.rty, &val.expr) {
                (RTy::Str, Expr::Atom(text)) if text == "\"\"" => {
                    Ok(Expr::call("String::new", vec![]))
                }
                (RTy::Str, Expr::Atom(text)) if text.starts_with('"') => {
                    Ok(val.expr.method("into", vec![]))
                }
                (RTy::Str, _) => Ok(val.expr.method("to_string", vec![])),
                (RTy::Ref(inner), _) if **inner == RTy::String => {
                    Ok(val.expr.method("clone", vec![]))
                }
                (RTy::Char, _) => Ok(val.expr.method("to_string", vec![])),
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Str => match &val.rty {
                RTy::String | RTy::Char => Ok(val.lent_str()),
                RTy::Ref(inner) if **inner == RTy::String => Ok(val.expr),
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Option(inner) => self.as_option(val, inner, at, name),
            RTy::Named(key) => self.as_named(val, key, at, name),
            RTy::Ref(inner) => match &val.rty {
                // Entries that are only looked at need no vector.
                held if held == &**inner && matches!(held, RTy::Map { ordered: true, .. }) => {
                    Ok(Expr::Ref(Box::new(match val.expr {
                        Expr::Macro(name, items) if name == "vec" => Expr::Array(items),
                        other => other,
                    })))
                }
                RTy::RefMut(held) if held == inner => Ok(val.expr),
                RTy::RefMut(held) if matches!((&**held, &**inner), (RTy::Vec(a) | RTy::Array(a, _), RTy::Slice(b)) if a == b) => {
                    Ok(val.expr)
                }
                held if held == &**inner => Ok(if self.is_borrowed(&val.expr) {
                    val.expr
                } else {
                    Expr::Ref(Box::new(val.expr))
                }),
                RTy::Vec(elem) | RTy::Array(elem, _) if **inner == RTy::Slice(elem.clone()) => {
                    Ok(Expr::Ref(Box::new(match val.expr {
                        // What is only lent need not be a vector.
                        Expr::Macro(name, items)
                            if name == "vec" && !matches!(items.as_slice(), [Expr::Repeat(..)]) =>
                        {
                            Expr::Array(items)
                        }
                        other => other,
                    })))
                }
                RTy::Ref(held) => match (&**held, &**inner) {
                    (RTy::Vec(a) | RTy::Array(a, _), RTy::Slice(b)) if a == b => Ok(val.expr),
                    _ => Err(self.misfit(&val, to, at, name)),
                },
                // Elements that lie in another type are lent as copies.
                RTy::Vec(_) | RTy::Array(..) if matches!(&**inner, RTy::Vec(_) | RTy::Slice(_)) => {
                    let (RTy::Vec(elem) | RTy::Slice(elem)) = &**inner else {
                        return Err(self.misfit(&val, to, at, name));
                    };
                    let list = RTy::Vec(elem.clone());
                    let copies = match self.coerce(val, &list, at, name)? {
                        Expr::Method(iter, name, args) if name == "collect" => {
                            iter.method("collect::<Vec<_>>", args)
                        }
                        owned => owned,
                    };
                    Ok(Expr::Ref(Box::new(copies)))
                }
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::RefMut(inner) => match &val.rty {
                held if held == &**inner => Ok(if self.is_borrowed(&val.expr) {
                    val.expr
                } else {
                    Expr::RefMut(Box::new(val.expr))
                }),
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Array(elem, len) => match &val.rty {
                RTy::Array(from, n) if n == len => {
                    self.map_elements(&val, from, elem, "map", at, name)
                }
                RTy::Ref(held) if **held == *to => Ok(if self.lw.is_copy(to) {
                    Expr::Deref(Box::new(val.expr))
                } else {
                    val.expr.method("clone", vec![])
                }),
                // PyTask takes a list of the right length.
                RTy::Vec(_) => {
                    let list = RTy::Vec(elem.clone());
                    let error = format!(
                        "{}: `{name}` takes {len} values",
                        self.lw.input.source.at(at)
                    );
                    let owned = match self.coerce(val, &list, at, name)? {
                        Expr::Method(iter, name, args) if name == "collect" => {
                            iter.method("collect::<Vec<_>>", args)
                        }
                        owned => owned,
                    };
                    let closure =
                        Expr::Closure("_".into(), Box::new(Expr::Atom(format!("{error:?}"))));
                    let array = Expr::call(format!("<[{elem}; {len}]>::try_from"), vec![owned]);
                    Ok(array.method("map_err", vec![closure]).try_())
                }
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Vec(elem) => match &val.rty {
                RTy::Array(from, _) if from == elem => Ok(val.expr.method("to_vec", vec![])),
                RTy::Ref(held) if matches!(&**held, RTy::Slice(e) | RTy::Vec(e) | RTy::Array(e, _) if e == elem) => {
                    Ok(val.expr.method("to_vec", vec![]))
                }
                RTy::Vec(from) | RTy::Array(from, _) => {
                    self.map_elements(&val, from, elem, "iter", at, name)
                }
                RTy::Ref(held) => match &**held {
                    RTy::Slice(from) | RTy::Vec(from) | RTy::Array(from, _) => {
                        self.map_elements(&val, from, elem, "iter", at, name)
                    }
                    _ => Err(self.misfit(&val, to, at, name)),
                },
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Tuple(tys) => match (&val.expr, &val.ty) {
                (Expr::Tuple(items), Ty::Tuple(facts)) if items.len() == tys.len() => {
                    // The items' own Rust types: those of a tuple value.
                    let RTy::Tuple(held) = &val.rty else {
                        return Err(self.misfit(&val, to, at, name));
                    };
                    let parts: Vec<(Expr, RTy, Ty)> = items
                        .iter()
                        .zip(held)
                        .zip(facts)
                        .map(|((e, r), t)| (e.clone(), r.clone(), t.clone()))
                        .collect();
                    let mut out = Vec::new();
                    for ((expr, rty, ty), to) in parts.into_iter().zip(tys) {
                        let part = Val::new(expr, rty, &crate::value::Fact::of(ty));
                        out.push(self.coerce(part, to, at, name)?);
                    }
                    Ok(Expr::Tuple(out))
                }
                (_, Ty::Tuple(facts)) if matches!(&val.rty, RTy::Tuple(held) if held.len() == tys.len()) =>
                {
                    // Taken apart, and put together as the other type.
                    let RTy::Tuple(held) = val.rty.clone() else {
                        return Err(self.misfit(&val, to, at, name));
                    };
                    let names: Vec<String> = (0..tys.len()).map(|i| format!("item_{i}")).collect();
                    let mut out = Vec::new();
                    for (((part, rty), ty), to) in
                        names.iter().zip(held).zip(facts.clone()).zip(tys)
                    {
                        let fact = crate::value::Fact::of(ty);
                        let part = Val::new(Expr::atom(part.clone()), rty, &fact);
                        out.push(self.coerce(part, to, at, name)?);
                    }
                    Ok(Expr::Block(Block {
                        stmts: vec![crate::ir::Stmt::new(StmtKind::LetPattern {
                            pattern: format!("({})", names.join(", ")),
                            names,
                            init: val.expr,
                            otherwise: None,
                        })],
                        value: Some(Box::new(Expr::Tuple(out))),
                    }))
                }
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Unit => Ok(val.expr),
            _ => Err(self.misfit(&val, to, at, name)),
        }
    }

    /// A variable of ints and floats is an `f64`, which holds ints up to 2**53.
    pub(super) fn int_beyond_doubles(&mut self, val: &Val, to: &RTy, at: Span, name: &str) {
        let exact = val.ty != Ty::Int || val.range.int().within(IntRange::DOUBLES);
        if exact || !matches!(to, RTy::Float(_)) {
            return;
        }
        let message = format!("{name} is a float on another path: an int beyond 2**53 is rounded");
        let at = self.lw.first_line(at);
        self.lw.report(Code::FloatForInt, at, &message, None);
    }

    /// Whether an expression is `self` or the state's variable, which are references already.
    fn is_borrowed(&self, e: &Expr) -> bool {
        if self.has_receiver() && self.constructor.is_none() && *e == Expr::atom("self") {
            return true;
        }
        let owned = self.lw.input.widened.is_some() || self.lw.rollback.of(self.model.role).state;
        self.model.role != crate::infer::Role::Helper && !owned && *e == Expr::atom("state")
    }

    /// Whether a variable's value can be moved: nothing reads it again.
    pub(super) fn moves(&self, e: &Expr) -> bool {
        let Expr::Atom(name) = e else { return false };
        let mut found = self
            .scope
            .vars
            .iter()
            .filter(|(version, _)| self.var_name(version) == *name);
        match (found.next(), found.next()) {
            (Some((version, info)), None) => {
                let owned = !self.var_types.get(version).is_some_and(RTy::is_ref);
                if self.leaving && owned && !self.is_self(version) {
                    return true;
                }
                let in_loop = self.blocks.iter().any(|b| b.is_loop)
                    && info.home != *self.blocks.last().unwrap_or(&info.home);
                let alone = !self
                    .model
                    .vars
                    .values()
                    .any(|var| var.alias.as_ref().is_some_and(|p| p.root == *version));
                let last = self.moving.as_ref() == Some(version);
                owned && alone && (last || info.reads == 1 && !in_loop) && !self.is_self(version)
            }
            _ => false,
        }
    }

    /// The value as `ty`, which holds every value of its own type.
    pub(super) fn widen(&mut self, val: Val, ty: &RTy) -> Expr {
        let at = self.current_span();
        self.coerce(val, ty, at, "the value")
            .unwrap_or_else(|hole| hole)
    }

    fn misfit(&mut self, val: &Val, to: &RTy, at: Span, name: &str) -> Expr {
        let mut problem = Problem::new(
            Code::TypeMismatch,
            format!("{} does not fit `{name}`, a {to}", val.ty.describe()),
        );
        if matches!(to.peel(), RTy::Int(_)) && val.ty.is_float() {
            problem = problem.with_help(
                "PyTask fails the cycle: a float is no int, not even 3.0; write `int(…)`",
            );
        } else if matches!(to.peel(), RTy::Int(_)) && val.ty == Ty::Bool {
            problem =
                problem.with_help("PyTask fails the cycle: a bool is no int there; write `int(…)`");
        }
        Expr::Hole(self.lw.hole_text(self.lw.first_line(at), &problem))
    }

    fn as_option(&mut self, val: Val, inner: &RTy, at: Span, name: &str) -> Result<Expr, Expr> {
        match &val.rty {
            RTy::Option(from) if **from == RTy::Never => Ok(Expr::atom("None")),
            RTy::Option(from) => {
                let x = Val {
                    expr: Expr::atom("x"),
                    rty: (**from).clone(),
                    ty: val.ty.narrowed(),
                    literal: false,
                    ..val.clone()
                };
                if **from == *inner {
                    return Ok(if self.lw.is_copy(inner) || !is_place(&val.expr) {
                        val.expr
                    } else {
                        val.expr.method("clone", vec![])
                    });
                }
                let mapped = self.coerce(x, inner, at, name)?;
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
                Ok(val
                    .expr
                    .method("map", vec![Expr::Closure("x".into(), Box::new(mapped))]))
            }
            RTy::Unit => Ok(Expr::atom("None")),
            _ => Ok(Expr::call("Some", vec![self.coerce(val, inner, at, name)?])),
        }
    }

    fn as_named(&mut self, val: Val, key: &str, at: Span, name: &str) -> Result<Expr, Expr> {
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
                match def.variants.iter().find(|v| v.python_name == wanted) {
                    Some(variant) => Ok(Expr::atom(format!("{type_name}::{}", variant.name))),
                    None => {
                        let known: Vec<&str> = def
                            .variants
                            .iter()
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
        if fields.iter().any(|f| f.skipped || f.has_default)
            || entries.iter().any(|(entry, _)| !known(entry))
        {
            return Err(self.misfit(val, &to, at, name));
        }
        let type_name = self.lw.use_type(key);
        let mut out: Vec<(String, Expr)> = Vec::new();
        for field in fields {
            let rty = super::types::rty_of(&field.ty);
            let entry = entries
                .iter()
                .find(|(entry, _)| *entry == field.python_name);
            let optional = matches!(field.ty, crate::project::RustTy::Option(_));
            let expr = match (entry, optional) {
                (Some((entry, ty)), _) => {
                    let Some(held) = self.lw.class_field(&class, entry) else {
                        return Err(self.misfit(val, &to, at, name));
                    };
                    let place = val.expr.clone().field(super::records::field(entry));
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

    fn map_elements(
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
        let x = Val::new(Expr::atom("x"), from.clone(), &crate::value::Fact::of(elem));
        let mapped = self.coerce(x, to, at, name)?;
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
        let (iter, item) = val.expr.clone().items();
        Ok(iter
            .method("map", vec![closure(item)])
            .method("collect", vec![]))
    }

    /// PyTask takes an int of 64 bits for a float field, no wider one.
    pub(super) fn int_for_float(&self, val: Val, to: &RTy, name: &str) -> Val {
        if val.ty != Ty::Int || !matches!(to, RTy::Float(_)) || val.rty != RTy::I128 {
            return val;
        }
        let int = if val.range.int().lo.is_some_and(|lo| lo >= 0) {
            IntTy::U64
        } else {
            IntTy::I64
        };
        let error = self.error(&format!("`{name}` leaves 64 bits"));
        let range = val.range.int().meet(crate::value::int_type_range(int));
        Val::int(val.to_int_checked(int, &error), int, range)
    }

    /// Lowers an expression that goes to a place of type `to`: literals take its shape.
    pub(super) fn expr_as(&mut self, e: &'a PyExpr, to: &RTy) -> Result<Val, Expr> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        match (&e.kind, to) {
            (ExprKind::Conditional { test, body, orelse }, _) => {
                self.conditional(e, test, body, orelse, Some(to))
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Array(elem, len)) => {
                if items.len() != *len {
                    let problem = Problem::new(
                        Code::TypeMismatch,
                        format!("{} values for {len}: PyTask fails the cycle", items.len()),
                    );
                    return Err(Expr::Hole(self.lw.hole_text(e.span, &problem)));
                }
                let items = self.items_as(items, elem)?;
                Ok(Val::new(Expr::Array(items), to.clone(), &self.fact(e.id)))
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Vec(elem)) => {
                let items = self.items_as(items, elem)?;
                let expr = if items.is_empty() {
                    Expr::call("Vec::new", vec![])
                } else {
                    Expr::Macro("vec".into(), items)
                };
                Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
            }
            (
                ExprKind::Binary {
                    op: crate::ast::BinaryOp::Mul,
                    left,
                    right,
                },
                RTy::Vec(elem) | RTy::Array(elem, _),
            ) if matches!(&left.kind, ExprKind::List(items) if items.len() == 1) => {
                let ExprKind::List(items) = &left.kind else {
                    return Err(self.hole(e));
                };
                let Some(value) = self.items_as(items, elem)?.pop() else {
                    return Err(self.hole(e));
                };
                if !self.lw.is_copy(elem) && **elem != RTy::String {
                    return Err(self.partly(e, "a list of one object many times"));
                }
                let count = self.expr(right)?;
                if let RTy::Array(_, len) = to {
                    if count.range.int().constant() != Some(*len as i128) {
                        return Err(self.partly(e, "a list of another length than the array"));
                    }
                    let repeat =
                        Expr::Repeat(Box::new(value), Box::new(Expr::atom(len.to_string())));
                    return Ok(Val::new(repeat, to.clone(), &self.fact(e.id)));
                }
                let count = self.repeats(count);
                let repeat = Expr::Repeat(Box::new(value), Box::new(count));
                Ok(Val::new(
                    Expr::Macro("vec".into(), vec![repeat]),
                    to.clone(),
                    &self.fact(e.id),
                ))
            }
            (ExprKind::Binary { op, left, right }, RTy::Vec(_))
                if matches!(self.fact(e.id).ty, Ty::List { .. }) =>
            {
                self.list_operator(e, *op, left, right, Some(to))
            }
            (ExprKind::Dict(items), RTy::Named(key))
                if self.lw.input.types.struct_def(key).is_some() =>
            {
                self.struct_literal(e, items, key)
            }
            (ExprKind::Name(name), _)
                if self.is_table(e)
                    && matches!(to.peel(), RTy::Map { .. } | RTy::Set(_) | RTy::Named(_))
                    && matches!(
                        self.fact(e.id).ty,
                        Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_)
                    ) =>
            {
                let to = to.peel().clone();
                self.table_value(e, name, &to)
            }
            (ExprKind::Dict(_) | ExprKind::Call { .. }, RTy::Named(_))
                if matches!(self.fact(e.id).ty, Ty::Record(_))
                    && self.lw.class_of(to).is_some_and(|c| self.lw.is_record(&c))
                    && self.literal_items(e).is_some() =>
            {
                let items = self.literal_items(e).unwrap_or_default();
                self.record_literal(e, &items, to)
            }
            (ExprKind::Dict(items), RTy::Map { .. }) => self.map_literal(e, items, to),
            (ExprKind::Set(items), RTy::Set(_)) => self.set_literal(e, items, to),
            (ExprKind::Call { .. }, RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)) => {
                match self.collection_call(e, to) {
                    Some(made) => made,
                    None => self.expr(e),
                }
            }
            (
                ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::List(_) | ExprKind::Tuple(_),
                RTy::Option(inner),
            ) => {
                let val = self.expr_as(e, inner)?;
                let expr = Expr::call("Some", vec![val.expr]);
                Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
            }
            (_, RTy::Int(int)) => self.expr_hinted(e, Some(&(*int, "the value".to_string()))),
            _ => self.expr(e),
        }
    }

    fn items_as(&mut self, items: &'a [PyExpr], elem: &RTy) -> Result<Vec<Expr>, Expr> {
        let mut out = Vec::new();
        for item in items {
            let before = self.out.len();
            let val = self.expr_as(item, elem)?;
            let expr = self.coerce(val, elem, item.span, "an element")?;
            self.in_order(item, before, &out)?;
            out.push(expr);
        }
        Ok(out)
    }

    /// Refuses an item whose evaluation put statements, from `before` on, that call functions
    /// of the file before what the items `earlier` read or call.
    pub(super) fn in_order(
        &mut self,
        item: &PyExpr,
        before: usize,
        earlier: &[Expr],
    ) -> Result<(), Expr> {
        let fixed = |e: &Expr| matches!(e, Expr::Atom(_) | Expr::NegLit(_));
        let calls = self.out.iter().skip(before).any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            !blocks.is_empty() || exprs.into_iter().any(|e| self.calls_own(e))
        });
        if calls && !earlier.iter().all(fixed) {
            return Err(self.partly(item, "a call among items that are read before it"));
        }
        Ok(())
    }

    /// `{"a": 1, "b": x}` as the struct that it becomes.
    fn struct_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [(Option<PyExpr>, PyExpr)],
        key: &str,
    ) -> Result<Val, Expr> {
        let fields: &[FieldDef] = self.lw.fields(key);
        let name = self.lw.use_type(key);
        let mut out: Vec<(String, Expr)> = Vec::new();
        for (item_key, value) in items {
            let Some(ExprKind::Str(wanted)) = item_key.as_ref().map(|k| &k.kind) else {
                return Err(self.hole(e));
            };
            let Some(field) = fields
                .iter()
                .find(|f| f.python_name == *wanted && !f.skipped)
            else {
                let known: Vec<&str> = fields.iter().map(|f| f.python_name.as_str()).collect();
                let message = format!("`{name}` has no field `{wanted}`: PyTask drops it");
                let span = item_key.as_ref().map_or(e.span, |k| k.span);
                self.lw.report(
                    Code::UnknownFieldWritten,
                    span,
                    &message,
                    Some(&format!("it has {}", known.join(", "))),
                );
                continue;
            };
            let rty = super::types::rty_of(&field.ty);
            let before = self.out.len();
            let earlier: Vec<Expr> = out.iter().map(|(_, e)| e.clone()).collect();
            let expr = match self.expr_as(value, &rty).and_then(|val| {
                self.in_order(value, before, &earlier)?;
                let val = self.int_for_float(val, &rty, wanted);
                let outer = std::mem::replace(&mut self.copied_by_pytask, true);
                let expr = self.coerce(val, &rty, value.span, wanted);
                self.copied_by_pytask = outer;
                expr
            }) {
                Ok(expr) => expr,
                Err(hole) => {
                    self.hole_in_stmt = true;
                    hole
                }
            };
            let expr = self.wrapped(expr, field);
            match out.iter_mut().find(|(n, _)| *n == field.name) {
                // A key that is given twice: the last one stands.
                Some(slot) => slot.1 = expr,
                None => out.push((field.name.clone(), expr)),
            }
        }
        let missing: Vec<&FieldDef> = fields
            .iter()
            .filter(|f| !f.skipped && !f.has_default && !out.iter().any(|(n, _)| *n == f.name))
            .collect();
        let optional = |f: &&FieldDef| matches!(f.ty, crate::project::RustTy::Option(_));
        if let Some(field) = missing.iter().find(|f| !optional(f)) {
            let problem = Problem::new(
                Code::TypeMismatch,
                format!(
                    "the field `{}` of `{name}` is missing: PyTask fails the cycle",
                    field.python_name
                ),
            );
            return Err(Expr::Hole(self.lw.hole_text(e.span, &problem)));
        }
        for field in missing {
            out.push((field.name.clone(), Expr::atom("None")));
        }
        let complete = fields.iter().all(|f| out.iter().any(|(n, _)| *n == f.name));
        let base = (!complete).then(|| Box::new(Expr::call("Default::default", vec![])));
        Ok(Val::new(
            Expr::Struct {
                name,
                fields: out,
                base,
            },
            RTy::Named(key.to_string()),
            &self.fact(e.id),
        ))
    }

    /// The value of a field with the newtype or quantity around it.
    fn wrapped(&mut self, value: Expr, field: &FieldDef) -> Expr {
        match &field.wrapper {
            None => value,
            Some(Wrapper::Newtype(key)) => Expr::call(self.lw.use_type(key), vec![value]),
            Some(wrapper @ Wrapper::Quantity(key)) => Expr::Struct {
                name: self.lw.use_type(key),
                fields: vec![(wrapper.field().to_owned(), value)],
                base: None,
            },
        }
    }

    /// Whether a target is the payload of an output as a whole.
    pub(super) fn is_whole_payload(&self, target: &PyExpr) -> bool {
        match &target.kind {
            ExprKind::Attribute { value, attr } => {
                attr.name == "payload"
                    && matches!(
                        self.fact(value.id).ty,
                        Ty::Message {
                            side: Side::Output,
                            ..
                        }
                    )
            }
            _ => false,
        }
    }

    /// `output.payload = …`
    pub(super) fn store_payload(
        &mut self,
        target: &'a PyExpr,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let ExprKind::Attribute { value: base, .. } = &target.kind else {
            return Err(self.hole(target));
        };
        let Some(path) = self.path_of(base) else {
            return Err(self.hole(target));
        };
        let Some(RTy::Msg(payload)) = self.path_type(&path) else {
            return Err(self.hole(target));
        };
        if matches!(value.kind, ExprKind::None) {
            self.release(&path);
            self.message_call(&path, "clear_payload", vec![], at)?;
            return Ok(());
        }
        if let Some(hole) = self.aliased(target, value, at) {
            return Err(hole);
        }
        let val = self.expr_as(value, &payload)?;
        self.release(&path);
        if let RTy::Option(inner) = &val.rty
            && matches!(inner.peel(), RTy::Named(_))
        {
            // A payload that may be absent: so is then the output's.
            let same = inner.peel() == &*payload;
            if same && val.expr.is_pure_read() {
                let Some((message, _)) = self.path_place(&path, true) else {
                    return Err(self.hole(target));
                };
                let cloned = if inner.is_ref() {
                    val.expr.method("cloned", vec![])
                } else {
                    val.expr.method("clone", vec![])
                };
                let place = Expr::Deref(Box::new(message.method("payload_mut", vec![])));
                self.emit(
                    at,
                    StmtKind::Assign {
                        place,
                        op: None,
                        value: cloned,
                    },
                );
                return Ok(());
            }
        }
        let expr = self.coerce(val, &payload, at, "payload")?;
        self.message_call(&path, "set_payload", vec![expr], at)
    }

    fn message_call(
        &mut self,
        path: &Path,
        method: &str,
        args: Vec<Expr>,
        at: Span,
    ) -> Result<(), Expr> {
        let payload = path.attr("payload");
        self.forget_path(&payload);
        let Some((message, _)) = self.path_place(path, true) else {
            let problem = Problem::new(
                Code::PartlyHandled,
                "writing this payload is not translated yet",
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        self.emit(at, StmtKind::Expr(message.method(method, args)));
        Ok(())
    }
}

/// An `f64` rounded to `f32`, a literal as it stands where that is the same.
fn narrow_float(val: &Val) -> Expr {
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
fn holds_ref(rty: &RTy) -> bool {
    matches!(rty, RTy::Option(inner) if inner.is_ref() && **inner != RTy::Str)
}

/// Whether an expression names a place, from which a value would be moved.
pub(super) fn is_place(e: &Expr) -> bool {
    match e {
        Expr::Atom(text) => !text.starts_with('"'),
        Expr::Field(..) | Expr::Index(..) | Expr::Deref(_) => true,
        _ => false,
    }
}

impl Expr {
    /// Whether it only reads: a method without arguments on a place.
    fn is_pure_read(&self) -> bool {
        match self {
            Expr::Method(receiver, _, args) => args.is_empty() && receiver.is_simple(),
            other => other.is_simple(),
        }
    }
}
