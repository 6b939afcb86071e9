//! `sub`: a non-empty string.

use serde_json::json;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::refused(
            "missing",
            world.token_with(json!({ "sub": null })),
            "missing_claim",
        ),
    ];
    for (name, text) in [
        ("null", "null"),
        ("empty", "\"\""),
        ("a number", "1"),
        ("a list", "[\"alice\"]"),
        ("an object", "{\"sub\":\"alice\"}"),
        ("true", "true"),
    ] {
        cases.push(Case::refused(
            name,
            world.token_with_text("sub", text),
            "missing_claim",
        ));
    }
    cases
}
