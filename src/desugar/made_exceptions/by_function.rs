//! The `__init__` of an exception as a function: `message, code = new_abort(1, "leak")`.
//!
//! Enters: a class whose `__init__` does more than the `raise` can spell out. Leaves: a function
//! of the module with its body, whose variables are the attributes, and which returns the
//! message and them. This module must not know types.

use super::given::text_of;
use super::{Made, Message, arguments, passed, with};
use crate::ast::{self, Class, Expr, ExprKind, Function, Module, ParamKind, Stmt, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::callables::module_bound;
use crate::desugar::copies;
use crate::desugar::inherit::snake;
use crate::desugar::names::{self, free};
use std::collections::{BTreeMap, BTreeSet};

/// The names of the module, for functions that are added to it.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn of(module: &Module) -> Names {
        Names(module_bound(module))
    }
}

/// The function that makes the exceptions of a class.
#[derive(Debug, Clone)]
pub(super) struct Maker {
    /// The class with that `__init__`.
    pub(super) class: String,
    pub(super) name: String,
    pub(super) function: Stmt,
    /// What it returns, as the names that stand for it in `Made`.
    pub(super) gives: Vec<String>,
    /// Whether it takes any number of arguments.
    pub(super) is_open: bool,
}

/// What stands for the message that a maker returns.
const MESSAGE: &str = "message";

/// What ends the names that stand for what a maker returns: no Python has such names.
const OF_MAKER: &str = "'";

impl Made {
    /// The exceptions of a class with that `__init__`, made by a function.
    pub(super) fn made_by(
        mut self,
        class: &Class,
        init: &Function,
        module: &mut Names,
        next_id: &mut u32,
    ) -> Option<Made> {
        let this = init.params.list.first()?.name.name.clone();
        let mut function = init.clone();
        copies::function(&mut function, next_id);
        function.params.list.remove(0);
        let bound = names::Names::of(init);
        if bound.refuses || bound.bound.get(&this) != Some(&1) {
            return None;
        }
        let mut work = Work {
            this: &this,
            params: params_of(init, &bound),
            taken: bound.all(),
            locals: BTreeMap::new(),
            message: None,
            build: Build {
                next_id,
                span: init.name.span,
            },
        };
        work.taken.remove(&this);
        let mut stmts = Vec::new();
        for stmt in std::mem::take(&mut function.body.stmts) {
            if let StmtKind::Expr(e) = &stmt.kind
                && let Some((args, keywords)) = passed(e, &this)
            {
                if work.message.is_some() {
                    return None;
                }
                let (args, keywords) = (args.clone(), keywords.to_vec());
                let mut made = work.above(&self, args, &keywords)?;
                if let Some(first) = made.first_mut() {
                    first.comments.clone_from(&stmt.comments);
                    first.blank_before = stmt.blank_before;
                }
                stmts.extend(made);
                continue;
            }
            stmts.push(stmt);
        }
        let mut body = ast::Block {
            stmts,
            trailing: std::mem::take(&mut function.body.trailing),
        };
        work.attributes(&mut body);
        if body.names(&|n| n == this) {
            return None;
        }
        // What its class says stays, where `__init__` says nothing else.
        let mut gives = Vec::new();
        let mut values = Vec::new();
        let own_text = matches!(self.message, Message::Text(_)) && self.own_text;
        match work.message.clone() {
            Some(local) => {
                values.push(work.build.name(&local));
                let given = format!("{MESSAGE}{OF_MAKER}");
                if !own_text {
                    self.message = Message::Passed(vec![work.build.name(&given)]);
                }
                gives.push(given);
            }
            None if own_text => {}
            None => self.message = Message::Arguments,
        }
        for (attr, local) in work.locals.clone() {
            values.push(work.build.name(&local));
            let given = format!("{attr}{OF_MAKER}");
            let value = work.build.name(&given);
            gives.push(given);
            self.set.insert(attr.clone());
            self.keep(&attr, value);
        }
        let value = match values.len() {
            1 => values.pop()?,
            _ => work.build.expr(ExprKind::Tuple(values)),
        };
        let back = work.build.stmt(StmtKind::Return(Some(value)));
        body.stmts.retain(|s| !matches!(s.kind, StmtKind::Pass));
        body.stmts.push(back);
        function.body = body;
        let name = free(&format!("new_{}", snake(&class.name.name)), &mut module.0);
        function.name.name.clone_from(&name);
        function.returns = None;
        let mut stmt = work.build.stmt(StmtKind::Function(function));
        stmt.blank_before = true;
        let is_open = init
            .params
            .list
            .iter()
            .any(|p| matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
        self.by = Some(Maker {
            class: class.name.name.clone(),
            name,
            function: stmt,
            gives,
            is_open,
        });
        self.init = Some(init.clone());
        Some(self)
    }
}

impl Maker {
    /// `message, code = new_abort(…)`, and the names that are bound, by what they stand for.
    pub(super) fn call(
        &self,
        args: Vec<Expr>,
        keywords: Vec<ast::Keyword>,
        fresh: &mut dyn FnMut(&str) -> String,
        build: &mut Build<'_>,
    ) -> (Stmt, Vec<(String, Expr)>) {
        let func = Box::new(build.name(&self.name));
        let call = build.expr(ExprKind::Call {
            func,
            args,
            keywords,
        });
        let mut targets = Vec::new();
        let mut given = Vec::new();
        for what in &self.gives {
            let name = fresh(what.trim_end_matches(OF_MAKER));
            targets.push(build.name(&name));
            given.push((what.clone(), build.name(&name)));
        }
        let stmt = match targets.len() {
            0 => build.stmt(StmtKind::Expr(call)),
            1 => {
                let target = targets.pop();
                let target = target.unwrap_or_else(|| build.expr(ExprKind::None));
                build.assign(target, call)
            }
            _ => {
                let target = build.expr(ExprKind::Tuple(targets));
                build.assign(target, call)
            }
        };
        (stmt, given)
    }
}

/// The parameters that an `__init__` binds to nothing else.
fn params_of(init: &Function, bound: &names::Names) -> BTreeSet<String> {
    let params = init.params.list.iter().skip(1);
    let once = |name: &String| bound.bound.get(name) == Some(&1);
    params.map(|p| p.name.name.clone()).filter(once).collect()
}

struct Work<'w, 'n> {
    this: &'w str,
    /// Parameters that are bound once.
    params: BTreeSet<String>,
    taken: BTreeSet<String>,
    /// The variables that the attributes are.
    locals: BTreeMap<String, String>,
    message: Option<String>,
    build: Build<'n>,
}

impl Work<'_, '_> {
    fn local(&mut self, attr: &str) -> String {
        if let Some(local) = self.locals.get(attr) {
            return local.clone();
        }
        let local = free(attr, &mut self.taken);
        self.locals.insert(attr.to_string(), local.clone());
        local
    }

    /// `super().__init__(…)`
    fn above(
        &mut self,
        above: &Made,
        args: Vec<Expr>,
        keywords: &[ast::Keyword],
    ) -> Option<Vec<Stmt>> {
        let message = free(MESSAGE, &mut self.taken);
        self.message = Some(message.clone());
        let mut out = Vec::new();
        let text = match (&above.init, &above.by) {
            (Some(_), Some(by)) => {
                let (taken, build) = (&mut self.taken, &mut self.build);
                let mut fresh = |name: &str| free(name, taken);
                let (call, given) = by.call(args, keywords.to_vec(), &mut fresh, build);
                out.push(call);
                for (attr, value) in &above.kept {
                    let value = with(value, &given);
                    self.set(attr, value, &mut out);
                }
                match &above.message {
                    Message::Arguments => return None,
                    // What a maker gives is a text.
                    Message::Passed(args) => with(args.first()?, &given),
                    Message::Text(text) => with(text, &given),
                }
            }
            (Some(init), None) => {
                let given = arguments(init, &args, keywords)?;
                let mut settled = Vec::new();
                for (param, arg) in given {
                    let name = free(&param, &mut self.taken);
                    let target = self.build.name(&name);
                    let arg = self.build.again(&arg);
                    out.push(self.build.assign(target, arg));
                    settled.push((param, self.build.name(&name)));
                }
                for (attr, value) in &above.kept {
                    let value = with(value, &settled);
                    self.set(attr, value, &mut out);
                }
                match &above.message {
                    Message::Arguments => return None,
                    Message::Passed(args) => {
                        let args = args.iter().map(|a| with(a, &settled)).collect();
                        text_of(&mut self.build, args)?
                    }
                    Message::Text(text) => with(text, &settled),
                }
            }
            (None, _) => {
                if !keywords.is_empty() {
                    return None;
                }
                match text_of(&mut self.build, args) {
                    Some(text) => text,
                    None => self.build.expr(ExprKind::Str(String::new())),
                }
            }
        };
        let target = self.build.name(&message);
        let text = self.build.again(&text);
        out.push(self.build.assign(target, text));
        Some(out)
    }

    fn set(&mut self, attr: &str, value: Expr, out: &mut Vec<Stmt>) {
        let local = self.local(attr);
        let target = self.build.name(&local);
        let value = self.build.again(&value);
        out.push(self.build.assign(target, value));
    }

    /// Variables in the place of the attributes.
    fn attributes(&mut self, body: &mut ast::Block) {
        struct Own<'o> {
            this: &'o str,
            set: BTreeSet<String>,
        }
        impl<'ast> ast::visit::Visitor<'ast> for Own<'_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                let mut targets: Vec<&Expr> = Vec::new();
                match &stmt.kind {
                    StmtKind::AnnAssign { target, .. } | StmtKind::AugAssign { target, .. } => {
                        targets.push(target);
                    }
                    _ => stmt
                        .targets()
                        .iter()
                        .for_each(|t| ast::leaves(t, &mut targets)),
                }
                for target in targets {
                    if let ExprKind::Attribute { value, attr } = &target.kind
                        && matches!(&value.kind, ExprKind::Name(n) if n == self.this)
                    {
                        self.set.insert(attr.name.clone());
                    }
                }
                ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut own = Own {
            this: self.this,
            set: BTreeSet::new(),
        };
        ast::visit::Visitor::visit_block(&mut own, body);
        // `self.code = code` of a parameter that stays what it is.
        let this = self.this.to_string();
        let params = self.params.clone();
        let set = own.set;
        let plain = |stmt: &Stmt, set: &BTreeSet<String>| -> Option<String> {
            let StmtKind::Assign { targets, value } = &stmt.kind else {
                return None;
            };
            let [target] = targets.as_slice() else {
                return None;
            };
            let ExprKind::Attribute { value: of, attr } = &target.kind else {
                return None;
            };
            let own = matches!(&of.kind, ExprKind::Name(n) if *n == this);
            let same = matches!(&value.kind, ExprKind::Name(n) if *n == attr.name);
            (own && same && params.contains(&attr.name) && set.contains(&attr.name))
                .then(|| attr.name.clone())
        };
        let once = |attr: &String, body: &ast::Block| {
            let mut count = 0;
            count_sets(body, &this, attr, &mut count);
            count == 1
        };
        let same: BTreeSet<String> = body
            .stmts
            .iter()
            .filter_map(|s| plain(s, &set))
            .filter(|attr| !self.locals.contains_key(attr) && once(attr, body))
            .collect();
        for attr in &same {
            self.locals.insert(attr.clone(), attr.clone());
        }
        body.stmts
            .retain(|s| plain(s, &set).is_none_or(|attr| !same.contains(&attr)));
        for attr in &set {
            self.local(attr);
        }
        let locals = &self.locals;
        ast::rewrite::block(body, &mut |e| {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && matches!(&value.kind, ExprKind::Name(n) if *n == this)
                && let Some(local) = locals.get(&attr.name)
            {
                e.kind = ExprKind::Name(local.clone());
            }
        });
    }
}

/// How often statements set an attribute of `this`.
fn count_sets(body: &ast::Block, this: &str, attr: &str, count: &mut usize) {
    for stmt in &body.stmts {
        let mut targets: Vec<&Expr> = Vec::new();
        match &stmt.kind {
            StmtKind::AnnAssign { target, .. } | StmtKind::AugAssign { target, .. } => {
                targets.push(target);
            }
            _ => stmt
                .targets()
                .iter()
                .for_each(|t| ast::leaves(t, &mut targets)),
        }
        *count += targets
            .into_iter()
            .filter(|t| match &t.kind {
                ExprKind::Attribute { value, attr: a } => {
                    a.name == attr && matches!(&value.kind, ExprKind::Name(n) if n == this)
                }
                _ => false,
            })
            .count();
        for inner in ast::branches(stmt) {
            count_sets(inner, this, attr, count);
        }
    }
}
