//! Every word of the policy language that is not a term of the vocabulary, so that a name is spelt
//! in one place.

use keycloak_policy::vocabulary::ROWS;

pub(crate) const POLICY: &str = "policy";
pub(crate) const CHECK: &str = "check";
pub(crate) const REQUIRE: &str = "require";
pub(crate) const ANY: &str = "any";
pub(crate) const ALL: &str = "all";
pub(crate) const NONE: &str = "none";
pub(crate) const NOT: &str = "not";
pub(crate) const OPTIONAL: &str = "optional";
pub(crate) const REALM_EXPORT: &str = "realm_export";
pub(crate) const CRATE: &str = "crate";

/// The keys of the language beside the terms of the vocabulary.
const OTHERS: [&str; 9] = [
    POLICY,
    CHECK,
    REQUIRE,
    ANY,
    ALL,
    NOT,
    OPTIONAL,
    REALM_EXPORT,
    CRATE,
];

/// The keys of the language, as an error lists them.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.word).chain(OTHERS)
}
