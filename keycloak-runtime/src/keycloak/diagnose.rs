//! Diagnoses on request.

use super::Keycloak;
use crate::{
    diagnostics::{
        DiagnosticReport, Health,
        look::Scene,
        run::{not_made, run},
        throttle::Round,
    },
    transport::outbound::{Exhausted, Ours, Permit, Theirs},
};

impl Keycloak {
    /// Looks at every endpoint of Keycloak that this service uses: name resolution, connection,
    /// certificate, answer, whether our client is accepted, the issuer, the keys, the clocks. The
    /// report names the usual mistakes that it recognises, each with its fix.
    ///
    /// Takes 5 seconds at most and holds no secret. Calls at the same time share one diagnosis. It
    /// is for operators: it names hosts, the realm and our client, and where introspection or
    /// refresh is on, each of them writes one error event into Keycloak's log (the question whether
    /// our client is accepted is asked with a token that is none). Give it to callers with a policy
    /// only; for a public route see [`health`](Self::health).
    ///
    /// ```no_run
    /// # async fn f(keycloak: keycloak::Keycloak) {
    /// for hint in keycloak.run_diagnostics().await.hints {
    ///     println!("{}: {}", hint.problem, hint.fix);
    /// }
    /// # }
    /// ```
    pub async fn run_diagnostics(&self) -> DiagnosticReport {
        let permit = self.realm().door.ours(Ours::Diagnosis);
        let report = self
            .trusted()
            .throttle
            .diagnose(|| self.clone().full(permit))
            .await;
        report.unwrap_or_else(|why| not_made(&self.realm().settings, &why.to_string()))
    }

    /// Whether Keycloak can be used, for a public route: `{"status": "OK"}` with
    /// 200, or `{"status": "ERROR"}` with 503, and nothing else. The reasons are in
    /// [`run_diagnostics`](Self::run_diagnostics), which is for callers with a policy.
    ///
    /// Callers cannot multiply requests to Keycloak: a look is taken in a task of its own (whoever
    /// hangs up changes nothing), twice at once at most and then once per 5 seconds; in between,
    /// and within a second in any case, the last result is the answer. Whether our client is still
    /// accepted is asked once per 10 minutes, because Keycloak writes an error event for it.
    ///
    /// ```
    /// use axum::{Router, extract::State, routing::get};
    /// use keycloak::{DiagnosticReport, Keycloak, diagnostics::Health};
    ///
    /// /// For load balancers, and open to all.
    /// #[keycloak::public]
    /// async fn health(State(keycloak): State<Keycloak>) -> Health {
    ///     keycloak.health().await
    /// }
    ///
    /// /// For operators.
    /// #[keycloak::protected(roles = ["operator"])]
    /// async fn report(State(keycloak): State<Keycloak>) -> DiagnosticReport {
    ///     keycloak.run_diagnostics().await
    /// }
    ///
    /// # fn f(keycloak: Keycloak) -> Router {
    /// Router::new()
    ///     .route("/health/keycloak", get(health))
    ///     .route("/health/keycloak/report", get(report))
    ///     .with_state(keycloak)
    /// # }
    /// ```
    pub async fn health(&self) -> Health {
        let permit = || {
            self.realm()
                .door
                .theirs(Theirs::Health)
                .map_err(|Exhausted| ())
        };
        let begin = |permit, ask_client| self.clone().quick(permit, ask_client);
        Health::of(self.trusted().throttle.glance(permit, begin).await)
    }

    async fn full(self, permit: Permit) -> Round {
        run(self.scene(&permit), true, true).await
    }

    async fn quick(self, permit: Permit, ask_client: bool) -> Round {
        run(self.scene(&permit), ask_client, false).await
    }

    fn scene<'a>(&'a self, permit: &'a Permit) -> Scene<'a> {
        Scene {
            realm: self.realm(),
            permit,
        }
    }
}
