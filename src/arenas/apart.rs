//! An attribute of the only object of a class, as a variable of the module.
//!
//! Enters: the module, where an object is given to a method of what lies in one of its own
//! attributes: `self.state.next(self)`. Leaves: the module where that attribute is a variable,
//! `robot_state.next(self)`, so that each of the two is lent by itself. This module must not
//! know what the method does.

use super::known::{Known, held};
use super::once;
use super::single;
use crate::ast::rewrite::children;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    Block, Class, Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind, blocks_mut,
};
use crate::desugar::snake;
use crate::ty::Ty;
use std::collections::BTreeSet;

/// An attribute of a class.
type Attribute = (String, String);

/// Takes the first of such attributes apart from its object; nothing where none can be.
/// `done` are those that were tried, as `Class.attribute`.
pub(super) fn apart(
    module: &Module,
    known: &Known<'_>,
    done: &mut BTreeSet<String>,
) -> Option<Module> {
    candidates(known).into_iter().find_map(|(class, attr)| {
        let fresh = done.insert(format!("{class}.{attr}"));
        fresh.then(|| taken_apart(module, known, &class, &attr))?
    })
}

/// The attributes whose methods are given the object that they lie in.
fn candidates(known: &Known<'_>) -> Vec<Attribute> {
    struct Calls<'k, 'm> {
        known: &'k Known<'m>,
        key: Option<String>,
        found: Vec<Attribute>,
    }
    impl<'ast> Visitor<'ast> for Calls<'_, '_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
                && let ExprKind::Attribute { value, .. } = &func.kind
                && let ExprKind::Attribute { value: of, attr } = &value.kind
                && let Ty::Instance(class) = self.known.ty(self.key.as_deref(), of.id)
                && args
                    .iter()
                    .chain(keywords.iter().map(|k| &k.value))
                    .any(|arg| {
                        self.known.ty(self.key.as_deref(), arg.id) == Ty::Instance(class.clone())
                    })
            {
                let attribute = (class, attr.name.clone());
                if !self.found.contains(&attribute) {
                    self.found.push(attribute);
                }
            }
            visit::walk_expr(self, e);
        }
    }
    let mut found = Vec::new();
    for (key, own) in &known.functions {
        let mut calls = Calls {
            known,
            key: Some(key.clone()),
            found,
        };
        calls.visit_block(&own.function.body);
        found = calls.found;
    }
    for attribute in of_lent(known) {
        if !found.contains(&attribute) {
            found.push(attribute);
        }
    }
    found
}

/// The attributes of what is lent twice that hold other objects.
fn of_lent(known: &Known<'_>) -> Vec<Attribute> {
    struct Search<'k, 'm> {
        known: &'k Known<'m>,
        key: &'k str,
        found: Vec<Attribute>,
    }
    impl<'ast> Visitor<'ast> for Search<'_, '_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && let Ty::Instance(class) = self.known.ty(Some(self.key), value.id)
                && self.known.model.lent_twice.contains(&class)
            {
                let mut classes = BTreeSet::new();
                held(&self.known.ty(Some(self.key), e.id), &mut classes);
                let attribute = (class, attr.name.clone());
                if !classes.is_empty() && !self.found.contains(&attribute) {
                    self.found.push(attribute);
                }
            }
            visit::walk_expr(self, e);
        }
    }
    let mut found = Vec::new();
    for (key, own) in &known.functions {
        let mut search = Search { known, key, found };
        search.visit_block(&own.function.body);
        found = search.found;
    }
    found
}

fn taken_apart(module: &Module, known: &Known<'_>, class: &str, attr: &str) -> Option<Module> {
    let definition = known.class(class).filter(|c| c.variants.is_empty())?;
    let [(key, site)] = known.sites(class).try_into().ok()?;
    let site: &Expr = site;
    once::once(known, key, site)?;
    // What it is made of, and where.
    let constructor = format!("{class}.__init__");
    let (constructor, own) = known.functions.get_key_value(constructor.as_str())?;
    if definition.made.is_some() || has_in_its_body(definition, attr) {
        return None;
    }
    let (_, receiver) = own.receiver?;
    let mut stores = own
        .function
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match stored(stmt) {
            Some((target, value)) if is_attribute(target, receiver, attr) => Some((stmt.id, value)),
            _ => None,
        });
    let ((store, value), None) = (stores.next()?, stores.next()) else {
        return None;
    };
    let one = snake(class);
    let names = [attr.to_string(), format!("{one}_{attr}")];
    let names = names.map(|name| name.trim_start_matches('_').to_string());
    let name = names.into_iter().find(|name| !known.is_taken(name))?;
    let mut apart = Apart::new(known, class, attr, &name, store, module.node_count);
    let mut rewritten = module.clone();
    if let Some(stmt) = once::collection(known, constructor, value) {
        // What it begins with is made where it was.
        let begins = once::is_empty(value);
        apart.removes = begins;
        if !apart.all(&mut rewritten) {
            return None;
        }
        return single::begin(&mut rewritten, known, &name, value, stmt).then_some(rewritten);
    }
    let ExprKind::Call { func, .. } = &value.kind else {
        return None;
    };
    let made = known.made(Some(constructor), func)?;
    if !known.model.classes.contains_key(&made) {
        return None;
    }
    let first = once::once(known, Some(constructor.as_str()), value)?;
    if !apart.all(&mut rewritten) {
        return None;
    }
    single::hoist(&mut rewritten, known, &made, &name, value, &first).then_some(rewritten)
}

/// Whether the body of a class says something of an attribute.
pub(super) fn has_in_its_body(class: &Class, attr: &str) -> bool {
    class.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Function(method) => method.name.name == attr,
        _ => stmt.targets().iter().any(|target| match &target.kind {
            ExprKind::Name(name) => name == attr,
            _ => false,
        }),
    })
}

/// `x = v` for `x: list = v`: what a function declares as `global` has no annotation.
fn unannotated(stmt: &mut Stmt) {
    if let StmtKind::AnnAssign {
        target,
        value: Some(value),
        ..
    } = &stmt.kind
    {
        stmt.kind = StmtKind::Assign {
            targets: vec![target.clone()],
            value: value.clone(),
        };
    }
}

/// A target with its value.
pub(super) fn stored(stmt: &Stmt) -> Option<(&Expr, &Expr)> {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => match targets.as_slice() {
            [target] => Some((target, value)),
            _ => None,
        },
        StmtKind::AnnAssign {
            target,
            value: Some(value),
            ..
        } => Some((target, value)),
        _ => None,
    }
}

pub(super) fn is_attribute(e: &Expr, receiver: &str, name: &str) -> bool {
    match &e.kind {
        ExprKind::Attribute { value, attr } => {
            attr.name == name && matches!(&value.kind, ExprKind::Name(n) if n == receiver)
        }
        _ => false,
    }
}

/// Names the variable wherever the attribute is meant.
pub(super) struct Apart<'a, 'm> {
    known: &'a Known<'m>,
    class: &'a str,
    attr: &'a str,
    name: &'a str,
    /// The statement that made it until now.
    store: NodeId,
    /// Whether that is left out.
    removes: bool,
    /// The function; none at the level of the module.
    key: Option<String>,
    /// Whether the function gives the variable another value.
    assigned: bool,
    next_id: u32,
    /// Whether there is a use that cannot be followed.
    lost: bool,
    /// The functions that name the variable now.
    pub(super) named: BTreeSet<String>,
}

impl<'a, 'm> Apart<'a, 'm> {
    pub(super) fn new(
        known: &'a Known<'m>,
        class: &'a str,
        attr: &'a str,
        name: &'a str,
        store: NodeId,
        next_id: u32,
    ) -> Self {
        Self {
            known,
            class,
            attr,
            name,
            store,
            removes: true,
            key: None,
            assigned: false,
            next_id,
            lost: false,
            named: BTreeSet::new(),
        }
    }

    /// Rewrites a module; whether every use was followed.
    pub(super) fn all(&mut self, module: &mut Module) -> bool {
        self.module(module);
        module.node_count = self.next_id;
        !self.lost
    }
}

impl Apart<'_, '_> {
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
                        if let StmtKind::Function(method) = &mut inner.kind {
                            let key = format!("{own}.{}", method.name.name);
                            self.function(key, method);
                        }
                    }
                }
                _ => {
                    self.stmt(stmt);
                    // The module makes it once.
                    self.lost |= std::mem::take(&mut self.assigned);
                }
            }
        }
    }

    fn function(&mut self, key: String, function: &mut Function) {
        self.key = Some(key);
        self.assigned = false;
        self.block(&mut function.body);
        if std::mem::take(&mut self.assigned) {
            let id = NodeId(self.next_id);
            self.next_id += 1;
            let global = Stmt {
                id,
                span: function.name.span,
                blank_before: false,
                comments: Vec::new(),
                line_comment: None,
                kind: StmtKind::Global(vec![self.name.to_string()]),
            };
            function.body.stmts.insert(0, global);
        }
        self.key = None;
    }

    fn block(&mut self, block: &mut Block) {
        let store = self.store;
        if self.removes {
            let alone = block.stmts.len() == 1;
            for stmt in block.stmts.iter_mut().filter(|s| s.id == store && alone) {
                stmt.kind = StmtKind::Pass;
            }
            block.stmts.retain(|stmt| stmt.id != store || alone);
        } else {
            for stmt in block.stmts.iter_mut().filter(|s| s.id == store) {
                unannotated(stmt);
            }
        }
        block.stmts.iter_mut().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        // What functions within see of it is not followed.
        self.lost |= matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
        let binds = stmt.targets().iter().any(|target| self.binds(target))
            || matches!(&stmt.kind, StmtKind::Delete(targets)
                if targets.iter().any(|target| self.binds(target)));
        self.assigned |= binds;
        let blocks: Vec<Block> = blocks_mut(stmt).into_iter().map(std::mem::take).collect();
        crate::ast::rewrite::roots(stmt, &mut |e| self.expr(e));
        for (place, mut block) in blocks_mut(stmt).into_iter().zip(blocks) {
            self.block(&mut block);
            *place = block;
        }
    }

    /// Whether a target is the attribute.
    fn binds(&self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().any(|item| self.binds(item))
            }
            ExprKind::Starred(inner) => self.binds(inner),
            ExprKind::Attribute { value, attr } => attr.name == self.attr && self.is_of(value),
            _ => false,
        }
    }

    fn is_of(&self, value: &Expr) -> bool {
        self.known.ty(self.key.as_deref(), value.id) == Ty::Instance(self.class.to_string())
    }

    fn expr(&mut self, e: &mut Expr) {
        children(e, &mut |child| self.expr(child));
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        if attr.name != self.attr {
            return;
        }
        if self.is_of(value) {
            self.lost |= !value.is_path();
            self.named.extend(self.key.clone());
            e.kind = ExprKind::Name(self.name.to_string());
            return;
        }
        let ty = self.known.ty(self.key.as_deref(), value.id);
        let mut classes = BTreeSet::new();
        held(&ty, &mut classes);
        self.lost |= ty == Ty::Unknown || classes.contains(self.class);
    }
}
