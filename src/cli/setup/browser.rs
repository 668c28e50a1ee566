//! `sextant setup browser`.

use serde_json::json;

use super::super::Asked;
use super::super::arguments::SetupBrowser;
use super::carry_out;
use crate::clients::browsers::Browser;
use crate::error::Problem;
use crate::service::setup::{BrowserSetup, BrowserView, FirefoxPlace, Standing};

pub(super) async fn browser(asked: &Asked<'_>, arguments: SetupBrowser) -> Result<(), Problem> {
    let mut setup = BrowserSetup::new(&arguments.server)?;
    setup.browsers = arguments.browser.into_iter().map(Into::into).collect();
    setup.disables_lookup = arguments.no_cname_lookup;
    if arguments.profile {
        setup.firefox = FirefoxPlace::Profiles;
    }
    let views = asked.services.browser_views(&arguments.server)?;
    let plan = asked.services.plan_browsers(&setup)?;
    for view in views.iter().filter(|view| is_meant(&setup, view)) {
        asked.output.note(&said(view));
    }
    // On systems without it there is nothing to look at.
    if setup.browsers.contains(&Browser::Safari) && !views.iter().any(|view| view.browser == Browser::Safari)
    {
        asked
            .output
            .note("Safari: needs nothing, it shows tickets by itself");
    }
    let document = json!({"server": setup.host()});
    carry_out(asked, &plan, document, json!({"browsers": views}), true).await?;
    Ok(())
}

fn is_meant(setup: &BrowserSetup, view: &BrowserView) -> bool {
    match setup.browsers.is_empty() {
        true => view.is_installed,
        false => setup.browsers.contains(&view.browser),
    }
}

fn said(view: &BrowserView) -> String {
    let title = view.browser.title();
    match &view.standing {
        Standing::Allowed { by } => format!("{title}: allowed, by {by}"),
        Standing::NotAllowed => format!("{title}: not allowed yet"),
        Standing::NothingNeeded => format!("{title}: needs nothing, it shows tickets by itself"),
        Standing::Unknown => match view.page {
            Some(page) => format!("{title}: cannot be told from here, see {page}"),
            None => format!("{title}: cannot be told from here"),
        },
    }
}
