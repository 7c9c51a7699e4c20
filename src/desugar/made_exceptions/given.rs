//! `raise SensorError("imu", code=3)` as the message and what is kept.

use super::{Made, Message, OWN_NAME, arguments, with};
use crate::ast::{self, Block, Expr, ExprKind, FStringPart, NodeId, Stmt, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::copies;
use crate::desugar::settled::settled;
use std::collections::{BTreeMap, BTreeSet};

/// What is known where exceptions are raised.
pub(super) struct Given<'m> {
    pub(super) made: &'m BTreeMap<String, Made>,
    /// The properties of the module's classes: reading one is a call.
    pub(super) properties: BTreeSet<String>,
    /// Every name of the module.
    pub(super) names: BTreeSet<String>,
}

/// Rewrites every `raise` of a block.
pub(super) fn raises(block: &mut Block, given: &Given<'_>, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        for inner in ast::blocks_mut(&mut stmt) {
            raises(inner, given, next_id);
        }
        given.raise(&mut stmt, &mut out, next_id);
        out.push(stmt);
    }
    block.stmts = out;
}

impl Given<'_> {
    fn raise(&self, stmt: &mut Stmt, before: &mut Vec<Stmt>, next_id: &mut u32) {
        let span = stmt.span;
        let StmtKind::Raise { exc: Some(exc), .. } = &mut stmt.kind else {
            return;
        };
        let (func, args, keywords) = match &exc.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } => (&**func, args.clone(), keywords.clone()),
            _ => (&*exc, Vec::new(), Vec::new()),
        };
        let ExprKind::Name(name) = &func.kind else {
            return;
        };
        let Some(one) = self.made.get(name).filter(|one| one.is_more()) else {
            return;
        };
        let func = func.clone();
        let mut args = args;
        let mut keywords = keywords;
        let mut given = match &one.init {
            Some(_) if one.by.is_some() => Vec::new(),
            Some(init) => match arguments(init, &args, &keywords) {
                Some(given) => given,
                None => return,
            },
            None => Vec::new(),
        };
        let first = before.len();
        match &one.by {
            Some(by) => {
                if matches!(one.message, Message::Arguments) {
                    self.name_all(&mut args, (before, span), next_id);
                }
                let mut fresh = |wanted: &str| self.fresh(wanted);
                let mut build = Build { next_id, span };
                let theirs = args.iter().map(|a| build.again(a)).collect();
                let (call, bound) = by.call(theirs, keywords.clone(), &mut fresh, &mut build);
                before.push(call);
                given = bound;
            }
            None => self.settle(
                one,
                &mut args,
                &mut keywords,
                &mut given,
                (before, span),
                next_id,
            ),
        }
        if before.len() > first {
            // What stood above the `raise` stands above what is computed for it.
            if let Some(ahead) = before.get_mut(first) {
                ahead.comments = std::mem::take(&mut stmt.comments);
                ahead.blank_before = std::mem::take(&mut stmt.blank_before);
            }
        }
        let mut build = Build { next_id, span };
        let own_name = build.expr(ExprKind::Str(name.clone()));
        given.push((OWN_NAME.to_string(), own_name));
        let message = match &one.message {
            Message::Text(text) => Some(with(text, &given)),
            // What a maker gives is a text.
            Message::Passed(args) if one.by.is_some() => args.first().map(|a| with(a, &given)),
            Message::Passed(args) => {
                text_of(&mut build, args.iter().map(|a| with(a, &given)).collect())
            }
            Message::Arguments => text_of(&mut build, args),
        };
        let message = message.unwrap_or_else(|| build.expr(ExprKind::Str(String::new())));
        let mut out = vec![message];
        out.extend(one.kept.iter().map(|(_, value)| with(value, &given)));
        // A bare `raise Bad` stays one.
        if out.len() == 1
            && matches!(out.first(), Some(Expr { kind: ExprKind::Str(text), .. }) if text.is_empty())
        {
            out.clear();
        }
        out.iter_mut().for_each(|e| {
            fold(e);
            copies::expr(e, build.next_id);
        });
        exc.kind = ExprKind::Call {
            func: Box::new(func),
            args: out,
            keywords: Vec::new(),
        };
    }

    /// A name that no one in the module has.
    fn fresh(&self, wanted: &str) -> String {
        let mut name = wanted.to_string();
        while self.names.contains(&name) {
            name.push_str("_given");
        }
        name
    }

    /// Names for all arguments but literals.
    fn name_all(
        &self,
        args: &mut [Expr],
        (before, span): (&mut Vec<Stmt>, crate::source::Span),
        next_id: &mut u32,
    ) {
        for arg in args.iter_mut().filter(|a| !is_literal(a)) {
            let name = self.fresh("value");
            let mut build = Build { next_id, span };
            let target = build.name(&name);
            let value = build.name(&name);
            let value = std::mem::replace(arg, value);
            before.push(build.assign(target, value));
        }
    }

    /// Names for arguments that would be evaluated more than once, or out of order.
    fn settle(
        &self,
        one: &Made,
        args: &mut [Expr],
        keywords: &mut [ast::Keyword],
        given: &mut [(String, Expr)],
        (before, span): (&mut Vec<Stmt>, crate::source::Span),
        next_id: &mut u32,
    ) {
        let from_call: BTreeSet<NodeId> = args
            .iter()
            .chain(keywords.iter().map(|k| &k.value))
            .map(|e| e.id)
            .collect();
        let complex: Vec<NodeId> = args
            .iter()
            .chain(keywords.iter().map(|k| &k.value))
            .filter(|e| !self.is_simple(e))
            .map(|e| e.id)
            .collect();
        let Some(only) = complex.first() else { return };
        let uses = |param: &str| {
            let mut texts: Vec<&Expr> = one.kept.iter().map(|(_, e)| e).collect();
            match &one.message {
                Message::Arguments => {}
                Message::Passed(args) => texts.extend(args),
                Message::Text(text) => texts.push(text),
            }
            texts.iter().map(|e| count(e, param)).sum::<usize>()
                + usize::from(matches!(one.message, Message::Arguments))
        };
        let in_order = complex.len() == 1
            && given.iter().all(|(param, arg)| match arg.id == *only {
                true => uses(param) == 1,
                false => !from_call.contains(&arg.id) || is_literal(arg),
            });
        if in_order {
            return;
        }
        let mut put = |e: &mut Expr, wanted: &str| {
            if is_literal(e) || !from_call.contains(&e.id) {
                return;
            }
            if matches!(e.kind, ExprKind::Name(_)) {
                return;
            }
            let name = self.fresh(wanted);
            let mut build = Build { next_id, span };
            let mut name = build.name(&name);
            let id = e.id;
            let target = name.clone();
            name.id = id;
            let value = std::mem::replace(e, name);
            before.push(build.stmt(StmtKind::Assign {
                targets: vec![target],
                value,
            }));
        };
        let names: BTreeMap<NodeId, String> = given
            .iter()
            .map(|(param, arg)| (arg.id, param.clone()))
            .collect();
        for arg in args
            .iter_mut()
            .chain(keywords.iter_mut().map(|k| &mut k.value))
        {
            let wanted = names.get(&arg.id).cloned().unwrap_or("value".into());
            put(arg, &wanted);
        }
        let settled: BTreeMap<NodeId, &Expr> = args
            .iter()
            .chain(keywords.iter().map(|k| &k.value))
            .map(|e| (e.id, e))
            .collect();
        for (_, arg) in given {
            if let Some(e) = settled.get(&arg.id) {
                *arg = (*e).clone();
            }
        }
    }

    /// Whether an argument may be evaluated anywhere, and more than once.
    fn is_simple(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { value, attr } => {
                self.is_simple(value) && !self.properties.contains(&attr.name)
            }
            _ => is_literal(e),
        }
    }
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Unary { operand, .. } => is_literal(operand),
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_) => true,
        _ => false,
    }
}

/// Puts literals into the text of f-strings.
fn fold(e: &mut Expr) {
    fn settle(e: &mut Expr) {
        ast::rewrite::children(e, &mut settle);
        settled(e);
    }
    settle(e);
    ast::rewrite::expr(e, &mut |e| {
        let ExprKind::FString(parts) = &mut e.kind else {
            return;
        };
        for part in parts.iter_mut() {
            if let FStringPart::Value {
                value,
                conversion: None,
                spec,
            } = part
                && spec.is_empty()
            {
                match &value.kind {
                    ExprKind::Str(text) => *part = FStringPart::Literal(text.clone()),
                    ExprKind::Int(n) => *part = FStringPart::Literal(n.to_string()),
                    _ => {}
                }
            }
        }
        let mut text = String::new();
        for part in parts.iter() {
            match part {
                FStringPart::Literal(literal) => text.push_str(literal),
                FStringPart::Value { .. } => return,
            }
        }
        e.kind = ExprKind::Str(text);
    });
}

/// How often a name stands in an expression.
fn count(e: &Expr, name: &str) -> usize {
    let own = usize::from(matches!(&e.kind, ExprKind::Name(n) if n == name));
    let parts = ast::visit::children(e);
    own + parts.into_iter().map(|e| count(e, name)).sum::<usize>()
}

/// What `str(e)` gives of an exception with these arguments.
pub(super) fn text_of(build: &mut Build<'_>, mut args: Vec<Expr>) -> Option<Expr> {
    let one = match args.len() {
        0 => return None,
        1 => args.pop()?,
        _ => build.expr(ExprKind::Tuple(args)),
    };
    let is_text = matches!(one.kind, ExprKind::Str(_) | ExprKind::FString(_))
        || matches!(&one.kind, ExprKind::Call { func, .. }
            if matches!(&func.kind, ExprKind::Name(n) if n == "str")
                || matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == "format"));
    if is_text {
        return Some(one);
    }
    let func = Box::new(build.name("str"));
    Some(build.expr(ExprKind::Call {
        func,
        args: vec![one],
        keywords: Vec::new(),
    }))
}
