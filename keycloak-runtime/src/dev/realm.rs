//! The realm before it runs.

use std::{io, sync::Arc};

use super::{
    CryptoFailure, ExportError, Persona, RealmSource, RunningRealm,
    export::{model::Credential, model::RealmModel},
    issuer::Issuer,
    mapper, persona, server,
};
use crate::{base::secret::Secret, telemetry::emit};

/// A realm read from an export, ready to start.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use keycloak::dev::Realm;
///
/// let realm = Realm::from_export("tests/realm.json")?.start().await?;
/// let keycloak = realm.keycloak("my-api").build()?;
/// let token = realm.token("alice").await?;
/// let user = keycloak.authenticate_token(&token).await?;
/// assert!(user.has_role("admin"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Realm {
    model: RealmModel,
    port: u16,
}

/// The embedded realm could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The loopback address cannot be bound, or the server's thread not be started.
    #[error("the embedded realm cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for; 0 for any.
        port: u16,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The realm's keys could not be made.
    #[error(transparent)]
    Keys(#[from] CryptoFailure),
}

impl Realm {
    /// Reads a realm export: `kc.sh export`, the admin console's partial export, or a file written
    /// by hand for `kc.sh start --import-realm`.
    ///
    /// Takes a path (a file, or a folder of `kc.sh export --dir`), JSON text, or a JSON value; see
    /// [`RealmSource`]. As in Keycloak's importer, built-in client scopes, clients and roles, the
    /// default role and service accounts are added.
    ///
    /// Partial exports have no users, and no secrets of clients: those get random ones
    /// ([`RunningRealm::client_secret`]).
    ///
    /// # Errors
    /// The file cannot be read, is not JSON, holds several realms and none was chosen, or is not a
    /// realm: then every problem with its JSON path and what was expected there.
    pub fn from_export(source: impl RealmSource) -> Result<Self, ExportError> {
        let mut model = source.load(None)?.0;
        mapper::note_unknown(&mut model);
        Ok(Self { model, port: 0 })
    }

    /// The port to listen on, always on `127.0.0.1`; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets a user's password, in place of those of the export; no such user: no effect.
    ///
    /// For exports whose password hashes cannot be checked here ([`Realm::notes`] names them).
    #[must_use]
    pub fn password(mut self, username: &str, password: impl Into<String>) -> Self {
        let username = username.to_lowercase();
        if let Some(user) = self.model.users.iter_mut().find(|u| u.username == username) {
            user.credentials = vec![Credential::Plain(Secret::from(password.into()))];
        }
        self
    }

    /// The realm's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.model.name
    }

    /// The users who can sign in, in the order of the export; service accounts are not among them.
    #[must_use]
    pub fn personas(&self) -> Vec<Persona> {
        persona::all(&self.model)
    }

    /// How this realm differs from the export in a real Keycloak, one sentence each; logged at start.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.model.notes
    }

    /// Starts the realm on `127.0.0.1`, with fresh keys and no sessions.
    ///
    /// It runs on a thread of its own until the handle is dropped.
    ///
    /// # Errors
    /// The port cannot be bound, or the keys cannot be made.
    pub async fn start(self) -> Result<RunningRealm, StartError> {
        let Self { model, port } = self;
        let listen = |source| StartError::Listen { port, source };
        let bound = server::bind(port).await.map_err(listen)?;
        let server_url = format!("http://127.0.0.1:{}", bound.port);
        let issuer_url = crate::settings::urls::realm_url(&server_url, &model.name);
        emit!(
            WARN,
            "keycloak::dev",
            EMBEDDED_REALM,
            issuer = issuer_url,
            "embedded realm for development and tests: its personas sign in without a password and \
             its keys live in this process; never use it where real users are"
        );
        for note in &model.notes {
            emit!(
                WARN,
                "keycloak::dev",
                EMBEDDED_REALM_NOTE,
                realm = model.name,
                "realm export: {note}"
            );
        }
        let port = bound.port;
        // Making keys takes a while, which other tasks must not wait for.
        let make = move || Issuer::generate(model, server_url, issuer_url);
        let issuer = tokio::task::spawn_blocking(make)
            .await
            .map_err(|_| CryptoFailure)??;
        let issuer = Arc::new(issuer);
        RunningRealm::start(issuer, bound, port).map_err(listen)
    }
}
