//! A generator in the place of the loops that run through it.
//!
//! Enters: the module. Leaves: the same module, where `for cell in ray(a, b): …` over a function
//! that yields at one place is that function's own loop, with the body where the value was
//! yielded: so each takes its turn as in Python. A function that yields outside of loops, at
//! some places, gets a small body at each of them. That is done where every use of the generator
//! is such a loop. What cannot be rewritten stays, and is refused later. This module must not
//! know types.

use super::super::arguments::is_common;
use super::super::build::Build;
use super::super::callables::module_bound;
use super::super::copies;
use super::super::keywords::is_literal;
use super::super::names::{Names, free};
use super::super::statements::rewritten;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, MethodKind, Module, ParamKind, Stmt, StmtKind, UnaryOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The longest generator, and the most loops that it is written into.
const MOST_STATEMENTS: usize = 30;
const MOST_LOOPS: usize = 3;

/// The most places at which a generator without a loop yields, and the most statements that are
/// written for them in all.
const MOST_YIELDS: usize = 8;
const MOST_COPIED: usize = 12;

/// The method that a loop over an object calls.
pub(super) const ITER: &str = ".__iter__";

/// How deep generators run through others.
const MOST_LAYERS: usize = 3;

/// A generator that yields at one place in a loop, or at some places outside of loops.
#[derive(Clone)]
struct Generator {
    function: Function,
    method: bool,
    /// At how many places it yields.
    yields: usize,
    /// Whether leaving its innermost loop leaves it.
    ends_with_loop: bool,
    /// Whether its innermost loop goes on right behind the `yield`.
    yields_last: bool,
}

/// Rewrites the loops of the module; gives whether there were any.
pub(super) fn inlined(module: &mut Module, next_id: &mut u32) -> bool {
    let mut done = false;
    for _ in 0..MOST_LAYERS {
        if !layer(module, next_id) {
            break;
        }
        done = true;
    }
    done
}

/// The generators that some loops can take in, which are used in other ways as well.
/// `typed`: what runs through an object says so, `path.__iter__()`.
pub(super) fn partly(module: &Module, typed: bool) -> Vec<String> {
    let found = candidates(module, typed);
    let globals = module_bound(module);
    let mut uses = Uses {
        found: &found,
        globals: &globals,
        mentions: BTreeMap::new(),
        loops: BTreeMap::new(),
    };
    uses.module(module);
    let (mentions, loops) = (uses.mentions, uses.loops);
    let some = |key: &&String| {
        let count = loops.get(*key).copied().unwrap_or(0);
        let others = mentions.get(*key) > Some(&count) || *key == ITER;
        (1..=MOST_LOOPS).contains(&count) && others
    };
    found.keys().filter(some).cloned().collect()
}

/// Rewrites the loops that can take in one generator, which stays for its other uses.
pub(super) fn loops_of(module: &mut Module, key: &str, next_id: &mut u32) {
    let globals = module_bound(module);
    let fixed = never_rebound(module);
    let mut found = candidates(module, true);
    found.retain(|k, _| k == key);
    let Some(generator) = found.get(key).cloned() else {
        return;
    };
    let uses = Uses {
        found: &found,
        globals: &globals,
        mentions: BTreeMap::new(),
        loops: BTreeMap::new(),
    };
    let mut rewrite = |function: &mut Function| {
        let names = Names::of(function);
        let mut own = Names::of(function).all();
        rewritten(
            &mut function.body,
            &mut own,
            &mut |stmt, out, taken| match uses.takes_in(&stmt, &names) {
                Some(_) => out.extend(written(stmt, &generator, &fixed, taken, next_id)),
                None => out.push(stmt),
            },
        );
    };
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(f) => rewrite(f),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(f) = &mut inner.kind {
                        rewrite(f);
                    }
                }
            }
            _ => {}
        }
    }
}

fn layer(module: &mut Module, next_id: &mut u32) -> bool {
    let mut found = candidates(module, false);
    if found.is_empty() {
        return false;
    }
    let globals = module_bound(module);
    let fixed = never_rebound(module);
    let mut uses = Uses {
        found: &found,
        globals: &globals,
        mentions: BTreeMap::new(),
        loops: BTreeMap::new(),
    };
    uses.module(module);
    let (mentions, loops) = (uses.mentions, uses.loops);
    found.retain(|key, _| {
        let count = loops.get(key).copied().unwrap_or(0);
        (1..=MOST_LOOPS).contains(&count) && mentions.get(key) == Some(&count)
    });
    if found.is_empty() {
        return false;
    }
    let is_own = |stmt: &Stmt, method: bool| match &stmt.kind {
        StmtKind::Function(f) if method => found.contains_key(&format!(".{}", f.name.name)),
        StmtKind::Function(f) => found.contains_key(&f.name.name),
        _ => false,
    };
    module.body.stmts.retain(|stmt| !is_own(stmt, false));
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            class.body.stmts.retain(|stmt| !is_own(stmt, true));
        }
    }
    let mut taken = BTreeSet::new();
    rewritten(
        &mut module.body,
        &mut taken,
        &mut |stmt, out, taken| match generator_of(&stmt, &found) {
            Some(generator) => {
                let written = written(stmt, generator, &fixed, taken, next_id);
                out.extend(written);
            }
            None => out.push(stmt),
        },
    );
    true
}

/// The generator that a loop runs through.
fn generator_of<'g>(stmt: &Stmt, found: &'g BTreeMap<String, Generator>) -> Option<&'g Generator> {
    match &stmt.kind {
        StmtKind::For { iter, .. } => found.get(&key_of(iter)?),
        _ => None,
    }
}

/// What a call names: a function, or a method of what has a name as `.name`.
fn key_of(call: &Expr) -> Option<String> {
    let ExprKind::Call { func, .. } = &call.kind else {
        return None;
    };
    match &func.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { value, attr } if value.is_path() => Some(format!(".{}", attr.name)),
        _ => None,
    }
}

/// The names of the module that are bound once, and the attributes that only constructors
/// store, as `.name`.
fn never_rebound(module: &Module) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        for name in super::super::callables::top_bound(stmt) {
            *counts.entry(name).or_default() += 1;
        }
    }
    struct Declared(BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Declared {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Global(names) = &stmt.kind {
                self.0.extend(names.iter().cloned());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut declared = Declared(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut declared, &module.body);
    let once = counts.into_iter().filter(|(_, n)| *n == 1);
    let mut fixed: BTreeSet<String> = once
        .map(|(name, _)| name)
        .filter(|name| !declared.0.contains(name))
        .collect();
    let mut stored = Stored {
        here: BTreeSet::new(),
        elsewhere: BTreeSet::new(),
        constructs: false,
    };
    ast::visit::Visitor::visit_block(&mut stored, &module.body);
    let kept = stored.here.difference(&stored.elsewhere);
    fixed.extend(kept.map(|attr| format!(".{attr}")));
    fixed
}

/// The attributes that constructors store, and those that are stored elsewhere.
struct Stored {
    here: BTreeSet<String>,
    elsewhere: BTreeSet<String>,
    constructs: bool,
}

impl Stored {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if n == "self");
                match own && self.constructs {
                    true => self.here.insert(attr.name.clone()),
                    false => self.elsewhere.insert(attr.name.clone()),
                };
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => {}
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Stored {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let within =
                    std::mem::replace(&mut self.constructs, function.name.name == "__init__");
                // A property or a method is none that is stored.
                self.elsewhere.insert(function.name.name.clone());
                ast::visit::walk_stmt(self, stmt);
                self.constructs = within;
                return;
            }
            StmtKind::For { target, .. } => self.target(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.target(t));
            }
            _ => stmt.targets().iter().for_each(|t| self.target(t)),
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        // `setattr(self, "box", other)`
        if let ExprKind::Str(text) = &e.kind {
            self.elsewhere.insert(text.clone());
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Whether a path names the same object as long as its first name is not bound anew.
fn is_fixed(e: &Expr, fixed: &BTreeSet<String>) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, attr } => {
            fixed.contains(&format!(".{}", attr.name)) && is_fixed(value, fixed)
        }
        _ => false,
    }
}

/// The name that a path starts with.
fn root(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value, .. } => root(value),
        _ => None,
    }
}

/// The generators of the module that a loop can take in.
fn candidates(module: &Module, typed: bool) -> BTreeMap<String, Generator> {
    let mut found: BTreeMap<String, Option<Generator>> = BTreeMap::new();
    let mut add = |key: String, generator: Option<Generator>| {
        let again = found.contains_key(&key);
        found.insert(key, generator.filter(|_| !again));
    };
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => add(f.name.name.clone(), generator(f, false)),
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(f) = &inner.kind {
                        let name = &f.name.name;
                        let plain = matches!(f.method_kind(), Ok(MethodKind::Method))
                            && (!name.starts_with("__") || typed && name == "__iter__")
                            && !is_common(name);
                        let own = generator(f, true).filter(|_| plain);
                        add(format!(".{name}"), own);
                    }
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .filter_map(|(key, g)| Some((key, g?)))
        .collect()
}

fn generator(function: &Function, method: bool) -> Option<Generator> {
    let plain =
        |p: &ast::Param| p.kind == ParamKind::Normal && p.default.as_ref().is_none_or(is_literal);
    if !function.decorators.is_empty()
        || function.is_async
        || super::ENTRIES.contains(&function.name.name.as_str())
        || !function.params.list.iter().all(plain)
    {
        return None;
    }
    let mut function = function.clone();
    nested_after_return(&mut function.body);
    let mut shape = Shape::default();
    shape.block(&function.body, true);
    let (Some(depth), false) = (shape.yield_depth, shape.refused) else {
        return None;
    };
    let places = match depth {
        0 => shape.yields <= MOST_YIELDS,
        _ => shape.yields == 1,
    };
    if !places || shape.statements > MOST_STATEMENTS {
        return None;
    }
    let ends = shape.last_is_loop;
    if shape.returns > 0 && !ends {
        return None;
    }
    let mut body = std::mem::take(&mut function.body);
    if shape.returns > 0 {
        leave(&mut body);
    }
    function.body = body;
    Some(Generator {
        function,
        method,
        yields: shape.yields,
        ends_with_loop: ends && depth == 1,
        yields_last: shape.yields_last && depth > 0,
    })
}

/// `if not x: …` for what stands behind `if x: return`.
fn nested_after_return(block: &mut Block) {
    let at = block.stmts.iter().position(|stmt| match &stmt.kind {
        StmtKind::If { body, orelse, .. } => {
            orelse.stmts.is_empty()
                && matches!(body.stmts.as_slice(), [one] if matches!(one.kind, StmtKind::Return(None)))
        }
        _ => false,
    });
    let Some(at) = at else { return };
    let mut rest = Block {
        stmts: block.stmts.split_off(at + 1),
        trailing: std::mem::take(&mut block.trailing),
    };
    if rest.stmts.is_empty() {
        return;
    }
    nested_after_return(&mut rest);
    if let Some(stmt) = block.stmts.last_mut()
        && let StmtKind::If { test, body, .. } = &mut stmt.kind
    {
        let operand = Box::new(test.clone());
        test.kind = ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        };
        *body = rest;
    }
}

/// `break` for the `return` of the last loop.
fn leave(block: &mut Block) {
    let Some(last) = block.stmts.last_mut() else {
        return;
    };
    match &mut last.kind {
        StmtKind::If { body, .. } => leave(body),
        StmtKind::While { body, .. } | StmtKind::For { body, .. } => breaks(body),
        _ => {}
    }
}

fn breaks(block: &mut Block) {
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Return(None) => stmt.kind = StmtKind::Break,
            StmtKind::If { body, orelse, .. } => {
                breaks(body);
                breaks(orelse);
            }
            _ => {}
        }
    }
}

/// Where a generator yields and returns.
#[derive(Default)]
struct Shape {
    depth: usize,
    /// Whether what is looked at stands in the last statement of the function.
    yields: usize,
    yield_depth: Option<usize>,
    yields_last: bool,
    last_is_loop: bool,
    returns: usize,
    statements: usize,
    refused: bool,
}

impl Shape {
    /// `tail`: nothing of the function runs behind the block.
    fn block(&mut self, block: &Block, tail: bool) {
        let count = block.stmts.len();
        for (i, stmt) in block.stmts.iter().enumerate() {
            self.statements += 1;
            let last = i + 1 == count;
            self.stmt(stmt, tail && last, last);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, tail: bool, last: bool) {
        match &stmt.kind {
            StmtKind::Expr(e) => {
                if let ExprKind::Yield(Some(value)) = &e.kind {
                    self.yields += 1;
                    // In a loop there is one place.
                    self.yield_depth = self.yield_depth.max(Some(self.depth));
                    self.yields_last = last;
                    self.expr(value);
                } else {
                    self.expr(e);
                }
            }
            StmtKind::Return(value) => {
                self.returns += 1;
                // Out of an inner loop there is no one way.
                self.refused |= value.is_some() || self.depth != 1;
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test);
                let before = self.yields;
                self.block(body, tail && orelse.stmts.is_empty());
                self.block(orelse, false);
                if self.yields > before {
                    self.yields_last &= last;
                }
            }
            StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => {
                match &stmt.kind {
                    StmtKind::While { test, .. } => self.expr(test),
                    StmtKind::For { iter, is_async, .. } => {
                        self.refused |= *is_async;
                        self.expr(iter);
                    }
                    _ => {}
                }
                self.refused |= !orelse.stmts.is_empty();
                let (yields, returns) = (self.yields, self.returns);
                self.depth += 1;
                self.block(body, false);
                self.depth -= 1;
                if self.depth == 0 && self.yields + self.returns > yields + returns {
                    self.last_is_loop = tail;
                }
            }
            StmtKind::Assign { value, .. }
            | StmtKind::AugAssign { value, .. }
            | StmtKind::AnnAssign {
                value: Some(value), ..
            } => self.expr(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
            StmtKind::Raise { .. } | StmtKind::Assert { .. } => {}
            StmtKind::AnnAssign { value: None, .. }
            | StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Delete(_)
            | StmtKind::With { .. }
            | StmtKind::Try { .. }
            | StmtKind::Match { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Unsupported(_) => self.refused = true,
        }
    }

    fn expr(&mut self, e: &Expr) {
        struct Hidden(bool);
        impl<'ast> ast::visit::Visitor<'ast> for Hidden {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.0 |= matches!(
                    e.kind,
                    ExprKind::Yield(_)
                        | ExprKind::YieldFrom(_)
                        | ExprKind::Await(_)
                        | ExprKind::Lambda { .. }
                );
                ast::visit::walk_expr(self, e);
            }
        }
        let mut hidden = Hidden(false);
        ast::visit::Visitor::visit_expr(&mut hidden, e);
        self.refused |= hidden.0;
    }
}

/// Whether a method is called anywhere.
pub(super) fn is_mentioned(module: &Module, key: &str) -> bool {
    struct Mentioned<'k>(&'k str, bool);
    impl<'ast> ast::visit::Visitor<'ast> for Mentioned<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= matches!(&e.kind, ExprKind::Attribute { attr, .. } if self.0 == attr.name);
            ast::visit::walk_expr(self, e);
        }
    }
    let mut found = Mentioned(key.trim_start_matches('.'), false);
    ast::visit::Visitor::visit_block(&mut found, &module.body);
    found.1
}

/// How generators are used.
struct Uses<'m> {
    found: &'m BTreeMap<String, Generator>,
    globals: &'m BTreeSet<String>,
    mentions: BTreeMap<String, usize>,
    /// The loops that can take each in.
    loops: BTreeMap<String, usize>,
}

impl<'m> Uses<'m> {
    fn module(&mut self, module: &'m Module) {
        ast::visit::Visitor::visit_block(self, &module.body);
        for function in module.body.functions_and_methods() {
            let names = Names::of(function);
            self.block(&function.body, &names);
        }
    }

    fn block(&mut self, block: &Block, names: &Names) {
        for stmt in &block.stmts {
            if let Some(key) = self.takes_in(stmt, names) {
                *self.loops.entry(key).or_default() += 1;
            }
            for inner in ast::branches(stmt) {
                self.block(inner, names);
            }
        }
    }

    /// The generator that a loop can take in.
    fn takes_in(&self, stmt: &Stmt, names: &Names) -> Option<String> {
        let StmtKind::For {
            iter,
            body,
            orelse,
            is_async: false,
            ..
        } = &stmt.kind
        else {
            return None;
        };
        let key = key_of(iter)?;
        let generator = self.found.get(&key)?;
        let fits = orelse.stmts.is_empty()
            && given(iter, generator).is_some()
            && self.fits(generator, body, names);
        fits.then_some(key)
    }

    fn fits(&self, generator: &Generator, body: &Block, names: &Names) -> bool {
        let mut ways = Ways::default();
        ways.block(body);
        let own = Names::of(&generator.function);
        let hidden = own
            .read
            .iter()
            .any(|n| self.globals.contains(n) && !own.binds(n) && names.binds(n));
        !hidden
            && (generator.yields == 1 || generator.yields * length(body) <= MOST_COPIED)
            && (!ways.breaks || generator.ends_with_loop)
            && (!ways.goes_on || generator.yields_last)
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let key = match &e.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Attribute { attr, .. } => Some(format!(".{}", attr.name)),
            _ => None,
        };
        if let Some(key) = key.filter(|k| self.found.contains_key(k)) {
            *self.mentions.entry(key).or_default() += 1;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// How many statements a block holds.
fn length(block: &Block) -> usize {
    let within = |s| ast::branches(s).into_iter().map(length).sum::<usize>();
    block.stmts.iter().map(|s| 1 + within(s)).sum()
}

/// Whether a loop's body leaves the loop, or goes on with it.
#[derive(Default)]
struct Ways {
    breaks: bool,
    goes_on: bool,
}

impl Ways {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Break => self.breaks = true,
                StmtKind::Continue => self.goes_on = true,
                // They are of the loop within, those of its `else` are not.
                StmtKind::While { orelse, .. } | StmtKind::For { orelse, .. } => {
                    self.block(orelse);
                }
                _ => ast::branches(stmt).into_iter().for_each(|b| self.block(b)),
            }
        }
    }
}

/// What each parameter gets.
fn given(call: &Expr, generator: &Generator) -> Option<Vec<(String, Expr)>> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &call.kind
    else {
        return None;
    };
    let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
    if args.iter().any(starred) || keywords.iter().any(|k| k.name.is_none()) {
        return None;
    }
    let mut args = args.iter().cloned();
    let mut used = 0;
    let mut out = Vec::new();
    for (i, param) in generator.function.params.list.iter().enumerate() {
        let name = param.name.name.clone();
        if let (true, 0, ExprKind::Attribute { value, .. }) = (generator.method, i, &func.kind) {
            out.push((name, (**value).clone()));
            continue;
        }
        let by_name = keywords
            .iter()
            .find(|k| k.name.as_ref().is_some_and(|n| n.name == name));
        let value = match (args.next(), by_name) {
            (Some(value), None) => value,
            (None, Some(keyword)) => {
                used += 1;
                keyword.value.clone()
            }
            (None, None) => param.default.clone()?,
            (Some(_), Some(_)) => return None,
        };
        out.push((name, value));
    }
    (args.next().is_none() && used == keywords.len()).then_some(out)
}

/// The generator's statements, with the loop's body where it yields.
fn written(
    mut stmt: Stmt,
    generator: &Generator,
    fixed: &BTreeSet<String>,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) -> Vec<Stmt> {
    let StmtKind::For {
        target, iter, body, ..
    } = &stmt.kind
    else {
        return vec![stmt];
    };
    let Some(given) = given(iter, generator) else {
        return vec![stmt];
    };
    let (target, body, span) = (target.clone(), body.clone(), iter.span);
    let own = Names::of(&generator.function);
    let mut around = Names::default();
    body.stmts.iter().for_each(|s| around.stmt(s));
    around.target(&target);
    let mut renamed: BTreeMap<String, Expr> = BTreeMap::new();
    let mut paths: BTreeMap<String, Expr> = BTreeMap::new();
    let mut out: Vec<Stmt> = Vec::new();
    let mut first = true;
    for (name, value) in given {
        // What nobody binds anew is named as it is.
        let steady = match &value.kind {
            ExprKind::Name(n) => {
                !around.bound.contains_key(n) && (taken.contains(n) || fixed.contains(n))
            }
            ExprKind::Attribute { .. } => {
                let own = |n: &str| {
                    !around.bound.contains_key(n) && (taken.contains(n) || fixed.contains(n))
                };
                is_fixed(&value, fixed) && root(&value).is_some_and(own)
            }
            _ => is_literal(&value),
        };
        if steady && own.bound.get(&name) == Some(&1) {
            // A path may start with a name that the generator has, too.
            if let ExprKind::Attribute { .. } = value.kind {
                let place = format!("<{name}>");
                let mut build = Build { next_id, span };
                renamed.insert(name, build.name(&place));
                paths.insert(place, value);
            } else {
                renamed.insert(name, value);
            }
            continue;
        }
        let mut build = Build { next_id, span };
        let local = free(&name, taken);
        let target = build.name(&local);
        let mut assign = build.assign(target, value);
        assign.span = stmt.span;
        if std::mem::take(&mut first) {
            assign.blank_before = std::mem::take(&mut stmt.blank_before);
            assign.comments = std::mem::take(&mut stmt.comments);
        }
        out.push(assign);
        renamed.insert(name, build.name(&local));
    }
    for name in own.bound.keys() {
        if !renamed.contains_key(name) {
            let local = free(name, taken);
            let mut build = Build { next_id, span };
            renamed.insert(name.clone(), build.name(&local));
        }
    }
    let mut block = generator.function.body.clone();
    block
        .stmts
        .iter_mut()
        .for_each(|s| copies::stmt(s, next_id));
    ast::rewrite::block(&mut block, &mut |e| match &mut e.kind {
        ExprKind::Name(name) => {
            if let Some(value) = renamed.get(name) {
                let mut value = value.clone();
                // A literal is written as it stands where it is given.
                if matches!(value.kind, ExprKind::Name(_)) {
                    value.span = e.span;
                }
                copies::expr(&mut value, next_id);
                *e = value;
            }
        }
        ExprKind::Named { target, .. } => {
            if let Some(ExprKind::Name(name)) = renamed.get(&target.name).map(|v| &v.kind) {
                target.name.clone_from(name);
            }
        }
        _ => {}
    });
    if !paths.is_empty() {
        ast::rewrite::block(&mut block, &mut |e| {
            if let ExprKind::Name(name) = &e.kind
                && let Some(path) = paths.get(name)
            {
                let span = e.span;
                *e = path.clone();
                e.span = span;
                copies::expr(e, next_id);
            }
        });
    }
    place(&mut block, &target, &body, next_id);
    if first && let Some(begin) = block.stmts.first_mut() {
        begin.blank_before = stmt.blank_before;
        begin.comments = std::mem::take(&mut stmt.comments);
    }
    out.extend(block.stmts);
    out
}

/// `target = value` and the body, for `yield value`.
fn place(block: &mut Block, target: &Expr, body: &Block, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        let yielded = match &mut stmt.kind {
            StmtKind::Expr(e) => match &mut e.kind {
                ExprKind::Yield(value) => value.take(),
                _ => None,
            },
            _ => None,
        };
        if let Some(value) = yielded {
            let span = value.span;
            let mut target = target.clone();
            copies::expr(&mut target, next_id);
            let mut build = Build { next_id, span };
            out.push(build.assign(target, *value));
            let mut body = body.clone();
            copies::block(&mut body, next_id);
            out.extend(body.stmts);
            continue;
        }
        for inner in ast::branches_mut(&mut stmt) {
            place(inner, target, body, next_id);
        }
        out.push(stmt);
    }
    block.stmts = out;
}
