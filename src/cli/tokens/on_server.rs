//! All tokens of an account, and revoking them.

use serde_json::json;

use super::super::Asked;
use super::super::arguments::{TokensList, TokensRevoke};
use super::super::as_person::AsPerson;
use super::super::which::service_of;
use crate::error::{Kind, Problem};
use crate::repository::Revocation;
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::tokens::ServerToken;

pub(super) async fn list(asked: &Asked<'_>, words: TokensList) -> Result<(), Problem> {
    let service = service_of(asked, words.service)?;
    let mut person = AsPerson::new(asked, service, words.password_stdin).await?;
    let tokens = person
        .call(async |password| asked.services.server_tokens(service, password).await)
        .await?;
    asked.output.answer(
        || json!({ "tokens": tokens }),
        || match tokens.as_slice() {
            [] => "The account has no token.".to_owned(),
            tokens => tokens.iter().map(told).collect::<Vec<_>>().join("\n"),
        },
    );
    Ok(())
}

fn told(token: &ServerToken) -> String {
    let mut text = token.name.clone();
    if token.in_use {
        text.push_str("  (in use by this machine)");
    }
    let scopes = match token.scopes.as_slice() {
        [] => "not told".to_owned(),
        scopes => scopes.join(", "),
    };
    text.push_str(&format!("\n  scopes   {scopes}"));
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    if let Some(at) = token.created_at {
        text.push_str(&format!("\n  created  {}", day(at)));
    }
    text.push_str(&match token.expires_at {
        Some(at) => format!("\n  expires  {}", day(at)),
        None => "\n  expires  never, or the server does not say".to_owned(),
    });
    if let Some(hostname) = token.hostname.as_deref().filter(|name| !name.is_empty()) {
        text.push_str(&format!("\n  host     {hostname}"));
    }
    text
}

pub(super) async fn revoke(asked: &Asked<'_>, words: TokensRevoke) -> Result<(), Problem> {
    let service = service_of(asked, words.service)?;
    let mut person = AsPerson::new(asked, service, words.password_stdin).await?;
    if let Some(organization) = &words.organization {
        return revoke_of_organization(asked, service, &mut person, organization, &words.tokens).await;
    }
    let services = asked.services;
    let found = person
        .call(async |password| services.server_tokens(service, password).await)
        .await?;
    let chosen = chosen(&found, &words.tokens)?;
    let unsure: Vec<Warning> = chosen
        .iter()
        .filter(|token| !token.surely_of_this_machine)
        .map(|token| Warning {
            message: format!("another machine may use the token {}", token.name),
            remedy: None,
        })
        .collect();
    asked.output.warn(&unsure);
    let names = || {
        chosen
            .iter()
            .map(|token| json!({"id": token.id, "name": token.name}))
    };
    if asked.dry_run {
        asked.output.answer(
            || json!({"revoked": [], "dry_run": true, "plan": {"revokes": names().collect::<Vec<_>>()}}),
            || listed("would revoke", &chosen),
        );
        return Ok(());
    }
    asked
        .output
        .agrees_to(&listed("revoke token", &chosen), asked.yes)
        .await?;
    let outcomes = person
        .call(async |password| services.revoke_tokens(service, &chosen, password).await)
        .await?;
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| Some((&outcome.token.name, outcome.failed.as_ref()?)))
        .collect();
    if let Some((_, first)) = failed.first() {
        for outcome in outcomes.iter().filter(|outcome| outcome.failed.is_none()) {
            asked.output.note(&format!("revoked {}", outcome.token.name));
        }
        let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
        let mut problem = Problem::new(first.kind, format!("not revoked: {}", names.join(", ")))
            .because(first.message.clone());
        problem.remedy.clone_from(&first.remedy);
        return Err(problem);
    }
    asked.output.answer(
        || json!({"revoked": names().collect::<Vec<_>>()}),
        || listed("revoked", &chosen),
    );
    Ok(())
}

/// No list holds the tokens of an organisation: they are revoked by their names.
async fn revoke_of_organization(
    asked: &Asked<'_>,
    service: Service,
    person: &mut AsPerson<'_>,
    organization: &str,
    names: &[String],
) -> Result<(), Problem> {
    let lines = |verb: &str| {
        let lines = names
            .iter()
            .map(|name| format!("{verb} {name} of {organization}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let documents = || names.iter().map(|name| json!({"id": null, "name": name}));
    if asked.dry_run {
        asked.output.answer(
            || json!({"revoked": [], "dry_run": true, "plan": {"revokes": documents().collect::<Vec<_>>()}}),
            || lines("would revoke"),
        );
        return Ok(());
    }
    asked.output.agrees_to(&lines("revoke token"), asked.yes).await?;
    let services = asked.services;
    for name in names {
        let revoked = person
            .call(async |password| {
                services
                    .revoke_organization_token(service, organization, name, password)
                    .await
            })
            .await?;
        if revoked == Revocation::AlreadyGone {
            return Err(
                Problem::new(Kind::Usage, format!("{organization} has no token {name}"))
                    .remedy("check the name; no list holds the tokens of an organisation"),
            );
        }
    }
    asked.output.answer(
        || json!({"revoked": documents().collect::<Vec<_>>()}),
        || lines("revoked"),
    );
    Ok(())
}

fn listed(verb: &str, tokens: &[ServerToken]) -> String {
    let lines = tokens.iter().map(|token| format!("{verb} {}", token.name));
    lines.collect::<Vec<_>>().join("\n")
}

/// The tokens of these ids or names, each once.
///
/// Errors: one that the account does not have, or that a sign-in of this machine uses.
fn chosen(found: &[ServerToken], wanted: &[String]) -> Result<Vec<ServerToken>, Problem> {
    let mut chosen: Vec<ServerToken> = Vec::new();
    for text in wanted {
        let token = found
            .iter()
            .find(|token| (!token.id.is_empty() && token.id == *text) || token.name == *text);
        let token = token.ok_or_else(|| {
            Problem::new(Kind::Usage, format!("the account has no token {text}"))
                .remedy("see what there is: sextant tokens list --all")
        })?;
        if token.in_use {
            return Err(
                Problem::new(Kind::Usage, format!("the token {text} is in use by this machine"))
                    .because("conda would fail with 401 from then on")
                    .remedy("sign out, which revokes it and takes it out of conda's files: sextant sign-out"),
            );
        }
        if !chosen.contains(token) {
            chosen.push(token.clone());
        }
    }
    Ok(chosen)
}
