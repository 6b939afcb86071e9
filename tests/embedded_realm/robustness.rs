//! Exports with anything in any place: read or refused with a place, never a panic.

use keycloak::dev::{ExportError, Realm};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::fixture::EXPORT;

/// Values that may be where they do not belong.
fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z./${}\\\\]{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["user", "/ops", 7, null, {}])),
        Just(json!({"api": ["read"], "nobody": ["x"], "realm": ["admin"]})),
        Just(json!([{"name": "admin"}, {"clientId": "api"}, {"username": "alice"}])),
    ]
}

/// How many places a value has, itself included.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(members) => members.values().map(places).sum(),
        _ => 0,
    }
}

/// The place with that number, in the order of [`places`].
fn place(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let children: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        let size = places(child);
        if left < size {
            return place(child, left);
        }
        left -= size;
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn exports_with_foreign_parts_are_read_or_refused_with_a_place(
        changes in prop::collection::vec((any::<Index>(), strange()), 1..4),
    ) {
        let text = std::fs::read_to_string(EXPORT).unwrap();
        let mut export: Value = serde_json::from_str(&text).unwrap();
        for (index, value) in changes {
            let number = index.index(places(&export));
            *place(&mut export, number).unwrap() = value;
        }
        match Realm::from_export(export) {
            Ok(realm) => {
                let personas = realm.personas();
                prop_assert!(personas.len() < 100);
            }
            Err(error) => {
                let empty_list = matches!(error, ExportError::NoRealm { .. });
                prop_assert!(empty_list || !error.problems().is_empty(), "{error}");
                for problem in error.problems() {
                    prop_assert!(problem.path.starts_with('$'), "{problem}");
                }
            }
        }
    }
}
