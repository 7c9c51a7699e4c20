//! Where a value goes: into which place, moved or copied.

use super::reads::name_of;
use super::{MAKERS, Target, Walk};
use crate::ast::{BinaryOp, Expr, ExprKind, NodeId};
use crate::catalog;
use crate::desugar::{COLUMNS, PARTS};
use crate::infer::Role;
use crate::infer::made::Copying;
use crate::ownership::graph::{Copy, Look, Place};
use crate::ty::Ty;

impl<'w> Walk<'w> {
    /// The value of `e` is stored in `target`.
    pub(super) fn flow(&mut self, e: &Expr, target: &Target<'_>) {
        let ty = self.ty(e);
        self.graph.holds(target.place, &ty);
        let elem = |this: &mut Self| this.graph.elem(target.place);
        match &e.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                let place = elem(self);
                for item in items {
                    self.flow(
                        item,
                        &Target {
                            place,
                            name: target.name,
                            local: None,
                            sent: false,
                        },
                    );
                }
            }
            ExprKind::Dict(items) => {
                let place = elem(self);
                for (key, value) in items {
                    if key.is_none() {
                        // The entries of another dict; objects among them are refused later.
                        self.holder_of_parts(value);
                        continue;
                    }
                    self.flow(
                        value,
                        &Target {
                            place,
                            name: target.name,
                            local: None,
                            sent: false,
                        },
                    );
                }
            }
            ExprKind::Conditional { body, orelse, .. } => {
                self.flow(body, target);
                self.flow(orelse, target);
            }
            ExprKind::Logical { values, .. } => values.iter().for_each(|v| self.flow(v, target)),
            ExprKind::Named { value, .. } | ExprKind::Starred(value) => self.flow(value, target),
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                self.clauses(clauses, e.span.end);
                self.loops.push(e.id);
                let place = elem(self);
                let item = value.as_ref().unwrap_or(element);
                self.flow(
                    item,
                    &Target {
                        place,
                        name: target.name,
                        local: None,
                        sent: false,
                    },
                );
                self.loops.pop();
            }
            ExprKind::Call { func, args, .. } => self.flow_call(e, func, args, target),
            _ if !self.holds_objects(&ty) => {}
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.elements(value, target);
            }
            ExprKind::Binary { op, left, right } => {
                self.elements(left, target);
                self.elements(right, target);
                if *op == BinaryOp::Mul {
                    self.repeats(e, target);
                }
            }
            _ => {
                let Some(from) = self.place(e) else { return };
                self.store(e, from, &ty, target);
            }
        }
    }

    /// An object that a place holds is stored in another.
    pub(super) fn store(&mut self, e: &Expr, from: usize, ty: &Ty, target: &Target<'_>) {
        if !self.holds_objects(ty) {
            return;
        }
        if self.is_alias(e, target) {
            self.borrowed.extend(target.local.map(str::to_string));
            self.graph.same(from, target.place);
            return;
        }
        if self.owned.contains(&e.id) && self.can_lend(e, target) {
            self.borrowed.extend(target.local.map(str::to_string));
            self.graph.named.insert(e.id);
            self.graph.same(from, target.place);
            return;
        }
        if self.refilled.taken.contains(&e.id) {
            self.graph.replaced.insert(e.id);
            self.graph.moved(from, target.place);
            return;
        }
        if self.dies(e) {
            self.graph.moves.insert(e.id);
            self.graph.moved(from, target.place);
            return;
        }
        if self.refilled.left.contains(&e.id) {
            self.graph.used_up.insert(e.id);
            self.graph.moved(from, target.place);
            return;
        }
        let entry = self.instances.iter().all(|f| f.role != Role::Helper);
        let look = match target.local {
            Some(_) => self.look(e, target),
            None if target.sent && entry => Some(Look {
                function: self.key.clone(),
                start: if self.loops.is_empty() { e.span.end } else { 0 },
                end: u32::MAX,
                sent: true,
            }),
            None => None,
        };
        self.graph.copied(Copy {
            from,
            to: target.place,
            node: e.id,
            span: e.span,
            ty: ty.clone(),
            source: name_of(e),
            target: target.name.to_string(),
            look,
            param: self.param_of(e),
            run_out: self.given_by(e),
            lends: self.can_lend(e, target),
            made: self.made_here(e),
        });
    }

    /// Where a variable of this function, that only this function names, gets a second owner in
    /// the same turn of the loops in which it was bound.
    fn made_here(&self, e: &Expr) -> Option<(String, u32)> {
        let ExprKind::Name(name) = &e.kind else {
            return None;
        };
        let version = self.scope.names.get(&e.id)?;
        let here = self.is_of_turn(version);
        let own = !self.params.contains(version)
            && !self.borrowed.contains(version)
            && !self.scope.captured.contains(name)
            && self.param_of(e).is_none();
        (here && own).then(|| (self.key.clone(), e.span.start))
    }

    /// How long a variable that is bound once looks at what it gets.
    fn look(&self, e: &Expr, target: &Target<'_>) -> Option<Look> {
        let version = target.local?;
        let end = self.last.get(version).copied().unwrap_or(e.span.end);
        let here = self.is_of_turn(version);
        here.then(|| Look {
            function: self.key.clone(),
            start: e.span.end,
            end,
            sent: false,
        })
    }

    /// The parameter that an expression names.
    pub(super) fn param_of(&self, e: &Expr) -> Option<NodeId> {
        let ExprKind::Name(name) = &e.kind else {
            return None;
        };
        let version = self.scope.names.get(&e.id)?;
        let skip = usize::from(self.key.contains('.'));
        let params = self.function.params.list.iter().skip(skip);
        let mut own = params.filter(|p| p.name.name == *name && version == name);
        own.next().map(|p| p.id)
    }

    /// Whether the variable is another name for what is assigned to it.
    pub(super) fn is_alias(&self, e: &Expr, target: &Target<'_>) -> bool {
        let alias = |version: &str| {
            self.instances
                .iter()
                .filter_map(|f| f.vars.get(version))
                .any(|v| v.alias.is_some())
        };
        let _ = e;
        target.local.is_some_and(alias)
    }

    /// The elements of `e` become elements of what is stored in `target`.
    pub(super) fn elements(&mut self, e: &Expr, target: &Target<'_>) {
        let held = match self.ty(e).narrowed() {
            Ty::List { elem, .. } => *elem,
            Ty::Tuple(items) => items
                .into_iter()
                .find(|ty| self.holds_objects(ty))
                .unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        };
        if !self.holds_objects(&held) {
            self.holder_of_parts(e);
            return;
        }
        let from = self.holder(e);
        let from = self.graph.elem(from);
        let place = self.graph.elem(target.place);
        self.graph.holds(from, &held);
        if self.place(e).is_none() {
            self.graph.moved(from, place);
            return;
        }
        if self.is_taken(e) {
            self.graph.moved(from, place);
            return;
        }
        // `xs = xs[1:]`: nobody has the list any more that they were elements of.
        let plain = matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
        if plain && self.replacing.is_some() && self.steps(e) == self.replacing {
            self.replacing = None;
            self.graph.lent.insert(e.id);
            self.graph.moved(from, place);
            return;
        }
        let run_out = self.given_up(e);
        self.graph.copied(Copy {
            from,
            to: place,
            node: e.id,
            span: e.span,
            ty: held,
            source: name_of(e),
            target: target.name.to_string(),
            look: None,
            param: None,
            run_out,
            lends: false,
            made: None,
        });
    }

    /// A copy of an object holds the lists that the object holds.
    fn shares(&mut self, e: &Expr, class: &str) {
        let Some(info) = self.model.classes.get(class) else {
            return;
        };
        for (name, fact) in &info.fields {
            if !matches!(fact.ty.narrowed(), Ty::List { .. }) {
                continue;
            }
            let place = self.graph.id(Place::Field(class.to_string(), name.clone()));
            self.graph.copied(Copy {
                from: place,
                to: place,
                node: e.id,
                span: e.span,
                ty: fact.ty.clone(),
                source: format!("{class}.{name}"),
                target: format!("the `{name}` of the copy"),
                look: None,
                param: None,
                run_out: Vec::new(),
                lends: false,
                made: None,
            });
        }
    }

    /// `[row] * n` is one row many times.
    fn repeats(&mut self, e: &Expr, target: &Target<'_>) {
        let Ty::List { elem, .. } = self.ty(e).narrowed() else {
            return;
        };
        if !self.holds_objects(&elem) {
            return;
        }
        let place = self.graph.elem(target.place);
        self.graph.copied(Copy {
            from: place,
            to: place,
            node: e.id,
            span: e.span,
            ty: *elem,
            source: name_of(e),
            target: format!("all elements of {}", target.name),
            look: None,
            param: None,
            run_out: Vec::new(),
            lends: false,
            made: None,
        });
    }

    /// Looks at the calls within an expression that makes a new object.
    pub(super) fn holder_of_parts(&mut self, e: &Expr) {
        if self.place(e).is_none() {
            let _ = self.holder(e);
        }
    }

    pub(super) fn flow_call(&mut self, e: &Expr, func: &Expr, args: &[Expr], target: &Target<'_>) {
        self.expr(e);
        let ty = self.ty(e);
        if let Some(callee) = self.callee(e.id) {
            let key = callee.python_name.clone();
            if !key.ends_with(".__init__") && self.holds_objects(&ty) {
                let ret = self.graph.id(Place::Ret(key));
                let look = self.look(e, target);
                self.graph.result(ret, target.place, look);
            }
            return;
        }
        // The columns of rows of numbers are new.
        let columns = matches!(&func.kind, ExprKind::Name(n) if n == COLUMNS || n == PARTS);
        if !self.holds_objects(&ty)
            || columns
            || matches!(ty.narrowed(), Ty::Instance(_)) && self.is_class(func)
        {
            return;
        }
        let own = |name: &str| self.functions.contains_key(name);
        let full = self.model.full_name(func, own);
        match full.as_deref().and_then(Copying::of) {
            Some(Copying::Deep) => return,
            Some(Copying::Shallow) => {
                args.iter().for_each(|arg| self.elements(arg, target));
                if let Ty::Instance(class) = ty.narrowed() {
                    self.shares(e, &class);
                }
                return;
            }
            Some(Copying::Replace | Copying::Dict | Copying::Tuple) | None => {}
        }
        match &func.kind {
            ExprKind::Attribute { value, attr } if !matches!(self.ty(value), Ty::Module(_)) => {
                // Positions are new, whatever they are positions of.
                if attr.name == catalog::position::EACH {
                    return;
                }
                // What a text gives is new: it holds no objects.
                if matches!(self.ty(value).given(), Ty::Str | Ty::Enum(_)) {
                    return;
                }
                let base = self.holder(value);
                let elem = self.graph.elem(base);
                if attr.name.starts_with("pop") {
                    self.graph.moved(elem, target.place);
                    return;
                }
                if attr.name == "setdefault" {
                    self.store(e, elem, &ty, target);
                    return;
                }
                // Of `xs.copy()` the elements, of `d.get(k)` the value.
                let made = matches!(ty.narrowed(), Ty::List { .. });
                if made {
                    self.elements(value, target);
                }
                if attr.name != "copy" {
                    self.copied_from(e, elem, &ty, target);
                }
            }
            _ => {
                let made = match &func.kind {
                    ExprKind::Name(name) => MAKERS.contains(&name.as_str()),
                    ExprKind::Attribute { attr, .. } => MAKERS.contains(&attr.name.as_str()),
                    _ => false,
                };
                // One of the elements, and never the list of them.
                let of_one = args.len() == 1
                    && matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "min" | "max" | "next"));
                for arg in args {
                    self.elements(arg, target);
                    if !made && self.holds_objects(&self.ty(arg)) {
                        let base = self.holder(arg);
                        let elem = self.graph.elem(base);
                        self.copied_from(e, elem, &ty, target);
                        if !of_one {
                            self.copied_from(e, base, &ty, target);
                        }
                    }
                }
            }
        }
    }

    pub(super) fn copied_from(&mut self, e: &Expr, from: usize, ty: &Ty, target: &Target<'_>) {
        let look = self.look(e, target);
        self.graph.copied(Copy {
            from,
            to: target.place,
            node: e.id,
            span: e.span,
            ty: ty.clone(),
            source: name_of(e),
            target: target.name.to_string(),
            look,
            param: None,
            run_out: Vec::new(),
            lends: false,
            made: None,
        });
    }

    pub(super) fn is_class(&self, func: &Expr) -> bool {
        matches!(&func.kind, ExprKind::Name(n) if self.model.classes.contains_key(n))
    }

    /// Whether nobody reads the variable after this.
    pub(super) fn dies(&self, e: &Expr) -> bool {
        let ExprKind::Name(name) = &e.kind else {
            return false;
        };
        if self.ends.is_some_and(|ends| ends.contains(&e.id)) {
            return true;
        }
        let Some(version) = self.scope.names.get(&e.id) else {
            return false;
        };
        if self.borrowed.contains(version) || self.is_named_otherwise(version) {
            return false;
        }
        if self.params.contains(version) || self.scope.captured.contains(name) {
            return false;
        }
        if self.replaced.contains(version) {
            return true;
        }
        self.dying.last.contains(&e.id)
    }

    /// Whether another variable is a name for what a variable holds.
    fn is_named_otherwise(&self, version: &str) -> bool {
        let mut vars = self.instances.iter().flat_map(|f| f.vars.values());
        vars.any(|var| {
            let alias = var.alias.as_ref();
            alias.is_some_and(|path| path.root == *version && path.segs.is_empty())
        })
    }

    /// What would have to be given away for an expression to give away its object.
    fn given_by(&self, e: &Expr) -> Vec<NodeId> {
        let version = self.scope.names.get(&e.id);
        let run = version.and_then(|version| self.run_out.get(version));
        match run {
            Some(run) if self.dying.last.contains(&e.id) => run.clone(),
            _ => Vec::new(),
        }
    }

    /// What would have to be given away for the elements of a list to have no other owner:
    /// nothing where somebody needs the list afterwards.
    pub(super) fn given_up(&mut self, list: &Expr) -> Vec<NodeId> {
        if !matches!(self.ty(list), Ty::List { .. }) {
            return Vec::new();
        }
        let ends = match &list.kind {
            ExprKind::Name(name) => {
                let version = self.scope.names.get(&list.id);
                let last = &self.dying;
                version.is_some_and(|v| !self.borrowed.contains(v))
                    && !self.scope.captured.contains(name)
                    && (last.run_out.contains(&list.id) || last.last.contains(&list.id))
            }
            _ => self.place(list).is_none(),
        };
        match ends {
            true => self.param_of(list).into_iter().chain([list.id]).collect(),
            false => Vec::new(),
        }
    }

    /// Whether the elements of a list are taken out of it.
    pub(super) fn is_taken(&mut self, list: &Expr) -> bool {
        let version = self.scope.names.get(&list.id);
        let own = version.is_none_or(|version| !self.params.contains(version));
        let taken = own && self.owned.contains(&list.id);
        if taken {
            self.graph.taken.insert(list.id);
        }
        taken
    }
}
