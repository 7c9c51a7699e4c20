//! Functions as values: tables of handlers, callbacks, a handler that changes.
//!
//! Enters: the module, with what classes inherit written out. Leaves: the same module, where
//! the functions that one variable, attribute or table may hold are the members of an enum:
//! `self.handler = self._search` is `self.handler = LanderHandler.SEARCH`, and
//! `self.handler(x)` a call of the function that looks which one it is. Methods are
//! called on the object whose attribute they stand in. What is used in another way stays,
//! and is refused later. This module must not know types.

mod flow;
mod known;
mod lambdas;
mod wrapped;

pub(super) use lambdas::{lambdas, singular};

use super::closures::statement;
use super::inherit::name_at;
use crate::ast::{
    self, Block, Case, Class, Docstring, Expr, ExprKind, Function, Ident, Module, NodeId, Param,
    ParamKind, Params, Pattern, PatternKind, Stmt, StmtKind,
};
use crate::source::Span;
use flow::{Flow, Place, Target};
use known::Known;
use std::collections::{BTreeMap, BTreeSet};

/// The functions that one place may hold.
struct Group {
    /// The enum's name.
    name: String,
    /// What a value of it is called.
    variable: String,
    /// The class whose methods are among the functions.
    class: Option<String>,
    /// The functions, each with the name of its member.
    members: Vec<(Target, String)>,
    /// The variable that holds the one object of that class.
    single: Option<String>,
    /// Whether each has its name of Python as the value of its member.
    named: bool,
    /// How many arguments all of them take, where that is one number.
    takes: Option<usize>,
    /// The ways in which it is called: how many arguments by place, which by name.
    calls: Vec<(usize, Vec<String>)>,
    at: Span,
}

impl Group {
    /// Whether the names of its functions tell them apart.
    fn has_names(&self) -> bool {
        let names: BTreeSet<&String> = self.members.iter().map(|(t, _)| t.name()).collect();
        names.len() == self.members.len()
    }

    /// Whether they are the names that Python knows: what was a lambda has another.
    fn is_named(&self, known: &Known<'_>) -> bool {
        let definition = |target: &Target| match target {
            Target::Function(name) => known.functions.get(name).copied(),
            Target::Method(class, name) | Target::Bound(_, class, name) => {
                known.method(class, name)
            }
            Target::Object(_) => None,
        };
        let own = |f: &Function| {
            let span = f.name.span;
            usize::try_from(span.end - span.start) == Ok(f.name.name.len())
        };
        let mut targets = self.members.iter().map(|(target, _)| target);
        self.has_names() && targets.all(|target| definition(target).is_some_and(own))
    }
}

/// Rewrites the module.
pub(super) fn targets(module: &mut Module, next_id: &mut u32) {
    let (groups, values, calls, names, wraps) = {
        let known = Known::of(module);
        if !flow::has_values(module, &known) {
            return;
        }
        let flow = flow::flow(module, &known);
        let spans = spans(module);
        let mut groups = groups(module, &flow, &known, &spans);
        let mut values: BTreeMap<Place, (usize, String)> = BTreeMap::new();
        for (place, target) in &flow.values {
            if let Some(group) = flow.group(place)
                && let Some(own) = groups.get(&group)
                && let Some((_, member)) = own.members.iter().find(|(t, _)| t == target)
            {
                values.insert(place.clone(), (group, member.clone()));
            }
        }
        let mut calls: BTreeMap<Place, usize> = BTreeMap::new();
        for (call, func) in &flow.calls {
            let Some(group) = flow.group(func).filter(|g| groups.contains_key(g)) else {
                continue;
            };
            // What is called at once is not a value.
            if values.contains_key(func) {
                continue;
            }
            calls.insert(call.clone(), group);
        }
        let mut names: BTreeMap<Place, usize> = BTreeMap::new();
        let mut visit = |key: &str, e: &Expr| {
            if let ExprKind::Attribute { value, attr } = &e.kind
                && attr.name == "__name__"
                && let Some(group) = flow.group(&(key.to_string(), value.id))
                && groups.get(&group).is_some_and(|group| group.named)
            {
                names.insert((key.to_string(), e.id), group);
            }
            if let ExprKind::Call { args, keywords, .. } = &e.kind
                && let Some(group) = calls.get(&(key.to_string(), e.id))
                && let Some(group) = groups.get_mut(group)
            {
                let way = way_of(args, keywords, group.takes);
                if !group.calls.contains(&way) {
                    group.calls.push(way);
                }
            }
        };
        each_expr(module, &mut visit);
        (groups, values, calls, names, wrapped::places(&flow, &known))
    };
    wrapped::wrap(module, &wraps, next_id);
    if groups.is_empty() {
        return;
    }
    rewrite(module, &groups, (&values, &calls, &names), next_id);
    declare(module, &groups, next_id);
}

fn way_of(args: &[Expr], keywords: &[ast::Keyword], takes: Option<usize>) -> (usize, Vec<String>) {
    let names: Vec<String> = keywords
        .iter()
        .filter_map(|k| Some(k.name.as_ref()?.name.clone()))
        .collect();
    let starred = args.iter().any(is_starred);
    let count = match takes {
        Some(takes) if starred => takes.saturating_sub(names.len()),
        _ => args.len(),
    };
    (count, names)
}

fn is_starred(arg: &Expr) -> bool {
    matches!(arg.kind, ExprKind::Starred(_))
}

/// How many arguments all functions of a group take.
fn takes(members: &[(Target, String)], known: &Known<'_>) -> Option<usize> {
    let mut counts = members.iter().map(|(target, _)| {
        let (function, skip) = match target {
            Target::Function(name) => (known.functions.get(name).copied()?, 0),
            Target::Method(class, name) | Target::Bound(_, class, name) => {
                (known.method(class, name)?, 1)
            }
            Target::Object(_) => return None,
        };
        let list = &function.params.list;
        let plain = |p: &Param| p.kind == ParamKind::Normal && p.default.is_none();
        list.iter()
            .all(plain)
            .then(|| list.len() - skip.min(list.len()))
    });
    let first = counts.next()??;
    counts.all(|count| count == Some(first)).then_some(first)
}

/// `xs[0], xs[1]` for the one `*xs` of a call.
fn spread(args: &mut Vec<Expr>, count: usize, next_id: &mut u32) {
    let own = args.iter().filter(|a| !is_starred(a)).count();
    let stars = args.len() - own;
    let (1, Some(count)) = (stars, count.checked_sub(own)) else {
        return;
    };
    let path = |a: &Expr| match &a.kind {
        ExprKind::Starred(inner) => inner.is_place(),
        _ => true,
    };
    if !args.iter().all(path) {
        return;
    }
    for arg in std::mem::take(args) {
        let ExprKind::Starred(inner) = arg.kind else {
            args.push(arg);
            continue;
        };
        let mut build = super::build::Build {
            next_id,
            span: inner.span,
        };
        args.extend((0..count).map(|i| build.item_of(&inner, i, count)));
    }
}

/// Where each node stands.
fn spans(module: &Module) -> BTreeMap<NodeId, Span> {
    let mut out = BTreeMap::new();
    each_expr(module, &mut |_, e| {
        out.insert(e.id, e.span);
    });
    out
}

/// Visits every expression with the function that it stands in.
fn each_expr(module: &Module, visit: &mut dyn FnMut(&str, &Expr)) {
    struct All<'v>(&'v mut dyn FnMut(&str, &Expr), String);
    impl<'ast> ast::visit::Visitor<'ast> for All<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            (self.0)(&self.1, e);
            ast::visit::walk_expr(self, e);
        }
    }
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    let key = match &inner.kind {
                        StmtKind::Function(f) => format!("{}.{}", class.name.name, f.method_key()),
                        _ => String::new(),
                    };
                    ast::visit::Visitor::visit_stmt(&mut All(visit, key), inner);
                }
            }
            StmtKind::Function(f) => {
                ast::visit::Visitor::visit_stmt(&mut All(visit, f.name.name.clone()), stmt);
            }
            _ => ast::visit::Visitor::visit_stmt(&mut All(visit, String::new()), stmt),
        }
    }
}

/// The groups that can be enums.
fn groups(
    module: &Module,
    flow: &Flow,
    known: &Known<'_>,
    spans: &BTreeMap<NodeId, Span>,
) -> BTreeMap<usize, Group> {
    let mut taken: BTreeSet<String> = module
        .body
        .stmts
        .iter()
        .flat_map(super::callables::top_bound)
        .collect();
    let called: BTreeSet<usize> = flow
        .calls
        .iter()
        .filter_map(|(_, func)| flow.group(func))
        .collect();
    let mut out: BTreeMap<usize, Group> = BTreeMap::new();
    let mut order: Vec<usize> = Vec::new();
    for (place, _) in &flow.values {
        if let Some(group) = flow.group(place)
            && called.contains(&group)
            && !order.contains(&group)
        {
            order.push(group);
        }
    }
    for group in order {
        let targets = flow.targets_of(group);
        // What is an object here is no member of an enum.
        if targets.iter().any(|t| matches!(t, Target::Object(_))) {
            continue;
        }
        let classes: BTreeSet<&String> = targets
            .iter()
            .filter_map(|t| match t {
                Target::Method(class, _) => Some(class),
                Target::Function(_) | Target::Bound(..) | Target::Object(_) => None,
            })
            .collect();
        let class = classes.first().map(|c| (*c).clone());
        if classes.len() > 1 || flow.has_identity(group) && class.is_some() {
            continue;
        }
        let places = flow.names_of(group);
        if let Some(class) = &class
            && !places
                .iter()
                .all(|(name, _)| within(name, class, flow, known))
        {
            continue;
        }
        let bound = targets.iter().any(|t| matches!(t, Target::Bound(..)));
        if bound && flow.has_identity(group) {
            continue;
        }
        let at = flow
            .values
            .iter()
            .filter(|(p, _)| flow.group(p) == Some(group))
            .find_map(|((_, id), _)| spans.get(id).copied());
        let Some(at) = at else {
            continue;
        };
        let base = variable_of(&places);
        // The functions that tell the members apart stand beside each other.
        let beside = |variable: &String| {
            class.is_some()
                && out
                    .values()
                    .any(|g| g.class == class && g.variable == *variable)
        };
        let variable = (1..)
            .map(|n| match n {
                1 => base.clone(),
                n => format!("{base}_{n}"),
            })
            .find(|variable| !beside(variable))
            .unwrap_or_default();
        let mut name = camel(&variable);
        if let Some(class) = &class {
            name = format!("{class}{name}");
        }
        if taken.contains(&name) {
            name.push_str("Target");
        }
        while taken.contains(&name) {
            name.push('_');
        }
        taken.insert(name.clone());
        let mut members: Vec<(Target, String)> = Vec::new();
        // In the order in which they are put there first.
        for (place, target) in &flow.values {
            if flow.group(place) != Some(group) || members.iter().any(|(t, _)| t == target) {
                continue;
            }
            let own = match target {
                Target::Function(name) | Target::Method(_, name) => name.clone(),
                Target::Bound(path, _, name) => format!("{}_{name}", path.replace('.', "_")),
                Target::Object(_) => continue,
            };
            members.push((target.clone(), own.trim_matches('_').to_uppercase()));
        }
        shorten(&mut members, &variable);
        let mut found = Group {
            name,
            named: false,
            variable,
            single: class.as_ref().and_then(|c| known.singles.get(c)).cloned(),
            class,
            takes: takes(&members, known),
            members,
            calls: Vec::new(),
            at,
        };
        found.named = found.is_named(known);
        out.insert(group, found);
    }
    out
}

/// Takes from the members what all of them, or the enum itself, say already.
fn shorten(members: &mut [(Target, String)], variable: &str) {
    let own: BTreeSet<String> = variable.split('_').map(str::to_uppercase).collect();
    let words = |m: &str| -> Vec<String> {
        m.split('_')
            .filter(|w| !w.is_empty())
            .map(str::to_string)
            .collect()
    };
    let all: Vec<Vec<String>> = members.iter().map(|(_, m)| words(m)).collect();
    let common = |at: fn(&Vec<String>) -> Option<&String>| {
        let first = all.first().and_then(at).cloned();
        first.filter(|w| all.len() > 1 && all.iter().all(|m| at(m) == Some(w)))
    };
    let (prefix, suffix) = (common(|m| m.first()), common(|m| m.last()));
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for ((_, member), mut words) in members.iter_mut().zip(all) {
        if words.len() > 1 && words.first() == prefix.as_ref() {
            words.remove(0);
        }
        if words.len() > 1 && words.last() == suffix.as_ref() {
            words.pop();
        }
        // Not down to a word such as `ON`.
        let rest = |words: &[String]| words.iter().map(String::len).sum::<usize>() > 2;
        while words.last().is_some_and(|w| own.contains(w))
            && words.get(..words.len() - 1).is_some_and(rest)
        {
            words.pop();
        }
        while words.first().is_some_and(|w| own.contains(w)) && words.get(1..).is_some_and(rest) {
            words.remove(0);
        }
        let mut short = words.join("_");
        if short.starts_with(|c: char| c.is_ascii_digit()) || taken.contains(&short) {
            short.clone_from(member);
        }
        while taken.contains(&short) {
            short.push_str("_2");
        }
        taken.insert(short.clone());
        *member = short;
    }
}

/// Whether what a place holds was found in `self`, or is put there.
fn within(place: &str, class: &str, flow: &Flow, known: &Known<'_>) -> bool {
    // Every `self` of its methods is the one object.
    if known.singles.contains_key(class) {
        return true;
    }
    let mut parts = place.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("a"), Some(of), _) => of == class,
        (Some("v"), Some(key), Some(name)) => {
            let Some((of, method)) = key.split_once('.') else {
                return false;
            };
            let is_param = known
                .method(class, method)
                .is_some_and(|f| f.params.list.iter().any(|p| p.name.name == name));
            of == class && (!is_param || !flow.called_outside.contains(method))
        }
        _ => false,
    }
}

/// What a value of a group is called: as the attribute, table or variable that holds it.
fn variable_of(places: &[(String, usize)]) -> String {
    let mut best: Option<(usize, String)> = None;
    for (place, depth) in places {
        let mut parts = place.splitn(3, ':');
        let kind = parts.next().unwrap_or_default();
        let name = place.rsplit(':').next().unwrap_or_default();
        let rank = match kind {
            "a" => 0,
            "g" => 1,
            "v" if name.len() > 2 => 2,
            "v" => 8,
            _ => continue,
        } + 3 * depth;
        if best.as_ref().is_none_or(|(r, _)| rank < *r) {
            best = Some((rank, singular(name.trim_matches('_'))));
        }
    }
    match best {
        Some((_, name)) if name.starts_with(char::is_alphabetic) => name,
        _ => "target".to_string(),
    }
}

type Marks<'m> = (
    &'m BTreeMap<Place, (usize, String)>,
    &'m BTreeMap<Place, usize>,
    &'m BTreeMap<Place, usize>,
);

fn rewrite(
    module: &mut Module,
    groups: &BTreeMap<usize, Group>,
    marks: Marks<'_>,
    next_id: &mut u32,
) {
    each_stmt(module, &mut |stmt, key, this| {
        in_stmt(stmt, key, this, groups, marks, next_id);
    });
}

/// Calls it on every expression with the function that it stands in.
fn in_functions(module: &mut Module, f: &mut dyn FnMut(&str, &mut Expr)) {
    each_stmt(module, &mut |stmt, key, _| {
        ast::rewrite::stmt(stmt, &mut |e| f(key, e));
    });
}

/// Calls it on the statements of the module and of its classes, with the function that each is,
/// and what that calls the instance.
fn each_stmt(module: &mut Module, f: &mut dyn FnMut(&mut Stmt, &str, Option<&str>)) {
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let key = function.name.name.clone();
                f(stmt, &key, None);
            }
            StmtKind::Class(class) => {
                let name = class.name.name.clone();
                for inner in &mut class.body.stmts {
                    let (key, this) = match &inner.kind {
                        StmtKind::Function(f) => (
                            format!("{name}.{}", f.method_key()),
                            f.params.list.first().map(|p| p.name.name.clone()),
                        ),
                        _ => (String::new(), None),
                    };
                    f(inner, &key, this.as_deref());
                }
            }
            _ => f(stmt, "", None),
        }
    }
}

fn in_stmt(
    stmt: &mut Stmt,
    key: &str,
    this: Option<&str>,
    groups: &BTreeMap<usize, Group>,
    (values, calls, names): Marks<'_>,
    next_id: &mut u32,
) {
    ast::rewrite::stmt(stmt, &mut |e| {
        let place = (key.to_string(), e.id);
        let span = e.span;
        if let Some((group, member)) = values.get(&place)
            && let Some(group) = groups.get(group)
        {
            e.kind = member_of(&group.name, member, span, next_id);
            return;
        }
        if names.contains_key(&place)
            && let ExprKind::Attribute { attr, .. } = &mut e.kind
        {
            attr.name = "value".to_string();
        }
        let Some(group) = calls.get(&place).and_then(|g| groups.get(g)) else {
            return;
        };
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let way = way_of(args, keywords, group.takes);
        spread(args, way.0, next_id);
        let callee = method_name(group, &way);
        let of = func.span;
        let attr = Ident {
            span: of,
            name: callee,
        };
        let own = |class: &String| key.split_once('.').is_some_and(|(of, _)| of == class);
        let object = match (&group.class, &group.single) {
            (Some(class), _) if own(class) => this.map(str::to_string),
            (Some(_), single) => single.clone(),
            (None, _) => None,
        };
        match object {
            Some(object) => {
                let this = path_at(of, &object, next_id);
                let value = std::mem::replace(&mut **func, this);
                args.insert(0, value);
                let this = func.clone();
                let id = NodeId::next(next_id);
                **func = Expr {
                    id,
                    span: of,
                    kind: ExprKind::Attribute { value: this, attr },
                };
            }
            _ => {
                let id = NodeId::next(next_id);
                let value = func.clone();
                **func = Expr {
                    id,
                    span: of,
                    kind: ExprKind::Attribute { value, attr },
                };
            }
        }
    });
}

/// `robot.arm`.
fn path_at(span: Span, path: &str, next_id: &mut u32) -> Expr {
    let mut build = super::build::Build { next_id, span };
    let mut parts = path.split('.');
    let first = build.name(parts.next().unwrap_or_default());
    parts.fold(first, |of, attr| build.attr(of, attr))
}

fn member_of(name: &str, member: &str, span: Span, next_id: &mut u32) -> ExprKind {
    ExprKind::Attribute {
        value: Box::new(name_at(span, name, next_id)),
        attr: Ident {
            span,
            name: member.to_string(),
        },
    }
}

/// The name of the function that calls a group's functions in a certain way.
fn method_name(group: &Group, way: &(usize, Vec<String>)) -> String {
    let base = match &group.class {
        Some(_) => format!("call_{}", group.variable),
        None => "call".to_string(),
    };
    let many = group.calls.len() > 1;
    let same = group.calls.iter().filter(|(n, _)| *n == way.0).count() > 1;
    match (many, same) {
        (false, _) => base,
        (true, false) => format!("{base}_with_{}", way.0),
        (true, true) => format!("{base}_with_{}_{}", way.0, way.1.join("_")),
    }
}

/// Adds the enums and the functions that tell their members apart.
fn declare(module: &mut Module, groups: &BTreeMap<usize, Group>, next_id: &mut u32) {
    let functions: BTreeMap<String, Function> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Function(f) => Some((f.name.name.clone(), f.clone())),
            _ => None,
        })
        .collect();
    let classes: BTreeMap<String, Class> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(c) => Some((c.name.name.clone(), c.clone())),
            _ => None,
        })
        .collect();
    let mut enums = Vec::new();
    for group in groups.values() {
        let mut body: Vec<Stmt> = Vec::new();
        for (target, member) in &group.members {
            // Members of one value would be one.
            let value = match group.has_names() {
                true => target.name().clone(),
                false => member.to_lowercase(),
            };
            let value = Expr {
                id: NodeId::next(next_id),
                span: group.at,
                kind: ExprKind::Str(value),
            };
            let targets = vec![name_at(group.at, member, next_id)];
            let kind = StmtKind::Assign { targets, value };
            body.push(statement(kind, group.at, next_id));
        }
        for way in &group.calls {
            let function = dispatcher(group, way, &functions, &classes, next_id);
            let stmt = statement(StmtKind::Function(function), group.at, next_id);
            match &group.class {
                None => body.push(stmt),
                Some(class) => {
                    for stmt_of in &mut module.body.stmts {
                        if let StmtKind::Class(own) = &mut stmt_of.kind
                            && own.name.name == *class
                        {
                            own.body.stmts.push(stmt.clone());
                        }
                    }
                }
            }
        }
        let base = Expr {
            id: NodeId::next(next_id),
            span: group.at,
            kind: ExprKind::Attribute {
                value: Box::new(name_at(group.at, "enum", next_id)),
                attr: Ident {
                    span: group.at,
                    name: "Enum".to_string(),
                },
            },
        };
        let name = Ident {
            span: group.at,
            name: group.name.clone(),
        };
        let class = Class {
            bases: vec![base],
            doc: Some(Docstring {
                span: group.at,
                text: format!("What `{}` may call.", group.variable),
            }),
            ..Class::of(name, body)
        };
        enums.push(statement(StmtKind::Class(class), group.at, next_id));
    }
    let place = module
        .body
        .stmts
        .iter()
        .position(|s| {
            !matches!(
                s.kind,
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Expr(_)
            )
        })
        .unwrap_or(0);
    module.body.stmts.splice(place..place, enums);
}

/// `match self: case Handler.ON_IDLE: return on_idle(x)` …
fn dispatcher(
    group: &Group,
    way: &(usize, Vec<String>),
    functions: &BTreeMap<String, Function>,
    classes: &BTreeMap<String, Class>,
    next_id: &mut u32,
) -> Function {
    let at = group.at;
    let find = |target: &Target| -> Option<Function> {
        match target {
            Target::Function(name) => functions.get(name).cloned(),
            Target::Method(class, name) | Target::Bound(_, class, name) => classes
                .get(class)?
                .body
                .functions()
                .find(|f| f.name.name == *name)
                .cloned(),
            Target::Object(_) => None,
        }
    };
    let definitions: Vec<(Function, usize)> = group
        .members
        .iter()
        .filter_map(|(t, _)| Some((find(t)?, usize::from(!matches!(t, Target::Function(_))))))
        .collect();
    let value = match &group.class {
        Some(_) => group.variable.clone(),
        None => "self".to_string(),
    };
    let (by_place, by_name) = way;
    let mut names: Vec<String> = Vec::new();
    for i in 0..*by_place {
        let own = definitions
            .iter()
            .filter_map(|(f, skip)| Some(f.params.list.get(i + skip)?.name.name.clone()))
            .find(|n| *n != value && n != "self" && !names.contains(n) && !by_name.contains(n));
        let mut name = own.unwrap_or_else(|| format!("arg{i}"));
        while names.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    let param = |name: &str, kind: ParamKind, next_id: &mut u32| {
        let id = NodeId::next(next_id);
        Param {
            id,
            name: Ident {
                span: at,
                name: name.to_string(),
            },
            kind,
            annotation: None,
            default: None,
        }
    };
    let mut list = Vec::new();
    if group.class.is_some() {
        list.push(param("self", ParamKind::Normal, next_id));
    }
    list.push(param(&value, ParamKind::Normal, next_id));
    for name in &names {
        list.push(param(name, ParamKind::Normal, next_id));
    }
    for name in by_name {
        list.push(param(name, ParamKind::KeywordOnly, next_id));
    }
    let gives = definitions.len() < group.members.len()
        || definitions.iter().any(|(f, _)| gives_value(&f.body));
    let node = |kind: ExprKind, next_id: &mut u32| {
        let id = NodeId::next(next_id);
        Expr { id, span: at, kind }
    };
    let mut cases = Vec::new();
    for (target, member) in &group.members {
        let attribute = |base: &str, name: &str, next_id: &mut u32| ExprKind::Attribute {
            value: Box::new(name_at(at, base, next_id)),
            attr: Ident {
                span: at,
                name: name.to_string(),
            },
        };
        let func = match target {
            Target::Function(name) => ExprKind::Name(name.clone()),
            Target::Method(_, name) => attribute("self", name, next_id),
            Target::Bound(path, _, name) => ExprKind::Attribute {
                value: Box::new(path_at(at, path, next_id)),
                attr: Ident {
                    span: at,
                    name: name.clone(),
                },
            },
            Target::Object(name) => ExprKind::Name(name.clone()),
        };
        let func = Box::new(node(func, next_id));
        let args = names.iter().map(|n| name_at(at, n, next_id)).collect();
        let keywords = by_name
            .iter()
            .map(|n| ast::Keyword {
                name: Some(Ident {
                    span: at,
                    name: n.clone(),
                }),
                value: name_at(at, n, next_id),
            })
            .collect();
        let call = node(
            ExprKind::Call {
                func,
                args,
                keywords,
            },
            next_id,
        );
        let kind = match gives {
            true => StmtKind::Return(Some(call)),
            false => StmtKind::Expr(call),
        };
        let tested = node(attribute(&group.name, member, next_id), next_id);
        let id = NodeId::next(next_id);
        cases.push(Case {
            span: at,
            pattern: Pattern {
                id,
                span: at,
                kind: PatternKind::Value(tested),
            },
            guard: None,
            body: Block {
                stmts: vec![statement(kind, at, next_id)],
                trailing: Vec::new(),
            },
        });
    }
    let subject = name_at(at, &value, next_id);
    let body = statement(StmtKind::Match { subject, cases }, at, next_id);
    Function {
        name: Ident {
            span: at,
            name: method_name(group, way),
        },
        decorators: Vec::new(),
        params: Params { list },
        returns: None,
        doc: None,
        body: Block {
            stmts: vec![body],
            trailing: Vec::new(),
        },
        is_async: false,
    }
}

/// Whether a block returns a value.
fn gives_value(block: &Block) -> bool {
    struct Returns(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Returns {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.0 |= matches!(&stmt.kind, StmtKind::Return(Some(_)));
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Returns(false);
    ast::visit::Visitor::visit_block(&mut found, block);
    found.0
}

/// `blink_handler` as `BlinkHandler`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    out
}
