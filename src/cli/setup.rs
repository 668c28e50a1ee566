//! `sextant setup`.

mod browser;
mod kerberos;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{IndexLoginWords, SetupAnacondaClient, SetupCommand, SetupPip, SetupUv};
use super::config;
use super::output::{change_word, files_json, plan_json, plan_text};
use crate::edit::history::Entry;
use crate::error::{Explain, Kind, Problem};
use crate::repository::BinstarApi;
use crate::secret::Token;
use crate::service::configuration::ConfigurationFile;
use crate::service::setup::{
    AnacondaClientSetup, Audience, ByHand, CondaPart, DEFAULT_MIRROR, IndexAddress, IndexLogin, IndexUse,
    PipLevel, PipSetup, SetupPlan, UvSetup,
};

pub(super) async fn setup(asked: &Asked<'_>, command: SetupCommand) -> Result<(), Problem> {
    match command {
        SetupCommand::AnacondaClient(arguments) => anaconda_client(asked, arguments).await,
        SetupCommand::Pip(arguments) => pip(asked, arguments).await,
        SetupCommand::Uv(arguments) => uv(asked, arguments).await,
        SetupCommand::Kerberos(arguments) => kerberos::kerberos(asked, arguments).await,
        SetupCommand::Browser(arguments) => browser::browser(asked, arguments).await,
    }
}

const fn audience(is_for_everybody: bool) -> Audience {
    match is_for_everybody {
        true => Audience::Everybody,
        false => Audience::Person,
    }
}

async fn anaconda_client(asked: &Asked<'_>, arguments: SetupAnacondaClient) -> Result<(), Problem> {
    let Some(url) = arguments.url else {
        // What `anaconda config --show`, `--files` and `--show-sources` say, and the true order.
        return config::show(asked, ConfigurationFile::AnacondaClient, false);
    };
    let pasted = BinstarApi::parse_pasted(&url).map_err(|error| error.explain())?;
    if pasted.token.is_some() {
        return Err(Problem::new(Kind::Usage, "the address holds a token")
            .because("arguments of a command are seen by everybody on this computer")
            .remedy("give the address alone, and sign in: sextant sign-in repository"));
    }
    let named = arguments.default_channel;
    let setup = AnacondaClientSetup {
        api: AnacondaClientSetup::api_of(&pasted).map_err(|error| error.explain())?,
        audience: audience(arguments.site),
        conda: match (arguments.no_conda, named.is_empty()) {
            (true, _) => CondaPart::Leave,
            (false, true) => CondaPart::Follow {
                default_channels: vec![DEFAULT_MIRROR.to_owned()],
            },
            (false, false) => CondaPart::Follow {
                default_channels: named,
            },
        },
    };
    let plan = asked.services.plan_anaconda_client(&setup)?;
    let document = json!({"url": setup.api.token_key(), "audience": setup.audience});
    carry_out(asked, &plan, document, Value::Null, true).await?;
    Ok(())
}

async fn login(asked: &Asked<'_>, words: IndexLoginWords) -> Result<Option<IndexLogin>, Problem> {
    if words.token_stdin {
        let nothing = || Problem::new(Kind::Usage, "there is no token on standard input");
        let pasted = asked
            .output
            .pasted_secret(true, "Token: ")
            .await
            .ok_or_else(nothing)?;
        let wrong = |error: crate::secret::InvalidToken| Problem::new(Kind::Usage, error.to_string());
        return Ok(Some(IndexLogin::Token(
            Token::parse(pasted.expose().trim()).map_err(wrong)?,
        )));
    }
    let Some(user) = words.username else {
        return Ok(None);
    };
    let nothing = || {
        Problem::new(Kind::Usage, "there is no password")
            .remedy("add --password-stdin and send the password on standard input")
    };
    let prompt = format!("Password of {user}: ");
    let typed = asked.output.secret(words.password_stdin, &prompt).await;
    let password = typed
        .filter(|password| !password.is_empty())
        .ok_or_else(nothing)?;
    Ok(Some(IndexLogin::Password { user, password }))
}

async fn pip(asked: &Asked<'_>, arguments: SetupPip) -> Result<(), Problem> {
    let (text, index_use) = match (arguments.extra_index_url, arguments.index_url) {
        (Some(text), _) => (text, IndexUse::Beside),
        (None, text) => (text.unwrap_or_default(), IndexUse::Instead),
    };
    let address = IndexAddress::parse(&text).map_err(|error| error.explain())?;
    let setup = PipSetup {
        address: address.clone(),
        index_use,
        trusted_host: arguments.trusted_host,
        level: match (arguments.global, arguments.site) {
            (true, _) => PipLevel::Global,
            (_, true) => PipLevel::Site,
            _ => PipLevel::User,
        },
        login: login(asked, arguments.login).await?,
    };
    let plan = asked.services.plan_pip(&setup)?;
    let document = json!({"index": address.as_str(), "use": index_use, "level": setup.level});
    let checks = arguments.check && !asked.dry_run;
    let document = carry_out(asked, &plan, document, Value::Null, !checks).await?;
    if checks {
        let answer = asked.services.ask_pip(&address)?;
        let said = match answer.has_index {
            true => "pip has read it.",
            false => "pip has not read it; see: sextant config explain index-url --file pip",
        };
        asked
            .output
            .answer(|| joined(document, json!({"pip": answer})), || said.to_owned());
    }
    Ok(())
}

async fn uv(asked: &Asked<'_>, arguments: SetupUv) -> Result<(), Problem> {
    let (text, index_use) = match (arguments.index, arguments.default_index) {
        (Some(text), _) => (text, IndexUse::Beside),
        (None, text) => (text.unwrap_or_default(), IndexUse::Instead),
    };
    let address = IndexAddress::parse(&text).map_err(|error| error.explain())?;
    let is_name = |name: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(fits)
    };
    if !is_name(&arguments.name) {
        return Err(Problem::new(Kind::Usage, "uv takes no such name for an index")
            .remedy("use letters, digits and dashes: --name repository"));
    }
    let setup = UvSetup {
        address: address.clone(),
        name: arguments.name,
        index_use,
        audience: audience(arguments.global),
        login: login(asked, arguments.login).await?,
    };
    let plan = asked.services.plan_uv(&setup)?;
    let document = json!({"index": address.as_str(), "name": setup.name, "use": index_use});
    carry_out(asked, &plan, document, Value::Null, true).await?;
    Ok(())
}

/// Shows a set-up or carries it out, and says what came of it: `document` with the outcome added, which is printed unless
/// something more is to come. `state` is what stands there beside it.
async fn carry_out(
    asked: &Asked<'_>,
    setup: &SetupPlan,
    document: Value,
    state: Value,
    is_all: bool,
) -> Result<Value, Problem> {
    asked.output.warn(&setup.plan.warnings);
    let document = joined(
        document,
        json!({
            "files": files_json(&setup.plan),
            "by_hand": setup.by_hand,
            "afterwards": setup.afterwards,
            "warnings": setup.plan.warnings,
        }),
    );
    let document = joined(document, state);
    if asked.dry_run {
        let with = json!({"dry_run": true, "plan": plan_json(&setup.plan)});
        let text = || format!("{}{}", plan_text(&setup.plan), by_hand_text(&setup.by_hand));
        let document = joined(document, with);
        asked.output.answer(|| document.clone(), text);
        return Ok(document);
    }
    asked.output.agrees(&setup.plan, asked.yes).await?;
    let entry = asked.services.set_up(setup).await?;
    let document = joined(
        document,
        json!({
            "id": entry.as_ref().map(|entry| &entry.id),
            "done": setup.by_hand.is_empty(),
        }),
    );
    match is_all {
        true => asked
            .output
            .answer(|| document.clone(), || told(setup, entry.as_ref())),
        false => asked.output.note(&told(setup, entry.as_ref())),
    }
    Ok(document)
}

fn told(setup: &SetupPlan, entry: Option<&Entry>) -> String {
    let mut text = match entry {
        Some(entry) => format!("{}. To take it back: sextant undo {}\n", entry.what, entry.id),
        None if setup.by_hand.is_empty() => "It is so already.\n".to_owned(),
        None => String::new(),
    };
    text.push_str(&by_hand_text(&setup.by_hand));
    if !setup.is_empty() {
        for step in &setup.afterwards {
            text.push_str(&format!("then: {step}\n"));
        }
    }
    text
}

/// What this account may not change, with the command for somebody who may.
fn by_hand_text(by_hand: &[ByHand]) -> String {
    let mut text = String::new();
    for step in by_hand {
        let who = match step.needs_administrator {
            true => "by an administrator",
            false => "by hand",
        };
        text.push_str(&format!("to be changed {who}: {}\n", step.what));
        if let Some(diff) = &step.diff {
            text.push_str(&format!(
                "{} {}\n{}",
                change_word(diff.change),
                diff.path.display(),
                diff.to_text()
            ));
        }
        text.push_str(&format!("run:\n{}\n", step.command));
    }
    text
}

/// Two JSON objects in one.
fn joined(mut document: Value, with: Value) -> Value {
    if let (Value::Object(document), Value::Object(with)) = (&mut document, with) {
        document.extend(with);
    }
    document
}
