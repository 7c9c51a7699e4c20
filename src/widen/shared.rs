//! Narrow fields that one function writes and another sees within one call.

use crate::ast::{self, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::catalog;
use crate::infer::{FnId, FnModel, Model, Role};
use crate::project::{FieldDef, FloatTy, IntTy, RustTy, TypeTable, tuple_key};
use crate::ranges::Range;
use crate::ty::Ty;
use crate::value::int_type_range;
use std::collections::{BTreeMap, BTreeSet};

/// How a function uses a field.
#[derive(Debug, Default, Clone, Copy)]
struct Use {
    reads: bool,
    writes: bool,
    /// It writes an int that may be out of the field's range.
    unproven: bool,
    /// It writes an int in another way than by adding what is not negative.
    shrinks: bool,
    /// It changes a list of narrow elements.
    changes_list: bool,
    /// It reads the list after it was changed.
    reads_changed_list: bool,
}

/// Whether a narrow field is written by one function and seen by another (or by another
/// call of the same one) within one call of `process`.
pub(super) fn is_shared(module: &Module, model: &Model, types: &TypeTable, state: &str) -> bool {
    let functions = functions(module);
    let mut uses: BTreeMap<(String, String), BTreeMap<usize, Use>> = BTreeMap::new();
    for (i, f) in model.functions.iter().enumerate() {
        if let Some(function) = functions.get(&f.python_name) {
            let mut collect = Collect {
                all: model,
                model: f,
                types,
                state,
                at: i,
                uses: &mut uses,
                writing: BTreeSet::new(),
                changed: BTreeSet::new(),
                unread: BTreeSet::new(),
                names: BTreeMap::new(),
                loops: 0,
            };
            ast::visit::Visitor::visit_block(&mut collect, &function.body);
        }
    }
    let often: BTreeSet<usize> = called_often(&functions, model);
    uses.values().any(|by_function| {
        // An int that only grows is out of its range for good: it can be checked at once.
        let only_grows = !by_function.values().any(|u| u.shrinks);
        let entry = |i: usize| {
            model
                .functions
                .get(i)
                .is_some_and(|f| f.role != Role::Helper)
        };
        let read = by_function.values().any(|u| u.reads);
        by_function.iter().any(|(writer, write)| {
            if write.changes_list
                && (write.reads_changed_list
                    || read && (by_function.len() > 1 || often.contains(writer)))
            {
                return true;
            }
            if !write.writes || (write.unproven && only_grows) {
                return false;
            }
            // `start`, `process` and `stop` are calls of their own.
            let other = by_function.iter().any(|(reader, read)| {
                reader != writer
                    && !(entry(*reader) && entry(*writer))
                    && (read.reads || (read.writes && write.unproven))
            });
            let again = often.contains(writer) && (write.reads || write.unproven);
            other || again
        })
    })
}

/// The functions and methods by name.
fn functions(module: &Module) -> BTreeMap<String, &ast::Function> {
    let mut out = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => {
                out.insert(f.name.name.clone(), f);
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(f) = &inner.kind {
                        out.insert(format!("{}.{}", class.name.name, f.method_key()), f);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// The functions that one call of `process` may call more than once.
fn called_often(functions: &BTreeMap<String, &ast::Function>, model: &Model) -> BTreeSet<usize> {
    struct Calls<'m> {
        model: &'m FnModel,
        loops: usize,
        found: Vec<(FnId, bool)>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Calls<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let is_loop = matches!(stmt.kind, StmtKind::While { .. } | StmtKind::For { .. });
            self.loops += usize::from(is_loop);
            ast::visit::walk_stmt(self, stmt);
            self.loops -= usize::from(is_loop);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let Some(id) = self.model.calls.get(&e.id) {
                self.found.push((*id, self.loops > 0));
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut callers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (i, f) in model.functions.iter().enumerate() {
        let Some(function) = functions.get(&f.python_name) else {
            continue;
        };
        let mut calls = Calls {
            model: f,
            loops: 0,
            found: Vec::new(),
        };
        ast::visit::Visitor::visit_block(&mut calls, &function.body);
        for (id, in_loop) in calls.found {
            *counts.entry(id.0).or_default() += 1 + usize::from(in_loop);
            callers.entry(id.0).or_default().insert(i);
        }
    }
    let mut often: BTreeSet<usize> = counts
        .iter()
        .filter(|(_, n)| **n > 1)
        .map(|(i, _)| *i)
        .collect();
    for _ in 0..model.functions.len() {
        for (callee, by) in &callers {
            if by.iter().any(|caller| often.contains(caller)) {
                often.insert(*callee);
            }
        }
    }
    often
}

struct Collect<'c> {
    all: &'c Model,
    model: &'c FnModel,
    types: &'c TypeTable,
    state: &'c str,
    at: usize,
    uses: &'c mut BTreeMap<(String, String), BTreeMap<usize, Use>>,
    /// What is written, or grows, where it stands: nobody reads it there.
    writing: BTreeSet<NodeId>,
    changed: BTreeSet<(String, String)>,
    /// Lists that are changed, counted or copied whole where they stand.
    unread: BTreeSet<NodeId>,
    /// The lists that variables are other names for: `w = state.window`.
    names: BTreeMap<String, ((String, String), RustTy)>,
    loops: usize,
}

impl Collect<'_> {
    /// The narrow field of the state that `e` names: its key and type.
    fn field(&self, e: &Expr) -> Option<((String, String), RustTy)> {
        if let ExprKind::Name(name) = &e.kind {
            return self.names.get(name).cloned();
        }
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return None;
        };
        let Ty::Struct(key) = self.model.fact(value.id).ty.narrowed() else {
            return None;
        };
        if !self.is_within(value) {
            return None;
        }
        let field = self
            .types
            .fields(&key)
            .iter()
            .find(|f| f.python_name == attr.name)?;
        is_narrow(&field.ty).then(|| ((key, attr.name.clone()), field.ty.clone()))
    }

    /// Whether a record may be the one asked about, or lie within it: all that it is read
    /// from may be. (`msg.pos` of an input is no part of an output that has a `pos` as well.)
    fn is_within(&self, record: &Expr) -> bool {
        let own = match self.model.fact(record.id).ty.narrowed() {
            Ty::Struct(key) => reaches(self.types, self.state, &key, 0),
            _ => true,
        };
        own && match &record.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                self.is_within(value)
            }
            _ => true,
        }
    }

    /// A variable that is from here on another name for a list of the state.
    fn name(&mut self, target: &Expr, value: &Expr) {
        match (&target.kind, &value.kind) {
            (ExprKind::Name(name), _) => {
                if let Some((key, ty)) = self.field(value).filter(|(_, ty)| is_list(ty)) {
                    self.names.insert(name.clone(), (key, ty));
                }
            }
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) => {
                for (target, value) in targets.iter().zip(values) {
                    self.name(target, value);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, key: (String, String)) -> &mut Use {
        self.uses
            .entry(key)
            .or_default()
            .entry(self.at)
            .or_default()
    }

    fn write(&mut self, target: &Expr, grows: bool) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.write(t, false))
            }
            ExprKind::Subscript { value, .. } => self.change(value),
            // A variable gets another value, whatever it was a name for.
            ExprKind::Name(_) => {}
            _ => {
                let Some((key, ty)) = self.field(target) else {
                    return;
                };
                let range = self.model.fact(target.id).range;
                let slot = self.entry(key);
                match ty {
                    RustTy::Int(int) => {
                        let unproven =
                            matches!(range, Range::Int(r) if !r.within(int_type_range(int)));
                        slot.unproven |= unproven;
                        slot.shrinks |= !grows;
                        // An int in its range is the same in the field.
                        slot.writes |= unproven;
                    }
                    _ => slot.writes = true,
                }
            }
        }
    }

    /// A literal that becomes a record of the state: its fields are rounded with it.
    fn write_whole(&mut self, target: &Expr, value: &Expr) {
        let literal = matches!(
            value.kind,
            ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Call { .. }
        );
        let ExprKind::Attribute { value: base, attr } = &target.kind else {
            return;
        };
        let (true, Ty::Struct(of)) = (literal, self.model.fact(base.id).ty.narrowed()) else {
            return;
        };
        let fields = self.types.fields(&of).iter();
        let mut held = fields.filter(|f| f.python_name == attr.name).map(|f| &f.ty);
        let key = match held.next() {
            Some(RustTy::Named(key)) => key.clone(),
            Some(RustTy::Tuple(items)) => tuple_key(items),
            _ => return,
        };
        if !reaches(self.types, self.state, &key, 0) {
            return;
        }
        let fields = self.types.fields(&key).to_vec();
        for field in fields.iter().filter(|f| holds_f32(&f.ty)) {
            // As a list whose elements are: read afterwards, it is kept as it was written.
            let name = (key.clone(), field.python_name.clone());
            self.changed.insert(name.clone());
            self.entry(name).changes_list = true;
        }
    }

    /// A record that is put into a list of the state: its fields are rounded when the call
    /// ends, unless it is one of a message's already.
    fn put(&mut self, list: &Expr, record: &Expr) {
        let ExprKind::Attribute { value, attr } = &list.kind else {
            return;
        };
        let Ty::Struct(key) = self.model.fact(value.id).ty.narrowed() else {
            return;
        };
        let rounded = matches!(self.model.fact(record.id).ty.narrowed(), Ty::Struct(_));
        if rounded || !self.is_within(value) {
            return;
        }
        let fields = self.types.fields(&key).iter();
        let mut held = fields.filter(|f| f.python_name == attr.name);
        if held.any(|f| self.holds_records(&f.ty, 0)) {
            let name = (key, attr.name.clone());
            self.changed.insert(name.clone());
            let in_loop = self.loops > 0;
            let slot = self.entry(name);
            slot.changes_list = true;
            slot.reads_changed_list |= in_loop && slot.reads;
        }
    }

    /// Whether a list holds records with fields that round.
    fn holds_records(&self, ty: &RustTy, depth: usize) -> bool {
        match ty {
            RustTy::Option(inner)
            | RustTy::Array(inner, _)
            | RustTy::Vec(inner)
            | RustTy::ArrayVec(inner, _)
            | RustTy::Boxed(inner) => self.holds_records(inner, depth),
            RustTy::Map { value, .. } => self.holds_records(value, depth),
            RustTy::Named(key) => self.round(self.types.fields(key), depth),
            RustTy::Tuple(items) => self.round(self.types.fields(&tuple_key(items)), depth),
            _ => false,
        }
    }

    fn round(&self, fields: &[FieldDef], depth: usize) -> bool {
        let rounds = |f: &FieldDef| holds_f32(&f.ty) || self.holds_records(&f.ty, depth + 1);
        depth < 8 && fields.iter().any(rounds)
    }

    /// The list of records of the state that `e` reads the fields of.
    fn records(&self, e: &Expr) -> Option<(String, String)> {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return None;
        };
        let Ty::Struct(key) = self.model.fact(value.id).ty.narrowed() else {
            return None;
        };
        let mut held = self.types.fields(&key).iter();
        let field = held.find(|f| f.python_name == attr.name)?;
        let read = !self.unread.contains(&e.id) && self.is_within(value);
        (read && self.holds_records(&field.ty, 0)).then(|| (key, attr.name.clone()))
    }

    fn change(&mut self, list: &Expr) {
        if let Some((key, ty)) = self.field(list)
            && (holds_f32(&ty) || matches!(ty, RustTy::ArrayVec(..)))
        {
            self.changed.insert(key.clone());
            let in_loop = self.loops > 0;
            let slot = self.entry(key);
            slot.changes_list = true;
            // In a loop, an earlier read comes after this change on the next turn.
            slot.reads_changed_list |= in_loop && slot.reads;
            slot.reads_changed_list |= matches!(ty, RustTy::ArrayVec(..));
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Collect<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                if let ([ExprKind::Attribute { .. }], ExprKind::Attribute { .. }) = (
                    targets
                        .iter()
                        .map(|t| &t.kind)
                        .collect::<Vec<_>>()
                        .as_slice(),
                    &value.kind,
                ) {
                    // A copy of the whole is rounded as it is.
                    self.unread.insert(value.id);
                }
                self.visit_expr(value);
                for target in targets {
                    self.write_whole(target, value);
                }
                targets.iter().for_each(|t| self.write(t, false));
                self.writing.extend(targets.iter().flat_map(ast::written));
                for target in targets {
                    self.visit_expr(target);
                }
                for target in targets {
                    self.name(target, value);
                }
            }
            StmtKind::AugAssign { target, op, value } => {
                ast::visit::walk_stmt(self, stmt);
                let step = self.model.fact(value.id);
                let grows = *op == ast::BinaryOp::Add
                    && step.ty == Ty::Int
                    && step.range.int().lo.is_some_and(|lo| lo >= 0);
                self.write(target, grows);
            }
            StmtKind::While { .. } | StmtKind::For { .. } => {
                self.loops += 1;
                ast::visit::walk_stmt(self, stmt);
                self.loops -= 1;
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let (ExprKind::Call { func, args, .. }, Some(id)) =
            (&e.kind, self.model.calls.get(&e.id))
        {
            // A list that a callee changes is changed here.
            let skip = usize::from(matches!(func.kind, ExprKind::Attribute { .. }));
            if let Some(callee) = self.all.functions.get(id.0) {
                for (i, arg) in args.iter().enumerate() {
                    if callee.mutated.contains(&(i + skip)) {
                        self.change(arg);
                    }
                }
            }
        }
        if let ExprKind::Call { func, args, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && let Some(record) = args.last()
        {
            // What is only changed is not read.
            self.unread.insert(value.id);
            if matches!(attr.name.as_str(), "append" | "insert" | "extend") {
                self.put(value, record);
            }
        }
        if let ExprKind::Call { func, args, .. } = &e.kind
            && matches!(&func.kind, ExprKind::Name(name) if name == "len")
        {
            self.unread.extend(args.iter().map(|arg| arg.id));
            self.writing.extend(args.iter().map(|arg| arg.id));
        }
        if !self.writing.contains(&e.id)
            && let Some(key) = self.records(e)
        {
            let after = self.changed.contains(&key);
            let slot = self.entry(key);
            slot.reads = true;
            slot.reads_changed_list |= after;
        }
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && let Some(class) = catalog::class_of(&self.model.fact(value.id).ty.narrowed())
            && catalog::only_adds(&format!("{class}.{}", attr.name))
        {
            self.writing.insert(value.id);
        }
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && catalog::class_of(&self.model.fact(value.id).ty.narrowed())
                .is_some_and(|class| catalog::mutates(&format!("{class}.{}", attr.name)))
        {
            self.change(value);
        } else if !self.writing.contains(&e.id)
            && let Some((key, ty)) = self.field(e)
        {
            let after = self.changed.contains(&key) && holds_f32(&ty);
            let slot = self.entry(key);
            slot.reads = true;
            slot.reads_changed_list |= after;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Whether `key` is `state` or a record within it.
fn reaches(types: &TypeTable, state: &str, key: &str, depth: usize) -> bool {
    if state == key {
        return true;
    }
    depth < 8
        && types.fields(state).iter().any(|f| match &f.ty {
            RustTy::Named(inner) => reaches(types, inner, key, depth + 1),
            RustTy::Tuple(items) => reaches(types, &tuple_key(items), key, depth + 1),
            _ => false,
        })
}

fn is_narrow(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) => true,
        RustTy::Int(int) => *int != IntTy::I64,
        RustTy::Option(inner) | RustTy::Boxed(inner) => is_narrow(inner),
        RustTy::Array(inner, _) | RustTy::Vec(inner) => holds_f32(inner),
        // What is put into it may be more than it holds.
        RustTy::ArrayVec(..) => true,
        RustTy::Map { value, .. } => holds_f32(value),
        _ => false,
    }
}

fn is_list(ty: &RustTy) -> bool {
    match ty {
        RustTy::Array(..) | RustTy::Vec(_) | RustTy::ArrayVec(..) | RustTy::Map { .. } => true,
        RustTy::Option(inner) | RustTy::Boxed(inner) => is_list(inner),
        _ => false,
    }
}

fn holds_f32(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) => true,
        RustTy::Option(inner)
        | RustTy::Array(inner, _)
        | RustTy::Vec(inner)
        | RustTy::Boxed(inner) => holds_f32(inner),
        RustTy::Map { value, .. } => holds_f32(value),
        _ => false,
    }
}
