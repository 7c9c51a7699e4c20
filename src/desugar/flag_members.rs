//! `Fault.HOT in self.faults` of an `IntFlag`.
//!
//! Enters: the module. Leaves: the same module, where a test whether flags are among others is
//! `(self.faults & Fault.HOT) == Fault.HOT`, as Python has it. Members of an `IntFlag` are ints
//! later on, of which Python has no such test: it is rewritten where all that the names and
//! attributes in it are given, anywhere in the module, are flags of that class. This module must
//! not know types.

use super::build::{Build, is_named};
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, BinaryOp, CompareOp, Expr, ExprKind, Module, Param, Pattern, PatternKind, Stmt, StmtKind,
    UnaryOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn flag_members(module: &mut Module, next_id: &mut u32) {
    let mut flags: BTreeSet<String> = BTreeSet::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let [base] = class.bases.as_slice()
            && is_named(base, "enum", "IntFlag")
        {
            flags.insert(class.name.name.clone());
        }
    }
    if flags.is_empty() {
        return;
    }
    let whole = module.clone();
    let mut given = Given::default();
    given.visit_block(&whole.body);
    // What a class is called means nothing else.
    flags.retain(|name| matches!(given.all.get(&Key::Name(name)), Some(found) if found.len() == 1));
    if given.open {
        return;
    }
    given.flags = flags;
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Compare { left, ops, rest } = &e.kind else {
            return;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
            return;
        };
        let same = match op {
            CompareOp::In => CompareOp::Eq,
            CompareOp::NotIn => CompareOp::NotEq,
            _ => return,
        };
        let of = |e: &Expr| given.class_of(e, &mut BTreeSet::new());
        if !is_plain(left) || of(left).is_none() || of(left) != of(right) {
            return;
        }
        let mut build = Build {
            next_id,
            span: e.span,
        };
        let common = build.expr(ExprKind::Binary {
            op: BinaryOp::BitAnd,
            left: Box::new(right.clone()),
            right: left.clone(),
        });
        let all = build.again(left);
        e.kind = build.compare(common, same, all).kind;
    });
}

/// Whether an expression is the same when it is computed again.
fn is_plain(e: &Expr) -> bool {
    let here = matches!(
        e.kind,
        ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Binary { .. }
    );
    here && visit::children(e).into_iter().all(is_plain)
}

/// What is given a value: a name, an attribute of whichever object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'m> {
    Name(&'m str),
    Attribute(&'m str),
}

/// What it is given.
#[derive(Debug, Clone, Copy)]
enum Value<'m> {
    Is(&'m Expr),
    /// An element of this, or of what stands there in each of its elements.
    Of(&'m Expr, Option<usize>),
    /// It stays what it is: `flags |= more`.
    Same,
    Unknown,
}

/// All that the names and attributes of a module are given.
#[derive(Default)]
struct Given<'m> {
    /// The classes of flags.
    flags: BTreeSet<String>,
    /// Attributes are set by names that are computed.
    open: bool,
    all: BTreeMap<Key<'m>, Vec<Value<'m>>>,
}

impl<'m> Given<'m> {
    fn give(&mut self, target: &'m Expr, value: Value<'m>) {
        let key = match &target.kind {
            ExprKind::Name(name) => Key::Name(name),
            ExprKind::Attribute { attr, .. } => Key::Attribute(&attr.name),
            ExprKind::Starred(inner) => return self.give(inner, Value::Unknown),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    let part = match value {
                        Value::Is(Expr {
                            kind: ExprKind::Tuple(values),
                            ..
                        }) if values.len() == items.len() => {
                            values.get(i).map_or(Value::Unknown, Value::Is)
                        }
                        Value::Of(e, None) => Value::Of(e, Some(i)),
                        _ => Value::Unknown,
                    };
                    self.give(item, part);
                }
                return;
            }
            _ => return,
        };
        self.all.entry(key).or_default().push(value);
    }

    fn unknown(&mut self, name: &'m str) {
        for key in [Key::Name(name), Key::Attribute(name)] {
            self.all.entry(key).or_default().push(Value::Unknown);
        }
    }

    /// The class that all of its values are flags of; `asked` are on the way.
    fn class_of(&self, e: &Expr, asked: &mut BTreeSet<String>) -> Option<String> {
        match &e.kind {
            ExprKind::Name(name) => self.class_of_key(&Key::Name(name), asked),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(class) if self.flags.contains(class) => Some(class.clone()),
                _ => self.class_of_key(&Key::Attribute(&attr.name), asked),
            },
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match &func.kind {
                ExprKind::Name(class) if self.flags.contains(class) => {
                    (args.len() == 1 && keywords.is_empty()).then(|| class.clone())
                }
                _ => None,
            },
            ExprKind::Binary {
                op: BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor,
                left,
                right,
            } => {
                let (a, b) = (self.class_of(left, asked), self.class_of(right, asked));
                match (a, b) {
                    (Some(a), Some(b)) => (a == b).then_some(a),
                    (a, b) => a.or(b),
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Invert,
                operand,
            } => self.class_of(operand, asked),
            ExprKind::Conditional { body, orelse, .. } => {
                let class = self.class_of(body, asked)?;
                (self.class_of(orelse, asked)? == class).then_some(class)
            }
            _ => None,
        }
    }

    fn class_of_key(&self, key: &Key<'_>, asked: &mut BTreeSet<String>) -> Option<String> {
        if !asked.insert(format!("{key:?}")) {
            return None;
        }
        let found = match key {
            Key::Name(name) => self.all.get(&Key::Name(name)),
            Key::Attribute(name) => self.all.get(&Key::Attribute(name)),
        };
        let mut classes = BTreeSet::new();
        for value in found? {
            classes.insert(match value {
                Value::Is(e) => self.class_of(e, asked)?,
                Value::Of(e, place) => self.class_of_element(e, *place, asked)?,
                Value::Same => continue,
                Value::Unknown => return None,
            });
        }
        asked.remove(&format!("{key:?}"));
        classes.pop_first().filter(|_| classes.is_empty())
    }

    /// Of what is run through: a display, `zip` of such, the class itself.
    fn class_of_element(
        &self,
        e: &Expr,
        place: Option<usize>,
        asked: &mut BTreeSet<String>,
    ) -> Option<String> {
        match (&e.kind, place) {
            (ExprKind::Tuple(items) | ExprKind::List(items), place) => {
                let mut classes = BTreeSet::new();
                for item in items {
                    let part = match (&item.kind, place) {
                        (_, None) => item,
                        (ExprKind::Tuple(parts), Some(i)) => parts.get(i)?,
                        _ => return None,
                    };
                    classes.insert(self.class_of(part, asked)?);
                }
                classes.pop_first().filter(|_| classes.is_empty())
            }
            (ExprKind::Name(name), None) if self.flags.contains(name) => Some(name.clone()),
            (ExprKind::Name(name), place) => {
                let found = self.all.get(&Key::Name(name))?;
                match found.as_slice() {
                    [Value::Is(value)] if matches!(value.kind, ExprKind::Tuple(_)) => {
                        self.class_of_element(value, place, asked)
                    }
                    _ => None,
                }
            }
            (ExprKind::Call { func, args, .. }, Some(i)) => match &func.kind {
                ExprKind::Name(name) if name == "zip" => {
                    self.class_of_element(args.get(i)?, None, asked)
                }
                ExprKind::Name(name) if name == "enumerate" && i == 1 => {
                    self.class_of_element(args.first()?, None, asked)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'m> Visitor<'m> for Given<'m> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.give(t, Value::Is(value)));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                let value = value.as_ref().map_or(Value::Unknown, Value::Is);
                self.give(target, value);
            }
            StmtKind::AugAssign { target, op, .. } => {
                let same = matches!(op, BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor);
                let value = if same { Value::Same } else { Value::Unknown };
                self.give(target, value);
            }
            StmtKind::For { target, iter, .. } => self.give(target, Value::Of(iter, None)),
            StmtKind::With { items, .. } => {
                let targets = items.iter().filter_map(|(_, target)| target.as_ref());
                targets.for_each(|t| self.give(t, Value::Unknown));
            }
            StmtKind::Function(function) => self.unknown(&function.name.name),
            StmtKind::Class(class) => {
                let key = Key::Name(&class.name.name);
                self.all.entry(key).or_default().push(Value::Unknown);
                for inner in &class.body.stmts {
                    let (targets, value) = match &inner.kind {
                        StmtKind::Assign { targets, value } => (targets.as_slice(), Some(value)),
                        // What a constructor that Python makes may be given.
                        StmtKind::AnnAssign { target, .. } => (std::slice::from_ref(target), None),
                        _ => continue,
                    };
                    for target in targets {
                        if let ExprKind::Name(name) = &target.kind {
                            let value = value.map_or(Value::Unknown, Value::Is);
                            self.all
                                .entry(Key::Attribute(name))
                                .or_default()
                                .push(value);
                        }
                    }
                }
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.unknown(&alias.alias.as_ref().unwrap_or(&alias.name).name);
                }
            }
            StmtKind::Try { handlers, .. } => {
                let names = handlers.iter().filter_map(|h| h.name.as_ref());
                names.for_each(|n| self.unknown(&n.name));
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_param(&mut self, param: &'m Param) {
        self.unknown(&param.name.name);
        visit::walk_param(self, param);
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        match &e.kind {
            ExprKind::Comprehension { clauses, .. } => {
                for clause in clauses {
                    self.give(&clause.target, Value::Of(&clause.iter, None));
                }
            }
            ExprKind::Call { func, args, .. } if is_named(func, "", "setattr") => {
                match args.as_slice() {
                    [
                        _,
                        Expr {
                            kind: ExprKind::Str(name),
                            ..
                        },
                        value,
                    ] => {
                        let given = self.all.entry(Key::Attribute(name)).or_default();
                        given.push(Value::Is(value));
                    }
                    _ => self.open = true,
                }
            }
            ExprKind::Named { target, value } => {
                let key = Key::Name(&target.name);
                self.all.entry(key).or_default().push(Value::Is(value));
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }

    fn visit_pattern(&mut self, pattern: &'m Pattern) {
        match &pattern.kind {
            PatternKind::As {
                name: Some(name), ..
            }
            | PatternKind::Star(Some(name))
            | PatternKind::Mapping {
                rest: Some(name), ..
            } => self.unknown(name),
            _ => {}
        }
        visit::walk_pattern(self, pattern);
    }
}
