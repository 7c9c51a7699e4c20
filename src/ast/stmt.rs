//! Statements, functions, classes and patterns.

use super::{BinaryOp, Block, Comment, Docstring, Expr, ExprKind, Ident, NodeId};
use crate::source::Span;

/// A statement, with what stood around it.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// Key of the side tables.
    pub id: NodeId,
    /// Where it stands; of a compound statement the whole of it, decorators included.
    pub span: Span,
    /// Whether a blank line stood before it (before its comments, if it has any).
    pub blank_before: bool,
    /// Comments on lines of their own before it.
    pub comments: Vec<Comment>,
    /// The comment at the end of its (first) line.
    pub line_comment: Option<Comment>,
    /// What it is.
    pub kind: StmtKind,
}

/// What a statement is.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `def …`
    Function(Function),
    /// `class …`
    Class(Class),
    /// `return value`
    Return(Option<Expr>),
    /// `del a, b`
    Delete(Vec<Expr>),
    /// `a = b = value`
    Assign {
        /// The targets, left to right.
        targets: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// `target op= value`
    AugAssign {
        /// The target.
        target: Expr,
        /// The operator.
        op: BinaryOp,
        /// The value.
        value: Expr,
    },
    /// `target: annotation = value`
    AnnAssign {
        /// The target.
        target: Expr,
        /// Its annotation.
        annotation: Expr,
        /// The value, where there is one.
        value: Option<Expr>,
    },
    /// `if test: body else: orelse`; `elif` is an `If` alone in `orelse`.
    If {
        /// The condition.
        test: Expr,
        /// Where it holds.
        body: Block,
        /// Where it does not.
        orelse: Block,
    },
    /// `while test: body else: orelse`
    While {
        /// The condition.
        test: Expr,
        /// The loop's body.
        body: Block,
        /// Run where the loop was not left by `break`.
        orelse: Block,
    },
    /// `for target in iter: body else: orelse`
    For {
        /// What is bound.
        target: Expr,
        /// What is iterated over.
        iter: Expr,
        /// The loop's body.
        body: Block,
        /// Run where the loop was not left by `break`.
        orelse: Block,
        /// `async for`
        is_async: bool,
    },
    /// `with item as name: body`
    With {
        /// Context expression and target.
        items: Vec<(Expr, Option<Expr>)>,
        /// The body.
        body: Block,
        /// `async with`
        is_async: bool,
    },
    /// `raise exc from cause`
    Raise {
        /// The exception.
        exc: Option<Expr>,
        /// Its cause.
        cause: Option<Expr>,
    },
    /// `try: …`
    Try {
        /// What may raise.
        body: Block,
        /// The `except` clauses.
        handlers: Vec<Handler>,
        /// Run where nothing was raised.
        orelse: Block,
        /// Run in any case.
        finalbody: Block,
    },
    /// `assert test, message`
    Assert {
        /// The condition.
        test: Expr,
        /// The message.
        message: Option<Expr>,
    },
    /// `import a.b as c`
    Import(Vec<Alias>),
    /// `from module import a as b`
    ImportFrom {
        /// The module; none in `from . import x`.
        module: Option<String>,
        /// Leading dots.
        level: u32,
        /// What is imported; `*` is a name.
        names: Vec<Alias>,
    },
    /// `global a, b`
    Global(Vec<String>),
    /// `nonlocal a, b`
    Nonlocal(Vec<String>),
    /// An expression for its effect; a bare string too.
    Expr(Expr),
    /// `pass`
    Pass,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `match subject: …`
    Match {
        /// What is matched.
        subject: Expr,
        /// The cases in order.
        cases: Vec<Case>,
    },
    /// Syntax that we do not read; the text says which.
    Unsupported(String),
}

/// `def name(params) -> returns: body`
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: Ident,
    /// Its decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// Its parameters.
    pub params: Params,
    /// The return annotation.
    pub returns: Option<Expr>,
    /// The docstring; it is not in `body`.
    pub doc: Option<Docstring>,
    /// The body.
    pub body: Block,
    /// `async def`
    pub is_async: bool,
}

/// How a function in a class is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    /// Called on an instance.
    Method,
    /// `@staticmethod`
    Static,
    /// `@classmethod`
    Class,
    /// `@property`
    Property,
    /// `@name.setter`
    Setter,
}

impl Function {
    /// How it is bound as a method.
    ///
    /// # Errors
    /// The first decorator that says something else.
    pub fn method_kind(&self) -> Result<MethodKind, &Expr> {
        let mut kind = MethodKind::Method;
        for decorator in &self.decorators {
            kind = match &decorator.kind {
                ExprKind::Name(name) if name == "staticmethod" => MethodKind::Static,
                ExprKind::Name(name) if name == "classmethod" => MethodKind::Class,
                ExprKind::Name(name) if name == "property" => MethodKind::Property,
                ExprKind::Attribute { value, attr }
                    if attr.name == "setter"
                        && matches!(&value.kind, ExprKind::Name(n) if *n == self.name.name) =>
                {
                    MethodKind::Setter
                }
                _ => return Err(decorator),
            };
        }
        Ok(kind)
    }

    /// Its key among the methods of a class: a property's setter stands beside its getter.
    pub fn method_key(&self) -> String {
        match self.method_kind() {
            Ok(MethodKind::Setter) => format!("{}=", self.name.name),
            Ok(
                MethodKind::Method | MethodKind::Static | MethodKind::Class | MethodKind::Property,
            )
            | Err(_) => self.name.name.clone(),
        }
    }
}

/// `class name(bases): body`
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: Ident,
    /// Its decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// The bases.
    pub bases: Vec<Expr>,
    /// Keywords such as `metaclass=`.
    pub keywords: Vec<super::Keyword>,
    /// The docstring; it is not in `body`.
    pub doc: Option<Docstring>,
    /// The body.
    pub body: Block,
    /// Its bases in the file, the nearest first, whose attributes and methods stand in the
    /// body (`desugar` writes them out).
    pub ancestors: Vec<String>,
    /// The methods that `@abstractmethod` leaves to subclasses: with any, there are no
    /// instances.
    pub abstracts: Vec<String>,
    /// What Python makes of its annotations, where it is a dataclass or a named tuple
    /// (`desugar` looks at them).
    pub made: Option<Made>,
    /// The methods that are written out for it, which nobody has to call.
    pub generated: Vec<String>,
    /// The attributes that are None as long as the instance does not have them.
    pub late: Vec<String>,
    /// The classes of which a value of this type is one, where it stands for a family.
    pub variants: Vec<String>,
}

impl Class {
    /// A class of that name and body, and nothing else.
    pub fn of(name: Ident, stmts: Vec<Stmt>) -> Self {
        Self {
            name,
            decorators: Vec::new(),
            bases: Vec::new(),
            keywords: Vec::new(),
            doc: None,
            body: Block {
                stmts,
                trailing: Vec::new(),
            },
            ancestors: Vec::new(),
            abstracts: Vec::new(),
            made: None,
            generated: Vec::new(),
            late: Vec::new(),
            variants: Vec::new(),
        }
    }
}

/// Stands between a family of classes and a class of it in the name of the class.
pub const OF_FAMILY: char = ':';

/// What the name of an attribute starts with that no Python names.
const HIDDEN: &str = "___";

/// What the name of the attribute ends in that holds the limit of a deque in another one.
const LIMIT: &str = "_maxlen";

/// The attribute that holds the limit of the deque in `attr`.
pub fn kept_limit(attr: &str) -> String {
    format!("{HIDDEN}{}{LIMIT}", attr.trim_start_matches('_'))
}

/// The attribute of the deque, without leading underscores, whose limit lies in `limit`.
pub fn limited_by(limit: &str) -> Option<&str> {
    limit.strip_prefix(HIDDEN)?.strip_suffix(LIMIT)
}

/// What Python makes of the annotations of a dataclass or a named tuple.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// The fields in order.
    pub fields: Vec<String>,
    /// What the constructor takes, in order, with whether by name alone.
    pub params: Vec<(String, bool)>,
    /// Whether instances are equal where all their fields are.
    pub equal: bool,
    /// Whether instances are ordered as tuples of all their fields.
    pub ordered: bool,
    /// Whether fields may not be assigned.
    pub frozen: bool,
    /// Whether instances are tuples.
    pub is_tuple: bool,
}

/// The parameters of a function, in order.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// All of them, in the order of the source.
    pub list: Vec<Param>,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Key of the side tables.
    pub id: NodeId,
    /// Its name.
    pub name: Ident,
    /// How it is passed.
    pub kind: ParamKind,
    /// Its annotation.
    pub annotation: Option<Expr>,
    /// Its default.
    pub default: Option<Expr>,
}

/// How a parameter is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// Before `/`.
    PositionalOnly,
    /// By place or by name.
    Normal,
    /// `*args`
    VarArgs,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`
    KwArgs,
}

/// `except types as name: body`
#[derive(Debug, Clone)]
pub struct Handler {
    /// Key of the side tables: the name that is bound.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// What it catches; none catches all.
    pub types: Option<Expr>,
    /// The name bound.
    pub name: Option<Ident>,
    /// The body.
    pub body: Block,
}

/// `name as alias`
#[derive(Debug, Clone)]
pub struct Alias {
    /// The dotted name.
    pub name: Ident,
    /// What it is called here.
    pub alias: Option<Ident>,
}

/// `case pattern if guard: body`
#[derive(Debug, Clone)]
pub struct Case {
    /// Where it stands.
    pub span: Span,
    /// The pattern.
    pub pattern: Pattern,
    /// The guard.
    pub guard: Option<Expr>,
    /// The body.
    pub body: Block,
}

/// A pattern of `match`.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Key of the side tables.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: PatternKind,
}

/// What a pattern is.
#[derive(Debug, Clone)]
pub enum PatternKind {
    /// A literal or dotted name, compared by `==`.
    Value(Expr),
    /// `None`, `True`, `False`, compared by `is`.
    Singleton(Expr),
    /// `[a, *b]`
    Sequence(Vec<Pattern>),
    /// `{key: pattern, **rest}`
    Mapping {
        /// Keys with their patterns.
        items: Vec<(Expr, Pattern)>,
        /// The name bound to the rest.
        rest: Option<String>,
    },
    /// `Class(a, b=c)`
    Class {
        /// The class.
        class: Expr,
        /// Positional sub-patterns.
        positional: Vec<Pattern>,
        /// Keyword sub-patterns.
        keywords: Vec<(String, Pattern)>,
    },
    /// `*name` in a sequence.
    Star(Option<String>),
    /// `pattern as name`; `_` has neither, a capture only the name.
    As {
        /// The pattern.
        pattern: Option<Box<Pattern>>,
        /// The name bound.
        name: Option<String>,
    },
    /// `a | b`
    Or(Vec<Pattern>),
}

/// The blocks within a statement, to change them; a class's and a function's too.
pub fn blocks_mut(stmt: &mut Stmt) -> Vec<&mut Block> {
    match &mut stmt.kind {
        StmtKind::Function(function) => vec![&mut function.body],
        StmtKind::Class(class) => vec![&mut class.body],
        StmtKind::If { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::For { body, orelse, .. } => vec![body, orelse],
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            let mut blocks = vec![body];
            blocks.extend(handlers.iter_mut().map(|h| &mut h.body));
            blocks.extend([orelse, finalbody]);
            blocks
        }
        StmtKind::Match { cases, .. } => cases.iter_mut().map(|c| &mut c.body).collect(),
        StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Assign { .. }
        | StmtKind::AugAssign { .. }
        | StmtKind::AnnAssign { .. }
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Expr(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => Vec::new(),
    }
}

/// The blocks of a statement that run where it stands: none of a class or function.
pub fn branches(stmt: &Stmt) -> Vec<&Block> {
    match &stmt.kind {
        StmtKind::If { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::For { body, orelse, .. } => vec![body, orelse],
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            let mut blocks = vec![body];
            blocks.extend(handlers.iter().map(|h| &h.body));
            blocks.extend([orelse, finalbody]);
            blocks
        }
        StmtKind::Match { cases, .. } => cases.iter().map(|c| &c.body).collect(),
        StmtKind::Function(_)
        | StmtKind::Class(_)
        | StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Assign { .. }
        | StmtKind::AugAssign { .. }
        | StmtKind::AnnAssign { .. }
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Expr(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => Vec::new(),
    }
}

/// The blocks of a statement that run where it stands, to change them.
pub fn branches_mut(stmt: &mut Stmt) -> Vec<&mut Block> {
    if matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
        return Vec::new();
    }
    blocks_mut(stmt)
}
