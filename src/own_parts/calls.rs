//! The calls of a method.
//!
//! Enters: the module, its model and the method. Leaves: every call of it, with the paths that
//! lead to what it is called on and to what it is given. This module must not know what is
//! rewritten.

use super::Method;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind, leaves, rewrite};
use crate::infer::{Bound, FnModel, Model, Seg, bind_arguments, scope};
use crate::ty::Ty;

/// A variable and the attributes that lead to an object.
type Steps = Vec<String>;

/// A call of the method.
pub(super) struct Site<'m> {
    pub(super) call: &'m Expr,
    /// The function that it stands in: `f`, `Class.method`.
    pub(super) caller: String,
    /// The way to the object, where it is one.
    pub(super) receiver: Option<Steps>,
    /// By parameter, that of the object left out: the argument, and the way to it.
    given: Vec<Option<(NodeId, Option<Steps>)>>,
}

impl Site<'_> {
    /// The attributes that lead from the object to what is given for a parameter, where that is
    /// a part of it.
    pub(super) fn part(&self, param: usize) -> Option<Steps> {
        let (_, steps) = self.given.get(param.checked_sub(1)?)?.as_ref()?;
        let part = steps.as_ref()?.strip_prefix(self.receiver.as_deref()?)?;
        Some(part.to_vec())
    }

    /// What is given for a parameter.
    pub(super) fn argument(&self, param: usize) -> Option<NodeId> {
        let given = self.given.get(param.checked_sub(1)?)?.as_ref()?;
        Some(given.0)
    }
}

/// All calls of a method; nothing where it is named in another way.
pub(super) struct Calls<'m> {
    pub(super) sites: Option<Vec<Site<'m>>>,
}

impl<'m> Calls<'m> {
    pub(super) fn of(module: &'m Module, model: &'m Model, method: &Method<'m>) -> Self {
        let mut sites = Some(Vec::new());
        for stmt in &module.body.stmts {
            let found = match &stmt.kind {
                StmtKind::Function(function) => {
                    in_function(model, method, function, &function.name.name)
                }
                StmtKind::Class(class) => {
                    let methods = class.body.stmts.iter().map(|inner| match &inner.kind {
                        StmtKind::Function(function) => {
                            let key = format!("{}.{}", class.name.name, function.name.name);
                            in_function(model, method, function, &key)
                        }
                        _ => Some(Vec::new()),
                    });
                    methods
                        .collect::<Option<Vec<_>>>()
                        .map(|found| found.into_iter().flatten().collect())
                }
                _ => {
                    let scope = scope::FnScope::default();
                    let search = Search::of(model, method, &scope, "", vec![&model.module]);
                    search.run(|search| search.visit_stmt(stmt))
                }
            };
            match (&mut sites, found) {
                (Some(sites), Some(found)) => sites.extend(found),
                _ => sites = None,
            }
        }
        Self { sites }
    }
}

fn in_function<'m>(
    model: &'m Model,
    method: &Method<'m>,
    function: &'m Function,
    key: &str,
) -> Option<Vec<Site<'m>>> {
    let scope = scope::resolve(function);
    let instances = model.functions.iter().filter(|f| f.python_name == key);
    let search = Search::of(model, method, &scope, key, instances.collect());
    search.run(|search| search.visit_block(&function.body))
}

struct Search<'s, 'm> {
    model: &'m Model,
    method: &'s Method<'m>,
    scope: &'s scope::FnScope,
    key: &'s str,
    /// What inference found of the function.
    instances: Vec<&'m FnModel>,
    sites: Vec<Site<'m>>,
    lost: bool,
}

impl<'s, 'm> Search<'s, 'm> {
    fn of(
        model: &'m Model,
        method: &'s Method<'m>,
        scope: &'s scope::FnScope,
        key: &'s str,
        instances: Vec<&'m FnModel>,
    ) -> Self {
        Self {
            model,
            method,
            scope,
            key,
            instances,
            sites: Vec::new(),
            lost: false,
        }
    }

    fn run(mut self, visit: impl FnOnce(&mut Self)) -> Option<Vec<Site<'m>>> {
        visit(&mut self);
        (!self.lost).then_some(self.sites)
    }

    /// Whether a call goes to the method; nothing where it goes nowhere that is known.
    fn calls_it(&self, call: NodeId) -> Option<bool> {
        let id = self.instances.iter().find_map(|f| f.calls.get(&call))?;
        let callee = self.model.functions.get(id.0)?;
        let class = callee.python_name.split_once('.');
        Some(
            class
                == Some((
                    &self.method.class.name.name,
                    &self.method.function.name.name,
                )),
        )
    }

    /// Whether an object may be one of the class.
    fn may_be_its(&self, e: &Expr) -> bool {
        let mut facts = self.instances.iter().filter_map(|f| f.facts.get(&e.id));
        facts.any(|fact| match fact.ty.narrowed() {
            Ty::Instance(class) | Ty::Class(class) => class == self.method.class.name.name,
            Ty::Unknown => true,
            _ => false,
        })
    }

    /// The way to an object.
    fn steps(&self, e: &Expr) -> Option<Steps> {
        match &e.kind {
            ExprKind::Name(name) => {
                let Some(version) = self.scope.names.get(&e.id) else {
                    return Some(vec![format!("@{name}")]);
                };
                let mut vars = self.instances.iter().filter_map(|f| f.vars.get(version));
                match vars.find_map(|v| v.alias.as_ref()) {
                    None => Some(vec![version.clone()]),
                    Some(path) => {
                        let attrs = path.segs.iter().map(|seg| match seg {
                            Seg::Attr(name) => Some(name.clone()),
                            Seg::Index(_) => None,
                        });
                        std::iter::once(Some(path.root.clone()))
                            .chain(attrs)
                            .collect()
                    }
                }
            }
            ExprKind::Attribute { value, attr } => {
                let mut steps = self.steps(value)?;
                steps.push(attr.name.clone());
                Some(steps)
            }
            _ => None,
        }
    }
}

impl<'m> Visitor<'m> for Search<'_, 'm> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        let method = self.method.function;
        match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if self.calls_it(e.id) == Some(true) => {
                let ExprKind::Attribute { value, .. } = &func.kind else {
                    self.lost = true;
                    return;
                };
                let Ok(bound) = bind_arguments(method, 1, args, keywords) else {
                    self.lost = true;
                    return;
                };
                let given = bound.iter().map(|slot| match slot {
                    Bound::Given(arg) => Some((arg.id, self.steps(arg))),
                    _ => None,
                });
                let given = given.collect();
                let receiver = self.steps(value);
                self.sites.push(Site {
                    call: e,
                    caller: self.key.to_string(),
                    receiver,
                    given,
                });
                self.visit_expr(value);
                args.iter().for_each(|arg| self.visit_expr(arg));
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            // The method itself is kept, or called as somebody's that is not known.
            ExprKind::Attribute { value, attr } => {
                self.lost |= attr.name == method.name.name && self.may_be_its(value);
                visit::walk_expr(self, e);
            }
            _ => visit::walk_expr(self, e),
        }
    }
}

/// Whether an attribute of that name gets another object anywhere but where its own is made.
pub(super) fn is_rebound(module: &Module, attr: &str) -> bool {
    struct Writes<'w>(&'w str, bool);
    impl<'ast> Visitor<'ast> for Writes<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut targets: Vec<&Expr> = Vec::new();
            stmt.targets().iter().for_each(|t| leaves(t, &mut targets));
            match &stmt.kind {
                StmtKind::For { target, .. } => leaves(target, &mut targets),
                StmtKind::Delete(gone) => targets.extend(gone),
                _ => {}
            }
            self.1 |= targets.iter().any(
                |t| matches!(&t.kind, ExprKind::Attribute { attr, .. } if attr.name == self.0),
            );
            visit::walk_stmt(self, stmt);
        }
    }
    let mut writes = Writes(attr, false);
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if inner.function().is_none_or(|f| f.name.name != "__init__") {
                        writes.visit_stmt(inner);
                    }
                }
            }
            _ => writes.visit_stmt(stmt),
        }
    }
    writes.1
}

/// The method, in a copy of the module.
pub(super) fn method_mut<'c>(
    module: &'c mut Module,
    class: &str,
    method: &Function,
) -> Option<&'c mut Function> {
    module
        .body
        .stmts
        .iter_mut()
        .find_map(|s| match &mut s.kind {
            StmtKind::Class(c) if c.name.name == class => {
                c.body.stmts.iter_mut().find_map(|s| match &mut s.kind {
                    StmtKind::Function(f) if f.name.name == method.name.name => Some(f),
                    _ => None,
                })
            }
            _ => None,
        })
}

/// Calls `f` on every expression of the module.
pub(super) fn each_call(module: &mut Module, f: &mut dyn FnMut(&mut Expr)) {
    rewrite::block(&mut module.body, f);
}
