//! How a module uses its exceptions.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, FStringPart, Module, NodeId, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// How a module uses its exceptions.
#[derive(Default)]
pub(super) struct Uses<'m> {
    classes: BTreeSet<String>,
    /// The attributes that are read of a name that handlers bind.
    pub(super) read: BTreeSet<String>,
    /// The names that handlers bind.
    caught: BTreeSet<String>,
    /// Where the classes are raised or named in `except`, and where they are known to stand.
    known: BTreeSet<NodeId>,
    /// What is raised of each class: a call, or the class itself.
    pub(super) calls: BTreeMap<String, Vec<&'m Expr>>,
    /// Classes that are used in other ways.
    pub(super) bare: BTreeSet<String>,
    /// The properties of the module's classes.
    pub(super) properties: BTreeSet<String>,
    /// Every name.
    pub(super) names: BTreeSet<String>,
    reads: Vec<(String, String)>,
    /// The classes of the handlers that read `args` of what they caught; empty where any may be.
    asked_args: Vec<String>,
    /// The base of each class of the module.
    bases: BTreeMap<String, String>,
}

impl<'m> Uses<'m> {
    pub(super) fn of(module: &'m Module, classes: &BTreeSet<String>) -> Uses<'m> {
        let mut uses = Uses {
            classes: classes.clone(),
            ..Uses::default()
        };
        uses.visit_block(&module.body);
        let mut args = 0;
        for (name, attr) in std::mem::take(&mut uses.reads) {
            if uses.caught.contains(&name) {
                args += usize::from(attr == ARGS);
                uses.read.insert(attr);
            }
        }
        let mut inside = Handlers::default();
        inside.visit_block(&module.body);
        // What is read elsewhere, or in one handler within another, may be of any class.
        if inside.reads == args {
            uses.asked_args = inside.types;
        }
        uses
    }

    /// Whether a handler reads `args` of an exception of that class.
    pub(super) fn asks_args(&self, class: &str) -> bool {
        let mut above = vec![class];
        while let Some(base) = above.last().and_then(|c| self.bases.get(*c))
            && !above.contains(&base.as_str())
        {
            above.push(base);
        }
        let catches = |of: &String| !self.bases.contains_key(of) || above.contains(&of.as_str());
        let any = self.asked_args.is_empty() || self.asked_args.iter().any(catches);
        self.read.contains(ARGS) && any
    }

    fn know(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Tuple(items) => items.iter().for_each(|e| self.know(e)),
            _ => {
                self.known.insert(e.id);
            }
        }
    }
}

impl<'m> Visitor<'m> for Uses<'m> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Class(class) => {
                class.bases.iter().for_each(|b| self.know(b));
                if let [
                    Expr {
                        kind: ExprKind::Name(base),
                        ..
                    },
                ] = class.bases.as_slice()
                {
                    self.bases.insert(class.name.name.clone(), base.clone());
                }
            }
            StmtKind::Function(function) => {
                let is = |d: &Expr| matches!(&d.kind, ExprKind::Name(n) if n == "property");
                if function.decorators.iter().any(is) {
                    self.properties.insert(function.name.name.clone());
                }
                let params = function.params.list.iter();
                self.names.extend(params.map(|p| p.name.name.clone()));
            }
            StmtKind::Raise { exc: Some(exc), .. } => {
                let class = match &exc.kind {
                    ExprKind::Call { func, .. } => func,
                    _ => exc,
                };
                if let ExprKind::Name(name) = &class.kind {
                    self.know(class);
                    self.calls.entry(name.clone()).or_default().push(exc);
                }
            }
            StmtKind::Try { handlers, .. } => {
                for handler in handlers {
                    handler.types.iter().for_each(|t| self.know(t));
                    self.caught
                        .extend(handler.name.as_ref().map(|n| n.name.clone()));
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        match &e.kind {
            ExprKind::Attribute { value, attr } => {
                if let ExprKind::Name(name) = &value.kind {
                    self.reads.push((name.clone(), attr.name.clone()));
                }
            }
            ExprKind::Call { func, args, .. } => {
                if let (ExprKind::Name(name), [_, of]) = (&func.kind, args.as_slice())
                    && name == "isinstance"
                {
                    self.know(of);
                }
            }
            ExprKind::Name(name) => {
                self.names.insert(name.clone());
                if self.classes.contains(name) && !self.known.contains(&e.id) {
                    self.bare.insert(name.clone());
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// What an exception was made with.
const ARGS: &str = "args";

/// The handlers that read `args` of what they caught.
#[derive(Default)]
struct Handlers {
    /// What they catch; a name of no class where that is not one.
    types: Vec<String>,
    reads: usize,
}

impl<'m> Visitor<'m> for Handlers {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        struct Reads<'n>(&'n str, usize);
        impl<'m> Visitor<'m> for Reads<'_> {
            fn visit_expr(&mut self, e: &'m Expr) {
                if let ExprKind::Attribute { value, attr } = &e.kind {
                    let own = matches!(&value.kind, ExprKind::Name(n) if n == self.0);
                    self.1 += usize::from(own && attr.name == ARGS);
                }
                visit::walk_expr(self, e);
            }
        }
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            for handler in handlers {
                let Some(name) = &handler.name else { continue };
                let mut reads = Reads(&name.name, 0);
                reads.visit_block(&handler.body);
                if reads.1 == 0 {
                    continue;
                }
                self.reads += reads.1;
                let types = handler.types.iter().flat_map(|t| match &t.kind {
                    ExprKind::Tuple(items) => items.as_slice(),
                    _ => std::slice::from_ref(t),
                });
                let name = |t: &Expr| match &t.kind {
                    ExprKind::Name(name) => name.clone(),
                    _ => String::new(),
                };
                match handler.types.is_none() {
                    true => self.types.push(String::new()),
                    false => self.types.extend(types.map(name)),
                }
            }
        }
        visit::walk_stmt(self, stmt);
    }
}

/// The names in an expression.
pub(super) fn names_in(e: &Expr) -> BTreeSet<String> {
    struct Free(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Free {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                self.0.insert(name.clone());
            }
            visit::walk_expr(self, e);
        }
    }
    let mut free = Free(BTreeSet::new());
    free.visit_expr(e);
    free.0
}

/// Whether an expression binds nothing and calls nothing but builtins and methods of texts.
pub(super) fn is_plain(e: &Expr, known: &[&str]) -> bool {
    let here = match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Name(_)
        | ExprKind::Attribute { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Logical { .. }
        | ExprKind::Compare { .. }
        | ExprKind::Conditional { .. }
        | ExprKind::Tuple(_) => true,
        ExprKind::FString(parts) => parts.iter().all(|p| match p {
            FStringPart::Literal(_) => true,
            FStringPart::Value { value, .. } => is_plain(value, known),
        }),
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => known.contains(&name.as_str()),
            ExprKind::Attribute { value, attr } => {
                attr.name == "format" && matches!(value.kind, ExprKind::Str(_))
            }
            _ => false,
        },
        _ => false,
    };
    here && visit::children(e).into_iter().all(|e| is_plain(e, known))
}
