//! Conditions that tell what is not None, as `if let` and `let … else`.

use super::function::{Bound, FnLower};
use crate::ast::MethodKind;
use crate::ast::{
    self, BoolOp, CompareOp, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind, UnaryOp,
};
use crate::infer::Path;
use crate::infer::class_info::Mixin;
use crate::ir::{Expr, RTy};
use crate::ty::{Missing, Ty};

/// `P is None`, or `P is not None`.
#[derive(Debug, Clone)]
pub(super) struct NoneTest<'a> {
    pub(super) operand: &'a PyExpr,
    pub(super) path: Path,
    pub(super) is_none: bool,
    /// What holds the value where there is one: `Some`, or a variant with one field.
    pub(super) holder: &'static str,
}

/// The operands of a chain of one operator; a single expression is a chain of one.
pub(super) fn operands(e: &PyExpr, op: BoolOp) -> Vec<&PyExpr> {
    match &e.kind {
        ExprKind::Logical { op: own, values } if *own == op => {
            values.iter().flat_map(|v| operands(v, op)).collect()
        }
        _ => vec![e],
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The test for None that an expression is.
    pub(super) fn none_test(&self, e: &'a PyExpr) -> Option<NoneTest<'a>> {
        let test = |operand: &'a PyExpr, is_none: bool| {
            // What a property gives, it may not give again.
            if self.model.calls.contains_key(&operand.id) {
                return None;
            }
            let path = self.path_of(operand)?;
            matches!(self.fact(operand.id).ty, Ty::Option(_)).then_some(NoneTest {
                operand,
                path,
                is_none,
                holder: "Some",
            })
        };
        match &e.kind {
            ExprKind::Compare { left, ops, rest }
                if let Some((tov, form, positive)) = self.tov_test(left, ops, rest) =>
            {
                (form == "Time").then_some(NoneTest {
                    operand: tov,
                    path: self.path_of(tov)?.attr(super::tov::FIELD),
                    is_none: !positive,
                    holder: super::tov::TIME,
                })
            }
            ExprKind::Compare { left, ops, rest } => {
                let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return None;
                };
                let operand: &'a PyExpr = match (&left.kind, &right.kind) {
                    (_, ExprKind::None) => left,
                    (ExprKind::None, _) => right,
                    _ => return None,
                };
                match op {
                    CompareOp::Is | CompareOp::Eq => test(operand, true),
                    CompareOp::IsNot | CompareOp::NotEq => test(operand, false),
                    CompareOp::Lt
                    | CompareOp::LtE
                    | CompareOp::Gt
                    | CompareOp::GtE
                    | CompareOp::In
                    | CompareOp::NotIn => None,
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                let inner = self.none_test(operand)?;
                Some(NoneTest {
                    is_none: !inner.is_none,
                    ..inner
                })
            }
            // `isinstance(x, float)` of a float or None.
            ExprKind::Call { .. } if self.is_present(e) => {
                test(crate::infer::type_tests::type_test(e)?.value, false)
            }
            // What is true unless it is None.
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match &self.fact(e.id).ty {
                Ty::Option(inner) if self.is_always_true(inner) => test(e, false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether every value of a type is true: a message's payload, a tuple of something, a
    /// member of a plain enum, an instance whose class does not say otherwise.
    pub(super) fn is_always_true(&self, ty: &Ty) -> bool {
        let functions = &self.lw.functions;
        match ty {
            Ty::Struct(_) | Ty::Tagged(_) => true,
            Ty::Tuple(items) => !items.is_empty(),
            Ty::Member(class) | Ty::Instance(class) => {
                let plain = |c: &crate::infer::Class| c.mixin == Mixin::None;
                self.lw.input.model.classes.get(class).is_some_and(plain)
                    && !functions.contains_key(&format!("{class}.__bool__"))
                    && !functions.contains_key(&format!("{class}.__len__"))
            }
            _ => false,
        }
    }

    /// The `Option` at a tested path, and the type of what a pattern `Some(x)` binds.
    pub(super) fn option_at(&mut self, test: &NoneTest<'a>) -> Option<(Expr, RTy)> {
        if test.holder == super::tov::TIME {
            let tov = self.expr(test.operand).ok()?;
            return Some((tov.expr, RTy::CuTime));
        }
        let (expr, rty) = match self.shadows.read(test.operand.id) {
            Some(shadow) => {
                let ty = self.shadow_type(&shadow);
                (Expr::atom(shadow.name), ty)
            }
            None => self.path_place(&test.path, false)?,
        };
        let inner = match rty {
            RTy::Option(inner) => *inner,
            // An item that is only looked at.
            RTy::Ref(option) => match *option {
                RTy::Option(inner) => return Some((expr, RTy::Ref(inner))),
                _ => return None,
            },
            _ => return None,
        };
        if inner.is_ref() || self.lw.is_copy(&inner) {
            return Some((expr, inner));
        }
        Some((Expr::Ref(Box::new(expr)), RTy::Ref(Box::new(inner))))
    }

    /// The same for statements that follow: a `&mut` where they change what a variable holds.
    /// What they change elsewhere is looked up where it is used.
    pub(super) fn option_for(
        &mut self,
        test: &NoneTest<'a>,
        following: &'a [PyStmt],
    ) -> Option<(Expr, RTy)> {
        if !self.changes_what_lies_at(&test.path, following) {
            // A copy would not show what is changed before another is put there.
            if self.copies_an_object(&test.path) && self.is_changed_at(&test.path, following) {
                return None;
            }
            if self.is_used_up(&test.path, following)
                && let Some((expr, RTy::Option(inner))) = self.path_place(&test.path, false)
                && !inner.is_ref()
                && !self.lw.is_copy(&inner)
            {
                self.handed_on.insert(self.var_name(&test.path.root));
                return Some((expr, *inner));
            }
            return self.option_at(test);
        }
        if !self.can_be_lent(&test.path, following) {
            return None;
        }
        match self.path_place(&test.path, true)? {
            (place, RTy::Option(inner)) if self.is_one_object(&inner) => {
                Some((Expr::RefMut(Box::new(place)), RTy::RefMut(inner)))
            }
            _ => self.option_at(test),
        }
    }

    /// The same for an expression that changes what a variable holds; nothing where it does not.
    pub(super) fn lent_to_value(
        &mut self,
        test: &NoneTest<'a>,
        value: &'a PyExpr,
    ) -> Option<(Expr, RTy)> {
        let path = &test.path;
        if !path.segs.is_empty() || path.global_name().is_some() || self.is_self(&path.root) {
            return None;
        }
        if !self.changes_within_any(path, &[value]) {
            return None;
        }
        match self.path_place(path, true)? {
            (place, RTy::Option(inner)) if self.is_one_object(&inner) => {
                Some((Expr::RefMut(Box::new(place)), RTy::RefMut(inner)))
            }
            _ => None,
        }
    }

    /// Whether what lies at a path can be lent to the statements that change it: a variable, or
    /// an attribute of the object of the method, where the rest of it is only looked at.
    pub(super) fn can_be_lent(&self, path: &Path, stmts: &'a [PyStmt]) -> bool {
        match path.segs.as_slice() {
            [] => path.global_name().is_none() && !self.is_self(&path.root),
            [_] => self.is_self(&path.root) && !self.lends_itself(stmts),
            _ => false,
        }
    }

    /// Whether statements use the object of the method as a whole: call a method of it, or hand
    /// it on.
    fn lends_itself(&self, stmts: &'a [PyStmt]) -> bool {
        struct Whole<'f, 'l, 'a>(&'f FnLower<'l, 'a>, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Whole<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                let is_self =
                    |e: &PyExpr| matches!(&e.kind, ExprKind::Name(name) if self.0.is_self(name));
                match &e.kind {
                    ExprKind::Name(_) => self.1 |= is_self(e),
                    ExprKind::Attribute { value, .. } if is_self(value) => {
                        self.1 |= self.0.model.calls.contains_key(&e.id);
                    }
                    ExprKind::Call { func, .. } => {
                        let own = matches!(&func.kind, ExprKind::Attribute { value, .. } if is_self(value));
                        self.1 |= own;
                        ast::visit::walk_expr(self, e);
                    }
                    _ => ast::visit::walk_expr(self, e),
                }
            }
        }
        let mut whole = Whole(self, false);
        for stmt in stmts {
            ast::visit::Visitor::visit_stmt(&mut whole, stmt);
        }
        whole.1
    }

    /// Whether a variable is only tested and then used once, in what follows: it may be moved.
    fn is_used_up(&self, path: &Path, following: &'a [PyStmt]) -> bool {
        let Some(info) = self.scope.vars.get(&path.root) else {
            return false;
        };
        let plain = path.segs.is_empty() && path.global_name().is_none();
        let once = info.bindings == 1 && info.reads == 2 && !info.is_param;
        let here = self.blocks.last() == Some(&info.home);
        let alone = self.model.vars.iter().all(|(version, var)| {
            let alias = var.alias.as_ref();
            alias.is_none_or(|p| p.root != path.root && *version != path.root)
        });
        let repeated = following.iter().any(|s| {
            matches!(s.kind, PyKind::For { .. } | PyKind::While { .. })
                || !crate::infer::scope::child_blocks(s).is_empty()
        });
        plain && once && here && alone && !repeated && !self.is_self(&path.root)
    }

    /// Whether statements change the object at a path, and do not put another in its place.
    pub(super) fn changes_what_lies_at(&self, path: &Path, stmts: &'a [PyStmt]) -> bool {
        let object =
            matches!(self.path_type(path), Some(RTy::Option(inner)) if self.is_one_object(&inner));
        object && !self.replaces(path, stmts) && self.is_changed_at(path, stmts)
    }

    fn is_changed_at(&self, path: &Path, stmts: &'a [PyStmt]) -> bool {
        let mut changed = Vec::new();
        for stmt in stmts {
            changed_by(self, stmt, &mut changed);
        }
        changed.iter().any(|p| p.starts_with(path))
    }

    /// Whether evaluating one of some expressions changes the object at a path.
    pub(super) fn changes_within_any(&self, path: &Path, exprs: &[&'a PyExpr]) -> bool {
        let changed = |e: &&'a PyExpr| changed_in(self, e).iter().any(|p| p.starts_with(path));
        exprs.iter().any(changed)
    }

    /// Whether what may be None at a path is an object that Rust would copy.
    fn copies_an_object(&self, path: &Path) -> bool {
        match self.path_type(path) {
            Some(RTy::Option(inner)) => self.is_one_object(&inner) && self.lw.is_copy(&inner),
            _ => false,
        }
    }

    /// Whether a copy of such a value would not show what is changed in it: an array is a list
    /// in Python and a struct an object, though Rust copies them.
    fn is_one_object(&self, rty: &RTy) -> bool {
        let copied = matches!(rty, RTy::Array(..) | RTy::Named(_));
        !rty.is_ref() && (copied || !self.lw.is_copy(rty))
    }

    /// Whether statements put another object at a path.
    pub(super) fn replaces(&self, path: &Path, stmts: &'a [PyStmt]) -> bool {
        self.replaces_from(path, stmts, 0)
    }

    /// The same for those that end after a place in the source.
    pub(super) fn replaces_from(&self, path: &Path, stmts: &'a [PyStmt], from: u32) -> bool {
        let mut replaced = Replaced {
            this: self,
            path,
            from,
            found: false,
        };
        for stmt in stmts {
            ast::visit::Visitor::visit_stmt(&mut replaced, stmt);
        }
        replaced.found
    }

    /// Names what lies at a path, for the rest of the scope.
    pub(super) fn bind_path(&mut self, path: &Path, name: &str, rty: RTy) {
        self.bounds.push(Bound {
            path: path.clone(),
            expr: Expr::atom(name),
            borrows: matches!(rty, RTy::RefMut(_)),
            rty,
        });
    }

    /// Whether what lies at `path` is read as not None anywhere in the statements.
    pub(super) fn reads_narrowed(&self, path: &Path, stmts: &'a [PyStmt]) -> bool {
        let mut find = Find {
            this: self,
            path,
            found: false,
        };
        for stmt in stmts {
            ast::visit::Visitor::visit_stmt(&mut find, stmt);
        }
        find.found
    }

    /// Whether what lies at `path` is read as not None in the expression.
    pub(super) fn reads_narrowed_in(&self, path: &Path, e: &'a PyExpr) -> bool {
        let mut find = Find {
            this: self,
            path,
            found: false,
        };
        ast::visit::Visitor::visit_expr(&mut find, e);
        find.found
    }

    /// Whether an output's payload is accessed again in the rest of this block, before the
    /// message is used in another way.
    pub(super) fn used_again(&self, path: &Path) -> bool {
        let Some(rest) = self.rest.last() else {
            return false;
        };
        let mut count = 0;
        for stmt in rest.iter() {
            let mut uses = Uses {
                this: self,
                path,
                below: 0,
                whole: false,
            };
            ast::visit::Visitor::visit_stmt(&mut uses, stmt);
            if uses.whole {
                break;
            }
            count += uses.below;
        }
        count > 0
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Refuses an assignment that makes two names for one object, if either is changed
    /// afterwards where the other could show it: the Rust copies.
    pub(super) fn aliased(
        &mut self,
        target: &PyExpr,
        value: &'a PyExpr,
        at: crate::source::Span,
    ) -> Option<Expr> {
        let ty = self.fact(value.id).ty.narrowed();
        if !matches!(ty, Ty::Struct(_) | Ty::List { .. }) {
            return None;
        }
        let (from, to) = (self.path_of(value)?, self.path_of(target)?);
        if from.segs.is_empty()
            && !self
                .function
                .params
                .list
                .iter()
                .any(|p| p.name.name == from.root)
        {
            // A list of our own: PyTask copies plain lists where they are assigned.
            if self.is_state_path(&to) || self.is_output_path(&to) {
                return None;
            }
        }
        let in_loop = self.blocks.iter().any(|b| b.is_loop);
        let after = if in_loop { 0 } else { at.end };
        let changed_after = |path: &Path| {
            let mut late = LateChanges {
                this: self,
                path,
                after,
                found: None,
            };
            ast::visit::Visitor::visit_block(&mut late, &self.function.body);
            late.found
        };
        let shows = |path: &Path, from: u32| {
            self.is_state_path(path)
                || self.is_output_path(path)
                || path.global_name().is_some()
                || self.mentioned_after(path, from)
        };
        let first = changed_after(&to).is_some_and(|start| shows(&from, start));
        let second = changed_after(&from).is_some_and(|start| shows(&to, start));
        if !first && !second {
            return None;
        }
        let problem = crate::infer::Problem::new(
            crate::diagnostic::Code::PartlyHandled,
            format!(
                "`{}` and `{}` are one object here, and it is changed afterwards",
                self.path_text(&to),
                self.path_text(&from)
            ),
        )
        .with_help("assign its fields one by one, or make the change before");
        let span = self.current_span();
        Some(Expr::Hole(self.lw.hole_text(span, &problem)))
    }
}

/// The first change at or below a path after a place in the source.
struct LateChanges<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    after: u32,
    found: Option<u32>,
}

impl LateChanges<'_, '_, '_> {
    fn look(&mut self, e: &PyExpr, whole: bool) {
        let below = self
            .this
            .path_of(e)
            .is_some_and(|p| p.starts_with(self.path) && (whole || p != *self.path));
        if below && e.span.start >= self.after && self.found.is_none() {
            self.found = Some(e.span.start);
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for LateChanges<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        match &stmt.kind {
            PyKind::Assign { targets, .. } => targets.iter().for_each(|t| match &t.kind {
                ExprKind::Subscript { value, .. } => self.look(value, true),
                _ => self.look(t, false),
            }),
            PyKind::AugAssign { target, .. } => match &target.kind {
                ExprKind::Subscript { value, .. } => self.look(value, true),
                _ => self.look(target, true),
            },
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Call { func, args, .. } = &e.kind {
            if self.this.model.calls.contains_key(&e.id) {
                args.iter().for_each(|a| self.look(a, true));
            }
            if let ExprKind::Attribute { value, attr } = &func.kind
                && crate::catalog::class_of(&self.this.fact(value.id).ty.narrowed())
                    .is_some_and(|c| crate::catalog::mutates(&format!("{c}.{}", attr.name)))
            {
                self.look(value, true);
            }
        }
        ast::visit::walk_expr(self, e);
    }
}

struct Find<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    found: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if self.this.path_of(e).as_ref() == Some(self.path)
            && !matches!(
                self.this.fact(e.id).ty,
                Ty::Option(_) | Ty::None | Ty::Unknown
            )
        {
            self.found = true;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Whether a path is bound to another object.
struct Replaced<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    from: u32,
    found: bool,
}

impl Replaced<'_, '_, '_> {
    fn target(&mut self, target: &PyExpr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.found |= self.this.path_of(target).as_ref() == Some(self.path),
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Replaced<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        if stmt.span.end <= self.from {
            return;
        }
        match &stmt.kind {
            PyKind::Assign { targets, .. } | PyKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            PyKind::AugAssign { target, .. }
            | PyKind::AnnAssign { target, .. }
            | PyKind::For { target, .. } => self.target(target),
            PyKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.target(t));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Named { target, .. } = &e.kind {
            self.found |= self.path.segs.is_empty()
                && crate::infer::scope::plain_name(&self.path.root) == target.name;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// How a statement uses an output's payload, and its message in other ways.
struct Uses<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    below: usize,
    whole: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        let Some(path) = self.this.path_of(e) else {
            return ast::visit::walk_expr(self, e);
        };
        if path.starts_with(self.path) && path != *self.path {
            self.below += 1;
        } else if path == *self.path {
            // The payload as a whole: replaced, or passed on.
            self.whole = true;
        } else if path.segs.len() == self.path.segs.len() && shares_message(&path, self.path) {
            self.whole = true;
        } else {
            ast::visit::walk_expr(self, e);
        }
    }
}

/// Whether `other` is another part of the message whose payload `payload` is: its `tov`.
fn shares_message(other: &Path, payload: &Path) -> bool {
    let message = |p: &Path| {
        Path::new(
            &p.root,
            p.segs
                .iter()
                .take(p.segs.len().saturating_sub(1))
                .cloned()
                .collect(),
        )
    };
    message(other) == message(payload)
}

impl<'a> FnLower<'_, 'a> {
    /// What a call of a function of the file changes: what it is called on, and arguments.
    pub(super) fn changed_in_call<'e>(
        &self,
        callee: &crate::infer::FnModel,
        func: &'e PyExpr,
        args: &'e [PyExpr],
        keywords: &'e [ast::Keyword],
    ) -> Vec<&'e PyExpr> {
        let changed = |i: &usize| callee.mutated.contains(i);
        let definition = self.lw.functions.get(&callee.python_name);
        let kind = definition.and_then(|f| f.method_kind().ok());
        let bound = callee.python_name.contains('.') && kind != Some(MethodKind::Static);
        let own = match &func.kind {
            // `x(…)` of an instance.
            _ if callee.python_name.ends_with(".__call__") => Some(func),
            ExprKind::Attribute { value, .. } if bound => Some(&**value),
            _ => None,
        };
        let own = own.filter(|_| changed(&0));
        let given = args.iter().zip(usize::from(bound)..);
        let given = given.filter(|(_, i)| changed(i)).map(|(arg, _)| arg);
        let position = |k: &&ast::Keyword| {
            let params = &definition?.params.list;
            let name = &k.name.as_ref()?.name;
            params.iter().position(|p| p.name.name == *name)
        };
        // What `**` spreads is not told apart.
        let named = keywords.iter().filter(|k| match position(k) {
            Some(i) => changed(&i),
            None => !callee.mutated.is_empty(),
        });
        let given = given.chain(named.map(|k| &k.value));
        let given = given.filter(|arg| self.fact(arg.id).ty.is_shared());
        own.into_iter().chain(given).collect()
    }
}

/// The paths that a block writes to, or passes on to be written to.
pub(super) fn changed_paths<'a>(
    this: &FnLower<'_, 'a>,
    block: &'a ast::Block,
    out: &mut Vec<Path>,
) {
    for stmt in &block.stmts {
        changed_by(this, stmt, out);
    }
}

/// The paths that a statement changes, or may change.
pub(super) fn changed_by<'a>(this: &FnLower<'_, 'a>, stmt: &'a PyStmt, out: &mut Vec<Path>) {
    let mut changes = Changes { this, out };
    ast::visit::Visitor::visit_stmt(&mut changes, stmt);
}

/// The paths that evaluating an expression changes, or may change.
pub(super) fn changed_in<'a>(this: &FnLower<'_, 'a>, e: &'a PyExpr) -> Vec<Path> {
    let mut out = Vec::new();
    let mut changes = Changes {
        this,
        out: &mut out,
    };
    ast::visit::Visitor::visit_expr(&mut changes, e);
    out
}

/// What is changed where it is walked through.
struct Changes<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    out: &'f mut Vec<Path>,
}

impl Changes<'_, '_, '_> {
    fn target(&mut self, target: &PyExpr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t))
            }
            ExprKind::Subscript { value, .. } => self.out.extend(self.this.root_path(value)),
            // What a variable stood for before stays as it is.
            ExprKind::Name(_) if let Some(version) = self.this.scope.names.get(&target.id) => {
                self.out.push(Path::root(version.clone()));
            }
            _ => self.out.extend(self.this.root_path(target)),
        }
    }

    /// A callee changes what it is given, a method its receiver, where they do.
    fn call(&mut self, e: &PyExpr, func: &PyExpr, args: &[PyExpr], keywords: &[ast::Keyword]) {
        let this = self.this;
        let receiver = match &func.kind {
            ExprKind::Attribute { value, .. } => Some(&**value),
            _ => None,
        };
        let callee = this.model.calls.get(&e.id);
        let callee = callee.and_then(|id| this.lw.input.model.functions.get(id.0));
        let shared = |arg: &&PyExpr| this.fact(arg.id).ty.is_shared();
        if let Some(callee) = callee {
            for changed in this.changed_in_call(callee, func, args, keywords) {
                self.out.extend(this.root_path(changed));
            }
            let globals = callee.globals_changed.iter();
            self.out.extend(globals.map(|name| Path::global(name)));
            return;
        }
        // What only asks what something is.
        if matches!(&func.kind, ExprKind::Name(name) if name == "isinstance" || name == "type") {
            return;
        }
        // A view of a dict, or an entry of it.
        if let (ExprKind::Attribute { attr, .. }, Some(receiver)) = (&func.kind, receiver)
            && matches!(
                this.fact(receiver.id).ty.narrowed(),
                crate::ty::Ty::Dict { .. }
            )
            && matches!(
                attr.name.as_str(),
                "get" | "keys" | "values" | "items" | "copy"
            )
        {
            return;
        }
        let known = |name: &str| crate::catalog::lookup(name).is_some();
        let full = match (&func.kind, receiver) {
            (ExprKind::Attribute { attr, .. }, Some(receiver)) => {
                match this.fact(receiver.id).ty.narrowed() {
                    crate::ty::Ty::Module(module) => Some(format!("{module}.{}", attr.name)),
                    ty => {
                        crate::catalog::class_of(&ty).map(|class| format!("{class}.{}", attr.name))
                    }
                }
            }
            (ExprKind::Name(name), _) => Some(name.clone()),
            _ => None,
        };
        if let Some(full) = full.filter(|full| known(full)) {
            if !crate::catalog::mutates(&full) {
                return;
            }
            if let (Some(receiver), true) = (receiver, full.starts_with('<')) {
                self.out.extend(this.root_path(receiver));
                return;
            }
        }
        for arg in args.iter().filter(shared) {
            self.out.extend(this.root_path(arg));
        }
        self.out.extend(receiver.and_then(|r| this.root_path(r)));
    }
}
impl<'ast> ast::visit::Visitor<'ast> for Changes<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        match &stmt.kind {
            PyKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            // A list grows where it is.
            PyKind::AugAssign { target, .. } => match &target.kind {
                ExprKind::Name(_) => self.out.extend(self.this.root_path(target)),
                _ => self.target(target),
            },
            PyKind::AnnAssign { target, .. } | PyKind::For { target, .. } => {
                self.target(target);
            }
            PyKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        {
            self.call(e, func, args, keywords);
        }
        // Reading an item of a `defaultdict` may put it in.
        if let ExprKind::Subscript { value, .. } = &e.kind
            && self.this.fact(value.id).ty.narrowed().missing() == Missing::Made
        {
            self.out.extend(self.this.root_path(value));
        }
        ast::visit::walk_expr(self, e);
    }
}
