//! `*args` and `**kwargs` in definitions and calls.
//!
//! Enters: the module. Leaves: the same module, in which a function of any number of
//! arguments takes a list, and one of any names a dict. This module must not know types.

use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Keyword, MethodKind, Module, NodeId, ParamKind,
    StmtKind,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What a call gives.
#[derive(Debug)]
pub(super) struct Given {
    /// How many arguments by place; any number with a `*`.
    pub(super) count: usize,
    /// Where the first `*` stands.
    star: Option<usize>,
    /// What is given by name.
    pub(super) names: BTreeSet<String>,
}

/// Every call of each callee. What is used in another way has no entry. A function is named
/// as it is, a method `.name`.
pub(super) fn calls_of<'f>(
    block: &Block,
    callees: impl Iterator<Item = &'f String>,
) -> BTreeMap<String, Vec<Given>> {
    struct Calls {
        found: BTreeMap<String, Vec<Given>>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Calls {
        fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
            // A base is none of its calls.
            if let StmtKind::Class(class) = &stmt.kind {
                self.visit_block(&class.body);
                return;
            }
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if callee(func).is_some() => {
                    let name = callee(func).unwrap_or_default();
                    let star = args
                        .iter()
                        .position(|a| matches!(a.kind, ExprKind::Starred(_)));
                    if keywords.iter().any(|k| k.name.is_none()) {
                        self.found.remove(&name);
                    } else if let Some(calls) = self.found.get_mut(&name) {
                        let names = keywords
                            .iter()
                            .filter_map(|k| Some(k.name.as_ref()?.name.clone()));
                        calls.push(Given {
                            count: star.map_or(args.len(), |_| usize::MAX),
                            star,
                            names: names.collect(),
                        });
                    }
                    if let ExprKind::Attribute { value, .. } = &func.kind
                        && !matches!(value.kind, ExprKind::Name(_))
                    {
                        self.visit_expr(value);
                    }
                    for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                        self.visit_expr(arg);
                    }
                }
                ExprKind::Attribute { value, attr } => {
                    self.found.remove(&format!(".{}", attr.name));
                    if !matches!(value.kind, ExprKind::Name(_)) {
                        self.visit_expr(value);
                    }
                }
                ExprKind::Name(name) => {
                    self.found.remove(name);
                }
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut calls = Calls {
        found: callees.map(|n| (n.clone(), Vec::new())).collect(),
    };
    ast::visit::Visitor::visit_block(&mut calls, block);
    calls.found
}

/// What a call names: a function, or a method as `.name`.
fn callee(func: &Expr) -> Option<String> {
    match &func.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { attr, .. } => Some(format!(".{}", attr.name)),
        _ => None,
    }
}

/// The methods of the module by name, where no other class or type has one of that name;
/// constructors by the name of their class.
fn methods_of(module: &Module) -> BTreeMap<String, Function> {
    let mut found: BTreeMap<String, Option<Function>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        for inner in &class.body.stmts {
            if let StmtKind::Function(method) = &inner.kind {
                let name = match method.name.name.as_str() {
                    "__init__" => class.name.name.clone(),
                    name => format!(".{name}"),
                };
                let only = own_params(method).is_some()
                    && !found.contains_key(&name)
                    && !is_common(name.trim_start_matches('.'));
                found.insert(name, only.then(|| method.clone()));
            }
        }
    }
    let found = found.into_iter();
    found.filter_map(|(n, f)| Some((n, f?))).collect()
}

/// How many parameters of a method no call gives.
fn own_params(method: &Function) -> Option<usize> {
    match method.method_kind() {
        Ok(MethodKind::Method | MethodKind::Class) => Some(1),
        Ok(MethodKind::Static) => Some(0),
        Ok(MethodKind::Property | MethodKind::Setter) | Err(_) => None,
    }
}

/// Whether a builtin type has a method of that name.
pub(super) fn is_common(name: &str) -> bool {
    matches!(
        name,
        "add"
            | "append"
            | "clear"
            | "copy"
            | "count"
            | "discard"
            | "extend"
            | "format"
            | "get"
            | "index"
            | "insert"
            | "items"
            | "join"
            | "keys"
            | "pop"
            | "popleft"
            | "remove"
            | "replace"
            | "reverse"
            | "sort"
            | "split"
            | "update"
            | "values"
            | "debug"
            | "info"
            | "warning"
            | "error"
            | "critical"
            | "exception"
    )
}

/// The class whose constructor is that of each class, where bases are one after the other.
struct Owners {
    owners: BTreeMap<String, String>,
    bases: BTreeMap<String, String>,
    /// Classes whose constructor somebody may call in another way than by their name, or by
    /// `super()` in a class that has one base.
    open: BTreeSet<String>,
}

impl Owners {
    fn of(module: &Module) -> Owners {
        let mut out = Owners {
            owners: BTreeMap::new(),
            bases: BTreeMap::new(),
            open: BTreeSet::new(),
        };
        for stmt in &module.body.stmts {
            let StmtKind::Class(class) = &stmt.kind else {
                continue;
            };
            let name = class.name.name.clone();
            let named = |b: &Expr| match &b.kind {
                ExprKind::Name(base) => Some(base.clone()),
                _ => None,
            };
            let bases: Vec<String> = class.bases.iter().filter_map(named).collect();
            let own = super::build::method(&class.body, "__init__").is_some();
            match (own, bases.as_slice()) {
                (true, _) => {
                    out.owners.insert(name.clone(), name.clone());
                }
                (false, [base]) => {
                    if let Some(owner) = out.owners.get(base).cloned() {
                        out.owners.insert(name.clone(), owner);
                    }
                }
                (false, _) => {}
            }
            match bases.as_slice() {
                [base] => {
                    out.bases.insert(name, base.clone());
                }
                several => out.open.extend(several.iter().cloned()),
            }
        }
        struct Explicit<'o>(&'o mut BTreeSet<String>);
        impl<'ast> ast::visit::Visitor<'ast> for Explicit<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Attribute { value, attr } = &e.kind
                    && attr.name == "__init__"
                    && let ExprKind::Name(class) = &value.kind
                {
                    self.0.insert(class.clone());
                }
                ast::visit::walk_expr(self, e);
            }
        }
        ast::visit::Visitor::visit_block(&mut Explicit(&mut out.open), &module.body);
        out
    }

    /// The classes that have the constructor of one, itself among them.
    fn heirs<'s>(&'s self, class: &'s str) -> impl Iterator<Item = &'s String> {
        let own = self.owners.iter().filter(move |(_, owner)| *owner == class);
        own.map(|(heir, _)| heir)
    }

    /// The class whose constructor `super().__init__` in a class is.
    fn above(&self, class: &str) -> Option<&String> {
        self.owners.get(self.bases.get(class)?)
    }

    /// Whether all that make an object by the constructor of a class are known.
    fn are_known(&self, class: &str, calls: &BTreeMap<String, Vec<Given>>) -> bool {
        self.heirs(class)
            .all(|heir| calls.contains_key(heir) && !self.open.contains(heir))
    }
}

/// `super().__init__` in the methods of a class.
fn is_super_init(func: &Expr) -> bool {
    let ExprKind::Attribute { value, attr } = &func.kind else {
        return false;
    };
    attr.name == "__init__"
        && matches!(&value.kind, ExprKind::Call { func, args, .. }
            if args.is_empty() && matches!(&func.kind, ExprKind::Name(n) if n == "super"))
}

/// The place of the first `*` that `super().__init__` is given in a class; the first of all
/// where there is a `**`.
fn gives_any_number(class: &ast::Class) -> Option<usize> {
    struct Look(Option<usize>);
    impl<'ast> ast::visit::Visitor<'ast> for Look {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
                && is_super_init(func)
            {
                let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
                let place = match keywords.iter().any(|k| k.name.is_none()) {
                    true => Some(0),
                    false => args.iter().position(starred),
                };
                self.0 = match (self.0, place) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut look = Look(None);
    ast::visit::Visitor::visit_block(&mut look, &class.body);
    look.0
}

/// What a function of any number of arguments takes instead.
#[derive(Default, Clone)]
struct Packed {
    /// The place of `*args`, and its name.
    args: Option<(usize, String)>,
    /// The name of `**kwargs`, and the names that are parameters.
    kwargs: Option<(String, BTreeSet<String>)>,
}

impl Packed {
    /// Makes plain parameters of `*args` and `**kwargs`.
    fn of(function: &mut Function, skip: usize) -> Option<Packed> {
        let mut packed = Packed::default();
        let names = function.params.list.iter().skip(skip);
        let names: BTreeSet<String> = names.map(|p| p.name.name.clone()).collect();
        for (place, param) in function.params.list.iter_mut().enumerate() {
            let name = param.name.name.clone();
            match param.kind {
                ParamKind::VarArgs => packed.args = Some((place.checked_sub(skip)?, name)),
                ParamKind::KwArgs => packed.kwargs = Some((name, names.clone())),
                ParamKind::PositionalOnly | ParamKind::Normal | ParamKind::KeywordOnly => continue,
            }
            param.kind = ParamKind::KeywordOnly;
        }
        (packed.args.is_some() || packed.kwargs.is_some()).then_some(packed)
    }

    /// Gives what a call has too many as one list and one dict.
    fn call(
        &self,
        span: Span,
        args: &mut Vec<Expr>,
        keywords: &mut Vec<Keyword>,
        next_id: &mut u32,
    ) {
        let mut node = |span: Span, kind: ExprKind| {
            let id = NodeId::next(next_id);
            Expr { id, span, kind }
        };
        let keyword = |name: &String, value: Expr| Keyword {
            name: Some(Ident {
                span: value.span,
                name: name.clone(),
            }),
            value,
        };
        if let Some((name, known)) = &self.kwargs {
            let is_known = |k: &Keyword| k.name.as_ref().is_some_and(|n| known.contains(&n.name));
            let (own, rest): (Vec<Keyword>, Vec<Keyword>) =
                std::mem::take(keywords).into_iter().partition(is_known);
            let at = rest.first().map_or(span, |k| k.value.span);
            let entries = rest.into_iter().map(|k| {
                let key = k.name.map(|n| node(n.span, ExprKind::Str(n.name)));
                (key, k.value)
            });
            let entries = entries.collect();
            keywords.extend(own);
            keywords.push(keyword(name, node(at, ExprKind::Dict(entries))));
        }
        if let Some((place, name)) = &self.args {
            let rest = args.split_off((*place).min(args.len()));
            let at = rest.first().map_or(span, |first| first.span);
            keywords.insert(0, keyword(name, node(at, ExprKind::List(rest))));
        }
    }
}

/// `*args` as a list and `**kwargs` as a dict, made by each call.
pub(super) fn any_number(
    module: &mut Module,
    functions: &BTreeMap<String, Function>,
    next_id: &mut u32,
) {
    // Only what is never used but called.
    let methods = methods_of(module);
    let owners = Owners::of(module);
    let named = functions.keys().chain(methods.keys());
    let calls = calls_of(&module.body, named.chain(owners.owners.keys()));
    let mut spread: BTreeMap<String, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let Some(owner) = owners.above(&class.name.name)
            && let Some(place) = gives_any_number(class)
        {
            let known = spread.entry(owner.clone()).or_insert(place);
            *known = place.min(*known);
        }
    }
    let mut packed: BTreeMap<String, Packed> = BTreeMap::new();
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) if calls.contains_key(&function.name.name) => {
                let name = function.name.name.clone();
                if !starred_before(&calls, &name, function, 0) {
                    packed.extend(Packed::of(function, 0).map(|p| (name, p)));
                }
            }
            StmtKind::Class(class) => {
                let own = &class.name.name;
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        if method.name.name == "__init__" {
                            let before = |heir: &String| starred_before(&calls, heir, method, 1);
                            if owners.are_known(own, &calls)
                                && spread.get(own).is_none_or(|at| *at >= any_place(method, 1))
                                && !owners.heirs(own).any(before)
                                && let Some(one) = Packed::of(method, 1)
                            {
                                let heirs = owners.heirs(own);
                                packed.extend(heirs.map(|heir| (heir.clone(), one.clone())));
                            }
                            continue;
                        }
                        let name = format!(".{}", method.name.name);
                        if let Some(skip) = own_params(method)
                            && calls.contains_key(&name)
                            && methods.contains_key(&name)
                            && !starred_before(&calls, &name, method, skip)
                        {
                            packed.extend(Packed::of(method, skip).map(|p| (name, p)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    if packed.is_empty() {
        return;
    }
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let above = owners.above(&class.name.name);
        let Some(packed) = above.and_then(|owner| packed.get(owner)) else {
            continue;
        };
        ast::rewrite::block(&mut class.body, &mut |e| {
            let span = e.span;
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &mut e.kind
                && is_super_init(func)
            {
                packed.call(span, args, keywords, next_id);
            }
        });
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let span = e.span;
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
            && let Some(packed) = callee(func).and_then(|name| packed.get(&name))
        {
            packed.call(span, args, keywords, next_id);
        }
    });
}

/// The place from which a function takes any number of arguments.
fn any_place(function: &Function, skip: usize) -> usize {
    let of_any = |p: &ast::Param| p.kind == ParamKind::VarArgs;
    let place = function.params.list.iter().position(of_any);
    place.map_or(usize::MAX, |place| place.saturating_sub(skip))
}

/// Whether a call of a function has a `*` before what its `*args` takes.
fn starred_before(
    calls: &BTreeMap<String, Vec<Given>>,
    name: &str,
    function: &Function,
    skip: usize,
) -> bool {
    let place = any_place(function, skip);
    let before = |given: &Given| given.star.is_some_and(|at| at < place);
    calls
        .get(name)
        .is_some_and(|calls| calls.iter().any(before))
}

/// `f(a, b)` for `f(*(a, b))`.
pub(super) fn spread(module: &mut Module) {
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let ExprKind::Call { args, .. } = &mut e.kind {
            let starred = |a: &Expr| matches!(&a.kind, ExprKind::Starred(inner) if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)));
            if !args.iter().any(starred) {
                return;
            }
            let mut out = Vec::new();
            for arg in std::mem::take(args) {
                match arg.kind {
                    ExprKind::Starred(inner)
                        if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)) =>
                    {
                        if let ExprKind::Tuple(items) | ExprKind::List(items) = inner.kind {
                            out.extend(items);
                        }
                    }
                    _ => out.push(arg),
                }
            }
            *args = out;
        }
    });
}
