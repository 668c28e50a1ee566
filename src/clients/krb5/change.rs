//! Adding and changing relations: the fewest lines, in the layout that is there.

use super::file::{Block, Krb5Error, Krb5File, Relation};

impl Krb5File {
    /// Gives the first relation of this name its value, or adds it where there is none: at the end of its section or
    /// braces, which are made where they are missing. Every other line stays as it is.
    ///
    /// Errors, with nothing changed: [`Krb5Error::OtherLines`].
    pub fn set(&mut self, path: &[&str], value: &str) -> Result<(), Krb5Error> {
        match self.relations.iter().find(|relation| relation.is_at(path)) {
            Some(relation) if relation.value == value => Ok(()),
            Some(relation) => {
                let (at, relation) = (relation.line - 1, relation.clone());
                let line = &self.lines[at];
                let head = line.find('=').map_or(line.len(), |equals| equals + 1);
                let rest = &line[head..];
                let space = &rest[..rest.len() - rest.trim_start().len()];
                let mut lines = self.lines.clone();
                lines[at] = format!("{}{space}{value}{}", &line[..head], end_of(line));
                let mut wanted = self.told();
                for known in wanted
                    .iter_mut()
                    .filter(|known| **known == told(&relation))
                    .take(1)
                {
                    known.1 = value.to_owned();
                }
                self.adopt(path, &lines, &wanted)
            }
            None => self.add(path, value),
        }
    }

    /// Adds a relation below those of the same name.
    ///
    /// Errors, with nothing changed: [`Krb5Error::OtherLines`].
    pub fn add(&mut self, path: &[&str], value: &str) -> Result<(), Krb5Error> {
        let [above @ .., name] = path else { return Ok(()) };
        let mut lines = self.lines.clone();
        if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
            last.push_str(self.ending());
        }
        let deepest = (1..=above.len()).rev().find_map(|depth| {
            let block = self.block(&above[..depth])?;
            Some((depth, block))
        });
        match deepest {
            Some((depth, block)) => {
                let at = self.place(block, path);
                let indent = self.indent(block);
                lines.splice(at..at, self.written(&above[depth..], name, value, &indent));
            }
            None => {
                let ending = self.ending();
                if lines.last().is_some_and(|last| !last.trim().is_empty()) {
                    lines.push(ending.to_owned());
                }
                lines.push(format!(
                    "[{}]{ending}",
                    above.first().copied().unwrap_or_default()
                ));
                lines.extend(self.written(above.get(1..).unwrap_or_default(), name, value, "    "));
            }
        }
        let mut wanted = self.told();
        wanted.push((
            path.iter().map(|name| (*name).to_owned()).collect(),
            value.to_owned(),
        ));
        self.adopt(path, &lines, &wanted)
    }

    /// The last section or relation in braces of this name.
    fn block(&self, path: &[&str]) -> Option<&Block> {
        let all = if path.len() == 1 {
            &self.sections
        } else {
            &self.blocks
        };
        all.iter()
            .rfind(|block| block.path.iter().map(String::as_str).eq(path.iter().copied()))
    }

    /// The line before which a new relation goes: below its likes, else at the end.
    fn place(&self, block: &Block, path: &[&str]) -> usize {
        let inside = |relation: &&Relation| (block.first..=block.last).contains(&(relation.line - 1));
        let alike = self
            .relations
            .iter()
            .filter(inside)
            .rfind(|relation| relation.is_at(path));
        match alike {
            Some(relation) => relation.line,
            None if block.path.len() == 1 => block.last + 1,
            None => block.last,
        }
    }

    /// The indentation of what stands in a section or in braces.
    fn indent(&self, block: &Block) -> String {
        let of = |line: &String| line[..line.len() - line.trim_start().len()].to_owned();
        let inside = &self.lines[(block.first + 1).min(self.lines.len())..=block.last];
        let is_relation = |line: &&String| {
            let text = line.trim();
            !text.is_empty() && !text.starts_with(['#', ';', '}', '{']) && text.contains('=')
        };
        match inside.iter().find(is_relation) {
            Some(line) => of(line),
            None if block.path.len() == 1 => "    ".to_owned(),
            None => format!("{}    ", of(&self.lines[block.first])),
        }
    }

    fn written(&self, braces: &[&str], name: &str, value: &str, indent: &str) -> Vec<String> {
        let ending = self.ending();
        let unit = if indent.starts_with('\t') { "\t" } else { "    " };
        let at = |depth: usize| format!("{indent}{}", unit.repeat(depth));
        let opened = braces
            .iter()
            .enumerate()
            .map(|(depth, brace)| format!("{}{brace} = {{{ending}", at(depth)));
        let relation = format!("{}{name} = {value}{ending}", at(braces.len()));
        let closed = (0..braces.len())
            .rev()
            .map(|depth| format!("{}}}{ending}", at(depth)));
        opened.chain([relation]).chain(closed).collect()
    }

    fn ending(&self) -> &'static str {
        match self.lines.first().is_some_and(|line| line.ends_with("\r\n")) {
            true => "\r\n",
            false => "\n",
        }
    }

    fn told(&self) -> Vec<(Vec<String>, String)> {
        self.relations.iter().map(told).collect()
    }

    /// Takes over changed lines once reading them again has shown that they say what was intended.
    fn adopt(
        &mut self,
        path: &[&str],
        lines: &[String],
        wanted: &[(Vec<String>, String)],
    ) -> Result<(), Krb5Error> {
        let other = || Krb5Error::OtherLines {
            name: path.last().copied().unwrap_or_default().to_owned(),
        };
        let changed = Self::parse(lines.concat().as_bytes()).map_err(|_| other())?;
        let sorted = |mut told: Vec<(Vec<String>, String)>| {
            told.sort();
            told
        };
        if sorted(changed.told()) != sorted(wanted.to_vec()) {
            return Err(other());
        }
        *self = changed;
        Ok(())
    }
}

fn told(relation: &Relation) -> (Vec<String>, String) {
    (relation.path.clone(), relation.value.clone())
}

fn end_of(line: &str) -> &str {
    &line[line.trim_end_matches(['\r', '\n']).len()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, changes: &[(&[&str], &str)]) -> String {
        let mut file = Krb5File::parse(text.as_bytes()).unwrap();
        for (path, value) in changes {
            file.set(path, value).unwrap();
        }
        String::from_utf8(file.bytes()).unwrap()
    }

    const STANZA: [(&[&str], &str); 3] = [
        (&["libdefaults", "default_realm"], "CORP"),
        (&["realms", "CORP", "kdc"], "kdc.corp"),
        (&["domain_realm", "repo.corp"], "CORP"),
    ];

    #[test]
    fn a_new_file_gets_the_whole_stanza() {
        assert_eq!(
            changed("", &STANZA),
            "[libdefaults]\n    default_realm = CORP\n\n[realms]\n    CORP = {\n        kdc = kdc.corp\n    }\n\n\
             [domain_realm]\n    repo.corp = CORP\n"
        );
    }

    #[test]
    fn what_is_missing_goes_into_the_sections_that_are_there() {
        let text = "# company\n[libdefaults]\n\tdefault_realm = CORP\n\n\t# more to come\n\n[realms]\n\tOTHER = {\n\t\tkdc = k\n\t}\n\
                    # end of realms\n\n[domain_realm]\n\t.other = OTHER\n";
        assert_eq!(
            changed(text, &STANZA),
            text.replace("\t}\n", "\t}\n\tCORP = {\n\t\tkdc = kdc.corp\n\t}\n")
                .replace("= OTHER\n", "= OTHER\n\trepo.corp = CORP\n")
        );
    }

    #[test]
    fn one_value_changes_in_place() {
        let text = "[domain_realm]\r\n  repo.corp   =   OLD\r\n  ; mine\r\n  .corp = CORP";
        assert_eq!(
            changed(text, &[(&["domain_realm", "repo.corp"], "CORP")]),
            text.replace("OLD", "CORP")
        );
    }

    #[test]
    fn a_key_server_more_stands_below_the_others() {
        let mut file = Krb5File::parse(b"[realms]\nCORP = {\n  kdc = a\n  admin_server = a\n}").unwrap();
        file.add(&["realms", "CORP", "kdc"], "b").unwrap();
        assert_eq!(
            String::from_utf8(file.bytes()).unwrap(),
            "[realms]\nCORP = {\n  kdc = a\n  kdc = b\n  admin_server = a\n}\n"
        );
    }

    #[test]
    fn a_value_that_would_be_read_otherwise_is_refused() {
        let mut file = Krb5File::parse(b"[libdefaults]\na = 1\n").unwrap();
        for value in ["{", "", " x", "x\n[realms]"] {
            assert!(file.set(&["libdefaults", "a"], value).is_err(), "{value:?}");
        }
        assert_eq!(file.bytes(), b"[libdefaults]\na = 1\n");
    }
}
