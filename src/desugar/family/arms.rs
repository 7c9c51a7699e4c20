//! The methods that a family has: each looks which class its object is.
//!
//! Enters: the classes of a family. Leaves: `match self: case Cruise() as cruise: return
//! cruise.step(x)` for each method and attribute that they have in common. This module must not
//! know which classes are a family.

use super::super::closures::statement;
use super::super::inherit::{name_at, snake};
use super::Family;
use crate::ast::{
    self, Block, Case, Class, Expr, ExprKind, Function, Ident, Keyword, MethodKind, NodeId, Param,
    ParamKind, Params, Pattern, PatternKind, Stmt, StmtKind,
};
use crate::source::Span;
use std::collections::BTreeMap;

/// Writes the methods of a family.
pub(super) struct Arms<'f> {
    pub(super) family: &'f Family,
    pub(super) renamed: &'f BTreeMap<String, String>,
    pub(super) at: Span,
    pub(super) next_id: &'f mut u32,
}

impl Arms<'_> {
    fn id(&mut self) -> NodeId {
        NodeId::next(self.next_id)
    }

    fn node(&mut self, kind: ExprKind) -> Expr {
        let id = self.id();
        let span = self.at;
        Expr { id, span, kind }
    }

    fn ident(&self, name: &str) -> Ident {
        Ident {
            span: self.at,
            name: name.to_string(),
        }
    }

    fn param(&mut self, name: &str, like: Option<&Param>) -> Param {
        let id = self.id();
        let default = like.and_then(|p| p.default.clone()).map(|mut default| {
            super::super::copies::expr(&mut default, self.next_id);
            default
        });
        Param {
            id,
            name: self.ident(name),
            kind: like.map_or(ParamKind::Normal, |p| p.kind),
            annotation: None,
            default,
        }
    }

    /// `case Cruise() as cruise: …`
    fn case(&mut self, variant: &str, body: impl FnOnce(&mut Self, &str) -> StmtKind) -> Case {
        let name = snake(variant);
        let name = match name.as_str() {
            "self" => "own".to_string(),
            _ => name,
        };
        let class = self
            .renamed
            .get(variant)
            .cloned()
            .unwrap_or_else(|| variant.to_string());
        let class = self.node(ExprKind::Name(class));
        let (inner, outer) = (self.id(), self.id());
        let kind = body(self, &name);
        let uses = matches!(kind, StmtKind::Raise { .. } | StmtKind::Pass);
        let class = Pattern {
            id: inner,
            span: self.at,
            kind: PatternKind::Class {
                class,
                positional: Vec::new(),
                keywords: Vec::new(),
            },
        };
        let pattern = match uses {
            true => class,
            false => Pattern {
                id: outer,
                span: self.at,
                kind: PatternKind::As {
                    pattern: Some(Box::new(class)),
                    name: Some(name),
                },
            },
        };
        let stmt = statement(kind, self.at, self.next_id);
        Case {
            span: self.at,
            pattern,
            guard: None,
            body: Block {
                stmts: vec![stmt],
                trailing: Vec::new(),
            },
        }
    }

    /// `raise AttributeError("'Stop' object has no attribute 'speed'")`
    fn missing(&mut self, variant: &str, name: &str) -> StmtKind {
        let text = format!("'{variant}' object has no attribute '{name}'");
        let text = self.node(ExprKind::Str(text));
        let class = self.node(ExprKind::Name("AttributeError".into()));
        let exc = self.node(ExprKind::Call {
            func: Box::new(class),
            args: vec![text],
            keywords: Vec::new(),
        });
        StmtKind::Raise {
            exc: Some(exc),
            cause: None,
        }
    }

    fn function(
        &mut self,
        name: &str,
        decorators: Vec<Expr>,
        params: Vec<Param>,
        cases: Vec<Case>,
    ) -> Stmt {
        let subject = name_at(self.at, "self", self.next_id);
        let body = statement(StmtKind::Match { subject, cases }, self.at, self.next_id);
        let function = Function {
            name: self.ident(name),
            decorators,
            params: Params { list: params },
            returns: None,
            doc: None,
            body: Block {
                stmts: vec![body],
                trailing: Vec::new(),
            },
            is_async: false,
        };
        statement(StmtKind::Function(function), self.at, self.next_id)
    }

    fn decorator(&mut self, name: &str, kind: MethodKind) -> Vec<Expr> {
        match kind {
            MethodKind::Property => vec![self.node(ExprKind::Name("property".into()))],
            MethodKind::Setter => {
                let value = Box::new(self.node(ExprKind::Name(name.to_string())));
                let attr = self.ident("setter");
                vec![self.node(ExprKind::Attribute { value, attr })]
            }
            MethodKind::Method | MethodKind::Static | MethodKind::Class => Vec::new(),
        }
    }

    /// A method that calls that of the class.
    pub(super) fn method(
        &mut self,
        name: &str,
        kind: MethodKind,
        classes: &[&Class],
        found: &[Option<&Function>],
    ) -> Option<Stmt> {
        let first = found.iter().flatten().next()?;
        let plain = |f: &&Function| {
            f.params
                .list
                .iter()
                .all(|p| matches!(p.kind, ParamKind::Normal | ParamKind::KeywordOnly))
        };
        if !found.iter().flatten().all(plain) {
            return None;
        }
        // What all of them take; what only some take has to have a default.
        let common = found.iter().flatten().map(|f| f.params.list.len()).min()?;
        let optional = |f: &&Function| {
            f.params
                .list
                .iter()
                .skip(common)
                .all(|p| p.default.is_some())
        };
        if !found.iter().flatten().all(optional) {
            return None;
        }
        let mut params = Vec::new();
        for (i, like) in first.params.list.iter().take(common).enumerate() {
            let has_default = like.default.is_some();
            let same = found.iter().flatten().all(|f| {
                f.params.list.get(i).is_some_and(|p| {
                    p.default.is_some() == has_default && literal(p) == literal(like)
                })
            });
            if i > 0 && has_default && !same {
                return None;
            }
            let own = match i {
                0 => "self".to_string(),
                _ => like.name.name.clone(),
            };
            let mut param = self.param(&own, (i > 0).then_some(like));
            if i > 0 {
                param.kind = kind_of_all(found, i)?;
            }
            params.push(param);
        }
        let names: Vec<(String, ParamKind)> = params
            .iter()
            .skip(1)
            .map(|p| (p.name.name.clone(), p.kind))
            .collect();
        let gives =
            kind == MethodKind::Property || found.iter().flatten().any(|f| gives_value(&f.body));
        let mut cases = Vec::new();
        for (class, function) in classes.iter().zip(found) {
            let variant = class.name.name.clone();
            let case = self.case(&variant, |this, own| {
                if function.is_none() {
                    return this.missing(&variant, name);
                }
                let value = Box::new(name_at(this.at, own, this.next_id));
                let attr = this.ident(name);
                let read = this.node(ExprKind::Attribute { value, attr });
                if kind == MethodKind::Property {
                    return StmtKind::Return(Some(read));
                }
                if kind == MethodKind::Setter {
                    let given = names.first().map_or("value", |(n, _)| n.as_str());
                    let value = name_at(this.at, given, this.next_id);
                    return StmtKind::Assign {
                        targets: vec![read],
                        value,
                    };
                }
                let mut args = Vec::new();
                let mut keywords = Vec::new();
                for (i, (name, kind)) in names.iter().enumerate() {
                    let value = name_at(this.at, name, this.next_id);
                    if *kind == ParamKind::KeywordOnly {
                        let theirs = function.and_then(|f| f.params.list.get(i + 1));
                        let theirs = theirs.map_or(name, |p| &p.name.name);
                        keywords.push(Keyword {
                            name: Some(this.ident(theirs)),
                            value,
                        });
                    } else {
                        args.push(value);
                    }
                }
                let func = match name {
                    "__call__" => name_at(this.at, own, this.next_id),
                    "__str__" | "__repr__" => {
                        let shown = name_at(this.at, own, this.next_id);
                        args.push(shown);
                        name_at(this.at, name.trim_matches('_'), this.next_id)
                    }
                    _ => read,
                };
                let call = this.node(ExprKind::Call {
                    func: Box::new(func),
                    args,
                    keywords,
                });
                match gives {
                    true => StmtKind::Return(Some(call)),
                    false => StmtKind::Expr(call),
                }
            });
            cases.push(case);
        }
        let decorators = self.decorator(name, kind);
        Some(self.function(name, decorators, params, cases))
    }

    /// A property for an attribute, or its setter.
    pub(super) fn attribute(
        &mut self,
        name: &str,
        classes: &[&Class],
        (has, comes): (&[bool], &[bool]),
        set: bool,
    ) -> Stmt {
        let mut params = vec![self.param("self", None)];
        if set {
            params.push(self.param("value", None));
        }
        let mut cases = Vec::new();
        for ((class, has), comes) in classes.iter().zip(has).zip(comes) {
            let variant = class.name.name.clone();
            let case = self.case(&variant, |this, own| {
                if !has && !set {
                    return this.missing(&variant, name);
                }
                let value = Box::new(name_at(this.at, own, this.next_id));
                let attr = this.ident(name);
                let place = this.node(ExprKind::Attribute { value, attr });
                if !has {
                    return StmtKind::Pass;
                }
                if *comes && !set {
                    // It is there once somebody has set it.
                    let missing = this.missing(&variant, name);
                    let missing = statement(missing, this.at, this.next_id);
                    let mut found = place.clone();
                    super::super::copies::expr(&mut found, this.next_id);
                    let back = statement(StmtKind::Return(Some(found)), this.at, this.next_id);
                    let none = this.node(ExprKind::None);
                    let test = this.node(ExprKind::Compare {
                        left: Box::new(place),
                        ops: vec![ast::CompareOp::Is],
                        rest: vec![none],
                    });
                    let block = |stmt| Block {
                        stmts: vec![stmt],
                        trailing: Vec::new(),
                    };
                    return StmtKind::If {
                        test,
                        body: block(missing),
                        orelse: block(back),
                    };
                }
                match set {
                    true => StmtKind::Assign {
                        targets: vec![place],
                        value: name_at(this.at, "value", this.next_id),
                    },
                    false => StmtKind::Return(Some(place)),
                }
            });
            cases.push(case);
        }
        let kind = match set {
            true => MethodKind::Setter,
            false => MethodKind::Property,
        };
        let decorators = self.decorator(name, kind);
        let _ = self.family;
        self.function(name, decorators, params, cases)
    }
}

/// How the callers may give a parameter, whichever class they call: by place, by name, or
/// both; nothing where there is no way for all.
fn kind_of_all(found: &[Option<&Function>], i: usize) -> Option<ParamKind> {
    let params = || found.iter().flatten().filter_map(|f| f.params.list.get(i));
    let first = params().next()?;
    let same_name = params().all(|p| p.name.name == first.name.name);
    let by_name = params().any(|p| p.kind == ParamKind::KeywordOnly);
    match (by_name, same_name) {
        (true, true) => Some(ParamKind::KeywordOnly),
        (true, false) => None,
        (false, true) => Some(ParamKind::Normal),
        (false, false) => Some(ParamKind::PositionalOnly),
    }
}

/// A default that is a literal, as text.
fn literal(param: &Param) -> Option<String> {
    Some(match &param.default.as_ref()?.kind {
        ExprKind::None => "None".to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Str(text) => format!("{text:?}"),
        ExprKind::Name(name) => name.clone(),
        _ => return None,
    })
}

/// Whether a block returns a value.
fn gives_value(block: &Block) -> bool {
    struct Returns(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Returns {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.0 |= matches!(&stmt.kind, StmtKind::Return(Some(e)) if !matches!(e.kind, ExprKind::None));
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Returns(false);
    ast::visit::Visitor::visit_block(&mut found, block);
    found.0
}
