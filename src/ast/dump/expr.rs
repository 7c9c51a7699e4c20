//! Expressions, parameters and patterns in a dump.

use super::{Dumper, flagged, quoted};
use crate::ast::*;
use std::fmt::Write;

impl Dumper {
    pub(super) fn exprs<'a>(&mut self, field: &str, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.expr(field, expr);
        }
    }

    pub(super) fn keywords(&mut self, keywords: &[Keyword]) {
        for keyword in keywords {
            match &keyword.name {
                Some(name) => self.expr(&format!("{}=", name.name), &keyword.value),
                None => self.expr("**", &keyword.value),
            }
        }
    }

    pub(super) fn params(&mut self, params: &Params) {
        for param in &params.list {
            let kind = match param.kind {
                ParamKind::PositionalOnly => "positional-only ",
                ParamKind::Normal => "",
                ParamKind::VarArgs => "*",
                ParamKind::KeywordOnly => "keyword-only ",
                ParamKind::KwArgs => "**",
            };
            self.node(
                "param",
                &format!("{kind}{}", param.name.name),
                param.name.span,
            );
            self.nested(|d| {
                d.exprs("annotation", &param.annotation);
                d.exprs("default", &param.default);
            });
        }
    }

    pub(super) fn expr(&mut self, field: &str, expr: &Expr) {
        let head = match &expr.kind {
            ExprKind::None => "None".to_owned(),
            ExprKind::Bool(true) => "True".to_owned(),
            ExprKind::Bool(false) => "False".to_owned(),
            ExprKind::Int(value) => format!("int 0x{value:x}"),
            ExprKind::Float(value) => format!("float {value:?}"),
            ExprKind::Imaginary(value) => format!("imaginary {value:?}"),
            ExprKind::Str(text) => format!("str {}", quoted(text)),
            ExprKind::Bytes(bytes) => {
                let mut text = String::from("bytes ");
                for byte in bytes {
                    let _ = write!(text, "{byte:02x}");
                }
                text
            }
            ExprKind::Ellipsis => "ellipsis".to_owned(),
            ExprKind::FString(_) => "fstring".to_owned(),
            ExprKind::Name(name) => format!("name {name}"),
            ExprKind::Attribute { attr, .. } => format!("attribute {}", attr.name),
            ExprKind::Subscript { .. } => "subscript".to_owned(),
            ExprKind::Slice { .. } => "slice".to_owned(),
            ExprKind::Call { .. } => "call".to_owned(),
            ExprKind::Unary { op, .. } => {
                let op = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Pos => "+",
                    UnaryOp::Invert => "~",
                    UnaryOp::Not => "not",
                };
                format!("unary {op}")
            }
            ExprKind::Binary { op, .. } => format!("binary {}", op.symbol()),
            ExprKind::Logical { op, .. } => match op {
                BoolOp::And => "and".to_owned(),
                BoolOp::Or => "or".to_owned(),
            },
            ExprKind::Compare { ops, .. } => {
                let ops: Vec<_> = ops.iter().map(|op| compare_symbol(*op)).collect();
                format!("compare {}", ops.join(" "))
            }
            ExprKind::Conditional { .. } => "conditional".to_owned(),
            ExprKind::Tuple(_) => "tuple".to_owned(),
            ExprKind::List(_) => "list".to_owned(),
            ExprKind::Set(_) => "set".to_owned(),
            ExprKind::Dict(_) => "dict".to_owned(),
            ExprKind::Starred(_) => "starred".to_owned(),
            ExprKind::Named { target, .. } => format!("named {}", target.name),
            ExprKind::Lambda { .. } => "lambda".to_owned(),
            ExprKind::Comprehension { kind, .. } => match kind {
                ComprehensionKind::List => "list-comprehension".to_owned(),
                ComprehensionKind::Set => "set-comprehension".to_owned(),
                ComprehensionKind::Dict => "dict-comprehension".to_owned(),
                ComprehensionKind::Generator => "generator".to_owned(),
            },
            ExprKind::Yield(_) => "yield".to_owned(),
            ExprKind::YieldFrom(_) => "yield-from".to_owned(),
            ExprKind::Await(_) => "await".to_owned(),
            ExprKind::Unsupported(what) => format!("unsupported {}", quoted(what)),
        };
        self.node(field, &head, expr.span);
        self.nested(|d| d.expr_children(&expr.kind));
    }

    fn expr_children(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::Attribute { value, attr: _ } => self.expr("value", value),
            ExprKind::Subscript { value, index } => {
                self.expr("value", value);
                self.expr("index", index);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.exprs("lower", lower.as_deref());
                self.exprs("upper", upper.as_deref());
                self.exprs("step", step.as_deref());
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr("func", func);
                self.exprs("arg", args);
                self.keywords(keywords);
            }
            ExprKind::Unary { op: _, operand } => self.expr("operand", operand),
            ExprKind::Binary { op: _, left, right } => {
                self.expr("left", left);
                self.expr("right", right);
            }
            ExprKind::Logical { op: _, values } => self.exprs("value", values),
            ExprKind::Compare { left, ops: _, rest } => {
                self.expr("left", left);
                self.exprs("right", rest);
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.expr("test", test);
                self.expr("body", body);
                self.expr("else", orelse);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.exprs("", items);
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    match key {
                        Some(key) => {
                            self.expr("key", key);
                            self.expr("value", value);
                        }
                        None => self.expr("**", value),
                    }
                }
            }
            ExprKind::Named { target: _, value }
            | ExprKind::Starred(value)
            | ExprKind::YieldFrom(value)
            | ExprKind::Await(value) => self.expr("value", value),
            ExprKind::Lambda { params, body } => {
                self.params(params);
                self.expr("body", body);
            }
            ExprKind::Comprehension {
                kind: _,
                element,
                value,
                clauses,
            } => {
                self.expr("element", element);
                self.exprs("value", value.as_deref());
                for clause in clauses {
                    self.line("", &flagged("for", clause.is_async));
                    self.nested(|d| {
                        d.expr("target", &clause.target);
                        d.expr("iter", &clause.iter);
                        d.exprs("if", &clause.ifs);
                    });
                }
            }
            ExprKind::Yield(value) => self.exprs("value", value.as_deref()),
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

    fn fstring(&mut self, parts: &[FStringPart]) {
        for part in parts {
            match part {
                FStringPart::Literal(text) => self.line("", &format!("literal {}", quoted(text))),
                FStringPart::Value {
                    value,
                    conversion,
                    spec,
                } => {
                    let conversion = match conversion {
                        None => "field",
                        Some(Conversion::Str) => "field !s",
                        Some(Conversion::Repr) => "field !r",
                        Some(Conversion::Ascii) => "field !a",
                    };
                    self.line("", conversion);
                    self.nested(|d| {
                        d.expr("value", value);
                        if !spec.is_empty() {
                            d.line("", "spec");
                            d.nested(|d| d.fstring(spec));
                        }
                    });
                }
            }
        }
    }

    pub(super) fn pattern(&mut self, field: &str, pattern: &Pattern) {
        let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "_".to_owned());
        let head = match &pattern.kind {
            PatternKind::Value(_) => "value-pattern".to_owned(),
            PatternKind::Singleton(_) => "singleton-pattern".to_owned(),
            PatternKind::Sequence(_) => "sequence-pattern".to_owned(),
            PatternKind::Mapping { rest, .. } => match rest {
                Some(rest) => format!("mapping-pattern **{rest}"),
                None => "mapping-pattern".to_owned(),
            },
            PatternKind::Class { .. } => "class-pattern".to_owned(),
            PatternKind::Star(name) => format!("star-pattern {}", named(name)),
            PatternKind::As { name, .. } => format!("as-pattern {}", named(name)),
            PatternKind::Or(_) => "or-pattern".to_owned(),
        };
        self.node(field, &head, pattern.span);
        self.nested(|d| match &pattern.kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => d.expr("", value),
            PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
                for pattern in patterns {
                    d.pattern("", pattern);
                }
            }
            PatternKind::Mapping { items, rest: _ } => {
                for (key, pattern) in items {
                    d.expr("key", key);
                    d.pattern("value", pattern);
                }
            }
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => {
                d.expr("class", class);
                for pattern in positional {
                    d.pattern("", pattern);
                }
                for (name, pattern) in keywords {
                    d.pattern(&format!("{name}="), pattern);
                }
            }
            PatternKind::As { pattern, name: _ } => {
                if let Some(pattern) = pattern {
                    d.pattern("", pattern);
                }
            }
            PatternKind::Star(_) => {}
        });
    }
}

fn compare_symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtE => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtE => ">=",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is-not",
        CompareOp::In => "in",
        CompareOp::NotIn => "not-in",
    }
}
