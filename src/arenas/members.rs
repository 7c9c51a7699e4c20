//! The objects of a class, as a list of the module.
//!
//! Enters: the module and a class. Leaves: the module where its objects lie in a list, in the
//! order in which they are made, and names of them are positions. This module must not know
//! how uses are rewritten.

use super::known::Known;
use super::rewrite::{self, Form};
use super::single::names_in_fields;
use crate::ast::{
    Block, Expr, ExprKind, Function, Ident, Keyword, Module, NodeId, Param, ParamKind, Params,
    Stmt, StmtKind,
};
use crate::catalog::position;
use crate::desugar::snake;
use crate::source::Span;

/// Makes a list of the objects of `class`; nothing where some are made while the task runs.
pub(super) fn members(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let definition = known.class(class)?;
    let running = known.running();
    let sites = known.sites(class);
    if sites
        .iter()
        .any(|(key, _)| key.is_some_and(|key| running.contains(key)))
        || names_in_fields(module, class)
    {
        return None;
    }
    let one = snake(class);
    let list = [
        format!("{one}s"),
        format!("all_{one}s"),
        format!("{one}_objects"),
    ];
    let list = list.into_iter().find(|name| !known.is_taken(name))?;
    let maker = [format!("new_{one}"), format!("make_new_{one}")];
    let maker = maker.into_iter().find(|name| !known.is_taken(name))?;
    let form = Form::Members {
        list: list.clone(),
        maker: maker.clone(),
    };
    let (mut rewritten, users) = rewrite::module(module, known, class, &form).ok()?;
    // While one is made the list is not at hand.
    let constructor = format!("{class}.__init__");
    let making = known.functions.get_key_value(constructor.as_str());
    let early = known.reached_by(making.map(|(key, _)| key.as_str()));
    let makes = |key: &&str| sites.iter().any(|(at, _)| *at == Some(*key));
    if early.iter().any(|key| users.contains(*key) || makes(key)) {
        return None;
    }
    let mut next_id = rewritten.node_count;
    let mut build = Build {
        next_id: &mut next_id,
        span: definition.name.span,
    };
    let own = known.functions.get(&constructor).map(|own| own.function);
    let function = build.maker(class, &maker, &list, own)?;
    let empty = build.empty(&list);
    let stmts = &mut rewritten.body.stmts;
    let after = stmts
        .iter()
        .position(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == class))?;
    stmts.insert(after + 1, function);
    let first = stmts.iter().position(|s| {
        matches!(
            s.kind,
            StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Expr(_)
        )
    });
    stmts.insert(first?, empty);
    rewritten.node_count = next_id;
    Some(rewritten)
}

/// Makes nodes that the Python does not spell out.
struct Build<'n> {
    next_id: &'n mut u32,
    span: Span,
}

impl Build<'_> {
    fn id(&mut self) -> NodeId {
        let id = NodeId(*self.next_id);
        *self.next_id += 1;
        id
    }

    fn expr(&mut self, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            span: self.span,
            kind,
        }
    }

    fn name(&mut self, name: &str) -> Expr {
        self.expr(ExprKind::Name(name.to_string()))
    }

    fn ident(&self, name: &str) -> Ident {
        Ident {
            span: self.span,
            name: name.to_string(),
        }
    }

    fn call(&mut self, func: Expr, args: Vec<Expr>, keywords: Vec<Keyword>) -> Expr {
        self.expr(ExprKind::Call {
            func: Box::new(func),
            args,
            keywords,
        })
    }

    fn stmt(&mut self, kind: StmtKind) -> Stmt {
        Stmt {
            id: self.id(),
            span: self.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind,
        }
    }

    /// `motors = []`
    fn empty(&mut self, list: &str) -> Stmt {
        let target = self.name(list);
        let value = self.expr(ExprKind::List(Vec::new()));
        self.stmt(StmtKind::Assign {
            targets: vec![target],
            value,
        })
    }

    /// The function that makes an object, adds it to the list, and gives its position.
    fn maker(
        &mut self,
        class: &str,
        name: &str,
        list: &str,
        constructor: Option<&Function>,
    ) -> Option<Stmt> {
        let own = constructor.map_or(&[][..], |f| f.params.list.get(1..).unwrap_or(&[]));
        let (mut params, mut args, mut keywords) = (Vec::new(), Vec::new(), Vec::new());
        for param in own {
            let mut copy = Param {
                id: self.id(),
                ..param.clone()
            };
            if let Some(default) = &mut copy.default {
                crate::ast::rewrite::expr(default, &mut |e| e.id = self.id());
            }
            let value = self.name(&param.name.name);
            match param.kind {
                ParamKind::PositionalOnly | ParamKind::Normal => args.push(value),
                ParamKind::KeywordOnly => keywords.push(Keyword {
                    name: Some(param.name.clone()),
                    value,
                }),
                ParamKind::VarArgs | ParamKind::KwArgs => return None,
            }
            params.push(copy);
        }
        let func = self.name(class);
        let object = self.call(func, args, keywords);
        let objects = self.name(list);
        let attr = self.ident("append");
        let append = self.expr(ExprKind::Attribute {
            value: Box::new(objects),
            attr,
        });
        let added = self.call(append, vec![object], Vec::new());
        let added = self.stmt(StmtKind::Expr(added));
        let (len, objects) = (self.name("len"), self.name(list));
        let len = self.call(len, vec![objects], Vec::new());
        let known = self.name(position::KNOWN);
        let place = self.call(known, vec![len], Vec::new());
        let at = ["at", "position", "new_at"];
        let at = at
            .into_iter()
            .find(|at| own.iter().all(|p| p.name.name != *at))?;
        let target = self.name(at);
        let counted = self.stmt(StmtKind::Assign {
            targets: vec![target],
            value: place,
        });
        let at = self.name(at);
        let given = self.stmt(StmtKind::Return(Some(at)));
        let name = self.ident(name);
        Some(self.stmt(StmtKind::Function(Function {
            name,
            decorators: Vec::new(),
            params: Params { list: params },
            returns: None,
            doc: None,
            body: Block {
                stmts: vec![counted, added, given],
                trailing: Vec::new(),
            },
            is_async: false,
        })))
    }
}
