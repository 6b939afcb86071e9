//! The quickstart on the real server: the same code, told by the environment.

use support::{browser::Browser, quickstart::Quickstart, real::CLIENT};

use super::server::{Live, live};

fn start(live: &Live) -> Quickstart {
    Quickstart::start(&[
        ("KEYCLOAK_SERVER_URL", &live.url),
        ("KEYCLOAK_REALM", "demo"),
        ("KEYCLOAK_CLIENT_ID", CLIENT.0),
        ("KEYCLOAK_CLIENT_SECRET", CLIENT.1),
    ])
}

#[tokio::test]
async fn every_printed_line_gives_the_printed_status() {
    let Some(live) = live().await else { return };
    let run = tokio::task::spawn_blocking(move || {
        let quickstart = start(&live);
        for line in &quickstart.lines {
            assert!(!line.command.contains(CLIENT.1), "{}", line.command);
            let (status, body) = quickstart.paste(&line.command);
            assert_eq!(status, line.status, "{}\n{body}", line.command);
        }
        assert_eq!(quickstart.interrupt(), Some(0), "Ctrl-C is a clean end");
    });
    run.await.expect("the quickstart");
}

#[tokio::test]
async fn swagger_ui_signs_in_and_tries_the_admin_route() {
    let Some(live) = live().await else { return };
    let browser = match Browser::find() {
        Ok(browser) => browser,
        Err(reason) => return support::skip("the browser on the real server", &reason),
    };
    let quickstart = start(&live);
    live.admin.allow_origin("demo-web", &quickstart.base).await;
    let run = tokio::task::spawn_blocking(move || browser.check(&quickstart.base, "keycloak"));
    run.await.expect("the browser");
}
