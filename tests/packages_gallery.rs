//! Draws the pages of environments and packages and their dialogs, in light and dark and in the lowest window.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test packages_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use canvas::Canvas;
use iced::theme::Mode;
use iced::widget::{container, text};
use iced::{Element, Fill, Theme};
use iced_test::selector::id;
use jiff::Timestamp;
use sextant::conda::environment::{Environment, Protection};
use sextant::error::{Kind, Problem};
use sextant::package::{Channel, Record, solve};
use sextant::screen::environments::create::{self, Create};
use sextant::screen::environments::export::{self, Export};
use sextant::screen::environments::import::{self, Described, Import};
use sextant::screen::environments::name::{NameDialog, Purpose};
use sextant::screen::environments::nevertheless::Nevertheless;
use sextant::screen::environments::{self, Deed, DiskSize, Environments, Measure};
use sextant::screen::package_index::{self, IndexLine, IndexUpdate};
use sextant::screen::packages::basket_dialog::BasketDialog;
use sextant::screen::packages::change::{self, ChangeDialog, Subject};
use sextant::screen::packages::{
    self, Basket, Choice, Comparison, Found, Guard, Hit, Installed, Mark, Newest, Packages, Reason, Section,
    Show,
};
use sextant::service::packages::change::{ChangeProgress, Preview};
use sextant::service::packages::index::{IndexProgress, IndexStatus, IndexedSubdir};
use sextant::service::packages::tree::BranchKind;
use sextant::service::plan::Warning;
use sextant::ui::keyboard::Intent;
use sextant::ui::modal::{Dialog, modal};
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use sextant::ui::{style, tree_list, virtual_list};

type View<'a> = Element<'a, ()>;

fn themes() -> [(&'static str, Theme); 2] {
    [("light", Preference::Light), ("dark", Preference::Dark)].map(|(name, preference)| {
        let appearance = Appearance {
            system: Mode::None,
            preference,
            contrast: Contrast::Standard,
        };
        (name, appearance.theme())
    })
}

/// Draws a view in a window of each of these sizes; the way on must always be in sight as a whole.
fn draw<'a>(
    name: &str,
    way_out: &'static str,
    windows: [(&str, f32, f32, f32); 3],
    view: impl Fn() -> View<'a>,
) {
    for (window, width, height, scale) in windows {
        let mut canvas = Canvas::new(width, height);
        let button = canvas
            .find(view(), id(way_out))
            .unwrap_or_else(|| panic!("{name}{window}: no {way_out}"));
        let seen = button
            .visible_bounds()
            .map_or(0.0, |seen| seen.width * seen.height);
        let whole = button.bounds().width * button.bounds().height;
        assert!((seen - whole).abs() < 1.0, "{name}{window}: {way_out} is cut off");
        for (theme_name, theme) in themes() {
            let picture = canvas.picture(view(), &theme, scale);
            let p = palette(&theme);
            for (what, color) in [("surface", p.surface), ("text", p.text)] {
                let share = picture.share_of(color);
                assert!(share > 0.000_05, "{name}{window}: nothing drawn in {what}");
            }
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{window}-{theme_name}.png"));
                std::fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

/// A page has what the frame leaves it: 188 px at the left, 52 above and 28 below.
fn draw_page<'a, Message: Clone + 'a>(
    name: &str,
    way_out: &'static str,
    view: impl Fn() -> Element<'a, Message>,
) {
    let windows = [
        ("", 992.0, 680.0, 1.0),
        ("-small", 836.0, 520.0, 1.0),
        ("-low", 324.0, 220.0, 2.0),
    ];
    draw(name, way_out, windows, || {
        let page = container(view().map(|_| ()))
            .width(Fill)
            .height(Fill)
            .style(style::page);
        modal(page, None)
    });
}

fn draw_dialog<'a, Message: Clone + 'a>(
    name: &str,
    way_out: &'static str,
    view: impl Fn() -> Dialog<'a, Message>,
) {
    let windows = [
        ("", 1280.0, 800.0, 1.0),
        ("-small", 1024.0, 600.0, 1.0),
        ("-low", 512.0, 300.0, 2.0),
    ];
    draw(name, way_out, windows, || {
        let page = container(text("page"))
            .padding(28)
            .width(Fill)
            .height(Fill)
            .style(style::page);
        modal(page, Some(view().map(|_| ())))
    });
}

fn home() -> &'static Path {
    Path::new("/home/ana")
}

fn environment(name: &str, python: Option<&str>, packages: usize, protections: &[Protection]) -> Environment {
    let is_base = protections.contains(&Protection::Base);
    let prefix = match (is_base, name) {
        (true, _) => "/home/ana/miniconda3".to_owned(),
        (false, "") => "/home/ana/projects/churn/.conda".to_owned(),
        (false, name) => format!("/home/ana/miniconda3/envs/{name}"),
    };
    Environment {
        name: (!name.is_empty()).then(|| name.to_owned()),
        prefix: prefix.into(),
        python: python.map(str::to_owned),
        packages,
        is_base,
        protections: protections.to_vec(),
    }
}

fn environments() -> Environments {
    let (mut page, action) = Environments::new(home());
    let environments::Action::Load(key) = action else {
        panic!("nothing is loaded");
    };
    let frozen = Protection::Frozen {
        message: Some("A service runs here.".to_owned()),
    };
    let read_only = Protection::ReadOnly {
        path: "/opt/shared".into(),
    };
    let found = vec![
        environment("base", Some("3.12.4"), 318, &[Protection::Base]),
        environment("forecast", Some("3.11.9"), 412, &[]),
        environment("etl", Some("3.13.2"), 97, &[]),
        environment("scoring-service", Some("3.10.14"), 64, &[frozen]),
        environment("shared-gpu", Some("3.11.4"), 203, &[read_only]),
        environment("", None, 12, &[]),
    ];
    let action = page.update(environments::Message::Loaded { key, found });
    let environments::Action::Measure { key, prefixes } = action else {
        panic!("nothing is measured");
    };
    let sizes = [
        (1_300, 2_800),
        (2_900, 1_200),
        (310, 640),
        (180, 90),
        (5_100, 900),
    ];
    for (prefix, (own, shared)) in prefixes.into_iter().zip(sizes) {
        let size = DiskSize {
            own: own * 1_000_000,
            shared: shared * 1_000_000,
        };
        page.update(environments::Message::Measured {
            key,
            prefix,
            measure: Measure::Known(size),
        });
    }
    page
}

#[test]
fn the_environments() {
    let page = environments();
    draw_page("environments", "environment-more-0", || page.view(true));
    let mut page = environments();
    page.update(environments::Message::List(virtual_list::Event::Pressed(1)));
    draw_page("environments-chosen", "environment-more-1", || page.view(true));
    let (mut empty, action) = Environments::new(home());
    let environments::Action::Load(key) = action else {
        panic!("nothing is loaded");
    };
    empty.update(environments::Message::Loaded {
        key,
        found: Vec::new(),
    });
    draw_page("environments-none", "empty-connect", || empty.view(false));
}

#[test]
fn dialogs_of_environments() {
    let taken = vec!["etl".to_owned()];
    let mut dialog = Create::new(home(), taken.clone(), |_| None);
    draw_dialog("create", "create-go", || dialog.view());
    dialog.update(create::Message::NameTyped("etl".to_owned()));
    draw_dialog("create-taken", "create-go", || dialog.view());
    let action = dialog.update(create::Message::NameTyped("forecast".to_owned()));
    let create::Action::Locate { key, .. } = action else {
        panic!("nobody looks where it goes");
    };
    dialog.update(create::Message::Located {
        key,
        result: Ok("/home/ana/miniconda3/envs/forecast".into()),
    });
    dialog.update(create::Message::PythonTyped("3.13".to_owned()));
    dialog.update(create::Message::PackagesTyped("numpy pandas>=2".to_owned()));
    draw_dialog("create-filled", "create-go", || dialog.view());
    let forecast = || environment("forecast", Some("3.11.9"), 412, &[]);
    let (clone, _) = NameDialog::new(Purpose::Clone, forecast(), "forecast".to_owned(), taken.clone());
    draw_dialog("clone", "environment-name-go", || clone.view());
    let (rename, _) = NameDialog::new(Purpose::Rename, forecast(), "forecast".to_owned(), taken.clone());
    draw_dialog("rename", "environment-name-go", || rename.view());
    let frozen = Protection::Frozen {
        message: Some("A service runs here.".to_owned()),
    };
    let frozen = environment("scoring-service", None, 64, &[frozen]);
    let nevertheless = Nevertheless::new(Deed::Remove, frozen, "scoring-service".to_owned());
    draw_dialog("nevertheless", "nevertheless-go", || nevertheless.view());
    let (mut export, action) = Export::new(forecast(), home());
    let export::Action::Render { key, .. } = action else {
        panic!("nothing is read");
    };
    let text = "name: forecast\nchannels:\n  - research\n  - main\ndependencies:\n  - numpy=1.26.4=py311_0\n  \
                - pandas=2.1.0=py311_0\n  - python=3.11.9\n  - pip:\n    - polars==1.34.0\n";
    export.update(export::Message::Rendered {
        key,
        result: Ok(export::Rendered {
            text: text.to_owned(),
            warnings: Vec::new(),
        }),
    });
    draw_dialog("export", "export-save", || export.view());
    let mut import = Import::new(home(), taken);
    draw_dialog("import", "import-go", || import.view());
    let import::Action::Read { key, .. } =
        import.update(import::Message::PathTyped("~/environment.yml".to_owned()))
    else {
        panic!("nothing is read");
    };
    import.update(import::Message::Read {
        key,
        result: Ok(Described {
            what: "An environment.yml with 12 packages from research and main.".to_owned(),
            name: Some("forecast".to_owned()),
        }),
    });
    draw_dialog("import-read", "import-go", || import.view());
}

const NAMES: [(&str, &str, Option<&str>, u64); 14] = [
    ("bzip2", "1.0.8", None, 252_000),
    ("ca-certificates", "2026.8.3", Some("2026.10.1"), 154_000),
    ("libblas", "3.9.0", None, 17_400),
    ("numpy", "1.26.4", Some("2.3.1"), 7_100_000),
    ("openssl", "3.3.1", Some("3.5.4"), 3_100_000),
    ("pandas", "2.1.0", Some("3.0.0"), 14_800_000),
    ("pip", "26.2", None, 1_180_000),
    ("polars", "1.34.0", None, 29_000_000),
    ("prophet", "1.2.1", None, 9_800_000),
    ("python", "3.11.9", Some("3.11.13"), 31_500_000),
    ("python-dateutil", "2.9.0", None, 233_000),
    ("scikit-learn", "1.8.0", None, 10_200_000),
    ("tzdata", "2026a", None, 122_000),
    ("xz", "5.8.1", None, 24_000),
];

fn shown_environment(guard: Option<Guard>) -> packages::Environment {
    packages::Environment {
        label: "forecast".to_owned(),
        prefix: "/home/ana/miniconda3/envs/forecast".into(),
        python: Some("3.11.9".to_owned()),
        guard,
    }
}

fn index() -> IndexLine {
    IndexLine::Known {
        packages: 913_402,
        days: 3,
        failed: 0,
        lacking: 0,
    }
}

fn flat(action: packages::Action) -> Vec<packages::Action> {
    match action {
        packages::Action::All(actions) => actions.into_iter().flat_map(flat).collect(),
        action => vec![action],
    }
}

fn packages_page(guard: Option<Guard>) -> Packages {
    let (mut page, action) = Packages::new(shown_environment(guard), home(), Basket::default());
    let packages::Action::ReadInstalled { key, .. } = action else {
        panic!("nothing is read");
    };
    let installed = NAMES.iter().map(|(name, version, _, size)| Installed {
        name: (*name).to_owned(),
        version: (*version).to_owned(),
        build: "py311_0".to_owned(),
        channel: if *name == "polars" { "pypi" } else { "research" }.to_owned(),
        size: Some(*size),
        is_requested: ["pandas", "prophet", "python", "scikit-learn"].contains(name),
        is_conda: *name != "polars",
    });
    let action = page.update(packages::Message::InstalledRead {
        key,
        result: Ok(installed.collect()),
    });
    let key = flat(action).into_iter().find_map(|action| match action {
        packages::Action::Compare { key, .. } => Some(key),
        _ => None,
    });
    let newest = NAMES.iter().filter_map(|(name, _, newest, _)| {
        let newest = Newest {
            version: (*newest)?.to_owned(),
            channel: "main".to_owned(),
        };
        let comparison = Comparison {
            newest,
            is_newer: true,
        };
        Some(((*name).to_owned(), comparison))
    });
    page.update(packages::Message::Compared {
        key: key.expect("a comparison"),
        newest: newest.collect::<HashMap<_, _>>(),
    });
    page
}

fn record(name: &str, version: &str, build: &str, channel: &str, size: u64) -> Record {
    Record {
        name: name.to_owned(),
        version: version.to_owned(),
        build: build.to_owned(),
        build_number: 0,
        channel: Channel {
            name: channel.to_owned(),
            url: format!("https://psm.example.com/api/repo/{channel}"),
        },
        subdir: "linux-64".to_owned(),
        file_name: format!("{name}-{version}-{build}.conda"),
        size: Some(size),
        license: Some("BSD-3-Clause".to_owned()),
        depends: [
            "python >=3.11,<3.12.0a0",
            "libblas >=3.9.0,<4.0a0",
            "libcblas >=3.9.0,<4.0a0",
            "libgcc >=13",
        ]
        .map(str::to_owned)
        .to_vec(),
        constrains: Vec::new(),
        timestamp: "2026-06-21T08:00:00Z".parse::<Timestamp>().ok(),
    }
}

/// Looks at a package; with its versions, why it is here, and what needs it.
fn look(page: &mut Packages, place: usize) {
    let action = page.update(packages::Message::LookPressed(place));
    for action in flat(action) {
        answer(page, action);
    }
    for section in [Section::Why, Section::Needs] {
        let action = page.update(packages::Message::SectionPressed(section));
        for action in flat(action) {
            answer(page, action);
        }
    }
    page.update(packages::Message::Tree(
        Section::Versions,
        tree_list::Event::Folded(0),
    ));
    page.update(packages::Message::Tree(
        Section::Needs,
        tree_list::Event::Folded(0),
    ));
}

fn answer(page: &mut Packages, action: packages::Action) {
    let reason = |name: &str, version: &str, is_requested, below| Reason {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        spec: Some("numpy >=1.26,<3".to_owned()),
        is_requested,
        kind: BranchKind::Package,
        below,
    };
    match action {
        packages::Action::ReadReleases { key, name } => {
            let records = vec![
                record(&name, "2.3.1", "py311_0", "main", 7_900_000),
                record(&name, "2.3.1", "py310_0", "research", 7_800_000),
                record(&name, "2.2.6", "py311_0", "main", 7_700_000),
                record(&name, "1.26.4", "py311_0", "research", 7_100_000),
            ];
            page.update(packages::Message::ReleasesRead {
                key,
                result: Ok(records),
            });
        }
        packages::Action::Explain { key, is_why, .. } => {
            let prophet = reason("prophet", "1.2.1", true, Vec::new());
            let pandas = reason("pandas", "2.1.0", true, vec![prophet.clone()]);
            let scikit = reason("scikit-learn", "1.8.0", true, Vec::new());
            let numpy = |below| reason("numpy", "1.26.4", false, below);
            let result = if is_why {
                let prophet = reason(
                    "prophet",
                    "1.2.1",
                    true,
                    vec![reason("pandas", "2.1.0", true, vec![numpy(Vec::new())])],
                );
                vec![
                    prophet,
                    reason("scikit-learn", "1.8.0", true, vec![numpy(Vec::new())]),
                ]
            } else {
                vec![numpy(vec![pandas, scikit])]
            };
            page.update(packages::Message::Explained {
                key,
                result: Ok(result),
            });
        }
        _ => {}
    }
}

#[test]
fn the_packages() {
    let line = index();
    let page = packages_page(None);
    draw_page("packages", "packages-apply", || page.view(&line));
    let mut page = packages_page(None);
    page.update(packages::Message::UpdatePressed(5));
    page.update(packages::Message::TickPressed(8));
    look(&mut page, 3);
    draw_page("packages-details", "packages-apply", || page.view(&line));
    page.update(packages::Message::LookEnded);
    draw_page("packages-marked", "packages-apply", || page.view(&line));
    page.update(packages::Message::ShowChosen(Show::Updatable));
    page.update(packages::Message::UpdateAllPressed);
    draw_page("packages-updatable", "packages-apply", || page.view(&line));
    let reason = "The packages of this environment should stay as they are: a service runs here.";
    let page = packages_page(Some(Guard::Frozen(reason.to_owned())));
    draw_page("packages-frozen", "packages-apply", || page.view(&line));
    let mut page = packages_page(None);
    let action = page.update(packages::Message::ShowChosen(Show::All));
    draw_page("packages-all-missing", "packages-apply", || {
        page.view(&IndexLine::Missing)
    });
    let Some(packages::Action::Search { key, .. }) = flat(action).into_iter().next() else {
        panic!("nothing is searched");
    };
    let hits = [
        "scipy",
        "scikit-image",
        "numpy",
        "scikit-learn",
        "scikit-survival",
    ]
    .map(|name| Hit {
        name: name.to_owned(),
        newest: Newest {
            version: "1.16.2".to_owned(),
            channel: "main".to_owned(),
        },
    });
    page.update(packages::Message::Found {
        key,
        result: Ok(Found {
            hits: hits.to_vec(),
            is_cut: true,
        }),
    });
    let updating = IndexLine::Updating { done: 3, total: 8 };
    draw_page("packages-all", "packages-apply", || page.view(&updating));
}

#[test]
fn the_basket() {
    let mut basket = Basket::default();
    let choice = Choice {
        version: "2.3.1".to_owned(),
        build: Some("py311_0".to_owned()),
    };
    basket.toggle("numpy", Mark::Install(Some(choice)));
    basket.toggle("scipy", Mark::Install(None));
    basket.toggle("pandas", Mark::Update);
    basket.toggle("prophet", Mark::Remove);
    let dialog = BasketDialog::new("forecast".to_owned(), basket);
    draw_dialog("basket", "basket-apply", || dialog.view());
}

fn preview() -> Preview {
    let old = record("numpy", "1.26.4", "py311_0", "research", 7_100_000);
    let new = record("numpy", "2.3.1", "py311_0", "main", 7_900_000);
    let rebuilt = record("openssl", "3.3.1", "h1_0", "research", 3_000_000);
    let again = record("openssl", "3.3.1", "h2_1", "research", 3_000_000);
    Preview {
        prefix: "/home/ana/miniconda3/envs/forecast".into(),
        added: vec![
            record("scipy", "1.16.2", "py311_0", "main", 17_000_000),
            record("pooch", "1.8.2", "pyhd_1", "main", 54_000),
            record("libgfortran5", "14.2.0", "hf1_2", "main", 1_400_000),
        ],
        changed: vec![(old, new), (rebuilt, again)],
        removed: vec![record("prophet", "1.2.1", "py311_0", "research", 9_800_000)],
        bytes_to_download: 84_200_000,
        scripts: vec!["scipy".to_owned()],
        warnings: vec![Warning {
            message: "numpy comes from main now, where it came from research before".to_owned(),
            remedy: Some("to keep it, put research before main on the page Channels".to_owned()),
        }],
    }
}

fn planned(result: Result<Box<change::Offered>, Box<change::Refusal>>) -> ChangeDialog {
    let subject = Subject::Packages {
        environment: "forecast".to_owned(),
    };
    let (mut dialog, action) = ChangeDialog::new(subject);
    let change::Action::Plan(key) = action else {
        panic!("nothing is planned");
    };
    dialog.update(change::Message::Planned { key, result });
    dialog
}

#[test]
fn a_change() {
    let subject = Subject::Create {
        name: "forecast".to_owned(),
    };
    let (dialog, _) = ChangeDialog::new(subject);
    draw_dialog("change-planning", "change-cancel", || dialog.view());
    let dialog = planned(Ok(Box::new(preview().into())));
    draw_dialog("change-preview", "change-go", || dialog.view());
    let reason = |text: &str, because: Vec<solve::Reason>| solve::Reason {
        text: text.to_owned(),
        because,
    };
    let explanation = solve::Explanation {
        headline: "numpy 2.3.1 and risk-models 4.1 cannot be in one environment".to_owned(),
        reasons: vec![
            reason(
                "risk-models 4.1 needs numpy <2",
                vec![reason("it was asked for by name", Vec::new())],
            ),
            reason(
                "prophet 1.2.1, which is installed, needs numpy <2 too",
                vec![reason(
                    "every version of prophet that channels have needs numpy <2, or a python older than the 3.11 that \
                     stays here",
                    Vec::new(),
                )],
            ),
        ],
        advice: vec![
            "ask for risk-models without a version".to_owned(),
            "remove prophet".to_owned(),
        ],
    };
    let dialog = planned(Err(Box::new(explanation.into())));
    draw_dialog("change-unsolvable", "change-cancel", || dialog.view());
    let mut dialog = planned(Ok(Box::new(preview().into())));
    let change::Action::Apply { key, .. } = dialog.update(change::Message::ApplyPressed) else {
        panic!("nothing is applied");
    };
    dialog.update(change::Message::Progressed {
        key,
        progress: ChangeProgress::Unpacking {
            done: 2,
            total: 5,
            package: "scipy".to_owned(),
        },
    });
    draw_dialog("change-running", "change-cancel", || dialog.view());
    dialog.update(change::Message::CancelPressed);
    dialog.update(change::Message::Progressed {
        key,
        progress: ChangeProgress::RollingBack { done: 1, total: 4 },
    });
    draw_dialog("change-rolling-back", "change-cancel", || dialog.view());
    let problem = Problem::new(Kind::File, "the disk is full")
        .because("/home/ana/miniconda3/pkgs has 12 MB left")
        .remedy("make room, then try again");
    dialog.update(change::Message::Ended {
        key,
        end: change::End::Failed(problem),
    });
    draw_dialog("change-failed", "change-cancel", || dialog.view());
}

fn indexed(name: &str, subdir: &str, status: IndexStatus, records: u64) -> IndexedSubdir {
    let problem = Problem::new(Kind::Auth, "the server does not accept the token for research")
        .because("It was revoked, or it has expired (401).")
        .remedy("renew the token on the page Tokens");
    IndexedSubdir {
        name: name.to_owned(),
        url: format!("https://psm.example.com/api/repo/{name}"),
        subdir: subdir.to_owned(),
        records,
        skipped: 0,
        as_of: None,
        problem: (status == IndexStatus::Failed).then_some(problem),
        status,
    }
}

#[test]
fn the_index() {
    let (mut update, action) = IndexUpdate::new();
    let package_index::Action::Update(key) = action else {
        panic!("nothing is updated");
    };
    let parts = ["main", "research", "risk-models"].into_iter();
    let parts =
        parts.flat_map(|name| ["linux-64", "noarch"].map(|subdir| (name.to_owned(), subdir.to_owned())));
    for progress in [
        IndexProgress::Planned(parts.collect()),
        IndexProgress::Ended(indexed("main", "linux-64", IndexStatus::Updated, 412_031)),
        IndexProgress::Received {
            name: "main".to_owned(),
            subdir: "noarch".to_owned(),
            bytes: 12_400_000,
            total: Some(31_000_000),
        },
    ] {
        update.update(package_index::Message::Progressed { key, progress });
    }
    draw_dialog("index-running", "index-cancel", || update.view(true));
    let ended = vec![
        indexed("main", "linux-64", IndexStatus::Updated, 412_031),
        indexed("main", "noarch", IndexStatus::Unchanged, 218_400),
        indexed("research", "linux-64", IndexStatus::Failed, 86),
        indexed("risk-models", "linux-64", IndexStatus::Missing, 0),
    ];
    update.update(package_index::Message::Ended {
        key,
        result: Ok(ended),
    });
    draw_dialog("index-failed", "index-close", || update.view(true));
}

#[test]
fn keys_open_and_close_the_trees() {
    let mut page = packages_page(None);
    page.update(packages::Message::TickPressed(8));
    look(&mut page, 3);
    page.update(packages::Message::SectionPressed(Section::Versions));
    let event = tree_list::Event::List(virtual_list::Event::Key(Intent::Down));
    page.update(packages::Message::Tree(Section::Needs, event));
    let line = index();
    draw_page("packages-tree", "packages-apply", || page.view(&line));
}
