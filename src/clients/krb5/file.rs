//! One file: its relations, and where each stands.

use thiserror::Error;

/// Why Kerberos stops at a file. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Krb5Error {
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 { line: usize },
    #[error("line {line} begins a section whose name does not end")]
    Section { line: usize },
    #[error("line {line} is neither a section, nor a comment, nor a name with its value")]
    Relation { line: usize },
    #[error("line {line} closes a brace that was not opened")]
    ExtraBrace { line: usize },
    #[error("the brace that line {line} opens is not closed")]
    OpenBrace { line: usize },
    #[error("a change of {name} would change other lines too")]
    OtherLines { name: String },
}

/// A name with its value, and the names above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The section, the names of the braces, the name itself.
    pub path: Vec<String>,
    pub value: String,
    /// From 1.
    pub line: usize,
}

/// What another file is taken in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Include {
    File(String),
    Folder(String),
}

/// A section or a relation in braces: the lines between its first and its last, both from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub path: Vec<String>,
    pub first: usize,
    /// The closing brace of a relation; of a section its last line that is neither blank nor a comment.
    pub last: usize,
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Krb5File {
    /// With their ends.
    pub(super) lines: Vec<String>,
    pub(super) relations: Vec<Relation>,
    pub(super) sections: Vec<Block>,
    pub(super) blocks: Vec<Block>,
    /// With the number of relations before it.
    pub(super) includes: Vec<(usize, Include)>,
}

impl Krb5File {
    /// A file that does not exist yet.
    pub fn empty() -> Self {
        Self {
            lines: Vec::new(),
            relations: Vec::new(),
            sections: Vec::new(),
            blocks: Vec::new(),
            includes: Vec::new(),
        }
    }

    /// Errors: whatever Kerberos stops at.
    pub fn parse(bytes: &[u8]) -> Result<Self, Krb5Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| Krb5Error::NotUtf8 {
            line: bytes[..error.valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1,
        })?;
        let mut reader = Reader {
            file: Self::empty(),
            path: Vec::new(),
            open: Vec::new(),
            awaits_brace: None,
        };
        for (at, line) in text.split_inclusive('\n').enumerate() {
            reader.line(at, line)?;
            reader.file.lines.push(line.to_owned());
        }
        reader.end()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.lines.concat().into_bytes()
    }

    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// Every value under a row of names, in the order of the file.
    pub fn values(&self, path: &[&str]) -> Vec<&str> {
        let named = self.relations.iter().filter(|relation| relation.is_at(path));
        named.map(|relation| relation.value.as_str()).collect()
    }
}

impl Relation {
    pub(super) fn is_at(&self, path: &[&str]) -> bool {
        self.path.iter().map(String::as_str).eq(path.iter().copied())
    }
}

struct Reader {
    file: Krb5File,
    /// The section and the braces that are open.
    path: Vec<String>,
    /// The lines on which the braces opened.
    open: Vec<usize>,
    /// The line of a name without a value: its brace follows.
    awaits_brace: Option<usize>,
}

impl Reader {
    fn line(&mut self, at: usize, line: &str) -> Result<(), Krb5Error> {
        let number = at + 1;
        // Only at the very beginning of a line, wherever it is.
        if let Some(include) = include(line) {
            self.file.includes.push((self.file.relations.len(), include));
            return Ok(());
        }
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            return Ok(());
        }
        if let Some(opened) = self.awaits_brace.take() {
            if text != "{" {
                return Err(Krb5Error::Relation { line: number });
            }
            self.open.push(opened);
            return Ok(());
        }
        match text.strip_prefix('[') {
            Some(inside) => self.section(at, inside),
            // What stands before the first section is passed over.
            None if self.path.is_empty() => Ok(()),
            None if text.starts_with('}') => self.close(at),
            None => self.relation(at, text),
        }?;
        if let Some(section) = self.file.sections.last_mut() {
            section.last = at;
        }
        Ok(())
    }

    fn section(&mut self, at: usize, inside: &str) -> Result<(), Krb5Error> {
        let Some((name, _)) = inside.split_once(']').filter(|_| self.open.is_empty()) else {
            return Err(Krb5Error::Section { line: at + 1 });
        };
        self.path = vec![name.to_owned()];
        self.file.sections.push(Block {
            path: self.path.clone(),
            first: at,
            last: at,
        });
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), Krb5Error> {
        let first = self.open.pop().ok_or(Krb5Error::ExtraBrace { line: at + 1 })?;
        self.file.blocks.push(Block {
            path: self.path.clone(),
            first,
            last: at,
        });
        self.path.pop();
        Ok(())
    }

    fn relation(&mut self, at: usize, text: &str) -> Result<(), Krb5Error> {
        let wrong = || Krb5Error::Relation { line: at + 1 };
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(wrong());
        }
        // A star says that files further back do not count.
        let name = name.strip_suffix('*').unwrap_or(name);
        let value = value.trim();
        match value {
            "" | "{" => {
                self.path.push(name.to_owned());
                match value {
                    "" => self.awaits_brace = Some(at),
                    _ => self.open.push(at),
                }
            }
            _ => self.file.relations.push(Relation {
                path: self.path.iter().cloned().chain([name.to_owned()]).collect(),
                value: unquoted(value),
                line: at + 1,
            }),
        }
        Ok(())
    }

    fn end(self) -> Result<Krb5File, Krb5Error> {
        match self.open.last().or(self.awaits_brace.as_ref()) {
            Some(first) => Err(Krb5Error::OpenBrace { line: first + 1 }),
            None => Ok(self.file),
        }
    }
}

fn include(line: &str) -> Option<Include> {
    let of = |word: &str| {
        let rest = line.strip_prefix(word)?;
        rest.starts_with(char::is_whitespace)
            .then(|| rest.trim().to_owned())
    };
    of("include")
        .map(Include::File)
        .or_else(|| of("includedir").map(Include::Folder))
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('b') => text.push('\u{8}'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# before\nnot = read\n[libdefaults]\n  default_realm = CORP.EXAMPLE\n  x*=\"a \\\"b\"\n\n\
        [realms]\nCORP.EXAMPLE = {\n kdc = one\n kdc = two:88\n auth_to_local_names =\n {\n  jane = jd\n }\n}\n\
        include /etc/more.conf\nincludedir /etc/krb5.conf.d/\n[domain_realm]*\n; end\n.corp.example = CORP.EXAMPLE\n# trailing\n";

    #[test]
    fn a_file_is_read_as_kerberos_reads_it() {
        let file = Krb5File::parse(FILE.as_bytes()).unwrap();
        assert_eq!(file.bytes(), FILE.as_bytes());
        assert_eq!(file.values(&["libdefaults", "default_realm"]), ["CORP.EXAMPLE"]);
        assert_eq!(file.values(&["libdefaults", "x"]), ["a \"b"]);
        assert_eq!(file.values(&["realms", "CORP.EXAMPLE", "kdc"]), ["one", "two:88"]);
        assert_eq!(
            file.values(&["realms", "CORP.EXAMPLE", "auth_to_local_names", "jane"]),
            ["jd"]
        );
        assert_eq!(file.values(&["domain_realm", ".corp.example"]), ["CORP.EXAMPLE"]);
        assert_eq!(
            file.includes,
            [
                (5, Include::File("/etc/more.conf".into())),
                (5, Include::Folder("/etc/krb5.conf.d/".into()))
            ]
        );
        let realm = file.blocks.iter().find(|block| block.path.len() == 2).unwrap();
        assert_eq!((realm.first, realm.last), (7, 14));
    }

    #[test]
    fn what_kerberos_stops_at_is_an_error_with_its_line() {
        let error = |text: &str| Krb5File::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error("[a]\nb\n"), Krb5Error::Relation { line: 2 });
        assert_eq!(error("[a]\nb c = d\n"), Krb5Error::Relation { line: 2 });
        assert_eq!(error("[a\n"), Krb5Error::Section { line: 1 });
        assert_eq!(error("[a]\n}\n"), Krb5Error::ExtraBrace { line: 2 });
        assert_eq!(error("[a]\nb = {\n[c]\n"), Krb5Error::Section { line: 3 });
        assert_eq!(error("[a]\nb = {\n"), Krb5Error::OpenBrace { line: 2 });
        assert_eq!(error("[a]\nb =\nc = d\n"), Krb5Error::Relation { line: 3 });
        assert_eq!(
            Krb5File::parse(b"[a]\nx = \xff\n").unwrap_err(),
            Krb5Error::NotUtf8 { line: 2 }
        );
    }
}
