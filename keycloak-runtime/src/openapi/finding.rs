//! What the audit finds.

use std::fmt;

use serde::Serialize;

/// One difference between the manifest and a document.
///
/// Serializes to `{"problem": "unsecured", ..}` with the fields in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A protected handler whose operation does not ask for a token: the user's own `security`
    /// replaces ours, or admits callers without credentials.
    #[non_exhaustive]
    Unsecured {
        /// Module and name.
        handler: String,
        /// In upper case.
        method: String,
        /// As in the document.
        path: String,
    },
    /// A protected handler without an operation in the document: it has no `#[utoipa::path]`, is
    /// not part of this document, or is in a function's body with `#[utoipa::path]` above
    /// `#[protected]`.
    #[non_exhaustive]
    Undocumented {
        /// Module and name.
        handler: String,
        /// The source file.
        file: String,
        /// The line of the attribute.
        line: u32,
    },
    /// An operation whose handler is not in the manifest, neither `#[protected]` nor `#[public]`, and
    /// that no [`guarded`](crate::Keycloak::guarded) router holds.
    #[non_exhaustive]
    Undeclared {
        /// In upper case.
        method: String,
        /// As in the document.
        path: String,
        /// utoipa's default is the function's name.
        operation: String,
    },
    /// Operations ask for a scheme that the document does not define:
    /// [`Scheme`](super::Scheme) was not applied.
    #[non_exhaustive]
    NoScheme {
        /// The scheme's name.
        scheme: String,
    },
    /// A policy names a path parameter that the route does not have: it admits no caller by it.
    #[non_exhaustive]
    UnknownParameter {
        /// Module and name.
        handler: String,
        /// In upper case.
        method: String,
        /// As in the document.
        path: String,
        /// The name in the policy.
        parameter: String,
    },
    /// A public path or route of the layer that no route matches: it is misspelt, or the route is
    /// gone.
    #[non_exhaustive]
    UnmatchedPublicPath {
        /// As it was given to `public_paths`; for a public route, method and route.
        path: String,
    },
    /// A `#[public]` handler at a route that the layer does not name: it answers 401.
    #[non_exhaustive]
    ClosedPublicHandler {
        /// Module and name.
        handler: String,
        /// In upper case.
        method: String,
        /// As in the document.
        path: String,
    },
    /// A public path or route of the layer that names the operation of a protected handler or of a
    /// [`guarded`](crate::Keycloak::guarded) router: only its own policy is left to close it.
    #[non_exhaustive]
    OpenedProtectedHandler {
        /// Module and name.
        handler: String,
        /// In upper case.
        method: String,
        /// As in the document.
        path: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsecured {
                handler,
                method,
                path,
            } => write!(
                f,
                "{handler} is protected, but {method} {path} is documented without it; remove \
                 its own `security(..)` or name the Keycloak scheme there"
            ),
            Self::Undocumented {
                handler,
                file,
                line,
            } => write!(
                f,
                "{handler} ({file}:{line}) is protected, but not in the document"
            ),
            Self::Undeclared {
                method,
                path,
                operation,
            } => write!(
                f,
                "{method} {path} (`{operation}`) is neither `#[protected]` nor `#[public]`"
            ),
            Self::NoScheme { scheme } => write!(
                f,
                "the scheme `{scheme}` is not defined; apply `keycloak.security_scheme()`"
            ),
            Self::UnknownParameter {
                handler,
                method,
                path,
                parameter,
            } => write!(
                f,
                "a policy of {handler} names the path parameter `{parameter}`, which {method} {path} \
                 does not have; correct the name"
            ),
            Self::UnmatchedPublicPath { path } => write!(
                f,
                "the public path `{path}` matches no route; remove it, correct it, or name it among \
                 the mounts if it is for what no document knows"
            ),
            Self::ClosedPublicHandler {
                handler,
                method,
                path,
            } => write!(
                f,
                "{handler} is `#[public]`, but the layer refuses anonymous callers at {method} {path}; \
                 open it with `.public_route(Method::{method}, \"{path}\")`"
            ),
            Self::OpenedProtectedHandler {
                handler,
                method,
                path,
            } => write!(
                f,
                "{handler} is protected, but a public path of the layer names {method} {path}; \
                 name the routes that are meant with `.public_route(..)`"
            ),
        }
    }
}
