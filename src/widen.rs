//! A state with the widths that Python computes in.
//!
//! Enters: the module and its [`Model`]. Leaves: where several functions share narrow
//! fields of the state in one call, a state type of `f64` and `i64` to infer and lower
//! with, and the Rust that loads and stores it; nothing where shadows suffice. PyTask
//! converts the state when the call has succeeded: until then every function sees what
//! Python wrote, unrounded and of any size. This module must not know how statements are
//! lowered.

use crate::ast::{self, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::catalog;
use crate::infer::{FnId, FnModel, Model, Role};
use crate::project::{
    Binding, FieldDef, FloatTy, IntTy, RustTy, StructDef, StructKind, TypeDef, TypeTable,
};
use crate::ranges::Range;
use crate::ty::{Ty, last_segment};
use crate::value::int_type_range;
use std::collections::{BTreeMap, BTreeSet};

/// What the keys of wide types start with.
pub const WIDE: &str = "<wide>::";

/// The wide state.
#[derive(Debug, Clone)]
pub struct Widened {
    /// The app's types and the wide ones.
    pub types: TypeTable,
    /// The binding, with the wide state.
    pub binding: Binding,
    /// The Rust of the wide types.
    pub items: Vec<String>,
    /// The keys of the app's types that this Rust names.
    pub uses: BTreeSet<String>,
    /// Whether storing can fail.
    pub fallible: bool,
}

/// Widens the state where functions share its narrow fields.
pub fn widen(
    module: &Module,
    model: &Model,
    types: &TypeTable,
    binding: &Binding,
) -> Option<Widened> {
    let RustTy::Named(key) = &binding.state else {
        return None;
    };
    types.struct_def(key)?;
    if !is_shared(module, model, types, key) {
        return None;
    }
    let mut builder = Builder {
        types: types.clone(),
        items: Vec::new(),
        uses: BTreeSet::new(),
        script: binding.script_name.clone(),
        fallible: BTreeMap::new(),
    };
    let wide = builder.record(key)?;
    let fallible = builder.fallible.get(key).copied().unwrap_or(false);
    Some(Widened {
        types: builder.types,
        binding: Binding {
            state: RustTy::Named(wide),
            ..binding.clone()
        },
        items: builder.items,
        uses: builder.uses,
        fallible,
    })
}

/// The fields of outputs that functions share as [`widen`] asks of the state: outputs have
/// no wide version.
pub fn shared_outputs(
    module: &Module,
    model: &Model,
    types: &TypeTable,
    binding: &Binding,
) -> Vec<String> {
    let mut out = Vec::new();
    for ty in &binding.outputs {
        if let RustTy::Named(key) = ty
            && is_shared(module, model, types, key)
        {
            out.push(last_segment(key).to_string());
        }
    }
    out
}

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
fn is_shared(module: &Module, model: &Model, types: &TypeTable, state: &str) -> bool {
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
                writing: None,
                changed: BTreeSet::new(),
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
        by_function.iter().any(|(writer, write)| {
            if write.changes_list
                && (write.reads_changed_list || by_function.len() > 1 || often.contains(writer))
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
    writing: Option<NodeId>,
    changed: BTreeSet<(String, String)>,
    loops: usize,
}

impl Collect<'_> {
    /// The narrow field of the state that `e` names: its key and type.
    fn field(&self, e: &Expr) -> Option<((String, String), RustTy)> {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return None;
        };
        let Ty::Struct(key) = self.model.fact(value.id).ty.narrowed() else {
            return None;
        };
        if !reaches(self.types, self.state, &key, 0) {
            return None;
        }
        let StructKind::Record(fields) = &self.types.struct_def(&key)?.kind else {
            return None;
        };
        let field = fields.iter().find(|f| f.python_name == attr.name)?;
        is_narrow(&field.ty).then(|| ((key, attr.name.clone()), field.ty.clone()))
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

    fn change(&mut self, list: &Expr) {
        if let Some((key, ty)) = self.field(list)
            && holds_f32(&ty)
        {
            self.changed.insert(key.clone());
            let in_loop = self.loops > 0;
            let slot = self.entry(key);
            slot.changes_list = true;
            // In a loop, an earlier read comes after this change on the next turn.
            slot.reads_changed_list |= in_loop && slot.reads;
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Collect<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.visit_expr(value);
                targets.iter().for_each(|t| self.write(t, false));
                for target in targets {
                    self.writing = Some(match &target.kind {
                        ExprKind::Subscript { value, .. } => value.id,
                        _ => target.id,
                    });
                    self.visit_expr(target);
                }
                self.writing = None;
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
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && catalog::class_of(&self.model.fact(value.id).ty.narrowed())
                .is_some_and(|class| catalog::mutates(&format!("{class}.{}", attr.name)))
        {
            self.change(value);
        } else if self.writing != Some(e.id)
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
    let Some(StructKind::Record(fields)) = types.struct_def(state).map(|d| &d.kind) else {
        return false;
    };
    depth < 8
        && fields
            .iter()
            .any(|f| matches!(&f.ty, RustTy::Named(inner) if reaches(types, inner, key, depth + 1)))
}

fn is_narrow(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) => true,
        RustTy::Int(int) => *int != IntTy::I64,
        RustTy::Option(inner) | RustTy::Boxed(inner) => is_narrow(inner),
        RustTy::Array(inner, _) | RustTy::Vec(inner) => holds_f32(inner),
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
        _ => false,
    }
}

struct Builder {
    types: TypeTable,
    items: Vec<String>,
    uses: BTreeSet<String>,
    script: String,
    /// Whether storing a record can fail, by its key.
    fallible: BTreeMap<String, bool>,
}

impl Builder {
    /// The wide version of a record; its Rust is added to the items.
    fn record(&mut self, key: &str) -> Option<String> {
        let def = self.types.struct_def(key)?.clone();
        let StructKind::Record(fields) = &def.kind else {
            return None;
        };
        let name = format!("Wide{}", def.name);
        let wide_key = format!("{WIDE}{name}");
        self.uses.insert(key.to_string());
        let mut wide_fields = Vec::new();
        let (mut decls, mut loads, mut stores) = (Vec::new(), Vec::new(), Vec::new());
        let mut fallible = false;
        for field in fields.iter().filter(|f| !f.skipped) {
            let ty = self.wide(&field.ty)?;
            let (n, source) = (&field.name, format!("state.{}", field.place()));
            decls.push(format!("{n}: {},", self.spell(&ty)));
            loads.push(format!("{n}: {},", self.load(&source, &field.ty)));
            let stored = self.store(&format!("self.{n}"), &field.ty, &field.python_name);
            fallible |= stored.contains('?');
            let stored = match &field.wrapper {
                None => stored,
                Some(wrapper) => {
                    self.uses.insert(wrapper.key().to_string());
                    let name = last_segment(wrapper.key());
                    format!("{name} {{ {}: {stored} }}", wrapper.field())
                }
            };
            stores.push(format!("{n}: {stored},"));
            wide_fields.push(FieldDef {
                ty,
                wrapper: None,
                ..field.clone()
            });
        }
        if fields.iter().any(|f| f.skipped) {
            stores.push("..Default::default()".into());
        }
        let (ret, open, close) = if fallible {
            (format!("CuResult<{}>", def.name), "Ok(", ")")
        } else {
            (def.name.clone(), "", "")
        };
        self.items.insert(
            0,
            format!(
                "/// `{}` with the widths that Python computes in.\n#[derive(Debug, Clone)]\nstruct {name} {{\n{}\n}}\n\n\
                 impl {name} {{\nfn load(state: &{}) -> Self {{\nSelf {{\n{}\n}}\n}}\n\n\
                 fn store(self) -> {ret} {{\n{open}{} {{\n{}\n}}{close}\n}}\n}}\n",
                def.name,
                decls.join("\n"),
                def.name,
                loads.join("\n"),
                def.name,
                stores.join("\n"),
            ),
        );
        self.fallible.insert(key.to_string(), fallible);
        self.types.defs.insert(
            wide_key.clone(),
            TypeDef::Struct(StructDef {
                name,
                derives: def
                    .derives
                    .iter()
                    .filter(|d| *d != "Copy")
                    .cloned()
                    .collect(),
                kind: StructKind::Record(wide_fields),
                ..def
            }),
        );
        Some(wide_key)
    }

    fn wide(&mut self, ty: &RustTy) -> Option<RustTy> {
        Some(match ty {
            RustTy::Float(_) => RustTy::Float(FloatTy::F64),
            RustTy::Int(int) => RustTy::Int(wide_int(*int)),
            RustTy::Option(inner) => RustTy::Option(Box::new(self.wide(inner)?)),
            RustTy::Array(inner, len) => RustTy::Array(Box::new(self.wide(inner)?), *len),
            RustTy::Vec(inner) => RustTy::Vec(Box::new(self.wide(inner)?)),
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                RustTy::Named(self.record(key)?)
            }
            RustTy::Named(key) => {
                self.uses.insert(key.clone());
                ty.clone()
            }
            other => other.clone(),
        })
    }

    fn spell(&self, ty: &RustTy) -> String {
        match ty {
            RustTy::Named(key) => last_segment(key).to_string(),
            RustTy::Option(inner) => format!("Option<{}>", self.spell(inner)),
            RustTy::Array(inner, len) => format!("[{}; {len}]", self.spell(inner)),
            RustTy::Vec(inner) => format!("Vec<{}>", self.spell(inner)),
            RustTy::Int(int) => int.name().into(),
            RustTy::Float(FloatTy::F32) => "f32".into(),
            RustTy::Float(FloatTy::F64) => "f64".into(),
            RustTy::Bool => "bool".into(),
            RustTy::Char => "char".into(),
            RustTy::String => "String".into(),
            RustTy::Unit => "()".into(),
            RustTy::CuDuration => "CuTime".into(),
            RustTy::Boxed(inner) => format!("Box<{}>", self.spell(inner)),
            RustTy::Tuple(_) | RustTy::Map { .. } | RustTy::Opaque(_) => self.types.spell(ty),
        }
    }

    /// The field's value in the wide type.
    fn load(&self, from: &str, ty: &RustTy) -> String {
        match ty {
            RustTy::Float(FloatTy::F32) => format!("f64::from({from})"),
            RustTy::Int(int) if *int == wide_int(*int) => from.to_string(),
            RustTy::Int(int) if matches!(int, IntTy::Usize | IntTy::Isize) => {
                format!("{from} as {}", wide_int(*int).name())
            }
            RustTy::Int(int) => format!("{}::from({from})", wide_int(*int).name()),
            RustTy::Float(FloatTy::F64)
            | RustTy::Bool
            | RustTy::Char
            | RustTy::Unit
            | RustTy::CuDuration => from.to_string(),
            RustTy::Option(inner) | RustTy::Array(inner, _) if self.is_plain(inner) => {
                if is_same(inner) {
                    from.to_string()
                } else {
                    format!("{from}.map({})", closure("x", &self.load("x", inner)))
                }
            }
            RustTy::Vec(inner) if self.is_plain(inner) && !is_same(inner) => format!(
                "{from}.iter().map({}).collect()",
                closure("&x", &self.load("x", inner))
            ),
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                format!("Wide{}::load(&{from})", last_segment(key))
            }
            RustTy::Named(key) if self.is_copy(key) => from.to_string(),
            _ => format!("{from}.clone()"),
        }
    }

    fn is_copy(&self, key: &str) -> bool {
        let derives = match self.types.defs.get(key) {
            Some(TypeDef::Struct(def)) => &def.derives,
            Some(TypeDef::Enum(def)) => &def.derives,
            None => return false,
        };
        derives.iter().any(|d| d == "Copy")
    }

    /// The wide value in the field's type: rounded, or checked.
    fn store(&self, from: &str, ty: &RustTy, name: &str) -> String {
        match ty {
            RustTy::Float(FloatTy::F32) => format!("{from} as f32"),
            RustTy::Int(int) if *int == wide_int(*int) => from.to_string(),
            RustTy::Int(int) => {
                format!(
                    "{}::try_from({from}).map_err(|_| \"{}: `{name}` leaves {}\")?",
                    int.name(),
                    self.script,
                    int.name()
                )
            }
            RustTy::Option(inner) if is_same(inner) => from.to_string(),
            RustTy::Option(inner) => {
                let stored = self.store("x", inner, name);
                if stored.contains('?') {
                    format!("match {from} {{ Some(x) => Some({stored}), None => None }}")
                } else {
                    format!("{from}.map(|x| {stored})")
                }
            }
            RustTy::Array(inner, _) if matches!(**inner, RustTy::Float(FloatTy::F32)) => {
                format!("{from}.map(|x| x as f32)")
            }
            RustTy::Vec(inner) if matches!(**inner, RustTy::Float(FloatTy::F32)) => {
                format!("{from}.iter().map(|&x| x as f32).collect()")
            }
            RustTy::Array(inner, _) | RustTy::Vec(inner)
                if matches!(**inner, RustTy::Int(_)) && !is_same(inner) =>
            {
                let RustTy::Int(int) = **inner else {
                    return from.to_string();
                };
                let items = format!(
                    "{from}.iter().map(|&x| {}::try_from(x)).collect::<Result<Vec<_>, _>>().map_err(|_| \"{}: `{name}` leaves {}\")?",
                    int.name(),
                    self.script,
                    int.name()
                );
                if matches!(ty, RustTy::Array(..)) {
                    format!(
                        "{items}.try_into().map_err(|_| \"{}: `{name}` has another length\")?",
                        self.script
                    )
                } else {
                    items
                }
            }
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                let fails = self.fallible.get(key).copied().unwrap_or(false);
                format!("{from}.store(){}", if fails { "?" } else { "" })
            }
            _ => from.to_string(),
        }
    }

    fn is_plain(&self, ty: &RustTy) -> bool {
        matches!(ty, RustTy::Float(_) | RustTy::Int(_) | RustTy::Bool)
    }
}

/// A closure, or the function that it would only call.
fn closure(params: &str, body: &str) -> String {
    match body.strip_suffix("(x)") {
        Some(function) if params == "x" && function.contains("::") => function.to_string(),
        _ => format!("|{params}| {body}"),
    }
}

/// Whether a type is its own wide version.
fn is_same(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(float) => *float == FloatTy::F64,
        RustTy::Int(int) => *int == wide_int(*int),
        RustTy::Option(inner) | RustTy::Array(inner, _) | RustTy::Vec(inner) => is_same(inner),
        RustTy::Named(_) => false,
        _ => true,
    }
}

fn wide_int(int: IntTy) -> IntTy {
    match int {
        IntTy::U64 | IntTy::Usize | IntTy::I128 => IntTy::I128,
        IntTy::U128 => IntTy::U128,
        IntTy::I8
        | IntTy::I16
        | IntTy::I32
        | IntTy::I64
        | IntTy::Isize
        | IntTy::U8
        | IntTy::U16
        | IntTy::U32 => IntTy::I64,
    }
}
