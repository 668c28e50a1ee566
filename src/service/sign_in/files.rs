//! The files that every sign-in changes in the same way: Navigator's, and the token files.

use std::path::{Path, PathBuf};

use crate::conda::token_file::{self, ApiBase, Place, TokenFile, TokenFolder};
use crate::conda::{CondaError, Surroundings};
use crate::edit::file;
use crate::navigator::{NavigatorError, NavigatorFile, location};
use crate::repository::BinstarApi;
use crate::service::plan::{Owner, Plan, TOKEN, Warning};
use crate::service::{ServiceError, Services};

impl Services {
    /// Plans a change of Navigator's file; a missing one is created.
    pub(crate) fn plan_navigator(
        &self,
        plan: &mut Plan,
        change: impl FnOnce(&mut NavigatorFile) -> Result<(), NavigatorError>,
    ) -> Result<(), ServiceError> {
        let path = self.navigator_path();
        let before = plan.content(&path)?;
        file::check_writable(&path)?;
        let mut navigator = match &before {
            Some(bytes) => NavigatorFile::parse(bytes).map_err(ServiceError::in_navigator(&path))?,
            None => NavigatorFile::empty(),
        }
        .with_generation(self.navigator_generation());
        change(&mut navigator).map_err(ServiceError::in_navigator(&path))?;
        Ok(plan.put(path, Owner::Navigator, Some(navigator.bytes()))?)
    }

    /// The new token in each of `targets`; those of `stale` that are no target go, so that no older token wins.
    pub(crate) fn plan_token_files(
        &self,
        plan: &mut Plan,
        targets: Vec<PathBuf>,
        stale: Vec<TokenFile>,
    ) -> Result<(), ServiceError> {
        for found in stale.into_iter().filter(|found| !targets.contains(&found.path)) {
            plan.put(found.path, Owner::TokenFile, None)?;
        }
        for path in targets {
            plan.put(path, Owner::TokenFile, Some(TOKEN.as_bytes().to_vec()))?;
        }
        Ok(())
    }

    /// Navigator's file, which need not exist.
    pub fn navigator_file(&self) -> PathBuf {
        self.navigator_path()
    }

    pub(crate) fn navigator_path(&self) -> PathBuf {
        let found = location::find(
            &self.locations().home,
            |name| self.locations().variable(name).map(str::to_owned),
            self.locations().platform,
            Path::exists,
        );
        found.file
    }
}

/// Tokens that conda may send to the server although they are another's.
pub(super) fn warn_of_intruders(plan: &mut Plan, intruders: Vec<TokenFile>) {
    for found in intruders {
        plan.warnings.push(Warning::with_remedy(
            format!(
                "conda may send the token stored for {} to this server instead of yours",
                found.key
            ),
            format!("sign out there, or remove {}", found.path.display()),
        ));
    }
}

/// The files of a key in the folders that conda reads; the folder of conda 23.11 only where it exists.
pub(crate) fn paths_for_conda(surroundings: &Surroundings, key: &str) -> Vec<PathBuf> {
    let read_by_conda = |folder: &TokenFolder| match folder.place {
        Place::Conda => true,
        Place::Conda2311 => folder.path.is_dir(),
        Place::AnacondaClient | Place::RepoCli => false,
    };
    token_file::folders(surroundings)
        .into_iter()
        .filter(read_by_conda)
        .map(|folder| folder.path.join(token_file::file_name(key)))
        .collect()
}

/// The API of Anaconda Repository or Anaconda.org as the room of conda's files knows it.
pub(crate) fn base_of(api: &BinstarApi) -> Result<ApiBase, ServiceError> {
    Ok(ApiBase::of_repository(api.as_str(), &api.channel_alias()).map_err(CondaError::from)?)
}

pub(super) fn paths(files: Vec<TokenFile>) -> Vec<PathBuf> {
    files.into_iter().map(|file| file.path).collect()
}
