//! Defaults that are not the same at every call: Python computes each once, where the function
//! is defined.
//!
//! Enters: the module. Leaves: the same module, in which such a default is a variable of the
//! module, set where the function or the class is: one object for all calls, where it is one
//! that may be changed. A default that nothing can change stays where it is. This module must
//! not know types.

use super::callables::module_bound;
use super::class_state::CHANGING;
use super::closures::statement;
use super::inherit::name_at;
use super::keywords::is_literal;
use super::only_read::only_read;
use crate::ast::visit::{self, Visitor};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Gives the defaults that may change variables of their own.
pub(super) fn defaults(module: &mut Module, next_id: &mut u32) {
    let mut changes = Changes::default();
    changes.visit_block(&module.body);
    let mut made = Made {
        taken: module_bound(module),
        changes,
        before: Vec::new(),
        next_id,
    };
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        match &mut stmt.kind {
            StmtKind::Function(function) => made.function("", function),
            StmtKind::Class(class) => {
                let prefix = format!("{}_", class.name.name.to_lowercase());
                let dataclass = super::is_dataclass(class);
                for stmt in &mut class.body.stmts {
                    match &mut stmt.kind {
                        StmtKind::Function(method) => made.function(&prefix, method),
                        StmtKind::AnnAssign {
                            target,
                            value: Some(value),
                            ..
                        } if dataclass => {
                            if let ExprKind::Name(name) = &target.kind {
                                made.field(&format!("{prefix}{name}"), value);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        out.append(&mut made.before);
        out.push(stmt);
    }
    module.body.stmts = out;
}

struct Made<'n> {
    taken: BTreeSet<String>,
    changes: Changes,
    /// What stands before the statement that is looked at.
    before: Vec<Stmt>,
    next_id: &'n mut u32,
}

impl Made<'_> {
    fn function(&mut self, prefix: &str, function: &mut Function) {
        let of = function.name.name.trim_matches('_').to_string();
        let read: Vec<bool> = (function.params.list.iter())
            .map(|p| p.default.as_ref().is_some_and(is_flat) && only_read(function, &p.name.name))
            .collect();
        for (param, read) in function.params.list.iter_mut().zip(read) {
            if let Some(default) = &mut param.default
                && (self.changes.may_change(default, false) || !read && self.changes.makes(default))
            {
                self.variable(&format!("{prefix}{of}_{}", param.name.name), default);
            }
        }
    }

    /// The first value of a dataclass's field, which cannot be a list.
    fn field(&mut self, name: &str, default: &mut Expr) {
        if self.changes.may_change(default, false) {
            self.variable(name, default);
        }
    }

    fn variable(&mut self, name: &str, default: &mut Expr) {
        let mut name = name.to_string();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        let span = default.span;
        let value = std::mem::replace(default, name_at(span, &name, self.next_id));
        let target = name_at(span, &name, self.next_id);
        let kind = StmtKind::Assign {
            targets: vec![target],
            value,
        };
        self.before.push(statement(kind, span, self.next_id));
    }
}

/// What an object of a class of the module may have.
#[derive(Default)]
struct ClassParts {
    attributes: BTreeSet<String>,
    /// Every name that the class has, those of other classes among them.
    names: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for ClassParts {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { attr, .. } => drop(self.attributes.insert(attr.name.clone())),
            ExprKind::Name(name) => drop(self.names.insert(name.clone())),
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Whether an expression makes a list, dict or set whenever it is computed.
pub(super) fn makes_container(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) => true,
        ExprKind::Comprehension { kind, .. } => *kind != ComprehensionKind::Generator,
        ExprKind::Binary { left, right, .. } => makes_container(left) || makes_container(right),
        ExprKind::Call { func, .. } => {
            let name = match &func.kind {
                ExprKind::Name(name) => name,
                ExprKind::Attribute { attr, .. } => &attr.name,
                _ => return false,
            };
            CONTAINERS.contains(&name.as_str())
        }
        _ => false,
    }
}

/// Whether what an expression makes holds nothing that can be changed.
fn is_flat(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(items) | ExprKind::Set(items) => items.iter().all(is_literal),
        ExprKind::Dict(items) => items
            .iter()
            .all(|(key, value)| key.as_ref().is_some_and(is_literal) && is_literal(value)),
        ExprKind::Call { args, keywords, .. } => {
            args.is_empty() && keywords.is_empty() && makes_container(e)
        }
        _ => false,
    }
}

const CONTAINERS: [&str; 8] = [
    "Counter",
    "OrderedDict",
    "bytearray",
    "defaultdict",
    "deque",
    "dict",
    "list",
    "set",
];

/// What the module changes, by name.
#[derive(Default)]
struct Changes {
    functions: BTreeSet<String>,
    /// Names that are bound again.
    bound: BTreeSet<String>,
    once: BTreeSet<String>,
    /// Names of what is changed where it lies.
    within: BTreeSet<String>,
    /// Attributes that are written outside constructors.
    attributes: BTreeSet<String>,
    classes: BTreeMap<String, ClassParts>,
    in_function: usize,
    constructs: bool,
}

impl Changes {
    /// Whether a default may have another value later; `part`: or hold another.
    fn may_change(&self, e: &Expr, part: bool) -> bool {
        match &e.kind {
            ExprKind::Name(name) => {
                self.bound.contains(name) || (part && self.within.contains(name))
            }
            ExprKind::Attribute { value, attr } => {
                self.attributes.contains(&attr.name) || self.may_change(value, true)
            }
            ExprKind::Lambda { .. } => false,
            ExprKind::Call { func, .. } => {
                let own = matches!(&func.kind, ExprKind::Name(n) if self.functions.contains(n));
                own || self.any_part(e)
            }
            _ => self.any_part(e),
        }
    }

    /// Whether a default makes an object that somebody may change.
    fn makes(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Call { func, .. } if !makes_container(e) => {
                matches!(&func.kind, ExprKind::Name(name) if self.changes_objects(name))
            }
            _ => makes_container(e),
        }
    }

    /// Whether objects of a class, or of one that it names, are changed after they were made.
    fn changes_objects(&self, class: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![class];
        while let Some(name) = open.pop() {
            let Some(parts) = self.classes.get(name) else {
                continue;
            };
            if !parts.attributes.is_disjoint(&self.attributes) {
                return true;
            }
            if seen.insert(name) {
                open.extend(parts.names.iter().map(String::as_str));
            }
        }
        false
    }

    fn any_part(&self, e: &Expr) -> bool {
        struct Parts<'c>(&'c Changes, bool);
        impl<'ast> Visitor<'ast> for Parts<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.1 |= self.0.may_change(e, true);
            }
        }
        let mut parts = Parts(self, false);
        visit::walk_expr(&mut parts, e);
        parts.1
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Name(name) if self.in_function == 0 && !self.once.insert(name.clone()) => {
                self.bound.insert(name.clone());
            }
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if n == "self");
                if !(own && self.constructs) {
                    self.attributes.insert(attr.name.clone());
                }
            }
            ExprKind::Subscript { value, .. } => self.changed(value),
            _ => {}
        }
    }

    fn changed(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.within.insert(name.clone());
            }
            ExprKind::Attribute { value, attr } => {
                self.attributes.insert(attr.name.clone());
                self.changed(value);
            }
            ExprKind::Subscript { value, .. } => self.changed(value),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Changes {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::AugAssign { target, .. } => {
                self.target(target);
                self.target(target);
            }
            StmtKind::Global(names) => self.bound.extend(names.iter().cloned()),
            StmtKind::Function(function) => {
                if self.in_function == 0 {
                    self.functions.insert(function.name.name.clone());
                }
                let outer =
                    std::mem::replace(&mut self.constructs, function.name.name == "__init__");
                self.in_function += 1;
                visit::walk_stmt(self, stmt);
                self.in_function -= 1;
                self.constructs = outer;
                return;
            }
            StmtKind::Class(class) => {
                let mut parts = ClassParts::default();
                visit::walk_stmt(&mut parts, stmt);
                // Fields of a dataclass are names in its body.
                parts.attributes.extend(parts.names.iter().cloned());
                self.classes.insert(class.name.name.clone(), parts);
                // What a class binds is its own.
                self.in_function += 1;
                visit::walk_stmt(self, stmt);
                self.in_function -= 1;
                return;
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && CHANGING.contains(&attr.name.as_str())
        {
            self.changed(value);
        }
        visit::walk_expr(self, e);
    }
}
