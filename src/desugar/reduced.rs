//! `functools.reduce` and `functools.partial` within expressions, and `sum` of objects.
//!
//! Enters: the module. Leaves: the same module, where `reduce(f, xs, start)` calls a function
//! with a loop in it, which takes what `f` sees of the function around it as parameters;
//! `sum(vectors, Vec2(0, 0))` is the same by `+`, and `partial(f, 0.5)` is `lambda x: f(0.5, x)`. What cannot be rewritten stays, and is refused
//! later. This module must not know types.

use super::build::Build;
use super::callables::{full_name, imports, module_bound};
use super::keywords::is_literal;
use super::names::{Names, free};
use crate::ast::{
    self, BinaryOp, ComprehensionKind, Expr, ExprKind, Function, Keyword, Module, Param, ParamKind,
    Params, Stmt, StmtKind, UnaryOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the function with the loop is called, and what it calls its list.
const FOLDED: &str = "folded";
const ITEMS: &str = "items";

/// Rewrites the calls of the module.
pub(super) fn reduced(module: &mut Module, next_id: &mut u32) {
    let imports = imports(module);
    let adding: BTreeSet<String> = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) if adds(class) => Some(class.name.name.clone()),
            _ => None,
        })
        .collect();
    if !imports.values().any(|of| of.starts_with("functools")) && adding.is_empty() {
        return;
    }
    let mut functions = BTreeMap::new();
    let mut taken = module_bound(module);
    for stmt in &module.body.stmts {
        if let StmtKind::Function(f) = &stmt.kind {
            functions.insert(f.name.name.clone(), f.params.clone());
        }
    }
    let globals = taken.clone();
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut found = Vec::new();
        {
            let mut work = Work {
                imports: &imports,
                functions: &functions,
                adding: &adding,
                globals: &globals,
                taken: &mut taken,
                found: &mut found,
                locals: BTreeSet::new(),
                steady: BTreeSet::new(),
                this: None,
                next_id,
            };
            work.top(&mut stmt);
        }
        out.extend(found);
        out.push(stmt);
    }
    module.body.stmts = out;
}

struct Work<'m> {
    imports: &'m BTreeMap<String, String>,
    /// What the functions of the module take.
    functions: &'m BTreeMap<String, Params>,
    /// The classes whose objects are added to each other.
    adding: &'m BTreeSet<String>,
    globals: &'m BTreeSet<String>,
    taken: &'m mut BTreeSet<String>,
    /// The functions with the loops.
    found: &'m mut Vec<Stmt>,
    /// The names of the function.
    locals: BTreeSet<String>,
    /// Its parameters, where nothing binds them anew.
    steady: BTreeSet<String>,
    /// What a method calls its object.
    this: Option<String>,
    next_id: &'m mut u32,
}

impl Work<'_> {
    fn top(&mut self, stmt: &mut Stmt) {
        match &mut stmt.kind {
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(f) = &mut inner.kind {
                        self.this = f.params.list.first().map(|p| p.name.name.clone());
                        self.function(f);
                        self.this = None;
                    }
                }
            }
            StmtKind::Function(f) => self.function(f),
            StmtKind::Assign { targets, value }
                if matches!(targets.as_slice(), [t] if matches!(t.kind, ExprKind::Name(_)))
                    && self.is_call(value, "functools.partial") => {}
            _ => ast::rewrite::stmt(stmt, &mut |e| self.expr(e)),
        }
    }

    fn function(&mut self, function: &mut Function) {
        let names = Names::of(function);
        let params = function.params.list.iter().map(|p| p.name.name.clone());
        self.steady = params
            .filter(|n| names.bound.get(n) == Some(&1) && Some(n) != self.this.as_ref())
            .collect();
        self.locals = names.all();
        let mut taken: BTreeSet<String> = self.locals.union(self.globals).cloned().collect();
        self.locals.retain(|n| !self.globals.contains(n));
        self.name_arguments(&mut function.body, &mut taken);
        ast::rewrite::block(&mut function.body, &mut |e| self.expr(e));
        self.locals = BTreeSet::new();
        self.steady = BTreeSet::new();
    }

    /// Names for what `f = partial(g, TABLE[key])` is given: it is computed there, and once.
    fn name_arguments(&mut self, body: &mut ast::Block, taken: &mut BTreeSet<String>) {
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut body.stmts) {
            let (span, first) = (stmt.span, out.len());
            let found = match &mut stmt.kind {
                StmtKind::Assign { targets, value }
                    if matches!(targets.as_slice(), [t] if matches!(t.kind, ExprKind::Name(_)))
                        && self.is_call(value, "functools.partial") =>
                {
                    Some(value)
                }
                _ => None,
            };
            if let Some(ExprKind::Call { args, keywords, .. }) = found.map(|e| &mut e.kind)
                && let Some((callee, given)) = args.split_first_mut()
                && let ExprKind::Name(callee) = &callee.kind
                && let Some(params) = self.functions.get(callee)
            {
                let places = params.list.iter().map(|p| p.name.name.clone());
                let by_place = given.iter_mut().zip(places);
                let by_name = keywords.iter_mut().filter_map(|k| {
                    let name = k.name.as_ref()?.name.clone();
                    Some((&mut k.value, name))
                });
                let all: Vec<(&mut Expr, String)> = by_place.chain(by_name).collect();
                for (arg, param) in all {
                    let kept = matches!(&arg.kind, ExprKind::Name(n) if self.steady.contains(n));
                    if kept || is_literal(arg) || matches!(arg.kind, ExprKind::Starred(_)) {
                        continue;
                    }
                    let name = free(&param, taken);
                    let mut build = Build {
                        next_id: &mut *self.next_id,
                        span,
                    };
                    let (target, again) = (build.name(&name), build.name(&name));
                    let value = std::mem::replace(arg, again);
                    out.push(build.assign(target, value));
                    self.locals.insert(name.clone());
                    self.steady.insert(name);
                }
            }
            if let Some(ahead) = out.get_mut(first) {
                // What stood above the statement stands above what is computed for it.
                ahead.comments = std::mem::take(&mut stmt.comments);
                ahead.blank_before = std::mem::take(&mut stmt.blank_before);
            }
            out.push(stmt);
        }
        body.stmts = out;
    }

    fn is_call(&self, e: &Expr, name: &str) -> bool {
        matches!(&e.kind, ExprKind::Call { func, .. } if full_name(func, self.imports) == name)
    }

    fn expr(&mut self, e: &mut Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return;
        };
        let made = match full_name(func, self.imports).as_str() {
            "functools.reduce" if keywords.is_empty() => self.reduce(e, args),
            "functools.partial" => self.partial(e, args, keywords),
            "sum" if !self.globals.contains("sum") => self.sum(e, args, keywords),
            _ => None,
        };
        if let Some(kind) = made {
            e.kind = kind;
        }
    }

    fn build(&mut self, e: &Expr) -> Build<'_> {
        Build {
            next_id: self.next_id,
            span: e.span,
        }
    }

    /// `reduce(lambda total, item: total + item, xs, start)` for `sum(xs, start)` of objects.
    fn sum(&mut self, e: &Expr, args: &[Expr], keywords: &[Keyword]) -> Option<ExprKind> {
        let (list, start) = match (args, keywords) {
            ([list, start], []) => (list, start),
            ([list], [one]) if one.name.as_ref().is_some_and(|n| n.name == "start") => {
                (list, &one.value)
            }
            _ => return None,
        };
        let ExprKind::Call { func, .. } = &start.kind else {
            return None;
        };
        let made = matches!(&func.kind, ExprKind::Name(class) if self.adding.contains(class) && !self.locals.contains(class));
        if !made {
            return None;
        }
        let (list, start) = (list.clone(), start.clone());
        let mut build = self.build(e);
        let params = ["total", "item"].map(|n| build.param(n, ParamKind::Normal, None));
        let (total, item) = (build.name("total"), build.name("item"));
        let sum = build.expr(ExprKind::Binary {
            left: Box::new(total),
            op: BinaryOp::Add,
            right: Box::new(item),
        });
        let add = build.expr(ExprKind::Lambda {
            params: Box::new(Params {
                list: params.into(),
            }),
            body: Box::new(sum),
        });
        self.reduce(e, &[add, list, start])
    }

    /// The call of a function that runs through the list.
    fn reduce(&mut self, e: &Expr, args: &[Expr]) -> Option<ExprKind> {
        let (function, list, start) = match args {
            [function, list] => (function, list, None),
            [function, list, start] => (function, list, Some(start)),
            _ => return None,
        };
        let (held, item, step) = self.step(e, function)?;
        let mut seen = Reads::default();
        ast::visit::Visitor::visit_expr(&mut seen, &step);
        seen.names.remove(&held);
        seen.names.remove(&item);
        let own: Vec<String> = seen
            .names
            .into_iter()
            .filter(|n| self.locals.contains(n) && !is_builtin(n))
            .collect();
        if seen.hidden || own.iter().any(|n| Some(n) == self.this.as_ref()) {
            return None;
        }
        let mut names: BTreeSet<String> = own.iter().cloned().collect();
        names.extend([held.clone(), item.clone()]);
        let items = free(ITEMS, &mut names);
        let name = (1..)
            .map(|n| match n {
                1 => FOLDED.to_string(),
                n => format!("{FOLDED}_{n}"),
            })
            .find(|name| self.taken.insert(name.clone()))?;
        let list = self.as_list(list)?;
        let mut build = self.build(e);
        let mut body = Vec::new();
        let all = build.name(&items);
        let runs = match start {
            Some(_) => all,
            None => {
                let test = build.expr(ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand: Box::new(all.clone()),
                });
                let error = build.name("TypeError");
                let text = "reduce() of empty iterable with no initial value";
                let text = build.expr(ExprKind::Str(text.to_string()));
                let error = build.call(error, vec![text]);
                let raise = build.stmt(StmtKind::Raise {
                    exc: Some(error),
                    cause: None,
                });
                body.push(build.stmt(StmtKind::If {
                    test,
                    body: ast::Block {
                        stmts: vec![raise],
                        trailing: Vec::new(),
                    },
                    orelse: ast::Block::default(),
                }));
                let zero = build.expr(ExprKind::Int(0.into()));
                let of = build.name(&items);
                let first = build.expr(ExprKind::Subscript {
                    value: Box::new(of),
                    index: Box::new(zero),
                });
                let target = build.name(&held);
                body.push(build.assign(target, first));
                let one = build.expr(ExprKind::Int(1.into()));
                let index = build.expr(ExprKind::Slice {
                    lower: Some(Box::new(one)),
                    upper: None,
                    step: None,
                });
                let of = build.name(&items);
                build.expr(ExprKind::Subscript {
                    value: Box::new(of),
                    index: Box::new(index),
                })
            }
        };
        let target = build.name(&held);
        let assign = build.assign(target, step);
        let target = build.name(&item);
        body.push(build.stmt(StmtKind::For {
            target,
            iter: runs,
            body: ast::Block {
                stmts: vec![assign],
                trailing: Vec::new(),
            },
            orelse: ast::Block::default(),
            is_async: false,
        }));
        let value = build.name(&held);
        body.push(build.stmt(StmtKind::Return(Some(value))));
        let mut params = vec![build.param(&items, ParamKind::Normal, None)];
        let mut given = vec![list];
        if let Some(start) = start {
            params.push(build.param(&held, ParamKind::Normal, None));
            given.push(start.clone());
        }
        for name in &own {
            params.push(build.param(name, ParamKind::Normal, None));
            given.push(build.name(name));
        }
        let function = build.function(&name, params, body);
        let func = build.name(&name);
        let call = build.call(func, given);
        self.found.push(function);
        Some(call.kind)
    }

    /// The names of the two parameters, and what becomes of them.
    fn step(&mut self, e: &Expr, function: &Expr) -> Option<(String, String, Expr)> {
        if let ExprKind::Lambda { params, body } = &function.kind {
            let [held, item] = params.list.as_slice() else {
                return None;
            };
            let plain = |p: &Param| p.kind == ParamKind::Normal && p.default.is_none();
            return (plain(held) && plain(item)).then(|| {
                let names = (held.name.name.clone(), item.name.name.clone());
                (names.0, names.1, (**body).clone())
            });
        }
        let known = match &function.kind {
            ExprKind::Name(name) => !self.locals.contains(name),
            ExprKind::Attribute { .. } => {
                let full = full_name(function, self.imports);
                ["operator.", "math."].iter().any(|of| full.starts_with(of))
            }
            _ => false,
        };
        let mut taken = self.globals.clone();
        let held = free("total", &mut taken);
        let item = free("item", &mut taken);
        let op = operator(&full_name(function, self.imports));
        let mut build = self.build(e);
        let (left, right) = (build.name(&held), build.name(&item));
        let call = match op {
            Some(op) => {
                let (left, right) = (Box::new(left), Box::new(right));
                build.expr(ExprKind::Binary { op, left, right })
            }
            None => build.call(function.clone(), vec![left, right]),
        };
        known.then_some((held, item, call))
    }

    /// A list, where one is needed for what is run through.
    fn as_list(&mut self, list: &Expr) -> Option<Expr> {
        let mut list = list.clone();
        match &mut list.kind {
            ExprKind::Comprehension { kind, .. } if *kind == ComprehensionKind::Generator => {
                *kind = ComprehensionKind::List;
            }
            ExprKind::Call { func, .. } if !matches!(&func.kind, ExprKind::Name(n) if n == "sorted" || n == "list") =>
            {
                let mut build = self.build(&list);
                let func = build.name("list");
                return Some(build.call(func, vec![list]));
            }
            _ => {}
        }
        Some(list)
    }

    /// `lambda x: f(0.5, x)`
    fn partial(&mut self, e: &Expr, args: &[Expr], keywords: &[Keyword]) -> Option<ExprKind> {
        let [callee, given @ ..] = args else {
            return None;
        };
        let ExprKind::Name(name) = &callee.kind else {
            return None;
        };
        let params = self.functions.get(name)?.clone();
        let steady = given.iter().chain(keywords.iter().map(|k| &k.value));
        let plain = |p: &Param| p.kind == ParamKind::Normal;
        let kept = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if self.steady.contains(n));
        if !steady.into_iter().all(|e| is_literal(e) || kept(e))
            || keywords.iter().any(|k| k.name.is_none())
            || !params.list.iter().all(plain)
            || self.locals.contains(name)
        {
            return None;
        }
        let named = |p: &Param| {
            keywords
                .iter()
                .any(|k| k.name.as_ref().is_some_and(|n| n.name == p.name.name))
        };
        let open: Vec<String> = params
            .list
            .iter()
            .skip(given.len())
            .take_while(|p| !named(p) && p.default.is_none())
            .map(|p| p.name.name.clone())
            .collect();
        let left = params.list.iter().skip(given.len() + open.len());
        if left.into_iter().any(|p| !named(p) && p.default.is_none()) {
            return None;
        }
        let mut build = self.build(e);
        let mut passed = given.to_vec();
        passed.extend(open.iter().map(|n| build.name(n)));
        let list = open
            .iter()
            .map(|n| build.param(n, ParamKind::Normal, None))
            .collect();
        let body = Box::new(build.expr(ExprKind::Call {
            func: Box::new(callee.clone()),
            args: passed,
            keywords: keywords.to_vec(),
        }));
        Some(ExprKind::Lambda {
            params: Box::new(Params { list }),
            body,
        })
    }
}

/// The operator that a function of `operator` stands for.
fn operator(full: &str) -> Option<BinaryOp> {
    Some(match full.strip_prefix("operator.")? {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Sub,
        "mul" => BinaryOp::Mul,
        "truediv" => BinaryOp::Div,
        "floordiv" => BinaryOp::FloorDiv,
        "mod" => BinaryOp::Mod,
        "and_" => BinaryOp::BitAnd,
        "or_" => BinaryOp::BitOr,
        "xor" => BinaryOp::BitXor,
        _ => return None,
    })
}

fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "abs" | "bool" | "float" | "int" | "len" | "max" | "min" | "round" | "str" | "sum"
    )
}

/// The names that an expression reads.
#[derive(Default)]
struct Reads {
    names: BTreeSet<String>,
    /// Functions and comprehensions with names of their own.
    hidden: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Reads {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.names.insert(name.clone());
            }
            ExprKind::Lambda { .. } | ExprKind::Named { .. } | ExprKind::Yield(_) => {
                self.hidden = true;
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Whether objects of a class are added to each other.
fn adds(class: &ast::Class) -> bool {
    class.body.functions().any(|f| f.name.name == "__add__")
}
