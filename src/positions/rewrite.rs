//! Places as positions: `best.x` as `tracks[best].x`.
//!
//! Enters: the module, and the home of each place that can be a position. Leaves: the
//! module in which they are; the first place that is used in a way that no position can be.
//!
//! An expression stands where an object is meant, where a position is, where a list of
//! positions is, or where only its truth counts.

mod added;
mod loops;
mod position;

use super::homes::{self, Home, Place, Root};
use super::{Names, Own, objects};
use crate::ast::rewrite::children;
use crate::ast::{
    Block, BoolOp, Clause, CompareOp, Expr, ExprKind, Function, Ident, Module, NodeId, Stmt,
    StmtKind, UnaryOp, blocks_mut,
};
use crate::catalog::position as methods;
use crate::infer::scope::plain_name;
use crate::ty::Ty;
use std::collections::{BTreeMap, VecDeque};

use loops::{Loop, elements, own_exprs};

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

impl Rewrite<'_, '_> {
    fn expr(&mut self, like: &Expr, kind: ExprKind) -> Expr {
        let id = NodeId::next(self.next_id);
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

    /// `e is not None`
    fn is_something(&mut self, e: &Expr) -> Expr {
        let none = self.expr(e, ExprKind::None);
        let kind = ExprKind::Compare {
            left: Box::new(e.clone()),
            ops: vec![CompareOp::IsNot],
            rest: vec![none],
        };
        self.expr(e, kind)
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
            let option = match self.names.ty(self.key, e.id) {
                Ty::Instance(_) => false,
                Ty::Option(held) => matches!(*held, Ty::Instance(_)),
                _ => return Err(place),
            };
            if many || option && !matches!(e.kind, ExprKind::Name(_)) {
                return Err(place);
            }
            self.parts(e)?;
            if !option {
                *e = self.object_at(&home, e.clone());
                return Ok(());
            }
            // The object, or None.
            let test = self.is_something(e);
            let found = self.expr(e, e.kind.clone());
            let body = self.object_at(&home, found);
            let none = self.expr(e, ExprKind::None);
            let kind = ExprKind::Conditional {
                test: Box::new(test),
                body: Box::new(body),
                orelse: Box::new(none),
            };
            *e = self.expr(e, kind);
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
                let func = self.name(value, methods::SOME);
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
            let says = has("__bool__") || has("__len__");
            if !matches!(self.names.ty(self.key, e.id), Ty::Option(_)) {
                // The object says itself whether it is true.
                return match says {
                    true => self.object(e),
                    false => Err(place),
                };
            }
            if says {
                return Err(place);
            }
            self.parts(e)?;
            *e = self.is_something(e);
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

    fn block(&mut self, block: &mut Block) -> Done {
        let mut stmts = Vec::new();
        let mut old: VecDeque<Stmt> = std::mem::take(&mut block.stmts).into();
        while let Some(mut stmt) = old.pop_front() {
            if let Some(after) = self.joined(&stmt, old.make_contiguous())? {
                let adds = old.remove(after);
                let added = adds.map(|adds| self.merged(&mut stmt, adds)).transpose()?;
                stmts.extend(added);
                stmts.push(stmt);
                continue;
            }
            if let Some(check) = self.key_kept(&mut stmt)? {
                stmts.extend(check);
                stmts.push(stmt);
                continue;
            }
            let check = self.key_of(&mut stmt, old.front())?;
            if check.is_none() {
                self.stmt(&mut stmt)?;
            }
            stmts.push(stmt);
            stmts.extend(check.flatten());
        }
        block.stmts = stmts;
        Ok(())
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
        // Nobody wants the object that it gives.
        if self.place_of(e)?.is_some() {
            return self.parts(e);
        }
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
