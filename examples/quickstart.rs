//! The example application: seven routes, one Keycloak, no set-up.
//!
//! `cargo run --example quickstart` starts the embedded realm from `quickstart-realm.json` beside
//! this file and serves on `127.0.0.1:8000` (or `ADDR`). It prints a `curl` line for each persona,
//! with the status to expect after it; paste them into another terminal.
//!
//! With `KEYCLOAK_SERVER_URL`, `KEYCLOAK_REALM`, `KEYCLOAK_CLIENT_ID` and `KEYCLOAK_CLIENT_SECRET`
//! set, the same code uses that Keycloak instead. The personas are there too once the realm file
//! was imported (`kc.sh start-dev --import-realm`, the file as `data/import/demo-realm.json`).

use std::{env, error::Error, fmt::Write as _, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{FromRef, State},
};
use keycloak::{
    AuthError, DiagnosticReport, Keycloak, KeycloakBuilder, TokenResponse, User, dev,
    diagnostics::Health, openapi::PolicyText,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{net::TcpListener, signal};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// `KEYCLOAK_SERVER_URL`, `KEYCLOAK_REALM`, …; see [`keycloak::config`] for all of them.
#[keycloak::config]
struct Settings {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    client_secret: Option<keycloak::Secret>,
    audience: Vec<String>,
}

/// What the handlers share. The guards find the [`Keycloak`] through `FromRef`.
#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

#[derive(Serialize, ToSchema)]
struct Greeting {
    message: &'static str,
    user: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct RefreshRequest {
    /// Issued to our own client.
    refresh_token: String,
}

/// Open to everybody, and said so: a route without any attribute stands out in a review.
#[utoipa::path(get, path = "/", responses((status = 200, body = Greeting)))]
#[keycloak::public]
async fn root() -> Json<Greeting> {
    Json(Greeting {
        message: "Public root",
        user: None,
    })
}

/// Any signed-in user.
#[utoipa::path(get, path = "/users/me", responses((status = 200, description = "The caller")))]
#[keycloak::protected]
async fn me(user: User) -> Json<User> {
    Json(user)
}

/// Realm role `admin`, or the role `admin` of our own client; not that of any other client.
#[utoipa::path(get, path = "/admin", responses((status = 200, body = Greeting)))]
#[keycloak::protected(roles = ["admin"])]
async fn admin(user: User) -> Json<Greeting> {
    Json(Greeting {
        message: "Admin access",
        user: user.username().map(str::to_owned),
    })
}

/// Exchanges a refresh token, with our client's secret: it lends that secret to whoever holds a
/// refresh token of ours. Offer such a route only where the caller cannot keep a secret itself.
#[utoipa::path(
    post,
    path = "/token/refresh",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "New tokens (RFC 6749 section 5.1)"),
        (status = 400, description = "The refresh token is not good"),
    ),
)]
#[keycloak::public]
async fn refresh(
    State(keycloak): State<Keycloak>,
    Json(request): Json<RefreshRequest>,
) -> Result<TokenResponse, AuthError> {
    keycloak.refresh_token(&request.refresh_token).await
}

/// For load balancers and everybody: 200 while Keycloak can be used, 503 while not, and no more.
#[utoipa::path(
    get,
    path = "/health/keycloak",
    responses(
        (status = 200, description = "Keycloak can be used"),
        (status = 503, description = "It cannot"),
    ),
)]
#[keycloak::public]
async fn health(State(keycloak): State<Keycloak>) -> Health {
    keycloak.health().await
}

/// For operators: what is wrong, where, and what to do. It names hosts and our own client.
#[utoipa::path(
    get,
    path = "/health/keycloak/report",
    responses(
        (status = 200, description = "Keycloak can be used"),
        (status = 503, description = "It cannot, and why"),
    ),
)]
#[keycloak::protected(roles = ["admin"])]
async fn report(State(keycloak): State<Keycloak>) -> DiagnosticReport {
    keycloak.run_diagnostics().await
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Quickstart",
    description = "Eight routes, one Keycloak, no set-up."
))]
struct Api;

/// Everything is closed but the paths named here; who may enter the rest, its handler says.
fn service(keycloak: Keycloak) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(root))
        .routes(routes!(me))
        .routes(routes!(admin))
        .routes(routes!(refresh))
        .routes(routes!(health))
        .routes(routes!(report))
        .split_for_parts();
    let docs = keycloak
        .swagger_ui(document)
        // A page cannot keep a secret, so it signs in as a public client, with PKCE.
        .client_id("demo-web")
        // Names of roles are not secret in this example; the default is to publish scopes only.
        .policy_text(PolicyText::Full);
    router
        .merge(docs)
        .layer(keycloak.layer().public_paths([
            "/",
            "/token/refresh",
            "/health/keycloak",
            "/openapi.json",
            "/docs",
            "/docs/**",
        ]))
        .with_state(App { keycloak })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()))
        .with_writer(std::io::stderr)
        .init();

    let address: SocketAddr = env::var("ADDR")
        .unwrap_or_else(|_| "127.0.0.1:8000".to_owned())
        .parse()
        .map_err(|_| "ADDR is an address and a port, for example 127.0.0.1:8000")?;
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;

    let issuer = Issuer::from_environment(address).await?;
    let keycloak = issuer
        .builder()
        .enable_token_refresh()
        .openapi_security_scheme("keycloak", ["openid"])
        .build()?;
    println!("{}", issuer.welcome(address).await?);

    axum::serve(listener, service(keycloak.clone()))
        .with_graceful_shutdown(async {
            // Without a handler for Ctrl-C there is nothing to wait for.
            let _ = signal::ctrl_c().await;
        })
        .await?;
    keycloak.close().await;
    println!("bye");
    Ok(())
}

/// Where the tokens come from.
enum Issuer {
    /// The realm file, served by this process.
    Embedded(dev::RunningRealm),
    /// A Keycloak that the environment names.
    Server(Settings),
}

/// Who may try what: name, what makes the difference, the status of `/admin`.
const PERSONAS: [(&str, &str, u16); 8] = [
    ("alice", "realm role admin", 200),
    ("bob", "realm role user", 403),
    ("carol", "group /ops", 403),
    ("dave", "group /eng/backend", 403),
    ("eve", "role admin of another client", 403),
    ("frank", "no role, no group", 403),
    ("grace", "client role reports-reader", 403),
    ("mallory", "suspended", 403),
];

impl Issuer {
    async fn from_environment(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        if env::var_os("KEYCLOAK_SERVER_URL").is_some() {
            return Ok(Self::Server(Settings::from_env()?));
        }
        let export = include_str!("quickstart-realm.json");
        let mut export: Value = serde_json::from_str(export)?;
        // The realm file names port 8000; with another `ADDR` the API docs are elsewhere.
        for client in export["clients"].as_array_mut().into_iter().flatten() {
            if client["clientId"] == "demo-web" {
                client["redirectUris"] = serde_json::json!([format!("http://{address}/*")]);
                client["webOrigins"] = serde_json::json!(["+"]);
            }
        }
        let realm = dev::Realm::from_export(export)?;
        Ok(Self::Embedded(realm.start().await?))
    }

    fn builder(&self) -> KeycloakBuilder {
        match self {
            Self::Embedded(realm) => realm.keycloak("demo-api"),
            Self::Server(settings) => settings.builder(),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Embedded(realm) => realm.issuer_url().to_owned(),
            Self::Server(settings) => format!(
                "{}/realms/{}",
                settings.server_url.as_str().trim_end_matches('/'),
                settings.realm
            ),
        }
    }

    /// What to put after `Bearer`: a token, or for a real server the command that gets one.
    async fn bearer(&self, username: &str) -> Result<String, Box<dyn Error>> {
        Ok(match self {
            Self::Embedded(realm) => realm.token(username).await?,
            Self::Server(_) => self.token_command(username, "access_token"),
        })
    }

    /// A command for the shell that signs in and prints one member of the token response.
    fn token_command(&self, username: &str, member: &str) -> String {
        let (client, secret) = match self {
            Self::Embedded(_) => ("demo-api", "demo-api-secret"),
            // The environment has it; the terminal need not show it.
            Self::Server(settings) => {
                (settings.client_id.as_str(), "'\"$KEYCLOAK_CLIENT_SECRET\"'")
            }
        };
        format!(
            "$(curl -s {}/protocol/openid-connect/token -d grant_type=password \
             -d client_id={client} -d 'client_secret={secret}' \
             -d username={username} -d password={username}-password -d scope=openid \
             | sed 's/.*\"{member}\":\"\\([^\"]*\\)\".*/\\1/')",
            self.url()
        )
    }

    /// The URLs and the lines to paste.
    async fn welcome(&self, address: SocketAddr) -> Result<String, Box<dyn Error>> {
        let base = format!("http://{address}");
        let kind = match self {
            Self::Embedded(_) => "embedded, for development only",
            Self::Server(_) => "from the environment",
        };
        let mut text = format!(
            "Keycloak  {} ({kind})\nService   {base}\nAPI docs  {base}/docs\n\n\
             The number after `#` is the status to expect.\n\n",
            self.url()
        );
        writeln!(text, "curl -i {base}/ # 200")?;
        writeln!(text, "curl -i {base}/users/me # 401")?;
        writeln!(text, "curl -i {base}/health/keycloak # 200")?;
        for (name, why, admin) in PERSONAS {
            let bearer = self.bearer(name).await?;
            writeln!(text, "\n# {name}: {why}; /admin gives {admin}")?;
            writeln!(
                text,
                "curl -i {base}/users/me -H \"Authorization: Bearer {bearer}\" # 200"
            )?;
            writeln!(
                text,
                "curl -i {base}/admin -H \"Authorization: Bearer {bearer}\" # {admin}"
            )?;
        }
        let refresh_token = self.token_command("alice", "refresh_token");
        writeln!(text, "\n# alice again, with a refresh token")?;
        writeln!(
            text,
            "curl -i {base}/token/refresh -H 'Content-Type: application/json' \
             -d \"{{\\\"refresh_token\\\": \\\"{refresh_token}\\\"}}\" # 200"
        )?;
        writeln!(text, "\nCtrl-C ends it.")?;
        Ok(text)
    }
}
