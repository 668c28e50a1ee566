//! A proxy on a thread of its own that wants a login and passes plain HTTP on.

#![allow(dead_code, reason = "every test uses its part")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine as _};

/// What it lets in.
pub const USER: &str = "al";
pub const PASSWORD: &str = "canary-proxy-password";

pub struct GuardedProxy {
    address: String,
    /// The first line of each request, and whether it was let through.
    seen: Arc<Mutex<Vec<(String, bool)>>>,
}

impl GuardedProxy {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<(String, bool)>>> = Arc::default();
        let noted = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = noted.clone();
                std::thread::spawn(move || drop(serve(stream, &noted)));
            }
        });
        Self { address, seen }
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A `.condarc` with which this proxy is on the way to the servers of this machine.
    pub fn condarc(&self) -> String {
        format!("proxy_servers:\n  http://127.0.0.1: http://{}\n", self.address)
    }

    pub fn seen(&self) -> Vec<(String, bool)> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, noted: &Mutex<Vec<(String, bool)>>) -> std::io::Result<()> {
    let (head, rest) = read_head(&mut client)?;
    let login = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let is_in = head.lines().any(|line| {
        line.split_once(':').is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value.trim() == format!("Basic {login}")
        })
    });
    let first = head.lines().next().unwrap_or_default().to_owned();
    noted.lock().unwrap().push((first.clone(), is_in));
    if !is_in {
        return client.write_all(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"corp\"\r\n\
              Content-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    // `GET http://host:port/path HTTP/1.1` becomes `GET /path HTTP/1.1` to host:port.
    let address = first.split(' ').nth(1).unwrap_or_default();
    let Some(target) = address.strip_prefix("http://") else {
        return client.write_all(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
    };
    let (host, path) = target.split_once('/').unwrap_or((target, ""));
    let mut server = TcpStream::connect(host)?;
    let mut lines = head.lines();
    let first = lines
        .next()
        .unwrap_or_default()
        .replacen(address, &format!("/{path}"), 1);
    let kept = lines.filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !line.is_empty() && !["proxy-authorization", "connection"].contains(&name.as_str())
    });
    let head: String = std::iter::once(first.as_str())
        .chain(kept)
        .map(|line| format!("{line}\r\n"))
        .collect();
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&rest)?;
    let mut from = client.try_clone()?;
    let mut to = server.try_clone()?;
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}

/// The head of a request, and what came with it.
fn read_head(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut part = [0; 4096];
    loop {
        let length = stream.read(&mut part)?;
        read.extend_from_slice(&part[..length]);
        let end = read.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let rest = read.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&read).into_owned(), rest));
        }
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}
