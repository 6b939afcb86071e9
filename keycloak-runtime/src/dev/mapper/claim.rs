//! Puts claims where mappers say: `a.b` is member `b` of the object `a`, `a\.b` the member `a.b`.

use keycloak_policy::grammar::claim_path::names;
use serde_json::{Map, Value, map::Entry};

/// What no mapper may set.
const RESERVED: [&str; 8] = [
    "iss",
    "exp",
    "iat",
    "jti",
    "typ",
    "scope",
    "nonce",
    "session_state",
];

/// Puts `value` at `path`; nothing happens where a part of the path is not an object, or reserved.
pub(super) fn put(claims: &mut Map<String, Value>, path: &str, value: Value) {
    let parts = names(path);
    let Some((last, parents)) = parts.split_last() else {
        return;
    };
    let first = parts.first().map(String::as_str);
    if first.is_some_and(|first| RESERVED.contains(&first)) {
        return;
    }
    let mut object = claims;
    for part in parents {
        let next = match object.entry(part.clone()) {
            Entry::Vacant(entry) => entry.insert(Value::Object(Map::new())),
            Entry::Occupied(entry) => entry.into_mut(),
        };
        let Some(next) = next.as_object_mut() else {
            return;
        };
        object = next;
    }
    object.insert(last.clone(), value);
}

/// As [`put`], but a list that is there already grows.
pub(super) fn extend(claims: &mut Map<String, Value>, path: &str, values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    let mut list = match at(claims, path) {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    put(claims, path, Value::Array(list));
}

fn at<'c>(claims: &'c Map<String, Value>, path: &str) -> Option<&'c Value> {
    let parts = names(path);
    let (first, rest) = parts.split_first()?;
    rest.iter()
        .try_fold(claims.get(first)?, |value, part| value.get(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &Value) {
        let mut claims = Map::new();
        put(&mut claims, path, Value::from(1));
        assert_eq!(Value::Object(claims), *expected);
    }

    #[test]
    fn dots_nest_and_escaped_dots_do_not() {
        check("a", &json!({"a": 1}));
        check("a.b.c", &json!({"a": {"b": {"c": 1}}}));
        check("a\\.b", &json!({"a.b": 1}));
        check("a\\.b.c", &json!({"a.b": {"c": 1}}));
        // Seen in 26.7.3: a backslash takes any character literally.
        check("q\\x.r\\.s", &json!({"qx": {"r.s": 1}}));
        check("a\\\\b", &json!({"a\\b": 1}));
        check("", &json!({"": 1}));
    }

    #[test]
    fn reserved_claims_and_scalars_on_the_way_stay() {
        for name in RESERVED {
            check(name, &json!({}));
            check(&format!("{name}.x"), &json!({}));
        }
        let mut claims = Map::from_iter([("a".to_owned(), Value::from("text"))]);
        put(&mut claims, "a.b", Value::from(1));
        assert_eq!(Value::Object(claims), json!({"a": "text"}));
    }

    #[test]
    fn lists_grow_without_repetition() {
        let mut claims = Map::new();
        extend(&mut claims, "r.roles", vec!["a".into()]);
        extend(&mut claims, "r.roles", vec!["a".into(), "b".into()]);
        assert_eq!(Value::Object(claims), json!({"r": {"roles": ["a", "b"]}}));
    }
}
