//! The level of the module: its constants, and the variables that functions share.

use crate::ast::{self, Expr, ExprKind, Module, NodeMap, StmtKind};
use crate::desugar::is_constant;
use crate::desugar::typed::Sugar;
use crate::infer::env::Env;
use crate::infer::eval::Scope;
use crate::infer::fixed::Place;
use crate::infer::fold::Folded;
use crate::infer::model::{Const, Fact, Problem, Var};
use crate::infer::{Inference, absorb};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

impl<'a> Inference<'a> {
    /// A scope for expressions at module level.
    pub(in crate::infer) fn module_scope(&self) -> Scope<'a> {
        let mut vars = self.model.module.vars.clone();
        for version in self.model.level.vars.keys() {
            vars.entry(version.clone()).or_insert_with(|| Var {
                fact: Fact::unknown(),
                alias: None,
                maybe_unbound: false,
            });
        }
        Scope {
            id: None,
            key: String::new(),
            names: Rc::clone(&self.model.level),
            vars,
            facts: NodeMap::default(),
            before: NodeMap::default(),
            calls: NodeMap::default(),
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
            loose: crate::infer::zeros::Loose::default(),
        }
    }

    /// Evaluates the constants and variables of the module, in order.
    pub(in crate::infer) fn module_level(&mut self, module: &'a Module) {
        let mut scope = self.module_scope();
        let mut env = Env::new();
        let before = std::mem::take(&mut self.model.consts);
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
            let changed = std::mem::take(&mut scope.globals_changed);
            self.model.level_changes.insert(value.id, changed);
            let folded = crate::infer::fold::fold(value, self);
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
                        let known = self.model.tables.insert(name.clone(), entries.clone());
                        if known.as_ref() != Some(&entries) {
                            self.model.functions.all_stale();
                        }
                    }
                }
            }
            let constant = self.const_instance(value, 0);
            for target in targets {
                self.items_of_list(target, &fact);
                self.module_target(target, &fact, folded.as_ref(), constant);
                if let ExprKind::Name(_) | ExprKind::Tuple(_) | ExprKind::List(_) = &target.kind {
                    let to = self.known_target(&scope, target);
                    self.keeps_order(&mut scope, value, &to);
                }
                if let (ExprKind::Name(name), Some(_)) = (&target.kind, &folded)
                    && self.model.consts.contains_key(name)
                {
                    self.solved(value);
                }
            }
        }
        self.show_signs(&scope);
        self.keep_level(scope);
        if self.model.consts != before {
            self.model.functions.all_stale();
        }
    }

    /// Keeps what an expression at module level was found to be.
    pub(in crate::infer) fn keep_level(&mut self, scope: Scope<'_>) {
        let mut changed = false;
        let module = &mut self.model.module;
        for (version, var) in scope.vars {
            if var.fact.ty != Ty::Unknown && module.vars.get(&version) != Some(&var) {
                module.vars.insert(version, var);
                changed = true;
            }
        }
        module.facts.extend(scope.facts);
        module.before.extend(scope.before);
        module.calls.extend(scope.calls);
        self.all_changed(changed);
    }

    /// Whether a call makes an instance that nobody can change, of constants alone.
    fn const_instance(&self, value: &Expr, depth: usize) -> bool {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            return false;
        };
        let ExprKind::Name(class) = &func.kind else {
            return false;
        };
        let Some(info) = self.classes.get(class) else {
            return false;
        };
        let ty = Ty::Instance(class.clone());
        let made = info.class.made.as_ref();
        let plain = depth < 8
            && !self.binding.form.is_plain()
            && made.is_some_and(|m| m.frozen && m.params.len() == m.fields.len())
            && info.find("__init__").is_none()
            && self.model.is_value(&ty, 0);
        let fields = self.model.classes.get(class).map(|c| &c.fields);
        let scalar = |ty: &Ty| {
            matches!(
                ty,
                Ty::Unknown
                    | Ty::Bool
                    | Ty::Int
                    | Ty::Float
                    | Ty::Number
                    | Ty::IntOrFloat
                    | Ty::Member(_)
                    | Ty::Instance(_)
            )
        };
        let defaults = info.attributes.iter().filter_map(|(_, value)| *value);
        let values = args.iter().chain(keywords.iter().map(|k| &k.value));
        plain
            && fields.is_some_and(|f| f.iter().all(|(_, fact)| scalar(&fact.ty)))
            && values.chain(defaults).all(|e| match &e.kind {
                ExprKind::Call { .. } => self.const_instance(e, depth + 1),
                ExprKind::Attribute { value, attr } => match &value.kind {
                    ExprKind::Name(class) => {
                        let class = self.model.classes.get(class);
                        class.is_some_and(|c| c.members.iter().any(|(m, _)| *m == attr.name))
                    }
                    _ => false,
                },
                _ => matches!(
                    crate::infer::fold::fold(e, self),
                    Some(Folded::Int(_) | Folded::Float(_) | Folded::Bool(_))
                ),
            })
    }

    /// What was found wrong with an expression does not matter: its value is known.
    pub(super) fn solved(&mut self, e: &Expr) {
        struct Nodes<'p>(&'p mut NodeMap<(crate::source::Span, Problem)>);
        impl<'ast> ast::visit::Visitor<'ast> for Nodes<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.0.remove(&e.id);
                ast::visit::walk_expr(self, e);
            }
        }
        ast::visit::Visitor::visit_expr(&mut Nodes(&mut self.model.problems), e);
    }

    /// `A, B, C = solve(…)` of a list.
    fn items_of_list(&mut self, target: &Expr, fact: &Fact) {
        let (ExprKind::Tuple(names) | ExprKind::List(names)) = &target.kind else {
            return;
        };
        let Ty::List { elem, len, .. } = &fact.ty else {
            return;
        };
        let plain = names.iter().all(|n| matches!(n.kind, ExprKind::Name(_)));
        let fits = len.is_none_or(|len| len == names.len());
        // What a program binds once is a variable of its `main`.
        let task = !self.binding.form.is_plain();
        if task && plain && fits && !elem.is_shared() && !elem.is_unusable() {
            self.note(target, Sugar::Parts);
        }
    }

    pub(super) fn module_target(
        &mut self,
        target: &Expr,
        fact: &Fact,
        folded: Option<&Folded>,
        constant: bool,
    ) {
        match (&target.kind, &fact.ty) {
            (ExprKind::Name(name), _) => {
                if fact.ty.is_unusable() {
                    return;
                }
                let global = self.model.globals.get(name).copied().unwrap_or_default();
                let is_variable = global.changed_in_function
                    || self.computed.contains(name)
                    || matches!(fact.ty, Ty::Instance(_)) && !constant
                    // A dataclass that stays as it is may be part of a constant.
                    || fact.ty.holds_instance(&|class| {
                        let model = self.model.classes.get(class);
                        model.is_none_or(|c| c.made.is_none() || c.mutated)
                    })
                    || self.model.variables.contains_key(name);
                if is_variable {
                    self.absorb_variable(name, fact);
                } else if global.assigned == 1 {
                    let constant = Const {
                        fact: Fact {
                            ty: self.fixed.ty(&Place::Global(name.clone()), &fact.ty),
                            ..fact.clone()
                        },
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
                    self.module_target(item, &fact, folded, false);
                }
            }
            _ => {}
        }
    }

    /// Joins a value into a module variable.
    pub(in crate::infer) fn absorb_variable(&mut self, name: &str, fact: &Fact) {
        let fact = Fact {
            ty: self.fixed.ty(&Place::Global(name.to_string()), &fact.ty),
            unbound: false,
            ..fact.clone()
        };
        match self.model.variables.get_mut(name) {
            Some(slot) => {
                let mut asks = false;
                let changed = absorb(slot, &fact, self.round, &mut asks);
                self.all_changed(changed);
                self.asks_round(asks);
            }
            None => {
                self.model.variables.insert(name.to_string(), fact);
                self.all_changed(true);
            }
        }
    }
}

impl crate::infer::fold::Names for Inference<'_> {
    fn value(&self, name: &str) -> Option<Folded> {
        self.model.consts.get(name)?.value.clone()
    }

    fn full_name(&self, callee: &Expr) -> Option<String> {
        self.model.full_name(callee, |name| {
            self.functions.contains_key(name) || self.classes.contains_key(name)
        })
    }
}
