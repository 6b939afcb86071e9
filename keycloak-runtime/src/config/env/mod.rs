//! `#[keycloak::config]` at run time: from variables to a struct, and from the struct to the
//! builder.
//!
//! Invariants: every problem is found before anything is returned; the environment is read in
//! [`vars`] only; no value of a variable ever gets into an error.

pub mod options;
mod read;
mod value;
mod vars;

use std::ffi::OsStr;

use self::vars::{Draft, Vars};
pub use self::{
    read::{Default, FromVariable, ReadKnown, ReadText, ReadUnsupported, ReadWrapped, Tag},
    value::Value,
    vars::{Name, Scope},
};
use crate::{ConfigError, Keycloak, KeycloakBuilder};

/// What `#[keycloak::config]` implements. Public for generated code only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `#[keycloak::config]` struct",
    label = "marked `#[keycloak(nested)]`",
    note = "put `#[keycloak::config]` on the struct, or `#[keycloak::config(partial)]` if it is \
            only a part of the settings"
)]
pub trait Config: Sized {
    /// `prefix = ".."` of the attribute.
    const PREFIX: Option<&'static str>;
    /// `partial` of the attribute.
    const PARTIAL: bool;

    /// Reads every field; `None` if one of them was reported.
    fn load(scope: &mut Scope<'_>) -> Option<Self>;

    /// Hands every option to the builder.
    fn apply(&self, builder: KeycloakBuilder) -> KeycloakBuilder;
}

/// Reads `T` from the process environment.
///
/// # Errors
/// Every missing and every invalid variable.
pub fn from_env<T: Config>() -> Result<T, ConfigError> {
    load(&Vars::from_env())
}

/// Reads `T` from pairs.
///
/// # Errors
/// Every missing and every invalid variable.
pub fn from_vars<T: Config, N: AsRef<OsStr>, V: AsRef<OsStr>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Result<T, ConfigError> {
    load(&Vars::from_pairs(pairs))
}

fn load<T: Config>(vars: &Vars) -> Result<T, ConfigError> {
    let mut mistakes = Vec::new();
    let mut draft = Draft::default();
    let loaded = T::load(&mut Scope::new(vars, T::PREFIX, &mut mistakes, &mut draft));
    if !T::PARTIAL {
        mistakes.extend(draft.mistakes());
    }
    match loaded {
        Some(settings) if mistakes.is_empty() => Ok(settings),
        _ => Err(ConfigError::new(mistakes)),
    }
}

/// Reads a nested struct: a partial one is a part of the settings around it, any other one is
/// the settings of a `Keycloak` of its own. `prefix` is the field's, before the struct's, before
/// that of the struct around it.
pub fn nested<T: Config>(scope: &mut Scope<'_>, prefix: Option<&'static str>) -> Option<T> {
    let prefix = prefix.or(T::PREFIX);
    if T::PARTIAL {
        return T::load(&mut scope.part(prefix));
    }
    let mut draft = Draft::default();
    let loaded = T::load(&mut scope.whole(prefix, &mut draft));
    scope.judge(&draft);
    loaded
}

/// Hands the options of a partial nested struct to the builder of the settings around it.
pub fn apply_nested<T: Config>(builder: KeycloakBuilder, settings: &T) -> KeycloakBuilder {
    if T::PARTIAL {
        settings.apply(builder)
    } else {
        builder
    }
}

/// A builder with all options of `settings`.
pub fn builder<T: Config>(settings: &T) -> KeycloakBuilder {
    settings.apply(Keycloak::builder())
}
