//! Policies in OpenAPI documents: what is said, what is kept back, and what the audit notices.

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use keycloak::{
    Keycloak, User,
    openapi::{Finding, PolicyText, SchemeKind, audit},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use utoipa::{Modify as _, OpenApi as _};
use utoipa_axum::{router::OpenApiRouter, routes};

fn keycloak() -> Keycloak {
    Keycloak::builder()
        .server_url("https://sso.example.com/")
        .realm("demo")
        .client_id("demo-api")
        .build()
        .unwrap()
}

#[utoipa::path(get, path = "/above", responses((status = 200, body = String)))]
#[keycloak::protected(roles = ["admin-role"], groups = any["ops-group", "/sre-group"])]
async fn above(user: User) -> String {
    user.subject().to_owned()
}

#[keycloak::protected(roles = ["admin-role"], scopes = ["reports:read"])]
#[utoipa::path(get, path = "/below")]
async fn below() {}

use utoipa::path as operation;

/// A renamed import, above.
#[operation(post, path = "/renamed")]
#[keycloak::protected(scopes = any["a:scope", "b:scope"])]
async fn renamed() {}

/// A renamed import, below.
#[keycloak::protected]
#[operation(put, path = "/renamed-below")]
async fn renamed_below() {}

#[keycloak::protected(roles = ["admin-role"])]
#[cfg_attr(all(), utoipa::path(get, path = "/cfg-below"))]
async fn cfg_below() {}

#[cfg_attr(all(), utoipa::path(get, path = "/cfg-above"))]
#[keycloak::protected(roles = ["admin-role"])]
async fn cfg_above() {}

#[keycloak::protected(roles = ["admin-role"])]
#[cfg_attr(any(), utoipa::path(get, path = "/cfg-off"))]
#[allow(dead_code, reason = "declared only")]
async fn cfg_off() {}

#[utoipa::path(get, path = "/optional")]
#[keycloak::protected(optional)]
async fn optional(user: Option<User>) -> String {
    user.map(|user| user.subject().to_owned())
        .unwrap_or_default()
}

#[utoipa::path(get, path = "/public")]
#[keycloak::public]
async fn public() {}

/// Written by hand.
#[utoipa::path(
    get,
    path = "/own",
    responses((status = 401, description = "own words"), (status = 404, description = "none")),
    security(("api_key" = []), ("keycloak" = ["own:scope"])),
)]
#[keycloak::protected(roles = ["admin-role"])]
async fn own() {}

#[utoipa::path(get, path = "/raw")]
#[keycloak::protected(roles = ["admin-role"])]
#[allow(dead_code, reason = "in `Api` only")]
async fn r#match() {}

#[utoipa::path(get, path = "/undeclared")]
async fn undeclared() {}

mod child {
    use super::*;

    /// Not documented: must not be taken for the parent's handler of the same name.
    #[keycloak::protected(roles = ["child-role"])]
    #[allow(dead_code, reason = "declared only")]
    pub(super) async fn undeclared() {}
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    above,
    below,
    renamed,
    renamed_below,
    cfg_below,
    cfg_above,
    optional,
    public,
    own,
    r#match
))]
struct Api;

fn by_routes() -> utoipa::openapi::OpenApi {
    let inner = OpenApiRouter::<Keycloak>::new()
        .routes(routes!(above))
        .routes(routes!(below))
        .routes(routes!(renamed));
    let rest = OpenApiRouter::<Keycloak>::with_openapi(Empty::openapi())
        .nest("/nested", inner)
        .routes(routes!(renamed_below))
        .routes(routes!(cfg_below))
        .routes(routes!(cfg_above))
        .routes(routes!(optional))
        .routes(routes!(public))
        .routes(routes!(own));
    rest.split_for_parts().1
}

#[derive(utoipa::OpenApi)]
struct Empty;

fn json_of(document: &utoipa::openapi::OpenApi) -> Value {
    serde_json::to_value(document).unwrap()
}

fn applied(text: PolicyText) -> Value {
    let mut document = Api::openapi();
    keycloak()
        .security_scheme()
        .policy_text(text)
        .modify(&mut document);
    json_of(&document)
}

#[test]
fn every_order_and_spelling_is_completed() {
    let paths = json_of(&Api::openapi())["paths"].take();
    let routes = json_of(&by_routes())["paths"].take();
    for (path, method, security) in [
        ("/above", "get", json!([{"keycloak": []}])),
        ("/below", "get", json!([{"keycloak": ["reports:read"]}])),
        (
            "/renamed",
            "post",
            json!([{"keycloak": ["a:scope"]}, {"keycloak": ["b:scope"]}]),
        ),
        ("/renamed-below", "put", json!([{"keycloak": []}])),
        ("/cfg-below", "get", json!([{"keycloak": []}])),
        ("/cfg-above", "get", json!([{"keycloak": []}])),
        ("/raw", "get", json!([{"keycloak": []}])),
    ] {
        let operation = &paths[path][method];
        assert_eq!(operation["security"], security, "{path}");
        for status in ["401", "403"] {
            let response = &operation["responses"][status];
            let schema = &response["content"]["application/json"]["schema"];
            assert_eq!(
                schema["properties"]["error"]["required"],
                json!(["code", "message"]),
                "{path} {status}"
            );
            assert!(response["headers"]["WWW-Authenticate"].is_object());
        }
    }
    for (path, nested) in [
        ("/above", "/nested/above"),
        ("/below", "/nested/below"),
        ("/renamed", "/nested/renamed"),
        ("/renamed-below", "/renamed-below"),
        ("/cfg-below", "/cfg-below"),
        ("/cfg-above", "/cfg-above"),
        ("/optional", "/optional"),
        ("/public", "/public"),
        ("/own", "/own"),
    ] {
        let method = match path {
            "/renamed" => "post",
            "/renamed-below" => "put",
            _ => "get",
        };
        for part in ["security", "responses", "x-keycloak-handler"] {
            assert_eq!(
                routes[nested][method][part], paths[path][method][part],
                "{path} {part}"
            );
        }
    }
}

#[test]
fn optional_has_the_alternative_of_no_credentials_and_no_403() {
    let document = applied(PolicyText::Full);
    let operation = &document["paths"]["/optional"]["get"];
    assert_eq!(operation["security"], json!([{}, {"keycloak": []}]));
    assert!(operation["responses"]["401"].is_object());
    assert!(operation["responses"]["403"].is_null());
    assert_eq!(
        operation["x-keycloak-policy"],
        json!({"optional": true, "text": "optional"})
    );
}

#[test]
fn public_handlers_ask_for_nothing_even_where_the_document_does() {
    let operation = |document: &Value| document["paths"]["/public"]["get"].clone();
    let plain = operation(&applied(PolicyText::Full));
    assert!(plain["security"].is_null());
    assert!(plain["responses"]["401"].is_null());

    let mut document = Api::openapi();
    document.security = Some(vec![utoipa::openapi::security::SecurityRequirement::new(
        "keycloak", [""; 0],
    )]);
    keycloak().security_scheme().modify(&mut document);
    assert_eq!(operation(&json_of(&document))["security"], json!([]));
}

#[test]
fn what_was_written_by_hand_stays() {
    for document in [json_of(&Api::openapi()), applied(PolicyText::Full)] {
        let operation = &document["paths"]["/own"]["get"];
        assert_eq!(
            operation["security"],
            json!([{"api_key": []}, {"keycloak": ["own:scope"]}])
        );
        let responses = &operation["responses"];
        assert_eq!(responses["401"], json!({"description": "own words"}));
        assert_eq!(responses["404"], json!({"description": "none"}));
        assert!(responses["403"]["content"].is_object());
        let summary = format!("{}{}", operation["summary"], operation["description"]);
        assert!(summary.contains("Written by hand."), "{summary}");
    }
}

const SECRETS: [&str; 5] = [
    "admin-role",
    "ops-group",
    "sre-group",
    "child-role",
    "integration::openapi",
];

#[test]
fn only_full_tells_roles_and_groups() {
    for document in [
        json_of(&Api::openapi()),
        json_of(&by_routes()),
        applied(PolicyText::ScopesOnly),
        applied(PolicyText::None),
    ] {
        let text = document.to_string();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let full = applied(PolicyText::Full);
    let above = &full["paths"]["/above"]["get"];
    assert_eq!(
        above["x-keycloak-policy"],
        json!({
            "all": [
                {"roles": {"all": ["admin-role"]}},
                {"groups": {"any": ["ops-group", "/sre-group"]}},
            ],
            "text": "roles = [\"admin-role\"], groups = any[\"ops-group\", \"/sre-group\"]",
        })
    );
    assert_eq!(
        above["description"],
        "**Authorization:** all of these:\n\n- the role `admin-role`\n- membership in one of the \
         groups `ops-group`, `/sre-group`"
    );
}

#[test]
fn scopes_only_is_the_default_and_none_tells_nothing() {
    let mut document = Api::openapi();
    keycloak().security_scheme().modify(&mut document);
    assert_eq!(json_of(&document), applied(PolicyText::ScopesOnly));

    let scopes = applied(PolicyText::ScopesOnly);
    let below = &scopes["paths"]["/below"]["get"];
    assert_eq!(
        below["x-keycloak-policy"],
        json!({"all": [{"scopes": {"all": ["reports:read"]}}], "partial": true})
    );
    assert_eq!(
        below["description"],
        "**Authorization:** the scope `reports:read`, and further permissions."
    );

    let none = applied(PolicyText::None);
    let below = &none["paths"]["/below"]["get"];
    assert_eq!(below["security"], json!([{"keycloak": []}]));
    assert!(below["x-keycloak-policy"].is_null());
    assert!(below["description"].is_null());
    assert!(below["responses"]["403"].is_object());
}

#[test]
fn applying_again_replaces_what_was_written() {
    let keycloak = keycloak();
    let mut document = Api::openapi();
    for text in [PolicyText::Full, PolicyText::None, PolicyText::ScopesOnly] {
        keycloak
            .security_scheme()
            .policy_text(text)
            .modify(&mut document);
        assert_eq!(json_of(&document), applied(text), "{text:?}");
    }
}

#[test]
fn the_scheme_is_authorization_code_with_every_scope_that_is_asked_for() {
    let document = applied(PolicyText::ScopesOnly);
    let scheme = &document["components"]["securitySchemes"]["keycloak"];
    assert_eq!(scheme["type"], "oauth2");
    let flow = &scheme["flows"]["authorizationCode"];
    let base = "https://sso.example.com/realms/demo/protocol/openid-connect";
    assert_eq!(flow["authorizationUrl"], format!("{base}/auth"));
    assert_eq!(flow["tokenUrl"], format!("{base}/token"));
    let scopes: Vec<&str> = flow["scopes"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(scopes, ["a:scope", "b:scope", "openid", "reports:read"]);
    assert!(document["components"]["schemas"]["KeycloakError"].is_object());
    assert_eq!(
        document["paths"]["/above"]["get"]["responses"]["401"]["content"]["application/json"]["schema"],
        json!({"$ref": "#/components/schemas/KeycloakError"})
    );
}

#[test]
fn other_schemes_and_another_name() {
    let keycloak = Keycloak::builder()
        .server_url("http://keycloak:8080")
        .issuer("https://sso.example.com/realms/demo")
        .realm("demo")
        .client_id("demo-api")
        .openapi_security_scheme("sso", ["openid", "profile"])
        .build()
        .unwrap();
    let scheme = |kind| {
        let scheme = keycloak.security_scheme().kind(kind);
        let document = json_of(&scheme.apply(Api::openapi()));
        assert_eq!(scheme.name(), "sso");
        let security = document["paths"]["/below"]["get"]["security"].clone();
        (
            document["components"]["securitySchemes"]["sso"].clone(),
            security,
        )
    };
    let (oidc, security) = scheme(SchemeKind::OpenIdConnect);
    assert_eq!(oidc["type"], "openIdConnect");
    assert_eq!(
        oidc["openIdConnectUrl"],
        "https://sso.example.com/realms/demo/.well-known/openid-configuration"
    );
    assert_eq!(security, json!([{"sso": ["reports:read"]}]));

    let (bearer, security) = scheme(SchemeKind::Bearer);
    assert_eq!(
        (&bearer["type"], &bearer["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
    assert_eq!(security, json!([{"sso": []}]));

    let (oauth, _) = scheme(SchemeKind::AuthorizationCode);
    let scopes = &oauth["flows"]["authorizationCode"]["scopes"];
    assert!(scopes["profile"].is_string() && scopes["reports:read"].is_string());
}

mod audits {
    use super::*;

    fn findings(document: &utoipa::openapi::OpenApi) -> Vec<Finding> {
        audit(document).ignore_undocumented().findings().to_vec()
    }

    #[test]
    fn a_document_of_declared_handlers_is_clean() {
        let document = keycloak().security_scheme().apply(by_routes());
        // `own` names a scheme that is not Keycloak's as one way in.
        let expected = json!([
            {"problem": "no_scheme", "scheme": "api_key"},
        ]);
        assert_eq!(json!(findings(&document)), expected);

        #[derive(utoipa::OpenApi)]
        #[openapi(paths(above, below, renamed, optional, public))]
        struct Clean;
        let document = keycloak().security_scheme().apply(Clean::openapi());
        audit(&document).ignore_undocumented().assert_clean();
    }

    #[test]
    fn handlers_that_are_not_documented_are_named() {
        let all = audit(&Api::openapi()).to_string();
        for handler in [
            "service::integration::openapi::cfg_off",
            "service::integration::openapi::child::undeclared",
        ] {
            assert!(
                all.lines()
                    .any(|line| line.starts_with(handler) && line.contains("not in the document")),
                "{handler} in {all}"
            );
        }
        assert!(
            !all.contains("service::integration::openapi::above"),
            "{all}"
        );
    }

    #[test]
    fn routes_without_a_declared_handler_are_named() {
        let (_, document) = OpenApiRouter::<Keycloak>::new()
            .nest("/api", OpenApiRouter::new().routes(routes!(undeclared)))
            .split_for_parts();
        assert_eq!(
            json!(findings(&document)),
            json!([{
                "problem": "undeclared",
                "method": "GET",
                "path": "/api/undeclared",
                "operation": "undeclared",
            }])
        );
        let text = json_of(&document).to_string();
        assert!(
            !text.contains("401"),
            "the child's policy is not the parent's: {text}"
        );
    }

    #[test]
    fn a_protected_handler_documented_as_open_is_named() {
        #[derive(utoipa::OpenApi)]
        #[openapi(paths(above))]
        struct Doc;
        let mut document = keycloak().security_scheme().apply(Doc::openapi());
        let open = |document: &mut utoipa::openapi::OpenApi, security| {
            let item = document.paths.paths.get_mut("/above").unwrap();
            item.get.as_mut().unwrap().security = security;
        };
        use utoipa::openapi::security::SecurityRequirement;
        let token = SecurityRequirement::new("keycloak", [""; 0]);
        let unsecured = json!([{
            "problem": "unsecured",
            "handler": "service::integration::openapi::above",
            "method": "GET",
            "path": "/above",
        }]);
        for security in [
            None,
            Some(vec![]),
            Some(vec![SecurityRequirement::default(), token.clone()]),
        ] {
            open(&mut document, security);
            assert_eq!(json!(findings(&document)), unsecured);
        }
        open(&mut document, Some(vec![token]));
        assert!(findings(&document).is_empty());
    }

    /// The one order that cannot be completed: utoipa above, in the body of a function.
    #[test]
    fn what_could_not_be_completed_is_named_from_both_sides() {
        #[utoipa::path(get, path = "/hole")]
        #[keycloak::protected(roles = ["admin-role"])]
        async fn hole() {}

        #[keycloak::protected(roles = ["admin-role"])]
        #[utoipa::path(get, path = "/whole")]
        async fn whole() {}

        let (_, document) = OpenApiRouter::<Keycloak>::new()
            .routes(routes!(hole))
            .routes(routes!(whole))
            .split_for_parts();
        let found = audit(&document).to_string();
        assert!(found.contains("GET /hole (`hole`) is neither"), "{found}");
        assert!(
            found
                .lines()
                .any(|line| line.starts_with("service::integration::openapi::audits::hole (")),
            "{found}"
        );
        assert!(!found.contains("whole"), "{found}");
    }
}

#[test]
fn the_manifest_knows_the_routes() {
    let manifest = keycloak::policies();
    let route = |handler: &str| {
        let entry = manifest
            .entries()
            .iter()
            .find(|entry| entry.module_path() == module_path!() && entry.handler() == handler)
            .unwrap_or_else(|| panic!("{handler} is declared"));
        entry
            .routes()
            .iter()
            .map(|route| format!("{} {}", route.method, route.path))
            .collect::<Vec<_>>()
    };
    assert_eq!(route("above"), ["GET /above"]);
    assert_eq!(route("renamed"), ["POST /renamed"]);
    assert_eq!(route("public"), ["GET /public"]);
    assert_eq!(route("match"), ["GET /raw"]);
    assert_eq!(route("cfg_off"), [""; 0]);
}

mod swagger {
    use super::*;

    async fn get(app: &Router, path: &str) -> (StatusCode, String, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .map(|kind| kind.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, kind, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn serves_page_document_and_the_way_back_from_the_login() {
        let app: Router = Router::new().merge(
            keycloak()
                .swagger_ui(Api::openapi())
                .client_id("demo-web")
                .policy_text(PolicyText::Full),
        );
        let request = Request::get("/docs/").body(Body::empty()).unwrap();
        let headers = app.clone().oneshot(request).await.unwrap();
        let policy = &headers.headers()[header::CONTENT_SECURITY_POLICY];
        assert!(policy.to_str().unwrap().contains("script-src 'self'"));
        assert_eq!(get(&app, "/docs").await.0, StatusCode::SEE_OTHER);
        let (status, kind, page) = get(&app, "/docs/").await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/html"));
        for line in page
            .lines()
            .filter(|line| line.contains("src=") || line.contains("href="))
        {
            assert!(!line.contains("//"), "something from elsewhere: {line}");
        }
        let (_, _, script) = get(&app, "/docs/swagger-initializer.js").await;
        assert!(script.contains("\"/openapi.json\""), "{script}");
        assert!(script.contains("demo-web"), "{script}");
        assert!(
            script.contains("\"usePkceWithAuthorizationCodeGrant\": true"),
            "{script}"
        );
        assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
        assert_eq!(
            get(&app, "/docs/oauth2-redirect.html").await.0,
            StatusCode::OK
        );
        assert_eq!(
            get(&app, "/docs/swagger-ui-bundle.js").await.0,
            StatusCode::OK
        );
        assert_eq!(get(&app, "/docs/nothing").await.0, StatusCode::NOT_FOUND);

        let (status, kind, document) = get(&app, "/openapi.json").await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::OK, "application/json")
        );
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document, applied(PolicyText::Full));
    }

    #[tokio::test]
    async fn other_paths() {
        let page = keycloak()
            .swagger_ui(Empty::openapi())
            .path("/try")
            .document_path("/api.json");
        let app: Router = page.router();
        assert_eq!(get(&app, "/try/").await.0, StatusCode::OK);
        assert_eq!(get(&app, "/api.json").await.0, StatusCode::OK);
        assert_eq!(get(&app, "/docs/").await.0, StatusCode::NOT_FOUND);
    }
}

/// A body type, so that utoipa's own schemas and ours are side by side.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Report {
    id: u64,
}

#[utoipa::path(get, path = "/report", responses((status = 200, body = Report)))]
#[keycloak::protected(roles = ["admin-role"])]
async fn report() -> Json<Report> {
    Json(Report { id: 1 })
}

#[test]
fn schemas_of_the_application_stay() {
    let (_, document) = OpenApiRouter::<Keycloak>::new()
        .routes(routes!(report))
        .split_for_parts();
    let document = json_of(&keycloak().security_scheme().apply(document));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.contains_key("Report") && schemas.contains_key("KeycloakError"));
}
