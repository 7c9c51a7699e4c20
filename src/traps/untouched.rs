//! Outputs that some way through `process` leaves alone: Copper sends them again.

use super::Look;
use super::fields::CHANGES;
use super::shapes::{Entry, Func, Root, Shape};
use super::walk::exprs_of;
use crate::ast::{Block, Expr, ExprKind, Stmt, StmtKind};
use crate::diagnostic::Code;
use crate::project::RustTy;
use crate::source::Span;
use crate::ty::{Side, last_segment};

/// Looks at `process`.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    for (entry, f) in look.functions.entries() {
        if entry != Entry::Process {
            continue;
        }
        for (i, ty) in look.binding.outputs.iter().enumerate() {
            let mut way = Way {
                look,
                f,
                output: i,
                first: None,
                writes: false,
            };
            let falls = way.block(&f.ast.body, false);
            if falls == Some(false) {
                way.first.get_or_insert(f.ast.name.span);
            }
            let RustTy::Named(key) = ty else { continue };
            if let (Some(span), true) = (way.first, way.writes) {
                found.push((span, last_segment(key)));
            }
        }
    }
    for (span, name) in found {
        let message =
            format!("`{name}` may be left unwritten: Copper then sends its last payload again");
        let help = "write it in every call, or clear it: `output.payload = None`";
        look.say(Code::KeptOutput, span, message, Some(help));
    }
}

struct Way<'l, 'a> {
    look: &'l Look<'a>,
    f: &'l Func<'a>,
    output: usize,
    /// The first `return` before a write.
    first: Option<Span>,
    writes: bool,
}

impl<'a> Way<'_, 'a> {
    /// Whether the output is written when control reaches the end of a block; none where it
    /// does not get there.
    fn block(&mut self, block: &'a Block, mut written: bool) -> Option<bool> {
        for stmt in &block.stmts {
            written = self.stmt(stmt, written)?;
        }
        Some(written)
    }

    fn stmt(&mut self, stmt: &'a Stmt, written: bool) -> Option<bool> {
        let join = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(a), Some(b)) => Some(a && b),
            (one, None) | (None, one) => one,
        };
        match &stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => Some(written),
            StmtKind::Return(value) => {
                let written = written || value.as_ref().is_some_and(|v| self.expr_writes(v));
                if !written {
                    self.first.get_or_insert(stmt.span);
                }
                None
            }
            // The call fails, or another way is gone.
            StmtKind::Raise { .. } | StmtKind::Continue | StmtKind::Break => None,
            StmtKind::If { test, body, orelse } => {
                let written = self.expr_writes(test) || written;
                let then = self.block(body, written);
                let other = self.block(orelse, written);
                join(then, other)
            }
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                self.block(body, written);
                self.block(orelse, written).or(Some(written))
            }
            StmtKind::With { body, .. } => self.block(body, written),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                let mut ends = self
                    .block(body, written)
                    .and_then(|w| self.block(orelse, w));
                for handler in handlers {
                    let end = self.block(&handler.body, written);
                    ends = join(ends, end);
                }
                let after = self.block(finalbody, ends.unwrap_or(written));
                ends.and(after)
            }
            StmtKind::Match { cases, .. } => {
                let mut ends = Some(written);
                let all = cases
                    .iter()
                    .any(|case| case.guard.is_none() && is_any(&case.pattern));
                if all {
                    ends = None;
                }
                for case in cases {
                    let end = self.block(&case.body, written);
                    ends = join(ends, end);
                }
                ends
            }
            StmtKind::Assign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::Delete(_)
            | StmtKind::Expr(_)
            | StmtKind::Assert { .. } => Some(self.writes(stmt) || written),
            StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Unsupported(_) => Some(written),
        }
    }

    fn is_output(&self, e: &Expr) -> bool {
        match self.look.functions.shape(self.f, e) {
            Some(
                Shape::Value {
                    root: Root::Output(i),
                    ..
                }
                | Shape::Message(Side::Output, i),
            ) => i == self.output,
            Some(Shape::Messages(Side::Output)) => true,
            _ => false,
        }
    }

    fn writes(&mut self, stmt: &'a Stmt) -> bool {
        let mut targets: Vec<&Expr> = match &stmt.kind {
            StmtKind::Delete(targets) => targets.iter().collect(),
            _ => stmt.targets().iter().collect(),
        };
        let mut writes = false;
        while let Some(target) = targets.pop() {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => targets.extend(items),
                ExprKind::Attribute { value, attr } if attr.name != "tov" => {
                    writes |= self.is_output(value)
                }
                ExprKind::Subscript { value, .. } => writes |= self.is_output(value),
                // `output = …` is another object.
                ExprKind::Name(name) => {
                    writes |= self
                        .f
                        .ast
                        .params
                        .list
                        .get(3)
                        .is_some_and(|p| p.name.name == *name);
                }
                _ => {}
            }
        }
        let mut called = false;
        exprs_of(stmt, &mut |e| called |= self.hands_on(e));
        writes |= called;
        self.writes |= writes;
        writes
    }

    fn expr_writes(&mut self, e: &Expr) -> bool {
        let writes = self.hands_on(e);
        self.writes |= writes;
        writes
    }

    /// A call that gets the output, or changes it.
    fn hands_on(&self, e: &Expr) -> bool {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return false;
        };
        if let ExprKind::Attribute { value, attr } = &func.kind
            && CHANGES.contains(&attr.name.as_str())
            && self.is_output(value)
        {
            return true;
        }
        args.iter()
            .chain(keywords.iter().map(|k| &k.value))
            .any(|arg| self.is_output(arg))
    }
}

fn is_any(pattern: &crate::ast::Pattern) -> bool {
    matches!(
        &pattern.kind,
        crate::ast::PatternKind::As { pattern: None, .. }
    )
}
