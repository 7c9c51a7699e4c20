//! What only types tell of the syntax: where an operation is a call of an instance's method.
//!
//! Enters: an expression and its fact, in the last round. Leaves: a note in the model of what
//! stands there, which [`crate::desugar::typed`] writes out; the problem that is reported
//! beside it is gone with the next look. This module must not know how it is written out.

use super::Inference;
use super::class_info::{ClassInfo, assigned_attributes};
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{self, CompareOp, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::desugar::typed::present::Said;
use crate::desugar::typed::{Sugar, is_end};
use crate::ty::{ListKind, Ty};

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

    /// An index of a list that may be None, and must not be.
    pub(super) fn needed_index(&mut self, index: &Expr, base: &Fact, at: &mut Fact) {
        let of_list = matches!(
            base.ty,
            Ty::List {
                kind: ListKind::List,
                ..
            }
        );
        if of_list && matches!(&at.ty, Ty::Option(inner) if **inner == Ty::Int) {
            if self.recording {
                let said = Sugar::Present(Said::INDEX);
                self.model.sugar.entry(index.id).or_insert(said);
            }
            at.ty = Ty::Int;
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
        (wanted, right): (&Fact, &Fact),
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
        let item = Fact::of(elem);
        // One that changes the object is not asked in a row.
        let quiet = |function: &Function| {
            let own = function.params.list.first();
            let mut set = Vec::new();
            if let Some(own) = own {
                assigned_attributes(&function.body, &own.name.name, &mut set);
            }
            set.is_empty()
        };
        let equal = self
            .class_of(&item)
            .is_some_and(|c| c.find("__eq__").is_some_and(|(f, _)| quiet(f)));
        let chain = matches!(&e.kind, ExprKind::Compare { ops, .. } if ops.len() > 1);
        if chain {
            return;
        }
        if equal && is_steady(left) {
            return self.note(e, Sugar::AnyEqual);
        }
        let by_fields = self.compares_by_fields(CompareOp::Eq, &item, &item);
        let list = matches!(right.ty.narrowed(), Ty::List { .. });
        if list && (equal || by_fields) && wanted.ty == item.ty && container.is_path() {
            self.note(e, Sugar::Contains);
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
