//! An exchange through GSSAPI, and what its failures mean.

use std::mem;

use jiff::{SignedDuration, Timestamp};

use super::error::KerberosError;
use super::gssapi::{Context, Failure, Gssapi, Lifetime, Mechanism, State};
use super::{Negotiation, Progress, Ticket, refuse_ntlm};
use crate::repository::failure::plain;

/// One exchange with the web server at `host`.
pub(super) struct Exchange {
    host: String,
    phase: Phase,
}

enum Phase {
    New,
    Running(Box<Context>),
    /// It failed, or came to its end.
    Over,
}

impl Exchange {
    pub(super) fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            phase: Phase::New,
        }
    }

    /// Prepares the exchange. Kerberos alone is tried first: SPNEGO, which web servers want, hides why it fails.
    fn start(&self) -> Result<Box<Context>, KerberosError> {
        let library = load()?;
        if let Err(failure) = self
            .context(library, Mechanism::Kerberos)
            .and_then(|mut context| context.step(None))
        {
            // What is wrong with the ticket itself says more. It is not looked at before: where there are tickets of
            // several realms, it is the server that decides which of them is used.
            good_ticket(library)?;
            return Err(meaning(&failure, &self.host));
        }
        self.context(library, Mechanism::Spnego)
            .map(Box::new)
            .map_err(|failure| meaning(&failure, &self.host))
    }

    fn context(&self, library: &'static Gssapi, mechanism: Mechanism) -> Result<Context, Failure> {
        let credential = library.credential(mechanism)?;
        let server = library.web_server(&self.host)?;
        Ok(Context::new(credential, server, mechanism))
    }
}

impl Negotiation for Exchange {
    fn step(&mut self, from_server: Option<&[u8]>) -> Result<Progress, KerberosError> {
        let mut context = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::New => self.start()?,
            Phase::Running(context) => context,
            Phase::Over => {
                return Err(KerberosError::Failed {
                    detail: "The exchange is over".to_owned(),
                });
            }
        };
        let stepped = context.step(from_server).map_err(|failure| {
            let error = meaning(&failure, &self.host);
            match error {
                KerberosError::Failed { detail } if from_server.is_some() => KerberosError::InvalidReply {
                    host: self.host.clone(),
                    detail,
                },
                _ => error,
            }
        })?;
        refuse_ntlm(&stepped.token)?;
        let host = || self.host.clone();
        match stepped.state {
            State::Complete {
                is_kerberos: false, ..
            } => Err(KerberosError::OtherMechanism {
                mechanism: "another mechanism".to_owned(),
            }),
            State::Complete { is_mutual: false, .. } => {
                Err(KerberosError::MutualAuthenticationMissing { host: host() })
            }
            State::Complete { .. } => {
                let token = (!stepped.token.is_empty()).then_some(stepped.token);
                Ok(Progress::Established(token))
            }
            State::Unfinished if stepped.token.is_empty() => Err(KerberosError::InvalidReply {
                host: host(),
                detail: "The exchange stopped halfway".to_owned(),
            }),
            State::Unfinished => {
                self.phase = Phase::Running(context);
                Ok(Progress::Continue(stepped.token))
            }
        }
    }
}

/// Whose ticket there is; `None` when there is none.
pub(super) fn ticket() -> Result<Option<Ticket>, KerberosError> {
    match good_ticket(load()?) {
        Ok(ticket) => Ok(Some(ticket)),
        Err(KerberosError::NoTicket) => Ok(None),
        Err(error) => Err(error),
    }
}

fn load() -> Result<&'static Gssapi, KerberosError> {
    Gssapi::load().map_err(|detail| KerberosError::LibraryMissing {
        detail: plain(&detail),
    })
}

/// The ticket that is used by default, when it is still good.
fn good_ticket(library: &'static Gssapi) -> Result<Ticket, KerberosError> {
    let means = |failure| match meaning(&failure, "") {
        // GSSAPI does not say whose ticket it was.
        KerberosError::TicketExpired { .. } => KerberosError::TicketExpired {
            principal: library.principal(),
        },
        error => error,
    };
    let credential = library.credential(Mechanism::Kerberos).map_err(means)?;
    let (principal, lifetime) = credential.inquire().map_err(means)?;
    let expires_at = match lifetime {
        Lifetime::Seconds(0) => {
            return Err(KerberosError::TicketExpired {
                principal: Some(principal),
            });
        }
        Lifetime::Seconds(seconds) => Timestamp::now()
            .checked_add(SignedDuration::from_secs(i64::from(seconds)))
            .ok(),
        Lifetime::Indefinite => None,
    };
    Ok(Ticket {
        principal,
        expires_at,
    })
}

/// Kerberos's error codes, the same in MIT and Heimdal: the base of their table, and places in it (`krb5.h`).
mod code {
    const BASE: i32 = -1_765_328_384;
    pub(super) const SERVER_UNKNOWN: i32 = BASE + 7;
    pub(super) const TICKET_EXPIRED: i32 = BASE + 32;
    pub(super) const TICKET_NOT_YET_VALID: i32 = BASE + 33;
    pub(super) const SKEW: i32 = BASE + 37;
    pub(super) const CACHE_NOT_FOUND: i32 = BASE + 141;
    pub(super) const REALM_UNKNOWN: i32 = BASE + 154;
    pub(super) const UNREACHABLE: i32 = BASE + 156;
    pub(super) const NO_CACHE_FILE: i32 = BASE + 195;
}

/// The routine errors of RFC 2744.
mod routine {
    pub(super) const NO_CREDENTIAL: u32 = 7;
    pub(super) const CREDENTIAL_EXPIRED: u32 = 11;
}

fn meaning(failure: &Failure, host: &str) -> KerberosError {
    let detail = plain(&failure.words);
    match (failure.code, failure.routine) {
        (code::SERVER_UNKNOWN, _) => KerberosError::UnknownService {
            host: host.to_owned(),
        },
        (code::TICKET_EXPIRED, _) | (_, routine::CREDENTIAL_EXPIRED) => {
            KerberosError::TicketExpired { principal: None }
        }
        (code::SKEW | code::TICKET_NOT_YET_VALID, _) => KerberosError::ClockSkew,
        (code::UNREACHABLE | code::REALM_UNKNOWN, _) => KerberosError::ServiceUnreachable { detail },
        (code::CACHE_NOT_FOUND | code::NO_CACHE_FILE, _) | (_, routine::NO_CREDENTIAL) => {
            KerberosError::NoTicket
        }
        _ => KerberosError::Failed { detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: i32, routine: u32) -> KerberosError {
        let words = "Some words\n".to_owned();
        meaning(&Failure { routine, code, words }, "h")
    }

    #[test]
    fn failures_are_told_apart() {
        let detail = || "Some words".to_owned();
        assert_eq!(
            told(-1_765_328_377, 13),
            KerberosError::UnknownService { host: "h".into() }
        );
        assert_eq!(
            told(-1_765_328_352, 13),
            KerberosError::TicketExpired { principal: None }
        );
        assert_eq!(told(0, 11), KerberosError::TicketExpired { principal: None });
        assert_eq!(told(-1_765_328_347, 13), KerberosError::ClockSkew);
        assert_eq!(
            told(-1_765_328_228, 13),
            KerberosError::ServiceUnreachable { detail: detail() }
        );
        assert_eq!(told(-1_765_328_189, 7), KerberosError::NoTicket);
        assert_eq!(told(100_001, 7), KerberosError::NoTicket);
        assert_eq!(told(100_001, 13), KerberosError::Failed { detail: detail() });
    }

    #[test]
    fn an_exchange_that_failed_is_over() {
        let mut exchange = Exchange::new("h");
        exchange.phase = Phase::Over;
        assert!(matches!(exchange.step(None), Err(KerberosError::Failed { .. })));
    }
}
