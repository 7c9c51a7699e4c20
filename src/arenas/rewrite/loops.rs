//! Loops over what an object of the list holds, whose bodies change objects of the list.
//!
//! Enters: `for e in v.out:`, before its objects are looked up. Leaves: the same by index,
//! `for e_index in range(len(v.out)): e = v.out[e_index]`, where nothing that runs in the body
//! changes what lies in `out`: nobody holds on to the list while its objects change. An `Err`
//! where something may. This module must not know how objects are looked up.

use super::super::known::Own;
use super::*;
use crate::ast::leaves;
use crate::ast::visit::{self, Visitor};
use crate::catalog::{self, position};
use crate::desugar::Build;

impl Rewrite<'_, '_> {
    /// A loop by index, where its body changes objects of the list; what goes before it.
    pub(super) fn by_index(&mut self, stmt: &mut Stmt) -> Result<Option<Stmt>, Lost> {
        let span = stmt.span;
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            ..
        } = &mut stmt.kind
        else {
            return Ok(None);
        };
        if self.is_single() || !self.looks_into_one(iter) || !self.changes_objects(body) {
            return Ok(None);
        }
        let (counter, mut item, list) = enumerated(target, iter).ok_or(Lost)?;
        let plain = matches!(self.ty(&list), Ty::List { .. });
        let ExprKind::Attribute { value, attr } = &list.kind else {
            return Err(Lost);
        };
        let ExprKind::Name(of) = &value.kind else {
            return Err(Lost);
        };
        let mut named = Vec::new();
        leaves(&item, &mut named);
        let named = named.iter().map(|part| match &part.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        });
        let named: Vec<String> = named.collect::<Option<_>>().ok_or(Lost)?;
        let name = match named.as_slice() {
            [name] => name,
            _ => &attr.name,
        };
        let own = self.key.as_ref();
        let own = own.and_then(|key| self.known.functions.get(key));
        let own = own.map(|own| own.function).ok_or(Lost)?;
        // What is run through stays the same: no other function binds that name.
        let rebound = assigns(body, of)
            || named.contains(of)
            || counter.as_ref() == Some(of)
            || !super::super::known::binds(own, of)
            || self.known.model.globals.contains_key(of);
        if !plain || !self.holds(value) || rebound {
            return Err(Lost);
        }
        let change = self.change_of(body, &attr.name);
        let names = [format!("{name}_index"), format!("index_of_{name}")];
        let free =
            |name: &String| !super::super::known::binds(own, name) && !self.known.is_taken(name);
        let index = match &counter {
            Some(counter) => counter.clone(),
            None => names.into_iter().find(free).ok_or(Lost)?,
        };
        // Looked up here: another copy has other ids, which tell no types.
        let mut counted = list.clone();
        self.value(&mut counted)?;
        let mut build = Build {
            next_id: &mut self.next_id,
            span: iter.span,
        };
        let counted = build.again(&counted);
        let len = build.name("len");
        let count = build.call(len, vec![counted]);
        let (known, at) = (build.name(position::KNOWN), build.name(&index));
        let at = build.call(known, vec![at]);
        let held = build.expr(ExprKind::Subscript {
            value: Box::new(list),
            index: Box::new(at),
        });
        let at = build.name(&index);
        let first = build.assign(std::mem::replace(&mut item, at), held);
        body.stmts.insert(0, first);
        match change {
            Change::None => {
                let range = build.name("range");
                *target = item;
                *iter = build.call(range, vec![count]);
                Ok(None)
            }
            // The loop meets what is added, and what moves up.
            Change::Items if counter.is_none() => {
                let one = build.expr(ExprKind::Int(1.into()));
                let next = build.name(&index);
                let step = build.stmt(StmtKind::AugAssign {
                    target: next,
                    op: crate::ast::BinaryOp::Add,
                    value: one,
                });
                body.stmts.insert(1, step);
                let zero = build.expr(ExprKind::Int(0.into()));
                let mut start = build.assign(item, zero);
                start.span = span;
                let at = build.name(&index);
                let test = build.compare(at, CompareOp::Lt, count);
                stmt.kind = StmtKind::While {
                    test,
                    body: std::mem::take(body),
                    orelse: std::mem::take(orelse),
                };
                Ok(Some(start))
            }
            Change::Items | Change::List => Err(Lost),
        }
    }

    /// Whether what is run through lies in an object of the list.
    fn looks_into_one(&self, iter: &Expr) -> bool {
        match &iter.kind {
            ExprKind::Attribute { value, .. } => {
                self.holds(value) && !self.is_receiver(value) || self.looks_into_one(value)
            }
            ExprKind::Subscript { value, index } => {
                !matches!(index.kind, ExprKind::Slice { .. }) && self.looks_into_one(value)
            }
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Name(name) => {
                    matches!(name.as_str(), "enumerate" | "zip" | "reversed" | "iter")
                        && args.iter().any(|arg| self.looks_into_one(arg))
                }
                ExprKind::Attribute { value, attr } => {
                    matches!(attr.name.as_str(), "items" | "values" | "keys")
                        && self.looks_into_one(value)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The functions that a body calls, and those that these call.
    fn called(&self, body: &Block) -> Vec<&Own<'_>> {
        struct Calls<'c, 'r, 'm>(&'c Rewrite<'r, 'm>, BTreeSet<&'m str>);
        impl<'ast> Visitor<'ast> for Calls<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                let key = self.0.key.as_deref();
                self.1.extend(self.0.known.callee(key, e.id));
                visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(self, BTreeSet::new());
        calls.visit_block(body);
        let reached = self.known.reached(calls.1).into_iter();
        reached
            .filter_map(|key| self.known.functions.get(key))
            .collect()
    }

    /// Whether a body changes objects, or makes new ones.
    fn changes_objects(&self, body: &Block) -> bool {
        struct Changes<'c, 'r, 'm>(&'c Rewrite<'r, 'm>, bool);
        impl<'ast> Visitor<'ast> for Changes<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                let mut parts = Vec::new();
                for target in stmt.targets() {
                    leaves(target, &mut parts);
                }
                self.1 |= matches!(stmt.kind, StmtKind::Delete(_))
                    || parts.iter().any(|t| !matches!(t.kind, ExprKind::Name(_)));
                visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Call { func, .. } = &e.kind {
                    self.1 |= match &func.kind {
                        ExprKind::Attribute { attr, .. } => changes(&attr.name),
                        ExprKind::Name(name) => self.0.known.model.classes.contains_key(name),
                        _ => true,
                    };
                }
                visit::walk_expr(self, e);
            }
        }
        let mut found = Changes(self, false);
        found.visit_block(body);
        for own in self.called(body) {
            found.visit_block(&own.function.body);
        }
        found.1
    }

    /// What a body may change of what lies in an attribute of that name.
    fn change_of(&self, body: &Block, attr: &str) -> Change {
        let mut uses = Uses {
            attr,
            own: None,
            all: 0,
            looks: 0,
            sets: 0,
        };
        uses.visit_block(body);
        let mut found = uses;
        for own in self.called(body) {
            let init = own.function.name.name == "__init__";
            found.own = own.receiver.filter(|_| init).map(|(_, own)| own);
            found.visit_block(&own.function.body);
        }
        match (found.sets, found.all > found.looks) {
            (0, false) => Change::None,
            (0, true) => Change::Items,
            _ => Change::List,
        }
    }
}

/// What may become of a list while a loop runs through it.
enum Change {
    /// Nothing.
    None,
    /// It gets and loses items.
    Items,
    /// Another may stand in its place.
    List,
}

/// The uses of an attribute of one name.
struct Uses<'u> {
    attr: &'u str,
    /// What a constructor calls its new object.
    own: Option<&'u str>,
    all: usize,
    /// Those that run through it, count it, or take or set an item of it.
    looks: usize,
    /// Those that set the attribute.
    sets: usize,
}

impl Uses<'_> {
    fn is_it(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Attribute { attr, .. } if attr.name == self.attr)
    }

    fn look(&mut self, e: &Expr) {
        self.looks += usize::from(self.is_it(e));
    }

    /// An attribute of the object that a constructor makes.
    fn is_new(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Attribute { value, .. } => {
                matches!(&value.kind, ExprKind::Name(name) if Some(name.as_str()) == self.own)
            }
            _ => false,
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { iter, .. } = &stmt.kind {
            self.look(iter);
        }
        let mut parts = Vec::new();
        for target in stmt.targets() {
            leaves(target, &mut parts);
        }
        if let StmtKind::Delete(targets) = &stmt.kind {
            parts.extend(targets);
        }
        for part in parts {
            match self.is_it(part) && self.is_new(part) {
                true => self.look(part),
                false => self.sets += usize::from(self.is_it(part)),
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.all += usize::from(self.is_it(e));
        match &e.kind {
            ExprKind::Subscript { value, .. } => self.look(value),
            ExprKind::Call { func, args, .. } => {
                if let (ExprKind::Name(name), [only]) = (&func.kind, args.as_slice())
                    && matches!(name.as_str(), "len" | "enumerate")
                {
                    self.look(only);
                }
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.look(&c.iter));
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// What counts the items of `enumerate(xs)`, what names them, and `xs`; or of a list itself.
fn enumerated(target: &Expr, iter: &Expr) -> Option<(Option<String>, Expr, Expr)> {
    match (&target.kind, &iter.kind) {
        (
            ExprKind::Tuple(items),
            ExprKind::Call {
                func,
                args,
                keywords,
            },
        ) => {
            let ([counter, item], [list], true) =
                (items.as_slice(), args.as_slice(), keywords.is_empty())
            else {
                return None;
            };
            let (ExprKind::Name(name), ExprKind::Name(counter)) = (&func.kind, &counter.kind)
            else {
                return None;
            };
            (name == "enumerate").then(|| (Some(counter.clone()), item.clone(), list.clone()))
        }
        _ => Some((None, target.clone(), iter.clone())),
    }
}

fn changes(method: &str) -> bool {
    catalog::changes(method) || method.starts_with("heapq.") || method.starts_with("bisect.")
}

/// Whether a block binds a name.
fn assigns(block: &Block, name: &str) -> bool {
    struct Search<'s>(&'s str, bool);
    impl<'ast> Visitor<'ast> for Search<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut parts = Vec::new();
            for target in stmt.targets() {
                leaves(target, &mut parts);
            }
            self.1 |= parts
                .iter()
                .any(|t| matches!(&t.kind, ExprKind::Name(n) if n == self.0));
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= matches!(&e.kind, ExprKind::Named { .. });
            visit::walk_expr(self, e);
        }
    }
    let mut search = Search(name, false);
    search.visit_block(block);
    search.1
}
