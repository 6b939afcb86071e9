//! Views as a `serde` data format, so that `User::claim::<T>` reads any type, borrowing text where
//! `T` does.

use serde::{
    de::{
        DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, Error},
    },
    forward_to_deserialize_any,
};

use super::{
    compact::{Items, Members, Shape, View},
    number,
};

impl<'c> Deserializer<'c> for View<'c> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'c>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.shape() {
            Shape::Null => visitor.visit_unit(),
            Shape::Bool(value) => visitor.visit_bool(value),
            Shape::Number(text) => {
                let number = number(text).map_err(serde::de::Error::custom)?;
                number
                    .deserialize_any(visitor)
                    .map_err(serde::de::Error::custom)
            }
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
        self.next().map(|view| seed.deserialize(view)).transpose()
    }
}

struct Entries<'c> {
    members: Members<'c>,
    value: Option<View<'c>>,
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
        seed.deserialize(self.value.take().unwrap_or(View("n")))
    }
}
