//! `sextant trust`.

use std::path::Path;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{TrustCommand, TrustSet};
use super::domain::read;
use super::remedy::reach;
use super::sign_in::whole_path;
use crate::error::{Explain, Kind, Problem};
use crate::repository::{Certificate, Domain, Fingerprint, PresentedCertificates};
use crate::service::network::Way;
use crate::service::trust::{ClientFiles, Trust};

pub(super) async fn trust(asked: &Asked<'_>, command: TrustCommand) -> Result<(), Problem> {
    match command {
        TrustCommand::Show { url } => {
            let server = read(asked, &url)?;
            let trust = asked.services.trust_of(&server)?;
            show(asked, &server, &trust)
        }
        TrustCommand::Set(arguments) => set(asked, arguments),
        TrustCommand::Forget { url } => {
            let server = read(asked, &url)?;
            decide(asked, &server, Trust::default())
        }
        TrustCommand::Certificate { url, ca_file } => {
            certificate(asked, &read(asked, &url)?, whole_path(ca_file).as_deref()).await
        }
    }
}

fn set(asked: &Asked<'_>, arguments: TrustSet) -> Result<(), Problem> {
    let server = read(asked, &arguments.url)?;
    let pin = arguments.pin.as_deref().map(Fingerprint::parse).transpose();
    let pin = pin.map_err(|error| error.explain())?;
    let named = arguments.ca_file.is_some() || pin.is_some() || arguments.client_certificate.is_some();
    if !named {
        return Err(Problem::new(Kind::Usage, "it is not said what to trust")
            .remedy("add --ca-file FILE, --pin SHA256 or --client-certificate FILE"));
    }
    let mut trust = asked.services.trust_of(&server)?;
    if let Some(path) = whole_path(arguments.ca_file) {
        trust.ca_file = Some(path);
    }
    if pin.is_some() {
        trust.pinned_certificate = pin;
    }
    if let Some(certificate) = whole_path(arguments.client_certificate) {
        trust.client_certificate = Some(ClientFiles {
            certificate,
            key: whole_path(arguments.client_key),
        });
    }
    asked.services.check_trust(&trust)?;
    decide(asked, &server, trust)
}

/// Decides, and shows what that comes to.
fn decide(asked: &Asked<'_>, server: &Domain, trust: Trust) -> Result<(), Problem> {
    if asked.dry_run {
        let before = asked.services.trust_of(server)?;
        asked.output.answer(
            || {
                json!({
                    "server": server.as_str(),
                    "dry_run": true,
                    "plan": {"before": decided_json(&before), "after": decided_json(&trust)},
                })
            },
            || {
                format!(
                    "{server}\nbefore:{}\nafter:{}",
                    decided_text(&before),
                    decided_text(&trust)
                )
            },
        );
        return Ok(());
    }
    asked.services.set_trust(server, trust.clone())?;
    show(asked, server, &trust)
}

fn show(asked: &Asked<'_>, server: &Domain, trust: &Trust) -> Result<(), Problem> {
    let way = asked.services.way_to(server, None)?;
    asked.output.answer(
        || {
            let mut document = json!({"server": server.as_str()});
            if let (Some(document), Value::Object(decided)) = (document.as_object_mut(), decided_json(trust))
            {
                document.extend(decided);
            }
            document["way"] = json!(way);
            document
        },
        || {
            format!(
                "{server}\ndecided for it:{}\n{}",
                decided_text(trust),
                way_text(&way)
            )
        },
    );
    asked.output.warn(&way.warnings);
    Ok(())
}

fn decided_json(trust: &Trust) -> Value {
    let client = trust.client_certificate.as_ref();
    json!({
        "ca_file": trust.ca_file,
        "pinned_certificate": trust.pinned_certificate.map(|pin| pin.to_string()),
        "client_certificate": client.map(|files| &files.certificate),
        "client_key": client.and_then(|files| files.key.as_ref()),
    })
}

fn decided_text(trust: &Trust) -> String {
    let mut text = String::new();
    if let Some(path) = &trust.ca_file {
        text.push_str(&format!("\n  CA file             {}", path.display()));
    }
    if let Some(pin) = trust.pinned_certificate {
        text.push_str(&format!("\n  only certificate    {pin}"));
    }
    if let Some(files) = &trust.client_certificate {
        text.push_str(&format!(
            "\n  client certificate  {}",
            files.certificate.display()
        ));
        if let Some(key) = &files.key {
            text.push_str(&format!("\n  its key             {}", key.display()));
        }
    }
    if text.is_empty() {
        text.push_str(" nothing");
    }
    text
}

fn way_text(way: &Way) -> String {
    let mut text = match way.trust.as_slice() {
        [] => "nobody vouches for it: the connection is not encrypted".to_owned(),
        trusted => {
            let lines = trusted.iter().map(|who| format!("\n  {who}"));
            format!("vouched for by:{}", lines.collect::<String>())
        }
    };
    if let Some(client) = &way.client_certificate {
        text.push_str(&format!(
            "\nclient certificate of {}, set by {}",
            client.subject, client.source
        ));
    }
    match &way.proxy {
        None => text.push_str("\nreached directly"),
        Some(proxy) => {
            let login = proxy
                .user
                .as_deref()
                .map(|user| format!(" as {user}"))
                .unwrap_or_default();
            text.push_str(&format!(
                "\nreached through {}{login}, set by {}",
                proxy.address, proxy.source
            ));
        }
    }
    text
}

async fn certificate(asked: &Asked<'_>, server: &Domain, ca_file: Option<&Path>) -> Result<(), Problem> {
    if server.is_plain_http() {
        return Err(Problem::new(Kind::Usage, format!("{server} has no certificate"))
            .because("the connection is not encrypted")
            .remedy("give an address that begins with https://"));
    }
    let services = asked.services;
    let presented = reach(asked, async || services.certificates_of(server, ca_file).await).await?;
    let refused = presented.refused.as_ref().map(Explain::explain);
    asked.output.answer(
        || {
            json!({
                "server": server.as_str(),
                "accepted": refused.is_none(),
                "certificate": presented.chain.first().map(certificate_json),
                "chain": presented.chain.iter().map(certificate_json).collect::<Vec<_>>(),
                "refused_because": refused,
            })
        },
        || certificates_text(server, &presented, refused.as_ref()),
    );
    Ok(())
}

fn certificate_json(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
        "names": certificate.names,
        "more_names": certificate.more_names,
        "sha256": certificate.fingerprint.to_string(),
        "self_issued": certificate.self_issued,
    })
}

fn certificates_text(
    server: &Domain,
    presented: &PresentedCertificates,
    refused: Option<&Problem>,
) -> String {
    let mut text = match refused {
        None => format!("{server} is accepted."),
        Some(problem) => {
            let mut text = format!("{server} is not accepted: {}.", problem.message);
            if let Some(cause) = &problem.cause {
                text.push_str(&format!("\ncause: {cause}"));
            }
            if let Some(remedy) = &problem.remedy {
                text.push_str(&format!("\ntry: {remedy}"));
            }
            text
        }
    };
    for (place, certificate) in presented.chain.iter().enumerate() {
        let title = match place {
            0 => "its certificate",
            _ => "and one above it",
        };
        text.push_str(&format!(
            "\n{title}\n  subject      {}\n  issuer       {}\n  valid from   {}\n  valid until  {}\n  names        {}\n  SHA-256      {}",
            certificate.subject,
            certificate.issuer,
            certificate.valid_from.strftime("%Y-%m-%d %H:%M UTC"),
            certificate.valid_until.strftime("%Y-%m-%d %H:%M UTC"),
            certificate.shown_names(),
            certificate.fingerprint,
        ));
    }
    text
}
