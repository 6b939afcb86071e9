//! The realm export as the checker sees it: which names exist.
//!
//! The only module of this crate that reads the environment and files. The export is named by
//! `KEYCLOAK_REALM_EXPORT` or by `realm_export = "…"`, never found implicitly; one that is named
//! and cannot be used is a compile error. It is read once for each compilation and parsed without
//! its users, and nothing of it but role names in constant assertions reaches the expansion.

mod check;
mod export;
mod tracking;
mod users;

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use proc_macro2::Span;
use syn::LitStr;

pub(crate) use self::{
    check::{check, known},
    export::{ClientRoles, Realm},
    tracking::tracking,
};
use crate::{diag::Diagnostics, rule::Rule};

/// The variable that names the export.
pub(crate) const VARIABLE: &str = "KEYCLOAK_REALM_EXPORT";

/// An export in use.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Where the file is: what rebuilds are tied to.
    pub(crate) path: PathBuf,
    /// The file's name, for messages.
    pub(crate) shown: String,
    /// The names in it.
    pub(crate) realm: Arc<Realm>,
}

/// The export that policies are checked against, if one is named.
///
/// One that cannot be used is reported: at the attribute's argument, or at the macro where the
/// environment names it.
pub(crate) fn source(argument: Option<&LitStr>, diag: &mut Diagnostics) -> Option<Source> {
    let (named, span, by) = match argument {
        Some(lit) => (lit.value(), lit.span(), "`realm_export`".to_owned()),
        None => match env::var(VARIABLE) {
            Ok(named) => (named, Span::call_site(), format!("`{VARIABLE}`")),
            Err(env::VarError::NotPresent) => return None,
            Err(env::VarError::NotUnicode(_)) => {
                let message = format!("`{VARIABLE}` is no Unicode text");
                diag.rule_at(Rule::RealmExport, Span::call_site(), message);
                return None;
            }
        },
    };
    let path = locate(&named);
    match load(&path) {
        Ok(realm) => Some(Source {
            shown: named,
            path,
            realm,
        }),
        Err(error) => {
            diag.rule_at(
                Rule::RealmExport,
                span,
                format!(
                    "the realm export {named:?} named by {by} cannot be used: {error}; correct it, \
                     or remove the setting to compile without checking names"
                ),
            );
            None
        }
    }
}

/// Relative names are relative to the crate.
fn locate(named: &str) -> PathBuf {
    let path = Path::new(named);
    match env::var_os("CARGO_MANIFEST_DIR") {
        Some(dir) if path.is_relative() => Path::new(&dir).join(path),
        Some(_) | None => path.to_owned(),
    }
}

type Loaded = Result<Arc<Realm>, Arc<str>>;

/// When a file was last changed, and its length.
type Version = (Option<SystemTime>, u64);

/// The file's names, parsed again only when the file changed.
fn load(path: &Path) -> Loaded {
    static PARSED: Mutex<Option<HashMap<PathBuf, (Version, Loaded)>>> = Mutex::new(None);
    let version = match fs::metadata(path) {
        Ok(metadata) => (metadata.modified().ok(), metadata.len()),
        Err(error) => return Err(error.to_string().into()),
    };
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let parsed = parsed.get_or_insert_default();
    if let Some((known, loaded)) = parsed.get(path)
        && *known == version
    {
        return loaded.clone();
    }
    let loaded: Loaded = match fs::read(path) {
        Ok(bytes) => export::parse(&bytes).map(Arc::new).map_err(Into::into),
        Err(error) => Err(error.to_string().into()),
    };
    parsed.insert(path.to_owned(), (version, loaded.clone()));
    loaded
}
