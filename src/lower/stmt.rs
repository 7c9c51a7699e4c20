//! Statements.

mod assign;
mod attribute;
mod element;
mod leave;
mod while_;

use super::function::FnLower;
use super::labels::LoopLabels;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::catalog;
use crate::diagnostic::Code;
use crate::infer::{Path, Problem};
use crate::ir::{Expr, RTy, Stmt, StmtKind, UnOp};
use crate::source::Span;
use crate::ty::{ListKind, Ty};

impl<'a> FnLower<'_, 'a> {
    /// The span of the statement under construction.
    pub(super) fn current_span(&self) -> Span {
        self.spans.last().copied().unwrap_or_default()
    }

    /// Lowers a statement into the block under construction.
    pub(super) fn statement(&mut self, stmt: &'a PyStmt) {
        self.spans.push(self.lw.first_line(stmt.span));
        self.stmts.push(stmt);
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
        let built = self.constructor.as_ref().is_some_and(|c| c.built);
        let mut whole = false;
        let mut lowered = self.kind(stmt);
        if lowered.is_ok() && !self.hole_in_stmt {
            lowered = self.calls_kept(stmt, before);
        }
        if let Err(hole) = lowered {
            self.hole_in_stmt = true;
            whole = true;
            self.take_back(before);
            // With the statement goes what it began to build.
            if let (Some(constructor), false) = (&mut self.constructor, built) {
                constructor.built = false;
            }
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
        self.stmts.pop();
    }

    /// Takes back the statements from a place on, and the names that they gave to paths.
    fn take_back(&mut self, from: usize) {
        for stmt in self.out.split_off(from.min(self.out.len())) {
            let names = match stmt.kind {
                StmtKind::Let { name, .. } => vec![name],
                StmtKind::LetPattern { names, .. } => names,
                _ => continue,
            };
            let named = |e: &Expr| matches!(e, Expr::Atom(name) if names.contains(name));
            self.bounds.retain(|bound| !named(&bound.expr));
        }
    }

    /// Whether the block that is being written declares a variable.
    fn is_declared(&self, version: &str) -> bool {
        let name = self.var_name(version);
        self.declared.contains(version)
            && self.out.iter().any(|stmt| match &stmt.kind {
                StmtKind::Let { name: bound, .. } => *bound == name,
                StmtKind::LetPattern { names, .. } => names.contains(&name),
                _ => false,
            })
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
                    && !self.is_declared(version)
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
        self.build_self_before(stmt);
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
                    && matches!(
                        self.fact(target.id).ty.narrowed(),
                        Ty::List {
                            kind: ListKind::List | ListKind::Bytearray,
                            ..
                        }
                    ) =>
            {
                self.extend_in_place(target, value, at)
            }
            PyKind::AugAssign { target, op, value }
                if matches!(self.fact(target.id).ty.narrowed(), Ty::Set(_)) =>
            {
                self.change_set(target, *op, value, at)
            }
            PyKind::AugAssign { target, op, value } => {
                let operated = matches!(self.fact(target.id).ty, Ty::Instance(_));
                if let (true, Some(id)) = (operated, self.model.calls.get(&target.id).copied()) {
                    let args = std::slice::from_ref(value);
                    let name = self.lw.input.model.functions.get(id.0);
                    let changes = name.is_some_and(|f| f.python_name.contains(".__i"));
                    let val = self.operator_call(target, id, target, args)?;
                    if changes {
                        // The object stays where it is.
                        self.emit(at, StmtKind::Expr(val.expr));
                        return Ok(());
                    }
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
                let fact = self.fact(target.id);
                if *op == ast::BinaryOp::Add && self.holds_bytes(target) {
                    return self.extend_in_place(target, value, at);
                }
                if fact.ty.is_long_tuple() || fact.ty.is_octets() {
                    let val = self.list_operator(target, *op, target, value, None)?;
                    return self.store(target, val, at);
                }
                if self.path_of(target).is_none() && self.lies_in_item(target) {
                    return self.change_within(target, *op, value, at);
                }
                if self.change_element(target, *op, value, at)? {
                    return Ok(());
                }
                let hint = self.target_hint(target);
                if self.tries == 0 || !self.may_raise(value) {
                    self.bind_output(target, None);
                }
                let outer = self.read_before.replace(target.id);
                let old = self.expr(target);
                self.read_before = outer;
                let old = old?;
                let new = self.expr(value)?;
                // Python reads the old value before it evaluates the right side.
                let calls = self.calls_to_change(&new.expr);
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
        if let ExprKind::Call { func, args, .. } = &value.kind
            && let ExprKind::Attribute { value: base, attr } = &func.kind
            && let ([other], Some(op), Ty::Set(_)) = (
                args.as_slice(),
                catalog::set_operator(&attr.name),
                self.fact(base.id).ty.narrowed(),
            )
            && !self.lw.input.model.problems.contains_key(&value.id)
        {
            return self.change_set(base, op, other, at);
        }
        if matches!(value.kind, ExprKind::Conditional { .. }) && self.fact(value.id).ty == Ty::None
        {
            return Err(self.partly(value, "a choice between two effects (write an `if`)"));
        }
        let call = matches!(value.kind, ExprKind::Call { .. });
        if !call && self.changes_within(value) {
            return Err(self.partly(
                value,
                "what is computed for its effects alone, in this form,",
            ));
        }
        let val = self.for_effect(value, None)?;
        let acts = call || val.expr.can_fail();
        if !acts || val.expr == Expr::Tuple(Vec::new()) {
            return Ok(());
        }
        let stmt = match (&val.rty, &val.expr) {
            // What `setdefault` gives need not be looked at.
            (_, Expr::Deref(inner)) if val.ty != Ty::None => StmtKind::Expr((**inner).clone()),
            (RTy::Unit | RTy::Never, _) => StmtKind::Expr(val.expr),
            (_, Expr::Try(_) | Expr::Call(..)) => StmtKind::Expr(val.expr),
            // What a function of the file returns need not be looked at.
            (_, Expr::Method(..)) if self.model.calls.contains_key(&value.id) => {
                StmtKind::Expr(val.expr)
            }
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
