//! Places as positions: `best.x` as `tracks[best].x`.
//!
//! Enters: the module, and the home of each place that can be a position. Leaves: the
//! module in which they are; the first place that is used in a way that no position can be.
//!
//! An expression stands where an object is meant, where a position is, where a list of
//! positions is, or where only its truth counts.

use super::homes::{self, Home, Place, Root};
use super::{Names, Own, objects};
use crate::ast::rewrite::children;
use crate::ast::{
    Block, BoolOp, Clause, CompareOp, Expr, ExprKind, Function, Ident, Module, NodeId, Stmt,
    StmtKind, UnaryOp, blocks_mut,
};
use crate::catalog::position;
use crate::infer::scope::plain_name;
use crate::ty::Ty;
use std::collections::BTreeMap;

/// What cannot be a position after all.
type Done = Result<(), Place>;

/// The module with positions.
pub(super) fn module(
    module: &Module,
    names: &Names<'_>,
    homes: &BTreeMap<Place, Home>,
) -> Result<Module, Place> {
    let mut next_id = module.node_count;
    let mut rewritten = module.clone();
    for stmt in &mut rewritten.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let key = function.name.name.clone();
                in_function(function, &key, names, homes, &mut next_id)?;
            }
            StmtKind::Class(class) => {
                let class_name = class.name.name.clone();
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        let key = format!("{class_name}.{}", method.name.name);
                        in_function(method, &key, names, homes, &mut next_id)?;
                    }
                }
            }
            _ => {}
        }
    }
    rewritten.node_count = next_id;
    Ok(rewritten)
}

fn in_function(
    function: &mut Function,
    key: &str,
    names: &Names<'_>,
    homes: &BTreeMap<Place, Home>,
    next_id: &mut u32,
) -> Done {
    let Some(own) = names.functions.get(key) else {
        return Ok(());
    };
    let mut rewrite = Rewrite {
        names,
        homes,
        key,
        own,
        next_id,
        indices: BTreeMap::new(),
        keys: BTreeMap::new(),
        elements: elements(&function.body, own),
    };
    rewrite.block(&mut function.body)?;
    let indices = std::mem::take(&mut rewrite.indices);
    if !indices.is_empty() {
        rewrite.with_indices(&mut function.body, &indices);
    }
    Ok(())
}

struct Rewrite<'r, 'm> {
    names: &'r Names<'m>,
    homes: &'r BTreeMap<Place, Home>,
    key: &'r str,
    own: &'r Own<'m>,
    next_id: &'r mut u32,
    /// The targets of loops over a container whose index is asked for, with its name.
    indices: BTreeMap<String, String>,
    /// Keys that stand for the variables that are positions in a dict.
    keys: BTreeMap<String, Expr>,
    /// The targets of loops over containers, with how the loop runs over it.
    elements: BTreeMap<String, Loop>,
}

/// How a loop that gives objects runs over their container.
#[derive(Debug, Clone)]
struct Loop {
    /// The container, as the loop names it.
    container: Expr,
    /// The name that counts already.
    counted: Option<String>,
    /// Whether a name that counts can be added.
    countable: bool,
}

impl Rewrite<'_, '_> {
    fn expr(&mut self, like: &Expr, kind: ExprKind) -> Expr {
        let id = NodeId(*self.next_id);
        *self.next_id += 1;
        Expr {
            id,
            span: like.span,
            kind,
        }
    }

    fn name(&mut self, like: &Expr, name: &str) -> Expr {
        self.expr(like, ExprKind::Name(name.to_string()))
    }

    fn attr(&mut self, value: Expr, attr: &str) -> Expr {
        let span = value.span;
        let kind = ExprKind::Attribute {
            attr: Ident {
                span,
                name: attr.to_string(),
            },
            value: Box::new(value.clone()),
        };
        self.expr(&value, kind)
    }

    fn call(&mut self, func: Expr, args: Vec<Expr>) -> Expr {
        let like = func.clone();
        let kind = ExprKind::Call {
            func: Box::new(func),
            args,
            keywords: Vec::new(),
        };
        self.expr(&like, kind)
    }

    /// The container, as this function names it.
    fn container(&mut self, like: &Expr, home: &Home) -> Expr {
        let root = match &home.root {
            Root::Global(name) => name.clone(),
            Root::Own(_) => self
                .own
                .receiver
                .map_or_else(String::new, |(_, first)| first.to_string()),
            Root::Local(_, version) => plain_name(version).to_string(),
        };
        let mut path = self.name(like, &root);
        for attr in &home.attrs {
            path = self.attr(path, attr);
        }
        path
    }

    /// `home[position]`
    fn object_at(&mut self, home: &Home, position: Expr) -> Expr {
        let container = self.container(&position, home);
        let like = position.clone();
        let kind = ExprKind::Subscript {
            value: Box::new(container),
            index: Box::new(position),
        };
        self.expr(&like, kind)
    }

    /// The place that an expression names; with the home as this function names it, and
    /// whether it is a list of positions.
    fn place_of(&self, e: &Expr) -> Result<Option<(Place, Home, bool)>, Place> {
        let place = match &e.kind {
            ExprKind::Call { .. } => match self.names.callee(self.key, e.id) {
                Some(callee) => Place::Ret(callee.to_string()),
                None => return Ok(None),
            },
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                match super::flows::place(self.names, self.key, e) {
                    Some(place) => place,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let Some(home) = self.homes.get(&place) else {
            return Ok(None);
        };
        let here = match &place {
            Place::Var(..) => Some(home.clone()),
            Place::Ret(_) | Place::Attr(..) => homes::home_at(self.names, self.key, e, home),
        };
        let many = is_many(self.names, &place);
        match here {
            Some(home) => Ok(Some((place, home, many))),
            None => Err(place),
        }
    }

    /// The parts of an expression that names a place; the key that stands for it.
    fn parts(&mut self, e: &mut Expr) -> Done {
        let version = self.own.scope.names.get(&e.id);
        if let Some(key) = version.and_then(|v| self.keys.get(v)).cloned() {
            *e = self.expr(e, key.kind);
            return Ok(());
        }
        let mut done = Ok(());
        children(e, &mut |child| {
            if done.is_ok() {
                done = match &child.kind {
                    // The function itself.
                    ExprKind::Attribute { .. } if self.is_method(child) => self.parts(child),
                    _ => self.object(child),
                };
            }
        });
        done
    }

    fn is_method(&self, e: &Expr) -> bool {
        matches!(self.names.ty(self.key, e.id), Ty::Unknown | Ty::Function(_))
    }

    /// Where an object, or anything else, is meant.
    fn object(&mut self, e: &mut Expr) -> Done {
        if let Some((place, home, many)) = self.place_of(e)? {
            if many || !matches!(self.names.ty(self.key, e.id), Ty::Instance(_)) {
                return Err(place);
            }
            self.parts(e)?;
            *e = self.object_at(&home, e.clone());
            return Ok(());
        }
        match &mut e.kind {
            ExprKind::Attribute { .. } => self.member(e),
            ExprKind::Subscript { value, index }
                if !matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                if let Some((_, home, true)) = self.place_of(value)? {
                    self.parts(value)?;
                    self.object(index)?;
                    *e = self.object_at(&home, e.clone());
                    return Ok(());
                }
                self.parts(e)
            }
            ExprKind::Compare { .. } => self.compare(e),
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.truth(operand),
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.object(body)?;
                self.object(orelse)
            }
            ExprKind::Call { .. } => self.called(e),
            ExprKind::Comprehension { .. } => self.comprehension(e, None),
            _ => self.parts(e),
        }
    }

    /// `best.x`: what may be None has no attributes then.
    fn member(&mut self, e: &mut Expr) -> Done {
        let ExprKind::Attribute { value, .. } = &mut e.kind else {
            return self.parts(e);
        };
        if !matches!(self.names.ty(self.key, value.id), Ty::Option(_)) {
            return self.parts(e);
        }
        let Some((place, home, many)) = self.place_of(value)? else {
            return self.parts(e);
        };
        if many {
            return Err(place);
        }
        self.parts(value)?;
        let found = match home.dict {
            true => {
                let func = self.name(value, position::SOME);
                self.call(func, vec![(**value).clone()])
            }
            false => (**value).clone(),
        };
        **value = self.object_at(&home, found);
        Ok(())
    }

    fn called(&mut self, e: &mut Expr) -> Done {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return Ok(());
        };
        if let (ExprKind::Name(name), [list]) = (&func.kind, args.as_slice())
            && self.names.callee(self.key, e.id).is_none()
            && let Some((place, home, true)) = self.place_of(list)?
        {
            return match name.as_str() {
                "len" | "bool" => Ok(()),
                "max" | "min" => {
                    self.position(e, &home, &place)?;
                    *e = self.object_at(&home, e.clone());
                    Ok(())
                }
                _ => Err(place),
            };
        }
        self.parts(e)
    }

    /// A comprehension; `home`: of the positions that it is to give.
    fn comprehension(&mut self, e: &mut Expr, home: Option<(&Home, &Place)>) -> Done {
        let ExprKind::Comprehension {
            element,
            value,
            clauses,
            ..
        } = &mut e.kind
        else {
            return Ok(());
        };
        for Clause {
            target, iter, ifs, ..
        } in clauses
        {
            self.looped(target, iter)?;
            for test in ifs {
                self.truth(test)?;
            }
        }
        match home {
            Some((home, place)) => self.position(element, home, place)?,
            None => self.object(element)?,
        }
        match value {
            Some(value) => self.object(value),
            None => Ok(()),
        }
    }

    /// What a loop runs over: positions, where its target is one.
    fn looped(&mut self, target: &mut Expr, iter: &mut Expr) -> Done {
        if let Some((place, home, _)) = self.place_of(target)? {
            return self.list(iter, &home, &place);
        }
        let ExprKind::Call { func, args, .. } = &mut iter.kind else {
            return self.object(iter);
        };
        let ExprKind::Name(name) = &func.kind else {
            return self.object(iter);
        };
        match (name.as_str(), &mut target.kind) {
            ("enumerate", ExprKind::Tuple(targets)) => {
                if let ([_, item], [list, ..]) = (targets.as_mut_slice(), args.as_mut_slice()) {
                    return self.looped(item, list);
                }
            }
            ("zip", ExprKind::Tuple(targets)) if targets.len() == args.len() => {
                for (target, list) in targets.iter_mut().zip(args) {
                    self.looped(target, list)?;
                }
                return Ok(());
            }
            ("reversed", _) => {
                if let [list] = args.as_mut_slice() {
                    return self.looped(target, list);
                }
            }
            _ => {}
        }
        self.object(iter)
    }

    fn compare(&mut self, e: &mut Expr) -> Done {
        let ExprKind::Compare { left, ops, rest } = &mut e.kind else {
            return Ok(());
        };
        let [op] = ops.as_mut_slice() else {
            return self.parts(e);
        };
        let [right] = rest.as_mut_slice() else {
            return self.parts(e);
        };
        let (a, b) = (self.place_of(left)?, self.place_of(right)?);
        let one = |p: &Option<(Place, Home, bool)>| matches!(p, Some((_, _, false)));
        match op {
            CompareOp::Is | CompareOp::IsNot | CompareOp::Eq | CompareOp::NotEq
                if one(&a) || one(&b) =>
            {
                let Some((place, home, _)) = a.or(b) else {
                    return Ok(());
                };
                let is_none = |e: &Expr| matches!(e.kind, ExprKind::None);
                if is_none(left) || is_none(right) {
                    self.parts(left)?;
                    return self.parts(right);
                }
                let identity = matches!(op, CompareOp::Is | CompareOp::IsNot);
                if !identity && self.compares(&home) {
                    return Err(place);
                }
                *op = match op {
                    CompareOp::Is | CompareOp::Eq => CompareOp::Eq,
                    _ => CompareOp::NotEq,
                };
                self.position(left, &home, &place)?;
                self.position(right, &home, &place)
            }
            CompareOp::In | CompareOp::NotIn => match b {
                Some((place, home, true)) => {
                    if self.compares(&home) {
                        return Err(place);
                    }
                    self.position(left, &home, &place)?;
                    self.list(right, &home, &place)
                }
                _ => {
                    self.object(left)?;
                    self.object(right)
                }
            },
            _ => {
                self.object(left)?;
                self.object(right)
            }
        }
    }

    /// Whether the class says itself which of its objects are equal.
    fn compares(&self, home: &Home) -> bool {
        let key = format!("{}.__eq__", home.class);
        self.names.functions.contains_key(&key)
            || self
                .names
                .model
                .made_fields(&Ty::Instance(home.class.clone()))
                .is_some()
    }

    /// Where only the truth of a value counts.
    fn truth(&mut self, e: &mut Expr) -> Done {
        if let Some((place, home, many)) = self.place_of(e)? {
            if many {
                return self.parts(e);
            }
            let has = |method: &str| {
                let key = format!("{}.{method}", home.class);
                self.names.functions.contains_key(&key)
            };
            if !matches!(self.names.ty(self.key, e.id), Ty::Option(_))
                || has("__bool__")
                || has("__len__")
            {
                return Err(place);
            }
            self.parts(e)?;
            let none = self.expr(e, ExprKind::None);
            let kind = ExprKind::Compare {
                left: Box::new(e.clone()),
                ops: vec![CompareOp::IsNot],
                rest: vec![none],
            };
            *e = self.expr(e, kind);
            return Ok(());
        }
        match &mut e.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.truth(operand),
            ExprKind::Logical {
                op: BoolOp::And | BoolOp::Or,
                values,
            } => values.iter_mut().try_for_each(|v| self.truth(v)),
            _ => self.object(e),
        }
    }

    /// Where a position in `home` is meant; `place` is what gets it.
    fn position(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        if let Some((_, own, many)) = self.place_of(e)? {
            if many || own != *home {
                return no();
            }
            return self.parts(e);
        }
        match &mut e.kind {
            ExprKind::None => Ok(()),
            ExprKind::Name(_) => self.counted(e, home, place),
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.position(body, home, place)?;
                self.position(orelse, home, place)
            }
            ExprKind::Subscript { value, index }
                if !matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                if let Some((_, own, true)) = self.place_of(value)? {
                    self.object(index)?;
                    return if own == *home {
                        self.parts(value)
                    } else {
                        no()
                    };
                }
                let kept = homes::home(self.names, self.key, value);
                if home.dict && kept.is_some() {
                    return no();
                }
                if kept.is_none() {
                    self.object(index)?;
                    return self.list(value, home, place);
                }
                if kept.as_ref() != Some(home) {
                    return no();
                }
                self.object(index)?;
                let (list, index) = ((**value).clone(), (**index).clone());
                let func = self.attr(list, position::OF);
                *e = self.call(func, vec![index]);
                Ok(())
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match (&func.kind, args.as_mut_slice()) {
                (ExprKind::Name(name), [list]) if matches!(name.as_str(), "max" | "min") => {
                    self.list(list, home, place)?;
                    for keyword in keywords {
                        self.key_function(&mut keyword.value, home)?;
                    }
                    Ok(())
                }
                (ExprKind::Name(name), [each, ..]) if name == "next" => {
                    self.comprehension(each, Some((home, place)))
                }
                (ExprKind::Attribute { value, attr }, [key])
                    if attr.name == "get"
                        && homes::home(self.names, self.key, value).as_ref() == Some(home) =>
                {
                    if !matches!(key.kind, ExprKind::Name(_) | ExprKind::Str(_)) {
                        return no();
                    }
                    let (dict, key) = ((**value).clone(), key.clone());
                    let again = self.expr(&key, key.kind.clone());
                    let kind = ExprKind::Compare {
                        left: Box::new(again),
                        ops: vec![CompareOp::In],
                        rest: vec![dict],
                    };
                    let test = self.expr(&key, kind);
                    let none = self.expr(&key, ExprKind::None);
                    let kind = ExprKind::Conditional {
                        test: Box::new(test),
                        body: Box::new(key.clone()),
                        orelse: Box::new(none),
                    };
                    *e = self.expr(&key, kind);
                    Ok(())
                }
                _ => no(),
            },
            _ => no(),
        }
    }

    /// `key=lambda t: t.x` of positions.
    fn key_function(&mut self, e: &mut Expr, home: &Home) -> Done {
        let ExprKind::Lambda { params, body } = &mut e.kind else {
            return self.object(e);
        };
        let Some(param) = params.list.first().map(|p| p.name.name.clone()) else {
            return Ok(());
        };
        self.object(body)?;
        self.named_objects(body, &param, home);
        Ok(())
    }

    /// `t` as `home[t]`, all over an expression.
    fn named_objects(&mut self, e: &mut Expr, name: &str, home: &Home) {
        if matches!(&e.kind, ExprKind::Name(n) if n == name) {
            *e = self.object_at(home, e.clone());
            return;
        }
        children(e, &mut |child| self.named_objects(child, name, home));
    }

    /// The target of a loop over the container: its index.
    fn counted(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        let Some(version) = self.own.scope.names.get(&e.id).cloned() else {
            return no();
        };
        let Some(around) = self.elements.get(&version).cloned() else {
            return no();
        };
        let container = homes::values_of(&around.container).unwrap_or(&around.container);
        if homes::home(self.names, self.key, container).as_ref() != Some(home) {
            return no();
        }
        let index = match around.counted {
            Some(name) => name,
            None if around.countable => self.index_name(&version, home),
            None => return no(),
        };
        let named = self.name(e, &index);
        *e = match home.dict {
            true => named,
            false => {
                let func = self.name(e, position::KNOWN);
                self.call(func, vec![named])
            }
        };
        Ok(())
    }

    fn index_name(&mut self, version: &str, home: &Home) -> String {
        if let Some(name) = self.indices.get(version) {
            return name.clone();
        }
        let part = if home.dict { "key" } else { "index" };
        let plain = plain_name(version);
        let taken = |name: &String| {
            self.own.scope.vars.values().any(|v| v.name == *name)
                || self.names.model.globals.contains_key(name)
        };
        let mut name = format!("{plain}_{part}");
        while taken(&name) {
            name.push('_');
        }
        self.indices.insert(version.to_string(), name.clone());
        name
    }

    /// Where a list of positions in `home` is meant.
    fn list(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        if let Some((_, own, many)) = self.place_of(e)? {
            if !many || own != *home {
                return no();
            }
            return self.parts(e);
        }
        if homes::values_of(e)
            .is_some_and(|d| homes::home(self.names, self.key, d).as_ref() == Some(home))
        {
            *e = self.container(e, home);
            return Ok(());
        }
        if homes::home(self.names, self.key, e).as_ref() == Some(home) {
            if !home.dict {
                let func = self.attr(e.clone(), position::EACH);
                *e = self.call(func, Vec::new());
            }
            return Ok(());
        }
        match &mut e.kind {
            ExprKind::List(items) => items
                .iter_mut()
                .try_for_each(|item| self.position(item, home, place)),
            ExprKind::Comprehension { .. } => self.comprehension(e, Some((home, place))),
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.list(value, home, place)?;
                self.object(index)
            }
            ExprKind::Binary { left, right, .. } => {
                self.list(left, home, place)?;
                self.list(right, home, place)
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.list(body, home, place)?;
                self.list(orelse, home, place)
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match (&func.kind, args.as_mut_slice()) {
                (ExprKind::Name(name), [list])
                    if matches!(name.as_str(), "sorted" | "list" | "reversed") =>
                {
                    self.list(list, home, place)?;
                    for keyword in keywords {
                        self.key_function(&mut keyword.value, home)?;
                    }
                    Ok(())
                }
                _ => no(),
            },
            _ => no(),
        }
    }

    fn block(&mut self, block: &mut Block) -> Done {
        let mut stmts = Vec::new();
        let mut old = std::mem::take(&mut block.stmts).into_iter().peekable();
        while let Some(mut stmt) = old.next() {
            if let Some(next) = old.peek()
                && self.joined(&mut stmt, next)?
            {
                stmts.extend(
                    old.next()
                        .map(|next| self.merged(&mut stmt, next))
                        .transpose()?,
                );
                stmts.push(stmt);
                continue;
            }
            let check = self.key_of(&mut stmt, old.peek())?;
            if check.is_none() {
                self.stmt(&mut stmt)?;
            }
            stmts.push(stmt);
            stmts.extend(check.flatten());
        }
        block.stmts = stmts;
        Ok(())
    }

    /// Whether a statement makes an object that the next one adds to its container.
    fn joined(&mut self, stmt: &mut Stmt, next: &Stmt) -> Result<bool, Place> {
        let Some(container) = super::flows::joins(stmt, next) else {
            return Ok(false);
        };
        let StmtKind::Assign { targets, .. } = &stmt.kind else {
            return Ok(false);
        };
        let place = match targets.as_slice() {
            [target] => self.place_of(target)?,
            _ => None,
        };
        let Some((place, own, false)) = place else {
            return Ok(false);
        };
        match homes::home(self.names, self.key, container) {
            Some(home) if home == own => Ok(true),
            _ => Err(place),
        }
    }

    /// `t = Track(z)` and `tracks.append(t)` as `tracks.append(Track(z))` and the position of
    /// the last; `zones[k] = Zone()` and the key.
    fn merged(&mut self, made: &mut Stmt, mut adds: Stmt) -> Result<Stmt, Place> {
        let StmtKind::Assign {
            value: made_value, ..
        } = &mut made.kind
        else {
            return Ok(adds);
        };
        self.parts(made_value)?;
        let object = made_value.clone();
        match &mut adds.kind {
            StmtKind::Expr(e) => {
                let ExprKind::Call { func, args, .. } = &mut e.kind else {
                    return Ok(adds);
                };
                let ExprKind::Attribute { value: list, .. } = &func.kind else {
                    return Ok(adds);
                };
                let list = (**list).clone();
                *args = vec![object];
                let len = self.name(&list, "len");
                let len = self.call(len, vec![list.clone()]);
                let one = self.expr(&list, ExprKind::Int(1.into()));
                let kind = ExprKind::Binary {
                    left: Box::new(len),
                    op: crate::ast::BinaryOp::Sub,
                    right: Box::new(one),
                };
                let last = self.expr(&list, kind);
                let known = self.name(&list, position::KNOWN);
                *made_value = self.call(known, vec![last]);
            }
            StmtKind::Assign { targets, value } => {
                *value = object;
                let Some(ExprKind::Subscript { index, .. }) =
                    targets.first_mut().map(|t| &mut t.kind)
                else {
                    return Ok(adds);
                };
                *made_value = self.expr(index, index.kind.clone());
            }
            _ => {}
        }
        std::mem::swap(&mut adds.comments, &mut made.comments);
        std::mem::swap(&mut adds.blank_before, &mut made.blank_before);
        Ok(adds)
    }

    /// `w = wheels[name]` of a dict: the key is the position. A key that stays what it is
    /// stands for the variable; any other is its value. Where nothing looks the key up at
    /// once, the statement that is to follow does.
    #[allow(clippy::option_option)]
    fn key_of(
        &mut self,
        stmt: &mut Stmt,
        next: Option<&Stmt>,
    ) -> Result<Option<Option<Stmt>>, Place> {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return Ok(None);
        };
        let ([target], ExprKind::Subscript { value: dict, index }) =
            (targets.as_slice(), &mut value.kind)
        else {
            return Ok(None);
        };
        let Some((place, home, false)) = self.place_of(target)? else {
            return Ok(None);
        };
        if !home.dict || homes::home(self.names, self.key, dict).as_ref() != Some(&home) {
            return Ok(None);
        }
        let Place::Var(_, version) = &place else {
            return Err(place);
        };
        let looked_up = next.is_some_and(|next| self.looks_up(next, version));
        let known = match (&index.kind, self.names.ty(self.key, dict.id).narrowed()) {
            (ExprKind::Str(key), Ty::Record(fields)) => fields.iter().any(|(name, _)| name == key),
            _ => false,
        };
        let stands = self.is_stable(index, version);
        self.object(index)?;
        let key = match stands {
            true => (**index).clone(),
            false => target.clone(),
        };
        let id = NodeId(*self.next_id);
        *self.next_id += 1;
        let looked = StmtKind::Expr(self.object_at(&home, key));
        let check = (!looked_up && !known).then(|| Stmt {
            id,
            span: stmt.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: looked,
        });
        if stands {
            self.keys.insert(version.clone(), (**index).clone());
            stmt.kind = match check {
                Some(check) => check.kind,
                None => StmtKind::Pass,
            };
            return Ok(Some(None));
        }
        *value = (**index).clone();
        Ok(Some(check))
    }

    /// Whether an expression gives the same for as long as a variable is in use.
    fn is_stable(&self, key: &Expr, version: &str) -> bool {
        let once = |v: &str| {
            let info = self.own.scope.vars.get(v);
            info.is_some_and(|i| i.bindings == 1 && i.first_is_binding)
        };
        match &key.kind {
            ExprKind::Str(_) | ExprKind::Int(_) => once(version),
            ExprKind::Name(_) => {
                let names = &self.own.scope.names;
                once(version)
                    && names.get(&key.id).is_some_and(|v| {
                        let info = self.own.scope.vars.get(v);
                        info.is_some_and(|i| i.bindings == 1 || i.is_param && i.bindings == 0)
                    })
            }
            _ => false,
        }
    }

    /// Whether a statement begins with looking at the object of a variable.
    fn looks_up(&self, stmt: &Stmt, version: &str) -> bool {
        let is_it = |e: &Expr| {
            self.own
                .scope
                .names
                .get(&e.id)
                .is_some_and(|v| v == version)
        };
        let of_it = |e: &Expr| matches!(&e.kind, ExprKind::Attribute { value, .. } if is_it(value));
        match &stmt.kind {
            StmtKind::AugAssign { target, .. } => of_it(target),
            StmtKind::Assign { value, .. }
            | StmtKind::Expr(value)
            | StmtKind::Return(Some(value)) => match &value.kind {
                ExprKind::Call { func, .. } => of_it(func),
                _ => of_it(value),
            },
            StmtKind::If { test, .. } => match &test.kind {
                ExprKind::Compare { left, .. } => of_it(left),
                _ => of_it(test),
            },
            _ => false,
        }
    }

    fn assign(&mut self, target: &mut Expr, value: &mut Expr) -> Done {
        match (&mut target.kind, &mut value.kind) {
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => targets
                .iter_mut()
                .zip(values)
                .try_for_each(|(t, v)| self.assign(t, v)),
            _ => {
                self.gets(target, value)?;
                self.target(target)
            }
        }
    }

    /// The value of a place.
    fn gets(&mut self, target: &Expr, value: &mut Expr) -> Done {
        match self.place_of(target)? {
            Some((place, home, false)) => self.position(value, &home, &place),
            Some((place, home, true)) => self.list(value, &home, &place),
            None => self.object(value),
        }
    }

    fn target(&mut self, target: &mut Expr) -> Done {
        match &mut target.kind {
            ExprKind::Name(_) => Ok(()),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter_mut().try_for_each(|t| self.target(t))
            }
            _ => self.member(target),
        }
    }

    fn stmt(&mut self, stmt: &mut Stmt) -> Done {
        match &mut stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_mut_slice() {
                [target] => self.assign(target, value),
                _ => {
                    self.object(value)?;
                    targets.iter_mut().try_for_each(|t| self.target(t))
                }
            },
            StmtKind::AnnAssign {
                target,
                annotation,
                value: Some(value),
            } => {
                self.gets(target, value)?;
                // It is no object any more.
                if self.place_of(target)?.is_some() {
                    *annotation = self.expr(annotation, ExprKind::Ellipsis);
                }
                self.target(target)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.gets(target, value)?;
                self.target(target)
            }
            StmtKind::Return(Some(value)) => {
                let place = Place::Ret(self.key.to_string());
                match self.homes.get(&place).cloned() {
                    Some(home) if is_many(self.names, &place) => self.list(value, &home, &place),
                    Some(home) => self.position(value, &home, &place),
                    None => self.object(value),
                }
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.looped(target, iter)?;
                self.block(body)?;
                self.block(orelse)
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.truth(test)?;
                self.block(body)?;
                self.block(orelse)
            }
            StmtKind::Expr(e) => self.effect(e),
            StmtKind::Assert { test, message } => {
                self.truth(test)?;
                message.iter_mut().try_for_each(|m| self.object(m))
            }
            _ => {
                let mut done = Ok(());
                own_exprs(stmt, &mut |e| {
                    if done.is_ok() {
                        done = self.object(e);
                    }
                });
                done?;
                for block in blocks_mut(stmt) {
                    self.block(block)?;
                }
                Ok(())
            }
        }
    }

    /// `alive.append(t)`, or any other call.
    fn effect(&mut self, e: &mut Expr) -> Done {
        let ExprKind::Call { func, args, .. } = &mut e.kind else {
            return self.object(e);
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return self.object(e);
        };
        let Some((place, home, true)) = self.place_of(value)? else {
            return self.object(e);
        };
        match (attr.name.as_str(), args.as_mut_slice()) {
            ("append", [item]) => self.position(item, &home, &place),
            ("insert", [at, item]) => {
                self.object(at)?;
                self.position(item, &home, &place)
            }
            ("remove", [item]) => self.position(item, &home, &place),
            ("clear" | "reverse", []) => Ok(()),
            _ => Err(place),
        }
    }

    /// Adds the names that count to the loops that are asked for them.
    fn with_indices(&mut self, block: &mut Block, indices: &BTreeMap<String, String>) {
        for stmt in &mut block.stmts {
            if let StmtKind::For { target, iter, .. } = &mut stmt.kind {
                self.count(target, iter, indices);
            }
            own_exprs(stmt, &mut |e| self.count_within(e, indices));
            for inner in blocks_mut(stmt) {
                self.with_indices(inner, indices);
            }
        }
    }

    fn count_within(&mut self, e: &mut Expr, indices: &BTreeMap<String, String>) {
        if let ExprKind::Comprehension { clauses, .. } = &mut e.kind {
            for clause in clauses {
                self.count(&mut clause.target, &mut clause.iter, indices);
            }
        }
        children(e, &mut |child| self.count_within(child, indices));
    }

    /// `for t in tracks` as `for t_index, t in enumerate(tracks)`.
    fn count(&mut self, target: &mut Expr, iter: &mut Expr, indices: &BTreeMap<String, String>) {
        let mut leaves = Vec::new();
        names_of(target, &mut leaves);
        let versions = leaves.iter().filter_map(|id| self.own.scope.names.get(id));
        let Some(name) = versions.filter_map(|v| indices.get(v)).next() else {
            return;
        };
        let counter = self.name(target, name);
        let pair = ExprKind::Tuple(vec![counter, target.clone()]);
        *target = self.expr(target, pair);
        let counted = match homes::values_of(iter) {
            Some(dict) => {
                let func = self.attr(dict.clone(), "items");
                self.call(func, Vec::new())
            }
            None => {
                let func = self.name(iter, "enumerate");
                self.call(func, vec![iter.clone()])
            }
        };
        *iter = counted;
    }
}

/// The names in a target.
fn names_of(target: &Expr, out: &mut Vec<NodeId>) {
    match &target.kind {
        ExprKind::Name(_) => out.push(target.id),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|t| names_of(t, out));
        }
        _ => {}
    }
}

/// Calls `f` on the expressions of a statement, and not on those of its blocks.
fn own_exprs(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Expr)) {
    let blocks: Vec<Block> = blocks_mut(stmt).into_iter().map(std::mem::take).collect();
    crate::ast::rewrite::roots(stmt, f);
    for (slot, block) in blocks_mut(stmt).into_iter().zip(blocks) {
        *slot = block;
    }
}

/// Whether a place holds a list.
fn is_many(names: &Names<'_>, place: &Place) -> bool {
    let model = names.model;
    let of = |key: &str| {
        let key = key.to_string();
        model.functions.iter().filter(move |f| f.python_name == key)
    };
    let tys: Vec<Ty> = match place {
        Place::Var(key, version) => of(key)
            .filter_map(|f| f.vars.get(version))
            .map(|v| v.fact.ty.clone())
            .collect(),
        Place::Ret(key) => of(key).map(|f| f.ret.ty.clone()).collect(),
        Place::Attr(class, name) => {
            let fields = model.classes.get(class).map(|c| &c.fields);
            let found = fields.into_iter().flatten().filter(|(n, _)| n == name);
            found.map(|(_, fact)| fact.ty.clone()).collect()
        }
    };
    tys.iter()
        .any(|ty| objects(ty, model).is_some_and(|(_, many)| many))
}

/// The loops over containers of a function, by the version of the target that is the object.
fn elements(block: &Block, own: &Own<'_>) -> BTreeMap<String, Loop> {
    use crate::ast::visit::{self, Visitor};
    struct Search<'s> {
        own: &'s Own<'s>,
        found: BTreeMap<String, Loop>,
    }
    impl Search<'_> {
        fn looped(&mut self, target: &Expr, iter: &Expr, counted: Option<&str>, countable: bool) {
            let called = match &iter.kind {
                ExprKind::Call { func, args, .. } => match &func.kind {
                    ExprKind::Name(name) => Some((name.as_str(), args.as_slice())),
                    ExprKind::Attribute { value, attr } if attr.name == "items" => {
                        if let ExprKind::Tuple(targets) = &target.kind
                            && let [key, value_target] = targets.as_slice()
                            && let ExprKind::Name(key) = &key.kind
                        {
                            self.looped(value_target, value, Some(key), false);
                        }
                        return;
                    }
                    _ => None,
                },
                _ => None,
            };
            match (&target.kind, called) {
                (ExprKind::Tuple(targets), Some(("enumerate", [list]))) => {
                    if let [index, item] = targets.as_slice() {
                        let index = match &index.kind {
                            ExprKind::Name(name) => Some(name.as_str()),
                            _ => None,
                        };
                        self.looped(item, list, index, false);
                    }
                }
                (ExprKind::Tuple(targets), Some(("zip", lists)))
                    if targets.len() == lists.len() =>
                {
                    for (target, list) in targets.iter().zip(lists) {
                        self.looped(target, list, counted, countable);
                    }
                }
                (ExprKind::Name(_), _) => {
                    if let Some(version) = self.own.scope.names.get(&target.id) {
                        let around = Loop {
                            container: iter.clone(),
                            counted: counted.map(str::to_string),
                            countable,
                        };
                        self.found.insert(version.clone(), around);
                    }
                }
                _ => {}
            }
        }
    }
    impl<'ast> Visitor<'ast> for Search<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::For { target, iter, .. } = &stmt.kind {
                self.looped(target, iter, None, true);
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Comprehension { clauses, .. } = &e.kind {
                for clause in clauses {
                    self.looped(&clause.target, &clause.iter, None, true);
                }
            }
            visit::walk_expr(self, e);
        }
    }
    let mut search = Search {
        own,
        found: BTreeMap::new(),
    };
    search.visit_block(block);
    search.found
}
