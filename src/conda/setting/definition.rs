//! What is known about a setting.

use crate::conda::Platform;

/// What kind of value a setting takes, and with it how several files merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One text or switch: the last file wins.
    Scalar,
    /// Joined, the higher file's items first.
    List,
    /// A list of maps, joined as lists are.
    Records,
    /// Joined per name.
    Map,
    /// Joined per name, and the lists under one name joined too.
    MapOfLists,
    /// Settings of others by name, of whatever kind: each joined as its kind is.
    Settings,
}

/// What a single value, or each item of a list or map, may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `true` or `false`, and what conda takes for them.
    Switch,
    /// A switch, or nothing.
    SwitchOrNothing,
    /// A switch, or any text: `ssl_verify`.
    SwitchOrText,
    /// A switch, or one of a few words: `channel_priority`.
    SwitchOrWord(&'static [&'static str]),
    /// A switch, or a whole number: `local_repodata_ttl`.
    SwitchOrWhole,
    Whole,
    Decimal,
    Text,
    TextOrNothing,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// One of a few words, which may stand in capital letters.
    Member(&'static [&'static str]),
}

/// What conda takes where no source has the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    Nothing,
    /// As it would stand in a file.
    Text(&'static str),
    Items(&'static [&'static str]),
    /// It depends on the machine, as these words say.
    Machine(&'static str),
}

/// What settings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Channels,
    Network,
    Solving,
    Packages,
    Install,
    Output,
    Build,
    /// Rarely of interest in a file.
    Hidden,
}

/// What separates the items of a list in a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Comma,
    Ampersand,
    /// As in `PATH`.
    Paths,
}

impl Separator {
    pub const fn character(self, platform: Platform) -> char {
        match (self, platform) {
            (Self::Comma, _) => ',',
            (Self::Ampersand, _) => '&',
            (Self::Paths, Platform::Windows) => ';',
            (Self::Paths, Platform::Linux | Platform::MacOs) => ':',
        }
    }
}

/// What is known about a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Every name under which conda accepts it, the preferred one first. Two of them in one file stop every conda
    /// command.
    pub names: &'static [&'static str],
    pub group: Group,
    pub shape: Shape,
    pub form: Form,
    pub preset: Preset,
    /// Whether conda expands `$NAME` in the values.
    pub expands: bool,
    pub separator: Separator,
    /// Options of the command line that prevail over every file and variable, or add to them.
    pub flags: &'static [&'static str],
    /// One line.
    pub documentation: &'static str,
}

impl Definition {
    const fn new(group: Group, names: &'static [&'static str], shape: Shape, form: Form) -> Self {
        Self {
            names,
            group,
            shape,
            form,
            preset: Preset::Nothing,
            expands: false,
            separator: Separator::Comma,
            flags: &[],
            documentation: "",
        }
    }

    pub(super) const fn scalar(group: Group, names: &'static [&'static str], form: Form) -> Self {
        Self::new(group, names, Shape::Scalar, form)
    }

    pub(super) const fn list(group: Group, names: &'static [&'static str]) -> Self {
        Self::new(group, names, Shape::List, Form::Text)
    }

    pub(super) const fn records(group: Group, names: &'static [&'static str]) -> Self {
        Self::new(group, names, Shape::Records, Form::Text)
    }

    pub(super) const fn map(group: Group, names: &'static [&'static str]) -> Self {
        Self::new(group, names, Shape::Map, Form::TextOrNothing)
    }

    pub(super) const fn map_of_lists(group: Group, names: &'static [&'static str]) -> Self {
        Self::new(group, names, Shape::MapOfLists, Form::Text)
    }

    pub(super) const fn settings(group: Group, names: &'static [&'static str]) -> Self {
        Self::new(group, names, Shape::Settings, Form::Text)
    }

    pub(super) const fn preset(mut self, text: &'static str) -> Self {
        self.preset = Preset::Text(text);
        self
    }

    pub(super) const fn items(mut self, items: &'static [&'static str]) -> Self {
        self.preset = Preset::Items(items);
        self
    }

    pub(super) const fn machine(mut self, words: &'static str) -> Self {
        self.preset = Preset::Machine(words);
        self
    }

    pub(super) const fn expanded(mut self) -> Self {
        self.expands = true;
        self
    }

    pub(super) const fn separated_by_ampersands(mut self) -> Self {
        self.separator = Separator::Ampersand;
        self
    }

    pub(super) const fn separated_like_paths(mut self) -> Self {
        self.separator = Separator::Paths;
        self
    }

    pub(super) const fn flags(mut self, flags: &'static [&'static str]) -> Self {
        self.flags = flags;
        self
    }

    pub(super) const fn says(mut self, documentation: &'static str) -> Self {
        self.documentation = documentation;
        self
    }
}

impl Form {
    /// Whether `true` is a word like any other.
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text | Self::TextOrNothing | Self::Word(_) | Self::Member(_)
        )
    }

    pub const fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Decimal | Self::SwitchOrWhole)
    }

    /// The few words that a value can be; none where it can be anything.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Switch | Self::SwitchOrNothing | Self::SwitchOrWhole => &["true", "false"],
            Self::SwitchOrText => &["true", "false", "truststore"],
            Self::SwitchOrWord(words) | Self::Word(words) | Self::Member(words) => words,
            Self::Whole | Self::Decimal | Self::Text | Self::TextOrNothing => &[],
        }
    }

    /// What a value has to be, in a person's words.
    pub fn expected(self) -> String {
        let words = |words: &[&str]| match words.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        match self {
            Self::Switch | Self::SwitchOrNothing => "true or false".to_owned(),
            Self::SwitchOrText => "true, false or a path".to_owned(),
            Self::SwitchOrWord(list) | Self::Word(list) | Self::Member(list) => words(list),
            Self::SwitchOrWhole => "true, false or a whole number".to_owned(),
            Self::Whole => "a whole number".to_owned(),
            Self::Decimal => "a number".to_owned(),
            Self::Text | Self::TextOrNothing => "a text".to_owned(),
        }
    }
}
