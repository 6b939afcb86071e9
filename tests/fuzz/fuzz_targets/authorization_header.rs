//! The `Authorization` lines: any bytes, one line per line of the input.

#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use keycloak::{Fault, __fuzz};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    let mut lines = 0;
    for line in data.split(|byte| *byte == b'\n').take(4) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::AUTHORIZATION, value);
            lines += 1;
        }
    }
    match __fuzz::bearer_token(&headers) {
        Ok(token) => {
            assert_eq!(lines, 1, "a token from several lines");
            assert!(!token.is_empty());
            assert!(!token.contains([' ', '\t', ',', '"']));
            let line = headers[header::AUTHORIZATION].as_bytes().trim_ascii();
            assert!(line.ends_with(token.as_bytes()), "a token that was not sent");
            assert!(line[..6].eq_ignore_ascii_case(b"Bearer"));
        }
        Err(Fault::MissingHeader | Fault::OtherScheme) => assert!(lines <= 1),
        Err(Fault::InvalidHeader | Fault::MalformedToken) => {}
        Err(other) => panic!("{other:?} for a header"),
    }
});
