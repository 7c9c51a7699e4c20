//! Enums: values of `auto()`, members by name, all members in order.
//!
//! Enters: the module. Leaves: the same module, where `auto()` is the int that it stands
//! for, `Mode["RUN"]` is `Mode.RUN`, `for m in Mode` runs over a tuple of the members, as do
//! `zip(Mode, …)` and its kin over a list of them, `len(Mode)` is their number, and `~` of an `IntFlag`'s member the int that Python makes
//! of it. This module must not know types.

mod named_flags;

use crate::ast::{self, BinaryOp, Class, Expr, ExprKind, Ident, Module, NodeId, StmtKind, UnaryOp};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// The builtins that run over what they are given.
const RUNS_OVER: [&str; 9] = [
    "enumerate",
    "len",
    "list",
    "max",
    "min",
    "reversed",
    "sorted",
    "tuple",
    "zip",
];

/// The members of an enum in order, with their values where these are ints.
type Members = Vec<(String, Option<i128>)>;

/// What an enum class is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Flag,
}

/// Rewrites the module.
pub(super) fn enums(module: &mut Module, next_id: &mut u32) {
    let mut found: BTreeMap<String, (Kind, Members)> = BTreeMap::new();
    let mut bound: BTreeSet<String> = BTreeSet::new();
    let mut functions: BTreeSet<String> = BTreeSet::new();
    let mut aliases: Vec<(String, String, String)> = Vec::new();
    let imports = super::callables::imports(module);
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Class(class) => {
                let name = class.name.name.clone();
                let again = !bound.insert(name.clone());
                if let Some(kind) = kind(class) {
                    for stmt in &mut class.body.stmts {
                        if let StmtKind::Assign { value, .. } = &mut stmt.kind {
                            super::enum_values::settled(value, &imports, next_id);
                        }
                    }
                    by_own_name(class);
                    let mut members = settle(class, kind);
                    if kind == Kind::Plain && !again {
                        let taken = take_aliases(class);
                        members.retain(|(m, _)| !taken.iter().any(|(_, alias, _)| alias == m));
                        aliases.extend(taken);
                    }
                    found.insert(name.clone(), (kind, members));
                }
                if again {
                    found.remove(&name);
                }
            }
            StmtKind::Function(function) => {
                functions.insert(function.name.name.clone());
            }
            StmtKind::Assign { targets, .. } => {
                for target in targets {
                    if let ExprKind::Name(name) = &target.kind {
                        bound.insert(name.clone());
                        found.remove(name);
                    }
                }
            }
            _ => {}
        }
    }
    if found.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| by_first_name(e, &aliases));
    let flags = found.values().any(|(kind, _)| *kind == Kind::Flag);
    // Where no flags are made of ints, all their bits are known: `a & ~b` takes `b` away.
    let taken = match flags && !makes_flags(module, &found) {
        true => taken_away(module),
        false => BTreeSet::new(),
    };
    let node = |e: &Expr, kind: ExprKind, next_id: &mut u32| {
        let id = NodeId::next(next_id);
        Expr {
            id,
            span: e.span,
            kind,
        }
    };
    let flags_of: BTreeMap<String, Members> = found
        .iter()
        .filter(|(_, (kind, _))| *kind == Kind::Flag)
        .filter_map(|(name, (_, members))| Some((name.clone(), single_bits(members)?)))
        .collect();
    if flags {
        named_flags::named_flags(module, &found, &flags_of, next_id);
    }
    let members_of = |e: &Expr| match &e.kind {
        ExprKind::Name(name) => match flags_of.get(name) {
            Some(members) => Some((name.clone(), members.clone())),
            None => found
                .get(name)
                .filter(|(kind, members)| *kind == Kind::Plain && !members.is_empty())
                .map(|(_, members)| (name.clone(), members.clone())),
        },
        _ => None,
    };
    let tuple = |e: &Expr, next_id: &mut u32| {
        let (class, members) = members_of(e)?;
        let items = members.iter().map(|(member, _)| {
            let value = Box::new(node(e, ExprKind::Name(class.clone()), next_id));
            let attr = Ident {
                span: e.span,
                name: member.clone(),
            };
            node(e, ExprKind::Attribute { value, attr }, next_id)
        });
        Some(ExprKind::Tuple(items.collect()))
    };
    for_iters(&mut module.body, &mut |iter| {
        if let Some(kind) = tuple(iter, next_id) {
            iter.kind = kind;
        }
    });
    ast::rewrite::block(&mut module.body, &mut |e| match &mut e.kind {
        ExprKind::Comprehension { clauses, .. } => {
            for clause in clauses {
                if let Some(kind) = tuple(&clause.iter, next_id) {
                    clause.iter.kind = kind;
                }
            }
        }
        ExprKind::Call {
            func,
            args,
            keywords: _,
        } => {
            let what = asked(func).filter(|what| !functions.contains(*what));
            match (what, args.as_mut_slice()) {
                (Some("len"), [arg]) => {
                    if let Some((_, members)) = members_of(arg) {
                        e.kind = ExprKind::Int(members.len().into());
                    }
                }
                (Some("list"), [arg]) => {
                    if let Some(ExprKind::Tuple(items)) = tuple(arg, next_id) {
                        e.kind = ExprKind::List(items);
                    }
                }
                (Some("tuple"), [arg]) => {
                    if let Some(kind) = tuple(arg, next_id) {
                        e.kind = kind;
                    }
                }
                (Some(what), args) => {
                    let only_first = matches!(what, "enumerate" | "fromkeys");
                    let count = if only_first { 1 } else { args.len() };
                    for arg in args.iter_mut().take(count) {
                        if let Some(ExprKind::Tuple(items)) = tuple(arg, next_id) {
                            arg.kind = ExprKind::List(items);
                        }
                    }
                }
                (None, _) => {}
            }
        }
        ExprKind::Subscript { value, index } => {
            if let (Some((_, members)), ExprKind::Str(name)) = (members_of(value), &index.kind)
                && members.iter().any(|(member, _)| member == name)
            {
                let attr = Ident {
                    span: index.span,
                    name: name.clone(),
                };
                let value = value.clone();
                e.kind = ExprKind::Attribute { value, attr };
            }
        }
        ExprKind::Unary {
            op: UnaryOp::Invert,
            operand,
        } if flags => {
            let member = match &operand.kind {
                ExprKind::Attribute { value, attr } => match &value.kind {
                    ExprKind::Name(name) => found.get(name).and_then(|(kind, members)| {
                        (*kind == Kind::Flag).then(|| inverted(members, &attr.name))
                    }),
                    _ => None,
                },
                _ => None,
            };
            e.kind = match member.flatten() {
                Some(value) => ExprKind::Int(BigInt::from(value)),
                None if taken.contains(&e.id) => return,
                None => ExprKind::Unsupported("`~` of what may be an `IntFlag`".into()),
            };
        }
        _ => {}
    });
}

/// The function that is called, where it runs over what it is given.
fn asked(func: &Expr) -> Option<&str> {
    match &func.kind {
        ExprKind::Name(name) => RUNS_OVER.into_iter().find(|known| *known == name),
        ExprKind::Attribute { value, attr } if attr.name == "fromkeys" => match &value.kind {
            ExprKind::Name(of) if of == "dict" => Some("fromkeys"),
            _ => None,
        },
        _ => None,
    }
}

/// The class's own name for `cls` where a class method runs over it.
fn by_own_name(class: &mut Class) {
    let name = class.name.name.clone();
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        if !matches!(function.method_kind(), Ok(ast::MethodKind::Class)) {
            continue;
        }
        let Some(own) = function.params.list.first().map(|p| p.name.name.clone()) else {
            continue;
        };
        let mut rename = |e: &mut Expr| {
            if matches!(&e.kind, ExprKind::Name(n) if *n == own) {
                e.kind = ExprKind::Name(name.clone());
            }
        };
        for_iters(&mut function.body, &mut rename);
        ast::rewrite::block(&mut function.body, &mut |e| {
            if let ExprKind::Comprehension { clauses, .. } = &mut e.kind {
                clauses.iter_mut().for_each(|c| rename(&mut c.iter));
            }
        });
    }
}

/// Takes the second names of values out of an enum: class, second name, first name.
fn take_aliases(class: &mut Class) -> Vec<(String, String, String)> {
    let mut seen: Vec<(String, ExprKind)> = Vec::new();
    let mut out = Vec::new();
    let name = class.name.name.clone();
    class.body.stmts.retain(|stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return true;
        };
        let [target] = targets.as_slice() else {
            return true;
        };
        let ExprKind::Name(member) = &target.kind else {
            return true;
        };
        let same = |kind: &ExprKind| match (kind, &value.kind) {
            (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
            (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
            _ => false,
        };
        match seen.iter().find(|(_, kind)| same(kind)) {
            Some((first, _)) => {
                out.push((name.clone(), member.clone(), first.clone()));
                false
            }
            None => {
                seen.push((member.clone(), value.kind.clone()));
                true
            }
        }
    });
    out
}

/// `Mode.FIRST` for `Mode.ALIAS`; a computed name may be an alias.
fn by_first_name(e: &mut Expr, aliases: &[(String, String, String)]) {
    match &mut e.kind {
        ExprKind::Attribute { value, attr } => {
            if let ExprKind::Name(name) = &value.kind
                && let Some((.., first)) = aliases
                    .iter()
                    .find(|(class, alias, _)| class == name && *alias == attr.name)
            {
                attr.name = first.clone();
            }
        }
        ExprKind::Subscript { value, index } => {
            let ExprKind::Name(name) = &value.kind else {
                return;
            };
            let mut own = aliases.iter().filter(|(class, ..)| class == name);
            match &mut index.kind {
                ExprKind::Str(text) => {
                    if let Some((.., first)) = own.find(|(_, alias, _)| alias == text) {
                        *text = first.clone();
                    }
                }
                _ if own.next().is_some() => {
                    let what = "a computed name among members of which some have two";
                    index.kind = ExprKind::Unsupported(what.into());
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// Whether a class of flags is called, or named but for its members.
fn makes_flags(module: &Module, found: &BTreeMap<String, (Kind, Members)>) -> bool {
    struct Find<'f>(&'f BTreeMap<String, (Kind, Members)>, bool);
    impl Find<'_> {
        /// `Health(0)`: no bits but those of members.
        fn is_known(&self, func: &Expr, args: &[Expr]) -> bool {
            let (ExprKind::Name(name), [arg]) = (&func.kind, args) else {
                return false;
            };
            let (Some((Kind::Flag, members)), ExprKind::Int(bits)) = (self.0.get(name), &arg.kind)
            else {
                return false;
            };
            let all = members.iter().filter_map(|(_, bits)| *bits);
            let all = all.fold(0, |all, bits| all | bits);
            bits.to_i128().is_some_and(|bits| bits & !all == 0)
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Find<'_> {
        fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
            if let StmtKind::AnnAssign { value, .. } = &stmt.kind {
                value.iter().for_each(|value| self.visit_expr(value));
                return;
            }
            if let StmtKind::Function(function) = &stmt.kind {
                for param in &function.params.list {
                    param.default.iter().for_each(|e| self.visit_expr(e));
                }
                self.visit_block(&function.body);
                return;
            }
            // Its members one by one are known ones.
            if let StmtKind::For { iter, .. } = &stmt.kind
                && matches!(iter.kind, ExprKind::Name(_))
            {
                for inner in ast::branches(stmt) {
                    self.visit_block(inner);
                }
                return;
            }
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)) => {}
                ExprKind::Call { func, args, .. } if self.is_known(func, args) => {}
                ExprKind::Call { func, args, .. } if asked(func).is_some() => {
                    for arg in args {
                        if !matches!(arg.kind, ExprKind::Name(_)) {
                            self.visit_expr(arg);
                        }
                    }
                }
                ExprKind::Comprehension {
                    element,
                    value,
                    clauses,
                    ..
                } => {
                    self.visit_expr(element);
                    value.iter().for_each(|v| self.visit_expr(v));
                    for clause in clauses {
                        if !matches!(clause.iter.kind, ExprKind::Name(_)) {
                            self.visit_expr(&clause.iter);
                        }
                        clause.ifs.iter().for_each(|e| self.visit_expr(e));
                    }
                }
                ExprKind::Name(name) => {
                    self.1 |= self
                        .0
                        .get(name)
                        .is_some_and(|(kind, _)| *kind == Kind::Flag);
                }
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut find = Find(found, false);
    ast::visit::Visitor::visit_block(&mut find, &module.body);
    find.1
}

/// Every `~b` of an `a & ~b` or `a &= ~b`.
fn taken_away(module: &Module) -> BTreeSet<NodeId> {
    struct Find(BTreeSet<NodeId>);
    impl Find {
        fn take(&mut self, e: &Expr) {
            if matches!(
                &e.kind,
                ExprKind::Unary {
                    op: UnaryOp::Invert,
                    ..
                }
            ) {
                self.0.insert(e.id);
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Find {
        fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
            if let StmtKind::AugAssign {
                op: BinaryOp::BitAnd,
                value,
                ..
            } = &stmt.kind
            {
                self.take(value);
            }
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Binary {
                op: BinaryOp::BitAnd,
                left,
                right,
            } = &e.kind
            {
                self.take(left);
                self.take(right);
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut find = Find(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut find, &module.body);
    find.0
}

/// Calls `f` on what each `for` runs over.
pub(super) fn for_iters(block: &mut ast::Block, f: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        if let StmtKind::For { iter, .. } = &mut stmt.kind {
            f(iter);
        }
        for inner in ast::blocks_mut(stmt) {
            for_iters(inner, f);
        }
    }
}

/// The members of flags that Python lists: those of one bit, each by its first name.
fn single_bits(members: &Members) -> Option<Members> {
    let mut seen = BTreeSet::new();
    let mut out = Members::new();
    for (name, value) in members {
        let value = (*value)?;
        if value.count_ones() == 1 && value > 0 && seen.insert(value) {
            out.push((name.clone(), Some(value)));
        }
    }
    Some(out)
}

/// `~member`: the other known bits.
fn inverted(members: &[(String, Option<i128>)], name: &str) -> Option<i128> {
    let values: Option<Vec<i128>> = members.iter().map(|(_, value)| *value).collect();
    let all = values?.iter().fold(0, |all, value| all | value);
    let own = members.iter().find(|(member, _)| member == name)?.1?;
    // The bits have to be one beside the other: what Python makes of gaps is another thing.
    (all >= 0 && (all + 1) & all == 0).then_some(all & !own)
}

fn kind(class: &Class) -> Option<Kind> {
    class.bases.iter().find_map(|base| {
        let name = match &base.kind {
            ExprKind::Name(name) => name,
            ExprKind::Attribute { attr, .. } => &attr.name,
            _ => return None,
        };
        match name.as_str() {
            "Enum" | "IntEnum" | "StrEnum" => Some(Kind::Plain),
            "IntFlag" | "Flag" => Some(Kind::Flag),
            _ => None,
        }
    })
}

/// Gives `auto()` its values; the members in order, aliases left out.
fn settle(class: &mut Class, kind: Kind) -> Members {
    let texts = class.bases.iter().any(|base| match &base.kind {
        ExprKind::Name(name) => name == "StrEnum" || name == "str",
        ExprKind::Attribute { attr, .. } => attr.name == "StrEnum",
        _ => false,
    });
    // `auto()` of a `StrEnum` is the name in lower case.
    let lower_case = class.bases.iter().any(|base| match &base.kind {
        ExprKind::Name(name) => name == "StrEnum",
        ExprKind::Attribute { attr, .. } => attr.name == "StrEnum",
        _ => false,
    });
    let mut members: Members = Vec::new();
    for stmt in &mut class.body.stmts {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            continue;
        };
        let [
            Expr {
                kind: ExprKind::Name(name),
                ..
            },
        ] = targets.as_slice()
        else {
            continue;
        };
        let name = name.clone();
        if is_auto(value) && lower_case {
            value.kind = ExprKind::Str(name.to_lowercase());
        }
        if is_auto(value) && !texts {
            let last = members.iter().rev().find_map(|(_, value)| *value);
            let next = match kind {
                Kind::Plain => last.unwrap_or(0) + 1,
                Kind::Flag => {
                    let highest = members.iter().filter_map(|(_, v)| *v).max().unwrap_or(0);
                    let bits = 128 - highest.max(0).leading_zeros();
                    1i128.checked_shl(bits).unwrap_or(0)
                }
            };
            value.kind = ExprKind::Int(BigInt::from(next));
        }
        let int = match &value.kind {
            ExprKind::Int(int) => int.to_i128(),
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
            } => match &operand.kind {
                ExprKind::Int(int) => int.to_i128().map(|i| -i),
                _ => None,
            },
            _ => {
                let int = made_of(value, &members);
                if let Some(int) = int {
                    value.kind = ExprKind::Int(BigInt::from(int));
                }
                int
            }
        };
        members.push((name, int));
    }
    members
}

/// The value that members make up: `STALL | OVERHEAT`.
fn made_of(e: &Expr, members: &[(String, Option<i128>)]) -> Option<i128> {
    let named = members.iter().filter_map(|(name, value)| {
        let value = i64::try_from((*value)?).ok()?;
        Some((name.clone(), value))
    });
    let named: Vec<(String, i64)> = named.collect();
    super::flags::known(e, &named).map(i128::from)
}

fn is_auto(e: &Expr) -> bool {
    let ExprKind::Call { func, args, .. } = &e.kind else {
        return false;
    };
    let named = match &func.kind {
        ExprKind::Name(name) => name == "auto",
        ExprKind::Attribute { attr, .. } => attr.name == "auto",
        _ => false,
    };
    named && args.is_empty()
}
