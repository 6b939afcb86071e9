//! Discovery documents: no endpoint on a host that the settings do not name.

#![no_main]

use std::sync::LazyLock;

use keycloak::{Keycloak, __fuzz};
use libfuzzer_sys::fuzz_target;

static KEYCLOAK: LazyLock<Keycloak> = LazyLock::new(|| {
    Keycloak::builder()
        .server_url("https://id.example")
        .realm("demo")
        .client_id("api")
        .build()
        .expect("good settings")
});

fn judge(document: &[u8]) {
    if let Ok(endpoints) = __fuzz::read_discovery(document, &KEYCLOAK) {
        for url in endpoints {
            assert_eq!(url.scheme(), "https", "{url}");
            assert_eq!(url.host_str(), Some("id.example"), "{url}");
            assert_eq!(url.port_or_known_default(), Some(443), "{url}");
        }
    }
}

fuzz_target!(|data: &[u8]| {
    judge(data);
    // As one endpoint of an otherwise good document.
    if let Ok(text) = str::from_utf8(data) {
        let document = serde_json::json!({
            "issuer": "https://id.example/realms/demo",
            "jwks_uri": text,
        });
        judge(document.to_string().as_bytes());
    }
});
