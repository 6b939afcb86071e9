//! The claims check: what it lets through is what it must be, read by a lax reader.

#![no_main]

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use keycloak::__fuzz::{self, Expected};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const NOW: u64 = 1_700_000_000;

static EXPECTED: LazyLock<Expected> =
    LazyLock::new(|| Expected::new("https://id.example/realms/demo", "api"));

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

fuzz_target!(|data: &[u8]| {
    if __fuzz::check_claims(data, &EXPECTED, now()).is_err() {
        return;
    }
    let lax: Value = serde_json::from_slice(data).expect("JSON for everybody");
    assert_eq!(lax["iss"], "https://id.example/realms/demo");
    let ours = |value: &Value| value == "api";
    match &lax["aud"] {
        Value::Array(audiences) => assert!(audiences.iter().any(ours)),
        audience => assert!(ours(audience)),
    }
    assert!(lax["sub"].as_str().is_some_and(|sub| !sub.is_empty()));
    assert!(lax["typ"].as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("bearer")));
    assert!(lax.get("cnf").is_none());
    // Leeway of 10 s, and one more second for what a float rounds.
    let seconds = |name: &str| lax.get(name).map(|value| value.as_f64().expect("a number"));
    let now = NOW as f64;
    assert!(seconds("exp").expect("exp") > now - 11.0);
    for name in ["nbf", "iat"] {
        assert!(seconds(name).is_none_or(|at| (0.0..=now + 11.0).contains(&at)));
    }
});
