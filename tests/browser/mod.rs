//! A person at a browser: the quickstart's API docs on the embedded realm, in real Chromium, and a
//! single-page application with Keycloak's own adapter.
//!
//! The same against the real Keycloak is part of the live suite, which has that server running.
//! Screenshots are left in the cache folder (`screenshots`).

mod adapter;

use support::{
    browser::{Browser, Visit},
    quickstart::Quickstart,
};

#[test]
fn swagger_ui_signs_in_at_the_embedded_realm_and_tries_the_admin_route() {
    let browser = match Browser::find() {
        Ok(browser) => browser,
        Err(reason) => return support::skip("the browser suite", &reason),
    };
    let quickstart = Quickstart::start(&[]);
    browser.check(&quickstart.base, "embedded");
}

#[test]
fn a_wrong_password_stays_on_the_login_page() {
    let browser = match Browser::find() {
        Ok(browser) => browser,
        Err(reason) => return support::skip("the browser suite", &reason),
    };
    let quickstart = Quickstart::start(&[]);
    let seen = browser.visit(&Visit {
        name: "embedded-wrong-password",
        docs: &format!("{}/docs/", quickstart.base),
        username: "alice",
        password: "wrong",
        path: "/admin",
    });
    assert_eq!(seen["status"], serde_json::Value::Null, "{seen:#}");
    let refused = seen["refused"].as_str().unwrap_or_default();
    assert!(!refused.is_empty(), "the page says so: {seen:#}");
}
