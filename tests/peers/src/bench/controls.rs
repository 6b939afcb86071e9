//! Before anything is measured: every server judges, and judges right.

use std::time::Duration;

use keycloak_peers::{
    child::Running,
    servers::{self, Roles, Settings},
};

use crate::{
    SERVER_CORE,
    load::{request, status},
    tokens::Tokens,
};

/// Whoever takes longer to start does not.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ends the program where a server answers otherwise than it must.
pub fn check(settings: &Settings, tokens: &Tokens) {
    let good = request("/admin", Some(&tokens.good));
    let fresh = request("/admin", Some(&tokens.fresh[0]));
    let none = request("/admin", None);
    let poor = request("/admin", Some(&tokens.without_role));
    for server in &servers::ALL {
        let running = start(server.name, settings, &good);
        let answers =
            [&good, &fresh, &none, &poor].map(|request| status(running.address(), request));
        let expected = match server.roles {
            Roles::Nobody => [200, 200, 200, 200],
            Roles::Library | Roles::Closure | Roles::Handler => [200, 200, 401, 403],
        };
        assert_eq!(
            answers, expected,
            "{}: good token, another one, none, one without the role",
            server.name
        );
        println!("{}: controls passed", server.title());
    }
}

/// Starts a server and waits until it lets the good token through.
///
/// Some fetch their keys in the background, so the first answers may be refusals.
pub fn start(name: &str, settings: &Settings, good: &[u8]) -> Running {
    let running = Running::start(name, settings, Some(SERVER_CORE), PATIENCE)
        .unwrap_or_else(|problem| panic!("{name} did not start: {problem}"));
    let ready = (0..2000).any(|_| {
        let ready = status(running.address(), good) == 200;
        if !ready {
            std::thread::sleep(Duration::from_millis(5));
        }
        ready
    });
    assert!(ready, "{name} never let a good token through");
    running
}
