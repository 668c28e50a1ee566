//! What all products share: records, trouble, the clock, the certificate, and one life.

use reqwest::Certificate;
use sextant::practice::{Tls, Trouble};

use super::*;

const SITES: [(Site, &str); 4] = [
    (Site::Server, "/api/system"),
    (Site::Cloud, "/.well-known/openid-configuration"),
    (Site::Repository, "/api/scopes"),
    (Site::AnacondaOrg, "/scopes"),
];

#[tokio::test]
async fn records_tell_which_product_was_asked() {
    let asker = Asker::new().await;
    for (site, path) in SITES {
        assert_eq!(Asker::send(asker.at(site, Method::GET, path)).await.0, 200);
    }
    let all = asker.server.requests();
    let sites: Vec<(Site, &str)> = all
        .iter()
        .map(|request| (request.site, request.path.as_str()))
        .collect();
    assert_eq!(sites, SITES);
    for (site, path) in SITES {
        let one = asker.server.requests_to(site);
        assert_eq!((one.len(), one[0].path.as_str()), (1, path));
        // From outside, on every port the same.
        let (_, told) = Asker::send(asker.at(site, Method::GET, "/practice/requests")).await;
        let told: Vec<&Value> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["site"])
            .collect();
        assert_eq!(told, ["server", "cloud", "repository", "anaconda-org"]);
    }
}

#[tokio::test]
async fn records_keep_no_secret_of_any_product() {
    let asker = Asker::new().await;
    let provider = asker.cloud_provider().await;
    let key = asker.api_key("alice").await;
    let token = asker.repository_token("alice", json!({})).await;
    let site_token = asker.server.cloud_tokens()[0].value.expose().to_owned();
    let path = format!("/t/{site_token}/repo/main/noarch/repodata.json");
    asker.cloud_get(&path, &key).await;
    asker.with_token(Method::GET, "/api/user", &token).await;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "hush")];
    let sent = asker.form(provider.endpoint("token_endpoint"), &refresh).await;
    assert_eq!(sent.0, 401);
    let (_, told) = asker.get("/practice/requests", As::Nobody).await;
    let shown = format!("{told} {:?}", asker.server.requests());
    for secret in [key.as_str(), &token, &site_token, "hush", "sextant"] {
        assert!(!shown.contains(secret));
    }
    let carriers: Vec<&Value> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|item| item["carriers"].as_array().unwrap())
        .collect();
    for carrier in ["bearer", "password", "path", "token"] {
        assert!(carriers.contains(&&json!(carrier)), "{carrier}");
    }
    assert!(shown.contains("grant_type"), "a form is shown as well");
}

#[tokio::test]
async fn trouble_meets_all_products_or_one() {
    let asker = Asker::new().await;
    asker.server.set_trouble(Trouble::status(503));
    for (site, path) in SITES {
        let (status, body) = Asker::send(asker.at(site, Method::GET, path)).await;
        assert_eq!(status, 503);
        // Each in its own words.
        let expected = match site {
            Site::Server => vec!["code", "message"],
            _ => vec!["error"],
        };
        assert_eq!(keys(&body), expected);
    }
    asker
        .server
        .set_trouble(Trouble::status(503).only_site(Site::Repository));
    for (site, path) in SITES {
        let expected = if site == Site::Repository { 503 } else { 200 };
        assert_eq!(Asker::send(asker.at(site, Method::GET, path)).await.0, expected);
    }
    let from_outside = json!({"fault": {"kind": "status", "status": 500}, "only_site": "anaconda-org"});
    assert_eq!(
        asker.post("/practice/trouble", As::Nobody, &from_outside).await.0,
        200
    );
    for (site, path) in SITES {
        let expected = if site == Site::AnacondaOrg { 500 } else { 200 };
        assert_eq!(Asker::send(asker.at(site, Method::GET, path)).await.0, expected);
    }
}

#[tokio::test]
async fn what_can_end_can_be_ended_from_outside() {
    let asker = Asker::new().await;
    asker.api_key("alice").await;
    let access = asker.access("alice").await;
    let (_, server) = asker.token("alice", &READ).await;
    asker.repository_token("alice", json!({})).await;
    let post = asker.at(Site::AnacondaOrg, Method::POST, "/authentications");
    let body = super::repository::login_body("n");
    let sent = Asker::send(post.bearer_auth(access).json(&body)).await;
    assert_eq!(sent.0, 200);
    for (kept, site) in [
        ("tokens", Site::Server),
        ("cloud-tokens", Site::Cloud),
        ("api-keys", Site::Cloud),
        ("repository-tokens", Site::Repository),
        ("anaconda-org-tokens", Site::Server),
    ] {
        let get = asker.at(site, Method::GET, &format!("/practice/{kept}"));
        let (status, list) = Asker::send(get).await;
        assert_eq!(status, 200);
        assert!(!list.to_string().contains(&server));
        let id = text(&list["items"][0]["id"]);
        let mut statuses = Vec::new();
        for what in ["expire", "revoke", "revoke"] {
            let path = format!("/practice/{kept}/{id}/{what}");
            statuses.push(Asker::send(asker.at(site, Method::POST, &path)).await.0.as_u16());
        }
        assert_eq!(statuses, [204, 204, 404], "{kept}");
    }
}

#[tokio::test]
async fn all_products_show_the_same_certificate() {
    let server = Practice::start(Options {
        tls: Tls::Valid,
        ..Options::default()
    })
    .await
    .unwrap();
    let authority = Certificate::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap();
    let asker = Asker {
        http: client().tls_certs_only([authority]).build().unwrap(),
        server,
    };
    for (site, path) in SITES {
        assert_eq!(Asker::send(asker.at(site, Method::GET, path)).await.0, 200);
    }
    let provider = asker.server_provider().await;
    assert!(
        provider
            .endpoint("token_endpoint")
            .starts_with("https://localhost:")
    );
    asker.sign_in(&provider, "alice", "").await;
    asker.api_key("alice").await;
}

#[tokio::test]
async fn all_products_end_together() {
    let asker = Asker::new().await;
    let urls: Vec<String> = SITES
        .iter()
        .map(|(site, path)| {
            asker
                .at(*site, Method::GET, path)
                .build()
                .unwrap()
                .url()
                .to_string()
        })
        .collect();
    for url in &urls {
        assert_eq!(asker.http.get(url).send().await.unwrap().status(), 200);
    }
    drop(asker);
    let fresh = client().build().unwrap();
    for url in &urls {
        assert!(fresh.get(url).send().await.unwrap_err().is_connect());
    }
}

#[tokio::test]
async fn pages_say_where_one_is() {
    let asker = Asker::new().await;
    for (site, word) in [
        (Site::Server, "server"),
        (Site::Cloud, "cloud"),
        (Site::Repository, "repository"),
    ] {
        let (status, page) = Asker::send(asker.at(site, Method::GET, "/")).await;
        assert!(status == 200 && text(&page).contains(word));
    }
}
