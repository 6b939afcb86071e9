#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    #[keycloak(defualt = "5s")]
    leeway: std::time::Duration,
}

fn main() {}
