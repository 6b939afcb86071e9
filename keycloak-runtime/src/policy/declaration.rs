//! What a declared handler or guarded router leaves in the binary.

use std::{
    fmt,
    panic::Location,
    sync::{Mutex, PoisonError},
};

use crate::policy::term::Policy;

/// What an entry of the manifest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A handler with `#[keycloak::protected]`.
    Protected,
    /// A handler with `#[keycloak::public]`.
    Public,
    /// A router or service inside [`Keycloak::guard`](crate::Keycloak::guard).
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

/// A declared handler or guarded router.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declaration {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    pub(crate) policy: Option<Policy>,
}

/// Where a handler is in the source. Built by generated code.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "constructed by generated code of the same version"
)]
pub struct Place {
    /// The function's name; in an `impl` block with the type before it.
    pub handler: &'static str,
    /// The module's path.
    pub module: &'static str,
    /// The source file, as the compiler was given it.
    pub file: &'static str,
    /// The line of the attribute; in an `impl` block, of the function.
    pub line: u32,
}

/// Module and handler, or the file for routers: what a reader knows a declaration by.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.handler.is_empty() {
            f.write_str(self.file)
        } else {
            write!(f, "{}::{}", self.module, self.handler)
        }
    }
}

/// A protected handler's policy and place. Built by generated code.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// What a caller must satisfy.
    pub(crate) policy: Policy,
    /// Where the handler is in the source.
    pub(crate) place: Place,
}

impl Declared {
    /// For generated code, which puts it into the manifest as well.
    #[doc(hidden)]
    #[must_use]
    pub const fn __by_an_attribute(policy: Policy, place: Place) -> Self {
        Self { policy, place }
    }
}

/// What a declared handler leaves in the binary: functions rather than data, because the compiler
/// evaluates the data of each static whenever it checks the crate.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "constructed by generated code of the same version"
)]
pub struct Registered {
    /// Policy and place.
    pub declared: Of,
    /// The handler's routes, where `#[utoipa::path]` may know them.
    pub routes: Option<Routes>,
}

/// Method (in upper case) and path of each route of a handler in the module of this path.
pub type Routes = fn(&str) -> Vec<(String, String)>;

/// A declared handler by its kind.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Of {
    /// With `#[keycloak::protected]`.
    Protected(fn() -> Declared),
    /// With `#[keycloak::public]`.
    Public(fn() -> Place),
}

inventory::collect!(Registered);

impl Registered {
    fn declaration(&self) -> Declaration {
        match self.declared {
            Of::Protected(declared) => {
                let Declared { policy, place } = declared();
                Declaration {
                    kind: Kind::Protected,
                    place,
                    policy: Some(policy),
                }
            }
            Of::Public(place) => Declaration {
                kind: Kind::Public,
                place: place(),
                policy: None,
            },
        }
    }
}

/// Guards of routers are values, so they are known once `guard` has run.
static ROUTERS: Mutex<Vec<Declaration>> = Mutex::new(Vec::new());

/// Registers a router's guard, once for each place in the source.
pub(crate) fn router(policy: Policy, at: &'static Location<'static>) {
    let mut routers = ROUTERS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = routers.iter().any(|router| {
        (router.place.file, router.place.line) == (at.file(), at.line())
            && router.policy.is_some_and(|own| own.source == policy.source)
    });
    if !known {
        routers.push(guard(policy, at));
    }
}

/// What is declared by a router's guard.
pub(crate) fn guard(policy: Policy, at: &'static Location<'static>) -> Declaration {
    Declaration {
        kind: Kind::Router,
        place: Place {
            handler: "",
            module: "",
            file: at.file(),
            line: at.line(),
        },
        policy: Some(policy),
    }
}

/// Every declaration of the binary, in no particular order, and what tells its routes.
pub(crate) fn declarations() -> Vec<(Declaration, Option<Routes>)> {
    let mut all: Vec<_> = inventory::iter::<Registered>()
        .map(|registered| (registered.declaration(), registered.routes))
        .collect();
    let routers = ROUTERS.lock().unwrap_or_else(PoisonError::into_inner);
    all.extend(routers.iter().map(|router| (*router, None)));
    all
}
