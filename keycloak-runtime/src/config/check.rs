//! Judges the builder's options: one function per rule, every mistake reported.

use std::{fmt::Write, time::Duration};

use url::Url;

use super::{ConfigError, KeycloakBuilder, Mistake, TokenCheck, settings::Settings};
use crate::{http_client, jwt::algorithm::Algorithm, user::ClaimRules};

type Mistakes = Vec<Mistake>;

/// The validated settings and the reading of claims, or every mistake.
pub(super) fn check(builder: &KeycloakBuilder) -> Result<(Settings, ClaimRules), ConfigError> {
    let mistakes = &mut Mistakes::new();
    let server = check_server_url(builder, mistakes);
    let realm = check_realm(builder, mistakes);
    let client_id = check_client_id(builder, mistakes);
    check_secret(builder, mistakes);
    let audiences = check_audiences(builder, &client_id, mistakes);
    check_texts("issuer", &builder.issuers, mistakes);
    check_texts("authorized_parties", &builder.authorized_parties, mistakes);
    let algorithms = check_algorithms(builder, mistakes);
    check_groups(builder, mistakes);
    let backchannel = check_backchannel(builder, mistakes);
    let plain_http_allowed = [&server, &backchannel]
        .into_iter()
        .flatten()
        .any(|base| base.scheme == "http");
    let mut endpoint = |name, value: &Option<String>| {
        check_endpoint(name, value.as_deref()?, plain_http_allowed, mistakes)
    };
    let jwks_uri = endpoint("jwks_uri", &builder.jwks_uri);
    let introspection_endpoint =
        endpoint("introspection_endpoint", &builder.introspection_endpoint);
    let token_endpoint = endpoint("token_endpoint", &builder.token_endpoint);
    check_durations(builder, mistakes);
    check_certificates(builder, mistakes);
    check_scheme(builder, mistakes);
    if !mistakes.is_empty() {
        return Err(ConfigError::new(std::mem::take(mistakes)));
    }

    let server_url = server.map(|base| base.text).unwrap_or_default();
    let issuers = if builder.issuers.is_empty() {
        vec![realm_url(&server_url, &realm)]
    } else {
        builder.issuers.clone()
    };
    let rules = ClaimRules {
        client_id: client_id.clone(),
        groups_claim: builder
            .groups_claim
            .clone()
            .unwrap_or_else(|| "groups".to_owned()),
        groups_declared: builder.groups_claim.is_some(),
        name_only_groups: builder.name_only_groups,
    };
    let settings = Settings {
        server_url,
        realm,
        client_id,
        client_secret: builder.client_secret.clone(),
        client_auth: builder.client_auth,
        issuers,
        audiences,
        authorized_parties: (!builder.authorized_parties.is_empty())
            .then(|| builder.authorized_parties.clone()),
        algorithms,
        leeway: builder.leeway,
        jwks_uri,
        introspection_endpoint,
        token_endpoint,
        backchannel_url: backchannel.map(|base| base.text),
        token_check: builder.token_check,
        token_refresh: builder.token_refresh,
        explain_refusals: builder.explain_refusals,
        cache: builder.cache,
        http: builder.http.clone(),
        scheme: builder.scheme.clone(),
    };
    Ok((settings, rules))
}

/// A realm's URL, which is also its issuer: the base as configured, `/realms/`, and the realm
/// with what a path segment cannot hold percent-encoded, as Keycloak does.
pub(crate) fn realm_url(base: &str, realm: &str) -> String {
    let mut encoded = String::with_capacity(realm.len());
    for byte in realm.bytes() {
        // RFC 3986 section 3.3: pchar without the percent sign.
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("{base}/realms/{encoded}")
}

/// A base URL as typed, without trailing slashes.
struct Base {
    text: String,
    scheme: String,
}

fn check_base(name: &'static str, value: &str, mistakes: &mut Mistakes) -> Option<Base> {
    let url = check_url(name, value, mistakes)?;
    Some(Base {
        text: value.trim_end_matches('/').to_owned(),
        scheme: url.scheme().to_owned(),
    })
}

fn check_server_url(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> Option<Base> {
    let Some(value) = &builder.server_url else {
        mistakes.push(Mistake::new(
            "server_url",
            "missing",
            "set it to Keycloak's base URL, for example `https://sso.example.com`",
        ));
        return None;
    };
    if value.contains("/realms/") {
        mistakes.push(Mistake::new(
            "server_url",
            "contains the realm's path",
            "write the part before `/realms/`, and the realm's name as `realm`",
        ));
        return None;
    }
    check_base("server_url", value, mistakes)
}

fn check_backchannel(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> Option<Base> {
    check_base(
        "backchannel_url",
        builder.backchannel_url.as_ref()?,
        mistakes,
    )
}

/// An absolute http(s) URL with a host and nothing that does not belong into one of ours. The
/// value itself is never repeated: it may hold a password.
fn check_url(name: &'static str, value: &str, mistakes: &mut Mistakes) -> Option<Url> {
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

fn check_endpoint(
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

fn check_realm(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> String {
    let problem = match builder.realm.as_deref() {
        None => "missing",
        Some("") => "empty",
        Some("." | "..") => "not a name",
        Some(realm) if realm.trim() != realm => "starts or ends with white space",
        Some(realm) if realm.contains(|c: char| c.is_control() || "/\\?#%".contains(c)) => {
            "contains a character that no realm's name has"
        }
        Some(realm) => return realm.to_owned(),
    };
    let fix = "set it to the realm's name, for example `demo`";
    mistakes.push(Mistake::new("realm", problem, fix));
    String::new()
}

fn check_client_id(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> String {
    let problem = match builder.client_id.as_deref() {
        None => "missing",
        Some(client_id) => match text_problem(client_id) {
            Some(problem) => problem,
            None => return client_id.to_owned(),
        },
    };
    let fix = "set it to the id of this service's client in the realm";
    mistakes.push(Mistake::new("client_id", problem, fix));
    String::new()
}

fn check_secret(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    match &builder.client_secret {
        Some(secret) if secret.expose().is_empty() => mistakes.push(Mistake::new(
            "client_secret",
            "empty",
            "set it to the client's secret, or leave it out for a public client",
        )),
        Some(secret) if secret.expose().trim() != secret.expose() => mistakes.push(Mistake::new(
            "client_secret",
            "starts or ends with white space",
            "remove it (a file often ends with a line break)",
        )),
        Some(_) => {}
        None => {
            let mut needed_for = |feature: &str| {
                mistakes.push(Mistake::new(
                    "client_secret",
                    format!("missing, but {feature} needs it"),
                    "set the secret of the client, or leave the feature off",
                ));
            };
            if builder.token_check != TokenCheck::Local {
                needed_for("token introspection");
            }
            if builder.token_refresh {
                needed_for("`enable_token_refresh`");
            }
        }
    }
}

fn check_audiences(
    builder: &KeycloakBuilder,
    client_id: &str,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    check_texts("audience", &builder.audiences, mistakes);
    if builder.any_audience {
        if !builder.audiences.is_empty() {
            mistakes.push(Mistake::new(
                "any_audience",
                "set together with `audience`",
                "keep one of the two",
            ));
        }
        return None;
    }
    Some(if builder.audiences.is_empty() {
        vec![client_id.to_owned()]
    } else {
        builder.audiences.clone()
    })
}

fn check_algorithms(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> Vec<Algorithm> {
    let Some(configured) = &builder.algorithms else {
        return vec![Algorithm::RS256];
    };
    let fix = "use RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA";
    if configured.is_empty() {
        mistakes.push(Mistake::new("algorithms", "empty", fix));
    }
    let mut algorithms = Vec::new();
    for algorithm in configured {
        match algorithm {
            Ok(algorithm) if algorithms.contains(algorithm) => {}
            Ok(algorithm) => algorithms.push(*algorithm),
            Err(name) => mistakes.push(Mistake::new(
                "algorithms",
                format!("`{}` is not an asymmetric algorithm", name.escape_debug()),
                fix,
            )),
        }
    }
    algorithms
}

fn check_groups(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    if let Some(problem) = builder.groups_claim.as_deref().and_then(text_problem) {
        let fix = "write the claim's name as the group mapper has it, usually `groups`";
        mistakes.push(Mistake::new("groups_claim", problem, fix));
    }
}

fn check_durations(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    const SECOND: Duration = Duration::from_secs(1);
    const MILLISECOND: Duration = Duration::from_millis(1);
    const MINUTE: Duration = Duration::from_mins(1);
    const DAY: Duration = Duration::from_hours(24);
    // Long enough for every use, short enough for every sum of times.
    const YEAR: Duration = Duration::from_hours(24 * 365);
    let (http, cache) = (&builder.http, &builder.cache);
    let zero = Duration::ZERO;
    for (name, value, least, most) in [
        ("leeway", builder.leeway, zero, Duration::from_mins(5)),
        ("connect_timeout", http.connect_timeout, MILLISECOND, MINUTE),
        ("read_timeout", http.read_timeout, MILLISECOND, MINUTE),
        ("discovery_ttl", cache.discovery_ttl, SECOND, YEAR),
        ("jwks_ttl", cache.jwks_ttl, SECOND, YEAR),
        ("stale_keys", cache.stale_keys, zero, DAY),
        (
            "refetch_refill",
            cache.refetch_refill,
            SECOND,
            Duration::from_secs(30),
        ),
        ("introspection_ttl", cache.introspection_ttl, zero, MINUTE),
    ] {
        if value < least || value > most {
            let problem = format!("{value:?} is out of range");
            let fix = format!("use {least:?} to {most:?}");
            mistakes.push(Mistake::new(name, problem, fix));
        }
    }
}

fn check_certificates(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    for pem in &builder.http.roots {
        let problem = match http_client::certificates(pem) {
            Ok(certificates) if certificates.is_empty() => "contains no certificate",
            Ok(_) => continue,
            Err(_) => "not PEM",
        };
        let fix = "give the text of a PEM file (`-----BEGIN CERTIFICATE-----`), not its path";
        mistakes.push(Mistake::new("ca_certificates", problem, fix));
    }
}

fn check_scheme(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    let Some(scheme) = &builder.scheme else {
        return;
    };
    // Component names of OpenAPI 3.1 section 4.8.7.
    let named = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if scheme.name.is_empty() || !scheme.name.chars().all(named) {
        mistakes.push(Mistake::new(
            "openapi_security_scheme",
            "not a name of an OpenAPI component",
            "use letters, digits, `.`, `-` and `_`",
        ));
    }
    // RFC 6749 section 3.3: scope-token.
    let token = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    for scope in &scheme.scopes {
        if scope.is_empty() || !scope.chars().all(token) {
            mistakes.push(Mistake::new(
                "openapi_security_scheme",
                format!("`{}` is not a scope", scope.escape_debug()),
                "scopes are printable ASCII without spaces, quotes and backslashes",
            ));
        }
    }
}

fn check_texts(name: &'static str, texts: &[String], mistakes: &mut Mistakes) {
    for text in texts {
        if let Some(problem) = text_problem(text) {
            let problem = format!("`{}`: {problem}", text.escape_debug());
            mistakes.push(Mistake::new(
                name,
                problem,
                "correct the entry or remove it",
            ));
        }
    }
}

/// What is wrong with a name that is compared byte for byte.
fn text_problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("empty")
    } else if text.trim() != text {
        Some("starts or ends with white space")
    } else if text.contains(char::is_control) {
        Some("contains a control character")
    } else {
        None
    }
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
