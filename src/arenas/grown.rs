//! Objects that are made while a function runs, as a list of that function.
//!
//! Enters: the module and a class whose objects refer to each other, or have several owners.
//! Leaves: the module where the function that begins with them has the list in which they lie,
//! and all that it calls for them is given that list; names of them are positions in it. When
//! the function ends nothing names them any more, so they all end with it. Nothing where one of
//! them may live on. This module must not know how uses are rewritten.
//!
//! Whether one lives on is told by types: a function begins with such objects where no
//! parameter and no value that it returns can hold one, and no variable of the module can.

use super::known::{Known, holders, holds_one};
use super::rewrite::Form;
use super::{names, placed};
use crate::ast::{
    Block, Expr, ExprKind, Function, MethodKind, Module, NodeId, ParamKind, Stmt, StmtKind,
    blocks_mut,
};
use crate::catalog::position;
use crate::desugar::{Build, snake};
use crate::infer::FnModel;
use crate::ty::{Ty, shown_class};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a list of the objects of `class` in each function that begins with them; nothing where
/// one may outlive its function.
pub(super) fn grown(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let definition = known.class(class)?;
    let holders = holders(known, class);
    let lives_on = |ty: &Ty| holds_one(ty, &holders);
    let model = known.model;
    let kept = model.variables.values().map(|fact| &fact.ty);
    let consts = model.consts.values().map(|c| &c.fact.ty);
    let raised = model.exception_attributes.values().flatten();
    if kept
        .chain(consts)
        .chain(raised.map(|(_, fact)| &fact.ty))
        .any(lives_on)
    {
        return None;
    }
    let list = names::list(known, class)?;
    let makers = names::makers(known, class, "add")?;
    let form = |placed: &BTreeMap<String, String>| Form::Members {
        list: list.clone(),
        makers: makers.clone(),
        of_object: true,
        placed: placed.clone(),
    };
    let (rewritten, placed) = placed::placed(module, known, class, &form)?;
    let (mut rewritten, mut users) = rewritten;
    // Who needs the list, and who has it.
    let mut owners = BTreeSet::new();
    loop {
        let mut more = BTreeSet::new();
        for key in &users {
            if !names_any(known, key, &holders) {
                owners.insert(key.clone());
                continue;
            }
            for (caller, _) in known.calls_of(key) {
                more.insert(caller?.to_string());
            }
        }
        let before = users.len();
        users.extend(more);
        if users.len() == before {
            break;
        }
    }
    let lent: BTreeSet<String> = users.difference(&owners).cloned().collect();
    if !lent.iter().all(|key| is_called_plainly(known, key)) {
        return None;
    }
    let mut thread = Thread {
        known,
        list: &list,
        lent: &lent,
        makers: makers.values().cloned().collect(),
        next_id: rewritten.node_count,
        calls: BTreeSet::new(),
        key: None,
        loose: false,
    };
    let functions: BTreeMap<_, _> = placed.iter().map(|(key, name)| (name, key)).collect();
    thread.module(&mut rewritten, &functions, &owners);
    if thread.loose {
        return None;
    }
    let mut next_id = thread.next_id;
    let mut build = Build {
        next_id: &mut next_id,
        span: definition.name.span,
    };
    let adders: Vec<Stmt> = makers
        .iter()
        .map(|(variant, maker)| build.adder(variant, maker, &list, true))
        .collect();
    let stmts = &mut rewritten.body.stmts;
    let after = stmts
        .iter()
        .position(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == class))?;
    stmts.splice(after + 1..after + 1, adders);
    rewritten.node_count = next_id;
    Some(rewritten)
}

/// Whether a function is given such objects, or returns one.
fn names_any(known: &Known<'_>, key: &str, holders: &BTreeSet<String>) -> bool {
    let fine = |f: &FnModel| {
        let mut facts = f.params.iter().chain([&f.ret]);
        facts.all(|fact| !holds_one(&fact.ty, holders))
    };
    let own = known.model.functions.iter();
    !own.filter(|f| f.python_name == key).all(fine)
}

/// Whether all that runs a function are calls that name it.
fn is_called_plainly(known: &Known<'_>, key: &str) -> bool {
    let Some(own) = known.functions.get(key) else {
        return false;
    };
    let name = &own.function.name.name;
    let plain = matches!(
        own.function.method_kind(),
        Ok(MethodKind::Method | MethodKind::Static)
    );
    let variadic = own
        .function
        .params
        .list
        .iter()
        .any(|p| matches!(p.kind, ParamKind::VarArgs | ParamKind::PositionalOnly));
    plain && !variadic && (!name.starts_with("__") || name == "__init__")
}

/// Gives the list to those that need it.
struct Thread<'t, 'm> {
    known: &'t Known<'m>,
    list: &'t str,
    lent: &'t BTreeSet<String>,
    makers: BTreeSet<String>,
    next_id: u32,
    /// The functions of calls that were seen.
    calls: BTreeSet<NodeId>,
    key: Option<String>,
    /// Whether a function that needs the list is named where it is not called.
    loose: bool,
}

impl Thread<'_, '_> {
    fn module(
        &mut self,
        module: &mut Module,
        placed: &BTreeMap<&String, &String>,
        owners: &BTreeSet<String>,
    ) {
        for stmt in &mut module.body.stmts {
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    let name = &function.name.name;
                    let key = placed.get(name).map_or(name, |key| *key).clone();
                    self.function(key, function, owners);
                }
                StmtKind::Class(class) => {
                    let of = class.name.name.clone();
                    for inner in &mut class.body.stmts {
                        if let StmtKind::Function(method) = &mut inner.kind {
                            let key = format!("{of}.{}", method.name.name);
                            self.function(key, method, owners);
                        }
                    }
                }
                _ => self.stmt(stmt),
            }
        }
    }

    fn function(&mut self, key: String, function: &mut Function, owners: &BTreeSet<String>) {
        self.key = Some(key.clone());
        function.body.stmts.iter_mut().for_each(|s| self.stmt(s));
        let mut build = Build {
            next_id: &mut self.next_id,
            span: function.name.span,
        };
        if owners.contains(&key) {
            let empty = build.empty(self.list);
            function.body.stmts.insert(0, empty);
        } else if self.lent.contains(&key) {
            let param = build.param(self.list, ParamKind::Normal, None);
            let own = self.known.functions.get(&key);
            let at = usize::from(own.is_some_and(|own| own.receiver.is_some()));
            let at = at.min(function.params.list.len());
            function.params.list.insert(at, param);
        }
        self.key = None;
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        let blocks: Vec<Block> = blocks_mut(stmt).into_iter().map(std::mem::take).collect();
        crate::ast::rewrite::roots(stmt, &mut |e| self.expr(e));
        for (slot, mut block) in blocks_mut(stmt).into_iter().zip(blocks) {
            block.stmts.iter_mut().for_each(|s| self.stmt(s));
            *slot = block;
        }
    }

    fn expr(&mut self, e: &mut Expr) {
        let id = e.id;
        if let ExprKind::Call { func, args, .. } = &mut e.kind {
            self.calls.insert(func.id);
            let callee = self.known.callee(self.key.as_deref(), id);
            let is_maker = matches!(&func.kind, ExprKind::Name(name) if self.makers.contains(name));
            if is_maker || callee.is_some_and(|callee| self.lent.contains(callee)) {
                let mut build = Build {
                    next_id: &mut self.next_id,
                    span: e.span,
                };
                let list = build.name(self.list);
                // A position stands first where the object did.
                let own = callee.and_then(|callee| self.known.functions.get(callee));
                let is_placed = matches!(func.kind, ExprKind::Name(_))
                    && own.is_some_and(|own| own.receiver.is_some())
                    && callee.is_some_and(|callee| !callee.ends_with(".__init__"));
                let at = match is_maker || is_placed {
                    true => 1,
                    false => 0,
                };
                args.insert(at.min(args.len()), list);
            }
        }
        let is_lent = |name: &str, method: bool| {
            self.lent.iter().any(|key| match key.split_once('.') {
                Some((_, own)) => method && own == name,
                None => !method && key == name,
            })
        };
        self.loose |= !self.calls.contains(&id)
            && match &e.kind {
                ExprKind::Name(name) => is_lent(name, false),
                ExprKind::Attribute { attr, .. } => is_lent(&attr.name, true),
                _ => false,
            };
        crate::ast::rewrite::children(e, &mut |child| self.expr(child));
    }
}

impl Build<'_> {
    /// The function that adds an object to the list, and gives its position; `lent` says
    /// whether it is given the list.
    pub(super) fn adder(&mut self, class: &str, name: &str, list: &str, lent: bool) -> Stmt {
        let one = match snake(shown_class(class)) {
            one if one == list => format!("new_{one}"),
            one => one,
        };
        let mut params = vec![self.param(&one, ParamKind::Normal, None)];
        if lent {
            params.push(self.param(list, ParamKind::Normal, None));
        }
        let (len, objects) = (self.name("len"), self.name(list));
        let len = self.call(len, vec![objects]);
        let known = self.name(position::KNOWN);
        let place = self.call(known, vec![len]);
        let target = self.name("at");
        let counted = self.assign(target, place);
        let append = self.of(list, "append");
        let object = self.name(&one);
        let added = self.call(append, vec![object]);
        let added = self.stmt(StmtKind::Expr(added));
        let at = self.name("at");
        let given = self.stmt(StmtKind::Return(Some(at)));
        self.function(name, params, vec![counted, added, given])
    }
}
