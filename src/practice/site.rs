//! The products that the practice server speaks, each on a port of its own.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One listener. Its name in JSON is that of the service in the command line's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// Anaconda Server 6.x.
    Server,
    /// PSM Cloud and anaconda.com.
    Cloud,
    /// Anaconda Repository (Enterprise 4).
    Repository,
    /// Anaconda.org.
    AnacondaOrg,
}

impl Site {
    /// The body of a failure in the site's own shape (server reference, section 1.17; repository reference, section 1.1).
    pub(super) fn failure(self, status: StatusCode) -> Value {
        let reason = status.canonical_reason().unwrap_or("Trouble");
        match self {
            Self::Server => json!({"code": "server_error", "message": reason}),
            Self::Cloud => json!({"error": {"code": "server_error", "message": reason}}),
            Self::Repository | Self::AnacondaOrg => json!({"error": reason}),
        }
    }
}
