//! Where an export comes from, and which realm of it is meant.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{ExportError, Node, Problems, users};

/// Keycloak's own realm, which an export of all realms has beside the one that is meant.
const MASTER: &str = "master";

/// Whether the users of an export are read: nearly all of a real one is users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Users {
    /// With users.
    Read,
    /// Without: they are cut out before anything is parsed.
    Skip,
}

/// A file or folder, and the name of the realm that is meant of several: `PATH` or `PATH#REALM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file or folder.
    pub path: PathBuf,
    /// The realm; without it, the only one beside `master`.
    pub realm: Option<String>,
}

impl Location {
    /// Reads `PATH` or `PATH#REALM`. A path with a `#` that exists is that path; the name of a
    /// realm has none.
    #[must_use]
    pub fn new(named: &Path) -> Self {
        let whole = || Self {
            path: named.to_owned(),
            realm: None,
        };
        if named.exists() {
            return whole();
        }
        match named.to_str().and_then(|text| text.rsplit_once('#')) {
            Some((path, realm)) if !realm.is_empty() && !realm.contains(['/', '\\']) => Self {
                path: PathBuf::from(path),
                realm: Some(realm.to_owned()),
            },
            _ => whole(),
        }
    }

    /// The file that holds the realm: the file itself, or of a folder as `kc.sh export --dir`
    /// writes it, the realm's.
    ///
    /// # Errors
    /// There is none, several and no choice, or the folder cannot be read.
    pub fn file(&self) -> Result<PathBuf, ExportError> {
        if self.path.as_os_str().is_empty() {
            return Err(ExportError::Unnamed);
        }
        if !self.path.is_dir() {
            return Ok(self.path.clone());
        }
        let mut realms: Vec<(String, PathBuf)> = entries(&self.path)?
            .into_iter()
            .filter_map(|(name, path)| Some((name.strip_suffix("-realm.json")?.to_owned(), path)))
            .collect();
        let names = realms.iter().map(|(name, _)| name.clone()).collect();
        let chosen = choose(names, self.realm.as_deref(), Some(&self.path))?;
        Ok(realms.swap_remove(chosen).1)
    }

    /// The realm.
    ///
    /// # Errors
    /// It cannot be found, read or parsed.
    pub fn load(&self, users: Users) -> Result<Document<'static>, ExportError> {
        let file = self.file()?;
        let mut document = of_value(read(&file, users)?, self.realm.as_deref(), Some(&file))?;
        if users == Users::Read && self.path.is_dir() {
            add_users(&self.path, &mut document)?;
        }
        Ok(document)
    }
}

/// One realm of an export, as JSON.
#[derive(Debug, Clone)]
pub struct Document<'v> {
    realm: Cow<'v, Value>,
    /// Where in the file the realm is, as JSON path.
    place: String,
    file: Option<PathBuf>,
}

impl<'v> Document<'v> {
    /// The realm in the text of an export, and of several the one called `realm`.
    ///
    /// # Errors
    /// The text is not JSON, or the realm is not in it.
    pub fn from_text(
        text: &str,
        realm: Option<&str>,
        users: Users,
    ) -> Result<Document<'static>, ExportError> {
        of_value(parse(text.as_bytes(), users, None)?, realm, None)
    }

    /// The realm in an export that is parsed already, and of several the one called `realm`.
    ///
    /// # Errors
    /// The realm is not in it.
    pub fn from_value(value: &'v Value, realm: Option<&str>) -> Result<Self, ExportError> {
        let (realm, place) = if let Value::Array(list) = value {
            let at = choose(names(list, None)?, realm, None)?;
            (list.get(at).unwrap_or(value), format!("$[{at}]"))
        } else {
            check_name(value, realm, None)?;
            (value, "$".to_owned())
        };
        Ok(Self {
            realm: Cow::Borrowed(realm),
            place,
            file: None,
        })
    }

    /// What `view` makes of the realm, unless it finds problems.
    ///
    /// # Errors
    /// All problems, with their places.
    pub fn read<T>(&self, view: impl FnOnce(&Node<'_>) -> Option<T>) -> Result<T, ExportError> {
        let problems = Problems::default();
        let root = Node::root(&self.realm, &self.place, &problems);
        let seen = root.is_object().then(|| view(&root)).flatten();
        let problems = problems.into_vec();
        match seen {
            Some(seen) if problems.is_empty() => Ok(seen),
            _ => Err(ExportError::Invalid {
                path: self.file.clone(),
                problems,
            }),
        }
    }
}

fn of_value(
    value: Value,
    realm: Option<&str>,
    file: Option<&Path>,
) -> Result<Document<'static>, ExportError> {
    let (realm, place) = if let Value::Array(mut list) = value {
        let at = choose(names(&list, file)?, realm, file)?;
        (list.swap_remove(at), format!("$[{at}]"))
    } else {
        check_name(&value, realm, file)?;
        (value, "$".to_owned())
    };
    Ok(Document {
        realm: Cow::Owned(realm),
        place,
        file: file.map(Path::to_owned),
    })
}

/// The names of the realms in a list, all of which must have one.
fn names(list: &[Value], file: Option<&Path>) -> Result<Vec<String>, ExportError> {
    let problems = Problems::default();
    let found = list.iter().enumerate().filter_map(|(at, realm)| {
        let realm = Node::root(realm, &format!("$[{at}]"), &problems);
        realm.is_object().then(|| realm.required_name("realm"))?
    });
    let found = found.collect();
    let problems = problems.into_vec();
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(ExportError::Invalid {
            path: file.map(Path::to_owned),
            problems,
        })
    }
}

fn name(realm: &Value) -> Option<&str> {
    realm.get("realm")?.as_str()
}

/// Which of several realms is meant: the one called `wanted`, or else the only one but `master`.
fn choose(
    mut names: Vec<String>,
    wanted: Option<&str>,
    path: Option<&Path>,
) -> Result<usize, ExportError> {
    let path = path.map(Path::to_owned);
    if names.is_empty() {
        return Err(ExportError::NoRealm { path });
    }
    if let Some(wanted) = wanted {
        return match names.iter().position(|name| name == wanted) {
            Some(at) => Ok(at),
            None => Err(ExportError::UnknownRealm {
                path,
                name: wanted.to_owned(),
                names,
            }),
        };
    }
    let mut others = names
        .iter()
        .enumerate()
        .filter(|(_, name)| name.as_str() != MASTER);
    match (others.next(), others.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Ok(0),
        (Some(_), Some(_)) => {
            names.retain(|name| name != MASTER);
            Err(ExportError::SeveralRealms { path, names })
        }
    }
}

/// A single realm must be the one that was asked for, if one was.
fn check_name(value: &Value, wanted: Option<&str>, path: Option<&Path>) -> Result<(), ExportError> {
    match (wanted, name(value)) {
        (Some(wanted), Some(name)) if name != wanted => Err(ExportError::UnknownRealm {
            path: path.map(Path::to_owned),
            name: wanted.to_owned(),
            names: vec![name.to_owned()],
        }),
        _ => Ok(()),
    }
}

/// `kc.sh export --dir` keeps the users of `NAME-realm.json` in files of their own beside it,
/// `NAME-users-0.json` and so on. Files that say to be of another realm do not count.
fn add_users(folder: &Path, document: &mut Document<'_>) -> Result<(), ExportError> {
    let file = document.file.as_deref().and_then(Path::file_name);
    let stem = file.and_then(|name| name.to_str()?.strip_suffix("-realm.json"));
    let Some(prefix) = stem.map(|stem| format!("{stem}-users-")) else {
        return Ok(());
    };
    let mut all = Vec::new();
    for (name, path) in entries(folder)? {
        let number = name
            .strip_prefix(&prefix)
            .and_then(|rest| rest.strip_suffix(".json"));
        if !number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            continue;
        }
        let mut part = read(&path, Users::Read)?;
        let of_this_realm = match (self::name(&part), self::name(&document.realm)) {
            (Some(part), Some(realm)) => part == realm,
            _ => true,
        };
        if of_this_realm && let Some(Value::Array(users)) = part.get_mut("users").map(Value::take) {
            all.extend(users);
        }
    }
    if let Some(realm) = document.realm.to_mut().as_object_mut()
        && !all.is_empty()
    {
        // Where the realm's file has users too (`--users same_file`), both count.
        match realm.get_mut("users") {
            Some(Value::Array(own)) => own.extend(all),
            _ => {
                realm.insert("users".to_owned(), Value::Array(all));
            }
        }
    }
    Ok(())
}

/// The files of a folder by name. `NAME-users-10.json` comes before `NAME-users-2.json`: the order
/// of users has no meaning.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, ExportError> {
    let unreadable = |source| ExportError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, entry.path()));
    }
    found.sort();
    Ok(found)
}

fn read(file: &Path, users: Users) -> Result<Value, ExportError> {
    let bytes = fs::read(file).map_err(|source| ExportError::Unreadable {
        path: file.to_owned(),
        source,
    })?;
    parse(&bytes, users, Some(file))
}

fn parse(bytes: &[u8], users: Users, file: Option<&Path>) -> Result<Value, ExportError> {
    let path = || file.map(Path::to_owned);
    if let Some(encoding) = other_encoding(bytes) {
        return Err(ExportError::NotUtf8 {
            path: path(),
            encoding,
        });
    }
    // What some editors put before hand-written files.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if users == Users::Skip
        && let Some(rest) = users::cut(text)
        && let Ok(value) = serde_json::from_slice(&rest)
    {
        return Ok(value);
    }
    // What cannot be read without its users is read with them, for line and column.
    serde_json::from_slice(text).map_err(|source| ExportError::NotJson {
        path: path(),
        source,
    })
}

/// JSON begins with an ASCII character, so a zero among the first two bytes tells as much as a
/// byte order mark.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => Some("UTF-16"),
        _ => None,
    }
}
