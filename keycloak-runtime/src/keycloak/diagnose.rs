//! Diagnoses on request.

use super::Keycloak;
use crate::{
    DiagnosticReport,
    diagnostics::{look::Scene, run::run},
};

impl Keycloak {
    /// Looks at every endpoint of Keycloak that this service uses: name resolution, connection,
    /// certificate, answer, whether our client is accepted, the issuer, the keys, the clocks. The
    /// report names the usual mistakes that it recognises, each with its fix.
    ///
    /// Takes 5 seconds at most, changes nothing in Keycloak and holds no secret. Calls at the same
    /// time share one diagnosis. For a health route see [`health`](Self::health).
    ///
    /// ```no_run
    /// # async fn f(keycloak: keycloak::Keycloak) {
    /// for hint in keycloak.run_diagnostics().await.hints {
    ///     println!("{}: {}", hint.problem, hint.fix);
    /// }
    /// # }
    /// ```
    pub async fn run_diagnostics(&self) -> DiagnosticReport {
        let this = self.clone();
        self.0.desk.diagnose(|| this.diagnosis()).await
    }

    /// [`run_diagnostics`](Self::run_diagnostics) for a route that anybody may call: a report that
    /// is less than a second old is given again, so that callers cannot multiply requests to
    /// Keycloak. As a response the report is its JSON with status 200 or 503. It names the server
    /// URL, the realm and our client id; where those are not for everybody, answer
    /// [`DiagnosticReport::http_status`] alone.
    ///
    /// ```
    /// use axum::{Router, extract::State, routing::get};
    /// use keycloak::{DiagnosticReport, Keycloak};
    ///
    /// async fn health(State(keycloak): State<Keycloak>) -> DiagnosticReport {
    ///     keycloak.health().await
    /// }
    ///
    /// # fn f(keycloak: Keycloak) -> Router {
    /// Router::new().route("/health/keycloak", get(health)).with_state(keycloak)
    /// # }
    /// ```
    pub async fn health(&self) -> DiagnosticReport {
        let this = self.clone();
        self.0.desk.glance(|| this.diagnosis()).await
    }

    async fn diagnosis(self) -> DiagnosticReport {
        run(Scene {
            settings: &self.0.settings,
            client: &self.0.client,
            clock: &*self.0.authenticator.clock,
        })
        .await
    }
}
