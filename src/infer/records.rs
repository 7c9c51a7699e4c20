//! Dicts with a fixed set of literal keys: each kind gets a name, as the class that it is.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Class, Fact, Problem};
use crate::ast::{CompareOp, Expr, ExprKind};
use crate::desugar::typed::{Sugar, given_entries};
use crate::diagnostic::Code;
use crate::ty::{Missing, Ty};

/// What a dict is called that has no better name.
const NAMELESS: &str = "Record";

impl Inference<'_> {
    /// Names every kind of dict with literal keys that a variable, an attribute, a parameter
    /// or a result holds: in the Rust it is a struct.
    pub(super) fn name_records(&mut self) {
        let mut found: Vec<(String, Ty)> = Vec::new();
        for (name, fact) in &self.model.variables {
            collect(name, &fact.ty, &mut found);
        }
        for (name, constant) in &self.model.consts {
            collect(name, &constant.fact.ty, &mut found);
        }
        for class in self.model.classes.values() {
            for (name, fact) in &class.fields {
                collect(name, &fact.ty, &mut found);
            }
        }
        for function in &self.model.functions {
            let own = function.python_name.rsplit('.').next().unwrap_or(NAMELESS);
            collect(own, &function.ret.ty, &mut found);
        }
        for function in &self.model.functions {
            for (name, var) in &function.vars {
                collect(super::scope::plain_name(name), &var.fact.ty, &mut found);
            }
        }
        for (name, ty) in found {
            let Ty::Record(fields) = &ty else { continue };
            let known = self.model.records.iter().any(|(record, _)| *record == ty);
            if known || fields.is_empty() || !distinct(fields) {
                continue;
            }
            let name = self.free_name(&name);
            let class = Class {
                fields: fields
                    .iter()
                    .map(|(key, ty)| match fields.may_lack(key) {
                        true => (key.clone(), Fact::of(ty.clone().optional())),
                        false => (key.clone(), Fact::of(ty.clone())),
                    })
                    .collect(),
                ..Class::default()
            };
            self.model.classes.insert(name.clone(), class);
            self.model.records.push((ty, name));
        }
    }

    /// `d.update(key=value, …)`: what assigns the entries.
    pub(super) fn updated_entries(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        dict: &Ty,
        env: &mut Env,
    ) -> Option<Fact> {
        let ExprKind::Call { args, .. } = &e.kind else {
            return None;
        };
        let (place, given) = given_entries(e)?;
        let by_name = args.is_empty() || matches!(dict, Ty::Record(_));
        if !by_name || dict.missing() == Missing::Zero || self.is_table(scope, place) {
            return None;
        }
        for (_, value) in given {
            let _ = self.eval(scope, value, env);
        }
        self.note(e, Sugar::Entries);
        let message = "the value of `update()` is not translated";
        self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
        Some(Fact::of(Ty::None))
    }

    /// A dict whose entries are taken one by one: where some of them may be missing it is one
    /// of any keys.
    pub(super) fn whole_dict(&mut self, scope: &mut Scope<'_>, dict: &Expr, ty: Ty) -> Ty {
        match ty.narrowed() {
            Ty::Record(fields) if fields.is_partial() && !self.is_table(scope, dict) => {
                let whole = ty.narrowed().as_dict();
                self.grow(scope, dict, &whole);
                whole
            }
            _ => ty,
        }
    }

    /// `key in d`, where the key is computed: of any dict.
    pub(super) fn asks_any_key(
        &mut self,
        scope: &mut Scope<'_>,
        op: CompareOp,
        key: &Expr,
        dict: &Expr,
    ) {
        let ty = scope.fact(dict.id).ty.narrowed();
        if matches!(op, CompareOp::In | CompareOp::NotIn)
            && !matches!(key.kind, ExprKind::Str(_))
            && matches!(ty, Ty::Record(_))
            && !self.is_table(scope, dict)
        {
            self.grow(scope, dict, &ty.as_dict());
        }
    }

    /// `d.get(key)`, `d.get(key, default)` of an entry that may be missing.
    pub(super) fn entry_or(&mut self, e: &Expr, key: &str, ty: &Ty, default: Option<Fact>) -> Fact {
        let Some(default) = default.filter(|fact| fact.ty != Ty::None) else {
            return Fact::of(ty.clone().optional());
        };
        if matches!(ty, Ty::Option(_) | Ty::None) {
            let what = format!("the entry {key:?}, which may be missing or None,");
            return self.unsupported(e, &what);
        }
        match ty.join(&default.ty) {
            Ty::Conflict(why) => self.unsupported(e, &format!("`get()`, which gives {why},")),
            joined => Fact::of(joined),
        }
    }

    /// A type name that nothing else has.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let mut name: String = String::new();
        for word in wanted.split('_').filter(|w| !w.is_empty()) {
            let mut chars = word.chars();
            name.extend(chars.next().into_iter().flat_map(char::to_uppercase));
            name.push_str(&chars.as_str().to_lowercase());
        }
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name = NAMELESS.into();
        }
        let base = name.clone();
        let mut n = 1;
        while self.model.classes.contains_key(&name) || self.classes.contains_key(&name) {
            n += 1;
            name = format!("{base}{n}");
        }
        name
    }
}

/// The kinds of dicts with literal keys within a type, the innermost first.
fn collect(name: &str, ty: &Ty, out: &mut Vec<(String, Ty)>) {
    match ty {
        Ty::Record(fields) => {
            // Entries that are all alike are named after the whole.
            let alike = fields
                .windows(2)
                .all(|pair| matches!(pair, [(_, a), (_, b)] if a == b) && fields.len() > 1);
            for (key, ty) in fields {
                let own = one_of(name);
                collect(if alike { &own } else { key }, ty, out);
            }
            out.push((name.to_string(), ty.clone()));
        }
        Ty::Option(inner) => collect(name, inner, out),
        Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Dict { value: elem, .. } => {
            collect(&one_of(name), elem, out);
        }
        Ty::Tuple(items) | Ty::Mixed(items) => {
            items.iter().for_each(|ty| collect(name, ty, out));
        }
        Ty::Unknown
        | Ty::None
        | Ty::Bool
        | Ty::Int
        | Ty::Float
        | Ty::Number
        | Ty::IntOrFloat
        | Ty::Str
        | Ty::Range
        | Ty::Position
        | Ty::Set(_)
        | Ty::Struct(_)
        | Ty::Tagged(_)
        | Ty::Enum(_)
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Context
        | Ty::Exception(_)
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Class(_)
        | Ty::Instance(_)
        | Ty::Member(_)
        | Ty::Conflict(_) => {}
    }
}

/// `waypoint` of `waypoints`.
fn one_of(name: &str) -> String {
    let lower = name.to_lowercase();
    match lower.strip_suffix('s') {
        Some(one) if one.len() > 1 && !one.ends_with('s') => one.to_string(),
        _ => format!("{lower}_entry"),
    }
}

/// Whether the keys are still apart as fields.
fn distinct(fields: &[(String, Ty)]) -> bool {
    let mut names: Vec<String> = fields
        .iter()
        .map(|(key, _)| crate::value::field_name(key))
        .collect();
    names.sort();
    names.windows(2).all(|pair| pair.first() != pair.get(1)) && names.iter().all(|n| !n.is_empty())
}
