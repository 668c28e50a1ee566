//! What the tests of a repository's client have in common.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use sextant::repository::{
    BinstarApi, BinstarClient, Extent, HttpClient, HttpSettings, NameTaken, NewBinstarToken, Strength,
};
use sextant::secret::Token;

use crate::scripted_server::{Reply, ScriptedServer};

pub const TOKEN: &str = "js-b03c64bf-f01f-47d1-a2a0-1188dae76630";

pub fn client(server: &ScriptedServer) -> BinstarClient {
    BinstarClient::new(
        HttpClient::new(&HttpSettings::default()).unwrap(),
        BinstarApi::parse(&server.url()).unwrap(),
    )
}

pub fn token() -> Token {
    Token::parse(TOKEN).unwrap()
}

pub fn new_token() -> NewBinstarToken {
    NewBinstarToken {
        name: "binstar_client:jsmith@vm".into(),
        hostname: "vm".into(),
        extent: Extent::Everything,
        organization: None,
        lifetime: None,
        strength: Strength::Strong,
        if_name_taken: NameTaken::Refuse,
    }
}

/// A reply with one more header.
pub fn with_header(status: u16, header: &str, body: &str) -> Reply {
    let length = body.len();
    let reply = format!(
        "HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    Reply::Raw(reply.into_bytes())
}
