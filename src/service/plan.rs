//! What a use case is going to change, for a person to see before it happens.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::connection::Service;
use crate::clients::netrc;
use crate::edit::diff::{Change, FileDiff, Line, LineKind};
use crate::edit::file::{self, FileError, PRIVATE};
use crate::edit::transaction::FileWrite;
use crate::navigator::NavigatorFile;
use crate::secret::{MASK, Secret};

/// Stand in planned contents for what only the server can give. Private-use characters: no person's file holds them.
pub(crate) const TOKEN: &str = "\u{E000}token\u{E001}";
pub(crate) const TOKEN_ID: &str = "\u{E000}token-id\u{E001}";

/// The mode of a new file that holds no secret, before the umask of most systems.
const ORDINARY: u32 = 0o644;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Condarc,
    Navigator,
    TokenFile,
    /// `config.yaml` of anaconda-client.
    AnacondaClient,
    /// `pip.conf`.
    Pip,
    /// `.netrc`, whose passwords look like any word.
    Netrc,
    /// Preferences and trust of Sextant itself.
    Sextant,
    /// Any other program's.
    Other,
}

impl Owner {
    /// Navigator's file and the token files hold the token.
    pub(crate) const fn new_mode(self) -> u32 {
        match self {
            Self::Condarc | Self::AnacondaClient | Self::Pip | Self::Sextant | Self::Other => ORDINARY,
            Self::Navigator | Self::TokenFile | Self::Netrc => PRIVATE,
        }
    }
}

/// One file of a plan. Contents may hold the placeholders of this module.
#[derive(Debug, Clone)]
pub struct PlannedFile {
    pub path: PathBuf,
    pub owner: Owner,
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) after: Option<Vec<u8>>,
    /// What signing out again puts back, where that is not `before`: between the sign-out of one service and the sign-in
    /// to another in the same plan, the file would have been this.
    pub(crate) between: Option<Option<Vec<u8>>>,
    /// Permission bits that the file gets; none leaves them as they are.
    pub(crate) mode: Option<u32>,
    /// Values in it that nobody may read and that never come back, beside those that can be recognised in any text.
    pub(crate) hidden: Vec<Secret>,
    /// The token in the file is the person's own: undoing brings it back.
    pub(crate) keeps_token: bool,
    /// Nothing of its content is put away: what it loses never comes back.
    pub(crate) is_forgotten: bool,
}

impl PlannedFile {
    pub(crate) fn new(path: PathBuf, owner: Owner, before: Option<Vec<u8>>, after: Option<Vec<u8>>) -> Self {
        Self {
            path,
            owner,
            before,
            after,
            between: None,
            mode: None,
            hidden: Vec::new(),
            keeps_token: false,
            is_forgotten: false,
        }
    }

    /// A file that is there and gets other permissions.
    pub(crate) fn with_mode(path: PathBuf, owner: Owner, content: Vec<u8>, mode: u32) -> Self {
        Self {
            mode: Some(mode),
            ..Self::new(path, owner, Some(content.clone()), Some(content))
        }
    }

    pub fn changes(&self) -> bool {
        self.before != self.after || self.mode.is_some()
    }

    /// Whether its permissions change and nothing else.
    pub(crate) fn is_about_mode(&self) -> bool {
        self.mode.is_some() && self.before == self.after
    }

    pub(crate) fn diff(&self) -> FileDiff {
        let shown = |bytes: &Option<Vec<u8>>| {
            bytes.as_ref().map(|bytes| match self.owner {
                Owner::TokenFile => MASK.as_bytes().to_vec(),
                _ => String::from_utf8_lossy(bytes)
                    .replace(TOKEN, MASK)
                    .replace(TOKEN_ID, "(given by the server)")
                    .into_bytes(),
            })
        };
        let (before, after) = (shown(&self.before), shown(&self.after));
        let secrets = self.tokens();
        let secrets: Vec<&str> = secrets.iter().chain(&self.hidden).map(Secret::expose).collect();
        let mut diff = FileDiff::between(&self.path, before.as_deref(), after.as_deref(), &secrets);
        // A token file that gets another token looks the same when masked, but it is edited.
        if self.changes() && diff.change == Change::Unchanged {
            diff.change = Change::Edited;
        }
        if let Some(mode) = self.mode {
            let line = |kind, mode: u32| Line {
                kind,
                text: format!("permissions {}", shown_mode(mode)),
            };
            let present = file::read(&self.path).ok().flatten().and_then(|image| image.mode);
            diff.lines
                .extend(present.map(|present| line(LineKind::Removed, present)));
            diff.lines.push(line(LineKind::Added, mode));
        }
        diff
    }

    /// The tokens that stand in Navigator's file, and the passwords in `.netrc`, as plain values, before and after.
    pub(crate) fn tokens(&self) -> Vec<Secret> {
        let of_content: fn(&[u8]) -> Vec<Secret> = match self.owner {
            Owner::Navigator => navigator_tokens,
            Owner::Netrc => |bytes| netrc::passwords(&String::from_utf8_lossy(bytes)),
            _ => return Vec::new(),
        };
        [&self.before, &self.after]
            .into_iter()
            .filter_map(|bytes| bytes.as_deref())
            .flat_map(of_content)
            .filter(|token| !token.is_empty() && token.expose() != TOKEN)
            .collect()
    }

    /// The write with the placeholders filled in.
    pub(crate) fn write(&self, fill: &[(&str, &str)]) -> FileWrite {
        // Nobody else reads a new file that holds a secret of the person's own.
        let holds_secret = |bytes: &Vec<u8>| {
            std::str::from_utf8(bytes).is_ok_and(|text| !crate::secret::find_in_text(text).is_empty())
        };
        FileWrite {
            path: self.path.clone(),
            before: self.before.clone(),
            after: self.after.as_ref().map(|bytes| filled(bytes, fill)),
            new_mode: match self.after.as_ref().is_some_and(holds_secret) {
                true => PRIVATE,
                false => self.owner.new_mode(),
            },
            mode: self.mode,
        }
    }
}

/// Permission bits as `ls` shows them, and as `chmod` takes them.
pub(crate) fn shown_mode(mode: u32) -> String {
    let bit = |at: u32| match (mode >> at & 1, at % 3) {
        (0, _) => '-',
        (_, 2) => 'r',
        (_, 1) => 'w',
        _ => 'x',
    };
    let bits: String = (0..9).rev().map(bit).collect();
    format!("{bits} ({:03o})", mode & 0o777)
}

/// The tokens in a file of Navigator's. One that is broken is searched line by line: a token must not show because of
/// a fault elsewhere.
fn navigator_tokens(bytes: &[u8]) -> Vec<Secret> {
    const OPTIONS: [&str; 2] = ["anaconda_server_token", "team_edition_token"];
    if let Ok(navigator) = NavigatorFile::parse(bytes) {
        let token = |option| Some(Secret::new(navigator.get(option)?.text()?));
        return OPTIONS.into_iter().filter_map(token).collect();
    }
    let text = String::from_utf8_lossy(bytes);
    let token = |line: &str| {
        let (name, value) = line.split_once(['=', ':'])?;
        let is_token = OPTIONS.contains(&name.trim().to_lowercase().as_str());
        let value = value.trim().trim_matches(['\'', '"']);
        (is_token && value != "None").then(|| Secret::new(value))
    };
    text.lines().filter_map(token).collect()
}

pub(crate) fn filled(bytes: &[u8], fill: &[(&str, &str)]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => fill
            .iter()
            .fold(text.to_owned(), |text, (placeholder, value)| {
                text.replace(placeholder, value)
            })
            .into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

/// The token that a sign-in will create on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedToken {
    pub name: String,
    pub scopes: Vec<String>,
    pub expires_on: Date,
}

/// Something the person should know before going on. It prevents nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Warning {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: None,
        }
    }

    pub(crate) fn with_remedy(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }
}

/// A key of `.condarc` that somebody else changed since Sextant wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptEdit {
    pub key: String,
    /// The value before Sextant's change, to which it would be put back; absent when there was none.
    pub restored: Option<String>,
    /// The value that stands there now.
    pub present: Option<String>,
    /// True when the present value stays.
    pub kept: bool,
}

/// A sign-in that ends so that another can begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    pub service: Service,
    pub domain: String,
    pub user: String,
    /// The token that will be revoked; none when Sextant did not create it.
    pub revokes: Option<String>,
}

/// A login of another program that ends because its token goes (seed 003: "your CLI session is also affected").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndedLogin {
    pub program: &'static str,
    /// Where it is logged in.
    pub address: String,
}

/// A change that has not happened yet.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The use case in a person's words, in the past tense: it becomes the history entry.
    pub what: String,
    pub(crate) kind: &'static str,
    pub files: Vec<PlannedFile>,
    /// The token to be created.
    pub token: Option<PlannedToken>,
    /// A key of Anaconda.com is created as well.
    pub creates_key: bool,
    /// The name of the token to be deleted on the server.
    pub revokes: Option<String>,
    /// The services that are signed out of first, as part of the same change.
    pub ends: Vec<Ended>,
    /// Logins of other programs that end with it.
    pub ends_logins: Vec<EndedLogin>,
    pub warnings: Vec<Warning>,
    pub kept_edits: Vec<KeptEdit>,
    /// What conda will search: `channels` and `default_channels` as written.
    pub channels: Vec<String>,
    pub default_channels: Vec<String>,
}

impl Plan {
    pub(crate) fn new(kind: &'static str, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            kind,
            files: Vec::new(),
            token: None,
            creates_key: false,
            revokes: None,
            ends: Vec::new(),
            ends_logins: Vec::new(),
            warnings: Vec::new(),
            kept_edits: Vec::new(),
            channels: Vec::new(),
            default_channels: Vec::new(),
        }
    }

    /// The file changes as a person reads them, secrets masked; files that stay as they are left out.
    pub fn diffs(&self) -> Vec<FileDiff> {
        self.files
            .iter()
            .filter(|file| file.changes())
            .map(PlannedFile::diff)
            .collect()
    }

    /// Nothing would happen.
    pub fn is_empty(&self) -> bool {
        self.token.is_none() && self.revokes.is_none() && !self.files.iter().any(PlannedFile::changes)
    }

    /// Whether it does nothing but take back what signing in has changed.
    pub(crate) fn only_takes_back(&self) -> bool {
        matches!(self.kind, "sign-out" | "repair")
    }

    /// What a file will hold once everything planned so far has happened; what it holds now where nothing is planned.
    pub(crate) fn content(&self, path: &Path) -> Result<Option<Vec<u8>>, FileError> {
        match self.files.iter().find(|planned| planned.path == path) {
            Some(planned) => Ok(planned.after.clone()),
            None => Ok(file::read(path)?.map(|image| image.bytes)),
        }
    }

    /// Plans the content of a file, `None` for its removal. A file that is planned already keeps its beginning.
    pub(crate) fn put(
        &mut self,
        path: PathBuf,
        owner: Owner,
        after: Option<Vec<u8>>,
    ) -> Result<(), FileError> {
        match self.files.iter_mut().find(|planned| planned.path == path) {
            Some(planned) => {
                planned.between = Some(std::mem::replace(&mut planned.after, after));
            }
            None => {
                let before = file::read(&path)?.map(|image| image.bytes);
                self.files.push(PlannedFile::new(path, owner, before, after));
            }
        }
        Ok(())
    }

    pub(crate) fn file(&self, owner: Owner) -> Option<&PlannedFile> {
        self.files.iter().find(|file| file.owner == owner)
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedFile {
    pub path: PathBuf,
    pub change: Change,
}

impl Plan {
    pub(crate) fn changed_files(&self) -> Vec<ChangedFile> {
        self.diffs()
            .into_iter()
            .map(|diff| ChangedFile {
                path: diff.path,
                change: diff.change,
            })
            .collect()
    }
}

/// The path as a person writes it: `~` for the home.
pub fn short_path(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => path.display().to_string(),
    }
}
