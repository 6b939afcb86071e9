//! Calls every route as every caller through the real router, and compares with the prediction.

use std::{fmt, future::poll_fn};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::Response,
};
use serde::Serialize;
use tower_service::Service;

use super::{Access, AccessMatrix, Row, caller::Caller};

/// What came of [`AccessMatrix::verify`].
#[derive(Debug, Clone, Serialize)]
#[must_use = "call `assert`, or look at the differences"]
#[non_exhaustive]
pub struct Verification {
    /// Cells that were called and compared.
    pub compared: usize,
    /// Cells that were called but depend on the request.
    pub depends: usize,
    /// Cells where router and prediction differ.
    pub differences: Vec<Difference>,
}

/// A cell where router and prediction differ.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The caller.
    pub caller: String,
    /// The method and the path that were called.
    pub route: String,
    /// What the policies say.
    pub predicted: Access,
    /// What the router answered; `None` where it was not asked, because method or path cannot be
    /// sent.
    pub status: Option<u16>,
    /// Why that is not the same.
    pub problem: &'static str,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let predicted = match &self.predicted {
            Access::Allowed => "allowed".to_owned(),
            Access::Denied { status, why } => format!("{status} ({why})"),
            Access::Depends { on } => format!("depends on {on}"),
        };
        let answered = match self.status {
            Some(status) => format!("answered {status}"),
            None => "not asked".to_owned(),
        };
        write!(
            f,
            "{} as {}: predicted {predicted}, {answered}: {}",
            self.route, self.caller, self.problem
        )
    }
}

impl Verification {
    /// Fails a test with every difference.
    ///
    /// # Panics
    /// Where router and prediction differ, or nothing was compared.
    pub fn assert(&self) {
        let lines: Vec<String> = self.differences.iter().map(ToString::to_string).collect();
        assert!(
            lines.is_empty(),
            "{} of {} cells are not as predicted:\n{}",
            lines.len(),
            self.compared,
            lines.join("\n")
        );
        assert!(self.compared > 0, "no cell could be compared");
    }
}

impl AccessMatrix {
    /// Calls every route as every caller through `router`, and compares with the predictions.
    ///
    /// A call has no body and no query, and `1` (or what the builder was told) for every path
    /// parameter: who is admitted may well be answered 422, or 404 where there are parameters. The
    /// guard's answers are told from the handler's own by their `WWW-Authenticate` header.
    pub async fn verify(&self, router: Router) -> Verification {
        let mut verification = Verification {
            compared: 0,
            depends: 0,
            differences: Vec::new(),
        };
        for row in &self.routes {
            for (caller, predicted) in self.callers.iter().zip(&row.cells) {
                let answer = call(&router, row, caller).await;
                let count = match predicted {
                    Access::Depends { .. } => &mut verification.depends,
                    Access::Allowed | Access::Denied { .. } => &mut verification.compared,
                };
                *count = count.saturating_add(1);
                let (status, problem) = match &answer {
                    Some(response) => (
                        Some(response.status().as_u16()),
                        compare(row, predicted, response),
                    ),
                    None => (None, Some("no such request can be sent")),
                };
                if let Some(problem) = problem {
                    verification.differences.push(Difference {
                        caller: caller.name.clone(),
                        route: format!("{} {}", row.method, row.target),
                        predicted: predicted.clone(),
                        status,
                        problem,
                    });
                }
            }
        }
        verification
    }
}

/// None where method, path or token are nothing that a request can have.
async fn call(router: &Router, row: &Row, caller: &Caller) -> Option<Response> {
    let mut request = Request::builder()
        .method(row.method.as_str())
        .uri(row.target.as_str());
    if let Some(token) = &caller.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).ok()?;
    let mut router = router.clone();
    let answer = async {
        poll_fn(|context| Service::<Request>::poll_ready(&mut router, context)).await?;
        router.call(request).await
    };
    match answer.await {
        Ok(response) => Some(response),
        Err(never) => match never {},
    }
}

/// Why an answer is not the predicted one.
fn compare(row: &Row, predicted: &Access, response: &Response) -> Option<&'static str> {
    let status = response.status();
    let challenged = response.headers().contains_key(header::WWW_AUTHENTICATE);
    let refused = challenged && matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if status == StatusCode::NOT_FOUND {
        if matches!(predicted, Access::Denied { .. }) {
            return Some("no such route, or nothing guards it");
        }
        // A handler that looks something up by a parameter may well not find it.
        if !row.path.contains('{') {
            return Some("no such route");
        }
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        return Some("the path has no such method");
    }
    if status.is_server_error() {
        return Some("a server error");
    }
    match predicted {
        Access::Allowed if refused => Some("refused"),
        Access::Denied { .. } if !refused => Some("let in"),
        Access::Denied {
            status: expected, ..
        } if status.as_u16() != *expected => Some("refused for another reason"),
        Access::Allowed | Access::Denied { .. } | Access::Depends { .. } => None,
    }
}
