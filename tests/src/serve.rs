//! A router on a loopback port.

use axum::Router;
use tokio::net::TcpListener;

/// Serves a router on a free loopback port until the test's runtime ends; gives the base URL.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a loopback port");
    let address = listener.local_addr().expect("a bound socket");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
