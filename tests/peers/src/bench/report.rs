//! `results.md`.

use keycloak_peers::{
    servers::{self, Roles},
    table::{Spread, markdown},
};

use crate::{
    rounds::{Plan, Round, Sample, Turn},
    tokens::Tokens,
};

/// The whole page.
pub fn write(machine: &str, plan: &Plan, tokens: &Tokens, rounds: &[Round]) -> String {
    format!(
        "# Whole servers side by side\n\n\
         Made by `cargo run --release --manifest-path tests/peers/Cargo.toml -- --rounds {rounds}`,\n\
         which also drew [the plot](results.svg). What is measured is said at the head of\n\
         [src/bench/main.rs](src/bench/main.rs), each server is a file in [src/servers](src/servers).\n\n\
         {machine}\
         - one processor for the server, the other for the load (32 connections, kept alive) and the issuer\n\
         - access token of {size} bytes, RS256, as Keycloak writes them; the route asks for the realm role `admin`\n\
         - {rounds} rounds; median over the rounds (lower–upper quartile); ratios are to bare axum of the same round\n\
         - warm: one token for {warm} ms; cold: {fresh} requests, each with a token never seen before\n\n\
         ![requests per second as a share of bare axum's](results.svg)\n\n\
         ## Warm: the same token again\n\n{warm_table}\n\
         ## Cold: every token is new\n\n{cold_table}\n\
         *Added CPU* is processor time of the server's process per request, over that of bare axum in the\n\
         same round. *Busy* is the share of its processor that the server used: below 1, the load or the\n\
         kernel was the limit, and the added CPU says more than the ratio.\n\n\
         ## What was compared\n\n{set_up}",
        rounds = plan.rounds,
        size = tokens.good.len(),
        warm = plan.warm.as_millis(),
        fresh = plan.fresh_tokens,
        warm_table = figures(rounds, |turn| turn.warm),
        cold_table = figures(rounds, |turn| turn.cold),
        set_up = set_up(),
    )
}

/// Ratio to bare axum of one server in each round.
pub fn ratio(rounds: &[Round], server: usize, part: fn(&Turn) -> Sample) -> Spread {
    Spread::of(
        rounds
            .iter()
            .map(|round| part(&round[server]).rate / part(&round[0]).rate),
    )
}

fn figures(rounds: &[Round], part: fn(&Turn) -> Sample) -> String {
    let rows: Vec<Vec<String>> = servers::ALL
        .iter()
        .enumerate()
        .map(|(index, server)| {
            let of = |figure: fn(Sample) -> f64| {
                Spread::of(rounds.iter().map(|round| figure(part(&round[index]))))
            };
            let added = rounds
                .iter()
                .map(|round| part(&round[index]).cpu - part(&round[0]).cpu);
            let (ratio, added) = match index {
                0 => ("1".to_owned(), "0".to_owned()),
                _ => (
                    ratio(rounds, index, part).text(2),
                    Spread::of(added).text(1),
                ),
            };
            vec![
                server.title(),
                ratio,
                format!("{:.0}", of(|sample| sample.rate).median),
                added,
                of(|sample| sample.cpu).text(1),
                format!("{:.2}", of(|sample| sample.busy).median),
            ]
        })
        .collect();
    markdown(
        &[
            "server",
            "ratio to bare axum",
            "requests/s",
            "added CPU, us",
            "CPU, us",
            "busy",
        ],
        &rows,
    )
}

fn set_up() -> String {
    let rows: Vec<Vec<String>> = servers::ALL
        .iter()
        .map(|server| {
            let roles = match server.roles {
                Roles::Nobody => "nobody",
                Roles::Library => "the library",
                Roles::Closure => "a closure given to the library",
                Roles::Handler => "code of the application",
            };
            vec![server.title(), roles.to_owned(), server.settings.to_owned()]
        })
        .collect();
    markdown(&["server", "role compared by", "set"], &rows).replace("---:", "---")
}
