//! How classes are entered and left: `__enter__` and `__exit__` as plain methods.

use super::super::build::method;
use super::super::copies;
use super::{ENTER, EXIT, EXIT_RAISED};
use crate::ast::{
    self, Block, Class, CompareOp, Expr, ExprKind, Function, NodeId, ParamKind, Stmt, StmtKind,
    UnaryOp, visit,
};
use std::collections::{BTreeMap, BTreeSet};

/// How the objects of a class are entered and left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// `__enter__` gives the object itself.
    pub(super) itself: bool,
    /// What `__exit__` does tells whether the body has raised.
    pub(super) asks: bool,
    /// No exception gets past it.
    pub(super) stops: bool,
}

/// Whether a class says itself how it is entered or left.
pub(super) fn is_managed(class: &Class) -> bool {
    method(&class.body, "__enter__").is_some() || method(&class.body, "__exit__").is_some()
}

/// How a class is entered, where plain calls of its methods can say it.
pub(super) fn way(class: &Class) -> Option<Way> {
    let (enter, exit) = (
        method(&class.body, "__enter__")?,
        method(&class.body, "__exit__")?,
    );
    let own = &enter.params.list.first()?.name.name;
    let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == own);
    let given = returns(&enter.body.stmts);
    let at_end = match enter.body.stmts.last().map(|s| &s.kind) {
        Some(StmtKind::Return(Some(value))) => is_own(value),
        _ => false,
    };
    let itself = at_end && given.len() == 1;
    let another = given.iter().flatten().all(|value| !is_own(value));
    let plain = enter.decorators.is_empty()
        && exit.decorators.is_empty()
        && !enter.is_async
        && !exit.is_async
        && enter.params.list.len() == 1
        && (exit.params.list.iter())
            .all(|p| p.kind != ParamKind::KwArgs && p.kind != ParamKind::KeywordOnly);
    let free = [ENTER, EXIT, EXIT_RAISED]
        .iter()
        .all(|name| method(&class.body, name).is_none());
    let (over, raised) = (told(exit, false), told(exit, true));
    let asked = asked(exit);
    let answered = [&over, &raised].map(|body| !body.names(&|n| asked.contains(n)));
    let goes_on = returns(&raised.stmts).into_iter().all(|value| {
        value.is_none_or(|e| matches!(e.kind, ExprKind::None | ExprKind::Bool(false)))
    });
    let is_true = |e: &Expr| matches!(e.kind, ExprKind::Bool(true));
    let ends = raised
        .stmts
        .last()
        .is_some_and(|last| matches!(&last.kind, StmtKind::Return(Some(value)) if is_true(value)));
    let stops = ends
        && returns(&raised.stmts)
            .iter()
            .all(|v| v.is_some_and(is_true));
    let constant = returns(&over.stmts)
        .into_iter()
        .flatten()
        .all(|e| matches!(e.kind, ExprKind::None | ExprKind::Bool(_)));
    let known = plain && free && (itself || another) && answered == [true, true] && constant;
    (known && (goes_on || stops)).then_some(Way {
        itself,
        asks: stops || exit.body.names(&|n| asked.contains(n)),
        stops,
    })
}

/// The parameters of `__exit__` that say what was raised.
fn asked(exit: &Function) -> BTreeSet<String> {
    let params = exit.params.list.iter().skip(1);
    params.map(|p| p.name.name.clone()).collect()
}

/// The body of `__exit__` where nothing was raised, or something was.
fn told(exit: &Function, raised: bool) -> Block {
    let mut body = exit.body.clone();
    let asked: BTreeSet<String> = exit
        .params
        .list
        .iter()
        .skip(1)
        .filter(|p| p.kind != ParamKind::VarArgs)
        .map(|p| p.name.name.clone())
        .collect();
    answer(&mut body, &asked, raised);
    body
}

/// Answers what a body asks of its exception, and leaves out what never runs.
fn answer(block: &mut Block, asked: &BTreeSet<String>, raised: bool) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        if let StmtKind::If { test, .. } | StmtKind::While { test, .. } = &mut stmt.kind {
            truth(test, asked, raised);
        }
        ast::rewrite::stmt(&mut stmt, &mut |e| expr(e, asked, raised));
        for inner in ast::blocks_mut(&mut stmt) {
            answer(inner, asked, raised);
        }
        match stmt.kind {
            StmtKind::If {
                test:
                    Expr {
                        kind: ExprKind::Bool(holds),
                        ..
                    },
                body,
                orelse,
            } => out.extend(if holds { body.stmts } else { orelse.stmts }),
            _ => out.push(stmt),
        }
    }
    block.stmts = out;
}

/// `exc_type is None`, `bool(exc_type)` and the like in an expression.
fn expr(e: &mut Expr, asked: &BTreeSet<String>, raised: bool) {
    match &mut e.kind {
        ExprKind::Compare { left, ops, rest } => {
            let name = matches!(&left.kind, ExprKind::Name(n) if asked.contains(n));
            if let ([op], [Expr { kind, .. }], true) = (ops.as_slice(), rest.as_slice(), name)
                && matches!(kind, ExprKind::None)
            {
                match op {
                    CompareOp::Is => e.kind = ExprKind::Bool(!raised),
                    CompareOp::IsNot => e.kind = ExprKind::Bool(raised),
                    _ => {}
                }
            }
        }
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => {
            truth(operand, asked, raised);
            if let ExprKind::Bool(holds) = operand.kind {
                e.kind = ExprKind::Bool(!holds);
            }
        }
        ExprKind::Conditional { test, body, orelse } => {
            truth(test, asked, raised);
            if let ExprKind::Bool(holds) = test.kind {
                let chosen = if holds { body } else { orelse };
                *e = (**chosen).clone();
            }
        }
        ExprKind::Call { func, args, .. } => {
            let is_bool = matches!(&func.kind, ExprKind::Name(name) if name == "bool");
            if let ([arg], true) = (args.as_mut_slice(), is_bool) {
                truth(arg, asked, raised);
                if let ExprKind::Bool(holds) = arg.kind {
                    e.kind = ExprKind::Bool(holds);
                }
            }
        }
        _ => {}
    }
}

/// `exc_type` where its truth is asked.
fn truth(e: &mut Expr, asked: &BTreeSet<String>, raised: bool) {
    if matches!(&e.kind, ExprKind::Name(name) if asked.contains(name)) {
        e.kind = ExprKind::Bool(raised);
    }
}

/// The values of the `return`s of some statements.
fn returns(stmts: &[Stmt]) -> Vec<Option<&Expr>> {
    struct Returns<'ast>(Vec<Option<&'ast Expr>>);
    impl<'ast> visit::Visitor<'ast> for Returns<'ast> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Return(value) = &stmt.kind {
                self.0.push(value.as_ref());
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Returns(Vec::new());
    for stmt in stmts {
        visit::Visitor::visit_stmt(&mut found, stmt);
    }
    found.0
}

/// Whether a body may be left by `return`, `break` or `continue`.
pub(super) fn leaves(body: &Block) -> bool {
    body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue => true,
        _ => ast::branches(stmt).into_iter().any(leaves),
    })
}

/// How often each name stands in a block.
pub(super) fn uses(block: &Block) -> BTreeMap<String, usize> {
    struct Uses(BTreeMap<String, usize>);
    impl<'ast> visit::Visitor<'ast> for Uses {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                *self.0.entry(name.clone()).or_default() += 1;
            }
            visit::walk_expr(self, e);
        }
    }
    let mut uses = Uses(BTreeMap::new());
    visit::Visitor::visit_block(&mut uses, block);
    uses.0
}

/// The names that functions say to be others', and the attributes that anything but a
/// constructor sets.
pub(super) fn rebound(block: &Block, out: &mut BTreeSet<String>) {
    struct Rebound<'o>(&'o mut BTreeSet<String>);
    impl<'ast> visit::Visitor<'ast> for Rebound<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                    self.0.extend(names.iter().cloned());
                }
                StmtKind::Function(function) if function.name.name == "__init__" => return,
                _ => {
                    let targets = stmt.targets().iter();
                    self.0.extend(targets.flat_map(ast::attributes).cloned());
                }
            }
            visit::walk_stmt(self, stmt);
        }
    }
    visit::Visitor::visit_block(&mut Rebound(out), block);
}

/// `__enter__` and `__exit__` as plain methods.
pub(super) fn plain_methods(class: &mut Class, way: Way, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut class.body.stmts) {
        let StmtKind::Function(function) = &mut stmt.kind else {
            out.push(stmt);
            continue;
        };
        match function.name.name.as_str() {
            "__enter__" => {
                function.name.name = ENTER.to_string();
                function.returns = None;
                if way.itself
                    && let Some(last) = function.body.stmts.last_mut()
                {
                    last.kind = StmtKind::Pass;
                }
            }
            "__exit__" => {
                let mut raised = stmt.clone();
                if let StmtKind::Function(function) = &mut raised.kind {
                    leaving(function, EXIT_RAISED, true);
                    copies::block(&mut function.body, next_id);
                }
                raised.id = NodeId::next(next_id);
                if let StmtKind::Function(function) = &mut stmt.kind {
                    leaving(function, EXIT, false);
                }
                out.push(stmt);
                if way.asks {
                    out.push(raised);
                }
                continue;
            }
            _ => {}
        }
        out.push(stmt);
    }
    class.body.stmts = out;
}

fn leaving(function: &mut Function, name: &str, raised: bool) {
    let first = function.body.stmts.first().cloned();
    function.body = told(function, raised);
    function.name.name = name.to_string();
    function.params.list.truncate(1);
    function.returns = None;
    no_values(&mut function.body);
    if let ([], Some(first)) = (function.body.stmts.as_slice(), first) {
        let kind = StmtKind::Pass;
        function.body.stmts.push(Stmt { kind, ..first });
    }
}

/// `return False` as `return`.
fn no_values(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::Return(value) = &mut stmt.kind {
            *value = None;
        }
        ast::blocks_mut(stmt).into_iter().for_each(no_values);
    }
}
