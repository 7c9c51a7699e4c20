//! `update, reset = make_pid(1.0, 0.5)` in a function: one instance, whose methods are called.
//!
//! Enters: the module, and the functions that give several. Leaves: which calls of them a
//! function takes apart into names that it only calls, and the module with those as calls of
//! methods. This module must not know what is in the classes.

use super::super::names::{Names, free};
use super::class::Made;
use super::{callee, names_of, snake};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind};
use crate::desugar::build::Build;
use std::collections::BTreeMap;

/// The names that such a call gives its functions.
pub(super) struct Local {
    /// What is called.
    factory: String,
    names: Vec<String>,
}

/// The calls that functions take apart, by what is called there.
pub(super) fn taken_apart(
    module: &Module,
    found: &BTreeMap<String, Made>,
) -> BTreeMap<NodeId, Local> {
    let mut out = BTreeMap::new();
    for function in module.body.functions_and_methods() {
        in_function(function, found, &mut out);
    }
    out
}

fn in_function(
    function: &Function,
    found: &BTreeMap<String, Made>,
    out: &mut BTreeMap<NodeId, Local>,
) {
    struct Search<'f> {
        found: &'f BTreeMap<String, Made>,
        calls: Vec<(NodeId, Local)>,
    }
    impl<'ast> Visitor<'ast> for Search<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Function(_) | StmtKind::Class(_) => return,
                StmtKind::Assign { targets, value } => {
                    if let ([target], Some(factory)) = (targets.as_slice(), callee(value))
                        && let Some(made) = self.found.get(factory)
                        && let Some(names) = names_of(target)
                        && !made.returned.is_empty()
                        && names.len() == made.returned.len()
                    {
                        let factory = factory.to_string();
                        self.calls.push((value.id, Local { factory, names }));
                    }
                }
                _ => {}
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut search = Search {
        found,
        calls: Vec::new(),
    };
    search.visit_block(&function.body);
    let bound = Names::of(function);
    for (id, local) in search.calls {
        let mut uses = Calls {
            names: &local.names,
            named: 0,
            called: 0,
            elsewhere: false,
            inside: 0,
        };
        uses.visit_block(&function.body);
        let once = |name: &String| bound.bound.get(name) == Some(&1);
        let params = &function.params.list;
        let fine = local.names.iter().all(once)
            && !params.iter().any(|p| local.names.contains(&p.name.name))
            && !uses.elsewhere
            && uses.named == uses.called + local.names.len();
        if fine {
            out.insert(id, local);
        }
    }
}

/// How often names are read, and called.
struct Calls<'n> {
    names: &'n [String],
    named: usize,
    called: usize,
    /// Whether a function or lambda within, or another scope, has them.
    elsewhere: bool,
    inside: usize,
}

impl Calls<'_> {
    fn is_it(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(n) if self.names.contains(n))
    }
}

impl<'ast> Visitor<'ast> for Calls<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let inside = matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
        if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
            self.elsewhere |= names.iter().any(|n| self.names.contains(n));
        }
        // A target is seen as well, once.
        self.inside += usize::from(inside);
        visit::walk_stmt(self, stmt);
        self.inside -= usize::from(inside);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        let inside = matches!(
            e.kind,
            ExprKind::Lambda { .. } | ExprKind::Comprehension { .. }
        );
        self.inside += usize::from(inside);
        if self.is_it(e) {
            self.named += 1;
            self.elsewhere |= self.inside > 0;
        }
        if let ExprKind::Call { func, .. } = &e.kind
            && self.is_it(func)
        {
            self.called += 1;
        }
        visit::walk_expr(self, e);
        self.inside -= usize::from(inside);
    }
}

/// Writes the instance, and its methods where they are called.
pub(super) fn rewrite(
    module: &mut Module,
    locals: &BTreeMap<NodeId, Local>,
    (classes, found): (&BTreeMap<String, String>, &BTreeMap<String, Made>),
    next_id: &mut u32,
) {
    let mut work = |function: &mut Function| {
        let mut taken = Names::of(function).all();
        let mut methods: BTreeMap<String, (String, String)> = BTreeMap::new();
        instances(&mut function.body, &mut |target, value| {
            let (Some(local), ExprKind::Tuple(_)) = (locals.get(&value.id), &target.kind) else {
                return;
            };
            let (Some(class), Some(made)) =
                (classes.get(&local.factory), found.get(&local.factory))
            else {
                return;
            };
            let name = free(&snake(class), &mut taken);
            for (own, method) in local.names.iter().zip(&made.returned) {
                methods.insert(own.clone(), (name.clone(), method.clone()));
            }
            target.kind = ExprKind::Name(name);
        });
        if methods.is_empty() {
            return;
        }
        ast::rewrite::block(&mut function.body, &mut |e| {
            let ExprKind::Call { func, .. } = &mut e.kind else {
                return;
            };
            let ExprKind::Name(name) = &func.kind else {
                return;
            };
            if let Some((instance, method)) = methods.get(name) {
                let mut build = Build {
                    next_id,
                    span: func.span,
                };
                **func = build.of(instance, method);
            }
        });
    };
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => work(function),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        work(method);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Calls `f` on the assignments of a block.
fn instances(block: &mut ast::Block, f: &mut dyn FnMut(&mut Expr, &Expr)) {
    for stmt in &mut block.stmts {
        if let StmtKind::Assign { targets, value } = &mut stmt.kind
            && let [target] = targets.as_mut_slice()
        {
            f(target, value);
        }
        for inner in ast::blocks_mut(stmt) {
            instances(inner, f);
        }
    }
}
