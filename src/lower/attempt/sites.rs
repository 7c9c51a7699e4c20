//! The places of a `try` body that fail, and the Rust by which each goes to its handler.
//!
//! Enters: the Rust of the body, as it would leave the function by `?`. Leaves: the same,
//! in which every failure that a handler catches goes there. A failure names its exception
//! in its text (`ir::failure`), a call of the file by what its function raises.

mod calls;
mod guards;
mod let_through;
mod ways;

use super::raised::Raises;
use crate::catalog::exceptions;
use crate::desugar::{CLASS_NAME, EXCEPTION_REPR, FIRST_ARGUMENT};
use crate::ir::failure::{Failure, is_limit};
use crate::ir::{Arm, BinOp, Block, Expr, Stmt, StmtKind};
use crate::value::Fact;
use guards::acts;
use std::collections::{BTreeMap, BTreeSet};

/// Whether what a handler reads is made of the message.
pub(super) fn is_made_of_text(attr: &str) -> bool {
    matches!(attr, FIRST_ARGUMENT | EXCEPTION_REPR)
}

/// The statement that a bare `raise` is until the handler stands at a place that fails.
pub(super) const AGAIN: &str = "<raise again>";

/// How control gets from a failure to its handler.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Way {
    /// The handler stands at the failure, and leaves from there.
    Here,
    /// `break 'label;`
    To(String),
    /// The handler is the `else` of the one failure.
    Else,
}

/// A handler, lowered.
#[derive(Debug, Clone)]
pub(super) struct Caught {
    /// What it catches; none for all.
    pub(super) classes: Option<Vec<String>>,
    /// Its Rust.
    pub(super) body: Block,
    /// The variable that holds the message, where it is read.
    pub(super) name: Option<String>,
    /// Whether only what is made of the message is read.
    pub(super) silent: bool,
    /// The attributes that are read, with their variables.
    pub(super) reads: Vec<(String, String)>,
    /// Whether messages are `String`s.
    pub(super) owned: bool,
    /// Whether it raises again what it caught.
    pub(super) again: bool,
    pub(super) way: Way,
}

impl Caught {
    /// Whether it reads anything of what it caught.
    fn reads_it(&self) -> bool {
        self.name.is_some() || !self.reads.is_empty()
    }

    /// Whether it reads what only the class of what it caught tells.
    fn reads_class(&self) -> bool {
        let told = |attr: &str| attr == CLASS_NAME || is_made_of_text(attr);
        self.reads.iter().any(|(attr, _)| told(attr))
    }
}

/// A place that fails, as the survey found it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) handler: usize,
    /// The operation, where one raises several exceptions.
    pub(super) place: usize,
    /// Whether it can be taken out of that statement, before it.
    pub(super) ahead: bool,
    /// Whether it stands in a loop of the body.
    pub(super) in_loop: bool,
    /// Whether its message is computed.
    pub(super) computed: bool,
    /// Whether it is a call whose errors are told apart.
    pub(super) outcome: bool,
}

/// What the file knows of its functions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Callees<'c> {
    /// What each function raises, by the last part of its Rust name.
    pub(crate) raises: &'c BTreeMap<String, Raises>,
    /// The messages of failures whose texts do not say them.
    pub(crate) told: &'c BTreeMap<String, Option<Expr>>,
    /// Those that return the file's own error type.
    pub(crate) typed: &'c BTreeSet<String>,
    /// The variants of the file's own error type.
    pub(crate) variants: &'c BTreeSet<String>,
    /// The exception classes of the file.
    pub(crate) own: &'c BTreeMap<String, String>,
    /// What the exceptions of a class keep beside their message.
    pub(crate) kept: &'c BTreeMap<String, Vec<(String, Fact)>>,
}

impl Callees<'_> {
    /// The function of the file that an expression calls, by the last part of its name.
    pub(crate) fn called<'e>(&self, e: &'e Expr) -> Option<&'e str> {
        let (Expr::Call(name, _) | Expr::Method(_, name, _)) = e else {
            return None;
        };
        let last = name.rsplit("::").next().unwrap_or(name);
        self.raises.contains_key(last).then_some(last)
    }

    /// What Python says where the Rust fails with that text.
    pub(crate) fn told(&self, text: &str) -> Option<&Expr> {
        self.told.get(text)?.as_ref()
    }
}

/// The rewriting of one body.
pub(super) struct Rewrite<'c> {
    pub(super) callees: Callees<'c>,
    pub(super) handlers: Vec<Caught>,
    /// Whether the function around it returns the file's own error type.
    pub(super) typed: bool,
    /// Names that may not be used.
    pub(super) taken: &'c dyn Fn(&str) -> bool,
    /// Whether a variable of that name is bound once, to a plain value.
    pub(super) settled: &'c dyn Fn(&str) -> bool,
    pub(super) sites: Vec<Site>,
    /// What the functions that are called must say of their exceptions.
    pub(super) wants_typed: BTreeSet<String>,
    /// Why this `try` is not translated.
    pub(super) refused: Option<String>,
    place: usize,
    loops: usize,
    pub(super) depth: usize,
    names: BTreeSet<String>,
    /// What the value of the statement is called.
    wanted: Option<String>,
    /// Of the one place that has its handlers beside the rest of the body: how to part them.
    pub(super) chosen: Option<Choice>,
    /// The handler that is its `else`.
    pub(super) fallback: Option<Block>,
    /// And where the statements begin that follow it.
    pub(super) split: Option<usize>,
}

/// How the one failure of a body is told from its success.
#[derive(Debug, Clone)]
pub(super) enum Choice {
    /// Where this holds nothing failed.
    If(Expr),
    /// Where one of these holds its handler runs.
    Tests(Vec<(Expr, Block)>),
    /// The outcome of a call, with its arms of errors.
    Match(Expr, String, Vec<Arm>),
}

/// What was evaluated before in the same statement, and what goes before it.
struct Order {
    ahead: bool,
    pure: bool,
    reads: bool,
    before: Vec<Stmt>,
}

/// Where the failure of one class goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goal {
    Through,
    Handler(usize),
}

/// What a place that fails says.
#[derive(Debug, Clone)]
struct Said {
    /// `"python/task.py:12: ValueError: bad"` or its `format!`.
    text: Option<Expr>,
    message: Message,
    /// What it keeps beside the message.
    kept: Vec<(String, Expr)>,
    /// Of a call: the one class of its errors that go to a handler.
    class: Option<String>,
    /// Of a call: whether it gives the file's own error type.
    typed: bool,
}

#[derive(Debug, Clone)]
enum Message {
    Known(String),
    Computed(Expr),
    /// Bound by the pattern of the place.
    Bound,
    Unknown,
}

impl<'c> Rewrite<'c> {
    pub(super) fn new(
        callees: Callees<'c>,
        handlers: Vec<Caught>,
        typed: bool,
        taken: &'c dyn Fn(&str) -> bool,
        settled: &'c dyn Fn(&str) -> bool,
    ) -> Self {
        Rewrite {
            callees,
            handlers,
            typed,
            taken,
            settled,
            sites: Vec::new(),
            wants_typed: BTreeSet::new(),
            refused: None,
            place: 0,
            loops: 0,
            depth: 0,
            names: BTreeSet::new(),
            wanted: None,
            chosen: None,
            split: None,
            fallback: None,
        }
    }

    /// Rewrites the statements of a block.
    pub(super) fn stmts(&mut self, stmts: Vec<Stmt>) -> Vec<Stmt> {
        let mut out = Vec::new();
        for stmt in stmts {
            self.stmt(stmt, &mut out);
        }
        out
    }

    fn block(&mut self, block: &mut Block) {
        self.depth += 1;
        let stmts = std::mem::take(&mut block.stmts);
        block.stmts = self.stmts(stmts);
        if let Some(value) = &mut block.value {
            let mut order = Order::start();
            self.expr(value, &mut order);
            block.stmts.append(&mut order.before);
        }
        self.depth -= 1;
    }

    fn stmt(&mut self, mut stmt: Stmt, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        if let StmtKind::Return(Some(Expr::Call(name, args))) = &stmt.kind
            && name == "Err"
        {
            let error = args.first().cloned();
            let kept = args.iter().skip(1).cloned().collect();
            match self.raised_here(error.as_ref(), kept) {
                Some(stmts) => out.extend(stmts.into_iter().map(|s| Stmt {
                    span: s.span.or(span),
                    ..s
                })),
                None => out.push(stmt),
            }
            return;
        }
        self.place += 1;
        let mut order = Order::start();
        self.wanted = match &stmt.kind {
            StmtKind::Let {
                name,
                init: Some(Expr::Try(_)),
                ..
            } if (self.settled)(name) => Some(name.clone()),
            StmtKind::LetPattern {
                pattern,
                init: Expr::Try(_),
                otherwise: None,
                ..
            } if pattern.chars().all(|c| c.is_alphanumeric() || c == '_') && pattern != "_" => {
                Some(pattern.clone())
            }
            _ => None,
        };
        let wanted = self.wanted.clone();
        let effect = match &stmt.kind {
            StmtKind::Expr(Expr::Try(inner)) => Some((**inner).clone()),
            StmtKind::LetPattern {
                pattern,
                init: Expr::Try(inner),
                otherwise: None,
                ..
            } if pattern == "_" => Some((**inner).clone()),
            _ => None,
        };
        if let Some(inner) = effect
            && let Some(stmts) = self.for_effect(inner, &mut order)
        {
            out.append(&mut order.before);
            self.split_at(out.len());
            out.extend(stmts.into_iter().map(|kind| Stmt { span, kind }));
            return;
        }
        match &mut stmt.kind {
            StmtKind::While { cond, body, .. } => {
                order.ahead = false;
                self.loops += 1;
                self.expr(cond, &mut order);
                self.block(body);
                self.loops -= 1;
            }
            StmtKind::For { iter, body, .. } => {
                self.expr(iter, &mut order);
                self.loops += 1;
                self.block(body);
                self.loops -= 1;
            }
            StmtKind::Loop { body, .. } => {
                self.loops += 1;
                self.block(body);
                self.loops -= 1;
            }
            StmtKind::Block { body, .. } => self.block(body),
            StmtKind::Assign { place, value, .. } => {
                self.expr(value, &mut order);
                self.expr(place, &mut order);
            }
            StmtKind::LetPattern {
                init, otherwise, ..
            } => {
                self.expr(init, &mut order);
                if let Some(otherwise) = otherwise {
                    self.block(otherwise);
                }
            }
            StmtKind::Let {
                init: Some(init), ..
            } => self.expr(init, &mut order),
            StmtKind::Expr(e) => self.expr(e, &mut order),
            StmtKind::Return(Some(value)) => self.expr(value, &mut order),
            StmtKind::Let { init: None, .. }
            | StmtKind::Return(None)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => {}
        }
        for s in &mut order.before {
            s.span = s.span.or(span);
        }
        out.append(&mut order.before);
        self.split_at(out.len());
        // The pattern of the failure has bound it.
        let bound = match &stmt.kind {
            StmtKind::Let {
                init: Some(Expr::Atom(value)),
                ..
            }
            | StmtKind::LetPattern {
                init: Expr::Atom(value),
                ..
            } => wanted.as_ref() == Some(value),
            _ => false,
        };
        if !bound {
            out.push(stmt);
        }
    }

    /// Notes where the statements begin that run only where nothing failed.
    fn split_at(&mut self, at: usize) {
        if self.chosen.is_some() && self.depth == 0 {
            self.split.get_or_insert(at);
        }
    }

    /// Visits an expression in the order of its evaluation.
    fn expr(&mut self, e: &mut Expr, order: &mut Order) {
        if let Expr::Try(inner) = e {
            self.place += 1;
            let wanted = self.wanted.take();
            let before = (order.ahead, order.pure, order.reads);
            match &mut **inner {
                Expr::Method(option, name, _) if name == "ok_or" => self.operands(option, order),
                other => self.operands(other, order),
            }
            let inner = (**inner).clone();
            let own = self.callees.called(&inner).is_some();
            let ahead = before.0 && before.1 && (!own || !before.2);
            let hoisted = order.before.len();
            self.wanted = wanted;
            self.place += 1;
            match self.replaced(&inner, ahead, order) {
                Some(value) => {
                    *e = value;
                    if ahead && (order.before.len() > hoisted || self.chosen.is_some()) {
                        (order.pure, order.reads) = (before.1, before.2);
                    } else {
                        order.pure = false;
                    }
                }
                None => order.pure = false,
            }
            self.wanted = None;
            return;
        }
        self.operands(e, order);
    }

    /// Visits the parts of an expression.
    fn operands(&mut self, e: &mut Expr, order: &mut Order) {
        match e {
            Expr::Atom(text) => {
                order.reads |= text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            }
            Expr::Closure(..) => order.reads = true,
            Expr::Binary(BinOp::And | BinOp::Or, left, right) => {
                self.expr(left, order);
                let ahead = std::mem::replace(&mut order.ahead, false);
                self.expr(right, order);
                order.ahead = ahead;
            }
            Expr::If {
                cond,
                then,
                otherwise,
            } => {
                self.expr(cond, order);
                self.block(then);
                if let Some(otherwise) = otherwise {
                    self.block(otherwise);
                }
                order.reads = true;
                order.pure = false;
            }
            Expr::Match { subject, arms } => {
                self.expr(subject, order);
                let done = self.outcome(subject, arms);
                let open = arms.len() - done;
                for arm in arms.iter_mut().take(open) {
                    if let Some(guard) = &mut arm.guard {
                        let ahead = std::mem::replace(&mut order.ahead, false);
                        self.expr(guard, order);
                        order.ahead = ahead;
                    }
                    self.block(&mut arm.body);
                }
                order.reads = true;
                order.pure = false;
            }
            Expr::Block(body) => {
                self.block(body);
                order.reads = true;
                order.pure = false;
            }
            _ => {
                let acts = self.callees.called(e).is_some()
                    || matches!(e, Expr::Method(_, name, _) if acts(name))
                    || matches!(e, Expr::Macro(name, _) if name != "format" && name != "vec");
                let mut children = Vec::new();
                e.for_each_child_mut(
                    &mut |c| children.push(std::mem::replace(c, Expr::Atom(String::new()))),
                    &mut |_| {},
                );
                for child in &mut children {
                    self.expr(child, order);
                }
                let mut children = children.into_iter();
                e.for_each_child_mut(
                    &mut |slot| {
                        if let Some(child) = children.next() {
                            *slot = child;
                        }
                    },
                    &mut |_| {},
                );
                order.pure &= !acts;
            }
        }
    }

    fn refuse(&mut self, why: &str) {
        self.refused.get_or_insert_with(|| why.to_string());
    }

    /// The handler of an exception.
    fn goal(&self, class: &str) -> Goal {
        let found = self.handlers.iter().position(|h| match &h.classes {
            None => true,
            Some(classes) => classes
                .iter()
                .any(|c| exceptions::derives(class, c, self.callees.own)),
        });
        found.map_or(Goal::Through, Goal::Handler)
    }

    /// The one goal of several exceptions.
    fn one_goal<'s>(&self, classes: impl Iterator<Item = &'s String>) -> Option<Goal> {
        let goals: BTreeSet<Goal> = classes.map(|c| self.goal(c)).collect();
        match (goals.first(), goals.len()) {
            (Some(goal), 1) => Some(*goal),
            _ => None,
        }
    }

    /// What an error's text says; none where no handler can see it.
    fn failure(&mut self, text: &str) -> Option<Failure> {
        let known =
            |class: &String| exceptions::is_builtin(class) || self.callees.own.contains_key(class);
        match Failure::of(text) {
            Some(failure) if failure.classes.iter().all(known) => Some(failure),
            _ if is_limit(text) => None,
            _ => {
                if !self.handlers.is_empty() {
                    let what = text.split_once(": ").map_or(text, |(_, what)| what);
                    self.refuse(&format!(
                        "it is not known which exception of Python this is: {what}"
                    ));
                }
                None
            }
        }
    }

    fn at_site(&mut self, handler: usize, ahead: bool, computed: bool) {
        self.sites.push(Site {
            handler,
            place: self.place,
            ahead: ahead && self.depth == 0,
            in_loop: self.loops > 0,
            computed,
            outcome: false,
        });
    }

    /// A name that nothing else has.
    fn fresh(&mut self, wanted: &str) -> String {
        if let Some(name) = self.wanted.take() {
            return name;
        }
        let mut name = wanted.to_string();
        let mut n = 1;
        while (self.taken)(&name) || self.names.contains(&name) {
            n += 1;
            name = format!("{wanted}_{n}");
        }
        self.names.insert(name.clone());
        name
    }
}

impl Order {
    fn start() -> Order {
        Order {
            ahead: true,
            pure: true,
            reads: false,
            before: Vec::new(),
        }
    }
}

/// The name of the class, as what an exception keeps.
fn class_name(failure: &Failure) -> Vec<(String, Expr)> {
    match failure.classes.as_slice() {
        [class] => vec![(CLASS_NAME.to_string(), Expr::Atom(format!("{class:?}")))],
        _ => Vec::new(),
    }
}

impl Said {
    /// What the pattern of a call's outcome binds.
    fn bound(class: Option<&String>) -> Said {
        let named = |class: &String| (CLASS_NAME.to_string(), Expr::Atom(format!("{class:?}")));
        Said {
            text: None,
            message: Message::Bound,
            kept: class.map(named).into_iter().collect(),
            class: class.cloned(),
            typed: true,
        }
    }

    fn literal(text: &str, failure: &Failure, callees: &Callees<'_>) -> Said {
        let message = match (&failure.message, callees.told(text)) {
            (Some(message), _) => Message::Known(message.clone()),
            (None, Some(message)) => Message::Computed(message.clone()),
            (None, None) => Message::Unknown,
        };
        Said {
            text: Some(Expr::Atom(format!("{text:?}"))),
            message,
            kept: class_name(failure),
            class: None,
            typed: false,
        }
    }
}
