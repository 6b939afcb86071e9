//! Claims by path: `"address.country"`; the grammar is `keycloak_policy`'s.

use keycloak_policy::grammar::claim_path::{split, unescaped};
#[cfg(any(test, feature = "test-util"))]
use serde_json::{Map, Value};

use crate::base::json::{Object, View};

/// The claim at `path`, or `None` where any step of it is absent or not an object.
pub(crate) fn lookup<'c>(claims: &'c Object, path: &str) -> Option<View<'c>> {
    let (first, mut rest) = split(path);
    let mut value = member(claims.root(), first)?;
    while let Some(path) = rest {
        let (segment, after) = split(path);
        value = member(value, segment)?;
        rest = after;
    }
    Some(value)
}

/// Whether something on the way to `path` is there and is not an object.
pub(crate) fn is_cut_off(claims: &Object, path: &str) -> bool {
    let (first, mut rest) = split(path);
    let mut value = member(claims.root(), first);
    while let (Some(found), Some(path)) = (value, rest) {
        if found.members().is_none() {
            return true;
        }
        let (segment, after) = split(path);
        value = member(found, segment);
        rest = after;
    }
    false
}

/// Sets the claim at `path`, replacing what is in the way.
#[cfg(any(test, feature = "test-util"))]
pub(crate) fn insert(claims: &mut Map<String, Value>, path: &str, value: Value) {
    let (segment, rest) = split(path);
    let name: String = unescaped(segment).collect();
    let Some(rest) = rest else {
        claims.insert(name, value);
        return;
    };
    let inner = claims.entry(name).or_insert(Value::Null);
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        insert(inner, rest, value);
    }
}

/// The member whose name is `segment` without its escapes.
fn member<'c>(object: View<'c>, segment: &str) -> Option<View<'c>> {
    if segment.contains('\\') {
        // Rare, and still without allocating.
        let mut members = object.members()?;
        members
            .find(|(name, _)| name.chars().eq(unescaped(segment)))
            .map(|(_, value)| value)
    } else {
        object.get(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(path: &str, expected: Option<&Value>) {
        let claims = json!({
            "a": {"b": {"c": 1}, "": 2},
            "x.y": {"z.": 3},
            "back\\slash": 4,
            "": 5,
            "list": [{"a": 1}],
        });
        let claims = Object::from(claims.as_object().unwrap());
        assert_eq!(lookup(&claims, path).map(View::to_value).as_ref(), expected);
    }

    #[test]
    fn walks_objects_segment_by_segment() {
        check("a.b.c", Some(&json!(1)));
        check("a.b", Some(&json!({"c": 1})));
        check("a.", Some(&json!(2)));
        check("", Some(&json!(5)));
        check("a.c", None);
        check("a.b.c.d", None);
        check("list.0", None);
        check("list.a", None);
        check("A.b", None);
    }

    #[test]
    fn what_is_inserted_is_found_again() {
        for path in ["a", "a.b.c", "a\\.b.c", "x\\\\y", "."] {
            let mut claims = Map::new();
            claims.insert("a".to_owned(), json!("in the way"));
            insert(&mut claims, path, json!(7));
            let found = lookup(&Object::from(&claims), path).map(View::to_value);
            assert_eq!(found, Some(json!(7)), "{path}");
        }
    }

    #[test]
    fn an_escaped_dot_is_part_of_the_name() {
        check("x\\.y.z\\.", Some(&json!(3)));
        check("x.y", None);
        check("back\\\\slash", Some(&json!(4)));
        check("a\\.b", None);
    }
}
