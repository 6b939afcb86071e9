extern crate keycloak as kc;

#[kc::config(crate = ::kc)]
struct Auth {
    server_url: kc::Url,
    realm: String,
    client_id: String,
    #[keycloak(nested)]
    limits: Limits,
}

#[kc::config(partial, crate = kc)]
struct Limits {
    connect_timeout: Option<std::time::Duration>,
}

pub(crate) fn main() {
    let _ = Auth::from_env().map(|auth| (auth.builder(), auth.limits.connect_timeout));
}
