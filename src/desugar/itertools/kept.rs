//! `count` and `cycle`, which are kept and advanced by `next`; numbers beside what a loop takes.
//!
//! Enters: a call. Leaves: the making of an object, or the call of its method. This module must
//! not know loops.

use super::super::callables::full_name;
use super::super::inherit::snake;
use super::super::keywords::is_literal;
use super::super::names::{Names, free};
use super::lists::is_steady;
use super::still::Still;
use super::{Work, written};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

impl Work<'_> {
    /// `enumerate(xs, 1)` for `zip(count(1), xs)`; `[(x, v) for x in xs]` for
    /// `zip(xs, repeat(v))`.
    pub(super) fn numbered(&mut self, e: &Expr) -> Option<Expr> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return None;
        };
        let [first, second] = args.as_slice() else {
            return None;
        };
        if self.full(func) != "zip" || !keywords.is_empty() {
            return None;
        }
        let at = e.span;
        let one = |w: &Self, e: &Expr| -> Option<(String, Vec<Expr>)> {
            let (name, args, keywords) = w.call(e)?;
            keywords.is_empty().then(|| (name, args.to_vec()))
        };
        match (one(self, first), one(self, second)) {
            (Some((name, args)), None) if name == "count" => match args.as_slice() {
                [] => self.written("enumerate(___xs)", &[("___xs", second)], at),
                [start] => {
                    let holes = [("___xs", second), ("___a", start)];
                    self.written("enumerate(___xs, ___a)", &holes, at)
                }
                _ => None,
            },
            (None, Some((name, args))) => match (name.as_str(), args.as_slice()) {
                ("repeat", [value]) if is_steady(value) => {
                    let holes = [("___xs", first), ("___v", value)];
                    self.written("[(item, ___v) for item in ___xs]", &holes, at)
                }
                ("cycle", [items]) if is_steady(items) => {
                    let holes = [("___xs", first), ("___ys", items)];
                    let text = "[(item, ___ys[i % len(___ys)]) for i, item in enumerate(___xs)]";
                    self.written(text, &holes, at)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `n = 5; while True: i = n; n += 1; …` for `for i in count(5): …`.
    pub(super) fn counted(&mut self, stmt: &mut Stmt) -> Option<Vec<Stmt>> {
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            is_async: false,
        } = &mut stmt.kind
        else {
            return None;
        };
        let (name, args, keywords) = self.call(iter)?;
        if name != "count" || !orelse.stmts.is_empty() {
            return None;
        }
        let given = |i: usize, name: &str| {
            let named = keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == name));
            args.get(i).or(named.map(|k| &k.value)).cloned()
        };
        let (start, step) = (given(0, "start"), given(1, "step"));
        let at = iter.span;
        let zero = self.written("0", &[], at)?;
        let one = self.written("1", &[], at)?;
        let (start, step) = (start.unwrap_or(zero), step.unwrap_or(one));
        if !is_literal(&step) {
            return None;
        }
        let mut taken = self.taken.clone();
        for names in &self.locals {
            taken.extend(
                names
                    .bound
                    .keys()
                    .cloned()
                    .chain(names.read.iter().cloned()),
            );
        }
        let count = free("counter", &mut taken);
        let text =
            format!("{count} = ___a\nwhile True:\n    ___t = {count}\n    {count} += ___b\n");
        let holes = [("___a", &start), ("___b", &step), ("___t", &*target)];
        let mut out = written::statements(&text, &holes, at, self.next_id);
        if let Some(StmtKind::While { body: own, .. }) = out.last_mut().map(|s| &mut s.kind) {
            own.stmts.append(&mut body.stmts);
            own.trailing = std::mem::take(&mut body.trailing);
        }
        if let Some(first) = out.first_mut() {
            first.comments = std::mem::take(&mut stmt.comments);
            first.blank_before = stmt.blank_before;
        }
        Some(out)
    }

    /// Variables of the module for iterators that classes keep: one for all instances.
    pub(super) fn of_module(&mut self, body: &mut Block) {
        let mut out = Vec::new();
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for mut stmt in std::mem::take(&mut body.stmts) {
            if let StmtKind::Class(class) = &mut stmt.kind {
                let of = snake(&class.name.name);
                let own = std::mem::take(&mut class.body.stmts);
                for mut inner in own {
                    let name = match &mut inner.kind {
                        StmtKind::Assign { targets, .. } => match targets.as_mut_slice() {
                            [target] => match &mut target.kind {
                                ExprKind::Name(name)
                                    if self.kept.names.contains_key(&format!(".{name}")) =>
                                {
                                    let plain = name.trim_start_matches('_');
                                    let free = free(&format!("{of}_{plain}"), &mut self.taken);
                                    renamed.insert(std::mem::replace(name, free.clone()), free);
                                    true
                                }
                                _ => false,
                            },
                            _ => false,
                        },
                        _ => false,
                    };
                    match name {
                        true => out.push(inner),
                        false => class.body.stmts.push(inner),
                    }
                }
            }
            out.push(stmt);
        }
        body.stmts = out;
        if renamed.is_empty() {
            return;
        }
        ast::rewrite::block(body, &mut |e| {
            if let ExprKind::Attribute { attr, .. } = &e.kind
                && let Some(name) = renamed.get(&attr.name)
            {
                e.kind = ExprKind::Name(name.clone());
            }
        });
    }

    /// `Count(1)` for `count(1)`, `Cycle(list(xs))` for `cycle(xs)`, and `c.advance()` for
    /// `next(c)`, where all that has the name is one of these.
    pub(super) fn kept(&mut self, e: &Expr) -> Option<Expr> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return None;
        };
        let at = e.span;
        if self.kept.makers.contains(&e.id) {
            let made = maker(&self.full(func))?;
            let class = self.wanted(made, at);
            let mut call = self.written(&format!("{class}()"), &[], at)?;
            if let ExprKind::Call {
                args: given,
                keywords: named,
                ..
            } = &mut call.kind
            {
                match (made, args.as_slice()) {
                    ("Count", _) => {
                        given.clone_from(args);
                        named.clone_from(keywords);
                        for keyword in named {
                            if let Some(name) = &mut keyword.name
                                && name.name == "start"
                            {
                                name.name = "value".into();
                            }
                        }
                    }
                    (_, [items]) => given.push(items.clone()),
                    _ => return None,
                }
            }
            return Some(call);
        }
        let [of, rest @ ..] = args.as_slice() else {
            return None;
        };
        let made = tail(of).and_then(|name| self.kept.names.get(&name))?;
        if !is_next(func) {
            return None;
        }
        match rest {
            [default] if *made == "Remaining" => {
                let holes = [("___it", of), ("___d", default)];
                self.written("___it.advance() if ___it.has_next() else ___d", &holes, at)
            }
            [] | [_] => self.written("___it.advance()", &[("___it", of)], at),
            _ => None,
        }
    }
}

/// The class of the library that stands for what a function makes.
fn maker(full: &str) -> Option<&'static str> {
    match full {
        "itertools.count" => Some("Count"),
        "itertools.cycle" => Some("Cycle"),
        "iter" => Some("Remaining"),
        _ => None,
    }
}

fn is_next(func: &Expr) -> bool {
    matches!(&func.kind, ExprKind::Name(n) if n == "next")
}

/// The last name of a path: a variable's, an attribute's as `.name`.
fn tail(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { attr, .. } => Some(format!(".{}", attr.name)),
        _ => None,
    }
}

/// The names under which iterators are kept.
#[derive(Default)]
pub(super) struct Kept {
    /// With the class of each.
    names: BTreeMap<String, &'static str>,
    /// The calls that make them.
    makers: BTreeSet<NodeId>,
}

impl Kept {
    /// Of a module: names that only ever get such an iterator, and that only `next` is given.
    pub(super) fn of(module: &Module, imports: &BTreeMap<String, String>, still: &Still) -> Kept {
        let mut seen = Seen::default_of(imports);
        seen.visit_block(&module.body);
        let mut kept = Kept::default();
        for (name, made) in &seen.made {
            let all = seen.mentions.get(name).copied().unwrap_or(0);
            let nexts = seen.nexts.get(name).copied().unwrap_or(0);
            let classes: BTreeSet<_> = made.iter().map(|(_, class, _)| *class).collect();
            let [class] = Vec::from_iter(classes).try_into().unwrap_or([""]);
            let calm = made.iter().all(|(_, class, source)| match (source, *class) {
                (_, "Count") => true,
                // An empty one raises StopIteration.
                (Some(items), "Cycle") if seen.catches => {
                    matches!(&items.kind, ExprKind::List(of) | ExprKind::Tuple(of) if !of.is_empty())
                }
                (Some(_), "Cycle") => true,
                // What is run through is asked as late as it is needed.
                (Some(items), _) => is_steady(items) && still.nobody_changes(items),
                (None, _) => false,
            });
            if nexts > 0 && all == nexts + made.len() && !class.is_empty() && calm {
                kept.names.insert(name.clone(), class);
                kept.makers.extend(made.iter().map(|(id, ..)| *id));
            }
        }
        kept
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A call that makes an iterator, with its class and what it runs through.
type Maker = (NodeId, &'static str, Option<Expr>);

struct Seen<'m> {
    imports: &'m BTreeMap<String, String>,
    made: BTreeMap<String, Vec<Maker>>,
    mentions: BTreeMap<String, usize>,
    nexts: BTreeMap<String, usize>,
    /// Whether the module tells the exceptions of an empty one apart.
    catches: bool,
}

impl<'m> Seen<'m> {
    fn default_of(imports: &'m BTreeMap<String, String>) -> Self {
        Seen {
            imports,
            made: BTreeMap::new(),
            mentions: BTreeMap::new(),
            nexts: BTreeMap::new(),
            catches: false,
        }
    }
}

impl<'ast> Visitor<'ast> for Seen<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                if let ([target], ExprKind::Call { func, args, .. }) =
                    (targets.as_slice(), &value.kind)
                    && let (Some(name), Some(class)) =
                        (tail(target), maker(&full_name(func, self.imports)))
                {
                    let made = self.made.entry(name).or_default();
                    made.push((value.id, class, args.first().cloned()));
                }
            }
            // What a class has, its methods name as an attribute.
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Assign { targets, value } = &inner.kind
                        && let ([target], ExprKind::Call { func, args, .. }) =
                            (targets.as_slice(), &value.kind)
                        && let ExprKind::Name(name) = &target.kind
                        && let Some(class) = maker(&full_name(func, self.imports))
                    {
                        let name = format!(".{name}");
                        *self.mentions.entry(name.clone()).or_default() += 1;
                        let made = self.made.entry(name).or_default();
                        made.push((value.id, class, args.first().cloned()));
                    }
                }
            }
            StmtKind::Function(function) => {
                for param in &function.params.list {
                    *self.mentions.entry(param.name.name.clone()).or_default() += 1;
                }
            }
            StmtKind::Try { handlers, .. } => {
                for types in handlers.iter().filter_map(|h| h.types.as_ref()) {
                    let mut names = Names::default();
                    names.expr(types);
                    let told = ["StopIteration", "IndexError", "LookupError"];
                    self.catches |= told.iter().any(|n| names.read.contains(*n));
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let Some(name) = tail(e) {
            *self.mentions.entry(name).or_default() += 1;
        }
        if let ExprKind::Call { func, args, .. } = &e.kind
            && is_next(func)
            && let Some(name) = args.first().and_then(tail)
        {
            *self.nexts.entry(name).or_default() += 1;
        }
        visit::walk_expr(self, e);
    }
}
