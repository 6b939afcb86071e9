//! Every kind of policy against the real server's tokens: who may call what.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::{FromRef, Path},
    http::StatusCode,
    routing::get,
};
use keycloak::{Keycloak, Policy, User};
use reqwest::Client;
use support::{
    real::{CLIENT, tokens::text},
    serve,
};

use super::server::{Live, live};

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

/// Whoever has a token that is good for `demo-api`.
const ALL: &str = "alice bob carol dave eve frank grace mallory service";

/// One handler per policy, one row per handler: route, who is let in.
macro_rules! routes {
    ($($name:ident [$($policy:tt)*] $allowed:expr;)*) => {
        $(
            #[keycloak::protected($($policy)*)]
            async fn $name() -> &'static str {
                "in"
            }
        )*

        fn router() -> Router<App> {
            Router::new()$(.route(concat!("/", stringify!($name)), get($name)))*
        }

        const EXPECTED: &[(&str, &str, &str)] = &[
            $((concat!("/", stringify!($name)), stringify!($($policy)*), $allowed),)*
        ];
    };
}

const NOT_SUSPENDED: Policy = keycloak::policy!(roles = none["suspended"]);

fn is_grace(user: &User) -> bool {
    user.username() == Some("grace")
}

async fn is_in_sales(user: &User) -> bool {
    user.claim::<String>("department").as_deref() == Some("sales")
}

routes! {
    anyone [] ALL;
    realm_role [realm_roles = ["admin"]] "alice";
    role_of_realm_or_own_client [roles = ["admin"]] "alice";
    role_of_own_client [roles = ["reports-reader"]] "alice grace";
    client_role [client_roles = ["reports-writer"]] "alice";
    client_role_of_another [client_roles("other-app") = ["admin"]] "eve";
    realm_role_is_no_client_role [client_roles = ["admin"]] "";
    role_through_composite [realm_roles = ["auditor"]] "alice service";
    role_through_group [realm_roles = ["operator"]] "alice carol";
    client_role_through_group [client_roles = ["deployer"]] "dave";
    all_roles [roles = ["user", "operator"]] "alice carol";
    all_roles_spelt [roles = all["user", "operator"]] "alice carol";
    any_role [roles = any["auditor", "deployer"]] "alice dave service";
    no_role [roles = none["suspended", "user"]] "eve frank service";
    group [groups = ["/ops"]] "alice carol";
    group_without_slash [groups = ["ops"]] "alice carol";
    group_parent_only [groups = ["/eng"]] "grace";
    group_nested [groups = ["/eng/backend"]] "dave";
    group_descendants [groups = ["/eng/**"]] "dave grace";
    any_group [groups = any["/ops", "/eng/**"]] "alice carol dave grace";
    no_group [groups = none["/ops", "/eng/**"]] "bob eve frank mallory service";
    not_group [not(groups = ["/partners/**"])] "alice bob carol dave eve frank grace service";
    claim_text [claim("department") = ["engineering"]] "dave grace";
    claim_list [claim("work.regions") = ["eu", "us"]] "alice";
    claim_any [claim("work.regions") = any["eu", "ap"]] "alice bob";
    claim_boolean [claim("contractor") = true] "dave";
    claim_boolean_false [claim("contractor") = false] "alice bob";
    claim_absent_is_not_proven [not(claim("contractor") = true)] "alice bob";
    caller [callers = ["demo-api"]] ALL;
    caller_is_another [callers = any["other-app", "demo-spa"]] "";
    caller_excluded [callers = none["demo-api"]] "";
    service_account [service_account = true] "service";
    person [service_account = false] "alice bob carol dave eve frank grace mallory";
    nested_any [any(roles = ["admin"], groups = ["/ops"])] "alice carol";
    nested_all [roles = ["user"], all(not(roles = ["suspended"]), not(groups = ["/ops"]))]
        "bob dave grace";
    nested_deep [any(all(roles = ["user"], claim("contractor") = true), client_roles("other-app") = ["admin"])]
        "dave eve";
    named [roles = ["user"], policy = NOT_SUSPENDED] "alice bob carol dave grace";
    checked [check = is_grace] "grace";
    checked_async [any(check = is_in_sales, roles = ["admin"])] "alice bob";
    scope [scopes = ["email"]] ALL;
    scope_not_asked_for [scopes = ["reports:read"]] "";
}

/// A persona's own page, or anybody's for administrators.
#[keycloak::protected(any(roles = ["admin"], require = user.subject() == id))]
async fn page(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[keycloak::protected(optional)]
async fn greeting(user: Option<User>) -> String {
    user.map_or_else(
        || "stranger".to_owned(),
        |user| user.username().unwrap_or_default().to_owned(),
    )
}

struct Reports;

#[keycloak::protected(roles = ["user"])]
impl Reports {
    async fn list() -> &'static str {
        "in"
    }

    #[keycloak::protected(client_roles = ["reports-writer"])]
    async fn create() -> &'static str {
        "in"
    }

    #[keycloak::public]
    async fn schema() -> &'static str {
        "in"
    }
}

fn keycloak(live: &Live) -> Keycloak {
    Keycloak::builder()
        .server_url(&live.url)
        .realm("demo")
        .client_id(CLIENT.0)
        .complete_tokens_from([CLIENT.0])
        .build()
        .expect("the settings are right")
}

async fn tokens(live: &Live) -> BTreeMap<&'static str, String> {
    let mut tokens = BTreeMap::new();
    for name in ALL.split(' ').filter(|name| *name != "service") {
        tokens.insert(name, live.tokens.access_token(name).await);
    }
    tokens.insert("service", live.tokens.service_account(CLIENT).await);
    tokens
}

async fn status(http: &Client, url: &str, token: Option<&str>) -> StatusCode {
    let mut request = http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.expect("the service answers").status()
}

#[tokio::test]
async fn every_kind_of_policy_admits_exactly_whom_it_names() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let base = serve(router().with_state(App { keycloak })).await;
    let (http, tokens) = (Client::new(), tokens(&live).await);

    let mut wrong = Vec::new();
    for (path, policy, allowed) in EXPECTED {
        let url = format!("{base}{path}");
        assert_eq!(status(&http, &url, None).await, StatusCode::UNAUTHORIZED);
        let mut admitted = Vec::new();
        for (name, token) in &tokens {
            match status(&http, &url, Some(token)).await {
                StatusCode::OK => admitted.push(*name),
                StatusCode::FORBIDDEN => {}
                other => wrong.push(format!("{policy}: {other} for {name}")),
            }
        }
        if admitted.join(" ") != *allowed {
            wrong.push(format!("{policy}: admits {admitted:?}, expected {allowed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn scopes_are_those_that_were_asked_for() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let url = format!(
        "{}/scope_not_asked_for",
        serve(router().with_state(App { keycloak })).await
    );
    let http = Client::new();
    let answer = live
        .tokens
        .login(CLIENT, "bob", "openid reports:read")
        .await;
    let token = text(&answer, "access_token");
    assert_eq!(status(&http, &url, Some(&token)).await, StatusCode::OK);

    let without = live.tokens.access_token("bob").await;
    let refused = http
        .get(&url)
        .bearer_auth(without)
        .send()
        .await
        .expect("the service answers");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let challenge = refused.headers()["www-authenticate"]
        .to_str()
        .expect("text");
    assert!(
        challenge.contains("error=\"insufficient_scope\"")
            && challenge.contains("scope=\"reports:read\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn require_compares_the_caller_with_the_request() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let router = Router::new().route("/pages/{id}", get(page));
    let base = serve(router.with_state(App { keycloak })).await;
    let (http, tokens) = (Client::new(), tokens(&live).await);
    let bob = "00000000-0000-4000-8000-000000000002";
    for (name, expected) in [("alice", 200), ("bob", 200), ("carol", 403)] {
        let url = format!("{base}/pages/{bob}");
        let status = status(&http, &url, Some(&tokens[name])).await;
        assert_eq!(status, expected, "{name}");
    }
}

#[tokio::test]
async fn optional_means_absent_or_good() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let router = Router::new().route("/", get(greeting));
    let url = serve(router.with_state(App { keycloak })).await;
    let http = Client::new();
    let alice = live.tokens.access_token("alice").await;
    let get = |token: Option<&str>| {
        let mut request = http.get(&url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        async { request.send().await.expect("the service answers") }
    };
    let stranger = get(None).await;
    assert_eq!(stranger.text().await.ok().as_deref(), Some("stranger"));
    let known = get(Some(&alice)).await;
    assert_eq!(known.text().await.ok().as_deref(), Some("alice"));
    assert_eq!(get(Some("nonsense")).await.status(), 401);
}

#[tokio::test]
async fn an_impl_blocks_terms_are_added_to_its_functions() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let router = Router::new()
        .route("/list", get(Reports::list))
        .route("/create", get(Reports::create))
        .route("/schema", get(Reports::schema));
    let base = serve(router.with_state(App { keycloak })).await;
    let (http, tokens) = (Client::new(), tokens(&live).await);
    for (name, list, create) in [("alice", 200, 200), ("bob", 200, 403), ("frank", 403, 403)] {
        for (path, expected) in [("list", list), ("create", create), ("schema", 200)] {
            let status = status(&http, &format!("{base}/{path}"), Some(&tokens[name])).await;
            assert_eq!(status, expected, "{name} {path}");
        }
    }
    assert_eq!(status(&http, &format!("{base}/schema"), None).await, 200);
    assert_eq!(status(&http, &format!("{base}/list"), None).await, 401);
}

#[tokio::test]
async fn routers_are_guarded_like_handlers() {
    let Some(live) = live().await else { return };
    let keycloak = keycloak(&live);
    let router = Router::new()
        .route("/", get(|| async { "in" }))
        .route_layer(keycloak.guard(keycloak::policy!(groups = ["/ops"])));
    let url = serve(router).await;
    let (http, tokens) = (Client::new(), tokens(&live).await);
    for (name, expected) in [("alice", 200), ("carol", 200), ("mallory", 403)] {
        assert_eq!(status(&http, &url, Some(&tokens[name])).await, expected);
    }
    assert_eq!(status(&http, &url, None).await, 401);
}
