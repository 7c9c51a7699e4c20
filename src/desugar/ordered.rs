//! Functions of `heapq` and `bisect` as methods of the list that they work on.
//!
//! Enters: a call, with the names that the module imports. Leaves: the list as the receiver of
//! a method that no Python can name, `sorted(xs)[:n]` for `heapq.nsmallest(n, xs)`. This module
//! must not know types.

use super::Desugar;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Ident, Keyword, Stmt, StmtKind};
use std::collections::BTreeMap;

/// What the names of the module are imported as: `heapq`, `heapq.heappush`.
#[derive(Default)]
pub(super) struct Imports(pub(super) BTreeMap<String, String>);

impl<'ast> Visitor<'ast> for Imports {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Import(names) => {
                for alias in names {
                    let full = alias.name.name.clone();
                    let name = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
                    self.0.insert(name, full);
                }
            }
            StmtKind::ImportFrom {
                module: Some(module),
                level: 0,
                names,
            } => {
                for alias in names {
                    let name = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
                    self.0.insert(name, format!("{module}.{}", alias.name.name));
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }
}

impl Desugar {
    /// The call as one of a method of its list.
    pub(super) fn list_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &expr.kind
        else {
            return None;
        };
        let full = match &func.kind {
            ExprKind::Name(name) => self.imports.get(name)?.clone(),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) => format!("{}.{}", self.imports.get(module)?, attr.name),
                _ => return None,
            },
            _ => return None,
        };
        let span = expr.span;
        if !keywords.is_empty() {
            return None;
        }
        let method = match (full.as_str(), args.len()) {
            ("heapq.heappush", 2) | ("heapq.heappop" | "heapq.heapify", 1) => full.as_str(),
            ("bisect.bisect_left", 2) => "bisect.bisect_left",
            ("bisect.bisect_right" | "bisect.bisect", 2) => "bisect.bisect_right",
            ("bisect.insort" | "bisect.insort_right", 2) => return self.insort(args, func),
            ("heapq.nsmallest" | "heapq.nlargest", 2) => {
                let [count, list] = args.as_slice() else {
                    return None;
                };
                if !matches!(count.kind, ExprKind::Int(_)) {
                    return None;
                }
                let sorted = self.node(span, ExprKind::Name("sorted".into()));
                let reverse = Keyword {
                    name: Some(Ident {
                        span,
                        name: "reverse".into(),
                    }),
                    value: self.node(span, ExprKind::Bool(true)),
                };
                let keywords = match full.as_str() {
                    "heapq.nlargest" => vec![reverse],
                    _ => Vec::new(),
                };
                let call = ExprKind::Call {
                    func: Box::new(sorted),
                    args: vec![list.clone()],
                    keywords,
                };
                let value = Box::new(self.node(span, call));
                let slice = ExprKind::Slice {
                    lower: None,
                    upper: Some(Box::new(count.clone())),
                    step: None,
                };
                let index = Box::new(self.node(span, slice));
                return Some(ExprKind::Subscript { value, index });
            }
            _ => return None,
        };
        let (list, rest) = args.split_first()?;
        Some(self.method(list, method, rest.to_vec(), func))
    }

    /// `xs.insert(bisect_right(xs, x), x)`, of what is evaluated once.
    fn insort(&mut self, args: &[Expr], func: &Expr) -> Option<ExprKind> {
        let [list, item] = args else { return None };
        let place = matches!(list.kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
        if !place {
            return None;
        }
        let mut again = list.clone();
        self.anew(&mut again);
        let (wanted, item) = match is_read(item) {
            true => {
                let mut wanted = item.clone();
                self.anew(&mut wanted);
                (wanted, item.clone())
            }
            false => {
                let name = self.free("item");
                let target = Ident {
                    span: item.span,
                    name: name.clone(),
                };
                let value = Box::new(item.clone());
                let wanted = self.node(item.span, ExprKind::Named { target, value });
                (wanted, self.node(item.span, ExprKind::Name(name)))
            }
        };
        let place = self.method(&again, "bisect.bisect_right", vec![wanted], func);
        let place = self.node(func.span, place);
        Some(self.method(list, "insert", vec![place, item], func))
    }

    fn method(&mut self, list: &Expr, name: &str, args: Vec<Expr>, func: &Expr) -> ExprKind {
        let attr = Ident {
            span: func.span,
            name: name.into(),
        };
        let value = Box::new(list.clone());
        let func = self.node(func.span, ExprKind::Attribute { value, attr });
        ExprKind::Call {
            func: Box::new(func),
            args,
            keywords: Vec::new(),
        }
    }
}

/// Whether an expression only reads variables, so that it may stand twice.
fn is_read(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_)
        | ExprKind::Attribute { .. }
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_) => true,
        ExprKind::Tuple(items) => items.iter().all(is_read),
        ExprKind::Unary { operand, .. } => is_read(operand),
        _ => false,
    }
}
