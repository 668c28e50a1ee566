//! What pip's files and variables say together (repository reference, sections 4.1 and 4.2).
//!
//! A later file prevails setting by setting, lists included; a section of a command prevails over `[global]` for that
//! command, a variable `PIP_…` over every section.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::layered::{Explanation, Origin, Part, Place, Scope, SourceValue, State, Value};
use super::machine::Machine;
use crate::edit::file;
use crate::edit::ini::{IniError, IniFile};
use crate::locations::Platform;

/// The section that applies to every command.
pub const GLOBAL: &str = "global";

/// The section whose options every other one inherits.
const DEFAULT: &str = "DEFAULT";

/// One file as it was read.
#[derive(Debug, Clone)]
struct Layer {
    path: PathBuf,
    ini: IniFile,
}

/// All files and variables, read once.
#[derive(Debug, Clone)]
pub struct PipSettings {
    places: Vec<Place>,
    layers: Vec<Layer>,
    /// Setting and variable, by the setting's name.
    variables: BTreeMap<String, (String, String)>,
}

/// The name of an option as pip compares it: small letters, dashes, nothing in front.
pub fn normal(option: &str) -> String {
    let name = option.to_lowercase().replace('_', "-");
    name.strip_prefix("--").unwrap_or(&name).to_owned()
}

/// Whether pip splits the value at white space.
pub fn is_list(option: &str) -> bool {
    matches!(
        normal(option).as_str(),
        "extra-index-url"
            | "trusted-host"
            | "find-links"
            | "constraint"
            | "requirement"
            | "no-binary"
            | "only-binary"
            | "use-feature"
            | "use-deprecated"
    )
}

impl PipSettings {
    /// Reads everything. Never fails: a file that cannot be used becomes a place with a reason.
    pub fn read(machine: &Machine) -> Self {
        Self::read_with(machine, None)
    }

    /// The settings as they will be once the file at `path` holds `content`.
    pub fn planned(machine: &Machine, path: &Path, content: &[u8]) -> Self {
        Self::read_with(machine, Some((path, content)))
    }

    fn read_with(machine: &Machine, planned: Option<(&Path, &[u8])>) -> Self {
        let mut settings = Self {
            places: Vec::new(),
            layers: Vec::new(),
            variables: variables(machine),
        };
        for (path, scope, passed_over) in order(machine) {
            if settings.places.iter().any(|place| place.path == path) {
                continue;
            }
            let content = match planned {
                Some((changed, content)) if changed == path => Ok(Some(content.to_vec())),
                _ => file::read(&path)
                    .map(|image| image.map(|image| image.bytes))
                    .map_err(|error| error.to_string()),
            };
            let unused = |reason: String, stops| State::Unused { reason, stops };
            let state = match (content, passed_over) {
                (Ok(None), _) => State::Missing,
                (_, Some(reason)) => unused(reason.to_owned(), false),
                (Err(reason), _) => unused(reason, true),
                (Ok(Some(content)), None) => match parse(&content) {
                    Ok(ini) => {
                        settings.layers.push(Layer {
                            path: path.clone(),
                            ini,
                        });
                        State::Read
                    }
                    Err(reason) => unused(reason, true),
                },
            };
            settings.places.push(Place { path, scope, state });
        }
        settings
    }

    /// Where pip looks, lowest precedence first.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The settings that some file or variable has, as `section.option`; those of variables are of the section
    /// `global`.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        let of_files = self.places_of_options();
        let of_files = of_files.map(|(section, option)| format!("{section}.{}", normal(option)));
        let of_variables = self.variables.keys().map(|option| format!("{GLOBAL}.{option}"));
        for key in of_files.chain(of_variables) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The sections of single commands that have this option, and so prevail over `[global]` for them.
    pub fn commands_with(&self, option: &str) -> Vec<String> {
        let option = normal(option);
        let mut commands: Vec<String> = Vec::new();
        for (section, name) in self.places_of_options() {
            let of_command = section != GLOBAL && normal(name) == option;
            if of_command && !commands.iter().any(|known| known == section) {
                commands.push(section.to_owned());
            }
        }
        commands
    }

    /// Every option of every section of every file, those of `[DEFAULT]` in each section.
    fn places_of_options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.layers.iter().flat_map(|layer| {
            let of_section = |section| {
                let options = layer.ini.options(section).into_iter();
                options.map(move |option| (section, option))
            };
            layer.ini.sections().flat_map(of_section).collect::<Vec<_>>()
        })
    }

    /// What an option of a section is in effect.
    pub fn explain(&self, section: &str, option: &str) -> Explanation {
        let option = normal(option);
        let mut sources: Vec<SourceValue> = Vec::new();
        for layer in &self.layers {
            let ini = &layer.ini;
            let own = ini
                .options(section)
                .into_iter()
                .find(|name| normal(name) == option);
            if let Some((spelling, value)) = own.and_then(|name| Some((name, ini.get(section, name)?))) {
                sources.push(SourceValue {
                    origin: Origin::File {
                        path: layer.path.clone(),
                        line: ini.line_of(section, spelling).or(ini.line_of(DEFAULT, spelling)),
                    },
                    spelling: format!("{section}.{spelling}"),
                    value: value_of(&option, value),
                    part: Part::Overridden,
                });
            }
        }
        if let Some((name, value)) = self.variables.get(&option) {
            sources.push(SourceValue {
                origin: Origin::Variable { name: name.clone() },
                spelling: name.clone(),
                value: value_of(&option, value),
                part: Part::Overridden,
            });
        }
        let value = sources.last_mut().map(|source| {
            source.part = Part::Decides;
            source.value.clone()
        });
        Explanation {
            value,
            default: None,
            sources,
        }
    }
}

/// pip reads a list from lines or words; every other value is a text.
fn value_of(option: &str, value: &str) -> Value {
    if is_list(option) {
        return Value::List(value.split_whitespace().map(Value::text).collect());
    }
    Value::text(value)
}

/// Whether pip takes a host, with or without a login and a port, for secure although nothing is encrypted: `localhost`,
/// `127.0.0.0/8` and `::1`, which nobody else listens on (pip's documentation, `--trusted-host`).
pub fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The file as pip reads it. A byte order mark stops it, and so do two spellings of one option.
pub fn parse(content: &[u8]) -> Result<IniFile, String> {
    if content.starts_with("\u{feff}".as_bytes()) {
        return Err("it starts with a byte order mark, at which pip stops".to_owned());
    }
    let ini = IniFile::parse(content).map_err(|error: IniError| error.to_string())?;
    let mut seen: Vec<(&str, String)> = Vec::new();
    for (section, option, _) in ini.entries() {
        let named = (section, normal(option));
        if seen.contains(&named) {
            return Err(format!("[{section}] has {} in two spellings", named.1));
        }
        seen.push(named);
    }
    Ok(ini)
}

/// `PIP_…`, by the setting's name. `PIP_CONFIG_FILE` names a file and is no setting of its own.
fn variables(machine: &Machine) -> BTreeMap<String, (String, String)> {
    let setting = |(name, value): (&String, &String)| {
        let option = normal(name.strip_prefix("PIP_")?);
        let ignored = ["version", "help", "config-file"].contains(&option.as_str());
        (!ignored).then(|| (option, (name.clone(), value.clone())))
    };
    machine.locations.variables.iter().filter_map(setting).collect()
}

type Candidate = (PathBuf, Scope, Option<&'static str>);

/// Every place of pip's order, with the reason where it is passed over.
fn order(machine: &Machine) -> Vec<Candidate> {
    let named = machine.variable("PIP_CONFIG_FILE").map(str::to_owned);
    let name = file_name(machine);
    // The null device switches all files off.
    let off = named
        .as_deref()
        .is_some_and(|path| path == null_device(machine.locations.platform));
    let off = off.then_some("PIP_CONFIG_FILE switches all files off");
    let named = named
        .filter(|_| off.is_none())
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let instead = named
        .as_ref()
        .filter(|path| path.exists())
        .map(|_| "PIP_CONFIG_FILE names another file, in the place of the person's own");
    let mut order: Vec<Candidate> = Vec::new();
    order.extend(
        machine_files(machine)
            .into_iter()
            .map(|path| (path, Scope::Machine, off)),
    );
    order.extend(
        person_files(machine)
            .into_iter()
            .map(|path| (path, Scope::Person, off.or(instead))),
    );
    order.extend(environment(machine).map(|prefix| (prefix.join(name), Scope::Environment, off)));
    order.extend(named.map(|path| (path, Scope::Named, None)));
    order
}

const fn null_device(platform: Platform) -> &'static str {
    match platform {
        Platform::Windows => "nul",
        Platform::Linux | Platform::MacOs => "/dev/null",
    }
}

fn file_name(machine: &Machine) -> &'static str {
    match machine.locations.platform {
        Platform::Windows => "pip.ini",
        Platform::Linux | Platform::MacOs => "pip.conf",
    }
}

/// The environment whose pip a person starts: `sys.prefix` of its Python.
fn environment(machine: &Machine) -> Option<PathBuf> {
    machine
        .folder("VIRTUAL_ENV")
        .or_else(|| machine.folder("CONDA_PREFIX"))
}

fn machine_files(machine: &Machine) -> Vec<PathBuf> {
    let name = file_name(machine);
    match machine.locations.platform {
        Platform::Linux => {
            let folders = machine.variable("XDG_CONFIG_DIRS").map_or_else(
                || vec![machine.system("etc/xdg")],
                |value| value.split(':').map(PathBuf::from).collect(),
            );
            let absolute = folders.into_iter().filter(|folder| folder.is_absolute());
            absolute
                .map(|folder| folder.join("pip").join(name))
                .chain([machine.system("etc").join(name)])
                .collect()
        }
        Platform::MacOs => vec![machine.system("Library/Application Support/pip").join(name)],
        Platform::Windows => vec![machine.system("ProgramData/pip").join(name)],
    }
}

/// The old place, then the present one.
fn person_files(machine: &Machine) -> Vec<PathBuf> {
    let name = file_name(machine);
    let home = machine.home();
    match machine.locations.platform {
        Platform::Windows => {
            let roaming = machine
                .folder("APPDATA")
                .unwrap_or_else(|| home.join("AppData/Roaming"));
            vec![home.join("pip").join(name), roaming.join("pip").join(name)]
        }
        Platform::MacOs => {
            let library = home.join("Library/Application Support/pip");
            let present = if library.is_dir() {
                library
            } else {
                home.join(".config/pip")
            };
            vec![home.join(".pip").join(name), present.join(name)]
        }
        Platform::Linux => {
            let config = machine
                .folder("XDG_CONFIG_HOME")
                .unwrap_or_else(|| home.join(".config"));
            vec![home.join(".pip").join(name), config.join("pip").join(name)]
        }
    }
}

/// The file for everybody on this machine: the highest of those that exist, else `/etc/pip.conf` and its like.
pub fn machine_file(machine: &Machine) -> Option<PathBuf> {
    let files = machine_files(machine);
    let existing = files.iter().rev().find(|path| path.is_file());
    existing.or(files.last()).cloned()
}

/// The file of the environment whose pip a person starts.
pub fn environment_file(machine: &Machine) -> Option<PathBuf> {
    Some(environment(machine)?.join(file_name(machine)))
}

/// The person's own file for a setting: the one that `PIP_CONFIG_FILE` names where it counts, else the one in which the
/// setting stands already, else the present place, else the old one where only that exists.
pub fn own_file(machine: &Machine, setting: Option<(&str, &str)>) -> PathBuf {
    let settings = PipSettings::read(machine);
    let named = order(machine)
        .into_iter()
        .find(|(_, scope, _)| *scope == Scope::Named);
    if let Some((path, ..)) = named.filter(|(path, ..)| path.exists()) {
        return path;
    }
    let own = person_files(machine);
    if let Some((section, option)) = setting {
        let explained = settings.explain(section, option);
        let holder = explained
            .sources
            .iter()
            .rev()
            .find_map(|source| match &source.origin {
                Origin::File { path, .. } if own.contains(path) => Some(path.clone()),
                _ => None,
            });
        if let Some(holder) = holder {
            return holder;
        }
    }
    let (old, present) = (own[0].clone(), own[1].clone());
    if present.exists() || !old.exists() {
        present
    } else {
        old
    }
}

#[cfg(test)]
mod tests;
