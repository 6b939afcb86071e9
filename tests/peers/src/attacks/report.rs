//! `attacks.md`.

use std::fmt::Write as _;

use keycloak_peers::{
    servers::{self, Roles, Server},
    table::markdown,
};

use crate::{
    FAMILIES, has_notion,
    tally::{Counts, Table},
};

/// The whole page.
pub fn write(table: &Table) -> String {
    format!(
        "# The same attacks against every server\n\n\
         Made by `cargo run --release --manifest-path tests/peers/Cargo.toml --bin attacks`.\n\n\
         The cases are those of [tests/attack](../attack), the files themselves, on realms of RS256, PS256,\n\
         ES256, ES384 and EdDSA where the algorithm matters. They are ours and judge by our rules: some ask\n\
         for more than a standard does, and most tokens in them are signed by the realm itself, so that not\n\
         everything that is let through can be made by a stranger. Only the status is judged: an attack\n\
         must get 400, 401 or 403, a control (a valid token in an unusual form) 200. A 5xx lets nobody in\n\
         either, but says that the server is to blame.\n\n\
         Some families are about things of which a library has no notion, or which it has no setting for:\n\
         other kinds of tokens for those that know JWTs and not Keycloak, the issuer and the `kid` for\n\
         axum-keycloak-auth, which tries all keys of the realm. There the application has to check for\n\
         itself; such figures are in parentheses, and not in the sums. Groups, scopes, negation and optional\n\
         callers were not asked, for no other server has a notion of them; roles only where the library\n\
         compares them itself. How each server is set is said below.\n\n\
         {sums}\n\
         ## Attacks let through, by family\n\n{let_through}\n\
         ## Valid tokens refused, by family\n\n{refused}\n\
         ## Answered 5xx or not at all, by family\n\n{other}\n\
         ## Settings\n\n{settings}\n\
         ## Every wrong answer\n\n{names}",
        sums = sums(table),
        let_through = by_family(table, |counts| (counts.let_through, counts.attacks())),
        refused = by_family(table, |counts| (counts.controls_refused, counts.controls())),
        other = by_family(table, |counts| {
            (
                counts.other + counts.controls_other,
                counts.attacks() + counts.controls(),
            )
        }),
        settings = settings(),
        names = names(table),
    )
}

fn asked() -> impl Iterator<Item = &'static Server> {
    servers::ALL
        .iter()
        .filter(|server| server.roles != Roles::Nobody)
}

fn sums(table: &Table) -> String {
    let rows: Vec<Vec<String>> = asked()
        .map(|server| {
            let sum = table.sum(server.name, true);
            let beyond = table.sum(server.name, false).let_through;
            vec![
                server.title(),
                sum.attacks().to_string(),
                sum.refused.to_string(),
                sum.let_through.to_string(),
                sum.other.to_string(),
                sum.controls().to_string(),
                sum.controls_refused.to_string(),
                sum.controls_other.to_string(),
                format!("({beyond})"),
            ]
        })
        .collect();
    markdown(
        &[
            "server",
            "attacks",
            "refused",
            "let through",
            "5xx or no answer",
            "controls",
            "controls refused",
            "controls 5xx",
            "let through, no notion",
        ],
        &rows,
    )
}

/// Families as rows, servers as columns; a dash where a server was not asked.
fn by_family(table: &Table, of: fn(&Counts) -> (usize, usize)) -> String {
    let mut head = vec!["family"];
    head.extend(asked().map(|server| server.name));
    let rows: Vec<Vec<String>> = FAMILIES
        .iter()
        .map(|family| {
            let mut row = vec![format!("{}: {}", family.name, family.about)];
            row.extend(asked().map(|server| {
                table.of(server.name, family.name).map_or_else(
                    || "–".to_owned(),
                    |counts| {
                        let (count, among) = of(counts);
                        let text = format!("{count} of {among}");
                        if has_notion(server.name, family.name) {
                            text
                        } else {
                            format!("({text})")
                        }
                    },
                )
            }));
            row
        })
        .collect();
    markdown(&head, &rows)
}

fn settings() -> String {
    let mut text = String::new();
    for server in asked() {
        writeln!(text, "- {}: {}", server.title(), server.settings).expect("memory");
    }
    text
}

fn names(table: &Table) -> String {
    let mut text = String::new();
    for server in asked() {
        writeln!(text, "### {}\n", server.title()).expect("memory");
        let mut any = false;
        for family in &FAMILIES {
            let Some(counts) = table.of(server.name, family.name) else {
                continue;
            };
            for kind in [
                "let through",
                "5xx or no answer",
                "valid, refused",
                "valid, 5xx or no answer",
            ] {
                let cases: Vec<&str> = counts
                    .names
                    .iter()
                    .filter(|(_, of)| **of == kind)
                    .map(|(name, _)| name.as_str())
                    .collect();
                if !cases.is_empty() {
                    any = true;
                    writeln!(text, "- {}, {kind}: {}", family.name, cases.join("; "))
                        .expect("memory");
                }
            }
        }
        text.push_str(if any { "\n" } else { "None.\n\n" });
    }
    text
}
