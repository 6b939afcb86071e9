//! The header is one strict JSON object.

use support::mint::b64;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let alg = world.algorithm().name();
    let kid = &world.key().kid;
    let good = format!(r#""alg":"{alg}","kid":"{kid}""#);
    let mut cases = vec![
        Case::admitted(
            "control: white space",
            world.header_text(&format!(" \t\r\n{{ {good} }}\n")),
        ),
        Case::admitted(
            "control: unknown members",
            world.header_text(&format!(r#"{{{good},"x":{{"a":[1]}},"cty":"JWT"}}"#)),
        ),
        Case::admitted(
            "control: escapes in names",
            world.header_text(&format!(r#"{{"\u0061lg":"{alg}","kid":"{kid}"}}"#)),
        ),
    ];
    for (name, text) in [
        (
            "alg twice, the same",
            format!(r#"{{{good},"alg":"{alg}"}}"#),
        ),
        (
            "alg twice, none first",
            format!(r#"{{"alg":"none",{good}}}"#),
        ),
        (
            "alg twice, none last",
            format!(r#"{{{good},"alg":"none"}}"#),
        ),
        (
            "alg twice, one escaped",
            format!(r#"{{{good},"\u0061lg":"none"}}"#),
        ),
        ("kid twice", format!(r#"{{{good},"kid":"other"}}"#)),
        (
            "an unknown member twice",
            format!(r#"{{{good},"x":1,"x":1}}"#),
        ),
        (
            "a nested member twice",
            format!(r#"{{{good},"x":{{"a":1,"a":1}}}}"#),
        ),
        (
            "a member twice in a list",
            format!(r#"{{{good},"x":[[{{"a":1,"a":1}}]]}}"#),
        ),
        ("a list", format!(r#"[{{{good}}}]"#)),
        ("a string", format!("{good:?}")),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("empty object", "{}".to_owned()),
        ("only white space", "  ".to_owned()),
        ("something after it", format!("{{{good}}}x")),
        ("two objects", format!("{{{good}}}{{{good}}}")),
        ("a NUL after it", format!("{{{good}}}\u{0}")),
        ("cut off", format!("{{{good}")),
        ("a trailing comma", format!("{{{good},}}")),
        ("a comment", format!("{{{good}/*x*/}}")),
        ("single quotes", format!("{{'alg':'{alg}','kid':'{kid}'}}")),
        (
            "names without quotes",
            format!("{{alg:\"{alg}\",kid:\"{kid}\"}}"),
        ),
        ("a byte order mark", format!("\u{feff}{{{good}}}")),
        (
            "a raw line break in a string",
            format!("{{{good},\"x\":\"\n\"}}"),
        ),
        ("a lone surrogate", format!(r#"{{{good},"x":"\ud800"}}"#)),
        (
            "nested a thousand deep",
            format!("{{{good},\"x\":{}{}}}", "[".repeat(1000), "]".repeat(1000)),
        ),
        (
            "nested deep and open",
            format!("{{{good},\"x\":{}", "[".repeat(5000)),
        ),
        ("a bad number", format!(r#"{{{good},"x":01}}"#)),
    ] {
        cases.push(Case::refused(
            name,
            world.header_text(&text),
            "malformed_token",
        ));
    }
    let latin = [b"{".as_slice(), good.as_bytes(), b",\"x\":\"\xe9\"}"].concat();
    let payload = b64(world.claims().to_string());
    cases.push(Case::refused(
        "not UTF-8",
        world.key().compact_parts(&b64(latin), &payload),
        "malformed_token",
    ));
    let utf16: Vec<u8> = format!("{{{good}}}")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    cases.push(Case::refused(
        "UTF-16",
        world.key().compact_parts(&b64(utf16), &payload),
        "malformed_token",
    ));
    cases
}
