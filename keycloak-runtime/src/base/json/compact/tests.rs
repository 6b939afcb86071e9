use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::base::json::Object;

fn object(value: &Value) -> Object {
    Object::from(value.as_object().unwrap())
}

fn rich() -> Value {
    json!({
        "": "", "a": null, "b": true, "c": false, "d": -1, "e": u64::MAX, "f": 1.5, "ä": "ö",
        "list": [1, "x", [], {}, [[null]]], "o": { "p": { "q": "r" } }, "long": "x".repeat(20_000),
        "many": (0..300).collect::<Vec<_>>(),
    })
}

#[test]
fn gives_back_what_was_put_in() {
    for value in [json!({}), rich()] {
        assert_eq!(Value::Object(object(&value).to_map()), value);
    }
}

#[test]
fn finds_members_and_nothing_else() {
    let claims = object(&rich());
    let root = claims.root();
    assert_eq!(root.get("ä").and_then(View::as_str), Some("ö"));
    assert_eq!(root.get("").and_then(View::as_str), Some(""));
    assert_eq!(root.get("b").and_then(View::as_bool), Some(true));
    assert_eq!(root.get("f").and_then(View::as_f64), Some(1.5));
    assert_eq!(root.get("many").and_then(View::items).unwrap().count(), 300);
    let deep = root
        .get("o")
        .and_then(|o| o.get("p"))
        .and_then(|p| p.get("q"));
    assert_eq!(deep.and_then(View::as_str), Some("r"));
    assert!(root.get("x").is_none());
    assert!(root.get("list").unwrap().get("0").is_none());
    assert!(root.get("a").unwrap().as_str().is_none());
}

#[test]
fn reads_every_kind_of_type() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Address<'a> {
        country: &'a str,
        zip: Option<u32>,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        High,
        Other(u8),
    }
    #[derive(Deserialize, Debug, PartialEq)]
    struct Wrapped(i64);
    let claims = object(&json!({
        "address": { "country": "DE", "zip": 12345, "more": [] },
        "level": "high", "other": { "other": 3 }, "n": -5, "none": null,
        "pairs": { "a": 1, "b": 2 }, "list": ["x", "y"], "f": 0.5,
    }));
    let get = |name| claims.root().get(name).unwrap();
    let address = Address {
        country: "DE",
        zip: Some(12345),
    };
    assert_eq!(Address::deserialize(get("address")), Ok(address));
    assert_eq!(Level::deserialize(get("level")), Ok(Level::High));
    assert_eq!(Level::deserialize(get("other")), Ok(Level::Other(3)));
    assert_eq!(Wrapped::deserialize(get("n")), Ok(Wrapped(-5)));
    assert_eq!(Option::<u8>::deserialize(get("none")), Ok(None));
    let pairs = BTreeMap::from([("a", 1), ("b", 2)]);
    assert_eq!(BTreeMap::deserialize(get("pairs")), Ok(pairs));
    assert_eq!(Vec::<&str>::deserialize(get("list")), Ok(vec!["x", "y"]));
    assert_eq!(f32::deserialize(get("f")), Ok(0.5));
    assert_eq!(
        Value::deserialize(get("address")),
        Ok(get("address").to_value())
    );
    assert!(u8::deserialize(get("n")).is_err());
    assert!(String::deserialize(get("list")).is_err());
}

#[test]
fn texts_of_every_length_come_back() {
    for length in [0, 1, 63, 64, 65, 4_095, 4_096, 262_143, 262_144] {
        let value = json!({ "x".repeat(length): ["y".repeat(length), { "after": true }] });
        assert_eq!(Value::Object(object(&value).to_map()), value, "{length}");
        let parsed = Object::parse(value.to_string().as_bytes()).unwrap();
        assert_eq!(Value::Object(parsed.to_map()), value, "{length}");
    }
}

#[test]
fn what_is_parsed_and_what_is_converted_has_one_form() {
    let parsed = Object::parse(rich().to_string().as_bytes()).unwrap();
    assert_eq!(parsed.root().0, object(&rich()).root().0);
}

#[test]
fn what_is_no_compact_form_reads_as_nothing() {
    for form in [
        "",
        "{",
        "{\u{5}\u{0}",
        "{\u{1}\0\0\0",
        "\"\u{3f}",
        "#",
        "?",
        "ä",
        "\"\u{7f}",
    ] {
        let object = Object(form.into());
        assert!(object.to_map().is_empty(), "{form:?}");
        assert!(object.root().as_str().is_none(), "{form:?}");
        assert!(
            object.root().as_number().is_none_or(str::is_empty),
            "{form:?}"
        );
    }
}
