//! Firefox: a file of policies for everybody, or the person's own preferences in each profile.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::clients::machine::Machine;
use crate::edit::file;
use crate::edit::ini::IniFile;
use crate::edit::json::{JsonError, JsonFile};
use crate::locations::Platform;

/// What the policy sets, and what a person sets in `about:config`.
pub const PREFERENCE: &str = "network.negotiate-auth.trusted-uris";

const SPNEGO: [&str; 3] = ["policies", "Authentication", "SPNEGO"];

/// The file of policies that Firefox reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirefoxPolicies {
    /// The file that counts, or that is to be made.
    pub path: PathBuf,
    pub servers: Vec<String>,
    /// Why it cannot be read.
    pub broken: Option<String>,
}

impl FirefoxPolicies {
    /// The policies of this machine. Where the system has a file, those beside the program do not count.
    pub fn read(machine: &Machine) -> Self {
        let places = places(machine);
        let path = places
            .iter()
            .find(|path| path.is_file())
            .or(places.first())
            .cloned()
            .unwrap_or_default();
        let mut found = Self {
            path,
            servers: Vec::new(),
            broken: None,
        };
        match file::read(&found.path) {
            Ok(None) => {}
            Ok(Some(image)) => match JsonFile::parse(&image.bytes) {
                Ok(json) => found.servers = servers(&json),
                Err(error) => found.broken = Some(error.to_string()),
            },
            Err(error) => found.broken = Some(error.to_string()),
        }
        found
    }

    /// The content with a server more.
    ///
    /// Errors: a file that cannot be changed without risk.
    pub fn changed(before: Option<&[u8]>, host: &str) -> Result<Vec<u8>, JsonError> {
        let mut json = match before {
            Some(bytes) => JsonFile::parse(bytes)?,
            None => JsonFile::empty(),
        };
        let mut servers = servers(&json);
        servers.push(host.to_owned());
        json.set(&SPNEGO, &Value::from(servers))?;
        Ok(json.bytes())
    }
}

fn servers(json: &JsonFile) -> Vec<String> {
    let items = json.at(&SPNEGO).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn places(machine: &Machine) -> Vec<PathBuf> {
    let inside = |path: &str| machine.system(path);
    match machine.locations.platform {
        Platform::Linux => [
            "etc/firefox/policies/policies.json",
            "usr/lib/firefox/distribution/policies.json",
            "usr/lib/firefox-esr/distribution/policies.json",
            "usr/lib64/firefox/distribution/policies.json",
            "opt/firefox/distribution/policies.json",
        ]
        .map(inside)
        .to_vec(),
        Platform::MacOs => {
            vec![inside(
                "Applications/Firefox.app/Contents/Resources/distribution/policies.json",
            )]
        }
        Platform::Windows => vec![inside("Program Files/Mozilla Firefox/distribution/policies.json")],
    }
}

/// The person's own preferences in one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirefoxProfile {
    /// `user.js`, which Firefox reads at every start. It need not exist.
    pub path: PathBuf,
    /// What it, or else what the person set in `about:config`, says.
    pub servers: Option<String>,
}

impl FirefoxProfile {
    /// The profiles of this person.
    pub fn all(machine: &Machine) -> Vec<Self> {
        let home = machine.home();
        let folders = match machine.locations.platform {
            Platform::Linux => vec![
                home.join(".mozilla/firefox"),
                home.join("snap/firefox/common/.mozilla/firefox"),
                home.join(".var/app/org.mozilla.firefox/.mozilla/firefox"),
            ],
            Platform::MacOs => vec![home.join("Library/Application Support/Firefox")],
            Platform::Windows => vec![
                machine
                    .folder("APPDATA")
                    .unwrap_or_else(|| home.join("AppData/Roaming"))
                    .join("Mozilla/Firefox"),
            ],
        };
        folders.iter().flat_map(|folder| profiles(folder)).collect()
    }
}

fn profiles(folder: &Path) -> Vec<FirefoxProfile> {
    let content = file::read(&folder.join("profiles.ini")).ok().flatten();
    let Some(ini) = content.and_then(|image| IniFile::parse(&image.bytes).ok()) else {
        return Vec::new();
    };
    let of_section = |section: &str| {
        let path = ini.get(section, "path")?;
        let path = match ini.get(section, "isrelative") {
            Some("0") => PathBuf::from(path),
            _ => folder.join(path),
        };
        section
            .starts_with("Profile")
            .then_some(path)
            .filter(|path| path.is_dir())
    };
    let found = ini.sections().filter_map(of_section);
    found
        .map(|profile| {
            let own = profile.join("user.js");
            let said = |path: &Path| {
                let image = file::read(path).ok().flatten()?;
                preference(&String::from_utf8_lossy(&image.bytes)).map(|(_, value)| value)
            };
            FirefoxProfile {
                servers: said(&own).or_else(|| said(&profile.join("prefs.js"))),
                path: own,
            }
        })
        .collect()
}

/// The last line that sets the preference, and its value.
fn preference(text: &str) -> Option<(usize, String)> {
    let value = |line: &str| {
        let inside = line.trim().strip_prefix("user_pref(")?.trim_start();
        let rest = inside.strip_prefix(&format!("\"{PREFERENCE}\""))?;
        let rest = rest.trim_start().strip_prefix(',')?.trim();
        let text = rest.trim_end_matches(';').trim_end().strip_suffix(')')?.trim();
        serde_json::from_str::<String>(text).ok()
    };
    let lines: Vec<&str> = text.lines().collect();
    lines
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, line)| Some((at, value(line)?)))
}

/// The content of `user.js` with the preference as given; every other line stays.
pub fn profile_text(before: Option<&str>, servers: &str) -> String {
    let line = format!("user_pref(\"{PREFERENCE}\", {});", Value::from(servers));
    let before = before.unwrap_or_default();
    match preference(before) {
        Some((at, _)) => before
            .split_inclusive('\n')
            .enumerate()
            .map(|(number, text)| match number == at {
                true => format!("{line}{}", &text[text.trim_end_matches(['\r', '\n']).len()..]),
                false => text.to_owned(),
            })
            .collect(),
        None if before.is_empty() || before.ends_with('\n') => format!("{before}{line}\n"),
        None => format!("{before}\n{line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::clients::fixture::Home;

    fn plant(home: &Home, path: &str, content: &str) {
        let path = home.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    #[test]
    fn policies_are_merged_where_they_are() {
        let home = Home::new();
        let read = |home: &Home| FirefoxPolicies::read(&home.machine());
        assert!(read(&home).path.ends_with("etc/firefox/policies/policies.json"));
        let beside = "system-root/usr/lib/firefox-esr/distribution/policies.json";
        let policies =
            "{\n  \"policies\": {\n    \"Authentication\": {\n      \"SPNEGO\": [\"a\"]\n    }\n  }\n}\n";
        plant(&home, beside, policies);
        let found = read(&home);
        assert_eq!(
            (found.path, found.servers),
            (home.path(beside), vec!["a".to_owned()])
        );
        let changed = FirefoxPolicies::changed(Some(policies.as_bytes()), "b").unwrap();
        let json: Value = serde_json::from_slice(&changed).unwrap();
        assert_eq!(
            json["policies"]["Authentication"]["SPNEGO"],
            serde_json::json!(["a", "b"])
        );
    }

    #[test]
    fn profiles_have_preferences_of_their_own() {
        let home = Home::new();
        plant(
            &home,
            ".mozilla/firefox/profiles.ini",
            "[General]\nVersion=2\n\n[Profile1]\nName=x\nIsRelative=1\nPath=gone\n\n[Profile0]\nName=default\nIsRelative=1\nPath=ab.default-esr\n",
        );
        plant(
            &home,
            ".mozilla/firefox/ab.default-esr/prefs.js",
            "user_pref(\"network.negotiate-auth.trusted-uris\", \"https://a\");\n",
        );
        let [profile] = FirefoxProfile::all(&home.machine()).try_into().unwrap();
        assert!(profile.path.ends_with("ab.default-esr/user.js"));
        assert_eq!(profile.servers.as_deref(), Some("https://a"));
    }

    #[test]
    fn a_line_of_user_js_is_replaced_or_added() {
        let line = "user_pref(\"network.negotiate-auth.trusted-uris\", \"a,b\");";
        assert_eq!(profile_text(None, "a,b"), format!("{line}\n"));
        assert_eq!(profile_text(Some("// mine"), "a,b"), format!("// mine\n{line}\n"));
        assert_eq!(
            profile_text(
                Some(
                    "// x\r\nuser_pref( \"network.negotiate-auth.trusted-uris\" , \"a\" ) ;\r\nuser_pref(\"y\", 1);\r\n"
                ),
                "a,b"
            ),
            format!("// x\r\n{line}\r\nuser_pref(\"y\", 1);\r\n")
        );
    }
}
