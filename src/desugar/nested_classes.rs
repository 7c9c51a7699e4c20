//! Classes within classes.
//!
//! Enters: the module. Leaves: the same, where a class within a class is one of the module,
//! before the class around: under its own name where that is free, else under both (`ArmState`).
//! Names keep what they mean: such a class is asked for by `self.Node` or `Tree.Node`, in the
//! body of the class around and in the defaults of its methods by its plain name. Of several
//! classes of one name each is asked for in the class around it, or by that class's name. This
//! module must not know types.

use super::class_bodies::each_class;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Class, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// How names and attributes are used in the module.
#[derive(Default)]
struct Uses {
    /// Names that stand anywhere but in the body of the class around.
    names: BTreeSet<String>,
    /// What is bound by imports.
    imported: BTreeSet<String>,
    /// Attributes that are assigned, and names of methods and class attributes.
    bound: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    let bound = alias.alias.as_ref().unwrap_or(&alias.name);
                    let first = bound.name.split('.').next().unwrap_or_default();
                    self.imported.insert(first.to_string());
                    self.names.insert(first.to_string());
                }
            }
            StmtKind::Function(f) => {
                header(f).into_iter().for_each(|e| self.visit_expr(e));
                self.function(f);
                return;
            }
            StmtKind::Class(class) => {
                let mut own = Uses::default();
                for inner in &class.body.stmts {
                    for target in inner.targets() {
                        if let ExprKind::Name(name) = &target.kind {
                            self.bound.insert(name.clone());
                        }
                    }
                    match &inner.kind {
                        // What stands before the body of a method is computed in the class.
                        StmtKind::Function(f) => {
                            header(f).into_iter().for_each(|e| own.visit_expr(e));
                            self.function(f);
                        }
                        StmtKind::Class(_) => self.visit_stmt(inner),
                        _ => own.visit_stmt(inner),
                    }
                }
                // There, the name of a class within it means that class.
                let nested = |name: &String| {
                    class
                        .body
                        .stmts
                        .iter()
                        .any(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == *name))
                };
                self.names
                    .extend(own.names.into_iter().filter(|n| !nested(n)));
                class.bases.iter().for_each(|base| self.visit_expr(base));
                return;
            }
            _ => {
                for target in stmt.targets() {
                    self.target(target);
                }
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.names.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

impl Uses {
    /// A function but for what stands before its body.
    fn function(&mut self, f: &Function) {
        self.bound.insert(f.name.name.clone());
        self.names.insert(f.name.name.clone());
        let params = f.params.list.iter().map(|p| p.name.name.clone());
        self.names.extend(params);
        self.visit_block(&f.body);
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                self.bound.insert(attr.name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            _ => {}
        }
    }
}

/// What Python computes where a function is defined.
fn header(f: &Function) -> Vec<&Expr> {
    let params = f.params.list.iter();
    let of_params = params.flat_map(|p| p.annotation.iter().chain(&p.default));
    f.decorators
        .iter()
        .chain(of_params)
        .chain(&f.returns)
        .collect()
}

/// The same, to be rewritten.
fn header_mut(f: &mut Function) -> Vec<&mut Expr> {
    let params = f.params.list.iter_mut();
    let of_params = params.flat_map(|p| p.annotation.iter_mut().chain(&mut p.default));
    f.decorators
        .iter_mut()
        .chain(of_params)
        .chain(&mut f.returns)
        .collect()
}

/// What is known of the classes of a module before any is moved.
struct Known {
    /// How many classes have each name.
    count: BTreeMap<String, usize>,
    uses: Uses,
    /// The names that the classes of the module have for classes within them, and their bases.
    within: BTreeMap<String, (BTreeSet<String>, Vec<String>)>,
}

impl Known {
    fn of(module: &mut Module) -> Known {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        let mut within = BTreeMap::new();
        for stmt in &mut module.body.stmts {
            each_class(stmt, &mut |class| {
                *count.entry(class.name.name.clone()).or_default() += 1;
            });
            if let StmtKind::Class(class) = &stmt.kind {
                let nested = class.body.stmts.iter().filter_map(|s| match &s.kind {
                    StmtKind::Class(nested) => Some(nested.name.name.clone()),
                    _ => None,
                });
                let bases = class.bases.iter().filter_map(|base| match &base.kind {
                    ExprKind::Name(name) => Some(name.clone()),
                    _ => None,
                });
                within.insert(
                    class.name.name.clone(),
                    (nested.collect(), bases.collect::<Vec<String>>()),
                );
            }
        }
        let mut uses = Uses::default();
        uses.visit_block(&module.body);
        Known {
            count,
            uses,
            within,
        }
    }

    /// What a class within another is called as one of the module.
    fn own_name(&self, around: &Class, nested: &Class) -> Option<String> {
        let name = &nested.name.name;
        let is_class = |s: &Stmt| matches!(s.kind, StmtKind::Class(_));
        if self.uses.bound.contains(name) || nested.body.stmts.iter().any(is_class) {
            return None;
        }
        let joined = format!("{}{name}", around.name.name);
        let taken = |n: &str| self.uses.names.contains(n) || self.count.contains_key(n);
        if self.is_only(name) && !self.uses.names.contains(name) {
            return Some(name.clone());
        }
        let fine = self.is_only(name) || self.is_apart(&around.name.name, name);
        (fine && !taken(&joined)).then_some(joined)
    }

    /// Whether there is one class of that name.
    fn is_only(&self, name: &str) -> bool {
        self.count.get(name) == Some(&1)
    }

    /// Whether a class alone decides what its `self.State` is: no class that derives from it,
    /// or from which it derives, has another.
    fn is_apart(&self, around: &str, name: &str) -> bool {
        let once = self.count.get(around) == Some(&1);
        let has = |class: &String| {
            let found = self.within.get(class);
            found.is_some_and(|(nested, _)| nested.contains(name))
        };
        let related = self.within.iter().any(|(class, (_, bases))| {
            let own = class == around;
            (own && bases.iter().any(has)) || (bases.iter().any(|b| b == around) && has(class))
        });
        let all = self.within.values().filter(|(n, _)| n.contains(name));
        let one_each = all.count() + usize::from(self.within.contains_key(name));
        once && !related && self.count.get(name) == Some(&one_each)
    }
}

/// Classes within classes become classes of the module, before the class around.
pub(super) fn nested_classes(module: &mut Module) {
    let known = Known::of(module);
    // By the name alone, where there is one such class.
    let mut moved: BTreeMap<String, String> = BTreeMap::new();
    // By the class around and the name.
    let mut by_class: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut stmts = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        if let StmtKind::Class(class) = &mut stmt.kind {
            let mut own_names: BTreeMap<String, String> = BTreeMap::new();
            let mut kept = Vec::new();
            for mut inner in std::mem::take(&mut class.body.stmts) {
                let own = match &inner.kind {
                    StmtKind::Class(nested) => known.own_name(class, nested),
                    _ => None,
                };
                let (StmtKind::Class(nested), Some(own)) = (&mut inner.kind, own) else {
                    kept.push(inner);
                    continue;
                };
                let name = std::mem::replace(&mut nested.name.name, own.clone());
                match known.is_only(&name) {
                    true => drop(moved.insert(name.clone(), own.clone())),
                    false => {
                        let key = (class.name.name.clone(), name.clone());
                        by_class.insert(key, own.clone());
                    }
                }
                own_names.insert(name, own);
                inner.blank_before = true;
                stmts.push(inner);
            }
            class.body.stmts = kept;
            in_class(class, &own_names);
        }
        stmts.push(stmt);
    }
    module.body.stmts = stmts;
    if moved.is_empty() && by_class.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        let of = match &value.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        };
        let of_module = of
            .as_ref()
            .is_some_and(|of| known.uses.imported.contains(of));
        if let Some(own) = moved.get(&attr.name)
            && value.is_path()
            && !of_module
        {
            e.kind = ExprKind::Name(own.clone());
        } else if let Some(of) = of
            && let Some(own) = by_class.get(&(of, attr.name.clone()))
        {
            e.kind = ExprKind::Name(own.clone());
        }
    });
}

/// What a class has within it, where it is named in the body of the class by its plain name, in
/// its methods by `self.State`.
fn in_class(class: &mut Class, own_names: &BTreeMap<String, String>) {
    if own_names.is_empty() {
        return;
    }
    let mut by_name = |e: &mut Expr| {
        if let ExprKind::Name(name) = &mut e.kind
            && let Some(own) = own_names.get(name)
        {
            name.clone_from(own);
        }
    };
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            ast::rewrite::stmt(stmt, &mut by_name);
            continue;
        };
        for e in header_mut(function) {
            ast::rewrite::expr(e, &mut by_name);
        }
        let bound = !matches!(function.method_kind(), Ok(ast::MethodKind::Static));
        let own = function.params.list.first().map(|p| p.name.name.clone());
        let Some(own) = own.filter(|_| bound) else {
            continue;
        };
        ast::rewrite::block(&mut function.body, &mut |e| {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && matches!(&value.kind, ExprKind::Name(n) if *n == own)
                && let Some(own) = own_names.get(&attr.name)
            {
                e.kind = ExprKind::Name(own.clone());
            }
        });
    }
}
