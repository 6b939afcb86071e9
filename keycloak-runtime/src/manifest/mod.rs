//! The manifest: every declared handler and guarded router of the binary, with its policy.
//!
//! It is for audit, never for enforcement. What it cannot see: handlers that are not declared, a
//! library crate whose code the binary never refers to, and routers whose
//! [`guard`](crate::Keycloak::guard) has not been made yet.
//!
//! A test of the application keeps a snapshot, so that a change that loosens a policy shows in its
//! diff:
//!
//! ```no_run
//! # fn app() {}
//! #[test]
//! fn policies_are_as_reviewed() {
//!     app(); // makes the guards of routers
//!     keycloak::policies().assert_snapshot("tests/policies.txt");
//! }
//! ```

#[cfg(feature = "dev-realm")]
mod complete;
#[cfg(feature = "dev-realm")]
mod realm;
mod snapshot;

use std::fmt;

use serde::{Serialize, Serializer};

#[cfg(feature = "dev-realm")]
pub use self::realm::{RealmAudit, RealmFinding};
pub use self::snapshot::Changes;
pub use crate::policy::declaration::Kind;
use crate::policy::declaration::{self, Declaration, Place};
use crate::policy::term::Policy;

/// Every declared handler and guarded router of this binary, ordered by module, handler and place.
#[must_use]
pub fn policies() -> Manifest {
    let mut entries: Vec<Entry> = declaration::declarations()
        .into_iter()
        .map(|(declaration, routes)| {
            let routes = routes.map(|routes| routes(declaration.place.module));
            Entry::new(declaration, routes.unwrap_or_default())
        })
        .collect();
    entries.sort_by(|a, b| a.key().cmp(&b.key()));
    Manifest { entries }
}

/// The entries of [`policies`]. [`entries`](Manifest::entries) lists them; serializes to a JSON array; `Display` is the
/// text of the snapshot, without line numbers.
#[derive(Debug, Clone)]
pub struct Manifest {
    entries: Vec<Entry>,
}

/// One declared handler or guarded router.
///
/// Serializes to `{"kind", "handler", "module", "file", "line", "policy", "terms", "routes":
/// [{"method", "path"}]}`; `policy` is the text, `terms` the structure, both `null` for public
/// handlers.
#[derive(Debug, Clone)]
pub struct Entry {
    declaration: Declaration,
    routes: Vec<Route>,
}

/// A method and a path, as `#[utoipa::path]` has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// In upper case, `GET`.
    pub method: String,
    /// As written, without the prefixes of routers that the handler is nested in, which only a
    /// document knows: `Manifest::documented_by`.
    pub path: String,
}

impl Entry {
    fn new(declaration: Declaration, routes: Vec<(String, String)>) -> Self {
        let mut routes: Vec<Route> = routes
            .into_iter()
            .map(|(method, path)| Route { method, path })
            .collect();
        routes.sort();
        routes.dedup();
        Self {
            declaration,
            routes,
        }
    }

    fn key(&self) -> (&str, &str, &str, u32, &str) {
        let Place {
            handler,
            module,
            file,
            line,
        } = self.declaration.place;
        let source = self.policy().map_or("", |policy| policy.source);
        (module, handler, file, line, source)
    }

    #[cfg(feature = "openapi")]
    pub(crate) fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Handler or router, protected or public.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.declaration.kind
    }

    /// The function's name; for functions of an `impl` block with the type before it. Empty for
    /// routers.
    #[must_use]
    pub fn handler(&self) -> &str {
        self.declaration.place.handler
    }

    /// The module that the handler is declared in, `my_app::admin`. Empty for routers.
    #[must_use]
    pub fn module_path(&self) -> &str {
        self.declaration.place.module
    }

    /// The source file, as the compiler was given it.
    #[must_use]
    pub fn file(&self) -> &str {
        self.declaration.place.file
    }

    /// The line of the attribute, of a function in an `impl` block with the attribute, or of the call
    /// of `guard`.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.declaration.place.line
    }

    /// The policy; `None` for public handlers.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.declaration.policy.as_ref()
    }

    /// The routes, where utoipa knows them.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Module and handler, or the file for routers: what a reader knows the entry by.
    #[must_use]
    pub fn place(&self) -> String {
        self.declaration.place.to_string()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9}  {}", self.kind().as_str(), self.place())?;
        for route in &self.routes {
            write!(f, "  {} {}", route.method, route.path)?;
        }
        match self.policy() {
            Some(policy) => write!(f, "  {policy:#}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Out<'e> {
            kind: &'e str,
            handler: &'e str,
            module: &'e str,
            file: &'e str,
            line: u32,
            policy: Option<String>,
            terms: Option<&'e Policy>,
            routes: &'e [Route],
        }
        Out {
            kind: self.kind().as_str(),
            handler: self.handler(),
            module: self.module_path(),
            file: self.file(),
            line: self.line(),
            policy: self.policy().map(ToString::to_string),
            terms: self.policy(),
            routes: &self.routes,
        }
        .serialize(serializer)
    }
}

#[cfg(feature = "openapi")]
impl Manifest {
    /// The entries with the routes that a document has for them, with the prefixes of the routers
    /// that they are nested in; guards of routers
    /// ([`guarded`](crate::Keycloak::guarded)) with the routes inside them. What the document does not
    /// have stays as it is.
    #[must_use]
    pub fn documented_by(mut self, document: &utoipa::openapi::OpenApi) -> Self {
        use crate::openapi::{identity::of_declaration, routes::routes};
        let documented = routes(document);
        for entry in &mut self.entries {
            let id = of_declaration(&entry.declaration);
            let own = documented.iter().filter(|route| {
                let declared = route.way_in.guards.iter().chain(&route.way_in.handler);
                declared.into_iter().any(|own| of_declaration(own) == id)
            });
            let routes: Vec<_> = own
                .map(|route| (route.method.clone(), route.path.clone()))
                .collect();
            if !routes.is_empty() {
                *entry = Entry::new(entry.declaration, routes);
            }
        }
        self
    }
}

impl Manifest {
    /// Every declared handler and guarded router, in the order of the sources.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl IntoIterator for Manifest {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.entries.serialize(serializer)
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries
            .iter()
            .try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

#[cfg(test)]
mod tests;
