//! Everything the server knows while it runs.

use tokio::sync::watch;

use super::channel::Catalogue;
use super::clock::Clock;
use super::options::Options;
use super::record::Records;
use super::session::Sessions;
use super::token::Tokens;
use super::trouble::Troubles;
use super::world;

/// The server's memory, shared by the requests and by whoever inspects the server.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) sessions: Sessions,
    pub(super) tokens: Tokens,
    pub(super) catalogue: Catalogue,
    pub(super) records: Records,
    pub(super) troubles: Troubles,
    pub(super) max_token_days: Option<u16>,
    pub(super) accept_root_token: bool,
    /// Becomes true when the server stops, so that nothing goes on waiting.
    pub(super) stopping: watch::Receiver<bool>,
}

impl State {
    pub(super) fn new(
        options: &Options,
        url: &str,
        stopping: watch::Receiver<bool>,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            clock: Clock::default(),
            sessions: Sessions::new(url)?,
            tokens: Tokens::default(),
            catalogue: Catalogue::new(world::channels(options.channels)),
            records: Records::default(),
            troubles: Troubles::new(options.trouble.clone()),
            max_token_days: options.max_token_days,
            accept_root_token: options.accept_root_token,
            stopping,
        })
    }
}
