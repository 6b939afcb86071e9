#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(env = "DATABASE URL")]
    database: String,
}

fn main() {}
