//! Reads a realm export into a checked [`model::RealmModel`].
//!
//! Invariant: what comes out is consistent: every reference (role, group, client) resolves, names
//! are unique, and whatever the embedded realm does not imitate is in the model's notes. Nothing
//! here panics, whatever the file holds.

mod builtin;
mod builtin_scopes;
mod clients;
mod cursor;
mod link;
pub(crate) mod model;
mod people;
mod source;

use std::{fmt, path::PathBuf};

pub use self::source::RealmSource;
use self::{
    cursor::{Node, Problems},
    model::RealmModel,
};

/// Why a realm export cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file or folder cannot be read.
    #[error("the realm export {} cannot be read", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The folder has no, or more than one, `*-realm.json`.
    #[error("{} holds {found} files named *-realm.json; expected exactly one", path.display())]
    NotOneRealm {
        /// The folder.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// The text is not JSON; the position is in the source error.
    #[error("the realm export{} is not JSON: {source}", in_file(.path.as_ref()))]
    NotJson {
        /// The file, unless the text itself was given.
        path: Option<PathBuf>,
        /// What is wrong, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// The JSON is not a realm; every problem with its place.
    #[error("the realm export{} cannot be used:{}", in_file(.path.as_ref()), listed(.problems))]
    Invalid {
        /// The file, unless the text itself was given.
        path: Option<PathBuf>,
        /// What is wrong, in the order of the file.
        problems: Vec<ExportProblem>,
    },
}

impl ExportError {
    /// The problems of an export that is JSON but no realm, else none.
    #[must_use]
    pub fn problems(&self) -> &[ExportProblem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            Self::Unreadable { .. } | Self::NotOneRealm { .. } | Self::NotJson { .. } => &[],
        }
    }
}

/// One place of an export that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportProblem {
    /// Where: a JSON path such as `$.users[3].realmRoles`.
    pub path: String,
    /// What was expected there, and what stands there instead. Holds no value of the export but
    /// names (of roles, groups, clients).
    pub message: String,
}

impl fmt::Display for ExportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

fn in_file(path: Option<&PathBuf>) -> String {
    path.map_or_else(String::new, |path| format!(" {}", path.display()))
}

fn listed(problems: &[ExportProblem]) -> String {
    let lines = problems.iter().map(ExportProblem::to_string);
    [String::new()]
        .into_iter()
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n  ")
}

/// The model of the export in `value`.
pub(crate) fn read(value: &serde_json::Value) -> Result<RealmModel, Vec<ExportProblem>> {
    let problems = Problems::default();
    let model = Node::root(value, &problems)
        .only_realm()
        .and_then(|realm| realm_model(&realm));
    let found = problems.into_vec();
    match model {
        Some(model) if found.is_empty() => Ok(model),
        _ => Err(found),
    }
}

fn realm_model(realm: &Node<'_>) -> Option<RealmModel> {
    let mut model = RealmModel::new(realm.required_name("realm")?);
    model.display_name = realm.text("displayName").filter(|name| !name.is_empty());
    match realm.flag("enabled") {
        Some(true) => {}
        Some(false) => {
            if let Some(place) = realm.get("enabled") {
                place.problem("expected true; Keycloak answers no request for a disabled realm");
            }
        }
        None => model.note(
            "the realm has no `enabled: true`; Keycloak would answer no request for it, the \
             embedded realm does",
        ),
    }
    // Names first, then what refers to them.
    clients::settings(realm, &mut model);
    people::roles(realm, &mut model);
    clients::scopes(realm, &mut model);
    builtin::scopes(realm, &mut model);
    clients::clients(realm, &mut model);
    builtin::complete(realm, &mut model);
    link::composites(realm, &mut model);
    people::groups(realm, &mut model);
    people::users(realm, &mut model);
    builtin::service_accounts(&mut model);
    link::scope_mappings(realm, &mut model);
    Some(model)
}

#[cfg(test)]
mod tests;
