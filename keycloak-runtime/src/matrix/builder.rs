//! Puts a matrix together: callers by their tokens, routes by their handlers.

use std::{collections::BTreeMap, fmt};

use super::{AccessMatrix, Row, RowKind, access::predict, caller::Caller, policy_text};
use crate::{
    enforce::AuthLayer,
    keycloak::Keycloak,
    manifest::{Kind, Manifest, policies},
    policy::term::Policy,
};

/// What `Keycloak::layer` asks for.
const AUTHENTICATED: Policy = Policy::__new(&[], "any authenticated caller");

/// Collects callers and routes of an [`AccessMatrix`].
#[must_use = "a builder does nothing until `build()`"]
pub struct MatrixBuilder {
    pub(super) keycloak: Keycloak,
    title: String,
    pub(super) callers: Vec<Planned>,
    pub(super) routes: Vec<Route>,
    documented: bool,
    values: BTreeMap<String, String>,
    layer: Option<AuthLayer>,
    #[cfg(feature = "dev-realm")]
    pub(super) token_client: Option<String>,
    #[cfg(feature = "dev-realm")]
    pub(super) token_scopes: Vec<String>,
}

pub(super) struct Planned {
    pub(super) name: String,
    /// The token, or why there is none.
    pub(super) token: Result<String, String>,
    /// Whether it is to be accepted.
    pub(super) accepted: bool,
    /// What the claims do not say by themselves.
    pub(super) note: Option<String>,
}

pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    /// Policies around the handler, outermost first.
    pub(super) guards: Vec<Policy>,
    pub(super) target: Target,
}

pub(super) enum Target {
    /// A handler of the manifest, by the end of its path.
    Handler(String),
    /// No declared handler, but guards around it.
    Guarded,
    /// Documented, and in nobody's manifest.
    #[cfg_attr(
        not(feature = "openapi"),
        expect(dead_code, reason = "only a document knows such routes")
    )]
    Undeclared(String),
}

/// Everything that kept a matrix from being built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixError {
    problems: Vec<String>,
}

impl MatrixError {
    /// One sentence for each problem.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for MatrixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the access matrix cannot be built")?;
        for problem in &self.problems {
            write!(f, "\n- {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for MatrixError {}

impl MatrixBuilder {
    pub(super) fn new(keycloak: Keycloak) -> Self {
        Self {
            keycloak,
            title: "Access matrix".to_owned(),
            callers: Vec::new(),
            routes: Vec::new(),
            documented: false,
            values: BTreeMap::new(),
            layer: None,
            #[cfg(feature = "dev-realm")]
            token_client: None,
            #[cfg(feature = "dev-realm")]
            token_scopes: Vec::new(),
        }
    }

    /// The page's heading; default "Access matrix".
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// A caller with an access token that is accepted.
    pub fn persona(mut self, name: impl Into<String>, token: impl Into<String>) -> Self {
        self.callers.push(Planned {
            name: name.into(),
            token: Ok(token.into()),
            accepted: true,
            note: None,
        });
        self
    }

    /// A caller whose token must be refused: expired, for another audience, an ID token.
    pub fn rejected(mut self, name: impl Into<String>, token: impl Into<String>) -> Self {
        self.callers.push(Planned {
            name: name.into(),
            token: Ok(token.into()),
            accepted: false,
            note: None,
        });
        self
    }

    /// Every route that the manifest knows from `#[utoipa::path]`, without the prefixes of
    /// routers that the handlers are nested in.
    pub fn documented_routes(mut self) -> Self {
        self.documented = true;
        self
    }

    /// A route by its handler: the end of its path, such as `patients::show`, as long as it names
    /// one handler of the manifest.
    pub fn route(
        mut self,
        method: impl Into<String>,
        path: impl Into<String>,
        handler: impl Into<String>,
    ) -> Self {
        self.routes.push(Route {
            method: method.into(),
            path: path.into(),
            guards: Vec::new(),
            target: Target::Handler(handler.into()),
        });
        self
    }

    /// A route behind [`Keycloak::guard`] layers, outermost first. Where the route is known by other
    /// means as well (a document, [`route`](Self::route)), the guards stand around what that says.
    /// Routes of a [`guarded`](Keycloak::guarded) `OpenApiRouter` have them from its document.
    pub fn guarded_route(
        mut self,
        method: impl Into<String>,
        path: impl Into<String>,
        policies: impl IntoIterator<Item = Policy>,
    ) -> Self {
        self.routes.push(Route {
            method: method.into(),
            path: path.into(),
            guards: policies.into_iter().collect(),
            target: Target::Guarded,
        });
        self
    }

    /// The layer that the whole router is behind: it asks for authentication on every path that it
    /// does not leave open, whatever the handlers say.
    pub fn behind(mut self, layer: &AuthLayer) -> Self {
        self.layer = Some(layer.clone());
        self
    }

    /// What stands in for the path parameter `{name}` when routes are called; default `1`.
    pub fn path_value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// Verifies the tokens and predicts every cell.
    ///
    /// # Errors
    /// Every problem at once: tokens that are not accepted though they should be (or the other way
    /// round), handlers that the manifest does not have, no route at all.
    pub async fn build(self) -> Result<AccessMatrix, MatrixError> {
        let mut problems = Vec::new();
        let manifest = policies();
        let mut callers = vec![Caller::anonymous()];
        for Planned {
            name,
            token,
            accepted,
            note,
        } in self.callers
        {
            let shown = name.clone();
            let token = match token {
                Ok(token) => token,
                Err(problem) => {
                    problems.push(format!("{shown:?} has no token: {problem}"));
                    continue;
                }
            };
            match Caller::persona(&self.keycloak, name.clone(), token.clone()).await {
                Ok(mut caller) if accepted => {
                    if let Some(note) = note {
                        caller.brief.clone_from(&note);
                        caller.note = note;
                    }
                    callers.push(caller);
                }
                Ok(_) => problems.push(format!("the token of {shown:?} is accepted")),
                Err(error) if accepted || error.status().is_server_error() => {
                    problems.push(format!("the token of {shown:?} is not accepted: {error}"));
                }
                Err(error) => callers.push(Caller::rejected(name, token, &error)),
            }
        }
        let mut planned = self.routes;
        if self.documented {
            planned.extend(documented(&manifest));
        }
        let mut routes = Vec::new();
        for route in joined(planned, &mut problems) {
            match resolve(&manifest, route.target) {
                Ok((mut kind, handler, own)) => {
                    let mut policies = route.guards;
                    policies.extend(own);
                    if !policies.is_empty() {
                        kind = RowKind::Protected;
                    }
                    let target = fill(&route.path, &self.values);
                    let mut policy = policy_text(kind, &policies);
                    let layer = self.layer.as_ref();
                    if layer.is_some_and(|layer| {
                        !layer.leaves_open(&route.method, &target, &route.path)
                    }) {
                        policies.insert(0, AUTHENTICATED);
                        if kind != RowKind::Protected || policies.iter().any(|own| own.optional) {
                            policy.push_str(" (behind the layer: any authenticated caller)");
                        }
                        if kind == RowKind::Public {
                            kind = RowKind::Protected;
                        }
                    }
                    routes.push(Row {
                        cells: callers
                            .iter()
                            .map(|caller| predict(&policies, caller))
                            .collect(),
                        method: route.method.to_ascii_uppercase(),
                        path: route.path,
                        target,
                        policy,
                        handler,
                        kind,
                    });
                }
                Err(problem) => {
                    problems.push(format!("{} {}: {problem}", route.method, route.path));
                }
            }
        }
        if routes.is_empty() && problems.is_empty() {
            problems.push("there is no route".to_owned());
        }
        routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        if problems.is_empty() {
            let findings = findings(&manifest, &routes, self.layer.as_ref());
            Ok(AccessMatrix {
                title: self.title,
                callers,
                routes,
                findings,
            })
        } else {
            Err(MatrixError { problems })
        }
    }
}

impl fmt::Debug for MatrixBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatrixBuilder")
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}

/// What the rows do not show.
fn findings(manifest: &Manifest, rows: &[Row], layer: Option<&AuthLayer>) -> Vec<String> {
    let handlers = manifest
        .entries()
        .iter()
        .filter(|entry| entry.kind() != Kind::Router);
    let unlisted = handlers
        .filter(|entry| !rows.iter().any(|row| row.handler == entry.place()))
        .map(|entry| {
            let (file, line) = (entry.file(), entry.line());
            format!(
                "{} ({file}:{line}) is declared, but has no row",
                entry.place()
            )
        });
    let unmatched = layer
        .map(|layer| {
            layer.unmatched(
                &rows
                    .iter()
                    .map(|row| (row.method.as_str(), row.path.as_str())),
            )
        })
        .unwrap_or_default();
    unlisted
        .chain(
            unmatched
                .into_iter()
                .map(|path| format!("the public path `{path}` matches no row's route")),
        )
        .collect()
}

fn documented(manifest: &Manifest) -> Vec<Route> {
    let mut routes = Vec::new();
    for entry in manifest.entries() {
        for route in entry.routes() {
            routes.push(Route {
                method: route.method.clone(),
                path: route.path.clone(),
                guards: Vec::new(),
                target: Target::Handler(entry.place()),
            });
        }
    }
    routes
}

/// One route for each method and path: what was said about it in several ways, together.
fn joined(planned: Vec<Route>, problems: &mut Vec<String>) -> Vec<Route> {
    let mut routes: BTreeMap<(String, String), Route> = BTreeMap::new();
    for mut route in planned {
        route.method.make_ascii_uppercase();
        let key = (route.path.clone(), route.method.clone());
        let Some(known) = routes.get_mut(&key) else {
            routes.insert(key, route);
            continue;
        };
        known.guards.extend(route.guards);
        known.target = match (
            std::mem::replace(&mut known.target, Target::Guarded),
            route.target,
        ) {
            (Target::Guarded | Target::Undeclared(_), target)
            | (target, Target::Guarded | Target::Undeclared(_)) => target,
            (Target::Handler(a), Target::Handler(b)) => {
                // The same handler may be named by more or less of its path.
                if !ends_with(&a, &b) && !ends_with(&b, &a) {
                    let (path, method) = &key;
                    problems.push(format!("{method} {path} has two handlers, {a:?} and {b:?}"));
                }
                Target::Handler(if a.len() < b.len() { b } else { a })
            }
        };
    }
    routes.into_values().collect()
}

/// Whether `place` is a handler that `name` may mean.
fn ends_with(place: &str, name: &str) -> bool {
    place == name || place.ends_with(&format!("::{name}"))
}

/// What stands before a route.
fn resolve(manifest: &Manifest, target: Target) -> Result<(RowKind, String, Vec<Policy>), String> {
    let name = match target {
        Target::Guarded => return Ok((RowKind::Protected, String::new(), Vec::new())),
        Target::Undeclared(name) => return Ok((RowKind::Undeclared, name, Vec::new())),
        Target::Handler(name) => name,
    };
    let handlers = manifest
        .entries()
        .iter()
        .filter(|entry| entry.kind() != Kind::Router);
    let found: Vec<_> = handlers
        .filter(|entry| ends_with(&entry.place(), &name))
        .collect();
    match found.as_slice() {
        [entry] => {
            let policies = entry.policy().copied().into_iter().collect();
            Ok((entry.kind().into(), entry.place(), policies))
        }
        [] => Err(format!("the manifest has no handler {name:?}")),
        several => {
            let places: Vec<String> = several.iter().map(|entry| entry.place()).collect();
            Err(format!("{name:?} may be any of {}", places.join(", ")))
        }
    }
}

/// The path with values for its parameters, `{name}` and `{*rest}`.
fn fill(path: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        let name = name.trim_start_matches('*');
        out.push_str(values.get(name).map_or("1", String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_values() {
        let values = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
        for (path, expected) in [
            ("/", "/"),
            ("/a/{id}/b/{other}", "/a/7/b/1"),
            ("/files/{*id}", "/files/7"),
            ("/odd{", "/odd{"),
        ] {
            assert_eq!(fill(path, &values), expected);
        }
    }
}
