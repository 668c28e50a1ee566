//! The addresses of all packages, as `conda list --explicit` writes them, with checksums.

use super::{Exported, about_pip, damaged};
use crate::conda::environment::{EnvironmentError, Installed};
use crate::service::ServiceError;

pub(super) fn write(installed: &Installed, subdir: &str) -> Result<Exported, ServiceError> {
    check_addresses(installed)?;
    let mut text = format!(
        "# This file may be used to create an environment using:\n\
         # $ conda create --name <env> --file <this file>\n\
         # platform: {subdir}\n\
         # created-by: sextant {}\n\
         @EXPLICIT\n",
        env!("CARGO_PKG_VERSION")
    );
    for package in installed.conda() {
        text.push_str(package.url.as_deref().unwrap_or_default());
        match (&package.sha256, &package.md5) {
            (Some(sum), _) => text.push_str(&format!("#sha256:{sum}")),
            (None, Some(sum)) => text.push_str(&format!("#{sum}")),
            (None, None) => {}
        }
        text.push('\n');
    }
    let mut warnings = damaged(installed);
    warnings.extend(about_pip(installed));
    Ok(Exported { text, warnings })
}

/// A package without an address cannot be had again from a list of addresses.
pub(super) fn check_addresses(installed: &Installed) -> Result<(), EnvironmentError> {
    let has_address = |url: &Option<String>| {
        url.as_deref()
            .is_some_and(|url| url.contains("://") && !url.starts_with("<"))
    };
    let without: Vec<String> = installed
        .conda()
        .filter(|package| !has_address(&package.url))
        .map(|package| package.name.clone())
        .collect();
    match without.is_empty() {
        true => Ok(()),
        false => Err(EnvironmentError::WithoutAddress { packages: without }),
    }
}
