//! Objects that are filled in where they are made: `p = Pose()`, `p.x = 1.0`, `p.y = 2.0`.
//!
//! Enters: the module. Leaves: the same module, where a class without an `__init__` has one that
//! sets the attributes that every object of it gets right after it is made. What stands between
//! the two could see the difference; nothing stands there. This module must not know types.

use super::build::{Build, method};
use super::copies;
use super::statements::rewritten;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Keyword, Module, ParamKind, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn filled_in(module: &mut Module, next_id: &mut u32) {
    let bare: BTreeSet<&str> = module.body.stmts.iter().filter_map(bare_class).collect();
    if bare.is_empty() {
        return;
    }
    let mut sites = Sites {
        classes: bare
            .iter()
            .map(|name| ((*name).to_owned(), Made::default()))
            .collect(),
    };
    sites.visit_block(&module.body);
    let known: BTreeMap<String, Vec<Field>> = sites
        .classes
        .into_iter()
        .filter_map(|(class, made)| Some((class, made.fields()?)))
        .collect();
    if known.is_empty() {
        return;
    }
    let mut taken = BTreeSet::new();
    let mut filled = BTreeSet::new();
    rewritten(&mut module.body, &mut taken, &mut |stmt, out, _| {
        if !absorbed(&stmt, out, &known, &mut filled) {
            filled.clear();
            out.push(stmt);
        }
    });
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(fields) = known.get(&class.name.name)
        {
            let init = init_of(fields, stmt.span, next_id);
            class
                .body
                .stmts
                .retain(|s| !matches!(s.kind, StmtKind::Pass));
            class.body.stmts.insert(0, init);
        }
    }
}

/// The name of a class that says nothing of how its objects are made.
fn bare_class(stmt: &Stmt) -> Option<&str> {
    let StmtKind::Class(class) = &stmt.kind else {
        return None;
    };
    let plain = class
        .bases
        .iter()
        .all(|base| matches!(&base.kind, ExprKind::Name(name) if name == "object"));
    let made = ["__init__", "__new__", "__setattr__"]
        .iter()
        .any(|name| method(&class.body, name).is_some());
    let bare = plain && !made && class.keywords.is_empty() && class.decorators.is_empty();
    bare.then_some(class.name.name.as_str())
}

/// An attribute that every object gets.
struct Field {
    name: String,
    /// The first statement that sets it.
    stmt: Stmt,
    /// What it always is, where that is one constant.
    constant: Option<Expr>,
}

/// How the objects of a class are made.
#[derive(Default)]
struct Made<'ast> {
    /// What each object gets at once.
    sites: Vec<Vec<(&'ast str, &'ast Stmt, &'ast Expr)>>,
    /// How often the class is named.
    named: usize,
}

impl Made<'_> {
    /// The attributes that all objects get.
    fn fields(self) -> Option<Vec<Field>> {
        let (first, rest) = self.sites.split_first()?;
        if self.named != self.sites.len() {
            return None;
        }
        let mut fields: Vec<Field> = Vec::new();
        for (name, stmt, value) in first {
            let same = rest.iter().map(|site| {
                let found = site.iter().find(|(other, ..)| other == name);
                found.map(|(_, _, value)| *value)
            });
            let others: Vec<&Expr> = same.collect::<Option<_>>()?;
            let constant = is_constant(value) && others.iter().all(|v| same_constant(v, value));
            fields.push(Field {
                name: (*name).to_owned(),
                stmt: (*stmt).clone(),
                constant: constant.then(|| (*value).clone()),
            });
        }
        let whole = rest.iter().all(|site| site.len() == fields.len());
        (whole && !fields.is_empty()).then_some(fields)
    }
}

fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::None => true,
        ExprKind::Unary { operand, .. } => is_constant(operand),
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        _ => false,
    }
}

fn same_constant(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Unary { op: x, operand: a }, ExprKind::Unary { op: y, operand: b }) => {
            x == y && same_constant(a, b)
        }
        (ExprKind::List(a), ExprKind::List(b)) => a.is_empty() && b.is_empty(),
        (ExprKind::Dict(a), ExprKind::Dict(b)) => a.is_empty() && b.is_empty(),
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Float(a), ExprKind::Float(b)) => a.to_bits() == b.to_bits(),
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Bool(a), ExprKind::Bool(b)) => a == b,
        (ExprKind::None, ExprKind::None) => true,
        _ => false,
    }
}

/// The class that a statement makes an object of, and the variable that it goes to.
fn made_by(stmt: &Stmt) -> Option<(&str, &str)> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let ([target], ExprKind::Call { func, .. }) = (targets.as_slice(), &value.kind) else {
        return None;
    };
    match (&target.kind, &func.kind) {
        (ExprKind::Name(variable), ExprKind::Name(class)) => Some((class, variable)),
        _ => None,
    }
}

/// The attribute of the variable that a statement sets, and to what.
fn set_by<'s>(stmt: &'s Stmt, variable: &str) -> Option<(&'s str, &'s Expr)> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let [target] = targets.as_slice() else {
        return None;
    };
    let ExprKind::Attribute { value: of, attr } = &target.kind else {
        return None;
    };
    let own = matches!(&of.kind, ExprKind::Name(name) if name == variable);
    (own && !value.names(&|name| name == variable)).then_some((attr.name.as_str(), value))
}

struct Sites<'ast> {
    classes: BTreeMap<String, Made<'ast>>,
}

impl<'ast> Visitor<'ast> for Sites<'ast> {
    fn visit_block(&mut self, block: &'ast Block) {
        for (at, stmt) in block.stmts.iter().enumerate() {
            let Some((class, variable)) = made_by(stmt) else {
                continue;
            };
            let bare = matches!(&stmt.kind, StmtKind::Assign { value, .. }
                if matches!(&value.kind, ExprKind::Call { args, keywords, .. } if args.is_empty() && keywords.is_empty()));
            let (Some(made), true) = (self.classes.get_mut(class), bare) else {
                continue;
            };
            let mut site: Vec<(&str, &Stmt, &Expr)> = Vec::new();
            for next in block.stmts.iter().skip(at + 1) {
                match set_by(next, variable) {
                    Some((attr, value)) if site.iter().all(|(name, ..)| *name != attr) => {
                        site.push((attr, next, value));
                    }
                    _ => break,
                }
            }
            made.sites.push(site);
        }
        visit::walk_block(self, block);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind
            && let Some(made) = self.classes.get_mut(name)
        {
            made.named += 1;
        }
        visit::walk_expr(self, e);
    }
}

/// Hands an attribute over where the object is made: whether the statement goes with that.
fn absorbed(
    stmt: &Stmt,
    out: &mut [Stmt],
    known: &BTreeMap<String, Vec<Field>>,
    filled: &mut BTreeSet<String>,
) -> bool {
    let Some(made) = out.last_mut() else {
        return false;
    };
    let Some((class, variable)) = made_by(made) else {
        return false;
    };
    let (Some(fields), Some((attr, value))) = (known.get(class), set_by(stmt, variable)) else {
        return false;
    };
    let Some(field) = fields.iter().find(|field| field.name == attr) else {
        return false;
    };
    let value = value.clone();
    let StmtKind::Assign { value: call, .. } = &mut made.kind else {
        return false;
    };
    let ExprKind::Call { args, keywords, .. } = &mut call.kind else {
        return false;
    };
    if !filled.insert(attr.to_owned()) {
        // It is set a second time.
        return false;
    }
    if field.constant.is_some() {
        return true;
    }
    let mut asked = fields.iter().filter(|field| field.constant.is_none());
    let next = asked.nth(args.len()).is_some_and(|next| next.name == attr);
    if next && keywords.is_empty() {
        args.push(value);
    } else {
        let name = crate::ast::Ident {
            span: value.span,
            name: attr.to_owned(),
        };
        keywords.push(Keyword {
            name: Some(name),
            value,
        });
    }
    true
}

/// `def __init__(self, …): self.x = x …`
fn init_of(fields: &[Field], span: crate::source::Span, next_id: &mut u32) -> Stmt {
    let mut build = Build { next_id, span };
    let mut params = vec![build.param("self", ParamKind::Normal, None)];
    let mut body = Vec::new();
    for field in fields {
        build.span = field.stmt.span;
        let value = match &field.constant {
            Some(value) => {
                let mut value = value.clone();
                copies::expr(&mut value, build.next_id);
                value
            }
            None => {
                params.push(build.param(&field.name, ParamKind::Normal, None));
                build.name(&field.name)
            }
        };
        let target = build.of("self", &field.name);
        let mut stmt = build.assign(target, value);
        stmt.comments.clone_from(&field.stmt.comments);
        stmt.line_comment.clone_from(&field.stmt.line_comment);
        body.push(stmt);
    }
    build.span = span;
    build.function("__init__", params, body)
}
