//! From a policy that does not hold to the answer: the fault, the log line, the explanation.
//!
//! Anybody who can sign in can make refusals, so one costs little more than an admission: the
//! reason is made only where somebody reads it.

use std::fmt;

use super::{answers::Answers, outcomes::Outcomes, policy::Policy};
use crate::{
    AuthError, Keycloak, User,
    diagnostics::{Classic, recognise},
    foreign::Foreign,
    telemetry::emit,
};

/// The refusal of a verified caller. `keycloak` is absent in unit tests of handlers only.
pub(crate) fn refuse(
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
        reason = %reason,
        "refused"
    );
    let fault = policy.fault(user, answers);
    match keycloak {
        None => AuthError::new(fault).with_details(reason.to_json()),
        Some(keycloak) => {
            let classic = recognise::policy(user, &fault).or_else(|| {
                let undeclared = !user.shows_everything()
                    && policy.outcomes_if_declared(user, answers) == Outcomes::TRUE;
                undeclared.then_some(Classic::UndeclaredClient)
            });
            let error = keycloak.refuse(fault).looking_like(classic).about(user);
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
