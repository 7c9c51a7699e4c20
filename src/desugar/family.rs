//! Families: classes with one base of which a variable may hold any.
//!
//! Enters: the module, with what classes inherit written out. Leaves: the same module, where
//! a class of a family is called `Base:Class` (so that a type says which family it is of), and
//! the family itself is a class with a method for each method, and a property for each
//! attribute, that looks which class it is: `match self: case Cruise() as cruise: return
//! cruise.step(x)`. `if isinstance(x, Cruise)` is such a `match` where its body uses `x`. This
//! module must not know types.

mod arms;
mod narrow;
mod patterns;

use super::closures::statement;
use crate::ast::{
    self, Block, Class, Expr, ExprKind, Function, Ident, MethodKind, Module, NodeId, Stmt, StmtKind,
};
use crate::source::Span;
use arms::Arms;
use std::collections::{BTreeMap, BTreeSet};

/// Classes that nothing relates, whose objects stand in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relatives {
    /// What the place keeps: `Device`.
    pub name: String,
    /// The classes.
    pub classes: BTreeSet<String>,
}

/// A family.
struct Family {
    /// The name of its class.
    name: String,
    /// Whether that class is the base itself, of which there are no instances.
    is_base: bool,
    base: String,
    /// The classes that have instances, by their names in the Python.
    variants: Vec<String>,
}

/// Rewrites the module.
pub(super) fn families(module: &mut Module, relatives: &[Relatives], next_id: &mut u32) {
    patterns::by_name(module);
    let families = find(module, relatives);
    if families.is_empty() {
        return;
    }
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for family in &families {
        for variant in &family.variants {
            let key = format!("{}{}{variant}", family.name, ast::OF_FAMILY);
            renamed.insert(variant.clone(), key);
        }
    }
    let outside = Outside::of(module);
    let mut made = Vec::new();
    let mut late: Vec<(String, String)> = Vec::new();
    for family in &families {
        let class = family_class(module, family, (&renamed, &outside), &mut late, next_id);
        made.push((family, class));
    }
    start_late(module, &late, next_id);
    tests(module, &families);
    augmented(module, &families, next_id);
    patterns::patterns(module, &renamed, next_id);
    narrow::narrow(module, &renamed, next_id);
    rename(module, &renamed);
    for (family, class) in made {
        let at = module.body.stmts.iter().rposition(|s| {
            matches!(&s.kind, StmtKind::Class(c) if renamed.values().any(|r| *r == c.name.name && r.starts_with(&family.name)))
        });
        let base = module
            .body
            .stmts
            .iter_mut()
            .find(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == family.base));
        match base {
            Some(stmt) if family.is_base => {
                if let StmtKind::Class(own) = &mut stmt.kind {
                    own.body = class.body;
                    own.bases.clear();
                    own.keywords.clear();
                    own.decorators.clear();
                    own.abstracts.clear();
                    own.made = None;
                    own.variants = class.variants;
                    own.generated = class.generated;
                }
            }
            _ => {
                let span = class.name.span;
                let stmt = statement(StmtKind::Class(class), span, next_id);
                let place = at.map_or(0, |at| at + 1);
                module.body.stmts.insert(place, stmt);
            }
        }
    }
}

/// Attributes that classes get from outside: None until then.
fn start_late(module: &mut Module, late: &[(String, String)], next_id: &mut u32) {
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let own = late.iter().filter(|(name, _)| *name == class.name.name);
        let names: Vec<String> = own.map(|(_, attr)| attr.clone()).collect();
        if names.is_empty() {
            continue;
        }
        let mut build = super::build::Build {
            next_id,
            span: class.name.span,
        };
        let mut first = Vec::new();
        for name in &names {
            let target = build.of("self", name);
            let none = build.expr(ExprKind::None);
            first.push((name.clone(), target, none));
        }
        super::named_attributes::start_with(class, first, &mut build);
        class.late.extend(names);
    }
}

/// The families of the module.
fn find(module: &Module, relatives: &[Relatives]) -> Vec<Family> {
    let mut classes: BTreeMap<&str, &Class> = BTreeMap::new();
    let mut twice: BTreeSet<&str> = BTreeSet::new();
    let mut order: Vec<&str> = Vec::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            if classes.insert(&class.name.name, class).is_some() {
                twice.insert(&class.name.name);
            }
            order.push(&class.name.name);
        }
    }
    let made = instances(module, &classes);
    let related = related(relatives, &classes);
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in &order {
        let Some(class) = classes.get(name) else {
            continue;
        };
        let root = root(class, &classes).unwrap_or(name);
        // The first of several roots stands for them.
        let root = match related.get(root) {
            Some(group) => members
                .keys()
                .copied()
                .find(|known| related.get(known) == Some(group))
                .unwrap_or(root),
            None => root,
        };
        members.entry(root).or_default().push(name);
    }
    let mut out = Vec::new();
    for (root, names) in members {
        let known = |name: &&str| {
            !twice.contains(*name) && classes.get(*name).is_some_and(|c| is_plain(c, &classes))
        };
        let concrete: Vec<String> = names
            .iter()
            .filter(|n| made.contains(**n))
            .map(|n| (*n).to_string())
            .collect();
        if concrete.len() < 2 || !names.iter().all(known) {
            continue;
        }
        let group = related.get(root);
        let is_base = group.is_none() && !concrete.iter().any(|c| c == root);
        let mut name = match group {
            Some(name) => (*name).to_string(),
            None if is_base => root.to_string(),
            None => format!("Any{root}"),
        };
        while !is_base && classes.contains_key(name.as_str()) {
            name.push('_');
        }
        out.push(Family {
            name,
            is_base,
            base: root.to_string(),
            variants: concrete,
        });
    }
    out
}

/// The name of the family of each class that is the root of others, of relatives.
fn related<'c>(
    relatives: &'c [Relatives],
    classes: &BTreeMap<&'c str, &'c Class>,
) -> BTreeMap<&'c str, &'c str> {
    let mut groups: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for group in relatives {
        let root_of = |class: &'c String| {
            let root = classes.get(class.as_str()).and_then(|c| root(c, classes));
            root.unwrap_or(class)
        };
        let mut roots: BTreeSet<&str> = group.classes.iter().map(root_of).collect();
        let mut name = group.name.as_str();
        // Classes of two groups may derive from one.
        groups.retain(|(known, others)| {
            let apart = roots.is_disjoint(others);
            if !apart {
                name = known;
                roots.extend(others);
            }
            apart
        });
        groups.push((name, roots));
    }
    let mut related = BTreeMap::new();
    for (name, roots) in groups {
        related.extend(roots.into_iter().map(|root| (root, name)));
    }
    related
}

/// The first of the file's classes that a class derives from.
fn root<'c>(class: &'c Class, classes: &BTreeMap<&str, &Class>) -> Option<&'c str> {
    let mut ancestors = class.ancestors.iter().rev().map(String::as_str);
    ancestors.find(|a| classes.contains_key(a))
}

/// Whether a class derives from nothing but classes of the file.
fn is_plain(class: &Class, classes: &BTreeMap<&str, &Class>) -> bool {
    class.bases.iter().all(|base| match &base.kind {
        ExprKind::Name(name) => {
            matches!(name.as_str(), "object" | "ABC") || classes.contains_key(name.as_str())
        }
        ExprKind::Attribute { attr, .. } => attr.name == "ABC",
        _ => false,
    })
}

/// The classes of which the module makes instances.
fn instances(module: &Module, classes: &BTreeMap<&str, &Class>) -> BTreeSet<String> {
    struct Calls<'c>(&'c BTreeMap<&'c str, &'c Class>, BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Calls<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call { func, .. } = &e.kind {
                match &func.kind {
                    ExprKind::Name(name) if self.0.contains_key(name.as_str()) => {
                        self.1.insert(name.clone());
                    }
                    ExprKind::Attribute { value, attr } => {
                        if let ExprKind::Name(name) = &value.kind
                            && let Some(class) = self.0.get(name.as_str())
                            && class.body.functions().any(|f| {
                                f.name.name == attr.name
                                    && matches!(f.method_kind(), Ok(MethodKind::Class))
                            })
                        {
                            self.1.insert(name.clone());
                        }
                    }
                    _ => {}
                }
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut calls = Calls(classes, BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut calls, &module.body);
    calls.1
}

/// The attributes that are read or set on anything but `self`.
#[derive(Default)]
struct Outside {
    read: BTreeSet<String>,
    set: BTreeSet<String>,
}

impl Outside {
    fn of(module: &Module) -> Self {
        struct Find<'o> {
            out: &'o mut Outside,
            this: Option<String>,
        }
        impl Find<'_> {
            fn target(&mut self, target: &Expr) {
                match &target.kind {
                    ExprKind::Attribute { value, attr } if !self.own(value) => {
                        self.out.set.insert(attr.name.clone());
                    }
                    ExprKind::Tuple(items) | ExprKind::List(items) => {
                        items.iter().for_each(|i| self.target(i));
                    }
                    _ => {}
                }
            }
            fn own(&self, value: &Expr) -> bool {
                matches!(&value.kind, ExprKind::Name(n) if Some(n) == self.this.as_ref())
            }
        }
        impl<'ast> ast::visit::Visitor<'ast> for Find<'_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                match &stmt.kind {
                    StmtKind::Assign { targets, value } => {
                        targets.iter().for_each(|t| self.target(t));
                        // What is set is not read.
                        let mut places = Vec::new();
                        targets.iter().for_each(|t| ast::leaves(t, &mut places));
                        for place in places {
                            match &place.kind {
                                ExprKind::Attribute { value, .. } => self.visit_expr(value),
                                _ => self.visit_expr(place),
                            }
                        }
                        self.visit_expr(value);
                        return;
                    }
                    StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                        self.target(target);
                    }
                    _ => {}
                }
                ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Attribute { value, attr } = &e.kind
                    && !self.own(value)
                {
                    self.out.read.insert(attr.name.clone());
                }
                ast::visit::walk_expr(self, e);
            }
        }
        let mut out = Outside::default();
        for stmt in &module.body.stmts {
            let bodies: Vec<(&Stmt, Option<String>)> = match &stmt.kind {
                StmtKind::Class(class) => class
                    .body
                    .stmts
                    .iter()
                    .map(|s| {
                        let this = match &s.kind {
                            StmtKind::Function(f) => f.params.list.first(),
                            _ => None,
                        };
                        (s, this.map(|p| p.name.name.clone()))
                    })
                    .collect(),
                _ => vec![(stmt, None)],
            };
            for (stmt, this) in bodies {
                let mut find = Find {
                    out: &mut out,
                    this,
                };
                ast::visit::Visitor::visit_stmt(&mut find, stmt);
            }
        }
        out
    }
}

/// `zone.hits += 1` as `zone.hits = zone.hits + 1`: an attribute of a family is a property.
/// Only numbers, since a list would be changed in place.
fn augmented(module: &mut Module, families: &[Family], next_id: &mut u32) {
    let mut names: Vec<String> = Vec::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && families
                .iter()
                .any(|f| f.variants.contains(&class.name.name))
        {
            attributes_of(class, &mut names);
        }
    }
    fn in_block(block: &mut Block, this: &str, names: &[String], next_id: &mut u32) {
        for stmt in &mut block.stmts {
            let this = match &stmt.kind {
                StmtKind::Function(f) => f.params.list.first().map(|p| p.name.name.clone()),
                _ => None,
            }
            .unwrap_or_else(|| this.to_string());
            if let StmtKind::AugAssign { target, op, value } = &stmt.kind
                && let ExprKind::Attribute { value: base, attr } = &target.kind
                && names.contains(&attr.name)
                && !matches!(&base.kind, ExprKind::Name(n) if *n == this)
                && is_steady(base)
                && matches!(value.kind, ExprKind::Int(_) | ExprKind::Float(_))
            {
                let mut left = target.clone();
                super::copies::expr(&mut left, next_id);
                let id = NodeId::next(next_id);
                stmt.kind = StmtKind::Assign {
                    targets: vec![target.clone()],
                    value: Expr {
                        id,
                        span: stmt.span,
                        kind: ExprKind::Binary {
                            op: *op,
                            left: Box::new(left),
                            right: Box::new(value.clone()),
                        },
                    },
                };
            }
            for inner in ast::blocks_mut(stmt) {
                in_block(inner, &this, names, next_id);
            }
        }
    }
    in_block(&mut module.body, "", &names, next_id);
}

/// Whether an expression names the same object when it is evaluated again.
fn is_steady(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) | ExprKind::Int(_) => true,
        ExprKind::Attribute { value, .. } => is_steady(value),
        ExprKind::Subscript { value, index } => is_steady(value) && is_steady(index),
        _ => false,
    }
}

/// `isinstance(x, Base)`: the classes of the family that are one.
fn tests(module: &mut Module, families: &[Family]) {
    let mut ancestors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            ancestors.insert(class.name.name.clone(), class.ancestors.clone());
        }
    }
    let of = |name: &str| -> Option<Vec<String>> {
        let family = families.iter().find(|f| {
            f.base == name
                || f.variants.iter().any(|v| v == name)
                || f.variants.iter().any(|v| {
                    ancestors
                        .get(v)
                        .is_some_and(|a| a.iter().any(|a| a == name))
                })
        })?;
        let own = family.variants.iter().filter(|v| {
            *v == name
                || ancestors
                    .get(*v)
                    .is_some_and(|a| a.iter().any(|a| a == name))
        });
        Some(own.cloned().collect())
    };
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Call { func, args, .. } = &mut e.kind else {
            return;
        };
        if !matches!(&func.kind, ExprKind::Name(n) if n == "isinstance") {
            return;
        }
        let Some(classes) = args.get_mut(1) else {
            return;
        };
        let names: Vec<Expr> = match &classes.kind {
            ExprKind::Tuple(items) => items.clone(),
            _ => vec![classes.clone()],
        };
        let mut out: Vec<Expr> = Vec::new();
        for name in names {
            let found = match &name.kind {
                ExprKind::Name(n) => of(n),
                _ => None,
            };
            match found {
                Some(variants) => out.extend(variants.into_iter().map(|v| Expr {
                    kind: ExprKind::Name(v),
                    ..name.clone()
                })),
                None => out.push(name),
            }
        }
        if out.len() == 1
            && let Some(one) = out.pop()
        {
            *classes = one;
        } else {
            classes.kind = ExprKind::Tuple(out);
        }
    });
}

/// Gives the classes of families their names.
fn rename(module: &mut Module, renamed: &BTreeMap<String, String>) {
    let mut name = |e: &mut Expr| {
        if let ExprKind::Name(n) = &mut e.kind
            && let Some(new) = renamed.get(n)
        {
            n.clone_from(new);
        }
    };
    ast::rewrite::block(&mut module.body, &mut name);
    annotations(&mut module.body, &mut |e| {
        if let ExprKind::Str(text) = &e.kind
            && renamed.contains_key(text)
        {
            e.kind = ExprKind::Name(text.clone());
        }
        name(e);
    });
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            class.bases.iter_mut().for_each(&mut name);
            let names = std::iter::once(&mut class.name.name).chain(&mut class.ancestors);
            for own in names {
                if let Some(new) = renamed.get(own) {
                    own.clone_from(new);
                }
            }
        }
    }
}

fn annotations(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let params = function.params.list.iter_mut();
                for e in params
                    .filter_map(|p| p.annotation.as_mut())
                    .chain(&mut function.returns)
                {
                    ast::rewrite::expr(e, f);
                }
            }
            StmtKind::AnnAssign { annotation, .. } => ast::rewrite::expr(annotation, f),
            _ => {}
        }
        for block in ast::blocks_mut(stmt) {
            annotations(block, f);
        }
    }
}

/// The class of a family: a method for each method, a property for each attribute.
fn family_class(
    module: &Module,
    family: &Family,
    (renamed, outside): (&BTreeMap<String, String>, &Outside),
    late: &mut Vec<(String, String)>,
    next_id: &mut u32,
) -> Class {
    let classes: Vec<&Class> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(c) if family.variants.contains(&c.name.name) => Some(c),
            _ => None,
        })
        .collect();
    let base = module.body.stmts.iter().find_map(|s| match &s.kind {
        StmtKind::Class(c) if c.name.name == family.base => Some(c),
        _ => None,
    });
    let at = base.map_or(
        module
            .body
            .stmts
            .first()
            .map_or(Span::new(0, 0), |s| s.span),
        |c| c.name.span,
    );
    let mut body: Vec<Stmt> = Vec::new();
    if let (Some(base), true) = (base, family.is_base) {
        // What belongs to the class alone stays with it.
        for stmt in &base.body.stmts {
            let stays = match &stmt.kind {
                StmtKind::Function(f) => {
                    matches!(f.method_kind(), Ok(MethodKind::Static))
                }
                _ => false,
            };
            if stays {
                body.push(stmt.clone());
            }
        }
    }
    let mut arms = Arms {
        family,
        renamed,
        // A note on what is not called points at the user's own definition.
        at: Span::new(0, 0),
        next_id,
    };
    let mut names: Vec<(String, MethodKind)> = Vec::new();
    let shown = shown_by(&classes);
    for class in &classes {
        for function in class.body.functions() {
            let Ok(kind) = function.method_kind() else {
                continue;
            };
            let name = &function.name.name;
            // What shows every one of them shows the family.
            let shows = shown.contains(&name.as_str());
            let special = name.starts_with("__") && name != "__call__" && !shows;
            let own = matches!(
                kind,
                MethodKind::Method | MethodKind::Property | MethodKind::Setter
            );
            if own && !special && !names.iter().any(|(n, k)| n == name && *k == kind) {
                names.push((name.clone(), kind));
            }
        }
    }
    for (name, kind) in &names {
        let found: Vec<Option<&Function>> = classes
            .iter()
            .map(|c| {
                c.body
                    .functions()
                    .find(|f| f.name.name == *name && f.method_kind().is_ok_and(|k| k == *kind))
                    .or_else(|| shown_as(c, name))
            })
            .collect();
        if let Some(function) = arms.method(name, *kind, &classes, &found) {
            body.push(function);
        }
    }
    let mut attributes: Vec<String> = Vec::new();
    for class in &classes {
        attributes_of(class, &mut attributes);
    }
    for name in attributes {
        if names.iter().any(|(n, _)| *n == name) {
            continue;
        }
        let has: Vec<bool> = classes
            .iter()
            .map(|c| {
                let mut own = Vec::new();
                attributes_of(c, &mut own);
                own.contains(&name)
            })
            .collect();
        // What is set from outside may be there in any of them.
        let own = has.clone();
        let has: Vec<bool> = match outside.set.contains(&name) {
            true => vec![true; has.len()],
            false => has,
        };
        let comes = |(own, class): (&bool, &&Class)| {
            !own && outside.set.contains(&name)
                && (outside.read.contains(&name) || mentions(class, &name))
                && class.made.is_none()
        };
        let comes: Vec<bool> = own.iter().zip(&classes).map(comes).collect();
        for (class, _) in classes.iter().zip(&comes).filter(|(_, comes)| **comes) {
            late.push((class.name.name.clone(), name.clone()));
        }
        if outside.read.contains(&name) {
            body.push(arms.attribute(&name, &classes, (&has, &comes), false));
        }
        if outside.set.contains(&name) {
            // Where nobody reads it, it need not be kept.
            let kept: Vec<bool> = classes
                .iter()
                .map(|c| outside.read.contains(&name) || mentions(c, &name))
                .collect();
            body.push(arms.attribute(&name, &classes, (&kept, &comes), true));
        }
    }
    let name = Ident {
        span: at,
        name: family.name.clone(),
    };
    Class {
        variants: family
            .variants
            .iter()
            .filter_map(|v| renamed.get(v).cloned())
            .collect(),
        // As those of its classes: nobody has to call them.
        generated: match classes.iter().any(|c| !c.generated.is_empty()) {
            true => shown.iter().map(|name| (*name).to_string()).collect(),
            false => Vec::new(),
        },
        ..Class::of(name, body)
    }
}

/// Whether an attribute of that name stands anywhere in a class.
fn mentions(class: &Class, name: &str) -> bool {
    struct Find<'n>(&'n str, bool);
    impl<'ast> ast::visit::Visitor<'ast> for Find<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= matches!(&e.kind, ExprKind::Attribute { attr, .. } if attr.name == self.0);
            ast::visit::walk_expr(self, e);
        }
    }
    let mut own = Vec::new();
    attributes_of(class, &mut own);
    let mut find = Find(name, false);
    ast::visit::Visitor::visit_block(&mut find, &class.body);
    find.1 || own.iter().any(|n| n == name)
}

/// The methods that show an object of any class of a family: `str(x)` is `repr(x)` of a class
/// that has no text of its own.
fn shown_by(classes: &[&Class]) -> Vec<&'static str> {
    let has = |c: &&Class, name: &str| c.body.functions().any(|f| f.name.name == name);
    let texts = classes.iter().any(|c| has(c, "__str__"));
    let either = |c: &&Class| has(c, "__str__") || has(c, "__repr__");
    match (texts, classes.iter().all(|c| has(c, "__repr__"))) {
        (true, repr) if classes.iter().all(either) => match repr {
            true => vec!["__str__", "__repr__"],
            false => vec!["__str__"],
        },
        (false, true) => vec!["__repr__"],
        _ => Vec::new(),
    }
}

/// What shows an object of a class that has no `__str__`.
fn shown_as<'c>(class: &'c Class, name: &str) -> Option<&'c Function> {
    let own = |f: &&Function| name == "__str__" && f.name.name == "__repr__";
    class.body.functions().find(own)
}

/// The attributes that a class's body and methods bind.
fn attributes_of(class: &Class, out: &mut Vec<String>) {
    struct Targets<'o>(String, &'o mut Vec<String>);
    impl Targets<'_> {
        fn target(&mut self, target: &Expr) {
            match &target.kind {
                ExprKind::Attribute { value, attr }
                    if matches!(&value.kind, ExprKind::Name(n) if *n == self.0)
                        && !self.1.contains(&attr.name) =>
                {
                    self.1.push(attr.name.clone());
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|i| self.target(i));
                }
                _ => {}
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Targets<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            stmt.targets().iter().for_each(|t| self.target(t));
            ast::visit::walk_stmt(self, stmt);
        }
    }
    for stmt in &class.body.stmts {
        let target = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.first(),
            StmtKind::AnnAssign { target, .. } => Some(target),
            StmtKind::Function(function) => {
                let this = function.params.list.first();
                let this = this.map_or_else(String::new, |p| p.name.name.clone());
                ast::visit::Visitor::visit_block(&mut Targets(this, out), &function.body);
                None
            }
            _ => None,
        };
        if let Some(ExprKind::Name(name)) = target.map(|t| &t.kind)
            && !out.contains(name)
        {
            out.push(name.clone());
        }
    }
}
