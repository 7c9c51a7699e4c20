//! Choices and setup that a module makes while it is imported.
//!
//! Enters: the module. Leaves: the same, where an `if` of the module whose test is known
//! (`if DEBUG:` of a constant, `sys.version_info >= (3, 8)`, `TYPE_CHECKING`) is the branch
//! that is taken, a `try` around imports of Python's own modules is those imports, and a call
//! of a function that only sets up variables of the module is its body. What is not known
//! stays. This module must not know types.

use super::copies;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, BoolOp, CompareOp, Expr, ExprKind, Function, Module, ParamKind, Stmt, StmtKind,
    UnaryOp,
};
use num_traits::{ToPrimitive, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Modules that every Python has.
const PYTHONS_OWN: [&str; 24] = [
    "__future__",
    "abc",
    "array",
    "bisect",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "random",
    "statistics",
    "struct",
    "sys",
    "time",
    "types",
    "typing",
];

/// How often the choices of a choice are looked at.
const MOST_TURNS: usize = 8;

/// Rewrites the statements of the module.
pub(super) fn module_level(module: &mut Module, next_id: &mut u32) {
    for _ in 0..MOST_TURNS {
        let constants = constants(module);
        let mut changed = unused(module);
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut module.body.stmts) {
            match taken(&mut stmt, &constants) {
                Some(block) => {
                    changed = true;
                    splice(&mut out, &stmt, block);
                }
                None => out.push(stmt),
            }
        }
        module.body.stmts = out;
        if !changed {
            break;
        }
    }
    setup(module, next_id);
}

/// Takes out what is tried at import and binds only names that nobody mentions.
fn unused(module: &mut Module) -> bool {
    let stmts = &module.body.stmts;
    let place = stmts.iter().position(|stmt| {
        let StmtKind::Try { handlers, .. } = &stmt.kind else {
            return false;
        };
        let plain = ast::branches(stmt)
            .into_iter()
            .flat_map(|b| &b.stmts)
            .all(|s| match &s.kind {
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Pass => true,
                StmtKind::Assign { value, .. } => literal(value),
                _ => false,
            });
        let import = handlers.iter().all(|h| {
            h.types.as_ref().is_some_and(|e| {
                matches!(&e.kind, ExprKind::Name(n)
                    if matches!(n.as_str(), "ImportError" | "ModuleNotFoundError" | "Exception"))
            })
        });
        let mut names = Names::default();
        names.stmt(stmt);
        let others = stmts.iter().filter(|s| !std::ptr::eq(*s, stmt));
        let around = mentioned_by(others);
        let mentioned = |n: &String| around.contains(n);
        plain && import && !names.bound.keys().any(mentioned)
    });
    place.is_some_and(|at| {
        module.body.stmts.remove(at);
        true
    })
}

/// Puts statements in the place of one.
fn splice(out: &mut Vec<Stmt>, of: &Stmt, block: Block) {
    let mut stmts = block.stmts;
    if let Some(first) = stmts.first_mut() {
        first.blank_before |= of.blank_before;
        first.comments.splice(0..0, of.comments.iter().cloned());
    }
    out.extend(stmts);
}

/// The names of the module that are bound once, to a literal.
fn constants(module: &Module) -> BTreeMap<String, Expr> {
    struct Bound(BTreeMap<String, usize>);
    impl<'ast> Visitor<'ast> for Bound {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Global(names) = &stmt.kind {
                for name in names {
                    *self.0.entry(name.clone()).or_default() += 2;
                }
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut bound = Bound(BTreeMap::new());
    bound.visit_block(&module.body);
    for stmt in &module.body.stmts {
        for name in super::callables::top_bound(stmt) {
            *bound.0.entry(name).or_default() += 1;
        }
    }
    let mut out = BTreeMap::new();
    for stmt in &module.body.stmts {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => continue,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (target, value),
            _ => continue,
        };
        if let ExprKind::Name(name) = &target.kind
            && bound.0.get(name) == Some(&1)
            && literal(value)
        {
            out.insert(name.clone(), value.clone());
        }
    }
    for stmt in &module.body.stmts {
        if let StmtKind::ImportFrom {
            module: Some(from),
            names,
            ..
        } = &stmt.kind
            && from == "typing"
        {
            for alias in names.iter().filter(|a| a.name.name == "TYPE_CHECKING") {
                let name = alias.alias.as_ref().unwrap_or(&alias.name);
                let value = Expr {
                    id: ast::NodeId(0),
                    span: name.span,
                    kind: ExprKind::Bool(false),
                };
                out.insert(name.name.clone(), value);
            }
        }
    }
    out
}

fn literal(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
    )
}

/// The block that is run in place of a statement, where that is known.
fn taken(stmt: &mut Stmt, constants: &BTreeMap<String, Expr>) -> Option<Block> {
    match &mut stmt.kind {
        StmtKind::If { test, body, orelse } if !super::is_main_guard(test) => {
            let block = if holds(test, constants)? {
                body
            } else {
                orelse
            };
            Some(std::mem::take(block))
        }
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } if !handlers.is_empty() && finalbody.stmts.is_empty() => {
            if !body.stmts.iter().all(cannot_fail) {
                return None;
            }
            let mut block = std::mem::take(body);
            block.stmts.append(&mut orelse.stmts);
            Some(block)
        }
        _ => None,
    }
}

/// Whether a statement of a `try` at module level never raises.
fn cannot_fail(stmt: &Stmt) -> bool {
    let own = |name: &str| {
        let first = name.split('.').next().unwrap_or(name);
        PYTHONS_OWN.contains(&first)
    };
    match &stmt.kind {
        StmtKind::Import(names) => names.iter().all(|a| own(&a.name.name)),
        StmtKind::ImportFrom {
            module: Some(from),
            level: 0,
            names,
        } => {
            // A name that a module has only from some version on may be missing.
            let early =
                |name: &str| !matches!(name, "StrEnum" | "override" | "pairwise" | "batched");
            own(from) && names.iter().all(|a| early(&a.name.name))
        }
        StmtKind::Assign { targets, value } => {
            targets.iter().all(|t| matches!(t.kind, ExprKind::Name(_))) && literal(value)
        }
        StmtKind::Pass => true,
        _ => false,
    }
}

/// Whether a test of the module holds, where that is known.
fn holds(test: &Expr, constants: &BTreeMap<String, Expr>) -> Option<bool> {
    match &test.kind {
        ExprKind::Name(name) if name == "__debug__" => Some(true),
        ExprKind::Attribute { value, attr } => {
            let typing = matches!(&value.kind, ExprKind::Name(n) if n == "typing");
            (typing && attr.name == "TYPE_CHECKING").then_some(false)
        }
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => Some(!holds(operand, constants)?),
        ExprKind::Logical { op, values } => {
            let mut all = values.iter().map(|o| holds(o, constants));
            match op {
                BoolOp::And => all.try_fold(true, |a, b| Some(a && b?)),
                BoolOp::Or => all.try_fold(false, |a, b| Some(a || b?)),
            }
        }
        ExprKind::Compare { left, ops, rest } => {
            let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                return None;
            };
            if is_version(left) {
                return of_version(*op, right);
            }
            let (a, b) = (value(left, constants)?, value(right, constants)?);
            compared(*op, a, b)
        }
        _ => match &value(test, constants)?.kind {
            ExprKind::None => Some(false),
            ExprKind::Bool(b) => Some(*b),
            ExprKind::Int(n) => Some(!n.is_zero()),
            ExprKind::Float(x) => Some(*x != 0.0),
            ExprKind::Str(s) => Some(!s.is_empty()),
            _ => None,
        },
    }
}

fn value<'e>(e: &'e Expr, constants: &'e BTreeMap<String, Expr>) -> Option<&'e Expr> {
    match &e.kind {
        ExprKind::Name(name) => constants.get(name),
        _ => literal(e).then_some(e),
    }
}

fn compared(op: CompareOp, a: &Expr, b: &Expr) -> Option<bool> {
    let order = match (&a.kind, &b.kind) {
        (ExprKind::Int(a), ExprKind::Int(b)) => a.cmp(b),
        (ExprKind::Str(a), ExprKind::Str(b)) => a.chars().cmp(b.chars()),
        (ExprKind::Bool(a), ExprKind::Bool(b)) => a.cmp(b),
        (ExprKind::None, ExprKind::None) => std::cmp::Ordering::Equal,
        (ExprKind::None, _) | (_, ExprKind::None) => {
            return match op {
                CompareOp::Is | CompareOp::Eq => Some(false),
                CompareOp::IsNot | CompareOp::NotEq => Some(true),
                _ => None,
            };
        }
        _ => return None,
    };
    let same = matches!(
        (&a.kind, &b.kind),
        (ExprKind::None, _) | (ExprKind::Bool(_), _)
    );
    match op {
        CompareOp::Eq => Some(order.is_eq()),
        CompareOp::NotEq => Some(order.is_ne()),
        CompareOp::Is if same => Some(order.is_eq()),
        CompareOp::IsNot if same => Some(order.is_ne()),
        CompareOp::Lt => Some(order.is_lt()),
        CompareOp::LtE => Some(order.is_le()),
        CompareOp::Gt => Some(order.is_gt()),
        CompareOp::GtE => Some(order.is_ge()),
        _ => None,
    }
}

/// `sys.version_info`, `sys.version_info[0]`, `sys.version_info.major`
fn is_version(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Subscript { value, index } => {
            matches!(&index.kind, ExprKind::Int(n) if n.is_zero()) && is_version(value)
        }
        ExprKind::Attribute { value, attr } => match attr.name.as_str() {
            "version_info" => matches!(&value.kind, ExprKind::Name(n) if n == "sys"),
            "major" => is_version(value),
            _ => false,
        },
        _ => false,
    }
}

/// A test of Python's version that is the same for every Python from 3.10 on.
fn of_version(op: CompareOp, right: &Expr) -> Option<bool> {
    let int = |e: &Expr| match &e.kind {
        ExprKind::Int(n) => n.to_i64(),
        _ => None,
    };
    let (major, minor) = match &right.kind {
        ExprKind::Tuple(items) => match items.as_slice() {
            [major] => (int(major)?, 0),
            [major, minor, ..] => (int(major)?, int(minor)?),
            [] => return None,
        },
        _ => (int(right)?, 0),
    };
    if major > 3 || (major == 3 && minor > 10) {
        return None;
    }
    let whole = matches!(right.kind, ExprKind::Tuple(_));
    match op {
        CompareOp::GtE => Some(true),
        CompareOp::Lt => Some(false),
        CompareOp::Eq if !whole => Some(major == 3),
        CompareOp::NotEq if !whole => Some(major != 3),
        CompareOp::Gt if major < 3 => Some(true),
        CompareOp::LtE if major < 3 => Some(false),
        _ => None,
    }
}

/// The bodies of functions that the module calls to set up its variables.
fn setup(module: &mut Module, next_id: &mut u32) {
    let mut functions: BTreeMap<String, (usize, Function)> = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for (at, stmt) in module.body.stmts.iter().enumerate() {
        for name in super::callables::top_bound(stmt) {
            if !twice.insert(name.clone()) {
                functions.remove(&name);
            }
        }
        if let StmtKind::Function(f) = &stmt.kind {
            functions.insert(f.name.name.clone(), (at, f.clone()));
        }
    }
    let taken: BTreeSet<String> = super::callables::module_bound(module);
    let mut inlined = BTreeSet::new();
    let mut out = Vec::new();
    for (at, stmt) in std::mem::take(&mut module.body.stmts)
        .into_iter()
        .enumerate()
    {
        let body = called(&stmt).and_then(|(name, args)| {
            let (defined, function) = functions.get(name)?;
            let body = body_of(function, args, &taken, next_id)?;
            (*defined < at).then(|| (name.to_string(), body))
        });
        match body {
            Some((name, body)) => {
                inlined.insert(name);
                splice(&mut out, &stmt, body);
            }
            None => out.push(stmt),
        }
    }
    // A function that nobody else calls is done.
    let used = mentioned_by(&out);
    out.retain(|stmt| {
        !matches!(&stmt.kind, StmtKind::Function(f)
            if inlined.contains(&f.name.name) && !used.contains(&f.name.name))
    });
    module.body.stmts = out;
}

/// Every name in some statements, but for those that functions and classes have themselves.
fn mentioned_by<'s>(stmts: impl IntoIterator<Item = &'s Stmt>) -> BTreeSet<String> {
    struct All(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for All {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                    self.0.extend(super::callables::top_bound(stmt));
                }
                StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                    self.0.extend(names.iter().cloned());
                }
                _ => {}
            }
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                self.0.insert(name.clone());
            }
            visit::walk_expr(self, e);
        }
    }
    let mut all = All(BTreeSet::new());
    stmts.into_iter().for_each(|s| all.visit_stmt(s));
    all.0
}

/// `setup(…)` as a statement, of arguments by place.
fn called(stmt: &Stmt) -> Option<(&str, &[Expr])> {
    let StmtKind::Expr(e) = &stmt.kind else {
        return None;
    };
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    match &func.kind {
        ExprKind::Name(name) if keywords.is_empty() => Some((name, args)),
        _ => None,
    }
}

/// The statements of a function that works on the module's variables alone.
fn body_of(
    function: &Function,
    args: &[Expr],
    taken: &BTreeSet<String>,
    next_id: &mut u32,
) -> Option<Block> {
    let params = &function.params.list;
    let plain = params
        .iter()
        .all(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly));
    if !plain || params.len() != args.len() || !function.decorators.is_empty() || function.is_async
    {
        return None;
    }
    let mut globals = BTreeSet::new();
    let mut body = function.body.clone();
    for stmt in &body.stmts {
        match &stmt.kind {
            StmtKind::Global(names) => globals.extend(names.iter().cloned()),
            StmtKind::Assign { .. } | StmtKind::AugAssign { .. } | StmtKind::Pass => {}
            StmtKind::Expr(e) if matches!(e.kind, ExprKind::Call { .. }) => {}
            _ => return None,
        }
    }
    body.stmts
        .retain(|s| !matches!(s.kind, StmtKind::Global(_) | StmtKind::Pass));
    let mut names = Names::default();
    body.stmts.iter().for_each(|s| names.stmt(s));
    let own = |name: &String| params.iter().any(|p| p.name.name == *name);
    // It binds nothing but what it says is the module's, and none of its parameters.
    if names.refuses
        || names.bound.keys().any(|n| !globals.contains(n) || own(n))
        || args.iter().any(|a| !steady(a))
        || params.iter().any(|p| taken.contains(&p.name.name))
    {
        return None;
    }
    let given: BTreeMap<&str, &Expr> = params
        .iter()
        .map(|p| p.name.name.as_str())
        .zip(args)
        .collect();
    ast::rewrite::block(&mut body, &mut |e| {
        if let ExprKind::Name(name) = &e.kind
            && let Some(arg) = given.get(name.as_str())
        {
            *e = (*arg).clone();
        }
    });
    copies::block(&mut body, next_id);
    Some(body)
}

/// Whether an argument is the same wherever it stands.
fn steady(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Unary { operand, .. } => steady(operand),
        ExprKind::Binary { left, right, .. } => steady(left) && steady(right),
        // A module constant is written in capitals.
        ExprKind::Name(name) => name.chars().all(|c| !c.is_lowercase()),
        _ => literal(e),
    }
}
