//! Changes of packages: from the basket, or a new environment, through the plan to what came of it.

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;
use iced::futures::channel::{mpsc::UnboundedSender, oneshot};
use iced::futures::{FutureExt, StreamExt};

use super::notice::{Notice, Offer};
use super::work::{Report, Throttle, changing, reporting};
use super::{App, Dialog, Message};
use crate::error::{Kind, Problem};
use crate::package::solve::{SolveError, SolveProgress};
use crate::screen::packages::Basket;
use crate::screen::packages::basket_dialog::{self, BasketDialog};
use crate::screen::packages::change::{self, Action, ChangeDialog, End, Refusal, Subject};
use crate::screen::{Key, quantity};
use crate::service::packages::change::{ChangeProgress, Preview, Wanted};
use crate::service::packages::plan::{ChangeOptions, ChangePlan};
use crate::service::{ServiceError, Services};

/// A change on its way. Its dialog may be closed while it goes on.
#[derive(Debug)]
pub(super) struct Change {
    pub dialog: ChangeDialog,
    order: Order,
    plan: Option<Arc<ChangePlan>>,
}

/// What is to be changed.
#[derive(Debug, Clone)]
enum Order {
    /// Packages of an environment.
    Packages {
        prefix: PathBuf,
        label: String,
        wanted: Wanted,
        is_overridden: bool,
    },
    /// A new environment of this name with these packages.
    Create {
        name: String,
        prefix: PathBuf,
        specs: Vec<String>,
    },
}

impl Order {
    fn subject(&self) -> Subject {
        match self {
            Self::Packages { label, .. } => Subject::Packages {
                environment: label.clone(),
            },
            Self::Create { name, .. } => Subject::Create { name: name.clone() },
        }
    }

    /// The work in the status line.
    fn work(&self) -> String {
        match self {
            Self::Packages { label, .. } => format!("Changing {label}"),
            Self::Create { name, .. } => format!("Creating {name}"),
        }
    }
}

impl App {
    /// What is marked in the environment that is shown.
    pub(super) fn open_basket(&mut self) -> Task<Message> {
        let Some(page) = &self.packages else {
            return Task::none();
        };
        let dialog = BasketDialog::new(page.environment().label.clone(), page.basket().clone());
        self.dialog = Some(Dialog::Basket(dialog));
        Task::none()
    }

    pub(super) fn basket_acted(&mut self, action: basket_dialog::Action) -> Task<Message> {
        match action {
            basket_dialog::Action::Changed(basket) => {
                if let Some(page) = &mut self.packages {
                    page.set_basket(basket);
                }
                Task::none()
            }
            basket_dialog::Action::Apply(basket) => self.change_packages(&basket),
            basket_dialog::Action::Close => self.close_dialog(),
        }
    }

    /// Finds out what applying the basket would do, and shows it.
    pub(super) fn change_packages(&mut self, basket: &Basket) -> Task<Message> {
        let Some(page) = &self.packages else {
            return Task::none();
        };
        let environment = page.environment();
        let order = Order::Packages {
            prefix: environment.prefix.clone(),
            label: environment.label.clone(),
            wanted: basket.wanted(),
            is_overridden: page.is_overridden(),
        };
        self.begin_change(order)
    }

    pub(super) fn create_with(&mut self, name: String, prefix: PathBuf, specs: Vec<String>) -> Task<Message> {
        self.begin_change(Order::Create { name, prefix, specs })
    }

    /// One at a time: the one that is under way is shown instead.
    fn begin_change(&mut self, order: Order) -> Task<Message> {
        self.dialog = Some(Dialog::Change);
        if self
            .change
            .as_ref()
            .is_some_and(|change| change.dialog.is_running())
        {
            return Task::none();
        }
        let (dialog, action) = ChangeDialog::new(order.subject());
        self.change = Some(Change {
            dialog,
            order,
            plan: None,
        });
        self.change_acted(action)
    }

    pub(super) fn update_change(&mut self, message: change::Message) -> Task<Message> {
        let Some(change) = &mut self.change else {
            return Task::none();
        };
        let action = change.dialog.update(message);
        if let Some((key, share)) = change.dialog.share() {
            self.works.progress(key, Some(share));
        }
        self.change_acted(action)
    }

    /// A plan is there; the dialog sees what it would do.
    pub(super) fn change_planned(
        &mut self,
        key: Key,
        result: Result<Arc<ChangePlan>, Box<Refusal>>,
    ) -> Task<Message> {
        let Some(change) = &mut self.change else {
            return Task::none();
        };
        let result = result.map(|plan| {
            let preview: Box<Preview> = Box::new(plan.preview.clone());
            change.plan = Some(plan);
            preview
        });
        self.update_change(change::Message::Planned { key, result })
    }

    fn change_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Plan(key) => self.plan_change(key),
            Action::Apply { key, is_consented } => self.apply_change(key, is_consented),
            Action::Stop(key) => {
                self.works.cancel(key);
                let is_over = self.change.as_ref().is_some_and(|change| change.dialog.is_over());
                if is_over { self.drop_change() } else { Task::none() }
            }
            Action::OpenIndex => self.update_index(),
            Action::Close => self.drop_change(),
            Action::Hide => self.close_dialog(),
            Action::Stopped => {
                let told = self.notify(Notice::info("Cancelled. The environment is as it was."));
                Task::batch([self.drop_change(), told, self.reload_changed(None)])
            }
            Action::Done => self.drop_change(),
            Action::Run(_) if !matches!(self.dialog, Some(Dialog::Change)) => Task::none(),
            Action::Run(task) => task.map(Message::Change),
        }
    }

    fn drop_change(&mut self) -> Task<Message> {
        self.change = None;
        if matches!(self.dialog, Some(Dialog::Change)) {
            self.dialog = None;
        }
        Task::none()
    }

    /// Work was cancelled in the status line.
    pub(super) fn change_cancelled(&mut self, key: Key) {
        if let Some(change) = &mut self.change {
            change.dialog.cancelled(key);
            if change.dialog.is_over() {
                let _ = self.drop_change();
            }
        }
    }

    fn plan_change(&mut self, key: Key) -> Task<Message> {
        let Some(change) = &mut self.change else {
            return Task::none();
        };
        change.plan = None;
        let (services, order) = (self.services.clone(), change.order.clone());
        let stream = reporting(move |tell: UnboundedSender<SolveProgress>| async move {
            let progress = move |progress| {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(progress);
            };
            planned(&services, order, progress).await
        });
        let stream = stream.map(move |report| match report {
            Report::Progress(progress) => {
                let note = noted(progress);
                Message::Reported(
                    key,
                    Box::new(Message::Change(change::Message::Noted { key, note })),
                )
            }
            Report::Done(result) => {
                let result = result.map(Arc::new);
                Message::Answered(key, Box::new(Message::ChangePlanned { key, result }))
            }
        });
        self.works
            .begin(key, "Finding packages that fit together", Task::stream(stream))
    }
}

async fn planned(
    services: &Services,
    order: Order,
    progress: impl Fn(SolveProgress) + Send + Sync + 'static,
) -> Result<ChangePlan, Box<Refusal>> {
    let done = match order {
        Order::Packages {
            prefix,
            wanted,
            is_overridden,
            ..
        } => {
            let options = ChangeOptions {
                although_frozen: is_overridden,
                ..ChangeOptions::default()
            };
            services
                .plan_change_with(&prefix, &wanted, &options, progress)
                .await
        }
        Order::Create { prefix, specs, .. } => {
            services
                .plan_create(&prefix, &specs, &ChangeOptions::default(), progress)
                .await
        }
    };
    done.map_err(|error| Box::new(refusal(error)))
}

/// Why there is no plan.
fn refusal(error: ServiceError) -> Refusal {
    match error {
        ServiceError::Solve(SolveError::Unsolvable(explanation)) => Refusal::from(*explanation),
        error => Refusal::from(Problem::from(error)),
    }
}

fn noted(progress: SolveProgress) -> String {
    match progress {
        SolveProgress::ReadingIndex => "Reading the index".to_owned(),
        SolveProgress::Solving { candidates } => format!(
            "Finding packages that fit together, out of {}",
            quantity::count(candidates, "candidate")
        ),
        SolveProgress::Explaining => "They do not fit: looking for the reason".to_owned(),
    }
}

impl App {
    fn apply_change(&mut self, _key: Key, _is_consented: bool) -> Task<Message> {
        Task::none()
    }

    fn reload_changed(&mut self, _prefix: Option<&std::path::Path>) -> Task<Message> {
        Task::none()
    }
}
