//! Which servers a browser shows a Kerberos ticket to, and where that is decided (repository reference, section 5.3).
//!
//! A browser keeps tickets to itself unless an administrator's policy, or for Firefox the person, names the server. Only
//! files are read and changed here; what lies in a registry or in preferences of macOS is asked for by the service.

mod chromium;
mod firefox;
mod pattern;

pub use chromium::{ChromiumPolicies, OLD_NAME, POLICY, POLICY_CNAME, PolicyFile};
pub use firefox::{FirefoxPolicies, FirefoxProfile, PREFERENCE, profile_text};
pub use pattern::{allows, joined, listed};

/// A browser as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Browser {
    Chrome,
    Chromium,
    Edge,
    Firefox,
    Safari,
}

impl Browser {
    pub const ALL: [Self; 5] = [
        Self::Chrome,
        Self::Chromium,
        Self::Edge,
        Self::Firefox,
        Self::Safari,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Chromium => "chromium",
            Self::Edge => "edge",
            Self::Firefox => "firefox",
            Self::Safari => "safari",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Chrome => "Google Chrome",
            Self::Chromium => "Chromium",
            Self::Edge => "Microsoft Edge",
            Self::Firefox => "Firefox",
            Self::Safari => "Safari",
        }
    }

    /// The page on which it shows what is in force.
    pub const fn policy_page(self) -> Option<&'static str> {
        match self {
            Self::Chrome | Self::Chromium => Some("chrome://policy"),
            Self::Edge => Some("edge://policy"),
            Self::Firefox => Some("about:policies"),
            Self::Safari => None,
        }
    }

    /// The key of its policies in Windows' registry, below `HKEY_LOCAL_MACHINE`.
    pub const fn registry_key(self) -> Option<&'static str> {
        match self {
            Self::Chrome => Some(r"Software\Policies\Google\Chrome"),
            Self::Chromium => Some(r"Software\Policies\Chromium"),
            Self::Edge => Some(r"Software\Policies\Microsoft\Edge"),
            Self::Firefox => Some(r"Software\Policies\Mozilla\Firefox\Authentication\SPNEGO"),
            Self::Safari => None,
        }
    }

    /// The domain of its preferences on macOS.
    pub const fn preferences_domain(self) -> Option<&'static str> {
        match self {
            Self::Chrome => Some("com.google.Chrome"),
            Self::Chromium => Some("org.chromium.Chromium"),
            Self::Edge => Some("com.microsoft.Edge"),
            Self::Firefox | Self::Safari => None,
        }
    }
}
