//! Signing in with a Kerberos ticket: SPNEGO over HTTP (`Authorization: Negotiate`, RFC 4559).
//!
//! [`SystemKerberos`] is the Kerberos of this computer: GSSAPI, looked for at run time so that the program starts where
//! there is none, or SSPI on Windows. The server must prove itself too, and NTLM is never spoken.

mod error;
#[cfg(unix)]
mod exchange;
#[cfg(unix)]
mod gssapi;
mod key_server;
mod kinit;
#[cfg(windows)]
mod sspi;
mod system;

use jiff::Timestamp;

pub use error::KerberosError;
pub use key_server::{KeyServerAnswer, ask_key_server};
pub use kinit::kinit;
pub use system::{SystemKerberos, ticket};

/// Who could sign in with Kerberos, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// `NAME@REALM`.
    pub principal: String,
    /// `None` when the system does not say.
    pub expires_at: Option<Timestamp>,
}

/// What can negotiate with a server on behalf of the person.
pub trait Negotiator: Send + Sync {
    /// Prepares an exchange with the web server at `host`, which is named as it is configured. Does not wait.
    ///
    /// # Errors
    /// [`KerberosError`] where that is known at once.
    fn begin(&self, host: &str) -> Result<Box<dyn Negotiation>, KerberosError>;

    /// Whose ticket would be used; `None` when there is none. May wait for a disk, so not to be called where waiting
    /// is forbidden; see [`ticket`].
    ///
    /// # Errors
    /// As for [`ticket`].
    fn ticket(&self) -> Result<Option<Ticket>, KerberosError>;
}

/// One exchange with one server.
pub trait Negotiation: Send {
    /// Takes the server's last token, `None` in the first step, and makes the next one. Waits for the Kerberos server
    /// of the realm, so not to be called where waiting is forbidden.
    ///
    /// # Errors
    /// [`KerberosError`]; the exchange is over then.
    fn step(&mut self, from_server: Option<&[u8]>) -> Result<Progress, KerberosError>;
}

/// How an exchange stands.
#[derive(Clone, PartialEq, Eq)]
pub enum Progress {
    /// This goes to the server, and its answer into the next step.
    Continue(Vec<u8>),
    /// The server has proven itself. If it asks for one more token, it is this one.
    Established(Option<Vec<u8>>),
}

/// Refuses a token of NTLM, bare or wrapped, before it is sent: it would give away what a password can be guessed from.
fn refuse_ntlm(token: &[u8]) -> Result<(), KerberosError> {
    const SIGNATURE: &[u8] = b"NTLMSSP\0";
    if token.windows(SIGNATURE.len()).any(|window| window == SIGNATURE) {
        return Err(KerberosError::OtherMechanism {
            mechanism: "NTLM".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntlm_is_refused_bare_and_wrapped() {
        let refused = |token: &[u8]| refuse_ntlm(token).is_err();
        assert!(refused(b"NTLMSSP\0\x01\0\0\0"));
        assert!(refused(b"\x60\x48\x06\x06NTLMSSP\0\x01"));
        assert!(!refused(b"\x60\x82\x05"));
        assert!(!refused(b""));
    }
}
