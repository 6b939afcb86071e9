//! From planned routes to the rows of the matrix.

use std::collections::{BTreeMap, BTreeSet};

use keycloak_policy::grammar::template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    Row, RowKind,
    access::predict,
    bindings,
    builder::{Route, Target},
    caller::Caller,
    policy_text,
};
use crate::{
    enforce::AuthLayer,
    manifest::{Kind, Manifest},
    policy::{parameters::Parameters, term::Policy},
};

/// The value of a path parameter that nobody gave one.
const DEFAULT_VALUE: &str = "1";

/// What a value in a path does not have as it is (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What `Keycloak::layer` asks for.
const AUTHENTICATED: Policy = Policy::__new(&[], "any authenticated caller");

/// The rows of `route`, with a prediction for each caller: one, or one for each value that its
/// policies tell apart.
pub(super) fn rows(
    route: Route,
    manifest: &Manifest,
    layer: Option<&AuthLayer>,
    values: &BTreeMap<String, String>,
    callers: &[Caller],
) -> Result<Vec<Row>, String> {
    let (mut kind, handler, own) = resolve(manifest, route.target)?;
    let mut policies = route.guards;
    policies.extend(own);
    if !policies.is_empty() {
        kind = RowKind::Protected;
    }
    let mut policy = policy_text(kind, &policies);
    let named: BTreeSet<&str> = policies.iter().flat_map(Policy::parameters).collect();
    let target = fill(&route.path, values);
    if layer.is_some_and(|layer| !layer.leaves_open(&route.method, &target, &route.path)) {
        policies.insert(0, AUTHENTICATED);
        if kind != RowKind::Protected || policies.iter().any(|own| own.optional) {
            policy.push_str(" (the layer asks for any authenticated caller)");
        }
        if kind == RowKind::Public {
            kind = RowKind::Protected;
        }
    }
    let suggested = bindings::suggested(&policies, &route.path, callers);
    let method = route.method.to_ascii_uppercase();
    let row = |encoded: &BTreeMap<String, String>| {
        let all = template::of_route(&route.path).map(|name| {
            let value = encoded.get(name).map_or(DEFAULT_VALUE, String::as_str);
            (name, percent_decode_str(value).decode_utf8_lossy())
        });
        let all: Vec<_> = all.collect();
        let parameters: Parameters = all.iter().map(|(name, value)| (*name, &**value)).collect();
        Row {
            cells: callers
                .iter()
                .map(|caller| predict(&policies, caller, &parameters))
                .collect(),
            method: method.clone(),
            path: route.path.clone(),
            parameters: all
                .iter()
                .filter(|(name, _)| named.contains(name))
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect(),
            target: fill(&route.path, encoded),
            policy: policy.clone(),
            handler: handler.clone(),
            kind,
        }
    };
    let mut rows = vec![row(values)];
    for binding in suggested {
        let mut encoded = values.clone();
        encoded.extend(binding.into_iter().map(|(name, value)| {
            let value = utf8_percent_encode(&value, RESERVED);
            (name, value.to_string())
        }));
        let more = row(&encoded);
        if rows.iter().all(|row| row.parameters != more.parameters) {
            rows.push(more);
        }
    }
    Ok(rows)
}

/// What the rows do not show.
pub(super) fn findings(
    manifest: &Manifest,
    rows: &[Row],
    layer: Option<&AuthLayer>,
) -> Vec<String> {
    let handlers = manifest
        .entries()
        .iter()
        .filter(|entry| entry.kind() != Kind::Router);
    let unlisted = handlers
        .filter(|entry| !rows.iter().any(|row| row.handler == entry.place()))
        .map(|entry| {
            let (file, line) = (entry.file(), entry.line());
            format!(
                "{} ({file}:{line}) is declared, but has no row",
                entry.place()
            )
        });
    let unmatched = layer
        .map(|layer| {
            layer.unmatched(
                &rows
                    .iter()
                    .map(|row| (row.method.as_str(), row.path.as_str())),
            )
        })
        .unwrap_or_default();
    unlisted
        .chain(
            unmatched
                .into_iter()
                .map(|path| format!("the public path `{path}` matches no row's route")),
        )
        .collect()
}

pub(super) fn documented(manifest: &Manifest) -> Vec<Route> {
    let mut routes = Vec::new();
    for entry in manifest.entries() {
        for route in entry.routes() {
            routes.push(Route {
                method: route.method.clone(),
                path: route.path.clone(),
                guards: Vec::new(),
                target: Target::Handler(entry.place()),
            });
        }
    }
    routes
}

/// One route for each method and path: what was said about it in several ways, together.
pub(super) fn joined(planned: Vec<Route>, problems: &mut Vec<String>) -> Vec<Route> {
    let mut routes: BTreeMap<(String, String), Route> = BTreeMap::new();
    for mut route in planned {
        route.method.make_ascii_uppercase();
        let key = (route.path.clone(), route.method.clone());
        let Some(known) = routes.get_mut(&key) else {
            routes.insert(key, route);
            continue;
        };
        known.guards.extend(route.guards);
        known.target = match (
            std::mem::replace(&mut known.target, Target::Guarded),
            route.target,
        ) {
            (Target::Guarded | Target::Undeclared(_), target)
            | (target, Target::Guarded | Target::Undeclared(_)) => target,
            (Target::Handler(a), Target::Handler(b)) => {
                // The same handler may be named by more or less of its path.
                if !ends_with(&a, &b) && !ends_with(&b, &a) {
                    let (path, method) = &key;
                    problems.push(format!("{method} {path} has two handlers, {a:?} and {b:?}"));
                }
                Target::Handler(if a.len() < b.len() { b } else { a })
            }
        };
    }
    routes.into_values().collect()
}

/// Whether `place` is a handler that `name` may mean.
fn ends_with(place: &str, name: &str) -> bool {
    place == name || place.ends_with(&format!("::{name}"))
}

/// The policies before a route.
fn resolve(manifest: &Manifest, target: Target) -> Result<(RowKind, String, Vec<Policy>), String> {
    let name = match target {
        Target::Guarded => return Ok((RowKind::Protected, String::new(), Vec::new())),
        Target::Undeclared(name) => return Ok((RowKind::Undeclared, name, Vec::new())),
        Target::Handler(name) => name,
    };
    let handlers = manifest
        .entries()
        .iter()
        .filter(|entry| entry.kind() != Kind::Router);
    let found: Vec<_> = handlers
        .filter(|entry| ends_with(&entry.place(), &name))
        .collect();
    match found.as_slice() {
        [entry] => {
            let policies = entry.policy().copied().into_iter().collect();
            Ok((entry.kind().into(), entry.place(), policies))
        }
        [] => Err(format!("the manifest has no handler {name:?}")),
        several => {
            let places: Vec<String> = several.iter().map(|entry| entry.place()).collect();
            Err(format!("{name:?} may be any of {}", places.join(", ")))
        }
    }
}

/// The path with values for its parameters, `{name}` and `{*rest}`.
fn fill(path: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        let name = name.trim_start_matches('*');
        out.push_str(values.get(name).map_or(DEFAULT_VALUE, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_values() {
        let values = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
        for (path, expected) in [
            ("/", "/"),
            ("/a/{id}/b/{other}", "/a/7/b/1"),
            ("/files/{*id}", "/files/7"),
            ("/odd{", "/odd{"),
        ] {
            assert_eq!(fill(path, &values), expected);
        }
    }
}
