//! `sextant setup kerberos`.

use serde_json::{Value, json};

use super::super::Asked;
use super::super::arguments::SetupKerberos;
use super::carry_out;
use crate::clients::krb5::Krb5State;
use crate::error::{Kind, Problem};
use crate::service::setup::{KerberosSetup, KerberosState, KerberosView};

pub(super) async fn kerberos(asked: &Asked<'_>, arguments: SetupKerberos) -> Result<(), Problem> {
    let wanted = match (&arguments.realm, &arguments.kdc) {
        (Some(realm), Some(kdc)) => Some(KerberosSetup::new(&arguments.server, realm, kdc)?),
        _ => None,
    };
    if let Some(wanted) = &wanted {
        let mut plan = asked.services.plan_kerberos(wanted)?;
        let is_all = arguments.kinit.is_none() || asked.dry_run;
        if arguments.kinit.is_some() {
            // It is done in the same step, or fails with its reason.
            let step = wanted.ticket_step();
            plan.afterwards.retain(|left| *left != step);
        }
        let before = view_json(&asked.services.kerberos_view(&arguments.server)?);
        let document = json!({"server": wanted.server(), "realm": wanted.realm()});
        let document = carry_out(asked, &plan, document, json!({"before": before}), is_all).await?;
        if is_all {
            return Ok(());
        }
        let ticket = kinit(asked, &arguments, Some(wanted.realm())).await?;
        asked.output.answer(
            || super::joined(document, ticket.clone()),
            || ticket_text(&ticket),
        );
        return Ok(());
    }
    let mut ticket = Value::Null;
    if arguments.kinit.is_some() {
        if asked.dry_run {
            asked.output.note("a ticket would be asked for");
        } else {
            ticket = kinit(asked, &arguments, None).await?;
        }
    }
    let state = asked.services.kerberos_state(&arguments.server, &[]).await?;
    asked.output.answer(
        || super::joined(state_json(&state), ticket),
        || state_text(&state),
    );
    Ok(())
}

/// Gets a ticket. A name without a realm is meant in the one of the server.
async fn kinit(asked: &Asked<'_>, arguments: &SetupKerberos, realm: Option<&str>) -> Result<Value, Problem> {
    let name = arguments.kinit.as_deref().unwrap_or_default();
    let known = asked.services.kerberos_view(&arguments.server)?;
    let principal = match (name.contains('@'), realm.or(known.realm_in_use())) {
        (false, Some(realm)) => format!("{name}@{realm}"),
        _ => name.to_owned(),
    };
    let prompt = format!("Password of {principal}: ");
    let typed = asked.output.secret(arguments.password_stdin, &prompt).await;
    let nothing = || {
        Problem::new(Kind::Usage, "there is no password")
            .remedy("add --password-stdin and send the password on standard input")
    };
    let password = typed
        .filter(|password| !password.is_empty())
        .ok_or_else(nothing)?;
    let ticket = asked.services.get_ticket(&principal, &password).await?;
    Ok(json!({
        "ticket": ticket.map(|ticket| json!({"principal": ticket.principal, "expires_at": ticket.expires_at})),
    }))
}

fn ticket_text(document: &Value) -> String {
    match document["ticket"]["principal"].as_str() {
        Some(principal) => format!("There is a ticket for {principal}."),
        None => "kinit ended well, but there is no ticket; see: klist".to_owned(),
    }
}

fn view_json(view: &KerberosView) -> Value {
    let place = |place: &crate::clients::krb5::Krb5Place| {
        let (state, reason) = match &place.state {
            Krb5State::Read => ("read", None),
            Krb5State::Missing => ("missing", None),
            Krb5State::Broken { reason } => ("broken", Some(reason)),
        };
        json!({"path": place.path, "state": state, "reason": reason, "included_by": place.included_by})
    };
    json!({
        "places": view.places.iter().map(place).collect::<Vec<_>>(),
        "default_realm": view.default_realm,
        "realm": view.realm.as_ref().map(|(realm, _)| realm),
        "mapped_by": view.realm.as_ref().map(|(_, by)| by),
        "key_servers": view.key_servers,
    })
}

fn state_json(state: &KerberosState) -> Value {
    let mut document = view_json(&state.view);
    document["server"] = json!(state.view.server);
    document["key_servers"] = json!(state.key_servers);
    document["ticket"] = match &state.ticket {
        Ok(Some(ticket)) => json!({"principal": ticket.principal, "expires_at": ticket.expires_at}),
        Ok(None) | Err(_) => Value::Null,
    };
    document["no_ticket_because"] = json!(state.ticket.as_ref().err());
    document["clock_is_right"] = match state.key_servers.iter().any(|server| server.ahead.is_some()) {
        true => json!(state.skewed().is_none()),
        false => Value::Null,
    };
    document
}

fn state_text(state: &KerberosState) -> String {
    let view = &state.view;
    let mut lines = vec![view.server.clone()];
    for place in &view.places {
        let said = match &place.state {
            Krb5State::Read => "read".to_owned(),
            Krb5State::Missing => "not there".to_owned(),
            Krb5State::Broken { reason } => format!("Kerberos stops at it: {reason}"),
        };
        lines.push(format!("  file          {}: {said}", place.path.display()));
    }
    lines.push(match (&view.realm, &view.default_realm) {
        (Some((realm, by)), _) => format!("  realm         {realm}, by {by} in [domain_realm]"),
        (None, Some(realm)) => format!("  realm         not named; the default one is {realm}"),
        (None, None) => "  realm         not named, and there is no default one".to_owned(),
    });
    for server in &state.key_servers {
        let said = match (&server.answer, server.ahead) {
            (Err(problem), _) => {
                let cause = problem.cause.as_deref().unwrap_or(&problem.message);
                // It begins with the address.
                cause
                    .split_once(": ")
                    .map_or(cause, |(_, cause)| cause)
                    .to_owned()
            }
            (Ok(answer), _) if answer.refuses_realm => "answers, but does not serve this realm".to_owned(),
            (Ok(answer), Some(ahead)) => format!(
                "answers in {} ms, its clock is {} s ahead",
                answer.took.as_millis(),
                ahead
            ),
            (Ok(answer), None) => format!("answers in {} ms", answer.took.as_millis()),
        };
        lines.push(format!("  key server    {}: {said}", server.address));
    }
    if state.key_servers.is_empty() {
        lines.push("  key server    none is named".to_owned());
    }
    lines.push(match &state.ticket {
        Ok(Some(ticket)) => format!("  ticket        {}", ticket.principal),
        Ok(None) => "  ticket        none".to_owned(),
        Err(problem) => format!("  ticket        {}", problem.message),
    });
    if let Some(server) = state.skewed() {
        lines.push(format!(
            "  clock         too far from that of {}: Kerberos bears {} s",
            server.address, view.clock_skew
        ));
    }
    lines.join("\n")
}
