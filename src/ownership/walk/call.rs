//! Calls: what is lent, and what a method changes.

use super::reads::name_of;
use super::{Target, Walk};
use crate::ast::{Expr, ExprKind, Function};
use crate::catalog;
use crate::infer::{FnModel, bind_arguments};
use crate::ownership::graph::{Look, Place};
use crate::ty::Ty;

/// What a call lends to a parameter.
struct Lent<'l> {
    value: &'l Expr,
    /// Whether it is changed through the parameter.
    changed: bool,
    /// The position of the parameter, that of the object counted.
    param: usize,
}

/// The way to what a call lends.
struct LentPath {
    steps: Vec<String>,
    changed: bool,
    /// What the Python calls it.
    name: String,
    /// None for a variable of the module that the function names itself.
    param: Option<usize>,
}

impl<'w> Walk<'w> {
    /// What a call gives as an argument is looked at once all arguments are there: those behind
    /// it may change it.
    fn given_before(&mut self, e: &Expr, args: &[Expr]) {
        let asks = |arg: &Expr| matches!(arg.kind, ExprKind::Call { .. });
        let Some(last) = args.iter().rposition(asks) else {
            return;
        };
        for arg in args.iter().take(last) {
            let callee = self.callee(arg.id).map(|c| c.python_name.clone());
            let Some(key) = callee.filter(|_| self.holds_objects(&self.ty(arg))) else {
                continue;
            };
            let (ret, held) = (
                self.graph.id(Place::Ret(key)),
                self.graph.id(Place::Temp(arg.id)),
            );
            let look = Look {
                function: self.key.clone(),
                start: arg.span.end,
                end: e.span.end,
                sent: false,
            };
            self.graph.result(ret, held, Some(look));
        }
    }

    /// What a call passes on, and what it changes.
    pub(super) fn call(&mut self, e: &Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return;
        };
        self.given_before(e, args);
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
        let mut lent: Vec<Lent<'_>> = Vec::new();
        let mut lend = |value, param| {
            lent.push(Lent {
                value,
                changed: callee.mutated.contains(&param),
                param,
            });
        };
        if let (ExprKind::Attribute { value, .. }, 1) = (&func.kind, skip) {
            lend(value, 0);
        }
        for (i, slot) in bound.iter().enumerate() {
            if let Some(arg) = slot.passed() {
                lend(arg, i + skip);
            }
        }
        self.lent_twice(e, &lent, callee);
        for (slot, param) in bound.iter().zip(function.params.list.iter().skip(skip)) {
            let Some(arg) = slot.passed() else { continue };
            self.expr(arg);
            let ty = self.ty(arg);
            if !self.holds_objects(&ty) {
                continue;
            }
            let place = self
                .graph
                .id(Place::Var(key.clone(), param.name.name.clone()));
            if self.owned.contains(&param.id) {
                self.graph.given.insert(place, param.id);
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
            let changed = lent.iter().any(|l| l.value.id == arg.id && l.changed);
            if !changed {
                self.graph.lent.insert(arg.id);
            }
            self.lend(arg, place, changed);
        }
    }

    /// An argument that is only lent: of a choice, whichever it is.
    fn lend(&mut self, arg: &Expr, to: usize, changed: bool) {
        match &arg.kind {
            ExprKind::Conditional { body, orelse, .. } if !changed && choice_of_places(arg) => {
                for part in [body, orelse] {
                    self.graph.lent.insert(part.id);
                    self.lend(part, to, changed);
                }
            }
            _ => match self.place(arg) {
                Some(from) => self.graph.same(from, to),
                None => {
                    let made = self.holder(arg);
                    self.graph.moved(made, to);
                }
            },
        }
    }

    /// Refuses a call that gets one object twice, of which one is to be changed.
    fn lent_twice(&mut self, e: &Expr, lent: &[Lent<'_>], callee: &FnModel) {
        let is_lent = |name: &&String| {
            let known = self.model.variables.get(*name);
            known.is_some_and(|fact| self.holds_objects(&fact.ty))
        };
        let globals = callee.globals.iter().filter(is_lent);
        let mut paths: Vec<LentPath> = globals
            .map(|name| LentPath {
                steps: vec![format!("@{name}")],
                changed: callee.globals_changed.contains(name),
                name: name.clone(),
                param: None,
            })
            .collect();
        for Lent {
            value,
            changed,
            param,
        } in lent
        {
            if !self.holds_objects(&self.ty(value)) {
                continue;
            }
            let version = self.scope.names.get(&value.id);
            let ways = match version.and_then(|v| self.displayed.get(v)) {
                Some(items) => items.clone(),
                None => self.lead(value).into_iter().collect(),
            };
            paths.extend(ways.into_iter().map(|steps| LentPath {
                steps,
                changed: *changed,
                name: name_of(value),
                param: Some(*param),
            }));
        }
        for (i, path) in paths.iter().enumerate() {
            for other in paths.iter().skip(i + 1) {
                let one = path.steps.starts_with(&other.steps);
                if path.param.is_some() && path.param == other.param {
                    continue;
                }
                if !(path.changed || other.changed)
                    || !(one || other.steps.starts_with(&path.steps))
                {
                    continue;
                }
                let message = format!(
                    "`{}` is lent twice in this call, and is changed through one of the two",
                    path.name
                );
                self.graph.refuse(e.id, e.span, message);
                if let (Some(0), Some(param), false) = (path.param, other.param, one) {
                    let key = callee.python_name.clone();
                    let parts = self.graph.lent_parts.entry(key).or_default();
                    parts.insert(param);
                }
                let known = |path: &LentPath| self.model.variables.get(&path.name);
                let globals = [path, other].into_iter().filter(|p| p.param.is_none());
                let globals = globals.filter_map(|p| Some(known(p)?.ty.clone()));
                let lent = lent.iter().map(|l| self.ty(l.value));
                let types: Vec<Ty> = lent.chain(globals).collect();
                for ty in types {
                    if let Ty::Instance(class) = ty.narrowed() {
                        self.graph.lent_twice.insert(class);
                    }
                }
            }
        }
    }

    /// The variable and attributes that lead to what an expression lies in.
    pub(super) fn steps(&self, e: &Expr) -> Option<Vec<String>> {
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
    pub(super) fn definition(&self, key: &str) -> Option<(&'w Function, usize)> {
        let function = *self.functions.get(key)?;
        let is_static = function
            .decorators
            .iter()
            .any(|d| matches!(&d.kind, ExprKind::Name(n) if n == "staticmethod"));
        Some((function, usize::from(key.contains('.') && !is_static)))
    }

    /// A call of a builtin, or of a method of one.
    pub(super) fn known_call(&mut self, e: &Expr, func: &Expr, args: &[Expr]) {
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
        // What is only looked for is not kept.
        if matches!(attr.name.as_str(), "remove" | "discard") {
            return;
        }
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
}

/// Whether a choice is between names of objects, and None.
fn choice_of_places(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Conditional { body, orelse, .. } => {
            choice_of_places(body) && choice_of_places(orelse)
        }
        ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::None => true,
        ExprKind::Subscript { index, .. } => !matches!(index.kind, ExprKind::Slice { .. }),
        _ => false,
    }
}
