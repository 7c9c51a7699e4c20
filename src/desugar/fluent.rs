//! Methods that give back their own instance.
//!
//! Enters: the module. Leaves: the same module, where a method that always ends in
//! `return self` gives nothing and `filter.push(x).push(y)` is two statements, and where a
//! method that gives its own instance or another one (`self.state = self.state.on(event)`)
//! gives None for its own, which changes nothing at the call. What is used in another way
//! stays, and is refused later. This module must not know types.

mod following;

use super::arguments::is_common;
use super::build::Build;
use super::names::{Names, free};
use super::statements::rewritten;
use crate::ast::{
    self, Block, CompareOp, Expr, ExprKind, Function, MethodKind, Module, NodeId, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the methods of the module and their calls.
pub fn fluent(module: &mut Module) {
    let next_id = &mut module.node_count.clone();
    rewrite(module, next_id);
    module.node_count = *next_id;
}

fn rewrite(module: &mut Module, next_id: &mut u32) {
    let (mut kinds, silent) = kinds(module);
    if kinds.is_empty() {
        return;
    }
    let holders = Holders::of(module);
    // A method is only rewritten where all its calls can be.
    loop {
        let asked = following::asked(module, &kinds);
        let mut uses = Uses {
            kinds: &kinds,
            silent: &silent,
            holders: &holders,
            asked: &asked,
            refused: BTreeSet::new(),
        };
        uses.block(&module.body);
        let refused = uses.refused;
        if refused.is_empty() {
            break;
        }
        kinds.retain(|name, _| !refused.contains(name));
    }
    if kinds.is_empty() {
        return;
    }
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            for inner in &mut class.body.stmts {
                if let StmtKind::Function(method) = &mut inner.kind {
                    match kinds.get(&method.name.name) {
                        Some(Kind::Itself) => gives_nothing(method),
                        Some(Kind::Next) => gives_none(method, next_id),
                        None => {}
                    }
                }
            }
        }
    }
    let asked = following::asked(module, &kinds);
    following::rewrite(&mut module.body, &asked, next_id);
    let mut taken = super::callables::module_bound(module);
    let mut calls = Calls {
        kinds: &kinds,
        next_id,
    };
    rewritten(&mut module.body, &mut taken, &mut |stmt, out, taken| {
        calls.stmt(stmt, out, taken)
    });
}

/// What a method gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Always its own instance.
    Itself,
    /// Its own instance or another one.
    Next,
}

/// Of a method, the classes where it gives nothing.
type Silent = BTreeMap<String, BTreeSet<String>>;

/// The methods, by name, that give their own instance in all classes that have them, but for
/// those where they give nothing.
fn kinds(module: &Module) -> (BTreeMap<String, Kind>, Silent) {
    let mut found: BTreeMap<String, Vec<Option<Kind>>> = BTreeMap::new();
    let mut silent = Silent::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        for inner in &class.body.stmts {
            if let StmtKind::Function(method) = &inner.kind {
                let name = &method.name.name;
                if is_silent(method) {
                    let classes = silent.entry(name.clone()).or_default();
                    classes.insert(class.name.name.clone());
                } else {
                    found.entry(name.clone()).or_default().push(kind(method));
                }
            }
        }
    }
    let mut out = BTreeMap::new();
    for (name, kinds) in found {
        let all: Option<Vec<Kind>> = kinds.into_iter().collect();
        let Some(all) = all.filter(|_| !name.starts_with("__")) else {
            continue;
        };
        let next = all.contains(&Kind::Next);
        if next || !silent.contains_key(&name) {
            out.insert(name, if next { Kind::Next } else { Kind::Itself });
        }
    }
    (out, silent)
}

/// Whether a method gives nothing, whatever happens.
fn is_silent(method: &Function) -> bool {
    let mut returns = Returns::default();
    ast::visit::Visitor::visit_block(&mut returns, &method.body);
    let plain = matches!(method.method_kind(), Ok(MethodKind::Method));
    plain && !returns.nested && !method.is_async && returns.values.iter().all(Option::is_none)
}

/// The values that attributes get.
#[derive(Default)]
struct Holders {
    /// The classes whose instances they are made of, by attribute.
    made: BTreeMap<String, BTreeSet<String>>,
    /// The methods that give them another value of their own.
    given: BTreeMap<String, BTreeSet<String>>,
    /// The attributes that get something else.
    other: BTreeSet<String>,
    /// What the variables of the function around get, where that is all of it.
    names: BTreeMap<String, Vec<Expr>>,
}

impl Holders {
    fn of(module: &Module) -> Self {
        let mut holders = Self::default();
        ast::visit::Visitor::visit_block(&mut holders, &module.body);
        holders
    }

    /// Whether what a path names is an instance of none of those classes.
    fn is_none_of(&self, path: &Expr, classes: &BTreeSet<String>, method: &str) -> bool {
        let ExprKind::Attribute { attr, .. } = &path.kind else {
            return false;
        };
        let of = |all: &BTreeMap<String, BTreeSet<String>>, fine: &dyn Fn(&String) -> bool| {
            all.get(&attr.name)
                .is_none_or(|names| names.iter().all(fine))
        };
        !self.other.contains(&attr.name)
            && of(&self.made, &|class| !classes.contains(class))
            && of(&self.given, &|name| name == method)
    }

    fn value(&mut self, target: &Expr, attr: &str, value: &Expr) {
        let given = method_call(value).filter(|(receiver, _)| target.same_path(receiver));
        match (&value.kind, given) {
            (ExprKind::None, _) => {}
            (_, Some((_, method))) => {
                let given = self.given.entry(attr.to_string()).or_default();
                given.insert(method.to_string());
            }
            (ExprKind::Call { func, .. }, None) if is_class_name(func) => {
                if let ExprKind::Name(class) = &func.kind {
                    let made = self.made.entry(attr.to_string()).or_default();
                    made.insert(class.clone());
                }
            }
            _ => {
                self.other.insert(attr.to_string());
            }
        }
    }

    fn target(&mut self, target: &Expr, value: Option<&Expr>) {
        match (&target.kind, value) {
            (ExprKind::Attribute { attr, .. }, Some(value)) => {
                let named = match &value.kind {
                    ExprKind::Name(name) => self.names.get(name).cloned(),
                    _ => None,
                };
                for value in named.as_deref().unwrap_or(std::slice::from_ref(value)) {
                    self.value(target, &attr.name, value);
                }
            }
            (ExprKind::Attribute { attr, .. }, None) => {
                self.other.insert(attr.name.clone());
            }
            (ExprKind::Tuple(items) | ExprKind::List(items), _) => {
                items.iter().for_each(|item| self.target(item, None));
            }
            (ExprKind::Starred(inner), _) => self.target(inner, None),
            _ => {}
        }
    }
}

/// The values that the variables of a function get, of those that only assignments bind.
fn assigned(function: &Function) -> BTreeMap<String, Vec<Expr>> {
    #[derive(Default)]
    struct Assigned(BTreeMap<String, Vec<Expr>>);
    impl<'ast> ast::visit::Visitor<'ast> for Assigned {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let [target] = targets.as_slice()
                && let ExprKind::Name(name) = &target.kind
            {
                self.0.entry(name.clone()).or_default().push(value.clone());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut all = Assigned::default();
    ast::visit::Visitor::visit_block(&mut all, &function.body);
    let names = Names::of(function);
    all.0
        .retain(|name, values| !names.refuses && names.bound.get(name) == Some(&values.len()));
    all.0
}

impl<'ast> ast::visit::Visitor<'ast> for Holders {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let around = std::mem::replace(&mut self.names, assigned(function));
                ast::visit::walk_stmt(self, stmt);
                self.names = around;
                return;
            }
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.target(t, Some(value)));
            }
            StmtKind::AnnAssign { target, value, .. } => self.target(target, value.as_ref()),
            StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                self.target(target, None);
            }
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.target(t, None));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
}

/// The method of `x = x.name(…)`.
fn reassigned(stmt: &Stmt) -> Option<&str> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let [target] = targets.as_slice() else {
        return None;
    };
    let (receiver, name) = method_call(value)?;
    target.same_path(receiver).then_some(name)
}

/// `receiver.name(…)`
fn method_call(e: &Expr) -> Option<(&Expr, &str)> {
    let ExprKind::Call { func, .. } = &e.kind else {
        return None;
    };
    match &func.kind {
        ExprKind::Attribute { value, attr } => Some((value, &attr.name)),
        _ => None,
    }
}

/// What a method gives, where its own instance is among it.
fn kind(method: &Function) -> Option<Kind> {
    let own = &method.params.list.first()?.name.name;
    let plain = matches!(method.method_kind(), Ok(MethodKind::Method));
    if !plain || Names::of(method).bound.get(own) != Some(&1) || !gives_on_all_paths(&method.body) {
        return None;
    }
    let mut returns = Returns::default();
    ast::visit::Visitor::visit_block(&mut returns, &method.body);
    let itself = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == own);
    let some = |e: &Expr| match &e.kind {
        ExprKind::Call { func, .. } => is_class_name(func),
        ExprKind::Name(_) => true,
        _ => false,
    };
    if returns.nested || !returns.values.iter().all(|v| v.as_ref().is_some_and(some)) {
        return None;
    }
    let values: Vec<&Expr> = returns.values.iter().flatten().collect();
    match values.iter().filter(|v| itself(v)).count() {
        n if n == values.len() => Some(Kind::Itself),
        _ => {
            // What is not `self` is made here.
            let made = |v: &&Expr| itself(v) || matches!(v.kind, ExprKind::Call { .. });
            values.iter().all(made).then_some(Kind::Next)
        }
    }
}

fn is_class_name(func: &Expr) -> bool {
    matches!(&func.kind, ExprKind::Name(n) if n.trim_start_matches('_').starts_with(char::is_uppercase))
}

/// The values that a method returns.
#[derive(Default)]
pub(super) struct Returns {
    pub(super) values: Vec<Option<Expr>>,
    /// Whether it holds functions or classes of its own.
    pub(super) nested: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Returns {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Return(value) => self.values.push(value.clone()),
            StmtKind::Function(_) | StmtKind::Class(_) => self.nested = true,
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }
}

/// Whether the end of a function is never reached: what a `with` swallows goes on behind it.
pub(super) fn gives_on_all_paths(block: &Block) -> bool {
    block.ends(&|stmt| match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Raise { .. } => true,
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            let unhindered = gives_on_all_paths(body) || gives_on_all_paths(orelse);
            let handled = || handlers.iter().all(|h| gives_on_all_paths(&h.body));
            gives_on_all_paths(finalbody) || (unhindered && handled())
        }
        _ => false,
    })
}

/// Finds the methods that are used in a way that is not rewritten.
struct Uses<'k> {
    kinds: &'k BTreeMap<String, Kind>,
    silent: &'k Silent,
    holders: &'k Holders,
    /// The statements behind which what a method gave is compared with its instance.
    asked: &'k BTreeSet<NodeId>,
    refused: BTreeSet<String>,
}

impl Uses<'_> {
    /// Whether the instance is none of a class where the method gives nothing.
    fn is_sure(&self, receiver: &Expr, method: &str) -> bool {
        let silent = self.silent.get(method);
        silent.is_none_or(|classes| self.holders.is_none_of(receiver, classes, method))
    }

    fn block(&mut self, block: &Block) {
        ast::visit::Visitor::visit_block(self, block);
    }

    /// A chain of calls that becomes statements: what it starts with and its arguments are
    /// looked at; false where it is none.
    fn chain(&mut self, e: &Expr) -> bool {
        let Some(chain) = Chain::of(e, self.kinds) else {
            return false;
        };
        if chain.calls.is_empty() {
            return false;
        }
        self.root(chain.root);
        for call in &chain.calls {
            self.arguments(call);
        }
        if let Some(last) = chain.last {
            self.arguments(last);
        }
        true
    }

    fn root(&mut self, root: &Expr) {
        match &root.kind {
            ExprKind::Call { .. } => self.arguments(root),
            _ => ast::visit::Visitor::visit_expr(self, root),
        }
    }

    fn arguments(&mut self, call: &Expr) {
        if let ExprKind::Call { args, keywords, .. } = &call.kind {
            for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                ast::visit::Visitor::visit_expr(self, arg);
            }
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let Some(name) = reassigned(stmt)
            && self.kinds.get(name) == Some(&Kind::Next)
            && let StmtKind::Assign { targets, value } = &stmt.kind
            && targets.iter().all(|target| self.is_sure(target, name))
        {
            self.arguments(value);
            return;
        }
        if self.asked.contains(&stmt.id)
            && let StmtKind::Assign { value, .. } = &stmt.kind
            && let Some((receiver, name)) = method_call(value)
            && self.is_sure(receiver, name)
        {
            self.arguments(value);
            return;
        }
        if let StmtKind::Expr(value) = &stmt.kind
            && let Some((receiver, name)) = method_call(value)
            && self.kinds.contains_key(name)
            && method_call(receiver).is_none()
        {
            // Nobody looks at what it gives.
            self.visit_expr(receiver);
            self.arguments(value);
            return;
        }
        match &stmt.kind {
            StmtKind::Expr(value) | StmtKind::Return(Some(value)) if self.chain(value) => {}
            StmtKind::Assign { targets, value } if self.chain(value) => {
                for target in targets {
                    self.visit_expr(target);
                }
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Attribute { attr, .. } = &e.kind
            && self.kinds.contains_key(&attr.name)
        {
            self.refused.insert(attr.name.clone());
        }
        ast::visit::walk_expr(self, e);
    }
}

/// `root.a(…).b(…).c(…)`, where `a` and `b` give the instance.
struct Chain<'e> {
    /// A name, an attribute, or the call of a class.
    root: &'e Expr,
    /// The calls that give the instance, in order.
    calls: Vec<&'e Expr>,
    /// What is made of it in the end: another method's call, or an attribute.
    last: Option<&'e Expr>,
}

impl<'e> Chain<'e> {
    fn of(e: &'e Expr, kinds: &BTreeMap<String, Kind>) -> Option<Chain<'e>> {
        let mut calls = Vec::new();
        let mut last = None;
        let mut at = e;
        loop {
            match (&at.kind, method_call(at)) {
                (_, Some((receiver, name))) if kinds.get(name) == Some(&Kind::Itself) => {
                    calls.push(at);
                    at = receiver;
                }
                (_, Some((receiver, _))) if last.is_none() && calls.is_empty() => {
                    last = Some(at);
                    at = receiver;
                }
                (ExprKind::Attribute { value, .. }, None)
                    if last.is_none() && calls.is_empty() && !at.is_path() =>
                {
                    last = Some(at);
                    at = value;
                }
                (ExprKind::Call { func, .. }, None) if is_class_name(func) => break,
                _ if at.is_path() => break,
                _ => return None,
            }
        }
        // Of builtin types some have methods of the same name.
        let sure = calls.len() > 1 || matches!(at.kind, ExprKind::Call { .. });
        let common = |e: &&Expr| method_call(e).is_some_and(|(_, name)| is_common(name));
        if calls.iter().any(common) && !sure {
            return None;
        }
        calls.reverse();
        Some(Chain {
            root: at,
            calls,
            last,
        })
    }
}

/// A method that gives nothing instead of its instance.
pub(super) fn gives_nothing(method: &mut Function) {
    fn in_block(block: &mut Block) {
        for stmt in &mut block.stmts {
            if let StmtKind::Return(value) = &mut stmt.kind {
                *value = None;
            }
            for inner in ast::blocks_mut(stmt) {
                in_block(inner);
            }
        }
    }
    in_block(&mut method.body);
    method.returns = None;
    // The last one says what is so anyway.
    let alone = method.body.stmts.len() == 1;
    let last = method.body.stmts.last_mut();
    match last.filter(|s| matches!(s.kind, StmtKind::Return(None))) {
        Some(last) if alone => last.kind = StmtKind::Pass,
        Some(_) => {
            let last = method.body.stmts.pop();
            let comments = last.into_iter().flat_map(|s| s.comments);
            method.body.trailing.extend(comments);
        }
        None => {}
    }
}

/// A method that gives None for its instance.
fn gives_none(method: &mut Function, next_id: &mut u32) {
    fn in_block(block: &mut Block, own: &str, next_id: &mut u32) {
        for stmt in &mut block.stmts {
            if let StmtKind::Return(Some(value)) = &mut stmt.kind
                && matches!(&value.kind, ExprKind::Name(n) if n == own)
            {
                let mut build = Build {
                    next_id,
                    span: value.span,
                };
                *value = build.expr(ExprKind::None);
            }
            for inner in ast::blocks_mut(stmt) {
                in_block(inner, own, next_id);
            }
        }
    }
    if let Some(own) = method.params.list.first().map(|p| p.name.name.clone()) {
        in_block(&mut method.body, &own, next_id);
    }
    method.returns = None;
}

/// Rewrites the calls.
struct Calls<'k, 'n> {
    kinds: &'k BTreeMap<String, Kind>,
    next_id: &'n mut u32,
}

impl Calls<'_, '_> {
    fn stmt(&mut self, mut stmt: Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        if let Some(name) = reassigned(&stmt)
            && self.kinds.get(name) == Some(&Kind::Next)
        {
            out.extend(self.next(stmt, taken));
        } else {
            self.chain(&mut stmt, out, taken);
            out.push(stmt);
        }
    }

    /// `following = x.on(event)` and `if following is not None: x = following`.
    fn next(&mut self, mut stmt: Stmt, taken: &mut BTreeSet<String>) -> Vec<Stmt> {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return vec![stmt];
        };
        let (Some(target), value) = (targets.first().cloned(), value.clone()) else {
            return vec![stmt];
        };
        let name = free("following", taken);
        let mut build = Build {
            next_id: self.next_id,
            span: stmt.span,
        };
        let held = build.name(&name);
        let mut first = build.assign(held, value);
        first.blank_before = stmt.blank_before;
        first.comments = std::mem::take(&mut stmt.comments);
        first.line_comment = stmt.line_comment.take();
        let (left, none, held) = (
            build.name(&name),
            build.expr(ExprKind::None),
            build.name(&name),
        );
        let test = build.compare(left, CompareOp::IsNot, none);
        let store = build.assign(target, held);
        let test = build.stmt(StmtKind::If {
            test,
            body: Block {
                stmts: vec![store],
                trailing: Vec::new(),
            },
            orelse: Block::default(),
        });
        vec![first, test]
    }

    /// The calls of a chain before the statement, which keeps what is made of it in the end.
    fn chain(&mut self, stmt: &mut Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let span = stmt.span;
        let mut alone = matches!(stmt.kind, StmtKind::Expr(_));
        let target_path = match &stmt.kind {
            StmtKind::Assign { targets, .. } => match targets.as_slice() {
                [target] if target.is_path() => Some(target.clone()),
                _ => None,
            },
            _ => None,
        };
        let target = match target_path.as_ref().map(|t| &t.kind) {
            Some(ExprKind::Name(name)) => Some(name.clone()),
            _ => None,
        };
        let value = match &mut stmt.kind {
            StmtKind::Expr(value)
            | StmtKind::Return(Some(value))
            | StmtKind::Assign { value, .. } => value,
            _ => return,
        };
        let Some(chain) = Chain::of(value, self.kinds).filter(|c| !c.calls.is_empty()) else {
            return;
        };
        let made = !chain.root.is_path();
        // `x = x.add(1)` is `x.add(1)`.
        alone |= chain.last.is_none() && target_path.is_some_and(|t| t.same_path(chain.root));
        // `m = Builder().add(1)` makes `m` first.
        let held = match (&target, chain.last) {
            (Some(name), None) if made => Some(name.clone()),
            _ if made => Some(free(&root_name(chain.root), taken)),
            _ => None,
        };
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let root = match &held {
            Some(name) => build.name(name),
            None => chain.root.clone(),
        };
        let mut before = Vec::new();
        if let Some(name) = &held {
            let name = build.name(name);
            before.push(build.assign(name, chain.root.clone()));
        }
        for call in &chain.calls {
            let mut call = (*call).clone();
            let mut receiver = root.clone();
            super::copies::expr(&mut receiver, build.next_id);
            set_receiver(&mut call, receiver);
            before.push(build.stmt(StmtKind::Expr(call)));
        }
        let last = chain.last.cloned().map(|mut last| {
            let mut receiver = root.clone();
            super::copies::expr(&mut receiver, build.next_id);
            set_receiver(&mut last, receiver);
            last
        });
        let replaced = target.is_some() && held == target && last.is_none();
        match last {
            Some(last) => *value = last,
            None if alone || replaced => {
                // Nothing is left of the statement but its last call.
                if let Some(call) = before.pop() {
                    stmt.kind = call.kind;
                }
            }
            None => *value = root,
        }
        if let Some(first) = before.first_mut() {
            first.blank_before = std::mem::take(&mut stmt.blank_before);
            first.comments = std::mem::take(&mut stmt.comments);
        }
        out.extend(before);
    }
}

/// Puts another receiver in place of a method call's, or of an attribute's.
fn set_receiver(e: &mut Expr, receiver: Expr) {
    match &mut e.kind {
        ExprKind::Call { func, .. } => {
            if let ExprKind::Attribute { value, .. } = &mut func.kind {
                **value = receiver;
            }
        }
        ExprKind::Attribute { value, .. } => **value = receiver,
        _ => {}
    }
}

/// What an instance is called that has no name.
fn root_name(root: &Expr) -> String {
    match &root.kind {
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(class) => super::inherit::snake(class),
            _ => "object".to_string(),
        },
        _ => "object".to_string(),
    }
}
