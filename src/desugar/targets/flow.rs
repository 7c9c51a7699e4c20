//! Which functions an expression may be, by where functions are put.
//!
//! Enters: the module. Leaves: groups of places (variables, attributes, elements of
//! collections, parameters) that hold the same values, and for each group the functions in
//! it and the calls through it. Places that meet once are one group, whatever the order.
//! This module must not know types.

use super::known::Known;
use crate::ast::{
    self, Block, Class, Expr, ExprKind, Function, MethodKind, Module, NodeId, Stmt, StmtKind,
};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// What may be called through a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A function of the module.
    Function(String),
    /// A method of the instance that the value is found in, by class.
    Method(String, String),
    /// A method of an instance that a variable of the module holds for good: the path to the
    /// instance (`robot`, `robot.arm`), its class, the method.
    Bound(String, String, String),
    /// An object that is called itself, by class.
    Object(String),
}

impl Target {
    /// What Python calls it.
    pub(super) fn name(&self) -> &String {
        match self {
            Self::Function(name)
            | Self::Method(_, name)
            | Self::Bound(_, _, name)
            | Self::Object(name) => name,
        }
    }
}

/// A node of a function: nodes that classes inherit stand in several functions.
pub(super) type Place = (String, NodeId);

/// The groups of the module.
#[derive(Default)]
pub(super) struct Flow {
    parent: Vec<Cell<usize>>,
    parts: Vec<BTreeMap<String, usize>>,
    targets: Vec<BTreeSet<Target>>,
    names: BTreeMap<String, usize>,
    /// The group of each expression.
    of: BTreeMap<Place, usize>,
    /// The expressions that are a function.
    pub(super) values: Vec<(Place, Target)>,
    /// The calls of a value: the call, and what is called.
    pub(super) calls: Vec<(Place, Place)>,
    /// Methods that are called on anything but `self`.
    pub(super) called_outside: BTreeSet<String>,
    /// Groups that identity is asked of.
    identity: Vec<usize>,
    /// Groups that are compared in any way but with None.
    compared: Vec<usize>,
    /// What the calls of a value give, and what comes back.
    given: Vec<Given>,
}

/// A call of a value: what is called, the arguments by place and by name, the result.
#[derive(Clone)]
struct Given {
    func: usize,
    args: Vec<usize>,
    named: Vec<(String, usize)>,
    back: usize,
}

/// Whether a function or method is named anywhere but to call it.
pub(super) fn has_values(module: &Module, known: &Known<'_>) -> bool {
    let classes = known.classes.values();
    let methods = classes.flat_map(|class| class.body.functions());
    let mut values = Values {
        functions: &known.functions,
        methods: methods.map(|method| method.name.name.as_str()).collect(),
        found: false,
    };
    ast::visit::Visitor::visit_block(&mut values, &module.body);
    values.found
}

struct Values<'k, 'm> {
    functions: &'k BTreeMap<String, &'m Function>,
    methods: BTreeSet<&'m str>,
    found: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Values<'_, '_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                match &func.kind {
                    ExprKind::Name(_) => {}
                    ExprKind::Attribute { value, .. } => self.visit_expr(value),
                    _ => self.visit_expr(func),
                }
                let values = keywords.iter().map(|keyword| &keyword.value);
                args.iter().chain(values).for_each(|e| self.visit_expr(e));
                return;
            }
            ExprKind::Name(name) => self.found |= self.functions.contains_key(name),
            ExprKind::Attribute { attr, .. } => {
                self.found |= self.methods.contains(attr.name.as_str());
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }
}

pub(super) fn declared_global(stmt: &Stmt, out: &mut BTreeSet<String>) {
    struct Globals<'o>(&'o mut BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Globals<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Global(names) = &stmt.kind {
                self.0.extend(names.iter().cloned());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    ast::visit::Visitor::visit_stmt(&mut Globals(out), stmt);
}

/// Where an expression stands.
pub(super) struct At<'s> {
    /// The function, `Class.method` or empty.
    pub(super) key: String,
    pub(super) class: Option<String>,
    pub(super) this: Option<String>,
    pub(super) locals: BTreeSet<String>,
    pub(super) known: &'s Known<'s>,
}

/// Follows the functions through the module.
pub(super) fn flow(module: &Module, known: &Known<'_>) -> Flow {
    let mut flow = Flow::default();
    let at = |key: &str, function: Option<&Function>, class: Option<&str>| At {
        key: key.to_string(),
        class: class.map(str::to_string),
        this: function
            .filter(|f| class.is_some() && matches!(f.method_kind(), Ok(MethodKind::Method)))
            .and_then(|f| Some(f.params.list.first()?.name.name.clone())),
        locals: function.map_or_else(BTreeSet::new, |f| {
            let names = super::super::names::Names::of(f);
            let globals = {
                let mut out = BTreeSet::new();
                f.body
                    .stmts
                    .iter()
                    .for_each(|s| declared_global(s, &mut out));
                out
            };
            names
                .bound
                .into_keys()
                .filter(|n| !globals.contains(n))
                .collect()
        }),
        known,
    };
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let at = at(&function.name.name, Some(function), None);
                flow.function(function, &at);
            }
            StmtKind::Class(class) => {
                let name = &class.name.name;
                for function in class.body.functions() {
                    let key = format!("{name}.{}", function.method_key());
                    flow.function(function, &at(&key, Some(function), Some(name)));
                }
                let module_at = at("", None, None);
                for stmt in &class.body.stmts {
                    let (target, value) = match &stmt.kind {
                        StmtKind::Assign { targets, value } => (targets.first(), value),
                        StmtKind::AnnAssign {
                            target,
                            value: Some(value),
                            ..
                        } => (Some(target), value),
                        _ => continue,
                    };
                    if let Some(ExprKind::Name(field)) = target.map(|t| &t.kind) {
                        let node = flow.named(&format!("a:{name}:{field}"));
                        let value = flow.eval(value, &module_at);
                        flow.unite(node, value);
                    }
                }
            }
            _ => flow.stmt(stmt, &at("", None, None)),
        }
    }
    flow.settle(known);
    while flow.hand_on(known) {
        flow.settle(known);
    }
    flow.bind_singles(known);
    flow
}

impl Flow {
    fn fresh(&mut self) -> usize {
        self.parent.push(Cell::new(self.parent.len()));
        self.parts.push(BTreeMap::new());
        self.targets.push(BTreeSet::new());
        self.parent.len() - 1
    }

    fn named(&mut self, name: &str) -> usize {
        if let Some(node) = self.names.get(name) {
            return *node;
        }
        let node = self.fresh();
        self.names.insert(name.to_string(), node);
        node
    }

    /// The group of a node. The way there is made shorter.
    pub(super) fn root(&self, node: usize) -> usize {
        let mut node = node;
        while let Some(up) = self.parent.get(node).filter(|up| up.get() != node) {
            let next = up.get();
            if let Some(after) = self.parent.get(next) {
                up.set(after.get());
            }
            node = next;
        }
        node
    }

    /// The group of an expression.
    pub(super) fn group(&self, place: &Place) -> Option<usize> {
        self.of.get(place).map(|n| self.root(*n))
    }

    fn unite(&mut self, a: usize, b: usize) {
        let mut work = vec![(a, b)];
        while let Some((a, b)) = work.pop() {
            let (a, b) = (self.root(a), self.root(b));
            if a == b {
                continue;
            }
            if let Some(slot) = self.parent.get(b) {
                slot.set(a);
            }
            let parts = self.parts.get_mut(b).map(std::mem::take);
            for (label, part) in parts.unwrap_or_default() {
                match self.parts.get(a).and_then(|p| p.get(&label)).copied() {
                    Some(own) => work.push((own, part)),
                    None => {
                        if let Some(own) = self.parts.get_mut(a) {
                            own.insert(label, part);
                        }
                    }
                }
            }
            let targets = self.targets.get_mut(b).map(std::mem::take);
            if let Some(own) = self.targets.get_mut(a) {
                own.extend(targets.unwrap_or_default());
            }
        }
    }

    fn part(&mut self, node: usize, label: &str) -> usize {
        let node = self.root(node);
        if let Some(part) = self.parts.get(node).and_then(|p| p.get(label)) {
            return *part;
        }
        let part = self.fresh();
        if let Some(parts) = self.parts.get_mut(node) {
            parts.insert(label.to_string(), part);
        }
        part
    }

    /// A tuple that is iterated, or indexed by what is computed: its items are one.
    fn settle(&mut self, known: &Known<'_>) {
        let outside: Vec<(String, usize)> = self
            .names
            .iter()
            .filter_map(|(n, node)| Some((n.strip_prefix("a:?:")?.to_string(), *node)))
            .collect();
        for (attr, node) in outside {
            for class in known.classes.keys() {
                if let Some(own) = self.names.get(&format!("a:{class}:{attr}")).copied() {
                    self.unite(node, own);
                }
            }
        }
        for (name, class) in &known.classes {
            for above in &class.ancestors {
                let prefix = format!("a:{name}:");
                let own: Vec<(String, usize)> = self
                    .names
                    .iter()
                    .filter_map(|(n, node)| Some((n.strip_prefix(&prefix)?.to_string(), *node)))
                    .collect();
                for (attr, node) in own {
                    let base = self.names.get(&format!("a:{above}:{attr}")).copied();
                    if let Some(base) = base
                        && !self.has_method(node, 0)
                        && !self.has_method(base, 0)
                    {
                        self.unite(node, base);
                    }
                }
            }
        }
        loop {
            let mut pairs = Vec::new();
            for (node, parts) in self.parts.iter().enumerate() {
                if self.root(node) != node {
                    continue;
                }
                if let Some(all) = parts.get("[]") {
                    for (label, part) in parts {
                        if label.starts_with('#') && self.root(*part) != self.root(*all) {
                            pairs.push((*all, *part));
                        }
                    }
                }
            }
            if pairs.is_empty() {
                return;
            }
            pairs.into_iter().for_each(|(a, b)| self.unite(a, b));
        }
    }

    /// What the calls of values give goes into the parameters of all that they may call; whether
    /// anything came together.
    fn hand_on(&mut self, known: &Known<'_>) -> bool {
        let groups = |flow: &Flow| {
            (0..flow.parent.len())
                .filter(|n| flow.root(*n) == *n)
                .count()
        };
        let before = groups(self);
        let nodes = self.parent.len();
        for call in self.given.clone() {
            for target in self.targets_of(self.root(call.func)) {
                let found = match &target {
                    Target::Function(name) => {
                        known.functions.get(name).map(|f| (name.clone(), *f, 0))
                    }
                    Target::Method(class, name) | Target::Bound(_, class, name) => known
                        .method(class, name)
                        .map(|f| (format!("{class}.{name}"), f, 1)),
                    Target::Object(class) => known
                        .method(class, "__call__")
                        .map(|f| (format!("{class}.__call__"), f, 1)),
                };
                if let Some((key, function, skip)) = found {
                    self.give(&key, function, skip, &call.args, &call.named);
                    let back = self.named(&format!("r:{key}"));
                    self.unite(call.back, back);
                }
            }
        }
        groups(self) != before + (self.parent.len() - nodes)
    }

    /// Where methods of several classes meet, each with one object alone, they are those of
    /// these objects.
    fn bind_singles(&mut self, known: &Known<'_>) {
        for group in 0..self.targets.len() {
            let methods: BTreeSet<(String, String)> = self
                .targets_of(group)
                .into_iter()
                .filter_map(|target| match target {
                    Target::Method(class, name) => Some((class, name)),
                    Target::Function(_) | Target::Bound(..) | Target::Object(_) => None,
                })
                .collect();
            let classes: BTreeSet<&String> = methods.iter().map(|(class, _)| class).collect();
            if classes.len() < 2 || !classes.iter().all(|c| known.singles.contains_key(*c)) {
                continue;
            }
            for (class, name) in methods {
                let Some(path) = known.singles.get(&class) else {
                    continue;
                };
                let method = Target::Method(class.clone(), name.clone());
                let bound = Target::Bound(path.clone(), class, name);
                if let Some(targets) = self.targets.get_mut(group) {
                    targets.remove(&method);
                    targets.insert(bound.clone());
                }
                let here: Vec<bool> = self
                    .values
                    .iter()
                    .map(|(place, target)| *target == method && self.group(place) == Some(group))
                    .collect();
                for ((_, target), _) in self.values.iter_mut().zip(here).filter(|(_, is)| *is) {
                    *target = bound.clone();
                }
            }
        }
    }

    /// Whether a group is compared in any way but with None.
    pub(super) fn is_compared(&self, group: usize) -> bool {
        self.compared.iter().any(|n| self.root(*n) == group)
    }

    fn has_method(&self, node: usize, depth: usize) -> bool {
        let node = self.root(node);
        let own = self.targets.get(node).is_some_and(|t| {
            t.iter().any(|t| {
                matches!(
                    t,
                    Target::Method(..) | Target::Bound(..) | Target::Object(_)
                )
            })
        });
        own || depth < 4
            && self
                .parts
                .get(node)
                .is_some_and(|p| p.values().any(|n| self.has_method(*n, depth + 1)))
    }

    /// The functions of a group.
    pub(super) fn targets_of(&self, group: usize) -> Vec<Target> {
        self.targets
            .get(group)
            .map_or_else(Vec::new, |t| t.iter().cloned().collect())
    }

    /// Whether identity is asked of a group.
    pub(super) fn has_identity(&self, group: usize) -> bool {
        self.identity.iter().any(|n| self.root(*n) == group)
    }

    /// The names of the places of a group, and of what holds its values.
    pub(super) fn names_of(&self, group: usize) -> Vec<(String, usize)> {
        let mut out: Vec<(String, usize)> = Vec::new();
        let mut nodes = vec![group];
        for depth in 0..3 {
            for (name, node) in &self.names {
                if nodes.contains(&self.root(*node)) {
                    out.push((name.clone(), depth));
                }
            }
            nodes = self
                .parts
                .iter()
                .enumerate()
                .filter(|(_, parts)| parts.values().any(|p| nodes.contains(&self.root(*p))))
                .map(|(node, _)| self.root(node))
                .collect();
        }
        out
    }

    fn function(&mut self, function: &Function, at: &At<'_>) {
        let outside = At {
            key: at.key.clone(),
            class: None,
            this: None,
            locals: BTreeSet::new(),
            known: at.known,
        };
        for param in &function.params.list {
            let node = self.named(&format!("v:{}:{}", at.key, param.name.name));
            if let Some(default) = &param.default {
                let value = self.eval(default, &outside);
                self.unite(node, value);
            }
        }
        self.block(&function.body, at);
    }

    fn block(&mut self, block: &Block, at: &At<'_>) {
        block.stmts.iter().for_each(|s| self.stmt(s, at));
    }

    fn stmt(&mut self, stmt: &Stmt, at: &At<'_>) {
        match &stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            StmtKind::Return(Some(value)) => {
                let node = self.eval(value, at);
                let back = self.named(&format!("r:{}", at.key));
                self.unite(back, node);
            }
            StmtKind::Assign { targets, value } => {
                let node = self.eval(value, at);
                targets.iter().for_each(|t| self.bind(t, node, at));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                let node = self.eval(value, at);
                self.bind(target, node, at);
            }
            StmtKind::AugAssign { target, value, .. } => {
                let node = self.eval(value, at);
                let own = self.eval(target, at);
                self.unite(own, node);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                let elem = self.elements(iter, at);
                self.bind(target, elem, at);
                self.block(body, at);
                self.block(orelse, at);
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                let _ = self.eval(test, at);
                self.block(body, at);
                self.block(orelse, at);
            }
            StmtKind::With { items, body, .. } => {
                for (item, target) in items {
                    let node = self.eval(item, at);
                    target.iter().for_each(|t| self.bind(t, node, at));
                }
                self.block(body, at);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block(body, at);
                handlers.iter().for_each(|h| self.block(&h.body, at));
                self.block(orelse, at);
                self.block(finalbody, at);
            }
            StmtKind::Match { subject, cases } => {
                let _ = self.eval(subject, at);
                for case in cases {
                    case.guard.iter().for_each(|g| {
                        let _ = self.eval(g, at);
                    });
                    self.block(&case.body, at);
                }
            }
            StmtKind::Expr(value) => {
                let _ = self.eval(value, at);
            }
            StmtKind::Raise { exc, cause } => {
                for e in [exc, cause].into_iter().flatten() {
                    let _ = self.eval(e, at);
                }
            }
            StmtKind::Assert { test, message } => {
                let _ = self.eval(test, at);
                message.iter().for_each(|m| {
                    let _ = self.eval(m, at);
                });
            }
            StmtKind::Delete(_)
            | StmtKind::AnnAssign { value: None, .. }
            | StmtKind::Return(None)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Unsupported(_) => {}
        }
    }

    fn bind(&mut self, target: &Expr, node: usize, at: &At<'_>) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    let part = self.part(node, &format!("#{i}"));
                    self.bind(item, part, at);
                }
            }
            _ => {
                let own = self.eval(target, at);
                self.unite(own, node);
            }
        }
    }

    /// What a loop over an expression takes from it.
    fn elements(&mut self, iter: &Expr, at: &At<'_>) -> usize {
        if let ExprKind::Call { func, args, .. } = &iter.kind {
            match (&func.kind, args.as_slice()) {
                (ExprKind::Name(n), [inner, ..]) if n == "enumerate" => {
                    let elem = self.elements(inner, at);
                    let pair = self.fresh();
                    let item = self.part(pair, "#1");
                    self.unite(item, elem);
                    return pair;
                }
                (ExprKind::Name(n), lists) if n == "zip" => {
                    let tuple = self.fresh();
                    for (i, list) in lists.iter().enumerate() {
                        let elem = self.elements(list, at);
                        let item = self.part(tuple, &format!("#{i}"));
                        self.unite(item, elem);
                    }
                    return tuple;
                }
                (ExprKind::Name(n), [inner, ..])
                    if matches!(
                        n.as_str(),
                        "reversed" | "list" | "tuple" | "sorted" | "iter"
                    ) =>
                {
                    return self.elements(inner, at);
                }
                (ExprKind::Attribute { value, attr }, []) if attr.name == "values" => {
                    let node = self.eval(value, at);
                    return self.part(node, "[]");
                }
                (ExprKind::Attribute { value, attr }, []) if attr.name == "items" => {
                    let node = self.eval(value, at);
                    let pair = self.fresh();
                    let (key, elem) = (self.part(node, "keys"), self.part(node, "[]"));
                    let (first, second) = (self.part(pair, "#0"), self.part(pair, "#1"));
                    self.unite(first, key);
                    self.unite(second, elem);
                    return pair;
                }
                _ => {}
            }
        }
        let node = self.eval(iter, at);
        self.part(node, "[]")
    }

    fn eval(&mut self, e: &Expr, at: &At<'_>) -> usize {
        let node = self.eval_kind(e, at);
        self.of.insert((at.key.clone(), e.id), node);
        node
    }

    fn value(&mut self, e: &Expr, target: Target, at: &At<'_>) -> usize {
        let node = self.fresh();
        if let Some(targets) = self.targets.get_mut(node) {
            targets.insert(target.clone());
        }
        self.values.push(((at.key.clone(), e.id), target));
        node
    }

    fn eval_kind(&mut self, e: &Expr, at: &At<'_>) -> usize {
        match &e.kind {
            ExprKind::Name(name) if at.locals.contains(name) => {
                self.named(&format!("v:{}:{name}", at.key))
            }
            ExprKind::Name(name) if at.known.functions.contains_key(name) => {
                self.value(e, Target::Function(name.clone()), at)
            }
            ExprKind::Name(name) => self.named(&format!("g:{name}")),
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if Some(n) == at.this.as_ref());
                if let (true, Some(class)) = (own, &at.class) {
                    if at.known.method(class, &attr.name).is_some() {
                        let target = Target::Method(class.clone(), attr.name.clone());
                        return self.value(e, target, at);
                    }
                    return self.named(&format!("a:{class}:{}", attr.name));
                }
                if let Some(path) = at.known.path(value, at)
                    && let Some(target) = at.known.bound(&path, &attr.name)
                {
                    return self.value(e, target, at);
                }
                let _ = self.eval(value, at);
                self.named(&format!("a:?:{}", attr.name))
            }
            ExprKind::Subscript { value, index } => {
                let base = self.eval(value, at);
                let _ = self.eval(index, at);
                match &index.kind {
                    ExprKind::Int(n) => self.part(base, &format!("#{n}")),
                    ExprKind::Slice { .. } => base,
                    _ => self.part(base, "[]"),
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords, at),
            ExprKind::Conditional { test, body, orelse } => {
                let _ = self.eval(test, at);
                let (a, b) = (self.eval(body, at), self.eval(orelse, at));
                self.unite(a, b);
                a
            }
            ExprKind::Logical { values, .. } => {
                let out = self.fresh();
                for value in values {
                    let node = self.eval(value, at);
                    self.unite(out, node);
                }
                out
            }
            ExprKind::Tuple(items) => {
                let out = self.fresh();
                for (i, item) in items.iter().enumerate() {
                    let node = self.eval(item, at);
                    let part = self.part(out, &format!("#{i}"));
                    self.unite(part, node);
                }
                out
            }
            ExprKind::List(items) | ExprKind::Set(items) => {
                let out = self.fresh();
                let part = self.part(out, "[]");
                for item in items {
                    let node = self.eval(item, at);
                    self.unite(part, node);
                }
                out
            }
            ExprKind::Dict(items) => {
                let out = self.fresh();
                let (keys, values) = (self.part(out, "keys"), self.part(out, "[]"));
                for (key, value) in items {
                    let node = self.eval(value, at);
                    match key {
                        Some(key) => {
                            let key = self.eval(key, at);
                            self.unite(keys, key);
                            self.unite(values, node);
                        }
                        None => self.unite(out, node),
                    }
                }
                out
            }
            ExprKind::Named { target, value } => {
                let node = self.eval(value, at);
                let own = self.named(&format!("v:{}:{}", at.key, target.name));
                self.unite(own, node);
                node
            }
            ExprKind::Compare { left, rest, ops } => {
                let identity = ops
                    .iter()
                    .any(|op| matches!(op, ast::CompareOp::Is | ast::CompareOp::IsNot));
                let none = rest.iter().any(|e| matches!(e.kind, ExprKind::None));
                let node = self.eval(left, at);
                let member = ops
                    .iter()
                    .any(|op| matches!(op, ast::CompareOp::In | ast::CompareOp::NotIn));
                if !rest.iter().all(|e| matches!(e.kind, ExprKind::None)) {
                    self.compared.push(node);
                }
                for e in rest {
                    let other = self.eval(e, at);
                    if !matches!(e.kind, ExprKind::None) && !member {
                        self.unite(node, other);
                    }
                }
                if identity && !none {
                    self.identity.push(node);
                }
                self.fresh()
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                for clause in clauses {
                    let elem = self.elements(&clause.iter, at);
                    self.bind(&clause.target, elem, at);
                    for test in &clause.ifs {
                        let _ = self.eval(test, at);
                    }
                }
                let out = self.fresh();
                let part = self.part(out, "[]");
                let first = self.eval(element, at);
                match value {
                    Some(value) => {
                        let node = self.eval(value, at);
                        self.unite(part, node);
                    }
                    None => self.unite(part, first),
                }
                out
            }
            ExprKind::Starred(inner) => self.eval(inner, at),
            ExprKind::Lambda { .. } => self.fresh(),
            _ => {
                let mut parts = Vec::new();
                struct Parts<'p, 'e>(&'p mut Vec<&'e Expr>, bool);
                impl<'ast> ast::visit::Visitor<'ast> for Parts<'_, 'ast> {
                    fn visit_expr(&mut self, e: &'ast Expr) {
                        if self.1 {
                            self.1 = false;
                            ast::visit::walk_expr(self, e);
                        } else {
                            self.0.push(e);
                        }
                    }
                }
                ast::visit::Visitor::visit_expr(&mut Parts(&mut parts, true), e);
                for part in parts {
                    let _ = self.eval(part, at);
                }
                self.fresh()
            }
        }
    }

    fn call(
        &mut self,
        e: &Expr,
        func: &Expr,
        args: &[Expr],
        keywords: &[ast::Keyword],
        at: &At<'_>,
    ) -> usize {
        let key_of = |name: &str| matches!(name, "map" | "filter" | "sorted");
        let given: Vec<usize> = args.iter().map(|a| self.eval(a, at)).collect();
        let named: Vec<(String, usize)> = keywords
            .iter()
            .filter_map(|k| {
                let node = self.eval(&k.value, at);
                Some((k.name.as_ref()?.name.clone(), node))
            })
            .collect();
        match &func.kind {
            ExprKind::Name(name) if at.locals.contains(name) => {
                self.called(e, func, (given, named), at)
            }
            ExprKind::Name(name) => {
                if let Some(function) = at.known.functions.get(name) {
                    self.give(name, function, 0, &given, &named);
                    return self.named(&format!("r:{name}"));
                }
                if let Some(class) = at.known.classes.get(name) {
                    let key = format!("{name}.__init__");
                    match class.body.functions().find(|f| f.name.name == "__init__") {
                        Some(init) => self.give(&key, init, 1, &given, &named),
                        None => self.fields(class, &given, &named),
                    }
                    let made = self.fresh();
                    if at.known.method(name, "__call__").is_some()
                        && let Some(targets) = self.targets.get_mut(made)
                    {
                        targets.insert(Target::Object(name.clone()));
                    }
                    return made;
                }
                match (name.as_str(), given.first()) {
                    ("list" | "tuple" | "dict" | "deque" | "reversed", Some(first)) => {
                        let out = self.fresh();
                        let (own, theirs) = (self.part(out, "[]"), self.part(*first, "[]"));
                        self.unite(own, theirs);
                        return out;
                    }
                    (name, _) if key_of(name) => return self.fresh(),
                    _ => {}
                }
                let variable = self.names.contains_key(&format!("g:{name}"));
                match variable {
                    true => self.called(e, func, (given, named), at),
                    false => self.fresh(),
                }
            }
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if Some(n) == at.this.as_ref());
                if at.known.is_method(&attr.name) {
                    let base = self.eval(value, at);
                    let _ = base;
                    if !own {
                        self.called_outside.insert(attr.name.clone());
                    }
                    let mut back = None;
                    for (class, definition) in &at.known.classes {
                        if own && at.class.as_ref() != Some(class) {
                            continue;
                        }
                        for method in definition
                            .body
                            .functions()
                            .filter(|m| m.name.name == attr.name)
                        {
                            let skip = match method.method_kind() {
                                Ok(MethodKind::Static) => 0,
                                _ => 1,
                            };
                            let key = format!("{class}.{}", attr.name);
                            self.give(&key, method, skip, &given, &named);
                            let node = self.named(&format!("r:{key}"));
                            if let Some(back) = back {
                                self.unite(back, node);
                            }
                            back = Some(node);
                        }
                    }
                    return back.unwrap_or_else(|| self.fresh());
                }
                let base = self.eval(value, at);
                match attr.name.as_str() {
                    "get" | "pop" | "popleft" | "setdefault" => {
                        let elem = self.part(base, "[]");
                        if attr.name != "popleft"
                            && let Some(default) = given.get(1)
                        {
                            self.unite(elem, *default);
                        }
                        elem
                    }
                    "append" | "appendleft" | "add" | "insert" => {
                        let elem = self.part(base, "[]");
                        if let Some(value) = given.last() {
                            self.unite(elem, *value);
                        }
                        self.fresh()
                    }
                    "extend" | "update" => {
                        if let Some(value) = given.first() {
                            self.unite(base, *value);
                        }
                        self.fresh()
                    }
                    "copy" => base,
                    "sort" => self.fresh(),
                    _ => self.called(e, func, (given, named), at),
                }
            }
            _ => self.called(e, func, (given, named), at),
        }
    }

    /// A call of a value; what comes back.
    fn called(
        &mut self,
        e: &Expr,
        func: &Expr,
        (args, named): (Vec<usize>, Vec<(String, usize)>),
        at: &At<'_>,
    ) -> usize {
        let node = self.eval(func, at);
        let key = at.key.clone();
        self.calls.push(((key.clone(), e.id), (key, func.id)));
        let back = self.fresh();
        let args = match e.kind {
            ExprKind::Call { args: ref own, .. } => {
                let plain = |arg: &&Expr| !matches!(arg.kind, ExprKind::Starred(_));
                let plain = own.iter().take_while(plain).count();
                args.into_iter().take(plain).collect()
            }
            _ => args,
        };
        self.given.push(Given {
            func: node,
            args,
            named,
            back,
        });
        back
    }

    /// The arguments of a call go into the parameters.
    fn give(
        &mut self,
        key: &str,
        function: &Function,
        skip: usize,
        given: &[usize],
        named: &[(String, usize)],
    ) {
        for (param, node) in function.params.list.iter().skip(skip).zip(given) {
            let own = self.named(&format!("v:{key}:{}", param.name.name));
            self.unite(own, *node);
        }
        for (name, node) in named {
            let own = self.named(&format!("v:{key}:{name}"));
            self.unite(own, *node);
        }
    }

    /// The arguments of a dataclass go into its fields.
    fn fields(&mut self, class: &Class, given: &[usize], named: &[(String, usize)]) {
        let fields = class.body.stmts.iter().filter_map(|s| match &s.kind {
            StmtKind::AnnAssign { target, .. } => match &target.kind {
                ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        });
        let pairs: Vec<(String, usize)> = fields
            .zip(given.iter().copied())
            .chain(named.iter().cloned())
            .collect();
        for (field, node) in pairs {
            let own = self.named(&format!("a:{}:{field}", class.name.name));
            self.unite(own, node);
        }
    }
}
