//! Lists that nobody changes while a loop runs over them, though what holds them is changed.
//!
//! Enters: a loop over `self.slots`, `self.slots[topic]` or `self.slots.get(topic, [])`, whose
//! body hands `self` on. Leaves: whether all that the body may call leaves alone what such an
//! attribute holds: then a copy of the list is as good. By name alone: which object an
//! attribute belongs to is not asked. This module must not know types.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::infer::rebinds::{called_as, spread};
use std::collections::{BTreeMap, BTreeSet};

/// Whether nothing that a block may call can change the lists that a loop takes one of.
pub(super) fn stays(iter: &Expr, body: &Block, functions: &BTreeMap<String, &Function>) -> bool {
    let Some(attr) = looked_in(iter) else {
        return false;
    };
    let mut touches: BTreeMap<String, BTreeSet<()>> = BTreeMap::new();
    let mut mentions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, function) in functions {
        let uses = Uses::of(attr, &function.body);
        let names = match key.strip_suffix(".__init__") {
            Some(class) => vec!["__init__".to_string(), class.to_string()],
            None => vec![called_as(key)],
        };
        for name in names {
            let touched = touches.entry(name.clone()).or_default();
            touched.extend(uses.touches.then_some(()));
            mentions
                .entry(name)
                .or_default()
                .extend(uses.mentioned.iter().cloned());
        }
    }
    spread(&mut touches, &mentions);
    let touching = |name: &String| touches.get(name).is_some_and(|t| !t.is_empty());
    let own = Uses::of(attr, body);
    // Operators call methods that nobody names.
    let operators = touches
        .keys()
        .filter(|n| n.starts_with("__") && *n != "__init__");
    !own.touches && !own.mentioned.iter().chain(operators).any(touching)
}

/// The attribute that holds what a loop runs over.
fn looked_in(iter: &Expr) -> Option<&str> {
    let held = match &iter.kind {
        ExprKind::Subscript { value, index } if !matches!(index.kind, ExprKind::Slice { .. }) => {
            value
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => match (&func.kind, args.as_slice()) {
            (ExprKind::Attribute { value, attr }, [_, default])
                if attr.name == "get" && is_empty(default) =>
            {
                value
            }
            _ => return None,
        },
        _ => iter,
    };
    match &held.kind {
        ExprKind::Attribute { value, attr } if value.is_path() => Some(&attr.name),
        _ => None,
    }
}

fn is_empty(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::List(items) | ExprKind::Tuple(items) if items.is_empty())
}

/// What a block names.
struct Uses<'a> {
    attr: &'a str,
    mentioned: BTreeSet<String>,
    /// Whether it does more with the attribute than to run over what it holds.
    touches: bool,
}

impl<'a> Uses<'a> {
    fn of(attr: &'a str, block: &Block) -> Self {
        let mut uses = Self {
            attr,
            mentioned: BTreeSet::new(),
            touches: false,
        };
        uses.visit_block(block);
        uses
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            ..
        } = &stmt.kind
            && looked_in(iter) == Some(self.attr)
        {
            // The key, and what the attribute is of.
            for part in visit::children(iter) {
                match looked_in(part) == Some(self.attr) || part.is_path() {
                    true => {}
                    false => self.visit_expr(part),
                }
            }
            self.visit_expr(target);
            self.visit_block(body);
            self.visit_block(orelse);
            return;
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.mentioned.insert(name.clone());
            }
            ExprKind::Attribute { attr, .. } => {
                self.touches |= attr.name == self.attr;
                self.mentioned.insert(attr.name.clone());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
