//! Asking a key server who it serves and what time it is, without a ticket or password: a request for a ticket that
//! nobody can get is answered with an error that holds the server's time (RFC 4120, sections 5.4.1 and 5.9.1).

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::KerberosError;

/// The port of key servers.
const PORT: u16 = 88;

/// How long one way to it may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// No answer to the question is longer.
const LARGEST: usize = 64 * 1024;

/// The codes of errors (RFC 4120, section 7.5.9).
mod code {
    pub(super) const WRONG_REALM: i64 = 68;
}

/// What a key server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyServerAnswer {
    pub took: Duration,
    /// What time it is there.
    pub time: Option<Timestamp>,
    /// It says that it does not serve this realm. One that does not say so need not serve it.
    pub refuses_realm: bool,
}

/// Asks the key server at `address` (`host`, `host:port`, with `tcp/` or `udp/` in front as in `krb5.conf`) for `realm`.
///
/// # Errors
/// [`KerberosError::ServiceUnreachable`] when nothing answers, or nothing that makes sense.
pub async fn ask_key_server(address: &str, realm: &str) -> Result<KeyServerAnswer, KerberosError> {
    let bare = address.split_once('/').map_or(address, |(_, rest)| rest);
    let target = with_port(bare);
    let began = Instant::now();
    let question = request(realm);
    let unreachable = |detail: String| KerberosError::ServiceUnreachable {
        detail: format!("{target}: {detail}"),
    };
    let by_stream = timeout(PATIENCE, over_stream(&target, &question)).await;
    let answer = match by_stream {
        Ok(Ok(answer)) => answer,
        // Some listen for packets only.
        Ok(Err(refused)) => match timeout(PATIENCE, over_packets(&target, &question)).await {
            Ok(Ok(answer)) => answer,
            _ => return Err(unreachable(refused.to_string())),
        },
        Err(_) => return Err(unreachable("it does not answer".to_owned())),
    };
    let read = read(&answer).ok_or_else(|| unreachable("what answers is no key server".to_owned()))?;
    Ok(KeyServerAnswer {
        took: began.elapsed(),
        time: read.time,
        refuses_realm: read.code == Some(code::WRONG_REALM),
    })
}

fn with_port(address: &str) -> String {
    match address.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')) => {
            address.to_owned()
        }
        _ if address.contains(':') && !address.starts_with('[') => format!("[{address}]:{PORT}"),
        _ => format!("{address}:{PORT}"),
    }
}

async fn over_stream(target: &str, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(target).await?;
    let length = u32::try_from(question.len()).unwrap_or_default();
    stream
        .write_all(&[&length.to_be_bytes()[..], question].concat())
        .await?;
    let length = stream.read_u32().await? as usize;
    let mut answer = vec![0; length.min(LARGEST)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

async fn over_packets(target: &str, question: &[u8]) -> std::io::Result<Vec<u8>> {
    for local in ["0.0.0.0:0", "[::]:0"] {
        let Ok(socket) = UdpSocket::bind(local).await else {
            continue;
        };
        if socket.connect(target).await.is_err() {
            continue;
        }
        socket.send(question).await?;
        let mut answer = vec![0; LARGEST];
        let length = socket.recv(&mut answer).await?;
        answer.truncate(length);
        return Ok(answer);
    }
    Err(std::io::ErrorKind::HostUnreachable.into())
}

/// One element of ASN.1 in its distinguished encoding.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => bytes.push(short),
        _ => {
            let long = length.to_be_bytes();
            let significant = &long[long.iter().position(|byte| *byte != 0).unwrap_or_default()..];
            bytes.push(0x80 | significant.len() as u8);
            bytes.extend_from_slice(significant);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const GENERALIZED_TIME: u8 = 0x18;
const GENERAL_STRING: u8 = 0x1b;

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xa0 | number, content)
}

fn integer(value: u8) -> Vec<u8> {
    element(INTEGER, &[value])
}

fn text(text: &str) -> Vec<u8> {
    element(GENERAL_STRING, text.as_bytes())
}

/// A name of type `kind` out of its parts.
fn name(kind: u8, parts: &[&str]) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|part| text(part)).collect();
    element(
        SEQUENCE,
        &[field(0, &integer(kind)), field(1, &element(SEQUENCE, &parts))].concat(),
    )
}

/// A request for a ticket to get tickets, for somebody who does not exist.
fn request(realm: &str) -> Vec<u8> {
    let encryption: Vec<u8> = [18, 17].into_iter().flat_map(integer).collect();
    let body = [
        field(0, &element(BIT_STRING, &[0, 0, 0, 0, 0])),
        field(1, &name(1, &["sextant-asks-for-the-time"])),
        field(2, &text(realm)),
        field(3, &name(2, &["krbtgt", realm])),
        field(5, &element(GENERALIZED_TIME, b"19700101000000Z")),
        field(7, &integer(1)),
        field(8, &element(SEQUENCE, &encryption)),
    ]
    .concat();
    let whole = [
        field(1, &integer(5)),
        field(2, &integer(10)),
        field(4, &element(SEQUENCE, &body)),
    ]
    .concat();
    element(0x6a, &element(SEQUENCE, &whole))
}

struct Read {
    time: Option<Timestamp>,
    code: Option<i64>,
}

/// An answer of either kind; only an error tells the time.
fn read(answer: &[u8]) -> Option<Read> {
    const TICKET: u8 = 0x6b;
    const ERROR: u8 = 0x7e;
    let (tag, content, _) = split(answer)?;
    if tag == TICKET {
        return Some(Read {
            time: None,
            code: None,
        });
    }
    let (SEQUENCE, mut fields, _) = split(content).filter(|_| tag == ERROR)? else {
        return None;
    };
    let mut read = Read {
        time: None,
        code: None,
    };
    while let Some((tag, content, rest)) = split(fields) {
        let value = split(content).map(|(_, value, _)| value).unwrap_or_default();
        match tag {
            0xa4 => read.time = time(value),
            0xa6 => read.code = Some(value.iter().fold(0, |code, byte| code << 8 | i64::from(*byte))),
            _ => {}
        }
        fields = rest;
    }
    read.code.is_some().then_some(read)
}

/// Tag, content and what follows.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first & 0x80 {
        0 => (usize::from(*first), rest),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = rest.get(..count).filter(|_| count <= 4)?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, &rest[count..])
        }
    };
    Some((*tag, rest.get(..length)?, &rest[length..]))
}

fn time(value: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok()?;
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_the_port_of_key_servers() {
        assert_eq!(with_port("kdc.corp"), "kdc.corp:88");
        assert_eq!(with_port("kdc.corp:750"), "kdc.corp:750");
        assert_eq!(with_port("fe80::1"), "[fe80::1]:88");
        assert_eq!(with_port("[::1]:89"), "[::1]:89");
        assert_eq!(with_port("[::1]"), "[::1]:88");
    }

    #[test]
    fn an_error_tells_time_and_code() {
        let body = [
            field(0, &integer(5)),
            field(1, &integer(30)),
            field(4, &element(GENERALIZED_TIME, b"20261125120000Z")),
            field(5, &element(INTEGER, &[1, 2, 3])),
            field(6, &integer(6)),
            field(9, &text(&"R".repeat(200))),
        ]
        .concat();
        let answer = element(0x7e, &element(SEQUENCE, &body));
        let found = read(&answer).unwrap();
        assert_eq!(found.time.unwrap().to_string(), "2026-11-25T12:00:00Z");
        assert_eq!(found.code, Some(6));
        for end in 0..answer.len() {
            // Cut anywhere it makes no sense, and breaks nothing.
            assert!(read(&answer[..end]).is_none());
        }
        assert!(read(b"HTTP/1.1 400 Bad Request").is_none());
    }
}
