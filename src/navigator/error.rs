//! Why `anaconda-navigator.ini` cannot be read or changed.

use thiserror::Error;

use crate::edit::ini::IniError;
use crate::error::{Explain, Problem};

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NavigatorError {
    #[error("Navigator's configuration cannot be read: {0}")]
    Unreadable(IniError),
    #[error("Navigator's configuration was not changed: {0}")]
    Unchangeable(IniError),
}

impl Explain for NavigatorError {
    fn explain(&self) -> Problem {
        let (Self::Unreadable(ini) | Self::Unchangeable(ini)) = self;
        Problem {
            message: self.to_string(),
            ..ini.explain()
        }
    }
}
