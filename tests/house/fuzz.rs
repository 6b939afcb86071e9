//! The fuzz target of the macros has their modules by path, in a workspace of its own that the tests do
//! not build.

use std::{fs, path::Path};

#[test]
fn the_fuzz_target_has_each_module_of_the_macros() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(file)).expect("text");
        let lines = text.lines().filter(|line| line.starts_with("mod "));
        lines.map(str::to_owned).collect()
    };
    let own = modules("../keycloak-macros/src/lib.rs");
    assert!(own.len() > 10, "only {} modules were found", own.len());
    assert_eq!(own, modules("fuzz/fuzz_targets/macro_input.rs"));
}
