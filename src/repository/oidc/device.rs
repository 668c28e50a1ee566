//! Signing in with a device code (RFC 8628): for a computer without a browser.

use std::fmt;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::client::Client;
use super::error::OidcError;
use super::grant::{self, Grant, Refusal, Reply};
use super::provider::{Provider, web_address};
use crate::error::{Explain as _, Kind};
use crate::repository::RepositoryError;
use crate::repository::answer::Answer;
use crate::repository::excerpt::printable;
use crate::repository::http::HttpClient;
use crate::secret::Secret;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What was expected of the device endpoint, in errors.
const EXPECTED: &str = "a device code";

/// The interval where the provider names none (RFC 8628, section 3.2).
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// By how much `slow_down` lengthens the interval, and how far (server reference, section 2).
const SLOWER: Duration = Duration::from_secs(5);
const SLOWEST: Duration = Duration::from_secs(30);

/// No code is good for longer, whatever a provider says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What the person needs for signing in on another device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePrompt {
    /// What the person types there.
    pub user_code: String,
    /// Where.
    pub verification_uri: Url,
    /// The same address with the code in it, for a link or a QR code.
    pub verification_uri_complete: Option<Url>,
    /// How long the code is good, from when it was given out.
    pub expires_in: Duration,
}

/// A sign-in that waits for the person to type a code elsewhere.
pub struct DeviceSignIn {
    prompt: DevicePrompt,
    token_endpoint: Url,
    client_id: String,
    device_code: Secret,
    pub(super) interval: Duration,
    pub(super) deadline: Instant,
}

impl fmt::Debug for DeviceSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSignIn")
            .field("client_id", &self.client_id)
            .field("verification_uri", &self.prompt.verification_uri)
            .field("expires_in", &self.prompt.expires_in)
            .finish_non_exhaustive()
    }
}

impl DeviceSignIn {
    /// Asks the provider for a code.
    ///
    /// # Errors
    /// [`OidcError::NoDeviceCode`] when the provider has no such sign-in, what it says against it, and network
    /// failures.
    pub async fn begin(http: &HttpClient, provider: &Provider, client: Client) -> Result<Self, OidcError> {
        let Some(endpoint) = &provider.device_authorization_endpoint else {
            return Err(OidcError::NoDeviceCode {
                site: provider.site(),
            });
        };
        let form = [("client_id", client.id.as_str()), ("scope", &client.device_scope)];
        match grant::post(http, endpoint, &form, &[]).await? {
            Reply::Refused(refusal) => Err(refusal.into()),
            Reply::Success { answer, body } => Self::read(&answer, &body, provider, client.id),
        }
    }

    fn read(
        answer: &Answer,
        body: &serde_json::Value,
        provider: &Provider,
        client_id: String,
    ) -> Result<Self, OidcError> {
        let text = |field| answer.text(body, EXPECTED, field);
        let address = |text: &str| web_address(text, "verification_uri", provider.is_protected);
        let verification_uri =
            address(&text("verification_uri")?).map_err(|flaw| OidcError::DiscoveryBroken {
                address: answer.address.clone(),
                flaw,
            })?;
        // It is a convenience: one that cannot be trusted is left out.
        let complete = text("verification_uri_complete").ok();
        let complete = complete
            .and_then(|complete| address(&complete).ok())
            .filter(|complete| complete.origin() == verification_uri.origin());
        let expires_in = grant::seconds(body, "expires_in");
        let expires_in = expires_in
            .ok_or_else(|| answer.missing(EXPECTED, "expires_in"))?
            .min(LONGEST);
        let interval = grant::seconds(body, "interval").unwrap_or(USUAL_INTERVAL);
        Ok(Self {
            prompt: DevicePrompt {
                user_code: printable(&text("user_code")?, 64),
                verification_uri,
                verification_uri_complete: complete,
                expires_in,
            },
            token_endpoint: provider.token_endpoint.clone(),
            client_id,
            device_code: Secret::new(text("device_code")?),
            interval: interval.clamp(Duration::from_secs(1), LONGEST),
            deadline: Instant::now() + expires_in,
        })
    }

    /// What to show to the person.
    pub fn prompt(&self) -> &DevicePrompt {
        &self.prompt
    }

    /// Asks the provider at its pace until the person has signed in elsewhere. A network that fails meanwhile is
    /// waited for as long as the code is good.
    ///
    /// # Errors
    /// [`OidcError::Denied`], [`OidcError::DeviceCodeExpired`], other words of the provider, or the network failure
    /// that lasted until the code expired.
    pub async fn wait(self, http: &HttpClient) -> Result<Grant, OidcError> {
        let mut pace = Pace(self.interval);
        let mut failure = None;
        loop {
            let next = Instant::now() + pace.0;
            if next >= self.deadline {
                sleep_until(self.deadline).await;
                return Err(failure.unwrap_or(OidcError::DeviceCodeExpired));
            }
            sleep_until(next).await;
            match timeout_at(self.deadline, self.poll(http)).await {
                Ok(Ok(Poll::Granted(grant))) => return Ok(grant),
                Ok(Ok(Poll::Pending)) => failure = None,
                Ok(Ok(Poll::SlowDown)) => {
                    failure = None;
                    pace.slow_down();
                }
                Ok(Err(OidcError::Repository(error))) if passes(&error) => {
                    failure = Some(OidcError::Repository(error));
                    pace.double();
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(failure.unwrap_or(OidcError::DeviceCodeExpired)),
            }
        }
    }

    async fn poll(&self, http: &HttpClient) -> Result<Poll, OidcError> {
        let form = [
            ("grant_type", GRANT_TYPE),
            ("device_code", self.device_code.expose()),
            ("client_id", &self.client_id),
        ];
        match grant::post(http, &self.token_endpoint, &form, &[&self.device_code]).await? {
            Reply::Success { answer, body } => Grant::read(&answer, &body).map(Poll::Granted),
            Reply::Refused(Refusal { code, .. }) if code == "authorization_pending" => Ok(Poll::Pending),
            Reply::Refused(Refusal { code, .. }) if code == "slow_down" => Ok(Poll::SlowDown),
            Reply::Refused(refusal) => Err(refusal.into()),
        }
    }
}

enum Poll {
    Granted(Grant),
    Pending,
    SlowDown,
}

/// Whether a failure may pass by itself.
fn passes(error: &RepositoryError) -> bool {
    error.explain().kind == Kind::Network
        && !matches!(
            error,
            RepositoryError::TooLarge { .. } | RepositoryError::Proxy(_)
        )
}

/// The time between two questions. It never gets shorter, and longer than [`SLOWEST`] only when the provider itself
/// began with that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pace(Duration);

impl Pace {
    fn slow_down(&mut self) {
        self.0 = (self.0 + SLOWER).min(SLOWEST).max(self.0);
    }

    /// RFC 8628, section 3.5: exponential backoff when the network fails.
    fn double(&mut self) {
        self.0 = (self.0 * 2).min(SLOWEST).max(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(pace: Pace) -> u64 {
        pace.0.as_secs()
    }

    #[test]
    fn a_provider_that_wants_less_haste_gets_it_up_to_half_a_minute() {
        let mut pace = Pace(USUAL_INTERVAL);
        let paces: Vec<u64> = std::iter::repeat_with(|| {
            pace.slow_down();
            seconds(pace)
        })
        .take(7)
        .collect();
        assert_eq!(paces, [10, 15, 20, 25, 30, 30, 30]);
    }

    #[test]
    fn a_network_that_fails_is_asked_ever_less_often() {
        let mut pace = Pace(USUAL_INTERVAL);
        let paces: Vec<u64> = std::iter::repeat_with(|| {
            pace.double();
            seconds(pace)
        })
        .take(4)
        .collect();
        assert_eq!(paces, [10, 20, 30, 30]);
    }

    #[test]
    fn a_provider_that_is_slower_still_is_never_hurried() {
        let mut pace = Pace(Duration::from_secs(60));
        pace.slow_down();
        pace.double();
        assert_eq!(seconds(pace), 60);
    }
}
