//! Exceptions of the file that keep something: `raise SensorError("imu", code=3)`.
//!
//! Enters: the module. Leaves: the same, where such a class has no `__init__` any more but
//! says what its exceptions keep, `__attributes__ = ("code", "sensor")`, and `raise` gives it:
//! `raise SensorError(message, 3, "imu")`. The message is what `str(e)` is. What no handler
//! reads is not kept. Where `__init__` does more than set attributes, it is a function that
//! returns what the exception keeps, and its methods are functions of that. A class that does
//! more stays as it is, and is refused later. This module must not know types.

mod by_function;
mod classes;
mod given;
mod methods;
mod told_apart;
mod uses;

use super::build::Build;
use super::inherit::argument_of;
use crate::ast::{Class, Expr, ExprKind, Function, Module, ParamKind, Stmt, StmtKind};
use given::{Given, raises};
use std::collections::{BTreeMap, BTreeSet};
use uses::Uses;

/// What a class says of its attributes.
pub const ATTRIBUTES: &str = "__attributes__";

/// The builtins that a message may call.
const KNOWN: [&str; 9] = [
    "abs", "float", "format", "int", "len", "max", "min", "repr", "str",
];

/// What stands for the name of an exception's own class until it is raised.
const OWN_NAME: &str = "<name of the class>";

/// A method with [`OWN_NAME`] for `type(self).__name__`.
fn by_own_name(function: &Function) -> Function {
    let mut function = function.clone();
    let Some(this) = function.params.list.first().map(|p| p.name.name.clone()) else {
        return function;
    };
    let is = |e: &Expr, name: &str| matches!(&e.kind, ExprKind::Name(n) if n == name);
    crate::ast::rewrite::block(&mut function.body, &mut |e| {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        let of_class = match &value.kind {
            ExprKind::Call { func, args, .. } => {
                is(func, "type") && matches!(args.as_slice(), [of] if is(of, &this))
            }
            ExprKind::Attribute { value, attr } => attr.name == "__class__" && is(value, &this),
            _ => false,
        };
        if of_class && attr.name == "__name__" {
            e.kind = ExprKind::Name(OWN_NAME.to_string());
        }
    });
    function
}

/// Rewrites the module.
pub(super) fn made_exceptions(module: &mut Module, next_id: &mut u32) {
    methods::methods(module, next_id);
    told_apart::told_apart(module, next_id);
    let mut known: BTreeMap<String, Option<Made>> = BTreeMap::new();
    let mut names = by_function::Names::of(module);
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            let above = match class.bases.as_slice() {
                [base] => match &base.kind {
                    ExprKind::Name(base) => match known.get(base) {
                        Some(above) => above.clone(),
                        None if is_exception(base) => Some(Made::plain()),
                        None => continue,
                    },
                    _ => continue,
                },
                _ => continue,
            };
            let made = above.and_then(|above| above.below(class, &mut names, next_id));
            known.insert(class.name.name.clone(), made);
        }
    }
    let asks = known.values().flatten().any(Made::is_more);
    if !asks {
        return;
    }
    let uses = Uses::of(module, &known.keys().cloned().collect());
    let mut made: BTreeMap<String, Made> = BTreeMap::new();
    for (name, one) in known {
        // A class with one that is not understood above or below it stays as it is.
        let Some(mut one) = one.filter(|_| !uses.bare.contains(&name)) else {
            continue;
        };
        one.kept.retain(|(attr, _)| uses.read.contains(attr));
        made.insert(name, one);
    }
    // What handlers read is there in every class that they catch, or it is refused later.
    let fine = |name: &str, one: &Made| {
        let calls = uses.calls.get(name).into_iter().flatten().copied();
        calls.clone().all(|call| one.takes(call))
            && !(uses.asks_args(name) && one.args_differ(calls))
    };
    let kept: BTreeSet<String> = made
        .iter()
        .filter(|(name, one)| fine(name, one))
        .map(|(name, _)| name.clone())
        .collect();
    made.retain(|name, _| kept.contains(name));
    let (properties, names) = (uses.properties, uses.names);
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut after = None;
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(one) = made.get(&class.name.name)
        {
            one.settle(class, next_id);
            after = one.function_of(&class.name.name).cloned();
        }
        out.push(stmt);
        out.extend(after);
    }
    module.body.stmts = out;
    let names = Given {
        made: &made,
        properties,
        names,
    };
    raises(&mut module.body, &names, next_id);
}

/// Whether a name of the builtins is that of an exception.
fn is_exception(name: &str) -> bool {
    // These show their arguments in ways of their own.
    let own_way = [
        "KeyError",
        "OSError",
        "IOError",
        "ConnectionError",
        "TimeoutError",
    ];
    let own_way = own_way.contains(&name) || name.starts_with("Unicode") || name == "ImportError";
    (name.ends_with("Error") && !own_way) || matches!(name, "Exception" | "Warning" | "UserWarning")
}

/// How the message of an exception comes about.
#[derive(Debug, Clone)]
enum Message {
    /// From what it is called with.
    Arguments,
    /// `super().__init__(…)` with these.
    Passed(Vec<Expr>),
    /// `__str__` returns it.
    Text(Expr),
}

/// What the exceptions of a class keep, in terms of what they are made of.
#[derive(Debug, Clone)]
struct Made {
    /// The `__init__`, its own or that of a base.
    init: Option<Function>,
    message: Message,
    /// The attributes that it sets, sorted by name.
    kept: Vec<(String, Expr)>,
    own_text: bool,
    /// The attributes that `__init__` sets, which those of a class do not hide.
    set: BTreeSet<String>,
    /// The function that makes it of what it is called with.
    by: Option<by_function::Maker>,
}

impl Made {
    fn plain() -> Made {
        Made {
            init: None,
            message: Message::Arguments,
            kept: Vec::new(),
            own_text: false,
            set: BTreeSet::new(),
            by: None,
        }
    }

    /// The function that makes the exceptions of a class, where it is the class's own.
    fn function_of(&self, class: &str) -> Option<&Stmt> {
        let by = self.by.as_ref()?;
        (by.class == class).then_some(&by.function)
    }

    /// Whether it is more than a name for a builtin exception.
    fn is_more(&self) -> bool {
        self.init.is_some() || self.own_text || !self.kept.is_empty()
    }

    /// What a class makes of its base.
    fn below(
        mut self,
        class: &Class,
        names: &mut by_function::Names,
        next_id: &mut u32,
    ) -> Option<Made> {
        if !class.decorators.is_empty() || !class.keywords.is_empty() {
            return None;
        }
        let mut text = None;
        for stmt in &class.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) if !f.decorators.is_empty() || f.is_async => return None,
                StmtKind::Function(f) if f.name.name == "__init__" => {
                    let mut plain = self.clone();
                    let named = by_own_name(f);
                    self = match plain.by.is_none() && plain.initialised(&named).is_some() {
                        true => plain,
                        false => self.made_by(class, f, names, next_id)?,
                    };
                }
                StmtKind::Function(f) if f.name.name == "__str__" => text = Some(by_own_name(f)),
                StmtKind::Pass => {}
                StmtKind::Expr(e) if matches!(e.kind, ExprKind::Str(_) | ExprKind::Ellipsis) => {}
                StmtKind::Assign { targets, value } => match targets.as_slice() {
                    [
                        Expr {
                            kind: ExprKind::Name(name),
                            ..
                        },
                    ] if is_literal(value) => {
                        if !self.set.contains(name) {
                            self.keep(name, value.clone());
                        }
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        if let Some(text) = text {
            let this = text.params.list.first()?.name.name.clone();
            let [
                Stmt {
                    kind: StmtKind::Return(Some(value)),
                    ..
                },
            ] = text.body.stmts.as_slice()
            else {
                return None;
            };
            self.message = Message::Text(self.of_kept(&this, value)?);
            self.own_text = true;
        }
        Some(self)
    }

    fn keep(&mut self, attr: &str, value: Expr) {
        self.kept.retain(|(name, _)| name != attr);
        self.kept.push((attr.to_string(), value));
        self.kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    /// What an `__init__` does.
    fn initialised(&mut self, init: &Function) -> Option<()> {
        let plain =
            |p: &crate::ast::Param| !matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs);
        let this = init.params.list.first()?.name.name.clone();
        if !init.params.list.iter().all(plain) {
            return None;
        }
        let above = self.clone();
        let own_text = self.own_text.then(|| self.message.clone());
        self.message = Message::Arguments;
        for stmt in &init.body.stmts {
            match &stmt.kind {
                StmtKind::Pass => {}
                StmtKind::Expr(e) if matches!(e.kind, ExprKind::Str(_)) => {}
                StmtKind::Assign { targets, value } => {
                    let [target] = targets.as_slice() else {
                        return None;
                    };
                    self.kept_by(&this, target, value)?;
                }
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => self.kept_by(&this, target, value)?,
                StmtKind::Expr(e) => {
                    let (args, keywords) = passed(e, &this)?;
                    match &above.init {
                        None if keywords.is_empty() => {
                            let args = args.iter().map(|arg| self.of_kept(&this, arg));
                            self.message = Message::Passed(args.collect::<Option<_>>()?);
                        }
                        None => return None,
                        Some(init) => {
                            let given = arguments(init, &args, keywords)?;
                            for (_, arg) in &given {
                                self.is_fine(arg)?;
                            }
                            for (attr, value) in &above.kept {
                                self.keep(attr, with(value, &given));
                            }
                            self.message = match &above.message {
                                // What it is called with is not what the base is called with.
                                Message::Arguments => return None,
                                Message::Passed(args) => {
                                    Message::Passed(args.iter().map(|a| with(a, &given)).collect())
                                }
                                Message::Text(text) => Message::Text(with(text, &given)),
                            };
                        }
                    }
                }
                _ => return None,
            }
        }
        if let (Some(Message::Text(_)), Message::Arguments) = (&own_text, &self.message) {
            return None;
        }
        self.init = Some(init.clone());
        let params: BTreeSet<&str> = init
            .params
            .list
            .iter()
            .skip(1)
            .map(|p| p.name.name.as_str())
            .collect();
        let mut texts: Vec<&Expr> = self.kept.iter().map(|(_, e)| e).collect();
        match &self.message {
            Message::Arguments => {}
            Message::Passed(args) => texts.extend(args),
            Message::Text(text) => texts.push(text),
        }
        let own = |name: &String| {
            params.contains(name.as_str())
                || name == OWN_NAME
                || KNOWN.contains(&name.as_str())
                || name.chars().all(|c| !c.is_lowercase())
        };
        texts
            .iter()
            .all(|e| uses::names_in(e).iter().all(own))
            .then_some(())
    }

    /// `self.attr = value`
    fn kept_by(&mut self, this: &str, target: &Expr, value: &Expr) -> Option<()> {
        let ExprKind::Attribute { value: of, attr } = &target.kind else {
            return None;
        };
        let own = matches!(&of.kind, ExprKind::Name(n) if n == this);
        let value = self.of_kept(this, value)?;
        self.set.insert(attr.name.clone());
        own.then(|| self.keep(&attr.name, value))
    }

    /// An expression without `self`: what it keeps in the place of its attributes.
    fn of_kept(&self, this: &str, e: &Expr) -> Option<Expr> {
        self.is_fine(e)?;
        let mut e = e.clone();
        crate::ast::rewrite::expr(&mut e, &mut |e| {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && matches!(&value.kind, ExprKind::Name(n) if n == this)
                && let Some((_, kept)) = self.kept.iter().find(|(name, _)| *name == attr.name)
            {
                *e = kept.clone();
            }
        });
        (!uses::names_in(&e).contains(this)).then_some(e)
    }

    /// Whether an expression may stand where the exception is raised.
    fn is_fine(&self, e: &Expr) -> Option<()> {
        uses::is_plain(e, &KNOWN).then_some(())
    }

    /// Whether a call gives it what it needs.
    fn takes(&self, call: &Expr) -> bool {
        let (args, keywords): (&[Expr], &[_]) = match &call.kind {
            ExprKind::Call { args, keywords, .. } => (args, keywords),
            _ => (&[], &[]),
        };
        let starred = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)));
        let open = self.by.as_ref().is_some_and(|by| by.is_open);
        (!starred || open)
            && match self.init.as_ref().filter(|_| !open) {
                None if open => true,
                Some(init) => arguments(init, args, keywords).is_some(),
                None => keywords.is_empty(),
            }
    }

    /// Whether `e.args[0]` is not what `str(e)` is.
    fn args_differ<'e>(&self, calls: impl Iterator<Item = &'e Expr>) -> bool {
        match &self.message {
            Message::Arguments => {
                self.init.is_some()
                    && calls
                        .into_iter()
                        .any(|c| !matches!(&c.kind, ExprKind::Call { args, .. } if args.len() == 1))
            }
            Message::Passed(args) => args.len() != 1,
            Message::Text(_) => true,
        }
    }

    /// Writes into the class what its exceptions keep.
    fn settle(&self, class: &mut Class, next_id: &mut u32) {
        class
            .body
            .stmts
            .retain(|s| !matches!(s.kind, StmtKind::Function(_) | StmtKind::Assign { .. }));
        if self.kept.is_empty() {
            return;
        }
        let mut build = Build {
            next_id,
            span: class.name.span,
        };
        let names = self.kept.iter().map(|(attr, _)| attr.clone());
        let names: Vec<Expr> = names.map(|n| build.expr(ExprKind::Str(n))).collect();
        let value = build.expr(ExprKind::Tuple(names));
        let target = build.name(ATTRIBUTES);
        class.body.stmts.push(build.stmt(StmtKind::Assign {
            targets: vec![target],
            value,
        }));
    }
}

/// What each parameter but `self` is given.
fn arguments(
    init: &Function,
    args: &[Expr],
    keywords: &[crate::ast::Keyword],
) -> Option<Vec<(String, Expr)>> {
    let params: Vec<_> = init.params.list.iter().skip(1).collect();
    let known = |k: &crate::ast::Keyword| {
        let name = k.name.as_ref();
        name.is_some_and(|n| {
            let place = params.iter().position(|p| p.name.name == n.name);
            place.is_some_and(|place| place >= args.len())
        })
    };
    let by_place = params
        .iter()
        .filter(|p| p.kind != ParamKind::KeywordOnly)
        .count();
    if args.len() > by_place || !keywords.iter().all(known) {
        return None;
    }
    let mut given = Vec::new();
    for (place, param) in params.iter().enumerate() {
        let arg = argument_of(param, place, args, keywords)?;
        given.push((param.name.name.clone(), arg.clone()));
    }
    Some(given)
}

/// An expression with arguments in the place of parameters.
fn with(e: &Expr, given: &[(String, Expr)]) -> Expr {
    fn put(e: &mut Expr, given: &[(String, Expr)]) {
        if let ExprKind::Name(name) = &e.kind
            && let Some((_, arg)) = given.iter().find(|(param, _)| param == name)
        {
            *e = arg.clone();
            return;
        }
        crate::ast::rewrite::children(e, &mut |child| put(child, given));
    }
    let mut e = e.clone();
    put(&mut e, given);
    e
}

/// The arguments of `super().__init__(…)` or `Exception.__init__(self, …)`.
fn passed<'e>(e: &'e Expr, this: &str) -> Option<(Vec<Expr>, &'e [crate::ast::Keyword])> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let ExprKind::Attribute { value, attr } = &func.kind else {
        return None;
    };
    if attr.name != "__init__" {
        return None;
    }
    match &value.kind {
        ExprKind::Call { func: above, .. } => {
            let is_super = matches!(&above.kind, ExprKind::Name(n) if n == "super");
            is_super.then(|| (args.clone(), keywords.as_slice()))
        }
        ExprKind::Name(base) if is_exception(base) => match args.split_first() {
            Some((first, rest)) if matches!(&first.kind, ExprKind::Name(n) if n == this) => {
                Some((rest.to_vec(), keywords.as_slice()))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Unary { operand, .. } => is_literal(operand),
        ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) => true,
        _ => false,
    }
}
