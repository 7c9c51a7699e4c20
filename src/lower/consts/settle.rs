//! The constants that the file is given, each in the type that its uses want.
//!
//! Enters: the lowered functions, and the names of the constants that they use. Leaves: the
//! file's `const` items, and their uses cast where they want another type. This module must
//! not know what a constant is used for.

use super::written::value_as;
use crate::ast::{Expr as PyExpr, ExprKind, StmtKind as PyKind};
use crate::ir::{self, Block, Expr, RTy, StmtKind};
use crate::lower::function::{APPROXIMATE, says_constants};
use crate::lower::{Lowerer, Task};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::float_literal;
use std::collections::{BTreeMap, BTreeSet};

/// Emits the constants that are used, each in the type that its uses want.
pub(in crate::lower) fn settle(lw: &mut Lowerer<'_>) {
    // A constant's value may name others.
    let mut used = lw.consts_used.clone();
    loop {
        let before = used.len();
        let of_classes = lw.class_consts_used.iter();
        let of_classes = of_classes.filter_map(|(class, name)| lw.class_default(class, name));
        let values: Vec<&PyExpr> = used
            .iter()
            .filter_map(|name| lw.const_value(name))
            .chain(of_classes)
            .collect();
        for value in values {
            names_in(value, &mut |n| {
                let known = lw.input.model.consts.get(n);
                if known.is_some_and(|c| matches!(c.fact.ty, Ty::Float | Ty::Int)) {
                    used.insert(n.to_string());
                }
            });
        }
        if used.len() == before {
            break;
        }
    }
    let mut values = Vec::new();
    let mut consts: Vec<ir::Const> = Vec::new();
    for stmt in &lw.input.module.body.stmts {
        let targets: Vec<&PyExpr> = match &stmt.kind {
            PyKind::Assign { targets, .. } => targets.iter().collect(),
            PyKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => vec![target],
            _ => continue,
        };
        let mut names = Vec::new();
        targets.iter().for_each(|t| target_names(t, &mut names));
        let mut first = true;
        // The entries of a dict that are read are constants of their own.
        let mut all: Vec<String> = Vec::new();
        for name in names {
            let entry = format!("{name}[");
            let entries = used.range(entry.clone()..);
            all.push(name);
            all.extend(entries.take_while(|u| u.starts_with(&entry)).cloned());
        }
        for name in all {
            if !used.contains(&name) {
                continue;
            }
            let (Some(value), Some(ty)) = (lw.const_value(&name), lw.const_type(&name)) else {
                continue;
            };
            let Some((expr, written)) = lw.const_expr(value, &ty) else {
                continue;
            };
            let mut comment = stmt
                .line_comment
                .as_ref()
                .map(|c| c.text.clone())
                .filter(|_| first);
            if !written {
                let python = lw.input.source.slice(value.span).to_string();
                comment = Some(comment.map_or(python.clone(), |c| format!("{python}: {c}")));
            }
            let rust = lw.const_ident(&name);
            values.push((name.clone(), value));
            consts.push(ir::Const {
                span: Span::new(stmt.span.start, stmt.span.end),
                comments: if first {
                    stmt.comments.iter().map(|c| c.text.clone()).collect()
                } else {
                    Vec::new()
                },
                line_comment: comment,
                blank_before: stmt.blank_before && first && !consts.is_empty(),
                name: rust,
                attributes: Vec::new(),
                ty,
                value: expr,
            });
            first = false;
        }
    }
    lw.task.consts = consts;
    finish(lw, &values);
}

/// Gives each constant the type that its uses want, and leaves out those that only stood in
/// what was computed. The last ones first: a constant uses those before it.
fn finish(lw: &mut Lowerer<'_>, values: &[(String, &PyExpr)]) {
    let mut words: Option<BTreeSet<String>> = None;
    let mut uses = Uses::of(lw);
    let mut declared_as: BTreeMap<String, RTy> = BTreeMap::new();
    for (at, (name, value)) in values.iter().enumerate().rev() {
        let rust = lw.const_ident(name);
        let used = uses.mentioned.contains(&rust)
            || is_named(&mut lw.task.consts, &rust)
            || lw.consts_used.contains(name)
                && words
                    .get_or_insert_with(|| lw.written_words())
                    .contains(&rust);
        if !used {
            let comments = lw.task.consts.remove(at).comments;
            if let Some(next) = lw.task.consts.get_mut(at) {
                next.comments.splice(0..0, comments);
            }
            continue;
        }
        let mut wants = uses.wants.remove(&rust).unwrap_or_default();
        for constant in &mut lw.task.consts {
            in_expr(&mut constant.value, &mut |e| {
                if let Expr::ConstInt { name: n, want } = e
                    && *n == rust
                    && !wants.contains(want)
                {
                    wants.push(want.clone());
                }
            });
        }
        let folded = lw.value(value);
        let Some(declared) = lw.task.consts.get_mut(at) else {
            continue;
        };
        if let (RTy::Int(_), [one]) = (&declared.ty, wants.as_slice())
            && *one != RTy::I128
            && *one != declared.ty
        {
            declared.ty = one.clone();
            if !matches!(declared.value, Expr::Atom(_) | Expr::NegLit(_))
                && let Some(literal) = folded.and_then(|v| value_as(&v, one))
            {
                declared.value = literal;
            }
        }
        if declared.ty == RTy::F64 {
            declared.value = to_float(declared.value.clone());
        }
        declared.attributes = attributes(&declared.value);
        let ty = declared.ty.clone();
        for constant in &mut lw.task.consts {
            in_expr(&mut constant.value, &mut |e| {
                retype(e, |n| (n == rust).then_some(&ty))
            });
        }
        declared_as.entry(rust).or_insert(ty);
    }
    each_use(&mut lw.task, &mut |e| {
        retype(e, |name| declared_as.get(name))
    });
}

/// The constants that functions and fields use.
#[derive(Default)]
struct Uses {
    /// Those that stand there under their names.
    mentioned: BTreeSet<String>,
    /// The types that the uses of an int constant want, each once.
    wants: BTreeMap<String, Vec<RTy>>,
}

impl Uses {
    fn of(lw: &mut Lowerer<'_>) -> Self {
        let mut uses = Uses::default();
        each_use(&mut lw.task, &mut |e| match e {
            Expr::Atom(text) if !uses.mentioned.contains(text) => {
                uses.mentioned.insert(text.clone());
            }
            Expr::ConstInt { name, want } => {
                uses.mentioned.insert(name.clone());
                let wants = uses.wants.entry(name.clone()).or_default();
                if !wants.contains(want) {
                    wants.push(want.clone());
                }
            }
            _ => {}
        });
        uses
    }
}

/// Calls `f` on every expression of functions, fields and constants of classes.
fn each_use(task: &mut Task, f: &mut dyn FnMut(&mut Expr)) {
    let functions = task
        .functions
        .iter_mut()
        .chain(task.classes.iter_mut().flat_map(|c| &mut c.methods))
        .chain(&mut task.start)
        .chain(&mut task.process)
        .chain(&mut task.stop);
    functions.for_each(|function| each_expr(&mut function.body, f));
    let fields = task.fields.iter_mut().map(|field| &mut field.init);
    let of_classes = task.classes.iter_mut().flat_map(|c| &mut c.consts);
    let values = fields.chain(of_classes.map(|constant| &mut constant.value));
    values.for_each(|value| in_expr(value, f));
}

/// Whether the value of a constant names another one.
fn is_named(consts: &mut [ir::Const], name: &str) -> bool {
    let mut found = false;
    for constant in consts {
        in_expr(&mut constant.value, &mut |e| match e {
            Expr::Atom(text) => found |= text == name,
            Expr::ConstInt { name: n, .. } => found |= n == name,
            _ => {}
        });
    }
    found
}

/// Casts the use of an int constant that wants another type than it is declared with.
fn retype<'t>(e: &mut Expr, declared: impl Fn(&str) -> Option<&'t RTy>) {
    let Expr::ConstInt { name, want } = e else {
        return;
    };
    let Some(declared) = declared(name) else {
        return;
    };
    let atom = Expr::atom(name.clone());
    *e = match (declared, &want) {
        (a, b) if *a == **b => atom,
        (RTy::Int(int), RTy::Float(_)) if int.bits() <= 32 => Expr::call("f64::from", vec![atom]),
        (RTy::Int(from), RTy::Int(to)) if lossless(*from, *to) => {
            Expr::call(format!("{}::from", to.name()), vec![atom])
        }
        (_, to) => atom.cast((*to).clone()),
    };
}

/// An int literal as a float one.
fn to_float(expr: Expr) -> Expr {
    let whole = |text: &str| text.parse::<i128>().ok();
    match &expr {
        Expr::Atom(text) | Expr::NegLit(text) => {
            whole(text).map_or(expr.clone(), |v| float_literal(v as f64))
        }
        _ => expr,
    }
}

/// What clippy has to be told of a constant's value.
pub(in crate::lower) fn attributes(value: &Expr) -> Vec<String> {
    match says_constants(value) {
        true => vec![APPROXIMATE.to_string()],
        false => Vec::new(),
    }
}

fn target_names(target: &PyExpr, names: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|i| target_names(i, names))
        }
        _ => {}
    }
}

pub(super) fn names_in(e: &PyExpr, f: &mut dyn FnMut(&str)) {
    struct Names<'f>(&'f mut dyn FnMut(&str));
    impl<'ast> crate::ast::visit::Visitor<'ast> for Names<'_> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            if let ExprKind::Name(name) = &e.kind {
                (self.0)(name);
            }
            crate::ast::visit::walk_expr(self, e);
        }
    }
    crate::ast::visit::Visitor::visit_expr(&mut Names(f), e);
}

impl Lowerer<'_> {
    /// The words in the patterns and texts of the functions, among others. What a comment or a
    /// hole says does not count.
    fn written_words(&self) -> BTreeSet<String> {
        let task = &self.task;
        let functions = task
            .functions
            .iter()
            .chain(task.classes.iter().flat_map(|c| &c.methods))
            .chain(&task.start)
            .chain(&task.process)
            .chain(&task.stop);
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let mut words = BTreeSet::new();
        for function in functions {
            let mut body = function.body.clone();
            silence(&mut body);
            let text = format!("{body:?}");
            words.extend(text.split(|c: char| !word(c)).map(str::to_string));
        }
        words
    }
}

fn lossless(from: IntTy, to: IntTy) -> bool {
    let sized = |t: IntTy| !matches!(t, IntTy::Usize | IntTy::Isize);
    sized(from)
        && sized(to)
        && crate::value::int_type_range(from).within(crate::value::int_type_range(to))
}

/// Calls `f` on every expression of a block, inner ones first.
fn each_expr(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        let mut cell = std::cell::RefCell::new(&mut *f);
        stmt.for_each_child_mut(&mut |e| in_expr(e, *cell.borrow_mut()), &mut |b| {
            each_expr(b, *cell.borrow_mut())
        });
        let _ = cell.get_mut();
    }
    if let Some(value) = &mut block.value {
        in_expr(value, f);
    }
}

fn in_expr(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    {
        let cell = std::cell::RefCell::new(&mut *f);
        e.for_each_child_mut(&mut |c| in_expr(c, *cell.borrow_mut()), &mut |b| {
            each_expr(b, *cell.borrow_mut())
        });
    }
    f(e);
}

/// Takes the comments out of a block, and what its holes say.
fn silence(block: &mut Block) {
    fn in_expr(e: &mut Expr) {
        if let Expr::Hole(text) = e {
            text.clear();
        }
        e.for_each_child_mut(&mut in_expr, &mut silence);
    }
    block
        .stmts
        .retain(|s| !matches!(s.kind, StmtKind::Comment(_) | StmtKind::LineComment(_)));
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut in_expr, &mut silence);
    }
    if let Some(value) = &mut block.value {
        in_expr(value);
    }
}
