//! Follows lists through the functions of a module.

use super::Place;
use super::graph::{Graph, Node};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    BinaryOp, Block, Clause, Expr, ExprKind, Function, MethodKind, Module, NodeId, PatternKind,
    Stmt, StmtKind,
};
use crate::infer::call::{Bound, bind_arguments};
use crate::infer::scope::{self, FnScope};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// Modules whose functions only look at lists.
const LOOKING: [&str; 5] = ["math", "statistics", "time", "random", "cmath"];

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

pub(super) struct Walk<'m, 'g> {
    module: &'m Module,
    graph: &'g mut Graph,
    /// The names of the fields of messages.
    fields: BTreeSet<String>,
    /// Whether other modules call the functions.
    open: bool,
    functions: BTreeMap<&'m str, Vec<&'m Function>>,
    /// The methods of all classes by name: the class and the method.
    methods: BTreeMap<&'m str, Vec<(&'m str, &'m Function)>>,
    classes: BTreeSet<&'m str>,
    modules: BTreeSet<String>,
    imported: BTreeMap<String, String>,
    /// Names of the module that are bound once, to an int.
    ints: BTreeMap<&'m str, usize>,
    /// The function under way, and its names.
    key: String,
    scope: FnScope,
    /// The instance that a method works on.
    own: Option<&'m str>,
}

impl<'m, 'g> Walk<'m, 'g> {
    pub(super) fn of(
        module: &'m Module,
        graph: &'g mut Graph,
        fields: BTreeSet<String>,
        open: bool,
    ) -> Self {
        let mut walk = Walk {
            module,
            graph,
            fields,
            open,
            functions: BTreeMap::new(),
            methods: BTreeMap::new(),
            classes: BTreeSet::new(),
            modules: BTreeSet::new(),
            imported: BTreeMap::new(),
            ints: BTreeMap::new(),
            key: String::new(),
            scope: scope::resolve_level(module),
            own: None,
        };
        for stmt in &module.body.stmts {
            walk.collect(stmt);
        }
        walk
    }

    fn collect(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let name = function.name.name.as_str();
                self.functions.entry(name).or_default().push(function);
            }
            StmtKind::Class(class) => {
                self.classes.insert(&class.name.name);
                for inner in &class.body.stmts {
                    if let StmtKind::Function(method) = &inner.kind {
                        let of = (class.name.name.as_str(), method);
                        self.methods.entry(&method.name.name).or_default().push(of);
                    }
                }
            }
            StmtKind::Import(names) => {
                for alias in names {
                    let name = alias.alias.as_ref().unwrap_or(&alias.name);
                    self.modules.insert(name.name.clone());
                    self.imported
                        .insert(name.name.clone(), alias.name.name.clone());
                }
            }
            StmtKind::ImportFrom {
                module: Some(from),
                names,
                ..
            } => {
                for alias in names {
                    let name = alias.alias.as_ref().unwrap_or(&alias.name);
                    let full = format!("{from}.{}", alias.name.name);
                    self.imported.insert(name.name.clone(), full);
                }
            }
            StmtKind::Assign { targets, value } => {
                if let ([target], ExprKind::Int(n)) = (targets.as_slice(), &value.kind)
                    && let ExprKind::Name(name) = &target.kind
                    && let Some(n) = n.to_usize()
                {
                    self.ints.insert(name, n);
                }
            }
            _ => {}
        }
    }

    pub(super) fn module(mut self) {
        let bound = scope::module_names(self.module);
        self.ints.retain(|name, _| {
            bound
                .get(*name)
                .is_some_and(|global| global.assigned == 1 && !global.changed_in_function)
        });
        for stmt in &self.module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    let key = function.name.name.clone();
                    self.function(key, function, None);
                }
                StmtKind::Class(class) => {
                    for inner in &class.body.stmts {
                        self.class_level(&class.name.name, inner);
                    }
                }
                _ => self.stmt(stmt),
            }
        }
    }

    /// A method, or a value that all instances share.
    fn class_level(&mut self, class: &str, stmt: &'m Stmt) {
        let shared = |this: &mut Self, target: &Expr| {
            if let ExprKind::Name(name) = &target.kind {
                let node = this.graph.place(Place::Attr(name.clone()));
                this.graph.escapes(node);
            }
        };
        match &stmt.kind {
            StmtKind::Function(method) => {
                let own = match method.method_kind() {
                    Ok(MethodKind::Static) => None,
                    _ => method.params.list.first().map(|p| p.name.name.as_str()),
                };
                self.function(format!("{class}.{}", method.method_key()), method, own);
            }
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| shared(self, t)),
            StmtKind::AnnAssign { target, .. } => shared(self, target),
            _ => {}
        }
    }

    fn function(&mut self, key: String, function: &'m Function, own: Option<&'m str>) {
        for param in &function.params.list {
            let place = Place::Local(key.clone(), param.name.name.clone());
            let node = self.graph.place(place);
            // A default is one object for all calls.
            if let Some(default) = &param.default {
                let made = self.eval(default);
                self.graph.unify(node, made);
            }
            if self.open || !matches!(param.kind, crate::ast::ParamKind::Normal) {
                self.graph.escapes(node);
            }
        }
        let scope = scope::resolve(function);
        let (key, scope) = (
            std::mem::replace(&mut self.key, key),
            std::mem::replace(&mut self.scope, scope),
        );
        let own = std::mem::replace(&mut self.own, own);
        // What functions within it do with its variables is not followed.
        let captured = self.scope.captured.clone();
        let versions = self.scope.vars.iter();
        let versions: Vec<String> = versions
            .filter(|(_, info)| captured.contains(&info.name))
            .map(|(version, _)| version.clone())
            .collect();
        for version in versions {
            let node = self.graph.place(Place::Local(self.key.clone(), version));
            self.graph.escapes(node);
        }
        if self.open {
            let ret = self.graph.place(Place::Ret(self.key.clone()));
            self.graph.escapes(ret);
        }
        self.block(&function.body);
        self.key = key;
        self.scope = scope;
        self.own = own;
    }

    fn block(&mut self, block: &'m Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                if let [target] = targets.as_slice()
                    && self.pairwise(target, value)
                {
                    return;
                }
                let value = self.eval(value);
                targets.iter().for_each(|target| self.bind(target, value));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                let value = self.eval(value);
                self.bind(target, value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                let value = self.eval(value);
                let node = self.eval(target);
                self.graph.varies(node);
                let (own, other) = (self.graph.elem(node), self.graph.elem(value));
                self.graph.unify(own, other);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                let elem = self.elements(iter);
                self.bind(target, elem);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.eval(test);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::Return(Some(value)) => {
                let node = self.eval(value);
                let ret = self.graph.place(Place::Ret(self.key.clone()));
                self.graph.unify(ret, node);
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    let node = match &target.kind {
                        ExprKind::Subscript { value, .. } => self.eval(value),
                        _ => self.eval(target),
                    };
                    self.graph.varies(node);
                }
            }
            StmtKind::With { items, body, .. } => {
                for (context, name) in items {
                    self.gives_away(context);
                    if let Some(name) = name {
                        let any = self.graph.any();
                        self.bind(name, any);
                    }
                }
                self.block(body);
            }
            StmtKind::Match { subject, cases } => {
                let node = self.eval(subject);
                if cases.iter().any(|case| names_parts(&case.pattern.kind)) {
                    self.graph.escapes(node);
                }
                for case in cases {
                    case.guard.iter().for_each(|guard| {
                        self.eval(guard);
                    });
                    self.block(&case.body);
                }
            }
            StmtKind::Expr(value) => {
                self.eval(value);
            }
            // Its names are captured.
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block(body);
                handlers
                    .iter()
                    .for_each(|handler| self.block(&handler.body));
                self.block(orelse);
                self.block(finalbody);
            }
            StmtKind::Assert { test, message } => {
                self.eval(test);
                message.iter().for_each(|message| {
                    self.eval(message);
                });
            }
            StmtKind::Raise { exc, cause } => {
                let parts = [exc, cause].into_iter().flatten();
                parts.for_each(|part| self.gives_away(part));
            }
            StmtKind::Return(None)
            | StmtKind::AnnAssign { value: None, .. }
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

    /// `a, b = x, y`
    fn pairwise(&mut self, target: &'m Expr, value: &'m Expr) -> bool {
        match (&target.kind, &value.kind) {
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() && !values.iter().chain(targets).any(is_starred) => {
                let nodes: Vec<Node> = values.iter().map(|value| self.eval(value)).collect();
                for (target, node) in targets.iter().zip(nodes) {
                    self.bind(target, node);
                }
                true
            }
            _ => false,
        }
    }

    fn bind(&mut self, target: &'m Expr, value: Node) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let starred = items.iter().any(is_starred);
                for (i, item) in items.iter().enumerate() {
                    let node = match (&item.kind, starred) {
                        (ExprKind::Starred(inner), _) => {
                            let rest = self.graph.any();
                            let elem = self.graph.elem(value);
                            self.graph.set_elem(rest, elem);
                            self.bind(inner, rest);
                            continue;
                        }
                        (_, true) => self.graph.elem(value),
                        (_, false) => self.graph.item(value, i, items.len()),
                    };
                    self.bind(item, node);
                }
            }
            ExprKind::Subscript { value: base, index } => {
                let base = self.eval(base);
                if matches!(index.kind, ExprKind::Slice { .. }) {
                    self.graph.varies(base);
                    let elem = self.graph.elem(value);
                    self.graph.set_elem(base, elem);
                } else {
                    self.eval(index);
                    self.graph.set_elem(base, value);
                }
            }
            ExprKind::Attribute { value: base, attr } => {
                let node = self.attribute(base, &attr.name);
                self.graph.unify(node, value);
                for (class, method) in self.named(&attr.name) {
                    if matches!(method.method_kind(), Ok(MethodKind::Setter))
                        && let Some(param) = method.params.list.get(1)
                    {
                        let key = format!("{class}.{}", method.method_key());
                        let place = Place::Local(key, param.name.name.clone());
                        let param = self.graph.place(place);
                        self.graph.unify(param, value);
                    }
                }
            }
            _ => {
                let node = self.eval(target);
                self.graph.unify(node, value);
            }
        }
    }

    fn named(&self, method: &str) -> Vec<(&'m str, &'m Function)> {
        self.methods.get(method).cloned().unwrap_or_default()
    }

    /// An attribute, by its name.
    fn attribute(&mut self, base: &'m Expr, name: &str) -> Node {
        let own = matches!(&base.kind, ExprKind::Name(n) if Some(n.as_str()) == self.own);
        if !own {
            self.eval(base);
        }
        let node = self.graph.place(Place::Attr(name.to_string()));
        if !own && self.fields.contains(name) {
            // It may be a message's.
            self.graph.escapes(node);
        }
        for (class, method) in self.named(name) {
            let key = format!("{class}.{}", method.method_key());
            let ret = self.graph.place(Place::Ret(key));
            self.graph.unify(node, ret);
            if !matches!(
                method.method_kind(),
                Ok(MethodKind::Property | MethodKind::Setter)
            ) {
                // A method as a value.
                self.handed_out(class, method);
            }
        }
        node
    }

    /// A function that anybody may call.
    fn handed_out(&mut self, class: &str, function: &'m Function) {
        let key = match class {
            "" => function.name.name.clone(),
            class => format!("{class}.{}", function.method_key()),
        };
        for param in &function.params.list {
            let place = Place::Local(key.clone(), param.name.name.clone());
            let node = self.graph.place(place);
            self.graph.escapes(node);
        }
        let ret = self.graph.place(Place::Ret(key));
        self.graph.escapes(ret);
    }

    fn gives_away(&mut self, e: &'m Expr) {
        let node = self.eval(e);
        self.graph.escapes(node);
    }

    /// What a loop over an expression gives.
    fn elements(&mut self, iter: &'m Expr) -> Node {
        if let ExprKind::Call { func, args, .. } = &iter.kind {
            match &func.kind {
                ExprKind::Name(name) if self.is_builtin(name) => match (name.as_str(), &args[..]) {
                    ("enumerate", [first, ..]) => {
                        let elem = self.elements(first);
                        let count = self.graph.fresh();
                        return self.graph.tuple(vec![count, elem]);
                    }
                    ("zip", lists) if !lists.iter().any(is_starred) => {
                        let items = lists.iter().map(|list| self.elements(list)).collect();
                        return self.graph.tuple(items);
                    }
                    ("reversed" | "sorted" | "iter" | "list" | "tuple" | "set", [first]) => {
                        return self.elements(first);
                    }
                    _ => {}
                },
                ExprKind::Attribute { value, attr } if self.named(&attr.name).is_empty() => {
                    match attr.name.as_str() {
                        "items" => {
                            let of = self.eval(value);
                            let (key, elem) = (self.graph.fresh(), self.graph.elem(of));
                            return self.graph.tuple(vec![key, elem]);
                        }
                        "values" => {
                            let of = self.eval(value);
                            return self.graph.elem(of);
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let node = self.eval(iter);
        self.graph.elem(node)
    }

    fn is_builtin(&self, name: &str) -> bool {
        !self.functions.contains_key(name)
            && !self.classes.contains(name)
            && !self.imported.contains_key(name)
            && !self.scope.vars.values().any(|info| info.name == name)
    }

    fn variable(&mut self, at: NodeId, name: &str) -> Node {
        let place = match self.scope.names.get(&at) {
            Some(version) => Place::Local(self.key.clone(), version.clone()),
            None => Place::Global(name.to_string()),
        };
        self.graph.place(place)
    }

    /// The list that an expression is; a node of its own where it is none.
    fn eval(&mut self, e: &'m Expr) -> Node {
        match &e.kind {
            ExprKind::Name(name) => {
                if let Some(functions) = self.functions.get(name.as_str()).cloned()
                    && !self.scope.names.contains_key(&e.id)
                {
                    functions.into_iter().for_each(|f| self.handed_out("", f));
                }
                self.variable(e.id, name)
            }
            ExprKind::Attribute { value, attr } => self.attribute(value, &attr.name),
            ExprKind::List(items) => {
                let len = (!items.iter().any(is_starred)).then_some(items.len());
                let node = self.graph.make(e.id, len);
                for item in items {
                    let inner = self.eval(item);
                    match &item.kind {
                        ExprKind::Starred(_) => {
                            let elem = self.graph.elem(inner);
                            self.graph.set_elem(node, elem);
                        }
                        _ => self.graph.set_elem(node, inner),
                    }
                }
                node
            }
            ExprKind::Tuple(items) => {
                let nodes = items.iter().map(|item| self.eval(item)).collect();
                self.graph.tuple(nodes)
            }
            ExprKind::Set(items) => {
                let node = self.graph.any();
                for item in items {
                    let inner = self.eval(item);
                    self.graph.set_elem(node, inner);
                }
                node
            }
            ExprKind::Dict(items) => {
                let node = self.graph.any();
                for (key, value) in items {
                    key.iter().for_each(|key| {
                        self.eval(key);
                    });
                    let inner = self.eval(value);
                    match key {
                        Some(_) => self.graph.set_elem(node, inner),
                        None => {
                            let elem = self.graph.elem(inner);
                            self.graph.set_elem(node, elem);
                        }
                    }
                }
                node
            }
            ExprKind::Starred(inner) => self.eval(inner),
            ExprKind::Named { target, value } => {
                let value = self.eval(value);
                let node = self.variable(e.id, &target.name);
                self.graph.unify(node, value);
                value
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.eval(test);
                let (a, b) = (self.eval(body), self.eval(orelse));
                self.graph.unify(a, b);
                a
            }
            ExprKind::Logical { values, .. } => {
                let nodes: Vec<Node> = values.iter().map(|value| self.eval(value)).collect();
                let all = self.graph.fresh();
                nodes.into_iter().for_each(|n| self.graph.unify(all, n));
                all
            }
            ExprKind::Binary { left, op, right } => self.operator(e, left, *op, right),
            ExprKind::Subscript { value, index } => self.subscript(e, value, index),
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                self.clauses(clauses);
                let node = self.graph.any();
                let item = self.eval(element);
                let item = value.as_ref().map_or(item, |value| self.eval(value));
                self.graph.set_elem(node, item);
                node
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let values = keywords.iter().map(|keyword| &keyword.value);
                let all: Vec<&'m Expr> = args.iter().chain(values).collect();
                self.call(e, func, &all)
            }
            // What it mentions it may keep.
            ExprKind::Lambda { body, .. } => {
                let mut names = Mentions(Vec::new());
                names.visit_expr(body);
                names.0.into_iter().for_each(|e| self.gives_away(e));
                self.graph.fresh()
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Await(_) => {
                for part in visit::children(e) {
                    self.gives_away(part);
                }
                self.graph.any()
            }
            ExprKind::Compare { .. }
            | ExprKind::Unary { .. }
            | ExprKind::FString(_)
            | ExprKind::Slice { .. } => {
                for part in visit::children(e) {
                    self.eval(part);
                }
                self.graph.fresh()
            }
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis => self.graph.fresh(),
            ExprKind::Unsupported(_) => self.graph.any(),
        }
    }

    fn clauses(&mut self, clauses: &'m [Clause]) {
        for clause in clauses {
            let elem = self.elements(&clause.iter);
            self.bind(&clause.target, elem);
            clause.ifs.iter().for_each(|test| {
                self.eval(test);
            });
        }
    }

    fn operator(&mut self, e: &'m Expr, left: &'m Expr, op: BinaryOp, right: &'m Expr) -> Node {
        let (a, b) = (self.eval(left), self.eval(right));
        // `[0.0] * 4`
        if let (BinaryOp::Mul, ExprKind::List(items)) = (op, &left.kind) {
            let count = match &right.kind {
                ExprKind::Int(n) => n.to_usize(),
                ExprKind::Name(name) if !self.scope.names.contains_key(&right.id) => {
                    self.ints.get(name.as_str()).copied()
                }
                _ => None,
            };
            let number = |e: &Expr| {
                matches!(
                    e.kind,
                    ExprKind::Float(_) | ExprKind::Int(_) | ExprKind::Bool(_)
                )
            };
            let alone = matches!(items.as_slice(), [one] if number(one));
            let node = self.graph.make(e.id, count.filter(|_| alone));
            let elem = self.graph.elem(a);
            self.graph.set_elem(node, elem);
            return node;
        }
        // A longer list, or none at all.
        let node = self.graph.any();
        for part in [a, b] {
            let elem = self.graph.elem(part);
            self.graph.set_elem(node, elem);
        }
        node
    }

    fn subscript(&mut self, e: &'m Expr, value: &'m Expr, index: &'m Expr) -> Node {
        let base = self.eval(value);
        match &index.kind {
            ExprKind::Slice { lower, upper, step } => {
                let mut bounds = [lower, upper, step].into_iter().flatten().peekable();
                if bounds.peek().is_none() {
                    return self.graph.copy(e.id, base);
                }
                bounds.for_each(|bound| {
                    self.eval(bound);
                });
                let node = self.graph.any();
                let elem = self.graph.elem(base);
                self.graph.set_elem(node, elem);
                node
            }
            _ => {
                self.eval(index);
                // `f(*pair)`
                let count = crate::ast::exactly(value, index);
                match (&index.kind, count) {
                    (ExprKind::Binary { left, .. }, Some(count)) => match &left.kind {
                        ExprKind::Int(i) => {
                            let i = i.to_usize().unwrap_or(count);
                            self.graph.item(base, i, count)
                        }
                        _ => self.graph.elem(base),
                    },
                    _ => self.graph.elem(base),
                }
            }
        }
    }

    fn call(&mut self, e: &'m Expr, func: &'m Expr, args: &[&'m Expr]) -> Node {
        match &func.kind {
            ExprKind::Name(name) if !self.scope.names.contains_key(&func.id) => {
                if let Some(functions) = self.functions.get(name.as_str()).cloned() {
                    let result = self.graph.fresh();
                    for function in functions {
                        let ret = self.user_call(e, name.clone(), function, 0);
                        self.graph.unify(result, ret);
                    }
                    return result;
                }
                if self.classes.contains(name.as_str()) {
                    let inits = self.named("__init__");
                    let init = inits.into_iter().find(|(class, _)| class == name);
                    match init {
                        Some((class, init)) => {
                            self.user_call(e, format!("{class}.__init__"), init, 1);
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

    /// A call of a function of the module; `skip` of its parameters are the instance.
    fn user_call(&mut self, e: &'m Expr, key: String, function: &'m Function, skip: usize) -> Node {
        let ExprKind::Call { args, keywords, .. } = &e.kind else {
            return self.graph.any();
        };
        match bind_arguments(function, skip, args, keywords) {
            Ok(bound) => {
                let params = function.params.list.iter().skip(skip);
                for (slot, param) in bound.iter().zip(params) {
                    let Bound::Given(arg) = slot else { continue };
                    let arg = self.eval(arg);
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
        self.graph.place(Place::Ret(key))
    }

    /// A builtin, or something that was imported.
    fn builtin(&mut self, e: &'m Expr, name: &str, args: &[&'m Expr]) -> Node {
        let full = self.imported.get(name).cloned();
        let looks = |full: &str| LOOKING.iter().any(|m| full.split('.').next() == Some(m));
        match full.as_deref() {
            Some("copy.copy" | "copy.deepcopy") => {}
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
            ("list" | "copy" | "deepcopy", [list]) => {
                if let ExprKind::Call { .. } = &list.kind {
                    let node = self.graph.any();
                    let elem = self.elements(list);
                    self.graph.set_elem(node, elem);
                    return node;
                }
                let from = self.eval(list);
                self.graph.copy(e.id, from)
            }
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

    fn method(&mut self, e: &'m Expr, value: &'m Expr, name: &str, args: &[&'m Expr]) -> Node {
        if let ExprKind::Name(module) = &value.kind
            && self.modules.contains(module)
            && !self.scope.names.contains_key(&value.id)
        {
            let looks = self
                .imported
                .get(module)
                .is_some_and(|full| LOOKING.contains(&full.as_str()));
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
        let result = self.graph.fresh();
        for (class, method) in methods {
            // `Class.method(instance)`
            let by_class =
                matches!(&value.kind, ExprKind::Name(n) if self.classes.contains(n.as_str()));
            let skip = match method.method_kind() {
                Ok(MethodKind::Static) => 0,
                Ok(MethodKind::Method) if by_class => 0,
                _ => 1,
            };
            let key = format!("{class}.{}", method.method_key());
            let ret = self.user_call(e, key, method, skip);
            self.graph.unify(result, ret);
        }
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

fn is_starred(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Starred(_))
}

/// Whether a pattern gives names to what it matches.
fn names_parts(pattern: &PatternKind) -> bool {
    match pattern {
        PatternKind::As { pattern, name } => {
            name.is_some() || pattern.as_ref().is_some_and(|p| names_parts(&p.kind))
        }
        PatternKind::Or(all) => all.iter().any(|p| names_parts(&p.kind)),
        PatternKind::Value(_) | PatternKind::Singleton(_) => false,
        _ => true,
    }
}

/// The names and attributes within an expression.
struct Mentions<'e>(Vec<&'e Expr>);

impl<'ast> Visitor<'ast> for Mentions<'ast> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) {
            self.0.push(e);
        }
        visit::walk_expr(self, e);
    }
}
