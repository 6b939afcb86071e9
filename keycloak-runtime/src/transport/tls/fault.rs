//! TLS faults: their stable codes, those of the Python library, and the cure of the usual ones.

use std::{error::Error, io};

use rustls::CertificateError;

/// The certificate's end of life has passed.
const CERT_EXPIRED: &str = "cert_expired";
/// The certificate leads to no trusted root; self-signed ones are the usual case.
const CERT_UNTRUSTED: &str = "cert_untrusted";
/// The certificate is for other names than the one we asked for.
const HOSTNAME_MISMATCH: &str = "hostname_mismatch";
/// The certificate is not accepted for another reason.
const CERT_VERIFY_FAILED: &str = "cert_verify_failed";
/// The handshake failed for a reason that is not the certificate.
const SSL_ERROR: &str = "ssl_error";

/// How many causes are looked through: more than any client nests, and an end to a cycle.
const MAX_CAUSES: usize = 16;

/// A TLS fault as logs and reports show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TlsFault {
    /// The stable code.
    pub(crate) code: &'static str,
    /// What is wrong in our words and what to do, where it is a usual case.
    pub(crate) cure: Option<&'static str>,
}

impl TlsFault {
    /// The TLS fault among the causes of `error`; `None` if TLS is not to blame.
    pub(crate) fn among(error: &(dyn Error + 'static)) -> Option<Self> {
        cause_in(error).map(Self::of)
    }

    /// One TLS fault.
    pub(crate) fn of(error: &rustls::Error) -> Self {
        Self {
            code: code_of(error),
            cure: cure_of(error),
        }
    }
}

fn cause_in<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    for _ in 0..MAX_CAUSES {
        let error = next?;
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // `io::Error::source` skips the error that it wraps, which is where rustls' is.
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The code of one TLS fault.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls' enums are open; what is not named is the general case"
)]
pub(crate) fn code_of(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => CERT_EXPIRED,
            CertificateError::UnknownIssuer => CERT_UNTRUSTED,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                HOSTNAME_MISMATCH
            }
            _ => CERT_VERIFY_FAILED,
        },
        rustls::Error::NoCertificatesPresented
        | rustls::Error::UnsupportedNameType
        | rustls::Error::InvalidCertRevocationList(_) => CERT_VERIFY_FAILED,
        _ => SSL_ERROR,
    }
}

/// The usual cases that rustls' own text does not explain.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls' enum is open; the others explain themselves"
)]
fn cure_of(error: &rustls::Error) -> Option<&'static str> {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return None;
    };
    Some(match certificate {
        CertificateError::UnknownIssuer => {
            "the certificate's issuer is not among the trusted roots, or the server does not send \
             the intermediate certificates: add the CA with `ca_certificates`"
        }
        CertificateError::BadSignature => {
            "the certificate is not signed by the trusted root whose name it gives; was the CA made \
             anew? Then give the new one to `ca_certificates`"
        }
        CertificateError::Other(other) if is_ca_of_a_server(&*other.0) => {
            "the server's certificate is that of a CA (`CA:TRUE` in its basic constraints), which \
             is not accepted even where it is trusted: give Keycloak a certificate of its own, \
             signed by that CA and with `CA:FALSE`, and give the CA's to `ca_certificates`"
        }
        _ => return None,
    })
}

/// What `openssl req -x509` makes by default.
fn is_ca_of_a_server(error: &(dyn Error + 'static)) -> bool {
    matches!(
        error.downcast_ref::<webpki::Error>(),
        Some(webpki::Error::CaUsedAsEndEntity)
    )
}

#[cfg(test)]
mod tests {
    use std::{fmt, io};

    use rustls::{CertificateError, Error as Tls, InvalidMessage};

    use super::*;

    #[derive(Debug)]
    struct Wrapped(Box<dyn Error + 'static>);
    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("wrapped")
        }
    }
    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&*self.0)
        }
    }

    #[track_caller]
    fn check(error: Tls, expected: &str) {
        // As clients nest it: request error, connect error, I/O error, rustls' error.
        let nested = Wrapped(Box::new(Wrapped(Box::new(io::Error::other(error)))));
        assert_eq!(TlsFault::among(&nested).unwrap().code, expected);
    }

    #[test]
    fn certificate_faults_have_their_codes() {
        let bad = |certificate| Tls::InvalidCertificate(certificate);
        check(bad(CertificateError::Expired), "cert_expired");
        check(bad(CertificateError::UnknownIssuer), "cert_untrusted");
        check(bad(CertificateError::NotValidForName), "hostname_mismatch");
        check(bad(CertificateError::NotValidYet), "cert_verify_failed");
        check(bad(CertificateError::Revoked), "cert_verify_failed");
        check(bad(CertificateError::BadSignature), "cert_verify_failed");
    }

    #[test]
    fn other_handshake_faults_are_ssl_errors() {
        check(Tls::HandshakeNotComplete, "ssl_error");
        check(
            Tls::InvalidMessage(InvalidMessage::InvalidContentType),
            "ssl_error",
        );
    }

    #[test]
    fn a_refused_connection_is_no_tls_fault() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(TlsFault::among(&Wrapped(Box::new(refused))), None);
    }
}
