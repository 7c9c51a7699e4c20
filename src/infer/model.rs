//! The product of inference.

use crate::ast::{NodeId, NodeMap};
use crate::desugar::Run;
use crate::diagnostic::Code;
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::env::Path;
use super::scope::FnScope;
use super::watch::{Change, Classes, Functions, Readers};
pub use crate::value::Fact;

/// Why an expression or statement is not translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The diagnostic's code.
    pub code: Code,
    /// Its message.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without help of its own.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// The same with a line that says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The index of a function in [`Model::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FnId(pub usize);

/// What a function is to Copper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `process(ctx, input, state, output)`
    Process,
    /// `start(ctx, state)`
    Start,
    /// `stop(ctx, state)`
    Stop,
    /// Any other.
    Helper,
}

/// A variable of a function (one version of it: see `scope`).
#[derive(Debug, Clone, PartialEq)]
pub struct Var {
    /// All its values joined.
    pub fact: Fact,
    /// What it is another name for, where it is bound once to an object that is shared.
    pub alias: Option<Path>,
    /// It may be read before it is bound.
    pub maybe_unbound: bool,
}

/// A function, for one way of calling it.
#[derive(Debug, Clone)]
pub struct FnModel {
    /// Its name in Python.
    pub python_name: String,
    /// What it is to Copper.
    pub role: Role,
    /// Which of its variants this is: 0, or 1 where it is called with ints only beside
    /// calls with floats.
    pub variant: u32,
    /// The parameters.
    pub params: Vec<Fact>,
    /// The parameters through which something is changed.
    pub mutated: BTreeSet<usize>,
    /// The module variables that it, or what it calls, reads or changes.
    pub globals: BTreeSet<String>,
    /// Those of them that are changed.
    pub globals_changed: BTreeSet<String>,
    /// The return value.
    pub ret: Fact,
    /// The variables.
    pub vars: BTreeMap<String, Var>,
    /// The fact of every expression, in the last round.
    pub facts: NodeMap<Fact>,
    /// What the targets of augmented assignments hold before, where that may be None.
    pub before: NodeMap<Fact>,
    /// The instance that each call of a user function goes to.
    pub calls: NodeMap<FnId>,
    /// The intervals at each return (none: at the end of the body).
    pub exits: HashMap<Option<NodeId>, super::env::SharedMap<Path, crate::ranges::Range>>,
    /// The last round in which it was called.
    pub called_in: usize,
    /// The functions that have read this.
    pub(super) readers: Readers,
}

impl Default for FnModel {
    fn default() -> Self {
        Self::new("<module>", Role::Helper, 0, Vec::new())
    }
}

impl FnModel {
    pub(super) fn new(name: &str, role: Role, variant: u32, params: Vec<Fact>) -> Self {
        Self {
            python_name: name.to_string(),
            role,
            variant,
            params,
            mutated: BTreeSet::new(),
            globals: BTreeSet::new(),
            globals_changed: BTreeSet::new(),
            ret: Fact::unknown(),
            vars: BTreeMap::new(),
            facts: NodeMap::default(),
            before: NodeMap::default(),
            calls: NodeMap::default(),
            exits: HashMap::new(),
            called_in: 0,
            readers: Readers::default(),
        }
    }

    /// What a parameter holds from first to last: one that is always given None, and that the
    /// function makes something else, may be either.
    pub fn param(&self, index: usize, name: &str) -> Option<Fact> {
        let given = self.params.get(index)?;
        let own = self.vars.get(name).map(|var| &var.fact);
        Some(match (&given.ty, own) {
            (crate::ty::Ty::None, Some(own)) if matches!(own.ty, crate::ty::Ty::Option(_)) => {
                own.clone()
            }
            _ => given.clone(),
        })
    }

    /// Back to nothing known of values; what is changed through it stays known.
    pub(super) fn forget(&mut self) {
        self.params.iter_mut().for_each(|p| *p = Fact::unknown());
        self.ret = Fact::unknown();
        self.vars.clear();
    }

    /// The fact of an expression; unknown where it was never reached.
    pub fn fact(&self, id: NodeId) -> Fact {
        self.facts.get(&id).cloned().unwrap_or_else(Fact::unknown)
    }
}

/// A module-level constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// Its value's fact.
    pub fact: Fact,
    /// Its value, where it is computed from constants alone.
    pub value: Option<super::fold::Folded>,
}

/// A class of the file.
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// Its attributes in the order in which they first appear, with all their values joined.
    pub fields: Vec<(String, Fact)>,
    /// Whether an instance is changed after it was made: then a copy of it is another object.
    pub mutated: bool,
    /// Attributes of the class itself that no instance overrides.
    pub consts: Vec<String>,
    /// The members of an `Enum`.
    pub members: Vec<(String, crate::infer::class_info::MemberValue)>,
    /// `IntEnum`, `StrEnum`: texts show the value of a member, not its name.
    pub shown_as_value: bool,
    /// What else those members are.
    pub mixin: crate::infer::class_info::Mixin,
    /// What Python makes of its annotations: `@dataclass`, `NamedTuple`.
    pub made: Option<crate::ast::Made>,
    /// The classes of which a value is one, where it stands for a family.
    pub variants: Vec<String>,
    /// The functions that have read this.
    pub(super) readers: Readers,
    /// Those that have read what does not depend on the intervals of its attributes.
    pub(super) readers_of_types: Readers,
}

impl Class {
    /// The fact of an attribute.
    pub fn field(&self, name: &str) -> Option<&Fact> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, fact)| fact)
    }
}

/// An operation takes some kinds of a value, and not the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What Python raises for those others.
    pub error: String,
    /// The type of the value.
    pub whole: crate::ty::Ty,
    /// The type of what is taken.
    pub taken: crate::ty::Ty,
}

/// The product of inference.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// `import m as name`: name to module.
    pub modules: BTreeMap<String, String>,
    /// `from m import f as name`: name to `m.f`.
    pub imported: BTreeMap<String, String>,
    /// How often, and whether from a function, each module-level name is assigned.
    pub globals: BTreeMap<String, super::scope::Global>,
    /// The constants.
    pub consts: BTreeMap<String, Const>,
    /// The entries of constant dicts.
    pub tables: BTreeMap<String, BTreeMap<String, Fact>>,
    /// The module variables that change while the task runs, or hold instances.
    pub variables: BTreeMap<String, Fact>,
    /// The names of the module that are computed once and then stay.
    pub computed: BTreeSet<String>,
    /// The classes that are translated.
    pub classes: Classes,
    /// The classes that are exceptions, with their bases.
    pub exceptions: BTreeMap<String, String>,
    /// What the exceptions of a class keep beside their message.
    pub exception_attributes: BTreeMap<String, Vec<(String, Fact)>>,
    /// The module level, as a function: its facts and calls.
    pub module: FnModel,
    /// The module variables that a value at the level of the module changes while it is
    /// computed.
    pub level_changes: BTreeMap<NodeId, BTreeSet<String>>,
    /// The functions.
    pub functions: Functions,
    /// The names of each function (`f`, `Class.method`).
    pub scopes: BTreeMap<String, Rc<FnScope>>,
    /// The names of comprehensions at the level of the module.
    pub level: Rc<FnScope>,
    /// Every int written to a struct's field, by struct key and field name.
    pub fields: BTreeMap<(String, String), Fact>,
    /// The float fields that functions write ints to, by struct key and field name: which
    /// functions, and whether a double may not hold such an int.
    pub int_fields: BTreeMap<(String, String), (BTreeSet<FnId>, bool)>,
    /// The dicts with a fixed set of literal keys, each with the class that stands for it.
    pub records: Vec<(crate::ty::Ty, String)>,
    /// The values of several kinds, each with the class that stands for it.
    pub unions: Vec<(crate::ty::Ty, String)>,
    /// Whether an operation was asked of a value of several kinds where there are no unions.
    pub met_unions: bool,
    /// Whether tuples were met whose length no type tells.
    pub met_long_tuples: bool,
    /// The values of several kinds of which an operation takes some.
    pub refusals: BTreeMap<NodeId, Refusal>,
    /// The types of the collections that are changed after they were made, but through the
    /// one variable that holds a new one.
    pub changed: BTreeSet<crate::ty::Ty>,
    /// Parameters that a function keeps or gives back, as a whole or one by one: it takes
    /// them by value.
    pub owned: BTreeSet<NodeId>,
    /// Names that are read for the last time where their object goes to another owner.
    pub moved: BTreeSet<NodeId>,
    /// Containers that the same or the next statement puts another in the place of: their
    /// content moves on.
    pub replaced: BTreeSet<NodeId>,
    /// Lists that nobody needs any more: a loop over one takes its elements.
    pub taken: BTreeSet<NodeId>,
    /// Expressions whose object was followed to another owner, by moving or copying it:
    /// where that could be told from the object itself there is a problem.
    pub stored: BTreeSet<NodeId>,
    /// The expressions that copy a list.
    pub copied: BTreeSet<NodeId>,
    /// The expressions that give an object a second name, of which one changes it.
    pub two_names: BTreeSet<NodeId>,
    /// The classes of objects that one call gets twice, and changes.
    pub lent_twice: BTreeSet<String>,
    /// The classes whose objects hold others of their class, not in a list: no Rust type can.
    pub links: BTreeSet<String>,
    /// The methods that are called on an object with a part of it, and change one of the two;
    /// with the positions of the parameters that get it.
    pub lent_parts: BTreeMap<String, BTreeSet<usize>>,
    /// Values that a variable only looks at while nothing changes them.
    pub looks: BTreeSet<NodeId>,
    /// What lies in a container and is lent to a variable that changes it.
    pub named: BTreeSet<NodeId>,
    /// What types tell of the syntax, to be written out before another look.
    pub sugar: BTreeMap<NodeId, crate::desugar::typed::Sugar>,
    /// Where the calls of functions by themselves go in their copies.
    pub recursions: crate::desugar::typed::Recursions,
    /// The tests for None, with their outcome where types tell it.
    pub given: BTreeMap<NodeId, Option<bool>>,
    /// Expressions that show whether a number is an int or a float, where its type does not
    /// say.
    pub tells: BTreeMap<NodeId, Span>,
    /// The names of the module whose numbers have a type that does say.
    pub telling: BTreeSet<String>,
    /// Where that is why a number has a type that does say.
    pub told: BTreeMap<NodeId, Span>,
    /// The tuples that loops run through, whose ints and floats have to tell which they are.
    pub runs_told: BTreeSet<NodeId>,
    /// The reads of attributes that ask whether they are there.
    pub late_reads: BTreeSet<NodeId>,
    /// What cannot be translated, by node.
    pub problems: NodeMap<(Span, Problem)>,
}

impl Model {
    /// Notes that instances of a class are changed.
    pub(super) fn change_instances(&mut self, class: &str) {
        self.classes.update(class, |class| {
            match std::mem::replace(&mut class.mutated, true) {
                true => Change::None,
                false => Change::Any,
            }
        });
    }

    /// Nothing yet, with an eye on what is read of it.
    pub(super) fn watched() -> Self {
        let functions = Functions::default();
        Self {
            classes: Classes::of(&functions),
            functions,
            ..Self::default()
        }
    }

    /// What an expression gives to a loop that runs through it, wherever it was looked at; none
    /// where that is not known.
    pub fn runs(&self, id: NodeId) -> Option<Run> {
        let functions = self.functions.iter().chain(std::iter::once(&self.module));
        let mut facts = functions.filter_map(|f| f.facts.get(&id));
        let run = |fact: &Fact| match &fact.ty {
            Ty::List { .. } | Ty::Tuple(_) | Ty::Deque { .. } | Ty::Str => Some(Run::Sequence),
            Ty::Range | Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_) => Some(Run::Other),
            Ty::Instance(_) => Some(Run::Object),
            _ => None,
        };
        let first = run(facts.next()?)?;
        facts.all(|fact| run(fact) == Some(first)).then_some(first)
    }

    /// The full name of what a call names, a builtin or a library's function; `own` tells
    /// the names of the file's functions and classes.
    pub fn full_name(
        &self,
        callee: &crate::ast::Expr,
        own: impl Fn(&str) -> bool,
    ) -> Option<String> {
        use crate::ast::ExprKind;
        match &callee.kind {
            ExprKind::Name(name) if own(name) || self.globals.contains_key(name) => None,
            ExprKind::Name(name) => Some(match self.imported.get(name) {
                Some(full) => full.clone(),
                None => name.clone(),
            }),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) => {
                    Some(format!("{}.{}", self.modules.get(module)?, attr.name))
                }
                _ => None,
            },
            _ => None,
        }
    }
}
