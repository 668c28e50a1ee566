//! `sextant practice-server`.

use super::Asked;
use super::arguments::{PracticeServer, PracticeTls};
use super::output::say;
use crate::error::{Explain, Problem};
use crate::practice::{Options, Practice, Tls};

/// Runs until it is interrupted.
pub(super) async fn practice_server(_asked: &Asked<'_>, options: PracticeServer) -> Result<(), Problem> {
    let practice = Practice::start(Options {
        port: options.port,
        tls: match options.tls {
            PracticeTls::Off => Tls::Off,
            PracticeTls::Valid => Tls::Valid,
            PracticeTls::SelfSigned => Tls::SelfSigned,
            PracticeTls::Expired => Tls::Expired,
            PracticeTls::WrongHost => Tls::WrongHost,
            PracticeTls::UnknownIssuer => Tls::UnknownIssuer,
        },
        channels: options.channels,
        ..Options::default()
    })
    .await
    .map_err(|error| error.explain())?;
    say(&practice.announcement().to_string());
    std::future::pending::<()>().await;
    Ok(())
}
