//! Whether a channel is there, and open to a token: its index for every platform is asked for, as conda does first.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::error::RepositoryError;
use super::http::{HttpClient, Request};
use crate::secret::{Secret, Token};

/// How a channel answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelAnswer {
    Open,
    NotThere,
    /// The token, or having none, is not accepted at all.
    Unauthorized,
    /// The account may not read the channel.
    Forbidden,
}

/// Asks `<base>[/t/<token>]/<name>/noarch/repodata.json`; `base` is what conda's `channel_alias` is for the server, and
/// the token stands where conda puts it (server reference, section 1.11; repository reference, section 1.6).
///
/// # Errors
/// Network and TLS failures, and a server that fails.
pub async fn probe_channel(
    http: &HttpClient,
    base: &str,
    token: Option<&Token>,
    name: &str,
) -> Result<ChannelAnswer, RepositoryError> {
    let internal = |detail: String| RepositoryError::Internal { detail };
    let mut url = Url::parse(base).map_err(|error| internal(error.to_string()))?;
    {
        let mut path = url
            .path_segments_mut()
            .map_err(|()| internal("the address has no path".to_owned()))?;
        path.pop_if_empty();
        if let Some(token) = token {
            path.push("t").push(token.expose());
        }
        path.extend(name.split('/').filter(|part| !part.is_empty()));
        path.push("noarch").push("repodata.json");
    }
    let token = token.map(|token| Secret::new(token.expose()));
    probe_index(http, &url, token.as_ref(), None).await
}

/// Asks for an index at its whole address. `token` is what stands in the address and must not show; `login` is a user name
/// and a password that go along.
///
/// # Errors
/// As [`probe_channel`].
pub async fn probe_index(
    http: &HttpClient,
    index: &Url,
    token: Option<&Secret>,
    login: Option<(&Secret, &Secret)>,
) -> Result<ChannelAnswer, RepositoryError> {
    let request = |method: Method| -> Result<Request, RepositoryError> {
        let mut request = Request::new(method, index.clone());
        if let Some(token) = token {
            request = request.hiding(token);
        }
        if let Some((user, password)) = login {
            let pair = format!("{}:{}", user.expose(), password.expose());
            let value = Secret::new(format!("Basic {}", STANDARD.encode(pair)));
            request = request.secret_header(AUTHORIZATION, &value, password)?;
        }
        Ok(request)
    };
    let mut status = http.send(request(Method::HEAD)?).await?.status;
    // A server that does not know HEAD: the beginning of the answer tells as much.
    if matches!(status, 405 | 501) {
        status = http.status(request(Method::GET)?).await?;
    }
    match status {
        200..=299 => Ok(ChannelAnswer::Open),
        401 => Ok(ChannelAnswer::Unauthorized),
        403 => Ok(ChannelAnswer::Forbidden),
        status @ 500.. => Err(RepositoryError::ServerFailed {
            status,
            doing: "show the channel",
            said: None,
        }),
        _ => Ok(ChannelAnswer::NotThere),
    }
}
