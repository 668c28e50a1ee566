//! Every message to the screen it is for; late messages for a screen that is gone are dropped.

use iced::Task;

use super::work::Ended;
use super::{App, Dialog, Message, Page};
use crate::error::Kind;
use crate::screen::{access, channels, login, renew, tokens};
use crate::ui::keyboard::Intent;

impl App {
    pub fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::PageChosen(page) => self.open_page(page),
            Message::ConnectPressed => self.open_connect(),
            Message::KeyPressed(Intent::Shortcut('k')) if self.dialog.is_none() => self.open_connect(),
            Message::KeyPressed(Intent::Shortcut(letter @ ('+' | '=' | '-' | '0'))) => {
                self.text_size_key(letter)
            }
            Message::KeyPressed(Intent::Shortcut(',')) if self.dialog.is_none() => {
                self.open_page(Page::Preferences)
            }
            Message::KeyPressed(intent) => self.page_key(intent),
            Message::SystemThemeFound(mode) => {
                self.system_theme = mode;
                Task::none()
            }
            Message::PreferencesStored(result) => match result {
                Ok(()) => Task::none(),
                Err(problem) => self.notify(super::Notice::problem(&problem)),
            },
            Message::CheckAgainPressed => self.read_again(),
            Message::StandingRead(standing) => {
                self.standing = *standing;
                self.refresh_connect();
                Task::none()
            }
            Message::FilesChanged(_) => self.files_changed(),
            Message::StandingFound(standing) => self.standing_found(*standing),
            Message::SecretsPlaced(place) => {
                self.secrets = Some(place);
                self.refresh_connect();
                Task::none()
            }
            Message::WorkLasted(key) => {
                self.works.notice(key);
                Task::none()
            }
            Message::WorkCancelled(key) => {
                self.works.cancel(key);
                self.tokens_cancelled(key);
                self.environments.cancelled(key);
                self.index_cancelled(key);
                self.change_cancelled(key);
                if let Some(packages) = &mut self.packages {
                    packages.cancelled(key);
                }
                self.doctor_cancelled(key);
                self.upload_cancelled(key);
                self.manage_channels_cancelled(key);
                Task::batch([
                    self.preferences_cancelled(key),
                    self.channels_cancelled(key),
                    self.token_dialog_cancelled(key),
                    self.access_cancelled(key),
                ])
            }
            Message::Reported(key, message) if self.works.is_running(key) => {
                if let Message::Channels(channels::Message::Progressed { progress, .. }) = &*message {
                    let share = |total: usize| progress.loaded as f32 / total.max(1) as f32;
                    self.works.progress(key, progress.total.map(share));
                }
                self.update(*message)
            }
            Message::Reported(..) => Task::none(),
            Message::Answered(key, message) => match (self.works.end(key), *message) {
                (Ended::Unknown, _) => Task::none(),
                (ended, Message::SignInEnded { key, end }) => {
                    self.sign_in_ended(key, end, ended == Ended::Stopped)
                }
                (_, message) => self.update(message),
            },
            Message::SignInEnded { key, end } => self.sign_in_ended(key, end, false),
            Message::NoticePressed(id) => self.notice_pressed(id),
            Message::NoticeDismissed(id) => {
                self.notices.retain(|notice| notice.id != id);
                Task::none()
            }
            Message::Recovered(result) => self.recovered(result),
            Message::CleanedUp(what, result) => self.cleaned_up(what, result),
            Message::TokenFound(found) => self.token_found(found),
            Message::Ticked(now) => self.ticked(now),
            Message::TerminalOpened(Ok(())) => Task::none(),
            Message::TerminalOpened(Err(problem)) | Message::NotOpened(problem) => {
                self.notify(super::Notice::problem(&problem))
            }
            Message::RepairPressed => self.open_repair(),
            Message::ChangesNoticed(result) => self.changes_noticed(result),
            Message::MendPressed(mending) => self.mend(mending),
            Message::Mended(result) => self.mended(result),
            Message::Undone(Ok(undone)) => self.put_back(&undone),
            Message::Undone(Err(problem)) => self.notify(super::Notice::problem(&problem)),
            Message::CertificateSeen(seen) => self.certificate_seen(seen),
            Message::ChannelsOpened(opening) => self.channels_opened(opening),
            Message::ChannelsApplied(result) => self.channels_applied(result),
            Message::ManageChannels(message) => self.update_manage_channels(message),
            Message::ChannelsChecked(key) => self.channels_checked(key),
            Message::ArrangementApplied(result) => self.arrangement_applied(result),
            Message::Preferences(message) => self.update_preferences(message),
            Message::EditPressed(file) => self.edit(file),
            Message::EditorOpened { key, result } => self.editor_opened(key, result),
            Message::ConfigurationEditor(message) => self.update_editor(message),
            Message::WindowPlaced(placement) => self.restart(placement),
            Message::Restarted(result) => self.restarted(result),
            Message::WindowCloseAsked => self.window_close_asked(),
            Message::WindowFocused => self.window_focused(),
            Message::EnvironmentLookedAt(deed, environment) => self.environment_looked_at(deed, *environment),
            Message::EnvironmentChanged(end) => self.environment_changed(*end),
            Message::Change(message) => self.update_change(message),
            Message::ChangePlanned { key, result } => self.change_planned(key, result),
            Message::ChangeEnded { key, result } => self.change_ended(key, result),
            Message::Upload(message) => self.upload_heard(message),
            Message::FileDropped(path) => self.file_dropped(path),
            Message::Index(message) => self.index_heard(message),
            Message::IndexOpened(result) => self.index_opened(result),
            message => self.update_screen(message),
        }
    }

    fn update_screen(&mut self, message: Message) -> Task<Message> {
        match (message, &mut self.dialog) {
            (Message::Environments(message), _) => {
                let action = self.environments.update(message);
                self.environments_acted(action)
            }
            (Message::Packages(message), _) => self.update_packages(message),
            (Message::Environment(message), Some(Dialog::Environment(dialog))) => {
                let action = dialog.update(message);
                self.environment_dialog_acted(action)
            }
            (Message::Basket(message), Some(Dialog::Basket(dialog))) => {
                let action = dialog.update(message);
                self.basket_acted(action)
            }
            (Message::Channels(message), _) => self.update_channels(message),
            (Message::Clients(message), _) => self.update_clients(message),
            (Message::Doctor(message), _) => self.update_doctor(message),
            (Message::History(message), _) => match &mut self.history {
                Some(history) => {
                    let action = history.update(message);
                    self.history_acted(action)
                }
                None => Task::none(),
            },
            (Message::Connect(message), Some(Dialog::Connect(connect))) => {
                let action = connect.update(message);
                self.connect_acted(action)
            }
            (Message::Replace(message), Some(Dialog::Replace(replace))) => {
                let action = replace.update(message);
                self.replace_acted(action)
            }
            (Message::SetDomain(message), Some(Dialog::SetDomain(set_domain))) => {
                let action = set_domain.update(message);
                self.set_domain_acted(action)
            }
            (Message::Login(message), Some(Dialog::Login(login))) => {
                let heard = match &message {
                    login::Message::Answered { result, .. } => Some(result.as_ref().err().cloned()),
                    _ => None,
                };
                let action = login.update(message);
                if let Some(problem) = heard {
                    self.hear(problem.as_ref());
                }
                self.login_acted(action)
            }
            (Message::CloudToken(message), Some(Dialog::CloudToken(cloud_token))) => {
                let action = cloud_token.update(message);
                self.cloud_token_acted(action)
            }
            (Message::BrowserWait(message), Some(Dialog::BrowserWait(dialog))) => {
                let action = dialog.update(message);
                self.browser_wait_acted(action)
            }
            (Message::DeviceCode(message), Some(Dialog::DeviceCode(dialog))) => {
                let action = dialog.update(message);
                self.device_code_acted(action)
            }
            (Message::RepositoryLogin(message), Some(Dialog::RepositoryLogin(dialog))) => {
                let action = dialog.update(message);
                self.repository_login_acted(action)
            }
            (Message::AnacondaOrgLogin(message), Some(Dialog::AnacondaOrgLogin(dialog))) => {
                let action = dialog.update(message);
                self.anaconda_org_login_acted(action)
            }
            (Message::Certificate(message), Some(Dialog::Certificate(dialog))) => {
                let action = dialog.update(message);
                self.certificate_acted(action)
            }
            (Message::Proxy(message), Some(Dialog::Proxy(dialog))) => {
                let action = dialog.update(message);
                self.proxy_acted(action)
            }
            (Message::Review(message), Some(Dialog::Review(review))) => {
                let action = review.update(message);
                self.review_acted(action)
            }
            (Message::Tokens(message), _) => {
                let told = self.hear_of_tokens(&message);
                let page = match &mut self.tokens {
                    Some(tokens) => {
                        let action = tokens.update(message);
                        self.tokens_acted(action)
                    }
                    None => Task::none(),
                };
                Task::batch([told, page])
            }
            (Message::Token(message), Some(Dialog::Token(dialog))) => {
                let action = dialog.update(message);
                self.token_dialog_acted(action)
            }
            (Message::Access(message), _) => self.update_access(message),
            (Message::AccessDialog(message), Some(Dialog::Access(dialog))) => {
                let action = dialog.update(message);
                self.access_dialog_acted(action)
            }
            (Message::Renew(message), Some(Dialog::Renew(renew))) => {
                let action = renew.update(message);
                self.renew_acted(action)
            }
            // For a dialog that was closed meanwhile. What happened is told all the same.
            (
                Message::Renew(renew::Message::Ended {
                    end: renew::End::Done(renewed),
                    ..
                }),
                _,
            ) => self.renewed(&renewed),
            (Message::Details(message), Some(Dialog::Details(dialog))) => {
                let action = dialog.update(message);
                self.details_acted(action)
            }
            (Message::Versions(message), Some(Dialog::Versions(dialog))) => {
                let action = dialog.update(message);
                self.versions_acted(action)
            }
            (Message::Repair(message), Some(Dialog::Repair(dialog))) => {
                let action = dialog.update(message);
                self.repair_acted(action)
            }
            (Message::LeftBehind(message), Some(Dialog::LeftBehind(dialog))) => {
                let action = dialog.update(message);
                self.left_behind_acted(action)
            }
            (Message::PutBack(message), Some(Dialog::PutBack(put_back))) => {
                let action = put_back.update(message);
                self.put_back_acted(action)
            }
            // For a dialog that was closed meanwhile. What was put back is told all the same.
            (Message::PutBack(crate::screen::put_back::Message::Ended { end, .. }), _) => match end {
                crate::screen::put_back::End::Done(undone) => self.put_back(&undone),
                crate::screen::put_back::End::Failed(problem) => {
                    self.notify(super::Notice::problem(&problem))
                }
                crate::screen::put_back::End::Stale => Task::none(),
            },
            _ => Task::none(),
        }
    }

    /// What was cancelled is told, and what is left of it if there is anything.
    fn cleaned_up(
        &mut self,
        what: &'static str,
        result: Result<crate::service::recover::Recovery, crate::error::Problem>,
    ) -> Task<Message> {
        match result {
            Ok(recovery) if recovery.waiting.is_empty() => self.notify(super::Notice::info(format!(
                "{what} cancelled. Nothing was changed."
            ))),
            Err(problem) if problem.kind == Kind::Busy => Task::none(),
            result => self.recovered(result),
        }
    }

    /// A key that no widget used, to the page that is shown.
    fn page_key(&mut self, intent: Intent) -> Task<Message> {
        if self.dialog.is_some() {
            return Task::none();
        }
        match self.page {
            Page::Environments => self.environments_key(intent),
            Page::Channels => self.channels_key(intent),
            Page::Tokens => self.update(Message::Tokens(tokens::Message::Key(intent))),
            Page::Access => self.update_access(access::Message::Key(intent)),
            _ => Task::none(),
        }
    }

    /// Whether a page of the rail is the one shown.
    pub(super) fn shows(&self, page: Page) -> bool {
        self.page == page
    }
}
