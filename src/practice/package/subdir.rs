//! The platforms that packages are built for.

/// A subdir of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::practice) enum Subdir {
    Noarch,
    Linux64,
    LinuxAarch64,
    Osx64,
    OsxArm64,
    Win64,
}

use Subdir::{Linux64, LinuxAarch64, Noarch, Osx64, OsxArm64, Win64};

/// Every subdir that a channel has here; any other is answered with 404, which conda takes for empty.
pub(in crate::practice) const SUBDIRS: [Subdir; 6] = [Noarch, Linux64, LinuxAarch64, Osx64, OsxArm64, Win64];

/// Those of machines.
pub(in crate::practice) const PLATFORMS: [Subdir; 5] = [Linux64, LinuxAarch64, Osx64, OsxArm64, Win64];

impl Subdir {
    pub(in crate::practice) fn as_str(self) -> &'static str {
        match self {
            Noarch => "noarch",
            Linux64 => "linux-64",
            LinuxAarch64 => "linux-aarch64",
            Osx64 => "osx-64",
            OsxArm64 => "osx-arm64",
            Win64 => "win-64",
        }
    }

    pub(in crate::practice) fn named(name: &str) -> Option<Self> {
        SUBDIRS.into_iter().find(|subdir| subdir.as_str() == name)
    }

    /// `platform` and `arch` of a record; a package without architecture has neither.
    pub(super) fn platform_and_arch(self) -> Option<(&'static str, &'static str)> {
        match self {
            Noarch => None,
            Linux64 => Some(("linux", "x86_64")),
            LinuxAarch64 => Some(("linux", "aarch64")),
            Osx64 => Some(("osx", "x86_64")),
            OsxArm64 => Some(("osx", "arm64")),
            Win64 => Some(("win", "x86_64")),
        }
    }

    pub(in crate::practice) fn is_windows(self) -> bool {
        self == Win64
    }

    pub(in crate::practice) fn is_mac(self) -> bool {
        matches!(self, Osx64 | OsxArm64)
    }
}
