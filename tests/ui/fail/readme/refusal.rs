use keycloak::User;

#[keycloak::protected(role = ["admin"], groups = ["/ops/"], any(scopes = ["read all"]))]
async fn admin(user: User) -> String {
    format!("hello {}", user.subject())
}

fn main() {}
