//! Annotated handlers: who gets in, what runs before the verdict, what is left to `require`.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    Json, Router,
    body::Body,
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use keycloak::{User, routing};
use serde_json::{Value, json};

use support::world::{App, World, get, send};

#[keycloak::protected(roles = ["admin"], groups = any["ops", "/eng/**"])]
async fn admin(user: User) -> String {
    user.subject().to_owned()
}

#[keycloak::protected(scopes = ["reports:read", "reports:list"])]
async fn scoped() -> &'static str {
    "reports"
}

#[keycloak::protected(roles = ["admin"])]
async fn create(Json(body): Json<Value>) -> Json<Value> {
    Json(body)
}

static EXTRACTED: AtomicUsize = AtomicUsize::new(0);

/// Counts how often it was asked for.
struct Counted;

impl<S: Sync> FromRequestParts<S> for Counted {
    type Rejection = ();

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, ()> {
        EXTRACTED.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

#[keycloak::protected(roles = ["admin"])]
async fn counted(_counted: Counted) -> &'static str {
    "counted"
}

#[keycloak::protected(any(roles = ["admin"], require = user.subject() == id))]
async fn profile(Path(id): Path<String>) -> String {
    format!("profile of {id}")
}

#[keycloak::protected(optional)]
async fn greet(user: Option<User>) -> String {
    user.map_or("somebody".to_owned(), |user| user.subject().to_owned())
}

#[keycloak::public]
async fn health() -> &'static str {
    "fine"
}

#[keycloak::protected(not(groups = any["suspended"]))]
async fn negated() -> &'static str {
    "not suspended"
}

async fn business_hours(_user: &User, parts: &Parts) -> bool {
    parts.uri.query() == Some("open")
}

#[keycloak::protected(roles = ["admin"], check = business_hours)]
async fn checked() -> &'static str {
    "open"
}

fn router(world: &World) -> Router {
    Router::new()
        .route("/admin", routing::get(admin))
        .route("/scoped", routing::get(scoped))
        .route("/create", routing::post(create))
        .route("/counted", routing::get(counted))
        .route("/profile/{id}", routing::get(profile))
        .route("/greet", routing::get(greet))
        .route("/health", routing::get(health))
        .route("/negated", routing::get(negated))
        .route("/checked", routing::get(checked))
        .with_state::<()>(world.app())
}

#[tokio::test]
async fn lets_in_who_satisfies_the_policy() {
    let world = World::start().await;
    let router = router(&world);
    let admin = |groups: Value| {
        world.token(json!({"realm_access": {"roles": ["admin"]}, "groups": groups}))
    };
    for (groups, status) in [
        (json!(["/ops"]), 200),
        (json!(["/eng/backend"]), 200),
        (json!(["/eng"]), 200),
        (json!(["/engine"]), 403),
        (json!(["/partners/ops"]), 403),
        (json!(["ops"]), 403),
        (json!([]), 403),
        (json!(null), 403),
    ] {
        let answer = get(&router, "/admin", Some(&admin(groups.clone()))).await;
        assert_eq!(answer.status, status, "{groups}");
    }
    assert_eq!(get(&router, "/admin", None).await.status, 401);
    let foreign = json!({"resource_access": {"other": {"roles": ["admin"]}}, "groups": ["/ops"]});
    let answer = get(&router, "/admin", Some(&world.token(foreign))).await;
    assert_eq!(
        (answer.status, answer.code()),
        (403, "missing_roles".to_owned())
    );
    let own = json!({"resource_access": {"api": {"roles": ["admin"]}}, "groups": ["/ops"]});
    assert_eq!(
        get(&router, "/admin", Some(&world.token(own))).await.status,
        200
    );
}

#[tokio::test]
async fn refusals_name_what_to_ask_for_and_nothing_else() {
    let world = World::start().await;
    let router = router(&world);
    let answer = get(
        &router,
        "/scoped",
        Some(&world.token(json!({"scope": "reports:list"}))),
    )
    .await;
    assert_eq!(answer.status, 403);
    let challenge = answer.challenge.unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(challenge.contains("scope=\"reports:read\""), "{challenge}");
    let answer = get(&router, "/admin", Some(&world.role("user"))).await;
    assert_eq!(answer.code(), "missing_roles");
    for word in ["admin", "ops", "alice", "/eng"] {
        assert!(!answer.text.contains(word), "{}", answer.text);
    }
    assert!(!answer.challenge.unwrap().contains("scope="));
}

#[tokio::test]
async fn nothing_else_runs_for_who_is_refused() {
    let world = World::start().await;
    let router = router(&world);
    let garbage = || Body::from("{not json");
    let refused = world.role("user");
    assert_eq!(
        send(&router, "POST", "/create", None, garbage())
            .await
            .status,
        401
    );
    assert_eq!(
        send(&router, "POST", "/create", Some(&refused), garbage())
            .await
            .status,
        403
    );
    let admitted = world.role("admin");
    assert_eq!(
        send(&router, "POST", "/create", Some(&admitted), garbage())
            .await
            .status,
        400
    );

    assert_eq!(get(&router, "/counted", Some(&refused)).await.status, 403);
    assert_eq!(EXTRACTED.load(Ordering::SeqCst), 0);
    assert_eq!(get(&router, "/counted", Some(&admitted)).await.status, 200);
    assert_eq!(EXTRACTED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn require_decides_with_the_arguments() {
    let world = World::start().await;
    let router = router(&world);
    let user = world.token(json!({}));
    let own = get(&router, "/profile/alice", Some(&user)).await;
    assert_eq!((own.status, own.text.as_str()), (200, "profile of alice"));
    let other = get(&router, "/profile/user-2", Some(&user)).await;
    assert_eq!((other.status, other.code()), (403, "forbidden".to_owned()));
    assert!(other.challenge.unwrap().contains("realm=\"judged\""));
    let admin = get(&router, "/profile/user-2", Some(&world.role("admin"))).await;
    assert_eq!(admin.status, 200);
}

#[tokio::test]
async fn optional_means_no_token_or_a_good_one() {
    let world = World::start().await;
    let router = router(&world);
    assert_eq!(get(&router, "/greet", None).await.text, "somebody");
    assert_eq!(
        get(&router, "/greet", Some(&world.token(json!({}))))
            .await
            .text,
        "alice"
    );
    assert_eq!(get(&router, "/greet", Some("a.b.c")).await.status, 401);
    let expired = world.token(json!({"exp": 1_000}));
    assert_eq!(get(&router, "/greet", Some(&expired)).await.status, 401);
    assert_eq!(get(&router, "/health", Some(&expired)).await.status, 200);
}

#[tokio::test]
async fn non_membership_must_be_proven() {
    let undeclared = World::start().await;
    let declared = World::with(|builder| builder.complete_tokens_from(["web"])).await;
    for (world, groups, status) in [
        (&undeclared, json!(null), 403),
        (&declared, json!(null), 200),
        (&undeclared, json!([]), 403),
        (&declared, json!([]), 200),
        (&undeclared, json!(["/ops"]), 403),
        (&declared, json!(["/ops"]), 200),
        (&undeclared, json!(["/suspended"]), 403),
        (&declared, json!(["/suspended"]), 403),
        (&undeclared, json!(["suspended"]), 403),
        (&declared, json!(["ops"]), 403),
        (&declared, json!("/ops"), 403),
    ] {
        let token = world.token(json!({ "groups": groups }));
        let answer = get(&router(world), "/negated", Some(&token)).await;
        assert_eq!(answer.status, status, "{groups}");
    }
}

#[tokio::test]
async fn checks_see_the_request() {
    let world = World::start().await;
    let router = router(&world);
    let admin = world.role("admin");
    assert_eq!(
        get(&router, "/checked?open", Some(&admin)).await.status,
        200
    );
    assert_eq!(get(&router, "/checked", Some(&admin)).await.status, 403);
    assert_eq!(
        get(&router, "/checked?open", Some(&world.role("user")))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_unit_test_calls_the_handler() {
    let alice = keycloak::testing::user("alice")
        .realm_role("admin")
        .group("/ops")
        .build();
    let reply = admin(keycloak::testing::guard(&alice).unwrap(), alice).await;
    assert_eq!(reply, "alice");
    let bob = keycloak::testing::user("bob").build();
    let own = profile(
        keycloak::testing::guard(&bob).unwrap(),
        Path("bob".to_owned()),
    )
    .await;
    assert_eq!(own.unwrap(), "profile of bob");
    let other = profile(
        keycloak::testing::guard(&bob).unwrap(),
        Path("eve".to_owned()),
    )
    .await;
    assert_eq!(other.unwrap_err().status(), 403);
    assert_eq!(
        greet(keycloak::testing::anonymous().unwrap(), None).await,
        "somebody"
    );
    assert_eq!(health(keycloak::testing::public()).await, "fine");
}

#[test]
fn a_unit_test_asks_whom_a_handler_refuses() {
    use keycloak::testing::{admitted, refused};
    let alice = keycloak::testing::user("alice")
        .realm_role("admin")
        .group("/ops")
        .build();
    let bob = keycloak::testing::user("bob").build();
    assert!(admitted(admin, &alice) && refused(admin, &bob));
    assert!(admitted(create, &alice) && refused(create, &bob));
    assert!(refused(scoped, &alice));
    // What `require` asks is not here.
    assert!(admitted(profile, &bob));
    assert!(admitted(greet, &bob) && admitted(health, &bob));
}

#[tokio::test]
async fn another_instance_authenticates_again() {
    // A router of one realm inside one of another: the outer caller is unknown in the inner realm.
    let outer = World::start().await;
    let inner = World::start().await;
    async fn who(user: User) -> String {
        user.subject().to_owned()
    }
    let nested: Router = Router::new()
        .route("/who", axum::routing::get(who))
        .with_state(App {
            keycloak: inner.keycloak.clone(),
            greeting: "",
        });
    let router = Router::new()
        .nest("/inner", nested)
        .layer(outer.keycloak.guard(keycloak::policy!()));
    let token = outer.token(json!({}));
    assert_eq!(get(&router, "/inner/who", Some(&token)).await.status, 401);
}
