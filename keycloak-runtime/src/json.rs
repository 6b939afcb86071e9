//! Strict JSON (RFC 8259) for everything that decides about access.
//!
//! Invariants: no member name twice in one object, at any depth; nesting of [`MAX_DEPTH`] at most;
//! nothing after the value; valid UTF-8 without lone surrogates; the exact digits of top-level
//! numbers stay available. `serde_json` keeps the last of two equal members silently and rounds
//! numbers, and its reading of numbers changes with features that any crate of a build can turn
//! on; none of that may decide who is admitted.

use std::{borrow::Cow, str};

use serde_json::{Map, Number, Value};

/// How deeply arrays and objects may nest; Keycloak's own claims need four levels.
pub(crate) const MAX_DEPTH: u8 = 32;

/// Why a text is not acceptable JSON. Carries no content: the text is a caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JsonError {
    #[error("not valid UTF-8")]
    NotUtf8,
    #[error("not an object")]
    NotAnObject,
    #[error("not well-formed JSON")]
    Syntax,
    #[error("something follows the JSON value")]
    TrailingData,
    #[error("a member name occurs twice in one object")]
    DuplicateMember,
    #[error("nested too deeply")]
    TooDeep,
    #[error("a number is out of range")]
    NumberOutOfRange,
}

/// A JSON object whose top-level numbers kept their exact text.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    members: Map<String, Value>,
    /// Top-level numbers that are not plain 64-bit integers, as written.
    exact: Vec<(String, &'a str)>,
}

impl<'a> Object<'a> {
    /// Parses one object and nothing else.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        Parser::new(bytes, Duplicates::Refuse)?.top_level()
    }

    /// As [`Object::parse`], but a *nested* object with a member twice reads as `null`, so that a
    /// list survives its one bad element.
    pub(crate) fn parse_nulling_bad_elements(bytes: &'a [u8]) -> Result<Self, JsonError> {
        Parser::new(bytes, Duplicates::Null)?.top_level()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// The digits of the number `name` exactly as written; `None` if it is absent or no number.
    pub(crate) fn number(&self, name: &str) -> Option<Cow<'a, str>> {
        if let Some((_, text)) = self.exact.iter().find(|(key, _)| key == name) {
            return Some(Cow::Borrowed(text));
        }
        match self.members.get(name) {
            Some(Value::Number(number)) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// The number `name`, if it was written as a plain integer of at most 64 bits.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.members.get(name)?.as_i64()
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.members
    }
}

/// What a member name that occurs twice does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duplicates {
    Refuse,
    Null,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
    duplicates: Duplicates,
    exact: Vec<(String, &'a str)>,
}

impl<'a> Parser<'a> {
    fn new(bytes: &'a [u8], duplicates: Duplicates) -> Result<Self, JsonError> {
        Ok(Self {
            text: str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?,
            at: 0,
            depth: 0,
            duplicates,
            exact: Vec::new(),
        })
    }

    fn top_level(mut self) -> Result<Object<'a>, JsonError> {
        self.skip_whitespace();
        if self.peek() != Some(b'{') {
            return Err(JsonError::NotAnObject);
        }
        let Value::Object(members) = self.value()? else {
            return Err(JsonError::NotAnObject);
        };
        self.skip_whitespace();
        if self.at != self.text.len() {
            return Err(JsonError::TrailingData);
        }
        Ok(Object {
            members,
            exact: self.exact,
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self, by: usize) {
        self.at = self.at.saturating_add(by);
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.advance(1);
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        (self.next() == Some(byte))
            .then_some(())
            .ok_or(JsonError::Syntax)
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.advance(1);
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                Ok(Value::Number(to_number(text)?))
            }
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(JsonError::Syntax),
        }
    }

    fn nested(
        &mut self,
        parse: fn(&mut Self) -> Result<Value, JsonError>,
    ) -> Result<Value, JsonError> {
        if self.depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.advance(1);
        let value = parse(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(value)
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if !self.rest().starts_with(word) {
            return Err(JsonError::Syntax);
        }
        self.advance(word.len());
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        let mut members = Map::new();
        let mut twice = false;
        self.skip_whitespace();
        if self.peek() == Some(b'}') {
            self.advance(1);
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_whitespace();
            let name = self.string()?;
            self.skip_whitespace();
            self.expect(b':')?;
            self.skip_whitespace();
            let start = self.at;
            let value = self.value()?;
            if self.depth == 1 && value.is_number() && !value.is_i64() {
                let text = self.text.get(start..self.at).unwrap_or_default();
                self.exact.push((name.clone(), text));
            }
            twice |= members.insert(name, value).is_some();
            if twice && (self.duplicates == Duplicates::Refuse || self.depth == 1) {
                return Err(JsonError::DuplicateMember);
            }
            self.skip_whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b'}') if twice => return Ok(Value::Null),
                Some(b'}') => return Ok(Value::Object(members)),
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        self.skip_whitespace();
        if self.peek() == Some(b']') {
            self.advance(1);
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_whitespace();
            items.push(self.value()?);
            self.skip_whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(Value::Array(items)),
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .ok_or(JsonError::Syntax)?;
            // The byte at `plain` is ASCII, so the cut is on a character boundary.
            let run = rest.get(..plain).unwrap_or_default();
            self.advance(plain);
            match self.next() {
                Some(b'"') if out.is_empty() => return Ok(run.to_owned()),
                Some(b'"') => {
                    out.push_str(run);
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(run);
                    out.push(self.escape()?);
                }
                // A control character must be escaped.
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        Ok(match self.next().ok_or(JsonError::Syntax)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(JsonError::Syntax),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_hex_digits()?;
        let second = if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            Some(self.four_hex_digits()?)
        } else {
            None
        };
        // Lone surrogates are refused: they are no character, and decoders disagree about them.
        let mut decoded = char::decode_utf16([Some(first), second].into_iter().flatten());
        match (decoded.next(), decoded.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => Err(JsonError::Syntax),
        }
    }

    fn four_hex_digits(&mut self) -> Result<u16, JsonError> {
        let digits = self.rest().get(..4).ok_or(JsonError::Syntax)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(JsonError::Syntax);
        }
        self.advance(4);
        u16::from_str_radix(digits, 16).map_err(|_| JsonError::Syntax)
    }

    /// RFC 8259 section 6: `-`? int frac? exp?, as written.
    fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.advance(1);
        }
        match self.next() {
            Some(b'0') => {}
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(JsonError::Syntax),
        }
        if self.peek() == Some(b'.') {
            self.advance(1);
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.advance(1);
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.advance(1);
            }
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(JsonError::Syntax)
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(JsonError::Syntax);
        }
        self.skip_digits();
        Ok(())
    }

    fn skip_digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.advance(1);
        }
    }
}

/// The value for code that only shows or compares it; dates use the exact text instead.
fn to_number(text: &str) -> Result<Number, JsonError> {
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Number::from(integer));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Ok(Number::from(integer));
    }
    let float: f64 = text.parse().map_err(|_| JsonError::Syntax)?;
    // `from_f64` refuses infinity: a number nobody can represent is no number to decide by.
    Number::from_f64(float).ok_or(JsonError::NumberOutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(text: &str, error: JsonError) {
        assert_eq!(Object::parse(text.as_bytes()).unwrap_err(), error, "{text}");
    }

    #[track_caller]
    fn agrees_with_serde_json(text: &str) {
        let ours = Object::parse(text.as_bytes()).unwrap().into_members();
        let theirs: Map<String, Value> = serde_json::from_str(text).unwrap();
        assert_eq!(ours, theirs, "{text}");
    }

    #[test]
    fn reads_what_serde_json_reads() {
        agrees_with_serde_json("{}");
        agrees_with_serde_json(" \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n");
        agrees_with_serde_json(
            r#"{"a":1,"b":-2,"c":1.5e3,"d":"x","e":[true,false,null,[{}]],"f":{"g":{"h":0}}}"#,
        );
        agrees_with_serde_json(r#"{"s":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00ä😀"}"#);
        agrees_with_serde_json(r#"{"big":18446744073709551615,"huge":1e300,"tiny":1e-400}"#);
        agrees_with_serde_json(r#"{"a":{"x":1},"b":{"x":2}}"#);
    }

    #[test]
    fn refuses_duplicate_members_at_any_depth() {
        refuses(r#"{"a":1,"a":1}"#, JsonError::DuplicateMember);
        refuses(r#"{"x":{"a":1,"a":2}}"#, JsonError::DuplicateMember);
        refuses(
            r#"{"x":[[{"a":1,"b":2,"a":3}]]}"#,
            JsonError::DuplicateMember,
        );
        // Names are compared after unescaping.
        refuses(r#"{"exp":1,"\u0065xp":2}"#, JsonError::DuplicateMember);
    }

    #[test]
    fn a_bad_element_can_read_as_null_but_the_top_level_stays_strict() {
        let text = br#"{"keys":[{"a":1,"a":2},{"b":1}]}"#;
        let object = Object::parse_nulling_bad_elements(text).unwrap();
        assert_eq!(
            object.get("keys"),
            Some(&serde_json::json!([null, {"b": 1}]))
        );
        let twice = Object::parse_nulling_bad_elements(br#"{"keys":[],"keys":[]}"#);
        assert_eq!(twice.unwrap_err(), JsonError::DuplicateMember);
    }

    #[test]
    fn refuses_what_is_not_one_object() {
        for text in ["", " ", "[]", "null", "\"a\"", "1", "\u{feff}{}"] {
            refuses(text, JsonError::NotAnObject);
        }
        for text in ["{}x", "{}{}", "{} null", "{}\u{0}"] {
            refuses(text, JsonError::TrailingData);
        }
        assert_eq!(
            Object::parse(b"{\"a\":\"\xff\"}").unwrap_err(),
            JsonError::NotUtf8
        );
    }

    #[test]
    fn refuses_lax_syntax() {
        for text in [
            "{",
            "{]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{a:1}",
            "{'a':1}",
            "{\"a\":[1,]}",
            "{\"a\":[,]}",
            "{\"a\":[1 2]}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":.5}",
            "{\"a\":5.}",
            "{\"a\":1e}",
            "{\"a\":1e+}",
            "{\"a\":-}",
            "{\"a\":0x1}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":tru}",
            "{\"a\":nul}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\\u+123\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\"}",
            "{\"a\":\"\\ud800\\u0041\"}",
            "{\"a\":\"",
            "{\"a\":\"\\",
            "{/**/}",
            "{\"a\":1//\n}",
        ] {
            refuses(text, JsonError::Syntax);
        }
        refuses("{\"a\":1e999}", JsonError::NumberOutOfRange);
    }

    #[test]
    fn depth_is_bounded() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        let most = usize::from(MAX_DEPTH) - 1;
        assert!(Object::parse(nested(most).as_bytes()).is_ok());
        refuses(&nested(most + 1), JsonError::TooDeep);
        refuses(
            &format!("{{\"a\":{}", "[".repeat(100_000)),
            JsonError::TooDeep,
        );
    }

    #[test]
    fn keeps_the_exact_digits_of_top_level_numbers() {
        let text = br#"{"a":1.00000000000000000001,"b":7,"c":1e3,"d":"x","e":[9.5]}"#;
        let object = Object::parse(text).unwrap();
        let number = |name| object.number(name).map(Cow::into_owned);
        assert_eq!(number("a").as_deref(), Some("1.00000000000000000001"));
        assert_eq!(number("b").as_deref(), Some("7"));
        assert_eq!(number("c").as_deref(), Some("1e3"));
        assert_eq!(number("d"), None);
        assert_eq!(number("missing"), None);
        assert_eq!(object.integer("b"), Some(7));
        assert_eq!(object.integer("a"), None);
    }
}
