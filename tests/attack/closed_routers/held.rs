//! A service that holds a public handler in a box, a state or a closure is not a public handler.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    response::Response,
    routing::{MethodRouter, any, future::RouteFuture, get},
};
use tokio::net::TcpListener;

use super::{Server, World, health, secret};

/// Answers what it holds, or its secret: `ServeDir` with `not_found_service`.
#[derive(Clone)]
struct Holder {
    held: MethodRouter,
}

async fn secret_of_state(State(holder): State<Holder>) -> &'static str {
    drop(holder.held);
    "secret"
}

impl tower::Service<Request> for Holder {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        tower::Service::<Request>::poll_ready(&mut self.held, context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.uri().path().ends_with("missing") {
            return self.held.call(request);
        }
        any(secret).call(request)
    }
}

/// Boxes hide what they hold: one public handler within opens none of them.
#[tokio::test]
async fn what_holds_a_public_handler_is_closed() {
    let realm = World::start().await;
    let page = || keycloak::routing::get(health).with_state(realm.keycloak.clone());
    let any_page = keycloak::routing::any(health).with_state(realm.keycloak.clone());
    let holder = Holder { held: page() };
    let captured = page();
    let app: Router = Router::new()
        .route_service("/files/{*path}", holder.clone())
        .nest_service("/nest", holder.clone())
        .route_service("/head", page().head(secret))
        .route_service("/any", any_page.get(secret))
        .route_service("/one", page())
        .route("/state", get(secret_of_state))
        .route(
            "/closure",
            get(move || {
                drop(captured);
                secret()
            }),
        )
        .fallback_service(holder.clone())
        .with_state(holder);
    let closed = serve!(realm.keycloak.seal(app.clone()));
    let layered = serve!(app.clone().layer(realm.keycloak.layer()));
    let open = serve!(
        realm
            .keycloak
            .seal(app.clone())
            .public_paths(["/files/**", "/head", "/any", "/one", "/state", "/closure"])
            .public_mount("/nest")
            .public_mount("/unknown")
            .public_mount("/missing")
    );
    let one = serve!(
        realm
            .keycloak
            .seal(app)
            .public_route(Method::GET, "/head")
            .public_route(Method::POST, "/any")
            .public_route(Method::GET, "/unknown")
    );
    for line in [
        "GET /files/a",
        "GET /files/missing",
        "GET /nest/a",
        "GET /nest/missing",
        "HEAD /head",
        "GET /any",
        "GET /one",
        "GET /state",
        "GET /closure",
        "GET /unknown",
        "GET /missing",
    ] {
        assert_eq!(open.status(line, None).await, 200, "control: {line}");
        assert_eq!(closed.status(line, None).await, 401, "{line}");
        assert_eq!(layered.status(line, None).await, 401, "{line}");
        assert_eq!(one.status(line, None).await, 401, "{line}");
    }
    for line in ["GET /head", "POST /any"] {
        assert_eq!(one.status(line, None).await, 200, "{line}");
        assert_eq!(closed.status(line, None).await, 401, "{line}");
    }
}
