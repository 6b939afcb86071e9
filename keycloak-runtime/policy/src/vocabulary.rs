//! The terms of the policy language that ask something of a caller's token: one row for each.
//!
//! Everything that says what a term looks like is here and nowhere else: its word, what may be in
//! its parentheses, what its value may be, where its names come from, and how it is said in prose.
//! What a term *means* is its row in the runtime's table of readings.

/// The terms that ask something of a caller's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a new term must be given its reading wherever terms are told apart"
)]
pub enum Kind {
    /// Realm roles or roles of our own client id.
    Roles,
    /// Realm roles only.
    RealmRoles,
    /// Roles of the named client, or of our own client id.
    ClientRoles,
    /// Group paths; `"ops"` and `"/ops"` are the top-level group, `"/eng/**"` is `/eng` and below.
    Groups,
    /// OAuth scope-tokens.
    Scopes,
    /// Values of a claim, or a boolean in it.
    Claim,
    /// The client that the token was issued to.
    Callers,
    /// Whether the token is a client's own.
    ServiceAccount,
    /// Whether an administrator acts as the user.
    Impersonated,
}

/// What may be in the parentheses after a term's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Subject {
    /// Nothing.
    None,
    /// A client id, or nothing for our own client.
    Client,
    /// The path of a claim.
    ClaimPath,
}

impl Subject {
    /// Its name in JSON.
    #[must_use]
    pub const fn member(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Client => Some("client"),
            Self::ClaimPath => Some("path"),
        }
    }
}

/// What may be the value of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Value {
    /// A set of names.
    Set,
    /// `true` or `false`.
    Flag,
    /// A set of names, or `true` or `false`.
    SetOrFlag,
}

/// What the names of a set are: which texts can be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Grammar {
    /// A name: not blank, no white space around it.
    Name,
    /// The path of a group, or `/**` below one.
    GroupPath,
    /// A scope-token (RFC 6749 section 3.3).
    ScopeToken,
    /// Any text.
    Text,
}

/// Which names of a realm the names of a set must be among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Lookup {
    /// Realm roles and the roles of every client, one of which is ours.
    AnyRoles,
    /// Realm roles.
    RealmRoles,
    /// Roles of the client in the parentheses, or of every client, one of which is ours.
    ClientRoles,
    /// Groups.
    Groups,
    /// Client scopes.
    Scopes,
    /// Clients.
    Clients,
    /// The realm does not know them.
    None,
}

impl Lookup {
    /// Whether the names are those of roles.
    #[must_use]
    pub const fn is_roles(self) -> bool {
        matches!(self, Self::AnyRoles | Self::RealmRoles | Self::ClientRoles)
    }
}

/// One term of the language.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "an internal crate of two")]
pub struct Row {
    /// Which.
    pub kind: Kind,
    /// As it is written, in policies and in JSON.
    pub word: &'static str,
    /// What may be in the parentheses.
    pub subject: Subject,
    /// What the value may be.
    pub value: Value,
    /// What the names of a set are.
    pub grammar: Grammar,
    /// Which names of a realm they must be among.
    pub lookup: Lookup,
    /// Whether `{name}` in one of them is a path parameter of the request.
    pub template: bool,
    /// Whether callers choose what their token shows of it, so that its absence cannot be asked
    /// for.
    pub requested: bool,
    /// Why a token has only one of the names, where that is so: two different ones exclude each
    /// other.
    pub single: Option<&'static str>,
    /// One of the names, for messages: `role`.
    pub noun: &'static str,
    /// The term in prose.
    pub prose: Prose,
}

/// A term in prose: "membership in the group `ops`".
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "an internal crate of two")]
pub struct Prose {
    /// Before the names: `membership in `.
    pub before: &'static str,
    /// One of the names where our own client or no subject is meant: `client role`.
    pub noun: &'static str,
    /// One of the names where the subject is named: `role`.
    pub noun_of: &'static str,
    /// After the names, before the subject: ` of the client `.
    pub of: &'static str,
    /// The term with `true` and with `false`; `{}` is the subject.
    pub flags: [&'static str; 2],
}

/// Every term, in the order in which messages list them.
pub static ROWS: [Row; 9] = [
    Row {
        kind: Kind::Roles,
        word: "roles",
        subject: Subject::None,
        value: Value::Set,
        grammar: Grammar::Name,
        lookup: Lookup::AnyRoles,
        template: true,
        requested: false,
        single: None,
        noun: "role",
        prose: Prose {
            noun: "role",
            ..NAMES
        },
    },
    Row {
        kind: Kind::RealmRoles,
        word: "realm_roles",
        subject: Subject::None,
        value: Value::Set,
        grammar: Grammar::Name,
        lookup: Lookup::RealmRoles,
        template: true,
        requested: false,
        single: None,
        noun: "role",
        prose: Prose {
            noun: "realm role",
            ..NAMES
        },
    },
    Row {
        kind: Kind::ClientRoles,
        word: "client_roles",
        subject: Subject::Client,
        value: Value::Set,
        grammar: Grammar::Name,
        lookup: Lookup::ClientRoles,
        template: true,
        requested: false,
        single: None,
        noun: "role",
        prose: Prose {
            noun: "client role",
            noun_of: "role",
            of: " of the client ",
            ..NAMES
        },
    },
    Row {
        kind: Kind::Groups,
        word: "groups",
        subject: Subject::None,
        value: Value::Set,
        grammar: Grammar::GroupPath,
        lookup: Lookup::Groups,
        template: true,
        requested: false,
        single: None,
        noun: "group",
        prose: Prose {
            before: "membership in ",
            noun: "group",
            ..NAMES
        },
    },
    Row {
        kind: Kind::Scopes,
        word: "scopes",
        subject: Subject::None,
        value: Value::Set,
        grammar: Grammar::ScopeToken,
        lookup: Lookup::Scopes,
        template: false,
        requested: true,
        single: None,
        noun: "scope",
        prose: Prose {
            noun: "scope",
            ..NAMES
        },
    },
    Row {
        kind: Kind::Claim,
        word: "claim",
        subject: Subject::ClaimPath,
        value: Value::SetOrFlag,
        grammar: Grammar::Text,
        lookup: Lookup::None,
        template: true,
        requested: false,
        single: None,
        noun: "value",
        prose: Prose {
            noun_of: "value",
            of: " in the claim ",
            flags: ["the claim {} is true", "the claim {} is false"],
            ..NAMES
        },
    },
    Row {
        kind: Kind::Callers,
        word: "callers",
        subject: Subject::None,
        value: Value::Set,
        grammar: Grammar::Name,
        lookup: Lookup::Clients,
        template: false,
        requested: false,
        single: Some("a token is issued to one client"),
        noun: "client",
        prose: Prose {
            before: "a token issued to ",
            noun: "client",
            ..NAMES
        },
    },
    Row {
        kind: Kind::ServiceAccount,
        word: "service_account",
        subject: Subject::None,
        value: Value::Flag,
        grammar: Grammar::Text,
        lookup: Lookup::None,
        template: false,
        requested: false,
        single: None,
        noun: "value",
        prose: Prose {
            flags: [
                "the token of a service account (client credentials)",
                "the token of a user, not of a service account",
            ],
            ..NAMES
        },
    },
    Row {
        kind: Kind::Impersonated,
        word: "impersonated",
        subject: Subject::None,
        value: Value::Flag,
        grammar: Grammar::Text,
        lookup: Lookup::None,
        template: false,
        requested: false,
        single: None,
        noun: "value",
        prose: Prose {
            flags: [
                "a caller whom an administrator impersonates",
                "a caller whom no administrator impersonates",
            ],
            ..NAMES
        },
    },
];

/// Prose of a term that takes names and nothing else.
const NAMES: Prose = Prose {
    before: "",
    noun: "",
    noun_of: "",
    of: "",
    flags: ["", ""],
};

impl Kind {
    /// The term's row.
    #[must_use]
    pub const fn row(self) -> &'static Row {
        let [
            roles,
            realm_roles,
            client_roles,
            groups,
            scopes,
            claim,
            callers,
            service_account,
            impersonated,
        ] = &ROWS;
        match self {
            Self::Roles => roles,
            Self::RealmRoles => realm_roles,
            Self::ClientRoles => client_roles,
            Self::Groups => groups,
            Self::Scopes => scopes,
            Self::Claim => claim,
            Self::Callers => callers,
            Self::ServiceAccount => service_account,
            Self::Impersonated => impersonated,
        }
    }

    /// The term that is written `word`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let row = ROWS.iter().find(|row| row.word == word);
        row.map(|row| row.kind)
    }
}

impl Row {
    /// The term as it is written, without its value: `client_roles("api")`.
    #[must_use]
    pub fn written(&self, subject: Option<&str>) -> String {
        match subject {
            Some(subject) => format!("{}({subject:?})", self.word),
            None => self.word.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_has_its_own_row() {
        for row in &ROWS {
            assert_eq!(row.kind.row().kind, row.kind);
            assert_eq!(Kind::of_word(row.word), Some(row.kind));
        }
        assert_eq!(Kind::of_word("role"), None);
    }
}
