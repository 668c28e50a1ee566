//! Finding the words in a text that stand for channels.

use super::{End, List, NotWanted};
use crate::secret::Secret;

/// A word that stands for a channel, and what the line around it says.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// It may hold a token.
    pub word: Secret,
    /// A token that the line gives apart from the address.
    pub token: Option<Secret>,
    pub list: Option<List>,
    pub end: Option<End>,
    pub is_out_of_line: bool,
}

impl Found {
    fn alone(word: &str) -> Self {
        Self {
            word: Secret::new(word),
            token: None,
            list: None,
            end: None,
            is_out_of_line: false,
        }
    }

    fn in_line(word: &str) -> Self {
        Self {
            is_out_of_line: true,
            ..Self::alone(word)
        }
    }
}

/// Programs that take channels as conda does.
const CONDAS: [&str; 4] = ["conda", "mamba", "micromamba", "pixi"];

pub(super) fn channels(text: &str) -> Result<Vec<Found>, NotWanted> {
    let mut found = Vec::new();
    let mut list = None;
    let joined = text.replace("\\\n", " ").replace("\\\r\n", " ");
    for line in joined.lines() {
        let line = bare(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        found.extend(of_line(line, &mut list)?);
    }
    Ok(found)
}

/// Without white space, a prompt and the marks that word processors add around it.
fn bare(line: &str) -> &str {
    let is_around = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    };
    let line = line.trim_matches(is_around);
    let prompts = ["$ ", "> ", "% ", "PS> "];
    prompts
        .iter()
        .find_map(|prompt| line.strip_prefix(prompt))
        .unwrap_or(line)
        .trim_matches(is_around)
}

/// `list` is the setting that the lines of a file are below.
fn of_line(line: &str, list: &mut Option<List>) -> Result<Vec<Found>, NotWanted> {
    let words = words(line);
    let first = words.first().map(String::as_str).unwrap_or_default();
    let program = first.rsplit(['/', '\\']).next().unwrap_or_default();
    let program = program.strip_suffix(".exe").unwrap_or(program);
    if CONDAS.contains(&program) && words.len() > 1 {
        return of_conda(&words[1..]);
    }
    if matches!(program, "curl" | "wget") && words.len() > 1 {
        return of_download(&words[1..]);
    }
    if let Some((key, rest)) = line.split_once(':').filter(|(_, rest)| is_value(rest)) {
        return Ok(of_setting(key, rest, list));
    }
    if let Some(item) = line.strip_prefix("- ") {
        return Ok(vec![Found {
            list: *list,
            ..Found::in_line(unquoted(without_comment(item)))
        }]);
    }
    let line = line.trim_matches(|c| matches!(c, '[' | ']' | ','));
    let words: Vec<&str> = line
        .split([',', ';'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    if words
        .iter()
        .any(|word| unquoted(word).contains(char::is_whitespace) && !is_folder(word))
    {
        return Err(NotWanted::Words);
    }
    Ok(words
        .into_iter()
        .map(|word| Found::alone(unquoted(word)))
        .collect())
}

/// Whether what follows a colon is the value of a setting, and not the rest of an address.
fn is_value(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

/// A folder may have spaces in its name.
fn is_folder(word: &str) -> bool {
    let word = unquoted(word);
    word.starts_with(['/', '~']) || word.as_bytes().get(1) == Some(&b':')
}

fn of_setting(key: &str, rest: &str, list: &mut Option<List>) -> Vec<Found> {
    *list = list_named(key.trim());
    let rest = without_comment(rest).trim();
    if list.is_none() || rest.is_empty() {
        return Vec::new();
    }
    let items = rest.trim_matches(|c| matches!(c, '[' | ']'));
    items
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| Found {
            list: *list,
            ..Found::in_line(unquoted(item))
        })
        .collect()
}

fn list_named(key: &str) -> Option<List> {
    match key {
        "channels" | "channel" => Some(List::Channels),
        "default_channels" => Some(List::DefaultChannels),
        _ => None,
    }
}

/// `config --add channels X`, and `-c X` of any other command.
fn of_conda(words: &[String]) -> Result<Vec<Found>, NotWanted> {
    let mut found = Vec::new();
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let (option, joined) = word
            .split_once('=')
            .map_or((word, None), |(option, value)| (option, Some(value)));
        match option {
            "--remove" | "--remove-key" => return Err(NotWanted::Removes),
            // conda puts what it adds first.
            "--add" | "--prepend" | "--append" => {
                let end = if option == "--append" {
                    End::Last
                } else {
                    End::First
                };
                let key = joined.or_else(|| rest.next()).unwrap_or_default();
                let list = list_named(key);
                while let Some(value) = rest.next_if(|word| !word.starts_with("--")) {
                    if list.is_some() {
                        found.push(Found {
                            list,
                            end: Some(end),
                            ..Found::in_line(value)
                        });
                    }
                }
            }
            "-c" | "--channel" => {
                let value = joined.or_else(|| rest.next());
                found.extend(value.map(Found::in_line));
            }
            _ => match word.strip_prefix("-c") {
                Some(value) if !value.is_empty() && !word.starts_with("--") => {
                    found.push(Found::in_line(value));
                }
                _ => {}
            },
        }
    }
    Ok(found)
}

/// The addresses of a download, and the token in its headers.
fn of_download(words: &[String]) -> Result<Vec<Found>, NotWanted> {
    let mut token = None;
    let mut addresses = Vec::new();
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        match word {
            "-u" | "--user" | "--password" | "--http-password" => return Err(NotWanted::Password),
            "-H" | "--header" => token = token.or(rest.next().and_then(token_of_header)),
            word if word.starts_with("--header=") => token = token.or(token_of_header(&word[9..])),
            word if word.contains("://") => addresses.push(word),
            _ => {}
        }
    }
    Ok(addresses
        .into_iter()
        .map(|address| Found {
            token: token.clone(),
            ..Found::in_line(address)
        })
        .collect())
}

/// The token of `Authorization: token …` or `X-Auth: …` (server reference, section 1.1).
fn token_of_header(header: &str) -> Option<Secret> {
    let (name, value) = header.split_once(':')?;
    let value = value.trim();
    match name.trim().to_ascii_lowercase().as_str() {
        "authorization" => {
            let (kind, token) = value.split_once(' ')?;
            let is_token = matches!(kind.to_ascii_lowercase().as_str(), "token" | "bearer");
            is_token.then(|| Secret::new(token.trim()))
        }
        "x-auth" => Some(Secret::new(value)),
        _ => None,
    }
}

/// The words of a command, quotes taken off.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (None, '"' | '\'' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}') => {
                quote = Some(match character {
                    '\u{201c}' => '\u{201d}',
                    '\u{2018}' => '\u{2019}',
                    other => other,
                });
                word.get_or_insert_default();
            }
            (None, character) if character.is_whitespace() => words.extend(word.take()),
            (_, character) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

fn unquoted(text: &str) -> &str {
    text.trim()
        .trim_matches(|c| {
            matches!(
                c,
                '"' | '\'' | '`' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}'
            )
        })
        .trim()
}

/// A line of YAML without its comment.
fn without_comment(text: &str) -> &str {
    match text.find(" #") {
        Some(at) => &text[..at],
        None => text,
    }
}
