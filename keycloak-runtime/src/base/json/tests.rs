//! The parser: what it reads, and what it refuses.

use super::*;

#[track_caller]
fn refuses(text: &str, error: JsonError) {
    assert_eq!(Object::parse(text.as_bytes()).unwrap_err(), error, "{text}");
}

#[track_caller]
fn agrees_with_serde_json(text: &str) {
    let ours = Object::parse(text.as_bytes()).unwrap().to_map();
    let theirs: Map<String, Value> = serde_json::from_str(text).unwrap();
    assert_eq!(ours, theirs, "{text}");
}

#[test]
fn reads_what_serde_json_reads() {
    agrees_with_serde_json("{}");
    agrees_with_serde_json(" \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n");
    agrees_with_serde_json(
        r#"{"a":1,"b":-2,"c":1.5e3,"d":"x","e":[true,false,null,[{}]],"f":{"g":{"h":0}}}"#,
    );
    agrees_with_serde_json(r#"{"s":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00ä😀"}"#);
    agrees_with_serde_json(r#"{"big":18446744073709551615,"huge":1e300,"tiny":1e-400}"#);
    agrees_with_serde_json(r#"{"a":{"x":1},"b":{"x":2}}"#);
}

#[test]
fn refuses_duplicate_members_at_any_depth() {
    refuses(r#"{"a":1,"a":1}"#, JsonError::DuplicateMember);
    refuses(r#"{"x":{"a":1,"a":2}}"#, JsonError::DuplicateMember);
    refuses(
        r#"{"x":[[{"a":1,"b":2,"a":3}]]}"#,
        JsonError::DuplicateMember,
    );
    // Names are compared after unescaping.
    refuses(r#"{"exp":1,"\u0065xp":2}"#, JsonError::DuplicateMember);
}

#[test]
fn a_bad_element_can_read_as_null_but_the_top_level_stays_strict() {
    let text = br#"{"keys":[{"a":1,"a":2},{"b":1}]}"#;
    let object = Object::parse_nulling_bad_elements(text).unwrap();
    assert_eq!(
        object.get("keys").map(View::to_value),
        Some(serde_json::json!([null, {"b": 1}]))
    );
    let twice = Object::parse_nulling_bad_elements(br#"{"keys":[],"keys":[]}"#);
    assert_eq!(twice.unwrap_err(), JsonError::DuplicateMember);
}

#[test]
fn refuses_what_is_not_one_object() {
    for text in ["", " ", "[]", "null", "\"a\"", "1", "\u{feff}{}"] {
        refuses(text, JsonError::NotAnObject);
    }
    for text in ["{}x", "{}{}", "{} null", "{}\u{0}"] {
        refuses(text, JsonError::TrailingData);
    }
    assert_eq!(
        Object::parse(b"{\"a\":\"\xff\"}").unwrap_err(),
        JsonError::NotUtf8
    );
}

#[test]
fn refuses_lax_syntax() {
    for text in [
        "{",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":[1,]}",
        "{\"a\":[,]}",
        "{\"a\":[1 2]}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":5.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":-}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":tru}",
        "{\"a\":nul}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u+123\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "{/**/}",
        "{\"a\":1//\n}",
    ] {
        refuses(text, JsonError::Syntax);
    }
    refuses("{\"a\":1e999}", JsonError::NumberOutOfRange);
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let most = usize::from(MAX_DEPTH) - 1;
    assert!(Object::parse(nested(most).as_bytes()).is_ok());
    refuses(&nested(most + 1), JsonError::TooDeep);
    refuses(
        &format!("{{\"a\":{}", "[".repeat(100_000)),
        JsonError::TooDeep,
    );
}

#[test]
fn keeps_the_exact_digits_of_numbers() {
    let text = br#"{"a":1.00000000000000000001,"b":7,"c":1e3,"d":"x","e":[9.50]}"#;
    let object = Object::parse(text).unwrap();
    let number = |name| object.get(name).and_then(View::as_number);
    assert_eq!(number("a"), Some("1.00000000000000000001"));
    assert_eq!(number("b"), Some("7"));
    assert_eq!(number("c"), Some("1e3"));
    assert_eq!(number("d"), None);
    assert_eq!(number("missing"), None);
    let inner = object.get("e").and_then(View::items).unwrap().next();
    assert_eq!(inner.and_then(View::as_number), Some("9.50"));
}

#[test]
fn duplicates_are_found_among_many_names_that_begin_alike() {
    let names = |count| {
        let members: Vec<String> = (0..count)
            .map(|n| format!("\"same-beginning-{n}\":{{\"same-beginning-1\":0}}"))
            .collect();
        members.join(",")
    };
    let good = format!("{{{}}}", names(1_000));
    assert_eq!(
        Object::parse(good.as_bytes()).unwrap().to_map().len(),
        1_000
    );
    for twice in [
        "same-beginning-0",
        "same-beginning-500",
        "same-beginning-999",
    ] {
        let text = format!("{{{},\"{twice}\":1}}", names(1_000));
        refuses(&text, JsonError::DuplicateMember);
    }
    // An empty name is a name; so is one with a zero in it.
    refuses(r#"{"":1,"":2}"#, JsonError::DuplicateMember);
    agrees_with_serde_json(r#"{"a":1,"a\u0000":2,"\u0000":3,"":4}"#);
}

#[test]
fn the_end_of_a_text_is_found_at_every_distance() {
    for length in 0..40 {
        let text = "ä".repeat(length % 3) + &"x".repeat(length);
        agrees_with_serde_json(&format!(
            "{{\"a\":\"{text}\",\"{text}\":[\"{text}\\n{text}\"]}}"
        ));
        for control in ['\u{0}', '\u{1f}'] {
            refuses(&format!("{{\"a\":\"{text}{control}\"}}"), JsonError::Syntax);
        }
        // Neither a space nor anything above it ends a text.
        agrees_with_serde_json(&format!("{{\"a\":\"{text} !#[]\u{7f}\u{80}\u{ff}\"}}"));
    }
}

#[test]
fn a_text_beyond_the_limit_is_not_looked_at() {
    let long = vec![b' '; MAX_TEXT_BYTES + 1];
    assert_eq!(Object::parse(&long).unwrap_err(), JsonError::TooLong);
}
