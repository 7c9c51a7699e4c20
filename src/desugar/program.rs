//! The code that a file runs when it is run as a program, as a function of its own.
//!
//! Enters: the module, its sugar gone. Leaves: the same module, where what stands below
//! `if __name__ == "__main__":`, and what is executed at module level, is the body of a
//! function [`MAIN`]. A name of that code is a local of the function, unless a function of
//! the file mentions it: that one stays a variable of the module.

use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, NodeId, Params, Stmt, StmtKind, UnaryOp,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the function; no Python function has such a name.
pub const MAIN: &str = "<main>";

/// What became of the code at module level.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Whether the module has a [`MAIN`] now.
    pub has_main: bool,
    /// The statements outside of any guard that are part of it.
    pub loose: Vec<Span>,
}

/// Moves the code at module level into a function.
pub fn program(module: &mut Module) -> Program {
    let names = Names::of(module);
    let mut program = Program::default();
    let mut kept = Vec::new();
    let mut moved: Vec<Stmt> = Vec::new();
    let mut place: Option<Span> = None;
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        if let StmtKind::If { test, body, orelse } = &mut stmt.kind
            && is_main_guard(test)
            && orelse.stmts.is_empty()
        {
            place = Some(stmt.span);
            let mut body = std::mem::take(body);
            if let Some(first) = body.stmts.first_mut() {
                first.blank_before |= !moved.is_empty();
                let own = std::mem::take(&mut first.comments);
                first.comments = std::mem::take(&mut stmt.comments);
                first.comments.extend(own);
            }
            moved.append(&mut body.stmts);
            continue;
        }
        if names.stays(&stmt, moved.is_empty()) {
            kept.push(stmt);
            continue;
        }
        place.get_or_insert(stmt.span);
        program.loose.push(stmt.span);
        moved.push(stmt);
    }
    module.body.stmts = kept;
    let Some(span) = place else {
        return program;
    };
    program.has_main = true;
    if program.loose.is_empty() && names.mentioned_once("main") && is_call_of_main(&moved) {
        // `def main(): …` is the program already.
        let own = module
            .body
            .stmts
            .iter_mut()
            .find_map(|s| match &mut s.kind {
                StmtKind::Function(f) if f.name.name == "main" => Some(f),
                _ => None,
            });
        if let Some(function) = own
            && function.params.list.is_empty()
            && function.decorators.is_empty()
        {
            function.name.name = MAIN.into();
            return program;
        }
    }
    let shared = names.shared(&moved);
    if !shared.is_empty() {
        moved.insert(0, statement(module, span, StmtKind::Global(shared)));
    }
    if let Some(first) = moved.first_mut() {
        first.blank_before = false;
    }
    let function = Function {
        name: Ident {
            span: Span::new(span.start, span.start),
            name: MAIN.into(),
        },
        decorators: Vec::new(),
        params: Params::default(),
        returns: None,
        doc: None,
        body: Block {
            stmts: moved,
            trailing: Vec::new(),
        },
        is_async: false,
    };
    let stmt = statement(module, span, StmtKind::Function(function));
    module.body.stmts.push(stmt);
    program
}

/// `__name__ == "__main__"`
pub fn is_main_guard(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Compare { left, .. } => {
            matches!(&left.kind, ExprKind::Name(n) if n == "__name__")
        }
        _ => false,
    }
}

fn statement(module: &mut Module, span: Span, kind: StmtKind) -> Stmt {
    let id = NodeId(module.node_count);
    module.node_count += 1;
    Stmt {
        id,
        span,
        blank_before: true,
        comments: Vec::new(),
        line_comment: None,
        kind,
    }
}

/// Whether the code is `main()` and nothing else.
fn is_call_of_main(stmts: &[Stmt]) -> bool {
    let [stmt] = stmts else { return false };
    matches!(&stmt.kind, StmtKind::Expr(Expr { kind: ExprKind::Call { func, args, keywords }, .. })
        if args.is_empty() && keywords.is_empty()
            && stmt.comments.is_empty()
            && matches!(&func.kind, ExprKind::Name(n) if n == "main"))
}

/// The names of a module: who mentions them, and how often they are bound at module level.
struct Names {
    /// Mentioned by functions and classes as names of the module.
    in_functions: BTreeSet<String>,
    /// Bound by code at module level, and how often.
    bound: BTreeMap<String, usize>,
    /// How often each is mentioned anywhere.
    mentions: BTreeMap<String, usize>,
}

impl Names {
    fn of(module: &Module) -> Names {
        let mut names = Names {
            in_functions: BTreeSet::new(),
            bound: BTreeMap::new(),
            mentions: BTreeMap::new(),
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => names.function(function),
                StmtKind::Class(class) => {
                    for inner in &class.body.stmts {
                        match &inner.kind {
                            StmtKind::Function(method) => names.function(method),
                            _ => {
                                let mut seen = Mentions::default();
                                seen.visit_stmt(inner);
                                names.in_functions.extend(seen.names);
                            }
                        }
                    }
                }
                _ => {
                    let mut seen = Mentions::default();
                    seen.visit_stmt(stmt);
                    for name in seen.bindings {
                        *names.bound.entry(name).or_default() += 1;
                    }
                }
            }
        }
        let mut all = Mentions::default();
        all.visit_block(&module.body);
        for name in all.names {
            *names.mentions.entry(name).or_default() += 1;
        }
        names
    }

    /// The names that a function takes from the module.
    fn function(&mut self, function: &Function) {
        let mut seen = Mentions::default();
        for param in &function.params.list {
            seen.visit_param(param);
            seen.bindings.push(param.name.name.clone());
        }
        seen.visit_block(&function.body);
        let own: BTreeSet<&String> = seen
            .bindings
            .iter()
            .filter(|n| !seen.globals.contains(n))
            .collect();
        self.in_functions
            .extend(seen.names.iter().filter(|n| !own.contains(n)).cloned());
        self.in_functions.extend(seen.globals.iter().cloned());
    }

    fn mentioned_once(&self, name: &str) -> bool {
        self.mentions.get(name) == Some(&1)
    }

    /// Whether a statement of the module level is a definition, not code; `first`: nothing
    /// before it was code.
    fn stays(&self, stmt: &Stmt, first: bool) -> bool {
        let (targets, value): (Vec<&Expr>, &Expr) = match &stmt.kind {
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Pass
            | StmtKind::AnnAssign { value: None, .. } => return true,
            StmtKind::Expr(e) => return matches!(e.kind, ExprKind::Str(_)),
            StmtKind::Assign { targets, value } => (targets.iter().collect(), value),
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (vec![target], value),
            _ => return false,
        };
        let mut bound = Vec::new();
        targets.iter().for_each(|t| bound_names(t, &mut bound));
        if !targets.iter().all(|t| is_name(t)) {
            return false;
        }
        let once = bound.iter().all(|n| self.bound.get(n) == Some(&1));
        let shared = bound.iter().any(|n| self.in_functions.contains(n));
        let constant = bound.iter().all(|n| !n.chars().any(char::is_lowercase));
        match (shared, once && is_constant(value)) {
            (_, true) => shared || constant,
            (true, false) => first || is_constant(value),
            (false, false) => false,
        }
    }

    /// The names that code binds and functions mention.
    fn shared(&self, stmts: &[Stmt]) -> Vec<String> {
        let mut seen = Mentions::default();
        stmts.iter().for_each(|s| seen.visit_stmt(s));
        let bound: BTreeSet<String> = seen.bindings.into_iter().collect();
        bound
            .into_iter()
            .filter(|n| self.in_functions.contains(n))
            .collect()
    }
}

/// Whether a value is made of literals alone.
pub fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_constant),
        ExprKind::Dict(items) => items
            .iter()
            .all(|(k, v)| k.as_ref().is_some_and(is_constant) && is_constant(v)),
        _ => is_scalar(e),
    }
}

fn is_scalar(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Name(_) => true,
        ExprKind::Unary { op, operand } => *op != UnaryOp::Not && is_scalar(operand),
        ExprKind::Binary { left, right, .. } => is_scalar(left) && is_scalar(right),
        ExprKind::Attribute { value, .. } => matches!(value.kind, ExprKind::Name(_)),
        ExprKind::Call { func, args, .. } => {
            // `math.radians(30)`, `float("inf")`
            let known = matches!(&func.kind, ExprKind::Attribute { value, .. }
                if matches!(&value.kind, ExprKind::Name(n) if n == "math"))
                || matches!(&func.kind, ExprKind::Name(n) if n == "float");
            known && args.iter().all(is_scalar)
        }
        _ => false,
    }
}

/// Whether a target binds names alone.
fn is_name(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Name(_) => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_name),
        _ => false,
    }
}

fn bound_names(target: &Expr, names: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| bound_names(item, names));
        }
        ExprKind::Starred(inner) => bound_names(inner, names),
        _ => {}
    }
}

/// The names that code mentions and binds.
#[derive(Default)]
struct Mentions {
    names: Vec<String>,
    bindings: Vec<String>,
    globals: Vec<String>,
}

impl<'ast> Visitor<'ast> for Mentions {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => {
                targets
                    .iter()
                    .for_each(|t| bound_names(t, &mut self.bindings));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => bound_names(target, &mut self.bindings),
            StmtKind::With { items, .. } => items
                .iter()
                .filter_map(|(_, target)| target.as_ref())
                .for_each(|t| bound_names(t, &mut self.bindings)),
            StmtKind::Try { handlers, .. } => self.bindings.extend(
                handlers
                    .iter()
                    .filter_map(|h| Some(h.name.as_ref()?.name.clone())),
            ),
            StmtKind::Function(function) => {
                self.bindings.push(function.name.name.clone());
                let params = function.params.list.iter().map(|p| p.name.name.clone());
                self.bindings.extend(params);
            }
            StmtKind::Global(names) => self.globals.extend(names.iter().cloned()),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.names.push(name.clone()),
            ExprKind::Named { target, .. } => self.bindings.push(target.name.clone()),
            ExprKind::Lambda { params, .. } => {
                let params: &ast::Params = params;
                self.bindings
                    .extend(params.list.iter().map(|p| p.name.name.clone()));
            }
            ExprKind::Comprehension { clauses, .. } => clauses
                .iter()
                .for_each(|c| bound_names(&c.target, &mut self.bindings)),
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
