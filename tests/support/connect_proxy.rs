//! A proxy on the loopback: it lets named servers through, and may want a login.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use std::net::SocketAddr;

use crate::scripted_server::{Received, Reply, ScriptedServer};

/// `al` and `canary!` as Basic.
pub const LOGIN: &str = "Basic YWw6Y2FuYXJ5IQ==";

/// A proxy that wants no login. Names lead to addresses on the loopback.
pub async fn open(ways: &[(&str, SocketAddr)]) -> ScriptedServer {
    wanting(ways, None, "").await
}

/// A proxy that lets in whoever sends [`LOGIN`], and offers Basic to everybody else.
pub async fn guarded(ways: &[(&str, SocketAddr)]) -> ScriptedServer {
    wanting(
        ways,
        Some(LOGIN),
        "Proxy-Authenticate: Basic realm=\"corp, inc\"\r\n",
    )
    .await
}

/// A proxy that answers 407 with `offers` to whoever does not send `login`.
pub async fn wanting(
    ways: &[(&str, SocketAddr)],
    login: Option<&'static str>,
    offers: &'static str,
) -> ScriptedServer {
    let ways: Vec<(String, SocketAddr)> = ways
        .iter()
        .map(|(name, address)| ((*name).to_owned(), *address))
        .collect();
    ScriptedServer::start(move |request| {
        if login.is_some_and(|login| request.header("proxy-authorization") != Some(login)) {
            let head =
                format!("HTTP/1.1 407 Proxy Authentication Required\r\n{offers}Content-Length: 0\r\n\r\n");
            return Reply::Raw(head.into_bytes());
        }
        match ways.iter().find(|(name, _)| *name == request.target) {
            Some((_, address)) => Reply::Tunnel(*address),
            None => Reply::Header(403, "X", "y".into()),
        }
    })
    .await
}

/// The logins that were sent, in their order; nothing for requests without one.
pub fn logins(proxy: &ScriptedServer) -> Vec<Option<String>> {
    let login = |request: &Received| request.header("proxy-authorization").map(str::to_owned);
    proxy.requests().iter().map(login).collect()
}
