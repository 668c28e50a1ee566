//! INI files by the rules of Python's ConfigParser: `#` and `;` begin a comment at the beginning of a line only, and an
//! indented line goes on with the value above.

use super::{Open, Word, Words, is_number};

/// The words of a line, and what stays open behind it.
pub(super) fn line(line: &str, open: Open) -> (Words, Open) {
    let text = line.trim();
    let start = line.len() - line.trim_start().len();
    let end = start + text.len();
    if text.is_empty() {
        return (Words::new(), open);
    }
    if text.starts_with(['#', ';']) {
        return (vec![(start..end, Word::Comment)], open);
    }
    if start > 0 && open == Open::Value {
        return (value(line, start, end), open);
    }
    if text.starts_with('[') {
        let close = line[..end].rfind(']').map_or(end, |at| at + 1);
        return (vec![(start..close, Word::Section)], Open::Nothing);
    }
    let mut words = Words::new();
    match line[start..end].find(['=', ':']) {
        Some(at) => {
            let delimiter = start + at;
            let name = line[start..delimiter].trim_end().len();
            if name > 0 {
                words.push((start..start + name, Word::Key));
            }
            words.push((delimiter..delimiter + 1, Word::Sign));
            let rest = &line[delimiter + 1..end];
            let first = delimiter + 1 + (rest.len() - rest.trim_start().len());
            words.extend(value(line, first, end));
        }
        None => words.push((start..end, Word::Key)),
    }
    (words, Open::Value)
}

fn value(line: &str, start: usize, end: usize) -> Words {
    let text = &line[start..end];
    let is_quoted = text.len() > 1
        && ['\'', '"']
            .into_iter()
            .any(|mark| text.starts_with(mark) && text.ends_with(mark));
    let word = match text {
        "None" | "True" | "False" | "true" | "false" | "yes" | "no" | "on" | "off" => Word::Constant,
        number if is_number(number) => Word::Number,
        _ if is_quoted => Word::Quoted,
        _ => return Words::new(),
    };
    vec![(start..end, word)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Vec<(String, Word)>> {
        let mut open = Open::Nothing;
        let mut all = Vec::new();
        for text in lines {
            let (words, after) = line(text, open);
            open = after;
            let words = words.into_iter();
            all.push(
                words
                    .map(|(range, word)| (text[range].to_owned(), word))
                    .collect(),
            );
        }
        all
    }

    fn word(text: &str, word: Word) -> (String, Word) {
        (text.to_owned(), word)
    }

    #[test]
    fn sections_options_and_values() {
        let lines = read(&[
            "[main]",
            "; note",
            "logged_api_url = 'https://psm.example.com'",
            "offline_mode: False",
            "anaconda_api_url = https://api.anaconda.org # kept",
            "version = 2",
            "lonely",
        ]);
        assert_eq!(lines[0], [word("[main]", Word::Section)]);
        assert_eq!(lines[1], [word("; note", Word::Comment)]);
        assert_eq!(
            lines[2],
            [
                word("logged_api_url", Word::Key),
                word("=", Word::Sign),
                word("'https://psm.example.com'", Word::Quoted)
            ]
        );
        assert_eq!(
            lines[3],
            [
                word("offline_mode", Word::Key),
                word(":", Word::Sign),
                word("False", Word::Constant)
            ]
        );
        assert_eq!(
            lines[4],
            [word("anaconda_api_url", Word::Key), word("=", Word::Sign)],
            "a sharp within a value is part of it"
        );
        assert_eq!(lines[5][2], word("2", Word::Number));
        assert_eq!(lines[6], [word("lonely", Word::Key)]);
    }

    #[test]
    fn an_indented_line_goes_on_with_the_value() {
        let lines = read(&["a = 1", "  b = 2", "", "  # comment", "[s]", "  c = 3"]);
        assert_eq!(lines[1], []);
        assert_eq!(lines[3], [word("# comment", Word::Comment)]);
        assert_eq!(
            lines[5][0],
            word("c", Word::Key),
            "below a section nothing goes on"
        );
    }
}
