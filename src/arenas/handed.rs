//! The only object of a class, as its own methods hand it on.
//!
//! Enters: the module, where a method of the only object of a class calls what names that
//! object by the variable of the module: `job.tick()` in a loop of `robot.step()`, where the
//! job calls a method of `robot`. Leaves: the module where what is called so has a parameter
//! for it, `job.tick(robot=self)`, so that the object is lent by one way. Nothing where a use
//! cannot be followed. This module must not know why the object is lent twice.

use super::known::{Known, Own, binds};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    Block, Expr, ExprKind, Function, Ident, Keyword, Module, NodeId, Param, ParamKind, Stmt,
    StmtKind,
};
use crate::infer::Role;
use crate::ty::Ty;
use std::collections::BTreeSet;

/// Hands the object of the first of such classes on; `done` are those that were tried.
pub(super) fn handed(
    module: &Module,
    known: &Known<'_>,
    done: &mut BTreeSet<String>,
) -> Option<Module> {
    known.model.lent_twice.iter().find_map(|class| {
        let fresh = done.insert(format!("{class} handed on"));
        fresh.then(|| handed_on(module, known, class))?
    })
}

fn handed_on(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let name = variable(known, class)?;
    let is_own = |own: &Own<'_>| own.receiver.is_some_and(|(of, _)| of == class);
    let names = |own: &Own<'_>| {
        let mut search = Names(&name, false);
        search.visit_block(&own.function.body);
        search.1 && !binds(own.function, &name)
    };
    let running: BTreeSet<&str> = known
        .model
        .functions
        .iter()
        .filter(|f| f.role != Role::Helper)
        .map(|f| f.python_name.as_str())
        .collect();
    // Who names the object, or calls who does.
    let mut users: BTreeSet<&str> = BTreeSet::new();
    let mut within = false;
    for (key, own) in &known.functions {
        match (names(own), is_own(own)) {
            (true, true) => within = true,
            (true, false) => {
                users.insert(key);
            }
            (false, _) => {}
        }
    }
    loop {
        let mut more = BTreeSet::new();
        for user in &users {
            for (caller, _) in known.calls_of(user) {
                let own = caller.and_then(|c| known.functions.get_key_value(c));
                if let Some((key, own)) = own
                    && !is_own(own)
                {
                    more.insert(key.as_str());
                }
            }
        }
        let before = users.len();
        users.extend(more);
        if users.len() == before {
            break;
        }
    }
    let methods = known.functions.iter().filter(|(_, own)| is_own(own));
    let methods: BTreeSet<&str> = methods.map(|(key, _)| key.as_str()).collect();
    let models = known.model.functions.iter().map(|f| f.python_name.as_str());
    let own: BTreeSet<&str> = models.filter(|key| methods.contains(key)).collect();
    let constructor = format!("{class}.__init__");
    let reached = known.reached(own.iter().copied().filter(|k| *k != constructor).collect());
    let given: BTreeSet<String> = users
        .iter()
        .filter(|key| reached.contains(*key) && !running.contains(*key))
        .map(|key| (*key).to_string())
        .collect();
    let early = known.reached_by(Some(constructor.as_str()));
    if given.is_empty() && !within || early.iter().any(|key| given.contains(*key)) {
        return None;
    }
    for key in &given {
        let own = known.functions.get(key)?;
        let (_, method) = key.rsplit_once('.').unwrap_or(("", key));
        if binds(own.function, &name)
            || !own.function.decorators.is_empty()
            || method.starts_with("__")
        {
            return None;
        }
    }
    let mut hand = Hand {
        known,
        class,
        name: &name,
        given: &given,
        at: None,
        next_id: module.node_count,
        followed: BTreeSet::new(),
        lost: false,
    };
    let mut rewritten = module.clone();
    hand.module(&mut rewritten);
    rewritten.node_count = hand.next_id;
    (!hand.lost).then_some(rewritten)
}

/// The variable of the module that holds the only object of a class for good.
fn variable(known: &Known<'_>, class: &str) -> Option<String> {
    known.class(class).filter(|c| c.variants.is_empty())?;
    let [(key, site)] = known.sites(class).try_into().ok()?;
    let (None, site): (Option<&str>, &Expr) = (key, site) else {
        return None;
    };
    let name = known.module.body.stmts.iter().find_map(|s| match &s.kind {
        StmtKind::Assign { targets, value } if value.id == site.id => match targets.as_slice() {
            [target] => match &target.kind {
                ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })?;
    let only = Ty::Instance(class.to_string());
    let stays = known
        .model
        .globals
        .get(&name)
        .is_some_and(|g| g.assigned == 1)
        && known
            .model
            .variables
            .get(&name)
            .is_some_and(|fact| fact.ty == only);
    let declared = |own: &Own<'_>| {
        let mut search = Declares(&name, false);
        search.visit_block(&own.function.body);
        search.1
    };
    (stays && !known.functions.values().any(declared)).then_some(name)
}

/// Whether an expression names a variable.
struct Names<'n>(&'n str, bool);

impl<'ast> Visitor<'ast> for Names<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.1 |= matches!(&e.kind, ExprKind::Name(name) if name == self.0);
        visit::walk_expr(self, e);
    }
}

/// Whether a function declares a variable as one of the module.
struct Declares<'n>(&'n str, bool);

impl<'ast> Visitor<'ast> for Declares<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.1 |=
            matches!(&stmt.kind, StmtKind::Global(names) if names.iter().any(|n| n == self.0));
        visit::walk_stmt(self, stmt);
    }
}

/// The function that is written anew.
struct At {
    key: String,
    /// What a method of the class calls the object.
    receiver: Option<String>,
    /// Whether it has a variable of the name of the object.
    binds: bool,
}

/// Gives the object where it is asked for now.
struct Hand<'h, 'm> {
    known: &'h Known<'m>,
    class: &'h str,
    name: &'h str,
    /// The functions that get it.
    given: &'h BTreeSet<String>,
    /// The function; none at the level of the module.
    at: Option<At>,
    next_id: u32,
    /// What is called in the calls that were followed.
    followed: BTreeSet<NodeId>,
    /// Whether there is a use that cannot be followed.
    lost: bool,
}

impl Hand<'_, '_> {
    fn module(&mut self, module: &mut Module) {
        for stmt in &mut module.body.stmts {
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    let key = function.name.name.clone();
                    self.function(key, function);
                }
                StmtKind::Class(class) => {
                    let own = class.name.name.clone();
                    for inner in &mut class.body.stmts {
                        match &mut inner.kind {
                            StmtKind::Function(method) => {
                                let key = format!("{own}.{}", method.name.name);
                                self.function(key, method);
                            }
                            _ => self.level(inner),
                        }
                    }
                }
                _ => self.level(stmt),
            }
        }
    }

    fn level(&mut self, stmt: &mut Stmt) {
        self.at = None;
        crate::ast::rewrite::roots(stmt, &mut |e| self.expr(e));
        for block in crate::ast::blocks_mut(stmt) {
            self.block(block);
        }
    }

    fn function(&mut self, key: String, function: &mut Function) {
        for param in &mut function.params.list {
            self.at = None;
            if let Some(default) = &mut param.default {
                self.expr(default);
            }
        }
        let own = self.known.functions.get(&key);
        let receiver = own.and_then(|own| own.receiver);
        let receiver = receiver.filter(|(of, _)| *of == self.class);
        let given = self.given.contains(&key);
        self.at = Some(At {
            key,
            receiver: receiver.map(|(_, this)| this.to_string()),
            binds: binds(function, self.name),
        });
        self.block(&mut function.body);
        self.at = None;
        if given {
            let id = NodeId(self.next_id);
            self.next_id += 1;
            function.params.list.push(Param {
                id,
                name: Ident {
                    span: function.name.span,
                    name: self.name.to_string(),
                },
                kind: ParamKind::KeywordOnly,
                annotation: None,
                default: None,
            });
        }
    }

    fn block(&mut self, block: &mut Block) {
        for stmt in &mut block.stmts {
            // What functions within see of it is not followed.
            self.lost |= matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
            let blocks: Vec<Block> = crate::ast::blocks_mut(stmt)
                .into_iter()
                .map(std::mem::take)
                .collect();
            crate::ast::rewrite::roots(stmt, &mut |e| self.expr(e));
            for (place, mut block) in crate::ast::blocks_mut(stmt).into_iter().zip(blocks) {
                self.block(&mut block);
                *place = block;
            }
        }
    }

    /// What the object is called where we are.
    fn object(&mut self) -> String {
        match &self.at {
            Some(At {
                receiver: Some(this),
                ..
            }) => this.clone(),
            Some(At {
                binds: true, key, ..
            }) if !self.given.contains(key) => {
                self.lost = true;
                self.name.to_string()
            }
            _ => self.name.to_string(),
        }
    }

    fn expr(&mut self, e: &mut Expr) {
        let key = self.at.as_ref().map(|at| at.key.clone());
        if let ExprKind::Call { func, .. } = &e.kind {
            let callees = self.known.callees(key.as_deref(), e.id);
            let given = callees.iter().filter(|c| self.given.contains(**c)).count();
            self.lost |= given > 0 && given < callees.len();
            if !callees.is_empty() {
                self.followed.insert(func.id);
            }
            if given > 0 {
                let object = self.object();
                let id = NodeId(self.next_id);
                self.next_id += 1;
                let span = e.span;
                let keyword = Keyword {
                    name: Some(Ident {
                        span,
                        name: self.name.to_string(),
                    }),
                    value: Expr {
                        id,
                        span,
                        kind: ExprKind::Name(object),
                    },
                };
                if let ExprKind::Call { keywords, .. } = &mut e.kind {
                    self.lost |= keywords.iter().any(|k| k.name.is_none());
                    keywords.push(keyword);
                }
            }
        }
        let is_given = |name: &str, method: bool| {
            self.given.iter().any(|key| match key.split_once('.') {
                Some((_, own)) => method && own == name,
                None => !method && key == name,
            })
        };
        match &e.kind {
            ExprKind::Name(name) => {
                self.lost |= is_given(name, false) && !self.followed.contains(&e.id)
            }
            ExprKind::Attribute { attr, .. } => {
                let called = self.followed.contains(&e.id);
                self.lost |= is_given(&attr.name, true)
                    && !called
                    && !matches!(self.known.ty(key.as_deref(), e.id), Ty::Unknown);
            }
            _ => {}
        }
        if let (ExprKind::Name(name), Some(at)) = (&mut e.kind, &self.at)
            && let Some(this) = &at.receiver
            && name == self.name
            && !at.binds
        {
            name.clone_from(this);
        }
        crate::ast::rewrite::children(e, &mut |child| self.expr(child));
    }
}
