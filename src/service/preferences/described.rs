//! What a change of Preferences is called in the history.

use super::settings::Settings;

/// What happened to a setting.
enum Said {
    SetTo(String),
    TakenBack,
    /// Its new value does not fit into a line.
    Changed,
}

/// The change in a person's words: one setting with its value, several by their names.
pub(super) fn described(from: &Settings, to: &Settings) -> String {
    let changes = changes(from, to);
    match changes.as_slice() {
        [(name, Said::SetTo(value))] => format!("Set {name} to {value}"),
        [(name, Said::TakenBack)] => format!("Took back {name}"),
        [(name, Said::Changed)] => format!("Changed {name}"),
        changes => {
            let names: Vec<&str> = changes.iter().map(|(name, _)| *name).collect();
            format!("Changed preferences: {}", names.join(", "))
        }
    }
}

fn changes(from: &Settings, to: &Settings) -> Vec<(&'static str, Said)> {
    let text = |value: Option<String>| value.map_or(Said::TakenBack, Said::SetTo);
    let path =
        |value: &Option<std::path::PathBuf>| text(value.as_ref().map(|path| path.display().to_string()));
    let switch = |is_on: bool| Said::SetTo(if is_on { "on" } else { "off" }.to_owned());
    let (before, after) = (&from.own, &to.own);
    let look = |own: &super::Preferences| (own.appearance, own.contrast, own.text_size);
    let proxy = |own: &super::Preferences| (own.proxy.clone(), own.no_proxy.clone());
    let all = [
        (
            "the server domain",
            from.server_domain != to.server_domain,
            text(to.server_domain.clone()),
        ),
        (
            "the Anaconda.org domain",
            from.anaconda_org != to.anaconda_org,
            text(to.anaconda_org.clone()),
        ),
        (
            "the Enterprise 4 domain",
            from.repository != to.repository,
            text(to.repository.clone()),
        ),
        (
            "the showing of hidden channels",
            from.shows_hidden_channels != to.shows_hidden_channels,
            switch(to.shows_hidden_channels),
        ),
        (
            "conda's ssl_verify",
            from.conda_trust != to.conda_trust,
            Said::SetTo(to.conda_trust.written()),
        ),
        ("the CA file", from.ca_file != to.ca_file, path(&to.ca_file)),
        (
            "offline mode",
            from.is_offline != to.is_offline,
            switch(to.is_offline),
        ),
        (
            "the default environment",
            from.default_environment != to.default_environment,
            path(&to.default_environment),
        ),
        ("the look", look(before) != look(after), Said::Changed),
        ("the proxy", proxy(before) != proxy(after), Said::Changed),
        (
            "the review before signing in",
            before.review_before_sign_in != after.review_before_sign_in,
            switch(after.review_before_sign_in),
        ),
        (
            "Navigator's generation",
            before.navigator_names != after.navigator_names,
            Said::Changed,
        ),
    ];
    let differing = all.into_iter().filter(|(_, differs, _)| *differs);
    differing.map(|(name, _, said)| (name, said)).collect()
}
