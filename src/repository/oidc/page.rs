//! What the browser shows at the end of a sign-in: a page that needs nothing from elsewhere and says nothing secret.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::error::Problem;

/// The colours are those of the window.
const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f6f6f4;--surface:#fff;--text:#1d1d1b;--muted:#6a6a65;--line:#e2e2dd;\
--accent:#0b6e63;--bad:#b3261e}\
@media (prefers-color-scheme:dark){:root{--page:#161716;--surface:#1f201f;--text:#ececea;--muted:#9b9b95;\
--line:#333431;--accent:#4cc2b2;--bad:#f2877e}}\
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:var(--page);\
color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
main{box-sizing:border-box;width:100%;max-width:30rem;margin:1.5rem;padding:2rem;background:var(--surface);\
border:1px solid var(--line);border-top:4px solid var(--accent);border-radius:12px;overflow-wrap:anywhere}\
main.bad{border-top-color:var(--bad)}\
svg{display:block;width:48px;height:48px;margin-bottom:1rem}\
h1{margin:0 0 .5rem;font-size:1.375rem;line-height:1.3}\
.bad h1{color:var(--bad)}\
p{margin:.5rem 0 0}\
.muted{color:var(--muted)}";

/// The mark of the window's icon.
const MARK: &str = "<svg viewBox=\"0 0 64 64\" aria-hidden=\"true\">\
<rect x=\"2\" y=\"2\" width=\"60\" height=\"60\" rx=\"14\" fill=\"#0b6e63\"/>\
<g fill=\"none\" stroke=\"#fff\" stroke-width=\"4\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\
<circle cx=\"32\" cy=\"14.5\" r=\"4\"/><path d=\"M30 18 18 46M34 18 46 46M13 42q19 16 38 0M32 19l5.5 30\"/></g></svg>";

const RETURN: &str = "You can close this tab and return to Sextant.";

const WAITING: &str = "Sextant waits here for your browser to come back from the sign-in page.";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Bad,
}

/// A page and the status it is sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    status: StatusCode,
    tone: Tone,
    heading: &'static str,
    /// Plain text, a paragraph each.
    paragraphs: Vec<String>,
    /// What the person is to do now.
    closing: &'static str,
}

impl Page {
    pub(super) fn signed_in() -> Self {
        Self {
            status: StatusCode::OK,
            tone: Tone::Good,
            heading: "You are signed in",
            paragraphs: Vec::new(),
            closing: RETURN,
        }
    }

    /// The sign-in ended with `problem`.
    pub(super) fn failed(problem: &Problem) -> Self {
        let paragraphs = [
            Some(&problem.message),
            problem.cause.as_ref(),
            problem.remedy.as_ref(),
        ];
        Self {
            status: StatusCode::BAD_REQUEST,
            tone: Tone::Bad,
            heading: "You are not signed in",
            paragraphs: paragraphs
                .into_iter()
                .flatten()
                .map(|text| sentence(text))
                .collect(),
            closing: RETURN,
        }
    }

    /// Something else than the answer to a sign-in came; the sign-in goes on.
    pub(super) fn not_an_answer() -> Self {
        Self::refusal(
            StatusCode::BAD_REQUEST,
            "This is not the answer to a sign-in",
            WAITING,
        )
    }

    pub(super) fn not_found() -> Self {
        Self::refusal(StatusCode::NOT_FOUND, "There is nothing here", WAITING)
    }

    pub(super) fn only_get() -> Self {
        Self::refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "This is not the answer to a sign-in",
            WAITING,
        )
    }

    /// An answer came after another one had been taken.
    pub(super) fn over() -> Self {
        Self::refusal(StatusCode::GONE, "This sign-in is over", RETURN)
    }

    fn refusal(status: StatusCode, heading: &'static str, closing: &'static str) -> Self {
        Self {
            status,
            tone: Tone::Bad,
            heading,
            paragraphs: Vec::new(),
            closing,
        }
    }

    fn html(&self) -> String {
        let class = match self.tone {
            Tone::Good => "good",
            Tone::Bad => "bad",
        };
        let paragraphs: String = self
            .paragraphs
            .iter()
            .map(|text| format!("<p>{}</p>", escaped(text)))
            .collect();
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <title>{heading} – Sextant</title><style>{STYLE}</style></head>\
             <body><main class=\"{class}\">{MARK}<h1>{heading}</h1>{paragraphs}\
             <p class=\"muted\">{closing}</p></main></body></html>",
            heading = self.heading,
            closing = self.closing,
        )
    }

    /// The page with headers that keep it out of caches and frames, and let it load and run nothing.
    pub(super) fn into_response(self) -> Response<String> {
        let mut response = Response::new(self.html());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
        }
        // A digest in base64 can always stand in a header.
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// Nothing but the one style sheet.
fn content_security_policy() -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The text with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    let mut sentence = first.unwrap_or_default() + characters.as_str();
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn what_a_provider_said_cannot_become_markup() {
        let problem = Problem::new(Kind::Auth, "declined").because("<script>alert('x')</script> & \"more\"");
        let page = Page::failed(&problem.remedy("try again"));
        let html = page.html();
        assert!(html.contains("<p>Declined.</p>"));
        assert!(
            html.contains("<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;.</p>")
        );
        assert!(html.contains("<p>Try again.</p>"));
        assert!(!html.contains("<script"));
    }

    #[test]
    fn a_page_needs_nothing_from_elsewhere_and_is_kept_nowhere() {
        for page in [Page::signed_in(), Page::over(), Page::only_get()] {
            let response = page.into_response();
            let header = |name: header::HeaderName| response.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header(header::CACHE_CONTROL), "no-store");
            assert_eq!(header(header::REFERRER_POLICY), "no-referrer");
            let policy = header(header::CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
            let body = response.body();
            let (start, end) = (body.find("<style>").unwrap() + 7, body.find("</style>").unwrap());
            let digest = BASE64_STANDARD.encode(Sha256::digest(&body[start..end]));
            assert!(policy.contains(&digest), "the browser would leave the style out");
            assert!(body.contains("prefers-color-scheme:dark"));
            for loader in ["src=", "href=", "url(", "http:", "https:", "style=", "<script"] {
                assert!(!body.contains(loader), "{loader}");
            }
        }
    }

    #[test]
    fn only_a_sign_in_that_succeeded_says_so() {
        let response = Page::signed_in().into_response();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.body().contains("You are signed in"));
        let refusals = [
            (Page::not_an_answer(), 400),
            (Page::not_found(), 404),
            (Page::only_get(), 405),
            (Page::over(), 410),
            (Page::failed(&Problem::new(Kind::Auth, "no")), 400),
        ];
        for (page, status) in refusals {
            let response = page.into_response();
            assert_eq!(response.status(), status);
            assert!(!response.body().contains("You are signed in"));
        }
    }
}
