//! Preferences: what the person decided, whoever's file it stands in.
//!
//! Sextant's own decisions lie in a TOML file in its configuration folder ([`Preferences`]); [`Settings`] are those
//! together with what Preferences show of Navigator's and conda's files.

mod change;
mod described;
mod own;
mod put_back;
mod settings;

pub(crate) use change::KIND;
pub use own::{Appearance, Contrast, NavigatorNames, Preferences, TextSize};
pub(crate) use put_back::own_back;
pub use settings::{CondaTrust, Facts, Field, Lock, Settings, Shown, Source};

#[cfg(test)]
mod tests;
