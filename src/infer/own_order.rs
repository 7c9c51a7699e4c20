//! Objects that say themselves which comes first: by `__lt__`, or as dataclasses do.
//!
//! ```text
//! def __lt__(self, other):                  sorted(tasks, key=lambda item: (item.prio, item.id))
//!     return (self.prio, self.id) < (other.prio, other.id)
//! ```
//!
//! Enters: a call that puts objects in an order, in the last round. Leaves: a note of what their
//! order compares, which [`crate::desugar::typed`] writes as the key of the call. An order of
//! another kind is left alone. This module must not know how a key is lowered.

use super::Inference;
use super::class_info::ClassInfo;
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{
    self, BinaryOp, CompareOp, Expr, ExprKind, Function, Ident, Keyword, Made, MethodKind, NodeId,
    OF_FAMILY, Stmt, StmtKind, UnaryOp,
};
use crate::desugar::typed::{Key, Sugar};
use crate::source::Span;
use crate::ty::Ty;
use num_traits::Zero;

/// What an object is called in the key by which it is ordered.
const ITEM: &str = "item";

/// What a tuple is called in the key by which it is ordered, that ends with such an object.
const ENTRY: &str = "entry";

/// How deep methods that a key calls may call others.
const DEPTH: usize = 3;

/// What an order compares, of [`ITEM`].
#[derive(Clone)]
struct Order {
    key: Expr,
    /// The greatest key comes first.
    falls: bool,
}

impl<'a> Inference<'a> {
    /// `sorted(xs)`, `min(a, b)`, `heapq.heappop(xs)` of objects that are ordered by `__lt__`.
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
        if let ("min" | "max", None, [a, b], []) = (full, receiver, args, keywords) {
            let object = |e: &Expr| matches!(scope.fact(e.id).ty, Ty::Instance(_));
            if object(a) && object(b) && a.is_path() && b.is_path() {
                self.note(e, Sugar::Better);
            }
            return;
        }
        let heap = full.starts_with("<list>.heapq.");
        let fact = match (full, receiver, args) {
            ("<list>.sort", Some(list), []) => list.clone(),
            (_, Some(list), _) if heap => list.clone(),
            ("sorted" | "min" | "max", None, [list]) => scope.fact(list.id),
            _ => return,
        };
        if let ("sorted", [entries]) = (full, args)
            && let Some(key) = self.key_of_entries(entries, &fact)
        {
            let key = Key::of(key, ITEM);
            return self.note(e, Sugar::Key(String::new(), Box::new(key)));
        }
        let elem = match fact.ty.narrowed() {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => *elem,
            _ => return,
        };
        let Some((class, order)) = self.order_of(&elem, full == "max", e.span) else {
            return;
        };
        let constant = |k: &Keyword| {
            let reverse = k.name.as_ref().is_some_and(|n| n.name == "reverse");
            !reverse || matches!(k.value.kind, ExprKind::Bool(_))
        };
        if order.falls && !keywords.iter().all(constant) {
            return;
        }
        let of_numbers = self.is_numeric(&class, &order.key);
        let (key, falls) = match full {
            // Of no objects the error says which of the two was asked.
            "min" | "max" if order.falls => match of_numbers {
                true => (negated(&order.key), false),
                false if !keywords.is_empty() => (order.key, true),
                false => return,
            },
            _ => (order.key, order.falls),
        };
        let param = match elem {
            Ty::Tuple(_) => ENTRY,
            _ => ITEM,
        };
        let key = Key {
            falls,
            ..Key::of(key, param)
        };
        self.note(e, Sugar::Key(class, Box::new(key)));
    }

    /// The order of what a list holds: of objects of a class, or of tuples that end with one.
    fn order_of(&self, elem: &Ty, greatest: bool, span: Span) -> Option<(String, Order)> {
        match elem {
            Ty::Instance(class) => Some((class.clone(), self.order(class, greatest)?)),
            Ty::Tuple(items) => {
                let (last, before) = items.split_last()?;
                let Ty::Instance(class) = last else {
                    return None;
                };
                let order = self.order(class, greatest)?;
                let fine = !before.is_empty() && before.iter().all(|ty| self.has_order(ty));
                // Of two tuples Python looks for what differs first.
                if order.falls || !fine || !self.equals_have_one_key(class, &order.key) {
                    return None;
                }
                let at = |i: usize| {
                    let value = Box::new(node(ExprKind::Name(ENTRY.to_string()), span));
                    let index = Box::new(node(ExprKind::Int(i.into()), span));
                    node(ExprKind::Subscript { value, index }, span)
                };
                let mut parts: Vec<Expr> = (0..before.len()).map(at).collect();
                let mut last = order.key;
                ast::rewrite::expr(&mut last, &mut |e| {
                    if matches!(&e.kind, ExprKind::Name(n) if n == ITEM) {
                        e.kind = at(before.len()).kind;
                    }
                });
                parts.push(last);
                let key = node(ExprKind::Tuple(parts), span);
                Some((class.clone(), Order { key, falls: false }))
            }
            _ => None,
        }
    }

    /// The classes whose objects may stand where one of that class does.
    fn classes_of(&self, class: &str) -> Option<Vec<&ClassInfo<'a>>> {
        let own = self.classes.get(class)?;
        if own.class.variants.is_empty() {
            return Some(vec![own]);
        }
        let of = |variant: &String| {
            let whole = format!("{class}{OF_FAMILY}{variant}");
            self.classes
                .get(whole.as_str())
                .or_else(|| self.classes.get(variant.as_str()))
        };
        own.class.variants.iter().map(of).collect()
    }

    /// What decides which of two objects of a class comes first: the same for all of its family.
    fn order(&self, class: &str, greatest: bool) -> Option<Order> {
        let classes = self.classes_of(class)?;
        let made = |info: &&ClassInfo<'_>| info.class.made.as_ref().is_some_and(|m| m.ordered);
        if let [info] = classes.as_slice()
            && made(info)
        {
            let key = fields(info.class.made.as_ref()?, info.class.name.span)?;
            return Some(Order { key, falls: false });
        }
        if classes.iter().any(made) {
            return None;
        }
        let first = classes.first()?;
        let alike = |method: &str| {
            let own = first.find(method).map(|(f, _)| f.name.span);
            let same = |info: &&ClassInfo<'_>| info.find(method).map(|(f, _)| f.name.span) == own;
            classes.iter().all(same)
        };
        if !["__lt__", "__gt__", "__eq__"].into_iter().all(alike) {
            return None;
        }
        let compared = |method: &str| {
            let (function, _) = first.find(method)?;
            let known = |name: &str| is_of(name, class, &classes);
            let order = compared(function, &known)?;
            self.is_plain_key(&order.key, &classes, DEPTH)
                .then_some(order)
        };
        let less = match first.find("__lt__") {
            Some(_) => compared("__lt__")?,
            // `a < b` asks `b.__gt__(a)`.
            None => compared("__gt__").map(turned)?,
        };
        // `max` asks `__gt__`, which may say otherwise where there is one.
        if greatest && first.find("__lt__").is_some() && first.find("__gt__").is_some() {
            let same = match compared("__gt__").map(turned) {
                Some(more) => more.falls == less.falls && same_key(&more.key, &less.key),
                // `not a < b and a != b`
                None => {
                    let derived = first.class.generated.iter().any(|g| g == "__gt__");
                    let equal = first.find("__eq__").and_then(|(f, _)| {
                        let known = |name: &str| is_of(name, class, &classes);
                        equated(f, &known)
                    });
                    derived
                        && self.is_total(class, &less.key)
                        && equal.is_some_and(|key| same_key(&key, &less.key))
                }
            };
            if !same {
                return None;
            }
        }
        Some(less)
    }

    /// Whether objects that are equal have the same key.
    fn equals_have_one_key(&self, class: &str, key: &Expr) -> bool {
        let Some(classes) = self.classes_of(class) else {
            return false;
        };
        classes.iter().all(|info| {
            let Some((function, _)) = info.find("__eq__") else {
                return true;
            };
            let known = |name: &str| is_of(name, class, &classes);
            equated(function, &known).is_some_and(|equal| {
                let equal = parts(&equal);
                parts(key)
                    .iter()
                    .all(|part| equal.iter().any(|e| same_key(e, part)))
            })
        })
    }

    /// Whether computing a key does nothing else, and gives the same each time: Python asks for it
    /// as often as it compares, and of one object alone not at all.
    fn is_plain_key(&self, e: &Expr, classes: &[&ClassInfo<'a>], depth: usize) -> bool {
        let all = |es: &[Expr]| es.iter().all(|e| self.is_plain_key(e, classes, depth));
        let of_item = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == ITEM);
        // What a method of the object gives.
        let asked = |name: &str, kind: MethodKind| {
            let value = |info: &&ClassInfo<'a>| {
                let (function, found) = info.find(name)?;
                let [own] = function.params.list.as_slice() else {
                    return None;
                };
                let value = returned(function).filter(|_| found == kind)?;
                Some(renamed(value, &own.name.name))
            };
            let given = |info: &&ClassInfo<'a>| {
                depth > 0 && value(info).is_some_and(|v| self.is_plain_key(&v, &[*info], depth - 1))
            };
            classes.iter().all(given)
        };
        let is_method = |of: &Expr, name: &str| {
            let has = |info: &ClassInfo<'a>| info.find(name).is_some();
            match of_item(of) {
                true => classes.iter().any(|info| has(info)),
                false => self.classes.values().any(has),
            }
        };
        match &e.kind {
            ExprKind::Name(name) => name == ITEM,
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::Bool(_) => true,
            ExprKind::Tuple(items) => all(items),
            ExprKind::Attribute { value, attr } if is_method(value, &attr.name) => {
                of_item(value) && asked(&attr.name, MethodKind::Property)
            }
            ExprKind::Attribute { value, .. } => self.is_plain_key(value, classes, depth),
            ExprKind::Unary { operand, .. } => self.is_plain_key(operand, classes, depth),
            ExprKind::Binary { op, left, right } => {
                let fine = match op {
                    BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => true,
                    BinaryOp::Div => match &right.kind {
                        ExprKind::Int(n) => !n.is_zero(),
                        ExprKind::Float(x) => *x != 0.0,
                        _ => false,
                    },
                    BinaryOp::Pow => {
                        matches!(&right.kind, ExprKind::Int(n) if *n == 2.into() || *n == 3.into())
                    }
                    _ => false,
                };
                fine && self.is_plain_key(left, classes, depth)
                    && self.is_plain_key(right, classes, depth)
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() => match (&func.kind, args.as_slice()) {
                (ExprKind::Name(name), [_]) if matches!(name.as_str(), "abs" | "len") => {
                    !self.functions.contains_key(name) && all(args)
                }
                (ExprKind::Attribute { value, attr }, []) => {
                    of_item(value) && asked(&attr.name, MethodKind::Method)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether two keys are in order, or equal.
    fn is_total(&self, class: &str, key: &Expr) -> bool {
        match &key.kind {
            ExprKind::Tuple(items) => items.iter().all(|item| self.is_total(class, item)),
            ExprKind::Unary { operand, .. } => self.is_total(class, operand),
            _ => self.field_of(class, key).is_some_and(|ty| is_total(&ty)),
        }
    }

    /// Whether a key is of numbers alone, so that the negative of it is in the contrary order.
    fn is_numeric(&self, class: &str, key: &Expr) -> bool {
        match &key.kind {
            ExprKind::Tuple(items) => items.iter().all(|item| self.is_numeric(class, item)),
            ExprKind::Unary { op, operand } => {
                *op != UnaryOp::Not && self.is_numeric(class, operand)
            }
            _ => {
                let number = |ty: Ty| matches!(ty, Ty::Int | Ty::Float | Ty::Number);
                self.field_of(class, key).is_some_and(number)
            }
        }
    }

    /// The type of `item.prio`.
    fn field_of(&self, class: &str, key: &Expr) -> Option<Ty> {
        let ExprKind::Attribute { value, attr } = &key.kind else {
            return None;
        };
        let ExprKind::Name(_) = value.kind else {
            return None;
        };
        let class = self.model.classes.get(class)?;
        Some(class.field(&attr.name)?.ty.clone())
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
        if !items || !args.is_empty() || self.has_order(value) || !self.has_order(key) {
            return None;
        }
        let span = entries.span;
        let item = node(ExprKind::Name(ITEM.into()), span);
        let first = node(ExprKind::Int(0.into()), span);
        let kind = ExprKind::Subscript {
            value: Box::new(item),
            index: Box::new(first),
        };
        Some(node(kind, span))
    }
}

/// What a key compares, one after the other.
fn parts(key: &Expr) -> Vec<&Expr> {
    match &key.kind {
        ExprKind::Tuple(items) => items.iter().collect(),
        _ => vec![key],
    }
}

/// Whether a value is of a class wherever one of those is: `isinstance(other, Task)`.
fn is_of(name: &str, class: &str, classes: &[&ClassInfo<'_>]) -> bool {
    let own = |info: &&ClassInfo<'_>| {
        let whole = &info.class.name.name;
        let plain = whole.rsplit(OF_FAMILY).next().unwrap_or(whole);
        plain == name || whole == name || info.class.ancestors.iter().any(|a| a == name)
    };
    name == class || classes.iter().all(own)
}

fn is_total(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Str | Ty::Bool => true,
        Ty::Tuple(items) => items.iter().all(is_total),
        Ty::List { elem, .. } if ty.is_long_tuple() => is_total(elem),
        _ => false,
    }
}

/// What is written out gets an id of its own.
fn node(kind: ExprKind, span: Span) -> Expr {
    Expr {
        id: NodeId(0),
        span,
        kind,
    }
}

fn turned(order: Order) -> Order {
    Order {
        falls: !order.falls,
        ..order
    }
}

/// `-key`, part by part.
fn negated(key: &Expr) -> Expr {
    match &key.kind {
        ExprKind::Tuple(items) => {
            let items = items.iter().map(negated).collect();
            node(ExprKind::Tuple(items), key.span)
        }
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => (**operand).clone(),
        _ => {
            let operand = Box::new(key.clone());
            let op = UnaryOp::Neg;
            node(ExprKind::Unary { op, operand }, key.span)
        }
    }
}

/// What an `__lt__` compares: `return self.x < other.x`, and
/// `if self.x != other.x: return self.x < other.x` before it.
fn compared(function: &Function, known: &dyn Fn(&str) -> bool) -> Option<Order> {
    let sides = Sides::of(function)?;
    let mut parts = Vec::new();
    let mut falls = None;
    let mut stmts = sides.of_own_kind(&function.body.stmts, known);
    loop {
        let (first, rest) = stmts.split_first()?;
        let (value, decides) = match &first.kind {
            StmtKind::Return(Some(value)) if rest.is_empty() => (value, None),
            StmtKind::If { test, body, orelse } => match (body.stmts.as_slice(), orelse) {
                ([one], orelse) if orelse.stmts.is_empty() => match &one.kind {
                    StmtKind::Return(Some(value)) => (value, Some(test)),
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        let (key, turned) = sides.less(value)?;
        if *falls.get_or_insert(turned) != turned {
            return None;
        }
        if let Some(test) = decides
            && !sides.apart(test, &key)
        {
            return None;
        }
        match key.kind {
            ExprKind::Tuple(items) => parts.extend(items),
            kind => parts.push(Expr { kind, ..key }),
        }
        match decides {
            Some(_) => stmts = rest,
            None => break,
        }
    }
    let span = function.name.span;
    let key = match <[Expr; 1]>::try_from(parts) {
        Ok([one]) => one,
        Err(parts) => node(ExprKind::Tuple(parts), span),
    };
    let falls = falls?;
    Some(Order { key, falls })
}

/// What an `__eq__` compares: `return self.x == other.x`.
fn equated(function: &Function, known: &dyn Fn(&str) -> bool) -> Option<Expr> {
    let sides = Sides::of(function)?;
    let [one] = sides.of_own_kind(&function.body.stmts, known) else {
        return None;
    };
    let StmtKind::Return(Some(value)) = &one.kind else {
        return None;
    };
    let values = match &value.kind {
        ExprKind::Logical {
            op: ast::BoolOp::And,
            values,
        } => values.iter().collect(),
        _ => vec![value],
    };
    let mut parts = Vec::new();
    for value in values {
        let (key, CompareOp::Eq) = sides.both(value)? else {
            return None;
        };
        match key.kind {
            ExprKind::Tuple(items) => parts.extend(items),
            kind => parts.push(Expr { kind, ..key }),
        }
    }
    match <[Expr; 1]>::try_from(parts) {
        Ok([one]) => Some(one),
        Err(parts) => Some(node(ExprKind::Tuple(parts), function.name.span)),
    }
}

/// What the two objects are called in a comparison's method.
struct Sides<'f> {
    own: &'f str,
    other: &'f str,
}

impl<'f> Sides<'f> {
    fn of(function: &'f Function) -> Option<Self> {
        match function.params.list.as_slice() {
            [own, other] if function.decorators.is_empty() => Some(Self {
                own: &own.name.name,
                other: &other.name.name,
            }),
            _ => None,
        }
    }

    /// What is done for objects of the own kind: behind `if not isinstance(other, Task): return
    /// NotImplemented`.
    fn of_own_kind<'s>(&self, stmts: &'s [Stmt], known: &dyn Fn(&str) -> bool) -> &'s [Stmt] {
        let asks = |e: &Expr| match &e.kind {
            ExprKind::Call { func, args, .. } => match (&func.kind, args.as_slice()) {
                (ExprKind::Name(f), [what, of]) => {
                    let named = |e: &Expr, is: &dyn Fn(&str) -> bool| matches!(&e.kind, ExprKind::Name(n) if is(n));
                    f == "isinstance" && named(what, &|n| n == self.other) && named(of, known)
                }
                _ => false,
            },
            _ => false,
        };
        let Some((first, rest)) = stmts.split_first() else {
            return stmts;
        };
        let StmtKind::If { test, body, orelse } = &first.kind else {
            return stmts;
        };
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } if asks(operand) && orelse.stmts.is_empty() => {
                let ends = body.stmts.last().is_some_and(|s| {
                    matches!(s.kind, StmtKind::Return(_) | StmtKind::Raise { .. })
                });
                if ends { rest } else { stmts }
            }
            _ if asks(test) => &body.stmts,
            _ => stmts,
        }
    }

    /// `self.x < other.x`: what is compared of [`ITEM`], and how.
    fn both(&self, e: &Expr) -> Option<(Expr, CompareOp)> {
        let ExprKind::Compare { left, ops, rest } = &e.kind else {
            return None;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
            return None;
        };
        // `other.x > self.x` is the same the other way round.
        let (mine, theirs, op) = match names(left, self.own) {
            true => (&**left, right, *op),
            false => (right, &**left, mirrored(*op)?),
        };
        let fine = names(mine, self.own) && !names(mine, self.other) && !names(theirs, self.own);
        let (mine, theirs) = (renamed(mine, self.own), renamed(theirs, self.other));
        (fine && same_key(&mine, &theirs)).then_some((mine, op))
    }

    /// The key of a comparison that says which comes first, and whether that is the greatest.
    fn less(&self, e: &Expr) -> Option<(Expr, bool)> {
        match self.both(e)? {
            (key, CompareOp::Lt) => Some((key, false)),
            (key, CompareOp::Gt) => Some((key, true)),
            _ => None,
        }
    }

    /// Whether a test holds where that key differs.
    fn apart(&self, test: &Expr, key: &Expr) -> bool {
        match self.both(test) {
            Some((of, CompareOp::NotEq)) => same_key(&of, key),
            _ => false,
        }
    }
}

fn mirrored(op: CompareOp) -> Option<CompareOp> {
    Some(match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Eq => CompareOp::Eq,
        CompareOp::NotEq => CompareOp::NotEq,
        _ => return None,
    })
}

/// An expression of that object as one of [`ITEM`].
fn renamed(e: &Expr, own: &str) -> Expr {
    let mut key = e.clone();
    ast::rewrite::expr(&mut key, &mut |e| {
        if let ExprKind::Name(name) = &mut e.kind
            && name == own
        {
            *name = ITEM.to_string();
        }
    });
    key
}

/// Whether an expression names something.
fn names(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
        || ast::visit::children(e).into_iter().any(|e| names(e, name))
}

/// The fields of an instance as a tuple.
fn fields(made: &Made, span: Span) -> Option<Expr> {
    let field = |name: &String| {
        let value = Box::new(node(ExprKind::Name(ITEM.to_string()), span));
        let attr = Ident {
            span,
            name: name.clone(),
        };
        node(ExprKind::Attribute { value, attr }, span)
    };
    match made.fields.as_slice() {
        [] => None,
        [one] => Some(field(one)),
        several => {
            let items = several.iter().map(field).collect();
            Some(node(ExprKind::Tuple(items), span))
        }
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

/// Whether two keys are written the same.
fn same_key(a: &Expr, b: &Expr) -> bool {
    let here = match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Attribute { attr: a, .. }, ExprKind::Attribute { attr: b, .. }) => {
            a.name == b.name
        }
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Float(a), ExprKind::Float(b)) => a == b,
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Bool(a), ExprKind::Bool(b)) => a == b,
        (ExprKind::Tuple(_), ExprKind::Tuple(_)) => true,
        (ExprKind::Unary { op: a, .. }, ExprKind::Unary { op: b, .. }) => a == b,
        (ExprKind::Binary { op: a, .. }, ExprKind::Binary { op: b, .. }) => a == b,
        (ExprKind::Call { keywords: a, .. }, ExprKind::Call { keywords: b, .. }) => {
            a.is_empty() && b.is_empty()
        }
        _ => false,
    };
    let (a, b) = (ast::visit::children(a), ast::visit::children(b));
    here && a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| same_key(a, b))
}
