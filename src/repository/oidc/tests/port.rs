//! The port that the browser is sent back to.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::browser::{LONG, Waiting};
use super::{granted, http, provider_with};
use crate::repository::oidc::{BrowserSignIn, Client, OidcError, Port, Provider};

#[tokio::test]
async fn cancelling_frees_the_port_at_once() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let sign_in = BrowserSignIn::begin(&provider, Client::anaconda_server())
        .await
        .unwrap();
    let pairs: HashMap<String, String> = sign_in.authorize_url().query_pairs().into_owned().collect();
    let port = Url::parse(&pairs["redirect_uri"]).unwrap().port().unwrap();
    let http = http();
    {
        let mut wait = Box::pin(sign_in.wait(&http, LONG, || {}));
        // It has begun to wait, with a connection open.
        assert!(futures::poll!(&mut wait).is_pending());
        let connecting = TcpStream::connect(("127.0.0.1", port));
        assert!(connecting.await.is_ok());
        assert!(futures::poll!(&mut wait).is_pending());
    }
    let client = Client::anaconda_server().on_port(Port::Fixed(port));
    assert!(BrowserSignIn::begin(&provider, client).await.is_ok());
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port();
    let begin = |provider: Provider, client: Client| async move {
        BrowserSignIn::begin(&provider, client.on_port(Port::Fixed(port)))
            .await
            .unwrap_err()
    };
    let taken = |device_code_offered| OidcError::PortTaken {
        port,
        device_code_offered,
    };
    assert_eq!(begin(provider.clone(), Client::anaconda_com()).await, taken(true));
    let without = Provider {
        device_authorization_endpoint: None,
        ..provider
    };
    assert_eq!(begin(without, Client::anaconda_server()).await, taken(false));
}

#[tokio::test]
async fn localhost_is_listened_for_on_both_addresses() {
    let (_server, provider) = provider_with(|_| granted()).await;
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_err() {
        eprintln!("skipped, because this computer has no IPv6");
        return;
    }
    let waiting = Waiting::start(&provider).await;
    assert!(
        TcpStream::connect((Ipv6Addr::LOCALHOST, waiting.port()))
            .await
            .is_ok()
    );
    // A port that another program has on one of them is as good as taken.
    let other = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
    let port = other.local_addr().unwrap().port();
    let client = Client::anaconda_server().on_port(Port::Fixed(port));
    let refused = BrowserSignIn::begin(&provider, client).await.unwrap_err();
    assert!(matches!(refused, OidcError::PortTaken { .. }), "{refused:?}");
    // The address with a number is only that.
    let client = Client::anaconda_com().on_port(Port::Ephemeral);
    let waiting = Waiting::start_with(&provider, client, http(), LONG).await;
    assert_eq!(
        waiting.redirect.as_str(),
        format!("http://127.0.0.1:{}/auth/oidc", waiting.port())
    );
    assert!(
        TcpStream::connect((Ipv6Addr::LOCALHOST, waiting.port()))
            .await
            .is_err()
    );
}
