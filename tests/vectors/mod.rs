//! Public test vectors: Wycheproof JOSE and the IETF JOSE cookbook.
//!
//! The vectors are not part of this repository. They are read from `../shared/vectors` beside the
//! workspace, or from the folder that `KEYCLOAK_TEST_VECTORS` names. Where there is none, the
//! tests say so and check nothing.

mod cookbook;
mod wycheproof;

use std::{env, fs, io::Write, path::PathBuf};

/// The text of a vector file, or a plain word about why there is none.
fn vectors(file: &str) -> Option<String> {
    let folder = match env::var_os("KEYCLOAK_TEST_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors")),
    };
    let path = folder.join(file);
    if !path.is_file() {
        // Past libtest's capture, so that a green run says what it did not check. Not a failure in
        // CI either: a clone of the repository has no vectors.
        let _ = writeln!(
            std::io::stderr(),
            "NOT CHECKED: no test vectors, {} is absent (KEYCLOAK_TEST_VECTORS may name the folder)",
            path.display()
        );
        return None;
    }
    Some(fs::read_to_string(path).expect("a readable file"))
}
