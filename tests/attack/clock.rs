//! `exp`, `nbf`, `iat`: JSON numbers, in range, judged exactly (RFC 7519 section 4.1).

use serde_json::json;
use support::mint::now;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = controls(world);
    cases.push(Case::refused(
        "exp missing",
        world.token_with(json!({ "exp": null })),
        "missing_claim",
    ));
    let now = now();
    for (name, text) in [
        ("long ago", format!("{}", now - 86_400)),
        ("just beyond the leeway", format!("{}", now - 11)),
        ("a fraction, beyond the leeway", format!("{}.5", now - 12)),
        ("zero", "0".to_owned()),
        ("minus zero", "-0".to_owned()),
        ("zero with an exponent", "0e99".to_owned()),
        ("tiny", "1e-300".to_owned()),
        (
            "milliseconds meant as seconds, in the past",
            format!("{}e-3", (now - 60) * 1000),
        ),
    ] {
        cases.push(Case::refused(
            format!("exp: {name}"),
            world.token_with_text("exp", &text),
            "token_expired",
        ));
    }
    for claim in ["nbf", "iat"] {
        for (name, text) in [
            ("beyond the leeway", format!("{}", now + 40)),
            ("tomorrow", format!("{}", now + 86_400)),
            ("a fraction, beyond the leeway", format!("{}.5", now + 40)),
            ("an exponent", format!("{}e3", now)),
            ("the last second there is", "253402300799".to_owned()),
        ] {
            cases.push(Case::refused(
                format!("{claim}: {name}"),
                world.token_with_text(claim, &text),
                "invalid_claims",
            ));
        }
    }
    for claim in ["exp", "nbf", "iat"] {
        for (name, text) in [
            ("a string", format!("\"{}\"", now + 60)),
            ("a date", "\"2099-01-01T00:00:00Z\"".to_owned()),
            ("true", "true".to_owned()),
            ("false", "false".to_owned()),
            ("null", "null".to_owned()),
            ("a list", format!("[{}]", now + 60)),
            ("an object", "{}".to_owned()),
            ("negative", "-1".to_owned()),
            ("a negative fraction", "-0.5".to_owned()),
            ("out of range", "253402300800".to_owned()),
            (
                "out of range by a fraction",
                "253402300799.000000001".to_owned(),
            ),
            ("milliseconds", format!("{}", now * 1000)),
            ("2^63", "9223372036854775808".to_owned()),
            ("2^64", "18446744073709551616".to_owned()),
            ("huge", "1e300".to_owned()),
            ("an empty string", "\"\"".to_owned()),
        ] {
            cases.push(Case::refused(
                format!("{claim} is {name}"),
                world.token_with_text(claim, &text),
                "invalid_claims",
            ));
        }
        for (name, text) in [
            ("beyond every float", "1e400"),
            ("NaN", "NaN"),
            ("Infinity", "Infinity"),
            ("hexadecimal", "0x7fffffff"),
            ("a leading zero", "01893456000"),
            ("a leading plus", "+1893456000"),
            ("a point without digits", "1893456000."),
            ("an exponent without digits", "1893456000e"),
        ] {
            cases.push(Case::refused(
                format!("{claim} is {name}"),
                world.token_with_text(claim, text),
                "malformed_token",
            ));
        }
    }
    cases
}

fn controls(world: &World) -> Vec<Case> {
    let now = now();
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::admitted("control: no iat", world.token_with(json!({ "iat": null }))),
        Case::admitted("control: nbf now", world.token_with(json!({ "nbf": now }))),
        Case::admitted("control: nbf zero", world.token_with(json!({ "nbf": 0 }))),
        Case::admitted(
            "control: just expired",
            world.token_with(json!({ "exp": now - 3 })),
        ),
        Case::admitted(
            "control: a little early",
            world.token_with(json!({ "iat": now + 5, "nbf": now + 5 })),
        ),
    ];
    for (name, text) in [
        ("a fraction", format!("{}.25", now + 60)),
        ("an exponent", format!("{}.0e0", now + 60)),
        ("scientific", format!("{}e-3", (now + 60) * 1000)),
        (
            "a long fraction",
            format!("{}.{}", now + 60, "9".repeat(60)),
        ),
        ("the last second there is", "253402300799".to_owned()),
    ] {
        cases.push(Case::admitted(
            format!("control: exp with {name}"),
            world.token_with_text("exp", &text),
        ));
    }
    cases
}
