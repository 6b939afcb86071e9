//! The load: as many connections as asked for, one request in flight on each, in turn.
//!
//! Requests are bytes that were put together before. An answer is read whole and must be `200`, and
//! as long as the first one, so that no figure comes from wrong answers. Blocking sockets served in
//! turn cost two system calls a request and no waiting in between, so that the server is the limit.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// Connections, enough that the server always has work.
const CONNECTIONS: usize = 32;

/// Whoever needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request for `path` with this token.
pub fn request(path: &str, token: Option<&str>) -> Vec<u8> {
    let authorization = token.map_or_else(String::new, |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    format!("GET {path} HTTP/1.1\r\nhost: api.test\r\naccept: */*\r\n{authorization}\r\n")
        .into_bytes()
}

/// When a measurement ends.
#[derive(Clone, Copy)]
pub enum Until {
    /// This long; requests are repeated.
    Elapsed(Duration),
    /// Each request was sent once.
    Exhausted,
}

/// What was done.
pub struct Done {
    pub requests: usize,
    pub elapsed: Duration,
}

/// Sends one request and returns the status of the answer.
pub fn status(address: SocketAddr, request: &[u8]) -> u16 {
    let mut connection = Connection::open(address);
    connection.send(request);
    connection.receive();
    connection.status()
}

/// Sends `requests` in turn and waits for every answer.
pub fn run(address: SocketAddr, requests: &[Vec<u8>], until: Until) -> Done {
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| Connection::open(address))
        .collect();
    let mut next = requests.iter().cycle();
    let limit = match until {
        Until::Elapsed(_) => usize::MAX,
        Until::Exhausted => requests.len(),
    };
    let mut sent = 0;
    let mut received = 0;
    let start = Instant::now();
    for connection in connections.iter_mut().take(limit) {
        connection.send(next.next().expect("a request"));
        sent += 1;
    }
    let mut length = None;
    while received < sent {
        let goes_on = match until {
            Until::Elapsed(time) => start.elapsed() < time,
            Until::Exhausted => true,
        };
        for connection in &mut connections {
            if received == sent {
                break;
            }
            connection.receive();
            received += 1;
            let length = *length.get_or_insert(connection.filled);
            assert_eq!(connection.status(), 200, "a wrong answer under load");
            assert_eq!(connection.filled, length, "an answer of another length");
            if goes_on && sent < limit {
                connection.send(next.next().expect("a request"));
                sent += 1;
            }
        }
    }
    Done {
        requests: received,
        elapsed: start.elapsed(),
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a read timeout");
        Self {
            stream,
            buffer: vec![0; 8192],
            filled: 0,
        }
    }

    fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).expect("sent");
    }

    /// Reads one whole answer.
    fn receive(&mut self) {
        self.filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[self.filled..]);
            let read = read.expect("an answer in time");
            assert_ne!(read, 0, "the server closed the connection");
            self.filled += read;
            if self.is_whole() {
                return;
            }
        }
    }

    fn is_whole(&self) -> bool {
        let answer = &self.buffer[..self.filled];
        let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") else {
            return false;
        };
        let text = str::from_utf8(&answer[..head]).expect("an ASCII head");
        let length = text
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length"));
        self.filled >= head + 4 + length
    }

    fn status(&self) -> u16 {
        str::from_utf8(&self.buffer[9..12])
            .ok()
            .and_then(|status| status.parse().ok())
            .expect("a status line")
    }
}
