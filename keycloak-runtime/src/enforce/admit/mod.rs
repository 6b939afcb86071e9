//! Whether a request goes on: the only place that decides about one, and the only one that refuses.
//!
//! Guards, layers and extractors ask here. One step after the other: the [`caller`] of the request,
//! then the policy, then the refusal, which is counted and written to the log when it is answered.

mod earlier;
mod pending;
mod refusal;

use axum::http::request::Parts;

use self::earlier::{Authenticated, Caller};
pub use self::pending::Pending;
#[cfg(test)]
pub(crate) use self::pending::pending_for_tests;
use crate::{
    base::fault::Fault,
    caller::User,
    credentials::Credentials,
    error::AuthError,
    keycloak::Keycloak,
    policy::{answers::Answers, decision::Decision, parameters::Parameters, term::Policy},
};

/// The caller of a request: the one that this instance authenticated earlier in it, or the one that
/// its credentials speak for.
///
/// # Errors
/// [`Fault::MissingHeader`] and [`Fault::OtherScheme`] say that there are no credentials;
/// everything else that there are some, and they do not do.
pub(crate) async fn caller(keycloak: &Keycloak, parts: &mut Parts) -> Result<User, AuthError> {
    let credentials = Credentials::of(parts).map_err(|fault| keycloak.refuse(fault))?;
    if let Some(user) = Authenticated::in_(parts, &credentials, keycloak) {
        return Ok(user);
    }
    let accepted = keycloak.authenticate(&credentials).await?;
    let user = accepted.user.clone();
    let caller = Caller::of(&credentials, accepted);
    Authenticated::keep(parts, keycloak, caller);
    Ok(user)
}

/// The same where a caller may be anonymous: no credentials mean an anonymous caller.
///
/// # Errors
/// There are some, and they do not do.
pub(crate) async fn caller_if_any(
    keycloak: &Keycloak,
    parts: &mut Parts,
) -> Result<Option<User>, AuthError> {
    match caller(keycloak, parts).await {
        Ok(user) => Ok(Some(user)),
        Err(error) if matches!(error.fault(), Fault::MissingHeader | Fault::OtherScheme) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Lets a request through, where nothing can answer `require` terms: one that has some is refused.
///
/// # Errors
/// The caller is not known, or `policy` is not proven to hold.
pub(crate) async fn admit(
    policy: Policy,
    keycloak: &Keycloak,
    parts: &mut Parts,
) -> Result<(), AuthError> {
    if policy.optional {
        return caller_if_any(keycloak, parts).await.map(drop);
    }
    begin(policy, keycloak, parts).await?.settle()
}

/// Begins a decision that the handler ends, by its answers to `require` terms.
///
/// # Errors
/// The caller is not known, or `policy` cannot hold whatever they are.
pub(crate) async fn begin(
    policy: Policy,
    keycloak: &Keycloak,
    parts: &mut Parts,
) -> Result<Pending, AuthError> {
    let user = caller(keycloak, parts).await?;
    let parameters = if policy.has_templates() {
        let parameters = Parameters::of(parts).await;
        policy.report_missing(&parameters, parts);
        Some(parameters)
    } else {
        None
    };
    let answers = Answers::with(parameters);
    decide(policy, user, parts, answers, Some(keycloak)).await
}

/// [`admit`] for a user that a unit test made; `None` is the caller without credentials.
#[cfg(any(test, feature = "test-util"))]
pub(crate) async fn admit_offline(
    policy: Policy,
    user: Option<&User>,
    parts: &Parts,
) -> Result<(), AuthError> {
    if policy.optional {
        return Ok(());
    }
    begin_offline(policy, user, parts).await?.settle()
}

/// [`begin`] for a user that a unit test made.
#[cfg(any(test, feature = "test-util"))]
pub(crate) async fn begin_offline(
    policy: Policy,
    user: Option<&User>,
    parts: &Parts,
) -> Result<Pending, AuthError> {
    let user = user.ok_or_else(|| AuthError::new(Fault::MissingHeader))?;
    let answers = Answers::with(Some(Parameters::of_test(parts)));
    decide(policy, user.clone(), parts, answers, None).await
}

async fn decide(
    policy: Policy,
    user: User,
    parts: &Parts,
    answers: Answers,
    keycloak: Option<&Keycloak>,
) -> Result<Pending, AuthError> {
    match policy.decide(&user, parts, answers).await {
        Decision::Allow => Ok(Pending::settled(user)),
        Decision::Deny(answers) => Err(refusal::refuse(&policy, &user, &answers, keycloak)),
        Decision::Pending(answers) => Ok(Pending::open(policy, user, answers, keycloak)),
    }
}
