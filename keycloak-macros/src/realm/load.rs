//! The names of an export, parsed again only when its file changed.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use keycloak_policy::export::{ExportError, Location, Names, Users};

/// When a file was last changed, and its length.
type Version = (Option<SystemTime>, u64);

type Key = (PathBuf, Option<String>);

type Parsed = HashMap<Key, (Version, Arc<Names>)>;

/// The file that holds the realm, and its names.
pub(super) fn names(location: &Location) -> Result<(PathBuf, Arc<Names>), ExportError> {
    static PARSED: Mutex<Option<Parsed>> = Mutex::new(None);
    let file = location.file()?;
    // A file that cannot be asked cannot be read either, which says what is wrong with it.
    let version = fs::metadata(&file)
        .map(|metadata| (metadata.modified().ok(), metadata.len()))
        .unwrap_or_default();
    let key = (file.clone(), location.realm.clone());
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let parsed = parsed.get_or_insert_default();
    if let Some((known, names)) = parsed.get(&key)
        && *known == version
    {
        return Ok((file, Arc::clone(names)));
    }
    let names = location.load(Users::Skip)?.read(Names::view)?;
    let names = Arc::new(names);
    parsed.insert(key, (version, Arc::clone(&names)));
    Ok((file, names))
}
