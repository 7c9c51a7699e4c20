//! One function: which values it stores where, and what it changes.

use super::graph::{Copy, Graph, Look, Place};
use super::holds_objects;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Clause, Expr, ExprKind, Function, NodeId, Stmt, StmtKind};
use crate::catalog;
use crate::infer::scope::{self, FnScope, plain_name};
use crate::infer::{Bound, FnModel, Model, Role, bind_arguments};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Walk<'w> {
    model: &'w Model,
    functions: &'w BTreeMap<String, &'w Function>,
    graph: &'w mut Graph,
    /// The calls that were looked at.
    seen: BTreeSet<NodeId>,
    /// `f`, `Class.method`.
    key: String,
    function: &'w Function,
    /// What inference found, once for each way the function is called.
    instances: Vec<&'w FnModel>,
    scope: FnScope,
    params: BTreeSet<String>,
    /// The parameters that are taken by value, of all functions.
    owned: &'w BTreeSet<NodeId>,
    /// Variables that are names for a part of something else.
    borrowed: BTreeSet<String>,
    /// The loops around the statement.
    loops: Vec<NodeId>,
    /// The loops around the first binding of each variable.
    born: BTreeMap<String, Vec<NodeId>>,
    /// Where each variable is read last.
    last: BTreeMap<String, u32>,
    /// Variables that the statement under way gives a new value before anyone reads them.
    replaced: BTreeSet<String>,
}

/// Builtins that make a new object of the elements of another.
const MAKERS: [&str; 7] = [
    "list", "sorted", "tuple", "set", "dict", "reversed", "deque",
];

/// Where a value is stored.
struct Target<'t> {
    place: usize,
    /// As the Python calls it.
    name: &'t str,
    /// A variable that is bound once.
    local: Option<&'t str>,
    /// A field of a message or of the state: the copy that PyTask takes ends the sharing.
    sent: bool,
}

impl<'w> Walk<'w> {
    pub(super) fn of(
        model: &'w Model,
        functions: &'w BTreeMap<String, &'w Function>,
        graph: &'w mut Graph,
        key: &str,
        function: &'w Function,
        owned: &'w BTreeSet<NodeId>,
    ) -> Walk<'w> {
        let scope = scope::resolve(function);
        let mut last = BTreeMap::new();
        let mut reads = Reads(&scope, &mut last);
        reads.visit_block(&function.body);
        Walk {
            model,
            functions,
            graph,
            seen: BTreeSet::new(),
            key: key.to_string(),
            function,
            instances: model
                .functions
                .iter()
                .filter(|f| f.python_name == key)
                .collect(),
            params: function
                .params
                .list
                .iter()
                .filter(|p| !owned.contains(&p.id))
                .map(|p| p.name.name.clone())
                .collect(),
            owned,
            borrowed: BTreeSet::new(),
            scope,
            loops: Vec::new(),
            born: function
                .params
                .list
                .iter()
                .map(|p| (p.name.name.clone(), Vec::new()))
                .collect(),
            last,
            replaced: BTreeSet::new(),
        }
    }

    pub(super) fn function(&mut self) {
        let own = self.function;
        self.block(&own.body);
    }

    fn ty(&self, e: &Expr) -> Ty {
        let facts = self.instances.iter().filter_map(|f| f.facts.get(&e.id));
        facts
            .map(|f| f.ty.clone())
            .reduce(|a, b| if a.is_unusable() { b } else { a })
            .unwrap_or(Ty::Unknown)
    }

    fn callee(&self, call: NodeId) -> Option<&'w FnModel> {
        let id = self.instances.iter().find_map(|f| f.calls.get(&call))?;
        self.model.functions.get(id.0)
    }

    fn var(&mut self, version: &str) -> usize {
        self.graph
            .id(Place::Var(self.key.clone(), version.to_string()))
    }

    /// The place that an expression names; none for a new object.
    fn place(&mut self, e: &Expr) -> Option<usize> {
        let ty = self.ty(e);
        let place = match &e.kind {
            ExprKind::Name(name) => match self.scope.names.get(&e.id).cloned() {
                Some(version) => self.var(&version),
                None => self.graph.id(Place::Global(name.clone())),
            },
            ExprKind::Attribute { value, attr } => match self.ty(value).narrowed() {
                Ty::Instance(class) => self.graph.id(Place::Field(class, attr.name.clone())),
                Ty::Struct(key) => self.graph.id(Place::Field(key, attr.name.clone())),
                Ty::Class(class) => self.graph.id(Place::Field(class, attr.name.clone())),
                Ty::Module(_) => return None,
                _ => {
                    let base = self.place(value)?;
                    self.graph.elem(base)
                }
            },
            ExprKind::Subscript { value, index } => {
                if matches!(index.kind, ExprKind::Slice { .. }) {
                    return None;
                }
                let base = self.holder(value);
                self.graph.elem(base)
            }
            _ => return None,
        };
        self.graph.holds(place, &ty);
        Some(place)
    }

    /// The place of an expression, or one for the new object that it makes.
    fn holder(&mut self, e: &Expr) -> usize {
        if let Some(place) = self.place(e) {
            return place;
        }
        let place = self.graph.id(Place::Temp(e.id));
        let ty = self.ty(e);
        self.graph.holds(place, &ty);
        let target = Target {
            place,
            name: "",
            local: None,
            sent: false,
        };
        self.flow(e, &target);
        place
    }

    /// The value of `e` is stored in `target`.
    fn flow(&mut self, e: &Expr, target: &Target<'_>) {
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
                for (_, value) in items {
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
                self.clauses(clauses);
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
            _ if !holds_objects(&ty) => {}
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.elements(value, target);
            }
            ExprKind::Binary { left, right, .. } => {
                self.elements(left, target);
                self.elements(right, target);
            }
            _ => {
                let Some(from) = self.place(e) else { return };
                self.store(e, from, &ty, target);
            }
        }
    }

    /// An object that a place holds is stored in another.
    fn store(&mut self, e: &Expr, from: usize, ty: &Ty, target: &Target<'_>) {
        if !holds_objects(ty) {
            return;
        }
        if self.is_alias(e, target) {
            self.borrowed.extend(target.local.map(str::to_string));
            self.graph.same(from, target.place);
            return;
        }
        if self.dies(e) {
            self.graph.moves.insert(e.id);
            self.graph.moved(from, target.place);
            return;
        }
        let entry = self.instances.iter().all(|f| f.role != Role::Helper);
        let look = match target.local {
            Some(version) => {
                let end = self.last.get(version).copied().unwrap_or(e.span.end);
                let here = self.born.get(version) == Some(&self.loops);
                here.then(|| Look {
                    function: self.key.clone(),
                    start: e.span.end,
                    end,
                    sent: false,
                })
            }
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
        });
    }

    /// The parameter that an expression names.
    fn param_of(&self, e: &Expr) -> Option<NodeId> {
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
    fn is_alias(&self, e: &Expr, target: &Target<'_>) -> bool {
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
    fn elements(&mut self, e: &Expr, target: &Target<'_>) {
        let held = match self.ty(e).narrowed() {
            Ty::List { elem, .. } => *elem,
            Ty::Tuple(items) => items.into_iter().find(holds_objects).unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        };
        if !holds_objects(&held) {
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
        });
    }

    /// Looks at the calls within an expression that makes a new object.
    fn holder_of_parts(&mut self, e: &Expr) {
        if self.place(e).is_none() {
            let _ = self.holder(e);
        }
    }

    fn flow_call(&mut self, e: &Expr, func: &Expr, args: &[Expr], target: &Target<'_>) {
        self.expr(e);
        let ty = self.ty(e);
        if let Some(callee) = self.callee(e.id) {
            let key = callee.python_name.clone();
            if !key.ends_with(".__init__") && holds_objects(&ty) {
                let ret = self.graph.id(Place::Ret(key));
                self.graph.moved(ret, target.place);
            }
            return;
        }
        if !holds_objects(&ty) || matches!(ty.narrowed(), Ty::Instance(_)) && self.is_class(func) {
            return;
        }
        match &func.kind {
            ExprKind::Attribute { value, attr } => {
                let base = self.holder(value);
                let elem = self.graph.elem(base);
                if attr.name.starts_with("pop") {
                    self.graph.moved(elem, target.place);
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
                let made = matches!(&func.kind, ExprKind::Name(n) if MAKERS.contains(&n.as_str()));
                for arg in args {
                    self.elements(arg, target);
                    if !made && holds_objects(&self.ty(arg)) {
                        let base = self.holder(arg);
                        let elem = self.graph.elem(base);
                        self.copied_from(e, elem, &ty, target);
                        self.copied_from(e, base, &ty, target);
                    }
                }
            }
        }
    }

    fn copied_from(&mut self, e: &Expr, from: usize, ty: &Ty, target: &Target<'_>) {
        self.graph.copied(Copy {
            from,
            to: target.place,
            node: e.id,
            span: e.span,
            ty: ty.clone(),
            source: name_of(e),
            target: target.name.to_string(),
            look: None,
            param: None,
        });
    }

    fn is_class(&self, func: &Expr) -> bool {
        matches!(&func.kind, ExprKind::Name(n) if self.model.classes.contains_key(n))
    }

    /// Whether nobody reads the variable after this.
    fn dies(&self, e: &Expr) -> bool {
        let ExprKind::Name(name) = &e.kind else {
            return false;
        };
        let Some(version) = self.scope.names.get(&e.id) else {
            return false;
        };
        if self.borrowed.contains(version) {
            return false;
        }
        if self.params.contains(version) || self.scope.captured.contains(name) {
            return false;
        }
        if self.replaced.contains(version) {
            return true;
        }
        let last = self.last.get(version).is_none_or(|at| *at <= e.span.start);
        last && self.born.get(version) == Some(&self.loops)
    }

    /// What a call passes on, and what it changes.
    fn call(&mut self, e: &Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return;
        };
        let Some(callee) = self.callee(e.id) else {
            self.known_call(e, func, args);
            return;
        };
        let key = callee.python_name.clone();
        if !callee.mutated.is_empty() || !callee.globals_changed.is_empty() {
            self.graph.call(&self.key, e.span.start);
        }
        let Some((function, skip)) = self.definition(&key) else {
            return;
        };
        if let (ExprKind::Attribute { value, .. }, 1) = (&func.kind, skip) {
            self.expr(value);
            let own = function.params.list.first().map(|p| p.name.name.clone());
            if let (Some(own), false) = (own, key.ends_with(".__init__")) {
                let receiver = self.holder(value);
                let place = self.graph.id(Place::Var(key.clone(), own));
                self.graph.same(receiver, place);
            }
        }
        let Ok(bound) = bind_arguments(function, skip, args, keywords) else {
            return;
        };
        let mut lent: Vec<(&Expr, bool)> = Vec::new();
        if let (ExprKind::Attribute { value, .. }, 1) = (&func.kind, skip) {
            lent.push((value, callee.mutated.contains(&0)));
        }
        for (i, slot) in bound.iter().enumerate() {
            if let Bound::Given(arg) = slot {
                lent.push((arg, callee.mutated.contains(&(i + skip))));
            }
        }
        self.lent_twice(e, &lent, callee);
        for (slot, param) in bound.iter().zip(function.params.list.iter().skip(skip)) {
            let Bound::Given(arg) = slot else { continue };
            self.expr(arg);
            let ty = self.ty(arg);
            if !holds_objects(&ty) {
                continue;
            }
            let place = self
                .graph
                .id(Place::Var(key.clone(), param.name.name.clone()));
            if self.owned.contains(&param.id) {
                let name = format!(
                    "the parameter `{}` of `{}`",
                    param.name.name, function.name.name
                );
                self.flow(
                    arg,
                    &Target {
                        place,
                        name: &name,
                        local: None,
                        sent: false,
                    },
                );
                continue;
            }
            match self.place(arg) {
                Some(from) => self.graph.same(from, place),
                None => {
                    let made = self.holder(arg);
                    self.graph.moved(made, place);
                }
            }
        }
    }

    /// Refuses a call that gets one object twice, of which one is to be changed.
    fn lent_twice(&mut self, e: &Expr, lent: &[(&Expr, bool)], callee: &FnModel) {
        let mut paths: Vec<(Vec<String>, bool, String)> = callee
            .globals_changed
            .iter()
            .map(|name| (vec![format!("@{name}")], true, name.clone()))
            .collect();
        for (arg, changed) in lent {
            if let (Some(path), true) = (self.steps(arg), holds_objects(&self.ty(arg))) {
                paths.push((path, *changed, name_of(arg)));
            }
        }
        for (i, (path, changed, name)) in paths.iter().enumerate() {
            for (other, also, _) in paths.iter().skip(i + 1) {
                if (*changed || *also) && (path.starts_with(other) || other.starts_with(path)) {
                    let message = format!(
                        "`{name}` is lent twice in this call, and is changed through one of the two"
                    );
                    self.graph.refuse(e.id, e.span, message);
                }
            }
        }
    }

    /// The variable and attributes that lead to what an expression lies in.
    fn steps(&self, e: &Expr) -> Option<Vec<String>> {
        match &e.kind {
            ExprKind::Name(name) => Some(vec![match self.scope.names.get(&e.id) {
                Some(version) => version.clone(),
                None => format!("@{name}"),
            }]),
            ExprKind::Attribute { value, attr } => {
                let mut steps = self.steps(value)?;
                steps.push(attr.name.clone());
                Some(steps)
            }
            ExprKind::Subscript { value, .. } => self.steps(value),
            _ => None,
        }
    }

    /// The definition of a callee, and how many parameters the call does not give.
    fn definition(&self, key: &str) -> Option<(&'w Function, usize)> {
        let function = *self.functions.get(key)?;
        let is_static = function
            .decorators
            .iter()
            .any(|d| matches!(&d.kind, ExprKind::Name(n) if n == "staticmethod"));
        Some((function, usize::from(key.contains('.') && !is_static)))
    }

    /// A call of a builtin, or of a method of one.
    fn known_call(&mut self, e: &Expr, func: &Expr, args: &[Expr]) {
        let ExprKind::Call { keywords, .. } = &e.kind else {
            return;
        };
        if let (ExprKind::Name(class), true) = (&func.kind, self.is_class(func)) {
            let fields: Vec<String> = self
                .model
                .classes
                .get(class)
                .map(|c| c.fields.iter().map(|(n, _)| n.clone()).collect())
                .unwrap_or_default();
            let named = keywords
                .iter()
                .filter_map(|k| Some((k.name.as_ref()?.name.clone(), &k.value)));
            let pairs = fields.into_iter().zip(args).chain(named);
            for (field, value) in pairs.collect::<Vec<_>>() {
                self.expr(value);
                let place = self.graph.id(Place::Field(class.clone(), field.clone()));
                let name = format!("`{class}.{field}`");
                self.flow(
                    value,
                    &Target {
                        place,
                        name: &name,
                        local: None,
                        sent: false,
                    },
                );
            }
            return;
        }
        args.iter().for_each(|a| self.expr(a));
        keywords.iter().for_each(|k| self.expr(&k.value));
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return;
        };
        self.expr(value);
        let Some(class) = catalog::class_of(&self.ty(value).narrowed()) else {
            return;
        };
        if !catalog::mutates(&format!("{class}.{}", attr.name)) {
            return;
        }
        let base = self.holder(value);
        self.graph.change(base, &self.key, e.span.start);
        let elem = self.graph.elem(base);
        let name = format!("an element of `{}`", name_of(value));
        for arg in args {
            if attr.name.contains("extend") || attr.name == "update" {
                self.elements(
                    arg,
                    &Target {
                        place: base,
                        name: &name,
                        local: None,
                        sent: false,
                    },
                );
            } else {
                self.flow(
                    arg,
                    &Target {
                        place: elem,
                        name: &name,
                        local: None,
                        sent: false,
                    },
                );
            }
        }
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            self.expr(&clause.iter);
            self.loop_target(&clause.target, &clause.iter);
            clause.ifs.iter().for_each(|test| self.expr(test));
        }
    }

    /// A loop's target names the elements of what it runs over.
    fn loop_target(&mut self, target: &Expr, iter: &Expr) {
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
        for source in sources {
            if !holds_objects(&self.ty(source)) {
                continue;
            }
            let base = self.holder(source);
            let elem = self.graph.elem(base);
            for name in &names {
                let Some(place) = self.place(name) else {
                    continue;
                };
                let ty = self.ty(name);
                if !holds_objects(&ty) {
                    continue;
                }
                if let Some(version) = self.scope.names.get(&name.id) {
                    self.borrowed.insert(version.clone());
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
                self.born
                    .entry(version.clone())
                    .or_insert_with(|| self.loops.clone());
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for (i, stmt) in block.stmts.iter().enumerate() {
            let rest = block.stmts.get(i + 1..).unwrap_or(&[]);
            self.replaced = self.replaced_by(stmt, rest);
            self.stmt(stmt);
        }
    }

    /// The variables that `stmt` reads and that get a new value before anyone else reads
    /// them: in the statement itself, or right after it.
    fn replaced_by(&self, stmt: &Stmt, rest: &[Stmt]) -> BTreeSet<String> {
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

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                for target in targets {
                    self.assign(target, value);
                }
                if let [first, .., _] = targets.as_slice() {
                    self.chained(first, targets, value);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.expr(value);
                self.assign(target, value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(value);
                self.expr(target);
                if let ExprKind::Subscript { value: base, .. } = &target.kind {
                    self.changed(base, stmt.span.start);
                }
                if let ExprKind::Attribute { value: base, .. } = &target.kind {
                    self.attribute_written(base);
                }
                let ty = self.ty(target);
                if ty.narrowed().is_shared() {
                    self.changed(target, stmt.span.start);
                    if let Some(place) = self.place(target) {
                        let name = format!("`{}`", name_of(target));
                        self.elements(
                            value,
                            &Target {
                                place,
                                name: &name,
                                local: None,
                                sent: false,
                            },
                        );
                    }
                }
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(iter);
                self.loops.push(stmt.id);
                self.loop_target(target, iter);
                self.block(body);
                self.loops.pop();
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.loops.push(stmt.id);
                self.expr(test);
                self.block(body);
                self.loops.pop();
                self.block(orelse);
            }
            StmtKind::Return(Some(value)) => {
                self.expr(value);
                let mut left = Vec::new();
                leaves(value, &mut left);
                let own: BTreeSet<String> = left
                    .iter()
                    .filter_map(|e| self.scope.names.get(&e.id).cloned())
                    .collect();
                // With the function its variables end.
                self.replaced = own;
                let place = self.graph.id(Place::Ret(self.key.clone()));
                self.flow(
                    value,
                    &Target {
                        place,
                        name: "what is returned",
                        local: None,
                        sent: false,
                    },
                );
                self.replaced.clear();
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value: base, .. } = &target.kind {
                        self.changed(base, stmt.span.start);
                    }
                }
            }
            // A function within: what it mentions is captured, and never dies here.
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            _ => {
                let mut parts = Parts(Vec::new());
                visit::walk_stmt(&mut parts, stmt);
                parts.0.into_iter().for_each(|e| self.expr(e));
                for (block, _, _) in scope::child_blocks(stmt) {
                    self.block(block);
                }
            }
        }
    }

    fn changed(&mut self, base: &Expr, at: u32) {
        let place = self.holder(base);
        self.graph.change(place, &self.key, at);
    }

    /// An attribute of an instance gets a value after the instance was made.
    fn attribute_written(&mut self, base: &Expr) {
        let Ty::Instance(class) = self.ty(base).narrowed() else {
            return;
        };
        let own = self.function.params.list.first();
        let constructing = self.key == format!("{class}.__init__")
            && matches!(&base.kind, ExprKind::Name(n) if own.is_some_and(|p| p.name.name == *n));
        if !constructing {
            self.graph.change_class(&class);
            let place = self.holder(base);
            self.graph.change(place, &self.key, base.span.start);
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr) {
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
                if !holds_objects(&self.ty(value)) {
                    targets.iter().for_each(|t| self.bound(t));
                    return;
                }
                let made = self.place(value).is_none();
                let base = self.holder(value);
                let elem = self.graph.elem(base);
                for target in targets {
                    self.bound(target);
                    let ty = self.ty(target);
                    let Some(place) = self.place(target).filter(|_| holds_objects(&ty)) else {
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
                self.bound(target);
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
                self.flow(
                    value,
                    &Target {
                        place,
                        name: &name,
                        local: local.as_deref(),
                        sent,
                    },
                );
            }
        }
    }

    /// `a = b = value`: one object in all targets.
    fn chained(&mut self, first: &Expr, targets: &[Expr], value: &Expr) {
        let ty = self.ty(value);
        if !holds_objects(&ty) {
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
            });
        }
    }

    fn bound(&mut self, target: &Expr) {
        if let Some(version) = self.scope.names.get(&target.id) {
            self.born
                .entry(version.clone())
                .or_insert_with(|| self.loops.clone());
        }
    }

    /// Looks at the calls and comprehensions within an expression.
    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Call { .. } => {
                if self.seen.insert(e.id) {
                    self.call(e);
                }
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                self.loops.push(e.id);
                self.clauses(clauses);
                self.expr(element);
                value.iter().for_each(|v| self.expr(v));
                self.loops.pop();
            }
            ExprKind::Lambda { .. } => {}
            _ => {
                let mut parts = Parts(Vec::new());
                visit::walk_expr(&mut parts, e);
                parts.0.into_iter().for_each(|e| self.expr(e));
            }
        }
    }
}

/// The parameters that get another object: they cannot be borrowed.
pub(super) fn rebound_params(function: &Function, out: &mut BTreeSet<NodeId>) {
    struct Bindings<'b>(&'b FnScope, BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Bindings<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                let mut names = Vec::new();
                targets.iter().for_each(|t| leaves(t, &mut names));
                let versions = names.iter().filter_map(|n| self.0.names.get(&n.id));
                self.1.extend(versions.cloned());
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let scope = scope::resolve(function);
    let mut bindings = Bindings(&scope, BTreeSet::new());
    bindings.visit_block(&function.body);
    let params = function.params.list.iter();
    out.extend(
        params
            .filter(|p| bindings.1.contains(&p.name.name))
            .map(|p| p.id),
    );
}

/// The direct parts of a statement or expression.
struct Parts<'p>(Vec<&'p Expr>);

impl<'ast> Visitor<'ast> for Parts<'ast> {
    fn visit_block(&mut self, _: &'ast Block) {}

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.0.push(e);
    }
}

/// Where each variable is read last.
struct Reads<'r>(&'r FnScope, &'r mut BTreeMap<String, u32>);

impl<'ast> Visitor<'ast> for Reads<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            self.visit_expr(value);
            for target in targets {
                let mut names = Vec::new();
                leaves(target, &mut names);
                for part in names {
                    if !matches!(part.kind, ExprKind::Name(_)) {
                        self.visit_expr(part);
                    }
                }
            }
            return;
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let (ExprKind::Name(_), Some(version)) = (&e.kind, self.0.names.get(&e.id)) {
            let last = self.1.entry(version.clone()).or_default();
            *last = (*last).max(e.span.start);
        }
        visit::walk_expr(self, e);
    }
}

/// The parts of a target or value that are no tuple themselves.
fn leaves<'e>(e: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| leaves(item, out));
        }
        ExprKind::Starred(inner) => leaves(inner, out),
        _ => out.push(e),
    }
}

/// What the Python calls a place.
fn name_of(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Name(name) => plain_name(name).to_string(),
        ExprKind::Attribute { value, attr } => format!("{}.{}", name_of(value), attr.name),
        ExprKind::Subscript { value, .. } => format!("{}[…]", name_of(value)),
        ExprKind::Call { func, .. } => format!("{}(…)", name_of(func)),
        _ => "this".to_string(),
    }
}
