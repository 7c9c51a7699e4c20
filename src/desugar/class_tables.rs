//! Tables of classes: `STATES = (Idle, Run)`, `BEHAVIORS = {"wander": Wander}`.
//!
//! Enters: the module. Leaves: the same, where what runs through such a table is written out
//! for each class (`{c.name: c(self) for c in STATES}` is a display), `BEHAVIORS["wander"]` is the
//! class, and `BEHAVIORS[kind](x)` a function that chooses. What registers classes, decorators
//! and `__init_subclass__`, fills the table where the classes stand. A table that is used in
//! another way stays, and is refused later. This module must not know types.

mod registered;
mod unrolled;

use super::build::Build;
use super::callables::{module_bound, times_bound};
use super::inherit::snake;
use super::names::free;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Class, CompareOp, Expr, ExprKind, Keyword, Module, NodeId, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most classes of a table that is written out.
const MOST_CLASSES: usize = 24;

/// What stands in a table.
#[derive(Debug, Clone)]
enum Items {
    /// `(Idle, Run)`, `[Idle, Run]`
    Row(Vec<Expr>),
    /// `{"idle": Idle}`
    Dict(Vec<(Expr, Expr)>),
}

impl Items {
    /// What a loop over it, or over a view of it, gives.
    fn through(&self, view: View, build: &mut Build<'_>) -> Option<Vec<Expr>> {
        match (self, view) {
            (Items::Row(items), View::Plain) => Some(items.clone()),
            (Items::Row(_), View::Keys | View::Values | View::Items) => None,
            (Items::Dict(entries), View::Plain | View::Keys) => {
                Some(entries.iter().map(|(key, _)| key.clone()).collect())
            }
            (Items::Dict(entries), View::Values) => {
                Some(entries.iter().map(|(_, value)| value.clone()).collect())
            }
            (Items::Dict(entries), View::Items) => {
                let pair = |(key, value): &(Expr, Expr)| {
                    let pair = vec![build.again(key), build.again(value)];
                    build.expr(ExprKind::Tuple(pair))
                };
                Some(entries.iter().map(pair).collect())
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Items::Row(items) => items.len(),
            Items::Dict(entries) => entries.len(),
        }
    }

    fn exprs(&self) -> Vec<&Expr> {
        match self {
            Items::Row(items) => items.iter().collect(),
            Items::Dict(entries) => entries.iter().flat_map(|(k, v)| [k, v]).collect(),
        }
    }
}

/// How a table is run through.
#[derive(Debug, Clone, Copy)]
enum View {
    Plain,
    Keys,
    Values,
    Items,
}

/// The tables of a module.
struct Tables {
    /// The classes, with the literals in the bodies of each and of those above it.
    classes: BTreeMap<String, Class>,
    /// Variables of the module.
    variables: BTreeMap<String, Items>,
    /// Attributes of classes, under names that no other class has.
    attributes: BTreeMap<String, Items>,
    /// What makes an object of a class of a table: what it is called, for each number of
    /// arguments.
    makers: BTreeMap<(String, usize), String>,
    taken: BTreeSet<String>,
    /// Attributes that are assigned through a class.
    assigned: BTreeSet<String>,
}

/// Rewrites the module.
pub(super) fn class_tables(module: &mut Module, next_id: &mut u32) {
    let bound = times_bound(module);
    let classes: BTreeMap<String, Class> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(c) if bound.get(&c.name.name) == Some(&1) => {
                Some((c.name.name.clone(), c.clone()))
            }
            _ => None,
        })
        .collect();
    if classes.is_empty() || !is_asked(module, &classes) {
        return;
    }
    let mut refused = BTreeSet::new();
    // A table that is still named when all is written out is another thing to somebody.
    loop {
        let mut work = module.clone();
        registered::registered(&mut work, &classes, next_id);
        let mut tables = Tables {
            variables: BTreeMap::new(),
            attributes: BTreeMap::new(),
            makers: BTreeMap::new(),
            taken: module_bound(&work),
            assigned: assigned(&work, &classes),
            classes: classes.clone(),
        };
        tables.collect(&work);
        tables.variables.retain(|name, _| !refused.contains(name));
        tables.attributes.retain(|name, _| !refused.contains(name));
        let mut made = Vec::new();
        tables.rewrite(&mut work, &mut made, next_id);
        let last = work.body.stmts.iter().rposition(
            |s| matches!(&s.kind, StmtKind::Class(c) if classes.contains_key(&c.name.name)),
        );
        let at = last.map_or(0, |at| at + 1);
        work.body.stmts.splice(at..at, made);
        let used = tables.forget(&mut work);
        if used.is_empty() {
            *module = work;
            return;
        }
        refused.extend(used);
    }
}

/// Whether a class of the file stands in a display, or is registered.
fn is_asked(module: &Module, classes: &BTreeMap<String, Class>) -> bool {
    struct Ask<'c> {
        classes: &'c BTreeMap<String, Class>,
        found: bool,
    }
    impl<'ast> Visitor<'ast> for Ask<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Class(class) = &stmt.kind {
                self.found |= class
                    .decorators
                    .iter()
                    .any(|d| registered::called(d).is_some());
                self.found |= !class.bases.is_empty() && !class.keywords.is_empty();
            }
            self.found |= stmt
                .function()
                .is_some_and(|f| f.name.name == registered::HOOK);
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            let is =
                |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if self.classes.contains_key(n));
            self.found |= match &e.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(is),
                ExprKind::Dict(entries) => entries.iter().any(|(_, v)| is(v)),
                _ => false,
            };
            visit::walk_expr(self, e);
        }
    }
    let mut ask = Ask {
        classes,
        found: false,
    };
    ask.visit_block(&module.body);
    ask.found
}

/// Attributes that are assigned through the name of a class, or of a parameter `cls`.
fn assigned(module: &Module, classes: &BTreeMap<String, Class>) -> BTreeSet<String> {
    struct Set<'c> {
        classes: &'c BTreeMap<String, Class>,
        found: BTreeSet<String>,
    }
    impl<'ast> Visitor<'ast> for Set<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut targets: Vec<&Expr> = Vec::new();
            match &stmt.kind {
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                    targets.push(target);
                }
                _ => stmt
                    .targets()
                    .iter()
                    .for_each(|t| ast::leaves(t, &mut targets)),
            }
            for target in targets {
                if let ExprKind::Attribute { value, attr } = &target.kind
                    && matches!(&value.kind, ExprKind::Name(n) if n == "cls" || self.classes.contains_key(n))
                {
                    self.found.insert(attr.name.clone());
                }
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut set = Set {
        classes,
        found: BTreeSet::new(),
    };
    set.visit_block(&module.body);
    set.found
}

impl Tables {
    fn is_class(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(n) if self.classes.contains_key(n))
    }

    /// Whether an expression is the same wherever it is computed.
    fn is_fixed(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_) => true,
            ExprKind::Unary { operand, .. } => self.is_fixed(operand),
            ExprKind::Tuple(items) => items.iter().all(|i| self.is_fixed(i)),
            ExprKind::Name(name) => {
                self.classes.contains_key(name) || name.chars().all(|c| !c.is_lowercase())
            }
            // A member of an enum, or an attribute of a class.
            ExprKind::Attribute { value, attr } => {
                self.is_class(value) && !self.assigned.contains(&attr.name)
            }
            _ => false,
        }
    }

    /// Whether a class stands in an expression as itself.
    fn holds_class(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Tuple(items) => items.iter().any(|i| self.holds_class(i)),
            _ => self.is_class(e),
        }
    }

    /// The table that a display is.
    fn display(&self, e: &Expr) -> Option<Items> {
        let items = match &e.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => Items::Row(items.clone()),
            ExprKind::Dict(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let key = self.literal(key.as_ref()?);
                    Some((key, value.clone()))
                });
                Items::Dict(entries.collect::<Option<_>>()?)
            }
            _ => return None,
        };
        let exprs = items.exprs();
        let fine = exprs.iter().all(|e| self.is_fixed(e))
            && exprs.iter().any(|e| self.holds_class(e))
            && items.len() <= MOST_CLASSES;
        fine.then_some(items)
    }

    /// `Idle.name` and `Idle.__name__` as what they are.
    fn literal(&self, e: &Expr) -> Expr {
        let found = match &e.kind {
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(class) if self.classes.contains_key(class) => {
                    match attr.name.as_str() {
                        "__name__" | "__qualname__" => Some(ExprKind::Str(class.clone())),
                        _ => self.constant(class, &attr.name),
                    }
                }
                _ => None,
            },
            _ => None,
        };
        match found {
            Some(kind) => Expr { kind, ..e.clone() },
            None => e.clone(),
        }
    }

    /// The literal that a class, or one above it, says an attribute is.
    fn constant(&self, class: &str, attr: &str) -> Option<ExprKind> {
        let mut at = self.classes.get(class)?;
        for _ in 0..MOST_CLASSES {
            if !at.decorators.is_empty() || self.assigned.contains(attr) {
                return None;
            }
            let mut found = None;
            for stmt in &at.body.stmts {
                let (target, value) = match &stmt.kind {
                    StmtKind::Assign { targets, value } => match targets.as_slice() {
                        [target] => (target, value),
                        _ => return None,
                    },
                    StmtKind::AnnAssign {
                        target,
                        value: Some(value),
                        ..
                    } => (target, value),
                    StmtKind::Function(f) if f.name.name == attr => return None,
                    _ => continue,
                };
                if matches!(&target.kind, ExprKind::Name(n) if n == attr) {
                    found = Some(value);
                }
            }
            if let Some(value) = found {
                let plain = matches!(
                    value.kind,
                    ExprKind::Str(_) | ExprKind::Int(_) | ExprKind::Bool(_)
                );
                return plain.then(|| value.kind.clone());
            }
            let [base] = at.bases.as_slice() else {
                return None;
            };
            let ExprKind::Name(base) = &base.kind else {
                return None;
            };
            at = self.classes.get(base)?;
        }
        None
    }

    /// Finds the tables.
    fn collect(&mut self, module: &Module) {
        let bound = times_bound(module);
        let set = value_of;
        for stmt in &module.body.stmts {
            if let Some((name, value)) = set(stmt)
                && bound.get(name) == Some(&1)
                && let Some(items) = self.display(value)
            {
                self.variables.insert(name.to_string(), items);
            }
        }
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        let mut found: Vec<(String, Items)> = Vec::new();
        for stmt in &module.body.stmts {
            let StmtKind::Class(class) = &stmt.kind else {
                continue;
            };
            for inner in &class.body.stmts {
                if let Some((name, value)) = set(inner) {
                    *times.entry(name).or_default() += 1;
                    if let Some(items) = self.display(value) {
                        found.push((name.to_string(), items));
                    }
                }
            }
        }
        let set_elsewhere = attributes_set(module);
        found.retain(|(name, _)| {
            times.get(name.as_str()) == Some(&1) && !set_elsewhere.contains(name)
        });
        self.attributes.extend(found);
    }

    /// The table that an expression names or is.
    fn table<'t>(&'t self, e: &Expr) -> Option<std::borrow::Cow<'t, Items>> {
        use std::borrow::Cow;
        match &e.kind {
            ExprKind::Name(name) => self.variables.get(name).map(Cow::Borrowed),
            ExprKind::Attribute { value, attr } if matches!(&value.kind, ExprKind::Name(_)) => {
                self.attributes.get(&attr.name).map(Cow::Borrowed)
            }
            _ => self.display(e).map(Cow::Owned),
        }
    }

    /// What a loop over an expression gives, where that is a table of classes.
    fn through(&self, e: &Expr, build: &mut Build<'_>) -> Option<Vec<Expr>> {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        {
            match (&func.kind, args.as_slice()) {
                (ExprKind::Attribute { value, attr }, []) if keywords.is_empty() => {
                    let view = match attr.name.as_str() {
                        "items" => View::Items,
                        "values" => View::Values,
                        "keys" => View::Keys,
                        _ => return None,
                    };
                    return self.table(value)?.through(view, build);
                }
                (ExprKind::Name(name), [of]) if name == "enumerate" && keywords.is_empty() => {
                    let items = self.through(of, build)?;
                    let pair = |(i, item): (usize, Expr)| {
                        let pair = vec![build.expr(ExprKind::Int(i.into())), item];
                        build.expr(ExprKind::Tuple(pair))
                    };
                    return Some(items.into_iter().enumerate().map(pair).collect());
                }
                _ => return None,
            }
        }
        self.table(e)?.through(View::Plain, build)
    }

    /// Rewrites what uses the tables.
    fn rewrite(&mut self, module: &mut Module, made: &mut Vec<Stmt>, next_id: &mut u32) {
        unrolled::loops(self, &mut module.body, next_id);
        let names = unrolled::Shadow::of(module);
        ast::rewrite::block(&mut module.body, &mut |e| {
            unrolled::comprehension(self, e, next_id);
            self.expr(e, &names, made, next_id);
        });
    }

    /// `TABLE["idle"]`, `TABLE[kind](x)`, `kind in TABLE`, `len(TABLE)`.
    fn expr(
        &mut self,
        e: &mut Expr,
        shadow: &unrolled::Shadow,
        made: &mut Vec<Stmt>,
        next_id: &mut u32,
    ) {
        let span = e.span;
        let mut build = Build { next_id, span };
        if shadow.hides(e) {
            return;
        }
        match &mut e.kind {
            ExprKind::Subscript { value, index } => {
                let Some(items) = self.named(value) else {
                    return;
                };
                let chosen = match &*items {
                    Items::Row(items) => match &index.kind {
                        ExprKind::Int(i) => {
                            usize::try_from(i).ok().and_then(|i| items.get(i)).cloned()
                        }
                        _ => None,
                    },
                    Items::Dict(entries) => entries
                        .iter()
                        .rev()
                        .find(|(key, _)| is_same(key, index))
                        .map(|(_, value)| value.clone()),
                };
                if let Some(chosen) = chosen.filter(|e| self.is_class(e)) {
                    *e = build.again(&chosen);
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if let ExprKind::Subscript { value, index } = &func.kind
                    && let Some(items) = self.named(value)
                    && let Items::Dict(entries) = &*items
                    && !entries.iter().any(|(key, _)| is_same(key, index))
                {
                    let entries = entries.clone();
                    let name = table_name(value);
                    let mut given = vec![(**index).clone()];
                    let theirs = std::mem::take(args);
                    let named = keywords.clone();
                    let maker = self.maker(&name, &entries, (&theirs, &named), made, &mut build);
                    match maker {
                        Some(maker) => {
                            given.extend(theirs);
                            *args = given;
                            **func = build.name(&maker);
                        }
                        None => *args = theirs,
                    }
                    return;
                }
                let ExprKind::Name(called) = &func.kind else {
                    return;
                };
                let called = called.clone();
                match (called.as_str(), args.as_mut_slice()) {
                    ("len", [of]) => {
                        if let Some(items) = self.named(of) {
                            e.kind = ExprKind::Int(items.len().into());
                        }
                    }
                    ("isinstance" | "issubclass", [_, of]) => {
                        if let Some(items) = self.named(of)
                            && let Items::Row(items) = &*items
                        {
                            let items = items.iter().map(|i| build.again(i)).collect();
                            *of = build.expr(ExprKind::Tuple(items));
                        }
                    }
                    ("list" | "sorted" | "tuple", [of]) => {
                        if let Some(items) = self.named(of)
                            && let Items::Dict(entries) = &*items
                        {
                            let keys = entries.iter().map(|(k, _)| build.again(k)).collect();
                            *of = build.expr(ExprKind::List(keys));
                        }
                    }
                    _ => {}
                }
            }
            ExprKind::Compare { ops, rest, .. } => {
                for (op, of) in ops.iter().zip(rest) {
                    if matches!(op, CompareOp::In | CompareOp::NotIn)
                        && let Some(items) = self.named(of)
                        && let Items::Dict(entries) = &*items
                    {
                        let keys = entries.iter().map(|(k, _)| build.again(k)).collect();
                        *of = build.expr(ExprKind::Tuple(keys));
                    }
                }
            }
            _ => {}
        }
    }

    /// The table that a name means.
    fn named<'t>(&'t self, e: &Expr) -> Option<std::borrow::Cow<'t, Items>> {
        let is_name = matches!(e.kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
        self.table(e).filter(|_| is_name)
    }

    /// The function that makes an object of a class of the table.
    fn maker(
        &mut self,
        table: &str,
        entries: &[(Expr, Expr)],
        (args, keywords): (&[Expr], &[Keyword]),
        made: &mut Vec<Stmt>,
        build: &mut Build<'_>,
    ) -> Option<String> {
        let starred = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)));
        let plain = entries.iter().all(|(_, class)| self.is_class(class));
        if starred || !keywords.is_empty() || !plain {
            return None;
        }
        let key = (table.to_string(), args.len());
        if let Some(name) = self.makers.get(&key) {
            return Some(name.clone());
        }
        let stem = snake(&table.to_lowercase());
        let stem = stem.strip_suffix('s').unwrap_or(&stem).to_string();
        let name = free(&format!("new_{stem}"), &mut self.taken);
        let params: Vec<String> = match args.len() {
            1 => vec!["arg".to_string()],
            n => (1..=n).map(|i| format!("arg{i}")).collect(),
        };
        let mut body = Vec::new();
        for (value, class) in entries {
            let (asked, value) = (build.name("key"), build.again(value));
            let test = build.compare(asked, CompareOp::Eq, value);
            let class = build.again(class);
            let given = params.iter().map(|p| build.name(p)).collect();
            let object = build.call(class, given);
            let back = build.stmt(StmtKind::Return(Some(object)));
            let block = |stmts| ast::Block {
                stmts,
                trailing: Vec::new(),
            };
            body.push(build.stmt(StmtKind::If {
                test,
                body: block(vec![back]),
                orelse: block(Vec::new()),
            }));
        }
        let error = build.name("KeyError");
        let asked = build.name("key");
        let error = build.call(error, vec![asked]);
        body.push(build.stmt(StmtKind::Raise {
            exc: Some(error),
            cause: None,
        }));
        let mut list = vec![build.param("key", ParamKind::Normal, None)];
        for param in &params {
            list.push(build.param(param, ParamKind::Normal, None));
        }
        let mut function = build.function(&name, list, body);
        function.blank_before = true;
        made.push(function);
        self.makers.insert(key, name.clone());
        Some(name)
    }

    /// Leaves out tables that nobody names any more, and says which are named.
    fn forget(&self, module: &mut Module) -> Vec<String> {
        let used = Used::of(module);
        let gone = |stmt: &Stmt, tables: &BTreeMap<String, Items>, used: &BTreeSet<String>| {
            let name = value_of(stmt).map(|(name, _)| name);
            name.is_some_and(|name| tables.contains_key(name) && !used.contains(name))
        };
        module
            .body
            .stmts
            .retain(|s| !gone(s, &self.variables, &used.names));
        for stmt in &mut module.body.stmts {
            if let StmtKind::Class(class) = &mut stmt.kind {
                class
                    .body
                    .stmts
                    .retain(|s| !gone(s, &self.attributes, &used.attributes));
            }
        }
        let variables = self.variables.keys().filter(|n| used.names.contains(*n));
        let attributes = self.attributes.keys();
        let attributes = attributes.filter(|n| used.attributes.contains(*n));
        variables.chain(attributes).cloned().collect()
    }
}

/// `name = value`, with or without an annotation.
fn value_of(stmt: &Stmt) -> Option<(&str, &Expr)> {
    let (target, value) = stmt.assigned()?;
    match &target.kind {
        ExprKind::Name(name) => Some((name, value)),
        _ => None,
    }
}

/// What the functions of a table are called after.
fn table_name(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::Attribute { attr, .. } => attr.name.clone(),
        _ => String::new(),
    }
}

/// Whether two literals are one key.
fn is_same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Attribute { .. }, ExprKind::Attribute { .. }) => a.same_path(b),
        _ => false,
    }
}

/// Attributes that are assigned outside the bodies of classes.
fn attributes_set(module: &Module) -> BTreeSet<String> {
    struct Set(BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Set {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut targets: Vec<&Expr> = Vec::new();
            match &stmt.kind {
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                    targets.push(target);
                }
                _ => stmt
                    .targets()
                    .iter()
                    .for_each(|t| ast::leaves(t, &mut targets)),
            }
            for target in targets {
                let target = match &target.kind {
                    ExprKind::Subscript { value, .. } => value,
                    _ => target,
                };
                if let ExprKind::Attribute { attr, .. } = &target.kind {
                    self.0.insert(attr.name.clone());
                }
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut set = Set(BTreeSet::new());
    set.visit_block(&module.body);
    set.0
}

/// The tables that are named anywhere but where they are bound.
struct Used {
    names: BTreeSet<String>,
    attributes: BTreeSet<String>,
    targets: BTreeSet<NodeId>,
}

impl Used {
    fn of(module: &Module) -> Used {
        let mut used = Used {
            names: BTreeSet::new(),
            attributes: BTreeSet::new(),
            targets: BTreeSet::new(),
        };
        let mut bound = |stmt: &Stmt| {
            if value_of(stmt).is_some() {
                let target = match &stmt.kind {
                    StmtKind::AnnAssign { target, .. } => Some(target),
                    _ => stmt.targets().first(),
                };
                used.targets.extend(target.map(|t| t.id));
            }
        };
        for stmt in &module.body.stmts {
            bound(stmt);
            if let StmtKind::Class(class) = &stmt.kind {
                class.body.stmts.iter().for_each(&mut bound);
            }
        }
        used.visit_block(&module.body);
        used
    }
}

impl<'ast> Visitor<'ast> for Used {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) if !self.targets.contains(&e.id) => {
                self.names.insert(name.clone());
                // In the body of its class.
                self.attributes.insert(name.clone());
            }
            ExprKind::Attribute { attr, .. } => {
                self.attributes.insert(attr.name.clone());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
