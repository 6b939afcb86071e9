//! Web origins and redirect addresses of a client.

use url::Url;

use super::export::model::ClientModel;

/// The origins that may read answers for `client`; `+` stands for those of its redirect addresses.
pub(crate) fn allowed(client: &ClientModel) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    let mut add = |origin: String| {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    };
    for origin in &client.web_origins {
        if origin == "+" {
            client
                .redirect_uris
                .iter()
                .filter_map(|uri| origin_of(uri))
                .for_each(&mut add);
        } else {
            add(origin.clone());
        }
    }
    origins
}

/// Scheme, host and port of an address, which may end in the wildcard `*`.
pub(crate) fn origin_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri.trim_end_matches('*')).ok()?;
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Whether `uri` is one of `patterns`: equal, or below one that ends in `*`.
///
/// A loopback address registered without a port allows every port (RFC 8252 section 7.3).
pub(crate) fn redirect_is_registered(uri: &str, patterns: &[String]) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    // Refused: texts that a browser would read differently than a comparison does.
    let odd = uri.contains(['#', '\\', '*'])
        || uri.chars().any(char::is_control)
        || !url.username().is_empty()
        || url.password().is_some()
        || url.path().split('/').any(|segment| segment == "..")
        || uri.contains("/..")
        || uri.to_ascii_lowercase().contains("%2e%2e");
    if odd {
        return false;
    }
    let matches = |uri: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => {
            let path = uri.split('?').next().unwrap_or(uri);
            // The wildcard is allowed after the authority only: `http://a*` must not cover
            // `http://attacker`.
            let authority_closed = prefix
                .split_once("://")
                .is_none_or(|(_, rest)| rest.contains('/') || rest.contains('?'));
            (authority_closed && path.starts_with(prefix)) || path == prefix.trim_end_matches('/')
        }
        None => uri == pattern,
    };
    let portless = without_loopback_port(&url, uri);
    patterns.iter().any(|pattern| {
        matches(uri, pattern) || portless.as_deref().is_some_and(|uri| matches(uri, pattern))
    })
}

fn without_loopback_port(url: &Url, uri: &str) -> Option<String> {
    let host = url.host_str()?;
    let port = url.port()?;
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    (loopback && url.scheme() == "http").then(|| uri.replacen(&format!(":{port}"), "", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, pattern: &str, expected: bool) {
        let registered = redirect_is_registered(uri, &[pattern.to_owned()]);
        assert_eq!(registered, expected, "{uri} against {pattern}");
    }

    #[test]
    fn wildcards_cover_what_is_below() {
        check(
            "http://127.0.0.1:8000/docs/x.html",
            "http://127.0.0.1:8000/*",
            true,
        );
        check(
            "http://127.0.0.1:8000/?a=b",
            "http://127.0.0.1:8000/*",
            true,
        );
        check("http://127.0.0.1:8000", "http://127.0.0.1:8000/*", true);
        check(
            "http://127.0.0.1:9000/cbx",
            "http://127.0.0.1:9000/cb*",
            true,
        );
        check("http://127.0.0.1:8001/", "http://127.0.0.1:8000/*", false);
        check("http://127.0.0.1:80000/", "http://127.0.0.1:8000*", false);
        check("http://app.attacker.example/", "http://app*", false);
        check("com.example.app:/done", "com.example.app:/done", true);
    }

    #[test]
    fn disguised_addresses_are_refused() {
        for uri in [
            "http://127.0.0.1:8000/../x",
            "http://127.0.0.1:8000/%2e%2E/x",
            "http://127.0.0.1:8000/#x",
            "http://user@127.0.0.1:8000/x",
            "http://127.0.0.1:8000\\@evil/x",
            "http://127.0.0.1:8000/*",
            "/x",
            "",
            "javascript:alert(1)",
        ] {
            check(uri, "http://127.0.0.1:8000/*", false);
        }
    }

    #[test]
    fn loopback_addresses_without_port_allow_any_port() {
        check("http://127.0.0.1:4711/cb", "http://127.0.0.1/cb", true);
        check("http://localhost:4711/cb", "http://localhost/*", true);
        check("http://example.org:4711/cb", "http://example.org/cb", false);
        check("https://127.0.0.1:4711/cb", "https://127.0.0.1/cb", false);
    }

    #[test]
    fn origins_lose_path_and_wildcard() {
        assert_eq!(
            origin_of("http://127.0.0.1:9000/cb*").as_deref(),
            Some("http://127.0.0.1:9000")
        );
        assert_eq!(origin_of("/realms/x/*"), None);
        assert_eq!(origin_of("com.example.app:/x"), None);
    }
}
