//! The realm of this suite: `rich-realm.json`, which Keycloak 26.7.3 imports as it is.

use keycloak::dev::{Realm, RunningRealm};

pub const EXPORT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/embedded_realm/rich-realm.json"
);

pub async fn rich() -> RunningRealm {
    Realm::from_export(EXPORT).unwrap().start().await.unwrap()
}
