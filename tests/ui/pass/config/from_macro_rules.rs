macro_rules! settings {
    ($name:ident, $prefix:literal, $($field:ident: $ty:ty),*) => {
        #[keycloak::config(prefix = $prefix)]
        struct $name {
            $($field: $ty,)*
        }
    };
}

settings!(Auth, "JUDGE", server_url: String, realm: String, client_id: String, audience: Vec<String>);

pub(crate) fn main() {
    assert!(Auth::from_vars([("JUDGE_REALM", "demo")]).is_err());
}
