//! Functions, classes and parameters.

use super::{Converter, span};
use crate::ast::{Class, Expr, Function, Param, ParamKind, Params, StmtKind};
use crate::diagnostic::{Code, Diagnostic};
use rustpython_parser::ast::{self as py, Ranged};

impl Converter<'_> {
    pub(super) fn function(&mut self, mut def: py::StmtFunctionDef, is_async: bool) -> StmtKind {
        let start = def.range.start().into();
        let words: &[&str] = if is_async {
            &["async", "def"]
        } else {
            &["def"]
        };
        let name = self.ident_after(start, words, def.name);
        self.type_params(&def.type_params);
        let doc = self.docstring(&mut def.body);
        StmtKind::Function(Function {
            name,
            decorators: self.exprs(def.decorator_list),
            params: self.params(*def.args),
            returns: self.opt(def.returns),
            doc,
            body: self.block(def.body),
            is_async,
        })
    }

    pub(super) fn class(&mut self, mut def: py::StmtClassDef) -> StmtKind {
        let name = self.ident_after(def.range.start().into(), &["class"], def.name);
        self.type_params(&def.type_params);
        let doc = self.docstring(&mut def.body);
        let decorators = self.exprs(def.decorator_list);
        let (bases, keywords) = self.arguments(def.bases, def.keywords);
        StmtKind::Class(Class {
            decorators,
            bases,
            keywords,
            doc,
            body: self.block(def.body),
            ..Class::of(name, Vec::new())
        })
    }

    /// Where a function or class starts, its decorators included.
    pub(super) fn start_of(&self, decorators: &[py::Expr], start: u32) -> u32 {
        let Some(first) = decorators.first() else {
            return start;
        };
        let before = self.masked.get(..first.start().to_usize()).unwrap_or("");
        before.rfind('@').map_or(start, |at| at as u32)
    }

    fn type_params(&mut self, params: &[py::TypeParam]) {
        let (Some(first), Some(last)) = (params.first(), params.last()) else {
            return;
        };
        let at = span(first.range()).to(span(last.range()));
        let message = "type parameters (Python 3.12) are not read";
        self.diagnostics.push(
            Diagnostic::new(Code::UnsupportedSyntax, at, message)
                .with_help("leave them out: annotate with the types that the task really uses"),
        );
    }

    pub(super) fn params(&mut self, args: py::Arguments) -> Params {
        let mut list = Vec::new();
        for arg in args.posonlyargs {
            list.push(self.param(arg.def, arg.default, ParamKind::PositionalOnly));
        }
        for arg in args.args {
            list.push(self.param(arg.def, arg.default, ParamKind::Normal));
        }
        if let Some(arg) = args.vararg {
            list.push(self.param(*arg, None, ParamKind::VarArgs));
        }
        for arg in args.kwonlyargs {
            list.push(self.param(arg.def, arg.default, ParamKind::KeywordOnly));
        }
        if let Some(arg) = args.kwarg {
            list.push(self.param(*arg, None, ParamKind::KwArgs));
        }
        Params { list }
    }

    fn param(&mut self, arg: py::Arg, default: Option<Box<py::Expr>>, kind: ParamKind) -> Param {
        let id = self.id();
        let annotation: Option<Expr> = self.opt(arg.annotation);
        Param {
            id,
            name: Self::ident_from(arg.range.start().into(), arg.arg),
            kind,
            annotation,
            default: self.opt(default),
        }
    }
}
