//! The names of flags in loops over them.
//!
//! Enters: the module, and its classes of flags. Leaves: the same, where `for fault in Fault: …
//! fault.name` and `for fault in (Fault.HOT, Fault.STALL): … fault.name` run over the members
//! beside their names: members of an `IntFlag` are ints later on, which have none. This module
//! must not know types.

use super::{Kind, Members};
use crate::ast::{self, Block, Expr, ExprKind, Module, Stmt, StmtKind};
use crate::desugar::build::Build;
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the loops of the module.
pub(super) fn named_flags(
    module: &mut Module,
    all: &BTreeMap<String, (Kind, Members)>,
    bits: &BTreeMap<String, Members>,
    next_id: &mut u32,
) {
    let mut flags = Flags {
        bits,
        all,
        constants: BTreeMap::new(),
    };
    flags.constants = flags.constants(module);
    in_block(&mut module.body, &flags, next_id);
}

/// The names that functions bind.
#[derive(Default)]
struct Local(BTreeSet<String>);

impl<'ast> ast::visit::Visitor<'ast> for Local {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            let names = crate::desugar::names::Names::of(function);
            self.0.extend(names.bound.into_keys());
        }
        ast::visit::walk_stmt(self, stmt);
    }
}

/// The classes of flags, as loops over their members know them.
struct Flags<'f> {
    /// The members of each that Python lists.
    bits: &'f BTreeMap<String, Members>,
    all: &'f BTreeMap<String, (Kind, Members)>,
    /// The tuples of members that the module names: class and member.
    constants: BTreeMap<String, Vec<(String, String)>>,
}

impl Flags<'_> {
    /// What stands in `(Fault.STALL, Fault.HOT)`.
    fn listed(&self, e: &Expr) -> Option<Vec<(String, String)>> {
        let (ExprKind::Tuple(items) | ExprKind::List(items)) = &e.kind else {
            return None;
        };
        let member = |item: &Expr| {
            let ExprKind::Attribute { value, attr } = &item.kind else {
                return None;
            };
            let ExprKind::Name(class) = &value.kind else {
                return None;
            };
            self.name_of(class, &attr.name)?;
            Some((class.clone(), attr.name.clone()))
        };
        items.iter().map(member).collect()
    }

    /// The first name of a member's value.
    fn name_of(&self, class: &str, member: &str) -> Option<String> {
        let (kind, members) = self.all.get(class)?;
        let value = members.iter().find(|(name, _)| name == member)?.1?;
        let mut same = members.iter().filter(|(_, v)| *v == Some(value));
        same.next()
            .filter(|_| *kind == Kind::Flag)
            .map(|(name, _)| name.clone())
    }

    /// The tuples of members that the module binds once.
    fn constants(&self, module: &Module) -> BTreeMap<String, Vec<(String, String)>> {
        let bound = crate::desugar::callables::times_bound(module);
        let mut local = Local::default();
        ast::visit::Visitor::visit_block(&mut local, &module.body);
        let named = module.body.stmts.iter().filter_map(|stmt| {
            let (target, value) = stmt.assigned()?;
            let ExprKind::Name(name) = &target.kind else {
                return None;
            };
            let once = bound.get(name) == Some(&1) && !local.0.contains(name);
            let once = once && matches!(value.kind, ExprKind::Tuple(_));
            Some((name.clone(), self.listed(value).filter(|_| once)?))
        });
        named.collect()
    }
}

/// `for fault in Fault: … fault.name` as a loop over the members beside their names: flags are
/// ints, which have none.
fn in_block(block: &mut Block, flags: &Flags, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        if let StmtKind::For {
            target, iter, body, ..
        } = &mut stmt.kind
        {
            let mut asks = false;
            let name = target_name(target);
            ast::rewrite::block(body, &mut |e| asks |= asks_name(e, name.as_deref()));
            if asks
                && let Some(name) = &name
                && let Some(pairs) = pairs_of(iter, flags, next_id)
            {
                iter.kind = pairs;
                beside(target, name, next_id);
                ast::rewrite::block(body, &mut |e| take_name(e, name));
            }
        }
        for inner in ast::blocks_mut(stmt) {
            in_block(inner, flags, next_id);
        }
    }
    ast::rewrite::block(block, &mut |e| {
        let ExprKind::Comprehension {
            element,
            value,
            clauses,
            ..
        } = &mut e.kind
        else {
            return;
        };
        let [clause] = clauses.as_mut_slice() else {
            return;
        };
        let Some(name) = target_name(&clause.target) else {
            return;
        };
        let mut asks = false;
        let mut each = |f: &mut dyn FnMut(&mut Expr)| {
            ast::rewrite::expr(element, f);
            value.iter_mut().for_each(|v| ast::rewrite::expr(v, f));
            clause.ifs.iter_mut().for_each(|e| ast::rewrite::expr(e, f));
        };
        each(&mut |e| asks |= asks_name(e, Some(&name)));
        if asks && let Some(pairs) = pairs_of(&clause.iter, flags, next_id) {
            each(&mut |e| take_name(e, &name));
            clause.iter.kind = pairs;
            beside(&mut clause.target, &name, next_id);
        }
    });
}

fn target_name(target: &Expr) -> Option<String> {
    match &target.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// `fault.name`
fn asks_name(e: &Expr, name: Option<&str>) -> bool {
    matches!(&e.kind, ExprKind::Attribute { value, attr }
        if attr.name == "name" && matches!(&value.kind, ExprKind::Name(n) if Some(n.as_str()) == name))
}

fn take_name(e: &mut Expr, name: &str) {
    if asks_name(e, Some(name)) {
        e.kind = ExprKind::Name(format!("{name}_name"));
    }
}

/// `fault, fault_name`
fn beside(target: &mut Expr, name: &str, next_id: &mut u32) {
    let mut build = Build {
        next_id,
        span: target.span,
    };
    let own = target.clone();
    let beside = build.name(&format!("{name}_name"));
    *target = build.expr(ExprKind::Tuple(vec![own, beside]));
}

/// `((Fault.STALL, "STALL"), …)`
fn pairs_of(iter: &Expr, flags: &Flags, next_id: &mut u32) -> Option<ExprKind> {
    let listed: Vec<(String, String)> = match &iter.kind {
        ExprKind::Name(class) if flags.bits.contains_key(class) => {
            let bits = flags.bits.get(class)?;
            bits.iter()
                .map(|(member, _)| (class.clone(), member.clone()))
                .collect()
        }
        ExprKind::Name(name) => flags.constants.get(name)?.clone(),
        _ => flags.listed(iter)?,
    };
    let mut build = Build {
        next_id,
        span: iter.span,
    };
    let pairs: Option<Vec<Expr>> = listed
        .iter()
        .map(|(class, member)| {
            let value = build.of(class, member);
            let name = build.expr(ExprKind::Str(flags.name_of(class, member)?));
            Some(build.expr(ExprKind::Tuple(vec![value, name])))
        })
        .collect();
    Some(ExprKind::Tuple(pairs?))
}
