//! Subdirs: the platforms under which a channel keeps its packages.

use super::Platform;
use super::configuration::Configuration;
use super::setting::Key;

/// The parts of an address or name that conda takes for a platform, beside those that are configured (conda's own list as of
/// 26.7).
pub(super) const KNOWN: [&str; 19] = [
    NOARCH,
    "emscripten-wasm32",
    "wasi-wasm32",
    "freebsd-64",
    "linux-32",
    "linux-64",
    "linux-aarch64",
    "linux-armv6l",
    "linux-armv7l",
    "linux-ppc64",
    "linux-ppc64le",
    "linux-riscv64",
    "linux-s390x",
    "osx-64",
    "osx-arm64",
    "win-32",
    "win-64",
    "win-arm64",
    "zos-z",
];

/// Packages for every platform.
pub const NOARCH: &str = "noarch";

/// Whether conda takes a part of an address or name for a platform, whatever is configured.
pub fn is_known(part: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(part))
}

/// The subdir of this machine. A program built for another processor than the machine's own takes the packages that fit
/// itself, as conda does.
pub fn native(platform: Platform) -> String {
    let (system, processor) = match platform {
        Platform::Linux => ("linux", processor_of_linux()),
        Platform::MacOs => ("osx", short(std::env::consts::ARCH)),
        Platform::Windows => ("win", short(std::env::consts::ARCH)),
    };
    format!("{system}-{processor}")
}

fn short(processor: &'static str) -> &'static str {
    match processor {
        "x86_64" => "64",
        "x86" => "32",
        "aarch64" => "arm64",
        other => other,
    }
}

fn processor_of_linux() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "aarch64",
        "arm" => "armv7l",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        other => short(other),
    }
}

impl Configuration {
    /// The subdirs that conda searches in every channel, the platform's own first.
    pub fn subdirs(&self) -> Vec<String> {
        let listed = self.explain(Key::Subdirs).value;
        if !listed.items().is_empty() {
            return listed
                .items()
                .iter()
                .map(|item| item.expose().to_owned())
                .collect();
        }
        vec![self.subdir(), NOARCH.to_owned()]
    }

    /// The subdir whose packages are native: of the machine, or that which `subdir` names.
    pub fn subdir(&self) -> String {
        let set = self.explain(Key::Subdir).value;
        match set.as_text() {
            Some(text) if !text.expose().is_empty() => text.expose().to_owned(),
            _ => native(self.surroundings().platform),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    #[test]
    fn the_subdirs_are_those_of_the_machine_unless_they_are_set() {
        let subdirs = |condarc: &str| {
            let machine = Machine::linux().file("home/.condarc", condarc);
            Configuration::read(&machine.surroundings).subdirs()
        };
        assert_eq!(subdirs(""), [native(Platform::Linux), NOARCH.to_owned()]);
        assert_eq!(subdirs("subdir: osx-arm64\n"), ["osx-arm64", NOARCH]);
        assert_eq!(subdirs("subdirs: [linux-32, noarch]\n"), ["linux-32", NOARCH]);
        assert!(KNOWN.contains(&native(Platform::Linux).as_str()));
        assert!(KNOWN.contains(&native(Platform::MacOs).as_str()));
        assert!(KNOWN.contains(&native(Platform::Windows).as_str()));
    }
}
