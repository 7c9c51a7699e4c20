//! Loops over a few containers that are written out, whose body changes each of them:
//! `for xs in (self.left, self.right): xs.append(v)`; and over a few objects of several classes.
//!
//! Enters: such a loop, in the last round. Leaves: a note in the model that its body may stand
//! once for each container, which [`crate::desugar::typed`] writes out. This module must not
//! know how it is written out.

use super::Inference;
use super::eval::Scope;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, Stmt, StmtKind};
use crate::catalog;
use crate::desugar::typed::Sugar;
use crate::ty::Ty;

/// The most containers, and the most statements for each.
const MOST: usize = 4;

impl Inference<'_> {
    /// Notes the loop where Python would do the same for the containers one by one.
    pub(super) fn changed_one_by_one(
        &mut self,
        scope: &Scope<'_>,
        target: &Expr,
        iter: &Expr,
        (body, orelse): (&Block, &Block),
    ) {
        let (ExprKind::Tuple(items) | ExprKind::List(items)) = &iter.kind else {
            return;
        };
        let ExprKind::Name(name) = &target.kind else {
            return;
        };
        let container = |e: &Expr| is_container(&scope.fact(e.id).ty) && e.is_path();
        let few = (2..=MOST).contains(&items.len()) && body.stmts.len() <= MOST;
        let objects = self.are_of_several_classes(scope, items);
        if !few || !orelse.stmts.is_empty() || !(objects || items.iter().all(container)) {
            return;
        }
        // Nobody reads the name behind the loop.
        let version = scope.names.names.get(&target.id);
        let info = version.and_then(|version| scope.names.vars.get(version));
        if !info.is_some_and(|info| info.home.is_loop && info.first_stmt.is_none()) {
            return;
        }
        let mut uses = Uses {
            inference: self,
            scope,
            name,
            items,
            objects,
            changed: objects,
            fine: true,
            depth: 0,
        };
        uses.visit_block(body);
        if uses.changed && uses.fine {
            self.note(iter, Sugar::Unrolled);
        }
    }
}

impl Inference<'_> {
    /// Whether they are objects that have names, of classes that Rust tells apart.
    fn are_of_several_classes(&self, scope: &Scope<'_>, items: &[Expr]) -> bool {
        let class = |e: &Expr| match scope.fact(e.id).ty {
            Ty::Instance(class) if e.is_path() => Some(class),
            _ => None,
        };
        let classes: Option<Vec<String>> = items.iter().map(class).collect();
        let apart =
            |classes: Vec<String>| classes.windows(2).any(|pair| pair.first() != pair.last());
        if !classes.is_some_and(apart) {
            return false;
        }
        // What a function gives another object to.
        let mut bound = Bound(Vec::new());
        for function in self.functions.values() {
            bound.visit_block(&function.body);
        }
        let global =
            |e: &Expr| matches!(&e.kind, ExprKind::Name(name) if bound.0.contains(&name.as_str()));
        !items.iter().any(global)
    }
}

/// The names of the module that functions bind.
struct Bound<'m>(Vec<&'m str>);

impl<'ast> Visitor<'ast> for Bound<'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
            self.0.extend(names.iter().map(String::as_str));
        }
        visit::walk_stmt(self, stmt);
    }
}

/// What a loop's body does with the container at hand, and with the others.
struct Uses<'u, 'i, 's, 'a> {
    inference: &'u Inference<'i>,
    scope: &'u Scope<'s>,
    name: &'a str,
    items: &'a [Expr],
    /// Whether it is objects that the loop runs over.
    objects: bool,
    /// Whether the container is changed.
    changed: bool,
    /// Whether the body leaves alone what the containers lie in, and ends at its end.
    fine: bool,
    /// The loops within the body around a statement.
    depth: usize,
}

impl Uses<'_, '_, '_, '_> {
    fn is_it(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(name) if name == self.name)
    }

    /// A target may be an item of the container, and nothing that the containers lie in.
    fn target(&mut self, target: &Expr) {
        let mut all = Vec::new();
        ast::leaves(target, &mut all);
        for target in all {
            let target = match &target.kind {
                ExprKind::Starred(inner) => inner,
                _ => target,
            };
            let lies_in = |item: &Expr| holds(target, item);
            self.fine &= !self.is_it(target) && !self.items.iter().any(lies_in);
            if let ExprKind::Subscript { value, .. } = &target.kind {
                self.changed |= self.is_it(value);
            }
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_, '_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        stmt.targets().iter().for_each(|t| self.target(t));
        let mut within = 0;
        match &stmt.kind {
            StmtKind::For { target, .. } => {
                self.target(target);
                within = 1;
            }
            StmtKind::While { .. } => within = 1,
            StmtKind::Break | StmtKind::Continue => self.fine &= self.depth > 0,
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. } => self.fine &= !self.is_it(target),
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Try { .. }
            | StmtKind::With { .. }
            | StmtKind::Match { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Unsupported(_) => self.fine = false,
            _ => {}
        }
        self.depth += within;
        visit::walk_stmt(self, stmt);
        self.depth -= within;
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, attr } if self.is_it(value) => {
                    let classes = ["<list>", "<dict>", "<set>", "<deque>"];
                    let mut named = classes.iter().map(|c| format!("{c}.{}", attr.name));
                    self.changed |= named.any(|full| catalog::mutates(&full));
                }
                // A method of one object does not give another name to the next.
                ExprKind::Attribute { value, .. } if self.objects && self.is_it(value) => {}
                ExprKind::Name(name) if self.objects && name == "print" => {}
                // What another container holds changes nothing about where these lie.
                ExprKind::Attribute { value, .. }
                    if is_container(&self.scope.fact(value.id).ty) => {}
                _ => self.fine &= self.inference.is_pure_call(self.scope, func),
            },
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.target(&c.target));
            }
            ExprKind::Lambda { .. } | ExprKind::Named { .. } | ExprKind::Await(_) => {
                self.fine = false;
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Whether values of a type are containers that can change.
fn is_container(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::List { .. } | Ty::Dict { .. } | Ty::Set(_) | Ty::Deque { .. } | Ty::Record(_)
    )
}

/// Whether a target is a path, or something that the path leads through.
fn holds(target: &Expr, path: &Expr) -> bool {
    target.same_path(path)
        || match &path.kind {
            ExprKind::Attribute { value, .. } => holds(target, value),
            _ => false,
        }
}
