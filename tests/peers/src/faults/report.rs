//! `faults.md`.

use std::{fmt::Write as _, time::Duration};

use keycloak_peers::{
    servers::{self, Roles},
    table::markdown,
};

use crate::scenario::{
    FAULT, FLOOD, Flooded, RECOVERY, Ran, START_FAULT, Started, UPTIME, Withdrawn, at_start,
    while_running,
};

/// The whole page.
pub fn write(
    start: &[Started],
    ran: &[Ran],
    withdrawn: &[Withdrawn],
    forgotten: &[Withdrawn],
    floods: &[Flooded],
) -> String {
    format!(
        "# Keycloak misbehaves\n\n\
         Made by `cargo run --release --manifest-path tests/peers/Cargo.toml --bin faults`.\n\n\
         Every token that is sent is valid, but for those of the flood. What can be judged with the keys\n\
         at hand should get 200, and what cannot be judged while Keycloak cannot be asked 503: a 401 logs\n\
         users out. *None* is no answer within 12 s, or a closed connection. Times are what was seen with\n\
         two questions a second; *never* is not within {recovery} s.\n\n\
         ## The application starts while the key set …\n\n\
         The fault lasts {start_fault} s. *Ends* is an application whose `main` gets an error and that has to be\n\
         started again by somebody; one that waits for its keys before it listens cannot be asked meanwhile.\n\n\
         {start}\
         ## The application runs, a new key is added, and the key set …\n\n\
         It ran for {uptime} s before. A fault lasts {fault} s. *Recovery* is when tokens of the new key got 200,\n\
         counted from the end of the fault, or from the rotation where there is nothing wrong.\n\n\
         {ran}\
         ## A key is withdrawn\n\n\
         The set now has another key only. Counted from the change, up to {both} s, once with tokens of both\n\
         keys and once with tokens of the old one only. By default keycloak-runtime and\n\
         oauth-resource-server read the set again once an hour where nothing makes them look.\n\n\
         {withdrawn}\n\
         ## {flood} tokens with unknown key ids\n\n\
         {floods}\n\
         ## Settings\n\n{settings}",
        recovery = RECOVERY.as_secs(),
        start_fault = START_FAULT.as_secs(),
        start = starts(start),
        uptime = UPTIME.as_secs(),
        fault = FAULT.as_secs(),
        ran = runs(ran),
        both = (FAULT + RECOVERY).as_secs(),
        withdrawn = withdrawals(withdrawn, forgotten),
        flood = FLOOD,
        floods = flood_table(floods),
        settings = settings(),
    )
}

fn seconds(time: Option<Duration>) -> String {
    time.map_or_else(
        || "never".to_owned(),
        |time| format!("{:.1} s", time.as_secs_f64()),
    )
}

fn starts(rows: &[Started]) -> String {
    let mut text = String::new();
    for fault in at_start() {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .filter(|row| row.fault == fault.name)
            .map(|row| match &row.problem {
                Some(problem) => {
                    let problem = problem.split(':').next().unwrap_or(problem);
                    vec![row.server.to_owned(), problem.to_owned(), "–".to_owned()]
                }
                None => vec![
                    row.server.to_owned(),
                    row.during.to_string(),
                    seconds(row.recovery),
                ],
            })
            .collect();
        let table = markdown(
            &["server", "good tokens meanwhile", "200 again after"],
            &rows,
        );
        writeln!(text, "### {}\n\n{table}", fault.name).expect("memory");
    }
    text
}

fn runs(rows: &[Ran]) -> String {
    let mut text = String::new();
    for fault in while_running() {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .filter(|row| row.fault == fault.name)
            .map(|row| {
                vec![
                    row.server.to_owned(),
                    row.known.to_string(),
                    row.new.to_string(),
                    seconds(row.recovery),
                ]
            })
            .collect();
        let table = markdown(
            &[
                "server",
                "tokens of the known key",
                "of the new key",
                "recovery",
            ],
            &rows,
        );
        writeln!(text, "### {}\n\n{table}", fault.name).expect("memory");
    }
    text
}

fn withdrawals(withdrawn: &[Withdrawn], forgotten: &[Withdrawn]) -> String {
    let rows: Vec<Vec<String>> = withdrawn
        .iter()
        .zip(forgotten)
        .map(|(row, alone)| {
            vec![
                row.server.to_owned(),
                seconds(row.new_admitted),
                seconds(row.old_refused),
                seconds(alone.old_refused),
            ]
        })
        .collect();
    markdown(
        &[
            "server",
            "new key admitted",
            "old key refused",
            "old key refused, if nobody uses the new one",
        ],
        &rows,
    )
}

fn flood_table(rows: &[Flooded]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.server.to_owned(),
                row.fetches.to_string(),
                row.junk.to_string(),
                row.good.to_string(),
            ]
        })
        .collect();
    markdown(
        &[
            "server",
            "fetches",
            "the flood got",
            "good tokens in between",
        ],
        &rows,
    )
}

fn settings() -> String {
    let mut text = String::new();
    for server in &servers::ALL {
        if server.roles != Roles::Nobody {
            writeln!(text, "- {}: {}", server.title(), server.settings).expect("memory");
        }
    }
    text
}
