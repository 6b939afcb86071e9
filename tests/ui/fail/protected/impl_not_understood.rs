use std::{future::Future, pin::Pin};

macro_rules! handlers {
    () => {
        pub async fn hidden() -> &'static str {
            "open"
        }
    };
}

struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Api {
    handlers!();

    fn future() -> impl Future<Output = &'static str> {
        async { "open" }
    }

    fn boxed() -> Pin<Box<dyn Future<Output = &'static str> + Send>> {
        Box::pin(async { "open" })
    }

    const POINTER: fn() -> Pin<Box<dyn Future<Output = &'static str> + Send>> = open;

    async fn extracted(self) -> &'static str {
        "open"
    }

    #[inline]
    fn plain(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

fn open() -> Pin<Box<dyn Future<Output = &'static str> + Send>> {
    Box::pin(async { "open" })
}

fn main() {
    let _ = Api;
}
