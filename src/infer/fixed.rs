//! Lists that keep their length: attributes that only ever get displays of one length, and
//! that nothing in the module makes longer, shorter, or hands on.
//!
//! Enters: the module. Leaves: for each such attribute its lengths, the outer first. By name
//! alone: all classes that have the attribute must agree. This module must not know types.

use crate::ast::visit::{self, Visitor};
use crate::ast::{CompareOp, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use crate::ty::Ty;
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// Longer lists stay lists.
const LONGEST: usize = 32;

/// Builtins that look at a list and keep nothing of it.
const READERS: [&str; 10] = [
    "len",
    "sum",
    "min",
    "max",
    "any",
    "all",
    "sorted",
    "enumerate",
    "zip",
    "reversed",
];

/// The attributes whose lists keep their lengths.
#[derive(Debug, Default)]
pub(super) struct Fixed(BTreeMap<String, Vec<usize>>);

impl Fixed {
    /// Those of a module.
    pub(super) fn of(module: &Module) -> Self {
        let mut search = Search {
            lookers: lookers(module),
            lengths: BTreeMap::new(),
            not: BTreeSet::new(),
            locals: BTreeMap::new(),
        };
        for stmt in &module.body.stmts {
            if let StmtKind::Class(class) = &stmt.kind {
                for inner in &class.body.stmts {
                    search.class_level(inner);
                }
            }
        }
        search.visit_block(&module.body);
        let Search { lengths, not, .. } = search;
        let kept = lengths.into_iter().filter(|(name, _)| !not.contains(name));
        Self(
            kept.filter_map(|(name, of)| Some((name, of?)))
                .filter(|(_, of)| of.iter().product::<usize>() <= LONGEST)
                .collect(),
        )
    }

    /// The type of an attribute, with the lengths of the lists in it.
    pub(super) fn ty(&self, attr: &str, ty: &Ty) -> Ty {
        match self.0.get(attr) {
            Some(lengths) => with_lengths(ty, lengths).unwrap_or_else(|| ty.clone()),
            None => ty.clone(),
        }
    }
}

/// The list type with these lengths; none where its elements are no numbers.
fn with_lengths(ty: &Ty, lengths: &[usize]) -> Option<Ty> {
    match (ty, lengths) {
        (
            Ty::List {
                elem, store: None, ..
            },
            [len, inner @ ..],
        ) => Some(Ty::List {
            elem: Box::new(with_lengths(elem, inner)?),
            store: None,
            len: Some(*len),
        }),
        (Ty::Int | Ty::Float | Ty::Number | Ty::Bool | Ty::Unknown, []) => Some(ty.clone()),
        _ => None,
    }
}

/// The parameters of each function that it only takes elements of, by the function's name.
fn lookers(module: &Module) -> BTreeMap<String, BTreeSet<usize>> {
    struct Functions(BTreeMap<String, Option<BTreeSet<usize>>>);
    impl<'ast> Visitor<'ast> for Functions {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Function(function) = &stmt.kind {
                let looked = looked_params(function);
                // Of several of one name nobody knows which is called.
                self.0
                    .entry(function.name.name.clone())
                    .and_modify(|known| *known = None)
                    .or_insert(Some(looked));
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut functions = Functions(BTreeMap::new());
    functions.visit_block(&module.body);
    let known = functions.0.into_iter();
    known
        .filter_map(|(name, params)| Some((name, params?)))
        .collect()
}

fn looked_params(function: &Function) -> BTreeSet<usize> {
    struct Elsewhere(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Elsewhere {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let stored = match &stmt.kind {
                StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                    targets.iter().collect()
                }
                StmtKind::AugAssign { target, .. } => vec![target],
                _ => Vec::new(),
            };
            // An element that is written.
            for target in stored {
                let mut root = target;
                while let ExprKind::Subscript { value, .. } = &root.kind {
                    root = value;
                }
                if let ExprKind::Name(name) = &root.kind {
                    self.0.insert(name.clone());
                }
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Name(name) => {
                    self.0.insert(name.clone());
                }
                ExprKind::Subscript { value, index }
                    if matches!(value.kind, ExprKind::Name(_))
                        && !matches!(index.kind, ExprKind::Slice { .. }) =>
                {
                    self.visit_expr(index);
                }
                ExprKind::Call { func, args, .. }
                    if matches!(&func.kind, ExprKind::Name(n) if n == "len")
                        && args.iter().all(|a| matches!(a.kind, ExprKind::Name(_))) => {}
                _ => visit::walk_expr(self, e),
            }
        }
    }
    let mut elsewhere = Elsewhere(BTreeSet::new());
    elsewhere.visit_block(&function.body);
    let params = function.params.list.iter().enumerate();
    let looked = params.filter(|(_, p)| !elsewhere.0.contains(&p.name.name));
    looked.map(|(i, _)| i).collect()
}

struct Search {
    /// The parameters that functions only take elements of.
    lookers: BTreeMap<String, BTreeSet<usize>>,
    /// The lengths of what each attribute gets; none where they differ.
    lengths: BTreeMap<String, Option<Vec<usize>>>,
    /// Attributes that are used in another way.
    not: BTreeSet<String>,
    /// Variables of the function that are names for an attribute's list.
    locals: BTreeMap<String, String>,
}

impl Search {
    /// A field that a dataclass or the class itself has.
    fn class_level(&mut self, stmt: &Stmt) {
        let mut name = |target: &Expr| {
            if let ExprKind::Name(name) = &target.kind {
                self.not.insert(name.clone());
            }
        };
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(&mut name),
            StmtKind::AnnAssign { target, .. } => name(target),
            _ => {}
        }
    }

    /// The attribute whose list an expression is.
    fn list(&self, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Attribute { attr, .. } => Some(attr.name.clone()),
            ExprKind::Name(name) => self.locals.get(name).cloned(),
            _ => None,
        }
    }

    fn gets(&mut self, attr: &str, value: &Expr) {
        let lengths = lengths(value);
        self.lengths
            .entry(attr.to_string())
            .and_modify(|known| {
                if *known != lengths {
                    *known = None;
                }
            })
            .or_insert(lengths);
    }

    /// A list, or a row of it, that is only looked at here.
    fn looked(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Attribute { value, .. } => self.visit_expr(value),
            ExprKind::Name(_) => {}
            ExprKind::Subscript { value, index } if self.list(value).is_some() => {
                self.looked(value);
                self.visit_expr(index);
            }
            _ => self.visit_expr(e),
        }
    }

    fn bind(&mut self, target: &Expr, value: &Expr) {
        match (&target.kind, &value.kind) {
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.bind(target, value);
                }
            }
            (ExprKind::Attribute { value: base, attr }, _) => {
                self.gets(&attr.name, value);
                self.visit_expr(base);
                self.visit_expr(value);
            }
            // Another name for it, in this function.
            (ExprKind::Name(name), ExprKind::Attribute { value: base, .. })
                if self.locals.contains_key(name) =>
            {
                self.visit_expr(base);
            }
            (ExprKind::Subscript { value: list, index }, _) => {
                // A row is replaced by another of its length.
                if let Some(attr) = self.list(list) {
                    if let Some(row) = lengths(value).filter(|row| !row.is_empty()) {
                        self.row(&attr, &row);
                    }
                    self.looked(list);
                } else {
                    self.looked(list);
                }
                self.visit_expr(index);
                self.visit_expr(value);
            }
            // `a, b = self.pair`
            (ExprKind::Tuple(_) | ExprKind::List(_), ExprKind::Attribute { .. }) => {
                self.visit_expr(target);
                self.looked(value);
            }
            _ => {
                self.visit_expr(target);
                self.visit_expr(value);
            }
        }
    }

    fn row(&mut self, attr: &str, row: &[usize]) {
        let known = self.lengths.get(attr).cloned().flatten();
        if known.is_none_or(|known| known.get(1..) != Some(row)) {
            self.not.insert(attr.to_string());
        }
    }

    fn function(&mut self, function: &Function) {
        let mut names = Names {
            bound: BTreeMap::new(),
            often: BTreeSet::new(),
        };
        names.visit_block(&function.body);
        for param in &function.params.list {
            names.often.insert(param.name.name.clone());
        }
        let before = std::mem::take(&mut self.locals);
        self.locals = names.bound;
        self.locals.retain(|name, _| !names.often.contains(name));
        visit::walk_block(self, &function.body);
        self.locals = before;
    }
}

/// Variables that are bound once, to an attribute.
struct Names {
    bound: BTreeMap<String, String>,
    often: BTreeSet<String>,
}

impl Names {
    fn bind(&mut self, target: &Expr, value: Option<&Expr>) {
        match (&target.kind, value.map(|v| &v.kind)) {
            (ExprKind::Name(name), Some(ExprKind::Attribute { attr, .. })) => {
                let again = self.bound.insert(name.clone(), attr.name.clone());
                if again.is_some() {
                    self.often.insert(name.clone());
                }
            }
            (ExprKind::Name(name), _) => {
                self.often.insert(name.clone());
            }
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                Some(ExprKind::Tuple(values) | ExprKind::List(values)),
            ) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.bind(target, Some(value));
                }
            }
            (ExprKind::Tuple(targets) | ExprKind::List(targets), _) => {
                targets.iter().for_each(|t| self.bind(t, None));
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Names {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let value = Some(value).filter(|_| targets.len() == 1);
                targets.iter().for_each(|t| self.bind(t, value));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.bind(target, None),
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.bind(t, None));
            }
            // What a nested function names is not looked for.
            StmtKind::Function(_) | StmtKind::Class(_) => return,
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Named { target, .. } => {
                self.often.insert(target.name.clone());
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.bind(&c.target, None));
            }
            ExprKind::Lambda { params, .. } => {
                let names = params.list.iter().map(|p| p.name.name.clone());
                self.often.extend(names);
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// The lengths of a display of numbers, or of displays of numbers of one length.
fn lengths(value: &Expr) -> Option<Vec<usize>> {
    match &value.kind {
        ExprKind::List(items) if !items.is_empty() => {
            let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
            if items.iter().any(starred) {
                return None;
            }
            let mut inner = items.iter().map(|item| match &item.kind {
                ExprKind::List(_) => lengths(item),
                _ => Some(Vec::new()),
            });
            let first = inner.next()??;
            let same = inner.all(|other| other.as_ref() == Some(&first));
            same.then(|| {
                let mut all = vec![items.len()];
                all.extend(first);
                all
            })
        }
        ExprKind::Binary {
            op: crate::ast::BinaryOp::Mul,
            left,
            right,
        } => match (&left.kind, &right.kind) {
            (ExprKind::List(items), ExprKind::Int(n)) => match items.as_slice() {
                [one]
                    if matches!(
                        one.kind,
                        ExprKind::Float(_) | ExprKind::Int(_) | ExprKind::Bool(_)
                    ) =>
                {
                    Some(vec![n.to_usize().filter(|n| *n > 0)?])
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

impl<'ast> Visitor<'ast> for Search {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => self.function(function),
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => self.bind(target, value),
                _ => visit::walk_stmt(self, stmt),
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.bind(target, value),
            StmtKind::AugAssign { target, value, .. } => {
                if let ExprKind::Subscript { value: list, index } = &target.kind {
                    self.looked(list);
                    self.visit_expr(index);
                } else {
                    self.visit_expr(target);
                }
                self.visit_expr(value);
            }
            StmtKind::For {
                iter, body, orelse, ..
            } => {
                self.looked(iter);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            // In any other place the list itself is meant, and may go anywhere.
            ExprKind::Attribute { value, attr } => {
                self.not.insert(attr.name.clone());
                self.visit_expr(value);
            }
            ExprKind::Name(name) => {
                self.not.extend(self.locals.get(name).cloned());
            }
            ExprKind::Subscript { value, index } => {
                let row = matches!(&value.kind, ExprKind::Subscript { value, .. } if self.list(value).is_some());
                match (self.list(value), &index.kind) {
                    (Some(attr), ExprKind::Slice { .. }) => {
                        self.not.insert(attr);
                    }
                    // A row by itself may go anywhere.
                    (Some(attr), _) => {
                        let rows = self.lengths.get(&attr).cloned().flatten();
                        if rows.is_none_or(|l| l.len() > 1) {
                            self.not.insert(attr);
                        }
                        self.looked(value);
                        self.visit_expr(index);
                    }
                    (None, ExprKind::Slice { .. }) => visit::walk_expr(self, e),
                    (None, _) if row => {
                        self.looked(value);
                        self.visit_expr(index);
                    }
                    (None, _) => visit::walk_expr(self, e),
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let reads =
                    matches!(&func.kind, ExprKind::Name(n) if READERS.contains(&n.as_str()));
                match &func.kind {
                    // A method of the object, not of the list.
                    ExprKind::Attribute { value, .. } => self.visit_expr(value),
                    _ => self.visit_expr(func),
                }
                let name = match &func.kind {
                    ExprKind::Name(name) => Some((name, 0)),
                    ExprKind::Attribute { attr, .. } => Some((&attr.name, 1)),
                    _ => None,
                };
                for (i, arg) in args.iter().enumerate() {
                    let looks = name.is_some_and(|(name, skip)| {
                        self.lookers
                            .get(name)
                            .is_some_and(|l| l.contains(&(i + skip)))
                    });
                    match reads || looks {
                        true => self.looked(arg),
                        false => self.visit_expr(arg),
                    }
                }
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            ExprKind::Compare { left, ops, rest } => {
                self.visit_expr(left);
                for (op, right) in ops.iter().zip(rest) {
                    match op {
                        CompareOp::In | CompareOp::NotIn => self.looked(right),
                        _ => self.visit_expr(right),
                    }
                }
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                for clause in clauses {
                    self.looked(&clause.iter);
                    clause.ifs.iter().for_each(|t| self.visit_expr(t));
                }
                self.visit_expr(element);
                value.iter().for_each(|v| self.visit_expr(v));
            }
            _ => visit::walk_expr(self, e),
        }
    }
}
