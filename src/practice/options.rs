//! How a practice server is started.

use super::trouble::Trouble;

/// What a practice server is like. The default is a healthy server without TLS on a free port.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    pub tls: Tls,
    /// So many top-level channels are generated besides the fixed ones; every tenth has a sub-channel.
    pub channels: usize,
    /// What goes wrong from the first request on; [`super::Practice::set_trouble`] changes it later.
    pub trouble: Trouble,
    /// Also answers `/t/<token>/api/repo/...`, the form conda produces where no channel alias is set. Whether the
    /// real server does is unknown (server reference, section 1.11), so it is off by default.
    pub accept_root_token: bool,
    /// No token lives longer than so many days; a later `expires_at` is silently shortened in the answer.
    pub max_token_days: Option<u16>,
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
