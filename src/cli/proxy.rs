//! `sextant proxy`.

use serde_json::json;

use super::Asked;
use super::arguments::ProxyCommand;
use super::sign_in::password_of;
use crate::error::{Kind, Problem};
use crate::repository::ProxyAddress;

pub(super) async fn proxy(asked: &Asked<'_>, command: ProxyCommand) -> Result<(), Problem> {
    match command {
        ProxyCommand::LogIn {
            proxy,
            username,
            password_stdin,
        } => log_in(asked, &proxy, username, password_stdin).await,
        ProxyCommand::Forget { proxy } => forget(asked, &proxy),
    }
}

async fn log_in(
    asked: &Asked<'_>,
    text: &str,
    username: Option<String>,
    password_stdin: bool,
) -> Result<(), Problem> {
    let proxy = read(text)?;
    let username = match username.filter(|name| !name.is_empty()) {
        Some(name) => Some(name),
        None => asked.output.line(&format!("User name at {proxy}: ")).await,
    };
    let username = username
        .ok_or_else(|| Problem::new(Kind::Usage, "the user name is missing").remedy("add --username NAME"))?;
    let password = password_of(asked, password_stdin, &username, &proxy).await?;
    if !asked.dry_run {
        asked
            .services
            .set_proxy_credentials(&proxy, &username, &password)?;
    }
    asked.output.answer(
        || with_dry_run(asked, json!({"proxy": proxy, "user": username})),
        || match asked.dry_run {
            true => format!("would keep the login of {username} for the proxy {proxy}"),
            false => format!("Requests through the proxy {proxy} are made as {username}."),
        },
    );
    Ok(())
}

fn forget(asked: &Asked<'_>, text: &str) -> Result<(), Problem> {
    let proxy = read(text)?;
    if !asked.dry_run {
        asked.services.forget_proxy_credentials(&proxy)?;
    }
    asked.output.answer(
        || with_dry_run(asked, json!({"proxy": proxy})),
        || match asked.dry_run {
            true => format!("would forget the login for the proxy {proxy}"),
            false => format!("The login for the proxy {proxy} is forgotten."),
        },
    );
    Ok(())
}

fn with_dry_run(asked: &Asked<'_>, mut document: serde_json::Value) -> serde_json::Value {
    if asked.dry_run {
        document["dry_run"] = json!(true);
    }
    document
}

/// `host:port` of a proxy. A password in it is refused without being repeated.
fn read(text: &str) -> Result<String, Problem> {
    let problem = |message: &str| Problem::new(Kind::Usage, message);
    let address = ProxyAddress::parse(text).map_err(|error| {
        problem("this is no address of a proxy")
            .because(error.to_string())
            .remedy("give it as proxy.example.com:3128")
    })?;
    if address.has_login() {
        return Err(
            problem("the address of the proxy contains a user name or a password")
                .because("what stands in a command can be read by others")
                .remedy("give them with --username NAME --password-stdin"),
        );
    }
    Ok(address.host_and_port())
}

/// Asks the person at the terminal for the login that a proxy wants, and keeps it.
///
/// Errors: nothing was typed; the credential store.
pub(super) async fn ask(asked: &Asked<'_>, proxy: &str) -> Result<(), Problem> {
    let unanswered =
        || Problem::new(Kind::Cancelled, "cancelled").because(format!("the proxy {proxy} wants a login"));
    let username = asked.output.line("User name at the proxy: ").await;
    let username = username.ok_or_else(unanswered)?;
    let password = asked.output.secret(false, "Password at the proxy: ").await;
    let password = password
        .filter(|password| !password.is_empty())
        .ok_or_else(unanswered)?;
    Ok(asked
        .services
        .set_proxy_credentials(proxy, &username, &password)?)
}
