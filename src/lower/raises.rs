//! What the functions of a file raise, over all of them.

use super::Lowerer;
use super::attempt::raised::{self, Raises};
use super::attempt::sites::Callees;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt, StmtKind};
use crate::catalog::Helper;
use crate::infer::FnId;
use crate::ir::{Block, Expr, RTy};
use std::collections::BTreeSet;

impl Lowerer<'_> {
    /// What is known of the file's functions where a body is looked at.
    pub(super) fn callees(&self) -> Callees<'_> {
        Callees {
            raises: &self.raises,
            told: &self.told,
            typed: &self.typed,
            variants: &self.variants,
            own: &self.input.model.exceptions,
            kept: &self.input.model.exception_attributes,
        }
    }

    /// Takes note of what a function raises.
    pub(super) fn note_raises(&mut self, id: FnId, body: &Block, ret: &RTy) {
        let name = self.function_name(id);
        let found = raised::raises(body, &self.callees(), *ret == RTy::Unit);
        self.calls
            .entry(name.clone())
            .or_default()
            .extend(called(body, &self.raises));
        match self.raises.get_mut(&name) {
            Some(known) if self.noted.contains(&name) => known.merge(&found),
            Some(known) => {
                let before = std::mem::replace(known, found);
                // A name that stands for several functions is known by all of them.
                known.unit &= before.unit;
            }
            None => {
                self.raises.insert(name.clone(), found);
            }
        }
        self.noted.insert(name);
    }

    /// Whether a function returns `Result<_, Raised>`.
    pub(super) fn is_typed(&self, id: FnId) -> bool {
        !self.typed.is_empty()
            && self
                .input
                .model
                .functions
                .get(id.0)
                .is_some_and(|f| f.role == crate::infer::Role::Helper)
            && self.typed.contains(&self.function_name(id))
    }

    /// The functions that must tell their exceptions apart: those that handlers ask, and
    /// what they call.
    pub(super) fn typed_callees(&self) -> BTreeSet<String> {
        let mut all = self.typed.clone();
        let mut next: Vec<String> = self.typed_wanted.iter().cloned().collect();
        while let Some(name) = next.pop() {
            let raises = self.raises.get(&name);
            if raises.is_none_or(|r| r.classes.is_empty()) || !all.insert(name.clone()) {
                continue;
            }
            next.extend(self.calls.get(&name).into_iter().flatten().cloned());
        }
        // What a typed function calls may have come later.
        for name in all.clone() {
            for callee in self.calls.get(&name).into_iter().flatten() {
                if self
                    .raises
                    .get(callee)
                    .is_some_and(|r| !r.classes.is_empty())
                {
                    all.insert(callee.clone());
                }
            }
        }
        all
    }

    /// The variants of the error type that typed functions need.
    pub(super) fn wanted_variants(&self) -> BTreeSet<String> {
        let of = || self.typed.iter().filter_map(|name| self.raises.get(name));
        let mut variants: BTreeSet<String> = of().flat_map(|r| r.classes.keys().cloned()).collect();
        if of().any(|r| r.limit) {
            variants.insert(raised::OTHER.to_string());
        }
        variants
    }

    /// The error type, where functions return it; helpers that nothing calls any more.
    pub(super) fn settle_raised(&mut self) {
        let bodies = || {
            self.task
                .functions
                .iter()
                .chain(&self.task.start)
                .chain(&self.task.process)
                .chain(&self.task.stop)
                .chain(self.task.classes.iter().flat_map(|c| &c.methods))
        };
        if !self.has_try() {
            return;
        }
        let mut text = String::new();
        for function in bodies() {
            let mut out = crate::ir::print::Printed::default();
            crate::ir::print::write_function(&mut out, function);
            text.push_str(&out.text);
        }
        for constant in self
            .task
            .consts
            .iter()
            .chain(self.task.classes.iter().flat_map(|c| &c.consts))
        {
            text.push('\n');
            text.push_str(&crate::ir::print::expr(&constant.value));
        }
        for field in &self.task.fields {
            text.push('\n');
            text.push_str(&crate::ir::print::expr(&field.init));
        }
        if bodies().any(|f| !f.error.is_empty()) {
            let kept = |class: &str| {
                let types = self.kept_types(class).into_iter();
                types.filter_map(|(_, ty)| Some(ty?.to_string())).collect()
            };
            let item = raised::item(&self.variants, &kept, self.input.binding.form, &text);
            self.task.items.push(item);
        }
        let names = |text: &str, helper: &Helper| {
            let Some(called) = helper.called() else {
                return true;
            };
            text.match_indices(called).any(|(at, name)| {
                let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !word(text.get(..at).and_then(|t| t.chars().last()))
                    && !word(text.get(at + name.len()..).and_then(|t| t.chars().next()))
            })
        };
        // What the methods of a `Number` call.
        for helper in self.task.helpers.iter().filter(|h| h.is_of_number()) {
            if names(&text.clone(), helper) {
                text.push_str(helper.text());
            }
        }
        let used = |helper: &Helper| names(&text, helper);
        if used(&Helper::StrRepr) {
            self.task.helpers.insert(Helper::StrRepr);
        }
        let kept = self.task.helpers.iter().copied().filter(used).collect();
        self.task.helpers = kept;
    }

    /// What the exceptions of a class keep beside their message, and of which types.
    pub(super) fn kept_types(&self, class: &str) -> Vec<(String, Option<RTy>)> {
        let kept = self.input.model.exception_attributes.get(class);
        kept.into_iter()
            .flatten()
            .map(|(attr, fact)| (attr.clone(), self.natural(fact)))
            .collect()
    }

    /// Whether the file has a `try` with handlers.
    pub(super) fn has_handlers(&self) -> bool {
        self.tries.handled
    }

    /// Whether the file has a `try`: else nothing depends on what its functions raise.
    pub(super) fn has_try(&self) -> bool {
        self.tries.any
    }

    /// Whether a handler of the file may read what an exception says.
    pub(super) fn reads_messages(&self) -> bool {
        self.tries.named
    }

    /// `module.name` of an imported name, else the name as it stands.
    pub(super) fn full_name(&self, e: &PyExpr) -> String {
        match &e.kind {
            ExprKind::Name(name) => self.input.model.imported.get(name).unwrap_or(name).clone(),
            ExprKind::Attribute { value, attr } => {
                let base = match &value.kind {
                    ExprKind::Name(name) => {
                        self.input.model.modules.get(name).unwrap_or(name).clone()
                    }
                    _ => self.full_name(value),
                };
                format!("{base}.{}", attr.name)
            }
            _ => "?".into(),
        }
    }
}

/// The functions of the file that a body calls.
fn called(body: &Block, known: &std::collections::BTreeMap<String, Raises>) -> BTreeSet<String> {
    fn in_expr(
        e: &Expr,
        known: &std::collections::BTreeMap<String, Raises>,
        out: &mut BTreeSet<String>,
    ) {
        if let Expr::Call(name, _) | Expr::Method(_, name, _) = e {
            let last = name.rsplit("::").next().unwrap_or(name);
            if known.contains_key(last) {
                out.insert(last.to_string());
            }
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().for_each(|e| in_expr(e, known, out));
        blocks
            .into_iter()
            .for_each(|b| out.extend(called(b, known)));
    }
    let mut out = BTreeSet::new();
    for stmt in &body.stmts {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().for_each(|e| in_expr(e, known, &mut out));
        blocks
            .into_iter()
            .for_each(|b| out.extend(called(b, known)));
    }
    if let Some(value) = &body.value {
        in_expr(value, known, &mut out);
    }
    out
}

/// What the `try` statements of a file ask for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tries {
    /// Whether there are any.
    any: bool,
    /// Whether one has handlers.
    handled: bool,
    /// Whether a handler gives the exception a name.
    named: bool,
}

impl Tries {
    /// Those of a block.
    pub(super) fn of(block: &ast::Block) -> Self {
        let mut found = Self::default();
        ast::visit::Visitor::visit_block(&mut found, block);
        found
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Tries {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            self.any = true;
            self.handled |= !handlers.is_empty();
            self.named |= handlers.iter().any(|h| h.name.is_some());
        }
        ast::visit::walk_stmt(self, stmt);
    }
}
