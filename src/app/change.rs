//! Changes of packages: from the basket, or a new environment, through the plan to what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::{mpsc::UnboundedSender, oneshot};

use super::notice::{Notice, Offer};
use super::work::{Report, Throttle, reporting};
use super::{App, Dialog, Message};
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::package::solve::{SolveError, SolveProgress};
use crate::package::transaction::{Outcome, Scripts, TransactionError};
use crate::screen::packages::Basket;
use crate::screen::packages::basket_dialog::{self, BasketDialog};
use crate::screen::packages::change::{self, Action, ChangeDialog, Consents, End, Offered, Refusal, Subject};
use crate::screen::{Key, quantity};
use crate::service::environments::{NewEnvironment, NewEnvironmentPlan, Origin, WhichEnvironment};
use crate::service::packages::apply::Consent;
use crate::service::packages::back::Earlier;
use crate::service::packages::change::{ChangeProgress, Preview, Updates, Wanted};
use crate::service::packages::history::PackagesBack;
use crate::service::packages::plan::{ChangeOptions, ChangePlan};
use crate::service::plan::{Warning, short_path};
use crate::service::{ServiceError, Services};

/// A change on its way. Its dialog may be closed while it goes on.
#[derive(Debug)]
pub(super) struct Change {
    pub dialog: ChangeDialog,
    order: Order,
    plan: Option<Planned>,
}

/// What carries a change out.
#[derive(Debug, Clone)]
pub enum Planned {
    /// Of an environment that is there.
    Packages(Arc<ChangePlan>),
    New(Arc<NewEnvironmentPlan>),
}

impl Planned {
    fn preview(&self) -> &Preview {
        match self {
            Self::Packages(plan) => &plan.preview,
            Self::New(plan) => &plan.change.preview,
        }
    }

    /// What the person is to see of it.
    fn offered(&self) -> Offered {
        match self {
            Self::Packages(plan) => plan.preview.clone().into(),
            Self::New(plan) => {
                let mut preview = plan.change.preview.clone();
                // What pip is for has a tick of its own.
                let pip = plan.pip.join(", ");
                let is_about_pip = |warning: &Warning| !pip.is_empty() && warning.message.ends_with(&pip);
                let warnings = plan.warnings.iter().filter(|warning| !is_about_pip(warning));
                preview.warnings.extend(warnings.cloned());
                Offered {
                    preview,
                    pip: plan.pip.clone(),
                }
            }
        }
    }
}

/// What is to be changed.
#[derive(Debug, Clone)]
pub(super) enum Order {
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
    /// A copy of this environment.
    Clone {
        of: PathBuf,
        label: String,
        name: String,
    },
    /// A new environment of this name, as a file tells.
    Import { name: String, file: PathBuf },
    /// Back to what an environment held before.
    Back(Arc<Reversal>),
}

/// What undoing a change of packages means: the environment gets back what it held.
#[derive(Debug, Clone)]
pub struct Reversal {
    label: String,
    earlier: Earlier,
    /// Its entry in the history, where it has one.
    undoes: Option<Entry>,
}

impl From<PackagesBack> for Reversal {
    fn from(back: PackagesBack) -> Self {
        Self {
            label: back.label,
            earlier: back.earlier,
            undoes: Some(back.entry),
        }
    }
}

/// A change that has happened.
#[derive(Debug, Clone)]
pub struct Changed {
    outcome: Outcome,
    undoing: Undoing,
    /// Why pip did not install what it was to install.
    pip: Option<Problem>,
}

/// How a change is undone.
#[derive(Debug, Clone)]
enum Undoing {
    /// The environment was made; its entry in the history.
    Entry(Option<Entry>),
    Back {
        earlier: Box<Earlier>,
        entry: Option<Entry>,
    },
}

impl Order {
    fn subject(&self, home: &Path) -> Subject {
        match self {
            Self::Packages { label, .. } => Subject::Packages {
                environment: label.clone(),
            },
            Self::Create { name, .. } => Subject::Create { name: name.clone() },
            Self::Clone { label, name, .. } => Subject::Clone {
                of: label.clone(),
                name: name.clone(),
            },
            Self::Import { name, file } => Subject::Import {
                name: name.clone(),
                file: short_path(file, home),
            },
            Self::Back(reversal) => Subject::Back {
                environment: reversal.label.clone(),
            },
        }
    }

    fn label(&self) -> &str {
        match self {
            Self::Packages { label, .. } => label,
            Self::Back(reversal) => &reversal.label,
            Self::Create { name, .. } | Self::Clone { name, .. } | Self::Import { name, .. } => name,
        }
    }

    /// The work in the status line.
    fn work(&self) -> String {
        match self {
            Self::Create { name, .. } | Self::Import { name, .. } => format!("Creating {name}"),
            Self::Clone { label, .. } => format!("Cloning {label}"),
            _ => format!("Changing {}", self.label()),
        }
    }

    /// What was done, for the toast.
    fn done(&self) -> String {
        match self {
            Self::Packages { label, .. } => format!("{label} is changed"),
            Self::Create { name, .. } | Self::Clone { name, .. } | Self::Import { name, .. } => {
                format!("{name} is created")
            }
            Self::Back(reversal) => format!("{} holds again what it held before", reversal.label),
        }
    }

    /// The same by the command line, for conda's history of the environment.
    fn command(&self, prefix: &Path) -> String {
        let place = format!("-p {}", prefix.display());
        let with = |verb: &str, words: &[String]| {
            (!words.is_empty()).then(|| format!("sextant {verb} {place} {}", words.join(" ")))
        };
        match self {
            Self::Create { specs, .. } => format!("sextant env create {place} {}", specs.join(" ")),
            Self::Clone { of, .. } => format!("sextant env clone -p {} {}", of.display(), prefix.display()),
            Self::Import { file, .. } => format!("sextant env import {} {place}", file.display()),
            Self::Back(reversal) => match &reversal.undoes {
                Some(entry) => format!("sextant undo {}", entry.id),
                None => format!("sextant (undo) {place}"),
            },
            Self::Packages { wanted, .. } => {
                let update = match &wanted.update {
                    Updates::Nothing => None,
                    Updates::Packages(names) => with("update", names),
                    Updates::Everything => Some(format!("sextant update {place} --all")),
                };
                let parts = [
                    with("install", &wanted.install),
                    update,
                    with("remove", &wanted.remove),
                ];
                parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
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
        let mut notice = Notice::good(order.done());
        let detail = detail(&outcome, planned.preview(), &self.home);
        notice = notice.detail((!detail.is_empty()).then(|| detail.join(" ")));
        notice = match undoing {
            // Undoing an undoing would be the change again, which the person knows how to make.
            Undoing::Back { .. } if matches!(order, Order::Back(_)) => notice,
            Undoing::Back { earlier, entry } => notice.offering(Offer::Reverse(Arc::new(Reversal {
                label: order.label().to_owned(),
                earlier: *earlier,
                undoes: entry,
            }))),
            Undoing::Entry(Some(entry)) => notice.offering(Offer::Undo(entry.id)),
            Undoing::Entry(None) => notice,
        };
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

async fn planned(
    services: &Services,
    order: Order,
    progress: impl Fn(SolveProgress) + Send + Sync + 'static,
) -> Result<Planned, Box<Refusal>> {
    let new = |plan| Planned::New(Arc::new(plan));
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
            let plan = services.plan_change_with(&prefix, &wanted, &options, progress);
            plan.await.map(|plan| Planned::Packages(Arc::new(plan)))
        }
        Order::Back(reversal) => {
            let plan = services.plan_earlier(&reversal.earlier);
            plan.map(|plan| Planned::Packages(Arc::new(plan)))
        }
        Order::Create { prefix, specs, .. } => {
            let wanted = NewEnvironment::At(prefix);
            let options = ChangeOptions::default();
            let plan = services.plan_new_environment(&wanted, &specs, &options, progress);
            plan.await.map(new)
        }
        Order::Clone { of, name, .. } => {
            let (which, wanted) = (WhichEnvironment::At(of), NewEnvironment::Named(name));
            services.plan_clone_environment(&which, &wanted).map(new)
        }
        Order::Import { name, file } => match services.read_environment_file(&file) {
            Ok(imported) => {
                let wanted = NewEnvironment::Named(name);
                let plan = services.plan_import_environment(&imported, Some(&wanted), progress);
                plan.await.map(new)
            }
            Err(error) => Err(error.into()),
        },
    };
    done.map_err(|error| Box::new(refusal(error)))
}

async fn applied(
    services: &Services,
    order: &Order,
    plan: &Planned,
    consents: Consents,
    progress: impl FnMut(ChangeProgress),
    stopped: oneshot::Receiver<()>,
) -> Result<Box<Changed>, End> {
    let prefix = &plan.preview().prefix;
    let consent = Consent {
        scripts: if consents.scripts {
            Scripts::Run
        } else {
            Scripts::Skip
        },
        command: order.command(prefix),
    };
    match plan {
        Planned::Packages(plan) => {
            let undoes = match order {
                Order::Back(reversal) => reversal.undoes.as_ref(),
                _ => None,
            };
            let changed = services.change_packages(plan, &consent, undoes, progress, stopped);
            let changed = changed.await.map_err(ended)?;
            Ok(Box::new(Changed {
                outcome: changed.outcome,
                undoing: Undoing::Back {
                    earlier: Box::new(changed.earlier),
                    entry: changed.entry,
                },
                pip: None,
            }))
        }
        Planned::New(plan) => {
            let made = services.make_environment(plan, &consent, progress, stopped);
            let made = made.await.map_err(ended)?;
            let pip = match (consents.pip, &plan.origin) {
                (true, Origin::File { path }) => {
                    let folder = path.parent().unwrap_or(path);
                    let installed = services.install_with_pip(prefix, &plan.pip, folder, |_| {});
                    installed.await.err().map(Problem::from)
                }
                _ => None,
            };
            Ok(Box::new(Changed {
                outcome: made.outcome,
                undoing: Undoing::Entry(made.entry),
                pip,
            }))
        }
    }
}

/// How a change ended that did not happen.
fn ended(error: ServiceError) -> End {
    match error {
        ServiceError::EnvironmentTransaction(TransactionError::Cancelled) => End::Stopped,
        ServiceError::EnvironmentTransaction(TransactionError::Changed { .. }) => End::Stale,
        error => match Problem::from(error) {
            problem if problem.kind == Kind::Cancelled => End::Stopped,
            problem => End::Failed(problem),
        },
    }
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
