//! Calls of the file's functions: which of their exceptions go to which handler.

use super::super::kinds;
use super::guards::guard;
use super::ways::part_name;
use super::{Caught, Choice, Goal, Message, Order, Rewrite, Said, Way};
use crate::ir::{Arm, Block, Expr, Stmt, StmtKind};
use crate::lower::attempt::raised::Raises;
use crate::lower::attempt::text::literal;
use std::collections::BTreeMap;

/// Where the exceptions of a call go.
pub(super) enum CallPlan {
    /// Whatever it gives, to one handler.
    One { handler: usize, said: Said },
    /// Each to its own; `rest` leaves the function.
    Several {
        goals: Vec<(usize, Vec<String>)>,
        rest: bool,
    },
}

impl Rewrite<'_> {
    /// Whether a handler needs the error that a call gives.
    pub(super) fn binds(&self, handler: usize) -> bool {
        self.handlers
            .get(handler)
            .is_some_and(|h| h.again || h.reads_it())
    }

    pub(super) fn chooses(&self, handler: usize) -> bool {
        self.handlers
            .get(handler)
            .is_some_and(|h| h.way == Way::Else)
    }

    /// Parts the rest of the body from the handlers by a call's outcome.
    pub(super) fn choose(&mut self, call: &Expr, arms: Vec<Arm>) -> Expr {
        let name = self.fresh("value");
        self.chosen = Some(Choice::Match(call.clone(), name.clone(), arms));
        Expr::atom(name)
    }

    /// The pattern of the errors that go to a handler.
    pub(super) fn bound_pattern(&mut self, handler: usize, classes: Option<&[String]>) -> String {
        let Some(caught) = self.handlers.get(handler).cloned() else {
            return "Err(_)".into();
        };
        let Some(classes) = classes else {
            return if caught.again { "Err(error)" } else { "Err(_)" }.to_string();
        };
        let variants: Vec<String> = classes
            .iter()
            .map(|c| format!("Raised::{c}({})", self.parts(&caught, c)))
            .collect();
        let variants = variants.join(" | ");
        match caught.again {
            true if caught.reads_it() => {
                if classes.len() > 1 {
                    self.refuse(
                        "a handler that reads one of several exceptions and raises it again",
                    );
                }
                format!("Err({variants})")
            }
            true => format!("Err(error @ ({variants}))"),
            false => format!("Err({variants})"),
        }
    }

    /// What a pattern binds of an exception.
    fn parts(&self, caught: &Caught, class: &str) -> String {
        if !caught.reads_it() {
            return "..".into();
        }
        let here = !matches!(caught.way, Way::To(_));
        let mut parts = vec![if caught.again && here { "at" } else { "_" }.to_string()];
        parts.push(match (&caught.name, here) {
            (Some(name), true) => name.clone(),
            (None, true) if caught.again => "text".into(),
            (Some(_), false) => "text".into(),
            (None, _) => "_".into(),
        });
        let kept = self.callees.kept.get(class).into_iter().flatten();
        if caught.again && here {
            parts.extend(self.kept_names(class, &caught.reads));
        } else {
            parts.extend(kept.map(|(attr, _)| {
                match caught.reads.iter().find(|(read, _)| read == attr) {
                    Some((_, name)) if here => name.clone(),
                    Some((attr, _)) => part_name(attr),
                    None => "_".into(),
                }
            }));
        }
        // All that is left out stands at the end.
        let last = parts.iter().rposition(|p| p != "_").unwrap_or(0);
        if last + 2 < parts.len() {
            parts.truncate(last + 1);
            parts.push("..".into());
        }
        parts.join(", ")
    }

    /// The variables of all that an exception keeps.
    pub(super) fn kept_names(&self, class: &str, reads: &[(String, String)]) -> Vec<String> {
        let kept = self.callees.kept.get(class).into_iter().flatten();
        kept.map(|(attr, _)| {
            let read = reads.iter().find(|(read, _)| read == attr);
            read.map_or_else(|| part_name(attr), |(_, name)| name.clone())
        })
        .collect()
    }

    /// An arm for each class where a handler reads the name of the class, or raises again
    /// what it read.
    pub(super) fn one_by_one(&self, goals: Vec<(usize, Vec<String>)>) -> Vec<(usize, Vec<String>)> {
        let asks = |handler: &usize| {
            let caught = self.handlers.get(*handler);
            caught.is_some_and(|h| h.reads_class() || h.again && h.reads_it())
        };
        let mut out = Vec::new();
        for (handler, classes) in goals {
            match asks(&handler) {
                true => out.extend(classes.into_iter().map(|c| (handler, vec![c]))),
                false => out.push((handler, classes)),
            }
        }
        out
    }

    /// Whether what one operation raises goes here and there, or is asked for its class.
    pub(super) fn parts_one_operation(&self, raises: &Raises) -> bool {
        raises.several.iter().any(|classes| {
            let asked = |handler: usize| {
                let caught = self.handlers.get(handler);
                caught.is_some_and(Caught::reads_class)
            };
            match self.one_goal(classes.iter()) {
                Some(Goal::Handler(handler)) => asked(handler),
                Some(Goal::Through) => false,
                None => true,
            }
        })
    }

    /// Where the exceptions of a call go; none where all pass.
    pub(super) fn call_plan(&mut self, call: &Expr) -> Option<CallPlan> {
        let callee = self.callees.called(call)?.to_string();
        let raises = self.callees.raises.get(&callee)?.clone();
        if let Some(why) = &raises.unknown {
            if !self.handlers.is_empty() {
                self.refuse(&format!("`{callee}` {why}"));
            }
            return None;
        }
        let mut goals: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut rest = raises.limit;
        for class in raises.classes.keys() {
            match self.goal(class) {
                Goal::Handler(handler) => goals.entry(handler).or_default().push(class.clone()),
                Goal::Through => rest = true,
            }
        }
        if goals.is_empty() {
            return None;
        }
        let reads = goals
            .keys()
            .any(|h| self.handlers.get(*h).is_some_and(Caught::reads_it));
        // What a handler may show is told by its name.
        let unsaid = goals.iter().any(|(h, classes)| {
            self.handlers.get(*h).is_some_and(|h| h.name.is_some())
                && classes
                    .iter()
                    .any(|c| raises.classes.get(c) == Some(&false))
        });
        if let (1, false, false, Some((handler, _))) =
            (goals.len(), rest, reads, goals.first_key_value())
        {
            let said = Said {
                text: None,
                message: Message::Bound,
                kept: Vec::new(),
                class: None,
                typed: self.callees.typed.contains(&callee),
            };
            return Some(CallPlan::One {
                handler: *handler,
                said,
            });
        }
        if unsaid {
            self.refuse("the message of an exception that is read here is not known");
        }
        if self.parts_one_operation(&raises) {
            self.refuse(&format!(
                "`{callee}` has an operation that raises several kinds of exception"
            ));
        }
        if !self.callees.typed.contains(&callee) {
            self.wants_typed.insert(callee);
        }
        let named = |class: &String| goals.values().flatten().any(|c| c == class);
        rest |= !self.callees.variants.iter().all(named);
        Some(CallPlan::Several {
            goals: goals.into_iter().collect(),
            rest,
        })
    }

    /// The value that stands for `inner?`, where a handler catches its failure.
    pub(super) fn replaced(
        &mut self,
        inner: &Expr,
        ahead: bool,
        order: &mut Order,
    ) -> Option<Expr> {
        if let Expr::Method(option, method, args) = inner
            && method == "ok_or"
        {
            let text = literal(args.first()?)?;
            return self.option_value(option, &text, ahead, order);
        }
        if matches!(inner, Expr::Method(_, method, _) if method == "map_err") {
            return None;
        }
        if self.callees.called(inner).is_none() {
            // `state.store()?`: what PyTask converts.
            if !matches!(inner, Expr::Method(_, name, _) if name == "store")
                && !self.handlers.is_empty()
            {
                self.refuse("it is not known what this raises");
            }
            return None;
        }
        let plan = self.call_plan(inner)?;
        let one = match &plan {
            CallPlan::One { handler, .. } if !self.binds(*handler) => Some(*handler),
            _ => None,
        };
        match (plan, one) {
            (CallPlan::One { handler, said }, Some(_)) => {
                self.at_site(handler, ahead, false);
                let block = self.way(handler, &said);
                if ahead && self.chooses(handler) {
                    let name = self.fresh("value");
                    let found = Expr::Let(format!("Ok({name})"), Box::new(inner.clone()));
                    self.chosen = Some(Choice::If(found));
                    return Some(Expr::atom(name));
                }
                if ahead {
                    let name = self.fresh("value");
                    order
                        .before
                        .push(let_else("Ok", &name, inner.clone(), block));
                    return Some(Expr::atom(name));
                }
                Some(Expr::Match {
                    subject: Box::new(inner.clone()),
                    arms: vec![
                        Arm::of("Ok(value)", Block::value(Expr::atom("value"))),
                        Arm::of("Err(_)", block),
                    ],
                })
            }
            (CallPlan::One { handler, said }, None) => {
                self.at_site(handler, ahead, true);
                let pattern = self.bound_pattern(handler, None);
                let block = self.way(handler, &said);
                let arms = vec![Arm::of(pattern, block)];
                if ahead && self.chooses(handler) {
                    return Some(self.choose(inner, arms));
                }
                Some(outcomes(inner, arms))
            }
            (CallPlan::Several { goals, rest }, _) => {
                let mut arms = Vec::new();
                let chooses = ahead && goals.iter().all(|(handler, _)| self.chooses(*handler));
                for (handler, classes) in self.one_by_one(goals) {
                    self.at_site(handler, ahead, true);
                    let said = Said::bound(classes.first());
                    let pattern = self.bound_pattern(handler, Some(&classes));
                    let block = self.way(handler, &said);
                    arms.push(Arm::of(pattern, block));
                }
                if rest {
                    let error = Expr::atom("error");
                    let error = match self.typed {
                        true => error,
                        false => error.method("into", vec![]),
                    };
                    let leave = StmtKind::Return(Some(Expr::call("Err", vec![error])));
                    arms.push(Arm::of("Err(error)", Block::of(vec![Stmt::new(leave)])));
                }
                for site in self.sites.iter_mut().filter(|s| s.place == self.place) {
                    site.outcome = true;
                }
                if chooses {
                    return Some(self.choose(inner, arms));
                }
                Some(outcomes(inner, arms))
            }
        }
    }

    /// `…?;`, whose value nobody takes.
    pub(super) fn for_effect(
        &mut self,
        mut inner: Expr,
        order: &mut Order,
    ) -> Option<Vec<StmtKind>> {
        let test = |cond: Expr, then: Block| {
            StmtKind::Expr(Expr::If {
                cond: Box::new(cond),
                then,
                otherwise: None,
            })
        };
        if let Expr::Method(option, method, args) = &inner
            && method == "ok_or"
        {
            let text = literal(args.first()?)?;
            if guard(option).is_some() {
                return None;
            }
            let failure = self.failure(&text)?;
            let Goal::Handler(handler) = self.one_goal(failure.classes.iter())? else {
                return None;
            };
            let mut option = (**option).clone();
            self.operands(&mut option, order);
            self.place += 1;
            let mut said = Said::literal(&text, &failure, &self.callees);
            let reads = self.handlers.get(handler).is_some_and(|h| h.name.is_some());
            if reads && kinds::has_message(&option, &failure) {
                let name = self.fresh("operand");
                order
                    .before
                    .extend(kinds::taken_out(&mut option, &failure, &name));
                if let Some(message) = kinds::message(&option, &failure) {
                    said.message = Message::Computed(message);
                }
            }
            let computed = matches!(said.message, Message::Computed(_));
            self.at_site(handler, true, computed);
            let block = self.way(handler, &said);
            if self.chooses(handler) {
                self.chosen = Some(Choice::If(option.method("is_some", vec![])));
                return Some(Vec::new());
            }
            return Some(vec![test(option.method("is_none", vec![]), block)]);
        }
        let (handler, said) = match self.call_plan(&inner)? {
            CallPlan::One { handler, said } if !self.binds(handler) => (handler, said),
            CallPlan::One { .. } | CallPlan::Several { .. } => {
                let unit = self
                    .callees
                    .called(&inner)
                    .and_then(|name| self.callees.raises.get(name))
                    .is_some_and(|r| r.unit);
                self.operands(&mut inner, order);
                self.place += 1;
                let value = self.replaced(&inner, false, order)?;
                return Some(vec![StmtKind::Expr(for_its_errors(value, unit))]);
            }
        };
        self.operands(&mut inner, order);
        self.place += 1;
        self.at_site(handler, true, false);
        let block = self.way(handler, &said);
        if self.chooses(handler) {
            self.chosen = Some(Choice::If(inner.method("is_ok", vec![])));
            return Some(Vec::new());
        }
        Some(vec![test(inner.method("is_err", vec![]), block)])
    }
}

pub(super) fn let_else(variant: &str, name: &str, init: Expr, otherwise: Block) -> Stmt {
    Stmt::new(StmtKind::LetPattern {
        pattern: format!("{variant}({name})"),
        names: vec![name.to_string()],
        init,
        otherwise: Some(otherwise),
    })
}

fn outcomes(call: &Expr, errors: Vec<Arm>) -> Expr {
    let mut arms = vec![Arm::of("Ok(value)", Block::value(Expr::atom("value")))];
    arms.extend(errors);
    Expr::Match {
        subject: Box::new(call.clone()),
        arms,
    }
}

/// A `match` on the outcome of a call whose value nobody takes.
fn for_its_errors(value: Expr, unit: bool) -> Expr {
    let Expr::Match { subject, mut arms } = value else {
        return value;
    };
    if let [_, only] = arms.as_slice() {
        return Expr::If {
            cond: Box::new(Expr::Let(only.pattern.clone(), subject)),
            then: only.body.clone(),
            otherwise: None,
        };
    }
    if let Some(first) = arms.first_mut() {
        let pattern = if unit { "Ok(())" } else { "Ok(_)" };
        *first = Arm::of(pattern, Block::default());
    }
    Expr::Match { subject, arms }
}
