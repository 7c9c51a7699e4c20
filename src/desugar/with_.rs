//! `with`: `contextlib.suppress(E)` as `try … except E: pass`, and a class of the file with
//! `__enter__` and `__exit__` as calls of both around `try … finally`.
//!
//! An `__exit__` may ask whether there is an exception, and may stop every one: then it is two
//! methods, `exit` and `exit_raised`, behind the body and in a handler. Any other `with` stays
//! as it is.

mod exits;

use super::names::Names;
use crate::ast::{
    self, Block, Class, Expr, ExprKind, Handler, Ident, Module, NodeId, Stmt, StmtKind, visit,
};
use std::collections::{BTreeMap, BTreeSet};

use exits::Way;

/// What the methods are called where they are plain ones.
const ENTER: &str = "enter";
const EXIT: &str = "exit";
/// What is done where the body has raised.
const EXIT_RAISED: &str = "exit_raised";

/// Rewrites the `with` statements of a module.
pub(super) fn with_statements(module: &mut Module, next_id: &mut u32) {
    let mut with = With {
        next_id,
        suppress: BTreeSet::new(),
        classes: BTreeMap::new(),
        unlike: false,
        rebound: BTreeSet::new(),
        instances: BTreeMap::new(),
        names: BTreeSet::new(),
        uses: BTreeMap::new(),
    };
    with.collect(module);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(way) = with.classes.get(&class.name.name)
        {
            exits::plain_methods(class, *way, with.next_id);
        }
    }
    with.block(&mut module.body);
}

struct With<'n> {
    next_id: &'n mut u32,
    /// How `contextlib.suppress` is written.
    suppress: BTreeSet<String>,
    /// The classes that can be entered, and how.
    classes: BTreeMap<String, Way>,
    /// Whether some are entered in another way than others, or cannot be.
    unlike: bool,
    /// Variables and attributes that a call may give another object.
    rebound: BTreeSet<String>,
    /// The module's variables that hold one, with their class.
    instances: BTreeMap<String, String>,
    /// All names of the module.
    names: BTreeSet<String>,
    /// How often each stands in it.
    uses: BTreeMap<String, usize>,
}

impl With<'_> {
    fn collect(&mut self, module: &Module) {
        struct All<'n>(&'n mut BTreeSet<String>);
        impl<'ast> visit::Visitor<'ast> for All<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Name(name) = &e.kind {
                    self.0.insert(name.clone());
                }
                visit::walk_expr(self, e);
            }
        }
        visit::Visitor::visit_block(&mut All(&mut self.names), &module.body);
        self.uses = exits::uses(&module.body);
        exits::rebound(&module.body, &mut self.rebound);
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
                StmtKind::Class(class) => self.class(class),
                StmtKind::Assign { targets, value } => {
                    if let ([target], ExprKind::Call { func, .. }) =
                        (targets.as_slice(), &value.kind)
                        && let (ExprKind::Name(name), ExprKind::Name(class)) =
                            (&target.kind, &func.kind)
                        && self.classes.contains_key(class)
                    {
                        self.instances.insert(name.clone(), class.clone());
                    }
                }
                _ => {}
            }
        }
    }

    fn class(&mut self, class: &Class) {
        let way = if exits::is_managed(class) {
            let way = exits::way(class);
            let first = self.classes.values().next();
            self.unlike |= way.is_none() || first.is_some_and(|first| Some(*first) != way);
            way
        } else {
            class.bases.iter().find_map(|base| match &base.kind {
                ExprKind::Name(name) => self.classes.get(name).copied(),
                _ => None,
            })
        };
        if let Some(way) = way {
            self.classes.insert(class.name.name.clone(), way);
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
        if items.len() > 1 {
            // `with a, b:` is one within the other.
            let inner = StmtKind::With {
                items: items.split_off(1),
                body: std::mem::take(body),
                is_async: false,
            };
            let Some((first, _)) = items.first() else {
                return vec![stmt];
            };
            let first = first.clone();
            let inner = self.plain(&first, inner);
            let within = self.with(inner);
            if let StmtKind::With { body, .. } = &mut stmt.kind {
                body.stmts = within;
            }
            return self.with(stmt);
        }
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
        let (way, manager) = match &context.kind {
            ExprKind::Name(name) if self.instances.contains_key(name) => {
                let class = self.instances.get(name);
                let Some(way) = class.and_then(|class| self.classes.get(class)) else {
                    return vec![stmt];
                };
                (*way, None)
            }
            ExprKind::Call { func, .. } => {
                let ExprKind::Name(class) = &func.kind else {
                    return vec![stmt];
                };
                let Some(way) = self.classes.get(class).copied() else {
                    return vec![stmt];
                };
                match target.as_ref().map(|t| &t.kind) {
                    Some(ExprKind::Name(name)) if way.itself => (way, Some(name.clone())),
                    Some(_) if way.itself => return vec![stmt],
                    _ => (way, Some(self.fresh(&class.clone()))),
                }
            }
            _ => match self.classes.values().next() {
                Some(way) if !self.unlike && self.stays(context, body) => (*way, None),
                _ => return vec![stmt],
            },
        };
        if way.asks && exits::leaves(body) {
            return vec![stmt];
        }
        let context = context.clone();
        let target = target.take();
        let mut body = std::mem::take(body);
        let mut out = Vec::new();
        let object = match &manager {
            Some(name) => {
                let made = StmtKind::Assign {
                    targets: vec![self.name(&context, name)],
                    value: context.clone(),
                };
                out.push(self.plain(&context, made));
                self.name(&context, name)
            }
            None => context.clone(),
        };
        let enter = self.call(&object, ENTER);
        match target {
            // The name is that of the object.
            Some(_) if way.itself && manager.is_some() => {
                out.push(self.plain(&context, StmtKind::Expr(enter)));
            }
            // A second name that only the body knows.
            Some(Expr {
                kind: ExprKind::Name(name),
                ..
            }) if way.itself && self.is_within(&name, &body) => {
                out.push(self.plain(&context, StmtKind::Expr(enter)));
                ast::rewrite::block(&mut body, &mut |e| {
                    if matches!(&e.kind, ExprKind::Name(n) if *n == name) {
                        e.kind = self.again(&object).kind;
                    }
                });
            }
            Some(target) => {
                let targets = vec![target];
                let value = if way.itself {
                    out.push(self.plain(&context, StmtKind::Expr(enter)));
                    self.again(&object)
                } else {
                    enter
                };
                out.push(self.plain(&context, StmtKind::Assign { targets, value }));
            }
            None => out.push(self.plain(&context, StmtKind::Expr(enter))),
        }
        if let Some(first) = out.first_mut() {
            first.blank_before = stmt.blank_before;
            first.comments = std::mem::take(&mut stmt.comments);
            first.line_comment = stmt.line_comment.take();
            stmt.blank_before = false;
        }
        let exit = self.call(&object, EXIT);
        let exit = Block {
            stmts: vec![self.plain(&context, StmtKind::Expr(exit))],
            trailing: Vec::new(),
        };
        stmt.kind = if way.asks {
            StmtKind::Try {
                body,
                handlers: vec![self.raised(&object, way)],
                orelse: exit,
                finalbody: Block::default(),
            }
        } else {
            StmtKind::Try {
                body,
                handlers: Vec::new(),
                orelse: Block::default(),
                finalbody: exit,
            }
        };
        out.push(stmt);
        out
    }

    /// Whether all that the module says of a name it says in a body, which reads it.
    fn is_within(&self, name: &str, body: &Block) -> bool {
        let mut bound = Names::default();
        body.stmts.iter().for_each(|stmt| bound.binds_by(stmt));
        let within = exits::uses(body).get(name).copied().unwrap_or(0);
        // One is where the `with` binds it.
        !bound.bound.contains_key(name) && self.uses.get(name) == Some(&(within + 1))
    }

    /// What is done where the body has raised.
    fn raised(&mut self, object: &Expr, way: Way) -> Handler {
        let exit = self.call(object, EXIT_RAISED);
        let mut stmts = vec![self.plain(object, StmtKind::Expr(exit))];
        if !way.stops {
            let (exc, cause) = (None, None);
            stmts.push(self.plain(object, StmtKind::Raise { exc, cause }));
        }
        Handler {
            id: self.id(),
            span: object.span,
            types: Some(self.name(object, "Exception")),
            name: None,
            body: Block {
                stmts,
                trailing: Vec::new(),
            },
        }
    }

    /// Whether a variable or attribute is one object from the first to the last of a body.
    fn stays(&self, context: &Expr, body: &Block) -> bool {
        match &context.kind {
            ExprKind::Name(name) => {
                let mut names = Names::default();
                body.stmts.iter().for_each(|stmt| names.binds_by(stmt));
                !self.rebound.contains(name) && !names.bound.contains_key(name)
            }
            ExprKind::Attribute { value, attr } => {
                !self.rebound.contains(&attr.name) && self.stays(value, body)
            }
            _ => false,
        }
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

    fn call(&mut self, at: &Expr, method: &str) -> Expr {
        let value = Box::new(self.again(at));
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

    /// The same expression once more.
    fn again(&mut self, e: &Expr) -> Expr {
        let mut e = e.clone();
        ast::rewrite::expr(&mut e, &mut |part| part.id = self.id());
        e
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
