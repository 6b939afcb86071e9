//! Cuts the users out of a realm export before it is parsed: they are nearly all of a real one, and
//! who checks names looks at nothing of them.
//!
//! A loop over bytes and indices, with nothing that would have to be inlined: users of the macros
//! compile this crate without optimisation, where an iterator or a parser takes many times as long.

#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every index is compared with the length first, and none is larger"
)]

use std::ops::Range;

/// The export with `null` for every list of users; `None` where the brackets of the export do not
/// match, which the parser explains better.
pub(crate) fn cut(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = Vec::new();
    let mut from = 0;
    for users in find(bytes)? {
        rest.extend_from_slice(bytes.get(from..users.start)?);
        rest.extend_from_slice(b"null");
        from = users.end;
    }
    rest.extend_from_slice(bytes.get(from..)?);
    Some(rest)
}

/// Where the values of `users` are, in the realm or in each of a list of realms.
fn find(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut depth = 0_usize;
    // The depth of a realm's members.
    let mut members = 0;
    // Where the value that is being skipped begins.
    let mut users = None;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'"' {
            let start = at + 1;
            at = start;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            if depth == members && at - start == 5 && bytes.get(start..at) == Some(b"users") {
                users = value(bytes, at + 1).or(users);
            }
        } else if byte == b'{' || byte == b'[' {
            if depth == 0 {
                members = if byte == b'{' { 1 } else { 2 };
            }
            depth += 1;
        } else if byte == b'}' || byte == b']' || byte == b',' {
            if depth == members
                && let Some(start) = users.take()
            {
                found.push(start..at);
            }
            if byte != b',' {
                depth = depth.checked_sub(1)?;
            }
        }
        at += 1;
    }
    (depth == 0).then_some(found)
}

/// Where the value begins if what was read is a key.
fn value(bytes: &[u8], mut at: usize) -> Option<usize> {
    while at < bytes.len() && bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    (bytes.get(at) == Some(&b':')).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(export: &str, expected: &str) {
        let rest = cut(export.as_bytes()).map(|rest| String::from_utf8(rest).unwrap());
        assert_eq!(rest.as_deref(), Some(expected));
    }

    #[test]
    fn users_of_the_realm_are_cut() {
        check(
            r#"{"a": 1, "users": [{"b": [2]}], "c": 3}"#,
            r#"{"a": 1, "users":null, "c": 3}"#,
        );
        check("{\"users\"\n: []}", "{\"users\"\n:null}");
        check(r#"{"users": "x"}"#, r#"{"users":null}"#);
        check(
            r#"[{"users": [1, 2]}, {"realm": "b", "users": {"c": {}}, "d": []}]"#,
            r#"[{"users":null}, {"realm": "b", "users":null, "d": []}]"#,
        );
    }

    #[test]
    fn brackets_and_quotes_in_strings_are_text() {
        check(
            r#"{"users": [{"name": "]}\"{", "b": "\\"}], "c": "\"users\": [1]"}"#,
            r#"{"users":null, "c": "\"users\": [1]"}"#,
        );
    }

    #[test]
    fn other_places_of_the_word_are_left() {
        for export in [
            r#"{"realm": "users", "b": ["users"], "c": {"users": [1]}}"#,
            r#"{"realm": "users"}"#,
            r#"["users", {"a": {"users": 1}}]"#,
            "null",
            "",
        ] {
            check(export, export);
        }
    }

    #[test]
    fn what_does_not_match_is_left_to_the_parser() {
        for export in [
            "{",
            "{}}",
            "{\"users\": [",
            "{\"a\\",
            "[{\"users\": \"\\\"}]",
        ] {
            assert_eq!(cut(export.as_bytes()), None, "{export}");
        }
    }
}
