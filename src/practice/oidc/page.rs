//! The pages that a person sees in the browser.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f4f5f3;color:#1c211d;display:grid;\
    place-items:center;min-height:100vh;margin:0}main{background:#fff;border:1px solid #d7dbd5;border-radius:8px;\
    padding:2rem;width:20rem}h1{font-size:1.25rem;margin:0 0 1rem}label{display:block;margin:0 0 .75rem}\
    input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.4rem .5rem;border:1px solid #9aa39b;\
    border-radius:4px}button{font:inherit;padding:.4rem 1rem;border-radius:4px;border:1px solid #2c6e3f;\
    background:#2c6e3f;color:#fff;margin-right:.5rem}button.other{background:#fff;color:#1c211d;border-color:#9aa39b}\
    .wrong{color:#a32020}";

/// A page of its own, without a form.
pub(super) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(text));
    (status, Html(document(title, &body))).into_response()
}

/// What a sign-in form asks for besides name and password.
pub(super) struct Form<'a> {
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    /// Said when the last try failed.
    pub(super) wrong: Option<&'a str>,
    /// The code of a device, to be typed or confirmed.
    pub(super) user_code: Option<&'a str>,
}

impl Form<'_> {
    /// The form, which is sent to the address it came from.
    pub(super) fn page(&self) -> Response {
        let wrong = self.wrong.map_or_else(String::new, |wrong| {
            format!("<p class=wrong role=alert>{}</p>", escaped(wrong))
        });
        let code = self.user_code.map_or_else(String::new, |code| {
            format!(
                "<label>Code<input name=user_code value=\"{}\" autocomplete=off></label>",
                escaped(code)
            )
        });
        let body = format!(
            "<h1>{}</h1><p>{}</p>{wrong}<form method=post>{code}\
             <label>User name<input name=username autocomplete=username autofocus></label>\
             <label>Password<input name=password type=password autocomplete=current-password></label>\
             <button name=decision value=approve>Sign in</button>\
             <button class=other name=decision value=deny formnovalidate>Deny</button></form>",
            escaped(self.title),
            escaped(self.text)
        );
        Html(document(self.title, &body)).into_response()
    }
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{}</title>\
         <meta name=viewport content=\"width=device-width\"><style>{STYLE}</style><main>{body}</main></html>",
        escaped(title)
    )
}

/// Text that may stand in an element or in quotes.
fn escaped(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, letter| {
            match letter {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                other => safe.push(other),
            }
            safe
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_stays_text() {
        assert_eq!(
            escaped("<b a=\"x\" c='y'>&"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;"
        );
    }
}
