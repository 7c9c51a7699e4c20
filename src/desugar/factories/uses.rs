//! How the functions are used that make functions.
//!
//! Enters: the module, and those functions. Leaves: which of them are only called, and the
//! module with those calls rewritten. This module must not know what is in their classes.

use super::class::Made;
use super::locals::Local;
use super::{callee, each, instance_name, names_of};
use crate::ast::{self, Expr, ExprKind, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The uses of functions.
#[derive(Default)]
pub(super) struct Uses {
    /// What is used in another way than is rewritten.
    refused: BTreeSet<String>,
    /// `bump`, which is `make_counter`'s first: its statement and place.
    methods: BTreeMap<String, (ast::NodeId, String, usize)>,
}

struct Walk<'f> {
    found: &'f BTreeMap<String, Made>,
    /// The calls whose results a function takes apart at once.
    locals: &'f BTreeMap<ast::NodeId, Local>,
    uses: Uses,
    /// The names that functions of the module bind.
    bound: BTreeSet<String>,
}

impl Uses {
    pub(super) fn of(
        module: &Module,
        found: &BTreeMap<String, Made>,
        often: &BTreeMap<String, usize>,
        locals: &BTreeMap<ast::NodeId, Local>,
    ) -> Uses {
        let mut walk = Walk {
            found,
            locals,
            uses: Uses::default(),
            bound: BTreeSet::new(),
        };
        for stmt in &module.body.stmts {
            let StmtKind::Assign { targets, value } = &stmt.kind else {
                continue;
            };
            let (Some(name), [target]) = (callee(value), targets.as_slice()) else {
                continue;
            };
            let Some(made) = found.get(name).filter(|m| !m.returned.is_empty()) else {
                continue;
            };
            let names = names_of(target).filter(|names| {
                names.len() == made.returned.len() && names.iter().all(|n| often.get(n) == Some(&1))
            });
            for (i, own) in names.unwrap_or_default().into_iter().enumerate() {
                let place = (stmt.id, name.to_string(), i);
                walk.uses.methods.insert(own, place);
            }
        }
        ast::visit::Visitor::visit_block(&mut walk, &module.body);
        let Walk {
            mut uses, bound, ..
        } = walk;
        uses.refused.extend(bound);
        // Where one of them cannot be rewritten, none is.
        let lost = uses
            .methods
            .iter()
            .filter(|(n, _)| uses.refused.contains(*n));
        let lost: Vec<String> = lost.map(|(_, (_, f, _))| f.clone()).collect();
        uses.refused.extend(lost);
        uses
    }

    /// Whether a function's uses can all be rewritten.
    pub(super) fn fits(&self, name: &str) -> bool {
        !self.refused.contains(name)
    }

    /// Writes the class where its function is called, and methods where they are.
    pub(super) fn rewrite(
        &self,
        module: &mut Module,
        classes: &BTreeMap<String, String>,
        found: &BTreeMap<String, Made>,
        taken: &mut BTreeSet<String>,
        next_id: &mut u32,
    ) {
        let mut instances: BTreeMap<ast::NodeId, String> = BTreeMap::new();
        for stmt in &mut module.body.stmts {
            let of = self.methods.values().find(|(id, ..)| *id == stmt.id);
            let class = of.and_then(|(_, function, _)| classes.get(function));
            if let (StmtKind::Assign { targets, .. }, Some(class)) = (&mut stmt.kind, class)
                && let [target] = targets.as_mut_slice()
            {
                let name = instance_name(class, taken);
                target.kind = ExprKind::Name(name.clone());
                instances.insert(stmt.id, name);
            }
        }
        each(module, &mut |e| {
            let ExprKind::Call { func, .. } = &mut e.kind else {
                return;
            };
            let ExprKind::Name(name) = &mut func.kind else {
                return;
            };
            if let Some(class) = classes.get(name) {
                name.clone_from(class);
            } else if let Some((stmt, function, i)) = self.methods.get(name)
                && let (Some(instance), Some(made)) = (instances.get(stmt), found.get(function))
                && let Some(method) = made.returned.get(*i)
            {
                let mut build = super::Build {
                    next_id,
                    span: func.span,
                };
                **func = build.of(instance, method);
            }
        });
    }
}

impl Walk<'_> {
    fn names(&self, name: &str) -> bool {
        self.found.contains_key(name) || self.uses.methods.contains_key(name)
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Walk<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let mut names = super::super::names::Names::default();
                function.decorators.iter().for_each(|d| names.expr(d));
                self.uses.refused.extend(names.read);
                let own = super::super::names::Names::of(function);
                self.bound.extend(own.bound.into_keys());
                ast::visit::walk_stmt(self, stmt);
            }
            // `clip = lambda lo, hi: lambda x: …` itself.
            StmtKind::Assign { targets, value }
                if matches!(value.kind, ExprKind::Lambda { .. })
                    && matches!(targets.as_slice(), [t] if matches!(&t.kind, ExprKind::Name(n) if self.found.contains_key(n))) =>
            {
                self.visit_expr(value);
            }
            // What is made several at once is taken apart at once.
            StmtKind::Assign { value, .. }
                if self.uses.methods.values().any(|(id, ..)| *id == stmt.id) =>
            {
                if let ExprKind::Call { args, keywords, .. } = &value.kind {
                    let given = keywords.iter().map(|k| &k.value);
                    args.iter().chain(given).for_each(|a| self.visit_expr(a));
                }
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(n) if self.names(n)) => {
                let several = callee(e)
                    .and_then(|n| self.found.get(n))
                    .is_some_and(|made| !made.returned.is_empty())
                    && !self.locals.contains_key(&e.id);
                if several && let Some(name) = callee(e) {
                    self.uses.refused.insert(name.to_string());
                }
                let given = keywords.iter().map(|k| &k.value);
                args.iter().chain(given).for_each(|a| self.visit_expr(a));
            }
            ExprKind::Name(name) => {
                if self.names(name) {
                    self.uses.refused.insert(name.clone());
                }
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

/// The functions whose results stand in one list, tuple or dict, by what that is called.
pub(super) fn together(
    module: &Module,
    functions: BTreeSet<String>,
) -> Vec<(String, BTreeSet<String>)> {
    struct Lists {
        functions: BTreeSet<String>,
        found: Vec<(String, BTreeSet<String>)>,
    }
    impl Lists {
        fn kept(&mut self, targets: &[Expr], value: &Expr) {
            let items: Vec<&Expr> = match &value.kind {
                ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().collect(),
                ExprKind::Dict(items) => items.iter().map(|(_, v)| v).collect(),
                _ => return,
            };
            let made = items.iter().filter_map(|e| callee(e));
            let made = made.filter(|n| self.functions.contains(*n));
            let made: Vec<String> = made.map(str::to_string).collect();
            // What stands beside other objects is of one family with them.
            if made.len() < items.len() {
                return;
            }
            let mut made: BTreeSet<String> = made.into_iter().collect();
            let name = targets.iter().find_map(|t| match &t.kind {
                ExprKind::Name(name) => Some(name.clone()),
                ExprKind::Attribute { attr, .. } => Some(attr.name.clone()),
                _ => None,
            });
            if made.len() < 2 {
                return;
            }
            let mut name = name.unwrap_or_else(|| "step".to_string());
            self.found.retain(|(other, known)| {
                let apart = known.is_disjoint(&made);
                if !apart {
                    made.extend(known.iter().cloned());
                    name.clone_from(other);
                }
                apart
            });
            self.found.push((name, made));
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Lists {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, value } => self.kept(targets, value),
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => self.kept(std::slice::from_ref(target), value),
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut lists = Lists {
        functions,
        found: Vec::new(),
    };
    ast::visit::Visitor::visit_block(&mut lists, &module.body);
    lists.found
}
