//! Texts as the JSON type that a mapper names.

use serde_json::Value;

/// `text` as `jsonType.label` says; `None` where it does not fit.
pub(super) fn typed(text: &str, label: Option<&str>) -> Option<Value> {
    match label {
        Some("long" | "int") => text.parse::<i64>().ok().map(Value::from),
        Some("boolean") => Some(Value::from(text.eq_ignore_ascii_case("true"))),
        Some("JSON") => serde_json::from_str(text).ok(),
        _ => Some(Value::from(text)),
    }
}

/// A string, or the strings of an array.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_follow_the_label() {
        assert_eq!(typed("7", Some("long")), Some(json!(7)));
        assert_eq!(typed("x", Some("int")), None);
        assert_eq!(typed("TRUE", Some("boolean")), Some(json!(true)));
        assert_eq!(typed("[1]", Some("JSON")), Some(json!([1])));
        assert_eq!(typed("{", Some("JSON")), None);
        assert_eq!(typed("7", Some("String")), Some(json!("7")));
        assert_eq!(typed("7", None), Some(json!("7")));
    }
}
