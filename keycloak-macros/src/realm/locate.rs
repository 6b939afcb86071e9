//! Which export is named, and where it is.
//!
//! Cargo reads `.cargo/config.toml` of the folder it is called in and those above. Called from
//! elsewhere (`--manifest-path`, an editor that opened another folder), it sets no variable, and
//! names would silently not be checked; so the files above the package are asked as well.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use keycloak_policy::export::Location;
use toml_edit::{DocumentMut, Item};

use super::VARIABLE;

/// An export as it is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The path as written.
    pub(super) text: String,
    /// Who names it, for messages.
    pub(super) by: String,
    /// Cargo's configuration, where it was read here and not by cargo.
    pub(super) config: Option<PathBuf>,
    /// The folder that the configuration says the path is relative to.
    relative_to: Option<PathBuf>,
}

impl Named {
    pub(super) fn by_argument(text: String) -> Self {
        Self {
            text,
            by: "`realm_export`".to_owned(),
            config: None,
            relative_to: None,
        }
    }

    /// Where the export is, and where it was looked for. A relative path counts from the package,
    /// or else from the folder that the compiler runs in: the workspace.
    pub(super) fn locate(&self) -> (Location, Vec<String>) {
        let path = Path::new(&self.text);
        let mut candidates = Vec::new();
        if let Some(folder) = &self.relative_to {
            candidates.push(folder.join(path));
        } else if path.is_relative() {
            let folders = [package(), env::current_dir().ok()];
            candidates.extend(
                folders
                    .into_iter()
                    .flatten()
                    .map(|folder| folder.join(path)),
            );
            candidates.dedup();
        }
        if candidates.is_empty() {
            candidates.push(path.to_owned());
        }
        let tried: Vec<String> = candidates
            .iter()
            .map(|path| format!("{:?}", path.display().to_string()))
            .collect();
        let mut locations = candidates.iter().map(|path| Location::new(path));
        let first = locations.next().unwrap_or_else(|| Location::new(path));
        if first.path.exists() {
            return (first, tried);
        }
        let found = locations.find(|location| location.path.exists());
        (found.unwrap_or(first), tried)
    }
}

/// The export that the environment names, or cargo's configuration above the package.
pub(super) fn named() -> Result<Option<Named>, String> {
    match env::var(VARIABLE) {
        Ok(text) => Ok(Some(Named {
            text,
            by: format!("`{VARIABLE}`"),
            config: None,
            relative_to: None,
        })),
        Err(env::VarError::NotPresent) => match package() {
            Some(package) => by_configuration(&package),
            None => Ok(None),
        },
        Err(env::VarError::NotUnicode(_)) => Err(format!("`{VARIABLE}` is not valid UTF-8")),
    }
}

fn package() -> Option<PathBuf> {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

/// The nearest configuration above `package` that names an export.
fn by_configuration(package: &Path) -> Result<Option<Named>, String> {
    for folder in package.ancestors() {
        // Where there are both, cargo reads the one without extension.
        for name in [".cargo/config", ".cargo/config.toml"] {
            let file = folder.join(name);
            let text = match fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(unreadable(&file, "it is not valid UTF-8"));
                }
                Err(_) => continue,
            };
            if !text.contains(VARIABLE) {
                continue;
            }
            let setting = setting(&text).map_err(|reason| unreadable(&file, &reason))?;
            if let Some((text, relative)) = setting {
                return Ok(Some(Named {
                    text,
                    by: format!("`{VARIABLE}` of {}", file.display()),
                    config: Some(file),
                    relative_to: relative.then(|| folder.to_owned()),
                }));
            }
        }
    }
    Ok(None)
}

fn unreadable(file: &Path, reason: &str) -> String {
    format!(
        "whether `{VARIABLE}` is set cannot be read from {}: {reason}",
        file.display()
    )
}

/// `env.KEYCLOAK_REALM_EXPORT` of a configuration: its value, and whether it is relative.
fn setting(text: &str) -> Result<Option<(String, bool)>, String> {
    let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    let Some(item) = document.get("env").and_then(|env| env.get(VARIABLE)) else {
        return Ok(None);
    };
    let member = |name| item.as_table_like().and_then(|table| table.get(name));
    let value = item.as_str().or_else(|| member("value")?.as_str());
    let relative = member("relative").and_then(Item::as_bool).unwrap_or(false);
    match value {
        Some(value) => Ok(Some((value.to_owned(), relative))),
        None => Err(format!("`env.{VARIABLE}` has no `value`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, bool)>) {
        let expected = expected.map(|(value, relative)| (value.to_owned(), relative));
        assert_eq!(setting(text), Ok(expected), "{text}");
    }

    #[test]
    fn the_setting_is_read_in_every_way_to_write_it() {
        check("[env]\nKEYCLOAK_REALM_EXPORT = \"a\"", Some(("a", false)));
        check(
            "[env]\nKEYCLOAK_REALM_EXPORT = { value = \"a\", relative = true }",
            Some(("a", true)),
        );
        check(
            "[env.KEYCLOAK_REALM_EXPORT]\nvalue = 'a'\nforce = true",
            Some(("a", false)),
        );
        check(
            "env.KEYCLOAK_REALM_EXPORT.value = \"a\"",
            Some(("a", false)),
        );
        check("# KEYCLOAK_REALM_EXPORT = 1\n[env]\nOTHER = \"b\"", None);
        check("[build]\nKEYCLOAK_REALM_EXPORT = \"a\"", None);
        for wrong in ["[env", "[env]\nKEYCLOAK_REALM_EXPORT = 3"] {
            assert!(setting(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_nearest_configuration_above_the_package_counts() {
        let root = env::temp_dir().join(format!("keycloak-locate-{}", std::process::id()));
        let package = root.join("workspace/member");
        let write = |folder: &str, text: &str| {
            let folder = root.join(folder).join(".cargo");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("config.toml"), text).unwrap();
        };
        fs::create_dir_all(&package).unwrap();
        assert_eq!(by_configuration(&package), Ok(None));
        write(
            "workspace",
            "[env]\nKEYCLOAK_REALM_EXPORT = { value = \"realm.json\", relative = true }",
        );
        let named = by_configuration(&package).unwrap().unwrap();
        let (location, _) = named.locate();
        assert_eq!(location.path, root.join("workspace/realm.json"));
        assert_eq!(
            named.config,
            Some(root.join("workspace/.cargo/config.toml"))
        );
        write(
            "workspace/member",
            "[env]\nKEYCLOAK_REALM_EXPORT = \"/own.json\"",
        );
        let named = by_configuration(&package).unwrap().unwrap();
        assert_eq!(named.locate().0.path, Path::new("/own.json"));
        write("workspace/member", "KEYCLOAK_REALM_EXPORT");
        assert!(by_configuration(&package).is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}
