//! A scripted issuer on a loopback port: discovery and JWKS, as the test wants them.
//!
//! It ends with the value. It answers what it is told to answer, good or bad, and counts. Other
//! endpoints (`token`, `token/introspect`) answer 404 until they are given an answer.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{Form, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::Listener,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};

use crate::mint::SigningKey;

/// The realm of every scripted issuer.
pub const REALM: &str = "judged";

/// A scripted issuer; dropping it closes its port.
pub struct Issuer {
    base: String,
    script: Arc<Script>,
    server: JoinHandle<()>,
}

struct Script {
    discovery: Mutex<(StatusCode, String)>,
    jwks: Mutex<(StatusCode, String)>,
    discovery_requests: AtomicUsize,
    jwks_requests: AtomicUsize,
    endpoints: Mutex<HashMap<String, Answer>>,
    posts: Mutex<Vec<Post>>,
    /// Posts wait here for a permit while they are held.
    held: Semaphore,
}

/// What a post with this form is answered.
type Answer = Arc<dyn Fn(&HashMap<String, String>) -> (StatusCode, String) + Send + Sync>;

/// A form that was posted.
#[derive(Debug, Clone)]
pub struct Post {
    /// The endpoint, for example `token/introspect`.
    pub endpoint: String,
    /// The `Authorization` header, if any.
    pub authorization: Option<String>,
    /// The form's fields.
    pub form: HashMap<String, String>,
}

impl Issuer {
    /// Starts an issuer that publishes the public halves of `keys`.
    pub async fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        Self::start_on(listener, base, keys)
    }

    /// The same, where the connections come from, for clients that know it as `base`.
    pub(crate) fn start_on(
        listener: impl Listener<Addr = SocketAddr>,
        base: String,
        keys: &[&SigningKey],
    ) -> Self {
        let script = Arc::new(Script {
            discovery: Mutex::new((StatusCode::OK, discovery(&base).to_string())),
            jwks: Mutex::new((StatusCode::OK, jwks(keys).to_string())),
            discovery_requests: AtomicUsize::new(0),
            jwks_requests: AtomicUsize::new(0),
            endpoints: Mutex::default(),
            posts: Mutex::default(),
            held: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let app = Router::new()
            .route(
                &format!("/realms/{REALM}/.well-known/openid-configuration"),
                get(serve_discovery),
            )
            .route(
                &format!("/realms/{REALM}/protocol/openid-connect/certs"),
                get(serve_jwks),
            )
            .route(
                &format!("/realms/{REALM}/protocol/openid-connect/{{*endpoint}}"),
                post(serve_endpoint).get(serve_page),
            )
            .with_state(Arc::clone(&script));
        let server = tokio::spawn(async move {
            axum::serve(listener, app)
                .await
                .expect("the scripted issuer");
        });
        Self {
            base,
            script,
            server,
        }
    }

    /// The server URL for the builder: `http://127.0.0.1:port`.
    pub fn server_url(&self) -> &str {
        &self.base
    }

    /// The issuer that its tokens name.
    pub fn issuer(&self) -> String {
        issuer(&self.base)
    }

    /// Publishes other keys from now on.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.publish_text(jwks(keys).to_string());
    }

    /// Publishes this text as JWKS from now on, whatever it is.
    pub fn publish_text(&self, text: impl Into<String>) {
        *self.script.jwks.lock().expect("script") = (StatusCode::OK, text.into());
    }

    /// Answers requests for the JWKS with this status from now on.
    pub fn fail_jwks(&self, status: StatusCode) {
        *self.script.jwks.lock().expect("script") = (status, String::new());
    }

    /// Answers discovery with this document from now on.
    pub fn discover(&self, document: &Value) {
        *self.script.discovery.lock().expect("script") = (StatusCode::OK, document.to_string());
    }

    /// Answers posts to an endpoint (`token`, `token/introspect`) like this from now on.
    pub fn answer(&self, endpoint: &str, status: StatusCode, body: impl Into<String>) {
        let answer = (status, body.into());
        self.answer_each(endpoint, move |_| answer.clone());
    }

    /// Answers each post to an endpoint by its form from now on.
    pub fn answer_each(
        &self,
        endpoint: &str,
        answer: impl Fn(&HashMap<String, String>) -> (StatusCode, String) + Send + Sync + 'static,
    ) {
        let mut endpoints = self.script.endpoints.lock().expect("script");
        endpoints.insert(endpoint.to_owned(), Arc::new(answer));
    }

    /// The forms that were posted, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.script.posts.lock().expect("script").clone()
    }

    /// Leaves posts without answer until [`release`](Self::release).
    pub fn hold(&self) {
        self.script.held.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers the posts that wait, and later ones at once.
    pub fn release(&self) {
        self.script.held.add_permits(Semaphore::MAX_PERMITS);
    }

    /// The discovery document of a well-behaved realm here.
    pub fn discovery_document(&self) -> Value {
        discovery(&self.base)
    }

    /// How often discovery was asked for.
    pub fn discovery_requests(&self) -> usize {
        self.script.discovery_requests.load(Ordering::SeqCst)
    }

    /// How often the JWKS was asked for.
    pub fn jwks_requests(&self) -> usize {
        self.script.jwks_requests.load(Ordering::SeqCst)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A JWKS document of the public halves of `keys`.
pub fn jwks(keys: &[&SigningKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
}

fn issuer(base: &str) -> String {
    format!("{base}/realms/{REALM}")
}

fn discovery(base: &str) -> Value {
    let issuer = issuer(base);
    let endpoint = |name: &str| format!("{issuer}/protocol/openid-connect/{name}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint("auth"),
        "token_endpoint": endpoint("token"),
        "introspection_endpoint": endpoint("token/introspect"),
        "userinfo_endpoint": endpoint("userinfo"),
        "end_session_endpoint": endpoint("logout"),
        "jwks_uri": endpoint("certs"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
    })
}

async fn serve_discovery(State(script): State<Arc<Script>>) -> Response {
    script.discovery_requests.fetch_add(1, Ordering::SeqCst);
    answer(script.discovery.lock().expect("script").clone())
}

async fn serve_jwks(State(script): State<Arc<Script>>) -> Response {
    script.jwks_requests.fetch_add(1, Ordering::SeqCst);
    answer(script.jwks.lock().expect("script").clone())
}

/// What a browser would see: the page that ends sessions, and nothing else.
async fn serve_page(Path(endpoint): Path<String>) -> StatusCode {
    match endpoint.as_str() {
        "logout" => StatusCode::OK,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    }
}

async fn serve_endpoint(
    State(script): State<Arc<Script>>,
    Path(endpoint): Path<String>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION);
    script.posts.lock().expect("script").push(Post {
        endpoint: endpoint.clone(),
        authorization: authorization.map(|value| value.to_str().expect("ASCII").to_owned()),
        form: form.clone(),
    });
    let _permit = script.held.acquire().await.expect("never closed");
    let scripted = script
        .endpoints
        .lock()
        .expect("script")
        .get(&endpoint)
        .cloned();
    match scripted {
        Some(scripted) => answer(scripted(&form)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer((status, text): (StatusCode, String)) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (status, headers, text).into_response()
}
