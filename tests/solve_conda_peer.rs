//! What conda would make of the same wishes, channels, pins and histories, where one is installed on this machine. conda is in
//! no index of packages, so that nothing is installed for it. `CONDA_SOLVER` names the solver it shall take; where its usual one
//! is missing, it takes its classic one.

#[path = "support/small_world.rs"]
mod small_world;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use sextant::locations::Locations;
use sextant::package::ChannelNames;
use sextant::service::Services;
use sextant::service::packages::change::{Updates, Wanted};
use sextant::service::packages::plan::ChangeOptions;
use small_world::{Build, SmallWorld};

/// What conda calls the want of a solution, or a wish for what is not there.
const NO_SOLUTION: [&str; 9] = [
    "CondaValueError",
    "LibMambaUnsatisfiableError",
    "PackageNotInstalledError",
    "PackagesNotFoundError",
    "PackagesNotFoundInChannelsError",
    "PackagesNotFoundInPrefixError",
    "RattlerUnsatisfiableError",
    "SpecsConfigurationConflictError",
    "UnsatisfiableError",
];

struct Conda {
    program: PathBuf,
    solver: Option<String>,
}

impl Conda {
    /// The conda on `PATH`, if there is one.
    fn find() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Conda>> = OnceLock::new();
        FOUND.get_or_init(Self::look).as_ref()
    }

    fn look() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path)
            .map(|folder| folder.join("conda"))
            .find(|program| program.is_file());
        let Some(program) = program else {
            eprintln!("skipped, because there is no conda on this machine");
            return None;
        };
        let mut conda = Self {
            program,
            solver: std::env::var("CONDA_SOLVER").ok(),
        };
        let world = SmallWorld::new(&[("main", &[Build("a 1", &[])])]);
        if conda.solver.is_none() && conda.ask(&world, Ask::Create, &["a"]).is_none() {
            conda.solver = Some("classic".to_owned());
        }
        assert!(
            conda.ask(&world, Ask::Create, &["a"]).is_some(),
            "conda does not solve anything"
        );
        Some(conda)
    }

    /// What the environment would hold, as `name version build`; nothing where conda finds no solution.
    fn ask(&self, world: &SmallWorld, ask: Ask, arguments: &[&str]) -> Option<BTreeSet<String>> {
        let mut command = Command::new(&self.program);
        command
            .arg(ask.verb())
            .args(arguments)
            .args(["--dry-run", "--json", "--offline", "--yes", "--prefix"])
            .arg(world.prefix())
            .env_clear()
            .env("HOME", world.home())
            .env("PATH", "/usr/bin:/bin")
            .env("CONDA_SUBDIR", "linux-64")
            .env("CONDA_PKGS_DIRS", world.path("pkgs"))
            .env("CONDA_OVERRIDE_GLIBC", "2.31")
            .current_dir(world.home());
        if let Some(solver) = &self.solver {
            command.env("CONDA_SOLVER", solver);
        }
        let output = command.output().unwrap();
        let answer: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        if answer["success"] != true {
            let reason = answer["exception_name"].as_str().unwrap_or_default();
            assert!(NO_SOLUTION.contains(&reason), "{answer:#}");
            return None;
        }
        let mut after = match ask {
            Ask::Create => BTreeSet::new(),
            _ => world.held(),
        };
        let listed = |key: &str| -> Vec<String> {
            let list = answer["actions"][key].as_array().cloned().unwrap_or_default();
            list.iter()
                .map(|package| {
                    let text = |key: &str| package[key].as_str().unwrap().to_owned();
                    format!("{} {} {}", text("name"), text("version"), text("build_string"))
                })
                .collect()
        };
        for gone in listed("UNLINK") {
            assert!(after.remove(&gone), "{gone} was not there");
        }
        after.extend(listed("LINK"));
        Some(after)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Create,
    Install,
    Update,
    Remove,
}

impl Ask {
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Install => "install",
            Self::Update => "update",
            Self::Remove => "remove",
        }
    }
}

/// The same of Sextant.
fn sextant(world: &SmallWorld, ask: Ask, arguments: &[&str]) -> Option<BTreeSet<String>> {
    let mut locations = Locations::inside(&world.home());
    locations
        .variables
        .insert("CONDA_SUBDIR".to_owned(), "linux-64".to_owned());
    locations
        .variables
        .insert("CONDA_OVERRIDE_GLIBC".to_owned(), "2.31".to_owned());
    let services = Services::new(locations);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let specs: Vec<_> = arguments.iter().map(|spec| (*spec).to_owned()).collect();
    let mut wanted = Wanted::default();
    match ask {
        Ask::Create | Ask::Install => wanted.install.clone_from(&specs),
        Ask::Update if arguments == ["--all"] => wanted.update = Updates::Everything,
        Ask::Update => wanted.update = Updates::Packages(specs.clone()),
        Ask::Remove => wanted.remove.clone_from(&specs),
    }
    let prefix = world.prefix();
    let options = ChangeOptions::default();
    let plan = runtime.block_on(async {
        match ask {
            Ask::Create => services.plan_create(&prefix, &specs, &options, |_| {}).await,
            _ => services.plan_change(&prefix, &wanted, |_| {}).await,
        }
    });
    let packages = plan.ok()?.solution.packages(&ChannelNames::default());
    let told =
        |record: &sextant::package::Record| format!("{} {} {}", record.name, record.version, record.build);
    Some(packages.iter().map(told).collect())
}

#[track_caller]
fn agree(world: &SmallWorld, ask: Ask, arguments: &[&str]) {
    let Some(conda) = Conda::find() else { return };
    let theirs = conda.ask(world, ask, arguments);
    let ours = sextant(world, ask, arguments);
    assert_eq!(ours, theirs, "{ask:?} {arguments:?}");
}

/// The same packages are there, and these in the same versions. Some solvers of conda bring others up to date by the way, which
/// Sextant does not.
#[track_caller]
fn agree_about(names: &[&str], world: &SmallWorld, ask: Ask, arguments: &[&str]) {
    let Some(conda) = Conda::find() else { return };
    let relevant = |held: BTreeSet<String>| -> BTreeSet<String> {
        let short = |package: String| {
            let name = package.split(' ').next().unwrap().to_owned();
            if names.contains(&name.as_str()) {
                package
            } else {
                name
            }
        };
        held.into_iter().map(short).collect()
    };
    let theirs = conda.ask(world, ask, arguments).map(relevant);
    let ours = sextant(world, ask, arguments).map(relevant);
    assert_eq!(ours, theirs, "{ask:?} {arguments:?}");
}

const HIGH: &[Build] = &[
    Build("lib 1.0", &[]),
    Build("app 1.0", &["lib"]),
    Build("old 1.0", &["lib"]),
];
const LOW: &[Build] = &[
    Build("lib 2.0", &[]),
    Build("app 2.0", &["lib >=2"]),
    Build("only 1.0", &["lib"]),
    Build("needs 1.0", &["lib >=2"]),
];

#[test]
fn channel_priorities_mean_the_same() {
    for priority in ["strict", "flexible", "disabled"] {
        let world = SmallWorld::new(&[("high", HIGH), ("low", LOW)]);
        world.configure(&format!("channel_priority: {priority}"));
        for specs in [
            &["app"][..],
            &["lib"],
            &["only"],
            &["needs"],
            &["app=2"],
            &["lib=2"],
            &["lib>=1.5"],
            &["old", "only"],
            &["old", "needs"],
            &["nothing"],
        ] {
            agree(&world, Ask::Create, specs);
        }
    }
}

#[test]
fn the_best_build_is_the_same() {
    let builds = [
        Build("a 1.0 h_5", &[]),
        Build("a 1.1 h_0", &[]),
        Build("a 1.1 h_1", &[]),
        Build("a 2.0rc1 h_0", &[]),
        Build("b 1.0 py_0", &["a <1.1"]),
        Build("b 1.1 py_0", &["a >=1.1"]),
        Build("c 1.0", &["__glibc >=2.17"]),
        Build("c 2.0", &["__glibc >=2.34"]),
        Build("d 1.0", &["a 1.0.*", "b"]),
    ];
    let world = SmallWorld::new(&[("main", &builds)]);
    for specs in [
        &["a"][..],
        &["a=1"],
        &["a=1.1"],
        &["a==1.1"],
        &["a<1.1"],
        &["a[build=h_5]"],
        &["a=1.1=h_0"],
        &["b"],
        &["c"],
        &["c=2"],
        &["d"],
        &["d", "b=1.1"],
    ] {
        agree(&world, Ask::Create, specs);
    }
}

const MAIN: &[Build] = &[
    Build("python 3.10.1", &[]),
    Build("python 3.11.1", &[]),
    Build("python 3.11.9", &[]),
    Build("python 3.12.2", &[]),
    Build("lib 1.0", &[]),
    Build("lib 1.1", &[]),
    Build("lib 2.0", &[]),
    Build("app 1.0", &["lib >=1,<2", "python"]),
    Build("app 1.1", &["lib >=1.1,<2", "python"]),
    Build("app 2.0", &["lib >=2", "python"]),
    Build("tool 1.0", &["lib"]),
    Build("tool 2.0", &["lib"]),
    Build("extra 1.0", &["lib <2"]),
    Build("fresh 1.0", &["lib >=2"]),
    Build("py-new 1.0", &["python >=3.12"]),
];

const THERE: &[Build] = &[
    Build("python 3.11.1", &[]),
    Build("lib 1.0", &[]),
    Build("app 1.0", &["lib >=1,<2", "python"]),
    Build("tool 1.0", &["lib"]),
];

fn environment(requested: &[&str]) -> SmallWorld {
    let world = SmallWorld::new(&[("main", MAIN)]);
    world.configure("add_pip_as_python_dependency: false");
    world.install("main", THERE, requested);
    world
}

#[test]
fn installing_changes_the_same() {
    for requested in [
        &["python", "app", "tool"][..],
        &["app=1", "tool"],
        &["python=3.11", "app", "tool"],
    ] {
        let world = environment(requested);
        for specs in [
            &["extra"][..],
            &["fresh"],
            &["tool"],
            &["lib"],
            &["app=2"],
            &["python=3.12"],
            &["py-new"],
            &["py-new", "python=3.12"],
        ] {
            agree(&world, Ask::Install, specs);
        }
    }
}

#[test]
fn updating_changes_the_same() {
    for requested in [
        &["python", "app", "tool"][..],
        &["python", "app", "tool", "lib=1"],
    ] {
        let world = environment(requested);
        agree_about(&["tool", "app", "python"], &world, Ask::Update, &["tool"]);
        agree_about(&["tool", "app", "python"], &world, Ask::Update, &["app"]);
        agree_about(&["tool", "app", "python"], &world, Ask::Update, &["python"]);
        agree(&world, Ask::Update, &["fresh"]);
        agree(&world, Ask::Update, &["--all"]);
    }
}

#[test]
fn pins_hold_the_same() {
    for (pins, specs) in [
        ("lib <2", &["fresh"][..]),
        ("lib <2", &["extra"]),
        ("fresh 1.0", &["extra"]),
        ("python 3.11.*", &["py-new"]),
    ] {
        let world = environment(&["python", "app", "tool"]);
        world.write("env/conda-meta/pinned", &format!("{pins}\n"));
        agree_about(&["app", "extra", "python", "tool"], &world, Ask::Install, specs);
    }
    let world = environment(&["python", "app", "tool"]);
    world.configure("pinned_packages: [\"lib <2\"]");
    agree(&world, Ask::Install, &["fresh"]);
    agree(&world, Ask::Update, &["app"]);
    // Not all of conda's solvers keep a pin of `.condarc` here.
    let all = sextant(&world, Ask::Update, &["--all"]).unwrap();
    assert!(all.contains("app 1.1 0") && all.contains("lib 1.1 0"), "{all:?}");
}

#[test]
fn removing_takes_along_the_same() {
    let world = environment(&["python", "app", "tool"]);
    for specs in [
        &["lib"][..],
        &["app"],
        &["tool"],
        &["app", "tool"],
        &["python"],
        &["nothing"],
    ] {
        agree_about(&[], &world, Ask::Remove, specs);
    }
}
