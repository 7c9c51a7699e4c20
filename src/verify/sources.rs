//! Where a script depends on more than what a log holds.
//!
//! Enters: the script's text. Leaves: the clocks, random numbers, environment and hash
//! orders that it names, with their lines. It reads and does not prove: an alias may hide
//! one. This module must not run anything.

use super::verdict::Source;
use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{Alias, ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::parse::parse;
use crate::source::SourceFile;
use std::collections::BTreeMap;
use std::path::Path;

/// What is not in the log, by the dotted name's start.
const NAMES: [(&str, &str); 27] = [
    ("time.sleep", ""),
    ("time", "clock"),
    ("datetime.datetime.now", "clock"),
    ("datetime.datetime.utcnow", "clock"),
    ("datetime.datetime.today", "clock"),
    ("datetime.date.today", "clock"),
    ("random", "random"),
    ("numpy.random", "random"),
    ("secrets", "random"),
    ("uuid.uuid1", "random"),
    ("uuid.uuid4", "random"),
    ("os.urandom", "random"),
    ("os.environ", "environment"),
    ("os.getenv", "environment"),
    ("os.getpid", "environment"),
    ("os.getcwd", "environment"),
    ("os.listdir", "environment"),
    ("platform", "environment"),
    ("socket", "environment"),
    ("sys.argv", "environment"),
    ("subprocess", "environment"),
    ("threading", "environment"),
    ("open", "environment"),
    ("input", "environment"),
    ("requests", "environment"),
    ("hash", "hash order"),
    ("id", "hash order"),
];

/// Those of them that need no import.
const BUILTINS: [&str; 4] = ["open", "input", "hash", "id"];

/// The dependences of a script, by line.
pub fn of_script(path: &Path, text: &str) -> Vec<Source> {
    let file = SourceFile::new(path, "", text);
    let parsed = parse(&file);
    let mut scan = Scan {
        file: &file,
        imports: BTreeMap::new(),
        found: Vec::new(),
    };
    scan.visit_block(&parsed.module.body);
    scan.found.sort();
    scan.found.dedup();
    scan.found
}

struct Scan<'f> {
    file: &'f SourceFile,
    /// What a name of the script was imported as.
    imports: BTreeMap<String, String>,
    found: Vec<Source>,
}

impl Scan<'_> {
    fn import(&mut self, module: &str, names: &[Alias]) {
        for alias in names {
            let full = if module.is_empty() {
                alias.name.name.clone()
            } else {
                format!("{module}.{}", alias.name.name)
            };
            let here = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
            // `import a.b` binds `a`.
            let bare = module.is_empty() && alias.alias.is_none();
            let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
            let (here, full) = if bare {
                (first(&here), first(&full))
            } else {
                (here, full)
            };
            self.imports.insert(here, full);
        }
    }

    /// The dotted name of an expression, imports resolved.
    fn dotted(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => Some(self.imports.get(name).unwrap_or(name).clone()),
            ExprKind::Attribute { value, attr } => {
                Some(format!("{}.{}", self.dotted(value)?, attr.name))
            }
            _ => None,
        }
    }

    fn add(&mut self, expr: &Expr, kind: &str) {
        self.found.push(Source {
            line: self.file.line(expr.span.start),
            kind: kind.into(),
            what: self
                .file
                .slice(expr.span)
                .lines()
                .next()
                .unwrap_or_default()
                .into(),
        });
    }

    fn name(&mut self, expr: &Expr) -> bool {
        let Some(name) = self.dotted(expr) else {
            return false;
        };
        let is_name = matches!(expr.kind, ExprKind::Name(_));
        let imported = |start: &str| {
            let module = start.split('.').next().unwrap_or_default();
            let of = |full: &String| full.split('.').next() == Some(module);
            self.imports.values().any(of)
        };
        let fits = |start: &str| {
            name == start
                || name
                    .strip_prefix(start)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        let found = NAMES.iter().find(|(start, _)| {
            if BUILTINS.contains(start) {
                return is_name && name == *start;
            }
            // A module alone is no use of it.
            let bare = is_name && name == *start && !start.contains('.');
            fits(start) && !bare && imported(start)
        });
        match found {
            Some((_, "")) => true,
            Some((_, kind)) => {
                self.add(expr, kind);
                true
            }
            None => false,
        }
    }

    /// A set is iterated over in the order of its hashes.
    fn iterated(&mut self, iter: &Expr) {
        let is_set = match &iter.kind {
            ExprKind::Set(_) => true,
            ExprKind::Comprehension { kind, .. } => *kind == ComprehensionKind::Set,
            ExprKind::Call { func, .. } => {
                matches!(&func.kind, ExprKind::Name(name) if name == "set" || name == "frozenset")
            }
            _ => false,
        };
        if is_set {
            self.add(iter, "hash order");
        }
    }
}

impl<'ast> Visitor<'ast> for Scan<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Import(names) => self.import("", names),
            StmtKind::ImportFrom { module, names, .. } => {
                self.import(module.as_deref().unwrap_or_default(), names);
            }
            StmtKind::For { iter, .. } => self.iterated(iter),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match &expr.kind {
            ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if BUILTINS.contains(&n.as_str())) =>
            {
                self.name(func);
            }
            // What only bears such a name is none.
            ExprKind::Name(name) if BUILTINS.contains(&name.as_str()) => {}
            ExprKind::Attribute { attr, .. }
                if ["now", "now_ns", "recent", "recent_ns"].contains(&attr.name.as_str())
                    && self
                        .dotted(expr)
                        .is_some_and(|name| name.starts_with("ctx.")) =>
            {
                self.add(expr, "clock");
            }
            ExprKind::Attribute { .. } | ExprKind::Name(_) if self.name(expr) => return,
            ExprKind::Comprehension { clauses, .. } => {
                clauses
                    .iter()
                    .for_each(|clause| self.iterated(&clause.iter));
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let sources = of_script(Path::new("task.py"), text);
        let shown = sources
            .iter()
            .map(|s| format!("{} {}: {}", s.line, s.kind, s.what));
        shown.collect()
    }

    #[test]
    fn clocks_and_random_numbers_are_named_with_their_lines() {
        let text = "import time, os.path as p\nimport numpy as np\nfrom random import gauss as g\n\
                    import datetime as dt\nfrom os import environ\n\
                    def process(ctx, input, state, output):\n    a = time.time()\n    \
                    b = g(0, 1) + np.random.rand()\n    c = ctx.now() - ctx.recent_ns\n    \
                    d = dt.datetime.now()\n    e = environ['HOME']\n    time.sleep(0)\n    \
                    state.time = input.payload.time\n    id = state.id\n    return hash('a')\n";
        let expected = [
            "7 clock: time.time",
            "8 random: g",
            "8 random: np.random.rand",
            "9 clock: ctx.now",
            "9 clock: ctx.recent_ns",
            "10 clock: dt.datetime.now",
            "11 environment: environ",
            "15 hash order: hash",
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn the_order_of_a_set_is_named() {
        let text = "for x in {1, 2}:\n    pass\nys = [y for y in set(xs)]\nz = 3 in {3}\n\
                    for x in sorted(set(xs)):\n    pass\n";
        assert_eq!(
            found(text),
            ["1 hash order: {1, 2}", "3 hash order: set(xs)"]
        );
        assert_eq!(found("x = 1 +"), [""; 0]);
    }
}
