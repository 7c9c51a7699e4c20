//! Attributes and parameters that are None for ever.
//!
//! Enters: the module, without the tests that asked for them, and its [`Model`]. Leaves: the
//! module without parameters of which all calls are known, and without attributes that nobody
//! reads, without what passes and assigns them. This module must not know what asked for them.

use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Module, NodeId, ParamKind, Pattern, PatternKind, Stmt,
    StmtKind,
};
use crate::infer::Model;
use crate::infer::scope::FnScope;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// Drops them; whether there were any.
pub(super) fn drop_unread(module: &mut Module, model: &Model) -> bool {
    let mut uses = Uses::default();
    uses.visit_block(&module.body);
    if uses.by_name {
        return false;
    }
    let attributes: BTreeSet<String> = model
        .classes
        .values()
        .flat_map(|class| &class.fields)
        .filter(|(name, _)| is_never_set(model, name) && !uses.reads(name))
        .map(|(name, _)| name.clone())
        .collect();
    let params = unread_params(module, model, &uses);
    let none = reads_of(module, &params, model);
    if !none.is_empty() {
        ast::rewrite::block(&mut module.body, &mut |e| {
            if none.contains(&e.id) {
                e.kind = ExprKind::None;
            }
        });
    }
    if attributes.is_empty() && params.is_empty() {
        return false;
    }
    without_attributes(&mut module.body, &attributes);
    without_params(module, &params);
    true
}

/// Whether no object has anything but None in an attribute of that name.
fn is_never_set(model: &Model, name: &str) -> bool {
    model.classes.values().all(|class| {
        let fact = class.field(name);
        fact.is_none_or(|fact| fact.ty == Ty::None) && (fact.is_none() || class.made.is_none())
    })
}

/// Whether leaving it out leaves out nothing but a value.
fn is_plain(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::None | ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => matches!(value.kind, ExprKind::Name(_)),
        _ => false,
    }
}

/// How names and attributes are used.
#[derive(Default)]
struct Uses {
    /// How often an attribute of that name stands somewhere.
    attributes: BTreeMap<String, usize>,
    /// How often it is assigned in a way that can be left out.
    assigned: BTreeMap<String, usize>,
    /// How often it is called.
    methods_called: BTreeMap<String, usize>,
    /// How often a name stands somewhere.
    names: BTreeMap<String, usize>,
    /// How often it is called.
    called: BTreeMap<String, usize>,
    /// How often an attribute of what it names is asked for.
    asked: BTreeMap<String, usize>,
    /// The methods and functions of which a call has a `*` or `**`.
    starred: BTreeSet<String>,
    /// Whether attributes are asked for in ways that do not name them.
    by_name: bool,
}

fn count(of: &mut BTreeMap<String, usize>, name: &str) {
    *of.entry(name.to_string()).or_default() += 1;
}

fn counted(of: &BTreeMap<String, usize>, name: &str) -> usize {
    of.get(name).copied().unwrap_or_default()
}

impl Uses {
    fn reads(&self, attribute: &str) -> bool {
        counted(&self.attributes, attribute) > counted(&self.assigned, attribute)
    }

    fn assigns(&mut self, target: &Expr, value: &Expr) {
        match (&target.kind, &value.kind) {
            (ExprKind::Attribute { value: of, attr }, _) if is_plain(value) => {
                if matches!(of.kind, ExprKind::Name(_)) {
                    count(&mut self.assigned, &attr.name);
                }
            }
            (ExprKind::Tuple(targets), ExprKind::Tuple(values))
                if targets.len() == values.len() =>
            {
                for (target, value) in targets.iter().zip(values) {
                    self.assigns(target, value);
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets
                    .iter()
                    .for_each(|target| self.assigns(target, value));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.assigns(target, value),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                count(&mut self.names, name);
                let asks = ["getattr", "setattr", "hasattr", "delattr", "vars"];
                self.by_name |= asks.contains(&name.as_str());
            }
            ExprKind::Attribute { value, attr } => {
                count(&mut self.attributes, &attr.name);
                self.by_name |= matches!(attr.name.as_str(), "__dict__" | "__slots__");
                if let ExprKind::Name(name) = &value.kind {
                    count(&mut self.asked, name);
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let name = match &func.kind {
                    ExprKind::Name(name) => {
                        count(&mut self.called, name);
                        Some(name)
                    }
                    ExprKind::Attribute { attr, .. } => {
                        count(&mut self.methods_called, &attr.name);
                        Some(&attr.name)
                    }
                    _ => None,
                };
                let starred = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                    || keywords.iter().any(|k| k.name.is_none());
                self.starred.extend(name.filter(|_| starred).cloned());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }

    fn visit_pattern(&mut self, pattern: &'ast Pattern) {
        self.by_name |= matches!(pattern.kind, PatternKind::Class { .. });
        visit::walk_pattern(self, pattern);
    }
}

/// A parameter: how its function is called, and its place among the arguments of a call.
struct Unread {
    /// The function, or `Class.method`.
    key: String,
    /// The name by which calls name it: of the function, class or method.
    called: String,
    /// Whether that is a method's.
    is_method: bool,
    /// Its place among the arguments, where it may be passed by place.
    place: Option<usize>,
    /// Its name.
    name: String,
}

/// The parameters that are None at every call and stand nowhere in the body.
fn unread_params(module: &Module, model: &Model, uses: &Uses) -> Vec<Unread> {
    let mut all: Vec<(String, String, bool, &Function)> = Vec::new();
    let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => {
                all.push((f.name.name.clone(), f.name.name.clone(), false, f));
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    let StmtKind::Function(f) = &inner.kind else {
                        continue;
                    };
                    *methods.entry(&f.name.name).or_default() += 1;
                    let key = format!("{}.{}", class.name.name, f.name.name);
                    match f.name.name.as_str() {
                        "__init__" => all.push((key, class.name.name.clone(), false, f)),
                        name if name.starts_with("__") || !f.decorators.is_empty() => {}
                        name => all.push((key, name.to_string(), true, f)),
                    }
                }
            }
            _ => {}
        }
    }
    let mut unread = Vec::new();
    for (key, called, is_method, function) in all {
        let known = match is_method {
            true => {
                methods.get(called.as_str()) == Some(&1)
                    && counted(&uses.attributes, &called) == counted(&uses.methods_called, &called)
            }
            false => {
                counted(&uses.names, &called)
                    == counted(&uses.called, &called) + counted(&uses.asked, &called)
            }
        };
        if !known || uses.starred.contains(&called) || !function.decorators.is_empty() {
            continue;
        }
        // The first parameter of a method is the object.
        let own = usize::from(key.contains('.'));
        for (i, param) in function.params.list.iter().enumerate().skip(own) {
            let none = param.default.as_ref();
            let is_none = none.is_some_and(|d| matches!(d.kind, ExprKind::None));
            let by_place = match param.kind {
                ParamKind::Normal | ParamKind::PositionalOnly => true,
                ParamKind::KeywordOnly => false,
                ParamKind::VarArgs | ParamKind::KwArgs => continue,
            };
            let mut instances = model
                .functions
                .iter()
                .filter(|f| f.python_name == key)
                .peekable();
            let never = instances.peek().is_some()
                && instances.all(|f| f.params.get(i).is_some_and(|p| p.ty == Ty::None));
            let keeps = || {
                let scope = model.scopes.get(&key)?;
                let mut reads = Reads::of(&param.name.name, scope);
                reads.visit_block(&function.body);
                reads.only.then_some(())
            };
            if is_none && never && keeps().is_some() {
                unread.push(Unread {
                    key: key.clone(),
                    called: called.clone(),
                    is_method,
                    place: by_place.then_some(i - own),
                    name: param.name.name.clone(),
                });
                // The places of the others are counted anew.
                break;
            }
        }
    }
    unread.retain(|param| {
        let mut passed = Passed { param, plain: true };
        passed.visit_block(&module.body);
        passed.plain
    });
    unread
}

/// Where a parameter is read.
struct Reads<'s> {
    name: &'s str,
    scope: &'s FnScope,
    nodes: BTreeSet<NodeId>,
    /// Whether nothing else is done with it.
    only: bool,
}

impl<'s> Reads<'s> {
    fn of(name: &'s str, scope: &'s FnScope) -> Self {
        Self {
            name,
            scope,
            nodes: BTreeSet::new(),
            only: !scope.captured.iter().any(|n| n == name),
        }
    }

    /// Whether the value that was passed has the name there; another one may have it later on.
    fn is_passed(&self, e: &Expr) -> bool {
        let version = self.scope.names.get(&e.id);
        matches!(&e.kind, ExprKind::Name(n) if n == self.name)
            && version.is_none_or(|version| version == self.name)
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(_) => self.only &= !self.is_passed(target),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(item) => self.target(item),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Reads<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        stmt.targets().iter().for_each(|target| self.target(target));
        match &stmt.kind {
            StmtKind::For { target, .. } => self.target(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            // These bind names in ways of their own.
            StmtKind::With { .. } | StmtKind::Try { .. } | StmtKind::Match { .. } => {
                self.only &= !ast::branches(stmt)
                    .iter()
                    .any(|b| b.names(&|n| n == self.name));
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(_) if self.is_passed(e) => {
                self.nodes.insert(e.id);
            }
            ExprKind::Named { .. } | ExprKind::Lambda { .. } | ExprKind::Comprehension { .. } => {
                self.only &= !e.names(&|n| n == self.name);
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Where the parameters are read, and None stands from now on.
fn reads_of(module: &Module, params: &[Unread], model: &Model) -> BTreeSet<NodeId> {
    let mut all = BTreeSet::new();
    for param in params {
        let Some(scope) = model.scopes.get(&param.key) else {
            continue;
        };
        let mut reads = Reads::of(&param.name, scope);
        for function in functions(module, &param.key) {
            reads.visit_block(&function.body);
        }
        all.append(&mut reads.nodes);
    }
    all
}

/// The function of that name, or `Class.method`.
fn functions<'m>(module: &'m Module, key: &str) -> Vec<&'m Function> {
    let mut found = Vec::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) if f.name.name == key => found.push(f),
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(f) = &inner.kind
                        && key == format!("{}.{}", class.name.name, f.name.name)
                    {
                        found.push(f);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether what is passed for a parameter can be left out.
struct Passed<'p> {
    param: &'p Unread,
    plain: bool,
}

impl Unread {
    fn is_called(&self, func: &Expr) -> bool {
        match &func.kind {
            ExprKind::Name(name) => !self.is_method && *name == self.called,
            ExprKind::Attribute { attr, .. } => self.is_method && attr.name == self.called,
            _ => false,
        }
    }

    fn is_keyword(&self, keyword: &ast::Keyword) -> bool {
        keyword.name.as_ref().is_some_and(|n| n.name == self.name)
    }
}

impl<'ast> Visitor<'ast> for Passed<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
            && self.param.is_called(func)
        {
            let by_place = self.param.place.and_then(|i| args.get(i));
            let by_name = keywords.iter().find(|k| self.param.is_keyword(k));
            self.plain &=
                by_place.is_none_or(is_plain) && by_name.is_none_or(|k| is_plain(&k.value));
        }
        visit::walk_expr(self, e);
    }
}

fn without_params(module: &mut Module, params: &[Unread]) {
    for param in params {
        for stmt in &mut module.body.stmts {
            match &mut stmt.kind {
                StmtKind::Function(f) if f.name.name == param.key => drop_param(f, &param.name),
                StmtKind::Class(class) => {
                    for inner in &mut class.body.stmts {
                        if let StmtKind::Function(f) = &mut inner.kind
                            && param.key == format!("{}.{}", class.name.name, f.name.name)
                        {
                            drop_param(f, &param.name);
                        }
                    }
                }
                _ => {}
            }
        }
        ast::rewrite::block(&mut module.body, &mut |e| {
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &mut e.kind
                && param.is_called(func)
            {
                if let Some(i) = param.place.filter(|i| *i < args.len()) {
                    args.remove(i);
                }
                keywords.retain(|k| !param.is_keyword(k));
            }
        });
    }
}

fn drop_param(function: &mut Function, name: &str) {
    function.params.list.retain(|p| p.name.name != name);
}

/// Leaves out what assigns the attributes.
fn without_attributes(block: &mut Block, attributes: &BTreeSet<String>) {
    let before = std::mem::take(&mut block.stmts);
    let had = !before.is_empty();
    let mut last = None;
    let mut space = false;
    for mut stmt in before {
        stmt.blank_before |= std::mem::take(&mut space);
        let in_class = match &mut stmt.kind {
            StmtKind::Class(class) => {
                class.body.stmts.retain(|s| !declares(s, attributes));
                true
            }
            _ => false,
        };
        for inner in ast::blocks_mut(&mut stmt) {
            without_attributes(inner, attributes);
        }
        if in_class || assigns_others(&mut stmt, attributes) {
            block.stmts.push(stmt);
        } else {
            space = stmt.blank_before;
            last = Some(stmt);
        }
    }
    if let (true, true, Some(mut last)) = (had, block.stmts.is_empty(), last) {
        last.kind = StmtKind::Pass;
        last.comments.clear();
        last.line_comment = None;
        block.stmts.push(last);
    }
}

/// `hook = None` in the body of a class.
fn declares(stmt: &Stmt, attributes: &BTreeSet<String>) -> bool {
    let named = |e: &Expr| matches!(&e.kind, ExprKind::Name(name) if attributes.contains(name));
    !stmt.targets().is_empty() && stmt.targets().iter().all(named)
}

/// Takes the attributes out of an assignment; whether anything is left of it.
fn assigns_others(stmt: &mut Stmt, attributes: &BTreeSet<String>) -> bool {
    let gone = |e: &Expr| matches!(&e.kind, ExprKind::Attribute { attr, .. } if attributes.contains(&attr.name));
    match &mut stmt.kind {
        StmtKind::AnnAssign { target, .. } => !gone(target),
        StmtKind::Assign { targets, value } => {
            targets.retain(|target| !gone(target));
            if let ([target], ExprKind::Tuple(values)) = (targets.as_mut_slice(), &mut value.kind)
                && let ExprKind::Tuple(names) = &mut target.kind
                && names.iter().any(gone)
                && names.len() == values.len()
            {
                let pairs = std::mem::take(names)
                    .into_iter()
                    .zip(std::mem::take(values));
                let kept: Vec<(Expr, Expr)> = pairs.filter(|(target, _)| !gone(target)).collect();
                (*names, *values) = kept.into_iter().unzip();
                if names.is_empty() {
                    return false;
                }
                if names.len() == 1
                    && let (Some(name), Some(one)) = (names.pop(), values.pop())
                {
                    *target = name;
                    *value = one;
                }
            }
            !targets.is_empty()
        }
        _ => true,
    }
}
