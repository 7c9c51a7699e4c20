//! Enums with data: `"Cruise" in request`, `request["Cruise"]`.
//!
//! Enters: a condition that asks which variant a value is, or an expression on its data.
//! Leaves: patterns of Rust, and names for the data that the Python reads where they hold.
//! This module must not know how a condition or a `match` is written.

use super::function::{Bound, FnLower};
use super::place::lent;
use super::types::rty_of;
use crate::ast::visit::{Visitor, walk_expr};
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::tagged::{has_equality, variant_test};
use crate::infer::{Path, Seg};
use crate::ir::{BinOp, Expr, RTy, Stmt, StmtKind};
use crate::project::{EnumDef, RustTy, Variant, VariantKind};
use crate::ty::Ty;

use std::collections::BTreeSet;

/// What cannot be read: Python sees it as it was written, Rust rounded.
const READ_BACK: &str = "reading the data of an enum that this call may have written";

/// A condition that asks only which variant a value is.
#[derive(Debug, Clone)]
pub(super) struct VariantTest<'a> {
    /// The value.
    pub(super) value: &'a PyExpr,
    /// The key of its enum.
    pub(super) key: String,
    /// Whether it may be None.
    pub(super) optional: bool,
    /// The variants for which the condition holds.
    pub(super) holds: BTreeSet<String>,
}

/// A pattern, and the names that it binds for what lies at a path.
#[derive(Debug, Clone)]
pub(super) struct DataPattern {
    pub(super) pattern: String,
    pub(super) bound: Vec<(Path, String, RTy)>,
}

impl<'a> FnLower<'_, 'a> {
    /// The enum with data that an expression is: its key, and whether it may be None.
    pub(super) fn tagged(&self, e: &PyExpr) -> Option<(String, bool)> {
        match self.fact(e.id).ty {
            Ty::Tagged(key) => Some((key, false)),
            Ty::Option(inner) => match *inner {
                Ty::Tagged(key) => Some((key, true)),
                _ => None,
            },
            _ => None,
        }
    }

    fn enum_at(&self, e: &PyExpr) -> Option<(&'a EnumDef, bool)> {
        let (key, optional) = self.tagged(e)?;
        let types = self.lw.input.types;
        Some((types.enum_def(&key)?, optional))
    }

    /// The test of a variant that a condition is.
    pub(super) fn tag_test(&self, e: &'a PyExpr) -> Option<VariantTest<'a>> {
        let tagged = |e: &PyExpr| self.enum_at(e);
        let same = |a: &PyExpr, b: &PyExpr| {
            let a = self.path_of(a);
            a.is_some() && a == self.path_of(b)
        };
        let test = variant_test(e, &tagged, &same)?;
        let (key, optional) = self.tagged(test.value)?;
        Some(VariantTest {
            value: test.value,
            key,
            optional,
            holds: test.holds,
        })
    }

    /// The test that holds where another does not.
    pub(super) fn opposite(&self, test: VariantTest<'a>) -> Option<VariantTest<'a>> {
        let def = self.lw.input.types.enum_def(&test.key)?;
        let others = def.variants.iter().map(|v| v.name.clone());
        let holds = others.filter(|name| !test.holds.contains(name)).collect();
        (!test.optional).then_some(VariantTest { holds, ..test })
    }

    /// The place of a value, as a `match` looks at it.
    pub(super) fn tagged_place(&mut self, value: &'a PyExpr) -> Result<(Expr, RTy), Expr> {
        if let (Some(path), Some((key, _))) = (self.path_of(value), self.tagged(value))
            && self.reads_back(&path, &key)
        {
            return Err(self.partly(value, READ_BACK));
        }
        let found = match self.path_of(value) {
            Some(path) => self.path_place(&path, false),
            None => {
                let val = self.expr(value)?;
                Some((val.expr, val.rty))
            }
        };
        let Some((place, rty)) = found else {
            return Err(self.hole(value));
        };
        Ok(match rty {
            RTy::Ref(held) | RTy::RefMut(held) => match place {
                Expr::Ref(place) => (*place, *held),
                place => (Expr::Deref(Box::new(place)), *held),
            },
            rty => (place, rty),
        })
    }

    /// Which variant a value is, as a `bool`.
    pub(super) fn variant_is(&mut self, test: &VariantTest<'a>) -> Result<Expr, Expr> {
        let (place, rty) = self.tagged_place(test.value)?;
        let types = self.lw.input.types;
        let Some(def) = types.enum_def(&test.key) else {
            return Err(self.hole(test.value));
        };
        let variants = def.variants.iter();
        let held: Vec<&Variant> = variants.filter(|v| test.holds.contains(&v.name)).collect();
        let optional = matches!(rty, RTy::Option(_));
        if held.len() == def.variants.len() {
            return Ok(match optional {
                true => place.method("is_some", vec![]),
                false => Expr::atom("true"),
            });
        }
        if held.is_empty() {
            return Ok(Expr::atom("false"));
        }
        let name = self.lw.use_type(&test.key);
        let pattern = |variants: &[&Variant]| {
            let patterns: Vec<String> = variants
                .iter()
                .map(|v| format!("{name}::{}", unread(v)))
                .map(|p| if optional { format!("Some({p})") } else { p })
                .collect();
            Expr::Atom(patterns.join(" | "))
        };
        let looked_at = match &place {
            Expr::Deref(held) => (**held).clone(),
            place => place.clone(),
        };
        let is = |pattern| Expr::Macro("matches".into(), vec![looked_at.clone(), pattern]);
        let others: Vec<&Variant> = def
            .variants
            .iter()
            .filter(|v| !test.holds.contains(&v.name))
            .collect();
        if let ([one], false) = (held.as_slice(), optional)
            && one.kind == VariantKind::Unit
            && def.derives.iter().any(|d| d == "PartialEq")
        {
            let variant = Expr::atom(format!("{name}::{}", one.name));
            return Ok(place.binary(BinOp::Eq, variant));
        }
        Ok(match others.len() < held.len() && !optional {
            true => is(pattern(&others)).negate(true),
            false => is(pattern(&held)),
        })
    }

    /// `a == b` of two such values; nothing where they are something else.
    pub(super) fn variants_equal(
        &mut self,
        e: &'a PyExpr,
        left: &'a PyExpr,
        ops: &[CompareOp],
        rest: &'a [PyExpr],
    ) -> Option<Result<Expr, Expr>> {
        let ([op @ (CompareOp::Eq | CompareOp::NotEq)], [right]) = (ops, rest) else {
            return None;
        };
        let (a, b) = (self.tagged(left)?, self.tagged(right)?);
        if a != b || !has_equality(self.lw.input.types, &a.0) {
            return None;
        }
        let places = (self.tagged_place(left), self.tagged_place(right));
        let ((left, held), (right, other)) = match places {
            (Ok(left), Ok(right)) => (left, right),
            (Err(hole), _) | (_, Err(hole)) => return Some(Err(hole)),
        };
        // An object is equal to itself, even where a NaN is in it.
        if held != other || left == right {
            return Some(Err(self.partly(e, "this comparison of enums with data")));
        }
        let op = match op {
            CompareOp::Eq => BinOp::Eq,
            _ => BinOp::Ne,
        };
        Some(Ok(left.binary(op, right)))
    }

    /// The only variant that a test leaves, if that has data: its pattern, with names for
    /// what of it is read in those statements and expressions.
    pub(super) fn data_of(
        &mut self,
        test: &VariantTest<'a>,
        stmts: &[PyStmt],
        exprs: &[&PyExpr],
    ) -> Option<DataPattern> {
        let types = self.lw.input.types;
        let def = types.enum_def(&test.key)?;
        let mut holds = test.holds.iter();
        let (Some(only), None) = (holds.next(), holds.next()) else {
            return None;
        };
        let variant = def.variants.iter().find(|v| v.name == *only)?;
        let path = self.path_of(test.value)?.attr(&variant.python_name);
        let leaves = self.leaves_read(&path, stmts, exprs);
        self.data_pattern(&test.key, variant, &path, &leaves)
    }

    /// The pattern of a variant that names what lies at these steps below its data, all of
    /// which are fields of it; nothing where there are none.
    pub(super) fn data_pattern(
        &mut self,
        key: &str,
        variant: &Variant,
        path: &Path,
        leaves: &Leaves,
    ) -> Option<DataPattern> {
        let name = self.lw.use_type(key);
        let place = format!("{name}::{}", variant.name);
        let mut bound = Vec::new();
        let mut bind = |this: &mut Self, path: Path, ty: &RustTy| {
            let name = this.bound_name(&path);
            let rty = rty_of(ty);
            let copied = this.lw.is_copy(&rty);
            let (pattern, rty) = match copied {
                true => (name.clone(), rty),
                false => (format!("ref {name}"), RTy::Ref(Box::new(rty))),
            };
            // Named now, so that the next one gets another name.
            this.bind_path(&path, &name, rty.clone());
            bound.push((path, name, rty));
            pattern
        };
        let depth = self.bounds.len();
        let pattern = match &variant.kind {
            VariantKind::Unit => None,
            VariantKind::Newtype(held) => (leaves.whole || !leaves.fields.is_empty())
                .then(|| format!("{place}({})", bind(self, path.clone(), held))),
            VariantKind::Tuple(types) => {
                let mut parts = Vec::new();
                for (i, ty) in types.iter().enumerate() {
                    let field = i.to_string();
                    parts.push(match leaves.fields.contains(&field) {
                        true => bind(self, path.attr(&field), ty),
                        false => "_".to_string(),
                    });
                }
                (!leaves.fields.is_empty()).then(|| format!("{place}({})", parts.join(", ")))
            }
            VariantKind::Record(fields) => {
                let mut parts = Vec::new();
                let read = |name: &str| leaves.fields.contains(name);
                for field in fields.iter().filter(|f| read(&f.python_name)) {
                    if field.wrapper.is_some() {
                        self.bounds.truncate(depth);
                        return None;
                    }
                    let pattern = bind(self, path.attr(&field.python_name), &field.ty);
                    parts.push(match pattern.strip_prefix("ref ") {
                        _ if pattern == field.name => pattern,
                        Some(own) if own == field.name => pattern,
                        _ => format!("{}: {pattern}", field.name),
                    });
                }
                if parts.len() < fields.len() {
                    parts.push("..".to_string());
                }
                let any = fields.iter().any(|f| read(&f.python_name));
                any.then(|| format!("{place} {{ {} }}", parts.join(", ")))
            }
        };
        self.bounds.truncate(depth);
        Some(DataPattern {
            pattern: pattern?,
            bound,
        })
    }

    /// What of the data at a path is read in statements and expressions.
    pub(super) fn leaves_read(&self, path: &Path, stmts: &[PyStmt], exprs: &[&PyExpr]) -> Leaves {
        let mut find = FindLeaves {
            this: self,
            path,
            leaves: Leaves::default(),
        };
        for stmt in stmts {
            find.visit_stmt(stmt);
        }
        for e in exprs {
            find.visit_expr(e);
        }
        find.leaves
    }

    /// Names what a pattern binds, for the rest of the scope.
    pub(super) fn bind_data(&mut self, data: &DataPattern) {
        for (path, name, rty) in &data.bound {
            self.bind_path(path, name, rty.clone());
        }
    }

    /// The data at a path, named where it has no name yet: Python's error where the value is
    /// another variant.
    pub(super) fn open_variant(&mut self, path: &Path) -> Option<(Expr, RTy)> {
        let (at, key, variant) = self.variant_above(path)?;
        if self.conditional > 0 || self.lw.has_handlers() {
            return None;
        }
        let data_path = Path::new(&path.root, path.segs.get(..at)?.to_vec());
        let value_path = Path::new(&path.root, path.segs.get(..at - 1)?.to_vec());
        let rest: &[PyStmt] = self.rest.last().copied().unwrap_or(&[]);
        let mut leaves = self.leaves_read(&data_path, rest, &[]);
        let here = self.leaves_in_statement(&data_path);
        leaves.fields.extend(here.fields);
        leaves.whole |= here.whole;
        match path.segs.get(at) {
            Some(Seg::Attr(field)) => {
                leaves.fields.insert(field.clone());
            }
            _ => leaves.whole = true,
        }
        if self.reads_back(&value_path, &key) {
            return None;
        }
        let (place, rty) = self.path_place(&value_path, false)?;
        let place = match rty {
            RTy::Ref(_) | RTy::RefMut(_) => Expr::Deref(Box::new(place)),
            RTy::Option(_) => return None,
            _ => place,
        };
        let data = self.data_pattern(&key, &variant, &data_path, &leaves)?;
        let text = &variant.python_name;
        let span = self.current_span();
        let error = self.error_return(&format!("KeyError or TypeError: '{text}'"), span);
        let names = data.bound.iter().map(|(_, name, _)| name.clone()).collect();
        self.out.push(Stmt::at(
            span,
            StmtKind::LetPattern {
                pattern: data.pattern.clone(),
                names,
                init: place,
                otherwise: Some(crate::ir::Block::of(vec![error])),
            },
        ));
        self.bind_data(&data);
        let bound: Option<&Bound> = self.bounds.iter().rev().find(|b| b.path == *path);
        match bound {
            Some(bound) => Some(lent(bound.expr.clone(), bound.rty.clone(), false)),
            None if data.bound.is_empty() => None,
            None => self.path_place(path, false),
        }
    }

    /// The variant whose data a path leads into: the length of the path to the data, the
    /// enum's key.
    pub(super) fn variant_above(&self, path: &Path) -> Option<(usize, String, Variant)> {
        let last = path.segs.len();
        for at in (last.saturating_sub(1).max(1)..=last).rev() {
            let value = Path::new(&path.root, path.segs.get(..at - 1)?.to_vec());
            let Some(Seg::Attr(name)) = path.segs.get(at - 1) else {
                continue;
            };
            let key = match self.path_type(&value) {
                Some(RTy::Named(key)) => key,
                Some(RTy::Ref(held) | RTy::RefMut(held)) => match *held {
                    RTy::Named(key) => key,
                    _ => continue,
                },
                _ => continue,
            };
            let types = self.lw.input.types;
            let found = types
                .enum_def(&key)
                .and_then(|def| def.variants.iter().find(|v| v.python_name == *name));
            if let Some(variant) = found {
                return Some((at, key, variant.clone()));
            }
        }
        None
    }

    /// What of the data at a path the statement under construction reads.
    fn leaves_in_statement(&self, path: &Path) -> Leaves {
        struct Within<'f, 'l, 'a> {
            find: FindLeaves<'f, 'l, 'a>,
            start: u32,
            end: u32,
        }
        impl<'ast> Visitor<'ast> for Within<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if e.span.start >= self.start && e.span.end <= self.end {
                    return self.find.visit_expr(e);
                }
                walk_expr(self, e);
            }
        }
        let span = self.current_span();
        let mut within = Within {
            find: FindLeaves {
                this: self,
                path,
                leaves: Leaves::default(),
            },
            start: span.start,
            end: span.end,
        };
        within.visit_block(&self.function.body);
        within.find.leaves
    }

    /// Refuses to read what the same call may have written: Python sees it unrounded.
    /// Whether what an expression names may have been written in the call before.
    pub(super) fn may_be_written(&self, e: &PyExpr) -> bool {
        match self.path_of(e).as_ref().and_then(|path| path.segs.last()) {
            Some(Seg::Attr(field)) => Written::of(self, field, e.span.start),
            _ => true,
        }
    }

    /// Whether the script writes no field of that name in Rust.
    pub(super) fn is_never_written(&self, field: &str) -> bool {
        let types = &self.lw.input.types;
        let fields = types.defs.keys().flat_map(|key| types.fields(key));
        let mut named = fields.filter(|f| f.name == field);
        named.all(|f| f.python_name == field) && !Written::of(self, field, u32::MAX)
    }

    fn reads_back(&self, path: &Path, key: &str) -> bool {
        let narrow = self.lw.input.types.enum_def(key);
        let narrow = narrow.is_some_and(|def| def.variants.iter().any(|v| is_narrow(&v.kind)));
        match path.segs.last() {
            Some(Seg::Attr(field))
                if narrow && (self.is_state_path(path) || self.is_output_path(path)) =>
            {
                Written::of(self, field, self.current_span().start)
            }
            _ => false,
        }
    }
}

/// What of a variant's data is read: the whole, or fields of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaves {
    pub(super) whole: bool,
    pub(super) fields: BTreeSet<String>,
}

struct FindLeaves<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    leaves: Leaves,
}

impl<'ast> Visitor<'ast> for FindLeaves<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let Some(path) = self.this.path_of(e)
            && path.starts_with(self.path)
        {
            match path.segs.get(self.path.segs.len()) {
                Some(Seg::Attr(field)) => {
                    self.leaves.fields.insert(field.clone());
                    return;
                }
                Some(Seg::Index(_)) => self.leaves.whole = true,
                // The right side of `target = request["GoTo"]` only gives it a name.
                None => {
                    let named = matches!(e.kind, ExprKind::Name(_));
                    self.leaves.whole |= named || !matches!(self.this.fact(e.id).ty, Ty::Struct(_));
                }
            }
        }
        walk_expr(self, e);
    }
}

/// A variant as a pattern that binds nothing.
pub(super) fn unread(variant: &Variant) -> String {
    match &variant.kind {
        VariantKind::Unit => variant.name.clone(),
        VariantKind::Newtype(_) => format!("{}(_)", variant.name),
        VariantKind::Tuple(_) => format!("{}(..)", variant.name),
        VariantKind::Record(_) => format!("{} {{ .. }}", variant.name),
    }
}

/// Whether PyTask rounds or checks anything of the data.
fn is_narrow(kind: &VariantKind) -> bool {
    let narrow = |ty: &RustTy| !matches!(ty, RustTy::Bool | RustTy::String | RustTy::Unit);
    match kind {
        VariantKind::Unit => false,
        VariantKind::Newtype(ty) => narrow(ty),
        VariantKind::Tuple(types) => types.iter().any(narrow),
        VariantKind::Record(fields) => fields.iter().any(|f| narrow(&f.ty)),
    }
}

/// Whether a field of that name may have been written in the call, before a place.
struct Written<'w> {
    field: &'w str,
    before: u32,
    loops: usize,
    found: bool,
}

impl Written<'_> {
    fn of(this: &FnLower<'_, '_>, field: &str, before: u32) -> bool {
        let mut written = Written {
            field,
            before,
            loops: 0,
            found: false,
        };
        written.visit_block(&this.function.body);
        // What other functions do, they may do before.
        written.before = u32::MAX;
        for (name, function) in &this.lw.functions {
            if *name != this.function.name.name && !matches!(name.as_str(), "start" | "stop") {
                written.visit_block(&function.body);
            }
        }
        written.found
    }
}

impl<'ast> Visitor<'ast> for Written<'_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        use crate::ast::StmtKind as K;
        let is_it = |e: &PyExpr| matches!(&e.kind, ExprKind::Attribute { attr, .. } if attr.name == self.field);
        let is_item =
            |e: &PyExpr| matches!(&e.kind, ExprKind::Subscript { value, .. } if is_it(value));
        let target = match &stmt.kind {
            K::Assign { targets, .. } => targets.iter().any(|t| is_it(t) || is_item(t)),
            K::AugAssign { target, .. } | K::AnnAssign { target, .. } => {
                is_it(target) || is_item(target)
            }
            K::Delete(targets) => targets.iter().any(is_item),
            K::Expr(e) => match &e.kind {
                ExprKind::Call { func, .. } => match &func.kind {
                    ExprKind::Attribute { value, .. } => is_it(value),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        };
        self.found |= target && (stmt.span.start < self.before || self.loops > 0);
        let is_loop = matches!(stmt.kind, K::While { .. } | K::For { .. });
        self.loops += usize::from(is_loop);
        crate::ast::visit::walk_stmt(self, stmt);
        self.loops -= usize::from(is_loop);
    }
}
