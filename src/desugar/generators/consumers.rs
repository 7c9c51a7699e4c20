//! What runs through the values of generators.
//!
//! Enters: the module, and its generators that only look at things. Leaves: those whose values
//! are all taken in ways in which a list is the same. This module must not know what a
//! generator does.

use super::effects::{CHANGES, Footprints, reaches_out, writes};
use super::quiet::{Generator, Quiet, is_name, is_scalar, numbers};
use super::{Run, Runs};
use crate::ast::{self, Block, CompareOp, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// What takes all values of what it is given before it does anything with them.
const TAKE_ALL: [&str; 10] = [
    "deque",
    "dict",
    "frozenset",
    "list",
    "max",
    "min",
    "set",
    "sorted",
    "sum",
    "tuple",
];

/// Those of them that do not look at the values before all are taken.
const KEEP_ALL: [&str; 4] = ["deque", "list", "sorted", "tuple"];

/// The method that a loop over an object calls.
const ITER: &str = ".__iter__";

/// How the generators are used.
pub(super) struct Consumers {
    fit: BTreeSet<String>,
}

impl Consumers {
    pub(super) fn of(
        module: &Module,
        quiet: &Quiet,
        found: &BTreeMap<String, Generator>,
        runs: &Runs<'_>,
    ) -> Consumers {
        let footprints = Footprints::of(module);
        let mut walk = Walk {
            quiet,
            found,
            runs,
            footprints: &footprints,
            refused: BTreeSet::new(),
            fresh: BTreeMap::new(),
            numbers: BTreeSet::new(),
            globals: BTreeSet::new(),
            tried: tries(&module.body),
            all: false,
        };
        ast::visit::Visitor::visit_block(&mut walk, &module.body);
        let fits = |name: &&String| !walk.refused.contains(*name);
        Consumers {
            fit: found.keys().filter(fits).cloned().collect(),
        }
    }

    /// Whether a generator may become a list.
    pub(super) fn fit(&self, name: &str) -> bool {
        self.fit.contains(name)
    }
}

struct Walk<'q> {
    quiet: &'q Quiet,
    found: &'q BTreeMap<String, Generator>,
    /// What is known of what is run through.
    runs: &'q Runs<'q>,
    footprints: &'q Footprints<'q>,
    refused: BTreeSet<String>,
    /// The variables of the function that only ever hold containers made in it, and those that
    /// may hold the same.
    fresh: BTreeMap<String, BTreeSet<String>>,
    /// The variables of the function that are numbers.
    numbers: BTreeSet<String>,
    /// The variables of the module that the function binds.
    globals: BTreeSet<String>,
    /// Whether the module catches exceptions.
    tried: bool,
    /// Whether what is looked at is all taken.
    all: bool,
}

impl Walk<'_> {
    /// The generator that a call names.
    fn callee(&self, e: &Expr) -> Option<(String, Generator)> {
        let ExprKind::Call { func, .. } = &e.kind else {
            return None;
        };
        let name = match &func.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::Attribute { attr, .. } => format!(".{}", attr.name),
            _ => return None,
        };
        let generator = self.found.get(&name)?;
        Some((name, *generator))
    }

    /// The generators whose values a loop takes: one that is called, or that of an object.
    fn sources<'e>(&self, iter: &'e Expr) -> Vec<(String, Generator, &'e Expr)> {
        if let Some((name, generator)) = self.callee(iter) {
            return vec![(name, generator, iter)];
        }
        match &iter.kind {
            ExprKind::Call { func, args, .. } if matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "enumerate" | "zip" | "reversed")) => {
                args.iter().flat_map(|a| self.sources(a)).collect()
            }
            // What a generator expression takes is taken as its own values are.
            ExprKind::Comprehension {
                kind: ast::ComprehensionKind::Generator,
                clauses,
                ..
            } => clauses.iter().flat_map(|c| self.sources(&c.iter)).collect(),
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
                if !self.holds_items(iter) =>
            {
                self.found
                    .get(ITER)
                    .map(|generator| (ITER.to_string(), *generator, iter))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether what is run through is known to be no object.
    fn holds_items(&self, e: &Expr) -> bool {
        matches!((self.runs)(e.id), Some(Run::Sequence | Run::Other))
    }

    /// The attributes that generators may look at.
    fn read_by(&self, sources: &[(String, Generator, &Expr)]) -> BTreeSet<String> {
        let read = sources
            .iter()
            .map(|(name, ..)| self.footprints.read_by(name));
        read.flatten().collect()
    }

    /// The arguments of a call that are no generators themselves.
    fn given(&mut self, e: &Expr) {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        {
            if let ExprKind::Attribute { value, .. } = &func.kind {
                ast::visit::Visitor::visit_expr(self, value);
            }
            let named = keywords.iter().map(|k| &k.value);
            for arg in args.iter().chain(named) {
                ast::visit::Visitor::visit_expr(self, arg);
            }
        }
    }

    /// What a loop runs over, where its values are taken one by one.
    fn iter(&mut self, iter: &Expr) {
        match self.callee(iter) {
            Some(_) => self.given(iter),
            None => match &iter.kind {
                ExprKind::Call { func, args, .. } if matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "enumerate" | "zip" | "reversed")) =>
                {
                    let zip = matches!(&func.kind, ExprKind::Name(n) if n == "zip");
                    // A generator begins when all of them are there.
                    let still = args
                        .iter()
                        .all(|a| self.callee(a).is_some() || self.quiet.expr(a));
                    for arg in args {
                        let sources = self.sources(arg);
                        if !still {
                            self.refuse(&sources);
                        }
                        if zip && sources.iter().any(|(_, g, _)| g.conditional || g.raises) {
                            self.refuse(&sources);
                        }
                        self.iter(arg);
                    }
                }
                _ => ast::visit::Visitor::visit_expr(self, iter),
            },
        }
    }

    /// Whether it is a comprehension, or runs through what it is given.
    fn takes(&self, e: &Expr) -> bool {
        matches!(e.kind, ExprKind::Comprehension { .. }) || !self.sources(e).is_empty()
    }

    /// Whether a key may be asked for at any time: it only looks at things.
    fn is_quiet_key(&self, key: &Expr) -> bool {
        match &key.kind {
            ExprKind::Lambda { body, .. } => self.quiet.expr(body),
            ExprKind::Name(_) => self.quiet.calls(key),
            ExprKind::Attribute { .. } => self.quiet.calls(key),
            _ => false,
        }
    }

    fn refuse(&mut self, sources: &[(String, Generator, &Expr)]) {
        let names = sources.iter().map(|(name, ..)| name.clone());
        self.refused.extend(names);
    }

    /// Whether the statements of a loop change nothing but the function's own variables,
    /// containers that are made in it and that the generator is not given, and attributes that
    /// it does not look at.
    fn is_apart(&self, block: &Block, given: &Given) -> bool {
        block.stmts.iter().all(|stmt| {
            let changed = |e: &Expr| match &e.kind {
                ExprKind::Subscript { value, index } => {
                    self.own(value, given) && self.quiet.expr(index)
                }
                ExprKind::Attribute { value, attr } => {
                    self.quiet.expr(value)
                        && !given.read.contains(&attr.name)
                        && self.footprints.is_stored(&attr.name)
                }
                _ => is_name(e) && !self.binds_global(e),
            };
            let here = match &stmt.kind {
                StmtKind::Assign { targets, value } => {
                    targets.iter().all(changed) && self.quiet.expr(value)
                }
                StmtKind::AugAssign { target, value, .. } => {
                    changed(target)
                        && self.quiet.expr(value)
                        && (is_scalar(value) || self.counts(target))
                }
                StmtKind::AnnAssign { target, value, .. } => {
                    changed(target) && value.as_ref().is_none_or(|v| self.quiet.expr(v))
                }
                StmtKind::Expr(e) => match &e.kind {
                    ExprKind::Yield(Some(value)) => self.quiet.expr(value),
                    _ => {
                        let written = writes(e);
                        written.is_some_and(|args| args.iter().all(|a| self.quiet.expr(a)))
                            || self.changes_own(e, given)
                            || self.quiet.expr(e)
                    }
                },
                StmtKind::If { test, .. } | StmtKind::While { test, .. } => self.quiet.expr(test),
                StmtKind::For { target, iter, .. } => changed(target) && self.quiet.expr(iter),
                StmtKind::Return(value) => value.as_ref().is_none_or(|v| self.quiet.expr(v)),
                StmtKind::Pass | StmtKind::Break | StmtKind::Continue => true,
                _ => false,
            };
            here && ast::branches(stmt).iter().all(|b| self.is_apart(b, given))
        })
    }

    /// Whether a variable starts as a number: what is added to it changes no list.
    fn counts(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(n) => self.numbers.contains(n),
            ExprKind::Attribute { attr, .. } => {
                self.footprints.is_number(&attr.name) || self.footprints.is_container(&attr.name)
            }
            // What is there is replaced, or is a container that may be anybody's.
            _ => false,
        }
    }

    fn binds_global(&self, e: &Expr) -> bool {
        let mut names = super::super::names::Names::default();
        names.target(e);
        names.bound.keys().any(|n| self.globals.contains(n))
    }

    fn own(&self, e: &Expr, given: &Given) -> bool {
        match &e.kind {
            ExprKind::Name(n) => {
                let same = self.fresh.get(n);
                same.is_some_and(|same| same.is_disjoint(&given.names))
            }
            ExprKind::Attribute { value, attr } => {
                self.quiet.expr(value)
                    && !given.read.contains(&attr.name)
                    && self.footprints.is_container(&attr.name)
            }
            _ => false,
        }
    }

    /// `found.append(x)`, `heapq.heappush(heap, x)` of a container of the function's own.
    fn changes_own(&self, e: &Expr, given: &Given) -> bool {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return false;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return false;
        };
        let heap = matches!(&value.kind, ExprKind::Name(n) if n == "heapq");
        let (container, rest) = match (heap, args.as_slice()) {
            (true, [heap, rest @ ..]) => (heap, rest),
            (false, args) if CHANGES.contains(&attr.name.as_str()) => (&**value, args),
            _ => return false,
        };
        keywords.is_empty() && self.own(container, given) && rest.iter().all(|a| self.quiet.expr(a))
    }

    fn loop_(&mut self, iter: &Expr, body: &Block) {
        let sources = self.sources(iter);
        let mut names = super::super::names::Names::default();
        sources.iter().for_each(|(_, _, e)| names.expr(e));
        let given = Given {
            names: names.read,
            read: self.read_by(&sources),
        };
        let stops = stops(body);
        let seen = reaches_out(body);
        let several = matches!(&iter.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "zip"));
        let early = |(_, g, _): &(String, Generator, &Expr)| {
            g.loud
                || (stops || several) && (g.raises || g.conditional)
                || g.raises && (self.tried || seen)
        };
        if !sources.is_empty() && (!self.is_apart(body, &given) || sources.iter().any(early)) {
            self.refuse(&sources);
        }
        self.iter(iter);
    }
}

/// Whether an expression looks into nothing.
fn is_flat(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Attribute { .. } | ExprKind::Subscript { .. } | ExprKind::Call { .. } => false,
        _ => ast::visit::children(e).into_iter().all(is_flat),
    }
}

/// What the generators of a loop get to see.
struct Given {
    /// The names that they are given.
    names: BTreeSet<String>,
    /// The attributes that they may look at.
    read: BTreeSet<String>,
}

/// Whether a loop may be left before its end.
fn stops(block: &Block) -> bool {
    block.stmts.iter().any(|s| match &s.kind {
        StmtKind::Break | StmtKind::Return(_) => true,
        _ => ast::branches(s).into_iter().any(stops),
    })
}

/// The names of a function that are only bound to containers that it makes, each with the names
/// that may be bound to the same.
fn fresh(function: &Function) -> BTreeMap<String, BTreeSet<String>> {
    struct Bound {
        made: BTreeSet<String>,
        others: BTreeSet<String>,
        same: Vec<(String, String)>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Bound {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut names = super::super::names::Names::default();
            match &stmt.kind {
                StmtKind::Assign { targets, value } if is_made(value) => {
                    if let [target] = targets.as_slice() {
                        names.target(target);
                        self.made.extend(names.bound.into_keys());
                    } else {
                        targets.iter().for_each(|t| names.target(t));
                        self.others.extend(names.bound.into_keys());
                    }
                }
                StmtKind::Assign { targets, value } => match another(targets, value) {
                    Some((name, known)) => self.same.push((name.into(), known.into())),
                    None => {
                        targets.iter().for_each(|t| names.target(t));
                        self.others.extend(names.bound.into_keys());
                    }
                },
                StmtKind::AnnAssign { target, value, .. } => {
                    names.target(target);
                    let own = names.bound.into_keys();
                    match value.as_ref().is_some_and(is_made) {
                        true => self.made.extend(own),
                        false => self.others.extend(own),
                    }
                }
                StmtKind::For { target, .. } => {
                    names.target(target);
                    self.others.extend(names.bound.into_keys());
                }
                StmtKind::Global(globals) => self.others.extend(globals.iter().cloned()),
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut bound = Bound {
        made: BTreeSet::new(),
        others: function
            .params
            .list
            .iter()
            .map(|p| p.name.name.clone())
            .collect(),
        same: Vec::new(),
    };
    ast::visit::Visitor::visit_block(&mut bound, &function.body);
    let mut kept = Kept(bound.others);
    ast::visit::Visitor::visit_block(&mut kept, &function.body);
    let (made, same) = (&bound.made, &bound.same);
    let own = |n: &String| {
        !kept.0.contains(n) && (made.contains(n) || same.iter().any(|(name, _)| name == n))
    };
    let groups = made.iter().map(|name| (name.clone(), group(name, same)));
    let mut fresh = BTreeMap::new();
    for (name, group) in groups.filter(|(_, group)| group.iter().all(own)) {
        for other in &group {
            fresh.insert(other.clone(), group.clone());
        }
        fresh.insert(name, group);
    }
    fresh
}

/// `front = found`: a variable that gets what another holds.
fn another<'e>(targets: &'e [Expr], value: &'e Expr) -> Option<(&'e str, &'e str)> {
    match (targets, &value.kind) {
        ([target], ExprKind::Name(known)) => match &target.kind {
            ExprKind::Name(name) => Some((name, known)),
            _ => None,
        },
        _ => None,
    }
}

/// The names that may be bound to what a name is bound to, itself among them.
fn group(name: &str, same: &[(String, String)]) -> BTreeSet<String> {
    let mut group = BTreeSet::from([name.to_string()]);
    loop {
        let before = group.len();
        for (a, b) in same {
            if group.contains(a) || group.contains(b) {
                group.extend([a.clone(), b.clone()]);
            }
        }
        if group.len() == before {
            return group;
        }
    }
}

/// The `", ".join` of a call.
fn is_join(func: &Expr) -> bool {
    match &func.kind {
        ExprKind::Attribute { value, attr } => {
            attr.name == "join" && matches!(value.kind, ExprKind::Str(_))
        }
        _ => false,
    }
}

/// The names whose objects may get another name: all that are used for more than looking at
/// them, changing them, and returning them.
struct Kept(BTreeSet<String>);

impl Kept {
    /// A place in which an object gets no other name.
    fn looked_at(&mut self, e: &Expr) {
        if !matches!(e.kind, ExprKind::Name(_)) {
            ast::visit::Visitor::visit_expr(self, e);
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Kept {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.looked_at(t));
                if another(targets, value).is_none() {
                    self.visit_expr(value);
                }
            }
            // Its items get another name.
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.looked_at(target);
                self.looked_at(iter);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            StmtKind::Return(Some(value)) => self.looked_at(value),
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.looked_at(test);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.0.insert(name.clone());
            }
            ExprKind::Subscript { value, index } => {
                self.looked_at(value);
                self.visit_expr(index);
            }
            ExprKind::Compare { left, rest, .. } => {
                self.looked_at(left);
                rest.iter().for_each(|r| self.looked_at(r));
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let plain = match &func.kind {
                    ExprKind::Name(n) => {
                        TAKE_ALL.contains(&n.as_str())
                            || matches!(n.as_str(), "all" | "any" | "len")
                    }
                    ExprKind::Attribute { value, .. } => {
                        self.looked_at(value);
                        matches!(&value.kind, ExprKind::Name(n) if n == "heapq") || is_join(func)
                    }
                    _ => {
                        self.visit_expr(func);
                        false
                    }
                };
                for (i, arg) in args.iter().enumerate() {
                    match plain && i == 0 {
                        true => self.looked_at(arg),
                        false => self.visit_expr(arg),
                    }
                }
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

/// Whether an expression makes a container, and one of values that nobody else changes.
fn is_made(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(_)
        | ExprKind::Dict(_)
        | ExprKind::Set(_)
        | ExprKind::Comprehension { .. } => true,
        ExprKind::Call { func, args, .. } => {
            args.is_empty()
                && matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "list" | "dict" | "set" | "deque"))
        }
        _ => false,
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Walk<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let fresh = std::mem::replace(&mut self.fresh, fresh(function));
                let globals = std::mem::replace(&mut self.globals, globals(&function.body));
                let numbers = std::mem::replace(&mut self.numbers, numbers(&function.body));
                ast::visit::walk_stmt(self, stmt);
                (self.fresh, self.globals, self.numbers) = (fresh, globals, numbers);
            }
            StmtKind::For {
                iter, body, orelse, ..
            } => {
                self.loop_(iter, body);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            // Taken apart, all of them are taken, where there are as many.
            StmtKind::Assign { targets, value }
                if self
                    .callee(value)
                    .is_some_and(|(_, g)| !g.raises && !g.conditional)
                    && targets
                        .iter()
                        .all(|t| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_))) =>
            {
                targets.iter().for_each(|t| self.visit_expr(t));
                self.given(value);
            }
            // The values that a generator passes on.
            StmtKind::Expr(e) if matches!(&e.kind, ExprKind::YieldFrom(_)) => {
                if let ExprKind::YieldFrom(values) = &e.kind {
                    self.iter(values);
                }
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Comprehension {
                kind,
                element,
                value,
                clauses,
            } => {
                let parts = std::iter::once(&**element)
                    .chain(value.as_deref())
                    .chain(clauses.iter().flat_map(|c| &c.ifs));
                let all = std::mem::take(&mut self.all);
                let later = clauses.iter().skip(1).map(|c| &c.iter);
                let still = parts.clone().all(|p| self.quiet.expr(p))
                    && later
                        .into_iter()
                        .all(|i| self.callee(i).is_some() || self.quiet.expr(i));
                // What is made of the values alone is the same before and after a change.
                let mut names = super::super::names::Names::default();
                clauses.iter().for_each(|c| names.target(&c.target));
                let own = |p: &Expr| {
                    let mut read = super::super::names::Names::default();
                    read.expr(p);
                    read.read.iter().all(|n| names.bound.contains_key(n)) && is_flat(p)
                };
                let apart = clauses.len() == 1
                    && (all || *kind == ast::ComprehensionKind::List)
                    && parts.clone().all(own);
                for (i, clause) in clauses.iter().enumerate() {
                    let sources = self.sources(&clause.iter);
                    let lazy = *kind == ast::ComprehensionKind::Generator || i > 0;
                    let zip = matches!(&clause.iter.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "zip"));
                    let early = |(_, g, _): &(String, Generator, &Expr)| {
                        let stops = lazy && !all || zip;
                        g.loud && !apart
                            || stops && (g.conditional || g.raises)
                            || g.raises && self.tried
                    };
                    if !still || sources.iter().any(early) {
                        self.refuse(&sources);
                    }
                    // The first of them is taken as a whole where this one is.
                    self.all = i == 0
                        && still
                        && (all || !lazy)
                        && matches!(clause.iter.kind, ExprKind::Comprehension { .. });
                    self.iter(&clause.iter);
                    self.all = false;
                }
                parts.for_each(|p| self.visit_expr(p));
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let all = match &func.kind {
                    ExprKind::Name(n) => TAKE_ALL.contains(&n.as_str()),
                    _ => is_join(func),
                };
                let asks = matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "next" | "iter"));
                if asks && !args.iter().all(|a| self.holds_items(a)) {
                    self.refused.insert(ITER.to_string());
                }
                // A generator that is called for anything else is kept.
                if let Some((name, _)) = self.callee(e) {
                    self.refused.insert(name);
                }
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    self.visit_expr(value);
                } else if !matches!(func.kind, ExprKind::Name(_)) {
                    self.visit_expr(func);
                }
                let keeps = match &func.kind {
                    ExprKind::Name(n) => {
                        KEEP_ALL.contains(&n.as_str())
                            || n != "set" && n != "frozenset" && !self.footprints.has_operators()
                    }
                    _ => true,
                };
                // `max` asks for the key of each value as it comes.
                let keyed = !keywords.is_empty()
                    && matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "max" | "min"));
                for arg in args {
                    let sources = match all {
                        true => self.sources(arg),
                        false => Vec::new(),
                    };
                    let quiet_key = keywords.iter().all(|k| self.is_quiet_key(&k.value));
                    // A generator begins when all of them are there.
                    let still = args
                        .iter()
                        .all(|a| self.callee(a).is_some() || self.takes(a) || self.quiet.expr(a));
                    let named = keywords
                        .iter()
                        .all(|k| self.is_quiet_key(&k.value) || self.quiet.expr(&k.value));
                    if !named || !still && args.len() > 1 {
                        self.refuse(&sources);
                    }
                    if keyed && !quiet_key
                        || (keyed || !keeps) && sources.iter().any(|(_, g, _)| g.loud)
                    {
                        self.refuse(&sources);
                    }
                    match all {
                        true => {
                            self.all = matches!(arg.kind, ExprKind::Comprehension { .. });
                            self.iter(arg);
                            self.all = false;
                        }
                        false => self.visit_expr(arg),
                    }
                }
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            // Looking for a value ends where it is found.
            ExprKind::Compare { left, ops, rest }
                if ops
                    .iter()
                    .any(|op| matches!(op, CompareOp::In | CompareOp::NotIn)) =>
            {
                self.visit_expr(left);
                for (op, right) in ops.iter().zip(rest) {
                    if !matches!(op, CompareOp::In | CompareOp::NotIn) {
                        self.visit_expr(right);
                        continue;
                    }
                    let sources = self.sources(right);
                    if sources.iter().any(|(_, g, _)| g.raises || g.conditional) {
                        self.refuse(&sources);
                    }
                    self.iter(right);
                }
            }
            ExprKind::Attribute { value, attr } => {
                // A method as a value.
                let name = format!(".{}", attr.name);
                if self.found.contains_key(&name) {
                    self.refused.insert(name);
                }
                self.visit_expr(value);
            }
            ExprKind::Name(name) => {
                if self.found.contains_key(name) {
                    self.refused.insert(name.clone());
                }
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

/// Whether a block catches exceptions, functions and classes in it included.
fn tries(block: &Block) -> bool {
    struct Tries(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Tries {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.0 |= matches!(stmt.kind, StmtKind::Try { .. } | StmtKind::With { .. });
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Tries(false);
    ast::visit::Visitor::visit_block(&mut found, block);
    found.0
}

/// The variables of the module, or of a function around, that a function binds.
fn globals(block: &Block) -> BTreeSet<String> {
    struct Globals(BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Globals {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
                self.0.extend(names.iter().cloned());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Globals(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut found, block);
    found.0
}
