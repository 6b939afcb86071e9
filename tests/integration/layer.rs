//! The layer: deny by default, public paths by the bytes that were sent, one verification.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header},
    routing::{any, get},
};
use keycloak::{MetricsCollector, User, telemetry::Tags};
use support::world::World;
use tower::ServiceExt;

struct Realm {
    world: World,
    validations: Arc<Validations>,
}

#[derive(Default)]
struct Validations(AtomicUsize);

impl MetricsCollector for Validations {
    fn increment_counter(&self, name: &'static str, _: Tags<'_>, value: u64) {
        if name == keycloak::telemetry::names::TOKEN_VALIDATION_TOTAL {
            self.0
                .fetch_add(value.try_into().unwrap(), Ordering::SeqCst);
        }
    }
    fn observe_histogram(&self, _: &'static str, _: Tags<'_>, _: f64) {}
}

impl Realm {
    async fn start() -> Self {
        let validations = Arc::new(Validations::default());
        let world =
            World::with(|builder| builder.metrics_collector(Arc::clone(&validations))).await;
        Self { world, validations }
    }

    fn token(&self) -> String {
        self.world.role("user")
    }
}

async fn send(app: &Router, request: Request) -> StatusCode {
    app.clone().oneshot(request).await.unwrap().status()
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

async fn status(app: &Router, path: &str) -> u16 {
    let request = request(Method::GET, path).body(Body::empty()).unwrap();
    send(app, request).await.as_u16()
}

#[tokio::test]
async fn everything_needs_a_token_but_the_public_paths() {
    let realm = Realm::start().await;
    let app = Router::new()
        .route("/", get(|| async { "root" }))
        .route("/health", get(|| async { "up" }))
        .route("/docs/{*page}", get(|| async { "page" }))
        .route("/admin", any(|| async { "secret" }))
        .fallback(|| async { "fallback" })
        .layer(
            realm
                .world
                .keycloak
                .layer()
                .public_paths(["/", "/health", "/docs/**"]),
        )
        .with_state(realm.world.keycloak.clone());
    for path in ["/", "/health", "/docs/a", "/docs/a/b"] {
        assert_eq!(status(&app, path).await, 200, "{path}");
    }
    for path in [
        "/admin",
        "/health/",
        "/healthz",
        "/HEALTH",
        "/docs/../admin",
        "/docs/%2e%2e/admin",
        "//health",
        "/%68ealth",
        "/unknown",
        "/admin?x=/health",
    ] {
        assert_eq!(status(&app, path).await, 401, "{path}");
    }
    let bearer = format!("Bearer {}", realm.token());
    for path in ["/admin", "/unknown"] {
        let request = request(Method::GET, path)
            .header(header::AUTHORIZATION, &bearer)
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(&app, request).await, 200, "{path}");
    }
}

#[tokio::test]
async fn a_nested_router_is_judged_by_the_whole_path() {
    let realm = Realm::start().await;
    let inner = Router::new()
        .route("/health", get(|| async { "up" }))
        .route("/api/health", get(|| async { "not public" }))
        .layer(realm.world.keycloak.layer().public_paths(["/api/health"]));
    let app = Router::new().nest("/api", inner);
    assert_eq!(status(&app, "/api/health").await, 200);
    // Inside, its path is `/api/health`; sent was another one.
    assert_eq!(status(&app, "/api/api/health").await, 401);
}

#[tokio::test]
async fn the_extractor_behind_the_layer_verifies_nothing_again() {
    let realm = Realm::start().await;
    let app = Router::new()
        .route(
            "/me",
            get(|user: User| async move { user.subject().to_owned() }),
        )
        .layer(realm.world.keycloak.layer())
        .with_state(realm.world.keycloak.clone());
    let request = request(Method::GET, "/me")
        .header(header::AUTHORIZATION, format!("Bearer {}", realm.token()))
        .body(Body::empty())
        .unwrap();
    assert_eq!(send(&app, request).await, 200);
    assert_eq!(realm.validations.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_caller_of_another_realm_is_not_taken_over() {
    let (outer, inner) = (Realm::start().await, Realm::start().await);
    let app = Router::new()
        .route(
            "/me",
            get(|user: User| async move { user.subject().to_owned() }),
        )
        .with_state(inner.world.keycloak.clone())
        .layer(outer.world.keycloak.layer());
    let request = request(Method::GET, "/me")
        .header(header::AUTHORIZATION, format!("Bearer {}", outer.token()))
        .body(Body::empty())
        .unwrap();
    assert_eq!(send(&app, request).await, 401);
}

#[tokio::test]
async fn preflights_pass_only_where_that_was_asked_for() {
    let realm = Realm::start().await;
    let route = || Router::new().route("/admin", any(|| async { "reached" }));
    let strict = route().layer(realm.world.keycloak.layer());
    let passing = route().layer(realm.world.keycloak.layer().pass_preflights());
    let preflight = || {
        request(Method::OPTIONS, "/admin")
            .header(header::ORIGIN, "https://app.example.com")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "DELETE")
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(send(&strict, preflight()).await, 401);
    assert_eq!(send(&passing, preflight()).await, 200);
    for not_a_preflight in [
        request(Method::OPTIONS, "/admin"),
        request(Method::OPTIONS, "/admin").header(header::ORIGIN, "https://app.example.com"),
        request(Method::DELETE, "/admin")
            .header(header::ORIGIN, "https://app.example.com")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "DELETE"),
    ] {
        let request = not_a_preflight.body(Body::empty()).unwrap();
        assert_eq!(send(&passing, request).await, 401);
    }
}
