//! Text that others wrote: a caller, Keycloak, or whoever answers in its place.
//!
//! Invariant: what others wrote reaches a log line, an error's text or a report as a [`Foreign`]
//! only, so it can neither begin a line of its own, nor steer a terminal, nor fill a disk.

use std::{
    error::Error,
    fmt::{self, Display, Write as _},
};

use url::Url;

/// So many characters of a foreign text are shown.
const SHOWN: usize = 256;

/// A text that is not ours. `Display` and `Debug` write control characters, line separators and
/// other characters without a picture as escapes, and at most 256 characters, then `…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign<T>(pub(crate) T);

impl Foreign<String> {
    /// As much of `text` as will ever be shown.
    pub(crate) fn copy(text: &str) -> Self {
        Self(text.chars().take(SHOWN.saturating_add(1)).collect())
    }

    /// The messages of `error` and of its causes, the outermost first.
    pub(crate) fn causes(error: &(dyn Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next.filter(|_| text.len() <= SHOWN) {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        Self::copy(&text)
    }

    /// A URL without what may hold credentials: user info, query and fragment.
    pub(crate) fn url(url: &Url) -> Self {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // Both fail only for URLs that cannot have them, and then there are none.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self::copy(url.as_str())
    }
}

impl<T: Display> Display for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaping = Escaping {
            out: f,
            left: SHOWN,
            quoted: false,
        };
        write!(escaping, "{}", self.0).or_else(|_| escaping.ended())
    }
}

impl<T: Display> fmt::Debug for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut escaping = Escaping {
            out: f,
            left: SHOWN,
            quoted: true,
        };
        write!(escaping, "{}", self.0).or_else(|_| escaping.ended())?;
        f.write_char('"')
    }
}

/// Writes escapes for what is not to be written as it is, and refuses what is too much.
struct Escaping<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    left: usize,
    /// Whether the text is in quotation marks, so that its own need an escape.
    quoted: bool,
}

impl Escaping<'_, '_> {
    /// After an error: it is the reader's, or there was more text than is shown.
    fn ended(&mut self) -> fmt::Result {
        if self.left > 0 {
            return Err(fmt::Error);
        }
        self.out.write_char('…')
    }
}

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = match self.left.checked_sub(1) {
                Some(left) => left,
                None => return Err(fmt::Error),
            };
            match c {
                '\'' => self.out.write_char(c)?,
                '"' if !self.quoted => self.out.write_char(c)?,
                _ => write!(self.out, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends a line, erases one, colours, rings, turns the direction of writing.
    const HOSTILE: &str =
        "a\nb\rc\u{1b}[2Jd\u{7}e\u{9b}2Jf\u{2028}g\u{202e}h\0i\u{7f}j\u{200b}k\u{85}l";

    #[test]
    fn nothing_without_a_picture_is_written_as_it_is() {
        for text in [
            Foreign(HOSTILE).to_string(),
            format!("{:?}", Foreign(HOSTILE)),
        ] {
            let invisible = |c: char| c.is_control() || !c.is_ascii();
            assert!(!text.contains(invisible), "{text:?}");
            assert!(text.contains(r"a\nb\rc\u{1b}[2Jd"), "{text}");
        }
    }

    #[test]
    fn an_escape_is_told_from_what_looks_like_one() {
        assert_eq!(Foreign("a\n").to_string(), r"a\n");
        assert_eq!(Foreign(r"a\n").to_string(), r"a\\n");
        assert_eq!(format!("{:?}", Foreign("a\"b'c")), r#""a\"b'c""#);
        assert_eq!(Foreign("a\"b'c é 漢").to_string(), "a\"b'c é 漢");
    }

    #[test]
    fn shows_so_much_and_no_more() {
        let just = "x".repeat(SHOWN);
        assert_eq!(Foreign(&just).to_string(), just);
        assert_eq!(Foreign::copy(&just).to_string(), just);
        let more = "x".repeat(100_000);
        assert_eq!(Foreign(&more).to_string(), format!("{just}…"));
        assert_eq!(format!("{:?}", Foreign(&more)), format!("\"{just}…\""));
        let copy = Foreign::copy(&more);
        assert!(copy.0.len() <= SHOWN + 1);
        assert_eq!(copy.to_string(), format!("{just}…"));
    }

    #[test]
    fn a_writer_that_fails_is_not_taken_for_a_long_text() {
        struct Full;
        impl fmt::Write for Full {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert!(write!(Full, "{}", Foreign("abc")).is_err());
    }

    #[test]
    fn a_url_is_shown_without_credentials() {
        let url = Url::parse("https://user:pw@kc.example/realms/demo?x=1#y").unwrap();
        let shown = Foreign::url(&url).to_string();
        assert_eq!(shown, "https://kc.example/realms/demo");
    }

    #[test]
    fn causes_are_told_from_the_outermost_on() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        let outer = Outer(std::io::Error::other("in\nner"));
        assert_eq!(Foreign::causes(&outer).to_string(), r"outer: in\nner");
    }
}
