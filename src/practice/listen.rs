//! The connections: accepted until the server stops, then closed.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::common::Common;
use super::gate::pass;
use super::site::Site;

/// How long answers under way may still take when the server stops.
const PATIENCE: Duration = Duration::from_millis(250);

/// One product on its port.
pub(super) struct Served<L> {
    pub(super) site: Site,
    pub(super) listener: L,
    pub(super) router: Router,
}

/// The runtime of the server's thread and the listeners in it. All are made on that thread, because a runtime must not be
/// dropped, as happens when something fails, within another.
pub(super) fn prepare(
    sites: Vec<Served<std::net::TcpListener>>,
) -> std::io::Result<(Runtime, Vec<Served<TcpListener>>)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let sites = {
        let _guard = runtime.enter();
        let listening = sites.into_iter().map(|served| {
            Ok(Served {
                site: served.site,
                listener: TcpListener::from_std(served.listener)?,
                router: served.router,
            })
        });
        listening.collect::<std::io::Result<_>>()?
    };
    Ok((runtime, sites))
}

/// Serves all products until the server stops; afterwards the ports are free and every connection closed.
pub(super) async fn serve(
    sites: Vec<Served<TcpListener>>,
    acceptor: Option<TlsAcceptor>,
    common: Arc<Common>,
) {
    let all = sites
        .into_iter()
        .map(|served| serve_one(served, acceptor.clone(), Arc::clone(&common)));
    futures::future::join_all(all).await;
}

async fn serve_one(served: Served<TcpListener>, acceptor: Option<TlsAcceptor>, common: Arc<Common>) {
    let Served {
        site,
        listener,
        router,
    } = served;
    let mut connections = JoinSet::new();
    let mut stopping = common.stopping.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        // A connection that failed before it began, or a shortage of sockets that passes.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (acceptor, common, router) = (acceptor.clone(), Arc::clone(&common), router.clone());
        connections.spawn(async move {
            match acceptor {
                None => converse(stream, site, common, router).await,
                // A client that refuses the certificate ends the handshake; that is its right.
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(stream, site, common, router).await;
                    }
                }
            }
        });
    }
    drop(listener);
    let all_done = async { while connections.join_next().await.is_some() {} };
    // Whoever is not done by then, such as a client that never finishes its request, is cut off.
    let _ = tokio::time::timeout(PATIENCE, all_done).await;
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    site: Site,
    common: Arc<Common>,
    router: Router,
) {
    let mut stopping: watch::Receiver<bool> = common.stopping.clone();
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        pass(site, Arc::clone(&common), router.clone(), request.map(Body::new))
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    // How a conversation ends concerns nobody: clients hang up, and trouble hangs up on them.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
