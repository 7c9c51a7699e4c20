//! Which expression is bound to which place.
//!
//! Enters: a function. Leaves: for each place in it that may hold an object, or a list of
//! objects, the expressions that give it its value.

use super::homes::Place;
use super::{Names, objects};
use crate::ast::visit::{self, Visitor};
use crate::ast::{BinaryOp, Block, Clause, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::ty::Ty;
use std::collections::BTreeMap;

/// What a place gets.
#[derive(Clone, Copy)]
pub(super) enum From<'m> {
    /// The value of an expression.
    Value(&'m Expr),
    /// Each element of it in turn.
    Each(&'m Expr),
    /// A new object, which a later statement adds to this container, by that name of it.
    Joined(&'m Expr, NodeId),
    /// What no position can be.
    Other,
}

/// A binding.
pub(super) struct Flow<'m> {
    pub(super) function: &'m str,
    pub(super) to: Place,
    pub(super) from: From<'m>,
}

/// All bindings of objects in all functions.
pub(super) fn flows<'m>(names: &'m Names<'m>) -> Vec<Flow<'m>> {
    let mut found = Vec::new();
    for (key, own) in &names.functions {
        let mut search = Search {
            names,
            key,
            joined: BTreeMap::new(),
            found: &mut found,
        };
        search.visit_block(&own.function.body);
    }
    found
}

struct Search<'f, 'm> {
    names: &'m Names<'m>,
    key: &'m str,
    /// New objects that join a container: by the expression that makes them.
    joined: BTreeMap<NodeId, (&'m Expr, NodeId)>,
    found: &'f mut Vec<Flow<'m>>,
}

impl<'m> Search<'_, 'm> {
    fn push(&mut self, to: Place, from: From<'m>) {
        self.found.push(Flow {
            function: self.key,
            to,
            from,
        });
    }

    /// The place that a target is.
    fn place(&self, target: &Expr) -> Option<Place> {
        place(self.names, self.key, target)
    }

    fn bind(&mut self, target: &'m Expr, value: &'m Expr) {
        match (&target.kind, &value.kind) {
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.bind(target, value);
                }
            }
            _ => match self.place(target) {
                Some(place) => {
                    let joined = self.joined.get(&value.id);
                    let from =
                        joined.map_or(From::Value(value), |(list, item)| From::Joined(list, *item));
                    self.push(place, from);
                }
                None => self.other(target),
            },
        }
    }

    /// Places that get what nobody follows.
    fn other(&mut self, target: &'m Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    match self.place(item) {
                        Some(place) => self.push(place, From::Other),
                        None => self.other(item),
                    }
                }
            }
            ExprKind::Starred(inner) => self.other(inner),
            _ => {}
        }
    }

    /// A loop's target.
    fn each(&mut self, target: &'m Expr, iter: &'m Expr) {
        if let (ExprKind::Tuple(targets), ExprKind::Call { func, args, .. }) =
            (&target.kind, &iter.kind)
            && let ExprKind::Attribute { value, attr } = &func.kind
            && let ([_, item], [], "items") =
                (targets.as_slice(), args.as_slice(), attr.name.as_str())
        {
            return self.each(item, value);
        }
        let called = match &iter.kind {
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Name(name) => Some((name.as_str(), args.as_slice())),
                _ => None,
            },
            _ => None,
        };
        match (&target.kind, called) {
            (ExprKind::Tuple(targets), Some(("enumerate", [xs, ..]))) => {
                if let [_, item] = targets.as_slice() {
                    self.each(item, xs);
                }
            }
            (ExprKind::Tuple(targets), Some(("zip", lists))) if targets.len() == lists.len() => {
                for (target, list) in targets.iter().zip(lists) {
                    self.each(target, list);
                }
            }
            (_, Some(("reversed", [xs]))) => self.each(target, xs),
            _ => match self.place(target) {
                Some(place) => self.push(place, From::Each(iter)),
                None => self.other(target),
            },
        }
    }

    fn clauses(&mut self, clauses: &'m [Clause]) {
        for clause in clauses {
            self.each(&clause.target, &clause.iter);
        }
    }
}

/// The place that an expression names, where it may hold objects.
pub(super) fn place(names: &Names<'_>, key: &str, target: &Expr) -> Option<Place> {
    match &target.kind {
        ExprKind::Name(_) => {
            let version = names.functions.get(key)?.scope.names.get(&target.id)?;
            Some(Place::Var(key.to_string(), version.clone()))
        }
        ExprKind::Attribute { value, attr } => match names.ty(key, value.id).narrowed() {
            Ty::Instance(class) => Some(Place::Attr(class, attr.name.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A statement that adds a new object to a container.
pub(super) struct Joins<'a> {
    /// How many statements lie between the two.
    pub(super) after: usize,
    pub(super) container: &'a Expr,
    /// The object, where it is added.
    pub(super) item: NodeId,
}

/// `t = Track(z)` before `tracks.append(t)` or `tracks[key] = t`.
pub(super) fn joins<'a>(names: &Names<'_>, stmt: &Stmt, rest: &'a [Stmt]) -> Option<Joins<'a>> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let ([target], ExprKind::Call { .. }) = (targets.as_slice(), &value.kind) else {
        return None;
    };
    let ExprKind::Name(name) = &target.kind else {
        return None;
    };
    for (after, next) in rest.iter().enumerate() {
        if let Some((container, item)) = added(name, next) {
            let between = rest.get(..after)?;
            let quiet = between
                .iter()
                .all(|stmt| is_quiet(names, stmt, name, container));
            return quiet.then_some(Joins {
                after,
                container,
                item,
            });
        }
    }
    None
}

/// The container that a statement adds an object to.
fn added<'a>(name: &str, stmt: &'a Stmt) -> Option<(&'a Expr, NodeId)> {
    let is_it = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == name);
    match &stmt.kind {
        StmtKind::Expr(e) => match &e.kind {
            ExprKind::Call { func, args, .. } => match (&func.kind, args.as_slice()) {
                (ExprKind::Attribute { value, attr }, [item])
                    if attr.name == "append" && is_it(item) =>
                {
                    Some((value, item.id))
                }
                _ => None,
            },
            _ => None,
        },
        StmtKind::Assign { targets, value } if is_it(value) => match targets.as_slice() {
            [target] => match &target.kind {
                ExprKind::Subscript { value: dict, index }
                    if matches!(index.kind, ExprKind::Name(_) | ExprKind::Str(_)) =>
                {
                    Some((dict, value.id))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is all the same if the new object lies in its container before that statement:
/// it counts, or sets attributes of the object.
fn is_quiet(names: &Names<'_>, stmt: &Stmt, name: &str, container: &Expr) -> bool {
    let ExprKind::Attribute { attr: list, .. } = &container.kind else {
        return false;
    };
    let (target, value) = match &stmt.kind {
        StmtKind::Assign { targets, value } => match targets.as_slice() {
            [target] => (target, value),
            _ => return false,
        },
        StmtKind::AugAssign {
            target,
            op: BinaryOp::Add | BinaryOp::Sub,
            value,
        } => (target, value),
        _ => return false,
    };
    // A property may look at the container.
    let is_method = |attr: &str| {
        let mut keys = names.functions.keys();
        keys.any(|key| key.rsplit('.').next() == Some(attr))
    };
    let steps = |e: &Expr| match &e.kind {
        ExprKind::Attribute { value, attr } => {
            matches!(value.kind, ExprKind::Name(_))
                && attr.name != list.name
                && !is_method(&attr.name)
        }
        _ => false,
    };
    let plain = match &value.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::None => true,
        ExprKind::Bool(_) => true,
        ExprKind::Name(n) => n != name,
        _ => steps(value),
    };
    plain && steps(target)
}

impl<'m> Visitor<'m> for Search<'_, 'm> {
    fn visit_block(&mut self, block: &'m Block) {
        for (i, stmt) in block.stmts.iter().enumerate() {
            let rest = block.stmts.get(i + 1..).unwrap_or(&[]);
            if let StmtKind::Assign { value, .. } = &stmt.kind
                && let Some(joins) = joins(self.names, stmt, rest)
            {
                self.joined.insert(value.id, (joins.container, joins.item));
            }
        }
        visit::walk_block(self, block);
    }

    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    match targets.len() {
                        1 => self.bind(target, value),
                        _ => match self.place(target) {
                            Some(place) => self.push(place, From::Other),
                            None => self.other(target),
                        },
                    }
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.bind(target, value),
            StmtKind::AugAssign { target, value, .. } => {
                if let Some(place) = self.place(target) {
                    self.push(place, From::Value(value));
                }
            }
            StmtKind::Return(Some(value)) => {
                self.push(Place::Ret(self.key.to_string()), From::Value(value));
            }
            StmtKind::For { target, iter, .. } => self.each(target, iter),
            StmtKind::With { items, .. } => {
                for target in items.iter().filter_map(|(_, t)| t.as_ref()) {
                    if let Some(place) = self.place(target) {
                        self.push(place, From::Other);
                    }
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        match &e.kind {
            ExprKind::Comprehension { clauses, .. } => self.clauses(clauses),
            ExprKind::Named { value, .. } => {
                if let Some(version) = self
                    .names
                    .functions
                    .get(self.key)
                    .and_then(|own| own.scope.names.get(&e.id))
                {
                    let place = Place::Var(self.key.to_string(), version.clone());
                    self.push(place, From::Value(value));
                }
            }
            ExprKind::Call { func, args, .. } => {
                if let ExprKind::Attribute { value, attr } = &func.kind
                    && matches!(attr.name.as_str(), "append" | "insert")
                    && objects(&self.names.ty(self.key, value.id), self.names.model)
                        .is_some_and(|(_, many)| many)
                    && let (Some(place), Some(item)) = (self.place(value), args.last())
                {
                    self.push(place, From::Value(item));
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
