//! Loops whose body changes what they run over: elements in place, items of a dict.
//!
//! Enters: the loop's target, what it runs over, and its body. Leaves: a run over `&mut`
//! elements, or over the keys as they were. This module must not know how a target is bound.

use super::{Form, Items, Part, Shape};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Clause, Expr as PyExpr, ExprKind, Stmt, StmtKind};
use crate::infer::Path;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Fact;

impl<'a> FnLower<'_, 'a> {
    /// The items of a `for` with this target and body.
    pub(in crate::lower) fn items_for(
        &mut self,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: &'a Block,
    ) -> Result<Items, Expr> {
        if self.lw.input.model.problems.contains_key(&iter.id) {
            return Err(self.hole(iter));
        }
        let targets = match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.as_slice(),
            _ => &[],
        };
        match (self.builtin_call(iter), targets) {
            (Some(("enumerate", [xs, rest @ ..], keywords)), [_, item]) => {
                let start = rest.first().or(keywords.first().map(|k| &k.value));
                let items = self.items_for(item, xs, body)?;
                return self.enumerated(iter, items, start);
            }
            (Some(("zip", lists, [])), targets)
                if lists.len() == targets.len() && !lists.is_empty() =>
            {
                let mut all = Vec::new();
                for (target, list) in targets.iter().zip(lists) {
                    all.push(self.in_turn(list, |this| this.items_for(target, list, body))?);
                }
                return self.zip_of(lists, all);
            }
            (Some(("reversed", [xs], [])), _) => {
                let items = self.items_for(target, xs, body)?;
                return Ok(Items {
                    form: Form::Iter(items.form.chain().method("rev", vec![])),
                    shape: items.shape,
                });
            }
            _ => {}
        }
        if let Some(items) = self.named_objects(target, iter, Some(body))? {
            return Ok(items);
        }
        if let Some(items) = self.changed_dict(target, iter, body)? {
            return Ok(items);
        }
        let items = self.items_of(iter, Some(body))?;
        self.changed_items(target, iter, body, items)
    }

    /// A place whose items are changed: by `&mut place`, unless it is a `&mut` already.
    pub(in crate::lower) fn form_to_change(&self, path: &Path, place: Expr, rty: &RTy) -> Form {
        if let RTy::ArrayVec(..) = rty.peel() {
            Form::Mut(place.field("0"))
        } else if matches!(rty, RTy::RefMut(_)) || self.is_lent_global(path) {
            Form::Iter(place.method("iter_mut", vec![]))
        } else {
            Form::Mut(place)
        }
    }

    /// The items of a comprehension's clause, as `&mut` where its element changes them.
    pub(in crate::lower) fn clause_items(&mut self, clause: &'a Clause) -> Result<Items, Expr> {
        self.clause_items_of(clause, &clause.target, &clause.iter)
    }

    /// The same for a part of a clause: for one of the lists of `zip()` and its target.
    fn clause_items_of(
        &mut self,
        clause: &'a Clause,
        target: &'a PyExpr,
        iter: &'a PyExpr,
    ) -> Result<Items, Expr> {
        if let Some(items) = self.named_objects(target, iter, None)? {
            return Ok(items);
        }
        if !self.is_clause_touched(target) {
            return self.items_of(iter, None);
        }
        let targets = match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.as_slice(),
            _ => &[],
        };
        match (self.builtin_call(iter), targets) {
            (Some(("enumerate", [xs, rest @ ..], keywords)), [_, item]) => {
                let start = rest.first().or(keywords.first().map(|k| &k.value));
                let items = self.clause_items_of(clause, item, xs)?;
                return self.enumerated(iter, items, start);
            }
            (Some(("zip", lists, [])), targets)
                if lists.len() == targets.len() && !lists.is_empty() =>
            {
                let mut all = Vec::new();
                for (target, list) in targets.iter().zip(lists) {
                    all.push(
                        self.in_turn(list, |this| this.clause_items_of(clause, target, list))?,
                    );
                }
                return self.zip_of(lists, all);
            }
            _ => {}
        }
        if let Some((dict, part @ (Part::Value | Part::Both))) = self.view_of(iter)
            && let Ty::Dict { key, value, .. } = self.fact(dict.id).ty.narrowed()
            && let Some(path) = self.path_of(dict).filter(|_| !self.is_table(dict))
            && let Some((_, rty)) = self.path_place(&path, false)
            && matches!(rty.peel(), RTy::Map { ordered: true, .. })
        {
            self.mentioned_once(clause, iter, &path)?;
            self.forget_path(&path);
            return self.entries_mut(iter, part, &path, (*key, *value));
        }
        let plain = matches!(target.kind, ExprKind::Name(_));
        let Some(path) = self.path_of(iter).filter(|_| plain) else {
            return Err(self.partly(iter, "a comprehension that changes the elements of this"));
        };
        self.mentioned_once(clause, iter, &path)?;
        let Some((place, rty)) = self.path_place(&path, true) else {
            return Err(self.hole(iter));
        };
        let (RTy::Vec(elem) | RTy::Array(elem, _) | RTy::ArrayVec(elem, _) | RTy::Deque(elem)) =
            rty.peel().clone()
        else {
            return Err(self.partly(iter, "a comprehension that changes the elements of this"));
        };
        self.forget_path(&path);
        let fact = Fact::of(self.fact(target.id).ty);
        let form = self.form_to_change(&path, place, &rty);
        Ok(Items {
            form,
            shape: Shape::One {
                rty: RTy::RefMut(elem),
                fact,
                by_ref: false,
            },
        })
    }

    /// Refuses a comprehension that changes the elements of what it mentions once more.
    fn mentioned_once(&mut self, clause: &Clause, iter: &PyExpr, path: &Path) -> Result<(), Expr> {
        let mut mentions = 0;
        let mut find = Around {
            this: self,
            path,
            target: clause.target.id,
            found: &mut mentions,
        };
        find.visit_block(&self.function.body);
        let mut own = Names(self, path, 0);
        own.visit_expr(iter);
        let own = own.2;
        if mentions > own {
            return Err(self.partly(
                iter,
                "a comprehension that changes the elements of a list and mentions the list",
            ));
        }
        Ok(())
    }

    /// The entries of a dict that the body changes; nothing where it does not.
    fn changed_dict(
        &mut self,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: &'a Block,
    ) -> Result<Option<Items>, Expr> {
        let (dict, part) = match self.view_of(iter) {
            Some(view) => view,
            None => (iter, Part::Key),
        };
        let Ty::Dict { key, value, .. } = self.fact(dict.id).ty.narrowed() else {
            return Ok(None);
        };
        let Some(path) = self.path_of(dict).filter(|_| !self.is_table(dict)) else {
            return Ok(None);
        };
        let mut changed = Vec::new();
        crate::lower::narrow::changed_paths(self, body, &mut changed);
        let within = changed
            .iter()
            .any(|c| c.starts_with(&path) || path.starts_with(c));
        let touched = part != Part::Key && self.is_touched(target, body);
        if !within && !touched {
            return Ok(None);
        }
        let Some((_, rty)) = self.path_place(&path, false) else {
            return Ok(None);
        };
        let RTy::Map {
            key: key_ty,
            value: value_ty,
            ordered: true,
        } = rty.peel().clone()
        else {
            return Ok(None);
        };
        if touched {
            return self.entries_to_change(iter, body, part, &path, (*key, *value));
        }
        let own = match (&target.kind, part) {
            (_, Part::Key) => Some(target),
            (ExprKind::Tuple(items), Part::Both) => items.first(),
            _ => None,
        };
        let Some(own) = own else { return Ok(None) };
        if !self.keeps_keys(own, part, &path, body) {
            return Ok(None);
        }
        let Some((entries, _)) = self.path_place(&path, false) else {
            return Ok(None);
        };
        let plain = |rty: &RTy| self.lw.is_copy(rty) || *rty == RTy::String;
        let (expr, rty, ty) = match part {
            Part::Key if self.lw.is_copy(&key_ty) => {
                let pattern = Expr::Closure("&(key, _)".into(), Box::new(Expr::atom("key")));
                let keys = entries
                    .method("iter", vec![])
                    .method("map", vec![pattern])
                    .method("collect::<Vec<_>>", vec![]);
                (keys, *key_ty, *key)
            }
            Part::Key if plain(&key_ty) => {
                let cloned = Expr::atom("key").method("clone", vec![]);
                let closure = Expr::Closure("(key, _)".into(), Box::new(cloned));
                let keys = entries
                    .method("iter", vec![])
                    .method("map", vec![closure])
                    .method("collect::<Vec<_>>", vec![]);
                (keys, *key_ty, *key)
            }
            Part::Both if plain(&key_ty) && plain(&value_ty) => {
                let rty = RTy::Tuple(vec![*key_ty, *value_ty]);
                let ty = Ty::Tuple(vec![*key, *value]);
                (entries.method("clone", vec![]), rty, ty)
            }
            Part::Key | Part::Value | Part::Both => return Ok(None),
        };
        Ok(Some(Items {
            form: Form::Array(expr),
            shape: Shape::One {
                rty,
                fact: Fact::of(ty),
                by_ref: false,
            },
        }))
    }

    /// The entries of a dict whose values the body changes through the loop's variable.
    fn entries_to_change(
        &mut self,
        iter: &'a PyExpr,
        body: &'a Block,
        part: Part,
        path: &Path,
        (key, value): (Ty, Ty),
    ) -> Result<Option<Items>, Expr> {
        let root = Path::root(path.root.clone());
        let reads = if path.segs.is_empty() { &root } else { path };
        if crate::lower::elements::mentions(self, body, reads) {
            return Err(self.partly(
                iter,
                "a loop that changes the values of a dict and mentions the dict",
            ));
        }
        self.entries_mut(iter, part, path, (key, value)).map(Some)
    }

    /// The entries of a dict, their values to be changed.
    fn entries_mut(
        &mut self,
        iter: &'a PyExpr,
        part: Part,
        path: &Path,
        (key, value): (Ty, Ty),
    ) -> Result<Items, Expr> {
        let Some((place, rty)) = self.path_place(path, true) else {
            return Err(self.hole(iter));
        };
        let RTy::Map {
            key: key_ty,
            value: value_ty,
            ..
        } = rty.peel().clone()
        else {
            return Err(self.hole(iter));
        };
        let form = self.form_to_change(path, place, &rty);
        let value_shape = Shape::One {
            rty: RTy::RefMut(value_ty),
            fact: Fact::of(value),
            by_ref: false,
        };
        if part == Part::Value {
            let Shape::One { rty, fact, .. } = value_shape else {
                return Err(self.hole(iter));
            };
            let shape = Shape::Entry {
                part,
                rty,
                fact,
                by_ref: false,
            };
            return Ok(Items { form, shape });
        }
        let copied = self.lw.is_copy(&key_ty);
        let (known, key_rty) = match copied {
            true => ("(*key, value)", *key_ty),
            false => ("(&*key, value)", RTy::Ref(key_ty)),
        };
        let entry = Expr::Closure("(key, value)".into(), Box::new(Expr::atom(known)));
        Ok(Items {
            form: Form::Iter(form.chain().method("map", vec![entry])),
            shape: Shape::Pairs(vec![
                Shape::One {
                    rty: key_rty,
                    fact: Fact::of(key),
                    by_ref: false,
                },
                value_shape,
            ]),
        })
    }

    /// Whether a body changes items of a dict, but neither adds nor removes keys; with the
    /// values in hand (`part`) only the item that the turn is about.
    fn keeps_keys(&self, own: &PyExpr, part: Part, path: &Path, body: &'a Block) -> bool {
        let version = self.scope.names.get(&own.id);
        let once = version
            .and_then(|v| self.scope.vars.get(v))
            .is_some_and(|info| info.bindings == 1);
        let mut keys = Keys {
            this: self,
            path,
            own: version,
            once,
            only_own: part != Part::Key,
            kept: true,
        };
        keys.visit_block(body);
        keys.kept
    }
}

/// The times that a path is named, and whether what holds it is looked at.
struct Names<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, usize);
impl<'ast> Visitor<'ast> for Names<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        let found = self.0.path_of(e);
        // A method of what holds the list may look at it as well.
        let within = found.is_some_and(|p| p.starts_with(self.1));
        self.2 += usize::from(within);
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, .. } = &func.kind
            && let Some(found) = self.0.path_of(value)
        {
            self.2 += usize::from(self.1.starts_with(&found));
        }
        visit::walk_expr(self, e);
    }
}

/// The times that a comprehension names a list.
struct Around<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    /// The target of the comprehension's clause.
    target: crate::ast::NodeId,
    found: &'f mut usize,
}

impl<'ast> Visitor<'ast> for Around<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Comprehension { clauses, .. } = &e.kind
            && clauses.iter().any(|c| c.target.id == self.target)
        {
            let mut names = Names(self.this, self.path, 0);
            visit::walk_expr(&mut names, e);
            *self.found += names.2;
        }
        visit::walk_expr(self, e);
    }
}

struct Keys<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    /// The variable that holds the key of the turn.
    own: Option<&'f String>,
    /// Whether nobody else binds it.
    once: bool,
    only_own: bool,
    kept: bool,
}

impl Keys<'_, '_, '_> {
    fn is_dict(&self, e: &PyExpr) -> bool {
        self.this.path_of(e).as_ref() == Some(self.path)
    }

    /// Whether a change of that path is one of the dict as a whole.
    fn is_around(&self, e: &PyExpr) -> bool {
        let found = self.this.path_of(e);
        found.is_some_and(|found| self.path.starts_with(&found))
    }

    fn is_own(&self, index: &PyExpr) -> bool {
        let version = self.this.scope.names.get(&index.id);
        self.once && version.is_some() && version == self.own
    }

    fn target(&mut self, target: &PyExpr, adds: bool) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item, adds));
            }
            ExprKind::Subscript { value, index } if self.is_dict(value) => {
                self.kept &= self.is_own(index) || !(adds || self.only_own);
            }
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.kept &= !self.is_around(target);
                self.deeper(value);
            }
            _ => self.kept &= !self.is_around(target),
        }
    }

    /// A change of something that lies in an item of the dict.
    fn deeper(&mut self, e: &PyExpr) {
        match &e.kind {
            ExprKind::Subscript { value, index } if self.is_dict(value) => {
                self.kept &= !self.only_own || self.is_own(index);
            }
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.deeper(value);
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Keys<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t, true)),
            StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                self.target(target, true);
            }
            StmtKind::AugAssign { target, .. } => self.target(target, false),
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value, .. } = &target.kind {
                        self.kept &= !self.is_dict(value);
                    }
                }
            }
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
            let callee = self.this.model.calls.get(&e.id);
            let callee = callee.and_then(|id| self.this.lw.input.model.functions.get(id.0));
            let receiver = match &func.kind {
                ExprKind::Attribute { value, .. } => Some(&**value),
                _ => None,
            };
            match (callee, &func.kind) {
                (Some(callee), _) => {
                    let values = keywords.iter().map(|k| &k.value);
                    let mut given = receiver.into_iter().chain(args).chain(values);
                    let around = given.any(|arg| self.is_around(arg));
                    let root = self.path.global_name();
                    let global = root.is_some_and(|name| callee.globals_changed.contains(name));
                    self.kept &= (!around || callee.mutated.is_empty()) && !global;
                    if let (Some(receiver), false) = (receiver, callee.mutated.is_empty()) {
                        self.deeper(receiver);
                    }
                }
                (None, ExprKind::Attribute { value, attr }) => {
                    let reads = matches!(
                        attr.name.as_str(),
                        "get" | "keys" | "values" | "items" | "copy"
                    );
                    self.kept &= reads || !self.is_dict(value);
                    self.deeper(value);
                }
                (None, _) => {}
            }
        }
        visit::walk_expr(self, e);
    }
}
