//! All tokens of an account, and the dialogs about them: their work over the services.

use iced::Task;
use iced::futures::FutureExt;
use jiff::tz::TimeZone;
use url::Url;

use super::notice::{Notice, Offer};
use super::work::changing;
use super::{App, Dialog, Message, Page, Turn, notice};
use crate::error::{Kind, Problem};
use crate::screen::connect::host_of;
use crate::screen::desk::Question;
use crate::screen::seat::Seat;
use crate::screen::tokens::account::{self, Desired};
use crate::screen::tokens::create::{self, Create};
use crate::screen::tokens::issued::{self, Issued, PlannedUse, Used, Way};
use crate::screen::tokens::of_organization::{self, OfOrganization};
use crate::screen::tokens::revoke::{self, Revoke};
use crate::screen::tokens::{self, dialog};
use crate::screen::{Key, quantity};
use crate::secret::Secret;
use crate::service::Services;
use crate::service::connection::Service;
use crate::service::tokens::{IssuedToken, ServerToken};

impl App {
    pub(super) fn read_account_tokens(&mut self, question: Question) -> Task<Message> {
        let Question {
            key,
            service,
            password,
        } = question;
        let services = self.services.clone();
        let work = async move {
            let read = services.account_tokens(service, password.as_ref()).await;
            (services.now(), read.map(Box::new).map_err(Problem::from))
        };
        let task = Task::perform(work, move |(at, result)| {
            let message = account::Message::Read { key, at, result };
            Message::Answered(key, Box::new(Message::Tokens(tokens::Message::Account(message))))
        });
        self.works.begin(key, "Asking for the tokens", task)
    }

    pub(super) fn open_create_token(
        &mut self,
        desired: Box<Desired>,
        replaced: Option<ServerToken>,
    ) -> Task<Message> {
        let today = TimeZone::UTC.to_datetime(self.services.now()).date();
        let create = Create::new(desired, replaced, today);
        self.dialog = Some(Dialog::Token(dialog::Dialog::Create(Box::new(create))));
        Task::none()
    }

    pub(super) fn open_revoke_tokens(&mut self, desired: Desired, tokens: Vec<ServerToken>) -> Task<Message> {
        let revoke = Revoke::new(desired, tokens);
        self.dialog = Some(Dialog::Token(dialog::Dialog::Revoke(revoke)));
        Task::none()
    }

    pub(super) fn open_revoke_of_organization(&mut self, desired: Desired) -> Task<Message> {
        let revoke = OfOrganization::new(desired);
        self.dialog = Some(Dialog::Token(dialog::Dialog::OfOrganization(revoke)));
        Task::none()
    }

    /// The start page of a service in the browser: the tokens' own page differs from version to version.
    pub(super) fn open_pages(&mut self, seat: &Seat) -> Task<Message> {
        match Url::parse(&seat.domain) {
            Ok(page) => self.open_page_in_browser(page),
            Err(_) => Task::none(),
        }
    }

    pub(super) fn open_page_in_browser(&mut self, page: Url) -> Task<Message> {
        let key = Key::fresh();
        let services = self.services.clone();
        let work = async move { services.open_in_browser(&page).await };
        let task = Task::perform(work, move |opened| {
            let told = match opened {
                Ok(()) => Message::TerminalOpened(Ok(())),
                Err(error) => Message::NotOpened(Problem::from(error)),
            };
            Message::Answered(key, Box::new(told))
        });
        self.works.begin(key, "Opening the browser", task)
    }

    pub(super) fn token_dialog_acted(&mut self, action: dialog::Action) -> Task<Message> {
        match action {
            dialog::Action::None => Task::none(),
            dialog::Action::Create(action) => self.create_token_acted(action),
            dialog::Action::Issued(action) => self.issued_acted(action),
            dialog::Action::Revoke(action) => self.revoke_acted(action),
            dialog::Action::OfOrganization(action) => self.of_organization_acted(action),
        }
    }

    fn create_token_acted(&mut self, action: create::Action) -> Task<Message> {
        match action {
            create::Action::None => Task::none(),
            create::Action::Create {
                key,
                service,
                wish,
                password,
            } => {
                let services = self.services.clone();
                let work = async move { services.issue_token(service, &wish, password.as_ref()).await };
                let task = Task::perform(work, move |result| {
                    let result = result.map(Box::new).map_err(Problem::from);
                    answered(
                        key,
                        dialog::Message::Create(create::Message::Ended { key, result }),
                    )
                });
                self.works.begin(key, "Making the token", task)
            }
            create::Action::Abort(key) => {
                self.works.cancel(key);
                let notice =
                    Notice::info("Cancelled. Where the server was quicker, the list shows the token.");
                Task::batch([self.notify(notice), self.account_tokens_changed()])
            }
            create::Action::Close => self.close_token_dialog(),
            create::Action::Created(made) => {
                let issued = Issued::new(*made, &self.home);
                self.dialog = Some(Dialog::Token(dialog::Dialog::Issued(Box::new(issued))));
                self.account_tokens_changed()
            }
            create::Action::Copy(command) => iced::clipboard::write(command),
            create::Action::Run(task) => task.map(|message| Message::Token(dialog::Message::Create(message))),
        }
    }

    fn issued_acted(&mut self, action: issued::Action) -> Task<Message> {
        match action {
            issued::Action::None => Task::none(),
            issued::Action::Copy(text) => iced::clipboard::write(text.expose().to_owned()),
            issued::Action::Plan {
                key,
                service,
                way,
                channel,
                issued,
            } => {
                let services = self.services.clone();
                let work = async move { plan_use(&services, service, way, &channel, &issued) };
                let task = Task::perform(work, move |result| {
                    let result = result.map(Box::new);
                    answered(
                        key,
                        dialog::Message::Issued(issued::Message::Planned { key, result }),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            issued::Action::Use {
                key,
                service,
                way,
                channel,
                issued,
                password,
            } => {
                let wanted = Wanted {
                    service,
                    way,
                    channel,
                    issued: *issued,
                    password,
                };
                let work = put_to_use(self.services.clone(), self.turn.clone(), wanted);
                let work = work.map(move |result| {
                    let result = result.map(Box::new);
                    answered(
                        key,
                        dialog::Message::Issued(issued::Message::Ended { key, result }),
                    )
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_change(key, "Putting the token to use", task)
            }
            issued::Action::Abort(key) => {
                self.works.cancel(key);
                // Dropped in the middle of a change, which is made good.
                self.recover()
            }
            issued::Action::Used(used) => {
                let told = match *used {
                    Used::Channel {
                        name,
                        entry: Some(entry),
                    } => self.notify(
                        Notice::good(format!("conda searches {name} now")).offering(Offer::Undo(entry.id)),
                    ),
                    Used::Channel { entry: None, .. } => Task::none(),
                    Used::Kept(renewed) => {
                        let host = host_of(&renewed.domain);
                        self.notify(notice::of_renewal(host, &renewed))
                    }
                };
                Task::batch([told, self.reload_page()])
            }
            issued::Action::Close => self.close_token_dialog(),
        }
    }

    fn revoke_acted(&mut self, action: revoke::Action) -> Task<Message> {
        match action {
            revoke::Action::None => Task::none(),
            revoke::Action::Revoke {
                key,
                service,
                tokens,
                password,
            } => {
                let (services, turn) = (self.services.clone(), self.turn.clone());
                let work = async move {
                    // What waits for its revocation is noted in a file.
                    let _turn = turn.lock().await;
                    services.revoke_tokens(service, &tokens, password.as_ref()).await
                };
                let task = Task::perform(work, move |result| {
                    let result = result.map_err(Problem::from);
                    answered(
                        key,
                        dialog::Message::Revoke(revoke::Message::Ended { key, result }),
                    )
                });
                self.works.begin(key, "Revoking", task)
            }
            revoke::Action::Abort(key) => {
                self.works.cancel(key);
                self.dialog = None;
                let notice = Notice::info("Revoking was cancelled. The list shows what is left.");
                Task::batch([self.notify(notice), self.account_tokens_changed()])
            }
            revoke::Action::Close => self.close_token_dialog(),
            revoke::Action::Revoked { count, is_over } => {
                if is_over {
                    self.dialog = None;
                }
                let told = match count {
                    0 => Task::none(),
                    1 => self.notify(Notice::good("1 token was revoked")),
                    count => self.notify(Notice::good(format!(
                        "{} were revoked",
                        quantity::count(count, "token")
                    ))),
                };
                Task::batch([told, self.account_tokens_changed()])
            }
        }
    }

    fn of_organization_acted(&mut self, action: of_organization::Action) -> Task<Message> {
        match action {
            of_organization::Action::None => Task::none(),
            of_organization::Action::Revoke {
                key,
                service,
                organization,
                name,
                password,
            } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .revoke_organization_token(service, &organization, &name, password.as_ref())
                        .await
                };
                let task = Task::perform(work, move |result| {
                    let result = result
                        .map(|revoked| revoked == crate::repository::Revocation::Revoked)
                        .map_err(Problem::from);
                    let message = of_organization::Message::Ended { key, result };
                    answered(key, dialog::Message::OfOrganization(message))
                });
                self.works.begin(key, "Revoking", task)
            }
            of_organization::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            of_organization::Action::Close => self.close_token_dialog(),
            of_organization::Action::Revoked => {
                self.dialog = None;
                self.notify(Notice::good("1 token was revoked"))
            }
        }
    }

    /// A password that was given for a page is used as long as the page is open.
    pub(super) fn leave_accounts(&mut self, page: Page) {
        match page {
            Page::Tokens => self.tokens = None,
            Page::Access => self.access = None,
            _ => {}
        }
    }

    fn close_token_dialog(&mut self) -> Task<Message> {
        self.dialog = None;
        Task::none()
    }

    fn account_tokens_changed(&mut self) -> Task<Message> {
        let Some(tokens) = &mut self.tokens else {
            return Task::none();
        };
        let action = tokens.account_changed();
        self.tokens_acted(action)
    }

    /// Work was cancelled from the status line: a dialog must not wait for it.
    pub(super) fn token_dialog_cancelled(&mut self, key: Key) -> Task<Message> {
        let Some(Dialog::Token(dialog)) = &mut self.dialog else {
            return Task::none();
        };
        let cancelled = || Problem::new(Kind::Cancelled, "this was cancelled");
        let message = match dialog {
            dialog::Dialog::Create(_) => dialog::Message::Create(create::Message::Ended {
                key,
                result: Err(cancelled()),
            }),
            dialog::Dialog::Issued(_) => dialog::Message::Issued(issued::Message::Ended {
                key,
                result: Err(cancelled()),
            }),
            dialog::Dialog::Revoke(_) => dialog::Message::Revoke(revoke::Message::Ended {
                key,
                result: Err(cancelled()),
            }),
            dialog::Dialog::OfOrganization(_) => {
                dialog::Message::OfOrganization(of_organization::Message::Ended {
                    key,
                    result: Err(cancelled()),
                })
            }
        };
        let action = dialog.update(message);
        self.token_dialog_acted(action)
    }
}

fn answered(key: Key, message: dialog::Message) -> Message {
    Message::Answered(key, Box::new(Message::Token(message)))
}

/// A token on its way into use.
struct Wanted {
    service: Service,
    way: Way,
    channel: String,
    issued: IssuedToken,
    password: Option<Secret>,
}

fn plan_use(
    services: &Services,
    service: Service,
    way: Way,
    channel: &str,
    issued: &IssuedToken,
) -> Result<PlannedUse, Problem> {
    match way {
        Way::Show => Err(Problem::new(Kind::Internal, "there is nothing to plan")),
        Way::Channel => {
            let channel = services.channel_of_service(service, channel)?;
            let planned = services.plan_channel_use(&channel, Some(&issued.token))?;
            let mut warnings = planned.plan.warnings.clone();
            warnings.extend(planned.cautions.iter().map(Into::into));
            Ok(PlannedUse {
                diffs: planned.plan.diffs(),
                warnings,
                channel: Some(channel),
            })
        }
        Way::Store => {
            let plan = services.plan_adoption(service, &issued.name, &issued.scopes)?;
            Ok(PlannedUse {
                diffs: plan.diffs(),
                warnings: plan.warnings,
                channel: None,
            })
        }
    }
}

/// # Errors
/// As the services'; another program that keeps changing the file.
async fn put_to_use(services: Services, turn: Turn, wanted: Wanted) -> Result<Used, Problem> {
    let Wanted {
        service,
        way,
        channel,
        issued,
        password,
    } = wanted;
    let _turn = turn.lock().await;
    // A file may change between plan and commit; once more is enough where nobody keeps changing it.
    for _ in 0..2 {
        let outcome = match way {
            Way::Show => return Err(Problem::new(Kind::Internal, "there is nothing to do")),
            Way::Channel => {
                let channel = services.channel_of_service(service, &channel)?;
                let plan = services.plan_channel_use(&channel, Some(&issued.token))?.plan;
                let name = channel.entry.to_string();
                if plan.is_empty() {
                    return Ok(Used::Channel { name, entry: None });
                }
                services.apply_channels(&plan).await.map(|entry| Used::Channel {
                    name,
                    entry: Some(entry),
                })
            }
            Way::Store => {
                let plan = services.plan_adoption(service, &issued.name, &issued.scopes)?;
                services
                    .adopt_token(service, &plan, &issued, password.as_ref())
                    .await
                    .map(Used::Kept)
            }
        };
        match outcome {
            Ok(used) => return Ok(used),
            Err(error) if error.is_stale_plan() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(
        Problem::new(Kind::Conflict, "another program keeps changing the file")
            .remedy("wait until it is done, then try again"),
    )
}
