//! Checks the builder's options: one function per rule, every mistake reported.

use std::time::Duration;

use super::KeycloakBuilder;
use crate::settings::{
    ConfigError, Mistake, Settings, TokenCheck,
    error::Mistakes,
    plausible::{artefact, artefact_of_secret},
    proxy,
    urls::{check_backchannel, check_endpoint, check_server_url, realm_url},
};
use crate::{
    base::restriction::{NonEmpty, Restriction},
    caller::ClaimRules,
    jose::algorithm::Algorithm,
    transport::http_client,
};

/// The validated settings and the reading of claims, or every mistake.
pub(crate) fn check(builder: &KeycloakBuilder) -> Result<(Settings, ClaimRules), ConfigError> {
    let mistakes = &mut Mistakes::new();
    let server = check_server_url(builder.server_url.as_deref(), mistakes);
    let realm = check_realm(builder, mistakes);
    let client_id = check_client_id(builder, mistakes);
    let token_check = check_token_check(builder, mistakes);
    check_secret(builder, token_check, mistakes);
    let audiences = check_audiences(builder, &client_id, mistakes);
    check_texts("issuer", &builder.issuers, mistakes);
    let authorized_parties = check_authorized_parties(builder, mistakes);
    let algorithms = check_algorithms(builder, mistakes);
    check_groups(builder, mistakes);
    check_complete_clients(builder, mistakes);
    let backchannel = check_backchannel(builder.backchannel_url.as_deref(), mistakes);
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
    proxy::check(builder.http.proxy.as_ref(), mistakes);
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
        complete_clients: builder
            .complete_tokens_from
            .clone()
            .unwrap_or_default()
            .into(),
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
        authorized_parties,
        algorithms,
        leeway: builder.leeway,
        jwks_uri,
        introspection_endpoint,
        token_endpoint,
        backchannel_url: backchannel.map(|base| base.text),
        token_check,
        token_refresh: builder.token_refresh,
        explain_refusals: builder.explain_refusals,
        cache: builder.cache,
        http: builder.http.clone(),
        scheme: builder.scheme.clone(),
    };
    Ok((settings, rules))
}

fn check_realm(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> String {
    if let Some((problem, fix)) = builder.realm.as_deref().and_then(artefact) {
        mistakes.push(Mistake::new("realm", problem, fix));
        return String::new();
    }
    let problem = match builder.realm.as_deref() {
        None => "missing",
        Some("") => "is empty",
        Some("." | "..") => "is not a name",
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
    let fix = "set it to the id of this service's client in the realm";
    let (problem, fix) = match builder.client_id.as_deref() {
        None => ("missing", fix),
        Some(client_id) => match text_problem(client_id, fix) {
            Some(found) => found,
            None => return client_id.to_owned(),
        },
    };
    mistakes.push(Mistake::new("client_id", problem, fix));
    String::new()
}

/// Two names of one option: where both are used, we do not guess which one is meant.
fn check_token_check(builder: &KeycloakBuilder, mistakes: &mut Mistakes) -> TokenCheck {
    let Some(check) = builder.token_check else {
        return if builder.use_token_introspection {
            TokenCheck::Introspect
        } else {
            TokenCheck::Local
        };
    };
    if builder.use_token_introspection {
        mistakes.push(Mistake::new(
            "use_token_introspection",
            "set together with `token_check`",
            "keep one of the two",
        ));
    }
    check
}

fn check_secret(builder: &KeycloakBuilder, token_check: TokenCheck, mistakes: &mut Mistakes) {
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
        Some(secret) => {
            if let Some((problem, fix)) = artefact_of_secret(secret.expose()) {
                mistakes.push(Mistake::new("client_secret", problem, fix));
            }
        }
        None => {
            let mut needed_for = |feature: &str| {
                mistakes.push(Mistake::new(
                    "client_secret",
                    format!("missing, but {feature} needs it"),
                    "set the secret of the client, or leave the feature off",
                ));
            };
            if token_check != TokenCheck::Local {
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
) -> Restriction<String> {
    check_texts("audience", &builder.audiences, mistakes);
    if builder.any_audience {
        if !builder.audiences.is_empty() {
            mistakes.push(Mistake::new(
                "any_audience",
                "set together with `audience`",
                "keep one of the two",
            ));
        }
        return Restriction::Any;
    }
    // An empty list falls back to what is strict.
    let audiences = NonEmpty::new(builder.audiences.iter().cloned());
    Restriction::These(audiences.unwrap_or_else(|| NonEmpty::one(client_id.to_owned())))
}

/// A list restricts: where it is empty, "every client" has to be said explicitly.
fn check_authorized_parties(
    builder: &KeycloakBuilder,
    mistakes: &mut Mistakes,
) -> Restriction<String> {
    let named = builder.authorized_parties.as_deref();
    check_texts("authorized_parties", named.unwrap_or_default(), mistakes);
    let these = named.map(|clients| NonEmpty::new(clients.iter().cloned()));
    match these {
        Some(Some(_)) if builder.any_authorized_party => mistakes.push(Mistake::new(
            "any_authorized_party",
            "set together with `authorized_parties`",
            "keep one of the two",
        )),
        Some(Some(clients)) => return Restriction::These(clients),
        Some(None) if !builder.any_authorized_party => mistakes.push(Mistake::new(
            "authorized_parties",
            "an empty list, which would restrict nothing",
            "name the clients whose tokens are accepted, or use `any_authorized_party` for every \
             client of the realm",
        )),
        Some(None) | None => {}
    }
    Restriction::Any
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
    for (entry, algorithm) in (1_usize..).zip(configured) {
        match algorithm {
            Ok(algorithm) if algorithms.contains(algorithm) => {}
            Ok(algorithm) => algorithms.push(*algorithm),
            Err(_) => mistakes.push(Mistake::new(
                "algorithms",
                format!("entry {entry} is not the name of an asymmetric algorithm"),
                fix,
            )),
        }
    }
    algorithms
}

fn check_groups(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    let fix = "write the claim's name as the group mapper has it, usually `groups`";
    let claim = builder.groups_claim.as_deref();
    if let Some((problem, fix)) = claim.and_then(|claim| text_problem(claim, fix)) {
        mistakes.push(Mistake::new("groups_claim", problem, fix));
    }
}

fn check_complete_clients(builder: &KeycloakBuilder, mistakes: &mut Mistakes) {
    let Some(clients) = &builder.complete_tokens_from else {
        return;
    };
    if clients.is_empty() {
        let fix = "name the clients whose tokens carry every role and group, or leave it out";
        mistakes.push(Mistake::new("complete_tokens_from", "empty", fix));
    }
    check_texts("complete_tokens_from", clients, mistakes);
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
    for (entry, scope) in (1_usize..).zip(&scheme.scopes) {
        if scope.is_empty() || !scope.chars().all(token) {
            mistakes.push(Mistake::new(
                "openapi_security_scheme",
                format!("scope {entry} is not a scope"),
                "scopes are printable ASCII without spaces, quotes and backslashes",
            ));
        }
    }
}

/// Entries are counted, not repeated: one of them may be a URL with a password.
fn check_texts(name: &'static str, texts: &[String], mistakes: &mut Mistakes) {
    for (entry, text) in (1_usize..).zip(texts) {
        if let Some((problem, fix)) = text_problem(text, "correct the entry or remove it") {
            mistakes.push(Mistake::new(name, format!("entry {entry} {problem}"), fix));
        }
    }
}

/// What is wrong with a name that is compared byte for byte, and the cure: `fix` where the problem
/// has none of its own.
fn text_problem(text: &str, fix: &'static str) -> Option<(&'static str, &'static str)> {
    if text.is_empty() {
        Some(("is empty", fix))
    } else if let Some(found) = artefact(text) {
        Some(found)
    } else if text.trim() != text {
        Some(("starts or ends with white space", fix))
    } else if text.contains(char::is_control) {
        Some(("contains a control character", fix))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restricted(build: impl FnOnce(KeycloakBuilder) -> KeycloakBuilder) -> Option<bool> {
        let builder = KeycloakBuilder::new()
            .server_url("https://sso.example.com")
            .realm("demo")
            .client_id("api");
        let (settings, _) = check(&build(builder)).ok()?;
        Some(!settings.authorized_parties.is_any())
    }

    #[test]
    fn every_client_is_accepted_by_a_word_or_by_saying_nothing() {
        let nothing = Vec::<String>::new;
        assert_eq!(restricted(|builder| builder), Some(false));
        assert_eq!(
            restricted(KeycloakBuilder::any_authorized_party),
            Some(false)
        );
        assert_eq!(restricted(|b| b.authorized_parties("web")), Some(true));
        assert_eq!(restricted(|b| b.authorized_parties(nothing())), None);
        let both = |b: KeycloakBuilder| b.authorized_parties("web").any_authorized_party();
        assert_eq!(restricted(both), None);
        let word = |b: KeycloakBuilder| b.authorized_parties(nothing()).any_authorized_party();
        assert_eq!(restricted(word), Some(false));
    }
}
