//! What the body of a loop does that the generator it runs over may see.
//!
//! Enters: the module. Leaves: what each generator may look at, by the names of attributes, and
//! the attributes that hold numbers and texts alone, or containers that have no other name. This
//! module must not know which loops run over what.

use super::quiet::is_scalar;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, CompareOp, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The methods that change the container that they are called on, and nothing else.
pub(super) const CHANGES: [&str; 8] = [
    "add",
    "append",
    "appendleft",
    "discard",
    "extend",
    "pop",
    "popleft",
    "setdefault",
];

/// What looks at a container and keeps nothing of it.
const LOOKING: [&str; 12] = [
    "all",
    "any",
    "enumerate",
    "len",
    "list",
    "max",
    "min",
    "print",
    "set",
    "sorted",
    "str",
    "sum",
];

/// The methods of containers that give nothing of theirs another name but their items.
const ASKING: [&str; 12] = [
    "clear", "copy", "count", "get", "index", "insert", "items", "keys", "popitem", "remove",
    "sort", "values",
];

/// Who stores what, and who looks at it.
pub(super) struct Footprints<'m> {
    /// The functions of a name, methods and those of classes that are called too.
    functions: BTreeMap<&'m str, Vec<&'m Function>>,
    /// What operators and texts ask of objects.
    implied: Vec<&'m Function>,
    numbers: BTreeSet<String>,
    containers: BTreeSet<String>,
}

impl<'m> Footprints<'m> {
    pub(super) fn of(module: &'m Module) -> Footprints<'m> {
        let mut functions: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
        let mut implied = Vec::new();
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) => functions.entry(&f.name.name).or_default().push(f),
                StmtKind::Class(class) => {
                    for f in class.body.functions() {
                        let name = f.name.name.as_str();
                        functions.entry(name).or_default().push(f);
                        match name {
                            "__init__" => {
                                functions.entry(&class.name.name).or_default().push(f);
                            }
                            name if name.starts_with("__") => implied.push(f),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let mut stores = Stores {
            // A property or a method is none of these.
            others: functions.keys().map(|n| (*n).to_string()).collect(),
            ..Stores::default()
        };
        stores.visit_block(&module.body);
        let (others, kept) = (&stores.others, &stores.kept);
        let apart = |n: &&String| !others.contains(*n);
        let (numbers, made) = (&stores.numbers, &stores.made);
        Footprints {
            functions,
            implied,
            numbers: numbers.difference(made).filter(apart).cloned().collect(),
            containers: made
                .difference(numbers)
                .filter(apart)
                .filter(|n| !kept.contains(*n))
                .cloned()
                .collect(),
        }
    }

    /// The attributes that functions of a name may look at, and what they call; a method is
    /// named as `.name`.
    pub(super) fn read_by(&self, name: &str) -> BTreeSet<String> {
        let mut named = Named(BTreeSet::from([name.trim_start_matches('.').to_string()]));
        let mut seen: BTreeSet<*const Function> = BTreeSet::new();
        for f in &self.implied {
            seen.insert(std::ptr::from_ref(*f));
            named.visit_block(&f.body);
        }
        loop {
            let open: Vec<&Function> = named
                .0
                .iter()
                .filter_map(|name| self.functions.get(name.as_str()))
                .flatten()
                .copied()
                .filter(|f| !seen.contains(&std::ptr::from_ref(*f)))
                .collect();
            if open.is_empty() {
                return named.0;
            }
            for f in open {
                seen.insert(std::ptr::from_ref(f));
                named.visit_block(&f.body);
            }
        }
    }

    /// Whether objects say themselves how they are added up or compared.
    pub(super) fn has_operators(&self) -> bool {
        ["__add__", "__radd__", "__lt__", "__gt__"]
            .iter()
            .any(|name| self.functions.contains_key(name))
    }

    /// Whether storing an attribute does nothing else.
    pub(super) fn is_stored(&self, attr: &str) -> bool {
        !self.functions.contains_key(attr) && !self.functions.contains_key("__setattr__")
    }

    /// Whether an attribute only ever holds numbers and texts.
    pub(super) fn is_number(&self, attr: &str) -> bool {
        self.numbers.contains(attr)
    }

    /// Whether what an attribute holds is a container without another name.
    pub(super) fn is_container(&self, attr: &str) -> bool {
        self.containers.contains(attr)
    }
}

/// Every name and attribute.
struct Named(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Named {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => drop(self.0.insert(name.clone())),
            ExprKind::Attribute { attr, .. } => drop(self.0.insert(attr.name.clone())),
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// What attributes are given.
#[derive(Default)]
struct Stores {
    /// Those that are given numbers or texts.
    numbers: BTreeSet<String>,
    /// Those that are given new containers.
    made: BTreeSet<String>,
    /// Those that are given anything else.
    others: BTreeSet<String>,
    /// Those whose value may get another name.
    kept: BTreeSet<String>,
}

impl Stores {
    fn given(&mut self, target: &Expr, value: Option<&Expr>) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                let set = match value {
                    Some(value) if is_scalar(value) => &mut self.numbers,
                    Some(value) if makes(value) => &mut self.made,
                    _ => &mut self.others,
                };
                set.insert(attr.name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.given(item, None));
            }
            ExprKind::Starred(inner) => self.given(inner, None),
            _ => {}
        }
    }

    /// A place in which what an attribute holds gets no other name.
    fn looked_at(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Attribute { value, .. } => self.visit_expr(value),
            _ => self.visit_expr(e),
        }
    }
}

/// Whether an expression makes a container that nobody else has.
fn makes(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(_)
        | ExprKind::Dict(_)
        | ExprKind::Set(_)
        | ExprKind::Comprehension { .. } => true,
        ExprKind::Call { func, .. } => {
            matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "list" | "dict" | "set" | "deque"))
        }
        ExprKind::Binary { left, right, .. } => {
            matches!(left.kind, ExprKind::List(_)) || matches!(right.kind, ExprKind::List(_))
        }
        _ => false,
    }
}

impl<'ast> Visitor<'ast> for Stores {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    // A field of a dataclass, an attribute of the class.
                    if !matches!(inner.kind, StmtKind::Function(_)) {
                        let value = inner.assigned().map(|(_, value)| value);
                        for name in super::super::callables::top_bound(inner) {
                            match value.is_some_and(is_scalar) {
                                true => self.numbers.insert(name),
                                false => self.others.insert(name),
                            };
                        }
                    }
                }
                visit::walk_stmt(self, stmt);
            }
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.given(target, Some(value).filter(|_| targets.len() == 1));
                    self.looked_at(target);
                }
                self.visit_expr(value);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                self.given(target, value.as_ref());
                self.looked_at(target);
                value.iter().for_each(|v| self.visit_expr(v));
            }
            // What is added to a number gives one; a list takes in what it is given.
            StmtKind::AugAssign { target, value, .. } => {
                self.looked_at(target);
                self.visit_expr(value);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.given(target, None);
                self.looked_at(iter);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, t)| t.as_ref());
                targets.for_each(|t| self.given(t, None));
                visit::walk_stmt(self, stmt);
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.looked_at(t)),
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.looked_at(test);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { value, attr } => {
                self.kept.insert(attr.name.clone());
                self.visit_expr(value);
            }
            ExprKind::Subscript { value, index } => {
                self.looked_at(value);
                self.visit_expr(index);
            }
            ExprKind::Unary { operand, .. } => self.looked_at(operand),
            ExprKind::Compare { left, ops, rest } => {
                let identity = |op: &CompareOp| matches!(op, CompareOp::Is | CompareOp::IsNot);
                match ops.iter().any(identity) {
                    true => visit::walk_expr(self, e),
                    false => {
                        self.looked_at(left);
                        rest.iter().for_each(|r| self.looked_at(r));
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
                    self.given(&clause.target, None);
                    self.looked_at(&clause.iter);
                    clause.ifs.iter().for_each(|t| self.looked_at(t));
                }
                self.visit_expr(element);
                value.iter().for_each(|v| self.visit_expr(v));
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let looks = match &func.kind {
                    ExprKind::Name(n) => LOOKING.contains(&n.as_str()),
                    ExprKind::Attribute { value, attr } => {
                        let name = attr.name.as_str();
                        match CHANGES.contains(&name) || ASKING.contains(&name) {
                            true => self.looked_at(value),
                            false => self.visit_expr(value),
                        }
                        false
                    }
                    _ => {
                        self.visit_expr(func);
                        false
                    }
                };
                for arg in args {
                    match looks {
                        true => self.looked_at(arg),
                        false => self.visit_expr(arg),
                    }
                }
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            _ => visit::walk_expr(self, e),
        }
    }
}

/// Whether a call writes what it is given, and does nothing else: `print(x)`, `log.info(x)`.
pub(super) fn writes(e: &Expr) -> Option<Vec<&Expr>> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let known = match &func.kind {
        ExprKind::Name(name) => name == "print",
        ExprKind::Attribute { value, attr } => {
            let logger = matches!(&value.kind, ExprKind::Name(n) if matches!(n.as_str(), "logging" | "logger" | "log" | "LOG" | "_log" | "_logger" | "LOGGER"));
            logger
                && matches!(
                    attr.name.as_str(),
                    "debug" | "info" | "warning" | "error" | "critical"
                )
        }
        _ => false,
    };
    let given = args.iter().chain(keywords.iter().map(|k| &k.value));
    known.then(|| given.collect())
}

/// Whether a block does what somebody outside of its function may see: then what a generator
/// raises must not come before it.
pub(super) fn reaches_out(block: &Block) -> bool {
    struct Reaches(bool);
    impl<'ast> Visitor<'ast> for Reaches {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let outside = |t: &Expr| match &t.kind {
                ExprKind::Attribute { .. } => true,
                ExprKind::Subscript { value, .. } => !matches!(value.kind, ExprKind::Name(_)),
                _ => false,
            };
            self.0 |= stmt.targets().iter().any(outside);
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            self.0 |= writes(e).is_some();
            if let ExprKind::Call { func, .. } = &e.kind
                && let ExprKind::Attribute { value, attr } = &func.kind
            {
                let own = matches!(value.kind, ExprKind::Name(_));
                self.0 |= CHANGES.contains(&attr.name.as_str()) && !own;
            }
            visit::walk_expr(self, e);
        }
    }
    let mut found = Reaches(false);
    found.visit_block(block);
    found.0
}
