//! The device flow of both providers (RFC 8628; server reference, section 2).

use std::time::Duration;

use sextant::practice::OidcTimes;

use super::single_sign_on::{Discovered, assert_oauth_error};
use super::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl Asker {
    pub(super) async fn begin_device(&self, provider: &Discovered) -> Value {
        let url = provider.endpoint("device_authorization_endpoint");
        let pairs = [("client_id", provider.client), ("scope", "openid")];
        let (status, begun) = self.form(url, &pairs).await;
        assert_eq!(status, 200, "{begun}");
        begun
    }

    async fn poll(&self, provider: &Discovered, begun: &Value) -> (StatusCode, Value) {
        let pairs = [
            ("grant_type", GRANT),
            ("device_code", begun["device_code"].as_str().unwrap()),
            ("client_id", provider.client),
        ];
        self.form(provider.endpoint("token_endpoint"), &pairs).await
    }

    /// What a person's browser gets.
    async fn visit(&self, begun: &Value, more: &str) -> u16 {
        let url = format!("{}{more}", begun["verification_uri_complete"].as_str().unwrap());
        self.http.get(url).send().await.unwrap().status().as_u16()
    }

    fn wait(&self, seconds: u64) {
        self.server.advance_clock(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_device_waits_until_a_person_says_yes() {
    let asker = Asker::new().await;
    for provider in [asker.server_provider().await, asker.cloud_provider().await] {
        let begun = asker.begin_device(&provider).await;
        assert_eq!(
            keys(&begun),
            [
                "device_code",
                "expires_in",
                "interval",
                "user_code",
                "verification_uri",
                "verification_uri_complete"
            ]
        );
        assert_eq!(
            (&begun["expires_in"], &begun["interval"]),
            (&json!(60), &json!(5))
        );
        let user_code = text(&begun["user_code"]);
        assert!(text(&begun["verification_uri_complete"]).ends_with(&user_code));
        let pending = asker.poll(&provider, &begun).await;
        assert_oauth_error(&pending, 400, "authorization_pending");
        assert_eq!(asker.visit(&begun, "").await, 200);
        asker.wait(5);
        assert_oauth_error(&asker.poll(&provider, &begun).await, 400, "authorization_pending");
        assert_eq!(asker.visit(&begun, "&practice_user=nobody").await, 400);
        assert_eq!(asker.visit(&begun, "&practice_user=alice").await, 200);
        asker.wait(5);
        let (status, answer) = asker.poll(&provider, &begun).await;
        assert_eq!(status, 200);
        assert!(answer["access_token"].is_string() && answer["id_token"].is_string());
        asker.wait(5);
        assert_oauth_error(&asker.poll(&provider, &begun).await, 400, "invalid_grant");
        assert_eq!(asker.visit(&begun, "&practice_user=alice").await, 400, "used");
    }
}

#[tokio::test]
async fn a_person_types_the_code() {
    let asker = Asker::new().await;
    for provider in [asker.server_provider().await, asker.cloud_provider().await] {
        let begun = asker.begin_device(&provider).await;
        let page = asker
            .http
            .get(begun["verification_uri"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        let html = page.text().await.unwrap();
        assert!(html.contains("name=user_code") && html.contains("Deny"));
        let typed = text(&begun["user_code"]).to_lowercase().replace('-', "");
        let send = async |password: &str| {
            let pairs = [
                ("user_code", typed.as_str()),
                ("username", "bob"),
                ("password", password),
                ("decision", "approve"),
            ];
            let url = begun["verification_uri"].as_str().unwrap();
            let (status, page) = asker.form(url, &pairs).await;
            (status.as_u16(), text(&page))
        };
        let (status, page) = send("wrong").await;
        assert!(status == 200 && page.contains("Invalid user name or password"));
        assert_oauth_error(&asker.poll(&provider, &begun).await, 400, "authorization_pending");
        let (status, page) = send("octant").await;
        assert!(status == 200 && page.contains("connected"));
        assert_eq!(send("octant").await.0, 400);
        asker.wait(5);
        assert_eq!(asker.poll(&provider, &begun).await.0, 200);
    }
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down() {
    let asker = Asker::new().await;
    let provider = asker.cloud_provider().await;
    let begun = asker.begin_device(&provider).await;
    let poll = async || asker.poll(&provider, &begun).await;
    assert_oauth_error(&poll().await, 400, "authorization_pending");
    assert_oauth_error(&poll().await, 400, "slow_down");
    asker.wait(6);
    assert_oauth_error(&poll().await, 400, "slow_down");
    asker.wait(16);
    assert_oauth_error(&poll().await, 400, "authorization_pending");
}

#[tokio::test]
async fn a_device_is_told_of_a_no_and_of_its_end() {
    let asker = Asker::new().await;
    for provider in [asker.server_provider().await, asker.cloud_provider().await] {
        let begun = asker.begin_device(&provider).await;
        assert_eq!(asker.visit(&begun, "&practice_deny").await, 200);
        assert_oauth_error(&asker.poll(&provider, &begun).await, 400, "access_denied");

        let begun = asker.begin_device(&provider).await;
        asker.wait(61);
        assert_eq!(asker.visit(&begun, "&practice_user=alice").await, 400);
        assert_oauth_error(&asker.poll(&provider, &begun).await, 400, "expired_token");
    }
}

#[tokio::test]
async fn a_device_belongs_to_its_client_and_its_times_can_be_chosen() {
    let asker = Asker::with(Options {
        oidc: OidcTimes {
            device_seconds: 600,
            interval_seconds: 1,
            ..OidcTimes::default()
        },
        ..Options::default()
    })
    .await;
    let provider = asker.server_provider().await;
    let begun = asker.begin_device(&provider).await;
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&json!(600), &json!(1))
    );
    let url = provider.endpoint("device_authorization_endpoint");
    let stranger = asker.form(url, &[("client_id", "stranger")]).await;
    assert_oauth_error(&stranger, 401, "invalid_client");
    let own_pages = Discovered {
        client: "repo-service",
        ..provider
    };
    assert_oauth_error(&asker.poll(&own_pages, &begun).await, 400, "invalid_grant");
}
