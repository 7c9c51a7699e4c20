//! Dicts that are filled in where they are made: `p = {}`, `p["gain"] = 1.5`, `p["on"] = True`.
//!
//! Enters: the module. Leaves: the same module, where the display has the entries that follow
//! it: `p = {"gain": 1.5, "on": True}`. What is computed in between must neither see the dict
//! nor, where that is caught, fail. This module must not know types.

use super::build::Build;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, BinaryOp, Block, Expr, ExprKind, Function, Module, Stmt, StmtKind};

/// Rewrites the module.
pub(super) fn filled_dicts(module: &mut Module, next_id: &mut u32) {
    let mut pass = Pass {
        next_id,
        function: None,
        caught: 0,
    };
    pass.block(&mut module.body);
}

/// What is known of the function around a block.
#[derive(Clone)]
struct Around {
    /// Whether it makes an object.
    is_init: bool,
    /// The names that others see: those that a function within it has, and its `global` and
    /// `nonlocal` ones.
    seen: Vec<String>,
}

struct Pass<'i> {
    next_id: &'i mut u32,
    function: Option<Around>,
    /// How many statements of the function stand around that may catch what fails.
    caught: u32,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let mut out: Vec<Stmt> = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    let around = self.function.replace(around(function));
                    let caught = std::mem::take(&mut self.caught);
                    self.block(&mut function.body);
                    (self.function, self.caught) = (around, caught);
                }
                kind => {
                    let caught = matches!(kind, StmtKind::Try { .. } | StmtKind::With { .. });
                    self.caught += u32::from(caught);
                    for inner in ast::blocks_mut(&mut stmt) {
                        self.block(inner);
                    }
                    self.caught -= u32::from(caught);
                }
            }
            if let Some(stmt) = self.absorbed(stmt, out.last_mut()) {
                out.push(stmt);
            }
        }
        block.stmts = out;
    }

    /// Puts an entry into the display of the statement before: the statement, where that
    /// cannot be done.
    fn absorbed(&mut self, stmt: Stmt, before: Option<&mut Stmt>) -> Option<Stmt> {
        let Some(before) = before.filter(|before| self.takes(before, &stmt)) else {
            return Some(stmt);
        };
        let span = before.span;
        let (Some(display), StmtKind::Assign { targets, value }) = (value_of(before), stmt.kind)
        else {
            return None;
        };
        let key = targets.into_iter().find_map(|target| match target.kind {
            ExprKind::Subscript { index, .. } => Some(*index),
            _ => None,
        });
        if let ExprKind::Call { .. } = display.kind {
            let mut build = Build {
                next_id: self.next_id,
                span,
            };
            *display = build.expr(ExprKind::Dict(Vec::new()));
            display.span = span;
        }
        if let ExprKind::Dict(entries) = &mut display.kind {
            entries.push((key, value));
        }
        before.comments.extend(stmt.comments);
        before.comments.extend(stmt.line_comment);
        None
    }

    /// Whether the display of a statement can take what another one adds to the dict.
    fn takes(&self, before: &Stmt, stmt: &Stmt) -> bool {
        let (Some((place, display)), Some((of, key, value))) = (made(before), entry(stmt)) else {
            return false;
        };
        let Some(root) = root(place) else {
            return false;
        };
        let known = match display {
            ExprKind::Dict(entries) => entries
                .iter()
                .map(|(key, _)| key.as_ref().and_then(text))
                .collect::<Option<Vec<&str>>>(),
            ExprKind::Call { .. } => Some(Vec::new()),
            _ => None,
        };
        if known.is_none_or(|keys| keys.contains(&key)) || !place.same_path(of) {
            return false;
        }
        let is_name = matches!(place.kind, ExprKind::Name(_));
        match &self.function {
            Some(around) if is_name && !around.seen.iter().any(|seen| seen == root) => {
                !value.names(&|name| name == root) && (self.caught == 0 || is_plain(value))
            }
            // Nobody has the object as long as it is made.
            Some(around) if !is_name && around.is_init && root == "self" => {
                is_plain(value) || self.caught == 0 && !gives_away(value, root)
            }
            // What fails here fails for good.
            None if is_name => !value.names(&|name| name == root) && !calls_own(value),
            _ => {
                is_plain(value) && (is_name || !reads(value, place)) && !mentions_alone(value, root)
            }
        }
    }
}

/// What a function lets be seen of its names.
fn around(function: &Function) -> Around {
    #[derive(Default)]
    struct Look {
        in_lambda: u32,
        seen: Vec<String>,
    }
    impl<'ast> Visitor<'ast> for Look {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                    self.seen.extend(names.iter().cloned());
                }
                StmtKind::Function(inner) => self.seen.extend(Names::of(inner).all()),
                _ => {}
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            self.in_lambda += u32::from(matches!(e.kind, ExprKind::Lambda { .. }));
            match &e.kind {
                ExprKind::Name(name) if self.in_lambda > 0 => self.seen.push(name.clone()),
                _ => {}
            }
            visit::walk_expr(self, e);
            self.in_lambda -= u32::from(matches!(e.kind, ExprKind::Lambda { .. }));
        }
    }
    let mut look = Look::default();
    look.visit_block(&function.body);
    Around {
        is_init: function.name.name == "__init__",
        seen: look.seen,
    }
}

/// Where a statement puts a dict that it makes, and what makes it.
fn made(stmt: &Stmt) -> Option<(&Expr, &ExprKind)> {
    let (target, value) = stmt.assigned()?;
    let display = match &value.kind {
        ExprKind::Dict(_) => true,
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            matches!(&func.kind, ExprKind::Name(name) if name == "dict")
                && args.is_empty()
                && keywords.is_empty()
        }
        _ => false,
    };
    display.then_some((target, &value.kind))
}

fn value_of(stmt: &mut Stmt) -> Option<&mut Expr> {
    match &mut stmt.kind {
        StmtKind::Assign { value, .. } => Some(value),
        StmtKind::AnnAssign { value, .. } => value.as_mut(),
        _ => None,
    }
}

/// The dict that a statement adds one entry to, the key and the value.
fn entry(stmt: &Stmt) -> Option<(&Expr, &str, &Expr)> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let [target] = targets.as_slice() else {
        return None;
    };
    let ExprKind::Subscript { value: of, index } = &target.kind else {
        return None;
    };
    Some((of, text(index)?, value))
}

fn text(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
    }
}

/// The variable of a place: a name, or an attribute of one.
fn root(place: &Expr) -> Option<&str> {
    match &place.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value, .. } => match &value.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn any(e: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
    test(e) || visit::children(e).iter().any(|part| any(part, test))
}

/// Whether an expression reads a place.
fn reads(e: &Expr, place: &Expr) -> bool {
    any(e, &|part| part.same_path(place))
}

/// Whether an expression has a variable otherwise than to read an attribute of it.
fn mentions_alone(e: &Expr, variable: &str) -> bool {
    match &e.kind {
        ExprKind::Name(name) => name == variable,
        ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)) => false,
        _ => visit::children(e)
            .iter()
            .any(|part| mentions_alone(part, variable)),
    }
}

/// Whether an expression hands an object on, calls a method of it or makes a function.
fn gives_away(e: &Expr, object: &str) -> bool {
    mentions_alone(e, object)
        || any(e, &|part| match &part.kind {
            ExprKind::Lambda { .. } => true,
            ExprKind::Call { func, .. } => func.names(&|name| name == object),
            _ => false,
        })
}

/// Whether an expression may call what the file defines.
fn calls_own(e: &Expr) -> bool {
    const BUILTINS: [&str; 12] = [
        "abs", "bool", "float", "int", "len", "list", "max", "min", "round", "str", "sum", "tuple",
    ];
    any(e, &|part| match &part.kind {
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => !BUILTINS.contains(&name.as_str()),
            ExprKind::Attribute { value, .. } => {
                !matches!(&value.kind, ExprKind::Name(name) if name == "math")
            }
            _ => true,
        },
        _ => false,
    })
}

/// Whether to compute an expression neither calls anything nor fails.
fn is_plain(e: &Expr) -> bool {
    let own = match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::None
        | ExprKind::Name(_)
        | ExprKind::List(_)
        | ExprKind::Tuple(_)
        | ExprKind::Unary { .. } => true,
        ExprKind::Attribute { value, .. } => matches!(value.kind, ExprKind::Name(_)),
        ExprKind::Dict(entries) => entries
            .iter()
            .all(|(key, _)| key.as_ref().and_then(text).is_some()),
        ExprKind::Binary { op, .. } => {
            matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul)
        }
        _ => false,
    };
    own && visit::children(e).iter().all(|part| is_plain(part))
}
