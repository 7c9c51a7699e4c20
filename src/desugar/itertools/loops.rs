//! Loops over `product`, `combinations` and `permutations`: one within the other.
//!
//! Enters: a loop, or a clause of a comprehension. Leaves: several. This module must not know
//! lists.

use super::super::copies;
use super::super::names::Names;
use super::lists::is_steady;
use super::{Work, written};
use crate::ast::visit::Visitor;
use crate::ast::{self, Block, Clause, Expr, ExprKind, Keyword, Stmt, StmtKind};
use crate::source::Span;
use num_traits::ToPrimitive;

/// The most loops that are written within each other.
const DEEPEST: usize = 4;

/// What the items of each are called.
const ITEMS: [&str; DEEPEST] = ["first", "second", "third", "fourth"];
const INDICES: [&str; DEEPEST] = ["i", "j", "k", "l"];

impl Work<'_> {
    /// The clauses that a clause becomes.
    pub(super) fn clauses(&mut self, clause: &Clause) -> Option<Vec<Clause>> {
        let (name, args, keywords) = self.call(&clause.iter)?;
        let (args, keywords) = (args.to_vec(), keywords.to_vec());
        if clause.is_async {
            return None;
        }
        let (element, mut clauses) = self.nested(&name, &args, &keywords, clause.iter.span)?;
        let (ExprKind::Tuple(names), ExprKind::Tuple(targets)) =
            (&element.kind, &clause.target.kind)
        else {
            return None;
        };
        if names.len() != targets.len() {
            return None;
        }
        for (name, target) in names.iter().zip(targets) {
            retarget(&mut clauses, name, target);
        }
        clauses.last_mut()?.ifs.extend(clause.ifs.iter().cloned());
        Some(clauses)
    }

    /// The tuple that the function gives, and the clauses that bind its items.
    pub(super) fn nested(
        &mut self,
        name: &str,
        args: &[Expr],
        keywords: &[Keyword],
        at: Span,
    ) -> Option<(Expr, Vec<Clause>)> {
        let (sources, chosen) = sources(name, args, keywords)?;
        if sources.iter().skip(1).any(|s| !is_steady(s)) || chosen && !is_steady(sources.first()?) {
            return None;
        }
        let count = sources.len();
        let all = |names: &[&str; DEEPEST]| -> Vec<String> {
            names.iter().take(count).map(|n| (*n).to_string()).collect()
        };
        let (items, indices) = (all(&ITEMS), all(&INDICES));
        let mut text = format!("[({},)", items.join(", "));
        for (i, (item, index)) in items.iter().zip(&indices).enumerate() {
            let before = indices.get(i.wrapping_sub(1)).map_or("", String::as_str);
            let range = sources
                .get(i)
                .is_some_and(|s| matches!(s.kind, ExprKind::Call { .. }));
            let last = i + 1 == count;
            let clause = match (name, i, range) {
                ("product", ..) => format!(" for {item} in ___{i}"),
                // Of a range each is its own index.
                ("combinations", 0, true) => format!(" for {item} in ___{i}"),
                ("combinations", _, true) => {
                    let before = items.get(i - 1).map_or("", String::as_str);
                    format!(" for {item} in range({before} + 1, ___stop)")
                }
                ("combinations", 0, _) => format!(" for {index}, {item} in enumerate(___{i})"),
                ("combinations", _, _) if last => {
                    format!(" for {item} in ___{i}[{before} + 1:]")
                }
                ("combinations", ..) => {
                    format!(" for {index}, {item} in enumerate(___{i}) if {index} > {before}")
                }
                (_, 0, _) => format!(" for {index}, {item} in enumerate(___{i})"),
                _ => {
                    let differs = indices
                        .iter()
                        .take(i)
                        .map(|b| format!(" if {b} != {index}"));
                    let differs: String = differs.collect();
                    format!(" for {index}, {item} in enumerate(___{i}){differs}")
                }
            };
            text.push_str(&clause);
        }
        text.push(']');
        let stop = match sources.first().map(|s| &s.kind) {
            Some(ExprKind::Call { args, .. }) if name == "combinations" => match args.as_slice() {
                [stop] => Some(stop.clone()),
                [_, stop] => Some(stop.clone()),
                _ => return None,
            },
            _ => None,
        };
        let names: Vec<String> = (0..count).map(|i| format!("___{i}")).collect();
        let mut holes: Vec<(&str, &Expr)> =
            names.iter().map(String::as_str).zip(&sources).collect();
        if let Some(stop) = &stop {
            holes.push(("___stop", stop));
        }
        match self.written(&text, &holes, at)?.kind {
            ExprKind::Comprehension {
                element, clauses, ..
            } => Some((*element, clauses)),
            _ => None,
        }
    }

    /// The statements that a loop becomes; `within`: the function that it stands in.
    pub(super) fn looped(&mut self, stmt: &mut Stmt, within: Option<&Block>) -> Option<Vec<Stmt>> {
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
        let (mut args, keywords) = (args.to_vec(), keywords.to_vec());
        if !self.still.block_leaves(body, iter) {
            return None;
        }
        self.groups(target, iter, &|uses| uses.visit_block(body));
        let mut out = self.hoisted(&name, &mut args, !keywords.is_empty(), within);
        let breaks = leaves_early(body) || !orelse.stmts.is_empty();
        if !breaks
            && let Some(within) = within
            && only_within(target, within)
            && let Some((element, mut clauses)) = self.nested(&name, &args, &keywords, iter.span)
            && let (ExprKind::Tuple(names), ExprKind::Tuple(targets)) =
                (&element.kind, &target.kind)
            && names.len() == targets.len()
        {
            for (name, target) in names.iter().zip(targets) {
                retarget(&mut clauses, name, target);
            }
            self.named_apart(&mut clauses, within);
            let body = std::mem::take(body);
            out.push(loops(stmt, clauses, body, self.next_id)?);
            return Some(out);
        }
        if let ExprKind::Call { args: own, .. } = &mut iter.kind {
            *own = args;
        }
        let mut items = iter.clone();
        self.items(&mut items, true);
        if let StmtKind::For { iter, .. } = &mut stmt.kind {
            *iter = items;
        }
        if out.is_empty() {
            return None;
        }
        out.push(stmt.clone());
        Some(out)
    }

    /// Variables for what is run through more than once, and is not the same each time.
    fn hoisted(
        &mut self,
        name: &str,
        args: &mut [Expr],
        repeats: bool,
        within: Option<&Block>,
    ) -> Vec<Stmt> {
        let mut out = Vec::new();
        let chosen = matches!(name, "combinations" | "permutations" | "pairwise");
        let beside = name == "zip_longest";
        if !chosen && !beside && name != "product" {
            return out;
        }
        let mut taken = std::mem::take(&mut self.taken);
        if let Some(within) = within {
            let mut names = Names::default();
            within.stmts.iter().for_each(|s| names.stmt(s));
            taken.extend(names.all());
        }
        let again =
            |i: usize| beside || chosen && i == 0 || name == "product" && (i > 0 || repeats);
        if !(0..)
            .zip(args.iter())
            .any(|(i, arg)| again(i) && !is_steady(arg))
        {
            self.taken = taken;
            return out;
        }
        for arg in args.iter_mut().filter(|arg| !is_steady(arg)) {
            self.items(arg, false);
            let Some(list) = self.as_list(arg) else {
                continue;
            };
            let local = super::super::names::free("items", &mut taken);
            let text = format!("{local} = ___xs");
            let at = arg.span;
            out.extend(written::statements(
                &text,
                &[("___xs", &list)],
                at,
                self.next_id,
            ));
            if let Some(named) = self.written(&local, &[], at) {
                *arg = named;
            }
        }
        self.taken = taken;
        out
    }

    /// Gives the indices names that nothing in the function has.
    fn named_apart(&mut self, clauses: &mut [Clause], within: &Block) {
        let mut names = Names::default();
        within.stmts.iter().for_each(|s| names.stmt(s));
        let mut taken = names.all();
        for index in INDICES {
            let used = clauses.iter().any(|c| {
                let mut own = Names::default();
                own.target(&c.target);
                own.bound.contains_key(index)
                    && matches!(&c.iter.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "enumerate"))
            });
            if !used || !taken.contains(index) {
                continue;
            }
            let other = super::super::names::free("index", &mut taken);
            let at = clauses.first().map_or(Span::default(), |c| c.iter.span);
            for clause in clauses.iter_mut() {
                let ifs = clause.ifs.iter_mut();
                for e in ifs.chain([&mut clause.target, &mut clause.iter]) {
                    ast::rewrite::expr(e, &mut |e| match &mut e.kind {
                        // The user's own names lie elsewhere.
                        ExprKind::Name(name) if name == index && e.span == at => {
                            name.clone_from(&other);
                        }
                        _ => {}
                    });
                }
            }
        }
    }
}

/// What is run through, once for each item of the tuples; whether they are chosen from one.
fn sources(name: &str, args: &[Expr], keywords: &[Keyword]) -> Option<(Vec<Expr>, bool)> {
    let small = |e: &Expr| match &e.kind {
        ExprKind::Int(n) => n.to_usize().filter(|n| (1..=DEEPEST).contains(n)),
        _ => None,
    };
    match (name, args, keywords) {
        ("product", [_, ..], []) if args.len() <= DEEPEST => Some((args.to_vec(), false)),
        ("product", [one], [repeat]) => {
            let named = repeat.name.as_ref().is_some_and(|n| n.name == "repeat");
            let count = small(&repeat.value).filter(|_| named)?;
            Some((vec![one.clone(); count], true))
        }
        ("combinations" | "permutations", [one, count], []) => {
            Some((vec![one.clone(); small(count)?], true))
        }
        _ => None,
    }
}

/// Binds what the loop's own target says, where the name stood.
fn retarget(clauses: &mut [Clause], name: &Expr, target: &Expr) {
    let ExprKind::Name(name) = &name.kind else {
        return;
    };
    for clause in clauses {
        let Clause {
            target: own,
            iter,
            ifs,
            ..
        } = clause;
        let place = &mut |e: &mut Expr| {
            if matches!(&e.kind, ExprKind::Name(n) if n == name && e.span == own_span(target, e)) {
                *e = target.clone();
            }
        };
        ast::rewrite::expr(own, place);
        ast::rewrite::expr(iter, place);
        ifs.iter_mut().for_each(|e| ast::rewrite::expr(e, place));
    }
}

/// Only what the text brought along is replaced: it lies elsewhere than the target.
fn own_span(target: &Expr, e: &Expr) -> Span {
    match target.span == e.span {
        true => Span::default(),
        false => e.span,
    }
}

/// The loops of the clauses, one within the other, around the body.
fn loops(stmt: &Stmt, clauses: Vec<Clause>, body: Block, next_id: &mut u32) -> Option<Stmt> {
    let mut inner = body;
    for (i, clause) in clauses.into_iter().enumerate().rev() {
        for test in clause.ifs.into_iter().rev() {
            let mut own = written::statements(
                "if ___t:\n    pass\n",
                &[("___t", &test)],
                stmt.span,
                next_id,
            );
            if let Some(StmtKind::If { body, .. }) = own.first_mut().map(|s| &mut s.kind) {
                *body = std::mem::take(&mut inner);
            }
            inner.stmts = own;
        }
        let holes = [("___t", &clause.target), ("___xs", &clause.iter)];
        let text = "for ___t in ___xs:\n    pass\n";
        let mut own = written::statements(text, &holes, stmt.span, next_id)
            .into_iter()
            .next()?;
        if let StmtKind::For { body, .. } = &mut own.kind {
            *body = std::mem::take(&mut inner);
        }
        if i == 0 {
            own.id = stmt.id;
            own.comments.clone_from(&stmt.comments);
            own.line_comment.clone_from(&stmt.line_comment);
            own.blank_before = stmt.blank_before;
        }
        inner = Block {
            stmts: vec![own],
            trailing: Vec::new(),
        };
    }
    let mut outer = inner.stmts.into_iter().next()?;
    let id = outer.id;
    // The body has its ids already; the loops have those of the text.
    if id != stmt.id {
        copies::stmt(&mut outer, next_id);
    }
    Some(outer)
}

/// Whether a loop's body leaves the loop by `break`.
fn leaves_early(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::While { orelse, .. } | StmtKind::For { orelse, .. } => leaves_early(orelse),
        _ => ast::branches(stmt).into_iter().any(leaves_early),
    })
}

/// Whether what a loop binds is read in loops alone that bind it.
fn only_within(target: &Expr, within: &Block) -> bool {
    let mut names = Names::default();
    names.target(target);
    names.bound.keys().all(|name| {
        let mut outside = Outside(name, false);
        outside.visit_block(within);
        !outside.1
    })
}

/// Whether a name is mentioned outside of the loops and comprehensions that bind it.
struct Outside<'n>(&'n str, bool);

impl Outside<'_> {
    fn binds(&self, target: &Expr) -> bool {
        let mut names = Names::default();
        names.target(target);
        names.bound.contains_key(self.0)
    }
}

impl<'ast> Visitor<'ast> for Outside<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For {
                target,
                iter,
                orelse,
                ..
            } if self.binds(target) => {
                self.visit_expr(iter);
                self.visit_block(orelse);
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.1 |= name == self.0,
            ExprKind::Comprehension { clauses, .. }
                if clauses.iter().any(|c| self.binds(&c.target)) =>
            {
                clauses
                    .first()
                    .into_iter()
                    .for_each(|c| self.visit_expr(&c.iter));
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}
