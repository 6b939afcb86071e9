//! Where an export comes from: a file, a folder of `kc.sh export --dir`, JSON text, a JSON value.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{ExportError, model::RealmModel};

/// What [`Realm::from_export`](crate::dev::Realm::from_export) takes.
///
/// A `str` or `String` whose first character, white space aside, is `{` or `[` is the JSON itself;
/// any other text is a path. A path names a file, or a folder as `kc.sh export --dir` writes it
/// (one `*-realm.json` and any number of `*-users-*.json`).
///
/// Sealed: implemented for the types below only.
pub trait RealmSource: sealed::Sealed {
    #[doc(hidden)]
    fn load(self) -> Result<Loaded, ExportError>;
}

mod sealed {
    #[expect(
        unnameable_types,
        reason = "sealed: nobody outside of the crate implements it"
    )]
    pub trait Sealed {}
    impl Sealed for &str {}
    impl Sealed for &String {}
    impl Sealed for String {}
    impl Sealed for &std::path::Path {}
    impl Sealed for &std::path::PathBuf {}
    impl Sealed for std::path::PathBuf {}
    impl Sealed for serde_json::Value {}
    impl Sealed for &serde_json::Value {}
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
    fn load(self) -> Result<Loaded, ExportError> {
        let text = self.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with(['{', '[']) {
            checked(&parse(text.as_bytes(), None)?, None)
        } else {
            Path::new(self).load()
        }
    }
}

impl RealmSource for &String {
    fn load(self) -> Result<Loaded, ExportError> {
        self.as_str().load()
    }
}

impl RealmSource for String {
    fn load(self) -> Result<Loaded, ExportError> {
        self.as_str().load()
    }
}

impl RealmSource for &Path {
    fn load(self) -> Result<Loaded, ExportError> {
        if self.is_dir() {
            return load_folder(self);
        }
        checked(&read_file(self)?, Some(self))
    }
}

impl RealmSource for &PathBuf {
    fn load(self) -> Result<Loaded, ExportError> {
        self.as_path().load()
    }
}

impl RealmSource for PathBuf {
    fn load(self) -> Result<Loaded, ExportError> {
        self.as_path().load()
    }
}

impl RealmSource for Value {
    fn load(self) -> Result<Loaded, ExportError> {
        checked(&self, None)
    }
}

impl RealmSource for &Value {
    fn load(self) -> Result<Loaded, ExportError> {
        checked(self, None)
    }
}

fn checked(value: &Value, path: Option<&Path>) -> Result<Loaded, ExportError> {
    super::read(value)
        .map(Loaded)
        .map_err(|problems| ExportError::Invalid {
            path: path.map(Path::to_owned),
            problems,
        })
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError {
    let path = path.to_owned();
    move |source| ExportError::Unreadable { path, source }
}

fn read_file(path: &Path) -> Result<Value, ExportError> {
    let bytes = fs::read(path).map_err(unreadable(path))?;
    // A byte order mark is what some editors put before hand-written files.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    parse(text, Some(path))
}

fn parse(text: &[u8], path: Option<&Path>) -> Result<Value, ExportError> {
    serde_json::from_slice(text).map_err(|source| ExportError::NotJson {
        path: path.map(Path::to_owned),
        source,
    })
}

/// `kc.sh export --dir` keeps the users in files of their own, beside the realm's.
fn load_folder(folder: &Path) -> Result<Loaded, ExportError> {
    let mut realm = Vec::new();
    let mut users = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with("-realm.json") {
            realm.push(path);
        } else if name.contains("-users-") && name.ends_with(".json") {
            users.push(path);
        }
    }
    users.sort();
    let [file] = realm.as_slice() else {
        return Err(ExportError::NotOneRealm {
            path: folder.to_owned(),
            found: realm.len(),
        });
    };
    let mut export = read_file(file)?;
    let mut all = Vec::new();
    for path in users {
        if let Some(Value::Array(part)) = read_file(&path)?.get_mut("users").map(Value::take) {
            all.extend(part);
        }
    }
    if !all.is_empty()
        && let Some(realm) = export.as_object_mut()
    {
        // Where the realm's file has users too (`--users same_file`), both count.
        match realm.get_mut("users") {
            Some(Value::Array(own)) => own.extend(all),
            _ => {
                realm.insert("users".to_owned(), Value::Array(all));
            }
        }
    }
    checked(&export, Some(file))
}
