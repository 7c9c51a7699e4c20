//! `(name := value)`: bound before the statement that it stands in.

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::ir::{Block, Expr, StmtKind};

/// Builtins that do nothing but compute.
const PURE: [&str; 9] = [
    "abs", "min", "max", "len", "float", "int", "round", "bool", "range",
];

/// The bindings of an expression in the order of evaluation.
struct Search<'e> {
    /// Names that are read, and calls that may do anything, before what comes.
    seen: Vec<String>,
    opaque: bool,
    /// Above zero where an operand is not evaluated in every case.
    conditional: usize,
    /// The bindings, and whether each is evaluated in any case.
    found: Vec<(&'e PyExpr, bool)>,
    /// A binding that cannot stand before the statement.
    refused: Option<&'e PyExpr>,
}

impl<'e> Search<'e> {
    fn all(&mut self, es: impl IntoIterator<Item = &'e PyExpr>) {
        for e in es {
            self.walk(e);
        }
    }

    fn maybe(&mut self, es: impl IntoIterator<Item = &'e PyExpr>) {
        self.conditional += 1;
        self.all(es);
        self.conditional -= 1;
    }

    fn walk(&mut self, e: &'e PyExpr) {
        match &e.kind {
            ExprKind::Name(name) => self.seen.push(name.clone()),
            ExprKind::Named { target, value } => {
                // What its own value reads comes before it in any case.
                if self.opaque || self.seen.contains(&target.name) {
                    self.refused.get_or_insert(e);
                }
                let opaque = self.opaque;
                self.walk(value);
                self.opaque = opaque;
                self.found.push((e, self.conditional == 0));
            }
            ExprKind::Attribute { value, .. } | ExprKind::Starred(value) => self.walk(value),
            ExprKind::Subscript { value, index } => self.all([&**value, &**index]),
            ExprKind::Unary { operand, .. } => self.walk(operand),
            ExprKind::Binary { left, right, .. } => self.all([&**left, &**right]),
            ExprKind::Logical { values, .. } => {
                self.all(values.first());
                self.maybe(values.iter().skip(1));
            }
            ExprKind::Compare { left, rest, .. } => {
                self.walk(left);
                self.all(rest.first());
                self.maybe(rest.iter().skip(1));
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.walk(test);
                self.maybe([&**body, &**orelse]);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.all(items);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let pure = matches!(&func.kind, ExprKind::Name(n) if PURE.contains(&n.as_str()));
                self.all(args);
                self.all(keywords.iter().map(|k| &k.value));
                self.opaque |= !pure;
            }
            // Its own bindings are made where it runs.
            ExprKind::Comprehension { .. } | ExprKind::Lambda { .. } => self.opaque = true,
            ExprKind::FString(_)
            | ExprKind::Slice { .. }
            | ExprKind::Dict(_)
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Await(_)
            | ExprKind::Unsupported(_) => self.opaque = true,
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis => {}
        }
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Binds what the expressions of a statement bind, before it.
    pub(super) fn bind_named(&mut self, stmt: &'a PyStmt) -> Result<(), Expr> {
        let expr: Option<&'a PyExpr> = match &stmt.kind {
            PyKind::If { test, .. } | PyKind::Assert { test, .. } => Some(test),
            PyKind::Assign { value, .. }
            | PyKind::AugAssign { value, .. }
            | PyKind::Expr(value)
            | PyKind::Return(Some(value)) => Some(value),
            PyKind::AnnAssign { value, .. } => value.as_ref(),
            PyKind::For { iter, .. } => Some(iter),
            PyKind::Match { subject, .. } => Some(subject),
            _ => None,
        };
        match expr {
            Some(expr) if binds(expr) => self.bind_named_in(expr),
            _ => Ok(()),
        }
    }

    /// Binds what an expression binds, before it.
    pub(super) fn bind_named_in(&mut self, e: &'a PyExpr) -> Result<(), Expr> {
        let mut search = Search {
            seen: Vec::new(),
            opaque: false,
            conditional: 0,
            found: Vec::new(),
            refused: None,
        };
        search.walk(e);
        if let Some(refused) = search.refused {
            return Err(self.partly(refused, "`:=` after what it may change, in one expression,"));
        }
        for (node, always) in search.found {
            let ExprKind::Named { value, .. } = &node.kind else {
                continue;
            };
            let Some(version) = self.scope.names.get(&node.id).cloned() else {
                return Err(self.hole(node));
            };
            let Some(ty) = self.var_type(&version) else {
                let _ = self.expr(value)?;
                return Err(self.hole(node));
            };
            self.conditional += usize::from(!always);
            let val = self.expr_as(value, &ty);
            self.conditional -= usize::from(!always);
            let val = val?;
            let once = self
                .scope
                .vars
                .get(&version)
                .is_some_and(|i| i.bindings == 1);
            if !always
                && (val.expr.can_fail()
                    || self.calls_own(&val.expr)
                    || !once
                    || self.unbound.contains(&version))
            {
                return Err(self.partly(node, "`:=` where it is not always evaluated"));
            }
            let at = self.current_span();
            self.bind_var(&version, val, at);
            self.named.insert(node.id);
        }
        Ok(())
    }

    /// `while (x := f()) > 0:` as a loop that is left where the condition fails.
    pub(super) fn while_named(
        &mut self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        let inner = crate::infer::scope::BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        self.forget_changed(body);
        self.open_loop(orelse, body);
        let mut failed = None;
        let block = self.block_in(body, inner, &mut |this| {
            let cond = this
                .bind_named_in(test)
                .and_then(|()| this.condition_value(test));
            match cond {
                Ok(cond) => {
                    let cond = Box::new(this.negated(cond, test));
                    let then = Block::of(vec![crate::ir::Stmt::at(at, StmtKind::Break(None))]);
                    this.emit(
                        at,
                        StmtKind::Expr(Expr::If {
                            cond,
                            then,
                            otherwise: None,
                        }),
                    );
                }
                Err(hole) => failed = Some(hole),
            }
        });
        let kind = StmtKind::Loop {
            label: None,
            body: block,
        };
        self.close_loop(stmt, kind, orelse, at);
        self.forget_changed(body);
        match failed {
            Some(hole) => Err(hole),
            None => Ok(()),
        }
    }
}

/// Whether an expression binds a name.
pub(super) fn binds(e: &PyExpr) -> bool {
    struct Named(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Named {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            self.0 |= matches!(e.kind, ExprKind::Named { .. });
            ast::visit::walk_expr(self, e);
        }
    }
    let mut named = Named(false);
    ast::visit::Visitor::visit_expr(&mut named, e);
    named.0
}
