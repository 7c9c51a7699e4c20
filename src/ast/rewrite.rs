//! Changing expressions in place.
//!
//! Enters: a block and what to do with its expressions. Leaves: the block changed, all else
//! as it was. This module must not know why anyone rewrites.

use super::*;

/// Calls `f` on every expression of a block, targets included, an expression before its
/// parts. Annotations and nested classes' bases are left alone.
pub fn block(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    block_roots(block, &mut |e| expr(e, f));
}

/// Calls `f` on every expression of a statement.
pub fn stmt(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Expr)) {
    roots(stmt, &mut |e| expr(e, f));
}

fn block_roots(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    block.stmts.iter_mut().for_each(|stmt| roots(stmt, f));
}

/// Calls `f` on the expressions that a statement is made of, those of its blocks too, and
/// not on their parts.
pub fn roots(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Expr)) {
    match &mut stmt.kind {
        StmtKind::Function(function) => {
            for param in &mut function.params.list {
                each(&mut param.default, f);
            }
            block_roots(&mut function.body, f);
        }
        StmtKind::Class(class) => block_roots(&mut class.body, f),
        StmtKind::Return(value) => each(value, f),
        StmtKind::Delete(targets) => each(targets, f),
        StmtKind::Assign { targets, value } => {
            each(targets, f);
            f(value);
        }
        StmtKind::AugAssign { target, value, .. } => {
            f(target);
            f(value);
        }
        StmtKind::AnnAssign { target, value, .. } => {
            f(target);
            each(value, f);
        }
        StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
            f(test);
            block_roots(body, f);
            block_roots(orelse, f);
        }
        StmtKind::For {
            target,
            iter,
            body,
            orelse,
            ..
        } => {
            f(target);
            f(iter);
            block_roots(body, f);
            block_roots(orelse, f);
        }
        StmtKind::With { items, body, .. } => {
            for (item, target) in items {
                f(item);
                each(target, f);
            }
            block_roots(body, f);
        }
        StmtKind::Raise { exc, cause } => {
            each(exc, f);
            each(cause, f);
        }
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            block_roots(body, f);
            for handler in handlers {
                each(&mut handler.types, f);
                block_roots(&mut handler.body, f);
            }
            block_roots(orelse, f);
            block_roots(finalbody, f);
        }
        StmtKind::Assert { test, message } => {
            f(test);
            each(message, f);
        }
        StmtKind::Expr(value) => f(value),
        StmtKind::Match { subject, cases } => {
            f(subject);
            for case in cases {
                pattern(&mut case.pattern, f);
                each(&mut case.guard, f);
                block_roots(&mut case.body, f);
            }
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => {}
    }
}

/// Calls `f` on every one of some expressions.
fn each<'e>(exprs: impl IntoIterator<Item = &'e mut Expr>, f: &mut dyn FnMut(&mut Expr)) {
    exprs.into_iter().for_each(f);
}

/// Calls `f` on the values of an f-string and of its format specs.
fn values(list: &mut [FStringPart], f: &mut dyn FnMut(&mut Expr)) {
    for part in list {
        if let FStringPart::Value { value, spec, .. } = part {
            f(value);
            values(spec, f);
        }
    }
}

fn pattern(pattern: &mut Pattern, f: &mut dyn FnMut(&mut Expr)) {
    match &mut pattern.kind {
        PatternKind::Value(value) | PatternKind::Singleton(value) => f(value),
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            patterns.iter_mut().for_each(|p| self::pattern(p, f));
        }
        PatternKind::Mapping { items, .. } => {
            for (key, inner) in items {
                f(key);
                self::pattern(inner, f);
            }
        }
        PatternKind::Class {
            class,
            positional,
            keywords,
        } => {
            f(class);
            positional.iter_mut().for_each(|p| self::pattern(p, f));
            keywords.iter_mut().for_each(|(_, p)| self::pattern(p, f));
        }
        PatternKind::As { pattern, .. } => {
            if let Some(inner) = pattern {
                self::pattern(inner, f);
            }
        }
        PatternKind::Star(_) => {}
    }
}

/// Calls `f` on an expression, then on the parts of what it has become.
pub fn expr(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    f(e);
    children(e, &mut |child| expr(child, f));
}

/// Calls `f` on the parts of an expression, and not on theirs.
pub fn children(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    match &mut e.kind {
        ExprKind::FString(list) => values(list, f),
        ExprKind::Attribute { value, .. }
        | ExprKind::Named { value, .. }
        | ExprKind::Starred(value)
        | ExprKind::YieldFrom(value)
        | ExprKind::Await(value) => f(value),
        ExprKind::Subscript { value, index } => {
            f(value);
            f(index);
        }
        ExprKind::Slice { lower, upper, step } => {
            for bound in [lower, upper, step].into_iter().flatten() {
                f(bound);
            }
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            f(func);
            each(args, f);
            each(keywords.iter_mut().map(|k| &mut k.value), f);
        }
        ExprKind::Unary { operand, .. } => f(operand),
        ExprKind::Binary { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::Logical { values, .. } => each(values, f),
        ExprKind::Compare { left, rest, .. } => {
            f(left);
            each(rest, f);
        }
        ExprKind::Conditional { test, body, orelse } => {
            f(test);
            f(body);
            f(orelse);
        }
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => each(items, f),
        ExprKind::Dict(items) => {
            for (key, value) in items {
                each(key, f);
                f(value);
            }
        }
        ExprKind::Lambda { params, body } => {
            for param in &mut params.list {
                each(&mut param.default, f);
            }
            f(body);
        }
        ExprKind::Comprehension {
            element,
            value,
            clauses,
            ..
        } => {
            f(element);
            if let Some(value) = value {
                f(value);
            }
            for clause in clauses {
                f(&mut clause.target);
                f(&mut clause.iter);
                each(&mut clause.ifs, f);
            }
        }
        ExprKind::Yield(value) => {
            if let Some(value) = value {
                f(value);
            }
        }
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Ellipsis
        | ExprKind::Name(_)
        | ExprKind::Unsupported(_) => {}
    }
}
