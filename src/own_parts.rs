//! Methods that are called on an object with a part of that object, and change one of the two:
//! `self.turn(self.left)`.
//!
//! Enters: the module and its [`Model`], with the methods that ownership found to be called so.
//! Leaves: the same module, where such a call lends only one thing: the method that is always
//! given the same part reads it from its object, and loses the parameter; the method that needs
//! its object for some attributes is given those, or none, and is one of the class. Nothing
//! where neither is sure: the hole stays. This module must not know Rust syntax.

mod calls;

use crate::ast::{
    Class, Expr, ExprKind, Function, MethodKind, Module, NodeId, ParamKind, Stmt, StmtKind, leaves,
    rewrite, visit,
};
use crate::desugar::Build;
use crate::infer::{Model, scope};
use crate::ty::Ty;
use calls::{Calls, Site};
use std::collections::{BTreeMap, BTreeSet};

/// The most parameters that a function gets: clippy's `too_many_arguments`.
const MOST_PARAMETERS: usize = 7;

/// Rewrites the methods that are lent a part of their own object; nothing where there are none.
pub fn own_parts(module: &Module, model: &Model) -> Option<Module> {
    let mut found: Option<Module> = None;
    for (key, params) in &model.lent_parts {
        let now = found.as_ref().unwrap_or(module);
        let Some(method) = Method::of(now, model, key) else {
            continue;
        };
        let calls = Calls::of(now, model, &method);
        let Some(sites) = calls.sites else { continue };
        let next = params
            .iter()
            .find_map(|&param| {
                let next = method.without(now, &sites, param)?;
                Some(method.siblings(now, &sites, param, next))
            })
            .or_else(|| method.of_the_class(now, &sites, params));
        // What is rewritten was not inferred: the next look sees to the others.
        if next.is_some() {
            found = next;
            break;
        }
    }
    found
}

/// A method that is called so.
struct Method<'m> {
    model: &'m Model,
    class: &'m Class,
    function: &'m Function,
    scope: scope::FnScope,
    /// The name of its object.
    own: &'m str,
}

impl<'m> Method<'m> {
    /// The method of that key, `Class.method`, where no other stands for it.
    fn of(module: &'m Module, model: &'m Model, key: &str) -> Option<Self> {
        let (of, name) = key.split_once('.')?;
        let classes = module.body.stmts.iter().filter_map(|s| match &s.kind {
            StmtKind::Class(class) => Some(class),
            _ => None,
        });
        let classes: Vec<&Class> = classes.collect();
        let class = classes.iter().copied().find(|c| c.name.name == of)?;
        let in_family = !class.variants.is_empty()
            || classes.iter().any(|c| c.variants.iter().any(|v| v == of));
        let mut functions = class.body.stmts.iter().filter_map(Stmt::function);
        let function = functions.find(|f| f.name.name == name)?;
        let plain = function.decorators.is_empty()
            && matches!(function.method_kind(), Ok(MethodKind::Method))
            && !(name.starts_with("__") && name.ends_with("__"))
            && function
                .params
                .list
                .iter()
                .all(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
        let own = function.params.list.first()?;
        let method = Self {
            model,
            class,
            function,
            scope: scope::resolve(function),
            own: &own.name.name,
        };
        (plain && !in_family && method.is_steady(method.own)).then_some(method)
    }

    /// Whether a parameter always is what it was called with, and nothing outlives the call
    /// that names it.
    fn is_steady(&self, param: &str) -> bool {
        let captured = self.scope.captured.iter().any(|name| name == param);
        let mut versions = self.scope.vars.values().filter(|v| v.name == param);
        // The call binds it once.
        !captured && versions.all(|v| v.is_param && v.bindings == 1)
    }

    /// The module where the method finds the part that a parameter always is in its object.
    fn without(&self, module: &Module, sites: &[Site<'_>], param: usize) -> Option<Module> {
        let given = self.function.params.list.get(param)?;
        let name = given.name.name.as_str();
        let mut parts = sites.iter().map(|site| site.part(param));
        let part = parts.next()??;
        let same = !part.is_empty() && parts.all(|other| other.as_ref() == Some(&part));
        if !same || !self.is_steady(name) || part.iter().any(|attr| calls::is_rebound(module, attr))
        {
            return None;
        }
        let dropped: BTreeSet<NodeId> = sites.iter().filter_map(|s| s.argument(param)).collect();
        let mut rewritten = module.clone();
        let mut next_id = module.node_count;
        let function = calls::method_mut(&mut rewritten, &self.class.name.name, self.function)?;
        function.params.list.remove(param);
        rewrite::block(&mut function.body, &mut |e| {
            if matches!(&e.kind, ExprKind::Name(n) if n == name) {
                let mut build = Build {
                    next_id: &mut next_id,
                    span: e.span,
                };
                let own = build.name(self.own);
                *e = part.iter().fold(own, |e, attr| build.attr(e, attr));
            }
        });
        calls::each_call(&mut rewritten, &mut |e| {
            if let ExprKind::Call { args, keywords, .. } = &mut e.kind {
                args.retain(|arg| !dropped.contains(&arg.id));
                keywords.retain(|k| !dropped.contains(&k.value.id));
            }
        });
        rewritten.node_count = next_id;
        Some(rewritten)
    }

    /// The module where the methods that stand beside this one, as in a table of handlers, find
    /// the same part there as well.
    fn siblings(
        &self,
        module: &'m Module,
        sites: &[Site<'_>],
        param: usize,
        rewritten: Module,
    ) -> Module {
        let callers: BTreeSet<&str> = sites.iter().map(|s| s.caller.as_str()).collect();
        let part = sites.first().and_then(|site| site.part(param));
        let others = self.class.body.functions();
        let others = others.filter(|f| f.name.name != self.function.name.name);
        let mut rewritten = rewritten;
        for other in others {
            let key = format!("{}.{}", self.class.name.name, other.name.name);
            let Some(method) = Method::of(module, self.model, &key) else {
                continue;
            };
            let Some(sites) = Calls::of(module, self.model, &method).sites else {
                continue;
            };
            let beside = sites.iter().all(|s| callers.contains(s.caller.as_str()));
            let same = |at: &usize| sites.iter().all(|site| site.part(*at) == part);
            let at = (1..other.params.list.len()).find(same);
            if let Some(at) = at.filter(|_| beside && !sites.is_empty())
                && let Some(next) = method.without(&rewritten, &sites, at)
            {
                rewritten = next;
            }
        }
        rewritten
    }

    /// The module where the method is one of the class, and is given what it reads of its
    /// object.
    fn of_the_class(
        &self,
        module: &Module,
        sites: &[Site<'_>],
        params: &BTreeSet<usize>,
    ) -> Option<Module> {
        let needs = self.needs()?;
        let lent = |site: &Site<'_>| {
            params.iter().any(|&param| {
                site.part(param)
                    .is_some_and(|part| part.first().is_none_or(|attr| needs.contains_key(attr)))
            })
        };
        let count = self.function.params.list.len() - 1 + needs.len();
        let taken = |name: &String| {
            self.scope.vars.values().any(|v| v.name == *name)
                || self.model.globals.contains_key(name)
                || self
                    .function
                    .params
                    .list
                    .iter()
                    .any(|p| p.name.name == *name)
        };
        if count > MOST_PARAMETERS
            || needs.keys().any(taken)
            || sites.iter().any(|s| s.receiver.is_none() || lent(s))
        {
            return None;
        }
        let mut order: Vec<(&String, &u32)> = needs.iter().collect();
        order.sort_by_key(|(_, at)| **at);
        let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
        let mut rewritten = module.clone();
        let mut next_id = module.node_count;
        let class = self.class.name.name.as_str();
        let function = calls::method_mut(&mut rewritten, class, self.function)?;
        let mut build = Build {
            next_id: &mut next_id,
            span: function.name.span,
        };
        let given = names
            .iter()
            .map(|name| build.param(name, ParamKind::Normal, None));
        let given: Vec<_> = given.collect();
        function.decorators.push(build.name("staticmethod"));
        function.params.list.splice(0..1, given);
        rewrite::block(&mut function.body, &mut |e| {
            let ExprKind::Attribute { value, attr } = &e.kind else {
                return;
            };
            if matches!(&value.kind, ExprKind::Name(n) if n == self.own) {
                e.kind = match names.contains(&attr.name.as_str()) {
                    true => ExprKind::Name(attr.name.clone()),
                    false => ExprKind::Attribute {
                        value: Box::new(Expr {
                            kind: ExprKind::Name(class.to_string()),
                            ..(**value).clone()
                        }),
                        attr: attr.clone(),
                    },
                };
            }
        });
        let calls: BTreeSet<NodeId> = sites.iter().map(|s| s.call.id).collect();
        calls::each_call(&mut rewritten, &mut |e| {
            if !calls.contains(&e.id) {
                return;
            }
            let ExprKind::Call { func, args, .. } = &mut e.kind else {
                return;
            };
            let ExprKind::Attribute { value, .. } = &mut func.kind else {
                return;
            };
            let mut build = Build {
                next_id: &mut next_id,
                span: value.span,
            };
            let receiver = std::mem::replace(value, Box::new(build.name(class)));
            let given = names.iter().map(|name| {
                let own = build.again(&receiver);
                build.attr(own, name)
            });
            let given: Vec<Expr> = given.collect();
            args.splice(0..0, given);
        });
        rewritten.node_count = next_id;
        Some(rewritten)
    }

    /// The attributes that it reads of its object, with where it does so first; nothing where
    /// it does anything else with it.
    fn needs(&self) -> Option<BTreeMap<String, u32>> {
        let fields = &self.model.classes.get(&self.class.name.name)?.fields;
        let mut uses = Uses {
            own: self.own,
            read: BTreeMap::new(),
            lost: false,
        };
        visit::Visitor::visit_block(&mut uses, &self.function.body);
        let methods = || self.class.body.stmts.iter().filter_map(Stmt::function);
        let constant = |name: &str| {
            let class = self.model.classes.get(&self.class.name.name);
            class.is_some_and(|c| c.consts.iter().any(|c| c == name))
        };
        uses.read.retain(|name, _| !constant(name));
        let plain = |name: &String| {
            fields.iter().any(|(field, fact)| {
                field == name && matches!(fact.ty, Ty::Int | Ty::Float | Ty::Bool)
            }) && !methods().any(|m| m.name.name == *name)
        };
        (!uses.lost && uses.read.keys().all(plain)).then_some(uses.read)
    }
}

/// What a method does with its object.
struct Uses<'u> {
    own: &'u str,
    /// The attributes that are read.
    read: BTreeMap<String, u32>,
    /// Something else.
    lost: bool,
}

impl<'ast> visit::Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let written = |e: &Expr| {
            matches!(&e.kind, ExprKind::Attribute { value, .. }
                if matches!(&value.kind, ExprKind::Name(n) if n == self.own))
        };
        let mut targets: Vec<&Expr> = Vec::new();
        stmt.targets().iter().for_each(|t| leaves(t, &mut targets));
        match &stmt.kind {
            StmtKind::For { target, .. } => leaves(target, &mut targets),
            StmtKind::Delete(gone) => targets.extend(gone),
            _ => {}
        }
        self.lost |= targets.into_iter().any(written);
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.lost |= name == self.own,
            ExprKind::Attribute { value, attr } if matches!(&value.kind, ExprKind::Name(n) if n == self.own) =>
            {
                self.read.entry(attr.name.clone()).or_insert(e.span.start);
            }
            _ => visit::walk_expr(self, e),
        }
    }
}
