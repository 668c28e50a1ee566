//! Draws Preferences and the editors in each of their states, in every theme, at every size, and in the lowest window.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test preferences_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use canvas::Canvas;
use iced::widget::{column, container, row, space};
use iced::{Element, Fill, Point, Theme, theme::Mode};
use iced_test::selector::id;
use sextant::credential::FileStore;
use sextant::error::{Kind, Problem};
use sextant::locations::Locations;
use sextant::screen::configuration_editor::{self, ConfigurationEditor, Step};
use sextant::screen::preferences::{self, Action, EnvironmentChoice, Preferences, ProxyKind};
use sextant::screen::typed::Typed;
use sextant::service::configuration::ConfigurationFile;
use sextant::service::preferences::{CondaTrust, Field, TextSize};
use sextant::service::{Services, SystemClock};
use sextant::ui::code_editor::Event;
use sextant::ui::modal::modal;
use sextant::ui::style;
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use tempfile::TempDir;

const CONDARC: &str = "# Packages for everyday work\nchannels:\n  - research/gpu\n  - https://repo.example.com/t/abc123def456/main  # private\n  - defaults\nssl_verify: false\nchannel_alias: 'https://repo.example.com/api/repo'\nremote_read_timeout_secs: 60.5\nchanels:\n  - x\n";

const INI: &str = "[main]\nversion = 2.0.0\nname = Anaconda Navigator\nlogged_brand = None\nlogged_api_url = None\nanaconda_api_url = https://api.anaconda.org\nanaconda_server_api_url = 'https://psm.example.com'\nanaconda_server_token = 'abc123def456'\nanaconda_server_token_id = None\nenterprise_4_repo_api_url = None\noffline_mode = False\ndefault_env = /opt/conda\n\n[ssl]\ntrusted_servers = []\n";

/// A home with the files of both programs.
struct Home {
    folder: TempDir,
    services: Services,
}

impl Home {
    fn new(condarc: &str, ini: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, content: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        put(".condarc", condarc);
        put(".anaconda/navigator/anaconda-navigator.ini", ini);
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services = Services::with(locations, credentials, Arc::new(SystemClock));
        Self { folder, services }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn preferences(&self) -> Preferences {
        let (mut screen, Action::Read(key)) = Preferences::new(self.path()) else {
            panic!("nothing is read");
        };
        let environments = ["base", "forecast", "etl"].map(|name| EnvironmentChoice {
            name: name.to_owned(),
            prefix: PathBuf::from("/opt/conda/envs").join(name),
        });
        let _ = screen.update(preferences::Message::Read {
            key,
            shown: Box::new(self.services.settings()),
            environments: environments.into(),
        });
        screen
    }

    fn editor(&self, file: ConfigurationFile) -> ConfigurationEditor {
        let edited = self.services.open_for_editing(file).unwrap();
        ConfigurationEditor::new(edited, self.path()).0
    }
}

fn themes() -> [(&'static str, Theme); 4] {
    [
        ("light", Preference::Light, Contrast::Standard),
        ("dark", Preference::Dark, Contrast::Standard),
        ("light-high", Preference::Light, Contrast::High),
        ("dark-high", Preference::Dark, Contrast::High),
    ]
    .map(|(name, preference, contrast)| {
        let appearance = Appearance {
            system: Mode::None,
            preference,
            contrast,
        };
        (name, appearance.theme())
    })
}

/// The window around a page: what the frame leaves it.
fn framed<'a, M: Clone + 'a>(page: Element<'a, M>, has_rail: bool) -> Element<'a, M> {
    let rail = has_rail.then(|| container(space()).width(188).height(Fill).style(style::sunken));
    let page = container(page).width(Fill).height(Fill).style(style::page);
    modal(
        column![
            container(space()).height(52).width(Fill).style(style::surface),
            row![rail, page].height(Fill),
            container(space()).height(28).width(Fill).style(style::surface)
        ],
        None,
    )
}

/// The windows: what is usual, what is small, and each of them at 200 %.
const WINDOWS: [(&str, f32, f32, f32); 4] = [
    ("", 1280.0, 800.0, 1.0),
    ("-small", 1024.0, 600.0, 1.0),
    ("-double", 640.0, 400.0, 2.0),
    ("-low", 512.0, 300.0, 2.0),
];

/// Draws a page; `button` must be in sight as a whole in every window.
fn draw<'a, M: Clone + 'a>(
    name: &str,
    button: &'static str,
    has_rail: bool,
    view: impl Fn() -> Element<'a, M>,
) {
    for (window, width, height, scale) in WINDOWS {
        let mut canvas = Canvas::new(width, height);
        let found = canvas
            .find(framed(view(), has_rail), id(button))
            .unwrap_or_else(|| panic!("{name}{window}: no {button}"));
        let bounds = found.bounds();
        let seen = found.visible_bounds().unwrap_or_default();
        assert!(
            (seen.width * seen.height - bounds.width * bounds.height).abs() < 1.0,
            "{name}{window}: {button} is cut off"
        );
        canvas.point_at(Point::new(2.0, 2.0));
        for (theme_name, theme) in themes() {
            if !window.is_empty() && theme_name.ends_with("high") {
                continue;
            }
            let picture = canvas.picture(framed(view(), has_rail), &theme, scale);
            let p = palette(&theme);
            for (what, color) in [("surface", p.surface), ("text", p.text)] {
                let share = picture.share_of(color);
                assert!(share > 0.000_05, "{name}{window}: nothing drawn in {what}");
            }
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{window}-{theme_name}.png"));
                fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

fn no_answer() -> Problem {
    Problem::new(Kind::Network, "psm2.example.com does not answer")
        .because("The name was found, but nothing listens on port 443")
        .remedy("Check the domain, or ask whether the server is running")
}

#[test]
fn preferences_as_they_are() {
    let home = Home::new(CONDARC, INI);
    let screen = home.preferences();
    draw("preferences", "preferences-apply", true, || screen.view());
}

#[test]
fn preferences_while_they_are_changed() {
    let home = Home::new(CONDARC, INI);
    let mut screen = home.preferences();
    for message in [
        preferences::Message::Typed(Field::ServerDomain, Typed::new("psm2.example.com/api")),
        preferences::Message::Typed(Field::AnacondaOrgDomain, Typed::new("ftp://x")),
        preferences::Message::Typed(
            Field::RepositoryDomain,
            Typed::new("http://repo.example.com:8080"),
        ),
        preferences::Message::TrustChosen(CondaTrust::System),
        preferences::Message::ProxyChosen(ProxyKind::Own),
        preferences::Message::TextSizeChosen(TextSize::from(125)),
    ] {
        let _ = screen.update(message);
    }
    draw("preferences-changed", "preferences-apply", true, || screen.view());
}

#[test]
fn a_domain_that_does_not_answer() {
    let home = Home::new(CONDARC, INI);
    let mut screen = home.preferences();
    let typed = Typed::new("https://psm2.example.com");
    let _ = screen.update(preferences::Message::Typed(Field::ServerDomain, typed));
    let Action::Check { key, .. } = screen.update(preferences::Message::ApplyPressed) else {
        panic!("nothing is asked");
    };
    draw("preferences-checking", "preferences-save-anyway", true, || {
        screen.view()
    });
    let unanswered = vec![(Field::ServerDomain, no_answer())];
    let _ = screen.update(preferences::Message::Checked { key, unanswered });
    draw("preferences-unanswered", "preferences-apply", true, || {
        screen.view()
    });
}

#[test]
fn broken_files() {
    let home = Home::new(CONDARC, "[main\nx\n");
    let screen = home.preferences();
    draw("preferences-broken", "preferences-apply", true, || screen.view());
}

#[test]
fn the_editor_of_conda() {
    let home = Home::new(CONDARC, INI);
    let mut screen = home.editor(ConfigurationFile::Conda);
    draw("configure-conda", "editor-save", false, || screen.view());
    let _ = screen.update(configuration_editor::Message::FindingMoved(Step::Next));
    let _ = screen.update(configuration_editor::Message::Editor(Event::LineBroken));
    let _ = screen.update(configuration_editor::Message::SearchPressed);
    let _ = screen.update(configuration_editor::Message::SearchTyped(Typed::new("chan")));
    draw("configure-conda-search", "editor-save", false, || screen.view());
    let _ = screen.update(configuration_editor::Message::SearchClosed);
    let _ = screen.update(configuration_editor::Message::ClosePressed);
    draw("configure-conda-leaving", "editor-close", false, || screen.view());
}

#[test]
fn the_editor_of_navigator_and_its_changes() {
    let home = Home::new(CONDARC, INI);
    let mut screen = home.editor(ConfigurationFile::Navigator);
    draw("configure-navigator", "editor-save", false, || screen.view());
    let comment = configuration_editor::Message::Editor(Event::CommentToggled);
    let _ = screen.update(comment);
    let action = screen.update(configuration_editor::Message::ChangesToggled(true));
    let configuration_editor::Action::Compare { key, edited } = action else {
        panic!("nothing is compared");
    };
    let result = home
        .services
        .diff_to_disk(&edited)
        .map(Box::new)
        .map_err(Problem::from);
    let _ = screen.update(configuration_editor::Message::Compared { key, result });
    draw("configure-navigator-changes", "editor-save", false, || {
        screen.view()
    });
}

#[test]
fn a_file_that_another_program_changes() {
    let home = Home::new(CONDARC, INI);
    let mut screen = home.editor(ConfigurationFile::Conda);
    let _ = screen.update(configuration_editor::Message::Editor(Event::LineBroken));
    let action = screen.update(configuration_editor::Message::DiskTouched);
    let configuration_editor::Action::Look { key, .. } = action else {
        panic!("nobody looks");
    };
    let is_unchanged = Ok(false);
    let _ = screen.update(configuration_editor::Message::Looked { key, is_unchanged });
    draw("configure-conda-disk", "disk-reload", false, || screen.view());
}
