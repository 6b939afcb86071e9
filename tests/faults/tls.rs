//! TLS faults have their own codes, and the safe and the unsafe way around them.

use std::sync::Arc;

use support::tls::{Authority, Flaw, acceptor};

use super::{
    load::{Keys, builder, lasting},
    scripted::Scripted,
};

async fn code(flaw: Flaw, trusted: bool, dangerous: bool) -> &'static str {
    let keys = Arc::new(Keys::generate());
    let authority = Authority::new();
    let tls = acceptor(&authority, flaw);
    let server = Scripted::start_with(&[&keys.old], Some(tls)).await;
    let mut builder = builder(&server);
    if trusted {
        builder = builder.ca_certificates(authority.pem());
    }
    if dangerous {
        builder = builder.danger_accept_invalid_certs();
    }
    let keycloak = builder.build().expect("settings");
    let token = keys.old.token(&lasting(&server.issuer(), "a"));
    match keycloak.authenticate_token(&token).await {
        Ok(_) => "",
        Err(error) => {
            assert_eq!(error.status(), 503);
            error.code()
        }
    }
}

#[tokio::test]
async fn each_flaw_has_its_code() {
    assert_eq!(code(Flaw::None, true, false).await, "");
    assert_eq!(code(Flaw::None, false, false).await, "cert_untrusted");
    assert_eq!(code(Flaw::Expired, true, false).await, "cert_expired");
    assert_eq!(
        code(Flaw::OtherHost, true, false).await,
        "hostname_mismatch"
    );
    assert_eq!(code(Flaw::SelfSigned, true, false).await, "cert_untrusted");
    assert_eq!(
        code(Flaw::NotYetValid, true, false).await,
        "cert_verify_failed"
    );
}

#[tokio::test]
async fn dangerous_accepts_them_all() {
    for flaw in [Flaw::Expired, Flaw::SelfSigned, Flaw::OtherHost] {
        assert_eq!(code(flaw, false, true).await, "", "{flaw:?}");
    }
}
