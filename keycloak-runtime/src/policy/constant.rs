//! Checks names in constants, at compile time, as the macros check literals.
//!
//! The macros see only the path of a constant, so they wrap it: `role_name(PATH)`. Each of these
//! functions returns what it was given or panics, which is a compile error at the user's path.

#![expect(
    clippy::missing_panics_doc,
    reason = "for constant expressions only: the panic is the user's compile error"
)]

pub use keycloak_policy::grammar::template::has_braces;
use keycloak_policy::grammar::{self, group_path, template};

use super::term::{Asked, Mode, Question, Term};

/// A role name: not blank, no white space around it.
#[track_caller]
#[must_use]
pub const fn role_name(name: &'static str) -> &'static str {
    assert_name(name);
    name
}

/// A name whose braces, if any, are path parameters or escaped.
#[track_caller]
#[must_use]
pub const fn braces(name: &'static str) -> &'static str {
    assert!(
        template::problem(name).is_none(),
        "this constant has a brace that is not part of a path parameter; a brace is written twice \
         [KC035]"
    );
    name
}

/// A scope-token (RFC 6749 section 3.3).
#[track_caller]
#[must_use]
pub const fn scope_token(name: &'static str) -> &'static str {
    assert_name(name);
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = byte_at(bytes, at);
        assert!(
            grammar::scope_token::is_legal(byte),
            "this constant is not a scope: a scope-token is printable ASCII without spaces, `\"` and \
             `\\` (RFC 6749 section 3.3) [KC007]"
        );
        at = at.saturating_add(1);
    }
    name
}

/// A group path: `"ops"`, `"/eng/backend"`, `"/eng/**"`.
#[track_caller]
#[must_use]
pub const fn group_path(path: &'static str) -> &'static str {
    assert_name(path);
    let bytes = group_path::pattern(path).own.as_bytes();
    assert!(!bytes.is_empty(), "this constant names no group [KC008]");
    let mut at = 0;
    let mut segment = false;
    while at < bytes.len() {
        let byte = byte_at(bytes, at);
        assert!(
            byte != b'*',
            "this constant can never match: `*` has a meaning only in a final `/**` [KC008]"
        );
        assert!(
            byte != b'/' || segment,
            "this constant can never match: the group path has an empty segment [KC008]"
        );
        segment = byte != b'/';
        at = at.saturating_add(1);
    }
    assert!(
        segment,
        "this constant can never match: the group path ends in `/` [KC008]"
    );
    path
}

/// A named policy inside another one: `optional` admits every caller, so it cannot be a term.
#[track_caller]
#[must_use]
pub const fn named_policy(
    policy: &'static crate::policy::term::Policy,
) -> &'static crate::policy::term::Policy {
    assert!(
        !policy.optional,
        "the named policy is `optional`, which cannot be combined with other terms: a caller could \
         avoid it by sending no token [KC016]"
    );
    policy
}

/// A named policy under an odd number of `not(..)`: what would be refused there if it were written
/// out is refused here as well.
#[track_caller]
#[must_use]
pub const fn negated_policy(
    policy: &'static crate::policy::term::Policy,
) -> &'static crate::policy::term::Policy {
    assert_can_be_negated(policy.terms, true);
    named_policy(policy)
}

#[track_caller]
const fn assert_can_be_negated(terms: &'static [Term], negated: bool) {
    let mut rest = terms;
    while let [term, others @ ..] = rest {
        match term {
            Term::All(inner) | Term::Any(inner) => assert_can_be_negated(inner, negated),
            Term::Not(inner) => assert_can_be_negated(std::slice::from_ref(*inner), !negated),
            Term::Policy(_, policy) => assert_can_be_negated(policy.terms, negated),
            Term::Ask(Question {
                kind,
                asked: Asked::Set(set),
                ..
            }) => {
                let none = matches!(set.mode, Mode::None);
                assert!(
                    !kind.row().requested || negated == none,
                    "the named policy asks for a scope, and under `not(..)` callers would avoid \
                     that by not requesting it; name a policy without `scopes` [KC034]"
                );
                assert!(
                    !negated || set.items.len() < 2 || !matches!(set.mode, Mode::All),
                    "the named policy asks for all of several names, so under `not(..)` it \
                     refuses only callers who have all of them; name a policy with `any[..]` \
                     to refuse callers who have one, or write the terms here [KC010]"
                );
            }
            Term::Ask(_) | Term::Check(..) | Term::Require(..) => {}
        }
        rest = others;
    }
}

#[track_caller]
const fn assert_name(name: &str) {
    let trimmed = name.trim_ascii();
    assert!(!trimmed.is_empty(), "this constant is blank [KC006]");
    assert!(
        trimmed.len() == name.len(),
        "this constant begins or ends with white space, and names are compared exactly [KC006]"
    );
}

pub(super) const fn byte_at(bytes: &[u8], at: usize) -> u8 {
    match bytes.split_at_checked(at) {
        Some((_, [byte, ..])) => *byte,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accepts(judge: fn(&'static str) -> &'static str, names: &[&'static str]) {
        for name in names {
            assert_eq!(judge(name), *name);
        }
    }

    #[track_caller]
    fn refuses(judge: fn(&'static str) -> &'static str, names: &[&'static str]) {
        for name in names {
            let judged = std::panic::catch_unwind(|| judge(name));
            assert!(judged.is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_that_can_exist() {
        accepts(role_name, &["admin", "Team lead"]);
        accepts(scope_token, &["orders:read", "openid"]);
        accepts(
            group_path,
            &["ops", "/ops", "/eng/backend", "/eng/**", "eng/**", "/a b"],
        );
    }

    #[test]
    fn names_that_cannot() {
        for judge in [role_name, scope_token, group_path] {
            refuses(judge, &["", " ", " admin", "admin\t"]);
        }
        refuses(scope_token, &["a b", "a\"b", "a\\b", "ä"]);
        refuses(
            group_path,
            &[
                "/", "//", "/ops/", "/a//b", "/a*", "/*", "**", "/**", "/a/**/b", "a//**",
            ],
        );
    }
}
