//! `zip(*rows)` of rows of which nobody knows how many there are.
//!
//! Enters: the module. Leaves: the calls whose columns may be lists in Rust, because nothing
//! shows that they are tuples to Python: they are run through, indexed, counted and added
//! up, not printed, compared or kept. This module must not know types.

use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{
    Block, Clause, CompareOp, Expr, ExprKind, Function, Module, NodeId, Stmt, StmtKind,
};
use std::collections::BTreeMap;

/// The function that gives the columns of rows: `columns(rows)`.
pub const COLUMNS: &str = "spread.columns";

/// The function that gives the columns of rows that are unpacked: `parts(rows, 3)`.
pub const PARTS: &str = "spread.parts";

/// How deep functions that are given a column are looked through.
const MOST_LAYERS: usize = 4;

/// The builtins to which a tuple is what a list is.
const ALIKE: [&str; 13] = [
    "list",
    "sum",
    "max",
    "min",
    "len",
    "sorted",
    "zip",
    "enumerate",
    "any",
    "all",
    "set",
    "reversed",
    "map",
];

/// The calls of `zip` with one `*`, whose columns nobody can tell from lists; of such as are
/// unpacked, into how many names.
pub fn columns(module: &Module) -> BTreeMap<NodeId, Option<usize>> {
    let functions = module.body.stmts.iter().filter_map(|s| match &s.kind {
        StmtKind::Function(f) => Some((f.name.name.as_str(), f)),
        _ => None,
    });
    let inits = module.body.stmts.iter().filter_map(|s| match &s.kind {
        StmtKind::Class(class) => {
            let init = class.body.functions().find(|f| f.name.name == "__init__")?;
            Some((class.name.name.as_str(), init))
        }
        _ => None,
    });
    let mut find = Find {
        functions: functions.collect(),
        inits: inits.collect(),
        around: vec![&module.body],
        found: BTreeMap::new(),
    };
    if !find.functions.contains_key("zip") && !find.functions.contains_key("list") {
        find.visit_block(&module.body);
    }
    find.found
}

/// The rows of `zip(*rows)`.
fn rows(e: &Expr) -> Option<&Expr> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let [only] = args.as_slice() else { return None };
    match (&func.kind, &only.kind) {
        (ExprKind::Name(name), ExprKind::Starred(rows)) if name == "zip" && keywords.is_empty() => {
            Some(rows)
        }
        _ => None,
    }
}

/// Whether a comprehension makes a list of each column: `[list(c) for c in zip(*rows)]`.
pub fn lists_of_columns<'e>(element: &Expr, clauses: &'e [Clause]) -> Option<&'e Expr> {
    let ([clause], ExprKind::Call { func, args, .. }) = (clauses, &element.kind) else {
        return None;
    };
    let ([arg], ExprKind::Name(list)) = (args.as_slice(), &func.kind) else {
        return None;
    };
    let same = matches!((&arg.kind, &clause.target.kind), (ExprKind::Name(a), ExprKind::Name(b)) if a == b);
    (same && list == "list" && clause.ifs.is_empty()).then_some(&clause.iter)
}

/// The `zip(*rows)` of `list(zip(*rows))`.
fn listed(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => match args.as_slice() {
            [zip] if matches!(&func.kind, ExprKind::Name(n) if n == "list") => {
                rows(zip).map(|_| zip)
            }
            _ => None,
        },
        _ => None,
    }
}

/// How often a name stands in a statement.
fn names_in(stmt: &Stmt, name: &str) -> usize {
    let mut loops = Loops {
        name,
        targets: Vec::new(),
        asked: 0,
        all: 0,
    };
    loops.visit_stmt(stmt);
    loops.all
}

/// The loops over what a name stands for.
struct Loops<'n, 'ast> {
    name: &'n str,
    /// Their targets.
    targets: Vec<&'ast Expr>,
    /// How often its length is asked for.
    asked: usize,
    all: usize,
}

impl<'ast> Visitor<'ast> for Loops<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { target, iter, .. } = &stmt.kind
            && matches!(&iter.kind, ExprKind::Name(n) if n == self.name)
        {
            self.targets.push(target);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(n) => self.all += usize::from(n == self.name),
            ExprKind::Comprehension { clauses, .. } => {
                let own = |c: &&Clause| matches!(&c.iter.kind, ExprKind::Name(n) if n == self.name);
                let targets = clauses.iter().filter(own).map(|c| &c.target);
                self.targets.extend(targets);
            }
            ExprKind::Call { func, args, .. } => {
                if let ([arg], ExprKind::Name(len)) = (args.as_slice(), &func.kind) {
                    let own = matches!(&arg.kind, ExprKind::Name(n) if n == self.name);
                    self.asked += usize::from(own && len == "len");
                }
            }
            _ => {}
        }
        walk_expr(self, e);
    }
}

struct Find<'ast> {
    functions: BTreeMap<&'ast str, &'ast Function>,
    /// The constructors of classes.
    inits: BTreeMap<&'ast str, &'ast Function>,
    /// The bodies of the functions around.
    around: Vec<&'ast Block>,
    found: BTreeMap<NodeId, Option<usize>>,
}

impl<'ast> Find<'ast> {
    /// Whether no use of a name that stands for a column shows that it is a tuple.
    fn unseen(&self, name: &str, within: &dyn Fn(&mut Uses<'_, 'ast>)) -> bool {
        let mut uses = Uses {
            functions: &self.functions,
            name,
            all: 0,
            alike: 0,
            depth: 0,
        };
        within(&mut uses);
        uses.all == uses.alike
    }

    /// Whether a name stands for nothing but what loops run through, whose items may be lists
    /// as well; it is bound so many times.
    fn are_run_through(&self, name: &str, body: &'ast Block, bound: usize) -> bool {
        let mut loops = Loops {
            name,
            targets: Vec::new(),
            asked: 0,
            all: 0,
        };
        loops.visit_block(body);
        let within = |uses: &mut Uses<'_, 'ast>| uses.visit_block(body);
        loops.all == loops.targets.len() + loops.asked + bound
            && !loops.targets.is_empty()
            && loops.targets.iter().all(|t| self.target_unseen(t, &within))
    }

    /// Whether nothing may change the rows while their columns are run through.
    fn is_still(&self, rows: &Expr, within: &dyn Fn(&mut Changes<'_, 'ast>)) -> bool {
        let mut changes = Changes {
            functions: &self.functions,
            rows: root(rows),
            depth: 0,
            any: root(rows).is_none(),
        };
        within(&mut changes);
        !changes.any
    }

    fn target_unseen(&self, target: &Expr, within: &dyn Fn(&mut Uses<'_, 'ast>)) -> bool {
        match &target.kind {
            ExprKind::Name(name) => self.unseen(name, within),
            ExprKind::Tuple(items) => items
                .iter()
                .all(|i| matches!(i.kind, ExprKind::Name(_) | ExprKind::Tuple(_))),
            _ => false,
        }
    }
}

impl<'ast> Visitor<'ast> for Find<'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let body = self.around.last().copied();
        match &stmt.kind {
            StmtKind::Function(function) => {
                self.around.push(&function.body);
                walk_stmt(self, stmt);
                self.around.pop();
                return;
            }
            StmtKind::For {
                target,
                iter,
                body: of,
                ..
            } if rows(iter).is_some_and(|rows| self.is_still(rows, &|q| q.visit_block(of))) => {
                let within =
                    |uses: &mut Uses<'_, 'ast>| body.iter().for_each(|b| uses.visit_block(b));
                if self.target_unseen(target, &within) {
                    self.found.insert(iter.id, None);
                }
            }
            // `columns = list(zip(*rows))`, of which each is run through.
            StmtKind::Assign { targets, value } if listed(value).is_some() => {
                if let ([target], Some(zip), Some(body)) = (targets.as_slice(), listed(value), body)
                    && let ExprKind::Name(name) = &target.kind
                    && self.around.len() > 1
                    && self.are_run_through(name, body, 1)
                {
                    self.found.insert(zip.id, None);
                }
            }
            StmtKind::Assign { targets, value } if rows(value).is_some() => {
                let within =
                    |uses: &mut Uses<'_, 'ast>| body.iter().for_each(|b| uses.visit_block(b));
                if let [target] = targets.as_slice()
                    && let ExprKind::Tuple(names) | ExprKind::List(names) = &target.kind
                    && names.iter().all(
                        |n| matches!(&n.kind, ExprKind::Name(name) if self.unseen(name, &within)),
                    )
                    && self.around.len() > 1
                {
                    self.found.insert(value.id, Some(names.len()));
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        // `Matrix(zip(*rows))`, where the constructor runs through them first of all.
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
            && let ([arg], true, ExprKind::Name(class)) =
                (args.as_slice(), keywords.is_empty(), &func.kind)
            && let Some(given) = rows(arg)
            && let Some(init) = self.inits.get(class.as_str()).copied()
            && let [_, param] = init.params.list.as_slice()
            && let Some(first) = init.body.stmts.first()
            && let Some((_, value)) = first.assigned()
            && self.is_still(given, &|q| q.visit_expr(value))
            && names_in(first, &param.name.name) == 1
            && self.are_run_through(&param.name.name, &init.body, 0)
        {
            self.found.insert(arg.id, None);
        }
        if let ExprKind::Comprehension { clauses, .. } = &e.kind {
            for clause in clauses {
                let within = |uses: &mut Uses<'_, 'ast>| uses.visit_expr(e);
                let still = |q: &mut Changes<'_, 'ast>| walk_expr(q, e);
                if rows(&clause.iter).is_some_and(|rows| self.is_still(rows, &still))
                    && self.target_unseen(&clause.target, &within)
                {
                    self.found.insert(clause.iter.id, None);
                }
            }
        }
        walk_expr(self, e);
    }
}

/// The variable that a path starts with.
fn root(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => root(value),
        _ => None,
    }
}

/// Whether something may change the elements of rows: what is put into an object that may hold
/// them, a method that is called, a function that does so.
struct Changes<'f, 'ast> {
    functions: &'f BTreeMap<&'ast str, &'ast Function>,
    /// The variable that holds the rows.
    rows: Option<&'f str>,
    depth: usize,
    any: bool,
}

impl Changes<'_, '_> {
    /// Whether a place may lie in the rows.
    fn may_hold(&self, place: &Expr) -> bool {
        match root(place) {
            Some(name) => self.depth > 0 || Some(name) == self.rows || name == "self",
            None => true,
        }
    }
}

impl<'ast> Visitor<'ast> for Changes<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        for target in stmt.targets() {
            let parts = matches!(
                target.kind,
                ExprKind::Subscript { .. } | ExprKind::Attribute { .. } | ExprKind::Tuple(_)
            );
            self.any |= parts && self.may_hold(target);
        }
        self.any |= matches!(
            stmt.kind,
            StmtKind::Delete(_) | StmtKind::Global(_) | StmtKind::Nonlocal(_)
        );
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { func, .. } = &e.kind {
            match &func.kind {
                ExprKind::Name(name) => match self.functions.get(name.as_str()).copied() {
                    Some(function) if self.depth < MOST_LAYERS => {
                        self.depth += 1;
                        self.visit_block(&function.body);
                        self.depth -= 1;
                    }
                    Some(_) => self.any = true,
                    // A class, or a variable that holds a function, begins in no such way.
                    None => self.any |= !BUILTINS.contains(&name.as_str()),
                },
                ExprKind::Attribute { value, attr } => {
                    let module = matches!(root(value), Some("math" | "statistics"));
                    let own = attr.name == "append" && !self.may_hold(value);
                    self.any |= !module && !own;
                }
                _ => self.any = true,
            }
        }
        walk_expr(self, e);
    }
}

/// The builtins that change nothing.
const BUILTINS: [&str; 24] = [
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "map",
    "max",
    "min",
    "pow",
    "print",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// The uses of a name, and those of them to which a tuple is what a list is.
struct Uses<'f, 'ast> {
    functions: &'f BTreeMap<&'ast str, &'ast Function>,
    name: &'f str,
    all: usize,
    alike: usize,
    depth: usize,
}

impl<'ast> Uses<'_, 'ast> {
    fn is_own(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(n) if n == self.name)
    }

    fn alike(&mut self, e: &Expr) {
        self.alike += usize::from(self.is_own(e));
    }

    /// Whether a function does nothing with a parameter that shows what it is.
    fn taken_alike(&self, function: &'ast Function, at: usize) -> bool {
        let Some(param) = function.params.list.get(at) else {
            return false;
        };
        let mut uses = Uses {
            functions: self.functions,
            name: &param.name.name,
            all: 0,
            alike: 0,
            depth: self.depth + 1,
        };
        uses.visit_block(&function.body);
        uses.all == uses.alike
    }

    fn call(&mut self, func: &Expr, args: &[Expr]) {
        match &func.kind {
            ExprKind::Name(name) => match self.functions.get(name.as_str()).copied() {
                Some(function) => {
                    for (i, arg) in args.iter().enumerate() {
                        let taken = self.is_own(arg)
                            && self.depth < MOST_LAYERS
                            && self.taken_alike(function, i);
                        self.alike += usize::from(taken);
                    }
                }
                // What stands beside it is compared with it, or added to it.
                None if matches!(name.as_str(), "max" | "min") => {
                    if let [only] = args {
                        self.alike(only);
                    }
                }
                None if name == "sum" => args.iter().take(1).for_each(|a| self.alike(a)),
                None if ALIKE.contains(&name.as_str()) => args.iter().for_each(|a| self.alike(a)),
                None => {}
            },
            ExprKind::Attribute { value, attr } => match &value.kind {
                // Of numbers alone.
                ExprKind::Name(of) if matches!(of.as_str(), "math" | "statistics") => {
                    args.iter().for_each(|a| self.alike(a));
                }
                _ if attr.name == "count" => self.alike(value),
                _ => {}
            },
            _ => {}
        }
        for arg in args {
            if let ExprKind::Starred(inner) = &arg.kind {
                self.alike(inner);
            }
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { target, iter, .. } => {
                self.alike(iter);
                self.targets(target);
            }
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.targets(t)),
            StmtKind::AugAssign { target, .. } => self.targets(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.targets(t)),
            // Other functions may see it.
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.all += usize::from(names.iter().any(|n| n == self.name));
            }
            _ => {}
        }
        if let StmtKind::AugAssign { target, .. } = &stmt.kind {
            self.all += usize::from(self.is_own(target));
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.all += usize::from(self.is_own(e));
        match &e.kind {
            ExprKind::Call { func, args, .. } => self.call(func, args),
            ExprKind::Subscript { value, index }
                if !matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.alike(value);
            }
            ExprKind::Compare { ops, rest, .. } => {
                for (op, right) in ops.iter().zip(rest) {
                    if matches!(op, CompareOp::In | CompareOp::NotIn) {
                        self.alike(right);
                    }
                }
            }
            ExprKind::Comprehension { clauses, .. } => {
                for clause in clauses {
                    self.alike(&clause.iter);
                    self.targets(&clause.target);
                }
            }
            _ => {}
        }
        walk_expr(self, e);
    }
}

impl Uses<'_, '_> {
    /// Where the name is bound, it is not used.
    fn targets(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(_) => self.alike(target),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.targets(i));
            }
            // A tuple takes no items.
            ExprKind::Subscript { value, .. } => self.all += usize::from(self.is_own(value)),
            _ => {}
        }
    }
}
