//! What only types tell of the syntax: where an operation is a call of an instance's method.
//!
//! Enters: an expression and its fact, in the last round. Leaves: a note in the model of what
//! stands there, which [`crate::desugar::typed`] writes out; the problem that is reported
//! beside it is gone with the next look. This module must not know how it is written out.

use super::Inference;
use super::class_info::ClassInfo;
use super::eval::Scope;
use super::keyed::has_order;
use super::model::Fact;
use crate::ast::{
    self, CompareOp, Expr, ExprKind, Function, Ident, Keyword, Made, NodeId, Stmt, StmtKind,
};
use crate::desugar::typed::present::Said;
use crate::desugar::typed::{Sugar, is_end};
use crate::source::Span;
use crate::ty::Ty;

/// The builtins and methods that run through their arguments.
const RUN_THROUGH: [&str; 16] = [
    "all",
    "any",
    "enumerate",
    "iter",
    "list",
    "max",
    "min",
    "reversed",
    "set",
    "sorted",
    "sum",
    "tuple",
    "zip",
    "math.fsum",
    "<list>.extend",
    "<str>.join",
];

/// Those of them that take the keys of a dict as a list.
const OF_LISTS: [&str; 7] = ["all", "any", "enumerate", "iter", "reversed", "sum", "zip"];

/// What an object is called in the key by which it is ordered.
const ITEM: &str = "item";

impl<'a> Inference<'a> {
    fn class_of(&self, fact: &Fact) -> Option<&ClassInfo<'a>> {
        match &fact.ty {
            Ty::Instance(class) => self.classes.get(class),
            _ => None,
        }
    }

    pub(super) fn note(&mut self, e: &Expr, sugar: Sugar) {
        if self.recording {
            self.model.sugar.insert(e.id, sugar);
        }
    }

    /// The parameters that are never None, and get None in their function.
    pub(super) fn rebound_params(&mut self) {
        for f in self.model.functions.iter() {
            let (class, name) = f.python_name.split_once('.').unzip();
            let function = match (class, name) {
                (Some(class), Some(name)) => self
                    .classes
                    .get(class)
                    .and_then(|info| info.find(name))
                    .map(|(function, _)| function),
                _ => self.functions.get(&f.python_name).copied(),
            };
            let Some(function) = function else { continue };
            for (param, fact) in function.params.list.iter().zip(&f.params) {
                let plain = matches!(
                    fact.ty,
                    Ty::Position | Ty::Int | Ty::Float | Ty::Bool | Ty::Str
                );
                let var = f.vars.get(&param.name.name);
                if plain && var.is_some_and(|v| v.fact.ty == fact.ty.clone().optional()) {
                    self.model.sugar.insert(param.id, Sugar::Rebound);
                }
            }
        }
    }

    /// An object that is run through.
    pub(super) fn run_through(&mut self, e: &Expr, fact: &Fact) {
        self.row(e, fact, true);
        self.needed(e, fact, Said::LOOP);
        if self.as_items(e, fact).is_some() {
            return;
        }
        let Some(info) = self.class_of(fact) else {
            return;
        };
        let given = match (info.find("__iter__"), info.find("__next__")) {
            (Some((iter, _)), Some(_)) if returned(iter).is_none() => {
                let starts = !matches!(iter.body.stmts.as_slice(), [one] if matches!(one.kind, StmtKind::Pass));
                Some(Sugar::Loop(info.class.name.name.clone(), starts))
            }
            (Some((iter, _)), _) => {
                Some(match returned(iter).and_then(|e| own_attribute(e, iter)) {
                    Some(name) => Sugar::Attribute(info.class.name.name.clone(), name.to_string()),
                    None => Sugar::Items,
                })
            }
            // Without `__iter__`, Python asks for one item after the other.
            (None, _) => self
                .by_items(info)
                .map(|name| Sugar::Attribute(info.class.name.name.clone(), name)),
        };
        if let Some(sugar) = given {
            self.note(e, sugar);
        }
    }

    /// Whether running through an object only looks at it: its `__iter__` may be called again.
    pub(super) fn gives_plainly(&self, fact: &Fact) -> bool {
        let iter = self.class_of(fact).and_then(|info| info.find("__iter__"));
        iter.and_then(|(iter, _)| returned(iter)).is_some_and(still)
    }

    /// What may be None, and must not be here, with what Python says where it is.
    pub(super) fn needed(&mut self, e: &Expr, fact: &Fact, said: Said) {
        let Ty::Option(inner) = &fact.ty else {
            return;
        };
        if self.recording
            && matches!(
                self.model.as_tuple(inner),
                Ty::List { .. } | Ty::Tuple(_) | Ty::Dict { .. } | Ty::Deque { .. } | Ty::Set(_)
            )
        {
            self.model.sugar.entry(e.id).or_insert(Sugar::Present(said));
        }
    }

    /// A named tuple where its items count, not their names: the tuple of them.
    pub(super) fn as_items(&mut self, e: &Expr, fact: &Fact) -> Option<Fact> {
        self.model.tuple_fields(&fact.ty)?;
        self.note(e, Sugar::Placed);
        Some(Fact::of(self.model.as_tuple(&fact.ty)))
    }

    /// Two operands, one of them a named tuple, where the other is a tuple, too.
    pub(super) fn both_as_items(
        &mut self,
        (left, a): (&Expr, &mut Fact),
        (right, b): (&Expr, &mut Fact),
    ) {
        let is_tuple = |fact: &Fact| matches!(self.model.as_tuple(&fact.ty), Ty::Tuple(_));
        if !is_tuple(a) || !is_tuple(b) {
            return;
        }
        for (operand, fact) in [(left, a), (right, b)] {
            if let Some(items) = self.as_items(operand, fact) {
                *fact = items;
            }
        }
    }

    /// The list whose items `__getitem__` gives.
    fn by_items(&self, info: &ClassInfo<'_>) -> Option<String> {
        let (function, _) = info.find("__getitem__")?;
        let ExprKind::Subscript { value, index } = &returned(function)?.kind else {
            return None;
        };
        let param = function.params.list.get(1)?;
        let name = own_attribute(value, function)?;
        let plain = matches!(&index.kind, ExprKind::Name(n) if *n == param.name.name);
        let class = self.model.classes.get(&info.class.name.name)?;
        let ordered = matches!(
            class.field(name)?.ty,
            Ty::List { .. } | Ty::Deque { .. } | Ty::Tuple(_)
        );
        (plain && ordered).then(|| name.to_string())
    }

    /// The arguments of a builtin that runs through them.
    pub(super) fn arguments_run_through(&mut self, scope: &Scope<'_>, full: &str, args: &[Expr]) {
        if !self.recording {
            return;
        }
        if let ("len", [of]) = (full, args) {
            let fact = scope.fact(of.id);
            self.row(of, &fact, false);
            self.needed(of, &fact, Said::LENGTH);
        }
        if RUN_THROUGH.contains(&full) {
            for arg in args {
                let fact = scope.fact(arg.id);
                match full {
                    "<str>.join" => self.needed(arg, &fact, Said::JOINED),
                    "reversed" => self.needed(arg, &fact, Said::REVERSED),
                    _ => {}
                }
                self.run_through(arg, &fact);
                self.as_list(full, arg, &fact);
            }
        }
    }

    /// A dict that a builtin runs through as one of lists, or a deque whose texts are joined.
    fn as_list(&mut self, full: &str, arg: &Expr, fact: &Fact) {
        match fact.ty.narrowed() {
            Ty::Dict { .. } | Ty::Record(_) if OF_LISTS.contains(&full) => {
                self.note(arg, Sugar::Keys);
            }
            Ty::Dict { .. } | Ty::Deque { .. } if full == "<str>.join" => {
                self.note(arg, Sugar::Listed);
            }
            _ => {}
        }
    }

    /// `next(x)` of an object whose `__next__` never ends.
    pub(super) fn next_item(&mut self, scope: &Scope<'_>, e: &Expr, full: &str, args: &[Expr]) {
        let ("next", [of]) = (full, args) else { return };
        let fact = scope.fact(of.id);
        let Some((function, _)) = self.class_of(&fact).and_then(|c| c.find("__next__")) else {
            return;
        };
        let mut ends = Ends(false);
        ast::visit::Visitor::visit_block(&mut ends, &function.body);
        if !ends.0 {
            self.note(e, Sugar::Next);
        }
    }

    /// `base[index] = …` of an instance.
    pub(super) fn item_is_set(&mut self, target: &Expr, base: &Fact) {
        if self
            .class_of(base)
            .is_some_and(|c| c.find("__setitem__").is_some())
        {
            self.note(target, Sugar::Item);
        }
    }

    /// `xs[flag]` of a sequence.
    pub(super) fn item_by_bool(&mut self, e: &Expr, base: &Fact, at: &Fact) {
        let sequence = matches!(base.ty.narrowed(), Ty::List { .. } | Ty::Tuple(_));
        if sequence && at.ty == Ty::Bool {
            self.note(e, Sugar::ByBool);
        }
    }

    /// `xs.count(None)` of a list whose elements may be None.
    pub(super) fn none_is_counted(
        &mut self,
        e: &Expr,
        full: &str,
        receiver: Option<&Fact>,
        args: &[Expr],
    ) {
        let ("<list>.count", Some(list), [arg]) = (full, receiver, args) else {
            return;
        };
        let optional =
            matches!(list.ty.narrowed(), Ty::List { elem, .. } if matches!(*elem, Ty::Option(_)));
        if optional && matches!(arg.kind, ExprKind::None) {
            self.note(e, Sugar::CountNone);
        }
    }

    /// `x in xs` of objects that say themselves what they are equal to.
    pub(super) fn among_equals(
        &mut self,
        e: &Expr,
        op: CompareOp,
        (left, container): (&Expr, &Expr),
        right: &Fact,
    ) {
        if !self.recording || !matches!(op, CompareOp::In | CompareOp::NotIn) {
            return;
        }
        self.needed(container, right, Said::SEARCH);
        if self
            .class_of(right)
            .is_some_and(|c| c.find("__contains__").is_none())
        {
            return self.run_through(container, right);
        }
        let elem = match right.ty.narrowed() {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => *elem,
            _ => return,
        };
        if matches!((&left.kind, &elem), (ExprKind::None, Ty::Option(_)))
            && !matches!(&e.kind, ExprKind::Compare { ops, .. } if ops.len() > 1)
        {
            return self.note(e, Sugar::AnyEqual);
        }
        let equal = self
            .class_of(&Fact::of(elem))
            .is_some_and(|c| c.find("__eq__").is_some());
        let chain = matches!(&e.kind, ExprKind::Compare { ops, .. } if ops.len() > 1);
        if equal && !chain && is_steady(left) {
            self.note(e, Sugar::AnyEqual);
        }
    }

    /// `sorted(xs)`, `min(a, b)` of objects that are ordered by `__lt__`.
    pub(super) fn ordered_by(
        &mut self,
        scope: &Scope<'_>,
        e: &Expr,
        full: &str,
        receiver: Option<&Fact>,
        args: &[Expr],
        keywords: &[Keyword],
    ) {
        let keyed = |k: &Keyword| k.name.as_ref().is_none_or(|n| n.name == "key");
        if !self.recording || keywords.iter().any(keyed) {
            return;
        }
        let several = matches!(full, "min" | "max") && args.len() > 1;
        let fact = match (full, receiver, args) {
            ("<list>.sort", Some(list), []) => list.clone(),
            ("sorted" | "min" | "max", None, [first, ..]) => scope.fact(first.id),
            _ => return,
        };
        if let ("sorted", [entries]) = (full, args)
            && let Some(key) = self.key_of_entries(entries, &fact)
        {
            self.note(e, Sugar::Key(String::new(), ITEM, Box::new(key)));
            return;
        }
        let object = match fact.ty.narrowed() {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } if !several => *elem,
            ty if several => ty,
            _ => return,
        };
        let object = Fact::of(object);
        let Some(info) = self.class_of(&object) else {
            return;
        };
        let Some(key) = compared(info).filter(|key| {
            // `max` asks `__gt__`, which may say otherwise where there is one.
            full != "max" || info.find("__gt__").is_none() || self.is_total(info, key)
        }) else {
            return;
        };
        let class = info.class.name.name.clone();
        self.note(e, Sugar::Key(class, ITEM, Box::new(key)));
    }

    /// `item[0]`, where `d.items()` are put in order whose values have none: no two keys are
    /// equal, so that the values are never compared.
    fn key_of_entries(&self, entries: &Expr, fact: &Fact) -> Option<Expr> {
        let ExprKind::Call { func, args, .. } = &entries.kind else {
            return None;
        };
        let items = matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == "items");
        let Ty::List { elem, .. } = fact.ty.narrowed() else {
            return None;
        };
        let Ty::Tuple(parts) = *elem else { return None };
        let [key, value] = parts.as_slice() else {
            return None;
        };
        if !items || !args.is_empty() || has_order(value) || !has_order(key) {
            return None;
        }
        let node = |kind| Expr {
            id: entries.id,
            span: entries.span,
            kind,
        };
        let (item, first) = (ExprKind::Name(ITEM.into()), ExprKind::Int(0.into()));
        Some(node(ExprKind::Subscript {
            value: Box::new(node(item)),
            index: Box::new(node(first)),
        }))
    }

    /// Whether what `__lt__` compares is an attribute whose order has no gaps.
    fn is_total(&self, info: &ClassInfo<'_>, key: &Expr) -> bool {
        let ExprKind::Attribute { value, attr } = &key.kind else {
            return false;
        };
        let class = self.model.classes.get(&info.class.name.name);
        let field = class.and_then(|c| c.field(&attr.name));
        matches!(value.kind, ExprKind::Name(_))
            && field.is_some_and(|f| matches!(f.ty, Ty::Int | Ty::Str))
            && info.class.generated.iter().any(|g| g == "__gt__")
    }
}

/// What `return self.x < other.x` compares, of [`ITEM`]; of a dataclass the fields in order.
fn compared(info: &ClassInfo<'_>) -> Option<Expr> {
    if let Some(made) = info.class.made.as_ref().filter(|made| made.ordered) {
        return fields(made, info.class.name.span);
    }
    let (function, _) = info.find("__lt__")?;
    let value = returned(function)?;
    let ExprKind::Compare { left, ops, rest } = &value.kind else {
        return None;
    };
    let ([CompareOp::Lt], [right]) = (ops.as_slice(), rest.as_slice()) else {
        return None;
    };
    let [own, other] = function.params.list.as_slice() else {
        return None;
    };
    if !same(left, right, &own.name.name, &other.name.name) {
        return None;
    }
    let mut key = (**left).clone();
    ast::rewrite::expr(&mut key, &mut |e| {
        if let ExprKind::Name(name) = &mut e.kind {
            *name = ITEM.to_string();
        }
    });
    Some(key)
}

/// The fields of an instance as a tuple.
fn fields(made: &Made, span: Span) -> Option<Expr> {
    // What is written out gets an id of its own.
    let node = |kind: ExprKind| Expr {
        id: NodeId(0),
        span,
        kind,
    };
    let field = |name: &String| {
        let value = Box::new(node(ExprKind::Name(ITEM.to_string())));
        let attr = Ident {
            span,
            name: name.clone(),
        };
        node(ExprKind::Attribute { value, attr })
    };
    match made.fields.as_slice() {
        [] => None,
        [one] => Some(field(one)),
        several => Some(node(ExprKind::Tuple(several.iter().map(field).collect()))),
    }
}

/// Whether two expressions differ only in the name of the instance.
fn same(a: &Expr, b: &Expr, own: &str, other: &str) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == own && b == other,
        (ExprKind::Attribute { value: a, attr: x }, ExprKind::Attribute { value: b, attr: y }) => {
            x.name == y.name && same(a, b, own, other)
        }
        (ExprKind::Tuple(a), ExprKind::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, own, other))
        }
        (ExprKind::Unary { op: x, operand: a }, ExprKind::Unary { op: y, operand: b }) => {
            x == y && same(a, b, own, other)
        }
        _ => false,
    }
}

/// The one value that a method returns, where it does nothing else.
fn returned(function: &Function) -> Option<&Expr> {
    match function.body.stmts.as_slice() {
        [one] => match &one.kind {
            StmtKind::Return(value) => value.as_ref(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an expression only looks at attributes.
fn still(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(still),
        ExprKind::Unary { operand, .. } => still(operand),
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::Bool(_) => true,
        _ => e.is_path(),
    }
}

/// `name` of `self.name`.
fn own_attribute<'e>(e: &'e Expr, function: &Function) -> Option<&'e str> {
    let own = function.params.list.first()?;
    match &e.kind {
        ExprKind::Attribute { value, attr } => {
            matches!(&value.kind, ExprKind::Name(n) if *n == own.name.name)
                .then_some(attr.name.as_str())
        }
        _ => None,
    }
}

/// Whether evaluating an expression again gives the same: a name, or a new object of literals.
fn is_steady(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => is_steady(value),
        _ => false,
    }
}

/// Whether a method ends the loop.
struct Ends(bool);

impl<'ast> ast::visit::Visitor<'ast> for Ends {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.0 |= is_end(stmt);
        ast::visit::walk_stmt(self, stmt);
    }
}
