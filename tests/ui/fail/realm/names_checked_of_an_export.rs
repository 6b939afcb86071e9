keycloak::names_checked!("realm.json");

fn main() {}
