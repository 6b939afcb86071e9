//! The one server of this binary.

use std::sync::{Mutex, OnceLock};

use support::real::{Admin, RealKeycloak, TokenEndpoint};

/// Started by whoever comes first; it ends with the process (see `support::real::Server`).
static SERVER: OnceLock<Result<Mutex<RealKeycloak>, String>> = OnceLock::new();

/// Where the server is.
#[derive(Debug, Clone)]
pub struct Live {
    pub url: String,
    pub issuer: String,
    pub tokens: TokenEndpoint,
    pub admin: Admin,
}

/// The running server, or `None` after saying why there is none.
pub async fn live() -> Option<Live> {
    let started = tokio::task::spawn_blocking(|| {
        SERVER
            .get_or_init(|| RealKeycloak::start().map(Mutex::new))
            .as_ref()
    })
    .await
    .expect("Keycloak starts");
    match started {
        Ok(server) => {
            let server = server
                .lock()
                .expect("no test panics while it holds the server");
            Some(Live {
                url: server.url(),
                issuer: server.issuer(),
                tokens: TokenEndpoint::of(&server.issuer()),
                admin: server.admin(),
            })
        }
        Err(reason) => {
            support::skip("the live suite", reason);
            None
        }
    }
}
