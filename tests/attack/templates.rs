//! Path parameters in items of policies, over raw sockets: values are data, and those that could mean
//! more than themselves satisfy nothing, negated or not.

use axum::{Router, routing::get};
use keycloak::{Algorithm, Keycloak};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{self, SigningKey},
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{http, world::CLIENT};

#[keycloak::protected(groups = any["/projects/{project}/editors", "/root"])]
async fn editors() {}

#[keycloak::protected(groups = ["/projects/{project}/**"])]
async fn below() {}

#[keycloak::protected(roles = ["{project}-clerk"])]
async fn clerks() {}

#[keycloak::protected(claim("customer") = ["{project}"])]
async fn customers() {}

/// Neither the value nor a missing group admits whom it excludes.
#[keycloak::protected(groups = none["/projects/{project}/banned"])]
async fn not_banned() {}

#[keycloak::protected(not(roles = any["{project}-banned", "banned"]))]
async fn no_banned_role() {}

/// The parameter of the outer router.
#[keycloak::protected(groups = ["/projects/{project}/editors", "/areas/{area}"])]
async fn nested() {}

/// The route has no such parameter.
#[keycloak::protected(groups = any["/projects/{projekt}/editors", "/root"])]
async fn misspelt() {}

/// Two routers give a parameter of this name.
#[keycloak::protected(groups = ["/projects/{project}/editors"])]
async fn twice() {}

const POSITIVE: [&str; 4] = ["editors", "below", "clerks", "customers"];
const NEGATED: [&str; 2] = ["not-banned", "no-banned-role"];

struct World {
    issuer: Issuer,
    key: SigningKey,
    address: std::net::SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    async fn start() -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "key-1");
        let issuer = Issuer::start(&[&key]).await;
        let keycloak = Keycloak::builder()
            .server_url(issuer.server_url())
            .realm(REALM)
            .client_id(CLIENT)
            .algorithms([Algorithm::ES256])
            .complete_tokens_from(["web"])
            .build()
            .expect("good settings");
        let guarded = Router::new()
            .route("/{project}", get(async || {}))
            .layer(keycloak.guard(keycloak::policy!(groups = ["/projects/{project}/editors"])));
        let outside = Router::new()
            .route("/", get(async || {}))
            .fallback(async || {});
        let app = Router::new()
            .route("/editors/{project}", get(editors))
            .route("/below/{project}", get(below))
            .route("/clerks/{project}", get(clerks))
            .route("/customers/{project}", get(customers))
            .route("/not-banned/{project}", get(not_banned))
            .route("/no-banned-role/{project}", get(no_banned_role))
            .nest(
                "/nested/{project}",
                Router::new().route("/in/{area}", get(nested)),
            )
            .route("/misspelt/{project}", get(misspelt))
            .route("/rest/{*project}", get(editors))
            .nest(
                "/twice/{project}",
                Router::new()
                    .route("/{other}", get(twice))
                    .nest("/again/{project}", Router::new().route("/", get(twice))),
            )
            .nest("/guarded", guarded)
            .nest(
                "/whole/{project}",
                keycloak.guarded(
                    keycloak::policy!(groups = ["/projects/{project}/editors"]),
                    outside,
                ),
            )
            .with_state(keycloak);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("the server");
        });
        Self {
            issuer,
            key,
            address,
            server,
        }
    }

    fn token(&self, claims: Value) -> String {
        let own = mint::claims(&self.issuer.issuer(), CLIENT, "alice");
        let own = mint::with(&own, json!({"azp": "web"}));
        self.key.token(&mint::with(&own, claims))
    }

    /// Somebody who has whatever `values` name: groups, roles, a claim.
    fn holder(&self, values: &[&str]) -> String {
        let groups = values.iter().flat_map(|value| {
            [
                format!("/projects/{value}/editors"),
                format!("/areas/{value}"),
            ]
        });
        let roles = values.iter().map(|value| format!("{value}-clerk"));
        self.token(json!({
            "groups": groups.collect::<Vec<_>>(),
            "realm_access": {"roles": roles.collect::<Vec<_>>()},
            "customer": values,
        }))
    }

    async fn status(&self, path: &str, token: &str) -> u16 {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        let answer = http::exchange(self.address, request.as_bytes()).await;
        answer.expect(path).status
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// As they are sent, and what axum makes of them.
fn hostile() -> Vec<(String, String)> {
    let mut values: Vec<String> = [
        ".",
        "..",
        "*",
        "**",
        "a/**",
        "/**",
        "a/..",
        "../a",
        "a/../a",
        "/",
        "//",
        "/a",
        "a/",
        "a/editors",
        "a/editors/x",
        "projects/a",
        "#",
        "a#",
        "a#write",
        "#a",
        ",",
        "a,b",
        "a,",
        ",a",
        " ",
        " a",
        "a ",
        "  ",
        "\u{a0}a",
        "a\u{a0}",
        "\u{2003}a",
        "a\u{3000}",
        "\u{feff}/",
        "a*",
        "*a",
        "a**",
        "?/*",
        "\u{85}",
        "\u{2028} ",
        "{project}/",
        "a\u{0}",
        "\u{0}a",
        "a\r\nX-Admin: 1",
        "a\u{7f}",
        "\u{9f}",
        "a\tb",
        "\\*",
        "\"*\"",
        "a;*",
        "a|*",
        "(*)",
        "[*]",
        "%2F*",
        "%2e%2e/",
        "..;/a",
        "./a",
        "a/.",
        "*/editors",
        "**/editors",
    ]
    .map(str::to_owned)
    .to_vec();
    values.extend((0..=0x1f_u8).map(|control| format!("a{}b", char::from(control))));
    values.push("a".repeat(256));
    values.push("ä".repeat(128));
    values.push("a".repeat(10 * 1024));
    values
        .into_iter()
        .map(|value| (encoded(&value), value))
        .collect()
}

#[tokio::test]
async fn values_that_could_mean_more_than_themselves_satisfy_nothing() {
    let world = World::start().await;
    let hostile = hostile();
    assert!(hostile.len() >= 90, "{}", hostile.len());
    let innocent = world.holder(&["a", "b"]);
    for (sent, value) in &hostile {
        // Also somebody who has exactly what the text would name.
        let holder = world.holder(&["a", &value.chars().take(300).collect::<String>()]);
        for token in [&innocent, &holder] {
            for route in POSITIVE.iter().chain(&NEGATED) {
                let status = world.status(&format!("/{route}/{sent}"), token).await;
                assert_eq!(status, 403, "{route} {value:?}");
            }
            let around = format!("/whole/{sent}/x");
            assert_eq!(world.status(&around, token).await, 403, "whole {value:?}");
        }
    }
}

#[tokio::test]
async fn other_texts_are_other_names() {
    let world = World::start().await;
    let token = world.holder(&["a"]);
    for sent in [
        // Decoded once, not twice; case and look-alikes count; a brace is a brace.
        "%2561",
        "%25%36%31",
        "A",
        "%41",
        "b",
        "aa",
        "%D0%B0",
        "%EF%BD%81",
        "a%CC%81",
        "%E2%80%8Ba",
        "a%E2%80%8B",
        "%7Bproject%7D",
        "%7B%7B",
        "a%7D",
        "project",
        "a.",
        ".a",
        "a%3F",
        "a%26",
        "a;x=1",
        "a%5C",
        "%27a%27",
        "%22a%22",
        "a%2525",
        "0",
        "null",
        "true",
        "[]",
        "%F0%9F%98%80",
    ] {
        for route in POSITIVE {
            let status = world.status(&format!("/{route}/{sent}"), &token).await;
            assert_eq!(status, 403, "{route} {sent}");
        }
    }
    // What is not UTF-8 has no value at all.
    for sent in ["%FF", "a%C3", "%C0%AF", "%ED%A0%80", "%F8%88%80%80%80"] {
        for route in POSITIVE.iter().chain(&NEGATED) {
            let status = world.status(&format!("/{route}/{sent}"), &token).await;
            assert_eq!(status, 403, "{route} {sent}");
        }
    }
    // Never from the query, a header or a body.
    for path in [
        "/editors/b?project=a",
        "/editors/b?{project}=a",
        "/misspelt/a?projekt=a",
    ] {
        assert_eq!(world.status(path, &token).await, 403, "{path}");
    }
}

#[tokio::test]
async fn each_legal_character_is_itself() {
    let world = World::start().await;
    let legal = (0x20..0x7f_u8)
        .map(char::from)
        .filter(|c| !"/#*,".contains(*c))
        .chain(['ä', 'ß', '中', '😀', '\u{301}']);
    for c in legal {
        let value = format!("x{c}y");
        let token = world.holder(&[&value]);
        let other = world.holder(&["xy"]);
        for route in POSITIVE {
            let path = format!("/{route}/{}", encoded(&value));
            assert_eq!(world.status(&path, &token).await, 200, "{route} {value:?}");
            assert_eq!(world.status(&path, &other).await, 403, "{route} {value:?}");
        }
        for route in NEGATED {
            let path = format!("/{route}/{}", encoded(&value));
            assert_eq!(world.status(&path, &token).await, 200, "{route} {value:?}");
        }
    }
    let longest = "a".repeat(255);
    let token = world.holder(&[&longest]);
    assert_eq!(
        world.status(&format!("/editors/{longest}"), &token).await,
        200
    );
    let plain = world.holder(&["a"]);
    for path in [
        "/editors/%61",
        "/guarded/a",
        "/whole/a",
        "/whole/a/x",
        "/nested/a/in/a",
    ] {
        assert_eq!(world.status(path, &plain).await, 200, "{path}");
    }
    for path in [
        "/guarded/b",
        "/whole/b",
        "/whole/b/x",
        "/nested/b/in/a",
        "/nested/a/in/b",
    ] {
        assert_eq!(world.status(path, &plain).await, 403, "{path}");
    }
}

#[tokio::test]
async fn who_is_excluded_for_one_value_is_admitted_for_others_only() {
    let world = World::start().await;
    let token = world.token(json!({
        "groups": ["/projects/a/banned"],
        "realm_access": {"roles": ["a-banned"]},
    }));
    for route in NEGATED {
        assert_eq!(world.status(&format!("/{route}/a"), &token).await, 403);
        assert_eq!(world.status(&format!("/{route}/%61"), &token).await, 403);
        assert_eq!(world.status(&format!("/{route}/b"), &token).await, 200);
    }
    // A client that is not declared proves no absence.
    let own = mint::claims(&world.issuer.issuer(), CLIENT, "alice");
    let undeclared = world.key.token(&mint::with(
        &own,
        json!({"azp": "other", "groups": [], "realm_access": {"roles": []}}),
    ));
    for route in NEGATED {
        assert_eq!(world.status(&format!("/{route}/b"), &undeclared).await, 403);
    }
}

#[tokio::test]
async fn a_parameter_that_is_not_there_or_there_twice_satisfies_nothing() {
    let world = World::start().await;
    let token = world.holder(&["a", "x", "y"]);
    for path in [
        "/misspelt/a",
        "/twice/a/again/a",
        "/twice/a/again/b",
        "/rest/a/b",
    ] {
        assert_eq!(world.status(path, &token).await, 403, "{path}");
    }
    assert_eq!(world.status("/rest/a", &token).await, 200);
    assert_eq!(world.status("/twice/a/other", &token).await, 200);
    // The other way in is still there.
    let root = world.token(json!({"groups": ["/root"]}));
    assert_eq!(world.status("/misspelt/a", &root).await, 200);
    assert_eq!(world.status("/editors/b", &root).await, 200);
}
