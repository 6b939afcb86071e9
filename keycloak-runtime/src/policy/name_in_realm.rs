//! Compares the names in constants with the realm, at compile time.
//!
//! The macros do not know what a constant holds, so the error that names it is written here, by
//! what a constant expression can do: no allocation, and nothing that takes long, since realms
//! have thousands of names.

use keycloak_policy::grammar::{group_path, template};

use super::constant::byte_at;

/// A name of the realm that policies are checked against: one of `names`, or `stem:..` with a stem
/// of `dynamic` scopes. Group paths are compared without their leading `/` and final `/**`. `what`
/// and `export` are for the message.
#[expect(
    clippy::missing_panics_doc,
    reason = "for constant expressions only: the panic is the user's compile error"
)]
#[track_caller]
#[must_use]
pub const fn name_in_realm(
    name: &'static str,
    what: &str,
    export: &str,
    names: &[&str],
    dynamic: &[&str],
) -> &'static str {
    // What a template is with its parameters, only a request knows.
    let known = template::has_braces(name) || has_stem(name, dynamic) || listed(name, names);
    let message = if known {
        Message::new()
    } else {
        Message::new()
            .and("the realm of \"")
            .and(export)
            .and("\" has no ")
            .and(what)
            .and(" \"")
            .and(name)
            .and("\", which is the value of this constant")
            .and_hint(nearest(name, names))
            .and(" [KC030]")
    };
    assert!(known, "{}", message.as_str());
    name
}

const fn listed(name: &str, names: &[&str]) -> bool {
    let mut rest = names;
    while let [first, others @ ..] = rest {
        let (own, listed) = compared(name, first);
        if equal(own, listed) {
            return true;
        }
        rest = others;
    }
    false
}

const fn has_stem(name: &str, stems: &[&str]) -> bool {
    let mut rest = stems;
    while let [stem, others @ ..] = rest {
        if let Some((start, after)) = name.as_bytes().split_at_checked(stem.len())
            && equal(start, stem.as_bytes())
            && byte_at(after, 0) == b':'
        {
            return true;
        }
        rest = others;
    }
    false
}

/// What of the constant is compared with what of a name of the realm, which is a group's where it
/// begins with `/`.
const fn compared<'a>(name: &'a str, listed: &'a str) -> (&'a [u8], &'a [u8]) {
    match listed.as_bytes() {
        [b'/', path @ ..] => (group_path::pattern(name).own.as_bytes(), path),
        other => (name.as_bytes(), other),
    }
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if byte_at(a, at) != byte_at(b, at) {
            return false;
        }
        at = at.saturating_add(1);
    }
    true
}

/// The name that differs from `name` least: in at most two characters in one place, or in their
/// case.
const fn nearest<'a>(name: &'a str, names: &[&'a str]) -> Option<&'a str> {
    let mut best = None;
    let mut least = 3;
    let mut rest = names;
    while let [first, others @ ..] = rest {
        let (own, listed) = compared(name, first);
        let (shorter, longer) = if own.len() < listed.len() {
            (own.len(), listed.len())
        } else {
            (listed.len(), own.len())
        };
        let start = common(own, listed, false);
        let end = common(own, listed, true);
        let same = if start.saturating_add(end) < shorter {
            start.saturating_add(end)
        } else {
            shorter
        };
        let differ = longer.saturating_sub(same);
        if differ < least && differ < same {
            best = Some(*first);
            least = differ;
        }
        rest = others;
    }
    best
}

/// How many bytes are equal but for their case, from the start or from the end.
const fn common(a: &[u8], b: &[u8], from_end: bool) -> usize {
    let mut count: usize = 0;
    while count < a.len() && count < b.len() {
        let (x, y) = if from_end {
            let back = count.saturating_add(1);
            (
                byte_at(a, a.len().saturating_sub(back)),
                byte_at(b, b.len().saturating_sub(back)),
            )
        } else {
            (byte_at(a, count), byte_at(b, count))
        };
        if !x.eq_ignore_ascii_case(&y) {
            break;
        }
        count = count.saturating_add(1);
    }
    count
}

/// Text of a bounded length; what does not fit is cut.
struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
    const fn new() -> Self {
        Self {
            bytes: [0; 512],
            len: 0,
        }
    }

    const fn and(mut self, text: &str) -> Self {
        let mut fitting = text.len();
        while self.len.saturating_add(fitting) > self.bytes.len() || !text.is_char_boundary(fitting)
        {
            fitting = fitting.saturating_sub(1);
        }
        let mut at = 0;
        while at < fitting {
            if let Some((_, [free, ..])) = self.bytes.split_at_mut_checked(self.len) {
                *free = byte_at(text.as_bytes(), at);
            }
            self.len = self.len.saturating_add(1);
            at = at.saturating_add(1);
        }
        self
    }

    const fn and_hint(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(nearest) => self.and("; did you mean \"").and(nearest).and("\"?"),
            None => self.and("; correct it, or add the name to the realm and export it again"),
        }
    }

    const fn as_str(&self) -> &str {
        let written = match self.bytes.split_at_checked(self.len) {
            Some((written, _)) => written,
            None => &[],
        };
        match str::from_utf8(written) {
            Ok(text) => text,
            Err(_) => "the realm export does not have the name in this constant [KC030]",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["user", "admin", "/eng", "/eng/backend"];

    fn judge(name: &'static str) -> &'static str {
        name_in_realm(name, "name", "realm.json", &NAMES, &["tenant"])
    }

    fn message(name: &'static str) -> String {
        let panic = std::panic::catch_unwind(|| judge(name)).expect_err(name);
        *panic.downcast().expect("the message is formatted")
    }

    #[test]
    fn names_of_the_realm() {
        for name in ["admin", "/eng", "eng", "/eng/**", "eng/**", "tenant:a"] {
            assert_eq!(judge(name), name);
        }
    }

    #[test]
    fn names_that_it_lacks() {
        for (name, nearest) in [
            ("admni", "admin"),
            ("Admin", "admin"),
            ("adm", "admin"),
            ("admins", "admin"),
            ("uuser", "user"),
            ("/eng/backed", "/eng/backend"),
            ("eng/Backend/**", "/eng/backend"),
        ] {
            assert_eq!(
                message(name),
                format!(
                    "the realm of \"realm.json\" has no name {name:?}, which is the value of this \
                     constant; did you mean {nearest:?}? [KC030]"
                )
            );
        }
        for name in ["/sales", "tenants:a", "banana", "x", ""] {
            let message = message(name);
            assert!(message.contains("; correct it"), "{message}");
        }
    }

    #[test]
    fn a_message_that_does_not_fit_is_cut_between_characters() {
        let long = "ä".repeat(400);
        let message = Message::new().and("x").and(&long).and("y");
        assert_eq!(message.as_str(), format!("x{}y", "ä".repeat(255)));
    }
}
