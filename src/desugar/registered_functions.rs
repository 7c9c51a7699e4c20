//! Functions that a decorator puts into a table: `@command("stop")`.
//!
//! Enters: the module. Leaves: the same, where the function stands without the decorator, and
//! the table that was empty before is a display behind the last function in it:
//! `COMMANDS = {"stop": stop, "go": go}`, `HANDLERS = {"start": [begin, calibrate]}`, `TASKS =
//! [Task(control, 1), Task(report, 2)]`. That is done where the decorator gives back the
//! function that it got, and nothing looks at the table in between. This module must not know
//! types.

use super::callables::times_bound;
use super::copies;
use super::inherit::argument_of;
use super::keywords::is_literal;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr, ExprKind, Function, Ident, Keyword, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// What is put into a table: its name, the key (none in a list), the value, and whether it is
/// added to a list that lies there.
type Entry = (String, Option<Expr>, Expr, bool);

/// Rewrites the module.
pub(super) fn registered_functions(module: &mut Module, next_id: &mut u32) {
    let bound = times_bound(module);
    let once = |name: &str| bound.get(name) == Some(&1);
    let functions: BTreeMap<String, Function> = module
        .body
        .stmts
        .iter()
        .filter_map(Stmt::function)
        .filter(|f| once(&f.name.name) && f.decorators.is_empty())
        .map(|f| (f.name.name.clone(), f.clone()))
        .collect();
    let classes: BTreeSet<String> = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) => Some(class.name.name.clone()),
            _ => None,
        })
        .filter(|name| once(name))
        .collect();
    let mut found: Vec<(usize, Vec<Entry>)> = Vec::new();
    for (at, stmt) in module.body.stmts.iter().enumerate() {
        if let Some(function) = stmt.function()
            && once(&function.name.name)
            && !function.decorators.is_empty()
        {
            // The nearest is the first that is called.
            let entries = function.decorators.iter().rev();
            let entries: Option<Vec<Vec<Entry>>> = entries
                .map(|d| entries_of(d, &function.name, (&functions, &classes)))
                .collect();
            if let Some(entries) = entries {
                found.push((at, entries.into_iter().flatten().collect()));
            }
        }
    }
    let tables: BTreeSet<String> = found
        .iter()
        .flat_map(|(_, entries)| entries.iter().map(|(table, ..)| table.clone()))
        .collect();
    let fits = |table: &String| once(table) && is_filled(module, table, &found);
    let tables: BTreeSet<String> = tables.into_iter().filter(fits).collect();
    // A function whose entries all find their place.
    let done: BTreeMap<usize, Vec<Entry>> = found
        .iter()
        .filter(|(_, entries)| entries.iter().all(|(table, ..)| tables.contains(table)))
        .cloned()
        .collect();
    if done.is_empty() || done.len() < found.len() {
        return;
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut moved: BTreeMap<String, Stmt> = BTreeMap::new();
    let mut out = Vec::new();
    let stmts = std::mem::take(&mut module.body.stmts);
    for (at, mut stmt) in stmts.into_iter().enumerate() {
        if let Some(name) = table_of(&stmt).filter(|n| tables.contains(*n)) {
            moved.insert(name.to_string(), stmt);
            continue;
        }
        let Some(entries) = done.get(&at) else {
            out.push(stmt);
            continue;
        };
        if let StmtKind::Function(function) = &mut stmt.kind {
            for decorator in std::mem::take(&mut function.decorators) {
                used.extend(callee(&decorator).map(|(name, ..)| name.to_string()));
            }
        }
        out.push(stmt);
        for (table, key, value, grouped) in entries {
            let (mut key, mut value) = (key.clone(), value.clone());
            key.iter_mut().for_each(|k| copies::expr(k, next_id));
            copies::expr(&mut value, next_id);
            if let Some(stmt) = moved.get_mut(table) {
                match (key, grouped) {
                    (Some(key), true) => add(stmt, key, value, next_id),
                    (key, _) => fill(stmt, key, value),
                }
            }
        }
        // Each table stands behind the last function in it.
        for (table, ..) in entries {
            let mut later = done.range(at + 1..).flat_map(|(_, entries)| entries);
            if !later.any(|(other, ..)| other == table)
                && let Some(stmt) = moved.remove(table)
            {
                out.push(stmt);
            }
        }
    }
    out.extend(moved.into_values());
    module.body.stmts = out;
    forget(module, &used);
}

/// `command`, its arguments, and whether it is called to make the decorator.
fn callee(decorator: &Expr) -> Option<(&str, &[Expr], &[Keyword], bool)> {
    match &decorator.kind {
        ExprKind::Name(name) => Some((name, &[], &[], false)),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => match &func.kind {
            ExprKind::Name(name) => Some((name, args, keywords, true)),
            _ => None,
        },
        _ => None,
    }
}

/// What a decorator puts into tables, where it does nothing else.
fn entries_of(
    decorator: &Expr,
    own: &Ident,
    (functions, classes): (&BTreeMap<String, Function>, &BTreeSet<String>),
) -> Option<Vec<Entry>> {
    let (name, args, keywords, is_made) = callee(decorator)?;
    let function = functions.get(name)?;
    let inner = match is_made {
        false => function.clone(),
        true => {
            let [inner, back] = function.body.stmts.as_slice() else {
                return None;
            };
            let mut inner = inner.function()?.clone();
            let names = |name: &str| function.params.list.iter().any(|p| p.name.name == name);
            let known = |k: &Keyword| k.name.as_ref().is_some_and(|n| names(&n.name));
            if !returns(back, &inner.name.name)
                || !inner.decorators.is_empty()
                || inner.params.list.iter().any(|p| names(&p.name.name))
                || args.len() + keywords.len() > function.params.list.len()
                || !keywords.iter().all(known)
                || !function.params.list.iter().all(by_name_or_place)
            {
                return None;
            }
            for (place, param) in function.params.list.iter().enumerate() {
                let arg = argument_of(param, place, args, keywords)?;
                if !is_literal(arg) {
                    return None;
                }
                substitute(&mut inner.body, &param.name.name, arg);
            }
            inner
        }
    };
    let [param] = inner.params.list.as_slice() else {
        return None;
    };
    let mut body = inner.body;
    ast::rewrite::block(&mut body, &mut |e| {
        if let ExprKind::Attribute { value, attr } = &e.kind
            && attr.name == "__name__"
            && matches!(&value.kind, ExprKind::Name(n) if *n == param.name.name)
        {
            e.kind = ExprKind::Str(own.name.clone());
            e.span = own.span;
        }
    });
    let named = Expr {
        id: param.id,
        span: own.span,
        kind: ExprKind::Name(own.name.clone()),
    };
    let own = own.name.as_str();
    substitute(&mut body, &param.name.name, &named);
    let (back, puts) = body.stmts.split_last()?;
    if !returns(back, own) || puts.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    let mut puts = puts.iter().peekable();
    while let Some(stmt) = puts.next() {
        // `if key not in TABLE: TABLE[key] = []` before what is added to it.
        let (put, made) = match starts_list(stmt) {
            Some(made) => (puts.next()?, Some(made)),
            None => (stmt, None),
        };
        let (entry, started) = entry(put, own, classes)?;
        match (made, entry.3, started) {
            (None, false, _) | (None, true, true) => {}
            (Some((table, key)), true, false)
                if table == entry.0 && entry.1.as_ref().is_some_and(|k| same_key(k, key)) => {}
            _ => return None,
        }
        found.push(entry);
    }
    Some(found)
}

/// The table and the key of `if key not in TABLE: TABLE[key] = []`.
fn starts_list(stmt: &Stmt) -> Option<(&str, &Expr)> {
    let StmtKind::If { test, body, orelse } = &stmt.kind else {
        return None;
    };
    let ExprKind::Compare { left, ops, rest } = &test.kind else {
        return None;
    };
    let ([ast::CompareOp::NotIn], [table]) = (ops.as_slice(), rest.as_slice()) else {
        return None;
    };
    let ([one], true) = (body.stmts.as_slice(), orelse.stmts.is_empty()) else {
        return None;
    };
    let StmtKind::Assign { targets, value } = &one.kind else {
        return None;
    };
    let ([target], ExprKind::List(items)) = (targets.as_slice(), &value.kind) else {
        return None;
    };
    let (ExprKind::Subscript { value: of, index }, ExprKind::Name(table)) =
        (&target.kind, &table.kind)
    else {
        return None;
    };
    let fits = items.is_empty()
        && same_key(left, index)
        && matches!(&of.kind, ExprKind::Name(name) if name == table);
    fits.then_some((table.as_str(), &**left))
}

/// Whether two keys are the same text or int.
fn same_key(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        _ => false,
    }
}

fn by_name_or_place(param: &ast::Param) -> bool {
    param.kind == ast::ParamKind::Normal
}

fn returns(stmt: &Stmt, name: &str) -> bool {
    matches!(&stmt.kind, StmtKind::Return(Some(value)) if matches!(&value.kind, ExprKind::Name(n) if n == name))
}

fn substitute(body: &mut ast::Block, name: &str, with: &Expr) {
    ast::rewrite::block(body, &mut |e| {
        if matches!(&e.kind, ExprKind::Name(n) if n == name) {
            *e = with.clone();
        }
    });
}

/// `TABLE["stop"] = stop`, `TABLE.append((2.0, stop))`, and whether the list that it is added to
/// is made there: `TABLE.setdefault("stop", []).append(stop)`.
fn entry(stmt: &Stmt, own: &str, classes: &BTreeSet<String>) -> Option<(Entry, bool)> {
    let plain = |e: &Expr| match &e.kind {
        ExprKind::Tuple(items) => items.iter().all(|i| is_value(i, own)),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            matches!(&func.kind, ExprKind::Name(class) if classes.contains(class))
                && args.iter().all(|a| is_value(a, own))
                && keywords
                    .iter()
                    .all(|k| k.name.is_some() && is_value(&k.value, own))
        }
        _ => is_value(e, own),
    };
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let [target] = targets.as_slice() else {
                return None;
            };
            let ExprKind::Subscript { value: of, index } = &target.kind else {
                return None;
            };
            let ExprKind::Name(table) = &of.kind else {
                return None;
            };
            let fits = is_literal(index) && plain(value);
            let key = Some((**index).clone());
            fits.then(|| ((table.clone(), key, value.clone(), false), false))
        }
        StmtKind::Expr(e) => {
            let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
            else {
                return None;
            };
            let (ExprKind::Attribute { value, attr }, [arg], []) =
                (&func.kind, args.as_slice(), keywords.as_slice())
            else {
                return None;
            };
            if attr.name != "append" || !plain(arg) {
                return None;
            }
            match &value.kind {
                ExprKind::Name(table) => Some(((table.clone(), None, arg.clone(), false), false)),
                ExprKind::Subscript { value: of, index } => {
                    let ExprKind::Name(table) = &of.kind else {
                        return None;
                    };
                    let key = Some((**index).clone());
                    Some(((table.clone(), key, arg.clone(), true), false))
                }
                ExprKind::Call { func, args, .. } => {
                    let (ExprKind::Attribute { value: of, attr }, [key, empty]) =
                        (&func.kind, args.as_slice())
                    else {
                        return None;
                    };
                    let ExprKind::Name(table) = &of.kind else {
                        return None;
                    };
                    let fits = attr.name == "setdefault"
                        && matches!(&empty.kind, ExprKind::List(items) if items.is_empty());
                    let key = Some(key.clone());
                    fits.then(|| ((table.clone(), key, arg.clone(), true), true))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_value(e: &Expr, own: &str) -> bool {
    is_literal(e) || matches!(&e.kind, ExprKind::Name(n) if n == own)
}

/// The name of an empty table.
fn table_of(stmt: &Stmt) -> Option<&str> {
    let (target, value) = match &stmt.kind {
        StmtKind::Assign { targets, value } => match targets.as_slice() {
            [target] => (target, value),
            _ => return None,
        },
        StmtKind::AnnAssign {
            target,
            value: Some(value),
            ..
        } => (target, value),
        _ => return None,
    };
    let empty = match &value.kind {
        ExprKind::Dict(entries) => entries.is_empty(),
        ExprKind::List(items) => items.is_empty(),
        _ => false,
    };
    match &target.kind {
        ExprKind::Name(name) if empty => Some(name),
        _ => None,
    }
}

/// Whether a table is empty before the functions, and nothing that runs until the last of
/// them may look at it.
fn is_filled(module: &Module, table: &str, found: &[(usize, Vec<Entry>)]) -> bool {
    let stmts = &module.body.stmts;
    let Some(start) = stmts.iter().position(|s| table_of(s) == Some(table)) else {
        return false;
    };
    let of = |entries: &[Entry]| entries.iter().any(|(name, ..)| name == table);
    let mut places = found.iter().filter(|(_, entries)| of(entries));
    let (Some((first, _)), Some((last, _))) = (places.clone().next(), places.next_back()) else {
        return false;
    };
    let is_dict = stmts.get(start).is_some_and(|s| {
        matches!(&s.kind, StmtKind::Assign { value, .. } | StmtKind::AnnAssign { value: Some(value), .. }
            if matches!(value.kind, ExprKind::Dict(_)))
    });
    let mut keys: BTreeSet<String> = BTreeSet::new();
    let own = || {
        let entries = found.iter().flat_map(|(_, entries)| entries);
        entries.filter(|(name, ..)| name == table)
    };
    let grouped = own().any(|entry| entry.3);
    if own().any(|entry| entry.3 != grouped) {
        return false;
    }
    // Objects are made later than they were.
    let makes = own().any(|(_, _, value, _)| matches!(value.kind, ExprKind::Call { .. }));
    let still = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
    let mut between = stmts.iter().take(*last + 1).skip(*first);
    if makes && !between.all(still) {
        return false;
    }
    let mut entries = found.iter().flat_map(|(_, entries)| entries);
    let told_apart = entries.all(|(name, key, ..)| {
        let text = match key.as_ref().map(|k| &k.kind) {
            Some(ExprKind::Str(text)) => Some(text.clone()),
            Some(ExprKind::Int(n)) => Some(format!("#{n}")),
            _ => None,
        };
        name != table
            || is_dict == key.is_some()
                && (!is_dict || text.is_some_and(|t| keys.insert(t) || grouped))
    });
    let bound: BTreeSet<String> = stmts
        .iter()
        .filter_map(Stmt::function)
        .map(|f| f.name.name.clone())
        .collect();
    let of_module = |called: &Expr| match &called.kind {
        ExprKind::Name(name) => bound.contains(name),
        ExprKind::Call { func, .. } => {
            matches!(&func.kind, ExprKind::Name(name) if bound.contains(name))
        }
        _ => false,
    };
    let quiet = |(at, stmt): (usize, &Stmt)| {
        let own = at == start || found.iter().any(|(place, _)| *place == at);
        own || match &stmt.kind {
            // What stands in a function does not run there.
            StmtKind::Function(f) => {
                f.decorators.is_empty()
                    && f.params
                        .list
                        .iter()
                        .all(|p| p.default.as_ref().is_none_or(is_literal))
            }
            StmtKind::Class(class) => {
                class.decorators.iter().all(|d| !of_module(d)) && !says(stmt, table, &of_module)
            }
            _ => !says(stmt, table, &|_| true),
        }
    };
    let between = stmts.iter().enumerate().take(*last + 1).skip(start);
    start < *first && told_apart && between.into_iter().all(quiet)
}

/// Whether a statement names the table, or calls what may.
fn says(stmt: &Stmt, table: &str, may: &dyn Fn(&Expr) -> bool) -> bool {
    struct Named<'t> {
        table: &'t str,
        may: &'t dyn Fn(&Expr) -> bool,
        found: bool,
    }
    impl<'ast> Visitor<'ast> for Named<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if stmt.function().is_none() {
                visit::walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.found |= match &e.kind {
                ExprKind::Name(name) => name == self.table,
                ExprKind::Call { func, .. } => (self.may)(func),
                _ => false,
            };
            visit::walk_expr(self, e);
        }
    }
    let mut named = Named {
        table,
        may,
        found: false,
    };
    named.visit_stmt(stmt);
    named.found
}

/// Adds a value to the list that lies under a key of the display.
fn add(stmt: &mut Stmt, key: Expr, value: Expr, next_id: &mut u32) {
    let (StmtKind::Assign { value: display, .. }
    | StmtKind::AnnAssign {
        value: Some(display),
        ..
    }) = &mut stmt.kind
    else {
        return;
    };
    let ExprKind::Dict(entries) = &mut display.kind else {
        return;
    };
    let there = |entry: &&mut (Option<Expr>, Expr)| {
        let own = entry.0.as_ref();
        own.is_some_and(|own| same_key(own, &key))
    };
    if let Some((_, list)) = entries.iter_mut().find(there) {
        if let ExprKind::List(items) = &mut list.kind {
            items.push(value);
        }
        return;
    }
    let list = Expr {
        id: ast::NodeId::next(next_id),
        span: value.span,
        kind: ExprKind::List(vec![value]),
    };
    entries.push((Some(key), list));
}

/// Adds an entry to the display of a table.
fn fill(stmt: &mut Stmt, key: Option<Expr>, value: Expr) {
    let (StmtKind::Assign { value: display, .. }
    | StmtKind::AnnAssign {
        value: Some(display),
        ..
    }) = &mut stmt.kind
    else {
        return;
    };
    match &mut display.kind {
        ExprKind::Dict(entries) => entries.push((key, value)),
        ExprKind::List(items) => items.push(value),
        _ => {}
    }
}

/// Leaves out the decorators that nothing names any more.
fn forget(module: &mut Module, used: &BTreeSet<String>) {
    #[derive(Default)]
    struct Read(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Read {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Function(function) = &stmt.kind {
                function.decorators.iter().for_each(|d| self.visit_expr(d));
            }
            if let StmtKind::Class(class) = &stmt.kind {
                class.decorators.iter().for_each(|d| self.visit_expr(d));
            }
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                self.0.insert(name.clone());
            }
            visit::walk_expr(self, e);
        }
    }
    let mut read = Read::default();
    read.visit_block(&module.body);
    module.body.stmts.retain(|s| {
        s.function()
            .is_none_or(|f| !used.contains(&f.name.name) || read.0.contains(&f.name.name))
    });
}
