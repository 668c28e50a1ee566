//! Changes of environments as they are planned for a person: what conda's files say is followed, what comes of it is told, and
//! nothing is touched.

#[path = "support/small_world.rs"]
mod small_world;

use std::sync::{Arc, Mutex};

use sextant::error::{Explain, Kind};
use sextant::locations::Locations;
use sextant::package::Record;
use sextant::package::solve::SolveProgress;
use sextant::service::packages::change::{Updates, Wanted};
use sextant::service::packages::plan::{ChangeOptions, ChangePlan};
use sextant::service::packages::tree::{BranchKind, Question};
use sextant::service::{ServiceError, Services};
use small_world::{Build, SmallWorld};

const MAIN: &[Build] = &[
    Build("python 3.11.1 h_0", &[]),
    Build("python 3.11.9 h_0", &[]),
    Build("python 3.12.2 h_0", &[]),
    Build("zlib 1.2 h_0", &[]),
    Build("zlib 1.3 h_0", &[]),
    Build("numpy 1.26.0 py_0", &["python >=3.11", "zlib"]),
    Build("numpy 2.0.0 py_0", &["python >=3.11", "zlib >=1.3"]),
    Build("pandas 2.1.0 py_0", &["numpy >=1.26", "python"]),
    Build("future 1.0 py_0", &["python >=3.12"]),
];

const THERE: &[Build] = &[
    Build("python 3.11.1 h_0", &[]),
    Build("zlib 1.2 h_0", &[]),
    Build("numpy 1.26.0 py_0", &["python >=3.11", "zlib"]),
];

struct Machine {
    world: SmallWorld,
    services: Services,
    runtime: tokio::runtime::Runtime,
}

impl Machine {
    fn new(channels: &[(&str, &[Build])]) -> Self {
        let world = SmallWorld::new(channels);
        world.install("main", THERE, &["numpy", "python=3.11"]);
        let mut locations = Locations::inside(&world.home());
        locations
            .variables
            .insert("CONDA_SUBDIR".to_owned(), "linux-64".to_owned());
        Self {
            services: Services::new(locations),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap(),
            world,
        }
    }

    fn plan(&self, wanted: &Wanted) -> Result<ChangePlan, ServiceError> {
        self.plan_with(wanted, &ChangeOptions::default())
    }

    fn plan_with(&self, wanted: &Wanted, options: &ChangeOptions) -> Result<ChangePlan, ServiceError> {
        let prefix = self.world.prefix();
        let plan = self.services.plan_change_with(&prefix, wanted, options, |_| {});
        self.runtime.block_on(plan)
    }
}

fn machine() -> Machine {
    Machine::new(&[("main", MAIN)])
}

fn install(specs: &[&str]) -> Wanted {
    Wanted {
        install: texts(specs),
        ..Wanted::default()
    }
}

fn remove(specs: &[&str]) -> Wanted {
    Wanted {
        remove: texts(specs),
        ..Wanted::default()
    }
}

fn texts(specs: &[&str]) -> Vec<String> {
    specs.iter().map(|spec| (*spec).to_owned()).collect()
}

fn named(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| format!("{} {}", record.name, record.version))
        .collect()
}

fn changed(plan: &ChangePlan) -> Vec<String> {
    let changes = plan.preview.changed.iter();
    changes
        .map(|(from, to)| format!("{} {} to {}", from.name, from.version, to.version))
        .collect()
}

fn warnings(plan: &ChangePlan) -> Vec<&str> {
    plan.preview
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect()
}

#[test]
fn a_plan_tells_what_comes_and_touches_nothing() {
    let machine = machine();
    let before = machine.world.environment();
    let phases = Arc::new(Mutex::new(Vec::new()));
    let seen = phases.clone();
    let prefix = machine.world.prefix();
    let wanted = install(&["pandas"]);
    let plan = machine
        .services
        .plan_change(&prefix, &wanted, move |phase| seen.lock().unwrap().push(phase));
    let plan = machine.runtime.block_on(plan).unwrap();
    assert_eq!(named(&plan.preview.added), ["pandas 2.1.0"]);
    assert!(plan.preview.changed.is_empty() && plan.preview.removed.is_empty());
    // Its channel is a folder of this machine.
    assert_eq!(plan.preview.bytes_to_download, 0);
    assert_eq!(warnings(&plan), Vec::<&str>::new());
    assert_eq!(plan.solution.requested, ["numpy", "pandas", "python=3.11"]);
    assert_eq!(plan.solution.history.update, ["pandas"]);
    assert_eq!(plan.preview.added[0].channel.url, machine.world.channel("main"));
    let phases = phases.lock().unwrap().clone();
    assert!(
        matches!(
            phases[..],
            [SolveProgress::ReadingIndex, SolveProgress::Solving { .. }]
        ),
        "{phases:?}"
    );
    assert_eq!(machine.world.environment(), before);
}

#[test]
fn updates_follow_what_was_asked_for_before() {
    let machine = machine();
    let everything = Wanted {
        update: Updates::Everything,
        ..Wanted::default()
    };
    let plan = machine.plan(&everything).unwrap();
    assert_eq!(
        changed(&plan),
        [
            "numpy 1.26.0 to 2.0.0",
            "python 3.11.1 to 3.11.9",
            "zlib 1.2 to 1.3"
        ]
    );
    machine
        .world
        .write("env/conda-meta/pinned", "# stays\nnumpy 1.*\n");
    let plan = machine.plan(&everything).unwrap();
    assert_eq!(changed(&plan), ["python 3.11.1 to 3.11.9", "zlib 1.2 to 1.3"]);
    let numpy = Wanted {
        update: Updates::Packages(texts(&["numpy"])),
        ..Wanted::default()
    };
    assert!(changed(&machine.plan(&numpy).unwrap()).is_empty());
    machine.world.configure("ignore_pinned: true");
    assert_eq!(
        changed(&machine.plan(&numpy).unwrap()),
        ["numpy 1.26.0 to 2.0.0", "zlib 1.2 to 1.3"]
    );
}

#[test]
fn what_cannot_be_had_is_told_with_a_way_out() {
    let machine = machine();
    let error = machine.plan(&install(&["future"])).unwrap_err();
    let problem = error.explain();
    assert_eq!(problem.kind, Kind::Unsolvable);
    assert_eq!(problem.message, "future and python=3.11 cannot be had together");
    assert_eq!(
        problem.remedy.unwrap(),
        "it can be had with python 3.12: ask for python=3.12 too"
    );
    let plan = machine.plan(&install(&["future", "python=3.12"])).unwrap();
    assert_eq!(changed(&plan), ["python 3.11.1 to 3.12.2"]);
    assert!(
        warnings(&plan)[0].starts_with("python becomes 3.12.2 instead of 3.11.1"),
        "{:?}",
        warnings(&plan)
    );
    let error = machine.plan(&install(&["pandsa"])).unwrap_err();
    assert!(error.explain().remedy.unwrap().contains("there is pandas"));
}

#[test]
fn a_removal_needs_no_channel_and_tells_what_goes_along() {
    let machine = machine();
    machine.world.write("home/.condarc", "channels: []\n");
    let plan = machine.plan(&remove(&["zlib"])).unwrap();
    assert_eq!(named(&plan.preview.removed), ["numpy 1.26.0", "zlib 1.2"]);
    assert_eq!(
        warnings(&plan),
        ["the package numpy is removed too, since it needs zlib"]
    );
    assert_eq!(plan.solution.requested, ["python=3.11"]);
    let error = machine.plan(&remove(&["nothing"])).unwrap_err();
    assert_eq!(error.explain().kind, Kind::Usage);
    let error = machine.plan(&install(&["pandas"])).unwrap_err();
    assert_eq!(error.to_string(), "no channel is searched");
}

#[test]
fn a_frozen_environment_is_changed_only_when_the_person_says_so() {
    let machine = machine();
    machine
        .world
        .write("env/conda-meta/frozen", r#"{"message": "A service runs here."}"#);
    let error = machine.plan(&install(&["pandas"])).unwrap_err();
    let problem = error.explain();
    assert_eq!(problem.kind, Kind::Forbidden);
    assert!(
        problem.cause.as_ref().unwrap().contains("A service runs here."),
        "{problem:?}"
    );
    let although = ChangeOptions {
        although_frozen: true,
        ..ChangeOptions::default()
    };
    assert!(machine.plan_with(&install(&["pandas"]), &although).is_ok());
}

#[test]
fn channels_that_are_not_allowed_are_refused() {
    let machine = Machine::new(&[("main", MAIN), ("other", &[Build("extra 1.0 h_0", &[])])]);
    let extra = install(&["extra"]);
    assert_eq!(named(&machine.plan(&extra).unwrap().preview.added), ["extra 1.0"]);
    machine.world.configure(&format!(
        "denylist_channels:\n  - {}",
        machine.world.channel("other")
    ));
    let error = machine.plan(&extra).unwrap_err();
    assert!(
        matches!(error, ServiceError::ChannelNotAllowed { .. }),
        "{error:?}"
    );
    assert_eq!(error.explain().kind, Kind::Forbidden);

    let machine = Machine::new(&[("main", MAIN)]);
    machine.world.configure(&format!(
        "allowlist_channels:\n  - {}",
        machine.world.channel("main")
    ));
    assert!(machine.plan(&install(&["pandas"])).is_ok());
    let named_channel = format!("{}::extra", machine.world.channel("other"));
    assert!(matches!(
        machine.plan(&install(&[&named_channel])),
        Err(ServiceError::ChannelNotAllowed { .. })
    ));
    let given = ChangeOptions {
        channels: vec![machine.world.channel("other")],
        ..ChangeOptions::default()
    };
    assert!(matches!(
        machine.plan_with(&install(&["pandas"]), &given),
        Err(ServiceError::ChannelNotAllowed { .. })
    ));
}

#[test]
fn a_channel_can_be_named_for_one_change() {
    let machine = Machine::new(&[
        ("main", MAIN),
        ("side", &[Build("zlib 9 h_0", &[]), Build("only 1 h_0", &[])]),
    ]);
    machine.world.write(
        "home/.condarc",
        &format!("channels:\n  - {}\n", machine.world.channel("main")),
    );
    let spec = format!("{}::zlib", machine.world.channel("side"));
    assert_eq!(
        changed(&machine.plan(&install(&[&spec])).unwrap()),
        ["zlib 1.2 to 9"]
    );
    assert!(machine.plan(&install(&["only"])).is_err());
    let given = ChangeOptions {
        channels: vec![machine.world.channel("side")],
        ..ChangeOptions::default()
    };
    let plan = machine.plan_with(&install(&["only"]), &given).unwrap();
    assert_eq!(named(&plan.preview.added), ["only 1"]);
    let alone = ChangeOptions {
        only_these_channels: true,
        ..given
    };
    assert!(machine.plan_with(&install(&["pandas"]), &alone).is_err());
}

#[test]
fn an_environment_is_made_with_what_every_one_gets() {
    let machine = machine();
    machine
        .world
        .configure("create_default_packages:\n  - zlib\n  - python=3.11");
    let prefix = machine.world.path("new");
    let create = |specs: &[&str]| {
        let specs = texts(specs);
        let options = ChangeOptions::default();
        let plan = machine.services.plan_create(&prefix, &specs, &options, |_| {});
        machine.runtime.block_on(plan).unwrap()
    };
    let plan = create(&["numpy"]);
    assert_eq!(
        named(&plan.preview.added),
        ["numpy 2.0.0", "python 3.11.9", "zlib 1.3"]
    );
    assert_eq!(plan.solution.requested, ["numpy", "python=3.11", "zlib"]);
    let plan = create(&["python=3.12"]);
    assert_eq!(named(&plan.preview.added), ["python 3.12.2", "zlib 1.3"]);
    assert!(!prefix.exists());
}

#[test]
fn a_list_of_addresses_is_planned_as_it_is() {
    let machine = machine();
    let url = machine.world.channel("main");
    let list = [
        "# platform: linux-64".to_owned(),
        "@EXPLICIT".to_owned(),
        format!("{url}/linux-64/zlib-1.3-h_0.conda"),
        format!("{url}/linux-64/pandas-2.1.0-py_0.conda"),
    ];
    let options = ChangeOptions::default();
    let new = machine.world.path("new");
    let plan = machine.services.plan_explicit(&new, &list, &options, |_| {});
    let plan = machine.runtime.block_on(plan).unwrap();
    assert_eq!(named(&plan.preview.added), ["pandas 2.1.0", "zlib 1.3"]);
    assert_eq!(
        warnings(&plan),
        ["the package pandas needs numpy >=1.26, which does not come with it"]
    );
    let prefix = machine.world.prefix();
    let plan = machine.services.plan_explicit(&prefix, &list, &options, |_| {});
    let plan = machine.runtime.block_on(plan).unwrap();
    assert_eq!(changed(&plan), ["zlib 1.2 to 1.3"]);
    assert_eq!(warnings(&plan), Vec::<&str>::new());
}

#[test]
fn conda_is_not_taken_away_from_its_base() {
    let machine = Machine::new(&[(
        "main",
        &[
            Build("conda 26.7 py_0", &["python"]),
            Build("python 3.11.1 h_0", &[]),
        ],
    )]);
    machine.world.install(
        "main",
        &[
            Build("conda 26.7 py_0", &["python"]),
            Build("python 3.11.1 h_0", &[]),
            Build("toy 1 h_0", &[]),
        ],
        &[],
    );
    let prefix = machine.world.prefix();
    // What tells a conda of its root.
    machine.world.write("env/condabin/conda", "");
    let mut locations = machine.services.locations().clone();
    let root = prefix.display().to_string();
    locations.variables.insert("CONDA_ROOT".to_owned(), root.clone());
    locations.variables.insert("_CONDA_ROOT".to_owned(), root);
    let conda = prefix.join("bin/conda").display().to_string();
    locations.variables.insert("CONDA_EXE".to_owned(), conda);
    machine.world.write("env/bin/conda", "");
    let services = Services::new(locations);
    let plan = |specs: &[&str]| {
        let wanted = remove(specs);
        machine
            .runtime
            .block_on(services.plan_change(&prefix, &wanted, |_| {}))
    };
    for name in ["conda", "python"] {
        let error = plan(&[name]).unwrap_err();
        assert_eq!(error.explain().kind, Kind::Conflict, "{name}");
        assert!(
            error
                .to_string()
                .contains("cannot be removed from where conda runs"),
            "{error}"
        );
    }
    let plan = plan(&["toy"]).unwrap();
    assert!(
        warnings(&plan)[0].starts_with("this is the base environment"),
        "{:?}",
        warnings(&plan)
    );
}

#[test]
fn a_place_without_an_environment_and_one_that_is_damaged_are_told() {
    let machine = machine();
    let nowhere = machine.world.path("nowhere");
    let wanted = install(&["zlib"]);
    let error = machine
        .runtime
        .block_on(machine.services.plan_change(&nowhere, &wanted, |_| {}));
    assert_eq!(error.unwrap_err().explain().kind, Kind::Usage);
    machine.world.write("env/conda-meta/bad-1-0.json", "{\"name\": ");
    let problem = machine.plan(&wanted).unwrap_err().explain();
    assert_eq!(problem.kind, Kind::File);
    assert!(problem.message.contains("bad-1-0.json"), "{problem:?}");
}

#[test]
fn a_plan_that_is_not_waited_for_ends() {
    let machine = machine();
    let prefix = machine.world.prefix();
    let wanted = install(&["pandas"]);
    machine.runtime.block_on(async {
        let plan = machine.services.plan_change(&prefix, &wanted, |_| {});
        // Whatever is ready first: the answer is nobody's once the other is.
        tokio::select! {
            biased;
            () = std::future::ready(()) => {}
            _ = plan => panic!("it was to be dropped"),
        }
    });
    assert!(machine.plan(&wanted).is_ok());
}

#[test]
fn who_needs_whom_is_told_as_trees() {
    let machine = machine();
    let prefix = machine.world.prefix();
    let trees = |name, question| machine.services.package_trees(&prefix, name, question);
    let why = trees("zlib", Question::Why).unwrap();
    assert_eq!(why.len(), 1);
    assert_eq!((why[0].name.as_str(), why[0].is_requested), ("numpy", true));
    assert_eq!(why[0].below[0].name, "zlib");
    let needed_by = trees("python", Question::NeededBy).unwrap();
    assert_eq!(needed_by[0].below[0].name, "numpy");
    assert_eq!(needed_by[0].below[0].spec.as_deref(), Some("python >=3.11"));
    let needs = trees("numpy", Question::Needs).unwrap();
    assert!(
        needs[0]
            .below
            .iter()
            .all(|branch| branch.kind == BranchKind::Package)
    );
    assert!(trees("gone", Question::Why).is_err());
}
