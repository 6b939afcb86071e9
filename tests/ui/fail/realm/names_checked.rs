keycloak::names_checked!();

fn main() {}
