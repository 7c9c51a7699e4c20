//! The objects of a class, as a list of the module.
//!
//! Enters: the module and a class. Leaves: the module where its objects lie in a list, in the
//! order in which they are made, and names of them are positions. This module must not know
//! how uses are rewritten.

use super::known::Known;
use super::rewrite::{self, Form};
use crate::ast::{ExprKind, Function, Keyword, Module, NodeId, Param, ParamKind, Stmt, StmtKind};
use crate::catalog::position;
use crate::desugar::{Build, snake};
use crate::ty::shown_class;
use std::collections::BTreeMap;

/// Makes a list of the objects of `class`; nothing where some are made while the task runs.
pub(super) fn members(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let definition = known.class(class)?;
    let running = known.running();
    let sites = known.sites(class);
    if sites
        .iter()
        .any(|(key, _)| key.is_some_and(|key| running.contains(key)))
        || known.compared_within(class)
    {
        return None;
    }
    let one = snake(class);
    let list = [
        format!("{one}s"),
        format!("all_{one}s"),
        format!("{one}_objects"),
    ];
    let list = list.into_iter().find(|name| !known.is_taken(name))?;
    let variants = known.variants(class);
    let mut makers = BTreeMap::new();
    for variant in &variants {
        let one = snake(shown_class(variant));
        let names = [format!("new_{one}"), format!("make_new_{one}")];
        let maker = names.into_iter().find(|name| !known.is_taken(name))?;
        makers.insert(variant.clone(), maker);
    }
    // What a dataclass is made of its fields say: the object itself is added.
    let of_object = variants.iter().any(|variant| {
        let made = known.model.classes.made(variant).is_some();
        made && !known.functions.contains_key(&format!("{variant}.__init__"))
    });
    let form = Form::Members {
        list: list.clone(),
        makers: makers.clone(),
        of_object,
        placed: BTreeMap::new(),
    };
    let (mut rewritten, users) = rewrite::module(module, known, class, &form).ok()?;
    // While one is made the list is not at hand.
    for variant in &variants {
        let constructor = format!("{variant}.__init__");
        let making = known.functions.get_key_value(constructor.as_str());
        let early = known.reached_by(making.map(|(key, _)| key.as_str()));
        let makes = |key: &&str| sites.iter().any(|(at, _)| *at == Some(*key));
        if early.iter().any(|key| users.contains(*key) || makes(key)) {
            return None;
        }
    }
    let mut next_id = rewritten.node_count;
    let mut build = Build {
        next_id: &mut next_id,
        span: definition.name.span,
    };
    let mut functions = Vec::new();
    for variant in &variants {
        let maker = makers.get(variant)?;
        let constructor = format!("{variant}.__init__");
        let own = known.functions.get(&constructor).map(|own| own.function);
        functions.push(match of_object {
            true => build.adder(variant, maker, &list, false),
            false => build.maker(variant, maker, &list, own)?,
        });
    }
    let empty = build.empty(&list);
    let stmts = &mut rewritten.body.stmts;
    let after = stmts
        .iter()
        .position(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == class))?;
    stmts.splice(after + 1..after + 1, functions);
    let first = stmts.iter().position(|s| {
        matches!(
            s.kind,
            StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Expr(_)
        )
    });
    stmts.insert(first?, empty);
    rewritten.node_count = next_id;
    Some(rewritten)
}

impl Build<'_> {
    /// `motors = []`
    pub(super) fn empty(&mut self, list: &str) -> Stmt {
        let target = self.name(list);
        let value = self.expr(ExprKind::List(Vec::new()));
        self.assign(target, value)
    }

    /// The function that makes an object, adds it to the list, and gives its position.
    fn maker(
        &mut self,
        class: &str,
        name: &str,
        list: &str,
        constructor: Option<&Function>,
    ) -> Option<Stmt> {
        let own = constructor.map_or(&[][..], |f| f.params.list.get(1..).unwrap_or(&[]));
        let (mut params, mut args, mut keywords) = (Vec::new(), Vec::new(), Vec::new());
        for param in own {
            let mut copy = Param {
                id: NodeId::next(self.next_id),
                ..param.clone()
            };
            if let Some(default) = &mut copy.default {
                crate::ast::rewrite::expr(default, &mut |e| e.id = NodeId::next(self.next_id));
            }
            let value = self.name(&param.name.name);
            match param.kind {
                ParamKind::PositionalOnly | ParamKind::Normal => args.push(value),
                ParamKind::KeywordOnly => keywords.push(Keyword {
                    name: Some(param.name.clone()),
                    value,
                }),
                ParamKind::VarArgs | ParamKind::KwArgs => return None,
            }
            params.push(copy);
        }
        let func = self.name(class);
        let object = self.expr(ExprKind::Call {
            func: Box::new(func),
            args,
            keywords,
        });
        let append = self.of(list, "append");
        let added = self.call(append, vec![object]);
        let added = self.stmt(StmtKind::Expr(added));
        let (len, objects) = (self.name("len"), self.name(list));
        let len = self.call(len, vec![objects]);
        let known = self.name(position::KNOWN);
        let place = self.call(known, vec![len]);
        let at = ["at", "position", "new_at"];
        let at = at
            .into_iter()
            .find(|at| own.iter().all(|p| p.name.name != *at))?;
        let target = self.name(at);
        let counted = self.assign(target, place);
        let at = self.name(at);
        let given = self.stmt(StmtKind::Return(Some(at)));
        Some(self.function(name, params, vec![counted, added, given]))
    }
}
