//! The example `clinic`: every route as every persona, through the real router on the embedded
//! realm, and the pages that show it.

#[path = "../../examples/clinic/app.rs"]
mod app;
#[path = "../../examples/clinic/lab.rs"]
mod lab;
#[path = "../../examples/clinic/office.rs"]
mod office;
#[path = "../../examples/clinic/patients.rs"]
mod patients;

use keycloak::{
    Keycloak,
    dev::{Realm, RunningRealm},
    matrix::{Access, AccessMatrix},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/clinic");

async fn start() -> (RunningRealm, Keycloak, AccessMatrix) {
    let export = format!("{FOLDER}/realm.json");
    let realm = Realm::from_export(export).unwrap().start().await.unwrap();
    let keycloak = app::keycloak(&realm).unwrap();
    let matrix = app::matrix(&realm, &keycloak).await.unwrap();
    (realm, keycloak, matrix)
}

#[tokio::test]
async fn every_route_answers_every_caller_as_predicted() {
    let (_realm, keycloak, matrix) = start().await;
    let (router, _) = app::router(keycloak);
    let verification = matrix.verify(router).await;
    let counts = matrix.counts();
    println!(
        "{} routes, {} callers: {} cells compared, {} depend on the request",
        matrix.routes().len(),
        matrix.callers().len(),
        verification.compared,
        verification.depends
    );
    verification.assert();
    // What a check of the request decides; everything else the policies tell.
    let depends = |row: &&keycloak::matrix::Row| {
        let mut cells = row.cells().iter();
        cells.any(|cell| matches!(cell, Access::Depends { .. }))
    };
    let open: Vec<&str> = matrix
        .routes()
        .iter()
        .filter(depends)
        .map(|row| row.path())
        .collect();
    assert_eq!(open, ["/lab/urgent"]);
    assert!(matrix.routes().len() >= 20 && matrix.callers().len() >= 11);
    assert_eq!(verification.compared, counts.allowed + counts.denied);
    assert_eq!(verification.depends, counts.depends);
    assert!(counts.allowed > 50 && counts.denied > 100);
}

/// What the clinic's people would say themselves, not what the policies say.
#[tokio::test]
async fn the_clinic_works_as_its_people_expect() {
    let (_realm, _, matrix) = start().await;
    let may = |caller: &str, method: &str, path: &str| match matrix.access(caller, method, path) {
        Some(Access::Allowed) => Some(true),
        Some(Access::Denied { .. }) => Some(false),
        Some(_) => None,
        None => panic!("no cell for {caller} at {method} {path}"),
    };
    // The head physician signs; one with an expired licence writes nothing.
    assert_eq!(
        may("adams", "PUT", "/patients/{id}/prescriptions/signature"),
        Some(true)
    );
    assert_eq!(may("baker", "POST", "/patients/{id}/record"), Some(false));
    assert_eq!(may("irwin", "POST", "/patients/{id}/record"), Some(false));
    // Stations belong to their ward; wards do not belong to each other.
    assert_eq!(
        may("baker", "GET", "/patients/wards/pediatrics"),
        Some(true)
    );
    assert_eq!(
        may("baker", "GET", "/patients/wards/cardiology"),
        Some(false)
    );
    // A patient's own record, and no other.
    assert_eq!(may("hill", "GET", "/patients/p-7/record"), Some(true));
    assert_eq!(may("hill", "GET", "/patients/p-1/record"), Some(false));
    assert_eq!(may("hill", "POST", "/patients/{id}/record"), Some(false));
    // The canteen's physician is none of ours.
    assert_eq!(may("kim", "GET", "/patients"), Some(false));
    assert_eq!(
        may("other client's roles", "GET", "/admin/policies"),
        Some(false)
    );
    // Machines deliver, and people do not pass for them.
    assert_eq!(
        may("lab-import (service)", "POST", "/lab/import"),
        Some(true)
    );
    assert_eq!(may("gray", "POST", "/lab/import"), Some(false));
    for stranger in ["no token", "expired token", "ID token", "wrong audience"] {
        for row in matrix.routes() {
            let open = matches!(row.path(), "/health" | "/news");
            let expected = open && (row.path() == "/health" || stranger == "no token");
            assert_eq!(
                may(stranger, row.method(), row.path()),
                Some(expected),
                "{stranger}"
            );
        }
    }
}

#[tokio::test]
async fn a_route_that_lost_its_guard_is_found() {
    let (_realm, keycloak, matrix) = start().await;
    let (router, _) = app::router(keycloak);
    let open = axum::Router::new()
        .route("/admin/log", axum::routing::get(|| async { "everything" }))
        .fallback_service(router);
    let verification = matrix.verify(open).await;
    assert!(!verification.differences.is_empty());
    for difference in &verification.differences {
        assert_eq!(
            (difference.route.as_str(), difference.problem),
            ("GET /admin/log", "let in")
        );
    }
}

#[tokio::test]
async fn policies_realm_and_document_go_together() {
    let (realm, keycloak, _) = start().await;
    let (_, document) = app::router(keycloak.clone());
    keycloak::policies().audit(&realm, &keycloak).assert_clean();
    let findings: Vec<String> = keycloak::openapi::audit(&document)
        .findings()
        .iter()
        .filter(|finding| !matches!(finding, keycloak::openapi::Finding::NoScheme { .. }))
        .map(ToString::to_string)
        .collect();
    assert_eq!(findings, [""; 0]);
}

#[tokio::test]
async fn the_policies_are_those_that_were_reviewed() {
    let (_realm, keycloak, _) = start().await;
    let _ = app::router(keycloak);
    keycloak::policies().assert_snapshot(format!("{FOLDER}/policies.txt"));
}

#[tokio::test]
async fn the_page_in_the_repository_is_the_present_one() {
    let (_realm, _, matrix) = start().await;
    let kept = std::fs::read_to_string(format!("{FOLDER}/access.md")).unwrap();
    assert!(
        kept == matrix.to_markdown(),
        "examples/clinic/access.md is not what `cargo run --example clinic -- matrix` writes"
    );
}
