//! Draws every widget of the design system in every theme and at two scales.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test ui_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::path::PathBuf;

use canvas::Canvas;
use iced::advanced::widget::operation::focusable;
use iced::widget::{Column, column, container, row, rule, space};
use iced::{Center, Element, Fill, Theme, theme::Mode};
use sextant::ui::banner::Banner;
use sextant::ui::check_box::check_box;
use sextant::ui::diff_view::{Diff, DiffLine, LineKind, diff_view};
use sextant::ui::form_field::{self, FormField};
use sextant::ui::icon::Icon;
use sextant::ui::modal::{Dialog, modal};
use sextant::ui::pick::pick;
use sextant::ui::progress::{self, Step, StepState};
use sextant::ui::segmented::segmented;
use sextant::ui::status_line::{StatusLine, Work};
use sextant::ui::style::{self, Tone};
use sextant::ui::theme::{Appearance, Contrast, Palette, Preference, palette};
use sextant::ui::toast::{self, Toast};
use sextant::ui::virtual_list::{self, ListState, virtual_list};
use sextant::ui::{button, spacing, text};

type View = Element<'static, ()>;

fn themes() -> [(&'static str, Theme); 4] {
    let of = |preference, contrast| {
        Appearance {
            system: Mode::None,
            preference,
            contrast,
        }
        .theme()
    };
    [
        ("light", of(Preference::Light, Contrast::Standard)),
        ("dark", of(Preference::Dark, Contrast::Standard)),
        ("light-high", of(Preference::Light, Contrast::High)),
        ("dark-high", of(Preference::Dark, Contrast::High)),
    ]
}

fn frame(status: View, page: View, selected: usize) -> View {
    let top = row![
        Icon::Mark.view(),
        text::heading("Sextant"),
        space().width(Fill),
        status
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let top = container(top)
        .height(spacing::TOP_BAR_HEIGHT - 1.0)
        .align_y(Center)
        .padding([0.0, spacing::L]);
    let entry =
        |index, label: &'static str| -> View { button::nav(label, index == selected).on_press(()).into() };
    let entries = ["Environments", "Channels", "Tokens", "Preferences", "Doctor"];
    let rail = column![
        Column::with_children(
            entries
                .iter()
                .enumerate()
                .map(|(index, label)| entry(index, label))
        )
        .spacing(2),
        space().height(Fill),
        entry(9, "History"),
    ];
    let rail = container(rail)
        .width(spacing::RAIL_WIDTH - 1.0)
        .height(Fill)
        .padding([spacing::M, spacing::S]);
    let line = || rule::horizontal(1).style(style::separator);
    column![
        top.width(Fill).style(style::surface),
        line(),
        row![
            rail.style(style::sunken),
            rule::vertical(1).style(style::separator),
            container(page)
                .width(Fill)
                .height(Fill)
                .padding(spacing::PAGE)
                .style(style::page),
        ]
        .height(Fill),
        StatusLine::new("Signed in.").action("Undo", ()).work(
            Work::new("Reading the index of research")
                .share(0.42)
                .on_cancel(())
        ),
    ]
    .into()
}

const CHANNELS: [(&str, &str, &str, &str, bool, bool, bool); 9] = [
    ("main", "public", "team-it", "1 204", true, true, false),
    ("research", "authenticated", "alice, bob", "86", false, true, true),
    ("research/gpu", "private", "alice", "12", false, false, true),
    ("risk-models", "private", "risk", "41", false, false, true),
    (
        "vendor-a",
        "authenticated",
        "procurement",
        "390",
        true,
        false,
        false,
    ),
    ("sandbox", "public", "—", "7", false, false, false),
    ("genomics", "private", "bio-core", "233", false, false, false),
    ("r-main", "public", "team-it", "5 118", true, false, false),
    ("legacy-2019", "public", "team-it", "64", false, false, false),
];

fn table() -> View {
    let tick = |is_checked| container(check_box(is_checked).tab_stop(false).on_toggle(|_| ())).center_x(96);
    let head = virtual_list::header(
        row![
            container(button::column_header("Name", Some(button::Order::Ascending)).on_press(())).width(180),
            container(button::column_header("Privacy", None).on_press(())).width(110),
            container(button::column_header("Owners", None).on_press(())).width(100),
            container(button::column_header("Artifacts", None).on_press(())).width(70),
            text::column_header("Add to\ndefault_channels")
                .width(110)
                .align_x(Center),
            text::column_header("Add to\nchannels").width(76).align_x(Center),
        ]
        .align_y(Center),
    );
    let mut state = ListState::new("channels");
    state.set_cursor(Some(2));
    let list = virtual_list(
        &state,
        CHANNELS.len(),
        |_| (),
        move |index| {
            let (name, privacy, owners, artifacts, is_mirror, first, second) = CHANNELS[index];
            let badge = is_mirror.then(|| text::badge("mirror", Tone::Neutral));
            let name = row![text::strong(name), badge]
                .spacing(spacing::S)
                .align_y(Center);
            let cells = row![
                container(name).width(180).clip(true),
                text::cell(text::body(privacy), 110),
                text::cell(text::body(owners).style(style::muted), 100),
                text::cell(text::body(artifacts), 70),
                container(tick(first)).center_x(110),
                container(tick(second)).center_x(76),
            ];
            (index, cells.align_y(Center).into())
        },
    );
    column![head, list].into()
}

fn diff() -> Diff {
    let added = [
        "channels:",
        "  - research",
        "  - research/gpu",
        "  - risk-models",
        "  - defaults",
        "default_channels:",
    ];
    let first = DiffLine::new(LineKind::Removed, "channels: []");
    let rest = added.iter().map(|line| DiffLine::new(LineKind::Added, *line));
    let mut lines: Vec<_> = std::iter::once(first).chain(rest).collect();
    lines.push(DiffLine::new(
        LineKind::Added,
        "  - https://psm.example.com/api/repo/main-with-a-very-long-name",
    ));
    lines.push(DiffLine::new(LineKind::Context, "ssl_verify: true"));
    lines.push(DiffLine::new(LineKind::Gap, "12 unchanged lines"));
    Diff {
        path: "~/.condarc".into(),
        lines,
    }
}

fn channels() -> View {
    let status = row![
        text::state(Tone::Good, text::body("Connected to psm.example.com as alice")),
        text::body("token: 364 days left").style(style::muted),
        button::secondary("Connect").on_press(()),
    ];
    let side = column![
        text::heading("Order of search"),
        text::small("Top is searched first. Drag, or Alt+↑ ↓.").style(style::muted),
        space().height(spacing::XS),
        diff_view(&diff()),
    ]
    .spacing(6)
    .width(250);
    let tools = row![
        form_field::search("Search channels…", "")
            .id("search")
            .on_input(|_| ())
            .width(300),
        pick(["All privacies", "public", "authenticated", "private"], 0, |_| ()).id("privacy"),
        button::secondary("Tick all shown").on_press(()),
    ];
    let page = column![
        text::title("Channels of psm.example.com"),
        text::body("Choose what conda searches. 2,501 channels, 9 shown.").style(style::muted),
        space().height(spacing::S),
        tools.spacing(spacing::S).align_y(Center),
        space().height(spacing::XS),
        row![container(table()).width(Fill).height(Fill), side]
            .spacing(spacing::XL)
            .height(Fill),
        row![
            space().width(Fill),
            button::secondary("Skip").on_press(()),
            button::primary("Add Channels").id("add").on_press(()),
        ]
        .spacing(spacing::S),
    ];
    frame(
        status.spacing(spacing::M).align_y(Center).into(),
        page.spacing(spacing::XS).into(),
        1,
    )
}

fn environments() -> View {
    let status = row![
        text::body("Not connected").style(style::muted),
        button::primary("Connect").id("connect").on_press(())
    ];
    let line = |name: &'static str, share| {
        row![
            text::strong(name).width(160),
            text::body("3.12.4").width(120),
            progress::share(share, 180.0, "1.9 GB")
        ]
        .align_y(Center)
        .height(36)
    };
    let page = column![
        row![
            text::title("Environments").width(Fill),
            button::secondary("Import").on_press(()),
            button::primary("Create").on_press(()),
        ]
        .spacing(spacing::S)
        .align_y(Center),
        line("base", 1.0),
        line("forecast", 0.4),
        line("etl", 0.01),
    ];
    frame(
        status.spacing(spacing::M).align_y(Center).into(),
        page.spacing(spacing::S).into(),
        0,
    )
}

fn login() -> View {
    let facts = row![
        text::small("TLS verified · Anaconda Server 6.8 · 84 ms").style(style::muted),
        button::small_link("change").on_press(()),
    ];
    let form = column![
        FormField::new("", "alice")
            .label("User name")
            .id("name")
            .on_input(|_| ()),
        FormField::new("", "correct horse")
            .label("Password")
            .id("password")
            .secure(true)
            .on_input(|_| ())
            .trailing(button::small_link("show").on_press(()))
            .error(Some("The server did not accept this name and password.")),
    ]
    .spacing(spacing::M);
    let dialog = Dialog::new("login", "Log in to psm.example.com", form)
        .eyebrow("Package Security Manager (On-prem)")
        .subtitle_element(facts.align_y(Center))
        .aside(button::link("Sign in with SSO").flush().on_press(()))
        .button(button::secondary("Cancel").on_press(()))
        .button(button::primary("Login").on_press(()))
        .focus("password")
        .on_close(());
    modal(environments(), Some(dialog))
}

fn connect() -> View {
    let service = |letter: &'static str, name: &'static str, words: &'static str, action: &'static str| {
        let mark = container(text::strong(letter).style(style::accent))
            .center(34)
            .style(style::mark);
        let badge = (letter == "R").then(|| text::badge("deprecated by its vendor", Tone::Warning));
        let words = row![text::small(words).style(style::muted), badge]
            .spacing(spacing::S)
            .align_y(Center);
        let line = row![
            mark,
            column![text::heading(name), words].width(Fill),
            button::link(action).id(name).on_press(()),
        ];
        column![
            rule::horizontal(1).style(style::separator),
            container(line.spacing(spacing::M).align_y(Center)).padding([spacing::M, 0.0]),
        ]
    };
    let rows = column![
        service(
            "S",
            "Package Security Manager (On-prem)",
            "Anaconda Server of your organisation: domain, then credentials or SSO",
            "Sign in"
        ),
        service(
            "C",
            "Package Security Manager Cloud",
            "repo.anaconda.cloud with your organisation token",
            "Sign in"
        ),
        service("R", "Anaconda Repository", "Enterprise 4, on site", "Sign in"),
        service("A", "Anaconda.org", "connected as alice", "Sign out"),
        rule::horizontal(1).style(style::separator),
    ];
    let dialog = Dialog::new("connect", "Connect", rows)
        .subtitle("One repository at a time. Anaconda.org can stay beside it.")
        .aside(text::small("Nothing is sent before you sign in.").style(style::muted))
        .button(button::secondary("Close").on_press(()))
        .wide()
        .on_close(());
    modal(environments(), Some(dialog))
}

fn widgets() -> View {
    let buttons = row![
        button::primary("Primary").on_press(()),
        button::secondary("Secondary").on_press(()),
        button::link("Link").on_press(()),
        button::quiet_danger("Remove").on_press(()),
        button::secondary("With icon").glyph(Icon::Search).on_press(()),
        button::icon(Icon::Eye, "Show").on_press(()),
        button::icon(Icon::EyeOff, "Hide").on_press(()),
        button::icon(Icon::ArrowUp, "Up").on_press(()),
        button::icon(Icon::ChevronRight, "More").on_press(()),
    ];
    let disabled = row![
        button::primary::<()>("Primary"),
        button::secondary::<()>("Secondary"),
        button::link::<()>("Link"),
        button::quiet_danger::<()>("Remove"),
        button::icon::<()>(Icon::Close, "Close"),
        check_box::<()>(true).label("Greyed"),
        check_box::<()>(false).label("Greyed"),
    ];
    let boxes = row![
        check_box(true)
            .label("Show hidden channels")
            .id("hidden")
            .on_toggle(|_| ()),
        check_box(false)
            .label("Offline mode")
            .id("offline")
            .on_toggle(|_| ()),
        segmented([1, 20, 300], 20, |_| ()).id("filter"),
        pick(["All privacies", "public", "private"], 0, |_| ()).id("privacy"),
    ];
    let fields = row![
        FormField::new("https://repo.example.com", "")
            .label("Domain")
            .hint("Any address of the server will do.")
            .on_input(|_| ()),
        FormField::new("", "http://repo.example.com")
            .label("Domain")
            .note(
                Tone::Warning,
                "Without TLS everyone on the way can read the password."
            )
            .on_input(|_| ()),
        FormField::<()>::new("", "greyed")
            .label("Proxy")
            .hint("Set by the system."),
    ];
    let banners = column![
        Banner::new(
            Tone::Info,
            "Signing in to the cloud signs out of psm.example.com."
        ),
        Banner::new(Tone::Good, "The server token was revoked."),
        Banner::new(Tone::Warning, "This domain has no TLS."),
        Banner::new(Tone::Bad, "The server does not answer")
            .cause("psm.example.com refused the connection.")
            .remedy("Check the domain, or ask whether the server is running.")
            .button(button::secondary("Try again").on_press(())),
    ];
    let steps = progress::steps([
        Step::new("Name", StepState::Done)
            .time("12 ms")
            .note("psm.example.com is 10.0.0.7"),
        Step::new("Connection", StepState::Done).time("31 ms"),
        Step::new("Proxy", StepState::Skipped).note("none is set"),
        Step::new("TLS", StepState::Running),
        Step::new("Server answer", StepState::Pending),
        Step::new("Something else", StepState::Failed).note("An nginx welcome page answered."),
    ]);
    let marks = row![
        text::badge("mirror", Tone::Neutral),
        text::badge("signed in", Tone::Good),
        text::badge("deprecated by its vendor", Tone::Warning),
        text::badge("failed", Tone::Bad),
        progress::activity(),
        container(progress::bar(0.004)).width(80),
        container(progress::bar(0.42)).width(80),
        container(progress::bar(1.0)).width(80),
    ];
    let page = column![
        text::title("Widgets"),
        buttons.spacing(spacing::S).align_y(Center),
        disabled.spacing(spacing::S).align_y(Center),
        boxes.spacing(spacing::L).align_y(Center),
        fields.spacing(spacing::L),
        marks.spacing(spacing::S).align_y(Center),
        row![
            banners.spacing(spacing::S).width(Fill),
            container(steps).width(320)
        ]
        .spacing(spacing::XL),
    ];
    let page = container(page.spacing(spacing::L))
        .padding(spacing::PAGE)
        .width(Fill)
        .height(Fill)
        .style(style::page);
    let toasts = [
        Toast::new(Tone::Good, "3 channels added to .condarc")
            .action("Undo", ())
            .on_dismiss(()),
        Toast::new(Tone::Warning, "Signed out, but the token lives on")
            .detail("The server does not answer. Sextant tries again.")
            .on_dismiss(()),
    ];
    modal(toast::layer(page, toasts), None)
}

/// Shows a view, gives something the focus, and draws it.
fn draw(name: &str, view: fn() -> View, focus: Option<&'static str>, size: (f32, f32), scale: f32) {
    for (theme_name, theme) in themes() {
        let mut canvas = Canvas::new(size.0, size.1);
        if let Some(focus) = focus {
            canvas.operate(view(), &mut focusable::focus::<()>(focus.into()));
        }
        let picture = canvas.picture(view(), &theme, scale);
        let p = palette(&theme);
        let drawn = [("surface", p.surface), ("accent", p.accent), ("text", p.text)];
        for (what, color) in drawn {
            assert!(
                picture.share_of(color) > 0.000_05,
                "{name} in {theme_name}: nothing drawn in {what}"
            );
        }
        if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
            let file = PathBuf::from(folder).join(format!("{name}-{theme_name}-{scale}x.png"));
            std::fs::write(file, picture.png()).expect("the gallery's folder");
        }
    }
}

#[test]
fn channels_page() {
    draw("channels", channels, Some("search"), (1180.0, 760.0), 1.0);
    draw("channels", channels, Some("channels"), (1180.0, 760.0), 2.0);
}

#[test]
fn connect_dialog() {
    draw("connect", connect, None, (1180.0, 760.0), 1.0);
}

#[test]
fn login_dialog() {
    draw("login", login, None, (1180.0, 760.0), 1.0);
    // A window of 1024 x 600 at 200 %.
    draw("login-low", login, None, (512.0, 300.0), 2.0);
    draw("connect-low", connect, None, (512.0, 300.0), 2.0);
}

#[test]
fn every_widget() {
    draw("widgets", widgets, Some("hidden"), (1180.0, 900.0), 1.0);
    draw("widgets", widgets, Some("privacy"), (1180.0, 900.0), 2.0);
}

#[test]
fn the_strong_weight_is_drawn_stronger() {
    let ink = |words: fn() -> iced::widget::Text<'static, Theme>| {
        let mut canvas = Canvas::new(400.0, 40.0);
        let view: View = container(words())
            .width(Fill)
            .height(Fill)
            .style(style::page)
            .into();
        let theme = Appearance {
            preference: Preference::Light,
            ..Appearance::default()
        }
        .theme();
        1.0 - canvas.picture(view, &theme, 2.0).share_of(Palette::LIGHT.page)
    };
    let regular = ink(|| text::body("Hamburgefonstiv 0123456789"));
    let strong = ink(|| text::strong("Hamburgefonstiv 0123456789"));
    assert!(regular > 0.02, "nothing drawn: {regular}");
    assert!(strong > regular * 1.05, "{strong} is not stronger than {regular}");
}
