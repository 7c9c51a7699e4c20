//! Functions that only look at things.
//!
//! Enters: the module. Leaves: which of its functions change nothing but variables of their
//! own, and which of those are generators that end. This module must not know who calls them.

use super::super::callables::times_bound;
use super::super::names::Names;
use super::{Run, Runs};
use crate::ast::{self, BinaryOp, Block, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// The builtins that change nothing and call nothing of the file.
const BUILTINS: [&str; 18] = [
    "abs",
    "bool",
    "divmod",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "pow",
    "range",
    "reversed",
    "round",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// The methods of Python's own containers and texts that change nothing.
const LOOKS: [&str; 21] = [
    "copy",
    "count",
    "endswith",
    "find",
    "format",
    "get",
    "index",
    "isalpha",
    "isdigit",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "replace",
    "rstrip",
    "split",
    "startswith",
    "strip",
    "upper",
    "values",
];

/// Modules whose objects have methods of such names that do more.
const ACTIVE: [&str; 7] = [
    "asyncio",
    "concurrent",
    "multiprocessing",
    "queue",
    "subprocess",
    "threading",
    "weakref",
];

/// The methods of other objects that do things: what has one of these names may be theirs.
const ACTS: [&str; 41] = [
    "acquire",
    "add",
    "append",
    "appendleft",
    "cancel",
    "choice",
    "clear",
    "close",
    "discard",
    "extend",
    "extendleft",
    "flush",
    "gauss",
    "getrandbits",
    "insert",
    "normalvariate",
    "notify",
    "pop",
    "popitem",
    "popleft",
    "put",
    "randint",
    "random",
    "randrange",
    "read",
    "readline",
    "release",
    "remove",
    "reverse",
    "rotate",
    "sample",
    "seed",
    "send",
    "set",
    "setdefault",
    "shuffle",
    "sort",
    "start",
    "uniform",
    "update",
    "write",
];

/// A generator that may become a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generator {
    /// Whether it may raise.
    pub(super) raises: bool,
    /// Whether it ends only by a condition.
    pub(super) conditional: bool,
    /// Whether it changes more than its own variables.
    pub(super) loud: bool,
}

impl Generator {
    /// One of two.
    fn either((a, b): (Generator, Generator)) -> Generator {
        Generator {
            raises: a.raises || b.raises,
            conditional: a.conditional || b.conditional,
            loud: a.loud || b.loud,
        }
    }
}

/// The functions of the module that change nothing.
pub(super) struct Quiet {
    functions: BTreeSet<String>,
    /// The names that only methods have of which none changes anything.
    methods: BTreeSet<String>,
    /// The classes of which an object is made without changing anything else.
    made: BTreeSet<String>,
    /// The names of [`LOOKS`] that are Python's own.
    looks: BTreeSet<&'static str>,
    /// What stands for a module.
    imported: BTreeSet<String>,
}

impl Quiet {
    pub(super) fn of(module: &Module) -> Quiet {
        let mut quiet = Quiet {
            functions: BTreeSet::new(),
            methods: BTreeSet::new(),
            made: BTreeSet::new(),
            looks: BTreeSet::new(),
            imported: BTreeSet::new(),
        };
        let bound = times_bound(module);
        let members = Members::of(module);
        let own_names = |name: &&str| {
            !members.active
                && !members.methods.contains_key(*name)
                && !members.stored.contains(*name)
        };
        quiet.looks = LOOKS.into_iter().filter(own_names).collect();
        quiet.imported = members.imported.clone();
        let classes: Vec<&ast::Class> = module
            .body
            .stmts
            .iter()
            .filter_map(|s| match &s.kind {
                StmtKind::Class(c) if bound.get(&c.name.name) == Some(&1) => Some(c),
                _ => None,
            })
            .collect();
        let own: Vec<&Function> = module
            .body
            .stmts
            .iter()
            .filter_map(|s| match &s.kind {
                StmtKind::Function(f) if bound.get(&f.name.name) == Some(&1) => Some(f),
                _ => None,
            })
            .collect();
        loop {
            let before = quiet.known();
            for function in &own {
                let plain = function.decorators.is_empty() && !function.is_async;
                if plain && !yields(&function.body) && quiet.block(&function.body, true) {
                    quiet.functions.insert(function.name.name.clone());
                }
            }
            for (name, methods) in &members.methods {
                if members.is_plain(name) && methods.iter().all(|m| quiet.block(&m.body, true)) {
                    quiet.methods.insert((*name).to_string());
                }
            }
            for class in &classes {
                if !members.patched && quiet.makes(class, &members) {
                    quiet.made.insert(class.name.name.clone());
                }
            }
            if quiet.known() == before {
                return quiet;
            }
        }
    }

    fn known(&self) -> usize {
        self.functions.len() + self.methods.len() + self.made.len()
    }

    /// Whether making an object of a class changes nothing but that object.
    fn makes(&self, class: &ast::Class, members: &Members) -> bool {
        let named = |e: &Expr, known: &[&str]| match &e.kind {
            ExprKind::Name(n) => known.contains(&n.as_str()),
            _ => false,
        };
        let of_fields = |d: &Expr| match &d.kind {
            ExprKind::Call { func, .. } => named(func, &["dataclass"]),
            _ => named(d, &["dataclass"]),
        };
        let made_elsewhere = [
            "__new__",
            "__setattr__",
            "__post_init__",
            "__getattribute__",
        ];
        let named_in = |names: &[&str], f: &Function| names.contains(&f.name.name.as_str());
        // What a field starts with may be made by a function.
        let computed = |s: &Stmt| matches!(&s.kind, StmtKind::AnnAssign { value: Some(v), .. } if !is_scalar(v));
        let bases = ["object", "NamedTuple"];
        if class.body.functions().any(|f| named_in(&made_elsewhere, f))
            || class.body.stmts.iter().any(computed)
            || !class.bases.iter().all(|b| named(b, &bases))
            || !class.keywords.is_empty()
            || !class.decorators.iter().all(of_fields)
        {
            return false;
        }
        let mut inits = class
            .body
            .functions()
            .filter(|f| named_in(&["__init__"], f));
        let init = match (inits.next(), inits.next()) {
            (None, _) => return true,
            (Some(init), None) => init,
            _ => return false,
        };
        let Some(own) = init.params.list.first() else {
            return false;
        };
        let rebound = Names::of(init).bound.get(&own.name.name) != Some(&1);
        let numbers = numbers(&init.body);
        let frame = Frame {
            own: true,
            numbers: &numbers,
            made: Some((&own.name.name, members)),
        };
        !rebound
            && init.decorators.is_empty()
            && !yields(&init.body)
            && init.body.stmts.iter().all(|s| self.stmt(s, frame))
    }

    /// The generators that only look at things, by name; methods as `.name`. One of several
    /// methods of a name counts only where all of them do.
    pub(super) fn generators(
        &self,
        module: &Module,
        runs: &Runs<'_>,
    ) -> BTreeMap<String, Generator> {
        if !self.looks_are_quiet(module) {
            return BTreeMap::new();
        }
        let mut found: BTreeMap<String, Option<Generator>> = BTreeMap::new();
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) => {
                    let known = found.contains_key(&f.name.name);
                    let own = self.generator(f, runs).filter(|_| !known);
                    found.insert(f.name.name.clone(), own);
                }
                StmtKind::Class(class) => {
                    // What an item is asked of is asked of the class.
                    let items = class.body.stmts.iter().all(|s| match &s.kind {
                        StmtKind::Function(f) if f.name.name == "__getitem__" => {
                            self.block(&f.body, true)
                        }
                        _ => true,
                    });
                    for f in class.body.functions().filter(|f| yields(&f.body)) {
                        let own = self.generator(f, runs).filter(|_| items);
                        let name = format!(".{}", f.name.name);
                        found
                            .entry(name)
                            .and_modify(|known| *known = known.zip(own).map(Generator::either))
                            .or_insert(own);
                    }
                }
                _ => {}
            }
        }
        found
            .into_iter()
            .filter_map(|(name, found)| Some((name, found?)))
            .collect()
    }

    /// Whether reading an attribute and an operator change nothing, and the builtins are
    /// Python's.
    fn looks_are_quiet(&self, module: &Module) -> bool {
        let called = [
            "__init__",
            "__iter__",
            "__enter__",
            "__exit__",
            "__call__",
            "__post_init__",
        ];
        let of_class = |class: &ast::Class| {
            class.body.stmts.iter().all(|s| match &s.kind {
                StmtKind::Function(f) => {
                    let implied = f.name.name.starts_with("__") || !f.decorators.is_empty();
                    !implied
                        || called.contains(&f.name.name.as_str())
                        || is_setter(f)
                        || self.block(&f.body, true)
                }
                _ => true,
            })
        };
        module.body.stmts.iter().all(|stmt| {
            let bound = super::super::callables::top_bound(stmt);
            let own = match &stmt.kind {
                StmtKind::Class(class) => of_class(class),
                _ => true,
            };
            own && !bound.iter().any(|n| BUILTINS.contains(&n.as_str()))
        })
    }

    fn generator(&self, function: &Function, runs: &Runs<'_>) -> Option<Generator> {
        if !function.decorators.is_empty() || function.is_async || !yields(&function.body) {
            return None;
        }
        if !self.block(&function.body, true) {
            return plainly_yields(&function.body).then_some(Generator {
                raises: true,
                conditional: true,
                loud: true,
            });
        }
        let mut found = Look {
            raises: false,
            conditional: false,
            endless: false,
            names: Names::of(function),
            runs,
            counted: Vec::new(),
        };
        ast::visit::Visitor::visit_block(&mut found, &function.body);
        (!found.endless).then_some(Generator {
            raises: found.raises,
            conditional: found.conditional,
            loud: false,
        })
    }

    /// Whether statements change nothing but names, and may not be left by an exception of
    /// their own; in a function's own body they may return and raise.
    pub(super) fn block(&self, block: &Block, own: bool) -> bool {
        let numbers = numbers(block);
        let frame = Frame {
            own,
            numbers: &numbers,
            made: None,
        };
        block.stmts.iter().all(|s| self.stmt(s, frame))
    }

    fn stmt(&self, stmt: &Stmt, frame: Frame) -> bool {
        let own = frame.own;
        let here = match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().all(|t| frame.binds(t)) && self.expr(value)
            }
            // `xs += ys` changes what `xs` names, where that is a list.
            StmtKind::AugAssign { target, value, .. } => {
                let counts = match &target.kind {
                    ExprKind::Name(name) => is_scalar(value) || frame.numbers.contains(name),
                    _ => false,
                };
                counts && self.expr(value)
            }
            StmtKind::AnnAssign { target, value, .. } => {
                frame.binds(target) && value.as_ref().is_none_or(|v| self.expr(v))
            }
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => self.expr(test),
            StmtKind::For { target, iter, .. } => is_name(target) && self.expr(iter),
            StmtKind::Return(value) => own && value.as_ref().is_none_or(|v| self.expr(v)),
            StmtKind::Raise { exc, .. } => own && exc.as_ref().is_none_or(is_exception),
            StmtKind::Expr(e) => match &e.kind {
                ExprKind::Yield(Some(value)) => own && self.expr(value),
                ExprKind::YieldFrom(values) => own && self.expr(values),
                _ => self.expr(e),
            },
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => true,
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Delete(_)
            | StmtKind::With { .. }
            | StmtKind::Try { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Match { .. }
            | StmtKind::Unsupported(_) => false,
        };
        here && ast::branches(stmt)
            .iter()
            .all(|b| b.stmts.iter().all(|s| self.stmt(s, frame)))
    }

    /// Whether evaluating an expression changes nothing.
    pub(super) fn expr(&self, e: &Expr) -> bool {
        struct Acts<'q>(&'q Quiet, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Acts<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                let fine = match &e.kind {
                    ExprKind::Call { func, .. } => self.0.is_quiet(func),
                    ExprKind::Yield(_)
                    | ExprKind::YieldFrom(_)
                    | ExprKind::Await(_)
                    | ExprKind::Named { .. }
                    | ExprKind::Lambda { .. }
                    | ExprKind::Unsupported(_) => false,
                    _ => true,
                };
                self.1 |= !fine;
                ast::visit::walk_expr(self, e);
            }
        }
        let mut acts = Acts(self, false);
        ast::visit::Visitor::visit_expr(&mut acts, e);
        !acts.1
    }

    /// Whether calling what an expression names changes nothing.
    pub(super) fn calls(&self, func: &Expr) -> bool {
        self.is_quiet(func)
    }

    /// Whether what is called changes nothing.
    fn is_quiet(&self, func: &Expr) -> bool {
        match &func.kind {
            ExprKind::Name(name) => {
                BUILTINS.contains(&name.as_str())
                    || self.functions.contains(name)
                    || self.made.contains(name)
            }
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(n) if n == "math" => true,
                ExprKind::Name(n) if self.imported.contains(n) => false,
                _ => {
                    let name = attr.name.as_str();
                    self.looks.contains(name) || self.methods.contains(name)
                }
            },
            _ => false,
        }
    }
}

/// The function that a statement stands in.
#[derive(Clone, Copy)]
struct Frame<'f> {
    /// Whether the statement may return and raise.
    own: bool,
    /// Its names that are numbers.
    numbers: &'f BTreeSet<String>,
    /// The object that it makes.
    made: Option<(&'f str, &'f Members<'f>)>,
}

impl Frame<'_> {
    /// Whether a target is a name, or an attribute of what is made.
    fn binds(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Attribute { value, attr } => self.made.is_some_and(|(own, members)| {
                matches!(&value.kind, ExprKind::Name(n) if n == own)
                    && !members.methods.contains_key(attr.name.as_str())
                    && !members.described.contains(&attr.name)
            }),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(|i| self.binds(i)),
            _ => is_name(e),
        }
    }
}

/// Whether a module is one of [`ACTIVE`], or in one.
fn is_active(module: &str) -> bool {
    ACTIVE.contains(&module.split('.').next().unwrap_or(module))
}

/// What the classes of a module define, and what is stored as an attribute.
#[derive(Default)]
struct Members<'m> {
    methods: BTreeMap<&'m str, Vec<&'m Function>>,
    /// The attributes that are stored, those of class bodies among them.
    stored: BTreeSet<String>,
    /// What class bodies bind to more than a literal: it may be a descriptor.
    described: BTreeSet<String>,
    /// The names that stand for what is imported.
    imported: BTreeSet<String>,
    /// Whether a module of [`ACTIVE`] is imported.
    active: bool,
    /// Whether attributes may be stored by a computed name.
    patched: bool,
}

impl<'m> Members<'m> {
    fn of(module: &'m Module) -> Members<'m> {
        let mut members = Members::default();
        ast::visit::Visitor::visit_block(&mut members, &module.body);
        members
    }

    /// Whether what is called as a method of a name is only what the classes define.
    fn is_plain(&self, name: &str) -> bool {
        let plain = |f: &&Function| {
            let known = |d: &Expr| match &d.kind {
                ExprKind::Name(n) => n == "staticmethod" || n == "classmethod",
                _ => false,
            };
            f.decorators.iter().all(known) && !f.is_async && !yields(&f.body)
        };
        let others = name.starts_with("__")
            || ACTS.contains(&name)
            || self.active && LOOKS.contains(&name)
            || self.stored.contains(name);
        !self.patched && !others && self.methods.get(name).is_some_and(|m| m.iter().all(plain))
    }

    fn target(&mut self, e: &Expr) {
        self.stored.extend(ast::attributes(e).cloned());
    }
}

impl<'m> ast::visit::Visitor<'m> for Members<'m> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    match &inner.kind {
                        StmtKind::Function(f) => {
                            self.methods.entry(&f.name.name).or_default().push(f);
                        }
                        kind => {
                            let bound = super::super::callables::top_bound(inner);
                            let literal = match kind {
                                StmtKind::Assign { value, .. } => is_scalar(value),
                                StmtKind::AnnAssign { value, .. } => {
                                    value.as_ref().is_none_or(is_scalar)
                                }
                                _ => false,
                            };
                            if !literal {
                                self.described.extend(bound.iter().cloned());
                            }
                            self.stored.extend(bound);
                        }
                    }
                }
            }
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::Import(names) => {
                for alias in names {
                    let name = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                    let first = name.split('.').next().unwrap_or(name);
                    self.imported.insert(first.to_string());
                    self.active |= is_active(&alias.name.name);
                }
            }
            StmtKind::ImportFrom { module, names, .. } => {
                self.active |= module.as_deref().is_some_and(is_active);
                for alias in names {
                    let name = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                    self.imported.insert(name.clone());
                }
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        self.patched |= match &e.kind {
            ExprKind::Name(n) => matches!(
                n.as_str(),
                "setattr" | "delattr" | "vars" | "globals" | "locals" | "exec" | "eval"
            ),
            ExprKind::Attribute { attr, .. } => {
                matches!(attr.name.as_str(), "__dict__" | "__setattr__" | "__class__")
            }
            _ => false,
        };
        ast::visit::walk_expr(self, e);
    }
}

/// The names of a function whose first value is a literal number, and none a container.
pub(super) fn numbers(block: &Block) -> BTreeSet<String> {
    struct Bound {
        numbers: BTreeSet<String>,
        others: BTreeSet<String>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Bound {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, value } = &stmt.kind {
                for target in targets {
                    let mut names = Names::default();
                    names.target(target);
                    let plain = matches!(target.kind, ExprKind::Name(_)) && is_scalar(value);
                    match plain {
                        true => self.numbers.extend(names.bound.into_keys()),
                        false => self.others.extend(names.bound.into_keys()),
                    }
                }
            }
            if let StmtKind::For { target, .. } = &stmt.kind {
                let mut names = Names::default();
                names.target(target);
                self.others.extend(names.bound.into_keys());
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut bound = Bound {
        numbers: BTreeSet::new(),
        others: BTreeSet::new(),
    };
    ast::visit::Visitor::visit_block(&mut bound, block);
    bound.numbers.difference(&bound.others).cloned().collect()
}

/// `@name.setter`
fn is_setter(function: &Function) -> bool {
    let setter =
        |d: &Expr| matches!(&d.kind, ExprKind::Attribute { attr, .. } if attr.name == "setter");
    function.decorators.iter().any(setter)
}

/// Whether values are yielded in statements of their own, outside of `try` and `with`, and
/// nothing is returned.
fn plainly_yields(block: &Block) -> bool {
    let no_yield = |e: &Expr| {
        let stmt = StmtKind::Expr(e.clone());
        let one = Stmt {
            id: ast::NodeId(0),
            span: e.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: stmt,
        };
        !yields(&Block {
            stmts: vec![one],
            trailing: Vec::new(),
        })
    };
    block.stmts.iter().all(|stmt| {
        let here = match &stmt.kind {
            StmtKind::Expr(e) => match &e.kind {
                ExprKind::Yield(value) => value.as_deref().is_some_and(no_yield),
                ExprKind::YieldFrom(value) => no_yield(value),
                _ => no_yield(e),
            },
            StmtKind::Return(value) => value.is_none(),
            StmtKind::Assign { value, .. } | StmtKind::AugAssign { value, .. } => no_yield(value),
            StmtKind::AnnAssign { value, .. } => value.as_ref().is_none_or(no_yield),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => no_yield(test),
            StmtKind::For { iter, is_async, .. } => !is_async && no_yield(iter),
            StmtKind::Global(_) | StmtKind::Pass | StmtKind::Break | StmtKind::Continue => true,
            StmtKind::Raise { exc, .. } => exc.as_ref().is_none_or(no_yield),
            StmtKind::Assert { test, .. } => no_yield(test),
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Delete(_)
            | StmtKind::With { .. }
            | StmtKind::Try { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Nonlocal(_)
            | StmtKind::Match { .. }
            | StmtKind::Unsupported(_) => false,
        };
        here && ast::branches(stmt).into_iter().all(plainly_yields)
    })
}

/// Whether a block yields.
pub(super) fn yields(block: &Block) -> bool {
    struct Yields(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Yields {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
                ast::visit::walk_stmt(self, stmt);
            }
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            self.0 |= matches!(e.kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_));
            ast::visit::walk_expr(self, e);
        }
    }
    let mut found = Yields(false);
    ast::visit::Visitor::visit_block(&mut found, block);
    found.0
}

/// Whether a target is a name, or a tuple of names.
pub(super) fn is_name(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_name),
        _ => false,
    }
}

/// Whether a value has no items: `xs += value` would fail of a list.
pub(super) fn is_scalar(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::Bool(_) => true,
        ExprKind::Unary { operand, .. } => is_scalar(operand),
        ExprKind::Binary { left, op, right } => {
            matches!(
                op,
                BinaryOp::Sub | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Pow
            ) || is_scalar(left)
                || is_scalar(right)
        }
        ExprKind::Call { func, .. } => {
            let scalar = ["abs", "float", "int", "len", "round"];
            match &func.kind {
                ExprKind::Name(n) => scalar.contains(&n.as_str()),
                ExprKind::Attribute { value, .. } => {
                    matches!(&value.kind, ExprKind::Name(n) if n == "math")
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// `ValueError("…")`
fn is_exception(e: &Expr) -> bool {
    let mut names = Names::default();
    names.expr(e);
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Call { args, .. } => args.iter().all(|a| matches!(a.kind, ExprKind::Str(_))),
        _ => false,
    }
}

/// What a generator does beside yielding.
struct Look<'l> {
    raises: bool,
    conditional: bool,
    endless: bool,
    names: Names,
    runs: &'l Runs<'l>,
    /// The variables that count the places in a sequence: from that one on, and by how many
    /// they end before its last.
    counted: Vec<Counted<'l>>,
}

/// `i` of `for i in range(1, len(xs) - 1)`
struct Counted<'l> {
    name: &'l str,
    list: &'l Expr,
    from: i64,
    before: i64,
}

impl<'l> Look<'l> {
    /// What a loop counts, where it is the places in a sequence.
    fn counts(&self, target: &'l Expr, iter: &'l Expr) -> Option<Counted<'l>> {
        let ExprKind::Name(name) = &target.kind else {
            return None;
        };
        let (from, to) = match call_of(iter, "range")? {
            [to] => (0, to),
            [from, to] => (small(from)?, to),
            _ => return None,
        };
        let (of, before) = match &to.kind {
            ExprKind::Binary {
                op: BinaryOp::Sub,
                left,
                right,
            } => (&**left, small(right)?),
            _ => (to, 0),
        };
        let [list] = call_of(of, "len")? else {
            return None;
        };
        let root = |e: &Expr| match &e.kind {
            ExprKind::Name(n) => self.names.bound.get(n).copied().unwrap_or(0) <= 1,
            _ => e.is_path(),
        };
        let once = self.names.bound.get(name) == Some(&1);
        let fits = from >= 0 && before >= 0 && once && list.is_path() && root(list);
        fits.then_some(Counted {
            name,
            list,
            from,
            before,
        })
    }

    /// Whether an item is one of those that a loop counts.
    fn is_counted(&self, value: &Expr, index: &Expr) -> bool {
        let (index, by) = match &index.kind {
            ExprKind::Binary {
                op: op @ (BinaryOp::Add | BinaryOp::Sub),
                left,
                right,
            } => match (small(right), op) {
                (Some(by), BinaryOp::Add) => (&**left, by),
                (Some(by), _) => (&**left, -by),
                (None, _) => return false,
            },
            _ => (index, 0),
        };
        let ExprKind::Name(name) = &index.kind else {
            return false;
        };
        (self.runs)(value.id) == Some(Run::Sequence)
            && self.counted.iter().any(|c| {
                c.name == name && c.list.same_path(value) && c.from + by >= 0 && by <= c.before
            })
    }
}

/// The arguments of a call of a builtin.
fn call_of<'e>(e: &'e Expr, builtin: &str) -> Option<&'e [Expr]> {
    match &e.kind {
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => {
            matches!(&func.kind, ExprKind::Name(n) if n == builtin).then_some(args)
        }
        _ => None,
    }
}

/// A small literal.
fn small(e: &Expr) -> Option<i64> {
    match &e.kind {
        ExprKind::Int(n) => n.to_i64().filter(|n| n.abs() < 1000),
        _ => None,
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Look<'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { target, iter, .. } = &stmt.kind
            && let Some(counted) = self.counts(target, iter)
        {
            self.counted.push(counted);
            ast::visit::walk_stmt(self, stmt);
            self.counted.pop();
            return;
        }
        match &stmt.kind {
            StmtKind::While { test, .. } => {
                self.conditional = true;
                self.endless |= !matches!(test.kind, ExprKind::Compare { .. });
            }
            // Taking apart, and adding to what is no number, may raise.
            StmtKind::Raise { .. } => self.raises = true,
            StmtKind::Assign { targets, .. } => {
                self.raises |= targets.iter().any(|t| !matches!(t.kind, ExprKind::Name(_)));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.raises |= match &e.kind {
            ExprKind::Subscript { value, index } => !self.is_counted(value, index),
            ExprKind::Call { func, .. } => {
                !matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "abs" | "len" | "range" | "enumerate" | "zip" | "reversed"))
            }
            ExprKind::Binary { op, right, .. }
                if *op != BinaryOp::Pow
                    && matches!(&right.kind, ExprKind::Int(n) if n.bits() > 0) =>
            {
                false
            }
            ExprKind::Binary { op, .. } => matches!(
                op,
                BinaryOp::Div
                    | BinaryOp::FloorDiv
                    | BinaryOp::Mod
                    | BinaryOp::Pow
                    | BinaryOp::Shl
                    | BinaryOp::Shr
            ),
            _ => false,
        };
        ast::visit::walk_expr(self, e);
    }
}
