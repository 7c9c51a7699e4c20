//! Properties that give one of the objects that an attribute holds: `self.modes[self.index]`.
//!
//! Enters: the module. Leaves: the same module, where `selector.active.enter()` is
//! `selector.modes[selector.index].enter()`: what changes the object finds it where it lies. That
//! is done where nothing else has the property's name, and something is done with what it gives.
//! This module must not know types.

use super::copies;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Writes the properties out.
pub(super) fn lent_properties(module: &mut Module, next_id: &mut u32) {
    let mut found = candidates(module);
    if found.is_empty() {
        return;
    }
    let mut uses = Uses {
        found: &found,
        refused: BTreeSet::new(),
        wanted: BTreeSet::new(),
        made: made(module),
        within: Vec::new(),
        own: None,
    };
    uses.visit_block(&module.body);
    let (refused, wanted) = (uses.refused, uses.wanted);
    found.retain(|name, _| wanted.contains(name) && !refused.contains(name));
    if found.is_empty() {
        return;
    }
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            class.body.stmts.retain(
                |s| !matches!(&s.kind, StmtKind::Function(f) if found.contains_key(&f.name.name)),
            );
        }
    }
    // What one gives may name another.
    for _ in 0..found.len() {
        ast::rewrite::block(&mut module.body, &mut |e| {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && let Some(property) = found.get(&attr.name)
            {
                let mut given = property.given.clone();
                given_of(&mut given, &property.own, value);
                copies::expr(&mut given, next_id);
                e.kind = given.kind;
            }
        });
    }
}

/// A property.
struct Property {
    class: String,
    /// What it calls its object.
    own: String,
    given: Expr,
}

/// Puts the object in the place of `self`.
fn given_of(e: &mut Expr, own: &str, object: &Expr) {
    if matches!(&e.kind, ExprKind::Name(n) if n == own) {
        *e = object.clone();
        return;
    }
    e.span = object.span;
    ast::rewrite::children(e, &mut |child| given_of(child, own, object));
}

/// The properties that give an item of an attribute, where nothing else is called that.
fn candidates(module: &Module) -> BTreeMap<String, Property> {
    let mut found: BTreeMap<String, Option<Property>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        for inner in &class.body.stmts {
            match &inner.kind {
                StmtKind::Function(f) => {
                    let name = f.name.name.clone();
                    let again = found.contains_key(&name);
                    let own = property(f, &class.name.name);
                    found.insert(name, own.filter(|_| !again));
                }
                StmtKind::Assign { targets, .. } => {
                    for target in targets {
                        if let ExprKind::Name(name) = &target.kind {
                            found.insert(name.clone(), None);
                        }
                    }
                }
                StmtKind::AnnAssign { target, .. } => {
                    if let ExprKind::Name(name) = &target.kind {
                        found.insert(name.clone(), None);
                    }
                }
                _ => {}
            }
        }
    }
    found
        .into_iter()
        .filter_map(|(name, property)| Some((name, property?)))
        .collect()
}

fn property(function: &Function, class: &str) -> Option<Property> {
    let [decorator] = function.decorators.as_slice() else {
        return None;
    };
    let [own] = function.params.list.as_slice() else {
        return None;
    };
    if !matches!(&decorator.kind, ExprKind::Name(n) if n == "property") {
        return None;
    }
    let own = own.name.name.clone();
    let given = given(&function.body)?;
    let class = class.to_string();
    (is_plain(&given, &own) && holds_item(&given)).then_some(Property { class, own, given })
}

/// What a property returns.
fn given(body: &Block) -> Option<Expr> {
    let returned = |block: &Block| match block.stmts.as_slice() {
        [one] => match &one.kind {
            StmtKind::Return(Some(e)) => Some(e.clone()),
            _ => None,
        },
        _ => None,
    };
    match body.stmts.as_slice() {
        [_] => returned(body),
        [first, _] => {
            let StmtKind::If {
                test,
                body: then,
                orelse,
            } = &first.kind
            else {
                return None;
            };
            let rest = Block {
                stmts: body.stmts.get(1..)?.to_vec(),
                trailing: Vec::new(),
            };
            let (a, b) = (returned(then)?, returned(&rest)?);
            orelse.stmts.is_empty().then(|| Expr {
                id: first.id,
                span: first.span,
                kind: ExprKind::Conditional {
                    test: Box::new(test.clone()),
                    body: Box::new(a),
                    orelse: Box::new(b),
                },
            })
        }
        _ => None,
    }
}

/// Whether an expression only looks at the object and what it holds.
fn is_plain(e: &Expr, own: &str) -> bool {
    match &e.kind {
        ExprKind::Name(name) => name == own,
        ExprKind::None | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Str(_) => true,
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            matches!(&func.kind, ExprKind::Name(n) if n == "len")
                && keywords.is_empty()
                && args.iter().all(|a| is_plain(a, own))
        }
        ExprKind::Attribute { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Logical { .. }
        | ExprKind::Compare { .. }
        | ExprKind::Conditional { .. } => visit::children(e).into_iter().all(|c| is_plain(c, own)),
        _ => false,
    }
}

/// Whether what is given is an item, at least in one case.
fn holds_item(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Subscript { value, index } => {
            matches!(value.kind, ExprKind::Attribute { .. })
                && !matches!(index.kind, ExprKind::Slice { .. } | ExprKind::Str(_))
        }
        ExprKind::Conditional { body, orelse, .. } => {
            let none = |e: &Expr| matches!(e.kind, ExprKind::None);
            holds_item(body) && none(orelse) || none(body) && holds_item(orelse)
        }
        _ => false,
    }
}

/// Whether evaluating an expression again is the same.
fn is_path(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => is_path(value),
        _ => false,
    }
}

/// How the properties are used.
struct Uses<'m> {
    found: &'m BTreeMap<String, Property>,
    /// Those of which a use cannot be written out.
    refused: BTreeSet<String>,
    /// Those with whose object something is done.
    wanted: BTreeSet<String>,
    /// The names that get objects of each class.
    made: BTreeSet<(String, String)>,
    /// The class under way, and its bases.
    within: Vec<String>,
    /// What the method under way calls its object.
    own: Option<String>,
}

/// The variables and attributes that get an object of a class: the class and the name.
fn made(module: &Module) -> BTreeSet<(String, String)> {
    struct Made(BTreeSet<(String, String)>);
    impl<'ast> Visitor<'ast> for Made {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let ExprKind::Call { func, .. } = &value.kind
                && let ExprKind::Name(class) = &func.kind
            {
                let names = targets.iter().filter_map(last);
                self.0.extend(names.map(|name| (class.clone(), name)));
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Made(BTreeSet::new());
    found.visit_block(&module.body);
    found.0
}

/// The last name of a path.
fn last(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { attr, .. } => Some(format!(".{}", attr.name)),
        _ => None,
    }
}

impl Uses<'_> {
    fn name<'e>(&self, e: &'e Expr) -> Option<&'e str> {
        match &e.kind {
            ExprKind::Attribute { attr, .. } if self.found.contains_key(&attr.name) => {
                Some(&attr.name)
            }
            _ => None,
        }
    }

    /// Whether the object that it is asked of is one of its class.
    fn is_of_class(&self, name: &str, object: &Expr) -> bool {
        let Some(property) = self.found.get(name) else {
            return false;
        };
        let own = matches!(&object.kind, ExprKind::Name(n) if Some(n) == self.own.as_ref())
            && self.within.contains(&property.class);
        let made = last(object).is_some_and(|of| self.made.contains(&(property.class.clone(), of)));
        own || made
    }

    /// Whether it may be None.
    fn may_be_none(&self, name: &str) -> bool {
        let property = self.found.get(name);
        property.is_some_and(|p| matches!(p.given.kind, ExprKind::Conditional { .. }))
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            _ => {
                if let Some(name) = self.name(target) {
                    self.refused.insert(name.to_string());
                }
            }
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.target(t));
                if let (Some(name), [target]) = (self.name(value), targets.as_slice())
                    && matches!(target.kind, ExprKind::Name(_))
                    && let ExprKind::Attribute { value: of, .. } = &value.kind
                {
                    let name = name.to_string();
                    match is_path(of) && self.is_of_class(&name, of) {
                        true => self.wanted.insert(name),
                        false => self.refused.insert(name),
                    };
                    self.visit_expr(target);
                    self.visit_expr(of);
                    return;
                }
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::Class(class) => {
                let bases = class.bases.iter().filter_map(last);
                let within = std::iter::once(class.name.name.clone()).chain(bases);
                let before = std::mem::replace(&mut self.within, within.collect());
                visit::walk_stmt(self, stmt);
                self.within = before;
                return;
            }
            StmtKind::Function(function) => {
                let first = function.params.list.first().map(|p| p.name.name.clone());
                let before = std::mem::replace(&mut self.own, first);
                visit::walk_stmt(self, stmt);
                self.own = before;
                return;
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Attribute { value, .. } = &e.kind
            && let Some(name) = self.name(value)
        {
            self.wanted.insert(name.to_string());
        }
        if let Some(name) = self.name(e) {
            let name = name.to_string();
            let plain = matches!(&e.kind, ExprKind::Attribute { value, .. }
                if is_path(value) && self.is_of_class(&name, value));
            if !plain || self.may_be_none(&name) {
                self.refused.insert(name);
            }
        }
        visit::walk_expr(self, e);
    }
}
