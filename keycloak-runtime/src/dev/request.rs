//! Tokens for tests, minted without HTTP.

use std::{
    fmt,
    future::{IntoFuture, Ready, ready},
    sync::Arc,
    time::Duration,
};

use super::{
    CryptoFailure,
    export::model::{ClientModel, UserModel},
    issuer::{Grant, Issued, Issuer, Order},
    mapper::{self, SignIn},
    scopes::GrantedScopes,
};

/// A request for tokens; awaiting it gives the access token.
///
/// As the realm's token endpoint would answer it, but the password and the client's allowed grants
/// are not asked for. From [`RunningRealm::token`](super::RunningRealm::token) and
/// [`RunningRealm::client_token`](super::RunningRealm::client_token).
///
/// ```no_run
/// # async fn example(realm: keycloak::dev::RunningRealm) -> Result<(), keycloak::dev::TokenError> {
/// use std::time::Duration;
///
/// let access_token = realm.token("alice").await?;
/// let for_web = realm.token("alice").client("web").scopes(["openid", "reports:read"]).issue()?;
/// let id_token = for_web.id_token();
/// let expired = realm.token("alice").issued_ago(Duration::from_secs(86_400)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "await it, or call `issue`"]
pub struct TokenRequest {
    issuer: Arc<Issuer>,
    username: Option<String>,
    client: Option<String>,
    scopes: Vec<String>,
    lifespan: Option<Duration>,
    issued_ago: Duration,
    actor: Option<String>,
}

/// The tokens of one grant.
#[derive(Clone)]
pub struct Tokens(Issued);

/// The realm issues no tokens for this request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No user has that name.
    #[error("the realm has no user `{username}`; it has {}", .known.join(", "))]
    UnknownUser {
        /// The name asked for.
        username: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The user is not enabled; a user of an export without `enabled: true` is not.
    #[error("user `{username}` is disabled: its export does not say `enabled: true`{}", noted(.notes))]
    UserDisabled {
        /// The user.
        username: String,
        /// What [`Realm::notes`](super::Realm::notes) has about the user.
        notes: Vec<String>,
    },
    /// Keycloak would ask the user to complete the account first.
    #[error(
        "user `{username}` is not fully set up; Keycloak asks for {} first{}",
        .missing.join(" and "),
        noted(.notes)
    )]
    UserNotSetUp {
        /// The user.
        username: String,
        /// The members and attributes that the realm wants of users and this one lacks, and the
        /// actions that the user has to take.
        missing: Vec<String>,
        /// What [`Realm::notes`](super::Realm::notes) has about the user.
        notes: Vec<String>,
    },
    /// No client has that id, or it cannot have tokens.
    #[error("the realm has no client `{client_id}` that may have tokens; it has {}", .known.join(", "))]
    UnknownClient {
        /// The id asked for; empty where none was and the realm has no client of its own.
        client_id: String,
        /// The clients there are.
        known: Vec<String>,
    },
    /// The client has no service account.
    #[error("client `{0}` has no service account (`serviceAccountsEnabled`)")]
    NoServiceAccount(String),
    /// The client does not have one of the scopes.
    #[error("client `{client_id}` does not have all of the scopes `{scopes}`{}", noted(.notes))]
    InvalidScope {
        /// The client.
        client_id: String,
        /// What was asked for.
        scopes: String,
        /// What [`Realm::notes`](super::Realm::notes) has about the scopes of the realm and client.
        notes: Vec<String>,
    },
    /// The realm lacks the client scope `basic`, and so every token the claim `sub`.
    #[error(
        "tokens of client `{client_id}` have no `sub`, so that every service answers 401 \
         (`missing_claim`): neither the client nor its scopes have a mapper for it{}",
        noted(.notes)
    )]
    NoSubject {
        /// The client.
        client_id: String,
        /// What [`Realm::notes`](super::Realm::notes) has about the scopes of the realm and client.
        notes: Vec<String>,
    },
    /// The user lacks the role `offline_access`.
    #[error("user `{0}` lacks the realm role `offline_access`")]
    OfflineNotAllowed(String),
    /// A token could not be signed.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

fn noted(notes: &[String]) -> String {
    let notes = notes.iter().map(|note| format!("; note: {note}"));
    notes.collect()
}

impl TokenRequest {
    pub(crate) fn new(
        issuer: &Arc<Issuer>,
        username: Option<String>,
        client: Option<String>,
    ) -> Self {
        Self {
            issuer: Arc::clone(issuer),
            username,
            client,
            scopes: Vec::new(),
            lifespan: None,
            issued_ago: Duration::ZERO,
            actor: None,
        }
    }

    /// The client that the tokens are for (`azp`); by default the first one of the export, built-in
    /// ones aside, that allows direct access grants, or else that can have tokens at all.
    pub fn client(mut self, client_id: impl Into<String>) -> Self {
        self.client = Some(client_id.into());
        self
    }

    /// Scopes to ask for beside the client's default ones; `openid` brings an ID token.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// The life of access and ID token, instead of the realm's.
    pub fn lifespan(mut self, lifespan: Duration) -> Self {
        self.lifespan = Some(lifespan);
        self
    }

    /// Tokens as if they had been issued so long ago: longer than their life, they are expired.
    pub fn issued_ago(mut self, ago: Duration) -> Self {
        self.issued_ago = ago;
        self
    }

    /// Tokens that this user of the realm, an administrator, has by impersonating the other: with the
    /// claim `act`, `{"sub": ".."}` (RFC 8693 section 4.1).
    pub fn impersonated_by(mut self, username: impl Into<String>) -> Self {
        self.actor = Some(username.into());
        self
    }

    /// The tokens: access token, and with a session a refresh token, and with the scope `openid`
    /// an ID token.
    ///
    /// # Errors
    /// User, client or scope are not there, or may not be used so.
    pub fn issue(self) -> Result<Tokens, TokenError> {
        let issuer = Arc::clone(&self.issuer);
        let (user, client, service) = self.parties(&issuer)?;
        let requested = self.scopes.join(" ");
        let invalid = || TokenError::InvalidScope {
            client_id: client.client_id.clone(),
            scopes: requested.clone(),
            notes: issuer
                .model
                .notes_about(&["clientScopes", &client.client_id]),
        };
        let asked = Some(requested.as_str()).filter(|text| !text.is_empty());
        let scopes =
            GrantedScopes::for_client(&issuer.model, client, asked).map_err(|_| invalid())?;
        if scopes.has("offline_access") && !GrantedScopes::offline_allowed(&issuer.model, user) {
            return Err(TokenError::OfflineNotAllowed(user.username.clone()));
        }
        if !issuer.model.scopes.contains_key("basic")
            && !client.is_lightweight()
            && !mapper::gives(&issuer.model, client, &scopes, "sub")
        {
            return Err(TokenError::NoSubject {
                client_id: client.client_id.clone(),
                notes: issuer
                    .model
                    .notes_about(&["clientScopes", &client.client_id]),
            });
        }
        let actor = match &self.actor {
            None => None,
            Some(name) => Some(Self::user(&issuer, name)?.id.clone()),
        };
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let tokens = issuer.sign_in(Order {
            client,
            user,
            scopes: scopes.permit(&issuer.model, user),
            sign_in: SignIn {
                acr: "1",
                client_credentials: service,
                actor,
                ..SignIn::default()
            },
            grant: if service {
                Grant::ClientCredentials
            } else {
                Grant::Password
            },
            lifespan: self.lifespan.map(seconds),
            issued_ago: seconds(self.issued_ago),
        })?;
        Ok(Tokens(tokens))
    }

    fn user<'i>(issuer: &'i Issuer, username: &str) -> Result<&'i UserModel, TokenError> {
        let model = &issuer.model;
        model
            .login(username)
            .ok_or_else(|| TokenError::UnknownUser {
                username: username.to_owned(),
                known: model.users.iter().map(|u| u.username.clone()).collect(),
            })
    }

    /// User, client, and whether it is the client's own service account.
    fn parties<'i>(
        &self,
        issuer: &'i Issuer,
    ) -> Result<(&'i UserModel, &'i ClientModel, bool), TokenError> {
        let model = &issuer.model;
        let Some(username) = &self.username else {
            let client = self.client_of(issuer)?;
            let none = || TokenError::NoServiceAccount(client.client_id.clone());
            let user = model.service_account(&client.client_id).ok_or_else(none)?;
            return Ok((user, client, true));
        };
        let user = Self::user(issuer, username)?;
        if !user.enabled {
            return Err(TokenError::UserDisabled {
                username: user.username.clone(),
                notes: model.notes_about(&[&user.username]),
            });
        }
        if let Some(client_id) = &user.service_account_of {
            let own = Self {
                username: None,
                client: Some(client_id.clone()),
                ..self.clone()
            };
            return own.parties(issuer);
        }
        let missing = model.missing(user);
        if !missing.is_empty() {
            return Err(TokenError::UserNotSetUp {
                username: user.username.clone(),
                missing,
                notes: model.notes_about(&[&user.username]),
            });
        }
        Ok((user, self.client_of(issuer)?, false))
    }

    fn client_of<'i>(&self, issuer: &'i Issuer) -> Result<&'i ClientModel, TokenError> {
        let able: Vec<&ClientModel> = issuer
            .model
            .clients
            .iter()
            .filter(|client| client.enabled && client.openid && !client.bearer_only)
            .collect();
        let own = || able.iter().filter(|client| !client.builtin);
        let found = match &self.client {
            Some(client_id) => able.iter().find(|client| client.client_id == *client_id),
            None => own().find(|client| client.direct_access).or(own().next()),
        };
        found.copied().ok_or_else(|| TokenError::UnknownClient {
            client_id: self.client.clone().unwrap_or_default(),
            known: own().map(|client| client.client_id.clone()).collect(),
        })
    }
}

impl IntoFuture for TokenRequest {
    type Output = Result<String, TokenError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.issue().map(|tokens| tokens.0.access_token))
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("username", &self.username)
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// The access token, a compact JWS.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.0.access_token
    }

    /// The refresh token; service accounts have none.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.0.refresh_token.as_deref()
    }

    /// The ID token, if `openid` was among the scopes.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.0.id_token.as_deref()
    }

    /// The granted scopes, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// The life of the access token.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.expires_in).unwrap_or(0))
    }

    /// The session's id (`sid`); service accounts have none.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.0.sid.as_deref()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("scope", &self.0.scope)
            .field("expires_in", &self.expires_in())
            .finish_non_exhaustive()
    }
}
