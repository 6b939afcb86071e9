//! The named rules an error can break, with the stable code its message ends with.
//!
//! Each code has an entry in the error index of the documentation of `#[protected]`
//! (`protected/reference.md`); a test compares the two.

use std::fmt;

/// A named rule of the policy language or of its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Neither a term nor an option of the language.
    UnknownKey,
    /// A known key with the wrong kind of value.
    WrongShape,
    /// Tokens that are not a list of terms at all.
    Syntax,
    /// An empty set, `any()`, `all()` or `not()`.
    Empty,
    /// One item twice in one set.
    DuplicateItem,
    /// A name that is empty, or begins or ends with white space.
    BlankOrPadded,
    /// A scope that is not a scope-token of RFC 6749 section 3.3.
    NotAScopeToken,
    /// A group path no group can have.
    GroupNeverMatches,
    /// A claim path with an empty segment.
    ClaimPath,
    /// A bare list of two or more under `not`.
    BareListUnderNot,
    /// Scopes that a caller must not have.
    NegatedScopes,
    /// Braces in a name that are not a path parameter.
    Template,
    /// `not` with several terms.
    NotTakesOne,
    /// Two terms that could be one.
    DuplicateKey,
    /// Terms that admit no caller.
    Contradiction,
    /// Terms that always hold.
    Tautology,
    /// An arm of `any` that another one covers.
    Redundancy,
    /// A term beside `optional`.
    OptionalStandsAlone,
    /// An option inside `any`, `all` or `not`.
    OptionPlace,
    /// `require` where the guard cannot ask it.
    RequirePlace,
    /// An argument that binds another `user` than the caller.
    RequireUser,
    /// A handler that is not `async`, or is `unsafe` or `extern`.
    NotAsync,
    /// The attribute on something that is not a function.
    NotAFunction,
    /// A method with a receiver.
    Receiver,
    /// Two of our attributes on one function.
    TwoAttributes,
    /// Something an `impl` block cannot have.
    ImplBlock,
    /// Arguments of `#[public]`.
    PublicArguments,
    /// A name the realm export does not have.
    UnknownInRealm,
    /// A realm export that cannot be used.
    RealmExport,
    /// A group path that two groups of the realm export have.
    AmbiguousInRealm,
    /// `names_checked!()` where names are not checked.
    NamesNotChecked,
}

impl Rule {
    /// Every rule, in the order of the error index.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 31] = [
        Self::UnknownKey,
        Self::WrongShape,
        Self::Syntax,
        Self::Empty,
        Self::DuplicateItem,
        Self::BlankOrPadded,
        Self::NotAScopeToken,
        Self::GroupNeverMatches,
        Self::ClaimPath,
        Self::BareListUnderNot,
        Self::NotTakesOne,
        Self::DuplicateKey,
        Self::Contradiction,
        Self::Tautology,
        Self::Redundancy,
        Self::OptionalStandsAlone,
        Self::OptionPlace,
        Self::RequirePlace,
        Self::RequireUser,
        Self::NotAsync,
        Self::NotAFunction,
        Self::Receiver,
        Self::TwoAttributes,
        Self::ImplBlock,
        Self::PublicArguments,
        Self::UnknownInRealm,
        Self::RealmExport,
        Self::AmbiguousInRealm,
        Self::NamesNotChecked,
        Self::NegatedScopes,
        Self::Template,
    ];

    /// The code in the error index.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::UnknownKey => "KC001",
            Self::WrongShape => "KC002",
            Self::Syntax => "KC003",
            Self::Empty => "KC004",
            Self::DuplicateItem => "KC005",
            Self::BlankOrPadded => "KC006",
            Self::NotAScopeToken => "KC007",
            Self::GroupNeverMatches => "KC008",
            Self::ClaimPath => "KC009",
            Self::BareListUnderNot => "KC010",
            Self::NotTakesOne => "KC011",
            Self::DuplicateKey => "KC012",
            Self::Contradiction => "KC013",
            Self::Tautology => "KC014",
            Self::Redundancy => "KC015",
            Self::OptionalStandsAlone => "KC016",
            Self::OptionPlace => "KC017",
            Self::RequirePlace => "KC018",
            Self::RequireUser => "KC019",
            Self::NotAsync => "KC020",
            Self::NotAFunction => "KC021",
            Self::Receiver => "KC022",
            Self::TwoAttributes => "KC023",
            Self::ImplBlock => "KC024",
            Self::PublicArguments => "KC025",
            Self::UnknownInRealm => "KC030",
            Self::RealmExport => "KC031",
            Self::AmbiguousInRealm => "KC032",
            Self::NamesNotChecked => "KC033",
            Self::NegatedScopes => "KC034",
            Self::Template => "KC035",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_index_has_every_rule_once() {
        let manual = include_str!("protected/reference.md");
        for rule in Rule::ALL {
            let entries = manual.matches(&format!("| {rule} |")).count();
            assert_eq!(entries, 1, "{rule:?}");
        }
        assert_eq!(manual.matches("| KC").count(), Rule::ALL.len());
    }
}
