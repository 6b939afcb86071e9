//! Routers that are guarded as a whole, in documents, audit and matrix; what documents publish.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use keycloak::{
    Keycloak,
    matrix::AccessMatrix,
    openapi::{Finding, PolicyText, audit},
    policy,
};
use serde_json::{Value, json};
use tower::ServiceExt;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

fn builder() -> keycloak::KeycloakBuilder {
    Keycloak::builder()
        .server_url("https://sso.example.com")
        .realm("demo")
        .client_id("demo-api")
}

fn keycloak() -> Keycloak {
    builder().build().unwrap()
}

#[utoipa::path(get, path = "/plain")]
async fn plain() -> &'static str {
    "undeclared"
}

#[utoipa::path(get, path = "/open")]
#[keycloak::public]
async fn open() -> &'static str {
    "public elsewhere"
}

#[utoipa::path(get, path = "/own")]
#[keycloak::protected(scopes = ["inner"])]
async fn own() -> &'static str {
    "protected"
}

fn guarded(keycloak: &Keycloak) -> (Router<Keycloak>, OpenApi) {
    let inner = OpenApiRouter::new()
        .routes(routes!(plain))
        .routes(routes!(open))
        .routes(routes!(own))
        .fallback(|| async { "a file" });
    let inner = keycloak.guarded(policy!(scopes = ["outer"], roles = ["staff"]), inner);
    OpenApiRouter::with_openapi(OpenApi::default())
        .nest("/area/{id}", inner)
        .routes(routes!(plain))
        .split_for_parts()
}

fn operation<'d>(document: &'d Value, path: &str) -> &'d Value {
    &document["paths"][path]["get"]
}

#[test]
fn the_document_of_a_guarded_router_says_what_the_guard_asks_for() {
    let keycloak = keycloak();
    let (_, document) = guarded(&keycloak);
    let applied = keycloak.security_scheme().policy_text(PolicyText::Full);
    let json = serde_json::to_value(applied.apply(document)).unwrap();
    for (path, scopes) in [
        ("/area/{id}/plain", json!(["outer"])),
        ("/area/{id}/open", json!(["outer"])),
        ("/area/{id}/own", json!(["outer", "inner"])),
    ] {
        let operation = operation(&json, path);
        assert_eq!(
            operation["security"],
            json!([{"keycloak": scopes}]),
            "{path}"
        );
        for status in ["400", "401", "403", "503"] {
            assert!(
                operation["responses"][status].is_object(),
                "{path} {status}"
            );
        }
        let text = operation["description"].as_str().unwrap();
        assert!(text.contains("the role `staff`"), "{text}");
    }
    assert!(operation(&json, "/plain")["security"].is_null());
    assert!(!json.to_string().contains("x-keycloak-handler"));
    assert!(!json.to_string().contains("x-keycloak-guards"));
}

#[test]
fn the_audit_knows_guards_before_and_after_the_scheme() {
    let keycloak = keycloak();
    let (_, document) = guarded(&keycloak);
    let applied = keycloak.security_scheme().apply(document.clone());
    let nested = OpenApi::default().nest("/v1", applied.clone());
    for (document, path) in [
        (keycloak.security_scheme().apply(document), "/plain"),
        (applied, "/plain"),
        (nested, "/v1/plain"),
    ] {
        let found = audit(&document).ignore_undocumented();
        assert_eq!(
            json!(found.findings()),
            json!([{
                "problem": "undeclared", "method": "GET", "path": path, "operation": "plain",
            }])
        );
    }
}

#[tokio::test]
async fn the_matrix_has_guards_of_routers_with_the_prefix() {
    let keycloak = keycloak();
    let (router, document) = guarded(&keycloak);
    let router = router.route("/extra", axum::routing::get(|| async { "extra" }));
    let matrix = AccessMatrix::builder(&keycloak)
        .document(&document)
        // Known from the document already: the guard is around it, and is not lost.
        .guarded_route("GET", "/plain", [policy!(roles = ["late"])])
        .build()
        .await
        .unwrap();
    let row = |path: &str| {
        let json = matrix.to_json();
        let rows = json["routes"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["path"] == path).unwrap()
    };
    for path in ["/area/{id}/plain", "/area/{id}/open", "/area/{id}/own"] {
        assert_eq!(row(path)["kind"], "protected", "{path}");
        let policy = row(path)["policy"].to_string();
        assert!(policy.contains("staff"), "{policy}");
    }
    assert!(
        row("/area/{id}/own")["policy"]
            .to_string()
            .contains("inner")
    );
    assert_eq!(row("/plain")["kind"], "protected");
    let verification = matrix.verify(router.with_state(keycloak)).await;
    let lines: Vec<String> = verification
        .differences
        .iter()
        .map(ToString::to_string)
        .collect();
    // Nothing guards it in this router.
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("GET /plain as no token"), "{lines:?}");
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct Problem {
    title: Title,
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct Title(String);

#[test]
fn an_own_error_body_is_documented_as_it_is() {
    let own = builder()
        .error_body(|_| axum::response::Response::new(Body::from("no JSON")))
        .build()
        .unwrap();
    let document = || guarded(&keycloak()).1;
    let response = |document: OpenApi, status: &str| {
        let json = serde_json::to_value(document).unwrap();
        operation(&json, "/area/{id}/own")["responses"][status].clone()
    };
    let untold = response(own.security_scheme().apply(document()), "401");
    assert!(
        untold["content"].is_null() && untold["headers"].is_object(),
        "{untold}"
    );
    let scheme = own
        .security_scheme()
        .error_schema::<Problem>("application/problem+json");
    let told = scheme.apply(document());
    let components = serde_json::to_value(&told.components).unwrap();
    assert!(components["schemas"]["Problem"].is_object());
    assert!(components["schemas"]["Title"].is_object());
    let told = response(told, "403");
    assert_eq!(
        told["content"],
        json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}})
    );
    // Ours: the 403 has an example of its own.
    let ours = |status| {
        let document = keycloak().security_scheme().apply(document());
        response(document, status)["content"]["application/json"]["example"]["error"]["code"]
            .clone()
    };
    assert_eq!(ours("400"), "invalid_header_format");
    assert_eq!(ours("401"), "token_expired");
    assert_eq!(ours("403"), "forbidden");
}

#[tokio::test]
async fn the_page_s_headers_are_the_page_s() {
    let app: Router = Router::new()
        .route("/mine", axum::routing::get(|| async { "mine" }))
        .merge(keycloak().swagger_ui(OpenApi::default()));
    for (path, ours) in [
        ("/docs/", true),
        ("/openapi.json", true),
        ("/mine", false),
        ("/x", false),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        let headers = answer.headers();
        assert_eq!(
            headers.contains_key(header::CONTENT_SECURITY_POLICY),
            ours,
            "{path}"
        );
    }
}

#[test]
fn lines_of_a_snapshot_have_the_prefix() {
    let (_, document) = guarded(&keycloak());
    let manifest = keycloak::policies().documented_by(&document).to_string();
    let own = format!("protected  {}::own  GET /area/{{id}}/own  ", module_path!());
    assert!(manifest.contains(&own), "{manifest}");
    let guard = manifest
        .lines()
        .find(|line| line.starts_with("router") && line.contains("\"outer\""));
    assert!(
        guard.unwrap().contains("  GET /area/{id}/plain  "),
        "{guard:?}"
    );
}

#[tokio::test]
async fn what_is_not_shown_is_a_finding() {
    let keycloak = keycloak();
    let (_, document) = guarded(&keycloak);
    let layer = keycloak
        .layer()
        .public_paths(["/area/**", "/typo", "/missing/**"])
        .public_mount("/static");
    let document = keycloak.security_scheme().apply(document);
    let found = audit(&document).behind(&layer, ["/missing/**"]).to_string();
    assert!(
        found.contains("the public path `/typo` matches no route"),
        "{found}"
    );
    assert!(
        !found.contains("/static") && !found.contains("/area/**"),
        "{found}"
    );

    let matrix = AccessMatrix::builder(&keycloak)
        .route("GET", "/own", "guarded_documents::own")
        .behind(&layer)
        .build()
        .await
        .unwrap();
    let findings = matrix.findings().join("\n");
    let unlisted = format!("{}::open (", module_path!());
    assert!(findings.contains(&unlisted), "{findings}");
    assert!(!findings.contains(&format!("{}::own (", module_path!())));
    assert!(
        findings.contains("the public path `/typo` matches no row's route"),
        "{findings}"
    );
}

/// `#[public]` and what the layer names are one list.
#[test]
fn public_handlers_and_public_routes_are_the_same() {
    let keycloak = keycloak();
    let (_, document) = OpenApiRouter::with_openapi(OpenApi::default())
        .nest(
            "/api/{version}",
            OpenApiRouter::<Keycloak>::new()
                .routes(routes!(open))
                .routes(routes!(own)),
        )
        .split_for_parts();
    let document = keycloak.security_scheme().apply(document);
    let found = |layer| {
        let audit = audit(&document).ignore_undocumented();
        audit.behind(&layer, [] as [&str; 0]).findings().to_vec()
    };
    let (handler, path) = (format!("{}::open", module_path!()), "/api/{version}/open");
    let closed = found(keycloak.layer());
    assert!(
        matches!(&closed[..], [Finding::ClosedPublicHandler { handler: own, method, path: at, .. }]
            if *own == handler && method == "GET" && at == path),
        "{closed:?}"
    );
    let cure = format!("`.public_route(Method::GET, \"{path}\")`");
    assert!(closed[0].to_string().contains(&cure), "{}", closed[0]);

    assert_eq!(found(keycloak.layer().public_route(Method::GET, path)), []);
    let other = found(keycloak.layer().public_route(Method::POST, path));
    assert!(
        matches!(
            &other[..],
            [
                Finding::UnmatchedPublicPath { path, .. },
                Finding::ClosedPublicHandler { .. }
            ] if path == "POST /api/{version}/open"
        ),
        "{other:?}"
    );
    let opened = keycloak.layer().public_route(Method::GET, path);
    let opened = found(opened.public_route(Method::GET, "/api/{version}/own"));
    assert!(
        matches!(&opened[..], [Finding::OpenedProtectedHandler { handler, .. }]
            if *handler == format!("{}::own", module_path!())),
        "{opened:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_sent_has_no_status() {
    let keycloak = keycloak();
    let matrix = AccessMatrix::builder(&keycloak)
        .guarded_route("GET", "/a b", [policy!(roles = ["staff"])])
        .build()
        .await
        .unwrap();
    let verification = matrix.verify(Router::new()).await;
    assert_eq!(verification.differences[0].status, None);
    let line = verification.differences[0].to_string();
    assert!(
        line.ends_with("not asked: no such request can be sent"),
        "{line}"
    );
}

#[test]
fn a_path_parameter_that_the_route_does_not_have_is_a_finding() {
    let keycloak = keycloak();
    let found = |policy| {
        let inner = OpenApiRouter::<Keycloak>::new().routes(routes!(plain));
        let (_, document) = OpenApiRouter::with_openapi(OpenApi::default())
            .nest("/area/{id}", keycloak.guarded(policy, inner))
            .split_for_parts();
        let document = keycloak.security_scheme().apply(document);
        let audit = audit(&document).ignore_undocumented();
        audit.findings().to_vec()
    };
    assert_eq!(found(policy!(groups = ["/areas/{id}"])), []);
    let found = found(policy!(groups = ["/areas/{area}"]));
    let [finding] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(matches!(
        finding,
        Finding::UnknownParameter { parameter, path, .. }
            if parameter == "area" && path == "/area/{id}/plain"
    ));
    let text = finding.to_string();
    assert!(
        text.contains("`area`, which GET /area/{id}/plain does not have"),
        "{text}"
    );
}
