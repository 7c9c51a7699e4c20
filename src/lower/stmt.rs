//! Statements.

use super::function::FnLower;
use super::labels::LoopLabels;
use super::shadow::Plan;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::diagnostic::Code;
use crate::infer::scope::BlockRef;
use crate::infer::{Path, Problem, Role};
use crate::ir::{Expr, RTy, Stmt, StmtKind, UnOp};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::{Side, Ty};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// The span of the statement under construction.
    pub(super) fn current_span(&self) -> Span {
        self.spans.last().copied().unwrap_or_default()
    }

    /// Lowers a statement into the block under construction.
    pub(super) fn statement(&mut self, stmt: &'a PyStmt) {
        self.spans.push(self.lw.first_line(stmt.span));
        if stmt.blank_before && !self.out.is_empty() {
            self.out.push(Stmt::new(StmtKind::Blank));
        }
        for comment in &stmt.comments {
            self.out
                .push(Stmt::new(StmtKind::Comment(comment.text.clone())));
        }
        let compound = !crate::infer::scope::child_blocks(stmt).is_empty();
        if let (Some(comment), true) = (&stmt.line_comment, compound) {
            self.out
                .push(Stmt::new(StmtKind::Comment(comment.text.clone())));
        }
        if self.blocks.len() == 1 {
            for shadow in self.shadows.to_open(stmt.id) {
                if !self.writes_path_first(stmt, &shadow.path) {
                    self.open_shadow(&shadow);
                }
            }
        }
        self.declare_late(stmt.id);
        self.declare_attributes(stmt);
        self.hole_in_stmt = false;
        let before = self.out.len();
        let mut whole = false;
        if let Err(hole) = self.kind(stmt) {
            self.hole_in_stmt = true;
            whole = true;
            self.out.truncate(before);
            self.declare_unbound(stmt);
            self.emit(stmt.span, StmtKind::Expr(hole));
        }
        if self.hole_in_stmt {
            self.has_holes = true;
            self.lw.holes.insert(stmt.id);
            let python: Vec<String> = self
                .python_lines(stmt, whole)
                .iter()
                .map(|line| format!("    {line}"))
                .collect();
            let at = before.min(self.out.len());
            self.out
                .insert(at, Stmt::new(StmtKind::Comment(python.join("\n"))));
        }
        if let (Some(comment), false) = (&stmt.line_comment, compound) {
            self.out
                .push(Stmt::new(StmtKind::LineComment(comment.text.clone())));
        }
        self.hole_in_stmt = false;
        self.spans.pop();
    }

    /// Declares the variables that a statement behind a hole would have bound.
    fn declare_unbound(&mut self, stmt: &PyStmt) {
        let Some(block) = self.blocks.last().copied() else {
            return;
        };
        let versions: Vec<String> = self
            .scope
            .vars
            .iter()
            .filter(|(version, info)| {
                info.home == block
                    && info.first_stmt == Some(stmt.id)
                    && !info.is_param
                    && info.reads > 0
                    && !self.declared.contains(*version)
                    && self
                        .model
                        .vars
                        .get(*version)
                        .is_some_and(|v| v.alias.is_none())
            })
            .map(|(version, _)| version.clone())
            .collect();
        for version in versions {
            let Some(ty) = self.var_type(&version) else {
                continue;
            };
            self.declared.insert(version.clone());
            let name = self.var_name(&version);
            self.out.push(Stmt::new(StmtKind::Let {
                name,
                mutable: false,
                ty: Some(ty),
                init: None,
            }));
        }
    }

    /// The Python of a statement, for the comment above its hole; of a compound statement
    /// whose parts stand below it, the header.
    fn python_lines(&self, stmt: &PyStmt, whole: bool) -> Vec<String> {
        let text = self.lw.input.source.slice(stmt.span);
        let whole = whole || crate::infer::scope::child_blocks(stmt).is_empty();
        let lines: Vec<&str> = if whole {
            text.lines().collect()
        } else {
            text.lines().take(1).collect()
        };
        // The first line starts at the statement; the others keep their place relative to it.
        let indent = self.lw.input.source.position(stmt.span.start).column - 1;
        lines
            .iter()
            .enumerate()
            .map(|(i, line)| {
                if i == 0 {
                    line.trim_end().to_string()
                } else {
                    line.get(indent.min(line.len() - line.trim_start().len())..)
                        .unwrap_or("")
                        .trim_end()
                        .to_string()
                }
            })
            .collect()
    }

    /// Whether a statement's only use of a path that comes before its write is to compute it.
    fn writes_path_first(&self, stmt: &PyStmt, path: &Path) -> bool {
        match &stmt.kind {
            PyKind::Assign { targets, .. } => {
                matches!(targets.as_slice(), [t] if self.path_of(t).as_ref() == Some(path))
            }
            PyKind::AugAssign { target, .. } => self.path_of(target).as_ref() == Some(path),
            _ => false,
        }
    }

    fn kind(&mut self, stmt: &'a PyStmt) -> Result<(), Expr> {
        if let Some((span, problem)) = self.lw.input.model.problems.get(&stmt.id) {
            let text = self.lw.hole_text(self.lw.first_line(*span), problem);
            return Err(Expr::Hole(text));
        }
        let at = stmt.span;
        self.bind_named(stmt)?;
        match &stmt.kind {
            PyKind::While { test, body, orelse } if super::walrus::binds(test) => {
                self.while_named(stmt, test, body, orelse)
            }
            PyKind::Assign { targets, value } => self.assignment(targets, value, at),
            PyKind::AnnAssign { target, value, .. } => match value {
                Some(value) => self.assignment(std::slice::from_ref(target), value, at),
                None => Ok(()),
            },
            PyKind::AugAssign { target, op, value }
                if *op == ast::BinaryOp::Add
                    && matches!(self.fact(target.id).ty.narrowed(), Ty::List { .. }) =>
            {
                self.extend_in_place(target, value, at)
            }
            PyKind::AugAssign { target, op, value } => {
                let operated = matches!(self.fact(target.id).ty, Ty::Instance(_));
                if let (true, Some(id)) = (operated, self.model.calls.get(&target.id).copied()) {
                    let args = std::slice::from_ref(value);
                    let val = self.operator_call(target, id, target, args)?;
                    return self.store(target, val, at);
                }
                if let ExprKind::Subscript { value: base, .. } = &target.kind
                    && matches!(
                        self.fact(base.id).ty.narrowed(),
                        Ty::Dict { .. } | Ty::Deque { .. }
                    )
                {
                    return self.change_item(target, *op, value, at);
                }
                let hint = self.target_hint(target);
                if self.tries == 0 || !self.may_raise(value) {
                    self.bind_output(target, None);
                }
                let old = self.expr(target)?;
                let new = self.expr(value)?;
                // Python reads the old value before it evaluates the right side.
                let calls = self.calls_own(&new.expr);
                let old = if calls && old.ty == Ty::Str {
                    self.kept(old, "old", at)?
                } else if calls && !matches!(old.expr, Expr::Atom(_)) {
                    self.hoist(old, "old", at)
                } else {
                    old
                };
                if *op == crate::ast::BinaryOp::Add
                    && old.ty == Ty::Str
                    && !calls
                    && self.text_append(target, &new, at)
                {
                    return Ok(());
                }
                let fact = self.fact(target.id);
                let val = self.arithmetic(target, *op, old, new, &fact, hint.as_ref())?;
                self.store(target, val, at)
            }
            PyKind::Expr(value) => self.effect(value, at),
            PyKind::Return(value) => self.return_(stmt, value.as_ref()),
            PyKind::If { test, body, orelse } => self.if_(stmt, test, body, orelse),
            PyKind::While { test, body, orelse } => self.while_(stmt, test, body, orelse),
            PyKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => self.for_(stmt, target, iter, body, orelse),
            PyKind::Break => {
                self.run_finals(false);
                let label = self.loops.last_mut().and_then(LoopLabels::for_break);
                self.emit(at, StmtKind::Break(label));
                Ok(())
            }
            PyKind::Continue => {
                self.run_finals(false);
                let label = self.loops.last_mut().and_then(LoopLabels::for_continue);
                self.emit(at, StmtKind::Continue(label));
                Ok(())
            }
            PyKind::Assert { test, message } => self.assert(test, message.as_ref(), at),
            PyKind::Raise { exc, .. } => self.raise(exc.as_ref(), at),
            PyKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => self.try_(stmt, body, handlers, orelse, finalbody),
            PyKind::Match { subject, cases } => self.match_(stmt, subject, cases),
            PyKind::Pass | PyKind::Global(_) | PyKind::Nonlocal(_) => Ok(()),
            PyKind::Delete(targets) => targets
                .iter()
                .try_for_each(|target| self.delete(target, at)),
            PyKind::With { .. }
            | PyKind::Function(_)
            | PyKind::Class(_)
            | PyKind::Import(_)
            | PyKind::ImportFrom { .. }
            | PyKind::Unsupported(_) => {
                let problem =
                    Problem::new(Code::UnsupportedSyntax, "this statement is not translated");
                Err(Expr::Hole(
                    self.lw.hole_text(self.lw.first_line(at), &problem),
                ))
            }
        }
    }

    /// `return Err("python/task.py:12: what".into());`
    pub(super) fn error_return(&self, what: &str, at: Span) -> Stmt {
        let text = format!("{}: {what}", self.lw.input.source.at(at));
        let value = Expr::Atom(format!("{text:?}")).method("into", vec![]);
        Stmt::at(at, StmtKind::Return(Some(Expr::call("Err", vec![value]))))
    }

    /// An expression for its effect.
    fn effect(&mut self, value: &'a PyExpr, at: Span) -> Result<(), Expr> {
        if let ExprKind::Str(text) = &value.kind {
            self.out.push(Stmt::new(StmtKind::Comment(text.clone())));
            return Ok(());
        }
        if let ExprKind::Call { func, args, .. } = &value.kind
            && let ExprKind::Attribute { value: base, attr } = &func.kind
            && let ([other], "update", Ty::Dict { .. }) = (
                args.as_slice(),
                attr.name.as_str(),
                self.fact(base.id).ty.narrowed(),
            )
            && !self.lw.input.model.problems.contains_key(&value.id)
        {
            return self.update(base, other, at);
        }
        if matches!(value.kind, ExprKind::Conditional { .. }) && self.fact(value.id).ty == Ty::None
        {
            return Err(self.partly(value, "a choice between two effects (write an `if`)"));
        }
        let val = self.expr(value)?;
        let acts = matches!(value.kind, ExprKind::Call { .. }) || val.expr.can_fail();
        if !acts || val.expr == Expr::Tuple(Vec::new()) {
            return Ok(());
        }
        let stmt = match (&val.rty, &val.expr) {
            // What `setdefault` gives need not be looked at.
            (_, Expr::Deref(inner)) if val.ty != Ty::None => StmtKind::Expr((**inner).clone()),
            (RTy::Unit | RTy::Never, _) => StmtKind::Expr(val.expr),
            (_, Expr::Try(_) | Expr::Call(..)) => StmtKind::Expr(val.expr),
            // `insert` and `remove` of a set tell what nobody asks for.
            (RTy::Bool, Expr::Method(..)) if val.ty == Ty::None => StmtKind::Expr(val.expr),
            _ => StmtKind::LetPattern {
                pattern: "_".into(),
                names: vec![],
                init: val.expr,
                otherwise: None,
            },
        };
        self.emit(at, stmt);
        Ok(())
    }

    fn return_(&mut self, stmt: &'a PyStmt, value: Option<&'a PyExpr>) -> Result<(), Expr> {
        let at = stmt.span;
        if self.model.role != Role::Helper {
            // What `process` returns is ignored.
            if let Some(value) = value
                && matches!(value.kind, ExprKind::Call { .. })
            {
                self.effect(value, at)?;
            }
            self.run_finals(true);
            let mut exit = self.exit_stmts(Some(stmt.id));
            self.out.append(&mut exit);
            self.emit(at, StmtKind::Return(None));
            return Ok(());
        }
        let ret = self.ret.clone();
        let result = match value {
            None => (ret != RTy::Unit).then(|| Expr::atom("None")),
            Some(value) => {
                let expr = match self.expr_as(value, &ret) {
                    // Nothing comes after it that could look at the variable.
                    Ok(val) if val.rty == ret && self.is_own_variable(value, &ret) => val.expr,
                    Ok(val) => {
                        self.int_beyond_doubles(&val, &ret, value.span, "the return value");
                        self.leaving = matches!(value.kind, ExprKind::Name(_));
                        let coerced = self.coerce(val, &ret, value.span, "the return value");
                        self.leaving = false;
                        coerced.unwrap_or_else(|hole| {
                            self.hole_in_stmt = true;
                            hole
                        })
                    }
                    Err(hole) => {
                        self.hole_in_stmt = true;
                        hole
                    }
                };
                if ret == RTy::Unit {
                    if matches!(value.kind, ExprKind::Call { .. }) {
                        self.emit(at, StmtKind::Expr(expr));
                    }
                    None
                } else {
                    Some(expr)
                }
            }
        };
        let result = match result {
            // What `finally` does comes after the value.
            Some(expr) if !self.finals.is_empty() && !matches!(expr, Expr::NegLit(_)) => {
                let val = Val::new(expr, ret, &self.fact(stmt.id));
                Some(self.hoist(val, "result", at).expr)
            }
            other => other,
        };
        self.run_finals(true);
        let mut exit = self.exit_stmts(Some(stmt.id));
        self.out.append(&mut exit);
        self.emit(at, StmtKind::Return(result));
        Ok(())
    }

    /// Whether an expression is a variable of this function that holds its value itself.
    fn is_own_variable(&self, e: &PyExpr, ty: &RTy) -> bool {
        let collection = matches!(
            ty,
            RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_) | RTy::String
        );
        let version = self.scope.names.get(&e.id);
        let plain = matches!(&e.kind, ExprKind::Name(_))
            && version
                .and_then(|v| self.model.vars.get(v))
                .is_some_and(|v| v.alias.is_none());
        let held = version.is_some_and(|v| {
            !self.unbound.contains(v) && !self.var_types.get(v).is_some_and(RTy::is_ref)
        });
        collection && plain && held
    }

    fn assignment(
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
            return Ok(());
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

    fn assign_one(&mut self, target: &'a PyExpr, value: &'a PyExpr, at: Span) -> Result<(), Expr> {
        if let ExprKind::Name(_) = &target.kind {
            let Some(version) = self.scope.names.get(&target.id).cloned() else {
                let hint = self.target_hint(target);
                let val = self.expr_hinted(value, hint.as_ref())?;
                return self.store(target, val, at);
            };
            let Some(ty) = self.var_type(&version) else {
                // Nothing is known of the variable: the value says why, or the variable does.
                let _ = self.expr(value)?;
                return Err(self.unknown_variable(target, &version));
            };
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
            let val = self.user_call(target, id, Some(base), args, &[])?;
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

    pub(super) fn unknown_variable(&mut self, target: &PyExpr, version: &str) -> Expr {
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
    pub(super) fn is_alias(&self, target: &PyExpr) -> bool {
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
    pub(super) fn hoist(&mut self, val: Val, name: &str, at: Span) -> Val {
        if self.conditional > 0 {
            return val;
        }
        let unique = self.free_name(name);
        let ty = (val.literal).then(|| val.rty.clone());
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
    pub(super) fn store(&mut self, target: &'a PyExpr, val: Val, at: Span) -> Result<(), Expr> {
        match &target.kind {
            ExprKind::Name(name) => {
                let Some(version) = self.scope.names.get(&target.id).cloned() else {
                    let Some((place, ty)) = self.global_place(name) else {
                        return Err(self.hole(target));
                    };
                    let value = self.coerce(val, &ty, at, name)?;
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

    fn store_attribute(
        &mut self,
        target: &'a PyExpr,
        base: &'a PyExpr,
        name: &str,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if self.lw.input.model.problems.contains_key(&target.id) {
            return Err(self.hole(target));
        }
        let base_ty = self.fact(base.id).ty.narrowed();
        if self.path_of(target).is_some_and(|p| self.is_input_path(&p)) {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `.{name}` of an input is not translated"),
            )
            .with_help("PyTask works on a copy of the inputs: use a variable of your own");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        let path = self.path_of(target);
        if let (None, Ty::Instance(class)) = (&path, &base_ty) {
            let Some(ty) = self.lw.class_field(class, name) else {
                return Err(self.hole(target));
            };
            let value = self.coerce(val, &ty, at, name)?;
            let value = if value.is_simple() || !value.can_fail() && !self.calls_own(&value) {
                value
            } else {
                // The value is computed before its place is looked up.
                let held = Val::new(value, ty, &self.fact(target.id));
                self.hoist(held, "value", at).expr
            };
            let (place, _) = self.place(target, true)?;
            self.emit_assign(at, place, value);
            return Ok(());
        }
        let Some(path) = path else {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `.{name}` of this is not translated yet"),
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        if let (Ty::Instance(_), Some(to)) = (&base_ty, self.path_type(&path)) {
            self.int_beyond_doubles(&val, &to, at, &format!("`{}`", self.path_text(&path)));
        }
        match &base_ty {
            Ty::Message {
                side: Side::Output, ..
            } if name == "tov" => {
                let value = match val.rty {
                    RTy::Tov | RTy::Never => val.expr,
                    _ => {
                        let problem = Problem::new(
                            Code::PartlyHandled,
                            format!("{} as a `tov` is not translated", val.ty.describe()),
                        )
                        .with_help("assign another message's `tov`");
                        return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
                    }
                };
                if let Plan::Deferred { shadow, fresh } = self.shadows.write(target.id) {
                    let kind = if fresh {
                        StmtKind::Let {
                            name: shadow.name,
                            mutable: true,
                            ty: None,
                            init: Some(value),
                        }
                    } else {
                        StmtKind::Assign {
                            place: Expr::atom(shadow.name),
                            op: None,
                            value,
                        }
                    };
                    self.emit(at, kind);
                    return Ok(());
                }
                if let Some(message) = self.path_of(base) {
                    self.release(&message);
                }
                let Some((place, _)) = self.path_place(&path, true) else {
                    return Err(self.hole(target));
                };
                self.emit(
                    at,
                    StmtKind::Assign {
                        place,
                        op: None,
                        value,
                    },
                );
                Ok(())
            }
            Ty::Instance(class) => {
                if self.bind_attribute(&path, val.clone(), at)? {
                    self.forget_path(&path);
                    return Ok(());
                }
                let Some(ty) = self.lw.class_field(class, name) else {
                    return Err(self.hole(target));
                };
                self.write_field(&path, val, &ty, at, name)?;
                self.forget_path(&path);
                Ok(())
            }
            Ty::Struct(key) => {
                let Some(field) = self.lw.field(key, name).map(|f| f.ty.clone()) else {
                    let known: Vec<&str> = self
                        .lw
                        .fields(key)
                        .iter()
                        .map(|f| f.python_name.as_str())
                        .collect();
                    let message = format!(
                        "`{}` has no field `{name}`: PyTask drops this write",
                        crate::ty::last_segment(key)
                    );
                    let help = format!("it has {}", known.join(", "));
                    self.lw.report(
                        Code::UnknownFieldWritten,
                        target.span,
                        &message,
                        Some(&help),
                    );
                    // The payload becomes present all the same.
                    if let (Some(parent), true) = (self.path_of(base), self.is_output_path(&path)) {
                        if val.expr.can_fail() {
                            self.emit(at, StmtKind::Expr(val.expr));
                        }
                        if let Some((place, _)) = self.path_place(&parent, true)
                            && !place.is_simple()
                        {
                            self.emit(at, StmtKind::Expr(place));
                        }
                    }
                    return Ok(());
                };
                if crate::infer::is_dict_method(name) {
                    let message = format!(
                        "`{name}` is a method of the dict that a payload is: reading `.{name}` gives that"
                    );
                    self.lw.report(
                        Code::MethodNamedField,
                        target.span,
                        &message,
                        Some("rename the field"),
                    );
                }
                let rty = super::types::rty_of(&field);
                match self.shadows.write(target.id) {
                    Plan::Deferred { shadow, fresh } => {
                        let wide = self.wide_type(&field);
                        let value = self.coerce(val, &wide, at, name)?;
                        self.shadow_assign(&shadow.name, fresh, value, &wide, at);
                    }
                    Plan::Let { shadow, fresh } => {
                        let wide = self.wide_type(&field);
                        let range = val.range;
                        let ty = Ty::of_rust(&field, self.lw.input.types);
                        let value = self.coerce(val, &wide, at, name)?;
                        self.shadow_assign(&shadow.name, fresh, value, &wide, at);
                        let val = Val {
                            range,
                            ..Val::new(Expr::atom(shadow.name), wide, &crate::value::Fact::of(ty))
                        };
                        self.write_field(&path, val, &rty, at, name)?;
                    }
                    Plan::Direct => self.write_field(&path, val, &rty, at, name)?,
                }
                self.forget_path(&path);
                Ok(())
            }
            _ => Err(self.hole(target)),
        }
    }

    fn shadow_assign(&mut self, name: &str, fresh: bool, value: Expr, wide: &RTy, at: Span) {
        if fresh {
            let literal = matches!(&value, Expr::Atom(t) if t.starts_with(|c: char| c.is_ascii_digit()) || t == "None")
                || matches!(value, Expr::NegLit(_));
            let ty = literal.then(|| wide.clone());
            self.emit(
                at,
                StmtKind::Let {
                    name: name.to_string(),
                    mutable: false,
                    ty,
                    init: Some(value),
                },
            );
        } else {
            self.emit_assign(at, Expr::atom(name), value);
        }
    }

    fn write_field(
        &mut self,
        path: &Path,
        val: Val,
        rty: &RTy,
        at: Span,
        name: &str,
    ) -> Result<(), Expr> {
        let val = self.int_for_float(val, rty, name);
        let copied = self.is_state_path(path) || self.is_output_path(path);
        let outer = std::mem::replace(&mut self.copied_by_pytask, copied);
        let coerced = self.coerce(val, rty, at, name);
        self.copied_by_pytask = outer;
        let value = match coerced {
            Ok(value) => value,
            Err(hole) => {
                self.hole_in_stmt = true;
                hole
            }
        };
        self.raises_first = self.tries > 0 && value.can_fail();
        let place = self.path_place(path, true);
        self.raises_first = false;
        let Some((place, _)) = place else {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `{path}` is not translated yet"),
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        self.emit_assign(at, place, value);
        Ok(())
    }

    /// The integer type of the field that a value goes to, for checked arithmetic.
    pub(super) fn target_hint(&self, target: &PyExpr) -> Option<(IntTy, String)> {
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

    fn while_(
        &mut self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        self.forget_changed(body);
        self.open_loop(orelse, body);
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let forever = matches!(&test.kind, ExprKind::Bool(true))
            || matches!(&test.kind, ExprKind::Int(n) if *n != 0.into());
        let kind = if forever {
            StmtKind::Loop {
                label: None,
                body: self.block(body, inner),
            }
        } else {
            self.conditional += 1;
            let cond = self.condition_value(test);
            self.conditional -= 1;
            StmtKind::While {
                label: None,
                cond: cond?,
                body: self.block(body, inner),
            }
        };
        self.close_loop(stmt, kind, orelse, at);
        self.forget_changed(body);
        Ok(())
    }

    /// Forgets the names for paths that a block may change.
    pub(super) fn forget_changed(&mut self, block: &'a ast::Block) {
        let mut changed = Vec::new();
        super::narrow::changed_paths(self, block, &mut changed);
        for path in changed {
            self.forget_path(&path);
        }
    }

    /// `!cond`, with the comparison turned round where that is exact.
    pub(super) fn negated(&self, cond: Expr, test: &PyExpr) -> Expr {
        let exact = match &test.kind {
            ExprKind::Compare { left, rest, .. } => {
                let ordered = |e: &PyExpr| {
                    let fact = self.fact(e.id);
                    match fact.ty {
                        Ty::Int | Ty::Bool | Ty::Str => true,
                        Ty::Float => !fact.range.float().nan,
                        _ => false,
                    }
                };
                ordered(left) && rest.iter().all(ordered)
            }
            _ => false,
        };
        match cond {
            Expr::Atom(text) if text == "true" => Expr::atom("false"),
            Expr::Atom(text) if text == "false" => Expr::atom("true"),
            other @ Expr::Binary(..) if !exact => match other.clone().negate(false) {
                // De Morgan is left to the reader: `!(a && b)`.
                Expr::Unary(UnOp::Not, _) => Expr::Unary(UnOp::Not, Box::new(other)),
                turned => turned,
            },
            other => other.negate(exact),
        }
    }
}
