//! What a request brings to say who its caller is: a scheme, a token, and what proves that the caller
//! may use it.
//!
//! Invariant: a token comes from exactly one `Authorization` line and from nowhere else; query,
//! form, cookies and other headers are never looked at.

mod proof;
mod scheme;
mod token;

use axum::http::{HeaderMap, header, request::Parts};

pub(crate) use self::{proof::Proof, scheme::Scheme, token::Token};
use crate::base::fault::Fault;

/// What one request brings. Borrowed from its head, where a proof has what it is about, too: the
/// method, the URI, the client's certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credentials<'r> {
    pub(crate) scheme: Scheme,
    pub(crate) token: Token<'r>,
    /// Asked for by a token that is bound to a key.
    pub(crate) proof: Option<Proof>,
}

impl<'r> Credentials<'r> {
    /// Those of the request with this head.
    ///
    /// # Errors
    /// - [`Fault::MissingHeader`], [`Fault::OtherScheme`]: no credentials for us
    /// - [`Fault::InvalidHeader`]: several lines, or no token
    pub(crate) fn of(head: &'r Parts) -> Result<Self, Fault> {
        Self::read(&head.headers)
    }

    /// Those of these header lines.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn read(headers: &'r HeaderMap) -> Result<Self, Fault> {
        // `HeaderMap::get` would return the first of several lines: which one counts would then depend
        // on who parses (proxy or we), so several are refused.
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let value = match (lines.next(), lines.next()) {
            (None, _) => return Err(Fault::MissingHeader),
            (Some(line), None) => line.as_bytes(),
            (Some(_), Some(_)) => return Err(Fault::InvalidHeader),
        };
        let value = value.trim_ascii();
        if value.is_empty() {
            return Err(Fault::MissingHeader);
        }
        let scheme_end = value
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t'))
            .unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(scheme_end).unwrap_or((value, &[]));
        let scheme = Scheme::of(scheme).ok_or(Fault::OtherScheme)?;
        // RFC 9110 section 11.4: the separator is spaces, never a tab.
        let token = rest.trim_ascii_start();
        let separator = rest.len().saturating_sub(token.len());
        let spaced = rest.iter().take(separator).all(|byte| *byte == b' ');
        if token.is_empty() || !spaced {
            return Err(Fault::InvalidHeader);
        }
        Ok(Self {
            scheme,
            token: Token::Sent(token),
            proof: None,
        })
    }

    /// A token that came in no request of ours.
    pub(crate) fn given(token: &'r str) -> Self {
        Self {
            scheme: Scheme::Bearer,
            token: Token::Given(token),
            proof: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line).unwrap();
            headers.append(header::AUTHORIZATION, value);
        }
        headers
    }

    #[allow(clippy::needless_pass_by_value, reason = "reads better at the call")]
    #[track_caller]
    fn check(lines: &[&[u8]], expected: Result<&str, Fault>) {
        let headers = headers(lines);
        let credentials = Credentials::read(&headers);
        assert_eq!(credentials.and_then(|own| own.token.text()), expected);
    }

    #[test]
    fn reads_one_token_of_the_bearer_scheme_in_any_case() {
        check(&[b"Bearer a.b.c"], Ok("a.b.c"));
        check(&[b"bearer a.b.c"], Ok("a.b.c"));
        check(&[b"BEARER   a.b.c"], Ok("a.b.c"));
        check(&[b"Bearer A-._~+/z09=="], Ok("A-._~+/z09=="));
    }

    #[test]
    fn no_credentials_and_other_schemes_are_told_from_mistakes() {
        check(&[], Err(Fault::MissingHeader));
        check(&[b""], Err(Fault::MissingHeader));
        for other in [
            "Basic YTpi",
            "DPoP a.b.c",
            "a.b.c",
            "Bearera.b.c",
            "Bearer: a.b.c",
            "Token x",
        ] {
            check(&[other.as_bytes()], Err(Fault::OtherScheme));
        }
    }

    #[test]
    fn several_lines_and_several_tokens_are_refused() {
        check(
            &[b"Bearer a.b.c", b"Bearer a.b.c"],
            Err(Fault::InvalidHeader),
        );
        check(&[b"Basic x", b"Bearer a.b.c"], Err(Fault::InvalidHeader));
        for line in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a,b",
            "Bearer a, Bearer b",
            "Bearer\ta",
            "Bearer \ta",
            "Bearer a\tb",
        ] {
            check(&[line.as_bytes()], Err(Fault::InvalidHeader));
        }
    }

    #[test]
    fn characters_of_a_token_are_bounded() {
        for line in [
            b"Bearer a.b\xff".as_slice(),
            b"Bearer \"a\"",
            b"Bearer a;b",
            b"Bearer a%2eb",
        ] {
            check(&[line], Err(Fault::MalformedToken));
        }
    }
}
