//! The module with objects for dicts.
//!
//! Enters: the module, its classes of dicts, and those that stay dicts. Leaves: the module
//! with a class for each of the others. This module must not know why a class is refused.

use super::groups::{Group, Groups};
use super::{Known, entries, is_path, spread};
use crate::ast::{
    Block, BoolOp, Class, Clause, CompareOp, ComprehensionKind, Conversion, Expr, ExprKind,
    FStringPart, Ident, Keyword, Made, Module, NodeId, ParamKind, Stmt, StmtKind, UnaryOp, rewrite,
};
use crate::desugar::{Build, Names, free};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module; nothing where no class is left.
pub(super) fn module(
    module: &Module,
    known: &Known<'_>,
    groups: &Groups,
    refused: &BTreeSet<usize>,
    before: &mut super::Made,
) -> Option<Module> {
    let mut names = Names::default();
    module.body.stmts.iter().for_each(|stmt| names.stmt(stmt));
    let mut taken = names.all();
    let mut classes: BTreeMap<usize, String> = BTreeMap::new();
    for id in groups.ids().filter(|id| !refused.contains(id)) {
        if let Some(group) = groups.get(id) {
            classes.insert(id, free(&group.name, &mut taken));
        }
    }
    if classes.is_empty() && before.classes.is_empty() {
        return None;
    }
    let item = free("item", &mut taken);
    let mut next_id = module.node_count;
    let mut rewritten = module.clone();
    let mut rewriter = Rewriter {
        known,
        groups,
        classes: &classes,
        before: &before.classes,
        item: &item,
        asked: BTreeSet::new(),
        compared: BTreeSet::new(),
        any: !classes.is_empty(),
        next_id: &mut next_id,
    };
    rewriter.block(&mut rewritten.body);
    if !rewriter.any {
        return None;
    }
    let asked = std::mem::take(&mut rewriter.asked);
    let compared = std::mem::take(&mut rewriter.compared);
    let import =
        |stmt: &Stmt| matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom { .. });
    let first = rewritten.body.stmts.iter().position(|stmt| !import(stmt));
    let first = first.unwrap_or(rewritten.body.stmts.len());
    let mut made: Vec<(Group, Stmt)> = Vec::new();
    for (id, name) in &classes {
        if let Some(group) = groups.get(*id) {
            let mut group = group.clone();
            group.compared = compared.contains(id);
            let class = class(*id, &group, name, &asked, &mut next_id);
            before.classes.insert(name.clone(), group.clone());
            made.push((group, class));
        }
    }
    made.sort_by_key(|(group, _)| group.span.start);
    let made = made.into_iter().map(|(_, stmt)| stmt);
    rewritten.body.stmts.splice(first..first, made);
    rewritten.node_count = next_id;
    Some(rewritten)
}

/// The method that says whether two have equal entries.
const EQUALS: &str = "equals";

/// The method that gives an entry that may be missing.
fn asking(attr: &str) -> String {
    format!("known_{attr}")
}

/// `item is wanted or item.equals(wanted)`; what may be None is not equal to any then.
fn equal(build: &mut Build<'_>, item: &str, wanted: &Expr, optional: bool) -> Expr {
    let (own, again) = (build.name(item), build.again(wanted));
    let same = build.compare(own, CompareOp::Is, again);
    let func = build.of(item, EQUALS);
    let again = build.again(wanted);
    let mut equal = build.call(func, vec![again]);
    if optional {
        let (again, none) = (build.again(wanted), build.expr(ExprKind::None));
        let there = build.compare(again, CompareOp::IsNot, none);
        equal = build.expr(ExprKind::Logical {
            op: BoolOp::And,
            values: vec![there, equal],
        });
    }
    build.expr(ExprKind::Logical {
        op: BoolOp::Or,
        values: vec![same, equal],
    })
}

/// `(test for item in list)`, or `(item for item in list if test)`
fn one_by_one(build: &mut Build<'_>, test: Expr, item: &str, list: &Expr, filters: bool) -> Expr {
    let target = build.name(item);
    let iter = build.again(list);
    let (element, ifs) = match filters {
        true => (build.name(item), vec![test]),
        false => (test, Vec::new()),
    };
    build.expr(ExprKind::Comprehension {
        kind: ComprehensionKind::Generator,
        element: Box::new(element),
        value: None,
        clauses: vec![Clause {
            target,
            iter,
            ifs,
            is_async: false,
        }],
    })
}

/// The class of some dicts, with the methods that are called.
fn class(
    id: usize,
    group: &Group,
    name: &str,
    asked: &BTreeSet<(usize, String)>,
    next_id: &mut u32,
) -> Stmt {
    let mut build = Build {
        next_id,
        span: group.span,
    };
    let mut stmts = Vec::new();
    let mut generated = Vec::new();
    for (key, attr) in &group.fields {
        let missing = group.lacks.contains(key);
        let target = build.name(attr);
        let annotation = build.name("object");
        let value = missing.then(|| build.expr(ExprKind::None));
        stmts.push(build.stmt(StmtKind::AnnAssign {
            target,
            annotation,
            value,
        }));
    }
    if group.fixed {
        let mut parts = Vec::new();
        let mut text = "{".to_string();
        for (i, (key, attr)) in group.fields.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            text.push_str(&format!("{separator}'{key}': "));
            parts.push(FStringPart::Literal(std::mem::take(&mut text)));
            parts.push(FStringPart::Value {
                value: Box::new(build.of("self", attr)),
                conversion: Some(Conversion::Repr),
                spec: Vec::new(),
            });
        }
        parts.push(FStringPart::Literal("}".into()));
        let value = build.expr(ExprKind::FString(parts));
        stmts.push(build.operator("__repr__", &[], value));
        generated.push("__repr__".to_string());
    }
    for (key, attr) in &group.fields {
        if !asked.contains(&(id, key.clone())) {
            continue;
        }
        // if self.key is None: raise KeyError("key")
        let value = build.of("self", attr);
        let none = build.expr(ExprKind::None);
        let test = build.compare(value, CompareOp::Is, none);
        let error = build.name("KeyError");
        let text = build.expr(ExprKind::Str(key.clone()));
        let error = build.call(error, vec![text]);
        let raise = build.stmt(StmtKind::Raise {
            exc: Some(error),
            cause: None,
        });
        let check = build.stmt(StmtKind::If {
            test,
            body: Block {
                stmts: vec![raise],
                trailing: Vec::new(),
            },
            orelse: Block::default(),
        });
        let value = build.of("self", attr);
        let value = build.stmt(StmtKind::Return(Some(value)));
        let own = build.param("self", ParamKind::Normal, None);
        stmts.push(build.function(&asking(attr), vec![own], vec![check, value]));
    }
    if group.compared {
        // In a tuple, a NaN is told by what it is, as in a dict.
        let (alone, together): (Vec<_>, Vec<_>) = group
            .fields
            .iter()
            .partition(|(key, _)| group.optional.contains(key));
        let tuple = |build: &mut Build<'_>, of: &str| {
            let items = together.iter().map(|(_, attr)| build.of(of, attr));
            let items = items.collect();
            build.expr(ExprKind::Tuple(items))
        };
        let mut tests = Vec::new();
        if !together.is_empty() {
            let (own, other) = (tuple(&mut build, "self"), tuple(&mut build, "other"));
            tests.push(build.compare(own, CompareOp::Eq, other));
        }
        for (_, attr) in alone {
            let (own, other) = (build.of("self", attr), build.of("other", attr));
            tests.push(build.compare(own, CompareOp::Eq, other));
        }
        let equal = match <[Expr; 1]>::try_from(tests) {
            Ok([test]) => test,
            Err(values) => build.expr(ExprKind::Logical {
                op: BoolOp::And,
                values,
            }),
        };
        stmts.push(build.operator(EQUALS, &["other"], equal));
    }
    let ident = Ident {
        span: group.span,
        name: name.to_string(),
    };
    let fields: Vec<String> = group.fields.iter().map(|(_, attr)| attr.clone()).collect();
    let mut class = Class::of(ident, stmts);
    class.generated = generated;
    class.made = Some(Made {
        params: fields.iter().map(|attr| (attr.clone(), false)).collect(),
        fields,
        equal: !group.compared,
        ..Made::default()
    });
    build.stmt(StmtKind::Class(class))
}

struct Rewriter<'r, 'm> {
    known: &'r Known<'m>,
    groups: &'r Groups,
    classes: &'r BTreeMap<usize, String>,
    /// The classes that were made before.
    before: &'r BTreeMap<String, Group>,
    /// A name for one of many.
    item: &'r str,
    /// The classes whose dicts are compared.
    compared: BTreeSet<usize>,
    /// Whether anything is other than it was.
    any: bool,
    /// The entries that are read, and may be missing.
    asked: BTreeSet<(usize, String)>,
    next_id: &'r mut u32,
}

impl<'r> Rewriter<'r, '_> {
    /// The class that becomes of a dict.
    fn of(&self, id: NodeId) -> Option<(usize, &'r Group)> {
        let records = self.known.records(id);
        let mut groups = records.filter_map(|fields| self.groups.group(fields));
        let id = groups.find(|id| self.classes.contains_key(id))?;
        Some((id, self.groups.get(id)?))
    }

    fn block(&mut self, block: &mut Block) {
        block.stmts.iter_mut().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        // `d["key"] += 1`, where the entry may be missing, reads it first.
        if let StmtKind::AugAssign { target, op, value } = &stmt.kind
            && let Some(read) = self.lacking(target)
        {
            let span = target.span;
            let target = target.clone();
            let sum = ExprKind::Binary {
                op: *op,
                left: Box::new(read),
                right: Box::new(value.clone()),
            };
            let value = Expr {
                id: NodeId::next(self.next_id),
                span,
                kind: sum,
            };
            stmt.kind = StmtKind::Assign {
                targets: vec![target],
                value,
            };
        }
        match &mut stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter_mut().for_each(|target| self.target(target));
                self.expr(value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.target(target);
                self.expr(value);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                self.target(target);
                value.iter_mut().for_each(|value| self.expr(value));
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.target(target);
                self.expr(iter);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::Function(function) => {
                for param in &mut function.params.list {
                    param.default.iter_mut().for_each(|e| self.expr(e));
                }
                self.block(&mut function.body);
            }
            StmtKind::Class(class) => self.block(&mut class.body),
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for (item, target) in items {
                    self.expr(item);
                    target.iter_mut().for_each(|target| self.target(target));
                }
                self.block(body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block(body);
                for handler in handlers {
                    self.block(&mut handler.body);
                }
                self.block(orelse);
                self.block(finalbody);
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for case in cases {
                    case.guard.iter_mut().for_each(|guard| self.expr(guard));
                    self.block(&mut case.body);
                }
            }
            StmtKind::Return(_)
            | StmtKind::Delete(_)
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Expr(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Unsupported(_) => rewrite::roots(stmt, &mut |e| self.expr(e)),
        }
    }

    fn build(&mut self, at: &Expr) -> Build<'_> {
        Build {
            next_id: self.next_id,
            span: at.span,
        }
    }

    /// `d["key"]`, of an entry that may be missing.
    fn lacking(&self, e: &Expr) -> Option<Expr> {
        let ExprKind::Subscript { value, index } = &e.kind else {
            return None;
        };
        let ExprKind::Str(key) = &index.kind else {
            return None;
        };
        let (_, group) = self.of(value.id)?;
        group.lacks.contains(key).then(|| e.clone())
    }

    /// What is written: an entry is no longer missing then.
    fn target(&mut self, e: &mut Expr) {
        match &mut e.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter_mut().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Subscript { value, index } => {
                let group = self.of(value.id);
                self.expr(value);
                self.expr(index);
                if let Some((_, group)) = group
                    && let ExprKind::Str(key) = &index.kind
                    && let Some(attr) = group.attribute(key)
                {
                    let attr = Ident {
                        span: index.span,
                        name: attr.to_string(),
                    };
                    let value = value.clone();
                    e.kind = ExprKind::Attribute { value, attr };
                } else {
                    self.known_before(e);
                }
            }
            _ => self.expr(e),
        }
    }

    /// What is read; the parts first: their places tell their types.
    fn expr(&mut self, e: &mut Expr) {
        let of_parts = self.parts(e);
        rewrite::children(e, &mut |child| self.expr(child));
        if self.known.kept.contains(&e.id) {
            self.show(e);
            return;
        }
        if let Some(kind) = self.display(e) {
            e.kind = kind;
            return;
        }
        if let Some(kind) = self.equality(e) {
            e.kind = kind;
            return;
        }
        let Some((id, group)) = of_parts else {
            self.known_before(e);
            return;
        };
        let kind = match &e.kind {
            ExprKind::Subscript { value, index } => match &index.kind {
                ExprKind::Str(key) => self.read(e, value, id, group, key),
                _ => None,
            },
            ExprKind::Call { func, args, .. } => match (&func.kind, args.as_slice()) {
                (ExprKind::Attribute { value, attr }, [key, rest @ ..]) if attr.name == "get" => {
                    match &key.kind {
                        ExprKind::Str(key) => self.get(e, value, group, key, rest.first()),
                        _ => None,
                    }
                }
                (ExprKind::Attribute { value, attr }, []) if attr.name == "copy" => {
                    let items = vec![(None, (**value).clone())];
                    self.constructed(e, id, id, &items)
                }
                _ => None,
            },
            ExprKind::Compare { left, ops, rest } => match (&left.kind, rest.as_slice()) {
                (ExprKind::Str(key), [value]) => {
                    let there = ops.first() == Some(&CompareOp::In);
                    self.contains(e, value, group, key, there)
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(kind) = kind {
            e.kind = kind;
        }
    }

    /// An entry of what is an object since an earlier look.
    fn known_before(&mut self, e: &mut Expr) {
        let ExprKind::Subscript { value, index } = &e.kind else {
            return;
        };
        let ExprKind::Str(key) = &index.kind else {
            return;
        };
        let before = self.before;
        let mut groups = self
            .known
            .types(value.id)
            .filter_map(|ty| match ty.narrowed() {
                Ty::Instance(class) => before.get(&class),
                _ => None,
            });
        let Some(group) = groups.next() else { return };
        if !group.lacks.contains(key)
            && let Some(attr) = group.attribute(key)
        {
            let attr = Ident {
                span: index.span,
                name: attr.to_string(),
            };
            let value = value.clone();
            e.kind = ExprKind::Attribute { value, attr };
            self.any = true;
        }
    }

    /// The class of what is one dict, or may be None; whether it may.
    fn one(&self, e: &Expr) -> Option<(usize, bool)> {
        let (id, _) = self.of(e.id)?;
        let mut optional = false;
        for ty in self.known.types(e.id) {
            match ty {
                Ty::Record(_) | Ty::Unknown | Ty::Conflict(_) => {}
                Ty::Option(_) => optional = true,
                _ => return None,
            }
        }
        Some((id, optional))
    }

    /// The class of the dicts in a list.
    fn listed(&self, list: &Expr) -> Option<usize> {
        let elem = |ty: &Ty| match ty.narrowed() {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => match *elem {
                Ty::Record(fields) => self.groups.group(&fields),
                _ => None,
            },
            _ => None,
        };
        let mut ids = self.known.types(list.id).map(elem);
        let first = ids.next()??;
        ids.all(|id| id == Some(first)).then_some(first)
    }

    /// Comparisons of dicts, which are by their entries: `a == b`, `a in list`, `list.remove(a)`.
    fn equality(&mut self, e: &Expr) -> Option<ExprKind> {
        match &e.kind {
            ExprKind::Compare { left, ops, rest } => {
                let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return None;
                };
                let (id, optional) = self.one(left)?;
                self.classes.get(&id)?;
                let (found, yes) = match op {
                    CompareOp::Eq | CompareOp::NotEq => {
                        if optional || self.one(right) != Some((id, false)) {
                            return None;
                        }
                        let mut build = self.build(e);
                        let func = build.attr((**left).clone(), EQUALS);
                        let found = build.call(func, vec![right.clone()]);
                        (found, *op == CompareOp::Eq)
                    }
                    CompareOp::In | CompareOp::NotIn => {
                        if self.listed(right) != Some(id) || !is_path(left) {
                            return None;
                        }
                        let item = self.item;
                        let mut build = self.build(e);
                        let test = equal(&mut build, item, left, optional);
                        let all = one_by_one(&mut build, test, item, right, false);
                        let func = build.name("any");
                        (build.call(func, vec![all]), *op == CompareOp::In)
                    }
                    _ => return None,
                };
                self.compared.insert(id);
                Some(match yes {
                    true => found.kind,
                    false => ExprKind::Unary {
                        op: UnaryOp::Not,
                        operand: Box::new(found),
                    },
                })
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let (ExprKind::Attribute { value, attr }, [wanted]) = (&func.kind, args.as_slice())
                else {
                    return None;
                };
                let searches = matches!(attr.name.as_str(), "remove" | "index");
                if !searches || !keywords.is_empty() || !is_path(value) || !is_path(wanted) {
                    return None;
                }
                let (id, optional) = self.one(wanted)?;
                self.classes.get(&id)?;
                if self.listed(value) != Some(id) {
                    return None;
                }
                self.compared.insert(id);
                let item = self.item;
                let mut build = self.build(e);
                let test = equal(&mut build, item, wanted, optional);
                let all = one_by_one(&mut build, test, item, value, true);
                let next = build.name("next");
                let first = build.call(next, vec![all, wanted.clone()]);
                Some(ExprKind::Call {
                    func: func.clone(),
                    args: vec![first],
                    keywords: Vec::new(),
                })
            }
            _ => None,
        }
    }

    /// The class of the dict that an expression asks for an entry.
    fn parts(&self, e: &Expr) -> Option<(usize, &'r Group)> {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self.of(value.id),
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, .. } => self.of(value.id),
                _ => None,
            },
            ExprKind::Compare { ops, rest, .. } => match (ops.as_slice(), rest.as_slice()) {
                ([CompareOp::In | CompareOp::NotIn], [value]) => self.of(value.id),
                _ => None,
            },
            _ => None,
        }
    }

    fn read(
        &mut self,
        e: &Expr,
        value: &Expr,
        id: usize,
        group: &Group,
        key: &str,
    ) -> Option<ExprKind> {
        let attr = group.attribute(key)?;
        let lacks = group.lacks.contains(key);
        if lacks {
            self.asked.insert((id, key.to_string()));
        }
        let mut build = self.build(e);
        let value = value.clone();
        Some(match lacks {
            true => {
                let func = build.attr(value, &asking(attr));
                build.call(func, Vec::new()).kind
            }
            false => build.attr(value, attr).kind,
        })
    }

    /// `d.get("key", default)`
    fn get(
        &mut self,
        e: &Expr,
        value: &Expr,
        group: &Group,
        key: &str,
        default: Option<&Expr>,
    ) -> Option<ExprKind> {
        let attr = group.attribute(key)?;
        let mut build = self.build(e);
        let read = build.attr(value.clone(), attr);
        match default {
            Some(default) if group.lacks.contains(key) => {
                let again = build.again(&read);
                let none = build.expr(ExprKind::None);
                let test = build.compare(again, CompareOp::IsNot, none);
                Some(ExprKind::Conditional {
                    test: Box::new(test),
                    body: Box::new(read),
                    orelse: Box::new(default.clone()),
                })
            }
            _ => Some(read.kind),
        }
    }

    /// `"key" in d`
    fn contains(
        &mut self,
        e: &Expr,
        value: &Expr,
        group: &Group,
        key: &str,
        there: bool,
    ) -> Option<ExprKind> {
        let attr = group.attribute(key)?;
        if !group.lacks.contains(key) {
            return Some(ExprKind::Bool(there));
        }
        let mut build = self.build(e);
        let read = build.attr(value.clone(), attr);
        let none = build.expr(ExprKind::None);
        let op = match there {
            true => CompareOp::IsNot,
            false => CompareOp::Is,
        };
        Some(build.compare(read, op, none).kind)
    }

    /// A display as a call of the constructor.
    fn display(&mut self, e: &Expr) -> Option<ExprKind> {
        if let Some(items) = spread(e) {
            let (id, _) = self.of(e.id)?;
            let from = items.iter().find(|(key, _)| key.is_none())?;
            let (from, _) = self.of(from.1.id)?;
            let items = items.to_vec();
            return self.constructed(e, id, from, &items);
        }
        let entries = entries(e)?;
        let id = self.groups.display(&entries)?;
        let class = self.classes.get(&id)?.clone();
        let group = self.groups.get(id)?;
        let given: Vec<(String, Expr)> = entries
            .into_iter()
            .map(|(key, value)| Some((group.attribute(key)?.to_string(), value.clone())))
            .collect::<Option<_>>()?;
        Some(self.call(e, &class, group, given))
    }

    /// `Class(…)` with the attributes that are given, in the order in which they are computed.
    fn call(
        &mut self,
        e: &Expr,
        class: &str,
        group: &Group,
        given: Vec<(String, Expr)>,
    ) -> ExprKind {
        let mut pairs = given.iter().zip(&group.fields);
        let in_order = pairs.all(|((given, _), (_, attr))| given == attr);
        let mut build = self.build(e);
        let func = Box::new(build.name(class));
        if in_order {
            return ExprKind::Call {
                func,
                args: given.into_iter().map(|(_, value)| value).collect(),
                keywords: Vec::new(),
            };
        }
        let mut keywords = Vec::new();
        for (attr, value) in given {
            let name = Some(Ident {
                span: value.span,
                name: attr,
            });
            keywords.push(Keyword { name, value });
        }
        ExprKind::Call {
            func,
            args: Vec::new(),
            keywords,
        }
    }

    /// `{**d, "key": value}` of two classes.
    fn constructed(
        &mut self,
        e: &Expr,
        to: usize,
        from: usize,
        items: &[(Option<Expr>, Expr)],
    ) -> Option<ExprKind> {
        let class = self.classes.get(&to)?.clone();
        let (group, source) = (self.groups.get(to)?, self.groups.get(from)?);
        let mut given: Vec<(String, Expr)> = Vec::new();
        for (key, value) in items {
            let new: Vec<(String, Expr)> = match key {
                Some(key) => match &key.kind {
                    ExprKind::Str(key) => {
                        vec![(group.attribute(key)?.to_string(), value.clone())]
                    }
                    _ => return None,
                },
                None => {
                    let mut build = self.build(value);
                    let mut all = Vec::new();
                    for (key, attr) in &source.fields {
                        let value = build.again(value);
                        all.push((group.attribute(key)?.to_string(), build.attr(value, attr)));
                    }
                    all
                }
            };
            for (attr, value) in new {
                match given.iter_mut().find(|(known, _)| *known == attr) {
                    Some(slot) => slot.1 = value,
                    None => given.push((attr, value)),
                }
            }
        }
        Some(self.call(e, &class, group, given))
    }

    /// An object that a message gets, as a display.
    fn show(&mut self, e: &mut Expr) {
        if entries(e).is_some() {
            return;
        }
        let Some((_, group)) = self.of(e.id) else {
            return;
        };
        let mut build = Build {
            next_id: self.next_id,
            span: e.span,
        };
        let mut items = Vec::new();
        for (key, attr) in &group.fields {
            let key = build.expr(ExprKind::Str(key.clone()));
            let value = build.again(e);
            items.push((Some(key), build.attr(value, attr)));
        }
        e.kind = ExprKind::Dict(items);
    }
}
