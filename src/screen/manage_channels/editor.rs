//! The page once the channels are known: putting them in order, adding and taking out.

use iced::Task;
use iced::widget::operation;

use super::adding::{Adding, Answer};
use super::draft::{CheckState, Draft, Position};
use super::{ADD, Message, Opening, Question, Review, TABLE, cancelled};
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::channels::drag::place_under;
use crate::service::manage_channels::{
    Arrangement, Caution, ChannelState, CheckedAddress, CheckedChannel, List, ManagedChannel, WantedChannel,
};
use crate::service::plan::Warning;
use crate::ui::diff_view::Diff;
use crate::ui::virtual_list::{self, ListState, Outcome, reveal};

/// What happened in the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Table(virtual_list::Event),
    PointerEntered(u64),
    PointerLeft(u64),
    /// One step up or down.
    MovePressed {
        id: u64,
        is_up: bool,
    },
    RemovePressed(u64),
    /// To the other list.
    ListPressed(u64),
    /// Its token out of the file.
    TokenPressed(u64),
    /// The pointer moved while it holds an entry: how far below the upper edge of the table, which is `height` high.
    Dragged {
        y: f32,
        height: f32,
    },
    Dropped,
    TableEntered,
    /// Esc.
    Cancelled,
    /// The table has scrolled to what was moved.
    Followed,
}

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

/// An entry that is held by the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub list: List,
    /// Where it was taken up.
    pub from: usize,
    pub at: usize,
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
    offset: f32,
    height: f32,
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

    fn position_of(&self, id: u64) -> Option<Position> {
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

    fn edit(&mut self, edit: Edit, last_key: &mut u64) -> Vec<Step> {
        match edit {
            Edit::Table(event) => self.table_event(event, last_key),
            Edit::PointerEntered(id) => {
                self.pointed = Some(id);
                Vec::new()
            }
            Edit::PointerLeft(id) => {
                self.pointed = self.pointed.filter(|pointed| *pointed != id);
                Vec::new()
            }
            Edit::MovePressed { id, is_up } => match self.position_of(id) {
                Some(position) => self.step(position, is_up, last_key),
                None => Vec::new(),
            },
            Edit::RemovePressed(id) => match self.position_of(id) {
                Some(position) => self.remove(position, last_key),
                None => Vec::new(),
            },
            Edit::ListPressed(id) => match self.position_of(id) {
                Some(position) => self.change_list(position, last_key),
                None => Vec::new(),
            },
            Edit::TokenPressed(id) => match self.position_of(id) {
                Some(position) if self.draft.move_token(position) => self.changed(last_key),
                _ => Vec::new(),
            },
            Edit::Dragged { y, height } => self.drag_to(y, height),
            Edit::Dropped => match self.held.take() {
                Some(held) if held.from != held.at => self.changed(last_key),
                _ => Vec::new(),
            },
            Edit::TableEntered => {
                if self.draft.positions().is_empty() {
                    return Vec::new();
                }
                if self.table.cursor().is_none() {
                    self.table.set_cursor(Some(0));
                }
                vec![Step::Run(operation::focus(TABLE))]
            }
            Edit::Cancelled => self.cancel(),
            Edit::Followed => self.changed(last_key),
        }
    }

    fn table_event(&mut self, event: virtual_list::Event, last_key: &mut u64) -> Vec<Step> {
        let positions = self.draft.positions();
        match event {
            virtual_list::Event::Scrolled { offset, height } => {
                self.offset = offset;
                self.height = height;
            }
            virtual_list::Event::Pressed(row) => {
                let position = positions.get(row).copied();
                let movable = position.filter(|position| {
                    let row = self.draft.row(*position);
                    row.is_some_and(|row| row.channel.freedom.is_movable())
                });
                self.held = movable.filter(|_| !self.is_applying()).map(|position| Held {
                    list: position.list,
                    from: position.at,
                    at: position.at,
                });
            }
            _ => {}
        }
        let at = |row: usize| positions.get(row).copied();
        match self.table.update(event, positions.len()) {
            Outcome::ScrollTo(offset) => {
                self.offset = offset;
                vec![Step::Run(self.table.scroll_to(offset))]
            }
            Outcome::MoveUp(row) => at(row).map_or_else(Vec::new, |at| self.step(at, true, last_key)),
            Outcome::MoveDown(row) => at(row).map_or_else(Vec::new, |at| self.step(at, false, last_key)),
            Outcome::Delete(row) => at(row).map_or_else(Vec::new, |at| self.remove(at, last_key)),
            Outcome::Right(row) => match at(row) {
                Some(at) if at.list == List::Channels => self.change_list(at, last_key),
                _ => Vec::new(),
            },
            Outcome::Left(row) => match at(row) {
                Some(at) if at.list == List::DefaultChannels => self.change_list(at, last_key),
                _ => Vec::new(),
            },
            Outcome::Activate(_) => self.update(Message::ApplyPressed, last_key),
            _ => Vec::new(),
        }
    }

    /// Moves an entry by one place.
    fn step(&mut self, position: Position, is_up: bool, last_key: &mut u64) -> Vec<Step> {
        let Some(to) = self.draft.neighbour(position.list, position.at, is_up) else {
            return Vec::new();
        };
        let Some(at) = self.draft.shift(position.list, position.at, to) else {
            return Vec::new();
        };
        let moved = Position { at, ..position };
        match self.put_cursor(moved) {
            // The change is told once the table is where it has to be.
            Some(scroll) => vec![Step::Run(scroll.chain(Task::done(Message::Edit(Edit::Followed))))],
            None => self.changed(last_key),
        }
    }

    fn remove(&mut self, position: Position, last_key: &mut u64) -> Vec<Step> {
        if !self.draft.remove(position) {
            return Vec::new();
        }
        self.settle_cursor();
        self.changed(last_key)
    }

    fn change_list(&mut self, position: Position, last_key: &mut u64) -> Vec<Step> {
        let Some(moved) = self.draft.change_list(position) else {
            return Vec::new();
        };
        let mut steps: Vec<Step> = self.put_cursor(moved).map(Step::Run).into_iter().collect();
        steps.extend(self.changed(last_key));
        steps
    }

    /// Puts the cursor on an entry, and scrolls there if it is out of sight.
    fn put_cursor(&mut self, position: Position) -> Option<Task<Message>> {
        let row = self
            .draft
            .positions()
            .iter()
            .position(|known| *known == position)?;
        self.table.set_cursor(Some(row));
        if self.height <= 0.0 {
            return None;
        }
        let offset = reveal(self.offset, self.height, row)?;
        self.offset = offset;
        Some(self.table.scroll_to(offset))
    }

    /// The table may have become shorter, and what the pointer was on may be another entry.
    fn settle_cursor(&mut self) {
        self.pointed = None;
        let last = self.draft.positions().len().checked_sub(1);
        let cursor = self.table.cursor().and_then(|cursor| Some(cursor.min(last?)));
        self.table.set_cursor(cursor);
    }

    fn drag_to(&mut self, y: f32, height: f32) -> Vec<Step> {
        let Some(held) = self.held else { return Vec::new() };
        self.height = height;
        let positions = self.draft.positions();
        let under = place_under(y, height, self.offset, positions.len());
        // Over the entries of the other list it stays where it is.
        let to = match positions.get(under) {
            Some(position) if position.list == held.list => position.at,
            _ => return Vec::new(),
        };
        let Some(at) = self.draft.shift(held.list, held.at, to) else {
            return Vec::new();
        };
        self.held = Some(Held { at, ..held });
        self.pointed = None;
        let moved = Position { list: held.list, at };
        self.put_cursor(moved).map(Step::Run).into_iter().collect()
    }

    /// Lets go of what is held, or else empties the field.
    fn cancel(&mut self) -> Vec<Step> {
        if let Some(held) = self.held.take() {
            if let Some(at) = self.draft.shift(held.list, held.at, held.from) {
                let _ = self.put_cursor(Position { list: held.list, at });
            }
            return Vec::new();
        }
        match self.adding.clear() {
            true => vec![Step::Run(operation::focus(ADD))],
            false => Vec::new(),
        }
    }

    fn answered(&mut self, answer: Answer, last_key: &mut u64) -> Vec<Step> {
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
    fn changed(&mut self, last_key: &mut u64) -> Vec<Step> {
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
