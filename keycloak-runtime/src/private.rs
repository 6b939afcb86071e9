//! The only door for generated code. Not part of the public API.

pub use axum::http::request::Parts;
pub use inventory;

pub use crate::{
    __keycloak_openapi_glue as openapi_glue, __keycloak_register as register, Rejection, User,
    authorization::{
        check::{Check, Verdict, run_check},
        constant::{assert_group, assert_in_realm, assert_not_optional, assert_role, assert_scope},
        policy::{CheckFn, Mode, Policy, Set, Term},
    },
    config::env as config,
    extract::guard::{Guard, HasPolicy, Pending, PublicGuard},
    manifest::{
        Kind,
        entry::{Declaration, Documented},
    },
};

/// Puts a declaration into the manifest. In a place where items may stand:
/// `register! { kind: Protected, handler: "name", policy: Some(<P as HasPolicy>::POLICY) }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_register {
    (kind: $kind:ident, handler: $handler:expr, policy: $policy:expr $(,)?) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Declaration::__new(
                $crate::__private::Kind::$kind,
                $handler,
                ::core::module_path!(),
                ::core::file!(),
                ::core::line!(),
                $policy,
            )
        }
    };
}

/// Ties a handler to its OpenAPI operation; nothing without the feature.
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_openapi_glue {
    ($($tokens:tt)*) => {};
}
