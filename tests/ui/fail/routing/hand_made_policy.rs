//! A policy that no attribute made is in no manifest, and does not count as a declaration.
use keycloak::__private::{Declared, Guard, HasPolicy, Place, Settled};

enum Mine {}

impl HasPolicy for Mine {
    type Questions = Settled;

    fn declared() -> Declared {
        Declared {
            policy: keycloak::policy!(),
            place: Place { handler: "", module: "", file: "", line: 0 },
        }
    }
}

async fn handler(_guard: Guard<Mine>) {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", keycloak::routing::get(handler));
}
