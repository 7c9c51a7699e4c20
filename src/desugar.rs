//! Python that says the same in another way.
//!
//! Enters: the module as it was parsed. Leaves: the same module, where a construct is
//! rewritten to one that later stages know: `float("inf")` to a literal, `A, B = range(2)`
//! to a tuple, `del xs[0]` to `xs.pop(0)`, `pow(a, b)` to `a ** b`, a subclass to a class
//! with all that it inherits. A rewrite keeps spans, the order of evaluation and what is
//! raised. This module must not know types.

mod arguments;
mod arity;
mod as_tuples;
mod asked_sets;
mod augmented;
mod brought_in_form;
mod build;
mod by_kind;
mod callables;
mod captured;
mod choices;
mod class_bodies;
pub mod class_copies;
mod class_defaults;
mod class_name;
mod class_state;
mod class_tables;
mod closure_calls;
mod closures;
mod columns;
mod containers;
mod context_managers;
mod copies;
mod dataclasses;
mod decorators;
mod defaults;
mod deleted;
mod descriptors;
mod drawn;
mod effects;
mod enum_values;
mod enumerated;
mod enums;
mod exception_parts;
mod factories;
mod family;
mod filled_dicts;
mod filled_in;
mod flag_members;
mod flags;
mod fluent;
mod formatted_bytes;
mod functional;
mod generators;
mod imports;
mod inherit;
mod initial;
mod inline;
mod inline_tables;
mod iterators;
mod itertools;
mod kept;
mod keywords;
mod late_attributes;
mod lazy;
mod lent_properties;
mod listed_attributes;
mod made_again;
mod made_exceptions;
mod made_ready;
mod member_attributes;
mod message_lists;
mod method_order;
mod module_level;
mod named_attributes;
mod named_methods;
mod named_tuples;
mod names;
mod nested_classes;
mod numbers;
mod only_read;
mod operators;
mod ordered;
pub mod packed;
mod program;
mod quantified;
mod reduced;
mod registered_functions;
mod returned;
mod set_up;
mod settled;
mod specialise;
mod spread;
mod star_imports;
mod statements;
mod stored_exceptions;
mod targets;
mod type_checking;
mod type_is;
pub mod typed;
mod typing_bases;
mod unbound_methods;
mod unread_attributes;
mod windows;
mod with_;
mod written;

pub use as_tuples::as_tuples;
pub use brought_in_form::brought_in_form;
pub(crate) use build::Build;
pub use class_name::PROPERTY as CLASS_NAME;
pub use columns::{COLUMNS, PARTS, columns};
pub use exception_parts::{
    FIRST as FIRST_ARGUMENT, REPR as EXCEPTION_REPR, UNKNOWN as UNKNOWN_REPR,
};
pub use family::Relatives;
pub use fluent::fluent;
pub use generators::{Run, typed_generators};
pub use inherit::{is_dataclass, snake};
pub use initial::{changes_an_object, initial};
pub use made_exceptions::ATTRIBUTES;
pub use message_lists::message_lists;
pub(crate) use names::{Names, free};
pub(crate) use only_read::only_read;
pub use program::{MAIN, Program, is_constant, is_main_guard, program};
pub use returned::returned;
pub use set_up::{SET_UP, set_up};
pub use type_checking::type_checking;
pub use type_is::TYPE_IS;
pub use unread_attributes::unread_attributes;

use crate::ast::{
    self, Block, ComprehensionKind, Expr, ExprKind, FStringPart, Ident, Module, NodeId, Stmt,
    StmtKind, UnaryOp,
};
use crate::source::Span;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::collections::BTreeSet;

/// The builtins that the rewrites take for themselves.
const BUILTINS: [&str; 22] = [
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "any",
    "all",
    "bool",
    "float",
    "range",
    "divmod",
    "pow",
    "map",
    "filter",
    "dict",
    "list",
    "zip",
    "set",
    "frozenset",
    "enumerate",
    "len",
    "sum",
    "sorted",
    "tuple",
];

/// The longest `range` that is unpacked.
const MOST_NAMES: i64 = 256;

/// Rewrites what stands at the level of the module, and what is filled in where it is made,
/// before anything looks at what the module binds.
pub fn level(module: &mut Module) {
    let mut next_id = module.node_count;
    star_imports::star_imports(module);
    deleted::deleted(module, &mut next_id);
    module_level::module_level(module, &mut next_id);
    filled_dicts::filled_dicts(module, &mut next_id);
    made_ready::made_ready(module, &mut next_id);
    module.node_count = next_id;
}

/// Rewrites the module.
pub fn desugar(module: &mut Module) {
    desugar_related(module, &[]);
}

/// Rewrites the module, where classes are one family that have no base in common.
pub fn desugar_related(module: &mut Module, relatives: &[Relatives]) {
    let mut next_id = module.node_count;
    imports::imports(module);
    packed::packed(module, &mut next_id);
    formatted_bytes::formatted_bytes(module, &mut next_id);
    typing_bases::typing_bases(module);
    class_bodies::class_bodies(module, &mut next_id);
    class_defaults::class_defaults(module, &mut next_id);
    registered_functions::registered_functions(module, &mut next_id);
    class_tables::class_tables(module, &mut next_id);
    context_managers::context_managers(module, &mut next_id);
    descriptors::descriptors(module, &mut next_id);
    effects::effects(module, &mut next_id);
    augmented::augmented(module, &mut next_id);
    made_again::made_again(module, &mut next_id);
    filled_in::filled_in(module, &mut next_id);
    member_attributes::member_attributes(module, &mut next_id);
    inline_tables::inline_tables(module, &mut next_id);
    asked_sets::asked_sets(module, &mut next_id);
    named_tuples::named_tuples(module, &mut next_id);
    stored_exceptions::stored_exceptions(module, &mut next_id);
    let makers = exception_parts::has_makers(module);
    made_exceptions::made_exceptions(module, &mut next_id);
    exception_parts::exception_parts(module, makers, &mut next_id);
    listed_attributes::listed_attributes(module, &mut next_id);
    flag_members::flag_members(module, &mut next_id);
    flags::flags(module, &mut next_id);
    keywords::keywords(module, &mut next_id);
    reduced::reduced(module, &mut next_id);
    unbound_methods::unbound_methods(module, &mut next_id);
    named_methods::named_methods(module, &mut next_id);
    arity::arity(module, &mut next_id);
    spread::spread(module, &mut next_id);
    captured::captured(module, &mut next_id);
    factories::factories(module, &mut next_id);
    lent_properties::lent_properties(module, &mut next_id);
    itertools::itertools(module, &mut next_id);
    generators::generators(module, &mut next_id);
    windows::windows(module, &mut next_id);
    operators::operators(module, &mut next_id);
    type_is::type_is(module, &mut next_id);
    iterators::iterators(module, &mut next_id);
    with_::with_statements(module, &mut next_id);
    callables::callables(module, &mut next_id);
    specialise::specialise(module, &mut next_id);
    closures::lift(module, &mut next_id);
    targets::lambdas(module, &mut next_id);
    enums::enums(module, &mut next_id);
    class_state::by_name_alone(module, &mut next_id);
    inherit::inherit(module, &mut next_id);
    class_name::class_names(module, &mut next_id);
    targets::targets(module, &mut next_id);
    inline_tables::inline_tables(module, &mut next_id);
    dataclasses::dataclasses(module, &mut next_id);
    named_attributes::named_attributes(module, &mut next_id);
    late_attributes::late_attributes(module, &mut next_id);
    family::families(module, relatives, &mut next_id);
    class_state::class_state(module, &mut next_id);
    let mut shadowed = Shadowed::default();
    ast::visit::Visitor::visit_block(&mut shadowed, &module.body);
    let mut names = numbers::Names::default();
    ast::visit::Visitor::visit_block(&mut names, &module.body);
    let mut imports = ordered::Imports::default();
    ast::visit::Visitor::visit_block(&mut imports, &module.body);
    let mut desugar = Desugar {
        next_id,
        names: names.0,
        shadowed: shadowed.0,
        imports: imports.0,
        own_truth: quantified::says_its_truth(module),
    };
    desugar.block(&mut module.body);
    next_id = desugar.next_id;
    drawn::drawn(module, &mut next_id);
    module.node_count = next_id;
}

/// The builtins of [`BUILTINS`] that the module binds to something else.
#[derive(Default)]
struct Shadowed(BTreeSet<&'static str>);

impl Shadowed {
    fn bind(&mut self, name: &str) {
        self.0.extend(BUILTINS.iter().filter(|b| **b == name));
    }

    fn bind_target(&mut self, target: &Expr) {
        if let ExprKind::Name(name) = &target.kind {
            self.bind(name);
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Shadowed {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                self.bind(&function.name.name);
                for param in &function.params.list {
                    self.bind(&param.name.name);
                }
            }
            StmtKind::Class(class) => self.bind(&class.name.name),
            StmtKind::Assign { targets, .. } => {
                targets.iter().for_each(|t| self.bind_target(t));
            }
            StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                self.bind_target(target);
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.bind(&alias.alias.as_ref().unwrap_or(&alias.name).name);
                    if alias.name.name == "*" {
                        BUILTINS.iter().for_each(|b| self.bind(b));
                    }
                }
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
}

/// `[a, b][i]` for `(a, b)[i]`, whose items by a computed index are all of one kind.
fn choose_of_list(e: &mut Expr) {
    let ExprKind::Subscript { value, index } = &mut e.kind else {
        return;
    };
    let known = match &index.kind {
        ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Int(_)),
        kind => matches!(kind, ExprKind::Int(_) | ExprKind::Slice { .. }),
    };
    if let (ExprKind::Tuple(items), false) = (&mut value.kind, known) {
        value.kind = ExprKind::List(std::mem::take(items));
    }
}

/// The name that `name[0]`, `name[0].payload` and the like start with.
fn of_message(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Attribute { value, .. } => of_message(value),
        ExprKind::Subscript { value, index } => match (&value.kind, &index.kind) {
            (ExprKind::Name(name), ExprKind::Int(_)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Does the sums of an expression that are of ints alone: `1 << 0` says nothing to a reader.
fn reckon(e: &mut Expr) {
    ast::rewrite::children(e, &mut |part| reckon(part));
    let ExprKind::Binary { op, left, right } = &e.kind else {
        return;
    };
    let (ExprKind::Int(a), ExprKind::Int(b)) = (&left.kind, &right.kind) else {
        return;
    };
    let sum = match (op, b.to_u8()) {
        (ast::BinaryOp::Add, _) => a + b,
        (ast::BinaryOp::Mul, _) => a * b,
        (ast::BinaryOp::Sub, _) if a >= b => a - b,
        (ast::BinaryOp::Shl, Some(places)) => a << usize::from(places),
        _ => return,
    };
    e.kind = ExprKind::Int(sum);
}

/// Whether an expression binds names of its own.
fn binds(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Comprehension { .. } | ExprKind::Lambda { .. } | ExprKind::Named { .. }
    ) || ast::visit::children(e).iter().any(|part| binds(part))
}

struct Desugar {
    next_id: u32,
    /// Every name of the module.
    names: BTreeSet<String>,
    shadowed: BTreeSet<&'static str>,
    /// What the names of the module are imported as.
    imports: std::collections::BTreeMap<String, String>,
    /// Whether a class says itself what the truth of its objects is.
    own_truth: bool,
}

impl Desugar {
    fn node(&mut self, span: Span, kind: ExprKind) -> Expr {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        Expr { id, span, kind }
    }

    fn block(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        for stmt in stmts {
            let split = self.split(stmt);
            for stmt in split {
                let named = self.named_operands(stmt);
                block.stmts.extend(named);
            }
        }
        for stmt in &mut block.stmts {
            self.stmt(stmt);
        }
    }

    /// `a = m[0].x` and `b = m[1].x` for `a, b = m[0].x, m[1].x`, where the order cannot
    /// be seen.
    fn split(&mut self, stmt: Stmt) -> Vec<Stmt> {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return vec![stmt];
        };
        let [target] = targets.as_slice() else {
            return vec![stmt];
        };
        let (ExprKind::Tuple(names), ExprKind::Tuple(values)) = (&target.kind, &value.kind) else {
            return vec![stmt];
        };
        let roots: Option<Vec<&str>> = values.iter().map(of_message).collect();
        let apart = roots.is_some_and(|roots| {
            names.len() == values.len()
                && names.iter().all(
                    |name| matches!(&name.kind, ExprKind::Name(n) if !roots.contains(&n.as_str())),
                )
        });
        if !apart {
            return vec![stmt];
        }
        let pairs: Vec<(Expr, Expr)> = names.iter().cloned().zip(values.iter().cloned()).collect();
        let mut out: Vec<Stmt> = Vec::new();
        for (name, value) in pairs {
            let first = out.is_empty();
            let id = NodeId(self.next_id);
            self.next_id += 1;
            out.push(Stmt {
                id: if first { stmt.id } else { id },
                span: stmt.span,
                blank_before: first && stmt.blank_before,
                comments: if first {
                    stmt.comments.clone()
                } else {
                    Vec::new()
                },
                line_comment: if first {
                    stmt.line_comment.clone()
                } else {
                    None
                },
                kind: StmtKind::Assign {
                    targets: vec![name],
                    value,
                },
            });
        }
        out
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        self.rewrite_stmt(stmt);
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                for param in &mut function.params.list {
                    self.some(&mut param.default);
                }
                self.block(&mut function.body);
            }
            StmtKind::Class(class) => self.block(&mut class.body),
            StmtKind::Return(value) => self.some(value),
            StmtKind::Delete(targets) => self.all(targets),
            StmtKind::Assign { targets, value } => {
                self.all(targets);
                self.expr(value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                self.expr(target);
                self.some(value);
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(target);
                self.expr(iter);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for (item, target) in items {
                    self.expr(item);
                    self.some(target);
                }
                self.block(body);
            }
            StmtKind::Raise { exc, cause } => {
                self.some(exc);
                self.some(cause);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block(body);
                for handler in handlers {
                    self.block(&mut handler.body);
                }
                self.block(orelse);
                self.block(finalbody);
            }
            StmtKind::Assert { test, message } => {
                self.expr(test);
                self.some(message);
            }
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for case in cases {
                    self.some(&mut case.guard);
                    self.block(&mut case.body);
                }
            }
            StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Unsupported(_) => {}
        }
    }

    fn some(&mut self, expr: &mut Option<Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn all(&mut self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn parts(&mut self, parts: &mut [FStringPart]) {
        for part in parts {
            self.choice(part);
            if let FStringPart::Value { value, spec, .. } = part {
                self.expr(value);
                self.parts(spec);
            }
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        if let ExprKind::FString(parts) = &mut expr.kind {
            self.parts(parts);
        } else {
            ast::rewrite::children(expr, &mut |child| self.expr(child));
        }
        if let Some(kind) = self.operator_of_call(expr) {
            expr.kind = kind;
        }
        if let Some(kind) = self.bounded_test(expr) {
            expr.kind = kind;
        }
        if let Some(kind) = self.generator_of_call(expr) {
            expr.kind = kind;
        }
        self.first_of_iterator(expr);
        lazy::fused(expr);
        if let Some(kind) = self.count_of_call(expr) {
            expr.kind = kind;
        }
        if let Some(kind) = self.literal_of_call(expr) {
            expr.kind = kind;
        }
        if let Some(kind) = self.list_of_call(expr) {
            expr.kind = kind;
        }
        if let Some(kind) = self.container_of_call(expr) {
            expr.kind = kind;
        }
        self.key_of_call(expr);
        self.quantified(expr);
        self.taken_in_whole(expr);
        if let ExprKind::Logical { values, .. } = &expr.kind
            && matches!(
                values.first().map(|v| &v.kind),
                Some(ExprKind::None | ExprKind::Str(_))
            )
        {
            settled::settled(expr);
        }
        settled::chosen(expr, &mut self.next_id);
        choose_of_list(expr);
        if let Some(value) = self.float_of_text(expr) {
            expr.kind = if value.is_sign_negative() && !value.is_nan() {
                let operand = Box::new(self.node(expr.span, ExprKind::Float(-value)));
                ExprKind::Unary {
                    op: UnaryOp::Neg,
                    operand,
                }
            } else {
                ExprKind::Float(value)
            };
        }
    }

    /// The value of `float("inf")` and its kin.
    fn float_of_text(&self, expr: &Expr) -> Option<f64> {
        let [arg] = self.call_of("float", expr)? else {
            return None;
        };
        let ExprKind::Str(text) = &arg.kind else {
            return None;
        };
        let text = text.trim_matches(' ').to_ascii_lowercase();
        match text.as_str() {
            "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
            "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
            "nan" | "+nan" => Some(f64::NAN),
            // Both languages round a decimal numeral to the nearest float.
            numeral => numeral
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | '-' | '+'))
                .then(|| numeral.parse().ok())?,
        }
    }

    /// The arguments of a call of a builtin, if they are all positional.
    fn call_of<'e>(&self, builtin: &str, expr: &'e Expr) -> Option<&'e [Expr]> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &expr.kind
        else {
            return None;
        };
        let named = matches!(&func.kind, ExprKind::Name(name) if name == builtin);
        (named && keywords.is_empty() && !self.shadowed.contains(builtin)).then_some(args)
    }

    fn rewrite_stmt(&mut self, stmt: &mut Stmt) {
        self.enumerated(stmt);
        match &mut stmt.kind {
            StmtKind::Assign { targets, value } => {
                // `xs[a:b] = x, y`
                if let ([target], ExprKind::Tuple(items)) = (targets.as_slice(), &mut value.kind)
                    && let ExprKind::Subscript { index, .. } = &target.kind
                    && matches!(index.kind, ExprKind::Slice { .. })
                {
                    value.kind = ExprKind::List(std::mem::take(items));
                }
                if let Some(items) = self.unpacked(targets, value) {
                    value.kind = ExprKind::Tuple(items);
                }
            }
            StmtKind::Expr(value) => {
                if let Some(kind) = self.set_changed(value) {
                    value.kind = kind;
                }
            }
            StmtKind::Delete(targets) => {
                if let [target] = targets.as_mut_slice()
                    && let Some(call) = self.popped(target)
                {
                    stmt.kind = StmtKind::Expr(call);
                }
            }
            _ => {}
        }
    }

    /// The values of `A, B, C = range(3)`, of `A, B, C = (1 << n for n in range(3))`.
    fn unpacked(&mut self, targets: &[Expr], value: &Expr) -> Option<Vec<Expr>> {
        let [target] = targets else { return None };
        let (ExprKind::Tuple(names) | ExprKind::List(names)) = &target.kind else {
            return None;
        };
        if !names.iter().all(|n| matches!(n.kind, ExprKind::Name(_))) {
            return None;
        }
        let span = value.span;
        let ExprKind::Comprehension {
            kind: ComprehensionKind::List | ComprehensionKind::Generator,
            element,
            clauses,
            ..
        } = &value.kind
        else {
            let ints = self.counted(value, names.len())?;
            let number = |i| self.node(span, ExprKind::Int(BigInt::from(i)));
            return Some(ints.into_iter().map(number).collect());
        };
        let [clause] = clauses.as_slice() else {
            return None;
        };
        let ExprKind::Name(counter) = &clause.target.kind else {
            return None;
        };
        if !clause.ifs.is_empty() || clause.is_async || binds(element) {
            return None;
        }
        let ints = self.counted(&clause.iter, names.len())?;
        let values = ints.into_iter().map(|i| {
            let mut value = (**element).clone();
            copies::expr(&mut value, &mut self.next_id);
            ast::rewrite::expr(&mut value, &mut |e| {
                if matches!(&e.kind, ExprKind::Name(name) if name == counter) {
                    e.kind = ExprKind::Int(BigInt::from(i));
                }
            });
            reckon(&mut value);
            value
        });
        Some(values.collect())
    }

    /// The ints of a `range` that has `count` of them.
    fn counted(&self, value: &Expr, count: usize) -> Option<Vec<i64>> {
        let int = |e: &Expr| match &e.kind {
            ExprKind::Int(value) => value.to_i64(),
            _ => None,
        };
        let (start, stop) = match self.call_of("range", value)? {
            [stop] => (0, int(stop)?),
            [start, stop] => (int(start)?, int(stop)?),
            _ => return None,
        };
        let fits = i64::try_from(count).is_ok_and(|n| n == stop.saturating_sub(start));
        (fits && count as i64 <= MOST_NAMES).then(|| (start..stop).collect())
    }

    /// `xs.pop(0)` for `del xs[0]`, `xs.pop()` for `del xs[-1]`.
    fn popped(&mut self, target: &Expr) -> Option<Expr> {
        let ExprKind::Subscript { value, index } = &target.kind else {
            return None;
        };
        let args = match &index.kind {
            ExprKind::Int(at) if at.to_i64() == Some(0) => vec![(**index).clone()],
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
            } if matches!(&operand.kind, ExprKind::Int(at) if at.to_i64() == Some(1)) => Vec::new(),
            _ => return None,
        };
        let attr = Ident {
            span: target.span,
            name: "pop".into(),
        };
        let func = ExprKind::Attribute {
            value: value.clone(),
            attr,
        };
        let func = Box::new(self.node(target.span, func));
        let call = ExprKind::Call {
            func,
            args,
            keywords: Vec::new(),
        };
        Some(self.node(target.span, call))
    }
}
