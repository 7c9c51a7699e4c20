//! Calls: what a list goes on to, and which builtins change its length.

use super::{Form, Method, Walk, is_starred};
use crate::ast::{Expr, ExprKind, Function, MethodKind, NodeId};
use crate::desugar::{COLUMNS, PARTS};
use crate::infer::call::bind_arguments;
use crate::infer::fixed::Place;
use crate::infer::fixed::graph::Node;
use crate::infer::made::Copying;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Modules whose functions only look at lists.
const LOOKING: [&str; 5] = ["math", "statistics", "time", "random", "cmath"];

/// Whether a function of that full name gives an object like the one that it gets.
fn is_copy(full: &str) -> bool {
    matches!(Copying::of(full), Some(Copying::Shallow | Copying::Deep))
}

/// Methods of containers that change how long they are.
const RESIZING: [&str; 19] = [
    "append",
    "appendleft",
    "extend",
    "extendleft",
    "insert",
    "remove",
    "clear",
    "pop",
    "popleft",
    "popitem",
    "setdefault",
    "update",
    "add",
    "discard",
    "push",
    "put",
    "fill",
    "resize",
    "rotate",
];

/// Methods of containers that only look at them, or move what is in them.
const KEEPING: [&str; 18] = [
    "index",
    "count",
    "sort",
    "reverse",
    "keys",
    "join",
    "format",
    "startswith",
    "endswith",
    "upper",
    "lower",
    "strip",
    "replace",
    "split",
    "ljust",
    "rjust",
    "zfill",
    "encode",
];

/// The arguments of a call, each evaluated once for all that may be called.
#[derive(Default)]
struct Given(BTreeMap<NodeId, Node>);

/// How a call of a method is written.
fn form<'m>(e: &'m Expr, name: &'m str, by_class: bool) -> Option<Form<'m>> {
    let ExprKind::Call { args, keywords, .. } = &e.kind else {
        return None;
    };
    let names = keywords
        .iter()
        .map(|keyword| keyword.name.as_ref().map(|name| name.name.as_str()));
    Some((name, by_class, args.len(), names.collect()))
}

impl<'m> Walk<'m, '_> {
    pub(super) fn call(&mut self, e: &'m Expr, func: &'m Expr, args: &[&'m Expr]) -> Node {
        match &func.kind {
            ExprKind::Name(name) if !self.scope.names.contains_key(&func.id) => {
                if let Some(functions) = self.functions.get(name.as_str()).cloned() {
                    let result = self.graph.fresh();
                    let mut given = Given::default();
                    for function in functions {
                        let (ret, _) = self.user_call(e, name.clone(), function, 0, &mut given);
                        self.graph.unify(result, ret);
                    }
                    return result;
                }
                if self.classes.contains(name.as_str()) {
                    let inits = self.named("__init__");
                    let init = inits.iter().find(|(class, _)| class == name);
                    match init {
                        Some((class, init)) => {
                            let key = format!("{class}.__init__");
                            self.user_call(e, key, init, 1, &mut Given::default());
                        }
                        None => args.iter().for_each(|arg| self.gives_away(arg)),
                    }
                    return self.graph.fresh();
                }
                self.builtin(e, name, args)
            }
            ExprKind::Attribute { value, attr } => self.method(e, value, &attr.name, args),
            _ => {
                self.gives_away(func);
                args.iter().for_each(|arg| self.gives_away(arg));
                self.graph.any()
            }
        }
    }

    /// A call of a function of the module; `skip` of its parameters are the instance. Gives what
    /// it returns, and whether it takes the arguments.
    fn user_call(
        &mut self,
        e: &'m Expr,
        key: String,
        function: &'m Function,
        skip: usize,
        given: &mut Given,
    ) -> (Node, bool) {
        let ExprKind::Call { args, keywords, .. } = &e.kind else {
            return (self.graph.any(), true);
        };
        let bound = bind_arguments(function, skip, args, keywords);
        let takes = bound.is_ok();
        match bound {
            Ok(bound) => {
                let params = function.params.list.iter().skip(skip);
                for (slot, param) in bound.iter().zip(params) {
                    let Some(arg) = slot.passed() else { continue };
                    let arg = *given.0.entry(arg.id).or_insert_with(|| self.eval(arg));
                    let place = Place::Local(key.clone(), param.name.name.clone());
                    let node = self.graph.place(place);
                    self.graph.unify(node, arg);
                }
            }
            Err(_) => {
                let values = keywords.iter().map(|keyword| &keyword.value);
                args.iter().chain(values).for_each(|a| self.gives_away(a));
                for param in &function.params.list {
                    let place = Place::Local(key.clone(), param.name.name.clone());
                    let node = self.graph.place(place);
                    self.graph.escapes(node);
                }
            }
        }
        (self.graph.place(Place::Ret(key)), takes)
    }

    /// A call of whichever method of a name the object has.
    fn methods_call(
        &mut self,
        e: &'m Expr,
        name: &'m str,
        by_class: bool,
        methods: &[Method<'m>],
    ) -> Node {
        let result = self.graph.fresh();
        let mut given = Given::default();
        let mut standing: Vec<(Method<'m>, bool)> = Vec::new();
        let form = form(e, name, by_class);
        let reached = form.as_ref().and_then(|form| self.reached.calls.get(form));
        let reached = reached.map(Rc::clone);
        for (class, method) in reached.as_ref().map_or(methods, |all| all) {
            let skip = match method.method_kind() {
                Ok(MethodKind::Static) => 0,
                // `Class.method(instance)`
                Ok(MethodKind::Method) if by_class => 0,
                _ => 1,
            };
            let key = format!("{class}.{}", method.method_key());
            let (ret, takes) = self.user_call(e, key, method, skip, &mut given);
            self.graph.unify(result, ret);
            if standing.iter().all(|(_, other)| *other != takes) {
                standing.push(((class, method), takes));
            }
        }
        if let (Some(form), None) = (form, reached) {
            let standing = standing.into_iter().map(|(method, _)| method).collect();
            self.reached.calls.insert(form, Rc::new(standing));
        }
        result
    }

    /// A builtin, or something that was imported.
    pub(super) fn builtin(&mut self, e: &'m Expr, name: &str, args: &[&'m Expr]) -> Node {
        let full = self.imported.get(name).cloned();
        let looks = |full: &str| LOOKING.iter().any(|m| full.split('.').next() == Some(m));
        match full.as_deref() {
            Some(full) if is_copy(full) && args.len() == 1 => {
                return self.duplicate(e, args);
            }
            Some("collections.deque") => {
                let node = self.graph.any();
                if let Some(first) = args.first() {
                    let elem = self.elements(first);
                    self.graph.set_elem(node, elem);
                }
                return node;
            }
            Some(full) if looks(full) => {
                args.iter().for_each(|arg| {
                    self.eval(arg);
                });
                return self.graph.any();
            }
            Some(_) => {
                args.iter().for_each(|arg| self.gives_away(arg));
                return self.graph.any();
            }
            None => {}
        }
        match (name, args) {
            ("zip", rows) if rows.iter().any(|a| is_starred(a)) => {
                self.columns(rows.iter().copied())
            }
            (COLUMNS | PARTS, rows) => self.columns(rows.iter().copied()),
            ("list", [_]) => self.duplicate(e, args),
            ("len" | "print" | "str" | "repr" | "any" | "all" | "sum" | "isinstance", _) => {
                args.iter().for_each(|arg| {
                    self.eval(arg);
                });
                self.graph.fresh()
            }
            _ => {
                // An element of what it gets, several values, or a list of them.
                let node = self.graph.any();
                for arg in args {
                    let elem = self.elements(arg);
                    self.graph.set_elem(node, elem);
                }
                if matches!(name, "min" | "max" | "next") {
                    let elem = self.graph.elem(node);
                    if args.len() > 1 {
                        for arg in args {
                            let own = self.eval(arg);
                            self.graph.unify(elem, own);
                        }
                    }
                    return elem;
                }
                node
            }
        }
    }

    /// A list like another.
    fn duplicate(&mut self, e: &'m Expr, args: &[&'m Expr]) -> Node {
        let node = self.graph.any();
        for list in args {
            if !matches!(list.kind, ExprKind::Call { .. }) {
                let from = self.eval(list);
                return self.graph.copy(e.id, from);
            }
            let elem = self.elements(list);
            self.graph.set_elem(node, elem);
        }
        node
    }

    pub(super) fn method(
        &mut self,
        e: &'m Expr,
        value: &'m Expr,
        name: &'m str,
        args: &[&'m Expr],
    ) -> Node {
        if let ExprKind::Name(module) = &value.kind
            && self.modules.contains(module)
            && !self.scope.names.contains_key(&value.id)
        {
            let full = self.imported.get(module);
            let copies = full.map(|full| format!("{full}.{name}"));
            if copies.is_some_and(|full| is_copy(&full)) && args.len() == 1 {
                return self.duplicate(e, args);
            }
            let full = self.imported.get(module);
            let looks = full.is_some_and(|full| LOOKING.contains(&full.as_str()));
            for arg in args {
                let node = self.eval(arg);
                if !looks {
                    self.graph.escapes(node);
                }
            }
            return self.graph.any();
        }
        let base = match &value.kind {
            ExprKind::Name(n) if Some(n.as_str()) == self.own => self.graph.fresh(),
            _ => self.eval(value),
        };
        let methods = self.named(name);
        let of_class = !methods.is_empty();
        let by_class =
            matches!(&value.kind, ExprKind::Name(n) if self.classes.contains(n.as_str()));
        let result = self.methods_call(e, name, by_class, &methods);
        match name {
            "copy" if args.is_empty() && !of_class => return self.graph.copy(e.id, base),
            "get" | "values" | "items" if !of_class => {
                let elem = self.graph.elem(base);
                for arg in args {
                    let arg = self.eval(arg);
                    self.graph.unify(elem, arg);
                }
                if name == "get" {
                    return elem;
                }
                let all = self.graph.any();
                self.graph.set_elem(all, elem);
                return all;
            }
            _ => {}
        }
        if RESIZING.contains(&name) {
            self.graph.varies(base);
            let elem = self.graph.elem(base);
            for arg in args {
                let own = self.eval(arg);
                let inner = self.graph.elem(own);
                match name {
                    "extend" | "extendleft" | "update" => self.graph.unify(elem, inner),
                    _ => self.graph.unify(elem, own),
                }
            }
            self.graph.unify(result, elem);
        } else if KEEPING.contains(&name) {
            for arg in args {
                self.eval(arg);
            }
            self.graph.varies(result);
        } else if !of_class {
            self.graph.escapes(base);
            args.iter().for_each(|arg| self.gives_away(arg));
            return self.graph.any();
        }
        result
    }
}
