//! Signing in at a real OpenID provider (Node's `oidc-provider`), with a person at the browser.

#[path = "support/oidc/peer.rs"]
mod peer;
#[path = "support/oidc/person.rs"]
mod person;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use peer::Peer;
use person::{Person, hidden};
use sextant::repository::oidc::{
    BrowserSignIn, Client, DeviceSignIn, Grant, OidcError, Port, Provider, RedirectHost,
};
use sextant::repository::{HttpClient, HttpSettings};
use tokio::task::JoinHandle;
use url::Url;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(120);

type Waiting = JoinHandle<Result<Grant, OidcError>>;

fn http() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

async fn provider(peer: &Peer) -> Provider {
    Provider::discover(&http(), &peer.issuer).await.unwrap()
}

/// A sign-in that waits for the browser, and the address to open in it.
async fn begin(provider: &Provider, client: Client) -> (Url, Waiting) {
    let sign_in = BrowserSignIn::begin(provider, client).await.unwrap();
    let url = sign_in.authorize_url().clone();
    let http = http();
    (
        url,
        tokio::spawn(async move { sign_in.wait(&http, LONG, || {}).await }),
    )
}

fn query(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.into_owned()
}

fn claims(token: &str) -> serde_json::Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn signing_in_with_the_browser() {
    let Some(peer) = Peer::start() else { return };
    let provider = provider(&peer).await;
    assert!(provider.offers_device_code());
    assert_eq!(
        provider.issuer(),
        Some(peer.issuer.as_str().trim_end_matches('/'))
    );

    let (url, waiting) = begin(&provider, Client::anaconda_server()).await;
    let mut person = Person::new(&peer.issuer);
    let back = person.answer(&url, "approve").await.away();
    assert!(back.as_str().starts_with(&query(&url, "redirect_uri")), "{back}");
    // This provider names itself in its answers, and what it says of itself promises so.
    assert_eq!(query(&back, "iss"), provider.issuer().unwrap());
    let (status, page) = person.leave_for(&back).await;
    assert_eq!(status, 200);
    assert!(page.contains("You are signed in"), "{page}");

    let grant = waiting.await.unwrap().unwrap();
    assert!(!grant.access_token.is_empty());
    assert_eq!(grant.expires_in, Some(Duration::from_secs(300)));
    let identity = claims(grant.id_token.as_ref().unwrap().expose());
    assert_eq!(identity["sub"], "alice");
    assert_eq!(identity["nonce"], query(&url, "nonce"));
    assert_eq!(identity["aud"], "repo-service-cli");
}

#[tokio::test]
async fn signing_in_on_the_address_with_a_number() {
    let Some(peer) = Peer::start() else { return };
    let client = Client {
        id: "sextant-number".to_owned(),
        ..Client::anaconda_com().on_port(Port::Ephemeral)
    };
    assert_eq!(client.redirect, RedirectHost::Ipv4);
    let (url, waiting) = begin(&provider(&peer).await, client).await;
    let mut person = Person::new(&peer.issuer);
    let back = person.answer(&url, "approve").await.away();
    assert_eq!(person.leave_for(&back).await.0, 200);
    let grant = waiting.await.unwrap().unwrap();
    assert_eq!(claims(grant.id_token.as_ref().unwrap().expose())["sub"], "alice");
}

#[tokio::test]
async fn declining_in_the_browser() {
    let Some(peer) = Peer::start() else { return };
    let (url, waiting) = begin(&provider(&peer).await, Client::anaconda_server()).await;
    let mut person = Person::new(&peer.issuer);
    let back = person.answer(&url, "decline").await.away();
    let (status, page) = person.leave_for(&back).await;
    assert_eq!(status, 400);
    assert!(page.contains("Alice does not want to"), "{page}");
    let said = Some("Alice does not want to".to_owned());
    assert_eq!(waiting.await.unwrap().unwrap_err(), OidcError::Denied { said });
}

#[tokio::test]
async fn an_answer_with_another_state_ends_the_sign_in_before_the_right_one_comes() {
    let Some(peer) = Peer::start() else { return };
    let (url, waiting) = begin(&provider(&peer).await, Client::anaconda_server()).await;
    let mut person = Person::new(&peer.issuer);
    let back = person.answer(&url, "approve").await.away();
    let mut forged = back.clone();
    let forge = |(name, value): (_, _)| match name {
        name if name == "state" => (name, "guessed".into()),
        name => (name, value),
    };
    forged
        .query_pairs_mut()
        .clear()
        .extend_pairs(back.query_pairs().map(forge));
    let (status, page) = person.leave_for(&forged).await;
    assert_eq!(status, 400);
    assert!(page.contains("does not belong to this sign-in"), "{page}");
    assert_eq!(waiting.await.unwrap().unwrap_err(), OidcError::WrongState);
    let port = (back.host_str().unwrap(), back.port().unwrap());
    assert!(
        tokio::net::TcpStream::connect(port).await.is_err(),
        "the port is still open"
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_for_one_sign_in() {
    let Some(peer) = Peer::start() else { return };
    let provider = provider(&peer).await;
    let (url, waiting) = begin(&provider, Client::anaconda_server()).await;
    let mut person = Person::new(&peer.issuer);
    let back = person.answer(&url, "approve").await.away();
    // Somebody who saw a code that was not used yet brings it to a sign-in of their own: PKCE is against that.
    let (other_url, other) = begin(&provider, Client::anaconda_server()).await;
    inject(&person, &other_url, &back).await;
    let stolen = other.await.unwrap().unwrap_err();
    assert!(matches!(stolen, OidcError::CodeRefused { .. }), "{stolen:?}");
    // It is still good where it belongs, and then no more.
    assert_eq!(person.leave_for(&back).await.0, 200);
    assert!(waiting.await.unwrap().is_ok());
    let (again_url, again) = begin(&provider, Client::anaconda_server()).await;
    inject(&person, &again_url, &back).await;
    let replayed = again.await.unwrap().unwrap_err();
    assert!(matches!(replayed, OidcError::CodeRefused { .. }), "{replayed:?}");
}

/// Brings the code of `back` to the sign-in of `authorize_url`, with that one's own state.
async fn inject(person: &Person, authorize_url: &Url, back: &Url) {
    let mut injected = Url::parse(&query(authorize_url, "redirect_uri")).unwrap();
    injected.query_pairs_mut().extend_pairs([
        ("code", query(back, "code")),
        ("state", query(authorize_url, "state")),
        ("iss", query(back, "iss")),
    ]);
    let (status, page) = person.leave_for(&injected).await;
    assert_eq!(status, 400);
    assert!(page.contains("You are not signed in"), "{page}");
}

#[tokio::test]
async fn a_client_that_is_not_set_up_is_told_so() {
    let Some(peer) = Peer::start() else { return };
    let unknown = Client {
        id: "nobody".to_owned(),
        ..Client::anaconda_server()
    };
    let provider = provider(&peer).await;
    let refused = DeviceSignIn::begin(&http(), &provider, unknown)
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, OidcError::ClientRefused { code, .. } if code == "invalid_client"),
        "{refused:?}"
    );
    let without = Client {
        id: "no-devices".to_owned(),
        ..Client::anaconda_server()
    };
    let refused = DeviceSignIn::begin(&http(), &provider, without)
        .await
        .unwrap_err();
    assert!(matches!(refused, OidcError::ClientRefused { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_provider_that_may_not_ask_the_person_says_so() {
    let Some(peer) = Peer::start() else { return };
    let (mut url, waiting) = begin(&provider(&peer).await, Client::anaconda_server()).await;
    url.query_pairs_mut().append_pair("prompt", "none");
    let mut person = Person::new(&peer.issuer);
    let back = person.open(&url).await.away();
    assert_eq!(person.leave_for(&back).await.0, 400);
    let refused = waiting.await.unwrap().unwrap_err();
    assert!(
        matches!(&refused, OidcError::Refused { code, .. } if code == "login_required"),
        "{refused:?}"
    );
}

/// Types the code on the provider's page; what it asks then comes back.
async fn type_code(person: &mut Person, page: &Url, user_code: &str) -> String {
    let (_, status, body) = person.open(page).await.page();
    assert_eq!(status, 200);
    let form = [
        ("xsrf", hidden(&body, "xsrf")),
        ("user_code", user_code.to_owned()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (_, status, body) = person.submit(page, &form).await.page();
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(user_code), "{body}");
    hidden(&body, "xsrf")
}

#[tokio::test]
async fn signing_in_with_a_device_code() {
    let Some(peer) = Peer::start() else { return };
    let sign_in = DeviceSignIn::begin(&http(), &provider(&peer).await, Client::anaconda_server())
        .await
        .unwrap();
    let prompt = sign_in.prompt().clone();
    assert_eq!(prompt.expires_in, Duration::from_secs(600));
    assert!(
        prompt
            .verification_uri_complete
            .unwrap()
            .as_str()
            .contains(&prompt.user_code)
    );
    let mut person = Person::new(&peer.issuer);
    let xsrf = type_code(&mut person, &prompt.verification_uri, &prompt.user_code).await;

    let waiting = tokio::spawn(async move { sign_in.wait(&http()).await });
    let until_pending = peer.issuer.join("/test/until-pending").unwrap();
    assert_eq!(person.submit(&until_pending, &[]).await.page().1, 204);
    let form = [
        ("xsrf", xsrf.as_str()),
        ("user_code", &prompt.user_code),
        ("confirm", "yes"),
    ];
    let (question, _, _) = person.submit(&prompt.verification_uri, &form).await.page();
    let (_, status, page) = person.answer_question(&question, "approve").await.page();
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("successful"), "{page}");

    let grant = waiting.await.unwrap().unwrap();
    assert_eq!(claims(grant.id_token.as_ref().unwrap().expose())["sub"], "alice");
    assert_eq!(grant.expires_in, Some(Duration::from_secs(300)));
}

#[tokio::test]
async fn declining_on_the_other_device() {
    let Some(peer) = Peer::start() else { return };
    let sign_in = DeviceSignIn::begin(&http(), &provider(&peer).await, Client::anaconda_server())
        .await
        .unwrap();
    let prompt = sign_in.prompt().clone();
    let mut person = Person::new(&peer.issuer);
    let xsrf = type_code(&mut person, &prompt.verification_uri, &prompt.user_code).await;
    let form = [
        ("xsrf", xsrf.as_str()),
        ("user_code", &prompt.user_code),
        ("abort", "yes"),
    ];
    person.submit(&prompt.verification_uri, &form).await;
    let declined = sign_in.wait(&http()).await.unwrap_err();
    assert!(
        matches!(&declined, OidcError::Denied { said: Some(said) } if said.contains("aborted")),
        "{declined:?}"
    );
}

#[tokio::test]
async fn a_device_code_whose_time_has_run_out() {
    let Some(peer) = Peer::start() else { return };
    let sign_in = DeviceSignIn::begin(&http(), &provider(&peer).await, Client::anaconda_server())
        .await
        .unwrap();
    let mut person = Person::new(&peer.issuer);
    let expire = peer.issuer.join("/test/expire-device-codes").unwrap();
    assert_eq!(person.submit(&expire, &[]).await.page().1, 204);
    assert_eq!(
        sign_in.wait(&http()).await.unwrap_err(),
        OidcError::DeviceCodeExpired
    );
}
