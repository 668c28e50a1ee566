//! The exchange of tokens with a repository that wants a Kerberos ticket, step by step as a script says. The real thing is
//! in `kerberos.rs`.

#[path = "support/repository.rs"]
mod common;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::sync::{Arc, Mutex};

use common::{TOKEN, client, new_token, token, with_header};
use scripted_server::{Received, Reply, ScriptedServer};
use serde_json::{Value, json};
use sextant::error::{Explain, Kind};
use sextant::repository::kerberos::{KerberosError, Negotiation, Negotiator, Progress, Ticket};
use sextant::repository::{Proof, RepositoryError};

/// A negotiator that follows a script: what it sends, and what it makes of what comes back.
#[derive(Clone)]
struct Scripted {
    steps: Vec<Result<Progress, KerberosError>>,
    received: Arc<Mutex<Vec<Option<Vec<u8>>>>>,
}

impl Scripted {
    fn new(steps: &[Result<Progress, KerberosError>]) -> Self {
        Self {
            steps: steps.to_vec(),
            received: Arc::default(),
        }
    }
}

impl Negotiator for Scripted {
    fn begin(&self, host: &str) -> Result<Box<dyn Negotiation>, KerberosError> {
        assert_eq!(host, "127.0.0.1");
        let mut script = self.clone();
        script.steps.reverse();
        Ok(Box::new(script))
    }

    fn ticket(&self) -> Result<Option<Ticket>, KerberosError> {
        Ok(None)
    }
}

impl Negotiation for Scripted {
    fn step(&mut self, from_server: Option<&[u8]>) -> Result<Progress, KerberosError> {
        self.received
            .lock()
            .unwrap()
            .push(from_server.map(<[u8]>::to_vec));
        self.steps.pop().unwrap()
    }
}

fn send(token: &str) -> Result<Progress, KerberosError> {
    Ok(Progress::Continue(token.into()))
}

#[tokio::test]
async fn an_exchange_of_several_tokens_comes_to_its_end() {
    let server = ScriptedServer::start(|request| match request.header("authorization") {
        Some("Negotiate b25l") => with_header(401, "WWW-Authenticate: Negotiate dHdv", ""),
        Some("Negotiate dGhyZWU=") => with_header(
            200,
            "WWW-Authenticate: Negotiate Zm91cg==",
            &format!(r#"{{"token":"{TOKEN}"}}"#),
        ),
        _ => Reply::Json(500, String::new()),
    })
    .await;
    let script = Scripted::new(&[send("one"), send("three"), Ok(Progress::Established(None))]);
    let client = client(&server).with_kerberos_over_plain_http();
    let made = client
        .create_token(Proof::Kerberos(&script), &new_token())
        .await
        .unwrap();
    assert_eq!(made, token());
    let received = script.received.lock().unwrap().clone();
    assert_eq!(received, [None, Some(b"two".to_vec()), Some(b"four".to_vec())]);
    // The whole request goes again with every token.
    let bodies: Vec<Value> = server
        .requests()
        .iter()
        .map(|r| serde_json::from_str(&r.body).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(
        (&bodies[0]["note"], &bodies[0]),
        (&json!("binstar_client:jsmith@vm"), &bodies[1])
    );

    // The server has proven itself before its last answer.
    let script = Scripted::new(&[send("one"), Ok(Progress::Established(Some(b"three".to_vec())))]);
    client
        .create_token(Proof::Kerberos(&script), &new_token())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_exchange_that_fails_says_why() {
    async fn outcome(
        reply: impl Fn(&Received) -> Reply + Send + Sync + 'static,
        steps: &[Result<Progress, KerberosError>],
    ) -> (RepositoryError, usize) {
        let server = ScriptedServer::start(reply).await;
        let client = client(&server).with_kerberos_over_plain_http();
        let script = Scripted::new(steps);
        let error = client
            .create_token(Proof::Kerberos(&script), &new_token())
            .await
            .unwrap_err();
        (error, server.requests().len())
    }
    let host = || "127.0.0.1".to_owned();
    let established = || Ok(Progress::Established(None));
    // Nothing is sent without a ticket.
    let (error, sent) = outcome(
        |_| Reply::Json(200, String::new()),
        &[Err(KerberosError::NoTicket)],
    )
    .await;
    assert_eq!((error, sent), (KerberosError::NoTicket.into(), 0));
    // Neither a bare offer nor none proves anything; the token that was made is revoked.
    for header in ["WWW-Authenticate: Negotiate", "X: y"] {
        let made = move |request: &Received| match request.method.as_str() {
            "POST" => with_header(200, header, &format!(r#"{{"token":"{TOKEN}"}}"#)),
            _ => Reply::Json(201, String::new()),
        };
        let (error, sent) = outcome(made, &[send("one")]).await;
        assert_eq!(
            (error, sent),
            (
                KerberosError::MutualAuthenticationMissing { host: host() }.into(),
                2
            )
        );
    }
    // Half a proof is none.
    let half = |_: &Received| with_header(200, "WWW-Authenticate: Negotiate dHdv", r#"{"token":"a"}"#);
    let (error, _) = outcome(half, &[send("one"), send("three")]).await;
    assert_eq!(
        error,
        KerberosError::MutualAuthenticationMissing { host: host() }.into()
    );
    // A refusal needs no proof.
    let taken = |_: &Received| Reply::Json(400, "{}".into());
    assert!(matches!(
        outcome(taken, &[send("one")]).await.0,
        RepositoryError::TokenNameTaken { .. }
    ));
    let refused = |_: &Received| with_header(401, "WWW-Authenticate: Negotiate", r#"{"error":"not you"}"#);
    let said = Some("not you".to_owned());
    assert_eq!(
        outcome(refused, &[send("one")]).await.0,
        KerberosError::Refused { host: host(), said }.into()
    );
    let not_offered = |_: &Received| with_header(401, "WWW-Authenticate: Basic realm=\"x\"", "");
    assert_eq!(
        outcome(not_offered, &[send("one")]).await.0,
        KerberosError::NotOffered { host: host() }.into()
    );
    // A server that never has enough.
    let endless = |_: &Received| with_header(401, "WWW-Authenticate: Negotiate dHdv", "");
    let (error, sent) = outcome(endless, &[const { 0 }; 20].map(|_| send("more"))).await;
    assert!(
        matches!(
            error,
            RepositoryError::Kerberos(KerberosError::InvalidReply { .. })
        ),
        "{error:?}"
    );
    assert!(sent < 10, "{sent}");
    // It goes on although all was said.
    let (error, sent) = outcome(endless, &[send("one"), established()]).await;
    assert_eq!(
        (error, sent),
        (
            KerberosError::Refused {
                host: host(),
                said: None
            }
            .into(),
            1
        )
    );
}

#[tokio::test]
async fn a_ticket_is_not_shown_over_plain_http_unasked() {
    let server = ScriptedServer::start(|_| Reply::Json(200, String::new())).await;
    let script = Scripted::new(&[]);
    let error = client(&server)
        .create_token(Proof::Kerberos(&script), &new_token())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        KerberosError::PlainHttp {
            host: "127.0.0.1".into()
        }
        .into()
    );
    assert_eq!(error.explain().kind, Kind::Usage);
    assert_eq!(server.requests().len(), 0);
}

/// Believing a revocation takes a server that is known: else a token would be forgotten that still works.
#[tokio::test]
async fn a_revocation_with_a_ticket_is_believed_of_the_right_server_only() {
    for status in [201, 404] {
        let server = ScriptedServer::start(move |_| Reply::Json(status, String::new())).await;
        let client = client(&server).with_kerberos_over_plain_http();
        let script = Scripted::new(&[send("one")]);
        let error = client
            .revoke_by_name(Proof::Kerberos(&script), "ci", None)
            .await
            .unwrap_err();
        assert!(matches!(
            error,
            RepositoryError::Kerberos(KerberosError::MutualAuthenticationMissing { .. })
        ));
    }
}
