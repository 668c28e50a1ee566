//! Packages and who may have them (repository reference, section 1.4).

use std::sync::LazyLock;

use super::world::PACKAGES;
use crate::practice::package::{self, Subdir};
use crate::practice::shelf::Shelf;
use crate::practice::stock::{Release, interpreter, numpy};

/// The access levels of the data model; on the wire only `public` is a field of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anyone.
    Public,
    /// Anyone who is logged in.
    Authenticated,
    /// The owner, collaborators, and the groups that list it.
    Private,
}

impl Access {
    pub(super) fn named(word: &str) -> Option<Self> {
        [Self::Public, Self::Authenticated, Self::Private]
            .into_iter()
            .find(|access| access.as_str() == word)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
        }
    }
}

/// A conda package of an owner, as it is at the beginning.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) owner: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// At the beginning.
    pub(super) access: Access,
    /// Oldest first.
    pub(super) versions: &'static [&'static str],
    pub(super) subdirs: &'static [&'static str],
    pub(super) depends: &'static [&'static str],
    /// The label that all its files carry.
    pub(super) label: &'static str,
    /// People who were given it without a group, at the beginning.
    pub(super) collaborators: &'static [&'static str],
}

impl Package {
    /// The archives of one version.
    fn archives(&self, version: &'static str) -> Vec<package::Package> {
        let subdirs = self.subdirs.iter().copied().filter_map(Subdir::named);
        subdirs
            .flat_map(|subdir| match self.name {
                "python" => vec![interpreter(Release(version), subdir)],
                "numpy" => [Release("3.12"), Release("3.13")]
                    .map(|release| numpy(version, release, subdir))
                    .into(),
                _ => vec![self.archive(version, subdir)],
            })
            .collect()
    }

    fn archive(&self, version: &str, subdir: Subdir) -> package::Package {
        let archive = match subdir {
            Subdir::Noarch => package::Package::generic(self.name, version),
            platform => package::Package::native(self.name, version, "h5eb1b0e_0", platform),
        };
        let text = format!("{} {version}: {}\n", self.name, self.summary);
        let archive = archive
            .depends(self.depends)
            .text(format!("share/{}/about.txt", self.name), text);
        // The first version of everything is older than the new form of archives.
        if self.versions.first() == Some(&version) {
            archive.tar_bz2()
        } else {
            archive
        }
    }
}

/// Everything that can be downloaded, by package.
static ARCHIVES: LazyLock<Vec<Shelf>> = LazyLock::new(|| {
    let archives = |package: &Package| {
        let versions = package.versions.iter().copied();
        Shelf::new(versions.flat_map(|version| package.archives(version)).collect())
    };
    PACKAGES.iter().map(archives).collect()
});

/// Everything of one package of the world that can be downloaded.
pub(super) fn archives_of(package: &Package) -> Shelf {
    let place = PACKAGES.iter().position(|one| std::ptr::eq(one, package));
    let archives = place.and_then(|place| ARCHIVES.get(place));
    archives.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::shelf::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        let all = PACKAGES.iter().map(archives_of);
        let shelf = all.fold(Shelf::default(), |shelf, archives| shelf.with(&archives));
        check(&shelf, &mut names, &mut wanted);
        assert_eq!(names.len(), PACKAGES.len());
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }
}
