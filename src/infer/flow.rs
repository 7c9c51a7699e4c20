//! Statements and functions.

use super::env::{Env, Path, Seg};
use super::eval::{LoopEnvs, Scope};
use super::fold::Folded;
use super::model::{Const, Fact, FnId, Problem, Var};
use super::{Inference, WIDEN_AFTER};
use crate::ast::{self, Block, ComprehensionKind, Expr, ExprKind, Module, Stmt, StmtKind};
use crate::desugar::is_constant;
use crate::diagnostic::Code;
use crate::ranges::{IntRange, Range};
use crate::source::Span;
use crate::ty::{Side, Ty};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Turns over a loop's body before its intervals are widened, and at most.
const LOOP_WIDEN: usize = 2;
const LOOP_ROUNDS: usize = 12;

impl<'a> Inference<'a> {
    /// A scope for expressions at module level.
    pub(super) fn module_scope(&self) -> Scope<'a> {
        Scope {
            id: None,
            names: Rc::default(),
            vars: BTreeMap::new(),
            facts: HashMap::new(),
            calls: HashMap::new(),
            ret: Fact::unknown(),
            params: Vec::new(),
            mutated: BTreeSet::new(),
            globals: BTreeSet::new(),
            globals_changed: BTreeSet::new(),
            parts: BTreeMap::new(),
            loops: Vec::new(),
            raising: Vec::new(),
            finally: 0,
            exits: HashMap::new(),
            function: None,
        }
    }

    /// Evaluates the constants and variables of the module, in order.
    pub(super) fn module_level(&mut self, module: &'a Module) {
        let mut scope = self.module_scope();
        let mut env = Env::new();
        self.model.consts.clear();
        for stmt in &module.body.stmts {
            let (targets, value): (Vec<&Expr>, &Expr) = match &stmt.kind {
                StmtKind::Assign { targets, value } => (targets.iter().collect(), value),
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (vec![target], value),
                // Its attributes see the constants above it.
                StmtKind::Class(class) => {
                    self.class_defaults(&class.name.name);
                    continue;
                }
                _ => continue,
            };
            let mut fact = self.eval(&mut scope, value, &mut env);
            let folded = super::fold::fold(value, self);
            if let Some(folded) = &folded {
                let exact = folded.fact();
                if !matches!(exact.ty, Ty::List { .. } | Ty::Tuple(_)) || fact.ty.is_unusable() {
                    fact = exact;
                }
            }
            if self.binding.form.is_plain() && !is_constant(value) {
                // Computed once, where the program starts.
                for target in &targets {
                    if let (ExprKind::Name(name), false) = (&target.kind, fact.ty.is_unusable()) {
                        self.absorb_variable(name, &fact);
                    }
                }
            }
            if let ExprKind::Dict(items) = &value.kind {
                let entries =
                    items
                        .iter()
                        .filter_map(|(key, item)| match key.as_ref().map(|k| &k.kind) {
                            Some(ExprKind::Str(text)) => Some((text.clone(), scope.fact(item.id))),
                            // Any name that tells it apart.
                            Some(_) => Some((item.id.0.to_string(), scope.fact(item.id))),
                            None => None,
                        });
                let entries: BTreeMap<String, Fact> = entries.collect();
                for target in &targets {
                    if let ExprKind::Name(name) = &target.kind {
                        self.model.tables.insert(name.clone(), entries.clone());
                    }
                }
            }
            for target in targets {
                self.module_target(target, &fact, folded.as_ref());
                if let (ExprKind::Name(name), Some(_)) = (&target.kind, &folded)
                    && self.model.consts.contains_key(name)
                {
                    self.solved(value);
                }
            }
        }
        self.model.module.facts.extend(scope.facts);
        self.model.module.calls.extend(scope.calls);
    }

    /// What was found wrong with an expression does not matter: its value is known.
    fn solved(&mut self, e: &Expr) {
        struct Nodes<'p>(&'p mut HashMap<ast::NodeId, (crate::source::Span, Problem)>);
        impl<'ast> ast::visit::Visitor<'ast> for Nodes<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.0.remove(&e.id);
                ast::visit::walk_expr(self, e);
            }
        }
        ast::visit::Visitor::visit_expr(&mut Nodes(&mut self.model.problems), e);
    }

    fn module_target(&mut self, target: &Expr, fact: &Fact, folded: Option<&Folded>) {
        match (&target.kind, &fact.ty) {
            (ExprKind::Name(name), _) => {
                if fact.ty.is_unusable() {
                    return;
                }
                let global = self.model.globals.get(name).copied().unwrap_or_default();
                let is_variable = global.changed_in_function
                    || matches!(fact.ty, Ty::Instance(_))
                    || self.model.variables.contains_key(name);
                if is_variable {
                    self.absorb_variable(name, fact);
                } else if global.assigned == 1 {
                    let constant = Const {
                        fact: fact.clone(),
                        value: folded.cloned(),
                    };
                    self.model.consts.insert(name.clone(), constant);
                }
            }
            (ExprKind::Tuple(items), Ty::Tuple(tys)) if items.len() == tys.len() => {
                for (i, (item, ty)) in items.iter().zip(tys).enumerate() {
                    let folded = match folded {
                        Some(Folded::Tuple(values) | Folded::List(values)) => values.get(i),
                        _ => None,
                    };
                    let exact = folded.map(Folded::fact).filter(|f| f.ty == *ty);
                    let fact = exact.unwrap_or_else(|| Fact::of(ty.clone()));
                    self.module_target(item, &fact, folded);
                }
            }
            _ => {}
        }
    }

    /// Joins a value into a module variable.
    pub(super) fn absorb_variable(&mut self, name: &str, fact: &Fact) {
        let widen = self.round >= WIDEN_AFTER;
        let fact = Fact {
            unbound: false,
            ..fact.clone()
        };
        match self.model.variables.get_mut(name) {
            Some(slot) => self.changed |= slot.absorb(&fact, widen),
            None => {
                self.model.variables.insert(name.to_string(), fact);
                self.changed = true;
            }
        }
    }

    /// Analyses a function for its current parameters, until its variables come to rest.
    pub(super) fn analyse(&mut self, id: FnId) {
        let Some(model) = self.model.functions.get(id.0) else {
            return;
        };
        let Some(function) = self.functions.get(&model.python_name).copied() else {
            return;
        };
        let names = Rc::new(
            self.scopes
                .get(&model.python_name)
                .cloned()
                .unwrap_or_default(),
        );
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
        let mut env = Env::new();
        for (name, fact) in params.iter().zip(&model.params) {
            env.bound.insert(name.clone());
            if let Some(var) = vars.get_mut(name) {
                let _ = var.fact.absorb(fact, self.round >= WIDEN_AFTER);
            }
            if fact.ty.narrowed().is_number() {
                env.ranges.insert(Path::root(name.clone()), fact.range);
            }
        }
        let mut scope = Scope {
            id: Some(id),
            names,
            vars,
            facts: HashMap::new(),
            calls: HashMap::new(),
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
        };
        for _ in 0..LOOP_ROUNDS {
            let before = scope.vars.clone();
            let end = self.block(&mut scope, &function.body, env.clone());
            if end.reachable {
                scope.ret = scope.ret.join(&Fact::of(Ty::None));
            }
            scope.exits.insert(None, end.ranges);
            if scope.vars == before {
                break;
            }
        }
        let Some(model) = self.model.functions.get_mut(id.0) else {
            return;
        };
        self.changed |= model.ret != scope.ret
            || model.vars != scope.vars
            || model.mutated != scope.mutated
            || model.globals != scope.globals
            || model.globals_changed != scope.globals_changed;
        model.globals = scope.globals;
        model.globals_changed = scope.globals_changed;
        model.ret = scope.ret;
        model.vars = scope.vars;
        model.mutated = scope.mutated;
        if self.recording {
            model.facts = scope.facts;
            model.calls = scope.calls;
            model.exits = scope.exits;
        }
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
                }
                env
            }
            StmtKind::AugAssign { target, op, value } => {
                let old = self.eval(scope, target, &mut env);
                let fact = self.eval(scope, value, &mut env);
                if old.ty.narrowed().is_changeable() {
                    // `xs += ys` changes the list that is there.
                    self.changed_in_place(scope, target, &mut env);
                }
                if *op == ast::BinaryOp::Add && matches!(old.ty.narrowed(), Ty::List { .. }) {
                    self.extended(scope, target, &old, &fact, &mut env);
                    return env;
                }
                let (a, b) = ((target, &old), (value, &fact));
                let new = match self.instance_augmented(scope, target, *op, a, b, &mut env) {
                    Some(new) => new,
                    None => self.binary(target, *op, &old, &fact),
                };
                self.assign(scope, target, None, &new, &mut env);
                if old.unbound {
                    // It is read before it is bound.
                    let unbound = true;
                    scope.record(target.id, Fact { unbound, ..new });
                }
                env
            }
            StmtKind::Expr(value) => {
                let _ = self.eval(scope, value, &mut env);
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
                        fact
                    }
                    None => Fact::of(Ty::None),
                };
                let widen = self.round >= WIDEN_AFTER;
                let _ = scope.ret.absorb(&fact, widen);
                // A `finally` may change what holds before the call ends.
                let known = match scope.finally {
                    0 => env.ranges,
                    _ => BTreeMap::new(),
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

    /// `xs += ys` changes the list that `xs` names.
    fn extended(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        old: &Fact,
        items: &Fact,
        env: &mut Env,
    ) {
        match crate::catalog::extended(old, items) {
            Ok(ty) => {
                self.grow(scope, target, &ty);
                self.changed_in_place(scope, target, env);
            }
            Err(why) => {
                let problem = Problem::new(Code::PartlyHandled, why);
                self.problem(target.id, target.span, problem);
            }
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
        env.ranges.clear();
        env
    }

    fn while_loop(
        &mut self,
        scope: &mut Scope<'_>,
        test: &Expr,
        body: &Block,
        orelse: &Block,
        env: Env,
    ) -> Env {
        let mut head = env.clone();
        let mut exit = Env::unreachable();
        for turn in 0..LOOP_ROUNDS {
            scope.loops.push(LoopEnvs {
                breaks: Env::unreachable(),
                continues: Env::unreachable(),
            });
            let (yes, no) = self.condition(scope, test, head.clone());
            let end = self.block(scope, body, yes);
            let Some(envs) = scope.loops.pop() else {
                return env;
            };
            let back = end.meet(&envs.continues);
            let joined = env.meet(&back);
            let next = if turn >= LOOP_WIDEN {
                head.widen(&joined)
            } else {
                joined
            };
            let after = self.block(scope, orelse, no);
            exit = after.meet(&envs.breaks);
            if next == head {
                break;
            }
            head = next;
        }
        exit
    }

    fn for_loop(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        iter: &Expr,
        body: &Block,
        orelse: &Block,
        env: Env,
    ) -> Env {
        let mut before = env;
        let items = self.eval(scope, iter, &mut before);
        let mut head = before.clone();
        let mut exit = Env::unreachable();
        for turn in 0..LOOP_ROUNDS {
            scope.loops.push(LoopEnvs {
                breaks: Env::unreachable(),
                continues: Env::unreachable(),
            });
            let mut inside = head.clone();
            self.bind_items(scope, target, iter, &items, &mut inside);
            let end = self.block(scope, body, inside);
            let Some(envs) = scope.loops.pop() else {
                return before;
            };
            let back = end.meet(&envs.continues);
            let joined = before.meet(&back);
            let next = if turn >= LOOP_WIDEN {
                head.widen(&joined)
            } else {
                joined
            };
            let after = self.block(scope, orelse, next.clone());
            exit = after.meet(&envs.breaks);
            if next == head {
                break;
            }
            head = next;
        }
        exit
    }

    /// Binds `target` to a value with that fact; `value` is its expression where there is one.
    pub(super) fn assign(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        if let Some(value) = value {
            self.refuse_view(scope, value);
        }
        match &target.kind {
            ExprKind::Name(name) => {
                scope.record(target.id, fact.clone());
                let Some(version) = scope.names.names.get(&target.id).cloned() else {
                    self.assign_global(scope, target, name, fact, env);
                    return;
                };
                self.bind(scope, &version, value, fact, env);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.unpack(scope, target, items, value, fact, env)
            }
            ExprKind::Attribute { value: base, attr } => {
                let base_fact = self.eval(scope, base, env);
                scope.record(target.id, fact.clone());
                if let (Ty::Option(_), Some(path)) = (&base_fact.ty, self.path_of(scope, base)) {
                    env.some.insert(path);
                }
                if !self.set_property(scope, target, (base, &base_fact), &attr.name, value, env) {
                    self.write_attribute(scope, target, &base_fact, &attr.name, fact, env);
                }
            }
            ExprKind::Subscript { value: base, index } => {
                let base_fact = self.eval(scope, base, env);
                let _ = self.eval(scope, index, env);
                scope.record(target.id, fact.clone());
                if self.store_collection_item(scope, target, base, index, fact, env) {
                    return;
                }
                match base_fact.ty.narrowed() {
                    Ty::List { .. } => {
                        let owned = self.holder_of(scope, base);
                        if let Some(problem) = owned.and_then(|p| self.class_owned(scope, &p)) {
                            self.problem(target.id, target.span, problem);
                        }
                        self.changed_in_place(scope, base, env);
                    }
                    // A table of which nothing is known yet is no constant all the same.
                    Ty::Unknown => self.changed_in_place(scope, base, env),
                    Ty::Conflict(_) => {}
                    other => {
                        let what = format!("writing to an item of {}", other.describe());
                        self.problem(
                            target.id,
                            target.span,
                            Problem::new(Code::PartlyHandled, format!("{what} is not translated")),
                        );
                    }
                }
            }
            _ => self.problem(
                target.id,
                target.span,
                Problem::new(
                    Code::UnsupportedSyntax,
                    "this target of an assignment is not translated",
                ),
            ),
        }
    }

    /// `global x; x = …`
    fn assign_global(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        name: &str,
        fact: &Fact,
        env: &mut Env,
    ) {
        if scope.id.is_none() {
            return;
        }
        if self.model.globals.get(name).is_none_or(|g| g.assigned == 0) {
            let message = format!("the module variable `{name}` has no value at module level");
            self.problem(
                target.id,
                target.span,
                Problem::new(Code::PartlyHandled, message),
            );
            return;
        }
        self.absorb_variable(name, fact);
        scope.globals.insert(name.to_string());
        scope.globals_changed.insert(name.to_string());
        let path = Path::global(name);
        env.forget(&path);
        if fact.ty.narrowed().is_number() {
            env.ranges.insert(path.clone(), fact.range);
        }
        if !matches!(fact.ty, Ty::None | Ty::Option(_)) {
            env.some.insert(path);
        }
    }

    pub(super) fn bind(
        &mut self,
        scope: &mut Scope<'_>,
        version: &str,
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        let path = Path::root(version.to_string());
        env.forget(&path);
        env.bound.insert(version.to_string());
        let alias = value.and_then(|v| self.alias_of(scope, version, v, fact));
        // A slice is a list of its own, though of the same elements.
        let shares = |index: &Expr| match (&index.kind, &fact.ty) {
            (ExprKind::Slice { .. }, Ty::List { elem, .. }) => elem.is_shared(),
            _ => fact.ty.is_shared(),
        };
        if let Some(ExprKind::Subscript { value: base, index }) = value.map(|v| &v.kind)
            && shares(index)
            && let Some(whole) = self.holder_of(scope, base)
        {
            scope.parts.insert(version.to_string(), whole);
        }
        let info_bindings = scope.names.vars.get(version).map_or(2, |v| v.bindings);
        let Some(var) = scope.vars.get_mut(version) else {
            return;
        };
        let widen = self.round >= WIDEN_AFTER && info_bindings > 1;
        let _ = var.fact.absorb(fact, widen);
        if let Some(alias) = alias {
            var.alias = Some(alias);
            return;
        }
        if !matches!(fact.ty, Ty::None | Ty::Option(_)) && matches!(var.fact.ty, Ty::Option(_)) {
            env.some.insert(path.clone());
        }
        if fact.ty.narrowed().is_number() {
            env.ranges.insert(path, fact.range);
        }
    }

    /// The path that a variable is another name for: bound once, to a shared object that is
    /// not replaced from then on in this function.
    fn alias_of(
        &self,
        scope: &Scope<'_>,
        version: &str,
        value: &Expr,
        fact: &Fact,
    ) -> Option<Path> {
        let info = scope.names.vars.get(version)?;
        if info.bindings != 1 || info.is_param || !fact.ty.is_shared() {
            return None;
        }
        let path = self.path_of(scope, value)?;
        if path.segs.is_empty() && !scope.params.contains(&path.root) {
            // A name of our own, or a global: each bound once, one before the other.
            let once = match path.global_name() {
                Some(name) => self
                    .model
                    .globals
                    .get(name)
                    .is_some_and(|g| g.assigned == 1 && !g.changed_in_function),
                None => scope.names.vars.get(&path.root).is_some_and(|of| {
                    of.bindings == 1 && of.first_is_binding && of.home == info.home
                }),
            };
            if !once || !info.first_is_binding || !matches!(fact.ty, Ty::List { .. }) {
                return None;
            }
        }
        let function = scope.function?;
        (!replaces(&function.body, scope, self, &path, value.span)).then_some(path)
    }

    fn unpack(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        items: &[Expr],
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        let star = items
            .iter()
            .position(|item| matches!(item.kind, ExprKind::Starred(_)));
        let fixed = items.len() - usize::from(star.is_some());
        let fits = |len: usize| {
            if star.is_some() {
                len >= fixed
            } else {
                len == fixed
            }
        };
        let wrong = |this: &mut Self, len: usize| {
            let message = format!("{len} values are unpacked into {} names", items.len());
            this.problem(
                target.id,
                target.span,
                Problem::new(Code::TypeMismatch, message),
            );
        };
        match &fact.ty {
            Ty::Messages { side, payloads } => {
                if star.is_some() || !fits(payloads.len()) {
                    return wrong(self, payloads.len());
                }
                let base = value.and_then(|v| self.path_of(scope, v));
                for (i, (item, payload)) in items.iter().zip(payloads).enumerate() {
                    let fact = Fact::of(Ty::Message {
                        side: *side,
                        payload: Box::new(payload.clone()),
                    });
                    let path = base.as_ref().map(|b| b.then(Seg::Index(i)));
                    self.bind_alias(scope, item, path, &fact, env);
                }
            }
            Ty::Tuple(tys) => {
                if !fits(tys.len()) {
                    return wrong(self, tys.len());
                }
                let values: Vec<Option<&Expr>> = match value.map(|v| &v.kind) {
                    Some(ExprKind::Tuple(values)) => values.iter().map(Some).collect(),
                    _ => vec![None; tys.len()],
                };
                let facts: Vec<Fact> = tys
                    .iter()
                    .zip(values)
                    .map(|(ty, value)| {
                        value.map_or_else(|| Fact::of(ty.clone()), |v| scope.fact(v.id))
                    })
                    .collect();
                let many = tys.len() - fixed;
                let mut facts = facts.into_iter();
                for item in items {
                    if let ExprKind::Starred(target) = &item.kind {
                        let rest = facts.by_ref().take(many).reduce(|a, b| a.join(&b));
                        let elem = rest.map_or(Ty::Unknown, |f| f.ty);
                        self.assign(scope, target, None, &Fact::of(Ty::list(elem)), env);
                        continue;
                    }
                    let fact = facts.next().unwrap_or_else(Fact::unknown);
                    self.assign(scope, item, None, &fact, env);
                }
            }
            Ty::List { elem, store, len } => {
                if let Some(len) = len.filter(|len| !fits(*len)) {
                    return wrong(self, len);
                }
                let range = store.as_ref().map_or_else(
                    || Fact::of((**elem).clone()).range,
                    crate::value::stored_range,
                );
                for item in items {
                    if let ExprKind::Starred(target) = &item.kind {
                        let rest = Fact::of(Ty::list((**elem).clone()));
                        self.assign(scope, target, None, &rest, env);
                        continue;
                    }
                    let fact = Fact {
                        ty: (**elem).clone(),
                        range,
                        unbound: false,
                    };
                    self.assign(scope, item, None, &fact, env);
                }
            }
            Ty::Unknown | Ty::Conflict(_) => {
                for item in items {
                    let item = match &item.kind {
                        ExprKind::Starred(target) => target,
                        _ => item,
                    };
                    self.assign(scope, item, None, &Fact::of(fact.ty.clone()), env);
                }
            }
            other => {
                let message = format!("unpacking {} is not translated", other.describe());
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    /// Binds a name to a path, as another name for it where it is bound only here.
    fn bind_alias(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        path: Option<Path>,
        fact: &Fact,
        env: &mut Env,
    ) {
        scope.record(target.id, fact.clone());
        let version = scope.names.names.get(&target.id).cloned();
        let (Some(version), Some(path)) = (version, path) else {
            self.assign(scope, target, None, fact, env);
            return;
        };
        env.bound.insert(version.clone());
        if let Some(var) = scope.vars.get_mut(&version) {
            let _ = var.fact.absorb(fact, false);
            if scope
                .names
                .vars
                .get(&version)
                .is_some_and(|v| v.bindings == 1)
            {
                var.alias = Some(path);
            } else {
                let message = format!(
                    "`{}` names several messages",
                    super::scope::plain_name(&version)
                );
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    /// `[m.payload for m in inputs]`: the path of each element.
    fn message_comprehension(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        env: &mut Env,
    ) -> Option<Vec<(Path, Fact)>> {
        let ExprKind::Comprehension {
            kind: ComprehensionKind::List | ComprehensionKind::Generator,
            element,
            clauses,
            ..
        } = &value.kind
        else {
            return None;
        };
        let [clause] = clauses.as_slice() else {
            return None;
        };
        let (ExprKind::Attribute { value: base, attr }, true) =
            (&element.kind, clause.ifs.is_empty())
        else {
            return None;
        };
        let (ExprKind::Name(bound), ExprKind::Name(item)) = (&clause.target.kind, &base.kind)
        else {
            return None;
        };
        if bound != item {
            return None;
        }
        let messages = self.eval(scope, &clause.iter, env);
        let (Ty::Messages { side, payloads }, Some(path)) =
            (&messages.ty, self.path_of(scope, &clause.iter))
        else {
            return None;
        };
        let facts = payloads.iter().enumerate().map(|(i, payload)| {
            let ty = match (attr.name.as_str(), side) {
                ("payload", Side::Input) => payload.clone().optional(),
                ("payload", Side::Output) => payload.clone(),
                ("tov", _) => Ty::Tov,
                _ => Ty::Conflict(format!("`.{}` of a message", attr.name)),
            };
            (path.then(Seg::Index(i)).attr(&attr.name), Fact::of(ty))
        });
        let facts: Vec<(Path, Fact)> = facts.collect();
        scope.record(
            value.id,
            Fact::of(Ty::Tuple(facts.iter().map(|(_, f)| f.ty.clone()).collect())),
        );
        Some(facts)
    }

    fn bind_message_paths(
        &mut self,
        scope: &mut Scope<'_>,
        targets: &[Expr],
        paths: &[(Path, Fact)],
        env: &mut Env,
    ) {
        for target in targets {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) if items.len() == paths.len() => {
                    for (item, (path, fact)) in items.iter().zip(paths) {
                        self.bind_alias(scope, item, Some(path.clone()), fact, env);
                    }
                }
                _ => self.problem(
                    target.id,
                    target.span,
                    Problem::new(
                        Code::PartlyHandled,
                        "a list of messages as a value is not translated",
                    )
                    .with_help("unpack it: `a, b = [m.payload for m in inputs]`"),
                ),
            }
        }
    }

    fn write_attribute(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        base: &Fact,
        name: &str,
        fact: &Fact,
        env: &mut Env,
    ) {
        let path = self.path_of(scope, target);
        if let Some(path) = &path {
            self.mark_mutated(scope, path);
            env.forget(path);
        } else if let Some(holder) = self.holder_of(scope, target) {
            self.mark_mutated(scope, &holder);
            env.forget_below(&holder);
        }
        match base.ty.narrowed() {
            Ty::Struct(key) => {
                let Some(field) = self.field(&key, name) else {
                    return;
                };
                let declared = Ty::of_rust(&field.ty, self.types);
                if let Ty::Int = declared.narrowed()
                    && matches!(fact.range, Range::Int(_))
                {
                    let widen = self.round >= WIDEN_AFTER;
                    let slot = self
                        .model
                        .fields
                        .entry((key, name.to_string()))
                        .or_insert_with(Fact::unknown);
                    self.changed |= slot.absorb(
                        &Fact {
                            ty: Ty::Int,
                            range: fact.range,
                            unbound: false,
                        },
                        widen,
                    );
                }
                if let (Some(path), Ty::Float, Ty::Int | Ty::Number) =
                    (&path, declared.narrowed(), fact.ty.narrowed())
                {
                    env.ints.insert(path.clone());
                    if let (Ty::Int, Range::Int(range)) = (&fact.ty, fact.range)
                        && !range.within(IntRange::DOUBLES)
                    {
                        env.wide_ints.insert(path.clone());
                    }
                }
                if let Some(path) = path {
                    if matches!(declared, Ty::Option(_))
                        && !matches!(fact.ty, Ty::None | Ty::Option(_))
                    {
                        env.some.insert(path.clone());
                    }
                    if declared.narrowed().is_number() && fact.ty.narrowed().is_number() {
                        env.ranges.insert(path, fact.range);
                    }
                }
            }
            Ty::Instance(class) => {
                let constructing = scope
                    .id
                    .and_then(|id| self.model.functions.get(id.0))
                    .is_some_and(|f| f.python_name == format!("{class}.__init__"));
                if let (false, Some(model)) = (constructing, self.model.classes.get_mut(&class)) {
                    model.mutated = true;
                }
                self.absorb_field(
                    &class,
                    name,
                    &Fact {
                        unbound: false,
                        ..fact.clone()
                    },
                );
                let declared = self
                    .model
                    .classes
                    .get(&class)
                    .and_then(|c| c.field(name))
                    .map_or(Ty::Unknown, |f| f.ty.clone());
                if let Some(path) = path {
                    if matches!(declared, Ty::Option(_))
                        && !matches!(fact.ty, Ty::None | Ty::Option(_))
                    {
                        env.some.insert(path.clone());
                    }
                    if fact.ty.narrowed().is_number() {
                        env.ranges.insert(path, fact.range);
                    }
                }
            }
            Ty::Message {
                side: Side::Output, ..
            } if matches!(name, "payload" | "tov") => {}
            Ty::Unknown | Ty::Conflict(_) => {}
            other => {
                let message = format!(
                    "writing `.{name}` of {} is not translated",
                    other.describe()
                );
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    /// Notes that something below a parameter is changed.
    pub(super) fn mark_mutated(&mut self, scope: &mut Scope<'_>, path: &Path) {
        if let Some(name) = path.global_name() {
            scope.globals.insert(name.to_string());
            scope.globals_changed.insert(name.to_string());
            // A constant that is changed in place is no constant.
            if let Some(constant) = self.model.consts.get(name).cloned() {
                self.absorb_variable(name, &constant.fact);
            }
        }
        if let Some(index) = scope.params.iter().position(|p| *p == path.root) {
            scope.mutated.insert(index);
        }
        // What a loop takes from a list is a part of it.
        if let Some(whole) = scope.parts.get(&path.root).cloned()
            && whole.root != path.root
        {
            self.mark_mutated(scope, &whole);
        }
    }
}

/// Whether the object at `path` is replaced by another anywhere in the function.
fn replaces(
    body: &Block,
    scope: &Scope<'_>,
    inference: &Inference<'_>,
    path: &Path,
    bound: Span,
) -> bool {
    struct Search<'s, 'a, 'b> {
        scope: &'s Scope<'a>,
        inference: &'s Inference<'b>,
        path: &'s Path,
        bound: Span,
        /// Where what may run after the binding starts.
        from: u32,
        found: bool,
    }
    impl Search<'_, '_, '_> {
        fn target(&mut self, target: &Expr) {
            if target.span.start < self.from {
                return;
            }
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|t| self.target(t))
                }
                // A name is bound, not replaced; only parameters are roots of paths.
                ExprKind::Name(_) => {}
                _ => {
                    if let Some(written) = self.inference.path_of(self.scope, target) {
                        self.found |= self.path.starts_with(&written);
                    }
                }
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Search<'_, '_, '_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                    self.target(target)
                }
                StmtKind::While { .. } | StmtKind::For { .. }
                    if stmt.span.start < self.bound.start && self.bound.end <= stmt.span.end =>
                {
                    self.from = self.from.min(stmt.span.start);
                }
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut search = Search {
        scope,
        inference,
        path,
        bound,
        from: bound.start,
        found: false,
    };
    ast::visit::Visitor::visit_block(&mut search, body);
    search.found
}

impl super::fold::Names for Inference<'_> {
    fn value(&self, name: &str) -> Option<Folded> {
        self.model.consts.get(name)?.value.clone()
    }

    fn full_name(&self, callee: &Expr) -> Option<String> {
        self.model.full_name(callee, |name| {
            self.functions.contains_key(name) || self.classes.contains_key(name)
        })
    }
}
