//! The section about pip and uv.

use std::fmt;

use iced::Element;
use iced::widget::{column, row};

use super::page::{self, Card};
use super::{Action, Clients, Message as PageMessage, Part, Wish};
use crate::error::{Explain, Problem};
use crate::screen::Key;
use crate::screen::secret_field::{self, SecretField};
use crate::screen::shown::{self, sentence};
use crate::secret::{Token, mask_text};
use crate::service::setup::{
    Audience, ClientSetup, ClientsStanding, IndexAddress, IndexLogin, IndexUse, PipAnswer, PipLevel,
    PipSetup, UvSetup,
};
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::segmented::segmented;
use crate::ui::{button, spacing, style, text};

/// What uv calls the index.
const UV_NAME: &str = "repository";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Pip,
    Uv,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
        })
    }
}

/// What becomes of the public index, as a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use(IndexUse);

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            IndexUse::Beside => "Beside the public index",
            IndexUse::Instead => "In its place",
        })
    }
}

/// What one shows to be let in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Entrance {
    #[default]
    Open,
    Token,
    Password,
}

impl fmt::Display for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open to all",
            Self::Token => "Token",
            Self::Password => "Name and password",
        })
    }
}

#[derive(Debug, Clone)]
pub(super) struct Section {
    tool: Tool,
    address: String,
    index_use: IndexUse,
    entrance: Entrance,
    name: String,
    secret: SecretField,
    error: Option<String>,
    secret_error: Option<Problem>,
    asked: Asked,
}

/// What pip itself says.
#[derive(Debug, Clone, Default)]
enum Asked {
    #[default]
    Nothing,
    Asking(Key),
    Answered(Result<PipAnswer, Problem>),
}

impl Default for Section {
    fn default() -> Self {
        Self {
            tool: Tool::default(),
            address: String::new(),
            index_use: IndexUse::default(),
            entrance: Entrance::default(),
            name: String::new(),
            secret: SecretField::new("clients-index-secret", "clients-index-reveal"),
            error: None,
            secret_error: None,
            asked: Asked::default(),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    ToolChosen(Tool),
    AddressTyped(String),
    UseChosen(Use),
    EntranceChosen(Entrance),
    NameTyped(String),
    Secret(secret_field::Message),
    ShowPressed,
    AskPressed,
    PipAnswered {
        key: Key,
        result: Result<PipAnswer, Problem>,
    },
}

impl Section {
    pub fn update(&mut self, message: Message) -> Wish {
        match message {
            Message::ToolChosen(tool) => self.tool = tool,
            Message::AddressTyped(address) => {
                self.address = address;
                self.error = None;
                self.asked = Asked::Nothing;
            }
            Message::UseChosen(Use(index_use)) => self.index_use = index_use,
            Message::EntranceChosen(entrance) => {
                self.entrance = entrance;
                self.secret.forget();
                self.secret_error = None;
            }
            Message::NameTyped(name) => self.name = name,
            Message::Secret(message) => {
                if self.secret.update(message) == secret_field::Standing::Changed {
                    self.secret_error = None;
                }
            }
            Message::ShowPressed => return self.plan(),
            Message::AskPressed => {
                let Some(address) = self.address() else {
                    return Wish::None;
                };
                let key = Key::fresh();
                self.asked = Asked::Asking(key);
                return Wish::Do(Action::AskPip { key, address });
            }
            Message::PipAnswered { key, result } => {
                if matches!(self.asked, Asked::Asking(own) if own == key) {
                    self.asked = Asked::Answered(result);
                }
            }
        }
        Wish::None
    }

    fn address(&mut self) -> Option<IndexAddress> {
        match IndexAddress::parse(&self.address) {
            Ok(address) => Some(address),
            Err(error) => {
                let problem = error.explain();
                let words = problem
                    .remedy
                    .map_or_else(String::new, |remedy| format!(" {}", sentence(&remedy)));
                self.error = Some(match error {
                    // The window has a field for it.
                    crate::service::setup::SetupError::SecretInAddress => {
                        "Leave the token or password out, and give it below.".to_owned()
                    }
                    _ => format!("{}{words}", sentence(&problem.message)),
                });
                None
            }
        }
    }

    /// Nothing where something is missing, which is said at the field.
    fn login(&mut self) -> Option<Option<IndexLogin>> {
        use crate::error::Kind;
        match self.entrance {
            Entrance::Open => Some(None),
            Entrance::Token => match Token::from_pasted(self.secret.as_str()) {
                Ok((token, _)) => Some(Some(IndexLogin::Token(token))),
                Err(error) => {
                    self.secret_error = Some(Problem::new(Kind::Usage, error.to_string()));
                    None
                }
            },
            Entrance::Password if self.name.trim().is_empty() || self.secret.is_empty() => {
                self.secret_error = Some(Problem::new(Kind::Usage, "it takes a name and a password"));
                None
            }
            Entrance::Password => Some(Some(IndexLogin::Password {
                user: self.name.trim().to_owned(),
                password: self.secret.take(),
            })),
        }
    }

    fn plan(&mut self) -> Wish {
        let (Some(address), Some(login)) = (self.address(), self.login()) else {
            return Wish::None;
        };
        let index_use = self.index_use;
        Wish::Plan(match self.tool {
            Tool::Pip => ClientSetup::Pip(PipSetup {
                address,
                index_use,
                trusted_host: None,
                level: PipLevel::User,
                login,
            }),
            Tool::Uv => ClientSetup::Uv(UvSetup {
                address,
                name: UV_NAME.to_owned(),
                index_use,
                audience: Audience::Person,
                login,
            }),
        })
    }

    pub fn view<'a>(&'a self, page: &'a Clients) -> Element<'a, PageMessage> {
        let wrap = PageMessage::Python;
        let tool = segmented([Tool::Pip, Tool::Uv], self.tool, move |tool| {
            wrap(Message::ToolChosen(tool))
        })
        .id("clients-tool");
        let address = FormField::new("https://repo.example.com/pypi/NAME/simple", &self.address)
            .label("Address of the index")
            .id("clients-index")
            .on_input(move |text| wrap(Message::AddressTyped(text)))
            .on_submit(wrap(Message::ShowPressed))
            .error(self.error.clone());
        let uses = [Use(IndexUse::Beside), Use(IndexUse::Instead)];
        let uses = segmented(uses, Use(self.index_use), move |chosen| {
            wrap(Message::UseChosen(chosen))
        })
        .id("clients-index-use");
        let entrances = [Entrance::Open, Entrance::Token, Entrance::Password];
        let entrance = segmented(entrances, self.entrance, move |one| {
            wrap(Message::EntranceChosen(one))
        })
        .id("clients-entrance");
        let name = (self.entrance == Entrance::Password).then(|| {
            FormField::new("", &self.name)
                .label("Name")
                .id("clients-index-name")
                .on_input(move |text| wrap(Message::NameTyped(text)))
        });
        let wrap_secret: fn(secret_field::Message) -> PageMessage =
            |message| PageMessage::Python(Message::Secret(message));
        let secret = match self.entrance {
            Entrance::Open => None,
            Entrance::Token => Some((
                "Token",
                "It becomes part of the address, in a file that only you can read; pip and uv print it",
            )),
            Entrance::Password => Some((
                "Password",
                "It goes into .netrc, which only you can read; every program that reads that shows it to the host",
            )),
        };
        let secret = secret.map(|(label, hint)| {
            let refused = self.secret_error.as_ref();
            self.secret
                .password_view(label, true, refused, Some(hint), wrap_secret)
        });
        let ask = (self.tool == Tool::Pip).then(|| {
            button::secondary("Ask pip")
                .id("clients-ask-pip")
                .on_press(wrap(Message::AskPressed))
        });
        let form = column![
            row![tool, uses].spacing(spacing::M).wrap(),
            address,
            row![text::body("To be let in:").style(style::muted), entrance]
                .spacing(spacing::M)
                .align_y(iced::Center)
                .wrap(),
            name,
            secret,
            self.answer(),
        ]
        .spacing(spacing::M);
        let mut card = Card::new(Part::Python, "pip and uv")
            .facts(page.read().map(|standing| current(page, standing)))
            .form(form)
            .button(page::show_button(
                page,
                "clients-show-python",
                wrap(Message::ShowPressed),
            ));
        if let Some(ask) = ask {
            card = card.button(ask);
        }
        card.view(page)
    }

    /// What pip itself has read.
    fn answer(&self) -> Option<Element<'_, PageMessage>> {
        match &self.asked {
            Asked::Nothing => None,
            Asked::Asking(_) => Some(shown::working("Asking pip")),
            Asked::Answered(Err(problem)) => Some(shown::problem(problem).into()),
            Asked::Answered(Ok(answer)) => Some(match answer.has_index {
                true => text::body("pip has read this address.").style(style::good).into(),
                false => text::body("pip has not read this address.")
                    .style(style::warning)
                    .into(),
            }),
        }
    }
}

/// What is set for both.
fn current<'a>(page: &Clients, standing: &ClientsStanding) -> Element<'a, PageMessage> {
    let of_pip = standing.pip.iter().filter_map(|setting| {
        let value = setting.value.as_ref().filter(|_| !setting.sources.is_empty())?;
        let source = setting.decided_by()?.origin.place();
        let name = setting.key.trim_start_matches("global.").to_owned();
        Some(Fact::new(
            name,
            format!("{}, by {}", page::written(value), page.short(&source)),
        ))
    });
    let of_uv = standing.uv.places.iter().flat_map(|place| {
        let indexes = place.indexes.as_ref().and_then(|read| read.as_ref().ok());
        let path = page.short(&place.path.display().to_string());
        indexes.into_iter().flatten().map(move |index| {
            let kind = if index.is_default {
                "in place of the public index"
            } else {
                "beside it"
            };
            Fact::new("uv", format!("{}, {kind}, by {path}", mask_text(&index.url)))
        })
    });
    let all: Vec<Fact<'a, PageMessage>> = of_pip.chain(of_uv).collect();
    match all.is_empty() {
        true => facts([Fact::new("Index", "only the public one")]),
        false => facts(all),
    }
}
