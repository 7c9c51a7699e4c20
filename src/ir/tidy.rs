//! What a reviewer would strike: late initialisation, needless `mut` and `return`,
//! variables that are never read.
//!
//! Enters: a function's block. Leaves: the same block, tidied. Nothing here changes what
//! the code does. This module must not know Python.

mod dead_init;

use super::expr::{Arm, Expr};
use super::{Block, RTy, Stmt, StmtKind};
use crate::project::FloatTy;
use std::collections::BTreeMap;

/// Tidies a function's body.
pub fn function_body(body: &mut Block) {
    super::lift::open_blocks(body);
    collapse_ifs(body);
    dead_init::drop_dead_inits(body);
    sink_late_lets(body);
    fold_late_lets(body);
    settle_lets(body);
    tail_returns(body);
}

/// Calls the functions of the module that a variable of the same name hides by their path.
pub fn unhide(body: &mut Block, params: &[String], functions: &[&str]) {
    let hidden: Vec<&str> = functions
        .iter()
        .copied()
        .filter(|f| params.iter().any(|p| p == f) || binds(body, f))
        .collect();
    if !hidden.is_empty() {
        by_path(body, &hidden);
    }
}

/// Whether a block binds a name, in it or within.
fn binds(block: &Block, name: &str) -> bool {
    block.stmts.iter().any(|stmt| {
        let own = match &stmt.kind {
            StmtKind::Let { name: bound, .. } => bound == name,
            StmtKind::LetPattern { names, .. } | StmtKind::For { names, .. } => {
                names.iter().any(|n| n == name)
            }
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || blocks.into_iter().any(|b| binds(b, name))
            || exprs.into_iter().any(|e| binds_within(e, name))
    })
}

fn binds_within(e: &Expr, name: &str) -> bool {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    blocks.into_iter().any(|b| binds(b, name)) || exprs.into_iter().any(|e| binds_within(e, name))
}

fn by_path(block: &mut Block, hidden: &[&str]) {
    fn in_expr(e: &mut Expr, hidden: &[&str]) {
        if let Expr::Call(name, _) = e
            && hidden.contains(&name.as_str())
        {
            *name = format!("self::{name}");
        }
        e.for_each_child_mut(&mut |c| in_expr(c, hidden), &mut |b| by_path(b, hidden));
    }
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut |e| in_expr(e, hidden), &mut |b| by_path(b, hidden));
    }
    if let Some(value) = &mut block.value {
        in_expr(value, hidden);
    }
}

/// Whether `name` is read or written anywhere in `block`.
pub fn mentions(block: &Block, name: &str) -> bool {
    uses_in(block, name) != Uses::default()
}

/// How a variable is used in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    /// Its value is read (or borrowed).
    pub reads: usize,
    /// It is assigned as a whole.
    pub assigns: usize,
    /// It is changed in place: a field, an element, `&mut`, a mutating method.
    pub mutations: usize,
}

impl Uses {
    fn add(&mut self, other: Uses) {
        self.reads += other.reads;
        self.assigns += other.assigns;
        self.mutations += other.mutations;
    }
}

/// Methods that change their receiver.
const MUTATING: [&str; 25] = [
    "push",
    "push_str",
    "pop",
    "insert",
    "remove",
    "clear",
    "extend",
    "extend_from_slice",
    "truncate",
    "reverse",
    "sort",
    "sort_by",
    "sort_by_key",
    "swap",
    "retain",
    "drain",
    "get_or_insert",
    "get_or_insert_default",
    "get_or_insert_with",
    "take",
    "replace",
    "payload_mut",
    "set_payload",
    "clear_payload",
    "iter_mut",
];

/// The uses of `name` in `block`, as far as it is not bound anew.
pub fn uses_in(block: &Block, name: &str) -> Uses {
    let mut uses = Uses::default();
    let shadowed = stmts_uses(&block.stmts, name, &mut uses);
    if let (Some(value), false) = (&block.value, shadowed) {
        expr_uses(value, name, &mut uses);
    }
    uses
}

/// Adds the uses in `stmts`; true where the name was bound anew.
fn stmts_uses(stmts: &[Stmt], name: &str, uses: &mut Uses) -> bool {
    for stmt in stmts {
        match &stmt.kind {
            StmtKind::Let {
                name: bound, init, ..
            } => {
                init.iter().for_each(|init| expr_uses(init, name, uses));
                if bound == name {
                    return true;
                }
            }
            StmtKind::LetPattern {
                names,
                init,
                otherwise,
                ..
            } => {
                expr_uses(init, name, uses);
                if let Some(otherwise) = otherwise {
                    uses.add(uses_in(otherwise, name));
                }
                if names.iter().any(|n| n == name) {
                    return true;
                }
            }
            StmtKind::Assign { place, op, value } => {
                expr_uses(value, name, uses);
                for place in places(place) {
                    match place {
                        Expr::Atom(text) if text == name => {
                            uses.assigns += 1;
                            uses.reads += usize::from(op.is_some());
                        }
                        _ => place_uses(place, name, uses),
                    }
                }
            }
            StmtKind::For {
                names, iter, body, ..
            } => {
                expr_uses(iter, name, uses);
                if !names.iter().any(|n| n == name) {
                    uses.add(uses_in(body, name));
                }
            }
            StmtKind::Expr(_)
            | StmtKind::Return(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::While { .. }
            | StmtKind::Loop { .. }
            | StmtKind::Block { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| expr_uses(e, name, uses));
                blocks.into_iter().for_each(|b| uses.add(uses_in(b, name)));
            }
        }
    }
    false
}

/// The places that an assignment writes: several in `(a, b) = …`.
pub fn places(place: &Expr) -> &[Expr] {
    match place {
        Expr::Tuple(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The uses in a place that is written to: its root is changed in place, indices are read.
fn place_uses(place: &Expr, name: &str, uses: &mut Uses) {
    match place {
        Expr::Atom(text) if text == name => uses.mutations += 1,
        Expr::Field(base, _) => place_uses(base, name, uses),
        Expr::Index(base, index) => {
            place_uses(base, name, uses);
            expr_uses(index, name, uses);
        }
        // `*r = v` changes what `r` points to, not `r`.
        Expr::Deref(base) => expr_uses(base, name, uses),
        other => expr_uses(other, name, uses),
    }
}

fn expr_uses(e: &Expr, name: &str, uses: &mut Uses) {
    match e {
        Expr::Atom(text) => uses.reads += usize::from(text == name),
        Expr::RefMut(inner) => {
            let mut place = Uses::default();
            place_uses(inner, name, &mut place);
            uses.reads += place.mutations;
            uses.add(place);
        }
        Expr::Method(receiver, method, args) => {
            if MUTATING.contains(&method.as_str()) {
                let mut place = Uses::default();
                place_uses(receiver, name, &mut place);
                uses.reads += place.mutations;
                uses.add(place);
            } else {
                expr_uses(receiver, name, uses);
            }
            args.iter().for_each(|arg| expr_uses(arg, name, uses));
        }
        Expr::If {
            cond,
            then,
            otherwise,
        } => {
            expr_uses(cond, name, uses);
            if !binds_in_condition(cond, name) {
                uses.add(uses_in(then, name));
            }
            if let Some(otherwise) = otherwise {
                uses.add(uses_in(otherwise, name));
            }
        }
        Expr::Macro(_, args) => {
            for arg in args {
                match arg {
                    Expr::Atom(text) if text.starts_with('"') => {
                        let captured = text.contains(&format!("{{{name}}}"))
                            || text.contains(&format!("{{{name}:"));
                        uses.reads += usize::from(captured);
                    }
                    other => expr_uses(other, name, uses),
                }
            }
        }
        other => {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            other.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().for_each(|e| expr_uses(e, name, uses));
            blocks.into_iter().for_each(|b| uses.add(uses_in(b, name)));
        }
    }
}

/// Whether a chain of `let`s in a condition binds `name`.
fn binds_in_condition(cond: &Expr, name: &str) -> bool {
    match cond {
        Expr::Let(pattern, _) => pattern_names(pattern).any(|n| n == name),
        Expr::Binary(_, a, b) => binds_in_condition(a, name) || binds_in_condition(b, name),
        _ => false,
    }
}

/// The lower-case identifiers of a pattern.
pub fn pattern_names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| {
            word.chars()
                .next()
                .is_some_and(|c| c.is_lowercase() || c == '_')
                && *word != "mut"
                && *word != "ref"
        })
}

pub(super) fn each_block_mut(block: &mut Block, f: &mut dyn FnMut(&mut Block)) {
    for stmt in &mut block.stmts {
        let mut exprs = Vec::new();
        // First the nested blocks of the statement's expressions, then its own.
        stmt.for_each_child_mut(
            &mut |e| exprs.push(std::mem::replace(e, Expr::Atom(String::new()))),
            &mut |_| {},
        );
        for e in &mut exprs {
            each_block_in_expr(e, f);
        }
        let mut exprs = exprs.into_iter();
        stmt.for_each_child_mut(
            &mut |slot| {
                if let Some(e) = exprs.next() {
                    *slot = e;
                }
            },
            &mut |_| {},
        );
        stmt.for_each_child_mut(&mut |_| {}, &mut |b| f(b));
    }
    if let Some(value) = &mut block.value {
        each_block_in_expr(value, f);
    }
}

fn each_block_in_expr(e: &mut Expr, f: &mut dyn FnMut(&mut Block)) {
    let mut children = Vec::new();
    e.for_each_child_mut(
        &mut |c| children.push(std::mem::replace(c, Expr::Atom(String::new()))),
        &mut |b| f(b),
    );
    for child in &mut children {
        each_block_in_expr(child, f);
    }
    let mut children = children.into_iter();
    e.for_each_child_mut(
        &mut |slot| {
            if let Some(child) = children.next() {
                *slot = child;
            }
        },
        &mut |_| {},
    );
}

/// `if a { if b { … } }` becomes `if a && b { … }`.
fn collapse_ifs(block: &mut Block) {
    each_block_mut(block, &mut collapse_ifs);
    for stmt in &mut block.stmts {
        if let StmtKind::Expr(e) = &mut stmt.kind {
            while let Some(joined) = collapsed(e) {
                *e = joined;
            }
        }
    }
}

fn collapsed(e: &Expr) -> Option<Expr> {
    let Expr::If {
        cond,
        then,
        otherwise: None,
    } = e
    else {
        return None;
    };
    let [
        Stmt {
            kind:
                StmtKind::Expr(Expr::If {
                    cond: inner,
                    then: body,
                    otherwise: None,
                }),
            ..
        },
    ] = then.stmts.as_slice()
    else {
        return None;
    };
    if then.value.is_some() || has_or(cond) && inner.has_let() {
        return None;
    }
    Some(Expr::If {
        cond: Box::new(
            (**cond)
                .clone()
                .binary(super::BinOp::And, (**inner).clone()),
        ),
        then: body.clone(),
        otherwise: None,
    })
}

fn has_or(e: &Expr) -> bool {
    matches!(e, Expr::Binary(super::BinOp::Or, ..))
}

/// A variable that only one block within the next statement that mentions it uses is
/// declared there.
fn sink_late_lets(block: &mut Block) {
    let mut i = 0;
    while i < block.stmts.len() {
        if sunk(block, i) {
            block.stmts.remove(i);
        } else {
            i += 1;
        }
    }
    each_block_mut(block, &mut sink_late_lets);
}

/// Declares the variable of the late `let` at `at` where it is used; true where that worked.
fn sunk(block: &mut Block, at: usize) -> bool {
    let Some((before, after)) = block.stmts.split_at_mut_checked(at + 1) else {
        return false;
    };
    let Some(
        declared @ Stmt {
            kind: StmtKind::Let {
                name, init: None, ..
            },
            ..
        },
    ) = before.last()
    else {
        return false;
    };
    let uses = |stmt: &Stmt| mentions(&Block::of(vec![stmt.clone()]), name);
    let in_value = block.value.as_ref().is_some_and(|v| expr_mentions(v, name));
    let mut users = after.iter_mut().filter(|s| uses(s));
    let (Some(user), None, false) = (users.next(), users.next(), in_value) else {
        return false;
    };
    let homes: Vec<&mut Block> = match &mut user.kind {
        StmtKind::Expr(Expr::If {
            cond,
            then,
            otherwise,
        }) if !expr_mentions(cond, name) => std::iter::once(then).chain(otherwise).collect(),
        StmtKind::Block { body, .. } => vec![body],
        _ => return false,
    };
    let mut homes = homes.into_iter().filter(|b| mentions(b, name));
    let (Some(home), None) = (homes.next(), homes.next()) else {
        return false;
    };
    home.stmts.insert(0, declared.clone());
    true
}

/// `let x; if c { x = 1; } else { x = 2; }` becomes `let x = if c { 1 } else { 2 };`, and
/// `let x; x = 1;` becomes `let x = 1;`.
fn fold_late_lets(block: &mut Block) {
    each_block_mut(block, &mut fold_late_lets);
    let mut i = 0;
    while i < block.stmts.len() {
        if let Some(folded) = fold_at(&block.stmts, i) {
            let (consumed, stmt) = folded;
            let mut skipped: Vec<Stmt> = block.stmts.drain(i..i + consumed).collect();
            // What stands between the declaration and the assignment stays before it.
            skipped.pop();
            skipped.drain(..1);
            skipped.push(stmt);
            block.stmts.splice(i..i, skipped);
            continue;
        }
        i += 1;
    }
}

/// The folded statement and how many statements from `at` it stands for.
fn fold_at(stmts: &[Stmt], at: usize) -> Option<(usize, Stmt)> {
    let StmtKind::Let {
        name,
        mutable,
        ty,
        init: None,
    } = &stmts.get(at)?.kind
    else {
        return None;
    };
    let mut next = at + 1;
    // What does not mention the variable may stand between.
    while !mentions(&Block::of(vec![stmts.get(next)?.clone()]), name) {
        next += 1;
    }
    let target = stmts.get(next)?;
    let value = match &target.kind {
        StmtKind::Assign {
            place: Expr::Atom(place),
            op: None,
            value,
        } if place == name => value.clone(),
        StmtKind::Expr(e) => branch_value(e, name)?,
        _ => return None,
    };
    let ty = ty.clone();
    let stmt = Stmt {
        span: target.span,
        kind: StmtKind::Let {
            name: name.clone(),
            mutable: *mutable,
            ty,
            init: Some(value),
        },
    };
    Some((next - at + 1, stmt))
}

/// The value of an `if` or `match` whose every branch ends in `name = value` or diverges.
fn branch_value(e: &Expr, name: &str) -> Option<Expr> {
    match e {
        Expr::If {
            cond,
            then,
            otherwise: Some(otherwise),
        } => {
            if expr_mentions(cond, name) {
                return None;
            }
            Some(Expr::If {
                cond: cond.clone(),
                then: block_value(then, name)?,
                otherwise: Some(block_value(otherwise, name)?),
            })
        }
        Expr::Match { subject, arms } => {
            if expr_mentions(subject, name) {
                return None;
            }
            let arms = arms
                .iter()
                .map(|arm| {
                    Some(Arm {
                        pattern: arm.pattern.clone(),
                        guard: arm.guard.clone(),
                        body: block_value(&arm.body, name)?,
                    })
                })
                .collect::<Option<Vec<_>>>()?;
            Some(Expr::Match {
                subject: subject.clone(),
                arms,
            })
        }
        _ => None,
    }
}

fn expr_mentions(e: &Expr, name: &str) -> bool {
    let mut uses = Uses::default();
    expr_uses(e, name, &mut uses);
    uses != Uses::default()
}

fn block_value(block: &Block, name: &str) -> Option<Block> {
    if block.value.is_some() {
        return None;
    }
    let (last, rest) = block.stmts.split_last()?;
    let before = Block::of(rest.to_vec());
    if last.diverges() {
        return (!mentions(&before, name)).then(|| block.clone());
    }
    if mentions(&before, name) {
        return None;
    }
    let value = match &last.kind {
        StmtKind::Assign {
            place: Expr::Atom(place),
            op: None,
            value,
        } if place == name => value.clone(),
        StmtKind::Expr(e) => branch_value(e, name)?,
        _ => return None,
    };
    Some(Block {
        stmts: rest.to_vec(),
        value: Some(Box::new(value)),
    })
}

/// `if let Some(x) = …` whose `x` is not read becomes `if let Some(_) = …`.
fn settle_conditions(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::Expr(Expr::If { cond, then, .. }) = &mut stmt.kind {
            let before = cond.clone();
            drop_unread(cond, &before, then);
        }
    }
}

fn is_some_pattern(cond: &Expr) -> bool {
    matches!(cond, Expr::Let(pattern, _) if pattern == "Some(_)")
}

fn drop_unread(cond: &mut Expr, whole: &Expr, then: &Block) {
    match cond {
        Expr::Let(pattern, _) => {
            let names: Vec<String> = pattern_names(pattern).map(str::to_string).collect();
            for name in names {
                let mut uses = uses_in(then, &name);
                expr_uses(whole, &name, &mut uses);
                if uses == Uses::default() && !name.starts_with('_') {
                    *pattern = rename_word(pattern, &name, "_");
                }
            }
            if let (Expr::Let(_, value), true) = (&*cond, is_some_pattern(cond)) {
                let option = match &**value {
                    Expr::Ref(inner) => (**inner).clone(),
                    other => other.clone(),
                };
                *cond = option.method("is_some", vec![]);
            }
        }
        Expr::Binary(_, a, b) => {
            drop_unread(a, whole, then);
            drop_unread(b, whole, then);
        }
        _ => {}
    }
}

/// Settles `mut` and the underscore of every `let`.
fn settle_lets(block: &mut Block) {
    each_block_mut(block, &mut settle_lets);
    settle_conditions(block);
    for i in 0..block.stmts.len() {
        let (before, after) = block.stmts.split_at_mut(i + 1);
        let Some(stmt) = before.last_mut() else {
            continue;
        };
        if let StmtKind::LetPattern { pattern, names, .. } = &mut stmt.kind {
            for name in names.iter_mut() {
                let mut uses = Uses::default();
                let shadowed = stmts_uses(after, name, &mut uses);
                if let (Some(value), false) = (&block.value, shadowed) {
                    expr_uses(value, name, &mut uses);
                }
                if uses.assigns == 0 && uses.mutations == 0 {
                    *pattern = without_mut(pattern, name);
                }
                if uses == Uses::default() && !name.starts_with('_') {
                    *pattern = rename_word(pattern, name, &format!("_{name}"));
                    *name = format!("_{name}");
                }
            }
        }
        let StmtKind::Let {
            name,
            mutable,
            init,
            ty,
        } = &mut stmt.kind
        else {
            continue;
        };
        if let (Some(value), Some(wanted)) = (&*init, &*ty) {
            let float = matches!(wanted, RTy::Float(FloatTy::F64));
            let hole = matches!(value, Expr::Hole(_));
            let empty =
                matches!((value, wanted), (Expr::Call(path, _), RTy::Vec(_)) if path == "Vec::new");
            let unsaid = empty && looked_into(after, block.value.as_deref(), name);
            if !unsaid && !needs_annotation(value, wanted)
                || (float && !hole && !calls_method_on(after, name))
            {
                *ty = None;
            }
        }
        let mut uses = Uses::default();
        let shadowed = stmts_uses(after, name, &mut uses);
        if let (Some(value), false) = (&block.value, shadowed) {
            expr_uses(value, name, &mut uses);
        }
        if let (Some(Expr::Macro(vec, items)), 0, 0) = (&*init, uses.assigns, uses.mutations)
            && vec == "vec"
            && !items.is_empty()
            && !matches!(items.as_slice(), [Expr::Repeat(..)])
            && only_looked_at(after, block.value.as_deref(), name)
        {
            // A list that never grows is an array.
            let of = match ty {
                Some(RTy::Vec(elem)) => Some((**elem).clone()),
                _ => items
                    .iter()
                    .any(|i| needs_annotation(i, &RTy::String))
                    .then_some(RTy::String),
            };
            *ty = of
                .filter(|elem| *elem == RTy::String)
                .filter(|elem| items.iter().all(|i| needs_annotation(i, elem)))
                .map(|elem| RTy::Array(Box::new(elem), items.len()));
            *init = Some(Expr::Array(items.clone()));
        }
        if let Some(Expr::Method(literal, into, _)) = init
            && into == "into"
            && matches!(&**literal, Expr::Atom(text) if text.starts_with('"'))
        {
            // Nothing may say what the variable is to be.
            *into = "to_string".into();
            *ty = None;
        }
        *mutable = if init.is_some() {
            uses.assigns > 0
                || (uses.mutations > 0 && !init.as_ref().is_some_and(is_mutable_borrow))
        } else {
            uses.mutations > 0 || assigned_twice(after, name)
        };
        if uses.reads == 0 && uses.mutations == 0 && !name.starts_with('_') {
            let old = name.clone();
            let new = format!("_{old}");
            *name = new.clone();
            rename_assigns(after, &old, &new);
        }
    }
}

/// Whether Rust would guess another type than `ty` for a `let` with that value.
fn needs_annotation(expr: &Expr, ty: &RTy) -> bool {
    if matches!(expr, Expr::Hole(_)) {
        return true;
    }
    match ty {
        RTy::Int(_) | RTy::Float(_) => only_literals(expr),
        RTy::Option(inner) => match expr {
            Expr::Atom(text) => text == "None",
            Expr::Call(name, args) if name == "Some" => {
                args.iter().any(|a| needs_annotation(a, inner))
            }
            _ => false,
        },
        RTy::Array(elem, _) | RTy::Vec(elem) => match expr {
            Expr::Array(items) => {
                items.is_empty() || items.iter().all(|i| needs_annotation(i, elem))
            }
            Expr::Macro(_, items) => match items.as_slice() {
                [Expr::Repeat(value, _)] => needs_annotation(value, elem),
                _ => items.is_empty() || items.iter().all(|i| needs_annotation(i, elem)),
            },
            Expr::Repeat(value, _) => needs_annotation(value, elem),
            Expr::Method(_, name, _) => name == "collect",
            // What is put into it may be nothing but literals.
            Expr::Call(path, _) => path == "Vec::new",
            _ => false,
        },
        RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_) => match expr {
            Expr::Call(path, _) => path.contains("::"),
            Expr::Macro(..) | Expr::Hole(_) => true,
            Expr::Method(_, name, _) => name == "collect",
            _ => false,
        },
        RTy::Tuple(tys) => match expr {
            Expr::Tuple(items) => items.iter().zip(tys).any(|(i, t)| needs_annotation(i, t)),
            _ => false,
        },
        RTy::String => match expr {
            Expr::Hole(_) => true,
            Expr::Method(_, name, _) => name == "into",
            Expr::If { .. } | Expr::Match { .. } | Expr::Block(_) => {
                let mut blocks = Vec::new();
                expr.for_each_child(&mut |_| {}, &mut |b| blocks.push(b));
                let needs = |b: &Block| b.value.as_ref().is_some_and(|v| needs_annotation(v, ty));
                blocks.into_iter().any(needs)
            }
            _ => false,
        },
        _ => matches!(expr, Expr::Hole(_)),
    }
}

fn only_literals(expr: &Expr) -> bool {
    match expr {
        Expr::Atom(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        Expr::NegLit(_) | Expr::Hole(_) => true,
        Expr::Binary(_, a, b) => only_literals(a) && only_literals(b),
        Expr::If {
            then, otherwise, ..
        } => {
            let value = |b: &Block| b.value.as_ref().is_none_or(|v| only_literals(v));
            value(then) && otherwise.as_ref().is_none_or(value)
        }
        _ => false,
    }
}

/// Whether an empty list's elements are looked at before one is put into it: then nothing
/// has said their type yet.
fn looked_into(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> bool {
    fn first(e: &Expr, name: &str) -> Option<bool> {
        let is_it = |e: &Expr| matches!(e, Expr::Atom(text) if text == name);
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        match e {
            Expr::Method(receiver, method, args) if is_it(receiver) => {
                let inner = args.iter().find_map(|a| first(a, name));
                match method.as_str() {
                    "len" | "is_empty" | "clear" => inner,
                    "push" | "extend" | "insert" | "extend_from_slice" => inner.or(Some(false)),
                    _ => inner.or(Some(true)),
                }
            }
            Expr::Index(base, index) if is_it(base) => first(index, name).or(Some(true)),
            Expr::Atom(_) => is_it(e).then_some(false),
            _ => exprs
                .into_iter()
                .find_map(|e| first(e, name))
                .or_else(|| blocks.into_iter().find_map(|b| in_block(b, name))),
        }
    }
    fn in_block(block: &Block, name: &str) -> Option<bool> {
        in_stmts(&block.stmts, name).or_else(|| block.value.as_ref().and_then(|v| first(v, name)))
    }
    fn in_stmts(stmts: &[Stmt], name: &str) -> Option<bool> {
        stmts.iter().find_map(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs
                .into_iter()
                .find_map(|e| first(e, name))
                .or_else(|| blocks.into_iter().find_map(|b| in_block(b, name)))
        })
    }
    in_stmts(stmts, name)
        .or_else(|| value.and_then(|v| first(v, name)))
        .unwrap_or(false)
}

/// Whether a variable is only indexed, borrowed, or asked by methods that arrays have too.
fn only_looked_at(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> bool {
    const SAME: [&str; 9] = [
        "iter", "len", "first", "last", "get", "is_empty", "join", "concat", "contains",
    ];
    fn looked(e: &Expr, name: &str) -> bool {
        let is_it = |e: &Expr| matches!(e, Expr::Atom(text) if text == name);
        match e {
            Expr::Atom(_) => !is_it(e),
            Expr::Method(receiver, method, args) if is_it(receiver) => {
                SAME.contains(&method.as_str()) && args.iter().all(|a| looked(a, name))
            }
            Expr::Index(base, index) if is_it(base) => looked(index, name),
            Expr::Ref(inner) if is_it(inner) => true,
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
                exprs.into_iter().all(|c| looked(c, name))
                    && blocks.into_iter().all(|b| block_looked(b, name))
            }
        }
    }
    fn block_looked(block: &Block, name: &str) -> bool {
        only_looked_at(&block.stmts, block.value.as_deref(), name)
    }
    let stmts_fine = stmts.iter().all(|stmt| {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().all(|e| looked(e, name))
            && blocks.into_iter().all(|b| block_looked(b, name))
    });
    stmts_fine && value.is_none_or(|v| looked(v, name))
}

/// Replaces a whole word of a pattern.
fn rename_word(pattern: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        out.push_str(if word == from { to } else { word });
        word.clear();
    };
    for c in pattern.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

/// The pattern with `mut name` as `name`.
fn without_mut(pattern: &str, name: &str) -> String {
    let marked = format!("mut {name}");
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(&marked) {
        let (before, found) = rest.split_at(at);
        let after = found.get(marked.len()..).unwrap_or("");
        out.push_str(before);
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        out.push_str(if whole { name } else { &marked });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a method is called on a variable, which needs its float type to be said.
fn calls_method_on(stmts: &[Stmt], name: &str) -> bool {
    fn in_expr(e: &Expr, name: &str) -> bool {
        if let Expr::Method(receiver, _, _) = e
            && matches!(&**receiver, Expr::Atom(text) if text == name)
        {
            return true;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| in_expr(e, name)) || blocks.into_iter().any(|b| in_block(b, name))
    }
    fn in_block(block: &Block, name: &str) -> bool {
        calls_method_on(&block.stmts, name)
            || block.value.as_ref().is_some_and(|v| in_expr(v, name))
    }
    stmts.iter().any(|stmt| {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| in_expr(e, name)) || blocks.into_iter().any(|b| in_block(b, name))
    })
}

/// Whether a value is a `&mut` already, so that its variable needs no `mut`.
fn is_mutable_borrow(e: &Expr) -> bool {
    match e {
        Expr::RefMut(_) => true,
        Expr::Method(_, name, _) => {
            matches!(
                name.as_str(),
                "payload_mut"
                    | "get_or_insert_default"
                    | "get_or_insert"
                    | "as_mut"
                    | "iter_mut"
                    | "get_mut"
            )
        }
        Expr::Try(inner) => is_mutable_borrow(inner),
        _ => false,
    }
}

/// Whether a path through `stmts` may assign `name` twice: more than once in a row, or in a loop.
fn assigned_twice(stmts: &[Stmt], name: &str) -> bool {
    most_assigns(stmts, name) > 1
}

fn most_assigns(stmts: &[Stmt], name: &str) -> usize {
    let paths = assigns_on_paths(stmts, name);
    let jumps = paths.jumps.values().copied().max().unwrap_or(0);
    paths.end.unwrap_or(0).max(paths.gone).max(jumps)
}

/// The most assignments on the paths through some statements.
#[derive(Default)]
struct Assigns {
    /// To their end, if a path gets there.
    end: Option<usize>,
    /// To each label that is left by `break`.
    jumps: BTreeMap<String, usize>,
    /// Out of the function, or to another turn of a loop.
    gone: usize,
}

impl Assigns {
    fn straight(count: usize) -> Assigns {
        Assigns {
            end: Some(count),
            ..Assigns::default()
        }
    }

    /// Either way, after `before` assignments.
    fn add(&mut self, other: Assigns, before: usize) {
        self.end = self.end.max(other.end.map(|n| n + before));
        self.gone = self.gone.max(other.gone + before);
        for (label, count) in other.jumps {
            let slot = self.jumps.entry(label).or_default();
            *slot = (*slot).max(count + before);
        }
    }
}

fn assigns_on_paths(stmts: &[Stmt], name: &str) -> Assigns {
    let mut all = Assigns::default();
    let mut count = 0;
    for stmt in stmts {
        let mut paths = match &stmt.kind {
            StmtKind::Assign { place, .. }
                if places(place)
                    .iter()
                    .any(|p| matches!(p, Expr::Atom(text) if text == name)) =>
            {
                Assigns::straight(1)
            }
            StmtKind::Let {
                init: Some(value), ..
            }
            | StmtKind::Assign { value, .. }
            | StmtKind::Expr(value) => assigns_in_expr(value, name),
            StmtKind::LetPattern {
                otherwise: Some(otherwise),
                ..
            } => {
                let mut paths = Assigns::straight(0);
                paths.add(assigns_on_paths(&otherwise.stmts, name), 0);
                paths
            }
            StmtKind::While { body, .. }
            | StmtKind::Loop { body, .. }
            | StmtKind::For { body, .. } => {
                let once = most_assigns(&body.stmts, name).min(1);
                let mut paths = assigns_on_paths(&body.stmts, name);
                paths.end = Some(2 * once);
                paths
            }
            StmtKind::Block { label, body } => {
                let mut paths = assigns_on_paths(&body.stmts, name);
                let broken = label.as_ref().and_then(|l| paths.jumps.remove(l));
                paths.end = paths.end.max(broken);
                paths
            }
            StmtKind::Break(Some(label)) => Assigns {
                jumps: BTreeMap::from([(label.clone(), 0)]),
                ..Assigns::default()
            },
            StmtKind::Return(_) | StmtKind::Break(None) | StmtKind::Continue(_) => {
                Assigns::default()
            }
            StmtKind::Let { init: None, .. }
            | StmtKind::LetPattern { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => Assigns::straight(0),
        };
        let end = paths.end.take();
        all.add(paths, count);
        match end {
            Some(more) => count += more,
            None => {
                all.gone = all.gone.max(count);
                return all;
            }
        }
    }
    all.end = Some(count);
    all
}

fn assigns_in_expr(e: &Expr, name: &str) -> Assigns {
    let mut all = Assigns::default();
    match e {
        Expr::If {
            then, otherwise, ..
        } => {
            all.add(assigns_on_paths(&then.stmts, name), 0);
            match otherwise {
                Some(otherwise) => all.add(assigns_on_paths(&otherwise.stmts, name), 0),
                None => all.add(Assigns::straight(0), 0),
            }
        }
        Expr::Match { arms, .. } => arms
            .iter()
            .for_each(|a| all.add(assigns_on_paths(&a.body.stmts, name), 0)),
        Expr::Block(body) => all = assigns_on_paths(&body.stmts, name),
        _ => all = Assigns::straight(0),
    }
    all
}

/// A pattern in which the names that nothing reads are left out.
pub fn without_unread(pattern: &str, names: &[String], reads: &dyn Fn(&str) -> bool) -> String {
    let mut out = pattern.to_string();
    for name in names.iter().filter(|n| !n.starts_with('_') && !reads(n)) {
        out = rename_word(&out, name, "_");
    }
    out.replace("ref _", "_")
        .replace("mut _", "_")
        .replace("&_", "_")
}

/// Whether an expression reads or changes a variable.
pub fn reads(e: &Expr, name: &str) -> bool {
    expr_mentions(e, name)
}

/// An expression with a variable under another name.
pub fn renamed(e: &Expr, old: &str, new: &str) -> Expr {
    let mut block = Block::value(e.clone());
    rename(&mut block, old, new);
    block.value.map_or_else(|| e.clone(), |value| *value)
}

/// Gives a variable another name, everywhere in a block.
pub(super) fn rename(block: &mut Block, old: &str, new: &str) {
    fn in_expr(e: &mut Expr, old: &str, new: &str) {
        match e {
            Expr::Atom(text) if text == old => *text = new.to_string(),
            other => other.for_each_child_mut(&mut |c| in_expr(c, old, new), &mut |b| {
                rename(b, old, new);
            }),
        }
    }
    for stmt in &mut block.stmts {
        if let StmtKind::Let { name, .. } = &mut stmt.kind
            && name == old
        {
            *name = new.to_string();
        }
        stmt.for_each_child_mut(&mut |e| in_expr(e, old, new), &mut |b| rename(b, old, new));
    }
    if let Some(value) = &mut block.value {
        in_expr(value, old, new);
    }
}

/// Gives a variable another name where it is assigned, up to where the old one is bound anew.
fn rename_assigns(stmts: &mut [Stmt], old: &str, new: &str) {
    for stmt in stmts {
        if let StmtKind::Assign { place, .. } = &mut stmt.kind {
            let places = match place {
                Expr::Tuple(items) => items.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for place in places {
                if matches!(place, Expr::Atom(text) if text == old) {
                    *place = Expr::atom(new);
                }
            }
        }
        let binds_anew = match &stmt.kind {
            StmtKind::Let { name, .. } => name == old,
            StmtKind::LetPattern { names, .. } => names.iter().any(|name| name == old),
            StmtKind::Assign { .. }
            | StmtKind::Expr(_)
            | StmtKind::Return(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::While { .. }
            | StmtKind::Loop { .. }
            | StmtKind::For { .. }
            | StmtKind::Block { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => false,
        };
        let mut exprs = Vec::new();
        stmt.for_each_child_mut(
            &mut |e| exprs.push(std::mem::replace(e, Expr::Atom(String::new()))),
            &mut |b| {
                rename_assigns(&mut b.stmts, old, new);
            },
        );
        for e in &mut exprs {
            each_block_in_expr(e, &mut |b| rename_assigns(&mut b.stmts, old, new));
        }
        let mut exprs = exprs.into_iter();
        stmt.for_each_child_mut(
            &mut |slot| {
                if let Some(e) = exprs.next() {
                    *slot = e;
                }
            },
            &mut |_| {},
        );
        if binds_anew {
            return;
        }
    }
}

/// Turns `return x;` at the end of a function into its value.
fn tail_returns(block: &mut Block) {
    if block.value.is_some() {
        return;
    }
    let Some(last) = block.stmts.pop() else {
        return;
    };
    match last.kind {
        StmtKind::Return(Some(value)) => block.value = Some(Box::new(value)),
        StmtKind::Return(None) => {}
        StmtKind::Expr(Expr::If {
            cond,
            mut then,
            otherwise: Some(mut otherwise),
        }) if then.diverges() && otherwise.diverges() => {
            tail_returns(&mut then);
            tail_returns(&mut otherwise);
            block.value = Some(Box::new(Expr::If {
                cond,
                then,
                otherwise: Some(otherwise),
            }));
        }
        StmtKind::Expr(Expr::Match { subject, mut arms })
            if arms.iter().all(|a| a.body.diverges()) && !arms.is_empty() =>
        {
            for arm in &mut arms {
                tail_returns(&mut arm.body);
            }
            block.value = Some(Box::new(Expr::Match { subject, arms }));
        }
        kind => block.stmts.push(Stmt {
            span: last.span,
            kind,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::print;

    fn let_(name: &str, init: Option<Expr>) -> Stmt {
        Stmt::new(StmtKind::Let {
            name: name.into(),
            mutable: false,
            ty: None,
            init,
        })
    }

    fn assign(name: &str, value: &str) -> Stmt {
        Stmt::new(StmtKind::Assign {
            place: Expr::atom(name),
            op: None,
            value: Expr::atom(value),
        })
    }

    fn text(block: &Block) -> String {
        let mut out = print::Printed::default();
        print::write_block(&mut out, block);
        out.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_variable_set_in_both_branches_becomes_the_value_of_the_if() {
        let branch = Expr::If {
            cond: Box::new(Expr::atom("c")),
            then: Block::of(vec![assign("x", "1")]),
            otherwise: Some(Block::of(vec![assign("x", "2")])),
        };
        let mut body = Block::of(vec![let_("x", None), Stmt::new(StmtKind::Expr(branch))]);
        body.value = Some(Box::new(Expr::atom("x")));
        function_body(&mut body);
        assert_eq!(text(&body), "{ let x = if c { 1 } else { 2 }; x }");
    }

    #[test]
    fn mut_and_underscores_follow_the_uses() {
        let mut body = Block::of(vec![
            let_("x", Some(Expr::atom("1"))),
            assign("x", "2"),
            let_("y", Some(Expr::atom("x"))),
        ]);
        function_body(&mut body);
        assert_eq!(text(&body), "{ let mut x = 1; x = 2; let _y = x; }");
    }
}
