//! What the module says of its functions, classes and objects.
//!
//! Enters: the module. Leaves: its functions and classes by name, and the paths on which one
//! object is found for good: `robot`, `robot.arm`. This module must not know what is called.

use super::flow::{At, Target, declared_global};
use crate::ast::{self, Class, Expr, ExprKind, Function, MethodKind, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// What the module says of its names.
pub(super) struct Known<'m> {
    pub(super) functions: BTreeMap<String, &'m Function>,
    pub(super) classes: BTreeMap<String, &'m Class>,
    /// Variables that hold one instance from the beginning, with its class, and attributes of
    /// such that do: `robot`, `robot.arm`.
    pub(super) instances: BTreeMap<String, String>,
    /// Classes of which a variable of the module holds the only instance, or an attribute of
    /// what one holds, with the path there.
    pub(super) singles: BTreeMap<String, String>,
}

impl<'m> Known<'m> {
    /// Looks at the module.
    pub(super) fn of(module: &'m Module) -> Self {
        let bound = super::super::callables::times_bound(module);
        let mut globals: BTreeSet<String> = BTreeSet::new();
        for stmt in &module.body.stmts {
            declared_global(stmt, &mut globals);
        }
        let once = |n: &str| bound.get(n) == Some(&1) && !globals.contains(n);
        let mut known = Known {
            functions: BTreeMap::new(),
            classes: BTreeMap::new(),
            instances: BTreeMap::new(),
            singles: BTreeMap::new(),
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) if once(&f.name.name) && f.decorators.is_empty() => {
                    known.functions.insert(f.name.name.clone(), f);
                }
                StmtKind::Class(c) if once(&c.name.name) => {
                    known.classes.insert(c.name.name.clone(), c);
                }
                StmtKind::Assign { targets, value } => {
                    if let ([target], ExprKind::Call { func, .. }) =
                        (targets.as_slice(), &value.kind)
                        && let (ExprKind::Name(name), ExprKind::Name(class)) =
                            (&target.kind, &func.kind)
                        && known.classes.contains_key(class)
                        && once(name)
                    {
                        known.instances.insert(name.clone(), class.clone());
                    }
                }
                _ => {}
            }
        }
        known.parts(module);
        let mut named = Mentions::default();
        ast::visit::Visitor::visit_block(&mut named, &module.body);
        // What holds others comes first.
        let mut paths: Vec<(&String, &String)> = known.instances.iter().collect();
        paths.sort_by_key(|(path, _)| path.matches('.').count());
        for (path, class) in paths {
            let inherited = |c: &&Class| c.ancestors.contains(class);
            let alone = match path.rsplit_once('.') {
                Some((of, _)) => known.singles.values().any(|single| single == of),
                None => true,
            };
            if alone && named.0.get(class) == Some(&1) && !known.classes.values().any(inherited) {
                known.singles.insert(class.clone(), path.clone());
            }
        }
        known
    }

    /// Adds the attributes of instances that hold one instance from the beginning.
    fn parts(&mut self, module: &Module) {
        let stores = Stores::of(module);
        if stores.by_name {
            return;
        }
        let mut paths: Vec<(String, String)> = self
            .instances
            .iter()
            .map(|(p, c)| (p.clone(), c.clone()))
            .collect();
        while let Some((path, class)) = paths.pop() {
            if path.matches('.').count() >= DEEPEST {
                continue;
            }
            let init = self.method(&class, "__init__");
            for (attr, of) in init.into_iter().flat_map(made_parts) {
                let once = stores.own.get(&(class.clone(), attr.clone())) == Some(&1);
                if once && !stores.others.contains(&attr) && self.classes.contains_key(&of) {
                    let path = format!("{path}.{attr}");
                    self.instances.insert(path.clone(), of.clone());
                    paths.push((path, of));
                }
            }
        }
    }

    /// The bound method that an attribute of a variable of the module is.
    pub(super) fn bound(&self, path: &str, attr: &str) -> Option<Target> {
        let class = self.instances.get(path)?;
        self.method(class, attr)?;
        Some(match self.singles.contains_key(class) {
            true => Target::Method(class.clone(), attr.to_string()),
            false => Target::Bound(path.to_string(), class.clone(), attr.to_string()),
        })
    }

    /// The path that an expression goes to an instance: `robot.arm`, or `self.arm` of the
    /// only one of its class.
    pub(super) fn path(&self, e: &Expr, at: &At<'_>) -> Option<String> {
        let path = match &e.kind {
            ExprKind::Name(name) if Some(name) == at.this.as_ref() => {
                self.singles.get(at.class.as_ref()?)?.clone()
            }
            ExprKind::Name(name) if !at.locals.contains(name) => name.clone(),
            ExprKind::Attribute { value, attr } => {
                format!("{}.{}", self.path(value, at)?, attr.name)
            }
            _ => return None,
        };
        self.instances.contains_key(&path).then_some(path)
    }

    /// The method of a class, bound to its instance.
    pub(super) fn method(&self, class: &str, name: &str) -> Option<&'m Function> {
        self.classes
            .get(class)?
            .body
            .functions()
            .find(|f| f.name.name == name && matches!(f.method_kind(), Ok(MethodKind::Method)))
    }

    pub(super) fn is_method(&self, name: &str) -> bool {
        self.classes
            .values()
            .any(|c| c.body.functions().any(|f| f.name.name == name))
    }
}

/// How often each name is read, but for annotations.
#[derive(Default)]
struct Mentions(BTreeMap<String, usize>);

impl<'ast> ast::visit::Visitor<'ast> for Mentions {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let defaults = function
                    .params
                    .list
                    .iter()
                    .filter_map(|p| p.default.as_ref());
                let values = function.decorators.iter().chain(defaults);
                values.for_each(|e| self.visit_expr(e));
                self.visit_block(&function.body);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                self.visit_expr(target);
                value.iter().for_each(|e| self.visit_expr(e));
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            *self.0.entry(name.clone()).or_default() += 1;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// How deep attributes of attributes are followed.
const DEEPEST: usize = 3;

/// The attributes that a constructor always gives an instance of a class: `self.arm = Arm()`.
fn made_parts(init: &Function) -> Vec<(String, String)> {
    let Some(this) = init.params.list.first().map(|p| &p.name.name) else {
        return Vec::new();
    };
    let made = |stmt: &Stmt| {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return None,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (target, value),
            _ => return None,
        };
        let ExprKind::Attribute { value: of, attr } = &target.kind else {
            return None;
        };
        let ExprKind::Call { func, .. } = &value.kind else {
            return None;
        };
        match (&of.kind, &func.kind) {
            (ExprKind::Name(of), ExprKind::Name(class)) if of == this => {
                Some((attr.name.clone(), class.clone()))
            }
            _ => None,
        }
    };
    init.body.stmts.iter().filter_map(made).collect()
}

/// Where attributes are set.
#[derive(Default)]
struct Stores {
    /// How often methods of a class set one of their object.
    own: BTreeMap<(String, String), usize>,
    /// Those that are set of anything else.
    others: BTreeSet<String>,
    /// Whether some may be set by their names.
    by_name: bool,
    /// The class and what its method calls the object.
    method: Option<(String, String)>,
}

impl Stores {
    fn of(module: &Module) -> Self {
        let mut out = Stores::default();
        for stmt in &module.body.stmts {
            let StmtKind::Class(class) = &stmt.kind else {
                ast::visit::Visitor::visit_stmt(&mut out, stmt);
                continue;
            };
            for inner in &class.body.stmts {
                let this = inner.function().and_then(|f| f.params.list.first());
                out.method = this.map(|p| (class.name.name.clone(), p.name.name.clone()));
                ast::visit::Visitor::visit_stmt(&mut out, inner);
            }
            out.method = None;
        }
        out
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Attribute { value, attr } => {
                let of = match (&self.method, &value.kind) {
                    (Some((class, this)), ExprKind::Name(of)) if of == this => Some(class.clone()),
                    _ => None,
                };
                match of {
                    Some(class) => *self.own.entry((class, attr.name.clone())).or_default() += 1,
                    None => {
                        self.others.insert(attr.name.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Stores {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|target| self.target(target));
            }
            StmtKind::AnnAssign { target, .. }
            | StmtKind::AugAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, target)| target.as_ref());
                targets.for_each(|target| self.target(target));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.by_name |= name == "setattr" || name == "vars",
            ExprKind::Attribute { attr, .. } => {
                self.by_name |= attr.name == "__dict__" || attr.name == "__setattr__";
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }
}
