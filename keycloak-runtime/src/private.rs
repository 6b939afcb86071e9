//! The only door for generated code. Not part of the public API.

pub use axum::http::request::Parts;
pub use inventory;
#[cfg(feature = "openapi")]
pub use utoipa;

#[cfg(feature = "openapi")]
pub use crate::openapi::operation as openapi;

pub use crate::{
    __keycloak_openapi_glue as openapi_glue, __keycloak_register as register, Rejection, User,
    authorization::{
        check::{Check, OfRequest, OfUser, Plain, Verdict, run_check},
        constant::{group_path, name_in_realm, named_policy, role_name, scope_token},
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
#[cfg(not(feature = "openapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_openapi_glue {
    ($($tokens:tt)*) => {};
}

/// Ties a handler to its OpenAPI operation. In a place where items may stand:
/// `openapi_glue! { kind: protected, handler: name, path: __path_name, policy: P, documented: true }`.
///
/// utoipa's macros call `__path_name::operation()` without naming the trait, so an inherent
/// function of that name comes first, whichever attribute was expanded first.
///
/// `documented` says that `#[utoipa::path]` certainly stands below ours: the type is then named
/// directly, which works in the body of a function as well. Otherwise it may have been expanded
/// before, or not be there at all: a stand-in is declared around a block that imports the module's
/// own type, if there is one, and so hides the stand-in.
#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_openapi_glue {
    (
        kind: $kind:ident, handler: $handler:ident, path: $path:ident, policy: $policy:ty,
        documented: true $(,)?
    ) => {
        const _: () = {
            $crate::__keycloak_openapi_operation! { $kind, $handler, $path, $policy, true }
        };
    };
    (
        kind: $kind:ident, handler: $handler:ident, path: $path:ident, policy: $policy:ty,
        documented: false $(,)?
    ) => {
        const _: () = {
            #[allow(non_camel_case_types, dead_code)]
            struct $path;
            #[automatically_derived]
            impl $crate::__private::utoipa::Path for $path {
                fn methods() -> ::std::vec::Vec<
                    $crate::__private::utoipa::openapi::path::HttpMethod
                > {
                    ::std::vec::Vec::new()
                }
                fn path() -> ::std::string::String {
                    ::std::string::String::new()
                }
                fn operation() -> $crate::__private::utoipa::openapi::path::Operation {
                    $crate::__private::utoipa::openapi::path::Operation::new()
                }
            }
            const _: () = {
                #[allow(unused_imports)]
                use self::*;
                $crate::__keycloak_openapi_operation! { $kind, $handler, $path, $policy, false }
            };
        };
    };
}

#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_openapi_operation {
    ($kind:ident, $handler:ident, $path:ident, $policy:ty, $certain:literal) => {
        #[automatically_derived]
        impl $path {
            #[doc(hidden)]
            #[allow(dead_code, unreachable_pub, missing_docs)]
            #[must_use]
            pub fn operation() -> $crate::__private::utoipa::openapi::path::Operation {
                $crate::__private::openapi::complete::<Self>(
                    ::core::module_path!(),
                    ::core::stringify!($handler),
                    $crate::__keycloak_openapi_policy!($kind, $policy),
                    $certain,
                )
            }
        }

        $crate::__private::inventory::submit! {
            $crate::__private::Documented::__new(
                $crate::__private::openapi::handler_name(::core::stringify!($handler)),
                ::core::module_path!(),
                || $crate::__private::openapi::routes::<$path>(::core::module_path!(), $certain),
            )
        }
    };
}

#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_openapi_policy {
    (protected, $policy:ty) => {
        ::core::option::Option::Some(<$policy as $crate::__private::HasPolicy>::POLICY)
    };
    (public, $policy:ty) => {
        ::core::option::Option::None
    };
}
