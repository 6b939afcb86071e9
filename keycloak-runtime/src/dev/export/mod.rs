//! Reads a realm export into a checked [`model::RealmModel`].
//!
//! Invariant: what comes out is consistent: every reference (role, group, client) resolves, names
//! are unique, and whatever the embedded realm does not imitate is in the model's notes. Nothing
//! here panics, whatever the file holds.

mod builtin;
mod builtin_scopes;
mod clients;
mod link;
pub(crate) mod model;
mod people;
mod source;

use keycloak_policy::export::{Document, Node};
pub use keycloak_policy::export::{ExportError, ExportProblem};

use self::model::RealmModel;
pub use self::source::RealmSource;

/// The model of a realm.
pub(crate) fn read(export: &Document<'_>) -> Result<RealmModel, ExportError> {
    export.read(realm_model)
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

/// For tests.
#[cfg(test)]
pub(crate) fn of_json(export: &serde_json::Value) -> Result<RealmModel, ExportError> {
    read(&Document::from_value(export, None)?)
}

#[cfg(test)]
mod tests;
