#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    realm: String,
    client_id: String,
    client_secret: Option<keycloak::Secret>,
    audience: Vec<String>,
}

pub(crate) fn main() {
    let vars = [
        ("KEYCLOAK_SERVER_URL", "https://sso.example.com"),
        ("KEYCLOAK_REALM", "demo"),
        ("KEYCLOAK_CLIENT_ID", "demo-api"),
    ];
    Auth::from_vars(vars).unwrap().build().unwrap();
}
