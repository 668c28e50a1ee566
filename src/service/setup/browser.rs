//! Letting browsers show a Kerberos ticket to a server (seed 002, "Browser Setup"; repository reference, sections 5.3 and
//! 5.4).

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{ByHand, KIND, SetupError, SetupPlan, browser_system};
use crate::clients::browsers::{
    Browser, ChromiumPolicies, FirefoxPolicies, FirefoxProfile, OLD_NAME, POLICY, POLICY_CNAME, PREFERENCE,
    allows, joined, listed, profile_text,
};
use crate::clients::machine::Machine;
use crate::edit::json::JsonError;
use crate::locations::Platform;
use crate::repository::Domain;
use crate::service::plan::{Owner, Plan, Warning};
use crate::service::{ServiceError, Services, blocking};

/// Where Firefox's setting goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirefoxPlace {
    /// A policy for everybody.
    #[default]
    Policy,
    /// The person's own profiles; it takes no administrator.
    Profiles,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSetup {
    host: String,
    /// Those that were found on this computer, where none is named.
    pub browsers: Vec<Browser>,
    /// Take the server's name as it stands in the address, where its entry in the name service is another.
    pub disables_lookup: bool,
    pub firefox: FirefoxPlace,
}

impl BrowserSetup {
    /// `server` may be pasted in any shape.
    ///
    /// Errors: a server that is none.
    pub fn new(server: &str) -> Result<Self, ServiceError> {
        Ok(Self {
            host: Domain::parse(server)?.host().to_ascii_lowercase(),
            browsers: Vec::new(),
            disables_lookup: false,
            firefox: FirefoxPlace::default(),
        })
    }

    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Whether a browser shows the server a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    Allowed {
        /// Where that is said.
        by: String,
    },
    NotAllowed,
    /// It shows tickets without being told.
    NothingNeeded,
    /// What decides cannot be read from here.
    Unknown,
}

/// A browser, and what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrowserView {
    pub browser: Browser,
    /// It was found on this computer.
    pub is_installed: bool,
    #[serde(flatten)]
    pub standing: Standing,
    /// The servers that are allowed.
    pub servers: Vec<String>,
    /// Where the browser itself shows what is in force.
    pub page: Option<&'static str>,
    pub warnings: Vec<Warning>,
}

impl Services {
    /// What each browser would do at a server.
    ///
    /// Errors: a server that is none.
    pub fn browser_views(&self, server: &str) -> Result<Vec<BrowserView>, ServiceError> {
        let host = Domain::parse(server)?.host().to_ascii_lowercase();
        Ok(blocking(|| {
            let machine = self.machine();
            let all = Browser::ALL.into_iter();
            all.filter(|browser| *browser != Browser::Safari || self.locations().platform == Platform::MacOs)
                .map(|browser| self.browser_view(&machine, browser, &host))
                .collect()
        }))
    }

    fn browser_view(&self, machine: &Machine, browser: Browser, host: &str) -> BrowserView {
        let mut view = BrowserView {
            browser,
            is_installed: is_installed(machine, browser),
            standing: Standing::NotAllowed,
            servers: Vec::new(),
            page: browser.policy_page(),
            warnings: Vec::new(),
        };
        match (browser, self.locations().platform) {
            (Browser::Safari, _) => view.standing = Standing::NothingNeeded,
            (Browser::Firefox, Platform::Linux | Platform::MacOs) => {
                self.look_at_firefox(&mut view, machine, host);
            }
            (_, Platform::Linux) => self.look_at_policies(&mut view, machine, host),
            _ => match browser_system::servers(browser, self.locations()) {
                Some(list) => {
                    view.servers = listed(&list).into_iter().map(str::to_owned).collect();
                    let place = browser.registry_key().or(browser.preferences_domain());
                    view.judge(host, place.unwrap_or_default());
                }
                None => view.standing = Standing::Unknown,
            },
        }
        view
    }

    fn look_at_policies(&self, view: &mut BrowserView, machine: &Machine, host: &str) {
        let Some(policies) = ChromiumPolicies::read(machine, view.browser) else {
            return;
        };
        view.servers = policies.servers().into_iter().map(str::to_owned).collect();
        if let Some(file) = policies.in_force() {
            view.judge(host, &file.path.display().to_string());
        }
        view.warnings = remarks(&policies);
    }

    fn look_at_firefox(&self, view: &mut BrowserView, machine: &Machine, host: &str) {
        let policies = FirefoxPolicies::read(machine);
        if let Some(reason) = &policies.broken {
            view.warnings.push(unreadable(&policies.path, reason));
        }
        view.servers = policies.servers;
        view.judge(host, &policies.path.display().to_string());
        if view.standing != Standing::NotAllowed {
            return;
        }
        for profile in FirefoxProfile::all(machine) {
            let list = profile.servers.unwrap_or_default();
            if allows_in_firefox(&listed(&list), host) {
                view.servers = listed(&list).into_iter().map(str::to_owned).collect();
                view.standing = Standing::Allowed {
                    by: profile
                        .path
                        .parent()
                        .unwrap_or(&profile.path)
                        .display()
                        .to_string(),
                };
            }
        }
    }

    /// What letting browsers show a ticket to a server will change: the server is added to what each allows already.
    ///
    /// Errors: [`SetupError::Json`] for a file that cannot be changed without risk, [`SetupError::NoBrowser`].
    pub fn plan_browsers(&self, setup: &BrowserSetup) -> Result<SetupPlan, ServiceError> {
        blocking(|| {
            let machine = self.machine();
            let platform = self.locations().platform;
            let browsers = match setup.browsers.is_empty() {
                false => setup.browsers.clone(),
                true => Browser::ALL
                    .into_iter()
                    .filter(|browser| is_installed(&machine, *browser))
                    .collect(),
            };
            if browsers.is_empty() {
                return Err(SetupError::NoBrowser.into());
            }
            let names: Vec<&str> = browsers.iter().map(|browser| browser.title()).collect();
            let mut plan = Plan::new(
                KIND,
                format!("Let {} show Kerberos tickets to {}", names.join(", "), setup.host),
            );
            let mut commands = Vec::new();
            let mut changed = Vec::new();
            if platform == Platform::Windows && browsers.contains(&Browser::Edge) {
                plan.warnings.push(Warning::with_remedy(
                    "Internet Explorer, and Edge where it takes its place, follow Windows' own zones",
                    "add the server to the zone Local intranet, and tick Enable Integrated Windows Authentication in the \
                     advanced Internet Options",
                ));
            }
            for browser in browsers {
                match (browser, platform) {
                    (Browser::Safari, _) => {}
                    (Browser::Firefox, _) if setup.firefox == FirefoxPlace::Profiles => {
                        plan_profiles(&mut plan, &machine, &setup.host)?;
                        changed.push(browser);
                    }
                    (Browser::Firefox, Platform::Linux | Platform::MacOs) => {
                        plan_firefox(&mut plan, &machine, &setup.host)?;
                        changed.push(browser);
                    }
                    (_, Platform::Linux) => {
                        plan_policies(&mut plan, &machine, browser, setup)?;
                        changed.push(browser);
                    }
                    _ => {
                        let command =
                            browser_system::command(browser, platform, &setup.host, setup.disables_lookup);
                        commands.extend(command.map(|command| {
                            let needs_administrator = platform == Platform::Windows;
                            ByHand::command(browser.title(), command, needs_administrator)
                        }));
                        changed.push(browser);
                    }
                }
            }
            let words = format!("setup browser --server {}", setup.host);
            let mut parted = self.parted(plan, &words)?;
            parted.by_hand.extend(commands);
            if !parted.is_empty() {
                parted.afterwards = changed
                    .iter()
                    .map(|browser| afterwards(*browser, setup.firefox))
                    .collect();
            }
            Ok(parted)
        })
    }
}

fn afterwards(browser: Browser, firefox: FirefoxPlace) -> String {
    let page = match (browser, firefox) {
        // A setting of a profile is no policy.
        (Browser::Firefox, FirefoxPlace::Profiles) => Some("about:config"),
        _ => browser.policy_page(),
    };
    match page {
        Some(page) => format!("restart {}, and look at {page}", browser.title()),
        None => format!("restart {}", browser.title()),
    }
}

impl BrowserView {
    fn judge(&mut self, host: &str, by: &str) {
        let servers: Vec<&str> = self.servers.iter().map(String::as_str).collect();
        let is_allowed = match self.browser {
            Browser::Firefox => allows_in_firefox(&servers, host),
            _ => allows(&servers, host),
        };
        if is_allowed {
            self.standing = Standing::Allowed { by: by.to_owned() };
        }
    }
}

/// Firefox knows no stars: a name stands for itself and for everything below it, `https://` for every encrypted server.
fn allows_in_firefox(servers: &[&str], host: &str) -> bool {
    servers.iter().any(|server| {
        let (scheme, rest) = server.split_once("://").unwrap_or(("", server));
        let name = rest
            .split(['/', ':'])
            .next()
            .unwrap_or_default()
            .trim_start_matches('.');
        let below = format!(".{}", name.to_ascii_lowercase());
        match name {
            "" => scheme == "https",
            name => host.eq_ignore_ascii_case(name) || host.ends_with(&below),
        }
    })
}

fn unreadable(path: &Path, reason: &str) -> Warning {
    Warning::with_remedy(
        format!("{} cannot be read: {reason}", path.display()),
        "correct the file; the browser passes over it, too",
    )
}

fn remarks(policies: &ChromiumPolicies) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for file in &policies.files {
        let path = file.path.display();
        if let Some(reason) = &file.broken {
            warnings.push(unreadable(&file.path, reason));
        }
        if file.old.is_some() {
            warnings.push(Warning::with_remedy(
                format!(
                    "{OLD_NAME} in {path} does nothing: no browser of today knows this name of the manual"
                ),
                format!("the name of today is {POLICY}"),
            ));
        }
        if file.is_wrong {
            warnings.push(Warning::with_remedy(
                format!("{POLICY} in {path} does nothing: it is no text"),
                "write the servers as one text, commas between",
            ));
        }
    }
    if let Some(chosen) = policies.in_force() {
        for rival in policies.rivals() {
            warnings.push(Warning::with_remedy(
                format!(
                    "{POLICY} stands in {} as well, which does not count",
                    rival.path.display()
                ),
                format!("keep one list: {}", chosen.path.display()),
            ));
        }
    }
    warnings
}

/// For a file that cannot be changed: what to write there.
fn refused(path: &Path, lines: String) -> impl FnOnce(JsonError) -> ServiceError {
    let path = path.to_owned();
    move |source| SetupError::Json { path, source, lines }.into()
}

fn plan_policies(
    plan: &mut Plan,
    machine: &Machine,
    browser: Browser,
    setup: &BrowserSetup,
) -> Result<(), ServiceError> {
    let Some(policies) = ChromiumPolicies::read(machine, browser) else {
        return Ok(());
    };
    plan.warnings.extend(remarks(&policies));
    let present = policies.in_force();
    let list = present.and_then(|file| file.servers.clone()).unwrap_or_default();
    let is_allowed = allows(&listed(&list), &setup.host);
    let looks_up = present.is_none_or(|file| file.disables_lookup != Some(true));
    if is_allowed && !(setup.disables_lookup && looks_up) {
        return Ok(());
    }
    let path = policies.file_to_change();
    // What the old name was meant to allow is allowed under the new one.
    let old = policies
        .files
        .iter()
        .find(|file| file.path == path)
        .and_then(|file| file.old.clone());
    let list = match (list.is_empty(), old) {
        (true, Some(old)) => old,
        _ => list,
    };
    let servers = match allows(&listed(&list), &setup.host) {
        true => list,
        false => joined(&list, &setup.host),
    };
    let before = plan.content(&path)?;
    let lines = match setup.disables_lookup {
        true => format!("\"{POLICY}\": \"{servers}\", \"{POLICY_CNAME}\": true"),
        false => format!("\"{POLICY}\": \"{servers}\""),
    };
    let after = ChromiumPolicies::changed(before.as_deref(), &servers, setup.disables_lookup)
        .map_err(refused(&path, lines))?;
    Ok(plan.put(path, Owner::Other, Some(after))?)
}

fn plan_firefox(plan: &mut Plan, machine: &Machine, host: &str) -> Result<(), ServiceError> {
    let policies = FirefoxPolicies::read(machine);
    let servers: Vec<&str> = policies.servers.iter().map(String::as_str).collect();
    if allows_in_firefox(&servers, host) {
        return Ok(());
    }
    let before = plan.content(&policies.path)?;
    let lines = format!("\"policies\": {{\"Authentication\": {{\"SPNEGO\": [\"{host}\"]}}}}");
    let after = FirefoxPolicies::changed(before.as_deref(), host).map_err(refused(&policies.path, lines))?;
    plan.warnings.push(Warning::new(format!(
        "the policy fixes {PREFERENCE}: what a person set there in about:config does not count any more"
    )));
    Ok(plan.put(policies.path, Owner::Other, Some(after))?)
}

fn plan_profiles(plan: &mut Plan, machine: &Machine, host: &str) -> Result<(), ServiceError> {
    let profiles = FirefoxProfile::all(machine);
    if profiles.is_empty() {
        plan.warnings.push(Warning::with_remedy(
            "Firefox has no profile yet",
            "start it once, then set it up again",
        ));
    }
    for profile in profiles {
        let list = profile.servers.unwrap_or_default();
        if allows_in_firefox(&listed(&list), host) {
            continue;
        }
        let before = plan.content(&profile.path)?;
        let text = before.as_deref().map(String::from_utf8_lossy);
        let after = profile_text(text.as_deref(), &joined(&list, host));
        plan.put(profile.path, Owner::Other, Some(after.into_bytes()))?;
    }
    Ok(())
}

/// Whether the program, or a policy for it, is on this computer.
fn is_installed(machine: &Machine, browser: Browser) -> bool {
    let root = &machine.locations.system_root;
    let places: &[&str] = match (machine.locations.platform, browser) {
        (Platform::Linux, Browser::Chrome) => &["opt/google/chrome", "etc/opt/chrome/policies"],
        (Platform::Linux, Browser::Chromium) => &[
            "usr/bin/chromium",
            "usr/bin/chromium-browser",
            "etc/chromium/policies",
        ],
        (Platform::Linux, Browser::Edge) => &["opt/microsoft/msedge", "etc/opt/edge/policies"],
        (Platform::Linux, Browser::Firefox) => &[
            "usr/bin/firefox",
            "usr/bin/firefox-esr",
            "opt/firefox",
            "etc/firefox/policies",
        ],
        (Platform::MacOs, Browser::Chrome) => &["Applications/Google Chrome.app"],
        (Platform::MacOs, Browser::Chromium) => &["Applications/Chromium.app"],
        (Platform::MacOs, Browser::Edge) => &["Applications/Microsoft Edge.app"],
        (Platform::MacOs, Browser::Firefox) => &["Applications/Firefox.app"],
        (Platform::MacOs, Browser::Safari) => &["Applications/Safari.app"],
        (Platform::Windows, Browser::Chrome) => &["Program Files/Google/Chrome"],
        (Platform::Windows, Browser::Chromium) => &["Program Files/Chromium"],
        (Platform::Windows, Browser::Edge) => &["Program Files (x86)/Microsoft/Edge"],
        (Platform::Windows, Browser::Firefox) => &["Program Files/Mozilla Firefox"],
        (Platform::Linux | Platform::Windows, Browser::Safari) => &[],
    };
    let of_person: Vec<PathBuf> = match browser {
        Browser::Firefox => FirefoxProfile::all(machine)
            .into_iter()
            .map(|profile| profile.path)
            .collect(),
        _ => Vec::new(),
    };
    !of_person.is_empty() || places.iter().any(|place| root.join(place).exists())
}
