//! `User` and `Option<User>` as extractors.
//!
//! After a guard or a layer of the same [`Keycloak`] they find the caller already authenticated;
//! elsewhere they authenticate themselves, so that a `User` never comes from anything but a
//! verified token.

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};

use super::admit;
use crate::{caller::User, error::Rejection, keycloak::Keycloak};

impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let keycloak = Keycloak::from_ref(state);
        Ok(admit::caller(&keycloak, parts).await?)
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
        Ok(admit::caller_if_any(&keycloak, parts).await?)
    }
}
