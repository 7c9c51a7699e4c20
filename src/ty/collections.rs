//! Dicts, sets and deques as types.
//!
//! Enters: the types of keys, values and elements. Leaves: how such types join, and when a
//! dict whose keys are all known is one with any keys. This module must not know any
//! syntax tree.

use super::Ty;

/// What a sequence of any length is to Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// `list`
    List,
    /// `tuple`, which nobody changes.
    Tuple,
    /// `bytes`, which nobody changes: its items are ints from 0 to 255.
    Bytes,
    /// `bytearray`: `bytes` that can be changed.
    Bytearray,
    /// `bytes` on one path, `bytearray` on another: what both can do.
    Octets,
}

impl ListKind {
    /// The name of its type.
    pub fn name(self) -> &'static str {
        match self {
            ListKind::List => "list",
            ListKind::Tuple => "tuple",
            ListKind::Bytes => "bytes",
            ListKind::Bytearray => "bytearray",
            ListKind::Octets => "bytes or bytearray",
        }
    }

    /// Whether its items are bytes.
    pub fn is_octets(self) -> bool {
        match self {
            ListKind::Bytes | ListKind::Bytearray | ListKind::Octets => true,
            ListKind::List | ListKind::Tuple => false,
        }
    }

    /// Whether nobody can change which items it has.
    pub fn is_immutable(self) -> bool {
        match self {
            ListKind::Tuple | ListKind::Bytes => true,
            ListKind::List | ListKind::Bytearray | ListKind::Octets => false,
        }
    }
}

/// What limits the length of a `deque`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maxlen {
    /// Nothing is known yet.
    Unknown,
    /// Nothing.
    Unbounded,
    /// A length that is always the same, with the constant that names it.
    Fixed(usize, Option<String>),
    /// What lies in that attribute of the object that the deque lies in: from 1, and never
    /// changed.
    Kept(String),
}

/// What `d[key]` of a dict gives for a key that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A KeyError: a plain dict.
    Raises,
    /// Zero, and the dict stays as it is: a `Counter`.
    Zero,
    /// The empty value of its type, which is put in: a `defaultdict`.
    Made,
}

impl Maxlen {
    /// The one limit that both have; in words, why there is none.
    pub(super) fn join(&self, other: &Maxlen) -> Result<Maxlen, String> {
        match (self, other) {
            (a, b) if a == b => Ok(a.clone()),
            (Maxlen::Unknown, known) | (known, Maxlen::Unknown) => Ok(known.clone()),
            (Maxlen::Fixed(a, _), Maxlen::Fixed(b, _)) if a == b => Ok(Maxlen::Fixed(*a, None)),
            _ => Err("a deque of one `maxlen` here, of another there".into()),
        }
    }
}

impl Ty {
    /// A dict with these keys and values, whose order nobody has looked at.
    pub fn dict(key: Ty, value: Ty) -> Ty {
        Ty::Dict {
            key: Box::new(as_key(key)),
            value: Box::new(value),
            ordered: false,
            missing: Missing::Raises,
        }
    }

    /// What a dict gives for a key that is not there.
    pub fn missing(&self) -> Missing {
        match self {
            Ty::Dict { missing, .. } => *missing,
            _ => Missing::Raises,
        }
    }

    /// A dict that gives this for a key that is not there.
    pub fn with_missing(self, missing: Missing) -> Ty {
        match self {
            Ty::Dict {
                key,
                value,
                ordered,
                ..
            } => Ty::Dict {
                key,
                value,
                ordered,
                missing,
            },
            other => other,
        }
    }

    /// A set of these elements.
    pub fn set(elem: Ty) -> Ty {
        Ty::Set(Box::new(as_key(elem)))
    }

    /// A dict or set, with keys of that type among its own.
    pub fn with_key(&self, new: &Ty) -> Ty {
        match self {
            Ty::Dict {
                key,
                value,
                ordered,
                missing,
            } => Ty::Dict {
                key: Box::new(key.join(&as_key(new.clone()))),
                value: value.clone(),
                ordered: *ordered,
                missing: *missing,
            },
            Ty::Set(elem) => Ty::Set(Box::new(elem.join(&as_key(new.clone())))),
            other => other.clone(),
        }
    }

    /// A dict with that entry among its own.
    pub fn with_entry(&self, new_key: &Ty, new_value: &Ty) -> Ty {
        match self.as_dict().with_key(new_key) {
            Ty::Dict {
                key,
                value,
                ordered,
                missing,
            } => Ty::Dict {
                key,
                value: Box::new(value.join(new_value)),
                ordered,
                missing,
            },
            other => other,
        }
    }

    /// A dict of which only literal keys were known, as one with any keys.
    pub fn as_dict(&self) -> Ty {
        match self {
            Ty::Record(fields) => {
                let value = fields.iter().fold(Ty::Unknown, |all, (_, ty)| all.join(ty));
                if let Ty::Conflict(_) = value {
                    return Ty::Conflict("a dict whose values have several types".into());
                }
                Ty::dict(
                    if fields.is_empty() {
                        Ty::Unknown
                    } else {
                        Ty::Str
                    },
                    value,
                )
            }
            other => other.clone(),
        }
    }

    /// Whether it is a dict of literal keys, or a list or tuple of such.
    pub fn is_of_records(&self) -> bool {
        match self {
            Ty::Record(_) => true,
            Ty::Option(inner) => inner.is_of_records(),
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => elem.is_of_records(),
            Ty::Dict { value, .. } => value.is_of_records(),
            Ty::Tuple(items) => items.iter().any(Ty::is_of_records),
            _ => false,
        }
    }

    /// Whether it is a dict that nobody has put anything into, or looked at.
    fn is_empty_dict(&self) -> bool {
        matches!(
            self,
            Ty::Dict { key, value, ordered: false, missing: Missing::Raises }
                if **key == Ty::Unknown && **value == Ty::Unknown
        )
    }

    /// A dict whose order somebody looks at.
    pub fn in_order(&self) -> Ty {
        match self.as_dict() {
            Ty::Dict {
                key,
                value,
                missing,
                ..
            } => Ty::Dict {
                key,
                value,
                ordered: true,
                missing,
            },
            other => other,
        }
    }

    /// The type where somebody looks at the order of every dict within.
    pub fn in_order_within(&self) -> Ty {
        self.with_order(true)
    }

    /// The type where nobody looks at the order of any dict within.
    pub fn without_order(&self) -> Ty {
        self.with_order(false)
    }

    fn with_order(&self, counts: bool) -> Ty {
        let within = |ty: &Ty| Box::new(ty.with_order(counts));
        match self {
            Ty::Dict {
                key,
                value,
                missing,
                ..
            } => Ty::Dict {
                key: key.clone(),
                value: within(value),
                ordered: counts,
                missing: *missing,
            },
            Ty::List {
                elem,
                store,
                len,
                kind,
            } => Ty::List {
                elem: within(elem),
                store: store.clone(),
                len: *len,
                kind: *kind,
            },
            Ty::Deque { elem, maxlen } => Ty::Deque {
                elem: within(elem),
                maxlen: maxlen.clone(),
            },
            Ty::Tuple(items) => Ty::Tuple(items.iter().map(|i| i.with_order(counts)).collect()),
            Ty::Option(inner) => Ty::Option(within(inner)),
            other => other.clone(),
        }
    }

    /// The type with numbers that tell whether they are ints, where they are ints on one path
    /// and floats on another.
    pub fn telling(&self) -> Ty {
        let within = |ty: &Ty| Box::new(ty.telling());
        match self {
            Ty::Number => Ty::IntOrFloat,
            Ty::Dict {
                key,
                value,
                ordered,
                missing,
            } => Ty::Dict {
                key: key.clone(),
                value: within(value),
                ordered: *ordered,
                missing: *missing,
            },
            Ty::List {
                elem,
                store: None,
                len,
                kind,
            } => Ty::List {
                elem: within(elem),
                store: None,
                len: *len,
                kind: *kind,
            },
            Ty::Deque { elem, maxlen } => Ty::Deque {
                elem: within(elem),
                maxlen: maxlen.clone(),
            },
            Ty::Tuple(items) => Ty::Tuple(items.iter().map(Ty::telling).collect()),
            Ty::Mixed(kinds) => Ty::Mixed(kinds.iter().map(Ty::telling).collect()),
            Ty::Record(fields) => {
                let mut fields = fields.clone();
                fields.iter_mut().for_each(|(_, ty)| *ty = ty.telling());
                Ty::Record(fields)
            }
            Ty::Option(inner) => Ty::Option(within(inner)),
            other => other.clone(),
        }
    }

    /// The elements' type of what a `for` runs over in a fixed order: a list or a deque.
    pub fn sequence(&self) -> Option<&Ty> {
        match self {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => Some(elem),
            _ => None,
        }
    }

    /// Whether it can be changed in place, item by item.
    pub fn is_changeable(&self) -> bool {
        matches!(
            self,
            Ty::List {
                kind: ListKind::List | ListKind::Bytearray | ListKind::Octets,
                ..
            } | Ty::Record(_)
                | Ty::Dict { .. }
                | Ty::Set(_)
                | Ty::Deque { .. }
        )
    }

    /// Whether it is a container of Python's own that takes in what is put into it.
    pub fn is_collection(&self) -> bool {
        matches!(
            self,
            Ty::List {
                store: None,
                len: None,
                kind: ListKind::List,
                ..
            } | Ty::Record(_)
                | Ty::Dict { .. }
                | Ty::Set(_)
                | Ty::Deque { .. }
        )
    }

    /// Whether it is a tuple that may be asked for among keys of a type of tuples.
    pub fn is_tuple_among(&self, keys: &Ty) -> bool {
        match (self, keys) {
            (Ty::Tuple(a), Ty::Tuple(b)) => a.len() == b.len(),
            (Ty::Tuple(_), long) if long.is_long_tuple() => long.join(self) == *long,
            _ => false,
        }
    }

    /// Why values of that type are no keys; nothing where they are.
    pub fn unfit_key(&self) -> Option<String> {
        match self {
            Ty::Unknown | Ty::Int | Ty::Bool | Ty::Str | Ty::Member(_) => None,
            Ty::Tuple(items) => items.iter().find_map(Ty::unfit_key),
            Ty::List {
                elem,
                store: None,
                kind: ListKind::Tuple,
                ..
            } => elem.unfit_key(),
            Ty::Conflict(why) => Some(why.clone()),
            other => Some(format!("{} as a key", other.describe())),
        }
    }
}

/// The variant of an enum of the app is a `str` to Python.
fn as_key(ty: Ty) -> Ty {
    match ty {
        Ty::Enum(_) => Ty::Str,
        Ty::Tuple(items) => Ty::Tuple(items.into_iter().map(as_key).collect()),
        other => other,
    }
}

/// The least type that holds both collections; nothing where neither is one.
pub(super) fn join(a: &Ty, b: &Ty) -> Option<Ty> {
    let whole = |ty: Ty, parts: &[&Ty]| match parts.iter().find(|p| matches!(p, Ty::Conflict(_))) {
        Some(conflict) => (*conflict).clone(),
        None => ty,
    };
    Some(match (a, b) {
        (
            Ty::Dict {
                key: ka,
                value: va,
                ordered: oa,
                missing: ma,
            },
            Ty::Dict {
                key: kb,
                value: vb,
                ordered: ob,
                missing: mb,
            },
        ) => {
            if ma != mb {
                return Some(Ty::Conflict(
                    "a dict that has defaults here, one without there".into(),
                ));
            }
            let (key, value) = (ka.join(kb), va.join(vb));
            let ty = Ty::Dict {
                key: Box::new(key.clone()),
                value: Box::new(value.clone()),
                ordered: *oa || *ob,
                missing: *ma,
            };
            whole(ty, &[&key, &value])
        }
        (Ty::Record(fields), empty) | (empty, Ty::Record(fields)) if empty.is_empty_dict() => {
            Ty::Record(fields.from_nothing())
        }
        (Ty::Record(_), Ty::Dict { .. }) | (Ty::Dict { .. }, Ty::Record(_)) => {
            a.as_dict().join(&b.as_dict())
        }
        (Ty::Record(x), Ty::Record(y)) => Ty::Record(x.join(y)),
        (Ty::Set(a), Ty::Set(b)) => {
            let elem = a.join(b);
            whole(Ty::Set(Box::new(elem.clone())), &[&elem])
        }
        (Ty::Deque { elem: a, maxlen: m }, Ty::Deque { elem: b, maxlen: n }) => {
            let elem = a.join(b);
            match m.join(n) {
                Ok(maxlen) => whole(
                    Ty::Deque {
                        elem: Box::new(elem.clone()),
                        maxlen,
                    },
                    &[&elem],
                ),
                Err(why) => Ty::Conflict(why),
            }
        }
        _ => return None,
    })
}

/// How diagnostics call a collection.
pub(super) fn describe(what: &str, parts: &[&Ty]) -> String {
    if parts.iter().any(|p| p.is_unusable()) {
        return what.to_string();
    }
    let parts: Vec<String> = parts.iter().map(|p| p.describe()).collect();
    format!("{what} of {}", parts.join(" to "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dict_with_known_keys_becomes_one_with_any() {
        let record = Ty::Record(vec![("kp".into(), Ty::Float), ("n".into(), Ty::Int)].into());
        let dict = record.with_entry(&Ty::Str, &Ty::Float);
        assert_eq!(dict, Ty::dict(Ty::Str, Ty::Number));
        assert_eq!(record.join(&dict), dict);
        assert_eq!(dict.join(&dict.in_order()), dict.in_order());
    }

    #[test]
    fn deques_have_one_maxlen() {
        let deque = |maxlen| Ty::Deque {
            elem: Box::new(Ty::Float),
            maxlen,
        };
        let five = deque(Maxlen::Fixed(5, Some("N".into())));
        assert_eq!(five.join(&deque(Maxlen::Unknown)), five);
        assert!(matches!(
            five.join(&deque(Maxlen::Fixed(6, None))),
            Ty::Conflict(_)
        ));
    }
}
