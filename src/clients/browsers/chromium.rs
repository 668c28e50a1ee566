//! Chrome, Chromium and Edge on Linux: JSON files in two folders.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Browser, listed};
use crate::clients::machine::Machine;
use crate::edit::file;
use crate::edit::json::{JsonError, JsonFile};

/// The servers that a ticket is shown to; one text, commas between.
pub const POLICY: &str = "AuthServerAllowlist";

/// The name of former times, which is not even in the program any more.
pub const OLD_NAME: &str = "AuthServerWhitelist";

/// Takes the server's name as it stands in the address.
pub const POLICY_CNAME: &str = "DisableAuthNegotiateCnameLookup";

/// The name that the manual gives the file.
const MANUAL: &str = "anaconda_repo_policy.json";

const OWN: &str = "sextant.json";

/// One file of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    pub path: PathBuf,
    /// The person cannot change what stands there.
    pub is_managed: bool,
    /// The value of [`POLICY`], where it is a text.
    pub servers: Option<String>,
    /// [`POLICY`] is there and is no text: the browser passes over it.
    pub is_wrong: bool,
    /// The value under the name of former times.
    pub old: Option<String>,
    /// [`POLICY_CNAME`].
    pub disables_lookup: Option<bool>,
    /// Why the file cannot be read.
    pub broken: Option<String>,
}

/// All files of one browser, in the order in which the browser looks: what it finds first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChromiumPolicies {
    pub files: Vec<PolicyFile>,
    folder: PathBuf,
}

impl ChromiumPolicies {
    /// Nothing for a browser that is not of this family.
    pub fn read(machine: &Machine, browser: Browser) -> Option<Self> {
        let folder = machine.system(match browser {
            Browser::Chrome => "etc/opt/chrome/policies",
            Browser::Chromium => "etc/chromium/policies",
            Browser::Edge => "etc/opt/edge/policies",
            Browser::Firefox | Browser::Safari => return None,
        });
        let of = |name: &str, is_managed: bool| {
            let mut paths: Vec<PathBuf> = fs::read_dir(folder.join(name))
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|end| end == "json"))
                .collect();
            // Of two files the one whose name comes later counts.
            paths.sort();
            paths.reverse();
            paths.into_iter().map(move |path| read(&path, is_managed))
        };
        let files = of("managed", true).chain(of("recommended", false)).collect();
        Some(Self {
            files,
            folder: folder.join("managed"),
        })
    }

    /// The file whose list of servers counts.
    pub fn in_force(&self) -> Option<&PolicyFile> {
        self.files.iter().find(|file| file.servers.is_some())
    }

    /// The servers that are allowed.
    pub fn servers(&self) -> Vec<&str> {
        let servers = self.in_force().and_then(|file| file.servers.as_deref());
        listed(servers.unwrap_or_default())
    }

    /// Files beside the one that counts which have a list of their own at the same level.
    pub fn rivals(&self) -> Vec<&PolicyFile> {
        let Some(chosen) = self.in_force() else {
            return Vec::new();
        };
        let rival = |file: &&PolicyFile| {
            file.servers.is_some() && file.path != chosen.path && file.is_managed == chosen.is_managed
        };
        self.files.iter().filter(rival).collect()
    }

    /// The file to change: the one whose list counts, else the one with the name of former times, else the one that the
    /// manual makes, else one of Sextant's own.
    pub fn file_to_change(&self) -> PathBuf {
        let managed = || self.files.iter().filter(|file| file.is_managed);
        let old = || managed().find(|file| file.is_wrong || file.old.is_some());
        let manual = || managed().find(|file| file.path.file_name().is_some_and(|name| name == MANUAL));
        self.in_force()
            .or_else(old)
            .or_else(manual)
            .map_or_else(|| self.folder.join(OWN), |file| file.path.clone())
    }
}

fn read(path: &Path, is_managed: bool) -> PolicyFile {
    let mut found = PolicyFile {
        path: path.to_owned(),
        is_managed,
        servers: None,
        is_wrong: false,
        old: None,
        disables_lookup: None,
        broken: None,
    };
    let content = match file::read(path) {
        Ok(Some(image)) => image.bytes,
        Ok(None) => return found,
        Err(error) => {
            found.broken = Some(error.to_string());
            return found;
        }
    };
    match JsonFile::parse(&content) {
        Ok(json) => {
            let text = |name: &str| json.at(&[name]).and_then(Value::as_str).map(str::to_owned);
            found.servers = text(POLICY);
            found.is_wrong = json.at(&[POLICY]).is_some() && found.servers.is_none();
            found.old = text(OLD_NAME);
            found.disables_lookup = json.at(&[POLICY_CNAME]).and_then(Value::as_bool);
        }
        Err(error) => found.broken = Some(error.to_string()),
    }
    found
}

impl ChromiumPolicies {
    /// The content of a file with the list of servers as given, and the lookup of names switched off where that is wanted.
    ///
    /// Errors: a file that cannot be changed without risk.
    pub fn changed(
        before: Option<&[u8]>,
        servers: &str,
        disables_lookup: bool,
    ) -> Result<Vec<u8>, JsonError> {
        let mut json = match before {
            Some(bytes) => JsonFile::parse(bytes)?,
            None => JsonFile::empty(),
        };
        json.set(&[POLICY], &Value::from(servers))?;
        if disables_lookup {
            json.set(&[POLICY_CNAME], &Value::Bool(true))?;
        }
        Ok(json.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::fixture::Home;

    fn plant(home: &Home, path: &str, content: &str) {
        let path = home.path(&format!("system-root/etc/chromium/policies/{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn policies(home: &Home) -> ChromiumPolicies {
        ChromiumPolicies::read(&home.machine(), Browser::Chromium).unwrap()
    }

    #[test]
    fn what_is_managed_counts_and_of_two_files_the_later_name() {
        let home = Home::new();
        assert!(policies(&home).file_to_change().ends_with("managed/sextant.json"));
        plant(&home, "recommended/z.json", r#"{"AuthServerAllowlist": "r"}"#);
        assert_eq!(policies(&home).servers(), ["r"]);
        plant(&home, "managed/a.json", r#"{"AuthServerAllowlist": "a"}"#);
        plant(&home, "managed/b.json", r#"{"AuthServerAllowlist": "b, c"}"#);
        plant(&home, "managed/broken.json", "{");
        let read = policies(&home);
        assert_eq!(read.servers(), ["b", "c"]);
        assert!(read.file_to_change().ends_with("managed/b.json"));
        assert_eq!(read.rivals().len(), 1);
        assert!(read.files.iter().any(|file| file.broken.is_some()));
    }

    #[test]
    fn the_manuals_file_is_found_by_its_old_name() {
        let home = Home::new();
        plant(
            &home,
            "managed/anaconda_repo_policy.json",
            "{\"AuthServerWhitelist\": \"h\"}\n",
        );
        let read = policies(&home);
        assert!(read.servers().is_empty());
        assert_eq!(read.files[0].old.as_deref(), Some("h"));
        assert!(read.file_to_change().ends_with("anaconda_repo_policy.json"));
        let content = fs::read(&read.files[0].path).unwrap();
        let changed = ChromiumPolicies::changed(Some(&content), "h,i", true).unwrap();
        assert_eq!(
            String::from_utf8(changed).unwrap(),
            "{\"AuthServerWhitelist\": \"h\", \"AuthServerAllowlist\": \"h,i\", \"DisableAuthNegotiateCnameLookup\": true}\n"
        );
    }

    #[test]
    fn a_list_in_brackets_is_none() {
        let home = Home::new();
        plant(&home, "managed/a.json", r#"{"AuthServerAllowlist": ["h"]}"#);
        assert!(policies(&home).servers().is_empty() && policies(&home).files[0].is_wrong);
    }
}
