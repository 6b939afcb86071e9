//! What one connection carries: several requests, bodies that look like requests, old versions.
//! Nothing of one request counts for the next.

use super::{
    http::{self, Answer},
    world::World,
};

fn request(line: &str, headers: &str) -> String {
    format!("{line}\r\nHost: api.test\r\n{headers}\r\n")
}

fn authorization(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The statuses of all answers on the connection.
fn statuses(answer: &Answer) -> Vec<u16> {
    String::from_utf8_lossy(&answer.raw)
        .split("HTTP/1.")
        .filter_map(|rest| rest.get(2..5)?.parse().ok())
        .collect()
}

async fn exchange(world: &World, text: &str) -> Vec<u16> {
    let answer = http::exchange(world.address(), text.as_bytes()).await;
    statuses(&answer.expect("an answer"))
}

#[tokio::test]
async fn a_good_request_vouches_for_no_other_on_its_connection() {
    let world = World::first().await;
    let close = "Connection: close\r\n";
    let good = request("GET /me HTTP/1.1", &authorization(&world.good()));
    let last = request("GET /me HTTP/1.1", close);
    assert_eq!(exchange(&world, &format!("{good}{last}")).await, [200, 401]);
    let good_last = request(
        "GET /me HTTP/1.1",
        &format!("{close}{}", authorization(&world.good())),
    );
    let nobody = request("GET /me HTTP/1.1", "");
    let forged = request(
        "GET /me HTTP/1.1",
        &authorization(&world.rogue().token(&world.claims())),
    );
    let all = format!("{nobody}{good}{forged}{good}{nobody}{good_last}");
    assert_eq!(exchange(&world, &all).await, [401, 200, 401, 200, 401, 200]);
}

/// The body of a refused request is not read by us; it must not be read as a request either.
#[tokio::test]
async fn the_body_of_a_refused_request_is_no_request() {
    let world = World::first().await;
    let inner = request("GET /me HTTP/1.1", &authorization(&world.good()));
    let length = inner.len();
    for (name, outer) in [
        (
            "a length",
            request(
                "POST /upload HTTP/1.1",
                &format!("Content-Length: {length}\r\n"),
            ) + &inner,
        ),
        (
            "chunks",
            request("POST /upload HTTP/1.1", "Transfer-Encoding: chunked\r\n")
                + &format!("{length:x}\r\n{inner}\r\n0\r\n\r\n"),
        ),
        (
            "chunks and a length of nothing",
            request(
                "POST /upload HTTP/1.1",
                "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
            ) + &format!("{length:x}\r\n{inner}\r\n0\r\n\r\n"),
        ),
    ] {
        let last = request("GET /me HTTP/1.1", "Connection: close\r\n");
        let answers = exchange(&world, &(outer + &last)).await;
        assert_eq!(answers.first(), Some(&401), "{name}: {answers:?}");
        assert!(
            answers.iter().all(|status| *status != 200),
            "{name}: {answers:?}"
        );
    }
}

#[tokio::test]
async fn who_asks_before_he_sends_is_refused_before_he_sends() {
    let world = World::first().await;
    let headers = |more: &str| {
        format!("Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1073741824\r\n{more}")
    };
    let nobody = request("POST /upload HTTP/1.1", &headers(""));
    assert_eq!(exchange(&world, &nobody).await, [401]);
    let no_rights = headers(&authorization(&world.good()));
    let no_rights = request("POST /upload HTTP/1.1", &no_rights);
    assert_eq!(
        exchange(&world, &no_rights).await,
        [403],
        "no 100 before it"
    );
}

#[tokio::test]
async fn old_versions_and_odd_methods_are_guarded_like_any_other() {
    let world = World::first().await;
    assert_eq!(exchange(&world, "GET /me HTTP/1.0\r\n\r\n").await, [401]);
    let good = authorization(&world.good());
    let old = format!("GET /me HTTP/1.0\r\n{good}\r\n");
    assert_eq!(exchange(&world, &old).await, [200]);
    let close = "Connection: close\r\n";
    assert_eq!(
        exchange(&world, &request("HEAD /me HTTP/1.1", close)).await,
        [401]
    );
    let head = request("HEAD /admin HTTP/1.1", &format!("{close}{good}"));
    assert_eq!(exchange(&world, &head).await, [403]);
    let many = (0..99).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    let crowded = request("GET /me HTTP/1.1", &format!("{close}{many}{many}"));
    assert_eq!(exchange(&world, &crowded).await, [431]);
}
