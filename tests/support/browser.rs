//! The person's browser, played by the test: it goes where it is sent over plain HTTP, redirects included.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use url::Url;

/// A page that was shown in the end.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub text: String,
    /// Where it is, after all redirects.
    pub address: Url,
}

/// Goes to an address and on to wherever it leads.
pub fn visit(address: &str) -> Page {
    let mut address = Url::parse(address).unwrap();
    for _ in 0..5 {
        let (status, head, text) = get(&address);
        let location = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location")
                .then(|| value.trim().to_owned())
        });
        match location {
            Some(location) if (300..400).contains(&status) => address = address.join(&location).unwrap(),
            _ => {
                return Page {
                    status,
                    text,
                    address,
                };
            }
        }
    }
    panic!("{address} leads in circles");
}

/// The practice provider's page, where alice says yes at once.
pub fn approve(address: &str) -> Page {
    decide(address, "practice_user", "alice")
}

/// The same page, where she says no.
pub fn deny(address: &str) -> Page {
    decide(address, "practice_deny", "")
}

fn decide(address: &str, key: &str, value: &str) -> Page {
    let mut address = Url::parse(address).unwrap();
    address.query_pairs_mut().append_pair(key, value);
    visit(address.as_str())
}

fn get(address: &Url) -> (u16, String, String) {
    let host = address.host_str().unwrap();
    let port = address.port_or_known_default().unwrap();
    let mut stream = TcpStream::connect((host, port)).unwrap_or_else(|error| panic!("{address}: {error}"));
    let query = address
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let request = format!(
        "GET {}{query} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n",
        address.path()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_default(), head.to_owned(), text.to_owned())
}

/// A command for `BROWSER` that writes down where it was sent, for [`sent_to`].
#[cfg(unix)]
pub fn command(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let program = folder.join("browser");
    let seen = seen(folder);
    let script = format!(
        "#!/bin/sh\nprintf '%s' \"$1\" > '{0}.part' && mv '{0}.part' '{0}'\n",
        seen.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program.display().to_string()
}

/// Where the command was sent.
pub fn sent_to(folder: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Ok(address) = fs::read_to_string(seen(folder)) {
            return address;
        }
        assert!(Instant::now() < until, "the browser was never opened");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn seen(folder: &Path) -> PathBuf {
    folder.join("browser-was-sent-to")
}
