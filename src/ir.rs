//! The Rust side: a small tree of the Rust that we write.
//!
//! Enters: nothing, these are data types (built by `lower` and `catalog`). Leaves:
//! [`File`], which `emit` prints. Borrows, casts, `?` and holes are explicit. This module
//! must not know Python.

mod assigns;
pub mod expr;
pub mod failure;
mod late;
pub mod lift;
mod literals;
pub mod print;
pub mod rename;
pub mod spelling;
pub mod tidy;
pub mod types;
pub mod uses;

pub use expr::{Arm, BinOp, Expr, UnOp};
pub use types::RTy;

use crate::source::Span;

/// A sequence of statements with an optional value at its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// The statements.
    pub stmts: Vec<Stmt>,
    /// The value of the block.
    pub value: Option<Box<Expr>>,
}

/// A statement and the Python that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// The Python, where there is some.
    pub span: Option<Span>,
    /// What it is.
    pub kind: StmtKind,
}

/// What a statement is.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let [mut] name[: ty] [= init];` — `mutable` and `used` are settled by `tidy`.
    Let {
        /// The variable.
        name: String,
        /// Whether it is assigned again.
        mutable: bool,
        /// Its type, where it must be said.
        ty: Option<RTy>,
        /// Its value; none for a late initialisation.
        init: Option<Expr>,
    },
    /// `let pattern = init;`, with an `else` block where the pattern can fail.
    LetPattern {
        /// The pattern's text: `Some(x)`, `(a, b)`.
        pattern: String,
        /// The names that the pattern binds.
        names: Vec<String>,
        /// Its value.
        init: Expr,
        /// Where it does not match.
        otherwise: Option<Block>,
    },
    /// `place = value;`, `place += value;`
    Assign {
        /// What is written.
        place: Expr,
        /// The operator of a compound assignment.
        op: Option<BinOp>,
        /// The value.
        value: Expr,
    },
    /// An expression for its effect.
    Expr(Expr),
    /// `return value;`
    Return(Option<Expr>),
    /// `break 'label;`
    Break(Option<String>),
    /// `continue 'label;`
    Continue(Option<String>),
    /// `while cond { … }`
    While {
        /// Its label.
        label: Option<String>,
        /// The condition.
        cond: Expr,
        /// The body.
        body: Block,
    },
    /// `loop { … }`
    Loop {
        /// Its label.
        label: Option<String>,
        /// The body.
        body: Block,
    },
    /// `for pattern in iter { … }`
    For {
        /// Its label.
        label: Option<String>,
        /// The pattern's text.
        pattern: String,
        /// The names that the pattern binds.
        names: Vec<String>,
        /// What is iterated over.
        iter: Expr,
        /// The body.
        body: Block,
    },
    /// `{ … }`, or `'label: { … }`
    Block {
        /// Its label.
        label: Option<String>,
        /// The body.
        body: Block,
    },
    /// `// text`, one line each.
    Comment(String),
    /// A comment at the end of the line before.
    LineComment(String),
    /// A blank line.
    Blank,
}

impl Stmt {
    /// A statement without a Python counterpart.
    pub fn new(kind: StmtKind) -> Self {
        Self { span: None, kind }
    }

    /// A statement that stands for `span`.
    pub fn at(span: Span, kind: StmtKind) -> Self {
        Self {
            span: Some(span),
            kind,
        }
    }
}

impl Block {
    /// A block of statements without a value.
    pub fn of(stmts: Vec<Stmt>) -> Self {
        Self { stmts, value: None }
    }

    /// A block that is only a value.
    pub fn value(expr: Expr) -> Self {
        Self {
            stmts: Vec::new(),
            value: Some(Box::new(expr)),
        }
    }

    /// Whether control never reaches its end.
    pub fn diverges(&self) -> bool {
        self.stmts.iter().any(Stmt::diverges)
    }

    /// Whether a `break` in it leaves a loop: that of a label, or the one that it stands in.
    fn leaves(&self, loop_label: Option<&str>, own: bool) -> bool {
        let value = self.value.as_deref();
        self.stmts.iter().any(|stmt| stmt.leaves(loop_label, own))
            || value.is_some_and(|value| value.leaves(loop_label, own))
    }
}

impl Stmt {
    /// Whether control never reaches the next statement.
    pub fn diverges(&self) -> bool {
        match &self.kind {
            StmtKind::Return(_) | StmtKind::Break(_) | StmtKind::Continue(_) => true,
            StmtKind::Expr(Expr::If {
                then,
                otherwise: Some(otherwise),
                ..
            }) => then.diverges() && otherwise.diverges(),
            StmtKind::Expr(Expr::Match { arms, .. }) => {
                !arms.is_empty() && arms.iter().all(|arm| arm.body.diverges())
            }
            StmtKind::Block { body, label: None } => body.diverges(),
            StmtKind::Loop { label, body } => !body.leaves(label.as_deref(), true),
            StmtKind::Expr(_)
            | StmtKind::Let { .. }
            | StmtKind::LetPattern { .. }
            | StmtKind::Assign { .. }
            | StmtKind::While { .. }
            | StmtKind::For { .. }
            | StmtKind::Block { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => false,
        }
    }

    /// As [`Block::leaves`].
    fn leaves(&self, loop_label: Option<&str>, own: bool) -> bool {
        let own = match &self.kind {
            StmtKind::Break(None) => return own,
            StmtKind::Break(Some(label)) => return Some(label.as_str()) == loop_label,
            StmtKind::Loop { .. } | StmtKind::While { .. } | StmtKind::For { .. } => false,
            _ => own,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        self.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| e.leaves(loop_label, own))
            || blocks.into_iter().any(|b| b.leaves(loop_label, own))
    }
}

impl Expr {
    /// As [`Block::leaves`].
    fn leaves(&self, loop_label: Option<&str>, own: bool) -> bool {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        self.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| e.leaves(loop_label, own))
            || blocks.into_iter().any(|b| b.leaves(loop_label, own))
    }
}

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The Python that it stands for.
    pub span: Option<Span>,
    /// Doc comment lines.
    pub doc: Vec<String>,
    /// Comments that stood before it.
    pub comments: Vec<String>,
    /// Attributes such as `#[allow(…)]`.
    pub attributes: Vec<String>,
    /// Its name.
    pub name: String,
    /// `&self`, `&mut self`, or none.
    pub receiver: Option<String>,
    /// Its parameters.
    pub params: Vec<(String, RTy)>,
    /// What it returns; `CuResult<…>` where it can fail.
    pub ret: RTy,
    /// Whether it returns `CuResult<ret>`.
    pub fallible: bool,
    /// The error where that is not `CuError`: `Result<ret, error>`.
    pub error: &'static str,
    /// Its body.
    pub body: Block,
}

impl Function {
    /// Whether a call of it can change what the caller has: it takes a `&mut`.
    pub fn takes_to_change(&self) -> bool {
        let receiver = self.receiver.as_deref().unwrap_or_default();
        receiver.contains("mut") || self.params.iter().any(|(_, ty)| ty.has_mut())
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// The Python that it stands for.
    pub span: Span,
    /// Comments that stood before it.
    pub comments: Vec<String>,
    /// The comment at the end of its line.
    pub line_comment: Option<String>,
    /// A blank line before it.
    pub blank_before: bool,
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: RTy,
    /// Its value.
    pub value: Expr,
    /// Attributes such as `#[allow(…)]`.
    pub attributes: Vec<String>,
}

/// A struct or enum with its methods.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Class {
    /// The Python that it stands for.
    pub span: Span,
    /// Doc comment lines.
    pub doc: Vec<String>,
    /// Comments that stood before it.
    pub comments: Vec<String>,
    /// Attributes such as `#[derive(…)]`.
    pub attributes: Vec<String>,
    /// Its name.
    pub name: String,
    /// The fields of a struct.
    pub fields: Vec<(String, RTy)>,
    /// The variants of an enum.
    pub variants: Vec<String>,
    /// Associated constants.
    pub consts: Vec<Const>,
    /// Its methods.
    pub methods: Vec<Function>,
    /// The operators' traits, each with its method.
    pub traits: Vec<(String, Function)>,
}

/// A field of the task beside its state: a module variable of the Python.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: RTy,
    /// Its value in `new`.
    pub init: Expr,
    /// How long it is needed.
    pub kept: Kept,
}

/// How long the value of a module variable is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It changes from cycle to cycle.
    Frozen,
    /// It stays as `new` made it.
    Made,
    /// Only `new` looks at it.
    New,
    /// Nobody looks at it: only what computing it changes counts.
    Unread,
    /// A tuple that is taken apart: the names of its items, in order, and None for those that
    /// nobody reads. Each name is a field of its own that stands after it.
    Unpacked(Vec<Option<String>>),
}

impl Kept {
    /// Whether the task has it once it is made.
    pub fn is_field(&self) -> bool {
        matches!(self, Kept::Frozen | Kept::Made)
    }
}
