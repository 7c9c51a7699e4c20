//! What is worth knowing of the outputs: those written only in part, and without a `tov`.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Seg};
use crate::project::RustTy;
use crate::source::Span;
use crate::ty::last_segment;
use std::collections::BTreeSet;

/// What `process` does with an output.
#[derive(Default)]
struct Use {
    fields: BTreeSet<String>,
    whole: bool,
    tov: bool,
    passed_on: bool,
    first: Option<Span>,
}

impl FnLower<'_, '_> {
    /// Notes outputs that keep what an earlier cycle left in them.
    pub(super) fn note_outputs(&mut self) {
        let Some(param) = self.function.params.list.get(3) else {
            return;
        };
        let root = Path::root(param.name.name.clone());
        let outputs = self.lw.input.binding.outputs.clone();
        for (i, ty) in outputs.iter().enumerate() {
            let path = if outputs.len() == 1 {
                root.clone()
            } else {
                root.then(Seg::Index(i))
            };
            let found = self.output_use(&path);
            let (Some(at), false) = (found.first, found.passed_on) else {
                continue;
            };
            let RustTy::Named(key) = ty else { continue };
            let name = last_segment(key);
            let missing: Vec<&str> = self
                .lw
                .fields(key)
                .iter()
                .filter(|f| !found.fields.contains(&f.python_name))
                .map(|f| f.python_name.as_str())
                .collect();
            if !found.whole && !missing.is_empty() {
                let message = format!(
                    "`{name}` is written only in part: {} keep what an earlier cycle left",
                    missing.join(", ")
                );
                self.lw.report(Code::StaleSlot, at, &message, None);
            }
            if !found.tov {
                let message = format!("the `tov` of `{name}` is not set");
                let help = "most tasks pass it on: `output.tov = input.tov`";
                self.lw.report(Code::TovNotSet, at, &message, Some(help));
            }
        }
    }

    fn output_use(&self, message: &Path) -> Use {
        struct Look<'f, 'l, 'a> {
            this: &'f FnLower<'l, 'a>,
            message: &'f Path,
            found: Use,
        }
        impl Look<'_, '_, '_> {
            fn target(&mut self, target: &PyExpr) {
                if let ExprKind::Tuple(items) | ExprKind::List(items) = &target.kind {
                    items.iter().for_each(|t| self.target(t));
                    return;
                }
                let place = match &target.kind {
                    ExprKind::Subscript { value, .. } => value,
                    ExprKind::Attribute { .. } => target,
                    // A name is another name for the object, not a change of it.
                    _ => return,
                };
                let Some(path) = self
                    .this
                    .path_of(place)
                    .filter(|p| p.starts_with(self.message))
                else {
                    return;
                };
                let mut below = path.segs.iter().skip(self.message.segs.len());
                match (below.next(), below.next()) {
                    (Some(Seg::Attr(part)), Some(Seg::Attr(field))) if part == "payload" => {
                        self.found.fields.insert(field.clone());
                        self.found.first.get_or_insert(target.span);
                    }
                    (Some(Seg::Attr(part)), None) if part == "payload" => {
                        self.found.whole = true;
                        self.found.first.get_or_insert(target.span);
                    }
                    (Some(Seg::Attr(part)), _) if part == "tov" => self.found.tov = true,
                    _ => {}
                }
            }
        }
        impl<'ast> crate::ast::visit::Visitor<'ast> for Look<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
                match &stmt.kind {
                    PyKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
                    PyKind::AugAssign { target, .. } | PyKind::AnnAssign { target, .. } => {
                        self.target(target)
                    }
                    _ => {}
                }
                crate::ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if let ExprKind::Call { args, .. } = &e.kind {
                    // A helper that gets the message may do anything with it.
                    self.found.passed_on |= args
                        .iter()
                        .filter_map(|a| self.this.path_of(a))
                        .any(|p| self.message.starts_with(&p) || p.starts_with(self.message));
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut look = Look {
            this: self,
            message,
            found: Use::default(),
        };
        crate::ast::visit::Visitor::visit_block(&mut look, &self.function.body);
        look.found
    }
}
