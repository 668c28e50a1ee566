//! What the machine is, as packages see it: `__glibc`, `__cuda` and the like.

use rattler_conda_types::{GenericVirtualPackage, Subdir};
use rattler_virtual_packages::{Override, VirtualPackage, VirtualPackageOverrides, VirtualPackages};

use super::SolveError;

/// The machine that an environment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    subdir: Subdir,
    virtual_packages: Vec<GenericVirtualPackage>,
}

impl Machine {
    /// Looks at this machine. A value of a variable `CONDA_OVERRIDE_GLIBC`, `_CUDA`, `_OSX`, `_LINUX`, `_WIN` or
    /// `_ARCHSPEC` goes before what is found, as in conda; an empty one says that there is no such thing. May take a
    /// moment where there is a graphics driver to ask.
    ///
    /// # Errors
    /// [`SolveError::UnknownPlatform`]; [`SolveError::Machine`] for a variable that is no version.
    pub fn detect(subdir: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, SolveError> {
        let subdir = parse(subdir)?;
        let given = |name: &str| variable(&format!("CONDA_OVERRIDE_{name}")).map(Override::String);
        let mut overrides = VirtualPackageOverrides::default();
        overrides.win = given("WIN");
        overrides.osx = given("OSX");
        overrides.linux = given("LINUX").filter(|given| *given != Override::String(String::new()));
        overrides.libc = given("GLIBC");
        overrides.cuda = given("CUDA");
        overrides.archspec = given("ARCHSPEC");
        let found = VirtualPackages::detect_for_platform(subdir, &overrides, None);
        let found = found.map_err(|error| SolveError::Machine {
            cause: error.to_string(),
        })?;
        Ok(Self {
            subdir,
            virtual_packages: known_to_conda(found),
        })
    }

    /// A machine of that kind with what conda takes for granted there.
    ///
    /// # Errors
    /// [`SolveError::UnknownPlatform`].
    pub fn baseline(subdir: &str) -> Result<Self, SolveError> {
        let subdir = parse(subdir)?;
        Ok(Self {
            subdir,
            virtual_packages: known_to_conda(VirtualPackages::baseline_for_platform(subdir)),
        })
    }

    pub fn subdir(&self) -> &str {
        self.subdir.as_str()
    }

    /// Name, version and build of each virtual package, as `conda info` lists them.
    pub fn virtual_packages(&self) -> Vec<(String, String, String)> {
        let told = |package: &GenericVirtualPackage| {
            (
                package.name.as_normalized().to_owned(),
                package.version.to_string(),
                package.build_string.to_string(),
            )
        };
        self.virtual_packages.iter().map(told).collect()
    }

    pub(in crate::package) fn platform(&self) -> Subdir {
        self.subdir
    }

    pub(super) fn records(&self) -> &[GenericVirtualPackage] {
        &self.virtual_packages
    }

    #[cfg(test)]
    pub(super) fn with(subdir: &str, packages: &[(&str, &str)]) -> Self {
        let package = |(name, version): &(&str, &str)| GenericVirtualPackage {
            name: name.parse().unwrap(),
            version: version.parse().unwrap(),
            build_string: "0".parse().unwrap(),
        };
        Self {
            subdir: parse(subdir).unwrap(),
            virtual_packages: packages.iter().map(package).collect(),
        }
    }
}

/// Those that conda detects too. A package that fits one of the others would not fit in conda.
fn known_to_conda(found: VirtualPackages) -> Vec<GenericVirtualPackage> {
    let known = |package: &VirtualPackage| {
        matches!(
            package,
            VirtualPackage::Win(_)
                | VirtualPackage::Unix
                | VirtualPackage::Linux(_)
                | VirtualPackage::Osx(_)
                | VirtualPackage::LibC(_)
                | VirtualPackage::Cuda(_)
                | VirtualPackage::Archspec(_)
        )
    };
    found
        .into_virtual_packages()
        .filter(known)
        .map(GenericVirtualPackage::from)
        .collect()
}

fn parse(subdir: &str) -> Result<Subdir, SolveError> {
    subdir.parse().map_err(|_| SolveError::UnknownPlatform {
        subdir: subdir.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of<'a>(machine: &'a [(String, String, String)], name: &str) -> Option<&'a str> {
        let found = machine.iter().find(|(known, _, _)| known == name);
        found.map(|(_, version, _)| version.as_str())
    }

    #[test]
    fn variables_go_before_what_the_machine_says() {
        let variable = |name: &str| match name {
            "CONDA_OVERRIDE_GLIBC" => Some("2.5".to_owned()),
            "CONDA_OVERRIDE_CUDA" => Some("12.4".to_owned()),
            "CONDA_OVERRIDE_LINUX" => Some(String::new()),
            _ => None,
        };
        let machine = Machine::detect("linux-64", variable).unwrap().virtual_packages();
        assert_eq!(version_of(&machine, "__glibc"), Some("2.5"));
        assert_eq!(version_of(&machine, "__cuda"), Some("12.4"));
        assert_eq!(version_of(&machine, "__unix"), Some("0"));
        assert!(version_of(&machine, "__linux").is_some());

        let without = |name: &str| (name == "CONDA_OVERRIDE_GLIBC").then(String::new);
        let machine = Machine::detect("linux-64", without).unwrap().virtual_packages();
        assert_eq!(version_of(&machine, "__cuda"), None);
    }

    #[test]
    fn another_platform_has_what_conda_takes_for_granted() {
        let machine = Machine::detect("osx-arm64", |_| None).unwrap();
        let packages = machine.virtual_packages();
        assert_eq!(machine.subdir(), "osx-arm64");
        assert!(version_of(&packages, "__osx").is_some());
        assert_eq!(version_of(&packages, "__glibc"), None);
        assert!(matches!(
            Machine::detect("amiga-68k", |_| None),
            Err(SolveError::UnknownPlatform { subdir }) if subdir == "amiga-68k"
        ));
        let wrong = |name: &str| (name == "CONDA_OVERRIDE_OSX").then(|| "?!".to_owned());
        assert!(matches!(
            Machine::detect("osx-64", wrong),
            Err(SolveError::Machine { .. })
        ));
    }
}
