//! `except` clauses: what they catch, what they ask of the exception, and their Rust.

use super::sites::{AGAIN, is_made_of_text};
use crate::ast::{self, Expr as PyExpr, ExprKind, Handler, Stmt as PyStmt, StmtKind as PyKind};
use crate::desugar::{CLASS_NAME, EXCEPTION_REPR, FIRST_ARGUMENT};
use crate::diagnostic::Code;
use crate::infer::Path;
use crate::infer::scope::BlockRef;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::{Bound, FnLower};
use std::collections::BTreeSet;

/// What a handler asks for.
pub(in crate::lower) struct Asked {
    /// Its classes; none for everything.
    pub(in crate::lower::attempt) classes: Option<Vec<String>>,
    /// The variable of the message, where it is read.
    pub(in crate::lower::attempt) name: Option<String>,
    /// Whether only what is made of the message is read.
    pub(in crate::lower::attempt) silent: bool,
    /// Whether `e.args[0]` is the message of all that it catches.
    pub(in crate::lower::attempt) first_is_message: bool,
    /// The attributes that are read, with their variables.
    pub(in crate::lower::attempt) reads: Vec<(String, String)>,
    /// Whether it raises again what it caught.
    pub(in crate::lower::attempt) again: bool,
}

impl<'a> FnLower<'_, 'a> {
    /// What a handler asks for.
    pub(in crate::lower) fn asked(&mut self, handler: &Handler) -> Asked {
        let classes = handler.types.as_ref().map(|types| {
            crate::infer::class_names(types)
                .into_iter()
                .map(|e| self.lw.full_name(e))
                .collect::<Vec<String>>()
        });
        let all = classes
            .as_ref()
            .is_none_or(|c| c.iter().any(|c| c == "BaseException" || c == "Exception"));
        let (reads, again) = reads_exception(handler, &self.kept_by(classes.as_deref()));
        let first_is_message = self.first_is_message(classes.as_deref());
        let mut attributes = reads.attributes.clone();
        let message_as_first = first_is_message && attributes.remove(FIRST_ARGUMENT);
        let attributes = attributes.into_iter().map(|attr| {
            let wanted = format!("{}_{attr}", handler.name.as_ref().map_or("", |n| &n.name));
            let name = self.free_name(&wanted);
            (attr, name)
        });
        let attributes: Vec<(String, String)> = attributes.collect();
        // What is shown of it is made of its message.
        let itself = reads.itself || message_as_first;
        let silent = !itself && attributes.iter().any(|(attr, _)| is_made_of_text(attr));
        let reads = itself || silent;
        let name = match (&handler.name, reads) {
            (Some(_), true) => self
                .scope
                .names
                .get(&handler.id)
                .map(|version| self.var_name(version)),
            _ => None,
        };
        Asked {
            classes: if all { None } else { classes },
            name,
            silent,
            first_is_message,
            reads: attributes,
            again,
        }
    }

    /// Whether what these catch was made with its message: no KeyError shows another text of it,
    /// and nothing is raised without one.
    fn first_is_message(&self, classes: Option<&[String]>) -> bool {
        let own = &self.lw.input.model.exceptions;
        let others = [
            "KeyError",
            "OverflowError",
            "AssertionError",
            "StopIteration",
        ];
        let derives =
            |class: &str, from: &str| crate::catalog::exceptions::derives(class, from, own);
        classes.is_some_and(|classes| {
            let other = |class: &String| {
                others
                    .iter()
                    .any(|o| derives(o, class) || derives(class, o))
            };
            !classes.iter().any(other)
        })
    }

    /// What all exceptions that are caught as these keep beside their messages.
    fn kept_by(&self, classes: Option<&[String]>) -> BTreeSet<String> {
        let model = &self.lw.input.model;
        let always = [CLASS_NAME, FIRST_ARGUMENT, EXCEPTION_REPR].map(str::to_string);
        let mut out = BTreeSet::from(always);
        if let Some([class, ..]) = classes {
            let caught = classes.unwrap_or_default().join(crate::infer::OR);
            let kept = model.exception_attributes.get(class);
            let kept = kept.into_iter().flatten().map(|(attr, _)| attr.clone());
            out.extend(kept.filter(|attr| model.kept_attribute(&caught, attr).is_some()));
        }
        out
    }

    /// The Rust of a handler.
    pub(in crate::lower) fn handler(
        &mut self,
        handler: &'a Handler,
        asked: &Asked,
        of: BlockRef,
        owned: bool,
    ) -> Block {
        let version = self.scope.names.get(&handler.id).cloned();
        let named = version.clone().map(|version| Bound {
            path: Path::root(version.clone()),
            expr: Expr::atom(self.var_name(&version)),
            rty: if owned { RTy::String } else { RTy::Str },
            borrows: false,
        });
        let mut bounds: Vec<Bound> = named.into_iter().collect();
        if let (Some(bound), true) = (bounds.first().cloned(), asked.first_is_message) {
            bounds.push(Bound {
                path: bound.path.attr(FIRST_ARGUMENT),
                ..bound
            });
        }
        for (attr, name) in &asked.reads {
            let class = asked.classes.as_deref().and_then(<[String]>::first);
            let types = class.map_or_else(Vec::new, |class| self.lw.kept_types(class));
            let ty = match attr == CLASS_NAME {
                true => Some(RTy::Str),
                false if is_made_of_text(attr) => Some(RTy::String),
                false => types
                    .into_iter()
                    .find(|(own, _)| own == attr)
                    .and_then(|(_, ty)| ty),
            };
            bounds.push(Bound {
                path: Path::root(version.clone().unwrap_or_default()).attr(attr),
                expr: Expr::atom(name.clone()),
                rty: ty.unwrap_or(RTy::Unit),
                borrows: false,
            });
        }
        self.catching.push(Some(version.unwrap_or_default()));
        let block = self.block_in(&handler.body, of, &mut |this| {
            this.bounds.extend(bounds.iter().cloned());
        });
        self.catching.pop();
        block
    }

    /// `raise` and `raise e` in a handler: what it caught, once more.
    pub(in crate::lower) fn raises_again(&self, exc: Option<&PyExpr>) -> bool {
        let Some(Some(version)) = self.catching.last() else {
            return false;
        };
        match exc.map(|e| (&e.kind, self.scope.names.get(&e.id))) {
            None => true,
            Some((ExprKind::Name(_), Some(named))) => named == version,
            Some(_) => false,
        }
    }

    pub(in crate::lower) fn note_unreached(&mut self, handler: &Handler) {
        let what = handler.types.as_ref().map_or("it".to_string(), |t| {
            format!("`{}`", self.lw.input.source.slice(t.span))
        });
        let span = self.lw.first_line(handler.span);
        let message = format!("nothing in this `try` raises {what}: the handler is left out");
        self.lw.report(Code::UnreachedHandler, span, &message, None);
    }
}

/// `return Err(…)`, for what was caught.
pub(in crate::lower) fn again() -> Stmt {
    let error = Expr::call("Err", vec![Expr::atom(AGAIN)]);
    Stmt::new(StmtKind::Return(Some(error)))
}

/// What a handler reads of its exception.
#[derive(Default)]
pub(in crate::lower) struct Reads {
    /// Whether it reads the exception itself: its message.
    pub(in crate::lower) itself: bool,
    /// The attributes.
    pub(in crate::lower) attributes: BTreeSet<String>,
}

/// What a handler reads of its exception, which keeps `kept`, and whether it raises it again.
pub(in crate::lower) fn reads_exception(
    handler: &Handler,
    kept: &BTreeSet<String>,
) -> (Reads, bool) {
    struct Uses<'n> {
        name: Option<&'n str>,
        kept: &'n BTreeSet<String>,
        reads: Reads,
        again: bool,
    }
    impl Uses<'_> {
        fn is_it(&self, e: &PyExpr) -> bool {
            matches!(&e.kind, ExprKind::Name(n) if Some(n.as_str()) == self.name)
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
        fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
            match &stmt.kind {
                PyKind::Raise { exc: None, .. } => self.again = true,
                PyKind::Raise { exc: Some(exc), .. } if self.is_it(exc) => self.again = true,
                PyKind::Raise {
                    exc: Some(exc),
                    cause: Some(cause),
                } if self.is_it(cause) => self.visit_expr(exc),
                PyKind::Try {
                    body,
                    handlers,
                    orelse,
                    finalbody,
                } => {
                    self.visit_block(body);
                    for inner in handlers {
                        // A bare `raise` in there is about the inner exception.
                        let again = self.again;
                        self.visit_block(&inner.body);
                        self.again = again;
                    }
                    self.visit_block(orelse);
                    self.visit_block(finalbody);
                }
                _ => ast::visit::walk_stmt(self, stmt),
            }
        }
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            match &e.kind {
                ExprKind::Attribute { value, attr }
                    if self.is_it(value) && self.kept.contains(&attr.name) =>
                {
                    self.reads.attributes.insert(attr.name.clone());
                }
                _ => {
                    self.reads.itself |= self.is_it(e);
                    ast::visit::walk_expr(self, e);
                }
            }
        }
    }
    let mut uses = Uses {
        name: handler.name.as_ref().map(|n| n.name.as_str()),
        kept,
        reads: Reads::default(),
        again: false,
    };
    ast::visit::Visitor::visit_block(&mut uses, &handler.body);
    (uses.reads, uses.again)
}
