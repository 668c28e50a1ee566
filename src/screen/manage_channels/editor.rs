//! The page once the channels are known: putting them in order, adding and taking out.

use iced::Task;
use iced::widget::operation;

use super::adding::{Adding, Answer};
use super::arranging::Held;
use super::draft::{CheckState, Draft, Position};
use super::{ADD, Message, Opening, Question, Review, TABLE, cancelled};
use crate::error::Problem;
use crate::screen::Key;
use crate::service::manage_channels::{
    Arrangement, Caution, ChannelState, CheckedAddress, CheckedChannel, ManagedChannel, WantedChannel,
};
use crate::service::plan::Warning;
use crate::ui::diff_view::Diff;
use crate::ui::virtual_list::ListState;

/// What follows from it.
#[derive(Debug)]
pub(super) enum Step {
    Run(Task<Message>),
    Check(Vec<Question>),
    Review {
        key: u64,
        arrangement: Arrangement,
        checked: Vec<CheckedChannel>,
    },
    Resolve {
        key: u64,
        wanted: Vec<WantedChannel>,
    },
    Apply {
        before: Arrangement,
        arrangement: Arrangement,
    },
}

/// What the page is at.
#[derive(Debug)]
pub(super) enum Phase {
    Arranging,
    Applying,
    /// It is written, and what is in the files is being read.
    Written,
    /// The last attempt to apply failed; the draft is as it was.
    Refused(Problem),
}

/// What the draft would change.
#[derive(Debug, Default)]
pub(super) struct Changes {
    asked: Option<u64>,
    pub diffs: Vec<Diff>,
    pub warnings: Vec<Warning>,
    pub problem: Option<Problem>,
}

#[derive(Debug)]
pub(super) struct Editor {
    pub draft: Draft,
    pub server: Option<String>,
    pub cautions: Vec<Caution>,
    pub table: ListState,
    pub(super) offset: f32,
    pub(super) height: f32,
    pub pointed: Option<u64>,
    pub held: Option<Held>,
    pub adding: Adding,
    pub changes: Changes,
    pub phase: Phase,
    /// What conda searches is being read anew.
    pub reloading: Option<Key>,
}

impl Editor {
    /// `known` is the page as it was before it was read anew: what the servers said then still counts.
    pub fn new(opening: Opening, known: Option<Self>) -> Self {
        let mut editor = Self {
            draft: Draft::new(opening.managed),
            server: opening.server,
            cautions: opening.cautions,
            table: ListState::new(TABLE),
            offset: 0.0,
            height: 0.0,
            pointed: None,
            held: None,
            adding: Adding::default(),
            changes: Changes::default(),
            phase: Phase::Arranging,
            reloading: None,
        };
        let Some(known) = known else { return editor };
        for row in editor.draft.rows_mut() {
            let mut before = known.draft.rows();
            let same = before.find(|other| {
                other.channel.entry == row.channel.entry && other.channel.addresses == row.channel.addresses
            });
            if let Some(CheckState::Answered(checked)) = same.map(|other| &other.check) {
                row.check = CheckState::Answered(checked.clone());
            }
        }
        editor.table = known.table;
        editor.offset = known.offset;
        editor.height = known.height;
        editor.adding = known.adding;
        editor.settle_cursor();
        editor
    }

    /// The servers are asked about what is not known yet.
    pub fn begin(&mut self, last_key: &mut u64) -> Vec<Step> {
        let mut steps = self.check(last_key);
        if steps.is_empty() {
            steps.extend(self.review(last_key));
        }
        steps
    }

    pub fn is_applying(&self) -> bool {
        matches!(self.phase, Phase::Applying | Phase::Written)
    }

    /// Whether what is read anew takes the place of the draft.
    pub fn gives_way(&self) -> bool {
        matches!(self.phase, Phase::Written) || !self.draft.is_changed()
    }

    pub fn can_apply(&self) -> bool {
        !self.is_applying() && self.held.is_none() && self.draft.is_changed()
    }

    /// The position of the table that the cursor stands on.
    pub fn selected(&self) -> Option<Position> {
        let cursor = self.table.cursor()?;
        self.draft.positions().get(cursor).copied()
    }

    pub(super) fn position_of(&self, id: u64) -> Option<Position> {
        let mut positions = self.draft.positions().into_iter();
        positions.find(|position| self.draft.row(*position).is_some_and(|row| row.id == id))
    }

    /// Whether some server has not answered yet.
    pub fn is_checking(&self) -> bool {
        self.draft
            .rows()
            .any(|row| matches!(row.check, CheckState::Asking(_)))
    }

    pub fn update(&mut self, message: Message, last_key: &mut u64) -> Vec<Step> {
        match message {
            Message::Checked { key, checked } => self.checked(key, checked, last_key),
            Message::Reviewed { key, outcome } => self.reviewed(key, outcome, last_key),
            Message::Resolved { key, outcome } => {
                let answer = self.adding.resolved(key, outcome);
                self.answered(answer, last_key)
            }
            _ if self.is_applying() => Vec::new(),
            Message::AddTyped(text) => {
                let key = next(last_key);
                let wanted = self.adding.type_text(text, key);
                wanted
                    .map(|wanted| Step::Resolve { key, wanted })
                    .into_iter()
                    .collect()
            }
            Message::AddPressed => {
                let answer = self.adding.press();
                self.answered(answer, last_key)
            }
            Message::PriorityChosen(priority) => {
                if self.draft.before().priority.fixed_because.is_some() {
                    return Vec::new();
                }
                self.draft.priority = priority;
                self.changed(last_key)
            }
            Message::ApplyPressed if self.can_apply() => {
                self.phase = Phase::Applying;
                vec![Step::Apply {
                    before: self.draft.before().arrangement.clone(),
                    arrangement: self.draft.arrangement(),
                }]
            }
            Message::RevertPressed => {
                let before = self.draft.before().clone();
                let opening = Opening {
                    managed: before,
                    cautions: Vec::new(),
                    server: self.server.clone(),
                };
                let known = std::mem::replace(self, Self::new(opening.clone(), None));
                *self = Self::new(opening, Some(known));
                self.changed(last_key)
            }
            Message::CheckAgainPressed => {
                for row in self.draft.rows_mut() {
                    row.check = CheckState::Unasked;
                }
                self.check(last_key)
            }
            Message::Edit(edit) => self.edit(edit, last_key),
            _ => Vec::new(),
        }
    }

    pub(super) fn answered(&mut self, answer: Answer, last_key: &mut u64) -> Vec<Step> {
        match answer {
            Answer::Nothing => Vec::new(),
            Answer::Add => self.add(last_key),
            Answer::Refused => vec![Step::Run(operation::focus(ADD))],
        }
    }

    fn add(&mut self, last_key: &mut u64) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut last = None;
        let mut known = Vec::new();
        for (wanted, channel) in self.adding.take() {
            let name = wanted.entry.to_string();
            let has_token = wanted.token.is_some();
            let (position, was_there) = self.draft.add(wanted, channel);
            if was_there && !has_token {
                known.push(name);
            }
            last = Some(position);
        }
        self.adding.say_known(&known);
        if let Some(position) = last {
            steps.extend(self.put_cursor(position).map(Step::Run));
        }
        steps.push(Step::Run(operation::focus(ADD)));
        steps.extend(self.changed(last_key));
        steps
    }

    /// After every change: what it would do is asked for, and what is new is checked.
    pub(super) fn changed(&mut self, last_key: &mut u64) -> Vec<Step> {
        self.phase = Phase::Arranging;
        let mut steps = self.check(last_key);
        steps.extend(self.review(last_key));
        steps
    }

    fn review(&mut self, last_key: &mut u64) -> Option<Step> {
        let key = next(last_key);
        self.changes.asked = Some(key);
        let checked = self.draft.rows().filter_map(|row| match &row.check {
            CheckState::Answered(checked) => Some(checked.clone()),
            _ => None,
        });
        Some(Step::Review {
            key,
            checked: checked.collect(),
            arrangement: self.draft.arrangement(),
        })
    }

    fn reviewed(&mut self, key: u64, outcome: Result<Box<Review>, Problem>, last_key: &mut u64) -> Vec<Step> {
        if self.changes.asked != Some(key) || self.held.is_some() {
            return Vec::new();
        }
        match outcome {
            Ok(review) => {
                let selected = self
                    .selected()
                    .and_then(|position| self.draft.row(position))
                    .map(|row| row.id);
                self.draft.follow(&review.after);
                self.cautions = review.cautions;
                self.changes = Changes {
                    asked: None,
                    diffs: review.diffs.iter().map(super::side::drawn).collect(),
                    warnings: review.warnings,
                    problem: None,
                };
                let position = selected.and_then(|id| self.position_of(id));
                match position {
                    Some(position) => drop(self.put_cursor(position)),
                    None => self.settle_cursor(),
                }
                // What comes to light by a change, such as conda's own defaults, is asked about too.
                self.check(last_key)
            }
            Err(problem) => {
                self.changes = Changes {
                    problem: Some(problem),
                    ..Changes::default()
                };
                Vec::new()
            }
        }
    }

    /// Asks about every entry that nobody was asked about yet.
    fn check(&mut self, last_key: &mut u64) -> Vec<Step> {
        let mut questions = Vec::new();
        for row in self.draft.shown_mut() {
            if row.check != CheckState::Unasked || row.channel.addresses.is_empty() {
                continue;
            }
            let key = next(last_key);
            row.check = CheckState::Asking(key);
            questions.push(Question {
                key,
                channel: row.channel.clone(),
                token: row.token.clone(),
            });
        }
        match questions.is_empty() {
            true => Vec::new(),
            false => vec![Step::Check(questions)],
        }
    }

    fn checked(&mut self, key: u64, checked: CheckedChannel, last_key: &mut u64) -> Vec<Step> {
        let mut rows = self.draft.rows_mut();
        let Some(row) = rows.find(|row| row.check == CheckState::Asking(key)) else {
            return Vec::new();
        };
        row.check = CheckState::Answered(checked);
        drop(rows);
        // Which packages are at risk depends on who is private: it is asked once everybody has answered.
        match self.is_checking() || self.held.is_some() || self.is_applying() {
            true => Vec::new(),
            false => self.review(last_key).into_iter().collect(),
        }
    }

    pub fn checks_cancelled(&mut self) {
        for row in self.draft.rows_mut() {
            if matches!(row.check, CheckState::Asking(_)) {
                let addresses = row.channel.addresses.iter().map(|url| CheckedAddress {
                    url: url.clone(),
                    state: ChannelState::NotAsked,
                    credential: None,
                    access: Default::default(),
                    mirror: false,
                    artifacts: None,
                    problem: Some(cancelled()),
                });
                row.check = CheckState::Answered(CheckedChannel {
                    addresses: addresses.collect(),
                });
            }
        }
    }

    /// Takes in what became of the draft. Tells whether it is written.
    pub fn applied(&mut self, outcome: Result<(), Problem>) -> bool {
        if !matches!(self.phase, Phase::Applying) {
            return false;
        }
        match outcome {
            Ok(()) => {
                self.phase = Phase::Written;
                self.changes = Changes::default();
                true
            }
            Err(problem) => {
                self.phase = Phase::Refused(problem);
                false
            }
        }
    }
}

fn next(last_key: &mut u64) -> u64 {
    *last_key += 1;
    *last_key
}

/// The channels that are to be added, each as it would be listed.
pub(super) type Resolved = Vec<(WantedChannel, ManagedChannel)>;
