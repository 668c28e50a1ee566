//! An exchange through Windows' own SSPI.
//!
//! Windows tells its errors in its own language and keeps no code with them, so there is less to tell apart here.

use std::env;
use std::mem;

use cross_krb5::{ClientCtx, InitiateFlags, PendingClientCtx, Step};

use super::{KerberosError, Negotiation, Progress, Ticket, refuse_ntlm};
use crate::repository::failure::plain;

/// One exchange with the web server at `host`.
pub(super) struct Exchange {
    host: String,
    phase: Phase,
}

enum Phase {
    New,
    Running(PendingClientCtx),
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

    fn start(&mut self) -> Result<Progress, KerberosError> {
        // Mutual authentication is on unless it is switched off, and NTLM is refused by the library at the end, and by us
        // before anything of it is sent.
        let flags = InitiateFlags::NEGOTIATE_TOKEN | InitiateFlags::DISABLE_CONFIDENTIALITY;
        let target = format!("HTTP/{}", self.host);
        let (pending, token) =
            ClientCtx::new(flags, None, &target, None).map_err(|error| KerberosError::Failed {
                detail: plain(&error.to_string()),
            })?;
        refuse_ntlm(&token)?;
        self.phase = Phase::Running(pending);
        Ok(Progress::Continue(token.to_vec()))
    }
}

impl Negotiation for Exchange {
    fn step(&mut self, from_server: Option<&[u8]>) -> Result<Progress, KerberosError> {
        let pending = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::New => return self.start(),
            Phase::Running(pending) => pending,
            Phase::Over => {
                return Err(KerberosError::Failed {
                    detail: "The exchange is over".to_owned(),
                });
            }
        };
        let stepped =
            pending
                .step(from_server.unwrap_or_default())
                .map_err(|error| KerberosError::InvalidReply {
                    host: self.host.clone(),
                    detail: plain(&error.to_string()),
                })?;
        match stepped {
            Step::Finished((_, token)) => Ok(Progress::Established(token.map(|token| token.to_vec()))),
            Step::Continue((pending, token)) => {
                refuse_ntlm(&token)?;
                self.phase = Phase::Running(pending);
                Ok(Progress::Continue(token.to_vec()))
            }
        }
    }
}

/// Who is signed in to this computer with an account of a domain. Windows renews tickets by itself.
pub(super) fn ticket() -> Result<Option<Ticket>, KerberosError> {
    let named = |variable| env::var(variable).ok().filter(|value| !value.is_empty());
    let principal = named("USERDNSDOMAIN")
        .zip(named("USERNAME"))
        .map(|(realm, name)| format!("{name}@{realm}"));
    Ok(principal.map(|principal| Ticket {
        principal,
        expires_at: None,
    }))
}
