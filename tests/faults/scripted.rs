//! A Keycloak that does what it is told, byte by byte: a raw socket where an HTTP server would be
//! too well-behaved.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use support::{
    issuer::{REALM, jwks},
    mint::SigningKey,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::gzip;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Document {
    Discovery,
    /// The keys, and every other path.
    Keys,
    /// The answer of the introspection endpoint.
    Introspection,
}

/// How a document is answered.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// As it should be.
    Good,
    /// As it should be, after this time.
    Delay(Duration),
    /// Never.
    Hang,
    /// One byte after the other, with a pause between.
    Drip,
    /// The connection is reset in the middle of the headers.
    Reset,
    /// The connection ends in the middle of the body.
    Truncate,
    /// The body never ends.
    Endless,
    /// The body unpacks to 64 MiB.
    GzipBomb,
    /// Another status, without a useful body.
    Status(u16),
    /// A redirect to the same document of another server.
    RedirectTo(String),
    /// Status 200 with this body.
    Body(String),
    /// These bytes instead of HTTP.
    Garbage,
    /// The body as it was when the request came, given out when the test says so.
    Held(Arc<Notify>),
}

/// The server; dropping it closes everything.
pub struct Scripted {
    address: SocketAddr,
    script: Arc<Script>,
    server: Option<JoinHandle<()>>,
    down: watch::Sender<bool>,
}

struct Script {
    base: String,
    behaviours: Mutex<HashMap<Document, Behaviour>>,
    /// Overrides the discovery document.
    discovery: Mutex<Option<Value>>,
    keys: Mutex<String>,
    introspection: Mutex<String>,
    asked: [AtomicUsize; 3],
    /// Asked for on a connection that had been used before.
    reused: [AtomicUsize; 3],
    /// Now, and the most so far.
    at_once: [(AtomicUsize, AtomicUsize); 3],
    tls: Mutex<Option<TlsAcceptor>>,
}

impl Scripted {
    /// Starts a well-behaved Keycloak that publishes `keys`.
    pub async fn start(keys: &[&SigningKey]) -> Self {
        Self::start_with(keys, None).await
    }

    /// The same, behind TLS at `localhost`.
    pub async fn start_with(keys: &[&SigningKey], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let base = match &tls {
            Some(_) => format!("https://localhost:{}", address.port()),
            None => format!("http://{address}"),
        };
        let script = Arc::new(Script {
            base,
            behaviours: Mutex::default(),
            discovery: Mutex::default(),
            keys: Mutex::new(jwks(keys).to_string()),
            introspection: Mutex::new(r#"{"active":false}"#.to_owned()),
            asked: Default::default(),
            reused: Default::default(),
            at_once: Default::default(),
            tls: Mutex::new(tls),
        });
        let down = watch::Sender::new(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&script), down.subscribe()));
        Self {
            address,
            script,
            server: Some(server),
            down,
        }
    }

    /// The server URL for the builder.
    pub fn server_url(&self) -> &str {
        &self.script.base
    }

    /// The issuer that its tokens name.
    pub fn issuer(&self) -> String {
        format!("{}/realms/{REALM}", self.script.base)
    }

    /// Where its keys are.
    pub fn keys_url(&self) -> String {
        format!("{}/protocol/openid-connect/certs", self.issuer())
    }

    /// Answers a document like this from now on.
    pub fn behave(&self, document: Document, behaviour: Behaviour) {
        let mut behaviours = self.script.behaviours.lock().expect("script");
        behaviours.insert(document, behaviour);
    }

    /// Answers everything as it should be again.
    pub fn be_good(&self) {
        self.script.behaviours.lock().expect("script").clear();
        *self.script.discovery.lock().expect("script") = None;
    }

    /// Publishes other keys.
    pub fn publish(&self, keys: &[&SigningKey]) {
        *self.script.keys.lock().expect("script") = jwks(keys).to_string();
    }

    /// Says this about every token.
    pub fn introspect(&self, claims: &Value) {
        let answer = support::mint::with(claims, json!({ "active": true }));
        *self.script.introspection.lock().expect("script") = answer.to_string();
    }

    /// Changes members of the discovery document.
    pub fn discover(&self, changes: Value) {
        let good = discovery(&self.script.base);
        let changed = support::mint::with(&good, changes);
        *self.script.discovery.lock().expect("script") = Some(changed);
    }

    /// Shows another certificate to new connections.
    pub fn show(&self, tls: TlsAcceptor) {
        *self.script.tls.lock().expect("script") = Some(tls);
    }

    /// How often a document was asked for.
    pub fn asked(&self, document: Document) -> usize {
        self.script.asked[document as usize].load(Ordering::SeqCst)
    }

    /// How often on a connection that had served another question.
    pub fn reused(&self, document: Document) -> usize {
        self.script.reused[document as usize].load(Ordering::SeqCst)
    }

    /// How many questions for a document were open at once, at most.
    pub fn most_at_once(&self, document: Document) -> usize {
        self.script.at_once[document as usize]
            .1
            .load(Ordering::SeqCst)
    }

    /// Is gone, with all its connections, as after `kill -9`.
    pub async fn crash(&mut self) {
        self.down.send_replace(true);
        if let Some(server) = self.server.take() {
            server.abort();
            let _ = server.await;
        }
    }

    /// Is back on the same port.
    pub async fn revive(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("its port");
        self.down = watch::Sender::new(false);
        let script = Arc::clone(&self.script);
        self.server = Some(tokio::spawn(serve(listener, script, self.down.subscribe())));
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.down.send_replace(true);
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

async fn serve(listener: TcpListener, script: Arc<Script>, down: watch::Receiver<bool>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let (script, mut down) = (Arc::clone(&script), down.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = connection(stream, &script) => {}
                _ = down.wait_for(|down| *down) => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, script: &Script) {
    let _ = stream.set_nodelay(true);
    let tls = script.tls.lock().expect("script").clone();
    match tls {
        Some(acceptor) => {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                while let Some(document) = request(&mut stream).await {
                    if !answer(&mut stream, script, document).await {
                        return;
                    }
                }
            }
        }
        None => {
            let mut stream = stream;
            let mut used = false;
            while let Some(document) = request(&mut stream).await {
                if std::mem::replace(&mut used, true) {
                    script.reused[document as usize].fetch_add(1, Ordering::SeqCst);
                }
                if matches!(script.behaviour(document), Behaviour::Reset) {
                    script.asked[document as usize].fetch_add(1, Ordering::SeqCst);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-").await;
                    // Without lingering, closing sends RST.
                    let _ = stream.set_zero_linger();
                    return;
                }
                if !answer(&mut stream, script, document).await {
                    return;
                }
            }
        }
    }
}

/// Reads one request; `None` at the end of the connection.
async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Document> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    if let Some((_, length)) = head.split_once("content-length:") {
        let length = length.lines().next()?.trim().parse().ok()?;
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
    }
    Some(if head.contains("/.well-known/openid-configuration ") {
        Document::Discovery
    } else if head.contains("/token/introspect ") {
        Document::Introspection
    } else {
        Document::Keys
    })
}

/// Answers one request, and counts; false when the connection is of no use any more.
async fn answer<S: AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    document: Document,
) -> bool {
    let (now, most) = &script.at_once[document as usize];
    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let usable = respond(stream, script, document).await;
    now.fetch_sub(1, Ordering::SeqCst);
    usable
}

async fn respond<S: AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    document: Document,
) -> bool {
    script.asked[document as usize].fetch_add(1, Ordering::SeqCst);
    let body = script.body(document);
    match script.behaviour(document) {
        Behaviour::Good | Behaviour::Reset => send(stream, 200, "", body.as_bytes()).await,
        Behaviour::Delay(time) => {
            tokio::time::sleep(time).await;
            send(stream, 200, "", body.as_bytes()).await
        }
        Behaviour::Held(go) => {
            go.notified().await;
            send(stream, 200, "", body.as_bytes()).await
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Drip => {
            let response = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            for byte in response.bytes() {
                if stream.write_u8(byte).await.is_err() || stream.flush().await.is_err() {
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            true
        }
        Behaviour::Truncate => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len() + 1
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body.as_bytes()).await;
            let _ = stream.shutdown().await;
            false
        }
        Behaviour::Endless => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = stream.write_all(head).await;
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            false
        }
        Behaviour::GzipBomb => send(stream, 200, "Content-Encoding: gzip\r\n", gzip::bomb()).await,
        Behaviour::Status(status) => send(stream, status, "", b"<html>sorry</html>").await,
        Behaviour::RedirectTo(url) => send(stream, 302, &format!("Location: {url}\r\n"), b"").await,
        Behaviour::Body(body) => send(stream, 200, "", body.as_bytes()).await,
        Behaviour::Garbage => {
            let _ = stream.write_all(&[0x16, 3, 1, 0xff, 0, 0x80, 10, 10]).await;
            let _ = stream.shutdown().await;
            false
        }
    }
}

async fn send<S: AsyncWrite + Unpin>(
    stream: &mut S,
    status: u16,
    headers: &str,
    body: &[u8],
) -> bool {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nCache-Control: no-cache\r\n\
         {headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut response = head.into_bytes();
    response.extend_from_slice(body);
    stream.write_all(&response).await.is_ok() && stream.flush().await.is_ok()
}

impl Script {
    fn behaviour(&self, document: Document) -> Behaviour {
        let behaviours = self.behaviours.lock().expect("script");
        behaviours
            .get(&document)
            .cloned()
            .unwrap_or(Behaviour::Good)
    }

    fn body(&self, document: Document) -> String {
        match document {
            Document::Discovery => {
                let changed = self.discovery.lock().expect("script").clone();
                changed.unwrap_or_else(|| discovery(&self.base)).to_string()
            }
            Document::Keys => self.keys.lock().expect("script").clone(),
            Document::Introspection => self.introspection.lock().expect("script").clone(),
        }
    }
}

fn discovery(base: &str) -> Value {
    let issuer = format!("{base}/realms/{REALM}");
    let endpoint = |name: &str| format!("{issuer}/protocol/openid-connect/{name}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint("auth"),
        "token_endpoint": endpoint("token"),
        "introspection_endpoint": endpoint("token/introspect"),
        "jwks_uri": endpoint("certs"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    })
}
