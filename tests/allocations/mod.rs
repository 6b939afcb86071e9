//! What a warm protected handler costs in heap allocations, and a remembered token in memory.
//!
//! Counted exactly, by an allocator that counts per thread: each test has a runtime of one thread.

mod bound;
mod warm;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
};
use keycloak::{Algorithm, Keycloak, KeycloakBuilder, MetricsCollector, telemetry::Tags};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{self, SigningKey},
};
use tower::{Service, ServiceExt};

use self::warm::App;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// Bytes allocated minus bytes freed.
    static LIVE: Cell<isize> = const { Cell::new(0) };
    /// The same in what glibc's allocator takes for them: headers and whole steps included.
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
}

/// Notes one allocation of a block that changes its size from `old` to `new` bytes.
fn note(old: usize, new: usize) {
    // While a thread ends its counters may be gone; they are not read then.
    if new > 0 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    }
    let change = new.cast_signed().wrapping_sub(old.cast_signed());
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add(change)));
    let change = block(new).wrapping_sub(block(old));
    let _ = BLOCKS.try_with(|blocks| blocks.set(blocks.get().wrapping_add(change)));
}

/// Eight bytes of header, sixteen a step, thirty-two at least.
fn block(bytes: usize) -> isize {
    if bytes == 0 {
        return 0;
    }
    ((bytes + 8).next_multiple_of(16).max(32)).cast_signed()
}

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(layout.size(), size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(layout.size(), 0);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts, and allocates nothing itself.
#[derive(Default)]
struct Total(AtomicU64);

impl MetricsCollector for Total {
    fn increment_counter(&self, _: &'static str, tags: Tags<'_>, value: u64) {
        assert!(tags.len() >= 2);
        self.0.fetch_add(value, Ordering::Relaxed);
    }
    fn observe_histogram(&self, _: &'static str, _: Tags<'_>, _: f64) {}
}

async fn setup(
    configure: impl FnOnce(KeycloakBuilder) -> KeycloakBuilder,
) -> (Issuer, Router, String) {
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
    let builder = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .complete_tokens_from(["web"])
        .algorithms([Algorithm::ES256]);
    let keycloak = configure(builder).build().expect("good settings");
    let router = warm::routes().with_state(App { keycloak });
    (issuer, router, key.token(&claims))
}

/// Allocations of one request, from the call to the answer, without making the request.
async fn allocations(router: &Router, path: &str, token: &str) -> usize {
    allocations_until(router, path, token, StatusCode::OK).await
}

/// The same, of an answer with this status.
async fn allocations_until(router: &Router, path: &str, token: &str, status: StatusCode) -> usize {
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
        assert_eq!(response.status(), status, "{path}");
        least = least.min(count);
    }
    least
}

#[tokio::test]
async fn a_warm_guard_allocates_at_most_twice() {
    let (_issuer, router, token) = setup(|builder| builder).await;
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

/// What an answer of ours has and a constant text has not: the body, the challenge, the headers,
/// the second of which makes the map grow. Nothing of the reason, which is not read.
#[tokio::test]
async fn a_refusal_allocates_its_answer_and_no_reason() {
    let (_issuer, router, token) = setup(|builder| builder).await;
    let guarded = allocations(&router, "/guarded", &token).await;
    for path in ["/refused", "/refused/policy"] {
        let refused = allocations_until(&router, path, &token, StatusCode::FORBIDDEN).await;
        println!("{path}: {refused} allocations, an admission {guarded}");
        assert!(
            refused <= guarded + 4,
            "{path}: {refused} allocations, an admission has {guarded}"
        );
    }
}

/// At most three times the token and 512 bytes. The cache weighs an entry by what it really takes.
#[tokio::test]
async fn a_remembered_token_takes_a_few_times_its_own_size() {
    let key = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .algorithms([Algorithm::EdDSA])
        .token_cache_bytes(256 * 1024 * 1024)
        .build()
        .expect("good settings");
    let claims = mint::claims(&issuer.issuer(), "api", "alice");
    for (name, changes) in [
        (
            "as Keycloak's smallest",
            json!({ "realm_access": null, "resource_access": null }),
        ),
        (
            "as usual",
            json!({
                "realm_access": { "roles": ["default-roles-demo", "offline_access", "uma_authorization", "user"] },
                "resource_access": {
                    "api": { "roles": ["reader", "writer"] },
                    "account": { "roles": ["manage-account", "manage-account-links", "view-profile"] },
                },
                "groups": ["/eng/backend", "/ops"],
                "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams",
                "email": "alice@example.org", "email_verified": true,
                "allowed-origins": ["http://127.0.0.1:8000"], "auth_time": 1_700_000_000,
            }),
        ),
        (
            "with five hundred roles",
            json!({
                "realm_access": { "roles": (0..500).map(|n| format!("role-{n}")).collect::<Vec<_>>() },
            }),
        ),
        (
            "with fifty clients",
            json!({
                "resource_access": (0..50)
                    .map(|n| (format!("client-{n}"), json!({ "roles": ["a", "b"] })))
                    .collect::<serde_json::Map<_, _>>(),
            }),
        ),
    ] {
        let claims = mint::with(&claims, changes);
        let token =
            |n: usize| key.token(&mint::with(&claims, json!({ "jti": format!("{n:036}") })));
        // Fills what is made once, and lets the store's tables grow.
        for n in 0..1_000 {
            keycloak
                .authenticate_token(&token(n))
                .await
                .expect("a good token");
        }
        let tokens: Vec<String> = (1_000..3_000).map(token).collect();
        let before = LIVE.get();
        for token in &tokens {
            keycloak
                .authenticate_token(token)
                .await
                .expect("a good token");
        }
        let bytes = (LIVE.get() - before).cast_unsigned() / tokens.len();
        let bound = 3 * tokens[0].len() + 512;
        println!(
            "{name}: a token of {} bytes takes {bytes}, bound {bound}",
            tokens[0].len()
        );
        assert!(bytes <= bound, "{name}: {bytes} bytes, bound {bound}");
    }
}

#[tokio::test]
async fn metrics_allocate_nothing() {
    let total = Arc::new(Total::default());
    let (_issuer, plain, plain_token) = setup(|builder| builder).await;
    let collector = Arc::clone(&total);
    let (_other, measured, token) = setup(|builder| builder.metrics_collector(collector)).await;
    let without = allocations(&plain, "/guarded", &plain_token).await;
    let with = allocations(&measured, "/guarded", &token).await;
    assert_eq!(with, without);
    // Twenty requests, each a total and a success.
    assert!(total.0.load(Ordering::Relaxed) >= 40);
}
