//! The authorization code flow through either login page, without a browser: both have a form
//! that takes `username` and `password`.

use std::collections::BTreeMap;

use reqwest::{
    Client, Response, StatusCode, Url,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;

const CALLBACK: &str = "http://127.0.0.1:8000/docs/oauth2-redirect.html";
/// The example of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Signs the user in at the client `demo-web` and redeems the code.
pub async fn sign_in(issuer: &str, username: &str) -> (StatusCode, Value) {
    let http = Client::builder().redirect(Policy::none()).build();
    let http = http.expect("a client without special settings");
    let endpoint = |name: &str| format!("{issuer}/protocol/openid-connect/{name}");
    let parameters = [
        ("client_id", "demo-web"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("nonce", "n-1"),
        ("state", "s-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let url = Url::parse_with_params(&endpoint("auth"), parameters).expect("an address");
    let page = http.get(url).send().await.expect("the page answers");
    let cookies = cookies(&page);
    let html = page.text().await.expect("the page is text");
    let action = form_action(&html, issuer);
    let password = format!("{username}-password");
    let signed_in = http
        .post(action)
        .header(COOKIE, cookies)
        .form(&[("username", username), ("password", &password)])
        .send()
        .await
        .expect("the form is answered");
    let location = signed_in
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
        .unwrap_or_else(|| panic!("{username} is not sent back: {}", signed_in.status()));
    let back: BTreeMap<_, _> = Url::parse(location)
        .expect("an address")
        .query_pairs()
        .into_owned()
        .collect();
    assert_eq!(back["state"], "s-1");
    assert_eq!(back["iss"], issuer);
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "demo-web"),
        ("redirect_uri", CALLBACK),
        ("code", back["code"].as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = http.post(endpoint("token")).form(&form).send().await;
    let answer = answer.expect("the token endpoint answers");
    let status = answer.status();
    (status, answer.json().await.expect("the answer is JSON"))
}

/// The cookies as a browser would send them back; over plain HTTP some are marked for HTTPS only,
/// which browsers overlook on loopback.
fn cookies(response: &Response) -> String {
    response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .collect::<Vec<_>>()
        .join("; ")
}

fn form_action(html: &str, issuer: &str) -> Url {
    let (_, rest) = html.split_once("action=\"").expect("a form on the page");
    let (action, _) = rest.split_once('"').expect("an end of the attribute");
    Url::parse(issuer)
        .and_then(|base| base.join(&action.replace("&amp;", "&")))
        .expect("an address")
}
