//! uv's index (repository reference, section 4.3). uv reads nothing of pip's.

use super::{Audience, IndexAddress, IndexLogin, IndexUse, KIND, SetupError, SetupPlan};
use crate::clients::uv_settings::{self, UvSettings};
use crate::edit::file::{self, PRIVATE};
use crate::service::plan::{Owner, Plan, PlannedFile, Warning};
use crate::service::{ServiceError, Services, blocking};

#[derive(Debug, Clone)]
pub struct UvSetup {
    pub address: IndexAddress,
    /// Under which uv knows the index, and variables name it: letters, digits, dashes.
    pub name: String,
    pub index_use: IndexUse,
    pub audience: Audience,
    pub login: Option<IndexLogin>,
}

impl Services {
    /// What uv reads, and which variables prevail over it.
    pub fn uv_settings(&self) -> UvSettings {
        blocking(|| UvSettings::read(&self.machine()))
    }

    /// What letting uv use an index will change: an entry `[[index]]` in `uv.toml`, and `.netrc` for a name with its
    /// password.
    ///
    /// Errors: [`SetupError::Uv`] for a file that cannot be changed without risk, with the lines to add by hand.
    pub fn plan_uv(&self, setup: &UvSetup) -> Result<SetupPlan, ServiceError> {
        let holds_token = matches!(setup.login, Some(IndexLogin::Token(_)));
        if holds_token && setup.audience == Audience::Everybody {
            return Err(SetupError::SecretForEverybody.into());
        }
        blocking(|| {
            let machine = self.machine();
            let address = &setup.address;
            let mut plan = Plan::new(KIND, format!("Let uv use {address}"));
            let path = match setup.audience {
                Audience::Person => uv_settings::own_file(&machine),
                Audience::Everybody => uv_settings::system_file(&machine),
            };
            let image = file::read(&path)?;
            let before = image.as_ref().map(|image| image.bytes.clone());
            let is_default = setup.index_use == IndexUse::Instead;
            let written = address.written(setup.login.as_ref());
            let after = uv_settings::with_index(before.as_deref(), &setup.name, written.expose(), is_default)
                .map_err(|source| SetupError::Uv {
                    path: path.clone(),
                    source,
                    lines: format!("[[index]]\nname = \"{}\"\nurl = \"{address}\"", setup.name),
                })?;
            let mut planned = PlannedFile::new(path, Owner::Other, before, Some(after.into_bytes()));
            if holds_token {
                let mode = image.and_then(|image| image.mode);
                planned.mode = mode.filter(|mode| mode & 0o077 != 0).map(|_| PRIVATE);
                plan.warnings.push(Warning::with_remedy(
                    "the token stands in uv's file, and uv prints it where it names the index",
                    "take care who reads the logs; a name and password would lie in .netrc instead",
                ));
            }
            plan.files.push(planned);
            if let Some(IndexLogin::Password { user, password }) = &setup.login {
                self.plan_netrc(&mut plan, &machine, address.host(), user, password)?;
            }
            for variable in UvSettings::read(&machine).variables {
                plan.warnings.push(Warning::with_remedy(
                    format!("the variable {variable} prevails over uv's file"),
                    format!("remove it where it is set, or put {address} there as well"),
                ));
            }
            if address.is_plain_http() {
                plan.warnings.push(Warning::with_remedy(
                    format!(
                        "the connection to {} is not encrypted: packages can be exchanged on the way",
                        address.host()
                    ),
                    "use https, if the repository offers it",
                ));
            }
            let (option, everybody) = match (setup.index_use, setup.audience) {
                (IndexUse::Beside, audience) => ("--index", audience),
                (IndexUse::Instead, audience) => ("--default-index", audience),
            };
            let everybody = if everybody == Audience::Everybody {
                " --global"
            } else {
                ""
            };
            self.parted(
                plan,
                &format!("setup uv {option} {address} --name {}{everybody}", setup.name),
            )
        })
    }
}
