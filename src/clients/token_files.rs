//! The `.token` and `.jwt` files in every folder where a tool may have put one (server reference, sections 3.2 and 4).

use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::address;
use super::found::{Credential, FoundLogin, Place, Product, Tool};
use super::machine::Machine;
use crate::edit::file;
use crate::secret::Token;

/// A file that holds a token, or was meant to.
#[derive(Debug, Clone)]
pub(super) struct TokenFile {
    pub path: PathBuf,
    /// The address that the token is kept for, as the file's name spells it.
    pub key: String,
    /// The token, or why it is none.
    pub token: Result<Token, String>,
}

/// A file with Navigator's session.
#[derive(Debug, Clone)]
pub(super) struct SessionFile {
    pub path: PathBuf,
    /// The address that the session is with.
    pub key: String,
}

#[derive(Debug, Clone, Default)]
struct Folder {
    path: PathBuf,
    tokens: Vec<TokenFile>,
    sessions: Vec<SessionFile>,
}

/// Every such file, read once for all tools.
#[derive(Debug)]
pub(super) struct TokenFiles {
    folders: Vec<Folder>,
}

impl TokenFiles {
    /// Folders that are not there or cannot be listed hold none.
    pub fn read(machine: &Machine) -> Self {
        let mut folders: Vec<Folder> = Vec::new();
        for path in folders_of(machine) {
            if !folders.iter().any(|folder| folder.path == path) {
                folders.push(read_folder(path));
            }
        }
        Self { folders }
    }

    /// The token files in these folders whose key `is_meant`, in the order of the folders.
    pub fn tokens(&self, folders: &[PathBuf], is_meant: impl Fn(&str) -> bool) -> Vec<&TokenFile> {
        self.among(folders)
            .flat_map(|folder| &folder.tokens)
            .filter(|file| is_meant(&file.key))
            .collect()
    }

    /// Navigator's sessions in these folders.
    pub fn sessions(&self, folders: &[PathBuf]) -> Vec<&SessionFile> {
        self.among(folders).flat_map(|folder| &folder.sessions).collect()
    }

    fn among(&self, folders: &[PathBuf]) -> impl Iterator<Item = &Folder> {
        folders
            .iter()
            .filter_map(|path| self.folders.iter().find(|folder| folder.path == *path))
    }
}

/// Every folder that holds token files of some tool.
pub(super) fn folders_of(machine: &Machine) -> Vec<PathBuf> {
    [
        machine.anaconda_client_token_folders(),
        super::repo_cli::token_folders(machine),
        machine.old_conda_token_folders.clone(),
    ]
    .concat()
}

fn read_folder(path: PathBuf) -> Folder {
    let mut names: Vec<String> = fs::read_dir(&path)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    let mut folder = Folder::default();
    for name in &names {
        let file = path.join(name);
        if let Some(quoted) = name.strip_suffix(".token") {
            folder.tokens.extend(read_token(&file).map(|token| TokenFile {
                path: file,
                key: unquoted(quoted),
                token,
            }));
        } else if let Some(quoted) = name
            .strip_prefix("jwt_")
            .and_then(|rest| rest.strip_suffix(".jwt"))
        {
            folder.sessions.push(SessionFile {
                path: file,
                key: unquoted(quoted),
            });
        }
    }
    folder.path = path;
    folder
}

/// What Python's `unquote_plus` makes of the name.
fn unquoted(name: &str) -> String {
    percent_decode_str(&name.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// The token in a file, without white space around it; nothing when the file is empty or not there.
pub(super) fn read_token(path: &Path) -> Option<Result<Token, String>> {
    let bytes = match file::read(path) {
        Ok(image) => image?.bytes,
        Err(error) => return Some(Err(error.to_string())),
    };
    match std::str::from_utf8(&bytes) {
        Err(_) => Some(Err("it is no text".to_owned())),
        Ok(text) if text.trim().is_empty() => None,
        Ok(text) => Some(Token::parse(text).map_err(|invalid| invalid.to_string())),
    }
}

/// The logins that these files make for one tool: one for each token, since every file with another token is a login of
/// its own, and one for each damaged file.
pub(super) fn logins_of(
    tool: Tool,
    product: Product,
    address: &str,
    files: &[&TokenFile],
) -> Vec<FoundLogin> {
    let mut logins: Vec<FoundLogin> = Vec::new();
    for file in files {
        let place = Place::TokenFile(file.path.clone());
        match &file.token {
            Ok(token) => {
                let credential = Some(Credential::Token(token.clone()));
                match logins.iter_mut().find(|login| login.credential == credential) {
                    Some(login) if login.places.contains(&place) => {}
                    Some(login) => login.places.push(place),
                    None => logins.push(FoundLogin {
                        credential,
                        places: vec![place],
                        ..FoundLogin::new(tool, product, address)
                    }),
                }
            }
            Err(reason) => logins.push(FoundLogin {
                places: vec![place],
                ..FoundLogin::new(tool, product, address).damaged(reason.clone())
            }),
        }
    }
    logins
}

/// Whether a key is this address of an API, or its `…/repo`, however it is spelled: conda-repo-cli and Navigator write
/// both, on Windows the second with a backslash (server reference, section 4.1).
pub(super) fn is_key_of_api(key: &str, api: &str) -> bool {
    let plain = |text: &str| address::base(&text.replace('\\', "/"));
    let (Some(key), Some(api)) = (plain(key), plain(api)) else {
        return false;
    };
    key == api || key.strip_prefix(&api) == Some("/repo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_in_each_of_its_spellings() {
        let api = "https://psm.example.com/api";
        for key in [
            "https://psm.example.com/api",
            "https://psm.example.com/api/",
            "https://PSM.example.com/api/repo",
            r"https://psm.example.com/api\repo",
        ] {
            assert!(is_key_of_api(key, api), "{key}");
        }
        for key in [
            "https://psm.example.com",
            "https://psm.example.com/api/repox",
            "https://x/api",
        ] {
            assert!(!is_key_of_api(key, api), "{key}");
        }
    }

    #[test]
    fn a_token_is_read_without_its_line_end_and_an_empty_file_holds_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.token");
        assert!(read_token(&path).is_none());
        for (content, expected) in [
            (&b" \n"[..], None),
            (b"abc-123\n", Some(Ok("abc-123"))),
            (b"ab_cd", Some(Err("character"))),
            (b"\xff\xfe", Some(Err("no text"))),
        ] {
            fs::write(&path, content).unwrap();
            match (read_token(&path), expected) {
                (None, None) => {}
                (Some(Ok(token)), Some(Ok(text))) => assert_eq!(token.expose(), text),
                (Some(Err(reason)), Some(Err(part))) => assert!(reason.contains(part), "{reason}"),
                (read, _) => panic!("{content:?} {read:?}"),
            }
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(read_token(&path).unwrap().unwrap_err().contains("is a folder"));
    }
}
