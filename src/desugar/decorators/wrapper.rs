//! The function that a decorator puts around another one.
//!
//! Enters: a decorator's definition, and the function that it decorates. Leaves: the wrapper
//! as a function of its own, which calls the other one by name. This module must not know
//! where the decorator stands.

use crate::ast::{self, Expr, ExprKind, Function, Keyword, Param, ParamKind, Stmt, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::callables::full_name;
use crate::desugar::copies;
use crate::desugar::inherit::argument_of;
use crate::desugar::names::Names;
use std::collections::{BTreeMap, BTreeSet};

/// What a decorator makes.
pub(super) struct Wrapper {
    /// What the decorator calls the function.
    param: String,
    function: Function,
    /// `calls = 0` before the wrapper.
    kept: Vec<(String, Stmt)>,
    /// `wrapper.calls = 0` behind it.
    attributes: Vec<Stmt>,
}

/// Where a wrapper goes.
pub(super) struct Around<'a> {
    /// What it is called there.
    pub(super) outer: &'a str,
    /// What the function that it calls is called there.
    pub(super) inner: &'a str,
    /// That function.
    pub(super) function: &'a Function,
    /// What the decorated function is called in the Python.
    pub(super) python: &'a str,
    /// Whether both are methods of one class.
    pub(super) is_method: bool,
}

/// A wrapper for one function.
pub(super) struct Made {
    pub(super) function: Function,
    /// Variables of the module.
    pub(super) kept: Vec<Stmt>,
    /// Attributes of the wrapper.
    pub(super) attributes: Vec<Stmt>,
}

/// The decorator that `def limit(lo, hi): def deco(f): …; return deco` gives for arguments.
pub(super) fn given(factory: &Function, args: &[Expr], keywords: &[Keyword]) -> Option<Function> {
    let [inner, back] = factory.body.stmts.as_slice() else {
        return None;
    };
    let StmtKind::Function(decorator) = &inner.kind else {
        return None;
    };
    let params = &factory.params.list;
    let plain = params
        .iter()
        .all(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
    let known = keywords.iter().all(|k| {
        k.name
            .as_ref()
            .is_some_and(|n| params.iter().any(|p| p.name.name == n.name))
    });
    if !returns(back, &decorator.name.name)
        || !plain
        || !known
        || args.len() > params.len()
        || !factory.decorators.is_empty()
    {
        return None;
    }
    let mut values: BTreeMap<&str, &Expr> = BTreeMap::new();
    for (place, param) in params.iter().enumerate() {
        let value = argument_of(param, place, args, keywords)?;
        if !super::super::keywords::is_literal(value) {
            return None;
        }
        values.insert(&param.name.name, value);
    }
    let mut out = decorator.clone();
    let names = Names::of(&out);
    let mut bound: BTreeSet<String> = names.bound.into_keys().collect();
    bound.extend(names.nonlocals);
    let mut inner = Inner(&mut bound);
    ast::visit::Visitor::visit_block(&mut inner, &out.body);
    if values.keys().any(|name| bound.contains(*name)) {
        return None;
    }
    ast::rewrite::block(&mut out.body, &mut |e| {
        if let ExprKind::Name(name) = &e.kind
            && let Some(value) = values.get(name.as_str())
        {
            *e = (*value).clone();
        }
    });
    Some(out)
}

/// The names that functions within bind.
struct Inner<'b>(&'b mut BTreeSet<String>);

impl<'ast> ast::visit::Visitor<'ast> for Inner<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            let names = Names::of(function);
            self.0.extend(names.bound.into_keys());
            self.0.extend(names.nonlocals);
        }
        ast::visit::walk_stmt(self, stmt);
    }
}

fn returns(stmt: &Stmt, name: &str) -> bool {
    matches!(&stmt.kind, StmtKind::Return(Some(e)) if matches!(&e.kind, ExprKind::Name(n) if n == name))
}

impl Wrapper {
    /// The wrapper in `def d(f): def w(…): …; return w`.
    pub(super) fn of(decorator: &Function, imports: &BTreeMap<String, String>) -> Option<Wrapper> {
        let [param] = decorator.params.list.as_slice() else {
            return None;
        };
        let (back, stmts) = decorator.body.stmts.split_last()?;
        let mut function: Option<Function> = None;
        let (mut kept, mut attributes) = (Vec::new(), Vec::new());
        for stmt in stmts {
            match (&stmt.kind, &function) {
                (StmtKind::Function(f), None) => function = Some(f.clone()),
                (StmtKind::Assign { targets, value }, _) => {
                    let [target] = targets.as_slice() else {
                        return None;
                    };
                    match (&target.kind, &function) {
                        (ExprKind::Name(name), None) if is_first(value) => {
                            kept.push((name.clone(), stmt.clone()));
                        }
                        (ExprKind::Attribute { value: of, .. }, Some(f))
                            if is_first(value)
                                && matches!(&of.kind, ExprKind::Name(n) if *n == f.name.name) =>
                        {
                            attributes.push(stmt.clone());
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        let function = function?;
        let wraps = function.decorators.iter().all(|d| {
            matches!(&d.kind, ExprKind::Call { func, .. } if full_name(func, imports) == "functools.wraps")
        });
        let own = Names::of(&function);
        let fine = returns(back, &function.name.name)
            && wraps
            && decorator.decorators.is_empty()
            && !own.binds(&param.name.name)
            && !function.is_async;
        fine.then(|| Wrapper {
            param: param.name.name.clone(),
            function,
            kept,
            attributes,
        })
    }

    /// The wrapper around one function.
    pub(super) fn around(
        &self,
        around: &Around<'_>,
        taken: &mut BTreeSet<String>,
        next_id: &mut u32,
    ) -> Option<Made> {
        let mut out = self.function.clone();
        out.decorators.clear();
        copies::function(&mut out, next_id);
        let star = |kind: ParamKind| {
            let mut params = out.params.list.iter();
            params.find(|p| p.kind == kind).map(|p| p.name.name.clone())
        };
        let (args, kwargs) = (star(ParamKind::VarArgs), star(ParamKind::KwArgs));
        let rest = match args.is_some() || kwargs.is_some() {
            true => Some(self.rest(around.function, args.is_some(), kwargs.is_some(), next_id)?),
            false => None,
        };
        if let Some(rest) = &rest {
            let starred = |p: &Param| matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs);
            out.params.list.retain(|p| !starred(p));
            out.params.list.extend(rest.iter().cloned());
        }
        let own = self.function.name.name.clone();
        // What the decorator keeps is the module's.
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        let mut kept = Vec::new();
        for (name, stmt) in &self.kept {
            let mut global = format!("{}_{name}", around.outer);
            while !taken.insert(global.clone()) {
                global.push('_');
            }
            let mut stmt = stmt.clone();
            let mut block = ast::Block {
                stmts: vec![stmt.clone()],
                trailing: Vec::new(),
            };
            copies::block(&mut block, next_id);
            stmt = block.stmts.pop()?;
            if let StmtKind::Assign { targets, .. } = &mut stmt.kind
                && let Some(target) = targets.first_mut()
            {
                target.kind = ExprKind::Name(global.clone());
            }
            renamed.insert(name.clone(), global);
            kept.push(stmt);
        }
        let inside = Names::of(&out);
        let assigned = |name: &String| inside.bound.contains_key(name);
        if self
            .kept
            .iter()
            .any(|(name, _)| assigned(name) && !inside.nonlocals.contains(name))
        {
            return None;
        }
        for stmt in &mut out.body.stmts {
            if let StmtKind::Nonlocal(names) = &mut stmt.kind {
                let globals: Option<Vec<String>> =
                    names.iter().map(|n| renamed.get(n).cloned()).collect();
                stmt.kind = StmtKind::Global(globals?);
            }
        }
        let mut fine = true;
        let this = out.params.list.first().map(|p| p.name.name.clone());
        ast::rewrite::block(&mut out.body, &mut |e| {
            let span = e.span;
            let is = |name: &Option<String>, e: &Expr| matches!(&e.kind, ExprKind::Name(n) if Some(n) == name.as_ref());
            match &mut e.kind {
                ExprKind::Call {
                    func,
                    args: given,
                    keywords,
                } if matches!(&func.kind, ExprKind::Name(n) if *n == self.param) => {
                    if let Some(rest) = &rest {
                        let mut build = Build { next_id, span };
                        let before = given.len() + keywords.len();
                        given.retain(
                            |a| !matches!(&a.kind, ExprKind::Starred(inner) if is(&args, inner)),
                        );
                        keywords.retain(|k| !(k.name.is_none() && is(&kwargs, &k.value)));
                        let all = usize::from(args.is_some()) + usize::from(kwargs.is_some());
                        fine &= before == given.len() + keywords.len() + all && keywords.is_empty();
                        given.extend(rest.iter().map(|p| build.name(&p.name.name)));
                    }
                    if around.is_method {
                        let owner = (!given.is_empty()).then(|| given.remove(0));
                        fine &= owner.as_ref().is_some_and(|o| is(&this, o));
                        let mut build = Build { next_id, span };
                        if let Some(owner) = owner {
                            **func = build.attr(owner, around.inner);
                        }
                    } else {
                        func.kind = ExprKind::Name(around.inner.to_string());
                    }
                }
                ExprKind::Attribute { value, attr }
                    if attr.name == "__name__" && is(&Some(self.param.clone()), value) =>
                {
                    e.kind = ExprKind::Str(around.python.to_string());
                }
                ExprKind::Name(name) if *name == self.param => fine = false,
                ExprKind::Name(name) if *name == own => *name = around.outer.to_string(),
                ExprKind::Name(name) => {
                    fine &= Some(&*name) != args.as_ref() && Some(&*name) != kwargs.as_ref();
                    if let Some(global) = renamed.get(name) {
                        name.clone_from(global);
                    }
                }
                _ => {}
            }
        });
        let mut attributes = self.attributes.clone();
        for stmt in &mut attributes {
            ast::rewrite::stmt(stmt, &mut |e| {
                e.id = ast::NodeId::next(next_id);
                if matches!(&e.kind, ExprKind::Name(n) if *n == own) {
                    e.kind = ExprKind::Name(around.outer.to_string());
                }
            });
        }
        fine.then_some(Made {
            function: out,
            kept,
            attributes,
        })
    }

    /// The parameters that `*args, **kwargs` stand for.
    fn rest(
        &self,
        function: &Function,
        by_place: bool,
        by_name: bool,
        next_id: &mut u32,
    ) -> Option<Vec<Param>> {
        let own = self
            .function
            .params
            .list
            .iter()
            .filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
        let leading = own.clone().count();
        let taken = Names::of(&self.function);
        let mut rest: Vec<Param> = function.params.list.iter().skip(leading).cloned().collect();
        let plain = own
            .clone()
            .all(|p| p.kind == ParamKind::Normal && p.default.is_none())
            && leading <= function.params.list.len()
            && rest.iter().all(|p| {
                matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly)
                    && !taken.bound.contains_key(&p.name.name)
            });
        if !plain {
            return None;
        }
        for param in &mut rest {
            copies::param(param, next_id);
            param.kind = match (by_place, by_name) {
                (true, true) => param.kind,
                (true, false) => ParamKind::PositionalOnly,
                _ => ParamKind::KeywordOnly,
            };
        }
        Some(rest)
    }
}

/// Whether a value is what something kept may begin with.
fn is_first(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(items) => items.iter().all(super::super::keywords::is_literal),
        ExprKind::Dict(_) => true,
        _ => super::super::keywords::is_literal(e),
    }
}
