//! `axum::routing` for declared handlers only.
//!
//! [`get`], [`post`] and the others take what axum's functions of the same name take, provided
//! that the handler is declared: [`#[protected]`](macro@crate::protected) or
//! [`#[public]`](macro@crate::public). An undeclared handler is a compile error on its name.
//!
//! They answer axum's own [`MethodRouter`], so that they fit into every axum router. What is
//! chained to it (`.post(..)`) is axum's method again and is not checked: call `route` once for
//! each method instead, axum merges them.
//!
//! Behind [`Keycloak::layer`](crate::Keycloak::layer) and in a [sealed](crate::Keycloak::seal)
//! router, a `#[public]` handler that was routed with these functions stays open, under whatever
//! prefix it is nested and behind whatever layers between.
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

use std::convert::Infallible;

pub use axum::routing::{MethodFilter, MethodRouter};
use axum::{handler::Handler, routing};

use crate::{
    extract::guard::{Guard, PublicGuard},
    middleware::open_route::{Announced, Methods},
};

/// A handler that says who may call it. There is nothing to implement: the attributes do.
pub trait DeclaredHandler<T, S>: Handler<T, S> {}

impl<H, T, S> DeclaredHandler<T, S> for H
where
    H: Handler<T, S>,
    T: Declared,
{
}

/// The parameters of a handler whose first one is an injected guard.
#[diagnostic::on_unimplemented(
    message = "this handler is not declared: nothing says who may call it",
    label = "neither `#[keycloak::protected(..)]` nor `#[keycloak::public]`",
    note = "put `#[keycloak::protected(..)]` on the handler, or `#[keycloak::public]` if everybody \
            may call it"
)]
pub trait Declared {
    /// Whether everybody may call the handler.
    const PUBLIC: bool;
}

/// The parameter that the attributes inject: a guard, or one fused with the parameter after it
/// where the handler has as many as axum takes.
pub trait Injected {
    /// Whether it refuses nobody.
    const PUBLIC: bool;
}

impl<P> Injected for Guard<P> {
    const PUBLIC: bool = false;
}
impl Injected for PublicGuard {
    const PUBLIC: bool = true;
}
impl<P, T> Injected for (Guard<P>, T) {
    const PUBLIC: bool = false;
}
impl<T> Injected for (PublicGuard, T) {
    const PUBLIC: bool = true;
}

/// axum names a handler's parameters as a tuple `(marker, first, second, ..)`.
macro_rules! declared {
    ($($rest:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<M, G: Injected, $($rest),*> Declared for (M, G, $($rest,)*) {
            const PUBLIC: bool = G::PUBLIC;
        }
        declared! { @shorter $($rest)* }
    };
    (@shorter) => {};
    (@shorter $first:ident $($rest:ident)*) => { declared! { $($rest)* } };
}
declared! { T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16 }

macro_rules! functions {
    ($($name:ident: $methods:expr;)*) => {$(
        #[doc = concat!(
            "[`axum::routing::", stringify!($name), "`] for declared handlers only."
        )]
        pub fn $name<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
        where
            H: DeclaredHandler<T, S>,
            T: Declared + 'static,
            S: Clone + Send + Sync + 'static,
        {
            routing::$name(announced(handler, $methods))
        }
    )*};
}
functions! {
    get: Methods::Some(MethodFilter::GET);
    post: Methods::Some(MethodFilter::POST);
    put: Methods::Some(MethodFilter::PUT);
    patch: Methods::Some(MethodFilter::PATCH);
    delete: Methods::Some(MethodFilter::DELETE);
    head: Methods::Some(MethodFilter::HEAD);
    options: Methods::Some(MethodFilter::OPTIONS);
    trace: Methods::Some(MethodFilter::TRACE);
    connect: Methods::Some(MethodFilter::CONNECT);
    any: Methods::All;
}

/// [`axum::routing::on`] for declared handlers only.
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, Infallible>
where
    H: DeclaredHandler<T, S>,
    T: Declared + 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::on(filter, announced(handler, Methods::Some(filter)))
}

/// The handler, which tells the layers around it whether it is public, and for which methods.
fn announced<H, T, S>(handler: H, methods: Methods) -> Announced<H>
where
    H: DeclaredHandler<T, S>,
    T: Declared,
{
    let open = if T::PUBLIC { methods } else { Methods::None };
    Announced::new(handler, open)
}
