//! `current_repodata.json`: the newest of everything.

use crate::practice::package::Package;

/// The packages of the version that was built last, for each name. Where nothing fits them, clients turn to the whole
/// index.
pub(super) fn newest<'p>(packages: &[&'p Package]) -> Vec<&'p Package> {
    let last_of = |name: &str| {
        let mut same_name = packages.iter().rev().filter(|package| package.name() == name);
        same_name.next().map(|package| package.version())
    };
    packages
        .iter()
        .copied()
        .filter(|package| last_of(package.name()) == Some(package.version()))
        .collect()
}
