//! Rust expressions, with short constructors for the lowering.

use super::{Block, RTy};

/// A Rust expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A variable, a path or a literal without sign: printed as it is.
    Atom(String),
    /// A negative number literal.
    NegLit(String),
    /// A module constant of integer type, whose declared type is settled by its uses.
    ConstInt {
        /// Its name.
        name: String,
        /// The type that this use wants.
        want: RTy,
    },
    /// `base.name`
    Field(Box<Expr>, String),
    /// `base[index]`
    Index(Box<Expr>, Box<Expr>),
    /// `callee(args)`
    Call(String, Vec<Expr>),
    /// `receiver.name(args)`; an operator's symbol as the name is written as the operator of
    /// a type of the file, about which nothing else is known.
    Method(Box<Expr>, String, Vec<Expr>),
    /// `name!(args)`; the first argument may be a format string atom.
    Macro(String, Vec<Expr>),
    /// `op operand`
    Unary(UnOp, Box<Expr>),
    /// `left op right`
    Binary(BinOp, Box<Expr>, Box<Expr>),
    /// `operand as ty`
    Cast(Box<Expr>, RTy),
    /// `&operand`
    Ref(Box<Expr>),
    /// `&mut operand`
    RefMut(Box<Expr>),
    /// `*operand`
    Deref(Box<Expr>),
    /// `operand?`
    Try(Box<Expr>),
    /// `if cond { then } else { otherwise }`
    If {
        /// The condition, possibly a chain of `let`s.
        cond: Box<Expr>,
        /// Where it holds.
        then: Block,
        /// Where it does not.
        otherwise: Option<Block>,
    },
    /// `let pattern = value`, as a condition.
    Let(String, Box<Expr>),
    /// `match subject { arms }`
    Match {
        /// What is matched.
        subject: Box<Expr>,
        /// The arms.
        arms: Vec<Arm>,
    },
    /// `{ … }`
    Block(Block),
    /// `Name { field: value, ..base }`
    Struct {
        /// The type's name.
        name: String,
        /// The fields in order.
        fields: Vec<(String, Expr)>,
        /// `..base`
        base: Option<Box<Expr>>,
    },
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// `[a, b]`
    Array(Vec<Expr>),
    /// `[value; len]`
    Repeat(Box<Expr>, Box<Expr>),
    /// `|params| body`
    Closure(String, Box<Expr>),
    /// `low..high` or `low..=high`
    Range {
        /// First.
        low: Option<Box<Expr>>,
        /// Last.
        high: Option<Box<Expr>>,
        /// `..=`
        inclusive: bool,
    },
    /// What is not translated: the text of its `todo!`.
    Hole(String),
}

/// An arm of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The pattern's text.
    pub pattern: String,
    /// The guard.
    pub guard: Option<Expr>,
    /// The body.
    pub body: Block,
}

impl Arm {
    /// An arm without a guard.
    pub fn of(pattern: impl Into<String>, body: Block) -> Arm {
        Arm {
            pattern: pattern.into(),
            guard: None,
            body,
        }
    }
}

/// A unary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinOp {
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    BitAnd,
    BitXor,
    BitOr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

impl BinOp {
    /// Whether there is an assignment with it: `+=`.
    pub fn is_compound(self) -> bool {
        match self {
            BinOp::Mul
            | BinOp::Div
            | BinOp::Rem
            | BinOp::Add
            | BinOp::Sub
            | BinOp::Shl
            | BinOp::Shr
            | BinOp::BitAnd
            | BinOp::BitXor
            | BinOp::BitOr => true,
            BinOp::Eq
            | BinOp::Ne
            | BinOp::Lt
            | BinOp::Le
            | BinOp::Gt
            | BinOp::Ge
            | BinOp::And
            | BinOp::Or => false,
        }
    }

    /// How Rust writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinOp::Mul => "*",
            BinOp::Div => "/",
            BinOp::Rem => "%",
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Shl => "<<",
            BinOp::Shr => ">>",
            BinOp::BitAnd => "&",
            BinOp::BitXor => "^",
            BinOp::BitOr => "|",
            BinOp::Eq => "==",
            BinOp::Ne => "!=",
            BinOp::Lt => "<",
            BinOp::Le => "<=",
            BinOp::Gt => ">",
            BinOp::Ge => ">=",
            BinOp::And => "&&",
            BinOp::Or => "||",
        }
    }
}

/// The children of an expression, for reading and for changing.
macro_rules! expr_children {
    ($node:expr, $expr:ident, $block:ident, $iter:ident, [$($borrow:tt)+]) => {
        match $node {
            Expr::Atom(_) | Expr::NegLit(_) | Expr::ConstInt { .. } | Expr::Hole(_) => {}
            Expr::Field(a, _)
            | Expr::Unary(_, a)
            | Expr::Cast(a, _)
            | Expr::Ref(a)
            | Expr::RefMut(a)
            | Expr::Deref(a)
            | Expr::Try(a)
            | Expr::Let(_, a)
            | Expr::Closure(_, a) => $expr(a),
            Expr::Index(a, b) | Expr::Binary(_, a, b) | Expr::Repeat(a, b) => {
                $expr(a);
                $expr(b);
            }
            Expr::Call(_, args) | Expr::Macro(_, args) | Expr::Tuple(args) | Expr::Array(args) => {
                args.$iter().for_each($expr);
            }
            Expr::Method(receiver, _, args) => {
                $expr(receiver);
                args.$iter().for_each($expr);
            }
            Expr::If {
                cond,
                then,
                otherwise,
            } => {
                $expr(cond);
                $block(then);
                if let Some(otherwise) = otherwise {
                    $block(otherwise);
                }
            }
            Expr::Match { subject, arms } => {
                $expr(subject);
                for arm in arms {
                    arm.guard.$iter().for_each(&mut *$expr);
                    $block($($borrow)+ arm.body);
                }
            }
            Expr::Block(body) => $block(body),
            Expr::Struct { fields, base, .. } => {
                fields.$iter().for_each(|(_, value)| $expr(value));
                if let Some(base) = base {
                    $expr(base);
                }
            }
            Expr::Range { low, high, .. } => {
                if let Some(low) = low {
                    $expr(low);
                }
                if let Some(high) = high {
                    $expr(high);
                }
            }
        }
    };
}

/// The children of a statement, for reading and for changing.
macro_rules! stmt_children {
    ($node:expr, $expr:ident, $block:ident, $iter:ident, [$($borrow:tt)+]) => {{
        use super::StmtKind as K;
        match $($borrow)+ $node.kind {
            K::Let { init, .. } => init.$iter().for_each($expr),
            K::LetPattern {
                init, otherwise, ..
            } => {
                $expr(init);
                otherwise.$iter().for_each($block);
            }
            K::Assign { place, value, .. } => {
                $expr(place);
                $expr(value);
            }
            K::Expr(value) => $expr(value),
            K::Return(value) => value.$iter().for_each($expr),
            K::While { cond, body, .. } => {
                $expr(cond);
                $block(body);
            }
            K::Loop { body, .. } | K::Block { body, .. } => $block(body),
            K::For { iter, body, .. } => {
                $expr(iter);
                $block(body);
            }
            K::Break(_) | K::Continue(_) | K::Comment(_) | K::LineComment(_) | K::Blank => {}
        }
    }};
}

impl Expr {
    /// A variable or path.
    pub fn atom(text: impl Into<String>) -> Expr {
        Expr::Atom(text.into())
    }

    /// `self.name`, of what a reference leads to as well.
    pub fn field(self, name: impl Into<String>) -> Expr {
        match self {
            Expr::Ref(place) => place.field(name),
            place => Expr::Field(Box::new(place), name.into()),
        }
    }

    /// `self.name(args)`
    pub fn method(self, name: impl Into<String>, args: Vec<Expr>) -> Expr {
        Expr::Method(Box::new(self), name.into(), args)
    }

    /// An iterator over a list's elements, and how a closure takes one of them; a
    /// comprehension that was to be collected is only run through.
    pub fn items(self) -> (Expr, &'static str) {
        match self {
            Expr::Method(inner, name, _) if name == "collect" => (*inner, "x"),
            other => (other.looked_at().method("iter", vec![]), "&x"),
        }
    }

    /// A list that is lent: for a copy of a part, the part itself.
    pub fn lent(self) -> Expr {
        match self.looked_at() {
            part @ Expr::Method(..) if part.is_slice() => part,
            bytes if bytes.is_bytes() => bytes,
            list => Expr::Ref(Box::new(list)),
        }
    }

    /// Whether it is `b"…"`, a reference already.
    pub fn is_bytes(&self) -> bool {
        matches!(self, Expr::Atom(text) if text.starts_with("b\""))
    }

    /// Whether it is a `&[T]` as it stands: `xs.get(a..b).unwrap_or_default()`.
    pub fn is_slice(&self) -> bool {
        matches!(self, Expr::Method(_, name, _) if name == "unwrap_or_default")
    }

    /// A list that is only looked at: the part itself for a copy of a part.
    pub fn looked_at(self) -> Expr {
        match self {
            Expr::Method(inner, name, _) if name == "to_vec" => *inner,
            other => other,
        }
    }

    /// Whether it is some of a list, which has no size: `xs[1..]`.
    pub fn is_part(&self) -> bool {
        matches!(self, Expr::Index(_, index) if matches!(**index, Expr::Range { .. }))
    }

    /// `callee(args)`
    pub fn call(callee: impl Into<String>, args: Vec<Expr>) -> Expr {
        Expr::Call(callee.into(), args)
    }

    /// `self op right`
    pub fn binary(self, op: BinOp, right: Expr) -> Expr {
        Expr::Binary(op, Box::new(self), Box::new(right))
    }

    /// `!self`; a comparison of exact values is turned round, a double negation dropped.
    pub fn negate(self, exact: bool) -> Expr {
        match self {
            Expr::Unary(UnOp::Not, inner) => *inner,
            Expr::Binary(BinOp::Eq, a, b) => Expr::Binary(BinOp::Ne, a, b),
            Expr::Binary(BinOp::Ne, a, b) => Expr::Binary(BinOp::Eq, a, b),
            Expr::Binary(op @ (BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge), a, b) if exact => {
                let flipped = match op {
                    BinOp::Lt => BinOp::Ge,
                    BinOp::Le => BinOp::Gt,
                    BinOp::Gt => BinOp::Le,
                    _ => BinOp::Lt,
                };
                Expr::Binary(flipped, a, b)
            }
            Expr::Method(receiver, name, args) if args.is_empty() && name == "is_some" => {
                Expr::Method(receiver, "is_none".into(), args)
            }
            Expr::Method(receiver, name, args) if args.is_empty() && name == "is_none" => {
                Expr::Method(receiver, "is_some".into(), args)
            }
            other => Expr::Unary(UnOp::Not, Box::new(other)),
        }
    }

    /// `self as ty`
    pub fn cast(self, ty: RTy) -> Expr {
        Expr::Cast(Box::new(self), ty)
    }

    /// `self?`
    pub fn try_(self) -> Expr {
        Expr::Try(Box::new(self))
    }

    /// `self.ok_or("text")?`
    pub fn ok_or(self, text: &str) -> Expr {
        self.method("ok_or", vec![Expr::Atom(format!("{text:?}"))])
            .try_()
    }

    /// Whether it is a literal, a variable, or a field of one: cheap to write twice.
    pub fn is_simple(&self) -> bool {
        match self {
            Expr::Atom(_) | Expr::NegLit(_) | Expr::ConstInt { .. } => true,
            Expr::Field(base, _) => base.is_simple(),
            Expr::Deref(inner) => inner.is_simple(),
            Expr::Call(name, args) => name == "f64::from" && args.iter().all(Expr::is_simple),
            Expr::Unary(UnOp::Neg, inner) => inner.is_simple(),
            _ => false,
        }
    }

    /// Whether it names a place, from which a value would be moved.
    pub fn is_place(&self) -> bool {
        match self {
            Expr::Atom(text) => !text.starts_with('"') && !self.is_bytes(),
            Expr::Field(..) | Expr::Index(..) | Expr::Deref(_) => true,
            _ => false,
        }
    }

    /// What is collected where nothing else says that it is a list.
    pub fn collected(self) -> Expr {
        match self {
            Expr::Method(iter, name, args) if name == "collect" => {
                Expr::Method(iter, "collect::<Vec<_>>".into(), args)
            }
            other => other,
        }
    }

    /// Calls `f` on every direct sub-expression and block.
    pub fn for_each_child<'a>(
        &'a self,
        expr: &mut dyn FnMut(&'a Expr),
        block: &mut dyn FnMut(&'a Block),
    ) {
        expr_children!(self, expr, block, iter, [&]);
    }

    /// As [`Expr::for_each_child`], to change them.
    pub fn for_each_child_mut(
        &mut self,
        expr: &mut dyn FnMut(&mut Expr),
        block: &mut dyn FnMut(&mut Block),
    ) {
        expr_children!(self, expr, block, iter_mut, [&mut]);
    }

    /// Whether it is `let … = …`, or a chain of conditions with one: such an expression
    /// stands only right after `if` and `while`, without parentheses.
    pub fn has_let(&self) -> bool {
        match self {
            Expr::Let(..) => true,
            Expr::Binary(BinOp::And, left, right) => left.has_let() || right.has_let(),
            _ => false,
        }
    }

    /// Whether evaluating it can leave the function by `?`.
    pub fn can_fail(&self) -> bool {
        if matches!(self, Expr::Try(_)) {
            return true;
        }
        let mut found = false;
        let mut blocks = Vec::new();
        let mut exprs = Vec::new();
        self.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        found |= exprs.into_iter().any(Expr::can_fail);
        found || blocks.into_iter().any(Block::can_fail)
    }
}

impl Block {
    /// Whether running it can leave the function by `?`.
    pub fn can_fail(&self) -> bool {
        self.value.as_ref().is_some_and(|v| v.can_fail())
            || self.stmts.iter().any(|stmt| {
                if stmt.is_error() {
                    return true;
                }
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().any(Expr::can_fail) || blocks.into_iter().any(Block::can_fail)
            })
    }
}

impl super::Stmt {
    /// Whether it returns an error.
    pub fn is_error(&self) -> bool {
        matches!(&self.kind, super::StmtKind::Return(Some(Expr::Call(name, _))) if name == "Err")
    }

    /// Calls `expr` and `block` on every direct part.
    pub fn for_each_child<'a>(
        &'a self,
        expr: &mut dyn FnMut(&'a Expr),
        block: &mut dyn FnMut(&'a Block),
    ) {
        stmt_children!(self, expr, block, iter, [&]);
    }

    /// As [`super::Stmt::for_each_child`], to change them.
    pub fn for_each_child_mut(
        &mut self,
        expr: &mut dyn FnMut(&mut Expr),
        block: &mut dyn FnMut(&mut Block),
    ) {
        stmt_children!(self, expr, block, iter_mut, [&mut]);
    }
}
