//! Other names of a dict or list of the module.
//!
//! Enters: the module, where objects keep a collection that a variable of the module holds
//! (`Logger(pose)` with `self.pose = pose`), or a function gives it a name of its own (`bb =
//! blackboard`). Leaves: the module where the variable itself is named: `self.pose["x"]` is
//! `pose["x"]`, and nobody keeps it any more. Nothing where an attribute may be another
//! collection. This module must not know what is done with it.

use super::apart::{Apart, has_in_its_body, is_attribute, stored};
use super::known::{Known, Own, binds};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind, leaves};
use crate::infer::{Bound, bind_arguments, scope};
use crate::ty::Ty;
use std::collections::BTreeSet;

/// How many names are looked for.
const MOST: usize = 32;

/// Gives collections of the module one name; nothing where they have one.
pub(super) fn aliases(module: &Module, known: &Known<'_>) -> Option<Module> {
    let shared = collections(known);
    let mut found: Option<Module> = None;
    for _ in 0..MOST {
        let current = found.as_ref().unwrap_or(module);
        let known = known.at(current);
        let next = attributes(&known, &shared).or_else(|| locals(&known, &shared));
        let Some(next) = next else { break };
        found = Some(next);
    }
    found
}

/// The variables that are one collection for as long as the module is there.
fn collections(known: &Known<'_>) -> BTreeSet<String> {
    let model = known.model;
    let rebinds = |own: &Own<'_>, name: &str| {
        let mut search = Rebinds(name, false, false);
        search.visit_block(&own.function.body);
        search.1 && search.2
    };
    let stays = |name: &String| {
        let global = model.globals.get(name);
        let mut functions = known.functions.values();
        global.is_some_and(|global| global.assigned == 1)
            && !functions.any(|own| rebinds(own, name))
    };
    let is_collection = |ty: &Ty| {
        matches!(
            ty,
            Ty::Dict { .. } | Ty::Record(_) | Ty::List { .. } | Ty::Deque { .. } | Ty::Set(_)
        )
    };
    // What changes under another name alone looks like a constant.
    let consts = model.consts.iter().map(|(name, c)| (name, &c.fact));
    let variables = model.variables.iter().chain(consts);
    let found = variables.filter(|(name, fact)| is_collection(&fact.ty) && stays(name));
    found.map(|(name, _)| name.clone()).collect()
}

/// Whether a function says `global` of a name, and whether it binds it.
struct Rebinds<'s>(&'s str, bool, bool);

impl<'ast> Visitor<'ast> for Rebinds<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Global(names) = &stmt.kind {
            self.1 |= names.iter().any(|name| name == self.0);
        }
        let mut parts = Vec::new();
        for target in stmt.targets() {
            leaves(target, &mut parts);
        }
        if let StmtKind::Delete(targets) = &stmt.kind {
            parts.extend(targets);
        }
        let is_it = |e: &&Expr| matches!(&e.kind, ExprKind::Name(name) if name == self.0);
        self.2 |= parts.iter().any(is_it);
        visit::walk_stmt(self, stmt);
    }
}

/// The first attribute that is such a collection, as the variable.
fn attributes(known: &Known<'_>, shared: &BTreeSet<String>) -> Option<Module> {
    for (key, own) in &known.functions {
        let Some((class, receiver)) = own.receiver.filter(|_| key.ends_with(".__init__")) else {
            continue;
        };
        for stmt in &own.function.body.stmts {
            if let Some((target, value)) = stored(stmt)
                && let ExprKind::Attribute { attr, .. } = &target.kind
                && is_attribute(target, receiver, &attr.name)
                && let ExprKind::Name(given) = &value.kind
            {
                let kept = Kept {
                    class,
                    attr: &attr.name,
                    store: stmt.id,
                    given,
                    init: own.function,
                };
                if let Some(found) = kept.named(known, shared) {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// An attribute that a constructor sets to what it is given.
struct Kept<'k> {
    class: &'k str,
    attr: &'k str,
    store: NodeId,
    given: &'k str,
    init: &'k Function,
}

impl Kept<'_> {
    /// The module where the attribute is a variable of the module.
    fn named(&self, known: &Known<'_>, shared: &BTreeSet<String>) -> Option<Module> {
        let init = self.init;
        let constructor = format!("{}.__init__", self.class);
        let definition = known.module.body.stmts.iter().find_map(|s| match &s.kind {
            StmtKind::Class(own) if own.name.name == self.class => Some(own),
            _ => None,
        })?;
        if definition.made.is_some() || has_in_its_body(definition, self.attr) {
            return None;
        }
        let mut params = init.params.list.iter();
        let place = params.position(|p| p.name.name == self.given);
        let name = match place {
            Some(place) => self.given_by_all(known, place)?,
            None if binds(init, self.given) => return None,
            None => self.given.to_string(),
        };
        let scope = scope::resolve(init);
        let bound = scope.vars.values().filter(|v| v.name == self.given);
        let rebound = bound.map(|v| v.bindings).sum::<usize>() > 1;
        if !shared.contains(&name) || rebound || self.given != name && binds(init, &name) {
            return None;
        }
        let next_id = known.module.node_count;
        let mut apart = Apart::new(known, self.class, self.attr, &name, self.store, next_id);
        let mut rewritten = known.module.clone();
        if !apart.all(&mut rewritten) {
            return None;
        }
        // Whoever names the variable now must not call anything else that.
        let hides = |key: &String| {
            let own = known.functions.get(key);
            *key != constructor && own.is_some_and(|own| binds(own.function, &name))
        };
        if apart.named.iter().any(hides) {
            return None;
        }
        if let Some(place) = place {
            self.without(&mut rewritten, known, place, &name);
        }
        Some(rewritten)
    }

    /// The variable that every call that makes an object of the class gives for a parameter.
    fn given_by_all(&self, known: &Known<'_>, place: usize) -> Option<String> {
        let sites = known.sites(self.class);
        let calls = known.calls_of(&format!("{}.__init__", self.class));
        // What calls the constructor in another way is not followed.
        if calls.len() != sites.len() {
            return None;
        }
        let mut found: Option<String> = None;
        for (key, site) in sites {
            let ExprKind::Call { args, keywords, .. } = &site.kind else {
                return None;
            };
            let bound = bind_arguments(self.init, 1, args, keywords).ok()?;
            let Bound::Given(arg) = bound.into_iter().nth(place.checked_sub(1)?)? else {
                return None;
            };
            let ExprKind::Name(name) = &arg.kind else {
                return None;
            };
            let own = key.and_then(|key| known.functions.get(key));
            let is_local = own.is_some_and(|own| binds(own.function, name));
            let same = found.as_ref().is_none_or(|found| found == name);
            if is_local || !same {
                return None;
            }
            found = Some(name.clone());
        }
        found
    }

    /// Takes a parameter out of the constructor, and its argument out of the calls.
    fn without(&self, module: &mut Module, known: &Known<'_>, place: usize, name: &str) {
        let mut left = BTreeSet::new();
        for (_, site) in known.sites(self.class) {
            if let ExprKind::Call { args, keywords, .. } = &site.kind
                && let Ok(bound) = bind_arguments(self.init, 1, args, keywords)
                && let Some(Bound::Given(arg)) = place.checked_sub(1).and_then(|i| bound.get(i))
            {
                left.insert(arg.id);
            }
        }
        for stmt in &mut module.body.stmts {
            crate::ast::rewrite::stmt(stmt, &mut |e| {
                if let ExprKind::Call { args, keywords, .. } = &mut e.kind {
                    args.retain(|a| !left.contains(&a.id));
                    keywords.retain(|k| !left.contains(&k.value.id));
                }
            });
            let StmtKind::Class(own) = &mut stmt.kind else {
                continue;
            };
            for inner in &mut own.body.stmts {
                if let StmtKind::Function(method) = &mut inner.kind
                    && method.name.name == "__init__"
                    && own.name.name == self.class
                    && place < method.params.list.len()
                {
                    method.params.list.remove(place);
                    renamed(&mut method.body, self.given, name);
                }
            }
        }
    }
}

/// Gives a variable another name.
fn renamed(block: &mut Block, own: &str, new: &str) {
    for stmt in &mut block.stmts {
        crate::ast::rewrite::stmt(stmt, &mut |e| {
            if let ExprKind::Name(name) = &mut e.kind
                && name == own
            {
                *name = new.to_string();
            }
        });
    }
}

/// The first variable of a function that is another name of such a collection.
fn locals(known: &Known<'_>, shared: &BTreeSet<String>) -> Option<Module> {
    for own in known.functions.values() {
        let function = own.function;
        for stmt in &function.body.stmts {
            if let Some((target, value)) = stored(stmt)
                && let (ExprKind::Name(local), ExprKind::Name(name)) = (&target.kind, &value.kind)
                && shared.contains(name)
                && is_another_name(function, local, name)
            {
                return Some(with_one_name(known.module, stmt.id, local, name));
            }
        }
    }
    None
}

/// Whether a variable of a function is bound once, and to that of the module.
fn is_another_name(function: &Function, local: &str, name: &str) -> bool {
    struct Within<'s>([&'s str; 2], bool);
    impl<'ast> Visitor<'ast> for Within<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.1 |= matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            // They may have variables of those names.
            self.1 |= match &e.kind {
                ExprKind::Lambda { params, .. } => {
                    let mut params = params.list.iter();
                    params.any(|p| self.0.contains(&p.name.name.as_str()))
                }
                ExprKind::Comprehension { clauses, .. } => {
                    let mut parts = Vec::new();
                    clauses.iter().for_each(|c| leaves(&c.target, &mut parts));
                    let mut parts = parts.into_iter();
                    parts.any(
                        |t| matches!(&t.kind, ExprKind::Name(n) if self.0.contains(&n.as_str())),
                    )
                }
                _ => false,
            };
            visit::walk_expr(self, e);
        }
    }
    let mut within = Within([local, name], false);
    within.visit_block(&function.body);
    let scope = scope::resolve(function);
    let mut own = scope.vars.values().filter(|v| v.name == local);
    let once = own.next().is_some_and(|v| v.bindings == 1) && own.next().is_none();
    let is_param = function.params.list.iter().any(|p| p.name.name == local);
    once && !is_param && !within.1 && !binds(function, name)
}

fn with_one_name(module: &Module, store: NodeId, local: &str, name: &str) -> Module {
    let mut rewritten = module.clone();
    let of = |function: &mut Function| {
        let body = &mut function.body;
        if let Some(at) = body.stmts.iter().position(|stmt| stmt.id == store) {
            match body.stmts.len() {
                1 => body.stmts.iter_mut().for_each(|s| s.kind = StmtKind::Pass),
                _ => drop(body.stmts.remove(at)),
            }
            renamed(body, local, name);
        }
    };
    for stmt in &mut rewritten.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => of(function),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        of(method);
                    }
                }
            }
            _ => {}
        }
    }
    rewritten
}
