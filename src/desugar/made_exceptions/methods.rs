//! Methods and properties of exceptions: `e.describe()` in a handler.
//!
//! Enters: the module. Leaves: the same, where such a method is a function of what it reads
//! of its exception, `describe(e.step, e.severity)`, and `isinstance` chooses where the classes
//! that a handler may catch have several. A class whose methods cannot be told apart from what
//! they read keeps them, and is refused later. This module must not know types.

use super::classes::{Family, is_lifted, is_property};
use crate::ast::{
    self, Conversion, Expr, ExprKind, FStringPart, Function, Module, Param, ParamKind, Stmt,
    StmtKind,
};
use crate::desugar::build::Build;
use crate::desugar::callables::module_bound;
use crate::desugar::copies;
use crate::desugar::inherit::snake;
use crate::desugar::names::{Names, free};
use std::collections::{BTreeMap, BTreeSet};

/// How often a method may lead to another.
const MOST_DEPTH: usize = 8;

/// What a method reads of its exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Read {
    /// `str(self)`
    Message,
    /// `self.args[0]`
    First,
    /// `type(self).__name__`
    ClassName,
    /// `self.attr`
    Attr(String),
}

impl Read {
    /// What the function calls it.
    fn param(&self) -> &str {
        match self {
            Read::Message => "message",
            Read::First => "text",
            Read::ClassName => "class_name",
            Read::Attr(attr) => attr,
        }
    }

    /// What it is of a caught exception.
    fn of(&self, e: &Expr, build: &mut Build<'_>) -> Expr {
        let e = build.again(e);
        match self {
            Read::Message => {
                let func = build.name("str");
                build.call(func, vec![e])
            }
            Read::First => {
                let args = build.attr(e, "args");
                let index = build.expr(ExprKind::Int(0.into()));
                build.expr(ExprKind::Subscript {
                    value: Box::new(args),
                    index: Box::new(index),
                })
            }
            Read::ClassName => {
                let func = build.name("type");
                let class = build.call(func, vec![e]);
                build.attr(class, "__name__")
            }
            Read::Attr(attr) => build.attr(e, attr),
        }
    }
}

/// A method as a function of the module.
struct Lifted {
    /// What it reads, in the order of its parameters.
    reads: Vec<Read>,
    function: Function,
    /// What it is called.
    name: String,
}

/// Rewrites the module.
pub(super) fn methods(module: &mut Module, next_id: &mut u32) {
    let family = Family::of(module);
    let any = family.classes.values().any(|class| {
        let mut functions = class.body.stmts.iter().filter_map(Stmt::function);
        functions.any(is_lifted)
    });
    if !any {
        return;
    }
    let mut taken = module_bound(module);
    let mut lift = Lift {
        family: &family,
        lifted: BTreeMap::new(),
        next_id,
    };
    let mut names: BTreeMap<(String, String), String> = BTreeMap::new();
    for class in family.classes.values() {
        for function in class.body.stmts.iter().filter_map(Stmt::function) {
            if is_lifted(function) {
                let method = &function.name.name;
                let wanted = match family.is_alone(method) && !taken.contains(method) {
                    true => method.clone(),
                    false => format!("{}_{method}", snake(&class.name.name)),
                };
                let own = free(&wanted, &mut taken);
                names.insert((class.name.name.clone(), method.clone()), own);
            }
        }
    }
    let keys: Vec<(String, String)> = names.keys().cloned().collect();
    for (class, method) in keys {
        // All or nothing: what one class has stands for the others as well.
        if lift.lift(&class, &method, &names, 0).is_none() {
            return;
        }
    }
    let lifted = lift.lifted;
    handlers(&mut module.body, &family, &lifted, next_id);
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut functions = Vec::new();
        if let StmtKind::Class(class) = &mut stmt.kind
            && family.classes.contains_key(&class.name.name)
        {
            let name = class.name.name.clone();
            class.body.stmts.retain(|inner| {
                let Some(function) = inner.function().filter(|f| is_lifted(f)) else {
                    return true;
                };
                if let Some(one) = lifted.get(&(name.clone(), function.name.name.clone())) {
                    let mut stmt = inner.clone();
                    stmt.kind = StmtKind::Function(one.function.clone());
                    stmt.blank_before = true;
                    functions.push(stmt);
                }
                false
            });
        }
        out.push(stmt);
        out.extend(functions);
    }
    module.body.stmts = out;
}

struct Lift<'l> {
    family: &'l Family,
    lifted: BTreeMap<(String, String), Lifted>,
    next_id: &'l mut u32,
}

impl Lift<'_> {
    /// The method of a class as a function, with those that it calls.
    fn lift(
        &mut self,
        class: &str,
        name: &str,
        names: &BTreeMap<(String, String), String>,
        depth: usize,
    ) -> Option<Vec<Read>> {
        let key = (class.to_string(), name.to_string());
        if let Some(done) = self.lifted.get(&key) {
            return Some(done.reads.clone());
        }
        if depth > MOST_DEPTH {
            return None;
        }
        let mut function = self.family.method(class, name)?.clone();
        let this = function.params.list.first()?.name.name.clone();
        let own = names.get(&key)?.clone();
        let bound = Names::of(&function);
        if bound.bound.get(&this) != Some(&1) || function.params.list.iter().any(has_stars) {
            return None;
        }
        let mut reads: BTreeSet<Read> = BTreeSet::new();
        let mut calls: Vec<(String, String)> = Vec::new();
        let mut asked = Asked {
            this: &this,
            class,
            family: self.family,
            reads: &mut reads,
            calls: &mut calls,
            fine: true,
        };
        ast::visit::Visitor::visit_block(&mut asked, &function.body);
        if !asked.fine {
            return None;
        }
        let mut called: BTreeMap<(String, String), Vec<Read>> = BTreeMap::new();
        for (at, what) in calls {
            let theirs = self.lift(&at, &what, names, depth + 1)?;
            reads.extend(theirs.iter().cloned());
            called.insert((at, what), theirs);
        }
        // What it reads is a parameter, by a name that is free in it.
        let mut taken = bound.all();
        taken.remove(&this);
        let reads: Vec<Read> = reads.into_iter().collect();
        let local: BTreeMap<&Read, String> = reads
            .iter()
            .map(|read| (read, free(read.param(), &mut taken)))
            .collect();
        let next_id = &mut *self.next_id;
        let family = self.family;
        ast::rewrite::block(&mut function.body, &mut |e| {
            let span = e.span;
            let mut build = Build { next_id, span };
            let name_of = |read: &Read| local.get(read).cloned().unwrap_or_default();
            match read_in(e, &this, class, family) {
                Some(Found::Read(read)) => e.kind = ExprKind::Name(name_of(&read)),
                Some(Found::Call(at, what)) => {
                    let Some(theirs) = called.get(&(at.clone(), what.clone())) else {
                        return;
                    };
                    let mut args: Vec<Expr> =
                        theirs.iter().map(|r| build.name(&name_of(r))).collect();
                    let func = names.get(&(at, what)).cloned().unwrap_or_default();
                    let func = Box::new(build.name(&func));
                    let mut keywords = Vec::new();
                    if let ExprKind::Call {
                        args: given,
                        keywords: named,
                        ..
                    } = &mut e.kind
                    {
                        args.append(given);
                        keywords = std::mem::take(named);
                    }
                    e.kind = ExprKind::Call {
                        func,
                        args,
                        keywords,
                    };
                }
                Some(Found::Other) | None => {}
            }
            // `f"{self}"`
            if let ExprKind::FString(parts) = &mut e.kind {
                for part in parts {
                    if let FStringPart::Value {
                        value,
                        conversion: None | Some(Conversion::Str),
                        ..
                    } = part
                        && is_name(value, &this)
                    {
                        value.kind = ExprKind::Name(name_of(&Read::Message));
                    }
                }
            }
        });
        let mut build = Build {
            next_id: self.next_id,
            span: function.name.span,
        };
        let params: Vec<Param> = reads
            .iter()
            .filter_map(|read| local.get(read))
            .map(|name| build.param(name, ParamKind::Normal, None))
            .collect();
        function.params.list.splice(0..1, params);
        function.decorators.clear();
        function.name.name.clone_from(&own);
        let kept = reads.clone();
        self.lifted.insert(
            key,
            Lifted {
                reads,
                function,
                name: own,
            },
        );
        Some(kept)
    }
}

fn has_stars(param: &Param) -> bool {
    matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs)
}

fn is_name(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
}

/// What an expression of a method asks its exception for.
enum Found {
    Read(Read),
    /// A method of that class.
    Call(String, String),
    Other,
}

/// What an expression asks `this` for, an exception of a class.
fn read_in(e: &Expr, this: &str, class: &str, family: &Family) -> Option<Found> {
    match &e.kind {
        ExprKind::Subscript { value, index } => match &value.kind {
            ExprKind::Attribute { value: of, attr } if attr.name == "args" && is_name(of, this) => {
                let first = matches!(&index.kind, ExprKind::Int(n) if *n == 0.into());
                Some(match first {
                    true => Found::Read(Read::First),
                    false => Found::Other,
                })
            }
            _ => None,
        },
        ExprKind::Call {
            func,
            args,
            keywords,
        } => match &func.kind {
            ExprKind::Name(name) if name == "str" => match args.as_slice() {
                [of] if is_name(of, this) => Some(Found::Read(Read::Message)),
                _ => None,
            },
            ExprKind::Attribute { value, attr } if is_super(value) => {
                if matches!(attr.name.as_str(), "__str__") && args.is_empty() && keywords.is_empty()
                {
                    return Some(Found::Read(Read::Message));
                }
                let above = family.bases.get(class)?;
                match family.definer(above, &attr.name) {
                    Some(at) => Some(Found::Call(at.to_string(), attr.name.clone())),
                    None => Some(Found::Other),
                }
            }
            ExprKind::Attribute { value, attr } if is_name(value, this) => {
                let at = family.definer(class, &attr.name)?;
                match family.is_alone(&attr.name) {
                    true => Some(Found::Call(at.to_string(), attr.name.clone())),
                    false => Some(Found::Other),
                }
            }
            _ => None,
        },
        ExprKind::Attribute { value, attr } if is_name(value, this) => {
            if let Some(at) = family.definer(class, &attr.name) {
                let property = family.method(at, &attr.name).is_some_and(is_property);
                return Some(match property && family.is_alone(&attr.name) {
                    true => Found::Call(at.to_string(), attr.name.clone()),
                    false => Found::Other,
                });
            }
            Some(match attr.name.as_str() {
                "args" | "__class__" | "__dict__" => Found::Other,
                _ => Found::Read(Read::Attr(attr.name.clone())),
            })
        }
        ExprKind::Attribute { value, attr } if attr.name == "__name__" => {
            let of_type = match &value.kind {
                ExprKind::Call { func, args, .. } => {
                    is_name(func, "type") && args.iter().any(|a| is_name(a, this))
                }
                ExprKind::Attribute { value, attr } => {
                    attr.name == "__class__" && is_name(value, this)
                }
                _ => false,
            };
            of_type.then_some(Found::Read(Read::ClassName))
        }
        ExprKind::Name(name) if name == this => Some(Found::Other),
        _ => None,
    }
}

fn is_super(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Call { func, args, .. } if args.is_empty() && is_name(func, "super"))
}

/// Collects what a method asks for.
struct Asked<'a> {
    this: &'a str,
    class: &'a str,
    family: &'a Family,
    reads: &'a mut BTreeSet<Read>,
    calls: &'a mut Vec<(String, String)>,
    fine: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Asked<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        // What it changes is not seen by the exception.
        let of_own = |e: &Expr| match &e.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                value.names(&|n| n == self.this)
            }
            _ => false,
        };
        let changes = match &stmt.kind {
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                of_own(target)
            }
            _ => stmt.targets().iter().any(of_own),
        };
        self.fine &= !changes && !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match read_in(e, self.this, self.class, self.family) {
            Some(Found::Read(read)) => {
                self.reads.insert(read);
            }
            Some(Found::Call(at, what)) => {
                self.calls.push((at, what));
                if let ExprKind::Call { args, keywords, .. } = &e.kind {
                    args.iter().for_each(|a| self.visit_expr(a));
                    keywords.iter().for_each(|k| self.visit_expr(&k.value));
                }
            }
            Some(Found::Other) => self.fine = false,
            None => {
                if let ExprKind::FString(parts) = &e.kind {
                    for part in parts {
                        match part {
                            FStringPart::Value {
                                value,
                                conversion: None | Some(Conversion::Str),
                                ..
                            } if is_name(value, self.this) => {
                                self.reads.insert(Read::Message);
                            }
                            FStringPart::Value { value, spec, .. } => {
                                self.visit_expr(value);
                                ast::visit::walk_fstring(self, spec);
                            }
                            FStringPart::Literal(_) => {}
                        }
                    }
                    return;
                }
                ast::visit::walk_expr(self, e);
            }
        }
    }
}

/// Writes the calls of handlers anew.
fn handlers(
    block: &mut ast::Block,
    family: &Family,
    lifted: &BTreeMap<(String, String), Lifted>,
    next_id: &mut u32,
) {
    for stmt in &mut block.stmts {
        if let StmtKind::Try { handlers, .. } = &mut stmt.kind {
            for handler in handlers {
                let Some(name) = handler.name.as_ref().map(|n| n.name.clone()) else {
                    continue;
                };
                let types: Vec<&Expr> = match handler.types.as_ref().map(|t| &t.kind) {
                    Some(ExprKind::Tuple(items)) => items.iter().collect(),
                    Some(_) => handler.types.iter().collect(),
                    None => Vec::new(),
                };
                let types: Option<BTreeSet<String>> = types
                    .into_iter()
                    .map(|t| match &t.kind {
                        ExprKind::Name(n) if family.classes.contains_key(n) => Some(n.clone()),
                        _ => None,
                    })
                    .collect();
                let mut bound = Names::default();
                handler.body.stmts.iter().for_each(|s| bound.stmt(s));
                let Some(types) = types.filter(|_| !bound.bound.contains_key(&name)) else {
                    continue;
                };
                let caught: BTreeSet<&str> = types.iter().flat_map(|t| family.below(t)).collect();
                let asked = Handled {
                    name: &name,
                    caught: &caught,
                    family,
                    lifted,
                };
                ast::rewrite::block(&mut handler.body, &mut |e| asked.rewrite(e, next_id));
            }
        }
        for inner in ast::blocks_mut(stmt) {
            self::handlers(inner, family, lifted, next_id);
        }
    }
}

/// A handler, and what it may have caught.
struct Handled<'h> {
    name: &'h str,
    caught: &'h BTreeSet<&'h str>,
    family: &'h Family,
    lifted: &'h BTreeMap<(String, String), Lifted>,
}

impl Handled<'_> {
    /// `e.describe()` and `e.excess`
    fn rewrite(&self, e: &mut Expr, next_id: &mut u32) {
        let (of, attr, given) = match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match &func.kind {
                ExprKind::Attribute { value, attr } => (
                    &**value,
                    attr.name.clone(),
                    Some((args.clone(), keywords.clone())),
                ),
                _ => return,
            },
            ExprKind::Attribute { value, attr } => (&**value, attr.name.clone(), None),
            _ => return,
        };
        if !is_name(of, self.name) {
            return;
        }
        let of = of.clone();
        let mut ways: Vec<(&str, &str)> = Vec::new();
        for class in self.caught.iter().copied() {
            let Some(at) = self.family.definer(class, &attr) else {
                return;
            };
            let property = self.family.method(at, &attr).is_some_and(is_property);
            if property == given.is_some() {
                return;
            }
            ways.push((class, at));
        }
        // The most derived first; what the class above it says too need not be asked.
        ways.sort_by_key(|(class, _)| {
            (
                std::cmp::Reverse(self.family.lineage(class).len()),
                class.to_string(),
            )
        });
        let same_above = |class: &str, at: &str| {
            let above = self.family.bases.get(class);
            above.is_some_and(|above| ways.iter().any(|(c, theirs)| c == above && *theirs == at))
        };
        let asked: Vec<(&str, &str)> = ways
            .iter()
            .copied()
            .filter(|(class, at)| !same_above(class, at))
            .collect();
        let Some(((_, last), rest)) = asked.split_last() else {
            return;
        };
        let span = e.span;
        let mut build = Build { next_id, span };
        let Some(mut out) = self.call(last, &attr, &of, &given, &mut build) else {
            return;
        };
        for (class, at) in rest.iter().rev() {
            let Some(body) = self.call(at, &attr, &of, &given, &mut build) else {
                return;
            };
            let func = build.name("isinstance");
            let (of, class) = (build.again(&of), build.name(class));
            let test = build.call(func, vec![of, class]);
            out = build.expr(ExprKind::Conditional {
                test: Box::new(test),
                body: Box::new(body),
                orelse: Box::new(out),
            });
        }
        e.kind = out.kind;
    }

    fn call(
        &self,
        at: &str,
        method: &str,
        of: &Expr,
        given: &Option<(Vec<Expr>, Vec<ast::Keyword>)>,
        build: &mut Build<'_>,
    ) -> Option<Expr> {
        let one = self.lifted.get(&(at.to_string(), method.to_string()))?;
        let mut args: Vec<Expr> = one.reads.iter().map(|read| read.of(of, build)).collect();
        let mut named = Vec::new();
        if let Some((theirs, keywords)) = given {
            args.extend(theirs.iter().map(|a| build.again(a)));
            for keyword in keywords {
                let mut keyword = keyword.clone();
                copies::expr(&mut keyword.value, build.next_id);
                named.push(keyword);
            }
        }
        let func = Box::new(build.name(&one.name));
        Some(build.expr(ExprKind::Call {
            func,
            args,
            keywords: named,
        }))
    }
}
