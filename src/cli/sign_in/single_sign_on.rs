//! Single sign-on at the command line: the browser opens beside it, or the person carries a code to another device.

use std::time::Duration;

use crate::cli::Asked;
use crate::cli::output::Output;
use crate::cli::remedy::reach;
use crate::error::{Kind, Problem};
use crate::repository::oidc::{DevicePrompt, OidcError};
use crate::service::ServiceError;
use crate::service::sign_in::LoggedIn;
use crate::service::sign_in::sso::{BrowserOpened, SignOnProgress, SignOnSite};

/// Where the person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// In the browser of this computer. `port` replaces the usual one of the site.
    Browser { port: Option<u16> },
    /// With a code, on any device.
    Code,
}

/// Waits for the person to sign in. Another site than the server's own is used only once the person has confirmed it.
pub(super) async fn sign_on(asked: &Asked<'_>, mut site: SignOnSite, how: How) -> Result<LoggedIn, Problem> {
    loop {
        let outcome = reach(asked, async || match attempt(asked, &site, how).await {
            Err(ServiceError::SingleSignOn(OidcError::OtherSite { domain, site })) if may_ask(asked) => {
                Ok(Attempt::OtherSite { domain, site })
            }
            other => other.map(Attempt::SignedOn),
        });
        match outcome.await? {
            Attempt::SignedOn(login) => return Ok(*login),
            Attempt::OtherSite { domain, site: other } => {
                let question = format!(
                    "{domain} sends you to {other} to sign in. Is that where your organisation signs in?"
                );
                if !asked.output.confirms(&question, false).await {
                    return Err(Problem::new(Kind::Cancelled, "cancelled").because("nothing was sent there"));
                }
                if let SignOnSite::Server { through, .. } = &mut site {
                    *through = Some(other);
                }
            }
        }
    }
}

/// What came of one attempt that did not fail.
enum Attempt {
    SignedOn(Box<LoggedIn>),
    OtherSite { domain: String, site: String },
}

fn may_ask(asked: &Asked<'_>) -> bool {
    !asked.yes && asked.output.can_ask()
}

async fn attempt(asked: &Asked<'_>, site: &SignOnSite, how: How) -> Result<Box<LoggedIn>, ServiceError> {
    let (services, output) = (asked.services, asked.output);
    let login = match how {
        How::Browser { port } => {
            services
                .sign_on_with_browser(site, port, |progress| {
                    if let SignOnProgress::Waiting(opened) = progress {
                        tell_of_browser(output, &opened);
                    }
                })
                .await?
        }
        How::Code => {
            services
                .sign_on_with_code(site, |progress| {
                    if let SignOnProgress::Waiting(prompt) = progress {
                        tell_code(output, &prompt);
                    }
                })
                .await?
        }
    };
    Ok(Box::new(login))
}

fn tell_of_browser(output: &Output, opened: &BrowserOpened) {
    let site = &opened.site;
    match &opened.not_opened {
        None => output.tell(&format!(
            "Sign in at {site} in the browser that opens. If none does, open this address on this computer:"
        )),
        Some(problem) => {
            let cause = problem
                .cause
                .as_deref()
                .map(|cause| format!(" ({cause})"))
                .unwrap_or_default();
            output.tell(&format!("warning: {}{cause}", problem.message));
            if opened.offers_code {
                output.tell("   try: stop this with Ctrl-C and add --device: a code for any other device");
            }
            output.tell(&format!(
                "Sign in at {site}: open this address in a browser on this computer:"
            ));
        }
    }
    output.tell(&format!("  {}", opened.address));
    output.tell(&format!("Waiting for {}; Ctrl-C cancels.", spoken(opened.limit)));
}

fn tell_code(output: &Output, prompt: &DevicePrompt) {
    output.tell("To sign in, open this address on any device:");
    output.tell(&format!("  {}", prompt.verification_uri));
    output.tell(&format!("and enter the code:\n  {}", prompt.user_code));
    if let Some(complete) = &prompt.verification_uri_complete {
        output.tell(&format!("or open both at once:\n  {complete}"));
    }
    output.tell(&format!(
        "Waiting for {}; Ctrl-C cancels.",
        spoken(prompt.expires_in)
    ));
}

fn spoken(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 120 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}
