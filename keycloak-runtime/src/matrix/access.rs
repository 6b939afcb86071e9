//! What one caller may do on one route, told from the policies alone.

use serde::Serialize;

use super::caller::{Authentication, Caller};
use crate::{
    base::truth::Outcomes,
    caller::User,
    policy::{answers::Answers, parameters::Parameters, term::Policy},
};

/// The prediction for one caller on one route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "access", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Access {
    /// Every policy on the way holds.
    Allowed,
    /// Refused.
    Denied {
        /// 401 or 403.
        status: u16,
        /// The terms that do not hold.
        why: String,
    },
    /// `check` or `require` terms decide, with the request in hand.
    Depends {
        /// The terms that are open.
        on: String,
    },
}

/// The prediction for a handler that is reached through `policies`, one after the other; without any
/// the route is open to all.
pub(crate) fn predict(policies: &[Policy], caller: &Caller, parameters: &Parameters) -> Access {
    let mut open = Vec::new();
    for policy in policies {
        match one(policy, &caller.authentication, parameters) {
            Access::Allowed => {}
            Access::Depends { on } => open.push(on),
            denied @ Access::Denied { .. } => return denied,
        }
    }
    if open.is_empty() {
        Access::Allowed
    } else {
        Access::Depends {
            on: open.join("; "),
        }
    }
}

fn one(policy: &Policy, authentication: &Authentication, parameters: &Parameters) -> Access {
    let unauthorized = |why: &str| Access::Denied {
        status: 401,
        why: why.to_owned(),
    };
    match authentication {
        Authentication::Anonymous | Authentication::Verified(_) if policy.optional => {
            Access::Allowed
        }
        Authentication::Anonymous => unauthorized("no token"),
        Authentication::Rejected(fault) => unauthorized(fault),
        Authentication::Verified(user) => decided(policy, user, parameters),
    }
}

fn decided(policy: &Policy, user: &User, parameters: &Parameters) -> Access {
    let answers = Answers::with(Some(parameters.clone()));
    let outcomes = policy.evaluate(user, &answers);
    if outcomes == Outcomes::TRUE {
        return Access::Allowed;
    }
    let reason = policy.explain_with(user, &answers);
    if outcomes.can_be_true() {
        Access::Depends {
            on: reason.open_terms(),
        }
    } else {
        Access::Denied {
            status: 403,
            why: reason.failed_terms(),
        }
    }
}
