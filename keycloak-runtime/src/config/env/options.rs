//! Every option of the builder that a `#[config]` struct may have as a field: one function each,
//! of the field's name, called by generated code.
//!
//! A value that is absent (`None`, no algorithm, `false`) leaves the builder's default.

use std::time::Duration;

use url::Url;

use crate::{
    base::secret::Secret,
    jose::algorithm::Algorithm,
    keycloak::KeycloakBuilder,
    settings::{Proxy, TokenCheck},
};

/// A field's type as the value `V` of an option. Public for generated code only.
#[diagnostic::on_unimplemented(
    message = "a field of this name is a `{V}`, not a `{Self}`",
    label = "expected `{V}` or `Option<{V}>`",
    note = "see the table of options at `#[keycloak::config]`"
)]
pub trait Setting<V> {
    /// The value; `None` leaves the default.
    fn setting(&self) -> Option<V>;
}

#[diagnostic::do_not_recommend]
impl<V, T: Setting<V>> Setting<V> for Option<T> {
    fn setting(&self) -> Option<V> {
        self.as_ref().and_then(Setting::setting)
    }
}

// Lists of implementations would bury the one line that says which type is expected.
macro_rules! itself {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Setting<$ty> for $ty {
            fn setting(&self) -> Option<$ty> {
                Some(self.clone())
            }
        }
    )*};
}

itself!(String, Secret, bool, Duration, usize, TokenCheck, Proxy);

#[diagnostic::do_not_recommend]
impl Setting<String> for Url {
    fn setting(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl Setting<Proxy> for Url {
    fn setting(&self) -> Option<Proxy> {
        Some(Proxy::from(self))
    }
}

#[diagnostic::do_not_recommend]
impl Setting<Proxy> for String {
    fn setting(&self) -> Option<Proxy> {
        Some(Proxy::from(self))
    }
}

/// An empty list is handed on: what it means is the builder's to say.
#[diagnostic::do_not_recommend]
impl Setting<Self> for Vec<String> {
    fn setting(&self) -> Option<Self> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl Setting<Vec<Self>> for String {
    fn setting(&self) -> Option<Vec<Self>> {
        Some(vec![self.clone()])
    }
}

#[diagnostic::do_not_recommend]
impl Setting<Self> for Vec<Algorithm> {
    fn setting(&self) -> Option<Self> {
        (!self.is_empty()).then(|| self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl Setting<Vec<Self>> for Algorithm {
    fn setting(&self) -> Option<Vec<Self>> {
        Some(vec![*self])
    }
}

macro_rules! options {
    ($($name:ident: $ty:ty),* $(,)?) => {
        /// Names of the options with a value.
        pub(super) const VALUES: &[&str] = &[$(stringify!($name)),*];
    $(
        #[doc = concat!("Sets `", stringify!($name), "`.")]
        pub fn $name(builder: KeycloakBuilder, field: &impl Setting<$ty>) -> KeycloakBuilder {
            match field.setting() {
                Some(value) => builder.$name(value),
                None => builder,
            }
        }
    )*
    };
}

options! {
    server_url: String,
    realm: String,
    client_id: String,
    client_secret: Secret,
    audience: Vec<String>,
    issuer: Vec<String>,
    authorized_parties: Vec<String>,
    algorithms: Vec<Algorithm>,
    leeway: Duration,
    groups_claim: String,
    complete_tokens_from: Vec<String>,
    jwks_uri: String,
    introspection_endpoint: String,
    token_endpoint: String,
    backchannel_url: String,
    proxy: Proxy,
    token_check: TokenCheck,
    discovery_ttl: Duration,
    jwks_ttl: Duration,
    stale_keys: Duration,
    refetch_refill: Duration,
    token_cache_bytes: usize,
    introspection_ttl: Duration,
    connect_timeout: Duration,
    read_timeout: Duration,
}

macro_rules! switches {
    ($($name:ident),* $(,)?) => {
        /// Names of the options that are on or off.
        pub(super) const SWITCHES: &[&str] = &[$(stringify!($name)),*];
    $(
        #[doc = concat!("Switches `", stringify!($name), "` on, if the field says so.")]
        pub fn $name(builder: KeycloakBuilder, field: &impl Setting<bool>) -> KeycloakBuilder {
            match field.setting() {
                Some(true) => builder.$name(),
                Some(false) | None => builder,
            }
        }
    )*
    };
}

switches! {
    any_audience,
    any_authorized_party,
    name_only_groups,
    use_token_introspection,
    enable_token_refresh,
    explain_refusals,
}
