//! `#[keycloak::config]` at run time: from variables to a struct, and from the struct to the
//! builder.
//!
//! Invariants: every problem is found before anything is returned; the environment is read in
//! `vars` only; no value of a variable ever gets into an error.

pub mod options;
mod read;
mod scope;
mod secret_file;
mod slips;
mod value;
mod vars;

use std::ffi::OsStr;

pub use self::{
    read::{Default, FromVariable, ReadKnown, ReadText, ReadUnsupported, ReadWrapped, Tag},
    scope::{Name, Scope},
    value::Value,
};
use self::{scope::Draft, slips::Asked, vars::Vars};
use crate::{
    keycloak::{Keycloak, KeycloakBuilder},
    settings::ConfigError,
};

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
    let mut asked = Asked::default();
    let loaded = T::load(&mut Scope::new(
        vars,
        T::PREFIX,
        &mut mistakes,
        &mut draft,
        &mut asked,
    ));
    asked.warn(vars, !T::PARTIAL);
    if !T::PARTIAL {
        mistakes.extend(draft.mistakes());
    }
    match loaded {
        Some(settings) if mistakes.is_empty() => Ok(settings),
        _ => Err(ConfigError::new(mistakes)),
    }
}

/// How a nested struct is read and handed on. Public for generated code only.
#[derive(Debug)]
pub struct Nested<T> {
    load: fn(&mut Scope<'_>, Option<&'static str>) -> Option<T>,
    apply: fn(&T, KeycloakBuilder) -> KeycloakBuilder,
}

impl<T> Nested<T> {
    /// Reads it. `prefix` is the field's, which comes before the struct's own, before that of the
    /// struct around it.
    pub fn load(&self, scope: &mut Scope<'_>, prefix: Option<&'static str>) -> Option<T> {
        (self.load)(scope, prefix)
    }

    /// Hands its options to the builder of the settings around it, if it is a part of them.
    pub fn apply(&self, builder: KeycloakBuilder, settings: &T) -> KeycloakBuilder {
        (self.apply)(settings, builder)
    }
}

/// A partial struct is a part of the settings around it, any other one is the settings of a
/// `Keycloak` of its own.
#[must_use]
pub fn nested<T: Config>() -> Nested<T> {
    if T::PARTIAL {
        Nested {
            load: |scope, prefix| T::load(&mut scope.part(prefix.or(T::PREFIX))),
            apply: T::apply,
        }
    } else {
        Nested {
            load: |scope, prefix| {
                let mut draft = Draft::default();
                let loaded = T::load(&mut scope.whole(prefix.or(T::PREFIX), &mut draft));
                scope.report_mistakes(&draft);
                loaded
            },
            apply: |_, builder| builder,
        }
    }
}

/// A builder with all options of `settings`.
pub fn builder<T: Config>(settings: &T) -> KeycloakBuilder {
    settings.apply(Keycloak::builder())
}
