#[keycloak::config(prefix = "JUDGE_", crates)]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    #[keycloak(default)]
    client_id: String,
    adience: Vec<String>,
    #[keycloak(default = "hunter2")]
    client_secret: Option<keycloak::Secret>,
}

fn main() {}
