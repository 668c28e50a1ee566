//! Forms with a file in them (RFC 7578), as uploads send them.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// Where the field is a file.
    pub(super) file_name: Option<String>,
    pub(super) content: Bytes,
}

/// What the answer to a form is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<Part>);

impl Form {
    /// Nothing for what is no form, or is not whole.
    pub(super) fn parse(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let mark = format!("--{}", boundary(headers)?);
        let mut parts = Vec::new();
        let mut at = find(body, mark.as_bytes(), 0)? + mark.len();
        loop {
            match body.get(at..at + 2)? {
                b"--" => return Some(Self(parts)),
                b"\r\n" => at += 2,
                _ => return None,
            }
            let end = find(body, format!("\r\n{mark}").as_bytes(), at)?;
            parts.push(part(&body.slice(at..end))?);
            at = end + 2 + mark.len();
        }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.part(name)?.content).ok()
    }

    pub(super) fn part(&self, name: &str) -> Option<&Part> {
        self.0.iter().find(|part| part.name == name)
    }
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let rest = declared.strip_prefix("multipart/form-data")?;
    let boundary = rest.split_once("boundary=")?.1.split(';').next()?.trim();
    Some(boundary.trim_matches('"').to_owned()).filter(|boundary| !boundary.is_empty())
}

fn part(bytes: &Bytes) -> Option<Part> {
    let end = find(bytes, b"\r\n\r\n", 0)?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let disposition = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let value = |key: &str| {
        let rest = disposition.split_once(&format!("; {key}=\""))?.1;
        Some(rest.split('"').next()?.to_owned())
    };
    Some(Part {
        name: value("name")?,
        file_name: value("filename"),
        content: bytes.slice(end + 4..),
    })
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // The first byte is looked for first: files are large.
    while let Some(next) = bytes.get(at..)?.iter().position(|byte| *byte == wanted[0]) {
        at += next;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(content_type: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        headers
    }

    #[test]
    fn fields_and_files_are_read() {
        let body = Bytes::from_static(
            b"--X\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\n3\r\n--X\r\n\
              Content-Disposition: form-data; name=\"content\"; filename=\"a.conda\"\r\n\
              Content-Type: application/octet-stream\r\n\r\n\r\n-\x00\r\n--X--\r\n",
        );
        let headers = headers("multipart/form-data; boundary=X");
        let form = Form::parse(&headers, &body).unwrap();
        assert_eq!(form.text("size"), Some("3"));
        let file = form.part("content").unwrap();
        assert_eq!(file.file_name.as_deref(), Some("a.conda"));
        assert_eq!(&file.content[..], b"\r\n-\x00");
        let cut = body.slice(..body.len() - 10);
        assert_eq!(
            Form::parse(&headers, &cut),
            None,
            "a form that is not whole is none"
        );
    }

    #[test]
    fn other_bodies_are_no_forms() {
        assert!(!is_form(&headers("application/json")));
        assert!(!is_form(&headers("multipart/form-data")));
        assert!(is_form(&headers("multipart/form-data; boundary=\"a b\"")));
    }
}
