//! What a warm protected handler costs in heap allocations, counted exactly.
//!
//! One test in its own binary: the allocator counts per thread, and the runtime has one thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use axum::{
    Router,
    body::Body,
    extract::FromRef,
    http::{Request, StatusCode, header},
    response::Response,
    routing::get,
};
use keycloak::{Algorithm, Keycloak, User, protected};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{self, SigningKey},
};
use tower::{Service, ServiceExt};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count_one() {
    // While a thread ends its counter may be gone; nobody reads it then.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_one();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

async fn bare() -> &'static str {
    "done"
}

#[protected(roles = ["admin"])]
async fn guarded() -> &'static str {
    "done"
}

#[protected(roles = ["admin"])]
async fn guarded_with_user(user: User) -> &'static str {
    drop(user);
    "done"
}

#[protected(
    any(roles = ["nobody"], all(realm_roles = any["admin", "root"], groups = ["/eng/**"])),
    scopes = ["openid"],
    not(roles = ["suspended"]),
    claim("department") = ["sales"],
)]
async fn guarded_by_a_long_policy() -> &'static str {
    "done"
}

async fn setup() -> (Issuer, Router, String) {
    let key = SigningKey::generate(Algorithm::ES256, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let claims: Value = mint::with(
        &mint::claims(&issuer.issuer(), "api", "alice"),
        json!({
            "realm_access": { "roles": ["user", "admin"] },
            "groups": ["/eng/backend"],
            "department": "sales",
        }),
    );
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .algorithms([Algorithm::ES256])
        .build()
        .expect("good settings");
    let router = Router::new()
        .route("/bare", get(bare))
        .route("/guarded", get(guarded))
        .route("/user", get(guarded_with_user))
        .route("/policy", get(guarded_by_a_long_policy))
        .with_state(App { keycloak });
    (issuer, router, key.token(&claims))
}

/// Allocations of one request, from the call to the answer, without making the request.
async fn allocations(router: &Router, path: &str, token: &str) -> usize {
    let request = || {
        Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .expect("a request")
    };
    let mut service = router.clone().into_service();
    let mut least = usize::MAX;
    // The first round fills the cache; whatever grows once (a buffer, a table) is not the handler's.
    for _ in 0..20 {
        let request = request();
        let ready = ServiceExt::<Request<Body>>::ready(&mut service)
            .await
            .expect("a service");
        let before = COUNT.get();
        let response: Response = ready.call(request).await.expect("an answer");
        let count = COUNT.get() - before;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        least = least.min(count);
    }
    least
}

#[tokio::test]
async fn a_warm_guard_allocates_at_most_twice() {
    let (_issuer, router, token) = setup().await;
    let bare = allocations(&router, "/bare", &token).await;
    for path in ["/guarded", "/user", "/policy"] {
        let guarded = allocations(&router, path, &token).await;
        println!("{path}: {guarded} allocations, bare {bare}");
        assert!(
            guarded <= bare + 2,
            "{path}: {guarded} allocations, the bare handler has {bare}"
        );
    }
}
