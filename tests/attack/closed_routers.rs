//! Routers that are closed as a whole: whatever way axum has to answer a request, a stranger gets
//! the refusal, and what is open is named by its route, not by what the route holds.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
    routing::{any, get, post},
};
use keycloak::policy;
use support::world::World;
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;

use super::http;

struct Server(std::net::SocketAddr, JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.1.abort();
    }
}

/// Serves a service over a real socket.
macro_rules! serve {
    ($app:expr) => {{
        let app = $app;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Server(
            address,
            tokio::spawn(async move {
                axum::serve(listener, app).await.expect("the server");
            }),
        )
    }};
}

mod held;

impl Server {
    async fn status(&self, line: &str, token: Option<&str>) -> u16 {
        let authorization = token.map_or_else(String::new, |token| {
            format!("Authorization: Bearer {token}\r\n")
        });
        let request = format!(
            "{line} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n{authorization}\r\n"
        );
        let answer = http::exchange(self.0, request.as_bytes()).await;
        answer.expect(line).status
    }
}

async fn secret() -> &'static str {
    "secret"
}

/// Every way that axum has to answer: routes, wrong methods, services, fallbacks, nested ones.
fn everything() -> Router {
    let files = || Router::new().fallback(secret);
    let nested = Router::new()
        .route("/inner", get(secret))
        .nest(
            "/deep",
            Router::new().route("/x", get(secret)).fallback(secret),
        )
        .fallback(secret);
    Router::new()
        .route("/route", get(secret))
        .route("/wrong-method", post(secret).fallback(secret))
        .route("/default-method", post(secret))
        .route_service("/service/{*path}", any(secret))
        .nest_service("/mount", files().into_service::<Body>())
        .nest("/nested", nested)
        .method_not_allowed_fallback(secret)
        .fallback_service(files().into_service::<Body>())
}

const ANSWERS: [&str; 18] = [
    "GET /route",
    "HEAD /route",
    "POST /route",
    "GET /wrong-method",
    "GET /default-method",
    "GET /service/a/b",
    "GET /mount",
    "GET /mount/",
    "GET /mount/file",
    "GET /nested",
    "GET /nested/inner",
    "GET /nested/unknown",
    "GET /nested/deep/x",
    "GET /nested/deep/unknown",
    "GET /unknown",
    "GET /",
    "OPTIONS *",
    "CONNECT api.test:443",
];

#[tokio::test]
async fn a_sealed_router_answers_nothing_to_strangers() {
    let realm = World::start().await;
    let open = serve!(everything());
    let sealed = serve!(realm.keycloak.seal(everything()));
    let made = serve!(realm.keycloak.seal(everything()).into_make_service());
    let informed = serve!(
        realm
            .keycloak
            .seal(everything())
            .into_make_service_with_connect_info::<std::net::SocketAddr>()
    );
    let token = realm.roles(&[]);
    for line in ANSWERS {
        let control = open.status(line, None).await;
        assert_eq!(control, 200, "control: {line}");
        assert_eq!(sealed.status(line, None).await, 401, "{line}");
        assert_eq!(sealed.status(line, Some("bad")).await, 401, "{line}");
        assert_eq!(sealed.status(line, Some(&token)).await, control, "{line}");
        assert_eq!(made.status(line, None).await, 401, "{line}");
        assert_eq!(informed.status(line, None).await, 401, "{line}");
    }
}

#[tokio::test]
async fn a_guarded_router_answers_nothing_but_to_its_role() {
    let realm = World::start().await;
    let guarded = realm
        .keycloak
        .guarded(policy!(roles = ["operator"]), everything());
    let empty = realm
        .keycloak
        .guarded(policy!(roles = ["operator"]), Router::new());
    let top = serve!(guarded.clone());
    let nested = serve!(
        Router::new()
            .nest("/ops", guarded)
            .nest("/empty", empty)
            .route("/open", get(secret))
            .fallback(|| async { (axum::http::StatusCode::NOT_FOUND, "the application's own") })
    );
    let (token, operator) = (realm.role("user"), realm.role("operator"));
    for line in ANSWERS {
        assert_eq!(top.status(line, None).await, 401, "{line}");
        assert_eq!(top.status(line, Some(&token)).await, 403, "{line}");
        assert_eq!(top.status(line, Some(&operator)).await, 200, "{line}");
        let (method, path) = line.split_once(' ').expect("two words");
        // axum answers `/ops/` from outside of what is nested at `/ops`.
        if path.len() > 1 && path.starts_with('/') {
            let line = format!("{method} /ops{path}");
            assert_eq!(nested.status(&line, None).await, 401, "{line}");
            assert_eq!(nested.status(&line, Some(&token)).await, 403, "{line}");
            assert_eq!(nested.status(&line, Some(&operator)).await, 200, "{line}");
        }
    }
    // What is beside it is as before.
    assert_eq!(nested.status("GET /open", None).await, 200);
    assert_eq!(nested.status("GET /elsewhere", None).await, 404);
}

#[keycloak::public]
async fn health() -> &'static str {
    "up"
}

#[keycloak::protected]
async fn account() -> &'static str {
    "mine"
}

#[tokio::test]
async fn a_public_handler_is_open_where_its_route_is_named() {
    let realm = World::start().await;
    let api = Router::new()
        .route("/health", keycloak::routing::get(health).post(secret))
        .route("/other", keycloak::routing::get(health))
        .route("/account", keycloak::routing::get(account))
        .route("/health/{*rest}", any(secret));
    let app = Router::new()
        .route("/pages/health", keycloak::routing::get(health))
        .nest("/api/{version}", api)
        .fallback(secret)
        .with_state(realm.keycloak.clone());
    let layer = realm
        .keycloak
        .layer()
        .public_route(Method::GET, "/api/{version}/health")
        .public_paths(["/pages/**"])
        .public_mount("/pages");
    let layered = serve!(app.clone().layer(layer));
    let sealed = serve!(
        realm
            .keycloak
            .seal(app.clone())
            .public_paths(["/pages/**"])
            .public_mount("/pages")
            .public_route(Method::GET, "/api/{version}/health")
    );
    for server in [layered, sealed] {
        for line in ["GET /api/v1/health", "GET /pages/health", "GET /pages/x"] {
            assert_eq!(server.status(line, None).await, 200, "{line}");
        }
        for line in [
            "HEAD /api/v1/health",
            "POST /api/v1/health",
            "DELETE /api/v1/health",
            "GET /api/v1/health/",
            "GET /api/v1/health/x",
            "GET /api/%761/health",
            "GET /api/../health",
            "GET /api/v1/other",
            "GET /api/v1/account",
            "GET /api/v1/unknown",
            "GET /health",
        ] {
            assert_eq!(server.status(line, None).await, 401, "{line}");
        }
    }
    let nameless = serve!(realm.keycloak.seal(app));
    for line in ["GET /api/v1/health", "GET /pages/health"] {
        assert_eq!(nameless.status(line, None).await, 401, "{line}");
    }
}

#[tokio::test]
async fn a_public_path_is_compared_with_the_route() {
    let realm = World::start().await;
    let tenants = Router::new()
        .route("/admin/users", get(secret))
        .fallback(secret);
    let mounted = Router::new().route("/{tenant}/admin", get(secret));
    let app: Router = Router::new()
        .route("/docs/{page}", get(secret))
        .route("/{tenant}/admin/users", get(secret))
        .nest("/t/{tenant}", tenants.clone())
        .nest_service("/m/{tenant}", tenants.into_service::<Body>())
        .nest_service("/mount", mounted.into_service::<Body>())
        .nest_service(
            "/static",
            Router::new().fallback(secret).into_service::<Body>(),
        );
    let public = ["/docs/**", "/t/docs/**", "/m/docs/**", "/mount/docs/**"];
    let layer = realm
        .keycloak
        .layer()
        .public_paths(public)
        .public_mount("/static");
    // Around the router, by hand: the layer goes inside, where it can see the route.
    let around = tower_layer(&layer, app.clone());
    let layered = serve!(app.clone().layer(layer));
    let sealed = serve!(
        realm
            .keycloak
            .seal(app)
            .public_paths(public)
            .public_mount("/static")
    );
    for server in [layered, sealed, serve!(around)] {
        for path in ["/docs/a", "/static/a.css"] {
            let line = format!("GET {path}");
            assert_eq!(server.status(&line, None).await, 200, "{line}");
        }
        for path in [
            "/docs/admin/users",
            "/t/docs/admin/users",
            "/t/docs/unknown",
            "/m/docs/admin/users",
            "/m/docs/unknown",
            "/mount/docs/admin",
            "/mount/docs/unknown",
            // The mount's own path has a route, as a handler of a nested router would have.
            "/static",
            "/static/",
            "/static/../docs/a",
            "/docs/%61",
        ] {
            let line = format!("GET {path}");
            assert_eq!(server.status(&line, None).await, 401, "{line}");
        }
    }
}

fn tower_layer(
    layer: &keycloak::AuthLayer,
    app: Router,
) -> axum::routing::IntoMakeService<keycloak::GatedService<keycloak::AuthLayer, Router>> {
    let service = tower::Layer::layer(layer, app);
    axum::ServiceExt::<Request>::into_make_service(service)
}

/// Sends the head of its own request through the router once more, with the path of the query.
async fn batch(State(app): State<Whole>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let target = parts.uri.query().unwrap_or("/").to_owned();
    let (target, without) = match target.strip_suffix("!") {
        Some(target) => (target.to_owned(), true),
        None => (target, false),
    };
    parts.uri = target.parse().expect("a path");
    if without {
        parts.headers.remove("authorization");
    }
    let app = app.0.lock().expect("no panic").clone().expect("the router");
    let inner = Request::from_parts(parts, Body::empty());
    app.oneshot(inner).await.expect("no error")
}

#[derive(Clone, Default)]
struct Whole(std::sync::Arc<std::sync::Mutex<Option<Router>>>);

/// A layer, or a sealed router, does not see which routes are inside of what is mounted as a service:
/// there, a pattern of paths opens nothing.
#[tokio::test]
async fn a_public_path_opens_no_route_inside_of_a_mount() {
    let realm = World::start().await;
    let inner = || Router::new().route("/{tenant}/admin", get(secret));
    let public = |path: &str| realm.keycloak.layer().public_paths([path]);
    let pass =
        || axum::middleware::from_fn(async |request: Request, next: Next| next.run(request).await);
    let stack = |path: &str| {
        tower::ServiceBuilder::new()
            .layer(public(path))
            .layer(pass())
            .service(inner())
    };
    let apps: [(&str, Router); 8] = [
        (
            "/api",
            Router::new().nest_service("/api", stack("/api/docs/**")),
        ),
        (
            "/api",
            Router::new().nest_service(
                "/api",
                tower::Layer::layer(&public("/api/docs/**"), inner().into_service::<Body>()),
            ),
        ),
        (
            "/api",
            Router::new()
                .nest_service("/api", inner())
                .layer(public("/api/docs/**")),
        ),
        ("", Router::new().fallback_service(stack("/docs/**"))),
        (
            "",
            Router::new()
                .fallback_service(inner())
                .layer(public("/docs/**")),
        ),
        (
            "",
            Router::new().route_service("/{*rest}", stack("/docs/**")),
        ),
        (
            "/api",
            Router::new()
                .nest("/api", inner())
                .layer(public("/api/docs/**")),
        ),
        ("", Router::new().merge(inner()).layer(public("/docs/**"))),
    ];
    for (number, (prefix, app)) in apps.into_iter().enumerate() {
        let line = format!("GET {prefix}/docs/admin");
        assert_eq!(
            serve!(app).status(&line, None).await,
            401,
            "{number} {line}"
        );
    }
    for (prefix, app) in [
        ("/api", Router::new().nest_service("/api", inner())),
        ("", Router::new().fallback_service(inner())),
    ] {
        let sealed = realm
            .keycloak
            .seal(app)
            .public_paths([format!("{prefix}/docs/**")]);
        let line = format!("GET {prefix}/docs/admin");
        assert_eq!(
            serve!(sealed).status(&line, None).await,
            401,
            "sealed {line}"
        );
    }
}

#[tokio::test]
async fn what_was_remembered_of_a_request_is_not_remembered_of_another() {
    let realm = World::start().await;
    let whole = Whole::default();
    let app = Router::new()
        .route("/batch", get(batch))
        .route("/batch/{*rest}", get(batch))
        .route("/admin", get(secret))
        .nest(
            "/api",
            Router::new()
                .route("/", get(batch))
                .route("/batch", get(batch)),
        )
        .fallback(secret)
        .layer(
            realm
                .keycloak
                .layer()
                .public_paths(["/batch/**", "/api/**"]),
        )
        .with_state(whole.clone());
    let me = Router::new()
        .route(
            "/me",
            get(|user: keycloak::User| async move { user.subject().to_owned() }),
        )
        .with_state(realm.keycloak.clone());
    let app = app.merge(me);
    *whole.0.lock().expect("no panic") = Some(app.clone());
    let server = serve!(app);
    let token = realm.roles(&[]);
    for batch in ["/batch", "/batch/a", "/batch/a/b", "/api", "/api/batch"] {
        for target in ["/admin", "/unknown", "/me", "/batch/../admin"] {
            let line = format!("GET {batch}?{target}");
            assert_eq!(server.status(&line, None).await, 401, "{line}");
            assert_eq!(server.status(&line, Some(&token)).await, 200, "{line}");
            // The outer request's caller is not the inner one's, who shows nothing.
            let line = format!("GET {batch}?{target}!");
            assert_eq!(server.status(&line, Some(&token)).await, 401, "{line}");
        }
    }
}
