//! The settings while they are being changed: texts as they are typed.

use std::fmt;
use std::path::PathBuf;

use crate::error::{Explain, Problem};
use crate::repository::{BinstarApi, Domain, DomainError};
use crate::screen::typed::Typed;
use crate::service::network::ProxyChoice;
use crate::service::preferences::{
    Appearance, CondaTrust, Contrast, Field, NavigatorNames, Preferences, Settings, TextSize,
};

/// Where Sextant gets its proxy from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyKind {
    #[default]
    System,
    Direct,
    Own,
    /// One for each scheme: as the file has it, it is not made here.
    PerScheme,
}

impl fmt::Display for ProxyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "As the system",
            Self::Direct => "None",
            Self::Own => "This one",
            Self::PerScheme => "Per scheme",
        })
    }
}

/// What the page's controls hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub server: Typed,
    pub anaconda_org: Typed,
    pub repository: Typed,
    pub shows_hidden_channels: bool,
    pub conda_trust: CondaTrust,
    pub ca_file: Typed,
    pub proxy_kind: ProxyKind,
    pub proxy: Typed,
    /// The choice that only the file can express.
    per_scheme: ProxyChoice,
    pub no_proxy: Typed,
    pub is_offline: bool,
    pub default_environment: Option<PathBuf>,
    pub appearance: Appearance,
    pub contrast: Contrast,
    pub text_size: TextSize,
    pub reviews_sign_in: bool,
    pub navigator_names: NavigatorNames,
}

/// What is wrong with a typed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault(pub Problem);

impl Default for Draft {
    /// What applies where nothing is set.
    fn default() -> Self {
        Self::of(&Settings {
            server_domain: None,
            anaconda_org: None,
            repository: None,
            shows_hidden_channels: false,
            conda_trust: CondaTrust::Bundled,
            ca_file: None,
            is_offline: false,
            default_environment: None,
            own: Preferences::default(),
        })
    }
}

impl Draft {
    pub fn of(settings: &Settings) -> Self {
        let own = &settings.own;
        let text = |value: &Option<String>| Typed::new(value.clone().unwrap_or_default());
        let (proxy_kind, proxy) = match &own.proxy {
            ProxyChoice::System => (ProxyKind::System, String::new()),
            ProxyChoice::None => (ProxyKind::Direct, String::new()),
            ProxyChoice::Everywhere(address) => (ProxyKind::Own, address.to_string()),
            ProxyChoice::PerScheme { .. } => (ProxyKind::PerScheme, String::new()),
        };
        let path = settings.ca_file.as_ref().map(|path| path.display().to_string());
        Self {
            server: text(&settings.server_domain),
            anaconda_org: text(&settings.anaconda_org),
            repository: text(&settings.repository),
            shows_hidden_channels: settings.shows_hidden_channels,
            conda_trust: settings.conda_trust.clone(),
            ca_file: Typed::new(path.unwrap_or_default()),
            proxy_kind,
            proxy: Typed::new(proxy),
            per_scheme: own.proxy.clone(),
            no_proxy: Typed::new(own.no_proxy.clone()),
            is_offline: settings.is_offline,
            default_environment: settings.default_environment.clone(),
            appearance: own.appearance,
            contrast: own.contrast,
            text_size: own.text_size,
            reviews_sign_in: own.review_before_sign_in,
            navigator_names: own.navigator_names,
        }
    }

    /// The settings that this stands for. What `stored` says in another spelling of the same stays as it is there.
    ///
    /// Errors: what is wrong with one of the texts.
    pub fn settings(&self, stored: &Settings) -> Result<Settings, Fault> {
        let before = Self::of(stored);
        // A stored value that is no address (any more) is left alone as long as nobody touches it.
        let address = |field, stored: &Option<String>, read: Result<Option<String>, Fault>| {
            if self.is_same(&before, field) {
                Ok(stored.clone())
            } else {
                read
            }
        };
        let trimmed = |text: &Typed| text.as_str().trim().to_owned();
        let ca_file = trimmed(&self.ca_file);
        Ok(Settings {
            server_domain: address(Field::ServerDomain, &stored.server_domain, self.server_domain())?,
            anaconda_org: address(
                Field::AnacondaOrgDomain,
                &stored.anaconda_org,
                api(&self.anaconda_org),
            )?,
            repository: address(Field::RepositoryDomain, &stored.repository, api(&self.repository))?,
            shows_hidden_channels: self.shows_hidden_channels,
            conda_trust: self.conda_trust.clone(),
            ca_file: (!ca_file.is_empty()).then(|| PathBuf::from(ca_file)),
            is_offline: self.is_offline,
            default_environment: self.default_environment.clone(),
            own: Preferences {
                appearance: self.appearance,
                contrast: self.contrast,
                text_size: self.text_size,
                review_before_sign_in: self.reviews_sign_in,
                proxy: self.proxy_choice()?,
                no_proxy: trimmed(&self.no_proxy),
                // Once it is changed here it is Navigator's alone, and holds for both.
                offline: stored
                    .own
                    .offline
                    .filter(|_| self.is_offline == stored.is_offline),
                navigator_names: self.navigator_names,
            },
        })
    }

    fn server_domain(&self) -> Result<Option<String>, Fault> {
        if self.server.as_str().trim().is_empty() {
            return Ok(None);
        }
        let domain = Domain::parse(self.server.as_str()).map_err(|error| Fault(error.explain()))?;
        Ok(Some(domain.to_string()))
    }

    fn proxy_choice(&self) -> Result<ProxyChoice, Fault> {
        match self.proxy_kind {
            ProxyKind::System => Ok(ProxyChoice::System),
            ProxyKind::Direct => Ok(ProxyChoice::None),
            ProxyKind::PerScheme => Ok(self.per_scheme.clone()),
            ProxyKind::Own if self.proxy.as_str().trim().is_empty() => {
                // `Empty` is said in the words of addresses.
                Err(Fault(DomainError::Empty.explain().remedy(
                    "Type the address of the proxy, such as http://proxy.example.com:3128",
                )))
            }
            ProxyKind::Own => match ProxyChoice::parse(self.proxy.as_str()) {
                Ok(choice @ ProxyChoice::Everywhere(_)) => Ok(choice),
                // "system" and "none" are words of the file, not addresses.
                Ok(_) => Err(Fault(DomainError::NoHost.explain())),
                Err(error) => Err(Fault(error.explain())),
            },
        }
    }

    /// What is wrong with a text. One that is empty where it need not be is not wrong.
    pub fn fault(&self, field: Field) -> Option<Fault> {
        match field {
            Field::ServerDomain => self.server_domain().err(),
            Field::AnacondaOrgDomain => api(&self.anaconda_org).err(),
            Field::RepositoryDomain => api(&self.repository).err(),
            Field::Proxy => self.proxy_choice().err(),
            _ => None,
        }
    }

    pub fn has_per_scheme_proxy(&self) -> bool {
        matches!(self.per_scheme, ProxyChoice::PerScheme { .. })
    }

    pub fn set_text(&mut self, field: Field, text: Typed) {
        match field {
            Field::ServerDomain => self.server = text,
            Field::AnacondaOrgDomain => self.anaconda_org = text,
            Field::RepositoryDomain => self.repository = text,
            Field::CaFile => self.ca_file = text,
            Field::Proxy => self.proxy = text,
            Field::NoProxy => self.no_proxy = text,
            _ => {}
        }
    }

    pub fn set_switch(&mut self, field: Field, is_on: bool) {
        match field {
            Field::HiddenChannels => self.shows_hidden_channels = is_on,
            Field::Offline => self.is_offline = is_on,
            Field::Contrast => {
                self.contrast = if is_on { Contrast::High } else { Contrast::Standard };
            }
            Field::ReviewBeforeSignIn => self.reviews_sign_in = is_on,
            _ => {}
        }
    }

    /// Whether one setting is the same in both.
    pub fn is_same(&self, other: &Self, field: Field) -> bool {
        let mut copy = self.clone();
        copy.copy(other, field);
        copy == *self
    }

    /// Takes one setting from another draft.
    pub fn copy(&mut self, other: &Self, field: Field) {
        match field {
            Field::ServerDomain => self.server.clone_from(&other.server),
            Field::AnacondaOrgDomain => self.anaconda_org.clone_from(&other.anaconda_org),
            Field::RepositoryDomain => self.repository.clone_from(&other.repository),
            Field::HiddenChannels => self.shows_hidden_channels = other.shows_hidden_channels,
            Field::CondaTrust => self.conda_trust.clone_from(&other.conda_trust),
            Field::CaFile => self.ca_file.clone_from(&other.ca_file),
            Field::Proxy => {
                self.proxy_kind = other.proxy_kind;
                self.proxy.clone_from(&other.proxy);
                self.per_scheme.clone_from(&other.per_scheme);
            }
            Field::NoProxy => self.no_proxy.clone_from(&other.no_proxy),
            Field::Offline => self.is_offline = other.is_offline,
            Field::DefaultEnvironment => {
                self.default_environment.clone_from(&other.default_environment);
            }
            Field::Appearance => self.appearance = other.appearance,
            Field::Contrast => self.contrast = other.contrast,
            Field::TextSize => self.text_size = other.text_size,
            Field::ReviewBeforeSignIn => self.reviews_sign_in = other.reviews_sign_in,
            Field::NavigatorNames => self.navigator_names = other.navigator_names,
        }
    }

    /// The files went from one to the other: what was not edited goes with them.
    pub fn follow(&mut self, before: &Self, after: &Self) {
        for field in Field::ALL {
            if self.is_same(before, field) {
                self.copy(after, field);
            }
        }
    }
}

fn api(text: &Typed) -> Result<Option<String>, Fault> {
    if text.as_str().trim().is_empty() {
        return Ok(None);
    }
    let api = BinstarApi::parse(text.as_str()).map_err(|error| Fault(error.explain()))?;
    Ok(Some(api.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Settings {
        Draft::default()
            .settings(&Settings {
                server_domain: None,
                anaconda_org: None,
                repository: None,
                shows_hidden_channels: false,
                conda_trust: CondaTrust::Bundled,
                ca_file: None,
                is_offline: false,
                default_environment: None,
                own: Preferences::default(),
            })
            .unwrap()
    }

    #[test]
    fn typed_addresses_are_reduced() {
        let mut draft = Draft::default();
        draft.set_text(Field::ServerDomain, Typed::new("PSM.example.com/api/repo/main "));
        draft.set_text(
            Field::RepositoryDomain,
            Typed::new("http://repo.example.com:8080"),
        );
        let settings = draft.settings(&stored()).unwrap();
        assert_eq!(settings.server_domain.as_deref(), Some("https://psm.example.com"));
        assert_eq!(
            settings.repository.as_deref(),
            Some("http://repo.example.com:8080/api")
        );
        draft.set_text(Field::ServerDomain, Typed::new("ftp://psm.example.com"));
        assert!(draft.fault(Field::ServerDomain).is_some());
        draft.settings(&stored()).unwrap_err();
    }

    #[test]
    fn a_stored_address_that_nobody_touches_stays_to_the_letter() {
        let odd = Settings {
            server_domain: Some("psm example".to_owned()),
            ..stored()
        };
        let mut draft = Draft::of(&odd);
        draft.is_offline = true;
        assert_eq!(draft.settings(&odd).unwrap().server_domain, odd.server_domain);
    }

    #[test]
    fn a_proxy_of_ones_own_needs_an_address_without_a_login() {
        let mut draft = Draft {
            proxy_kind: ProxyKind::Own,
            ..Draft::default()
        };
        for wrong in ["", "none", "http://ana:pw@proxy:3128", "http://"] {
            draft.set_text(Field::Proxy, Typed::new(wrong));
            assert!(draft.fault(Field::Proxy).is_some(), "{wrong:?}");
        }
        draft.set_text(Field::Proxy, Typed::new("http://proxy.example.com:3128"));
        let choice = draft.settings(&stored()).unwrap().own.proxy;
        assert_eq!(
            choice,
            ProxyChoice::parse("http://proxy.example.com:3128").unwrap()
        );
    }

    #[test]
    fn what_was_not_edited_follows_the_files() {
        let before = Draft::default();
        let mut draft = before.clone();
        draft.set_text(Field::ServerDomain, Typed::new("https://mine.example.com"));
        let after = Draft {
            server: Typed::new("https://theirs.example.com"),
            is_offline: true,
            ..before.clone()
        };
        draft.follow(&before, &after);
        assert_eq!(draft.server.as_str(), "https://mine.example.com");
        assert!(draft.is_offline);
        for field in Field::ALL {
            assert_eq!(
                draft.is_same(&after, field),
                field != Field::ServerDomain,
                "{field:?}"
            );
        }
    }
}
