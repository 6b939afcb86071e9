//! What has the name of a plain type may be a future.
use std::{future::Future, pin::Pin};

type Page = Pin<Box<dyn Future<Output = &'static str> + Send>>;
type String = Page;
type Option<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Api {
    fn alias() -> String {
        Box::pin(async { "open" })
    }

    fn generic_alias() -> Option<&'static str> {
        Box::pin(async { "open" })
    }
}

fn main() {
    let _ = Api;
}
