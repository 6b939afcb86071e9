//! What an operation says by itself, before any `Keycloak` is there: it is built by a static
//! function.
//!
//! Invariant: nothing of a policy but its OAuth scopes gets in here. The rest is added by
//! [`Scheme`](super::Scheme), which knows how much may be published; a document that it never
//! saw gives nothing away. The two are tied by an opaque id.

use utoipa::openapi::{
    RefOr,
    extensions::Extensions,
    path::{HttpMethod, Operation},
    security::SecurityRequirement,
};

use super::{response::refusals, scopes::ways};
use crate::authorization::policy::Policy;

/// The scheme's name in operations, and in documents unless
/// [`openapi_security_scheme`](crate::KeycloakBuilder::openapi_security_scheme) says otherwise.
pub(super) const SCHEME: &str = "keycloak";

/// The extension that holds the id.
pub(super) const HANDLER: &str = "x-keycloak-handler";

/// The operation that utoipa made for a handler, completed. `certain` says that `T` is known to be
/// the handler's own type; otherwise it may be one of the same name that a glob import brought.
#[must_use]
pub fn complete<T: utoipa::Path>(
    module: &str,
    handler: &str,
    policy: Option<Policy>,
    certain: bool,
) -> Operation {
    let operation = T::operation();
    if certain || is_in::<T>(module) {
        describe(operation, module, handler, policy)
    } else {
        operation
    }
}

/// Methods and path of the handler's routes; none for the stand-in and for a type from elsewhere.
#[must_use]
pub fn routes<T: utoipa::Path>(module: &str, certain: bool) -> Vec<(String, String)> {
    if !certain && !is_in::<T>(module) {
        return Vec::new();
    }
    T::methods()
        .into_iter()
        .map(|method| (method_name(&method).to_owned(), T::path()))
        .collect()
}

/// A handler's name without `r#`, as the manifest has it.
#[must_use]
pub const fn handler_name(written: &'static str) -> &'static str {
    match written.as_bytes() {
        [b'r', b'#', ..] => written.split_at(2).1,
        _ => written,
    }
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
fn describe(
    mut operation: Operation,
    module: &str,
    handler: &str,
    policy: Option<Policy>,
) -> Operation {
    operation
        .extensions
        .get_or_insert_default()
        .insert(HANDLER.to_owned(), id(module, handler).into());
    let Some(policy) = policy else {
        return operation;
    };
    operation
        .security
        .get_or_insert_with(|| requirements(SCHEME, &policy, true));
    for (status, response) in refusals(!policy.optional) {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert(RefOr::T(response));
    }
    operation
}

/// The security of a policy under a scheme's name; alternatives stand side by side.
pub(super) fn requirements(
    scheme: &str,
    policy: &Policy,
    with_scopes: bool,
) -> Vec<SecurityRequirement> {
    if policy.optional {
        let none: [&str; 0] = [];
        return vec![
            SecurityRequirement::default(),
            SecurityRequirement::new(scheme, none),
        ];
    }
    let ways = if with_scopes {
        ways(policy)
    } else {
        vec![Vec::new()]
    };
    ways.into_iter()
        .map(|scopes| SecurityRequirement::new(scheme, scopes))
        .collect()
}

/// A handler's id: FNV-1a (64 bit) of module and name. It tells nothing to readers of the
/// document, and the same handler from build to build.
pub(super) fn id(module: &str, handler: &str) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let handler = handler.strip_prefix("r#").unwrap_or(handler);
    let bytes = module.bytes().chain(*b"::").chain(handler.bytes());
    let hash = bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}

/// The id in an operation.
pub(super) fn id_of(operation: &Operation) -> Option<&str> {
    let extensions: &Extensions = operation.extensions.as_ref()?;
    extensions.get(HANDLER)?.as_str()
}
