#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
}

fn main() {}
