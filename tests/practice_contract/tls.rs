use std::net::TcpListener;

use reqwest::Certificate;
use sextant::practice::{PracticeError, Tls};

use super::*;

async fn server(tls: Tls) -> Practice {
    Practice::start(Options {
        tls,
        ..Options::default()
    })
    .await
    .unwrap()
}

/// Asks with trust in the server's authority, if it hands one out, and in nothing else.
async fn ask(server: &Practice) -> Result<u16, String> {
    let authorities: Vec<Certificate> = server
        .ca_pem()
        .iter()
        .map(|pem| Certificate::from_pem(pem.as_bytes()).unwrap())
        .collect();
    let http = client().tls_certs_only(authorities).build().unwrap();
    match http.get(format!("{}/api/system", server.url())).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => Err(format!("{error:?}")),
    }
}

#[tokio::test]
async fn a_valid_certificate_is_trusted_by_name_and_by_address() {
    let server = server(Tls::Valid).await;
    assert!(server.url().starts_with("https://localhost:"));
    assert_eq!(ask(&server).await, Ok(200));
    let pem = server.ca_pem().unwrap().to_owned();
    let http = client()
        .tls_certs_only([Certificate::from_pem(pem.as_bytes()).unwrap()])
        .build()
        .unwrap();
    let by_address = server.url().replace("localhost", "127.0.0.1");
    let response = http.get(format!("{by_address}/api/system")).send().await.unwrap();
    assert_eq!(response.status(), 200);

    let file = server.ca_file().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), pem);
    assert_eq!(server.announcement()["ca_file"], file.to_str().unwrap());
    drop(server);
    assert!(!file.exists());
}

#[tokio::test]
async fn each_bad_certificate_has_the_one_fault() {
    for (tls, hands_out, fault) in [
        (Tls::SelfSigned, false, "UnknownIssuer"),
        (Tls::UnknownIssuer, false, "UnknownIssuer"),
        (Tls::Expired, true, "Expired"),
        (Tls::WrongHost, true, "NotValidForName"),
    ] {
        let server = server(tls).await;
        assert_eq!(server.ca_pem().is_some(), hands_out, "{tls:?}");
        let error = ask(&server).await.unwrap_err();
        assert!(error.contains(fault), "{tls:?}: {error}");
        assert!(server.requests().is_empty(), "nothing was said over it");
        // Whoever accepts the fault finds the server healthy.
        let careless = client().tls_danger_accept_invalid_certs(true).build().unwrap();
        let response = careless
            .get(format!("{}/api/system", server.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn plain_words_to_a_tls_port_harm_nobody() {
    let server = server(Tls::Valid).await;
    let plain = server.url().replace("https://localhost", "http://127.0.0.1");
    assert!(client().build().unwrap().get(plain).send().await.is_err());
    assert_eq!(ask(&server).await, Ok(200));
}

#[tokio::test]
async fn a_dropped_server_frees_its_port() {
    let asker = Asker::new().await;
    // Leaves a connection open that is kept alive.
    assert_eq!(asker.status("/api/system", As::Nobody).await, 200);
    let Asker { server, http } = asker;
    let url = format!("{}/api/system", server.url());
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(server);
    let fresh = client().build().unwrap();
    assert!(fresh.get(&url).send().await.unwrap_err().is_connect());
    let again = Practice::start(Options {
        port,
        ..Options::default()
    })
    .await
    .unwrap();
    assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
    assert!(url.starts_with(again.url()));
}

#[tokio::test]
async fn a_taken_port_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Practice::start(Options {
        port,
        ..Options::default()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, PracticeError::Bind { port: named, .. } if named == port));
    let problem = sextant::error::Explain::explain(&error);
    assert!(
        problem.message.contains(&port.to_string()) && problem.cause.is_some() && problem.remedy.is_some()
    );
}
