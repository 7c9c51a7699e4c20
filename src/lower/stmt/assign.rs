//! Assignments: of names, and what the targets share.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem, Role};
use crate::ir::{BinOp, Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::{Maxlen, Ty};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    pub(super) fn assignment(
        &mut self,
        targets: &'a [PyExpr],
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        if let Some(name) = targets.iter().find_map(|t| self.rebinds_param(t)) {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("`{name} = …` puts another object in its place, which is not translated"),
            )
            .with_help("PyTask takes the new object: assign its fields one by one instead");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        if targets.iter().all(|t| self.is_alias(t)) {
            return self.named_alone(value);
        }
        if let Ty::Module(_) = self.fact(value.id).ty {
            // A module, or a logger, has nothing to hold.
            return Ok(());
        }
        if let ([target], ExprKind::Tuple(values)) = (targets, &value.kind)
            && let ExprKind::Tuple(items) | ExprKind::List(items) = &target.kind
            && items.len() == values.len()
        {
            return self.parallel(items, values, at);
        }
        if let [target] = targets {
            return self.assign_one(target, value, at);
        }
        let val = self.expr(value)?;
        let val = if val.expr.is_simple() {
            val
        } else {
            self.hoist(val, "value", at)
        };
        for target in targets {
            self.store(target, val.clone(), at)?;
        }
        Ok(())
    }

    /// `xs = [x for x in xs if …]` of a list or deque of objects: `retain`.
    fn retain(
        &mut self,
        target: &'a PyExpr,
        value: &'a PyExpr,
        at: Span,
    ) -> Option<Result<(), Expr>> {
        let clause = crate::infer::retained(target, value)?;
        let path = self.path_of(target)?;
        if self.path_of(&clause.iter).as_ref() != Some(&path) || self.conditional > 0 {
            return None;
        }
        let (place, rty) = self.path_place(&path, true)?;
        let elem = match (rty.peel().clone(), self.fact(value.id).ty) {
            (RTy::Vec(elem), Ty::List { .. }) => elem,
            (
                RTy::Deque(elem),
                Ty::Deque {
                    maxlen: Maxlen::Unbounded,
                    ..
                },
            ) => elem,
            _ => return None,
        };
        if self.lw.is_copy(&elem)
            || elem.is_ref()
            || clause.ifs.iter().any(crate::lower::walrus::binds)
        {
            return None;
        }
        let version = self.scope.names.get(&clause.target.id).cloned()?;
        self.var_types.insert(version.clone(), RTy::Ref(elem));
        self.declared.insert(version.clone());
        let name = self.var_name(&version);
        self.conditional += 1;
        let tests: Result<Vec<Expr>, Expr> = clause
            .ifs
            .iter()
            .map(|test| self.condition_value(test))
            .collect();
        self.conditional -= 1;
        let test = match tests {
            Ok(tests) => tests.into_iter().reduce(|a, b| a.binary(BinOp::And, b))?,
            Err(hole) => return Some(Err(hole)),
        };
        if test.can_fail() {
            return Some(Err(self.partly(
                value,
                "keeping the elements that a test which can raise lets through",
            )));
        }
        self.forget_path(&path);
        let kept = place.method("retain", vec![Expr::Closure(name, Box::new(test))]);
        self.emit(at, StmtKind::Expr(kept));
        Some(Ok(()))
    }

    fn assign_one(&mut self, target: &'a PyExpr, value: &'a PyExpr, at: Span) -> Result<(), Expr> {
        if let Some(done) = self.retain(target, value, at) {
            return done;
        }
        if self.stays_empty(target, value) {
            return Ok(());
        }
        if let ExprKind::Subscript { value: base, index } = &target.kind
            && matches!(index.kind, ExprKind::Slice { .. })
            && !self.lw.input.model.problems.contains_key(&target.id)
        {
            return self.store_slice(base, index, value, at);
        }
        if let ExprKind::Name(_) = &target.kind {
            let Some(version) = self.scope.names.get(&target.id).cloned() else {
                let held = self.global_type(target);
                let hint = self.target_hint(target);
                let val = match held {
                    Some(held) => self.expr_as(value, &held)?,
                    None => self.expr_hinted(value, hint.as_ref())?,
                };
                return self.store(target, val, at);
            };
            if let Some(what) = self.not_a_list(&version, value) {
                return Err(self.partly(value, what));
            }
            let Some(ty) = self.var_type(&version) else {
                // Nothing is known of the variable: the value says why, or the variable does.
                let _ = self.expr(value)?;
                return Err(self.unknown_variable(target, &version));
            };
            if let Some(done) = self.lend_to(&version, value, at) {
                return done;
            }
            if let Some(done) = self.look_at(&version, value, at) {
                return done;
            }
            let val = match self.expr_as(value, &ty) {
                Ok(val) => val,
                Err(hole) => {
                    self.hole_in_stmt = true;
                    Val {
                        rty: RTy::Never,
                        ..Val::new(hole, RTy::Never, &self.fact(target.id))
                    }
                }
            };
            self.bind_var(&version, val, at);
            return Ok(());
        }
        if let (ExprKind::Attribute { value: base, .. }, Some(id)) =
            (&target.kind, self.model.calls.get(&target.id).copied())
        {
            // A property's setter.
            let args = std::slice::from_ref(value);
            let mut val = self.user_call(target, id, Some(base), args, &[])?;
            // The value is there before the object is borrowed.
            if let Expr::Method(object, _, given) = &mut val.expr
                && !matches!(**object, Expr::Atom(_))
                && let [given] = given.as_mut_slice()
                && !given.is_simple()
            {
                let before = Val::new(given.clone(), RTy::Unit, &self.fact(value.id));
                *given = self.hoist(before, "value", at).expr;
            }
            self.emit(at, StmtKind::Expr(val.expr));
            return Ok(());
        }
        if self.is_whole_payload(target) {
            return self.store_payload(target, value, at);
        }
        let hint = self.target_hint(target);
        if let Some(hole) = self.aliased(target, value, at) {
            return Err(hole);
        }
        self.bind_output(target, Some(value));
        if let Some(ty) = self.item_shape(target, value) {
            let val = self.expr_as(value, &ty)?;
            return self.store(target, val, at);
        }
        let place = self.path_of(target).and_then(|path| self.path_type(&path));
        let literal = matches!(value.kind, ExprKind::Conditional { .. });
        let val = match place {
            Some(ty) if literal || (hint.is_none() && !matches!(ty, RTy::Int(_))) => {
                self.expr_as(value, &ty)?
            }
            _ => self.expr_hinted(value, hint.as_ref())?,
        };
        self.store(target, val, at)
    }

    /// The type of an item that a new container is put into; nothing for other values.
    fn item_shape(&mut self, target: &'a PyExpr, value: &PyExpr) -> Option<RTy> {
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return None;
        };
        let made = matches!(
            value.kind,
            ExprKind::List(_)
                | ExprKind::Dict(_)
                | ExprKind::Set(_)
                | ExprKind::Comprehension { .. }
        );
        if !made || matches!(index.kind, ExprKind::Slice { .. }) {
            return None;
        }
        let (_, rty) = self.place_type(base).ok()?;
        match rty.peel() {
            RTy::Map { value, .. } => Some((**value).clone()),
            RTy::Vec(elem) | RTy::Deque(elem) => Some((**elem).clone()),
            _ => None,
        }
    }

    pub(in crate::lower) fn unknown_variable(&mut self, target: &PyExpr, version: &str) -> Expr {
        let name = crate::infer::scope::plain_name(version);
        let ty = self
            .model
            .vars
            .get(version)
            .map_or(Ty::Unknown, |v| v.fact.ty.clone());
        let problem = Problem::new(
            Code::UnknownType,
            format!("`{name}` has no one type: {}", ty.describe()),
        )
        .with_help("use another name for the other type, or annotate it");
        Expr::Hole(self.lw.hole_text(target.span, &problem))
    }

    /// The parameter of `process`, `start` or `stop` that a target binds anew.
    fn rebinds_param(&self, target: &PyExpr) -> Option<String> {
        match &target.kind {
            ExprKind::Name(name) if self.model.role != Role::Helper => self
                .function
                .params
                .list
                .iter()
                .any(|p| p.name.name == *name)
                .then(|| name.clone()),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().find_map(|i| self.rebinds_param(i))
            }
            _ => None,
        }
    }

    /// Whether a target is only another name for a path.
    pub(in crate::lower) fn is_alias(&self, target: &PyExpr) -> bool {
        match &target.kind {
            ExprKind::Name(_) => {
                let version = self.scope.names.get(&target.id);
                version
                    .and_then(|v| self.model.vars.get(v))
                    .is_some_and(|v| v.alias.is_some())
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                !items.is_empty() && items.iter().all(|i| self.is_alias(i))
            }
            _ => false,
        }
    }

    /// A variable of our own for a value that is used more than once.
    pub(in crate::lower) fn hoist(&mut self, val: Val, name: &str, at: Span) -> Val {
        if self.conditional > 0 {
            return val;
        }
        // What lies somewhere stays there.
        let owned = !val.rty.is_ref() && !self.lw.is_copy(&val.rty);
        let val = match owned && val.expr.is_place() {
            true => Val {
                expr: Expr::Ref(Box::new(val.expr)),
                rty: RTy::Ref(Box::new(val.rty)),
                ..val
            },
            false => val,
        };
        self.hoist_given(val, name, at)
    }

    /// The same, of what its place gives away, or of what lies nowhere.
    pub(in crate::lower) fn hoist_given(&mut self, val: Val, name: &str, at: Span) -> Val {
        let unique = self.free_name(name);
        let collected = match &val.expr {
            Expr::Method(_, name, _) => name == "collect",
            Expr::Macro(name, _) => name == "vec",
            _ => false,
        };
        let ty = (val.literal || collected).then(|| val.rty.clone());
        self.emit(
            at,
            StmtKind::Let {
                name: unique.clone(),
                mutable: false,
                ty,
                init: Some(val.expr),
            },
        );
        Val {
            expr: Expr::atom(unique),
            literal: false,
            ..val
        }
    }

    /// Stores a value in a target.
    pub(in crate::lower) fn store(
        &mut self,
        target: &'a PyExpr,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        match &target.kind {
            ExprKind::Name(name) => {
                let Some(version) = self.scope.names.get(&target.id).cloned() else {
                    let Some((place, ty)) = self.global_place(name) else {
                        return Err(self.hole(target));
                    };
                    let held = match &ty {
                        RTy::RefMut(held) => held,
                        _ => &ty,
                    };
                    let value = self.coerce(val, held, at, name)?;
                    let place = match (&ty, place) {
                        (RTy::Vec(_) | RTy::Named(_), place @ Expr::Atom(_))
                            if self.is_lent_global(&Path::global(name)) =>
                        {
                            Expr::Deref(Box::new(place))
                        }
                        (RTy::RefMut(_), place) => Expr::Deref(Box::new(place)),
                        (_, place) => place,
                    };
                    self.forget_path(&Path::global(name));
                    self.emit_assign(at, place, value);
                    return Ok(());
                };
                if self.var_type(&version).is_none() {
                    return Err(self.unknown_variable(target, &version));
                }
                self.bind_var(&version, val, at);
                Ok(())
            }
            ExprKind::Attribute { value: base, attr } => {
                self.store_attribute(target, base, &attr.name, val, at)
            }
            ExprKind::Subscript { value: base, index } => self.store_item(base, index, val, at),
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(items, val, at),
            _ => Err(self.hole(target)),
        }
    }

    /// What the collection that a module's variable holds is in Rust: an empty one does not say.
    fn global_type(&mut self, target: &PyExpr) -> Option<RTy> {
        let ExprKind::Name(name) = &target.kind else {
            return None;
        };
        let (_, rty) = self.global_place(name)?;
        let held = match &rty {
            RTy::RefMut(held) => &**held,
            held => held,
        };
        let collection = |rty: &RTy| {
            matches!(
                rty,
                RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)
            )
        };
        let inner = match held {
            RTy::Option(inner) => &**inner,
            held => held,
        };
        collection(inner).then(|| held.clone())
    }

    /// The integer type of the field that a value goes to, for checked arithmetic.
    pub(in crate::lower) fn target_hint(&self, target: &PyExpr) -> Option<(IntTy, String)> {
        let path = self.path_of(target)?;
        if let (ExprKind::Name(name), Some(RTy::Int(int))) = (
            &target.kind,
            self.path_type(&path)
                .filter(|_| path.global_name().is_some()),
        ) {
            return Some((int, name.clone()));
        }
        let ExprKind::Attribute { attr, value } = &target.kind else {
            return None;
        };
        if let (Ty::Instance(_), Some(RTy::Int(int))) =
            (self.fact(value.id).ty, self.path_type(&path))
        {
            return Some((int, attr.name.clone()));
        }
        if self.shadows.is_deferred(target.id) {
            return None;
        }
        match self.lw.field_type(self, &path)? {
            crate::project::RustTy::Int(int) => Some((int, attr.name.clone())),
            _ => None,
        }
    }
}
