//! Statements.

use super::{Converter, TOO_DEEP, operator, span};
use crate::ast::{Alias, Block, Case, Expr, ExprKind, Handler, Ident, Stmt, StmtKind};
use crate::source::Span;
use rustpython_parser::ast::{self as py, Ranged};

impl Converter<'_> {
    pub(super) fn stmt(&mut self, stmt: py::Stmt) -> Stmt {
        let id = self.id();
        let mut at = span(stmt.range());
        at.start = match &stmt {
            py::Stmt::FunctionDef(s) => self.start_of(&s.decorator_list, at.start),
            py::Stmt::AsyncFunctionDef(s) => self.start_of(&s.decorator_list, at.start),
            py::Stmt::ClassDef(s) => self.start_of(&s.decorator_list, at.start),
            _ => at.start,
        };
        let kind = if self.depth >= super::MAX_DEPTH {
            StmtKind::Unsupported(TOO_DEEP.to_owned())
        } else {
            self.depth += 1;
            let kind = self.stmt_kind(stmt);
            self.depth -= 1;
            kind
        };
        Stmt {
            id,
            span: at,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind,
        }
    }

    fn stmt_kind(&mut self, stmt: py::Stmt) -> StmtKind {
        match stmt {
            py::Stmt::FunctionDef(s) => self.function(s, false),
            py::Stmt::AsyncFunctionDef(s) => {
                let def = py::StmtFunctionDef {
                    range: s.range,
                    name: s.name,
                    args: s.args,
                    body: s.body,
                    decorator_list: s.decorator_list,
                    returns: s.returns,
                    type_comment: s.type_comment,
                    type_params: s.type_params,
                };
                self.function(def, true)
            }
            py::Stmt::ClassDef(s) => self.class(s),
            py::Stmt::Return(s) => StmtKind::Return(self.opt(s.value)),
            py::Stmt::Delete(s) => StmtKind::Delete(self.exprs(s.targets)),
            py::Stmt::Assign(s) => StmtKind::Assign {
                targets: self.exprs(s.targets),
                value: self.expr(*s.value),
            },
            py::Stmt::TypeAlias(_) => {
                StmtKind::Unsupported("a `type` statement (Python 3.12)".to_owned())
            }
            py::Stmt::AugAssign(s) => StmtKind::AugAssign {
                target: self.expr(*s.target),
                op: operator::binary(s.op),
                value: self.expr(*s.value),
            },
            py::Stmt::AnnAssign(s) => StmtKind::AnnAssign {
                target: self.expr(*s.target),
                annotation: self.expr(*s.annotation),
                value: self.opt(s.value),
            },
            py::Stmt::For(s) => self.for_loop(*s.target, *s.iter, s.body, s.orelse, false),
            py::Stmt::AsyncFor(s) => self.for_loop(*s.target, *s.iter, s.body, s.orelse, true),
            py::Stmt::While(s) => StmtKind::While {
                test: self.expr(*s.test),
                body: self.block(s.body),
                orelse: self.block(s.orelse),
            },
            py::Stmt::If(s) => StmtKind::If {
                test: self.expr(*s.test),
                body: self.block(s.body),
                orelse: self.block(s.orelse),
            },
            py::Stmt::With(s) => self.with(s.items, s.body, false),
            py::Stmt::AsyncWith(s) => self.with(s.items, s.body, true),
            py::Stmt::Match(s) => self.match_stmt(s),
            py::Stmt::Raise(s) => StmtKind::Raise {
                exc: self.opt(s.exc),
                cause: self.opt(s.cause),
            },
            py::Stmt::Try(s) => StmtKind::Try {
                body: self.block(s.body),
                handlers: s.handlers.into_iter().map(|h| self.handler(h)).collect(),
                orelse: self.block(s.orelse),
                finalbody: self.block(s.finalbody),
            },
            py::Stmt::TryStar(_) => StmtKind::Unsupported("`except*`".to_owned()),
            py::Stmt::Assert(s) => StmtKind::Assert {
                test: self.expr(*s.test),
                message: self.opt(s.msg),
            },
            py::Stmt::Import(s) => StmtKind::Import(s.names.into_iter().map(alias).collect()),
            py::Stmt::ImportFrom(s) => StmtKind::ImportFrom {
                module: s.module.map(String::from),
                level: s.level.map_or(0, |level| level.to_u32()),
                names: s.names.into_iter().map(alias).collect(),
            },
            py::Stmt::Global(s) => {
                StmtKind::Global(s.names.into_iter().map(String::from).collect())
            }
            py::Stmt::Nonlocal(s) => {
                StmtKind::Nonlocal(s.names.into_iter().map(String::from).collect())
            }
            py::Stmt::Expr(s) => StmtKind::Expr(self.expr(*s.value)),
            py::Stmt::Pass(_) => StmtKind::Pass,
            py::Stmt::Break(_) => StmtKind::Break,
            py::Stmt::Continue(_) => StmtKind::Continue,
        }
    }

    fn for_loop(
        &mut self,
        target: py::Expr,
        iter: py::Expr,
        body: Vec<py::Stmt>,
        orelse: Vec<py::Stmt>,
        is_async: bool,
    ) -> StmtKind {
        StmtKind::For {
            target: self.expr(target),
            iter: self.expr(iter),
            body: self.block(body),
            orelse: self.block(orelse),
            is_async,
        }
    }

    fn with(&mut self, items: Vec<py::WithItem>, body: Vec<py::Stmt>, is_async: bool) -> StmtKind {
        StmtKind::With {
            items: items
                .into_iter()
                .map(|item| (self.expr(item.context_expr), self.opt(item.optional_vars)))
                .collect(),
            body: self.block(body),
            is_async,
        }
    }

    fn match_stmt(&mut self, stmt: py::StmtMatch) -> StmtKind {
        let whole = span(stmt.range);
        let mut subject = *stmt.subject;
        let at = span(subject.range());
        // The crate gives a bare tuple the place of the statement, and forgets that
        // `match x,:` has a tuple.
        let mut single = None;
        if let py::Expr::Tuple(tuple) = &mut subject
            && at.start == whole.start
        {
            if let (Some(first), Some(last)) = (tuple.elts.first(), tuple.elts.last()) {
                tuple.range = first.range().cover(last.range());
            }
        } else if self.rest(self.skip(at.end, ")")).starts_with(',') {
            single = Some(self.id());
        }
        let mut subject = self.expr(subject);
        if let Some(id) = single {
            subject = Expr {
                id,
                span: at,
                kind: ExprKind::Tuple(vec![subject]),
            };
        }
        StmtKind::Match {
            subject,
            cases: stmt.cases.into_iter().map(|case| self.case(case)).collect(),
        }
    }

    fn case(&mut self, case: py::MatchCase) -> Case {
        let pattern = self.pattern(case.pattern);
        let guard = self.opt(case.guard);
        let body = self.block(case.body);
        let before = self.masked.get(..pattern.span.start as usize).unwrap_or("");
        let start = before
            .rfind("case")
            .map_or(pattern.span.start, |at| at as u32);
        Case {
            span: Span::new(start, end_of(&body).unwrap_or(pattern.span.end)),
            pattern,
            guard,
            body,
        }
    }

    fn handler(&mut self, handler: py::ExceptHandler) -> Handler {
        let py::ExceptHandler::ExceptHandler(handler) = handler;
        let types = self.opt(handler.type_);
        let after = types.as_ref().map_or(0, |types| types.span.end);
        let name = handler.name.map(|name| {
            let word = self.skip(after, ")");
            self.ident_after(word, &["as"], name)
        });
        Handler {
            id: self.id(),
            span: span(handler.range),
            types,
            name,
            body: self.block(handler.body),
        }
    }
}

fn end_of(block: &Block) -> Option<u32> {
    block.stmts.last().map(|stmt| stmt.span.end)
}

fn alias(alias: py::Alias) -> Alias {
    let at = span(alias.range);
    let name: String = alias.name.into();
    match alias.asname {
        None => Alias {
            name: Ident { span: at, name },
            alias: None,
        },
        Some(asname) => Alias {
            name: Converter::ident_from(at.start, name),
            alias: Some(Converter::ident_to(at.end, asname)),
        },
    }
}
