//! Expressions.

use super::{Converter, operator, span};
use crate::ast::{Clause, ComprehensionKind, Expr, ExprKind, Ident, Keyword};
use crate::source::Span;
use rustpython_parser::ast as py;

impl Converter<'_> {
    pub(super) fn expr_kind(&mut self, expr: py::Expr, at: Span) -> ExprKind {
        match expr {
            py::Expr::BoolOp(e) => ExprKind::Logical {
                op: operator::logical(e.op),
                values: self.exprs(e.values),
            },
            py::Expr::NamedExpr(e) => self.named(e),
            py::Expr::BinOp(e) => ExprKind::Binary {
                op: operator::binary(e.op),
                left: self.boxed(*e.left),
                right: self.boxed(*e.right),
            },
            py::Expr::UnaryOp(e) => ExprKind::Unary {
                op: operator::unary(e.op),
                operand: self.boxed(*e.operand),
            },
            py::Expr::Lambda(e) => ExprKind::Lambda {
                params: Box::new(self.params(*e.args)),
                body: self.boxed(*e.body),
            },
            py::Expr::IfExp(e) => {
                let body = self.boxed(*e.body);
                ExprKind::Conditional {
                    body,
                    test: self.boxed(*e.test),
                    orelse: self.boxed(*e.orelse),
                }
            }
            py::Expr::Dict(e) => ExprKind::Dict(
                e.keys
                    .into_iter()
                    .zip(e.values)
                    .map(|(key, value)| (key.map(|key| self.expr(key)), self.expr(value)))
                    .collect(),
            ),
            py::Expr::Set(e) => ExprKind::Set(self.exprs(e.elts)),
            py::Expr::ListComp(e) => {
                self.comprehension(ComprehensionKind::List, *e.elt, None, e.generators)
            }
            py::Expr::SetComp(e) => {
                self.comprehension(ComprehensionKind::Set, *e.elt, None, e.generators)
            }
            py::Expr::DictComp(e) => {
                self.comprehension(ComprehensionKind::Dict, *e.key, Some(e.value), e.generators)
            }
            py::Expr::GeneratorExp(e) => {
                self.comprehension(ComprehensionKind::Generator, *e.elt, None, e.generators)
            }
            py::Expr::Await(e) => ExprKind::Await(self.boxed(*e.value)),
            py::Expr::Yield(e) => ExprKind::Yield(self.opt_boxed(e.value)),
            py::Expr::YieldFrom(e) => ExprKind::YieldFrom(self.boxed(*e.value)),
            py::Expr::Compare(e) => ExprKind::Compare {
                left: self.boxed(*e.left),
                ops: e.ops.into_iter().map(operator::compare).collect(),
                rest: self.exprs(e.comparators),
            },
            py::Expr::Call(e) => {
                let func = self.boxed(*e.func);
                let (args, keywords) = self.arguments(e.args, e.keywords);
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                }
            }
            py::Expr::FormattedValue(_) | py::Expr::JoinedStr(_) => {
                ExprKind::Unsupported("an f-string".to_owned())
            }
            py::Expr::Constant(e) => self.constant(e.value, at),
            py::Expr::Attribute(e) => ExprKind::Attribute {
                value: self.boxed(*e.value),
                attr: Self::ident_to(at.end, e.attr),
            },
            py::Expr::Subscript(e) => ExprKind::Subscript {
                value: self.boxed(*e.value),
                index: self.index(*e.slice),
            },
            py::Expr::Starred(e) => ExprKind::Starred(self.boxed(*e.value)),
            py::Expr::Name(e) => ExprKind::Name(e.id.into()),
            py::Expr::List(e) => ExprKind::List(self.exprs(e.elts)),
            py::Expr::Tuple(e) => ExprKind::Tuple(self.exprs(e.elts)),
            py::Expr::Slice(e) => ExprKind::Slice {
                lower: self.opt_boxed(e.lower),
                upper: self.opt_boxed(e.upper),
                step: self.opt_boxed(e.step),
            },
        }
    }

    fn named(&mut self, expr: py::ExprNamedExpr) -> ExprKind {
        let target = match *expr.target {
            py::Expr::Name(name) => Ident {
                span: span(name.range),
                name: name.id.into(),
            },
            _ => return ExprKind::Unsupported("`:=` with this target".to_owned()),
        };
        let value = self.boxed(*expr.value);
        ExprKind::Named { target, value }
    }

    fn constant(&mut self, value: py::Constant, at: Span) -> ExprKind {
        match value {
            py::Constant::None => ExprKind::None,
            py::Constant::Bool(value) => ExprKind::Bool(value),
            py::Constant::Str(text) => self.string(text, at),
            py::Constant::Bytes(bytes) => ExprKind::Bytes(bytes),
            py::Constant::Int(value) => ExprKind::Int(value),
            py::Constant::Float(value) => ExprKind::Float(value),
            py::Constant::Complex { real: _, imag } => ExprKind::Imaginary(imag),
            py::Constant::Ellipsis => ExprKind::Ellipsis,
            py::Constant::Tuple(_) => ExprKind::Unsupported("a constant tuple".to_owned()),
        }
    }

    /// `a[*b]` has a tuple as index, as in CPython.
    fn index(&mut self, slice: py::Expr) -> Box<Expr> {
        match slice {
            py::Expr::Starred(starred) => {
                let id = self.id();
                let at = span(starred.range);
                let item = self.expr(py::Expr::Starred(starred));
                Box::new(Expr {
                    id,
                    span: at,
                    kind: ExprKind::Tuple(vec![item]),
                })
            }
            slice => self.boxed(slice),
        }
    }

    pub(super) fn arguments(
        &mut self,
        args: Vec<py::Expr>,
        keywords: Vec<py::Keyword>,
    ) -> (Vec<Expr>, Vec<Keyword>) {
        let args = self.exprs(args);
        let keywords = keywords
            .into_iter()
            .map(|keyword| Keyword {
                name: keyword
                    .arg
                    .map(|name| Self::ident_from(keyword.range.start().into(), name)),
                value: self.expr(keyword.value),
            })
            .collect();
        (args, keywords)
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: py::Expr,
        value: Option<Box<py::Expr>>,
        generators: Vec<py::Comprehension>,
    ) -> ExprKind {
        ExprKind::Comprehension {
            kind,
            element: self.boxed(element),
            value: self.opt_boxed(value),
            clauses: generators
                .into_iter()
                .map(|generator| Clause {
                    target: self.expr(generator.target),
                    iter: self.expr(generator.iter),
                    ifs: self.exprs(generator.ifs),
                    is_async: generator.is_async,
                })
                .collect(),
        }
    }
}
