//! rattler's gateway to channels, as the solver uses it.

use std::path::Path;

use rattler_repodata_gateway::Gateway;

use crate::package::Transport;

/// As many requests at once as a server is glad to answer.
const MOST_REQUESTS: usize = 24;

/// A gateway whose requests take the transport. `cache` is [`crate::locations::Locations::cache`]: what an update of the
/// index has fetched is not fetched again.
pub(in crate::package) fn gateway(transport: &Transport, cache: &Path) -> Gateway {
    Gateway::builder()
        .with_client(transport.client())
        .with_cache_dir(cache.join("repodata"))
        .with_max_concurrent_requests(MOST_REQUESTS)
        .finish()
}
