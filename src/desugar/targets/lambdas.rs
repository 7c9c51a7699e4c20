//! Lambdas that are kept: functions of the module, or methods where they use `self`.
//!
//! Enters: the module. Leaves: the same module, where `self.curve = lambda x: 2 * x` names a
//! function. A lambda that sees variables of the function around it stays, and so does one
//! that a builtin calls at once (`key=`, `map`). This module must not know types.

use super::super::closures::statement;
use super::super::inherit::{name_at, snake};
use super::super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, ParamKind, Params, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// What calls a lambda itself.
const CALLERS: [&str; 8] = [
    "map",
    "filter",
    "sorted",
    "min",
    "max",
    "reduce",
    "defaultdict",
    "field",
];

/// Rewrites the module.
pub(in crate::desugar) fn lambdas(module: &mut Module, next_id: &mut u32) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let names = |f: &Function, skip: usize| -> Vec<String> {
        let list = f.params.list.iter().skip(skip);
        list.map(|p| p.name.name.clone()).collect()
    };
    for stmt in &module.body.stmts {
        taken.extend(super::super::callables::top_bound(stmt));
        match &stmt.kind {
            StmtKind::Function(f) => {
                params.insert(f.name.name.clone(), names(f, 0));
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(f) = &inner.kind
                        && f.name.name == "__init__"
                    {
                        params.insert(class.name.name.clone(), names(f, 1));
                    }
                }
            }
            _ => {}
        }
    }
    let mut lift = Lift {
        taken,
        params: &params,
        next_id,
        functions: Vec::new(),
        methods: Vec::new(),
        members: BTreeSet::new(),
        locals: BTreeSet::new(),
        hidden: BTreeSet::new(),
        this: None,
    };
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        match &mut stmt.kind {
            StmtKind::Function(function) => lift.function(function, None),
            StmtKind::Class(class) => {
                lift.members = members(class);
                let mut added = Vec::new();
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        let plain = method.decorators.is_empty();
                        let this = method.params.list.first().filter(|_| plain);
                        let this = this.map(|p| p.name.name.clone());
                        lift.function(method, this);
                        added.append(&mut lift.methods);
                    } else if keeps_several(inner) {
                        // The names of the body are not known in a lambda.
                        lift.stmt(inner);
                    }
                }
                class.body.stmts.extend(added);
            }
            _ => lift.stmt(&mut stmt),
        }
        out.append(&mut lift.functions);
        out.push(stmt);
    }
    module.body.stmts = out;
}

/// Whether a statement of a class keeps a table or list; a lambda alone would be a method.
fn keeps_several(stmt: &Stmt) -> bool {
    let (StmtKind::Assign { value, .. }
    | StmtKind::AnnAssign {
        value: Some(value), ..
    }) = &stmt.kind
    else {
        return false;
    };
    matches!(
        value.kind,
        ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Tuple(_)
    )
}

/// The names that a class's instances have.
fn members(class: &ast::Class) -> BTreeSet<String> {
    struct Attributes(BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Attributes {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Attribute { attr, .. } = &e.kind {
                self.0.insert(attr.name.clone());
            }
            ast::visit::walk_expr(self, e);
        }
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Function(f) = &stmt.kind {
                self.0.insert(f.name.name.clone());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Attributes(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut found, &class.body);
    found.0
}

struct Lift<'l> {
    taken: BTreeSet<String>,
    params: &'l BTreeMap<String, Vec<String>>,
    next_id: &'l mut u32,
    functions: Vec<Stmt>,
    methods: Vec<Stmt>,
    /// The names that the class's instances have.
    members: BTreeSet<String>,
    /// The variables of the function.
    locals: BTreeSet<String>,
    /// The variables of comprehensions and lambdas around the place.
    hidden: BTreeSet<String>,
    /// The instance.
    this: Option<String>,
}

impl Lift<'_> {
    fn function(&mut self, function: &mut Function, this: Option<String>) {
        self.locals = Names::of(function).bound.into_keys().collect();
        self.this = this;
        for stmt in &mut function.body.stmts {
            self.stmt(stmt);
        }
        self.locals.clear();
        self.this = None;
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        match &mut stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => return,
            StmtKind::Assign { targets, value } => {
                let hint = targets.first().and_then(hint_of);
                self.expr(value, hint.as_deref());
                return;
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                let hint = hint_of(target);
                self.expr(value, hint.as_deref());
                return;
            }
            StmtKind::Return(Some(value)) | StmtKind::Expr(value) => self.expr(value, None),
            StmtKind::For { iter, .. } => self.expr(iter, None),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => self.expr(test, None),
            _ => {}
        }
        for block in ast::branches_mut(stmt) {
            block.stmts.iter_mut().for_each(|s| self.stmt(s));
        }
    }

    fn expr(&mut self, e: &mut Expr, hint: Option<&str>) {
        match &mut e.kind {
            ExprKind::Lambda { params, body } => {
                if let Some(kind) = self.lifted(params, body, hint) {
                    e.kind = kind;
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if let ExprKind::Attribute { value, attr } = &mut func.kind {
                    self.expr(value, None);
                    if attr.name == "sort" {
                        return;
                    }
                }
                let name = match &func.kind {
                    ExprKind::Name(name) => name.clone(),
                    ExprKind::Attribute { attr, .. } => attr.name.clone(),
                    _ => String::new(),
                };
                if CALLERS.contains(&name.as_str()) {
                    return;
                }
                let of = self.params.get(&name).cloned().unwrap_or_default();
                for (i, arg) in args.iter_mut().enumerate() {
                    let own = joined(hint, of.get(i).map(String::as_str));
                    self.expr(arg, own.as_deref());
                }
                for keyword in keywords {
                    let own = keyword.name.as_ref().map(|n| n.name.as_str());
                    let own = joined(hint, own);
                    self.expr(&mut keyword.value, own.as_deref());
                }
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    let own = key.as_ref().and_then(key_name);
                    let own = joined(hint, own.as_deref());
                    self.expr(value, own.as_deref());
                }
            }
            ExprKind::Tuple(items) => {
                let own = items.iter().find_map(key_name);
                let own = joined(hint, own.as_deref());
                items.iter_mut().for_each(|i| self.expr(i, own.as_deref()));
            }
            ExprKind::Comprehension { clauses, .. } => {
                let before = self.hidden.clone();
                let mut names = Names::default();
                clauses.iter().for_each(|c| names.target(&c.target));
                self.hidden.extend(names.bound.into_keys());
                ast::rewrite::children(e, &mut |child| self.expr(child, hint));
                self.hidden = before;
            }
            _ => ast::rewrite::children(e, &mut |child| self.expr(child, hint)),
        }
    }

    /// The name of the function that a lambda becomes.
    fn lifted(&mut self, params: &Params, body: &Expr, hint: Option<&str>) -> Option<ExprKind> {
        let plain = params
            .list
            .iter()
            .all(|p| p.kind == ParamKind::Normal && p.default.is_none());
        let mut names = Names::default();
        names.expr(body);
        let own = |n: &String| params.list.iter().any(|p| p.name.name == *n);
        let free: Vec<&String> = names.read.iter().filter(|n| !own(n)).collect();
        let hides = free.iter().any(|n| self.hidden.contains(*n));
        if !plain || names.refuses || hides {
            return None;
        }
        let seen: Vec<&String> = free
            .into_iter()
            .filter(|n| self.locals.contains(*n))
            .collect();
        let this = match seen.as_slice() {
            [] => None,
            [one] if Some(*one) == self.this.as_ref() => Some((*one).clone()),
            _ => return None,
        };
        let span = body.span;
        let same = matches!((&body.kind, params.list.as_slice()), (ExprKind::Name(n), [one]) if *n == one.name.name);
        let mut base = match same {
            true => "identity".to_string(),
            false => snake(hint.unwrap_or("function")),
        };
        base = base.trim_matches('_').to_string();
        if base.is_empty() || base.starts_with(|c: char| c.is_ascii_digit()) {
            base = format!("function_{base}");
        }
        let is_taken = |lift: &Self, name: &str| match this {
            Some(_) => lift.members.contains(name),
            None => lift.taken.contains(name) || lift.locals.contains(name),
        };
        let mut name = base.clone();
        let mut n = 1;
        while is_taken(self, &name) {
            name = match n {
                1 => format!("{base}_function"),
                _ => format!("{base}_function_{n}"),
            };
            n += 1;
        }
        let mut params = params.clone();
        if let Some(this) = &this {
            self.members.insert(name.clone());
            let mut own = ast::Param {
                id: ast::NodeId::next(self.next_id),
                name: Ident {
                    span,
                    name: this.clone(),
                },
                kind: ParamKind::Normal,
                annotation: None,
                default: None,
            };
            own.name.span = span;
            params.list.insert(0, own);
        } else {
            self.taken.insert(name.clone());
        }
        let back = StmtKind::Return(Some(body.clone()));
        let function = Function {
            name: Ident {
                span,
                name: name.clone(),
            },
            decorators: Vec::new(),
            params,
            returns: None,
            doc: None,
            body: Block {
                stmts: vec![statement(back, span, self.next_id)],
                trailing: Vec::new(),
            },
            is_async: false,
        };
        let stmt = statement(StmtKind::Function(function), span, self.next_id);
        match this {
            Some(this) => {
                self.methods.push(stmt);
                let value = Box::new(name_at(span, &this, self.next_id));
                let attr = Ident { span, name };
                Some(ExprKind::Attribute { value, attr })
            }
            None => {
                self.functions.push(stmt);
                Some(ExprKind::Name(name))
            }
        }
    }
}

/// `yaw` and `curve` as `yaw_curve`.
fn joined(outer: Option<&str>, own: Option<&str>) -> Option<String> {
    match (outer, own) {
        (Some(outer), Some(own)) if outer != own => Some(format!("{outer}_{own}")),
        (one, other) => other.or(one).map(str::to_string),
    }
}

/// What a target says of the value.
fn hint_of(target: &Expr) -> Option<String> {
    match &target.kind {
        ExprKind::Name(name) => Some(singular(name)),
        ExprKind::Attribute { attr, .. } => Some(singular(&attr.name)),
        ExprKind::Subscript { index, .. } => key_name(index),
        _ => None,
    }
}

/// A key as a name.
fn key_name(key: &Expr) -> Option<String> {
    match &key.kind {
        ExprKind::Str(text)
            if text.chars().all(|c| c.is_alphanumeric() || c == '_') && !text.is_empty() =>
        {
            Some(text.to_lowercase())
        }
        ExprKind::Str(text) => {
            let word = match text.as_str() {
                "+" => "add",
                "-" => "sub",
                "*" => "mul",
                "/" => "div",
                ">" => "gt",
                "<" => "lt",
                ">=" => "ge",
                "<=" => "le",
                "==" => "eq",
                "!=" => "ne",
                _ => return None,
            };
            Some(word.to_string())
        }
        ExprKind::Attribute { attr, .. } => Some(attr.name.to_lowercase()),
        _ => None,
    }
}

/// `HANDLERS` as `handler`.
pub(in crate::desugar) fn singular(name: &str) -> String {
    let name = name.to_lowercase();
    if name == "axes" {
        return "axis".to_string();
    }
    let hissed = ["ches", "shes", "sses", "xes"];
    if hissed.iter().any(|end| name.ends_with(end)) {
        return name.strip_suffix("es").unwrap_or(&name).to_string();
    }
    match name.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with('s') => one.to_string(),
        _ => name,
    }
}
