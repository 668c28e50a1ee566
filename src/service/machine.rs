//! The machine as other tools see it: what the room of their files has to know, gathered from the rooms beside it.

use crate::clients::{Machine, NavigatorReading, NavigatorValues};
use crate::conda::token_file::{self, Place};
use crate::edit::file;
use crate::navigator::{NavigatorError, NavigatorFile, location};

use super::Services;

impl Services {
    /// Reads Navigator's files and finds conda's token folders. Asks no network.
    pub fn machine(&self) -> Machine {
        let surroundings = self.surroundings();
        let folders = token_file::folders(&surroundings);
        let of = |place: Place| {
            let folders = folders.iter().filter(|folder| folder.place == place);
            folders.map(|folder| folder.path.clone()).collect()
        };
        Machine {
            locations: self.locations().clone(),
            conda_root: surroundings.conda_root(),
            conda_token_folders: of(Place::Conda),
            old_conda_token_folders: of(Place::Conda2311),
            navigator: self.navigator_readings(),
            now: self.now(),
        }
    }

    /// Every file of Navigator's that exists, the one in use first.
    fn navigator_readings(&self) -> Vec<NavigatorReading> {
        let locations = self.locations();
        let found = location::find(
            &locations.home,
            |name| locations.variable(name).map(str::to_owned),
            locations.platform,
            std::path::Path::exists,
        );
        let files = [found.file].into_iter().chain(found.copies);
        files
            .filter_map(|path| {
                let values = match file::read(&path) {
                    Ok(None) => return None,
                    Ok(Some(image)) => NavigatorFile::parse(&image.bytes)
                        .map(|navigator| values_of(&navigator))
                        .map_err(
                            |(NavigatorError::Unreadable(ini) | NavigatorError::Unchangeable(ini))| {
                                ini.to_string()
                            },
                        ),
                    Err(error) => Err(error.to_string()),
                };
                Some(NavigatorReading { path, values })
            })
            .collect()
    }
}

fn values_of(navigator: &NavigatorFile) -> NavigatorValues {
    NavigatorValues {
        logged_brand: navigator.logged_brand(),
        logged_api_url: navigator.logged_api_url(),
        server_api_url: navigator.domain(),
        server_token: navigator.token(),
        server_token_id: navigator.token_id(),
    }
}
