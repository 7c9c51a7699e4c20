//! What functions put in the place of something else.
//!
//! Enters: the functions of a module. Leaves: for each name under which one may be called,
//! the attributes and module variables that then may hold another object. By name alone:
//! which object an attribute belongs to is not asked. This module must not know types.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Methods of containers that put other objects where some lay.
pub(super) const REPLACING: [&str; 12] = [
    "reverse",
    "sort",
    "insert",
    "pop",
    "popitem",
    "popleft",
    "appendleft",
    "remove",
    "clear",
    "update",
    "rotate",
    "extendleft",
];

/// The names that a call may bind again.
#[derive(Debug, Default)]
pub(crate) struct Rebinds {
    of: BTreeMap<String, BTreeSet<String>>,
}

impl Rebinds {
    /// By the functions of a module: `f`, `Class.method`.
    pub(crate) fn of(functions: &BTreeMap<String, &Function>) -> Self {
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut mentions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (key, function) in functions {
            let name = called_as(key);
            let mut search = Search {
                own: (name == "__init__")
                    .then(|| function.params.list.first())
                    .flatten()
                    .map(|p| p.name.name.as_str()),
                bound: of.entry(name.clone()).or_default(),
                mentioned: mentions.entry(name).or_default(),
            };
            search.visit_block(&function.body);
        }
        // Who makes an instance runs its constructor.
        for key in functions.keys() {
            if let Some(class) = key.strip_suffix(".__init__") {
                let made = mentions.entry(class.to_string()).or_default();
                made.insert("__init__".to_string());
                of.entry(class.to_string()).or_default();
            }
        }
        spread(&mut of, &mentions);
        Self { of }
    }

    /// Whether a mention of `name`, which may be a call, may bind one of these again, or an
    /// element of what one of those holds.
    pub(super) fn any(&self, name: &str, names: &BTreeSet<&str>, holders: &BTreeSet<&str>) -> bool {
        let Some(bound) = self.of.get(name) else {
            return false;
        };
        names.iter().any(|n| bound.contains(*n))
            || holders.iter().any(|n| bound.contains(&element_of(n)))
    }

    /// Whether a mention of `name`, which may be a call, may put other objects into a container
    /// that it gets.
    pub(super) fn moves_elements(&self, name: &str) -> bool {
        let bound = self.of.get(name);
        bound.is_some_and(|bound| bound.contains(&element_of("")))
    }

    /// Whether a block, or what it may call, may bind one of these again.
    pub(crate) fn within(&self, block: &Block, names: &BTreeSet<&str>) -> bool {
        let (mut bound, mut mentioned) = (BTreeSet::new(), BTreeSet::new());
        let mut search = Search {
            own: None,
            bound: &mut bound,
            mentioned: &mut mentioned,
        };
        search.visit_block(block);
        // Operators call methods that nobody names.
        let operators = self.of.keys().filter(|name| name.starts_with("__"));
        let operators = operators.filter(|name| *name != "__init__");
        let mut called = mentioned.iter().chain(operators);
        names.iter().any(|name| bound.contains(*name))
            || called.any(|name| self.any(name, names, &BTreeSet::new()))
    }
}

/// What stands for the elements of an attribute.
fn element_of(attr: &str) -> String {
    format!("{attr}[]")
}

/// Adds to what each name does by itself what the names that it mentions do.
pub(crate) fn spread<T: Ord + Clone>(
    of: &mut BTreeMap<String, BTreeSet<T>>,
    mentions: &BTreeMap<String, BTreeSet<String>>,
) {
    loop {
        let mut more: Vec<(String, T)> = Vec::new();
        for (name, called) in mentions {
            let reached = called.iter().filter_map(|c| of.get(c)).flatten();
            let known = of.get(name);
            let new = reached.filter(|b| !known.is_some_and(|k| k.contains(*b)));
            more.extend(new.map(|b| (name.clone(), b.clone())));
        }
        if more.is_empty() {
            return;
        }
        for (name, effect) in more {
            of.entry(name).or_default().insert(effect);
        }
    }
}

/// The name under which a function is mentioned.
pub(crate) fn called_as(key: &str) -> String {
    key.rsplit('.').next().unwrap_or(key).to_string()
}

struct Search<'s> {
    /// The object that is under construction.
    own: Option<&'s str>,
    bound: &'s mut BTreeSet<String>,
    mentioned: &'s mut BTreeSet<String>,
}

impl Search<'_> {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if Some(n.as_str()) == self.own);
                if !own {
                    self.bound.insert(attr.name.clone());
                }
            }
            // An element of what the attribute holds.
            ExprKind::Subscript { value, .. } => {
                self.bound.insert(element_of(""));
                if let ExprKind::Attribute { attr, .. } = &value.kind {
                    self.bound.insert(element_of(&attr.name));
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Search<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AnnAssign { target, .. }
            | StmtKind::AugAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::Global(names) => {
                self.bound.extend(names.iter().cloned());
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.mentioned.insert(name.clone());
            }
            ExprKind::Attribute { value, attr } => {
                self.mentioned.insert(attr.name.clone());
                if REPLACING.contains(&attr.name.as_str()) {
                    self.bound.insert(element_of(""));
                    if let ExprKind::Attribute { attr, .. } = &value.kind {
                        self.bound.insert(element_of(&attr.name));
                    }
                }
            }
            ExprKind::Call { func, .. }
                if !matches!(func.kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) =>
            {
                self.mentioned.insert("__call__".to_string());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
