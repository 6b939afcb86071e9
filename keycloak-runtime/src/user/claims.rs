//! A user's claims in one allocation, about as large as their JSON text.
//!
//! A parsed `serde_json` map takes several times the size of its text (each object is a tree node
//! of some 600 bytes), and users are kept in the token cache by the thousand. Here the values stand
//! one behind the other in one byte string; containers know their length, so that a lookup skips
//! what it does not want. Nothing is allocated to read a claim.
//!
//! Invariant: the bytes are written by [`Claims::new`] only, so what is read back is well-formed;
//! where it were not, reading says "absent" instead of panicking.

use std::fmt;

use serde::{
    de::{
        DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, Error},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const SIGNED: u8 = 3;
const UNSIGNED: u8 = 4;
const FLOAT: u8 = 5;
const STRING: u8 = 6;
const ARRAY: u8 = 7;
const OBJECT: u8 = 8;

/// The claims of a token.
pub(crate) struct Claims(Box<[u8]>);

impl Claims {
    pub(crate) fn new(claims: &Map<String, Value>) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        write_object(&mut bytes, claims);
        Self(bytes.into_boxed_slice())
    }

    /// All claims, as an object.
    pub(crate) fn root(&self) -> Claim<'_> {
        Claim(&self.0)
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        self.0.len()
    }

    /// The claims parsed again, for those who want them as JSON.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        let members = self.root().members().into_iter().flatten();
        members
            .map(|(name, claim)| (name.to_owned(), claim.to_value()))
            .collect()
    }
}

/// One claim, or a value inside it: a view that costs nothing to copy.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'c>(&'c [u8]);

/// A value taken apart, except for what containers hold.
enum Shape<'c> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    String(&'c str),
    Array(Items<'c>),
    Object(Members<'c>),
}

impl<'c> Claim<'c> {
    pub(crate) fn as_str(self) -> Option<&'c str> {
        if let Shape::String(text) = self.shape() {
            Some(text)
        } else {
            None
        }
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        if let Shape::Bool(value) = self.shape() {
            Some(value)
        } else {
            None
        }
    }

    /// The number, as the nearest float.
    pub(crate) fn as_f64(self) -> Option<f64> {
        self.to_number()?.as_f64()
    }

    /// The elements of an array.
    pub(crate) fn items(self) -> Option<Items<'c>> {
        if let Shape::Array(items) = self.shape() {
            Some(items)
        } else {
            None
        }
    }

    /// The members of an object.
    pub(crate) fn members(self) -> Option<Members<'c>> {
        if let Shape::Object(members) = self.shape() {
            Some(members)
        } else {
            None
        }
    }

    /// The member `name` of an object.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let mut members = self.members()?;
        members
            .find(|(own, _)| *own == name)
            .map(|(_, claim)| claim)
    }

    pub(crate) fn to_value(self) -> Value {
        match self.shape() {
            Shape::Null => Value::Null,
            Shape::Bool(value) => Value::Bool(value),
            Shape::Signed(_) | Shape::Unsigned(_) | Shape::Float(_) => {
                self.to_number().map_or(Value::Null, Value::Number)
            }
            Shape::String(text) => Value::String(text.to_owned()),
            Shape::Array(items) => items.map(Self::to_value).collect(),
            Shape::Object(members) => members
                .map(|(name, claim)| (name.to_owned(), claim.to_value()))
                .collect(),
        }
    }

    fn to_number(self) -> Option<Number> {
        match self.shape() {
            Shape::Signed(value) => Some(value.into()),
            Shape::Unsigned(value) => Some(value.into()),
            Shape::Float(value) => Number::from_f64(value),
            Shape::Null
            | Shape::Bool(_)
            | Shape::String(_)
            | Shape::Array(_)
            | Shape::Object(_) => None,
        }
    }

    fn shape(self) -> Shape<'c> {
        self.read().map_or(Shape::Null, |(shape, _)| shape)
    }

    /// The value at the front, and what stands behind it.
    fn read(self) -> Option<(Shape<'c>, &'c [u8])> {
        let (tag, rest) = self.0.split_first()?;
        Some(match *tag {
            FALSE => (Shape::Bool(false), rest),
            TRUE => (Shape::Bool(true), rest),
            SIGNED => {
                let (bytes, rest) = rest.split_first_chunk()?;
                (Shape::Signed(i64::from_le_bytes(*bytes)), rest)
            }
            UNSIGNED => {
                let (bytes, rest) = rest.split_first_chunk()?;
                (Shape::Unsigned(u64::from_le_bytes(*bytes)), rest)
            }
            FLOAT => {
                let (bytes, rest) = rest.split_first_chunk()?;
                (Shape::Float(f64::from_le_bytes(*bytes)), rest)
            }
            STRING => {
                let (bytes, rest) = block(rest)?;
                (Shape::String(str::from_utf8(bytes).ok()?), rest)
            }
            ARRAY => {
                let (bytes, rest) = block(rest)?;
                (Shape::Array(Items(bytes)), rest)
            }
            OBJECT => {
                let (bytes, rest) = block(rest)?;
                (Shape::Object(Members(bytes)), rest)
            }
            _ => (Shape::Null, rest),
        })
    }
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

/// The elements of an array.
#[derive(Clone)]
pub(crate) struct Items<'c>(&'c [u8]);

impl<'c> Iterator for Items<'c> {
    type Item = Claim<'c>;

    fn next(&mut self) -> Option<Claim<'c>> {
        let claim = Claim(self.0);
        let (_, rest) = claim.read()?;
        self.0 = rest;
        Some(claim)
    }
}

/// The members of an object.
#[derive(Clone)]
pub(crate) struct Members<'c>(&'c [u8]);

impl<'c> Iterator for Members<'c> {
    type Item = (&'c str, Claim<'c>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = block(self.0)?;
        let claim = Claim(rest);
        let (_, rest) = claim.read()?;
        self.0 = rest;
        Some((str::from_utf8(name).ok()?, claim))
    }
}

/// A block with its length before it (LEB128), and what stands behind it.
fn block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0;
    let mut rest = bytes;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return rest.split_at_checked(length);
        }
    }
    None
}

fn write_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or(0);
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

fn write_block(out: &mut Vec<u8>, bytes: &[u8]) {
    write_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(value) => out.push(if *value { TRUE } else { FALSE }),
        Value::Number(number) => {
            if let Some(value) = number.as_i64() {
                out.push(SIGNED);
                out.extend_from_slice(&value.to_le_bytes());
            } else if let Some(value) = number.as_u64() {
                out.push(UNSIGNED);
                out.extend_from_slice(&value.to_le_bytes());
            } else if let Some(value) = number.as_f64() {
                out.push(FLOAT);
                out.extend_from_slice(&value.to_le_bytes());
            } else {
                out.push(NULL);
            }
        }
        Value::String(text) => {
            out.push(STRING);
            write_block(out, text.as_bytes());
        }
        Value::Array(items) => write_container(out, ARRAY, |out| {
            for item in items {
                write_value(out, item);
            }
        }),
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut Vec<u8>, members: &Map<String, Value>) {
    write_container(out, OBJECT, |out| {
        for (name, value) in members {
            write_block(out, name.as_bytes());
            write_value(out, value);
        }
    });
}

/// The length stands before the contents and is known after them: contents move by its few bytes.
fn write_container(out: &mut Vec<u8>, tag: u8, contents: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let start = out.len();
    contents(out);
    let end = out.len();
    write_length(out, end.saturating_sub(start));
    if let Some(tail) = out.get_mut(start..) {
        tail.rotate_left(end.saturating_sub(start));
    }
}

/// So that `User::claim::<T>` reads any type, borrowing text where `T` does.
impl<'c> Deserializer<'c> for Claim<'c> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'c>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.shape() {
            Shape::Null => visitor.visit_unit(),
            Shape::Bool(value) => visitor.visit_bool(value),
            Shape::Signed(value) => visitor.visit_i64(value),
            Shape::Unsigned(value) => visitor.visit_u64(value),
            Shape::Float(value) => visitor.visit_f64(value),
            Shape::String(text) => visitor.visit_borrowed_str(text),
            Shape::Array(items) => visitor.visit_seq(items),
            Shape::Object(members) => visitor.visit_map(Entries {
                members,
                value: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'c>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.shape(), Shape::Null) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'c>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'c>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // Rare enough to go through JSON, which knows the shapes of enums.
        self.to_value()
            .deserialize_enum(name, variants, visitor)
            .map_err(serde::de::Error::custom)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'c>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'c> SeqAccess<'c> for Items<'c> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'c>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.next().map(|claim| seed.deserialize(claim)).transpose()
    }
}

struct Entries<'c> {
    members: Members<'c>,
    value: Option<Claim<'c>>,
}

impl<'c> MapAccess<'c> for Entries<'c> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'c>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.members.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'c>>(&mut self, seed: V) -> Result<V::Value, Error> {
        // A key was asked for before, as the trait demands; null where it was not.
        seed.deserialize(self.value.take().unwrap_or(Claim(&[NULL])))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    fn claims(value: &Value) -> Claims {
        Claims::new(value.as_object().unwrap())
    }

    fn rich() -> Value {
        json!({
            "": "", "a": null, "b": true, "c": false, "d": -1, "e": u64::MAX, "f": 1.5, "ä": "ö",
            "list": [1, "x", [], {}, [[null]]], "o": { "p": { "q": "r" } }, "long": "x".repeat(20_000),
            "many": (0..300).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn gives_back_what_was_put_in() {
        for value in [json!({}), rich()] {
            assert_eq!(Value::Object(claims(&value).to_map()), value);
        }
    }

    #[test]
    fn finds_members_and_nothing_else() {
        let claims = claims(&rich());
        let root = claims.root();
        assert_eq!(root.get("ä").and_then(Claim::as_str), Some("ö"));
        assert_eq!(root.get("").and_then(Claim::as_str), Some(""));
        assert_eq!(root.get("b").and_then(Claim::as_bool), Some(true));
        assert_eq!(root.get("f").and_then(Claim::as_f64), Some(1.5));
        assert_eq!(
            root.get("many").and_then(Claim::items).unwrap().count(),
            300
        );
        let deep = root
            .get("o")
            .and_then(|o| o.get("p"))
            .and_then(|p| p.get("q"));
        assert_eq!(deep.and_then(Claim::as_str), Some("r"));
        assert!(root.get("x").is_none());
        assert!(root.get("list").unwrap().get("0").is_none());
        assert!(root.get("a").unwrap().as_str().is_none());
    }

    #[test]
    fn reads_every_kind_of_type() {
        #[derive(Deserialize, Debug, PartialEq)]
        struct Address<'a> {
            country: &'a str,
            zip: Option<u32>,
        }
        #[derive(Deserialize, Debug, PartialEq)]
        #[serde(rename_all = "lowercase")]
        enum Level {
            High,
            Other(u8),
        }
        #[derive(Deserialize, Debug, PartialEq)]
        struct Wrapped(i64);
        let claims = claims(&json!({
            "address": { "country": "DE", "zip": 12345, "more": [] },
            "level": "high", "other": { "other": 3 }, "n": -5, "none": null,
            "pairs": { "a": 1, "b": 2 }, "list": ["x", "y"], "f": 0.5,
        }));
        let get = |name| claims.root().get(name).unwrap();
        let address = Address {
            country: "DE",
            zip: Some(12345),
        };
        assert_eq!(Address::deserialize(get("address")), Ok(address));
        assert_eq!(Level::deserialize(get("level")), Ok(Level::High));
        assert_eq!(Level::deserialize(get("other")), Ok(Level::Other(3)));
        assert_eq!(Wrapped::deserialize(get("n")), Ok(Wrapped(-5)));
        assert_eq!(Option::<u8>::deserialize(get("none")), Ok(None));
        let pairs = BTreeMap::from([("a", 1), ("b", 2)]);
        assert_eq!(BTreeMap::deserialize(get("pairs")), Ok(pairs));
        assert_eq!(Vec::<&str>::deserialize(get("list")), Ok(vec!["x", "y"]));
        assert_eq!(f32::deserialize(get("f")), Ok(0.5));
        assert_eq!(
            Value::deserialize(get("address")),
            Ok(get("address").to_value())
        );
        assert!(u8::deserialize(get("n")).is_err());
        assert!(String::deserialize(get("list")).is_err());
    }

    #[test]
    fn bytes_that_are_no_claims_read_as_nothing() {
        for bytes in [
            &[][..],
            &[OBJECT],
            &[OBJECT, 5, 1],
            &[STRING, 0xff],
            &[SIGNED, 1],
            &[99],
        ] {
            let claims = Claims(bytes.into());
            assert!(claims.to_map().is_empty(), "{bytes:?}");
            assert!(claims.root().as_str().is_none(), "{bytes:?}");
        }
    }
}
