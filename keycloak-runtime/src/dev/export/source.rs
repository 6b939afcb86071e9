//! What [`Realm::from_export`](crate::dev::Realm::from_export) takes.

use std::path::{Path, PathBuf};

use keycloak_policy::export::{Document, ExportError, Location, Users};
use serde_json::Value;

use super::model::RealmModel;

/// What [`Realm::from_export`](crate::dev::Realm::from_export) takes.
///
/// A `str` or `String` whose first character, white space aside, is `{` or `[` is the JSON itself;
/// any other text is a path. A path names a file, or a folder as `kc.sh export --dir` writes it
/// (`NAME-realm.json` and any number of `NAME-users-*.json`).
///
/// Of several realms the only one beside `master` is taken. One of more is chosen by its name: as
/// `PATH#NAME`, or for any source as a pair, `(source, "NAME")`.
///
/// Sealed: implemented for the types below only.
pub trait RealmSource: sealed::Sealed {
    #[doc(hidden)]
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError>;
}

mod sealed {
    #[expect(unnameable_types, reason = "sealed: no other crate implements it")]
    pub trait Sealed {}
    impl Sealed for &str {}
    impl Sealed for &String {}
    impl Sealed for String {}
    impl Sealed for &std::path::Path {}
    impl Sealed for &std::path::PathBuf {}
    impl Sealed for std::path::PathBuf {}
    impl Sealed for serde_json::Value {}
    impl Sealed for &serde_json::Value {}
    impl<S: Sealed> Sealed for (S, &str) {}
}

/// A realm as read, opaque outside of the crate.
#[doc(hidden)]
#[derive(Debug)]
#[expect(
    unnameable_types,
    reason = "only passed from a source to the realm, never named"
)]
pub struct Loaded(pub(crate) RealmModel);

impl RealmSource for &str {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        let text = self.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with(['{', '[']) {
            let document = Document::from_text(text, realm, Users::Read)?;
            super::read(&document).map(Loaded)
        } else {
            Path::new(self).load(realm)
        }
    }
}

impl RealmSource for &String {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        self.as_str().load(realm)
    }
}

impl RealmSource for String {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        self.as_str().load(realm)
    }
}

impl RealmSource for &Path {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        let mut location = Location::new(self);
        if let Some(realm) = realm {
            location.realm = Some(realm.to_owned());
        }
        let document = location.load(Users::Read)?;
        super::read(&document).map(Loaded)
    }
}

impl RealmSource for &PathBuf {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        self.as_path().load(realm)
    }
}

impl RealmSource for PathBuf {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        self.as_path().load(realm)
    }
}

impl RealmSource for Value {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        (&self).load(realm)
    }
}

impl RealmSource for &Value {
    fn load(self, realm: Option<&str>) -> Result<Loaded, ExportError> {
        super::read(&Document::from_value(self, realm)?).map(Loaded)
    }
}

impl<S: RealmSource> RealmSource for (S, &str) {
    fn load(self, _: Option<&str>) -> Result<Loaded, ExportError> {
        self.0.load(Some(self.1))
    }
}
