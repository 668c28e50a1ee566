//! Files of a folder over HTTP, with entity tags and nothing else, in a process of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;

/// Serves the folder for ever, and says on the first line of its output where.
pub fn serve(folder: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let folder = folder.to_owned();
        std::thread::spawn(move || drop(converse(&folder, stream.unwrap())));
    }
}

/// Where a server says that it listens.
pub fn address_of(server: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.trim().to_owned()
}

fn converse(folder: &Path, mut stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    loop {
        let (mut first, mut known, mut is_last) = (String::new(), None, false);
        if lines.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            lines.read_line(&mut line)?;
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(tag) = lower.strip_prefix("if-none-match:") {
                known = Some(tag.trim().to_owned());
            }
            is_last |= lower == "connection: close";
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Ok(mut file) = File::open(folder.join(path.trim_start_matches('/'))) else {
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        };
        let length = file.metadata()?.len();
        let tag = format!("\"{length:x}\"");
        if known.as_deref() == Some(tag.as_str()) {
            write!(stream, "HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n")?;
            continue;
        }
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        if method == "GET" {
            io::copy(&mut file, &mut stream)?;
        }
        if is_last {
            return Ok(());
        }
    }
}
