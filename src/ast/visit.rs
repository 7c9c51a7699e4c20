//! Walking the tree.
//!
//! Enters: a tree. Leaves: calls of a [`Visitor`] on every node in the order of the
//! source. A visitor overrides what it cares for and calls the `walk_*` function of the
//! same name to go on into the children. This module must not know why anyone walks.

use super::*;

/// Something that looks at the nodes of a tree; each method goes on into the children
/// unless it is overridden.
pub trait Visitor<'ast> {
    /// Called for each suite.
    fn visit_block(&mut self, block: &'ast Block) {
        walk_block(self, block);
    }

    /// Called for each statement.
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        walk_stmt(self, stmt);
    }

    /// Called for each expression, assignment targets included.
    fn visit_expr(&mut self, expr: &'ast Expr) {
        walk_expr(self, expr);
    }

    /// Called for each pattern of a `match`.
    fn visit_pattern(&mut self, pattern: &'ast Pattern) {
        walk_pattern(self, pattern);
    }

    /// Called for each parameter of a function or lambda.
    fn visit_param(&mut self, param: &'ast Param) {
        walk_param(self, param);
    }
}

/// Visits the statements of a suite.
pub fn walk_block<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, block: &'ast Block) {
    for stmt in &block.stmts {
        visitor.visit_stmt(stmt);
    }
}

/// Visits the children of a statement.
pub fn walk_stmt<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, stmt: &'ast Stmt) {
    match &stmt.kind {
        StmtKind::Function(function) => {
            all(visitor, &function.decorators);
            for param in &function.params.list {
                visitor.visit_param(param);
            }
            all(visitor, &function.returns);
            visitor.visit_block(&function.body);
        }
        StmtKind::Class(class) => {
            all(visitor, &class.decorators);
            all(visitor, &class.bases);
            all(visitor, class.keywords.iter().map(|k| &k.value));
            visitor.visit_block(&class.body);
        }
        StmtKind::Return(value) => all(visitor, value),
        StmtKind::Delete(targets) => all(visitor, targets),
        StmtKind::Assign { targets, value } => {
            all(visitor, targets);
            visitor.visit_expr(value);
        }
        StmtKind::AugAssign {
            target,
            op: _,
            value,
        } => {
            visitor.visit_expr(target);
            visitor.visit_expr(value);
        }
        StmtKind::AnnAssign {
            target,
            annotation,
            value,
        } => {
            visitor.visit_expr(target);
            visitor.visit_expr(annotation);
            all(visitor, value);
        }
        StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
            visitor.visit_expr(test);
            visitor.visit_block(body);
            visitor.visit_block(orelse);
        }
        StmtKind::For {
            target,
            iter,
            body,
            orelse,
            is_async: _,
        } => {
            visitor.visit_expr(target);
            visitor.visit_expr(iter);
            visitor.visit_block(body);
            visitor.visit_block(orelse);
        }
        StmtKind::With {
            items,
            body,
            is_async: _,
        } => {
            for (context, target) in items {
                visitor.visit_expr(context);
                all(visitor, target);
            }
            visitor.visit_block(body);
        }
        StmtKind::Raise { exc, cause } => {
            all(visitor, exc);
            all(visitor, cause);
        }
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            visitor.visit_block(body);
            for handler in handlers {
                all(visitor, &handler.types);
                visitor.visit_block(&handler.body);
            }
            visitor.visit_block(orelse);
            visitor.visit_block(finalbody);
        }
        StmtKind::Assert { test, message } => {
            visitor.visit_expr(test);
            all(visitor, message);
        }
        StmtKind::Expr(value) => visitor.visit_expr(value),
        StmtKind::Match { subject, cases } => {
            visitor.visit_expr(subject);
            for case in cases {
                visitor.visit_pattern(&case.pattern);
                all(visitor, &case.guard);
                visitor.visit_block(&case.body);
            }
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => {}
    }
}

/// Visits the children of an expression.
pub fn walk_expr<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, expr: &'ast Expr) {
    match &expr.kind {
        ExprKind::FString(parts) => walk_fstring(visitor, parts),
        ExprKind::Attribute { value, attr: _ } => visitor.visit_expr(value),
        ExprKind::Subscript { value, index } => {
            visitor.visit_expr(value);
            visitor.visit_expr(index);
        }
        ExprKind::Slice { lower, upper, step } => {
            for bound in [lower, upper, step].into_iter().flatten() {
                visitor.visit_expr(bound);
            }
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            visitor.visit_expr(func);
            all(visitor, args);
            all(visitor, keywords.iter().map(|k| &k.value));
        }
        ExprKind::Unary { op: _, operand } => visitor.visit_expr(operand),
        ExprKind::Binary { op: _, left, right } => {
            visitor.visit_expr(left);
            visitor.visit_expr(right);
        }
        ExprKind::Logical { op: _, values } => all(visitor, values),
        ExprKind::Compare { left, ops: _, rest } => {
            visitor.visit_expr(left);
            all(visitor, rest);
        }
        ExprKind::Conditional { test, body, orelse } => {
            visitor.visit_expr(body);
            visitor.visit_expr(test);
            visitor.visit_expr(orelse);
        }
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            all(visitor, items);
        }
        ExprKind::Dict(items) => {
            for (key, value) in items {
                all(visitor, key);
                visitor.visit_expr(value);
            }
        }
        ExprKind::Starred(value) => visitor.visit_expr(value),
        ExprKind::Named { target: _, value } => visitor.visit_expr(value),
        ExprKind::Lambda { params, body } => {
            for param in &params.list {
                visitor.visit_param(param);
            }
            visitor.visit_expr(body);
        }
        ExprKind::Comprehension {
            kind: _,
            element,
            value,
            clauses,
        } => {
            visitor.visit_expr(element);
            if let Some(value) = value {
                visitor.visit_expr(value);
            }
            for clause in clauses {
                visitor.visit_expr(&clause.target);
                visitor.visit_expr(&clause.iter);
                all(visitor, &clause.ifs);
            }
        }
        ExprKind::Yield(value) => {
            if let Some(value) = value {
                visitor.visit_expr(value);
            }
        }
        ExprKind::YieldFrom(value) | ExprKind::Await(value) => visitor.visit_expr(value),
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Ellipsis
        | ExprKind::Name(_)
        | ExprKind::Unsupported(_) => {}
    }
}

/// The direct parts of an expression, as they stand in the source.
pub fn children(expr: &Expr) -> Vec<&Expr> {
    struct Children<'p>(Vec<&'p Expr>);
    impl<'ast> Visitor<'ast> for Children<'ast> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0.push(expr);
        }
    }
    let mut children = Children(Vec::new());
    walk_expr(&mut children, expr);
    children.0
}

/// Visits the expressions in the parts of an f-string.
pub fn walk_fstring<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, parts: &'ast [FStringPart]) {
    for part in parts {
        match part {
            FStringPart::Literal(_) => {}
            FStringPart::Value {
                value,
                conversion: _,
                spec,
            } => {
                visitor.visit_expr(value);
                walk_fstring(visitor, spec);
            }
        }
    }
}

/// Visits the children of a pattern.
pub fn walk_pattern<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, pattern: &'ast Pattern) {
    match &pattern.kind {
        PatternKind::Value(value) | PatternKind::Singleton(value) => visitor.visit_expr(value),
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            for pattern in patterns {
                visitor.visit_pattern(pattern);
            }
        }
        PatternKind::Mapping { items, rest: _ } => {
            for (key, pattern) in items {
                visitor.visit_expr(key);
                visitor.visit_pattern(pattern);
            }
        }
        PatternKind::Class {
            class,
            positional,
            keywords,
        } => {
            visitor.visit_expr(class);
            for pattern in positional.iter().chain(keywords.iter().map(|(_, p)| p)) {
                visitor.visit_pattern(pattern);
            }
        }
        PatternKind::As { pattern, name: _ } => {
            if let Some(pattern) = pattern {
                visitor.visit_pattern(pattern);
            }
        }
        PatternKind::Star(_) => {}
    }
}

/// Visits the annotation and the default of a parameter.
pub fn walk_param<'ast, V: Visitor<'ast> + ?Sized>(visitor: &mut V, param: &'ast Param) {
    all(visitor, &param.annotation);
    all(visitor, &param.default);
}

fn all<'ast, V: Visitor<'ast> + ?Sized>(
    visitor: &mut V,
    exprs: impl IntoIterator<Item = &'ast Expr>,
) {
    for expr in exprs {
        visitor.visit_expr(expr);
    }
}
