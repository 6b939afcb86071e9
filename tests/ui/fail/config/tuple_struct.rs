#[keycloak::config]
struct Auth(String, String, String);

fn main() {}
