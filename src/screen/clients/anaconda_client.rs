//! The section about anaconda-client, and conda with it.

use iced::Element;
use iced::widget::column;

use super::page::{self, Card};
use super::{Clients, Message as PageMessage, Part, Wish};
use crate::error::Explain;
use crate::repository::BinstarApi;
use crate::screen::shown::sentence;
use crate::service::configuration::PlaceState;
use crate::service::plan::short_path;
use crate::service::setup::{
    AnacondaClientSetup, Audience, ClientSetup, ClientsStanding, CondaPart, DEFAULT_MIRROR,
};
use crate::ui::check_box::check_box;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::spacing;

const URL: &str = "clients-url";

#[derive(Debug, Clone)]
pub(super) struct Section {
    url: String,
    mirror: String,
    audience: Audience,
    has_conda: bool,
    error: Option<String>,
    /// It was filled in from what is set, or typed in.
    is_filled: bool,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            url: String::new(),
            mirror: DEFAULT_MIRROR.to_owned(),
            audience: Audience::Person,
            has_conda: true,
            error: None,
            is_filled: false,
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    UrlTyped(String),
    MirrorTyped(String),
    EverybodyToggled(bool),
    CondaToggled(bool),
    ShowPressed,
}

/// The address that somebody has set.
pub(super) fn url_in_use(standing: &ClientsStanding) -> Option<String> {
    let set = &standing.anaconda_client;
    let value = set.value.as_ref().filter(|_| !set.sources.is_empty())?;
    Some(value.to_string())
}

impl Section {
    /// The first time, the field shows what is set, unless that is nobody's doing.
    pub fn stands(&mut self, standing: &ClientsStanding) {
        if let (false, Some(url)) = (self.is_filled, url_in_use(standing)) {
            self.url = url;
        }
        self.is_filled = true;
    }

    pub fn update(&mut self, message: Message) -> Wish {
        match message {
            Message::UrlTyped(url) => {
                self.url = url;
                self.error = None;
                self.is_filled = true;
            }
            Message::MirrorTyped(mirror) => self.mirror = mirror,
            Message::EverybodyToggled(everybody) => {
                self.audience = match everybody {
                    true => Audience::Everybody,
                    false => Audience::Person,
                };
            }
            Message::CondaToggled(has_conda) => self.has_conda = has_conda,
            Message::ShowPressed => return self.plan(),
        }
        Wish::None
    }

    fn plan(&mut self) -> Wish {
        let pasted = match BinstarApi::parse_pasted(&self.url) {
            Ok(pasted) => pasted,
            Err(error) => {
                self.error = Some(sentence(&error.to_string()));
                return Wish::None;
            }
        };
        let api = match AnacondaClientSetup::api_of(&pasted) {
            Ok(api) => api,
            Err(error) => {
                let problem = error.explain();
                let remedy = problem.remedy.unwrap_or_default();
                self.error = Some(sentence(&format!("{}: {remedy}", problem.message)));
                return Wish::None;
            }
        };
        let named = self
            .mirror
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let default_channels = named.map(str::to_owned).collect();
        let conda = match self.has_conda {
            true => CondaPart::Follow { default_channels },
            false => CondaPart::Leave,
        };
        Wish::Plan(ClientSetup::AnacondaClient(AnacondaClientSetup {
            api,
            audience: self.audience,
            conda,
        }))
    }

    pub fn view<'a>(&'a self, page: &'a Clients) -> Element<'a, PageMessage> {
        let wrap = PageMessage::AnacondaClient;
        let url = FormField::new("https://repo.example.com", &self.url)
            .label("Address of the repository")
            .id(URL)
            .on_input(move |text| wrap(Message::UrlTyped(text)))
            .on_submit(wrap(Message::ShowPressed))
            .error(self.error.clone());
        let conda = check_box(self.has_conda)
            .explained_label(
                "Let conda follow it",
                "conda of today does not read this file: channel_alias and default_channels are set, too",
            )
            .id("clients-conda")
            .on_toggle(move |on| wrap(Message::CondaToggled(on)));
        let mirror = self.has_conda.then(|| {
            FormField::new(DEFAULT_MIRROR, &self.mirror)
                .label("Accounts that mirror the public packages")
                .hint("conda takes them for its defaults; commas between")
                .id("clients-mirror")
                .on_input(move |text| wrap(Message::MirrorTyped(text)))
        });
        let everybody = check_box(self.audience == Audience::Everybody)
            .label("For everybody on this computer")
            .id("clients-everybody")
            .on_toggle(move |on| wrap(Message::EverybodyToggled(on)));
        let form = column![url, conda, mirror, everybody].spacing(spacing::M);
        Card::new(Part::AnacondaClient, "anaconda-client and conda")
            .facts(page.read().map(|standing| self.facts(page, standing)))
            .form(form)
            .button(page::show_button(
                page,
                "clients-show-anaconda-client",
                wrap(Message::ShowPressed),
            ))
            .view(page)
    }

    fn facts<'a>(&self, page: &Clients, standing: &ClientsStanding) -> Element<'a, PageMessage> {
        let set = &standing.anaconda_client;
        let source = set.decided_by().map(|source| source.origin.place());
        let source = source.map_or_else(
            || "the default".to_owned(),
            |path| format!("by {}", page.short(&path)),
        );
        let value = set.value.as_ref().map(ToString::to_string).unwrap_or_default();
        let read = standing
            .anaconda_client_places
            .iter()
            .filter(|place| place.state == PlaceState::Read);
        let read: Vec<String> = read
            .map(|place| match place.origin.path() {
                Some(path) => short_path(path, &page.home),
                None => place.origin.place(),
            })
            .collect();
        let files = match read.len() {
            0 => "none".to_owned(),
            _ => format!("{} (the last one prevails)", read.join(", ")),
        };
        let conda = standing.conda.iter().filter_map(|setting| {
            let value = page::written(setting.value.as_ref()?);
            // The name by which conda is asked for them is the shorter one.
            let name = setting
                .key
                .strip_prefix("default_channels")
                .map_or(&*setting.key, |_| "defaults");
            Some(Fact::new(name, value))
        });
        let own = [
            Fact::new("url", format!("{value}, {source}")),
            Fact::new("Files", files),
        ];
        facts(own.into_iter().chain(conda))
    }
}
