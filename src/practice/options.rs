//! How a practice server is started.

use super::binstar::RepositoryLogin;
use super::trouble::Trouble;

/// What a practice server is like. The default is a healthy server without TLS, every product on a free port.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port of Anaconda Server on 127.0.0.1; 0 takes a free one, as the other products always do.
    pub port: u16,
    /// All products use the same certificate.
    pub tls: Tls,
    /// So many top-level channels are generated besides the fixed ones of Anaconda Server; every tenth has a sub-channel.
    pub channels: usize,
    /// What goes wrong from the first request on; [`super::Practice::set_trouble`] changes it later.
    pub trouble: Trouble,
    /// Anaconda Server also answers `/t/<token>/api/repo/...`, the form conda produces where no channel alias is set.
    /// Whether the real server does is unknown (server reference, section 1.11), so it is off by default.
    pub accept_root_token: bool,
    /// No token of Anaconda Server lives longer than so many days; a later `expires_at` is silently shortened in the
    /// answer.
    pub max_token_days: Option<u16>,
    /// Whether Anaconda Server offers single sign-on; without it, `/api/auth/authorize` answers 404.
    pub single_sign_on: SingleSignOn,
    /// How long the providers of Anaconda Server and of the cloud wait.
    pub oidc: OidcTimes,
    /// How one logs in to Anaconda Repository.
    pub repository_login: RepositoryLogin,
}

/// Whether Anaconda Server offers signing in with a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SingleSignOn {
    #[default]
    Offered,
    Absent,
}

/// The times of signing in with a browser, by the practice server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OidcTimes {
    /// How long a code may be redeemed.
    pub code_seconds: u32,
    /// How long a device may wait for a person.
    pub device_seconds: u32,
    /// How often a device may ask.
    pub interval_seconds: u32,
}

impl Default for OidcTimes {
    /// A minute for both, and five seconds between questions, as anaconda.com has it (server reference, section 2).
    fn default() -> Self {
        Self {
            code_seconds: 60,
            device_seconds: 60,
            interval_seconds: 5,
        }
    }
}

/// Whether the server speaks TLS, and what is wrong with its certificate. Each mode has one fault only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Plain HTTP.
    #[default]
    Off,
    /// Signed by an authority of its own, which [`super::Practice::ca_pem`] hands out.
    Valid,
    /// Signed by itself.
    SelfSigned,
    /// As `Valid`, but the certificate's time is over.
    Expired,
    /// As `Valid`, but for `other.example`.
    WrongHost,
    /// Signed by an authority that is not handed out.
    UnknownIssuer,
}
