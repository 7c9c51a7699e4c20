//! Fields that Rust keeps narrower than Python computes.
//!
//! PyTask converts a call's state and outputs when the call has succeeded: until then a
//! field holds what Python wrote, an unrounded double for an `f32`, an int of any size for
//! a `u8`. Where that could be seen, the Python value lives in a variable beside the field:
//! - a *let* shadow: `let integral = …; state.integral = integral as f32;`, read afterwards;
//! - a *deferred* shadow: a variable from the first use on, stored where the call succeeds.
//!
//! Which reads see which write is the question that variables pose as well: `scope`
//! answers it for the fields' paths.

use super::function::FnLower;
use super::vars::rust_ident;
use crate::ast::{self, Expr as PyExpr, ExprKind, NodeId, Stmt as PyStmt, StmtKind as PyKind};
use crate::infer::scope::{self, FnScope};
use crate::infer::{Path, Role};
use crate::ir::{Block, Expr, Function, RTy, Stmt, StmtKind};
use crate::project::{FloatTy, RustTy};
use crate::ranges::Range;
use crate::ty::{Side, Ty};
use crate::value::{Fact, Val, int_type_range};
use std::collections::{BTreeMap, BTreeSet};

/// A variable that stands for a field.
#[derive(Debug, Clone)]
pub(super) struct Shadow {
    /// The field.
    pub(super) path: Path,
    /// Its version; of a deferred shadow the path's text.
    pub(super) version: String,
    /// The variable's name.
    pub(super) name: String,
}

/// The plan for all narrow fields of a function.
#[derive(Debug, Default)]
pub(super) struct Shadows {
    scope: FnScope,
    paths: BTreeMap<String, Path>,
    deferred: BTreeSet<String>,
    /// Where the first access of each deferred path stands in the body.
    first: BTreeMap<String, NodeId>,
    /// Where the first write of each path starts.
    first_write: BTreeMap<String, u32>,
    opened: BTreeSet<String>,
    names: BTreeMap<String, String>,
}

/// One read or write of a path.
struct Access {
    text: String,
    path: Path,
    node: NodeId,
    start: u32,
    top: NodeId,
    write: Option<Write>,
    /// The spans of the blocks around it that always end the call.
    returning: Vec<(u32, u32)>,
}

struct Write {
    in_loop: bool,
    /// In an assignment of the body itself, not of a block in it.
    at_top: bool,
    /// `+=` of what is not negative.
    grows: bool,
}

/// What a write does with its value.
pub(super) enum Plan {
    /// Into the field.
    Direct,
    /// Into a variable, and rounded into the field; `fresh` opens the variable.
    Let { shadow: Shadow, fresh: bool },
    /// Into a variable that is stored later; `fresh` opens it.
    Deferred { shadow: Shadow, fresh: bool },
}

impl Shadows {
    /// Finds the fields of a function that need shadows.
    pub(super) fn of(this: &FnLower<'_, '_>) -> Shadows {
        let accesses = collect(this);
        let mut paths = BTreeMap::new();
        for access in &accesses {
            paths.insert(access.text.clone(), access.path.clone());
        }
        let texts: Vec<String> = paths.keys().cloned().collect();
        let hook = |e: &PyExpr| text_of(this, e).map(|(text, _)| text);
        let resolved = scope::resolve_paths(this.function, &hook, &texts);
        let mut shadows = Shadows {
            scope: resolved,
            paths,
            ..Shadows::default()
        };
        for (text, path) in &shadows.paths {
            let of_path: Vec<&Access> = accesses.iter().filter(|a| a.text == *text).collect();
            if let Some(first) = of_path.iter().min_by_key(|a| a.start) {
                shadows.first.insert(text.clone(), first.top);
            }
            if let Some(start) = of_path
                .iter()
                .filter(|a| a.write.is_some())
                .map(|a| a.start)
                .min()
            {
                shadows.first_write.insert(text.clone(), start);
            }
            if is_deferred(this, path, &of_path) {
                shadows.deferred.insert(text.clone());
            }
            let float = this
                .lw
                .field_type(this, path)
                .is_some_and(|ty| matches!(wide(&ty), RTy::Float(_)) || is_optional_float(&ty));
            if float || shadows.deferred.contains(text) {
                let mut name = shadow_name(this, path);
                while shadows.names.values().any(|n| *n == name) {
                    name.push('_');
                }
                shadows.names.insert(text.clone(), name);
            }
        }
        shadows
    }

    fn shadow(&self, text: &str, version: &str) -> Option<Shadow> {
        Some(Shadow {
            path: self.paths.get(text)?.clone(),
            version: version.to_string(),
            name: self.names.get(text)?.clone(),
        })
    }

    /// The variable that a read at `node` sees instead of the field.
    pub(super) fn read(&self, node: NodeId) -> Option<Shadow> {
        let version = self.scope.names.get(&node)?;
        let text = base_text(version);
        if self.deferred.contains(text) {
            return self
                .opened
                .contains(text)
                .then(|| self.shadow(text, text))
                .flatten();
        }
        self.opened
            .contains(version.as_str())
            .then(|| self.shadow(text, version))
            .flatten()
    }

    /// What the write at `node` does.
    pub(super) fn write(&mut self, node: NodeId) -> Plan {
        let Some(version) = self.scope.written.get(&node).cloned() else {
            return Plan::Direct;
        };
        let text = base_text(&version).to_string();
        if self.deferred.contains(&text) {
            let fresh = self.opened.insert(text.clone());
            return self
                .shadow(&text, &text)
                .map_or(Plan::Direct, |shadow| Plan::Deferred { shadow, fresh });
        }
        if !self.wants_let(&version) {
            return Plan::Direct;
        }
        let fresh = self.opened.insert(version.clone());
        self.shadow(&text, &version)
            .map_or(Plan::Direct, |shadow| Plan::Let { shadow, fresh })
    }

    /// The shadows that are open.
    pub(super) fn opened(&self) -> BTreeSet<String> {
        self.opened.clone()
    }

    /// Puts back what [`Shadows::opened`] gave.
    pub(super) fn reopen(&mut self, opened: BTreeSet<String>) {
        self.opened = opened;
    }

    /// The names of all shadows.
    pub(super) fn all_names(&self) -> impl Iterator<Item = String> + '_ {
        self.names.values().cloned()
    }

    /// Whether a shadow has that name.
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.names.values().any(|n| n == name)
    }

    /// Whether the write at `node` goes to a deferred shadow.
    pub(super) fn is_deferred(&self, node: NodeId) -> bool {
        self.scope
            .written
            .get(&node)
            .is_some_and(|version| self.deferred.contains(base_text(version)))
    }

    /// Whether a version is read after it was bound to a value that its field rounds.
    fn wants_let(&self, version: &str) -> bool {
        let Some(info) = self.scope.vars.get(version) else {
            return false;
        };
        let reads_bound = if info.is_param {
            info.bindings > 1 && info.reads > 0
        } else {
            info.reads > 0
        };
        reads_bound && self.names.contains_key(base_text(version))
    }

    /// The shadows that must hold the field's value from the start: some path reads either
    /// the old value or a new one.
    pub(super) fn at_entry(&self) -> Vec<Shadow> {
        self.scope
            .vars
            .iter()
            .filter(|(version, info)| {
                info.is_param
                    && self.paths.contains_key(*version)
                    && self.wants_let(version)
                    && !self.deferred.contains(*version)
            })
            .filter_map(|(version, _)| self.shadow(version, version))
            .collect()
    }

    /// The deferred shadows to open before a statement of the body.
    pub(super) fn to_open(&self, stmt: NodeId) -> Vec<Shadow> {
        self.deferred
            .iter()
            .filter(|text| !self.opened.contains(*text) && self.first.get(*text) == Some(&stmt))
            .filter_map(|text| self.shadow(text, text))
            .collect()
    }

    /// The deferred shadows to store at a return, or at the end of the body.
    pub(super) fn stores_at(&self, _at: Option<NodeId>) -> Vec<Shadow> {
        self.deferred
            .iter()
            .filter(|text| self.opened.contains(*text))
            .filter_map(|text| self.shadow(text, text))
            .collect()
    }

    pub(super) fn mark_open(&mut self, shadow: &Shadow) {
        self.opened.insert(shadow.version.clone());
    }

    /// Whether the path was written before byte `start`.
    pub(super) fn written_before(&self, shadow: &Shadow, start: u32) -> bool {
        self.first_write
            .get(base_text(&shadow.version))
            .is_some_and(|first| *first < start)
    }
}

/// `state.x` of `state.x#2`.
fn base_text(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}

/// The text and path of a narrow field that `e` reads or writes.
fn text_of(this: &FnLower<'_, '_>, e: &PyExpr) -> Option<(String, Path)> {
    let ExprKind::Attribute { value, attr } = &e.kind else {
        return None;
    };
    let path = this.path_of(e)?;
    let base = this.fact(value.id).ty.narrowed();
    let relevant = match &base {
        Ty::Struct(key) => {
            let rooted = this.is_state_path(&path) || this.is_output_path(&path);
            let field = this.lw.field(key, &attr.name)?;
            rooted && is_narrow(&field.ty)
        }
        Ty::Message {
            side: Side::Output, ..
        } => {
            attr.name == "tov"
                && this.lw.rollback.of(this.model.role).tov
                && this.model.role == Role::Process
        }
        _ => false,
    };
    relevant.then(|| (path.to_string(), path))
}

fn is_narrow(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) | RustTy::Int(_) | RustTy::CuDuration => true,
        RustTy::Option(inner) | RustTy::Boxed(inner) => is_narrow(inner),
        RustTy::Float(FloatTy::F64)
        | RustTy::Bool
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => false,
    }
}

/// Whether a field holds a float that it rounds, or none.
fn is_optional_float(ty: &RustTy) -> bool {
    matches!(ty, RustTy::Option(inner) if matches!(**inner, RustTy::Float(FloatTy::F32)))
}

fn collect(this: &FnLower<'_, '_>) -> Vec<Access> {
    struct Collector<'f, 'l, 'a> {
        this: &'f FnLower<'l, 'a>,
        found: Vec<Access>,
        top: Option<NodeId>,
        depth: usize,
        loops: usize,
        tries: usize,
        returning: Vec<(u32, u32)>,
    }
    impl Collector<'_, '_, '_> {
        fn access(&mut self, e: &PyExpr, write: Option<Write>) {
            if let (Some((text, path)), Some(top)) = (text_of(self.this, e), self.top) {
                self.found.push(Access {
                    text,
                    path,
                    node: e.id,
                    start: e.span.start,
                    top,
                    write,
                    returning: self.returning.clone(),
                });
            }
        }
        fn target(&mut self, target: &PyExpr, grows: bool) {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|t| self.target(t, false))
                }
                _ => self.access(
                    target,
                    Some(Write {
                        in_loop: self.loops > 0,
                        at_top: self.depth == 1 && self.loops == 0,
                        grows,
                    }),
                ),
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Collector<'_, '_, '_> {
        fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
            if self.depth == 0 {
                self.top = Some(stmt.id);
            }
            self.depth += 1;
            match &stmt.kind {
                PyKind::Assign { targets, .. } => {
                    targets.iter().for_each(|t| self.target(t, false))
                }
                PyKind::AnnAssign { target, .. } => self.target(target, false),
                PyKind::AugAssign { target, op, value } => {
                    let step = self.this.fact(value.id);
                    let grows = *op == ast::BinaryOp::Add
                        && step.ty == Ty::Int
                        && step.range.int().lo.is_some_and(|lo| lo >= 0);
                    self.target(target, grows);
                }
                PyKind::For { target, .. } => self.target(target, false),
                _ => {}
            }
            let is_loop = matches!(stmt.kind, PyKind::While { .. } | PyKind::For { .. });
            let is_try = matches!(stmt.kind, PyKind::Try { .. });
            self.loops += usize::from(is_loop);
            self.tries += usize::from(is_try);
            ast::visit::walk_stmt(self, stmt);
            self.loops -= usize::from(is_loop);
            self.tries -= usize::from(is_try);
            self.depth -= 1;
        }
        fn visit_block(&mut self, block: &'ast ast::Block) {
            let span = match (block.stmts.first(), block.stmts.last()) {
                (Some(first), Some(last))
                    if self.depth > 0 && self.tries == 0 && scope::ends_call(block) =>
                {
                    Some((first.span.start, last.span.end))
                }
                _ => None,
            };
            self.returning.extend(span);
            ast::visit::walk_block(self, block);
            if span.is_some() {
                self.returning.pop();
            }
        }
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            self.access(e, None);
            ast::visit::walk_expr(self, e);
        }
    }
    let mut collector = Collector {
        this,
        found: Vec::new(),
        top: None,
        depth: 0,
        loops: 0,
        tries: 0,
        returning: Vec::new(),
    };
    ast::visit::Visitor::visit_block(&mut collector, &this.function.body);
    // A target is visited as an expression too: that is no read.
    let written: BTreeSet<NodeId> = collector
        .found
        .iter()
        .filter(|a| a.write.is_some())
        .map(|a| a.node)
        .collect();
    collector
        .found
        .retain(|a| a.write.is_some() || !written.contains(&a.node));
    collector.found
}

/// Whether a write may be out of the field's range without being the last: then Python
/// may bring it back before anyone checks.
fn is_deferred(this: &FnLower<'_, '_>, path: &Path, accesses: &[&Access]) -> bool {
    if path
        .segs
        .last()
        .is_some_and(|seg| *seg == crate::infer::Seg::Attr("tov".into()))
    {
        return true;
    }
    if this.is_output_path(path) && !starts_with_a_write(accesses) {
        // A variable stored at the end would publish what was never written.
        return false;
    }
    let Some(RustTy::Int(int)) = this.lw.field_type(this, path) else {
        return false;
    };
    let whole = int_type_range(int);
    let writes: Vec<(&Access, &Write)> = accesses
        .iter()
        .filter_map(|a| a.write.as_ref().map(|w| (*a, w)))
        .collect();
    let unproven = |access: &Access| match this.fact(access.node).range {
        Range::Int(range) => !range.within(whole),
        Range::Float(_) | Range::Any => false,
    };
    writes.iter().any(|(access, write)| {
        if !unproven(access) {
            return false;
        }
        // A write in a block that ends the call is not followed by those outside of it.
        let reached = |other: &Access| {
            access
                .returning
                .iter()
                .all(|(start, end)| (*start..*end).contains(&other.start))
        };
        let mut later = writes
            .iter()
            .filter(|(other, _)| reached(other))
            .filter(|(other, _)| {
                other.start > access.start
                    || (write.in_loop && other.node == access.node)
                    || (write.in_loop && other.start < access.start)
            });
        !later.all(|(_, other)| other.grows && write.grows)
    })
}

/// Whether the first access is a write that every call gets to, unless it returns earlier.
fn starts_with_a_write(accesses: &[&Access]) -> bool {
    accesses
        .iter()
        .min_by_key(|a| a.start)
        .and_then(|first| first.write.as_ref())
        .is_some_and(|write| write.at_top)
}

fn shadow_name(this: &FnLower<'_, '_>, path: &Path) -> String {
    let last = match path.segs.last() {
        Some(crate::infer::Seg::Attr(name)) => name.clone(),
        _ => "value".to_string(),
    };
    let base = if last == "tov" {
        let message = Path {
            root: path.root.clone(),
            segs: path
                .segs
                .iter()
                .take(path.segs.len() - 1)
                .cloned()
                .collect(),
        };
        this.messages
            .get(&message)
            .map_or_else(|| last.clone(), |m| format!("{m}_tov"))
    } else {
        last
    };
    let mut name = rust_ident(&base);
    let clashes = |name: &str| {
        matches!(name, "ctx" | "input" | "output" | "state")
            || this
                .model
                .vars
                .keys()
                .any(|v| rust_ident(scope::plain_name(v)) == name)
            || this.messages.values().any(|m| m == name)
    };
    while clashes(&name) {
        name = if this.is_output_path(path) {
            format!("{name}_out")
        } else {
            format!("{name}_now")
        };
    }
    name
}

impl FnLower<'_, '_> {
    /// The wide Rust type of a shadow's variable.
    pub(super) fn shadow_type(&self, shadow: &Shadow) -> RTy {
        let Some(field) = self.lw.field_type(self, &shadow.path) else {
            return RTy::Tov;
        };
        wide(&field)
    }

    /// Opens a shadow with the current value of its field.
    pub(super) fn open_shadow(&mut self, shadow: &Shadow) {
        let ty = self.shadow_type(shadow);
        let Some((place, rty)) = self.path_place(&shadow.path, false) else {
            return;
        };
        let fact = Fact::of(
            self.lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types)),
        );
        let range = self
            .lw
            .field_type(self, &shadow.path)
            .map_or(Range::Any, |t| crate::value::stored_range(&t));
        let val = Val {
            range,
            ..Val::new(place, rty, &fact)
        };
        let expr = self.widen(val, &ty);
        self.shadows.mark_open(shadow);
        self.out.push(Stmt::new(StmtKind::Let {
            name: shadow.name.clone(),
            mutable: true,
            ty: None,
            init: Some(expr),
        }));
    }

    /// The statements that store a deferred shadow.
    pub(super) fn store_shadow(&mut self, shadow: &Shadow, at: Option<NodeId>) -> Vec<Stmt> {
        let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
        if !self.shadows.written_before(shadow, start) {
            return Vec::new();
        }
        let outer = std::mem::take(&mut self.out);
        if let Some((place, rty)) = self.path_place(&shadow.path, true) {
            let ty = self.shadow_type(shadow);
            let range = self
                .model
                .exits
                .get(&at)
                .and_then(|ranges| ranges.get(&shadow.path).copied());
            let fact = self
                .lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types));
            let mut val = Val::new(Expr::atom(shadow.name.clone()), ty, &Fact::of(fact));
            if let Some(range) = range {
                val.range = range;
            }
            let name = shadow.path.segs.last().map_or(String::new(), |s| match s {
                crate::infer::Seg::Attr(name) => name.clone(),
                crate::infer::Seg::Index(i) => i.to_string(),
            });
            let value = self
                .coerce(val, &rty, self.function.name.span, &name)
                .unwrap_or_else(|hole| hole);
            self.out.push(Stmt::new(StmtKind::Assign {
                place,
                op: None,
                value,
            }));
        }
        std::mem::replace(&mut self.out, outer)
    }

    pub(super) fn return_starts(&self, id: NodeId) -> Option<u32> {
        struct Find(NodeId, Option<u32>);
        impl<'ast> ast::visit::Visitor<'ast> for Find {
            fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
                if stmt.id == self.0 {
                    self.1 = Some(stmt.span.start);
                }
                ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut find = Find(id, None);
        ast::visit::Visitor::visit_block(&mut find, &self.function.body);
        find.1
    }
}

/// The type in which Python's value of a field is kept.
pub(super) fn wide(field: &RustTy) -> RTy {
    match field {
        RustTy::Float(_) => RTy::F64,
        RustTy::Int(int) if matches!(int.bits(), 128) || (!int.is_signed() && int.bits() == 64) => {
            RTy::I128
        }
        RustTy::Int(_) => RTy::I64,
        RustTy::CuDuration => RTy::I128,
        RustTy::Option(inner) => RTy::Option(Box::new(wide(inner))),
        RustTy::Boxed(inner) => wide(inner),
        RustTy::Bool
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => super::types::rty_of(field),
    }
}

/// What of the rollback the Rust of `process` needs: whether something can fail after the
/// state, or an output's `tov`, was written.
pub(super) fn needed_rollback(function: &Function, current: super::Rollback) -> super::Rollback {
    let mut flow = Flow {
        state: false,
        tov: false,
        needed: current,
    };
    flow.block(&function.body);
    flow.needed
}

#[derive(Clone, Copy)]
struct Flow {
    state: bool,
    tov: bool,
    needed: super::Rollback,
}

impl Flow {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(value) = &block.value {
            self.expr(value);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if stmt.is_error() {
            self.fails();
        }
        match &stmt.kind {
            StmtKind::Assign { place, value, .. } => {
                self.expr(value);
                self.expr(place);
                for place in crate::ir::uses::places(place) {
                    match root(place) {
                        Some("state") => self.state = true,
                        _ if matches!(place, Expr::Field(_, name) if name == "tov") => {
                            self.tov = true;
                        }
                        _ => {}
                    }
                }
            }
            StmtKind::While { body, cond, .. } => {
                for _ in 0..2 {
                    self.expr(cond);
                    self.block(body);
                }
            }
            StmtKind::Loop { body, .. } | StmtKind::For { body, .. } => {
                if let StmtKind::For { iter, .. } = &stmt.kind {
                    self.expr(iter);
                }
                self.block(body);
                self.block(body);
            }
            StmtKind::LetPattern {
                init, otherwise, ..
            } => {
                self.expr(init);
                if let Some(otherwise) = otherwise {
                    let mut branch = *self;
                    branch.block(otherwise);
                    self.needed = branch.needed;
                    if !ends_call(otherwise) {
                        self.state |= branch.state;
                        self.tov |= branch.tov;
                    }
                }
            }
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| self.expr(e));
                blocks.into_iter().for_each(|b| self.block(b));
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        match e {
            Expr::If {
                cond,
                then,
                otherwise,
            } => {
                self.expr(cond);
                self.branches(&[Some(then), otherwise.as_ref()]);
            }
            Expr::Match { subject, arms } => {
                self.expr(subject);
                let bodies: Vec<Option<&Block>> = arms.iter().map(|a| Some(&a.body)).collect();
                self.branches(&bodies);
            }
            Expr::Try(inner) => {
                self.expr(inner);
                self.fails();
            }
            Expr::Call(_, args) => {
                args.iter().for_each(|a| self.expr(a));
                // A helper that gets the state by `&mut` may write to it, and then fail.
                self.state |= args.iter().any(|a| match a {
                    Expr::Atom(name) => name == "state",
                    Expr::RefMut(place) => root(place) == Some("state"),
                    _ => false,
                });
            }
            Expr::Method(receiver, name, args) => {
                self.expr(receiver);
                args.iter().for_each(|a| self.expr(a));
                self.state |= root(receiver) == Some("state")
                    && matches!(
                        name.as_str(),
                        "sort"
                            | "sort_by"
                            | "sort_by_key"
                            | "reverse"
                            | "swap"
                            | "drain"
                            | "extend"
                            | "push"
                            | "clear"
                            | "remove"
                            | "insert"
                            | "pop"
                            | "truncate"
                            | "get_or_insert"
                    );
            }
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| self.expr(e));
                blocks.into_iter().for_each(|b| self.block(b));
            }
        }
    }

    fn branches(&mut self, blocks: &[Option<&Block>]) {
        let before = *self;
        let mut after = before;
        for block in blocks.iter().flatten() {
            let mut branch = Flow {
                needed: after.needed,
                ..before
            };
            branch.block(block);
            after.needed = branch.needed;
            // What `break` and `continue` lead to runs after what the branch has written.
            if !ends_call(block) {
                after.state |= branch.state;
                after.tov |= branch.tov;
            }
        }
        *self = after;
    }

    fn fails(&mut self) {
        self.needed.state |= self.state;
        self.needed.tov |= self.tov;
    }
}

/// Whether a block always returns.
fn ends_call(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_) => true,
        StmtKind::Expr(Expr::If {
            then,
            otherwise: Some(otherwise),
            ..
        }) => ends_call(then) && ends_call(otherwise),
        StmtKind::Expr(Expr::Match { arms, .. }) => {
            !arms.is_empty() && arms.iter().all(|arm| ends_call(&arm.body))
        }
        _ => false,
    })
}

/// The variable at the root of a place.
fn root(place: &Expr) -> Option<&str> {
    match place {
        Expr::Atom(name) => Some(name),
        Expr::Field(base, _) | Expr::Index(base, _) | Expr::Deref(base) => root(base),
        Expr::Method(base, _, _) => root(base),
        _ => None,
    }
}
