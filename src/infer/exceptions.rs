//! `try`, `raise`, and the exception classes of the file.
//!
//! What is known where a handler begins is what holds wherever its body may raise: each
//! expression that was evaluated in the body, and each assignment before the next one,
//! takes away from it.

mod kept;

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{Block, Class, Expr, ExprKind, Handler, Module, Stmt, StmtKind};
use crate::catalog::exceptions;
use crate::desugar::{EXCEPTION_REPR, FIRST_ARGUMENT, UNKNOWN_REPR};
use crate::diagnostic::Code;
use crate::ty::Ty;
pub(crate) use kept::OR;
use kept::kept_attributes;

/// What one `except` clause, or one argument of `isinstance`, names.
pub(crate) fn class_names(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Tuple(items) => items.iter().flat_map(class_names).collect(),
        _ => vec![e],
    }
}

impl<'a> Inference<'a> {
    /// Takes note of a class that is an exception and nothing more.
    pub(super) fn collect_exception(&mut self, class: &'a Class) -> bool {
        let [base] = class.bases.as_slice() else {
            return false;
        };
        let base = self.full_name(base);
        let known = exceptions::is_builtin(&base) || self.model.exceptions.contains_key(&base);
        let plain = class.body.stmts.iter().all(|s| match &s.kind {
            StmtKind::Pass => true,
            StmtKind::Expr(e) => matches!(e.kind, ExprKind::Str(_) | ExprKind::Ellipsis),
            _ => kept_attributes(s).is_some(),
        });
        if !known || !plain || !class.decorators.is_empty() || !class.keywords.is_empty() {
            return false;
        }
        self.model.exceptions.insert(class.name.name.clone(), base);
        let kept = class.body.stmts.iter().find_map(kept_attributes);
        let kept = kept.into_iter().flatten();
        let kept: Vec<(String, Fact)> = kept.map(|attr| (attr, Fact::unknown())).collect();
        if !kept.is_empty() {
            let name = class.name.name.clone();
            self.model.exception_attributes.insert(name, kept);
        }
        true
    }

    /// `try: body except …: handlers else: orelse finally: finalbody`
    #[allow(clippy::too_many_arguments)]
    pub(super) fn try_statement(
        &mut self,
        scope: &mut Scope<'_>,
        stmt: &Stmt,
        body: &Block,
        handlers: &[Handler],
        orelse: &Block,
        finalbody: &Block,
        env: Env,
    ) -> Env {
        if let Some(why) = self.refused_try(scope, handlers, finalbody) {
            self.problem(stmt.id, stmt.span, why);
        }
        let finally = !finalbody.stmts.is_empty();
        if finally {
            scope.raising.push(env.clone());
            scope.finally += 1;
        }
        scope.raising.push(env.clone());
        let done = self.block(scope, body, env.clone());
        let raised = scope.raising.pop().unwrap_or(env);
        let mut after = self.block(scope, orelse, done);
        for handler in handlers {
            let mut inside = raised.clone();
            if handler.name.is_some() {
                let node = handler.id;
                let classes = handler.types.iter().flat_map(class_names);
                let names: Vec<String> = classes.map(|c| self.full_name(c)).collect();
                let class = match names.is_empty() {
                    true => "Exception".to_string(),
                    false => names.join(OR),
                };
                let fact = Fact::of(Ty::Exception(class));
                scope.record(node, fact.clone());
                let version = scope.names.names.get(&node).cloned().unwrap_or_default();
                inside.bound.insert(version.clone());
                if let Some(var) = scope.vars.get_mut(&version) {
                    let _ = var.fact.absorb(&fact, false);
                }
                let mut end = self.block(scope, &handler.body, inside);
                // Python unbinds the name where the handler ends.
                end.bound.remove(&version);
                after = after.meet(&end);
            } else {
                let end = self.block(scope, &handler.body, inside);
                after = after.meet(&end);
            }
        }
        if !finally {
            return after;
        }
        scope.finally -= 1;
        let anywhere = scope.raising.pop().unwrap_or_else(Env::unreachable);
        let end = self.block(scope, finalbody, after.clone());
        // Once more with what holds on every way there: that is what is lowered.
        let _ = self.block(scope, finalbody, anywhere.meet(&after));
        match after.reachable {
            true => end,
            false => Env::unreachable(),
        }
    }

    /// Why a `try` is not translated.
    fn refused_try(
        &self,
        scope: &Scope<'_>,
        handlers: &[Handler],
        finalbody: &Block,
    ) -> Option<Problem> {
        if leaves(finalbody) {
            let what = "`return`, `break` or `continue` in `finally` is not translated";
            return Some(
                Problem::new(Code::PartlyHandled, what)
                    .with_help("it drops the exception on its way: put it behind the `try`"),
            );
        }
        let classes = handlers
            .iter()
            .flat_map(|h| &h.types)
            .flat_map(|t| class_names(t));
        for class in classes {
            let name = self.full_name(class);
            let local = scope.names.names.contains_key(&class.id);
            let known = exceptions::is_builtin(&name)
                || self.model.exceptions.contains_key(&name)
                // Of another module: nothing that is translated raises it.
                || name.contains('.');
            if local || !known {
                let message = format!("`except {name}`: this is no exception class that is known");
                return Some(Problem::new(Code::PartlyHandled, message));
            }
        }
        None
    }

    /// `raise exc from cause`
    pub(super) fn raise(
        &mut self,
        scope: &mut Scope<'_>,
        stmt: &Stmt,
        exc: Option<&Expr>,
        cause: Option<&Expr>,
        env: &mut Env,
    ) {
        let mut given = None;
        let class = match exc.map(|e| (&e.kind, e)) {
            Some((ExprKind::Call { func, args, .. }, _)) => {
                let facts = args.iter().map(|arg| self.eval(scope, arg, env));
                given = Some(facts.collect::<Vec<Fact>>());
                Some(&**func)
            }
            Some((_, e)) => Some(e),
            None => None,
        };
        if let Some(class) = class {
            let name = self.full_name(class);
            let is_class = !scope.names.names.contains_key(&class.id)
                && (exceptions::is_builtin(&name) || self.model.exceptions.contains_key(&name));
            if self.is_caught(scope, class) {
                let _ = self.eval(scope, class, env);
            } else if !is_class {
                let message = format!("`{name}` is no exception class that is translated");
                self.problem(
                    stmt.id,
                    stmt.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            } else if let Some(given) = given {
                let kept = self.model.exception_attributes.get(&name);
                // What is not known yet may still be one.
                let text = given
                    .first()
                    .is_some_and(|one| matches!(one.ty, Ty::Str | Ty::Unknown));
                let one = given.len() == 1 || kept.is_some_and(|kept| !kept.is_empty());
                if !(given.is_empty() || text && one) && self.odd_raises.insert(name.clone()) {
                    self.all_changed(true);
                }
                self.keep_attributes(&name, &given);
            }
        }
        if let Some(cause) = cause
            && !matches!(cause.kind, ExprKind::None)
        {
            let _ = self.eval(scope, cause, env);
        }
    }

    /// Takes note that control may leave for a handler here.
    pub(super) fn may_raise(scope: &mut Scope<'_>, env: &Env) {
        for raising in &mut scope.raising {
            *raising = raising.meet(env);
        }
    }

    /// Whether a name is a caught exception.
    pub(super) fn is_caught(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        self.path_of(scope, e)
            .and_then(|path| scope.vars.get(&path.root))
            .is_some_and(|var| matches!(var.fact.ty, Ty::Exception(_)))
    }

    /// What a caught exception gives by an attribute or an index: `e.args[0]`.
    pub(super) fn exception_attribute(&mut self, e: &Expr, class: &str, name: &str) -> Fact {
        if let Some(fact) = self.model.kept_attribute(class, name) {
            return fact;
        }
        if name == crate::desugar::CLASS_NAME {
            return Fact::of(Ty::Str);
        }
        let problem = match name {
            FIRST_ARGUMENT | EXCEPTION_REPR => match self.not_one_text(class) {
                None => return Fact::of(Ty::Str),
                Some(problem) => problem,
            },
            UNKNOWN_REPR => Problem::new(
                Code::PartlyHandled,
                "the `repr` of this exception is not translated",
            )
            .with_help("`str(e)` and `type(e).__name__` are"),
            _ => Problem::new(
                Code::PartlyHandled,
                format!("`.{name}` of an exception is not translated"),
            )
            .with_help("`str(e)` and `e.args[0]` are"),
        };
        self.problem(e.id, e.span, problem);
        self.no_fact("an attribute of an exception")
    }
}

impl Inference<'_> {
    /// Why what `caught` catches may have been made with something else than one text.
    fn not_one_text(&self, caught: &str) -> Option<Problem> {
        let catches = |class: &String| {
            let mut caught = caught.split(OR);
            caught.any(|caught| exceptions::derives(class, caught, &self.model.exceptions))
        };
        let mut bare = self.bare_raises.iter().map(|class| self.full_name(class));
        if let Some(class) = bare.find(catches) {
            let message =
                format!("`e.args[0]` where `raise {class}` gives no argument: an IndexError");
            return Some(
                Problem::new(Code::PartlyHandled, message)
                    .with_help("raise it with a message, or use `str(e)`"),
            );
        }
        let class = self.odd_raises.iter().find(|class| catches(class))?;
        let message = format!("the arguments of a `{class}` that is raised with no text, or more");
        Some(
            Problem::new(Code::PartlyHandled, message)
                .with_help("raise it with one text, or use `str(e)`"),
        )
    }
}

/// The classes that a module raises without arguments: `raise Bad`, `raise Bad()`.
pub(super) fn bare_raises(module: &Module) -> Vec<&Expr> {
    struct Raises<'a>(Vec<&'a Expr>);
    impl<'a> crate::ast::visit::Visitor<'a> for Raises<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let StmtKind::Raise { exc: Some(exc), .. } = &stmt.kind {
                match &exc.kind {
                    ExprKind::Call {
                        func,
                        args,
                        keywords,
                    } if args.is_empty() && keywords.is_empty() => self.0.push(func),
                    ExprKind::Name(_) | ExprKind::Attribute { .. } => self.0.push(exc),
                    _ => {}
                }
            }
            crate::ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut raises = Raises(Vec::new());
    crate::ast::visit::Visitor::visit_block(&mut raises, &module.body);
    raises.0
}

/// Whether a block leaves itself other than at its end or by raising.
fn leaves(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_) => true,
        StmtKind::Break | StmtKind::Continue => true,
        // Its own jumps stay within it; a `return` does not.
        StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
            returns(body) || returns(orelse)
        }
        _ => super::scope::child_blocks(stmt)
            .iter()
            .any(|(b, _, _)| leaves(b)),
    })
}

fn returns(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| {
        matches!(stmt.kind, StmtKind::Return(_))
            || super::scope::child_blocks(stmt)
                .iter()
                .any(|(b, _, _)| returns(b))
    })
}
