//! The client of Anaconda Repository and Anaconda.org against the practice server, which was written from the same
//! contract by other hands.

use std::time::Duration;

use sextant::practice::{Acceptor, Options, Practice, RepositoryLogin};
use sextant::repository::kerberos::{KerberosError, Negotiation, Negotiator, Progress, Ticket};
use sextant::repository::{
    AuthenticationType, BinstarApi, BinstarClient, Domain, Extent, HttpClient, HttpSettings, NameTaken,
    NewBinstarToken, Product, Proof, RepositoryError, Revocation, ServerWarning, Strength, UserKind,
    check_domain, check_repository,
};
use sextant::secret::{Secret, Token};

fn http() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

fn client(url: &str) -> BinstarClient {
    BinstarClient::new(http(), BinstarApi::parse(url).unwrap())
}

async fn practice() -> (Practice, BinstarClient) {
    let practice = Practice::start(Options::default()).await.unwrap();
    let client = client(practice.repository_url());
    (practice, client)
}

fn new_token(name: &str) -> NewBinstarToken {
    NewBinstarToken {
        name: name.to_owned(),
        hostname: "vm".into(),
        extent: Extent::Everything,
        organization: None,
        lifetime: None,
        strength: Strength::Strong,
        if_name_taken: NameTaken::Refuse,
    }
}

async fn log_in(client: &BinstarClient, new: &NewBinstarToken) -> Result<Token, RepositoryError> {
    let password = Secret::new("sextant");
    let proof = Proof::Basic {
        username: "alice",
        password: &password,
    };
    client.create_token(proof, new).await
}

#[tokio::test]
async fn a_token_lives_from_its_making_to_its_revocation() {
    let (practice, client) = practice().await;
    let info = client.check().await.unwrap();
    assert_eq!(info.authentication, AuthenticationType::Password);
    let token = log_in(&client, &new_token("one")).await.unwrap();
    let user = client.user(&token).await.unwrap();
    assert_eq!((user.login.as_str(), user.kind), ("alice", UserKind::Person));
    assert!(user.created_at.is_some());
    let organizations = client.organizations(&token).await.unwrap();
    assert!(
        organizations
            .iter()
            .any(|organization| organization.login == "practice-org")
    );

    let scopes: Vec<String> = client
        .scopes()
        .await
        .unwrap()
        .into_iter()
        .map(|scope| scope.name)
        .collect();
    let read = vec!["repos".to_owned(), "conda:download".to_owned()];
    assert!(read.iter().all(|scope| scopes.contains(scope)), "{scopes:?}");
    let narrow = NewBinstarToken {
        extent: Extent::Scopes(read.clone()),
        lifetime: Some(Duration::from_secs(3600)),
        strength: Strength::Weak,
        ..new_token("two")
    };
    let second = log_in(&client, &narrow).await.unwrap();
    assert!(second.expose().len() < token.expose().len());
    let tokens = client.tokens(&token).await.unwrap();
    let mut names: Vec<&str> = tokens.iter().map(|token| token.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "two"]);
    let listed = tokens.iter().find(|token| token.name == "two").unwrap();
    assert_eq!(
        (listed.scopes.as_slice(), listed.hostname.as_deref()),
        (read.as_slice(), Some("vm"))
    );
    let made = practice
        .repository_tokens()
        .into_iter()
        .find(|token| token.name == "two")
        .unwrap();
    let seconds = made.expires_at.as_second() - made.created_at.as_second();
    assert_eq!(
        (seconds, listed.expires_at.unwrap().as_second()),
        (3600, made.expires_at.as_second())
    );
    assert_eq!(client.current_token(&second).await.unwrap().id, made.id);

    assert_eq!(
        client.revoke_by_name(&token, "two", None).await.unwrap(),
        Revocation::Revoked
    );
    assert_eq!(
        client.revoke_by_name(&token, "two", None).await.unwrap(),
        Revocation::AlreadyGone
    );
    let gone = client.user(&second).await.unwrap_err();
    assert!(
        matches!(gone, RepositoryError::TokenNotAccepted { .. }),
        "{gone:?}"
    );
    assert_eq!(client.revoke_current(&token).await.unwrap(), Revocation::Revoked);
    assert_eq!(
        client.revoke_current(&token).await.unwrap(),
        Revocation::AlreadyGone
    );
    assert!(practice.repository_tokens().is_empty());
}

#[tokio::test]
async fn refusals_are_understood() {
    let (_practice, client) = practice().await;
    let wrong = Secret::new("octant");
    let proof = Proof::Basic {
        username: "alice",
        password: &wrong,
    };
    let error = client.create_token(proof, &new_token("one")).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::WrongPassword { .. }),
        "{error:?}"
    );
    let first = log_in(&client, &new_token("one")).await.unwrap();
    let error = log_in(&client, &new_token("one")).await.unwrap_err();
    assert!(
        matches!(&error, RepositoryError::TokenNameTaken { name, said: Some(_) } if name == "one"),
        "{error:?}"
    );
    let proceed = NewBinstarToken {
        if_name_taken: NameTaken::Proceed,
        ..new_token("one")
    };
    log_in(&client, &proceed).await.unwrap();

    // An organisation's tokens have their own names; another's are none of ours.
    let of = |organization: &str| NewBinstarToken {
        organization: Some(organization.into()),
        ..new_token("one")
    };
    log_in(&client, &of("practice-org")).await.unwrap();
    let error = log_in(&client, &of("anaconda")).await.unwrap_err();
    assert!(matches!(error, RepositoryError::Forbidden { .. }), "{error:?}");
    let full = log_in(&client, &new_token("full")).await.unwrap();
    let revoked = client
        .revoke_by_name(&full, "one", Some("practice-org"))
        .await
        .unwrap();
    assert_eq!(revoked, Revocation::Revoked);
    let error = client
        .revoke_by_name(&full, "one", Some("anaconda"))
        .await
        .unwrap_err();
    assert!(matches!(error, RepositoryError::Forbidden { .. }), "{error:?}");
    drop(first);
}

#[tokio::test]
async fn a_token_that_ends_soon_is_warned_of() {
    let (practice, client) = practice().await;
    let token = log_in(&client, &new_token("one")).await.unwrap();
    client.user(&token).await.unwrap();
    assert_eq!(client.warnings(), []);
    practice.advance_clock(Duration::from_secs(360 * 24 * 3600));
    client.user(&token).await.unwrap();
    let warnings = client.warnings();
    assert!(
        matches!(warnings.as_slice(), [ServerWarning::Token(words)] if words.contains("expires")),
        "{warnings:?}"
    );
}

/// A ticket as the practice server's acceptor believes it.
struct Believed(&'static str);

impl Negotiator for Believed {
    fn begin(&self, _: &str) -> Result<Box<dyn Negotiation>, KerberosError> {
        Ok(Box::new(Self(self.0)))
    }

    fn ticket(&self) -> Result<Option<Ticket>, KerberosError> {
        Ok(None)
    }
}

impl Negotiation for Believed {
    fn step(&mut self, from_server: Option<&[u8]>) -> Result<Progress, KerberosError> {
        Ok(match from_server {
            None => Progress::Continue(self.0.into()),
            Some(reply) => {
                assert_eq!(reply, b"mutual");
                Progress::Established(None)
            }
        })
    }
}

#[tokio::test]
async fn a_ticket_opens_a_repository_that_wants_one() {
    let acceptor = Acceptor::new(|token| match token {
        b"alice's ticket" => Ok(("alice@TEST.LOCAL".to_owned(), b"mutual".to_vec())),
        _ => Err(()),
    });
    let practice = Practice::start(Options {
        repository_login: RepositoryLogin::Kerberos(acceptor),
        ..Options::default()
    })
    .await
    .unwrap();
    let client = client(practice.repository_url()).with_kerberos_over_plain_http();
    assert_eq!(
        client.authentication_type().await.unwrap(),
        AuthenticationType::Kerberos
    );
    let ticket = Believed("alice's ticket");
    let token = client
        .create_token(Proof::Kerberos(&ticket), &new_token("one"))
        .await
        .unwrap();
    assert_eq!(client.user(&token).await.unwrap().login, "alice");
    // A token makes another where there are no passwords.
    let second = client
        .create_token(Proof::Token(&token), &new_token("two"))
        .await
        .unwrap();
    assert_eq!(client.user(&second).await.unwrap().login, "alice");

    let forged = Believed("forged");
    let error = client
        .create_token(Proof::Kerberos(&forged), &new_token("three"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, RepositoryError::Kerberos(KerberosError::Refused { .. })),
        "{error:?}"
    );
    let error = log_in(&client, &new_token("three")).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::WrongPassword { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_products_are_told_apart() {
    let practice = Practice::start(Options::default()).await.unwrap();
    let http = http();
    let api = |url: &str| BinstarApi::parse(url).unwrap();
    check_repository(&http, &api(practice.repository_url()), |_| ())
        .await
        .unwrap();
    let found = |error: RepositoryError| match error {
        RepositoryError::OtherProduct { found, .. } => found,
        other => panic!("{other:?}"),
    };
    let error = check_repository(&http, &api(practice.url()), |_| ())
        .await
        .unwrap_err();
    assert_eq!(found(error), Product::AnacondaServer);
    let domain = Domain::parse(practice.repository_url()).unwrap();
    let error = check_domain(&http, &domain, |_| ()).await.unwrap_err();
    assert_eq!(found(error), Product::AnacondaRepository);
    check_domain(&http, &Domain::parse(practice.url()).unwrap(), |_| ())
        .await
        .unwrap();
}
