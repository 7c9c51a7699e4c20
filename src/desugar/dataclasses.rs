//! Dataclasses: what `@dataclass` makes of a class's annotations.
//!
//! Enters: the module, inheritance written out. Leaves: the same module, where each dataclass
//! says what its constructor takes and how its instances compare, a field's default stands
//! where it is annotated, and `__repr__`, a constructor that `__post_init__` needs, and
//! comparisons that leave fields out are methods. This module must not know types.

use super::build::{Build, is_named, method};
use super::inline;
use crate::ast::{
    self, Block, BoolOp, Class, CompareOp, Conversion, Expr, ExprKind, FStringPart, Keyword, Made,
    Module, ParamKind, Stmt, StmtKind,
};
use crate::source::Span;
use std::collections::BTreeMap;

/// A field as it is annotated.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) default: Option<Expr>,
    /// The default is made anew for each instance.
    factory: bool,
    init: bool,
    shown: bool,
    compared: bool,
    by_name: bool,
}

impl Field {
    /// A field without options.
    pub(super) fn plain(name: String, default: Option<Expr>) -> Self {
        Field {
            name,
            default,
            factory: false,
            init: true,
            shown: true,
            compared: true,
            by_name: false,
        }
    }
}

/// The options of the decorator.
#[derive(Debug, Clone, Copy)]
struct Options {
    init: bool,
    shown: bool,
    equal: bool,
    ordered: bool,
    frozen: bool,
    by_name: bool,
}

/// How the constructor of a class is called in the module.
#[derive(Debug, Clone, Default)]
struct Calls {
    most: usize,
    names: Vec<String>,
    /// It is used in a way that we do not see through.
    open: bool,
}

/// Looks at the dataclasses of a module.
pub(super) fn dataclasses(module: &mut Module, next_id: &mut u32) {
    set_attributes(module);
    let options: Vec<(String, Span, Options)> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(class) => Some((class.name.name.clone(), s.span, options(class)?)),
            _ => None,
        })
        .collect();
    if options.is_empty() {
        return;
    }
    let calls = calls(module, options.iter().map(|(name, ..)| name.clone()));
    let mut completed: BTreeMap<String, Vec<(usize, String, Expr)>> = BTreeMap::new();
    for stmt in &mut module.body.stmts {
        let span = stmt.span;
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let Some((_, _, own)) = options.iter().find(|(name, ..)| *name == class.name.name) else {
            continue;
        };
        if class.made.is_some() {
            continue;
        }
        let by_name = |at: Span| {
            let definer = options.iter().find(|(_, whole, _)| whole.contains(at));
            definer.map_or(own.by_name, |(.., o)| o.by_name)
        };
        let Some(fields) = take_fields(&mut class.body, &by_name) else {
            continue;
        };
        let calls = calls.get(&class.name.name).cloned().unwrap_or_default();
        let missing = made(class, span, &fields, *own, &calls, next_id);
        if !missing.is_empty() {
            completed.insert(class.name.name.clone(), missing);
        }
    }
    complete(module, &completed, next_id);
}

/// `self.x = v` for `object.__setattr__(self, "x", v)`, which frozen dataclasses need.
fn set_attributes(module: &mut Module) {
    fn in_block(block: &mut Block) {
        for stmt in &mut block.stmts {
            if let StmtKind::Expr(Expr {
                kind:
                    ExprKind::Call {
                        func,
                        args,
                        keywords,
                    },
                span,
                id,
            }) = &mut stmt.kind
                && is_named(func, "object", "__setattr__")
                && matches!(&func.kind, ExprKind::Attribute { .. })
                && keywords.is_empty()
                && let [_, _, _] = args.as_slice()
                && let (Some(value), Some(name), Some(own)) = (args.pop(), args.pop(), args.pop())
            {
                stmt.kind = match &name.kind {
                    ExprKind::Str(text) => StmtKind::Assign {
                        targets: vec![Expr {
                            id: *id,
                            span: *span,
                            kind: ExprKind::Attribute {
                                value: Box::new(own),
                                attr: ast::Ident {
                                    span: name.span,
                                    name: text.clone(),
                                },
                            },
                        }],
                        value,
                    },
                    _ => StmtKind::Unsupported("`object.__setattr__` of a computed name".into()),
                };
            }
            for inner in ast::blocks_mut(stmt) {
                in_block(inner);
            }
        }
    }
    in_block(&mut module.body);
}

fn flag(keywords: &[Keyword], name: &str, default: bool) -> Option<bool> {
    let found = keywords
        .iter()
        .find(|k| k.name.as_ref().is_some_and(|n| n.name == name));
    match found.map(|k| &k.value.kind) {
        None => Some(default),
        Some(ExprKind::Bool(value)) => Some(*value),
        Some(_) => None,
    }
}

/// What the decorator of a dataclass says; none where it is not understood.
fn options(class: &Class) -> Option<Options> {
    let [decorator] = class.decorators.as_slice() else {
        return None;
    };
    let (name, keywords) = match &decorator.kind {
        ExprKind::Call {
            func,
            args,
            keywords,
        } if args.is_empty() => (&**func, keywords.as_slice()),
        _ => (decorator, [].as_slice()),
    };
    const KNOWN: [&str; 9] = [
        "init",
        "repr",
        "eq",
        "order",
        "frozen",
        "kw_only",
        "slots",
        "unsafe_hash",
        "match_args",
    ];
    let known = keywords.iter().all(|k| {
        let name = k.name.as_ref().map(|n| n.name.as_str());
        name.is_some_and(|n| KNOWN.contains(&n))
    });
    if !is_named(name, "dataclasses", "dataclass") || !known {
        return None;
    }
    let flag = |name, default| flag(keywords, name, default);
    Some(Options {
        init: flag("init", true)?,
        shown: flag("repr", true)?,
        equal: flag("eq", true)?,
        ordered: flag("order", false)?,
        frozen: flag("frozen", false)?,
        by_name: flag("kw_only", false)?,
    })
}

/// The fields of a class's body; each keeps its annotation, and its plain default.
fn take_fields(body: &mut Block, by_name: &dyn Fn(Span) -> bool) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut only_names = false;
    let mut stmts = Vec::new();
    for mut stmt in std::mem::take(&mut body.stmts) {
        let StmtKind::AnnAssign {
            target,
            annotation,
            value,
        } = &mut stmt.kind
        else {
            stmts.push(stmt);
            continue;
        };
        if is_named(annotation, "dataclasses", "KW_ONLY") {
            only_names = true;
            continue;
        }
        if annotated_as(annotation, "ClassVar") {
            match value.take() {
                Some(value) => {
                    stmt.kind = StmtKind::Assign {
                        targets: vec![target.clone()],
                        value,
                    };
                    stmts.push(stmt);
                }
                None => return None,
            }
            continue;
        }
        let ExprKind::Name(name) = &target.kind else {
            return None;
        };
        if annotated_as(annotation, "InitVar") {
            return None;
        }
        let mut field = Field::plain(name.clone(), value.take());
        field.by_name = only_names || by_name(stmt.span);
        if !settle(&mut field) {
            return None;
        }
        *value = field.default.clone();
        fields.push(field);
        stmts.push(stmt);
    }
    body.stmts = stmts;
    Some(fields)
}

/// Whether an annotation is `ClassVar`, `typing.ClassVar[int]`, `"ClassVar[int]"`.
fn annotated_as(annotation: &Expr, name: &str) -> bool {
    match &annotation.kind {
        ExprKind::Subscript { value, .. } => annotated_as(value, name),
        ExprKind::Str(text) => {
            let text = text
                .rsplit_once("typing.")
                .map_or(text.as_str(), |(_, t)| t);
            text == name || text.starts_with(&format!("{name}["))
        }
        _ => is_named(annotation, "typing", name) || is_named(annotation, "dataclasses", name),
    }
}

/// Reads `field(…)`; false where it is not understood.
fn settle(field: &mut Field) -> bool {
    let Some(Expr {
        kind: ExprKind::Call {
            func,
            args,
            keywords,
        },
        span,
        id,
    }) = &field.default
    else {
        return true;
    };
    if !is_named(func, "dataclasses", "field") {
        return true;
    }
    const KNOWN: [&str; 8] = [
        "default",
        "default_factory",
        "init",
        "repr",
        "compare",
        "hash",
        "kw_only",
        "metadata",
    ];
    let value = |name: &str| {
        keywords
            .iter()
            .find(|k| k.name.as_ref().is_some_and(|n| n.name == name))
            .map(|k| k.value.clone())
    };
    let known = keywords
        .iter()
        .all(|k| k.name.as_ref().is_some_and(|n| KNOWN.contains(&&*n.name)));
    let (Some(init), Some(shown), Some(compared), Some(by_name)) = (
        flag(keywords, "init", true),
        flag(keywords, "repr", true),
        flag(keywords, "compare", true),
        flag(keywords, "kw_only", field.by_name),
    ) else {
        return false;
    };
    if !args.is_empty() || !known {
        return false;
    }
    let made = value("default_factory").map(|factory| {
        let kind = match (&factory.kind, builtin(&factory)) {
            (_, Some(empty)) => empty,
            (ExprKind::Lambda { params, body }, _) if params.list.is_empty() => body.kind.clone(),
            _ => ExprKind::Call {
                func: Box::new(factory.clone()),
                args: Vec::new(),
                keywords: Vec::new(),
            },
        };
        let span = match &factory.kind {
            ExprKind::Lambda { body, .. } => body.span,
            _ => *span,
        };
        Expr {
            id: *id,
            span,
            kind,
        }
    });
    field.factory = made.is_some();
    field.init = init;
    field.shown = shown;
    field.compared = compared;
    field.by_name = by_name;
    field.default = made.or_else(|| value("default"));
    true
}

/// What `list()`, `dict()`, `float()` and kin give.
fn builtin(factory: &Expr) -> Option<ExprKind> {
    let ExprKind::Name(name) = &factory.kind else {
        return None;
    };
    Some(match name.as_str() {
        "list" => ExprKind::List(Vec::new()),
        "dict" => ExprKind::Dict(Vec::new()),
        "int" => ExprKind::Int(0.into()),
        "float" => ExprKind::Float(0.0),
        "bool" => ExprKind::Bool(false),
        "str" => ExprKind::Str(String::new()),
        "tuple" => ExprKind::Tuple(Vec::new()),
        _ => return None,
    })
}

/// Settles what Python makes of a class; the defaults that calls of its constructor have to
/// give, each with its place among the parameters.
fn made(
    class: &mut Class,
    span: Span,
    fields: &[Field],
    options: Options,
    calls: &Calls,
    next_id: &mut u32,
) -> Vec<(usize, String, Expr)> {
    let mut build = Build {
        next_id,
        span: class.name.span,
    };
    let all = fields.iter().all(|f| f.compared);
    let own = |class: &Class, name: &str| {
        let found = class
            .body
            .stmts
            .iter()
            .find(|s| matches!(&s.kind, StmtKind::Function(f) if f.name.name == name));
        found.is_some_and(|s| span.contains(s.span))
    };
    let mut made = Made {
        fields: fields.iter().map(|f| f.name.clone()).collect(),
        frozen: options.frozen,
        ..Made::default()
    };
    let name = class.name.name.clone();
    class.decorators.clear();
    let mut missing = Vec::new();
    let by_place = fields.iter().filter(|f| f.init && !f.by_name);
    let by_name = fields.iter().filter(|f| f.init && f.by_name);
    let params: Vec<&Field> = by_place.chain(by_name).collect();
    made.params = params.iter().map(|f| (f.name.clone(), f.by_name)).collect();
    let has_init = own(class, "__init__");
    let post = method(&class.body, "__post_init__").is_some();
    let unset = fields.iter().any(|f| !f.init && f.default.is_none());
    if !has_init && options.init && (post || unset) {
        // What no call gives need not be a parameter.
        let given: Vec<&Field> = params
            .iter()
            .enumerate()
            .filter(|(place, f)| {
                calls.open
                    || f.default.is_none()
                    || *place < calls.most && !f.by_name
                    || calls.names.contains(&f.name)
            })
            .map(|(_, f)| *f)
            .collect();
        constructor(class, fields, &given, post, &mut build);
        class.generated.push("__init__".into());
        for (place, field) in given.iter().enumerate() {
            if let (true, Some(default)) = (field.factory, &field.default) {
                missing.push((place, field.name.clone(), default.clone()));
            }
        }
    }
    let write = |class: &mut Class, stmt: Stmt| {
        if let StmtKind::Function(f) = &stmt.kind {
            let name = f.name.name.clone();
            class
                .body
                .stmts
                .retain(|s| !matches!(&s.kind, StmtKind::Function(f) if f.name.name == name));
            class.generated.push(name);
        }
        class.body.stmts.push(stmt);
    };
    if options.shown && !own(class, "__repr__") {
        let shown: Vec<&str> = fields
            .iter()
            .filter(|f| f.shown)
            .map(|f| f.name.as_str())
            .collect();
        let repr = repr(&name, &shown, &mut build);
        write(class, repr);
    }
    let compared: Vec<&str> = fields
        .iter()
        .filter(|f| f.compared)
        .map(|f| f.name.as_str())
        .collect();
    let own_eq = own(class, "__eq__");
    if options.equal && !own_eq && !all {
        let tests: Vec<Expr> = compared
            .iter()
            .map(|field| {
                let (a, b) = (build.of("self", field), build.of("other", field));
                build.compare(a, CompareOp::Eq, b)
            })
            .collect();
        let value = match <[Expr; 1]>::try_from(tests) {
            Ok([test]) => test,
            Err(tests) if tests.is_empty() => build.expr(ExprKind::Bool(true)),
            Err(values) => build.expr(ExprKind::Logical {
                op: BoolOp::And,
                values,
            }),
        };
        let stmt = build.operator("__eq__", &["other"], value);
        write(class, stmt);
    }
    if options.ordered && !all {
        for (name, op) in [
            ("__lt__", CompareOp::Lt),
            ("__le__", CompareOp::LtE),
            ("__gt__", CompareOp::Gt),
            ("__ge__", CompareOp::GtE),
        ] {
            let mut side = |own: &str| {
                let items: Vec<Expr> = compared.iter().map(|f| build.of(own, f)).collect();
                match <[Expr; 1]>::try_from(items) {
                    Ok([item]) => item,
                    Err(items) => build.expr(ExprKind::Tuple(items)),
                }
            };
            let (a, b) = (side("self"), side("other"));
            let value = build.compare(a, op, b);
            let stmt = build.operator(name, &["other"], value);
            write(class, stmt);
        }
    }
    made.equal = options.equal && !own_eq && all;
    made.ordered = options.ordered && all && !own(class, "__lt__");
    class.made = Some(made);
    missing
}

/// `Pose(x=…, y=…)`
pub(super) fn repr(class: &str, fields: &[&str], build: &mut Build<'_>) -> Stmt {
    let mut parts = Vec::new();
    let mut text = format!("{class}(");
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        text.push_str(&format!("{field}="));
        parts.push(FStringPart::Literal(std::mem::take(&mut text)));
        parts.push(FStringPart::Value {
            value: Box::new(build.of("self", field)),
            conversion: Some(Conversion::Repr),
            spec: Vec::new(),
        });
    }
    text.push(')');
    parts.push(FStringPart::Literal(text));
    let value = build.expr(ExprKind::FString(parts));
    build.operator("__repr__", &[], value)
}

/// Writes `__init__` out, with what `__post_init__` does at its end.
fn constructor(
    class: &mut Class,
    fields: &[Field],
    given: &[&Field],
    post: bool,
    build: &mut Build<'_>,
) {
    let mut params = vec![build.param("self", ParamKind::Normal, None)];
    for field in given {
        let kind = match field.by_name {
            true => ParamKind::KeywordOnly,
            false => ParamKind::Normal,
        };
        let default = field.default.clone().filter(|_| !field.factory);
        params.push(build.param(&field.name, kind, default));
    }
    let mut body = Vec::new();
    for field in fields {
        let value = match given.iter().any(|g| g.name == field.name) {
            true => Some(build.name(&field.name)),
            false => field.default.clone(),
        };
        if let Some(mut value) = value {
            super::copies::expr(&mut value, build.next_id);
            let target = build.of("self", &field.name);
            body.push(build.assign(target, value));
        }
    }
    let stmt = build.function("__init__", params, body);
    let StmtKind::Function(mut init) = stmt.kind.clone() else {
        return;
    };
    if post && let Some(hook) = method(&class.body, "__post_init__").cloned() {
        let own = build.of("self", "__post_init__");
        let call = build.call(own, Vec::new());
        let call = build.stmt(StmtKind::Expr(call));
        let before = std::mem::take(&mut init.body.stmts);
        let site = inline::Site {
            function: &init,
            before: &before,
            stmt: &call,
            this: "self",
            args: &[],
            keywords: &[],
        };
        let inlined = inline::body(&hook, &site, build.next_id);
        init.body.stmts = before;
        match inlined {
            Some(stmts) => {
                init.body.stmts.extend(stmts);
                class.body.stmts.retain(
                    |s| !matches!(&s.kind, StmtKind::Function(f) if f.name.name == "__post_init__"),
                );
            }
            None => init.body.stmts.push(call),
        }
    }
    let kind = StmtKind::Function(init);
    let at = class
        .body
        .stmts
        .iter()
        .position(|s| matches!(s.kind, StmtKind::Function(_)))
        .unwrap_or(class.body.stmts.len());
    class.body.stmts.insert(at, Stmt { kind, ..stmt });
}

/// How the classes of these names are called.
fn calls(module: &Module, classes: impl Iterator<Item = String>) -> BTreeMap<String, Calls> {
    struct Find(BTreeMap<String, Calls>, String);
    impl<'ast> ast::visit::Visitor<'ast> for Find {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                // An annotation makes no instance.
                StmtKind::AnnAssign { value, .. } => {
                    value.iter().for_each(|v| self.visit_expr(v));
                }
                StmtKind::Function(f) => {
                    let defaults = f.params.list.iter().filter_map(|p| p.default.as_ref());
                    defaults.for_each(|d| self.visit_expr(d));
                    self.visit_block(&f.body);
                }
                _ => ast::visit::walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
            {
                let name = match &func.kind {
                    ExprKind::Name(name) if name == "cls" => Some(&self.1),
                    ExprKind::Name(name) => Some(name),
                    _ => None,
                };
                if let Some(calls) = name.and_then(|name| self.0.get_mut(name)) {
                    calls.most = calls.most.max(args.len());
                    calls.open |= args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                        || keywords.iter().any(|k| k.name.is_none());
                    let names = keywords.iter().filter_map(|k| k.name.as_ref());
                    calls.names.extend(names.map(|n| n.name.clone()));
                    args.iter().for_each(|a| self.visit_expr(a));
                    keywords.iter().for_each(|k| self.visit_expr(&k.value));
                    return;
                }
                let asks = matches!(&func.kind, ExprKind::Name(n) if n == "isinstance");
                if let (true, [value, _]) = (asks, args.as_slice()) {
                    self.visit_expr(value);
                    return;
                }
            }
            match &e.kind {
                // `Class.name` is no use of its constructor.
                ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)) => {}
                ExprKind::Name(name) => {
                    if let Some(calls) = self.0.get_mut(name) {
                        calls.open = true;
                    }
                }
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let found = classes.map(|c| (c, Calls::default())).collect();
    let mut find = Find(found, String::new());
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Class(class) => {
                find.1 = class.name.name.clone();
                ast::visit::Visitor::visit_block(&mut find, &class.body);
            }
            _ => ast::visit::Visitor::visit_stmt(&mut find, stmt),
        }
    }
    find.0
}

/// Gives the calls of constructors the defaults that are made anew for each instance.
fn complete(
    module: &mut Module,
    missing: &BTreeMap<String, Vec<(usize, String, Expr)>>,
    next_id: &mut u32,
) {
    if missing.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let span = e.span;
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let ExprKind::Name(name) = &func.kind else {
            return;
        };
        for (place, field, default) in missing.get(name).into_iter().flatten() {
            let named = keywords
                .iter()
                .any(|k| k.name.as_ref().is_some_and(|n| n.name == *field));
            if args.len() > *place || named {
                continue;
            }
            let mut value = default.clone();
            super::copies::expr(&mut value, next_id);
            let name = Some(ast::Ident {
                span,
                name: field.clone(),
            });
            keywords.push(Keyword { name, value });
        }
    });
}
