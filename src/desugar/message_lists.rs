//! Lists of messages, taken apart: PyTask gives `process` as many inputs and outputs as the
//! node has, each of a type of its own.
//!
//! Enters: the module, and how many messages there are on each side. Leaves: `process`
//! without loops over the messages: `[m.payload for m in inputs]` is a display,
//! `any(m.payload is None for m in inputs)` is an `or`, `for m in inputs:` is its body once
//! for each. This module must not know types.

mod unroll;
mod uses;

use super::names::Names;
use super::quantified::is_bool;
use crate::ast::{
    self, BoolOp, CompareOp, ComprehensionKind, Expr, ExprKind, Function, Module, NodeId, Stmt,
    StmtKind,
};
use crate::source::Span;
use num_traits::ToPrimitive;
use std::collections::BTreeMap;
use uses::Uses;

/// What the rewrites take for Python's own.
const BUILTINS: [&str; 5] = ["any", "all", "enumerate", "len", "zip"];

/// Rewrites `process`; a side with one message has no list.
pub fn message_lists(module: &mut Module, inputs: usize, outputs: usize) {
    let mut next_id = module.node_count;
    let own = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Function(f) => BUILTINS.contains(&f.name.name.as_str()),
        _ => false,
    };
    if module.body.stmts.iter().any(own) {
        return;
    }
    for stmt in &mut module.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind
            && function.name.name == "process"
        {
            in_process(function, inputs, outputs, &mut next_id);
        }
    }
    module.node_count = next_id;
}

fn in_process(function: &mut Function, inputs: usize, outputs: usize, next_id: &mut u32) {
    let names = Names::of(function);
    let once = |name: &str| names.bound.get(name) == Some(&1);
    let mut lists = Lists {
        known: BTreeMap::new(),
        next_id,
    };
    for (place, count) in [(1, inputs), (3, outputs)] {
        if let Some(param) = function.params.list.get(place)
            && count > 1
            && once(&param.name.name)
        {
            let name = &param.name.name;
            let items = (0..count).map(|i| item(name, i, param.name.span)).collect();
            lists.known.insert(name.clone(), items);
        }
    }
    if lists.known.is_empty() {
        return;
    }
    let mut uses = Uses::default();
    ast::visit::Visitor::visit_block(&mut uses, &function.body);
    let inputs = function.params.list.get(1).map(|p| p.name.name.clone());
    let mut stmts = Vec::new();
    for mut stmt in std::mem::take(&mut function.body.stmts) {
        lists.starred(&mut stmt, &|name| {
            once(name) && (uses.is_only_taken_apart(name) || !uses.is_read(name))
        });
        lists.statement(&mut stmt);
        // A name for the inputs' payloads, bound once, is as good as they are.
        if let Some((name, items)) = bound_display(&stmt)
            && once(&name)
            && uses.is_only_taken_apart(&name)
            && items.iter().all(|item| root(item) == inputs.as_deref())
        {
            lists.known.insert(name, items);
            continue;
        }
        stmts.push(stmt);
    }
    let own = |name: &str| uses.all.get(name) == uses.bound_by_loop.get(name);
    function.body.stmts = lists.unrolled(stmts, &own);
}

/// `name[i]`
fn item(name: &str, i: usize, span: Span) -> Expr {
    let of = |kind| Expr {
        id: NodeId(0),
        span,
        kind,
    };
    of(ExprKind::Subscript {
        value: Box::new(of(ExprKind::Name(name.to_string()))),
        index: Box::new(of(ExprKind::Int(i.into()))),
    })
}

/// The name and items of `name = [a, b]`.
fn bound_display(stmt: &Stmt) -> Option<(String, Vec<Expr>)> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    match (targets.as_slice(), &value.kind) {
        ([target], ExprKind::List(items)) if !items.is_empty() => match &target.kind {
            ExprKind::Name(name) => Some((name.clone(), items.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The name that `name[0].payload` starts with, where it is no more than that.
fn root(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Attribute { value, .. } => root(value),
        ExprKind::Subscript { value, index } => match (&value.kind, &index.kind) {
            (ExprKind::Name(name), ExprKind::Int(_)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

struct Lists<'n> {
    /// The lists that are known, item by item.
    known: BTreeMap<String, Vec<Expr>>,
    next_id: &'n mut u32,
}

impl Lists<'_> {
    fn node(&mut self, span: Span, kind: ExprKind) -> Expr {
        let id = NodeId::next(self.next_id);
        Expr { id, span, kind }
    }

    /// A copy of an expression, of nodes of its own, at another place.
    fn copy(&mut self, e: &Expr, span: Option<Span>) -> Expr {
        let mut copy = e.clone();
        ast::rewrite::expr(&mut copy, &mut |part| {
            part.id = NodeId::next(self.next_id);
            part.span = span.unwrap_or(part.span);
        });
        copy
    }

    /// What a loop over `iter` binds on each turn, as one expression for each name.
    fn turns(&self, target: &Expr, iter: &Expr) -> Option<Vec<BTreeMap<String, Expr>>> {
        if let (ExprKind::Name(list), ExprKind::Name(name)) = (&iter.kind, &target.kind) {
            let items = self.known.get(list)?.iter();
            return Some(
                items
                    .map(|item| BTreeMap::from([(name.clone(), item.clone())]))
                    .collect(),
            );
        }
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &iter.kind
        else {
            return None;
        };
        let (ExprKind::Name(builtin), ExprKind::Tuple(targets), true) =
            (&func.kind, &target.kind, keywords.is_empty())
        else {
            return None;
        };
        match (builtin.as_str(), args.as_slice(), targets.as_slice()) {
            ("enumerate", [list], [index, each]) => {
                let ExprKind::Name(index) = &index.kind else {
                    return None;
                };
                let mut turns = self.turns(each, list)?;
                for (i, turn) in turns.iter_mut().enumerate() {
                    let count = Expr {
                        id: NodeId(0),
                        span: iter.span,
                        kind: ExprKind::Int(i.into()),
                    };
                    turn.insert(index.clone(), count);
                }
                Some(turns)
            }
            ("zip", lists, targets) if lists.len() == targets.len() => {
                let mut turns: Option<Vec<BTreeMap<String, Expr>>> = None;
                for (list, target) in lists.iter().zip(targets) {
                    let more = self.turns(target, list)?;
                    turns = Some(match turns {
                        None => more,
                        Some(turns) => turns
                            .into_iter()
                            .zip(more)
                            .map(|(mut turn, more)| {
                                turn.extend(more);
                                turn
                            })
                            .collect(),
                    });
                }
                turns
            }
            _ => None,
        }
    }

    /// The elements of a comprehension, one by one.
    fn elements(&mut self, e: &Expr) -> Option<Vec<Expr>> {
        let ExprKind::Comprehension {
            kind: ComprehensionKind::List | ComprehensionKind::Generator,
            element,
            clauses,
            ..
        } = &e.kind
        else {
            return None;
        };
        let [clause] = clauses.as_slice() else {
            return None;
        };
        if !clause.ifs.is_empty() || clause.is_async {
            return None;
        }
        let turns = self.turns(&clause.target, &clause.iter)?;
        Some(
            turns
                .iter()
                .map(|turn| {
                    let mut copy = self.copy(element, None);
                    self.replace(&mut copy, turn);
                    copy
                })
                .collect(),
        )
    }

    fn replace(&mut self, e: &mut Expr, turn: &BTreeMap<String, Expr>) {
        let mut found = Vec::new();
        ast::rewrite::expr(e, &mut |part| {
            if let ExprKind::Name(name) = &part.kind
                && let Some(value) = turn.get(name)
            {
                found.push(part.id);
                *part = Expr {
                    id: part.id,
                    span: part.span,
                    kind: value.kind.clone(),
                };
            }
        });
        // What was put in has nodes of its own.
        ast::rewrite::expr(e, &mut |part| {
            if found.contains(&part.id) {
                let span = part.span;
                ast::rewrite::children(part, &mut |inner| {
                    inner.id = NodeId::next(self.next_id);
                    inner.span = span;
                });
            }
        });
    }

    /// `first, *rest = inputs`, where `rest` is only taken apart.
    fn starred(&mut self, stmt: &mut Stmt, free: &dyn Fn(&str) -> bool) {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return;
        };
        let ([target], ExprKind::Name(list)) = (targets.as_mut_slice(), &value.kind) else {
            return;
        };
        let (ExprKind::Tuple(names) | ExprKind::List(names), Some(items)) =
            (&mut target.kind, self.known.get(list).cloned())
        else {
            return;
        };
        let Some(at) = names
            .iter()
            .position(|n| matches!(n.kind, ExprKind::Starred(_)))
        else {
            return;
        };
        let Some(ExprKind::Starred(rest)) = names.get(at).map(|n| n.kind.clone()) else {
            return;
        };
        let (ExprKind::Name(rest), Some(count)) =
            (&rest.kind, (items.len() + 1).checked_sub(names.len()))
        else {
            return;
        };
        if !free(rest) {
            return;
        }
        let middle: Vec<Expr> = items.iter().skip(at).take(count).cloned().collect();
        let others = items.iter().take(at).chain(items.iter().skip(at + count));
        let others: Vec<Expr> = others.map(|i| self.copy(i, Some(value.span))).collect();
        self.known.insert(rest.clone(), middle);
        names.remove(at);
        value.kind = ExprKind::Tuple(others);
    }

    /// Rewrites the expressions of a statement.
    fn statement(&mut self, stmt: &mut Stmt) {
        let unpacks = matches!(
            &stmt.kind,
            StmtKind::Assign { targets, .. }
                if targets.len() == 1
                    && targets.iter().all(|t| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_)))
        );
        // `a, b = [m.payload for m in inputs]` is read as it stands.
        if let StmtKind::Assign { value, .. } = &stmt.kind
            && unpacks
            && is_of_each(value)
        {
            return;
        }
        let mut parts = Vec::new();
        ast::rewrite::stmt(stmt, &mut |e| parts.push(e.id));
        for id in parts {
            ast::rewrite::stmt(stmt, &mut |e| {
                if e.id == id
                    && let Some(kind) = self.rewritten(e)
                {
                    e.kind = kind;
                }
            });
        }
        ast::rewrite::stmt(stmt, &mut |e| {
            if let Some(kind) = without_true(e) {
                e.kind = kind;
            }
        });
        // `a, b = (m.payload for m in inputs)`
        if let StmtKind::Assign { value, .. } = &mut stmt.kind
            && unpacks
        {
            let items = match &value.kind {
                ExprKind::List(items) => Some(items.clone()),
                // Another name for the list of inputs, or for their payloads.
                ExprKind::Name(name) => self
                    .known
                    .get(name)
                    .filter(|items| items.first().and_then(root) != Some(name))
                    .cloned(),
                _ => self.elements(value),
            };
            let span = value.span;
            let items: Option<Vec<Expr>> =
                items.map(|items| items.iter().map(|i| self.copy(i, Some(span))).collect());
            if let Some(items) = items {
                value.kind = ExprKind::Tuple(items);
            }
        }
    }

    /// The length that `len(inputs)` gives.
    fn length(&self, e: &Expr) -> Option<usize> {
        match &e.kind {
            ExprKind::Call { func, args, .. } => match (&func.kind, args.as_slice()) {
                (ExprKind::Name(builtin), [list]) if builtin == "len" => match &list.kind {
                    ExprKind::Name(list) => self.known.get(list).map(Vec::len),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn rewritten(&mut self, e: &Expr) -> Option<ExprKind> {
        match &e.kind {
            ExprKind::Comprehension {
                kind: ComprehensionKind::List,
                ..
            } => self.elements(e).map(ExprKind::List),
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() => {
                let (ExprKind::Name(builtin), [arg]) = (&func.kind, args.as_slice()) else {
                    return None;
                };
                match builtin.as_str() {
                    "len" => self.length(e).map(|len| ExprKind::Int(len.into())),
                    "any" | "all" => {
                        let values = match &arg.kind {
                            ExprKind::List(items) => items.clone(),
                            _ => self.elements(arg)?,
                        };
                        let op = if builtin == "any" {
                            BoolOp::Or
                        } else {
                            BoolOp::And
                        };
                        let bools = values.len() > 1 && values.iter().all(is_bool);
                        bools.then_some(ExprKind::Logical { op, values })
                    }
                    _ => None,
                }
            }
            // `len(inputs) == 2`
            ExprKind::Compare { left, ops, rest } if self.length(left).is_some() => {
                let (Some(len), [CompareOp::Eq], [wanted]) =
                    (self.length(left), ops.as_slice(), rest.as_slice())
                else {
                    return None;
                };
                match &wanted.kind {
                    ExprKind::Int(n) => Some(ExprKind::Bool(*n == len.into())),
                    _ => None,
                }
            }
            ExprKind::Compare { left, ops, rest } => {
                let (ExprKind::None, [op], [list]) = (&left.kind, ops.as_slice(), rest.as_slice())
                else {
                    return None;
                };
                let ExprKind::Name(list) = &list.kind else {
                    return None;
                };
                let (test, join) = match op {
                    CompareOp::In => (CompareOp::Is, BoolOp::Or),
                    CompareOp::NotIn => (CompareOp::IsNot, BoolOp::And),
                    _ => return None,
                };
                let items = self.known.get(list)?.clone();
                let values = items
                    .iter()
                    .map(|item| {
                        let item = self.copy(item, Some(e.span));
                        let none = self.node(e.span, ExprKind::None);
                        let kind = ExprKind::Compare {
                            left: Box::new(item),
                            ops: vec![test],
                            rest: vec![none],
                        };
                        self.node(e.span, kind)
                    })
                    .collect();
                Some(ExprKind::Logical { op: join, values })
            }
            // An item of a list that another name stood for.
            ExprKind::Subscript { value, index } => {
                let (ExprKind::Name(list), ExprKind::Int(i)) = (&value.kind, &index.kind) else {
                    return None;
                };
                let item = self.known.get(list)?.get(i.to_usize()?)?.clone();
                if root(&item) == Some(list) {
                    return None;
                }
                Some(self.copy(&item, Some(e.span)).kind)
            }
            _ => None,
        }
    }
}

/// Whether an expression is `[m.part for m in list]`.
fn is_of_each(e: &Expr) -> bool {
    let ExprKind::Comprehension {
        kind: ComprehensionKind::List,
        element,
        clauses,
        ..
    } = &e.kind
    else {
        return false;
    };
    let name = |e: &Expr| match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    match (clauses.as_slice(), &element.kind) {
        ([clause], ExprKind::Attribute { value, .. }) => {
            name(&clause.iter).is_some() && name(value) == name(&clause.target)
        }
        _ => false,
    }
}

/// An `and` of bools without those that always hold.
fn without_true(e: &Expr) -> Option<ExprKind> {
    let ExprKind::Logical {
        op: BoolOp::And,
        values,
    } = &e.kind
    else {
        return None;
    };
    let holds = |v: &&Expr| matches!(v.kind, ExprKind::Bool(true));
    let mut left: Vec<Expr> = values.iter().filter(|v| !holds(v)).cloned().collect();
    if left.len() == values.len() || !left.iter().all(is_bool) {
        return None;
    }
    match left.len() {
        0 => None,
        1 => left.pop().map(|only| only.kind),
        _ => Some(ExprKind::Logical {
            op: BoolOp::And,
            values: left,
        }),
    }
}
