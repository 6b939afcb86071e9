//! The strict parser against `serde_json`: it takes less, and means the same.

#![no_main]

use keycloak::__fuzz;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            // `serde_json` may be off by a last place where it reads floats.
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            (a - b).abs() <= a.abs() * 1e-12
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

fuzz_target!(|data: &[u8]| {
    let theirs = serde_json::from_slice::<Map<String, Value>>(data);
    match (__fuzz::parse_json(data), theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert!(same(&Value::Object(ours), &Value::Object(theirs)), "another meaning");
        }
        (Ok(_), Err(error)) => panic!("accepted what serde_json refuses: {error}"),
        (Err(error), Ok(_)) => assert!(
            error.contains("twice") || error.contains("deeply"),
            "refused without a reason of ours: {error}"
        ),
        (Err(_), Err(_)) => {}
    }
});
