//! Values back into what they were made of.
//!
//! Enters: a [`Value`]. Leaves: anything that is `Deserialize`, floats bit for bit. This
//! file is compiled twice: in `migrate`, and in the harness, into which it is copied as it
//! stands. It must not know Copper or the harness.

use super::value::{Failed, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};

/// What `value` was made of.
///
/// # Errors
/// It was made of something else.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|failed| failed.to_string())
}

impl de::Error for Failed {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Failed(text.to_string())
    }
}

impl<'de> IntoDeserializer<'de, Failed> for &'de Value {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

/// Fields as a map; a field's name is a string like any other.
fn fields<'de, V: Visitor<'de>>(
    fields: &'de [(String, Value)],
    visitor: V,
) -> Result<V::Value, Failed> {
    let entries = fields.iter().map(|(name, value)| (name.as_str(), value));
    visitor.visit_map(MapDeserializer::new(entries))
}

fn integer<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Failed> {
    if let Ok(value) = text.parse::<i64>() {
        return visitor.visit_i64(value);
    }
    if let Ok(value) = text.parse::<u64>() {
        return visitor.visit_u64(value);
    }
    if let Ok(value) = text.parse::<i128>() {
        return visitor.visit_i128(value);
    }
    match text.parse::<u128>() {
        Ok(value) => visitor.visit_u128(value),
        Err(_) => Err(de::Error::custom(format!("{text} is no integer"))),
    }
}

impl<'de> de::Deserializer<'de> for &'de Value {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self {
            Value::Unit => visitor.visit_unit(),
            Value::None => visitor.visit_none(),
            Value::Some(inner) => visitor.visit_some(inner.as_ref()),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(text) => integer(text, visitor),
            Value::F32(bits) => visitor.visit_f32(f32::from_bits(*bits)),
            Value::F64(bits) => visitor.visit_f64(f64::from_bits(*bits)),
            Value::Char(value) => visitor.visit_char(*value),
            Value::Str(text) => visitor.visit_str(text),
            Value::Bytes(bytes) => visitor.visit_bytes(bytes),
            Value::Seq(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key, value));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            Value::Record(_, of) => fields(of, visitor),
            Value::Variant(..) => visitor.visit_enum(self),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self {
            Value::None | Value::Unit => visitor.visit_none(),
            Value::Some(inner) => visitor.visit_some(inner.as_ref()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        match self {
            Value::Variant(..) => visitor.visit_enum(self),
            _ => Err(de::Error::custom("no variant of an enum")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> de::EnumAccess<'de> for &'de Value {
    type Error = Failed;
    type Variant = &'de Value;

    fn variant_seed<S: de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Failed> {
        let Value::Variant(name, data) = self else {
            return Err(de::Error::custom("no variant of an enum"));
        };
        let name =
            seed.deserialize(IntoDeserializer::<Failed>::into_deserializer(name.as_str()))?;
        Ok((name, data.as_ref()))
    }
}

impl<'de> de::VariantAccess<'de> for &'de Value {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        Ok(())
    }
    fn newtype_variant_seed<S: de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Failed> {
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        de::Deserializer::deserialize_any(self, visitor)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        de::Deserializer::deserialize_any(self, visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::to_value;
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize)]
    struct Metres(f32);

    #[derive(Serialize, Deserialize)]
    enum Gear {
        Park,
        Drive(u8),
        Pair(i16, f64),
        Turn { angle: f64, wide: Option<u128> },
    }

    #[derive(Serialize, Deserialize)]
    struct Everything {
        small: i8,
        large: u64,
        wide: i128,
        name: String,
        letter: char,
        single: f32,
        double: f64,
        far: Metres,
        list: Vec<Option<i32>>,
        pair: (bool, u16),
        array: [f64; 3],
        nothing: (),
        nested: Option<Option<u8>>,
        map: BTreeMap<u32, Vec<Gear>>,
        gears: Vec<Gear>,
    }

    #[test]
    fn what_was_serialized_comes_back_bit_for_bit() {
        let gears = || {
            vec![
                Gear::Park,
                Gear::Drive(3),
                Gear::Pair(-1, -0.0),
                Gear::Turn {
                    angle: f64::NAN,
                    wide: Some(u128::MAX),
                },
            ]
        };
        let before = to_value(&Everything {
            small: -128,
            large: u64::MAX,
            wide: i128::MIN,
            name: "é\n".into(),
            letter: '≠',
            single: f32::from_bits(0x7fc0_1234),
            double: 0.1,
            far: Metres(-0.0),
            list: vec![None, Some(-1)],
            pair: (true, 7),
            array: [f64::INFINITY, 5e-324, -1.5],
            nothing: (),
            nested: Some(Some(3)),
            map: BTreeMap::from([(7, gears()), (9, vec![])]),
            gears: gears(),
        });
        let back: Everything = from_value(&before).unwrap();
        assert_eq!(to_value(&back), before);
        assert!(from_value::<u8>(&Value::Int("256".into())).is_err());
        assert!(from_value::<Gear>(&Value::Unit).is_err());
        assert!(from_value::<i128>(&Value::Int("x".into())).is_err());
    }
}
