//! What an expression is, as far as it is written out: a literal, a set, infinity.

use super::Look;
use super::shapes::{Func, Shape};
use super::walk::{dotted, each_stmt};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Stmt, StmtKind, UnaryOp};
use num_bigint::BigInt;

/// A value that is known from how it is written.
#[derive(Debug, Clone)]
pub(super) enum Kind<'a> {
    None,
    Bool,
    Int(BigInt),
    Float(f64),
    Str(&'a str),
    Bytes,
    /// A list of so many items.
    List(usize),
    /// A list or dict of the script's own, of which no more is known.
    Own,
    /// A dict, by its items.
    Dict(&'a [(Option<Expr>, Expr)]),
    Set,
    Deque,
    /// An object of a class that PyTask cannot send: what it is.
    Object(&'a str),
    /// The time as an int.
    Time,
}

impl<'a> Look<'a> {
    /// What an expression of a function is, where that is written out; names that are bound
    /// once are looked up.
    pub(super) fn kind(&self, f: &Func<'a>, e: &'a Expr) -> Option<Kind<'a>> {
        self.kind_within(f, e, 3)
    }

    fn kind_within(&self, f: &Func<'a>, e: &'a Expr, depth: usize) -> Option<Kind<'a>> {
        Some(match &e.kind {
            ExprKind::None => Kind::None,
            ExprKind::Bool(_) => Kind::Bool,
            ExprKind::Int(n) => Kind::Int(n.clone()),
            ExprKind::Float(x) => Kind::Float(*x),
            ExprKind::Str(text) => Kind::Str(text),
            ExprKind::Bytes(_) => Kind::Bytes,
            ExprKind::List(items)
                if items
                    .iter()
                    .all(|i| !matches!(i.kind, ExprKind::Starred(_))) =>
            {
                Kind::List(items.len())
            }
            ExprKind::List(_) => Kind::Own,
            ExprKind::Dict(items) => Kind::Dict(items),
            ExprKind::Set(_) => Kind::Set,
            ExprKind::Comprehension { kind, .. } => match kind {
                ComprehensionKind::Set => Kind::Set,
                ComprehensionKind::List | ComprehensionKind::Dict => Kind::Own,
                ComprehensionKind::Generator => Kind::Object("a generator"),
            },
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
            } => match self.kind_within(f, operand, depth)? {
                Kind::Int(n) => Kind::Int(-n),
                Kind::Float(x) => Kind::Float(-x),
                _ => return None,
            },
            ExprKind::Attribute { value, attr } => {
                if self.functions.shape(f, value) == Some(Shape::Context) {
                    return matches!(attr.name.as_str(), "now_ns" | "recent_ns")
                        .then_some(Kind::Time);
                }
                match dotted(e)?.as_str() {
                    "math.inf" | "np.inf" | "numpy.inf" => Kind::Float(f64::INFINITY),
                    "math.nan" | "np.nan" | "numpy.nan" => Kind::Float(f64::NAN),
                    _ => return None,
                }
            }
            ExprKind::Call { func, args, .. } => self.called(f, func, args)?,
            ExprKind::Name(name) if depth > 0 => {
                let (value, f) = self.bound_once(f, name)?;
                match self.kind_within(f, value, depth - 1)? {
                    // What was put into it since is another matter.
                    Kind::List(_) | Kind::Dict(_) => Kind::Own,
                    kind => kind,
                }
            }
            _ => return None,
        })
    }

    fn called(&self, f: &Func<'a>, func: &'a Expr, args: &'a [Expr]) -> Option<Kind<'a>> {
        if let ExprKind::Attribute { value, attr } = &func.kind
            && self.functions.shape(f, value) == Some(Shape::Context)
        {
            return matches!(attr.name.as_str(), "now" | "recent").then_some(Kind::Time);
        }
        let name = dotted(func)?;
        let last = name.rsplit('.').next().unwrap_or(&name);
        Some(match name.as_str() {
            "float" => match args {
                [
                    Expr {
                        kind: ExprKind::Str(text),
                        ..
                    },
                ] => Kind::Float(text.trim().replace('_', "").parse().ok()?),
                _ => return None,
            },
            "set" | "frozenset" => Kind::Set,
            "list" | "dict" | "sorted" => Kind::Own,
            "bytes" | "bytearray" => Kind::Bytes,
            "time.time" | "time.monotonic" | "time.perf_counter" => Kind::Float(0.5),
            _ if matches!(last, "deque")
                && matches!(name.as_str(), "deque" | "collections.deque") =>
            {
                Kind::Deque
            }
            "Decimal" | "decimal.Decimal" => Kind::Object("a Decimal"),
            "Fraction" | "fractions.Fraction" => Kind::Object("a Fraction"),
            "np.array" | "np.zeros" | "np.ones" | "np.asarray" | "np.linspace" | "np.arange"
            | "numpy.array" | "numpy.zeros" | "numpy.ones" | "numpy.asarray" => {
                Kind::Object("a numpy array")
            }
            _ => self.own_class(&name)?,
        })
    }

    /// An object of a class of the script that is neither a dict, a list nor a tuple.
    fn own_class(&self, name: &str) -> Option<Kind<'a>> {
        self.module
            .body
            .stmts
            .iter()
            .find_map(|stmt| match &stmt.kind {
                StmtKind::Class(class) if class.name.name == name => {
                    let plain = class
                        .bases
                        .iter()
                        .all(|base| dotted(base).as_deref() == Some("object"));
                    plain.then_some(Kind::Object(&class.name.name))
                }
                _ => None,
            })
    }

    /// The value of a name that is bound in one place, in the function or else at module level.
    pub(super) fn bound_once<'f>(
        &self,
        f: &'f Func<'a>,
        name: &str,
    ) -> Option<(&'a Expr, &'f Func<'a>)> {
        let mut bound = Bound {
            name,
            values: Vec::new(),
            others: f.ast.params.list.iter().any(|p| p.name.name == name),
        };
        each_stmt(&f.ast.body, &mut |stmt| bound.see(stmt));
        if bound.values.is_empty() {
            self.module
                .body
                .stmts
                .iter()
                .for_each(|stmt| bound.see(stmt));
            // A module variable may be another thing in another function.
            for f in self.functions.reached() {
                each_stmt(&f.ast.body, &mut |stmt| {
                    if let StmtKind::Global(names) = &stmt.kind {
                        bound.others |= names.iter().any(|n| n == name);
                    }
                });
            }
        }
        match (bound.values.as_slice(), bound.others) {
            ([value], false) => Some((value, f)),
            _ => None,
        }
    }
}

/// The values that a name is bound to.
struct Bound<'n, 'a> {
    name: &'n str,
    values: Vec<&'a Expr>,
    /// Whether it is bound in another way too.
    others: bool,
}

impl<'a> Bound<'_, 'a> {
    fn see(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    match &target.kind {
                        ExprKind::Name(name) if name == self.name => self.values.push(value),
                        other => self.others |= holds(other, self.name),
                    }
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } if matches!(&target.kind, ExprKind::Name(name) if name == self.name) => {
                self.values.push(value);
            }
            StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                self.others |= holds(&target.kind, self.name);
            }
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.others |= names.iter().any(|name| name == self.name);
            }
            _ => {}
        }
    }
}

fn holds(target: &ExprKind, name: &str) -> bool {
    match target {
        ExprKind::Name(n) => n == name,
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().any(|item| holds(&item.kind, name))
        }
        ExprKind::Starred(inner) => holds(&inner.kind, name),
        _ => false,
    }
}
