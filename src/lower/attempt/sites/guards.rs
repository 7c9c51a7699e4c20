//! Operations that give an `Option`: None where Python raises.
//!
//! Where a plain test of an operand tells beforehand, that stands in place of the helper:
//! `if b == 0.0 { … }` and then `a / b`.

use super::super::kinds;
use super::calls::let_else;
use super::{Choice, Goal, Message, Order, Rewrite, Said};
use crate::ir::failure::Failure;
use crate::ir::{Arm, BinOp, Block, Expr, Stmt, StmtKind, UnOp};

impl Rewrite<'_> {
    /// The value of an `Option` that is None where Python raises.
    pub(super) fn option_value(
        &mut self,
        option: &Expr,
        text: &str,
        ahead: bool,
        order: &mut Order,
    ) -> Option<Expr> {
        let failure = self.failure(text)?;
        let said = Said::literal(text, &failure, &self.callees);
        if let Some(guard) = guard(option) {
            return self.guarded(guard, option, text, &failure, ahead, order);
        }
        let Some(goal) = self.one_goal(failure.classes.iter()) else {
            self.refuse(&format!(
                "an operation that raises {}, of which the handlers catch only some",
                failure.classes.join(" or ")
            ));
            return None;
        };
        let Goal::Handler(handler) = goal else {
            return None;
        };
        let mut option = option.clone();
        let mut said = said;
        let reads = self.handlers.get(handler).is_some_and(|h| h.name.is_some());
        let mut operand = None;
        if reads && kinds::has_message(&option, &failure) {
            let wanted = self.wanted.take();
            let name = self.fresh("operand");
            self.wanted = wanted;
            operand = kinds::taken_out(&mut option, &failure, &name);
            if let Some(message) = kinds::message(&option, &failure) {
                said.message = Message::Computed(message);
            }
        }
        let option = &option;
        let computed = matches!(said.message, Message::Computed(_));
        self.at_site(handler, ahead, computed);
        let block = self.way(handler, &said);
        if ahead {
            order.before.extend(operand.take());
        }
        // `if let Ok(x) = r` for `if let Some(x) = r.ok()`.
        let (good, bad, option) = match option {
            Expr::Method(result, name, args) if name == "ok" && args.is_empty() => {
                ("Ok", "Err(_)", &**result)
            }
            option => ("Some", "None", option),
        };
        if ahead && self.chooses(handler) {
            let name = self.fresh(value_name(option));
            let found = Expr::Let(format!("{good}({name})"), Box::new(option.clone()));
            self.chosen = Some(Choice::If(found));
            return Some(Expr::atom(name));
        }
        if ahead {
            let name = self.fresh(value_name(option));
            order
                .before
                .push(let_else(good, &name, option.clone(), block));
            return Some(Expr::atom(name));
        }
        let found = Expr::Match {
            subject: Box::new(option.clone()),
            arms: vec![
                Arm::of(format!("{good}(value)"), Block::value(Expr::atom("value"))),
                Arm::of(bad, block),
            ],
        };
        Some(match operand {
            Some(operand) => Expr::Block(Block {
                stmts: vec![operand],
                value: Some(Box::new(found)),
            }),
            None => found,
        })
    }

    /// An operation whose failure a plain test tells beforehand.
    pub(super) fn guarded(
        &mut self,
        guard: Guard,
        option: &Expr,
        text: &str,
        failure: &Failure,
        ahead: bool,
        order: &mut Order,
    ) -> Option<Expr> {
        let Expr::Call(helper, args) = option else {
            return None;
        };
        self.wanted = None;
        let mut args = args.clone();
        let mut before = Vec::new();
        let place = args.len().checked_sub(1)?;
        // What is evaluated before the tested argument stays before the test.
        let keep = |e: &Expr| e.can_fail() || self.calls(e);
        if let Some(first) = args.iter().take(place).rposition(keep) {
            for arg in args.iter_mut().take(first + 1) {
                let name = self.fresh("dividend");
                before.push(Stmt::new(StmtKind::Let {
                    name: name.clone(),
                    mutable: false,
                    ty: None,
                    init: Some(std::mem::replace(arg, Expr::atom(name))),
                }));
            }
        }
        let tested = args.get_mut(place)?;
        if !tested.is_simple() {
            let name = self.fresh(guard.name);
            before.push(Stmt::new(StmtKind::Let {
                name: name.clone(),
                mutable: false,
                ty: None,
                init: Some(std::mem::replace(tested, Expr::atom(name))),
            }));
        }
        let tested = args.get(place)?.clone();
        // `x != 0` says the same as `1 / x` of a literal that is not zero.
        let mut tests: Vec<(usize, Expr, &str)> = Vec::new();
        for (class, test) in guard.tests {
            if !failure.classes.iter().any(|c| c == class) {
                continue;
            }
            if let Goal::Handler(handler) = self.goal(class) {
                tests.push((handler, test(tested.clone()), *class));
            }
        }
        if tests.is_empty() {
            return None;
        }
        if let [(a, _, _), (b, _, _)] = tests.as_slice()
            && a == b
            && guard.both.is_some()
            && failure.message.is_none()
        {
            let both = guard.both?;
            tests = vec![(*a, both(tested.clone()), "")];
        }
        let value = match guard.plain {
            Some(op) => {
                let right = args.pop()?;
                args.pop()?.binary(op, right)
            }
            None => {
                let at = text.split(": ").next().unwrap_or_default();
                Expr::call(helper.clone(), args).ok_or(&format!("{at}: {}", guard.limit))
            }
        };
        let mut stmts = before;
        let mut chain = Vec::new();
        for (handler, cond, class) in tests {
            let message = match (guard.message(class), &failure.message) {
                (Some(message), _) => Message::Known(message.to_string()),
                (None, Some(message)) => Message::Known(message.clone()),
                (None, None) => Message::Unknown,
            };
            let at = text.split(": ").next().unwrap_or_default();
            let whole = match &message {
                Message::Known(message) if !class.is_empty() => format!("{at}: {class}: {message}"),
                _ => text.to_string(),
            };
            let said = Said {
                text: Some(Expr::Atom(format!("{whole:?}"))),
                message,
                kept: match class.is_empty() {
                    true => Vec::new(),
                    false => vec![(
                        crate::desugar::CLASS_NAME.to_string(),
                        Expr::Atom(format!("{class:?}")),
                    )],
                },
                class: None,
                typed: false,
            };
            self.at_site(handler, ahead, false);
            let block = self.way(handler, &said);
            if ahead && self.chooses(handler) {
                chain.push((cond, block));
                continue;
            }
            stmts.push(Stmt::new(StmtKind::Expr(Expr::If {
                cond: Box::new(cond),
                then: block,
                otherwise: None,
            })));
        }
        if !chain.is_empty() {
            self.chosen = Some(Choice::Tests(chain));
        }
        if ahead {
            order.before.append(&mut stmts);
            return Some(value);
        }
        Some(Expr::Block(Block {
            stmts,
            value: Some(Box::new(value)),
        }))
    }

    /// Whether an expression calls a function of the file, or changes something.
    pub(super) fn calls(&self, e: &Expr) -> bool {
        let own = self.callees.called(e).is_some()
            || matches!(e, Expr::Method(_, name, _) if acts(name))
            || matches!(e, Expr::Block(_) | Expr::If { .. } | Expr::Match { .. });
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
        own || !blocks.is_empty() || exprs.into_iter().any(|c| self.calls(c))
    }
}

/// A class, and the test of the operand for it.
type Test = (&'static str, fn(Expr) -> Expr);

/// How a helper's failure can be told from its last argument.
pub(super) struct Guard {
    tests: &'static [Test],
    /// One test for all of them.
    both: Option<fn(Expr) -> Expr>,
    /// The operator that is left where the test has been made.
    plain: Option<BinOp>,
    /// What a failure says after the test.
    limit: &'static str,
    /// What the tested argument is called.
    name: &'static str,
}

impl Guard {
    fn message(&self, class: &str) -> Option<&'static str> {
        match (self.name, class) {
            ("whole", "ValueError") => Some("cannot convert float NaN to integer"),
            ("whole", "OverflowError") => Some("cannot convert float infinity to integer"),
            ("shift", "ValueError") => Some("negative shift count"),
            _ => None,
        }
    }
}

pub(super) fn guard(option: &Expr) -> Option<Guard> {
    let Expr::Call(helper, _) = option else {
        return None;
    };
    match helper.as_str() {
        "true_div" => Some(Guard {
            tests: &[("ZeroDivisionError", |x| {
                x.binary(BinOp::Eq, Expr::atom("0.0"))
            })],
            both: None,
            plain: Some(BinOp::Div),
            limit: "",
            name: "divisor",
        }),
        "floor_div" => Some(Guard {
            tests: &[("ZeroDivisionError", |x| {
                x.binary(BinOp::Eq, Expr::atom("0"))
            })],
            both: None,
            plain: None,
            limit: "an int leaves 64 bits",
            name: "divisor",
        }),
        "shift_left" => Some(Guard {
            tests: &[("ValueError", |x| x.binary(BinOp::Lt, Expr::atom("0")))],
            both: None,
            plain: None,
            limit: "an int leaves 64 bits",
            name: "shift",
        }),
        "float_to_int" => Some(Guard {
            tests: &[
                ("ValueError", |x| x.method("is_nan", vec![])),
                ("OverflowError", |x| x.method("is_infinite", vec![])),
            ],
            both: Some(|x| Expr::Unary(UnOp::Not, Box::new(x.method("is_finite", vec![])))),
            plain: None,
            limit: "an int leaves 64 bits",
            name: "whole",
        }),
        _ => None,
    }
}

/// What the value of an `Option` is called.
pub(super) fn value_name(option: &Expr) -> &str {
    match option {
        Expr::Call(name, _) => match name.as_str() {
            "float_floor_div" | "int_true_div" => "quotient",
            "modulo" | "float_modulo" => "rest",
            "index" => "at",
            _ => "value",
        },
        Expr::Method(_, name, _) if matches!(name.as_str(), "get" | "first" | "last" | "pop") => {
            "item"
        }
        Expr::Method(inner, name, _) if name == "as_ref" || name == "as_mut" => value_name(inner),
        Expr::Field(_, name) => name,
        _ => "value",
    }
}

/// Methods that change what they are called on, or do something.
pub(super) fn acts(name: &str) -> bool {
    matches!(
        name,
        "push" | "pop" | "insert" | "remove" | "clear" | "drain" | "next" | "set_payload" | "take"
    )
}
