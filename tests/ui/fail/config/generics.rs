#[keycloak::config]
struct Auth<T> {
    server_url: T,
    realm: String,
    client_id: String,
}

fn main() {}
