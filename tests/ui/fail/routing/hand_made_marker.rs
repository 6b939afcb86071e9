//! The markers of a declared handler are ours alone.
struct Parameters;

impl<H> keycloak::routing::Declared<H> for Parameters {}

fn main() {
    let _ = Parameters;
}
