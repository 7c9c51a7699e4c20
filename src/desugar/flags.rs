//! `enum.Flag`: a class of one int, with the operators that Python gives it.
//!
//! Enters: the module. Leaves: the same, where `class Fault(Flag)` is a frozen dataclass with
//! a `value`, its members are constants of the module (`FAULT_STALL`), and what `Flag` gives
//! its members are methods that the class writes out. A class whose values are not known
//! ints stays as it is. This module must not know types.

mod methods;

use super::build::{Build, is_named};
use super::inherit::snake;
use crate::ast::{
    self, BinaryOp, Class, CompareOp, Expr, ExprKind, FStringPart, Keyword, Module, Stmt, StmtKind,
};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// A class of flags.
#[derive(Debug, Clone)]
struct Flags {
    name: String,
    /// The members in order, with their values.
    members: Vec<(String, i64)>,
}

impl Flags {
    fn of(class: &Class) -> Option<Flags> {
        let [base] = class.bases.as_slice() else {
            return None;
        };
        if !is_named(base, "enum", "Flag") || !class.keywords.is_empty() {
            return None;
        }
        let mut members: Vec<(String, i64)> = Vec::new();
        for stmt in &class.body.stmts {
            let StmtKind::Assign { targets, value } = &stmt.kind else {
                continue;
            };
            let [target] = targets.as_slice() else {
                return None;
            };
            let ExprKind::Name(name) = &target.kind else {
                return None;
            };
            let value = match is_auto(value) {
                true => {
                    let highest = members.iter().map(|(_, v)| *v).max().unwrap_or(0);
                    1i64.checked_shl(64 - highest.leading_zeros())?
                }
                false => known(value, &members)?,
            };
            if !(0..1 << 62).contains(&value) {
                return None;
            }
            members.push((name.clone(), value));
        }
        (!members.is_empty() && class.decorators.is_empty()).then(|| Flags {
            name: class.name.name.clone(),
            members,
        })
    }

    /// The constant that a member is.
    fn constant(&self, member: &str) -> String {
        format!("{}_{}", snake(&self.name), member).to_uppercase()
    }

    /// The members of one bit each, which Python lists.
    fn bits(&self) -> impl Iterator<Item = &(String, i64)> {
        let mut seen = BTreeSet::new();
        self.members
            .iter()
            .filter(move |(_, value)| value.count_ones() == 1 && seen.insert(*value))
    }

    /// The bits of all members.
    fn mask(&self) -> i64 {
        self.members.iter().fold(0, |all, (_, value)| all | value)
    }

    /// The first name of a value.
    fn first(&self, value: i64) -> Option<&str> {
        let mut names = self.members.iter().filter(|(_, v)| *v == value);
        names.next().map(|(name, _)| name.as_str())
    }

    /// The function that looks a value up.
    fn lookup(&self) -> String {
        format!("{}_of", snake(&self.name))
    }
}

/// Rewrites the module.
pub(super) fn flags(module: &mut Module, next_id: &mut u32) {
    let mut found: BTreeMap<String, Flags> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let Some(flags) = Flags::of(class)
        {
            found.insert(flags.name.clone(), flags);
        }
    }
    if found.is_empty() {
        return;
    }
    let mut names = Names::default();
    ast::visit::Visitor::visit_block(&mut names, &module.body);
    found.retain(|name, flags| {
        let constants = flags.members.iter().map(|(m, _)| flags.constant(m));
        let mut made = constants.chain([flags.lookup()]);
        !names.bound.contains(name) && made.all(|n| !names.all.contains(&n))
    });
    let mut looked_up = BTreeSet::new();
    uses(module, &found, &mut looked_up, next_id);
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let flags = match &stmt.kind {
            StmtKind::Class(class) => found.get(&class.name.name),
            _ => None,
        };
        let Some(flags) = flags else {
            out.push(stmt);
            continue;
        };
        let mut build = Build {
            next_id,
            span: stmt.span,
        };
        if let StmtKind::Class(class) = &mut stmt.kind {
            build.span = class.name.span;
            written_out(class, flags, &mut build);
        }
        out.push(stmt);
        for (member, value) in &flags.members {
            let first = flags.first(*value).filter(|first| *first != member);
            let value = match first {
                Some(first) => build.name(&flags.constant(first)),
                None => {
                    let value = build.expr(ExprKind::Int((*value).into()));
                    let class = build.name(&flags.name);
                    build.call(class, vec![value])
                }
            };
            let target = build.name(&flags.constant(member));
            out.push(build.assign(target, value));
        }
        if looked_up.contains(&flags.name) {
            out.push(methods::lookup(flags, &mut build));
        }
    }
    module.body.stmts = out;
}

/// The class as a frozen dataclass with the methods of `Flag`.
fn written_out(class: &mut Class, flags: &Flags, build: &mut Build<'_>) {
    class.bases.clear();
    let of = build.name("dataclasses");
    let func = Box::new(build.attr(of, "dataclass"));
    let value = build.expr(ExprKind::Bool(true));
    let name = Some(ast::Ident {
        span: build.span,
        name: "frozen".into(),
    });
    let decorator = build.expr(ExprKind::Call {
        func,
        args: Vec::new(),
        keywords: vec![Keyword { name, value }],
    });
    class.decorators.push(decorator);
    class
        .body
        .stmts
        .retain(|s| !matches!(s.kind, StmtKind::Assign { .. }));
    let target = build.name("value");
    let annotation = build.name("int");
    let field = build.stmt(StmtKind::AnnAssign {
        target,
        annotation,
        value: None,
    });
    let own: Vec<String> = class
        .body
        .functions()
        .map(|f| f.name.name.clone())
        .collect();
    let mut stmts = vec![field];
    for method in methods::all(flags, build) {
        if let StmtKind::Function(f) = &method.kind
            && !own.contains(&f.name.name)
        {
            class.generated.push(f.name.name.clone());
            stmts.push(method);
        }
    }
    stmts.append(&mut class.body.stmts);
    class.body.stmts = stmts;
}

/// Members by their constants, the class by what it lists, values by the function.
fn uses(
    module: &mut Module,
    found: &BTreeMap<String, Flags>,
    looked_up: &mut BTreeSet<String>,
    next_id: &mut u32,
) {
    let of = |e: &Expr| match &e.kind {
        ExprKind::Name(name) => found.get(name),
        _ => None,
    };
    let listed = |e: &Expr, next_id: &mut u32| {
        let flags = of(e)?;
        let mut build = Build {
            next_id,
            span: e.span,
        };
        let names = flags.bits().map(|(member, _)| flags.constant(member));
        Some(names.map(|n| build.name(&n)).collect::<Vec<Expr>>())
    };
    super::enums::for_iters(&mut module.body, &mut |iter| {
        if let Some(items) = listed(iter, next_id) {
            iter.kind = ExprKind::Tuple(items);
        }
    });
    ast::rewrite::block(&mut module.body, &mut |e| match &mut e.kind {
        ExprKind::Comprehension { clauses, .. } => {
            for clause in clauses {
                if let Some(items) = listed(&clause.iter, next_id) {
                    clause.iter.kind = ExprKind::Tuple(items);
                }
            }
        }
        ExprKind::Attribute { value, attr } => {
            if let Some(flags) = of(value)
                && flags.members.iter().any(|(m, _)| *m == attr.name)
            {
                e.kind = ExprKind::Name(flags.constant(&attr.name));
            }
        }
        ExprKind::Subscript { value, index } => {
            let Some(flags) = of(value) else { return };
            e.kind = match &index.kind {
                ExprKind::Str(name) if flags.members.iter().any(|(m, _)| m == name) => {
                    ExprKind::Name(flags.constant(name))
                }
                _ => ExprKind::Unsupported("a flag by a computed name".into()),
            };
        }
        ExprKind::Compare { left, ops, rest } => {
            let is_member = |e: &Expr| match &e.kind {
                ExprKind::Attribute { value, attr } => {
                    of(value).is_some_and(|f| f.members.iter().any(|(m, _)| *m == attr.name))
                }
                _ => false,
            };
            if is_member(left) || rest.iter().any(is_member) {
                for op in ops {
                    match op {
                        CompareOp::Is => *op = CompareOp::Eq,
                        CompareOp::IsNot => *op = CompareOp::NotEq,
                        _ => {}
                    }
                }
            }
        }
        ExprKind::Call { func, args, .. } => {
            if let Some(flags) = of(func) {
                looked_up.insert(flags.name.clone());
                func.kind = ExprKind::Name(flags.lookup());
                return;
            }
            let ([arg], ExprKind::Name(name)) = (args.as_slice(), &func.kind) else {
                return;
            };
            match (name.as_str(), listed(arg, next_id)) {
                ("len", Some(items)) => e.kind = ExprKind::Int(items.len().into()),
                ("list", Some(items)) => e.kind = ExprKind::List(items),
                ("tuple", Some(items)) => e.kind = ExprKind::Tuple(items),
                _ => {}
            }
        }
        _ => {}
    });
}

/// The names of a module, and those that its functions and assignments bind.
#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    bound: BTreeSet<String>,
}

impl<'ast> ast::visit::Visitor<'ast> for Names {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => {
                for target in targets {
                    if let ExprKind::Name(name) = &target.kind {
                        self.bound.insert(name.clone());
                    }
                }
            }
            StmtKind::Function(f) => {
                self.all.insert(f.name.name.clone());
                let params = f.params.list.iter().map(|p| p.name.name.clone());
                self.bound.extend(params);
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.all.insert(name.clone());
        }
        ast::visit::walk_expr(self, e);
    }
}

/// The value of an int that members make up.
pub(super) fn known(e: &Expr, members: &[(String, i64)]) -> Option<i64> {
    match &e.kind {
        ExprKind::Int(value) => value.to_i64(),
        ExprKind::Name(name) => members.iter().find(|(m, _)| m == name).map(|(_, v)| *v),
        ExprKind::Binary { op, left, right } => {
            let (a, b) = (known(left, members)?, known(right, members)?);
            match op {
                BinaryOp::BitOr => Some(a | b),
                BinaryOp::BitAnd => Some(a & b),
                BinaryOp::BitXor => Some(a ^ b),
                BinaryOp::Add => a.checked_add(b),
                BinaryOp::Sub => a.checked_sub(b),
                BinaryOp::Shl => 2i64
                    .checked_pow(u32::try_from(b).ok()?)
                    .and_then(|f| a.checked_mul(f)),
                BinaryOp::Pow => a.checked_pow(u32::try_from(b).ok()?),
                BinaryOp::Mul
                | BinaryOp::MatMul
                | BinaryOp::Div
                | BinaryOp::Mod
                | BinaryOp::Shr
                | BinaryOp::FloorDiv => None,
            }
        }
        _ => None,
    }
}

fn is_auto(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Call { func, args, .. }
        if args.is_empty() && is_named(func, "enum", "auto"))
}

/// `{value}` in an f-string.
fn shown(value: Expr) -> FStringPart {
    FStringPart::Value {
        value: Box::new(value),
        conversion: None,
        spec: Vec::new(),
    }
}
