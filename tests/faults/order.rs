//! Replies out of order: what was asked for first and answered last is old news.

use std::sync::Arc;

use support::eventually;
use tokio::sync::Notify;

use super::{
    load::{Keys, Kind, Service, builder},
    scripted::{Behaviour, Document, Scripted},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_reply_that_comes_late_replaces_nothing() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let service = Service::new(&server, &keys, builder(&server));
    assert_eq!(service.send(Kind::Warm).await, 200);
    // The first reply is made now, without the new key, and kept back.
    let go = Arc::new(Notify::new());
    server.behave(Document::Keys, Behaviour::Held(Arc::clone(&go)));
    let waiting = tokio::spawn({
        let service = service.clone();
        async move { service.send(Kind::NewKey).await }
    });
    eventually("the question arrives", async || {
        server.asked(Document::Keys) >= 2
    })
    .await;
    // The key is added; the second question, asked beside the silent first one, is answered.
    server.publish(&[&keys.new, &keys.old]);
    server.be_good();
    assert_eq!(waiting.await.expect("no panic"), 200);
    assert_eq!(server.asked(Document::Keys), 3, "asked a second time");
    // Now the first reply comes.
    go.notify_waiters();
    for _ in 0..50 {
        assert_eq!(service.send(Kind::NewKey).await, 200);
        tokio::task::yield_now().await;
    }
    assert_eq!(server.asked(Document::Keys), 3);
}
