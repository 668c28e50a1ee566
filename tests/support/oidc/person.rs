//! A person with a browser: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method};
use url::Url;

/// Where the browser stands.
#[derive(Debug)]
pub enum Landing {
    /// On a page of the provider.
    Page { url: Url, status: u16, body: String },
    /// About to leave the provider for this address.
    Away(Url),
}

impl Landing {
    /// The address that the provider sends the browser to.
    pub fn away(self) -> Url {
        match self {
            Self::Away(url) => url,
            Self::Page { url, status, body } => panic!("still at {url} ({status}): {body}"),
        }
    }

    pub fn page(self) -> (Url, u16, String) {
        match self {
            Self::Page { url, status, body } => (url, status, body),
            Self::Away(url) => panic!("sent away to {url}"),
        }
    }
}

pub struct Person {
    client: Client,
    provider: Url,
    cookies: BTreeMap<String, String>,
}

impl Person {
    pub fn new(provider: &Url) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            provider: provider.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address of the provider.
    pub async fn open(&mut self, url: &Url) -> Landing {
        self.go(Method::GET, url.clone(), &[]).await
    }

    /// Sends a form to the provider.
    pub async fn submit(&mut self, url: &Url, form: &[(&str, &str)]) -> Landing {
        self.go(Method::POST, url.clone(), form).await
    }

    /// Opens the sign-in page and answers its question: `approve` or `decline`.
    pub async fn answer(&mut self, authorize_url: &Url, answer: &str) -> Landing {
        let (question, status, body) = self.open(authorize_url).await.page();
        assert_eq!(status, 200, "{question}: {body}");
        self.answer_question(&question, answer).await
    }

    pub async fn answer_question(&mut self, question: &Url, answer: &str) -> Landing {
        assert!(question.path().starts_with("/interaction/"), "{question}");
        let answer = Url::parse(&format!("{question}/{answer}")).unwrap();
        self.submit(&answer, &[]).await
    }

    /// Opens an address outside the provider, where its cookies do not go.
    pub async fn leave_for(&self, url: &Url) -> (u16, String) {
        let response = self.client.get(url.clone()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn go(&mut self, mut method: Method, mut url: Url, form: &[(&str, &str)]) -> Landing {
        for _ in 0..10 {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .header(COOKIE, cookies.join("; "));
            if method == Method::POST {
                let mut body = url::form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(form);
                request = request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body.finish());
            }
            let response = request.send().await.unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
            let status = response.status().as_u16();
            let Some(location) = response.headers().get(LOCATION) else {
                let body = response.text().await.unwrap();
                return Landing::Page { url, status, body };
            };
            let next = url.join(location.to_str().unwrap()).unwrap();
            if next.origin() != self.provider.origin() {
                return Landing::Away(next);
            }
            (method, url) = (Method::GET, next);
        }
        panic!("redirected for ever, now to {url}");
    }
}

/// The value of a hidden field of a form.
pub fn hidden(page: &str, name: &str) -> String {
    let start = page
        .find(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = &page[start + format!("name=\"{name}\" value=\"").len()..];
    value[..value.find('"').unwrap()].to_owned()
}
