//! `User` and `Option<User>` as extractors.
//!
//! Behind a guard or a layer of the same [`Keycloak`] they find the caller already authenticated;
//! elsewhere they authenticate themselves, so that a `User` never comes from anything but a
//! verified token.

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};

use crate::{
    base::fault::Fault,
    caller::User,
    error::{AuthError, Rejection},
    keycloak::Keycloak,
};

impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let keycloak = Keycloak::from_ref(state);
        Ok(keycloak.authenticate_parts(parts).await?)
    }
}

impl<S> OptionalFromRequestParts<S> for User
where
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        let keycloak = Keycloak::from_ref(state);
        Ok(anonymous_or(keycloak.authenticate_parts(parts).await)?)
    }
}

/// No credentials are nobody; bad credentials stay an error.
pub(crate) fn anonymous_or(caller: Result<User, AuthError>) -> Result<Option<User>, AuthError> {
    match caller {
        Ok(user) => Ok(Some(user)),
        Err(error) if matches!(error.fault(), Fault::MissingHeader | Fault::OtherScheme) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
