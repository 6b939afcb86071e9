#[keycloak::config(prefix = "")]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
}

fn main() {}
