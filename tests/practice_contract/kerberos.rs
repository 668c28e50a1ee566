//! Anaconda Repository with Kerberos (repository reference, section 1.7). The acceptor is one that believes a ticket of the
//! form `ticket:<principal>`; what counts here is what travels.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::Response;
use sextant::practice::{Acceptor, RepositoryLogin};

use super::repository::{assert_binstar_error, login_body, with};
use super::*;

async fn realm() -> Asker {
    let acceptor = Acceptor::new(|token| {
        let ticket = String::from_utf8(token.to_vec()).map_err(|_| ())?;
        let principal = ticket.strip_prefix("ticket:").ok_or(())?;
        Ok((principal.to_owned(), b"mutual".to_vec()))
    });
    Asker::with(Options {
        repository_login: RepositoryLogin::Kerberos(acceptor),
        ..Options::default()
    })
    .await
}

async fn log_in(asker: &Asker, authorization: Option<&str>, body: &Value) -> Response {
    let request = asker.repository(Method::POST, "/api/authentications").json(body);
    let request = match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    };
    request.send().await.unwrap()
}

fn ticket(principal: &str) -> String {
    format!(
        "Negotiate {}",
        BASE64_STANDARD.encode(format!("ticket:{principal}"))
    )
}

fn challenge(response: &Response) -> Option<&str> {
    let value = response.headers().get("www-authenticate")?;
    value.to_str().ok()
}

#[tokio::test]
async fn a_ticket_is_asked_for_and_answered() {
    let asker = realm().await;
    let (_, kind) = Asker::send(asker.repository(Method::GET, "/api/authentication-type")).await;
    assert_eq!(kind, json!({"authentication_type": "kerberos"}));

    let first = log_in(&asker, None, &login_body("n")).await;
    assert_eq!(
        (first.status().as_u16(), challenge(&first)),
        (401, Some("Negotiate"))
    );
    assert_eq!(keys(&first.json::<Value>().await.unwrap()), ["error"]);

    let second = log_in(&asker, Some(&ticket("alice@TEST.LOCAL")), &login_body("n")).await;
    let reply = format!("Negotiate {}", BASE64_STANDARD.encode("mutual"));
    assert_eq!(
        (second.status().as_u16(), challenge(&second)),
        (200, Some(reply.as_str()))
    );
    let token = text(&second.json::<Value>().await.unwrap()["token"]);
    assert!(token.starts_with("al-"));
    let (status, user) = asker.with_token(Method::GET, "/api/user", &token).await;
    assert_eq!((status.as_u16(), &user["login"]), (200, &json!("alice")));
}

#[tokio::test]
async fn nothing_but_a_ticket_opens_the_door() {
    let asker = realm().await;
    let basic = format!("Basic {}", BASE64_STANDARD.encode("alice:sextant"));
    for authorization in [
        basic.as_str(),
        "Negotiate !",
        "Negotiate",
        "Bearer x",
        &format!("Negotiate {}", BASE64_STANDARD.encode("forged")),
        &ticket("stranger@TEST.LOCAL"),
    ] {
        let response = log_in(&asker, Some(authorization), &login_body("n")).await;
        assert_eq!(
            (response.status().as_u16(), challenge(&response)),
            (401, Some("Negotiate")),
            "{authorization}"
        );
    }
    assert!(asker.server.repository_tokens().is_empty());
}

#[tokio::test]
async fn a_token_may_make_others_where_there_are_no_passwords() {
    let asker = realm().await;
    let ticket = ticket("alice/laptop@TEST.LOCAL");
    let body = |name: &str, scopes: Value| with(login_body(name), json!({"scopes": scopes}));
    let token = async |authorization: &str, body: &Value| {
        let response = log_in(&asker, Some(authorization), body).await;
        assert_eq!(response.status(), 200);
        text(&response.json::<Value>().await.unwrap()["token"])
    };
    let full = token(&ticket, &body("login", Value::Null)).await;
    let limited = token(&format!("token {full}"), &body("ci", json!(["conda:download"]))).await;
    let refused = asker.repository(Method::POST, "/api/authentications");
    let refused = refused
        .header("Authorization", format!("token {limited}"))
        .json(&body("more", Value::Null));
    assert_binstar_error(&Asker::send(refused).await, 403);
    let unknown = log_in(&asker, Some("token al-0"), &login_body("x")).await;
    assert_eq!((unknown.status().as_u16(), challenge(&unknown)), (401, None));
}
