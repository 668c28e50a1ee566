//! The dialog for uploading: files are chosen, looked at with what would become of them, and sent one after the other.
//!
//! It may be closed while files are on their way; opened again, it shows how far they are. The parent answers
//! [`Action::Plan`] with [`Message::Planned`], and [`Action::Upload`] with [`Message::Progressed`] and one
//! [`Message::Ended`].

mod view;

use std::path::{Path, PathBuf};

use iced::Task;

use super::Key;
use super::environments::export::written_path;
use super::secret_field::{self, SecretField};
use crate::error::{Kind, Problem};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::upload::{
    OnConflict, UploadPlan, UploadProgress, UploadReport, UploadStep, UploadWish, WishedAccess,
};

/// The fields, for focus and tests.
pub const PATH: &str = "upload-path";
pub const PLACE: &str = "upload-place";
pub const LABELS: &str = "upload-labels";
pub const PASSWORD: &str = "upload-password";

/// Where somebody is signed in and may upload to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub service: Service,
    /// `repo.example.com`
    pub host: String,
    pub user: String,
}

impl Target {
    /// A repository takes a password or a ticket for it, and no session that is kept (repository reference, A3).
    fn asks_for_password(&self) -> bool {
        self.service != Service::Server
    }

    fn takes_ticket(&self) -> bool {
        self.service == Service::Repository
    }

    fn has_labels(&self) -> bool {
        self.service != Service::Server
    }
}

#[derive(Debug, Clone)]
pub struct Upload {
    home: PathBuf,
    targets: Vec<Target>,
    target: usize,
    path: String,
    files: Vec<PathBuf>,
    place: String,
    labels: String,
    access: WishedAccess,
    /// There where the server wants it.
    password: Option<SecretField>,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Choosing(Option<Problem>),
    Planning(Key),
    Planned {
        plan: Box<UploadPlan>,
        problem: Option<Problem>,
    },
    Sending {
        key: Key,
        plan: Box<UploadPlan>,
        /// Of each file, once it is its turn.
        steps: Vec<Option<UploadStep>>,
        is_stopping: bool,
    },
    Ended {
        plan: Box<UploadPlan>,
        report: UploadReport,
    },
}

#[derive(Debug, Clone)]
pub enum Message {
    PathTyped(String),
    /// The path is one of the files.
    PathSubmitted,
    /// Somebody let a file fall on the window.
    Dropped(PathBuf),
    RemovePressed(usize),
    TargetChosen(usize),
    PlaceTyped(String),
    LabelsTyped(String),
    PrivateToggled(bool),
    Password(secret_field::Message),
    PreviewPressed,
    Planned {
        key: Key,
        result: Result<Box<UploadPlan>, Problem>,
    },
    ConflictDecided(usize, OnConflict),
    BackPressed,
    UploadPressed,
    Progressed {
        key: Key,
        progress: UploadProgress,
    },
    Ended {
        key: Key,
        result: Result<UploadReport, Problem>,
    },
    RestPressed,
    CancelPressed,
    /// The dialog closes; what is on its way goes on.
    Closed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Plan {
        key: Key,
        service: Service,
        wish: UploadWish,
        password: Option<Secret>,
    },
    Upload {
        key: Key,
        plan: Box<UploadPlan>,
        password: Option<Secret>,
    },
    /// Stop it; what was begun is taken back.
    Stop(Key),
    Close,
    Run(Task<Message>),
}

impl Upload {
    /// `targets` are the sign-ins that take uploads; at least one.
    pub fn new(home: &Path, targets: Vec<Target>) -> Self {
        let mut dialog = Self {
            home: home.to_owned(),
            targets,
            target: 0,
            path: String::new(),
            files: Vec::new(),
            place: String::new(),
            labels: String::new(),
            access: WishedAccess::Usual,
            password: None,
            stage: Stage::Choosing(None),
        };
        dialog.ask_as_needed();
        dialog
    }

    fn target(&self) -> Option<&Target> {
        self.targets.get(self.target)
    }

    fn ask_as_needed(&mut self) {
        let is_asked = self.target().is_some_and(Target::asks_for_password);
        self.password = is_asked.then(|| SecretField::new(PASSWORD, "upload-reveal"));
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Progressed { key, progress } => self.progressed(key, progress),
            Message::Ended { key, result } => self.ended(key, result),
            Message::Planned { key, result } => self.planned(key, result),
            Message::CancelPressed => self.cancel(),
            Message::Closed => Action::Close,
            Message::BackPressed => {
                if !matches!(self.stage, Stage::Sending { .. }) {
                    self.stage = Stage::Choosing(None);
                }
                Action::None
            }
            Message::ConflictDecided(at, decision) => {
                if let Stage::Planned { plan, .. } = &mut self.stage
                    && let Some(file) = plan.files.get_mut(at)
                {
                    file.on_conflict = decision;
                }
                Action::None
            }
            Message::UploadPressed => self.send(),
            Message::RestPressed => match &self.stage {
                Stage::Ended { report, .. } => {
                    self.files = report.rest();
                    self.preview()
                }
                _ => Action::None,
            },
            Message::PreviewPressed => {
                self.take_path();
                self.preview()
            }
            choice => self.chosen(choice),
        }
    }

    /// What is filled in before anything is asked of the server.
    fn chosen(&mut self, message: Message) -> Action {
        if let Message::Dropped(_) = &message
            && matches!(self.stage, Stage::Planned { .. } | Stage::Ended { .. })
        {
            // One more file for the next round.
            if matches!(self.stage, Stage::Ended { .. }) {
                self.files.clear();
            }
            self.stage = Stage::Choosing(None);
        }
        let Stage::Choosing(problem) = &mut self.stage else {
            return Action::None;
        };
        *problem = None;
        match message {
            Message::PathTyped(path) => self.path = path,
            Message::PathSubmitted => {
                if self.path.trim().is_empty() {
                    return self.preview();
                }
                self.take_path();
                return Action::Run(iced::widget::operation::focus(PATH));
            }
            Message::Dropped(path) => self.add(path),
            Message::RemovePressed(at) if at < self.files.len() => drop(self.files.remove(at)),
            Message::TargetChosen(at) if at < self.targets.len() => {
                self.target = at;
                self.ask_as_needed();
            }
            Message::PlaceTyped(place) => self.place = place,
            Message::LabelsTyped(labels) => self.labels = labels,
            Message::PrivateToggled(is_private) => {
                self.access = match is_private {
                    true => WishedAccess::Private,
                    false => WishedAccess::Usual,
                };
            }
            Message::Password(message) => {
                if let Some(field) = &mut self.password {
                    field.update(message);
                }
            }
            _ => {}
        }
        Action::None
    }

    fn take_path(&mut self) {
        if !self.path.trim().is_empty() {
            let path = written_path(&self.path, &self.home);
            self.path.clear();
            self.add(path);
        }
    }

    fn add(&mut self, path: PathBuf) {
        if !self.files.contains(&path) {
            self.files.push(path);
        }
    }

    fn can_preview(&self) -> bool {
        let has_files = !self.files.is_empty() || !self.path.trim().is_empty();
        let has_proof = self
            .password
            .as_ref()
            .is_none_or(|field| !field.is_empty() || self.target().is_some_and(Target::takes_ticket));
        has_files && has_proof && !matches!(self.stage, Stage::Planning(_) | Stage::Sending { .. })
    }

    fn wish(&self) -> UploadWish {
        let place = self.place.trim();
        let has_labels = self.target().is_some_and(Target::has_labels);
        let labels = self.labels.split([',', ' ']).map(str::trim);
        UploadWish {
            files: self.files.clone(),
            to: (!place.is_empty()).then(|| place.to_owned()),
            labels: labels
                .filter(|label| has_labels && !label.is_empty())
                .map(str::to_owned)
                .collect(),
            access: self.access,
        }
    }

    fn proof(&mut self) -> Option<Secret> {
        let field = self.password.as_mut()?;
        let password = field.take();
        (!field.is_empty()).then_some(password)
    }

    fn preview(&mut self) -> Action {
        let Some(service) = self.target().map(|target| target.service) else {
            return Action::None;
        };
        if !self.can_preview() {
            return Action::None;
        }
        let key = Key::fresh();
        self.stage = Stage::Planning(key);
        Action::Plan {
            key,
            service,
            wish: self.wish(),
            password: self.proof(),
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<UploadPlan>, Problem>) -> Action {
        if !matches!(self.stage, Stage::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(plan) => {
                self.stage = Stage::Planned { plan, problem: None };
                // Until now there was nothing to be pressed.
                Action::Run(iced::widget::operation::focus("upload-go"))
            }
            Err(problem) => self.refused(problem),
        }
    }

    /// Back to where it can be mended.
    fn refused(&mut self, problem: Problem) -> Action {
        let is_about_person = problem.kind == Kind::Auth;
        let is_cancelled = problem.kind == Kind::Cancelled;
        self.stage = Stage::Choosing((!is_cancelled).then_some(problem));
        if !is_about_person {
            return Action::None;
        }
        // The session has ended without this machine knowing: then the password helps.
        let field = self
            .password
            .get_or_insert_with(|| SecretField::new(PASSWORD, "upload-reveal"));
        Action::Run(field.retype())
    }

    fn send(&mut self) -> Action {
        let Stage::Planned { plan, .. } = &self.stage else {
            return Action::None;
        };
        if !can_send(plan) {
            return Action::None;
        }
        let (key, plan) = (Key::fresh(), plan.clone());
        self.stage = Stage::Sending {
            key,
            steps: vec![None; plan.files.len()],
            plan: plan.clone(),
            is_stopping: false,
        };
        Action::Upload {
            key,
            plan,
            password: self.proof(),
        }
    }

    fn progressed(&mut self, key: Key, progress: UploadProgress) -> Action {
        if let Stage::Sending { key: own, steps, .. } = &mut self.stage
            && *own == key
            && let Some(step) = steps.get_mut(progress.file)
        {
            *step = Some(progress.step);
        }
        Action::None
    }

    fn ended(&mut self, key: Key, result: Result<UploadReport, Problem>) -> Action {
        let Stage::Sending { key: own, plan, .. } = &self.stage else {
            return Action::None;
        };
        if *own != key {
            return Action::None;
        }
        let plan = plan.clone();
        match result {
            Ok(report) => {
                if report.rest().is_empty()
                    && let Some(field) = &mut self.password
                {
                    field.forget();
                }
                self.stage = Stage::Ended { plan, report };
                Action::Run(iced::widget::operation::focus("upload-close"))
            }
            Err(problem) if problem.kind == Kind::Auth => self.refused(problem),
            Err(problem) => {
                self.stage = Stage::Planned {
                    plan,
                    problem: Some(problem),
                };
                Action::None
            }
        }
    }

    fn cancel(&mut self) -> Action {
        match &mut self.stage {
            Stage::Planning(key) => {
                let key = *key;
                self.stage = Stage::Choosing(None);
                Action::Stop(key)
            }
            Stage::Sending { key, is_stopping, .. } => {
                *is_stopping = true;
                Action::Stop(*key)
            }
            _ => Action::Close,
        }
    }

    /// Work was cancelled in the status line.
    pub fn cancelled(&mut self, stopped: Key) {
        match &mut self.stage {
            Stage::Planning(key) if *key == stopped => self.stage = Stage::Choosing(None),
            Stage::Sending { key, is_stopping, .. } if *key == stopped => *is_stopping = true,
            _ => {}
        }
    }

    pub fn is_sending(&self) -> bool {
        matches!(self.stage, Stage::Sending { .. })
    }

    /// Whether there is something to come back to when it is opened again.
    pub fn is_worth_keeping(&self) -> bool {
        matches!(self.stage, Stage::Sending { .. } | Stage::Ended { .. })
    }

    /// What there is to tell about uploads that ended while the dialog was closed.
    pub fn result(&self) -> Option<(usize, usize)> {
        let Stage::Ended { report, .. } = &self.stage else {
            return None;
        };
        Some((report.files.len(), report.rest().len()))
    }

    /// How much has gone out, and the key of the work.
    pub fn share(&self) -> Option<(Key, f32)> {
        let Stage::Sending { key, plan, steps, .. } = &self.stage else {
            return None;
        };
        let all = plan.bytes().max(1);
        let sent: u64 = plan
            .files
            .iter()
            .zip(steps)
            .filter(|(file, _)| file.will_be_sent())
            .map(|(file, step)| {
                sent_of(
                    step.as_ref(),
                    file.ready().map_or(0, |file| file.distribution.size),
                )
            })
            .sum();
        Some((*key, (sent as f32 / all as f32).clamp(0.0, 1.0)))
    }
}

fn can_send(plan: &UploadPlan) -> bool {
    plan.files
        .iter()
        .any(crate::service::upload::PlannedUpload::will_be_sent)
}

/// How much of a file is out.
fn sent_of(step: Option<&UploadStep>, size: u64) -> u64 {
    match step {
        None | Some(UploadStep::Preparing | UploadStep::TakingBack) => 0,
        Some(UploadStep::Sending { sent }) => (*sent).min(size),
        Some(UploadStep::TakingOver | UploadStep::Ended(_)) => size,
    }
}

#[cfg(test)]
mod tests;
