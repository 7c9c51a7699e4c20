//! What only types tell: operations on instances that are calls of their methods.
//!
//! Enters: the module, and what inference found to stand at some of its nodes. Leaves: the
//! same module with that written out: `grid[x, y] = v` as `grid.__setitem__((x, y), v)`, a
//! loop over an object as one over what its `__iter__` gives, `min(tasks)` with the key that
//! `__lt__` compares. Inference looks at the result once more. This module must not know how
//! types are found.

pub mod present;
mod reached;
mod stars;

use super::build::Build;
use super::copies;
use super::keywords::is_literal;
use super::names::free;
use super::statements::rewritten;
use crate::ast::{
    self, BinaryOp, Block, CompareOp, ComprehensionKind, Expr, ExprKind, Function, Keyword, Module,
    NodeId, ParamKind, Params, Stmt, StmtKind, UnaryOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The function that gives a list of so many elements as an array: `exactly(xs, 3)`.
pub const EXACTLY: &str = "spread.exactly";

/// The function that gives a list of that many elements or more: `at_least(xs, 2)`.
pub const AT_LEAST: &str = "spread.at_least";

/// What stands at a node.
#[derive(Debug, Clone)]
pub enum Sugar {
    /// An object of that class that is run through: its attribute of that name.
    Attribute(String, String),
    /// An object that is run through: what its `__iter__` returns.
    Items,
    /// A loop over an object of that class whose `__next__` gives one item after the other,
    /// and whether its `__iter__` does anything.
    Loop(String, bool),
    /// `next(x)` of an object whose `__next__` never ends.
    Next,
    /// An item of an object, as the target of an assignment.
    Item,
    /// `x in xs` of objects with an `__eq__`.
    AnyEqual,
    /// `x in xs` of such objects, as the method of the list.
    Contains,
    /// What is read or written by that key, a field in Rust: `payload["x"]`, `tov.get("x")`.
    Field(String),
    /// A Rust tuple of that many fields where Python runs through a list: as such a list, or
    /// as a tuple, which may hold values of several types.
    Row(usize, bool),
    /// An item of a list by a bool.
    ByBool,
    /// `d.update(key=value, …)` of a dict: its entries are assigned.
    Entries,
    /// A dict whose keys are run through: `d.keys()`.
    Keys,
    /// What stands where only lists do: `list(xs)`.
    Listed,
    /// `d.copy()` of a dict of literal keys.
    DictCopy,
    /// A tuple that `%` puts into a text, a named tuple that is run through: its items.
    Placed,
    /// What may be None where Python needs a list or a tuple, or targets that take such apart,
    /// and what it says then.
    Present(present::Said),
    /// `xs.count(None)`
    CountNone,
    /// A `*` in a call or display that gives, from that item on, that many.
    Spread(usize, usize),
    /// The first of so many items that a `*` gives to parameters, of a list of any length.
    Exactly(usize),
    /// A `*` of a list of any length, where a call takes that many.
    ExactStar(usize),
    /// The targets of the module that take a list apart.
    Parts,
    /// What is known to have the length that is asked for: the argument itself.
    Known,
    /// `max(*xs)` of a list of any length.
    Gathered,
    /// `zip(*rows)` of rows of any number, whose columns are lists; of such as are unpacked, into
    /// how many names.
    Columns(Option<usize>),
    /// The target `first, *rest` of a value with that many items.
    Rest(usize),
    /// The target `xs[a:b]`, of a list that keeps its length, from that place to that one: its
    /// items.
    Part(usize, usize),
    /// What a `*` gives, and may be looked up for each item of it.
    Again,
    /// What a loop runs through: a few containers, for each of which its body stands by itself.
    Unrolled,
    /// A dict of these keys that a `**` gives to a call.
    ByName(Vec<String>),
    /// A list that is put together of others, and of each `*` in it whether it is of a list.
    Concat(Vec<bool>),
    /// A call, or an operator, that goes to a copy of that function, which is called after
    /// the kind of values that it takes.
    Copy(String, String),
    /// A parameter that is never None, and gets None in the function: a variable of that name.
    Rebound,
    /// A call that orders objects of that class by their `__lt__`.
    Key(String, Box<Key>),
    /// `max(a, b)` of two objects: one of them, as they compare.
    Better,
}

/// What an order of objects compares.
#[derive(Debug, Clone)]
pub struct Key {
    /// What the object is called.
    pub param: &'static str,
    /// What is compared of it.
    pub value: Expr,
    /// Whether the greatest comes first.
    pub falls: bool,
}

impl Key {
    /// The least of these comes first.
    pub fn of(value: Expr, param: &'static str) -> Self {
        Self {
            param,
            value,
            falls: false,
        }
    }
}

/// Where the calls of a function by itself go in its copies: by its key and the suffix of the
/// copy, for each such call the suffix of the copy that it goes to.
pub type Recursions = BTreeMap<(String, String), BTreeMap<NodeId, String>>;

/// Rewrites the module.
pub fn by_type(module: &mut Module, found: &BTreeMap<NodeId, Sugar>, recursions: &Recursions) {
    let mut next_id = module.node_count;
    let mut taken = super::callables::module_bound(module);
    let wanted: BTreeSet<(String, String)> = found
        .values()
        .filter_map(|sugar| match sugar {
            Sugar::Copy(key, suffix) => Some((key.clone(), suffix.clone())),
            _ => None,
        })
        .collect();
    let wanted = super::by_kind::reached(wanted, recursions);
    let copies = super::by_kind::copied(module, &wanted, recursions, &mut taken, &mut next_id);
    let mut outer = present::Outer::default();
    ast::visit::Visitor::visit_block(&mut outer, &module.body);
    let mut work = Work {
        found,
        outer: outer.names,
        properties: outer.properties,
        copies,
        names: BTreeSet::new(),
        kept: BTreeSet::new(),
        next_id: &mut next_id,
        ended: BTreeSet::new(),
    };
    rewritten(&mut module.body, &mut taken, &mut |stmt, out, taken| {
        work.stmt(stmt, out, taken)
    });
    let ended = work.ended;
    for stmt in &mut module.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind {
            rebound(function, found, &mut next_id);
        }
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        for inner in &mut class.body.stmts {
            if let StmtKind::Function(method) = &mut inner.kind {
                rebound(method, found, &mut next_id);
            }
        }
        for sugar in found.values() {
            // What is written out, nobody has to call.
            match sugar {
                Sugar::Attribute(of, _) | Sugar::Loop(of, false) if *of == class.name.name => {
                    class.generated.push("__iter__".to_string());
                }
                Sugar::Key(of, _) if is_or_belongs_to(&class.name.name, of) => {
                    class.generated.push("__lt__".to_string());
                }
                _ => {}
            }
        }
        if ended.contains(&class.name.name) {
            for inner in &mut class.body.stmts {
                if let StmtKind::Function(f) = &mut inner.kind
                    && f.name.name == "__next__"
                {
                    end_by_none(&mut f.body, &mut next_id);
                }
            }
        }
    }
    module.node_count = next_id;
}

/// Whether a class is that one, or one of its family.
fn is_or_belongs_to(class: &str, of: &str) -> bool {
    let family = class.split_once(ast::OF_FAMILY).map(|(family, _)| family);
    class == of || family == Some(of)
}

/// Begins with `node = node` for a parameter that gets None: the variable is an option.
fn rebound(function: &mut Function, found: &BTreeMap<NodeId, Sugar>, next_id: &mut u32) {
    let own = function.params.list.iter();
    let own = own.filter(|p| matches!(found.get(&p.id), Some(Sugar::Rebound)));
    let names: Vec<String> = own.map(|p| p.name.name.clone()).collect();
    let mut build = Build {
        next_id,
        span: function.name.span,
    };
    for name in names.into_iter().rev() {
        let (target, value) = (build.name(&name), build.name(&name));
        let stmt = build.assign(target, value);
        function.body.stmts.insert(0, stmt);
    }
}

/// None where a `__next__` raises `StopIteration`.
fn end_by_none(block: &mut Block, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        if is_end(stmt) {
            let mut build = Build {
                next_id,
                span: stmt.span,
            };
            stmt.kind = StmtKind::Return(Some(build.expr(ExprKind::None)));
        }
        for inner in ast::blocks_mut(stmt) {
            end_by_none(inner, next_id);
        }
    }
}

/// `raise StopIteration`
pub fn is_end(stmt: &Stmt) -> bool {
    let StmtKind::Raise { exc: Some(exc), .. } = &stmt.kind else {
        return false;
    };
    let named = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == "StopIteration");
    match &exc.kind {
        ExprKind::Call { func, args, .. } => args.is_empty() && named(func),
        _ => named(exc),
    }
}

/// The dict of `d.update(…)`, and what it is given for keys that are written there: each once.
pub fn given_entries(e: &Expr) -> Option<(&Expr, Vec<(&str, &Expr)>)> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let ExprKind::Attribute { value: dict, attr } = &func.kind else {
        return None;
    };
    let mut given: Vec<(&str, &Expr)> = Vec::new();
    match args.as_slice() {
        [] => {}
        [one] => {
            let ExprKind::Dict(items) = &one.kind else {
                return None;
            };
            for (key, value) in items {
                match key.as_ref().map(|k| &k.kind) {
                    Some(ExprKind::Str(key)) => given.push((key, value)),
                    _ => return None,
                }
            }
        }
        _ => return None,
    }
    for keyword in keywords {
        given.push((&keyword.name.as_ref()?.name, &keyword.value));
    }
    let keys: BTreeSet<&str> = given.iter().map(|(key, _)| *key).collect();
    let fits = attr.name == "update" && dict.is_path() && !given.is_empty();
    (fits && keys.len() == given.len()).then_some((&**dict, given))
}

struct Work<'f, 'n> {
    found: &'f BTreeMap<NodeId, Sugar>,
    /// The names that functions have of the module or of a function around them.
    outer: BTreeSet<String>,
    /// The names of properties.
    properties: BTreeSet<String>,
    /// What copies of functions are called.
    copies: BTreeMap<(String, String), String>,
    next_id: &'n mut u32,
    /// The names of the function.
    names: BTreeSet<String>,
    /// The names that were given to what a `*` stands for.
    kept: BTreeSet<String>,
    /// The classes whose `__next__` gives None at the end.
    ended: BTreeSet<String>,
}

impl Work<'_, '_> {
    fn stmt(&mut self, mut stmt: Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let within = ast::blocks_mut(&mut stmt);
        let done: Vec<Block> = within.into_iter().map(std::mem::take).collect();
        let written = self.item(&mut stmt, out, taken);
        if !written {
            std::mem::swap(&mut self.names, taken);
            ast::rewrite::stmt(&mut stmt, &mut |e| self.expr(e));
            std::mem::swap(&mut self.names, taken);
            if !self.kept.is_empty() {
                ast::rewrite::stmt(&mut stmt, &mut |e| self.kept_in_turn(e));
            }
        }
        for (place, block) in ast::blocks_mut(&mut stmt).into_iter().zip(done) {
            *place = block;
        }
        self.loop_(&mut stmt, out, taken);
        self.present(&mut stmt, out, taken);
        self.entries(&mut stmt);
        self.rest(&mut stmt, out, taken);
        if let Some(stmts) = self.parts_of_list(&stmt, taken) {
            out.extend(stmts);
            return;
        }
        self.items_of_part(&mut stmt);
        match self.unrolled(&stmt) {
            Some(stmts) => out.extend(stmts),
            None => out.push(stmt),
        }
    }

    /// `a.clear()` and `b.clear()` for `for xs in (a, b): xs.clear()`.
    fn unrolled(&mut self, stmt: &Stmt) -> Option<Vec<Stmt>> {
        let StmtKind::For {
            target, iter, body, ..
        } = &stmt.kind
        else {
            return None;
        };
        let (ExprKind::Name(name), ExprKind::Tuple(items) | ExprKind::List(items)) =
            (&target.kind, &iter.kind)
        else {
            return None;
        };
        if !matches!(self.found.get(&iter.id), Some(Sugar::Unrolled)) {
            return None;
        }
        let mut out = Vec::new();
        for (turn, item) in items.iter().enumerate() {
            for (place, own) in body.stmts.iter().enumerate() {
                let mut own = own.clone();
                ast::rewrite::stmt(&mut own, &mut |e| {
                    if matches!(&e.kind, ExprKind::Name(n) if n == name) {
                        e.kind = item.kind.clone();
                    }
                });
                copies::stmt(&mut own, self.next_id);
                if (turn, place) == (0, 0) {
                    let comments = stmt.comments.iter().cloned();
                    own.comments = comments.chain(own.comments).collect();
                    own.blank_before = stmt.blank_before;
                }
                out.push(own);
            }
        }
        Some(out)
    }

    /// `values = exactly(xs, 2)`, `a = values[0]`, `b = values[1]` for `a, b = xs` of the module.
    fn parts_of_list(&mut self, stmt: &Stmt, taken: &mut BTreeSet<String>) -> Option<Vec<Stmt>> {
        let (target, value) = stmt.assigned()?;
        let (ExprKind::Tuple(names) | ExprKind::List(names)) = &target.kind else {
            return None;
        };
        if !matches!(self.found.get(&target.id), Some(Sugar::Parts)) {
            return None;
        }
        let name = free("values", taken);
        let mut build = self.build(value);
        let count = build.expr(ExprKind::Int(names.len().into()));
        let exactly = build.name(EXACTLY);
        let all = build.call(exactly, vec![value.clone(), count]);
        let place = build.name(&name);
        let mut first = build.assign(place, all);
        first.span = stmt.span;
        first.blank_before = stmt.blank_before;
        first.comments.clone_from(&stmt.comments);
        first.line_comment.clone_from(&stmt.line_comment);
        let mut out = vec![first];
        for (i, target) in names.iter().enumerate() {
            let held = self.build(value).name(&name);
            let item = self.item_at(held, i);
            let mut build = self.build(target);
            let mut one = build.assign(target.clone(), item);
            one.span = stmt.span;
            out.push(one);
        }
        Some(out)
    }

    /// `first, rest = xs[0], [xs[1], xs[2]]` for `first, *rest = xs`.
    fn rest(&mut self, stmt: &mut Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let span = stmt.span;
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return;
        };
        let [target] = targets.as_mut_slice() else {
            return;
        };
        let Some(Sugar::Rest(count)) = self.found.get(&target.id) else {
            return;
        };
        let (ExprKind::Tuple(items) | ExprKind::List(items)) = &mut target.kind else {
            return;
        };
        let of = match value.is_place() {
            true => value.clone(),
            false => {
                let name = free("items", taken);
                let mut build = self.build(value);
                let place = build.name(&name);
                let mut assign = build.assign(place, value.clone());
                assign.span = span;
                assign.blank_before = std::mem::take(&mut stmt.blank_before);
                assign.comments = std::mem::take(&mut stmt.comments);
                out.push(assign);
                self.build(value).name(&name)
            }
        };
        let rest = (count + 1).saturating_sub(items.len());
        let mut at = 0;
        let mut values = Vec::new();
        for item in items {
            match &item.kind {
                ExprKind::Starred(inner) => {
                    *item = (**inner).clone();
                    let own = (at..at + rest).map(|i| self.item_at(of.clone(), i));
                    let own = own.collect();
                    values.push(self.build(&of).expr(ExprKind::List(own)));
                    at += rest;
                }
                _ => {
                    values.push(self.item_at(of.clone(), at));
                    at += 1;
                }
            }
        }
        *value = self.build(&of).expr(ExprKind::Tuple(values));
    }

    /// `xs[0], xs[1] = ys` for `xs[:2] = ys`.
    fn items_of_part(&mut self, stmt: &mut Stmt) {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return;
        };
        if let ([target], ExprKind::List(items)) = (targets.as_slice(), &mut value.kind)
            && matches!(self.found.get(&target.id), Some(Sugar::Part(..)))
        {
            value.kind = ExprKind::Tuple(std::mem::take(items));
        }
        for target in targets {
            let (Some(Sugar::Part(from, to)), ExprKind::Subscript { value, .. }) =
                (self.found.get(&target.id), &target.kind)
            else {
                continue;
            };
            let (list, span) = ((**value).clone(), target.span);
            let items = (*from..*to).map(|i| self.item_at(list.clone(), i));
            let items = items.map(|item| Expr { span, ..item }).collect();
            *target = self.build(&list).expr(ExprKind::Tuple(items));
        }
    }

    /// `d["a"], d["b"] = x, y` for `d.update(a=x, b=y)`.
    fn entries(&mut self, stmt: &mut Stmt) {
        let StmtKind::Expr(e) = &stmt.kind else {
            return;
        };
        if !matches!(self.found.get(&e.id), Some(Sugar::Entries)) {
            return;
        }
        let Some((dict, given)) = given_entries(e) else {
            return;
        };
        let (mut targets, mut values) = (Vec::new(), Vec::new());
        for (key, value) in given {
            let held = self.copy(dict);
            let mut build = self.build(e);
            let key = build.expr(ExprKind::Str(key.to_string()));
            targets.push(build.expr(ExprKind::Subscript {
                value: Box::new(held),
                index: Box::new(key),
            }));
            values.push(value.clone());
        }
        let mut build = self.build(e);
        let (target, value) = match (targets.pop(), values.pop()) {
            (Some(target), Some(value)) if targets.is_empty() => (target, value),
            (Some(target), Some(value)) => {
                targets.push(target);
                values.push(value);
                let target = build.expr(ExprKind::Tuple(targets));
                (target, build.expr(ExprKind::Tuple(values)))
            }
            _ => return,
        };
        let targets = vec![target];
        stmt.kind = StmtKind::Assign { targets, value };
    }

    fn build(&mut self, at: &Expr) -> Build<'_> {
        Build {
            next_id: self.next_id,
            span: at.span,
        }
    }

    fn copy(&mut self, e: &Expr) -> Expr {
        let mut e = e.clone();
        copies::expr(&mut e, self.next_id);
        e
    }

    /// Gives a call the key that it orders by.
    fn by_key(&mut self, e: &mut Expr, key: &Key) {
        let body = Box::new(self.copy(&key.value));
        let mut build = Build {
            next_id: self.next_id,
            span: e.span,
        };
        let param = build.param(key.param, ParamKind::Normal, None);
        let params = Box::new(Params { list: vec![param] });
        let lambda = build.expr(ExprKind::Lambda { params, body });
        let ExprKind::Call { func, keywords, .. } = &mut e.kind else {
            return;
        };
        if key.falls {
            let reverse = |k: &&mut Keyword| k.name.as_ref().is_some_and(|n| n.name == "reverse");
            match (&mut func.kind, keywords.iter_mut().find(reverse)) {
                (ExprKind::Name(name), _) if name == "min" => *name = "max".to_string(),
                (ExprKind::Name(name), _) if name == "max" => *name = "min".to_string(),
                (_, Some(reverse)) => match &mut reverse.value.kind {
                    ExprKind::Bool(value) => *value = !*value,
                    _ => return,
                },
                (_, None) => {
                    let value = build.expr(ExprKind::Bool(true));
                    keywords.push(build.keyword("reverse", value));
                }
            }
        }
        keywords.push(build.keyword("key", lambda));
    }

    /// An expression within what takes its place.
    fn held(&mut self, e: &Expr) -> Expr {
        let id = NodeId::next(self.next_id);
        Expr { id, ..e.clone() }
    }

    fn expr(&mut self, e: &mut Expr) {
        self.stars(e);
        let Some(sugar) = self.found.get(&e.id) else {
            return;
        };
        match sugar {
            Sugar::Attribute(_, name) => {
                let held = self.held(e);
                *e = self.build(&held).attr(held.clone(), name);
            }
            Sugar::Items => {
                let held = self.held(e);
                let mut build = self.build(&held);
                let method = build.attr(held.clone(), "__iter__");
                *e = build.call(method, Vec::new());
            }
            Sugar::Next => {
                if let ExprKind::Call { func, args, .. } = &mut e.kind
                    && let Some(of) = args.pop()
                {
                    **func = self.build(&of).attr(of.clone(), "__next__");
                }
            }
            Sugar::AnyEqual => {
                if let Some(any) = self.any_equal(e) {
                    *e = any;
                }
            }
            Sugar::Contains => {
                if let ExprKind::Compare { left, ops, rest } = &e.kind
                    && let ([op], [list]) = (ops.as_slice(), rest.as_slice())
                {
                    let (op, left, list) = (*op, (**left).clone(), list.clone());
                    let mut build = self.build(e);
                    let method = build.attr(list, "__contains__");
                    let found = build.call(method, vec![left]);
                    *e = match op {
                        CompareOp::NotIn => build.expr(ExprKind::Unary {
                            op: UnaryOp::Not,
                            operand: Box::new(found),
                        }),
                        _ => found,
                    };
                }
            }
            Sugar::Copy(key, suffix) => {
                let copy = self.copies.get(&(key.clone(), suffix.clone()));
                if let Some(name) = copy.cloned() {
                    self.call_copy(e, &name);
                }
            }
            Sugar::ByBool => self.by_bool(e),
            Sugar::Known => {
                if let ExprKind::Call { args, .. } = &mut e.kind
                    && !args.is_empty()
                {
                    *e = args.swap_remove(0);
                }
            }
            Sugar::DictCopy => {
                if let ExprKind::Call { func, .. } = &mut e.kind
                    && let ExprKind::Attribute { value, .. } = &mut func.kind
                {
                    let dict = (**value).clone();
                    e.kind = ExprKind::Dict(vec![(None, dict)]);
                }
            }
            Sugar::Keys => {
                let held = self.held(e);
                let mut build = self.build(&held);
                let method = build.attr(held.clone(), "keys");
                *e = build.call(method, Vec::new());
            }
            Sugar::Listed => {
                let held = self.held(e);
                let mut build = self.build(&held);
                let list = build.name("list");
                *e = build.call(list, vec![held.clone()]);
            }
            Sugar::Placed => {
                let held = Box::new(self.held(e));
                let mut build = self.build(&held);
                let item = build.expr(ExprKind::Starred(held.clone()));
                *e = build.expr(ExprKind::Tuple(vec![item]));
            }
            Sugar::CountNone => {
                if let Some(sum) = self.count_none(e) {
                    *e = sum;
                }
            }
            Sugar::Key(_, key) => self.by_key(e, key),
            Sugar::Better => {
                if let ExprKind::Call { func, args, .. } = &e.kind
                    && let [a, b] = args.as_slice()
                {
                    let op = match &func.kind {
                        ExprKind::Name(name) if name == "min" => CompareOp::Lt,
                        _ => CompareOp::Gt,
                    };
                    let (left, right) = (self.copy(b), self.copy(a));
                    let (a, b) = (a.clone(), b.clone());
                    let mut build = self.build(e);
                    let test = Box::new(build.compare(left, op, right));
                    e.kind = ExprKind::Conditional {
                        test,
                        body: Box::new(b),
                        orelse: Box::new(a),
                    };
                }
            }
            Sugar::Field(name) => {
                let base = match &mut e.kind {
                    ExprKind::Subscript { value, .. } => Some((**value).clone()),
                    ExprKind::Call { func, .. } => match &mut func.kind {
                        ExprKind::Attribute { value, .. } => Some((**value).clone()),
                        _ => None,
                    },
                    _ => None,
                };
                if let Some(base) = base {
                    *e = self.build(e).attr(base, name);
                }
            }
            Sugar::Row(count, list) => {
                let fields = (0..*count).map(|i| {
                    let held = self.copy(e);
                    self.build(e).attr(held, &i.to_string())
                });
                let fields = fields.collect();
                *e = self.build(e).expr(match list {
                    true => ExprKind::List(fields),
                    false => ExprKind::Tuple(fields),
                });
            }
            Sugar::Loop(..)
            | Sugar::Item
            | Sugar::Entries
            | Sugar::Spread(..)
            | Sugar::Concat(_)
            | Sugar::Exactly(_)
            | Sugar::ExactStar(_)
            | Sugar::ByName(_)
            | Sugar::Rest(_)
            | Sugar::Part(..)
            | Sugar::Parts
            | Sugar::Again
            | Sugar::Unrolled
            | Sugar::Columns(_)
            | Sugar::Rebound
            | Sugar::Present(_)
            | Sugar::Gathered => {}
        }
    }

    /// A call of a copy; of an operator the call of its method.
    fn call_copy(&mut self, e: &mut Expr, name: &str) {
        let span = e.span;
        match &mut e.kind {
            ExprKind::Call { func, .. } => match &mut func.kind {
                ExprKind::Name(n) => *n = name.to_string(),
                ExprKind::Attribute { attr, .. } => attr.name = name.to_string(),
                _ => {}
            },
            ExprKind::Binary { left, right, .. } => {
                let (left, right) = ((**left).clone(), (**right).clone());
                let mut build = Build {
                    next_id: self.next_id,
                    span,
                };
                let func = build.attr(left, name);
                e.kind = build.call(func, vec![right]).kind;
            }
            _ => {}
        }
    }

    /// `b if flag else a` for `[a, b][flag]`, `xs[1 if flag else 0]` for `xs[flag]`.
    fn by_bool(&mut self, e: &mut Expr) {
        let span = e.span;
        let ExprKind::Subscript { value, index } = &mut e.kind else {
            return;
        };
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let choice = match &value.kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => match items.as_slice() {
                [a, b] if !acts(a) && !acts(b) => Some((b.clone(), a.clone())),
                _ => None,
            },
            _ => None,
        };
        let test = index.clone();
        match choice {
            Some((body, orelse)) => {
                e.kind = ExprKind::Conditional {
                    test,
                    body: Box::new(body),
                    orelse: Box::new(orelse),
                };
            }
            None => {
                let (one, zero) = (
                    build.expr(ExprKind::Int(1.into())),
                    build.expr(ExprKind::Int(0.into())),
                );
                **index = build.expr(ExprKind::Conditional {
                    test,
                    body: Box::new(one),
                    orelse: Box::new(zero),
                });
            }
        }
    }

    /// `sum(1 for item in xs if item is None)` for `xs.count(None)`.
    fn count_none(&mut self, e: &Expr) -> Option<Expr> {
        let ExprKind::Call { func, .. } = &e.kind else {
            return None;
        };
        let ExprKind::Attribute { value, .. } = &func.kind else {
            return None;
        };
        let mut build = Build {
            next_id: self.next_id,
            span: e.span,
        };
        let (item, target) = (build.name("item"), build.name("item"));
        let none = build.expr(ExprKind::None);
        let test = build.compare(item, CompareOp::Is, none);
        let one = build.expr(ExprKind::Int(1.into()));
        let each = build.expr(ExprKind::Comprehension {
            kind: ComprehensionKind::Generator,
            element: Box::new(one),
            value: None,
            clauses: vec![ast::Clause {
                target,
                iter: (**value).clone(),
                ifs: vec![test],
                is_async: false,
            }],
        });
        let sum = build.name("sum");
        Some(build.call(sum, vec![each]))
    }

    /// `any(item == x for item in xs)` for `x in xs`.
    fn any_equal(&mut self, e: &Expr) -> Option<Expr> {
        let ExprKind::Compare { left, ops, rest } = &e.kind else {
            return None;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
            return None;
        };
        let mut build = Build {
            next_id: self.next_id,
            span: e.span,
        };
        let free = |name: &&str| !left.names(&|n| n == *name);
        let name = ["item", "other", "each"].into_iter().find(free)?;
        let (item, target) = (build.name(name), build.name(name));
        let same = match left.kind {
            ExprKind::None => CompareOp::Is,
            _ => CompareOp::Eq,
        };
        let equal = build.compare(item, same, (**left).clone());
        let one = build.expr(ExprKind::Comprehension {
            kind: ComprehensionKind::Generator,
            element: Box::new(equal),
            value: None,
            clauses: vec![ast::Clause {
                target,
                iter: right.clone(),
                ifs: Vec::new(),
                is_async: false,
            }],
        });
        let any = build.name("any");
        let any = build.call(any, vec![one]);
        Some(match op {
            CompareOp::NotIn => build.expr(ExprKind::Unary {
                op: UnaryOp::Not,
                operand: Box::new(any),
            }),
            _ => any,
        })
    }

    /// `a.__setitem__(i, v)` for `a[i] = v`, and for `a[i] += v`.
    fn item(&mut self, stmt: &mut Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) -> bool {
        let (target, value, op) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target.clone(), value.clone(), None),
                _ => return false,
            },
            StmtKind::AugAssign { target, op, value } => (target.clone(), value.clone(), Some(*op)),
            _ => return false,
        };
        if !matches!(self.found.get(&target.id), Some(Sugar::Item)) {
            return false;
        }
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return false;
        };
        let (mut index, mut value) = ((**index).clone(), value);
        ast::rewrite::expr(&mut value, &mut |e| self.expr(e));
        // Python computes the value first, then the index; what is changed in place, the
        // other way round.
        match op {
            None if acts(&value) && acts(&index) => {
                value = self.before("value", value, out, taken, stmt);
            }
            Some(_) if !is_literal(&index) && !matches!(index.kind, ExprKind::Name(_)) => {
                index = self.before("index", index, out, taken, stmt);
            }
            _ => {}
        }
        if let Some(op) = op {
            let (held, at) = (self.copy(base), self.copy(&index));
            let mut build = self.build(&target);
            let old = build.expr(ExprKind::Subscript {
                value: Box::new(held),
                index: Box::new(at),
            });
            value = build.expr(ExprKind::Binary {
                op,
                left: Box::new(old),
                right: Box::new(value),
            });
        }
        let base = (**base).clone();
        let mut build = self.build(&target);
        let method = build.attr(base, "__setitem__");
        let call = build.call(method, vec![index, value]);
        stmt.kind = StmtKind::Expr(call);
        true
    }

    /// Computes a value before a statement.
    fn before(
        &mut self,
        name: &str,
        value: Expr,
        out: &mut Vec<Stmt>,
        taken: &mut BTreeSet<String>,
        stmt: &mut Stmt,
    ) -> Expr {
        let name = free(name, taken);
        let mut build = self.build(&value);
        let target = build.name(&name);
        let held = build.name(&name);
        let mut first = build.assign(target, value.clone());
        first.blank_before = std::mem::take(&mut stmt.blank_before);
        first.comments = std::mem::take(&mut stmt.comments);
        out.push(first);
        held
    }

    /// A loop over `items.__next__()` until that is None, for `for x in items`.
    fn loop_(&mut self, stmt: &mut Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            ..
        } = &mut stmt.kind
        else {
            return;
        };
        let Some(Sugar::Loop(class, starts)) = self.found.get(&iter.id) else {
            return;
        };
        if !orelse.stmts.is_empty() {
            return;
        }
        self.ended.insert(class.clone());
        let (target, iter, mut body) = (target.clone(), iter.clone(), std::mem::take(body));
        let root = match &iter.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => iter.clone(),
            _ => self.before("items", iter.clone(), out, taken, stmt),
        };
        let name = free("following", taken);
        if *starts {
            let held = self.copy(&root);
            let mut build = self.build(&iter);
            let method = build.attr(held, "__iter__");
            let call = build.call(method, Vec::new());
            let mut call = build.stmt(StmtKind::Expr(call));
            call.blank_before = std::mem::take(&mut stmt.blank_before);
            call.comments = std::mem::take(&mut stmt.comments);
            out.push(call);
        }
        let mut build = Build {
            next_id: self.next_id,
            span: iter.span,
        };
        let next = build.attr(root, "__next__");
        let next = build.call(next, Vec::new());
        let target_of_next = build.name(&name);
        let step = build.assign(target_of_next, next);
        let (held, none) = (build.name(&name), build.expr(ExprKind::None));
        let test = build.compare(held, CompareOp::Is, none);
        let leave = build.stmt(StmtKind::Break);
        let end = build.stmt(StmtKind::If {
            test,
            body: Block {
                stmts: vec![leave],
                trailing: Vec::new(),
            },
            orelse: Block::default(),
        });
        let held = build.name(&name);
        let bind = build.assign(target, held);
        let forever = build.expr(ExprKind::Bool(true));
        body.stmts.splice(0..0, [step, end, bind]);
        stmt.kind = StmtKind::While {
            test: forever,
            body,
            orelse: Block::default(),
        };
    }
}

/// Whether evaluating an expression may do more than give its value.
pub fn acts(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => false,
        ExprKind::Attribute { value, .. } => acts(value),
        ExprKind::Binary { op, left, right } => {
            let raises = matches!(
                op,
                BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::Pow
            ) && !is_literal(right);
            raises || acts(left) || acts(right)
        }
        ExprKind::Unary { operand, .. } => acts(operand),
        ExprKind::Compare { left, rest, .. } => acts(left) || rest.iter().any(acts),
        ExprKind::Logical { values, .. } => values.iter().any(acts),
        ExprKind::Conditional { test, body, orelse } => acts(test) || acts(body) || acts(orelse),
        ExprKind::Tuple(items) => items.iter().any(acts),
        _ => !is_literal(e),
    }
}
