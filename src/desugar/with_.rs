//! `with`: `contextlib.suppress(E)` as `try … except E: pass`, and a class of the file with
//! `__enter__` and `__exit__` as calls of both around `try … finally`.
//!
//! Only classes whose `__enter__` gives the object itself, and whose `__exit__` neither asks
//! for the exception nor stops it. Any other `with` stays as it is.

use crate::ast::{
    self, Block, Class, Expr, ExprKind, Function, Handler, Ident, Module, NodeId, ParamKind, Stmt,
    StmtKind, visit,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the methods are called where they are plain ones.
const ENTER: &str = "enter";
const EXIT: &str = "exit";

/// Rewrites the `with` statements of a module.
pub(super) fn with_statements(module: &mut Module, next_id: &mut u32) {
    let mut with = With {
        next_id,
        suppress: BTreeSet::new(),
        classes: BTreeSet::new(),
        instances: BTreeMap::new(),
        names: BTreeSet::new(),
    };
    with.collect(module);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && with.classes.contains(&class.name.name)
        {
            plain_methods(class);
        }
    }
    with.block(&mut module.body);
}

struct With<'n> {
    next_id: &'n mut u32,
    /// How `contextlib.suppress` is written.
    suppress: BTreeSet<String>,
    /// The classes that can be entered.
    classes: BTreeSet<String>,
    /// The module's variables that hold one, with their class.
    instances: BTreeMap<String, String>,
    /// All names of the module.
    names: BTreeSet<String>,
}

impl With<'_> {
    fn collect(&mut self, module: &Module) {
        struct Names<'n>(&'n mut BTreeSet<String>);
        impl<'ast> visit::Visitor<'ast> for Names<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Name(name) = &e.kind {
                    self.0.insert(name.clone());
                }
                visit::walk_expr(self, e);
            }
        }
        visit::Visitor::visit_block(&mut Names(&mut self.names), &module.body);
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Import(names) => {
                    for alias in names.iter().filter(|a| a.name.name == "contextlib") {
                        let name = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                        self.suppress.insert(format!("{name}.suppress"));
                    }
                }
                StmtKind::ImportFrom {
                    module: Some(from),
                    names,
                    ..
                } if from == "contextlib" => {
                    for alias in names.iter().filter(|a| a.name.name == "suppress") {
                        let name = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                        self.suppress.insert(name.clone());
                    }
                }
                StmtKind::Class(class) if can_be_entered(class) => {
                    self.classes.insert(class.name.name.clone());
                }
                StmtKind::Assign { targets, value } => {
                    if let ([target], ExprKind::Call { func, .. }) =
                        (targets.as_slice(), &value.kind)
                        && let (ExprKind::Name(name), ExprKind::Name(class)) =
                            (&target.kind, &func.kind)
                        && self.classes.contains(class)
                    {
                        self.instances.insert(name.clone(), class.clone());
                    }
                }
                _ => {}
            }
        }
    }

    fn id(&mut self) -> NodeId {
        NodeId::next(self.next_id)
    }

    fn block(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        for mut stmt in stmts {
            for inner in ast::blocks_mut(&mut stmt) {
                self.block(inner);
            }
            block.stmts.extend(self.with(stmt));
        }
    }

    fn with(&mut self, mut stmt: Stmt) -> Vec<Stmt> {
        let StmtKind::With {
            items,
            body,
            is_async: false,
        } = &mut stmt.kind
        else {
            return vec![stmt];
        };
        let [(context, target)] = items.as_mut_slice() else {
            return vec![stmt];
        };
        if let (Some(types), None) = (self.suppressed(context), &target) {
            let handler = Handler {
                id: self.id(),
                span: context.span,
                types: Some(types),
                name: None,
                body: Block {
                    stmts: vec![self.plain(&context.clone(), StmtKind::Pass)],
                    trailing: Vec::new(),
                },
            };
            stmt.kind = StmtKind::Try {
                body: std::mem::take(body),
                handlers: vec![handler],
                orelse: Block::default(),
                finalbody: Block::default(),
            };
            return vec![stmt];
        }
        let name = match (&context.kind, &target) {
            (ExprKind::Name(name), None) if self.instances.contains_key(name) => name.clone(),
            (ExprKind::Call { func, .. }, target) => {
                let ExprKind::Name(class) = &func.kind else {
                    return vec![stmt];
                };
                if !self.classes.contains(class) {
                    return vec![stmt];
                }
                match target.as_ref().map(|t| &t.kind) {
                    Some(ExprKind::Name(name)) => name.clone(),
                    Some(_) => return vec![stmt],
                    None => self.fresh(class),
                }
            }
            _ => return vec![stmt],
        };
        let context = context.clone();
        let target = target.take();
        let body = std::mem::take(body);
        let mut out = Vec::new();
        if matches!(context.kind, ExprKind::Call { .. }) {
            let target = match target {
                Some(target) => target,
                None => self.name(&context, &name),
            };
            let kind = StmtKind::Assign {
                targets: vec![target],
                value: context.clone(),
            };
            out.push(self.plain(&context, kind));
        }
        let enter = self.call(&context, &name, ENTER);
        out.push(self.plain(&context, StmtKind::Expr(enter)));
        if let Some(first) = out.first_mut() {
            first.blank_before = stmt.blank_before;
            first.comments = std::mem::take(&mut stmt.comments);
            first.line_comment = stmt.line_comment.take();
            stmt.blank_before = false;
        }
        let exit = self.call(&context, &name, EXIT);
        let exit = self.plain(&context, StmtKind::Expr(exit));
        stmt.kind = StmtKind::Try {
            body,
            handlers: Vec::new(),
            orelse: Block::default(),
            finalbody: Block {
                stmts: vec![exit],
                trailing: Vec::new(),
            },
        };
        out.push(stmt);
        out
    }

    /// The exceptions of `contextlib.suppress(…)`.
    fn suppressed(&mut self, context: &Expr) -> Option<Expr> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &context.kind
        else {
            return None;
        };
        let written = match &func.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) => format!("{module}.{}", attr.name),
                _ => return None,
            },
            _ => return None,
        };
        if !self.suppress.contains(&written) || !keywords.is_empty() || args.is_empty() {
            return None;
        }
        let kind = ExprKind::Tuple(args.clone());
        Some(Expr {
            id: self.id(),
            span: context.span,
            kind,
        })
    }

    /// `counter` for a `Counter` that has no name.
    fn fresh(&mut self, class: &str) -> String {
        let mut name: String = class.trim_start_matches('_').to_lowercase();
        while !self.names.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    fn name(&mut self, at: &Expr, name: &str) -> Expr {
        Expr {
            id: self.id(),
            span: at.span,
            kind: ExprKind::Name(name.to_string()),
        }
    }

    fn call(&mut self, at: &Expr, name: &str, method: &str) -> Expr {
        let value = Box::new(self.name(at, name));
        let attr = Ident {
            span: at.span,
            name: method.to_string(),
        };
        let func = Box::new(Expr {
            id: self.id(),
            span: at.span,
            kind: ExprKind::Attribute { value, attr },
        });
        Expr {
            id: self.id(),
            span: at.span,
            kind: ExprKind::Call {
                func,
                args: Vec::new(),
                keywords: Vec::new(),
            },
        }
    }

    fn plain(&mut self, at: &Expr, kind: StmtKind) -> Stmt {
        Stmt {
            id: self.id(),
            span: at.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind,
        }
    }
}

fn method<'c>(class: &'c Class, name: &str) -> Option<&'c Function> {
    class.body.stmts.iter().find_map(|s| match &s.kind {
        StmtKind::Function(f) if f.name.name == name => Some(f),
        _ => None,
    })
}

/// Whether a class can be entered as plain calls of its methods say it.
fn can_be_entered(class: &Class) -> bool {
    let (Some(enter), Some(exit)) = (method(class, "__enter__"), method(class, "__exit__")) else {
        return false;
    };
    let own = |f: &Function| f.params.list.first().map(|p| p.name.name.clone());
    let gives_itself = match enter.body.stmts.split_last() {
        Some((last, before)) => {
            matches!(&last.kind, StmtKind::Return(Some(e)) if matches!(&e.kind, ExprKind::Name(n) if Some(n) == own(enter).as_ref()))
                && returns(before).is_empty()
        }
        None => false,
    };
    let goes_on = returns(&exit.body.stmts).into_iter().all(|value| {
        value.is_none_or(|e| matches!(e.kind, ExprKind::None | ExprKind::Bool(false)))
    });
    let asked: BTreeSet<&str> = exit
        .params
        .list
        .iter()
        .skip(1)
        .map(|p| p.name.name.as_str())
        .collect();
    let plain = enter.decorators.is_empty()
        && exit.decorators.is_empty()
        && !enter.is_async
        && !exit.is_async
        && enter.params.list.len() == 1
        && exit
            .params
            .list
            .iter()
            .all(|p| p.kind != ParamKind::KwArgs && p.kind != ParamKind::KeywordOnly);
    let free = method(class, ENTER).is_none() && method(class, EXIT).is_none();
    gives_itself && goes_on && plain && free && !exit.body.names(&|n| asked.contains(n))
}

/// The values of the `return`s of some statements.
fn returns(stmts: &[Stmt]) -> Vec<Option<&Expr>> {
    struct Returns<'ast>(Vec<Option<&'ast Expr>>);
    impl<'ast> visit::Visitor<'ast> for Returns<'ast> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Return(value) = &stmt.kind {
                self.0.push(value.as_ref());
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Returns(Vec::new());
    for stmt in stmts {
        visit::Visitor::visit_stmt(&mut found, stmt);
    }
    found.0
}

/// `__enter__` and `__exit__` as plain methods that give nothing.
fn plain_methods(class: &mut Class) {
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        match function.name.name.as_str() {
            "__enter__" => {
                function.name.name = ENTER.to_string();
                if let Some(last) = function.body.stmts.last_mut() {
                    last.kind = StmtKind::Pass;
                }
            }
            "__exit__" => {
                function.name.name = EXIT.to_string();
                function.params.list.truncate(1);
                no_values(&mut function.body);
            }
            _ => continue,
        }
        function.returns = None;
    }
}

/// `return False` as `return`.
fn no_values(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::Return(value) = &mut stmt.kind {
            *value = None;
        }
        ast::blocks_mut(stmt).into_iter().for_each(no_values);
    }
}
