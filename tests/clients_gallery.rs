//! Draws the Clients page in its states, in light and dark, in the usual window and in small ones.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test clients_gallery` keeps the pictures to be looked at.

#![cfg(target_os = "linux")]

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/planted.rs"]
mod planted;

use std::path::PathBuf;

use canvas::Canvas;
use iced::widget::container;
use iced::{Element, Fill, Theme, theme::Mode};
use planted::Planted;
use sextant::screen::clients::{
    Action, AnacondaClientMessage, BrowsersMessage, Clients, KerberosMessage, Message,
};
use sextant::ui::modal::modal;
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use sextant::ui::{spacing, style};

/// The windows without rail, top bar and status line: what is usual, what is small, the small one at 200 %, and one in
/// which all of the page can be seen.
const WINDOWS: [(&str, f32, f32, f32); 4] = [
    ("", 1280.0, 800.0, 1.0),
    ("-small", 1024.0, 600.0, 1.0),
    ("-low", 512.0, 300.0, 2.0),
    ("-whole", 1024.0, 2900.0, 1.0),
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

fn page(screen: &Clients) -> Element<'_, ()> {
    let page = container(screen.view().map(drop))
        .padding(spacing::PAGE)
        .width(Fill)
        .height(Fill)
        .style(style::page);
    modal(page, None)
}

fn draw(name: &str, screen: &Clients) {
    for (window, width, height, scale) in WINDOWS {
        let mut canvas = Canvas::new(
            width - spacing::RAIL_WIDTH,
            height - spacing::TOP_BAR_HEIGHT - spacing::STATUS_HEIGHT,
        );
        for (theme_name, theme) in themes() {
            let picture = canvas.picture(page(screen), &theme, scale);
            let p = palette(&theme);
            assert!(picture.share_of(p.page) > 0.02, "{name}{window}: nothing drawn");
            assert!(picture.share_of(p.page) < 0.98, "{name}{window}: nothing drawn");
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{window}-{theme_name}.png"));
                std::fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

fn answer(home: &Planted, screen: &mut Clients, action: Action) {
    let services = home.services();
    match action {
        Action::Read { key, servers } => {
            let result = services.clients_standing(&servers).map(Box::new);
            let result = result.map_err(Into::into);
            let next = screen.update(Message::StandingRead { key, result });
            answer(home, screen, next);
        }
        Action::Plan { key, setup } => {
            let result = services.plan_client_setup(&setup).map(Box::new);
            let result = result.map_err(Into::into);
            screen.update(Message::Planned { key, result });
        }
        _ => {}
    }
}

#[test]
fn every_state_of_the_page_can_be_seen() {
    let bare = Planted::new();
    let (mut screen, action) = Clients::new(bare.home());
    draw("clients-reading", &screen);
    answer(&bare, &mut screen, action);
    draw("clients-bare", &screen);

    let home = Planted::new()
        .file(
            ".continuum/anaconda-client/config.yaml",
            "url: http://repo.corp:8080/api/\n",
        )
        .file(
            ".condarc",
            "channel_alias: http://repo.corp:8080/conda\nchannels: [jane]\n",
        )
        .file(
            ".config/pip/pip.conf",
            "[global]\nextra-index-url = http://repo.corp:8080/pypi/jane/simple\n",
        )
        .file(
            ".config/uv/uv.toml",
            "[[index]]\nname = \"corp\"\nurl = \"http://repo.corp:8080/pypi/jane/simple\"\n",
        )
        .file(
            "system-root/etc/chromium/policies/managed/anaconda_repo_policy.json",
            "{\"AuthServerWhitelist\": \"repo.corp\"}\n",
        )
        .file(
            "system-root/etc/krb5.conf",
            "[libdefaults]\n    default_realm = OTHER.EXAMPLE\n",
        );
    let (mut screen, action) = Clients::new(home.home());
    answer(&home, &mut screen, action);
    for message in [
        Message::Kerberos(KerberosMessage::ServerTyped("repo.corp".to_owned())),
        Message::Kerberos(KerberosMessage::RealmTyped("CORP.EXAMPLE".to_owned())),
        Message::Kerberos(KerberosMessage::KeyServerTyped("kdc.corp".to_owned())),
        Message::Kerberos(KerberosMessage::TicketPressed),
        Message::Browsers(BrowsersMessage::ServerTyped("repo.corp".to_owned())),
    ] {
        screen.update(message);
    }
    let again = screen.read_again();
    answer(&home, &mut screen, again);
    draw("clients-set", &screen);
    let mut planned = screen.clone();
    let typed = AnacondaClientMessage::UrlTyped("https://new.corp".to_owned());
    planned.update(Message::AnacondaClient(typed));
    let action = planned.update(Message::AnacondaClient(AnacondaClientMessage::ShowPressed));
    answer(&home, &mut planned, action);
    draw("clients-plan", &planned);
    let action = screen.update(Message::Kerberos(KerberosMessage::ShowPressed));
    answer(&home, &mut screen, action);
    draw("clients-kerberos", &screen);
}
