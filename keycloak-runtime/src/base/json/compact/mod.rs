//! JSON in one allocation, about as large as its text.
//!
//! A parsed `serde_json` map takes several times the size of its text (each object is a tree node
//! of some 600 bytes), and users are kept in the token cache by the thousand. Here the values are
//! one after the other in one string; texts and containers know their length, so that a lookup
//! skips what it does not want, and numbers stay as they were written. Nothing is allocated to read
//! a value.
//!
//! | value | form |
//! |---|---|
//! | `null`, `false`, `true` | `n`, `f`, `t` |
//! | number | `#`, text as written |
//! | string | `"`, text without escapes |
//! | array | `[`, length in four characters, values |
//! | object | `{`, length in four characters, (text, value)... |
//!
//! A text is its length in bytes and then itself. Lengths are written in characters below 0x80, so
//! that the whole is a string and no text in it needs to be checked again.
//!
//! Invariant: the form is written by this folder only, so what is read back is well-formed; where
//! it were not, reading says "absent" instead of panicking.

use std::ops::Range;

use serde_json::{Map, Value};

use super::number;

pub(super) const NULL: u8 = b'n';
pub(super) const FALSE: u8 = b'f';
pub(super) const TRUE: u8 = b't';
pub(super) const NUMBER: u8 = b'#';
pub(super) const STRING: u8 = b'"';
pub(super) const ARRAY: u8 = b'[';
pub(super) const OBJECT: u8 = b'{';

/// One value: a view that costs nothing to copy; equal where it is the same text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct View<'c>(pub(super) &'c str);

/// A value taken apart, except for what containers hold.
pub(super) enum Shape<'c> {
    Null,
    Bool(bool),
    Number(&'c str),
    String(&'c str),
    Array(Items<'c>),
    Object(Members<'c>),
}

impl<'c> View<'c> {
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

    /// The number exactly as it was written.
    pub(crate) fn as_number(self) -> Option<&'c str> {
        if let Shape::Number(text) = self.shape() {
            Some(text)
        } else {
            None
        }
    }

    /// The number, as the nearest float.
    pub(crate) fn as_f64(self) -> Option<f64> {
        number(self.as_number()?).ok()?.as_f64()
    }

    /// The part of the object's text that this value is.
    pub(crate) fn form(self) -> &'c str {
        self.0
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

    /// The member `name` of an object. Steps over the others without a look at what they hold.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let form = self.members()?.0;
        let bytes = form.as_bytes();
        let mut at = 0;
        loop {
            let own = text_at(bytes, at)?;
            let value_end = value_end(bytes, own.end)?;
            if own.len() == name.len() && bytes.get(own.clone())? == name.as_bytes() {
                return form.get(own.end..value_end).map(View);
            }
            at = value_end;
        }
    }

    pub(crate) fn to_value(self) -> Value {
        match self.shape() {
            Shape::Null => Value::Null,
            Shape::Bool(value) => Value::Bool(value),
            Shape::Number(text) => number(text).map_or(Value::Null, Value::Number),
            Shape::String(text) => Value::String(text.to_owned()),
            Shape::Array(items) => items.map(Self::to_value).collect(),
            Shape::Object(members) => Value::Object(members.into_map()),
        }
    }

    pub(super) fn shape(self) -> Shape<'c> {
        self.read().unwrap_or(Shape::Null)
    }

    fn read(self) -> Option<Shape<'c>> {
        let bytes = self.0.as_bytes();
        let contents = || self.0.get(CONTENTS..);
        Some(match *bytes.first()? {
            FALSE => Shape::Bool(false),
            TRUE => Shape::Bool(true),
            NUMBER => Shape::Number(self.0.get(text_at(bytes, 1)?)?),
            STRING => Shape::String(self.0.get(text_at(bytes, 1)?)?),
            ARRAY => Shape::Array(Items(contents()?)),
            OBJECT => Shape::Object(Members(contents()?)),
            _ => Shape::Null,
        })
    }
}

/// The elements of an array.
#[derive(Clone)]
pub(crate) struct Items<'c>(&'c str);

impl<'c> Iterator for Items<'c> {
    type Item = View<'c>;

    fn next(&mut self) -> Option<View<'c>> {
        let end = value_end(self.0.as_bytes(), 0)?;
        let (value, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(View(value))
    }
}

/// The members of an object.
#[derive(Clone)]
pub(crate) struct Members<'c>(&'c str);

impl Members<'_> {
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.map(|(name, value)| (name.to_owned(), value.to_value()))
            .collect()
    }
}

impl<'c> Iterator for Members<'c> {
    type Item = (&'c str, View<'c>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.0.as_bytes();
        let name = text_at(bytes, 0)?;
        let end = value_end(bytes, name.end)?;
        let member = (self.0.get(name.clone())?, View(self.0.get(name.end..end)?));
        self.0 = self.0.get(end..)?;
        Some(member)
    }
}

/// Where the value that begins at `at` ends.
fn value_end(form: &[u8], at: usize) -> Option<usize> {
    let behind_tag = at.checked_add(1)?;
    let end = match *form.get(at)? {
        NUMBER | STRING => text_at(form, behind_tag)?.end,
        ARRAY | OBJECT => {
            let contents = at.checked_add(CONTENTS)?;
            contents.checked_add(contents_length(form.get(behind_tag..contents)?))?
        }
        _ => behind_tag,
    };
    (end <= form.len()).then_some(end)
}

/// Where the text is whose length is at `at`: six bits a character, the lowest first; the
/// seventh says that more follow.
#[inline]
fn text_at(form: &[u8], at: usize) -> Option<Range<usize>> {
    let first = *form.get(at)?;
    let start = at.checked_add(1)?;
    if first & 0x40 != 0 {
        return long_text_at(form, at);
    }
    let end = start.checked_add(usize::from(first))?;
    (end <= form.len()).then_some(start..end)
}

/// [`text_at`] for any length.
fn long_text_at(form: &[u8], at: usize) -> Option<Range<usize>> {
    let mut length: usize = 0;
    let mut shift = 0;
    let mut start = at;
    loop {
        let byte = *form.get(start)?;
        start = start.checked_add(1)?;
        length |= usize::from(byte & 0x3f).checked_shl(shift)?;
        shift = shift.checked_add(6)?;
        if byte & 0x40 == 0 {
            break;
        }
    }
    let end = start.checked_add(length)?;
    (end <= form.len()).then_some(start..end)
}

/// The length of a text that was just written.
pub(super) fn text_length(written: &[u8]) -> usize {
    text_at(written, 0).map_or(0, |text| text.len())
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    let mut length = text.len();
    loop {
        let low = u8::try_from(length & 0x3f).unwrap_or(0);
        length >>= 6;
        if length == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x40);
    }
    out.extend_from_slice(text.as_bytes());
}

/// Seven bits a character: contents of 256 MiB, which [`super::MAX_TEXT_BYTES`] keeps far away.
const LENGTH_BYTES: usize = 4;

/// Where the contents of a container begin, after its tag and their length.
const CONTENTS: usize = 1 + LENGTH_BYTES;

fn contents_length(form: &[u8]) -> usize {
    let digits = form.iter().rev();
    digits.fold(0, |length, byte| (length << 7) | usize::from(*byte))
}

/// An array or object that is being written: its length is before what it holds and is known
/// after it.
pub(super) struct Container {
    start: usize,
}

impl Container {
    pub(super) fn begin(out: &mut Vec<u8>, tag: u8) -> Self {
        let start = out.len();
        out.push(tag);
        out.extend_from_slice(&[0; LENGTH_BYTES]);
        Self { start }
    }

    pub(super) fn end(self, out: &mut [u8]) {
        let contents = self.start.saturating_add(CONTENTS);
        let mut length = out.len().saturating_sub(contents);
        let form = out.get_mut(self.start.saturating_add(1)..contents);
        for byte in form.unwrap_or_default() {
            *byte = u8::try_from(length & 0x7f).unwrap_or(0);
            length >>= 7;
        }
    }

    /// As if it had never begun.
    pub(super) fn discard(self, out: &mut Vec<u8>) {
        out.truncate(self.start);
    }
}

pub(super) fn write_map(out: &mut Vec<u8>, members: &Map<String, Value>) {
    let container = Container::begin(out, OBJECT);
    for (name, value) in members {
        write_text(out, name);
        write_value(out, value);
    }
    container.end(out);
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => {
            out.push(NUMBER);
            write_text(out, &number.to_string());
        }
        Value::String(text) => {
            out.push(STRING);
            write_text(out, text);
        }
        Value::Array(items) => {
            let container = Container::begin(out, ARRAY);
            for item in items {
                write_value(out, item);
            }
            container.end(out);
        }
        Value::Object(members) => write_map(out, members),
    }
}

#[cfg(test)]
mod tests;
