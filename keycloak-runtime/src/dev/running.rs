//! The handle of a running realm: addresses, tokens, and the levers that tests pull.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    Endpoint, Persona, RealmClock, TokenRequest,
    issuer::Issuer,
    keys::CryptoFailure,
    persona,
    server::{self, Bound, Server},
};
use crate::{
    base::secret::Secret,
    jose::algorithm::Algorithm,
    keycloak::{Keycloak, KeycloakBuilder},
};

/// A running embedded realm; dropping it ends the server.
///
/// It listens on `127.0.0.1` only, on a thread of its own, and is for development and tests: its
/// login page signs any persona in without a password.
pub struct RunningRealm {
    issuer: Arc<Issuer>,
    server: Mutex<Option<Server>>,
    port: u16,
}

impl RunningRealm {
    pub(crate) fn start(issuer: Arc<Issuer>, bound: Bound, port: u16) -> io::Result<Self> {
        let server = Server::start(bound, &issuer)?;
        Ok(Self {
            issuer,
            server: Mutex::new(Some(server)),
            port,
        })
    }

    /// For the access matrix and the audit, which read the model and sign tokens of their own.
    pub(crate) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The base address, such as `http://127.0.0.1:40123`; a builder's `server_url`.
    #[must_use]
    pub fn server_url(&self) -> &str {
        &self.issuer.server_url
    }

    /// The issuer of its tokens: the base address, `/realms/` and the realm.
    #[must_use]
    pub fn issuer_url(&self) -> &str {
        &self.issuer.url
    }

    /// The realm's name.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.issuer.model.name
    }

    /// A builder for the service `client_id`: server, realm, client id, its secret, this realm's
    /// clock, its issuer under every name (`127.0.0.1`, `localhost`, `[::1]`: tokens name the one
    /// that the caller used), and the signature algorithms its clients use. The expected audience is the builder's
    /// default, the client id.
    ///
    /// # Panics
    /// If the realm has no such client: the mistake is in the test or its export.
    pub fn keycloak(&self, client_id: &str) -> KeycloakBuilder {
        #[expect(
            clippy::panic,
            reason = "documented: a builder for a client that is not there would refuse every token"
        )]
        let Some(client) = self.issuer.model.client(client_id) else {
            let known: Vec<_> = own_clients(&self.issuer).collect();
            panic!(
                "realm `{}` has no client `{client_id}`; it has {}",
                self.realm(),
                known.join(", ")
            );
        };
        let mut builder = Keycloak::builder()
            .server_url(self.server_url())
            .realm(self.realm())
            .client_id(&client.client_id)
            .issuer(self.issuer.urls())
            .algorithms(self.algorithms());
        builder.clock = Arc::new(self.issuer.clock.clone());
        match self.issuer.secret(client_id) {
            Some(secret) => builder.client_secret(secret),
            None => builder,
        }
    }

    /// The secret of a confidential client; `None` for public and unknown ones.
    #[must_use]
    pub fn client_secret(&self, client_id: &str) -> Option<Secret> {
        self.issuer.secret(client_id).cloned()
    }

    /// An access token for the user, by name or e-mail address.
    ///
    /// `realm.token("alice").await?` is the shortest way; the request can name client, scopes and
    /// life before. The token comes as from a password grant, but without a password.
    pub fn token(&self, username: &str) -> TokenRequest {
        TokenRequest::new(&self.issuer, Some(username.to_owned()), None)
    }

    /// An access token for the client's own service account (client credentials).
    pub fn client_token(&self, client_id: &str) -> TokenRequest {
        TokenRequest::new(&self.issuer, None, Some(client_id.to_owned()))
    }

    /// The users who can sign in, in the order of the export.
    #[must_use]
    pub fn personas(&self) -> Vec<Persona> {
        persona::all(&self.issuer.model)
    }

    /// What of the export differs here from a real Keycloak.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.issuer.model.notes
    }

    /// How many requests an endpoint has answered.
    #[must_use]
    pub fn request_count(&self, endpoint: Endpoint) -> u64 {
        self.issuer.request_counts.get(endpoint)
    }

    /// Makes new signature keys and signs with them; the old ones stay in the key set.
    ///
    /// # Errors
    /// The keys cannot be made.
    pub fn rotate_keys(&self) -> Result<(), CryptoFailure> {
        self.issuer.state().keys.rotate()
    }

    /// Takes all keys out of the set that no longer sign: their tokens become invalid.
    pub fn remove_old_keys(&self) {
        self.issuer.state().keys.remove_old();
    }

    /// Takes one key out of the set; where it was the one that signs, an older or a new one does
    /// from now on. Says whether there was such a key.
    ///
    /// # Errors
    /// A new key cannot be made.
    pub fn disable_key(&self, key_id: &str) -> Result<bool, CryptoFailure> {
        self.issuer.state().keys.remove(key_id)
    }

    /// The ids of the published signature keys by algorithm name, the signing one first.
    #[must_use]
    pub fn key_ids(&self) -> BTreeMap<&'static str, Vec<String>> {
        self.issuer.state().keys.ids()
    }

    /// The id of the key that signs with the realm's default algorithm.
    #[must_use]
    pub fn signing_key_id(&self) -> String {
        let algorithm = self.issuer.model.settings.signature_algorithm;
        let state = self.issuer.state();
        state
            .keys
            .signing_id(algorithm)
            .unwrap_or_default()
            .to_owned()
    }

    /// Moves the realm's clock forward, and with it every service built by
    /// [`RunningRealm::keycloak`]: tokens expire without waiting.
    pub fn advance(&self, by: Duration) {
        self.issuer.clock.advance(by);
    }

    /// Moves the realm's clock back.
    pub fn rewind(&self, by: Duration) {
        self.issuer.clock.rewind(by);
    }

    /// The realm's clock, for services that are not built by [`RunningRealm::keycloak`].
    #[must_use]
    pub fn clock(&self) -> RealmClock {
        self.issuer.clock.clone()
    }

    /// Ends all sessions of the user, as an administrator would: introspection calls their tokens
    /// inactive, refresh tokens are refused. Says how many sessions there were.
    pub fn revoke_sessions(&self, username: &str) -> usize {
        let Some(user) = self.issuer.model.login(username) else {
            return 0;
        };
        let other = |session: &super::session::Session| session.username != user.username;
        self.issuer.state().sessions.open.retain(other)
    }

    /// Ends all sessions of all users.
    pub fn revoke_all_sessions(&self) -> usize {
        self.issuer.state().sessions.open.retain(|_| false)
    }

    /// Closes the socket and every connection, as if the server had died. Keys, sessions and clock
    /// stay; [`RunningRealm::restart`] brings it back on the same port.
    pub fn stop(&self) {
        let server = self
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(server);
    }

    /// Listens again on the same port; no effect while it runs.
    ///
    /// # Errors
    /// The port was taken meanwhile, or the server's thread cannot be started.
    pub async fn restart(&self) -> io::Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let bound = server::bind(self.port).await?;
        let server = Server::start(bound, &self.issuer)?;
        let mut slot = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(server);
        Ok(())
    }

    /// Whether it listens.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let slot = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        slot.is_some()
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let model = &self.issuer.model;
        let mut algorithms = vec![model.settings.signature_algorithm];
        for algorithm in model.clients.iter().filter_map(|c| c.signature_algorithm) {
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        algorithms
    }
}

fn own_clients(issuer: &Issuer) -> impl Iterator<Item = &str> {
    let own = |client: &&super::export::model::ClientModel| !client.builtin;
    issuer
        .model
        .clients
        .iter()
        .filter(own)
        .map(|client| client.client_id.as_str())
}

impl fmt::Debug for RunningRealm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningRealm")
            .field("issuer_url", &self.issuer.url)
            .field("running", &self.is_running())
            .finish_non_exhaustive()
    }
}
