//! Signing in with a Kerberos ticket: SPNEGO over HTTP (`Authorization: Negotiate`, RFC 4559).
//!
//! [`SystemKerberos`] is the Kerberos of this computer: GSSAPI, looked for at run time so that the program starts where
//! there is none, or SSPI on Windows. The server must prove itself too, and NTLM is never spoken.

mod error;

use jiff::Timestamp;

pub use error::KerberosError;

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
    /// [`KerberosError::LibraryMissing`] and [`KerberosError::Failed`].
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
