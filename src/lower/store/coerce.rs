//! A value as the Rust type of the place that it goes to.
//!
//! Enters: a value, and the type of a variable, field or parameter. Leaves: its Rust in that
//! type, rounded as PyTask rounds or checked with Python's error, or a hole. This module must
//! not know the Python expression that the value comes from.

use super::shapes::{holds_ref, narrow_float};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Arm, Block, Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::project::{FloatTy, IntTy};
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// The items of a tuple, in a list of its own.
    pub(in crate::lower) fn tuple_as_list(
        &mut self,
        val: Val,
        elem: &RTy,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let to = RTy::Vec(Box::new(elem.clone()));
        let (Ty::Tuple(facts), RTy::Tuple(held)) = (&val.ty, val.rty.peel()) else {
            return Err(self.misfit(&val, &to, at, name));
        };
        let parts: Vec<Expr> = match &val.expr {
            Expr::Tuple(items) => items.clone(),
            place if place.is_simple() => (0..held.len())
                .map(|i| place.clone().field(i.to_string()))
                .collect(),
            _ => return Err(self.misfit(&val, &to, at, name)),
        };
        let parts: Vec<(Expr, RTy, Ty)> = parts
            .into_iter()
            .zip(held)
            .zip(facts)
            .map(|((e, r), t)| (e, r.clone(), t.clone()))
            .collect();
        let mut out = Vec::new();
        for (expr, rty, ty) in parts {
            let part = match int_of(&expr) {
                Some(n) if ty == Ty::Int => crate::value::int_val(n),
                _ => Val::new(expr, rty, &crate::value::Fact::of(ty)),
            };
            out.push(self.coerce(part, elem, at, name)?);
        }
        Ok(match out.is_empty() {
            true => Expr::call("Vec::new", vec![]),
            false => Expr::Macro("vec".into(), out),
        })
    }

    /// A list of another type whose elements are written out.
    fn map_items(
        &mut self,
        items: Vec<Expr>,
        (ty, from): (&Ty, &RTy),
        elem: &RTy,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let items: Result<Vec<Expr>, Expr> = items
            .into_iter()
            .map(|item| {
                let val = match int_of(&item) {
                    Some(n) if *ty == Ty::Int => crate::value::int_val(n),
                    _ => Val::new(item, from.clone(), &crate::value::Fact::of(ty.clone())),
                };
                self.coerce(val, elem, at, name)
            })
            .collect();
        Ok(Expr::Macro("vec".into(), items?))
    }

    /// The value as Rust type `to`: exact, rounded as PyTask rounds, or checked with
    /// Python's error. `name` is what the value goes to.
    pub(in crate::lower) fn coerce(
        &mut self,
        val: Val,
        to: &RTy,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        if val.rty == RTy::Never || matches!(to, RTy::Never) {
            // An empty container that is made to be lent.
            let new = matches!(&val.expr, Expr::Call(name, args) if args.is_empty() && name.ends_with("::new"));
            return Ok(match to {
                RTy::RefMut(_) if new => Expr::RefMut(Box::new(val.expr)),
                RTy::Ref(_) if new => Expr::Ref(Box::new(val.expr)),
                _ => val.expr,
            });
        }
        if *to == RTy::Unit && val.expr == Expr::atom("None") {
            return Ok(Expr::Tuple(Vec::new()));
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
            if let RTy::RefMut(held) = to
                && val.expr.is_place()
            {
                // The object itself is changed, not a copy of it.
                return match **held == inner {
                    true => Ok(val.expr.method("as_mut", vec![]).ok_or(&error)),
                    false => Err(self.misfit(&val, to, at, name)),
                };
            }
            let option = if inner.is_ref() || self.lw.is_copy(&inner) || !val.expr.is_place() {
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
        if let Some(wrapped) = self.as_union(&val, to, at, name) {
            return wrapped;
        }
        if let Some(wrapped) = self.as_variant(&val, to, at, name) {
            return wrapped;
        }
        if val.rty == *to && !self.lw.is_copy(to) && self.moves(&val) {
            return Ok(val.expr);
        }
        if val.expr.is_place() || val.rty.is_ref() || holds_ref(&val.rty) {
            self.one_object(&val, to, at)?;
        }
        if val.rty == *to {
            return Ok(if self.lw.is_copy(to) || !val.expr.is_place() {
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
            RTy::Number if val.ty.is_number() || val.ty == Ty::Bool => {
                self.helper(crate::catalog::Helper::Number);
                let error = self.error("an int leaves 64 bits");
                val.to_number(&error)
                    .ok_or_else(|| self.misfit(&val, to, at, name))
            }
            RTy::Int(_) if val.rty == RTy::Number => {
                let mut site = self.site();
                let error = format!("a float does not fit `{name}`");
                let int = crate::catalog::telling::int(&val, &error, &mut site);
                self.absorb(site, at);
                self.coerce(int, to, at, name)
            }
            RTy::Int(int) if val.ty == Ty::Int => {
                let error = format!(
                    "{}: `{name}` leaves {}",
                    self.lw.input.source.at(at),
                    int.name()
                );
                Ok(val.to_int_checked(*int, &error))
            }
            RTy::CuTime | RTy::CuDuration if val.ty == Ty::Int => {
                let error = format!("{}: `{name}` leaves u64", self.lw.input.source.at(at));
                let nanos = val.to_int_checked(IntTy::U64, &error);
                Ok(match nanos {
                    Expr::Method(clock, name, _)
                        if name == "as_nanos" && is_clock(&clock) && *to == RTy::CuTime =>
                    {
                        *clock
                    }
                    nanos => Expr::call(format!("{to}::from_nanos"), vec![nanos]),
                })
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
            RTy::ArrayVec(elem, len) => self.as_array_vec(val, elem, *len, at, name),
            RTy::Named(key) if self.lw.input.types.is_row(key) => self.as_row(val, key, at, name),
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
                        other => other.collected(),
                    })))
                }
                RTy::Ref(held) => match (&**held, &**inner) {
                    (RTy::Vec(a) | RTy::Array(a, _), RTy::Slice(b)) if a == b => Ok(val.expr),
                    // A copy for who only looks at it.
                    (RTy::Slice(from), RTy::Slice(elem)) => {
                        let mapped = self.map_elements(&val, from, elem, "iter", at, name);
                        let copies = match mapped? {
                            Expr::Method(iter, name, args) if name == "collect" => {
                                iter.method("collect::<Vec<_>>", args)
                            }
                            owned => owned,
                        };
                        Ok(Expr::Ref(Box::new(copies)))
                    }
                    _ => Err(self.misfit(&val, to, at, name)),
                },
                // Elements that lie in another type are lent as copies.
                RTy::Vec(_) | RTy::Array(..) if matches!(&**inner, RTy::Vec(_) | RTy::Slice(_)) => {
                    let (RTy::Vec(elem) | RTy::Slice(elem)) = &**inner else {
                        return Err(self.misfit(&val, to, at, name));
                    };
                    let list = RTy::Vec(elem.clone());
                    let copies = self.coerce(val, &list, at, name)?;
                    Ok(Expr::Ref(Box::new(copies.collected())))
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
                own if matches!(own.peel(), RTy::Vec(_) | RTy::Slice(_)) => {
                    let list = RTy::Vec(elem.clone());
                    let error = format!(
                        "{}: `{name}` takes {len} values",
                        self.lw.input.source.at(at)
                    );
                    let owned = self.coerce(val, &list, at, name)?.collected();
                    let closure =
                        Expr::Closure("_".into(), Box::new(Expr::Atom(format!("{error:?}"))));
                    let array = Expr::call(format!("<[{elem}; {len}]>::try_from"), vec![owned]);
                    Ok(array.method("map_err", vec![closure]).try_())
                }
                _ => Err(self.misfit(&val, to, at, name)),
            },
            RTy::Vec(elem) if matches!(val.ty, Ty::Tuple(_)) => {
                self.tuple_as_list(val, elem, at, name)
            }
            RTy::Vec(elem) => match &val.rty {
                RTy::Ref(held) if matches!(&**held, RTy::Array(e, 0) if e == elem) => {
                    Ok(Expr::call("Vec::new", vec![]))
                }
                RTy::Array(from, _) if from == elem => Ok(val.expr.method("to_vec", vec![])),
                RTy::Ref(held) if matches!(&**held, RTy::Slice(e) | RTy::Vec(e) | RTy::Array(e, _) if e == elem) => {
                    Ok(val.expr.method("to_vec", vec![]))
                }
                RTy::Vec(from) | RTy::Array(from, _) => match display_of(&val) {
                    Some((items, ty)) => self.map_items(items, (&ty, from), elem, at, name),
                    None => self.map_elements(&val, from, elem, "iter", at, name),
                },
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
                        let part = match int_of(&expr) {
                            Some(n) if ty == Ty::Int => crate::value::int_val(n),
                            _ => Val::new(expr, rty, &crate::value::Fact::of(ty)),
                        };
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
                // What holds no object is copied.
                (_, Ty::Tuple(facts))
                    if matches!(&val.rty, RTy::Ref(held) if **held == *to)
                        && !facts.iter().any(Ty::is_shared) =>
                {
                    Ok(val.expr.method("clone", vec![]))
                }
                // A constant's texts, as texts that are kept.
                (_, Ty::Tuple(_))
                    if matches!(val.rty.peel(), RTy::Array(elem, n) if *n == tys.len() && **elem == RTy::Str)
                        && tys.iter().all(|ty| *ty == RTy::String) =>
                {
                    let owned = Expr::atom("str::to_string");
                    let texts = val.expr.method("map", vec![owned]);
                    Ok(Expr::call(format!("<{to}>::from"), vec![texts]))
                }
                (_, Ty::Tuple(_)) if matches!(val.rty.peel(), RTy::Array(elem, n) if *n == tys.len() && tys.iter().all(|t| *t == **elem) && self.lw.is_copy(elem)) =>
                {
                    // A constant of numbers alone.
                    let parts = match val.rty.is_ref() {
                        true => Expr::Deref(Box::new(val.expr)),
                        false => val.expr,
                    };
                    Ok(Expr::call(format!("<{to}>::from"), vec![parts]))
                }
                _ => Err(self.misfit(&val, to, at, name)),
            },
            // Whether a copy may stand for it is known by now. Entries in order are lent as a list.
            RTy::Map { ordered: true, .. } if matches!(&val.rty, RTy::Ref(held) if **held == *to) => {
                Ok(val.expr.method("to_vec", vec![]))
            }
            RTy::Set(_) | RTy::Map { .. } | RTy::Deque(_) if matches!(&val.rty, RTy::Ref(held) if **held == *to) => {
                Ok(val.expr.method("clone", vec![]))
            }
            RTy::Unit => Ok(val.expr),
            _ => Err(self.misfit(&val, to, at, name)),
        }
    }

    /// A variable of ints and floats is an `f64`, which holds ints up to 2**53.
    pub(in crate::lower) fn int_beyond_doubles(
        &mut self,
        val: &Val,
        to: &RTy,
        at: Span,
        name: &str,
    ) {
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
    pub(in crate::lower) fn moves(&self, val: &Val) -> bool {
        let Expr::Atom(name) = &val.expr else {
            return false;
        };
        let moved = &self.lw.input.model.moved;
        let ends = self.is_local_of_module() && val.node.is_some_and(|node| moved.contains(&node));
        if self.handed_on.contains(name) || ends {
            return true;
        }
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
                let last = val
                    .node
                    .is_some_and(|node| self.lw.input.model.moved.contains(&node));
                let once = info.reads == 1 && !in_loop && !self.grows(version, val.node);
                owned && alone && (last || once) && !self.is_self(version)
            }
            _ => false,
        }
    }

    /// The value as `ty`, which holds every value of its own type.
    pub(in crate::lower) fn widen(&mut self, val: Val, ty: &RTy) -> Expr {
        let at = self.current_span();
        self.coerce(val, ty, at, "the value")
            .unwrap_or_else(|hole| hole)
    }

    pub(super) fn misfit(&mut self, val: &Val, to: &RTy, at: Span, name: &str) -> Expr {
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
}

/// Whether an expression is `ctx.now()` or `ctx.recent()`.
fn is_clock(e: &Expr) -> bool {
    matches!(e, Expr::Method(ctx, name, _)
        if **ctx == Expr::atom("ctx") && matches!(name.as_str(), "now" | "recent"))
}

/// The int that stands there as it is.
fn int_of(e: &Expr) -> Option<i128> {
    match e {
        Expr::NegLit(text) | Expr::Atom(text) => text.parse().ok(),
        _ => None,
    }
}

/// The elements of a list that is written out, and their type.
fn display_of(val: &Val) -> Option<(Vec<Expr>, Ty)> {
    let items = match &val.expr {
        Expr::Macro(name, items) if name == "vec" => items,
        Expr::Array(items) => items,
        _ => return None,
    };
    let Ty::List { elem, .. } = &val.ty else {
        return None;
    };
    let repeated = matches!(items.as_slice(), [] | [Expr::Repeat(..)]);
    (!repeated).then(|| (items.clone(), (**elem).clone()))
}
