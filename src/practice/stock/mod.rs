//! The packages of the practice world: a small but plausible one, shared by the products as mirrors would.
//!
//! | shelf | what a person meets there |
//! |---|---|
//! | `main` | a Python that stands in for one, libraries with and without a platform, each in several versions |
//! | `r` | the same for R, smaller |
//! | `old` | what there was in 2019: only `.tar.bz2` |
//! | `company` | tools that need one another, old numbers, scripts after linking, a big file |
//! | `trouble` | archives and indexes that mean harm, or are broken |

pub(super) mod company;
mod math;
mod native;
mod old;
mod python;
mod r;
pub(super) mod simple;
pub(super) mod trouble;
mod web;

use std::sync::LazyLock;

use super::shelf::Shelf;
pub(super) use math::numpy;
pub(super) use python::{Release, interpreter};

/// The default packages.
pub(super) static MAIN: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = native::libraries();
    packages.extend(python::all());
    packages.extend(web::all());
    packages.extend(math::all());
    Shelf::new(packages)
});

pub(super) static R: LazyLock<Shelf> = LazyLock::new(|| Shelf::new(r::all()));

pub(super) static OLD: LazyLock<Shelf> = LazyLock::new(|| Shelf::new(old::all()));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::shelf::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let shelves = [
            &MAIN,
            &R,
            &OLD,
            &company::RISK,
            &company::RESEARCH,
            &company::GPU,
            &company::VENDOR,
            &company::GENOMICS,
            &company::SANDBOX,
            &trouble::ARCHIVES,
        ];
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        for shelf in shelves {
            check(shelf, &mut names, &mut wanted);
        }
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }
}
