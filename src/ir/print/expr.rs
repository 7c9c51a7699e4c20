//! Expressions: parentheses where precedence asks for them.

use super::{Printed, write_block};
use crate::ir::expr::{Arm, BinOp, Expr, UnOp};
use crate::ir::{Block, Stmt, StmtKind};

/// Whether a method is written as an operator.
fn is_symbol(name: &str) -> bool {
    matches!(name, "+" | "-" | "*" | "/" | "%" | "==" | "!=")
}

/// How tightly an expression binds; larger is tighter. After the Rust reference.
pub(super) fn precedence(expr: &Expr) -> u8 {
    match expr {
        Expr::Closure(..) | Expr::Range { .. } => 1,
        Expr::Let(..) => 3,
        Expr::Binary(op, ..) => binary_precedence(*op),
        Expr::Cast(..) => 14,
        Expr::Unary(..) | Expr::Ref(_) | Expr::RefMut(_) | Expr::Deref(_) | Expr::NegLit(_) => 15,
        Expr::Match { arms, .. } if tested(arms).is_some() => 18,
        Expr::If { .. } | Expr::Match { .. } | Expr::Block(_) => 16,
        Expr::Method(_, name, args) if is_symbol(name) => match (args.is_empty(), name.as_str()) {
            (true, _) => 15,
            (false, "*" | "/" | "%") => 13,
            (false, "+" | "-") => 12,
            (false, _) => 7,
        },
        Expr::Try(_) | Expr::Field(..) | Expr::Index(..) | Expr::Method(..) => 17,
        Expr::Atom(_)
        | Expr::ConstInt { .. }
        | Expr::Call(..)
        | Expr::Macro(..)
        | Expr::Struct { .. }
        | Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Repeat(..)
        | Expr::Hole(_) => 18,
    }
}

fn binary_precedence(op: BinOp) -> u8 {
    match op {
        BinOp::Mul | BinOp::Div | BinOp::Rem => 13,
        BinOp::Add | BinOp::Sub => 12,
        BinOp::Shl | BinOp::Shr => 11,
        BinOp::BitAnd => 10,
        BinOp::BitXor => 9,
        BinOp::BitOr => 8,
        BinOp::Eq | BinOp::Ne | BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge => 7,
        BinOp::And => 5,
        BinOp::Or => 4,
    }
}

/// An operand of a bit operation: arithmetic in it stands in parentheses, as clippy wants.
fn is_mixed(op: BinOp, operand: &Expr) -> bool {
    let bits = matches!(
        op,
        BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor | BinOp::Shl | BinOp::Shr
    );
    bits && matches!(operand, Expr::Binary(inner, ..) if *inner != op)
}

pub(super) fn write_at(out: &mut Printed, e: &Expr, least: u8) {
    // A block-like expression at the head of a larger one needs parentheses in statement position.
    if precedence(e) < least || (least > 1 && precedence(e) == 16) {
        out.text.push('(');
        write_expr(out, e);
        out.text.push(')');
    } else {
        write_expr(out, e);
    }
}

/// Whether nothing but `collect()` says what is made.
fn is_collected(e: &Expr) -> bool {
    matches!(e, Expr::Method(_, name, _) if name == "collect")
}

pub(super) fn write_list(out: &mut Printed, items: &[Expr]) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.text.push_str(", ");
        }
        write_expr(out, item);
    }
}

/// The arm of a `match` that is nothing but a test: `true` in it, `false` otherwise.
fn tested(arms: &[Arm]) -> Option<&Arm> {
    let [arm, other] = arms else { return None };
    let gives = |arm: &Arm, text: &str| {
        arm.body.stmts.is_empty()
            && matches!(arm.body.value.as_deref(), Some(Expr::Atom(own)) if own == text)
    };
    let rest = other.pattern == "_" && other.guard.is_none();
    (rest && gives(arm, "true") && gives(other, "false")).then_some(arm)
}

/// Appends an expression.
pub fn write_expr(out: &mut Printed, e: &Expr) {
    match e {
        Expr::Atom(text) | Expr::NegLit(text) => out.text.push_str(text),
        Expr::ConstInt { name, .. } => out.text.push_str(name),
        Expr::Field(base, name) => {
            let base = match &**base {
                Expr::Deref(inner) if !matches!(**inner, Expr::Binary(..)) => inner,
                _ => base,
            };
            write_at(out, base, 17);
            out.text.push('.');
            out.text.push_str(name);
        }
        Expr::Index(base, index) => {
            write_at(out, base, 17);
            out.text.push('[');
            write_expr(out, index);
            out.text.push(']');
        }
        Expr::Call(callee, args) => {
            out.text.push_str(callee);
            out.text.push('(');
            write_list(out, args);
            out.text.push(')');
        }
        Expr::Method(receiver, name, args) if is_symbol(name) => {
            let level = precedence(e);
            match args.first() {
                Some(right) => {
                    write_at(out, receiver, level + u8::from(level == 7));
                    out.text.push_str(&format!(" {name} "));
                    write_at(out, right, level + 1);
                }
                None => {
                    out.text.push_str(name);
                    write_at(out, receiver, level);
                }
            }
        }
        Expr::Method(receiver, name, args) => {
            // A method call borrows and looks through references by itself.
            let receiver = match &**receiver {
                Expr::RefMut(inner) => inner,
                other => other,
            };
            // But a reference is ordered itself where what it leads to is.
            let ordered = matches!(
                name.as_str(),
                "max" | "min" | "clamp" | "cmp" | "partial_cmp" | "into"
            );
            let receiver = match receiver {
                Expr::Deref(inner) if matches!(**inner, Expr::Atom(_)) && !ordered => inner,
                other => other,
            };
            write_at(out, receiver, 17);
            out.text.push('.');
            out.text.push_str(name);
            out.text.push('(');
            write_list(out, args);
            out.text.push(')');
        }
        Expr::Macro(name, args) => {
            let (open, close) = if name == "vec" {
                ('[', ']')
            } else {
                ('(', ')')
            };
            out.text.push_str(name);
            out.text.push('!');
            out.text.push(open);
            match args.as_slice() {
                [Expr::Repeat(value, len)] if name == "vec" => {
                    write_expr(out, value);
                    out.text.push_str("; ");
                    write_expr(out, len);
                }
                _ if args.iter().any(is_collected) && name != "vec" => {
                    let typed = args.iter().cloned().map(|arg| match arg {
                        Expr::Method(iter, name, rest) if name == "collect" => {
                            Expr::Method(iter, "collect::<Vec<_>>".into(), rest)
                        }
                        other => other,
                    });
                    write_list(out, &typed.collect::<Vec<_>>());
                }
                // `format!` borrows by itself what has a size.
                _ if matches!(name.as_str(), "format" | "print" | "println") => {
                    let plain = args.iter().map(|arg| match arg {
                        Expr::Ref(inner) if !inner.is_part() => (**inner).clone(),
                        other => other.clone(),
                    });
                    write_list(out, &inlined(plain.collect()));
                }
                _ => write_list(out, args),
            }
            out.text.push(close);
        }
        Expr::Unary(op, operand) => {
            out.text.push(match op {
                UnOp::Neg => '-',
                UnOp::Not => '!',
            });
            write_at(out, operand, 15);
        }
        Expr::Binary(op, left, right) => {
            let level = binary_precedence(*op);
            let comparison = level == 7;
            // Comparisons do not associate; `a as T < b` would read as generics.
            let left_level = if comparison { level + 1 } else { level };
            if (matches!(op, BinOp::Lt | BinOp::Shl) && ends_in_cast(left)) || is_mixed(*op, left) {
                out.text.push('(');
                write_expr(out, left);
                out.text.push(')');
            } else if *op == BinOp::And && left.has_let() {
                write_expr(out, left);
            } else {
                write_at(out, left, left_level);
            }
            out.text.push(' ');
            out.text.push_str(op.symbol());
            out.text.push(' ');
            // `let` is a condition only where no parentheses stand around it.
            if *op == BinOp::And && right.has_let() {
                write_expr(out, right);
            } else if is_mixed(*op, right) {
                out.text.push('(');
                write_expr(out, right);
                out.text.push(')');
            } else {
                write_at(out, right, level + 1);
            }
        }
        Expr::Cast(operand, ty) => {
            write_at(out, operand, 14);
            out.text.push_str(" as ");
            out.text.push_str(&ty.to_string());
        }
        // What never comes fits any type, but not behind a reference.
        Expr::Ref(operand) | Expr::RefMut(operand) if matches!(**operand, Expr::Hole(_)) => {
            write_at(out, operand, 0);
        }
        Expr::Ref(operand) => {
            out.text.push('&');
            write_at(out, operand, 15);
        }
        Expr::RefMut(operand) => {
            out.text.push_str("&mut ");
            write_at(out, operand, 15);
        }
        Expr::Deref(operand) => {
            out.text.push('*');
            write_at(out, operand, 15);
        }
        Expr::Try(operand) => {
            write_at(out, operand, 17);
            out.text.push('?');
        }
        Expr::If {
            cond,
            then,
            otherwise,
        } => {
            out.text.push_str("if ");
            write_condition(out, cond);
            out.text.push(' ');
            write_block(out, then);
            if let Some(otherwise) = otherwise {
                out.text.push_str(" else ");
                match else_if(otherwise) {
                    Some(nested) => write_expr(out, nested),
                    None => write_block(out, otherwise),
                }
            }
        }
        Expr::Let(pattern, value) => {
            out.text.push_str("let ");
            out.text.push_str(pattern);
            out.text.push_str(" = ");
            write_at(out, value, 6);
        }
        Expr::Match { subject, arms } if let Some(arm) = tested(arms) => {
            out.text.push_str("matches!(");
            write_expr(out, subject);
            out.text.push_str(&format!(", {}", arm.pattern));
            if let Some(guard) = &arm.guard {
                out.text.push_str(" if ");
                write_expr(out, guard);
            }
            out.text.push(')');
        }
        Expr::Match { subject, arms } => {
            out.text.push_str("match ");
            write_condition(out, subject);
            out.text.push_str(" {\n");
            for arm in arms {
                out.text.push_str(&arm.pattern);
                if let Some(guard) = &arm.guard {
                    out.text.push_str(" if ");
                    write_expr(out, guard);
                }
                out.text.push_str(" => ");
                match (&arm.body.stmts.is_empty(), &arm.body.value) {
                    (true, Some(value)) => {
                        write_expr(out, value);
                        out.text.push(',');
                    }
                    _ => write_block(out, &arm.body),
                }
                out.text.push('\n');
            }
            out.text.push('}');
        }
        Expr::Block(body) => write_block(out, body),
        Expr::Struct { name, fields, base } => {
            out.text.push_str(name);
            out.text.push_str(" { ");
            for (field, value) in fields {
                match value {
                    Expr::Atom(text) if text == field => out.text.push_str(field),
                    _ => {
                        out.text.push_str(field);
                        out.text.push_str(": ");
                        write_expr(out, value);
                    }
                }
                out.text.push_str(", ");
            }
            if let Some(base) = base {
                out.text.push_str("..");
                write_expr(out, base);
            }
            out.text.push('}');
        }
        Expr::Tuple(items) => {
            out.text.push('(');
            write_list(out, items);
            if items.len() == 1 {
                out.text.push(',');
            }
            out.text.push(')');
        }
        Expr::Array(items) => {
            out.text.push('[');
            write_list(out, items);
            out.text.push(']');
        }
        Expr::Repeat(value, len) => {
            out.text.push('[');
            write_expr(out, value);
            out.text.push_str("; ");
            write_expr(out, len);
            out.text.push(']');
        }
        Expr::Closure(params, body) => {
            out.text.push('|');
            out.text.push_str(params);
            out.text.push_str("| ");
            write_expr(out, body);
        }
        Expr::Range {
            low,
            high,
            inclusive,
        } => {
            if let Some(low) = low {
                write_at(out, low, 4);
            }
            out.text.push_str(if *inclusive { "..=" } else { ".." });
            if let Some(high) = high {
                write_at(out, high, 4);
            }
        }
        Expr::Hole(text) => {
            let text = text.replace('{', "{{").replace('}', "}}");
            out.text.push_str(&format!("todo!({text:?})"));
        }
    }
}

/// The arguments of `format!`, variables put into the text: `{name:>8}`.
fn inlined(args: Vec<Expr>) -> Vec<Expr> {
    let Some(Expr::Atom(format)) = args.first() else {
        return args;
    };
    // What names its values by their places stays as it is.
    if format.contains('$') {
        return args;
    }
    let mut values = args.iter().skip(1);
    let mut text = String::new();
    let mut left = Vec::new();
    let mut rest = format.as_str();
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        // A brace of the text, or an escape: `\u{301}`.
        let escape = before.ends_with("\\u");
        let end = match after.get(..2) {
            Some("{{") => 2,
            _ => after.find('}').map_or(after.len(), |end| end + 1),
        };
        let (field, tail) = after.split_at(end);
        rest = tail;
        if escape || field == "{{" {
            text.push_str(field);
            continue;
        }
        match values.next() {
            Some(Expr::Atom(name)) if is_variable(name) => {
                text.push('{');
                text.push_str(name);
                text.push_str(field.get(1..).unwrap_or("}"));
            }
            other => {
                text.push_str(field);
                left.extend(other.cloned());
            }
        }
    }
    text.push_str(rest);
    let mut out = vec![Expr::Atom(text)];
    out.extend(left);
    out.extend(values.cloned());
    out
}

/// Whether an atom is a variable or a constant, which may stand in a format string.
fn is_variable(atom: &str) -> bool {
    atom != "self"
        && atom.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && atom.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !matches!(atom, "true" | "false" | "_")
}

/// A struct literal or a block in a condition must stand in parentheses.
pub(super) fn write_condition(out: &mut Printed, e: &Expr) {
    if matches!(e, Expr::Struct { .. } | Expr::Block(_)) {
        out.text.push('(');
        write_expr(out, e);
        out.text.push(')');
    } else {
        let mut e = e.clone();
        close_literals(&mut e);
        write_expr(out, &e);
    }
}

/// Puts struct literals that stand free in a condition in parentheses.
fn close_literals(e: &mut Expr) {
    match e {
        Expr::Struct { .. } => {
            let literal = super::expr(e);
            *e = Expr::Atom(format!("({literal})"));
        }
        Expr::Binary(_, left, right) => {
            close_literals(left);
            close_literals(right);
        }
        // Their arguments stand in brackets.
        Expr::Method(inner, name, args) => {
            close_literals(inner);
            if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                args.iter_mut().for_each(close_literals);
            }
        }
        Expr::Unary(_, inner)
        | Expr::Field(inner, _)
        | Expr::Index(inner, _)
        | Expr::Ref(inner)
        | Expr::RefMut(inner)
        | Expr::Deref(inner)
        | Expr::Try(inner)
        | Expr::Cast(inner, _)
        | Expr::Let(_, inner) => close_literals(inner),
        Expr::Atom(_)
        | Expr::NegLit(_)
        | Expr::ConstInt { .. }
        | Expr::Call(..)
        | Expr::Macro(..)
        | Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Repeat(..)
        | Expr::If { .. }
        | Expr::Match { .. }
        | Expr::Block(_)
        | Expr::Closure(..)
        | Expr::Range { .. }
        | Expr::Hole(_) => {}
    }
}

fn ends_in_cast(e: &Expr) -> bool {
    match e {
        Expr::Cast(..) => true,
        Expr::Binary(_, _, right) => ends_in_cast(right),
        Expr::Unary(_, operand) => ends_in_cast(operand),
        _ => false,
    }
}

/// The `if` that an `else` block is nothing but.
pub(super) fn else_if(block: &Block) -> Option<&Expr> {
    match (block.stmts.as_slice(), &block.value) {
        ([], Some(value)) if matches!(**value, Expr::If { .. }) => Some(value),
        (
            [
                Stmt {
                    kind: StmtKind::Expr(e @ Expr::If { .. }),
                    ..
                },
            ],
            None,
        ) => Some(e),
        _ => None,
    }
}
