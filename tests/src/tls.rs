//! The scripted issuer behind TLS, with the certificate that the test wants.

use std::{io, net::SocketAddr, sync::Arc};

use axum::serve::Listener;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{issuer::Issuer, mint::SigningKey};

/// A certification authority of the test's own.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority.
    pub fn new() -> Self {
        let mut params = params("the authority of the test", None);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("authority");
        Self { issuer }
    }

    /// Its certificate, for `ca_certificates`.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: for `localhost`, in its life, signed by the authority.
    None,
    /// Its life ended in 2024.
    Expired,
    /// Its life begins in 2090.
    NotYetValid,
    /// Signed by itself.
    SelfSigned,
    /// Signed by itself, and that of a CA: what `openssl req -x509` makes.
    CaItself,
    /// For another host.
    OtherHost,
}

fn params(name: &str, host: Option<&str>) -> CertificateParams {
    let names: Vec<String> = host.into_iter().map(str::to_owned).collect();
    let mut params = CertificateParams::new(names).expect("names");
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    params.distinguished_name = distinguished;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2095, 1, 1);
    params
}

/// What a server needs to show a certificate with this flaw.
pub fn acceptor(authority: &Authority, flaw: Flaw) -> TlsAcceptor {
    let host = if flaw == Flaw::OtherHost {
        "keycloak.example"
    } else {
        "localhost"
    };
    let mut params = params("a server", Some(host));
    match flaw {
        Flaw::Expired => params.not_after = date_time_ymd(2024, 1, 1),
        Flaw::NotYetValid => params.not_before = date_time_ymd(2090, 1, 1),
        Flaw::CaItself => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        Flaw::None | Flaw::SelfSigned | Flaw::OtherHost => {}
    }
    let key = KeyPair::generate().expect("key");
    let certificate = if matches!(flaw, Flaw::SelfSigned | Flaw::CaItself) {
        params.self_signed(&key)
    } else {
        params.signed_by(&key, &authority.issuer)
    };
    let certificate = certificate.expect("certificate").der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("server configuration");
    TlsAcceptor::from(Arc::new(config))
}

/// An issuer at `https://localhost:port` that shows a certificate with this flaw.
pub async fn issuer(authority: &Authority, flaw: Flaw, keys: &[&SigningKey]) -> Issuer {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = acceptor(authority, flaw);
    let listener = TlsListener { listener, acceptor };
    Issuer::start_on(listener, format!("https://localhost:{port}"), keys)
}

/// Accepts connections and shakes hands; clients that turn away are left alone.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
