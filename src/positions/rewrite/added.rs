//! Objects that join their container under a name, and keys that are looked up for one.
//!
//! Enters: a statement and the one after it. Leaves: both, with the position in the name.
//! This module must not know how expressions are rewritten.

use super::*;

impl Rewrite<'_, '_> {
    /// Where a statement makes an object that a later one adds to its container: how many
    /// statements lie between them.
    pub(super) fn joined(&mut self, stmt: &Stmt, rest: &[Stmt]) -> Result<Option<usize>, Place> {
        let Some(joins) = crate::positions::flows::joins(self.names, stmt, rest) else {
            return Ok(None);
        };
        let StmtKind::Assign { targets, .. } = &stmt.kind else {
            return Ok(None);
        };
        let place = match targets.as_slice() {
            [target] => self.place_of(target)?,
            _ => None,
        };
        let Some((place, own, false)) = place else {
            return Ok(None);
        };
        match homes::home(self.names, self.key, joins.container) {
            Some(home) if home == own => Ok(Some(joins.after)),
            _ => Err(place),
        }
    }

    /// `t = Track(z)` and `tracks.append(t)` as `tracks.append(Track(z))` and the position of
    /// the last; `zones[k] = Zone()` and the key.
    pub(super) fn merged(&mut self, made: &mut Stmt, mut adds: Stmt) -> Result<Stmt, Place> {
        let StmtKind::Assign {
            value: made_value, ..
        } = &mut made.kind
        else {
            return Ok(adds);
        };
        self.parts(made_value)?;
        let object = made_value.clone();
        match &mut adds.kind {
            StmtKind::Expr(e) => {
                let ExprKind::Call { func, args, .. } = &mut e.kind else {
                    return Ok(adds);
                };
                let ExprKind::Attribute { value: list, .. } = &func.kind else {
                    return Ok(adds);
                };
                let list = (**list).clone();
                *args = vec![object];
                let len = self.name(&list, "len");
                let len = self.call(len, vec![list.clone()]);
                let one = self.expr(&list, ExprKind::Int(1.into()));
                let kind = ExprKind::Binary {
                    left: Box::new(len),
                    op: crate::ast::BinaryOp::Sub,
                    right: Box::new(one),
                };
                let last = self.expr(&list, kind);
                let known = self.name(&list, methods::KNOWN);
                *made_value = self.call(known, vec![last]);
            }
            StmtKind::Assign { targets, value } => {
                *value = object;
                let Some(ExprKind::Subscript { index, .. }) =
                    targets.first_mut().map(|t| &mut t.kind)
                else {
                    return Ok(adds);
                };
                *made_value = self.expr(index, index.kind.clone());
            }
            _ => {}
        }
        std::mem::swap(&mut adds.comments, &mut made.comments);
        std::mem::swap(&mut adds.blank_before, &mut made.blank_before);
        Ok(adds)
    }

    /// `w = wheels[name]` of a dict: the key is the position. A key that stays what it is
    /// stands for the variable; any other is its value. Where nothing looks the key up at
    /// once, the statement that is to follow does.
    #[allow(clippy::option_option)]
    pub(super) fn key_of(
        &mut self,
        stmt: &mut Stmt,
        next: Option<&Stmt>,
    ) -> Result<Option<Option<Stmt>>, Place> {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return Ok(None);
        };
        let ([target], ExprKind::Subscript { value: dict, index }) =
            (targets.as_slice(), &mut value.kind)
        else {
            return Ok(None);
        };
        let Some((place, home, false)) = self.place_of(target)? else {
            return Ok(None);
        };
        if !home.dict || homes::home(self.names, self.key, dict).as_ref() != Some(&home) {
            return Ok(None);
        }
        let Place::Var(_, version) = &place else {
            return Err(place);
        };
        let looked_up = next.is_some_and(|next| self.looks_up(next, version));
        let known = match (&index.kind, self.names.ty(self.key, dict.id).narrowed()) {
            (ExprKind::Str(key), Ty::Record(fields)) => {
                fields.entry(key).is_some() && !fields.may_lack(key)
            }
            _ => false,
        };
        let stands = self.is_stable(index, version);
        self.object(index)?;
        let key = match stands {
            true => (**index).clone(),
            false => target.clone(),
        };
        let id = NodeId::next(self.next_id);
        let looked = StmtKind::Expr(self.object_at(&home, key));
        let check = (!looked_up && !known).then(|| Stmt {
            id,
            span: stmt.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: looked,
        });
        if stands {
            self.keys.insert(version.clone(), (**index).clone());
            stmt.kind = match check {
                Some(check) => check.kind,
                None => StmtKind::Pass,
            };
            return Ok(Some(None));
        }
        *value = (**index).clone();
        Ok(Some(check))
    }

    /// `self.state = states[name]`, `return states[name]`: the key is the position. It is looked
    /// up before it is kept.
    #[allow(clippy::option_option)]
    pub(super) fn key_kept(&mut self, stmt: &mut Stmt) -> Result<Option<Option<Stmt>>, Place> {
        let (span, blank_before) = (stmt.span, stmt.blank_before);
        let (place, value) = match &mut stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] if matches!(target.kind, ExprKind::Attribute { .. }) => {
                    (self.place_of(target)?, value)
                }
                _ => return Ok(None),
            },
            StmtKind::Return(Some(value)) => {
                let place = Place::Ret(self.key.to_string());
                let many = is_many(self.names, &place);
                let home = self.homes.get(&place).cloned();
                (home.map(|home| (place, home, many)), value)
            }
            _ => return Ok(None),
        };
        let Some((place, home, false)) = place.filter(|(_, home, _)| home.dict) else {
            return Ok(None);
        };
        let ExprKind::Subscript { value: dict, index } = &mut value.kind else {
            return Ok(None);
        };
        if homes::home(self.names, self.key, dict).as_ref() != Some(&home) {
            return Ok(None);
        }
        if !self.is_plain(index) {
            return Err(place);
        }
        let known = match (&index.kind, self.names.ty(self.key, dict.id).narrowed()) {
            (ExprKind::Str(key), Ty::Record(fields)) => {
                fields.entry(key).is_some() && !fields.may_lack(key)
            }
            _ => false,
        };
        self.object(index)?;
        let mut key = (**index).clone();
        crate::ast::rewrite::expr(&mut key, &mut |e| e.id = NodeId::next(self.next_id));
        let kept = (**index).clone();
        *value = kept;
        let target = match &mut stmt.kind {
            StmtKind::Assign { targets, .. } => targets.first_mut(),
            _ => None,
        };
        if let Some(target) = target {
            self.target(target)?;
        }
        if known {
            return Ok(Some(None));
        }
        let looked = self.object_at(&home, key);
        let check = Stmt {
            id: NodeId::next(self.next_id),
            span,
            blank_before,
            comments: std::mem::take(&mut stmt.comments),
            line_comment: None,
            kind: StmtKind::Expr(looked),
        };
        stmt.blank_before = false;
        Ok(Some(Some(check)))
    }

    /// Whether an expression can be evaluated twice: names and attributes.
    fn is_plain(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_) | ExprKind::Str(_) | ExprKind::Int(_) => true,
            ExprKind::Attribute { value, .. } => {
                self.names.callee(self.key, e.id).is_none() && self.is_plain(value)
            }
            _ => false,
        }
    }

    /// Whether an expression gives the same for as long as a variable is in use.
    pub(super) fn is_stable(&self, key: &Expr, version: &str) -> bool {
        let once = |v: &str| {
            let info = self.own.scope.vars.get(v);
            info.is_some_and(|i| i.bindings == 1 && i.first_is_binding)
        };
        match &key.kind {
            ExprKind::Str(_) | ExprKind::Int(_) => once(version),
            ExprKind::Name(_) => {
                let names = &self.own.scope.names;
                once(version)
                    && names.get(&key.id).is_some_and(|v| {
                        let info = self.own.scope.vars.get(v);
                        info.is_some_and(|i| i.bindings == 1 || i.is_param && i.bindings == 0)
                    })
            }
            _ => false,
        }
    }

    /// Whether a statement begins with looking at the object of a variable.
    pub(super) fn looks_up(&self, stmt: &Stmt, version: &str) -> bool {
        let is_it = |e: &Expr| {
            self.own
                .scope
                .names
                .get(&e.id)
                .is_some_and(|v| v == version)
        };
        let of_it = |e: &Expr| matches!(&e.kind, ExprKind::Attribute { value, .. } if is_it(value));
        match &stmt.kind {
            StmtKind::AugAssign { target, .. } => of_it(target),
            StmtKind::Assign { value, .. }
            | StmtKind::Expr(value)
            | StmtKind::Return(Some(value)) => match &value.kind {
                ExprKind::Call { func, .. } => of_it(func),
                _ => of_it(value),
            },
            StmtKind::If { test, .. } => match &test.kind {
                ExprKind::Compare { left, .. } => of_it(left),
                _ => of_it(test),
            },
            _ => false,
        }
    }
}
