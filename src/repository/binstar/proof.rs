//! As whom a call is made, and the exchange of tokens that Kerberos takes.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};

use crate::repository::answer::Answer;
use crate::repository::domain::Domain;
use crate::repository::error::RepositoryError;
use crate::repository::http::{HttpClient, Request};
use crate::repository::kerberos::{KerberosError, Negotiation, Negotiator, Progress};
use crate::secret::{Secret, Token};

/// More exchanges than this no mechanism needs.
const MAX_EXCHANGES: usize = 6;

/// How the caller proves who she is (repository reference, A3). Passwords and tickets are good for making a token and
/// for managing tokens, a token for everything.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    Basic {
        username: &'a str,
        password: &'a Secret,
    },
    Kerberos(&'a dyn Negotiator),
    Token(&'a Token),
    /// The JWT of a sign-in at Anaconda.com.
    Bearer(&'a Secret),
}

impl fmt::Debug for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic",
            Self::Kerberos(_) => "Kerberos",
            Self::Token(_) => "Token",
            Self::Bearer(_) => "Bearer",
        })
    }
}

impl<'a> From<&'a Token> for Proof<'a> {
    fn from(token: &'a Token) -> Self {
        Self::Token(token)
    }
}

/// Whether a ticket may be shown to a server over a connection that others can read and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum PlainHttp {
    #[default]
    Forbidden,
    Allowed,
}

/// An answer, and whether it is known whose it is.
pub(super) struct Sent {
    pub(super) answer: Answer,
    /// `Err` when a server that was shown a ticket did not prove itself.
    pub(super) server: Result<(), KerberosError>,
}

impl Sent {
    /// The answer, when it may be believed. A refusal may be: it gives nothing.
    pub(super) fn believed(self) -> Result<Answer, RepositoryError> {
        match self.server {
            Err(error) if matches!(self.answer.status, 200..=299 | 404) => Err(error.into()),
            _ => Ok(self.answer),
        }
    }
}

/// Sends the request with the proof in its headers.
pub(super) async fn send(
    http: &HttpClient,
    domain: &Domain,
    plain_http: PlainHttp,
    request: Request,
    proof: Proof<'_>,
) -> Result<Sent, RepositoryError> {
    let request = match proof {
        Proof::Basic { username, password } => {
            if username.contains(':') {
                // The server would read another name and another password out of it.
                return Err(RepositoryError::WrongPassword {
                    domain: domain.to_string(),
                });
            }
            basic(request, username, password)?
        }
        Proof::Token(token) => {
            let token = Secret::new(token.expose());
            let value = Secret::new(format!("token {}", token.expose()));
            request.secret_header(AUTHORIZATION, &value, &token)?
        }
        Proof::Bearer(token) => {
            let value = Secret::new(format!("Bearer {}", token.expose()));
            request.secret_header(AUTHORIZATION, &value, token)?
        }
        Proof::Kerberos(negotiator) => {
            if domain.is_plain_http() && plain_http == PlainHttp::Forbidden {
                let host = domain.host().to_owned();
                return Err(KerberosError::PlainHttp { host }.into());
            }
            return negotiate(http, domain.host(), request, negotiator).await;
        }
    };
    let answer = http.send(request).await?;
    Ok(Sent {
        answer,
        server: Ok(()),
    })
}

/// `Basic`, in the encoding that the known clients use: Latin-1 as long as it has the letters, else UTF-8.
fn basic(request: Request, username: &str, password: &Secret) -> Result<Request, RepositoryError> {
    let pair = Secret::new(format!("{username}:{}", password.expose()));
    let latin: Option<Vec<u8>> = pair
        .expose()
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let encoded = match latin {
        Some(bytes) => BASE64_STANDARD.encode(bytes),
        None => BASE64_STANDARD.encode(pair.expose()),
    };
    let encoded = Secret::new(encoded);
    let value = Secret::new(format!("Basic {}", encoded.expose()));
    Ok(request
        .secret_header(AUTHORIZATION, &value, password)?
        .hiding(&encoded))
}

/// Shows the ticket at once, since it is for this server and no other, and goes on until the server has proven itself
/// or refused.
async fn negotiate(
    http: &HttpClient,
    host: &str,
    request: Request,
    negotiator: &dyn Negotiator,
) -> Result<Sent, RepositoryError> {
    let host = || host.to_owned();
    let (mut negotiation, mut progress) = step(negotiator.begin(&host())?, None).await?;
    for _ in 0..MAX_EXCHANGES {
        let (token, proven) = match progress {
            Progress::Continue(token) => (token, false),
            Progress::Established(Some(token)) => (token, true),
            Progress::Established(None) => {
                return Err(KerberosError::Refused {
                    host: host(),
                    said: None,
                }
                .into());
            }
        };
        let token = Secret::new(BASE64_STANDARD.encode(token));
        let value = Secret::new(format!("Negotiate {}", token.expose()));
        let answer = http
            .send(request.clone().secret_header(AUTHORIZATION, &value, &token)?)
            .await?;
        let challenge = challenge(&answer.headers, &host())?;
        if answer.status != 401 {
            let server = match challenge {
                _ if proven => Ok(()),
                Challenge::Token(reply) => match step(negotiation, Some(reply)).await? {
                    (_, Progress::Established(_)) => Ok(()),
                    (_, Progress::Continue(_)) => {
                        Err(KerberosError::MutualAuthenticationMissing { host: host() })
                    }
                },
                Challenge::Bare | Challenge::None => {
                    Err(KerberosError::MutualAuthenticationMissing { host: host() })
                }
            };
            return Ok(Sent { answer, server });
        }
        let Challenge::Token(reply) = challenge else {
            let error = match challenge {
                Challenge::None => KerberosError::NotOffered { host: host() },
                _ => KerberosError::Refused {
                    host: host(),
                    said: answer.said(),
                },
            };
            return Err(error.into());
        };
        (negotiation, progress) = step(negotiation, Some(reply)).await?;
    }
    Err(KerberosError::InvalidReply {
        host: host(),
        detail: "The exchange did not come to an end".to_owned(),
    }
    .into())
}

/// A step beside the threads that must not wait. When the caller is dropped meanwhile, the step ends for nobody.
async fn step(
    mut negotiation: Box<dyn Negotiation>,
    from_server: Option<Vec<u8>>,
) -> Result<(Box<dyn Negotiation>, Progress), RepositoryError> {
    let stepped = tokio::task::spawn_blocking(move || {
        let progress = negotiation.step(from_server.as_deref())?;
        Ok((negotiation, progress))
    });
    match stepped.await {
        Ok(result) => result.map_err(|error: KerberosError| error.into()),
        Err(error) => Err(RepositoryError::Internal {
            detail: error.to_string(),
        }),
    }
}

/// What a server says of `Negotiate` in `WWW-Authenticate`.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    /// Nothing.
    None,
    /// That it wants it.
    Bare,
    /// Its part of the exchange.
    Token(Vec<u8>),
}

fn challenge(headers: &HeaderMap, host: &str) -> Result<Challenge, KerberosError> {
    let mut found = Challenge::None;
    // One header may hold several challenges, and a challenge several parameters after commas.
    let parts = headers
        .get_all(WWW_AUTHENTICATE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    for part in parts.flat_map(|value| value.split(',')) {
        let (scheme, token) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        if !scheme.eq_ignore_ascii_case("negotiate") {
            continue;
        }
        match token.trim() {
            "" => found = Challenge::Bare,
            token => match BASE64_STANDARD.decode(token) {
                Ok(token) => return Ok(Challenge::Token(token)),
                Err(error) => {
                    return Err(KerberosError::InvalidReply {
                        host: host.to_owned(),
                        detail: error.to_string(),
                    });
                }
            },
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn told(values: &[&'static str]) -> Result<Challenge, KerberosError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        challenge(&headers, "h")
    }

    #[test]
    fn the_servers_part_is_found_among_other_challenges() {
        assert_eq!(told(&[]), Ok(Challenge::None));
        assert_eq!(told(&["Basic realm=\"Negotiate\""]), Ok(Challenge::None));
        assert_eq!(told(&["Basic realm=\"a, b\"", "negotiate"]), Ok(Challenge::Bare));
        assert_eq!(told(&["Basic realm=\"a\", Negotiate, NTLM"]), Ok(Challenge::Bare));
        assert_eq!(
            told(&["Negotiate", "NEGOTIATE  YWJj"]),
            Ok(Challenge::Token(b"abc".to_vec()))
        );
        assert!(matches!(
            told(&["Negotiate ???"]),
            Err(KerberosError::InvalidReply { .. })
        ));
    }
}
