//! The realm at work: signs users in, and mints the tokens that Keycloak would.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    clock::RealmClock,
    export::model::{ClientModel, RealmModel, UserModel},
    ids,
    keys::{CryptoFailure, KeyRing},
    mapper::SignIn,
    request_counts::RequestCounts,
    scopes::GrantedScopes,
    session::{Session, Sessions},
};
use crate::{base::secret::Secret, jose::algorithm::Algorithm};

/// The names that the realm is called by, the one it listens on first. No others: a page elsewhere
/// that makes its name resolve to this machine must not reach the realm, nor name its issuer.
pub(crate) const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// How the tokens of a response were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Password,
    AuthorizationCode,
    ClientCredentials,
    Refresh,
}

impl Grant {
    /// As Keycloak writes it in token ids.
    pub(crate) fn shortcut(self) -> &'static str {
        match self {
            Self::Password => "ro",
            Self::AuthorizationCode => "ac",
            Self::ClientCredentials => "cc",
            Self::Refresh => "rt",
        }
    }
}

/// What a grant gave.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
    pub(crate) refresh_token: Option<String>,
    pub(crate) refresh_expires_in: i64,
    pub(crate) id_token: Option<String>,
    pub(crate) sid: Option<String>,
    pub(crate) scope: String,
}

/// For whom and for what tokens are minted.
#[derive(Debug, Clone)]
pub(crate) struct Order<'a> {
    pub(crate) client: &'a ClientModel,
    pub(crate) user: &'a UserModel,
    pub(crate) scopes: GrantedScopes,
    pub(crate) sign_in: SignIn,
    pub(crate) grant: Grant,
    /// Instead of the realm's, in seconds.
    pub(crate) lifespan: Option<i64>,
    /// Tokens issued in the past, in seconds before now.
    pub(crate) issued_ago: i64,
}

/// Under one name of the machine; the names share everything but their addresses.
pub(crate) struct Issuer {
    pub(crate) model: Arc<RealmModel>,
    pub(crate) server_url: String,
    /// The issuer: the server, `/realms/` and the realm.
    pub(crate) url: String,
    pub(crate) clock: RealmClock,
    pub(crate) request_counts: Arc<RequestCounts>,
    secrets: Arc<BTreeMap<String, Secret>>,
    state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) keys: KeyRing,
    pub(crate) sessions: Sessions,
}

impl Issuer {
    pub(crate) fn generate(
        model: RealmModel,
        server_url: String,
        url: String,
    ) -> Result<Self, CryptoFailure> {
        let mut algorithms = vec![Algorithm::RS256, model.settings.signature_algorithm];
        algorithms.extend(model.clients.iter().filter_map(|c| c.signature_algorithm));
        algorithms.sort_by_key(|algorithm| algorithm.name());
        algorithms.dedup();
        let confidential = model.clients.iter().filter(|client| !client.public);
        let secrets = confidential
            .map(|client| {
                let random = || Secret::from(URL_SAFE_NO_PAD.encode(ids::random::<24>()));
                let secret = client.secret.clone().unwrap_or_else(random);
                (client.client_id.clone(), secret)
            })
            .collect();
        Ok(Self {
            state: Arc::new(Mutex::new(State {
                keys: KeyRing::generate(&algorithms)?,
                sessions: Sessions::new(),
            })),
            secrets: Arc::new(secrets),
            model: Arc::new(model),
            server_url,
            url,
            clock: RealmClock::default(),
            request_counts: Arc::default(),
        })
    }

    /// The same realm, asked for as `host`, which is one of [`HOSTS`]: as Keycloak's `start-dev`
    /// does, it announces itself by the name it was called by.
    pub(crate) fn called(&self, host: &str) -> Self {
        let own = HOSTS.first().copied().unwrap_or_default();
        Self {
            model: Arc::clone(&self.model),
            server_url: self.server_url.replacen(own, host, 1),
            url: self.url.replacen(own, host, 1),
            clock: self.clock.clone(),
            request_counts: Arc::clone(&self.request_counts),
            secrets: Arc::clone(&self.secrets),
            state: Arc::clone(&self.state),
        }
    }

    /// The issuer under each of its names, its own first.
    pub(crate) fn urls(&self) -> Vec<String> {
        HOSTS.iter().map(|host| self.called(host).url).collect()
    }

    /// The secret of a confidential client.
    pub(crate) fn secret(&self, client_id: &str) -> Option<&Secret> {
        self.secrets.get(client_id)
    }

    /// Never held across an await; a panic elsewhere leaves the tables usable.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.seconds()
    }

    /// Mints the tokens of a new session, or without one for client credentials.
    pub(crate) fn sign_in(&self, mut order: Order<'_>) -> Result<Issued, CryptoFailure> {
        if order.grant == Grant::ClientCredentials {
            return self.mint(&order, None);
        }
        let now = self.now().saturating_sub(order.issued_ago);
        let session = Session {
            username: order.user.username.clone(),
            started: now,
            last_refresh: now,
            auth_time: order.sign_in.auth_time,
            offline: order.scopes.has("offline_access"),
            clients: HashMap::new(),
        };
        let sid = self.state().sessions.start(session);
        order.sign_in.sid = Some(sid.clone());
        self.mint(&order, Some(&sid))
    }

    /// The claims of an access or ID token that is still good: signature, time, session,
    /// revocation.
    pub(crate) fn active_claims(&self, token: &str) -> Result<Map<String, Value>, Inactive> {
        let state = self.state();
        let claims = state.keys.verify(token).ok_or(Inactive::Token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let expires = claims.get("exp").and_then(Value::as_i64);
        let now = self.now();
        if expires.is_none_or(|expires| expires <= now) {
            return Err(Inactive::Token);
        }
        if text("jti").is_none_or(|jti| state.sessions.revoked.get(jti).is_some()) {
            return Err(Inactive::Token);
        }
        if let Some(sid) = text("sid")
            && state
                .sessions
                .active(sid, &self.model.settings, now)
                .is_none()
        {
            return Err(Inactive::Session);
        }
        Ok(claims)
    }

    /// Client, user and scopes that one of our tokens was issued for.
    pub(crate) fn order_of(&self, claims: &Map<String, Value>) -> Option<Order<'_>> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let client = self.model.client(text("azp")?)?;
        let state = self.state();
        let session = text("sid").and_then(|sid| state.sessions.open.get(sid));
        let user = match session {
            Some(session) => self.model.user(&session.username)?,
            None => self.model.service_account(&client.client_id)?,
        };
        let held = session.and_then(|session| session.clients.get(&client.client_id));
        let scopes = match held {
            Some(held) => held.scopes.clone(),
            None => GrantedScopes::for_client(&self.model, client, text("scope")).ok()?,
        };
        Some(Order {
            client,
            user,
            scopes,
            sign_in: SignIn {
                sid: text("sid").map(str::to_owned),
                auth_time: session.and_then(|session| session.auth_time),
                acr: held.map_or("1", |held| held.acr),
                nonce: None,
                client_credentials: session.is_none(),
                actor: None,
            },
            grant: Grant::Refresh,
            lifespan: None,
            issued_ago: 0,
        })
    }
}

/// Why a token of ours is no longer valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inactive {
    Token,
    Session,
}
