//! A Keycloak on a runtime of its own, a service that uses it, and a watchdog.

use std::{
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use keycloak::{Algorithm, Keycloak, KeycloakBuilder};
use support::{
    issuer::Issuer,
    mint::{SigningKey, claims},
    world::builder,
};
use tokio::runtime::{Builder, Runtime};

/// Long past every deadline of the crate.
const WATCHDOG: Duration = Duration::from_secs(60);

const TOKENS: &str = r#"{"access_token":"new","token_type":"Bearer"}"#;

/// Keycloak's own runtime, for the whole process.
pub fn home() -> &'static Runtime {
    static HOME: OnceLock<Runtime> = OnceLock::new();
    HOME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("it")
    })
}

/// A realm that is up, and one token of it.
pub struct World {
    pub issuer: Issuer,
    pub key: SigningKey,
    pub token: String,
}

/// A service on it; one that refreshes is another one, because a realm that answers every refresh
/// with tokens is not one that a diagnosis calls good.
pub struct Service {
    pub keycloak: Keycloak,
    pub refreshing: Keycloak,
    pub token: String,
}

impl World {
    pub fn new() -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "key");
        let issuer = home().block_on(Issuer::start(&[&key]));
        issuer.answer("token", axum::http::StatusCode::OK, TOKENS);
        let token = key.token(&claims(&issuer.issuer(), "api", "alice"));
        Self { issuer, key, token }
    }

    pub fn builder(&self) -> KeycloakBuilder {
        builder(self.issuer.server_url())
    }

    pub fn service(&self) -> Service {
        self.service_of(self.builder().build().expect("settings"))
    }

    pub fn service_of(&self, keycloak: Keycloak) -> Service {
        let refreshing = self.builder().client_secret("secret");
        let refreshing = refreshing.enable_token_refresh().build();
        Service {
            keycloak,
            refreshing: refreshing.expect("settings"),
            token: self.token.clone(),
        }
    }
}

/// Runs `test` on a thread; a hang is a failure.
#[track_caller]
pub fn watched<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(test());
    });
    match receiver.recv_timeout(WATCHDOG) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("it sends before it ends"),
        },
    }
}

/// A runtime with nothing but tasks.
pub fn bare() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

pub fn full() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
