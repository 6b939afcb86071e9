#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(env = "TABLE")]
    table: std::collections::HashMap<String, String>,
}

fn main() {}
