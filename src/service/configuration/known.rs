//! The settings that Sextant knows, with one line about each.

use std::sync::LazyLock;

use super::reading::known_options;
use super::{ConfigurationFile, SettingValue};
use crate::clients::pip_settings;
use crate::conda::setting::{Form, Key, Preset, Shape};
use crate::navigator::options::{NavigatorOption, OptionForm};

/// What form a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    Switch,
    Number,
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    Address,
    Path,
    List,
    Map,
}

/// A setting that a program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    pub file: ConfigurationFile,
    /// Of an ini file `section.option`.
    pub name: &'static str,
    /// Other names that the program accepts, or accepted.
    pub aliases: Vec<&'static str>,
    pub form: ValueForm,
    /// As it would be written in the file; nothing where there is none, or where it depends on the machine.
    pub default: Option<String>,
    /// One line.
    pub documentation: &'static str,
    flag: &'static str,
}

impl KnownKey {
    /// The name without the section of an ini file.
    pub fn option(&self) -> &'static str {
        match self.file.language() {
            super::Language::Ini => self.name.rsplit('.').next().unwrap_or(self.name),
            super::Language::Yaml => self.name,
        }
    }

    /// The section of an ini file.
    pub fn section(&self) -> Option<&'static str> {
        match self.file.language() {
            super::Language::Ini => self.name.rsplit_once('.').map(|(section, _)| section),
            super::Language::Yaml => None,
        }
    }

    /// The option of the program's command line that goes with it.
    pub(super) fn flag(&self) -> &'static str {
        self.flag
    }
}

/// Every setting that is known, in a sensible order.
pub fn known_keys(file: ConfigurationFile) -> &'static [KnownKey] {
    static CONDA: LazyLock<Vec<KnownKey>> = LazyLock::new(|| Key::ALL.into_iter().map(of_conda).collect());
    static NAVIGATOR: LazyLock<Vec<KnownKey>> =
        LazyLock::new(|| known_options().iter().map(of_navigator).collect());
    static ANACONDA_CLIENT: LazyLock<Vec<KnownKey>> =
        LazyLock::new(|| OF_ANACONDA_CLIENT.iter().map(of_anaconda_client).collect());
    static PIP: LazyLock<Vec<KnownKey>> = LazyLock::new(|| OF_PIP.iter().map(of_pip).collect());
    match file {
        ConfigurationFile::Conda => &CONDA,
        ConfigurationFile::Navigator => &NAVIGATOR,
        ConfigurationFile::AnacondaClient => &ANACONDA_CLIENT,
        ConfigurationFile::Pip => &PIP,
    }
}

/// The setting with this name or alias. For pip any section counts, and both spellings of an option.
pub fn known_key(file: ConfigurationFile, name: &str) -> Option<&'static KnownKey> {
    let wanted = match file {
        ConfigurationFile::Pip => {
            let option = name.rsplit('.').next().unwrap_or(name);
            format!("{}.{}", pip_settings::GLOBAL, pip_settings::normal(option))
        }
        ConfigurationFile::Navigator if !name.contains('.') => format!("main.{}", name.to_lowercase()),
        ConfigurationFile::Navigator => name.to_lowercase(),
        ConfigurationFile::Conda | ConfigurationFile::AnacondaClient => name.to_owned(),
    };
    known_keys(file)
        .iter()
        .find(|known| known.name == wanted || known.aliases.contains(&wanted.as_str()))
}

/// The default as a value.
pub(super) fn default_of(known: &KnownKey) -> Option<SettingValue> {
    let text = known.default.clone()?;
    Some(match known.form {
        ValueForm::List => SettingValue::List(
            text.split_whitespace()
                .map(|item| SettingValue::Text(item.to_owned()))
                .collect(),
        ),
        _ => SettingValue::Text(text),
    })
}

fn of_conda(key: Key) -> KnownKey {
    let definition = key.definition();
    let form = match (definition.shape, definition.form) {
        (Shape::Map | Shape::MapOfLists | Shape::Settings, _) => ValueForm::Map,
        (Shape::List | Shape::Records, _) => ValueForm::List,
        (Shape::Scalar, Form::Switch | Form::SwitchOrNothing) => ValueForm::Switch,
        (Shape::Scalar, Form::Whole | Form::Decimal | Form::SwitchOrWhole) => ValueForm::Number,
        (Shape::Scalar, Form::SwitchOrText) => ValueForm::Word(definition.form.words()),
        (Shape::Scalar, Form::Word(words) | Form::Member(words) | Form::SwitchOrWord(words)) => {
            ValueForm::Word(words)
        }
        (Shape::Scalar, Form::Text | Form::TextOrNothing) => match key {
            Key::ChannelAlias | Key::SigningMetadataUrlBase | Key::ErrorUploadUrl => ValueForm::Address,
            Key::ClientSslCert | Key::ClientSslCertKey | Key::BldPath | Key::Croot | Key::RootPrefix => {
                ValueForm::Path
            }
            _ => ValueForm::Text,
        },
    };
    KnownKey {
        file: ConfigurationFile::Conda,
        name: definition.names[0],
        aliases: definition.names[1..].to_vec(),
        form,
        default: match definition.preset {
            Preset::Text(text) => Some(text.to_owned()),
            Preset::Items(items) => Some(format!("[{}]", items.join(", "))),
            Preset::Nothing | Preset::Machine(_) => None,
        },
        documentation: definition.documentation,
        flag: definition.flags.first().copied().unwrap_or_default(),
    }
}

fn of_navigator(option: &NavigatorOption) -> KnownKey {
    // The names live as long as the program, and there are few.
    let full = |name: &str| -> &'static str { format!("{}.{name}", option.section).leak() };
    KnownKey {
        file: ConfigurationFile::Navigator,
        name: full(option.name),
        aliases: option.former.iter().map(|name| full(name)).collect(),
        form: match option.form {
            OptionForm::Switch => ValueForm::Switch,
            OptionForm::Number => ValueForm::Number,
            OptionForm::Text | OptionForm::Secret | OptionForm::TextOrNone => ValueForm::Text,
            OptionForm::Address => ValueForm::Address,
            OptionForm::Path => ValueForm::Path,
            OptionForm::List => ValueForm::List,
            OptionForm::Brand => ValueForm::Word(&[
                "None",
                "Anaconda.org",
                "Anaconda Cloud",
                "Anaconda Professional",
                "Anaconda Server",
                "Enterprise 4 Repository",
            ]),
        },
        default: option.default.map(str::to_owned),
        documentation: option.documentation,
        flag: "",
    }
}

type Row = (&'static str, ValueForm, Option<&'static str>, &'static str);

fn of_anaconda_client(row: &Row) -> KnownKey {
    KnownKey {
        file: ConfigurationFile::AnacondaClient,
        name: row.0,
        aliases: Vec::new(),
        form: row.1,
        default: row.2.map(str::to_owned),
        documentation: row.3,
        flag: "--site",
    }
}

fn of_pip(row: &Row) -> KnownKey {
    let full = |name: &str| -> &'static str { format!("{}.{name}", pip_settings::GLOBAL).leak() };
    let aliases: &[&str] = match row.0 {
        "timeout" => &["default-timeout"],
        "index-url" => &["pypi-url"],
        _ => &[],
    };
    KnownKey {
        file: ConfigurationFile::Pip,
        name: full(row.0),
        aliases: aliases.iter().map(|name| full(name)).collect(),
        form: row.1,
        default: row.2.map(str::to_owned),
        documentation: row.3,
        flag: format!("--{}", row.0).leak(),
    }
}

use ValueForm::{Address, List, Map, Number, Path, Switch, Text, Word};

/// Repository reference, section 2.2.
const OF_ANACONDA_CLIENT: [Row; 7] = [
    (
        "url",
        Address,
        Some("https://api.anaconda.org"),
        "The address of the server's API; end it with a slash.",
    ),
    (
        "default_site",
        Text,
        None,
        "The site of sites that is used where none is named.",
    ),
    (
        "sites",
        Map,
        None,
        "Further servers by name, each with its url and ssl_verify.",
    ),
    (
        "ssl_verify",
        Word(&["true", "false"]),
        Some("true"),
        "Whether certificates are checked, or a CA file.",
    ),
    (
        "auto_register",
        Switch,
        Some("true"),
        "Make a package that does not exist yet when it is uploaded.",
    ),
    (
        "upload_user",
        Text,
        None,
        "The account or organisation that packages are uploaded to.",
    ),
    ("verify_ssl", Switch, None, "Without effect; use ssl_verify."),
];

/// pip's own options that are of use in a file.
const OF_PIP: [Row; 46] = [
    (
        "index-url",
        Address,
        Some("https://pypi.org/simple"),
        "Where packages come from.",
    ),
    (
        "extra-index-url",
        List,
        None,
        "Further places for packages; the highest version of all wins.",
    ),
    (
        "trusted-host",
        List,
        None,
        "Hosts that need no valid certificate, or no https.",
    ),
    ("no-index", Switch, None, "Use no index, only find-links."),
    ("find-links", List, None, "Pages or folders with packages."),
    (
        "cert",
        Path,
        None,
        "A file with the certificates of the authorities to trust.",
    ),
    (
        "client-cert",
        Path,
        None,
        "A file with the certificate and key that pip presents.",
    ),
    (
        "proxy",
        Address,
        None,
        "The proxy, as scheme://[user:password@]host:port.",
    ),
    (
        "timeout",
        Number,
        Some("15"),
        "How many seconds to wait for a server.",
    ),
    ("retries", Number, Some("5"), "How often a connection is tried."),
    (
        "keyring-provider",
        Word(&["auto", "disabled", "import", "subprocess"]),
        Some("auto"),
        "Where passwords are looked up.",
    ),
    (
        "disable-pip-version-check",
        Switch,
        None,
        "Do not look for a newer pip.",
    ),
    (
        "require-virtualenv",
        Switch,
        None,
        "Refuse to work outside a virtual environment.",
    ),
    ("no-input", Switch, None, "Ask nothing."),
    ("no-cache-dir", Switch, None, "Keep no downloads."),
    ("cache-dir", Path, None, "The folder for downloads."),
    ("log", Path, None, "A file to write a log to."),
    ("verbose", Number, None, "How much is told, from 0 to 3."),
    ("quiet", Number, None, "How much is left out, from 0 to 3."),
    ("no-color", Switch, None, "Use no colours."),
    (
        "progress-bar",
        Word(&["auto", "on", "off", "raw"]),
        Some("on"),
        "How progress is shown.",
    ),
    (
        "format",
        Word(&["columns", "freeze", "json"]),
        Some("columns"),
        "How pip list answers.",
    ),
    ("pre", Switch, None, "Take development versions too."),
    (
        "prefer-binary",
        Switch,
        None,
        "Prefer older binary packages over newer sources.",
    ),
    (
        "only-binary",
        List,
        None,
        "Packages of which no source is taken; :all: for every one.",
    ),
    (
        "no-binary",
        List,
        None,
        "Packages of which only sources are taken; :all: for every one.",
    ),
    (
        "no-build-isolation",
        Switch,
        None,
        "Build with what is installed.",
    ),
    ("no-deps", Switch, None, "Install no dependencies."),
    ("no-compile", Switch, None, "Do not compile to bytecode."),
    ("require-hashes", Switch, None, "Install nothing without a hash."),
    (
        "constraint",
        List,
        None,
        "Files with versions that must not be exceeded.",
    ),
    ("requirement", List, None, "Files with packages to install."),
    ("user", Switch, None, "Install for yourself only."),
    ("target", Path, None, "The folder to install into."),
    ("prefix", Path, None, "The prefix to install into."),
    ("root", Path, None, "The root to install below."),
    ("src", Path, None, "The folder for editable packages."),
    ("upgrade", Switch, None, "Always take the newest version."),
    (
        "upgrade-strategy",
        Word(&["only-if-needed", "eager"]),
        Some("only-if-needed"),
        "How dependencies are brought up to date.",
    ),
    (
        "break-system-packages",
        Switch,
        None,
        "Change packages that belong to the operating system.",
    ),
    (
        "exists-action",
        Word(&["s", "i", "w", "b", "a"]),
        None,
        "What happens where a path exists.",
    ),
    ("python", Path, None, "The Python to work on."),
    (
        "use-feature",
        List,
        None,
        "Features of a coming version to switch on.",
    ),
    (
        "use-deprecated",
        List,
        None,
        "Features of a past version to keep.",
    ),
    (
        "no-warn-script-location",
        Switch,
        None,
        "Do not warn of scripts outside PATH.",
    ),
    ("debug", Switch, None, "Show where pip fails."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_by_its_names_and_explained() {
        for file in ConfigurationFile::ALL {
            for known in known_keys(file) {
                assert_eq!(known_key(file, known.name), Some(known));
                for alias in &known.aliases {
                    assert_eq!(known_key(file, alias), Some(known), "{alias}");
                }
                assert!(
                    known.documentation.ends_with('.') && known.documentation.len() < 110,
                    "{known:?}"
                );
            }
        }
    }

    #[test]
    fn names_are_found_in_every_spelling() {
        let pip = |name| known_key(ConfigurationFile::Pip, name).map(|known| known.name);
        assert_eq!(pip("extra_index_url"), Some("global.extra-index-url"));
        assert_eq!(pip("install.Extra-Index-URL"), Some("global.extra-index-url"));
        let navigator = |name| known_key(ConfigurationFile::Navigator, name).map(|known| known.name);
        assert_eq!(
            navigator("team_edition_api_url"),
            Some("main.anaconda_server_api_url")
        );
        assert_eq!(navigator("ssl.trusted_servers"), Some("ssl.trusted_servers"));
        assert_eq!(
            known_key(ConfigurationFile::Conda, "verify_ssl").unwrap().name,
            "ssl_verify"
        );
    }
}
