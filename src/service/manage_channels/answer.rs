//! What each answer of a server means for a channel, and what to do about it.

use super::check::{ChannelState, INDEX};
use crate::conda::in_flight::CredentialSource;
use crate::error::{Kind, Problem};

/// The credential that went along.
pub(super) enum Sent<'a> {
    From(&'a CredentialSource),
    /// The token that was given with the channel and is not kept yet.
    WithTheChannel,
    Nothing,
}

/// The problem with the channel at `url`; nothing where there is none, or where it has words of its own already.
pub(super) fn problem(
    state: &ChannelState,
    url: &str,
    host: &str,
    sent: &Sent<'_>,
    is_signed_in: bool,
) -> Option<Problem> {
    let sign_in = match is_signed_in {
        true => "renew the token on the Tokens page, or sign in again".to_owned(),
        false => format!("sign in to {host} with Connect"),
    };
    let problem = match (state, sent) {
        (ChannelState::SignInWanted, _) => Problem::new(Kind::Auth, format!("{host} wants a sign-in (401)"))
            .because("conda sends no token with its request")
            .remedy(format!("{sign_in}, or add the channel again as t/<token>/<name>")),
        (ChannelState::CredentialRefused, sent) => refused(host, sent, sign_in),
        (ChannelState::Closed, Sent::Nothing) => {
            Problem::new(Kind::Forbidden, format!("{url} is private (403)"))
                .because("conda sends no token with its request")
                .remedy(sign_in)
        }
        (ChannelState::Closed, _) => Problem::new(Kind::Forbidden, format!("{url} is closed to you (403)"))
            .because(format!(
                "{host} knows your token, and does not open this channel to it"
            ))
            .remedy("ask the owner of the channel for access, or take it out"),
        (ChannelState::Missing, _) => {
            Problem::new(Kind::Usage, format!("there is no channel at {url} (404)"))
                .because(format!(
                    "it has no {INDEX}, without which conda fails; it may also be hidden from you"
                ))
                .remedy("check the spelling, give the whole address of a channel elsewhere, or take it out")
        }
        (
            ChannelState::Found
            | ChannelState::Moved { .. }
            | ChannelState::Unreachable
            | ChannelState::NotAsked,
            _,
        ) => return None,
    };
    Some(problem)
}

/// 401 although something was sent.
fn refused(host: &str, sent: &Sent<'_>, sign_in: String) -> Problem {
    let problem = Problem::new(Kind::Auth, format!("{host} does not accept the token (401)"));
    match sent {
        Sent::From(CredentialSource::TokenFile(path)) => problem
            .because(format!(
                "the one in {} has expired or was revoked; conda fails with it on public channels too",
                path.display()
            ))
            .remedy(sign_in),
        Sent::From(CredentialSource::Netrc(path)) => {
            Problem::new(Kind::Auth, format!("{host} does not accept the password (401)"))
                .because(format!("it comes from {}", path.display()))
                .remedy("correct it there")
        }
        Sent::From(CredentialSource::Written { origin, .. }) => problem
            .because(match origin {
                Some(origin) => {
                    format!("the one in {origin} has expired, was revoked, or is meant for another server")
                }
                None => "the one in its address has expired, was revoked, or is meant for another server"
                    .to_owned(),
            })
            .remedy("take it out there, and sign in instead"),
        Sent::WithTheChannel | Sent::Nothing => problem
            .because("it has expired, was revoked, or is meant for another server")
            .remedy("copy it again from where it was made, and add the channel anew"),
    }
}
