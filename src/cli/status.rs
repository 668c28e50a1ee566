//! `sextant status`.

use serde_json::json;

use super::Asked;
use crate::error::Problem;
use crate::service::status::ConnectionState;

pub(super) fn status(asked: &Asked<'_>) -> Result<(), Problem> {
    let status = asked.services.status()?;
    asked.output.answer(
        || json!(status),
        || {
            if status.connections.is_empty() {
                return "Not connected".to_owned();
            }
            status
                .connections
                .iter()
                .map(|connection| {
                    let days = match (connection.state, connection.token_days_left) {
                        (ConnectionState::TokenExpired, _) => ", but its token has expired".to_owned(),
                        (_, Some(days)) => format!(" (token: {days} days left)"),
                        (_, None) => String::new(),
                    };
                    format!("Connected to {} as {}{days}", connection.domain, connection.user)
                })
                .collect::<Vec<_>>()
                .join("\n")
        },
    );
    if asked.services.needs_recovery() {
        asked
            .output
            .note("Something was left unfinished. Make it good with: sextant recover");
    }
    Ok(())
}
