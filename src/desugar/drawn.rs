//! Loops over generators, as loops over what the generators run through.
//!
//! Enters: the module. Leaves: `for item in xs: y = f(item); …` for `for y in (f(item) for item
//! in xs): …`, within `enumerate` and as the last of a `zip` too: an element is computed when
//! its turn has come, so that a `break` keeps the next one from raising, and its changes stand
//! between those of the body. Elements that do not compute anything stay where they are. This
//! module must not know types.

use super::names::free;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, Clause, ComprehensionKind, Expr, ExprKind, Module, NodeId, Param, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the loops of the module.
pub(super) fn drawn(module: &mut Module, next_id: &mut u32) {
    let mut shadowed = BTreeSet::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Function(function) = &stmt.kind {
            shadowed.insert(function.name.name.clone());
        }
    }
    let mut drawn = Drawn { next_id, shadowed };
    drawn.scope(&mut module.body, &[]);
}

struct Drawn<'i> {
    next_id: &'i mut u32,
    /// The functions of the module.
    shadowed: BTreeSet<String>,
}

/// How often each name stands in a scope.
#[derive(Default)]
struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn of_expr(e: &Expr) -> Self {
        let mut counts = Counts::default();
        counts.visit_expr(e);
        counts
    }

    fn count(&mut self, name: &str) {
        *self.0.entry(name.to_string()).or_default() += 1;
    }

    fn get(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or_default()
    }
}

impl<'ast> Visitor<'ast> for Counts {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.count(name);
        }
        visit::walk_expr(self, e);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                self.count(&function.name.name);
                function
                    .params
                    .list
                    .iter()
                    .for_each(|p| self.count(&p.name.name));
            }
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                names.iter().for_each(|n| self.count(n));
            }
            StmtKind::Try { handlers, .. } => {
                for name in handlers.iter().filter_map(|h| h.name.as_ref()) {
                    self.count(&name.name);
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }
}

impl Drawn<'_> {
    /// The loops of a scope: a function, a class or the module.
    fn scope(&mut self, body: &mut Block, params: &[Param]) {
        let mut counts = Counts::default();
        counts.visit_block(body);
        params.iter().for_each(|p| counts.count(&p.name.name));
        self.block(body, &mut counts);
    }

    fn block(&mut self, block: &mut Block, counts: &mut Counts) {
        for stmt in &mut block.stmts {
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    self.scope(&mut function.body, &function.params.list);
                }
                StmtKind::Class(class) => self.scope(&mut class.body, &[]),
                StmtKind::For {
                    target,
                    iter,
                    body,
                    is_async: false,
                    ..
                } => while self.drawn(target, iter, body, counts) {},
                _ => {}
            }
            for inner in ast::blocks_mut(stmt) {
                self.block(inner, counts);
            }
        }
    }

    /// Takes the generator of a loop apart, if it has one.
    fn drawn(
        &mut self,
        target: &mut Expr,
        iter: &mut Expr,
        body: &mut Block,
        counts: &mut Counts,
    ) -> bool {
        if is_apart(iter) {
            return self.apart(target, iter, body, counts);
        }
        let (function, args) = match &mut iter.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() => (func, args),
            _ => return false,
        };
        let (ExprKind::Name(function), ExprKind::Tuple(targets)) =
            (&function.kind, &mut target.kind)
        else {
            return false;
        };
        if self.shadowed.contains(function) {
            return false;
        }
        let place = match function.as_str() {
            "enumerate" => 0,
            "zip" if targets.len() == args.len() => args.len().saturating_sub(1),
            _ => return false,
        };
        let of = match function.as_str() {
            "enumerate" if targets.len() == 2 => targets.get_mut(1),
            _ => targets.get_mut(place),
        };
        match (of, args.get_mut(place)) {
            // The ones that a test leaves out have no number, and nobody beside them.
            (Some(target), Some(generator)) if is_apart(generator) && !has_tests(generator) => {
                self.apart(target, generator, body, counts)
            }
            _ => false,
        }
    }

    /// Runs through what the generator runs through.
    fn apart(
        &mut self,
        target: &mut Expr,
        iter: &mut Expr,
        body: &mut Block,
        counts: &mut Counts,
    ) -> bool {
        let own = Counts::of_expr(iter);
        let ExprKind::Comprehension {
            element, clauses, ..
        } = &mut iter.kind
        else {
            return false;
        };
        let [clause] = clauses.as_mut_slice() else {
            return false;
        };
        let mut bound = super::names::Names::default();
        bound.target(&clause.target);
        // What runs through something else by the same name is another variable.
        let source = Counts::of_expr(&clause.iter);
        let taken = |name: &str| source.get(name) > 0 || counts.get(name) > own.get(name);
        let names: Vec<String> = bound.bound.into_keys().collect();
        let mut others = BTreeMap::new();
        for name in &names {
            // A name that was made up may be free here.
            let plain = name.trim_end_matches('_');
            let made_up = plain != name && !plain.is_empty() && counts.get(plain) == 0;
            if !taken(name) && !made_up {
                continue;
            }
            let wanted = match names.as_slice() {
                [_] if !made_up => "item",
                _ => plain,
            };
            let mut all: BTreeSet<String> = counts.0.keys().cloned().collect();
            all.extend(others.values().cloned());
            others.insert(name.clone(), free(wanted, &mut all));
        }
        let parts = || std::iter::once(&**element).chain(&clause.ifs);
        if !others.is_empty() && parts().any(super::binds) {
            return false;
        }
        let mut renamed = |e: &mut Expr| {
            ast::rewrite::expr(e, &mut |e| {
                if let ExprKind::Name(name) = &mut e.kind
                    && let Some(other) = others.get(name)
                {
                    name.clone_from(other);
                }
            });
        };
        renamed(&mut clause.target);
        renamed(element);
        clause.ifs.iter_mut().for_each(&mut renamed);
        others.values().for_each(|name| counts.count(name));
        let Clause {
            target: through,
            iter: source,
            ifs,
            ..
        } = clause.clone();
        let element = (**element).clone();
        let target = std::mem::replace(target, through);
        *iter = source;
        let given = Stmt {
            id: NodeId::next(self.next_id),
            span: element.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: StmtKind::Assign {
                targets: vec![target],
                value: element,
            },
        };
        body.stmts.insert(0, given);
        for test in ifs.into_iter().rev() {
            let within = std::mem::replace(
                body,
                Block {
                    stmts: Vec::new(),
                    trailing: Vec::new(),
                },
            );
            let stmt = Stmt {
                id: NodeId::next(self.next_id),
                span: test.span,
                blank_before: false,
                comments: Vec::new(),
                line_comment: None,
                kind: StmtKind::If {
                    test,
                    body: within,
                    orelse: Block {
                        stmts: Vec::new(),
                        trailing: Vec::new(),
                    },
                },
            };
            body.stmts.push(stmt);
        }
        true
    }
}

/// Whether an expression is a generator over one thing, whose elements or tests compute
/// something that may raise, or change something.
fn is_apart(e: &Expr) -> bool {
    let ExprKind::Comprehension {
        kind: ComprehensionKind::Generator,
        element,
        value: None,
        clauses,
    } = &e.kind
    else {
        return false;
    };
    let [clause] = clauses.as_slice() else {
        return false;
    };
    let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
    let computed = computes(element) || clause.ifs.iter().any(computes);
    computed && !clause.is_async && !starred(element)
}

fn has_tests(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Comprehension { clauses, .. }
        if clauses.iter().any(|c| !c.ifs.is_empty()))
}

/// Whether an expression does more than look at names and compare them.
fn computes(e: &Expr) -> bool {
    let here = matches!(
        e.kind,
        ExprKind::Call { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Named { .. }
            | ExprKind::Await(_)
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
    );
    here || visit::children(e).into_iter().any(computes)
}
