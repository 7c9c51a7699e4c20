//! `text.encode("ascii")`, where only its bytes count.
//!
//! Enters: the module. Leaves: the same, where what is run through, counted, indexed or added up
//! alone is [`BYTES`] of the text: numbers from 0 to 255. What is shown, compared or kept stays:
//! it is a `bytes` object to Python. This module must not know types.

use super::build::Build;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, Expr, ExprKind, Function, MethodKind, Module, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// The function that gives the bytes of a text in an encoding.
pub const BYTES: &str = "bytes.of";

/// Builtins that look at the numbers alone.
const LOOKING: [&str; 13] = [
    "all",
    "any",
    "enumerate",
    "len",
    "list",
    "map",
    "max",
    "min",
    "reversed",
    "set",
    "sorted",
    "sum",
    "zip",
];

/// Rewrites the texts that are encoded.
pub(super) fn encoded(module: &mut Module, next_id: &mut u32) {
    let mut found = Found::default();
    found.visit_block(&module.body);
    if found.encodes.is_empty() || found.own {
        return;
    }
    let takers = Takers::of(module, !found.reads_errors);
    let mut uses = Uses {
        takers: &takers,
        fits: BTreeSet::new(),
        seen: Vec::new(),
    };
    uses.visit_block(&module.body);
    let mut fits = uses.fits;
    for function in module.body.functions_and_methods() {
        kept(function, &takers, &mut fits);
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        if fits.contains(&e.id)
            && let Some((text, encoding)) = text_of(e)
        {
            let (text, encoding) = (text.clone(), encoding.to_string());
            let mut build = Build {
                next_id,
                span: e.span,
            };
            let encoding = build.expr(ExprKind::Str(encoding));
            let bytes = build.name(BYTES);
            e.kind = build.call(bytes, vec![text, encoding]).kind;
        }
    });
}

/// The text of `text.encode("ascii")`, and the encoding.
fn text_of(e: &Expr) -> Option<(&Expr, &'static str)> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let (text, encoding) = match (&func.kind, args.as_slice()) {
        (ExprKind::Attribute { value, attr }, []) if attr.name == "encode" => {
            return keywords.is_empty().then_some((&**value, "utf-8"));
        }
        (ExprKind::Attribute { value, attr }, [encoding]) if attr.name == "encode" => {
            (&**value, encoding)
        }
        (ExprKind::Name(name), [text, encoding]) if name == "bytes" || name == "bytearray" => {
            (text, encoding)
        }
        _ => return None,
    };
    let ExprKind::Str(encoding) = &encoding.kind else {
        return None;
    };
    let encoding = match encoding.to_lowercase().as_str() {
        "ascii" | "us-ascii" => "ascii",
        "utf-8" | "utf8" | "utf_8" => "utf-8",
        _ => return None,
    };
    keywords.is_empty().then_some((text, encoding))
}

/// What the module encodes, whether it has an `encode` of its own, and whether it may read what
/// an IndexError says, which is another thing of `bytes` than of a list.
#[derive(Default)]
struct Found {
    encodes: BTreeSet<ast::NodeId>,
    own: bool,
    reads_errors: bool,
}

impl<'ast> Visitor<'ast> for Found {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let bound = super::callables::top_bound(stmt);
        self.own |= bound
            .iter()
            .any(|n| n == "encode" || n == "bytes" || LOOKING.contains(&n.as_str()));
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            self.reads_errors |= handlers.iter().any(|h| h.name.is_some());
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if text_of(e).is_some() {
            self.encodes.insert(e.id);
        }
        visit::walk_expr(self, e);
    }
}

/// The parameters of functions of which only the numbers count: how many come before each.
struct Takers {
    /// By the name of the function, of a method as `.name`.
    places: BTreeMap<String, BTreeSet<usize>>,
    /// Whether a number may be asked for by its place.
    items: bool,
}

impl Takers {
    fn of(module: &Module, items: bool) -> Takers {
        let none = Takers {
            places: BTreeMap::new(),
            items,
        };
        let mut places: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut add = |key: String, function: &Function, skip: usize| {
            let looked_at = |(at, param): (usize, &ast::Param)| {
                let plain = param.kind == ParamKind::Normal;
                let fits = plain && looks(&function.body, &param.name.name, &none);
                fits.then(|| at.checked_sub(skip)).flatten()
            };
            let params = function.params.list.iter().enumerate();
            let own: BTreeSet<usize> = params.filter_map(looked_at).collect();
            // Of several of a name it is not known which is called.
            places.entry(key).and_modify(BTreeSet::clear).or_insert(own);
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(f) if f.decorators.is_empty() => {
                    add(f.name.name.clone(), f, 0);
                }
                StmtKind::Class(class) => {
                    for f in class.body.functions() {
                        let skip = match f.method_kind() {
                            Ok(MethodKind::Static) => 0,
                            Ok(MethodKind::Method | MethodKind::Class) => 1,
                            _ => continue,
                        };
                        add(format!(".{}", f.name.name), f, skip);
                    }
                }
                _ => {}
            }
        }
        let bound = super::callables::times_bound(module);
        places.retain(|name, _| name.starts_with('.') || bound.get(name) == Some(&1));
        Takers { places, items }
    }

    /// Whether what is called looks at the numbers of that argument alone.
    fn looks(&self, func: &Expr, at: usize) -> bool {
        let key = match &func.kind {
            ExprKind::Name(name) if LOOKING.contains(&name.as_str()) => return true,
            ExprKind::Name(name) => name.clone(),
            ExprKind::Attribute { attr, .. } => format!(".{}", attr.name),
            _ => return false,
        };
        self.places.get(&key).is_some_and(|all| all.contains(&at))
    }
}

/// The places in which a value is looked at.
struct Uses<'t> {
    takers: &'t Takers,
    /// The expressions that stand in such a place.
    fits: BTreeSet<ast::NodeId>,
    /// The names that do.
    seen: Vec<String>,
}

impl Uses<'_> {
    fn looked_at(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(name) => self.seen.push(name.clone()),
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. })
                    && matches!(value.kind, ExprKind::Name(_)) =>
            {
                self.looked_at(value);
            }
            _ => drop(self.fits.insert(e.id)),
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { iter, .. } = &stmt.kind {
            self.looked_at(iter);
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.looked_at(&c.iter));
            }
            ExprKind::Subscript { value, index }
                if self.takers.items && !matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.looked_at(value);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.iter().all(|k| k.name.is_some()) => {
                let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
                for (at, arg) in args.iter().enumerate() {
                    if args.iter().any(starred) {
                        break;
                    }
                    if self.takers.looks(func, at) {
                        self.looked_at(arg);
                    }
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Whether a block only looks at what a name stands for, and never binds it.
fn looks(block: &Block, name: &str, takers: &Takers) -> bool {
    others(block, name, takers) == 0
}

/// How often a name stands in a block where more than a look may be taken at its value.
fn others(block: &Block, name: &str, takers: &Takers) -> usize {
    let mut uses = Uses {
        takers,
        fits: BTreeSet::new(),
        seen: Vec::new(),
    };
    uses.visit_block(block);
    let looking = uses.seen.iter().filter(|n| *n == name).count();
    let mut all = Mentions { name, count: 0 };
    all.visit_block(block);
    // All of which it looks at it mentions.
    all.count.saturating_sub(looking)
}

/// Every place in which a name stands.
struct Mentions<'n> {
    name: &'n str,
    count: usize,
}

impl<'ast> Visitor<'ast> for Mentions<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            // A function within may see it.
            StmtKind::Function(_) | StmtKind::Class(_) => self.count += 1,
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.count += names.iter().filter(|n| *n == self.name).count();
            }
            _ => {}
        }
        // An item of `bytes` cannot be assigned.
        for target in stmt.targets() {
            if let ExprKind::Subscript { value, .. } = &target.kind
                && matches!(&value.kind, ExprKind::Name(n) if n == self.name)
            {
                self.count += 1;
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(n) if n == self.name => self.count += 1,
            ExprKind::Lambda { .. } => self.count += 1,
            ExprKind::Named { target, .. } if target.name == self.name => self.count += 1,
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// `data = text.encode()`, where `data` is only looked at.
fn kept(function: &Function, takers: &Takers, fits: &mut BTreeSet<ast::NodeId>) {
    fn assigned<'e>(block: &'e Block, out: &mut Vec<(&'e str, &'e Expr)>) {
        for stmt in &block.stmts {
            if let Some((target, value)) = stmt.assigned()
                && let ExprKind::Name(name) = &target.kind
                && text_of(value).is_some()
            {
                out.push((name, value));
            }
            for inner in ast::branches(stmt) {
                assigned(inner, out);
            }
        }
    }
    let mut found = Vec::new();
    assigned(&function.body, &mut found);
    let names = super::names::Names::of(function);
    for (name, value) in found {
        // It is bound at one place.
        if names.bound.get(name) == Some(&1) && others(&function.body, name, takers) == 1 {
            fits.insert(value.id);
        }
    }
}
