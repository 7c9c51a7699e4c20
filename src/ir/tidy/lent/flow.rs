//! Whether a name may stand for what is lent from a place.
//!
//! Enters: statements, the place and the name. Leaves: whether anything else touches the place
//! while the name, or what was made from it, is still used. The statements are walked from
//! the end. This module must not know Python.

use super::super::super::expr::{BinOp, Expr};
use super::super::super::uses::pattern_names;
use super::super::super::{Block, Stmt, StmtKind};
use super::{lookup, lookup_of, renames};

/// A walk from the end of some statements to their begin.
pub(super) struct Flow<'e> {
    place: Vec<&'e str>,
    at: &'e Expr,
    name: &'e str,
    /// Names for what may be lent from it.
    derived: Vec<String>,
    /// Whether all is well so far.
    sound: bool,
}

impl<'e> Flow<'e> {
    pub(super) fn of(place: &'e Expr, name: &'e str) -> Self {
        Flow {
            place: segments(place).unwrap_or_default(),
            at: place,
            name,
            derived: Vec::new(),
            sound: true,
        }
    }

    /// Whether nothing touches the place before the last use of the name.
    pub(super) fn allows(mut self, stmts: &[Stmt], value: Option<&Expr>) -> bool {
        // What is made from what is made.
        for _ in 0..2 {
            self.derive_all(stmts, value);
        }
        self.fits(stmts, value);
        self.stmts(stmts, value, false);
        self.sound
    }

    fn is_use(&self, root: &str) -> bool {
        root == self.name || self.derived.iter().any(|d| d == root)
    }

    fn uses(&self, e: &Expr) -> bool {
        let mut found = false;
        each(e, &mut |e| {
            found |= lookup_of(e, self.at).is_some();
            found |= matches!(e, Expr::Atom(name) if self.is_use(name));
        });
        found
    }

    fn block_uses(&self, block: &Block) -> bool {
        let mut found = false;
        each_in(&block.stmts, block.value.as_deref(), &mut |e| {
            found |= lookup_of(e, self.at).is_some();
            found |= matches!(e, Expr::Atom(name) if self.is_use(name));
        });
        found
    }

    /// Collects the names for what may be lent.
    fn derive_all(&mut self, stmts: &[Stmt], value: Option<&Expr>) {
        let mut found: Vec<String> = Vec::new();
        each_stmt(stmts, value, &mut |stmt| match &stmt.kind {
            StmtKind::Let {
                name,
                init: Some(init),
                ..
            } if self.uses(init) && !is_value(init) => found.push(name.clone()),
            StmtKind::LetPattern { names, init, .. }
                if self.uses(init) && !is_value(init) && !renames(stmt, self.at, self.name) =>
            {
                found.extend(names.iter().cloned());
            }
            StmtKind::For { names, iter, .. } if self.uses(iter) => {
                found.extend(names.iter().cloned());
            }
            _ => {}
        });
        each_in(stmts, value, &mut |e| match e {
            Expr::Let(pattern, init) if self.uses(init) => {
                found.extend(pattern_names(pattern).map(str::to_owned));
            }
            Expr::Match { subject, arms } if self.uses(subject) => {
                let names = arms.iter().flat_map(|arm| pattern_names(&arm.pattern));
                found.extend(names.map(str::to_owned));
            }
            _ => {}
        });
        found.retain(|name| name != self.name);
        self.derived.extend(found);
    }

    /// Whether the name is bound to nothing else, and stands only where a `&mut` may stand.
    fn fits(&mut self, stmts: &[Stmt], value: Option<&Expr>) {
        let mut sound = true;
        each_stmt(stmts, value, &mut |stmt| {
            if renames(stmt, self.at, self.name) {
                return;
            }
            sound &= !stmt_binds(stmt, self.name);
            let direct = match &stmt.kind {
                StmtKind::Let { init, .. } => init.as_ref(),
                StmtKind::LetPattern { init, .. } => Some(init),
                StmtKind::Assign { value, .. } => Some(value),
                StmtKind::Return(value) => value.as_ref(),
                StmtKind::For { iter, .. } => Some(iter),
                _ => None,
            };
            sound &= !direct.is_some_and(|e| self.is_it(e));
        });
        sound &= !value.is_some_and(|e| self.is_it(e));
        each_in(stmts, value, &mut |e| {
            sound &= !expr_binds(e, self.name);
            match e {
                Expr::Binary(_, a, b) => sound &= !self.is_it(a) && !self.is_it(b),
                Expr::Ref(a) | Expr::RefMut(a) | Expr::Unary(_, a) | Expr::Cast(a, _) => {
                    sound &= !self.is_it(a);
                }
                Expr::Let(_, a) | Expr::Closure(_, a) => sound &= !self.is_it(a),
                Expr::Call(callee, args) => {
                    let wraps = callee == "Some" || callee == "Ok" || callee == self.name;
                    sound &= !wraps || !args.iter().any(|a| self.is_it(a));
                    sound &= callee != self.name;
                }
                Expr::Tuple(items) | Expr::Array(items) => {
                    sound &= !items.iter().any(|a| self.is_it(a));
                }
                Expr::Struct { fields, .. } => {
                    sound &= !fields.iter().any(|(_, a)| self.is_it(a));
                }
                Expr::Match { subject, .. } => sound &= !self.is_it(subject),
                Expr::If {
                    then, otherwise, ..
                } => {
                    let blocks = std::iter::once(then).chain(otherwise);
                    let mut values = blocks.filter_map(|b| b.value.as_deref());
                    sound &= !values.any(|a| self.is_it(a));
                }
                Expr::Block(block) => {
                    sound &= !block.value.as_deref().is_some_and(|a| self.is_it(a));
                }
                _ => {}
            }
        });
        self.sound &= sound;
    }

    /// Whether it is what will be the name alone.
    fn is_it(&self, e: &Expr) -> bool {
        lookup_of(e, self.at).is_some() || matches!(e, Expr::Atom(name) if name == self.name)
    }

    fn block(&mut self, block: &Block, live: bool) -> bool {
        self.stmts(&block.stmts, block.value.as_deref(), live)
    }

    /// Whether the name is used from the begin of these statements on, if it is used behind
    /// them or not.
    fn stmts(&mut self, stmts: &[Stmt], value: Option<&Expr>, live: bool) -> bool {
        let mut live = value.map_or(live, |value| self.expr(value, live));
        for stmt in stmts.iter().rev() {
            live = self.stmt(stmt, live);
        }
        live
    }

    fn stmt(&mut self, stmt: &Stmt, live: bool) -> bool {
        if renames(stmt, self.at, self.name) {
            return true;
        }
        match &stmt.kind {
            StmtKind::Let { init, .. } => match init {
                Some(init) => self.expr(init, live),
                None => live,
            },
            StmtKind::LetPattern {
                init, otherwise, ..
            } => {
                let other = otherwise.as_ref().is_some_and(|b| self.block(b, live));
                self.expr(init, live || other)
            }
            StmtKind::Assign { place, value, .. } => {
                let live = self.expr(place, live);
                self.expr(value, live)
            }
            StmtKind::Expr(e) => self.expr(e, live),
            StmtKind::Return(value) => match value {
                Some(value) => self.expr(value, false),
                None => false,
            },
            StmtKind::While { cond, body, .. } => {
                let again = live || self.uses(cond) || self.block_uses(body);
                let inside = self.block(body, again);
                self.expr(cond, live || inside)
            }
            StmtKind::Loop { body, .. } => {
                let again = live || self.block_uses(body);
                self.block(body, again)
            }
            StmtKind::For { iter, body, .. } => {
                let again = live || self.uses(iter) || self.block_uses(body);
                let inside = self.block(body, again);
                self.expr(iter, live || inside)
            }
            StmtKind::Block { body, .. } => self.block(body, live),
            StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => live,
        }
    }

    fn expr(&mut self, e: &Expr, live: bool) -> bool {
        if lookup_of(e, self.at).is_some() {
            return true;
        }
        if let Some(path) = segments(e) {
            let root = path.first().copied().unwrap_or_default();
            if self.is_use(root) {
                return true;
            }
            let overlaps = path.iter().zip(&self.place).all(|(a, b)| a == b);
            self.sound &= !(overlaps && live);
            return live;
        }
        match e {
            Expr::Atom(text) => {
                let literal = text.starts_with('"') || text.starts_with(|c: char| c.is_numeric());
                let root = self.place.first().copied().unwrap_or_default();
                let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                let touches = !literal && words.any(|w| w == root || w == self.name);
                self.sound &= !touches;
                live
            }
            Expr::If {
                cond,
                then,
                otherwise,
            } => {
                let yes = self.block(then, live);
                let no = otherwise.as_ref().map_or(live, |b| self.block(b, live));
                self.expr(cond, yes || no)
            }
            Expr::Match { subject, arms } => {
                let mut any = false;
                for arm in arms {
                    let inside = self.block(&arm.body, live);
                    any |= match &arm.guard {
                        Some(guard) => self.expr(guard, inside),
                        None => inside,
                    };
                }
                self.expr(subject, any || live)
            }
            Expr::Block(block) => self.block(block, live),
            Expr::Hole(_) => false,
            Expr::Binary(BinOp::And | BinOp::Or, left, right) => {
                let right = self.expr(right, live);
                self.expr(left, live || right)
            }
            other => {
                let mut children = Vec::new();
                other.for_each_child(&mut |c| children.push(c), &mut |_| {});
                children
                    .into_iter()
                    .rev()
                    .fold(live, |live, child| self.expr(child, live))
            }
        }
    }
}

/// Whether what it gives is a value of its own, not something lent.
fn is_value(e: &Expr) -> bool {
    match e {
        Expr::Binary(..)
        | Expr::Unary(..)
        | Expr::Cast(..)
        | Expr::Field(..)
        | Expr::Index(..)
        | Expr::Deref(_)
        | Expr::NegLit(_)
        | Expr::Macro(..)
        | Expr::Hole(_) => true,
        Expr::Method(_, name, _) => matches!(
            name.as_str(),
            "clone" | "to_string" | "to_vec" | "len" | "abs" | "is_empty" | "is_some" | "is_none"
        ),
        Expr::Call(name, args) => name != "Some" && args.iter().all(is_value),
        Expr::Try(inner) => matches!(&**inner, Expr::Call(..)) && is_value(inner),
        Expr::Atom(_)
        | Expr::ConstInt { .. }
        | Expr::Ref(_)
        | Expr::RefMut(_)
        | Expr::If { .. }
        | Expr::Let(..)
        | Expr::Match { .. }
        | Expr::Block(_)
        | Expr::Struct { .. }
        | Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Repeat(..)
        | Expr::Closure(..)
        | Expr::Range { .. } => false,
    }
}

/// `["self", "a", "b"]` of `self.a.b`.
fn segments(e: &Expr) -> Option<Vec<&str>> {
    match e {
        Expr::Atom(name) if super::is_path(e) => Some(vec![name]),
        Expr::Field(base, name) => {
            let mut path = segments(base)?;
            path.push(name);
            Some(path)
        }
        _ => None,
    }
}

/// How often what lies at a place is looked into.
pub(super) fn lookups(stmts: &[Stmt], value: Option<&Expr>, place: &Expr) -> usize {
    let mut count = 0;
    each_in(stmts, value, &mut |e| {
        count += usize::from(lookup_of(e, place).is_some());
    });
    count
}

/// Whether it is looked into to change it.
pub(super) fn changes(stmts: &[Stmt], value: Option<&Expr>, place: &Expr) -> bool {
    let mut found = false;
    each_in(stmts, value, &mut |e| {
        found |= lookup_of(e, place) == Some(true)
    });
    found
}

/// Whether anything is looked into to change it.
pub(super) fn changes_any(block: &Block) -> bool {
    let mut found = false;
    each_in(&block.stmts, block.value.as_deref(), &mut |e| {
        found |= lookup(e).is_some_and(|(_, mutable)| mutable);
    });
    found
}

/// Whether any pattern binds a name.
pub(super) fn binds(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> bool {
    let mut found = false;
    each_stmt(stmts, value, &mut |stmt| found |= stmt_binds(stmt, name));
    each_in(stmts, value, &mut |e| {
        found |= expr_binds(e, name) || matches!(e, Expr::Call(callee, _) if callee == name);
    });
    found
}

fn stmt_binds(stmt: &Stmt, name: &str) -> bool {
    match &stmt.kind {
        StmtKind::Let { name: bound, .. } => bound == name,
        StmtKind::LetPattern { names, .. } | StmtKind::For { names, .. } => {
            names.iter().any(|n| n == name)
        }
        _ => false,
    }
}

fn expr_binds(e: &Expr, name: &str) -> bool {
    let has = |pattern: &str| pattern_names(pattern).any(|n| n == name);
    match e {
        Expr::Let(pattern, _) | Expr::Closure(pattern, _) => has(pattern),
        Expr::Match { arms, .. } => arms.iter().any(|arm| has(&arm.pattern)),
        _ => false,
    }
}

/// The look into an option that a statement begins with, before it does anything.
pub(super) fn first_lookup(stmt: &Stmt) -> Option<&Expr> {
    let lead = match &stmt.kind {
        StmtKind::Let {
            init: Some(init), ..
        } => leads(init),
        StmtKind::LetPattern { init, .. } if lookup(init).is_none() => leads(init),
        StmtKind::Assign { place, value, .. } => match leads(value) {
            Lead::Clean => leads(place),
            other => other,
        },
        StmtKind::Expr(e) | StmtKind::Return(Some(e)) => leads(e),
        StmtKind::For { iter, .. } => leads(iter),
        _ => Lead::Clean,
    };
    match lead {
        Lead::Found(e) => Some(e),
        Lead::Clean | Lead::Blocked => None,
    }
}

/// What an expression does first.
enum Lead<'e> {
    /// It looks into an option.
    Found(&'e Expr),
    /// Nothing that shows.
    Clean,
    /// Something else.
    Blocked,
}

fn leads(e: &Expr) -> Lead<'_> {
    if lookup(e).is_some() {
        return Lead::Found(e);
    }
    let blocked = |lead| match lead {
        Lead::Clean => Lead::Blocked,
        other => other,
    };
    match e {
        Expr::Atom(_) | Expr::NegLit(_) | Expr::ConstInt { .. } | Expr::Closure(..) => Lead::Clean,
        Expr::Field(a, _)
        | Expr::Unary(_, a)
        | Expr::Cast(a, _)
        | Expr::Ref(a)
        | Expr::RefMut(a)
        | Expr::Deref(a) => leads(a),
        Expr::Try(a) | Expr::Let(_, a) => blocked(leads(a)),
        Expr::Binary(BinOp::And | BinOp::Or, left, _) => blocked(leads(left)),
        Expr::Binary(_, a, b) | Expr::Repeat(a, b) => sequence([&**a, &**b]),
        Expr::Index(a, b) => blocked(sequence([&**a, &**b])),
        Expr::Method(receiver, _, args) => {
            blocked(sequence(std::iter::once(&**receiver).chain(args)))
        }
        Expr::Call(_, args) | Expr::Macro(_, args) => blocked(sequence(args)),
        Expr::Tuple(args) | Expr::Array(args) => sequence(args),
        Expr::If { cond, .. } => blocked(leads(cond)),
        Expr::Match { subject, .. } => blocked(leads(subject)),
        Expr::Struct { fields, .. } => blocked(sequence(fields.iter().map(|(_, value)| value))),
        Expr::Block(_) | Expr::Range { .. } | Expr::Hole(_) => Lead::Blocked,
    }
}

fn sequence<'e>(parts: impl IntoIterator<Item = &'e Expr>) -> Lead<'e> {
    for part in parts {
        match leads(part) {
            Lead::Clean => {}
            other => return other,
        }
    }
    Lead::Clean
}

/// Each expression within an expression, itself the first.
fn each<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    f(e);
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    exprs.into_iter().for_each(|c| each(c, f));
    for block in blocks {
        each_in(&block.stmts, block.value.as_deref(), f);
    }
}

/// Each expression within statements.
fn each_in<'e>(stmts: &'e [Stmt], value: Option<&'e Expr>, f: &mut dyn FnMut(&'e Expr)) {
    for stmt in stmts {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
        exprs.into_iter().for_each(|c| each(c, f));
        for block in blocks {
            each_in(&block.stmts, block.value.as_deref(), f);
        }
    }
    value.into_iter().for_each(|value| each(value, f));
}

/// Each statement, those within others included.
fn each_stmt<'e>(stmts: &'e [Stmt], value: Option<&'e Expr>, f: &mut dyn FnMut(&'e Stmt)) {
    let mut blocks: Vec<&Block> = Vec::new();
    for stmt in stmts {
        f(stmt);
        let mut exprs = Vec::new();
        stmt.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
        exprs.into_iter().for_each(|e| blocks_of(e, &mut blocks));
    }
    value.into_iter().for_each(|e| blocks_of(e, &mut blocks));
    for block in blocks {
        each_stmt(&block.stmts, block.value.as_deref(), f);
    }
}

/// The outermost blocks within an expression.
fn blocks_of<'e>(e: &'e Expr, out: &mut Vec<&'e Block>) {
    let mut exprs = Vec::new();
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| out.push(b));
    exprs.into_iter().for_each(|c| blocks_of(c, out));
}
