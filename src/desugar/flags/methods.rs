//! What `Flag` gives its members, as methods.

use super::{Flags, shown};
use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, FStringPart, ParamKind, Stmt, StmtKind};
use crate::desugar::build::Build;

/// `def fault_of(value)`: the member of a value, or a ValueError.
pub(super) fn lookup(flags: &Flags, build: &mut Build<'_>) -> Stmt {
    let mask = flags.mask();
    let all = (1i64 << (64 - mask.leading_zeros())) - 1;
    let value = |build: &mut Build<'_>| build.name("value");
    let int = |build: &mut Build<'_>, n: i64| match n < 0 {
        false => build.expr(ExprKind::Int(n.into())),
        true => {
            let operand = Box::new(build.expr(ExprKind::Int((-n).into())));
            let op = crate::ast::UnaryOp::Neg;
            build.expr(ExprKind::Unary { op, operand })
        }
    };
    let mut wrong = {
        let (low, high) = (int(build, -all - 1), int(build, all));
        let inside = {
            let value = value(build);
            build.expr(ExprKind::Compare {
                left: Box::new(low),
                ops: vec![CompareOp::LtE, CompareOp::LtE],
                rest: vec![value, high],
            })
        };
        build.expr(ExprKind::Unary {
            op: crate::ast::UnaryOp::Not,
            operand: Box::new(inside),
        })
    };
    if all != mask {
        let (value, gaps) = (value(build), int(build, all ^ mask));
        let and = binary(build, BinaryOp::BitAnd, value, gaps);
        let zero = int(build, 0);
        let gaps = build.compare(and, CompareOp::NotEq, zero);
        wrong = build.expr(ExprKind::Logical {
            op: crate::ast::BoolOp::Or,
            values: vec![wrong, gaps],
        });
    }
    // The message shows all the bits: what has two arguments has none that is known.
    let (given, allowed) = (value(build), int(build, mask));
    let error = build.name("ValueError");
    let exc = Some(build.call(error, vec![given, allowed]));
    let raise = build.stmt(StmtKind::Raise { exc, cause: None });
    let refuse = when(build, wrong, raise);
    let negative = {
        let (left, zero) = (value(build), int(build, 0));
        build.compare(left, CompareOp::Lt, zero)
    };
    let wrapped = {
        let (left, span) = (value(build), int(build, all + 1));
        let sum = binary(build, BinaryOp::Add, left, span);
        let class = build.name(&flags.name);
        let made = build.call(class, vec![sum]);
        build.stmt(StmtKind::Return(Some(made)))
    };
    let wrap = when(build, negative, wrapped);
    let made = {
        let value = value(build);
        let class = build.name(&flags.name);
        let made = build.call(class, vec![value]);
        build.stmt(StmtKind::Return(Some(made)))
    };
    let param = build.param("value", ParamKind::Normal, None);
    build.function(&flags.lookup(), vec![param], vec![refuse, wrap, made])
}

/// All methods.
pub(super) fn all(flags: &Flags, build: &mut Build<'_>) -> Vec<Stmt> {
    let mut out = Vec::new();
    for (name, op) in [
        ("__or__", BinaryOp::BitOr),
        ("__and__", BinaryOp::BitAnd),
        ("__xor__", BinaryOp::BitXor),
    ] {
        let (a, b) = (build.of("self", "value"), build.of("other", "value"));
        let value = binary(build, op, a, b);
        let value = made(build, flags, value);
        out.push(build.operator(name, &["other"], value));
    }
    let (a, mask) = (
        build.of("self", "value"),
        build.expr(ExprKind::Int(flags.mask().into())),
    );
    let value = binary(build, BinaryOp::BitXor, a, mask);
    let value = made(build, flags, value);
    out.push(build.operator("__invert__", &[], value));
    let (a, b) = (build.of("self", "value"), build.of("other", "value"));
    let and = binary(build, BinaryOp::BitAnd, a, b);
    let b = build.of("other", "value");
    let value = build.compare(and, CompareOp::Eq, b);
    out.push(build.operator("__contains__", &["other"], value));
    let (a, zero) = (
        build.of("self", "value"),
        build.expr(ExprKind::Int(0.into())),
    );
    let value = build.compare(a, CompareOp::NotEq, zero);
    out.push(build.operator("__bool__", &[], value));
    out.push(name(flags, build));
    let own = build.of("self", "name");
    let text = build.expr(ExprKind::FString(vec![
        FStringPart::Literal(format!("{}.", flags.name)),
        shown(own),
    ]));
    if flags.first(0).is_none() {
        // No bit has no name.
        let text = unless_zero(build, text, format!("{}(0)", flags.name));
        out.push(build.operator("__str__", &[], text));
        let (name, value) = (build.of("self", "name"), build.of("self", "value"));
        let text = build.expr(ExprKind::FString(vec![
            FStringPart::Literal(format!("<{}.", flags.name)),
            shown(name),
            FStringPart::Literal(": ".into()),
            shown(value),
            FStringPart::Literal(">".into()),
        ]));
        let text = unless_zero(build, text, format!("<{}: 0>", flags.name));
        out.push(build.operator("__repr__", &[], text));
    } else {
        out.push(build.operator("__str__", &[], text));
        let (name, value) = (build.of("self", "name"), build.of("self", "value"));
        let value = build.expr(ExprKind::FString(vec![
            FStringPart::Literal(format!("<{}.", flags.name)),
            shown(name),
            FStringPart::Literal(": ".into()),
            shown(value),
            FStringPart::Literal(">".into()),
        ]));
        out.push(build.operator("__repr__", &[], value));
    }
    out
}

/// `text if self.value else zero`
fn unless_zero(build: &mut Build<'_>, text: Expr, zero: String) -> Expr {
    let (own, none) = (
        build.of("self", "value"),
        build.expr(ExprKind::Int(0.into())),
    );
    let test = build.compare(own, CompareOp::NotEq, none);
    let zero = build.expr(ExprKind::Str(zero));
    build.expr(ExprKind::Conditional {
        test: Box::new(test),
        body: Box::new(text),
        orelse: Box::new(zero),
    })
}

/// `name`: that of the value, or those of its bits.
fn name(flags: &Flags, build: &mut Build<'_>) -> Stmt {
    let mut body = Vec::new();
    let mut named = std::collections::BTreeSet::new();
    for (member, value) in &flags.members {
        if value.count_ones() == 1 || !named.insert(*value) {
            continue;
        }
        let (own, wanted) = (
            build.of("self", "value"),
            build.expr(ExprKind::Int((*value).into())),
        );
        let test = build.compare(own, CompareOp::Eq, wanted);
        let text = build.expr(ExprKind::Str(member.clone()));
        let found = build.stmt(StmtKind::Return(Some(text)));
        body.push(when(build, test, found));
    }
    let none = build.expr(ExprKind::List(Vec::new()));
    let target = build.name("names");
    body.push(build.assign(target, none));
    for (member, bit) in flags.bits() {
        let (own, bit) = (
            build.of("self", "value"),
            build.expr(ExprKind::Int((*bit).into())),
        );
        let and = binary(build, BinaryOp::BitAnd, own, bit);
        let zero = build.expr(ExprKind::Int(0.into()));
        let test = build.compare(and, CompareOp::NotEq, zero);
        let append = build.of("names", "append");
        let text = build.expr(ExprKind::Str(member.clone()));
        let call = build.call(append, vec![text]);
        let add = build.stmt(StmtKind::Expr(call));
        body.push(when(build, test, add));
    }
    if flags.first(0).is_none() {
        let names = build.name("names");
        let empty = build.expr(ExprKind::Unary {
            op: crate::ast::UnaryOp::Not,
            operand: Box::new(names),
        });
        let none = build.expr(ExprKind::None);
        let nothing = build.stmt(StmtKind::Return(Some(none)));
        body.push(when(build, empty, nothing));
    }
    let bar = build.expr(ExprKind::Str("|".into()));
    let join = build.attr(bar, "join");
    let names = build.name("names");
    let text = build.call(join, vec![names]);
    body.push(build.stmt(StmtKind::Return(Some(text))));
    let own = build.param("self", ParamKind::Normal, None);
    let mut made = build.function("name", vec![own], body);
    if let StmtKind::Function(function) = &mut made.kind {
        function.decorators.push(build.name("property"));
    }
    made
}

fn binary(build: &mut Build<'_>, op: BinaryOp, left: Expr, right: Expr) -> Expr {
    build.expr(ExprKind::Binary {
        op,
        left: Box::new(left),
        right: Box::new(right),
    })
}

/// `Fault(value)`
fn made(build: &mut Build<'_>, flags: &Flags, value: Expr) -> Expr {
    let class = build.name(&flags.name);
    build.call(class, vec![value])
}

/// `if test: then`
fn when(build: &mut Build<'_>, test: Expr, then: Stmt) -> Stmt {
    let block = |stmts| crate::ast::Block {
        stmts,
        trailing: Vec::new(),
    };
    build.stmt(StmtKind::If {
        test,
        body: block(vec![then]),
        orelse: block(Vec::new()),
    })
}
