//! `itertools`: what its functions give, where it is run through at once.
//!
//! Enters: the module. Leaves: the same module, where `pairwise(xs)` in a loop or in `list(…)`
//! is `zip(xs, xs[1:])`, a loop over `product(a, b)` is one within the other, and
//! `accumulate(xs)` calls a function with a loop in it. What they give is computed one by one
//! in Python, so that is done only where the body of a loop leaves alone what is run through.
//! What is not sure stays, and is refused later. This module must not know types.

mod kept;
mod lists;
mod loops;
mod still;

use super::callables::{full_name, imports, module_bound};
use super::names::Names;
use super::written;
use crate::ast::visit::Visitor;
use crate::ast::{self, Block, CompareOp, Expr, ExprKind, Keyword, Module, Stmt, StmtKind};
use crate::source::Span;
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};
use still::Still;

/// The functions as the Python that they are.
const LIBRARY: &str = include_str!("../../templates/library/itertools.py");

/// What takes all that it is given, one after the other.
const TAKERS: [&str; 17] = [
    "all",
    "any",
    "collections.Counter",
    "collections.deque",
    "dict",
    "enumerate",
    "filter",
    "frozenset",
    "list",
    "map",
    "max",
    "min",
    "set",
    "sorted",
    "sum",
    "tuple",
    "zip",
];

/// Methods that take all that they are given.
const TAKING: [&str; 4] = ["extend", "extendleft", "join", "update"];

/// Rewrites the module.
pub(super) fn itertools(module: &mut Module, next_id: &mut u32) {
    let imports = imports(module);
    let named = |of: &String| of.split('.').next() == Some("itertools");
    if imports.values().any(named) {
        counted(module, &imports);
    }
    let still = Still::of(module);
    let kept = Kept::of(module, &imports, &still);
    if imports.values().any(named) || !kept.is_empty() {
        let mut work = Work {
            still,
            kept,
            taken: everywhere(module),
            imports,
            locals: Vec::new(),
            wanted: BTreeMap::new(),
            next_id: &mut *next_id,
        };
        work.block(&mut module.body, None);
        work.of_module(&mut module.body);
        let wanted = work.wanted;
        defined(module, &wanted, next_id);
    }
}

/// The number for a constant of the module that says how many are chosen: `repeat=HORIZON`.
fn counted(module: &mut Module, imports: &BTreeMap<String, String>) {
    let mut names = Names::default();
    names.visit_block(&module.body);
    let mut others = Bound(BTreeSet::new());
    others.visit_block(&module.body);
    let mut ints = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let ([target], ExprKind::Int(_)) = (targets.as_slice(), &value.kind)
            && let ExprKind::Name(name) = &target.kind
            && names.bound.get(name) == Some(&1)
            && !others.0.contains(name)
        {
            ints.insert(name.clone(), value.kind.clone());
        }
    }
    let known = |e: &mut Expr| {
        if let ExprKind::Name(name) = &e.kind
            && let Some(int) = ints.get(name)
        {
            e.kind = int.clone();
        }
    };
    for stmt in &mut module.body.stmts {
        ast::rewrite::stmt(stmt, &mut |e| {
            let ExprKind::Call {
                func,
                args,
                keywords,
            } = &mut e.kind
            else {
                return;
            };
            match full_name(func, imports).as_str() {
                "itertools.product" => keywords.iter_mut().for_each(|k| known(&mut k.value)),
                "itertools.combinations" | "itertools.permutations" => {
                    args.iter_mut().skip(1).for_each(known);
                }
                _ => {}
            }
        });
    }
}

/// The names that functions and comprehensions bind.
struct Bound(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Bound {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            self.0.extend(Names::of(function).bound.into_keys());
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_param(&mut self, param: &'ast ast::Param) {
        self.0.insert(param.name.name.clone());
        ast::visit::walk_param(self, param);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Comprehension { clauses, .. } = &e.kind {
            let mut names = Names::default();
            clauses.iter().for_each(|c| names.target(&c.target));
            self.0.extend(names.bound.into_keys());
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Puts the definitions that are wanted before what names them.
fn defined(module: &mut Module, wanted: &BTreeMap<String, (String, Span)>, next_id: &mut u32) {
    for (name, (called, at)) in wanted {
        let all = written::statements(LIBRARY, &[], *at, next_id);
        let mut own = all.into_iter().find(|s| name_of(s) == Some(name));
        if let Some(stmt) = &mut own {
            rename(stmt, called);
            stmt.blank_before = true;
        }
        // Where it is used first, as far as the level of the module goes.
        let first = module.body.stmts.iter().position(|s| {
            !matches!(
                s.kind,
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Expr(_)
            )
        });
        let first = first.unwrap_or(module.body.stmts.len());
        module.body.stmts.splice(first..first, own);
    }
}

/// All names of the module and of its functions.
fn everywhere(module: &Module) -> BTreeSet<String> {
    struct All(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for All {
        fn visit_param(&mut self, param: &'ast ast::Param) {
            self.0.insert(param.name.name.clone());
            ast::visit::walk_param(self, param);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                self.0.insert(name.clone());
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut all = All(module_bound(module));
    all.visit_block(&module.body);
    all.0
}

fn name_of(stmt: &Stmt) -> Option<&String> {
    match &stmt.kind {
        StmtKind::Function(function) => Some(&function.name.name),
        StmtKind::Class(class) => Some(&class.name.name),
        _ => None,
    }
}

fn rename(stmt: &mut Stmt, name: &str) {
    match &mut stmt.kind {
        StmtKind::Function(function) => function.name.name = name.to_string(),
        StmtKind::Class(class) => class.name.name = name.to_string(),
        _ => {}
    }
}

struct Work<'m> {
    imports: BTreeMap<String, String>,
    still: Still,
    /// The iterators that are kept.
    kept: Kept,
    /// The names of the module.
    taken: BTreeSet<String>,
    /// The names of the functions around.
    locals: Vec<Names>,
    /// The definitions that are needed, with what they are called and where first.
    wanted: BTreeMap<String, (String, Span)>,
    next_id: &'m mut u32,
}

impl Work<'_> {
    /// `within`: the function that the block is of.
    fn block(&mut self, block: &mut Block, within: Option<&Block>) {
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            if let StmtKind::Function(function) = &mut stmt.kind {
                self.locals.push(Names::of(function));
                let whole = function.body.clone();
                self.block(&mut function.body, Some(&whole));
                self.locals.pop();
            } else {
                for inner in ast::blocks_mut(&mut stmt) {
                    self.block(inner, within);
                }
            }
            self.own_expressions(&mut stmt);
            if let Some(stmts) = self.counted(&mut stmt) {
                out.extend(stmts);
                continue;
            }
            match self.looped(&mut stmt, within) {
                Some(stmts) => out.extend(stmts),
                None => out.push(stmt),
            }
        }
        block.stmts = out;
    }

    /// The expressions of a statement that stand in no statement within it.
    fn own_expressions(&mut self, stmt: &mut Stmt) {
        if let StmtKind::For { iter, body, .. } = &stmt.kind
            && !self.still.block_leaves(body, iter)
        {
            return;
        }
        let mut blocks = Vec::new();
        for inner in ast::blocks_mut(stmt) {
            blocks.push(std::mem::take(inner));
        }
        ast::rewrite::roots(stmt, &mut |e| self.expr(e));
        for (inner, block) in ast::blocks_mut(stmt).into_iter().zip(blocks) {
            *inner = block;
        }
    }

    /// The function of `itertools` that a call names, with its arguments.
    fn call<'e>(&self, e: &'e Expr) -> Option<(String, &'e [Expr], &'e [Keyword])> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return None;
        };
        let full = self.full(func);
        let name = full.strip_prefix("itertools.")?;
        Some((name.to_string(), args, keywords))
    }

    /// The full name of what is called, where no function around calls something else that.
    fn full(&self, func: &Expr) -> String {
        let mut root = func;
        while let ExprKind::Attribute { value, .. } = &root.kind {
            root = value;
        }
        match &root.kind {
            ExprKind::Name(name) if self.locals.iter().any(|l| l.binds(name)) => String::new(),
            _ => full_name(func, &self.imports),
        }
    }

    /// The name of a definition of the library.
    fn wanted(&mut self, name: &str, at: Span) -> String {
        if let Some((called, _)) = self.wanted.get(name) {
            return called.clone();
        }
        let called = super::names::free(name, &mut self.taken);
        self.wanted.insert(name.to_string(), (called.clone(), at));
        called
    }

    /// A piece of Python.
    fn written(&mut self, text: &str, holes: &written::Holes<'_>, at: Span) -> Option<Expr> {
        written::expression(text, holes, at, self.next_id)
    }

    fn expr(&mut self, e: &mut Expr) {
        ast::rewrite::children(e, &mut |child| self.expr(child));
        if let Some(made) = self.numbered(e).or_else(|| self.kept(e)) {
            *e = made;
            return;
        }
        match &mut e.kind {
            ExprKind::Call { func, args, .. } => {
                let full = self.full(func);
                let takes = TAKERS.contains(&full.as_str())
                    || matches!(&func.kind, ExprKind::Attribute { attr, .. } if TAKING.contains(&attr.name.as_str()));
                if takes {
                    let runs = matches!(full.as_str(), "list" | "enumerate");
                    args.iter_mut().for_each(|arg| self.items(arg, runs));
                }
            }
            ExprKind::Compare { ops, rest, .. } => {
                for (op, right) in ops.iter().zip(rest) {
                    if matches!(op, CompareOp::In | CompareOp::NotIn) {
                        self.items(right, false);
                    }
                }
            }
            ExprKind::Starred(inner) => self.items(inner, false),
            ExprKind::Comprehension {
                clauses,
                element,
                value,
                ..
            } => {
                let parts = std::iter::once(&**element).chain(value.as_deref());
                let parts: Vec<Expr> = parts.cloned().collect();
                let mut out = Vec::new();
                for mut clause in std::mem::take(clauses) {
                    let still = parts.iter().all(|p| self.still.leaves(p, &clause.iter));
                    if still {
                        self.groups(&clause.target, &mut clause.iter, &|uses| {
                            parts.iter().for_each(|p| uses.visit_expr(p));
                        });
                    }
                    match self.clauses(&clause).filter(|_| still) {
                        Some(several) => out.extend(several),
                        None => {
                            if still {
                                self.items(&mut clause.iter, true);
                            }
                            out.push(clause);
                        }
                    }
                }
                *clauses = out;
            }
            _ => {}
        }
    }

    /// Makes a list, or what is run through like one, of a call of `itertools`.
    fn items(&mut self, e: &mut Expr, runs: bool) {
        if let Some(list) = self.list_of(e, runs) {
            *e = list;
        }
    }
}
