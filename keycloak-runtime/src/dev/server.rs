//! The listening side: one thread with a runtime of its own, on a loopback address.
//!
//! The thread is not part of the caller's runtime, so a realm kept in a `static` outlives the
//! runtime of the test that started it. Dropping the server closes the socket and every connection
//! at once, as a killed process would.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    thread::{self, JoinHandle},
};

use tokio::{net::TcpListener, sync::oneshot};

use super::{endpoint, issuer::Issuer};

pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A socket that is bound and not served yet; its port is known.
pub(crate) struct Bound {
    listener: std::net::TcpListener,
    pub(crate) port: u16,
}

/// Binds `127.0.0.1`; port 0 takes a free one.
pub(crate) async fn bind(port: u16) -> io::Result<Bound> {
    // tokio sets SO_REUSEADDR, so that a restart gets its port back at once.
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let port = listener.local_addr()?.port();
    Ok(Bound {
        listener: listener.into_std()?,
        port,
    })
}

impl Server {
    pub(crate) fn start(bound: Bound, issuer: &Issuer) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let router = endpoint::router(issuer);
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = async move {
            let Ok(listener) = TcpListener::from_std(bound.listener) else {
                return;
            };
            let serve = axum::serve(listener, router).into_future();
            tokio::select! {
                _ = serve => {}
                // Also where the sender was dropped.
                _ = stopped => {}
            }
        };
        let thread = thread::Builder::new()
            .name("keycloak-dev-realm".to_owned())
            .spawn(move || {
                runtime.block_on(serve);
                // Dropping the runtime ends the connections that are still open.
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread was reported when it happened.
            let _ = thread.join();
        }
    }
}
