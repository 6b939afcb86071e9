#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    http_timeouts: std::time::Duration,
}

fn main() {}
