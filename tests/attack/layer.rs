//! The layer under attack: no spelling of a protected path passes for a public one, whatever the
//! form of the request's target, and a guard of a router admits no caller that it should not.

use axum::{
    Router,
    extract::OriginalUri,
    routing::{any, get},
};
use keycloak::{User, policy};
use support::world::World;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    case::{Case, Expect},
    http,
};

const NONE: Expect = Expect::NoCredentials("missing_header");

struct Service {
    world: World,
    address: std::net::SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn secret(user: Option<User>) -> String {
    user.map_or_else(|| "secret".to_owned(), |user| user.subject().to_owned())
}

async fn echo(OriginalUri(uri): OriginalUri) -> String {
    format!("public {}", uri.path())
}

impl Service {
    /// Everything answers; what is not public needs a token, and `/ops` a role beside it.
    async fn start() -> Self {
        let world = World::start().await;
        let keycloak = world.keycloak.clone();
        let ops = Router::new()
            .route("/ops/restart", any(secret))
            .route_layer(keycloak.guard(policy!(roles = ["operator"])));
        let nested = Router::new()
            .route("/health", get(echo))
            .route("/v1/health", any(secret))
            .layer(keycloak.layer().public_paths(["/api/health"]));
        let app = Router::new()
            .route("/", get(echo))
            .route("/health", get(echo))
            .route("/docs/{*page}", any(echo))
            .route("/admin", any(secret))
            .merge(ops)
            .fallback(secret)
            .layer(keycloak.layer().public_paths(["/", "/health", "/docs/**"]))
            .nest("/api", nested)
            .with_state(keycloak);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("the server");
        });
        Self {
            world,
            address,
            server,
        }
    }

    fn token(&self) -> String {
        self.world.role("user")
    }

    async fn judge(&self, cases: Vec<Case>) {
        let mut failures = Vec::new();
        for case in cases {
            if let Err(failure) = case.judge_at(self.address).await {
                failures.push(format!("{}: {failure}", case.name));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

/// A request without credentials, exactly as written.
fn line(line: &str, headers: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

#[tokio::test]
async fn public_paths_are_open_in_every_form_of_the_target() {
    let service = Service::start().await;
    for (target, path) in [
        ("/", "/"),
        ("/health", "/health"),
        ("/health?/../admin", "/health"),
        ("http://elsewhere.example/health", "/health"),
        ("http://x@api.test:1/docs/a", "/docs/a"),
        ("/docs/a/b;v=1", "/docs/a/b;v=1"),
        ("/docs/...", "/docs/..."),
        ("/api/health", "/api/health"),
    ] {
        let request = line(&format!("GET {target}"), "");
        let answer = http::exchange(service.address, &request)
            .await
            .expect(target);
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &*format!("public {path}")),
            "{target}"
        );
    }
}

#[tokio::test]
async fn no_spelling_of_another_path_is_public() {
    let service = Service::start().await;
    let mut cases = Vec::new();
    for target in [
        "/admin",
        "/unknown",
        "//",
        "/.",
        "/..",
        "//health",
        "/health/",
        "/health//",
        "/health/.",
        "/health/../admin",
        "/health;x",
        "/healthz",
        "/Health",
        "/%68ealth",
        "/health%20",
        "/health%00",
        "/health%2f",
        "/health%3f",
        "/he%61lth",
        "/docs//admin",
        "/docs/../admin",
        "/docs/./admin",
        "/docs/..",
        "/docs/..;/admin",
        "/docs/..;x=y/admin",
        "/docs/.;/admin",
        "/docs/%2e%2e/admin",
        "/docs/.%2e/admin",
        "/docs/%252e%252e/admin",
        "/docs/..%2fadmin",
        "/docs/..%5cadmin",
        "/docs/..\\admin",
        "/docs\\..\\admin",
        "/docs/a/../../admin",
        "/docs/a%0d%0a/admin",
        "/docs*",
        "/docs2/a",
        "/DOCS/a",
        "/admin?/health",
        "/admin?x=/docs/",
        "/admin;/docs/",
        "/x/../health",
        "http://api.test/admin",
        "http://api.test/docs/../admin",
        "http://api.test//health",
        "http://health/admin",
        "*",
        "/api/v1/health",
        "/api//health",
        "/api/health/",
        "/api/../health",
        "/api/./health",
        "/api/%68ealth",
    ] {
        let request = line(&format!("GET {target}"), "");
        cases.push(Case::raw(target, request, NONE));
    }
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get",
    ] {
        let request = line(&format!("{method} /admin"), "");
        cases.push(Case::raw(format!("method {method}"), request, NONE));
    }
    cases.push(Case::raw(
        "a preflight",
        line(
            "OPTIONS /admin",
            "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n",
        ),
        NONE,
    ));
    cases.push(Case::raw(
        "the server as a whole",
        line("OPTIONS *", ""),
        NONE,
    ));
    cases.push(Case::raw("a tunnel", line("CONNECT health:443", ""), NONE));
    for (name, header) in [
        ("X-Original-URL", "X-Original-URL: /health\r\n"),
        ("X-Rewrite-URL", "X-Rewrite-URL: /health\r\n"),
        ("X-Forwarded-Prefix", "X-Forwarded-Prefix: /docs\r\n"),
        ("X-Forwarded-Uri", "X-Forwarded-Uri: /health\r\n"),
        (
            "X-HTTP-Method-Override",
            "X-HTTP-Method-Override: OPTIONS\r\n",
        ),
        ("Referer", "Referer: http://api.test/health\r\n"),
        ("X-Forwarded-For", "X-Forwarded-For: 127.0.0.1\r\n"),
        ("Upgrade", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
    ] {
        cases.push(Case::raw(name, line("GET /admin", header), NONE));
    }
    service.judge(cases).await;
}

#[tokio::test]
async fn a_guarded_router_admits_its_role_only() {
    let service = Service::start().await;
    let token = service.token();
    let operator = service.world.role("operator");
    let refused = Expect::Forbidden("missing_roles");
    service
        .judge(vec![
            Case::get("control: the layer", "/admin", &token, Expect::Admitted),
            Case::get("control: a fallback", "/unknown", &token, Expect::Admitted),
            Case::get(
                "control: the guard",
                "/ops/restart",
                &operator,
                Expect::Admitted,
            ),
            Case::get(
                "control: nested",
                "/api/v1/health",
                &token,
                Expect::Admitted,
            ),
            Case::get("without the role", "/ops/restart", &token, refused),
            Case::get(
                "a query for it",
                "/ops/restart?roles=operator",
                &token,
                refused,
            ),
            Case::raw("nobody", line("GET /ops/restart", ""), NONE),
        ])
        .await;
}
