//! TLS to Keycloak: good and bad certificates, own roots, and verification switched off.

use keycloak::{Algorithm, Keycloak, KeycloakBuilder, diagnostics::DiagnosticStatus};
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims},
    tls::{self, Authority, Flaw},
};

const AUDIENCE: &str = "api";

struct Scene {
    issuer: Issuer,
    authority: Authority,
    token: String,
}

impl Scene {
    async fn new(flaw: Flaw) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "key");
        let authority = Authority::new();
        let issuer = tls::issuer(&authority, flaw, &[&key]).await;
        let claims = claims(&issuer.issuer(), AUDIENCE, "alice");
        let token = key.token(&claims);
        Self {
            issuer,
            authority,
            token,
        }
    }

    /// Trusts the scene's authority beside the machine's.
    fn builder(&self) -> KeycloakBuilder {
        self.plain_builder().ca_certificates(self.authority.pem())
    }

    /// Trusts the machine's authorities only.
    fn plain_builder(&self) -> KeycloakBuilder {
        Keycloak::builder()
            .server_url(self.issuer.server_url())
            .realm(REALM)
            .client_id(AUDIENCE)
            .algorithms([Algorithm::ES256])
    }

    /// The token is not checked, with this code, and the report says the same.
    async fn check(&self, builder: KeycloakBuilder, code: &str) {
        let keycloak = builder.build().expect("settings");
        let refused = keycloak
            .authenticate_token(&self.token)
            .await
            .expect_err("keys are not available");
        assert_eq!(refused.code(), code);
        assert_eq!(refused.status(), 503);
        assert!(refused.challenge().is_none());

        let report = keycloak.run_diagnostics().await;
        assert_eq!(report.status, DiagnosticStatus::Error);
        assert!(report.ssl_verification_enabled);
        let discovery = &report.oidc_discovery;
        assert_eq!(discovery.status, DiagnosticStatus::Error, "{discovery:?}");
        assert_eq!(discovery.cert_valid, Some(false));
        let details = discovery.cert_error_details.as_ref().expect("details");
        assert!(details.starts_with(code), "{details}");
        assert_eq!(discovery.http_status, None);
        keycloak.close().await;
    }
}

#[tokio::test]
async fn a_good_certificate_of_an_own_authority_is_accepted() {
    let scene = Scene::new(Flaw::None).await;
    let keycloak = scene.builder().build().expect("settings");
    let user = keycloak
        .authenticate_token(&scene.token)
        .await
        .expect("user");
    assert_eq!(user.subject(), "alice");

    let report = keycloak.run_diagnostics().await;
    assert_eq!(report.status, DiagnosticStatus::Ok, "{report:?}");
    for endpoint in [
        &report.oidc_discovery,
        &report.jwks_uri,
        &report.end_session,
    ] {
        assert_eq!(endpoint.status, DiagnosticStatus::Ok, "{endpoint:?}");
        assert_eq!(endpoint.cert_valid, Some(true));
        assert_eq!(endpoint.cert_error_details, None);
        assert!(endpoint.cert_expiry_days_remaining.expect("days") > 365);
        assert_eq!(endpoint.tls_protocol.as_deref(), Some("TLSv1_3"));
    }
    keycloak.close().await;
}

#[tokio::test]
async fn an_authority_that_nobody_configured_is_not_trusted() {
    let scene = Scene::new(Flaw::None).await;
    scene.check(scene.plain_builder(), "cert_untrusted").await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused_and_its_age_reported() {
    let scene = Scene::new(Flaw::Expired).await;
    scene.check(scene.builder(), "cert_expired").await;
    let keycloak = scene.builder().build().expect("settings");
    let report = keycloak.run_diagnostics().await;
    let days = report.oidc_discovery.cert_expiry_days_remaining;
    assert!(days.expect("days") < -300, "{days:?}");
}

#[tokio::test]
async fn a_certificate_from_the_future_is_refused() {
    let scene = Scene::new(Flaw::NotYetValid).await;
    scene.check(scene.builder(), "cert_verify_failed").await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_and_called_so() {
    let scene = Scene::new(Flaw::SelfSigned).await;
    scene.check(scene.builder(), "cert_untrusted").await;
    let keycloak = scene.builder().build().expect("settings");
    let report = keycloak.run_diagnostics().await;
    let message = &report.oidc_discovery.message;
    assert!(message.contains("self-signed"), "{message}");
    assert!(message.contains("ca_certificates"), "{message}");
}

#[tokio::test]
async fn the_certificate_of_a_ca_is_called_so_in_log_and_report() {
    let scene = Scene::new(Flaw::CaItself).await;
    scene.check(scene.builder(), "cert_verify_failed").await;
    let keycloak = scene.builder().build().expect("settings");
    let refused = keycloak.authenticate_token(&scene.token).await;
    let refused = refused.expect_err("keys are not available");
    // What the events of failed fetches say as well.
    let logged = std::error::Error::source(&refused)
        .expect("a cause")
        .to_string();
    let report = keycloak.run_diagnostics().await;
    for text in [&logged, &report.oidc_discovery.message] {
        assert!(text.contains("is that of a CA"), "{text}");
        assert!(text.contains("`CA:FALSE`"), "{text}");
    }
    keycloak.close().await;
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let scene = Scene::new(Flaw::OtherHost).await;
    scene.check(scene.builder(), "hostname_mismatch").await;
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_is_an_ssl_error() {
    let key = SigningKey::generate(Algorithm::ES256, "key");
    let plain = support::issuer::Issuer::start(&[&key]).await;
    let https = plain.server_url().replace("http://", "https://");
    let keycloak = Keycloak::builder()
        .server_url(https)
        .realm(REALM)
        .client_id(AUDIENCE)
        .build()
        .expect("settings");
    let token = SigningKey::generate(Algorithm::RS256, "key").token(&claims("", AUDIENCE, "alice"));
    let refused = keycloak.authenticate_token(&token).await;
    assert_eq!(refused.expect_err("no keys").code(), "ssl_error");
    let report = keycloak.run_diagnostics().await;
    let details = report.oidc_discovery.cert_error_details.expect("details");
    assert!(details.starts_with("ssl_error"), "{details}");
    keycloak.close().await;
}

#[tokio::test]
async fn introspection_and_refresh_name_the_same_fault() {
    let scene = Scene::new(Flaw::Expired).await;
    let base = scene.issuer.issuer();
    // With its endpoints configured nothing else is asked before.
    let keycloak = scene
        .builder()
        .client_secret("secret")
        .use_token_introspection()
        .introspection_endpoint(format!("{base}/introspect"))
        .enable_token_refresh()
        .token_endpoint(format!("{base}/token"))
        .build()
        .expect("settings");
    let introspected = keycloak.authenticate_token(&scene.token).await;
    let error = introspected.expect_err("Keycloak cannot be asked");
    assert_eq!(
        (error.code(), error.status().as_u16()),
        ("cert_expired", 503)
    );
    let refreshed = keycloak.refresh_token("a refresh token").await;
    let error = refreshed.expect_err("Keycloak cannot be asked");
    assert_eq!(
        (error.code(), error.status().as_u16()),
        ("cert_expired", 503)
    );
    keycloak.close().await;
}

#[tokio::test]
async fn without_verification_every_certificate_passes_and_the_report_says_so() {
    for flaw in [Flaw::Expired, Flaw::SelfSigned, Flaw::OtherHost] {
        let scene = Scene::new(flaw).await;
        let keycloak = scene
            .plain_builder()
            .danger_accept_invalid_certs()
            .build()
            .expect("settings");
        let user = keycloak
            .authenticate_token(&scene.token)
            .await
            .expect("user");
        assert_eq!(user.subject(), "alice");

        let report = keycloak.run_diagnostics().await;
        assert!(!report.ssl_verification_enabled);
        assert_eq!(report.status, DiagnosticStatus::Ok, "{report:?}");
        let discovery = report.oidc_discovery;
        assert_eq!(discovery.cert_valid, Some(false), "{flaw:?}");
        assert!(discovery.cert_error_details.is_some());
        assert!(
            discovery.message.contains("without TLS verification"),
            "{}",
            discovery.message
        );
        keycloak.close().await;
    }
}

#[tokio::test]
async fn own_roots_do_not_excuse_another_flaw() {
    // The authority vouches for all of these, and that is not enough.
    for (flaw, code) in [
        (Flaw::Expired, "cert_expired"),
        (Flaw::OtherHost, "hostname_mismatch"),
    ] {
        let scene = Scene::new(flaw).await;
        scene.check(scene.builder(), code).await;
    }
}
