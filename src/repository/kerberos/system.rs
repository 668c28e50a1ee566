//! The Kerberos of this computer.

#[cfg(unix)]
use super::exchange as platform;
#[cfg(windows)]
use super::sspi as platform;
use super::{KerberosError, Negotiation, Negotiator, Ticket};

/// Signs in with the ticket that the person has on this computer already, through the system's own library.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKerberos;

impl Negotiator for SystemKerberos {
    fn begin(&self, host: &str) -> Result<Box<dyn Negotiation>, KerberosError> {
        // The marks of an address are not part of a name.
        let name = host.trim_matches(['[', ']']).trim_end_matches('.');
        Ok(Box::new(platform::Exchange::new(name)))
    }

    fn ticket(&self) -> Result<Option<Ticket>, KerberosError> {
        platform::ticket()
    }
}

/// Whose ticket would be used, without keeping the caller's thread waiting; `None` when there is none.
///
/// # Errors
/// [`KerberosError::LibraryMissing`], [`KerberosError::TicketExpired`] and [`KerberosError::Failed`].
pub async fn ticket() -> Result<Option<Ticket>, KerberosError> {
    match tokio::task::spawn_blocking(|| SystemKerberos.ticket()).await {
        Ok(ticket) => ticket,
        Err(error) => Err(KerberosError::Failed {
            detail: error.to_string(),
        }),
    }
}
