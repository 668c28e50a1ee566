//! The packages of one channel, and the files by which clients find and fetch them (server reference, section 1.11).
//!
//! Everything is made from the packages when it is asked for; the packages are made the first time.

mod current;
mod repodata;
mod served;
mod shards;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;

use super::package::{Package, SUBDIRS, Subdir};
pub(super) use served::Document;

/// What a channel offers beside `repodata.json` and the packages themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Offers {
    /// `repodata.json.zst`, `repodata.json.bz2`, `current_repodata.json` and that with `.zst`.
    #[default]
    Compressed,
    /// Those, and sharded repodata (CEP 16).
    Sharded,
    /// Only `repodata.json.bz2`, as servers did before 2019.
    Old,
}

/// The packages of a channel, for every subdir. It is made anew for each request, so it shares what it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelf {
    packages: Vec<Arc<Package>>,
    offers: Offers,
}

impl Shelf {
    /// Packages from now on, each built an hour after the one before.
    pub(super) fn new(packages: Vec<Package>) -> Self {
        let packages = packages.into_iter().enumerate();
        Self {
            packages: packages
                .map(|(place, package)| Arc::new(package.in_place(place)))
                .collect(),
            offers: Offers::default(),
        }
    }

    pub(super) fn offering(mut self, offers: Offers) -> Self {
        self.offers = offers;
        self
    }

    /// With these packages as well, which keep the time when they were built.
    pub(super) fn with(mut self, other: &Shelf) -> Self {
        self.packages.extend(other.packages.iter().cloned());
        self
    }

    /// Of packages that keep the time when they were built.
    pub(super) fn of_all(packages: impl IntoIterator<Item = Arc<Package>>) -> Self {
        Self {
            packages: packages.into_iter().collect(),
            offers: Offers::default(),
        }
    }

    /// Without the packages that are `gone`.
    pub(super) fn without(mut self, gone: impl Fn(&Package) -> bool) -> Self {
        self.packages.retain(|package| !gone(package));
        self
    }

    pub(super) fn shared(&self) -> impl Iterator<Item = &Arc<Package>> {
        self.packages.iter()
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().map(AsRef::as_ref)
    }

    fn of(&self, subdir: Subdir) -> Vec<&Package> {
        self.packages()
            .filter(|package| package.subdir() == subdir)
            .collect()
    }

    /// The file at `<subdir>/<file>`; nothing if there is none.
    fn file(&self, subdir: &str, rest: &[String]) -> Option<Document> {
        let subdir = Subdir::named(subdir)?;
        match rest {
            [name] => self.listed(subdir, name).or_else(|| self.package(subdir, name)),
            [folder, name] if folder == shards::FOLDER && self.offers == Offers::Sharded => {
                shards::shard(&self.of(subdir), name).map(Document::binary)
            }
            _ => None,
        }
    }

    /// An index, in whatever form.
    fn listed(&self, subdir: Subdir, name: &str) -> Option<Document> {
        let repodata = || repodata::repodata(subdir, &self.of(subdir)).to_string();
        match (name, self.offers) {
            ("repodata.json", _) => Some(Document::json(repodata())),
            ("repodata.json.bz2", _) => served::bz2(repodata().as_bytes()).map(Document::binary),
            (_, Offers::Old) => None,
            ("repodata.json.zst", _) => served::zst(repodata().as_bytes()).map(Document::binary),
            ("current_repodata.json", _) => {
                let current = current::newest(&self.of(subdir));
                Some(Document::json(repodata::repodata(subdir, &current).to_string()))
            }
            (shards::INDEX, Offers::Sharded) => shards::index(subdir, &self.of(subdir)).map(Document::binary),
            _ => None,
        }
    }

    fn package(&self, subdir: Subdir, name: &str) -> Option<Document> {
        let package = self
            .packages()
            .find(|package| package.subdir() == subdir && package.file_name() == name)?;
        Some(Document::archive(package.built()?.bytes.clone(), package.form()))
    }

    /// Answers a request for `<subdir>/<file>`; nothing if there is no such file. Packages that must be made first are made
    /// on another thread, so that the server goes on answering.
    pub(super) async fn serve(self, rest: &[&str], headers: &HeaderMap) -> Option<Response> {
        let rest: Vec<String> = rest.iter().map(|&segment| segment.to_owned()).collect();
        let made = tokio::task::spawn_blocking(move || {
            let (subdir, rest) = rest.split_first()?;
            self.file(subdir, rest)
        });
        // A thread that ended without an answer has no file.
        let document = made.await.ok().flatten()?;
        Some(document.answer(headers))
    }

    /// `channeldata.json`: every package's newest version and its subdirs.
    pub(super) fn channeldata(&self) -> Document {
        Document::json(repodata::channeldata(self).to_string())
    }
}

/// The names of all subdirs.
pub(super) fn subdir_names() -> [&'static str; SUBDIRS.len()] {
    SUBDIRS.map(Subdir::as_str)
}

#[cfg(test)]
pub(super) mod tests;
