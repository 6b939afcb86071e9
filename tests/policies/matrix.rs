//! The access matrix: predictions are what the router does, and what is wrong is noticed.

use axum::{Router, extract::Path};
use keycloak::{
    matrix::{Access, AccessMatrix, MatrixBuilder},
    policy, routing,
};
use serde_json::json;

use support::world::World;

#[keycloak::protected(roles = ["admin"])]
async fn report() -> &'static str {
    "report"
}

#[keycloak::protected(any(roles = ["admin"], require = user.subject() == id))]
async fn profile(Path(id): Path<String>) -> String {
    id
}

#[keycloak::protected(optional)]
async fn news() -> &'static str {
    "news"
}

#[keycloak::public]
async fn health() -> &'static str {
    "fine"
}

fn router(world: &World) -> Router {
    let files = Router::new()
        .route("/{*path}", axum::routing::get(|| async { "a file" }))
        .route_layer(world.keycloak.guard(policy!(roles = ["staff"])));
    Router::new()
        .route("/reports", routing::get(report))
        .route("/people/{id}", routing::get(profile))
        .route("/news", routing::get(news))
        .route("/health", routing::get(health))
        .nest("/files", files)
        .with_state::<()>(world.app())
}

fn matrix(world: &World) -> MatrixBuilder {
    AccessMatrix::builder(&world.keycloak)
        .title("Reports & <people>")
        .persona("admin", world.role("admin"))
        .persona("staff", world.role("staff"))
        .rejected("expired token", world.token(json!({"exp": 1_000})))
        .rejected("wrong audience", world.token(json!({"aud": "other"})))
        .route("get", "/reports", "matrix::report")
        .route("GET", "/people/{id}", "matrix::profile")
        .route("GET", "/news", "matrix::news")
        .route("GET", "/health", "matrix::health")
        .guarded_route("GET", "/files/{*path}", [policy!(roles = ["staff"])])
        .path_value("path", "a/b.txt")
}

#[tokio::test]
async fn predictions_are_what_the_router_does() {
    let world = World::start().await;
    let matrix = matrix(&world).build().await.unwrap();
    let denied = |caller: &str, path: &str| match matrix.access(caller, "GET", path) {
        Some(Access::Denied { status, .. }) => *status,
        other => panic!("{caller} {path}: {other:?}"),
    };
    assert_eq!(
        matrix.access("admin", "GET", "/reports"),
        Some(&Access::Allowed)
    );
    assert_eq!(denied("staff", "/reports"), 403);
    assert_eq!(denied("no token", "/reports"), 401);
    assert_eq!(denied("expired token", "/news"), 401);
    assert_eq!(
        matrix.access("no token", "GET", "/news"),
        Some(&Access::Allowed)
    );
    assert_eq!(
        matrix.access("expired token", "GET", "/health"),
        Some(&Access::Allowed)
    );
    assert_eq!(
        matrix.access("admin", "GET", "/people/{id}"),
        Some(&Access::Allowed)
    );
    assert!(matches!(
        matrix.access("staff", "GET", "/people/{id}"),
        Some(Access::Depends { on }) if on.contains("user.subject() == id")
    ));
    let verification = matrix.verify(router(&world)).await;
    verification.assert();
    assert_eq!((verification.compared, verification.depends), (24, 1));
}

#[tokio::test]
async fn a_router_that_does_otherwise_is_noticed() {
    let world = World::start().await;
    let matrix = matrix(&world).build().await.unwrap();
    // The handler was exchanged for one without a guard, and a route was lost.
    let router = Router::new()
        .route("/reports", axum::routing::get(|| async { "oops" }))
        .route("/people/{id}", routing::get(profile))
        .route("/news", routing::post(news))
        .route("/health", routing::get(report))
        .with_state::<()>(world.app());
    let verification = matrix.verify(router).await;
    let problems: Vec<String> = verification
        .differences
        .iter()
        .map(|difference| {
            format!(
                "{} {}: {}",
                difference.caller, difference.route, difference.problem
            )
        })
        .collect();
    for expected in [
        "staff GET /reports: let in",
        "no token GET /reports: let in",
        "staff GET /health: refused",
        "admin GET /news: the path has no such method",
        "admin GET /files/a/b.txt: no such route, or nothing guards it",
        "no token GET /health: refused",
    ] {
        assert!(
            problems.iter().any(|problem| problem == expected),
            "{expected}: {problems:#?}"
        );
    }
}

#[tokio::test]
async fn every_mistake_is_reported_at_once() {
    let world = World::start().await;
    let error = AccessMatrix::builder(&world.keycloak)
        .persona("ghost", "a.b.c")
        .rejected("healthy", world.role("admin"))
        .route("GET", "/x", "no::such_handler")
        .build()
        .await
        .unwrap_err();
    let problems = error.problems().join("\n");
    for expected in [
        "\"ghost\" is not accepted",
        "\"healthy\" is accepted",
        "no handler \"no::such_handler\"",
    ] {
        assert!(problems.contains(expected), "{problems}");
    }
}

#[tokio::test]
async fn pages_show_every_cell_and_no_markup_from_outside() {
    let world = World::start().await;
    let matrix = matrix(&world).build().await.unwrap();
    let html = matrix.to_html();
    assert_eq!(html.matches("class=\"row\"").count(), 5);
    assert_eq!(html.matches("<button").count(), 25);
    assert!(html.contains("Reports &amp; &lt;people&gt;") && !html.contains("<people>"));
    assert!(!html.contains("http://") && !html.contains("https://"));
    let markdown = matrix.to_markdown();
    assert!(
        markdown.contains("| GET `/reports` | `roles = [\"admin\"]` |"),
        "{markdown}"
    );
    assert!(markdown.contains("403: not met: roles = "), "{markdown}");
    let json = matrix.to_json();
    assert_eq!(json["routes"].as_array().unwrap().len(), 5);
    assert_eq!(json["callers"][1]["name"], "admin");
    for page in [html, markdown, json.to_string()] {
        assert!(
            !page.contains(&world.role("admin")[..20]),
            "a page holds a token"
        );
    }
}

#[tokio::test]
async fn a_layer_around_the_router_is_predicted_too() {
    let world = World::start().await;
    let layer = world.keycloak.layer().public_paths(["/health"]);
    let matrix = matrix(&world).behind(&layer).build().await.unwrap();
    let status = |caller: &str, path: &str| match matrix.access(caller, "GET", path) {
        Some(Access::Allowed) => 200,
        Some(Access::Denied { status, .. }) => *status,
        other => panic!("{caller} {path}: {other:?}"),
    };
    assert_eq!(status("no token", "/news"), 401);
    assert_eq!(status("staff", "/news"), 200);
    assert_eq!(status("no token", "/health"), 200);
    matrix.verify(router(&world).layer(layer)).await.assert();
    // Without the layer the same router lets strangers read the news.
    let verification = matrix.verify(router(&world)).await;
    let found: Vec<&str> = verification
        .differences
        .iter()
        .map(|d| d.route.as_str())
        .collect();
    assert_eq!(found, ["GET /news"]);
}

/// Refused inside its own layer as well: an undeclared handler is not left to chance.
#[tokio::test]
async fn what_nobody_declared_is_behind_the_layer() {
    let world = World::start().await;
    let app = Router::new()
        .route("/forgotten", axum::routing::get(|| async { "secret" }))
        .layer(world.keycloak.layer());
    assert_eq!(
        support::world::get(&app, "/forgotten", None).await.status,
        401
    );
    assert_eq!(
        support::world::get(&app, "/no/such/route", None)
            .await
            .status,
        401
    );
    let token = world.role("user");
    assert_eq!(
        support::world::get(&app, "/forgotten", Some(&token))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_lost_public_route_is_noticed() {
    let world = World::start().await;
    let matrix = AccessMatrix::builder(&world.keycloak)
        .route("GET", "/health", "matrix::health")
        .build()
        .await
        .unwrap();
    let verification = matrix.verify(Router::new()).await;
    assert_eq!(verification.differences.len(), 1);
    assert_eq!(verification.differences[0].problem, "no such route");
}
