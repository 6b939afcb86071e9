//! Stable codes for TLS faults, those of the Python library.

use std::{error::Error, io};

use rustls::CertificateError;

/// The certificate's end of life has passed.
const CERT_EXPIRED: &str = "cert_expired";
/// No trusted root stands behind the certificate; self-signed ones are the usual case.
const CERT_UNTRUSTED: &str = "cert_untrusted";
/// The certificate is for other names than the one we asked for.
const HOSTNAME_MISMATCH: &str = "hostname_mismatch";
/// The certificate is not accepted for another reason.
const CERT_VERIFY_FAILED: &str = "cert_verify_failed";
/// The handshake failed for a reason that is not the certificate.
const SSL_ERROR: &str = "ssl_error";

/// How many causes are looked through: more than any client nests, and an end to a cycle.
const MAX_CAUSES: usize = 16;

/// The code of the TLS fault among the causes of `error`; `None` if TLS is not to blame.
pub(crate) fn code_in(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    for _ in 0..MAX_CAUSES {
        let error = next?;
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(code_of(tls));
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
        assert_eq!(code_in(&nested), Some(expected));
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
        assert_eq!(code_in(&Wrapped(Box::new(refused))), None);
    }
}
