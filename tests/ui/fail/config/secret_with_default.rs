#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(default = "hunter2")]
    client_secret: keycloak::Secret,
}

fn main() {}
