//! What a class keeps for all its instances, and properties that are changed in place.
//!
//! Enters: the module, inheritance written out. Leaves: the same module, where a class
//! attribute that functions assign by the class's name (`Servo.created += 1`), or that is a
//! table, is a variable of the module, and `servo.angle += 1` of a property with a setter is
//! `servo.angle = servo.angle + 1`. This module must not know types.

mod by_name;

pub(super) use by_name::by_name_alone;

use super::build::{Build, is_named};
use super::numbers::Names;
use crate::ast::{
    self, Block, Class, Expr, ExprKind, Ident, MethodKind, Module, NodeId, ParamKind, Stmt,
    StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The methods that change a container.
pub(super) const CHANGING: [&str; 17] = [
    "add",
    "append",
    "appendleft",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "setdefault",
    "sort",
    "update",
    "extendleft",
];

/// Rewrites the module.
pub(super) fn class_state(module: &mut Module, next_id: &mut u32) {
    shared_attributes(module, next_id);
    let setters = setters(module);
    if !setters.is_empty() {
        in_place(&mut module.body, &setters, next_id);
    }
}

/// What a class attribute is called as a variable of the module.
fn variable(class: &str, name: &str, taken: &mut BTreeSet<String>) -> String {
    let class = class.rsplit(ast::OF_FAMILY).next().unwrap_or(class);
    let class = super::inherit::snake(class);
    let mut variable = match name.chars().any(char::is_lowercase) {
        true => format!("{class}_{name}"),
        false => format!("{}_{name}", class.to_uppercase()),
    };
    while !taken.insert(variable.clone()) {
        variable.push('_');
    }
    variable
}

/// The names of the properties that have a setter.
fn setters(module: &Module) -> BTreeSet<String> {
    let classes = module.body.stmts.iter().filter_map(|s| match &s.kind {
        StmtKind::Class(class) => Some(class),
        _ => None,
    });
    classes
        .flat_map(|c| &c.body.stmts)
        .filter_map(|s| match &s.kind {
            StmtKind::Function(f) if matches!(f.method_kind(), Ok(MethodKind::Setter)) => {
                Some(f.name.name.clone())
            }
            _ => None,
        })
        .collect()
}

/// `x.p = x.p + v` for `x.p += v`.
fn in_place(block: &mut Block, setters: &BTreeSet<String>, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        if let StmtKind::AugAssign { target, op, value } = &stmt.kind
            && let ExprKind::Attribute { value: base, attr } = &target.kind
            && setters.contains(&attr.name)
            && base.is_path()
            && !matches!(
                value.kind,
                ExprKind::List(_)
                    | ExprKind::Set(_)
                    | ExprKind::Dict(_)
                    | ExprKind::Comprehension { .. }
            )
        {
            let mut read = target.clone();
            super::copies::expr(&mut read, next_id);
            let mut sum = Expr {
                id: NodeId(0),
                span: stmt.span,
                kind: ExprKind::Binary {
                    op: *op,
                    left: Box::new(read),
                    right: Box::new(value.clone()),
                },
            };
            sum.id = NodeId::next(next_id);
            stmt.kind = StmtKind::Assign {
                targets: vec![target.clone()],
                value: sum,
            };
        }
        for inner in ast::blocks_mut(stmt) {
            in_place(inner, setters, next_id);
        }
    }
}

/// How a class attribute is used.
#[derive(Default)]
struct Use {
    /// `Class.name` is assigned in a function.
    assigned: bool,
    /// It is used in a way that may mean an instance's own.
    other: bool,
}

/// Every attribute that is read or written, by the class that is named before it.
struct Uses<'m> {
    classes: &'m BTreeMap<String, BTreeSet<String>>,
    /// The class around, and what its methods call the instance.
    own: Option<(String, String, MethodKind)>,
    found: BTreeMap<(String, String), Use>,
    /// The attributes that are read of what may be an instance of any class.
    anywhere: BTreeSet<String>,
    /// Those of them that are assigned there.
    assigned_anywhere: BTreeSet<String>,
    in_function: bool,
}

impl Uses<'_> {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Attribute { value, attr } => {
                let class = match &value.kind {
                    ExprKind::Name(name) => self.class_of(name),
                    _ => None,
                };
                match class {
                    Some((class, by_name)) => {
                        let found = self.found.entry((class, attr.name.clone())).or_default();
                        found.assigned |= by_name && self.in_function;
                        found.other |= !by_name || !self.in_function;
                    }
                    None => {
                        self.assigned_anywhere.insert(attr.name.clone());
                    }
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            _ => {}
        }
    }

    /// The class that a name stands for, and whether it is the class itself.
    fn class_of(&self, name: &str) -> Option<(String, bool)> {
        if let Some((class, this, kind)) = &self.own
            && this == name
        {
            return Some((class.clone(), *kind == MethodKind::Class));
        }
        self.classes
            .contains_key(name)
            .then(|| (name.to_string(), true))
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(function) = &inner.kind {
                        let this = function.params.list.first();
                        let kind = function.method_kind().unwrap_or(MethodKind::Static);
                        self.own = this
                            .filter(|_| kind != MethodKind::Static)
                            .map(|p| (class.name.name.clone(), p.name.name.clone(), kind));
                    }
                    self.visit_stmt(inner);
                    self.own = None;
                }
                return;
            }
            StmtKind::Function(_) => {
                let before = std::mem::replace(&mut self.in_function, true);
                ast::visit::walk_stmt(self, stmt);
                self.in_function = before;
                return;
            }
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                self.target(target);
            }
            StmtKind::For { target, .. } => self.target(target),
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Attribute { value, attr } = &e.kind {
            let class = match &value.kind {
                ExprKind::Name(name) => self.class_of(name),
                _ => None,
            };
            if class.is_none() {
                self.anywhere.insert(attr.name.clone());
            }
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Whether a statement gives a class a table: a dict, or a list of dicts.
fn is_table(stmt: &Stmt) -> bool {
    let (StmtKind::Assign { value, .. }
    | StmtKind::AnnAssign {
        value: Some(value), ..
    }) = &stmt.kind
    else {
        return false;
    };
    let is_dict = |e: &Expr| matches!(&e.kind, ExprKind::Dict(_));
    match &value.kind {
        ExprKind::List(items) | ExprKind::Tuple(items) => {
            !items.is_empty() && items.iter().all(is_dict)
        }
        _ => is_dict(value),
    }
}

/// Whether a statement gives a class an object of a class of the file, or several.
fn holds_objects(stmt: &Stmt, module: &Module, class: &Class) -> bool {
    let StmtKind::Assign { value, .. } = &stmt.kind else {
        return false;
    };
    let is_class = |name: &str| {
        let mut stmts = module.body.stmts.iter();
        stmts.any(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == name))
    };
    let makes = |e: &Expr| match &e.kind {
        ExprKind::Call { func, .. } => matches!(&func.kind, ExprKind::Name(n) if is_class(n)),
        _ => false,
    };
    let objects = match &value.kind {
        ExprKind::List(items) | ExprKind::Tuple(items) => {
            !items.is_empty() && items.iter().all(makes)
        }
        _ => makes(value),
    };
    // What stands in the body of the class is not known outside.
    let mut named = Names::default();
    ast::visit::Visitor::visit_expr(&mut named, value);
    let own = class.body.stmts.iter().filter_map(attribute);
    objects && own.into_iter().all(|name| !named.0.contains(&name))
}

/// Makes a module variable of every class attribute that functions assign by the class, and of
/// every table or object of a class.
fn shared_attributes(module: &mut Module, next_id: &mut u32) {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut related: BTreeSet<String> = BTreeSet::new();
    let mut tables: BTreeSet<(String, String)> = BTreeSet::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            let names = class.body.stmts.iter().filter_map(attribute);
            classes.insert(class.name.name.clone(), names.collect());
            let objects =
                class.made.is_none() && class.bases.iter().all(|b| is_named(b, "", "object"));
            let held = class
                .body
                .stmts
                .iter()
                .filter(|s| is_table(s) || objects && holds_objects(s, module, class));
            let held = held.filter_map(attribute);
            tables.extend(held.map(|name| (class.name.name.clone(), name)));
            if !class.ancestors.is_empty() {
                related.insert(class.name.name.clone());
                related.extend(class.ancestors.iter().cloned());
            }
        }
    }
    let mut uses = Uses {
        classes: &classes,
        own: None,
        found: BTreeMap::new(),
        anywhere: BTreeSet::new(),
        assigned_anywhere: BTreeSet::new(),
        in_function: false,
    };
    ast::visit::Visitor::visit_block(&mut uses, &module.body);
    for table in &tables {
        uses.found.entry(table.clone()).or_default();
    }
    let (anywhere, assigned_anywhere) = (uses.anywhere, uses.assigned_anywhere);
    // What one class of a family alone has, no other one has in its place.
    let of_one = |name: &String| {
        classes
            .values()
            .filter(|names| names.contains(name))
            .count()
            < 2
    };
    let shared: Vec<(String, String)> = uses
        .found
        .into_iter()
        .filter(|((class, name), found)| {
            (found.assigned || tables.contains(&(class.clone(), name.clone())))
                && !found.other
                && (!anywhere.contains(name)
                    || !assigned_anywhere.contains(name)
                        && !tables.contains(&(class.clone(), name.clone()))
                        && !related.contains(class))
                && (!related.contains(class) || of_one(name))
                && classes.get(class).is_some_and(|names| names.contains(name))
        })
        .map(|(key, _)| key)
        .collect();
    let mut taken = names(module);
    for (class, name) in shared {
        let variable = variable(&class, &name, &mut taken);
        let family = BTreeSet::from([class.clone()]);
        share(module, (&class, &family), &name, &variable, next_id);
        if anywhere.contains(&name) {
            read_by_instances(module, &class, &name, &variable, next_id);
        }
    }
}

/// What a class keeps as a property of its instances: `motor.count`.
fn read_by_instances(
    module: &mut Module,
    class: &str,
    name: &str,
    variable: &str,
    next_id: &mut u32,
) {
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(c) = &mut stmt.kind else {
            continue;
        };
        if c.name.name != class {
            continue;
        }
        let mut build = Build {
            next_id,
            span: c.name.span,
        };
        let value = build.name(variable);
        let back = build.stmt(StmtKind::Return(Some(value)));
        let this = build.param("self", ParamKind::Normal, None);
        let mut property = build.function(name, vec![this], vec![back]);
        if let StmtKind::Function(f) = &mut property.kind {
            f.decorators.push(build.name("property"));
        }
        c.body.stmts.push(property);
        c.generated.push(name.to_string());
    }
}

fn attribute(stmt: &Stmt) -> Option<String> {
    let target = match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.first()?,
        StmtKind::AnnAssign {
            target,
            value: Some(_),
            ..
        } => target,
        _ => return None,
    };
    match &target.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// Every name of the module.
fn names(module: &Module) -> BTreeSet<String> {
    struct All(BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for All {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Name(name) = &e.kind {
                self.0.insert(name.clone());
            }
            ast::visit::walk_expr(self, e);
        }
        fn visit_param(&mut self, param: &'ast ast::Param) {
            self.0.insert(param.name.name.clone());
            ast::visit::walk_param(self, param);
        }
    }
    let mut all = All(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut all, &module.body);
    all.0
}

/// Moves one attribute out of its class; what inherits it, the `family`, reads the same.
fn share(
    module: &mut Module,
    (class, family): (&str, &BTreeSet<String>),
    name: &str,
    variable: &str,
    next_id: &mut u32,
) {
    let owners: Vec<&str> = family.iter().map(String::as_str).collect();
    let mut moved = None;
    for (at, stmt) in module.body.stmts.iter_mut().enumerate() {
        match &mut stmt.kind {
            StmtKind::Class(c) => {
                if c.name.name == class {
                    let mut stmts = c.body.stmts.iter();
                    let found = stmts.position(|s| attribute(s).as_deref() == Some(name));
                    if let Some(found) = found {
                        moved = Some((at, c.body.stmts.remove(found)));
                    }
                }
                in_class(c, &owners, name, variable, next_id);
            }
            StmtKind::Function(f) => {
                in_function(&mut f.body, &owners, name, variable, next_id);
            }
            _ => {
                ast::rewrite::stmt(stmt, &mut |e| renamed(e, &owners, name, variable));
            }
        }
    }
    if let Some((at, mut stmt)) = moved {
        ast::rewrite::stmt(&mut stmt, &mut |e| {
            if matches!(&e.kind, ExprKind::Name(n) if n == name) {
                e.kind = ExprKind::Name(variable.to_string());
            }
        });
        module.body.stmts.insert(at, stmt);
    }
}

fn in_class(c: &mut Class, family: &[&str], name: &str, variable: &str, next_id: &mut u32) {
    let own = family.contains(&c.name.name.as_str());
    for stmt in &mut c.body.stmts {
        let StmtKind::Function(f) = &mut stmt.kind else {
            continue;
        };
        let is_static = matches!(f.method_kind(), Ok(MethodKind::Static) | Err(_));
        let this = f.params.list.first().map(|p| p.name.name.clone());
        let mut owners = family.to_vec();
        if let (Some(this), true) = (&this, own && !is_static) {
            owners.push(this);
        }
        in_function(&mut f.body, &owners, name, variable, next_id);
    }
}

fn renamed(e: &mut Expr, owners: &[&str], name: &str, variable: &str) {
    if let ExprKind::Attribute { value, attr } = &e.kind
        && attr.name == name
        && matches!(&class_asked(value).kind, ExprKind::Name(n) if owners.contains(&n.as_str()))
    {
        e.kind = ExprKind::Name(variable.to_string());
    }
}

/// `self` for `type(self)` and `self.__class__`.
fn class_asked(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Attribute { value, attr } if attr.name == "__class__" => value,
        ExprKind::Call { func, args, .. } if is_named(func, "", "type") => match args.as_slice() {
            [one] => one,
            _ => e,
        },
        _ => e,
    }
}

fn in_function(body: &mut Block, owners: &[&str], name: &str, variable: &str, next_id: &mut u32) {
    let mut found = false;
    ast::rewrite::block(body, &mut |e| {
        let before = matches!(e.kind, ExprKind::Attribute { .. });
        renamed(e, owners, name, variable);
        found |= before && matches!(e.kind, ExprKind::Name(_));
    });
    let Some(first) = body.stmts.first().filter(|_| found) else {
        return;
    };
    let span = first.span;
    let id = NodeId::next(next_id);
    let global = Ident {
        span,
        name: variable.to_string(),
    };
    body.stmts.insert(
        0,
        Stmt {
            id,
            span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: StmtKind::Global(vec![global.name]),
        },
    );
}
