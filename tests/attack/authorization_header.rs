//! The `Authorization` line: exactly one, `Bearer`, one token (RFC 6750, RFC 9110 section 11.6.2).

use super::{
    case::{Case, Expect},
    world::{MARKER, World},
};

pub fn cases(world: &World) -> Vec<Case> {
    let good = world.good();
    let line = |text: &str| format!("Authorization: {text}").into_bytes();
    let one = |name: &str, text: &str, expect| Case::lines(name, &[&line(text)], expect);
    let none = Expect::NoCredentials("missing_header");
    let other = Expect::NoCredentials("invalid_header_format");
    let mut cases = vec![
        one("control", &format!("Bearer {good}"), Expect::Admitted),
        one(
            "control: lower case",
            &format!("bearer {good}"),
            Expect::Admitted,
        ),
        one(
            "control: upper case",
            &format!("BEARER {good}"),
            Expect::Admitted,
        ),
        one(
            "control: mixed case",
            &format!("bEaReR {good}"),
            Expect::Admitted,
        ),
        one(
            "control: several spaces",
            &format!("Bearer    {good}"),
            Expect::Admitted,
        ),
        one(
            "control: spaces after it",
            &format!("Bearer {good}   "),
            Expect::Admitted,
        ),
        Case::lines(
            "control: header name in lower case",
            &[format!("authorization: Bearer {good}").as_bytes()],
            Expect::Admitted,
        ),
        Case::lines("no header", &[], none),
        one("empty", "", none),
        one("white space only", "   ", none),
    ];
    for (name, text) in [
        ("Basic", "Basic YWxpY2U6cHc=".to_owned()),
        ("Digest", "Digest username=\"alice\"".to_owned()),
        ("Negotiate", "Negotiate AAAA".to_owned()),
        ("DPoP with a good token", format!("DPoP {good}")),
        ("Token with a good token", format!("Token {good}")),
        ("JWT with a good token", format!("JWT {good}")),
        ("the token alone", good.clone()),
        ("no space", format!("Bearer{good}")),
        ("a colon", format!("Bearer: {good}")),
        ("a comma after the scheme", format!("Bearer, {good}")),
        ("an equals sign", format!("Bearer={good}")),
        ("a longer scheme", format!("BearerX {good}")),
        ("a shorter scheme", format!("Beare {good}")),
        ("a quoted scheme", format!("\"Bearer\" {good}")),
        ("a marked scheme", format!("{MARKER} {good}")),
    ] {
        cases.push(one(name, &text, other));
    }
    for (name, text) in [
        ("no token", "Bearer".to_owned()),
        ("no token, a space", "Bearer ".to_owned()),
        ("two tokens", format!("Bearer {good} {good}")),
        ("two tokens, a comma", format!("Bearer {good},{good}")),
        (
            "two credentials, a comma",
            format!("Bearer {good}, Bearer {good}"),
        ),
        (
            "two credentials, other first",
            format!("Bearer x, Basic {good}"),
        ),
        ("Bearer twice", format!("Bearer Bearer {good}")),
        ("a tab before the token", format!("Bearer\t{good}")),
        ("a tab and a space", format!("Bearer \t{good}")),
        (
            "a tab in the token",
            format!("Bearer {}\t{}", &good[..9], &good[9..]),
        ),
        ("auth-params", "Bearer realm=\"x\", error=\"y\"".to_owned()),
    ] {
        cases.push(one(name, &text, Expect::InvalidRequest));
    }
    for (name, text) in [
        ("quotes around the token", format!("Bearer \"{good}\"")),
        ("angle brackets", format!("Bearer <{good}>")),
        (
            "percent encoding",
            format!("Bearer {}", good.replace('.', "%2E")),
        ),
        ("a semicolon", format!("Bearer {good};x=1")),
        ("a token of padding", "Bearer ====".to_owned()),
        ("Latin-1 taken for UTF-8", format!("Bearer {good}\u{e9}")),
        ("a colon in it", format!("Bearer alice:{good}")),
    ] {
        cases.push(one(name, &text, Expect::InvalidToken("malformed_token")));
    }
    let bearer = line(&format!("Bearer {good}"));
    for (name, first, second) in [
        ("the same line twice", &bearer, &bearer),
        (
            "two lines, other scheme first",
            &line("Basic YTpi"),
            &bearer,
        ),
        ("two lines, other scheme last", &bearer, &line("Basic YTpi")),
        (
            "two lines, a bad token first",
            &line("Bearer a.b.c"),
            &bearer,
        ),
        (
            "two lines, a bad token last",
            &bearer,
            &line("Bearer a.b.c"),
        ),
        ("two lines, an empty one first", &line(""), &bearer),
        ("two lines, an empty one last", &bearer, &line("")),
    ] {
        cases.push(Case::lines(name, &[first, second], Expect::InvalidRequest));
    }
    let three = [bearer.as_slice(), &bearer, &bearer];
    cases.push(Case::lines("three lines", &three, Expect::InvalidRequest));
    let mixed = format!("AUTHORIZATION: Bearer {good}");
    cases.push(Case::lines(
        "two lines, names in different case",
        &[&bearer, mixed.as_bytes()],
        Expect::InvalidRequest,
    ));
    let obs_text = [
        b"Authorization: Bearer ".as_slice(),
        good.as_bytes(),
        b"\xff",
    ]
    .concat();
    cases.push(Case::lines(
        "a byte above ASCII",
        &[&obs_text],
        Expect::InvalidToken("malformed_token"),
    ));
    for (name, bytes) in [
        (
            "a NUL in the line",
            format!("Authorization: Bearer {good}\u{0}"),
        ),
        (
            "a bare carriage return",
            format!("Authorization: Bearer {good}\rX: 1"),
        ),
        ("a folded line", format!("Authorization: Bearer\r\n {good}")),
        (
            "a space before the colon",
            format!("Authorization : Bearer {good}"),
        ),
        (
            "larger than the server reads",
            format!("Authorization: Bearer {}", "a".repeat(600_000)),
        ),
    ] {
        cases.push(Case::lines(name, &[bytes.as_bytes()], Expect::NotHttp));
    }
    cases
}
