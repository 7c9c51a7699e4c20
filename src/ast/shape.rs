//! Questions about the shape of a tree that several stages ask.

use super::visit::{self, Visitor};
use super::{Block, Case, Expr, ExprKind, Function, PatternKind, Stmt, StmtKind};

impl Block {
    /// The functions that its statements define: of a class's body the methods.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.stmts.iter().filter_map(Stmt::function)
    }

    /// The functions that its statements define, and the methods of its classes.
    pub fn functions_and_methods(&self) -> impl Iterator<Item = &Function> {
        self.stmts.iter().flat_map(|stmt| {
            let methods = match &stmt.kind {
                StmtKind::Class(class) => class.body.stmts.as_slice(),
                _ => &[],
            };
            stmt.function()
                .into_iter()
                .chain(methods.iter().filter_map(Stmt::function))
        })
    }

    /// Whether it always returns or raises.
    pub fn ends_call(&self) -> bool {
        self.ends(&|stmt| matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise { .. }))
    }

    /// Whether what stands behind it is never reached from it: it returns, raises, or goes
    /// on with the loop around it or behind that.
    pub fn leaves(&self) -> bool {
        self.ends(&|stmt| {
            matches!(
                stmt.kind,
                StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue
            )
        })
    }

    /// Whether each way through it ends in such a statement.
    pub fn ends(&self, in_one: &dyn Fn(&Stmt) -> bool) -> bool {
        self.stmts.last().is_some_and(|stmt| match &stmt.kind {
            StmtKind::If { body, orelse, .. } => body.ends(in_one) && orelse.ends(in_one),
            StmtKind::Match { cases, .. } => {
                cases.last().is_some_and(Case::takes_all)
                    && cases.iter().all(|case| case.body.ends(in_one))
            }
            _ => in_one(stmt),
        })
    }

    /// Whether a name stands in it, those of functions and classes within it included.
    pub fn names(&self, is: &dyn Fn(&str) -> bool) -> bool {
        let mut find = Find { is, found: false };
        find.visit_block(self);
        find.found
    }

    /// Whether an attribute of this name is asked for in it.
    pub fn asks_for(&self, attribute: &str) -> bool {
        let mut find = Asked {
            attribute,
            found: false,
        };
        find.visit_block(self);
        find.found
    }
}

impl Case {
    /// `case _:`, `case name:`
    pub fn takes_all(&self) -> bool {
        let any = matches!(self.pattern.kind, PatternKind::As { pattern: None, .. });
        any && self.guard.is_none()
    }
}

impl Expr {
    /// Whether it names a variable or an attribute of one: evaluating it twice is evaluating
    /// it once.
    pub fn is_path(&self) -> bool {
        match &self.kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { value, .. } => value.is_path(),
            _ => false,
        }
    }

    /// Whether it names a variable, an attribute of one, or an item of it whose key is written
    /// there: evaluating it twice is evaluating it once.
    pub fn is_place(&self) -> bool {
        match &self.kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { value, .. } => value.is_place(),
            ExprKind::Subscript { value, index } => {
                value.is_place() && matches!(index.kind, ExprKind::Int(_) | ExprKind::Str(_))
            }
            _ => false,
        }
    }

    /// Whether both are the same path.
    pub fn same_path(&self, other: &Expr) -> bool {
        match (&self.kind, &other.kind) {
            (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
            (
                ExprKind::Attribute { value: a, attr: x },
                ExprKind::Attribute { value: b, attr: y },
            ) => x.name == y.name && a.same_path(b),
            _ => false,
        }
    }

    /// Whether a name stands in it.
    pub fn names(&self, is: &dyn Fn(&str) -> bool) -> bool {
        let mut find = Find { is, found: false };
        find.visit_expr(self);
        find.found
    }
}

/// The parts of a target or value that are no tuple themselves.
pub fn leaves<'e>(e: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| leaves(item, out));
        }
        ExprKind::Starred(inner) => leaves(inner, out),
        _ => out.push(e),
    }
}

/// The attributes that a target stores.
pub fn attributes(target: &Expr) -> impl Iterator<Item = &String> {
    let mut all = Vec::new();
    leaves(target, &mut all);
    all.into_iter().filter_map(|leaf| match &leaf.kind {
        ExprKind::Attribute { attr, .. } => Some(&attr.name),
        _ => None,
    })
}

impl Stmt {
    /// The function that it defines.
    pub fn function(&self) -> Option<&Function> {
        match &self.kind {
            StmtKind::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The one target of an assignment, with or without an annotation, and its value.
    pub fn assigned(&self) -> Option<(&Expr, &Expr)> {
        match &self.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => Some((target, value)),
                _ => None,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => Some((target, value)),
            _ => None,
        }
    }

    /// What an assignment assigns to; nothing where it is none.
    pub fn targets(&self) -> &[Expr] {
        match &self.kind {
            StmtKind::Assign { targets, .. } => targets,
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                std::slice::from_ref(target)
            }
            _ => &[],
        }
    }
}

struct Find<'f> {
    is: &'f dyn Fn(&str) -> bool,
    found: bool,
}

impl<'ast> Visitor<'ast> for Find<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.found |= matches!(&e.kind, ExprKind::Name(name) if (self.is)(name));
        if !self.found {
            visit::walk_expr(self, e);
        }
    }
}

struct Asked<'f> {
    attribute: &'f str,
    found: bool,
}

impl<'ast> Visitor<'ast> for Asked<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.found |=
            matches!(&e.kind, ExprKind::Attribute { attr, .. } if attr.name == self.attribute);
        if !self.found {
            visit::walk_expr(self, e);
        }
    }
}
