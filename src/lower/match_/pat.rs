//! Rust patterns and the values they match, to see whether cases are exhaustive.

use crate::ir::RTy;
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Val;
use num_traits::ToPrimitive;

/// A Rust pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pat {
    /// `_`, or a name.
    Any(Option<String>),
    /// A literal or path.
    Lit(String),
    /// `None`
    None,
    /// A variant of a family, and the name of what it holds.
    Variant(String, Option<String>),
    /// A variant of an enum with data, and what is asked of its data.
    Data(String, Data),
    /// `Some(…)`
    Some(Box<Pat>),
    /// `(a, b)`
    Tuple(Vec<Pat>),
    /// `a | b`
    Or(Vec<Pat>),
    /// What no value of the type is.
    Never,
}

/// The data of a variant in a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    /// `(a, _)`
    Items(Vec<Pat>),
    /// `{ x, .. }`
    Fields {
        /// The fields that are asked for.
        asked: Vec<(String, Pat)>,
        /// Whether that is all of them.
        all: bool,
    },
}

/// A value of a type that has few of them, and one that stands for all others.
#[derive(Debug, Clone)]
pub(super) enum Sample {
    Lit(String),
    None,
    Some(Box<Sample>),
    Tuple(Vec<Sample>),
    Other,
}

/// The most samples that are looked at to see whether the cases are exhaustive.
const MOST_SAMPLES: usize = 512;

/// `(a, b)`; what no value is where a part is that.
pub(super) fn tuple(parts: Vec<Pat>) -> Pat {
    if parts.contains(&Pat::Never) {
        return Pat::Never;
    }
    Pat::Tuple(parts)
}

/// `a | b`, without what no value is; everything where a part is that.
pub(super) fn either(parts: Vec<Pat>) -> Pat {
    if parts.contains(&Pat::Any(None)) {
        return Pat::Any(None);
    }
    let mut parts: Vec<Pat> = parts.into_iter().filter(|p| *p != Pat::Never).collect();
    // `Some(a | b)`
    if parts.len() > 1 && parts.iter().all(|p| matches!(p, Pat::Some(_))) {
        let held = parts.into_iter().filter_map(|p| match p {
            Pat::Some(held) => Some(*held),
            _ => None,
        });
        return Pat::Some(Box::new(either(held.collect())));
    }
    match parts.len() {
        0 => Pat::Never,
        1 => parts.remove(0),
        _ => Pat::Or(parts),
    }
}

pub(super) fn is_whole(pat: &Pat) -> bool {
    match pat {
        Pat::Any(_) => true,
        Pat::Tuple(parts) => parts.iter().all(is_whole),
        Pat::Or(parts) => parts.iter().any(is_whole),
        Pat::Lit(_) | Pat::None | Pat::Variant(..) | Pat::Data(..) | Pat::Some(_) | Pat::Never => {
            false
        }
    }
}

pub(super) fn matches(pat: &Pat, sample: &Sample) -> bool {
    match (pat, sample) {
        (Pat::Any(_), _) => true,
        (Pat::Lit(a) | Pat::Variant(a, _), Sample::Lit(b)) => a == b,
        (Pat::Data(a, data), Sample::Lit(b)) => {
            let whole = match data {
                Data::Items(items) => items.iter().all(is_whole),
                Data::Fields { asked, .. } => asked.iter().all(|(_, pat)| is_whole(pat)),
            };
            a == b && whole
        }
        (Pat::None, Sample::None) => true,
        (Pat::Some(a), Sample::Some(b)) => matches(a, b),
        (Pat::Tuple(a), Sample::Tuple(b)) => a.iter().zip(b).all(|(a, b)| matches(a, b)),
        (Pat::Or(parts), sample) => parts.iter().any(|p| matches(p, sample)),
        _ => false,
    }
}

/// Whether a pattern matches some value that a sample stands for.
fn may_match(pat: &Pat, sample: &Sample) -> bool {
    match (pat, sample) {
        (Pat::Data(a, _), Sample::Lit(b)) => a == b,
        (Pat::Some(a), Sample::Some(b)) => may_match(a, b),
        (Pat::Or(parts), sample) => parts.iter().any(|p| may_match(p, sample)),
        (pat, sample) => matches(pat, sample),
    }
}

/// A pattern of an enum with data without the variants that earlier cases have taken.
pub(super) fn reachable(pat: Pat, open: &[Sample]) -> Pat {
    match pat {
        Pat::Or(parts) => {
            let left = parts.into_iter().map(|part| reachable(part, open));
            either(left.collect())
        }
        Pat::Some(held) => {
            let open: Vec<Sample> = open
                .iter()
                .filter_map(|sample| match sample {
                    Sample::Some(held) => Some((**held).clone()),
                    _ => None,
                })
                .collect();
            match reachable(*held, &open) {
                Pat::Never => Pat::Never,
                held => Pat::Some(Box::new(held)),
            }
        }
        pat if open.iter().any(|sample| may_match(&pat, sample)) => pat,
        _ => Pat::Never,
    }
}

/// The values that the subjects can have, as far as a pattern can tell.
pub(super) fn samples(this: &FnLower<'_, '_>, vals: &[Val]) -> Option<Vec<Sample>> {
    fn of(this: &FnLower<'_, '_>, rty: &RTy, ty: &Ty) -> Vec<Sample> {
        match (rty, ty) {
            (RTy::Bool, _) => ["true", "false"]
                .map(|t| Sample::Lit(t.to_string()))
                .to_vec(),
            (RTy::Option(inner), ty) => of(this, inner, &ty.narrowed())
                .into_iter()
                .map(|s| Sample::Some(Box::new(s)))
                .chain([Sample::None])
                .collect(),
            (RTy::Tuple(tys), Ty::Tuple(facts)) => {
                let parts: Vec<Vec<Sample>> =
                    tys.iter().zip(facts).map(|(r, t)| of(this, r, t)).collect();
                product(parts)
            }
            (_, Ty::Member(class)) => this
                .lw
                .input
                .model
                .classes
                .get(class)
                .map(|c| {
                    let name = this.class_path(class);
                    c.members
                        .iter()
                        .map(|(m, _)| {
                            Sample::Lit(format!("{name}::{}", crate::lower::classes::variant(m)))
                        })
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            (_, Ty::Instance(class)) => {
                let model = this.lw.input.model.classes.get(class);
                let variants = model.map(|c| c.variants.clone()).unwrap_or_default();
                match variants.is_empty() {
                    true => vec![Sample::Other],
                    false => variants
                        .iter()
                        .map(|v| Sample::Lit(this.variant_path(class, v)))
                        .collect(),
                }
            }
            (_, Ty::Enum(key) | Ty::Tagged(key)) => this
                .lw
                .input
                .types
                .enum_def(key)
                .map(|def| {
                    let name = crate::ty::last_segment(key);
                    def.variants
                        .iter()
                        .map(|v| Sample::Lit(format!("{name}::{}", v.name)))
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            _ => vec![Sample::Other],
        }
    }
    let mut parts: Vec<Vec<Sample>> = vals.iter().map(|v| of(this, v.rty.peel(), &v.ty)).collect();
    let all = match parts.len() {
        1 => parts.remove(0),
        _ => product(parts),
    };
    (all.len() <= MOST_SAMPLES).then_some(all)
}

fn product(parts: Vec<Vec<Sample>>) -> Vec<Sample> {
    let mut out: Vec<Vec<Sample>> = vec![Vec::new()];
    for part in parts {
        if out.len() * part.len() > MOST_SAMPLES {
            return vec![Sample::Other; MOST_SAMPLES + 1];
        }
        out = out
            .iter()
            .flat_map(|before| {
                part.iter().map(|s| {
                    let mut next = before.clone();
                    next.push(s.clone());
                    next
                })
            })
            .collect();
    }
    out.into_iter().map(Sample::Tuple).collect()
}

/// The text of a pattern; numbers in a row as a range.
pub(super) fn text_of(pat: &Pat) -> String {
    match pat {
        Pat::Any(None) | Pat::Never => "_".into(),
        Pat::Any(Some(name)) => name.clone(),
        Pat::Lit(text) => text.clone(),
        Pat::Variant(path, name) => format!("{path}({})", name.as_deref().unwrap_or("_")),
        Pat::Data(path, Data::Items(items)) => {
            let unread = items.len() > 1 && items.iter().all(|p| *p == Pat::Any(None));
            let items: Vec<String> = items.iter().map(text_of).collect();
            match unread {
                true => format!("{path}(..)"),
                false => format!("{path}({})", items.join(", ")),
            }
        }
        Pat::Data(path, Data::Fields { asked, all }) => {
            let asked = asked.iter().filter(|(_, pat)| *pat != Pat::Any(None));
            let mut parts: Vec<String> = asked
                .map(|(field, pat)| match text_of(pat) {
                    text if text == *field || text == format!("ref {field}") => text,
                    text => format!("{field}: {text}"),
                })
                .collect();
            if !all || parts.is_empty() {
                parts.push("..".to_string());
            }
            format!("{path} {{ {} }}", parts.join(", "))
        }
        Pat::None => "None".into(),
        Pat::Some(inner) => format!("Some({})", text_of(inner)),
        Pat::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(text_of).collect();
            format!("({})", parts.join(", "))
        }
        Pat::Or(parts) => {
            let numbers: Option<Vec<i128>> = parts
                .iter()
                .map(|p| match p {
                    Pat::Lit(text) => text.parse().ok(),
                    _ => None,
                })
                .collect();
            if let Some(mut numbers) = numbers {
                numbers.sort_unstable();
                numbers.dedup();
                if let (Some(first), Some(last), true) =
                    (numbers.first(), numbers.last(), numbers.len() > 2)
                    && last.to_usize().zip(first.to_usize()).is_some()
                    && last - first + 1 == numbers.len() as i128
                {
                    return format!("{first}..={last}");
                }
            }
            let parts: Vec<String> = parts.iter().map(text_of).collect();
            parts.join(" | ")
        }
    }
}
