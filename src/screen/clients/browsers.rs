//! The section about browsers.

use iced::Element;
use iced::widget::column;

use super::page::Card;
use super::{Clients, Message as PageMessage, Part, Wish};
use crate::clients::browsers::Browser;
use crate::error::Explain;
use crate::screen::shown;
use crate::screen::shown::lines;
use crate::service::setup::{BrowserSetup, BrowserView, ClientSetup, FirefoxPlace, Standing};
use crate::ui::check_box::check_box;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::style::Tone;
use crate::ui::{button, spacing};

#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    server: String,
    /// Those that were ticked or not by the person; the others are as they were found.
    decided: Vec<(Browser, bool)>,
    disables_lookup: bool,
    firefox: FirefoxPlace,
    error: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Message {
    ServerTyped(String),
    LookPressed,
    BrowserToggled(Browser, bool),
    LookupToggled(bool),
    ProfileToggled(bool),
    ShowPressed { ticked: Vec<Browser> },
}

impl Section {
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The server in use, where the person has named none.
    pub fn is_about(&mut self, host: &str) {
        if self.server.is_empty() {
            self.server = host.to_owned();
        }
    }

    pub fn update(&mut self, message: Message) -> Wish {
        match message {
            Message::ServerTyped(server) => {
                self.server = server;
                self.error = None;
            }
            Message::LookPressed => {
                return Wish::ReadAgain;
            }
            Message::BrowserToggled(browser, on) => {
                self.decided.retain(|(known, _)| *known != browser);
                self.decided.push((browser, on));
            }
            Message::LookupToggled(on) => self.disables_lookup = on,
            Message::ProfileToggled(on) => {
                self.firefox = match on {
                    true => FirefoxPlace::Profiles,
                    false => FirefoxPlace::Policy,
                };
            }
            Message::ShowPressed { ticked } => return self.plan(ticked),
        }
        Wish::None
    }

    fn plan(&mut self, browsers: Vec<Browser>) -> Wish {
        match BrowserSetup::new(&self.server) {
            Ok(mut setup) => {
                setup.browsers = browsers;
                setup.disables_lookup = self.disables_lookup;
                setup.firefox = self.firefox;
                Wish::Plan(ClientSetup::Browsers(setup))
            }
            Err(error) => {
                self.error = Some(lines(&error.explain()));
                Wish::None
            }
        }
    }

    fn is_ticked(&self, browser: Browser, views: &[BrowserView]) -> bool {
        let decided = self.decided.iter().find(|(known, _)| *known == browser);
        let is_installed = || {
            views
                .iter()
                .any(|view| view.browser == browser && view.is_installed)
        };
        decided.map_or_else(is_installed, |(_, on)| *on)
    }

    pub fn view<'a>(&'a self, page: &'a Clients) -> Element<'a, PageMessage> {
        let wrap = PageMessage::Browsers;
        let views: &[BrowserView] = page
            .read()
            .map(|standing| &*standing.browsers)
            .unwrap_or_default();
        let offered = [
            Browser::Chrome,
            Browser::Chromium,
            Browser::Edge,
            Browser::Firefox,
        ];
        let ticked: Vec<Browser> = offered
            .into_iter()
            .filter(|browser| self.is_ticked(*browser, views))
            .collect();
        let show = wrap(Message::ShowPressed {
            ticked: ticked.clone(),
        });
        let server = FormField::new("repo.example.com", &self.server)
            .label("Server that gets the ticket")
            .id("clients-browser-server")
            .on_input(move |text| wrap(Message::ServerTyped(text)))
            .on_submit(wrap(Message::LookPressed))
            .error(self.error.clone());
        let boxes = offered.into_iter().map(|browser| {
            check_box(ticked.contains(&browser))
                .label(browser.title())
                .id(format!("clients-{}", browser.name()))
                .on_toggle(move |on| wrap(Message::BrowserToggled(browser, on)))
                .into()
        });
        let boxes = iced::widget::Row::with_children(boxes).spacing(spacing::L).wrap();
        let lookup = check_box(self.disables_lookup)
            .explained_label(
                "Take the server's name as it stands in the address",
                "For a server that the name service knows under another name; not for Firefox",
            )
            .id("clients-lookup")
            .on_toggle(move |on| wrap(Message::LookupToggled(on)));
        let profile = check_box(self.firefox == FirefoxPlace::Profiles)
            .explained_label(
                "Firefox: only for me",
                "In your own profiles, which takes no administrator",
            )
            .id("clients-profile")
            .on_toggle(move |on| wrap(Message::ProfileToggled(on)));
        let remarks = shown::warnings(views.iter().flat_map(|view| &view.warnings));
        let remarks = iced::widget::Column::with_children(remarks).spacing(spacing::S);
        let form = column![server, boxes, lookup, profile, remarks].spacing(spacing::M);
        let has_ticked = !ticked.is_empty();
        Card::new(Part::Browsers, "Browsers")
            .facts((!views.is_empty()).then(|| standing(page, views)))
            .form(form)
            .button(
                button::secondary("Show changes")
                    .id("clients-show-browsers")
                    .on_press_maybe((has_ticked && page.can_plan()).then_some(show)),
            )
            .button(
                button::secondary("Look")
                    .id("clients-look-browsers")
                    .on_press(wrap(Message::LookPressed)),
            )
            .view(page)
    }
}

/// What each browser would do.
fn standing<'a>(page: &Clients, views: &[BrowserView]) -> Element<'a, PageMessage> {
    let of_view = |view: &BrowserView| {
        let absent = if view.is_installed {
            ""
        } else {
            ", not found on this computer"
        };
        let (words, tone) = match &view.standing {
            Standing::Allowed { by } => (format!("shows the ticket, by {}", page.short(by)), Tone::Good),
            Standing::NotAllowed => (format!("keeps the ticket to itself{absent}"), Tone::Neutral),
            Standing::NothingNeeded => ("shows the ticket by itself".to_owned(), Tone::Good),
            Standing::Unknown => {
                let page = view.page.unwrap_or("its settings");
                (
                    format!("cannot be told from here; see {page}{absent}"),
                    Tone::Neutral,
                )
            }
        };
        // Without the maker's name it fits its place.
        let name = view.browser.title().rsplit(' ').next().unwrap_or_default();
        Fact::new(name, words).tone(tone)
    };
    facts(views.iter().map(of_view).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_ticked_until_the_person_decides() {
        let mut section = Section::default();
        let found = |browser, is_installed| BrowserView {
            browser,
            is_installed,
            standing: Standing::NotAllowed,
            servers: Vec::new(),
            page: None,
            warnings: Vec::new(),
        };
        let views = [found(Browser::Chromium, true), found(Browser::Edge, false)];
        assert!(section.is_ticked(Browser::Chromium, &views));
        assert!(!section.is_ticked(Browser::Edge, &views));
        section.update(Message::BrowserToggled(Browser::Chromium, false));
        section.update(Message::BrowserToggled(Browser::Edge, true));
        assert!(!section.is_ticked(Browser::Chromium, &views));
        assert!(section.is_ticked(Browser::Edge, &views));
    }
}
