/// Settings.
#[derive(Debug)]
pub(crate) struct Auth {
    server_url: Url,
    realm: String,
    #[cfg(unix)]
    client_id: String,
    database: String,
    timeouts: Timeouts,
}
#[automatically_derived]
impl ::keycloak::__private::config::Config for Auth {
    const PREFIX: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "JUDGE",
    );
    const PARTIAL: bool = false;
    fn load(
        __keycloak_scope: &mut ::keycloak::__private::config::Scope<'_>,
    ) -> ::core::option::Option<Self> {
        #[allow(
            unused_imports,
            reason = "which of them reads a field depends on its type"
        )]
        use ::keycloak::__private::config::{
            ReadKnown as _, ReadText as _, ReadUnsupported as _, ReadWrapped as _,
        };
        let __keycloak_field_server_url = (&&&&::keycloak::__private::config::Tag::<
            Url,
        >::NEW)
            .__keycloak_read(
                __keycloak_scope,
                ::keycloak::__private::config::Name::Suffix("SERVER_URL"),
                ::keycloak::__private::config::Default::None,
            );
        __keycloak_scope
            .note(
                "server_url",
                ::keycloak::__private::config::Name::Suffix("SERVER_URL"),
                ::core::option::Option::as_ref(&__keycloak_field_server_url),
                Self::__keycloak_set_server_url,
            );
        let __keycloak_field_realm = (&&&&::keycloak::__private::config::Tag::<
            String,
        >::NEW)
            .__keycloak_read(
                __keycloak_scope,
                ::keycloak::__private::config::Name::Suffix("REALM"),
                ::keycloak::__private::config::Default::None,
            );
        __keycloak_scope
            .note(
                "realm",
                ::keycloak::__private::config::Name::Suffix("REALM"),
                ::core::option::Option::as_ref(&__keycloak_field_realm),
                Self::__keycloak_set_realm,
            );
        #[cfg(unix)]
        let __keycloak_field_client_id = (&&&&::keycloak::__private::config::Tag::<
            String,
        >::NEW)
            .__keycloak_read(
                __keycloak_scope,
                ::keycloak::__private::config::Name::Suffix("CLIENT_ID"),
                ::keycloak::__private::config::Default::Text("api"),
            );
        #[cfg(unix)]
        __keycloak_scope
            .note(
                "client_id",
                ::keycloak::__private::config::Name::Suffix("CLIENT_ID"),
                ::core::option::Option::as_ref(&__keycloak_field_client_id),
                Self::__keycloak_set_client_id,
            );
        let __keycloak_field_database = (&&&&::keycloak::__private::config::Tag::<
            String,
        >::NEW)
            .__keycloak_read(
                __keycloak_scope,
                ::keycloak::__private::config::Name::Full("DATABASE_URL"),
                {
                    fn __keycloak_default() -> String {
                        fallback()
                    }
                    ::keycloak::__private::config::Default::Value(__keycloak_default)
                },
            );
        let __keycloak_field_timeouts = Self::__keycloak_set_timeouts()
            .load(__keycloak_scope, ::core::option::Option::None);
        ::core::option::Option::Some(Self {
            server_url: __keycloak_field_server_url?,
            realm: __keycloak_field_realm?,
            #[cfg(unix)]
            client_id: __keycloak_field_client_id?,
            database: __keycloak_field_database?,
            timeouts: __keycloak_field_timeouts?,
        })
    }
    fn apply(
        &self,
        __keycloak_builder: ::keycloak::KeycloakBuilder,
    ) -> ::keycloak::KeycloakBuilder {
        let __keycloak_builder = Self::__keycloak_set_server_url(
            __keycloak_builder,
            &self.server_url,
        );
        let __keycloak_builder = Self::__keycloak_set_realm(
            __keycloak_builder,
            &self.realm,
        );
        #[cfg(unix)]
        let __keycloak_builder = Self::__keycloak_set_client_id(
            __keycloak_builder,
            &self.client_id,
        );
        let __keycloak_builder = Self::__keycloak_set_timeouts()
            .apply(__keycloak_builder, &self.timeouts);
        __keycloak_builder
    }
}
#[automatically_derived]
impl Auth {
    fn __keycloak_set_server_url(
        __keycloak_builder: ::keycloak::KeycloakBuilder,
        __keycloak_value: &Url,
    ) -> ::keycloak::KeycloakBuilder {
        ::keycloak::__private::config::options::server_url(
            __keycloak_builder,
            __keycloak_value,
        )
    }
    fn __keycloak_set_realm(
        __keycloak_builder: ::keycloak::KeycloakBuilder,
        __keycloak_value: &String,
    ) -> ::keycloak::KeycloakBuilder {
        ::keycloak::__private::config::options::realm(
            __keycloak_builder,
            __keycloak_value,
        )
    }
    #[cfg(unix)]
    fn __keycloak_set_client_id(
        __keycloak_builder: ::keycloak::KeycloakBuilder,
        __keycloak_value: &String,
    ) -> ::keycloak::KeycloakBuilder {
        ::keycloak::__private::config::options::client_id(
            __keycloak_builder,
            __keycloak_value,
        )
    }
    fn __keycloak_set_timeouts() -> ::keycloak::__private::config::Nested<Timeouts> {
        ::keycloak::__private::config::nested::<Timeouts>()
    }
}
#[automatically_derived]
impl Auth {
    /// Reads the settings from the process environment.
    ///
    /// # Errors
    /// Every missing and every invalid variable, in one error.
    #[allow(dead_code, reason = "an application needs one of the two ways to read")]
    pub(crate) fn from_env() -> ::core::result::Result<Self, ::keycloak::ConfigError> {
        ::keycloak::__private::config::from_env()
    }
    /// Reads the settings from name and value pairs.
    ///
    /// # Errors
    /// Every missing and every invalid variable, in one error.
    #[allow(dead_code, reason = "an application needs one of the two ways to read")]
    pub(crate) fn from_vars<__KeycloakVars, __KeycloakName, __KeycloakValue>(
        __keycloak_vars: __KeycloakVars,
    ) -> ::core::result::Result<Self, ::keycloak::ConfigError>
    where
        __KeycloakVars: ::core::iter::IntoIterator<
            Item = (__KeycloakName, __KeycloakValue),
        >,
        __KeycloakName: ::core::convert::AsRef<::std::ffi::OsStr>,
        __KeycloakValue: ::core::convert::AsRef<::std::ffi::OsStr>,
    {
        ::keycloak::__private::config::from_vars(__keycloak_vars)
    }
    /// A builder with these settings, for what only code can say.
    #[allow(dead_code, reason = "an application needs one of the two ways to build")]
    #[must_use]
    pub(crate) fn builder(&self) -> ::keycloak::KeycloakBuilder {
        ::keycloak::__private::config::builder(self)
    }
    /// The `Keycloak` of these settings; no I/O.
    ///
    /// # Errors
    /// Every setting that cannot work, in one error.
    #[allow(dead_code, reason = "an application needs one of the two ways to build")]
    pub(crate) fn build(
        &self,
    ) -> ::core::result::Result<::keycloak::Keycloak, ::keycloak::ConfigError> {
        ::keycloak::__private::config::builder(self).build()
    }
}
