//! The Keycloak classics: the ways a realm is usually set up wrong, and the exact fix of each.
//!
//! The texts name our own configuration and Keycloak's settings, never what a token says: they go
//! to the server's log and to the diagnostic report.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::settings::Settings;

/// A usual reason why good callers are refused.
///
/// Serializes as its [`code`](Self::code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Classic {
    /// Tokens name the issuer by another host or port than we do.
    IssuerHost,
    /// Tokens say `http` where we say `https`, or the other way round.
    IssuerScheme,
    /// Tokens and we differ in the path before `/realms/`: `/auth` is there or is not.
    IssuerPath,
    /// The token is one of another realm.
    IssuerRealm,
    /// The only audience is `account`: the client has no audience mapper.
    AudienceAccount,
    /// The audiences do not hold ours.
    AudienceMissing,
    /// No `sub`: the client lacks the client scope `basic`.
    MissingBasicScope,
    /// A lightweight access token: the claims we need are left out on purpose.
    LightweightToken,
    /// Groups are bare names: the mapper leaves the path out.
    NameOnlyGroups,
    /// The policy negates a role or group, and tokens of the caller's client are not declared
    /// complete.
    UndeclaredClient,
    /// The clocks of Keycloak and of this machine differ.
    ClockSkew,
    /// The realm does not publish the key: rotated and removed, or another Keycloak's token.
    UnknownKey,
    /// The realm signs with an algorithm that is not in our allow-list.
    AlgorithmNotAllowed,
    /// An ID or refresh token was sent in the place of an access token.
    WrongTokenType,
    /// The token is longer than 16 KiB.
    TokenTooLong,
    /// A member name occurs twice in one object of the token.
    DuplicateMember,
    /// Keycloak does not accept our own client: its secret is another one, or it is switched off.
    OwnClientRefused,
}

/// What of our own configuration the texts name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) realm: &'a str,
    /// The issuers we accept; the first one is the realm's own.
    pub(crate) issuers: &'a [String],
}

impl<'a> Setup<'a> {
    pub(crate) fn of(settings: &'a Settings) -> Self {
        Self {
            client_id: &settings.client_id,
            realm: &settings.realm,
            issuers: &settings.issuers,
        }
    }

    fn issuer(&self) -> &str {
        self.issuers.first().map_or("", String::as_str)
    }
}

impl Classic {
    /// All of them; the order is that of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::IssuerHost,
        Self::IssuerScheme,
        Self::IssuerPath,
        Self::IssuerRealm,
        Self::AudienceAccount,
        Self::AudienceMissing,
        Self::MissingBasicScope,
        Self::LightweightToken,
        Self::NameOnlyGroups,
        Self::UndeclaredClient,
        Self::ClockSkew,
        Self::UnknownKey,
        Self::AlgorithmNotAllowed,
        Self::WrongTokenType,
        Self::TokenTooLong,
        Self::DuplicateMember,
        Self::OwnClientRefused,
    ];

    /// The stable word for logs and alerts, for example `audience_is_account`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::IssuerHost => "issuer_host_mismatch",
            Self::IssuerScheme => "issuer_scheme_mismatch",
            Self::IssuerPath => "issuer_path_mismatch",
            Self::IssuerRealm => "issuer_of_other_realm",
            Self::AudienceAccount => "audience_is_account",
            Self::AudienceMissing => "audience_lacks_client",
            Self::MissingBasicScope => "basic_scope_missing",
            Self::LightweightToken => "lightweight_token",
            Self::NameOnlyGroups => "name_only_groups",
            Self::UndeclaredClient => "undeclared_client",
            Self::ClockSkew => "clock_skew",
            Self::UnknownKey => "key_not_published",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::WrongTokenType => "not_an_access_token",
            Self::TokenTooLong => "token_too_long",
            Self::DuplicateMember => "duplicate_member",
            Self::OwnClientRefused => "own_client_refused",
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub const fn problem(self) -> &'static str {
        match self {
            Self::IssuerHost => {
                "Keycloak names itself by another host or port than this service expects"
            }
            Self::IssuerScheme => {
                "Keycloak names itself with another scheme (http or https) than this service expects"
            }
            Self::IssuerPath => {
                "Keycloak names itself with another path before /realms/ than this service expects"
            }
            Self::IssuerRealm => "the issuer is another realm than the one this service works with",
            Self::AudienceAccount => {
                "the token's only audience is `account`, which is what Keycloak writes when the \
                 calling client has no audience mapper"
            }
            Self::AudienceMissing => "the token's audiences do not include this service",
            Self::MissingBasicScope => {
                "the token has no `sub`: since Keycloak 25 it comes from the client scope `basic`, \
                 which the calling client lacks"
            }
            Self::LightweightToken => {
                "the token is a lightweight access token: subject, audience and roles are left out"
            }
            Self::UndeclaredClient => {
                "a policy excludes by a role or group that the token does not show, and tokens of \
                 the calling client are not declared complete, so that its absence proves nothing"
            }
            Self::NameOnlyGroups => {
                "the token names groups without their path, so no group rule can match"
            }
            Self::ClockSkew => "the clocks of Keycloak and of this machine differ",
            Self::UnknownKey => {
                "the realm does not publish the key that signed the token: the key was removed, \
                 or the token comes from another realm or another Keycloak"
            }
            Self::AlgorithmNotAllowed => {
                "the token is signed with an algorithm that this service does not accept"
            }
            Self::WrongTokenType => {
                "an ID, refresh or other token was sent in the place of an access token"
            }
            Self::TokenTooLong => "the token is longer than the 16 KiB that this service reads",
            Self::DuplicateMember => {
                "a member name occurs twice in one object of the token, so that it may mean one \
                 thing here and another elsewhere"
            }
            Self::OwnClientRefused => "Keycloak does not accept this service's own client",
        }
    }

    /// What to change, with our own client id, realm and issuer filled in.
    pub(crate) fn fix(self, setup: &Setup<'_>) -> String {
        let (client, realm, issuer) = (setup.client_id, setup.realm, setup.issuer());
        match self {
            Self::IssuerHost => format!(
                "expected issuer: {issuer}; set Keycloak's option `hostname` (KC_HOSTNAME) to the \
                 URL that its users see and give the same as `server_url`; where this service \
                 reaches Keycloak by an internal address, give that as `backchannel_url`"
            ),
            Self::IssuerScheme => format!(
                "expected issuer: {issuer}; behind a proxy that ends TLS start Keycloak with \
                 `--proxy-headers=xforwarded` (and let the proxy set X-Forwarded-Proto) or set \
                 `hostname` to the whole https:// URL; otherwise correct the scheme of `server_url`"
            ),
            Self::IssuerPath => format!(
                "expected issuer: {issuer}; Keycloak 17 and later serve below `/` unless \
                 `http-relative-path` is set, older ones below `/auth`: write `server_url` with \
                 exactly the path that the realm's issuer has"
            ),
            Self::IssuerRealm => format!(
                "expected issuer: {issuer}; let the caller get its tokens from the realm `{realm}`, \
                 or correct `realm`"
            ),
            Self::AudienceAccount | Self::AudienceMissing => format!(
                "in Keycloak: Clients > the calling client > Client scopes > its `-dedicated` scope \
                 > Add mapper > By configuration > Audience, Included Client Audience `{client}`, \
                 Add to access token on; if tokens carry another audience for this service on \
                 purpose, give it as `audience`"
            ),
            Self::MissingBasicScope => "in Keycloak: Clients > the calling client > Client scopes > \
                 Add client scope > `basic`, type Default; a realm imported from an older version \
                 may lack the scope: create it with the predefined mappers `sub` and `auth_time`"
                .to_owned(),
            Self::LightweightToken => "in Keycloak: Clients > the calling client > Advanced > Always \
                 use lightweight access token off; or switch `Add to lightweight access token` on in \
                 the mappers of subject, audience, roles and groups"
                .to_owned(),
            Self::UndeclaredClient => "if tokens of the calling client (`azp`) carry every role and \
                 group of their user (full scope allowed, not lightweight, with a group mapper), \
                 declare it: `complete_tokens_from`; otherwise let callers use a client that does, \
                 or ask for a role that admits instead of one that excludes"
                .to_owned(),
            Self::NameOnlyGroups => "in Keycloak: the Group Membership mapper of the client scope \
                 that writes the groups > Full group path on; only where names are unique in the \
                 realm, configure `name_only_groups` instead"
                .to_owned(),
            Self::ClockSkew => "synchronize both machines by NTP; differences of up to 300 s can be \
                 allowed by `leeway`"
                .to_owned(),
            Self::UnknownKey => format!(
                "let the caller get a new token from {issuer}; when you replace a key, keep the old \
                 one as passive (Realm settings > Keys) until the last token it signed has expired"
            ),
            Self::AlgorithmNotAllowed => format!(
                "add the algorithm to `algorithms`, or choose one that is allowed in Keycloak: \
                 Realm settings of `{realm}` > Tokens > Default Signature Algorithm, or the calling \
                 client > Advanced > Access token signature algorithm"
            ),
            Self::WrongTokenType => "let the caller send the `access_token` of the token answer, not \
                 `id_token` or `refresh_token`"
                .to_owned(),
            Self::TokenTooLong => "in Keycloak: Clients > the calling client > Client scopes > its \
                 `-dedicated` scope > Scope > Full scope allowed off, so that the token holds the \
                 roles of its audience only; take mappers off that it does not need; groups and \
                 roles by the hundred are for a lightweight token with `token_check` `introspect`"
                .to_owned(),
            Self::DuplicateMember => "in Keycloak: Clients > the calling client > Client scopes > \
                 Evaluate > Generated access token shows it; two mappers, or a mapper and a claim \
                 of Keycloak's own, write the same Token Claim Name: rename or remove one; where \
                 the realm shows nothing, look at who else writes tokens"
                .to_owned(),
            Self::OwnClientRefused => format!(
                "in Keycloak: Clients > {client} must be enabled, with Client authentication on, and \
                 the secret of its tab Credentials must be the `client_secret` of this service"
            ),
        }
    }
}

impl fmt::Display for Classic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Classic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One recognised classic as the report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hint {
    /// Which classic.
    pub code: Classic,
    /// What is wrong.
    pub problem: &'static str,
    /// What to change, with our own names filled in.
    pub fix: String,
}

impl Hint {
    pub(crate) fn new(classic: Classic, setup: &Setup<'_>) -> Self {
        Self {
            code: classic,
            problem: classic.problem(),
            fix: classic.fix(setup),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_classic_has_its_own_code_and_a_fix() {
        let issuers = ["https://kc.example/realms/demo".to_owned()];
        let setup = Setup {
            client_id: "demo-api",
            realm: "demo",
            issuers: &issuers,
        };
        let hints = Classic::ALL
            .iter()
            .map(|classic| Hint::new(*classic, &setup));
        let hints: Vec<_> = hints.collect();
        let codes: HashSet<_> = hints.iter().map(|hint| hint.code.code()).collect();
        assert_eq!(codes.len(), Classic::ALL.len());
        let problems: HashSet<_> = hints.iter().map(|hint| hint.problem).collect();
        assert_eq!(problems.len(), Classic::ALL.len());
        for hint in &hints {
            assert!(hint.fix.len() > 40, "{hint:?}");
            assert!(!hint.fix.contains("  "), "broken line: {hint:?}");
            assert!(!hint.problem.contains("  "), "broken line: {hint:?}");
        }
    }

    #[test]
    fn the_fix_of_the_audience_names_our_client() {
        let setup = Setup {
            client_id: "orders-api",
            realm: "demo",
            issuers: &[],
        };
        let fix = Classic::AudienceAccount.fix(&setup);
        assert!(
            fix.contains("Included Client Audience `orders-api`"),
            "{fix}"
        );
    }
}
