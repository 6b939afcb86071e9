//! `axum::routing` for declared handlers only.
//!
//! [`get`], [`post`] and the others take what axum's functions of the same name take, provided
//! that the handler is declared: [`#[protected]`](macro@crate::protected) or
//! [`#[public]`](macro@crate::public). An undeclared handler is a compile error on its name.
//!
//! They return axum's own [`MethodRouter`], so that they fit into every axum router. A method that is
//! chained to it (`.post(..)`) is axum's again and is not checked: call `route` once for
//! each method instead, axum merges them.
//!
//! They do not open anything: inside [`Keycloak::layer`](crate::Keycloak::layer) and in a
//! [sealed](crate::Keycloak::seal) router, a `#[public]` handler is open where its route is named,
//! with [`public_route`](crate::AuthLayer::public_route) or
//! [`public_paths`](crate::AuthLayer::public_paths).
//!
//! ```
//! # use keycloak::Keycloak;
//! #[keycloak::public]
//! async fn health() -> &'static str {
//!     "fine"
//! }
//!
//! let app: axum::Router<Keycloak> =
//!     axum::Router::new().route("/health", keycloak::routing::get(health));
//! ```
//!
//! ```compile_fail
//! # use keycloak::Keycloak;
//! async fn forgotten() -> &'static str {
//!     "everybody may see this"
//! }
//!
//! let app: axum::Router<Keycloak> =
//!     axum::Router::new().route("/", keycloak::routing::get(forgotten));
//! ```

use std::{convert::Infallible, future::Future};

pub use axum::routing::{MethodFilter, MethodRouter};
use axum::{
    handler::{Handler, Layered},
    routing,
};

use crate::{
    enforce::guard::{Asking, Injected, Settled},
    error::Rejection,
};

/// A handler that says who may call it. There is nothing to implement: the attributes do.
pub trait DeclaredHandler<T, S>: Handler<T, S> + sealed::Handler<T> {}

impl<H, T, S> DeclaredHandler<T, S> for H
where
    H: Handler<T, S>,
    T: Declared<H>,
{
}

/// The parameters of a handler `H` whose first one is an injected guard.
#[diagnostic::on_unimplemented(
    message = "this handler is not declared: nothing says who may call it",
    label = "neither `#[keycloak::protected(..)]` nor `#[keycloak::public]`",
    note = "put `#[keycloak::protected(..)]` on the handler, or `#[keycloak::public]` if everybody \
            may call it"
)]
pub trait Declared<H>: sealed::Parameters {}

/// Whether handlers `H` take the guard that their parameters name, and answer what its policy asks:
/// functions, alone or in layers. Everything else implements [`Handler`] by itself and need not
/// extract what it names. With `require`, functions that can answer the refusal, which is what the
/// attribute makes of a handler: one that took the guard and did not ask would have no use for it.
pub trait Answers<H, Parameters>: sealed::Questions {}

impl<Q, L, H, T, S, Parameters> Answers<Layered<L, H, T, S>, Parameters> for Q where
    Q: Answers<H, Parameters>
{
}

#[expect(unnameable_types, reason = "so that no other crate can implement them")]
mod sealed {
    use super::{Asking, Declared, Settled};

    pub trait Handler<T> {}
    impl<H, T: Declared<H>> Handler<T> for H {}

    pub trait Parameters {}

    pub trait Questions {}
    impl Questions for Settled {}
    impl Questions for Asking {}
}

/// axum names a handler's parameters as a tuple `(marker, first, second, ..)`.
macro_rules! declared {
    ($($rest:ident)*) => {
        impl<M, G: Injected, $($rest),*> sealed::Parameters for (M, G, $($rest,)*) {}
        #[diagnostic::do_not_recommend]
        impl<H, M, G, $($rest),*> Declared<H> for (M, G, $($rest,)*)
        where
            G: Injected,
            G::Questions: Answers<H, (G, $($rest,)*)>,
        {
        }
        impl<F, A, G, $($rest),*> Answers<F, (G, $($rest,)*)> for Settled
        where
            F: FnOnce(G, $($rest),*) -> A,
            A: Future,
        {
        }
        impl<F, A, R, G, $($rest),*> Answers<F, (G, $($rest,)*)> for Asking
        where
            F: FnOnce(G, $($rest),*) -> A,
            A: Future<Output = Result<R, Rejection>>,
        {
        }
        declared! { @shorter $($rest)* }
    };
    (@shorter) => {};
    (@shorter $first:ident $($rest:ident)*) => { declared! { $($rest)* } };
}
declared! { T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16 }

macro_rules! functions {
    ($($name:ident)*) => {$(
        #[doc = concat!(
            "[`axum::routing::", stringify!($name), "`] for declared handlers only."
        )]
        pub fn $name<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
        where
            H: DeclaredHandler<T, S>,
            T: Declared<H> + 'static,
            S: Clone + Send + Sync + 'static,
        {
            routing::$name(handler)
        }
    )*};
}
functions! { get post put patch delete head options trace connect any }

/// [`axum::routing::on`] for declared handlers only.
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, Infallible>
where
    H: DeclaredHandler<T, S>,
    T: Declared<H> + 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::on(filter, handler)
}
