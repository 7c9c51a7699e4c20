//! Types and intervals of every expression, over the whole module.
//!
//! Enters: the [`Module`], the app's types and the node's binding. Leaves: the [`Model`]:
//! for each function (once for each way it is called) the type and interval of every
//! expression, and what is wrong where there is none. An abstract interpretation: types
//! of variables join over all their values, intervals and "is not None" follow the flow.
//! This module must not know Rust syntax.

mod annotation;
mod by_key;
mod call;
pub mod class_info;
mod classes;
mod collections;
mod cond;
pub mod construct;
mod counted;
pub mod dunder;
mod duplicate;
mod env;
pub mod equals;
mod eval;
mod exceptions;
mod fixed;
mod flow;
pub mod fold;
mod given;
mod int_fields;
pub mod isinstance;
mod iterate;
mod keyed;
mod late;
pub mod lengths;
pub mod made;
mod match_;
mod model;
mod order;
mod orderless;
mod own_order;
mod packed;
pub(crate) mod rebinds;
mod records;
mod retain;
pub mod scope;
mod starred;
mod sugar;
pub mod tagged;
mod telling;
pub mod tov;
pub mod two_types;
pub mod type_tests;
pub mod unions;
mod unrolled;
mod watch;
mod ways;
mod zeros;

pub use call::dereferenced_first;
pub use call::{Bound, bind_arguments, variant_suffix};
pub use dunder::{is_mirrored, is_reflected};
pub use env::{Path, Seg};
pub use eval::is_dict_method;
pub(crate) use exceptions::{OR, class_names};
pub use fixed::rows;
pub use match_::{is_builtin_class, variant_of};
pub use model::{Class, Const, Fact, FnId, FnModel, Model, Problem, Role, Var};
pub use retain::retained;
pub use zeros::ZeroSign;

use crate::ast::{self, Module, StmtKind};
use crate::desugar::MAIN;
use crate::project::{Binding, Form, TypeTable};
use crate::ranges::Range;
use crate::source::Span;
use crate::ty::{Side, Ty};
use fixed::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Rounds over the module before intervals are widened, and before we give up.
const WIDEN_AFTER: usize = 3;
const MOST_ROUNDS: usize = 24;

/// What stays the same over all rounds.
pub(crate) struct Inference<'a> {
    pub(crate) types: &'a TypeTable,
    pub(crate) binding: &'a Binding,
    pub(crate) computed: &'a BTreeSet<String>,
    pub(crate) functions: BTreeMap<String, &'a ast::Function>,
    pub(crate) classes: BTreeMap<String, class_info::ClassInfo<'a>>,
    /// What calls may put in the place of something else.
    pub(crate) rebinds: rebinds::Rebinds,
    /// The attributes whose lists keep their lengths.
    fixed: fixed::Fixed,
    pub(crate) model: Model,
    pub(crate) round: usize,
    pub(crate) changed: bool,
    /// Set in the last round, in which problems are recorded.
    pub(crate) recording: bool,
    /// The calls of the file's functions, in the last round.
    pub(crate) calls: two_types::Calls,
    /// Where something is not translated because a value is an int on one path and a float on
    /// another.
    mixed: Vec<Span>,
    /// The numbers that tell whether they are ints.
    telling: telling::Telling,
    /// The calls of `zip` with a `*` whose columns may be lists.
    columns: BTreeMap<ast::NodeId, Option<usize>>,
    /// The comprehensions that may run through sets.
    orderless: orderless::Orderless,
    /// The classes that are raised without arguments.
    pub(crate) bare_raises: Vec<&'a ast::Expr>,
    /// The exception classes that it raises with something else than one text.
    pub(crate) odd_raises: BTreeSet<String>,
    /// Whether values of several kinds are unions.
    unite: bool,
    /// Whether objects may hold others of their own class.
    linked: bool,
    /// Whether tuples may be of any length.
    long_tuples: bool,
    /// How attributes are read that may not be there yet.
    late: late::Late,
}

/// How values are taken that are of several kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Numbers that show whether they are ints or floats are of a type that tells.
    pub tell: bool,
    /// What is an int here and a text there is a union of both.
    pub unite: bool,
    /// Tuples whose length no type tells may be of any.
    pub long_tuples: bool,
    /// Objects may hold others of their own class, as Python's do and Rust's do not: to see
    /// what is linked, not to be lowered.
    pub linked: bool,
}

/// How often more numbers are found to tell whether they are ints.
const MOST_LOOKS: usize = 6;

/// Infers the whole module. `computed` are names of the module that Rust cannot have as
/// constants: they are variables, whose value is computed once.
pub fn infer(
    module: &Module,
    types: &TypeTable,
    binding: &Binding,
    computed: &BTreeSet<String>,
    kinds: Kinds,
) -> Model {
    let mut telling = telling::Telling::default();
    let mut model = look(module, types, binding, computed, (kinds, &telling));
    let mut told = BTreeMap::new();
    for _ in 0..if kinds.tell { MOST_LOOKS } else { 0 } {
        let (next, mut first) = telling.with(module, &model);
        if next == telling {
            break;
        }
        telling = next;
        told.append(&mut first);
        model = look(module, types, binding, computed, (kinds, &telling));
    }
    model.told = told;
    model
}

fn look(
    module: &Module,
    types: &TypeTable,
    binding: &Binding,
    computed: &BTreeSet<String>,
    (kinds, telling): (Kinds, &telling::Telling),
) -> Model {
    let mut inference = Inference {
        types,
        binding,
        computed,
        functions: BTreeMap::new(),
        classes: BTreeMap::new(),
        rebinds: rebinds::Rebinds::default(),
        fixed: fixed::Fixed::default(),
        model: Model {
            computed: computed.clone(),
            level: Rc::new(scope::resolve_level(module)),
            ..Model::watched()
        },
        round: 0,
        changed: false,
        recording: false,
        calls: two_types::Calls::default(),
        mixed: Vec::new(),
        telling: telling.clone(),
        columns: crate::desugar::columns(module),
        orderless: orderless::Orderless::default(),
        bare_raises: exceptions::bare_raises(module),
        odd_raises: BTreeSet::new(),
        unite: kinds.unite,
        linked: kinds.linked,
        long_tuples: kinds.long_tuples,
        late: late::Late::of(module),
    };
    inference.collect(module);
    inference.fixed = inference.lists_of_one_length(module);
    inference.rebinds = rebinds::Rebinds::of(&inference.functions);
    inference.settle(module);
    // What functions saw while attributes and module variables were half known does not
    // count: their own facts once more, from nothing.
    inference.model.functions.each(FnModel::forget);
    inference.settle(module);
    inference.recording = true;
    inference.whole_module(module);
    inference.by_kinds();
    inference.rebound_params();
    inference.settle_classes();
    inference.name_records();
    inference.name_unions();
    inference.model.copied = inference.fixed.copies();
    inference.model
}

/// Joins a value into what is known in a round: from some round on, intervals are widened.
/// `asks` is set where that would make a difference later on.
fn absorb(slot: &mut Fact, fact: &Fact, round: usize, asks: &mut bool) -> bool {
    let widen = round >= WIDEN_AFTER;
    let changed = slot.absorb(fact, widen);
    *asks |= !widen && !changed && !slot.contains_widened(fact);
    changed
}

impl<'a> Inference<'a> {
    /// Finds the functions, imports and module-level names.
    fn collect(&mut self, module: &'a Module) {
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    self.functions.insert(function.name.name.clone(), function);
                    let names = Rc::new(scope::resolve(function));
                    self.model.scopes.insert(function.name.name.clone(), names);
                }
                StmtKind::Import(aliases) => {
                    for alias in aliases {
                        let full = alias.name.name.clone();
                        match &alias.alias {
                            Some(alias) => self.model.modules.insert(alias.name.clone(), full),
                            None => {
                                // `import a.b` binds `a`.
                                let top = full.split('.').next().unwrap_or(&full).to_string();
                                self.model.modules.insert(top.clone(), top)
                            }
                        };
                    }
                }
                StmtKind::ImportFrom {
                    module: Some(from),
                    level: 0,
                    names,
                } => {
                    for alias in names {
                        let name = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
                        self.model
                            .imported
                            .insert(name, format!("{from}.{}", alias.name.name));
                    }
                }
                _ => {}
            }
        }
        for stmt in &module.body.stmts {
            if let StmtKind::Class(class) = &stmt.kind
                && !self.collect_exception(class)
            {
                self.collect_class(class);
            }
        }
        self.model.globals = scope::module_names(module);
    }

    fn lists_of_one_length(&self, module: &'a Module) -> fixed::Fixed {
        let open = self.binding.form == Form::Library;
        let known = |key: &str, function: &ast::Function| {
            let same = std::ptr::eq(*self.functions.get(key)?, function);
            same.then(|| self.model.scopes.get(key).map(Rc::clone))?
        };
        fixed::Fixed::of(module, self.types, open, &known)
    }

    /// Rounds over the module until nothing changes.
    fn settle(&mut self, module: &'a Module) {
        for round in 0..MOST_ROUNDS {
            self.round = round;
            self.changed = false;
            if round == 0 || round == WIDEN_AFTER {
                self.model.functions.round_tells();
            }
            self.whole_module(module);
            if !self.changed {
                break;
            }
        }
    }

    fn whole_module(&mut self, module: &'a Module) {
        self.whole_round(module);
        self.tell_places();
    }

    fn whole_round(&mut self, module: &'a Module) {
        self.module_level(module);
        if self.binding.form.is_plain() {
            self.plain_entries();
        }
        let entries = [
            (Role::Start, "start"),
            (Role::Process, "process"),
            (Role::Stop, "stop"),
        ];
        for (role, name) in entries {
            if self.binding.form.is_plain() {
                break;
            }
            if let Some(function) = self.functions.get(name).copied() {
                let facts = self.entry_facts(role, function);
                let id = self.instance(name, role, facts);
                self.analyse(id);
            }
        }
        // Helpers that nothing calls are translated only where their types are known.
        let mut next = 0;
        while next < self.model.functions.len() {
            if self
                .model
                .functions
                .get(next)
                .is_some_and(|f| f.role == Role::Helper)
            {
                self.analyse(FnId(next));
            }
            next += 1;
        }
    }

    /// The entry points of a plain module: its code, and what its annotations type.
    fn plain_entries(&mut self) {
        if self.functions.contains_key(MAIN) {
            let id = self.instance(MAIN, Role::Helper, Vec::new());
            self.analyse(id);
        }
        if self.binding.form != Form::Library {
            return;
        }
        let names: Vec<String> = self.functions.keys().cloned().collect();
        for name in names {
            let Some(function) = self.functions.get(&name).copied() else {
                continue;
            };
            if let Some(facts) = self.annotated(&name, function) {
                let id = self.instance(&name, Role::Helper, facts);
                self.analyse(id);
            }
        }
    }

    /// The parameters' facts of `process`, `start` and `stop`.
    fn entry_facts(&self, role: Role, function: &ast::Function) -> Vec<Fact> {
        let message = |side, tys: &[crate::project::RustTy]| {
            let mut payloads: Vec<Ty> = tys.iter().map(|t| Ty::of_rust(t, self.types)).collect();
            if payloads.len() == 1 {
                Ty::Message {
                    side,
                    payload: Box::new(payloads.remove(0)),
                }
            } else {
                Ty::Messages { side, payloads }
            }
        };
        let state = Ty::of_rust(&self.binding.state, self.types);
        let tys = match role {
            Role::Process => vec![
                Ty::Context,
                message(Side::Input, &self.binding.inputs),
                state,
                message(Side::Output, &self.binding.outputs),
            ],
            Role::Start | Role::Stop => vec![Ty::Context, state],
            Role::Helper => Vec::new(),
        };
        let mut facts: Vec<Fact> = tys
            .into_iter()
            .map(|ty| Fact {
                ty,
                range: Range::Any,
                unbound: false,
            })
            .collect();
        facts.resize(function.params.list.len(), Fact::unknown());
        facts
    }

    /// The instance of `name` for `facts`, which are joined into its parameters.
    pub(crate) fn instance(&mut self, name: &str, role: Role, facts: Vec<Fact>) -> FnId {
        let mut facts = self.open_world(name, facts);
        if let (Role::Helper, Some(function)) = (role, self.functions.get(name)) {
            for (fact, param) in facts.iter_mut().zip(&function.params.list) {
                let place = Place::Local(name.to_string(), param.name.name.clone());
                fact.ty = self.fixed.ty(&place, &fact.ty);
            }
        }
        let variant = match role {
            // A method works on the attributes of its class, which are joined over all.
            Role::Helper if name.contains('.') => 0,
            Role::Helper
                if self.functions.get(name).is_some_and(|f| {
                    f.params.list.iter().any(
                        |p| matches!(&p.default, Some(d) if matches!(d.kind, ast::ExprKind::None)),
                    )
                }) =>
            {
                0
            }
            Role::Helper => call::variant_of(&facts),
            Role::Process | Role::Start | Role::Stop => 0,
        };
        let way = match role {
            Role::Helper => self.way(name, &facts),
            Role::Process | Role::Start | Role::Stop => 0,
        };
        let variant = variant | way << ways::SHIFT;
        let found = {
            let mut known = self.model.functions.named(name);
            known.find_map(|(i, f)| (f.variant == variant && f.role == role).then_some(i))
        };
        let index = match found {
            Some(index) => index,
            None => {
                let params = facts.iter().map(|_| Fact::unknown()).collect();
                self.model
                    .functions
                    .push(FnModel::new(name, role, variant, params));
                self.changed = true;
                self.model.functions.len() - 1
            }
        };
        let round = self.round;
        let mut asks = false;
        self.changed |= self.model.functions.update(index, |model| {
            model.called_in = round;
            let mut changed = false;
            for (param, fact) in model.params.iter_mut().zip(facts) {
                changed |= absorb(param, &fact, round, &mut asks);
            }
            changed
        });
        self.asks_round(asks);
        FnId(index)
    }

    /// Notes that something all functions may have read has changed, if it has.
    pub(crate) fn all_changed(&mut self, changed: bool) {
        if changed {
            self.changed = true;
            self.model.functions.all_stale();
        }
    }

    /// Whether the rounds have just begun, where what is unknown may still become known.
    pub(crate) fn is_early(&self) -> bool {
        self.model.functions.asks_round();
        self.round < WIDEN_AFTER
    }

    /// Notes that the function under analysis would see another round, if it would.
    pub(crate) fn asks_round(&self, asks: bool) {
        if asks {
            self.model.functions.asks_round();
        }
    }

    /// Notes that values which are ints here and floats there are in the way.
    pub(crate) fn mixed(&mut self, id: ast::NodeId, span: Span) {
        self.tells(id, span);
        if self.recording {
            self.mixed.push(span);
        }
    }

    /// Records a problem of an expression or statement, in the last round.
    pub(crate) fn problem(&mut self, at: ast::NodeId, span: Span, problem: Problem) {
        if self.recording {
            self.model.problems.entry(at).or_insert((span, problem));
        }
    }
}
