//! `match`: what each pattern tells of its subject, and what it binds.

use super::Inference;
use super::env::{Env, Path};
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{Block, Case, Expr, ExprKind, Pattern, PatternKind};
use crate::diagnostic::Code;
use crate::ty::Ty;

/// The most samples of a type that are looked at.
const MOST_SAMPLES: usize = 512;

/// A value of a type that has few of them, and one that stands for all others.
#[derive(Debug, Clone)]
enum Sample {
    Lit(String),
    None,
    Tuple(Vec<Sample>),
    Other,
}

impl Inference<'_> {
    /// `match subject: case …`
    pub(super) fn match_(
        &mut self,
        scope: &mut Scope<'_>,
        subject: &Expr,
        cases: &[Case],
        mut env: Env,
        block: &mut dyn FnMut(&mut Self, &mut Scope<'_>, &Block, Env) -> Env,
    ) -> Env {
        let mut fact = self.eval(scope, subject, &mut env);
        let path = self.path_of(scope, subject);
        let mut rest = env;
        let mut done: Option<Env> = None;
        let mut open = self.samples(&fact.ty);
        for case in cases {
            if !rest.reachable {
                break;
            }
            let mut inside = rest.clone();
            let whole = self.pattern(scope, &case.pattern, &fact, Some(subject), &mut inside);
            if let Some(guard) = &case.guard {
                let (yes, no) = self.condition(scope, guard, inside);
                inside = yes;
                rest = rest.meet(&no);
            } else {
                if takes_none(&case.pattern) {
                    fact.ty = fact.ty.narrowed();
                    rest.some.extend(path.clone());
                }
                match self.tagged_key(&fact.ty) {
                    Some(def) => {
                        let taken = super::tagged::covered(def, &case.pattern);
                        let none = takes_none(&case.pattern) || is_wild(&case.pattern);
                        open.retain(|sample| match sample {
                            Sample::Lit(variant) => !taken.contains(variant),
                            _ => !none,
                        });
                    }
                    None => open.retain(|sample| !matches(&case.pattern, sample)),
                }
                if whole || open.is_empty() {
                    rest = Env::unreachable();
                }
            }
            let end = block(self, scope, &case.body, inside);
            done = Some(done.map_or(end.clone(), |d| d.meet(&end)));
        }
        if fact.ty == Ty::Unknown {
            // Nothing is known of the value yet, nor that no case takes it.
            rest = Env::unreachable();
        }
        done.map_or(rest.clone(), |d| d.meet(&rest))
    }

    /// The values of a type, as far as a pattern can tell them apart.
    fn samples(&self, ty: &Ty) -> Vec<Sample> {
        match ty {
            Ty::Bool => vec![Sample::Lit("True".into()), Sample::Lit("False".into())],
            Ty::None => vec![Sample::None],
            Ty::Option(inner) => {
                let mut all = self.samples(inner);
                all.push(Sample::None);
                all
            }
            Ty::Member(class) => self
                .model
                .classes
                .get(class)
                .map(|c| {
                    c.members
                        .iter()
                        .map(|(name, _)| Sample::Lit(name.clone()))
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            Ty::Instance(class) => self
                .model
                .classes
                .get(class)
                .filter(|c| !c.variants.is_empty())
                .map(|c| c.variants.iter().cloned().map(Sample::Lit).collect())
                .unwrap_or_else(|| vec![Sample::Other]),
            Ty::Tagged(key) => self
                .types
                .enum_def(key)
                .map(|def| {
                    let variants = def.variants.iter();
                    variants.map(|v| Sample::Lit(v.name.clone())).collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            Ty::Enum(key) => self
                .types
                .enum_def(key)
                .map(|def| {
                    def.variants
                        .iter()
                        .map(|v| Sample::Lit(v.python_name.clone()))
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            Ty::Tuple(items) => {
                let mut all: Vec<Vec<Sample>> = vec![Vec::new()];
                for item in items {
                    let of_item = self.samples(item);
                    if all.len() * of_item.len() > MOST_SAMPLES {
                        return vec![Sample::Other];
                    }
                    all = all
                        .iter()
                        .flat_map(|before| {
                            of_item.iter().map(|s| {
                                let mut next = before.clone();
                                next.push(s.clone());
                                next
                            })
                        })
                        .collect();
                }
                all.into_iter().map(Sample::Tuple).collect()
            }
            _ => vec![Sample::Other],
        }
    }

    /// Evaluates a pattern against a value with that fact and binds its names; whether it
    /// matches every such value.
    fn pattern(
        &mut self,
        scope: &mut Scope<'_>,
        pattern: &Pattern,
        fact: &Fact,
        value: Option<&Expr>,
        env: &mut Env,
    ) -> bool {
        if let Ty::Tagged(key) = fact.ty.narrowed()
            && let Some(whole) = self.tagged_pattern(scope, pattern, &key, env)
        {
            return whole;
        }
        match &pattern.kind {
            PatternKind::Value(expr) => {
                let wanted = self.eval(scope, expr, env);
                self.comparison(expr, crate::ast::CompareOp::Eq, fact, &wanted);
                if let (Some(path), true) = (
                    value.and_then(|v| self.path_of(scope, v)),
                    fact.ty == Ty::Int && wanted.ty == Ty::Int,
                ) {
                    env.ranges.insert(path, wanted.range);
                }
                false
            }
            PatternKind::Singleton(expr) => {
                let _ = self.eval(scope, expr, env);
                matches!((&expr.kind, &fact.ty), (ExprKind::None, Ty::None))
            }
            PatternKind::As {
                pattern: inner,
                name,
            } => {
                let whole = match inner {
                    Some(inner) => self.pattern(scope, inner, fact, value, env),
                    None => true,
                };
                let some = inner.as_ref().is_some_and(|p| excludes_none(p));
                if name.is_some() {
                    let variant = inner.as_ref().and_then(|p| variant_of(p, &fact.ty));
                    let ty = if let Some(variant) = variant {
                        if let (Some(path), Some(version)) = (
                            value.and_then(|v| self.path_of(scope, v)),
                            scope.names.names.get(&pattern.id).cloned(),
                        ) {
                            scope.parts.insert(version, vec![path]);
                        }
                        Ty::Instance(variant)
                    } else if some {
                        fact.ty.narrowed()
                    } else {
                        fact.ty.clone()
                    };
                    self.capture(scope, pattern, &Fact { ty, ..fact.clone() }, env);
                }
                whole
            }
            PatternKind::Or(alternatives) => {
                let mut whole = false;
                let mut out: Option<Env> = None;
                for alternative in alternatives {
                    let mut inside = env.clone();
                    whole |= self.pattern(scope, alternative, fact, value, &mut inside);
                    out = Some(out.map_or(inside.clone(), |o| o.meet(&inside)));
                }
                if let Some(out) = out {
                    *env = out;
                }
                whole
            }
            PatternKind::Sequence(items) => self.sequence(scope, pattern, items, fact, value, env),
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => {
                let name = match &class.kind {
                    ExprKind::Name(name) => name.clone(),
                    _ => String::new(),
                };
                if positional.is_empty() && keywords.is_empty() {
                    match fact.ty.narrowed() {
                        Ty::Instance(own) if own != name && self.classes.contains_key(&name) => {
                            return false;
                        }
                        _ => {}
                    }
                }
                if is_builtin_class(&name, &fact.ty.narrowed()) && keywords.is_empty() {
                    let inner = Fact {
                        ty: fact.ty.narrowed(),
                        ..fact.clone()
                    };
                    let mut whole = !matches!(fact.ty, Ty::Option(_));
                    for p in positional {
                        whole &= self.pattern(scope, p, &inner, value, env);
                    }
                    return whole;
                }
                if fact.ty.narrowed() == Ty::Instance(name.clone()) {
                    let mut whole = !matches!(fact.ty, Ty::Option(_));
                    let attributes: Vec<String> = self
                        .classes
                        .get(&name)
                        .map(|c| c.attributes.iter().map(|(n, _)| n.clone()).collect())
                        .unwrap_or_default();
                    let by_place = positional
                        .iter()
                        .zip(&attributes)
                        .map(|(p, n)| (n.clone(), p));
                    let by_name = keywords.iter().map(|(n, p)| (n.clone(), p));
                    let parts: Vec<(String, &Pattern)> = by_place.chain(by_name).collect();
                    for (attr, p) in parts {
                        let held = self
                            .model
                            .classes
                            .get(&name)
                            .and_then(|c| c.field(&attr))
                            .cloned()
                            .unwrap_or_else(Fact::unknown);
                        whole &= self.pattern(scope, p, &held, None, env);
                    }
                    return whole;
                }
                self.refuse_pattern(pattern, fact, "this class pattern")
            }
            PatternKind::Mapping { .. } => self.refuse_pattern(pattern, fact, "a mapping pattern"),
            PatternKind::Star(_) => true,
        }
    }

    /// The enum with data that a type is.
    fn tagged_key(&self, ty: &Ty) -> Option<&crate::project::EnumDef> {
        match ty.narrowed() {
            Ty::Tagged(key) => self.types.enum_def(&key),
            _ => None,
        }
    }

    /// A pattern of an enum with data: a text, or a dict of one key.
    fn tagged_pattern(
        &mut self,
        scope: &mut Scope<'_>,
        pattern: &Pattern,
        key: &str,
        env: &mut Env,
    ) -> Option<bool> {
        match &pattern.kind {
            PatternKind::Value(e) => {
                let ExprKind::Str(_) = &e.kind else {
                    return None;
                };
                let _ = self.eval(scope, e, env);
            }
            PatternKind::Mapping { items, rest: None } => match items.as_slice() {
                [] => {}
                [(name, sub)] => {
                    let ExprKind::Str(text) = &name.kind else {
                        return None;
                    };
                    let _ = self.eval(scope, name, env);
                    let variant = self.variant_with_data(key, text);
                    let data = variant.and_then(|v| super::tagged::data(self.types, key, v))?;
                    let data_key = match &data.ty {
                        Ty::Struct(key) => Some(key.clone()),
                        _ => None,
                    };
                    match (&sub.kind, data_key) {
                        (PatternKind::Mapping { items, rest: None }, Some(of))
                            if !self.types.is_row(&of) =>
                        {
                            for (name, sub) in items {
                                let ExprKind::Str(text) = &name.kind else {
                                    return None;
                                };
                                let _ = self.eval(scope, name, env);
                                let field = self.field(&of, text)?;
                                let fact = Fact {
                                    range: crate::value::stored_range(&field.ty),
                                    ..Fact::of(Ty::of_rust(&field.ty, self.types))
                                };
                                let _ = self.pattern(scope, sub, &fact, None, env);
                            }
                        }
                        (PatternKind::Sequence(items), Some(of))
                            if self.types.is_row(&of) && items.len() == self.fields(&of).len() =>
                        {
                            for (i, sub) in items.iter().enumerate() {
                                let field = self.field(&of, &i.to_string())?;
                                let fact = Fact {
                                    range: crate::value::stored_range(&field.ty),
                                    ..Fact::of(Ty::of_rust(&field.ty, self.types))
                                };
                                let _ = self.pattern(scope, sub, &fact, None, env);
                            }
                        }
                        (PatternKind::As { pattern: None, .. }, _) | (_, None) => {
                            let _ = self.pattern(scope, sub, &data, None, env);
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            },
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => {
                let known = matches!(&class.kind, ExprKind::Name(n) if n == "str" || n == "dict");
                if !known || !positional.is_empty() || !keywords.is_empty() {
                    return None;
                }
            }
            PatternKind::Singleton(_)
            | PatternKind::Sequence(_)
            | PatternKind::Mapping { .. }
            | PatternKind::Star(_)
            | PatternKind::Or(_)
            | PatternKind::As { .. } => return None,
        }
        Some(false)
    }

    fn sequence(
        &mut self,
        scope: &mut Scope<'_>,
        pattern: &Pattern,
        items: &[Pattern],
        fact: &Fact,
        value: Option<&Expr>,
        env: &mut Env,
    ) -> bool {
        let star = items
            .iter()
            .position(|p| matches!(p.kind, PatternKind::Star(_)));
        let fixed = items.len() - usize::from(star.is_some());
        match fact.ty.narrowed() {
            Ty::Tuple(tys) => {
                let fits = if star.is_some() {
                    tys.len() >= fixed
                } else {
                    tys.len() == fixed
                };
                let parts: Vec<Option<&Expr>> = match value.map(|v| &v.kind) {
                    Some(ExprKind::Tuple(parts)) => parts.iter().map(Some).collect(),
                    _ => vec![None; tys.len()],
                };
                let mut whole = fits && !matches!(fact.ty, Ty::Option(_));
                let many = tys.len().saturating_sub(fixed);
                let mut place = 0;
                for item in items {
                    if let PatternKind::Star(name) = &item.kind {
                        let held = tys.iter().skip(place).take(many);
                        let elem = held.fold(Ty::Unknown, |a, b| a.join(b));
                        if name.is_some() {
                            self.capture(scope, item, &Fact::of(Ty::list(elem)), env);
                        }
                        place += many;
                        continue;
                    }
                    let part = parts.get(place).copied().flatten();
                    let held = match (part, tys.get(place)) {
                        (Some(part), _) => scope.fact(part.id),
                        (None, Some(ty)) => Fact::of(ty.clone()),
                        (None, None) => Fact::unknown(),
                    };
                    whole &= self.pattern(scope, item, &held, part, env);
                    place += 1;
                }
                whole
            }
            Ty::List {
                elem, store, kind, ..
            } if !kind.is_octets() => {
                let held = Fact {
                    range: store.as_ref().map_or_else(
                        || Fact::of((*elem).clone()).range,
                        crate::value::stored_range,
                    ),
                    ..Fact::of((*elem).clone())
                };
                for item in items {
                    if let PatternKind::Star(name) = &item.kind {
                        if name.is_some() {
                            let rest = Fact::of(Ty::list((*elem).clone()));
                            self.capture(scope, item, &rest, env);
                        }
                        continue;
                    }
                    let _ = self.pattern(scope, item, &held, None, env);
                }
                false
            }
            _ => self.refuse_pattern(pattern, fact, "a sequence pattern"),
        }
    }

    fn capture(&mut self, scope: &mut Scope<'_>, pattern: &Pattern, fact: &Fact, env: &mut Env) {
        scope.record(pattern.id, fact.clone());
        if let Some(version) = scope.names.names.get(&pattern.id).cloned() {
            let fact = Fact {
                unbound: false,
                ..fact.clone()
            };
            self.bind(scope, &version, None, &fact, env);
            if fact.ty.narrowed().is_number() {
                env.ranges.insert(Path::root(version), fact.range);
            }
        }
    }

    fn refuse_pattern(&mut self, pattern: &Pattern, fact: &Fact, what: &str) -> bool {
        if !fact.ty.is_unusable() {
            self.problem(
                pattern.id,
                pattern.span,
                Problem::new(
                    Code::PartlyHandled,
                    format!("{what} for {} is not translated", fact.ty.describe()),
                ),
            );
        }
        false
    }
}

/// Whether every value of a type is an instance of a builtin class.
pub fn is_builtin_class(class: &str, ty: &Ty) -> bool {
    matches!(
        (class, ty),
        ("int", Ty::Int | Ty::Bool)
            | ("float", Ty::Float)
            | ("str", Ty::Str | Ty::Enum(_))
            | ("bool", Ty::Bool)
            | ("tuple", Ty::Tuple(_))
    ) || matches!(ty, Ty::List { kind, .. } if kind.name() == class)
}

/// Whether a pattern matches None, whatever else it matches.
fn takes_none(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Singleton(e) => matches!(e.kind, ExprKind::None),
        PatternKind::Or(alternatives) => alternatives.iter().any(takes_none),
        PatternKind::Value(_)
        | PatternKind::Sequence(_)
        | PatternKind::Mapping { .. }
        | PatternKind::Class { .. }
        | PatternKind::As { .. }
        | PatternKind::Star(_) => false,
    }
}

/// Whether a pattern takes any value.
fn is_wild(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::As { pattern, .. } => pattern.as_ref().is_none_or(|p| is_wild(p)),
        PatternKind::Or(alternatives) => alternatives.iter().any(is_wild),
        PatternKind::Value(_)
        | PatternKind::Singleton(_)
        | PatternKind::Sequence(_)
        | PatternKind::Mapping { .. }
        | PatternKind::Class { .. }
        | PatternKind::Star(_) => false,
    }
}

/// Whether a pattern cannot match None.
fn excludes_none(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Value(_)
        | PatternKind::Sequence(_)
        | PatternKind::Mapping { .. }
        | PatternKind::Class { .. } => true,
        PatternKind::Singleton(e) => !matches!(e.kind, ExprKind::None),
        PatternKind::Or(alternatives) => alternatives.iter().all(excludes_none),
        PatternKind::As { pattern, .. } => pattern.as_ref().is_some_and(|p| excludes_none(p)),
        PatternKind::Star(_) => false,
    }
}

/// Whether a pattern matches every value that a sample stands for.
fn matches(pattern: &Pattern, sample: &Sample) -> bool {
    let is = |text: &str| matches!(sample, Sample::Lit(lit) if lit == text);
    match &pattern.kind {
        PatternKind::Value(e) => match &e.kind {
            ExprKind::Str(text) => is(text),
            ExprKind::Attribute { attr, .. } => is(&attr.name),
            _ => false,
        },
        PatternKind::Singleton(e) => match &e.kind {
            ExprKind::Bool(true) => is("True"),
            ExprKind::Bool(false) => is("False"),
            ExprKind::None => matches!(sample, Sample::None),
            _ => false,
        },
        PatternKind::Or(alternatives) => alternatives.iter().any(|p| matches(p, sample)),
        PatternKind::As { pattern, .. } => pattern.as_ref().is_none_or(|p| matches(p, sample)),
        PatternKind::Sequence(items) => match sample {
            Sample::Tuple(parts) => {
                items.len() == parts.len() && items.iter().zip(parts).all(|(p, s)| matches(p, s))
            }
            Sample::Lit(_) | Sample::None | Sample::Other => false,
        },
        PatternKind::Class {
            class,
            positional,
            keywords,
        } => {
            positional.is_empty()
                && keywords.is_empty()
                && matches!(&class.kind, ExprKind::Name(name) if is(name))
        }
        PatternKind::Mapping { .. } | PatternKind::Star(_) => false,
    }
}

/// The class of a family that a pattern asks for, of a value of that family or that class.
pub fn variant_of(pattern: &Pattern, ty: &Ty) -> Option<String> {
    let PatternKind::Class { class, .. } = &pattern.kind else {
        return None;
    };
    let (ExprKind::Name(name), Ty::Instance(own)) = (&class.kind, ty.narrowed()) else {
        return None;
    };
    (*name != own && crate::ty::family_of(name) == own).then(|| name.clone())
}
