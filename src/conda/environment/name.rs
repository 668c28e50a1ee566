//! What an environment may be called.

use std::fmt;

use thiserror::Error;

/// A name that conda accepts for a new environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvironmentName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidEnvironmentName {
    #[error("the name is empty")]
    Empty,
    #[error("the name of an environment cannot hold '{0}'")]
    Character(char),
    #[error("{0} is conda's own name for its installation")]
    Reserved(&'static str),
    #[error("{0} is no name for a folder")]
    Dots(&'static str),
}

impl EnvironmentName {
    /// conda's rules: no `/`, `\`, `:`, `#` or space, neither `base` nor `root`; and what is no folder's name anywhere.
    pub fn parse(text: &str) -> Result<Self, InvalidEnvironmentName> {
        if text.is_empty() {
            return Err(InvalidEnvironmentName::Empty);
        }
        if let Some(reserved) = ["base", "root"].into_iter().find(|reserved| *reserved == text) {
            return Err(InvalidEnvironmentName::Reserved(reserved));
        }
        if let Some(dots) = [".", ".."].into_iter().find(|dots| *dots == text) {
            return Err(InvalidEnvironmentName::Dots(dots));
        }
        let is_bad = |c: &char| matches!(c, '/' | '\\' | ':' | '#' | ' ') || c.is_control();
        match text.chars().find(is_bad) {
            Some(bad) => Err(InvalidEnvironmentName::Character(bad)),
            None => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_conda_takes() {
        for good in ["a", "Data-2026", "ünï.x_1", "base2", "-x"] {
            assert_eq!(
                EnvironmentName::parse(good).map(|name| name.to_string()),
                Ok(good.to_owned())
            );
        }
        for (bad, error) in [
            ("", InvalidEnvironmentName::Empty),
            ("a/b", InvalidEnvironmentName::Character('/')),
            ("a\\b", InvalidEnvironmentName::Character('\\')),
            ("a b", InvalidEnvironmentName::Character(' ')),
            ("a:b", InvalidEnvironmentName::Character(':')),
            ("a#b", InvalidEnvironmentName::Character('#')),
            ("a\nb", InvalidEnvironmentName::Character('\n')),
            ("base", InvalidEnvironmentName::Reserved("base")),
            ("root", InvalidEnvironmentName::Reserved("root")),
            ("..", InvalidEnvironmentName::Dots("..")),
        ] {
            assert_eq!(EnvironmentName::parse(bad), Err(error), "{bad:?}");
        }
    }
}
