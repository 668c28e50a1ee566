//! Match specs, as people, files and histories write them.

use rattler_conda_types::{MatchSpec, Matches, PackageName, ParseMatchSpecOptions, RepoDataRecord, Subdir};

use super::SolveError;
use super::request::SearchedChannel;
use super::solution::{channel_address, without_credentials};

/// A spec of one package.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spec {
    /// As it was written.
    pub text: String,
    pub name: PackageName,
    /// Without the source.
    pub matcher: MatchSpec,
    pub source: Source,
}

/// Where a spec lets its package come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Source {
    /// Addresses of channels; nothing for any.
    pub channels: Option<Vec<String>>,
    pub subdir: Option<String>,
    /// Without secrets.
    pub address: Option<String>,
    pub file_name: Option<String>,
}

impl Source {
    pub fn admits(&self, record: &RepoDataRecord) -> bool {
        let channel = self
            .channels
            .as_ref()
            .is_none_or(|channels| channels.contains(&channel_address(record)));
        let package = &record.package_record;
        let subdir = self
            .subdir
            .as_ref()
            .is_none_or(|subdir| *subdir == package.subdir);
        let address = self
            .address
            .as_ref()
            .is_none_or(|address| *address == without_credentials(&record.url));
        let file = self
            .file_name
            .as_ref()
            .is_none_or(|name| *name == record.identifier.to_file_name());
        channel && subdir && address && file
    }

    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

impl Spec {
    /// # Errors
    /// [`SolveError::BadSpec`]; [`SolveError::UnknownChannel`] for a channel that is not searched.
    pub fn parse(text: &str, searched: &[SearchedChannel]) -> Result<Self, SolveError> {
        let bad = |reason: String| SolveError::BadSpec {
            text: text.to_owned(),
            reason,
        };
        let (channel, rest) = split_channel(text.trim());
        let options = ParseMatchSpecOptions::lenient();
        let mut matcher = MatchSpec::from_str(rest, options).map_err(|error| bad(error.to_string()))?;
        let Some(name) = matcher.name.as_exact().cloned() else {
            return Err(bad("it has to name one package".to_owned()));
        };
        let url = matcher.url.take();
        let mut source = Source {
            channels: None,
            subdir: matcher.subdir.take(),
            address: url.as_ref().map(without_credentials),
            file_name: matcher.file_name.take(),
        };
        let bracketed = matcher.channel.take().map(|channel| channel.name().to_owned());
        if let Some(channel) = channel.map(str::to_owned).or(bracketed) {
            let (channel, subdir) = split_subdir(&channel);
            source.subdir = source.subdir.or_else(|| subdir.map(str::to_owned));
            source.channels = addresses(channel, searched).map_err(|()| SolveError::UnknownChannel {
                channel: channel.to_owned(),
                spec: text.to_owned(),
            })?;
        }
        Ok(Self {
            text: text.to_owned(),
            name,
            matcher,
            source,
        })
    }

    /// The name alone.
    pub fn bare(name: &PackageName) -> Self {
        Self {
            text: name.as_normalized().to_owned(),
            matcher: MatchSpec::from(name.clone()),
            name: name.clone(),
            source: Source::default(),
        }
    }

    /// Whether it says nothing but the name.
    pub fn is_bare(&self) -> bool {
        self.source.is_any() && self.matcher == MatchSpec::from(self.name.clone())
    }

    /// Whether it names one version and one build, as conda's history has them for what was cloned.
    pub fn is_exact(&self) -> bool {
        self.matcher.version.is_some() && self.matcher.build.is_some()
    }

    /// The same without build, channel and sums: what conda makes of an earlier wish that is in the way.
    pub fn loosened(&self) -> Self {
        let mut matcher = MatchSpec::from(self.name.clone());
        matcher.version = self.matcher.version.clone();
        Self {
            text: matcher.to_string(),
            name: self.name.clone(),
            matcher,
            source: Source::default(),
        }
    }

    pub fn matches(&self, record: &RepoDataRecord) -> bool {
        self.source.admits(record) && self.matcher.matches(record)
    }
}

/// Splits the channel off a spec: what stands before `::`, outside of brackets.
pub(super) fn split_channel(text: &str) -> (Option<&str>, &str) {
    let end = text.find('[').unwrap_or(text.len());
    match text[..end].rfind("::") {
        Some(at) => (
            Some(text[..at].trim()).filter(|channel| !channel.is_empty()),
            &text[at + 2..],
        ),
        None => (None, text),
    }
}

/// The channel that a spec names, without the subdir.
pub(super) fn channel_of(text: &str) -> Option<&str> {
    let (channel, _) = split_channel(text);
    channel
        .map(|channel| split_subdir(channel).0)
        .filter(|channel| *channel != "*")
}

fn split_subdir(channel: &str) -> (&str, Option<&str>) {
    match channel.rsplit_once('/') {
        Some((rest, last)) if last.parse::<Subdir>().is_ok() => (rest, Some(last)),
        _ => (channel, None),
    }
}

/// The addresses of a channel that a spec names; nothing where it names any.
fn addresses(channel: &str, searched: &[SearchedChannel]) -> Result<Option<Vec<String>>, ()> {
    if channel == "*" {
        return Ok(None);
    }
    let address = match url::Url::parse(channel) {
        Ok(url) if url.has_host() || url.scheme() == "file" => without_credentials(&url),
        _ => channel.trim_end_matches('/').to_owned(),
    };
    let is_meant = |searched: &&SearchedChannel| {
        let known = &searched.channel;
        searched.multichannel.as_deref() == Some(channel) || known.name == channel || known.url == address
    };
    let found: Vec<_> = searched
        .iter()
        .filter(is_meant)
        .map(|known| known.channel.url.clone())
        .collect();
    if found.is_empty() {
        Err(())
    } else {
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Channel;

    fn searched() -> Vec<SearchedChannel> {
        [
            ("main", "https://h/api/repo/main", None),
            ("defaults", "https://h/pkgs/main", Some("defaults")),
            ("defaults", "https://h/pkgs/r", Some("defaults")),
        ]
        .map(|(name, url, multichannel)| SearchedChannel {
            channel: Channel {
                name: name.to_owned(),
                url: url.to_owned(),
            },
            multichannel: multichannel.map(str::to_owned),
        })
        .to_vec()
    }

    fn parse(text: &str) -> Spec {
        Spec::parse(text, &searched()).unwrap()
    }

    #[test]
    fn specs_are_read_as_conda_writes_them() {
        for text in [
            "numpy",
            "NumPy",
            "numpy=1.26",
            "numpy 1.26.*",
            "numpy==1.26.4=py312_0",
            "numpy>=1.24,<2",
            "numpy[version='>=1.24',build=py*]",
            "numpy[md5=0123456789abcdef0123456789abcdef]",
            "main::numpy",
            "defaults::numpy=1",
            "main/linux-64::numpy==1.26.4=py312_0",
            "https://h/api/repo/main::numpy",
            "https://h/api/repo/main/linux-64::numpy",
            "numpy[channel=main]",
            "::numpy",
            "*::numpy",
            "https://h/api/repo/main/linux-64/numpy-1.26.4-py312_0.conda",
        ] {
            assert_eq!(parse(text).name.as_normalized(), "numpy", "{text}");
        }
        assert!(parse("numpy").is_bare() && parse("NumPy").is_bare());
        assert!(!parse("numpy=1").is_bare() && !parse("main::numpy").is_bare());
    }

    #[test]
    fn a_channel_is_told_by_name_address_or_multichannel() {
        let channels = |text| parse(text).source.channels;
        assert_eq!(channels("numpy"), None);
        assert_eq!(channels("*::numpy"), None);
        assert_eq!(channels("main::numpy").unwrap(), ["https://h/api/repo/main"]);
        assert_eq!(
            channels("numpy[channel='main']").unwrap(),
            ["https://h/api/repo/main"]
        );
        assert_eq!(
            channels("https://h/t/secret/api/repo/main::numpy").unwrap(),
            ["https://h/api/repo/main"]
        );
        assert_eq!(
            channels("defaults::numpy").unwrap(),
            ["https://h/pkgs/main", "https://h/pkgs/r"]
        );
        let spec = parse("main/noarch::numpy");
        assert_eq!(spec.source.subdir.as_deref(), Some("noarch"));
        assert!(matches!(
            Spec::parse("other::numpy", &searched()),
            Err(SolveError::UnknownChannel { channel, .. }) if channel == "other"
        ));
    }

    #[test]
    fn what_names_no_package_is_refused() {
        for text in ["", "num*", "^num.*$", "numpy>>1", "=1"] {
            let error = Spec::parse(text, &searched()).unwrap_err();
            assert!(matches!(error, SolveError::BadSpec { .. }), "{text}: {error:?}");
        }
    }
}
