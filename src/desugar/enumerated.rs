//! Loops over `enumerate(xs)` that write to `xs[i]`, as loops over the indices.
//!
//! Enters: a loop. Leaves: `for i in range(len(xs)): x = xs[i]; …`, where the body keeps the
//! length of `xs`; where it only changes what lies in an element, `xs[i]` in place of the
//! element's name. This module must not know types.

use super::Desugar;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::source::Span;

impl Desugar {
    /// Rewrites such a loop in place.
    pub(super) fn enumerated(&mut self, stmt: &mut Stmt) {
        self.enumerated_zip(stmt);
        let span = stmt.span;
        let StmtKind::For {
            target,
            iter,
            body,
            is_async: false,
            ..
        } = &mut stmt.kind
        else {
            return;
        };
        let ExprKind::Tuple(targets) = &target.kind else {
            return;
        };
        let (
            [
                Expr {
                    kind: ExprKind::Name(index),
                    ..
                },
                element,
            ],
            Some([list]),
        ) = (targets.as_slice(), self.call_of("enumerate", iter))
        else {
            return;
        };
        let (list, element) = (list.clone(), element.clone());
        if !is_place(&list) || root(&list) == Some(index) {
            return;
        }
        let mut uses = Uses {
            list: &list,
            index,
            direct: false,
            deeper: false,
            kept: true,
        };
        uses.visit_block(body);
        if !uses.kept || !(uses.direct || uses.deeper) {
            return;
        }
        let item = |this: &mut Self, span: Span| this.item_of(&list, index, span);
        match &element.kind {
            ExprKind::Name(name) if !uses.direct => {
                let mut bound = Bound(name, false);
                bound.visit_block(body);
                if bound.1 {
                    return;
                }
                ast::rewrite::block(body, &mut |e| {
                    if matches!(&e.kind, ExprKind::Name(n) if n == name) {
                        *e = item(self, e.span);
                    }
                });
            }
            _ if !uses.direct => return,
            _ => {
                let value = item(self, element.span);
                self.bound_first(body, element, value);
            }
        }
        let index = ExprKind::Name(index.clone());
        iter.kind = self.indices_of(list, span).kind;
        target.kind = index;
    }

    /// `for i, (x, y) in enumerate(zip(xs, ys))` whose body writes to `xs[i]`, as
    /// `for i, y in zip(range(len(xs)), ys): x = xs[i]; …`.
    fn enumerated_zip(&mut self, stmt: &mut Stmt) {
        let span = stmt.span;
        let StmtKind::For {
            target,
            iter,
            body,
            is_async: false,
            ..
        } = &mut stmt.kind
        else {
            return;
        };
        let (ExprKind::Tuple(targets), Some([zipped])) =
            (&target.kind, self.call_of("enumerate", iter))
        else {
            return;
        };
        let [index, elements] = targets.as_slice() else {
            return;
        };
        let (ExprKind::Name(name), ExprKind::Tuple(elements)) = (&index.kind, &elements.kind)
        else {
            return;
        };
        let Some(lists) = self.call_of("zip", zipped) else {
            return;
        };
        if lists.len() != elements.len() {
            return;
        }
        let written = lists.iter().position(|list| {
            let mut uses = Uses {
                list,
                index: name,
                direct: false,
                deeper: false,
                kept: true,
            };
            uses.visit_block(body);
            is_place(list) && root(list) != Some(name) && uses.kept && uses.direct
        });
        let Some(at) = written else { return };
        let (Some(list), Some(element)) = (lists.get(at).cloned(), elements.get(at).cloned())
        else {
            return;
        };
        let (index, mut elements, mut lists) = (index.clone(), elements.clone(), lists.to_vec());
        if lists
            .iter()
            .enumerate()
            .any(|(i, other)| i != at && same(other, &list))
        {
            return;
        }
        let value = self.item_of(&list, name, element.span);
        let indices = self.indices_of(list, span);
        if let (Some(slot), Some(held)) = (lists.get_mut(at), elements.get_mut(at)) {
            *slot = indices;
            *held = index;
        }
        let zip = self.node(span, ExprKind::Name("zip".into()));
        let zipped = self.called(zip, lists);
        iter.kind = zipped.kind;
        target.kind = ExprKind::Tuple(elements);
        self.bound_first(body, element, value);
    }

    /// `list[index]`
    fn item_of(&mut self, list: &Expr, index: &str, span: Span) -> Expr {
        let mut base = list.clone();
        self.anew(&mut base);
        let at = self.node(span, ExprKind::Name(index.to_string()));
        let item = ExprKind::Subscript {
            value: Box::new(base),
            index: Box::new(at),
        };
        self.node(span, item)
    }

    /// `range(len(list))`
    fn indices_of(&mut self, list: Expr, span: Span) -> Expr {
        let len = self.node(span, ExprKind::Name("len".into()));
        let count = self.called(len, vec![list]);
        let range = self.node(span, ExprKind::Name("range".into()));
        self.called(range, vec![count])
    }

    /// `element = value`, before all else in a loop's body.
    fn bound_first(&mut self, body: &mut Block, element: Expr, value: Expr) {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        body.stmts.insert(
            0,
            Stmt {
                id,
                span: element.span,
                blank_before: false,
                comments: Vec::new(),
                line_comment: None,
                kind: StmtKind::Assign {
                    targets: vec![element],
                    value,
                },
            },
        );
    }

    fn called(&mut self, func: Expr, args: Vec<Expr>) -> Expr {
        let span = func.span;
        let call = ExprKind::Call {
            func: Box::new(func),
            args,
            keywords: Vec::new(),
        };
        self.node(span, call)
    }

    /// New ids for a copy of an expression.
    pub(super) fn anew(&mut self, e: &mut Expr) {
        e.id = NodeId(self.next_id);
        self.next_id += 1;
        ast::rewrite::children(e, &mut |child| self.anew(child));
    }
}

/// `xs`, `self.xs`, `xs[i]`
fn is_place(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => is_place(value),
        ExprKind::Subscript { value, index } => {
            is_place(value) && matches!(index.kind, ExprKind::Name(_) | ExprKind::Int(_))
        }
        _ => false,
    }
}

fn root(e: &Expr) -> Option<&String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => root(value),
        _ => None,
    }
}

/// Whether two places are written the same.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Attribute { value: x, attr: a }, ExprKind::Attribute { value: y, attr: b }) => {
            a.name == b.name && same(x, y)
        }
        (
            ExprKind::Subscript { value: x, index: a },
            ExprKind::Subscript { value: y, index: b },
        ) => same(x, y) && same(a, b),
        _ => false,
    }
}

/// Whether `part` is `whole`, or something that it lies in.
fn holds(part: &Expr, whole: &Expr) -> bool {
    same(part, whole)
        || match &whole.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                holds(part, value)
            }
            _ => false,
        }
}

/// How a loop's body uses the list.
struct Uses<'e> {
    list: &'e Expr,
    index: &'e str,
    /// `xs[i] = …`
    direct: bool,
    /// `xs[i][j] = …`, `xs[i].a = …`
    deeper: bool,
    /// The list keeps its length, and the names in it what they mean.
    kept: bool,
}

impl Uses<'_> {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Name(name) => {
                self.kept &= name != self.index && root(self.list) != Some(name);
            }
            ExprKind::Subscript { value, index } if same(value, self.list) => {
                let own = matches!(&index.kind, ExprKind::Name(name) if name == self.index);
                self.kept &= own;
                self.direct = true;
            }
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.kept &= !holds(target, self.list);
                self.within(value);
            }
            _ => {}
        }
    }

    fn within(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Subscript { value, index } if same(value, self.list) => {
                self.kept &= matches!(&index.kind, ExprKind::Name(name) if name == self.index);
                self.deeper = true;
            }
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.within(value);
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::Delete(targets) => {
                self.kept &= !targets
                    .iter()
                    .any(|t| matches!(&t.kind, ExprKind::Subscript { value, .. } if same(value, self.list)));
            }
            StmtKind::With { .. } | StmtKind::Function(_) | StmtKind::Class(_) => {
                self.kept = false;
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            // Its parts are looked at, not the list as a whole.
            ExprKind::Subscript { value, index } if same(value, self.list) => {
                self.visit_expr(index);
                return;
            }
            ExprKind::Call { func, args, .. } => {
                let len = matches!(&func.kind, ExprKind::Name(name) if name == "len");
                if len && args.len() == 1 && args.iter().all(|a| same(a, self.list)) {
                    return;
                }
                // A method of what holds the list may change it.
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    self.kept &= !holds(value, self.list);
                }
                self.kept &= !args
                    .iter()
                    .any(|a| holds(a, self.list) && !same(a, self.list));
            }
            ExprKind::Named { .. } | ExprKind::Lambda { .. } => self.kept = false,
            _ => {}
        }
        if same(e, self.list) {
            self.kept = false;
            return;
        }
        visit::walk_expr(self, e);
    }
}

/// Whether a name is bound.
struct Bound<'n>(&'n str, bool);

impl<'ast> Visitor<'ast> for Bound<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        fn binds(target: &Expr, name: &str) -> bool {
            match &target.kind {
                ExprKind::Name(n) => n == name,
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().any(|item| binds(item, name))
                }
                ExprKind::Starred(inner) => binds(inner, name),
                _ => false,
            }
        }
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => {
                self.1 |= targets.iter().any(|t| binds(t, self.0));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.1 |= binds(target, self.0),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Comprehension { .. } = &e.kind {
            // It may bind the name for itself.
            let mut names = Mentions(self.0, false);
            visit::walk_expr(&mut names, e);
            self.1 |= names.1;
        }
        visit::walk_expr(self, e);
    }
}

/// Whether a name is mentioned.
struct Mentions<'n>(&'n str, bool);

impl<'ast> Visitor<'ast> for Mentions<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.1 |= matches!(&e.kind, ExprKind::Name(name) if name == self.0);
        visit::walk_expr(self, e);
    }
}
