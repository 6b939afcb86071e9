//! Judges the builder's options: one function per rule, every mistake reported.

use std::time::Duration;

use super::{
    ConfigError, KeycloakBuilder, Mistake, TokenCheck,
    settings::Settings,
    urls::{check_backchannel, check_endpoint, check_server_url, realm_url},
};
use crate::{http_client, jwt::algorithm::Algorithm, user::ClaimRules};

pub(super) type Mistakes = Vec<Mistake>;

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
