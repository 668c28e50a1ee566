//! Draws the Doctor page in each of its states, in light and dark, in the usual window and in small ones.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test doctor_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/doctor.rs"]
mod doctor;
#[path = "support/services.rs"]
#[allow(dead_code)]
mod services;

use std::path::{Path, PathBuf};

use canvas::Canvas;
use iced::widget::container;
use iced::{Element, Fill, Theme, theme::Mode};
use iced_test::selector::id;
use services::Machine;
use sextant::practice::{Options, Tls};
use sextant::screen::doctor::{Action, Doctor, Message};
use sextant::service::doctor::{Check, Outcome, Remedy};
use sextant::ui::modal::modal;
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use sextant::ui::{spacing, style};

/// The windows without rail, top bar and status line: what is usual, what is small, and the small one at 200 %.
const WINDOWS: [(&str, f32, f32, f32); 3] = [
    ("", 1280.0, 800.0, 1.0),
    ("-small", 1024.0, 600.0, 1.0),
    ("-low", 512.0, 300.0, 2.0),
];

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

fn page(screen: &Doctor) -> Element<'_, ()> {
    let page = container(screen.view().map(drop))
        .padding(spacing::PAGE)
        .width(Fill)
        .height(Fill)
        .style(style::page);
    modal(page, None)
}

/// Draws the page in every window and theme. Its first button must be in sight.
fn draw(name: &str, screen: &Doctor, button: &'static str) {
    for (window, width, height, scale) in WINDOWS {
        let inside = |size: f32, frame: f32| size - frame;
        let mut canvas = Canvas::new(
            inside(width, spacing::RAIL_WIDTH),
            inside(height, spacing::TOP_BAR_HEIGHT + spacing::STATUS_HEIGHT),
        );
        let found = canvas.find(page(screen), id(button));
        let found = found.unwrap_or_else(|| panic!("{name}{window}: no {button}"));
        let seen = found
            .visible_bounds()
            .map_or(0.0, |seen| seen.width * seen.height);
        let whole = found.bounds().width * found.bounds().height;
        assert!((seen - whole).abs() < 1.0, "{name}{window}: {button} is cut off");
        for (theme_name, theme) in themes() {
            let picture = canvas.picture(page(screen), &theme, scale);
            let p = palette(&theme);
            assert!(picture.share_of(p.page) > 0.05, "{name}{window}: nothing drawn");
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{window}-{theme_name}.png"));
                std::fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

/// A page on which these checks were made, `left` of them not yet.
fn shown(home: &Path, checks: &[Check], left: usize) -> Doctor {
    let (mut screen, Action::Examine { key, .. }) = Doctor::new(home) else {
        panic!("it begins at once");
    };
    screen.update(Message::Announced {
        key,
        checks: checks.iter().map(|check| check.announced.clone()).collect(),
    });
    for check in &checks[..checks.len() - left] {
        screen.update(Message::Checked {
            key,
            check: Box::new(check.clone()),
        });
    }
    if left == 0 {
        screen.update(Message::Ended { key });
    }
    screen
}

/// Everything that can be wrong at once, looked at for real.
fn ill() -> Machine {
    let options = Options {
        tls: Tls::UnknownIssuer,
        ..Options::default()
    };
    let machine = Machine::with(options, |_, _| {});
    machine.write(
        ".condarc",
        "channels:\n  - http://127.0.0.1:1/t/canary0token/research\nadd_anaconda_token: false\n",
    );
    machine.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        &format!("[main]\nanaconda_server_api_url = '{}'\n", machine.practice.url()),
    );
    machine.write(
        ".bash_history",
        "conda install -c http://127.0.0.1:1/t/canary1token/c x\nanaconda login --password canary2password\n",
    );
    machine.write("system-root/etc/conda/.condarc", "channels: [a]\nchannels: [b]\n");
    machine
}

#[test]
fn a_machine_with_failures() {
    let machine = ill();
    let checks = doctor::examine(&machine);
    assert!(
        checks
            .iter()
            .filter(|check| check.outcome() == Outcome::Fail)
            .count()
            >= 4
    );
    let home = machine.services.locations().home.clone();
    draw("doctor-running", &shown(&home, &checks, 12), "doctor-cancel");
    let mut screen = shown(&home, &checks, 0);
    draw("doctor-failures", &screen, "doctor-run");
    screen.update(Message::ReportPressed);
    draw("doctor-report", &screen, "doctor-run");
}

#[test]
fn the_remedy_of_a_check() {
    let machine = ill();
    let checks = doctor::examine(&machine);
    let check = doctor::of(&checks, "secrets-shell").clone();
    let remedy = check.finding.fix.clone().expect("a remedy");
    assert!(matches!(remedy, Remedy::EraseSecrets { .. }));
    let home = machine.services.locations().home.clone();
    // The only one on the page, so that it is in sight.
    let mut screen = shown(&home, std::slice::from_ref(&check), 0);
    let Action::Plan { key, remedy } = screen.update(Message::RemedyPressed(check.id().clone())) else {
        panic!("no plan");
    };
    let plan = machine.services.plan_remedy(&remedy).expect("a plan");
    screen.update(Message::Planned {
        key,
        result: Ok(Box::new(plan)),
    });
    draw("doctor-remedy", &screen, "doctor-run");
}

#[test]
fn a_machine_that_is_well() {
    let machine = Machine::new();
    machine.sign_in();
    let checks = doctor::examine(&machine);
    let home = machine.services.locations().home.clone();
    draw("doctor-well", &shown(&home, &checks, 0), "doctor-run");
}
