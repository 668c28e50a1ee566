//! What conda's configuration, and an environment's own files, say about what may come into it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::conda::configuration::{Configuration, Explanation};
use crate::conda::setting::{Key, Value};
use crate::edit::file::{self, FileError};
use crate::package::solve::{ChannelPriority, Cutoffs, Dependencies, Latitude, Pin, Rules};
use crate::service::plan::Warning;

/// The rules for an environment, and what of the configuration they cannot honour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub rules: Rules,
    pub warnings: Vec<Warning>,
}

impl Settings {
    /// `now` is what a span of time is counted back from.
    ///
    /// # Errors
    /// [`FileError`] when `conda-meta/pinned` cannot be read.
    pub fn read(
        configuration: &Configuration,
        prefix: &Path,
        is_base: bool,
        now: Timestamp,
    ) -> Result<Self, FileError> {
        let value = |key| configuration.explain(key).value;
        let is_on = |key| value(key).as_switch() == Some(true);
        let texts = |key| texts(&value(key));
        let mut warnings = Vec::new();
        let cutoffs = cutoffs(configuration, now, &mut warnings);
        if !texts(Key::TrackFeatures).is_empty() {
            warnings.push(Warning::new(
                "conda's setting track_features is not followed: what fits a feature is not preferred here",
            ));
        }
        let rules = Rules {
            priority: priority(&value(Key::ChannelPriority)),
            pins: match is_on(Key::IgnorePinned) {
                true => Vec::new(),
                false => pins(&configuration.explain(Key::PinnedPackages), prefix)?,
            },
            always_updated: texts(Key::AggressiveUpdatePackages),
            disallowed: texts(Key::DisallowedPackages),
            latitude: latitude(&value(Key::UpdateModifier)),
            dependencies: dependencies(&value(Key::DepsModifier)),
            cutoffs,
            pip_comes_with_python: is_on(Key::AddPipAsPythonDependency),
            only_tar_bz2: is_on(Key::UseOnlyTarBz2),
            is_base,
            conda_updates_itself: is_on(Key::AutoUpdateConda),
        };
        Ok(Self { rules, warnings })
    }
}

fn texts(value: &Value) -> Vec<String> {
    value
        .items()
        .iter()
        .map(|item| item.expose().trim().to_owned())
        .collect()
}

fn word(value: &Value) -> String {
    let text = value.as_text().map(|text| text.expose().trim().to_lowercase());
    text.unwrap_or_default()
}

fn priority(value: &Value) -> ChannelPriority {
    match word(value).as_str() {
        "strict" => ChannelPriority::Strict,
        "disabled" => ChannelPriority::Disabled,
        "flexible" => ChannelPriority::Flexible,
        // A switch, as conda took before there were three ways.
        _ if value.as_switch() == Some(false) => ChannelPriority::Disabled,
        _ => ChannelPriority::Flexible,
    }
}

fn latitude(value: &Value) -> Latitude {
    match word(value).as_str() {
        "freeze_installed" => Latitude::Frozen,
        "update_deps" => Latitude::WithDependencies,
        "update_all" => Latitude::Everything,
        "specs_satisfied_skip_solve" => Latitude::OnlyIfUnmet,
        _ => Latitude::AsNeeded,
    }
}

fn dependencies(value: &Value) -> Dependencies {
    match word(value).as_str() {
        "no_deps" => Dependencies::Without,
        "only_deps" => Dependencies::Only,
        _ => Dependencies::Along,
    }
}

/// `pinned_packages`, and the lines of `conda-meta/pinned` that are no comment.
fn pins(configured: &Explanation, prefix: &Path) -> Result<Vec<Pin>, FileError> {
    let source = configured.decided_by().map_or_else(
        || "conda's configuration".to_owned(),
        |source| source.origin.to_string(),
    );
    let mut pins: Vec<_> = texts(&configured.value)
        .into_iter()
        .map(|spec| Pin {
            spec,
            source: source.clone(),
        })
        .collect();
    let path = prefix.join("conda-meta").join("pinned");
    let image = file::read(&path)?;
    let bytes = image.map(|image| image.bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(str::trim);
    let specs = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    pins.extend(specs.map(|spec| Pin {
        spec: spec.to_owned(),
        source: path.display().to_string(),
    }));
    Ok(pins)
}

/// `exclude_newer`, that of `channel_settings`, and `exclude_newer_package`.
fn cutoffs(configuration: &Configuration, now: Timestamp, warnings: &mut Vec<Warning>) -> Cutoffs {
    let mut read = |name: &str, text: &str| {
        let cutoff = cutoff(text, now);
        if cutoff.is_none() {
            warnings.push(Warning::with_remedy(
                format!("the limit {text} of {name} is no date and no span of time, and conda stops at it"),
                "write it like 7d, P7D, 2026-04-01 or 2026-04-01T12:00:00Z",
            ));
        }
        cutoff
    };
    let all = word(&configuration.explain(Key::ExcludeNewer).value);
    let all = match all.as_str() {
        "" | "none" | "false" => None,
        text => read("exclude_newer", text),
    };
    let limits =
        |name: &str, value: &Value, read: &mut dyn FnMut(&str, &str) -> Option<Timestamp>| match word(value)
            .as_str()
        {
            "" | "true" | "yes" | "on" | "none" => None,
            "false" | "no" | "off" | "0" => Some(None),
            text => read(name, text).map(Some),
        };
    let mut packages = BTreeMap::new();
    for (name, value) in configuration.explain(Key::ExcludeNewerPackage).value.entries() {
        if let Some(limit) = limits("exclude_newer_package", value, &mut read) {
            packages.insert(name.to_lowercase(), limit);
        }
    }
    let mut channels = BTreeMap::new();
    let resolver = configuration.resolver();
    for record in configuration.explain(Key::ChannelSettings).value.records() {
        let channel = record.entry("channel").and_then(Value::as_text);
        let limit = record
            .entry("exclude_newer")
            .or_else(|| record.entry("exclude-newer"));
        if let (Some(channel), Some(limit)) = (channel, limit)
            && let Some(limit) = limits("channel_settings", limit, &mut read)
        {
            for address in resolver.resolve_text(channel.expose()).addresses {
                channels.insert(address, limit);
            }
        }
    }
    Cutoffs {
        all,
        channels,
        packages,
    }
}

/// A point in time as conda reads one: a date, a date with a time, or how long ago (`7d`, `P7D`, `12h`, seconds).
fn cutoff(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let seconds = (seconds.is_finite() && seconds >= 0.0).then_some(seconds)?;
        return now
            .checked_sub(Span::new().try_milliseconds((seconds * 1000.0) as i64).ok()?)
            .ok();
    }
    let upper = text.to_uppercase();
    if let Ok(span) = span_of(text).or_else(|_| upper.parse::<Span>()) {
        let is_back = !span.is_negative();
        let then = TimeZone::UTC.to_datetime(now).checked_sub(span).ok()?;
        return TimeZone::UTC.to_timestamp(then).ok().filter(|_| is_back);
    }
    if let Ok(at) = upper.parse::<Timestamp>() {
        return Some(at);
    }
    let local = upper.parse::<DateTime>().ok();
    let local = local.or_else(|| upper.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)))?;
    TimeZone::UTC.to_timestamp(local).ok()
}

/// `7d`, `2w`, `12h`, `30m`, `10s`.
fn span_of(text: &str) -> Result<Span, ()> {
    let unit = text.chars().last().ok_or(())?;
    let number: i64 = text[..text.len() - unit.len_utf8()]
        .trim()
        .parse()
        .map_err(|_| ())?;
    let span = match unit.to_ascii_lowercase() {
        's' => Span::new().try_seconds(number),
        'm' => Span::new().try_minutes(number),
        'h' => Span::new().try_hours(number),
        'd' => Span::new().try_days(number),
        'w' => Span::new().try_weeks(number),
        _ => return Err(()),
    };
    span.map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::{Platform, Surroundings};

    /// A home with a `.condarc`, and an environment with pins.
    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(condarc: &str, pinned: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let write = |inside: &str, content: &str| {
                let path = folder.path().join(inside);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            };
            write("home/.condarc", condarc);
            write("env/conda-meta/pinned", pinned);
            Self(folder)
        }

        fn read(&self) -> Settings {
            let surroundings = Surroundings {
                home: self.0.path().join("home"),
                variables: Default::default(),
                platform: Platform::Linux,
                system_root: self.0.path().to_owned(),
            };
            let configuration = Configuration::read(&surroundings);
            Settings::read(&configuration, &self.0.path().join("env"), false, now()).unwrap()
        }
    }

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn without_a_configuration_the_rules_are_condas_own() {
        assert_eq!(
            Machine::new("", "").read(),
            Settings {
                rules: Rules::default(),
                warnings: Vec::new()
            }
        );
    }

    #[test]
    fn settings_of_conda_become_rules() {
        let machine = Machine::new(
            "channel_priority: strict\npinned_packages:\n  - numpy <2\naggressive_update_packages: [openssl]\n\
                 disallow: [mkl]\nadd_pip_as_python_dependency: false\nuse_only_tar_bz2: true\nself_update: false\n\
                 update_modifier: update_deps\ndeps_modifier: only_deps\nexclude_newer: 7d\n\
                 exclude_newer_package:\n  own: false\n  slow: 2026-01-01\n\
                 channel_settings:\n  - channel: https://h/c\n    exclude_newer: P1D\n",
            "# why\n\n python 3.11.*\nblas=*=openblas\n",
        );
        let Settings { rules, warnings } = machine.read();
        assert_eq!(warnings, []);
        assert_eq!(rules.priority, ChannelPriority::Strict);
        let pins: Vec<_> = rules.pins.iter().map(|pin| pin.spec.as_str()).collect();
        assert_eq!(pins, ["numpy <2", "python 3.11.*", "blas=*=openblas"]);
        assert!(rules.pins[0].source.ends_with(".condarc"), "{:?}", rules.pins);
        assert!(rules.pins[1].source.ends_with("pinned"));
        assert_eq!(rules.always_updated, ["openssl"]);
        assert_eq!(rules.disallowed, ["mkl"]);
        assert!(!rules.pip_comes_with_python && rules.only_tar_bz2 && !rules.conda_updates_itself);
        assert_eq!(rules.latitude, Latitude::WithDependencies);
        assert_eq!(rules.dependencies, Dependencies::Only);
        assert_eq!(rules.cutoffs.all, Some("2026-11-17T12:00:00Z".parse().unwrap()));
        assert_eq!(rules.cutoffs.packages["own"], None);
        assert_eq!(
            rules.cutoffs.packages["slow"],
            Some("2026-01-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(
            rules.cutoffs.channels["https://h/c"],
            Some("2026-11-23T12:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn pins_can_be_ignored_and_priorities_are_switches_too() {
        let condarc = "ignore_pinned: true\npinned_packages: [a]\nchannel_priority: false\n";
        let Settings { rules, .. } = Machine::new(condarc, "b\n").read();
        assert_eq!(rules.pins, []);
        assert_eq!(rules.priority, ChannelPriority::Disabled);
        let machine = Machine::new("channel_priority: true\n", "");
        assert_eq!(machine.read().rules.priority, ChannelPriority::Flexible);
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        let machine = Machine::new("track_features: [mkl]\nexclude_newer: soon\n", "");
        let messages: Vec<_> = machine
            .read()
            .warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].contains("soon") && messages[1].contains("track_features"));
    }

    #[test]
    fn limits_are_read_as_conda_reads_them() {
        for (text, expected) in [
            ("7d", "2026-11-17T12:00:00Z"),
            ("2w", "2026-11-10T12:00:00Z"),
            ("36h", "2026-11-23T00:00:00Z"),
            ("P7D", "2026-11-17T12:00:00Z"),
            ("pt1h", "2026-11-24T11:00:00Z"),
            ("86400", "2026-11-23T12:00:00Z"),
            ("2026-04-01", "2026-04-01T00:00:00Z"),
            ("2026-04-01T12:00:00Z", "2026-04-01T12:00:00Z"),
            ("2026-04-01T12:00:00+02:00", "2026-04-01T10:00:00Z"),
        ] {
            assert_eq!(cutoff(text, now()), Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "soon", "-3d", "d", "3y"] {
            assert_eq!(cutoff(text, now()), None, "{text}");
        }
    }
}
