//! Attributes by names that stand in a list: `for name in ("kp", "ki"): getattr(self, name)`.
//!
//! Enters: the module. Leaves: the same module, where a loop over literal texts whose body asks for
//! attributes by them is its body once for each, and a comprehension is a display. The list may be
//! a constant of the module or of a class. A loop that is left early stays, and one whose
//! variable is read behind it. This module must not know types.

use super::build::Build;
use super::copies;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, BinaryOp, Block, ComprehensionKind, Expr, ExprKind, FStringPart, Function, Module, Stmt,
    StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The longest list that a loop is written out for.
const MOST: usize = 12;

/// Rewrites the module.
pub(super) fn listed_attributes(module: &mut Module, next_id: &mut u32) {
    let mut asks = Asks(false);
    asks.visit_block(&module.body);
    if !asks.0 {
        return;
    }
    let lists = Lists::of(module);
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => in_function(function, &lists, next_id),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        in_function(method, &lists, next_id);
                    }
                }
            }
            _ => ast::rewrite::stmt(stmt, &mut |e| displayed(e, &lists, next_id)),
        }
    }
}

/// Whether attributes are asked for by a name that is computed.
struct Asks(bool);

impl<'ast> Visitor<'ast> for Asks {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.0 |= by_name(e).is_some_and(|name| !matches!(name.kind, ExprKind::Str(_)));
        visit::walk_expr(self, e);
    }
}

/// The name in `getattr(x, name)`, `setattr(x, name, value)`, `hasattr(x, name)`.
fn by_name(e: &Expr) -> Option<&Expr> {
    let ExprKind::Call { func, args, .. } = &e.kind else {
        return None;
    };
    let ExprKind::Name(name) = &func.kind else {
        return None;
    };
    matches!(name.as_str(), "getattr" | "setattr" | "hasattr")
        .then(|| args.get(1))
        .flatten()
}

/// The texts of a display.
fn texts(e: &Expr) -> Option<Vec<String>> {
    let (ExprKind::Tuple(items) | ExprKind::List(items)) = &e.kind else {
        return None;
    };
    let text = |e: &Expr| match &e.kind {
        ExprKind::Str(text) => Some(text.clone()),
        _ => None,
    };
    let texts: Vec<String> = items.iter().map(text).collect::<Option<_>>()?;
    (!texts.is_empty() && texts.len() <= MOST).then_some(texts)
}

/// The lists of texts that are constants of the module or of a class.
struct Lists {
    names: BTreeMap<String, Vec<String>>,
    attributes: BTreeMap<String, Vec<String>>,
}

impl Lists {
    fn of(module: &Module) -> Lists {
        let mut lists = Lists {
            names: BTreeMap::new(),
            attributes: BTreeMap::new(),
        };
        let assigned = |stmt: &Stmt| {
            let (target, value) = stmt.assigned()?;
            match &target.kind {
                ExprKind::Name(name) => Some((name.clone(), texts(value)?)),
                _ => None,
            }
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Class(class) => {
                    let own = class.body.stmts.iter().filter_map(assigned);
                    lists.attributes.extend(own);
                }
                _ => lists.names.extend(assigned(stmt)),
            }
        }
        // What is bound once, and used for nothing but to be run through.
        let mut uses = Uses::default();
        uses.visit_block(&module.body);
        let once = |name: &String| uses.bound.get(name) == Some(&1) && !uses.other.contains(name);
        lists.names.retain(|name, _| once(name));
        lists.attributes.retain(|name, _| once(name));
        lists
    }

    /// What a loop over texts runs over.
    fn run_through(&self, iter: &Expr) -> Option<Vec<String>> {
        match &iter.kind {
            ExprKind::Name(name) => self.names.get(name).cloned(),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(_) => self.attributes.get(&attr.name).cloned(),
                _ => None,
            },
            _ => texts(iter),
        }
    }
}

/// How often names and attributes are bound, and which are used for more than looking.
#[derive(Default)]
struct Uses {
    bound: BTreeMap<String, usize>,
    other: BTreeSet<String>,
}

impl Uses {
    fn bind(&mut self, e: &Expr) {
        let mut targets = Vec::new();
        ast::leaves(e, &mut targets);
        for target in targets {
            if let ExprKind::Name(name)
            | ExprKind::Attribute {
                attr: ast::Ident { name, .. },
                ..
            } = &target.kind
            {
                *self.bound.entry(name.clone()).or_default() += 1;
            }
        }
    }
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        stmt.targets().iter().for_each(|t| self.bind(t));
        if let StmtKind::Function(function) = &stmt.kind {
            *self.bound.entry(function.name.name.clone()).or_default() += 1;
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_param(&mut self, param: &'ast ast::Param) {
        *self.bound.entry(param.name.name.clone()).or_default() += 1;
        visit::walk_param(self, param);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.bind(&c.target));
            }
            // A method may change a list.
            ExprKind::Call { func, .. } => {
                if let ExprKind::Attribute { value, .. } = &func.kind
                    && let ExprKind::Name(name)
                    | ExprKind::Attribute {
                        attr: ast::Ident { name, .. },
                        ..
                    } = &value.kind
                {
                    self.other.insert(name.clone());
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

fn in_function(function: &mut Function, lists: &Lists, next_id: &mut u32) {
    ast::rewrite::block(&mut function.body, &mut |e| displayed(e, lists, next_id));
    let reads = |body: &Block, name: &str| {
        let mut names = Reads(name, 0);
        names.visit_block(body);
        names.1
    };
    let whole = function.body.clone();
    let all = |name: &str| reads(&whole, name);
    in_block(&mut function.body, lists, &all, &reads, next_id);
}

/// How often a name is read or bound.
struct Reads<'n>(&'n str, usize);

impl<'ast> Visitor<'ast> for Reads<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.1 += usize::from(matches!(&e.kind, ExprKind::Name(n) if n == self.0));
        visit::walk_expr(self, e);
    }
}

fn in_block(
    block: &mut Block,
    lists: &Lists,
    all: &dyn Fn(&str) -> usize,
    reads: &dyn Fn(&Block, &str) -> usize,
    next_id: &mut u32,
) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        for inner in ast::blocks_mut(&mut stmt) {
            in_block(inner, lists, all, reads, next_id);
        }
        match written_out(&stmt, lists, all, reads, next_id) {
            Some(stmts) => out.extend(stmts),
            None => out.push(stmt),
        }
    }
    block.stmts = out;
}

/// The body of a loop once for each text.
fn written_out(
    stmt: &Stmt,
    lists: &Lists,
    all: &dyn Fn(&str) -> usize,
    reads: &dyn Fn(&Block, &str) -> usize,
    next_id: &mut u32,
) -> Option<Vec<Stmt>> {
    let StmtKind::For {
        target,
        iter,
        body,
        orelse,
        is_async: false,
    } = &stmt.kind
    else {
        return None;
    };
    let ExprKind::Name(name) = &target.kind else {
        return None;
    };
    let texts = lists.run_through(iter)?;
    let mut asked = Asked(name, false);
    asked.visit_block(body);
    let mut bound = Names::default();
    body.stmts.iter().for_each(|s| bound.stmt(s));
    let alone = all(name) == reads(body, name) + 1;
    let plain = orelse.stmts.is_empty() && !bound.bound.contains_key(name) && !leaves(body);
    if !asked.1 || !alone || !plain {
        return None;
    }
    let mut out = Vec::new();
    for text in &texts {
        for inner in &body.stmts {
            let mut inner = inner.clone();
            ast::rewrite::stmt(&mut inner, &mut |e| put(e, name, text));
            copies::stmt(&mut inner, next_id);
            out.push(inner);
        }
    }
    let first = out.first_mut()?;
    first.comments.splice(0..0, stmt.comments.clone());
    first.blank_before = stmt.blank_before;
    Some(out)
}

/// Whether a loop's body leaves it, or goes on with the next turn.
fn leaves(block: &Block) -> bool {
    block.stmts.iter().any(|s| match &s.kind {
        StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { .. } | StmtKind::While { .. } => false,
        _ => ast::branches(s).into_iter().any(leaves),
    })
}

/// Whether an attribute is asked for by a name.
struct Asked<'n>(&'n str, bool);

impl<'ast> Visitor<'ast> for Asked<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.1 |= by_name(e).is_some_and(|of| {
            let mut names = Names::default();
            names.expr(of);
            names.read.contains(self.0)
        });
        visit::walk_expr(self, e);
    }
}

/// The text that an expression is, with one in the place of a name.
fn joined(e: &Expr, name: &str, text: &str) -> Option<String> {
    match &e.kind {
        ExprKind::Str(text) => Some(text.clone()),
        ExprKind::Name(n) if n == name => Some(text.to_string()),
        ExprKind::Binary {
            op: BinaryOp::Add,
            left,
            right,
        } => Some(joined(left, name, text)? + &joined(right, name, text)?),
        _ => None,
    }
}

/// Puts a text in the place of a name, and joins what it is part of.
fn put(e: &mut Expr, name: &str, text: &str) {
    let text_of = |e: &Expr| joined(e, name, text);
    match &mut e.kind {
        ExprKind::Name(n) if n == name => e.kind = ExprKind::Str(text.to_string()),
        ExprKind::Binary {
            op: BinaryOp::Add,
            left,
            right,
        } => {
            if let (Some(a), Some(b)) = (text_of(left), text_of(right)) {
                e.kind = ExprKind::Str(a + &b);
            }
        }
        ExprKind::FString(parts) => {
            let mut whole = String::new();
            for part in parts.iter() {
                match part {
                    FStringPart::Literal(text) => whole.push_str(text),
                    FStringPart::Value {
                        value,
                        conversion: None,
                        spec,
                    } if spec.is_empty() => match text_of(value) {
                        Some(text) => whole.push_str(&text),
                        None => return,
                    },
                    FStringPart::Value { .. } => return,
                }
            }
            e.kind = ExprKind::Str(whole);
        }
        _ => {}
    }
}

/// `[a.x, a.y]` for `[getattr(a, n) for n in ("x", "y")]`.
fn displayed(e: &mut Expr, lists: &Lists, next_id: &mut u32) {
    let ExprKind::Comprehension {
        kind,
        element,
        value,
        clauses,
    } = &e.kind
    else {
        return;
    };
    let [clause] = clauses.as_slice() else { return };
    let ExprKind::Name(name) = &clause.target.kind else {
        return;
    };
    let parts: Vec<&Expr> = std::iter::once(&**element)
        .chain(value.as_deref())
        .collect();
    let mut asked = Asked(name, false);
    parts.iter().for_each(|p| asked.visit_expr(p));
    // The elements of a generator are computed when they are asked for.
    let lazy = *kind == ComprehensionKind::Generator && !parts.iter().all(|p| is_quiet(p));
    if !asked.1 || lazy || !clause.ifs.is_empty() || clause.is_async {
        return;
    }
    let Some(texts) = lists.run_through(&clause.iter) else {
        return;
    };
    let mut build = Build {
        next_id,
        span: e.span,
    };
    let mut copy = |of: &Expr, text: &str| {
        let mut copy = build.again(of);
        ast::rewrite::expr(&mut copy, &mut |e| put(e, name, text));
        copy
    };
    let made = match (kind, value) {
        (ComprehensionKind::Dict, Some(value)) => {
            let pairs = texts
                .iter()
                .map(|t| (Some(copy(element, t)), copy(value, t)));
            ExprKind::Dict(pairs.collect())
        }
        (ComprehensionKind::Set, None) => {
            ExprKind::Set(texts.iter().map(|t| copy(element, t)).collect())
        }
        (ComprehensionKind::List | ComprehensionKind::Generator, None) => {
            ExprKind::List(texts.iter().map(|t| copy(element, t)).collect())
        }
        _ => return,
    };
    e.kind = made;
}

/// Whether computing it does nothing else.
fn is_quiet(e: &Expr) -> bool {
    let here = match &e.kind {
        ExprKind::Call { func, .. } => matches!(&func.kind, ExprKind::Name(n)
            if matches!(n.as_str(), "getattr" | "hasattr" | "abs" | "float" | "int" | "str" | "len" | "isinstance")),
        ExprKind::Named { .. }
        | ExprKind::Yield(_)
        | ExprKind::YieldFrom(_)
        | ExprKind::Await(_) => false,
        _ => true,
    };
    here && visit::children(e).into_iter().all(is_quiet)
}
