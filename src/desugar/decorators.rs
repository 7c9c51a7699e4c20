//! Decorators of functions and methods: written out, or left away where they change nothing.
//! A cache that is needed is a dict of the module.
//!
//! Enters: the module. Leaves: the same module, in which a decorated function is the wrapper
//! with the function's name beside the function itself. What a decorator keeps for each
//! function that it decorates (`calls = 0`, `wrapper.calls = 0`) is a variable of the module.
//! This module must not know types.

mod memo;
mod pure;
mod wrapper;

use super::callables::module_bound;
use super::closures::statement;
use super::copies;
use super::inherit::snake;
use crate::ast::{Expr, ExprKind, Function, Module, Stmt, StmtKind};
use pure::pure_calls;
use std::collections::{BTreeMap, BTreeSet};
use wrapper::{Around, Wrapper};

/// What the functions of the module are called in it.
pub(super) type Functions = BTreeMap<String, Function>;

/// Caches are dropped where they cannot be seen; a decorator of the file is written out.
pub(super) fn decorators(
    module: &mut Module,
    functions: &Functions,
    imports: &BTreeMap<String, String>,
    next_id: &mut u32,
) {
    let mut work = Work {
        functions,
        imports,
        taken: module_bound(module),
        often: decorated_methods(module),
        used: BTreeSet::new(),
        next_id,
    };
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let calls = pure_calls(function, imports);
                // With two calls of itself it takes exponential time without its cache.
                if calls.is_some_and(|calls| calls < 2) {
                    function
                        .decorators
                        .retain(|d| memo::Cache::of(d, imports).is_none());
                }
                let pure = calls.is_some();
                if let Some(remembered) =
                    memo::remembered(&stmt, pure, imports, &mut work.taken, work.next_id)
                {
                    out.extend(remembered);
                    continue;
                }
                let StmtKind::Function(function) = &mut stmt.kind else {
                    continue;
                };
                if functions.contains_key(&function.name.name)
                    && let Some(written) = work.written_out(&stmt, None)
                {
                    out.extend(written.before);
                    out.extend(written.functions);
                    out.extend(written.after);
                } else {
                    out.push(stmt);
                }
            }
            StmtKind::Class(class) => {
                let name = class.name.name.clone();
                let mut body = Vec::new();
                for inner in std::mem::take(&mut class.body.stmts) {
                    let written = work.written_out(&inner, Some(&name));
                    match written.filter(|w| w.after.is_empty()) {
                        Some(written) => {
                            out.extend(written.before);
                            body.extend(written.functions);
                        }
                        None => body.push(inner),
                    }
                }
                class.body.stmts = body;
                out.push(stmt);
            }
            _ => out.push(stmt),
        }
    }
    // The decorator itself is no function of values.
    let used = work.used;
    out.retain(|s| !matches!(&s.kind, StmtKind::Function(f) if used.contains(&f.name.name)));
    module.body.stmts = out;
}

/// The names of methods that several classes decorate.
fn decorated_methods(module: &Module) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut often = BTreeSet::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        for inner in &class.body.stmts {
            if let StmtKind::Function(f) = &inner.kind
                && f.method_kind().is_err()
                && !seen.insert(f.name.name.clone())
            {
                often.insert(f.name.name.clone());
            }
        }
    }
    often
}

/// A decorated function, written out.
#[derive(Default)]
struct Written {
    /// What the decorators keep: variables of the module.
    before: Vec<Stmt>,
    /// The function itself and its wrappers, the outermost last.
    functions: Vec<Stmt>,
    /// Attributes of the wrapper.
    after: Vec<Stmt>,
}

struct Work<'w> {
    functions: &'w Functions,
    imports: &'w BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// Methods that several classes decorate.
    often: BTreeSet<String>,
    used: BTreeSet<String>,
    next_id: &'w mut u32,
}

impl Work<'_> {
    /// A function within its decorators, where all of them are the file's.
    fn written_out(&mut self, stmt: &Stmt, class: Option<&str>) -> Option<Written> {
        let StmtKind::Function(function) = &stmt.kind else {
            return None;
        };
        if function.decorators.is_empty() {
            return None;
        }
        let mut names = Vec::new();
        let mut wrappers = Vec::new();
        for decorator in &function.decorators {
            let (name, wrapper) = self.wrapper_of(decorator)?;
            names.push(name);
            wrappers.push(wrapper);
        }
        let name = function.name.name.clone();
        let mut written = Written::default();
        let mut inner = match class {
            Some(class) if self.often.contains(&name) => format!("{}_{name}", snake(class)),
            _ => name.clone(),
        };
        inner.push_str("_undecorated");
        let mut own = stmt.clone();
        let mut below = function.clone();
        below.decorators.clear();
        below.name.name.clone_from(&inner);
        below.doc = None;
        own.comments = Vec::new();
        own.kind = StmtKind::Function(below.clone());
        written.functions.push(own);
        for (at, (decorator, wrapper)) in names.iter().zip(wrappers).enumerate().rev() {
            let outer = match at {
                0 => name.clone(),
                _ => format!("{name}_{decorator}"),
            };
            let around = Around {
                outer: &outer,
                inner: &inner,
                function: &below,
                python: &name,
                is_method: class.is_some(),
            };
            let made = wrapper.around(&around, &mut self.taken, self.next_id)?;
            written.before.extend(made.kept);
            // An attribute is one of the outermost.
            if !made.attributes.is_empty() && (at > 0 || class.is_some()) {
                return None;
            }
            written.after.extend(made.attributes);
            let mut function_above = made.function;
            function_above.name = function.name.clone();
            function_above.name.name.clone_from(&outer);
            if at == 0 {
                function_above.doc.clone_from(&function.doc);
            }
            let kind = StmtKind::Function(function_above.clone());
            let mut wrapped = statement(kind, stmt.span, self.next_id);
            if at == 0 {
                wrapped.comments.clone_from(&stmt.comments);
                wrapped.blank_before = stmt.blank_before;
            }
            written.functions.push(wrapped);
            below = function_above;
            inner = outer;
        }
        self.used.extend(names);
        Some(written)
    }

    /// The wrapper of `@d`, or of `@d(…)` with its arguments in it, and the name of `d`.
    fn wrapper_of(&mut self, decorator: &Expr) -> Option<(String, Wrapper)> {
        match &decorator.kind {
            ExprKind::Name(name) => {
                let function = self.functions.get(name)?;
                let wrapper = Wrapper::of(function, self.imports)?;
                Some((name.clone(), wrapper))
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let ExprKind::Name(name) = &func.kind else {
                    return None;
                };
                let factory = self.functions.get(name)?;
                let mut function = wrapper::given(factory, args, keywords)?;
                copies::function(&mut function, self.next_id);
                let wrapper = Wrapper::of(&function, self.imports)?;
                Some((name.clone(), wrapper))
            }
            _ => None,
        }
    }
}
