//! The authorization code flow as a browser would walk it, and its refusals.

use std::collections::HashMap;

use keycloak::dev::RunningRealm;
use reqwest::{
    Response, Url,
    header::{COOKIE, LOCATION, SET_COOKIE},
};
use serde_json::json;

use super::{
    client::{claims, http, token},
    fixture::rich,
};

const CALLBACK: &str = "http://127.0.0.1:8000/docs/oauth2-redirect.html";
/// The example of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A good request of the client `web`, with parameters changed, added or (empty) removed.
fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut parameters = vec![
        ("client_id", "web"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "s t&x"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for change in changes {
        parameters.retain(|(name, _)| *name != change.0);
        parameters.push(*change);
    }
    parameters.retain(|(_, value)| !value.is_empty());
    parameters
}

async fn open(realm: &RunningRealm, parameters: &[(&str, &str)], cookie: &str) -> Response {
    let base = format!("{}/protocol/openid-connect/auth", realm.issuer_url());
    let url = Url::parse_with_params(&base, parameters).unwrap();
    let request = http().get(url).header(COOKIE, cookie);
    request.send().await.unwrap()
}

/// Where the page's forms go.
async fn action(page: Response, realm: &RunningRealm) -> String {
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    let (_, rest) = html.split_once("action=\"").unwrap();
    let (action, _) = rest.split_once('"').unwrap();
    format!("{}{}", realm.server_url(), action.replace("&amp;", "&"))
}

async fn sign_in(
    realm: &RunningRealm,
    parameters: &[(&str, &str)],
    form: &[(&str, &str)],
) -> Response {
    let action = action(open(realm, parameters, "").await, realm).await;
    http().post(action).form(form).send().await.unwrap()
}

/// Address and parameters of a redirect.
#[track_caller]
fn redirected(response: &Response) -> (String, HashMap<String, String>) {
    assert_eq!(response.status(), 302);
    let location = response.headers()[LOCATION].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    let text = url.query().or(url.fragment()).unwrap_or_default();
    let pairs = Url::parse(&format!("http://x/?{text}")).unwrap();
    let parameters = pairs.query_pairs().into_owned().collect();
    let (address, _) = location.split_once(['?', '#']).unwrap_or((location, ""));
    (address.to_owned(), parameters)
}

#[tokio::test]
async fn a_persona_signs_in_with_one_press_and_the_code_is_good_once() {
    let realm = rich().await;
    let response = sign_in(&realm, &request(&[]), &[("persona", "alice")]).await;
    let (address, answer) = redirected(&response);
    assert_eq!(address, CALLBACK);
    assert_eq!(answer["state"], "s t&x");
    assert_eq!(answer["iss"], realm.issuer_url());
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("code", answer["code"].as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let (status, body) = token(&realm, &form).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["session_state"], answer["session_state"].as_str());
    let access = claims(&body, "access_token");
    // The login came first; a second may have begun before the code was exchanged.
    assert!(access["auth_time"].as_i64() <= access["iat"].as_i64());
    assert!(access["auth_time"].is_i64());
    assert_eq!(access["acr"], "1");
    assert!(access["jti"].as_str().unwrap().starts_with("onrtac:"));
    assert!(access.get("nonce").is_none());
    let id = claims(&body, "id_token");
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["auth_time"], access["auth_time"]);
    let (status, again) = token(&realm, &form).await;
    assert_eq!(status, 400);
    let expected = json!({"error": "invalid_grant", "error_description": "Code not valid"});
    assert_eq!(again, expected);
}

#[tokio::test]
async fn names_and_passwords_sign_in_and_wrong_ones_say_so() {
    let realm = rich().await;
    let form = [("username", "Alice"), ("password", "alice-password")];
    let response = sign_in(&realm, &request(&[]), &form).await;
    assert!(redirected(&response).1.contains_key("code"));
    for form in [
        [("username", "alice"), ("password", "wrong")],
        [("username", "<script>"), ("password", "wrong")],
        [("username", "service-account-api"), ("password", "")],
    ] {
        let response = sign_in(&realm, &request(&[]), &form).await;
        assert_eq!(response.status(), 200);
        let html = response.text().await.unwrap();
        assert!(html.contains("Invalid username or password."), "{form:?}");
        assert!(!html.contains("<script"), "{form:?}");
    }
    let response = sign_in(&realm, &request(&[]), &[("persona", "disabled")]).await;
    assert!(response.text().await.unwrap().contains("cannot sign in"));
}

#[tokio::test]
async fn the_page_loads_nothing_and_names_everybody() {
    let realm = rich().await;
    let page = open(&realm, &request(&[]), "").await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(page.headers()["x-frame-options"], "SAMEORIGIN");
    let html = page.text().await.unwrap();
    for outside in ["<script", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
    for persona in realm.personas() {
        let button = format!("name=\"persona\" value=\"{}\"", persona.username);
        assert!(html.contains(&button), "{}", persona.username);
    }
    assert!(!html.contains("service-account"));
}

#[tokio::test]
async fn unregistered_clients_and_addresses_are_never_redirected_to() {
    let realm = rich().await;
    for changes in [
        [("redirect_uri", "http://evil.example/")],
        [("redirect_uri", "http://127.0.0.1:8000/other")],
        [("redirect_uri", "")],
        [("client_id", "nobody")],
        [("client_id", "off")],
        [("client_id", "")],
    ] {
        let response = open(&realm, &request(&changes), "").await;
        assert_eq!(response.status(), 400, "{changes:?}");
        assert!(response.headers().get(LOCATION).is_none());
    }
}

#[tokio::test]
async fn bad_requests_are_told_to_the_client() {
    let realm = rich().await;
    let cases = [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
            Some("Missing parameter: code_challenge_method"),
        ),
        (
            vec![("code_challenge_method", "plain")],
            "invalid_request",
            Some("Invalid parameter: code challenge method is not matching the configured one"),
        ),
        (
            vec![("scope", "openid nope")],
            "invalid_scope",
            Some("Invalid scopes: openid nope"),
        ),
        (vec![("prompt", "none")], "login_required", None),
        (
            vec![("response_type", "foo")],
            "unsupported_response_type",
            None,
        ),
        (
            vec![("response_type", "")],
            "invalid_request",
            Some("Missing parameter: response_type"),
        ),
        (
            vec![("response_type", "token")],
            "unauthorized_client",
            Some(
                "Client is not allowed to initiate browser login with given response_type. \
                 Implicit flow is disabled for the client.",
            ),
        ),
    ];
    for (changes, error, description) in cases {
        let response = open(&realm, &request(&changes), "").await;
        let (address, answer) = redirected(&response);
        assert_eq!(address, CALLBACK);
        assert_eq!(answer["error"], error, "{changes:?}");
        let told = answer.get("error_description").map(String::as_str);
        assert_eq!(told, description, "{changes:?}");
        assert_eq!(answer["state"], "s t&x");
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn codes_are_bound_to_client_address_and_verifier() {
    let realm = rich().await;
    let good = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let wrong_verifier = "x".repeat(43);
    let cases = [
        (
            ("code_verifier", wrong_verifier.as_str()),
            "PKCE verification failed: Code mismatch",
        ),
        (("code_verifier", ""), "PKCE code verifier not specified"),
        (
            ("redirect_uri", "http://127.0.0.1:8000/"),
            "Incorrect redirect_uri",
        ),
        (
            ("client_id", "api"),
            "Auth error: Found different client_id in clientSession",
        ),
    ];
    for (change, description) in cases {
        let response = sign_in(&realm, &request(&[]), &[("persona", "bob")]).await;
        let code = redirected(&response).1["code"].clone();
        let mut form = good.to_vec();
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        form.push(("code", &code));
        form.push(("client_secret", "api-secret"));
        form.retain(|(_, value)| !value.is_empty());
        let (status, body) = token(&realm, &form).await;
        assert_eq!(status, 400);
        assert_eq!(body["error_description"], description);
    }
}

#[tokio::test]
async fn a_signed_in_browser_can_be_asked_silently_and_signed_out() {
    let realm = rich().await;
    let response = sign_in(&realm, &request(&[]), &[("persona", "carol")]).await;
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap();
    let silent = request(&[("prompt", "none"), ("response_mode", "fragment")]);
    let response = open(&realm, &silent, cookie).await;
    let location = response.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(location.starts_with(&format!("{CALLBACK}#")), "{location}");
    let code = redirected(&response).1["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let (_, body) = token(&realm, &form).await;
    assert_eq!(claims(&body, "access_token")["acr"], "0");
    // Without `prompt=none` the page comes again, to become another user.
    let page = open(&realm, &request(&[]), cookie)
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("current"));

    let logout = format!("{}/protocol/openid-connect/logout", realm.issuer_url());
    let leave = |target: &str| {
        let parameters = [
            ("id_token_hint", body["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", target),
            ("state", "zz"),
        ];
        let url = Url::parse_with_params(&logout, parameters).unwrap();
        http().get(url).send()
    };
    assert_eq!(leave("http://evil.example/").await.unwrap().status(), 400);
    let (address, answer) = redirected(&leave(CALLBACK).await.unwrap());
    assert_eq!(
        (address.as_str(), answer["state"].as_str()),
        (CALLBACK, "zz")
    );
    let response = open(&realm, &silent, cookie).await;
    assert_eq!(redirected(&response).1["error"], "login_required");
}

#[tokio::test]
async fn signing_out_without_a_hint_is_confirmed_first() {
    let realm = rich().await;
    let response = sign_in(&realm, &request(&[]), &[("persona", "carol")]).await;
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let silent = request(&[("prompt", "none")]);
    let logout = format!("{}/protocol/openid-connect/logout", realm.issuer_url());
    let page = http()
        .get(&logout)
        .header(COOKIE, cookie)
        .send()
        .await
        .unwrap();
    let html = page.text().await.unwrap();
    assert!(
        redirected(&open(&realm, &silent, cookie).await)
            .1
            .contains_key("code")
    );
    let (_, rest) = html.split_once("name=\"confirm\" value=\"").unwrap();
    let confirm = rest.split('"').next().unwrap();
    let posted = |confirm: &str| {
        let form = [("confirm", confirm.to_owned())];
        http()
            .post(&logout)
            .header(COOKIE, cookie)
            .form(&form)
            .send()
    };
    posted("guess").await.unwrap();
    assert!(
        redirected(&open(&realm, &silent, cookie).await)
            .1
            .contains_key("code")
    );
    posted(confirm).await.unwrap();
    let response = open(&realm, &silent, cookie).await;
    assert_eq!(redirected(&response).1["error"], "login_required");
}
