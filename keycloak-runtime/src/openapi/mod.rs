//! OpenAPI: what the guards ask for, in the document that utoipa makes.
//!
//! `#[protected]` completes the operation of `#[utoipa::path]`, whichever of the two comes first,
//! for `routes!` of `utoipa-axum` and for `paths(..)` of `#[derive(OpenApi)]`, also under
//! `cfg_attr` and renamed imports:
//!
//! - a security requirement of the scheme `keycloak`; OAuth scopes are listed in it (and nothing
//!   else: roles are not scopes), `optional` has the alternative `{}`;
//! - responses 400, 401, 403 and 503 with the error body.
//!
//! [`Keycloak::guarded`](crate::Keycloak::guarded) does the same for every operation of an
//! `OpenApiRouter`.
//!
//! What was written by hand stays: `security(..)` as a whole, responses by status. For the scheme
//! itself and the policy in words, apply [`Keycloak::security_scheme`](crate::Keycloak) to the
//! document; [`PolicyText`] decides how much of the policies it tells. [`audit`] compares the
//! document with the manifest.
//!
//! Limits: in the body of a function a handler is completed only if `#[utoipa::path]` is below
//! `#[protected]`; `#[utoipa::path]` does not work in `impl` blocks; a declared handler without
//! `#[utoipa::path]` does not compile where a glob import (`use super::*`) brings in a documented
//! and declared one of the same name: rename one of them. The audit names what is missing.
//!
//! The types are those of utoipa 6: an application uses the same major version.

mod audit;
mod finding;
mod guarded;
pub(crate) mod identity;
#[doc(hidden)]
pub mod operation;
mod response;
pub(crate) mod routes;
mod scheme;
mod scopes;
#[cfg(feature = "swagger-ui")]
mod swagger;
mod walk;
mod words;

#[cfg(feature = "swagger-ui")]
pub use self::swagger::SwaggerUi;
pub use self::{
    audit::{Audit, audit},
    finding::Finding,
    scheme::{PolicyText, Scheme, SchemeKind},
};
