//! From a policy that does not hold to the answer: the fault, the log line, the explanation.
//!
//! Every user of the realm can cause refusals, so one costs little more than an admission: the
//! reason is made only where it is read.

use std::fmt;

use crate::{
    base::fault::Fault,
    base::foreign::Foreign,
    caller::{Container, User},
    classics::{Classic, recognise},
    error::AuthError,
    keycloak::Keycloak,
    telemetry::emit,
};
use crate::{
    base::truth::Outcomes,
    policy::{answers::Answers, term::Policy},
};

/// The refusal of a verified caller. `keycloak` is absent in unit tests of handlers only.
pub(super) fn refuse(
    policy: &Policy,
    user: &User,
    answers: &Answers,
    keycloak: Option<&Keycloak>,
) -> AuthError {
    let reason = Unmade {
        policy,
        user,
        answers,
    };
    emit!(
        DEBUG, "keycloak::authorization", POLICY_DENIED,
        policy = policy.source,
        sub = %Foreign(user.subject()),
        path = answers.parameters.as_ref().map(tracing::field::display),
        reason = %reason,
        "refused"
    );
    let fault = match answers.denied() {
        Some(denied) => denied.clone(),
        None => policy.fault(user, answers),
    };
    match keycloak {
        None => AuthError::new(fault).with_details(reason.to_json()),
        Some(keycloak) => {
            let classic = looks_like(user, &fault).or_else(|| {
                let undeclared = !user.shows_everything()
                    && policy.outcomes_if_declared(user, answers) == Outcomes::TRUE;
                undeclared.then_some(Classic::UndeclaredClient)
            });
            let error = keycloak.refuse_user(user, fault).looking_like(classic);
            if keycloak.explains() {
                error.with_details(reason.to_json())
            } else {
                error
            }
        }
    }
}

/// A reason that is made when it is read.
struct Unmade<'a> {
    policy: &'a Policy,
    user: &'a User,
    answers: &'a Answers,
}

impl Unmade<'_> {
    fn to_json(&self) -> serde_json::Value {
        self.policy.explain_with(self.user, self.answers).to_json()
    }
}

impl fmt::Display for Unmade<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy.explain_with(self.user, self.answers).fmt(f)
    }
}

/// A verified caller was not admitted (403).
fn looks_like(user: &User, fault: &Fault) -> Option<Classic> {
    let groups = *fault == Fault::MissingGroups;
    let has = |claim: &str| user.lookup(claim).is_some();
    if groups && user.has_bare_groups() {
        Some(Classic::NameOnlyGroups)
    } else if (groups || *fault == Fault::MissingRoles)
        && matches!(user.realm_access(), Container::Absent)
        && recognise::looks_lightweight(has)
    {
        Some(Classic::LightweightToken)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_group_names_explain_a_missing_group_and_nothing_else() {
        // The builder of users writes paths, as a mapper with full path does.
        let user = |group: &str| {
            let user = crate::testing::user("ann");
            user.claim("groups", [group]).build()
        };
        let groups = Fault::MissingGroups;
        let bare = user("ops");
        assert_eq!(looks_like(&bare, &groups), Some(Classic::NameOnlyGroups));
        assert_eq!(looks_like(&bare, &Fault::MissingRoles), None);
        assert_eq!(looks_like(&user("/ops"), &groups), None);
    }
}
