//! Expressions.

use super::{Ident, NodeId};
use crate::source::Span;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Key of the side tables.
    pub id: NodeId,
    /// Where it stands, without enclosing parentheses.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An integer literal of any size.
    Int(BigInt),
    /// A float literal.
    Float(f64),
    /// An imaginary literal, by its imaginary part.
    Imaginary(f64),
    /// A string literal, adjacent literals joined.
    Str(String),
    /// A bytes literal.
    Bytes(Vec<u8>),
    /// `...`
    Ellipsis,
    /// An f-string, adjacent literals joined into it.
    FString(Vec<FStringPart>),
    /// A name that is read, written or deleted.
    Name(String),
    /// `value.attr`
    Attribute {
        /// The object.
        value: Box<Expr>,
        /// The attribute's name.
        attr: Ident,
    },
    /// `value[index]`; `a[i, j]` has a tuple, `a[i:j]` a slice as index.
    Subscript {
        /// The container.
        value: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// `lower:upper:step`, only as an index or in a tuple index.
    Slice {
        /// First index.
        lower: Option<Box<Expr>>,
        /// One past the last.
        upper: Option<Box<Expr>>,
        /// The stride.
        step: Option<Box<Expr>>,
    },
    /// `func(args, keywords)`
    Call {
        /// What is called.
        func: Box<Expr>,
        /// Positional arguments; `*xs` is a `Starred`.
        args: Vec<Expr>,
        /// Keyword arguments; `**kw` has no name.
        keywords: Vec<Keyword>,
    },
    /// `-x`, `not x`, …
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a + b`, …
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `a and b and c`: two or more operands of one operator.
    Logical {
        /// `and` or `or`.
        op: BoolOp,
        /// The operands in order.
        values: Vec<Expr>,
    },
    /// `a < b <= c`: `ops.len() == rest.len() >= 1`.
    Compare {
        /// The first operand.
        left: Box<Expr>,
        /// The operators in order.
        ops: Vec<CompareOp>,
        /// The operands after each operator.
        rest: Vec<Expr>,
    },
    /// `body if test else orelse`
    Conditional {
        /// The condition.
        test: Box<Expr>,
        /// Value where it holds.
        body: Box<Expr>,
        /// Value where it does not.
        orelse: Box<Expr>,
    },
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a, b}`
    Set(Vec<Expr>),
    /// `{k: v, **m}`: a `None` key is an unpacked mapping.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `*x` in a call, a display or a target.
    Starred(Box<Expr>),
    /// `(name := value)`
    Named {
        /// The name bound.
        target: Ident,
        /// Its value.
        value: Box<Expr>,
    },
    /// `lambda params: body`
    Lambda {
        /// The parameters.
        params: Box<super::Params>,
        /// The value.
        body: Box<Expr>,
    },
    /// `[element for … in …]` and its kin.
    Comprehension {
        /// Which display it builds.
        kind: ComprehensionKind,
        /// The element; for a dict the key.
        element: Box<Expr>,
        /// The value of a dict comprehension.
        value: Option<Box<Expr>>,
        /// The `for` clauses, outermost first.
        clauses: Vec<Clause>,
    },
    /// `yield x`
    Yield(Option<Box<Expr>>),
    /// `yield from x`
    YieldFrom(Box<Expr>),
    /// `await x`
    Await(Box<Expr>),
    /// Syntax that we do not read; the text says which.
    Unsupported(String),
}

/// A piece of an f-string.
#[derive(Debug, Clone)]
pub enum FStringPart {
    /// Literal text, escapes resolved.
    Literal(String),
    /// `{value!conversion:spec}`; with `=` its source text stands as a literal before it.
    Value {
        /// The expression.
        value: Box<Expr>,
        /// `!r`, `!s`, `!a`; `{x=}` without a format spec has `Repr`.
        conversion: Option<Conversion>,
        /// The format spec, itself with replacement fields.
        spec: Vec<FStringPart>,
    },
}

/// A conversion in an f-string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// `!s`
    Str,
    /// `!r`
    Repr,
    /// `!a`
    Ascii,
}

/// `name=value` in a call, or `**value` where there is no name.
#[derive(Debug, Clone)]
pub struct Keyword {
    /// The keyword.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Expr,
}

/// `for target in iter if …` of a comprehension.
#[derive(Debug, Clone)]
pub struct Clause {
    /// What is bound.
    pub target: Expr,
    /// What is iterated over.
    pub iter: Expr,
    /// The conditions.
    pub ifs: Vec<Expr>,
    /// `async for`
    pub is_async: bool,
}

/// Which display a comprehension builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[…]`
    List,
    /// `{…}`
    Set,
    /// `{k: v …}`
    Dict,
    /// `(…)`
    Generator,
}

/// A unary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `+`
    Pos,
    /// `~`
    Invert,
    /// `not`
    Not,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `@`
    MatMul,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
}

impl BinaryOp {
    /// How Python writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "**",
            BinaryOp::MatMul => "@",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
        }
    }
}

/// `and`, `or`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoolOp {
    /// `and`
    And,
    /// `or`
    Or,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtE,
    /// `>`
    Gt,
    /// `>=`
    GtE,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// How many items a sequence must have of which nobody wrote `value[i]`: it stands for one
/// item of `*value`, as `value[i % count]` at the place of `value`.
pub fn exactly(value: &Expr, index: &Expr) -> Option<usize> {
    match &index.kind {
        ExprKind::Binary {
            op: BinaryOp::Mod,
            right,
            ..
        } if index.span == value.span => match &right.kind {
            ExprKind::Int(count) => count.to_usize(),
            _ => None,
        },
        _ => None,
    }
}

/// What an assignment to `target` writes, so that it is not read where it stands: attributes
/// and names, and the lists of which items are written.
pub fn written(target: &Expr) -> Vec<NodeId> {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().flat_map(written).collect(),
        ExprKind::Starred(inner) => written(inner),
        ExprKind::Subscript { value, .. } => vec![value.id],
        _ => vec![target.id],
    }
}
