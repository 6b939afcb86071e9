//! `#[protected]` on `impl` blocks.
#![deny(warnings)]

use axum::{Router, extract::Path, routing::get};
use keycloak::{Keycloak, User};

#[allow(dead_code)]
struct Api {
    name: &'static str,
}

struct Generic<T>(std::marker::PhantomData<T>);

/// Documented.
#[keycloak::protected(roles = ["staff"])]
impl Api {
    pub const LIMIT: usize = 10;

    /// Guarded by the block.
    async fn list() -> String {
        Self::LIMIT.to_string()
    }

    /// Guarded by the block and its own terms.
    #[keycloak::protected(groups = ["ops"], require = user.subject() == id)]
    pub async fn one(Path(id): Path<String>) -> String {
        Self::helper(&id).to_owned()
    }

    #[keycloak::public]
    async fn health() {}

    async fn create(user: User) -> String {
        user.subject().to_owned()
    }

    fn helper(id: &str) -> &str {
        id
    }

    #[allow(dead_code)]
    fn plain<'a>(&'a self, more: &'a [u8]) -> Result<(&'a str, Option<Vec<[u8; 4]>>), String> {
        more.first().map(|_| (self.name, None)).ok_or_else(String::new)
    }

    #[allow(dead_code)]
    #[keycloak::public]
    fn new(name: &'static str) -> Self {
        Self { name }
    }
}

/// A method with `self` is not a handler, and is in another block.
impl Api {
    #[allow(dead_code)]
    async fn method(&self) -> &'static str {
        self.name
    }
}

mod with_aliases {
    pub(crate) struct Api;

    type Result<T> = std::result::Result<T, std::fmt::Error>;

    #[keycloak::protected]
    impl Api {
        #[allow(dead_code)]
        fn plain(&self) -> Result<String> {
            Ok(String::new())
        }
    }
}

#[keycloak::protected]
impl<T: Send + Sync + 'static> Generic<T>
where
    T: Clone,
{
    async fn list() -> &'static str {
        std::any::type_name::<T>()
    }

    #[keycloak::protected(roles = ["a"], not(realm_roles = ["b"]))]
    async fn other<U>() -> &'static str {
        std::any::type_name::<U>()
    }
}

#[keycloak::protected(optional)]
impl Generic<u8> {
    async fn open(user: Option<User>) -> String {
        user.map_or_else(String::new, |user| user.subject().to_owned())
    }
}

#[keycloak::protected(require = id > 1)]
impl Generic<u16> {
    async fn open(Path(id): Path<u64>) -> String {
        id.to_string()
    }
}

pub(crate) fn main() {
    let _ = with_aliases::Api;
    let _: Router<Keycloak> = Router::new()
        .route("/1", get(Api::list).post(Api::one).put(Api::health).delete(Api::create))
        .route("/2", get(Generic::<String>::list).post(Generic::<u8>::other::<u8>))
        .route("/3", get(Generic::<u8>::open).post(Generic::<u16>::open));
}
