//! What Navigator's Preferences decide beside the server (product research, sections 1.6 and 1.7).

use super::{Generation, Literal, MAIN, NavigatorError, NavigatorFile, REPOSITORY_API_URL};
use crate::edit::ini::IniError;

const ANACONDA_API_URL: &str = "anaconda_api_url";
const HIDDEN_CHANNELS: &str = "anaconda_server_show_hidden_channels";
const OFFLINE_MODE: &str = "offline_mode";
const DEFAULT_ENVIRONMENT: &str = "default_env";

/// The options of this module, for asking where they stand.
pub const OPTIONS: [&str; 5] = [
    ANACONDA_API_URL,
    REPOSITORY_API_URL,
    HIDDEN_CHANNELS,
    OFFLINE_MODE,
    DEFAULT_ENVIRONMENT,
];

impl NavigatorFile {
    /// The folder of the environment that Navigator begins with; nothing where the file names none.
    pub fn default_environment(&self) -> Option<String> {
        self.text(DEFAULT_ENVIRONMENT)
    }

    /// Whether hidden channels of a server are listed; Navigator's default is no.
    pub fn shows_hidden_channels(&self) -> bool {
        self.get(HIDDEN_CHANNELS)
            .and_then(|value| value.bool())
            .unwrap_or(false)
    }

    /// Changes the address of Anaconda.org's API; `None` goes back to Navigator's default.
    ///
    /// Errors, here and below: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_anaconda_api_url(&mut self, address: Option<&str>) -> Result<(), NavigatorError> {
        // Its default is text, and such values stand there bare.
        self.change(|file| match address {
            Some(address) => file.set(
                ANACONDA_API_URL,
                &Literal::Bare(address.trim_end_matches('/').to_owned()),
            ),
            None => file.take_out(ANACONDA_API_URL),
        })
    }

    /// Changes the address of the Anaconda Repository's API; `None` forgets it.
    pub fn set_repository_api_url(&mut self, address: Option<&str>) -> Result<(), NavigatorError> {
        self.change(|file| match address {
            Some(address) => file.set(
                REPOSITORY_API_URL,
                &Literal::Text(address.trim_end_matches('/').to_owned()),
            ),
            None if file.has_value(REPOSITORY_API_URL) => file.set(REPOSITORY_API_URL, &Literal::None),
            None => Ok(()),
        })
    }

    pub fn set_shows_hidden_channels(&mut self, shows: bool) -> Result<(), NavigatorError> {
        self.set_switch(HIDDEN_CHANNELS, shows)
    }

    pub fn set_offline_mode(&mut self, is_offline: bool) -> Result<(), NavigatorError> {
        self.set_switch(OFFLINE_MODE, is_offline)
    }

    /// Changes the environment that Navigator begins with; `None` leaves that to Navigator.
    pub fn set_default_environment(&mut self, prefix: Option<&str>) -> Result<(), NavigatorError> {
        self.change(|file| match prefix {
            Some(prefix) => file.set(DEFAULT_ENVIRONMENT, &Literal::Bare(prefix.to_owned())),
            None => file.take_out(DEFAULT_ENVIRONMENT),
        })
    }

    /// Gives the names of `generation` the values that the other ones have, where they have none themselves: for a
    /// Navigator that was exchanged for an older or newer one (seed 003).
    pub fn carry_over(&mut self, generation: Generation) -> Result<(), NavigatorError> {
        let (names, others) = (generation.names().all(), generation.other().names().all());
        self.change(|file| {
            names.into_iter().zip(others).try_for_each(|(name, other)| {
                let value = file.get(other).filter(|value| *value != Literal::None);
                match value {
                    Some(value) if !file.has_value(name) => file.set(name, &value),
                    _ => Ok(()),
                }
            })
        })
    }

    /// Where both are off, an option that is not there stays away.
    fn set_switch(&mut self, option: &str, is_on: bool) -> Result<(), NavigatorError> {
        self.change(|file| match (file.get(option), is_on) {
            (None, false) => Ok(()),
            _ => file.set(option, &Literal::Bool(is_on)),
        })
    }

    fn take_out(&mut self, option: &str) -> Result<(), IniError> {
        self.ini.remove(MAIN, option).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> NavigatorFile {
        NavigatorFile::parse(text.as_bytes()).unwrap()
    }

    fn text(file: &NavigatorFile) -> String {
        String::from_utf8(file.bytes()).unwrap()
    }

    const FILE: &str = "[main]\nanaconda_api_url = https://api.anaconda.org\noffline_mode = False\ndefault_env = /opt/conda\nenterprise_4_repo_api_url = None\n";

    #[test]
    fn values_are_written_as_navigator_writes_them() {
        let mut file = parse(FILE);
        file.set_anaconda_api_url(Some("https://api.example.com/"))
            .unwrap();
        file.set_repository_api_url(Some("http://repo.example.com:8080/api/"))
            .unwrap();
        file.set_offline_mode(true).unwrap();
        file.set_shows_hidden_channels(true).unwrap();
        file.set_default_environment(Some("/home/ana/miniconda3/envs/etl"))
            .unwrap();
        assert_eq!(
            text(&file),
            "[main]\nanaconda_api_url = https://api.example.com\noffline_mode = True\ndefault_env = /home/ana/miniconda3/envs/etl\nenterprise_4_repo_api_url = 'http://repo.example.com:8080/api'\nanaconda_server_show_hidden_channels = True\n"
        );
        assert!(file.shows_hidden_channels() && file.offline_mode());
        assert_eq!(
            file.default_environment().as_deref(),
            Some("/home/ana/miniconda3/envs/etl")
        );
    }

    #[test]
    fn going_back_to_the_defaults_leaves_nothing_behind_that_was_not_there() {
        let mut file = parse(FILE);
        file.set_shows_hidden_channels(false).unwrap();
        file.set_offline_mode(false).unwrap();
        file.set_repository_api_url(None).unwrap();
        assert_eq!(text(&file), FILE);
        file.set_anaconda_api_url(None).unwrap();
        file.set_default_environment(None).unwrap();
        assert_eq!(
            text(&file),
            "[main]\noffline_mode = False\nenterprise_4_repo_api_url = None\n"
        );
        let mut empty = NavigatorFile::empty();
        empty.set_offline_mode(false).unwrap();
        empty.set_default_environment(None).unwrap();
        assert_eq!(text(&empty), "");
    }

    #[test]
    fn an_older_navigator_finds_the_login_of_a_newer_one() {
        let mut file = parse(
            "[main]\nanaconda_server_api_url = 'https://psm.example.com'\nanaconda_server_token = 'abc'\nanaconda_server_token_id = None\nteam_edition_token = None\n",
        );
        file.carry_over(Generation::TeamEdition).unwrap();
        assert_eq!(
            file.get("team_edition_api_url"),
            Some(Literal::Text("https://psm.example.com".to_owned()))
        );
        assert_eq!(
            file.get("team_edition_token"),
            Some(Literal::Text("abc".to_owned()))
        );
        assert_eq!(file.get("team_edition_token_id"), None);
        assert_eq!(
            file.get("anaconda_server_token"),
            Some(Literal::Text("abc".to_owned())),
            "what is there stays"
        );
    }
}
