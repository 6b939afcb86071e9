//! `cargo run --example quickstart` on the embedded realm, used as its user would use it: read what
//! it prints, paste the lines, compare the statuses with those printed, press Ctrl-C.

use support::quickstart::Quickstart;

#[test]
fn every_printed_line_gives_the_printed_status() {
    let quickstart = Quickstart::start(&[]);
    for persona in [
        "alice", "bob", "carol", "dave", "eve", "frank", "grace", "mallory",
    ] {
        let lines = quickstart
            .lines
            .iter()
            .filter(|line| line.persona.starts_with(persona))
            .count();
        assert!(lines >= 2, "{persona} has {lines} lines");
    }
    for status in [200, 401, 403] {
        assert!(quickstart.lines.iter().any(|line| line.status == status));
    }
    for line in &quickstart.lines {
        let (status, body) = quickstart.paste(&line.command);
        assert_eq!(status, line.status, "{}\n{body}", line.command);
    }
    assert_eq!(quickstart.interrupt(), Some(0), "Ctrl-C is a clean end");
}

#[test]
fn only_access_tokens_are_printed() {
    let quickstart = Quickstart::start(&[]);
    let tokens: Vec<&str> = quickstart
        .lines
        .iter()
        .flat_map(|line| line.command.split(['"', ' ', '\'']))
        .filter(|word| word.starts_with("eyJ"))
        .collect();
    assert!(tokens.len() >= 8, "one per persona");
    for token in tokens {
        assert_eq!(support::real::tokens::claims(token)["typ"], "Bearer");
    }
}
