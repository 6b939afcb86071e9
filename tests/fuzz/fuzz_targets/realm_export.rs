//! Realm exports: refused with a path into the document, or read; never a panic. What names are
//! checked against and what tokens are made from are two views of one reader, so neither may read
//! what the other refuses for its form.

#![no_main]

use keycloak::dev::Realm;
use keycloak_policy::{
    export::{Document, Names, Users},
    grammar::{claim_path, group_path},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    // The grammars take any text; a name survives being made a path and read again.
    assert_eq!(claim_path::names(&claim_path::escaped(text)), [text]);
    assert!(text.contains(group_path::pattern(text).own));

    // Text that is neither object nor list would be taken for a path.
    if !text.trim_start().starts_with(['{', '[']) {
        return;
    }
    let names = |users| {
        let document = Document::from_text(text, None, users)?;
        document.read(Names::view)
    };
    let (skipped, read) = (names(Users::Skip), names(Users::Read));
    if let (Ok(skipped), Ok(read)) = (&skipped, &read) {
        assert_eq!(skipped, read);
    }
    match Realm::from_export(text) {
        Ok(_) => assert!(skipped.is_ok()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
