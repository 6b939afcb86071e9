//! A handler's own attributes happen for admitted callers only: a page that one remembers is not
//! given to the next caller, whoever that is.

use axum::{Router, extract::Path};
use keycloak::routing;
use keycloak_test_attributes::{debug_handler, remembers};

use serde_json::json;

use support::world::{App, World, get};

#[keycloak::protected(require = user.subject() == id)]
#[remembers]
async fn below(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[remembers]
#[keycloak::protected(require = user.subject() == id)]
async fn above(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[keycloak::protected(require = user.subject() == id)]
#[cfg_attr(all(), remembers)]
async fn conditional(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[keycloak::protected(require = user.subject() == id)]
#[debug_handler]
async fn by_a_harmless_name(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[keycloak::protected(require = user.subject() == id)]
#[cfg_attr(all(), cfg_attr(all(), keycloak_test_attributes::debug_handler))]
async fn by_its_path(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

#[remembers]
#[keycloak::protected(realm_roles = ["owner"])]
async fn settled(Path(id): Path<String>) -> String {
    format!("page of {id}")
}

struct Pages;

#[keycloak::protected(require = user.subject() == id)]
impl Pages {
    #[remembers]
    async fn one(Path(id): Path<String>) -> String {
        format!("page of {id}")
    }
}

#[tokio::test]
async fn a_remembered_page_is_not_given_to_the_next_caller() {
    let world = World::start().await;
    let app: Router = Router::<App>::new()
        .route("/below/{id}", routing::get(below))
        .route("/above/{id}", routing::get(above))
        .route("/conditional/{id}", routing::get(conditional))
        .route("/name/{id}", routing::get(by_a_harmless_name))
        .route("/path/{id}", routing::get(by_its_path))
        .route("/settled/{id}", routing::get(settled))
        .route("/impl/{id}", routing::get(Pages::one))
        .with_state(world.app());
    let alice = world.token(json!({"sub": "alice", "realm_access": {"roles": ["owner"]}}));
    let bob = world.token(json!({"sub": "bob"}));
    for page in [
        "below",
        "above",
        "conditional",
        "name",
        "path",
        "settled",
        "impl",
    ] {
        let path = format!("/{page}/alice");
        let answer = get(&app, &path, Some(&alice)).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, "page of alice"),
            "{page}"
        );
        assert_eq!(get(&app, &path, Some(&bob)).await.status, 403, "{page}");
        assert_eq!(get(&app, &path, None).await.status, 401, "{page}");
    }
}
