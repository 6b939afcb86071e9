//! The strict parser: RFC 8259 text in, the compact form out.
//!
//! It writes each value where it reads it, so a token's claims are parsed once and into one
//! allocation.

use super::{
    JsonError, MAX_DEPTH, MAX_TEXT_BYTES,
    compact::{self, Container},
    number,
};

/// What a member name that occurs twice in a *nested* object does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Refuse,
    Null,
}

/// One object and nothing else, in the compact form.
pub(super) fn object(bytes: &[u8], duplicates: Duplicates) -> Result<Vec<u8>, JsonError> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(JsonError::TooLong);
    }
    let mut parser = Parser {
        text: str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?,
        at: 0,
        depth: 0,
        duplicates,
        // The compact form of common claims is a little shorter than their text.
        out: Vec::with_capacity(bytes.len()),
        names: Vec::with_capacity(32),
    };
    parser.skip_whitespace();
    if parser.peek() != Some(b'{') {
        return Err(JsonError::NotAnObject);
    }
    parser.value()?;
    parser.skip_whitespace();
    if parser.at != parser.text.len() {
        return Err(JsonError::TrailingData);
    }
    Ok(parser.out)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
    duplicates: Duplicates,
    out: Vec<u8>,
    /// The member names of the objects that are open, those of the innermost last.
    names: Vec<Name>,
}

/// A member name in the compact form.
#[derive(Clone, Copy)]
struct Name {
    /// Its first bytes, which tell most names apart.
    prefix: u64,
    start: usize,
    end: usize,
}

impl<'a> Parser<'a> {
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

    fn value(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => {
                self.out.push(compact::STRING);
                self.string()
            }
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                // Nothing is decided by a number that cannot be represented.
                number(text)?;
                self.out.push(compact::NUMBER);
                compact::write_text(&mut self.out, text);
                Ok(())
            }
            Some(b't') => self.literal("true", compact::TRUE),
            Some(b'f') => self.literal("false", compact::FALSE),
            Some(b'n') => self.literal("null", compact::NULL),
            _ => Err(JsonError::Syntax),
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<(), JsonError>) -> Result<(), JsonError> {
        if self.depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.advance(1);
        parse(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn literal(&mut self, word: &str, tag: u8) -> Result<(), JsonError> {
        if !self.rest().starts_with(word) {
            return Err(JsonError::Syntax);
        }
        self.advance(word.len());
        self.out.push(tag);
        Ok(())
    }

    fn object(&mut self) -> Result<(), JsonError> {
        let container = Container::begin(&mut self.out, compact::OBJECT);
        let outer_names = self.names.len();
        self.skip_whitespace();
        if self.peek() == Some(b'}') {
            self.advance(1);
            container.end(&mut self.out);
            return Ok(());
        }
        loop {
            self.skip_whitespace();
            self.name()?;
            self.skip_whitespace();
            self.expect(b':')?;
            self.skip_whitespace();
            self.value()?;
            self.skip_whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b'}') => break,
                _ => return Err(JsonError::Syntax),
            }
        }
        let twice = self.has_duplicates(outer_names);
        if twice && (self.duplicates == Duplicates::Refuse || self.depth == 1) {
            return Err(JsonError::DuplicateMember);
        }
        self.names.truncate(outer_names);
        if twice {
            container.discard(&mut self.out);
            self.out.push(compact::NULL);
        } else {
            container.end(&mut self.out);
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), JsonError> {
        let before = self.out.len();
        self.string()?;
        let end = self.out.len();
        let length = self.out.get(before..).map_or(0, compact::text_length);
        let start = end.saturating_sub(length);
        let name = self.out.get(start..end).unwrap_or_default();
        let mut prefix = [0; 8];
        for (to, from) in prefix.iter_mut().zip(name) {
            *to = *from;
        }
        self.names.push(Name {
            prefix: u64::from_be_bytes(prefix),
            start,
            end,
        });
        Ok(())
    }

    /// Whether two of the names from `first` on are equal, in `n log n` steps: a caller chooses
    /// their number.
    fn has_duplicates(&mut self, first: usize) -> bool {
        let out = &self.out;
        let text = |name: &Name| out.get(name.start..name.end).unwrap_or_default();
        let names = self.names.get_mut(first..).unwrap_or_default();
        names.sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| text(a).cmp(text(b))));
        names
            .iter()
            .zip(names.iter().skip(1))
            .any(|(a, b)| a.prefix == b.prefix && text(a) == text(b))
    }

    fn array(&mut self) -> Result<(), JsonError> {
        let container = Container::begin(&mut self.out, compact::ARRAY);
        self.skip_whitespace();
        if self.peek() == Some(b']') {
            self.advance(1);
            container.end(&mut self.out);
            return Ok(());
        }
        loop {
            self.skip_whitespace();
            self.value()?;
            self.skip_whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b']') => {
                    container.end(&mut self.out);
                    return Ok(());
                }
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    /// The text of a string, without its tag: a member name has none.
    fn string(&mut self) -> Result<(), JsonError> {
        self.expect(b'"')?;
        let run = self.plain_run();
        if self.peek() == Some(b'"') {
            self.advance(1);
            compact::write_text(&mut self.out, run);
            return Ok(());
        }
        let mut unescaped = run.to_owned();
        loop {
            match self.next() {
                Some(b'"') => {
                    compact::write_text(&mut self.out, &unescaped);
                    return Ok(());
                }
                Some(b'\\') => {
                    unescaped.push(self.escape()?);
                    unescaped.push_str(self.plain_run());
                }
                // A control character must be escaped; or the text ends here.
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    /// The characters up to the next quote, backslash or control character.
    fn plain_run(&mut self) -> &'a str {
        let rest = self.rest();
        let length = plain_bytes(rest.as_bytes());
        self.advance(length);
        // It ends before an ASCII byte or at the end, so the cut is on a character boundary.
        rest.get(..length).unwrap_or_default()
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
        // Lone surrogates are refused: they are not characters, and decoders disagree about them.
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

/// How many bytes are before the first quote, backslash or control character; eight at a time,
/// as most of a token is text.
fn plain_bytes(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut plain: usize = 0;
    for chunk in chunks {
        let marks = special(u64::from_le_bytes(*chunk));
        if marks != 0 {
            let byte = marks.trailing_zeros() / 8;
            return plain.saturating_add(usize::try_from(byte).unwrap_or(0));
        }
        plain = plain.saturating_add(8);
    }
    let tail = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
        .unwrap_or(rest.len());
    plain.saturating_add(tail)
}

/// Marks the top bit of bytes that are a quote, a backslash or below 0x20. A borrow may also mark a
/// byte above the first one that is, never one below it: the lowest mark is right.
fn special(chunk: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const SPACES: u64 = u64::from_ne_bytes([0x20; 8]);
    let zeros = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let below_space = chunk.wrapping_sub(SPACES) & !chunk;
    (zeros(chunk ^ QUOTES) | zeros(chunk ^ BACKSLASHES) | below_space) & TOPS
}
