//! What a declared handler or guarded router leaves behind in the binary.

use std::{
    panic::Location,
    sync::{Mutex, PoisonError},
};

use crate::Policy;

/// What an entry of the manifest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A handler with `#[keycloak::protected]`.
    Protected,
    /// A handler with `#[keycloak::public]`.
    Public,
    /// A router or service behind [`Keycloak::guard`](crate::Keycloak::guard).
    Router,
}

impl Kind {
    /// `protected`, `public` or `router`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Public => "public",
            Self::Router => "router",
        }
    }
}

/// A declaration as generated code registers it.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    pub(crate) kind: Kind,
    pub(crate) handler: &'static str,
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) policy: Option<Policy>,
}

inventory::collect!(Declaration);

impl Declaration {
    /// For generated code.
    #[must_use]
    pub const fn __new(
        kind: Kind,
        handler: &'static str,
        module: &'static str,
        file: &'static str,
        line: u32,
        policy: Option<Policy>,
    ) -> Self {
        Self {
            kind,
            handler,
            module,
            file,
            line,
            policy,
        }
    }
}

/// Guards of routers are values, so they are known once `guard` has run.
static ROUTERS: Mutex<Vec<Declaration>> = Mutex::new(Vec::new());

/// Registers a router's guard, once for each place in the source.
pub(crate) fn router(policy: Policy, at: &'static Location<'static>) {
    let mut routers = ROUTERS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = routers.iter().any(|router| {
        (router.file, router.line) == (at.file(), at.line())
            && router.policy.is_some_and(|own| own.source == policy.source)
    });
    if !known {
        routers.push(Declaration::__new(
            Kind::Router,
            "",
            "",
            at.file(),
            at.line(),
            Some(policy),
        ));
    }
}

/// Every declaration of the binary, in no particular order.
pub(crate) fn declarations() -> Vec<Declaration> {
    let mut all: Vec<Declaration> = inventory::iter::<Declaration>().copied().collect();
    let routers = ROUTERS.lock().unwrap_or_else(PoisonError::into_inner);
    all.extend(routers.iter().copied());
    all
}

/// Where utoipa knows a handler's routes. Registered by the OpenAPI glue.
#[derive(Debug, Clone, Copy)]
pub struct Documented {
    pub(crate) handler: &'static str,
    pub(crate) module: &'static str,
    /// Method and path of each route, as `#[utoipa::path]` has them.
    pub(crate) routes: fn() -> Vec<(String, String)>,
}

inventory::collect!(Documented);

impl Documented {
    /// For generated code: `routes` answers upper-case methods and paths.
    #[must_use]
    pub const fn __new(
        handler: &'static str,
        module: &'static str,
        routes: fn() -> Vec<(String, String)>,
    ) -> Self {
        Self {
            handler,
            module,
            routes,
        }
    }
}
