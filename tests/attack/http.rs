//! A client that sends exactly the bytes it is given, and reads the whole answer.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Far more than any answer takes: whoever needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Everything that came back.
    pub raw: Vec<u8>,
}

impl Answer {
    /// All values of a header; the name in lower case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// Sends `request` on a new connection and reads until the server closes it.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Result<Answer, String> {
    timeout(PATIENCE, send(address, request))
        .await
        .map_err(|_| "no whole answer in time".to_owned())?
}

async fn send(address: SocketAddr, request: &[u8]) -> Result<Answer, String> {
    let mut stream = TcpStream::connect(address)
        .await
        .map_err(|error| format!("connect: {error}"))?;
    stream
        .write_all(request)
        .await
        .map_err(|error| format!("send: {error}"))?;
    let mut raw = Vec::new();
    // A server may reset after its answer where it did not read all of the request.
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        raw.extend_from_slice(&chunk[..read]);
    }
    parse(raw)
}

fn parse(raw: Vec<u8>) -> Result<Answer, String> {
    let text = String::from_utf8_lossy(&raw).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| format!("no HTTP answer: {text:?}"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| format!("no status line: {head:?}"))?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Answer {
        status,
        headers,
        body: body.to_owned(),
        raw,
    })
}
