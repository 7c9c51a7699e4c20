//! Containers whose content goes on to another name: `laps.append(self.lap)`, then
//! `self.lap = []`.
//!
//! Enters: the body of a function. Leaves: the expressions in it whose object gets another in
//! its place before anyone can tell that it has two names. This module must not know what
//! flows where.

use super::{MAKERS, Walk};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::ty::Ty;
use std::collections::BTreeSet;

/// How many statements may stand before the one that puts another in its place.
const MOST_BETWEEN: usize = 4;

/// What names an object for the last time before a path gets another.
#[derive(Debug, Clone, Default)]
pub(super) struct Refilled {
    /// Containers whose content can be taken out: nobody looks at what is left.
    pub(super) taken: BTreeSet<NodeId>,
    /// What is looked at once more, to make what takes its place: it is copied.
    pub(super) left: BTreeSet<NodeId>,
}

/// What becomes of an object when its path gets another.
enum Then {
    Taken,
    Left,
}

impl<'w> Walk<'w> {
    /// The objects that the statements of a body name last.
    pub(super) fn refilled_in(&self, block: &[&Stmt]) -> Refilled {
        let mut found = Refilled::default();
        self.refilled_within(block, &[], &mut found);
        found
    }

    fn refilled_within<'s>(&self, block: &[&'s Stmt], after: &[&'s Stmt], found: &mut Refilled) {
        for (i, stmt) in block.iter().enumerate() {
            let rest = block.iter().skip(i + 1).chain(after);
            let rest: Vec<&Stmt> = rest.take(MOST_BETWEEN + 1).copied().collect();
            match &stmt.kind {
                StmtKind::If { .. } | StmtKind::Match { .. } => {
                    for inner in ast::branches(stmt) {
                        self.refilled_within(&all(inner), &rest, found);
                    }
                }
                StmtKind::Function(_) | StmtKind::Class(_) => {}
                // Behind what raises the first owner has its object still.
                StmtKind::Try { .. } | StmtKind::With { .. } => {
                    for inner in ast::branches(stmt) {
                        let mut own = Refilled::default();
                        self.refilled_within(&all(inner), &[], &mut own);
                        found.taken.append(&mut own.taken);
                    }
                }
                // What follows a turn of a loop may be the next.
                _ => {
                    for inner in ast::branches(stmt) {
                        self.refilled_within(&all(inner), &[], found);
                    }
                    self.refilled_by(stmt, &rest, found);
                }
            }
        }
    }

    /// What one statement names that it, or one of the next, puts another in the place of.
    fn refilled_by(&self, stmt: &Stmt, rest: &[&Stmt], found: &mut Refilled) {
        let into: Vec<&Expr> = match stmt.targets() {
            [] => Vec::new(),
            [target] => parts(target),
            _ => return,
        };
        let given = match &stmt.kind {
            StmtKind::Assign { value, .. } | StmtKind::AugAssign { value, .. } => value,
            StmtKind::Expr(value) => value,
            _ => return,
        };
        let values = parts(given);
        let mut places = Vec::new();
        values.iter().for_each(|value| kept(value, &mut places));
        for e in places {
            let Some(path) = self.refillable(e) else {
                continue;
            };
            let sets = |t: &Expr| self.refillable(t).as_ref() == Some(&path);
            let at = values.iter().position(|value| value.id == e.id);
            let mut others = values.iter().filter(|other| other.id != e.id);
            let here = at.is_some()
                && into.len() == values.len()
                && values.len() > 1
                && into.iter().any(|t| sets(t))
                && others.all(|other| {
                    let path_of = self.refillable(other);
                    self.is_fresh(other) || path_of.is_some_and(|other| other != path)
                });
            if here {
                if self.is_container(e, &path) {
                    found.taken.insert(e.id);
                }
                continue;
            }
            if into.iter().any(|t| sets(t)) {
                continue;
            }
            let then = self.replaced_next(e, stmt, &path, rest);
            match then.filter(|_| !self.looks(stmt, &path)) {
                Some(Then::Taken) => drop(found.taken.insert(e.id)),
                Some(Then::Left) => drop(found.left.insert(e.id)),
                None => {}
            }
        }
    }

    /// What becomes of an object that `stmt` names, where one of the next statements gives its
    /// path another.
    fn replaced_next(&self, e: &Expr, stmt: &Stmt, path: &Path, rest: &[&Stmt]) -> Option<Then> {
        for next in rest {
            let sets = |t: &Expr| self.refillable(t).as_ref() == Some(path);
            if let Some((target, value)) = next.assigned()
                && sets(target)
            {
                let mut own = Mentions::of(path);
                own.visit_stmt(stmt);
                let mut seen = Mentions::of(path);
                seen.visit_expr(value);
                if !self.is_another(value, seen.count > 0) || self.looks(next, path) {
                    return None;
                }
                let taken = seen.count == 0
                    && own.count == 1
                    && self.is_container(e, path)
                    && self.is_calm_value(value);
                return Some(if taken { Then::Taken } else { Then::Left });
            }
            let mut seen = Mentions::of(path);
            seen.visit_stmt(next);
            if seen.count > 0 || !self.is_calm(next) {
                return None;
            }
        }
        None
    }

    /// The way to an object that a variable holds, or an attribute of an instance.
    fn refillable(&self, e: &Expr) -> Option<Path> {
        let kept = match self.ty(e).narrowed() {
            Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Set(_) => true,
            // A target has no type of its own.
            Ty::Instance(_) | Ty::Unknown | Ty::None => true,
            _ => false,
        };
        let (ours, local, last) = match &e.kind {
            ExprKind::Name(name) => (true, self.scope.names.contains_key(&e.id), name),
            ExprKind::Attribute { value, attr } => {
                let ours = matches!(self.ty(value), Ty::Instance(_)) && value.is_path();
                (ours, false, &attr.name)
            }
            _ => return None,
        };
        let steps = self.steps(e).filter(|_| kept && ours)?;
        Some(Path {
            steps,
            local,
            last: last.clone(),
        })
    }

    /// Whether what a path holds is a container, which is there without its content.
    fn is_container(&self, e: &Expr, path: &Path) -> bool {
        let ty = self.ty(e);
        !path.local
            && matches!(
                ty,
                Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Set(_)
            )
    }

    /// Whether a statement calls what may look at an object by its path.
    fn looks(&self, stmt: &Stmt, path: &Path) -> bool {
        struct Calls<'c, 'w>(&'c Walk<'w>, &'c Path, bool);
        impl<'ast> Visitor<'ast> for Calls<'_, '_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                let Calls(walk, path, found) = self;
                if let Some(callee) = walk.callee(e.id) {
                    let args: Vec<&Expr> = match &e.kind {
                        ExprKind::Call { args, keywords, .. } => args
                            .iter()
                            .chain(keywords.iter().map(|k| &k.value))
                            .collect(),
                        _ => Vec::new(),
                    };
                    let object = |arg: &&Expr| matches!(walk.ty(arg).narrowed(), Ty::Instance(_));
                    let of_module = path.steps.first().is_some_and(|root| root.starts_with('@'));
                    let sees = of_module && !callee.globals.is_empty();
                    // A variable of a function nobody else has.
                    let makes = callee.python_name.ends_with(".__init__")
                        && !args.iter().any(object)
                        && !sees;
                    let alone = path.local && path.steps.len() == 1;
                    *found |= !makes && !alone;
                }
                *found |= matches!(
                    e.kind,
                    ExprKind::Yield(_)
                        | ExprKind::YieldFrom(_)
                        | ExprKind::Await(_)
                        | ExprKind::Lambda { .. }
                        | ExprKind::Named { .. }
                );
                visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(self, path, false);
        calls.visit_stmt(stmt);
        calls.2
    }

    /// Whether a statement between the two can neither raise nor call anything of the file.
    fn is_calm(&self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Pass => true,
            StmtKind::Expr(e) => match &e.kind {
                ExprKind::Str(_) => true,
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } => {
                    let adds = matches!(&func.kind, ExprKind::Attribute { value, attr }
                        if matches!(attr.name.as_str(), "append" | "add" | "clear")
                            && self.callee(e.id).is_none()
                            && self.is_quiet(value));
                    adds && keywords.is_empty() && args.iter().all(|arg| self.is_quiet(arg))
                }
                _ => false,
            },
            StmtKind::AugAssign { target, value, .. } => {
                self.is_quiet(target)
                    && self.is_quiet(value)
                    && self.ty(value).is_number()
                    && self.ty(target).is_number()
            }
            _ => stmt.assigned().is_some_and(|(target, value)| {
                self.is_quiet(target) && (self.is_quiet(value) || self.is_fresh(value))
            }),
        }
    }

    /// Whether an expression makes a container of what can be read without raising.
    fn is_calm_value(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::List(items) | ExprKind::Set(items) => {
                items.iter().all(|item| self.is_quiet(item))
            }
            _ => self.is_fresh(e),
        }
    }

    /// Whether an expression reads names, attributes and literals alone.
    fn is_quiet(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::None => true,
            ExprKind::Attribute { value, .. } => {
                self.callee(e.id).is_none() && self.is_quiet(value)
            }
            ExprKind::Unary { operand, .. } => {
                self.callee(e.id).is_none() && self.is_quiet(operand)
            }
            ExprKind::Tuple(items) => items.iter().all(|item| self.is_quiet(item)),
            _ => false,
        }
    }

    /// Whether an expression makes a new object; `plain`: of nothing that can be changed.
    fn is_another(&self, e: &Expr, plain: bool) -> bool {
        let ty = self.ty(e);
        let elements = match ty.narrowed() {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => Some(*elem),
            Ty::Dict { value, .. } => Some(*value),
            _ => None,
        };
        let held = elements.is_some_and(|elem| self.holds_objects(&elem));
        if plain && (held || matches!(ty.narrowed(), Ty::Instance(_))) {
            return false;
        }
        match &e.kind {
            ExprKind::None => !plain,
            ExprKind::List(_)
            | ExprKind::Set(_)
            | ExprKind::Dict(_)
            | ExprKind::Comprehension { .. } => true,
            ExprKind::Subscript { index, .. } => matches!(index.kind, ExprKind::Slice { .. }),
            ExprKind::Binary { .. } => self.callee(e.id).is_none(),
            ExprKind::Call { func, .. } => {
                let name = match &func.kind {
                    ExprKind::Name(name) => name,
                    ExprKind::Attribute { attr, value } if self.is_module(value) => &attr.name,
                    _ => return false,
                };
                match self.callee(e.id) {
                    Some(callee) => callee.python_name.ends_with(".__init__"),
                    None => MAKERS.contains(&name.as_str()) || self.is_class(func),
                }
            }
            _ => false,
        }
    }

    fn is_module(&self, e: &Expr) -> bool {
        matches!(self.ty(e), Ty::Module(_))
    }

    /// Whether an expression makes a new container and looks at nothing else.
    fn is_fresh(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::List(items) | ExprKind::Set(items) => items.is_empty(),
            ExprKind::Dict(items) => items.is_empty(),
            ExprKind::Call { func, args, .. } => {
                args.is_empty()
                    && matches!(&func.kind, ExprKind::Name(name)
                        if ["list", "dict", "set", "deque", "bytearray"].contains(&name.as_str()))
                    && self.callee(e.id).is_none()
            }
            _ => false,
        }
    }
}

/// The way to an object.
#[derive(Debug, PartialEq, Eq)]
struct Path {
    steps: Vec<String>,
    /// Whether it starts, and ends, at a variable of the function.
    local: bool,
    /// The last name on the way.
    last: String,
}

/// How often the last name of a path stands somewhere, whatever it is asked of.
struct Mentions<'p> {
    path: &'p Path,
    count: usize,
}

impl<'p> Mentions<'p> {
    fn of(path: &'p Path) -> Self {
        Mentions { path, count: 0 }
    }
}

impl<'ast> Visitor<'ast> for Mentions<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let name = match &e.kind {
            ExprKind::Name(name) => name,
            ExprKind::Attribute { attr, .. } => &attr.name,
            _ => "",
        };
        self.count += usize::from(name == self.path.last);
        visit::walk_expr(self, e);
    }
}

/// What an expression keeps: itself, the items of a display, and what a call is given.
fn kept<'e>(e: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Name(_) | ExprKind::Attribute { .. } => out.push(e),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| kept(item, out));
        }
        ExprKind::Dict(items) => items.iter().for_each(|(_, value)| kept(value, out)),
        ExprKind::Call { args, keywords, .. } => {
            args.iter().for_each(|arg| kept(arg, out));
            keywords.iter().for_each(|k| kept(&k.value, out));
        }
        _ => {}
    }
}

/// The items of a tuple that is written out, or the expression itself.
fn parts(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Tuple(items) => items.iter().collect(),
        _ => vec![e],
    }
}

fn all(block: &Block) -> Vec<&Stmt> {
    block.stmts.iter().collect()
}
