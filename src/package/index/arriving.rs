//! The bytes of an answer on their way from the thread that waits for them to the one that reads them.

use std::io::{self, Read};

use hyper::body::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// As many pieces may wait to be read. A piece may be some hundred kilobytes, and several indexes come at once.
const WAITING: usize = 8;

enum Piece {
    Bytes(Bytes),
    End,
}

/// Where pieces are put in as they come.
pub(super) struct Inlet(Sender<Piece>);

/// Where they are read.
pub(super) struct Outlet {
    pieces: Receiver<Piece>,
    current: Bytes,
    has_ended: bool,
}

pub(super) fn pipe() -> (Inlet, Outlet) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let outlet = Outlet {
        pieces: receiver,
        current: Bytes::new(),
        has_ended: false,
    };
    (Inlet(sender), outlet)
}

impl Inlet {
    /// Waits until there is room. Whether somebody still reads.
    pub(super) async fn put(&self, bytes: Bytes) -> bool {
        self.0.send(Piece::Bytes(bytes)).await.is_ok()
    }

    /// Everything has come. Without this, the reader fails instead of taking a part for the whole.
    pub(super) async fn end(self) {
        let _ = self.0.send(Piece::End).await;
    }
}

impl Read for Outlet {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.has_ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::End) => self.has_ended = true,
                None => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
        }
        let count = self.current.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.current.split_to(count));
        Ok(count)
    }
}
