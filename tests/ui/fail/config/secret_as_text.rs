#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    client_secret: String,
}

fn main() {}
