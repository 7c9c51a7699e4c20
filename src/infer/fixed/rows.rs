//! Lists that nobody can tell from tuples: `[[1, 0, 1.0], [0, 1, 1.4]]`, whose items are of
//! several kinds and are asked for one by one.
//!
//! Enters: the module. Leaves: the displays that may as well be tuples, so that each of their
//! items has a type of its own: what they may get to is never changed, printed, compared,
//! added to or handed to code that we do not know, and is indexed by constants alone. This
//! module must not know types.

use super::graph::{Graph, Node};
use super::walk::{Scopes, Walk};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Module, NodeId, Stmt, StmtKind, UnaryOp};
use crate::project::TypeTable;
use std::collections::{BTreeMap, BTreeSet};

/// The most items of a tuple that a reader is asked to read.
const MOST_ITEMS: usize = 8;

/// The displays of a module that may be tuples; `open` says that others call its functions.
pub fn rows(module: &Module, types: &TypeTable, open: bool) -> BTreeSet<NodeId> {
    let mut graph = Graph::default();
    graph.seen = Some(BTreeMap::new());
    let unknown: Scopes<'_> = &|_, _| None;
    Walk::of(module, &mut graph, super::field_names(types), open, unknown).module();
    let mut uses = Uses {
        own: own_functions(module),
        graph: &mut graph,
        displays: BTreeMap::new(),
    };
    uses.visit_block(&module.body);
    let displays = uses.displays;
    let mut groups: BTreeMap<Node, Vec<&Expr>> = BTreeMap::new();
    for (node, group) in graph.alike() {
        let members: Option<Vec<&Expr>> =
            group.iter().map(|id| displays.get(id).copied()).collect();
        groups.extend(members.map(|members| (node, members)));
    }
    let mixed = groups.values().filter(|group| is_mixed(group));
    mixed.flatten().map(|display| display.id).collect()
}

/// The names of the functions and methods of the module.
fn own_functions(module: &Module) -> BTreeSet<String> {
    #[derive(Default)]
    struct Own(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Own {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    self.0.insert(function.name.name.clone());
                }
                StmtKind::Class(class) => {
                    self.0.insert(class.name.name.clone());
                }
                _ => {}
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut own = Own::default();
    own.visit_block(&module.body);
    own.0
}

/// Looks at what is done with each list.
struct Uses<'u, 'ast> {
    own: BTreeSet<String>,
    graph: &'u mut Graph,
    displays: BTreeMap<NodeId, &'ast Expr>,
}

impl<'ast> Uses<'_, 'ast> {
    fn all(&mut self, exprs: impl IntoIterator<Item = &'ast Expr>, tells: bool) {
        exprs.into_iter().for_each(|e| self.expr(e, tells));
    }

    /// An expression in a place that tells a list from a tuple, or not.
    fn expr(&mut self, e: &'ast Expr, tells: bool) {
        if tells {
            self.graph.told(e.id);
        }
        match &e.kind {
            ExprKind::List(items) => {
                self.displays.insert(e.id, e);
                self.all(items, false);
            }
            ExprKind::Tuple(items) => self.all(items, false),
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    self.all(key, true);
                    self.expr(value, key.is_none());
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.expr(test, true);
                self.all([&**body, &**orelse], tells);
            }
            ExprKind::Subscript { value, index } => {
                let constant = match &index.kind {
                    ExprKind::Int(_) => true,
                    ExprKind::Unary {
                        op: UnaryOp::Neg,
                        operand,
                    } => matches!(operand.kind, ExprKind::Int(_)),
                    _ => false,
                };
                if !constant {
                    self.graph.indexed(value.id);
                }
                self.expr(value, matches!(index.kind, ExprKind::Slice { .. }));
                self.expr(index, true);
            }
            ExprKind::Attribute { value, .. } => self.expr(value, false),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let given = args.iter().chain(keywords.iter().map(|k| &k.value));
                let looks = match &func.kind {
                    ExprKind::Name(name) => {
                        self.own.contains(name)
                            || matches!(name.as_str(), "len" | "enumerate" | "zip")
                    }
                    ExprKind::Attribute { value, attr } => {
                        let own = self.own.contains(&attr.name);
                        self.expr(value, !own);
                        own
                    }
                    _ => {
                        self.expr(func, true);
                        false
                    }
                };
                self.all(given, !looks);
            }
            ExprKind::Starred(value) => self.expr(value, false),
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                for clause in clauses {
                    self.expr(&clause.iter, false);
                    self.all(&clause.ifs, true);
                }
                self.expr(element, false);
                self.all(value.as_deref(), false);
            }
            ExprKind::Lambda { body, .. } => self.expr(body, true),
            _ => self.all(visit::children(e), true),
        }
    }

    fn target(&mut self, target: &'ast Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                // The rest of a list is a list, that of a tuple is one as well.
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value, true);
                self.expr(index, true);
            }
            ExprKind::Attribute { value, .. } => self.expr(value, false),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.target(target));
                // A message has the one where it has not the other.
                let is_sent = |target: &Expr| matches!(&target.kind, ExprKind::Attribute { attr, .. } if attr.name == "payload");
                self.expr(value, targets.iter().any(is_sent));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.target(target);
                self.expr(value, false);
            }
            StmtKind::Return(Some(value)) => self.expr(value, false),
            StmtKind::Expr(value) => self.expr(value, true),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.target(target);
                self.expr(iter, false);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.expr(e, true);
    }
}

/// Whether lists of one length hold values of several kinds, each always in the same place.
fn is_mixed(group: &[&Expr]) -> bool {
    let columns = group.first().map_or(0, |display| items(display).len());
    let of_column = |column: usize| {
        let kinds = group.iter().map(|display| items(display).get(column));
        kinds.map(|item| item.map_or("", kind)).collect()
    };
    let kinds: BTreeSet<BTreeSet<&str>> = (0..columns).map(of_column).collect();
    (2..=MOST_ITEMS).contains(&columns) && kinds.len() > 1
}

fn items(display: &Expr) -> &[Expr] {
    match &display.kind {
        ExprKind::List(items) => items,
        _ => &[],
    }
}

/// The kind of a value, as far as the syntax shows it.
fn kind(e: &Expr) -> &'static str {
    match &e.kind {
        ExprKind::Int(_) => "int",
        ExprKind::Float(_) => "float",
        ExprKind::Bool(_) => "bool",
        ExprKind::None => "None",
        ExprKind::Str(_) | ExprKind::FString(_) => "str",
        ExprKind::List(_) => "list",
        ExprKind::Tuple(_) => "tuple",
        ExprKind::Dict(_) => "dict",
        ExprKind::Unary { operand, .. } => kind(operand),
        _ => "",
    }
}
