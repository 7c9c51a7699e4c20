//! What is done with dicts, and whether an object would do.
//!
//! Enters: the module and its classes of dicts. Leaves: the classes whose dicts are used in a
//! way that an object does not have, and the displays that stay dicts. This module must not
//! know what the classes look like.

use super::groups::Groups;
use super::{Known, entries, is_path, spread};
use crate::ast::visit::{self, Visitor};
use crate::ast::{CompareOp, Expr, ExprKind, Module, NodeId, PatternKind, Stmt, StmtKind, UnaryOp};
use crate::ty::Ty;
use std::collections::BTreeSet;

/// The displays that a message or the state gets.
pub(super) fn kept(module: &Module, known: &Known<'_>) -> BTreeSet<NodeId> {
    let mut kept = Kept {
        known,
        found: BTreeSet::new(),
    };
    kept.visit_block(&module.body);
    kept.found
}

/// The classes of dicts that cannot be objects.
pub(super) fn refused(module: &Module, known: &Known<'_>, groups: &Groups) -> BTreeSet<usize> {
    let mut uses = Uses {
        known,
        groups,
        found: BTreeSet::new(),
    };
    uses.visit_block(&module.body);
    uses.found
}

/// Whether what is assigned to a target goes to a message or the state.
pub(super) fn is_outside(target: &Expr, known: &Known<'_>) -> bool {
    match &target.kind {
        ExprKind::Attribute { value, attr } => {
            attr.name == "payload" || holds_outside(value.id, known)
        }
        ExprKind::Subscript { value, .. } => holds_outside(value.id, known),
        _ => false,
    }
}

/// Whether a value is a message or a part of the state, or a collection of those.
fn holds_outside(id: NodeId, known: &Known<'_>) -> bool {
    let outside = |ty: &Ty| {
        matches!(
            ty,
            Ty::Struct(_)
                | Ty::Enum(_)
                | Ty::Tagged(_)
                | Ty::Message { .. }
                | Ty::Messages { .. }
                | Ty::Context
                | Ty::Metadata
        )
    };
    known.types(id).any(|ty| ty.any(&outside))
}

/// Whether objects of those classes are compared by `==`, or looked for, but as it is written for
/// dicts.
pub(super) fn compares(module: &Module, known: &Known<'_>, classes: &BTreeSet<&str>) -> bool {
    let mut compares = Compares {
        known,
        classes,
        any: false,
    };
    compares.visit_block(&module.body);
    compares.any
}

struct Compares<'k, 'm> {
    known: &'k Known<'m>,
    classes: &'k BTreeSet<&'k str>,
    any: bool,
}

impl Compares<'_, '_> {
    fn look(&mut self, e: &Expr) {
        let ours =
            |ty: &Ty| matches!(ty, Ty::Instance(class) if self.classes.contains(class.as_str()));
        self.any |= self.known.types(e.id).any(|ty| ty.any(&ours));
    }
}

impl<'ast> Visitor<'ast> for Compares<'_, '_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Compare { left, ops, rest } => {
                let none = rest.iter().any(|e| matches!(e.kind, ExprKind::None));
                let identity = |op: &CompareOp| matches!(op, CompareOp::Is | CompareOp::IsNot);
                if !none && !ops.iter().all(identity) {
                    self.look(left);
                    rest.iter().for_each(|e| self.look(e));
                }
            }
            ExprKind::Call { func, args, .. } => {
                if let ExprKind::Attribute { value, attr } = &func.kind
                    && matches!(attr.name.as_str(), "remove" | "index" | "count")
                    && !args.iter().any(is_first_equal)
                {
                    self.look(value);
                    args.iter().for_each(|arg| self.look(arg));
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// `next((x for x in xs if x is y or x.equals(y)), y)`
fn is_first_equal(e: &Expr) -> bool {
    let ExprKind::Call { func, args, .. } = &e.kind else {
        return false;
    };
    let next = matches!(&func.kind, ExprKind::Name(name) if name == "next");
    next && args.first().is_some_and(|arg| match &arg.kind {
        ExprKind::Comprehension { clauses, .. } => clauses
            .iter()
            .flat_map(|clause| &clause.ifs)
            .any(|test| matches!(test.kind, ExprKind::Logical { .. })),
        _ => false,
    })
}

/// Looks for displays that messages get.
struct Kept<'k, 'm> {
    known: &'k Known<'m>,
    found: BTreeSet<NodeId>,
}

impl Kept<'_, '_> {
    /// A value that goes to a message, or the state.
    fn given(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Dict(items) => {
                self.found.insert(e.id);
                items.iter().for_each(|(_, value)| self.given(value));
            }
            ExprKind::Call { keywords, .. } if entries(e).is_some() => {
                self.found.insert(e.id);
                keywords.iter().for_each(|k| self.given(&k.value));
            }
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                items.iter().for_each(|item| self.given(item));
            }
            ExprKind::Logical { values, .. } => values.iter().for_each(|v| self.given(v)),
            ExprKind::Conditional { body, orelse, .. } => {
                self.given(body);
                self.given(orelse);
            }
            ExprKind::Comprehension { element, value, .. } => {
                self.given(value.as_deref().unwrap_or(element));
            }
            // Not a display: it is shown as one where it is an object.
            _ if self.known.records(e.id).next().is_some() => {
                self.found.insert(e.id);
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Kept<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && targets.iter().any(|target| is_outside(target, self.known))
        {
            self.given(value);
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { func, args, .. } = &e.kind
            && let ExprKind::Attribute { value, .. } = &func.kind
            && holds_outside(value.id, self.known)
        {
            args.iter().for_each(|arg| self.given(arg));
        }
        visit::walk_expr(self, e);
    }
}

/// Looks for what an object does not do.
struct Uses<'k, 'm> {
    known: &'k Known<'m>,
    groups: &'k Groups,
    found: BTreeSet<usize>,
}

impl Uses<'_, '_> {
    /// The classes of dicts that an expression is.
    fn of(&self, e: &Expr) -> BTreeSet<usize> {
        if let Some(entries) = entries(e) {
            return self.groups.display(&entries).into_iter().collect();
        }
        let records = self.known.records(e.id);
        records
            .filter_map(|fields| self.groups.group(fields))
            .collect()
    }

    fn is(&self, e: &Expr) -> bool {
        !self.of(e).is_empty()
    }

    /// An expression may not be such a dict.
    fn refuse(&mut self, e: &Expr) {
        self.found.extend(self.of(e));
    }

    /// Nor may it hold any.
    fn refuse_within(&mut self, e: &Expr) {
        for ty in self.known.types(e.id) {
            self.groups.within(ty, &mut self.found);
        }
        self.refuse(e);
    }

    /// Whether `+=` of an entry makes another value.
    fn is_replaced(&self, e: &Expr, key: &str) -> bool {
        let entries = self.known.records(e.id).map(|fields| fields.entry(key));
        entries.into_iter().all(|ty| {
            let ty = ty.map(Ty::narrowed);
            matches!(
                ty,
                Some(Ty::Bool | Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Str)
            )
        })
    }

    /// Whether all classes that an expression is have a key, and whether some may lack it.
    fn has(&self, e: &Expr, key: &str) -> Option<bool> {
        let groups = self.of(e);
        let groups = groups.iter().filter_map(|id| self.groups.get(*id));
        groups.into_iter().try_fold(false, |lacks, group| {
            group.attribute(key)?;
            Some(lacks || group.lacks.contains(key))
        })
    }

    fn call(&mut self, e: &Expr, func: &Expr, args: &[Expr], others: &[crate::ast::Keyword]) {
        let own = self.known.calls.contains(&e.id)
            || matches!(&func.kind, ExprKind::Name(name) if self.known.classes.contains(name.as_str()));
        let (gives, takes) = match &func.kind {
            ExprKind::Attribute { value, attr } => {
                if self.is(value) {
                    let fine = match (attr.name.as_str(), args) {
                        ("get", [key, default @ ..]) if default.len() < 2 && others.is_empty() => {
                            match &key.kind {
                                ExprKind::Str(key) => match self.has(value, key) {
                                    Some(lacks) => {
                                        let quiet = default.iter().all(is_quiet);
                                        quiet && (!lacks || default.is_empty() || is_path(value))
                                    }
                                    None => false,
                                },
                                _ => false,
                            }
                        }
                        ("copy", []) => others.is_empty() && is_path(value),
                        _ => false,
                    };
                    if !fine {
                        self.refuse(value);
                    }
                    return;
                }
                let container = self.known.types(value.id).any(|ty| {
                    matches!(
                        ty.narrowed(),
                        Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. }
                    )
                });
                (own || container, own || container)
            }
            ExprKind::Name(name) => {
                let gives = ["min", "max", "next"].contains(&name.as_str());
                let takes = ["min", "max", "print", "str", "repr"].contains(&name.as_str());
                (own || gives, own || takes)
            }
            _ => (own, own),
        };
        if !gives && entries(e).is_none() {
            self.refuse(e);
        }
        for arg in args.iter().chain(others.iter().map(|k| &k.value)) {
            if !takes {
                self.refuse(arg);
            }
        }
        if let ExprKind::Name(name) = &func.kind
            && !own
            && matches!(name.as_str(), "zip" | "map" | "filter" | "isinstance")
        {
            args.iter().for_each(|arg| self.refuse(arg));
        }
        for keyword in others.iter().filter(|k| k.name.is_none()) {
            self.refuse(&keyword.value);
        }
    }

    fn compare(&mut self, left: &Expr, ops: &[CompareOp], rest: &[Expr]) {
        let mut left = left;
        for (op, right) in ops.iter().zip(rest) {
            match op {
                CompareOp::In | CompareOp::NotIn if self.is(right) => {
                    let fine = match &left.kind {
                        ExprKind::Str(key) => self.has(right, key).is_some() && is_path(right),
                        _ => false,
                    };
                    if !fine || ops.len() > 1 {
                        self.refuse(right);
                    }
                }
                CompareOp::Eq
                | CompareOp::NotEq
                | CompareOp::Is
                | CompareOp::IsNot
                | CompareOp::In
                | CompareOp::NotIn => {}
                CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => {
                    self.refuse(left);
                    self.refuse(right);
                }
            }
            left = right;
        }
    }

    /// The types of one expression do not go together with a class of dicts.
    fn same(&mut self, e: &Expr) {
        let groups = self.of(e);
        if groups.is_empty() {
            return;
        }
        let other = self.known.types(e.id).any(|ty| {
            let ty = ty.narrowed();
            !matches!(ty, Ty::Record(_) | Ty::Unknown | Ty::None | Ty::Conflict(_))
                || matches!(&ty, Ty::Record(fields)
                    if self.groups.group(fields).is_none_or(|id| !groups.contains(&id)))
        });
        let display = entries(e).is_some();
        if !display && (other || groups.len() > 1) {
            self.found.extend(groups);
        }
    }

    /// A value that stays a dict: what of it is an object can be shown as one.
    fn kept(&mut self, e: &Expr) {
        if entries(e).is_some() {
            return;
        }
        let shown = is_path(e);
        for id in self.of(e) {
            let lacks = self
                .groups
                .get(id)
                .is_none_or(|group| !group.lacks.is_empty());
            if !shown || lacks {
                self.found.insert(id);
            }
        }
        let nested = self.known.records(e.id).flat_map(|fields| fields.iter());
        for (_, ty) in nested {
            self.groups.within(ty, &mut self.found);
        }
        if let Some(items) = spread(e) {
            for (key, value) in items {
                if key.is_none() {
                    self.refuse(value);
                }
            }
        }
    }
}

/// Whether computing a default does nothing else.
fn is_quiet(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Name(_) => true,
        ExprKind::Unary { operand, .. } => is_quiet(operand),
        ExprKind::Tuple(items) => items.iter().all(is_quiet),
        _ => false,
    }
}

impl<'ast> Visitor<'ast> for Uses<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { iter, target, .. } => {
                self.refuse(iter);
                if matches!(target.kind, ExprKind::Subscript { .. }) {
                    self.refuse(target);
                }
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value, .. } = &target.kind {
                        self.refuse(value);
                    }
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.refuse(target);
                self.refuse(value);
                if let ExprKind::Subscript { value, index } = &target.kind
                    && let ExprKind::Str(key) = &index.kind
                    && self.has(value, key) == Some(true)
                    && !(is_path(value) && self.is_replaced(value, key))
                {
                    self.refuse(value);
                }
            }
            StmtKind::Assign { targets, value } => {
                let unpacks =
                    |target: &Expr| matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_));
                if targets.iter().any(unpacks) {
                    self.refuse(value);
                }
            }
            StmtKind::Match { subject, cases } => {
                let mut maps = Maps(false);
                cases
                    .iter()
                    .for_each(|case| maps.visit_pattern(&case.pattern));
                if maps.0 {
                    self.refuse_within(subject);
                }
            }
            StmtKind::Raise { exc, .. } => exc.iter().for_each(|exc| self.refuse(exc)),
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if !matches!(inner.kind, StmtKind::Function(_)) {
                        refuse_all(self, inner);
                    }
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.same(e);
        if self.known.kept.contains(&e.id) {
            self.kept(e);
        }
        match &e.kind {
            ExprKind::Subscript { value, index } => {
                let fine = match &index.kind {
                    ExprKind::Str(key) => self.has(value, key).is_some(),
                    _ => false,
                };
                if !fine {
                    self.refuse(value);
                }
                self.refuse(index);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.call(e, func, args, keywords);
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    // The method is no attribute that is read.
                    self.visit_expr(value);
                    args.iter().for_each(|arg| self.visit_expr(arg));
                    keywords.iter().for_each(|k| self.visit_expr(&k.value));
                    return;
                }
            }
            ExprKind::Attribute { value, .. } => self.refuse(value),
            ExprKind::Compare { left, ops, rest } => self.compare(left, ops, rest),
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|clause| self.refuse(&clause.iter));
            }
            ExprKind::Starred(value) | ExprKind::YieldFrom(value) | ExprKind::Await(value) => {
                self.refuse(value);
            }
            ExprKind::Binary { left, right, .. } => {
                self.refuse(left);
                self.refuse(right);
            }
            ExprKind::Unary { op, operand } if *op != UnaryOp::Not => self.refuse(operand),
            ExprKind::Set(items) => items.iter().for_each(|item| self.refuse(item)),
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    match key {
                        Some(key) => self.refuse(key),
                        None => {
                            let lacks = |id: &usize| {
                                let group = self.groups.get(*id);
                                group.is_none_or(|group| !group.lacks.is_empty())
                            };
                            let from = self.of(value);
                            let to = self.of(e);
                            let fine = is_path(value)
                                && from.len() == 1
                                && to.len() == 1
                                && !from.iter().chain(&to).any(lacks)
                                && !self.known.kept.contains(&e.id);
                            if !fine {
                                self.found.extend(from);
                                self.found.extend(to);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Nothing of a statement may be of a class of dicts.
fn refuse_all(uses: &mut Uses<'_, '_>, stmt: &Stmt) {
    struct All<'u, 'k, 'm>(&'u mut Uses<'k, 'm>);
    impl<'ast> Visitor<'ast> for All<'_, '_, '_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.0.refuse_within(e);
            visit::walk_expr(self, e);
        }
    }
    All(uses).visit_stmt(stmt);
}

/// Looks for patterns of dicts.
struct Maps(bool);

impl<'ast> Visitor<'ast> for Maps {
    fn visit_pattern(&mut self, pattern: &'ast crate::ast::Pattern) {
        self.0 |= matches!(pattern.kind, PatternKind::Mapping { .. });
        visit::walk_pattern(self, pattern);
    }
}
