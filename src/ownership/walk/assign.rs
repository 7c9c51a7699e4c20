//! Assignments and the targets of loops.

use super::reads::{Reads, name_of};
use super::{Target, Walk};
use crate::ast::leaves;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Clause, ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::ownership::graph::{Copy, Look, Place, Written};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

impl<'w> Walk<'w> {
    /// The clauses of a comprehension that ends there.
    pub(super) fn clauses(&mut self, clauses: &[Clause], end: u32) {
        for clause in clauses {
            self.expr(&clause.iter);
            self.loop_end = end;
            self.loop_target(&clause.target, &clause.iter, true);
            clause.ifs.iter().for_each(|test| self.expr(test));
        }
    }

    /// The parts of a target with what each of them takes its items of: of
    /// `for i, (x, y) in enumerate(zip(xs, ys))` it is `x` of `xs` and `y` of `ys`.
    fn taken_apart<'e>(
        &self,
        target: &'e Expr,
        iter: &'e Expr,
        out: &mut Vec<(&'e Expr, &'e Expr)>,
    ) {
        let items: &[Expr] = match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items,
            _ => &[],
        };
        let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
        let plain = !items.iter().any(starred) && self.callee(iter.id).is_none();
        if let ExprKind::Call { func, args, .. } = &iter.kind
            && let ExprKind::Name(name) = &func.kind
            && plain
            && !args.iter().any(starred)
        {
            match (name.as_str(), args.as_slice(), items) {
                ("enumerate", [list, ..], [_, item]) => return self.taken_apart(item, list, out),
                ("zip", lists, items) if lists.len() == items.len() => {
                    for (item, list) in items.iter().zip(lists) {
                        self.taken_apart(item, list, out);
                    }
                    return;
                }
                _ => {}
            }
        }
        out.push((target, iter));
    }

    /// A loop's target names the elements of what it runs over.
    pub(super) fn loop_target(&mut self, target: &Expr, iter: &Expr, in_clause: bool) {
        let mut parts = Vec::new();
        self.taken_apart(target, iter, &mut parts);
        for (target, iter) in parts {
            self.loop_part(target, iter, in_clause);
        }
    }

    /// The same for a part of a target, and what it takes its items of.
    fn loop_part(&mut self, target: &Expr, iter: &Expr, in_clause: bool) {
        let mut sources = Vec::new();
        match &iter.kind {
            ExprKind::Call { args, .. } if self.callee(iter.id).is_none() => {
                let first = match &iter.kind {
                    ExprKind::Call { func, .. } => match &func.kind {
                        ExprKind::Attribute { value, .. } => Some(&**value),
                        _ => None,
                    },
                    _ => None,
                };
                sources.extend(first.into_iter().chain(args));
            }
            _ => sources.push(iter),
        }
        let mut names = Vec::new();
        leaves(target, &mut names);
        // `for wheel in (left, right)`: the objects themselves.
        let displays = sources.iter().filter_map(|source| match &source.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => Some((source.id, items)),
            _ => None,
        });
        let displays: Vec<_> = displays.collect();
        for (id, items) in displays {
            if !items.iter().all(|item| self.names_object(item)) {
                continue;
            }
            sources.retain(|source| source.id != id);
            for item in items {
                let Some(own) = self.place(item) else {
                    continue;
                };
                for name in &names {
                    let Some(place) = self.place(name) else {
                        continue;
                    };
                    if self.holds_objects(&self.ty(name)) {
                        if let Some(version) = self.scope.names.get(&name.id) {
                            self.borrowed.insert(version.clone());
                            let steps = self.lead(item);
                            self.displayed
                                .entry(version.clone())
                                .or_default()
                                .extend(steps);
                        }
                        self.graph.same(own, place);
                    }
                }
            }
        }
        let (mut took, mut unknown) = (false, false);
        for source in sources {
            let ty = self.ty(source);
            if !self.holds_objects(&ty) {
                unknown |= matches!(ty.narrowed(), Ty::Instance(_) | Ty::Unknown);
                continue;
            }
            let part_of = match &source.kind {
                // The elements of a part of a list are the list's own.
                ExprKind::Subscript { value, index }
                    if in_clause
                        && source.id == iter.id
                        && matches!(index.kind, ExprKind::Slice { .. }) =>
                {
                    self.place(value)
                }
                _ => None,
            };
            let base = match part_of.or_else(|| self.looked_through(source, &names)) {
                Some(base) => base,
                None => self.holder(source),
            };
            let elem = self.graph.elem(base);
            let taken = self.is_taken(source);
            took |= taken;
            let given = match takes_apart(iter, source) && !taken && part_of.is_none() {
                true => self.given_up(source),
                false => Vec::new(),
            };
            for name in &names {
                let Some(place) = self.place(name) else {
                    continue;
                };
                let ty = self.ty(name);
                if !self.holds_objects(&ty) {
                    continue;
                }
                if taken {
                    self.graph.moved(elem, place);
                    continue;
                }
                if let Some(version) = self.scope.names.get(&name.id) {
                    self.borrowed.insert(version.clone());
                    self.run_out.insert(version.clone(), given.clone());
                }
                self.graph.same(elem, place);
                if names.len() > 1 {
                    let inner = self.graph.elem(elem);
                    self.graph.same(inner, place);
                }
            }
        }
        for name in names {
            if let Some(version) = self.scope.names.get(&name.id) {
                // What is not known to be taken is somebody else's.
                if !took || unknown {
                    self.borrowed.insert(version.clone());
                }
                self.born
                    .entry(version.clone())
                    .or_insert_with(|| (self.loops.clone(), self.blocks.clone()));
            }
        }
    }

    /// What `sorted(d.items())` runs through: what lies in the dict is copied, and the copies
    /// are looked at until the loop ends, or its variables are read for the last time.
    fn looked_through(&mut self, source: &Expr, names: &[&Expr]) -> Option<usize> {
        let ExprKind::Call { func, args, .. } = &source.kind else {
            return None;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return None;
        };
        let view = args.is_empty() && matches!(attr.name.as_str(), "items" | "values");
        if !view || !matches!(self.ty(value).narrowed(), Ty::Dict { .. }) {
            return None;
        }
        let held = self.place(value)?;
        let (from, to) = (self.graph.elem(held), self.graph.id(Place::Temp(source.id)));
        let ty = self.ty(source);
        self.graph.holds(to, &ty);
        let versions = names.iter().filter_map(|n| self.scope.names.get(&n.id));
        let read = versions.filter_map(|version| self.last.get(version)).max();
        let end = read.map_or(self.loop_end, |read| self.loop_end.max(*read));
        self.graph.copied(Copy {
            from,
            to,
            node: source.id,
            span: source.span,
            ty,
            source: name_of(source),
            target: String::new(),
            look: Some(Look {
                function: self.key.clone(),
                start: source.span.end,
                end,
                sent: false,
            }),
            param: None,
            run_out: Vec::new(),
            lends: false,
            made: None,
        });
        Some(to)
    }

    /// Whether `target += x` puts a new object in the place of the old one, which stays as it
    /// is: by an `__add__` that makes one of what nobody changes, with no `__iadd__`.
    pub(super) fn puts_another(&self, target: &Expr) -> bool {
        struct Returned<'r>(Vec<Option<&'r Expr>>);
        impl<'ast> Visitor<'ast> for Returned<'ast> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                if let StmtKind::Return(value) = &stmt.kind {
                    self.0.push(value.as_ref());
                }
                visit::walk_stmt(self, stmt);
            }
        }
        let Some(callee) = self.callee(target.id) else {
            return false;
        };
        let name = &callee.python_name;
        let method = name.rsplit('.').next().unwrap_or(name);
        let function = self.functions.get(name);
        let (true, Some(function)) = (crate::infer::dunder::makes_another(method), function) else {
            return false;
        };
        let mut returned = Returned(Vec::new());
        returned.visit_block(&function.body);
        let plain = |e: &Expr| {
            let ty = callee.facts.get(&e.id).map(|fact| &fact.ty);
            ty.is_some_and(|ty| !ty.is_unusable() && !self.holds_objects(ty))
        };
        returned.0.iter().all(|value| match value.map(|e| &e.kind) {
            Some(ExprKind::Call {
                func,
                args,
                keywords,
            }) => {
                matches!(&func.kind, ExprKind::Name(class) if self.model.classes.contains_key(class))
                    && args.iter().all(plain)
                    && keywords.iter().all(|k| plain(&k.value))
            }
            _ => false,
        })
    }

    /// Whether an expression is a name of an instance.
    fn names_object(&self, e: &Expr) -> bool {
        matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. })
            && matches!(self.ty(e), Ty::Instance(_))
            && self.holds_objects(&self.ty(e))
    }

    /// The variables that `stmt` reads and that get a new value before anyone else reads
    /// them: in the statement itself, or right after it.
    pub(super) fn replaced_by(&self, stmt: &Stmt, rest: &[Stmt]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return found;
        };
        let mut values = Vec::new();
        leaves(value, &mut values);
        for value in values {
            let Some(version) = self.scope.names.get(&value.id) else {
                continue;
            };
            let binds = |targets: &[Expr]| {
                let mut names = Vec::new();
                targets.iter().for_each(|t| leaves(t, &mut names));
                names
                    .iter()
                    .any(|n| self.scope.names.get(&n.id) == Some(version))
            };
            if binds(targets) {
                found.insert(version.clone());
                continue;
            }
            for later in rest {
                if let StmtKind::Assign { targets, value } = &later.kind {
                    let mut last = BTreeMap::new();
                    Reads(&self.scope, &mut last).visit_expr(value);
                    if last.contains_key(version) {
                        break;
                    }
                    if binds(targets) {
                        found.insert(version.clone());
                        break;
                    }
                }
                let mut last = BTreeMap::new();
                Reads(&self.scope, &mut last).visit_stmt(later);
                if last.contains_key(version) {
                    break;
                }
            }
        }
        found
    }

    pub(super) fn changed(&mut self, base: &Expr, at: u32) {
        let place = self.holder(base);
        self.graph.change(place, &self.key, at);
    }

    /// An attribute of an instance gets a value after the instance was made.
    pub(super) fn attribute_written(&mut self, base: &Expr) {
        let Ty::Instance(class) = self.ty(base).narrowed() else {
            return;
        };
        let own = self.function.params.list.first();
        let constructing = self.key == format!("{class}.__init__")
            && matches!(&base.kind, ExprKind::Name(n) if own.is_some_and(|p| p.name.name == *n));
        if !constructing {
            let (root, through) = self.way(base);
            let place = self.holder(base);
            self.graph.change_class(Written {
                class,
                function: self.key.clone(),
                at: base.span.start,
                place,
                root,
                through,
            });
            self.graph.change(place, &self.key, base.span.start);
        }
    }

    /// The variable of this function that the way to an object starts at, where that is not a
    /// parameter, and the attributes on the way.
    fn way(&mut self, e: &Expr) -> (Option<usize>, Vec<usize>) {
        match &e.kind {
            ExprKind::Name(name) => {
                let version = self.scope.names.get(&e.id).cloned();
                let own = |v: &String| {
                    !self.params.contains(v)
                        && !self.borrowed.contains(v)
                        && !self.scope.captured.contains(name)
                        && self.param_of(e).is_none()
                };
                let root = version.filter(own).map(|version| self.var(&version));
                (root, Vec::new())
            }
            ExprKind::Attribute { value, .. } => {
                let (root, mut through) = self.way(value);
                match self.place(e) {
                    Some(place) => through.push(place),
                    None => return (None, Vec::new()),
                }
                (root, through)
            }
            _ => (None, Vec::new()),
        }
    }

    pub(super) fn assign(&mut self, target: &Expr, value: &Expr) {
        match (&target.kind, &value.kind) {
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value);
                }
            }
            (ExprKind::Tuple(targets) | ExprKind::List(targets), _) => {
                if !self.holds_objects(&self.ty(value)) {
                    targets.iter().for_each(|t| self.bound(t));
                    return;
                }
                // The parts of a tuple that nobody reads afterwards are given away.
                let given = matches!(self.ty(value), Ty::Tuple(_)) && self.dies(value);
                if given {
                    self.graph.moves.insert(value.id);
                }
                let made = given || self.place(value).is_none();
                let base = self.holder(value);
                let elem = self.graph.elem(base);
                // Where each part goes is seen below.
                let plain =
                    |t: &Expr| matches!(t.kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
                if made && targets.iter().all(plain) {
                    self.graph.lent.insert(value.id);
                }
                for target in targets {
                    self.bound(target);
                    let ty = self.ty(target);
                    let Some(place) = self.place(target).filter(|_| self.holds_objects(&ty)) else {
                        continue;
                    };
                    if made {
                        self.graph.moved(elem, place);
                        continue;
                    }
                    let name = format!("`{}`", name_of(target));
                    self.copied_from(
                        value,
                        elem,
                        &ty,
                        &Target {
                            place,
                            name: &name,
                            local: None,
                            sent: false,
                        },
                    );
                }
            }
            _ => {
                let again = self.bound_again(target);
                self.bound(target);
                if let (Some(version), true) = (again, self.is_new(value)) {
                    let place = Place::Var(self.key.clone(), format!("{version}@{}", value.id.0));
                    let (own, all) = (self.graph.id(place), self.var(&version));
                    self.graph.moved(own, all);
                    self.anew.insert(version, own);
                }
                if let ExprKind::Subscript { value: base, index } = &target.kind {
                    self.expr(base);
                    self.expr(index);
                    self.changed(base, target.span.start);
                }
                if let ExprKind::Attribute { value: base, .. } = &target.kind {
                    self.expr(base);
                    self.attribute_written(base);
                }
                let Some(place) = self.place(target) else {
                    return;
                };
                let version = self.scope.names.get(&target.id).cloned();
                let once = |v: &String| self.scope.vars.get(v).is_some_and(|i| i.bindings == 1);
                let local = version.filter(once);
                let name = format!("`{}`", name_of(target));
                let sent = matches!(&target.kind, ExprKind::Attribute { value, .. }
                    if matches!(self.ty(value).narrowed(), Ty::Struct(_) | Ty::Message { .. }));
                let slice = matches!(&target.kind, ExprKind::Subscript { index, .. }
                    if matches!(index.kind, ExprKind::Slice { .. }));
                if slice {
                    self.elements(
                        value,
                        &Target {
                            place,
                            name: &name,
                            local: None,
                            sent: false,
                        },
                    );
                    return;
                }
                let path = matches!(target.kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
                self.replacing = self.steps(target).filter(|_| path);
                self.flow(
                    value,
                    &Target {
                        place,
                        name: &name,
                        local: local.as_deref(),
                        sent,
                    },
                );
                self.replacing = None;
            }
        }
    }

    /// `a = b = value`: one object in all targets.
    pub(super) fn chained(&mut self, first: &Expr, targets: &[Expr], value: &Expr) {
        let ty = self.ty(value);
        if !self.holds_objects(&ty) {
            return;
        }
        let Some(from) = self.place(first) else {
            return;
        };
        for target in targets.iter().skip(1) {
            let Some(place) = self.place(target) else {
                continue;
            };
            let name = format!("`{}`", name_of(target));
            self.graph.copied(Copy {
                from,
                to: place,
                node: value.id,
                span: value.span,
                ty: ty.clone(),
                source: name_of(first),
                target: name,
                look: None,
                param: None,
                run_out: Vec::new(),
                lends: false,
                made: None,
            });
        }
    }

    /// A variable of the function alone that was bound before.
    fn bound_again(&self, target: &Expr) -> Option<String> {
        let (ExprKind::Name(name), Some(version)) =
            (&target.kind, self.scope.names.get(&target.id))
        else {
            return None;
        };
        let again = self.born.contains_key(version) && !self.scope.captured.contains(name);
        (again && self.ends.is_none()).then(|| version.clone())
    }

    /// Whether an expression makes an object that nobody has yet.
    fn is_new(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::List(_) => true,
            ExprKind::Comprehension { kind, .. } => *kind == ComprehensionKind::List,
            _ => false,
        }
    }

    pub(super) fn bound(&mut self, target: &Expr) {
        if let Some(version) = self.scope.names.get(&target.id) {
            self.anew.remove(version);
            self.born
                .entry(version.clone())
                .or_insert_with(|| (self.loops.clone(), self.blocks.clone()));
        }
    }
}

/// Builtins whose items are those of the lists that they are given.
const GIVERS: [&str; 5] = ["enumerate", "zip", "reversed", "sorted", "list"];

/// Whether a loop over `iter` gets the elements of `source` one by one.
fn takes_apart(iter: &Expr, source: &Expr) -> bool {
    match &iter.kind {
        _ if iter.id == source.id => true,
        ExprKind::Call { func, args, .. } => {
            matches!(&func.kind, ExprKind::Name(name) if GIVERS.contains(&name.as_str()))
                && args.iter().any(|arg| arg.id == source.id)
        }
        _ => false,
    }
}
