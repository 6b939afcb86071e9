//! Asking a server, and what it answered.

use std::{collections::BTreeMap, fmt, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than any library here waits for Keycloak by a setting of its own, but for the longest.
const PATIENCE: Duration = Duration::from_secs(12);

/// The pause between two questions.
pub const PAUSE: Duration = Duration::from_millis(500);

/// The status, or nothing where there was no answer.
pub async fn ask(address: SocketAddr, token: &str) -> Option<u16> {
    timeout(PATIENCE, exchange(address, token)).await.ok()?
}

async fn exchange(address: SocketAddr, token: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!(
        "GET /me HTTP/1.1\r\nhost: api.test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// Answers by status.
#[derive(Clone, Debug, Default)]
pub struct Answers(BTreeMap<Option<u16>, usize>);

impl Answers {
    pub fn add(&mut self, status: Option<u16>) {
        *self.0.entry(status).or_default() += 1;
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("–");
        }
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(status, count)| match status {
                Some(status) => format!("{status}: {count}"),
                None => format!("none: {count}"),
            })
            .collect();
        f.write_str(&parts.join(", "))
    }
}
