//! The rules about URLs.
//!
//! Invariant: a URL of the settings is absolute, `http` or `https`, and has neither credentials
//! nor a query; a mistake never repeats the value, which may hold a password.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{Mistake, error::Mistakes, plausible::artefact};

/// What a path segment cannot hold: RFC 3986 section 3.3, everything but pchar, and the percent sign.
const NOT_PCHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A realm's URL, which is also its issuer: the base as configured, `/realms/`, and the realm
/// with what a path segment cannot hold percent-encoded, as Keycloak does.
pub(crate) fn realm_url(base: &str, realm: &str) -> String {
    format!("{base}/realms/{}", utf8_percent_encode(realm, NOT_PCHAR))
}

/// A base URL in its normal form (lower-case host, no default port), without trailing slashes.
pub(crate) struct Base {
    pub(crate) text: String,
    pub(crate) scheme: String,
}

fn check_base(name: &'static str, value: &str, mistakes: &mut Mistakes) -> Option<Base> {
    let url = check_url(name, value, mistakes)?;
    let mut segments = url.path_segments().into_iter().flatten();
    if segments.any(|segment| segment == "realms") {
        mistakes.push(Mistake::new(
            name,
            "contains the realm's path",
            "write the part before `/realms`, and the realm's name as `realm`",
        ));
        return None;
    }
    Some(Base {
        // In the URL's normal form, so that a `Url` and a text make the same issuer.
        text: url.as_str().trim_end_matches('/').to_owned(),
        scheme: url.scheme().to_owned(),
    })
}

pub(crate) fn check_server_url(value: Option<&str>, mistakes: &mut Mistakes) -> Option<Base> {
    let Some(value) = value else {
        mistakes.push(Mistake::new(
            "server_url",
            "missing",
            "set it to Keycloak's base URL, for example `https://sso.example.com`",
        ));
        return None;
    };
    check_base("server_url", value, mistakes)
}

pub(crate) fn check_backchannel(value: Option<&str>, mistakes: &mut Mistakes) -> Option<Base> {
    check_base("backchannel_url", value?, mistakes)
}

/// An absolute http(s) URL with a host and nothing that does not belong into one of ours. The
/// value itself is never repeated: it may hold a password.
fn check_url(name: &'static str, value: &str, mistakes: &mut Mistakes) -> Option<Url> {
    if let Some((problem, fix)) = artefact(value) {
        mistakes.push(Mistake::new(name, problem, fix));
        return None;
    }
    let problem = match Url::parse(value) {
        Err(error) => format!("not a URL ({error})"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            "neither `http` nor `https`".to_owned()
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "contains a user name or password".to_owned()
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "contains a query or a fragment".to_owned()
        }
        Ok(_) if value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') => {
            "contains white space, a control character or a backslash".to_owned()
        }
        Ok(url) => return Some(url),
    };
    let fix = "write it like `https://sso.example.com`";
    mistakes.push(Mistake::new(name, problem, fix));
    None
}

pub(crate) fn check_endpoint(
    name: &'static str,
    value: &str,
    plain_http_allowed: bool,
    mistakes: &mut Mistakes,
) -> Option<Url> {
    let url = check_url(name, value, mistakes)?;
    if url.scheme() == "http" && !plain_http_allowed {
        mistakes.push(Mistake::new(
            name,
            "is plain `http` while `server_url` is `https`",
            "use `https`, or declare the internal base URL with `backchannel_url`",
        ));
        return None;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::realm_url;

    #[test]
    fn a_realm_is_one_path_segment() {
        for (realm, expected) in [
            ("demo", "https://kc/auth/realms/demo"),
            ("my realm", "https://kc/auth/realms/my%20realm"),
            ("a&b;c=d", "https://kc/auth/realms/a&b;c=d"),
            ("ü", "https://kc/auth/realms/%C3%BC"),
            ("a/b?c#d%", "https://kc/auth/realms/a%2Fb%3Fc%23d%25"),
        ] {
            assert_eq!(realm_url("https://kc/auth", realm), expected);
        }
    }
}
