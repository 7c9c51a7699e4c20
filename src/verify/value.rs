//! A value as serde shows it, with floats as bits.
//!
//! Enters: anything that is `Serialize`. Leaves: [`Value`], in which fields keep their
//! order and floats their bits, so that it can be written as JSON and compared without
//! loss. This file is compiled twice: in `migrate`, and in the harness, into which it is
//! copied as it stands. It must not know Copper or the harness.

use serde::ser::{self, Serialize};
use serde::{Deserialize, Serialize as DeriveSerialize};

/// A value tree.
#[derive(Debug, Clone, PartialEq, Eq, DeriveSerialize, Deserialize)]
pub enum Value {
    /// `()`, a unit struct.
    Unit,
    /// `None`
    None,
    /// `Some(value)`
    Some(Box<Value>),
    /// `bool`
    Bool(bool),
    /// Any integer, in decimal.
    Int(String),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// `char`
    Char(char),
    /// A string.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A sequence, tuple, array or tuple struct.
    Seq(Vec<Value>),
    /// A map, in the order in which it was serialized.
    Map(Vec<(Value, Value)>),
    /// A struct: its name, and its fields in order.
    Record(String, Vec<(String, Value)>),
    /// An enum's variant; the data is [`Value::Unit`] for a unit variant.
    Variant(String, Box<Value>),
}

/// What serde shows of `value`; a failing `Serialize` becomes a [`Value::Variant`] named
/// `serde error`, which is equal only to the same failure.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Value {
    value.serialize(Builder).unwrap_or_else(|Failed(text)| {
        Value::Variant("serde error".into(), Box::new(Value::Str(text)))
    })
}

/// A `Serialize` that failed, with its words.
#[derive(Debug)]
pub struct Failed(pub String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Failed(text.to_string())
    }
}

struct Builder;

/// The parts of a compound, and how to close it.
struct Parts {
    name: &'static str,
    variant: Option<&'static str>,
    items: Vec<Value>,
    entries: Vec<(Value, Value)>,
    fields: Vec<(String, Value)>,
    key: Option<Value>,
}

impl Parts {
    fn new(variant: Option<&'static str>) -> Self {
        Parts {
            name: "",
            variant,
            items: Vec::new(),
            entries: Vec::new(),
            fields: Vec::new(),
            key: None,
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.items.push(value.serialize(Builder)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failed> {
        self.fields
            .push((name.to_owned(), value.serialize(Builder)?));
        Ok(())
    }

    fn close(variant: Option<&'static str>, value: Value) -> Result<Value, Failed> {
        Ok(match variant {
            Some(name) => Value::Variant(name.into(), Box::new(value)),
            None => value,
        })
    }
}

macro_rules! integers {
    ($($method:ident: $ty:ty),*) => {
        $(fn $method(self, v: $ty) -> Result<Value, Failed> {
            Ok(Value::Int(v.to_string()))
        })*
    };
}

impl ser::Serializer for Builder {
    type Ok = Value;
    type Error = Failed;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_bool(self, v: bool) -> Result<Value, Failed> {
        Ok(Value::Bool(v))
    }
    fn serialize_f32(self, v: f32) -> Result<Value, Failed> {
        Ok(Value::F32(v.to_bits()))
    }
    fn serialize_f64(self, v: f64) -> Result<Value, Failed> {
        Ok(Value::F64(v.to_bits()))
    }
    fn serialize_char(self, v: char) -> Result<Value, Failed> {
        Ok(Value::Char(v))
    }
    fn serialize_str(self, v: &str) -> Result<Value, Failed> {
        Ok(Value::Str(v.to_owned()))
    }
    fn serialize_bytes(self, v: &[u8]) -> Result<Value, Failed> {
        Ok(Value::Bytes(v.to_vec()))
    }
    fn serialize_none(self) -> Result<Value, Failed> {
        Ok(Value::None)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, v: &T) -> Result<Value, Failed> {
        Ok(Value::Some(Box::new(v.serialize(Builder)?)))
    }
    fn serialize_unit(self) -> Result<Value, Failed> {
        Ok(Value::Unit)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Failed> {
        Ok(Value::Unit)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Failed> {
        Parts::close(Some(variant), Value::Unit)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        v: &T,
    ) -> Result<Value, Failed> {
        v.serialize(Builder)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        v: &T,
    ) -> Result<Value, Failed> {
        Parts::close(Some(variant), v.serialize(Builder)?)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Failed> {
        Ok(Parts::new(None))
    }
    fn serialize_tuple(self, _: usize) -> Result<Parts, Failed> {
        Ok(Parts::new(None))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Failed> {
        Ok(Parts::new(None))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Failed> {
        Ok(Parts::new(Some(variant)))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Failed> {
        Ok(Parts::new(None))
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts, Failed> {
        Ok(Parts {
            name,
            ..Parts::new(None)
        })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Failed> {
        Ok(Parts::new(Some(variant)))
    }
}

macro_rules! sequences {
    ($($shape:ident: $method:ident),*) => {
        $(impl ser::$shape for Parts {
            type Ok = Value;
            type Error = Failed;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.push(value)
            }
            fn end(self) -> Result<Value, Failed> {
                Parts::close(self.variant, Value::Seq(self.items))
            }
        })*
    };
}
sequences!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

macro_rules! records {
    ($($shape:ident),*) => {
        $(impl ser::$shape for Parts {
            type Ok = Value;
            type Error = Failed;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Failed> {
                self.field(name, value)
            }
            fn end(self) -> Result<Value, Failed> {
                let fields = Value::Record(self.name.into(), self.fields);
                Parts::close(self.variant, fields)
            }
        })*
    };
}
records!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts {
    type Ok = Value;
    type Error = Failed;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(Builder)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let key = self.key.take().unwrap_or(Value::Unit);
        self.entries.push((key, value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Result<Value, Failed> {
        Parts::close(self.variant, Value::Map(self.entries))
    }
}
