//! Expressions.

use super::Inference;
use super::env::{Env, Path, Seg};
use super::model::{Fact, FnId, Problem, Var};
use super::scope::FnScope;
use crate::ast::{BinaryOp, BoolOp, CompareOp, Expr, ExprKind, FStringPart, NodeId, UnaryOp};
use crate::catalog;
use crate::diagnostic::Code;
use crate::project::{FieldDef, RustTy, StructDef, StructKind};
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::{Side, Ty, last_segment};
use crate::value::stored_range;
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A function (or the module level) under analysis.
pub(super) struct Scope<'a> {
    pub(super) id: Option<FnId>,
    pub(super) names: Rc<FnScope>,
    pub(super) vars: BTreeMap<String, Var>,
    pub(super) facts: HashMap<NodeId, Fact>,
    pub(super) calls: HashMap<NodeId, FnId>,
    pub(super) ret: Fact,
    pub(super) params: Vec<String>,
    pub(super) mutated: BTreeSet<usize>,
    pub(super) globals: BTreeSet<String>,
    pub(super) globals_changed: BTreeSet<String>,
    /// Variables that hold a part of what lies at a path.
    pub(super) parts: BTreeMap<String, Path>,
    pub(super) loops: Vec<LoopEnvs>,
    /// For each `try` around the place, what holds wherever it may be left for a handler.
    pub(super) raising: Vec<Env>,
    /// How many `finally` stand around the place.
    pub(super) finally: usize,
    pub(super) exits: HashMap<Option<NodeId>, BTreeMap<Path, Range>>,
    pub(super) function: Option<&'a crate::ast::Function>,
}

/// Where `break` and `continue` of a loop lead.
pub(super) struct LoopEnvs {
    pub(super) breaks: Env,
    pub(super) continues: Env,
}

impl Scope<'_> {
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

impl<'a> Inference<'a> {
    /// Evaluates an expression, records its fact and what it tells of the flow.
    pub(super) fn eval(&mut self, scope: &mut Scope<'_>, e: &Expr, env: &mut Env) -> Fact {
        let fact = self.eval_kind(scope, e, env);
        scope.record(e.id, fact.clone());
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
                let path = self.path_of(scope, e);
                let mut fact = self.attribute(scope, e, &base, &attr.name);
                if let (Ty::Option(_), Some(base)) = (&base.ty, self.path_of(scope, value)) {
                    // Reading an attribute of None raises: from here on it is not None.
                    env.some.insert(base);
                }
                self.narrow(&mut fact, path.as_ref(), env);
                if path.is_some_and(|path| env.wide_ints.contains(&path)) {
                    let problem = Problem::new(
                        Code::PartlyHandled,
                        "an int beyond 2**53 in a float field: it stays an int until the call ends; this read of it is not translated",
                    )
                    .with_help("read the int itself, or write `float(…)` where it is stored");
                    self.problem(e.id, e.span, problem);
                }
                fact
            }
            ExprKind::Subscript { value, index } => {
                let base = self.eval(scope, value, env);
                if let ExprKind::Slice { lower, upper, step } = &index.kind {
                    let ends = [lower, upper, step]
                        .map(|bound| bound.as_ref().map(|bound| self.eval(scope, bound, env)));
                    return self.slice(e, &base, &ends);
                }
                if let Some(message) = self.exception_message(scope, value, index, env) {
                    return message;
                }
                let path = self.path_of(scope, e);
                let at = self.eval(scope, index, env);
                if let Some(fact) = self.instance_item(scope, e, (value, &base), index, env) {
                    return fact;
                }
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
            } => self.call(scope, e, func, args, keywords, env),
            ExprKind::Unary { op, operand } => {
                let fact = self.eval(scope, operand, env);
                if let Some(fact) = self.instance_unary(scope, e, *op, (operand, &fact), env) {
                    return fact;
                }
                if *op == UnaryOp::Not {
                    self.instance_truth(scope, operand, &fact, env);
                }
                self.unary(e, *op, &fact)
            }
            ExprKind::Binary { op, left, right } => {
                let a = self.eval(scope, left, env);
                let b = self.eval(scope, right, env);
                match self.instance_binary(scope, e, *op, (left, &a), (right, &b), env) {
                    Some(fact) => fact,
                    None => self.binary(e, *op, &a, &b),
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
                }
                *env = done.map_or(going.clone(), |d| d.meet(&going));
                self.logical_fact(scope, *op, values)
            }
            ExprKind::Compare { left, ops, rest } => {
                let mut a = self.eval(scope, left, env);
                if let ([op], [right]) = (ops.as_slice(), rest.as_slice()) {
                    let b = self.eval(scope, right, env);
                    let found = self.instance_compare(scope, e, *op, (left, &a), (right, &b), env);
                    if let Some(fact) = found {
                        return fact;
                    }
                }
                for (op, right) in ops.iter().zip(rest) {
                    let b = self.eval(scope, right, env);
                    self.comparison(e, *op, &a, &b);
                    a = b;
                }
                Fact::of(Ty::Bool)
            }
            ExprKind::Conditional { test, body, orelse } => {
                let (mut yes, mut no) = self.condition(scope, test, env.clone());
                let a = self.eval(scope, body, &mut yes);
                let b = self.eval(scope, orelse, &mut no);
                let (ra, rb) = (yes.reachable, no.reachable);
                *env = yes.meet(&no);
                match (ra, rb) {
                    (true, false) => a,
                    (false, true) => b,
                    _ => a.join(&b),
                }
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
                Fact::of(Ty::list(elem.ty))
            }
            ExprKind::Dict(items) => self.dict_literal(scope, e, items, env),
            ExprKind::Set(items) => self.set_literal(scope, e, items, env),
            ExprKind::Bytes(_) => self.unsupported(e, "bytes"),
            ExprKind::Imaginary(_) => self.unsupported(e, "complex numbers"),
            ExprKind::Ellipsis => self.unsupported(e, "`...`"),
            ExprKind::Slice { .. } => self.unsupported(e, "slices"),
            ExprKind::Starred(_) => self.unsupported(e, "`*` unpacking"),
            ExprKind::Named { value, .. } => {
                let fact = self.eval(scope, value, env);
                if let Some(version) = scope.names.names.get(&e.id).cloned() {
                    self.bind(scope, &version, None, &fact, env);
                }
                fact
            }
            ExprKind::Lambda { .. } => self.unsupported(e, "lambdas"),
            ExprKind::Comprehension {
                kind,
                element,
                clauses,
                ..
            } => {
                let (crate::ast::ComprehensionKind::List
                | crate::ast::ComprehensionKind::Generator) = kind
                else {
                    return self.unsupported(e, "this comprehension");
                };
                let mut inside = self.clauses(scope, clauses, env);
                let value = self.eval(scope, element, &mut inside);
                Fact::of(Ty::list(value.ty))
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => self.unsupported(e, "generators"),
            ExprKind::Await(_) => self.unsupported(e, "`await`"),
            ExprKind::Unsupported(what) => self.unsupported(e, what),
        }
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
                if spec.is_empty() {
                    self.instance_text(scope, value, &fact, *conversion, env);
                }
                self.f_string(scope, spec, env);
            }
        }
    }

    fn name(&mut self, scope: &mut Scope<'_>, e: &Expr, name: &str, env: &Env) -> Fact {
        if let Some(version) = scope.names.names.get(&e.id) {
            let Some(var) = scope.vars.get(version) else {
                return Fact::unknown();
            };
            let mut fact = var.fact.clone();
            fact.unbound = !env.bound.contains(version);
            let path = var
                .alias
                .clone()
                .unwrap_or_else(|| Path::root(version.clone()));
            self.narrow(&mut fact, Some(&path), env);
            return fact;
        }
        if let Some(fact) = self.model.variables.get(name) {
            let mut fact = fact.clone();
            scope.globals.insert(name.to_string());
            self.narrow(&mut fact, Some(&Path::global(name)), env);
            return fact;
        }
        if let Some(constant) = self.model.consts.get(name) {
            return constant.fact.clone();
        }
        if self.classes.contains_key(name) {
            return Fact::of(Ty::Class(name.to_string()));
        }
        if self.functions.contains_key(name) {
            return Fact::of(Ty::Function(name.to_string()));
        }
        if let Some(module) = self.model.modules.get(name) {
            return Fact::of(Ty::Module(module.clone()));
        }
        if let Some(fact) = self
            .model
            .imported
            .get(name)
            .and_then(|full| catalog::constant(full))
        {
            return fact;
        }
        if name == "__name__" {
            return Fact::of(Ty::Str);
        }
        let problem = if self
            .model
            .globals
            .get(name)
            .is_some_and(|g| g.changed_in_function || g.assigned > 1)
        {
            Problem::new(
                Code::PartlyHandled,
                format!("`{name}` is a module variable that changes"),
            )
            .with_help("keep it in `state`: Copper's keyframes hold that")
        } else if self.model.globals.contains_key(name) {
            Problem::new(
                Code::PartlyHandled,
                format!("the value of the module variable `{name}` is not translated"),
            )
        } else if catalog::is_builtin(name) {
            Problem::new(
                Code::PartlyHandled,
                format!("the builtin `{name}` as a value"),
            )
        } else if let Some(full) = self.model.imported.get(name) {
            Problem::new(Code::UnsupportedModule, format!("`{full}` is not known"))
        } else {
            Problem::new(
                Code::UnknownType,
                format!("the name `{name}` is not defined"),
            )
            .with_help("Python raises a NameError here")
        };
        self.problem(e.id, e.span, problem);
        self.no_fact(&format!("`{name}`"))
    }

    /// Applies what the flow knows of `path`.
    pub(super) fn narrow(&self, fact: &mut Fact, path: Option<&Path>, env: &Env) {
        let Some(path) = path else { return };
        if let (Ty::Option(inner), true) = (&fact.ty, env.some.contains(path)) {
            fact.ty = (**inner).clone();
        }
        if fact.ty == Ty::Float && env.ints.contains(path) {
            fact.ty = Ty::Number;
        }
        if let (Some(range), true) = (env.ranges.get(path), fact.ty.narrowed().is_number()) {
            fact.range = *range;
        }
    }

    /// The way to the object that `e`, or what it is an element of, is a part of.
    pub(super) fn holder_of(&self, scope: &Scope<'_>, e: &Expr) -> Option<Path> {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self
                .path_of(scope, e)
                .or_else(|| self.holder_of(scope, value)),
            ExprKind::Attribute { value, attr } => {
                Some(self.holder_of(scope, value)?.attr(&attr.name))
            }
            _ => self.path_of(scope, e),
        }
    }

    /// The stable way to what `e` reads, aliases resolved.
    pub(super) fn path_of(&self, scope: &Scope<'_>, e: &Expr) -> Option<Path> {
        match &e.kind {
            ExprKind::Name(name) => {
                let Some(version) = scope.names.names.get(&e.id) else {
                    return self
                        .model
                        .globals
                        .contains_key(name)
                        .then(|| Path::global(name));
                };
                match scope.vars.get(version).and_then(|v| v.alias.clone()) {
                    Some(path) => Some(path),
                    None => Some(Path::root(version.clone())),
                }
            }
            ExprKind::Named { .. } => Some(Path::root(scope.names.names.get(&e.id)?.clone())),
            ExprKind::Attribute { value, attr } => {
                Some(self.path_of(scope, value)?.attr(&attr.name))
            }
            ExprKind::Subscript { value, index } => {
                // An entry of a dict with literal keys is like an attribute.
                if let (ExprKind::Str(key), Ty::Record(fields)) =
                    (&index.kind, scope.fact(value.id).ty.narrowed())
                {
                    let known = fields.iter().any(|(name, _)| name == key);
                    return known.then_some(self.path_of(scope, value)?.attr(key));
                }
                let ExprKind::Int(i) = &index.kind else {
                    return None;
                };
                let base = self.path_of(scope, value)?;
                match scope.fact(value.id).ty {
                    Ty::Messages { .. } | Ty::List { len: Some(_), .. } | Ty::Tuple(_) => {
                        Some(base.then(Seg::Index(i.to_usize()?)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The named fields of a struct, as Python sees them.
    pub(super) fn fields(&self, key: &str) -> &'a [FieldDef] {
        match self.types.struct_def(key).map(|def| &def.kind) {
            Some(StructKind::Record(fields)) => fields,
            _ => &[],
        }
    }

    /// The field of that Python name.
    pub(super) fn field(&self, key: &str, name: &str) -> Option<&'a FieldDef> {
        self.fields(key)
            .iter()
            .find(|f| f.python_name == name && !f.skipped)
    }

    fn attribute(&mut self, scope: &mut Scope<'_>, e: &Expr, base: &Fact, name: &str) -> Fact {
        match &base.ty.narrowed() {
            Ty::Unknown | Ty::Conflict(_) => Fact::of(base.ty.clone()),
            Ty::Struct(key) => self.field_fact(scope, e, key, name),
            Ty::Instance(class) => self.instance_attribute(scope, e, class, name),
            Ty::Class(class) => self.class_attribute(e, class, name),
            Ty::Member(class) => self.member_attribute(scope, e, class, name),
            Ty::Exception(_) => self.exception_attribute(e, name),
            Ty::Message { side, payload } => match name {
                "payload" => Fact::of(match side {
                    Side::Input => (**payload).clone().optional(),
                    // An output's payload reads as a default where there is none.
                    Side::Output => (**payload).clone(),
                }),
                "tov" => Fact::of(Ty::Tov),
                "metadata" => Fact::of(Ty::Metadata),
                _ => {
                    self.problem(
                        e.id,
                        e.span,
                        Problem::new(Code::UnknownField, format!("a message has no `{name}`"))
                            .with_help("it has `payload`, `tov` and `metadata`"),
                    );
                    Fact::of(Ty::Conflict(format!("`.{name}`")))
                }
            },
            Ty::Messages { .. } => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::TypeMismatch,
                        format!("there are several messages here: `.{name}` of the list"),
                    )
                    .with_help("index the list first: `inputs[0].payload`"),
                );
                Fact::of(Ty::Conflict(format!("`.{name}`")))
            }
            Ty::Deque { maxlen, .. } if name == "maxlen" => match maxlen {
                crate::ty::Maxlen::Fixed(n, _) => Fact::int(IntRange::exactly(*n as i128)),
                crate::ty::Maxlen::Unbounded => Fact::of(Ty::None),
                crate::ty::Maxlen::Unknown => Fact::unknown(),
            },
            Ty::Context => match name {
                "now_ns" | "recent_ns" => Fact::int(nanoseconds()),
                "cl_id" => Fact::int(IntRange::new(0, i64::MAX as i128)),
                _ => {
                    self.problem(
                        e.id,
                        e.span,
                        Problem::new(
                            Code::UnsupportedCall,
                            format!("`ctx.{name}` is not translated"),
                        ),
                    );
                    Fact::of(Ty::Conflict(format!("`ctx.{name}`")))
                }
            },
            Ty::Module(module) => match catalog::constant(&format!("{module}.{name}")) {
                Some(fact) => fact,
                None => {
                    self.problem(e.id, e.span, unknown_module_item(module, name));
                    Fact::of(Ty::Conflict(format!("`{module}.{name}`")))
                }
            },
            other => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::PartlyHandled,
                        format!("`.{name}` of {} is not translated", other.describe()),
                    ),
                );
                Fact::of(Ty::Conflict(format!("`.{name}` of {}", other.describe())))
            }
        }
    }

    fn field_fact(&mut self, scope: &Scope<'_>, e: &Expr, key: &str, name: &str) -> Fact {
        if DICT_METHODS.contains(&name) {
            self.problem(
                e.id,
                e.span,
                Problem::new(
                    Code::TypeMismatch,
                    format!("`.{name}` reads the dict's method, not the field"),
                )
                .with_help(format!(
                    "PyTask's payloads are dicts: write `[\"{name}\"]`, or rename the field"
                )),
            );
            return Fact::of(Ty::Conflict(format!("the method `{name}`")));
        }
        let Some(field) = self.field(key, name) else {
            let names: Vec<&str> = self
                .fields(key)
                .iter()
                .map(|f| f.python_name.as_str())
                .collect();
            self.problem(
                e.id,
                e.span,
                Problem::new(
                    Code::UnknownField,
                    format!("`{}` has no field `{name}`", last_segment(key)),
                )
                .with_help(format!("it has {}", names.join(", "))),
            );
            return Fact::of(Ty::Conflict(format!("`.{name}`")));
        };
        let ty = Ty::of_rust(&field.ty, self.types);
        let mut range = stored_range(&field.ty);
        // Only this script writes the state: what it writes bounds what it reads.
        if let (Range::Int(whole), true) = (range, self.is_state(key)) {
            let zero = Fact::int(IntRange::exactly(0));
            let written = self.model.fields.get(&(key.to_string(), name.to_string()));
            let seen = written
                .map_or(zero.range, |w| w.range.join(zero.range))
                .int();
            let in_process = scope
                .function
                .is_some_and(|f| matches!(f.name.name.as_str(), "process" | "start" | "stop"));
            range = Range::Int(if in_process { seen.meet(whole) } else { seen });
        }
        Fact {
            ty,
            range,
            unbound: false,
        }
    }

    /// Whether only the script itself ever writes structs of that type: the state, with a
    /// derived default.
    pub(super) fn is_state(&self, key: &str) -> bool {
        matches!(&self.binding.state, RustTy::Named(state) if state == key)
            && self
                .types
                .struct_def(key)
                .is_some_and(StructDef::has_derived_default)
    }

    /// `TABLE[key]` of a constant table whose entries have one type.
    fn table_entry(&mut self, e: &Expr, key: &Fact) -> Fact {
        if key.ty.is_unusable() {
            return Fact::of(key.ty.clone());
        }
        let entries = match &e.kind {
            ExprKind::Subscript { value, .. } => match &value.kind {
                ExprKind::Name(name) => self.model.tables.get(name),
                _ => None,
            },
            _ => None,
        };
        let one = entries.and_then(|entries| {
            let mut facts = entries.values();
            let first = facts.next()?.clone();
            facts.try_fold(first, |all, fact| {
                let joined = all.join(fact);
                (!matches!(joined.ty, Ty::Conflict(_))).then_some(joined)
            })
        });
        match (&key.ty, one) {
            (Ty::Str | Ty::Enum(_), Some(fact)) => fact,
            (Ty::Str | Ty::Enum(_), None) => self.unsupported(
                e,
                "a computed key of a table whose values have several types",
            ),
            (other, _) => {
                let what = format!("a table by a key that is {}", other.describe());
                self.unsupported(e, &what)
            }
        }
    }

    /// `xs[lower:upper:step]` of a list.
    fn slice(&mut self, e: &Expr, base: &Fact, ends: &[Option<Fact>; 3]) -> Fact {
        let Ty::List { elem, store, .. } = base.ty.narrowed() else {
            let what = match base.ty.narrowed() {
                Ty::Str | Ty::Enum(_) => {
                    let whole = |end: &Fact| matches!(end.ty, Ty::Int | Ty::None | Ty::Unknown);
                    if ends.iter().flatten().all(whole) {
                        return Fact::of(Ty::Str);
                    }
                    "a slice of str with such a bound".to_string()
                }
                unknown @ (Ty::Unknown | Ty::Conflict(_)) => return Fact::of(unknown),
                other => format!("a slice of {}", other.describe()),
            };
            return self.unsupported(e, &what);
        };
        let int = |end: &Option<Fact>| {
            end.as_ref()
                .is_none_or(|fact| matches!(fact.ty, Ty::Int | Ty::Unknown))
        };
        let [lower, upper, step] = ends;
        if !int(lower) || !int(upper) || !int(step) {
            return self.unsupported(e, "a slice with a bound that is not an int");
        }
        let stride = step.as_ref().map_or(Some(1), |s| s.range.int().constant());
        match stride {
            Some(1..=0xffff) => {}
            Some(-0xffff..=-1) if lower.is_none() && upper.is_none() => {}
            Some(0) => return self.unsupported(e, "a slice with a step of zero"),
            Some(_) => return self.unsupported(e, "a slice backwards from or to a bound"),
            None => return self.unsupported(e, "a slice with a step that is not constant"),
        }
        let wide = matches!(&store, Some(RustTy::Int(int)) if int.bits() > 32 && *int != crate::project::IntTy::I64);
        if wide {
            let what = format!("a slice of a list of {}", elem.describe());
            return self.unsupported(e, &what);
        }
        Fact::of(Ty::list(*elem))
    }

    fn subscript(&mut self, e: &Expr, base: &Fact, index: &Expr, at: &Fact) -> Fact {
        let at = &self.decayed(at);
        if let (Ty::Class(class), Ty::Str) = (&base.ty, &at.ty)
            && self
                .model
                .classes
                .get(class)
                .is_some_and(|c| !c.members.is_empty())
        {
            return Fact::of(Ty::Member(class.clone()));
        }
        match &base.ty.narrowed() {
            Ty::Unknown | Ty::Conflict(_) => Fact::of(base.ty.clone()),
            Ty::Messages { side, payloads } => {
                let i = at.range.int().constant();
                let len = payloads.len() as i128;
                let payload = i
                    .map(|i| if i < 0 { i + len } else { i })
                    .and_then(|i| usize::try_from(i).ok())
                    .and_then(|i| payloads.get(i));
                match payload {
                    Some(payload) => Fact::of(Ty::Message {
                        side: *side,
                        payload: Box::new(payload.clone()),
                    }),
                    None => {
                        let message = if i.is_some() {
                            format!("there are only {len} messages")
                        } else {
                            "a message by a computed index".to_string()
                        };
                        self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
                        Fact::of(Ty::Conflict("a message".into()))
                    }
                }
            }
            Ty::List { elem, store, .. } if matches!(at.ty, Ty::Int | Ty::Unknown) => {
                let range = store
                    .as_ref()
                    .map_or_else(|| Fact::of((**elem).clone()).range, stored_range);
                Fact {
                    ty: (**elem).clone(),
                    range,
                    unbound: false,
                }
            }
            Ty::Str | Ty::Enum(_) if matches!(at.ty, Ty::Int | Ty::Unknown) => Fact::of(Ty::Str),
            Ty::Tuple(items) => match at.range.int().constant() {
                Some(i) => {
                    let len = items.len() as i128;
                    let i = if i < 0 { i + len } else { i };
                    usize::try_from(i)
                        .ok()
                        .and_then(|i| items.get(i))
                        .map_or_else(Fact::unknown, |t| Fact::of(t.clone()))
                }
                None => {
                    let joined = items.iter().fold(Ty::Unknown, |a, b| a.join(b));
                    match joined {
                        Ty::Int | Ty::Float | Ty::Number | Ty::Str | Ty::Bool | Ty::Unknown => {
                            Fact::of(joined)
                        }
                        _ => self.unsupported(e, "a tuple of several types by a computed index"),
                    }
                }
            },
            Ty::Record(fields) => {
                let ExprKind::Str(key) = &index.kind else {
                    return self.table_entry(e, at);
                };
                let known = match &e.kind {
                    ExprKind::Subscript { value, .. } => match &value.kind {
                        ExprKind::Name(name) => self
                            .model
                            .tables
                            .get(name)
                            .and_then(|t| t.get(key))
                            .cloned(),
                        _ => None,
                    },
                    _ => None,
                };
                match fields.iter().find(|(name, _)| name == key) {
                    Some((_, ty)) => known.unwrap_or_else(|| Fact::of(ty.clone())),
                    None => {
                        let problem = Problem::new(
                            Code::UnknownField,
                            format!("the table has no key {key:?}: Python raises a KeyError"),
                        );
                        self.problem(e.id, e.span, problem);
                        self.no_fact("a missing key")
                    }
                }
            }
            Ty::Struct(_) | Ty::Message { .. } => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::PartlyHandled,
                        "a payload's field by `[…]` is not translated",
                    )
                    .with_help("write it as an attribute: `payload.field`"),
                );
                Fact::of(Ty::Conflict("a payload's item".into()))
            }
            other => {
                let what = format!("`[…]` of {} by {}", other.describe(), at.ty.describe());
                let _ = index;
                self.unsupported(e, &what)
            }
        }
    }

    fn unary(&mut self, e: &Expr, op: UnaryOp, fact: &Fact) -> Fact {
        let fact = &self.decayed(fact);
        if fact.ty.is_unusable() && op != UnaryOp::Not {
            return Fact::of(fact.ty.clone());
        }
        match (op, fact.ty.narrowed()) {
            (UnaryOp::Not, _) => Fact::of(Ty::Bool),
            (UnaryOp::Neg, Ty::Int) => Fact::int(fact.range.int().neg()),
            (UnaryOp::Neg, ty @ (Ty::Float | Ty::Number)) => Fact {
                ty,
                range: Range::Float(fact.range.float().neg()),
                unbound: false,
            },
            (UnaryOp::Pos, ty @ (Ty::Int | Ty::Float | Ty::Number)) => Fact {
                ty,
                range: fact.range,
                unbound: false,
            },
            (UnaryOp::Neg | UnaryOp::Pos, Ty::Bool) => Fact::int(IntRange::new(-1, 1)),
            (UnaryOp::Invert, Ty::Bool) => Fact::int(IntRange::new(-2, -1)),
            (UnaryOp::Invert, Ty::Int) => {
                Fact::int(fact.range.int().neg().sub(IntRange::exactly(1)))
            }
            (_, other) => self.mismatch(e, &format!("this operator on {}", other.describe())),
        }
    }

    /// Records a type error and gives an unusable fact.
    pub(super) fn mismatch(&mut self, e: &Expr, what: &str) -> Fact {
        self.problem(
            e.id,
            e.span,
            Problem::new(
                Code::TypeMismatch,
                format!("{what}: Python has no such operation, or it is not translated"),
            ),
        );
        self.no_fact(what)
    }

    /// The fact of `a op b`.
    pub(super) fn binary(&mut self, e: &Expr, op: BinaryOp, a: &Fact, b: &Fact) -> Fact {
        let (a, b) = (&self.decayed(a), &self.decayed(b));
        if let Some(bad) = [a, b].into_iter().find(|f| f.ty.is_unusable()) {
            return Fact::of(bad.ty.clone());
        }
        let (ta, tb) = (a.ty.narrowed(), b.ty.narrowed());
        let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
        if number(&ta) && number(&tb) {
            let as_int = |f: &Fact, ty: &Ty| {
                if *ty == Ty::Bool {
                    IntRange::new(0, 1)
                } else {
                    f.range.int()
                }
            };
            if ta.is_float() || tb.is_float() {
                return self.float_binary(e, op, a, b, &ta, &tb);
            }
            let (ra, rb) = (as_int(a, &ta), as_int(b, &tb));
            let both_bool = ta == Ty::Bool && tb == Ty::Bool;
            return match op {
                BinaryOp::Add => Fact::int(ra.add(rb)),
                BinaryOp::Sub => Fact::int(ra.sub(rb)),
                BinaryOp::Mul => Fact::int(ra.mul(rb)),
                BinaryOp::Div => Fact::float(Range::Int(ra).float().div(Range::Int(rb).float())),
                BinaryOp::FloorDiv => Fact::int(ra.floor_div(rb)),
                BinaryOp::Mod => Fact::int(ra.modulo(rb)),
                BinaryOp::Pow => self.int_pow(e, ra, rb),
                BinaryOp::Shl => Fact::int(ra.shl(rb)),
                BinaryOp::Shr => Fact::int(ra.shr(rb)),
                BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor if both_bool => {
                    Fact::of(Ty::Bool)
                }
                BinaryOp::BitAnd => Fact::int(ra.bit_and(rb)),
                BinaryOp::BitOr | BinaryOp::BitXor => Fact::int(ra.bit_or(rb)),
                BinaryOp::MatMul => self.mismatch(e, "`@` on ints"),
            };
        }
        match (op, &ta, &tb) {
            (
                BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::Sub | BinaryOp::BitXor,
                Ty::Set(_),
                Ty::Set(_),
            ) => Fact::of(ta.join(&tb)),
            (BinaryOp::Add, Ty::Str | Ty::Enum(_), Ty::Str | Ty::Enum(_)) => Fact::of(Ty::Str),
            (BinaryOp::Mul, Ty::Str | Ty::Enum(_), Ty::Int) => Fact::of(Ty::Str),
            (BinaryOp::Mul, Ty::Int, Ty::Str | Ty::Enum(_)) => Fact::of(Ty::Str),
            (BinaryOp::Mod, Ty::Str, _) => Fact::of(Ty::Str),
            (BinaryOp::Mul, Ty::List { elem, .. }, Ty::Int)
            | (BinaryOp::Mul, Ty::Int, Ty::List { elem, .. }) => {
                Fact::of(Ty::list((**elem).clone()))
            }
            (BinaryOp::Add, Ty::List { elem: x, .. }, Ty::List { elem: y, .. }) => {
                Fact::of(Ty::list(x.join(y)))
            }
            _ => {
                let what = format!(
                    "`{}` on {} and {}",
                    op.symbol(),
                    a.ty.describe(),
                    b.ty.describe()
                );
                self.mismatch(e, &what)
            }
        }
    }

    /// `a ** b` of ints: a float where the exponent is negative.
    fn int_pow(&mut self, e: &Expr, base: IntRange, exponent: IntRange) -> Fact {
        if exponent.lo.is_some_and(|lo| lo >= 0) {
            let exact = exponent.constant().and_then(|n| u32::try_from(n).ok());
            let size = exponent.hi.and_then(|hi| u32::try_from(hi).ok());
            return Fact::int(match (exact, size) {
                (Some(n), _) => base.pow(n),
                // Between the zeroth and the highest power.
                (None, Some(n)) if base.lo.is_some_and(|lo| lo >= 1) => IntRange {
                    lo: Some(1),
                    hi: base.pow(n).hi,
                },
                (None, Some(n)) => {
                    let most = base.abs().pow(n).join(IntRange::exactly(1));
                    most.join(most.neg())
                }
                (None, None) => IntRange::ALL,
            });
        }
        if exponent.hi.is_some_and(|hi| hi < 0) {
            return Fact::float(FloatRange::ALL);
        }
        let most = exponent.hi.and_then(|hi| u32::try_from(hi).ok());
        if most.is_some_and(|n| base.abs().pow(n).within(IntRange::DOUBLES)) {
            return Fact::of(Ty::Number);
        }
        self.unsupported(e, "`**` of an int with an exponent that may be negative: an int or a float, only the value tells")
    }

    fn float_binary(
        &mut self,
        e: &Expr,
        op: BinaryOp,
        a: &Fact,
        b: &Fact,
        ta: &Ty,
        tb: &Ty,
    ) -> Fact {
        let (ra, rb) = (a.range.float(), b.range.float());
        // A value that is an int on some path stays one under these operators.
        let mixed = *ta != Ty::Float && *tb != Ty::Float;
        let ty = if mixed { Ty::Number } else { Ty::Float };
        let fact = |ty: Ty, range: FloatRange| Fact {
            ty,
            range: Range::Float(range),
            unbound: false,
        };
        // Where both may be ints, a zero result has no sign in Python; a positive operand
        // keeps it positive in floats too.
        let signless = mixed && matches!(op, BinaryOp::Mul | BinaryOp::FloorDiv | BinaryOp::Mod);
        let safe = rb.lo > 0.0 || (op == BinaryOp::Mul && ra.lo > 0.0);
        if signless && !safe {
            let what = format!(
                "`{}` of a value that is an int on one path and a float on another: the sign of a zero would differ (write the int as a float, `0.0` for `0`)",
                op.symbol()
            );
            return self.unsupported(e, &what);
        }
        match op {
            BinaryOp::Add => fact(ty, ra.add(rb)),
            BinaryOp::Sub => fact(ty, ra.sub(rb)),
            BinaryOp::Mul => fact(ty, ra.mul(rb)),
            BinaryOp::Div => fact(Ty::Float, ra.div(rb)),
            BinaryOp::FloorDiv => fact(ty, FloatRange::ALL),
            BinaryOp::Mod => {
                let bounded = rb.lo > 0.0 && rb.hi.is_finite() && ra.is_finite();
                fact(
                    ty,
                    if bounded {
                        FloatRange {
                            lo: 0.0,
                            hi: rb.hi,
                            finite: rb.hi,
                            ..FloatRange::exactly(0.0)
                        }
                    } else {
                        FloatRange::ALL
                    },
                )
            }
            BinaryOp::Pow if mixed => self.mismatch(
                e,
                "`**` on a value that is an int on one path and a float on another",
            ),
            BinaryOp::Pow => {
                let even = rb.lo == rb.hi && rb.lo % 2.0 == 0.0;
                fact(
                    Ty::Float,
                    if even {
                        FloatRange {
                            lo: 0.0,
                            ..FloatRange::ALL
                        }
                    } else {
                        FloatRange::ALL
                    },
                )
            }
            BinaryOp::MatMul
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor => {
                let what = format!(
                    "`{}` on {} and {}",
                    op.symbol(),
                    a.ty.describe(),
                    b.ty.describe()
                );
                self.mismatch(e, &what)
            }
        }
    }

    /// The fact of `a and b`, `a or b` as a value.
    pub(super) fn logical_fact(&mut self, scope: &Scope<'_>, op: BoolOp, values: &[Expr]) -> Fact {
        let mut fact = Fact::unknown();
        for (i, value) in values.iter().enumerate() {
            let mut this = scope.fact(value.id);
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

    pub(super) fn comparison(&mut self, e: &Expr, op: CompareOp, a: &Fact, b: &Fact) {
        if a.ty.is_unusable() || b.ty.is_unusable() {
            return;
        }
        let same = a.ty.narrowed() == b.ty.narrowed();
        let asks_identity = matches!(op, CompareOp::Is | CompareOp::IsNot);
        let both = same && matches!(op, CompareOp::Eq | CompareOp::NotEq);
        let within = matches!(op, CompareOp::In | CompareOp::NotIn);
        let (a, b) = if asks_identity || both || within {
            (a.clone(), b.clone())
        } else {
            (self.decayed(a), self.decayed(b))
        };
        let (ta, tb) = (a.ty.narrowed(), b.ty.narrowed());
        let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
        let text = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_));
        let member = |a: &Ty, b: &Ty| matches!((a, b), (Ty::Member(x), Ty::Member(y)) if x == y);
        let fine = match op {
            CompareOp::Is | CompareOp::IsNot => {
                ta == Ty::None
                    || tb == Ty::None
                    || (ta == Ty::Bool && tb == Ty::Bool)
                    || member(&ta, &tb)
            }
            CompareOp::Eq | CompareOp::NotEq => {
                alike(&ta, &tb)
                    || a.ty == Ty::None
                    || b.ty == Ty::None
                    || (number(&ta) && number(&tb))
                    || (text(&ta) && text(&tb))
                    || member(&ta, &tb)
                    || self.compares_collections(false, &ta, &tb) == Some(true)
            }
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => {
                alike(&ta, &tb) || (number(&ta) && number(&tb)) || (text(&ta) && text(&tb))
            }
            CompareOp::In | CompareOp::NotIn => match &tb {
                Ty::Tuple(items) => items.iter().all(|t| {
                    (number(t) && number(&ta)) || (text(t) && text(&ta)) || member(t, &ta)
                }),
                Ty::Str | Ty::Enum(_) => text(&ta),
                Ty::List { elem, .. } => {
                    (number(elem) && number(&ta)) || (text(elem) && text(&ta)) || alike(elem, &ta)
                }
                Ty::Range => ta == Ty::Int || ta == Ty::Bool,
                _ => self.compares_collections(true, &ta, &tb) == Some(true),
            },
        };
        if !fine {
            let what = format!(
                "this comparison of {} with {}",
                a.ty.describe(),
                b.ty.describe()
            );
            let _ = self.mismatch(e, &what);
        }
    }
}

/// Whether two lists or tuples compare by elements of one type each.
fn alike(a: &Ty, b: &Ty) -> bool {
    let scalar = |a: &Ty, b: &Ty| {
        (a == b && matches!(a, Ty::Int | Ty::Float | Ty::Bool | Ty::Str))
            || alike(a, b)
            || (*a == Ty::Int && *b == Ty::Float)
            || (*a == Ty::Float && *b == Ty::Int)
    };
    match (a, b) {
        (Ty::List { elem: x, .. }, Ty::List { elem: y, .. }) => {
            **x == Ty::Unknown || **y == Ty::Unknown || (x == y && scalar(x, y))
        }
        (Ty::Tuple(x), Ty::Tuple(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| scalar(x, y))
        }
        _ => false,
    }
}

/// Why `module.name` is not known.
pub(super) fn unknown_module_item(module: &str, name: &str) -> Problem {
    let problem = if catalog::is_module(module) {
        Problem::new(
            Code::UnsupportedCall,
            format!("`{module}.{name}` is not translated"),
        )
    } else {
        Problem::new(
            Code::UnsupportedModule,
            format!("the module `{module}` is not translated"),
        )
    };
    match catalog::advice(module, name) {
        Some(advice) => problem.with_help(advice),
        None => problem,
    }
}
