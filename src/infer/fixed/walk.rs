//! Follows lists through the functions of a module.

mod call;
mod value;

use super::Place;
use super::graph::{Graph, Node};
use crate::ast::{
    Block, Expr, ExprKind, Function, MethodKind, Module, PatternKind, Stmt, StmtKind,
};
use crate::infer::scope::{self, FnScope};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A method with the name of its class.
type Method<'m> = (&'m str, &'m Function);

/// How the arguments of a call of a method are written: the name, whether it is called on the
/// class, how many arguments are given by place, and the names of the others.
type Form<'m> = (&'m str, bool, usize, Vec<Option<&'m str>>);

/// All methods of a name may be what stands there, so that what one of them is given or gives
/// is given to and by all. Once that is so, one of them stands for the others.
#[derive(Default)]
struct Reached<'m> {
    /// For each form of call, the methods that stand for all: one that takes the arguments, and
    /// one that does not.
    calls: BTreeMap<Form<'m>, Rc<Vec<Method<'m>>>>,
    /// The attributes whose methods and properties were followed.
    read: BTreeSet<&'m str>,
    /// What the setters of a name are given.
    set: BTreeMap<&'m str, Option<Node>>,
}

/// The names of a function, by its own name, where they are known.
pub(super) type Scopes<'g> = &'g dyn Fn(&str, &Function) -> Option<Rc<FnScope>>;

pub(super) struct Walk<'m, 'g> {
    module: &'m Module,
    graph: &'g mut Graph,
    /// The names of the fields of messages.
    fields: BTreeSet<String>,
    /// Whether other modules call the functions.
    open: bool,
    functions: BTreeMap<&'m str, Vec<&'m Function>>,
    /// The methods of all classes by name: the class and the method.
    methods: BTreeMap<&'m str, Rc<Vec<Method<'m>>>>,
    /// What was done with the methods of a name already.
    reached: Reached<'m>,
    classes: BTreeSet<&'m str>,
    modules: BTreeSet<String>,
    imported: BTreeMap<String, String>,
    /// Names of the module that are bound once, to an int.
    ints: BTreeMap<&'m str, usize>,
    /// The function under way, and its names.
    key: String,
    scope: Rc<FnScope>,
    scopes: Scopes<'g>,
    /// The instance that a method works on.
    own: Option<&'m str>,
}

impl<'m, 'g> Walk<'m, 'g> {
    pub(super) fn of(
        module: &'m Module,
        graph: &'g mut Graph,
        fields: BTreeSet<String>,
        open: bool,
        scopes: Scopes<'g>,
    ) -> Self {
        let mut walk = Walk {
            module,
            graph,
            fields,
            open,
            functions: BTreeMap::new(),
            methods: BTreeMap::new(),
            reached: Reached::default(),
            classes: BTreeSet::new(),
            modules: BTreeSet::new(),
            imported: BTreeMap::new(),
            ints: BTreeMap::new(),
            key: String::new(),
            scope: Rc::new(scope::resolve_level(module)),
            scopes,
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
                        let named = self.methods.entry(&method.name.name).or_default();
                        Rc::make_mut(named).push(of);
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
        let scope = (self.scopes)(&key, function);
        let scope = scope.unwrap_or_else(|| Rc::new(scope::resolve(function)));
        let (key, scope) = (
            std::mem::replace(&mut self.key, key),
            std::mem::replace(&mut self.scope, scope),
        );
        let own = std::mem::replace(&mut self.own, own);
        // What functions within it do with its variables is not followed.
        for (version, info) in &self.scope.vars {
            if self.scope.captured.contains(&info.name) {
                let place = Place::Local(self.key.clone(), version.clone());
                let node = self.graph.place(place);
                self.graph.escapes(node);
            }
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
                if let Some(param) = self.set_through(&attr.name) {
                    self.graph.unify(param, value);
                }
            }
            _ => {
                let node = self.eval(target);
                self.graph.unify(node, value);
            }
        }
    }

    /// The methods of a name.
    fn named(&self, method: &str) -> Rc<Vec<Method<'m>>> {
        self.methods.get(method).map(Rc::clone).unwrap_or_default()
    }

    /// What the setters of a name are given.
    fn set_through(&mut self, name: &'m str) -> Option<Node> {
        if let Some(known) = self.reached.set.get(name) {
            return *known;
        }
        let mut all: Option<Node> = None;
        for (class, method) in self.named(name).iter() {
            if matches!(method.method_kind(), Ok(MethodKind::Setter))
                && let Some(param) = method.params.list.get(1)
            {
                let key = format!("{class}.{}", method.method_key());
                let place = Place::Local(key, param.name.name.clone());
                let param = self.graph.place(place);
                match all {
                    Some(all) => self.graph.unify(all, param),
                    None => all = Some(param),
                }
            }
        }
        self.reached.set.insert(name, all);
        all
    }

    /// An attribute, by its name.
    fn attribute(&mut self, base: &'m Expr, name: &'m str) -> Node {
        let own = matches!(&base.kind, ExprKind::Name(n) if Some(n.as_str()) == self.own);
        if !own {
            self.eval(base);
        }
        let node = self.graph.place(Place::Attr(name.to_string()));
        if !own && self.fields.contains(name) {
            // It may be a message's.
            self.graph.escapes(node);
        }
        if !self.reached.read.insert(name) {
            return node;
        }
        for (class, method) in self.named(name).iter() {
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
        let node = match &e.kind {
            // The call gets its items.
            ExprKind::Starred(inner) => self.elements(inner),
            _ => self.eval(e),
        };
        self.graph.escapes(node);
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
