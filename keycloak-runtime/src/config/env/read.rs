//! Which type is read how: dispatch on types, by autoref specialization.
//!
//! Generated code calls `(&&&&Tag::<T>::NEW).__keycloak_read(..)`. Method look-up tries the implementations
//! for `&&&Tag`, `&&Tag`, `&Tag`, `Tag` in this order and takes the first whose bounds hold, so a
//! field may be an alias, a re-export or a type of the application.

use std::{fmt::Display, marker::PhantomData, str::FromStr};

use super::{
    scope::{Name, Scope, Text},
    value::Value,
};
use crate::{
    base::{foreign::Foreign, secret::Secret},
    settings::plausible::artefact,
};

/// The type of a field as a value. Public for generated code only.
#[derive(Debug)]
pub struct Tag<T>(PhantomData<fn() -> T>);

impl<T> Tag<T> {
    /// The tag.
    pub const NEW: Self = Self(PhantomData);
}

/// What holds where a variable is not set. Public for generated code only.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Default<T> {
    /// The type decides: a required field is a problem.
    None,
    /// Read as the variable's text would be.
    Text(&'static str),
    /// The value of an expression.
    Value(fn() -> T),
}

/// Secrets, and types with a form of ours: alone, optional, listed.
pub trait ReadKnown<T> {
    /// The field's value; `None` after a report.
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T>;
}

/// `Option` and `Vec` of what implements `FromStr`.
pub trait ReadWrapped<T> {
    /// The field's value; `None` after a report.
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T>;
}

/// What implements `FromStr`.
pub trait ReadText<T> {
    /// The field's value; `None` after a report.
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T>;
}

/// Everything else: an error that says what would do.
pub trait ReadUnsupported<T> {
    /// Never compiles.
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T>
    where
        T: FromVariable;
}

/// Named in errors only: no type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an environment variable",
    label = "not readable",
    note = "a field is `T`, `Option<T>` or `Vec<T>` where `T: FromStr` with a `Display` error, \
            `Duration`, or `keycloak::Url`; `keycloak::Secret` or `Option<keycloak::Secret>`; or \
            another `#[keycloak::config]` struct marked `#[keycloak(nested)]`"
)]
pub trait FromVariable {}

impl<T> ReadUnsupported<T> for Tag<T> {
    fn __keycloak_read(&self, _: &mut Scope<'_>, _: Name, _: Default<T>) -> Option<T>
    where
        T: FromVariable,
    {
        None
    }
}

impl<T: FromStr<Err: Display>> ReadText<T> for &Tag<T> {
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T> {
        read(scope, name, &default, None, text)
    }
}

impl<T: FromStr<Err: Display>> ReadWrapped<Option<T>> for &&Tag<Option<T>> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Option<T>>,
    ) -> Option<Option<T>> {
        read(scope, name, &default, Some(|| None), |written| {
            text(written).map(Some)
        })
    }
}

impl<T: FromStr<Err: Display>> ReadWrapped<Vec<T>> for &&Tag<Vec<T>> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Vec<T>>,
    ) -> Option<Vec<T>> {
        read(scope, name, &default, Some(Vec::new), |written| {
            list(written, text)
        })
    }
}

impl<T: Value> ReadKnown<T> for &&&Tag<T> {
    fn __keycloak_read(&self, scope: &mut Scope<'_>, name: Name, default: Default<T>) -> Option<T> {
        read(scope, name, &default, None, value)
    }
}

impl<T: Value> ReadKnown<Option<T>> for &&&Tag<Option<T>> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Option<T>>,
    ) -> Option<Option<T>> {
        read(scope, name, &default, Some(|| None), |written| {
            value(written).map(Some)
        })
    }
}

impl<T: Value> ReadKnown<Vec<T>> for &&&Tag<Vec<T>> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Vec<T>>,
    ) -> Option<Vec<T>> {
        read(scope, name, &default, Some(Vec::new), |written| {
            list(written, value)
        })
    }
}

impl ReadKnown<Secret> for &&&Tag<Secret> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Secret>,
    ) -> Option<Secret> {
        match secret(scope, name, &default) {
            Found::Value(secret) => Some(secret),
            Found::Absent { full, empty } => {
                scope.report_missing(&full, empty, true);
                None
            }
            Found::Reported => None,
        }
    }
}

impl ReadKnown<Option<Secret>> for &&&Tag<Option<Secret>> {
    fn __keycloak_read(
        &self,
        scope: &mut Scope<'_>,
        name: Name,
        default: Default<Option<Secret>>,
    ) -> Option<Option<Secret>> {
        match secret(scope, name, &default) {
            Found::Value(secret) => Some(Some(secret)),
            Found::Absent { .. } => Some(None),
            Found::Reported => None,
        }
    }
}

/// Reads one variable; `absent` is the value of a type that may be left out.
///
/// A default's text is read even where the variable is set: one that cannot work is found at the
/// first start, not at the first start without the variable.
fn read<T>(
    scope: &mut Scope<'_>,
    name: Name,
    default: &Default<T>,
    absent: Option<fn() -> T>,
    parse: impl Fn(&str) -> Result<T, Complaint>,
) -> Option<T> {
    let full = scope.full_name(name);
    let default = match default {
        Default::None => absent.map(|absent| absent()),
        Default::Value(value) => Some(value()),
        Default::Text(written) => match parse(written) {
            Ok(value) => Some(value),
            Err(Complaint { problem, .. }) => {
                let fix = "correct `default` in the source code";
                scope.report(&full, format!("its default is {problem}"), fix);
                return None;
            }
        },
    };
    let empty = match scope.text(&full) {
        Text::Set(written) => {
            return match parse(written) {
                Ok(value) => Some(value),
                Err(Complaint { problem, fix }) => {
                    scope.report(&full, problem, fix);
                    None
                }
            };
        }
        Text::Unreadable => return None,
        Text::Unset => false,
        Text::Empty => true,
    };
    if default.is_none() {
        scope.report_missing(&full, empty, false);
    }
    default
}

enum Found {
    Value(Secret),
    Absent { full: String, empty: bool },
    Reported,
}

/// A secret: the variable's value, or the content of the file that `NAME_FILE` names.
fn secret<T>(scope: &mut Scope<'_>, name: Name, default: &Default<T>) -> Found {
    let full = scope.full_name(name);
    // The macro sees this where the type is written as `Secret`; an alias gets here.
    if !matches!(default, Default::None) {
        let fix = "remove `default` from the source code";
        scope.report(&full, "a secret with a default", fix);
        return Found::Reported;
    }
    let file = format!("{full}_FILE");
    let path = scope.path(&file);
    match (scope.text(&full), path) {
        (Text::Set(_), Some(_)) => {
            let problem = format!("set beside {file}");
            scope.report(&full, problem, "keep one of the two");
            Found::Reported
        }
        (Text::Set(text), None) => Found::Value(Secret::from(text)),
        (Text::Unset | Text::Empty, Some(path)) => match scope.secret_file(&file, path) {
            Some(text) => Found::Value(Secret::from(text)),
            None => Found::Reported,
        },
        (Text::Unset, None) => Found::Absent { full, empty: false },
        (Text::Empty, None) => Found::Absent { full, empty: true },
        (Text::Unreadable, _) => Found::Reported,
    }
}

/// What is wrong with a text; never the text itself.
struct Complaint {
    problem: String,
    fix: String,
}

/// By `FromStr`, with nothing trimmed: only the type knows whether blanks belong to it.
fn text<T: FromStr<Err: Display>>(written: &str) -> Result<T, Complaint> {
    written.parse().map_err(|error: T::Err| {
        let said = error.to_string();
        let problem = if repeats(&said, written) {
            "not readable".to_owned()
        } else {
            format!("not readable ({})", Foreign::copy(&said))
        };
        let fix = match artefact(written) {
            Some((_, fix)) => fix.to_owned(),
            None => format!("set it to a {}", short_name::<T>()),
        };
        Complaint { problem, fix }
    })
}

/// Whether the text of an error that is not ours holds a piece of the value, which may be a
/// password: any run of four or more letters and digits.
fn repeats(said: &str, written: &str) -> bool {
    let said = said.to_lowercase();
    written
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|piece| piece.chars().nth(3).is_some() && said.contains(piece))
}

/// None of these types can hold what a file or a shell leaves in a text.
fn value<T: Value>(written: &str) -> Result<T, Complaint> {
    let found = artefact(written);
    let value = T::parse(written.trim()).filter(|_| found.is_none());
    value.ok_or_else(|| Complaint {
        problem: format!("not {}", T::EXPECTED),
        fix: found.map_or("correct it", |(_, fix)| fix).to_owned(),
    })
}

/// Comma separated; blanks around an item are dropped, and so are empty items.
fn list<T>(
    written: &str,
    parse: impl Fn(&str) -> Result<T, Complaint>,
) -> Result<Vec<T>, Complaint> {
    written
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .enumerate()
        .map(|(index, item)| {
            parse(item).map_err(|Complaint { problem, fix }| Complaint {
                problem: format!("item {} is {problem}", index.saturating_add(1)),
                fix,
            })
        })
        .collect()
}

/// The type's name without the modules it lives in.
fn short_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    full.rsplit("::").next().unwrap_or(full)
}
