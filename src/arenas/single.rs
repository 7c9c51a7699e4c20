//! The only object of a class, as a variable of the module.
//!
//! Enters: the module and a class. Leaves: the module where the object is a variable that
//! everyone names, and nobody keeps. This module must not know how uses are rewritten.

use super::known::{Known, binds, held};
use super::once::{self, Once};
use super::rewrite::{self, Form, names_class};
use crate::ast::{Expr, ExprKind, Ident, Keyword, Module, NodeId, Stmt, StmtKind};
use crate::desugar::snake;
use crate::ty::Ty;
use std::collections::BTreeSet;

/// Makes the only object of `class` a variable of the module; nothing where it has several,
/// or where some name of it may be None.
pub(super) fn single(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let definition = known.class(class).filter(|c| c.variants.is_empty())?;
    let [(key, site)] = known.sites(class).try_into().ok()?;
    let site: &Expr = site;
    if !always_it(known, class) || definition.made.is_some() && names_in_fields(module, class) {
        return None;
    }
    let once = once::once(known, key, site)?;
    let made = made_at(module, key, site);
    let constructor = format!("{class}.__init__");
    for name in names(known, class, &made) {
        let at_level = matches!(&made, Made::Variable(_));
        let form = Form::Single {
            name: name.clone(),
            site: site.id,
            at_level,
        };
        let Ok((mut rewritten, users)) = rewrite::module(module, known, class, &form) else {
            return None;
        };
        if !at_level && !hoist(&mut rewritten, known, class, &name, site, &once) {
            return None;
        }
        // While it is made nobody has it.
        let making = known.functions.get_key_value(constructor.as_str());
        let making = making.map(|(key, _)| key.as_str());
        let early = known.reached_by(making);
        if early.iter().any(|key| users.contains(*key)) || hidden(&rewritten, &name, &users) {
            continue;
        }
        return Some(rewritten);
    }
    None
}

/// Whether whatever names an object of the class always has one.
fn always_it(known: &Known<'_>, class: &str) -> bool {
    let only = Ty::Instance(class.to_string());
    let fine = |ty: &Ty| {
        let mut classes = BTreeSet::new();
        held(ty, &mut classes);
        !classes.contains(class) || *ty == only
    };
    let model = known.model;
    let functions = model.functions.iter().chain([&model.module]);
    let mut facts = functions.flat_map(|f| {
        let vars = f.vars.values().map(|v| &v.fact);
        f.facts
            .values()
            .chain(vars)
            .chain(&f.params)
            .chain([&f.ret])
    });
    let mut fields = model.classes.values().flat_map(|c| &c.fields);
    facts.all(|fact| fine(&fact.ty))
        && fields.all(|(_, fact)| fine(&fact.ty))
        && model.variables.values().all(|fact| fine(&fact.ty))
}

/// Whether a class that Python makes of its annotations keeps an object of the class.
fn names_in_fields(module: &Module, class: &str) -> bool {
    module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Class(c) if c.made.is_some() => c.body.stmts.iter().any(
            |s| matches!(&s.kind, StmtKind::AnnAssign { annotation, .. } if names_class(annotation, class)),
        ),
        _ => false,
    })
}

/// What gets the object where it is made.
enum Made {
    /// A variable of the module.
    Variable(String),
    /// An attribute.
    Attribute(String),
    /// Anything else.
    Other,
}

fn made_at(module: &Module, key: Option<&str>, site: &Expr) -> Made {
    struct Search<'s>(&'s Expr, Option<&'s Expr>);
    impl<'ast: 's, 's> crate::ast::visit::Visitor<'ast> for Search<'s> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && value.id == self.0.id
                && let [target] = targets.as_slice()
            {
                self.1 = Some(target);
            }
            crate::ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut search = Search(site, None);
    crate::ast::visit::Visitor::visit_block(&mut search, &module.body);
    match search.1.map(|target| &target.kind) {
        Some(ExprKind::Name(name)) if key.is_none() => Made::Variable(name.clone()),
        Some(ExprKind::Attribute { attr, .. }) => Made::Attribute(attr.name.clone()),
        _ => Made::Other,
    }
}

/// Names for the variable, the best first.
fn names(known: &Known<'_>, class: &str, made: &Made) -> Vec<String> {
    let class = snake(class);
    let free = |name: &String| {
        !known.model.globals.contains_key(name) && !known.functions.contains_key(name)
    };
    match made {
        Made::Variable(name) => {
            let global = known.model.globals.get(name);
            let stays = global.is_some_and(|g| g.assigned == 1);
            stays.then(|| name.clone()).into_iter().collect()
        }
        Made::Attribute(attr) => {
            let attr = attr.trim_start_matches('_').to_string();
            let names = [attr, class.clone(), format!("the_{class}")];
            names.into_iter().filter(free).collect()
        }
        Made::Other => [class.clone(), format!("the_{class}")]
            .into_iter()
            .filter(free)
            .collect(),
    }
}

/// Makes the object before the statement of the module that made it until now.
pub(super) fn hoist(
    module: &mut Module,
    known: &Known<'_>,
    class: &str,
    name: &str,
    site: &Expr,
    once: &Once,
) -> bool {
    // What it is made of must be the same there.
    let constructor = format!("{class}.__init__");
    let mut models = known.model.functions.iter();
    if models.any(|f| f.python_name == constructor && !f.globals.is_empty()) {
        return false;
    }
    let Some((args, keywords)) = &once.args else {
        return false;
    };
    let ident = |name: &str| Ident {
        span: site.span,
        name: name.to_string(),
    };
    let made = |kind| Expr {
        id: site.id,
        span: site.span,
        kind,
    };
    let func = Box::new(made(ExprKind::Name(class.to_string())));
    let keywords = keywords.iter().map(|(name, value)| Keyword {
        name: Some(ident(name)),
        value: value.clone(),
    });
    let value = made(ExprKind::Call {
        func,
        args: args.clone(),
        keywords: keywords.collect(),
    });
    bind(module, known, name, value, once.stmt)
}

/// Makes an empty collection of the kind of `value` before that statement of the module.
pub(super) fn begin(
    module: &mut Module,
    known: &Known<'_>,
    name: &str,
    value: &Expr,
    stmt: usize,
) -> bool {
    let mut value = value.clone();
    match &mut value.kind {
        ExprKind::List(items) => items.clear(),
        ExprKind::Dict(items) => items.clear(),
        _ => {}
    }
    bind(module, known, name, value, stmt)
}

/// Binds a variable before a statement of the module as it was.
fn bind(module: &mut Module, known: &Known<'_>, name: &str, mut value: Expr, stmt: usize) -> bool {
    let Some(at) = known.module.body.stmts.get(stmt).map(|s| s.id) else {
        return false;
    };
    let Some(at) = module.body.stmts.iter().position(|s| s.id == at) else {
        return false;
    };
    let span = value.span;
    let mut next_id = module.node_count;
    let mut fresh = || {
        let id = NodeId(next_id);
        next_id += 1;
        id
    };
    let mut target = Expr {
        id: value.id,
        span,
        kind: ExprKind::Name(name.to_string()),
    };
    for e in [&mut target, &mut value] {
        crate::ast::rewrite::expr(e, &mut |e| e.id = fresh());
    }
    let stmt = Stmt {
        id: fresh(),
        span,
        blank_before: false,
        comments: Vec::new(),
        line_comment: None,
        kind: StmtKind::Assign {
            targets: vec![target],
            value,
        },
    };
    module.body.stmts.insert(at, stmt);
    module.node_count = next_id;
    true
}

/// Whether a function that is to name the variable calls something else that.
fn hidden(module: &Module, name: &str, users: &BTreeSet<String>) -> bool {
    module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Function(function) => {
            users.contains(&function.name.name) && binds(function, name)
        }
        StmtKind::Class(class) => class.body.stmts.iter().any(|inner| match &inner.kind {
            StmtKind::Function(method) => {
                let key = format!("{}.{}", class.name.name, method.name.name);
                users.contains(&key) && binds(method, name)
            }
            _ => false,
        }),
        _ => false,
    })
}
