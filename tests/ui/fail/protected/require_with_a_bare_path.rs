#[keycloak::protected(require = user.subject() == "x")]
#[path(get, path = "/")]
async fn handler() {}

fn main() {}
