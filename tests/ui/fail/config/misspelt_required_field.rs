#[keycloak::config]
struct Auth {
    server_url: keycloak::Url,
    relam: String,
    client_id: String,
}

// The functions exist nevertheless, so that the mistake is one error.
fn settings() -> Result<Auth, keycloak::ConfigError> {
    let auth = Auth::from_env()?;
    auth.build()?;
    Ok(auth)
}

fn main() {}
