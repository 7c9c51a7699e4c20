//! Expressions.

mod attribute;
pub(super) mod names;
mod operators;
mod subscript;
mod telling;

use super::Inference;
use super::env::{Env, Path};
use super::model::{Fact, FnId, Problem, Var};
use super::scope::FnScope;
use super::type_tests::asks_type;
use crate::ast::{
    BinaryOp, BoolOp, CompareOp, Expr, ExprKind, FStringPart, Ident, NodeId, NodeMap, UnaryOp,
};
use crate::desugar::typed::Sugar;
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::{ListKind, Ty};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A function (or the module level) under analysis.
pub(super) struct Scope<'a> {
    pub(super) id: Option<FnId>,
    /// Its name; none at the level of the module.
    pub(super) key: String,
    pub(super) names: Rc<FnScope>,
    pub(super) vars: BTreeMap<String, Var>,
    pub(super) facts: NodeMap<Fact>,
    /// What the targets of augmented assignments hold before, where that may be None.
    pub(super) before: NodeMap<Fact>,
    pub(super) calls: NodeMap<FnId>,
    pub(super) ret: Fact,
    pub(super) params: Vec<String>,
    pub(super) mutated: BTreeSet<usize>,
    pub(super) globals: BTreeSet<String>,
    pub(super) globals_changed: BTreeSet<String>,
    /// Variables that hold a part of what lies at a path, at one of several.
    pub(super) parts: BTreeMap<String, Vec<Path>>,
    pub(super) loops: Vec<LoopEnvs>,
    /// For each `try` around the place, what holds wherever it may be left for a handler.
    pub(super) raising: Vec<Env>,
    /// How many `finally` stand around the place.
    pub(super) finally: usize,
    pub(super) exits: HashMap<Option<NodeId>, super::env::SharedMap<Path, Range>>,
    pub(super) function: Option<&'a crate::ast::Function>,
    /// The zeros whose sign is not known.
    pub(super) loose: super::zeros::Loose,
}

/// Where `break` and `continue` of a loop lead.
pub(super) struct LoopEnvs {
    pub(super) breaks: Env,
    pub(super) continues: Env,
}

impl Scope<'_> {
    /// How much is known of what the function does beside giving a value.
    pub(super) fn effects(&self) -> [usize; 3] {
        [
            self.mutated.len(),
            self.globals.len(),
            self.globals_changed.len(),
        ]
    }

    pub(super) fn record(&mut self, id: NodeId, fact: Fact) {
        self.facts.insert(id, fact);
    }

    pub(super) fn fact(&self, id: NodeId) -> Fact {
        self.facts.get(&id).cloned().unwrap_or_else(Fact::unknown)
    }
}

/// The values of a CuTime: below 2**63 ns, 292 years.
pub(super) fn nanoseconds() -> IntRange {
    IntRange::new(0, i64::MAX as i128)
}

/// Names of dict methods, which hide a field of the same name on reading.
const DICT_METHODS: [&str; 11] = [
    "values",
    "items",
    "get",
    "keys",
    "pop",
    "update",
    "copy",
    "clear",
    "popitem",
    "setdefault",
    "fromkeys",
];

/// Whether reading an attribute of that name gives the dict's method, not the field.
pub fn is_dict_method(name: &str) -> bool {
    DICT_METHODS.contains(&name)
}

/// Whether a format spec shows every number as a float.
fn as_float(spec: &[FStringPart]) -> bool {
    match spec.last() {
        Some(FStringPart::Literal(text)) => text.ends_with(['e', 'E', 'f', 'F', 'g', 'G', '%']),
        Some(FStringPart::Value { .. }) | None => false,
    }
}

impl<'a> Inference<'a> {
    /// Evaluates an expression, records its fact and what it tells of the flow.
    pub(super) fn eval(&mut self, scope: &mut Scope<'_>, e: &Expr, env: &mut Env) -> Fact {
        let fact = self.eval_kind(scope, e, env).with_ints();
        let fact = self.telling.fact(e.id, fact);
        scope.record(e.id, fact.clone());
        Self::note_loose(scope, e, &fact);
        Self::may_raise(scope, env);
        fact
    }

    fn eval_kind(&mut self, scope: &mut Scope<'_>, e: &Expr, env: &mut Env) -> Fact {
        match &e.kind {
            ExprKind::None => Fact::of(Ty::None),
            ExprKind::Bool(_) => Fact::of(Ty::Bool),
            ExprKind::Int(value) => {
                Fact::int(value.to_i128().map_or(IntRange::ALL, IntRange::exactly))
            }
            ExprKind::Float(value) => Fact::float(FloatRange::exactly(*value)),
            ExprKind::Str(_) => Fact::of(Ty::Str),
            ExprKind::FString(parts) => {
                self.f_string(scope, parts, env);
                Fact::of(Ty::Str)
            }
            ExprKind::Name(name) => self.name(scope, e, name, env),
            ExprKind::Attribute { value, attr } => {
                let base = self.eval(scope, value, env);
                self.attribute_of(scope, e, (value, &base), attr, env)
            }
            ExprKind::Subscript { value, index } => {
                if let Some(fact) = self.tov_item(scope, value, index, env) {
                    return fact;
                }
                let mut base = self.eval(scope, value, env);
                self.needed(value, &base, Said::ITEM);
                if let Some(fact) = self.by_key(scope, e, (value, &base), index, env) {
                    return fact;
                }
                if let ExprKind::Slice { lower, upper, step } = &index.kind {
                    if let Some(items) = self.as_items(value, &base) {
                        base = items;
                    }
                    let ends = [lower, upper, step].map(|bound| {
                        let end = self.eval(scope, bound.as_deref()?, env);
                        Some(self.decayed(&end))
                    });
                    return self.slice(e, &base, &ends);
                }
                let path = self.path_of(scope, e);
                let mut at = self.eval(scope, index, env);
                self.needed_index(index, &base, &mut at);
                self.take_key(index, &base.ty, &mut at);
                self.take_indexed(scope, value, &mut base, at.range.int().constant());
                if let Some(fact) = self.instance_item(scope, e, (value, &base), index, env) {
                    return fact;
                }
                let of_kinds = self.item_of_kinds(&base.ty, at.range.int().constant());
                if let Some(mut fact) = of_kinds.or_else(|| self.tuple_item(&base, &at)) {
                    self.narrow(&mut fact, path.as_ref(), env);
                    return fact;
                }
                if let Some(items) = self.as_items(value, &base) {
                    base = items;
                }
                self.reads_default(scope, value, &at, env);
                let item = self.collection_item(scope, e, (value, &base), (index, &at));
                let mut fact = match item {
                    Some(fact) => fact,
                    None => self.subscript(e, &base, index, &at),
                };
                self.narrow(&mut fact, path.as_ref(), env);
                fact
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let fact = self.call(scope, e, func, args, keywords, env);
                Fact {
                    ty: self.fixed.made(e.id, fact.ty),
                    ..fact
                }
            }
            ExprKind::Unary { op, operand } => {
                let mut fact = self.eval(scope, operand, env);
                self.take_operand(scope, *op, operand, &mut fact);
                if let Some(fact) = self.instance_unary(scope, e, *op, (operand, &fact), env) {
                    return fact;
                }
                if *op == UnaryOp::Not {
                    self.instance_truth(scope, operand, &fact, env);
                }
                Self::hands_on(scope, operand);
                self.unary(e, *op, &fact)
            }
            ExprKind::Binary { op, left, right } => {
                let mut a = self.eval(scope, left, env);
                let mut b = self.eval(scope, right, env);
                self.take_operands(scope, *op, (left, &mut a), (right, &mut b));
                if a.ty == Ty::Str && *op == BinaryOp::Mod {
                    self.shown(scope, right);
                    if let Some(items) = self.as_items(right, &b) {
                        b = items;
                    }
                }
                if let (BinaryOp::Mod, ExprKind::Str(_), Ty::Tuple(_)) = (op, &left.kind, &b.ty)
                    && !matches!(right.kind, ExprKind::Tuple(_))
                {
                    self.note(right, Sugar::Placed);
                }
                if let (BinaryOp::Mod, ExprKind::Str(format)) = (op, &left.kind) {
                    if ["%s", "%r", "d"].iter().any(|kind| format.contains(kind)) {
                        self.tells_of(scope, right);
                    }
                    self.percent_texts(scope, format, right, env);
                }
                self.check_taken(e, *op, (left, &a), (right, &b));
                Self::operands(scope, *op, left, right);
                match self.instance_binary(scope, e, *op, (left, &a), (right, &b), env) {
                    Some(fact) => fact,
                    None => {
                        if *op == BinaryOp::Add {
                            self.both_as_items((left, &mut a), (right, &mut b));
                        }
                        for (side, fact) in [(left, &mut a), (right, &mut b)] {
                            fact.ty = self.whole_dict(scope, side, fact.ty.clone());
                        }
                        self.binary(e, *op, &a, &b)
                    }
                }
            }
            ExprKind::Logical { op, values } => {
                let mut going = env.clone();
                let mut done: Option<Env> = None;
                for value in values {
                    let (yes, no) = self.condition(scope, value, going);
                    let (stop, go) = if *op == BoolOp::And {
                        (no, yes)
                    } else {
                        (yes, no)
                    };
                    done = Some(done.map_or(stop.clone(), |d| d.meet(&stop)));
                    going = go;
                    if !going.reachable && asks_type(value) {
                        break;
                    }
                }
                *env = done.map_or(going.clone(), |d| d.meet(&going));
                self.logical_fact(scope, *op, values)
            }
            ExprKind::Compare { left, ops, rest } => {
                let mut a = self.eval(scope, left, env);
                Self::hands_on(scope, left);
                if let ([op], [right]) = (ops.as_slice(), rest.as_slice()) {
                    let mut b = self.eval(scope, right, env);
                    self.take_compared(scope, *op, (left, &mut a), (right, &mut b));
                    Self::hands_on(scope, right);
                    self.among_equals(e, *op, (left, right), (&a, &b));
                    let found = self.instance_compare(scope, e, *op, (left, &a), (right, &b), env);
                    if let Some(fact) = found {
                        return fact;
                    }
                    if super::tov::asks_tov(scope, left, ops, rest) || self.asks_variant(scope, e) {
                        return Fact::of(Ty::Bool);
                    }
                }
                let mut before: &Expr = left;
                for (op, right) in ops.iter().zip(rest) {
                    let mut b = self.eval(scope, right, env);
                    self.take_compared(scope, *op, (before, &mut a), (right, &mut b));
                    if operators::are_lists_apart(&a.ty, &b.ty) {
                        // An int beyond 2**53 may be in one of them.
                        self.tells_of(scope, before);
                        self.tells_of(scope, right);
                    }
                    Self::hands_on(scope, right);
                    self.asks_any_key(scope, *op, left, right);
                    if !self.compares_by_fields(*op, &a, &b) {
                        if !matches!(op, CompareOp::Is | CompareOp::IsNot) {
                            self.both_as_items((before, &mut a), (right, &mut b));
                        }
                        self.comparison(e, *op, &a, &b);
                    }
                    before = right;
                    a = b;
                }
                let _ = self.given(scope, e, env);
                Fact::of(Ty::Bool)
            }
            ExprKind::Conditional { test, body, orelse } => {
                let (mut yes, mut no) = self.condition(scope, test, env.clone());
                // What never runs for a value's type is of other types.
                let skipped = |way: &Env| !way.reachable && env.reachable && asks_type(test);
                let a = match skipped(&yes) {
                    true => Fact::unknown(),
                    false => self.eval(scope, body, &mut yes),
                };
                let b = match skipped(&no) {
                    true => Fact::unknown(),
                    false => self.eval(scope, orelse, &mut no),
                };
                Self::hands_on(scope, body);
                Self::hands_on(scope, orelse);
                let (ra, rb) = (yes.reachable, no.reachable);
                *env = yes.meet(&no);
                match (ra, rb) {
                    (true, false) => a,
                    (false, true) => b,
                    _ => a.join(&b),
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items)
                if items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_))) =>
            {
                self.starred_display(scope, e, items, env)
            }
            ExprKind::Tuple(items) => {
                let tys = items
                    .iter()
                    .map(|item| self.eval(scope, item, env).ty)
                    .collect();
                Fact::of(Ty::Tuple(tys))
            }
            ExprKind::List(items) => {
                let mut elem = Fact::unknown();
                for item in items {
                    let fact = self.eval(scope, item, env);
                    elem = elem.join(&fact);
                }
                Fact::of(self.fixed.made(e.id, Ty::list(elem.ty)))
            }
            ExprKind::Dict(items) => self.dict_literal(scope, e, items, env),
            ExprKind::Set(items) => self.set_literal(scope, e, items, env),
            ExprKind::Bytes(_) => Fact::of(Ty::octets(ListKind::Bytes)),
            ExprKind::Imaginary(_) => self.unsupported(e, "complex numbers"),
            ExprKind::Ellipsis => self.unsupported(e, "`...`"),
            ExprKind::Slice { .. } => self.unsupported(e, "slices"),
            ExprKind::Starred(_) => self.unsupported(e, "`*` unpacking"),
            ExprKind::Named { value, .. } => {
                let fact = self.eval(scope, value, env);
                if let Some(version) = scope.names.names.get(&e.id).cloned() {
                    self.bind(scope, &version, None, &fact, env);
                    Self::hands_on(scope, value);
                }
                fact
            }
            ExprKind::Lambda { .. } => self.unsupported(e, "lambdas"),
            ExprKind::Comprehension {
                kind,
                element,
                value,
                clauses,
            } => {
                let around = self.enter_comprehension(scope, e, *kind);
                let mut inside = self.clauses(scope, clauses, env);
                let element = self.eval(scope, element, &mut inside);
                let value = value.as_ref().map(|v| self.eval(scope, v, &mut inside));
                self.leave_comprehension(e, *kind, &element.ty, around);
                self.comprehension(e, *kind, element, value)
            }
            ExprKind::Yield(value) => {
                // What it looks at tells what may become of the generator.
                if let Some(value) = value {
                    let _ = self.eval(scope, value, env);
                }
                self.unsupported(e, "generators")
            }
            ExprKind::YieldFrom(values) => {
                let _ = self.eval(scope, values, env);
                self.unsupported(e, "generators")
            }
            ExprKind::Await(_) => self.unsupported(e, "`await`"),
            ExprKind::Unsupported(what) => self.unsupported(e, what),
        }
    }

    /// `value.attr`
    pub(super) fn attribute_of(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        (value, base): (&Expr, &Fact),
        attr: &Ident,
        env: &mut Env,
    ) -> Fact {
        let path = self.path_of(scope, e);
        let mut fact = self.attribute(scope, e, base, &attr.name);
        if let Some(id) = scope.calls.get(&e.id).copied() {
            self.property_read(scope, value, id, env);
        }
        if let (Ty::Option(_), Some(base)) = (&base.ty, self.path_of(scope, value)) {
            // Reading an attribute of None raises: from here on it is not None.
            env.some.insert(base);
        }
        self.narrow(&mut fact, path.as_ref(), env);
        self.late_read(e, (base, attr), &mut fact);
        let float = path.as_ref().is_some_and(|path| env.floats.contains(path));
        let shared = match &fact.ty {
            Ty::Float if !float && !env.fresh => {
                self.shared_int(scope, &base.ty.narrowed(), &attr.name)
            }
            _ => None,
        };
        if shared.is_some() {
            fact.ty = Ty::Number;
            fact.range = Range::NUMBER;
        }
        let wide = path.is_some_and(|path| env.wide_ints.contains(&path));
        if wide || shared == Some(true) {
            let problem = Problem::new(
                Code::PartlyHandled,
                "an int beyond 2**53 in a float field: it stays an int until the call ends; this read of it is not translated",
            )
            .with_help("read the int itself, or write `float(…)` where it is stored");
            self.problem(e.id, e.span, problem);
        }
        fact
    }

    pub(super) fn unsupported(&mut self, e: &Expr, what: &str) -> Fact {
        self.problem(
            e.id,
            e.span,
            Problem::new(
                Code::UnsupportedSyntax,
                format!("{what}: not translated yet"),
            ),
        );
        self.no_fact(what)
    }

    /// The fact of what is not translated: unusable, but only in the last round, as an
    /// earlier one may simply not know enough yet.
    pub(super) fn no_fact(&self, what: &str) -> Fact {
        if self.recording {
            Fact::of(Ty::Conflict(what.to_string()))
        } else {
            Fact::unknown()
        }
    }

    fn f_string(&mut self, scope: &mut Scope<'_>, parts: &[FStringPart], env: &mut Env) {
        for part in parts {
            if let FStringPart::Value {
                value,
                spec,
                conversion,
            } = part
            {
                let fact = self.eval(scope, value, env);
                self.row(value, &fact, true);
                self.shown(scope, value);
                if conversion.is_some() || !as_float(spec) {
                    self.tells_of(scope, value);
                }
                let is_member = matches!(fact.ty, Ty::Member(_));
                if spec.is_empty() || conversion.is_some() || is_member {
                    self.instance_text(scope, value, &fact, *conversion, env);
                }
                self.f_string(scope, spec, env);
            }
        }
    }

    /// The fact of `a and b`, `a or b` as a value.
    pub(super) fn logical_fact(
        &mut self,
        scope: &mut Scope<'_>,
        op: BoolOp,
        values: &[Expr],
    ) -> Fact {
        let mut fact = Fact::unknown();
        for (i, value) in values.iter().enumerate() {
            let mut this = scope.fact(value.id);
            Self::hands_on(scope, value);
            let last = i + 1 == values.len();
            if !last && op == BoolOp::Or {
                // The operand that decides an `or` is true, so not None.
                this.ty = if this.ty == Ty::None {
                    Ty::Unknown
                } else {
                    this.ty.narrowed()
                };
            }
            fact = fact.join(&this);
        }
        fact
    }
}
