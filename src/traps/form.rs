//! The functions that PyTask calls: what they take, whether they run, what they give.

use super::Look;
use super::shapes::{Entry, Func};
use super::walk::{each_expr, each_stmt};
use crate::ast::{ExprKind, Function, Module, ParamKind, Stmt, StmtKind};
use crate::diagnostic::Code;
use crate::source::Span;

/// Looks at `process`, `start` and `stop`.
pub(super) fn look(look: &mut Look<'_>) {
    let defined =
        |look: &Look<'_>, name: &str| look.module.body.stmts.iter().any(|stmt| binds(stmt, name));
    if !defined(look, "process") {
        let message = "the script has no `process`: PyTask does not start";
        let help = "PyTask calls `process(ctx, input, state, output)`";
        look.say(Code::TaskForm, Span::new(0, 0), message, Some(help));
    }
    let mut found = Vec::new();
    for (entry, f) in look.functions.entries() {
        takes(entry, f.ast, &mut found);
        runs(entry, f.ast, &mut found);
        if entry == Entry::Process {
            gives(f.ast, &mut found);
        }
        rebinds(entry, f, &mut found);
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help);
    }
}

/// Whether the module level gives a name a value.
pub(super) fn defines(module: &Module, name: &str) -> bool {
    module.body.stmts.iter().any(|stmt| binds(stmt, name))
}

type Found = Vec<(Code, Span, String, Option<&'static str>)>;

/// Whether a statement of the module gives a name a value, in some branch.
fn binds(stmt: &Stmt, name: &str) -> bool {
    let is = |e: &crate::ast::Expr| {
        let mut names = Vec::new();
        names_of(e, &mut names);
        names.contains(&name)
    };
    match &stmt.kind {
        StmtKind::Function(f) => f.name.name == name,
        StmtKind::Class(c) => c.name.name == name,
        StmtKind::Assign { targets, .. } => targets.iter().any(is),
        StmtKind::AnnAssign {
            target,
            value: Some(_),
            ..
        } => is(target),
        StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => names.iter().any(|n| {
            let bound = &n.alias.as_ref().unwrap_or(&n.name).name;
            bound == name || bound == "*"
        }),
        _ => crate::ast::branches(stmt)
            .iter()
            .any(|block| block.stmts.iter().any(|stmt| binds(stmt, name))),
    }
}

fn names_of<'a>(e: &'a crate::ast::Expr, into: &mut Vec<&'a str>) {
    match &e.kind {
        ExprKind::Name(name) => into.push(name),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| names_of(item, into));
        }
        _ => {}
    }
}

fn takes(entry: Entry, f: &Function, found: &mut Found) {
    let passed = match entry {
        Entry::Process => 4,
        Entry::Start | Entry::Stop => 2,
    };
    let positional: Vec<_> = f
        .params
        .list
        .iter()
        .filter(|p| matches!(p.kind, ParamKind::PositionalOnly | ParamKind::Normal))
        .collect();
    let name = entry.name();
    let form = match entry {
        Entry::Process => "`process(ctx, input, state, output)`",
        Entry::Start => "`start(ctx, state)`",
        Entry::Stop => "`stop(ctx, state)`",
    };
    let help = Some("PyTask counts the parameters by name: `*args` does not stand for any");
    if positional.len() < passed {
        let message = format!(
            "`{name}` has {} of the {passed} parameters of {form}: PyTask does not start",
            positional.len()
        );
        found.push((Code::TaskForm, f.name.span, message, help));
        return;
    }
    let more = positional.iter().skip(passed).find(|p| p.default.is_none());
    let keyword = f
        .params
        .list
        .iter()
        .find(|p| p.kind == ParamKind::KeywordOnly && p.default.is_none());
    if let Some(param) = more.copied().or(keyword) {
        let message = format!(
            "nobody passes `{}` to `{name}`: every call fails",
            param.name.name
        );
        found.push((Code::TaskForm, param.name.span, message, None));
    }
}

fn runs(entry: Entry, f: &Function, found: &mut Found) {
    let name = entry.name();
    let mut yields = None;
    each_own_expr(f, &mut |e| {
        if matches!(e.kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_)) {
            yields.get_or_insert(e.span);
        }
    });
    let (what, at) = match (f.is_async, yields) {
        (true, _) => ("an `async` function", f.name.span),
        (false, Some(span)) => ("a generator", span),
        (false, None) => return,
    };
    let message = format!("`{name}` is {what}: PyTask calls it, and nothing of it runs");
    found.push((Code::NeverRuns, at, message, None));
}

/// The expressions of a function but of those within it.
fn each_own_expr<'a>(f: &'a Function, look: &mut dyn FnMut(&'a crate::ast::Expr)) {
    let mut inner: Vec<Span> = Vec::new();
    each_stmt(&f.body, &mut |stmt| {
        if matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            inner.push(stmt.span);
        }
    });
    each_expr(&f.body, &mut |e| match &e.kind {
        ExprKind::Lambda { .. } => inner.push(e.span),
        _ if inner.iter().any(|span| span.contains(e.span)) => {}
        _ => look(e),
    });
}

fn gives(f: &Function, found: &mut Found) {
    let mut inner: Vec<Span> = Vec::new();
    each_stmt(&f.body, &mut |stmt| match &stmt.kind {
        StmtKind::Function(_) | StmtKind::Class(_) => inner.push(stmt.span),
        StmtKind::Return(Some(value))
            if !inner.iter().any(|span| span.contains(stmt.span))
            // A call may be there for what it does.
            && !matches!(
                value.kind,
                ExprKind::None | ExprKind::Call { .. } | ExprKind::Await(_)
            ) =>
        {
            let message = "what `process` returns is ignored".to_owned();
            let help = "write it to `output` or to `state`";
            found.push((Code::IgnoredReturn, value.span, message, Some(help)));
        }
        _ => {}
    });
}

fn rebinds(entry: Entry, f: &Func<'_>, found: &mut Found) {
    let watched: &[usize] = match entry {
        Entry::Process => &[2, 3],
        Entry::Start | Entry::Stop => &[1],
    };
    let watched: Vec<(usize, &str)> = watched
        .iter()
        .filter_map(|i| Some((*i, f.ast.params.list.get(*i)?.name.name.as_str())))
        .collect();
    let mut inner: Vec<Span> = Vec::new();
    each_stmt(&f.ast.body, &mut |stmt| {
        if let StmtKind::Function(_) | StmtKind::Class(_) = &stmt.kind {
            inner.push(stmt.span);
        }
        if inner.iter().any(|span| span.contains(stmt.span)) {
            return;
        }
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        for target in targets {
            let ExprKind::Name(name) = &target.kind else {
                continue;
            };
            let Some((_, name)) = watched.iter().find(|(_, n)| n == name) else {
                continue;
            };
            if !f.ast.decorators.is_empty() {
                let message = format!(
                    "`{name} = …` is lost where a decorator wraps `{}`",
                    entry.name()
                );
                let help = "PyTask looks at the variables of the function that it calls, which is the \
                            decorator's: change the fields instead";
                found.push((Code::LostRebinding, stmt.span, message, Some(help)));
            }
            if matches!(value.kind, ExprKind::None) && f.ast.decorators.is_empty() {
                let message = format!("`{name} = None`: PyTask refuses None and the call fails");
                found.push((Code::RefusedValue, stmt.span, message, None));
            }
        }
    });
}
