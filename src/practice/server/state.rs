//! Everything Anaconda Server knows while it runs.

use std::sync::Arc;

use super::artifact::Artifacts;
use super::channel::Catalogue;
use super::session::Sessions;
use super::token::Tokens;
use super::world;
use crate::practice::common::Common;
use crate::practice::options::Options;

/// The server's memory, shared by the requests and by whoever inspects the server.
pub(in crate::practice) struct State {
    pub(in crate::practice) common: Arc<Common>,
    pub(in crate::practice) sessions: Sessions,
    pub(in crate::practice) tokens: Tokens,
    pub(in crate::practice) catalogue: Catalogue,
    pub(super) artifacts: Artifacts,
    /// The server's own address.
    pub(super) url: String,
    pub(super) max_token_days: Option<u16>,
    pub(super) accept_root_token: bool,
}

impl State {
    pub(in crate::practice) fn new(
        options: &Options,
        url: &str,
        common: Arc<Common>,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            common,
            sessions: Sessions::new(url)?,
            tokens: Tokens::default(),
            catalogue: Catalogue::new(world::channels(options.channels)),
            artifacts: Artifacts::default(),
            url: url.to_owned(),
            max_token_days: options.max_token_days,
            accept_root_token: options.accept_root_token,
        })
    }
}
