//! Protocol mappers: what a client and its scopes put into tokens.
//!
//! Invariant: a mapper never replaces what identifies a token (`iss`, `exp`, `iat`, `jti`, `typ`,
//! `scope`, `nonce`), whatever its claim name says; Keycloak refuses the same names.

mod claim;
mod run;
mod value;

pub(crate) use self::{run::Run, value::texts};
use super::{
    export::model::{ClientModel, Mapper, RealmModel},
    scopes::GrantedScopes,
};

/// The mappers that are imitated.
const KNOWN: [&str; 18] = [
    "oidc-acr-mapper",
    "oidc-address-mapper",
    "oidc-allowed-origins-mapper",
    "oidc-audience-mapper",
    "oidc-audience-resolve-mapper",
    "oidc-full-name-mapper",
    "oidc-group-membership-mapper",
    "oidc-hardcoded-claim-mapper",
    "oidc-hardcoded-role-mapper",
    "oidc-nonce-backwards-compatible-mapper",
    "oidc-role-name-mapper",
    "oidc-session-state-mapper",
    "oidc-sub-mapper",
    "oidc-usermodel-attribute-mapper",
    "oidc-usermodel-client-role-mapper",
    "oidc-usermodel-property-mapper",
    "oidc-usermodel-realm-role-mapper",
    "oidc-usersessionmodel-note-mapper",
];

/// Notes about mappers of the export that are not imitated.
pub(crate) fn note_unknown(model: &mut RealmModel) {
    let of_clients = model.clients.iter().flat_map(|client| {
        client
            .mappers
            .iter()
            .map(|mapper| (&client.client_id, mapper))
    });
    let of_scopes = model
        .scopes
        .values()
        .flat_map(|scope| scope.mappers.iter().map(|mapper| (&scope.name, mapper)));
    let notes: Vec<_> = of_clients
        .chain(of_scopes)
        .filter(|(_, mapper)| !KNOWN.contains(&mapper.kind.as_str()))
        // The mapper of the built-in scope `organization`; it maps nothing without organizations.
        .filter(|(_, mapper)| mapper.kind != "oidc-organization-membership-mapper")
        .map(|(owner, mapper)| {
            format!(
                "mapper `{}` of `{owner}` is of the kind `{}`, which the embedded realm does not \
                 imitate: its claims are missing",
                mapper.name, mapper.kind
            )
        })
        .collect();
    for note in notes {
        model.note(note);
    }
}

/// Whether a mapper of the client or of its scopes writes the claim `name`.
pub(crate) fn gives(
    model: &RealmModel,
    client: &ClientModel,
    scopes: &GrantedScopes,
    name: &str,
) -> bool {
    let of_scopes = scopes
        .names
        .iter()
        .filter_map(|scope| model.scopes.get(scope));
    let mut mappers = of_scopes
        .flat_map(|scope| &scope.mappers)
        .chain(&client.mappers);
    mappers.any(|mapper| {
        let claim = mapper.config.get("claim.name").map(String::as_str);
        claim == Some(name) || (name == "sub" && mapper.kind == "oidc-sub-mapper")
    })
}

/// For which document the mappers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Access,
    LightweightAccess,
    Id,
    UserInfo,
    Introspection,
}

impl Place {
    /// Whether `mapper` puts its claim here. `absent` is what Keycloak takes where the flag of
    /// access tokens is missing: mappers that once had no flag count as switched on.
    fn wants(self, mapper: &Mapper, absent: bool) -> bool {
        let flag = |name: &str| mapper.config.get(name).map(|flag| flag == "true");
        let access = flag("access.token.claim").unwrap_or(absent);
        match self {
            Self::Access => access,
            Self::LightweightAccess => flag("lightweight.claim").unwrap_or(false),
            Self::Id => flag("id.token.claim").unwrap_or(false),
            Self::UserInfo => flag("userinfo.token.claim")
                .or(flag("id.token.claim"))
                .unwrap_or(false),
            Self::Introspection => flag("introspection.token.claim").unwrap_or(access),
        }
    }
}

/// What mappers know about the sign-in.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignIn {
    pub(crate) sid: Option<String>,
    /// Seconds since the epoch; only where the user signed in on a page.
    pub(crate) auth_time: Option<i64>,
    /// `1` after a sign-in, `0` where the browser was still signed in.
    pub(crate) acr: &'static str,
    pub(crate) nonce: Option<String>,
    pub(crate) client_credentials: bool,
    /// The id of the administrator who impersonates the user.
    pub(crate) actor: Option<String>,
}
