//! `sextant status`.

use serde_json::{Value, json};

use super::Asked;
use super::output::connected;
use crate::credential::Place;
use crate::error::Problem;
use crate::service::connection::ProgramName;
use crate::service::plan::Warning;
use crate::service::status::{ConnectionState, ConnectionStatus};
use crate::service::tokens::{SOON_DAYS, TokenState};

pub(super) fn status(asked: &Asked<'_>) -> Result<(), Problem> {
    let status = asked.services.status()?;
    let place = asked.services.credentials().place();
    asked.output.answer(
        || {
            let mut document = json!(status);
            document["credentials"] = place_json(&place);
            document
        },
        || {
            let mut lines: Vec<String> = status.connections.iter().map(line).collect();
            if lines.is_empty() {
                lines.push("Not connected".to_owned());
            }
            lines.push(match &place {
                Place::Keyring => "Sextant keeps its secrets in the keyring".to_owned(),
                Place::File(path) => format!(
                    "Sextant keeps its secrets in {}, since there is no keyring",
                    path.display()
                ),
            });
            lines.join("\n")
        },
    );
    let warnings: Vec<Warning> = status.connections.iter().filter_map(warning).collect();
    asked.output.warn(&warnings);
    if asked.services.needs_recovery() {
        asked
            .output
            .note("Something was left unfinished. Make it good with: sextant recover");
    }
    Ok(())
}

fn place_json(place: &Place) -> Value {
    match place {
        Place::Keyring => json!({"place": "keyring"}),
        Place::File(path) => json!({"place": "file", "path": path}),
    }
}

fn line(connection: &ConnectionStatus) -> String {
    let days = match (connection.state, connection.token_days_left) {
        (ConnectionState::TokenExpired, _) => ", but its token has expired".to_owned(),
        (_, Some(days)) => format!(" (token: {days} days left)"),
        (_, None) => String::new(),
    };
    let origin = match connection.origin {
        ProgramName::Sextant => String::new(),
        other => format!(", by {}", other.title()),
    };
    format!(
        "Connected to {}{days}{origin}",
        connected(&connection.domain, &connection.user)
    )
}

fn warning(connection: &ConnectionStatus) -> Option<Warning> {
    let message = match (connection.token_state, connection.token_days_left) {
        (TokenState::Expired, _) => format!("the token for {} has expired", connection.domain),
        (TokenState::EndsSoon, Some(1)) => format!("the token for {} expires in 1 day", connection.domain),
        (TokenState::EndsSoon, Some(days)) => {
            debug_assert!(days < SOON_DAYS);
            format!("the token for {} expires in {days} days", connection.domain)
        }
        _ => return None,
    };
    Some(Warning {
        message,
        remedy: Some(format!("sextant tokens renew {}", connection.service.name())),
    })
}
