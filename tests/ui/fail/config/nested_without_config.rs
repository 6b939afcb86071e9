struct Timeouts {
    read_timeout: std::time::Duration,
}

#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(nested)]
    timeouts: Timeouts,
}

fn main() {}
