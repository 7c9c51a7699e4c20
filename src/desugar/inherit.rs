//! Inheritance: a subclass with all that it inherits written out in it.
//!
//! Enters: the module. Leaves: the same module, where each class of the file whose base is
//! a class of the file has the base's attributes and methods as its own, as far as it does
//! not override them. `super().__init__(…)` becomes the statements of the base's
//! `__init__`, `super().update(…)` a call of the base's method under a name of its own. A
//! base that nothing makes an instance of is then not needed in the Rust. This module must
//! not know types.

use super::inline;
use super::method_order::{Orders, order};
use crate::ast::{
    self, Class, Expr, ExprKind, Function, Ident, Module, NodeId, Param, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Writes out what the classes of the module inherit.
pub(super) fn inherit(module: &mut Module, next_id: &mut u32) {
    let mut family = Family {
        classes: BTreeMap::new(),
        written: BTreeMap::new(),
        orders: Orders::new(),
        overridden: overridden(module),
    };
    let twice = defined_twice(module);
    inherited_getters(module, &twice);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && !twice.contains(&class.name.name)
        {
            family.add(class, next_id);
        }
    }
}

/// `@level.setter` for `@Tank.level.setter` in a class of the base `Tank` that has no such property
/// of its own: the getter is inherited.
fn inherited_getters(module: &mut Module, twice: &BTreeSet<String>) {
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let [
            Expr {
                kind: ExprKind::Name(above),
                ..
            },
        ] = class.bases.as_slice()
        else {
            continue;
        };
        let above = above.clone();
        let names: Vec<String> = class
            .body
            .functions()
            .map(|f| f.name.name.clone())
            .collect();
        for inner in &mut class.body.stmts {
            let StmtKind::Function(setter) = &mut inner.kind else {
                continue;
            };
            let alone = names.iter().filter(|n| **n == setter.name.name).count() == 1;
            let [decorator] = setter.decorators.as_mut_slice() else {
                continue;
            };
            let ExprKind::Attribute { value, attr } = &mut decorator.kind else {
                continue;
            };
            let ExprKind::Attribute {
                value: base,
                attr: property,
            } = &value.kind
            else {
                continue;
            };
            let ExprKind::Name(base) = &base.kind else {
                continue;
            };
            let fits = alone
                && attr.name == "setter"
                && property.name == setter.name.name
                && *base == above
                && !twice.contains(base);
            if fits {
                value.kind = ExprKind::Name(property.name.clone());
            }
        }
    }
}

/// The names that the module's statements bind more than once.
fn defined_twice(module: &Module) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    let mut bind = |name: &str| {
        if !seen.insert(name.to_string()) {
            twice.insert(name.to_string());
        }
    };
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Class(class) => bind(&class.name.name),
            StmtKind::Function(function) => bind(&function.name.name),
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| {
                if let ExprKind::Name(name) = &t.kind {
                    bind(name);
                }
            }),
            _ => {}
        }
    }
    twice
}

/// For each class, the methods that any class below it defines anew.
fn overridden(module: &Module) -> BTreeMap<String, BTreeSet<String>> {
    let mut chains: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        let mut above: Vec<&str> = Vec::new();
        for base in &class.bases {
            if let ExprKind::Name(name) = &base.kind {
                above.push(name);
                above.extend(chains.get(name.as_str()).into_iter().flatten());
            }
        }
        for name in &above {
            let methods = class.body.functions().map(|f| f.name.name.clone());
            out.entry((*name).to_string()).or_default().extend(methods);
        }
        chains.insert(&class.name.name, above);
    }
    out
}

/// The name that a statement of a class's body binds.
fn bound_name(stmt: &Stmt) -> Option<&str> {
    let target = match &stmt.kind {
        StmtKind::Function(function) => return Some(&function.name.name),
        StmtKind::Assign { targets, .. } => match targets.as_slice() {
            [target] => target,
            _ => return None,
        },
        StmtKind::AnnAssign { target, .. } => target,
        _ => return None,
    };
    match &target.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

fn stmt_key(stmt: &Stmt) -> Option<String> {
    match &stmt.kind {
        StmtKind::Function(function) => Some(function.method_key()),
        _ => bound_name(stmt).map(str::to_string),
    }
}

fn is_named(e: &Expr, module: &str, name: &str) -> bool {
    match &e.kind {
        ExprKind::Name(n) => n == name,
        ExprKind::Attribute { value, attr } => {
            attr.name == name && matches!(&value.kind, ExprKind::Name(n) if n == module)
        }
        _ => false,
    }
}

/// Whether `@dataclass` stands above a class.
pub fn is_dataclass(class: &Class) -> bool {
    class.decorators.iter().any(|d| {
        let name = match &d.kind {
            ExprKind::Call { func, .. } => func,
            _ => d,
        };
        is_named(name, "dataclasses", "dataclass")
    })
}

/// A class with all that it inherits.
struct Whole {
    class: Class,
    /// The class that defines each method.
    definer: BTreeMap<String, String>,
    /// Whether `@abstractmethod` forbids instances.
    is_abc: bool,
}

/// A class in the order of another one: its name, and the key of what it is there. With
/// several bases, the class behind it in that order need not be its own base.
#[derive(Clone)]
struct Link {
    name: String,
    key: String,
}

struct Family {
    /// By the name, or, in the order of a class with several bases, by all names from there.
    classes: BTreeMap<String, Whole>,
    /// The classes as they are written.
    written: BTreeMap<String, Class>,
    orders: Orders,
    overridden: BTreeMap<String, BTreeSet<String>>,
}

impl Family {
    /// Writes out what a class inherits, where all its bases are known.
    fn add(&mut self, class: &mut Class, next_id: &mut u32) {
        let name = class.name.name.clone();
        let mut is_abc = false;
        let mut bases = Vec::new();
        for e in &class.bases {
            match &e.kind {
                ExprKind::Name(n) if n == "object" => {}
                ExprKind::Name(n) if self.classes.contains_key(n) => bases.push(n.clone()),
                _ if is_named(e, "abc", "ABC") || is_named(e, "typing", "Protocol") => {
                    is_abc = true
                }
                _ => return,
            }
        }
        if let [keyword] = class.keywords.as_slice()
            && keyword.name.as_ref().is_some_and(|n| n.name == "metaclass")
            && is_named(&keyword.value, "abc", "ABCMeta")
        {
            is_abc = true;
            class.keywords.clear();
        }
        let Some(order) = order(&bases, &self.orders) else {
            return;
        };
        let written = class.clone();
        let Some(chain) = self.links(&name, &order, class, next_id) else {
            return;
        };
        let below = self.overridden.get(&name).cloned().unwrap_or_default();
        if let Some(whole) = self.written_out(class, is_abc, &chain, &below, next_id) {
            class.ancestors.clone_from(&order);
            class.abstracts.clone_from(&whole.class.abstracts);
            class.body = whole.class.body.clone();
            class.decorators.clone_from(&whole.class.decorators);
            self.classes.insert(name.clone(), whole);
            self.written.insert(name.clone(), written);
            self.orders.insert(name, order);
        }
    }

    /// What each class of an order is there.
    fn links(
        &mut self,
        name: &str,
        order: &[String],
        class: &Class,
        next_id: &mut u32,
    ) -> Option<Vec<Link>> {
        let mut chain: Vec<Link> = Vec::new();
        for (at, own) in order.iter().enumerate().rev() {
            let behind = order.get(at + 1..)?;
            let mut key = own.clone();
            if self.orders.get(own).is_some_and(|o| o != behind) {
                key = order.get(at..)?.join("<");
                let mut below = self.overridden.get(name).cloned().unwrap_or_default();
                below.extend(class.body.functions().map(|f| f.name.name.clone()));
                for before in order.get(..at)? {
                    let before = self.written.get(before)?;
                    below.extend(before.body.functions().map(|f| f.name.name.clone()));
                }
                let mut there = self.written.get(own)?.clone();
                let is_abc = self.classes.get(own)?.is_abc;
                let whole = self.written_out(&mut there, is_abc, &chain, &below, next_id)?;
                self.classes.insert(key.clone(), whole);
            }
            let name = own.clone();
            chain.insert(0, Link { name, key });
        }
        Some(chain)
    }

    /// A class with what the classes behind it give it; `below` are the methods that classes
    /// before it define.
    fn written_out(
        &self,
        class: &mut Class,
        mut is_abc: bool,
        chain: &[Link],
        below: &BTreeSet<String>,
        next_id: &mut u32,
    ) -> Option<Whole> {
        let name = class.name.name.clone();
        let mut abstracts = take_abstract(class);
        let mut definer: BTreeMap<String, String> = class
            .body
            .functions()
            .map(|f| (f.method_key(), name.clone()))
            .collect();
        if let Some(above) = chain.first().and_then(|link| self.classes.get(&link.key)) {
            as_dataclass(class, &above.class, next_id);
            if !fits(class, &above.class) {
                return None;
            }
            is_abc |= above.is_abc;
            let own: BTreeSet<String> = class.body.stmts.iter().filter_map(stmt_key).collect();
            let inherited = above.class.abstracts.iter().filter(|m| !own.contains(*m));
            abstracts.extend(inherited.cloned());
            for (method, from) in &above.definer {
                definer
                    .entry(method.clone())
                    .or_insert_with(|| from.clone());
            }
            self.resolve_super(class, chain, below, next_id);
            merge(class, &above.class);
        }
        class.abstracts = if is_abc { abstracts } else { Vec::new() };
        Some(Whole {
            class: class.clone(),
            definer,
            is_abc,
        })
    }

    /// Rewrites the calls of the bases' methods in the methods of a class.
    fn resolve_super(
        &self,
        class: &mut Class,
        chain: &[Link],
        below: &BTreeSet<String>,
        next_id: &mut u32,
    ) {
        let name = class.name.name.clone();
        let own: BTreeSet<String> = class.body.functions().map(Function::method_key).collect();
        let mut wanted: BTreeMap<String, Stmt> = BTreeMap::new();
        for stmt in &mut class.body.stmts {
            let StmtKind::Function(function) = &mut stmt.kind else {
                continue;
            };
            let Some(this) = function.params.list.first().map(|p| p.name.name.clone()) else {
                continue;
            };
            if function.name.name == "__init__" {
                self.inline_inits(function, &name, chain, next_id);
            }
            ast::rewrite::block(&mut function.body, &mut |e| {
                if let Some((called, property)) = self.base_property(e, &name, chain, &this) {
                    wanted.entry(called.clone()).or_insert(property);
                    if let ExprKind::Attribute { value, attr } = &mut e.kind {
                        value.kind = ExprKind::Name(this.clone());
                        attr.name = called;
                    }
                    return;
                }
                let Some((from, method)) = self.base_call(e, &name, chain, &this) else {
                    return;
                };
                let Some((definer, found)) = self.method_of(&from, &method) else {
                    return;
                };
                if method == "__init__" || !found_plain(&found) {
                    return;
                }
                let rust_name = if own.contains(&method) || below.contains(&method) {
                    let called = format!("{}_{method}", snake(&definer));
                    wanted
                        .entry(called.clone())
                        .or_insert_with(|| renamed(found, &called));
                    called
                } else {
                    method
                };
                direct(e, &this, &rust_name);
            });
        }
        class.body.stmts.extend(wanted.into_values());
    }

    /// `super().rpm`: what the base's property is called in this class, and the property.
    fn base_property(
        &self,
        e: &Expr,
        class: &str,
        chain: &[Link],
        this: &str,
    ) -> Option<(String, Stmt)> {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return None;
        };
        let is_name = |e: &Expr, name: &str| matches!(&e.kind, ExprKind::Name(n) if n == name);
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            return None;
        };
        let own = match args.as_slice() {
            [] => true,
            [c, s] => is_name(c, class) && is_name(s, this),
            _ => false,
        };
        if !is_name(func, "super") || !own || !keywords.is_empty() {
            return None;
        }
        let (definer, found) = self.method_of(&chain.first()?.key, &attr.name)?;
        let StmtKind::Function(getter) = &found.kind else {
            return None;
        };
        let is_property = matches!(getter.decorators.as_slice(), [d] if is_name(d, "property"));
        is_property.then(|| {
            let called = format!("{}_{}", snake(&definer), attr.name);
            let property = renamed(found, &called);
            (called, property)
        })
    }

    /// `super().m(…)`, `super(C, self).m(…)` or `Base.m(self, …)`: the key of the class from
    /// which the method is looked up, and its name.
    fn base_call(
        &self,
        e: &Expr,
        class: &str,
        chain: &[Link],
        this: &str,
    ) -> Option<(String, String)> {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return None;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return None;
        };
        let is_name = |e: &Expr, name: &str| matches!(&e.kind, ExprKind::Name(n) if n == name);
        let from = match &value.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if is_name(func, "super") && keywords.is_empty() => match args.as_slice() {
                [] => chain.first()?,
                [c, s] if is_name(c, class) && is_name(s, this) => chain.first()?,
                _ => return None,
            },
            ExprKind::Name(name) if args.first().is_some_and(|a| is_name(a, this)) => {
                let named = chain.iter().find(|link| link.name == *name)?;
                // The base's own order says who defines the method; what that one finds by
                // `super()` is a matter of the instance's.
                let definer = self.classes.get(name)?.definer.get(&attr.name);
                definer
                    .and_then(|definer| chain.iter().find(|link| link.name == *definer))
                    .unwrap_or(named)
            }
            _ => return None,
        };
        Some((from.key.clone(), attr.name.clone()))
    }

    /// The method that a class has, its own or inherited, and the class that defines it.
    fn method_of(&self, class: &str, method: &str) -> Option<(String, Stmt)> {
        let whole = self.classes.get(class)?;
        let stmt = whole
            .class
            .body
            .stmts
            .iter()
            .find(|s| matches!(&s.kind, StmtKind::Function(f) if f.name.name == method))?;
        let definer = whole.definer.get(method)?.clone();
        Some((definer, stmt.clone()))
    }

    /// Puts the statements of the base's `__init__` in place of its calls.
    fn inline_inits(&self, init: &mut Function, class: &str, chain: &[Link], next_id: &mut u32) {
        let Some(this) = init.params.list.first().map(|p| p.name.name.clone()) else {
            return;
        };
        let mut out = Vec::new();
        let mut globals: Vec<Stmt> = Vec::new();
        for stmt in std::mem::take(&mut init.body.stmts) {
            let call = match &stmt.kind {
                StmtKind::Expr(e) => {
                    let call = self.base_call(e, class, chain, &this);
                    call.filter(|(_, m)| m == "__init__")
                }
                _ => None,
            };
            let (Some((from, _)), StmtKind::Expr(e)) = (call, &stmt.kind) else {
                out.push(stmt);
                continue;
            };
            let (args, keywords) = arguments(e, &this);
            let Some((_, found)) = self.method_of(&from, "__init__") else {
                // `object.__init__()` does nothing; a dataclass's is not written in Python.
                let generated = self
                    .classes
                    .get(&from)
                    .is_some_and(|w| is_dataclass(&w.class));
                if generated || !args.is_empty() || !keywords.is_empty() {
                    out.push(stmt);
                }
                continue;
            };
            let StmtKind::Function(base) = &found.kind else {
                continue;
            };
            // What is the module's in the base's body is so in this one.
            let mut base = base.clone();
            let is_global = |s: &Stmt| matches!(s.kind, StmtKind::Global(_));
            let mut said: Vec<Stmt> = base.body.stmts.clone();
            said.retain(is_global);
            base.body.stmts.retain(|s| !is_global(s));
            let base = &base;
            if mentioned(&said, init, &out, &stmt) {
                out.push(stmt);
                continue;
            }
            let site = inline::Site {
                function: init,
                before: &out,
                stmt: &stmt,
                this: &this,
                args: &args,
                keywords: &keywords,
            };
            match inline::body(base, &site, next_id) {
                Some(mut inlined) => {
                    if let Some(first) = inlined.first_mut() {
                        let mut comments = stmt.comments.clone();
                        comments.append(&mut first.comments);
                        first.comments = comments;
                        first.blank_before = stmt.blank_before;
                    }
                    out.extend(inlined);
                    globals.extend(said);
                }
                None => out.push(stmt),
            }
        }
        for global in &mut globals {
            super::copies::stmt(global, next_id);
        }
        init.body.stmts = globals;
        init.body.stmts.append(&mut out);
    }
}

/// Whether a function or the statements before a call in it mention what is said to be the
/// module's.
fn mentioned(said: &[Stmt], function: &Function, before: &[Stmt], stmt: &Stmt) -> bool {
    let mut names = super::names::Names::of(function);
    before
        .iter()
        .chain([stmt])
        .filter(|s| !matches!(s.kind, StmtKind::Global(_)))
        .for_each(|s| names.stmt(s));
    said.iter().any(|s| match &s.kind {
        StmtKind::Global(list) => list
            .iter()
            .any(|n| names.read.contains(n) || names.bound.contains_key(n)),
        _ => false,
    })
}

/// Whether what a class inherits can be written out in it: a dataclass's constructor is
/// made from the annotations of dataclasses alone.
fn fits(class: &Class, base: &Class) -> bool {
    let annotated = |c: &Class| {
        let mut stmts = c.body.stmts.iter();
        stmts.any(|s| matches!(s.kind, StmtKind::AnnAssign { .. }))
    };
    match (is_dataclass(class), is_dataclass(base)) {
        (true, true) => true,
        (true, false) => !annotated(base),
        (false, true) => false,
        (false, false) => true,
    }
}

/// A class that adds methods alone to a dataclass is made, shown and compared as that.
fn as_dataclass(class: &mut Class, base: &Class, next_id: &mut u32) {
    let adds = |s: &Stmt| match &s.kind {
        StmtKind::Function(f) => f.name.name == "__init__",
        StmtKind::Expr(_) | StmtKind::Pass => false,
        _ => true,
    };
    let decorated = is_dataclass(class) || !class.decorators.is_empty();
    if decorated || !is_dataclass(base) || class.body.stmts.iter().any(adds) {
        return;
    }
    class.decorators.clone_from(&base.decorators);
    for decorator in &mut class.decorators {
        super::copies::expr(decorator, next_id);
    }
}

/// Takes `@abstractmethod` from the methods of a class and gives their names.
fn take_abstract(class: &mut Class) -> Vec<String> {
    let mut names = Vec::new();
    for stmt in &mut class.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind {
            let before = function.decorators.len();
            function
                .decorators
                .retain(|d| !is_named(d, "abc", "abstractmethod"));
            if function.decorators.len() < before {
                names.push(function.method_key());
            }
        }
    }
    names
}

/// Adds what a class inherits, each at the place it has in the base.
fn merge(class: &mut Class, base: &Class) {
    let mut own: Vec<Stmt> = std::mem::take(&mut class.body.stmts);
    let mut out = Vec::new();
    let attributes = |s: &&Stmt| !matches!(s.kind, StmtKind::Function(_) | StmtKind::Expr(_));
    let functions = |s: &&Stmt| matches!(s.kind, StmtKind::Function(_));
    let init_made = is_dataclass(class);
    let mut take = |inherited: &Stmt, out: &mut Vec<Stmt>| {
        let key = stmt_key(inherited);
        let at = own.iter().position(|s| key.is_some() && stmt_key(s) == key);
        match at {
            Some(at) => out.push(own.remove(at)),
            None if init_made && !is_dataclass(base) && key.as_deref() == Some("__init__") => {}
            None => out.push(inherited.clone()),
        }
    };
    base.body
        .stmts
        .iter()
        .filter(attributes)
        .for_each(|s| take(s, &mut out));
    let mut later = Vec::new();
    base.body
        .stmts
        .iter()
        .filter(functions)
        .for_each(|s| take(s, &mut later));
    let (own_attributes, own_functions): (Vec<Stmt>, Vec<Stmt>) =
        own.into_iter().partition(|s| attributes(&s));
    out.extend(own_attributes);
    out.extend(later);
    out.extend(own_functions);
    class.body.stmts = out;
}

/// The arguments of a base's method but for the instance.
fn arguments(e: &Expr, this: &str) -> (Vec<Expr>, Vec<ast::Keyword>) {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return (Vec::new(), Vec::new());
    };
    let by_class = matches!(&func.kind, ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)));
    let own = args
        .first()
        .is_some_and(|a| matches!(&a.kind, ExprKind::Name(n) if n == this));
    let skip = usize::from(by_class && own);
    (args.iter().skip(skip).cloned().collect(), keywords.clone())
}

/// Whether a method is bound to the instance and not decorated.
fn found_plain(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Function(f) if f.decorators.is_empty())
}

fn renamed(mut stmt: Stmt, name: &str) -> Stmt {
    if let StmtKind::Function(function) = &mut stmt.kind {
        function.name.name = name.to_string();
    }
    stmt
}

/// Makes the call of a base's method one of the instance's own.
fn direct(e: &mut Expr, this: &str, method: &str) {
    let (own_args, own_keywords) = arguments(e, this);
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &mut e.kind
    else {
        return;
    };
    *args = own_args;
    *keywords = own_keywords;
    if let ExprKind::Attribute { value, attr } = &mut func.kind {
        value.kind = ExprKind::Name(this.to_string());
        attr.name = method.to_string();
    }
}

/// `LowPassFilter` as `low_pass_filter`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in name.trim_start_matches('_').chars() {
        if c.is_uppercase() && previous_lower {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    out
}

/// What an inlined function's parameter gets.
pub(super) fn argument_of<'e>(
    param: &'e Param,
    place: usize,
    args: &'e [Expr],
    keywords: &'e [ast::Keyword],
) -> Option<&'e Expr> {
    let named = keywords
        .iter()
        .find(|k| k.name.as_ref().is_some_and(|n| n.name == param.name.name))
        .map(|k| &k.value);
    args.get(place).or(named).or(param.default.as_ref())
}

/// A name with the place of another.
pub(super) fn name_at(span: crate::source::Span, name: &str, next_id: &mut u32) -> Expr {
    let id = NodeId::next(next_id);
    let ident = Ident {
        span,
        name: name.to_string(),
    };
    Expr {
        id,
        span,
        kind: ExprKind::Name(ident.name),
    }
}
