//! Pieces of the tree that the Python does not spell out.
//!
//! Enters: where a piece belongs. Leaves: expressions, statements and functions with ids of
//! their own and the span of that place. This module must not know why they are made.

use crate::ast::{
    BinaryOp, Block, Case, CompareOp, Expr, ExprKind, Function, Ident, Keyword, NodeId, Param,
    ParamKind, Params, Pattern, PatternKind, Stmt, StmtKind,
};
use crate::source::Span;

/// Makes nodes of one place.
pub(crate) struct Build<'n> {
    pub(crate) next_id: &'n mut u32,
    pub(crate) span: Span,
}

impl Build<'_> {
    fn id(&mut self) -> NodeId {
        NodeId::next(self.next_id)
    }

    fn ident(&self, name: &str) -> Ident {
        Ident {
            span: self.span,
            name: name.to_string(),
        }
    }

    pub(crate) fn expr(&mut self, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            span: self.span,
            kind,
        }
    }

    pub(crate) fn name(&mut self, name: &str) -> Expr {
        self.expr(ExprKind::Name(name.to_string()))
    }

    /// `value.attr`
    pub(crate) fn attr(&mut self, value: Expr, attr: &str) -> Expr {
        let attr = self.ident(attr);
        let value = Box::new(value);
        self.expr(ExprKind::Attribute { value, attr })
    }

    /// `own.attr`
    pub(crate) fn of(&mut self, own: &str, attr: &str) -> Expr {
        let own = self.name(own);
        self.attr(own, attr)
    }

    /// `{"a": 1}` for `a=1`; nothing where a `**` stands among them.
    pub(crate) fn entries(&mut self, keywords: &[Keyword]) -> Option<ExprKind> {
        let entries = keywords.iter().map(|keyword| {
            let Ident { span, name } = keyword.name.clone()?;
            let key = Expr {
                id: self.id(),
                span,
                kind: ExprKind::Str(name),
            };
            Some((Some(key), keyword.value.clone()))
        });
        let entries: Option<Vec<_>> = entries.collect();
        entries.map(ExprKind::Dict)
    }

    /// Another expression of the same text.
    pub(crate) fn again(&mut self, e: &Expr) -> Expr {
        let mut again = e.clone();
        super::copies::expr(&mut again, self.next_id);
        again
    }

    /// The item `i` of what has `count` of them and no more: see [`crate::ast::exactly`].
    pub(crate) fn item_of(&mut self, value: &Expr, i: usize, count: usize) -> Expr {
        let value = self.again(value);
        self.span = value.span;
        let left = self.expr(ExprKind::Int(i.into()));
        let right = self.expr(ExprKind::Int(count.into()));
        let index = self.expr(ExprKind::Binary {
            left: Box::new(left),
            op: BinaryOp::Mod,
            right: Box::new(right),
        });
        self.expr(ExprKind::Subscript {
            value: Box::new(value),
            index: Box::new(index),
        })
    }

    /// `func(args)`
    pub(crate) fn call(&mut self, func: Expr, args: Vec<Expr>) -> Expr {
        self.expr(ExprKind::Call {
            func: Box::new(func),
            args,
            keywords: Vec::new(),
        })
    }

    /// `name=value`
    pub(crate) fn keyword(&self, name: &str, value: Expr) -> Keyword {
        let name = Some(self.ident(name));
        Keyword { name, value }
    }

    /// `a op b`
    pub(crate) fn compare(&mut self, a: Expr, op: CompareOp, b: Expr) -> Expr {
        self.expr(ExprKind::Compare {
            left: Box::new(a),
            ops: vec![op],
            rest: vec![b],
        })
    }

    pub(crate) fn stmt(&mut self, kind: StmtKind) -> Stmt {
        Stmt {
            id: self.id(),
            span: self.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind,
        }
    }

    /// `target = value`
    pub(crate) fn assign(&mut self, target: Expr, value: Expr) -> Stmt {
        self.stmt(StmtKind::Assign {
            targets: vec![target],
            value,
        })
    }

    pub(crate) fn param(&mut self, name: &str, kind: ParamKind, default: Option<Expr>) -> Param {
        Param {
            id: self.id(),
            name: self.ident(name),
            kind,
            annotation: None,
            default,
        }
    }

    /// `def name(params): body`
    pub(crate) fn function(&mut self, name: &str, params: Vec<Param>, body: Vec<Stmt>) -> Stmt {
        let name = self.ident(name);
        self.stmt(StmtKind::Function(Function {
            name,
            decorators: Vec::new(),
            params: Params { list: params },
            returns: None,
            doc: None,
            body: Block {
                stmts: body,
                trailing: Vec::new(),
            },
            is_async: false,
        }))
    }

    /// `case Class() as name: stmts`
    pub(crate) fn case(&mut self, class: &str, name: &str, stmts: Vec<Stmt>) -> Case {
        let class = self.name(class);
        let pattern = self.pattern(PatternKind::Class {
            class,
            positional: Vec::new(),
            keywords: Vec::new(),
        });
        let pattern = self.pattern(PatternKind::As {
            pattern: Some(Box::new(pattern)),
            name: Some(name.to_string()),
        });
        self.case_of(pattern, stmts)
    }

    /// `case _: stmts`
    pub(crate) fn other_cases(&mut self, stmts: Vec<Stmt>) -> Case {
        let pattern = self.pattern(PatternKind::As {
            pattern: None,
            name: None,
        });
        self.case_of(pattern, stmts)
    }

    fn pattern(&mut self, kind: PatternKind) -> Pattern {
        Pattern {
            id: self.id(),
            span: self.span,
            kind,
        }
    }

    fn case_of(&self, pattern: Pattern, stmts: Vec<Stmt>) -> Case {
        Case {
            span: self.span,
            pattern,
            guard: None,
            body: Block {
                stmts,
                trailing: Vec::new(),
            },
        }
    }

    /// `def name(self, other): return value`
    pub(crate) fn operator(&mut self, name: &str, others: &[&str], value: Expr) -> Stmt {
        let mut params = vec![self.param("self", ParamKind::Normal, None)];
        for other in others {
            params.push(self.param(other, ParamKind::Normal, None));
        }
        let body = self.stmt(StmtKind::Return(Some(value)));
        self.function(name, params, vec![body])
    }
}

/// The statement of that function in a class's body.
pub(crate) fn method<'c>(body: &'c Block, name: &str) -> Option<&'c Function> {
    body.stmts.iter().find_map(|s| match &s.kind {
        StmtKind::Function(f) if f.name.name == name => Some(f),
        _ => None,
    })
}

/// Whether an expression is what a module calls `name`, however it was imported.
pub(crate) fn is_named(e: &Expr, module: &str, name: &str) -> bool {
    match &e.kind {
        ExprKind::Name(n) => n == name,
        ExprKind::Attribute { value, attr } => {
            attr.name == name && matches!(&value.kind, ExprKind::Name(n) if n == module)
        }
        _ => false,
    }
}
