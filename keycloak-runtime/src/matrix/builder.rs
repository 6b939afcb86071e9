//! Puts a matrix together: callers by their tokens, routes by their handlers.

use std::{collections::BTreeMap, fmt};

use super::{
    AccessMatrix,
    caller::Caller,
    rows::{documented, findings, joined, rows},
};
use crate::{enforce::AuthLayer, keycloak::Keycloak, manifest::policies, policy::term::Policy};

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
    /// Documented, and not in the manifest.
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

    /// A route inside [`Keycloak::guard`] layers, outermost first. Where the route is known by other
    /// means as well (a document, [`route`](Self::route)), the guards come before its own policy.
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

    /// The layer around the whole router: it asks for authentication on every path that it
    /// does not leave open, whatever the handlers say.
    pub fn behind(mut self, layer: &AuthLayer) -> Self {
        self.layer = Some(layer.clone());
        self
    }

    /// The value of the path parameter `{name}` when routes are called, as it is written in a URL;
    /// default `1`. Where policies name the parameter, the values that the callers' own groups,
    /// roles and claims suggest are tried as well.
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
        let callers = callers(&self.keycloak, self.callers, &mut problems).await;
        let mut planned = self.routes;
        if self.documented {
            planned.extend(documented(&manifest));
        }
        let layer = self.layer.as_ref();
        let mut routes = Vec::new();
        for route in joined(planned, &mut problems) {
            let name = format!("{} {}", route.method, route.path);
            match rows(route, &manifest, layer, &self.values, &callers) {
                Ok(rows) => routes.extend(rows),
                Err(problem) => problems.push(format!("{name}: {problem}")),
            }
        }
        if routes.is_empty() && problems.is_empty() {
            problems.push("there is no route".to_owned());
        }
        if !problems.is_empty() {
            return Err(MatrixError { problems });
        }
        routes.sort_by(|a, b| {
            (&a.path, &a.method, &a.parameters).cmp(&(&b.path, &b.method, &b.parameters))
        });
        Ok(AccessMatrix {
            findings: findings(&manifest, &routes, layer),
            title: self.title,
            callers,
            routes,
        })
    }
}

/// The columns: a caller without a token, and those whose tokens are accepted or refused as planned.
async fn callers(
    keycloak: &Keycloak,
    planned: Vec<Planned>,
    problems: &mut Vec<String>,
) -> Vec<Caller> {
    let mut callers = vec![Caller::anonymous()];
    for Planned {
        name,
        token,
        accepted,
        note,
    } in planned
    {
        let token = match token {
            Ok(token) => token,
            Err(problem) => {
                problems.push(format!("{name:?} has no token: {problem}"));
                continue;
            }
        };
        match Caller::persona(keycloak, name.clone(), token.clone()).await {
            Ok(mut caller) if accepted => {
                if let Some(note) = note {
                    caller.brief.clone_from(&note);
                    caller.note = note;
                }
                callers.push(caller);
            }
            Ok(_) => problems.push(format!("the token of {name:?} is accepted")),
            Err(error) if accepted || error.status().is_server_error() => {
                problems.push(format!("the token of {name:?} is not accepted: {error}"));
            }
            Err(error) => callers.push(Caller::rejected(name, token, &error)),
        }
    }
    callers
}

impl fmt::Debug for MatrixBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatrixBuilder")
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}
