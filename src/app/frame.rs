//! The frame around every page: top bar, navigation rail, status line, notices, and the dialog above it all.

use iced::widget::{Column, column, container, responsive, row, rule, scrollable, space, tooltip};
use iced::{Center, Element, Length};

use super::history::Mending;
use super::{App, Dialog, Message, Page};
use crate::error::Problem;
use crate::screen::connect::{connected_to, count_of_days};
use crate::screen::shown;
use crate::service::broken::Trouble;
use crate::service::configuration::ConfigurationFile;
use crate::service::offline::OfflineReason;
use crate::service::tokens::TokenState;
use crate::ui::banner::Banner;
use crate::ui::icon::Icon;
use crate::ui::modal::{self, modal};
use crate::ui::status_line::{StatusLine, Work};
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text, toast};

impl App {
    pub fn view(&self) -> Element<'_, Message> {
        let page = responsive(|size| {
            let page = container(self.page_view())
                .width(Length::Fill)
                .height(Length::Fill)
                .style(style::page);
            let notices = self.notices.iter().map(super::Notice::view);
            if size.height < LOW {
                return toast::layer(page, notices);
            }
            column![page, container(toast::strip(notices)).style(style::page)].into()
        });
        // Whoever edits a file has the whole width for it.
        let rail = (!self.is_editing())
            .then(|| row![self.rail(), rule::vertical(spacing::LINE).style(style::separator)]);
        let middle = row![rail, page];
        let window = column![
            self.top_bar(),
            rule::horizontal(spacing::LINE).style(style::separator),
            middle.height(Length::Fill),
            self.status_line()
        ];
        modal(
            window,
            self.dialog.as_ref().and_then(|dialog| self.dialog_view(dialog)),
        )
    }

    fn top_bar(&self) -> Element<'_, Message> {
        let connect = button::primary("Connect")
            .id("connect")
            .on_press(Message::ConnectPressed);
        let connect = match self.standing.foremost() {
            None => connect,
            // Once connected it is no longer what the window asks for.
            Some(_) => button::secondary("Connect")
                .id("connect")
                .on_press(Message::ConnectPressed),
        };
        let status = container(self.status())
            .width(Length::Fill)
            .align_x(iced::Right)
            .clip(true);
        let offline = self.standing.offline.as_ref().map(offline_view);
        let bar = row![
            Icon::Mark.view(),
            text::heading("Sextant").wrapping(iced::widget::text::Wrapping::None),
            status,
            offline,
            connect
        ];
        container(bar.spacing(spacing::M).align_y(Center))
            .width(Length::Fill)
            .height(spacing::TOP_BAR_HEIGHT - spacing::LINE)
            .align_y(Center)
            .padding([0.0, spacing::L])
            .style(style::surface)
            .into()
    }

    fn status(&self) -> Element<'_, Message> {
        let line = |words: String| text::body(words).wrapping(iced::widget::text::Wrapping::None);
        let Some(connection) = self.standing.foremost() else {
            return line("Not connected".to_owned()).style(style::muted).into();
        };
        if let Some(problem) = &self.unreachable {
            let words = text::state(
                Tone::Warning,
                line("Connected, but the server does not answer".to_owned()),
            );
            let reason = [
                Some(&problem.message),
                problem.cause.as_ref(),
                problem.remedy.as_ref(),
            ];
            let reason = reason
                .into_iter()
                .flatten()
                .map(|part| text::small(part.as_str()).into());
            let reason = container(Column::with_children(reason).spacing(spacing::XS))
                .max_width(360)
                .padding(spacing::M)
                .style(style::floating);
            return tooltip(words, reason, tooltip::Position::Bottom).into();
        }
        let words = line(connected_to(connection));
        let left = connection.token_days_left.map(count_of_days);
        let (tone, left) = match connection.token_state {
            TokenState::Expired => (Tone::Warning, Some("token: expired".to_owned())),
            TokenState::EndsSoon => (Tone::Warning, left.map(|left| format!("token: {left} left"))),
            TokenState::Good => (Tone::Good, left.map(|left| format!("token: {left} left"))),
            TokenState::Unknown => (Tone::Good, None),
        };
        let left = left.map(|left| line(left).style(style::muted));
        row![text::state(tone, words), left]
            .spacing(spacing::M)
            .align_y(Center)
            .into()
    }

    fn rail(&self) -> Element<'_, Message> {
        let entry = |page: Page, label: &'static str, id: &'static str| {
            button::nav(label, self.shows(page))
                .id(id)
                .on_press(Message::PageChosen(page))
        };
        let rail = responsive(move |size| {
            let entries = column![
                entry(Page::Environments, "Environments", "page-environments"),
                entry(Page::Channels, "Channels", "page-channels"),
                entry(Page::Tokens, "Tokens", "page-tokens"),
                entry(Page::Access, "Access", "page-access"),
                entry(Page::Preferences, "Preferences", "page-preferences"),
                entry(Page::Clients, "Clients", "page-clients"),
                entry(Page::Doctor, "Doctor", "page-doctor"),
            ];
            let entries = entries.spacing(spacing::XXS);
            let history = entry(Page::History, "History", "page-history");
            if size.height < RAIL {
                return scrollable(column![entries, history].spacing(spacing::XXS))
                    .direction(scrollable::Direction::Vertical(modal::slim_bar()))
                    .style(style::scroll)
                    .into();
            }
            column![entries, space().height(Length::Fill), history].into()
        });
        container(rail)
            .width(spacing::RAIL_WIDTH)
            .height(Length::Fill)
            .padding([spacing::M, spacing::S])
            .style(style::sunken)
            .into()
    }

    fn page_view(&self) -> Element<'_, Message> {
        let page = match self.page {
            Page::Environments => {
                // They bring their own margins.
                match &self.packages {
                    Some(packages) => packages.view(self.index.line()).map(Message::Packages),
                    None => {
                        let is_connected = self.standing.foremost().is_some();
                        self.environments.view(is_connected).map(Message::Environments)
                    }
                }
            }
            Page::History => match &self.history {
                Some(history) => padded(history.view().map(Message::History)),
                None => padded(progress::activity()),
            },
            Page::Tokens => match &self.tokens {
                // They bring their own margins.
                Some(tokens) => tokens.view().map(Message::Tokens),
                None => padded(progress::activity()),
            },
            Page::Access => match &self.access {
                Some(access) => access.view().map(Message::Access),
                None => padded(progress::activity()),
            },
            Page::Clients => match &self.clients {
                Some(clients) => padded(clients.view().map(Message::Clients)),
                None => padded(progress::activity()),
            },
            Page::Doctor => match &self.doctor {
                Some(doctor) => padded(doctor.view().map(Message::Doctor)),
                None => padded(progress::activity()),
            },
            // They bring their own margins.
            Page::Preferences => match (&self.preferences.editor, &self.preferences.screen) {
                (Some(editor), _) => return editor.view().map(Message::ConfigurationEditor),
                (None, Some(screen)) => screen.view().map(Message::Preferences),
                (None, None) => padded(progress::activity()),
            },
            Page::Channels => match (&self.channels.screen, &self.manage_channels.screen) {
                (Some(picker), _) if self.channels.picks => picker.view().map(Message::Channels),
                (_, Some(manage)) if !self.channels.picks => manage.view().map(Message::ManageChannels),
                _ => padded(progress::activity()),
            },
        };
        if self.standing.problems.is_empty() && self.standing.troubles.is_empty() {
            return page;
        }
        let troubles = self.standing.troubles.iter().map(|trouble| {
            let mut editable = self.standing.editable.iter();
            let file = editable.find(|(path, _)| *path == trouble.path);
            trouble_view(trouble, file.map(|(_, file)| *file))
        });
        let problems = self
            .standing
            .problems
            .iter()
            .map(|problem| told(problem).button(check_again()).into());
        let banners = troubles.chain(problems);
        let banners = container(Column::with_children(banners).spacing(spacing::S))
            .padding(iced::Padding::new(spacing::PAGE).bottom(0.0));
        // However many there are, the page keeps half of the height.
        let banners = scrollable(banners)
            .direction(scrollable::Direction::Vertical(modal::slim_bar()))
            .style(style::scroll);
        column![container(banners).max_height(260), page]
            .height(Length::Fill)
            .into()
    }

    fn status_line(&self) -> Element<'_, Message> {
        let words = match &self.demonstration {
            Some(demonstration) => demonstration.note.clone(),
            None => String::new(),
        };
        let mut line = StatusLine::new(words);
        for work in self.works.noticed() {
            let mut shown = Work::new(work.name.clone());
            if let Some(share) = work.share {
                shown = shown.share(share);
            }
            if work.can_be_cancelled() {
                shown = shown.on_cancel(Message::WorkCancelled(work.key));
            }
            line = line.work(shown);
        }
        line.into()
    }
}

impl App {
    fn dialog_view<'a>(&'a self, dialog: &'a Dialog) -> Option<modal::Dialog<'a, Message>> {
        Some(match dialog {
            Dialog::Connect(connect) => connect.view().map(Message::Connect),
            Dialog::Replace(replace) => replace.view().map(Message::Replace),
            Dialog::CloudToken(cloud_token) => cloud_token.view().map(Message::CloudToken),
            Dialog::SetDomain(set_domain) => set_domain.view().map(Message::SetDomain),
            Dialog::Login(login) => login.view().map(Message::Login),
            Dialog::BrowserWait(dialog) => dialog.view().map(Message::BrowserWait),
            Dialog::DeviceCode(dialog) => dialog.view().map(Message::DeviceCode),
            Dialog::RepositoryLogin(dialog) => dialog.view().map(Message::RepositoryLogin),
            Dialog::AnacondaOrgLogin(dialog) => dialog.view().map(Message::AnacondaOrgLogin),
            Dialog::Certificate(dialog) => dialog.view().map(Message::Certificate),
            Dialog::Proxy(dialog) => dialog.view().map(Message::Proxy),
            Dialog::Review(review) => review.view().map(Message::Review),
            Dialog::Renew(renew) => renew.view().map(Message::Renew),
            Dialog::Token(dialog) => dialog.view().map(Message::Token),
            Dialog::Access(dialog) => dialog.view().map(Message::AccessDialog),
            Dialog::PutBack(put_back) => put_back.view().map(Message::PutBack),
            Dialog::Details(dialog) => dialog.view().map(Message::Details),
            Dialog::Versions(dialog) => dialog.view().map(Message::Versions),
            Dialog::Repair(dialog) => dialog.view().map(Message::Repair),
            Dialog::LeftBehind(dialog) => dialog.view().map(Message::LeftBehind),
            Dialog::Environment(dialog) => dialog.view().map(Message::Environment),
            Dialog::Basket(dialog) => dialog.view().map(Message::Basket),
            Dialog::Change => self.change.as_ref()?.dialog.view().map(Message::Change),
            Dialog::Upload => self.upload.as_ref()?.view().map(Message::Upload),
            Dialog::Index => {
                let is_connected = self.standing.foremost().is_some();
                self.index.update()?.view(is_connected).map(Message::Index)
            }
        })
    }
}

/// That nothing is asked of the network, with the reason on hover.
fn offline_view<'a>(reason: &OfflineReason) -> Element<'a, Message> {
    let words = match reason {
        OfflineReason::Preferences => {
            "Sextant's preferences say so. To end it: sextant offline off".to_owned()
        }
        OfflineReason::Navigator { path } => {
            format!("Anaconda Navigator's preferences say so, in {}", path.display())
        }
        OfflineReason::Network => "This computer has no network.".to_owned(),
    };
    let reason = container(text::small(words))
        .max_width(360)
        .padding(spacing::M)
        .style(style::floating);
    tooltip(
        text::badge("Offline", Tone::Warning),
        reason,
        tooltip::Position::Bottom,
    )
    .into()
}

/// What is wrong, why, and what to do.
fn told<'a>(problem: &Problem) -> Banner<'a, Message> {
    shown::toned(Tone::Warning, problem)
}

fn check_again<'a>() -> Element<'a, Message> {
    button::small_link("Check again")
        .flush()
        .on_press(Message::CheckAgainPressed)
        .into()
}

/// A file that is broken, with the ways out of it.
fn trouble_view<'a>(trouble: &Trouble, editable: Option<ConfigurationFile>) -> Element<'a, Message> {
    let mut banner = told(&trouble.problem);
    if let Some(file) = editable {
        banner = banner.button(
            button::secondary("Open in the editor")
                .id("trouble-edit")
                .on_press(Message::EditPressed(file)),
        );
    }
    if let Some(snapshot) = &trouble.snapshot {
        let mending = Mending::PutBack {
            path: trouble.path.clone(),
            snapshot: snapshot.id.clone(),
        };
        banner = banner.button(
            button::secondary("Put the last good version back")
                .id("trouble-put-back")
                .on_press(Message::MendPressed(mending)),
        );
    }
    if trouble.can_be_set_aside {
        let mending = Mending::SetAside(trouble.path.clone());
        banner = banner.button(
            button::secondary("Put it aside")
                .id("trouble-put-aside")
                .on_press(Message::MendPressed(mending)),
        );
    }
    banner.button(check_again()).into()
}

/// A rail lower than this has no room for all of its entries.
const RAIL: f32 = 8.0 * (spacing::NAV_HEIGHT + spacing::XXS);

/// A page lower than this has no height to give to notices: they lie over it.
const LOW: f32 = 360.0;

fn padded<'a>(page: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    container(page)
        .width(Length::Fill)
        .height(Length::Fill)
        .padding(spacing::PAGE)
        .into()
}
