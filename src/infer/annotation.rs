//! What annotations and defaults say of parameters: where nothing calls a function, they
//! alone give it types.

use super::Inference;
use super::env::Env;
use super::model::Fact;
use crate::ast::MethodKind;
use crate::ast::{BinaryOp, Expr, ExprKind, Function, ParamKind};
use crate::desugar::MAIN;
use crate::project::Form;
use crate::ty::{ListKind, Ty};

impl<'a> Inference<'a> {
    /// The facts of all parameters of a function, where annotations and defaults give them.
    pub(super) fn annotated(&mut self, name: &str, function: &'a Function) -> Option<Vec<Fact>> {
        if name == MAIN {
            return None;
        }
        let mut facts = Vec::new();
        let mut params = function.params.list.iter();
        if let Some((class, method)) = name.split_once('.') {
            let info = self.classes.get(class)?;
            if info.refused.is_some() {
                return None;
            }
            let kind = match method.strip_suffix('=') {
                Some(name) => info.setter(name).map(|_| MethodKind::Setter)?,
                None => info.find(method)?.1,
            };
            match kind {
                MethodKind::Static => {}
                MethodKind::Class => {
                    params.next()?;
                    facts.push(Fact::of(Ty::Class(class.to_string())));
                }
                MethodKind::Method | MethodKind::Property | MethodKind::Setter => {
                    params.next()?;
                    facts.push(Fact::of(Ty::Instance(class.to_string())));
                }
            }
        }
        for param in params {
            if matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs) {
                return None;
            }
            let ty = match (&param.annotation, &param.default) {
                (Some(annotation), _) => self.annotation(annotation)?,
                (None, Some(default)) => {
                    let mut scope = self.module_scope();
                    let fact = self.eval(&mut scope, default, &mut Env::new());
                    self.model.module.facts.extend(scope.facts);
                    if fact.ty == Ty::None || fact.ty.is_unusable() {
                        return None;
                    }
                    fact.ty
                }
                (None, None) => return None,
            };
            facts.push(Fact::of(ty));
        }
        Some(facts)
    }

    /// In a module that others call, a parameter holds any value of its type.
    pub(super) fn open_world(&self, name: &str, facts: Vec<Fact>) -> Vec<Fact> {
        let own = name.rsplit('.').next().unwrap_or(name);
        let private = own.starts_with('_') && !own.starts_with("__");
        if self.binding.form != Form::Library || private {
            return facts;
        }
        facts.into_iter().map(|f| Fact::of(f.ty)).collect()
    }

    /// The type that an annotation names; none where we do not know it.
    pub(super) fn annotation(&self, e: &Expr) -> Option<Ty> {
        match &e.kind {
            ExprKind::None => Some(Ty::None),
            ExprKind::Str(text) => self.named_type(text),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => self.named_type(&self.full_name(e)),
            ExprKind::Subscript { value, index } => {
                let name = self.full_name(value);
                let args: Vec<&Expr> = match &index.kind {
                    ExprKind::Tuple(items) => items.iter().collect(),
                    _ => vec![index],
                };
                match (name.trim_start_matches("typing."), args.as_slice()) {
                    ("list" | "List" | "Sequence" | "collections.abc.Sequence", [elem]) => {
                        Some(Ty::list(self.annotation(elem)?))
                    }
                    ("Optional", [inner]) => Some(self.annotation(inner)?.optional()),
                    ("Union", [one, other]) => self.union(one, other),
                    ("tuple" | "Tuple", items) => {
                        let items: Option<Vec<Ty>> =
                            items.iter().map(|i| self.annotation(i)).collect();
                        Some(Ty::Tuple(items?))
                    }
                    _ => None,
                }
            }
            ExprKind::Binary {
                op: BinaryOp::BitOr,
                left,
                right,
            } => self.union(left, right),
            _ => None,
        }
    }

    fn union(&self, one: &Expr, other: &Expr) -> Option<Ty> {
        match (self.annotation(one)?, self.annotation(other)?) {
            (Ty::None, ty) | (ty, Ty::None) => Some(ty.optional()),
            (Ty::Int, Ty::Float) | (Ty::Float, Ty::Int) => Some(Ty::Float),
            _ => None,
        }
    }

    fn named_type(&self, name: &str) -> Option<Ty> {
        Some(match name {
            "int" => Ty::Int,
            "float" => Ty::Float,
            "bool" => Ty::Bool,
            "str" => Ty::Str,
            "bytes" => Ty::octets(ListKind::Bytes),
            "bytearray" => Ty::octets(ListKind::Bytearray),
            "None" => Ty::None,
            class => {
                let model = self.model.classes.get(class)?;
                if model.members.is_empty() {
                    Ty::Instance(class.to_string())
                } else {
                    Ty::Member(class.to_string())
                }
            }
        })
    }
}
