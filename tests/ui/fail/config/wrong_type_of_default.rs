#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(default = [1, 2])]
    leeway: std::time::Duration,
}

fn main() {}
