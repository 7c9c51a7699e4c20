//! Values that PyTask does not take, or not in this mode, as far as they are written out.

use super::Look;
use super::fields::{field_target, has, spelled};
use super::shapes::{Entry, Func, Root, Shape};
use super::values::Kind;
use super::walk::each_stmt;
use crate::ast::{Expr, ExprKind, StmtKind};
use crate::diagnostic::Code;
use crate::project::{FloatTy, IntTy, RustTy, VariantKind};
use crate::source::Span;
use num_bigint::BigInt;

/// Looks at what is assigned to messages and to the state.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    for f in look.functions.reached() {
        each_stmt(&f.ast.body, &mut |stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets
                    .iter()
                    .for_each(|target| write(look, f, target, value, &mut found));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => write(look, f, target, value, &mut found),
            _ => {}
        });
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help.as_deref());
    }
}

type Found = Vec<(Code, Span, String, Option<String>)>;

fn write<'a>(look: &Look<'a>, f: &Func<'a>, target: &'a Expr, value: &'a Expr, found: &mut Found) {
    // `a, b = 1, 2`
    if let (ExprKind::Tuple(targets), ExprKind::Tuple(values)) = (&target.kind, &value.kind)
        && targets.len() == values.len()
    {
        for (target, value) in targets.iter().zip(values) {
            write(look, f, target, value, found);
        }
        return;
    }
    if let ExprKind::Name(name) = &target.kind {
        // `state = {…}` in what PyTask calls.
        let place = match f.entry {
            Some(Entry::Process) => Some(2),
            Some(Entry::Start | Entry::Stop) => Some(1),
            None => None,
        };
        let is_state = place
            .and_then(|i| f.ast.params.list.get(i))
            .is_some_and(|p| p.name.name == *name);
        if is_state && f.ast.decorators.is_empty() && matches!(value.kind, ExprKind::Dict(_)) {
            let ty = super::shapes::peeled(look.types, look.binding.state.clone());
            value_of(look, f, "state", &ty, value, found);
        }
        return;
    }
    if let Some((container, "payload")) = field_target(target)
        && let Some(Shape::Message(crate::ty::Side::Output, _)) = look.functions.shape(f, container)
    {
        if let Some(Shape::Value { ty, .. }) = look.functions.shape(f, target)
            && !matches!(value.kind, ExprKind::None)
        {
            value_of(look, f, "payload", &ty, value, found);
        }
        return;
    }
    if let Some((container, "tov")) = field_target(target)
        && let Some(Shape::Message(..)) = look.functions.shape(f, container)
    {
        if let Some(Kind::Time | Kind::Int(_) | Kind::Float(_)) = look.kind(f, value) {
            let message = "a number is no `tov`: PyTask refuses it and the call fails".to_owned();
            let help = "`output.tov = input.tov`, or `{\"Time\": nanoseconds}`".to_owned();
            found.push((Code::RefusedValue, value.span, message, Some(help)));
        }
        return;
    }
    let container = match &target.kind {
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => value,
        _ => return,
    };
    let Some(Shape::Value { ty, root, .. }) = look.functions.shape(f, container) else {
        return;
    };
    if matches!(root, Root::Input(_)) {
        return;
    }
    let written = match field_target(target)
        .and_then(|(_, name)| Some((name, look.functions.field(&ty, name)?)))
    {
        Some((name, field)) => Some((name.to_owned(), field.ty.clone())),
        None => match look.functions.shape(f, target) {
            Some(Shape::Value { ty, .. }) => Some(("an item".to_owned(), ty)),
            _ => None,
        },
    };
    if let Some((name, ty)) = written {
        value_of(look, f, &name, &ty, value, found);
    }
}

/// A value that goes to a place of a Rust type.
fn value_of<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    name: &str,
    ty: &RustTy,
    value: &'a Expr,
    found: &mut Found,
) {
    let Some(kind) = look.kind(f, value) else {
        return;
    };
    let mut refuse = |why: String| {
        let message = format!("{why}: PyTask refuses it and the call fails");
        found.push((Code::RefusedValue, value.span, message, None));
    };
    match &kind {
        Kind::Set => return refuse(format!("`{name}` is given a set")),
        Kind::Object(what) => return refuse(format!("`{name}` is given {}", article(what))),
        Kind::Deque if !look.in_process_mode() => {
            return refuse(format!(
                "`{name}` is given a deque, which embedded mode does not take"
            ));
        }
        Kind::None if matches!(ty, RustTy::Option(_) | RustTy::Unit) => return,
        _ => {}
    }
    let ty = super::shapes::peeled(look.types, ty.clone());
    match (&ty, &kind) {
        (RustTy::Opaque(_) | RustTy::Unit, _) => {}
        (_, Kind::None) => refuse(format!("`{name}` is given None, and is no `Option`")),
        (RustTy::Int(int), Kind::Int(n)) if !fits(*int, n) => {
            refuse(format!("{n} does not fit `{name}`, a {}", int.name()));
        }
        (RustTy::Int(int), Kind::Float(_) | Kind::Bool | Kind::Str(_)) => {
            refuse(format!(
                "`{name}` is {} and is given {}",
                a(int.name()),
                said(&kind)
            ));
        }
        (RustTy::CuTime | RustTy::CuDuration, Kind::Float(_) | Kind::Str(_)) => {
            refuse(format!(
                "`{name}` is whole nanoseconds and is given {}",
                said(&kind)
            ));
        }
        (RustTy::Float(_), Kind::Int(n)) if n.bits() > 64 => {
            refuse(format!("`{name}` is given an int of over 64 bits"))
        }
        (RustTy::Float(_) | RustTy::Bool, Kind::Str(_)) => {
            refuse(format!("`{name}` is given a text"))
        }
        (RustTy::Bool, Kind::Int(_) | Kind::Float(_)) => {
            refuse(format!("`{name}` is a bool and is given a number"))
        }
        (RustTy::Float(width), Kind::Float(x)) => float(look, name, *width, *x, value.span, found),
        (RustTy::String, Kind::Int(_) | Kind::Float(_) | Kind::Bool) => {
            refuse(format!("`{name}` is a text and is given {}", said(&kind)))
        }
        (RustTy::Vec(elem), Kind::Bytes) if **elem == RustTy::Int(IntTy::U8) => {
            refuse(format!("`{name}` is a `Vec<u8>` and is given bytes"));
        }
        (RustTy::Array(_, len), Kind::List(n)) if n != len => {
            refuse(format!("`{name}` holds {len} items and is given {n}"))
        }
        (RustTy::Array(elem, _) | RustTy::Vec(elem), Kind::List(_)) => {
            if let ExprKind::List(items) = &value.kind {
                items
                    .iter()
                    .for_each(|item| value_of(look, f, name, elem, item, found));
            }
        }
        (RustTy::Named(key), Kind::Str(text)) => {
            let variants = look.types.enum_def(key).map(|def| &def.variants);
            let unit =
                |v: &crate::project::Variant| v.kind == VariantKind::Unit && v.python_name == *text;
            if let Some(variants) = variants
                && !variants.iter().any(unit)
            {
                refuse(format!("`{}` has no variant '{text}'", spelled(&ty)));
            }
        }
        (RustTy::Named(_), Kind::Dict(items)) => dict(look, f, &ty, items, value.span, found),
        _ => {}
    }
}

fn article(what: &str) -> String {
    if what.starts_with("a ") {
        what.to_owned()
    } else {
        format!("an object of `{what}`")
    }
}

fn a(name: &str) -> String {
    let vowel = name.starts_with('i') && !name.starts_with("is");
    format!("{} {name}", if vowel { "an" } else { "a" })
}

fn said(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Bool => "a bool",
        Kind::Int(_) | Kind::Time => "an int",
        Kind::Float(_) => "a float",
        Kind::Str(_) => "a text",
        Kind::None
        | Kind::Bytes
        | Kind::List(_)
        | Kind::Own
        | Kind::Dict(_)
        | Kind::Set
        | Kind::Deque
        | Kind::Object(_) => "something else",
    }
}

fn fits(int: IntTy, n: &BigInt) -> bool {
    let bits = int.bits();
    let (low, high) = match int.is_signed() {
        true => (
            -(BigInt::from(1) << (bits - 1)),
            BigInt::from(1) << (bits - 1),
        ),
        false => (BigInt::from(0), BigInt::from(1) << bits),
    };
    low <= *n && *n < high
}

fn float(look: &Look<'_>, name: &str, width: FloatTy, x: f64, span: Span, found: &mut Found) {
    let message = if !x.is_finite() {
        if !look.in_process_mode() {
            return;
        }
        let what = if x.is_nan() { "NaN" } else { "infinity" };
        format!("`{name}` is given {what}, which process mode refuses: the call fails")
    } else if width == FloatTy::F32 && (x as f32).is_infinite() {
        format!("{x:e} is beyond `{name}`, an f32: it becomes infinite")
    } else {
        return;
    };
    let help = "use a number for \"none\", or an `Option`".to_owned();
    found.push((Code::NotFinite, span, message, Some(help)));
}

/// A dict in the place of a struct.
fn dict<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    ty: &RustTy,
    items: &'a [(Option<Expr>, Expr)],
    span: Span,
    found: &mut Found,
) {
    let Some(fields) = look.functions.fields(ty) else {
        return;
    };
    let mut given = Vec::new();
    for (key, value) in items {
        let Some(ExprKind::Str(name)) = key.as_ref().map(|key| &key.kind) else {
            return;
        };
        given.push((name.as_str(), key.as_ref().map_or(span, |k| k.span), value));
    }
    for (name, at, value) in &given {
        match look.functions.field(ty, name) {
            Some(field) => value_of(look, f, name, &field.ty, value, found),
            None => {
                let message = format!("`{}` has no field `{name}`: PyTask drops it", spelled(ty));
                found.push((Code::UnknownFieldWritten, *at, message, Some(has(fields))));
            }
        }
    }
    let missing: Vec<String> = fields
        .iter()
        .filter(|field| {
            !field.skipped && !field.has_default && !matches!(field.ty, RustTy::Option(_))
        })
        .filter(|field| !given.iter().any(|(name, _, _)| *name == field.python_name))
        .map(|field| format!("`{}`", field.python_name))
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "the dict lacks {} of `{}`: PyTask refuses it and the call fails",
            listed(&missing),
            spelled(ty)
        );
        found.push((Code::RefusedValue, span, message, None));
    }
}

/// The first three of a list.
fn listed(names: &[String]) -> String {
    let first = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0..=3 => first,
        n => format!("{first} and {} more", n - 3),
    }
}
