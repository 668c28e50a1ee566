//! `sextant tokens`.

mod issue;
mod on_server;
mod put_to_use;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{TokensCommand, TokensLeftOver, TokensRenew};
use super::as_person::AsPerson;
use super::output::{connected, files_json, plan_json, plan_text};
use super::which::service_of;
use crate::error::{Kind, Problem};
use crate::service::connection::{Connection, Service};
use crate::service::plan::Plan;
use crate::service::tokens::{LeftOver, Renewal, Renewed, TokenHealth, TokenState};

pub(super) async fn tokens(asked: &Asked<'_>, command: TokensCommand) -> Result<(), Problem> {
    match command {
        TokensCommand::List(words) if words.all => on_server::list(asked, words).await,
        TokensCommand::List(_) => list(asked),
        TokensCommand::Scopes(words) => issue::scopes(asked, words).await,
        TokensCommand::Create(words) => issue::create(asked, words).await,
        TokensCommand::LeftOver(arguments) => left_over(asked, arguments).await,
        TokensCommand::Renew(arguments) => renew(asked, arguments).await,
        TokensCommand::Revoke(arguments) => on_server::revoke(asked, arguments).await,
    }
}

fn list(asked: &Asked<'_>) -> Result<(), Problem> {
    let health = asked.services.token_health()?;
    let connections = asked.services.connections()?;
    let entries = asked.services.entries()?;
    // The change in which a token came to be names its session.
    let created_at = |connection: &Connection| {
        let id = connection.session.as_deref()?.strip_prefix("session/")?;
        entries.iter().find(|entry| entry.id == id).map(|entry| entry.at)
    };
    asked.output.answer(
        || {
            let tokens: Vec<Value> = health
                .iter()
                .map(|token| {
                    let connection = connections.of(token.service);
                    let mut document = json!(token);
                    document["id"] = json!(connection.and_then(|connection| connection.token.id.clone()));
                    document["created_at"] = json!(connection.and_then(created_at));
                    document
                })
                .collect();
            json!({ "tokens": tokens })
        },
        || {
            if health.is_empty() {
                return "No sign-in of this machine uses a token.".to_owned();
            }
            health.iter().map(told).collect::<Vec<_>>().join("\n")
        },
    );
    Ok(())
}

fn told(token: &TokenHealth) -> String {
    let name = token.name.as_deref().unwrap_or("your own token");
    let end = match (token.state, token.days_left) {
        (TokenState::Expired, _) => "has expired".to_owned(),
        (_, Some(days)) => format!("{days} days left"),
        (_, None) => "nobody said when it ends".to_owned(),
    };
    let renewal = match token.renewal {
        Renewal::BringNewToken => "bring a new one to renew it".to_owned(),
        Renewal::AtOnce | Renewal::WithPassword => {
            format!("renew it with: sextant tokens renew {}", token.service.name())
        }
    };
    let mut text = format!("{name}\n  for     {}", connected(&token.domain, &token.user));
    if !token.scopes.is_empty() {
        text.push_str(&format!("\n  scopes  {}", token.scopes.join(", ")));
    }
    format!("{text}\n  {end}; {renewal}")
}

async fn left_over(asked: &Asked<'_>, arguments: TokensLeftOver) -> Result<(), Problem> {
    let service = service_of(asked, arguments.service)?;
    let mut person = AsPerson::new(asked, service, arguments.password_stdin).await?;
    let services = asked.services;
    let found = person
        .call(async |password| services.left_over_tokens(service, password).await)
        .await?;
    asked.output.answer(
        || json!({ "tokens": found }),
        || {
            if found.is_empty() {
                return "Nothing was left over.".to_owned();
            }
            found.iter().map(left_over_line).collect::<Vec<_>>().join("\n")
        },
    );
    Ok(())
}

fn left_over_line(token: &LeftOver) -> String {
    let made = match token.created_at {
        Some(at) => format!(" on {}", at.strftime("%Y-%m-%d")),
        None => String::new(),
    };
    let whose = match token.surely_of_this_machine {
        true => "",
        false => "; another machine may use it",
    };
    format!(
        "{}\n  id {}, made by {}{made}{whose}",
        token.name,
        token.id,
        token.made_by.title()
    )
}

async fn renew(asked: &Asked<'_>, arguments: TokensRenew) -> Result<(), Problem> {
    let service = service_of_token(asked, arguments.which.as_deref())?;
    let services = asked.services;
    let plan = services.plan_renewal(service)?;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        let domain = services
            .connections()?
            .of(service)
            .map(|connection| connection.domain.clone());
        asked.output.answer(
            || renewal_json(&plan, service, domain.as_deref()),
            || plan_text(&plan),
        );
        return Ok(());
    }
    let mut person = AsPerson::new(asked, service, arguments.password_stdin).await?;
    asked.output.agrees(&plan, asked.yes).await?;
    let renewed = person
        .call(async |password| services.renew(service, &plan, password).await)
        .await?;
    if let Some(problem) = &renewed.not_revoked_because {
        asked.output.note(&format!(
            "warning: the former token was not revoked: {}\n   try: sextant recover; Sextant remembers it",
            problem.message
        ));
    }
    asked.output.answer(|| json!(renewed), || renewal_told(&renewed));
    Ok(())
}

fn renewal_json(plan: &Plan, service: Service, domain: Option<&str>) -> Value {
    json!({
        "service": service,
        "domain": domain,
        "token": plan.token.as_ref().map(|token| json!({"id": null, "name": token.name, "expires_at": token.expires_on})),
        "files": files_json(plan),
        "former_revoked": null,
        "dry_run": true,
        "plan": plan_json(plan),
    })
}

fn renewal_told(renewed: &Renewed) -> String {
    let mut text = format!("Renewed the token for {}.", renewed.domain);
    if let (Some(name), Some(expires)) = (&renewed.token.name, renewed.token.expires_at) {
        text.push_str(&format!(
            "\nToken {name} expires on {}.",
            expires.strftime("%Y-%m-%d")
        ));
    }
    for file in &renewed.files {
        text.push_str(&format!("\n{:?} {}", file.change, file.path.display()));
    }
    if renewed.former_revoked == Some(true) {
        text.push_str("\nThe former token was revoked.");
    }
    text
}

/// The service of this name, or the one whose token has this id or name.
fn service_of_token(asked: &Asked<'_>, which: Option<&str>) -> Result<Service, Problem> {
    let Some(which) = which else {
        return service_of(asked, None);
    };
    if let Some(service) = Service::ALL.into_iter().find(|service| service.name() == which) {
        return Ok(service);
    }
    let connections = asked.services.connections()?.connections;
    let found = connections.iter().find(|connection| {
        let token = &connection.token;
        [&token.id, &token.name]
            .into_iter()
            .any(|known| known.as_deref() == Some(which))
    });
    found.map(|connection| connection.service).ok_or_else(|| {
        let names = Service::ALL.map(Service::name).join(", ");
        Problem::new(
            Kind::Usage,
            format!("{which} is neither a service nor a token in use"),
        )
        .remedy(format!("name one of {names}, or a token of: sextant tokens list"))
    })
}
