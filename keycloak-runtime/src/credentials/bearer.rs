//! The bearer token of a request (RFC 6750 section 2.1).
//!
//! Invariant: a token comes from exactly one `Authorization` line and from nowhere else; query,
//! form, cookies and other headers are never looked at.

use axum::http::{HeaderMap, header};

use crate::base::fault::Fault;

/// What stands behind `Bearer` in the request's one `Authorization` line: not empty, and not yet
/// known to be a token, which [`token`] decides. A token that was accepted before is found by these
/// bytes, compared in full, so a request with one is spared a second look at each of them.
///
/// # Errors
/// - [`Fault::MissingHeader`], [`Fault::OtherScheme`]: no credentials for us
/// - [`Fault::InvalidHeader`]: several lines, or no token
pub(crate) fn credentials(headers: &HeaderMap) -> Result<&[u8], Fault> {
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
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Err(Fault::OtherScheme);
    }
    // RFC 9110 section 11.4: the separator is spaces, never a tab.
    let credentials = rest.trim_ascii_start();
    let separator = rest.len().saturating_sub(credentials.len());
    let spaced = rest.iter().take(separator).all(|byte| *byte == b' ');
    if credentials.is_empty() || !spaced {
        return Err(Fault::InvalidHeader);
    }
    Ok(credentials)
}

/// The one token that the credentials are.
///
/// # Errors
/// - [`Fault::InvalidHeader`]: more than one token
/// - [`Fault::MalformedToken`]: characters that no token has
///
/// Its length is for who judges it, whatever it came in.
pub(crate) fn token(credentials: &[u8]) -> Result<&str, Fault> {
    if !is_token(credentials) {
        // White space or a comma ends a token, so what follows would be a second one.
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
        return Err(if credentials.iter().any(ends) {
            Fault::InvalidHeader
        } else {
            Fault::MalformedToken
        });
    }
    str::from_utf8(credentials).map_err(|_| Fault::MalformedToken)
}

/// RFC 6750 section 2.1: the alphabet of `b64token`.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "no early end and no branches, so that the compiler looks at many bytes at once"
)]
fn is_token(bytes: &[u8]) -> bool {
    let is_token_byte = |byte: u8| {
        byte.is_ascii_alphanumeric()
            | (byte == b'-')
            | (byte == b'.')
            | (byte == b'_')
            | (byte == b'~')
            | (byte == b'+')
            | (byte == b'/')
            | (byte == b'=')
    };
    bytes
        .iter()
        .fold(true, |all, byte| all & is_token_byte(*byte))
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
        assert_eq!(credentials(&headers).and_then(token), expected);
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
