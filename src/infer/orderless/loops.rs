//! `for` loops over sets, where what they do comes out the same in any order: sums and counts
//! of ints, sets that are filled, the least and the greatest, an answer that is one constant.
//!
//! Enters: a `for` statement. Leaves: whether its order can show. This module must not know
//! Rust.

use super::is_exact;
use crate::ast::visit::{Visitor, walk_expr};
use crate::ast::{BinaryOp, Block, CompareOp, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::infer::Inference;
use crate::infer::eval::Scope;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

impl Inference<'_> {
    /// The elements of a set that a `for` runs through, where no order of them can show.
    pub(in crate::infer) fn orderless_loop(
        &mut self,
        scope: &Scope<'_>,
        target: &Expr,
        iter: &Expr,
        body: &Block,
        ty: &Ty,
    ) -> Option<Ty> {
        let Ty::Set(elem) = ty else {
            return None;
        };
        // A handler sees how far the loop came.
        if !scope.raising.is_empty() {
            return None;
        }
        let mut inside = Vec::new();
        nodes(target, &mut inside);
        body.stmts.iter().for_each(|stmt| all(stmt, &mut inside));
        let mut run = Run {
            this: self,
            scope,
            inside,
            gathers: BTreeMap::new(),
            sets: BTreeMap::new(),
            exits: Vec::new(),
            own: BTreeSet::new(),
            element: None,
        };
        run.element = run.version(target);
        let fine = run.binds(target) && run.block(body, Level::Body) && run.agrees(iter, body);
        fine.then(|| (**elem).clone())
    }
}

/// What is known of a loop's body so far.
struct Run<'i, 's, 'a> {
    this: &'i Inference<'i>,
    scope: &'s Scope<'a>,
    /// Every node within the loop, in the order of the source.
    inside: Vec<NodeId>,
    /// The variables that gather something, with where they are named in doing so.
    gathers: BTreeMap<String, BTreeSet<NodeId>>,
    /// The variables that are set to a constant, with that constant.
    sets: BTreeMap<String, Constant>,
    /// Each way out, with what it leaves behind.
    exits: Vec<Vec<(String, Constant)>>,
    /// The variables that each turn sets anew.
    own: BTreeSet<String>,
    /// The variable that is the element itself.
    element: Option<String>,
}

/// Where a statement of the loop stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Level {
    /// In the loop's body itself.
    Body,
    /// Where a condition holds.
    Branch,
    /// In a loop within it.
    Inner,
}

/// A value that is the same in each turn.
#[derive(Debug, Clone, PartialEq)]
enum Constant {
    None,
    Bool(bool),
    Int(num_bigint::BigInt),
    Str(String),
}

fn constant(e: &Expr) -> Option<Constant> {
    match &e.kind {
        ExprKind::None => Some(Constant::None),
        ExprKind::Bool(value) => Some(Constant::Bool(*value)),
        ExprKind::Int(value) => Some(Constant::Int(value.clone())),
        ExprKind::Str(value) => Some(Constant::Str(value.clone())),
        _ => None,
    }
}

impl Run<'_, '_, '_> {
    fn version(&self, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Name(_) => self.scope.names.names.get(&e.id).cloned(),
            _ => None,
        }
    }

    /// Whether a variable is named nowhere but in the loop.
    fn ends_here(&self, version: &str) -> bool {
        let names = self.scope.names.names.iter();
        let mut its = names.filter(|(_, known)| *known == version);
        its.all(|(id, _)| self.inside.contains(id))
    }

    /// The targets of a loop, whose last values nobody asks for.
    fn binds(&mut self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().all(|item| self.binds(item))
            }
            _ => self.version(target).is_some_and(|version| {
                let fine = self.ends_here(&version);
                self.own.insert(version);
                fine
            }),
        }
    }

    fn is_pure(&self, e: &Expr) -> bool {
        self.this.is_pure(self.scope, e)
    }

    fn is_int(&self, e: &Expr) -> bool {
        let ty = self.scope.fact(e.id).ty;
        matches!(ty, Ty::Int | Ty::Bool | Ty::Unknown)
    }

    /// Whether nobody sees how far a container was filled where the loop raises.
    fn is_own(&self, e: &Expr) -> bool {
        self.scope.function.is_none() || self.this.is_own(self.scope, e)
    }

    /// A variable gathers something at a place.
    fn gathers(&mut self, version: String, at: &[&Expr]) -> bool {
        let ids = self.gathers.entry(version).or_default();
        ids.extend(at.iter().map(|e| e.id));
        true
    }

    fn block(&mut self, body: &Block, level: Level) -> bool {
        match body.stmts.as_slice() {
            // `found = True`, `break`
            [sets @ .., last] if level != Level::Inner && matches!(last.kind, StmtKind::Break) => {
                let mut left = Vec::new();
                for stmt in sets {
                    match self.set_to_constant(stmt) {
                        Some(set) => left.push(set),
                        None => return false,
                    }
                }
                self.exits.push(left);
                true
            }
            stmts => stmts.iter().all(|stmt| self.stmt(stmt, level)),
        }
    }

    fn set_to_constant(&self, stmt: &Stmt) -> Option<(String, Constant)> {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => Some((self.version(target)?, constant(value)?)),
                _ => None,
            },
            _ => None,
        }
    }

    fn stmt(&mut self, stmt: &Stmt, level: Level) -> bool {
        match &stmt.kind {
            StmtKind::Pass | StmtKind::Continue => true,
            StmtKind::Return(value) => {
                let value = value.as_ref().map_or(Some(Constant::None), constant);
                match value {
                    Some(value) => self.exits.push(vec![(String::new(), value)]),
                    None => return false,
                }
                true
            }
            StmtKind::If { test, body, orelse } => {
                if let Some(version) = self.least(test, body)
                    && orelse.stmts.is_empty()
                {
                    let mut ids = Vec::new();
                    all(stmt, &mut ids);
                    self.gathers.entry(version).or_default().extend(ids);
                    return true;
                }
                let within = match level {
                    Level::Inner => Level::Inner,
                    Level::Body | Level::Branch => Level::Branch,
                };
                self.is_pure(test) && self.block(body, within) && self.block(orelse, within)
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async: false,
            } => {
                self.binds(target)
                    && self.is_pure(iter)
                    && self.block(body, Level::Inner)
                    && self.block(orelse, Level::Inner)
            }
            StmtKind::AugAssign { target, op, value }
                if matches!(target.kind, ExprKind::Subscript { .. }) =>
            {
                let adds = matches!(op, BinaryOp::Add | BinaryOp::Sub);
                adds && self.is_int(target)
                    && self.is_int(value)
                    && self.is_pure(value)
                    && self.counts(target, &[])
            }
            StmtKind::AugAssign { target, op, value } => {
                let commutes = match self.scope.fact(target.id).ty {
                    Ty::Int | Ty::Bool | Ty::Unknown => {
                        self.is_int(value)
                            && matches!(
                                op,
                                BinaryOp::Add
                                    | BinaryOp::Sub
                                    | BinaryOp::Mul
                                    | BinaryOp::BitAnd
                                    | BinaryOp::BitOr
                                    | BinaryOp::BitXor
                            )
                    }
                    Ty::Set(_) => {
                        matches!(op, BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::Sub)
                            && self.is_own(target)
                    }
                    _ => false,
                };
                match self.version(target) {
                    Some(version) if commutes && self.is_pure(value) => {
                        self.gathers(kind_of(*op, version), &[target])
                    }
                    _ => false,
                }
            }
            StmtKind::Expr(value) => self.fills_a_set(value),
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => self.assigns(stmt, target, value, level),
                _ => false,
            },
            _ => false,
        }
    }

    /// `seen.add(x)`
    fn fills_a_set(&mut self, e: &Expr) -> bool {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return false;
        };
        let (ExprKind::Attribute { value, attr }, [arg], []) =
            (&func.kind, args.as_slice(), keywords.as_slice())
        else {
            return false;
        };
        let adds = match attr.name.as_str() {
            "add" => "|",
            "discard" => "-",
            _ => return false,
        };
        let of_set = matches!(self.scope.fact(value.id).ty, Ty::Set(_) | Ty::Unknown);
        match self.version(value) {
            Some(version) if of_set && self.is_pure(arg) && self.is_own(value) => {
                self.gathers(format!("{adds}{version}"), &[value])
            }
            _ => false,
        }
    }

    fn assigns(&mut self, stmt: &Stmt, target: &Expr, value: &Expr, level: Level) -> bool {
        if !self.is_pure(value) {
            return false;
        }
        if let ExprKind::Subscript { index, .. } = &target.kind {
            return match self.counted(target, value) {
                Some(before) => self.counts(target, &[before]),
                // Each turn has a key of its own.
                None => {
                    let own = self.version(index);
                    own.is_some_and(|own| self.element.as_ref() == Some(&own))
                        && self.counts(target, &[])
                }
            };
        }
        let Some(version) = self.version(target) else {
            return false;
        };
        // `best = max(best, x)`
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
            && let (ExprKind::Name(name), [a, b], []) =
                (&func.kind, args.as_slice(), keywords.as_slice())
            && matches!(name.as_str(), "max" | "min")
            && [a, b].iter().all(|e| self.is_exact(e))
        {
            for own in [a, b] {
                if self.version(own).as_ref() == Some(&version) {
                    return self.gathers(format!("{name}{version}"), &[target, own]);
                }
            }
        }
        // A variable of the turn, which is set before anything of it is asked.
        let known = self.own.contains(&version);
        if known || level == Level::Body && self.is_of_the_turn(stmt, &version, value) {
            self.own.insert(version);
            return true;
        }
        match constant(value) {
            Some(constant) => match self.sets.get(&version) {
                Some(known) => *known == constant,
                None => {
                    self.sets.insert(version, constant);
                    true
                }
            },
            None => false,
        }
    }

    /// An entry of a dict changes, of whose order nobody asks; `also` are where the dict is
    /// named beside.
    fn counts(&mut self, target: &Expr, also: &[&Expr]) -> bool {
        let ExprKind::Subscript { value, index } = &target.kind else {
            return false;
        };
        let free = match self.scope.fact(value.id).ty {
            Ty::Dict { ordered, .. } => !ordered,
            Ty::Unknown => true,
            _ => false,
        };
        match self.version(value) {
            Some(version) if free && self.is_pure(index) && self.is_own(value) => {
                let mut at = vec![&**value];
                at.extend(also);
                self.gathers(format!("+{version}"), &at)
            }
            _ => false,
        }
    }

    /// The dict of `d.get(k, 0)` in `d[k] = d.get(k, 0) + n`.
    fn counted<'e>(&self, target: &Expr, value: &'e Expr) -> Option<&'e Expr> {
        let ExprKind::Subscript { value: dict, index } = &target.kind else {
            return None;
        };
        let ExprKind::Binary {
            op: BinaryOp::Add,
            left,
            right,
        } = &value.kind
        else {
            return None;
        };
        let ExprKind::Call { func, args, .. } = &left.kind else {
            return None;
        };
        let (ExprKind::Attribute { value: asked, attr }, [key, none]) =
            (&func.kind, args.as_slice())
        else {
            return None;
        };
        let same = self.version(asked)? == self.version(dict)? && self.is_same(key, index);
        let zero = matches!(constant(none), Some(Constant::Int(_)));
        (attr.name == "get" && same && zero && self.is_int(right)).then_some(asked)
    }

    /// Whether two expressions are the same variable, or tuples of the same.
    fn is_same(&self, a: &Expr, b: &Expr) -> bool {
        match (&a.kind, &b.kind) {
            (ExprKind::Tuple(a), ExprKind::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.is_same(a, b))
            }
            _ => self.version(a).is_some_and(|a| self.version(b) == Some(a)),
        }
    }

    fn is_exact(&self, e: &Expr) -> bool {
        is_exact(&self.scope.fact(e.id).ty)
    }

    /// Whether no turn sees what another one has set a variable to.
    fn is_of_the_turn(&self, stmt: &Stmt, version: &str, value: &Expr) -> bool {
        let mut read = Vec::new();
        nodes(value, &mut read);
        let names = self.scope.names.names.iter();
        let mut its = names.filter(|(_, known)| *known == version);
        its.all(|(id, _)| self.inside.contains(id) && !read.contains(id))
            && self.is_first(stmt, version)
    }

    /// Whether nothing in the loop before a statement names a variable.
    fn is_first(&self, stmt: &Stmt, version: &str) -> bool {
        let mut ids = Vec::new();
        all(stmt, &mut ids);
        let of_it = |id: &&NodeId| self.scope.names.names.get(id).is_some_and(|v| v == version);
        let first = self.inside.iter().find(of_it);
        first.is_some_and(|first| ids.contains(first))
    }

    /// `if x < best: best = x` of what has one order.
    fn least(&self, test: &Expr, body: &Block) -> Option<String> {
        let ExprKind::Compare { left, ops, rest } = &test.kind else {
            return None;
        };
        let ([op], [right], [stmt]) = (ops.as_slice(), rest.as_slice(), body.stmts.as_slice())
        else {
            return None;
        };
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return None;
        };
        let [target] = targets.as_slice() else {
            return None;
        };
        let version = self.version(target)?;
        let (other, least) = match (self.version(left), self.version(right)) {
            (_, Some(own)) if own == version => (&**left, true),
            (Some(own), _) if own == version => (right, false),
            _ => return None,
        };
        let least = match op {
            CompareOp::Lt | CompareOp::LtE => least,
            CompareOp::Gt | CompareOp::GtE => !least,
            _ => return None,
        };
        // Only the element itself: it is the same in the test and in what is kept.
        let element = self.version(other)?;
        let same = self.version(value)? == element && element != version;
        let exact = self.is_exact(other) && self.is_exact(target);
        let kind = if least { "min" } else { "max" };
        (same && exact).then(|| format!("{kind}{version}"))
    }

    /// Whether nothing asks for what is gathered while it is, and all ways out are one.
    fn agrees(&self, iter: &Expr, body: &Block) -> bool {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let mut own: BTreeMap<&str, BTreeSet<NodeId>> = BTreeMap::new();
        for (gathered, at) in &self.gathers {
            let version = without_kind(gathered);
            *kinds.entry(version).or_default() += 1;
            own.entry(version).or_default().extend(at);
        }
        if kinds.values().any(|n| *n > 1) {
            return false;
        }
        let mut named = Vec::new();
        nodes(iter, &mut named);
        body.stmts.iter().for_each(|stmt| all(stmt, &mut named));
        let gathered_alone = own.iter().all(|(version, at)| {
            let mut its = named
                .iter()
                .filter(|id| self.scope.names.names.get(id).is_some_and(|v| v == version));
            its.all(|id| at.contains(id)) && !self.own.contains(*version)
        });
        let set = self.sets.keys().all(|version| {
            let times = named
                .iter()
                .filter(|id| self.scope.names.names.get(id).is_some_and(|v| v == version))
                .count();
            times == self.times_set(body, version)
                && !own.contains_key(version.as_str())
                && !self.own.contains(version)
        });
        let one_way = match self.exits.split_first() {
            None => true,
            Some((first, others)) => {
                let left_alone = self.gathers.is_empty() && self.sets.is_empty();
                let read = |version: &String| {
                    let names = named.iter();
                    let its = names
                        .filter(|id| self.scope.names.names.get(id).is_some_and(|v| v == version));
                    its.count() > self.times_set(body, version)
                };
                left_alone
                    && others.iter().all(|other| other == first)
                    && !first.iter().any(|(version, _)| read(version))
            }
        };
        gathered_alone && set && one_way
    }

    /// How often a variable is set to a constant.
    fn times_set(&self, body: &Block, version: &str) -> usize {
        struct Sets<'r, 'i, 's, 'a>(&'r Run<'i, 's, 'a>, &'r str, usize);
        impl<'ast> Visitor<'ast> for Sets<'_, '_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                if let Some((set, _)) = self.0.set_to_constant(stmt)
                    && set == self.1
                {
                    self.2 += 1;
                }
                crate::ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut sets = Sets(self, version, 0);
        sets.visit_block(body);
        sets.2
    }
}

/// What marks that a variable gathers in a way: ways do not mix.
fn kind_of(op: BinaryOp, version: String) -> String {
    match op {
        BinaryOp::Mul => format!("*{version}"),
        BinaryOp::BitAnd => format!("&{version}"),
        BinaryOp::BitOr => format!("|{version}"),
        BinaryOp::BitXor => format!("^{version}"),
        // Both add.
        _ => format!("+{version}"),
    }
}

fn without_kind(gathered: &str) -> &str {
    let plain = gathered.trim_start_matches(['*', '&', '|', '^', '+', '-']);
    match plain.len() < gathered.len() {
        true => plain,
        false => gathered.get(3..).unwrap_or(gathered),
    }
}

/// The nodes of an expression.
fn nodes(e: &Expr, into: &mut Vec<NodeId>) {
    Nodes(into).visit_expr(e);
}

/// The nodes of a statement.
fn all(stmt: &Stmt, into: &mut Vec<NodeId>) {
    Nodes(into).visit_stmt(stmt);
}

struct Nodes<'n>(&'n mut Vec<NodeId>);

impl<'ast> Visitor<'ast> for Nodes<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.0.push(e.id);
        walk_expr(self, e);
    }
}
