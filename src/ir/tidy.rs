//! What a reviewer would strike: late initialisation, needless `mut` and `return`,
//! variables that are never read.
//!
//! Enters: a function's block. Leaves: the same block, tidied. Nothing here changes what
//! the code does. This module must not know Python.

mod borrows;
mod branches;
mod clamp;
mod dead_init;
mod held;
mod idioms;
mod kept;
mod lent;
mod lists;
mod patterns;
mod reach;

use super::assigns::assigned_twice;
use super::expr::Expr;
use super::late::{fold_late_lets, sink_late_lets};
use super::literals::{only_literals, type_receivers};
use super::rename::{rename_assigns, rename_word, without_mut};
use super::uses::{Uses, expr_uses, pattern_names, stmts_uses, uses_in};
use super::{Block, RTy, Stmt, StmtKind};
use crate::project::FloatTy;
use reach::Reach;
use std::cell::Cell;
use std::collections::BTreeSet;

/// What is known beside a function's body.
pub struct Known<'k> {
    /// The parameters that are references.
    pub references: Vec<&'k str>,
    /// Whether a function or method of the file has that name.
    pub is_own: &'k dyn Fn(&str) -> bool,
    /// Whether a helper of ours has that name.
    pub is_helper: &'k dyn Fn(&str) -> bool,
    /// The number that a constant of the file is.
    pub constant: &'k dyn Fn(&str) -> Option<f64>,
    /// Whether what looks like a `clamp` stays, because it is none: found out on the way.
    pub clamps_by_hand: Cell<bool>,
}

/// Tidies a function's body.
pub fn function_body(body: &mut Block, known: &Known<'_>) {
    super::lift::open_blocks(body);
    lent::lend_once(body);
    kept::assign_where_it_changes(body);
    collapse_ifs(body);
    dead_init::drop_dead_inits(body);
    sink_late_lets(body);
    fold_late_lets(body);
    branches::join(body);
    clamp::bound(body, known);
    branches::given_back(body);
    idioms::shorten(body, known);
    borrows::strike(body, known);
    settle_lets(body);
    held::look_at_once(body);
    lists::look_into(body);
    collapse_ifs(body);
    patterns::join(body);
    tail_returns(body);
    values_without_names(body);
    type_receivers(body);
}

/// Tidies a value that stands outside functions.
pub fn value(e: &mut Expr, known: &Known<'_>) {
    let mut block = Block::value(std::mem::replace(e, Expr::Tuple(Vec::new())));
    clamp::bound(&mut block, known);
    idioms::shorten(&mut block, known);
    lists::look_into(&mut block);
    type_receivers(&mut block);
    if let Some(value) = block.value {
        *e = *value;
    }
}

/// Calls the functions of the module that a variable of the same name hides by their path.
pub fn unhide(body: &mut Block, params: &[String], functions: &[&str]) {
    let mut bound: BTreeSet<&str> = params.iter().map(String::as_str).collect();
    bound_in(body, &mut bound);
    let hides = |f: &&str| bound.contains(f);
    let hidden: Vec<&str> = functions.iter().copied().filter(hides).collect();
    if !hidden.is_empty() {
        by_path(body, &hidden);
    }
}

/// The names that a block binds, in it or within.
fn bound_in<'b>(block: &'b Block, bound: &mut BTreeSet<&'b str>) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Let { name, .. } => {
                bound.insert(name);
            }
            StmtKind::LetPattern { names, .. } | StmtKind::For { names, .. } => {
                bound.extend(names.iter().map(String::as_str));
            }
            _ => {}
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        blocks.into_iter().for_each(|b| bound_in(b, bound));
        exprs.into_iter().for_each(|e| bound_within(e, bound));
    }
}

fn bound_within<'b>(e: &'b Expr, bound: &mut BTreeSet<&'b str>) {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    blocks.into_iter().for_each(|b| bound_in(b, bound));
    exprs.into_iter().for_each(|e| bound_within(e, bound));
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

pub(super) fn each_block_mut(block: &mut Block, f: &mut dyn FnMut(&mut Block)) {
    for stmt in &mut block.stmts {
        // First the nested blocks of the statement's expressions, then its own.
        stmt.for_each_child_mut(&mut |e| each_block_in_expr(e, f), &mut |_| {});
        stmt.for_each_child_mut(&mut |_| {}, f);
    }
    if let Some(value) = &mut block.value {
        each_block_in_expr(value, f);
    }
}

pub(super) fn each_block_in_expr(e: &mut Expr, f: &mut dyn FnMut(&mut Block)) {
    e.for_each_child_mut(&mut |_| {}, f);
    e.for_each_child_mut(&mut |child| each_block_in_expr(child, f), &mut |_| {});
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
    let reach = Reach::of(block);
    for i in 0..block.stmts.len() {
        let (before, later) = block.stmts.split_at_mut(i + 1);
        let Some(stmt) = before.last_mut() else {
            continue;
        };
        if let StmtKind::LetPattern {
            pattern,
            names,
            init,
            ..
        } = &mut stmt.kind
        {
            // Nothing else may say what ints they are.
            if let Expr::Array(items) = init
                && let Some(Expr::Atom(first)) = items.first_mut()
                && first.bytes().all(|b| b.is_ascii_digit())
                && names
                    .iter()
                    .any(|name| calls_method_on(reach.within(name, later, i + 1), name))
            {
                first.push_str("_i64");
            }
            for name in names.iter_mut() {
                let after = reach.within(name, later, i + 1);
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
        let after = reach.within(name, later, i + 1);
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
        if let (Some(Expr::Macro(vec, items)), 0) = (&*init, uses.assigns)
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
    if let Expr::If { .. } | Expr::Match { .. } | Expr::Block(_) = expr {
        // One branch that says it is enough.
        let mut blocks = Vec::new();
        expr.for_each_child(&mut |_| {}, &mut |b| blocks.push(b));
        let mut values = blocks.iter().filter_map(|b| b.value.as_deref());
        return match ty {
            RTy::String => values.any(|value| needs_annotation(value, ty)),
            _ => values.all(|value| needs_annotation(value, ty)),
        };
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
            // `[[1].as_slice(), vec![0; n].as_slice()].concat()`
            Expr::Method(parts, name, _) if name == "concat" => match &**parts {
                Expr::Array(parts) => parts.iter().all(|part| match part {
                    Expr::Method(list, name, _) if name == "as_slice" => needs_annotation(list, ty),
                    _ => false,
                }),
                _ => false,
            },
            Expr::Method(list, name, _) if name == "repeat" || name == "to_vec" => {
                needs_annotation(list, ty)
            }
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
            _ => false,
        },
        _ => matches!(expr, Expr::Hole(_)),
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
    const SAME: [&str; 15] = [
        "iter",
        "len",
        "first",
        "last",
        "get",
        "is_empty",
        "join",
        "concat",
        "contains",
        "iter_mut",
        "sort",
        "sort_by",
        "sort_by_key",
        "swap",
        "reverse",
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

/// Whether a method is called on a variable, which needs its float type to be said.
pub(super) fn calls_method_on(stmts: &[Stmt], name: &str) -> bool {
    fn in_expr(e: &Expr, name: &str) -> bool {
        if let Expr::Method(receiver, _, _) = e
            && has_type_of(receiver, name)
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

/// Whether nothing but a variable says the type of an expression.
fn has_type_of(e: &Expr, name: &str) -> bool {
    match e {
        Expr::Atom(text) => text == name,
        Expr::Unary(_, inner) | Expr::Field(inner, _) => has_type_of(inner, name),
        Expr::Binary(_, a, b) => {
            let one = |a: &Expr, b: &Expr| {
                has_type_of(a, name) && (has_type_of(b, name) || only_literals(b))
            };
            one(a, b) || one(b, a)
        }
        Expr::If {
            then, otherwise, ..
        } => {
            let values = || {
                let blocks = [Some(then), otherwise.as_ref()].into_iter().flatten();
                blocks.filter_map(|block| block.value.as_deref())
            };
            values().any(|v| has_type_of(v, name))
                && values().all(|v| has_type_of(v, name) || only_literals(v))
        }
        _ => false,
    }
}

/// Whether a value is a `&mut` already, so that its variable needs no `mut`.
fn is_mutable_borrow(e: &Expr) -> bool {
    match e {
        Expr::RefMut(_) => true,
        Expr::Method(inner, name, _) if name.starts_with("ok_or") => is_mutable_borrow(inner),
        Expr::Method(_, name, _) => {
            matches!(
                name.as_str(),
                "payload_mut"
                    | "get_or_insert_default"
                    | "get_or_insert"
                    | "as_mut"
                    | "iter_mut"
                    | "get_mut"
                    | "or_insert"
                    | "or_insert_with"
                    | "or_default"
            )
        }
        Expr::Try(inner) => is_mutable_borrow(inner),
        Expr::Call(name, args) => {
            let lent = matches!(args.first(), Some(Expr::RefMut(_) | Expr::Atom(_)));
            lent && matches!(name.as_str(), "lookup_mut" | "set_default")
        }
        _ => false,
    }
}

/// `let x = f(); x` at the end of a block becomes `f()`.
fn values_without_names(block: &mut Block) {
    let named = match (block.stmts.last().map(|s| &s.kind), block.value.as_deref()) {
        (
            Some(StmtKind::Let {
                name,
                mutable: false,
                ty: None,
                init: Some(_),
            }),
            Some(Expr::Atom(value)),
        ) => name == value,
        _ => false,
    };
    if named
        && let Some(StmtKind::Let {
            init: Some(init), ..
        }) = block.stmts.pop().map(|s| s.kind)
    {
        block.value = Some(Box::new(init));
    }
    each_block_mut(block, &mut values_without_names);
}

/// Turns `return x;` at the end of a function into its value; a comment behind it stands
/// before it.
fn tail_returns(block: &mut Block) {
    if block.value.is_some() {
        return;
    }
    let is_comment = |stmt: &&Stmt| {
        matches!(
            stmt.kind,
            StmtKind::Comment(_) | StmtKind::LineComment(_) | StmtKind::Blank
        )
    };
    let behind = block.stmts.iter().rev().take_while(is_comment).count();
    let at = block.stmts.len() - behind;
    if behind > 0 {
        let before = at.checked_sub(1).and_then(|at| block.stmts.get(at));
        if !before.is_some_and(|stmt| matches!(stmt.kind, StmtKind::Return(Some(_)))) {
            return;
        }
        if let Some(part) = block.stmts.get_mut(at - 1..) {
            part.rotate_left(1);
            for stmt in part {
                if let StmtKind::LineComment(text) = &mut stmt.kind {
                    stmt.kind = StmtKind::Comment(std::mem::take(text));
                }
            }
        }
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

    fn nothing_known() -> Known<'static> {
        Known {
            references: Vec::new(),
            is_own: &|_| false,
            is_helper: &|_| false,
            constant: &|_| None,
            clamps_by_hand: Cell::new(false),
        }
    }

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
        function_body(&mut body, &nothing_known());
        assert_eq!(text(&body), "{ if c { 1 } else { 2 } }");
    }

    #[test]
    fn mut_and_underscores_follow_the_uses() {
        let mut body = Block::of(vec![
            let_("x", Some(Expr::atom("1"))),
            assign("x", "2"),
            let_("y", Some(Expr::atom("x"))),
        ]);
        function_body(&mut body, &nothing_known());
        assert_eq!(text(&body), "{ let mut x = 1; x = 2; let _y = x; }");
    }
}
