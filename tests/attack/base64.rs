//! One token has one spelling: canonical base64url without padding (RFC 7515 section 2).

use serde_json::json;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let good = world.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = [parts[0], parts[1], parts[2]];
    let mut cases = vec![Case::admitted("control", &good)];
    // Respelled after signing: where the spelling is let through, the signature would still fail
    // for header and payload, so those are signed anew below.
    for (name, respelled) in [
        ("padding", format!("{signature}=")),
        ("double padding", format!("{signature}==")),
        ("a character more", format!("{signature}A")),
        ("four characters more", format!("{signature}AAAA")),
        ("standard alphabet", format!("+/{}", &signature[2..])),
        ("stray bits", with_stray_bits(signature)),
        (
            "a character less",
            signature[..signature.len() - 1].to_owned(),
        ),
        (
            "percent encoding",
            signature.replacen(&signature[..1], "%41", 1),
        ),
    ] {
        // A changed value may be canonical; then the signature itself is wrong.
        let token = format!("{header}.{payload}.{respelled}");
        let code = match name {
            "four characters more" => "invalid_signature",
            "a character less" | "stray bits" | "a character more" => code_of(&respelled),
            _ => "malformed_token",
        };
        cases.push(Case::refused(format!("signature: {name}"), token, code));
    }
    for (name, respelled) in [
        ("padding", format!("{header}=")),
        ("stray bits", with_stray_bits(header)),
        ("a tilde", format!("{header}~")),
        ("a plus", format!("+{}", &header[1..])),
        ("a slash", format!("/{}", &header[1..])),
    ] {
        cases.push(Case::refused(
            format!("header: {name}"),
            world.key().compact_parts(&respelled, payload),
            "malformed_token",
        ));
        cases.push(Case::refused(
            format!("payload: {name}"),
            world
                .key()
                .compact_parts(header, &respelled.replace(header, payload)),
            "malformed_token",
        ));
    }
    cases.push(Case::refused(
        "signature: the same bytes in the standard alphabet",
        in_the_standard_alphabet(world),
        "malformed_token",
    ));
    cases
}

/// A good token, its signature spelled in the other alphabet.
fn in_the_standard_alphabet(world: &World) -> String {
    (0..)
        .map(|n| world.token_with(json!({ "jti": n.to_string() })))
        .find_map(|token| {
            let (input, signature) = token.rsplit_once('.').expect("three parts");
            let respelled = signature.replace('-', "+").replace('_', "/");
            (respelled != signature).then(|| format!("{input}.{respelled}"))
        })
        .expect("a signature with `-` or `_`")
}

/// `text` with a bit set that belongs to no byte; a character more where there is no such bit.
fn with_stray_bits(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (head, last) = text.split_at(text.len() - 1);
    if text.len().is_multiple_of(4) {
        return format!("{text}B");
    }
    let value = ALPHABET
        .iter()
        .position(|c| *c == last.as_bytes()[0])
        .expect("base64url");
    format!("{head}{}", char::from(ALPHABET[value | 1]))
}

/// What a changed signature is refused as: its spelling first, then its value.
fn code_of(signature: &str) -> &'static str {
    use ::base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    match URL_SAFE_NO_PAD.decode(signature) {
        Ok(_) => "invalid_signature",
        Err(_) => "malformed_token",
    }
}
