//! Attributes that not every class of the family has, where it is known which class it is.
//!
//! Enters: `turn.angle = x`, where `turn` is no other than a `Turn`. Leaves:
//! `commands[turn].set_turn_angle(x)`, since the list is one of commands, and that method of
//! the family. This module must not know how objects are looked up.

use super::*;
use crate::desugar::{Build, snake};
use crate::ty::shown_class;

/// The methods that set an attribute of one class, by that class and the attribute.
pub(super) type Setters = BTreeMap<(String, String), String>;

impl Rewrite<'_, '_> {
    /// Makes a call of an assignment to such an attribute.
    pub(super) fn of_variant(&mut self, stmt: &mut Stmt) {
        let (target, value, op) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value, None),
                _ => return,
            },
            StmtKind::AugAssign { target, value, op } => (target, value, Some(*op)),
            _ => return,
        };
        let ExprKind::Attribute { value: of, attr } = &target.kind else {
            return;
        };
        let Some(variant) = self.variant(of, &attr.name) else {
            return;
        };
        let one = snake(shown_class(&variant));
        let method = format!("set_{one}_{}", attr.name);
        let functions = &self.known.functions;
        if functions.contains_key(&format!("{}.{method}", self.class)) || !of.is_path() {
            return;
        }
        let key = (variant, attr.name.clone());
        self.setters.insert(key, method.clone());
        let value = match op {
            None => value.clone(),
            Some(op) => self.expr(
                value,
                ExprKind::Binary {
                    left: Box::new(target.clone()),
                    op,
                    right: Box::new(value.clone()),
                },
            ),
        };
        let mut build = Build {
            next_id: &mut self.next_id,
            span: target.span,
        };
        let func = build.attr((**of).clone(), &method);
        stmt.kind = StmtKind::Expr(build.call(func, vec![value]));
    }

    /// The one class that an object is of, where others of its family have no such attribute.
    fn variant(&self, e: &Expr, attr: &str) -> Option<String> {
        let Ty::Instance(class) = self.ty(e).narrowed() else {
            return None;
        };
        let classes = &self.known.model.classes;
        let lacks = |other: &String| {
            let model = classes.get(other);
            model.is_some_and(|model| model.field(attr).is_none())
        };
        let is_one = class != self.class && family_of(&class) == self.class;
        let others = self.known.variants(self.class);
        let found = is_one && !self.is_single() && !self.is_receiver(e);
        (found && others.iter().any(lacks)).then_some(class)
    }

    /// Adds the methods to the class of the family.
    pub(super) fn add_setters(&mut self, module: &mut Module) {
        let setters = std::mem::take(&mut self.setters);
        let family = module
            .body
            .stmts
            .iter_mut()
            .find_map(|s| match &mut s.kind {
                StmtKind::Class(class) if class.name.name == self.class => Some(class),
                _ => None,
            });
        let Some(family) = family else { return };
        for ((variant, attr), method) in setters {
            let build = Build {
                next_id: &mut self.next_id,
                span: family.name.span,
            };
            family
                .body
                .stmts
                .push(setter(build, &variant, &attr, &method));
        }
    }
}

/// `match self: case Turn() as turn: turn.angle = angle`
fn setter(mut build: Build<'_>, variant: &str, attr: &str, method: &str) -> Stmt {
    let one = match snake(shown_class(variant)) {
        one if one == attr || one == "self" => format!("own_{one}"),
        one => one,
    };
    let (target, value) = (build.of(&one, attr), build.name(attr));
    let set = build.assign(target, value);
    let pass = build.stmt(StmtKind::Pass);
    let cases = vec![
        build.case(variant, &one, vec![set]),
        build.other_cases(vec![pass]),
    ];
    let subject = build.name("self");
    let body = build.stmt(StmtKind::Match { subject, cases });
    let params = ["self", attr].map(|p| build.param(p, crate::ast::ParamKind::Normal, None));
    build.function(method, params.into(), vec![body])
}
