#[keycloak::config]
enum Auth {
    Local,
    Remote,
}

fn main() {}
