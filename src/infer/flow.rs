//! Statements and functions.

mod assign;
mod loops;
mod module;
mod replaces;
mod unpack;

use super::env::{Env, Path};
use super::eval::Scope;
use super::model::{Fact, FnId, Problem, Var};
use super::order::is_orderless;
use super::{Inference, absorb};
use crate::ast::{self, Block, ExprKind, NodeMap, Stmt, StmtKind};
use crate::diagnostic::Code;
use crate::ty::{ListKind, Ty};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Turns over a loop's body before its intervals are widened, and at most.
const LOOP_WIDEN: usize = 2;
const LOOP_ROUNDS: usize = 12;

impl<'a> Inference<'a> {
    /// Analyses a function for its current parameters, where that may tell anything new.
    pub(super) fn analyse(&mut self, id: FnId) {
        if self.recording || self.model.functions.is_stale(id.0) {
            self.analyse_anew(id);
        } else {
            #[cfg(test)]
            self.analyse_at_rest(id);
        }
    }

    /// Analyses a function that has come to rest, which must not change anything.
    #[cfg(test)]
    fn analyse_at_rest(&mut self, id: FnId) {
        let before = std::mem::replace(&mut self.changed, false);
        self.analyse_anew(id);
        let name = self.model.functions.own(id.0).map(|f| &f.python_name);
        assert!(!self.changed, "{name:?} was not at rest");
        self.changed = before;
    }

    /// Analyses a function until its variables come to rest.
    fn analyse_anew(&mut self, id: FnId) {
        let Some(model) = self.model.functions.own(id.0) else {
            return;
        };
        let Some(function) = self.functions.get(&model.python_name).copied() else {
            return;
        };
        let names = self.model.scopes.get(&model.python_name);
        let names = names.map(Rc::clone).unwrap_or_default();
        let mut vars = model.vars.clone();
        for version in names.vars.keys() {
            vars.entry(version.clone()).or_insert_with(|| Var {
                fact: Fact::unknown(),
                alias: None,
                maybe_unbound: false,
            });
        }
        let params: Vec<String> = function
            .params
            .list
            .iter()
            .map(|p| p.name.name.clone())
            .collect();
        let given = (model.params.clone(), model.ret.clone());
        let mut asks = false;
        let mut env = Env::new();
        env.fresh = model.role != super::model::Role::Helper;
        for (name, fact) in params.iter().zip(&model.params) {
            env.bound.insert(name.clone());
            if let Some(var) = vars.get_mut(name) {
                let _ = absorb(&mut var.fact, fact, self.round, &mut asks);
            }
            if fact.ty == Ty::None {
                env.none.insert(Path::root(name.clone()));
            }
            if fact.ty.narrowed().is_number() {
                env.ranges.insert(Path::root(name.clone()), fact.range);
            }
        }
        let mut scope = Scope {
            id: Some(id),
            key: model.python_name.clone(),
            names,
            vars,
            facts: NodeMap::default(),
            before: NodeMap::default(),
            calls: NodeMap::default(),
            ret: model.ret.clone(),
            params,
            mutated: model.mutated.clone(),
            globals: model.globals.clone(),
            globals_changed: model.globals_changed.clone(),
            parts: BTreeMap::new(),
            loops: Vec::new(),
            raising: Vec::new(),
            finally: 0,
            exits: HashMap::new(),
            function: Some(function),
            loose: super::zeros::Loose::default(),
        };
        let mut rests = false;
        for _ in 0..LOOP_ROUNDS {
            let before = (scope.vars.clone(), scope.ret.clone());
            let effects = scope.effects();
            if !self.recording {
                self.model.functions.look(id.0);
                self.asks_round(asks);
            }
            let end = self.block(&mut scope, &function.body, env.clone());
            if end.reachable {
                scope.ret = scope.ret.join(&Fact::of(Ty::None));
            }
            scope.exits.insert(None, end.ranges);
            if scope.vars == before.0 {
                rests = scope.ret == before.1 && scope.effects() == effects;
                break;
            }
        }
        self.show_signs(&scope);
        self.widen_params(&scope);
        let Some(model) = self.model.functions.own(id.0) else {
            return;
        };
        let rests = rests && (&model.params, &model.ret) == (&given.0, &given.1);
        self.model.functions.looked(id.0, rests);
        let outside = model.ret != scope.ret
            || model.mutated != scope.mutated
            || model.globals != scope.globals
            || model.globals_changed != scope.globals_changed;
        let changed = outside || model.vars != scope.vars;
        self.changed |= changed;
        if !changed && !self.recording {
            return;
        }
        let recording = self.recording;
        self.model.functions.found(id.0, outside, |model| {
            model.globals = scope.globals;
            model.globals_changed = scope.globals_changed;
            model.ret = scope.ret;
            model.vars = scope.vars;
            model.mutated = scope.mutated;
            if recording {
                model.facts = scope.facts;
                model.before = scope.before;
                model.calls = scope.calls;
                model.exits = scope.exits;
            }
        });
    }

    /// An int as a parameter that the function itself makes a float, `if dt is None: dt = 0.5`,
    /// is a number from the start: its variable has one type.
    fn widen_params(&mut self, scope: &Scope<'_>) {
        let Some(id) = scope.id else { return };
        let mut changed = false;
        self.model.functions.update(id.0, |model| {
            for (name, param) in scope.params.iter().zip(&mut model.params) {
                let held = scope.vars.get(name).map(|var| var.fact.ty.given());
                let wider = matches!(held, Some(Ty::Number | Ty::IntOrFloat));
                if let (true, Ty::Int, Some(held)) = (wider, param.ty.given(), held) {
                    changed |= param.absorb(&Fact::of(held.clone()), false);
                }
            }
            changed
        });
        self.changed |= changed;
    }

    pub(super) fn block(&mut self, scope: &mut Scope<'_>, block: &Block, env: Env) -> Env {
        let mut env = env;
        for stmt in &block.stmts {
            if !env.reachable {
                break;
            }
            env = self.stmt(scope, stmt, env);
        }
        env
    }

    fn stmt(&mut self, scope: &mut Scope<'_>, stmt: &Stmt, mut env: Env) -> Env {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                if let Some(paths) = self.message_comprehension(scope, value, &mut env) {
                    self.bind_message_paths(scope, targets, &paths, &mut env);
                    return env;
                }
                let fact = self.eval(scope, value, &mut env);
                for target in targets {
                    self.assign(scope, target, Some(value), &fact, &mut env);
                }
                self.keeps_all(scope, targets, value);
                env
            }
            StmtKind::AnnAssign {
                target,
                value,
                annotation,
            } => {
                if let Some(value) = value {
                    let mut fact = self.eval(scope, value, &mut env);
                    if let (ExprKind::Name(name), Ty::Int) = (&annotation.kind, &fact.ty)
                        && name == "float"
                    {
                        // The annotation does not convert, but says what is meant.
                        fact.ty = Ty::Number;
                    }
                    self.assign(scope, target, Some(value), &fact, &mut env);
                    self.keeps_all(scope, std::slice::from_ref(target), value);
                }
                env
            }
            StmtKind::AugAssign { target, op, value } => {
                self.augmenting(target);
                let mut old = self.eval(scope, target, &mut env);
                let mut fact = self.eval(scope, value, &mut env);
                if let Ty::Option(_) = old.ty {
                    scope.before.insert(target.id, old.clone());
                }
                self.take_operands(scope, *op, (target, &mut old), (value, &mut fact));
                if old.ty.narrowed().is_changeable() {
                    // `xs += ys` changes the list that is there.
                    self.changed_in_place(scope, target, &mut env);
                }
                let list = matches!(
                    old.ty.narrowed(),
                    Ty::List {
                        kind: ListKind::List,
                        ..
                    }
                );
                if let Some(kind) = old.ty.narrowed().octets_kind()
                    && kind != ListKind::Bytes
                {
                    let bytes = fact.ty.is_octets() || fact.ty.is_unusable();
                    if *op != ast::BinaryOp::Add || kind != ListKind::Bytearray || !bytes {
                        let what = format!(
                            "`{}=` of {} and {}",
                            op.symbol(),
                            old.ty.describe(),
                            fact.ty.describe()
                        );
                        let _ = self.mismatch(target, &what);
                    }
                    return env;
                }
                if *op == ast::BinaryOp::Add && list {
                    self.extended(scope, target, &old, &fact, &mut env);
                    return env;
                }
                self.check_taken(target, *op, (target, &old), (value, &fact));
                Self::operands(scope, *op, target, value);
                let (a, b) = ((target, &old), (value, &fact));
                let new = match self.instance_augmented(scope, target, *op, a, b, &mut env) {
                    Some(new) => new,
                    None => self.binary(target, *op, &old, &fact),
                };
                self.assign(scope, target, None, &new, &mut env);
                let keeps = self.keeps_loose(scope, target);
                self.stores_loose(target, &new, keeps);
                if old.unbound {
                    // It is read before it is bound.
                    let unbound = true;
                    scope.record(target.id, Fact { unbound, ..new });
                }
                env
            }
            StmtKind::Expr(value) => {
                let _ = self.eval(scope, value, &mut env);
                Self::hands_on(scope, value);
                env
            }
            StmtKind::If { test, body, orelse } => {
                let (yes, no) = self.condition(scope, test, env);
                let yes = self.block(scope, body, yes);
                let no = self.block(scope, orelse, no);
                yes.meet(&no)
            }
            StmtKind::While { test, body, orelse } => {
                self.while_loop(scope, test, body, orelse, env)
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async,
            } => {
                if *is_async {
                    self.statement_problem(stmt, "`async for`");
                    return env;
                }
                self.for_loop(scope, target, iter, body, orelse, env)
            }
            StmtKind::Return(value) => {
                let fact = match value {
                    Some(value) => {
                        let fact = self.eval(scope, value, &mut env);
                        self.refuse_view(scope, value);
                        Self::hands_on(scope, value);
                        if !is_orderless(&fact.ty) {
                            let to = self.known_return(scope);
                            self.keeps_order(scope, value, &to);
                        }
                        fact
                    }
                    None => Fact::of(Ty::None),
                };
                let fact = self.returned(scope, fact);
                let mut asks = false;
                let _ = absorb(&mut scope.ret, &fact, self.round, &mut asks);
                self.asks_round(asks);
                // A `finally` may change what holds before the call ends.
                let known = match scope.finally {
                    0 => env.ranges,
                    _ => super::env::SharedMap::default(),
                };
                scope.exits.insert(Some(stmt.id), known);
                Env::unreachable()
            }
            StmtKind::Break => {
                if let Some(envs) = scope.loops.last_mut() {
                    envs.breaks = envs.breaks.meet(&env);
                }
                Env::unreachable()
            }
            StmtKind::Continue => {
                if let Some(envs) = scope.loops.last_mut() {
                    envs.continues = envs.continues.meet(&env);
                }
                Env::unreachable()
            }
            StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => env,
            StmtKind::Assert { test, message } => {
                let (yes, mut no) = self.condition(scope, test, env);
                if let Some(message) = message {
                    let _ = self.eval(scope, message, &mut no);
                }
                Self::may_raise(scope, &no);
                yes
            }
            StmtKind::Raise { exc, cause } => {
                self.raise(scope, stmt, exc.as_ref(), cause.as_ref(), &mut env);
                Self::may_raise(scope, &env);
                Env::unreachable()
            }
            StmtKind::Delete(targets) => self.delete(scope, stmt, targets, env),
            StmtKind::With { .. } => self.unsupported_stmt(stmt, "`with`", env),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => self.try_statement(scope, stmt, body, handlers, orelse, finalbody, env),
            StmtKind::Match { subject, cases } => self.match_(
                scope,
                subject,
                cases,
                env,
                &mut |this, scope, block, env| this.block(scope, block, env),
            ),
            StmtKind::Function(_) => {
                self.unsupported_stmt(stmt, "a function within a function", env)
            }
            StmtKind::Class(_) => self.unsupported_stmt(stmt, "a class within a function", env),
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                self.unsupported_stmt(stmt, "an import within a function", env)
            }
            StmtKind::Unsupported(what) => self.unsupported_stmt(stmt, what, env),
        }
    }

    fn statement_problem(&mut self, stmt: &Stmt, what: &str) {
        self.problem(
            stmt.id,
            stmt.span,
            Problem::new(
                Code::UnsupportedSyntax,
                format!("{what} is not translated yet"),
            ),
        );
    }

    /// A statement that is not translated may have bound or changed anything it mentions.
    pub(super) fn unsupported_stmt(&mut self, stmt: &Stmt, what: &str, mut env: Env) -> Env {
        self.statement_problem(stmt, what);
        env.some.clear();
        env.none.clear();
        env.ranges.clear();
        env.kinds.clear();
        env
    }
}
