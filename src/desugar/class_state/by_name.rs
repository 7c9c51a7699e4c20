//! Class attributes that functions assign by the class's name alone.
//!
//! Enters: the module, before what classes inherit is written out. Leaves: the same, where
//! `Servo.created += 1` counts in a variable of the module, which is what `self.created`,
//! `cls.created` and `Geared.created` of a subclass read as well: as long as nobody gives
//! a subclass or an instance an attribute of that name. This module must not know types.

use super::{CHANGING, attribute, class_asked, names, share, variable};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Class, Expr, ExprKind, Function, MethodKind, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Whose attribute is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// What that name stands for.
    Name(String),
    /// Of the class around, or of an instance of it or of a subclass.
    Own(String),
    /// Anything else.
    Other,
}

/// Makes a module variable of every class attribute that functions assign by the class's name,
/// and that nobody reaches in another way than by reading it.
pub(in crate::desugar) fn by_name_alone(module: &mut Module, next_id: &mut u32) {
    let mut looked = Looked {
        exact: exact(module),
        ..Looked::default()
    };
    looked.visit_block(&module.body);
    let classes: BTreeMap<String, &Class> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(class) => Some((class.name.name.clone(), class)),
            _ => None,
        })
        .collect();
    let mut shared = Vec::new();
    for (class, name) in &looked.assigned {
        let defined = classes.values().filter(|c| {
            c.body
                .stmts
                .iter()
                .filter_map(attribute)
                .any(|n| n == *name)
        });
        let defined: Vec<&String> = defined.map(|c| &c.name.name).collect();
        if defined == [class]
            && let Some(family) = looked.family(class, name, &classes)
        {
            shared.push((class.clone(), name.clone(), family));
        }
    }
    let mut taken = names(module);
    for (class, name, family) in shared {
        let variable = variable(&class, &name, &mut taken);
        share(module, (&class, &family), &name, &variable, next_id);
    }
}

/// The class methods that nobody names but by their class: `cls` is that class in them.
fn exact(module: &Module) -> BTreeSet<(String, String)> {
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            let methods = class.body.functions();
            let methods = methods.filter(|f| matches!(f.method_kind(), Ok(MethodKind::Class)));
            found.extend(methods.map(|f| (class.name.name.clone(), f.name.name.clone())));
        }
    }
    struct Named<'f>(&'f mut BTreeSet<(String, String)>);
    impl<'ast> Visitor<'ast> for Named<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Attribute { value, attr } => {
                    let by =
                        |class: &String| matches!(&value.kind, ExprKind::Name(n) if n == class);
                    self.0
                        .retain(|(class, method)| *method != attr.name || by(class));
                }
                ExprKind::Str(text) => self.0.retain(|(_, method)| method != text),
                _ => {}
            }
            visit::walk_expr(self, e);
        }
    }
    Named(&mut found).visit_block(&module.body);
    found
}

#[derive(Default)]
struct Looked {
    /// The class methods in which `cls` is their class.
    exact: BTreeSet<(String, String)>,
    /// Of attributes assigned in functions: by which name.
    assigned: BTreeSet<(String, String)>,
    /// Who reads or writes each attribute.
    owners: BTreeMap<String, BTreeSet<Owner>>,
    /// Who writes each attribute, or changes what it holds.
    written: BTreeMap<String, BTreeSet<Owner>>,
    /// Every text, which `getattr` may be given.
    texts: BTreeSet<String>,
    /// The class around, what its method calls the instance or the class, and whether that is
    /// the class itself.
    own: Option<(String, String, bool)>,
    depth: usize,
}

impl Looked {
    /// The class and those that inherit from it, where the attribute can be moved out of it.
    fn family(
        &self,
        class: &String,
        name: &String,
        classes: &BTreeMap<String, &Class>,
    ) -> Option<BTreeSet<String>> {
        let owners = self.owners.get(name)?;
        if owners.iter().all(|o| *o == Owner::Name(class.clone())) {
            return Some(BTreeSet::from([class.clone()]));
        }
        let bases = |c: &Class| -> Vec<Option<String>> {
            let base = |e: &Expr| match &e.kind {
                ExprKind::Name(name) => Some(name.clone()),
                ExprKind::Attribute { attr, .. } => Some(attr.name.clone()),
                _ => None,
            };
            c.bases.iter().map(base).collect()
        };
        let below = |known: &BTreeSet<String>| -> BTreeSet<String> {
            let inherits = |c: &&&Class| {
                let mut bases = bases(c).into_iter().flatten();
                bases.any(|b| known.contains(&b))
            };
            let found = classes.values().filter(inherits);
            found.map(|c| c.name.name.clone()).collect()
        };
        let mut family = BTreeSet::from([class.clone()]);
        loop {
            let more = below(&family);
            if more.is_subset(&family) {
                break;
            }
            family.extend(more);
        }
        // Alone it has no other names, and may be looked at later.
        if family.len() < 2 || self.texts.contains(name) {
            return None;
        }
        // Whatever sets attributes of their instances.
        let mut above = family.clone();
        let mut work: Vec<String> = family.iter().cloned().collect();
        while let Some(at) = work.pop() {
            for base in bases(classes.get(&at)?) {
                let base = base?;
                match base.as_str() {
                    "object" | "ABC" | "Protocol" => {}
                    _ if !classes.contains_key(&base) => return None,
                    _ => {
                        if above.insert(base.clone()) {
                            work.push(base);
                        }
                    }
                }
            }
        }
        let written = self.written.get(name).into_iter().flatten();
        for owner in written {
            let fits = match owner {
                Owner::Name(n) => n == class,
                Owner::Own(of) => !above.contains(of),
                Owner::Other => false,
            };
            if !fits {
                return None;
            }
        }
        let in_bodies = family.iter().filter_map(|c| classes.get(c)).any(|c| {
            let mut read = super::super::names::Names::default();
            let own = |s: &&Stmt| !matches!(s.kind, StmtKind::Function(_));
            c.body.stmts.iter().filter(own).for_each(|s| read.stmt(s));
            read.read.contains(name)
        });
        let hides = |s: &Stmt| s.function().is_some_and(|f| f.name.name == *name);
        let hidden = above.iter().filter_map(|c| classes.get(c));
        let hidden = hidden.flat_map(|c| &c.body.stmts).any(hides);
        (!in_bodies && !hidden).then_some(family)
    }

    fn owner(&self, value: &Expr) -> Owner {
        let asked = class_asked(value);
        match &asked.kind {
            ExprKind::Name(name) => match &self.own {
                Some((class, this, exact)) if this == name => match exact {
                    true => Owner::Name(class.clone()),
                    false => Owner::Own(class.clone()),
                },
                _ if std::ptr::eq(asked, value) => Owner::Name(name.clone()),
                _ => Owner::Other,
            },
            _ => Owner::Other,
        }
    }

    /// An attribute that is assigned, or whose object is changed.
    fn changed(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Attribute { value, attr } => {
                let owner = self.owner(value);
                if let (Owner::Name(name), 1..) = (&owner, self.depth) {
                    self.assigned.insert((name.clone(), attr.name.clone()));
                }
                self.written
                    .entry(attr.name.clone())
                    .or_default()
                    .insert(owner);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.changed(item));
            }
            ExprKind::Starred(inner) => self.changed(inner),
            _ => {}
        }
    }

    fn method(&mut self, class: &str, function: &Function) -> Option<(String, String, bool)> {
        let this = function.params.list.first()?;
        let kind = function.method_kind().unwrap_or(MethodKind::Method);
        let key = (class.to_string(), function.name.name.clone());
        let exact = self.exact.contains(&key);
        (kind != MethodKind::Static).then(|| (class.to_string(), this.name.name.clone(), exact))
    }
}

impl<'ast> Visitor<'ast> for Looked {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Class(class) if self.depth == 0 => {
                for inner in &class.body.stmts {
                    self.own = inner
                        .function()
                        .and_then(|f| self.method(&class.name.name, f));
                    self.visit_stmt(inner);
                    self.own = None;
                }
                class.bases.iter().for_each(|base| self.visit_expr(base));
                return;
            }
            StmtKind::Function(_) => {
                self.depth += 1;
                visit::walk_stmt(self, stmt);
                self.depth -= 1;
                return;
            }
            _ => {}
        }
        for target in stmt.targets() {
            match &target.kind {
                // `Servo.offsets[name] = 0.5` changes what its owner holds.
                ExprKind::Subscript { value, .. } => {
                    if !matches!(&value.kind, ExprKind::Attribute { value, .. } if matches!(self.owner(value), Owner::Own(_) | Owner::Other))
                    {
                        self.changed(value);
                    }
                }
                _ => self.changed(target),
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            // `Servo.names.append(name)`
            ExprKind::Call { func, .. } => {
                if let ExprKind::Attribute { value, attr } = &func.kind
                    && CHANGING.contains(&attr.name.as_str())
                    && let ExprKind::Attribute { value: of, .. } = &value.kind
                    && matches!(self.owner(of), Owner::Name(_))
                {
                    self.changed(value);
                }
            }
            ExprKind::Attribute { value, attr } => {
                let owner = self.owner(value);
                self.owners
                    .entry(attr.name.clone())
                    .or_default()
                    .insert(owner);
            }
            ExprKind::Str(text) => {
                self.texts.insert(text.clone());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
