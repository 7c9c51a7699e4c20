//! Indexing and slicing.

use crate::ast::{Expr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::Inference;
use crate::infer::lengths::slice_places;
use crate::infer::model::{Fact, Problem};
use crate::project::RustTy;
use crate::ty::Ty;
use crate::value::stored_range;

impl<'a> Inference<'a> {
    /// `TABLE[key]` of a constant table whose entries have one type.
    pub(super) fn table_entry(&mut self, e: &Expr, key: &Fact) -> Fact {
        if key.ty.is_unusable() {
            return Fact::of(key.ty.clone());
        }
        let entries = match &e.kind {
            ExprKind::Subscript { value, .. } => match &value.kind {
                ExprKind::Name(name) => self.model.tables.get(name),
                _ => None,
            },
            _ => None,
        };
        let one = entries.and_then(|entries| {
            let mut facts = entries.values();
            let first = facts.next()?.clone();
            facts.try_fold(first, |all, fact| {
                let joined = all.join(fact);
                (!matches!(joined.ty, Ty::Conflict(_))).then_some(joined)
            })
        });
        match (&key.ty.narrowed(), one) {
            (Ty::Str | Ty::Enum(_), Some(fact)) => fact,
            (Ty::Str | Ty::Enum(_), None) => self.unsupported(
                e,
                "a computed key of a table whose values have several types",
            ),
            (other, _) => {
                let what = format!("a table by a key that is {}", other.describe());
                self.unsupported(e, &what)
            }
        }
    }

    /// `xs[lower:upper:step]` of a list.
    pub(super) fn slice(&mut self, e: &Expr, base: &Fact, ends: &[Option<Fact>; 3]) -> Fact {
        if let Ty::Tuple(items) = &base.ty {
            let constant = |end: &Option<Fact>| match end {
                None => Some(None),
                Some(end) => end.range.int().constant().map(Some),
            };
            let [lower, upper, step] = ends;
            let places = constant(lower)
                .zip(constant(upper))
                .zip(constant(step))
                .and_then(|((lower, upper), step)| {
                    slice_places(items.len(), lower, upper, step.unwrap_or(1))
                });
            let taken = |places: Vec<usize>| {
                let taken = places.into_iter().filter_map(|i| items.get(i).cloned());
                Fact::of(Ty::Tuple(taken.collect()))
            };
            return match places {
                Some(places) => taken(places),
                None => self.unsupported(e, "a slice of a tuple with a computed bound"),
            };
        }
        let list = base.ty.narrowed();
        let Ty::List { elem, store, .. } = &list else {
            let what = match base.ty.narrowed() {
                Ty::Str | Ty::Enum(_) => {
                    let whole =
                        |end: &Fact| matches!(end.ty.narrowed(), Ty::Int | Ty::None | Ty::Unknown);
                    if ends.iter().flatten().all(whole) {
                        return Fact::of(Ty::Str);
                    }
                    "a slice of str with such a bound".to_string()
                }
                unknown @ (Ty::Unknown | Ty::Conflict(_)) => return Fact::of(unknown),
                other => format!("a slice of {}", other.describe()),
            };
            return self.unsupported(e, &what);
        };
        let int = |end: &Option<Fact>| {
            end.as_ref()
                .is_none_or(|fact| matches!(fact.ty, Ty::Int | Ty::Unknown))
        };
        let [lower, upper, step] = ends;
        if !int(lower) || !int(upper) || !int(step) {
            return self.unsupported(e, "a slice with a bound that is not an int");
        }
        let stride = step.as_ref().map_or(Some(1), |s| s.range.int().constant());
        match stride {
            Some(1..=0xffff) => {}
            Some(-0xffff..=-1) if lower.is_none() && upper.is_none() => {}
            Some(0) => return self.unsupported(e, "a slice with a step of zero"),
            Some(_) => return self.unsupported(e, "a slice backwards from or to a bound"),
            None => return self.unsupported(e, "a slice with a step that is not constant"),
        }
        let wide = matches!(&store, Some(RustTy::Int(int)) if int.bits() > 32 && *int != crate::project::IntTy::I64);
        if wide {
            let what = format!("a slice of a list of {}", elem.describe());
            return self.unsupported(e, &what);
        }
        Fact::of(self.fixed.made(e.id, list.of_any_length()))
    }

    /// Whether an item is one of a constant of the module.
    fn is_constant(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Subscript { value, .. } => match &value.kind {
                ExprKind::Name(name) => {
                    self.model.consts.contains_key(name) && !self.model.variables.contains_key(name)
                }
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) fn subscript(&mut self, e: &Expr, base: &Fact, index: &Expr, at: &Fact) -> Fact {
        let kept = base.ty.narrowed().keeps_member(&at.ty);
        let at = &if kept { at.clone() } else { self.decayed(at) };
        self.item_by_bool(e, base, at);
        let spread = match &e.kind {
            ExprKind::Subscript { value, index } => crate::ast::exactly(value, index),
            _ => None,
        };
        if let Some(count) = spread {
            let len = match base.ty.narrowed() {
                Ty::Tuple(items) => Some(items.len()),
                Ty::List { len, .. } => len,
                Ty::Instance(class) => {
                    let model = self.model.classes.get(&class);
                    let made = model.and_then(|c| c.made.as_ref());
                    made.filter(|m| m.is_tuple).map(|m| m.fields.len())
                }
                _ => None,
            };
            if !base.ty.is_unusable() && len != Some(count) {
                self.exactly(e, index, base, count);
                if let (ExprKind::Subscript { value, .. }, Ty::Instance(_)) = (&e.kind, &base.ty)
                    && self.gives_plainly(base)
                {
                    self.run_through(value, base);
                }
                let what = format!("`*` of {}, where {count} are needed,", base.ty.describe());
                return self.unsupported(e, &what);
            }
        }
        if let (Ty::Class(class), Ty::Str) = (&base.ty, &at.ty)
            && self
                .model
                .classes
                .get(class)
                .is_some_and(|c| !c.members.is_empty())
        {
            return Fact::of(Ty::Member(class.clone()));
        }
        match &base.ty.narrowed() {
            Ty::Unknown | Ty::Conflict(_) => Fact::of(base.ty.clone()),
            Ty::Messages { side, payloads } => {
                let i = at.range.int().constant();
                let len = payloads.len() as i128;
                let payload = i
                    .map(|i| if i < 0 { i + len } else { i })
                    .and_then(|i| usize::try_from(i).ok())
                    .and_then(|i| payloads.get(i));
                match payload {
                    Some(payload) => Fact::of(Ty::Message {
                        side: *side,
                        payload: Box::new(payload.clone()),
                    }),
                    None => {
                        let message = if i.is_some() {
                            format!("there are only {len} messages")
                        } else {
                            "a message by a computed index".to_string()
                        };
                        self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
                        Fact::of(Ty::Conflict("a message".into()))
                    }
                }
            }
            Ty::List { elem, store, .. }
                if matches!(at.ty, Ty::Int | Ty::Unknown) || at.ty.narrowed() == Ty::Position =>
            {
                let range = store
                    .as_ref()
                    .map_or_else(|| Fact::of((**elem).clone()).range, stored_range);
                Fact {
                    ty: (**elem).clone(),
                    range,
                    unbound: false,
                }
            }
            Ty::Str | Ty::Enum(_) if matches!(at.ty, Ty::Int | Ty::Unknown) => Fact::of(Ty::Str),
            Ty::Tuple(items) => match at.range.int().constant() {
                Some(i) => {
                    let len = items.len() as i128;
                    let i = if i < 0 { i + len } else { i };
                    let i = usize::try_from(i).ok();
                    let unpacked = match &e.kind {
                        ExprKind::Subscript { value, .. } => crate::infer::packed::unpacked(value),
                        _ => None,
                    };
                    if let Some(known) = unpacked.zip(i).and_then(|(all, i)| all.get(i).cloned()) {
                        return known;
                    }
                    i.and_then(|i| items.get(i))
                        .map_or_else(Fact::unknown, |t| Fact::of(t.clone()))
                }
                None => {
                    let joined = items.iter().fold(Ty::Unknown, |a, b| a.join(b));
                    match joined {
                        Ty::Int
                        | Ty::Float
                        | Ty::Number
                        | Ty::IntOrFloat
                        | Ty::Str
                        | Ty::Bool
                        | Ty::Unknown => Fact::of(joined),
                        bytes if bytes.is_octets() && self.is_constant(e) => Fact::of(bytes),
                        _ => self.unsupported(e, "a tuple of several types by a computed index"),
                    }
                }
            },
            Ty::Record(fields) => {
                let ExprKind::Str(key) = &index.kind else {
                    return self.table_entry(e, at);
                };
                let known = match &e.kind {
                    ExprKind::Subscript { value, .. } => match &value.kind {
                        ExprKind::Name(name) => self
                            .model
                            .tables
                            .get(name)
                            .and_then(|t| t.get(key))
                            .cloned(),
                        _ => None,
                    },
                    _ => None,
                };
                match fields.iter().find(|(name, _)| name == key) {
                    Some((_, ty)) => known.unwrap_or_else(|| Fact::of(ty.clone())),
                    None => {
                        let problem = Problem::new(
                            Code::UnknownField,
                            format!("the table has no key {key:?}: Python raises a KeyError"),
                        );
                        self.problem(e.id, e.span, problem);
                        self.no_fact("a missing key")
                    }
                }
            }
            Ty::Struct(_) | Ty::Message { .. } => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::PartlyHandled,
                        "a payload's field by `[…]` is not translated",
                    )
                    .with_help("write it as an attribute: `payload.field`"),
                );
                Fact::of(Ty::Conflict("a payload's item".into()))
            }
            other => {
                let what = format!("`[…]` of {} by {}", other.describe(), at.ty.describe());
                let _ = index;
                self.unsupported(e, &what)
            }
        }
    }
}
