//! Which Rust type a Python value gets.

use super::Lowerer;
use super::names::ClassNames;
use crate::ast::{Expr, StmtKind};
use crate::ir::RTy;
use crate::project::{IntTy, RustTy, TypeDef, is_tuple_key, tuple_key};
use crate::ranges::Range;
use crate::ty::{Side, Ty};
use crate::value::{Fact, natural_int};

/// What the keys of the file's own classes start with.
pub(crate) const CLASS: &str = "<class>::";

/// The Rust type of a message's field.
pub(crate) fn rty_of(ty: &RustTy) -> RTy {
    match ty {
        RustTy::Bool => RTy::Bool,
        RustTy::Int(int) => RTy::Int(*int),
        RustTy::Float(float) => RTy::Float(*float),
        RustTy::Char => RTy::Char,
        RustTy::String => RTy::String,
        RustTy::Unit => RTy::Unit,
        RustTy::Option(inner) => RTy::Option(Box::new(rty_of(inner))),
        RustTy::Array(elem, len) => RTy::Array(Box::new(rty_of(elem)), *len),
        RustTy::Vec(elem) => RTy::Vec(Box::new(rty_of(elem))),
        RustTy::ArrayVec(elem, len) => RTy::ArrayVec(Box::new(rty_of(elem)), *len),
        RustTy::Tuple(items) => RTy::Named(tuple_key(items)),
        RustTy::CuTime => RTy::CuTime,
        RustTy::CuDuration => RTy::CuDuration,
        RustTy::Boxed(inner) => rty_of(inner),
        RustTy::Named(key) => RTy::Named(key.clone()),
        RustTy::Map {
            key,
            value,
            sorted: true,
        } => RTy::Map {
            key: Box::new(rty_of(key)),
            value: Box::new(rty_of(value)),
            ordered: false,
        },
        RustTy::Map { .. } => RTy::Named("HashMap".into()),
        RustTy::Opaque(text) => RTy::Named(text.clone()),
    }
}

impl Lowerer<'_> {
    /// The type of a variable or return value of the generated code; `None` where there is none.
    pub(crate) fn natural(&self, fact: &Fact) -> Option<RTy> {
        Some(match &fact.ty {
            Ty::Bool => RTy::Bool,
            Ty::Int => RTy::Int(match fact.range {
                Range::Int(range) => natural_int(range),
                Range::Float(_) | Range::Any => IntTy::I64,
            }),
            Ty::Float | Ty::Number => RTy::F64,
            Ty::IntOrFloat => RTy::Number,
            Ty::Str => RTy::String,
            Ty::None => RTy::Unit,
            Ty::Option(inner) => {
                let inner = Fact {
                    ty: (**inner).clone(),
                    range: fact.range,
                    unbound: false,
                };
                RTy::Option(Box::new(self.natural(&inner)?))
            }
            Ty::Tuple(items) => {
                let items: Option<Vec<RTy>> = items
                    .iter()
                    .map(|t| self.natural(&Fact::of(t.clone())))
                    .collect();
                RTy::Tuple(items?)
            }
            Ty::List {
                elem, store, len, ..
            } => {
                let elem = match store {
                    Some(store) => rty_of(store),
                    None => self.natural(&Fact::of((**elem).clone()))?,
                };
                match len {
                    Some(len) => RTy::Array(Box::new(elem), *len),
                    None => RTy::Vec(Box::new(elem)),
                }
            }
            Ty::Dict {
                key,
                value,
                ordered,
                ..
            } if self.is_key(key) => RTy::Map {
                key: Box::new(self.natural(&Fact::of((**key).clone()))?),
                value: Box::new(self.natural(&Fact::of((**value).clone()))?),
                // Only what is ordered in Rust as well can be told by its place in a tree.
                ordered: *ordered || holds_member(key) || holds_float(key),
            },
            Ty::Record(_) => self.record_type(&fact.ty)?,
            Ty::Set(elem) if self.is_key(elem) && !holds_float(elem) => {
                RTy::Set(Box::new(self.natural(&Fact::of((**elem).clone()))?))
            }
            Ty::Deque { elem, .. } => {
                RTy::Deque(Box::new(self.natural(&Fact::of((**elem).clone()))?))
            }
            Ty::Enum(key) => RTy::Named(key.clone()),
            Ty::Tov => RTy::Tov,
            Ty::Position => RTy::USIZE,
            // The data of a variant has no type of its own.
            Ty::Struct(key) if self.input.types.variant_of(key).is_some() => return None,
            Ty::Struct(key) | Ty::Tagged(key) => RTy::Named(key.clone()),
            Ty::Instance(class) | Ty::Member(class) => self.class_type(class),
            Ty::Mixed(_) => self.class_type(self.input.model.union_of(&fact.ty)?.1),
            Ty::Unknown
            | Ty::Dict { .. }
            | Ty::Set(_)
            | Ty::Range
            | Ty::Exception(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Conflict(_) => return None,
        })
    }

    /// The type of a helper's parameter; an instance that it keeps is passed by value.
    pub(crate) fn param_type_of(
        &self,
        function: &crate::ast::Function,
        name: &str,
        fact: &Fact,
        mutated: bool,
    ) -> Option<RTy> {
        match &fact.ty {
            Ty::Instance(class) if function.name.name == "__eq__" => {
                Some(self.class_type(class).by_ref())
            }
            Ty::Instance(class) if keeps(function, name) => Some(self.class_type(class)),
            ty if ty.is_shared() && self.is_owned(function, name) => self.natural(fact),
            ty if ty.narrowed() == Ty::Str
                && becomes_own_text(function, name, self.is_owned(function, name)) =>
            {
                self.natural(fact)
            }
            _ => self.param_type(fact, mutated),
        }
    }

    /// Whether a function takes a parameter by value.
    fn is_owned(&self, function: &crate::ast::Function, name: &str) -> bool {
        let mut params = function.params.list.iter();
        params.any(|p| p.name.name == name && self.input.model.owned.contains(&p.id))
    }

    /// The type of a helper's parameter.
    pub(crate) fn param_type(&self, fact: &Fact, mutated: bool) -> Option<RTy> {
        let by = |ty: RTy| {
            if mutated {
                RTy::RefMut(Box::new(ty))
            } else {
                ty.by_ref()
            }
        };
        Some(match &fact.ty {
            Ty::Struct(_) | Ty::Tagged(_) => by(self.natural(fact)?),
            Ty::Instance(class) if !mutated && self.is_value_class(class, 0) => {
                self.class_type(class)
            }
            Ty::Instance(class) => by(self.class_type(class)),
            Ty::Message { side, payload } => {
                let payload = match &**payload {
                    Ty::Struct(key) | Ty::Enum(key) => RTy::Named(key.clone()),
                    other => self.natural(&Fact::of(other.clone()))?,
                };
                let message = RTy::Msg(Box::new(payload));
                match side {
                    // What an input holds is lent to be looked at: changing it is a hole.
                    Side::Input => message.by_ref(),
                    Side::Output => by(message),
                }
            }
            Ty::Context => RTy::Ref(Box::new(RTy::Context)),
            Ty::List { .. } | Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_) | Ty::Deque { .. } => {
                by(self.natural(fact)?)
            }
            Ty::Str => RTy::Str,
            Ty::Mixed(_) => self.natural(fact)?,
            Ty::Option(inner) => {
                let inner = Fact {
                    ty: (**inner).clone(),
                    range: fact.range,
                    unbound: false,
                };
                RTy::Option(Box::new(self.param_type(&inner, mutated)?))
            }
            Ty::Unknown
            | Ty::None
            | Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Tuple(_)
            | Ty::Range
            | Ty::Position
            | Ty::Enum(_)
            | Ty::Messages { .. }
            | Ty::Tov
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Member(_)
            | Ty::Exception(_)
            | Ty::Conflict(_) => self.natural(fact)?,
        })
    }

    /// The Rust type of a class of the file.
    pub(crate) fn class_type(&self, class: &str) -> RTy {
        RTy::Named(format!("{CLASS}{}", self.class_name(class)))
    }

    /// The class of the file that a Rust type stands for.
    pub(crate) fn class_of(&self, ty: &RTy) -> Option<String> {
        let RTy::Named(key) = super::place::named_of(ty)? else {
            return None;
        };
        let name = key.strip_prefix(CLASS)?;
        self.class_names.python(name).cloned()
    }

    /// Whether the file has an `IntFlag`, whose members are ints that show themselves in
    /// another way.
    pub(crate) fn has_flags(&self) -> bool {
        let model = &self.input.model;
        let flags =
            |base: &Expr| model.full_name(base, |_| false).as_deref() == Some("enum.IntFlag");
        self.input.module.body.stmts.iter().any(
            |stmt| matches!(&stmt.kind, StmtKind::Class(class) if class.bases.iter().any(flags)),
        )
    }

    /// The name of a class in Rust.
    pub(crate) fn class_name(&self, class: &str) -> String {
        self.class_names.rust(class)
    }

    /// Whether values of a named type are copied.
    pub(crate) fn is_copy_type(&self, key: &str) -> bool {
        if let Some(class) = self.class_of(&RTy::Named(key.to_string())) {
            // Enums are copied, and small values that nobody changes.
            return self.is_value_class(&class, 0);
        }
        let types = self.input.types;
        let derives = match (types.enum_def(key), types.struct_def(key)) {
            (Some(def), _) => &def.derives,
            (None, Some(def)) => &def.derives,
            (None, None) => return false,
        };
        derives.iter().any(|d| d == "Copy")
    }

    /// Whether instances of a class are small values: never changed once made, so that a
    /// copy is as good as the object.
    pub(crate) fn is_value_class(&self, class: &str, depth: usize) -> bool {
        let Some(model) = self.input.model.classes.get(class) else {
            return false;
        };
        if !model.members.is_empty() {
            return true;
        }
        if !model.variants.is_empty() {
            return false;
        }
        let small = !model.mutated && !model.fields.is_empty() && model.fields.len() <= 4;
        small
            && depth < 3
            && model.fields.iter().all(|(_, fact)| {
                self.natural(fact).is_some_and(|ty| {
                    ty.is_copy(&|key| match self.class_of(&RTy::Named(key.to_string())) {
                        Some(held) => self.is_value_class(&held, depth + 1),
                        None => self.is_copy_type(key),
                    }) && !matches!(ty, RTy::Array(..) | RTy::Str)
                })
            })
    }

    /// Whether values of a type are copied.
    pub(crate) fn is_copy(&self, ty: &RTy) -> bool {
        ty.is_copy(&|key| self.is_copy_type(key))
    }

    /// Notes that the Rust names a class, and those of its fields.
    pub(super) fn use_class(&mut self, ty: &RTy, depth: usize) {
        let Some(class) = self.class_of(ty).filter(|_| depth < 8) else {
            return;
        };
        let fields = self.input.model.classes.get(&class).map(|c| &c.fields);
        for (_, fact) in fields.into_iter().flatten() {
            if let Some(ty) = self.natural(fact) {
                self.use_class(&ty, depth + 1);
            }
        }
        self.used_classes.insert(class);
    }

    /// Notes that the Rust names a type of the app, and gives its name.
    pub(crate) fn use_type(&mut self, key: &str) -> String {
        self.use_types(&RTy::Named(key.to_string()));
        crate::ty::last_segment(key).to_string()
    }

    /// Notes every type of the app within `ty`.
    pub(crate) fn use_types(&mut self, ty: &RTy) {
        match ty {
            RTy::Number => {
                self.task.helpers.insert(crate::catalog::Helper::Number);
            }
            RTy::Named(key) => {
                if is_tuple_key(key) {
                    let types = self.input.types;
                    for field in types.fields(key) {
                        self.use_types(&rty_of(&field.ty));
                    }
                } else if !key.starts_with(CLASS) {
                    self.task.uses.insert(key.clone());
                } else if let Some(class) = self.class_of(ty) {
                    let variants = self.family_variants(&class).to_vec();
                    self.used_classes.extend(variants);
                }
                self.use_records(ty);
            }
            RTy::Option(inner)
            | RTy::Array(inner, _)
            | RTy::Vec(inner)
            | RTy::ArrayVec(inner, _)
            | RTy::Slice(inner)
            | RTy::Set(inner)
            | RTy::Deque(inner)
            | RTy::Ref(inner)
            | RTy::RefMut(inner)
            | RTy::Msg(inner) => self.use_types(inner),
            RTy::Tuple(items) => items.iter().for_each(|item| self.use_types(item)),
            RTy::Map { key, value, .. } => {
                self.use_types(key);
                self.use_types(value);
            }
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::String
            | RTy::Str
            | RTy::Context
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Never => {}
        }
    }
}

/// The named types whose values are copied, by their keys.
pub(super) fn copied(
    input: super::Input<'_>,
    names: &ClassNames,
) -> std::collections::BTreeSet<String> {
    let derives = |def: &TypeDef| match def {
        TypeDef::Struct(def) => def.derives.iter().any(|d| d == "Copy"),
        TypeDef::Enum(def) => def.derives.iter().any(|d| d == "Copy"),
    };
    let app = input.types.defs.iter().filter(|(_, def)| derives(def));
    let own = input.model.classes.iter();
    let enums = own.filter(|(_, class)| !class.members.is_empty());
    let parts = input.types.parts.iter();
    let parts = parts.filter(|(_, def)| def.derives.iter().any(|d| d == "Copy"));
    app.map(|(key, _)| key.clone())
        .chain(parts.map(|(key, _)| key.clone()))
        .chain(enums.map(|(name, _)| format!("{CLASS}{}", names.rust(name))))
        .collect()
}

/// Whether a key is, or has in it, a number that may be a NaN: it has no place in a tree.
fn holds_float(key: &Ty) -> bool {
    match key {
        Ty::Float | Ty::IntOrFloat | Ty::Number => true,
        Ty::Tuple(items) => items.iter().any(holds_float),
        _ => false,
    }
}

/// Whether a key is, or holds, a member of an enum of the file.
fn holds_member(key: &Ty) -> bool {
    match key {
        Ty::Member(_) => true,
        Ty::Tuple(items) => items.iter().any(holds_member),
        _ => false,
    }
}

/// Whether a text parameter becomes a text that is no part of what it was, under its own name:
/// such a one cannot be lent. `rebound`: it is assigned.
fn becomes_own_text(function: &crate::ast::Function, name: &str, rebound: bool) -> bool {
    use crate::ast::{Expr, ExprKind, Stmt, StmtKind};
    struct Made<'n> {
        name: &'n str,
        assigned: bool,
        augmented: Vec<crate::ast::NodeId>,
    }
    impl Made<'_> {
        fn is_it(&self, e: &Expr) -> bool {
            matches!(&e.kind, ExprKind::Name(n) if n == self.name)
        }

        fn is_part(&self, e: &Expr) -> bool {
            match &e.kind {
                ExprKind::Subscript { value, index } => {
                    matches!(&index.kind, ExprKind::Slice { step: None, .. }) && self.is_part(value)
                }
                ExprKind::Call { func, .. } => match &func.kind {
                    ExprKind::Attribute { value, attr } => {
                        matches!(attr.name.as_str(), "strip" | "lstrip" | "rstrip")
                            && self.is_part(value)
                    }
                    _ => false,
                },
                _ => self.is_it(e),
            }
        }
    }
    impl<'ast> crate::ast::visit::Visitor<'ast> for Made<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, value } => {
                    let cut = targets.iter().all(|t| self.is_it(t)) && self.is_part(value);
                    let mut names = Vec::new();
                    targets
                        .iter()
                        .for_each(|t| crate::ast::leaves(t, &mut names));
                    self.assigned |= !cut && names.into_iter().any(|t| self.is_it(t));
                }
                StmtKind::AugAssign { target, .. } if self.is_it(target) => {
                    self.augmented.push(target.id);
                }
                _ => {}
            }
            crate::ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut made = Made {
        name,
        assigned: false,
        augmented: Vec::new(),
    };
    crate::ast::visit::Visitor::visit_block(&mut made, &function.body);
    if rebound && made.assigned {
        return true;
    }
    !made.augmented.is_empty() && {
        let scope = crate::infer::scope::resolve(function);
        let own = |id| scope.names.get(id).is_some_and(|version| version == name);
        made.augmented.iter().any(own)
    }
}

/// Whether a function stores a parameter as it is, or returns it.
fn keeps(function: &crate::ast::Function, name: &str) -> bool {
    use crate::ast::{Expr, ExprKind, Stmt, StmtKind};
    struct Kept<'n>(&'n str, bool);
    impl Kept<'_> {
        fn is_it(&self, e: &Expr) -> bool {
            matches!(&e.kind, ExprKind::Name(n) if n == self.0)
        }
    }
    impl<'ast> crate::ast::visit::Visitor<'ast> for Kept<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { value, .. } | StmtKind::Return(Some(value)) => {
                    self.1 |= self.is_it(value)
                }
                _ => {}
            }
            crate::ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut kept = Kept(name, false);
    crate::ast::visit::Visitor::visit_block(&mut kept, &function.body);
    kept.1
}
