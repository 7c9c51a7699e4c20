//! What names stand for: messages, the state, parts of them.
//!
//! Enters: the module and the binding. Leaves: for each function that runs what its names
//! are, where that is one thing: a name that is bound to two things stands for nothing.
//! `process`, `start` and `stop` are given their arguments by PyTask, other functions by
//! the calls in the script.

use super::walk::{each_expr, each_stmt};
use crate::ast::{Expr, ExprKind, Function, ParamKind, StmtKind};
use crate::project::{Binding, FieldDef, RustTy, StructKind, TypeTable};
use crate::ty::Side;
use crate::ty::is_dict_method;
use num_traits::ToPrimitive;
use std::collections::BTreeMap;

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// In the payload of an input.
    Input(usize),
    /// In the payload of an output.
    Output(usize),
    /// In the state.
    State,
}

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// `ctx`
    Context,
    /// A message.
    Message(Side, usize),
    /// The list of several messages.
    Messages(Side),
    /// The metadata of a message.
    Metadata(Side),
    /// The `tov` of a message.
    Tov,
    /// A payload, the state, or a part of one.
    Value {
        ty: RustTy,
        root: Root,
        /// Whether it is all of the payload or state.
        whole: bool,
    },
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Unset,
    One(Shape),
    Mixed,
}

impl Known {
    pub(super) fn join(&mut self, other: Known) {
        *self = match (std::mem::replace(self, Known::Mixed), other) {
            (Known::Unset, one) | (one, Known::Unset) => one,
            (Known::One(a), Known::One(b)) if a == b => Known::One(a),
            _ => Known::Mixed,
        };
    }
}

/// A function that runs.
pub(super) struct Func<'a> {
    pub(super) ast: &'a Function,
    /// The class that it is a method of.
    pub(super) class: Option<&'a str>,
    /// What PyTask calls it as.
    pub(super) entry: Option<Entry>,
    pub(super) params: Vec<Known>,
    pub(super) names: BTreeMap<&'a str, Known>,
    pub(super) reached: bool,
}

/// What PyTask calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Process,
    Start,
    Stop,
}

impl Entry {
    pub(super) const ALL: [Entry; 3] = [Entry::Start, Entry::Process, Entry::Stop];

    pub(super) fn name(self) -> &'static str {
        match self {
            Entry::Process => "process",
            Entry::Start => "start",
            Entry::Stop => "stop",
        }
    }
}

/// The functions of a module.
pub(super) struct Functions<'a> {
    pub(super) types: &'a TypeTable,
    pub(super) binding: &'a Binding,
    pub(super) all: Vec<Func<'a>>,
}

impl<'a> Functions<'a> {
    /// Those that PyTask runs, or that what it runs mentions.
    pub(super) fn reached(&self) -> impl Iterator<Item = &Func<'a>> {
        self.all.iter().filter(|f| f.reached)
    }

    /// Those that PyTask calls itself.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Entry, &Func<'a>)> {
        self.all.iter().filter_map(|f| Some((f.entry?, f)))
    }

    /// What an expression of a function stands for.
    pub(super) fn shape(&self, f: &Func<'a>, e: &Expr) -> Option<Shape> {
        match self.known(f, e) {
            Known::One(shape) => Some(shape),
            Known::Unset | Known::Mixed => None,
        }
    }

    /// The field of that name of a struct's value.
    pub(super) fn field(&self, ty: &RustTy, name: &str) -> Option<&'a FieldDef> {
        fields(self.types, ty)?
            .iter()
            .find(|field| field.python_name == name && !field.skipped)
    }

    /// The fields of a struct's value, as Python sees them.
    pub(super) fn fields(&self, ty: &RustTy) -> Option<&'a [FieldDef]> {
        fields(self.types, ty)
    }

    fn known(&self, f: &Func<'a>, e: &Expr) -> Known {
        let one = |shape: Option<Shape>| shape.map_or(Known::Mixed, Known::One);
        match &e.kind {
            ExprKind::Name(name) => f.names.get(name.as_str()).cloned().unwrap_or(Known::Mixed),
            ExprKind::Attribute { value, attr } => match self.known(f, value) {
                Known::One(shape) => one(self.part(&shape, &attr.name)),
                other => other,
            },
            ExprKind::Subscript { value, index } => match self.known(f, value) {
                Known::One(shape) => one(self.item(&shape, index)),
                other => other,
            },
            ExprKind::Conditional { body, orelse, .. } => {
                let mut known = self.known(f, body);
                known.join(self.known(f, orelse));
                known
            }
            ExprKind::Named { value, .. } => self.known(f, value),
            _ => Known::Mixed,
        }
    }

    fn part(&self, shape: &Shape, name: &str) -> Option<Shape> {
        match shape {
            Shape::Message(side, index) => match name {
                "payload" => {
                    let (tys, root) = match side {
                        Side::Input => (&self.binding.inputs, Root::Input(*index)),
                        Side::Output => (&self.binding.outputs, Root::Output(*index)),
                    };
                    let ty = tys.get(*index)?.clone();
                    Some(Shape::Value {
                        ty: peeled(self.types, ty),
                        root,
                        whole: true,
                    })
                }
                "tov" => Some(Shape::Tov),
                "metadata" => Some(Shape::Metadata(*side)),
                _ => None,
            },
            Shape::Value { ty, root, .. } if !is_dict_method(name) => {
                let ty = self.field(ty, name)?.ty.clone();
                Some(Shape::Value {
                    ty: peeled(self.types, ty),
                    root: *root,
                    whole: false,
                })
            }
            Shape::Value { .. }
            | Shape::Context
            | Shape::Messages(_)
            | Shape::Metadata(_)
            | Shape::Tov => None,
        }
    }

    fn item(&self, shape: &Shape, index: &Expr) -> Option<Shape> {
        match (shape, &index.kind) {
            (Shape::Messages(side), ExprKind::Int(i)) => Some(Shape::Message(*side, i.to_usize()?)),
            (Shape::Message(..), ExprKind::Str(name)) => self.part(shape, name),
            (Shape::Value { ty, root, .. }, ExprKind::Str(name)) if self.fields(ty).is_some() => {
                let ty = self.field(ty, name)?.ty.clone();
                Some(Shape::Value {
                    ty: peeled(self.types, ty),
                    root: *root,
                    whole: false,
                })
            }
            (Shape::Value { .. }, ExprKind::Slice { .. }) => None,
            (
                Shape::Value {
                    ty: RustTy::Map { value, .. },
                    root,
                    ..
                },
                _,
            ) => Some(Shape::Value {
                ty: peeled(self.types, (**value).clone()),
                root: *root,
                whole: false,
            }),
            (Shape::Value { .. }, _) => self.element(shape),
            _ => None,
        }
    }

    /// What a loop over it gives.
    fn element(&self, shape: &Shape) -> Option<Shape> {
        let Shape::Value { ty, root, .. } = shape else {
            return None;
        };
        let elem = match ty {
            RustTy::Vec(elem) | RustTy::Array(elem, _) => (**elem).clone(),
            _ => return None,
        };
        Some(Shape::Value {
            ty: peeled(self.types, elem),
            root: *root,
            whole: false,
        })
    }

    /// The names that a function binds.
    pub(super) fn bind(&self, f: &Func<'a>) -> BTreeMap<&'a str, Known> {
        let mut names: BTreeMap<&'a str, Known> = BTreeMap::new();
        let positional = f
            .ast
            .params
            .list
            .iter()
            .filter(|p| matches!(p.kind, ParamKind::PositionalOnly | ParamKind::Normal));
        let mut given = f.params.iter().cloned();
        for param in positional {
            names.insert(&param.name.name, given.next().unwrap_or(Known::Unset));
        }
        let mut join = |name: &'a str, known: Known| {
            names.entry(name).or_insert(Known::Unset).join(known);
        };
        each_stmt(&f.ast.body, &mut |stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.bind_target(f, target, value, &mut join);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.bind_target(f, target, value, &mut join);
            }
            // `+=` on a list changes it in its place.
            StmtKind::AugAssign { target, .. } => {
                if let ExprKind::Name(name) = &target.kind
                    && !matches!(
                        self.known(f, target),
                        Known::One(Shape::Value {
                            ty: RustTy::Vec(_) | RustTy::Map { .. },
                            ..
                        })
                    )
                {
                    join(name, Known::Mixed);
                }
            }
            StmtKind::For { target, iter, .. } => self.bind_loop(f, target, iter, &mut join),
            StmtKind::With { items, .. } => {
                for (_, target) in items {
                    if let Some(target) = target {
                        mixed(target, &mut join);
                    }
                }
            }
            StmtKind::Function(inner) => {
                inner
                    .params
                    .list
                    .iter()
                    .for_each(|p| join(&p.name.name, Known::Mixed));
                join(&inner.name.name, Known::Mixed);
            }
            StmtKind::Class(class) => join(&class.name.name, Known::Mixed),
            StmtKind::Global(names) => names.iter().for_each(|name| join(name, Known::Mixed)),
            StmtKind::Try { handlers, .. } => {
                let named = handlers.iter().filter_map(|h| h.name.as_ref());
                named.for_each(|name| join(&name.name, Known::Mixed));
            }
            StmtKind::Match { cases, .. } => {
                for case in cases {
                    captures(&case.pattern, &mut join);
                }
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for name in names {
                    join(
                        &name.alias.as_ref().unwrap_or(&name.name).name,
                        Known::Mixed,
                    );
                }
            }
            _ => {}
        });
        each_expr(&f.ast.body, &mut |e| match &e.kind {
            ExprKind::Named { target, value } => join(&target.name, self.value_of(f, value)),
            ExprKind::Lambda { params, .. } => {
                params
                    .list
                    .iter()
                    .for_each(|p| join(&p.name.name, Known::Mixed));
            }
            ExprKind::Comprehension { clauses, .. } => {
                for clause in clauses {
                    self.bind_loop(f, &clause.target, &clause.iter, &mut join);
                }
            }
            _ => {}
        });
        names
    }

    /// What a name is after it is assigned; None leaves it what it is elsewhere.
    pub(super) fn value_of(&self, f: &Func<'a>, value: &Expr) -> Known {
        match value.kind {
            ExprKind::None => Known::Unset,
            _ => self.known(f, value),
        }
    }

    fn bind_target(
        &self,
        f: &Func<'a>,
        target: &'a Expr,
        value: &'a Expr,
        join: &mut impl FnMut(&'a str, Known),
    ) {
        match (&target.kind, &value.kind) {
            (ExprKind::Name(name), _) => join(name, self.value_of(f, value)),
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.bind_target(f, target, value, join);
                }
            }
            (ExprKind::Tuple(targets) | ExprKind::List(targets), _) => {
                let messages = match self.known(f, value) {
                    Known::One(Shape::Messages(side)) => Some(side),
                    _ => None,
                };
                for (i, target) in targets.iter().enumerate() {
                    match (&target.kind, messages) {
                        (ExprKind::Name(name), Some(side)) => {
                            join(name, Known::One(Shape::Message(side, i)));
                        }
                        _ => mixed(target, join),
                    }
                }
            }
            _ => {}
        }
    }

    fn bind_loop(
        &self,
        f: &Func<'a>,
        target: &'a Expr,
        iter: &Expr,
        join: &mut impl FnMut(&'a str, Known),
    ) {
        let element = |e: &Expr| match self.known(f, e) {
            Known::One(shape) => self.element(&shape).map_or(Known::Mixed, Known::One),
            other => other,
        };
        let call = match &iter.kind {
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Name(name) => Some((name.as_str(), args.as_slice())),
                _ => None,
            },
            _ => None,
        };
        match (&target.kind, call) {
            (ExprKind::Name(name), None) => join(name, element(iter)),
            (ExprKind::Name(name), Some(("reversed", [list]))) => join(name, element(list)),
            (ExprKind::Tuple(targets), Some(("enumerate", [list, ..]))) => {
                if let [count, item] = targets.as_slice() {
                    mixed(count, join);
                    match &item.kind {
                        ExprKind::Name(name) => join(name, element(list)),
                        _ => mixed(item, join),
                    }
                } else {
                    mixed(target, join);
                }
            }
            (ExprKind::Tuple(targets), Some(("zip", lists))) if targets.len() == lists.len() => {
                for (target, list) in targets.iter().zip(lists) {
                    match &target.kind {
                        ExprKind::Name(name) => join(name, element(list)),
                        _ => mixed(target, join),
                    }
                }
            }
            _ => mixed(target, join),
        }
    }
}

/// Names of which nothing is known.
fn mixed<'a>(target: &'a Expr, join: &mut impl FnMut(&'a str, Known)) {
    match &target.kind {
        ExprKind::Name(name) => join(name, Known::Mixed),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| mixed(item, join));
        }
        ExprKind::Starred(inner) => mixed(inner, join),
        _ => {}
    }
}

fn captures<'a>(pattern: &'a crate::ast::Pattern, join: &mut impl FnMut(&'a str, Known)) {
    use crate::ast::PatternKind;
    match &pattern.kind {
        PatternKind::Value(_) | PatternKind::Singleton(_) => {}
        PatternKind::Sequence(inner) | PatternKind::Or(inner) => {
            inner.iter().for_each(|p| captures(p, join));
        }
        PatternKind::Mapping { items, rest } => {
            items.iter().for_each(|(_, p)| captures(p, join));
            rest.iter().for_each(|name| join(name, Known::Mixed));
        }
        PatternKind::Class {
            positional,
            keywords,
            ..
        } => {
            positional.iter().for_each(|p| captures(p, join));
            keywords.iter().for_each(|(_, p)| captures(p, join));
        }
        PatternKind::Star(name) => name.iter().for_each(|name| join(name, Known::Mixed)),
        PatternKind::As { pattern, name } => {
            pattern.iter().for_each(|p| captures(p, join));
            name.iter().for_each(|name| join(name, Known::Mixed));
        }
    }
}

/// A type without what is nothing to Python: `Option`, `Box`, a newtype around it.
pub(super) fn peeled(types: &TypeTable, ty: RustTy) -> RustTy {
    match ty {
        RustTy::Option(inner) | RustTy::Boxed(inner) => peeled(types, *inner),
        RustTy::Named(key) => match types.struct_def(&key).map(|def| &def.kind) {
            Some(StructKind::Newtype { held, .. }) => peeled(types, (**held).clone()),
            _ => RustTy::Named(key),
        },
        other => other,
    }
}

fn fields<'a>(types: &'a TypeTable, ty: &RustTy) -> Option<&'a [FieldDef]> {
    let RustTy::Named(key) = ty else { return None };
    match &types.struct_def(key)?.kind {
        StructKind::Record(fields) => Some(fields),
        StructKind::Newtype { .. }
        | StructKind::Tuple(_)
        | StructKind::Unit
        | StructKind::Opaque(_) => None,
    }
}
