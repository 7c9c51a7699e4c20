//! What is known of the functions of a module and of the objects of a class.
//!
//! Enters: the module and its model. Leaves: answers about types, calls and names. This
//! module must not know what is rewritten.

use crate::ast::visit::{self, Visitor};
use crate::ast::{
    Class, CompareOp, Expr, ExprKind, Function, MethodKind, Module, NodeId, OF_FAMILY, Param, Stmt,
    StmtKind,
};
use crate::infer::{FnModel, Model, Role, scope};
use crate::ty::{Ty, family_of};
use std::collections::{BTreeMap, BTreeSet};

/// The types of all parameters.
pub(super) type Parameters = BTreeMap<NodeId, Ty>;

/// Collects the types of the parameters of all functions.
pub(super) fn parameters(module: &Module, model: &Model) -> Parameters {
    let mut found = Parameters::new();
    for (key, function, _) in functions(module) {
        for f in model.functions.iter().filter(|f| f.python_name == key) {
            for (param, fact) in function.params.list.iter().zip(&f.params) {
                let ty = found.entry(param.id).or_insert(Ty::Unknown);
                *ty = ty.join(&fact.ty);
            }
        }
    }
    found
}

/// All functions and methods, by `f`, `Class.method`; with the class that a method is of.
fn functions(module: &Module) -> Vec<(String, &Function, Option<&Class>)> {
    let mut found = Vec::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(function) => {
                found.push((function.name.name.clone(), function, None));
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(method) = &inner.kind {
                        let key = format!("{}.{}", class.name.name, method.name.name);
                        found.push((key, method, Some(class)));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// A function, and the class and first parameter of a method.
pub(super) struct Own<'m> {
    pub(super) function: &'m Function,
    pub(super) receiver: Option<(&'m str, &'m str)>,
}

/// What is known of a module.
pub(super) struct Known<'m> {
    pub(super) module: &'m Module,
    pub(super) model: &'m Model,
    types: &'m Parameters,
    /// By `f`, `Class.method`.
    pub(super) functions: BTreeMap<String, Own<'m>>,
}

impl<'m> Known<'m> {
    pub(super) fn of(module: &'m Module, model: &'m Model, types: &'m Parameters) -> Self {
        let functions = functions(module).into_iter().map(|(key, function, class)| {
            let bound = matches!(
                function.method_kind(),
                Ok(MethodKind::Method | MethodKind::Property | MethodKind::Setter)
            );
            let first = function.params.list.first().filter(|_| bound);
            let receiver = class
                .zip(first)
                .map(|(class, p)| (class.name.name.as_str(), p.name.name.as_str()));
            (key, Own { function, receiver })
        });
        Self {
            module,
            model,
            types,
            functions: functions.collect(),
        }
    }

    fn instances<'k>(&'k self, key: Option<&'k str>) -> impl Iterator<Item = &'m FnModel> + 'k {
        let level = key.is_none().then_some(&self.model.module);
        let own = self.model.functions.iter();
        own.filter(move |f| key == Some(f.python_name.as_str()))
            .chain(level)
    }

    /// The type of an expression, over all ways in which its function is called; none for
    /// the level of the module.
    pub(super) fn ty(&self, key: Option<&str>, node: NodeId) -> Ty {
        let facts = self.instances(key).filter_map(|f| f.facts.get(&node));
        facts.fold(Ty::Unknown, |ty, fact| ty.join(&fact.ty))
    }

    pub(super) fn param(&self, param: &Param) -> &Ty {
        self.types.get(&param.id).unwrap_or(&Ty::Unknown)
    }

    /// Whether an attribute without a type gets such an object where its own is made: what
    /// would hold itself has no type.
    pub(super) fn keeps(&self, key: Option<&str>, e: &Expr, class: &str) -> bool {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return false;
        };
        let Ty::Instance(of) = self.ty(key, value.id).narrowed() else {
            return false;
        };
        let constructor = format!("{of}.__init__");
        let Some(own) = self.functions.get(&constructor) else {
            return false;
        };
        own.function.body.stmts.iter().any(|stmt| {
            let StmtKind::Assign { targets, value } = &stmt.kind else {
                return false;
            };
            targets.iter().any(|t| match &t.kind {
                ExprKind::Attribute {
                    value: own,
                    attr: a,
                } => {
                    a.name == attr.name
                        && self.ty(Some(&constructor), own.id) == Ty::Instance(of.clone())
                }
                _ => false,
            }) && self.ty(Some(&constructor), value.id) == Ty::Instance(class.to_string())
        })
    }

    /// The function that a call goes to.
    pub(super) fn callee(&self, key: Option<&str>, call: NodeId) -> Option<&'m str> {
        let id = self.instances(key).find_map(|f| f.calls.get(&call))?;
        Some(self.model.functions.get(id.0)?.python_name.as_str())
    }

    /// The functions that a call goes to, over all ways in which its own is called.
    pub(super) fn callees(&self, key: Option<&str>, call: NodeId) -> BTreeSet<&'m str> {
        let ids = self.instances(key).filter_map(|f| f.calls.get(&call));
        let found = ids.filter_map(|id| self.model.functions.get(id.0));
        found.map(|f| f.python_name.as_str()).collect()
    }

    /// The calls of a function, with where they stand.
    pub(super) fn calls_of(&self, callee: &str) -> BTreeSet<(Option<&'m str>, NodeId)> {
        let mut found = BTreeSet::new();
        let own = self.model.functions.iter();
        let all = own.map(|f| (Some(f.python_name.as_str()), f));
        for (key, f) in all.chain([(None, &self.model.module)]) {
            for (call, id) in &f.calls {
                let called = self.model.functions.get(id.0);
                if called.is_some_and(|f| f.python_name == callee) {
                    found.insert((key, *call));
                }
            }
        }
        found
    }

    /// Those functions and all that they call.
    pub(super) fn reached(&self, from: BTreeSet<&'m str>) -> BTreeSet<&'m str> {
        let mut found = from;
        loop {
            let mut more = BTreeSet::new();
            for f in &self.model.functions {
                if found.contains(f.python_name.as_str()) {
                    let called = f
                        .calls
                        .values()
                        .filter_map(|id| self.model.functions.get(id.0));
                    more.extend(called.map(|f| f.python_name.as_str()));
                }
            }
            let before = found.len();
            found.extend(more);
            if found.len() == before {
                return found;
            }
        }
    }

    /// What runs where that function does; nothing where there is none.
    pub(super) fn reached_by(&self, function: Option<&str>) -> BTreeSet<&'m str> {
        let named = self.model.functions.iter().map(|f| f.python_name.as_str());
        self.reached(named.filter(|name| function == Some(*name)).collect())
    }

    /// What runs after the module was loaded.
    pub(super) fn running(&self) -> BTreeSet<&'m str> {
        let roots = self.model.functions.iter();
        let roots = roots.filter(|f| f.role != Role::Helper);
        self.reached(roots.map(|f| f.python_name.as_str()).collect())
    }

    /// The same of another module, whose expressions are those of this one.
    pub(super) fn at<'o>(&self, module: &'o Module) -> Known<'o>
    where
        'm: 'o,
    {
        Known::of(module, self.model, self.types)
    }

    /// The classes whose objects have two owners, or are lent twice to one call, in the order
    /// of the module.
    pub(super) fn shared(&self) -> Vec<String> {
        let lent = self.model.lent_twice.iter().cloned();
        self.in_order(&self.two_owners().into_iter().chain(lent).collect())
    }

    /// The classes whose objects have two owners, in the order of the module.
    pub(super) fn owned(&self) -> Vec<String> {
        self.in_order(&self.two_owners())
    }

    fn two_owners(&self) -> BTreeSet<String> {
        let mut classes = BTreeSet::new();
        let all = self.model.functions.iter().chain([&self.model.module]);
        for f in all {
            for node in &self.model.two_names {
                if let Some(fact) = f.facts.get(node) {
                    held(&fact.ty, &mut classes);
                }
            }
        }
        let linked = self.model.links.iter();
        classes.extend(linked.map(|class| family_of(class).to_string()));
        classes.extend(self.told_apart());
        classes
    }

    fn in_order(&self, classes: &BTreeSet<String>) -> Vec<String> {
        let own = self.module.body.stmts.iter();
        own.filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) if classes.contains(&class.name.name) => {
                Some(class.name.name.clone())
            }
            _ => None,
        })
        .collect()
    }

    /// The classes whose objects a class stands for: those of a family, or itself.
    pub(super) fn variants(&self, class: &str) -> Vec<String> {
        let model = self.model.classes.get(class);
        match model.filter(|model| !model.variants.is_empty()) {
            Some(model) => model.variants.clone(),
            None => vec![class.to_string()],
        }
    }

    /// The definition of a class whose objects can be followed, or of a family of such.
    pub(super) fn class(&self, name: &str) -> Option<&'m Class> {
        let other = self
            .model
            .classes
            .get(name)
            .is_none_or(|class| !class.members.is_empty());
        let class = self.module.body.stmts.iter().find_map(|s| match &s.kind {
            StmtKind::Class(class) if class.name.name == name => Some(class),
            _ => None,
        })?;
        (!other && !name.contains(OF_FAMILY)).then_some(class)
    }

    /// Whether the class has a method of one of those names.
    pub(super) fn has(&self, class: &str, methods: &[&str]) -> bool {
        let has = |own: &String| {
            let mut keys = methods.iter().map(|method| format!("{own}.{method}"));
            keys.any(|key| self.functions.contains_key(&key))
        };
        self.variants(class).iter().any(has)
    }

    /// Whether the class says itself which of its objects are equal, or comes before which.
    pub(super) fn compares(&self, class: &str) -> bool {
        let made = |own: String| {
            let made = self.model.classes.made(&own);
            made.is_some_and(|made| made.ordered)
        };
        self.equates(class)
            || self.variants(class).into_iter().any(made)
            || self.has(class, &["__lt__", "__gt__", "__hash__"])
    }

    /// Whether the class says itself which of its objects are equal.
    pub(super) fn equates(&self, class: &str) -> bool {
        let made = |own: String| {
            let made = self.model.classes.made(&own);
            made.is_some_and(|made| made.equal || made.is_tuple)
        };
        self.variants(class).into_iter().any(made) || self.has(class, &["__eq__", "__ne__"])
    }

    /// Whether somebody compares what keeps objects of a class that say themselves which are
    /// equal, where Python looks into it: a position would be compared.
    pub(super) fn compared_within(&self, class: &str) -> bool {
        struct Search<'k, 'm> {
            known: &'k Known<'m>,
            key: Option<&'k str>,
            keepers: &'k BTreeSet<String>,
            found: bool,
        }
        impl Search<'_, '_> {
            fn look(&mut self, e: &Expr) {
                self.found |= holds_one(&self.known.ty(self.key, e.id), self.keepers);
            }
            fn is_keyed(&self, ty: &Ty) -> bool {
                match ty {
                    Ty::Dict { key, .. } | Ty::Set(key) => holds_one(key, self.keepers),
                    _ => false,
                }
            }
        }
        impl<'ast> Visitor<'ast> for Search<'_, '_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.found |= self.is_keyed(&self.known.ty(self.key, e.id));
                match &e.kind {
                    ExprKind::Compare { left, ops, rest } => {
                        let asks = |op: &CompareOp| !matches!(op, CompareOp::Is | CompareOp::IsNot);
                        if ops.iter().any(asks) {
                            self.look(left);
                            rest.iter().for_each(|e| self.look(e));
                        }
                    }
                    ExprKind::Call { func, args, .. } => match &func.kind {
                        ExprKind::Attribute { attr, .. } => {
                            if matches!(attr.name.as_str(), "remove" | "index" | "count" | "sort") {
                                self.look(func);
                                args.iter().for_each(|e| self.look(e));
                            }
                        }
                        ExprKind::Name(name) => {
                            if matches!(
                                name.as_str(),
                                "sorted" | "min" | "max" | "asdict" | "astuple"
                            ) {
                                args.iter().for_each(|e| self.look(e));
                            }
                        }
                        _ => {}
                    },
                    _ => {}
                }
                visit::walk_expr(self, e);
            }
        }
        let keepers = self.model.classes.iter().filter(|(name, keeper)| {
            let keeps = |(_, fact): &(String, crate::value::Fact)| {
                holds_one(&fact.ty, &BTreeSet::from([class.to_string()]))
            };
            name.as_str() != class && keeper.made.is_some() && keeper.fields.iter().any(keeps)
        });
        let keepers: BTreeSet<String> = keepers
            .flat_map(|(name, _)| holders(self, family_of(name)))
            .collect();
        if keepers.is_empty() || !self.equates(class) {
            return false;
        }
        let mut search = Search {
            known: self,
            key: None,
            keepers: &keepers,
            found: false,
        };
        for (key, own) in &self.functions {
            search.key = Some(key);
            search.visit_block(&own.function.body);
        }
        search.found
    }

    /// The classes of whose objects somebody asks which one it is: `a is b`, `jobs.remove(a)`.
    pub(super) fn told_apart(&self) -> BTreeSet<String> {
        struct Search<'k, 'm> {
            known: &'k Known<'m>,
            key: Option<&'k str>,
            found: BTreeSet<String>,
        }
        impl Search<'_, '_> {
            fn add(&mut self, e: &Expr) {
                if let Ty::Instance(class) = self.known.ty(self.key, e.id).narrowed() {
                    let class = family_of(&class).to_string();
                    if !self.known.equates(&class) {
                        self.found.insert(class);
                    }
                }
            }
        }
        impl<'ast> Visitor<'ast> for Search<'_, '_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                match &e.kind {
                    ExprKind::Compare { left, rest, .. } => match rest.as_slice() {
                        [right] if !matches!(right.kind, ExprKind::None) => self.add(left),
                        _ => {}
                    },
                    ExprKind::Call { func, args, .. } => {
                        if let (ExprKind::Attribute { attr, .. }, [what]) =
                            (&func.kind, args.as_slice())
                            && matches!(attr.name.as_str(), "remove" | "index" | "count")
                        {
                            self.add(what);
                        }
                    }
                    _ => {}
                }
                visit::walk_expr(self, e);
            }
        }
        let mut found = BTreeSet::new();
        for (key, own) in &self.functions {
            let mut search = Search {
                known: self,
                key: Some(key),
                found,
            };
            search.visit_block(&own.function.body);
            found = search.found;
        }
        found
    }

    /// Whether an expression makes an object of a class.
    pub(super) fn makes(&self, key: Option<&str>, e: &Expr, class: &str) -> bool {
        let ExprKind::Call { func, .. } = &e.kind else {
            return false;
        };
        self.made(key, func)
            .is_some_and(|made| family_of(&made) == class)
    }

    /// The class whose objects a call of that makes.
    pub(super) fn made(&self, key: Option<&str>, func: &Expr) -> Option<String> {
        match (&func.kind, self.ty(key, func.id)) {
            (_, Ty::Class(class)) => Some(class),
            (ExprKind::Name(name), _) => Some(name.clone()),
            _ => None,
        }
    }

    /// The calls that make an object of a class, with the function that they stand in.
    pub(super) fn sites(&self, class: &str) -> Vec<(Option<&'m str>, &'m Expr)> {
        let mut found = Vec::new();
        for (key, own) in &self.functions {
            let key = self.named(key);
            let mut calls = Calls(Vec::new());
            calls.visit_block(&own.function.body);
            calls.0.retain(|call| self.makes(key, call, class));
            found.extend(calls.0.into_iter().map(|site| (key, site)));
        }
        let mut calls = Calls(Vec::new());
        let level = self.module.body.stmts.iter();
        level
            .filter(|s| !matches!(s.kind, StmtKind::Function(_) | StmtKind::Class(_)))
            .for_each(|stmt| calls.visit_stmt(stmt));
        calls.0.retain(|call| self.makes(None, call, class));
        found.extend(calls.0.into_iter().map(|site| (None, site)));
        found
    }

    /// The name of a function, as the model keeps it.
    fn named(&self, key: &str) -> Option<&'m str> {
        let f = self.model.functions.iter().find(|f| f.python_name == key);
        Some(f.map_or("", |f| f.python_name.as_str()))
    }

    /// Whether anything in the module is called that.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let bound = |own: &Own<'_>| binds(own.function, name);
        let model = self.model;
        self.functions.contains_key(name)
            || self.functions.values().any(bound)
            || model.classes.contains_key(name)
            || model.globals.contains_key(name)
            || model.modules.contains_key(name)
            || model.imported.contains_key(name)
            || self.module.body.stmts.iter().any(|s| assigns(s, name))
    }
}

/// Whether a function has a variable of that name.
pub(super) fn binds(function: &Function, name: &str) -> bool {
    let scope = scope::resolve(function);
    scope.has(name)
        || scope.captured.iter().any(|n| n == name)
        || function.params.list.iter().any(|p| p.name.name == name)
}

/// Whether a statement of the module binds that name.
fn assigns(stmt: &Stmt, name: &str) -> bool {
    matches!(&stmt.kind, StmtKind::Assign { targets, .. }
        if targets.iter().any(|t| matches!(&t.kind, ExprKind::Name(n) if n == name)))
}

/// All calls.
struct Calls<'m>(Vec<&'m Expr>);

impl<'m> Visitor<'m> for Calls<'m> {
    fn visit_expr(&mut self, e: &'m Expr) {
        if matches!(e.kind, ExprKind::Call { .. }) {
            self.0.push(e);
        }
        visit::walk_expr(self, e);
    }
}

/// The classes of the objects that a value is, or holds in lists and the like; the family of
/// one that has one.
pub(super) fn held(ty: &Ty, out: &mut BTreeSet<String>) {
    if let Ty::Instance(class) = ty {
        out.insert(family_of(class).to_string());
    }
    ty.parts().into_iter().for_each(|part| held(part, out));
}

/// The classes whose objects are, or hold, objects of a class.
pub(super) fn holders(known: &Known<'_>, class: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([class.to_string()]);
    loop {
        let before = found.len();
        let all = known.model.classes.iter();
        let more: Vec<String> = all
            .filter(|(_, c)| c.fields.iter().any(|(_, f)| holds_one(&f.ty, &found)))
            .map(|(name, _)| family_of(name).to_string())
            .collect();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

/// Whether a value of a type is, or holds, an object of those classes, or what is not known.
pub(super) fn holds_one(ty: &Ty, holders: &BTreeSet<String>) -> bool {
    let mut classes = BTreeSet::new();
    held(ty, &mut classes);
    classes.iter().any(|class| holders.contains(class))
}
