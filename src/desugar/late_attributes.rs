//! Attributes that `__init__` does not set, but another method: `self.start` of `initialize()`.
//!
//! Enters: the module, inheritance written out. Leaves: the same module, where such an attribute
//! is None until it is set, the class says so, and a method that reads it asks first: `if
//! self.start is None: raise AttributeError(…)`. That stands before the statement, where nothing
//! that the statement does before it reads can be told; any other read stays, and is refused
//! later. This module must not know types.

use super::build::Build;
use super::named_attributes::{from_the_start, start_with};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, BinaryOp, Block, Class, CompareOp, Expr, ExprKind, FStringPart, Function, MethodKind,
    Module, Stmt, StmtKind,
};
use std::collections::BTreeSet;

/// Rewrites the module.
pub(super) fn late_attributes(module: &mut Module, next_id: &mut u32) {
    let deleted = Deletes::any(module);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && class.made.is_none()
            && class.late.is_empty()
            && !deleted
        {
            in_class(class, next_id);
        }
    }
}

/// Whether an attribute is deleted anywhere.
struct Deletes(bool);

impl Deletes {
    fn any(module: &Module) -> bool {
        let mut found = Deletes(false);
        found.visit_block(&module.body);
        found.0
    }
}

impl<'ast> Visitor<'ast> for Deletes {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Delete(targets) = &stmt.kind {
            let attribute = |t: &Expr| matches!(t.kind, ExprKind::Attribute { .. });
            self.0 |= targets.iter().any(attribute);
        }
        visit::walk_stmt(self, stmt);
    }
}

/// What a method sets of its object, and which methods of it are called.
struct Sets<'s> {
    this: &'s str,
    set: BTreeSet<String>,
    called: BTreeSet<String>,
    /// Whether the object is named as a whole.
    whole: bool,
}

impl Sets<'_> {
    fn of(function: &Function) -> Option<Sets<'_>> {
        let this = &function.params.list.first()?.name.name;
        let mut sets = Sets {
            this,
            set: BTreeSet::new(),
            called: BTreeSet::new(),
            whole: false,
        };
        sets.visit_block(&function.body);
        Some(sets)
    }
}

impl<'ast> Visitor<'ast> for Sets<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let mut targets: Vec<&Expr> = Vec::new();
        match &stmt.kind {
            StmtKind::AugAssign { target, .. }
            | StmtKind::For { target, .. }
            | StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => targets.push(target),
            StmtKind::With { items, .. } => {
                targets.extend(items.iter().filter_map(|(_, t)| t.as_ref()))
            }
            _ => stmt
                .targets()
                .iter()
                .for_each(|t| ast::leaves(t, &mut targets)),
        }
        for target in targets {
            if let Some(attr) = own_attribute(target, self.this) {
                self.set.insert(attr.to_string());
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { value, attr } if matches!(&value.kind, ExprKind::Name(n) if n == self.this) =>
            {
                // A method that is called, or handed on.
                self.called.insert(attr.name.clone());
            }
            ExprKind::Name(name) => self.whole |= name == self.this,
            _ => visit::walk_expr(self, e),
        }
    }
}

/// `self.attr`
fn own_attribute<'e>(e: &'e Expr, this: &str) -> Option<&'e str> {
    match &e.kind {
        ExprKind::Attribute { value, attr } => {
            matches!(&value.kind, ExprKind::Name(n) if n == this).then_some(attr.name.as_str())
        }
        _ => None,
    }
}

fn is_method(function: &Function) -> bool {
    matches!(
        function.method_kind(),
        Ok(MethodKind::Method | MethodKind::Property | MethodKind::Setter)
    )
}

fn in_class(class: &mut Class, next_id: &mut u32) {
    let later = later(class);
    if later.is_empty() {
        return;
    }
    let name = class.name.name.clone();
    for stmt in &mut class.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind
            && is_method(function)
            && function.name.name != "__init__"
            && let Some(this) = function.params.list.first().map(|p| p.name.name.clone())
        {
            let mut guards = Guards {
                class: &name,
                this: &this,
                later: &later,
                next_id,
            };
            guards.block(&mut function.body, &BTreeSet::new());
        }
    }
    let mut build = Build {
        next_id,
        span: class.name.span,
    };
    let mut first = Vec::new();
    for name in &later {
        let target = build.of("self", name);
        let none = build.expr(ExprKind::None);
        first.push((name.clone(), target, none));
    }
    start_with(class, first, &mut build);
    class.late = later.into_iter().collect();
}

/// The attributes that a class has only after a method that its `__init__` does not call.
fn later(class: &Class) -> BTreeSet<String> {
    let start = from_the_start(class);
    let functions: Vec<&Function> = class.body.functions().filter(|f| is_method(f)).collect();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut open = vec!["__init__".to_string()];
    let mut during: BTreeSet<String> = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        for function in functions.iter().filter(|f| f.name.name == name) {
            let Some(sets) = Sets::of(function) else {
                continue;
            };
            // Who is given the object may set anything.
            if sets.whole && name == "__init__" {
                return BTreeSet::new();
            }
            during.extend(sets.set);
            open.extend(sets.called);
        }
    }
    let mut later = BTreeSet::new();
    for function in &functions {
        if let Some(sets) = Sets::of(function) {
            later.extend(sets.set);
        }
    }
    let is_named = |name: &String| class.body.functions().any(|f| f.name.name == *name);
    later.retain(|name| !start.contains(name) && !during.contains(name) && !is_named(name));
    later
}

/// Asks before what reads such an attribute.
struct Guards<'g> {
    class: &'g str,
    this: &'g str,
    later: &'g BTreeSet<String>,
    next_id: &'g mut u32,
}

impl Guards<'_> {
    fn block(&mut self, block: &mut Block, known: &BTreeSet<String>) {
        let mut known = known.clone();
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            let mut scan = Scan {
                this: self.this,
                later: self.later,
                reads: Vec::new(),
                clean: true,
                calls: false,
            };
            scan.stmt(&stmt);
            let (reads, calls) = (scan.reads, scan.calls);
            let mut first = true;
            for attr in reads {
                if known.insert(attr.clone()) {
                    let mut guard = self.guard(&attr, &stmt);
                    if std::mem::take(&mut first) {
                        guard.comments = std::mem::take(&mut stmt.comments);
                        guard.blank_before = std::mem::take(&mut stmt.blank_before);
                    }
                    out.push(guard);
                }
            }
            if calls {
                known.clear();
            }
            for target in stmt.targets() {
                if let Some(attr) = own_attribute(target, self.this) {
                    known.insert(attr.to_string());
                }
            }
            let in_loop = matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. });
            for inner in ast::branches_mut(&mut stmt) {
                let inside = match in_loop {
                    true => BTreeSet::new(),
                    false => known.clone(),
                };
                self.block(inner, &inside);
            }
            if !ast::branches(&stmt).is_empty() {
                known.clear();
            }
            out.push(stmt);
        }
        block.stmts = out;
    }

    /// `if self.start is None: raise AttributeError(…)`
    fn guard(&mut self, attr: &str, stmt: &Stmt) -> Stmt {
        let mut build = Build {
            next_id: self.next_id,
            span: stmt.span,
        };
        let read = build.of(self.this, attr);
        let none = build.expr(ExprKind::None);
        let test = build.compare(read, CompareOp::Is, none);
        let text = format!("'{}' object has no attribute '{attr}'", self.class);
        let text = build.expr(ExprKind::Str(text));
        let error = build.name("AttributeError");
        let error = build.call(error, vec![text]);
        let raise = build.stmt(StmtKind::Raise {
            exc: Some(error),
            cause: None,
        });
        build.stmt(StmtKind::If {
            test,
            body: Block {
                stmts: vec![raise],
                trailing: Vec::new(),
            },
            orelse: Block::default(),
        })
    }
}

/// The reads that a statement begins with, in the order of evaluation.
struct Scan<'s> {
    this: &'s str,
    later: &'s BTreeSet<String>,
    reads: Vec<String>,
    /// Whether nothing was done yet that anyone could tell.
    clean: bool,
    /// Whether something is called, which may set the attributes anew.
    calls: bool,
}

impl Scan<'_> {
    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Return(value) => value.iter().for_each(|v| self.expr(v)),
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.expr(value);
                self.target(target);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
            }
            StmtKind::If { test, .. } | StmtKind::Assert { test, .. } => self.expr(test),
            StmtKind::For { iter, .. } => self.expr(iter),
            StmtKind::Match { subject, .. } => self.expr(subject),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Raise { exc, .. } => exc.iter().for_each(|e| self.expr(e)),
            _ => {}
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(_) => {}
            ExprKind::Attribute { value, .. } => self.expr(value),
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
            }
            _ => self.clean = false,
        }
    }

    fn expr(&mut self, e: &Expr) {
        if let Some(attr) = own_attribute(e, self.this) {
            if self.clean && self.later.contains(attr) && !self.reads.iter().any(|r| r == attr) {
                self.reads.push(attr.to_string());
            }
            return;
        }
        match &e.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Starred(value) => self.expr(value),
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, op, right } => {
                self.expr(left);
                self.expr(right);
                // Only these raise nothing of numbers.
                self.clean &= matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul);
            }
            ExprKind::Compare { left, rest, .. } => {
                self.expr(left);
                if let Some(second) = rest.first() {
                    self.expr(second);
                }
                self.clean &= rest.len() < 2;
            }
            ExprKind::Logical { values, .. } => {
                if let Some(first) = values.first() {
                    self.expr(first);
                }
                self.later_calls(e);
            }
            ExprKind::Conditional { test, .. } => {
                self.expr(test);
                self.later_calls(e);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                match &func.kind {
                    ExprKind::Name(_) => {}
                    ExprKind::Attribute { value, .. }
                        if own_attribute(func, self.this).is_some() =>
                    {
                        let _ = value;
                    }
                    _ => self.expr(func),
                }
                args.iter().for_each(|a| self.expr(a));
                keywords.iter().for_each(|k| self.expr(&k.value));
                // `abs`, `len` and their kin are told by nobody.
                let plain = matches!(&func.kind, ExprKind::Name(n)
                    if matches!(n.as_str(), "abs" | "len" | "min" | "max" | "round" | "float"));
                self.clean &= plain;
                self.calls |= !plain;
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
                self.clean = false;
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.expr(i));
            }
            ExprKind::Dict(entries) => {
                for (key, value) in entries {
                    key.iter().for_each(|k| self.expr(k));
                    self.expr(value);
                }
            }
            ExprKind::FString(parts) => {
                for part in parts {
                    if let FStringPart::Value { value, .. } = part {
                        self.expr(value);
                    }
                }
            }
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Name(_) => {}
            _ => self.later_calls(e),
        }
    }

    /// What is evaluated here or not at all.
    fn later_calls(&mut self, e: &Expr) {
        struct Calls(bool);
        impl<'ast> Visitor<'ast> for Calls {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.0 |= matches!(e.kind, ExprKind::Call { .. });
                visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(false);
        calls.visit_expr(e);
        self.calls |= calls.0;
        self.clean = false;
    }
}
