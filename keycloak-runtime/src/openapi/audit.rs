//! The manifest against a document: does the document say what the guards do?

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
};

use keycloak_policy::grammar::template;
use serde::Serialize;
use utoipa::openapi::{
    OpenApi, RefOr,
    path::Operation,
    security::{HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use super::{
    finding::Finding,
    identity::{Identity, Known, of_declaration},
    walk::operations,
};
use crate::{
    enforce::AuthLayer,
    manifest::{Kind, policies},
    policy::term::Policy,
};

/// What [`audit`] found. Derefs to the findings; `Display` has one line for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Audit {
    findings: Vec<Finding>,
    /// Of the document.
    #[serde(skip)]
    routes: Vec<Route>,
}

/// An operation, for the layer that may be around it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    handler: String,
    method: String,
    path: String,
    open: Open,
}

/// Whether everybody may call an operation, as far as it was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `#[public]`, and no guard is around it.
    Yes,
    /// A policy asks for a caller.
    No,
    /// Undeclared, or its policies are `optional`.
    Either,
}

/// Compares the manifest of this binary ([`policies`]) with a document, to which
/// [`Scheme`](super::Scheme) was applied: without it, its own scheme is not defined, which is a
/// finding.
///
/// A handler is found in the document by the id that its operation carries, wherever it is
/// nested. For the document of an `OpenApiRouter` this is the list of the routes without a
/// declared handler, too.
///
/// ```standalone_crate
/// # use utoipa::OpenApi as _;
/// #[utoipa::path(get, path = "/reports")]
/// #[keycloak::protected(roles = ["admin"])]
/// async fn reports() -> &'static str {
///     "reports"
/// }
///
/// #[derive(utoipa::OpenApi)]
/// #[openapi(paths(reports))]
/// struct Api;
///
/// // In a test of the application:
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// # let keycloak = keycloak::Keycloak::builder()
/// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
/// let document = keycloak.security_scheme().apply(Api::openapi());
/// keycloak::openapi::audit(&document).assert_clean();
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn audit(document: &OpenApi) -> Audit {
    let known = Known::now();
    let mut findings = Vec::new();
    let mut routes = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            let ids = Identity::of(method, path, operation);
            let way_in = known.way_in(&ids);
            let policies = way_in.policies();
            let optional = policies.iter().all(|policy| policy.optional);
            let declared = way_in.handler.or_else(|| way_in.guards.first().copied());
            let handler = declared
                .map(|own| own.place.to_string())
                .unwrap_or_default();
            routes.push(Route {
                handler: handler.clone(),
                method: method.to_owned(),
                path: path.clone(),
                open: match declared {
                    Some(_) if policies.is_empty() => Open::Yes,
                    Some(_) if !optional => Open::No,
                    Some(_) | None => Open::Either,
                },
            });
            if way_in.is_unknown() {
                findings.push(Finding::Undeclared {
                    method: method.to_owned(),
                    path: path.clone(),
                    operation: operation.operation_id.clone().unwrap_or_default(),
                });
                continue;
            }
            seen.extend(ids.handler);
            let named = policies.iter().flat_map(Policy::parameters);
            for parameter in named.collect::<BTreeSet<_>>() {
                if template::of_route(path).all(|own| own != parameter) {
                    findings.push(Finding::UnknownParameter {
                        handler: handler.clone(),
                        method: method.to_owned(),
                        path: path.clone(),
                        parameter: parameter.to_owned(),
                    });
                }
            }
            if !policies.is_empty() && !is_secured(document, operation, optional) {
                findings.push(Finding::Unsecured {
                    handler,
                    method: method.to_owned(),
                    path: path.clone(),
                });
            }
        }
    }
    findings.extend(
        policies()
            .into_iter()
            .filter(|entry| entry.kind() == Kind::Protected)
            .filter(|entry| !seen.contains(&of_declaration(entry.declaration())))
            .map(|entry| Finding::Undocumented {
                handler: entry.place(),
                file: entry.file().to_owned(),
                line: entry.line(),
            }),
    );
    findings.extend(undefined_schemes(document));
    Audit { findings, routes }
}

impl Audit {
    /// What was found.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Without [`Finding::Undocumented`]: for a document that is meant to show a part of the
    /// handlers, or a test binary that holds several applications.
    #[must_use]
    pub fn ignore_undocumented(mut self) -> Self {
        self.findings
            .retain(|finding| !matches!(finding, Finding::Undocumented { .. }));
        self
    }

    /// Looks at the layer around the application, too. What it names as public and what is
    /// declared `#[public]` have to be the same: every `#[public]` handler of the document is at a
    /// route that the layer names, and no handler whose policy asks for a caller is. Each public path
    /// matches an operation, or is one of `mounts`, which are those for what no document knows
    /// (`ServeDir`, Swagger UI), as they were given to `public_paths`.
    #[must_use]
    pub fn behind<I>(mut self, layer: &AuthLayer, mounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let routes = self.routes.iter();
        let mut unmatched =
            layer.unmatched(&routes.map(|route| (route.method.as_str(), route.path.as_str())));
        for mount in mounts {
            unmatched.retain(|path| path != mount.as_ref());
        }
        let unmatched = unmatched.into_iter();
        self.findings
            .extend(unmatched.map(|path| Finding::UnmatchedPublicPath { path }));
        let against = |route: &Route| {
            let Route {
                handler,
                method,
                path,
                open,
            } = route.clone();
            match (open, layer.names(&method, &path)) {
                (Open::Yes, false) => Some(Finding::ClosedPublicHandler {
                    handler,
                    method,
                    path,
                }),
                (Open::No, true) => Some(Finding::OpenedProtectedHandler {
                    handler,
                    method,
                    path,
                }),
                (Open::Yes, true) | (Open::No, false) | (Open::Either, _) => None,
            }
        };
        self.findings.extend(self.routes.iter().filter_map(against));
        self
    }

    /// For a test of the application.
    ///
    /// # Panics
    /// Something was found; the message has one line for each finding.
    pub fn assert_clean(&self) {
        assert!(
            self.is_clean(),
            "the document and the policies differ:\n{self}"
        );
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

/// Names and scopes of a requirement; utoipa has no accessor for them.
fn names(requirement: &SecurityRequirement) -> Vec<String> {
    match serde_json::to_value(requirement) {
        Ok(serde_json::Value::Object(schemes)) => {
            schemes.into_iter().map(|(name, _)| name).collect()
        }
        _ => Vec::new(),
    }
}

/// Every alternative asks for a token (an `optional` policy allows one that asks for nothing).
fn is_secured(document: &OpenApi, operation: &Operation, optional: bool) -> bool {
    let security = operation.security.as_ref().or(document.security.as_ref());
    let Some(security) = security.filter(|security| !security.is_empty()) else {
        return false;
    };
    security.iter().all(|alternative| {
        let names = names(alternative);
        (optional && names.is_empty()) || names.iter().any(|name| asks_for_token(document, name))
    })
}

/// A scheme that is not defined is reported by itself.
fn asks_for_token(document: &OpenApi, name: &str) -> bool {
    let schemes = document
        .components
        .as_ref()
        .map(|components| &components.security_schemes);
    match schemes.and_then(|schemes| schemes.get(name)) {
        Some(RefOr::T(scheme)) => match scheme {
            SecurityScheme::OAuth2(_) | SecurityScheme::OpenIdConnect(_) => true,
            SecurityScheme::Http(http) => matches!(http.scheme, HttpAuthScheme::Bearer),
            SecurityScheme::ApiKey(_) | SecurityScheme::MutualTls { .. } => false,
        },
        Some(RefOr::Ref(_)) | None => true,
    }
}

fn undefined_schemes(document: &OpenApi) -> Vec<Finding> {
    let defined = |name: &String| {
        document
            .components
            .as_ref()
            .is_some_and(|components| components.security_schemes.contains_key(name))
    };
    let mut missing: Vec<String> = document
        .paths
        .paths
        .values()
        .flat_map(operations)
        .filter_map(|(_, operation)| operation.security.as_ref())
        .chain(document.security.as_ref())
        .flatten()
        .flat_map(names)
        .filter(|name| !defined(name))
        .collect();
    missing.sort();
    missing.dedup();
    missing
        .into_iter()
        .map(|scheme| Finding::NoScheme { scheme })
        .collect()
}
