//! The road to a host, walked against servers with good and bad certificates.

use std::net::Ipv4Addr;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::*;

/// 2030-01-01, when the good certificates are in their middle age.
const NOW: u64 = 1_893_456_000;

fn now() -> SystemTime {
    let since = std::time::Duration::from_secs(NOW);
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap()
}

fn ca(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn leaf(name: &str, until: i32) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = named(name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    (params, KeyPair::generate().unwrap())
}

/// A server that shakes hands and hangs up; ended with the test's runtime.
async fn server(certificate: CertificateDer<'static>, key: &KeyPair) -> (u16, JoinHandle<()>) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that turns away is what some of the tests are about.
            let _ = acceptor.accept(stream).await;
        }
    });
    (port, task)
}

async fn walk_to(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    roots: &[CertificateDer<'static>],
) -> Handshake {
    let (port, _task) = server(certificate, key).await;
    let inspector = Inspector::with_only(roots.to_vec()).unwrap();
    let road = walk("localhost", port, Some(&inspector), now()).await;
    let handshake = road.tls.unwrap();
    assert_eq!(road.broken.is_none(), handshake.valid);
    handshake
}

#[tokio::test]
async fn a_good_certificate_is_valid_and_its_end_is_known() {
    let ca = ca("our CA");
    let (params, key) = leaf("localhost", 2031);
    let certificate = params.signed_by(&key, &ca).unwrap();
    let seen = walk_to(certificate.der().clone(), &key, &[ca.der().clone()]).await;
    assert!(seen.valid, "{seen:?}");
    assert_eq!(seen.fault, None);
    assert_eq!(seen.days_remaining, Some(365));
    assert_eq!(seen.protocol.as_deref(), Some("TLSv1_3"));
}

#[tokio::test]
async fn an_expired_certificate_is_named_and_counted_in_days() {
    let ca = ca("our CA");
    let (params, key) = leaf("localhost", 2024);
    let certificate = params.signed_by(&key, &ca).unwrap();
    let seen = walk_to(certificate.der().clone(), &key, &[ca.der().clone()]).await;
    assert_eq!(seen.fault.unwrap().0, "cert_expired");
    assert_eq!(seen.days_remaining, Some(-2192));
    assert!(!seen.valid);
}

#[tokio::test]
async fn a_self_signed_certificate_is_called_so() {
    let (params, key) = leaf("localhost", 2031);
    let certificate = params.self_signed(&key).unwrap();
    let seen = walk_to(
        certificate.der().clone(),
        &key,
        &[ca("our CA").der().clone()],
    )
    .await;
    let (code, reason) = seen.fault.unwrap();
    assert_eq!(code, "cert_untrusted");
    assert!(reason.contains("self-signed"), "{reason}");
}

#[tokio::test]
async fn an_unknown_ca_is_not_called_self_signed() {
    let (params, key) = leaf("localhost", 2031);
    let certificate = params.signed_by(&key, &ca("their CA")).unwrap();
    let seen = walk_to(
        certificate.der().clone(),
        &key,
        &[ca("our CA").der().clone()],
    )
    .await;
    let (code, reason) = seen.fault.unwrap();
    assert_eq!(code, "cert_untrusted");
    assert!(!reason.contains("self-signed"), "{reason}");
}

#[tokio::test]
async fn a_ca_made_anew_under_the_same_name_is_told_apart() {
    let (params, key) = leaf("localhost", 2031);
    let certificate = params.signed_by(&key, &ca("our CA")).unwrap();
    let seen = walk_to(
        certificate.der().clone(),
        &key,
        &[ca("our CA").der().clone()],
    )
    .await;
    let (code, reason) = seen.fault.unwrap();
    assert_eq!(code, "cert_verify_failed");
    assert!(reason.contains("made anew"), "{reason}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_a_mismatch() {
    let ca = ca("our CA");
    let (params, key) = leaf("keycloak.example", 2031);
    let certificate = params.signed_by(&key, &ca).unwrap();
    let seen = walk_to(certificate.der().clone(), &key, &[ca.der().clone()]).await;
    let (code, reason) = seen.fault.unwrap();
    assert_eq!(code, "hostname_mismatch");
    assert!(reason.contains("keycloak.example"), "{reason}");
}

#[tokio::test]
async fn plain_http_on_the_port_is_an_ssl_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    let inspector = Inspector::with_only(vec![ca("our CA").der().clone()]).unwrap();
    let road = walk("localhost", port, Some(&inspector), now()).await;
    assert_eq!(road.tls.unwrap().fault.unwrap().0, "ssl_error");
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_break_the_road_before_tls() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let road = walk("127.0.0.1", port, None, now()).await;
    assert!(road.broken.unwrap().starts_with("TCP:"));
    let road = walk("no-such-host.invalid", 80, None, now()).await;
    assert!(road.broken.unwrap().starts_with("DNS:"));
}
