//! A type may be a future, a handler and an extractor, and an attribute may drop a receiver.
use std::future::Future;

#[derive(Clone)]
struct Page(&'static str);

#[keycloak::protected(roles = ["admin"])]
impl Page {
    const CONSTANT: Self = Self("open");

    fn constructor() -> Self {
        Self("open")
    }

    async fn by_reference(&self) -> &'static str {
        self.0
    }

    async fn by_type(self: &'static Self) -> &'static str {
        self.0
    }

    fn future(&self) -> impl Future<Output = &'static str> {
        async { "open" }
    }

    #[keycloak_test_attributes::associated]
    fn attribute(&self) -> &'static str {
        "open"
    }

    #[inline::associated]
    fn by_its_first_name() -> &'static str {
        "open"
    }

    #[keycloak_test_attributes::associated]
    const MADE: &'static str = "open";

    fn parameter<String: Default>() -> String {
        String::default()
    }
}

struct Generic<T>(T);

#[keycloak::protected(roles = ["admin"])]
impl<String: Default> Generic<String> {
    fn parameter() -> String {
        String::default()
    }
}

fn main() {
    let _ = Page("");
    let _ = Generic("");
}
