//! A form with a file in it, sent while the file is read: the file is never in memory as a whole.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use super::{HttpClient, Request};
use crate::repository::answer::Answer;
use crate::repository::error::{RepositoryError, Wait};

/// How much of a file is read at once.
const BLOCK: usize = 64 * 1024;

/// A file as it was when it was looked at. Nothing else is sent: where it has changed since, the form is never finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToSend {
    pub path: PathBuf,
    /// The name that the server is told.
    pub name: String,
    pub length: u64,
    pub sha256: [u8; 32],
    /// Base64 is what the storage of a repository wants to be told (repository reference, P11).
    pub md5: [u8; 16],
}

/// How many bytes of a file have gone out. Cheap to clone; to be looked at from wherever progress is shown.
#[derive(Debug, Clone, Default)]
pub struct BytesSent(Arc<AtomicU64>);

impl BytesSent {
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// The fields of a form before the file, and the name of the file's field.
pub(in crate::repository) struct FileForm<'a> {
    pub fields: Vec<(String, String)>,
    pub file_field: &'static str,
    pub file: &'a FileToSend,
}

/// Why a file could not be sent although the network was there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FileTrouble {
    Unreadable(String),
    Changed,
}

impl FileTrouble {
    fn error(self, path: &std::path::Path) -> RepositoryError {
        let path = path.display().to_string();
        match self {
            Self::Unreadable(detail) => RepositoryError::FileUnreadable { path, detail },
            Self::Changed => RepositoryError::FileChanged { path },
        }
    }
}

impl HttpClient {
    /// Sends a form with a file and reads the whole answer, whatever its status. It may take any time as long as something
    /// moves: only silence ends it. Dropping the call ends the connection, so that the server never gets a whole form.
    ///
    /// # Errors
    /// [`RepositoryError::FileUnreadable`] and [`RepositoryError::FileChanged`]; otherwise as [`HttpClient::send`].
    pub(in crate::repository) async fn send_file(
        &self,
        mut request: Request,
        form: FileForm<'_>,
        sent: &BytesSent,
    ) -> Result<Answer, RepositoryError> {
        let path = form.file.path.clone();
        let unreadable = |error: io::Error| FileTrouble::Unreadable(error.to_string()).error(&path);
        let file = File::open(&path).await.map_err(unreadable)?;
        if file.metadata().await.map_err(unreadable)?.len() != form.file.length {
            return Err(FileTrouble::Changed.error(&path));
        }
        let boundary = boundary();
        let trouble = Arc::new(OnceLock::new());
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let length = form.file.length;
        let body = FormBody {
            head: Some(head(&form, &boundary)),
            file,
            left: length,
            digest: Sha256::new(),
            expected: form.file.sha256,
            tail: Some(Bytes::from(format!("\r\n--{boundary}--\r\n"))),
            sent: sent.clone(),
            trouble: Arc::clone(&trouble),
        };
        request.headers.insert(
            reqwest::header::CONTENT_TYPE,
            reqwest::header::HeaderValue::try_from(content_type).map_err(|error| {
                RepositoryError::Internal {
                    detail: error.to_string(),
                }
            })?,
        );
        request.body = None;
        let address = super::shown(&request.url);
        let before = sent.get();
        let sending = self.send_with_body(request, reqwest::Body::wrap(body));
        let outcome = tokio::select! {
            biased;
            outcome = sending => outcome,
            () = self.silence(sent, before + length) => Err(RepositoryError::TimedOut {
                address,
                wait: Wait::Answer,
            }),
        };
        match trouble.get() {
            Some(trouble) => Err(trouble.clone().error(&path)),
            None => outcome,
        }
    }

    /// Comes back when nothing has moved for too long. Behind the last byte a server has work to do, so it gets more time.
    async fn silence(&self, sent: &BytesSent, end: u64) {
        let mut seen = sent.get();
        loop {
            let patience = match seen >= end {
                true => self.timeouts().total,
                false => self.timeouts().read,
            };
            tokio::time::sleep(patience).await;
            let now = sent.get();
            if now == seen {
                return;
            }
            seen = now;
        }
    }
}

/// A mark that no file holds by chance.
fn boundary() -> String {
    let mut random = [0_u8; 16];
    // A mark that is the same every time would do as well, but for a file that somebody made to hold it.
    let _ = getrandom::fill(&mut random);
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sextant-{digits}")
}

fn head(form: &FileForm<'_>, boundary: &str) -> Bytes {
    let mut head = String::new();
    for (name, value) in &form.fields {
        head.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n",
            quoted(name)
        ));
    }
    head.push_str(&format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        quoted(form.file_field),
        quoted(&form.file.name)
    ));
    Bytes::from(head)
}

/// As browsers write names in forms.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

struct FormBody {
    head: Option<Bytes>,
    file: File,
    left: u64,
    digest: Sha256,
    expected: [u8; 32],
    /// Sent only when the file was what it should be: without it no server takes the form for whole.
    tail: Option<Bytes>,
    sent: BytesSent,
    trouble: Arc<OnceLock<FileTrouble>>,
}

impl FormBody {
    fn fail(&self, trouble: FileTrouble) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let _ = self.trouble.set(trouble);
        Poll::Ready(Some(Err(io::Error::other("the file cannot be sent"))))
    }
}

impl Body for FormBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if let Some(head) = this.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        if this.left > 0 {
            let size = usize::try_from(this.left).unwrap_or(BLOCK).min(BLOCK);
            let mut block = vec![0; size];
            let mut buffer = ReadBuf::new(&mut block);
            if let Err(error) = ready!(Pin::new(&mut this.file).poll_read(context, &mut buffer)) {
                return this.fail(FileTrouble::Unreadable(error.to_string()));
            }
            let read = buffer.filled().len();
            if read == 0 {
                return this.fail(FileTrouble::Changed);
            }
            block.truncate(read);
            this.digest.update(&block);
            this.left -= read as u64;
            this.sent.add(read as u64);
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from(block)))));
        }
        let Some(tail) = this.tail.take() else {
            return Poll::Ready(None);
        };
        let digest: [u8; 32] = std::mem::take(&mut this.digest).finalize().into();
        if digest != this.expected {
            return this.fail(FileTrouble::Changed);
        }
        Poll::Ready(Some(Ok(Frame::data(tail))))
    }

    fn is_end_stream(&self) -> bool {
        self.tail.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let of = |part: &Option<Bytes>| part.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(of(&self.head) + self.left + of(&self.tail))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn body(content: &[u8], length: u64, sha256: [u8; 32]) -> (FormBody, BytesSent, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.conda");
        std::fs::write(&path, content).unwrap();
        let file = FileToSend {
            path: path.clone(),
            name: "a\"b.conda".to_owned(),
            length,
            sha256,
            md5: [0; 16],
        };
        let form = FileForm {
            fields: vec![("key".to_owned(), "value".to_owned())],
            file_field: "file",
            file: &file,
        };
        let sent = BytesSent::default();
        let body = FormBody {
            head: Some(head(&form, "X")),
            file: File::open(&path).await.unwrap(),
            left: length,
            digest: Sha256::new(),
            expected: sha256,
            tail: Some(Bytes::from_static(b"\r\n--X--\r\n")),
            sent: sent.clone(),
            trouble: Arc::default(),
        };
        (body, sent, folder)
    }

    async fn whole(mut body: FormBody) -> Result<Vec<u8>, FileTrouble> {
        let mut all = Vec::new();
        loop {
            match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                Some(Ok(frame)) => all.extend_from_slice(&frame.into_data().unwrap()),
                Some(Err(_)) => return Err(body.trouble.get().cloned().unwrap()),
                None => return Ok(all),
            }
        }
    }

    #[tokio::test]
    async fn a_form_is_as_long_as_it_says_and_counts_the_file_alone() {
        let content = vec![7_u8; 3 * BLOCK + 5];
        let (body, sent, _folder) =
            body(&content, content.len() as u64, Sha256::digest(&content).into()).await;
        let announced = body.size_hint().exact().unwrap();
        let all = whole(body).await.unwrap();
        assert_eq!(all.len() as u64, announced);
        assert_eq!(sent.get(), content.len() as u64);
        let text = String::from_utf8_lossy(&all);
        assert!(text.starts_with(
            "--X\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nvalue\r\n--X\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a%22b.conda\"\r\n"
        ));
        assert!(text.ends_with("\r\n--X--\r\n"));
    }

    #[tokio::test]
    async fn a_file_that_changed_is_never_sent_whole() {
        let (other, _, _folder) = body(b"changed", 7, Sha256::digest(b"planned").into()).await;
        assert_eq!(whole(other).await, Err(FileTrouble::Changed));
        let (shorter, _, _folder) = body(b"short", 7, Sha256::digest(b"shorter").into()).await;
        assert_eq!(whole(shorter).await, Err(FileTrouble::Changed));
    }
}
