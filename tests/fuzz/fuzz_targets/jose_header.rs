//! Compact JWS and JOSE headers: the input as it is, and as the header of a token.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keycloak::__fuzz;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    if let Ok(compact) = str::from_utf8(data)
        && __fuzz::parse_header(compact).is_ok()
    {
        assert_eq!(compact.split('.').count(), 3);
        assert!(compact.len() <= 16 * 1024);
    }
    let compact = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(data));
    if let Ok((kid, algorithm)) = __fuzz::parse_header(&compact) {
        // Whatever we read must be what a lax reader reads, too: no second meaning.
        let lax: Value = serde_json::from_slice(data).expect("JSON for everybody");
        assert_eq!(lax["kid"], Value::String(kid));
        assert_eq!(lax["alg"], algorithm.name());
        assert!(lax.get("crit").is_none());
    }
});
