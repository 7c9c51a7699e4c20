//! The tree as text, for tests and for people who debug.
//!
//! Enters: a [`Module`]. Leaves: one node a line, children indented under it, the same
//! bytes for the same tree. This module must not know any Python beyond the tree.

mod expr;

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
