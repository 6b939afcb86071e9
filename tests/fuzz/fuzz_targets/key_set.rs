//! JWKS documents, as a whole and as one key of a set.

#![no_main]

use keycloak::{Algorithm, __fuzz::Keys};
use libfuzzer_sys::fuzz_target;

fn judge(document: &[u8]) {
    if let Ok(keys) = Keys::parse(document) {
        let json: serde_json::Value =
            serde_json::from_slice(document).expect("a usable set is JSON for everybody");
        assert!(json["keys"].as_array().is_some_and(|keys| keys.len() <= 128));
        // "e30" is an empty object, and it is not signed.
        let header = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ";
        let token = format!("{header}.e30.{}", "A".repeat(86));
        assert!(keys.verify_jws(&token, &Algorithm::ALL).is_err());
    }
}

fuzz_target!(|data: &[u8]| {
    judge(data);
    judge(&[b"{\"keys\":[", data, b"]}"].concat());
});
