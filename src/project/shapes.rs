//! Reads structs and enums: their fields, and what serde makes of them.
//!
//! Enters: a struct or enum of the Rust source. Leaves: its [`TypeDef`] in the table.

use super::messages::{Scope, TypeReader, spell};
use super::modules::{ItemKind, ModPath, ident_name};
use super::schema::{
    EnumDef, FieldDef, FloatTy, RustTy, StructDef, StructKind, TypeDef, Variant, VariantKind,
    Wrapper, numbered,
};
use super::serde_attrs::{Rule, SerdeAttrs, derives, doc, serde_attrs, without_from_reflect};
use std::path::PathBuf;

/// Reads the item into the reader's table; false where it is no message type.
pub(super) fn read(
    reader: &mut TypeReader,
    module: &ModPath,
    name: &str,
    kind: &ItemKind,
    line: usize,
) -> bool {
    let (attrs, generics) = match kind {
        ItemKind::Struct(item) => (&item.attrs, &item.generics),
        ItemKind::Enum(item) => (&item.attrs, &item.generics),
        ItemKind::Alias(_) | ItemKind::Module | ItemKind::Other => return false,
    };
    if !generics.params.is_empty() {
        return false;
    }
    let by_hand = reader.sources.hand_written_impls(module, name);
    let mut traits = derives(attrs);
    let serde = serde_attrs(attrs);
    let opaque = opaque_reason(&serde, &by_hand, matches!(kind, ItemKind::Enum(_)));
    if traits.iter().any(|name| name == "Reflect") && !without_from_reflect(attrs) {
        traits.push("FromReflect".to_owned());
    }
    traits.extend(by_hand.iter().cloned());
    traits.sort();
    traits.dedup();
    let mut def = StructDef {
        name: name.to_owned(),
        module: module.path.clone(),
        krate: (!module.krate.is_empty()).then(|| module.krate.clone()),
        file: reader
            .sources
            .crates
            .get(module)
            .map_or_else(PathBuf::new, |module| module.file.clone()),
        line,
        derives: traits,
        by_hand,
        kind: StructKind::Unit,
    };
    let key = module.join(name);
    if let Some(path) = reader.sources.visible_path(module, name) {
        reader.table.paths.insert(key.clone(), path);
    }
    if let Some(reason) = opaque {
        def.kind = StructKind::Opaque(reason);
        reader.table.defs.insert(key, TypeDef::Struct(def));
        return true;
    }
    // Stands in for itself while its fields are read: `next: Option<Box<Self>>`.
    reader
        .table
        .defs
        .insert(key.clone(), TypeDef::Struct(def.clone()));
    let scope = Scope::new(module.clone());
    let def = match kind {
        ItemKind::Enum(item) => TypeDef::Enum(EnumDef {
            name: def.name,
            module: def.module,
            krate: def.krate,
            file: def.file,
            line,
            derives: def.derives,
            variants: item
                .variants
                .iter()
                .filter_map(|variant| read_variant(reader, &scope, variant, &serde))
                .collect(),
            default: item
                .variants
                .iter()
                .find(|variant| variant.attrs.iter().any(|a| a.path().is_ident("default")))
                .map(|variant| ident_name(&variant.ident)),
        }),
        ItemKind::Struct(item) => {
            def.kind = struct_kind(reader, &scope, &item.fields, &serde);
            TypeDef::Struct(def)
        }
        ItemKind::Alias(_) | ItemKind::Module | ItemKind::Other => return false,
    };
    if let TypeDef::Enum(def) = &def {
        for variant in &def.variants {
            let kind = match &variant.kind {
                VariantKind::Record(fields) => StructKind::Record(fields.clone()),
                VariantKind::Tuple(types) => StructKind::Tuple(numbered(types)),
                VariantKind::Unit | VariantKind::Newtype(_) => continue,
            };
            let part = StructDef {
                name: format!("{}::{}", def.name, variant.name),
                module: def.module.clone(),
                krate: def.krate.clone(),
                file: def.file.clone(),
                line: def.line,
                derives: Vec::new(),
                by_hand: Vec::new(),
                kind,
            };
            let part_key = format!("{key}::{}", variant.name);
            reader.table.parts.insert(part_key, part);
        }
    }
    reader.table.defs.insert(key, def);
    true
}

/// Why Python sees something else than the fields.
fn opaque_reason(serde: &SerdeAttrs, by_hand: &[String], is_enum: bool) -> Option<String> {
    let custom = ["Serialize", "Deserialize"]
        .into_iter()
        .find(|name| by_hand.iter().any(|by_hand| by_hand == name));
    if let Some(name) = custom {
        return Some(format!("`{name}` is implemented by hand"));
    }
    if let Some(attribute) = &serde.opaque {
        return Some(format!("it has {attribute}"));
    }
    (serde.transparent && is_enum).then(|| "it has `#[serde(transparent)]`".to_owned())
}

fn struct_kind(
    reader: &mut TypeReader,
    scope: &Scope,
    fields: &syn::Fields,
    serde: &SerdeAttrs,
) -> StructKind {
    match fields {
        syn::Fields::Unit => StructKind::Unit,
        syn::Fields::Named(_) if serde.transparent => {
            StructKind::Opaque("it has `#[serde(transparent)]` and a named field".to_owned())
        }
        syn::Fields::Named(named) => StructKind::Record(read_fields(
            reader,
            scope,
            named,
            serde.rename_all,
            serde.default,
        )),
        syn::Fields::Unnamed(unnamed) => {
            if unnamed.unnamed.iter().any(is_skipped) {
                return StructKind::Opaque("a field of a tuple struct is skipped".to_owned());
            }
            let mut types = unnamed
                .unnamed
                .iter()
                .map(|field| field_type(reader, scope, field))
                .collect::<Vec<_>>();
            match (types.pop(), types.is_empty()) {
                (Some(only), true) => StructKind::Newtype {
                    held: Box::new(only),
                    private: unnamed.unnamed.iter().any(|field| is_private(&field.vis)),
                },
                (last, _) => {
                    types.extend(last);
                    let hidden = unnamed.unnamed.iter().map(|field| is_private(&field.vis));
                    let fields = numbered(&types).into_iter().zip(hidden);
                    let fields = fields.map(|(field, private)| FieldDef { private, ..field });
                    StructKind::Tuple(fields.collect())
                }
            }
        }
    }
}

fn read_variant(
    reader: &mut TypeReader,
    scope: &Scope,
    variant: &syn::Variant,
    container: &SerdeAttrs,
) -> Option<Variant> {
    let serde = serde_attrs(&variant.attrs);
    if serde.skip {
        return None;
    }
    let name = ident_name(&variant.ident);
    let python_name = serde.rename.clone().unwrap_or_else(|| {
        container
            .rename_all
            .map_or_else(|| name.clone(), |rule| rule.variant(&name))
    });
    let kind = match &variant.fields {
        _ if serde.opaque.is_some() => VariantKind::Newtype(RustTy::Opaque(format!(
            "{name} with {}",
            serde.opaque.unwrap_or_default()
        ))),
        syn::Fields::Unit => VariantKind::Unit,
        syn::Fields::Named(named) => VariantKind::Record(read_fields(
            reader,
            scope,
            named,
            serde.rename_all.or(container.rename_all_fields),
            serde.default,
        )),
        syn::Fields::Unnamed(unnamed) => {
            let mut types: Vec<RustTy> = unnamed
                .unnamed
                .iter()
                .map(|field| field_type(reader, scope, field))
                .collect();
            match (types.pop(), types.is_empty()) {
                (Some(only), true) => VariantKind::Newtype(only),
                (last, _) => {
                    types.extend(last);
                    VariantKind::Tuple(types)
                }
            }
        }
    };
    Some(Variant {
        name,
        python_name,
        kind,
    })
}

fn read_fields(
    reader: &mut TypeReader,
    scope: &Scope,
    fields: &syn::FieldsNamed,
    rule: Option<Rule>,
    all_default: bool,
) -> Vec<FieldDef> {
    let mut defs = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let name = ident_name(ident);
        let serde = serde_attrs(&field.attrs);
        let renamed = || rule.map_or_else(|| name.clone(), |rule| rule.field(&name));
        let ty = field_type(reader, scope, field);
        let (ty, wrapper) = unwrapped(reader, ty);
        defs.push(FieldDef {
            python_name: serde.rename.clone().unwrap_or_else(renamed),
            ty,
            wrapper,
            private: is_private(&field.vis),
            has_default: serde.default || all_default,
            skipped: serde.skip,
            doc: doc(&field.attrs),
            name,
        });
    }
    defs
}

/// What a newtype or a quantity holds: serde shows no more of it.
fn unwrapped(reader: &mut TypeReader, ty: RustTy) -> (RustTy, Option<Wrapper>) {
    let held = match &ty {
        RustTy::Opaque(path) => quantity(path).map(|float| {
            reader.table.paths.insert(path.clone(), path.clone());
            (RustTy::Float(float), Wrapper::Quantity(path.clone()))
        }),
        RustTy::Named(key) => match reader.table.struct_def(key).map(|def| &def.kind) {
            Some(StructKind::Newtype {
                held,
                private: false,
            }) => Some(((**held).clone(), Wrapper::Newtype(key.clone()))),
            _ => None,
        },
        _ => None,
    };
    match held {
        Some((inner, wrapper)) => (inner, Some(wrapper)),
        None => (ty, None),
    }
}

/// The float in a quantity: `cu29::units::si::f32::Acceleration` is an `f32` of SI units.
fn quantity(path: &str) -> Option<FloatTy> {
    let parts: Vec<&str> = path.split("::").collect();
    match parts.as_slice() {
        ["cu29", "units", "si", float, _] | ["cu29_units", "si", float, _] => match *float {
            "f32" => Some(FloatTy::F32),
            "f64" => Some(FloatTy::F64),
            _ => None,
        },
        _ => None,
    }
}

/// A field's type; what cannot be read is opaque, since Python may never look at it.
fn field_type(reader: &mut TypeReader, scope: &Scope, field: &syn::Field) -> RustTy {
    let spelled = spell(&field.ty);
    if let Some(attribute) = serde_attrs(&field.attrs).opaque {
        return RustTy::Opaque(format!("{spelled} with {attribute}"));
    }
    reader
        .read(&field.ty, scope)
        .unwrap_or(RustTy::Opaque(spelled))
}

fn is_skipped(field: &syn::Field) -> bool {
    serde_attrs(&field.attrs).skip
}

/// Whether only the module and its children see it; `pub(super)` and wider do not count.
fn is_private(vis: &syn::Visibility) -> bool {
    match vis {
        syn::Visibility::Public(_) => false,
        syn::Visibility::Restricted(restricted) => restricted.path.is_ident("self"),
        syn::Visibility::Inherited => true,
    }
}
