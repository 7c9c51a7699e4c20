//! What we know of Python's builtins and libraries, each in one place: its name, how it
//! types, and how it lowers.
//!
//! Enters: facts of arguments, or lowered arguments. Leaves: the fact, or the lowered
//! value. A builtin is one [`Known`] in one file here, and nothing anywhere else. This
//! module must not know the syntax tree.

mod builtins;
mod byte_methods;
mod bytes;
mod columns;
mod context;
mod deque;
pub(crate) mod dict;
mod distance;
mod elements;
pub mod exceptions;
mod extreme;
mod heap;
pub mod helpers;
mod int_bytes;
mod list;
mod list_new;
mod logging;
mod math;
mod math_more;
mod number;
mod packing;
pub(crate) mod position;
mod set_;
mod spread;
mod statistics;
mod str_;
mod sum;
pub mod telling;
mod text;
mod tuple;

pub(crate) use builtins::{float_receiver, receiver as int_receiver};
pub(crate) use byte_methods::within as bytes_within;
pub(crate) use bytes::{BYTES, refusal as byte_refusal};
pub(crate) use deque::{contains as deque_contains, limit};
pub(crate) use elements::made_set;
pub use helpers::Helper;
pub(crate) use list::{extend, extended, note_nan};
pub use logging::macro_of as log_macro;
pub(crate) use packing::unpacked;
pub(crate) use set_::operator as set_operator;
pub(crate) use str_::char_literal;

use crate::diagnostic::Code;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::project::PythonVersion;
use crate::ty::Ty;
use crate::value::{Fact, Val};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// The fact of an argument; a method's receiver is its first.
#[derive(Debug, Clone)]
pub struct Arg {
    /// What is known of it.
    pub fact: Fact,
    /// Its keyword, where it has one.
    pub keyword: Option<String>,
    /// The module's constant that it is.
    pub constant: Option<String>,
    /// The attribute that it is.
    pub attribute: Option<String>,
    /// How many elements it gives, where that is always the same.
    pub length: Option<usize>,
    /// How many elements it gives at most, where what is written says so.
    pub most: Option<usize>,
    /// The literal that it is.
    pub literal: Option<Literal>,
}

/// What stands in a call as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(String),
    /// `True` or `False`.
    Bool(bool),
}

impl Arg {
    /// An argument by position.
    pub fn of(fact: Fact) -> Arg {
        Arg {
            fact,
            keyword: None,
            constant: None,
            attribute: None,
            length: None,
            most: None,
            literal: None,
        }
    }
}

/// The lowered arguments of a call; a method's receiver is the first.
#[derive(Debug, Clone)]
pub struct Call {
    /// By position.
    pub args: Vec<Val>,
    /// By keyword.
    pub keywords: Vec<(String, Val)>,
    /// What inference found for the call.
    pub fact: Fact,
}

/// The place of a call: what it needs beside its arguments.
#[derive(Debug, Default)]
pub struct Site {
    /// `python/task.py:12`, for the texts of errors.
    pub at: String,
    /// The helpers that are used.
    pub helpers: BTreeSet<Helper>,
    /// The module's constants that are used.
    pub consts: BTreeSet<String>,
    /// The named types whose values are copied.
    pub copied: BTreeSet<String>,
    /// Whether Copper runs the Python in a process of its own.
    pub process_mode: bool,
    /// The Python whose meaning the Rust keeps.
    pub python: PythonVersion,
    /// What the user should be told.
    pub notes: Vec<(Code, String)>,
    /// The messages of errors whose texts do not say them.
    pub told: Vec<(String, Told)>,
}

/// What Python says where an operation fails.
#[derive(Debug, Clone)]
pub enum Told {
    /// A Rust `String`.
    Text(Expr),
    /// It is not known.
    Unknown,
    /// The `repr` of a value, and what follows it.
    Repr(Box<Val>, String),
}

impl Site {
    /// The text of an error: where and what.
    pub fn error(&self, what: &str) -> String {
        format!("{}: {what}", self.at)
    }

    /// Whether values of a type are copied.
    pub fn is_copy(&self, ty: &RTy) -> bool {
        ty.is_copy(&|key| self.copied.contains(key))
    }

    /// Uses a helper and gives its name.
    pub fn helper(&mut self, helper: Helper) -> &'static str {
        self.helpers.insert(helper);
        helper.name()
    }
}

/// A builtin, a library function or a method.
pub struct Known {
    /// `abs`, `math.floor`, `<list>.append`.
    pub name: &'static str,
    /// What of it is translated, for `docs/support.md`.
    pub doc: &'static str,
    /// Its fact for these arguments; in words, why it has none.
    pub infer: fn(&[Arg]) -> Result<Fact, String>,
    /// Its Rust for these arguments; in words, why it has none.
    pub lower: fn(Call, &mut Site) -> Result<Val, String>,
    /// What a call does beside giving its value.
    pub special: Special,
}

/// What makes a text of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Textual {
    /// `"…".format(…)`
    Format,
    /// `str(x)`
    Str,
    /// `repr(x)`
    Repr,
    /// `ascii(x)`
    Ascii,
    /// `format(x, spec)`
    Value,
    /// `print(…)`
    Print,
    /// A log call, by the name of Copper's macro.
    Log(&'static str),
    /// A log call whose first argument is the level.
    LogAt,
    /// What sets up Python's own logging.
    LogSetup,
}

impl Textual {
    /// Whether the text shows whether a value is an int or a float. `logs`: what is printed
    /// goes to a log, which takes numbers as they are, and containers as texts.
    pub fn shows_ints(self, ty: &Ty, logs: bool) -> bool {
        match self {
            Textual::Format | Textual::Str | Textual::Repr | Textual::Ascii | Textual::Value => {
                true
            }
            Textual::Print if !logs => true,
            Textual::Print | Textual::Log(_) | Textual::LogAt => !ty.given().is_number(),
            Textual::LogSetup => false,
        }
    }
}

/// What few of the entries do.
pub struct Special {
    /// Whether it changes its receiver.
    pub mutates: bool,
    /// Whether it puts what it is given into its receiver, and looks at nothing in it.
    pub only_adds: bool,
    /// Whether its argument is a condition, of which only the truth counts.
    pub condition: bool,
    /// The text that it makes, which is lowered with the f-strings.
    pub textual: Option<Textual>,
    /// What the receiver's type becomes by the call.
    pub grows: Option<fn(&[Arg]) -> Ty>,
    /// Whether the sign of an argument that is zero shows in no more than the sign of a zero,
    /// and the fact says so.
    pub signless: bool,
}

impl Special {
    /// Nothing of all that.
    pub const NONE: Special = Special {
        mutates: false,
        only_adds: false,
        condition: false,
        textual: None,
        grows: None,
        signless: false,
    };
    /// The sign of a zero makes no difference, or is handed on.
    pub const SIGNLESS: Special = Special {
        signless: true,
        ..Special::NONE
    };
}

impl Known {
    /// The fact of a call.
    ///
    /// # Errors
    /// Why this form of the call is not translated.
    pub fn infer(&self, args: &[Arg]) -> Result<Fact, String> {
        let why = match (self.infer)(args) {
            Err(why) if self.needs_numbers(args) => why,
            known => return known,
        };
        // Where one is None, Python raises a TypeError, and so does the Rust.
        let mut present: Vec<Arg> = args.to_vec();
        for arg in &mut present {
            if matches!(&arg.fact.ty, Ty::Option(inner) if inner.is_number()) {
                arg.fact.ty = arg.fact.ty.narrowed();
            }
        }
        (self.infer)(&present).map_err(|_| why)
    }

    /// Whether None in the place of a number is a TypeError.
    fn needs_numbers(&self, args: &[Arg]) -> bool {
        match self.name {
            "abs" | "divmod" | "float" | "int" | "pow" | "round" => true,
            // One argument is a list.
            "max" | "min" => args.len() > 1 && args.iter().all(|arg| arg.keyword.is_none()),
            name => name.starts_with("math."),
        }
    }
}

/// All that is known, in the order of `docs/support.md`.
pub fn all() -> impl Iterator<Item = &'static Known> {
    builtins::ALL
        .iter()
        .chain(extreme::ALL)
        .chain(sum::ALL)
        .chain(number::ALL)
        .chain(math::all())
        .chain(distance::ALL)
        .chain(math_more::ALL)
        .chain(context::ALL)
        .chain(list::ALL)
        .chain(heap::ALL)
        .chain(position::ALL)
        .chain(spread::ALL)
        .chain(columns::ALL)
        .chain(bytes::ALL)
        .chain(byte_methods::ALL)
        .chain(int_bytes::ALL)
        .chain(packing::ALL)
        .chain(dict::ALL)
        .chain(set_::ALL)
        .chain(tuple::ALL)
        .chain(deque::ALL)
        .chain(list_new::ALL)
        .chain(statistics::ALL)
        .chain(logging::ALL)
        .chain(text::ALL)
        .chain(str_::ALL)
}

/// [`all`], by name.
static BY_NAME: LazyLock<HashMap<&str, &'static Known>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for known in all() {
        by_name.entry(known.name).or_insert(known);
    }
    by_name
});

/// The entry of that full name.
pub fn lookup(name: &str) -> Option<&'static Known> {
    BY_NAME.get(name).copied()
}

/// Whether a method changes its receiver.
pub fn mutates(name: &str) -> bool {
    lookup(name).is_some_and(|known| known.special.mutates)
}

/// Whether a method of that name changes the list, dict, set or deque that has it.
pub fn changes(method: &str) -> bool {
    ["<list>", "<dict>", "<set>", "<deque>", "<bytes>"]
        .iter()
        .any(|class| mutates(&format!("{class}.{method}")))
}

/// Whether a method puts what it is given into its receiver, and looks at nothing in it.
pub fn only_adds(name: &str) -> bool {
    lookup(name).is_some_and(|known| known.special.only_adds)
}

/// The class under which the methods of a type are listed.
pub fn class_of(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Context => Some("<context>"),
        long if long.is_long_tuple() => Some("<tuple>"),
        octets if octets.is_octets() => Some("<bytes>"),
        Ty::List { .. } => Some("<list>"),
        Ty::Int => Some("<int>"),
        Ty::Float => Some("<float>"),
        Ty::Record(_) | Ty::Dict { .. } => Some("<dict>"),
        Ty::Set(_) => Some("<set>"),
        Ty::Tuple(_) => Some("<tuple>"),
        Ty::Deque { .. } => Some("<deque>"),
        Ty::Str | Ty::Enum(_) => Some("<str>"),
        Ty::Unknown
        | Ty::None
        | Ty::Bool
        | Ty::Number
        | Ty::IntOrFloat
        | Ty::Option(_)
        | Ty::Range
        | Ty::Position
        | Ty::Struct(_)
        | Ty::Tagged(_)
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Class(_)
        | Ty::Instance(_)
        | Ty::Member(_)
        | Ty::Exception(_)
        | Ty::Mixed(_)
        | Ty::Conflict(_) => None,
    }
}

/// The fact of a module's constant, such as `math.pi`.
pub fn constant(name: &str) -> Option<Fact> {
    math::constant(name)
        .map(|(value, _)| Fact::float(crate::ranges::FloatRange::exactly(value)))
        .or_else(|| logging::level(name))
}

/// The Rust of a module's constant.
pub fn constant_path(name: &str) -> Option<&'static str> {
    math::constant(name).map(|(_, path)| path)
}

/// Whether functions of that module are known.
pub fn is_module(name: &str) -> bool {
    matches!(name, "math" | "logging" | "collections" | "statistics")
}

/// Whether Python has a builtin of that name.
pub fn is_builtin(name: &str) -> bool {
    builtins::PYTHON.contains(&name)
}

/// What to do instead of calling `module.name`.
pub fn advice(module: &str, name: &str) -> Option<&'static str> {
    match (module, name) {
        ("time", _) => Some("take the time from Copper: `ctx.now()`, in nanoseconds"),
        ("datetime", _) => Some("take the time from Copper: `ctx.now()`, in nanoseconds"),
        ("random", _) => Some(
            "a replay must give the same values: keep a generator's state in `state`, or use a source task",
        ),
        ("os" | "sys" | "subprocess" | "socket" | "serial" | "threading", _) => {
            Some("talk to the outside in a source or sink task, or through a Copper resource")
        }
        ("", "open" | "input") => {
            Some("read files and devices in a source task, or through a Copper resource")
        }
        ("", "eval" | "exec" | "compile" | "__import__") => {
            Some("there is no such thing in Rust: write out what it computes")
        }
        ("", "getattr" | "setattr" | "hasattr") => {
            Some("name the attribute: Rust's fields are known when it is compiled")
        }
        _ => None,
    }
}

/// The arguments by position; refuses keywords and any other count.
pub(crate) fn positional<const N: usize>(args: &[Arg], name: &str) -> Result<[Fact; N], String> {
    if let Some(keyword) = args.iter().find_map(|a| a.keyword.as_ref()) {
        return Err(format!("`{name}(… {keyword}=…)` is not translated"));
    }
    let facts: Vec<Fact> = args.iter().map(|a| a.fact.clone()).collect();
    let given = facts.len();
    facts
        .try_into()
        .map_err(|_| format!("`{name}()` with {given} arguments is not translated"))
}

/// The arguments by position of a lowered call.
pub(crate) fn lowered<const N: usize>(call: Call) -> Result<[Val; N], String> {
    let given = call.args.len();
    call.args
        .try_into()
        .map_err(|_| format!("a call with {given} arguments is not translated"))
}

/// `{ let name = val; value }`
fn let_in(name: &str, val: &Val, value: Expr) -> Expr {
    let kept = Stmt::new(StmtKind::Let {
        name: name.into(),
        mutable: false,
        ty: val.literal.then(|| val.rty.clone()),
        init: Some(val.expr.clone()),
    });
    Expr::Block(Block {
        stmts: vec![kept],
        value: Some(Box::new(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_once() {
        let mut names = BTreeSet::new();
        for known in all() {
            assert!(names.insert(known.name), "{} stands twice", known.name);
            // No Python can name what has a point in its name and no module before it.
            let internal = ["bytes.", "position.", "spread."]
                .iter()
                .any(|of| known.name.contains(of));
            assert!(
                internal || !known.doc.is_empty(),
                "{} has no doc",
                known.name
            );
        }
    }
}
