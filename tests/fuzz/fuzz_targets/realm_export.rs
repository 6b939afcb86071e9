//! Realm exports: refused with a path into the document, or read; never a panic.

#![no_main]

use keycloak::dev::Realm;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Text that is no object would be taken for a path.
    if let Ok(text) = str::from_utf8(data)
        && text.trim_start().starts_with('{')
        && let Err(error) = Realm::from_export(text)
    {
        assert!(!error.to_string().is_empty());
    }
});
