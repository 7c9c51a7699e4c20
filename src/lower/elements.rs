//! Elements that are changed: by index, and by the loop that runs over them.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr as PyExpr, ExprKind};
use crate::infer::Path;
use crate::infer::scope::plain_name;
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::{ListKind, Ty};
use crate::value::{Val, int_type_range};

/// What is done at the place of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lower) enum Change {
    /// It is read, lent, or changed where it lies.
    InPlace,
    /// As [`Change::InPlace`], by a value that may be computed before the place is borrowed.
    Late,
    /// A value is assigned to it, which may be computed before the place is borrowed.
    Assigned,
    /// A value is assigned to it once the place is found.
    AssignedInPlace,
}

impl Change {
    /// Python's error where there is no such element in a list or tuple.
    pub(in crate::lower) fn index_error(self, of: &Ty) -> &'static str {
        let reads = matches!(self, Change::InPlace | Change::Late);
        match self {
            _ if let Some(kind) = of.octets_kind() => match kind {
                ListKind::Bytes => "IndexError: index out of range",
                ListKind::Octets if reads => "IndexError (of bytes or a bytearray)",
                _ => "IndexError: bytearray index out of range",
            },
            Change::InPlace | Change::Late if of.is_tuple() => {
                "IndexError: tuple index out of range"
            }
            Change::InPlace | Change::Late => "IndexError: list index out of range",
            Change::Assigned | Change::AssignedInPlace => {
                "IndexError: list assignment index out of range"
            }
        }
    }
}

/// How a call changes what it is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lower) enum Changed {
    /// It does not.
    Not,
    /// It is borrowed once the arguments are computed.
    Later,
    /// It is borrowed before they are.
    AtOnce,
}

impl<'a> FnLower<'_, 'a> {
    /// Computes arguments beforehand that use what an earlier one, or the receiver, borrows
    /// to change, or that change what an earlier one borrows; `lends` says which are references.
    pub(super) fn untangle(
        &mut self,
        e: &PyExpr,
        receiver: Option<&Expr>,
        (changed, lends): (Changed, &[bool]),
        args: &mut [Expr],
    ) -> Result<(), Expr> {
        let looked_up = receiver.and_then(lent_for);
        // An element of a list is borrowed before the arguments are computed, as is what a
        // call looks up.
        let element = match changed {
            Changed::Not => false,
            Changed::Later => receiver.is_some_and(is_element) || looked_up.is_some(),
            Changed::AtOnce => true,
        };
        let own = receiver.and_then(root_of).or(looked_up);
        let changed = changed != Changed::Not;
        // What a call gives is lent as well, but there is nothing to lend before the call.
        let lent: Vec<bool> = args
            .iter()
            .map(|arg| match arg {
                Expr::Ref(inner) => {
                    !matches!(**inner, Expr::Try(_) | Expr::Call(..) | Expr::Method(..))
                        || !self.calls_own(inner)
                }
                arg => matches!(arg, Expr::RefMut(_)),
            })
            .collect();
        let lent = |i: usize| lent.get(i) == Some(&true);
        let tangled: Option<usize> = args.iter().enumerate().rposition(|(i, arg)| {
            let by_receiver = own
                .as_ref()
                .is_some_and(|r| self.changes(arg, r, changed) || element && names(arg, r));
            let before = args.get(..i).unwrap_or(&[]);
            let lends = lends.iter().copied().chain(std::iter::repeat(false));
            let by_argument = before.iter().zip(lends).any(|(other, lends)| match other {
                Expr::RefMut(place) => root_of(place).is_some_and(|r| names(arg, &r)),
                Expr::Ref(place) => root_of(place).is_some_and(|r| self.changes(arg, &r, false)),
                // A reference already.
                Expr::Atom(name) => lends && self.calls_own(arg) && hands_on(arg, name),
                // What is there of an object that may be None.
                Expr::Try(_) => {
                    self.calls_own(arg) && lent_for(other).is_some_and(|r| names(arg, &r))
                }
                _ => false,
            });
            !lent(i) && (by_receiver || by_argument)
        });
        let Some(last) = tangled else { return Ok(()) };
        if self.conditional > 0 {
            return Err(self.partly(e, "arguments that use what the call changes, in this place"));
        }
        for i in 0..=last {
            let (before, later) = args.split_at_mut(i + 1);
            let Some(arg) = before.last_mut() else {
                continue;
            };
            let later = later.get(..last - i).unwrap_or(&[]);
            let changed = |root: String| later.iter().any(|e| self.changes(e, &root, true));
            let acts = arg.can_fail()
                || self.calls_own(arg)
                || !arg.is_simple()
                || lends.get(i) != Some(&true) && root_of(arg).is_some_and(changed);
            // What is lent is lent to the call.
            let of_option = lends.get(i) == Some(&true) && lent_for(arg).is_some();
            if !lent(i) && acts && !of_option {
                let fact = crate::value::Fact::unknown();
                let held = match arg {
                    Expr::Ref(inner) => &mut **inner,
                    plain => plain,
                };
                let val = Val::new(held.clone(), RTy::Never, &fact);
                *held = self.hoist(val, "value", e.span).expr;
            }
        }
        Ok(())
    }

    /// Whether evaluating an expression changes what a variable holds; `at_all`: or calls a
    /// method of it.
    pub(super) fn changes(&self, e: &Expr, root: &str, at_all: bool) -> bool {
        const CHANGING: [&str; 8] = [
            "pop",
            "pop_front",
            "pop_back",
            "remove",
            "push",
            "insert",
            "take",
            "drain",
        ];
        let here = match e {
            Expr::RefMut(place) => root_of(place).is_some_and(|r| overlap(&r, root)),
            // What is lent already is handed on by its name.
            Expr::Call(_, args)
                if args
                    .iter()
                    .any(|arg| matches!(arg, Expr::Atom(name) if name == root)) =>
            {
                self.calls_to_change(e)
            }
            Expr::Method(receiver, name, _) => {
                root_of(receiver).is_some_and(|r| overlap(&r, root))
                    && (CHANGING.contains(&name.as_str())
                        || (at_all && self.calls_own(e))
                        || self.may_change(name))
            }
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
        here || exprs.into_iter().any(|c| self.changes(c, root, at_all))
            || blocks.into_iter().any(|b| {
                b.value
                    .as_ref()
                    .is_some_and(|v| self.changes(v, root, at_all))
            })
    }

    /// Whether a method of the file with that Rust name may change what it is called on.
    fn may_change(&self, name: &str) -> bool {
        let functions = &self.lw.input.model.functions;
        let mut methods = self.lw.function_names.methods(name).iter();
        methods.any(|id| functions.get(id.0).is_some_and(|f| f.mutated.contains(&0)))
    }

    /// What a container that changes gets of itself: a copy, made before.
    pub(super) fn of_itself(&mut self, e: &PyExpr, own: &Expr, val: Val) -> Result<Val, Expr> {
        let root = root_of(own).or_else(|| lent_for(own));
        let Some(root) = root else { return Ok(val) };
        let lent = root_of_part(&val.expr).and_then(|name| {
            let mut before = self.out.iter().rev();
            before.find_map(|stmt| match &stmt.kind {
                crate::ir::StmtKind::Let {
                    name: own, init, ..
                } if *own == name => init.as_ref(),
                _ => None,
            })
        });
        if !names(&val.expr, &root) && !lent.is_some_and(|init| names(init, &root)) {
            return Ok(val);
        }
        let chain = super::lazy::is_chain(&val.expr);
        let sliced = matches!(&val.expr, Expr::Ref(part) if part.is_part()) || val.expr.is_part();
        // A list that is made for this alone is not made where it is looked at as it lies.
        let made = matches!(&val.expr, Expr::Method(_, name, _)
            if name == "to_vec" || name.starts_with("collect"));
        if !val.rty.is_ref() && !chain && !sliced && !made {
            return Ok(val);
        }
        if self.conditional > 0 {
            return Err(self.partly(e, "a part of what is changed, in this place,"));
        }
        let copy = match &val.expr {
            _ if made => val,
            _ if chain => return Ok(val),
            _ if sliced => {
                let elem = val.element().cloned().ok_or_else(|| self.hole(e))?;
                let part = match val.expr {
                    Expr::Ref(part) => *part,
                    part => part,
                };
                Val {
                    expr: part.method("to_vec", vec![]),
                    rty: RTy::Vec(Box::new(elem)),
                    ..val
                }
            }
            _ => self.given(val),
        };
        Ok(self.hoist(copy, "values", e.span))
    }

    /// A value that a container is to own: moved where nobody reads it again, else copied.
    pub(super) fn given(&self, val: Val) -> Val {
        let owned = match &val.rty {
            RTy::Ref(inner) | RTy::RefMut(inner) => match &**inner {
                RTy::Slice(elem) => RTy::Vec(elem.clone()),
                RTy::Msg(_) | RTy::Context | RTy::Unit => return val,
                other => other.clone(),
            },
            other => other.clone(),
        };
        if self.lw.is_copy(&owned) || !(val.rty.is_ref() || val.expr.is_place()) {
            return val;
        }
        if !val.rty.is_ref() && self.moves(&val) {
            return val;
        }
        let method = match &val.rty {
            RTy::Str => return val,
            // Entries in order are a list, and are lent as one.
            RTy::Ref(inner)
                if matches!(**inner, RTy::Slice(_) | RTy::Map { ordered: true, .. }) =>
            {
                "to_vec"
            }
            _ => "clone",
        };
        Val {
            expr: val.expr.method(method, vec![]),
            rty: owned,
            ..val
        }
    }

    /// The place of `base[index]`, to be written; indices are found before it is borrowed.
    pub(super) fn list_item_place(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        at: Span,
    ) -> Result<(Expr, RTy), Expr> {
        self.item_to_write(base, index, at, Change::InPlace)
    }

    /// As [`Self::list_item_place`], and what is done at the place.
    pub(super) fn item_to_write(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        at: Span,
        change: Change,
    ) -> Result<(Expr, RTy), Expr> {
        let assigned = matches!(change, Change::Assigned | Change::Late);
        let start = (self.out.len(), self.bounds.len());
        let path = self.path_of(base);
        if path.as_ref().is_some_and(|path| self.is_input_path(path)) {
            return Err(self.changed_input(base));
        }
        let place = path.and_then(|path| self.place_to_change(base, &path));
        let counted = |this: &Self, index: &PyExpr| {
            let fact = this.fact(index.id);
            fact.ty == Ty::Int && fact.range.int().lo.is_some_and(|lo| lo >= 0)
        };
        let rows = assigned && place.is_none() && counted(self, index);
        let mut lent = false;
        let (list, list_ty) = match place {
            Some(place) => place,
            // `rows[i][j] = v`
            None if rows
                && let ExprKind::Subscript {
                    value: outer,
                    index: row,
                } = &base.kind
                && counted(self, row)
                && matches!(self.fact(outer.id).ty, Ty::List { .. }) =>
            {
                let (place, ty) = self.item_to_write(outer, row, at, Change::Late)?;
                match place {
                    Expr::Deref(slot) => {
                        lent = true;
                        (*slot, ty)
                    }
                    place => (place, ty),
                }
            }
            None if matches!(
                base.kind,
                ExprKind::Subscript { .. } | ExprKind::Attribute { .. }
            ) =>
            {
                self.place(base, true)?
            }
            None => return Err(self.partly(base, "writing to an item of this")),
        };
        let list = if lent || list.is_place() {
            list
        } else {
            let held = Val::new(list, list_ty.clone(), &self.fact(base.id));
            self.hoist(held, "row", at).expr
        };
        let list = Val::new(list, list_ty, &self.fact(base.id));
        if let Some(place) = self.item_within(&list, base, index, true) {
            return Ok(place);
        }
        let i = self.expr(index)?;
        let i = self.decayed(i);
        let grows = matches!(list.rty.peel(), RTy::Vec(_));
        if let (true, RTy::Vec(elem)) = (assigned && counted(self, index), list.rty.peel())
            && let Some(i) = i.to_int(IntTy::Usize)
            && !i.can_fail()
        {
            // A list is borrowed before its index is computed.
            let i = match root_of(&list.expr).is_some_and(|root| names(&i, &root)) {
                true if self.conditional > 0 => {
                    return Err(self.partly(index, "an index that looks at its list, here,"));
                }
                true => {
                    let found = Val::int(i, IntTy::Usize, int_type_range(IntTy::Usize));
                    self.hoist(found, "at", at).expr
                }
                false => i,
            };
            let error = self.error(change.index_error(&list.ty));
            let slot = list.expr.clone().method("get_mut", vec![i]).ok_or(&error);
            return Ok((Expr::Deref(Box::new(slot)), (**elem).clone()));
        }
        // `rows.get_mut(i)?[j]`
        if lent
            && matches!(list.rty, RTy::Array(..))
            && let Some((Expr::Index(slot, j), elem)) = self.item(list.clone(), i.clone(), change)
            && !j.can_fail()
        {
            return Ok((Expr::Index(slot, j), elem));
        }
        if lent {
            // The row is named by its place: what is assigned may look at the other rows.
            self.out.truncate(start.0);
            self.bounds.truncate(start.1);
            let change = match change {
                Change::Assigned => Change::AssignedInPlace,
                change => change,
            };
            return self.item_to_write(base, index, at, change);
        }
        match self.item(list, i, change) {
            Some((Expr::Index(list, index), elem)) if grows && index.can_fail() => {
                let found = Val::int(*index, IntTy::Usize, int_type_range(IntTy::Usize));
                let index = self.hoist(found, "at", at).expr;
                Ok((Expr::Index(list, Box::new(index)), elem))
            }
            Some(place) => Ok(place),
            None => Err(self.partly(base, "writing to an item of this")),
        }
    }

    /// The place of an element of a list or dict, where an expression is one, to change it.
    pub(super) fn element_to_change(&mut self, e: &'a PyExpr) -> Result<Option<(Expr, RTy)>, Expr> {
        let ExprKind::Subscript { value, index } = &e.kind else {
            return Ok(None);
        };
        let is_dict = matches!(self.fact(value.id).ty, Ty::Dict { .. });
        if is_dict && !self.is_table(value) {
            return self.item_place(value, index, true).map(Some);
        }
        let is_list = matches!(self.fact(value.id).ty, Ty::List { .. });
        if !is_list || matches!(index.kind, ExprKind::Slice { .. }) {
            return Ok(None);
        }
        // A name of a position is there already: nothing goes before this place.
        let is_there = index.is_path()
            && matches!(value.kind, ExprKind::Name(_))
            && self.fact(index.id).ty == Ty::Position;
        if self.conditional > 0 && !is_there {
            return Err(self.partly(e, "changing an element in this place"));
        }
        self.list_item_place(value, index, e.span).map(Some)
    }

    /// What a loop runs over, as `iter_mut` where its body changes the elements.
    pub(super) fn changed_items(
        &mut self,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: &'a Block,
        items: Items,
    ) -> Result<Items, Expr> {
        if !self.is_touched(target, body) {
            return Ok(items);
        }
        // What comes is the loop's own.
        if let (Form::Array(_), Shape::One { rty, .. }) = (&items.form, &items.shape)
            && !rty.is_ref()
            && matches!(target.kind, ExprKind::Name(_))
        {
            return Ok(items);
        }
        let refuse = |this: &mut Self| {
            this.lw.looped.insert(iter.id);
            Err(this.partly(
                iter,
                "a loop that changes the elements of what it runs over, in this form",
            ))
        };
        let (Form::Place(..), Shape::One { rty, fact, .. }, ExprKind::Name(_)) =
            (&items.form, &items.shape, &target.kind)
        else {
            return refuse(self);
        };
        let Some(path) = self.path_of(iter) else {
            return refuse(self);
        };
        let root = Path::root(path.root.clone());
        let reads = if path.segs.is_empty() { &root } else { &path };
        if mentions(self, body, reads) {
            return refuse(self);
        }
        let Some((place, list)) = self.place_to_change(iter, &path) else {
            return refuse(self);
        };
        let elem = rty.peel().clone();
        let form = self.form_to_change(&path, place, &list);
        Ok(Items {
            form,
            shape: Shape::One {
                rty: RTy::RefMut(Box::new(elem)),
                fact: fact.clone(),
                by_ref: false,
            },
        })
    }

    /// Whether a loop's body changes in place what its target names.
    pub(super) fn is_touched(&self, target: &'a PyExpr, body: &'a Block) -> bool {
        let mut changed = Vec::new();
        super::narrow::changed_paths(self, body, &mut changed);
        let mut names = Names(Vec::new());
        names.visit_expr(target);
        let shared = |e: &&&PyExpr| self.fact(e.id).ty.is_shared();
        names.0.iter().filter(shared).any(|name| {
            let version = self.scope.names.get(&name.id);
            changed
                .iter()
                .any(|path| version.is_some_and(|v| path.root == *v || plain_name(v) == path.root))
                && self.is_part_changed(name)
        })
    }

    /// Whether the element of a comprehension changes in place what its target names.
    pub(super) fn is_clause_touched(&self, target: &'a PyExpr) -> bool {
        let mut names = Names(Vec::new());
        names.visit_expr(target);
        let shared = |e: &&&PyExpr| self.fact(e.id).ty.is_shared();
        let mut names = names.0.iter().filter(shared);
        names.any(|name| self.is_part_changed(name))
    }

    /// Whether a variable is changed in place, not only bound.
    fn is_part_changed(&self, name: &PyExpr) -> bool {
        let version = self.scope.names.get(&name.id);
        version.is_some_and(|version| self.is_var_changed(version))
    }

    /// Whether what a variable holds a part of is changed through it.
    pub(super) fn is_var_changed(&self, version: &str) -> bool {
        struct Changes<'f, 'l, 'a>(&'f FnLower<'l, 'a>, Option<&'f String>, bool);
        impl Changes<'_, '_, '_> {
            fn is_it(&self, e: &PyExpr) -> bool {
                let path = self.0.holder_of(e);
                path.is_some_and(|p| Some(&p.root) == self.1)
            }
            fn target(&mut self, e: &PyExpr) {
                match &e.kind {
                    ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                        self.2 |= self.is_it(value);
                    }
                    ExprKind::Tuple(items) | ExprKind::List(items) => {
                        items.iter().for_each(|i| self.target(i));
                    }
                    _ => {}
                }
            }
        }
        impl<'ast> Visitor<'ast> for Changes<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                use crate::ast::StmtKind as K;
                match &stmt.kind {
                    K::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
                    K::AugAssign { target, .. } => {
                        self.target(target);
                        self.2 |= self.is_it(target);
                    }
                    K::AnnAssign { target, .. } | K::For { target, .. } => self.target(target),
                    _ => {}
                }
                visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if let ExprKind::Call {
                    func,
                    args,
                    keywords,
                } = &e.kind
                {
                    let callee = self.0.model.calls.get(&e.id);
                    let callee = callee.and_then(|id| self.0.lw.input.model.functions.get(id.0));
                    let receiver = match &func.kind {
                        ExprKind::Attribute { value, attr } => Some((value, attr)),
                        _ => None,
                    };
                    match (callee, receiver) {
                        (Some(callee), _) => {
                            let mut changed = self
                                .0
                                .changed_in_call(callee, func, args, keywords)
                                .into_iter();
                            self.2 |= changed.any(|e| self.is_it(e));
                        }
                        (None, Some((value, attr))) => {
                            let class =
                                crate::catalog::class_of(&self.0.fact(value.id).ty.narrowed());
                            let mutates = class.is_some_and(|class| {
                                crate::catalog::mutates(&format!("{class}.{}", attr.name))
                            });
                            self.2 |= mutates && self.is_it(value);
                        }
                        (None, None) => {}
                    }
                }
                visit::walk_expr(self, e);
            }
        }
        let version = version.to_string();
        let mut changes = Changes(self, Some(&version), false);
        changes.visit_block(&self.function.body);
        changes.2
    }
}

/// The variable that a place lies in; of the instance the attribute.
pub(super) fn root_of(e: &Expr) -> Option<String> {
    match e {
        Expr::Atom(name) => Some(name.clone()),
        Expr::Field(base, field) => match root_of(base)? {
            root if root == "self" => Some(format!("self.{field}")),
            root => Some(root),
        },
        Expr::Index(base, _) => root_of(base),
        Expr::RefMut(inner) | Expr::Deref(inner) | Expr::Ref(inner) => root_of(inner),
        _ => None,
    }
}

/// The root of a list of which an expression is a part, or the copy of one.
fn root_of_part(e: &Expr) -> Option<String> {
    match e {
        Expr::Method(part, name, _) if name == "to_vec" => root_of(part),
        other => root_of(other),
    }
}

/// The root of what a call borrows to give a part of it: of `lookup_mut(&mut d, k)?`.
fn lent_for(e: &Expr) -> Option<String> {
    match e {
        Expr::Try(inner) | Expr::Deref(inner) | Expr::Field(inner, _) => lent_for(inner),
        Expr::Method(inner, name, _) if name == "ok_or" => lent_for(inner),
        Expr::Method(inner, name, _) if name == "get_mut" || name == "as_mut" => root_of(inner),
        Expr::Call(_, args) => args.iter().find_map(|arg| match arg {
            Expr::RefMut(place) => root_of(place),
            _ => None,
        }),
        _ => None,
    }
}

/// Whether a place lies in an element of a list.
fn is_element(e: &Expr) -> bool {
    match e {
        Expr::Index(..) => true,
        Expr::Field(base, _) => is_element(base),
        Expr::RefMut(inner) | Expr::Deref(inner) | Expr::Ref(inner) => is_element(inner),
        _ => false,
    }
}

/// Whether two roots may share something.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let within = |whole: &str, part: &str| whole == "self" && part.starts_with("self.");
    a == b || within(a, b) || within(b, a)
}

/// Whether an expression gives a variable itself to a call.
fn hands_on(e: &Expr, name: &str) -> bool {
    let own = |args: &[Expr]| args.iter().any(|arg| *arg == Expr::atom(name));
    let here = match e {
        Expr::Call(_, args) | Expr::Method(_, _, args) => own(args),
        _ => false,
    };
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    let mut values = blocks.into_iter().filter_map(|block| block.value.as_ref());
    here || exprs.into_iter().any(|c| hands_on(c, name)) || values.any(|v| hands_on(v, name))
}

/// Whether an expression names what lies at a root.
pub(super) fn names(e: &Expr, root: &str) -> bool {
    if let (Expr::Atom(_) | Expr::Field(..), Some(own)) = (e, root_of(e)) {
        return overlap(&own, root);
    }
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    exprs.into_iter().any(|c| names(c, root))
        || blocks
            .into_iter()
            .any(|b| b.value.as_ref().is_some_and(|v| names(v, root)))
}

impl FnLower<'_, '_> {
    /// Whether an expression reads what lies at a path, a part of it, or what it is a part of.
    pub(super) fn reads_path(&self, e: &PyExpr, path: &Path) -> bool {
        let own = self.path_of(e);
        own.is_some_and(|own| own.starts_with(path) || path.starts_with(&own))
            || visit::children(e)
                .into_iter()
                .any(|part| self.reads_path(part, path))
    }
}

/// Whether a block reads or writes what lies at a path, or something that it is a part of.
pub(super) fn mentions(this: &FnLower<'_, '_>, body: &Block, path: &Path) -> bool {
    struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, bool);
    impl<'ast> Visitor<'ast> for Find<'_, '_, '_> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            if let Some(found) = self.0.path_of(e) {
                self.2 |= found.starts_with(self.1);
            }
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
                && !self.1.segs.is_empty()
            {
                // A method of the owner may look at the list, and who is given the owner.
                let receiver = match &func.kind {
                    ExprKind::Attribute { value, .. } => Some(&**value),
                    _ => None,
                };
                let given = args.iter().chain(keywords.iter().map(|k| &k.value));
                let mut all = receiver.into_iter().chain(given);
                let path = self.1;
                self.2 |= all.any(|of| {
                    let found = self.0.path_of(of);
                    found.is_some_and(|found| path.starts_with(&found))
                });
            }
            visit::walk_expr(self, e);
        }
    }
    let mut find = Find(this, path, false);
    find.visit_block(body);
    find.2
}

/// The names within a target.
struct Names<'e>(Vec<&'e PyExpr>);

impl<'ast> Visitor<'ast> for Names<'ast> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if matches!(e.kind, ExprKind::Name(_)) {
            self.0.push(e);
        }
        visit::walk_expr(self, e);
    }
}
