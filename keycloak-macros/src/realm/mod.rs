//! The realm export as the checker sees it: which names exist.
//!
//! The only module of this crate that reads the environment and files. The export is named by
//! `KEYCLOAK_REALM_EXPORT` or by `realm_export = "…"`, never found implicitly; one that is named
//! and cannot be used is a compile error. It is read once for each compilation and parsed without
//! its users, and nothing of it but role names in constant assertions reaches the expansion.
//! What an export is, `keycloak-policy` knows.

mod check;
mod load;
mod locate;
mod tracking;

use std::{path::PathBuf, sync::Arc};

use keycloak_policy::export::Names;
use proc_macro2::Span;
use syn::LitStr;

use self::locate::Named;
pub(crate) use self::{check::check, tracking::tracking};
use crate::{diag::Diagnostics, rule::Rule};

/// The variable that names the export.
pub(crate) const VARIABLE: &str = "KEYCLOAK_REALM_EXPORT";

/// An export in use.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// What rebuilds are tied to: the realm's file, and where cargo's configuration had to be
    /// looked up, that.
    pub(crate) files: Vec<PathBuf>,
    /// How it was named, for messages.
    pub(crate) shown: String,
    /// The names in it.
    pub(crate) realm: Arc<Names>,
}

/// The export that policies are checked against, if one is named.
///
/// One that cannot be used is reported: at the attribute's argument, or at the macro where the
/// environment names it.
pub(crate) fn source(argument: Option<&LitStr>, diag: &mut Diagnostics) -> Option<Source> {
    let span = argument.map_or_else(Span::call_site, LitStr::span);
    let named = match argument {
        Some(argument) => Ok(Some(Named::by_argument(argument.value()))),
        None => locate::named(),
    };
    let source = named.and_then(|named| named.map(read).transpose());
    match source {
        Ok(source) => source,
        Err(message) => {
            diag.rule_at(Rule::RealmExport, span, message);
            None
        }
    }
}

fn read(named: Named) -> Result<Source, String> {
    let unusable = |reason: &str| {
        let Named { text, by, .. } = &named;
        format!(
            "the realm export {text:?} named by {by} cannot be used: {reason}; correct it, or \
             remove the setting to compile without checking names"
        )
    };
    if named.text.trim().is_empty() {
        return Err(unusable("the name is empty"));
    }
    let (location, tried) = named.locate();
    let (file, realm) = load::names(&location).map_err(|error| {
        let reason = error.reason();
        if location.path.exists() {
            unusable(&reason)
        } else {
            unusable(&format!("{reason}; there is no {}", tried.join(" and no ")))
        }
    })?;
    let files = [file].into_iter().chain(named.config).collect();
    Ok(Source {
        files,
        shown: named.text,
        realm,
    })
}
