//! The only door for generated code. Not part of the public API.

pub use axum::http::request::Parts;
pub use inventory;
#[cfg(feature = "openapi")]
pub use utoipa;

#[cfg(feature = "openapi")]
pub use crate::openapi::operation as openapi;

pub use crate::{
    __keycloak_protected as protected, __keycloak_public as public,
    caller::User,
    config::env as config,
    enforce::guard::{
        Asking, Both, Guard, HasPolicy, Injected, Pending, PendingGuard, PublicGuard, Questions,
        Settled,
    },
    error::Rejection,
    policy::declaration::{Declared, Of, Place, Registered, Routes},
    policy::{
        answer::{Answer, Answered, answer, rule},
        check::{Check, OfRequest, OfUser, Plain, Verdict, run_check},
        constant::{
            braces, group_path, has_braces, named_policy, negated_policy, role_name, scope_token,
        },
        name_in_realm::name_in_realm,
        term::{CheckFn, Policy},
    },
};

/// What is in scope where a policy is written as code.
pub mod terms {
    pub use core::option::Option::{None, Some};

    pub use crate::policy::term::{Asked, Kind, Mode, Policy, Question, Set, Term};
}

/// What `#[keycloak::protected]` and `#[keycloak::public]` implement where an `impl` block asks
/// whether an attribute of their name is the one it was taken for.
#[diagnostic::on_unimplemented(
    message = "this attribute has the name of one of `keycloak`'s, and is another one",
    label = "not `keycloak`'s",
    note = "in a guarded `impl` block `#[public]` and `#[protected]` say who may call a function; \
            import the other attribute under another name, as in `use other::public as other_public;`"
)]
pub trait Ours<Attribute> {}

/// `#[keycloak::protected]`.
#[expect(clippy::exhaustive_enums, reason = "no value of it exists")]
#[derive(Debug)]
pub enum OurProtected {}

/// `#[keycloak::public]`.
#[expect(clippy::exhaustive_enums, reason = "no value of it exists")]
#[derive(Debug)]
pub enum OurPublic {}

/// Compiles for ours only.
pub const fn ours<T: Ours<Attribute>, Attribute>() {}

/// Implemented by [`User`] only: what an argument `user` must be where `require` is asked.
#[diagnostic::on_unimplemented(
    message = "in `require`, `user` is the caller, and this argument binds another type",
    label = "not `keycloak::User`",
    note = "rename the argument"
)]
pub trait TheCaller {}

impl TheCaller for User {}

/// Compiles for [`User`] only, and not for what dereferences to it.
pub const fn the_caller<T: TheCaller>(_: &T) {}

/// Whether a type is `Own`, which is Rust's type of its name: whether a function may be in a
/// guarded `impl` block without a guard is decided by names.
#[diagnostic::on_unimplemented(
    message = "in a guarded `impl` block this name must mean Rust's own type, and here it is another one",
    label = "not `{Own}`: it may be a future or a function",
    note = "give the type another name, which needs `async fn` or `#[public]`, or move the function \
            to an `impl` block without `#[protected]`"
)]
pub trait RustsOwn<Own: ?Sized> {}

impl<Own: ?Sized> RustsOwn<Own> for Own {}

/// Compiles for `Own` only.
pub const fn rusts_own<T: RustsOwn<Own> + ?Sized, Own: ?Sized>() {}

/// Declares a protected handler, in a place where items are allowed:
///
/// ```text
/// protected! {
///     pub __keycloak_policy_name Settled, "name", line!(), { const __KEYCLOAK_NAME_0: .. },
///     Policy::__new(..), name __path_name documented
/// }
/// ```
///
/// The type of the policy with the handler's visibility, `Asking` where it has `require` terms and
/// `Settled` otherwise; the handler's name; its line; items that
/// the policy refers to; the policy, with [`terms`] in scope; and, where `#[utoipa::path]` may be on
/// the handler, the type that it makes, and whether it certainly is.
///
/// This is one macro of the runtime because the compiler expands it many times faster than a macro
/// crate built without optimisation can write the same tokens.
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_protected {
    (
        $vis:vis $policy:ident $questions:ident, $name:expr, $line:expr, { $($items:tt)* }, $value:expr
        $(, $($openapi:tt)+)?
    ) => {
        #[doc(hidden)]
        #[allow(
            non_camel_case_types, unreachable_pub, unnameable_types, dead_code,
            missing_debug_implementations, clippy::exhaustive_enums, clippy::empty_enums
        )]
        $vis enum $policy {}

        #[automatically_derived]
        impl $crate::__private::HasPolicy for $policy {
            type Questions = $crate::__private::$questions;

            fn declared() -> $crate::__private::Declared {
                $($items)*
                {
                    #[allow(unused_imports)]
                    use $crate::__private::terms::*;
                    $crate::__private::Declared::__by_an_attribute(
                        $value,
                        $crate::__keycloak_place!($name, $line),
                    )
                }
            }
        }

        $crate::__keycloak_register! {
            Protected(<$policy as $crate::__private::HasPolicy>::declared),
            $(
                { <$policy as $crate::__private::HasPolicy>::declared() },
                complete complete_own $($openapi)+
            )?
        }
    };
}

/// Declares a public handler: `public! { "name", line!(), __path_name documented }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_public {
    ($name:expr, $line:expr $(, $($openapi:tt)+)?) => {
        $crate::__keycloak_register! {
            Public(|| $crate::__keycloak_place!($name, $line)),
            $(
                { $crate::__keycloak_place!($name, $line) },
                complete_public complete_own_public $($openapi)+
            )?
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_place {
    ($name:expr, $line:expr) => {
        $crate::__private::Place {
            handler: $name,
            module: ::core::module_path!(),
            file: ::core::file!(),
            line: $line,
        }
    };
}

/// Puts a declaration into the manifest; what is said about OpenAPI has no meaning without the
/// feature.
#[cfg(not(feature = "openapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_register {
    ($kind:ident($declared:expr), $($openapi:tt)*) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Registered {
                declared: $crate::__private::Of::$kind($declared),
                routes: ::core::option::Option::None,
            }
        }
    };
}

/// Puts a declaration into the manifest, and ties the handler to its OpenAPI operation.
///
/// utoipa's macros call `__path_name::operation()` without naming the trait, so an inherent
/// function of that name comes first, whichever attribute was expanded first.
///
/// `documented` says that `#[utoipa::path]` certainly is below ours: the type is then named
/// directly, which works in the body of a function as well. Otherwise it may have been expanded
/// before, or not be there at all: a stand-in is declared around a block that imports the module's
/// own type, if there is one, and so hides the stand-in.
#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __keycloak_register {
    ($kind:ident($declared:expr),) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Registered {
                declared: $crate::__private::Of::$kind($declared),
                routes: ::core::option::Option::None,
            }
        }
    };
    (
        $kind:ident($declared:expr), $facts:block, $complete:ident $own:ident
        $path:ident documented
    ) => {
        #[automatically_derived]
        impl $path {
            #[doc(hidden)]
            #[allow(dead_code, unreachable_pub, missing_docs)]
            #[must_use]
            pub fn operation() -> $crate::__private::utoipa::openapi::path::Operation {
                $crate::__private::openapi::$complete::<Self>($facts)
            }
        }
        $crate::__private::inventory::submit! {
            $crate::__private::Registered {
                declared: $crate::__private::Of::$kind($declared),
                routes: ::core::option::Option::Some(
                    $crate::__private::openapi::routes::<$path>
                ),
            }
        }
    };
    (
        $kind:ident($declared:expr), $facts:block, $complete:ident $own:ident
        $path:ident perhaps
    ) => {
        const _: () = {
            #[allow(non_camel_case_types, dead_code)]
            struct $path;
            const _: () = {
                #[allow(unused_imports)]
                use self::*;
                #[allow(unused_imports)]
                use $crate::__private::openapi::Undocumented as _;

                #[automatically_derived]
                impl $path {
                    #[doc(hidden)]
                    #[allow(dead_code, unreachable_pub, missing_docs)]
                    #[must_use]
                    pub fn operation() -> $crate::__private::utoipa::openapi::path::Operation {
                        $crate::__private::openapi::$own(
                            $crate::__private::openapi::Probe::<Self>::operation(
                                ::core::module_path!(),
                            ),
                            $facts,
                        )
                    }
                }
                $crate::__private::inventory::submit! {
                    $crate::__private::Registered {
                        declared: $crate::__private::Of::$kind($declared),
                        routes: ::core::option::Option::Some(
                            $crate::__private::openapi::Probe::<$path>::routes
                        ),
                    }
                }
            };
        };
    };
}
