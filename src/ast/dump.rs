//! The tree as text, for tests and for people who debug.
//!
//! Enters: a [`Module`]. Leaves: one node a line, children indented under it, the same
//! bytes for the same tree. This module must not know any Python beyond the tree.

use super::*;
use std::fmt::Write;

/// What a dump shows beside the structure.
#[derive(Debug, Clone, Copy, Default)]
pub struct DumpOptions {
    /// The byte span of each node, as `@start..end`.
    pub spans: bool,
    /// Comments, and a blank line before a statement as `blank`.
    pub comments: bool,
}

/// The tree with its comments, without spans.
pub fn dump(module: &Module) -> String {
    let options = DumpOptions {
        spans: false,
        comments: true,
    };
    dump_with(module, options)
}

/// The tree with what `options` ask for.
pub fn dump_with(module: &Module, options: DumpOptions) -> String {
    let mut dumper = Dumper {
        out: String::new(),
        depth: 0,
        options,
    };
    dumper.line("", "module");
    dumper.nested(|d| {
        d.doc(&module.doc);
        d.block("body", &module.body);
    });
    dumper.out
}

/// A text in quotes, with everything but printable ASCII escaped as `\u{hex}`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            other => out.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
        }
    }
    out.push('"');
    out
}

struct Dumper {
    out: String,
    depth: usize,
    options: DumpOptions,
}

impl Dumper {
    fn line(&mut self, field: &str, text: &str) {
        self.indent();
        if !field.is_empty() {
            self.out.push_str(field);
            self.out.push_str(": ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn node(&mut self, field: &str, text: &str, span: Span) {
        if self.options.spans {
            let text = format!("{text} @{}..{}", span.start, span.end);
            self.line(field, &text);
        } else {
            self.line(field, text);
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    fn nested(&mut self, f: impl FnOnce(&mut Self)) {
        self.depth += 1;
        f(self);
        self.depth -= 1;
    }

    fn doc(&mut self, doc: &Option<Docstring>) {
        if let Some(doc) = doc {
            self.node("", &format!("doc {}", quoted(&doc.text)), doc.span);
        }
    }

    fn comment(&mut self, field: &str, comment: &Comment) {
        if self.options.comments {
            self.node(field, &format!("# {}", quoted(&comment.text)), comment.span);
        }
    }

    fn block(&mut self, field: &str, block: &Block) {
        if block.stmts.is_empty() && (block.trailing.is_empty() || !self.options.comments) {
            return;
        }
        self.line("", field);
        self.nested(|d| {
            for stmt in &block.stmts {
                d.stmt(stmt);
            }
            for comment in &block.trailing {
                d.comment("trailing", comment);
            }
        });
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if self.options.comments {
            if stmt.blank_before {
                self.line("", "blank");
            }
            for comment in &stmt.comments {
                self.comment("comment", comment);
            }
        }
        let head = match &stmt.kind {
            StmtKind::Function(f) => {
                let kind = if f.is_async { "async-def" } else { "def" };
                format!("{kind} {}", f.name.name)
            }
            StmtKind::Class(class) => format!("class {}", class.name.name),
            StmtKind::Return(_) => "return".to_owned(),
            StmtKind::Delete(_) => "del".to_owned(),
            StmtKind::Assign { .. } => "assign".to_owned(),
            StmtKind::AugAssign { op, .. } => format!("augassign {}", op.symbol()),
            StmtKind::AnnAssign { .. } => "annassign".to_owned(),
            StmtKind::If { .. } => "if".to_owned(),
            StmtKind::While { .. } => "while".to_owned(),
            StmtKind::For { is_async, .. } => flagged("for", *is_async),
            StmtKind::With { is_async, .. } => flagged("with", *is_async),
            StmtKind::Raise { .. } => "raise".to_owned(),
            StmtKind::Try { .. } => "try".to_owned(),
            StmtKind::Assert { .. } => "assert".to_owned(),
            StmtKind::Import(names) => format!("import{}", aliases(names)),
            StmtKind::ImportFrom {
                module,
                level,
                names,
            } => format!(
                "from {}{} import{}",
                ".".repeat(*level as usize),
                module.as_deref().unwrap_or(""),
                aliases(names)
            ),
            StmtKind::Global(names) => format!("global {}", names.join(" ")),
            StmtKind::Nonlocal(names) => format!("nonlocal {}", names.join(" ")),
            StmtKind::Expr(_) => "expr".to_owned(),
            StmtKind::Pass => "pass".to_owned(),
            StmtKind::Break => "break".to_owned(),
            StmtKind::Continue => "continue".to_owned(),
            StmtKind::Match { .. } => "match".to_owned(),
            StmtKind::Unsupported(what) => format!("unsupported {}", quoted(what)),
        };
        self.node("", &head, stmt.span);
        self.nested(|d| {
            if let Some(comment) = &stmt.line_comment {
                d.comment("line", comment);
            }
            d.stmt_children(&stmt.kind);
        });
    }

    fn stmt_children(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Function(f) => {
                self.exprs("decorator", &f.decorators);
                self.params(&f.params);
                self.exprs("returns", &f.returns);
                self.doc(&f.doc);
                self.block("body", &f.body);
            }
            StmtKind::Class(class) => {
                self.exprs("decorator", &class.decorators);
                self.exprs("base", &class.bases);
                self.keywords(&class.keywords);
                self.doc(&class.doc);
                self.block("body", &class.body);
            }
            StmtKind::Return(value) => self.exprs("value", value),
            StmtKind::Delete(targets) => self.exprs("target", targets),
            StmtKind::Assign { targets, value } => {
                self.exprs("target", targets);
                self.expr("value", value);
            }
            StmtKind::AugAssign {
                target,
                op: _,
                value,
            } => {
                self.expr("target", target);
                self.expr("value", value);
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                self.expr("target", target);
                self.expr("annotation", annotation);
                self.exprs("value", value);
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.expr("test", test);
                self.block("body", body);
                self.block("else", orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async: _,
            } => {
                self.expr("target", target);
                self.expr("iter", iter);
                self.block("body", body);
                self.block("else", orelse);
            }
            StmtKind::With {
                items,
                body,
                is_async: _,
            } => {
                for (context, target) in items {
                    self.expr("item", context);
                    self.exprs("as", target);
                }
                self.block("body", body);
            }
            StmtKind::Raise { exc, cause } => {
                self.exprs("exc", exc);
                self.exprs("cause", cause);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block("body", body);
                for handler in handlers {
                    let name = handler.name.as_ref().map(|n| format!(" as {}", n.name));
                    let head = format!("except{}", name.unwrap_or_default());
                    self.node("", &head, handler.span);
                    self.nested(|d| {
                        d.exprs("type", &handler.types);
                        d.block("body", &handler.body);
                    });
                }
                self.block("else", orelse);
                self.block("finally", finalbody);
            }
            StmtKind::Assert { test, message } => {
                self.expr("test", test);
                self.exprs("message", message);
            }
            StmtKind::Expr(value) => self.expr("value", value),
            StmtKind::Match { subject, cases } => {
                self.expr("subject", subject);
                for case in cases {
                    self.node("", "case", case.span);
                    self.nested(|d| {
                        d.pattern("pattern", &case.pattern);
                        d.exprs("guard", &case.guard);
                        d.block("body", &case.body);
                    });
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

    fn exprs<'a>(&mut self, field: &str, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.expr(field, expr);
        }
    }

    fn keywords(&mut self, keywords: &[Keyword]) {
        for keyword in keywords {
            match &keyword.name {
                Some(name) => self.expr(&format!("{}=", name.name), &keyword.value),
                None => self.expr("**", &keyword.value),
            }
        }
    }

    fn params(&mut self, params: &Params) {
        for param in &params.list {
            let kind = match param.kind {
                ParamKind::PositionalOnly => "positional-only ",
                ParamKind::Normal => "",
                ParamKind::VarArgs => "*",
                ParamKind::KeywordOnly => "keyword-only ",
                ParamKind::KwArgs => "**",
            };
            self.node(
                "param",
                &format!("{kind}{}", param.name.name),
                param.name.span,
            );
            self.nested(|d| {
                d.exprs("annotation", &param.annotation);
                d.exprs("default", &param.default);
            });
        }
    }

    fn expr(&mut self, field: &str, expr: &Expr) {
        let head = match &expr.kind {
            ExprKind::None => "None".to_owned(),
            ExprKind::Bool(true) => "True".to_owned(),
            ExprKind::Bool(false) => "False".to_owned(),
            ExprKind::Int(value) => format!("int 0x{value:x}"),
            ExprKind::Float(value) => format!("float {value:?}"),
            ExprKind::Imaginary(value) => format!("imaginary {value:?}"),
            ExprKind::Str(text) => format!("str {}", quoted(text)),
            ExprKind::Bytes(bytes) => {
                let mut text = String::from("bytes ");
                for byte in bytes {
                    let _ = write!(text, "{byte:02x}");
                }
                text
            }
            ExprKind::Ellipsis => "ellipsis".to_owned(),
            ExprKind::FString(_) => "fstring".to_owned(),
            ExprKind::Name(name) => format!("name {name}"),
            ExprKind::Attribute { attr, .. } => format!("attribute {}", attr.name),
            ExprKind::Subscript { .. } => "subscript".to_owned(),
            ExprKind::Slice { .. } => "slice".to_owned(),
            ExprKind::Call { .. } => "call".to_owned(),
            ExprKind::Unary { op, .. } => {
                let op = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Pos => "+",
                    UnaryOp::Invert => "~",
                    UnaryOp::Not => "not",
                };
                format!("unary {op}")
            }
            ExprKind::Binary { op, .. } => format!("binary {}", op.symbol()),
            ExprKind::Logical { op, .. } => match op {
                BoolOp::And => "and".to_owned(),
                BoolOp::Or => "or".to_owned(),
            },
            ExprKind::Compare { ops, .. } => {
                let ops: Vec<_> = ops.iter().map(|op| compare_symbol(*op)).collect();
                format!("compare {}", ops.join(" "))
            }
            ExprKind::Conditional { .. } => "conditional".to_owned(),
            ExprKind::Tuple(_) => "tuple".to_owned(),
            ExprKind::List(_) => "list".to_owned(),
            ExprKind::Set(_) => "set".to_owned(),
            ExprKind::Dict(_) => "dict".to_owned(),
            ExprKind::Starred(_) => "starred".to_owned(),
            ExprKind::Named { target, .. } => format!("named {}", target.name),
            ExprKind::Lambda { .. } => "lambda".to_owned(),
            ExprKind::Comprehension { kind, .. } => match kind {
                ComprehensionKind::List => "list-comprehension".to_owned(),
                ComprehensionKind::Set => "set-comprehension".to_owned(),
                ComprehensionKind::Dict => "dict-comprehension".to_owned(),
                ComprehensionKind::Generator => "generator".to_owned(),
            },
            ExprKind::Yield(_) => "yield".to_owned(),
            ExprKind::YieldFrom(_) => "yield-from".to_owned(),
            ExprKind::Await(_) => "await".to_owned(),
            ExprKind::Unsupported(what) => format!("unsupported {}", quoted(what)),
        };
        self.node(field, &head, expr.span);
        self.nested(|d| d.expr_children(&expr.kind));
    }

    fn expr_children(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::Attribute { value, attr: _ } => self.expr("value", value),
            ExprKind::Subscript { value, index } => {
                self.expr("value", value);
                self.expr("index", index);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.exprs("lower", lower.as_deref());
                self.exprs("upper", upper.as_deref());
                self.exprs("step", step.as_deref());
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr("func", func);
                self.exprs("arg", args);
                self.keywords(keywords);
            }
            ExprKind::Unary { op: _, operand } => self.expr("operand", operand),
            ExprKind::Binary { op: _, left, right } => {
                self.expr("left", left);
                self.expr("right", right);
            }
            ExprKind::Logical { op: _, values } => self.exprs("value", values),
            ExprKind::Compare { left, ops: _, rest } => {
                self.expr("left", left);
                self.exprs("right", rest);
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.expr("test", test);
                self.expr("body", body);
                self.expr("else", orelse);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.exprs("", items);
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    match key {
                        Some(key) => {
                            self.expr("key", key);
                            self.expr("value", value);
                        }
                        None => self.expr("**", value),
                    }
                }
            }
            ExprKind::Named { target: _, value }
            | ExprKind::Starred(value)
            | ExprKind::YieldFrom(value)
            | ExprKind::Await(value) => self.expr("value", value),
            ExprKind::Lambda { params, body } => {
                self.params(params);
                self.expr("body", body);
            }
            ExprKind::Comprehension {
                kind: _,
                element,
                value,
                clauses,
            } => {
                self.expr("element", element);
                self.exprs("value", value.as_deref());
                for clause in clauses {
                    self.line("", &flagged("for", clause.is_async));
                    self.nested(|d| {
                        d.expr("target", &clause.target);
                        d.expr("iter", &clause.iter);
                        d.exprs("if", &clause.ifs);
                    });
                }
            }
            ExprKind::Yield(value) => self.exprs("value", value.as_deref()),
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis
            | ExprKind::Name(_)
            | ExprKind::Unsupported(_) => {}
        }
    }

    fn fstring(&mut self, parts: &[FStringPart]) {
        for part in parts {
            match part {
                FStringPart::Literal(text) => self.line("", &format!("literal {}", quoted(text))),
                FStringPart::Value {
                    value,
                    conversion,
                    spec,
                } => {
                    let conversion = match conversion {
                        None => "field",
                        Some(Conversion::Str) => "field !s",
                        Some(Conversion::Repr) => "field !r",
                        Some(Conversion::Ascii) => "field !a",
                    };
                    self.line("", conversion);
                    self.nested(|d| {
                        d.expr("value", value);
                        if !spec.is_empty() {
                            d.line("", "spec");
                            d.nested(|d| d.fstring(spec));
                        }
                    });
                }
            }
        }
    }

    fn pattern(&mut self, field: &str, pattern: &Pattern) {
        let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "_".to_owned());
        let head = match &pattern.kind {
            PatternKind::Value(_) => "value-pattern".to_owned(),
            PatternKind::Singleton(_) => "singleton-pattern".to_owned(),
            PatternKind::Sequence(_) => "sequence-pattern".to_owned(),
            PatternKind::Mapping { rest, .. } => match rest {
                Some(rest) => format!("mapping-pattern **{rest}"),
                None => "mapping-pattern".to_owned(),
            },
            PatternKind::Class { .. } => "class-pattern".to_owned(),
            PatternKind::Star(name) => format!("star-pattern {}", named(name)),
            PatternKind::As { name, .. } => format!("as-pattern {}", named(name)),
            PatternKind::Or(_) => "or-pattern".to_owned(),
        };
        self.node(field, &head, pattern.span);
        self.nested(|d| match &pattern.kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => d.expr("", value),
            PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
                for pattern in patterns {
                    d.pattern("", pattern);
                }
            }
            PatternKind::Mapping { items, rest: _ } => {
                for (key, pattern) in items {
                    d.expr("key", key);
                    d.pattern("value", pattern);
                }
            }
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => {
                d.expr("class", class);
                for pattern in positional {
                    d.pattern("", pattern);
                }
                for (name, pattern) in keywords {
                    d.pattern(&format!("{name}="), pattern);
                }
            }
            PatternKind::As { pattern, name: _ } => {
                if let Some(pattern) = pattern {
                    d.pattern("", pattern);
                }
            }
            PatternKind::Star(_) => {}
        });
    }
}

fn flagged(word: &str, is_async: bool) -> String {
    if is_async {
        format!("async-{word}")
    } else {
        word.to_owned()
    }
}

fn aliases(names: &[Alias]) -> String {
    let mut out = String::new();
    for alias in names {
        let _ = write!(out, " {}", alias.name.name);
        if let Some(asname) = &alias.alias {
            let _ = write!(out, " as {}", asname.name);
        }
    }
    out
}

fn compare_symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtE => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtE => ">=",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is-not",
        CompareOp::In => "in",
        CompareOp::NotIn => "not-in",
    }
}
