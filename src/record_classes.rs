//! Dicts with literal keys that have two names and are changed, as objects of a class.
//!
//! ```text
//!                                           class Part:          # a dataclass
//!                                               name, qty
//! parts = [{"name": "bolt", "qty": 3}]      parts = [Part("bolt", 3)]
//! p = parts[i]                              p = parts[i]
//! p["qty"] -= 1                             p.qty -= 1
//! ```
//!
//! Enters: the module and its [`Model`]. Leaves: the same module, where such dicts are objects,
//! which later stages follow under all their names; nothing where a dict is used in a way that an
//! object does not have. An entry that may be missing is an attribute that is None as long as
//! it is missing. This module must not know Rust syntax.

mod groups;
mod rewrite;
mod uses;

use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::infer::Model;
use crate::ty::{Fields, Ty};
use groups::{Group, Groups};
use std::collections::{BTreeMap, BTreeSet};

/// Which dicts become objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that were found under two names.
    TwoNames,
    /// All of them.
    All,
}

/// The classes that were made of dicts.
#[derive(Debug, Clone, Default)]
pub struct Made {
    classes: BTreeMap<String, Group>,
}

/// Makes classes of dicts with literal keys; nothing where there are none. What was `made`
/// before may show more of the same.
pub fn record_classes(
    module: &Module,
    model: &Model,
    which: Which,
    made: &mut Made,
) -> Option<Module> {
    let nothing = match which {
        Which::TwoNames => model.two_names.is_empty(),
        Which::All => model.records.is_empty(),
    };
    if nothing && made.classes.is_empty() {
        return None;
    }
    let mut known = Known::of(module, model);
    if known.asks_for_dicts {
        return None;
    }
    let groups = Groups::of(module, model, &known);
    known.kept = uses::kept(module, &known);
    let mut refused = uses::refused(module, &known, &groups);
    if which == Which::TwoNames {
        let mut wanted = BTreeSet::new();
        for id in &model.two_names {
            for ty in known.types(*id) {
                groups.within(ty, &mut wanted);
            }
        }
        refused.extend(groups.ids().filter(|group| !wanted.contains(group)));
    }
    rewrite::module(module, &known, &groups, &refused, made)
}

impl Made {
    /// Whether somebody compares objects that were dicts, but by what they are: dicts are equal
    /// where their entries are.
    pub fn confuses(&self, module: &Module, model: &Model) -> bool {
        let classes = self.classes.iter();
        let classes = classes.filter(|(_, group)| group.compared);
        let classes: BTreeSet<&str> = classes.map(|(name, _)| name.as_str()).collect();
        !classes.is_empty() && uses::compares(module, &Known::of(module, model), &classes)
    }
}

/// What is known of the expressions of a module.
struct Known<'m> {
    types: BTreeMap<NodeId, Vec<&'m Ty>>,
    /// The calls of the module's own functions.
    calls: BTreeSet<NodeId>,
    /// The module's own classes.
    classes: BTreeSet<&'m str>,
    /// Displays that stay dicts: a message or the state gets them.
    kept: BTreeSet<NodeId>,
    /// Whether something asks whether a value is a dict.
    asks_for_dicts: bool,
}

impl<'m> Known<'m> {
    fn of(module: &'m Module, model: &'m Model) -> Self {
        let mut types: BTreeMap<NodeId, Vec<&Ty>> = BTreeMap::new();
        let mut calls = BTreeSet::new();
        for function in model.functions.iter().chain([&model.module]) {
            for (id, fact) in &function.facts {
                types.entry(*id).or_default().push(&fact.ty);
            }
            calls.extend(function.calls.keys());
        }
        let classes = module
            .body
            .stmts
            .iter()
            .filter_map(|stmt| match &stmt.kind {
                StmtKind::Class(class) => Some(class.name.name.as_str()),
                _ => None,
            });
        let mut asks = Asks::default();
        asks.visit_block(&module.body);
        Self {
            types,
            calls,
            classes: classes.collect(),
            kept: BTreeSet::new(),
            asks_for_dicts: asks.any,
        }
    }

    /// The types of an expression, in all the ways in which its function is called.
    fn types(&self, id: NodeId) -> impl Iterator<Item = &'m Ty> + '_ {
        self.types.get(&id).into_iter().flatten().copied()
    }

    /// The kinds of dicts that an expression is.
    fn records(&self, id: NodeId) -> impl Iterator<Item = &'m Fields> + '_ {
        self.types(id).filter_map(|ty| match ty {
            Ty::Record(fields) => Some(fields),
            Ty::Option(inner) => match &**inner {
                Ty::Record(fields) => Some(fields),
                _ => None,
            },
            _ => None,
        })
    }
}

/// Looks for what asks whether a value is a dict: `isinstance(x, dict)`, `type(x)`.
#[derive(Default)]
struct Asks {
    any: bool,
}

impl<'ast> Visitor<'ast> for Asks {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            // What annotations say changes nothing.
            StmtKind::AnnAssign { target, value, .. } => {
                self.visit_expr(target);
                value.iter().for_each(|value| self.visit_expr(value));
            }
            StmtKind::Function(function) => {
                for param in &function.params.list {
                    param.default.iter().for_each(|e| self.visit_expr(e));
                }
                self.visit_block(&function.body);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        const ASKING: [&str; 6] = ["type", "getattr", "setattr", "hasattr", "vars", "callable"];
        match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(name) if name == "dict") => {
                args.iter().for_each(|arg| self.visit_expr(arg));
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(name) if ASKING.contains(&name.as_str())) =>
            {
                self.any = true;
            }
            ExprKind::Name(name) => {
                self.any |= matches!(name.as_str(), "dict" | "Mapping" | "MutableMapping");
            }
            ExprKind::Attribute { attr, .. } if attr.name == "__dict__" => self.any = true,
            _ => visit::walk_expr(self, e),
        }
    }
}

/// The keys and values of a display, or of `dict(key=value)`, if all keys are literal.
fn entries(e: &Expr) -> Option<Vec<(&str, &Expr)>> {
    let found: Vec<(&str, &Expr)> = match &e.kind {
        ExprKind::Dict(items) => items
            .iter()
            .map(|(key, value)| match &key.as_ref()?.kind {
                ExprKind::Str(text) => Some((text.as_str(), value)),
                _ => None,
            })
            .collect::<Option<_>>()?,
        ExprKind::Call {
            func,
            args,
            keywords,
        } if args.is_empty() && matches!(&func.kind, ExprKind::Name(name) if name == "dict") => {
            keywords
                .iter()
                .map(|k| Some((k.name.as_ref()?.name.as_str(), &k.value)))
                .collect::<Option<_>>()?
        }
        _ => return None,
    };
    let keys: BTreeSet<&str> = found.iter().map(|(key, _)| *key).collect();
    (!found.is_empty() && keys.len() == found.len()).then_some(found)
}

/// The entries of `{**record, "key": value}`: of a spread without a key.
fn spread(e: &Expr) -> Option<&[(Option<Expr>, Expr)]> {
    match &e.kind {
        ExprKind::Dict(items) => {
            let literal = |key: &Expr| matches!(key.kind, ExprKind::Str(_));
            let spreads = items.iter().any(|(key, _)| key.is_none());
            let fine = items
                .iter()
                .all(|(key, _)| key.as_ref().is_none_or(literal));
            (spreads && fine).then_some(items)
        }
        _ => None,
    }
}

/// Whether an expression can be computed twice: the second time gives the same object.
fn is_path(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => is_path(value),
        ExprKind::Subscript { value, index } => {
            is_path(value)
                && match &index.kind {
                    ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Str(_) => true,
                    ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Int(_)),
                    _ => false,
                }
        }
        _ => false,
    }
}
