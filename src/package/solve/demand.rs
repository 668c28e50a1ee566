//! What a solution has to fulfil, and who wants it.

use rattler_conda_types::package::BuildString;
use rattler_conda_types::version_spec::EqualityOperator;
use rattler_conda_types::{MatchSpec, PackageName, RepoDataRecord, StringMatcher, Version, VersionSpec};
use url::Url;

use super::spec::{Source, Spec};

/// Who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// It was asked for.
    Asked,
    /// It is to be brought up to date.
    Updated,
    /// It was asked for before.
    Earlier,
    /// It is there, and should stay.
    Installed,
    /// A pin, and where it is set.
    Pinned { source: String },
    /// The minor version of Python does not change by itself.
    PythonStays,
    /// An update makes nothing older.
    NotOlder,
    /// It is brought up to date by every change.
    AlwaysUpdated,
    /// It is to be removed.
    Removed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    /// The package has to be there.
    Must,
    /// If the package is there, it has to be one of these.
    IfThere,
}

/// One thing that a solution has to fulfil.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    pub spec: Spec,
    pub force: Force,
    pub why: Why,
}

impl Demand {
    pub fn must(spec: Spec, why: Why) -> Self {
        Self {
            spec,
            force: Force::Must,
            why,
        }
    }

    pub fn if_there(spec: Spec, why: Why) -> Self {
        Self {
            spec,
            force: Force::IfThere,
            why,
        }
    }

    /// This very build.
    pub fn exactly(record: &RepoDataRecord, why: Why) -> Self {
        let package = &record.package_record;
        let mut matcher = MatchSpec::from(package.name.clone());
        matcher.version = Some(VersionSpec::Exact(
            EqualityOperator::Equals,
            package.version.version().clone(),
        ));
        matcher.build = build(&package.build);
        matcher.url = Some(record.url.clone());
        let text = format!("{}=={}", package.name.as_normalized(), package.version);
        Self::must(spec(package.name.clone(), matcher, text), why)
    }

    pub fn version(name: &PackageName, version: &Version, why: Why) -> Self {
        let mut matcher = MatchSpec::from(name.clone());
        matcher.version = Some(VersionSpec::Exact(EqualityOperator::Equals, version.clone()));
        let text = format!("{}=={version}", name.as_normalized());
        Self::must(spec(name.clone(), matcher, text), why)
    }

    /// No build of it at all.
    pub fn absent(name: &PackageName) -> Option<Self> {
        let mut matcher = MatchSpec::from(name.clone());
        // No package lies at this address.
        matcher.url = Some(Url::parse("removed:").ok()?);
        let text = name.as_normalized().to_owned();
        Some(Self::if_there(spec(name.clone(), matcher, text), Why::Removed))
    }

    pub fn name(&self) -> &str {
        self.spec.name.as_normalized()
    }
}

fn build(build: &BuildString) -> Option<StringMatcher> {
    (!build.is_empty()).then(|| StringMatcher::Exact(build.as_str().to_owned()))
}

fn spec(name: PackageName, matcher: MatchSpec, text: String) -> Spec {
    Spec {
        text,
        name,
        matcher,
        source: Source::default(),
    }
}
