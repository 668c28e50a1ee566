//! Kerberos: the practice server itself speaks no GSSAPI; whoever starts it hands it an acceptor
//! (repository reference, section 1.7).

use std::fmt;
use std::sync::Arc;

/// Decides about the token of `Authorization: Negotiate`: the principal that proved itself, and the bytes that prove
/// the server to the client in turn.
///
/// The part of the principal before `/` and `@` is the login; a principal without an account is refused.
#[derive(Clone)]
pub struct Acceptor(Arc<Accept>);

type Accept = dyn Fn(&[u8]) -> Result<(String, Vec<u8>), ()> + Send + Sync;

impl Acceptor {
    /// `accept` runs on the server's thread, so nothing else is answered meanwhile.
    pub fn new(accept: impl Fn(&[u8]) -> Result<(String, Vec<u8>), ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(accept))
    }

    /// The login and the reply; nothing if the token is no good.
    pub(super) fn accept(&self, token: &[u8]) -> Option<(String, Vec<u8>)> {
        let (principal, reply) = (self.0)(token).ok()?;
        let login = principal.split(['/', '@']).next().unwrap_or_default();
        Some((login.to_owned(), reply))
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

/// How a repository wants people to log in.
#[derive(Debug, Clone, Default)]
pub enum RepositoryLogin {
    /// With name and password.
    #[default]
    Password,
    /// With a Kerberos ticket; passwords are refused.
    Kerberos(Acceptor),
}
