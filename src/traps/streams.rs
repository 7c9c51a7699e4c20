//! Standard streams, the end of the interpreter, and the clock.
//!
//! In process mode the script's standard output and input are the pipes on which Copper
//! talks to it, and `ctx` is a snapshot.

use super::Look;
use super::shapes::{Func, Shape};
use super::walk::{dotted, each_expr, each_stmt, exprs_of, is_never_run};
use crate::ast::{BinaryOp, Expr, ExprKind, Keyword, StmtKind};
use crate::diagnostic::Code;
use crate::source::Span;
use std::collections::BTreeMap;

/// Looks at what runs, the module level included.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    let process = look.in_process_mode();
    let imported = imported(look);
    let see = &mut |e: &Expr| {
        if process {
            stream(e, &imported, &mut found);
        }
        ends(e, &imported, &mut found);
    };
    for stmt in &look.module.body.stmts {
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) && !is_never_run(stmt) {
            exprs_of(stmt, see);
        }
    }
    for f in look.functions.reached() {
        each_expr(&f.ast.body, see);
        each_stmt(&f.ast.body, &mut |stmt| {
            if let StmtKind::Raise { exc: Some(exc), .. } = &stmt.kind {
                let class = match &exc.kind {
                    ExprKind::Call { func, .. } => dotted(func),
                    _ => dotted(exc),
                };
                if class.as_deref() == Some("SystemExit") {
                    see(exc);
                }
            }
        });
    }
    if process {
        for f in look.functions.reached() {
            clock(look, f, &mut found);
        }
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help);
    }
}

type Found = Vec<(Code, Span, String, Option<&'static str>)>;

/// `from sys import exit as leave`: `leave` is `sys.exit`; `import sys as s`: `s` is `sys`.
fn imported<'a>(look: &Look<'a>) -> BTreeMap<&'a str, String> {
    let mut found = BTreeMap::new();
    each_stmt(&look.module.body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(names) => {
            for name in names {
                let alias = name.alias.as_ref().unwrap_or(&name.name);
                found.insert(alias.name.as_str(), name.name.name.clone());
            }
        }
        StmtKind::ImportFrom {
            module: Some(from),
            level: 0,
            names,
        } => {
            for name in names {
                let alias = name.alias.as_ref().unwrap_or(&name.name);
                found.insert(alias.name.as_str(), format!("{from}.{}", name.name.name));
            }
        }
        _ => {}
    });
    // A function of the script hides the builtin.
    for stmt in &look.module.body.stmts {
        if let StmtKind::Function(f) = &stmt.kind {
            found.insert(f.name.name.as_str(), format!("<{}>", f.name.name));
        }
    }
    found
}

/// The full name of what an expression names: `sys.stdout.write`.
fn full(e: &Expr, imported: &BTreeMap<&str, String>) -> Option<String> {
    let name = dotted(e)?;
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name.as_str(), None),
    };
    let first = imported.get(first).map_or(first, String::as_str);
    Some(match rest {
        Some(rest) => format!("{first}.{rest}"),
        None => first.to_owned(),
    })
}

fn stream(e: &Expr, imported: &BTreeMap<&str, String>, found: &mut Found) {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return;
    };
    let Some(name) = full(func, imported) else {
        return;
    };
    let to = |keywords: &[Keyword], wanted: &str| {
        let given = keywords
            .iter()
            .find(|k| k.name.as_ref().is_some_and(|n| n.name == wanted));
        given.map(|k| full(&k.value, imported).unwrap_or_default())
    };
    let stdout = |name: &str| matches!(name, "sys.stdout" | "sys.__stdout__" | "sys.stdout.buffer");
    let what = match name.as_str() {
        "print" => match to(keywords, "file") {
            None => {
                "`print` in process mode corrupts PyTask's protocol: the task fails from here on"
            }
            Some(file) if stdout(&file) => {
                "`print` in process mode corrupts PyTask's protocol: the task fails from here on"
            }
            Some(_) => return,
        },
        "input" => "`input()` in process mode reads what Copper sends to PyTask",
        "sys.stdout.write" | "sys.stdout.writelines" | "sys.stdout.buffer.write" => {
            "standard output is PyTask's protocol in process mode: the task fails from here on"
        }
        name if name.starts_with("sys.stdin.") => {
            "standard input is what Copper sends to PyTask in process mode"
        }
        "os.system" => "what this command prints goes into PyTask's protocol in process mode",
        "subprocess.run" | "subprocess.call" | "subprocess.check_call" | "subprocess.Popen"
            if to(keywords, "stdout").is_none() && to(keywords, "capture_output").is_none() =>
        {
            "what this command prints goes into PyTask's protocol in process mode"
        }
        "logging.StreamHandler"
            if args
                .first()
                .and_then(|a| full(a, imported))
                .is_some_and(|a| stdout(&a)) =>
        {
            "a log on standard output goes into PyTask's protocol in process mode"
        }
        "logging.basicConfig" | "logging.StreamHandler"
            if to(keywords, "stream").is_some_and(|s| stdout(&s)) =>
        {
            "a log on standard output goes into PyTask's protocol in process mode"
        }
        _ => return,
    };
    let help = "`print(…, file=sys.stderr)`, or `mode: \"embedded\"`";
    found.push((
        Code::PrintInProcessMode,
        e.span,
        what.to_owned(),
        Some(help),
    ));
}

fn ends(e: &Expr, imported: &BTreeMap<&str, String>, found: &mut Found) {
    let named = match &e.kind {
        ExprKind::Call { func, .. } => full(func, imported),
        ExprKind::Name(name) if name == "SystemExit" => Some(name.clone()),
        _ => None,
    };
    let Some(name) = named else { return };
    let ends = matches!(
        name.as_str(),
        "sys.exit" | "exit" | "quit" | "os._exit" | "os.abort" | "SystemExit"
    );
    if ends {
        let message = format!(
            "`{name}` ends the call, not the robot: in process mode every later call fails, in embedded mode this one"
        );
        let help = "raise an exception of your own for one failed call; Copper's monitor decides what stops";
        found.push((Code::EndsInterpreter, e.span, message, Some(help)));
    }
}

/// Whether an expression reads the clock of `ctx`.
fn reads_clock(look: &Look<'_>, f: &Func<'_>, e: &Expr) -> bool {
    let mut reads = false;
    let see = &mut |e: &Expr| {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        let clock = matches!(
            attr.name.as_str(),
            "now" | "now_ns" | "recent" | "recent_ns"
        );
        reads |= clock && look.functions.shape(f, value) == Some(Shape::Context);
    };
    each_of(e, see);
    reads
}

fn each_of<'a>(e: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    use crate::ast::visit::{Visitor, walk_expr};
    struct Each<'f, 'a>(&'f mut dyn FnMut(&'a Expr));
    impl<'a> Visitor<'a> for Each<'_, 'a> {
        fn visit_expr(&mut self, e: &'a Expr) {
            (self.0)(e);
            walk_expr(self, e);
        }
    }
    Each(see).visit_expr(e);
}

/// Time that is measured within one call.
fn clock(look: &Look<'_>, f: &Func<'_>, found: &mut Found) {
    let mut bound: BTreeMap<&str, bool> = BTreeMap::new();
    each_stmt(&f.ast.body, &mut |stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        for target in targets {
            if let ExprKind::Name(name) = &target.kind {
                let reads = reads_clock(look, f, value);
                bound
                    .entry(name)
                    .and_modify(|all| *all &= reads)
                    .or_insert(reads);
            }
        }
    });
    let help = Some("in process mode `ctx` is a snapshot that is taken before the call");
    each_expr(&f.ast.body, &mut |e| {
        let ExprKind::Binary {
            op: BinaryOp::Sub,
            left,
            right,
        } = &e.kind
        else {
            return;
        };
        let earlier = match &right.kind {
            ExprKind::Name(name) => bound.get(name.as_str()) == Some(&true),
            _ => false,
        };
        let is_read = matches!(
            &left.kind,
            ExprKind::Call { .. } | ExprKind::Attribute { .. }
        );
        if earlier && is_read && reads_clock(look, f, left) {
            let message =
                "this time is always 0 in process mode: the clock stands still during a call";
            found.push((Code::FrozenClock, e.span, message.to_owned(), help));
        }
    });
    each_stmt(&f.ast.body, &mut |stmt| {
        if let StmtKind::While { test, .. } = &stmt.kind
            && reads_clock(look, f, test)
        {
            let message = "this loop waits for a clock that stands still in process mode";
            found.push((Code::FrozenClock, test.span, message.to_owned(), help));
        }
    });
}
