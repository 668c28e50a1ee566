//! Making a token that is not for this machine's sign-in.

use serde_json::json;

use super::super::Asked;
use super::super::arguments::{PresetName, TokensCreate, TokensScopes};
use super::super::as_person::AsPerson;
use super::super::which::service_of;
use super::put_to_use::ToDo;
use crate::error::{Kind, Problem};
use crate::repository::Strength;
use crate::service::tokens::{IssuedToken, Preset, SameName, ScopeShown, TokenWish};

pub(super) async fn scopes(asked: &Asked<'_>, words: TokensScopes) -> Result<(), Problem> {
    let service = service_of(asked, words.service)?;
    let mut person = AsPerson::new(asked, service, words.password_stdin).await?;
    let scopes = person
        .call(async |password| asked.services.token_scopes(service, password).await)
        .await?;
    let width = scopes.iter().map(|scope| scope.name.len()).max().unwrap_or(0);
    asked.output.answer(
        || json!({ "scopes": scopes }),
        || {
            let line = |scope: &ScopeShown| format!("{:width$}  {}", scope.name, scope.description);
            let lines: Vec<String> = scopes.iter().map(line).collect();
            lines.join("\n")
        },
    );
    Ok(())
}

pub(super) async fn create(asked: &Asked<'_>, words: TokensCreate) -> Result<(), Problem> {
    let service = service_of(asked, words.service)?;
    if words.name.trim().is_empty() {
        return Err(Problem::new(Kind::Usage, "the token has no name")
            .remedy("name it after what it is for: --name ci"));
    }
    let today = jiff::tz::TimeZone::UTC.to_datetime(asked.services.now()).date();
    if let Some(day) = words.expires.filter(|day| *day <= today) {
        return Err(Problem::new(Kind::Usage, format!("{day} is over"))
            .remedy("choose a day from tomorrow on, or leave --expires out for one year"));
    }
    let mut person = AsPerson::new(asked, service, words.password_stdin).await?;
    let services = asked.services;
    let offered = person
        .call(async |password| services.token_scopes(service, password).await)
        .await?;
    let wish = TokenWish {
        scopes: wanted_scopes(&words, service, &offered)?,
        name: words.name.clone(),
        expires_on: words.expires,
        organization: words.organization.clone(),
        strength: if words.weak {
            Strength::Weak
        } else {
            Strength::Strong
        },
        same_name: if words.replace {
            SameName::Replace
        } else {
            SameName::Refuse
        },
    };
    let to_do = ToDo::plan(asked, service, &words, &wish)?;
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = json!({
                    "id": null, "name": wish.name, "scopes": wish.scopes, "created_at": null,
                    "expires_at": wish.expires_on, "token": null, "dry_run": true,
                });
                to_do.dry_run(&mut document);
                document
            },
            || {
                format!(
                    "Would make the token {} for {}.\n{}",
                    wish.name,
                    wish.scopes.join(", "),
                    to_do.dry_run_text()
                )
            },
        );
        return Ok(());
    }
    if let Some(plan) = to_do.shown() {
        asked.output.warn(&plan.warnings);
        asked.output.agrees(plan, asked.yes).await?;
    }
    let issued = person
        .call(async |password| services.issue_token(service, &wish, password).await)
        .await
        .map_err(|problem| match problem.kind {
            Kind::Conflict => {
                problem.remedy("choose another name, or revoke that one in the same step: add --replace")
            }
            _ => problem,
        })?;
    if let Some(problem) = &issued.former_remains {
        asked.output.tell(&format!(
            "warning: the former token is still on the server: {}\n   try: sextant tokens revoke",
            problem.message
        ));
    }
    let now = asked.services.now();
    let used = to_do.carry_out(asked, service, &mut person, &issued).await;
    asked.output.answer(
        || {
            let mut document = json!({
                "id": issued.id,
                "name": issued.name,
                "scopes": issued.scopes,
                "created_at": now,
                "expires_at": issued.expires_at,
                "token": issued.token.expose(),
                "uses": issued.uses,
            });
            used.add_to(&mut document);
            document
        },
        || told(&issued, used.sentence.as_deref()),
    );
    match used.failed {
        // The token is there all the same, and was told.
        Some(problem) => {
            asked
                .output
                .tell(&format!("the token {} was made, but not put to use", issued.name));
            Err(problem)
        }
        None => Ok(()),
    }
}

/// The scopes that were named, or those of the preset.
///
/// Errors: one that the server does not list, and a preset of which it has nothing.
fn wanted_scopes(
    words: &TokensCreate,
    service: crate::service::connection::Service,
    offered: &[ScopeShown],
) -> Result<Vec<String>, Problem> {
    if let Some(preset) = words.preset {
        let preset = match preset {
            PresetName::Download => Preset::Download,
            PresetName::PipDownload => Preset::PipDownload,
            PresetName::Upload => Preset::Upload,
            PresetName::Full => Preset::Everything,
        };
        let scopes = preset.scopes(service, offered);
        if scopes.is_empty() {
            return Err(
                Problem::new(Kind::Usage, "the server has no scope for that purpose")
                    .remedy("choose among: sextant tokens scopes"),
            );
        }
        return Ok(scopes);
    }
    let mut scopes: Vec<String> = Vec::new();
    for word in words.scopes.iter().flat_map(|text| text.split_whitespace()) {
        if !offered.iter().any(|scope| scope.name == word) {
            return Err(
                Problem::new(Kind::Usage, format!("the server has no scope {word}"))
                    .remedy("choose among: sextant tokens scopes"),
            );
        }
        if !scopes.iter().any(|known| known == word) {
            scopes.push(word.to_owned());
        }
    }
    Ok(scopes)
}

fn told(issued: &IssuedToken, used: Option<&str>) -> String {
    let mut text = format!("{}\n\nThis is the token {}.", issued.token.expose(), issued.name);
    if let Some(end) = issued.expires_at {
        text.push_str(&format!(" It ends on {}.", end.strftime("%Y-%m-%d")));
    }
    text.push_str(" It is not shown again; keep it like a password.\n");
    if let Some(used) = used {
        text.insert_str(0, &format!("{used}\n"));
    }
    let uses = &issued.uses;
    if uses.is_empty() {
        text.push_str("It may not download packages, so conda and pip have no use for it.\n");
        return text;
    }
    text.push_str("To use it, put it in the place of <token>:\n");
    for line in [
        &uses.conda_channel,
        &uses.conda_label,
        &uses.conda_install,
        &uses.pip_install,
    ]
    .into_iter()
    .flatten()
    {
        text.push_str(&format!("  {line}\n"));
    }
    text
}
