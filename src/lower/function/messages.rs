//! The names that a body of `process` uses for the state and for the messages.

use super::FnLower;
use crate::infer::{Path, Seg};
use crate::ir::{self, Block, Expr, RTy, Stmt, StmtKind};
use crate::ty::{Side, last_segment};

impl FnLower<'_, '_> {
    /// The state's name, where the body uses it: a copy where a failed call is undone.
    pub(super) fn bind_state(&mut self, body: &mut Block) {
        if !ir::uses::mentions(body, "state") {
            return;
        }
        let field = Expr::atom("self.state");
        if let (Some(_), RTy::Named(key)) = (
            self.lw.input.widened,
            crate::lower::types::rty_of(&self.lw.input.binding.state),
        ) {
            let load = Expr::call(
                format!("{}::load", last_segment(&key)),
                vec![Expr::Ref(Box::new(field))],
            );
            body.stmts.insert(
                0,
                Stmt::new(StmtKind::Let {
                    name: "state".into(),
                    mutable: self.writes_state(),
                    ty: None,
                    init: Some(load),
                }),
            );
            return;
        }
        let copy = self
            .lw
            .is_copy(&crate::lower::types::rty_of(&self.lw.input.binding.state));
        let init = match (
            self.lw.rollback.of(self.model.role).state && self.writes_state(),
            self.writes_state(),
        ) {
            (true, _) if copy => field,
            (true, _) => field.method("clone", vec![]),
            (false, true) => Expr::RefMut(Box::new(field)),
            (false, false) => {
                already_lent(body);
                Expr::Ref(Box::new(field))
            }
        };
        let stmt = Stmt::new(StmtKind::Let {
            name: "state".into(),
            mutable: false,
            ty: None,
            init: Some(init),
        });
        body.stmts.insert(0, stmt);
    }

    /// Names the messages of one side; the pattern that takes several apart.
    pub(super) fn name_messages(&mut self, side: Side) -> Option<Stmt> {
        let (index, param) = if side == Side::Input {
            (1, "input")
        } else {
            (3, "output")
        };
        let name = self
            .function
            .params
            .list
            .get(index)
            .map(|p| p.name.name.clone())?;
        let root = Path::root(name);
        let tys = if side == Side::Input {
            &self.lw.input.binding.inputs
        } else {
            &self.lw.input.binding.outputs
        };
        if tys.len() == 1 {
            self.messages.insert(root, param.to_string());
            return None;
        }
        let mut names = Vec::new();
        for (i, ty) in tys.iter().enumerate() {
            let path = root.then(Seg::Index(i));
            let name = self.message_name(&path, ty, i, side);
            self.taken.insert(name.clone());
            self.messages.insert(path, name.clone());
            names.push(name);
        }
        if names.is_empty() {
            return None;
        }
        let init = if side == Side::Input {
            Expr::Deref(Box::new(Expr::atom(param)))
        } else {
            Expr::atom(param)
        };
        let pattern = format!("({})", names.join(", "));
        Some(Stmt::new(StmtKind::LetPattern {
            pattern,
            names,
            init,
            otherwise: None,
        }))
    }

    /// The name of one of several messages: what the Python calls it, or its payload.
    fn message_name(
        &self,
        path: &Path,
        ty: &crate::project::RustTy,
        index: usize,
        side: Side,
    ) -> String {
        let alias = |wanted: &Path| {
            self.model
                .vars
                .iter()
                .find(|(_, var)| var.alias.as_ref() == Some(wanted))
                .map(|(version, _)| version.clone())
        };
        let named = alias(path).or_else(|| alias(&path.attr("payload")));
        let fallback = || {
            let same = if side == Side::Input {
                &self.lw.input.binding.inputs
            } else {
                &self.lw.input.binding.outputs
            };
            let unique = same.iter().filter(|t| *t == ty).count() == 1;
            match ty {
                crate::project::RustTy::Named(key) if unique => {
                    crate::lower::vars::snake_case(last_segment(key))
                }
                _ => format!(
                    "{}_{index}",
                    if side == Side::Input {
                        "input"
                    } else {
                        "output"
                    }
                ),
            }
        };
        let mut name = named.map_or_else(fallback, |version| {
            crate::lower::vars::rust_ident(crate::infer::scope::plain_name(&version))
        });
        let is_own = |name: &str| matches!(name, "ctx" | "input" | "output" | "state");
        while is_own(&name)
            || self.messages.values().any(|n| *n == name)
            || (named_var_clashes(self, &name, path))
            || self.calls_by_name(&name)
        {
            name.push_str(if side == Side::Input { "_in" } else { "_out" });
        }
        name
    }

    /// Whether the function calls one of the module by that name.
    pub(super) fn calls_by_name(&self, name: &str) -> bool {
        let functions = &self.lw.input.model.functions;
        let mut called = self.model.calls.values().copied();
        called.any(|id| {
            let model = functions.get(id.0);
            let of_module = model.is_some_and(|f| !f.python_name.contains('.'));
            of_module && self.lw.function_name(id) == name
        })
    }
}

fn named_var_clashes(this: &FnLower<'_, '_>, name: &str, path: &Path) -> bool {
    this.model.vars.iter().any(|(version, var)| {
        crate::lower::vars::rust_ident(crate::infer::scope::plain_name(version)) == name
            && !var.alias.as_ref().is_some_and(|a| a.starts_with(path))
            && version != "_"
    })
}

/// `state` for `&state`, which is a reference.
fn already_lent(body: &mut Block) {
    fn in_expr(e: &mut Expr) {
        if let Expr::Ref(inner) = e
            && **inner == Expr::atom("state")
        {
            *e = Expr::atom("state");
        }
        e.for_each_child_mut(&mut in_expr, &mut already_lent);
    }
    for stmt in &mut body.stmts {
        stmt.for_each_child_mut(&mut in_expr, &mut already_lent);
    }
    if let Some(value) = &mut body.value {
        in_expr(value);
    }
}
