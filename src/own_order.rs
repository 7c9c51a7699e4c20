//! Objects that are put in order by their own `__lt__`: `sorted(tasks)`.
//!
//! ```text
//! def __lt__(self, other):                  sorted(tasks, key=lambda item: (item.prio, item.id))
//!     return (self.prio, self.id) < (other.prio, other.id)
//! ```
//!
//! Enters: the module and its [`Model`]. Leaves: the same module, where `sorted`, `sort`, `min` and
//! `max` of such objects have the key that `__lt__` compares. An order of another kind is left
//! alone. This module must not know Rust syntax.

use crate::ast::{
    Class, CompareOp, Expr, ExprKind, Function, Ident, Keyword, Module, OF_FAMILY, ParamKind,
    Params, StmtKind, rewrite,
};
use crate::desugar::{Build, Names, free};
use crate::infer::Model;
use crate::ty::Ty;
use std::collections::BTreeMap;

/// Gives calls that order objects the key of their order; nothing where there are none.
pub fn own_order(module: &Module, model: &Model) -> Option<Module> {
    let mut orders: BTreeMap<&str, Order<'_>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let Some(order) = Order::of(class)
        {
            orders.insert(&class.name.name, order);
        }
    }
    if orders.is_empty() {
        return None;
    }
    let mut names = Names::default();
    module.body.stmts.iter().for_each(|stmt| names.stmt(stmt));
    let mut taken = names.all();
    let item = free("item", &mut taken);
    let mut rewritten = module.clone();
    let mut next_id = module.node_count;
    let mut any = false;
    rewrite::block(&mut rewritten.body, &mut |e| {
        let Some((of, asks)) = asked(e) else { return };
        let Some(order) = class_of(of, asks, model).and_then(|class| {
            let own = orders.get(class.as_str());
            own.or_else(|| of_family(&class, model, &orders))
        }) else {
            return;
        };
        let mut build = Build {
            next_id: &mut next_id,
            span: e.span,
        };
        any |= order.put(e, &item, &mut build);
    });
    rewritten.node_count = next_id;
    any.then_some(rewritten)
}

/// What orders what: `sorted(xs)`, `xs.sort()`, `min(xs)`, without a key.
fn asked(e: &Expr) -> Option<(&Expr, &str)> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let is = |k: &Keyword, name: &str| k.name.as_ref().is_some_and(|n| n.name == name);
    match (&func.kind, args.as_slice()) {
        (ExprKind::Name(name), [of]) => {
            let fine = match name.as_str() {
                "sorted" => keywords.iter().all(|k| is(k, "reverse")),
                "min" | "max" => keywords.iter().all(|k| is(k, "default")),
                _ => false,
            };
            fine.then_some((of, name.as_str()))
        }
        (ExprKind::Attribute { value, attr }, []) if attr.name == "sort" => {
            let fine = keywords.iter().all(|k| is(k, "reverse"));
            fine.then_some((&**value, "sort"))
        }
        _ => None,
    }
}

/// The class whose objects are put in order.
fn class_of(of: &Expr, asks: &str, model: &Model) -> Option<String> {
    let (e, within) = match &of.kind {
        ExprKind::Comprehension {
            element,
            value: None,
            ..
        } if asks != "sort" => (&**element, false),
        _ => (of, true),
    };
    let functions = model.functions.iter().chain([&model.module]);
    let mut classes = functions.filter_map(|f| f.facts.get(&e.id)).map(|fact| {
        let ty = match (&fact.ty, within) {
            (Ty::List { elem, .. }, true) => &**elem,
            (ty, false) => ty,
            (_, true) => return None,
        };
        match ty {
            Ty::Instance(class) => Some(class.clone()),
            _ => None,
        }
    });
    let first = classes.next()??;
    classes.all(|c| c.as_ref() == Some(&first)).then_some(first)
}

/// The order of a family, whose classes all have the same.
fn of_family<'o, 'm>(
    class: &str,
    model: &Model,
    orders: &'o BTreeMap<&str, Order<'m>>,
) -> Option<&'o Order<'m>> {
    let variants = &model.classes.get(class)?.variants;
    let mut found = variants.iter().map(|variant| {
        let whole = format!("{class}{OF_FAMILY}{variant}");
        let key = orders.get(variant.as_str());
        key.or_else(|| orders.get(whole.as_str()))
    });
    let first = found.next()??;
    let alike = |other: Option<&Order<'_>>| {
        other.is_some_and(|other| other.function.name.span == first.function.name.span)
    };
    found.all(alike).then_some(first)
}

/// What an `__lt__` compares.
struct Order<'m> {
    function: &'m Function,
    /// What the object is called in the key.
    own: &'m str,
    key: &'m Expr,
    /// The greatest key comes first.
    falls: bool,
}

impl<'m> Order<'m> {
    /// `return key(self) < key(other)`
    fn of(class: &'m Class) -> Option<Self> {
        let function = class
            .body
            .functions()
            .find(|f| f.name.name == "__lt__" && f.decorators.is_empty())?;
        let [own, other] = function.params.list.as_slice() else {
            return None;
        };
        let [stmt] = function.body.stmts.as_slice() else {
            return None;
        };
        let StmtKind::Return(Some(value)) = &stmt.kind else {
            return None;
        };
        let ExprKind::Compare { left, ops, rest } = &value.kind else {
            return None;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
            return None;
        };
        let falls = match op {
            CompareOp::Lt => false,
            CompareOp::Gt => true,
            CompareOp::LtE
            | CompareOp::GtE
            | CompareOp::Eq
            | CompareOp::NotEq
            | CompareOp::Is
            | CompareOp::IsNot
            | CompareOp::In
            | CompareOp::NotIn => return None,
        };
        let (own, other) = (own.name.name.as_str(), other.name.name.as_str());
        // `other.x > self.x` is the same the other way round.
        let (key, falls, theirs) = match names(left, own) {
            true => (&**left, falls, right),
            false => (right, !falls, &**left),
        };
        let mut theirs = theirs.clone();
        rewrite::expr(&mut theirs, &mut |e| {
            if matches!(&e.kind, ExprKind::Name(n) if n == other) {
                e.kind = ExprKind::Name(own.to_string());
            }
        });
        let fine = names(key, own) && !names(key, other) && is_plain(key) && same(key, &theirs);
        fine.then_some(Self {
            function,
            own,
            key,
            falls,
        })
    }

    /// Gives a call the key.
    fn put(&self, e: &mut Expr, item: &str, build: &mut Build<'_>) -> bool {
        let ExprKind::Call { func, keywords, .. } = &mut e.kind else {
            return false;
        };
        if self.falls {
            let safe = !keywords.is_empty();
            match &mut func.kind {
                // Of no objects the error says which of the two was asked.
                ExprKind::Name(name) if name == "min" && safe => *name = "max".to_string(),
                ExprKind::Name(name) if name == "max" && safe => *name = "min".to_string(),
                ExprKind::Name(name) if name == "min" || name == "max" => return false,
                _ => match keywords.as_mut_slice() {
                    [] => {
                        let value = build.expr(ExprKind::Bool(true));
                        keywords.push(keyword("reverse", value, build));
                    }
                    [reverse] => match &mut reverse.value.kind {
                        ExprKind::Bool(value) => *value = !*value,
                        _ => return false,
                    },
                    _ => return false,
                },
            }
        }
        let mut body = build.again(self.key);
        rewrite::expr(&mut body, &mut |e| {
            if matches!(&e.kind, ExprKind::Name(n) if n == self.own) {
                e.kind = ExprKind::Name(item.to_string());
            }
        });
        let list = vec![build.param(item, ParamKind::Normal, None)];
        let key = build.expr(ExprKind::Lambda {
            params: Box::new(Params { list }),
            body: Box::new(body),
        });
        keywords.push(keyword("key", key, build));
        true
    }
}

fn keyword(name: &str, value: Expr, build: &Build<'_>) -> Keyword {
    let name = Some(Ident {
        span: build.span,
        name: name.to_string(),
    });
    Keyword { name, value }
}

/// Whether an expression names something.
fn names(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
        || crate::ast::visit::children(e)
            .into_iter()
            .any(|e| names(e, name))
}

/// Whether computing it does nothing else: attributes, numbers, and what operators make of them.
fn is_plain(e: &Expr) -> bool {
    let here = matches!(
        e.kind,
        ExprKind::Name(_)
            | ExprKind::Attribute { .. }
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Tuple(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
    );
    here && crate::ast::visit::children(e).into_iter().all(is_plain)
}

/// Whether two of those are written the same.
fn same(a: &Expr, b: &Expr) -> bool {
    let here = match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Attribute { attr: a, .. }, ExprKind::Attribute { attr: b, .. }) => {
            a.name == b.name
        }
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Float(a), ExprKind::Float(b)) => a == b,
        (ExprKind::Tuple(_), ExprKind::Tuple(_)) => true,
        (ExprKind::Unary { op: a, .. }, ExprKind::Unary { op: b, .. }) => a == b,
        (ExprKind::Binary { op: a, .. }, ExprKind::Binary { op: b, .. }) => a == b,
        _ => false,
    };
    let (a, b) = (
        crate::ast::visit::children(a),
        crate::ast::visit::children(b),
    );
    here && a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| same(a, b))
}
