//! Loops over lists that their bodies change, as loops that count.
//!
//! ```text
//! for timer in self.timers:        at = 0
//!     …                            while at < len(self.timers):
//!                                      timer = self.timers[at]
//!                                      at += 1
//!                                      …
//! ```
//!
//! Enters: the module and its [`Model`], with the loops that cannot run over their list because
//! of what their bodies do to it. Leaves: the same module, where they take the elements by
//! number, as Python's iterator does: what is added is still to come, and where an element is
//! taken out, the next one is passed over. A loop whose body may put another list in the place
//! of its own is left alone: Python goes on with the first one. Where the body changes what holds
//! the list, but not the list itself, the loop runs over a copy of it. This module must not know Rust
//! syntax.

mod copied;

use crate::ast::{
    BinaryOp, Block, CompareOp, Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind,
    blocks_mut,
};
use crate::desugar::{Build, Names, free};
use crate::infer::Model;
use crate::infer::rebinds::Rebinds;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the loops over those lists; nothing where none can be.
pub fn counted(module: &Module, model: &Model, looped: &BTreeSet<NodeId>) -> Option<Module> {
    if looped.is_empty() {
        return None;
    }
    let functions = functions(module);
    let rebinds = Rebinds::of(&functions);
    let mut names = Names::default();
    module.body.stmts.iter().for_each(|stmt| names.stmt(stmt));
    let mut rewritten = module.clone();
    let mut next_id = module.node_count;
    let mut counting = Counting {
        model,
        looped,
        rebinds: &rebinds,
        functions: &functions,
        taken: names.all(),
        next_id: &mut next_id,
        any: false,
    };
    counting.block(&mut rewritten.body);
    let any = counting.any;
    rewritten.node_count = next_id;
    any.then_some(rewritten)
}

/// The functions of a module: `f`, `Class.method`.
fn functions(module: &Module) -> BTreeMap<String, &Function> {
    let mut functions = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(function) => {
                functions.insert(function.name.name.clone(), function);
            }
            StmtKind::Class(class) => {
                for method in class.body.stmts.iter().filter_map(Stmt::function) {
                    let key = format!("{}.{}", class.name.name, method.name.name);
                    functions.insert(key, method);
                }
            }
            _ => {}
        }
    }
    functions
}

struct Counting<'c> {
    model: &'c Model,
    looped: &'c BTreeSet<NodeId>,
    rebinds: &'c Rebinds,
    functions: &'c BTreeMap<String, &'c Function>,
    /// The names of the module and of the function, and what counts the loops around.
    taken: BTreeSet<String>,
    next_id: &'c mut u32,
    any: bool,
}

impl Counting<'_> {
    fn block(&mut self, block: &mut Block) {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for mut stmt in std::mem::take(&mut block.stmts) {
            // What counts one loop may count the next one, but none within it.
            let before = self.taken.clone();
            if let StmtKind::Function(function) = &stmt.kind {
                self.taken.extend(Names::of(function).all());
            }
            stmts.extend(self.start(&mut stmt));
            for inner in blocks_mut(&mut stmt) {
                self.block(inner);
            }
            self.taken = before;
            stmts.push(stmt);
        }
        block.stmts = stmts;
    }

    /// Makes a loop count, where it can; leaves what goes before it.
    fn start(&mut self, stmt: &mut Stmt) -> Option<Stmt> {
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            is_async: false,
        } = &mut stmt.kind
        else {
            return None;
        };
        if self.looped.contains(&iter.id)
            && orelse.stmts.is_empty()
            && self.is_list(iter)
            && !self.holds_changed(iter)
            && copied::stays(iter, body, self.functions)
        {
            let mut build = Build {
                next_id: self.next_id,
                span: iter.span,
            };
            let list = build.name("list");
            let items = build.again(iter);
            *iter = build.call(list, vec![items]);
            self.any = true;
            return None;
        }
        let walked = Walked::of(target, iter)?;
        if !self.can_count(&walked, body) {
            return None;
        }
        let at = free("at", &mut self.taken);
        let mut build = Build {
            next_id: self.next_id,
            span: iter.span,
        };
        let zero = build.expr(ExprKind::Int(0.into()));
        let name = build.name(&at);
        let mut start = build.assign(name, zero);
        let len = build.name("len");
        let list = build.again(walked.list);
        let len = build.call(len, vec![list]);
        let name = build.name(&at);
        let test = build.compare(name, CompareOp::Lt, len);
        let mut stmts = Vec::new();
        if let Some((number, from)) = walked.number {
            let mut value = build.name(&at);
            if let Some(from) = from {
                let from = build.again(from);
                value = build.expr(ExprKind::Binary {
                    op: BinaryOp::Add,
                    left: Box::new(from),
                    right: Box::new(value),
                });
            }
            stmts.push(build.assign(number.clone(), value));
        }
        let list = build.again(walked.list);
        let index = build.name(&at);
        let item = build.expr(ExprKind::Subscript {
            value: Box::new(list),
            index: Box::new(index),
        });
        stmts.push(build.assign(walked.item.clone(), item));
        let one = build.expr(ExprKind::Int(1.into()));
        let name = build.name(&at);
        stmts.push(build.stmt(StmtKind::AugAssign {
            target: name,
            op: BinaryOp::Add,
            value: one,
        }));
        let mut body = std::mem::take(body);
        body.stmts.splice(0..0, stmts);
        let orelse = std::mem::take(orelse);
        start.blank_before = std::mem::take(&mut stmt.blank_before);
        start.comments = std::mem::take(&mut stmt.comments);
        stmt.kind = StmtKind::While { test, body, orelse };
        self.any = true;
        Some(start)
    }

    /// Whether the list is the one that the loop began with, all through its body.
    fn can_count(&self, walked: &Walked<'_>, body: &Block) -> bool {
        if !self.looped.contains(&walked.list.id) || !self.is_list(walked.list) {
            return false;
        }
        let mut attributes = BTreeSet::new();
        let mut at = walked.list;
        while let ExprKind::Attribute { value, attr } = &at.kind {
            attributes.insert(attr.name.as_str());
            at = value;
        }
        let ExprKind::Name(root) = &at.kind else {
            return false;
        };
        let mut bound = Names::default();
        bound.target(walked.item);
        walked.number.iter().for_each(|(n, _)| bound.target(n));
        body.stmts.iter().for_each(|stmt| bound.stmt(stmt));
        let mut names = attributes;
        names.insert(root);
        // What is computed where the loop begins must be the same in each turn.
        let from = walked.number.and_then(|(_, from)| from);
        let settled = from.is_none_or(|from| matches!(from.kind, ExprKind::Int(_)));
        settled && !bound.bound.contains_key(root) && !self.rebinds.within(body, &names)
    }

    /// Whether a list holds objects that are changed: a copy would hold others.
    fn holds_changed(&self, e: &Expr) -> bool {
        let classes = &self.model.classes;
        let changed = |class: &str| classes.get(class).is_none_or(|c| c.mutated);
        let functions = self.model.functions.iter();
        let mut facts = functions.filter_map(|f| f.facts.get(&e.id));
        facts.any(|f| f.ty.holds_instance(&changed))
    }

    fn is_list(&self, e: &Expr) -> bool {
        let functions = self.model.functions.iter();
        let facts = functions.filter_map(|f| f.facts.get(&e.id));
        let mut types = facts.map(|f| &f.ty).peekable();
        types.peek().is_some() && types.all(|ty| matches!(ty, Ty::List { .. }))
    }
}

/// What a loop runs over.
#[derive(Clone, Copy)]
struct Walked<'l> {
    list: &'l Expr,
    item: &'l Expr,
    /// Of `enumerate()`: the target, and what it counts from.
    number: Option<(&'l Expr, Option<&'l Expr>)>,
}

impl<'l> Walked<'l> {
    fn of(target: &'l Expr, iter: &'l Expr) -> Option<Self> {
        let (list, targets) = match (&iter.kind, &target.kind) {
            (
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                },
                ExprKind::Tuple(targets),
            ) if matches!(&func.kind, ExprKind::Name(n) if n == "enumerate") => {
                let start = keywords.first().map(|k| &k.value);
                let (list, from) = match (args.as_slice(), start) {
                    ([list], from) => (list, from),
                    ([list, from], None) => (list, Some(from)),
                    _ => return None,
                };
                let [number, item] = targets.as_slice() else {
                    return None;
                };
                (list, Some((number, item, from)))
            }
            _ => (iter, None),
        };
        Some(match targets {
            Some((number, item, from)) => Self {
                list,
                item,
                number: Some((number, from)),
            },
            None => Self {
                list,
                item: target,
                number: None,
            },
        })
    }
}
