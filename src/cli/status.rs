//! `sextant status`.

use serde_json::{Value, json};

use super::Asked;
use super::output::connected;
use crate::credential::Place;
use crate::error::Problem;
use crate::service::broken::Trouble;
use crate::service::connection::ProgramName;
use crate::service::plan::Warning;
use crate::service::status::{ConnectionState, ConnectionStatus, Status};
use crate::service::tokens::{SOON_DAYS, TokenState};

pub(super) fn status(asked: &Asked<'_>) -> Result<(), Problem> {
    let troubles = asked.services.troubles();
    // What cannot be read is told as one of the troubles.
    let status = asked.services.status().unwrap_or_else(|_| Status {
        offline: asked.services.offline().is_some(),
        ..Status::default()
    });
    let place = asked.services.credentials().place();
    asked.output.answer(
        || {
            let mut document = json!(status);
            document["credentials"] = place_json(&place);
            document["problems"] = json!(troubles);
            document
        },
        || {
            let mut lines: Vec<String> = status.connections.iter().map(line).collect();
            if lines.is_empty() {
                lines.push("Not connected".to_owned());
            }
            if status.offline {
                lines.push("Sextant works offline".to_owned());
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
    for trouble in &troubles {
        asked.output.warn(&[told(trouble)]);
    }
    if asked.services.needs_recovery() {
        asked
            .output
            .note("Something was left unfinished. Make it good with: sextant recover");
    }
    Ok(())
}

fn told(trouble: &Trouble) -> Warning {
    let problem = &trouble.problem;
    let message = match &problem.cause {
        Some(cause) => format!("{}: {cause}", problem.message),
        None => problem.message.clone(),
    };
    let remedy = match &trouble.snapshot {
        Some(snapshot) => Some(format!(
            "put the version back that was good ({}): sextant restore {}",
            snapshot.what,
            trouble.path.display()
        )),
        None => problem.remedy.clone(),
    };
    Warning { message, remedy }
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
