//! Which of the four 403 faults a refusal is.
//!
//! `MissingScopes` tells a client to come back with more scopes, so it is chosen only where those
//! scopes would be enough; a role or group that is missing too cannot be asked for.

use std::borrow::Cow;

use super::{
    outcomes::Outcomes,
    policy::{Mode, Set, Term},
    reason::{Node, Reason},
};
use crate::error::Fault;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Blame {
    Roles,
    Groups,
    Scopes(Vec<&'static str>),
    Other,
}

impl Reason {
    /// The fault that tells the caller, without names, what is missing.
    pub(crate) fn fault(&self) -> Fault {
        match all(&self.terms) {
            Blame::Roles => Fault::MissingRoles,
            Blame::Groups => Fault::MissingGroups,
            Blame::Scopes(scopes) => Fault::MissingScopes(Cow::Owned(scopes)),
            Blame::Other => Fault::Forbidden,
        }
    }
}

fn failing(nodes: &[Node]) -> impl Iterator<Item = &Node> {
    nodes.iter().filter(|node| node.outcomes != Outcomes::TRUE)
}

/// Every term is needed: the first that scopes would not mend, else all scopes together.
fn all(nodes: &[Node]) -> Blame {
    let mut scopes = Vec::new();
    for node in failing(nodes) {
        match blame(node) {
            Blame::Scopes(more) => scopes.extend(more),
            other @ (Blame::Roles | Blame::Groups | Blame::Other) => return other,
        }
    }
    scopes.dedup();
    if scopes.is_empty() {
        Blame::Other
    } else {
        Blame::Scopes(scopes)
    }
}

/// One term would do: what all arms have in common, else no particular one.
fn any(nodes: &[Node]) -> Blame {
    let mut arms = failing(nodes).map(blame);
    let Some(first) = arms.next() else {
        return Blame::Other;
    };
    let same = |arm: &Blame| std::mem::discriminant(arm) == std::mem::discriminant(&first);
    if arms.all(|arm| same(&arm)) {
        first
    } else {
        Blame::Other
    }
}

fn blame(node: &Node) -> Blame {
    match node.term {
        Term::All(_) | Term::Policy(..) => all(&node.terms),
        Term::Any(_) => any(&node.terms),
        Term::Roles(set) | Term::RealmRoles(set) | Term::ClientRoles(_, set) => {
            asked(*set, Blame::Roles)
        }
        Term::Groups(set) => asked(*set, Blame::Groups),
        Term::Scopes(set) => {
            let scopes = match set.mode {
                Mode::All | Mode::None => node.failed.clone(),
                Mode::Any => node.failed.iter().take(1).copied().collect(),
            };
            asked(*set, Blame::Scopes(scopes))
        }
        Term::Not(_)
        | Term::Claim(..)
        | Term::ClaimBool(..)
        | Term::Check(..)
        | Term::Require(..) => Blame::Other,
    }
}

/// What a set asks for; one that excludes is nothing the caller could go and get.
fn asked(set: Set, blame: Blame) -> Blame {
    match set.mode {
        Mode::All | Mode::Any => blame,
        Mode::None => Blame::Other,
    }
}
