//! From a policy that does not hold to the answer: the fault, the log line, the explanation.

use super::{answers::Answers, policy::Policy};
use crate::{AuthError, Keycloak, User, diagnostics::recognise, foreign::Foreign, telemetry::emit};

/// The refusal of a verified caller. `keycloak` is absent in unit tests of handlers only.
pub(crate) fn refuse(
    policy: &Policy,
    user: &User,
    answers: &Answers,
    keycloak: Option<&Keycloak>,
) -> AuthError {
    let reason = policy.explain_with(user, answers);
    emit!(
        DEBUG, "keycloak::authorization", POLICY_DENIED,
        policy = policy.source,
        sub = %Foreign(user.subject()),
        reason = %reason,
        "refused"
    );
    let fault = reason.fault();
    match keycloak {
        None => AuthError::new(fault).with_details(reason.to_json()),
        Some(keycloak) => {
            let groups_claim = &keycloak.rules().groups_claim;
            let classic = recognise::policy(&user.claims(), groups_claim, &fault);
            let error = keycloak.refuse(fault).looking_like(classic).about(user);
            if keycloak.explains() {
                error.with_details(reason.to_json())
            } else {
                error
            }
        }
    }
}
