//! Descriptors: `power = Bounded(-1.0, 1.0)` in a class, with `__get__` and `__set__`.
//!
//! Enters: the module. Leaves: the same, where such an attribute is a property: its getter and
//! setter are the descriptor's methods, with what the descriptor keeps in its place, `setattr(obj,
//! self.key, value)` an assignment of the attribute that its name says. A descriptor that changes
//! what it keeps, or is asked for itself, stays as it is and is refused later. This module must
//! not know types.

use super::build::{Build, method};
use super::callables::times_bound;
use super::copies;
use super::inherit::argument_of;
use super::keywords::is_literal;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, BinaryOp, Block, Class, CompareOp, Expr, ExprKind, FStringPart, Function, Module,
    ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The longest line of classes above a descriptor's.
const MOST_DEPTH: usize = 8;

/// Rewrites the module.
pub(super) fn descriptors(module: &mut Module, next_id: &mut u32) {
    let bound = times_bound(module);
    let classes: BTreeMap<String, Class> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(c) if bound.get(&c.name.name) == Some(&1) => {
                Some((c.name.name.clone(), c.clone()))
            }
            _ => None,
        })
        .collect();
    let known = Known { classes: &classes };
    let is = |name: &str| {
        ["__get__", "__set__"]
            .iter()
            .any(|m| known.method(name, m).is_some())
    };
    let found: BTreeSet<String> = classes.keys().filter(|c| is(c)).cloned().collect();
    if found.is_empty() {
        return;
    }
    let mut done: BTreeSet<String> = BTreeSet::new();
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let mut body = Vec::new();
        for stmt in std::mem::take(&mut class.body.stmts) {
            let written = known
                .made(&stmt, &found)
                .and_then(|(attr, name, call)| known.properties(attr, name, call, next_id));
            match written {
                Some((name, mut stmts)) => {
                    done.insert(name);
                    if let Some(first) = stmts.first_mut() {
                        first.comments = stmt.comments;
                        first.blank_before = stmt.blank_before;
                    }
                    body.extend(stmts);
                }
                None => body.push(stmt),
            }
        }
        class.body.stmts = body;
    }
    forget(module, &known, done);
}

/// Leaves out descriptors that nobody names any more.
fn forget(module: &mut Module, known: &Known<'_>, mut done: BTreeSet<String>) {
    for name in done.clone() {
        done.extend(known.lineage(&name).map(str::to_string));
    }
    loop {
        let mut named = Named(BTreeSet::new());
        named.visit_block(&module.body);
        let before = module.body.stmts.len();
        module.body.stmts.retain(|s| {
            !matches!(&s.kind, StmtKind::Class(c)
                if done.contains(&c.name.name) && !named.0.contains(&c.name.name))
        });
        if module.body.stmts.len() == before {
            return;
        }
    }
}

struct Named(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Named {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.0.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

struct Known<'k> {
    classes: &'k BTreeMap<String, Class>,
}

/// What a descriptor's methods are written with.
struct Place<'p> {
    /// The attribute.
    attr: &'p str,
    /// The descriptor's class.
    class: &'p str,
    /// What the descriptor keeps.
    kept: BTreeMap<String, Expr>,
}

impl Known<'_> {
    /// A class and those above it, as far as each has one base.
    fn lineage<'s>(&'s self, class: &'s str) -> impl Iterator<Item = &'s str> {
        let base = |class: &&'s str| {
            let class = self.classes.get(*class)?;
            let [base] = class.bases.as_slice() else {
                return None;
            };
            match &base.kind {
                ExprKind::Name(base) => Some(base.as_str()),
                _ => None,
            }
        };
        std::iter::successors(Some(class), base).take(MOST_DEPTH)
    }

    fn method<'s>(&'s self, class: &'s str, name: &str) -> Option<&'s Function> {
        self.lineage(class)
            .find_map(|class| method(&self.classes.get(class)?.body, name))
    }

    /// `power = Bounded(…)` in a class: the attribute, the descriptor's class, and the call.
    fn made<'s>(
        &self,
        stmt: &'s Stmt,
        found: &BTreeSet<String>,
    ) -> Option<(&'s Expr, &'s str, &'s Expr)> {
        let (target, value) = stmt.assigned()?;
        let ExprKind::Call { func, .. } = &value.kind else {
            return None;
        };
        let ExprKind::Name(name) = &func.kind else {
            return None;
        };
        (found.contains(name) && matches!(target.kind, ExprKind::Name(_))).then_some((
            target,
            name.as_str(),
            value,
        ))
    }

    /// The getter and setter of an attribute.
    fn properties(
        &self,
        target: &Expr,
        class: &str,
        call: &Expr,
        next_id: &mut u32,
    ) -> Option<(String, Vec<Stmt>)> {
        let ExprKind::Name(attr) = &target.kind else {
            return None;
        };
        let mut kept = BTreeMap::new();
        if let Some(init) = self.method(class, "__init__") {
            let ExprKind::Call { args, keywords, .. } = &call.kind else {
                return None;
            };
            let mut given = Vec::new();
            for (place, param) in init.params.list.iter().skip(1).enumerate() {
                if matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs) {
                    return None;
                }
                let arg = argument_of(param, place, args, keywords)?;
                if !is_literal(arg) {
                    return None;
                }
                given.push((param.name.name.clone(), arg.clone()));
            }
            keep(init, &given, &mut kept)?;
        }
        if let Some(named) = self.method(class, "__set_name__") {
            let name = named.params.list.get(2)?;
            let value = Expr {
                kind: ExprKind::Str(attr.clone()),
                ..target.clone()
            };
            keep(named, &[(name.name.name.clone(), value)], &mut kept)?;
        }
        let place = Place { attr, class, kept };
        let mut extra: BTreeMap<String, Stmt> = BTreeMap::new();
        let mut out = Vec::new();
        let mut build = Build {
            next_id,
            span: target.span,
        };
        match self.method(class, "__get__") {
            Some(get) => {
                let decorator = build.name("property");
                let params = get.params.list.get(1).map(|p| p.name.name.clone())?;
                let body = self.body(get, 1, &place, &mut extra, build.next_id)?;
                let mut function = self.accessor(attr, &params, None, body, &mut build);
                decorated(&mut function, decorator);
                out.push(function);
            }
            None => {
                // Python finds what `__set__` put into the object under the attribute's own name.
                return None;
            }
        }
        if let Some(set) = self.method(class, "__set__") {
            let mut params = set.params.list.iter().skip(1).map(|p| p.name.name.clone());
            let (obj, value) = (params.next()?, params.next()?);
            let body = self.body(set, 1, &place, &mut extra, build.next_id)?;
            let own = build.name(attr);
            let decorator = build.attr(own, "setter");
            let mut function = self.accessor(attr, &obj, Some(&value), body, &mut build);
            decorated(&mut function, decorator);
            out.push(function);
        }
        out.extend(extra.into_values());
        Some((class.to_string(), out))
    }

    fn accessor(
        &self,
        attr: &str,
        obj: &str,
        value: Option<&str>,
        body: Block,
        build: &mut Build<'_>,
    ) -> Stmt {
        let mut params = vec![build.param(obj, ParamKind::Normal, None)];
        params.extend(value.map(|v| build.param(v, ParamKind::Normal, None)));
        let mut function = build.function(attr, params, body.stmts);
        function.blank_before = true;
        function
    }

    /// The body of a descriptor's method, with what it keeps in its place.
    fn body(
        &self,
        function: &Function,
        obj: usize,
        place: &Place<'_>,
        extra: &mut BTreeMap<String, Stmt>,
        next_id: &mut u32,
    ) -> Option<Block> {
        let this = function.params.list.first()?.name.name.clone();
        let obj = function.params.list.get(obj)?.name.name.clone();
        let names = Names::of(function);
        if names.bound.get(&this) != Some(&1) || names.bound.get(&obj) != Some(&1) || names.refuses
        {
            return None;
        }
        let mut body = function.body.clone();
        copies::block(&mut body, next_id);
        // `if obj is None: return self` is for those who ask the class.
        body.stmts.retain(|s| !asks_class(s, &obj));
        for stmt in &mut body.stmts {
            if let StmtKind::Return(Some(value)) = &mut stmt.kind
                && let ExprKind::Conditional { test, orelse, body } = &value.kind
            {
                let kept = match is_none(test, &obj) {
                    Some(true) => orelse,
                    Some(false) => body,
                    None => continue,
                };
                *value = (**kept).clone();
            }
        }
        let mut asked: BTreeSet<String> = BTreeSet::new();
        ast::rewrite::block(&mut body, &mut |e| {
            let span = e.span;
            let mut build = Build { next_id, span };
            match &mut e.kind {
                ExprKind::Attribute { value, attr } if is_name(value, &this) => {
                    if let Some(kept) = place.kept.get(&attr.name) {
                        let mut kept = build.again(kept);
                        kept.span = span;
                        *e = kept;
                    }
                }
                ExprKind::Call { func, .. } => {
                    if let ExprKind::Attribute { value, attr } = &mut func.kind
                        && is_name(value, &this)
                        && self.method(place.class, &attr.name).is_some()
                    {
                        asked.insert(attr.name.clone());
                        attr.name =
                            format!("_{}_{}", place.attr.trim_start_matches('_'), attr.name);
                        **value = build.name(&obj);
                    }
                }
                _ => {}
            }
            folded(e);
        });
        for method in asked {
            let name = format!("_{}_{method}", place.attr.trim_start_matches('_'));
            if extra.contains_key(&name) {
                continue;
            }
            let own = self.method(place.class, &method)?.clone();
            let mut build = Build {
                next_id,
                span: function.name.span,
            };
            // Taken note of first: it may call itself.
            let place_of = build.function(&name, Vec::new(), Vec::new());
            extra.insert(name.clone(), place_of);
            let this = own.params.list.first()?.name.name.clone();
            let inner = self.own_body(&own, &this, place, extra, next_id)?;
            let mut written = own.clone();
            written.name.name.clone_from(&name);
            written.decorators.clear();
            written.body = inner;
            for param in &mut written.params.list {
                copies::param(param, next_id);
            }
            if let Some(stmt) = extra.get_mut(&name) {
                stmt.kind = StmtKind::Function(written);
                stmt.blank_before = true;
            }
        }
        attributes(&mut body, next_id);
        let mut left = Named(BTreeSet::new());
        left.visit_block(&body);
        (!left.0.contains(&this)).then_some(body)
    }

    /// The body of a method that the descriptor calls on itself.
    fn own_body(
        &self,
        function: &Function,
        this: &str,
        place: &Place<'_>,
        extra: &mut BTreeMap<String, Stmt>,
        next_id: &mut u32,
    ) -> Option<Block> {
        // As a method of the object: its own name is the object's then.
        let mut as_other = function.clone();
        let mut build = Build {
            next_id,
            span: function.name.span,
        };
        let hidden = format!("{this}'");
        as_other
            .params
            .list
            .insert(0, build.param(&hidden, ParamKind::Normal, None));
        ast::rewrite::block(&mut as_other.body, &mut |e| {
            if is_name(e, this) {
                e.kind = ExprKind::Name(hidden.clone());
            }
        });
        self.body(&as_other, 1, place, extra, next_id)
    }
}

fn decorated(stmt: &mut Stmt, decorator: Expr) {
    if let StmtKind::Function(function) = &mut stmt.kind {
        function.decorators.push(decorator);
    }
}

fn is_name(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
}

/// What a method sets of its object, in terms of what it is given.
fn keep(
    function: &Function,
    given: &[(String, Expr)],
    kept: &mut BTreeMap<String, Expr>,
) -> Option<()> {
    let this = &function.params.list.first()?.name.name;
    for stmt in &function.body.stmts {
        let (targets, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => (targets.as_slice(), value),
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (std::slice::from_ref(target), value),
            StmtKind::Pass => continue,
            StmtKind::Expr(e) if matches!(e.kind, ExprKind::Str(_)) => continue,
            _ => return None,
        };
        let [target] = targets else { return None };
        let pairs: Vec<(&Expr, &Expr)> = match (&target.kind, &value.kind) {
            (ExprKind::Tuple(targets), ExprKind::Tuple(values))
                if targets.len() == values.len() =>
            {
                targets.iter().zip(values).collect()
            }
            _ => vec![(target, value)],
        };
        for (target, value) in pairs {
            let ExprKind::Attribute { value: of, attr } = &target.kind else {
                return None;
            };
            let mut value = value.clone();
            ast::rewrite::expr(&mut value, &mut |e| {
                if let ExprKind::Name(name) = &e.kind
                    && let Some((_, arg)) = given.iter().find(|(n, _)| n == name)
                {
                    e.kind = arg.kind.clone();
                }
            });
            fold_all(&mut value);
            if !is_name(of, this) || !is_literal(&value) {
                return None;
            }
            kept.insert(attr.name.clone(), value);
        }
    }
    Some(())
}

/// `if obj is None: return self`
fn asks_class(stmt: &Stmt, obj: &str) -> bool {
    let StmtKind::If { test, body, orelse } = &stmt.kind else {
        return false;
    };
    is_none(test, obj) == Some(true)
        && orelse.stmts.is_empty()
        && matches!(body.stmts.as_slice(), [one] if matches!(one.kind, StmtKind::Return(_)))
}

/// Whether a test asks that `obj` is None, or that it is not.
fn is_none(test: &Expr, obj: &str) -> Option<bool> {
    let ExprKind::Compare { left, ops, rest } = &test.kind else {
        return None;
    };
    let none = matches!(rest.as_slice(), [e] if matches!(e.kind, ExprKind::None));
    match ops.as_slice() {
        [CompareOp::Is] if none && is_name(left, obj) => Some(true),
        [CompareOp::IsNot] if none && is_name(left, obj) => Some(false),
        _ => None,
    }
}

fn fold_all(e: &mut Expr) {
    ast::rewrite::children(e, &mut fold_all);
    folded(e);
}

/// `"_" + "power"` and `f"_{"power"}"` as texts.
fn folded(e: &mut Expr) {
    let text = |e: &Expr| match &e.kind {
        ExprKind::Str(text) => Some(text.clone()),
        _ => None,
    };
    let found = match &e.kind {
        ExprKind::Binary {
            left,
            op: BinaryOp::Add,
            right,
        } => match (text(left), text(right)) {
            (Some(left), Some(right)) => Some(left + &right),
            _ => None,
        },
        ExprKind::FString(parts) => parts
            .iter()
            .map(|part| match part {
                FStringPart::Literal(text) => Some(text.clone()),
                FStringPart::Value {
                    value,
                    conversion: None,
                    spec,
                } if spec.is_empty() => text(value),
                FStringPart::Value { .. } => None,
            })
            .collect(),
        _ => None,
    };
    if let Some(text) = found {
        e.kind = ExprKind::Str(text);
    }
}

/// `setattr(obj, "_power", value)` and `obj.__dict__["_power"]` as attributes.
fn attributes(block: &mut Block, next_id: &mut u32) {
    ast::rewrite::block(block, &mut |e| {
        let span = e.span;
        let found = match &e.kind {
            ExprKind::Call { func, args, .. } if is_name(func, "getattr") => {
                match args.as_slice() {
                    [of, name] => text_of(name).map(|name| (of.clone(), name)),
                    _ => None,
                }
            }
            ExprKind::Subscript { value, index } => match &value.kind {
                ExprKind::Attribute { value: of, attr } if attr.name == "__dict__" => {
                    text_of(index).map(|name| ((**of).clone(), name))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some((of, name)) = found {
            let mut build = Build { next_id, span };
            e.kind = build.attr(of, &name).kind;
        }
    });
    assignments(block, next_id);
}

fn text_of(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Str(text) if is_identifier(text) => Some(text.clone()),
        _ => None,
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && chars.all(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn assignments(block: &mut Block, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        if let StmtKind::Expr(e) = &stmt.kind
            && let ExprKind::Call { func, args, .. } = &e.kind
            && is_name(func, "setattr")
            && let [of, name, value] = args.as_slice()
            && let Some(name) = text_of(name)
        {
            let mut build = Build {
                next_id,
                span: stmt.span,
            };
            let target = build.attr(of.clone(), &name);
            stmt.kind = build.assign(target, value.clone()).kind;
        }
        for inner in ast::branches_mut(stmt) {
            assignments(inner, next_id);
        }
    }
}
