//! What an operation says by itself, before any `Keycloak` is there: it is built by a static
//! function.
//!
//! Invariant: nothing of a policy but its OAuth scopes gets in here. The rest is added by
//! [`Scheme`](super::Scheme), which knows how much may be published; a document that it never
//! saw gives nothing away. The two are tied by an opaque id.

use std::marker::PhantomData;

use utoipa::openapi::{
    RefOr,
    path::{HttpMethod, Operation},
    security::SecurityRequirement,
};

use super::{
    identity::{Identity, Known, note_guard, note_handler},
    response::refusals,
    scopes::ways,
};
use crate::{
    policy::declaration::{Declaration, Declared, Place},
    policy::term::Policy,
};

/// The scheme's name in operations, and in documents unless
/// [`openapi_security_scheme`](crate::KeycloakBuilder::openapi_security_scheme) says otherwise.
pub(super) const SCHEME: &str = "keycloak";

/// What utoipa says about a type that may or may not be `#[utoipa::path]`'s: with the trait in
/// scope, `Probe::<T>::operation()` is the inherent function where `T` is, else the trait's.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: utoipa::Path> Probe<T> {
    /// The operation that utoipa made, if `T` is this very module's and not one of the same name
    /// that a glob import brought; its second half says which.
    #[must_use]
    pub fn operation(module: &str) -> (Operation, bool) {
        (T::operation(), is_in::<T>(module))
    }

    /// Methods and path of the handler's routes.
    #[must_use]
    pub fn routes(module: &str) -> Vec<(String, String)> {
        if is_in::<T>(module) {
            routes::<T>(module)
        } else {
            Vec::new()
        }
    }
}

/// The answers for a type that is not `#[utoipa::path]`'s.
pub trait Undocumented {
    /// Never asked for: only the stand-in has this type.
    #[must_use]
    fn operation(_: &str) -> (Operation, bool) {
        (Operation::new(), false)
    }

    /// None.
    #[must_use]
    fn routes(_: &str) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl<T> Undocumented for Probe<T> {}

/// The operation that utoipa made for a protected handler, completed.
#[must_use]
pub fn complete<T: utoipa::Path>(declared: Declared) -> Operation {
    describe(T::operation(), declared.place, Some(declared.policy))
}

/// The operation that utoipa made for a public handler, completed.
#[must_use]
pub fn complete_public<T: utoipa::Path>(place: Place) -> Operation {
    describe(T::operation(), place, None)
}

/// The same for an operation that is the protected handler's only where the flag says so.
#[must_use]
pub fn complete_own((operation, own): (Operation, bool), declared: Declared) -> Operation {
    if own {
        describe(operation, declared.place, Some(declared.policy))
    } else {
        operation
    }
}

/// The same for a public handler.
#[must_use]
pub fn complete_own_public((operation, own): (Operation, bool), place: Place) -> Operation {
    if own {
        describe(operation, place, None)
    } else {
        operation
    }
}

/// Methods and path of the handler's routes.
#[must_use]
pub fn routes<T: utoipa::Path>(_: &str) -> Vec<(String, String)> {
    T::methods()
        .into_iter()
        .map(|method| (method_name(&method).to_owned(), T::path()))
        .collect()
}

/// Whether the type is an item of this very module.
fn is_in<T>(module: &str) -> bool {
    let name = std::any::type_name::<T>();
    name.rsplit_once("::")
        .is_some_and(|(place, _)| place == module)
}

fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}

/// Completes the operation of a declared handler; `policy` is `None` for public ones. What the
/// user wrote stays: their `security`, and their responses of the same status.
fn describe(mut operation: Operation, place: Place, policy: Option<Policy>) -> Operation {
    note_handler(&mut operation, place);
    if let Some(policy) = policy {
        operation
            .security
            .get_or_insert_with(|| requirements(SCHEME, &[policy], true));
        add_refusals(&mut operation, &[policy]);
    }
    operation
}

/// Completes an operation that is put inside the guard of a router.
pub(super) fn put_behind(
    operation: &mut Operation,
    (method, path): (&str, &str),
    guard: &Declaration,
    known: &Known,
) {
    let ids = Identity::of(method, path, operation);
    let mut policies = known.way_in(&ids).policies();
    let before = (!policies.is_empty()).then(|| requirements(SCHEME, &policies, true));
    note_guard(operation, guard);
    policies.splice(0..0, guard.policy);
    // What is there and not ours was written by the user.
    if operation.security == before {
        operation.security = Some(requirements(SCHEME, &policies, true));
    }
    add_refusals(operation, &policies);
}

/// What a guard may answer, beside what the user wrote.
fn add_refusals(operation: &mut Operation, policies: &[Policy]) {
    for (status, response) in refusals(policies) {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert(RefOr::T(response));
    }
}

/// The security of policies that all have to hold, under a scheme's name; alternatives are side
/// by side.
pub(super) fn requirements(
    scheme: &str,
    policies: &[Policy],
    with_scopes: bool,
) -> Vec<SecurityRequirement> {
    if policies.iter().all(|policy| policy.optional) {
        let none: [&str; 0] = [];
        return vec![
            SecurityRequirement::default(),
            SecurityRequirement::new(scheme, none),
        ];
    }
    let ways = if with_scopes {
        ways(policies)
    } else {
        vec![Vec::new()]
    };
    ways.into_iter()
        .map(|scopes| SecurityRequirement::new(scheme, scopes))
        .collect()
}
