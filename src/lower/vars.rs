//! Names and variables of the generated code.

use super::function::FnLower;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr as PyExpr, NodeId};
use crate::infer::FnId;
use crate::infer::scope::plain_name;
use crate::ir::{Expr, RTy, Stmt, StmtKind};
use crate::value::Val;

/// Rust's keywords, and the names that the generated code has uses of its own for.
const RESERVED: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while", "abstract", "become", "box", "do", "final", "gen", "macro",
    "override", "priv", "try", "typeof", "unsized", "virtual", "yield", "Ok", "Err", "Some",
    "None", "Box", "Vec", "String", "Option", "Result",
];

/// Whether Rust, or the generated code, has a use of its own for a name.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Methods that mean the same of every value: no class may have another of that name.
pub(super) const OF_VALUES: [&str; 7] = [
    "to_string",
    "to_owned",
    "into",
    "clone",
    "collect",
    "concat",
    "then",
];

/// A Python name as a Rust identifier.
pub(crate) fn rust_ident(name: &str) -> String {
    if name.starts_with(|c: char| c.is_uppercase()) && RESERVED.contains(&name) {
        // A variable is written small.
        format!("{}_", name.to_lowercase())
    } else if RESERVED.contains(&name) || name == "_" {
        format!("{name}_")
    } else {
        name.to_string()
    }
}

/// `PidState` as `pid_state`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if c.is_uppercase() {
            if previous_lower {
                out.push('_');
            }
            out.extend(c.to_lowercase());
            previous_lower = false;
        } else {
            out.push(c);
            previous_lower = c.is_lowercase() || c.is_ascii_digit();
        }
    }
    rust_ident(&out)
}

impl FnLower<'_, '_> {
    /// The Rust name of a variable's version.
    pub(super) fn var_name(&self, version: &str) -> String {
        if let Some(name) = self.renamed.get(version) {
            return name.clone();
        }
        let name = rust_ident(plain_name(version));
        // In a pattern, the name of a constant is the constant.
        let constant = !self.is_local_of_module() && self.lw.is_const_ident(&name);
        if constant || self.taken.contains(&name) {
            format!("{name}_")
        } else {
            name
        }
    }

    /// The Rust type of a variable's version.
    pub(super) fn var_type(&self, version: &str) -> Option<RTy> {
        let known = self.var_types.get(version);
        if let Some(ty) = known.or_else(|| self.registers.types.get(version)) {
            return Some(ty.clone());
        }
        let var = self.model.vars.get(version)?;
        let natural = self.lw.natural(&var.fact)?;
        Some(if self.unbound.contains(version) {
            RTy::Option(Box::new(natural))
        } else {
            natural
        })
    }

    /// Binds a variable: its `let` where this is its home, else an assignment.
    pub(super) fn bind_var(&mut self, version: &str, val: Val, at: crate::source::Span) {
        let name = self.var_name(version);
        let Some(info) = self.scope.vars.get(version) else {
            return;
        };
        let here = self.blocks.last() == Some(&info.home);
        // A comprehension's variable is its own.
        let own = version.contains("#c");
        // At the level of the module no statement declares what an expression binds.
        let first = info.first_is_binding || self.model.python_name == "<module>";
        let fresh = own || !self.declared.contains(version) && here && first && !info.is_param;
        let Some(ty) = self.var_type(version) else {
            return;
        };
        let unbound = self.unbound.contains(version);
        let inner = match &ty {
            RTy::Option(inner) if unbound => (**inner).clone(),
            other => other.clone(),
        };
        self.int_beyond_doubles(&val, &inner, at, &format!("`{name}`"));
        let mut expr = match self.coerce(val, &inner, at, plain_name(version)) {
            Ok(expr) => expr,
            Err(hole) => hole,
        };
        if unbound {
            expr = Expr::call("Some", vec![expr]);
        }
        self.forget_root(version);
        if fresh {
            self.declared.insert(version.to_string());
            self.emit(
                at,
                StmtKind::Let {
                    name,
                    mutable: false,
                    ty: Some(ty),
                    init: Some(expr),
                },
            );
        } else {
            self.emit_assign(at, Expr::atom(name), expr);
        }
    }

    /// Assigns; `x = x + 1` becomes `x += 1`.
    pub(super) fn emit_assign(&mut self, at: crate::source::Span, place: Expr, value: Expr) {
        let (op, value) = match value {
            // `+=` evaluates its right side first: no callee there may see the place.
            Expr::Binary(op, left, right)
                if *left == place
                    && op.is_compound()
                    && (matches!(place, Expr::Atom(_)) || !self.calls_to_change(&right)) =>
            {
                (Some(op), *right)
            }
            other => (None, other),
        };
        if let Some(op) = op {
            self.assigns_number(op);
        }
        self.emit(at, StmtKind::Assign { place, op, value });
    }

    /// Whether `x += …` reads a variable, and binds it again, behind the expression `node`.
    pub(super) fn grows(&self, version: &str, node: Option<NodeId>) -> bool {
        struct Grows<'s> {
            scope: &'s crate::infer::scope::FnScope,
            version: &'s str,
            node: Option<NodeId>,
            behind: bool,
            found: bool,
        }
        impl<'ast> Visitor<'ast> for Grows<'_> {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                if let ast::StmtKind::AugAssign { target, .. } = &stmt.kind {
                    let named = self.scope.names.get(&target.id);
                    self.found |= self.behind && named.is_some_and(|v| v == self.version);
                }
                visit::walk_stmt(self, stmt);
            }

            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.behind |= self.node == Some(e.id);
                visit::walk_expr(self, e);
            }
        }
        let mut grows = Grows {
            scope: &self.scope,
            version,
            node,
            behind: node.is_none(),
            found: false,
        };
        grows.visit_block(&self.function.body);
        grows.found
    }

    /// Whether an expression calls a function or method of the file.
    pub(super) fn calls_own(&self, e: &Expr) -> bool {
        self.calls(e, &|name| self.lw.function_names.is_callable(name))
    }

    /// Whether an expression calls a function or method of the file that may change something:
    /// what takes no `&mut` cannot.
    pub(super) fn calls_to_change(&self, e: &Expr) -> bool {
        let changes = |id: &FnId| match self.lw.lowered.get(id) {
            Some(function) => function.takes_to_change(),
            None => true,
        };
        self.calls(e, &|name| {
            self.lw.function_names.callable(name).iter().any(changes)
        })
    }

    fn calls(&self, e: &Expr, own: &dyn Fn(&str) -> bool) -> bool {
        let here = match e {
            Expr::Call(name, _) | Expr::Method(_, name, _) => {
                own(name.rsplit("::").next().unwrap_or(name))
            }
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
        here || exprs.into_iter().any(|c| self.calls(c, own))
            || blocks
                .into_iter()
                .any(|b| b.value.as_ref().is_some_and(|v| self.calls(v, own)))
    }

    /// Declares the variables whose home this block is and that occur first in `stmt`, but
    /// are not bound by it.
    pub(super) fn declare_late(&mut self, stmt: crate::ast::NodeId) {
        let Some(block) = self.blocks.last().copied() else {
            return;
        };
        let late: Vec<String> = self
            .scope
            .vars
            .iter()
            .filter(|(version, info)| {
                info.home == block
                    && info.first_stmt == Some(stmt)
                    && !info.is_param
                    && !self.declared.contains(*version)
                    && (!info.first_is_binding || self.unbound.contains(*version))
                    && self
                        .model
                        .vars
                        .get(*version)
                        .is_some_and(|v| v.alias.is_none())
            })
            .map(|(version, _)| version.clone())
            .collect();
        for version in late {
            let Some(ty) = self.var_type(&version) else {
                continue;
            };
            self.declared.insert(version.clone());
            let name = self.var_name(&version);
            let init = self.unbound.contains(&version).then(|| Expr::atom("None"));
            self.out.push(Stmt::new(StmtKind::Let {
                name,
                mutable: false,
                ty: Some(ty),
                init,
            }));
        }
    }
}
