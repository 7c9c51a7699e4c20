//! Methods of a class that stand for others: `__rmul__ = __mul__`, `@total_ordering`.
//!
//! Enters: the module. Leaves: the same module, where each such method is written out. This
//! module must not know types.

use super::build::{Build, is_named, method};
use crate::ast::{BoolOp, Class, CompareOp, Expr, ExprKind, Module, Stmt, StmtKind, UnaryOp};

/// Rewrites the classes of a module.
pub(super) fn operators(module: &mut Module, next_id: &mut u32) {
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            other_names(class, next_id);
            in_place(class);
            total_ordering(class, next_id);
        }
    }
}

/// `__rmul__ = __mul__`: the method under the other name.
fn other_names(class: &mut Class, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut class.body.stmts) {
        let named = match &stmt.kind {
            StmtKind::Assign { targets, value } => match (targets.as_slice(), &value.kind) {
                ([target], ExprKind::Name(of)) => match &target.kind {
                    ExprKind::Name(name) => find(&out, of).map(|f| (f, name.clone(), target.span)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if let Some((mut function, name, span)) = named {
            function.name.name = name;
            function.name.span = span;
            super::copies::block(&mut function.body, next_id);
            stmt.kind = StmtKind::Function(function);
        }
        out.push(stmt);
    }
    class.body.stmts = out;
}

/// `__iadd__` and its kin that end in `return self`: methods that give nothing.
fn in_place(class: &mut Class) {
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        if !is_in_place(&function.name.name) {
            continue;
        }
        let own = function.params.list.first().map(|p| p.name.name.clone());
        let gives_itself = |s: &Stmt| matches!(&s.kind, StmtKind::Return(Some(e)) if matches!(&e.kind, ExprKind::Name(n) if Some(n) == own.as_ref()));
        if function.body.stmts.last().is_some_and(gives_itself)
            && let Some(last) = function.body.stmts.last_mut()
        {
            last.kind = StmtKind::Pass;
            function.returns = None;
        }
    }
}

/// Whether a method is one of `a += b` and its kin.
fn is_in_place(name: &str) -> bool {
    matches!(
        name,
        "__iadd__" | "__isub__" | "__imul__" | "__itruediv__" | "__ifloordiv__"
    )
}

fn find(stmts: &[Stmt], name: &str) -> Option<crate::ast::Function> {
    stmts.iter().rev().find_map(|s| match &s.kind {
        StmtKind::Function(f) if f.name.name == name && f.decorators.is_empty() => Some(f.clone()),
        _ => None,
    })
}

/// Writes out what `@total_ordering` adds.
fn total_ordering(class: &mut Class, next_id: &mut u32) {
    let Some(at) = class
        .decorators
        .iter()
        .position(|d| is_named(d, "functools", "total_ordering"))
    else {
        return;
    };
    let has = |name: &str| method(&class.body, name).is_some();
    // CPython takes the first of these that the class has.
    let Some((_, op)) = [
        ("__lt__", CompareOp::Lt),
        ("__le__", CompareOp::LtE),
        ("__gt__", CompareOp::Gt),
        ("__ge__", CompareOp::GtE),
    ]
    .into_iter()
    .find(|(name, _)| has(name)) else {
        return;
    };
    let mut build = Build {
        next_id,
        span: class.decorators.get(at).map_or(class.name.span, |d| d.span),
    };
    let mut added = Vec::new();
    for (name, wanted) in [
        ("__lt__", CompareOp::Lt),
        ("__le__", CompareOp::LtE),
        ("__gt__", CompareOp::Gt),
        ("__ge__", CompareOp::GtE),
    ] {
        if !has(name) {
            let value = derived(op, wanted, &mut build);
            added.push(build.operator(name, &["other"], value));
        }
    }
    class.decorators.remove(at);
    class.generated.extend(
        added
            .iter()
            .filter_map(Stmt::function)
            .map(|f| f.name.name.clone()),
    );
    class.body.stmts.extend(added);
}

/// How CPython says one order by another and `==`.
fn derived(root: CompareOp, wanted: CompareOp, build: &mut Build<'_>) -> Expr {
    let mut test = |op: CompareOp| {
        let (a, b) = (build.name("self"), build.name("other"));
        build.compare(a, op, b)
    };
    let strict = matches!(root, CompareOp::Lt | CompareOp::Gt);
    let upwards = |op: CompareOp| matches!(op, CompareOp::Lt | CompareOp::LtE);
    let same_side = upwards(root) == upwards(wanted);
    let base = test(root);
    match (
        strict,
        same_side,
        matches!(wanted, CompareOp::Lt | CompareOp::Gt),
    ) {
        // `a <= b` of `a < b`; `a < b` of `a <= b`.
        (true, true, _) => {
            let equal = test(CompareOp::Eq);
            logical(BoolOp::Or, base, equal, build)
        }
        (false, true, _) => {
            let differs = test(CompareOp::NotEq);
            logical(BoolOp::And, base, differs, build)
        }
        // `a >= b` of `a < b`; `a > b` of `a <= b`.
        (true, false, false) | (false, false, true) => not(base, build),
        (true, false, true) => {
            let differs = test(CompareOp::NotEq);
            let base = not(base, build);
            logical(BoolOp::And, base, differs, build)
        }
        (false, false, false) => {
            let equal = test(CompareOp::Eq);
            let base = not(base, build);
            logical(BoolOp::Or, base, equal, build)
        }
    }
}

fn not(e: Expr, build: &mut Build<'_>) -> Expr {
    build.expr(ExprKind::Unary {
        op: UnaryOp::Not,
        operand: Box::new(e),
    })
}

fn logical(op: BoolOp, a: Expr, b: Expr, build: &mut Build<'_>) -> Expr {
    build.expr(ExprKind::Logical {
        op,
        values: vec![a, b],
    })
}
