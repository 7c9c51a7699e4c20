//! The words of a piece of Rust: names of variables and functions, fields, and methods.
//!
//! Enters: a block or an expression. Leaves: each word, to be read or to be replaced. What
//! stands in texts is none.

use crate::ir::expr::Expr;
use crate::ir::{Block, Stmt, StmtKind};

/// What a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A field: `.name`, or a field of a struct's value or pattern.
    Field,
    /// A method, or a function of a type: `.name(`, `Type::name`.
    Method,
    /// A variable that a pattern or a `let` binds.
    Bound,
    /// A variable, a constant, a function of the module, a type.
    Name,
}

/// Told of each word; what it returns takes the word's place.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Role, &str) -> Option<String>;

/// The words of a block.
pub(super) fn in_block(block: &mut Block, visit: Visit<'_>) {
    for stmt in &mut block.stmts {
        in_stmt(stmt, visit);
    }
    if let Some(value) = &mut block.value {
        in_expr(value, visit);
    }
}

fn in_stmt(stmt: &mut Stmt, visit: Visit<'_>) {
    match &mut stmt.kind {
        StmtKind::Let { name, .. } => whole(name, Role::Bound, visit),
        StmtKind::LetPattern { pattern, names, .. } | StmtKind::For { pattern, names, .. } => {
            for name in names {
                whole(name, Role::Bound, visit);
            }
            in_pattern(pattern, visit);
        }
        StmtKind::Assign { .. }
        | StmtKind::Expr(_)
        | StmtKind::Return(_)
        | StmtKind::Break(_)
        | StmtKind::Continue(_)
        | StmtKind::While { .. }
        | StmtKind::Loop { .. }
        | StmtKind::Block { .. }
        | StmtKind::Comment(_)
        | StmtKind::LineComment(_)
        | StmtKind::Blank => {}
    }
    // One visitor cannot be lent to both at once.
    stmt.for_each_child_mut(&mut |e| in_expr(e, visit), &mut |_| {});
    stmt.for_each_child_mut(&mut |_| {}, &mut |b| in_block(b, visit));
}

/// The words of an expression.
pub(super) fn in_expr(e: &mut Expr, visit: Visit<'_>) {
    match e {
        Expr::Atom(text) => in_text(text, visit),
        Expr::ConstInt { name, .. } => in_text(name, visit),
        Expr::Call(callee, _) => in_text(callee, visit),
        Expr::Field(_, name) => whole(name, Role::Field, visit),
        Expr::Method(_, name, _) => whole(name, Role::Method, visit),
        Expr::Struct { fields, .. } => {
            for (name, _) in fields {
                whole(name, Role::Field, visit);
            }
        }
        Expr::Let(pattern, _) | Expr::Closure(pattern, _) => in_pattern(pattern, visit),
        Expr::Match { arms, .. } => {
            for arm in arms {
                in_pattern(&mut arm.pattern, visit);
            }
        }
        Expr::NegLit(_)
        | Expr::Index(..)
        | Expr::Macro(..)
        | Expr::Unary(..)
        | Expr::Binary(..)
        | Expr::Cast(..)
        | Expr::Ref(_)
        | Expr::RefMut(_)
        | Expr::Deref(_)
        | Expr::Try(_)
        | Expr::If { .. }
        | Expr::Block(_)
        | Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Repeat(..)
        | Expr::Range { .. }
        | Expr::Hole(_) => {}
    }
    e.for_each_child_mut(&mut |e| in_expr(e, visit), &mut |_| {});
    e.for_each_child_mut(&mut |_| {}, &mut |b| in_block(b, visit));
}

fn whole(name: &mut String, role: Role, visit: Visit<'_>) {
    if let Some(new) = visit(role, name) {
        *name = new;
    }
}

/// A piece of Rust that is kept as text.
struct Scan<'t> {
    rest: &'t str,
    out: String,
    changed: bool,
}

impl<'t> Scan<'t> {
    fn of(text: &'t str) -> Self {
        Scan {
            rest: text,
            out: String::new(),
            changed: false,
        }
    }

    /// What stands before the next word that is none of a text, and that word.
    fn next(&mut self) -> Option<(&'t str, &'t str)> {
        let text = self.rest;
        let mut chars = text.char_indices().peekable();
        let mut quoted = false;
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if quoted => {
                    chars.next();
                }
                '"' => quoted = !quoted,
                _ if quoted => {}
                // A lifetime, a label, a char, or a number with what belongs to it.
                '\'' | '0'..='9' => {
                    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '\\';
                    while chars.next_if(|(_, c)| part(*c)).is_some() {}
                }
                _ if c.is_alphabetic() || c == '_' => {
                    let part = |c: char| c.is_alphanumeric() || c == '_';
                    while chars.next_if(|(_, c)| part(*c)).is_some() {}
                    let end = chars.peek().map_or(text.len(), |(at, _)| *at);
                    let (before, from) = text.split_at(at);
                    let (word, rest) = from.split_at(end - at);
                    self.rest = rest;
                    return Some((before, word));
                }
                _ => {}
            }
        }
        None
    }

    fn say(&mut self, before: &str, word: &str, new: Option<String>) {
        self.out.push_str(before);
        self.changed |= new.is_some();
        self.out.push_str(new.as_deref().unwrap_or(word));
    }

    fn finish(self, text: &str) -> Option<String> {
        debug_assert!(text.ends_with(self.rest));
        self.changed.then(|| self.out + self.rest)
    }
}

/// Words of an expression that is kept as text.
fn in_text(text: &mut String, visit: Visit<'_>) {
    let mut scan = Scan::of(text);
    while let Some((before, word)) = scan.next() {
        let after = scan.rest;
        let role = if before.ends_with("::") && !scan.out.ends_with("self") {
            Role::Method
        } else if !before.ends_with('.') || before.ends_with("..") {
            Role::Name
        } else if after.starts_with('(') || after.starts_with("::") {
            Role::Method
        } else {
            Role::Field
        };
        let new = visit(role, word);
        scan.say(before, word, new);
    }
    if let Some(new) = scan.finish(text) {
        *text = new;
    }
}

/// Words of a pattern, or of the parameters of a closure.
fn in_pattern(text: &mut String, visit: Visit<'_>) {
    let mut scan = Scan::of(text);
    let mut braces = 0_usize;
    while let Some((before, word)) = scan.next() {
        for c in before.chars() {
            match c {
                '{' => braces += 1,
                '}' => braces = braces.saturating_sub(1),
                _ => {}
            }
        }
        let after = scan.rest.trim_start();
        let path = before.ends_with("::") || after.starts_with("::");
        let named = after.starts_with('(') || after.starts_with('{');
        let literal = matches!(word, "true" | "false" | "mut" | "ref" | "None" | "_");
        if literal || path || named {
            // A type or a variant of one.
            scan.say(before, word, None);
        } else if braces == 0 {
            let new = visit(Role::Bound, word);
            scan.say(before, word, new);
        } else if after.starts_with(':') {
            let new = visit(Role::Field, word);
            scan.say(before, word, new);
        } else if before.trim_end().ends_with(':') {
            let new = visit(Role::Bound, word);
            scan.say(before, word, new);
        } else {
            let (field, bound) = (visit(Role::Field, word), visit(Role::Bound, word));
            let new = match field == bound {
                true => field,
                false => Some(format!(
                    "{}: {}",
                    field.as_deref().unwrap_or(word),
                    bound.as_deref().unwrap_or(word)
                )),
            };
            scan.say(before, word, new);
        }
    }
    if let Some(new) = scan.finish(text) {
        *text = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(role: Role, word: &str) -> Option<String> {
        let new = match role {
            Role::Field => "field",
            Role::Method => "method",
            Role::Bound => "bound",
            Role::Name => "name",
        };
        word.starts_with('x').then(|| new.to_owned())
    }

    fn text(text: &str) -> String {
        let mut e = Expr::Atom(text.to_owned());
        in_expr(&mut e, &mut spelled);
        crate::ir::print::expr(&e)
    }

    fn pattern(text: &str) -> String {
        let mut text = text.to_owned();
        in_pattern(&mut text, &mut spelled);
        text
    }

    #[test]
    fn words_of_texts() {
        assert_eq!(text("x1"), "name");
        assert_eq!(text("self.x1"), "self.field");
        assert_eq!(text("Pid::x1"), "Pid::method");
        assert_eq!(text("self::x1"), "self::name");
        assert_eq!(text("x1.x2(x3, 0x4)"), "name.method(name, 0x4)");
        assert_eq!(text("x1..x2"), "name..name");
        assert_eq!(text(r#""x1 \" x2""#), r#""x1 \" x2""#);
        assert_eq!(text("'x'"), "'x'");
        assert_eq!(text(r"'\''"), r"'\''");
    }

    #[test]
    fn words_of_patterns() {
        assert_eq!(pattern("Some(x1)"), "Some(bound)");
        assert_eq!(pattern("&(x1, mut y)"), "&(bound, mut y)");
        assert_eq!(pattern("x1::A | b::x2"), "x1::A | b::x2");
        assert_eq!(pattern("A { x1: x2, .. }"), "A { field: bound, .. }");
        assert_eq!(pattern("A { x1, ref y }"), "A { field: bound, ref y }");
        assert_eq!(pattern("\"x1\" | 'x'"), "\"x1\" | 'x'");
    }
}
