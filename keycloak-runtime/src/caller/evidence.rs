//! What a token says about one name, and what that proves.
//!
//! **The law of negation.** The client that a caller signs in through decides what their token
//! carries: with a narrowed scope, a lightweight token or without a mapper, the same user's token
//! lacks names that they have. So what a token does not show is false where a policy asks for it,
//! and proves nothing where a policy asks for its absence, unless the settings declare that tokens
//! of this client leave nothing out. Removing claims, or members of a claim, then never turns a
//! refusal into an admission.

use crate::base::truth::Truth;
use crate::caller::User;

/// What a token says about one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// It is there.
    Shown,
    /// It is not among the names of its kind.
    NotShown,
    /// It is not there, and whether it is was the client's choice, whatever is declared.
    NotRequested,
    /// Keycloak's answer lacks it, and the signed token shows it, or may.
    Disputed,
    /// Something is there that excludes it: the other boolean.
    Contrary,
    /// The claim is absent; a list of names that is absent is an empty one.
    Absent,
    /// The claim is not what it should be.
    Unreadable,
}

/// How what is not shown is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Whether the policy asks for the absence: under an odd number of negations.
    negated: bool,
    /// Whether tokens of the caller's client leave nothing out.
    complete: bool,
}

impl Reading {
    /// That of a policy for `user`, outside of every negation.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            negated: false,
            complete: user.shows_everything(),
        }
    }

    /// As if the settings declared the caller's client.
    pub(crate) fn declared(self) -> Self {
        Self {
            complete: true,
            ..self
        }
    }

    /// Inside of one more negation.
    pub(crate) fn flipped(self) -> Self {
        Self {
            negated: !self.negated,
            ..self
        }
    }
}

/// What is known of one name of `user`, as `read` finds it. Where Keycloak was asked, its answer
/// decides what the caller has, and both must lack what they are shown not to have: mappers write
/// into tokens and into answers by two switches.
pub(crate) fn of(user: &User, read: impl Fn(&User) -> Evidence) -> Evidence {
    match (read(user), user.richer_token()) {
        (Evidence::NotShown, Some(token)) => match read(token) {
            Evidence::NotShown | Evidence::Absent => Evidence::NotShown,
            Evidence::Shown
            | Evidence::NotRequested
            | Evidence::Disputed
            | Evidence::Contrary
            | Evidence::Unreadable => Evidence::Disputed,
        },
        (evidence, _) => evidence,
    }
}

/// Whether `user` is proven not to have the name, as under a negation of a policy.
pub(crate) fn proves_absence(user: &User, read: impl Fn(&User) -> Evidence) -> bool {
    of(user, read).truth(Reading::of(user).flipped()) == Truth::False
}

impl Evidence {
    pub(crate) fn of(shown: bool) -> Self {
        if shown { Self::Shown } else { Self::NotShown }
    }

    /// Whether the caller has the name.
    pub(crate) fn truth(self, reading: Reading) -> Truth {
        match self {
            Self::Shown => Truth::True,
            Self::Contrary => Truth::False,
            Self::Absent | Self::Unreadable => Truth::Unknown,
            Self::NotShown => Truth::of_absence(!reading.negated || reading.complete),
            Self::NotRequested | Self::Disputed => Truth::of_absence(!reading.negated),
        }
    }
}
