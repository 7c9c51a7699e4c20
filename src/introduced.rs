//! Constructors that give their own object to somebody.
//!
//! ```text
//! class Frame:                              class Frame:
//!     def __init__(self, name, parent):         def __init__(self, name, parent):
//!         self.parent = parent                      self.parent = parent
//!         parent.children.append(self)              self.name = name
//!         self.name = name
//!                                           def new_frame(name, parent):
//! arm = Frame("arm", base)                      frame = Frame(name, parent)
//!                                               parent.children.append(frame)
//!                                               return frame
//!
//!                                           arm = new_frame("arm", base)
//! ```
//!
//! Enters: the module. Leaves: the same module, where a function makes such an object and then
//! gives it away, and is called in the constructor's place; nothing where no constructor can be
//! parted so. What stands behind the first gift must be the same before it. This module must not
//! know who keeps the object.

use crate::ast::visit::{self, Visitor};
use crate::ast::{
    BinaryOp, Class, Expr, ExprKind, Function, Keyword, MethodKind, Module, ParamKind, Stmt,
    StmtKind, rewrite,
};
use crate::desugar::{Build, Names, free, snake};
use std::collections::{BTreeMap, BTreeSet};

/// Parts the constructors that give their object away; nothing where there are none.
pub fn introduced(module: &Module) -> Option<Module> {
    let mut names = Names::default();
    module.body.stmts.iter().for_each(|stmt| names.stmt(stmt));
    let mut taken = names.all();
    let mut makers = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && parted(class).is_some()
            && is_only_called(module, &class.name.name)
        {
            let name = format!("new_{}", snake(&class.name.name));
            makers.insert(class.name.name.clone(), free(&name, &mut taken));
        }
    }
    if makers.is_empty() {
        return None;
    }
    let mut rewritten = module.clone();
    let mut next_id = module.node_count;
    rewrite::block(&mut rewritten.body, &mut |e| {
        if let ExprKind::Call { func, .. } = &mut e.kind
            && let ExprKind::Name(name) = &mut func.kind
            && let Some(maker) = makers.get(name)
        {
            name.clone_from(maker);
        }
    });
    let mut stmts = Vec::new();
    for mut stmt in std::mem::take(&mut rewritten.body.stmts) {
        let mut made = None;
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(maker) = makers.get(&class.name.name)
        {
            made = split(class, maker, &mut next_id);
        }
        stmts.push(stmt);
        stmts.extend(made);
    }
    rewritten.body.stmts = stmts;
    rewritten.node_count = next_id;
    Some(rewritten)
}

fn constructor(class: &Class) -> Option<&Function> {
    let mut methods = class.body.stmts.iter().filter_map(Stmt::function);
    methods.find(|f| f.name.name == "__init__")
}

/// Which statements of a class's constructor give its object away, where they can stand behind
/// it.
fn parted(class: &Class) -> Option<Vec<bool>> {
    if !class.variants.is_empty() {
        return None;
    }
    let init = constructor(class)?;
    let own = init.params.list.first()?.name.name.as_str();
    let kinds = [
        ParamKind::PositionalOnly,
        ParamKind::Normal,
        ParamKind::KeywordOnly,
    ];
    let given = |e: &Expr| is_constant(e) || matches!(e.kind, ExprKind::Name(_));
    let plain = init
        .params
        .list
        .iter()
        .all(|param| kinds.contains(&param.kind) && param.default.as_ref().is_none_or(given));
    if !plain
        || !init.decorators.is_empty()
        || !matches!(init.method_kind(), Ok(MethodKind::Method))
    {
        return None;
    }
    let gives = init.body.stmts.iter().map(|stmt| names_itself(stmt, own));
    let gives: Vec<bool> = gives.collect();
    let first = gives.iter().position(|gives| *gives)?;
    // What the constructor binds is gone when it is done.
    let names = Names::of(init);
    let params: BTreeSet<&str> = init
        .params
        .list
        .iter()
        .map(|p| p.name.name.as_str())
        .collect();
    let kept = names
        .bound
        .iter()
        .all(|(name, count)| !params.contains(name.as_str()) || *count == 1);
    let locals = names.bound.keys().filter(|n| !params.contains(n.as_str()));
    let locals: BTreeSet<&str> = locals.map(String::as_str).collect();
    let own_alone = init.body.stmts.iter().zip(&gives).all(|(stmt, gives)| {
        !gives || {
            let mut names = Names::default();
            names.stmt(stmt);
            let mut all = names.all().into_iter();
            !all.any(|name| locals.contains(name.as_str()))
        }
    });
    let rest = init.body.stmts.iter().zip(&gives).skip(first);
    let settled = rest
        .filter(|(_, gives)| !**gives)
        .all(|(stmt, _)| is_settled(stmt, own));
    (kept && own_alone && settled && !returns(init)).then_some(gives)
}

/// Whether a statement names the object itself, and not one of its attributes.
fn names_itself(stmt: &Stmt, own: &str) -> bool {
    struct Itself<'o>(&'o str, bool);
    impl<'ast> Visitor<'ast> for Itself<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Attribute { value, .. } if is_name(value, self.0) => {}
                ExprKind::Name(name) => self.1 |= name == self.0,
                _ => visit::walk_expr(self, e),
            }
        }
    }
    let mut itself = Itself(own, false);
    itself.visit_stmt(stmt);
    itself.1
}

/// Whether a constructor ends early.
fn returns(init: &Function) -> bool {
    struct Returns(bool);
    impl<'ast> Visitor<'ast> for Returns {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.0 |= matches!(stmt.kind, StmtKind::Return(_));
            visit::walk_stmt(self, stmt);
        }
    }
    let mut returns = Returns(false);
    returns.visit_block(&init.body);
    returns.0
}

/// Whether a statement is `self.x = …` of what nobody can change.
fn is_settled(stmt: &Stmt, own: &str) -> bool {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let plain = targets.iter().all(|target| {
                matches!(&target.kind, ExprKind::Attribute { value, .. } if is_name(value, own))
            });
            plain && is_fixed(value)
        }
        StmtKind::AnnAssign { target, value, .. } => {
            let plain = matches!(&target.kind,
                ExprKind::Attribute { value, .. } if is_name(value, own));
            plain && value.as_ref().is_none_or(is_fixed)
        }
        StmtKind::Pass => true,
        _ => false,
    }
}

/// Whether a value is the same at any time: a constant, a name, a display of those.
fn is_fixed(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().all(is_fixed),
        ExprKind::Dict(items) => items
            .iter()
            .all(|(key, value)| key.as_ref().is_some_and(is_constant) && is_fixed(value)),
        ExprKind::Binary {
            op: BinaryOp::Mul,
            left,
            right,
        } => {
            let list = matches!(&left.kind, ExprKind::List(items) if items.iter().all(is_constant));
            list && (is_constant(right) || matches!(right.kind, ExprKind::Name(_)))
        }
        _ => is_constant(e),
    }
}

fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::None => true,
        ExprKind::Unary { operand, .. } => {
            matches!(operand.kind, ExprKind::Int(_) | ExprKind::Float(_))
        }
        _ => false,
    }
}

fn is_name(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
}

/// Whether a class is called wherever it is named, or asked for something of its own.
fn is_only_called(module: &Module, class: &str) -> bool {
    struct Uses<'c> {
        class: &'c str,
        fine: bool,
    }
    impl<'ast> Visitor<'ast> for Uses<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            // What an annotation names is not made there.
            match &stmt.kind {
                StmtKind::Function(function) => {
                    self.fine &= !Names::of(function).bound.contains_key(self.class);
                    function.decorators.iter().for_each(|d| self.visit_expr(d));
                    let params = function.params.list.iter();
                    let defaults = params.filter_map(|p| p.default.as_ref());
                    defaults.for_each(|default| self.visit_expr(default));
                    self.visit_block(&function.body);
                }
                StmtKind::AnnAssign { target, value, .. } => {
                    self.visit_expr(target);
                    value.iter().for_each(|value| self.visit_expr(value));
                }
                _ => visit::walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Name(name) => self.fine &= name != self.class,
                ExprKind::Attribute { value, attr } if is_name(value, self.class) => {
                    // Another constructor goes on with this one.
                    self.fine &= attr.name != "__init__";
                }
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if is_name(func, self.class) || is_name(func, "isinstance") => {
                    let told = is_name(func, "isinstance");
                    for arg in args {
                        if !(told && is_name(arg, self.class)) {
                            self.visit_expr(arg);
                        }
                    }
                    keywords.iter().for_each(|k| self.visit_expr(&k.value));
                }
                _ => visit::walk_expr(self, e),
            }
        }
    }
    let mut uses = Uses { class, fine: true };
    uses.visit_block(&module.body);
    uses.fine
}

/// Takes the gifts out of a class's constructor; leaves the function that makes them.
fn split(class: &mut Class, maker: &str, next_id: &mut u32) -> Option<Stmt> {
    let gives = parted(class)?;
    let name = class.name.name.clone();
    let init = class
        .body
        .stmts
        .iter_mut()
        .find_map(|s| match &mut s.kind {
            StmtKind::Function(f) if f.name.name == "__init__" => Some(f),
            _ => None,
        })?;
    let own = init.params.list.first()?.name.name.clone();
    let mut taken = Names::of(init).all();
    let local = free(&snake(&name), &mut taken);
    let mut build = Build {
        next_id,
        span: init.name.span,
    };
    let (mut kept, mut gifts) = (Vec::new(), Vec::new());
    for (stmt, gives) in std::mem::take(&mut init.body.stmts).into_iter().zip(gives) {
        match gives {
            true => gifts.push(stmt),
            false => kept.push(stmt),
        }
    }
    if kept.is_empty() {
        kept.push(build.stmt(StmtKind::Pass));
    }
    init.body.stmts = kept;
    for gift in &mut gifts {
        rewrite::stmt(gift, &mut |e| {
            if is_name(e, &own) {
                e.kind = ExprKind::Name(local.clone());
            }
        });
    }
    let mut params = Vec::new();
    let (mut args, mut keywords) = (Vec::new(), Vec::new());
    for param in init.params.list.iter().skip(1) {
        let default = param.default.as_ref().map(|default| build.again(default));
        params.push(build.param(&param.name.name, param.kind, default));
        let value = build.name(&param.name.name);
        match param.kind {
            ParamKind::KeywordOnly => keywords.push(Keyword {
                name: Some(param.name.clone()),
                value,
            }),
            _ => args.push(value),
        }
    }
    let func = Box::new(build.name(&name));
    let made = build.expr(ExprKind::Call {
        func,
        args,
        keywords,
    });
    let target = build.name(&local);
    let mut body = vec![build.assign(target, made)];
    body.append(&mut gifts);
    let result = build.name(&local);
    body.push(build.stmt(StmtKind::Return(Some(result))));
    Some(build.function(maker, params, body))
}
