//! What the functions, methods and classes of a module take.
//!
//! Enters: the module. Leaves: the parameters of what a call names, as far as that is one
//! thing of the file for sure. This module must not know types.

use crate::ast::{Class, Expr, ExprKind, Function, MethodKind, Module, Param, ParamKind, StmtKind};
use crate::desugar::arguments::is_common;
use crate::desugar::build::method;
use crate::desugar::callables::top_bound;
use crate::desugar::inherit::is_dataclass;
use crate::desugar::method_order::{Orders, order};
use std::collections::{BTreeMap, BTreeSet};

/// Where a call stands.
#[derive(Default)]
pub(in crate::desugar) struct Within {
    /// The class of the method.
    pub(in crate::desugar) class: Option<String>,
    /// What the method calls its instance.
    pub(in crate::desugar) this: Option<String>,
    /// Whether that is the class: `cls`.
    pub(in crate::desugar) is_class: bool,
}

/// The parameters of what the module defines.
pub(in crate::desugar) struct Signatures {
    functions: BTreeMap<String, Vec<Param>>,
    classes: BTreeMap<String, Class>,
    /// The order in which Python looks for a method of each, itself left out.
    orders: Orders,
    /// The classes that may have objects: what `super()` means is their matter.
    made: BTreeSet<String>,
}

impl Signatures {
    /// Of a module.
    pub(in crate::desugar) fn of(module: &Module) -> Signatures {
        let mut bound: BTreeMap<String, usize> = BTreeMap::new();
        for stmt in &module.body.stmts {
            for name in top_bound(stmt) {
                *bound.entry(name).or_default() += 1;
            }
        }
        let once = |name: &str| bound.get(name) == Some(&1);
        let mut out = Signatures {
            functions: BTreeMap::new(),
            classes: BTreeMap::new(),
            orders: Orders::new(),
            made: BTreeSet::new(),
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) if once(&f.name.name) && f.decorators.is_empty() => {
                    out.functions
                        .insert(f.name.name.clone(), f.params.list.clone());
                }
                StmtKind::Class(c) if once(&c.name.name) => {
                    out.classes.insert(c.name.name.clone(), c.clone());
                }
                _ => {}
            }
        }
        for stmt in &module.body.stmts {
            if let StmtKind::Class(class) = &stmt.kind {
                let bases = out.bases(class);
                if let Some(order) = order(&bases, &out.orders) {
                    out.orders.insert(class.name.name.clone(), order);
                }
            }
        }
        out.made = called(module);
        out.made.retain(|name| out.orders.contains_key(name));
        let above: BTreeSet<&String> = out.orders.values().flatten().collect();
        let leaves = out.orders.keys().filter(|name| !above.contains(name));
        let leaves: Vec<String> = leaves.cloned().collect();
        out.made.extend(leaves);
        out
    }

    fn bases(&self, class: &Class) -> Vec<String> {
        let names = class.bases.iter().filter_map(|b| match &b.kind {
            ExprKind::Name(n) if self.classes.contains_key(n) => Some(n.clone()),
            _ => None,
        });
        names.collect()
    }

    /// What a method of a class takes, its own or inherited, but for the instance.
    fn method_of(&self, class: &str, name: &str) -> Option<&[Param]> {
        let above = self.orders.get(class)?.iter().map(String::as_str);
        let first = |class: &str| method(&self.classes.get(class)?.body, name);
        std::iter::once(class)
            .chain(above)
            .find_map(first)
            .and_then(own_params)
    }

    /// What `super().name` in a class takes: the same for all objects that have the method.
    fn above(&self, class: &str, name: &str) -> Option<&[Param]> {
        let mut found: Option<&str> = None;
        let has = |c: &&String| {
            let class = self.classes.get(*c);
            class.is_some_and(|class| method(&class.body, name).is_some())
        };
        for one in &self.made {
            let mut order = self.orders.get(one)?.iter();
            if one != class && !order.any(|c| c == class) {
                continue;
            }
            let next = order.find(has)?;
            if found.is_some_and(|other| other != next) {
                return None;
            }
            found = Some(next);
        }
        own_params(method(&self.classes.get(found?)?.body, name)?)
    }

    /// What a class takes.
    fn init_of(&self, class: &str) -> Option<&[Param]> {
        self.method_of(class, "__init__")
    }

    /// The parameters of what a call names, and how many of its arguments are no parameter's.
    pub(in crate::desugar) fn called(
        &self,
        func: &Expr,
        args: &[Expr],
        within: &Within,
    ) -> Option<(Vec<Param>, usize)> {
        match &func.kind {
            ExprKind::Name(this) if within.is_class && Some(this) == within.this.as_ref() => {
                let class = within.class.as_deref()?;
                // That of a class derived from it may take something else.
                if self.orders.values().flatten().any(|above| above == class) {
                    return None;
                }
                let params = match self.init_of(class) {
                    Some(params) => params.to_vec(),
                    None => self.dataclass(class)?,
                };
                Some((params, 0))
            }
            ExprKind::Name(name) => {
                if let Some(params) = self.functions.get(name) {
                    return Some((params.clone(), 0));
                }
                if let Some(params) = self.init_of(name) {
                    return Some((params.to_vec(), 0));
                }
                Some((self.dataclass(name)?, 0))
            }
            ExprKind::Attribute { value, attr } => {
                let own = within.class.as_deref();
                match &value.kind {
                    ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "super") =>
                    {
                        let params = self.above(own?, &attr.name)?;
                        Some((params.to_vec(), 0))
                    }
                    ExprKind::Name(this) if Some(this) == within.this.as_ref() => {
                        let params = self.method_of(own?, &attr.name)?;
                        Some((params.to_vec(), 0))
                    }
                    // `Base.__init__(self, …)`
                    ExprKind::Name(base) if args.first().is_some_and(|a| matches!(&a.kind, ExprKind::Name(n) if Some(n) == within.this.as_ref())) =>
                    {
                        let params = self.method_of(base, &attr.name)?;
                        Some((params.to_vec(), 1))
                    }
                    _ => Some((self.any_method(&attr.name)?, 0)),
                }
            }
            _ => None,
        }
    }

    /// What a method takes that only the classes of the file have, and all alike.
    fn any_method(&self, name: &str) -> Option<Vec<Param>> {
        let mut found: Option<&[Param]> = None;
        let same = |a: &[Param], b: &[Param]| {
            let names = |ps: &[Param]| ps.iter().map(|p| p.name.name.clone()).collect::<Vec<_>>();
            names(a) == names(b)
        };
        for class in self.classes.values() {
            if let Some(function) = method(&class.body, name) {
                let params = own_params(function)?;
                if found.is_some_and(|other| !same(other, params)) {
                    return None;
                }
                found = Some(params);
            }
        }
        found.filter(|_| !is_common(name)).map(<[Param]>::to_vec)
    }

    /// What the constructor of a plain dataclass takes, or that of a named tuple.
    fn dataclass(&self, name: &str) -> Option<Vec<Param>> {
        let class = self.classes.get(name)?;
        let is_tuple = class.made.as_ref().is_some_and(|made| made.is_tuple);
        if !(is_tuple || is_dataclass(class) && class.bases.is_empty()) {
            return None;
        }
        let mut params = Vec::new();
        for stmt in &class.body.stmts {
            if let StmtKind::AnnAssign { target, value, .. } = &stmt.kind
                && let ExprKind::Name(field) = &target.kind
            {
                params.push(Param {
                    id: target.id,
                    name: crate::ast::Ident {
                        span: target.span,
                        name: field.clone(),
                    },
                    kind: ParamKind::Normal,
                    annotation: None,
                    default: value.clone(),
                });
            }
        }
        Some(params)
    }
}

/// The names that are called.
fn called(module: &Module) -> BTreeSet<String> {
    struct Called(BTreeSet<String>);
    impl<'ast> crate::ast::visit::Visitor<'ast> for Called {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call { func, .. } = &e.kind
                && let ExprKind::Name(name) = &func.kind
            {
                self.0.insert(name.clone());
            }
            crate::ast::visit::walk_expr(self, e);
        }
    }
    let mut called = Called(BTreeSet::new());
    crate::ast::visit::Visitor::visit_block(&mut called, &module.body);
    called.0
}

/// The parameters that a call of a method gives.
fn own_params(function: &Function) -> Option<&[Param]> {
    match function.method_kind() {
        Ok(MethodKind::Method | MethodKind::Class) => function.params.list.get(1..),
        Ok(MethodKind::Static) => Some(&function.params.list),
        Ok(MethodKind::Property | MethodKind::Setter) | Err(_) => None,
    }
}
