//! One look at the road to a host: name, connection, certificate.
//!
//! Invariant: nothing secret is sent. The handshake is finished even with a certificate that is
//! not trusted, so that the report can say everything about it, and then the connection is
//! closed. Requests go through the crate's HTTP client, which does refuse such a certificate.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use crate::{
    base::foreign::Foreign,
    transport::tls::{TlsFault, certificate::Certificate, code_of},
};

/// What there is to say about one host and port.
#[derive(Debug, Clone)]
pub(crate) struct Road {
    /// Where it broke off, in words; `None` if it is open to its end.
    pub(crate) broken: Option<String>,
    /// What the TLS handshake showed; `None` for plain `http` or if it was not reached.
    pub(crate) tls: Option<Handshake>,
}

/// What a TLS handshake showed.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    /// For example `TLSv1_3`; `None` if the handshake was not finished.
    pub(crate) protocol: Option<String>,
    /// Whether chain, names and dates are good.
    pub(crate) valid: bool,
    /// Whole days to the first end of life in the chain.
    pub(crate) days_remaining: Option<i64>,
    /// The stable code and the reason, when the certificate is not good.
    pub(crate) fault: Option<(&'static str, String)>,
}

/// Verifies certificates as the HTTP client does, but only takes notes.
#[derive(Debug, Clone)]
pub(crate) struct Inspector {
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
}

impl Inspector {
    /// Trusts the platform's roots and `roots`. Reads files: not for an async thread.
    pub(crate) fn new(roots: Vec<CertificateDer<'static>>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let platform =
            rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
        Ok(Self {
            verifier: Arc::new(platform),
            provider,
        })
    }

    /// Trusts `roots` only; for machines without roots of their own, and for tests.
    pub(crate) fn with_only(roots: Vec<CertificateDer<'static>>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots);
        let verifier =
            WebPkiServerVerifier::builder_with_provider(store.into(), Arc::clone(&provider))
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self { verifier, provider })
    }
}

/// Walks the road to `host`. `inspector` is there when TLS is spoken on it.
pub(crate) async fn walk(
    host: &str,
    port: u16,
    inspector: Option<&Inspector>,
    now: SystemTime,
) -> Road {
    let broken = |step: String| Road {
        broken: Some(step),
        tls: None,
    };
    // `Url` writes IPv6 addresses in brackets; resolver and certificate want them bare.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = match lookup_host((host, port)).await {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            return broken(format!(
                "DNS: {host} cannot be resolved: {}",
                Foreign(&error)
            ));
        }
    };
    if addresses.is_empty() {
        return broken(format!("DNS: {host} has no address"));
    }
    let stream = match TcpStream::connect(addresses.as_slice()).await {
        Ok(stream) => stream,
        Err(error) => {
            return broken(format!(
                "TCP: no connection to {host}:{port}: {}",
                Foreign(&error)
            ));
        }
    };
    let Some(inspector) = inspector else {
        return Road {
            broken: None,
            tls: None,
        };
    };
    let handshake = shake(host, stream, inspector, now).await;
    Road {
        broken: handshake
            .fault
            .as_ref()
            .map(|(_, reason)| format!("TLS: {reason}")),
        tls: Some(handshake),
    }
}

async fn shake(host: &str, stream: TcpStream, inspector: &Inspector, now: SystemTime) -> Handshake {
    let failed = |code: &'static str, reason: String| Handshake {
        protocol: None,
        valid: false,
        days_remaining: None,
        fault: Some((code, reason)),
    };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return failed("hostname_mismatch", format!("{host} is not a server name"));
    };
    let notes = Arc::new(Notes {
        inspector: inspector.clone(),
        seen: Mutex::default(),
    });
    let config = ClientConfig::builder_with_provider(Arc::clone(&inspector.provider))
        .with_safe_default_protocol_versions()
        .map(|config| {
            let verifier: Arc<dyn ServerCertVerifier> = notes.clone();
            config
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth()
        });
    let config = match config {
        Ok(config) => config,
        Err(error) => return failed(code_of(&error), Foreign(&error).to_string()),
    };
    let outcome = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let seen = notes.take();
    let protocol = match &outcome {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            session
                .protocol_version()
                .and_then(|version| version.as_str())
        }
        Err(_) => None,
    };
    let fault = match (seen.verified, outcome) {
        (Some(Err(error)), _) => Some((code_of(&error), reason(&error, seen.self_issued))),
        (_, Err(error)) => {
            let code = TlsFault::among(&error).map_or("ssl_error", |fault| fault.code);
            Some((code, format!("the handshake failed: {}", Foreign(&error))))
        }
        (_, Ok(_)) => None,
    };
    Handshake {
        protocol: protocol.map(str::to_owned),
        valid: fault.is_none(),
        days_remaining: seen.not_after.map(|end| end.days_remaining(now)),
        fault,
    }
}

/// Our words where it is a usual case, rustls' otherwise.
fn reason(error: &rustls::Error, self_issued: bool) -> String {
    match TlsFault::of(error) {
        // Only who looked at the certificate can tell.
        TlsFault {
            code: "cert_untrusted",
            ..
        } if self_issued => {
            "the certificate is self-signed and not among the trusted roots: add it or its CA \
             with `ca_certificates`"
                .to_owned()
        }
        TlsFault {
            cure: Some(cure), ..
        } => cure.to_owned(),
        // May name what is in the certificate.
        TlsFault { cure: None, .. } => Foreign(error).to_string(),
    }
}

/// What was seen in one handshake.
#[derive(Default)]
struct Seen {
    verified: Option<Result<(), rustls::Error>>,
    self_issued: bool,
    /// The certificate of the chain that ends first.
    not_after: Option<Certificate>,
}

/// Notes what the verifier says and lets the handshake go on.
struct Notes {
    inspector: Inspector,
    seen: Mutex<Seen>,
}

impl Notes {
    fn take(&self) -> Seen {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *seen)
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notes").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Notes {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.inspector.verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let leaf = Certificate::parse(end_entity);
        let chain = intermediates
            .iter()
            .filter_map(|der| Certificate::parse(der));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Seen {
            verified: Some(verified.map(|_| ())),
            self_issued: leaf.is_some_and(|leaf| leaf.self_issued),
            not_after: leaf
                .into_iter()
                .chain(chain)
                .min_by_key(|one| one.not_after),
        };
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inspector
            .verifier
            .verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inspector
            .verifier
            .verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inspector.verifier.supported_verify_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
