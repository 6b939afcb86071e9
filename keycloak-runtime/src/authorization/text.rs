//! Policies in the words of the policy language, as they stand in the source.

use std::fmt;

use super::policy::{Mode, Policy, Set, Term};

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            Mode::All => "",
            Mode::Any => "any",
            Mode::None => "none",
        })?;
        f.debug_list().entries(self.items).finish()
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(terms) => write!(f, "all({})", Terms(terms)),
            Self::Any(terms) => write!(f, "any({})", Terms(terms)),
            Self::Not(term) => write!(f, "not({term})"),
            Self::Roles(set) => write!(f, "roles = {set}"),
            Self::RealmRoles(set) => write!(f, "realm_roles = {set}"),
            Self::ClientRoles(None, set) => write!(f, "client_roles = {set}"),
            Self::ClientRoles(Some(client), set) => write!(f, "client_roles({client:?}) = {set}"),
            Self::Groups(set) => write!(f, "groups = {set}"),
            Self::Scopes(set) => write!(f, "scopes = {set}"),
            Self::Claim(path, set) => write!(f, "claim({path:?}) = {set}"),
            Self::ClaimBool(path, value) => write!(f, "claim({path:?}) = {value}"),
            Self::Policy(path, _) => write!(f, "policy = {path}"),
            Self::Check(path, _) => write!(f, "check = {path}"),
            Self::Require(_, text) => write!(f, "require = {text}"),
        }
    }
}

struct Terms(&'static [Term]);

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

/// The policy in one line of the policy language; the two that have no terms in words.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.optional {
            f.write_str("optional")
        } else if self.terms.is_empty() {
            f.write_str("any authenticated caller")
        } else {
            Terms(self.terms).fmt(f)
        }
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({self})")
    }
}
