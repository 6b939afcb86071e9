::core::compile_error! {
    "an empty prefix would read variables like `REALM`, which other programs set, too; write a name, or leave `prefix` out for `KEYCLOAK`"
}
pub struct Auth {
    server_url: Url,
    realm: String,
    client_id: String,
}
#[automatically_derived]
#[allow(dead_code, unused_variables, reason = "never built: an error is beside it")]
impl Auth {
    pub fn from_env() -> ::core::result::Result<Self, ::kc::ConfigError> {
        loop {}
    }
    pub fn from_vars<__KeycloakVars>(
        vars: __KeycloakVars,
    ) -> ::core::result::Result<Self, ::kc::ConfigError> {
        loop {}
    }
    pub fn builder(&self) -> ::kc::KeycloakBuilder {
        loop {}
    }
    pub fn build(&self) -> ::core::result::Result<::kc::Keycloak, ::kc::ConfigError> {
        loop {}
    }
}
