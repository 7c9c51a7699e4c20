//! The list that an expression is, and what a loop over it gives.

use super::{Walk, is_starred};
use crate::ast::visit::{self, Visitor};
use crate::ast::{BinaryOp, Clause, Expr, ExprKind, NodeId};
use crate::desugar::{COLUMNS, PARTS};
use crate::infer::fixed::Place;
use crate::infer::fixed::graph::Node;
use num_traits::ToPrimitive;

impl<'m> Walk<'m, '_> {
    /// What a loop over an expression gives.
    pub(super) fn elements(&mut self, iter: &'m Expr) -> Node {
        if let ExprKind::Call { func, args, .. } = &iter.kind {
            match &func.kind {
                ExprKind::Name(name) if self.is_builtin(name) => match (name.as_str(), &args[..]) {
                    ("enumerate", [first, ..]) => {
                        let elem = self.elements(first);
                        let count = self.graph.fresh();
                        return self.graph.tuple(vec![count, elem]);
                    }
                    ("zip", lists) if !lists.iter().any(is_starred) => {
                        let items = lists.iter().map(|list| self.elements(list)).collect();
                        return self.graph.tuple(items);
                    }
                    ("zip" | COLUMNS | PARTS, rows) => {
                        let all = self.columns(rows.iter());
                        return self.graph.elem(all);
                    }
                    ("reversed" | "sorted" | "iter" | "list" | "tuple" | "set", [first]) => {
                        return self.elements(first);
                    }
                    _ => {}
                },
                ExprKind::Attribute { value, attr } if self.named(&attr.name).is_empty() => {
                    match attr.name.as_str() {
                        "items" => {
                            let of = self.eval(value);
                            let (key, elem) = (self.graph.fresh(), self.graph.elem(of));
                            return self.graph.tuple(vec![key, elem]);
                        }
                        "values" => {
                            let of = self.eval(value);
                            return self.graph.elem(of);
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let node = self.eval(iter);
        self.graph.elem(node)
    }

    /// `zip(*rows)`: new lists, as long as there are rows.
    pub(super) fn columns(&mut self, rows: impl Iterator<Item = &'m Expr>) -> Node {
        for row in rows {
            self.eval(row);
        }
        let (all, column) = (self.graph.any(), self.graph.any());
        self.graph.set_elem(all, column);
        all
    }

    pub(super) fn is_builtin(&self, name: &str) -> bool {
        !self.functions.contains_key(name)
            && !self.classes.contains(name)
            && !self.imported.contains_key(name)
            && !self.scope.has(name)
    }

    pub(super) fn variable(&mut self, at: NodeId, name: &str) -> Node {
        let place = match self.scope.names.get(&at) {
            Some(version) => Place::Local(self.key.clone(), version.clone()),
            None => Place::Global(name.to_string()),
        };
        self.graph.place(place)
    }

    /// The list that an expression is; a node of its own where it is none.
    pub(super) fn eval(&mut self, e: &'m Expr) -> Node {
        let node = self.node(e);
        if let Some(seen) = &mut self.graph.seen {
            seen.insert(e.id, node);
        }
        node
    }

    fn node(&mut self, e: &'m Expr) -> Node {
        match &e.kind {
            ExprKind::Name(name) => {
                if let Some(functions) = self.functions.get(name.as_str()).cloned()
                    && !self.scope.names.contains_key(&e.id)
                {
                    functions.into_iter().for_each(|f| self.handed_out("", f));
                }
                self.variable(e.id, name)
            }
            ExprKind::Attribute { value, attr } => self.attribute(value, &attr.name),
            ExprKind::List(items) => {
                let len = (!items.iter().any(is_starred)).then_some(items.len());
                let node = self.graph.make(e.id, len);
                for item in items {
                    let inner = self.eval(item);
                    match &item.kind {
                        ExprKind::Starred(_) => {
                            let elem = self.graph.elem(inner);
                            self.graph.set_elem(node, elem);
                        }
                        _ => self.graph.set_elem(node, inner),
                    }
                }
                node
            }
            ExprKind::Tuple(items) => {
                let nodes = items.iter().map(|item| self.eval(item)).collect();
                self.graph.tuple(nodes)
            }
            ExprKind::Set(items) => {
                let node = self.graph.any();
                for item in items {
                    let inner = self.eval(item);
                    self.graph.set_elem(node, inner);
                }
                node
            }
            ExprKind::Dict(items) => {
                let node = self.graph.any();
                for (key, value) in items {
                    key.iter().for_each(|key| {
                        self.eval(key);
                    });
                    let inner = self.eval(value);
                    match key {
                        Some(_) => self.graph.set_elem(node, inner),
                        None => {
                            let elem = self.graph.elem(inner);
                            self.graph.set_elem(node, elem);
                        }
                    }
                }
                node
            }
            ExprKind::Starred(inner) => self.eval(inner),
            ExprKind::Named { target, value } => {
                let value = self.eval(value);
                let node = self.variable(e.id, &target.name);
                self.graph.unify(node, value);
                value
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.eval(test);
                let (a, b) = (self.eval(body), self.eval(orelse));
                self.graph.unify(a, b);
                a
            }
            ExprKind::Logical { values, .. } => {
                let nodes: Vec<Node> = values.iter().map(|value| self.eval(value)).collect();
                let all = self.graph.fresh();
                nodes.into_iter().for_each(|n| self.graph.unify(all, n));
                all
            }
            ExprKind::Binary { left, op, right } => self.operator(e, left, *op, right),
            ExprKind::Subscript { value, index } => self.subscript(e, value, index),
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                self.clauses(clauses);
                let node = self.graph.any();
                let item = self.eval(element);
                let item = value.as_ref().map_or(item, |value| self.eval(value));
                self.graph.set_elem(node, item);
                node
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let values = keywords.iter().map(|keyword| &keyword.value);
                let all: Vec<&'m Expr> = args.iter().chain(values).collect();
                self.call(e, func, &all)
            }
            // What it mentions it may keep.
            ExprKind::Lambda { body, .. } => {
                let mut names = Mentions(Vec::new());
                names.visit_expr(body);
                names.0.into_iter().for_each(|e| self.gives_away(e));
                self.graph.fresh()
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Await(_) => {
                for part in visit::children(e) {
                    self.gives_away(part);
                }
                self.graph.any()
            }
            ExprKind::Compare { .. }
            | ExprKind::Unary { .. }
            | ExprKind::FString(_)
            | ExprKind::Slice { .. } => {
                for part in visit::children(e) {
                    self.eval(part);
                }
                self.graph.fresh()
            }
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis => self.graph.fresh(),
            ExprKind::Unsupported(_) => self.graph.any(),
        }
    }

    pub(super) fn clauses(&mut self, clauses: &'m [Clause]) {
        for clause in clauses {
            let elem = self.elements(&clause.iter);
            self.bind(&clause.target, elem);
            clause.ifs.iter().for_each(|test| {
                self.eval(test);
            });
        }
    }

    pub(super) fn operator(
        &mut self,
        e: &'m Expr,
        left: &'m Expr,
        op: BinaryOp,
        right: &'m Expr,
    ) -> Node {
        let (a, b) = (self.eval(left), self.eval(right));
        // `[0.0] * 4`
        if let (BinaryOp::Mul, ExprKind::List(items)) = (op, &left.kind) {
            let count = match &right.kind {
                ExprKind::Int(n) => n.to_usize(),
                ExprKind::Name(name) if !self.scope.names.contains_key(&right.id) => {
                    self.ints.get(name.as_str()).copied()
                }
                _ => None,
            };
            let alone = matches!(items.as_slice(), [one] if self.is_number(one));
            let node = self.graph.make(e.id, count.filter(|_| alone));
            let elem = self.graph.elem(a);
            self.graph.set_elem(node, elem);
            return node;
        }
        // A longer list, or none at all.
        let node = self.graph.any();
        for part in [a, b] {
            let elem = self.graph.elem(part);
            self.graph.set_elem(node, elem);
        }
        node
    }

    /// Whether an expression is a number whatever its names stand for.
    fn is_number(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Float(_) | ExprKind::Int(_) | ExprKind::Bool(_) => true,
            ExprKind::Unary { operand, .. } => self.is_number(operand),
            ExprKind::Attribute { value, .. } => {
                matches!(&value.kind, ExprKind::Name(module) if self.modules.contains(module))
            }
            ExprKind::Name(name) => {
                let from = self.imported.get(name);
                !self.scope.names.contains_key(&e.id)
                    && from.is_some_and(|from| from.starts_with("math."))
            }
            _ => false,
        }
    }

    pub(super) fn subscript(&mut self, e: &'m Expr, value: &'m Expr, index: &'m Expr) -> Node {
        let base = self.eval(value);
        match &index.kind {
            ExprKind::Slice { lower, upper, step } => {
                let mut bounds = [lower, upper, step].into_iter().flatten().peekable();
                if bounds.peek().is_none() {
                    return self.graph.copy(e.id, base);
                }
                bounds.for_each(|bound| {
                    self.eval(bound);
                });
                let node = self.graph.any();
                let elem = self.graph.elem(base);
                self.graph.set_elem(node, elem);
                node
            }
            _ => {
                self.eval(index);
                // `f(*pair)`
                let count = crate::ast::exactly(value, index);
                match (&index.kind, count) {
                    (ExprKind::Binary { left, .. }, Some(count)) => match &left.kind {
                        ExprKind::Int(i) => {
                            let i = i.to_usize().unwrap_or(count);
                            self.graph.item(base, i, count)
                        }
                        _ => self.graph.elem(base),
                    },
                    _ => self.graph.elem(base),
                }
            }
        }
    }
}

/// The names and attributes within an expression.
struct Mentions<'e>(Vec<&'e Expr>);

impl<'ast> Visitor<'ast> for Mentions<'ast> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) {
            self.0.push(e);
        }
        visit::walk_expr(self, e);
    }
}
