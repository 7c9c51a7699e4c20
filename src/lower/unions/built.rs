//! The enums that stand for unions, with the methods that are used.
//!
//! Enters: the unions of the model, and which of their methods the Rust calls. Leaves: the
//! enums. This module must not know which expressions are of several kinds.

use crate::catalog::Helper;
use crate::infer::unions::{is_sequence, variant};
use crate::ir::{self, Arm, Block, Expr, Function, RTy};
use crate::lower::Lowerer;
use crate::lower::function::{UNCONVENTIONAL, is_unconventional};
use crate::ty::Ty;
use crate::value::Fact;

impl Lowerer<'_> {
    /// The enums of the unions that the Rust uses.
    pub(in crate::lower) fn build_unions(&mut self) {
        for (ty, class) in &self.input.model.unions {
            if !self.used_classes.contains(class) {
                continue;
            }
            let kinds = ty.kinds();
            let mut variants = Vec::new();
            for kind in kinds {
                let Some(rty) = self.natural(&Fact::of(kind.clone())) else {
                    continue;
                };
                self.use_types(&rty);
                variants.push(format!("{}({rty})", variant(kind)));
            }
            let mut methods = self.union_methods(class, kinds);
            let copied = self.is_copy(&self.class_type(class));
            for method in &mut methods {
                if is_unconventional(method, copied) {
                    method.attributes.push(UNCONVENTIONAL.to_string());
                }
            }
            let attributes = self.class_attributes(class, false);
            self.task.classes.push(ir::Class {
                attributes,
                name: self.class_name(class),
                variants,
                methods,
                ..ir::Class::default()
            });
        }
    }

    /// The methods of a union that are used.
    fn union_methods(&mut self, class: &str, kinds: &[Ty]) -> Vec<Function> {
        let used = |what: &str| {
            let uses = (class.to_string(), what.to_string());
            self.enum_uses.contains(&uses)
        };
        // An arm for each kind; `None` where there is no value for it.
        let matched = |of: &dyn Fn(&Ty) -> Option<(&'static str, Expr)>, rest: &str| {
            let mut arms = Vec::new();
            for kind in kinds {
                if let Some((bound, body)) = of(kind) {
                    let pattern = format!("Self::{}({bound})", variant(kind));
                    arms.push(Arm::of(pattern, Block::value(body)));
                }
            }
            if arms.len() < kinds.len() {
                arms.push(Arm::of("_", Block::value(Expr::atom(rest))));
            }
            Expr::Match {
                subject: Box::new(Expr::atom("self")),
                arms,
            }
        };
        let some = |e: Expr| Expr::call("Some", vec![e]);
        let mut methods = Vec::new();
        let readers: [(&str, &str, Ty, RTy); 7] = [
            ("as_flag", "a bool", Ty::Bool, RTy::Bool),
            ("as_int", "an int", Ty::Int, RTy::I64),
            ("to_int", "an int or a bool", Ty::Int, RTy::I64),
            ("as_float", "a float", Ty::Float, RTy::F64),
            ("as_number", "a number", Ty::IntOrFloat, RTy::Number),
            (
                "to_number",
                "a number or a bool",
                Ty::IntOrFloat,
                RTy::Number,
            ),
            ("as_text", "a text", Ty::Str, RTy::Str),
        ];
        for (name, what, wanted, rty) in readers {
            if !used(name) {
                continue;
            }
            let body = matched(
                &|kind| match (&wanted, kind) {
                    (Ty::Int | Ty::IntOrFloat, Ty::Bool) if name.starts_with("as") => None,
                    (Ty::Str, Ty::Str) => Some(("text", some(Expr::atom("text")))),
                    (Ty::Bool, Ty::Bool) => Some(("flag", some(Expr::atom("*flag")))),
                    (Ty::Int, Ty::Int) | (Ty::Float, Ty::Float) => {
                        Some(("x", some(Expr::atom("*x"))))
                    }
                    (Ty::Int, Ty::Bool) => Some(("flag", some(Expr::atom("i64::from(*flag)")))),
                    (Ty::IntOrFloat, Ty::Bool) => {
                        Some(("flag", some(Expr::atom("Number::Int(i64::from(*flag))"))))
                    }
                    (Ty::IntOrFloat, Ty::Int) => Some(("x", some(Expr::atom("Number::Int(*x)")))),
                    (Ty::IntOrFloat, Ty::Float) => {
                        Some(("x", some(Expr::atom("Number::Float(*x)"))))
                    }
                    _ => None,
                },
                "None",
            );
            let doc = format!("The value where it is {what}.");
            methods.push(method(name, &doc, RTy::Option(Box::new(rty)), body));
        }
        for kind in kinds.iter().filter(|kind| is_sequence(kind)) {
            let name = super::reader(kind);
            let Some(rty) = self.lent_kind(kind).filter(|_| used(&name)) else {
                continue;
            };
            let held = if rty.is_ref() { "x" } else { "*x" };
            let body = matched(
                &|own| (own == kind).then(|| ("x", some(Expr::atom(held)))),
                "None",
            );
            let what = if matches!(kind, Ty::List { .. }) {
                "list"
            } else {
                "tuple"
            };
            let doc = format!("The value where it is a {what}.");
            methods.push(method(&name, &doc, RTy::Option(Box::new(rty)), body));
        }
        if used("size") {
            let body = matched(
                &|kind| match kind {
                    Ty::Str => Some(("text", some(Expr::atom("text.chars().count()")))),
                    Ty::List { .. } => Some(("x", some(Expr::atom("x.len()")))),
                    Ty::Tuple(items) => Some(("_", some(Expr::atom(items.len().to_string())))),
                    _ => None,
                },
                "None",
            );
            let ret = RTy::Option(Box::new(RTy::USIZE));
            methods.push(method(
                "size",
                "Python's `len(x)` where it has one.",
                ret,
                body,
            ));
        }
        if used("is_true") {
            let body = matched(
                &|kind| match kind {
                    Ty::List { .. } => Some(("x", Expr::atom("!x.is_empty()"))),
                    Ty::Tuple(items) => Some(("_", Expr::atom((!items.is_empty()).to_string()))),
                    Ty::Bool => Some(("flag", Expr::atom("*flag"))),
                    Ty::Int => Some(("x", Expr::atom("*x != 0"))),
                    Ty::Float => Some(("x", Expr::atom("*x != 0.0"))),
                    _ => Some(("text", Expr::atom("!text.is_empty()"))),
                },
                "true",
            );
            methods.push(method("is_true", "Python's `bool(x)`.", RTy::Bool, body));
        }
        let texts = [("to_text", "str"), ("to_repr", "repr")];
        for (name, of) in texts.into_iter().filter(|(name, _)| used(name)) {
            let body = matched(
                &|kind| match kind {
                    kind if is_sequence(kind) => {
                        let key = (class.to_string(), variant(kind));
                        Some(("x", self.union_texts.get(&key)?.clone()))
                    }
                    Ty::Str if name == "to_repr" => Some(("text", Expr::atom("str_repr(text)"))),
                    Ty::Bool => Some((
                        "flag",
                        Expr::atom("if *flag { \"True\" } else { \"False\" }.to_string()"),
                    )),
                    Ty::Int => Some(("x", Expr::atom("x.to_string()"))),
                    Ty::Float => Some(("x", Expr::atom("float_text(*x)"))),
                    _ => Some(("text", Expr::atom("text.clone()"))),
                },
                "String::new()",
            );
            let doc = format!("Python's `{of}(x)`.");
            methods.push(method(name, &doc, RTy::String, body));
        }
        let names: Vec<&str> = methods.iter().map(|m| m.name.as_str()).collect();
        if names.contains(&"as_number") || names.contains(&"to_number") {
            self.task.helpers.insert(Helper::Number);
        }
        let texts = names.contains(&"to_text") || names.contains(&"to_repr");
        if texts && kinds.contains(&Ty::Float) {
            self.task.helpers.insert(Helper::FloatText);
        }
        if names.contains(&"to_repr") {
            self.task.helpers.insert(Helper::StrRepr);
        }
        methods
    }
}

fn method(name: &str, doc: &str, ret: RTy, body: Expr) -> Function {
    Function {
        span: None,
        doc: vec![doc.to_string()],
        comments: Vec::new(),
        attributes: Vec::new(),
        name: name.into(),
        receiver: Some("&self".into()),
        params: Vec::new(),
        ret,
        fallible: false,
        error: "",
        body: Block::value(body),
    }
}
