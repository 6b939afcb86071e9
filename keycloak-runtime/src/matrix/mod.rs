//! The access matrix: who may call what, as a page and as a test (feature `matrix`).
//!
//! Rows are routes with their policies, columns are callers: the personas of a realm, a caller
//! without a token, and callers whose tokens must be refused. A cell is what the policies say;
//! [`AccessMatrix::verify`] calls every route as every caller through the real router and compares.
//! `check` and `require` terms make a third value, "depends on the request", which is counted but
//! not compared.
//!
//! ```no_run
//! # fn app(keycloak: keycloak::Keycloak) -> axum::Router { axum::Router::new() }
//! # async fn test(keycloak: keycloak::Keycloak, alice: String, expired: String)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let matrix = keycloak::matrix::AccessMatrix::builder(&keycloak)
//!     .persona("alice", alice)
//!     .rejected("expired token", expired)
//!     .documented_routes()
//!     .route("GET", "/metrics", "my_app::metrics")
//!     .build()
//!     .await?;
//! matrix.verify(app(keycloak)).await.assert();
//! std::fs::write("access.html", matrix.to_html())?;
//! # Ok(())
//! # }
//! ```

mod access;
mod bindings;
mod builder;
mod caller;
#[cfg(feature = "openapi")]
mod document;
mod html;
mod markdown;
#[cfg(feature = "dev-realm")]
mod realm;
mod rows;
mod verify;

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

pub use self::{
    access::Access,
    builder::{MatrixBuilder, MatrixError},
    caller::Caller,
    verify::{Difference, Verification},
};
use crate::{keycloak::Keycloak, manifest::Kind, policy::term::Policy};

/// A table of routes and callers. Serializes to `{"title", "callers": [{"name", "note"}],
/// "routes": [{"method", "path", "handler", "kind", "policy", "cells": [{"access", ..}]}]}`, the
/// cells in the order of the callers.
#[derive(Debug, Clone, Serialize)]
pub struct AccessMatrix {
    title: String,
    callers: Vec<Caller>,
    routes: Vec<Row>,
    /// One sentence for each thing that the table does not show.
    #[serde(skip)]
    findings: Vec<String>,
}

/// A route and what each caller may do there.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    method: String,
    path: String,
    /// The values of the path parameters that its policies name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
    /// Module and name of the handler, or the file of a router's guard.
    handler: String,
    kind: RowKind,
    policy: String,
    cells: Vec<Access>,
    /// The path with values in place of its parameters.
    #[serde(skip)]
    target: String,
}

/// The kind of check before a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowKind {
    /// A policy.
    Protected,
    /// Declared public.
    Public,
    /// Nothing: the route is documented, but its handler is not in the manifest.
    Undeclared,
}

impl From<Kind> for RowKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Protected | Kind::Router => Self::Protected,
            Kind::Public => Self::Public,
        }
    }
}

impl RowKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Public => "public",
            Self::Undeclared => "undeclared",
        }
    }
}

impl Row {
    /// The method, in upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path with its parameters, `/patients/{id}`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The values of the path parameters that the policies of this route name: there is a row for each
    /// that the callers' own groups, roles and claims suggest, and one for a value that none has.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// The path, and the values of its parameters where the policies name some.
    fn route(&self) -> String {
        let mut route = self.path.clone();
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            let before = if index == 0 { " where " } else { ", " };
            let _infallible = write!(route, "{before}{name} = {value}");
        }
        route
    }

    /// The cells, in the order of the callers.
    #[must_use]
    pub fn cells(&self) -> &[Access] {
        &self.cells
    }
}

/// How many cells of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Cells that are allowed.
    pub allowed: usize,
    /// Cells that are denied.
    pub denied: usize,
    /// Cells that depend on the request.
    pub depends: usize,
}

impl AccessMatrix {
    /// Starts a matrix of the application that `keycloak` guards; its settings say how claims are
    /// read.
    pub fn builder(keycloak: &Keycloak) -> MatrixBuilder {
        MatrixBuilder::new(keycloak.clone())
    }

    /// The columns.
    #[must_use]
    pub fn callers(&self) -> &[Caller] {
        &self.callers
    }

    /// The rows, ordered by path and method.
    #[must_use]
    pub fn routes(&self) -> &[Row] {
        &self.routes
    }

    /// The prediction for a caller on a route as the matrix names them; of several rows of one
    /// path, that with the target `path`, such as `/wards/7` of `/wards/{ward}`, or the first.
    #[must_use]
    pub fn access(&self, caller: &str, method: &str, path: &str) -> Option<&Access> {
        let column = self.callers.iter().position(|own| own.name == caller)?;
        let row = self
            .routes
            .iter()
            .find(|row| row.method == method && (row.path == path || row.target == path))?;
        row.cells.get(column)
    }

    /// What the table does not show, one sentence each: declared handlers without a row, and public
    /// paths of the layer that no row's route matches.
    #[must_use]
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// For a test of an application whose table is to show everything.
    ///
    /// # Panics
    /// There are [`findings`](Self::findings).
    pub fn assert_complete(&self) {
        assert!(
            self.findings.is_empty(),
            "the access matrix does not show everything:\n{}",
            self.findings.join("\n")
        );
    }

    /// Compares the [Markdown](Self::to_markdown) with a file, for a test of the application. Where
    /// they differ, the present text is written beside it with `.new` at the end.
    ///
    /// # Panics
    /// The file cannot be read, or says something else.
    #[expect(clippy::panic, reason = "an assertion of the application's own tests")]
    pub fn assert_snapshot(&self, path: impl AsRef<std::path::Path>) {
        let path = path.as_ref();
        let present = self.to_markdown();
        let kept = std::fs::read_to_string(path);
        if kept.as_ref().is_ok_and(|kept| *kept == present) {
            return;
        }
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        let written = match std::fs::write(&new, &present) {
            Ok(()) => format!("if this is meant, replace it by {}", new.display()),
            Err(error) => format!("{} cannot be written: {error}", new.display()),
        };
        let kept = kept.unwrap_or_default();
        let changes =
            lines_of_one_only('-', &kept, &present).chain(lines_of_one_only('+', &present, &kept));
        panic!(
            "the access matrix is not that of {}:\n{}{written}",
            path.display(),
            changes.collect::<String>()
        );
    }

    /// How many cells of each kind there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for cell in self.routes.iter().flat_map(|row| &row.cells) {
            let count = match cell {
                Access::Allowed => &mut counts.allowed,
                Access::Denied { .. } => &mut counts.denied,
                Access::Depends { .. } => &mut counts.depends,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    /// As JSON, see [`AccessMatrix`].
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// As a Markdown table, with the reasons of refusals below it.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::render(self)
    }

    /// As one page without any other file: a table to read, filter and print.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(self)
    }
}

/// The lines of a text that another one has not.
fn lines_of_one_only<'t>(
    sign: char,
    text: &'t str,
    other: &'t str,
) -> impl Iterator<Item = String> {
    let lines = text.lines();
    let only = lines.filter(|line| !other.lines().any(|own| own == *line));
    only.map(move |line| format!("{sign} {line}\n"))
}

/// What a policy list is called in the row.
fn policy_text(kind: RowKind, policies: &[Policy]) -> String {
    match kind {
        RowKind::Public => "public".to_owned(),
        RowKind::Undeclared => "none: the handler is not declared".to_owned(),
        RowKind::Protected => policies
            .iter()
            .map(|policy| format!("{policy:#}"))
            .collect::<Vec<_>>()
            .join(" + "),
    }
}
