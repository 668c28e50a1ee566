//! Changes of packages: from the basket, or a new environment, through the plan to what came of it.

mod order;
mod services;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::{mpsc::UnboundedSender, oneshot};

use super::notice::{Notice, Offer};
use super::work::{Report, Throttle, reporting};
use super::{App, Dialog, Message, Page};
use crate::package::solve::SolveProgress;
use crate::package::transaction::Outcome;
use crate::screen::packages::Basket;
use crate::screen::packages::basket_dialog::{self, BasketDialog};
use crate::screen::packages::change::{self, Action, ChangeDialog, Consents, End, Refusal};
use crate::screen::{Key, quantity};
use crate::service::packages::change::{ChangeProgress, Preview};
use crate::service::plan::short_path;
use order::{Order, Undoing};
use services::{applied, noted, planned};

pub use order::{Changed, Planned, Reversal};

/// A change on its way. Its dialog may be closed while it goes on.
#[derive(Debug)]
pub(super) struct Change {
    pub dialog: ChangeDialog,
    order: Order,
    plan: Option<Planned>,
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

    pub(super) fn clone_to(&mut self, of: PathBuf, label: String, name: String) -> Task<Message> {
        self.begin_change(Order::Clone { of, label, name })
    }

    pub(super) fn import_from(&mut self, name: String, file: PathBuf) -> Task<Message> {
        self.begin_change(Order::Import { name, file })
    }

    /// Undoes a change of packages, after showing what that means.
    pub(super) fn reverse(&mut self, reversal: Arc<Reversal>) -> Task<Message> {
        self.begin_change(Order::Back(reversal))
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
        let (dialog, action) = ChangeDialog::new(order.subject(&self.home));
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
        result: Result<Box<Planned>, Box<Refusal>>,
    ) -> Task<Message> {
        let Some(change) = &mut self.change else {
            return Task::none();
        };
        let result = result.map(|plan| {
            let offered = Box::new(plan.offered());
            change.plan = Some(*plan);
            offered
        });
        self.update_change(change::Message::Planned { key, result })
    }

    fn change_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Plan(key) => self.plan_change(key),
            Action::Apply { key, consents } => self.apply_change(key, consents),
            Action::Stop(key) => {
                self.works.cancel(key);
                let is_over = self.change.as_ref().is_some_and(|change| change.dialog.is_over());
                if is_over { self.drop_change() } else { Task::none() }
            }
            Action::OpenIndex => self.update_index(),
            Action::Close | Action::Done => self.drop_change(),
            Action::Hide => self.close_dialog(),
            Action::Stopped => {
                let told = self.notify(Notice::info("Cancelled. The environment is as it was."));
                Task::batch([self.drop_change(), told, self.reload_environments_page()])
            }
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
                let result = result.map(Box::new);
                Message::Answered(key, Box::new(Message::ChangePlanned { key, result }))
            }
        });
        self.works
            .begin(key, "Finding packages that fit together", Task::stream(stream))
    }

    fn apply_change(&mut self, key: Key, consents: Consents) -> Task<Message> {
        let planned = self.change.as_ref();
        let Some((order, plan)) =
            planned.and_then(|change| Some((change.order.clone(), change.plan.clone()?)))
        else {
            return Task::none();
        };
        let name = order.work();
        let (stop, stopped) = oneshot::channel();
        let services = self.services.clone();
        let stream = reporting(move |tell: UnboundedSender<ChangeProgress>| async move {
            let throttle = Throttle::default();
            let mut phase = None;
            let progress = move |progress: ChangeProgress| {
                let present = std::mem::discriminant(&progress);
                let is_new = phase.replace(present) != Some(present);
                if is_new || is_last(&progress) || throttle.is_due() {
                    // Nobody listens any more once the window is closed.
                    let _ = tell.unbounded_send(progress);
                }
            };
            applied(&services, &order, &plan, consents, progress, stopped).await
        });
        let stream = stream.map(move |report| match report {
            Report::Progress(progress) => {
                let message = change::Message::Progressed { key, progress };
                Message::Reported(key, Box::new(Message::Change(message)))
            }
            Report::Done(result) => Message::Answered(key, Box::new(Message::ChangeEnded { key, result })),
        });
        self.works.begin_stoppable(key, name, stop, Task::stream(stream))
    }

    /// A change has come to its end.
    pub(super) fn change_ended(&mut self, key: Key, result: Result<Box<Changed>, End>) -> Task<Message> {
        let is_shown = matches!(self.dialog, Some(Dialog::Change));
        let end = match result {
            Ok(changed) => {
                let told = self.told_change(*changed);
                return Task::batch([
                    self.update_change(change::Message::Ended { key, end: End::Done }),
                    told,
                ]);
            }
            Err(end) => end,
        };
        match &end {
            // Nobody looks any more: it is told in passing.
            End::Failed(problem) if !is_shown => {
                let told = self.notify(Notice::problem(problem));
                return Task::batch([self.drop_change(), told, self.reload_environments_page()]);
            }
            // The plan made anew has to be seen.
            End::Stale => self.dialog = Some(Dialog::Change),
            _ => {}
        }
        self.update_change(change::Message::Ended { key, end })
    }

    /// Tells what a change came to, and reads again what shows the environment.
    fn told_change(&mut self, changed: Changed) -> Task<Message> {
        let Some(change) = &self.change else {
            return Task::none();
        };
        let (order, planned) = (&change.order, change.plan.clone());
        let Some(planned) = planned else {
            return Task::none();
        };
        let prefix = planned.preview().prefix.clone();
        let Changed {
            outcome,
            undoing,
            pip,
        } = changed;
        let is_undoing = matches!(order, Order::Back(_));
        let mut notice = Notice::good(order.done());
        let detail = detail(&outcome, planned.preview(), &self.home);
        notice = notice.detail((!detail.is_empty()).then(|| detail.join(" ")));
        notice = match undoing {
            // Undoing an undoing would be the change again, which the person knows how to make.
            Undoing::Back { .. } if is_undoing => notice,
            Undoing::Back { earlier, entry } => notice.offering(Offer::Reverse(Arc::new(Reversal {
                label: order.label().to_owned(),
                earlier: *earlier,
                undoes: entry,
            }))),
            Undoing::Entry(Some(entry)) => notice.offering(Offer::Undo(entry.id)),
            Undoing::Entry(None) => notice,
        };
        if is_undoing {
            self.notices.retain(|older| !older.offers_undo());
        }
        let problems = outcome.problems.iter().chain(&outcome.not_registered).chain(&pip);
        let problems: Vec<Notice> = problems.map(Notice::problem).collect();
        let mut tasks: Vec<Task<Message>> = problems.into_iter().map(|notice| self.notify(notice)).collect();
        tasks.push(self.notify(notice));
        self.baskets.remove(&prefix);
        tasks.push(match &mut self.packages {
            Some(page) if page.environment().prefix == prefix => {
                page.set_basket(Basket::default());
                let action = page.reload();
                self.packages_acted(action)
            }
            Some(_) => Task::none(),
            None => self.reload_environments_at(&prefix),
        });
        if self.page == Page::History {
            tasks.push(self.reload_history());
        }
        Task::batch(tasks)
    }
}

/// Whether the last step of a phase was taken, which is always shown.
fn is_last(progress: &ChangeProgress) -> bool {
    match progress {
        ChangeProgress::Downloading { bytes, total, .. } => bytes >= total,
        ChangeProgress::Unpacking { done, total, .. }
        | ChangeProgress::Unlinking { done, total, .. }
        | ChangeProgress::Linking { done, total, .. }
        | ChangeProgress::RollingBack { done, total } => done >= total,
    }
}

/// What a person should know of a change that happened.
fn detail(outcome: &Outcome, preview: &Preview, home: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let parts = [
        (preview.added.len(), "added"),
        (preview.changed.len(), "changed"),
        (preview.removed.len(), "removed"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{} {what}", quantity::grouped(count as u64, ',')))
        .collect();
    if !parts.is_empty() {
        lines.push(format!("{}.", parts.join(", ")));
    }
    if !outcome.scripts_skipped.is_empty() {
        lines.push(format!(
            "Scripts that did not run: {}.",
            outcome.scripts_skipped.join(", ")
        ));
    }
    if !outcome.set_aside.is_empty() {
        let paths = outcome
            .set_aside
            .iter()
            .map(|path| short_path(&preview.prefix.join(path), home));
        let paths: Vec<String> = paths.collect();
        lines.push(format!(
            "Files that were in the way and belong to no package lie here now: {}",
            paths.join(", ")
        ));
    }
    lines.extend(outcome.messages.iter().cloned());
    lines
}
