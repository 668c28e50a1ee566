//! The options of `anaconda-navigator.ini`, with their defaults and meaning.
//!
//! Source: product research, section 1.6. An option whose default is text is written bare, any other value as a Python
//! literal.

use super::literal::Literal;
use super::{NavigatorError, NavigatorFile};
use crate::edit::ini::IniError;

/// What an option holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionForm {
    Switch,
    Number,
    /// Text, written without quotes.
    Text,
    /// `None`, or an address in quotes.
    Address,
    /// `None`, or a path in quotes.
    Path,
    /// `None`, or a secret in quotes.
    Secret,
    /// `None`, or text in quotes.
    TextOrNone,
    /// `None`, or a name in quotes or without.
    Brand,
    /// A list of texts, or `None`.
    List,
}

/// An option that Navigator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NavigatorOption {
    pub section: &'static str,
    pub name: &'static str,
    /// What it is called by the other generation of Navigator.
    pub former: &'static [&'static str],
    pub form: OptionForm,
    /// As it stands in the file; nothing where it depends on the machine.
    pub default: Option<&'static str>,
    /// One line.
    pub documentation: &'static str,
}

const fn option(
    section: &'static str,
    name: &'static str,
    form: OptionForm,
    default: &'static str,
    documentation: &'static str,
) -> NavigatorOption {
    NavigatorOption {
        section,
        name,
        former: &[],
        form,
        default: Some(default),
        documentation,
    }
}

const fn switch(name: &'static str, default: bool, documentation: &'static str) -> NavigatorOption {
    let default = if default { "True" } else { "False" };
    option("main", name, OptionForm::Switch, default, documentation)
}

const fn address(name: &'static str, default: &'static str, documentation: &'static str) -> NavigatorOption {
    option("main", name, OptionForm::Address, default, documentation)
}

impl NavigatorOption {
    const fn formerly(mut self, former: &'static [&'static str]) -> Self {
        self.former = former;
        self
    }

    const fn without_default(mut self) -> Self {
        self.default = None;
        self
    }

    /// The value in the form in which Navigator writes it for this option.
    fn literal(&self, value: &Literal) -> Literal {
        let bare = matches!(self.form, OptionForm::Text)
            || self.default.is_some_and(|default| default.contains("://"));
        match (bare, value) {
            (true, Literal::Text(text)) if Literal::read(text) == Literal::Bare(text.clone()) => {
                Literal::Bare(text.clone())
            }
            (false, Literal::Bare(text)) if self.form != OptionForm::Brand => Literal::Text(text.clone()),
            _ => value.clone(),
        }
    }

    /// What the value would have to be, where it is none that Navigator can use.
    pub fn refused(&self, value: &Literal) -> Option<&'static str> {
        let (fits, expected) = match self.form {
            OptionForm::Switch => (matches!(value, Literal::Bool(_)), "True or False"),
            OptionForm::Number => (matches!(value, Literal::Number(_)), "a number"),
            OptionForm::Text => (!matches!(value, Literal::List(_)), "a text"),
            OptionForm::Address => {
                let fits = value.text().is_some_and(is_address);
                (
                    fits || *value == Literal::None,
                    "an address such as https://example.com, or None",
                )
            }
            OptionForm::Path => (
                value.text().is_some() || *value == Literal::None,
                "a path, or None",
            ),
            OptionForm::Secret | OptionForm::TextOrNone | OptionForm::Brand => (
                value.text().is_some() || *value == Literal::None,
                "a text, or None",
            ),
            OptionForm::List => {
                let fits = matches!(value, Literal::List(_) | Literal::None);
                (fits, "a list such as ['psm.example.com']")
            }
        };
        (!fits).then_some(expected)
    }
}

fn is_address(text: &str) -> bool {
    text.is_empty() || text.starts_with("http://") || text.starts_with("https://")
}

use OptionForm::{Brand, List, Number, Path, Secret, Text, TextOrNone};

/// Every option that is known.
pub const OPTIONS: [NavigatorOption; 43] = [
    address(
        "anaconda_server_api_url",
        "None",
        "The address of the Anaconda Server (PSM On-Prem API domain), without a slash at its end.",
    )
    .formerly(&["team_edition_api_url"]),
    option(
        "main",
        "anaconda_server_token",
        Secret,
        "None",
        "The token of the Anaconda Server; set at sign-in.",
    )
    .formerly(&["team_edition_token"]),
    option(
        "main",
        "anaconda_server_token_id",
        TextOrNone,
        "None",
        "The server's identifier of that token.",
    )
    .formerly(&["team_edition_token_id"]),
    switch(
        "anaconda_server_show_hidden_channels",
        false,
        "Show the hidden channels of the Anaconda Server.",
    ),
    address(
        "logged_api_url",
        "None",
        "The address Navigator is signed in to; None when signed out.",
    ),
    option(
        "main",
        "logged_brand",
        Brand,
        "None",
        "The product Navigator is signed in to; None when signed out.",
    ),
    address(
        "anaconda_api_url",
        "https://api.anaconda.org",
        "The address of Anaconda.org's API.",
    ),
    address(
        "enterprise_4_repo_api_url",
        "None",
        "The address of an Anaconda Repository's API.",
    ),
    address(
        "anaconda_professional_url",
        "https://repo.anaconda.cloud",
        "The address of Anaconda.com's repository.",
    )
    .formerly(&["commercial_edition_url"]),
    address(
        "cloud_base_url",
        "https://anaconda.cloud",
        "The address of Anaconda.com.",
    ),
    option(
        "main",
        "auth_domain",
        Text,
        "id.anaconda.cloud",
        "The host where people sign in to Anaconda.com.",
    ),
    switch("ssl_verification", true, "Check the certificates of servers."),
    option(
        "main",
        "ssl_certificate",
        Path,
        "None",
        "A file with the certificate of your organisation's authority.",
    ),
    option(
        "ssl",
        "trusted_servers",
        List,
        "[]",
        "Hosts whose certificates are not checked.",
    ),
    address(
        "default_anaconda_api_url",
        "None",
        "What anaconda_api_url becomes at the first start; for roll-out.",
    ),
    option(
        "main",
        "default_ssl_certificate",
        Path,
        "None",
        "What ssl_certificate becomes at the first start; for roll-out.",
    ),
    switch("offline_mode", false, "Work without the network."),
    switch(
        "last_status_is_offline",
        false,
        "Whether Navigator was offline when it was closed.",
    ),
    switch(
        "first_time_offline",
        true,
        "Whether the notice about being offline was not shown yet.",
    ),
    switch(
        "hide_offline_dialog",
        true,
        "Do not show the notice about being offline.",
    ),
    switch("hide_quit_dialog", false, "Do not ask before quitting."),
    switch(
        "hide_running_apps_dialog",
        false,
        "Do not ask about running applications when quitting.",
    ),
    switch("hide_update_dialog", false, "Do not offer updates at start."),
    option(
        "main",
        "default_env",
        Text,
        "",
        "The folder of the environment that is chosen at start.",
    )
    .without_default(),
    switch(
        "add_default_channels",
        true,
        "Add the default channels where none are chosen.",
    ),
    option(
        "main",
        "conda_active_channels",
        List,
        "None",
        "The channels that are shown.",
    ),
    switch(
        "enable_high_dpi_scaling",
        true,
        "Scale the window on displays with many pixels.",
    )
    .without_default(),
    switch(
        "provide_analytics",
        true,
        "Send reports about the use of Navigator.",
    ),
    switch(
        "show_application_environments",
        true,
        "Show the environments that applications belong to.",
    ),
    switch(
        "show_application_launch_errors",
        true,
        "Show the error messages of applications at their start.",
    ),
    switch(
        "show_startup",
        true,
        "Show a notice at start; older Navigators only.",
    ),
    address(
        "advertisement_url",
        "https://www.anaconda.com/api/navigator",
        "Where advertisements come from.",
    ),
    option(
        "main",
        "identity",
        Text,
        "",
        "The identifier that reports are sent under.",
    ),
    option(
        "main",
        "running_apps_to_close",
        List,
        "['anaconda-fusion']",
        "Applications that are ended with Navigator.",
    ),
    switch("first_run", true, "Whether Navigator was not started before."),
    option(
        "main",
        "version",
        Text,
        "2.0.0",
        "The version of this file's format; Navigator's own.",
    ),
    option(
        "main",
        "name",
        Text,
        "Anaconda Navigator",
        "The name of the program.",
    ),
    option(
        "applications",
        "vscode_path",
        Text,
        "",
        "The folder of Visual Studio Code.",
    ),
    option(
        "applications",
        "pycharm_ce_path",
        Text,
        "",
        "The folder of PyCharm Community.",
    ),
    option(
        "applications",
        "pycharm_pro_path",
        Text,
        "",
        "The folder of PyCharm Professional.",
    ),
    option(
        "applications",
        "dataspell_path",
        Text,
        "",
        "The folder of DataSpell.",
    ),
    option(
        "internal",
        "welcome_state",
        Number,
        "0",
        "When the welcome notice is shown again.",
    )
    .without_default(),
    option(
        "internal",
        "welcome_ts",
        Number,
        "0",
        "When the welcome notice was shown last.",
    ),
];

impl NavigatorFile {
    /// The sections of the file, in its order.
    pub fn sections(&self) -> Vec<&str> {
        self.ini.sections().collect()
    }

    /// Every option that the file has: section, name and value as it is written.
    pub fn entries(&self) -> Vec<(&str, &str, &str)> {
        self.ini.entries().collect()
    }

    /// An option of any section; `None` when it is not there.
    pub fn option(&self, section: &str, name: &str) -> Option<Literal> {
        self.ini.get(section, name).map(Literal::read)
    }

    /// The line, counted from 1, that sets an option of any section.
    pub fn line_of_option(&self, section: &str, name: &str) -> Option<usize> {
        self.ini.line_of(section, name)
    }

    /// Gives an option a value, in the form that Navigator writes for it. What concerns the Anaconda Server goes to the
    /// names of the generation in use, and to both where the file has both.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_option(&mut self, section: &str, name: &str, value: &Literal) -> Result<(), NavigatorError> {
        let known = known(section, name);
        let value = known.map_or_else(|| value.clone(), |known| known.literal(value));
        let names = known.map_or_else(|| vec![name], |known| self.names_in_use(known, name));
        self.change(|file| {
            names.iter().try_for_each(|name| {
                if file.option(section, name).as_ref() == Some(&value) {
                    return Ok(());
                }
                file.ini.set(section, name, &value.write())
            })
        })
    }

    /// Removes an option under all of its names; `false` when there is none.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn remove_option(&mut self, section: &str, name: &str) -> Result<bool, NavigatorError> {
        let names = known(section, name).map_or_else(|| vec![name], |known| known.names().collect());
        let before = self.ini.entries().count();
        self.change(|file| {
            names
                .iter()
                .try_for_each(|name| file.ini.remove(section, name).map(|_| ()))
                .map_err(|error: IniError| error)
        })?;
        Ok(self.ini.entries().count() < before)
    }

    /// The names under which the option is to be written: those that the file has, and that of the generation which is
    /// to be used; without either the one that was asked for, or the present one.
    fn names_in_use(&self, known: &NavigatorOption, asked: &str) -> Vec<&'static str> {
        let mut names: Vec<_> = known
            .names()
            .filter(|name| self.option(known.section, name).is_some())
            .collect();
        let of_server = known.name.starts_with("anaconda_server_");
        let former = known.former.first().copied();
        let in_use = match (self.generation(), former) {
            (super::Generation::TeamEdition, Some(former)) if of_server => former,
            _ => known.name,
        };
        let is_told = self.told.is_some() && of_server && former.is_some();
        if is_told && !names.contains(&in_use) {
            names.push(in_use);
        }
        if names.is_empty() {
            names.push(former.filter(|former| *former == asked).unwrap_or(in_use));
        }
        names
    }
}

impl NavigatorOption {
    /// Every name of it, the present one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.former.iter().copied())
    }
}

/// The option of this section with this name, or one it had; names are compared as Python compares them.
pub fn known(section: &str, name: &str) -> Option<&'static NavigatorOption> {
    let name = name.to_lowercase();
    OPTIONS
        .iter()
        .find(|option| option.section == section && option.names().any(|known| known == name))
}

#[cfg(test)]
mod tests;
