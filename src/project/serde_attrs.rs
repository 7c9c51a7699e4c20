//! Reads `#[derive]` and `#[serde]` attributes.
//!
//! Enters: attributes. Leaves: what they say of the shape that Python sees. This module
//! must not know which item they stand on.

use syn::Token;
use syn::punctuated::Punctuated;

/// What the serde attributes of an item, field or variant say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SerdeAttrs {
    pub rename: Option<String>,
    pub rename_all: Option<Rule>,
    pub rename_all_fields: Option<Rule>,
    pub default: bool,
    pub skip: bool,
    pub transparent: bool,
    /// The attribute that makes the shape another one than the type's.
    pub opaque: Option<String>,
}

/// A `rename_all` rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "lowercase" => Rule::Lower,
            "UPPERCASE" => Rule::Upper,
            "PascalCase" => Rule::Pascal,
            "camelCase" => Rule::Camel,
            "snake_case" => Rule::Snake,
            "SCREAMING_SNAKE_CASE" => Rule::ScreamingSnake,
            "kebab-case" => Rule::Kebab,
            "SCREAMING-KEBAB-CASE" => Rule::ScreamingKebab,
            _ => return None,
        })
    }

    /// Renames a field, which is in `snake_case`.
    pub fn field(self, name: &str) -> String {
        let pascal = || -> String {
            name.split('_')
                .map(|word| capitalised(word, char::to_ascii_uppercase))
                .collect()
        };
        match self {
            Rule::Lower | Rule::Snake => name.to_owned(),
            Rule::Upper | Rule::ScreamingSnake => name.to_ascii_uppercase(),
            Rule::Pascal => pascal(),
            Rule::Camel => capitalised(&pascal(), char::to_ascii_lowercase),
            Rule::Kebab => name.replace('_', "-"),
            Rule::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// Renames a variant, which is in `PascalCase`.
    pub fn variant(self, name: &str) -> String {
        let snake = || {
            let mut snake = String::new();
            for (index, c) in name.char_indices() {
                if index > 0 && c.is_uppercase() {
                    snake.push('_');
                }
                snake.push(c.to_ascii_lowercase());
            }
            snake
        };
        match self {
            Rule::Pascal => name.to_owned(),
            Rule::Lower => name.to_ascii_lowercase(),
            Rule::Upper => name.to_ascii_uppercase(),
            Rule::Camel => capitalised(name, char::to_ascii_lowercase),
            Rule::Snake => snake(),
            Rule::ScreamingSnake => snake().to_ascii_uppercase(),
            Rule::Kebab => snake().replace('_', "-"),
            Rule::ScreamingKebab => snake().to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn capitalised(word: &str, case: fn(&char) -> char) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => std::iter::once(case(&first)).chain(chars).collect(),
        None => String::new(),
    }
}

/// The names in `#[derive(…)]`, last path segment only; `cfg_attr` is taken to apply.
pub(super) fn derives(attrs: &[syn::Attribute]) -> Vec<String> {
    metas(attrs)
        .iter()
        .filter_map(|meta| match meta {
            syn::Meta::List(list) if list.path.is_ident("derive") => Some(list),
            _ => None,
        })
        .filter_map(|list| {
            list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
        .filter_map(|path| Some(path.segments.last()?.ident.to_string()))
        .collect()
}

/// Whether `#[reflect(from_reflect = false)]` says that `Reflect` does not make it a
/// `FromReflect` as well.
pub(super) fn without_from_reflect(attrs: &[syn::Attribute]) -> bool {
    metas(attrs).iter().any(|meta| match meta {
        syn::Meta::List(list) if list.path.is_ident("reflect") => {
            let text = list.tokens.to_string().replace(' ', "");
            text.contains("from_reflect=false")
        }
        _ => false,
    })
}

/// What the `#[serde(…)]` attributes say.
pub(super) fn serde_attrs(attrs: &[syn::Attribute]) -> SerdeAttrs {
    let mut result = SerdeAttrs::default();
    for meta in metas(attrs) {
        let syn::Meta::List(list) = meta else {
            continue;
        };
        if !list.path.is_ident("serde") {
            continue;
        }
        match list.parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated) {
            Ok(inner) => inner.iter().for_each(|meta| result.read(meta)),
            Err(_) => result.set_opaque("…"),
        }
    }
    result
}

/// The first paragraph of the doc comment.
pub(super) fn doc(attrs: &[syn::Attribute]) -> Option<String> {
    let lines: Vec<String> = attrs
        .iter()
        .filter_map(|attr| match &attr.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => string_value(&pair.value),
            _ => None,
        })
        .map(|line| line.trim().to_owned())
        .collect();
    let paragraph: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    (!paragraph.is_empty()).then(|| paragraph.join("\n"))
}

impl SerdeAttrs {
    fn set_opaque(&mut self, name: &str) {
        self.opaque
            .get_or_insert_with(|| format!("`#[serde({name})]`"));
    }

    fn read(&mut self, meta: &syn::Meta) {
        let Some(name) = meta.path().get_ident().map(ToString::to_string) else {
            return self.set_opaque("…");
        };
        match name.as_str() {
            "rename" => match text(meta) {
                Some(text) => self.rename = Some(text),
                None => self.set_opaque("rename(…)"),
            },
            "rename_all" | "rename_all_fields" => {
                let rule = text(meta).as_deref().and_then(Rule::from_name);
                if rule.is_none() {
                    return self.set_opaque(&format!("{name}(…)"));
                }
                if name == "rename_all" {
                    self.rename_all = rule;
                } else {
                    self.rename_all_fields = rule;
                }
            }
            "default" => self.default = true,
            "skip" => self.skip = true,
            "transparent" => self.transparent = true,
            // They change nothing of what Python sees.
            "alias" | "bound" | "borrow" | "crate" | "expecting" | "deny_unknown_fields" => {}
            other => self.set_opaque(other),
        }
    }
}

/// The value of `name = "…"`, or of `name(serialize = "…", deserialize = "…")` where both
/// say the same.
fn text(meta: &syn::Meta) -> Option<String> {
    match meta {
        syn::Meta::NameValue(pair) => string_value(&pair.value),
        syn::Meta::List(list) => {
            let inner = list
                .parse_args_with(Punctuated::<syn::MetaNameValue, Token![,]>::parse_terminated)
                .ok()?;
            let values: Option<Vec<String>> =
                inner.iter().map(|pair| string_value(&pair.value)).collect();
            match values?.as_slice() {
                [one, two] if one == two => Some(one.clone()),
                _ => None,
            }
        }
        syn::Meta::Path(_) => None,
    }
}

fn string_value(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// All attributes, those within `cfg_attr(condition, …)` included.
fn metas(attrs: &[syn::Attribute]) -> Vec<syn::Meta> {
    let mut metas = Vec::new();
    for attr in attrs {
        match &attr.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let inner =
                    list.parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated);
                metas.extend(inner.into_iter().flatten().skip(1));
            }
            meta => metas.push(meta.clone()),
        }
    }
    metas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_rename_as_serde_does() {
        let field = |rule: Rule| rule.field("last_error");
        assert_eq!(field(Rule::Camel), "lastError");
        assert_eq!(field(Rule::Pascal), "LastError");
        assert_eq!(field(Rule::ScreamingSnake), "LAST_ERROR");
        assert_eq!(field(Rule::Kebab), "last-error");
        let variant = |rule: Rule| rule.variant("VeryTasty");
        assert_eq!(variant(Rule::Snake), "very_tasty");
        assert_eq!(variant(Rule::Camel), "veryTasty");
        assert_eq!(variant(Rule::ScreamingKebab), "VERY-TASTY");
        assert_eq!(variant(Rule::Lower), "verytasty");
    }

    #[test]
    fn attributes_are_read_through_cfg_attr() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// First.
            ///
            /// Second.
            #[derive(Debug, cu29::bincode::Encode)]
            #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase", crate = "x"))]
            struct A { #[serde(default, rename = "b")] a: u8, #[serde(with = "m")] c: u8 }
        };
        assert_eq!(derives(&item.attrs), ["Debug", "Encode", "Serialize"]);
        let attrs = serde_attrs(&item.attrs);
        assert_eq!(attrs.rename_all, Some(Rule::Camel));
        assert_eq!(attrs.opaque, None);
        assert_eq!(doc(&item.attrs).as_deref(), Some("First."));
        let fields: Vec<SerdeAttrs> = item.fields.iter().map(|f| serde_attrs(&f.attrs)).collect();
        assert!(fields[0].default);
        assert_eq!(fields[0].rename.as_deref(), Some("b"));
        assert_eq!(fields[1].opaque.as_deref(), Some("`#[serde(with)]`"));
    }
}
